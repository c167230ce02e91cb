/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps many questions on their way at once, and every answer for the rest of the run. */
#include "dns/resolver.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hashmap.h"
#include "base/ip.h"
#include "base/number.h"
#include "base/utc.h"
#include "dns/message.h"

/* On their way at a time. A small office's resolver bears some hundreds; more would only be dropped. */
#define MOST_IN_FLIGHT 200
/* For one question: 1.5 s and, to the next server, 3 s. Resolvers give up on dead servers themselves after some. */
#define FIRST_WAIT_MS 1500
#define TRIES 2
/* A datagram that passes everywhere unfragmented (DNS flag day 2020); longer answers come over TCP. */
#define DATAGRAM_BYTES 1232

/* How long an answer is kept. Shorter than a minute helps nobody who judges months; longer than a day nobody expects,
 * whatever the record says. */
#define SHORTEST_S 60
#define LONGEST_S UTC_DAY_S
#define LONGEST_NEGATIVE_S 10800 /* RFC 2308 5 */
#define NEGATIVE_S 300           /* of a negative answer that does not say (RFC 2308 5: no SOA, no long cache) */
#define FAILED_S 60              /* RFC 2308 7: at most 5 minutes */

enum question_state { QUESTION_WANTED, QUESTION_ANSWERED };

struct question {
  struct dns *dns;
  enum dns_type type;
  const char *name;
  enum question_state state;
  bool keep; /* an answer for the cache */
  bool lost; /* with the connection of another: nobody answered it */
  struct dns_answer answer;
};

struct dns {
  ares_channel channel;
  struct arena *arena;      /* names and answers */
  struct hashmap questions; /* type and name -> struct question * */
  struct question **wanted;
  uint32_t wanted_count, wanted_capacity;
  unsigned in_flight;
  int64_t left_ms;
  struct dns_cache cache;
  bool offline;
  struct dns_counts counts;
};

const char *dns_type_word(enum dns_type type) {
  static const char *const WORDS[DNS_TYPES] = {
      [DNS_A] = "A", [DNS_AAAA] = "AAAA", [DNS_MX] = "MX", [DNS_PTR] = "PTR", [DNS_TXT] = "TXT", [DNS_NS] = "NS"};
  return WORDS[type];
}

const char *dns_status_word(enum dns_status status) {
  static const char *const WORDS[] = {[DNS_OK] = "ok", [DNS_NONE] = "none", [DNS_FAILED] = "failed"};
  return WORDS[status];
}

bool dns_name_is_askable(const char *name) {
  size_t total = 0, label = 0;
  for (; name[total]; total++) {
    char c = name[total];
    if (c == '.') {
      if (!label) return false;
      label = 0;
      continue;
    }
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_') || ++label > 63) return false;
  }
  return label > 0 && total <= 253;
}

static int64_t now_ms(void) { return (int64_t)(clock_now_s() * 1000); }

/* --- opening ------------------------------------------------------------------------------------------------------ */

/* "192.0.2.1:53" and "[2001:db8::1]:53"; an address of IPv6 alone has colons too, so it is tried first. */
static bool parse_server(const char *text, struct ip_addr *ret_ip, int64_t *ret_port) {
  *ret_port = NS_DEFAULTPORT;
  if (ip_parse(text, ret_ip)) return true;
  const char *begin = text, *end = strrchr(text, ':');
  if (*text == '[') {
    begin = text + 1;
    const char *bracket = strchr(text, ']');
    if (!bracket || (bracket[1] && bracket + 1 != end)) return false;
    if (!bracket[1]) end = NULL;
    _cleanup_free_ char *address = mem_strndup(begin, (size_t)(bracket - begin));
    return ip_parse(address, ret_ip) && (!end || (number_parse(end + 1, 65535, ret_port) && *ret_port > 0));
  }
  if (!end) return false;
  _cleanup_free_ char *address = mem_strndup(begin, (size_t)(end - begin));
  return ip_parse(address, ret_ip) && ret_ip->size == 4 && number_parse(end + 1, 65535, ret_port) && *ret_port > 0;
}

static int use_server(struct dns *d, const char *text, struct err *e) {
  struct ip_addr ip;
  int64_t port;
  if (!parse_server(text, &ip, &port))
    return err_set(e, ERR_USAGE,
                   "\"%s\" is no resolver: write its address, with a port as 192.0.2.1:5353 or [::1]:5353", text);
  struct ares_addr_port_node server = {
      .family = ip.size == 4 ? AF_INET : AF_INET6, .udp_port = (int)port, .tcp_port = (int)port};
  memcpy(&server.addr, ip.bytes, ip.size);
  int status = ares_set_servers_ports(d->channel, &server);
  if (status != ARES_SUCCESS) return err_set(e, ERR_IO, "the resolver %s: %s", text, ares_strerror(status));
  return 0;
}

static int open_channel(struct dns *d, struct err *e) {
  struct ares_options options = {
      .flags = ARES_FLAG_EDNS, .timeout = FIRST_WAIT_MS, .tries = TRIES, .ednspsz = DATAGRAM_BYTES};
  int status = ares_library_init(ARES_LIB_INIT_ALL);
  if (status == ARES_SUCCESS) {
    status = ares_init_options(&d->channel, &options,
                               ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ);
    if (status != ARES_SUCCESS) ares_library_cleanup();
  }
  if (status == ARES_SUCCESS) return 0;
  d->channel = NULL;
  return err_set(e, ERR_IO, "the DNS cannot be asked: %s", ares_strerror(status));
}

int dns_open(const struct dns_options *options, struct dns **ret, struct err *e) {
  _cleanup_dns_ struct dns *d = mem_zalloc(sizeof *d);
  d->arena = arena_new(64 * 1024);
  hashmap_init(&d->questions, sizeof(struct question *));
  d->left_ms = options->time_ms;
  d->cache = options->cache;
  d->offline = options->offline;
  int code = d->offline ? 0 : open_channel(d, e);
  if (!code && !d->offline && options->server) code = use_server(d, options->server, e);
  if (code < 0) return code;
  *ret = TAKE_PTR(d);
  return 0;
}

void dns_close(struct dns *d) {
  if (!d) return;
  if (d->channel) {
    ares_destroy(d->channel);
    ares_library_cleanup();
  }
  hashmap_clear(&d->questions);
  free(d->wanted);
  arena_free(d->arena);
  free(d);
}

void dns_count(const struct dns *d, struct dns_counts *ret) { *ret = d->counts; }

/* --- looking ------------------------------------------------------------------------------------------------------ */

static void answer_failed(struct question *q, enum dns_why why) {
  q->answer = (struct dns_answer){.status = DNS_FAILED, .expires_s = utc_now() + FAILED_S, .why = why};
  q->state = QUESTION_ANSWERED;
}

static void want(struct dns *d, struct question *q) {
  MEM_GROW(d->wanted, d->wanted_capacity, d->wanted_count);
  d->wanted[d->wanted_count++] = q;
}

static struct question *new_question(struct dns *d, enum dns_type type, const char *name) {
  struct question *q = arena_alloc(d->arena, sizeof *q);
  *q = (struct question){.dns = d, .type = type, .name = arena_strdup(d->arena, name)};
  if (!dns_name_is_askable(name)) {
    answer_failed(q, DNS_WHY_UNSAID);
  } else if (d->cache.get && d->cache.get(d->cache.user, type, name, d->arena, &q->answer)) {
    q->state = QUESTION_ANSWERED;
    d->counts.cached++;
  } else if (d->offline) {
    answer_failed(q, DNS_WHY_UNSAID);
  } else {
    want(d, q);
  }
  return q;
}

const struct dns_answer *dns_look(struct dns *d, enum dns_type type, const char *name) {
  _cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
  strbuf_printf(&key, "%c%s", 'a' + (int)type, name);
  bool is_new;
  struct question **slot = hashmap_put(&d->questions, key.data, key.length, &is_new);
  if (is_new) *slot = new_question(d, type, name);
  return (*slot)->state == QUESTION_ANSWERED ? &(*slot)->answer : NULL;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static int64_t lifetime_s(const struct dns_reply *reply) {
  if (reply->status == DNS_FAILED) return FAILED_S;
  if (!reply->ttl_told) return NEGATIVE_S;
  int64_t longest_s = reply->status == DNS_NONE ? LONGEST_NEGATIVE_S : LONGEST_S;
  return reply->ttl_s < SHORTEST_S ? SHORTEST_S : reply->ttl_s > longest_s ? longest_s : reply->ttl_s;
}

/* ares_callback. c-ares hands over the bytes of replies without data too, whose SOA is of use. */
static void on_reply(void *user, int status, int timeouts, unsigned char *bytes, int size) {
  (void)timeouts;
  struct question *q = user;
  struct dns *d = q->dns;
  d->in_flight--;
  answer_failed(q, DNS_WHY_TIMEOUT);
  if (status == ARES_ECANCELLED || status == ARES_EDESTRUCTION) {
    d->counts.unanswered++;
    return;
  }
  q->lost = !bytes && status != ARES_ETIMEOUT;
  struct dns_reply reply = {.status = DNS_FAILED, .why = status == ARES_ETIMEOUT ? DNS_WHY_TIMEOUT : DNS_WHY_SERVER};
  if (bytes && size > 0) dns_message_read(bytes, (size_t)size, q->type, q->name, d->arena, &reply);
  q->answer = (struct dns_answer){.status = reply.status,
                                  .texts = reply.texts,
                                  .count = reply.count,
                                  .expires_s = utc_now() + lifetime_s(&reply),
                                  .why = reply.why,
                                  .alias = reply.alias};
  q->keep = true;
  if (reply.status == DNS_FAILED) d->counts.failed++;
}

static void ask(struct dns *d, struct question *q) {
  d->in_flight++; /* before: the reply may come at once */
  d->counts.asked++;
  ares_query(d->channel, q->name, ns_c_in, dns_wire_type(q->type), on_reply, q);
}

/* Waits for whatever comes next, at most to the deadline, and hands it to c-ares. */
static void wait_for_replies(struct dns *d, int64_t deadline_ms) {
  ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
  struct pollfd polled[ARES_GETSOCK_MAXNUM];
  struct timeval rest, longest = {.tv_sec = FIRST_WAIT_MS / 1000 + 1};
  unsigned bits = (unsigned)ares_getsock(d->channel, sockets, ARES_GETSOCK_MAXNUM);
  int count = 0;
  for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
    /* c-ares' own macros shift into the sign for the last socket. */
    bool readable = bits >> i & 1, writable = bits >> (i + ARES_GETSOCK_MAXNUM) & 1;
    short events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
    if (events) polled[count++] = (struct pollfd){.fd = sockets[i], .events = events};
  }
  const struct timeval *until = ares_timeout(d->channel, &longest, &rest);
  int64_t wait_ms = (int64_t)until->tv_sec * 1000 + until->tv_usec / 1000 + 1, left_ms = deadline_ms - now_ms();
  if (wait_ms > left_ms) wait_ms = left_ms > 0 ? left_ms : 0;
  if (poll(polled, (nfds_t)count, (int)wait_ms) <= 0) count = 0;
  for (int i = 0; i < count; i++) {
    short events = polled[i].revents;
    if (events)
      ares_process_fd(d->channel, events & (POLLIN | POLLERR | POLLHUP) ? polled[i].fd : ARES_SOCKET_BAD,
                      events & POLLOUT ? polled[i].fd : ARES_SOCKET_BAD);
  }
  ares_process_fd(d->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* what was waited for too long */
}

static void save_answers(struct dns *d) {
  if (!d->cache.put) return;
  struct dns_entry *entries = mem_alloc((d->wanted_count + 1) * sizeof *entries);
  unsigned count = 0;
  for (uint32_t i = 0; i < d->wanted_count; i++) {
    const struct question *q = d->wanted[i];
    if (q->keep) entries[count++] = (struct dns_entry){q->type, q->name, q->answer};
  }
  if (count) d->cache.put(d->cache.user, entries, count);
  free(entries);
}

/* c-ares gives up all that is on its way to a server whose TCP connection breaks, be it one answer in a thousand that
 * is too long for a datagram. Those are asked again, one after the other, so that none suffers from the next. */
static void ask_lost(struct dns *d, int64_t deadline_ms) {
  for (uint32_t i = 0; i < d->wanted_count && now_ms() < deadline_ms; i++) {
    struct question *q = d->wanted[i];
    if (!q->lost) continue;
    d->counts.failed--;
    ask(d, q);
    while (d->in_flight && now_ms() < deadline_ms) wait_for_replies(d, deadline_ms);
  }
}

void dns_run(struct dns *d) {
  int64_t begin_ms = now_ms(), deadline_ms = begin_ms + d->left_ms;
  uint32_t next = 0;
  if (!d->wanted_count) return;
  while (next < d->wanted_count || d->in_flight) {
    if (now_ms() >= deadline_ms) break;
    while (d->in_flight < MOST_IN_FLIGHT && next < d->wanted_count) ask(d, d->wanted[next++]);
    if (d->in_flight) wait_for_replies(d, deadline_ms);
  }
  ask_lost(d, deadline_ms);
  ares_cancel(d->channel);
  for (; next < d->wanted_count; next++) {
    answer_failed(d->wanted[next], DNS_WHY_TIMEOUT);
    d->counts.unanswered++;
  }
  d->left_ms -= now_ms() - begin_ms;
  if (d->left_ms < 0) d->left_ms = 0;
  save_answers(d);
  d->wanted_count = 0;
}

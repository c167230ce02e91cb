/* SPDX-License-Identifier: Apache-2.0 */
/* Reads replies with the C library's own parser; every offset in them is a stranger's. */
#include "dns/message.h"

#include <arpa/nameser.h>
#include <resolv.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "base/ip.h"

/* Aliases that lead to each other: what resolvers follow at most. */
#define MOST_ALIASES 16
/* Records of the answer section that are looked at: those of a question and its aliases. */
#define MOST_RECORDS 1000

struct reading {
  ns_msg message;
  struct arena *arena;
  const char **texts;
  unsigned count;
  size_t bytes;
  uint32_t ttl_s;
  bool left_out; /* more bytes than are kept */
};

int dns_wire_type(enum dns_type type) {
  static const int WIRE[DNS_TYPES] = {[DNS_A] = ns_t_a,     [DNS_AAAA] = ns_t_aaaa, [DNS_MX] = ns_t_mx,
                                      [DNS_PTR] = ns_t_ptr, [DNS_TXT] = ns_t_txt,   [DNS_NS] = ns_t_ns};
  return WIRE[type];
}

static void shorten_ttl(struct reading *r, uint32_t ttl_s) {
  if (ttl_s > INT32_MAX) ttl_s = 0; /* RFC 2181 8 */
  if (ttl_s < r->ttl_s) r->ttl_s = ttl_s;
}

/* --- data of a record -> text ------------------------------------------------------------------------------------- */

/* The first name in the data from `skip` on, in lower case. */
static bool read_name(struct reading *r, const ns_rr *record, unsigned skip, struct strbuf *ret) {
  char name[NS_MAXDNAME];
  if (ns_rr_rdlen(*record) <= skip) return false;
  if (ns_name_uncompress(ns_msg_base(r->message), ns_msg_end(r->message), ns_rr_rdata(*record) + skip, name,
                         sizeof name) < 0)
    return false;
  domain_normalise(name);
  if (!dns_name_is_askable(name)) return false;
  strbuf_add_text(ret, name);
  return true;
}

static bool read_address(const ns_rr *record, uint8_t size, struct strbuf *ret) {
  struct ip_addr ip = {.size = size};
  char text[IP_TEXT_BYTES];
  if (ns_rr_rdlen(*record) != size) return false;
  memcpy(ip.bytes, ns_rr_rdata(*record), size);
  strbuf_add_text(ret, ip_format(&ip, text));
  return true;
}

/* RFC 7208 3.3, RFC 9989 4.5: the strings of a record are one, without a blank between them. */
static bool read_strings(const ns_rr *record, struct strbuf *ret) {
  const unsigned char *at = ns_rr_rdata(*record), *end = at + ns_rr_rdlen(*record);
  strbuf_add(ret, "", 0);
  while (at < end) {
    size_t length = *at++;
    if (length > (size_t)(end - at)) return false;
    for (size_t i = 0; i < length; i++, at++)
      if (*at >= ' ' && *at < 0x7f)
        strbuf_add_char(ret, (char)*at);
      else
        strbuf_printf(ret, "\\%03u", *at); /* RFC 1035 5.1 */
  }
  return true;
}

static bool read_data(struct reading *r, const ns_rr *record, enum dns_type type, struct strbuf *ret) {
  switch (type) {
    case DNS_A:
      return read_address(record, 4, ret);
    case DNS_AAAA:
      return read_address(record, 16, ret);
    case DNS_MX:
      return read_name(r, record, 2, ret); /* behind the preference */
    case DNS_PTR:
    case DNS_NS:
      return read_name(r, record, 0, ret);
    case DNS_TXT:
      return read_strings(record, ret);
  }
  return false;
}

static void keep_data(struct reading *r, const ns_rr *record, enum dns_type type) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (r->count >= MOST_TEXTS || !read_data(r, record, type, &text)) return;
  if ((r->bytes += text.length) > MOST_TEXT_BYTES) {
    r->left_out = true;
    return;
  }
  r->texts[r->count++] = arena_strdup(r->arena, strbuf_text(&text));
}

/* --- the answer section ------------------------------------------------------------------------------------------- */

static unsigned records_in(const struct reading *r, ns_sect section) {
  unsigned count = ns_msg_count(r->message, section);
  return count < MOST_RECORDS ? count : MOST_RECORDS;
}

/* Where the alias `name` leads, into `name`. False where it is none. */
static bool follow_alias(struct reading *r, char name[NS_MAXDNAME]) {
  ns_rr record;
  for (unsigned i = 0; i < records_in(r, ns_s_an); i++) {
    if (ns_parserr(&r->message, ns_s_an, (int)i, &record) < 0) return false;
    if (ns_rr_type(record) != ns_t_cname || !ascii_same(ns_rr_name(record), name)) continue;
    shorten_ttl(r, ns_rr_ttl(record));
    return ns_name_uncompress(ns_msg_base(r->message), ns_msg_end(r->message), ns_rr_rdata(record), name,
                              NS_MAXDNAME) >= 0;
  }
  return false;
}

static void keep_records(struct reading *r, const char *name, enum dns_type type) {
  ns_rr record;
  for (unsigned i = 0; i < records_in(r, ns_s_an); i++) {
    if (ns_parserr(&r->message, ns_s_an, (int)i, &record) < 0) return;
    if ((int)ns_rr_type(record) != dns_wire_type(type) || !ascii_same(ns_rr_name(record), name)) continue;
    shorten_ttl(r, ns_rr_ttl(record));
    keep_data(r, &record, type);
  }
}

/* RFC 2308 5: a negative reply holds as long as the SOA record and its last field say. */
static bool read_negative_ttl(struct reading *r) {
  ns_rr record;
  for (unsigned i = 0; i < records_in(r, ns_s_ns); i++) {
    if (ns_parserr(&r->message, ns_s_ns, (int)i, &record) < 0) return false;
    if (ns_rr_type(record) != ns_t_soa || ns_rr_rdlen(record) < 4) continue;
    shorten_ttl(r, ns_rr_ttl(record));
    shorten_ttl(r, ns_get32(ns_rr_rdata(record) + ns_rr_rdlen(record) - 4));
    return true;
  }
  return false;
}

/* RFC 2308 2.2: name servers without a SOA, and no answer, lead elsewhere. A server that was asked for its own zone
 * does not have it. */
static bool is_referral(struct reading *r) {
  ns_rr record;
  bool leads = false;
  for (unsigned i = 0; i < records_in(r, ns_s_ns); i++) {
    if (ns_parserr(&r->message, ns_s_ns, (int)i, &record) < 0) return true;
    if (ns_rr_type(record) == ns_t_soa) return false;
    leads |= ns_rr_type(record) == ns_t_ns;
  }
  return leads;
}

static bool asks(struct reading *r, const char *name) {
  ns_rr question;
  return ns_msg_count(r->message, ns_s_qd) == 1 && ns_parserr(&r->message, ns_s_qd, 0, &question) >= 0 &&
         ascii_same(ns_rr_name(question), name);
}

void dns_message_read(const unsigned char *bytes, size_t size, enum dns_type type, const char *name,
                      struct arena *arena, struct dns_reply *ret) {
  struct reading r = {.arena = arena, .ttl_s = UINT32_MAX};
  char target[NS_MAXDNAME];
  *ret = (struct dns_reply){.status = DNS_FAILED, .why = DNS_WHY_SERVER};
  if (size > NS_MAXMSG || ns_initparse(bytes, (int)size, &r.message) < 0 || !asks(&r, name)) return;
  int rcode = (int)ns_msg_getflag(r.message, ns_f_rcode);
  if (rcode != ns_r_noerror && rcode != ns_r_nxdomain) return;
  if (ns_msg_getflag(r.message, ns_f_tc)) return; /* also over TCP: of what is cut off nothing is known */
  const char *texts[MOST_TEXTS];
  r.texts = texts;
  snprintf(target, sizeof target, "%s", name);
  unsigned aliases = 0;
  while (follow_alias(&r, target))
    if (++aliases > MOST_ALIASES) return;
  if (rcode == ns_r_noerror) keep_records(&r, target, type);
  if (r.left_out || (!r.count && rcode == ns_r_noerror && is_referral(&r))) return;
  ret->status = r.count ? DNS_OK : DNS_NONE;
  ret->why = r.count ? DNS_WHY_UNSAID : rcode == ns_r_nxdomain ? DNS_WHY_NXDOMAIN : DNS_WHY_NODATA;
  ret->ttl_told = r.count || read_negative_ttl(&r);
  domain_normalise(target);
  if (aliases && dns_name_is_askable(target)) ret->alias = arena_strdup(arena, target);
  if (!r.count && ret->alias) r.texts[r.count++] = ret->alias; /* "none", with the name that an alias led to */
  const char **kept = arena_alloc(arena, (r.count + 1) * sizeof *kept);
  memcpy(kept, texts, r.count * sizeof *kept);
  ret->texts = kept;
  ret->count = r.count;
  ret->ttl_s = r.ttl_s;
}

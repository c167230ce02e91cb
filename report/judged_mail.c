/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the stream of each record: worked out once for an address with a header_from, and once a pattern. */
#include "judged_mail.h"

#include <string.h>

#include "alignment.h"
#include "cleanup.h"
#include "domain.h"
#include "feedback.h"
#include "utc.h"

#define KINDS (STREAM_NOTHING + 1)

/* The streams of one source with one header_from. */
struct sender_streams {
  const struct stream *of_kind[KINDS];
};

struct pattern {
  uint32_t number, header_from;
  enum stream_kind kind[2]; /* under relaxed and under strict alignment */
};

/* What is the same for all records of one address and pattern. */
struct known_row {
  const struct stream *stream;
  uint32_t pattern;
};

struct judged_walk {
  struct store *store;
  struct organization_cache *organizations;
  struct arena *arena;
  const char *domain;
  int32_t last_day;
  judged_mail_fn *fn;
  void *user;
  struct hashmap rows;         /* address id, pattern id with what of the report decides -> struct known_row */
  struct hashmap named;        /* source NUL header_from NUL -> struct sender_streams */
  struct hashmap senders;      /* address id, number of a header_from -> struct sender_streams * into `named` */
  struct hashmap patterns;     /* id, whether the tree was walked -> struct pattern */
  struct hashmap header_froms; /* text -> its number */
  struct hashmap org_names;    /* text -> const char * */
  struct store_flow_report report;
  struct judged_mail mail; /* with what is known of the report at hand */
  bool strict;
};

static void cleanup_walk(struct judged_walk *w) {
  hashmap_clear(&w->rows);
  hashmap_clear(&w->named);
  hashmap_clear(&w->senders);
  hashmap_clear(&w->patterns);
  hashmap_clear(&w->header_froms);
  hashmap_clear(&w->org_names);
  arena_free(w->arena);
  organization_cache_free(w->organizations);
}

static bool is_word(const char *text, const char *word) { return text && !strcmp(text, word); }

/* --- streams by name ---------------------------------------------------------------------------------------------- */

/* A header_from that is absent is told from one that is empty by a byte that no text has. */
static void spell_sender(struct strbuf *key, const char *source, const char *header_from) {
  strbuf_reset(key);
  strbuf_add(key, source, strlen(source) + 1);
  strbuf_add_text(key, header_from ? header_from : "\xff");
}

static void index_streams(struct judged_walk *w, const struct history *h) {
  _cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    spell_sender(&key, s->source, s->header_from);
    struct sender_streams *streams = hashmap_put(&w->named, key.data, key.length, NULL);
    streams->of_kind[s->kind] = s;
  }
}

static int find_sender(struct judged_walk *w, int64_t address_id, uint32_t header_from,
                       const struct sender_streams **ret, struct err *e) {
  const struct { int64_t address, header_from; } key = {address_id, header_from};
  bool is_new;
  const struct sender_streams **slot = hashmap_put(&w->senders, &key, sizeof key, &is_new);
  if (is_new) {
    struct ip_addr ip;
    const char *source;
    _cleanup_strbuf_ struct strbuf name = STRBUF_INIT;
    int code = store_address(w->store, address_id, &ip, &source, e);
    if (code < 0) return code;
    const char *from = hashmap_key_at(&w->header_froms, header_from, NULL);
    spell_sender(&name, source ? source : "unknown", from);
    *slot = hashmap_get(&w->named, name.data, name.length);
  }
  *ret = *slot;
  return 0;
}

/* --- patterns ----------------------------------------------------------------------------------------------------- */

static bool has_own_signature(const struct judged_walk *w, const struct feedback_record *r) {
  if (!r->header_from) return false;
  const char *from = domain_of_address(r->header_from);
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    if (a->method != AUTH_DKIM || !a->domain || is_word(a->result.text, "none")) continue;
    if (alignment_same_organization(w->organizations, domain_of_address(a->domain), from, w->mail.walked)) return true;
  }
  return false;
}

/* As history.c tells them apart: a pass counts where the receiver's word and the results agree. */
static enum stream_kind kind_of(const struct judged_walk *w, const struct feedback_record *r, bool strict) {
  if (alignment_holds(r->dkim_alignment, strict) == 1 && is_word(r->dkim.text, "pass")) return STREAM_SIGNED;
  if (alignment_holds(r->spf_alignment, strict) == 1 && is_word(r->spf.text, "pass")) return STREAM_SPF;
  return has_own_signature(w, r) ? STREAM_BROKEN : STREAM_NOTHING;
}

static uint32_t header_from_number(struct judged_walk *w, const char *header_from) {
  const char *text = header_from ? header_from : "\xff";
  bool is_new;
  uint32_t *number = hashmap_put(&w->header_froms, text, strlen(text) + 1, &is_new);
  if (is_new) *number = w->header_froms.count - 1;
  return *number;
}

static int find_pattern(struct judged_walk *w, int64_t id, struct pattern *ret, const struct feedback_record **ret_new,
                        struct err *e) {
  bool is_new;
  const int64_t key[2] = {id, w->mail.walked != NULL}; /* whose a signature is depends on it */
  struct pattern *p = hashmap_put(&w->patterns, key, sizeof key, &is_new);
  *ret_new = NULL;
  if (is_new) {
    int code = store_pattern(w->store, id, ret_new, e);
    if (code < 0) return code;
    *p = (struct pattern){.number = w->patterns.count - 1,
                          .header_from = header_from_number(w, (*ret_new)->header_from),
                          .kind = {kind_of(w, *ret_new, false), kind_of(w, *ret_new, true)}};
  }
  *ret = *p;
  return 0;
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

static const char *keep_org_name(struct judged_walk *w, const char *name) {
  bool is_new;
  const char *text = name ? name : "";
  const char **kept = hashmap_put(&w->org_names, text, strlen(text) + 1, &is_new);
  if (is_new) *kept = arena_strdup(w->arena, text);
  return *kept;
}

static int on_report(void *user, const struct store_flow_report *r, struct err *e) {
  (void)e;
  struct judged_walk *w = user;
  if (r->begin_s == FEEDBACK_TIME_UNKNOWN || r->begin_s / UTC_DAY_S > w->last_day) return 0;
  w->report = (struct store_flow_report){.id = r->id,
                                         .org_name = keep_org_name(w, r->org_name),
                                         .begin_s = r->begin_s,
                                         .end_s = r->end_s,
                                         .strict_dkim = r->strict_dkim,
                                         .strict_spf = r->strict_spf,
                                         .record_count = r->record_count,
                                         .message_count = r->message_count,
                                         .flags = r->flags};
  w->mail = (struct judged_mail){.report = &w->report,
                                 .walked = alignment_walked(r->discovery_method, w->domain),
                                 .day = (int32_t)(r->begin_s / UTC_DAY_S)};
  w->strict = r->strict_dkim || r->strict_spf;
  return 1;
}

static int find_row(struct judged_walk *w, const struct store_flow *flow, struct err *e) {
  struct pattern pattern;
  const struct sender_streams *streams;
  const int64_t key[2] = {flow->address_id, flow->pattern_id * 4 + (w->mail.walked ? 2 : 0) + w->strict};
  bool is_new;
  struct known_row *row = hashmap_put(&w->rows, key, sizeof key, &is_new);
  w->mail.new_pattern = NULL;
  if (is_new) {
    int code = find_pattern(w, flow->pattern_id, &pattern, &w->mail.new_pattern, e);
    if (!code) code = find_sender(w, flow->address_id, pattern.header_from, &streams, e);
    if (code < 0) return code;
    *row = (struct known_row){streams ? streams->of_kind[pattern.kind[w->strict]] : NULL, pattern.number};
  }
  if (!row->stream) return err_set(e, ERR_STORE, "the database changed while it was read");
  w->mail.stream = row->stream;
  w->mail.pattern = row->pattern;
  return 0;
}

static int on_flow(void *user, const struct store_flow *flow, struct err *e) {
  struct judged_walk *w = user;
  int code = find_row(w, flow, e);
  if (code < 0) return code;
  w->mail.count = flow->count == FEEDBACK_COUNT_UNKNOWN ? 0 : flow->count;
  return w->fn(w->user, &w->mail, e);
}

int judged_mail_each(struct store *s, const struct store_filter *filter, const struct history *h, int64_t before_s,
                     int32_t last_day, judged_mail_fn *fn, void *user, struct err *e) {
  __attribute__((cleanup(cleanup_walk))) struct judged_walk w = {.store = s,
                                                                 .organizations = organization_cache_new(),
                                                                 .arena = arena_new(4096),
                                                                 .domain = h->domain,
                                                                 .last_day = last_day,
                                                                 .fn = fn,
                                                                 .user = user};
  hashmap_init(&w.rows, sizeof(struct known_row));
  hashmap_init(&w.org_names, sizeof(const char *));
  hashmap_init(&w.named, sizeof(struct sender_streams));
  hashmap_init(&w.senders, sizeof(const struct sender_streams *));
  hashmap_init(&w.patterns, sizeof(struct pattern));
  hashmap_init(&w.header_froms, sizeof(uint32_t));
  index_streams(&w, h);
  struct store_filter narrowed = *filter;
  narrowed.policy_domain = h->domain;
  if (before_s < narrowed.until_s) narrowed.until_s = before_s;
  const struct store_flow_events events = {on_report, on_flow, &w};
  return store_each_flow(s, &narrowed, &events, e);
}

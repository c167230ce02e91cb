/* SPDX-License-Identifier: Apache-2.0 */
/* Folds the records of a policy domain into streams. What a pattern means for the domain is worked out once a pattern.
 */
#include <stdlib.h>
#include <string.h>

#include "alignment.h"
#include "cleanup.h"
#include "domain.h"
#include "feedback.h"
#include "stream.h"
#include "utc.h"

#define MOST_SELECTORS 8 /* own signatures of one record that are looked at */

/* What a pattern says about a policy domain. */
struct pattern_facts {
  enum stream_kind kind[2]; /* under relaxed and under strict alignment */
  bool evaluated, passes, dkim_passes;
  bool disputed[2];
  bool spf_own_passed, spf_own_failed, spf_own_refused, forwarded;
  const char *header_from, *identity, *evidence;
  const struct sender_service *service;
  uint32_t selectors[MOST_SELECTORS];
  bool selector_passed[MOST_SELECTORS];
  uint32_t selector_count;
};

struct reading {
  struct store *store;
  const struct sender_catalogue *catalogue;
  int64_t before_s;
  history_fn *fn;
  void *user;
  struct history h;
  bool open;
  bool strict; /* of the report at hand: adkim or aspf */
  int32_t day;
};

/* --- texts and small tables ----------------------------------------------------------------------------------------
 */

static const char *keep(struct history *h, const char *text) {
  if (!text) return NULL;
  bool is_new;
  const char **kept = hashmap_put(&h->text_index, text, strlen(text) + 1, &is_new);
  if (is_new) *kept = arena_strdup(h->arena, text);
  return *kept;
}

static const char *keep_printf(struct history *h, const char *format, const char *a, const char *b) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text, format);
  strbuf_add_text(&text, a);
  strbuf_add_text(&text, b);
  return keep(h, strbuf_text(&text));
}

static uint32_t number_of(struct hashmap *index, const char *text, const char ***list, uint32_t *count,
                          uint32_t *capacity) {
  bool is_new;
  uint32_t *number = hashmap_put(index, text, strlen(text) + 1, &is_new);
  if (is_new) {
    MEM_GROW(*list, *capacity, *count);
    (*list)[*count] = text;
    *number = (*count)++;
  }
  return *number;
}

static void history_clear(struct history *h) {
  for (uint32_t i = 0; i < h->stream_count; i++) {
    free(h->streams[i].days);
    free(h->streams[i].selectors);
  }
  free(h->streams);
  free(h->reports);
  free(h->policies);
  free(h->reporters);
  free(h->selectors);
  hashmap_clear(&h->stream_index);
  hashmap_clear(&h->policy_index);
  hashmap_clear(&h->reporter_index);
  hashmap_clear(&h->selector_index);
  hashmap_clear(&h->pattern_index);
  hashmap_clear(&h->text_index);
  arena_free(h->arena);
  *h = (struct history){0};
}

static void history_open(struct history *h, const char *domain) {
  *h = (struct history){.arena = arena_new(64 * 1024)};
  hashmap_init(&h->stream_index, sizeof(uint32_t));
  hashmap_init(&h->policy_index, sizeof(uint32_t));
  hashmap_init(&h->reporter_index, sizeof(uint32_t));
  hashmap_init(&h->selector_index, sizeof(uint32_t));
  hashmap_init(&h->pattern_index, sizeof(struct pattern_facts *));
  hashmap_init(&h->text_index, sizeof(const char *));
  h->domain = arena_strdup(h->arena, domain);
}

/* --- patterns ------------------------------------------------------------------------------------------------------
 */

static bool is_word(const char *text, const char *word) { return text && !strcmp(text, word); }

static bool is_own(const struct auth_result *r, const char *organization) {
  return r->domain && organization && !strcmp(domain_organizational(domain_of_address(r->domain)), organization);
}

/* A foreign identity that passed: a service of the catalogue before a mere domain, DKIM before SPF. */
static void consider_identity(struct reading *x, struct pattern_facts *f, const struct auth_result *r) {
  bool dkim = r->method == AUTH_DKIM;
  const struct sender_service *service =
      dkim ? sender_by_dkim(x->catalogue, r->domain) : sender_by_spf(x->catalogue, r->domain);
  if (f->identity && (f->service || !service)) return;
  f->service = service;
  f->identity = keep(&x->h, r->domain);
  f->evidence = keep_printf(&x->h, dkim ? "DKIM d=" : "SPF ", r->domain, "");
}

static void add_selector(struct reading *x, struct pattern_facts *f, const struct auth_result *r, bool passed) {
  if (f->selector_count >= MOST_SELECTORS) return;
  const char *slash = keep_printf(&x->h, "", r->domain, "/");
  const char *text = keep_printf(&x->h, "", slash, r->selector ? r->selector : "?");
  f->selectors[f->selector_count] =
      number_of(&x->h.selector_index, text, &x->h.selectors, &x->h.selector_count, &x->h.selector_capacity);
  f->selector_passed[f->selector_count++] = passed;
}

static bool tells_of_forwarder(const struct override_reason *r) {
  if (is_word(r->type, "forwarded") || is_word(r->type, "trusted_forwarder") || is_word(r->type, "mailing_list"))
    return true;
  return is_word(r->type, "local_policy") && r->comment && strstr(r->comment, "arc=pass");
}

static void read_results(struct reading *x, const struct feedback_record *r, const char *organization,
                         struct pattern_facts *f, bool *ret_own_signature) {
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    bool passed = is_word(a->result.text, "pass");
    if (!a->domain) continue;
    if (!is_own(a, organization)) {
      if (passed) consider_identity(x, f, a);
    } else if (a->method == AUTH_DKIM) {
      if (is_word(a->result.text, "none")) continue;
      *ret_own_signature = true;
      add_selector(x, f, a, passed);
    } else if (passed) {
      f->spf_own_passed = true;
    } else {
      f->spf_own_failed = true;
      if (is_word(a->result.text, "fail")) f->spf_own_refused = true;
    }
  }
}

/* A pass that the receiver evaluated and the results do not bear out (or the other way round) is no evidence that a
 * source is the owner's. */
static void judge_kind(struct pattern_facts *f, const struct feedback_record *r, bool own_signature, bool strict) {
  bool dkim = alignment_holds(r->dkim_alignment, strict) == 1, spf = alignment_holds(r->spf_alignment, strict) == 1;
  bool dkim_agreed = dkim && is_word(r->dkim.text, "pass"), spf_agreed = spf && is_word(r->spf.text, "pass");
  f->disputed[strict] = f->passes && !dkim_agreed && !spf_agreed;
  f->kind[strict] = dkim_agreed     ? STREAM_SIGNED
                    : spf_agreed    ? STREAM_SPF
                    : own_signature ? STREAM_BROKEN
                                    : STREAM_NOTHING;
}

static const struct pattern_facts *facts_of(struct reading *x, int64_t pattern_id, int *ret_code, struct err *e) {
  bool is_new;
  struct pattern_facts **slot = hashmap_put(&x->h.pattern_index, &pattern_id, sizeof pattern_id, &is_new);
  if (!is_new) return *slot;
  const struct feedback_record *r;
  struct pattern_facts *f = *slot = arena_alloc(x->h.arena, sizeof *f);
  *f = (struct pattern_facts){0};
  if ((*ret_code = store_pattern(x->store, pattern_id, &r, e)) < 0) return NULL;
  f->header_from = keep(&x->h, r->header_from);
  const char *organization = r->header_from ? domain_organizational(domain_of_address(r->header_from)) : NULL;
  f->evaluated = r->dkim.text || r->spf.text;
  f->dkim_passes = is_word(r->dkim.text, "pass");
  f->passes = f->dkim_passes || is_word(r->spf.text, "pass");
  bool own_signature = false;
  read_results(x, r, organization, f, &own_signature);
  for (uint32_t i = 0; i < r->reason_count; i++)
    if (tells_of_forwarder(&r->reasons[i])) f->forwarded = true;
  judge_kind(f, r, own_signature, false);
  judge_kind(f, r, own_signature, true);
  return f;
}

/* --- reports and flows ---------------------------------------------------------------------------------------------
 */

static uint32_t policy_number(struct history *h, const struct store_flow_report *r) {
  _cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
  char sampled = is_word(r->pct, "100") ? 'n' : r->pct ? 'y' : '-';
  char testing = is_word(r->testing, "y") ? 'y' : r->testing ? 'n' : '-';
  strbuf_printf(&key, "%s %s %s %s %s %c%c", r->p ? r->p : "", r->sp ? r->sp : "", r->np ? r->np : "",
                r->adkim ? r->adkim : "", r->aspf ? r->aspf : "", sampled, testing);
  bool is_new;
  uint32_t *number = hashmap_put(&h->policy_index, key.data, key.length, &is_new);
  if (!is_new) return *number;
  MEM_GROW(h->policies, h->policy_capacity, h->policy_count);
  h->policies[h->policy_count] = (struct seen_policy){keep(h, r->p),
                                                      keep(h, r->sp),
                                                      keep(h, r->np),
                                                      keep(h, r->adkim),
                                                      keep(h, r->aspf),
                                                      sampled == '-' ? 0 : sampled,
                                                      testing == '-' ? 0 : testing};
  return *number = h->policy_count++;
}

static int finish_domain(struct reading *x, struct err *e) {
  if (!x->open) return 0;
  int code = x->fn(x->user, &x->h, e);
  history_clear(&x->h);
  x->open = false;
  return code;
}

static int on_report(void *user, const struct store_flow_report *r, struct err *e) {
  struct reading *x = user;
  if (!r->policy_domain || r->begin_s == FEEDBACK_TIME_UNKNOWN || r->begin_s >= x->before_s) return 0;
  if (!x->open || strcmp(x->h.domain, r->policy_domain) != 0) {
    int code = finish_domain(x, e);
    if (code < 0) return code;
    history_open(&x->h, r->policy_domain);
    x->open = true;
  }
  struct history *h = &x->h;
  MEM_GROW(h->reports, h->report_capacity, h->report_count);
  const char *org = keep(h, r->org_name ? r->org_name : "");
  h->reports[h->report_count++] = (struct seen_report){
      .begin_s = r->begin_s,
      .end_s = r->end_s == FEEDBACK_TIME_UNKNOWN || r->end_s < r->begin_s ? r->begin_s : r->end_s,
      .messages = r->message_count,
      .reporter = number_of(&h->reporter_index, org, &h->reporters, &h->reporter_count, &h->reporter_capacity),
      .policy = policy_number(h, r)};
  x->strict = r->strict_dkim || r->strict_spf;
  x->day = (int32_t)(r->begin_s / UTC_DAY_S);
  return 1;
}

static struct stream *stream_of(struct reading *x, int64_t address_id, const struct pattern_facts *f, int *ret_code,
                                struct err *e) {
  struct history *h = &x->h;
  const struct {
    int64_t address;
    const char *header_from; /* kept texts are equal where their pointers are */
    int64_t kind;
  } key = {address_id, f->header_from, f->kind[x->strict]};
  bool is_new;
  uint32_t *number = hashmap_put(&h->stream_index, &key, sizeof key, &is_new);
  if (!is_new) return &h->streams[*number];
  MEM_GROW(h->streams, h->stream_capacity, h->stream_count);
  struct stream *s = &h->streams[ *number = h->stream_count++];
  *s = (struct stream){.header_from = f->header_from, .kind = f->kind[x->strict]};
  const char *text;
  *ret_code = store_address(x->store, address_id, &s->ip, &text, e);
  if (*ret_code < 0) return NULL;
  s->source = keep(h, text ? text : "unknown");
  return s;
}

static void use_selectors(struct stream *s, const struct pattern_facts *f, int64_t count) {
  for (uint32_t i = 0; i < f->selector_count; i++) {
    uint32_t at = 0;
    while (at < s->selector_count && s->selectors[at].selector != f->selectors[i]) at++;
    if (at == s->selector_count) {
      MEM_GROW(s->selectors, s->selector_capacity, s->selector_count);
      s->selectors[s->selector_count++] = (struct selector_use){.selector = f->selectors[i]};
    }
    *(f->selector_passed[i] ? &s->selectors[at].passed : &s->selectors[at].failed) += count;
  }
}

/* The identity that carries most of the stream speaks for it; a service of the catalogue before any other. */
static void use_identity(struct stream *s, const struct pattern_facts *f, int64_t count) {
  if (!f->identity) return;
  if (s->identity == f->identity) {
    s->identity_messages += count;
  } else if (!s->identity || (f->service && !s->service) ||
             (!s->service == !f->service && count > s->identity_messages)) {
    s->identity = f->identity;
    s->service = f->service;
    s->evidence = f->evidence;
    s->identity_messages = count;
  }
}

static int on_flow(void *user, const struct store_flow *flow, struct err *e) {
  struct reading *x = user;
  int code = 0;
  const struct pattern_facts *f = facts_of(x, flow->pattern_id, &code, e);
  if (!f) return code;
  struct stream *s = stream_of(x, flow->address_id, f, &code, e);
  if (!s) return code;
  int64_t count = flow->count == FEEDBACK_COUNT_UNKNOWN ? 0 : flow->count;
  bool strict = x->strict;
  s->messages += count;
  if (f->passes) s->passed += count;
  if (f->dkim_passes) s->dkim_passed += count;
  if (!f->evaluated) s->unevaluated += count;
  if (f->disputed[strict]) s->disputed += count;
  if (f->spf_own_passed) s->spf_passed += count;
  if (f->spf_own_failed) s->spf_failed += count;
  if (f->spf_own_refused) s->spf_refused += count;
  if (f->forwarded) s->forwarded += count;
  use_selectors(s, f, count);
  use_identity(s, f, count);
  if (!s->day_count || s->days[s->day_count - 1].day != x->day) {
    MEM_GROW(s->days, s->day_capacity, s->day_count);
    s->days[s->day_count++] = (struct stream_day){.day = x->day};
  }
  s->days[s->day_count - 1].messages += count;
  if (f->passes) s->days[s->day_count - 1].passed += count;
  return 0;
}

int history_each(struct store *s, const struct store_filter *filter, const struct sender_catalogue *catalogue,
                 int64_t before_s, history_fn *fn, void *user, struct err *e) {
  struct reading x = {.store = s, .catalogue = catalogue, .before_s = before_s, .fn = fn, .user = user};
  const struct store_flow_events events = {on_report, on_flow, &x};
  int code = store_each_flow(s, filter, &events, e);
  if (!code) code = finish_domain(&x, e);
  if (x.open) history_clear(&x.h);
  return code;
}

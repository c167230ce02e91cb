/* SPDX-License-Identifier: Apache-2.0 */
/* Folds the owner's DKIM results into selectors and says what became of each. */
#include "report/question_selectors.h"

#include <stdlib.h>
#include <string.h>

#include "base/alignment.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "base/utc.h"

/* Selectors of one record that are looked at: real mail carries one to three of the owner's. */
#define MOST_SIGNATURES 8

enum signature_result { PASS, FAIL, POLICY, NEUTRAL, TEMPERROR, PERMERROR, OTHER, RESULTS };
static const char *const RESULT_WORDS[RESULTS] = {
    [PASS] = "pass",           [FAIL] = "fail",           [POLICY] = "policy", [NEUTRAL] = "neutral",
    [TEMPERROR] = "temperror", [PERMERROR] = "permerror", [OTHER] = "other"};

/* Own mail of one day that tells whether the key verifies. */
struct selector_day {
  int32_t day;
  int64_t passed, failed;
};

struct selector {
  const char *domain, *name; /* name NULL: reporters that name none */
  int64_t results[RESULTS];  /* messages */
  int64_t messages;
  int64_t own_messages, own_passed;
  bool met;
  int32_t first_met, last_met;   /* in any mail */
  int32_t first_used, last_used; /* in mail of the owner's, or with a signature that passes; used_days 0: never */
  int32_t longest_gap_days, used_days;
  int32_t heard_until;  /* the last day reported by somebody who saw it in use */
  uint64_t last_report; /* whose reporter was noted already */
  struct selector_day *days;
  uint32_t day_count, day_capacity;
  /* where the owner uses it */
  const char *home; /* the site with most of it; NULL: none */
  int64_t home_messages;
  uint32_t homes, addresses;
  const struct sender_service *service; /* of all of it; NULL: several, or none */
  bool service_known;                   /* `service` was looked at */
};

/* What a pattern says: the owner's selectors on it, each with its best result. */
struct signatures {
  uint32_t count;
  uint32_t selectors[MOST_SIGNATURES];
  enum signature_result results[MOST_SIGNATURES];
};

struct reporter {
  uint32_t number;
  int32_t last_day;
};

struct selector_fold {
  const struct history *h;
  struct organization_cache *organizations;
  struct arena *arena;
  struct selector *selectors;
  uint32_t count, capacity;
  struct hashmap by_name; /* domain NUL selector -> number */
  struct signatures *patterns;
  uint32_t pattern_capacity;
  struct hashmap uses;      /* struct use -> int64_t messages: of own mail */
  struct hashmap sightings; /* struct sighting -> nothing: who saw it in use */
  struct hashmap reporters; /* org_name -> struct reporter */
  int32_t newest;           /* the last day so far */
  uint64_t report;          /* number of the one at hand */
  uint32_t reporter;        /* of it */
};

struct use {
  const struct stream *stream;
  uint64_t selector;
};
struct sighting {
  uint32_t selector, reporter;
};

struct selector_fold *selector_fold_new(const struct history *h) {
  struct selector_fold *f = mem_alloc(sizeof *f);
  *f = (struct selector_fold){.h = h, .organizations = organization_cache_new(), .arena = arena_new(16 * 1024)};
  hashmap_init(&f->by_name, sizeof(uint32_t));
  hashmap_init(&f->uses, sizeof(int64_t));
  hashmap_init(&f->sightings, 0);
  hashmap_init(&f->reporters, sizeof(struct reporter));
  return f;
}

void selector_fold_free(struct selector_fold *f) {
  if (!f) return;
  for (uint32_t i = 0; i < f->count; i++) free(f->selectors[i].days);
  free(f->selectors);
  free(f->patterns);
  hashmap_clear(&f->by_name);
  hashmap_clear(&f->uses);
  hashmap_clear(&f->sightings);
  hashmap_clear(&f->reporters);
  organization_cache_free(f->organizations);
  arena_free(f->arena);
  free(f);
}

static void cleanup_fold(struct selector_fold **f) { selector_fold_free(*f); }

/* --- patterns ----------------------------------------------------------------------------------------------------- */

static enum signature_result result_of(const char *word) {
  for (int i = 0; word && i < OTHER; i++)
    if (!strcmp(word, RESULT_WORDS[i])) return (enum signature_result)i;
  return OTHER;
}

/* A selector is a name in the DNS: its letters' case says nothing. */
static uint32_t selector_number(struct selector_fold *f, const char *domain, const char *name) {
  _cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
  char *folded = arena_strdup(f->arena, name);
  if (folded) domain_normalise(folded);
  strbuf_add(&key, domain, strlen(domain) + 1);
  strbuf_add_text(&key, folded ? folded : "");
  bool is_new;
  uint32_t *number = hashmap_put(&f->by_name, key.data, key.length, &is_new);
  if (!is_new) return *number;
  MEM_GROW(f->selectors, f->capacity, f->count);
  f->selectors[f->count] =
      (struct selector){.domain = arena_strdup(f->arena, domain), .name = folded && *folded ? folded : NULL};
  return *number = f->count++;
}

/* A message counts once a selector, however often it is signed with it. */
static void add_signature(struct signatures *ret, uint32_t selector, enum signature_result result) {
  for (uint32_t i = 0; i < ret->count; i++) {
    if (ret->selectors[i] != selector) continue;
    if (result == PASS) ret->results[i] = PASS;
    return;
  }
  if (ret->count == MOST_SIGNATURES) return;
  ret->selectors[ret->count] = selector;
  ret->results[ret->count++] = result;
}

static void read_pattern(struct selector_fold *f, const struct judged_mail *m) {
  const struct feedback_record *r = m->new_pattern;
  MEM_GROW(f->patterns, f->pattern_capacity, m->pattern);
  struct signatures *found = &f->patterns[m->pattern];
  found->count = 0;
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    if (a->method != AUTH_DKIM || !a->domain) continue;
    if (is_word(a->result.text, "none")) continue; /* no signature */
    const char *domain = domain_of_address(a->domain);
    if (!alignment_same_organization(f->organizations, domain, f->h->domain, m->walked)) continue;
    add_signature(found, selector_number(f, domain, a->selector), result_of(a->result.text));
  }
}

/* --- mail --------------------------------------------------------------------------------------------------------- */

static void note_reporter(struct selector_fold *f, const struct judged_mail *m) {
  if (f->report == m->report->number) return;
  const char *org = m->report->org_name;
  bool is_new;
  struct reporter *reporter = hashmap_put(&f->reporters, org, strlen(org) + 1, &is_new);
  if (is_new) reporter->number = f->reporters.count - 1;
  f->newest = reporter->last_day = m->day; /* reports come by their begin */
  f->report = m->report->number;
  f->reporter = reporter->number;
}

static void note_use(struct selector *s, int32_t day) {
  if (!s->used_days) s->first_used = s->last_used = day;
  if (!s->used_days || day != s->last_used) s->used_days++;
  if (day - s->last_used > s->longest_gap_days) s->longest_gap_days = day - s->last_used;
  s->last_used = day;
}

/* A receiver's trouble with the DNS tells nothing of the key. */
static void note_own(struct selector *s, int32_t day, enum signature_result result, int64_t count) {
  s->own_messages += count;
  if (result == PASS) s->own_passed += count;
  if (result == TEMPERROR) return;
  if (!s->day_count || s->days[s->day_count - 1].day != day) {
    MEM_GROW(s->days, s->day_capacity, s->day_count);
    s->days[s->day_count++] = (struct selector_day){.day = day};
  }
  struct selector_day *last = &s->days[s->day_count - 1];
  *(result == PASS ? &last->passed : &last->failed) += count;
}

static void add_mail(struct selector_fold *f, uint32_t number, enum signature_result result,
                     const struct judged_mail *m) {
  struct selector *s = &f->selectors[number];
  if (!s->met) s->first_met = m->day;
  s->met = true;
  s->last_met = m->day;
  s->messages += m->count;
  s->results[result] += m->count;
  bool own = stream_is_own(m->stream);
  if (!own && result != PASS) return; /* who forges a signature, or breaks it on the way, does not use the key */
  note_use(s, m->day);
  if (s->last_report != m->report->number) {
    const struct sighting sighting = {number, f->reporter};
    hashmap_put(&f->sightings, &sighting, sizeof sighting, NULL);
    s->last_report = m->report->number;
  }
  if (!own) return;
  note_own(s, m->day, result, m->count);
  const struct use use = {m->stream, number};
  *(int64_t *)hashmap_put(&f->uses, &use, sizeof use, NULL) += m->count;
}

int selector_fold_take(void *user, const struct judged_mail *m, struct err *e) {
  (void)e;
  struct selector_fold *f = user;
  if (m->new_pattern) read_pattern(f, m);
  note_reporter(f, m);
  const struct signatures *signatures = &f->patterns[m->pattern];
  for (uint32_t i = 0; i < signatures->count; i++) add_mail(f, signatures->selectors[i], signatures->results[i], m);
  return 0;
}

/* --- who uses it -------------------------------------------------------------------------------------------------- */

/* Texts of a history are equal where their pointers are. */
struct place {
  const char *text; /* a site, or an address */
  uint64_t selector;
};

static void note_service(struct selector *s, const struct stream *stream) {
  if (!s->service_known) s->service = stream->service;
  s->service_known = true;
  if (s->service != stream->service) s->service = NULL;
}

static void find_places(struct selector_fold *f, struct hashmap *sites) {
  _cleanup_hashmap_ struct hashmap addresses;
  hashmap_init(&addresses, 0);
  for (uint32_t i = 0; i < f->uses.count; i++) {
    const struct use *use = hashmap_key_at(&f->uses, i, NULL);
    struct selector *s = &f->selectors[use->selector];
    const struct place site = {use->stream->site, use->selector}, address = {use->stream->source, use->selector};
    *(int64_t *)hashmap_put(sites, &site, sizeof site, NULL) += *(int64_t *)hashmap_value_at(&f->uses, i);
    bool is_new;
    hashmap_put(&addresses, &address, sizeof address, &is_new);
    if (is_new) s->addresses++;
    note_service(s, use->stream);
  }
}

static void find_homes(struct selector_fold *f, const struct thresholds *t) {
  _cleanup_hashmap_ struct hashmap sites; /* struct place -> int64_t messages */
  hashmap_init(&sites, sizeof(int64_t));
  find_places(f, &sites);
  for (uint32_t i = 0; i < sites.count; i++) {
    const struct place *site = hashmap_key_at(&sites, i, NULL);
    struct selector *s = &f->selectors[site->selector];
    int64_t messages = *(int64_t *)hashmap_value_at(&sites, i);
    if (messages > 0 && (double)messages >= t->home_share * (double)s->own_messages) s->homes++;
    if (messages <= s->home_messages) continue;
    s->home_messages = messages;
    s->home = site->text;
  }
}

static void find_hearing(struct selector_fold *f) {
  for (uint32_t i = 0; i < f->sightings.count; i++) {
    const struct sighting *sighting = hashmap_key_at(&f->sightings, i, NULL);
    const struct reporter *reporter = hashmap_value_at(&f->reporters, sighting->reporter);
    struct selector *s = &f->selectors[sighting->selector];
    if (reporter->last_day > s->heard_until) s->heard_until = reporter->last_day;
  }
}

/* --- states ------------------------------------------------------------------------------------------------------- */

const char *selector_state_word(enum selector_state state) {
  static const char *const WORDS[] = {[SELECTOR_UNNAMED] = "unnamed", [SELECTOR_NEVER_PASSED] = "never_passed",
                                      [SELECTOR_RETIRED] = "retired", [SELECTOR_BROKEN] = "broken",
                                      [SELECTOR_SILENT] = "silent",   [SELECTOR_NEW] = "new",
                                      [SELECTOR_ACTIVE] = "active"};
  return WORDS[state];
}

static int32_t silence_days(const struct selector *s) { return s->heard_until - s->last_used; }

/* A key that is withdrawn too early is harm: the silence must be longer than any pause that was seen, or than the
 * longest that anything is remembered for (yearly invoices). */
static bool is_retired(const struct selector *s, const struct thresholds *t) {
  int32_t silence = silence_days(s);
  if (silence <= SELECTOR_SILENT_DAYS) return false;
  if (silence > t->memory_days) return true;
  return s->used_days >= SELECTOR_RHYTHM_DAYS && silence > SELECTOR_GAPS * s->longest_gap_days;
}

static bool mostly_fails(int64_t passed, int64_t failed) { return failed > passed; }

static bool is_broken(const struct selector *s) {
  int64_t passed = 0, failed = 0;
  for (uint32_t i = s->day_count; i-- > 0 && s->days[i].day > s->days[s->day_count - 1].day - SELECTOR_RECENT_DAYS;) {
    passed += s->days[i].passed;
    failed += s->days[i].failed;
  }
  return passed + failed >= SELECTOR_RECENT_LEAST && mostly_fails(passed, failed);
}

/* The first day of the run of own mail that mostly fails, up to the last one. */
static int32_t broken_since(const struct selector *s) {
  int32_t since = s->day_count ? s->days[s->day_count - 1].day : s->first_used;
  for (uint32_t i = s->day_count; i-- > 0;) {
    if (s->days[i].passed + s->days[i].failed == 0) continue;
    if (!mostly_fails(s->days[i].passed, s->days[i].failed)) break;
    since = s->days[i].day;
  }
  return since;
}

/* Reports of a clock in 1970 do not make the history long. */
static int32_t first_day(const struct history *h, int32_t newest, const struct thresholds *t) {
  for (uint32_t i = 0; i < h->report_count; i++) {
    int32_t day = utc_day_of(h->reports[i].begin_s);
    if (day >= newest - t->memory_days) return day;
  }
  return newest;
}

static enum selector_state state_of(const struct selector *s, int32_t first, int32_t newest,
                                    const struct thresholds *t) {
  if (!s->name) return SELECTOR_UNNAMED;
  if (!s->results[PASS]) return SELECTOR_NEVER_PASSED;
  if (is_retired(s, t)) return SELECTOR_RETIRED;
  if (is_broken(s)) return SELECTOR_BROKEN;
  if (silence_days(s) > SELECTOR_SILENT_DAYS) return SELECTOR_SILENT;
  bool is_new = s->first_used > newest - SELECTOR_NEW_DAYS && s->first_used - first >= SELECTOR_NEW_DAYS;
  return is_new ? SELECTOR_NEW : SELECTOR_ACTIVE;
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct column RESULT_ROWS[] = {
    {"result", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"messages", NULL, COLUMN_COUNT, 0, NULL, 0},
};

enum {
  SELECTOR, DOMAIN, MESSAGES, OWN_SHARE, PASS_SHARE, STATE, HOME, LAST_SEEN, FIRST_SEEN, BROKEN_SINCE, NOT_PASSED,
  SERVICE, HOMES, HOME_SHARE, ADDRESSES, OWN_MESSAGES, POLICY_DOMAIN, ADVICE, RESULT_LIST, COLUMNS_OF_SELECTORS
};

static const struct column COLUMNS[COLUMNS_OF_SELECTORS] = {
    [SELECTOR] = {"selector", NULL, COLUMN_TEXT, COLUMN_KEY | COLUMN_WRAP, NULL, 0},
    [DOMAIN] = {"domain", "d=", COLUMN_TEXT, 0, NULL, 0},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0, NULL, 0},
    [OWN_SHARE] = {"own_pass_share", "own mail", COLUMN_SHARE, COLUMN_GOOD, NULL, 0},
    [PASS_SHARE] = {"pass_share", "all mail", COLUMN_SHARE, COLUMN_DETAIL, NULL, 0},
    [STATE] = {"state", NULL, COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    [HOME] = {"home", NULL, COLUMN_TEXT, COLUMN_WRAP, NULL, 0},
    [LAST_SEEN] = {"last_seen", "last seen", COLUMN_DAY, COLUMN_DETAIL, NULL, 0},
    [FIRST_SEEN] = {"first_seen", "first seen", COLUMN_DAY, COLUMN_DETAIL, NULL, 0},
    [BROKEN_SINCE] = {"broken_since", "broken since", COLUMN_DAY, COLUMN_DETAIL, NULL, 0},
    [NOT_PASSED] = {"not_passed", "not passed", COLUMN_TEXT, COLUMN_DETAIL, NULL, 0},
    [SERVICE] = {"service", NULL, COLUMN_TEXT, COLUMN_DATA, NULL, 0},
    [HOMES] = {"homes", NULL, COLUMN_COUNT, COLUMN_DETAIL, NULL, 0},
    [HOME_SHARE] = {"home_share", NULL, COLUMN_SHARE, COLUMN_DATA, NULL, 0},
    [ADDRESSES] = {"addresses", NULL, COLUMN_COUNT, COLUMN_DETAIL, NULL, 0},
    [OWN_MESSAGES] = {"own_messages", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [POLICY_DOMAIN] = {"policy_domain", NULL, COLUMN_TEXT, COLUMN_DATA, NULL, 0},
    [ADVICE] = {"advice", NULL, COLUMN_TEXT, COLUMN_DETAIL, NULL, 0},
    [RESULT_LIST] = {"results", NULL, COLUMN_ROWS, COLUMN_DATA, RESULT_ROWS, ARRAY_SIZE(RESULT_ROWS)},
};
/* clang-format on */
static const struct table TABLE = {
    "dmarcctl.selectors",
    1,
    NULL,
    "No signature of the domain's own is in the reports that match. 'dmarcctl summary' shows what is stored.",
    COLUMNS,
    COLUMNS_OF_SELECTORS};

struct asking {
  const struct inquiry *q;
  struct table_sink *sink;
  bool begun;
};

/* "fail 12, permerror 3" */
static void spell_not_passed(const struct selector *s, struct strbuf *out) {
  for (int i = FAIL; i < RESULTS; i++)
    if (s->results[i])
      strbuf_printf(out, "%s%s %lld", out->length ? ", " : "", RESULT_WORDS[i], (long long)s->results[i]);
}

static unsigned fill_results(const struct selector *s, struct cell *cells) {
  unsigned n = 0;
  for (int i = 0; i < RESULTS; i++) {
    if (!s->results[i]) continue;
    cells[n * 2] = cell_text(RESULT_WORDS[i]);
    cells[n++ * 2 + 1] = cell_count(s->results[i]);
  }
  return n;
}

static void spell_advice(const struct selector *s, enum selector_state state, struct strbuf *out) {
  char day[UTC_TEXT_BYTES];
  switch (state) {
    case SELECTOR_UNNAMED:
      strbuf_add_text(out, "its reporters name no selector");
      break;
    case SELECTOR_NEVER_PASSED:
      strbuf_add_text(out, s->own_messages > 0
                               ? "signs your mail and was never verified: publish its key, or sign with one that is"
                               : "never verified, and none of your mail has it: forged, nothing to do");
      break;
    case SELECTOR_RETIRED:
      strbuf_printf(out, "silent for %d days: its key can be withdrawn", silence_days(s));
      break;
    case SELECTOR_BROKEN:
      utc_format_day(utc_from_day(broken_since(s)), day);
      strbuf_printf(out, "fails since %s: compare the published key with the one that signs", day);
      break;
    case SELECTOR_SILENT:
      strbuf_printf(out, "silent for %d days, which may be its rhythm: keep its key", silence_days(s));
      break;
    case SELECTOR_NEW:
      strbuf_add_text(out, "make sure that you know who signs with it");
      break;
    case SELECTOR_ACTIVE:
      break;
  }
}

static int push_selector(const struct history *h, const struct selector *s, enum selector_state state,
                         struct table_sink *sink, struct err *e) {
  struct cell results[RESULTS * ARRAY_SIZE(RESULT_ROWS)];
  _cleanup_strbuf_ struct strbuf not_passed = STRBUF_INIT, advice = STRBUF_INIT;
  spell_not_passed(s, &not_passed);
  spell_advice(s, state, &advice);
  bool used = s->used_days > 0;
  bool fails = state == SELECTOR_BROKEN || (state == SELECTOR_NEVER_PASSED && s->own_messages > 0);
  const struct cell cells[COLUMNS_OF_SELECTORS] = {
      [SELECTOR] = cell_text(s->name),
      [DOMAIN] = cell_text(s->domain),
      [MESSAGES] = cell_count(s->messages),
      [OWN_SHARE] = cell_share((double)s->own_passed, (double)s->own_messages),
      [PASS_SHARE] = cell_share((double)s->results[PASS], (double)s->messages),
      [STATE] = cell_text(selector_state_word(state)),
      [HOME] = cell_text(s->home),
      [LAST_SEEN] = cell_day(used ? s->last_used : s->last_met),
      [FIRST_SEEN] = cell_day(used ? s->first_used : s->first_met),
      [BROKEN_SINCE] = fails ? cell_day(broken_since(s)) : cell_absent(),
      [NOT_PASSED] = cell_text(not_passed.data),
      [SERVICE] = cell_text(s->service ? s->service->name : NULL),
      [HOMES] = cell_count(s->homes),
      [HOME_SHARE] = s->home ? cell_share((double)s->home_messages, (double)s->own_messages) : cell_absent(),
      [ADDRESSES] = cell_count(s->addresses),
      [OWN_MESSAGES] = cell_count(s->own_messages),
      [POLICY_DOMAIN] = cell_text(h->domain),
      [ADVICE] = cell_text(advice.data),
      [RESULT_LIST] = {.present = true, .rows = {results, fill_results(s, results)}},
  };
  return sink->row(sink, cells, e);
}

/* Not before it is known that there are such reports: half a document would be no answer. */
static int begin_once(struct asking *a, struct err *e) {
  if (a->begun) return 0;
  a->begun = true;
  return a->sink->begin(a->sink, &TABLE, e);
}

static int push_rows(struct selector_fold *f, const struct thresholds *t, struct table_sink *sink, struct err *e) {
  int code = 0;
  find_homes(f, t);
  find_hearing(f);
  int32_t first = first_day(f->h, f->newest, t);
  for (uint32_t i = 0; i < f->count && !code; i++) {
    const struct selector *s = &f->selectors[i];
    if (s->met) code = push_selector(f->h, s, state_of(s, first, f->newest, t), sink, e);
  }
  return code;
}

int selector_fold_push(struct selector_fold *f, const struct thresholds *t, struct table_sink *sink, struct err *e) {
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = push_rows(f, t, sink, e);
  return code < 0 ? code : sink->end(sink, e);
}

static int on_domain(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  struct asking *a = user;
  int32_t last_day = utc_day_of(j->window_end_s) - 1;
  _cleanup_(cleanup_fold) struct selector_fold *f = selector_fold_new(h);
  int code = begin_once(a, e);
  if (!code)
    code = judged_mail_each(a->q->store, a->q->filter, h, a->q->basis->before_s, last_day, selector_fold_take, f, e);
  return code < 0 ? code : push_rows(f, a->q->basis->thresholds, a->sink, e);
}

int question_selectors(const struct inquiry *q, struct table_sink *sink, struct err *e) {
  struct asking a = {q, sink, false};
  int code = judge_each(q, on_domain, &a, e);
  if (!code) code = begin_once(&a, e);
  return code < 0 ? code : sink->end(sink, e);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Folds the owner's DKIM results into selectors. */
#include "analysis/selectors.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/selecting.h"
#include "base/alignment.h"
#include "base/cleanup.h"
#include "base/domain.h"

/* Selectors of one record that are looked at: real mail carries one to three of the owner's. */
#define MOST_SIGNATURES 8

static const char *const RESULT_WORDS[SIGNATURE_RESULTS] = {
    [SIGNATURE_PASS] = "pass",       [SIGNATURE_FAIL] = "fail",           [SIGNATURE_POLICY] = "policy",
    [SIGNATURE_NEUTRAL] = "neutral", [SIGNATURE_TEMPERROR] = "temperror", [SIGNATURE_PERMERROR] = "permerror",
    [SIGNATURE_OTHER] = "other"};

const char *signature_result_word(enum signature_result result) { return RESULT_WORDS[result]; }

/* What a pattern says: the owner's selectors on it, each with its best result. */
struct signatures {
  uint32_t count;
  uint32_t selectors[MOST_SIGNATURES];
  enum signature_result results[MOST_SIGNATURES];
};

struct selector_fold {
  struct mail_fold mail;
  const struct history *h;
  struct selectors answer;
  struct arena *arena;
  struct selecting *selectors;
  uint32_t count, capacity;
  struct hashmap by_name;     /* domain NUL selector -> number */
  struct hashmap uses;        /* struct selector_use_key -> int64_t messages: of own mail */
  struct hashmap sightings;   /* struct sighting -> nothing: who saw it in use */
  int32_t *reporter_last_day; /* by the number of the reporter */
  uint32_t reporter_capacity;
  int32_t newest; /* the last day so far */
};

struct sighting {
  uint32_t selector, reporter;
};

/* --- patterns ----------------------------------------------------------------------------------------------------- */

static enum signature_result result_of(const char *word) {
  int place = word_place(RESULT_WORDS, SIGNATURE_OTHER, word);
  return place < 0 ? SIGNATURE_OTHER : (enum signature_result)place;
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
      (struct selecting){.s = {.domain = arena_strdup(f->arena, domain), .name = folded && *folded ? folded : NULL}};
  return *number = f->count++;
}

/* A message counts once a selector, however often it is signed with it. */
static void add_signature(struct signatures *ret, uint32_t selector, enum signature_result result) {
  for (uint32_t i = 0; i < ret->count; i++) {
    if (ret->selectors[i] != selector) continue;
    if (result == SIGNATURE_PASS) ret->results[i] = SIGNATURE_PASS;
    return;
  }
  if (ret->count == MOST_SIGNATURES) return;
  ret->selectors[ret->count] = selector;
  ret->results[ret->count++] = result;
}

static void read_pattern(struct mail_fold *fold, const struct judged_mail *m, const struct feedback_record *r,
                         void *ret) {
  struct selector_fold *f = (struct selector_fold *)fold;
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    if (a->method != AUTH_DKIM || !a->domain) continue;
    if (is_word(a->result.text, "none")) continue; /* no signature */
    const char *domain = domain_of_address(a->domain);
    if (!alignment_same_organization(f->h->organizations, domain, f->h->domain, m->walked)) continue;
    add_signature(ret, selector_number(f, domain, a->selector), result_of(a->result.text));
  }
}

/* --- mail --------------------------------------------------------------------------------------------------------- */

static void note_reporter(struct selector_fold *f, const struct judged_mail *m) {
  MEM_GROW(f->reporter_last_day, f->reporter_capacity, m->reporter);
  f->newest = f->reporter_last_day[m->reporter] = m->day; /* reports come by their begin */
}

static void note_use(struct selecting *x, int32_t day) {
  if (!x->used_days) x->first_used = x->last_used = day;
  if (!x->used_days || day != x->last_used) x->used_days++;
  if (day - x->last_used > x->longest_gap_days) x->longest_gap_days = day - x->last_used;
  x->last_used = day;
}

/* A receiver's trouble with the DNS tells nothing of the key. */
static void note_own(struct selecting *x, int32_t day, enum signature_result result, int64_t count) {
  x->s.own_messages += count;
  if (result == SIGNATURE_PASS) x->s.own_passed += count;
  if (result == SIGNATURE_TEMPERROR) return;
  if (!x->day_count || x->days[x->day_count - 1].day != day) {
    MEM_GROW(x->days, x->day_capacity, x->day_count);
    x->days[x->day_count++] = (struct selector_day){.day = day};
  }
  struct selector_day *last = &x->days[x->day_count - 1];
  *(result == SIGNATURE_PASS ? &last->passed : &last->failed) += count;
}

static void add_mail(struct selector_fold *f, uint32_t number, enum signature_result result,
                     const struct judged_mail *m) {
  struct selecting *x = &f->selectors[number];
  if (!x->met) x->first_met = m->day;
  x->met = true;
  x->last_met = m->day;
  x->s.messages += m->count;
  x->s.results[result] += m->count;
  bool own = stream_is_own(m->stream);
  if (!own && result != SIGNATURE_PASS)
    return; /* who forges a signature, or breaks it on the way, does not use the key */
  note_use(x, m->day);
  if (x->last_report != m->report->number) {
    const struct sighting sighting = {number, m->reporter};
    hashmap_put(&f->sightings, &sighting, sizeof sighting, NULL);
    x->last_report = m->report->number;
  }
  if (!own) return;
  note_own(x, m->day, result, m->count);
  const struct selector_use_key use = {m->stream, number};
  *(int64_t *)hashmap_put(&f->uses, &use, sizeof use, NULL) += m->count;
}

static void add(struct mail_fold *fold, const struct judged_mail *m, const void *pattern) {
  struct selector_fold *f = (struct selector_fold *)fold;
  const struct signatures *signatures = pattern;
  note_reporter(f, m);
  for (uint32_t i = 0; i < signatures->count; i++) add_mail(f, signatures->selectors[i], signatures->results[i], m);
}

/* --- one domain --------------------------------------------------------------------------------------------------- */

static void fold_free(struct mail_fold *fold) {
  struct selector_fold *f = (struct selector_fold *)fold;
  for (uint32_t i = 0; i < f->count; i++) free(f->selectors[i].days);
  free(f->selectors);
  free(f->reporter_last_day);
  free((struct selector *)f->answer.items);
  hashmap_clear(&f->by_name);
  hashmap_clear(&f->uses);
  hashmap_clear(&f->sightings);
  arena_free(f->arena);
  free(f);
}

struct mail_fold *selector_fold_new(const struct history *h) {
  struct selector_fold *f = mem_alloc(sizeof *f);
  *f = (struct selector_fold){
      .mail = {.pattern_bytes = sizeof(struct signatures), .read_pattern = read_pattern, .add = add, .free = fold_free},
      .h = h,
      .arena = arena_new(16 * 1024)};
  hashmap_init(&f->by_name, sizeof(uint32_t));
  hashmap_init(&f->uses, sizeof(int64_t));
  hashmap_init(&f->sightings, 0);
  return &f->mail;
}

static void find_hearing(struct selector_fold *f) {
  for (uint32_t i = 0; i < f->sightings.count; i++) {
    const struct sighting *sighting = hashmap_key_at(&f->sightings, i, NULL);
    struct selecting *x = &f->selectors[sighting->selector];
    int32_t last_day = f->reporter_last_day[sighting->reporter];
    if (last_day > x->heard_until) x->heard_until = last_day;
  }
}

const struct selectors *selector_fold_end(struct mail_fold *fold, const struct thresholds *t) {
  struct selector_fold *f = (struct selector_fold *)fold;
  struct selector *items = mem_alloc((f->count + 1) * sizeof *items);
  int32_t first_day = selectors_first_day(f->h, f->newest, t);
  f->answer = (struct selectors){.history = f->h, .items = items};
  selectors_find_homes(&f->uses, f->selectors, t);
  find_hearing(f);
  for (uint32_t i = 0; i < f->count; i++) {
    if (!f->selectors[i].met) continue;
    selector_judge(&f->selectors[i], first_day, f->newest, t);
    items[f->answer.count++] = f->selectors[i].s;
  }
  return &f->answer;
}

struct selectors_walk {
  const struct inquiry *q;
  selectors_fn *fn;
  void *user;
};

static int on_domain(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  const struct selectors_walk *w = user;
  struct mail_fold *fold = selector_fold_new(h);
  int code = judged_mail_each(w->q, h, FILTER_OPEN_BEGIN, j->window_end_s, &fold, 1, e);
  if (!code) code = w->fn(w->user, selector_fold_end(fold, w->q->basis->thresholds), e);
  mail_fold_free(fold);
  return code;
}

int selectors_each(const struct inquiry *q, selectors_fn *fn, void *user, struct err *e) {
  struct selectors_walk w = {q, fn, user};
  return judge_each(q, on_domain, &w, e);
}

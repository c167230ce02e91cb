/* SPDX-License-Identifier: Apache-2.0 */
/* Adds up each reporter's mail on both sides of its switch, and says what came of the step. */
#include "analysis/effect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/effect_steps.h"
#include "analysis/names_below.h"
#include "base/cleanup.h"
#include "base/reporter.h"
#include "base/utc.h"
#include "verdict/judged_mail.h"
#include "verdict/proportion.h"

const char *effect_outcome_word(enum effect_outcome o) {
  static const char *const WORDS[EFFECT_OUTCOMES] = {"LOSS", "NOT_HONOURED", "TOO_EARLY", "HELD"};
  return WORDS[o];
}

/* Failing messages below which nobody can say whether a receiver honours a policy. */
#define HONOUR_LEAST 20

/* What fails a day of the window before, which tells how evenly it comes; and how much of it is beyond doubt. */
struct daily {
  int64_t days[EFFECT_MOST_DAYS];
  int64_t firm;
};

#define SUMS (CLASS_IGNORED + 1 + 2) /* the classes, own mail, all */
enum { SUM_OWN = CLASS_IGNORED + 1, SUM_ALL };

/* A sender while it is added up. */
struct place {
  struct effect_sender sender;
  int64_t largest_messages;
  uint32_t weeks; /* before the step in which it was seen: bit 0 is the last one */
  bool is_own;
};

struct tallied {
  struct effect_step step;
  uint32_t first_item; /* in effect_steps */
  struct daily daily[SUMS];
  struct hashmap places;  /* whose, site NUL -> struct place */
  struct hashmap reasons; /* type NUL -> int64_t messages */
};

/* What a pattern says of its messages. */
struct pattern_use {
  enum outcome outcome;
  enum disposition disposition;
  enum whatif_governing by;
  const char *reason; /* NULL: none */
};

#define NO_ITEM UINT32_MAX

struct effect_walk {
  struct mail_fold mail;
  const struct history *h;
  struct effect_steps steps;
  struct tallied *of;   /* each step */
  uint32_t *first_item; /* of each reporter's in `steps`; NO_ITEM: it has none */
  uint32_t *next_item;  /* of the same reporter's, behind each */
  struct names_below names;
  struct arena *arena;
  int32_t today;
  struct hashmap reporters; /* reporter_add_key -> number in the history */
  struct hashmap odd;       /* identities of reports that tell of another policy than their window's, or are doubted */
  uint64_t report;          /* at hand */
  uint32_t reporter;
  bool is_odd;
};

/* --- whose report it is ------------------------------------------------------------------------------------------- */

static void read_reporters(struct effect_walk *x) {
  _cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
  x->first_item = mem_alloc((x->h->reporter_count + 1) * sizeof *x->first_item);
  x->next_item = mem_alloc((x->steps.count + 1) * sizeof *x->next_item);
  for (uint32_t i = 0; i < x->h->reporter_count; i++) x->first_item[i] = NO_ITEM;
  for (uint32_t i = x->steps.count; i-- > 0;) {
    x->next_item[i] = x->first_item[x->steps.items[i].reporter];
    x->first_item[x->steps.items[i].reporter] = i;
  }
  for (uint32_t i = 0; i < x->h->reporter_count; i++) {
    strbuf_reset(&key);
    reporter_add_key(&key, x->h->reporters[i]);
    *(uint32_t *)hashmap_put(&x->reporters, strbuf_text(&key), key.length, NULL) = i;
  }
}

static bool is_within(int32_t day, int32_t begin, int32_t days) { return day >= begin && day < begin + days; }

/* Tells a report of what its window is about? */
static bool fits(const struct effect_walk *x, const struct seen_report *r, const struct reporter_step *s) {
  const struct policy_level level = policy_level_of(&x->h->policies[r->policy]);
  const bool is_before = utc_day_of(r->begin_s) < s->first_day;
  return !history_doubts(x->h, r) && policy_level_is(&level, is_before ? &s->before : &s->after);
}

/* Both windows and what is between them. */
static bool is_around(const struct reporter_step *s, int32_t day) {
  return s->days && day >= s->begin_day[EFFECT_BEFORE] && day < s->begin_day[EFFECT_AFTER] + s->days;
}

static void set_aside(struct effect_walk *x) {
  for (uint32_t i = 0; i < x->h->report_count; i++) {
    const struct seen_report *r = &x->h->reports[i];
    for (uint32_t k = x->first_item[r->reporter]; k != NO_ITEM; k = x->next_item[k]) {
      const struct reporter_step *s = &x->steps.items[k];
      const int32_t day = utc_day_of(r->begin_s);
      if (!is_around(s, day)) continue;
      const bool is_odd = !fits(x, r, s);
      if (is_odd) hashmap_put(&x->odd, r->identity.bytes, IDENTITY_BYTES, NULL);
      x->of[s->step].step.set_aside += is_odd || (day >= s->first_day && day < s->begin_day[EFFECT_AFTER]);
    }
  }
}

static void read_report(struct effect_walk *x, const struct judged_mail *mail) {
  if (mail->report->number == x->report) return;
  _cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
  reporter_add_key(&key, mail->report->org_name);
  const uint32_t *number = hashmap_get(&x->reporters, strbuf_text(&key), key.length);
  x->report = mail->report->number;
  x->reporter = number ? *number : NO_ITEM;
  x->is_odd = hashmap_get(&x->odd, mail->report->identity.bytes, IDENTITY_BYTES) != NULL;
}

/* --- records ------------------------------------------------------------------------------------------------------ */

static void read_pattern(struct mail_fold *fold, const struct judged_mail *mail, const struct feedback_record *r,
                         void *ret) {
  (void)mail;
  struct effect_walk *x = (struct effect_walk *)fold;
  *(struct pattern_use *)ret = (struct pattern_use){
      .outcome = record_outcome(r),
      .disposition = record_disposition(r),
      .by = names_below_governing(&x->names, r->header_from),
      .reason = r->reason_count ? arena_strdup(x->arena, r->reasons[0].type ? r->reasons[0].type : "other") : NULL};
}

static void add_after(struct effect_sum *sum, const struct pattern_use *use, int64_t n) {
  if (use->disposition == DISPOSED_QUARANTINE)
    sum->quarantined += n;
  else if (use->disposition == DISPOSED_REJECT)
    sum->rejected += n;
  else if (use->disposition == DISPOSED_OTHER)
    sum->unknown += n;
  else
    *(use->reason ? &sum->overridden : &sum->ignored) += n;
}

static void add_to(struct effect_sum *sum, const struct pattern_use *use, int side, enum policy asked, int64_t n) {
  sum->messages[side] += n;
  if (use->outcome == PASSED_NEITHER) sum->failing[side] += n;
  if (asked == POLICY_UNKNOWN) return;
  if (use->outcome == NOT_EVALUATED)
    sum->unknown += side == EFFECT_AFTER ? n : 0;
  else if (use->outcome == PASSED_NEITHER && side == EFFECT_AFTER)
    add_after(sum, use, n);
  else if (use->outcome == PASSED_NEITHER)
    *(asked == POLICY_REJECT ? &sum->predicted_rejected : &sum->predicted_quarantined) += n;
}

/* What receivers let through for a reason of their own, or could not look up, they may let through again. */
static void add_daily(struct daily *d, const struct judged_mail *mail, const struct pattern_use *use, int32_t day) {
  d->days[day] += mail->count;
  if (!use->reason && !mail->has_no_verdict) d->firm += mail->count;
}

static bool is_acted_on(const struct pattern_use *use) {
  return use->disposition == DISPOSED_QUARANTINE || use->disposition == DISPOSED_REJECT;
}

static void add_reason(struct tallied *t, const char *type, int64_t n) {
  *(int64_t *)hashmap_put(&t->reasons, type, strlen(type) + 1, NULL) += n;
}

static bool is_strange(const struct stream *s) {
  return s->class == CLASS_SUSPICIOUS || s->class == CLASS_UNAUTHORISED || s->class == CLASS_IGNORED;
}

static void add_place(struct tallied *t, const struct reporter_step *s, const struct judged_mail *mail,
                      const struct pattern_use *use, int side, enum policy asked) {
  const struct stream *stream = mail->stream;
  if (is_strange(stream)) return;
  _cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
  strbuf_add_char(&key, stream_is_own(stream) ? 'o' : 'x');
  strbuf_add_text(&key, stream->site.text ? stream->site.text : "");
  struct place *p = hashmap_put(&t->places, strbuf_text(&key), key.length, NULL);
  p->is_own = stream_is_own(stream);
  if (!p->sender.largest || stream->messages > p->largest_messages) {
    p->sender.largest = stream;
    p->largest_messages = stream->messages;
  }
  p->sender.messages[side] += mail->count;
  if (side == EFFECT_BEFORE && mail->count) p->weeks |= 1u << (s->first_day - 1 - mail->day) / 7;
  if (use->outcome != PASSED_NEITHER || asked == POLICY_UNKNOWN) return;
  p->sender.failing[side] += mail->count;
  if (side == EFFECT_AFTER && is_acted_on(use)) p->sender.lost += mail->count;
}

static void count(struct effect_walk *x, const struct reporter_step *s, struct effect_reporter *reporter,
                  const struct judged_mail *mail, const struct pattern_use *use, int side) {
  struct tallied *t = &x->of[s->step];
  const bool is_own = stream_is_own(mail->stream), is_changed = s->after.of[use->by] > s->before.of[use->by];
  const enum policy asked = is_changed ? s->after.of[use->by] : POLICY_UNKNOWN;
  struct effect_sum *const sums[] = {&t->step.all, &t->step.by_class[mail->stream->class], &reporter->sum,
                                     is_own ? &t->step.own : NULL};
  for (unsigned i = 0; i < ARRAY_SIZE(sums); i++)
    if (sums[i]) add_to(sums[i], use, side, asked, mail->count);
  add_place(t, s, mail, use, side, asked);
  if (asked == POLICY_UNKNOWN || use->outcome != PASSED_NEITHER) return;
  if (side == EFFECT_BEFORE) {
    const int32_t day = mail->day - s->begin_day[EFFECT_BEFORE];
    add_daily(&t->daily[mail->stream->class], mail, use, day);
    add_daily(&t->daily[SUM_ALL], mail, use, day);
    if (is_own) add_daily(&t->daily[SUM_OWN], mail, use, day);
    return;
  }
  const bool is_acted = is_acted_on(use);
  if (is_acted && is_own) reporter->own_lost += mail->count;
  if (!is_acted && use->reason && use->disposition != DISPOSED_OTHER) add_reason(t, use->reason, mail->count);
}

static void add(struct mail_fold *fold, const struct judged_mail *mail, const void *pattern) {
  struct effect_walk *x = (struct effect_walk *)fold;
  read_report(x, mail);
  if (x->reporter == NO_ITEM) return;
  for (uint32_t i = x->first_item[x->reporter]; i != NO_ITEM; i = x->next_item[i]) {
    const struct reporter_step *s = &x->steps.items[i];
    if (!is_around(s, mail->day)) continue;
    struct tallied *t = &x->of[s->step];
    struct effect_reporter *reporter = &t->step.reporters[i - t->first_item];
    const bool is_before = is_within(mail->day, s->begin_day[EFFECT_BEFORE], s->days);
    if (x->is_odd || (!is_before && mail->day < s->begin_day[EFFECT_AFTER]))
      reporter->set_aside += mail->count;
    else
      count(x, s, reporter, mail, pattern, is_before ? EFFECT_BEFORE : EFFECT_AFTER);
  }
}

/* --- the outcome -------------------------------------------------------------------------------------------------- */

/* Variance by mean, from days that are a week apart: what is usual of a day of the week is no surprise. */
static double spread_of(const struct daily *d, int32_t days) {
  const int32_t apart = days > 7 ? 7 : 1;
  double squares = 0, sum = 0;
  for (int32_t i = apart; i < days; i++) {
    const double a = (double)d->days[i - apart], b = (double)d->days[i];
    squares += (a - b) * (a - b);
    sum += a + b;
  }
  return sum > 0 ? fmax(squares / sum, 1) : 1;
}

static void predict(struct effect_sum *sum, const struct daily *d, int32_t days) {
  const double spread = spread_of(d, days);
  double unused;
  if (!days) return; /* nothing was looked at */
  effect_interval((double)d->firm, spread, &sum->low, &unused);
  effect_interval((double)effect_predicted(sum), spread, &unused, &sum->high);
}

static int by_lost(const void *left, const void *right) {
  const struct effect_sender *a = left, *b = right;
  if (a->lost != b->lost) return a->lost < b->lost ? 1 : -1;
  if (a->messages[0] != b->messages[0]) return a->messages[0] < b->messages[0] ? 1 : -1;
  return a->largest < b->largest ? -1 : a->largest > b->largest; /* as they were met */
}

static void name_sender(struct effect_sender *list, unsigned *count, unsigned *left_out,
                        const struct effect_sender *s) {
  if (*count < EFFECT_MOST_NAMED) {
    list[(*count)++] = *s;
    return;
  }
  (*left_out)++;
  struct effect_sender *least = list;
  for (unsigned i = 1; i < *count; i++)
    if (by_lost(&list[i], least) > 0) least = &list[i];
  if (by_lost(s, least) < 0) *least = *s;
}

/* Own mail without an own_source of its own is part of the whole alone. */
static bool loses_much(const struct effect_sender *s, unsigned looks, const struct thresholds *t, int to) {
  const int64_t n = s->messages[EFFECT_AFTER];
  return (double)n >= t->source_messages && (double)s->lost >= t->source_failures &&
         wilson_upper_of(n - s->lost, n, looks) < t->source_rate[to];
}

static unsigned count_own(const struct tallied *t) {
  unsigned own = 0;
  for (uint32_t i = 0; i < t->places.count; i++) own += ((struct place *)hashmap_value_at(&t->places, i))->is_own;
  return own;
}

static void name_senders(struct tallied *t, const struct thresholds *limits, int to) {
  struct effect_step *s = &t->step;
  const uint32_t weeks = s->days < EFFECT_SURE_DAYS ? 0 : (1u << s->days / 7) - 1;
  const unsigned own = count_own(t);
  for (uint32_t i = 0; i < t->places.count; i++) {
    const struct place *p = hashmap_value_at(&t->places, i);
    const struct effect_sender *sender = &p->sender;
    if (p->is_own && sender->lost) {
      name_sender(s->senders, &s->sender_count, &s->senders_left_out, sender);
      s->is_sender_lost |= loses_much(sender, own, limits, to);
    }
    if (weeks && (p->weeks & weeks) == weeks && !sender->messages[EFFECT_AFTER] &&
        (double)sender->messages[EFFECT_BEFORE] >= limits->source_messages)
      name_sender(s->vanished, &s->vanished_count, &s->vanished_left_out, sender);
  }
  if (s->sender_count) qsort(s->senders, s->sender_count, sizeof *s->senders, by_lost);
  if (s->vanished_count) qsort(s->vanished, s->vanished_count, sizeof *s->vanished, by_lost);
}

static int by_reason(const void *left, const void *right) {
  const struct effect_reason *a = left, *b = right;
  if (a->messages != b->messages) return a->messages < b->messages ? 1 : -1;
  return strcmp(a->type, b->type);
}

static void name_reasons(struct tallied *t) {
  const uint32_t count = t->reasons.count;
  _cleanup_free_ struct effect_reason *all = mem_alloc((count + 1) * sizeof *all);
  for (uint32_t i = 0; i < count; i++)
    all[i] = (struct effect_reason){hashmap_key_at(&t->reasons, i, NULL),
                                    *(const int64_t *)hashmap_value_at(&t->reasons, i)};
  if (count) qsort(all, count, sizeof *all, by_reason);
  t->step.reason_count = count < EFFECT_MOST_NAMED ? count : EFFECT_MOST_NAMED;
  memcpy(t->step.reasons, all, t->step.reason_count * sizeof *all);
}

static bool loses_own(const struct effect_step *s, const struct thresholds *limits) {
  const double lost = (double)effect_acted(&s->own), own = (double)s->own.messages[EFFECT_AFTER];
  return s->is_sender_lost || (lost >= limits->source_failures && lost > s->limit * own);
}

static bool is_ignored(const struct effect_step *s) {
  const int64_t acted = effect_acted(&s->all), ignored = s->all.ignored;
  return acted + ignored >= HONOUR_LEAST && ignored > acted;
}

static enum effect_outcome outcome_of(const struct effect_step *s, const struct thresholds *limits) {
  if (loses_own(s, limits)) return EFFECT_LOSS;
  if (is_ignored(s)) return EFFECT_NOT_HONOURED;
  return s->days < EFFECT_SURE_DAYS ? EFFECT_TOO_EARLY : EFFECT_HELD;
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

/* On the first day on which one of its reporters has told of it for two weeks more can be said. Where that day is over
 * and they have not, their reports stay away. */
static void look_ahead(struct effect_step *step, const struct reporter_step *s, int32_t today) {
  const int32_t day = s->begin_day[EFFECT_AFTER] + EFFECT_SURE_DAYS;
  if (s->ends || s->room_before < EFFECT_SURE_DAYS) return;
  if (day <= today)
    step->silent_since_day = s->last_day > step->silent_since_day ? s->last_day : step->silent_since_day;
  else if (!step->until_day || day < step->until_day)
    step->until_day = day;
}

/* What the largest reporter tells; of tags that it has no word for, what others of the same p do. */
static const struct seen_policy *told_of(const struct effect_walk *x, uint32_t first, uint32_t end, int side) {
  struct seen_policy *all = arena_alloc(x->arena, sizeof *all);
  for (uint32_t i = first; i < end; i++) {
    const struct reporter_step *s = &x->steps.items[i];
    const struct seen_policy *told = side == EFFECT_BEFORE ? s->seen_before : s->seen_after;
    if (i == first) *all = *told;
    if (policy_of(told->p) != policy_of(all->p)) continue;
    if (!all->np) all->np = told->np;
    if (!all->testing) all->testing = told->testing;
    if (!all->sampled) all->sampled = told->sampled;
  }
  return all;
}

static void open_step(struct effect_walk *x, unsigned number, uint32_t first, uint32_t end) {
  struct tallied *t = &x->of[number];
  const struct reporter_step *largest = &x->steps.items[first];
  uint32_t went_back = 0;
  t->first_item = first;
  hashmap_init(&t->places, sizeof(struct place));
  hashmap_init(&t->reasons, sizeof(int64_t));
  t->step = (struct effect_step){.day = largest->first_day,
                                 .before = told_of(x, first, end, EFFECT_BEFORE),
                                 .after = told_of(x, first, end, EFFECT_AFTER),
                                 .reporters = arena_alloc(x->arena, (end - first) * sizeof *t->step.reporters),
                                 .reporter_count = end - first};
  for (uint32_t i = first; i < end; i++) {
    const struct reporter_step *s = &x->steps.items[i];
    t->step.reporters[i - first] =
        (struct effect_reporter){.name = x->h->reporters[s->reporter], .day = s->first_day, .days = s->days};
    if (s->first_day < t->step.day) t->step.day = s->first_day;
    if (s->days > t->step.days) t->step.days = s->days;
    look_ahead(&t->step, s, x->today);
    went_back += s->goes_back;
    if (s->goes_back && (!t->step.taken_back_day || s->back_day < t->step.taken_back_day))
      t->step.taken_back_day = s->back_day;
  }
  if (2 * went_back < end - first) t->step.taken_back_day = 0;
  if (t->step.until_day) t->step.silent_since_day = 0;
}

static void open_steps(struct effect_walk *x) {
  x->of = mem_zalloc((x->steps.step_count + 1) * sizeof *x->of);
  for (uint32_t i = 0, end; i < x->steps.count; i = end) {
    for (end = i; end < x->steps.count && x->steps.items[end].step == x->steps.items[i].step; end++) continue;
    open_step(x, x->steps.items[i].step, i, end);
  }
}

static void close_step(struct effect_walk *x, const struct judgement *j, const struct thresholds *limits,
                       struct tallied *t, bool is_newest) {
  struct effect_step *s = &t->step;
  const bool to_reject = policy_of(s->after->p) == POLICY_REJECT || s->all.predicted_rejected || s->all.rejected;
  const int to = to_reject ? TO_REJECT : TO_QUARANTINE;
  s->limit = 1 - limits->own_lower[to];
  for (int c = CLASS_OWN; c <= CLASS_IGNORED; c++) predict(&s->by_class[c], &t->daily[c], s->days);
  predict(&s->own, &t->daily[SUM_OWN], s->days);
  predict(&s->all, &t->daily[SUM_ALL], s->days);
  name_senders(t, limits, to);
  name_reasons(t);
  s->outcome = outcome_of(s, limits);
  if (s->outcome != EFFECT_TOO_EARLY) s->until_day = s->silent_since_day = 0;
  if (s->outcome == EFFECT_LOSS && is_newest && !s->taken_back_day)
    s->former_record = judgement_record_before(x->h->arena, j, s->before, s->after);
}

struct effect_inquiry {
  const struct inquiry *q;
  effect_fn *fn;
  void *user;
};

static int hand_over(struct effect_walk *x, const struct effect_inquiry *i, const struct judgement *j, struct err *e) {
  const unsigned count = x->steps.step_count;
  _cleanup_free_ struct effect_step *steps = mem_alloc((count + 1) * sizeof *steps);
  for (unsigned k = 0; k < count; k++) {
    close_step(x, j, i->q->basis->thresholds, &x->of[k], k + 1 == count);
    steps[count - 1 - k] = x->of[k].step;
  }
  return i->fn(i->user, &(struct effect){j, steps, count}, e);
}

static int on_domain(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  const struct effect_inquiry *i = user;
  struct effect_walk x = {
      .mail = {.pattern_bytes = sizeof(struct pattern_use), .read_pattern = read_pattern, .add = add},
      .h = h,
      .arena = arena_new(4096),
      .today = utc_day_of(i->q->basis->as_of_s)};
  struct mail_fold *const folds[] = {&x.mail};
  const struct report_filter all = REPORT_FILTER_ALL; /* as the judgement, whatever else is counted */
  struct inquiry whole = *i->q;
  whole.filter = &all;
  hashmap_init(&x.reporters, sizeof(uint32_t));
  hashmap_init(&x.odd, 0);
  names_below_read(&x.names, h);
  effect_steps_find(&x.steps, h, j);
  open_steps(&x);
  int code = 0;
  if (x.steps.step_count) {
    read_reporters(&x);
    set_aside(&x);
    code = judged_mail_each(&whole, h, FILTER_OPEN_BEGIN, j->window_end_s, folds, 1, e);
  }
  if (!code) code = hand_over(&x, i, j, e);
  for (unsigned k = 0; k < x.steps.step_count; k++) {
    hashmap_clear(&x.of[k].places);
    hashmap_clear(&x.of[k].reasons);
  }
  free(x.of);
  free(x.first_item);
  free(x.next_item);
  effect_steps_clear(&x.steps);
  names_below_clear(&x.names);
  hashmap_clear(&x.odd);
  hashmap_clear(&x.reporters);
  arena_free(x.arena);
  return code;
}

int effect_each(const struct inquiry *q, effect_fn *fn, void *user, struct err *e) {
  struct effect_inquiry i = {q, fn, user};
  return judge_each(q, on_domain, &i, e);
}

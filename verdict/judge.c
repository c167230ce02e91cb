/* SPDX-License-Identifier: Apache-2.0 */
/* The window, the gates, the blockers, the verdict. */
#include "judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "utc.h"

/* What one source of the owner's sends inside the window. */
struct site {
  int64_t messages, passed, signed_messages, spf_only;
  int64_t before, before_passed, last, last_passed; /* the last 7 days, and the rest of the window */
  int64_t undecided;
  const struct stream *largest, *largest_undecided;
  enum stream_class worst;
};

struct judging {
  struct history *h;
  const struct thresholds *t;
  int64_t as_of_s;
  struct judgement *j;
  struct hashmap sites; /* site text -> struct site */
  int32_t begin_day, end_day;
  int to;             /* TO_QUARANTINE or TO_REJECT */
  double rhythm_days; /* between days with data; 1 for daily mail */
};

enum policy policy_of(const char *word) {
  static const char *const WORDS[] = {
      [POLICY_NONE] = "none", [POLICY_QUARANTINE] = "quarantine", [POLICY_REJECT] = "reject"};
  for (int p = POLICY_NONE; word && p <= POLICY_REJECT; p++)
    if (!strcmp(word, WORDS[p])) return (enum policy)p;
  return POLICY_UNKNOWN;
}

const char *policy_word(enum policy p) {
  static const char *const WORDS[] = {NULL, "none", "quarantine", "reject"};
  return WORDS[p];
}

const char *verdict_word(enum verdict v) {
  static const char *const WORDS[VERDICTS] = {"STALE", "REGRESSION", "NOT_READY", "NEEDS_DECISION", "INSUFFICIENT_DATA",
                                              "READY", "AT_TARGET"};
  return WORDS[v];
}

double wilson_lower(int64_t passed, int64_t trials) {
  if (trials <= 0) return 0;
  const double z = 1.6448536269514722;
  double n = (double)trials, p = (double)passed / n;
  double centre = p + z * z / (2 * n);
  double spread = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  double lower = (centre - spread) / (1 + z * z / n);
  return lower > 0 ? lower : 0;
}

static double share(int64_t part, int64_t whole) { return whole > 0 ? (double)part / (double)whole : 0; }

/* --- the window ----------------------------------------------------------------------------------------------------
 */

static int32_t day_of(int64_t s) { return (int32_t)(s / UTC_DAY_S); }

/* The last day with data by a clock that can be believed. */
static int32_t newest_day(const struct judging *g) {
  int64_t latest = g->as_of_s + (int64_t)(g->t->clock_ahead_days * UTC_DAY_S), newest = 0;
  for (uint32_t i = 0; i < g->h->report_count; i++) {
    const struct seen_report *r = &g->h->reports[i];
    int64_t end = r->end_s > r->begin_s ? r->end_s - 1 : r->end_s;
    if (r->end_s <= latest && end > newest) newest = end;
  }
  return day_of(newest);
}

static unsigned days_with_data(const struct judging *g, int32_t begin, int32_t end) {
  int32_t last = -1;
  unsigned days = 0;
  for (uint32_t i = 0; i < g->h->report_count; i++) {
    int32_t day = day_of(g->h->reports[i].begin_s);
    if (day < begin || day > end || day == last) continue;
    last = day;
    days++;
  }
  return days;
}

/* From one day with data to the next, in days. */
static double rhythm_of(const struct judging *g) {
  int32_t first = 0, last = 0;
  unsigned days = 0;
  for (uint32_t i = 0; i < g->h->report_count; i++) {
    int32_t day = day_of(g->h->reports[i].begin_s);
    if (day < g->begin_day || day > g->end_day || (days && day == last)) continue;
    if (!days++) first = day;
    last = day;
  }
  double rhythm_days = days > 1 ? (double)(last - first) / (days - 1) : 1;
  return rhythm_days < 2.5 ? 1 : rhythm_days; /* working weeks are daily mail too */
}

static bool is_own(const struct stream *s) {
  return s->class == CLASS_OWN || s->class == CLASS_OWN_BROKEN || s->class == CLASS_LEGITIMATE;
}

static int64_t own_in_window(const struct history *h) {
  int64_t n = 0;
  for (uint32_t i = 0; i < h->stream_count; i++)
    if (is_own(&h->streams[i]) && !h->streams[i].dormant) n += h->streams[i].window_messages;
  return n;
}

/* Little mail makes the window longer, never the bar lower: 268 messages without a failure are what 99 % takes. */
static void choose_window(struct judging *g, const struct labels *labels) {
  const double lengths[] = {g->t->window_days, 3 * g->t->window_days, g->t->longest_window_days};
  int32_t first = g->h->report_count ? day_of(g->h->reports[0].begin_s) : 0;
  g->end_day = newest_day(g);
  for (unsigned i = 0; i < ARRAY_SIZE(lengths); i++) {
    g->begin_day = g->end_day - (int32_t)lengths[i] + 1;
    classify(g->h, labels, g->t, g->as_of_s, g->end_day, g->begin_day);
    if (g->begin_day <= first || (own_in_window(g->h) >= 268 && days_with_data(g, g->begin_day, g->end_day) >= 14))
      break;
  }
  g->rhythm_days = rhythm_of(g);
}

/* --- the policy ----------------------------------------------------------------------------------------------------
 */

#define SETTLING_S (2 * UTC_DAY_S) /* receivers learn of a change within days of each other (own) */

/* Each reporter heard in the last days has one voice, its newest report: a stray one with the former policy does not
 * take the present one back. Among equals the newest tells. Returns the number of the report that speaks for them. */
static uint32_t telling_report(const struct history *h, uint32_t newest) {
  unsigned votes[POLICY_REJECT + 1] = {0}, most = 0;
  uint32_t newest_of[POLICY_REJECT + 1] = {0}, telling = newest - 1;
  bool *heard = mem_zalloc(h->reporter_count * sizeof *heard);
  for (uint32_t i = newest; i-- > 0 && h->reports[i].begin_s > h->reports[newest - 1].begin_s - SETTLING_S;) {
    const struct seen_report *r = &h->reports[i];
    enum policy p = policy_of(h->policies[r->policy].p);
    if (p == POLICY_UNKNOWN || heard[r->reporter]) continue;
    heard[r->reporter] = true;
    if (!votes[p]++) newest_of[p] = i;
  }
  free(heard);
  for (int p = POLICY_NONE; p <= POLICY_REJECT; p++) {
    if (!votes[p] || votes[p] < most || (votes[p] == most && newest_of[p] < telling)) continue;
    most = votes[p];
    telling = newest_of[p];
  }
  return telling;
}

/* Tags that not each format of report has a word for. */
enum tag { TAG_T, TAG_PCT, TAGS };
static char word_of(const struct seen_policy *p, enum tag tag) { return tag == TAG_T ? p->testing : p->sampled; }

/* t=y stands in reports of RFC 9990 alone, pct in those of RFC 7489: the newest one that has a word for it tells. */
static char newest_word(const struct judging *g, uint32_t newest, enum tag tag) {
  for (uint32_t i = newest; i-- > 0 && day_of(g->h->reports[i].begin_s) > g->end_day - (int32_t)g->t->window_days;) {
    const struct seen_policy *p = &g->h->policies[g->h->reports[i].policy];
    if (word_of(p, tag) && policy_of(p->p) == g->j->current) return word_of(p, tag);
  }
  return 'n';
}

enum bearing { BEARS_OUT, SAYS_NOTHING, CONTRADICTS };

/* Once a report said otherwise of t or pct, those that have no word for it bear nothing out. */
static enum bearing bearing_of(const struct seen_policy *p, const struct seen_policy *now, bool doubted[TAGS]) {
  if (policy_of(p->p) == POLICY_UNKNOWN) return SAYS_NOTHING;
  if (policy_of(p->p) != policy_of(now->p)) return CONTRADICTS;
  enum bearing bearing = BEARS_OUT;
  for (enum tag tag = TAG_T; tag < TAGS; tag++) {
    char word = word_of(p, tag);
    if (word && word != word_of(now, tag)) {
      doubted[tag] = true;
      bearing = CONTRADICTS;
    } else if (!word && doubted[tag] && bearing == BEARS_OUT) {
      bearing = SAYS_NOTHING;
    }
  }
  return bearing;
}

/* A stray report with the former policy does not begin the present one anew, nor does a clock of 1970 make it old. */
static int64_t policy_since(const struct judging *g, uint32_t newest, const struct seen_policy *now) {
  const struct history *h = g->h;
  int64_t since = h->reports[newest - 1].begin_s;
  bool doubted[TAGS] = {false};
  for (uint32_t i = newest; i-- > 0 && day_of(h->reports[i].begin_s) >= g->end_day - (int32_t)g->t->memory_days;) {
    int64_t begin_s = h->reports[i].begin_s;
    enum bearing bearing = bearing_of(&h->policies[h->reports[i].policy], now, doubted);
    if (bearing == CONTRADICTS && since - begin_s > SETTLING_S) break;
    if (bearing != BEARS_OUT) continue;
    since = begin_s;
    memset(doubted, 0, sizeof doubted);
  }
  return since;
}

static void read_policy(struct judging *g) {
  struct judgement *j = g->j;
  const struct history *h = g->h;
  uint32_t newest = h->report_count;
  while (newest > 0 && day_of(h->reports[newest - 1].begin_s) > g->end_day) newest--;
  if (!newest) return;
  j->policy = h->policies[h->reports[telling_report(h, newest)].policy];
  j->current = policy_of(j->policy.p);
  j->policy.testing = newest_word(g, newest, TAG_T);
  j->policy.sampled = newest_word(g, newest, TAG_PCT);
  j->policy_since_s = policy_since(g, newest, &j->policy);
  j->in_force = j->policy.sampled != 'y' && j->policy.testing != 'y';
  j->finish_current = !j->in_force && j->current > POLICY_NONE;
  j->next = j->finish_current                 ? j->current
            : j->current == POLICY_REJECT     ? POLICY_UNKNOWN
            : j->current == POLICY_QUARANTINE ? POLICY_REJECT
                                              : POLICY_QUARANTINE;
  g->to = j->next == POLICY_QUARANTINE ? TO_QUARANTINE : TO_REJECT;
}

/* Most reporters fill sp in with the value of p where none is published: only another value is a choice of the owner's.
 */
static bool has_own_sp(const struct judgement *j) {
  return j->policy.sp && (!j->policy.p || strcmp(j->policy.sp, j->policy.p) != 0);
}

/* p governs the domain, and what is below it as long as there is no sp of its own. */
static bool in_scope(const struct judging *g, const struct stream *s) {
  return !has_own_sp(g->j) || !s->header_from || !strcmp(s->header_from, g->h->domain);
}

/* --- adding up -----------------------------------------------------------------------------------------------------
 */

static void add_recent(struct site *site, const struct stream *s, int32_t begin, int32_t end) {
  for (uint32_t d = 0; d < s->day_count; d++) {
    const struct stream_day *day = &s->days[d];
    if (day->day < begin || day->day > end) continue;
    bool last = day->day > end - 7;
    *(last ? &site->last : &site->before) += day->messages;
    *(last ? &site->last_passed : &site->before_passed) += day->passed;
  }
}

static void add_own(struct judging *g, struct site *site, const struct stream *s) {
  struct judgement *j = g->j;
  site->messages += s->window_messages;
  site->passed += s->window_passed;
  if (s->kind == STREAM_SIGNED) site->signed_messages += s->window_messages;
  if (s->kind == STREAM_SPF) site->spf_only += s->window_messages;
  if (!site->largest || s->window_messages > site->largest->window_messages) site->largest = s;
  if (s->class != CLASS_OWN && s->window_messages > 0) site->worst = s->class;
  if (s->dormant) return;
  add_recent(site, s, g->begin_day, g->end_day);
  j->own_messages += s->window_messages;
  j->own_passed += s->window_passed;
}

/* No mail of the owner's in the whole history. A service that sends, or somebody who keeps office hours, may be the
 * owner's all the same: that is a question first. */
static bool looks_parked(const struct history *h) {
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (is_own(s) && s->messages > 0) return false;
    if (s->class == CLASS_UNDECIDED && (s->service || s->habit) && s->window_messages > 0) return false;
  }
  return true;
}

static void add_up(struct judging *g) {
  struct judgement *j = g->j;
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    int64_t failing = s->window_messages - s->window_passed;
    if (!s->dormant) {
      j->raw_messages += s->window_messages;
      j->raw_passed += s->window_passed;
      if (in_scope(g, s)) j->affected_per_day[s->class] += (double)failing / (g->end_day - g->begin_day + 1);
    }
    if (!in_scope(g, s) || !s->window_messages) continue;
    struct site *site = hashmap_put(&g->sites, &s->site, sizeof s->site, NULL);
    if (is_own(s)) add_own(g, site, s);
    if (s->class == CLASS_UNDECIDED) {
      site->undecided += failing;
      j->undecided += failing;
      if (!site->largest_undecided || s->window_messages > site->largest_undecided->window_messages)
        site->largest_undecided = s;
    }
    if ((s->class == CLASS_FORWARDER || s->class == CLASS_FORWARDER_MODIFIED) && !s->dormant)
      j->forwarded_failing += failing;
  }
  j->own_lower = wilson_lower(j->own_passed, j->own_messages);
  j->parked = looks_parked(g->h);
}

static struct site *site_at(const struct judging *g, uint32_t i) { return hashmap_value_at(&g->sites, i); }

/* --- gates ---------------------------------------------------------------------------------------------------------
 */

static void set_gate(struct judging *g, enum gate_name which, const char *name, const char *title, double figure,
                     double limit, bool at_most, const char *unit, enum gate_state otherwise) {
  bool holds = at_most ? figure <= limit : figure >= limit;
  g->j->gates[which] = (struct gate){name, title, figure, limit, at_most, unit, holds ? GATE_PASS : otherwise};
}

struct reporter_age {
  int64_t messages, begin_s, end_s, reports;
};

static int by_end(const void *a, const void *b) {
  int64_t x = ((const struct reporter_age *)a)->end_s, y = ((const struct reporter_age *)b)->end_s;
  return x < y ? 1 : x > y ? -1 : 0;
}

/* In days: how long ago those last spoke who see half of the mail. When the largest reporter falls silent, the fresh
 * reports of small ones do not speak for it. */
static double report_age(const struct judging *g) {
  const struct history *h = g->h;
  struct reporter_age *ages = mem_zalloc((h->reporter_count + 1) * sizeof *ages);
  int64_t total = 0, heard = 0, newest_s = 0, believable = g->as_of_s + (int64_t)(g->t->clock_ahead_days * UTC_DAY_S);
  for (uint32_t i = 0; i < h->report_count; i++) {
    const struct seen_report *r = &h->reports[i];
    if (r->end_s > believable || day_of(r->begin_s) < g->begin_day - (int32_t)g->t->window_days) continue;
    ages[r->reporter].messages += r->messages + 1;
    total += r->messages + 1;
    struct reporter_age *a = &ages[r->reporter];
    if (!a->reports++) a->begin_s = r->begin_s;
    if (r->end_s > a->end_s) a->end_s = r->end_s;
    if (r->end_s > newest_s) newest_s = r->end_s;
  }
  /* One that hears of the domain now and then is not silent before it misses its own rhythm thrice. */
  for (uint32_t i = 0; i < h->reporter_count; i++) {
    int64_t gap_s = ages[i].reports > 1 ? (ages[i].end_s - ages[i].begin_s) / (ages[i].reports - 1) : 30 * UTC_DAY_S;
    if (g->as_of_s - ages[i].end_s <= 3 * gap_s) ages[i].end_s = newest_s;
  }
  qsort(ages, h->reporter_count, sizeof *ages, by_end);
  int64_t end_s = 0;
  for (uint32_t i = 0; i < h->reporter_count && heard * 2 < total; i++) {
    heard += ages[i].messages;
    end_s = ages[i].end_s;
  }
  free(ages);
  return (double)(g->as_of_s - end_s) / UTC_DAY_S;
}

static void gate_time(struct judging *g) {
  const struct thresholds *t = g->t;
  struct judgement *j = g->j;
  double policy_days = (double)(g->end_day + 1) - (double)j->policy_since_s / UTC_DAY_S;
  enum gate_state young = j->next == POLICY_UNKNOWN ? GATE_WARN : GATE_FAIL;
  set_gate(g, GATE_POLICY_AGE, "policy_age", "days at the current policy", policy_days, t->policy_days, false, "days",
           young);
  unsigned days = days_with_data(g, g->begin_day, g->end_day);
  double wanted = t->data_days[g->to];
  if (g->rhythm_days > 1) wanted = fmin(wanted, fmax(3, floor(0.7 * (g->end_day - g->begin_day + 1) / g->rhythm_days)));
  set_gate(g, GATE_DATA_DAYS, "data_days", "days with data in the window", days, wanted, false, "days", young);
  double age = report_age(g);
  double limit = fmax(t->report_age_days, 1.5 * g->rhythm_days);
  set_gate(g, GATE_REPORT_AGE, "report_age", "age of the newest report", fmax(age, 0), limit, true, "days", GATE_FAIL);
  struct gate *gate = &j->gates[GATE_REPORT_AGE];
  if (gate->state == GATE_PASS && age > fmax(t->report_age_warn_days, g->rhythm_days)) gate->state = GATE_WARN;
}

static void gate_reporters(struct judging *g) {
  const struct history *h = g->h;
  int64_t *messages = mem_zalloc(h->reporter_count * sizeof *messages), total = 0, most = 0;
  bool *seen = mem_zalloc(h->reporter_count * sizeof *seen);
  unsigned reporters = 0;
  for (uint32_t i = 0; i < h->report_count; i++) {
    const struct seen_report *r = &h->reports[i];
    if (day_of(r->begin_s) < g->begin_day || day_of(r->begin_s) > g->end_day) continue;
    reporters += !seen[r->reporter];
    seen[r->reporter] = true;
    messages[r->reporter] += r->messages;
    total += r->messages;
    if (messages[r->reporter] > most) most = messages[r->reporter];
  }
  free(messages);
  free(seen);
  enum gate_state few =
      g->j->next == POLICY_UNKNOWN || (reporters == 2 && h->reporter_count == 2) ? GATE_WARN : GATE_FAIL;
  set_gate(g, GATE_REPORTERS, "reporters", "reporters in the window", reporters, g->t->reporters, false, "reporters",
           few);
  set_gate(g, GATE_TOP_REPORTER, "top_reporter_share", "largest reporter's share", 100 * share(most, total),
           100 * g->t->top_reporter_share, true, "%", GATE_WARN);
}

static void gate_own(struct judging *g) {
  const struct judgement *j = g->j;
  const struct thresholds *t = g->t;
  double worst = 1;
  int64_t messages = 0, dkim = 0, spf_only = 0; /* with the last runs of dormant streams */
  for (uint32_t i = 0; i < g->sites.count; i++) {
    const struct site *s = site_at(g, i);
    messages += s->messages;
    dkim += s->signed_messages;
    if ((double)s->spf_only >= t->source_messages && s->spf_only * 2 > s->messages) spf_only += s->spf_only;
    if ((double)s->messages >= t->source_messages) worst = fmin(worst, share(s->passed, s->messages));
  }
  bool no_mail = !j->own_messages;
  set_gate(g, GATE_OWN_LOWER, "own_pass_lower", "own mail that passes, lower bound",
           no_mail && j->parked ? 100 : 100 * j->own_lower, 100 * t->own_lower[g->to], false, "%",
           j->next == POLICY_UNKNOWN && share(j->own_passed, j->own_messages) >= t->own_lower[g->to] ? GATE_WARN
                                                                                                     : GATE_FAIL);
  set_gate(g, GATE_OWN_SOURCE, "own_source", "the worst of the owner's sources", 100 * worst,
           100 * t->source_rate[g->to], false, "%", GATE_FAIL);
  if (g->to == TO_QUARANTINE)
    set_gate(g, GATE_DKIM, "own_dkim", "own mail with aligned DKIM", no_mail ? 100 : 100 * share(dkim, messages),
             100 * t->dkim_share_warn, false, "%", GATE_WARN);
  else
    set_gate(g, GATE_DKIM, "own_spf_only", "own mail from sources with SPF alone", 100 * share(spf_only, messages), 0,
             true, "%", GATE_FAIL);
}

static void gate_doubt(struct judging *g) {
  const struct judgement *j = g->j;
  int64_t most = 0;
  for (uint32_t i = 0; i < g->sites.count; i++)
    if (site_at(g, i)->undecided > most) most = site_at(g, i)->undecided;
  /* Against own mail, not against all: a flood of spoofing must not dilute it. */
  int64_t own = j->own_messages ? j->own_messages : 1;
  set_gate(g, GATE_UNDECIDED_ALL, "undecided", "undecided mail against own", 100 * share(j->undecided, own),
           100 * g->t->undecided_all[g->to], true, "%", GATE_FAIL);
  set_gate(g, GATE_UNDECIDED_ONE, "undecided_source", "the largest undecided source", 100 * share(most, own),
           100 * g->t->undecided_one[g->to], true, "%", GATE_FAIL);
  set_gate(g, GATE_FORWARDED, "forwarded", "lost through lists and forwarders", 100 * share(j->forwarded_failing, own),
           100 * g->t->forwarded_share, true, "%", j->next == POLICY_REJECT ? GATE_FAIL : GATE_WARN);
}

/* A source is new where none of its selectors was there before; one without any, where it was not. A provider's next
 * address is not. */
static void gate_new_source(struct judging *g) {
  const struct history *h = g->h;
  int32_t *first = mem_alloc((h->selector_count + 1) * sizeof *first), history_begin = INT32_MAX, youngest = INT32_MIN;
  for (uint32_t i = 0; i < h->selector_count; i++) first[i] = INT32_MAX;
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (s->days[0].day < history_begin) history_begin = s->days[0].day;
    if (!is_own(s)) continue;
    for (uint32_t k = 0; k < s->selector_count; k++)
      if (s->selectors[k].passed && s->days[0].day < first[s->selectors[k].selector])
        first[s->selectors[k].selector] = s->days[0].day;
  }
  struct hashmap unsigned_sites;
  hashmap_init(&unsigned_sites, sizeof(int32_t));
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (!is_own(s) || s->label || (double)s->messages < g->t->source_messages || s->class == CLASS_OWN_BROKEN) continue;
    int32_t begun = INT32_MAX;
    for (uint32_t k = 0; k < s->selector_count; k++)
      if (s->selectors[k].passed && first[s->selectors[k].selector] < begun) begun = first[s->selectors[k].selector];
    if (begun == INT32_MAX) {
      bool is_new;
      int32_t *seen = hashmap_put(&unsigned_sites, &s->site, sizeof s->site, &is_new);
      if (is_new || s->days[0].day < *seen) *seen = s->days[0].day;
      continue;
    }
    if (begun > youngest) youngest = begun;
  }
  for (uint32_t i = 0; i < unsigned_sites.count; i++) {
    int32_t begun = *(int32_t *)hashmap_value_at(&unsigned_sites, i);
    if (begun > youngest) youngest = begun;
  }
  hashmap_clear(&unsigned_sites);
  free(first);
  double limit = g->t->new_source_days[g->to];
  /* What was there on the first days of all is not new, only met. */
  bool met = youngest == INT32_MIN || youngest <= history_begin + (int32_t)(2 * g->rhythm_days);
  double age = met ? (double)(g->end_day - history_begin + 1) : (double)(g->end_day - youngest + 1);
  set_gate(g, GATE_NEW_SOURCE, "new_source", "days since a new source of own mail", age, limit, false, "days",
           g->j->next == POLICY_UNKNOWN || met ? GATE_WARN : GATE_FAIL);
}

/* At equal mix: each source's fall weighs as much as the source does now. */
static void gate_drop(struct judging *g) {
  double fall = 0, weight = 0;
  for (uint32_t i = 0; i < g->sites.count; i++) {
    const struct site *s = site_at(g, i);
    if (s->before < 10 || s->last < 1) continue;
    fall += (double)s->last * (share(s->before_passed, s->before) - share(s->last_passed, s->last));
    weight += (double)s->last;
  }
  double points = weight > 0 ? 100 * fall / weight : 0;
  bool enough = weight * fabs(points) / 100 >= 3; /* two messages are no trend */
  set_gate(g, GATE_DROP, "drop", "fall of the pass rate in the last 7 days", enough ? fmax(points, 0) : 0,
           100 * g->t->drop[g->to], true, "points", GATE_FAIL);
}

/* --- blockers ------------------------------------------------------------------------------------------------------
 */

static const char *repair_of(struct judging *g, const struct stream *s, enum stream_class class, bool spf_alone) {
  const char *advice = s->service ? s->service->repair : NULL;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  const char *who = s->service ? s->service->name : s->identity ? s->identity : s->site;
  /* What `label` will know: services of the catalogue, not those of a map the user may leave out. */
  const char *label = s->service && !advice && s->identity ? s->identity : who;
  if (class == CLASS_UNDECIDED)
    strbuf_printf(&text, "decide: if %s sends for you, %s; else 'dmarcctl label \"%s\" unauthorised'", who,
                  advice ? advice : "let it sign with a key of your domain", label);
  else if (spf_alone)
    strbuf_printf(&text, "%s passes by SPF alone, which forwarding breaks: %s", who,
                  advice ? advice : "sign its mail with DKIM as your domain");
  else if (class == CLASS_OWN_BROKEN)
    strbuf_printf(&text,
                  "%s: the signature fails: check that the selector's key is published and is the one that signs%s%s",
                  who, advice ? "; " : "", advice ? advice : "");
  else
    strbuf_printf(&text, "%s: %s", who,
                  advice ? advice : "sign its mail with DKIM as your domain, or let it use your return path");
  return arena_strndup(g->h->arena, text.data, text.length);
}

static void add_blocker(struct judging *g, const struct stream *s, enum stream_class class, int64_t messages,
                        bool spf_alone) {
  struct judgement *j = g->j;
  const struct blocker b = {.source = s->site,
                            .example = s->source,
                            .service = s->service ? s->service->name : s->identity,
                            .evidence = s->evidence,
                            .class = class,
                            .because = s->because,
                            .messages = messages,
                            .repair = repair_of(g, s, class, spf_alone)};
  unsigned at = j->blocker_count;
  while (at > 0 && j->blockers[at - 1].messages < messages) at--;
  if (at >= MOST_BLOCKERS) return;
  if (j->blocker_count < MOST_BLOCKERS) j->blocker_count++;
  memmove(&j->blockers[at + 1], &j->blockers[at], (j->blocker_count - at - 1) * sizeof b);
  j->blockers[at] = b;
}

static bool failed(const struct judging *g, enum gate_name gate) { return g->j->gates[gate].state == GATE_FAIL; }

static void gather_blockers(struct judging *g) {
  const struct thresholds *t = g->t;
  int64_t own = g->j->own_messages ? g->j->own_messages : 1;
  bool fallen = failed(g, GATE_DROP);
  for (uint32_t i = 0; i < g->sites.count; i++) {
    const struct site *s = site_at(g, i);
    bool counts = (double)s->messages >= t->source_messages;
    double least = failed(g, GATE_OWN_LOWER) ? fmax(t->source_rate[g->to], t->own_lower[g->to]) : t->source_rate[g->to];
    bool short_rate = s->largest && share(s->passed, s->messages) < least && (counts || failed(g, GATE_OWN_LOWER));
    bool falls = fallen && s->largest && s->before && s->last &&
                 share(s->before_passed, s->before) - share(s->last_passed, s->last) > t->drop[g->to];
    if (short_rate || falls)
      add_blocker(g, s->largest, s->worst ? s->worst : s->largest->class, s->messages - s->passed, false);
    else if (failed(g, GATE_DKIM) && counts && s->largest && s->spf_only * 2 > s->messages)
      add_blocker(g, s->largest, CLASS_OWN, s->spf_only, true);
    bool doubtful = s->undecided && (failed(g, GATE_UNDECIDED_ALL) || failed(g, GATE_UNDECIDED_ONE)) &&
                    (share(s->undecided, own) > t->undecided_one[g->to] || failed(g, GATE_UNDECIDED_ALL));
    if (doubtful) add_blocker(g, s->largest_undecided, CLASS_UNDECIDED, s->undecided, false);
  }
}

/* --- the verdict ---------------------------------------------------------------------------------------------------
 */

static void conclude(struct judgement *j, enum verdict v, const char *reason) {
  j->verdict = v;
  j->reason = reason;
}

static bool rate_is_short(const struct judging *g) {
  return g->j->own_messages > 0 && share(g->j->own_passed, g->j->own_messages) < g->t->own_lower[g->to];
}

static void decide_verdict(struct judging *g) {
  struct judgement *j = g->j;
  bool enforced = j->current >= POLICY_QUARANTINE && j->in_force;
  if (failed(g, GATE_REPORT_AGE))
    conclude(j, VERDICT_STALE, "the newest report is too old to speak for today's mail");
  else if (enforced && failed(g, GATE_DROP))
    conclude(j, VERDICT_REGRESSION, "own mail fails more often than it did, under a policy that acts on it");
  else if (failed(g, GATE_OWN_SOURCE) || rate_is_short(g))
    conclude(j, VERDICT_NOT_READY, "mail that is the owner's fails");
  else if (failed(g, GATE_DROP))
    conclude(j, VERDICT_NOT_READY, "own mail fails more often than it did");
  else if (failed(g, GATE_DKIM))
    conclude(j, VERDICT_NOT_READY, "own mail relies on SPF alone, which must not be at p=reject (RFC 9989 8)");
  else if (failed(g, GATE_UNDECIDED_ALL) || failed(g, GATE_UNDECIDED_ONE))
    conclude(j, VERDICT_NEEDS_DECISION, "there is mail that may be the owner's: only the owner can say");
  else if (failed(g, GATE_FORWARDED))
    conclude(j, VERDICT_NEEDS_DECISION,
             "mail through lists and forwarders would be lost: the owner decides whether it may be");
  else if (failed(g, GATE_POLICY_AGE) || failed(g, GATE_DATA_DAYS) || failed(g, GATE_REPORTERS) ||
           failed(g, GATE_OWN_LOWER))
    conclude(j, VERDICT_INSUFFICIENT_DATA, "what was seen is good, but there is too little of it");
  else if (failed(g, GATE_NEW_SOURCE))
    conclude(j, VERDICT_INSUFFICIENT_DATA, "a source of own mail is new: more of it must be seen");
  else if (j->next == POLICY_UNKNOWN)
    conclude(j, VERDICT_AT_TARGET, "p=reject is in force, and own mail passes");
  else
    conclude(j, VERDICT_READY, "every gate holds");
}

/* --- parked domains ------------------------------------------------------------------------------------------------
 */

/* There is no mail that quarantine could show to be in danger. */
static void aim_at_reject(struct judging *g) {
  g->to = TO_REJECT;
  g->j->next = g->j->current == POLICY_REJECT && g->j->in_force ? POLICY_UNKNOWN : POLICY_REJECT;
  g->j->finish_current &= g->j->next == g->j->current;
}

/* Its spoofers are no hundred questions but one, which a published "-all" has answered: their SPF results are "fail".
 */
static void judge_parked(struct judging *g) {
  struct judgement *j = g->j;
  int64_t messages = 0, refused = 0;
  const struct stream *largest = NULL;
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    messages += s->messages;
    refused += s->spf_refused;
    if (!largest || s->messages > largest->messages) largest = s;
  }
  bool answered = messages == 0 || refused * 10 >= messages * 9;
  j->blocker_count = 0;
  if (failed(g, GATE_REPORT_AGE)) return;
  if (!answered && j->next != POLICY_UNKNOWN) {
    j->gates[GATE_UNDECIDED_ALL].state = GATE_FAIL;
    conclude(j, VERDICT_NEEDS_DECISION, "nothing of the owner's was ever seen: does anything send as this domain?");
    add_blocker(g, largest, CLASS_UNDECIDED, messages, false);
    j->blockers[0].repair =
        "one question: does anything send as this domain? If nothing does, publish \"v=spf1 -all\" and p=reject";
    return;
  }
  const enum gate_name of_mail[] = {GATE_UNDECIDED_ALL, GATE_UNDECIDED_ONE, GATE_NEW_SOURCE,
                                    GATE_REPORTERS,     GATE_DROP,          GATE_FORWARDED};
  for (unsigned i = 0; i < ARRAY_SIZE(of_mail); i++)
    if (failed(g, of_mail[i])) j->gates[of_mail[i]].state = GATE_WARN;
  decide_verdict(g);
  if (j->verdict == VERDICT_READY) j->reason = "nothing sends as this domain: reject, and publish \"v=spf1 -all\"";
}

/* --- the next record -----------------------------------------------------------------------------------------------
 */

static void write_record(struct judging *g) {
  struct judgement *j = g->j;
  if (j->next == POLICY_UNKNOWN) return;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_printf(&text, "v=DMARC1; p=%s", policy_word(j->next));
  if (has_own_sp(j)) strbuf_printf(&text, "; sp=%s", j->policy.sp); /* the owner's choice stays */
  if (j->policy.np && (!j->policy.p || strcmp(j->policy.np, j->policy.p) != 0))
    strbuf_printf(&text, "; np=%s", j->policy.np);
  if (j->policy.adkim && !strcmp(j->policy.adkim, "s")) strbuf_add_text(&text, "; adkim=s");
  if (j->policy.aspf && !strcmp(j->policy.aspf, "s")) strbuf_add_text(&text, "; aspf=s");
  strbuf_add_text(&text, "; rua=<keep yours>");
  j->next_record = arena_strndup(g->h->arena, text.data, text.length);
}

void judge(struct history *h, const struct labels *labels, const struct thresholds *t, int64_t as_of_s,
           struct judgement *ret) {
  *ret = (struct judgement){.domain = h->domain};
  struct judging g = {.h = h, .t = t, .as_of_s = as_of_s, .j = ret};
  hashmap_init(&g.sites, sizeof(struct site));
  choose_window(&g, labels);
  int32_t first_day = h->report_count ? day_of(h->reports[0].begin_s) : g.begin_day;
  ret->window_begin_s = (int64_t)(g.begin_day > first_day ? g.begin_day : first_day) * UTC_DAY_S;
  ret->window_end_s = (int64_t)(g.end_day + 1) * UTC_DAY_S;
  read_policy(&g);
  add_up(&g);
  if (ret->parked) aim_at_reject(&g);
  gate_time(&g);
  gate_reporters(&g);
  gate_own(&g);
  gate_doubt(&g);
  gate_new_source(&g);
  gate_drop(&g);
  gather_blockers(&g);
  decide_verdict(&g);
  if (ret->parked) judge_parked(&g);
  write_record(&g);
  if (ret->verdict == VERDICT_READY || ret->verdict == VERDICT_AT_TARGET) ret->blocker_count = 0;
  hashmap_clear(&g.sites);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Adds the streams of the window up by site, and holds the sums against the thresholds: figure, limit and mark. */
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "verdict/judging.h"

double wilson_lower(int64_t passed, int64_t trials) {
  if (trials <= 0) return 0;
  const double z = 1.6448536269514722;
  double n = (double)trials, p = (double)passed / n;
  double centre = p + z * z / (2 * n);
  double spread = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  double lower = (centre - spread) / (1 + z * z / n);
  return lower > 0 ? lower : 0;
}

/* --- adding up ---------------------------------------------------------------------------------------------------- */

static void add_recent(struct site *site, const struct stream *s, int32_t begin, int32_t end, int32_t last_days) {
  for (uint32_t d = 0; d < s->day_count; d++) {
    const struct stream_day *day = &s->days[d];
    if (day->day < begin || day->day > end) continue;
    bool last = day->day > end - last_days;
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
  add_recent(site, s, g->begin_day, g->end_day, (int32_t)g->t->drop_days);
  j->own_messages += s->window_messages;
  j->own_passed += s->window_passed;
}

/* No mail of the owner's in the whole history. A service that sends, or somebody who keeps office hours, may be the
 * owner's all the same: that is a question first. */
static bool looks_parked(const struct judging *g) {
  const struct history *h = g->h;
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (g->j->scope == SCOPE_BELOW && !in_scope(g, s)) continue;
    if (stream_is_own(s) && s->messages > 0) return false;
    if (s->class == CLASS_UNDECIDED && (s->service || s->habit == HABIT_WORKING_WEEKS) && s->window_messages > 0)
      return false;
  }
  return true;
}

void add_up(struct judging *g) {
  struct judgement *j = g->j;
  const double judged_days = (double)(j->window_end_s - j->window_begin_s) / UTC_DAY_S;
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    int64_t failing = s->window_messages - s->window_passed;
    if (!s->dormant && (in_scope(g, s) || j->scope == SCOPE_DOMAIN)) {
      j->raw_messages += s->window_messages;
      j->raw_passed += s->window_passed;
      if (in_scope(g, s)) j->affected_per_day[s->class] += (double)failing / judged_days;
    }
    if (!in_scope(g, s) || !s->window_messages) continue;
    struct site *site = hashmap_put(&g->sites, &s->site, sizeof s->site, NULL);
    if (stream_is_own(s)) add_own(g, site, s);
    if (s->class == CLASS_UNDECIDED) {
      site->undecided += failing;
      j->undecided += failing;
      if (!site->largest_undecided || s->window_messages > site->largest_undecided->window_messages)
        site->largest_undecided = s;
    }
    if ((s->class == CLASS_FORWARDER || s->class == CLASS_FORWARDER_MODIFIED) && !s->dormant) {
      j->forwarded_failing += failing;
      site->forwarded += s->window_messages;
      site->forwarded_failing += failing;
      if (!site->largest_forwarded || s->window_messages > site->largest_forwarded->window_messages)
        site->largest_forwarded = s;
    }
  }
  j->own_lower = wilson_lower(j->own_passed, j->own_messages);
  j->parked = looks_parked(g);
}

const char *gate_state_word(enum gate_state s) {
  static const char *const WORDS[] = {[GATE_PASS] = "pass", [GATE_WARN] = "warn", [GATE_FAIL] = "FAIL"};
  return WORDS[s];
}

/* --- gates -------------------------------------------------------------------------------------------------------- */

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
    if (r->end_s > believable || utc_day_of(r->begin_s) < g->begin_day - (int32_t)g->t->window_days) continue;
    ages[r->reporter].messages += r->messages + 1;
    total += r->messages + 1;
    struct reporter_age *a = &ages[r->reporter];
    if (!a->reports++) a->begin_s = r->begin_s;
    if (r->end_s > a->end_s) a->end_s = r->end_s;
    if (r->end_s > newest_s) newest_s = r->end_s;
  }
  /* One that hears of the domain now and then is not silent before it has missed its own rhythm often enough. */
  for (uint32_t i = 0; i < h->reporter_count; i++) {
    int64_t gap_s = ages[i].reports > 1 ? (ages[i].end_s - ages[i].begin_s) / (ages[i].reports - 1)
                                        : (int64_t)g->t->window_days * UTC_DAY_S;
    if ((double)(g->as_of_s - ages[i].end_s) <= g->t->silent_rhythms * (double)gap_s) ages[i].end_s = newest_s;
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
  if (g->rhythm_days > 1) {
    double expected = (g->end_day - g->begin_day + 1) / g->rhythm_days;
    wanted = fmin(wanted, fmax(t->rhythm_least_days, floor(t->rhythm_share * expected)));
  }
  set_gate(g, GATE_DATA_DAYS, "data_days", "days with data in the window", days, wanted, false, "days", young);
  double age = report_age(g);
  double limit = fmax(t->report_age_days, t->rhythm_age * g->rhythm_days);
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
    if (utc_day_of(r->begin_s) < g->begin_day || utc_day_of(r->begin_s) > g->end_day) continue;
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
    if ((double)s->spf_only >= t->source_messages && relies_on_spf(t, s)) spf_only += s->spf_only;
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
    if (!s->day_count) continue;
    if (s->days[0].day < history_begin) history_begin = s->days[0].day;
    if (!stream_is_own(s) || !in_scope(g, s)) continue;
    for (uint32_t k = 0; k < s->selector_count; k++)
      if (s->selectors[k].passed && s->days[0].day < first[s->selectors[k].selector])
        first[s->selectors[k].selector] = s->days[0].day;
  }
  struct hashmap unsigned_sites;
  hashmap_init(&unsigned_sites, sizeof(int32_t));
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (!stream_is_own(s) || !s->day_count || !in_scope(g, s) || s->label ||
        (double)s->messages < g->t->source_messages || s->class == CLASS_OWN_BROKEN)
      continue;
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
    if ((double)s->before < g->t->drop_before_messages || s->last < 1) continue;
    fall += (double)s->last * (share(s->before_passed, s->before) - share(s->last_passed, s->last));
    weight += (double)s->last;
  }
  double points = weight > 0 ? 100 * fall / weight : 0;
  bool enough = weight * fabs(points) / 100 >= g->t->drop_messages; /* two messages are no trend */
  set_gate(g, GATE_DROP, "drop", "fall of the pass rate in the last days", enough ? fmax(points, 0) : 0,
           100 * g->t->drop[g->to], true, "points", GATE_FAIL);
}

void set_gates(struct judging *g) {
  gate_time(g);
  gate_reporters(g);
  gate_own(g);
  gate_doubt(g);
  gate_new_source(g);
  gate_drop(g);
}

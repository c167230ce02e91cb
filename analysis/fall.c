/* SPDX-License-Identifier: Apache-2.0 */
/* Finds since when a finding's mail fails, and at whom. What explains it is fall_cause.c. */
#include "analysis/fall.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utc.h"

#define EVERYBODY UINT32_MAX

/* --- the change point --------------------------------------------------------------------------------------------- */

static double rate(const struct fall_day *d) { return (double)d->passed / (double)d->messages; }

bool fall_change_point(const struct fall_day *days, uint32_t count, uint32_t *ret_at) {
  struct fall_day before = {0}, since = {0};
  double most = 0;
  for (uint32_t i = 0; i < count; i++) {
    since.messages += days[i].messages;
    since.passed += days[i].passed;
  }
  for (uint32_t i = 0; i < count; i++) {
    const bool is_enough = before.messages >= FALL_LEAST_BEFORE && since.messages >= FALL_LEAST_SINCE;
    if (is_enough && days[i].messages && rate(&before) >= FALL_RATE_BEFORE &&
        rate(&since) <= FALL_OF_RATE * rate(&before)) {
      /* What two rates explain of the days' variance is largest where they part. */
      const double drop = rate(&before) - rate(&since), b = (double)before.messages, s = (double)since.messages;
      const double weight = drop * drop * (b * s / (b + s));
      if (weight > most) *ret_at = i;
      if (weight > most) most = weight;
    }
    before.messages += days[i].messages;
    before.passed += days[i].passed;
    since.messages -= days[i].messages;
    since.passed -= days[i].passed;
  }
  return most > 0;
}

/* --- the mail of a finding ---------------------------------------------------------------------------------------- */

/* One record of it. */
struct fallen_record {
  int32_t day;
  uint32_t reporter;
  int64_t messages;
  const struct stream *stream;
  bool passes;    /* DMARC */
  bool is_signed; /* with the finding's selector, ... */
  bool verifies;  /* ... and that passes */
};
typedef void record_fn(void *user, const struct fallen_record *r);

static bool is_of_finding(const struct finding *f, const struct stream *s) {
  return (stream_is_own(s) || s->class == f->class) && !strcmp(s->site.text, f->source);
}

static void read_signature(const struct falling *x, size_t record, struct fallen_record *ret) {
  if (!x->f->selector) return;
  const struct seen_cell cell = history_cell(x->h, x->h->records[record].cell);
  for (uint32_t k = 0; k < cell.selector_count; k++)
    if (!strcmp(x->h->selectors[cell.selectors[k]], x->f->selector)) {
      ret->is_signed = true;
      ret->verifies |= cell.selector_passed[k];
    }
}

/* What neither passes nor fails says nothing. */
static void each_record(const struct falling *x, record_fn *fn, void *user) {
  const struct history *h = x->h;
  for (uint32_t i = 0; h->records && i < h->report_count; i++) {
    const struct seen_report *report = &h->reports[i];
    if (report->day < x->begin_day || report->day > x->end_day || history_doubts(h, report)) continue;
    if (x->reporter != EVERYBODY && report->reporter != x->reporter) continue;
    for (size_t n = report->first_record; n < report->end_record; n++) {
      struct fallen_record r = {.day = report->day, .reporter = report->reporter, .messages = h->records[n].count};
      r.stream = history_record_stream(h, n, &r.passes);
      if (!r.stream || r.messages <= 0 || !is_of_finding(x->f, r.stream)) continue;
      if (!r.passes && !history_record_fails(h, n)) continue;
      read_signature(x, n, &r);
      fn(user, &r);
    }
  }
}

static void add_day(struct fall_day *days, const struct falling *x, const struct fallen_record *r, bool passed) {
  struct fall_day *day = &days[r->day - x->begin_day];
  day->messages += r->messages;
  if (passed) day->passed += r->messages;
}

static void add_record(void *user, const struct fallen_record *r) {
  const struct falling *x = user;
  if (r->is_signed) add_day(x->signatures, x, r, r->verifies);
  if (!hashmap_get(&x->sources, &r->stream->source, sizeof r->stream->source)) return;
  add_day(x->mail, x, r, r->passes);
  add_day(x->by_spf, x, r, r->passes && r->stream->kind == STREAM_SPF);
}

/* Those that fail in the window: others of the same site have nothing to do with it. */
static void list_sources(struct falling *x) {
  for (uint32_t i = 0; i < x->h->stream_count; i++) {
    const struct stream *s = &x->h->streams[i];
    if (stream_failing(s) <= 0 || !s->ip.size || !is_of_finding(x->f, s)) continue;
    struct fallen_source *source = hashmap_put(&x->sources, &s->source, sizeof s->source, NULL);
    source->ip = s->ip;
  }
}

static void falling_read(struct falling *x, const struct history *h, const struct judgement *j,
                         const struct finding *f) {
  const int32_t end_day = utc_day_of(j->window_end_s - 1);
  *x =
      (struct falling){.h = h, .f = f, .begin_day = end_day - FALL_DAYS + 1, .end_day = end_day, .reporter = EVERYBODY};
  x->signatures = mem_zalloc(FALL_DAYS * sizeof *x->signatures);
  x->mail = mem_zalloc(FALL_DAYS * sizeof *x->mail);
  x->by_spf = mem_zalloc(FALL_DAYS * sizeof *x->by_spf);
  hashmap_init(&x->sources, sizeof(struct fallen_source));
  list_sources(x);
  each_record(x, add_record, x);
}

/* The same again, of one reporter alone. */
static void falling_narrow(struct falling *x, uint32_t reporter) {
  x->reporter = reporter;
  memset(x->signatures, 0, FALL_DAYS * sizeof *x->signatures);
  memset(x->mail, 0, FALL_DAYS * sizeof *x->mail);
  memset(x->by_spf, 0, FALL_DAYS * sizeof *x->by_spf);
  each_record(x, add_record, x);
}

static void falling_clear(struct falling *x) {
  free(x->signatures);
  free(x->mail);
  free(x->by_spf);
  hashmap_clear(&x->sources);
}

/* --- at whom ------------------------------------------------------------------------------------------------------ */

struct hearing {
  struct falling *x;
  int32_t since_day;
  bool of_signature;
  struct fall_day *reporters; /* by number */
};

static void hear(void *user, const struct fallen_record *r) {
  const struct hearing *g = user;
  struct fallen_source *source = hashmap_get(&g->x->sources, &r->stream->source, sizeof r->stream->source);
  if (r->day < g->since_day || (g->of_signature ? !r->is_signed : !source)) return;
  const bool passes = g->of_signature ? r->verifies : r->passes;
  if (source && !passes) source->failing += r->messages;
  g->reporters[r->reporter].messages += r->messages;
  if (passes) g->reporters[r->reporter].passed += r->messages;
}

/* Fills in at how many reporters it fails; the one alone is known by what the others pass. */
static void find_reporters(struct falling *x, bool of_signature, struct fall *ret) {
  _cleanup_free_ struct fall_day *reporters = mem_zalloc((x->h->reporter_count + 1) * sizeof *reporters);
  struct hearing g = {x, ret->since_day, of_signature, reporters};
  struct fall_day others = {0};
  const char *worst = NULL;
  each_record(x, hear, &g);
  for (uint32_t i = 0; i < x->h->reporter_count; i++) {
    const struct fall_day *r = &reporters[i];
    if (!r->messages) continue;
    const bool fails = 2 * (r->messages - r->passed) > r->messages;
    ret->reporters++;
    ret->failed_at += fails;
    if (fails) worst = x->h->reporters[i];
    others.messages += fails ? 0 : r->messages;
    others.passed += fails ? 0 : r->passed;
  }
  if (ret->failed_at == 1 && others.messages &&
      (double)(others.messages - others.passed) <= FALL_ELSEWHERE * (double)others.messages)
    ret->only_at = worst;
}

/* --- findings ----------------------------------------------------------------------------------------------------- */

struct explaining {
  const struct dns_past *past;
  const struct dns_changes *log;
  const struct history *h;
};

/* Keeps it where there is something to tell: one reporter alone, or what changed. */
static void keep(const struct explaining *g, struct finding *f, struct fall *fall, const struct dns_change *cause) {
  if (!fall->only_at && !cause) return;
  if (!fall->only_at) {
    fall->subject = cause->subject;
    fall->name = arena_strdup(g->h->arena, cause->name);
    fall->change = arena_strdup(g->h->arena, cause->text);
    fall->before_s = cause->before_s;
    fall->seen_s = cause->seen_s;
  }
  struct fall *kept = arena_alloc(g->h->arena, sizeof *kept);
  *kept = *fall;
  f->fall = kept;
}

static uint32_t worst_reporter(const struct falling *x) {
  _cleanup_free_ struct fall_day *reporters = mem_zalloc((x->h->reporter_count + 1) * sizeof *reporters);
  struct hearing g = {(struct falling *)x, x->end_day - FALL_LATE_DAYS + 1, false, reporters};
  uint32_t worst = EVERYBODY;
  int64_t most = 0;
  each_record(x, hear, &g);
  for (uint32_t i = 0; i < x->h->reporter_count; i++) {
    const int64_t failing = reporters[i].messages - reporters[i].passed;
    if (failing > most) worst = i;
    if (failing > most) most = failing;
  }
  return worst;
}

/* What fails at one reporter may be a small part of all. */
static void explain_by_reporter(const struct explaining *g, struct falling *x, struct finding *f) {
  uint32_t at;
  const uint32_t worst = worst_reporter(x);
  if (worst == EVERYBODY) return;
  falling_narrow(x, worst);
  if (!fall_change_point(x->mail, FALL_DAYS, &at)) return;
  struct fall fall = {.since_day = x->begin_day + (int32_t)at};
  x->reporter = EVERYBODY;
  find_reporters(x, false, &fall);
  keep(g, f, &fall, NULL);
}

/* First the key, which fails alone also where SPF lets the mail pass. */
static int explain(const struct explaining *g, struct falling *x, struct finding *f, struct err *e) {
  const struct dns_change *cause = NULL;
  uint32_t at;
  if (fall_change_point(x->signatures, FALL_DAYS, &at)) {
    struct fall fall = {.since_day = x->begin_day + (int32_t)at};
    find_reporters(x, true, &fall);
    if (!fall.only_at) cause = fall_cause_of_key(g->past, g->log, x, fall.since_day);
    keep(g, f, &fall, cause);
    return 0;
  }
  if (f->passes) return 0;
  if (!fall_change_point(x->mail, FALL_DAYS, &at)) {
    explain_by_reporter(g, x, f);
    return 0;
  }
  struct fall fall = {.since_day = x->begin_day + (int32_t)at};
  find_reporters(x, false, &fall);
  int code = fall.only_at ? 0 : fall_cause_of_spf(g->past, g->log, x, fall.since_day, &cause, e);
  if (!code) keep(g, f, &fall, cause);
  return code;
}

static int explain_list(const struct explaining *g, const struct judgement *j, struct findings *list, struct err *e) {
  int code = 0;
  for (unsigned i = 0; i < list->count && i < FALL_MOST_FINDINGS && !code; i++) {
    struct falling x;
    if (list->items[i].cause == CAUSE_RECEIVER_DNS || list->items[i].is_of_all) continue;
    falling_read(&x, g->h, j, &list->items[i]);
    code = explain(g, &x, &list->items[i], e);
    falling_clear(&x);
  }
  return code;
}

/* The policies of a domain and of its subdomains are judged apart. */
static int explain_judgement(const struct explaining *g, struct judgement *j, struct err *e) {
  int code = explain_list(g, j, &j->blockers, e);
  if (!code) code = explain_list(g, j, &j->own_failing, e);
  if (!code) code = explain_list(g, j, &j->on_spf, e);
  return code || !j->below ? code : explain_judgement(g, j->below, e);
}

/* A signature of the stream's that fails; NULL: none is named. */
static const char *failing_selector(const struct history *h, const struct stream *s) {
  const struct selector_use *worst = NULL;
  for (uint32_t i = 0; i < s->selector_count; i++)
    if (s->selectors[i].failed > (worst ? worst->failed : 0)) worst = &s->selectors[i];
  return worst ? h->selectors[worst->selector] : NULL;
}

static bool is_listed(const struct findings *list, const struct stream *s) {
  for (unsigned i = 0; i < list->count; i++)
    if (!strcmp(list->items[i].source, s->site.text)) return true;
  return list->count == FALL_MOST_FINDINGS;
}

/* What passes by SPF alone blocks nothing by itself, and is no finding of the judgement. */
static void list_on_spf(const struct history *h, struct findings *ret) {
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (!stream_is_own(s) || s->kind != STREAM_SPF || s->signature_cause == CAUSE_NONE || is_listed(ret, s)) continue;
    if (!ret->items) ret->items = arena_alloc(h->arena, FALL_MOST_FINDINGS * sizeof *ret->items);
    ret->items[ret->count++] = (struct finding){.source = s->site.text,
                                                .example = s->source.text,
                                                .class = s->class,
                                                .selector = failing_selector(h, s),
                                                .passes = true,
                                                .messages = stream_judged(s)};
  }
}

static bool has_findings(const struct judgement *j) {
  return j->blockers.count || j->own_failing.count || j->on_spf.count || (j->below && has_findings(j->below));
}

int falls_explain(const struct dns_past *past, const struct history *h, struct judgement *j, struct err *e) {
  struct dns_changes log = {0};
  uint32_t count;
  int code = 0;
  if (!past->lines.count) return 0;
  list_on_spf(h, &j->on_spf);
  if (!has_findings(j)) return 0;
  _cleanup_free_ struct past_domain *domains = dns_past_domains(past, &count);
  for (uint32_t i = 0; i < count && !code; i++)
    if (!strcmp(domains[i].domain, h->domain)) code = dns_log_domain(past, &domains[i], &log, e);
  const struct explaining g = {past, &log, h};
  if (!code && log.arena) code = explain_judgement(&g, j, e);
  dns_changes_clear(&log);
  return code;
}

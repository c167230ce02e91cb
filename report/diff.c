/* SPDX-License-Identifier: Apache-2.0 */
/* Holds two periods of a domain's history against each other. What the mail of both is comes from the later judgement,
 * so that a source that was classed anew is no change of mail; of the earlier one the verdict and the policy are kept.
 */
#include "report/question_diff.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/hashmap.h"
#include "base/utc.h"
#include "table/render.h"
#include "verdict/judged_mail.h"

enum { BEFORE, NOW, PERIODS };

/* Whose mail a source's is; a source may have some of each. */
enum owner { OWN, UNDECIDED, FORWARDED, STRANGE, OWNERS };

/* One source with the mail of one owner. */
struct place {
  const char *site;
  enum owner owner;
  struct diff_mail mail[PERIODS];
  int32_t first_day;
  const struct stream *largest[PERIODS];
  int64_t largest_messages[PERIODS];
};

struct reporter {
  struct diff_mail mail[PERIODS];
  int32_t first_day, last_day;
};

/* What is kept of a domain's judgement at the end of the former period. */
struct verdict_then {
  enum verdict verdict, below;
  bool has_below;
  struct seen_policy policy;
};

struct comparison {
  const struct diff_period *periods;
  const struct judgement_basis *basis;
  struct arena *arena;
  struct hashmap thens; /* domain NUL -> struct verdict_then */
  diff_fn *fn;
  void *user;
  struct diff_total *total;
  /* the domain at hand */
  const struct history *h;
  const struct judgement *j;
  struct hashmap places; /* owner, site NUL -> struct place */
  struct reporter *reporters;
  struct diff_mail sums[OWNERS][PERIODS], all[PERIODS];
  uint32_t reports[PERIODS], report_days[PERIODS]; /* and on how many days */
  struct diff_change *changes;
  uint32_t count, capacity;
};

const char *diff_kind_word(enum diff_kind kind) {
  static const char *const WORDS[DIFF_KINDS] = {"verdict",       "policy",           "silent",        "new_domain",
                                                "own_pass_rate", "source_pass_rate", "new_source",    "gone_source",
                                                "raw_pass_rate", "strangers",        "gone_reporter", "new_reporter"};
  return WORDS[kind];
}

const char *diff_effect_word(enum diff_effect effect) {
  static const char *const WORDS[] = {"worse", "neutral", "better"};
  return WORDS[effect];
}

/* --- the former verdict ------------------------------------------------------------------------------------------- */

static int keep_verdict(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)e;
  struct comparison *c = user;
  struct verdict_then *then = hashmap_put(&c->thens, h->domain, strlen(h->domain) + 1, NULL);
  *then = (struct verdict_then){.verdict = j->verdict,
                                .has_below = j->below != NULL,
                                .below = j->below ? j->below->verdict : j->verdict,
                                .policy = j->policy};
  const char **texts[] = {&then->policy.p, &then->policy.sp, &then->policy.np, &then->policy.adkim, &then->policy.aspf};
  for (size_t i = 0; i < ARRAY_SIZE(texts); i++) *texts[i] = arena_strdup(c->arena, *texts[i]);
  return 0;
}

/* --- adding up ---------------------------------------------------------------------------------------------------- */

/* -1: in neither period. */
static int period_of(const struct comparison *c, int32_t day) {
  for (int p = BEFORE; p < PERIODS; p++)
    if (day >= c->periods[p].begin_day && day < c->periods[p].end_day) return p;
  return -1;
}

static enum owner owner_of(const struct stream *s) {
  if (stream_is_own(s)) return OWN;
  if (s->class == CLASS_UNDECIDED) return UNDECIDED;
  return s->class == CLASS_FORWARDER || s->class == CLASS_FORWARDER_MODIFIED ? FORWARDED : STRANGE;
}

static struct place *place_of(struct comparison *c, const struct stream *s) {
  _cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
  enum owner owner = owner_of(s);
  strbuf_printf(&key, "%d %s", owner, s->site);
  bool is_new;
  struct place *place = hashmap_put(&c->places, key.data, key.length, &is_new);
  if (is_new) *place = (struct place){.site = s->site, .owner = owner, .first_day = INT32_MAX};
  return place;
}

static void add_mail(struct diff_mail *to, const struct diff_mail *from) {
  to->messages += from->messages;
  to->passed += from->passed;
  if (from->days > to->days) to->days = from->days; /* of the most regular part */
}

static void add_stream(struct comparison *c, const struct stream *s) {
  struct diff_mail mail[PERIODS] = {0};
  if (s->class == CLASS_IGNORED || !s->day_count) return;
  for (uint32_t i = 0; i < s->day_count; i++) {
    int p = period_of(c, s->days[i].day);
    if (p < 0) continue;
    add_mail(&mail[p], &(struct diff_mail){s->days[i].messages, s->days[i].passed, 0});
    mail[p].days++;
  }
  struct place *place = place_of(c, s);
  if (s->days[0].day < place->first_day) place->first_day = s->days[0].day;
  for (int p = BEFORE; p < PERIODS; p++) {
    add_mail(&place->mail[p], &mail[p]);
    add_mail(&c->sums[place->owner][p], &mail[p]);
    add_mail(&c->all[p], &mail[p]);
    if (mail[p].messages <= place->largest_messages[p]) continue;
    place->largest_messages[p] = mail[p].messages;
    place->largest[p] = s;
  }
}

/* Reports come by begin, so days are counted as they change. */
static void add_report(struct comparison *c, const struct seen_report *r, int32_t *last_day) {
  int32_t day = utc_day_of(r->begin_s);
  struct reporter *reporter = &c->reporters[r->reporter];
  int p = period_of(c, day);
  if (reporter->first_day == INT32_MAX) reporter->first_day = day;
  if (day > c->total->newest_day) c->total->newest_day = day;
  if (p < 0) return;
  c->reports[p]++;
  c->report_days[p] += day != *last_day;
  *last_day = day;
  reporter->mail[p].messages += r->messages;
  reporter->mail[p].days += reporter->last_day != day;
  reporter->last_day = day;
}

static void add_up(struct comparison *c) {
  const struct history *h = c->h;
  int32_t last_day = INT32_MIN;
  hashmap_init(&c->places, sizeof(struct place));
  c->reporters = mem_alloc((h->reporter_count + 1) * sizeof *c->reporters);
  for (uint32_t i = 0; i < h->reporter_count; i++)
    c->reporters[i] = (struct reporter){.first_day = INT32_MAX, .last_day = INT32_MIN};
  for (uint32_t i = 0; i < h->report_count; i++) add_report(c, &h->reports[i], &last_day);
  for (uint32_t i = 0; i < h->stream_count; i++) add_stream(c, &h->streams[i]);
}

static void forget_domain(struct comparison *c) {
  hashmap_clear(&c->places);
  free(TAKE_PTR(c->reporters));
  memset(c->sums, 0, sizeof c->sums);
  memset(c->all, 0, sizeof c->all);
  memset(c->reports, 0, sizeof c->reports);
  memset(c->report_days, 0, sizeof c->report_days);
  c->count = 0;
}

/* --- changes ------------------------------------------------------------------------------------------------------ */

static struct diff_change *add_change(struct comparison *c, enum diff_kind kind, enum diff_effect effect,
                                      const struct diff_mail mail[PERIODS]) {
  MEM_GROW(c->changes, c->capacity, c->count);
  struct diff_change *change = &c->changes[c->count++];
  *change = (struct diff_change){.kind = kind, .effect = effect, .mail = {mail[BEFORE], mail[NOW]}};
  return change;
}

/* The verdicts' order is from the worst to the best. */
static void compare_verdict(struct comparison *c, const char *subject, enum verdict then, const struct judgement *j) {
  if (j->verdict == then) return;
  struct diff_change *change = add_change(c, DIFF_VERDICT, j->verdict < then ? DIFF_WORSE : DIFF_BETTER, c->all);
  change->subject = subject;
  change->before = verdict_word(then);
  change->after = verdict_word(j->verdict);
  change->note = j->reason;
}

struct tags {
  struct strbuf before, after;
};

static void add_tag(struct strbuf *out, const char *name, const char *value) {
  strbuf_printf(out, "%s%s=%s", out->length ? " " : "", name, value);
}

static void compare_tag(struct tags *t, const char *name, const char *before, const char *after) {
  if (!before || !after || !strcmp(before, after)) return;
  add_tag(&t->before, name, before);
  add_tag(&t->after, name, after);
}

static const char *or_else(const char *text, const char *otherwise) { return text ? text : otherwise; }

/* What reports write for the same record differs: many leave out what is the default, or fill it in; older ones have no
 * np and t, newer ones no pct. Only what both sides tell is compared, each by what it means. */
static void compare_policy(struct comparison *c, const struct seen_policy *then, const struct seen_policy *now) {
  struct tags t = {0};
  compare_tag(&t, "p", or_else(then->p, "unknown"), or_else(now->p, "unknown"));
  /* An sp that follows p changes with it, which is told already. */
  if (!(then->p && now->p && !strcmp(or_else(then->sp, then->p), then->p) && !strcmp(or_else(now->sp, now->p), now->p)))
    compare_tag(&t, "sp", or_else(then->sp, then->p), or_else(now->sp, now->p));
  compare_tag(&t, "np", then->np, now->np);
  compare_tag(&t, "adkim", or_else(then->adkim, "r"), or_else(now->adkim, "r"));
  compare_tag(&t, "aspf", or_else(then->aspf, "r"), or_else(now->aspf, "r"));
  if (then->testing && now->testing)
    compare_tag(&t, "t", then->testing == 'y' ? "y" : "n", now->testing == 'y' ? "y" : "n");
  if (then->sampled && now->sampled)
    compare_tag(&t, "pct", then->sampled == 'y' ? "<100" : "100", now->sampled == 'y' ? "<100" : "100");
  if (t.before.length) {
    struct diff_change *change = add_change(c, DIFF_POLICY, DIFF_NEUTRAL, c->all);
    change->before = arena_strdup(c->h->arena, strbuf_text(&t.before));
    change->after = arena_strdup(c->h->arena, strbuf_text(&t.after));
  }
  strbuf_clear(&t.before);
  strbuf_clear(&t.after);
}

static double points(const struct diff_mail *m) { return 100.0 * (double)m->passed / (double)m->messages; }

/* By so many points, on both sides of which there is mail enough. */
static bool rate_changed(const struct diff_mail mail[PERIODS], double least_points, enum diff_effect *ret_effect) {
  if (mail[BEFORE].messages < DIFF_LEAST_MESSAGES || mail[NOW].messages < DIFF_LEAST_MESSAGES) return false;
  double change = points(&mail[NOW]) - points(&mail[BEFORE]);
  *ret_effect = change < 0 ? DIFF_WORSE : DIFF_BETTER;
  return fabs(change) >= least_points;
}

static void compare_rates(struct comparison *c) {
  enum diff_effect effect;
  if (rate_changed(c->sums[OWN], 100 * c->basis->thresholds->drop[TO_QUARANTINE], &effect))
    add_change(c, DIFF_OWN_PASS_RATE, effect, c->sums[OWN]);
  if (rate_changed(c->all, DIFF_RAW_POINTS, &effect)) add_change(c, DIFF_RAW_PASS_RATE, effect, c->all);
}

static double per_day(const struct comparison *c, int period, int64_t messages) {
  return (double)messages / (c->periods[period].end_day - c->periods[period].begin_day);
}

static void compare_strangers(struct comparison *c) {
  const struct diff_mail *mail = c->sums[STRANGE];
  double before = per_day(c, BEFORE, mail[BEFORE].messages), now = per_day(c, NOW, mail[NOW].messages);
  double days = c->periods[NOW].end_day - c->periods[NOW].begin_day;
  if (fabs(now - before) * days < DIFF_STRANGERS_MESSAGES) return;
  if (fmax(now, before) < DIFF_STRANGERS_TIMES * fmin(now, before)) return;
  add_change(c, DIFF_STRANGERS, now > before ? DIFF_WORSE : DIFF_BETTER, mail);
}

/* A period may be shorter than what makes a pause. */
static bool was_regular(const struct comparison *c, const struct diff_mail *before) {
  uint32_t length = (uint32_t)(c->periods[BEFORE].end_day - c->periods[BEFORE].begin_day);
  return before->days >= (length < DIFF_GONE_DAYS ? length : DIFF_GONE_DAYS);
}

static void tell_source(struct comparison *c, const struct place *place, enum diff_kind kind, enum diff_effect effect) {
  const struct stream *s = place->largest[kind == DIFF_GONE_SOURCE ? BEFORE : NOW];
  struct diff_change *change = add_change(c, kind, effect, place->mail);
  change->subject = place->site;
  change->class = s->class;
  change->example = *s->source ? s->source : NULL;
  change->note = s->evidence;
}

static void compare_place(struct comparison *c, const struct place *place) {
  const struct diff_mail *mail = place->mail;
  enum diff_effect effect;
  if (place->owner != OWN && place->owner != UNDECIDED) return;
  if (mail[NOW].messages && place->first_day >= c->periods[NOW].begin_day)
    tell_source(
        c, place, DIFF_NEW_SOURCE,
        place->owner == UNDECIDED || place->largest[NOW]->class == CLASS_OWN_BROKEN ? DIFF_WORSE : DIFF_NEUTRAL);
  else if (!mail[NOW].messages && mail[BEFORE].messages && was_regular(c, &mail[BEFORE]))
    tell_source(c, place, DIFF_GONE_SOURCE, place->owner == UNDECIDED ? DIFF_BETTER : DIFF_NEUTRAL);
  else if (place->owner == OWN && rate_changed(mail, DIFF_SOURCE_POINTS, &effect))
    tell_source(c, place, DIFF_SOURCE_PASS_RATE, effect);
}

static void compare_reporters(struct comparison *c) {
  for (uint32_t i = 0; i < c->h->reporter_count; i++) {
    const struct reporter *r = &c->reporters[i];
    const char *name = *c->h->reporters[i] ? c->h->reporters[i] : NULL;
    if (r->mail[NOW].days && r->first_day >= c->periods[NOW].begin_day)
      add_change(c, DIFF_NEW_REPORTER, DIFF_NEUTRAL, r->mail)->subject = name;
    else if (!r->mail[NOW].days && r->mail[BEFORE].days && was_regular(c, &r->mail[BEFORE]))
      add_change(c, DIFF_GONE_REPORTER, DIFF_WORSE, r->mail)->subject = name;
  }
}

static void compare_mail(struct comparison *c) {
  compare_rates(c);
  compare_strangers(c);
  for (uint32_t i = 0; i < c->places.count; i++) compare_place(c, hashmap_value_at(&c->places, i));
  compare_reporters(c);
}

static void compare_domain(struct comparison *c) {
  const struct judgement *j = c->j;
  const struct verdict_then *then = hashmap_get(&c->thens, c->h->domain, strlen(c->h->domain) + 1);
  if (!then) {
    if (c->reports[NOW]) add_change(c, DIFF_NEW_DOMAIN, DIFF_NEUTRAL, c->all)->after = verdict_word(j->verdict);
    return;
  }
  compare_verdict(c, NULL, then->verdict, j);
  if (then->has_below && j->below) compare_verdict(c, "subdomains", then->below, j->below);
  compare_policy(c, &then->policy, &j->policy);
  const struct diff_mail reported[PERIODS] = {{.days = c->report_days[BEFORE]}};
  if (c->reports[NOW])
    compare_mail(c);
  else if (c->reports[BEFORE] && was_regular(c, &reported[BEFORE]))
    add_change(c, DIFF_SILENT, DIFF_WORSE, c->all);
}

static int64_t weight(const struct diff_change *c) {
  return c->mail[BEFORE].messages > c->mail[NOW].messages ? c->mail[BEFORE].messages : c->mail[NOW].messages;
}

static int by_importance(const void *a, const void *b) {
  const struct diff_change *x = a, *y = b;
  if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
  if (x->effect != y->effect) return x->effect < y->effect ? -1 : 1;
  if (weight(x) != weight(y)) return weight(x) > weight(y) ? -1 : 1;
  return strcmp(or_else(x->subject, ""), or_else(y->subject, ""));
}

static int hand_over(struct comparison *c, struct err *e) {
  if (!c->count) return 0;
  qsort(c->changes, c->count, sizeof *c->changes, by_importance);
  uint32_t told = c->count < DIFF_MOST_CHANGES ? c->count : DIFF_MOST_CHANGES;
  const struct diff_domain domain = {c->h->domain, c->changes, told, c->count - told};
  c->total->changed++;
  return c->fn(c->user, &domain, e);
}

static int compare(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  struct comparison *c = user;
  c->h = h;
  c->j = j;
  add_up(c);
  compare_domain(c);
  c->total->domains++;
  for (int p = BEFORE; p < PERIODS; p++) c->total->reports[p] += c->reports[p];
  int code = hand_over(c, e);
  forget_domain(c);
  return code;
}

/* At the end of a period, from what had begun by then. */
static int judge_at(const struct inquiry *q, const struct diff_period *period, judgement_fn *fn, struct comparison *c,
                    struct err *e) {
  struct judgement_basis basis = *q->basis;
  struct inquiry at = *q;
  basis.before_s = utc_from_day(period->end_day);
  basis.as_of_s = basis.before_s - 1;
  at.basis = &basis;
  return judge_each(&at, fn, c, e);
}

int diff_each(const struct inquiry *q, const struct diff_period periods[2], diff_fn *fn, void *user,
              struct diff_total *ret_total, struct err *e) {
  _cleanup_arena_ struct arena *arena = arena_new(64 * 1024);
  struct comparison c = {
      .periods = periods, .basis = q->basis, .arena = arena, .fn = fn, .user = user, .total = ret_total};
  *ret_total = (struct diff_total){0};
  hashmap_init(&c.thens, sizeof(struct verdict_then));
  int code = judge_at(q, &periods[BEFORE], keep_verdict, &c, e);
  if (!code) code = judge_at(q, &periods[NOW], compare, &c, e);
  hashmap_clear(&c.thens);
  free(c.changes);
  return code;
}

/* --- in words ----------------------------------------------------------------------------------------------------- */

static void tell_messages(struct strbuf *out, int64_t n) { figure_count(out, n, "message"); }

static void tell_share(struct strbuf *out, const struct diff_mail *m) { figure_share_of(out, m->passed, m->messages); }

static void tell_rate(const struct diff_change *c, const char *whose, struct strbuf *out) {
  strbuf_printf(out, "%s: ", whose);
  tell_share(out, &c->mail[NOW]);
  strbuf_add_text(out, " of ");
  tell_messages(out, c->mail[NOW].messages);
  strbuf_add_text(out, " pass, was ");
  tell_share(out, &c->mail[BEFORE]);
  strbuf_add_text(out, " of ");
  figure_integer(out, c->mail[BEFORE].messages, true);
}

static void tell_place(const struct diff_change *c, const char *what, struct strbuf *out) {
  strbuf_printf(out, "%s: %s, %s (", what, c->subject, stream_class_word(c->class));
  if (c->example) strbuf_printf(out, "%s, ", c->example);
  strbuf_printf(out, "%s): ", c->note);
}

static void tell_source_change(const struct diff_change *c, struct strbuf *out) {
  bool gone = c->kind == DIFF_GONE_SOURCE;
  tell_place(c, gone ? "gone" : "new source", out);
  tell_messages(out, c->mail[gone ? BEFORE : NOW].messages);
  if (gone) {
    strbuf_add_text(out, " before");
    return;
  }
  strbuf_add_text(out, ", ");
  tell_share(out, &c->mail[NOW]);
  strbuf_add_text(out, " pass");
}

static void tell_step(const struct diff_change *c, struct strbuf *out) {
  bool verdict = c->kind == DIFF_VERDICT;
  strbuf_printf(out, "%s%s%s: %s, was %s", verdict ? "verdict" : "published policy",
                verdict && c->subject ? " on " : "", verdict ? or_else(c->subject, "") : "", c->after, c->before);
  if (verdict) strbuf_printf(out, ": %s", c->note);
}

static void tell_reporter(const struct diff_change *c, struct strbuf *out) {
  bool gone = c->kind == DIFF_GONE_REPORTER;
  strbuf_printf(out, "%s: %s (", gone ? "silent reporter" : "new reporter", or_else(c->subject, "one without a name"));
  tell_messages(out, c->mail[gone ? BEFORE : NOW].messages);
  strbuf_add_text(out, gone ? " before)" : ")");
}

void diff_tell(const struct diff_change *c, struct strbuf *out) {
  switch (c->kind) {
    case DIFF_VERDICT:
    case DIFF_POLICY:
      tell_step(c, out);
      break;
    case DIFF_SILENT:
      strbuf_add_text(out, "no report came; ");
      tell_messages(out, c->mail[BEFORE].messages);
      strbuf_add_text(out, " before");
      break;
    case DIFF_NEW_DOMAIN:
      strbuf_add_text(out, "the first reports: ");
      tell_messages(out, c->mail[NOW].messages);
      strbuf_printf(out, ", verdict %s", c->after);
      break;
    case DIFF_OWN_PASS_RATE:
      tell_rate(c, "own mail", out);
      break;
    case DIFF_SOURCE_PASS_RATE:
      tell_rate(c, c->subject, out);
      break;
    case DIFF_NEW_SOURCE:
    case DIFF_GONE_SOURCE:
      tell_source_change(c, out);
      break;
    case DIFF_RAW_PASS_RATE:
      tell_rate(c, "all mail, spoofing included", out);
      break;
    case DIFF_STRANGERS:
      strbuf_add_text(out, "mail of strangers: ");
      tell_messages(out, c->mail[NOW].messages);
      strbuf_add_text(out, ", before: ");
      figure_integer(out, c->mail[BEFORE].messages, true);
      break;
    case DIFF_GONE_REPORTER:
    case DIFF_NEW_REPORTER:
      tell_reporter(c, out);
      break;
  }
}

/* --- as a table --------------------------------------------------------------------------------------------------- */

/* clang-format off */
enum {
  DOMAIN, KIND, EFFECT, SUBJECT, CLASS, BEFORE_WORDS, AFTER_WORDS, MESSAGES_BEFORE, MESSAGES, PASS_BEFORE, PASS,
  EXAMPLE, NOTE, COLUMNS_OF_DIFF
};
static const struct column COLUMNS[COLUMNS_OF_DIFF] = {
    [DOMAIN] = {"domain", NULL, COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    [KIND] = {"kind", NULL, COLUMN_TEXT, 0, NULL, 0},
    [EFFECT] = {"effect", NULL, COLUMN_TEXT, 0, NULL, 0},
    [SUBJECT] = {"subject", NULL, COLUMN_TEXT, COLUMN_WRAP, NULL, 0},
    [CLASS] = {"class", NULL, COLUMN_TEXT, COLUMN_DETAIL, NULL, 0},
    [BEFORE_WORDS] = {"before", NULL, COLUMN_TEXT, 0, NULL, 0},
    [AFTER_WORDS] = {"after", NULL, COLUMN_TEXT, 0, NULL, 0},
    [MESSAGES_BEFORE] = {"messages_before", NULL, COLUMN_COUNT, 0, NULL, 0},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0, NULL, 0},
    [PASS_BEFORE] = {"pass_share_before", NULL, COLUMN_SHARE, 0, NULL, 0},
    [PASS] = {"pass_share", NULL, COLUMN_SHARE, COLUMN_GOOD, NULL, 0},
    [EXAMPLE] = {"source_ip", NULL, COLUMN_TEXT, COLUMN_DETAIL, NULL, 0},
    [NOTE] = {"note", NULL, COLUMN_TEXT, COLUMN_DETAIL, NULL, 0},
};
/* clang-format on */
static const struct table TABLE = {"dmarcctl.diff", 1, NULL, "Nothing changed.", COLUMNS, COLUMNS_OF_DIFF};

static bool is_source(enum diff_kind kind) {
  return kind == DIFF_SOURCE_PASS_RATE || kind == DIFF_NEW_SOURCE || kind == DIFF_GONE_SOURCE;
}

/* Of a reporter's mail the report says in all how much there was, and not here what passed. */
static struct cell share_cell(const struct diff_change *c, int period) {
  if (c->kind == DIFF_NEW_REPORTER || c->kind == DIFF_GONE_REPORTER) return cell_absent();
  return cell_share((double)c->mail[period].passed, (double)c->mail[period].messages);
}

static int push_change(struct table_sink *sink, const char *domain, const struct diff_change *c, struct err *e) {
  const struct cell cells[COLUMNS_OF_DIFF] = {
      [DOMAIN] = cell_text(domain),
      [KIND] = cell_text(diff_kind_word(c->kind)),
      [EFFECT] = cell_text(diff_effect_word(c->effect)),
      [SUBJECT] = cell_text(c->subject),
      [CLASS] = cell_text(is_source(c->kind) ? stream_class_word(c->class) : NULL),
      [BEFORE_WORDS] = cell_text(c->before),
      [AFTER_WORDS] = cell_text(c->after),
      [MESSAGES_BEFORE] = cell_count(c->mail[BEFORE].messages),
      [MESSAGES] = cell_count(c->mail[NOW].messages),
      [PASS_BEFORE] = share_cell(c, BEFORE),
      [PASS] = share_cell(c, NOW),
      [EXAMPLE] = cell_text(c->example),
      [NOTE] = cell_text(c->note),
  };
  return sink->row(sink, cells, e);
}

static int push_domain(void *user, const struct diff_domain *d, struct err *e) {
  int code = 0;
  for (uint32_t i = 0; i < d->count && !code; i++) code = push_change(user, d->domain, &d->changes[i], e);
  return code;
}

int question_diff(const struct inquiry *q, const struct diff_period periods[2], struct table_sink *sink,
                  struct err *e) {
  struct diff_total total;
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = diff_each(q, periods, push_domain, sink, &total, e);
  if (!code) code = sink->end(sink, e);
  return code;
}

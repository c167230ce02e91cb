/* SPDX-License-Identifier: Apache-2.0 */
/* Would it be so without what a single reporter says? Reports come from strangers: anybody can send one, in anybody's
 * name. So a verdict that is good must hold when parts of the evidence are left out, each of which one liar could have
 * made. Bad news needs no second witness: to believe it does no harm. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "verdict/judging.h"
#include "verdict/proportion.h"

#define LEFT_OUT_SINGLY_ALL 12 /* reporters that are all left out one by one */
#define LEFT_OUT_SINGLY 4      /* where there are more: the largest; the others go by the group */
#define MOST_DILUTERS 16       /* single reports that are */
#define MOST_COLLUDING 5       /* together; nobody needs to know of more */
#define REPORTERS_NAMED 2      /* in a sentence */

struct witness {
  uint32_t number; /* of the reporter in the history */
  int64_t messages;
  unsigned days; /* on which it was heard */
  bool weak;     /* heard too seldom for its good news to count */
};

struct jury {
  struct history *h;
  const struct labels *labels;
  const struct thresholds *t;
  int64_t as_of_s;
  const struct published_policy *published; /* NULL: not known */
  struct witness *witnesses;                /* the largest first */
  uint32_t *place_of;                       /* of a reporter in witnesses */
  bool *doubtful;                           /* of each report: its good news does not count */
  bool *left_out;                           /* of each report, in the judgement at hand */
  bool any_doubtful;
  struct suspect *suspects;
  unsigned suspect_count, suspect_capacity;
};

static bool is_good(const struct judgement *j) {
  return j->verdict == VERDICT_READY || j->verdict == VERDICT_AT_TARGET;
}

/* --- reporters and their days ------------------------------------------------------------------------------------- */

/* What one reporter tells of one day, or all others of it. */
struct told {
  uint32_t reporter;
  int32_t day;
  int64_t messages;
};

static int by_reporter_and_day(const void *a, const void *b) {
  const struct told *x = a, *y = b;
  if (x->reporter != y->reporter) return x->reporter < y->reporter ? -1 : 1;
  return (x->day > y->day) - (x->day < y->day);
}

static int by_number(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* One entry for each day of each reporter with mail, but for reports that the owner trusts where `undecided_alone`. */
static uint32_t gather_days(const struct history *h, bool undecided_alone, struct told *days) {
  uint32_t count = 0, merged = 0;
  for (uint32_t i = 0; i < h->report_count; i++)
    if (h->reports[i].messages > 0 && !(undecided_alone && h->reports[i].trusted))
      days[count++] = (struct told){h->reports[i].reporter, h->reports[i].day, h->reports[i].messages};
  qsort(days, count, sizeof *days, by_reporter_and_day);
  for (uint32_t i = 0; i < count; i++) {
    if (i && days[merged - 1].reporter == days[i].reporter && days[merged - 1].day == days[i].day)
      days[merged - 1].messages += days[i].messages;
    else
      days[merged++] = days[i];
  }
  return merged;
}

static int by_messages(const void *a, const void *b) {
  const struct witness *x = a, *y = b;
  if (x->messages != y->messages) return x->messages < y->messages ? 1 : -1;
  return (x->number > y->number) - (x->number < y->number);
}

static void hear_witnesses(struct jury *x, const struct told *days, uint32_t count) {
  uint32_t reporters = x->h->reporter_count;
  for (uint32_t i = 0; i < reporters; i++) x->witnesses[i].number = i;
  for (uint32_t i = 0; i < count; i++) {
    x->witnesses[days[i].reporter].messages += days[i].messages;
    x->witnesses[days[i].reporter].days++;
  }
  for (uint32_t i = 0; i < reporters; i++) x->witnesses[i].weak = x->witnesses[i].days < x->t->witness_days;
  qsort(x->witnesses, reporters, sizeof *x->witnesses, by_messages);
  for (uint32_t i = 0; i < reporters; i++) x->place_of[x->witnesses[i].number] = i;
}

/* --- suspects ----------------------------------------------------------------------------------------------------- */

/* Of the days but one. */
static double ordinary_day(const struct told *days, uint32_t count, uint32_t without, int64_t *scratch) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < count; i++)
    if (i != without) scratch[n++] = days[i].messages;
  if (!n) return 0;
  qsort(scratch, n, sizeof *scratch, by_number);
  return (double)scratch[(n - 1) / 2];
}

struct all_days {
  struct hashmap of_all; /* day -> messages of all reporters */
};

static int64_t told_by_all(const struct all_days *all, int32_t day) {
  const int64_t *messages = hashmap_get(&all->of_all, &day, sizeof day);
  return messages ? *messages : 0;
}

/* Reporters begin their days at different hours: the days beside it count too. */
static bool is_seen_by_others(const struct jury *x, const struct all_days *all, const struct told *days, uint32_t count,
                              uint32_t at, int64_t *scratch) {
  double ordinary = 0;
  uint32_t n = 0;
  for (uint32_t i = 0; i < count; i++)
    if (i != at) scratch[n++] = told_by_all(all, days[i].day) - days[i].messages;
  if (!n) return false;
  qsort(scratch, n, sizeof *scratch, by_number);
  ordinary = (double)scratch[(n - 1) / 2];
  int64_t others = told_by_all(all, days[at].day) - days[at].messages;
  for (int beside = -1; beside <= 1; beside += 2) {
    int64_t more = told_by_all(all, days[at].day + beside);
    for (uint32_t i = 0; i < count; i++)
      if (days[i].day == days[at].day + beside) more -= days[i].messages;
    if (more > others) others = more;
  }
  return others > 0 && (double)others >= x->t->seen_by_others_times * ordinary;
}

/* But for those that the owner trusts. */
static void mark_suspect(struct jury *x, const struct told *day, double ordinary, bool is_fleeting) {
  const struct seen_report *largest = NULL;
  for (uint32_t i = 0; i < x->h->report_count; i++) {
    const struct seen_report *r = &x->h->reports[i];
    if (r->reporter != day->reporter || r->day != day->day || r->trusted) continue;
    x->doubtful[i] = true;
    if (!largest || r->messages > largest->messages) largest = r;
  }
  if (!largest) return;
  MEM_GROW(x->suspects, x->suspect_capacity, x->suspect_count);
  x->suspects[x->suspect_count++] = (struct suspect){.reporter = x->h->reporters[day->reporter],
                                                     .day_s = utc_from_day(day->day),
                                                     .messages = day->messages,
                                                     .times = (double)day->messages / fmax(ordinary, 1),
                                                     .is_fleeting = is_fleeting};
  identity_id(&largest->identity, x->suspects[x->suspect_count - 1].report);
}

/* `days` are one reporter's. */
static void find_suspects_of(struct jury *x, const struct all_days *all, const struct told *days, uint32_t count) {
  _cleanup_free_ int64_t *scratch = mem_alloc(count * sizeof *scratch);
  double ordinary_of_all = ordinary_day(days, count, UINT32_MAX, scratch);
  for (uint32_t i = 0; i < count; i++) {
    double messages = (double)days[i].messages;
    /* Without the day itself the ordinary one is smaller at most: a first look that costs nothing. */
    if (messages < x->t->suspect_messages || (count > 2 && messages < x->t->suspect_times * ordinary_of_all)) continue;
    double ordinary = ordinary_day(days, count, i, scratch);
    if (ordinary > 0 && messages >= x->t->suspect_times * ordinary &&
        !is_seen_by_others(x, all, days, count, i, scratch))
      mark_suspect(x, &days[i], ordinary, false);
  }
}

static void find_suspects(struct jury *x, const struct told *days, uint32_t count) {
  struct all_days all;
  hashmap_init(&all.of_all, sizeof(int64_t));
  for (uint32_t i = 0; i < count; i++)
    *(int64_t *)hashmap_put(&all.of_all, &days[i].day, sizeof days[i].day, NULL) += days[i].messages;
  for (uint32_t i = 0, end; i < count; i = end) {
    for (end = i; end < count && days[end].reporter == days[i].reporter;) end++;
    find_suspects_of(x, &all, days + i, end - i);
  }
  hashmap_clear(&all.of_all);
}

/* What reporters tell of one day who were heard long enough, and others together. */
struct day_of_both {
  int64_t steady, fleeting;
};

static bool is_fleeting(const struct jury *x, const struct told *day, uint32_t days_heard) {
  const double days = x->witnesses[x->place_of[day->reporter]].days;
  return days < x->t->fleeting_days && days < x->t->fleeting_share * (double)days_heard;
}

/* Around the day: where others have a newsletter too, they have it within a day. */
static int64_t steady_around(const struct hashmap *both, int32_t day) {
  int64_t most = 0;
  for (int32_t at = day - 1; at <= day + 1; at++) {
    const struct day_of_both *b = hashmap_get(both, &at, sizeof at);
    if (b && b->steady > most) most = b->steady;
  }
  return most;
}

/* Names that nobody knows can drown everything in a few reports each. */
static void find_fleeting(struct jury *x, const struct told *days, uint32_t count) {
  _cleanup_hashmap_ struct hashmap heard, both; /* day -> struct day_of_both */
  hashmap_init(&heard, sizeof(bool));
  hashmap_init(&both, sizeof(struct day_of_both));
  bool is_any_steady = false;
  for (uint32_t i = 0; i < count; i++) hashmap_put(&heard, &days[i].day, sizeof days[i].day, NULL);
  for (uint32_t i = 0; i < count; i++) {
    const bool is_short = is_fleeting(x, &days[i], heard.count);
    struct day_of_both *b = hashmap_put(&both, &days[i].day, sizeof days[i].day, NULL);
    *(is_short ? &b->fleeting : &b->steady) += days[i].messages;
    is_any_steady |= !is_short;
  }
  for (uint32_t i = 0; is_any_steady && i < count; i++) {
    const struct day_of_both *b = hashmap_get(&both, &days[i].day, sizeof days[i].day);
    const double steady = (double)steady_around(&both, days[i].day), fleeting = (double)b->fleeting;
    if (is_fleeting(x, &days[i], heard.count) && (double)days[i].messages >= x->t->suspect_messages &&
        fleeting > x->t->fleeting_times * steady)
      mark_suspect(x, &days[i], steady, true);
  }
}

/* --- leaving out -------------------------------------------------------------------------------------------------- */

static void leave_out_doubtful(struct jury *x) { memcpy(x->left_out, x->doubtful, x->h->report_count); }
static void leave_out_nothing(struct jury *x) { memset(x->left_out, false, x->h->report_count); }

static void leave_out_witness(struct jury *x, uint32_t place) {
  for (uint32_t i = 0; i < x->h->report_count; i++)
    if (x->place_of[x->h->reports[i].reporter] == place) x->left_out[i] = true;
}

static bool is_anything_left(const struct jury *x) {
  for (uint32_t i = 0; i < x->h->report_count; i++)
    if (!x->left_out[i]) return true;
  return false;
}

/* Where reporters are left out, those that are wanted are fewer by as many; one must be there. */
static bool judge_the_rest(struct jury *x, double reporters, struct judgement *ret) {
  if (!is_anything_left(x)) return false;
  struct thresholds t = *x->t;
  t.reporters = fmax(1, reporters);
  struct history part;
  history_part(x->h, x->left_out, &part);
  judge(&part, x->labels, &t, x->as_of_s, x->published, ret);
  history_rejoin(x->h, &part);
  return true;
}

/* --- does it hold? ------------------------------------------------------------------------------------------------ */

/* How far the step leads: to lead further without somebody's word is no objection. */
static int reach_of(const struct judgement *j) { return j->next == POLICY_UNKNOWN ? POLICY_REJECT + 1 : (int)j->next; }

/* Of a domain that nothing sends as there is little to be seen, by nature. */
static bool is_parked_for_both(const struct judgement *without, const struct judgement *j) {
  return is_unused(j) && is_unused(without) && without->verdict == VERDICT_INSUFFICIENT_DATA;
}

static bool bears_out(const struct judgement *without, const struct judgement *j) {
  return (is_good(without) || is_parked_for_both(without, j)) && reach_of(without) >= reach_of(j);
}

/* Does he who was left out tell of more of it, or of no less than chance explains? Of so much of `all` the others tell
 * `without`. */
static bool tells_of_as_much(const struct jury *x, int64_t without, int64_t of_without, int64_t with, int64_t of_all) {
  const int64_t his = with - without, of_his = of_all - of_without;
  return of_his > 0 && his >= 0 && his <= of_his &&
         chance_of_more(without, of_without, his, of_his) > PROPORTION_CHANCE / x->h->reporter_count;
}

/* Whoever leaves out one after the other meets a share of 0.9 % that is 1.1 % without one of them, by chance, and one
 * that has risen: where undecided mail or a fall alone object, he must tell of less of that than chance explains. */
static bool is_chance(const struct jury *x, const struct judgement *without, const struct judgement *j) {
  bool asks = false, falls = false;
  for (enum gate_name i = 0; i < GATES; i++) {
    if (without->gates[i].state != GATE_FAIL) continue;
    if (i != GATE_UNDECIDED_ALL && i != GATE_UNDECIDED_ONE && i != GATE_DROP) return false;
    *(i == GATE_DROP ? &falls : &asks) = true;
  }
  if ((!asks && !falls) || is_unused(without) || without->next != j->next) return false;
  if (asks && !tells_of_as_much(x, without->undecided, without->undecided + without->own_messages, j->undecided,
                                j->undecided + j->own_messages))
    return false;
  return !falls || tells_of_as_much(x, without->own_last - without->own_last_passed, without->own_last,
                                    j->own_last - j->own_last_passed, j->own_last);
}

/* What was found of one judgement, of the whole or of the subdomains. */
struct finding_out {
  struct judgement *j;
  bool asked; /* its verdict is good */
  const char *names[REPORTERS_NAMED];
  unsigned names_count, objections;
  struct judgement gravest;
};

/* `one_reporter`: he alone, with all that he said, was left out. */
static void hear_objection(const struct jury *x, struct finding_out *f, const struct judgement *without,
                           const char *name, bool one_reporter) {
  if (!f->asked || (without && bears_out(without, f->j))) return;
  if (without && one_reporter && is_chance(x, without, f->j)) return;
  if (f->names_count < REPORTERS_NAMED) f->names[f->names_count++] = name;
  if (without && (!f->objections || without->verdict < f->gravest.verdict)) f->gravest = *without;
  f->objections++;
}

struct hearing {
  struct finding_out whole, below, alone;
};

static const struct judgement *below_of(const struct judgement *j) { return j->below ? j->below : j; }
/* A whole that is ready takes the domain with it. */
static const struct judgement *alone_of(const struct judgement *j) { return j->alone ? j->alone : j; }

static unsigned objections(const struct hearing *c) {
  return c->whole.objections + c->below.objections + c->alone.objections;
}

/* Judges what is not left out. False where an objection was heard. */
static bool hear(struct jury *x, struct hearing *c, double reporters, const char *name, bool one_reporter) {
  struct judgement without;
  unsigned before = objections(c);
  bool judged = judge_the_rest(x, reporters, &without);
  hear_objection(x, &c->whole, judged ? &without : NULL, name, one_reporter);
  hear_objection(x, &c->below, judged ? below_of(&without) : NULL, name, one_reporter);
  hear_objection(x, &c->alone, judged ? alone_of(&without) : NULL, name, one_reporter);
  return objections(c) == before;
}

/* How many of them the gate asks for where `fewer` are left out. */
static double reporters_wanted(const struct jury *x, unsigned fewer) {
  unsigned there = 0;
  for (uint32_t i = 0; i < x->h->reporter_count; i++) there += !x->witnesses[i].weak;
  return fmin(x->t->reporters, (double)there) - fewer;
}

static void hear_without(struct jury *x, struct hearing *c, uint32_t place) {
  const struct witness *w = &x->witnesses[place];
  leave_out_doubtful(x);
  if (w->weak) leave_out_nothing(x);
  leave_out_witness(x, place);
  hear(x, c, reporters_wanted(x, !w->weak), x->h->reporters[w->number], !w->weak);
}

/* Many small reporters are left out by the group. Each is in two of them, and shares no more than one with any other:
 * so one who lies is left out at least once without the one whose bad news the lie hides. Only where a group makes a
 * difference are its members looked at. */
static void hear_without_group(struct jury *x, struct hearing *c, uint32_t first, unsigned side, unsigned kind,
                               unsigned group, bool *heard) {
  uint32_t count = x->h->reporter_count;
  struct hearing trial = *c;
  unsigned strong = 0;
  leave_out_doubtful(x);
  for (uint32_t i = first; i < count; i++) {
    if ((kind ? (i - first) / side : (i - first) % side) != group || x->witnesses[i].weak) continue;
    leave_out_witness(x, i);
    strong++;
  }
  if (!strong || hear(x, &trial, reporters_wanted(x, strong), "", false)) return;
  for (uint32_t i = first; i < count; i++) {
    if ((kind ? (i - first) / side : (i - first) % side) != group || x->witnesses[i].weak || heard[i]) continue;
    heard[i] = true;
    hear_without(x, c, i);
  }
}

static void leave_out_each_reporter(struct jury *x, struct hearing *c) {
  uint32_t count = x->h->reporter_count, first = count <= LEFT_OUT_SINGLY_ALL ? count : LEFT_OUT_SINGLY;
  for (uint32_t i = 0; i < first; i++) hear_without(x, c, i);
  if (first == count) return;
  _cleanup_free_ bool *heard = mem_zalloc(count * sizeof *heard);
  unsigned side = (unsigned)ceil(sqrt((double)(count - first)));
  for (unsigned kind = 0; kind < 2; kind++)
    for (unsigned group = 0; group < side; group++) hear_without_group(x, c, first, side, kind, group, heard);
  leave_out_nothing(x);
  for (uint32_t i = first; i < count; i++)
    if (x->witnesses[i].weak) leave_out_witness(x, i);
  hear(x, c, reporters_wanted(x, 0), "several that were heard once", false);
}

/* --- single reports that make failures look small ----------------------------------------------------------------- */

/* A site of the owner's, or all of them: what the window and its last days hold, and what single reports tell passes
 * there: the one at hand, and the one that tells most. */
struct diluted {
  int64_t messages, failing, last_messages, last_failing;
  uint32_t report, largest;
  int64_t of_report, most;
};

static void add_days(struct diluted *d, const struct stream *s, int32_t begin_day, int32_t last_day, int32_t end_day) {
  for (uint32_t i = 0; i < s->day_count; i++) {
    const struct stream_day *day = &s->days[i];
    if (day->day < begin_day || day->day > end_day) continue;
    d->messages += day->messages - day->unevaluated;
    d->failing += day->messages - day->passed - day->unevaluated;
    if (day->day < last_day) continue;
    d->last_messages += day->messages - day->unevaluated;
    d->last_failing += day->messages - day->passed - day->unevaluated;
  }
}

static void add_passing(struct diluted *d, uint32_t report, int64_t messages) {
  if (d->report != report) d->of_report = 0;
  d->report = report;
  d->of_report += messages;
  if (d->of_report <= d->most) return;
  d->most = d->of_report;
  d->largest = report;
}

struct dilution {
  struct hashmap sites; /* site -> struct diluted */
  struct diluted all;
};

static void gather_sites(const struct jury *x, const struct judgement *j, struct dilution *d) {
  int32_t begin = utc_day_of(j->window_begin_s), end = utc_day_of(j->window_end_s - 1);
  int32_t last = end + 1 - (int32_t)x->t->drop_days;
  for (uint32_t i = 0; i < x->h->stream_count; i++) {
    const struct stream *s = &x->h->streams[i];
    if (!stream_is_own(s)) continue;
    add_days(hashmap_put(&d->sites, &s->site, sizeof s->site, NULL), s, begin, last, end);
    add_days(&d->all, s, begin, last, end);
  }
}

static void read_reports(const struct jury *x, const struct judgement *j, struct dilution *d) {
  const struct history *h = x->h;
  const int32_t begin = utc_day_of(j->window_begin_s), last = utc_day_of(j->window_end_s - 1);
  for (uint32_t i = 0; i < h->report_count; i++) {
    if (h->reports[i].day < begin || h->reports[i].day > last) continue;
    for (size_t r = h->reports[i].first_record; r < h->reports[i].end_record; r++) {
      bool passes;
      const struct stream *s = history_record_stream(h, r, &passes);
      if (!passes || !stream_is_own(s)) continue;
      add_passing(&d->all, i, h->records[r].count);
      struct diluted *site = hashmap_get(&d->sites, &s->site, sizeof s->site);
      if (site->failing) add_passing(site, i, h->records[r].count);
    }
  }
}

/* Would a limit be missed without what the report tells passes? Only then it is worth to be judged without it. */
static bool makes_a_difference(const struct jury *x, const struct judgement *j, const struct diluted *d) {
  const struct thresholds *t = x->t;
  int to = j->next == POLICY_QUARANTINE ? TO_QUARANTINE : TO_REJECT;
  double rest = (double)(d->messages - d->most), last = (double)(d->last_messages - d->most);
  return (double)d->failing > (1 - fmax(t->source_rate[to], t->own_lower[to])) * rest ||
         ((double)d->last_failing >= t->drop_messages && (double)d->last_failing > t->drop[to] * last);
}

static bool makes_others_look_small(const struct jury *x, const struct judgement *j, const struct diluted *all) {
  const struct thresholds *t = x->t;
  int to = j->next == POLICY_QUARANTINE ? TO_QUARANTINE : TO_REJECT;
  double rest = (double)(all->messages - all->most);
  return (double)j->undecided > fmin(t->undecided_all[to], t->undecided_one[to]) * rest ||
         (double)j->forwarded_failing > t->forwarded_share * rest;
}

struct tried {
  uint32_t reports[MOST_DILUTERS];
  unsigned count;
};

static void hear_without_report(struct jury *x, struct hearing *c, uint32_t report, struct tried *tried) {
  for (unsigned i = 0; i < tried->count; i++)
    if (tried->reports[i] == report) return;
  if (tried->count == MOST_DILUTERS) return;
  tried->reports[tried->count++] = report;
  leave_out_nothing(x);
  x->left_out[report] = true;
  hear(x, c, reporters_wanted(x, 0), x->h->reporters[x->h->reports[report].reporter], false);
}

/* A report in the name of a reporter that was there before is not found by leaving that reporter out: its bad news goes
 * with it. */
static void leave_out_each_diluter(struct jury *x, struct hearing *c) {
  const struct judgement *j = c->whole.j;
  struct dilution d = {0};
  struct tried tried = {.count = 0};
  hashmap_init(&d.sites, sizeof(struct diluted));
  gather_sites(x, j, &d);
  if (d.all.failing || j->undecided || j->forwarded_failing) read_reports(x, j, &d);
  if (d.all.most && (makes_a_difference(x, j, &d.all) || makes_others_look_small(x, j, &d.all)))
    hear_without_report(x, c, d.all.largest, &tried);
  for (uint32_t i = 0; i < d.sites.count; i++) {
    const struct diluted *site = hashmap_value_at(&d.sites, i);
    if (site->most && makes_a_difference(x, j, site)) hear_without_report(x, c, site->largest, &tried);
  }
  hashmap_clear(&d.sites);
}

/* --- the verdict -------------------------------------------------------------------------------------------------- */

/* The largest of them together, as long as it holds. */
static unsigned count_colluding(struct jury *x, struct hearing *c) {
  unsigned n = 1;
  while (n < MOST_COLLUDING && n + 1 < x->h->reporter_count) {
    leave_out_doubtful(x);
    for (uint32_t i = 0; i <= n; i++) leave_out_witness(x, i);
    struct judgement without;
    if (!judge_the_rest(x, reporters_wanted(x, n + 1), &without)) break;
    if (c->whole.asked && !bears_out(&without, c->whole.j)) break;
    if (c->below.asked && !bears_out(below_of(&without), c->below.j)) break;
    if (c->alone.asked && !bears_out(alone_of(&without), c->alone.j)) break;
    n++;
  }
  return n;
}

static void set_gate(struct judgement *j, unsigned against) {
  struct gate *g = &j->gates[GATE_ROBUST];
  g->figure = against;
  g->state = g->figure >= g->limit ? GATE_PASS : GATE_FAIL;
}

static const char *names_of(const struct jury *x, const struct finding_out *f) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  for (unsigned i = 0; i < f->names_count; i++) {
    bool is_last = i + 1 == f->names_count && f->objections == f->names_count;
    strbuf_add_text(&text, !i ? "" : is_last ? " and " : ", ");
    strbuf_add_text(&text, *f->names[i] ? f->names[i] : "a reporter without a name");
  }
  if (f->objections > f->names_count) strbuf_printf(&text, " and %u more", f->objections - f->names_count);
  return arena_strdup(x->h->arena, strbuf_text(&text));
}

/* What is bad news without one reporter is the verdict; what is only too little then is too little. */
static void hold_back(const struct jury *x, struct finding_out *f) {
  struct judgement *j = f->j;
  const struct judgement *without = &f->gravest;
  _cleanup_strbuf_ struct strbuf reason = STRBUF_INIT;
  j->rests_on = names_of(x, f);
  strbuf_printf(&reason, "%s, but it rests on %s", j->reason, j->rests_on);
  strbuf_add_text(&reason, f->objections == 1 ? " alone" : ", on the word of each");
  if (without->reason) strbuf_printf(&reason, ": without %s %s", f->objections == 1 ? "it" : "one", without->reason);
  j->reason = arena_strdup(x->h->arena, strbuf_text(&reason));
  j->verdict = VERDICT_INSUFFICIENT_DATA;
  if (!without->reason || without->verdict >= VERDICT_INSUFFICIENT_DATA || without->verdict == VERDICT_STALE) return;
  j->verdict = without->verdict;
  j->blockers = findings_copy(&without->blockers, x->h->arena); /* two judgements may have the same gravest one */
}

static void settle(struct jury *x, struct finding_out *f, unsigned against) {
  if (!f->asked) return;
  set_gate(f->j, f->objections ? 0 : against);
  if (f->objections) hold_back(x, f);
}

static bool is_graver(const struct judgement *a, const struct judgement *b) { return a->verdict < b->verdict; }

/* The gravest verdict that what is not left out may come to. To judge is dear, and bad news is outdone only by reports
 * that are too old, and under a policy that acts on mail. */
static enum verdict gravest_of_the_rest(const struct jury *x) {
  int64_t newest_s = INT64_MIN, newest_left_s = INT64_MIN;
  bool may_act = x->published;
  for (uint32_t i = 0; i < x->h->report_count; i++) {
    const struct seen_report *r = &x->h->reports[i];
    const struct seen_policy *p = &x->h->policies[r->policy];
    if (r->end_s > newest_s) newest_s = r->end_s;
    if (x->left_out[i]) continue;
    if (r->end_s > newest_left_s && r->end_s <= x->as_of_s) newest_left_s = r->end_s;
    may_act |= policy_of(p->p) > POLICY_NONE || policy_of(p->sp) > POLICY_NONE;
  }
  return newest_left_s < newest_s ? VERDICT_STALE : may_act ? VERDICT_REGRESSION : VERDICT_NOT_READY;
}

static struct left_out count_doubtful(const struct jury *x, const struct judgement *j) {
  struct left_out doubted = {0};
  for (uint32_t i = 0; i < x->h->report_count; i++) {
    const struct seen_report *r = &x->h->reports[i];
    if (!x->doubtful[i] || !r->messages || r->day < utc_day_of(j->window_begin_s)) continue;
    doubted.reports++;
    doubted.messages += r->messages;
  }
  return doubted;
}

/* Of the verdict with reports whose good news does not count, and that without, the graver one. */
static void doubt(struct jury *x, struct judgement *ret) {
  struct judgement without;
  leave_out_doubtful(x);
  const enum verdict gravest = gravest_of_the_rest(x);
  if (gravest >= ret->verdict && (!ret->below || gravest >= ret->below->verdict)) return;
  if (!judge_the_rest(x, x->t->reporters, &without)) return;
  if (is_graver(&without, ret)) {
    _cleanup_strbuf_ struct strbuf reason = STRBUF_INIT;
    strbuf_printf(&reason, "%s (what was heard of on a single day, is suspect or is not proven is left out)",
                  without.reason);
    *ret = without;
    ret->reason = arena_strdup(x->h->arena, strbuf_text(&reason));
    ret->doubted = count_doubtful(x, ret);
    if (ret->below) ret->below->doubted = count_doubtful(x, ret->below);
  } else if (ret->below && without.below && is_graver(without.below, ret->below)) {
    ret->below = without.below;
    ret->below->doubted = count_doubtful(x, ret->below);
  }
}

/* Of good news. */
static void hear_objections(struct jury *x, struct judgement *ret) {
  struct hearing c = {.whole = {.j = ret, .asked = is_good(ret)},
                      .below = {.j = ret->below, .asked = ret->below && is_good(ret->below)},
                      .alone = {.j = ret->alone, .asked = ret->alone}};
  leave_out_each_reporter(x, &c);
  leave_out_each_diluter(x, &c);
  unsigned against = objections(&c) ? 1 : count_colluding(x, &c);
  settle(x, &c.whole, against);
  settle(x, &c.below, against);
  settle(x, &c.alone, against);
  if (c.alone.objections) ret->alone = NULL; /* an offer is good news, or none */
}

static bool is_any_good(const struct judgement *j) { return is_good(j) || (j->below && is_good(j->below)) || j->alone; }

static void find_doubtful(struct jury *x) {
  const struct history *h = x->h;
  _cleanup_free_ struct told *days = mem_alloc((h->report_count + 1) * sizeof *days);
  hear_witnesses(x, days, gather_days(h, false, days));
  const uint32_t undecided = gather_days(h, true, days);
  find_suspects(x, days, undecided);
  find_fleeting(x, days, undecided);
  for (uint32_t i = 0; i < h->report_count; i++) {
    if (x->witnesses[x->place_of[h->reports[i].reporter]].weak || history_doubts(h, &h->reports[i]))
      x->doubtful[i] = true;
    x->any_doubtful |= x->doubtful[i];
  }
}

static int by_size(const void *a, const void *b) {
  int64_t x = ((const struct suspect *)a)->messages, y = ((const struct suspect *)b)->messages;
  return (x < y) - (x > y);
}

static void name_suspects(struct jury *x, struct judgement *ret) {
  if (!x->suspect_count) return;
  qsort(x->suspects, x->suspect_count, sizeof *x->suspects, by_size);
  if (x->suspect_count > MOST_SUSPECTS) x->suspect_count = MOST_SUSPECTS;
  size_t bytes = x->suspect_count * sizeof *x->suspects;
  ret->suspects = memcpy(arena_alloc(x->h->arena, bytes), x->suspects, bytes);
  ret->suspect_count = x->suspect_count;
}

static void count_unproven(const struct history *h, struct judgement *ret) {
  ret->proven_reports = h->proven_reports;
  for (uint32_t i = 0; i < h->report_count; i++) {
    if (!history_doubts(h, &h->reports[i])) continue;
    ret->unproven.reports++;
    ret->unproven.messages += h->reports[i].messages;
  }
}

static void hear_all(struct history *h, const struct labels *labels, const struct thresholds *t, int64_t as_of_s,
                     const struct published_policy *published, struct judgement *ret) {
  _cleanup_free_ struct witness *witnesses = mem_zalloc(h->reporter_count * sizeof *witnesses);
  _cleanup_free_ uint32_t *place_of = mem_zalloc(h->reporter_count * sizeof *place_of);
  _cleanup_free_ bool *doubtful = mem_zalloc(h->report_count), *left_out = mem_zalloc(h->report_count);
  struct jury x = {.h = h,
                   .labels = labels,
                   .t = t,
                   .as_of_s = as_of_s,
                   .published = published,
                   .witnesses = witnesses,
                   .place_of = place_of,
                   .doubtful = doubtful,
                   .left_out = left_out};
  find_doubtful(&x);
  if (x.any_doubtful) doubt(&x, ret);
  if (is_any_good(ret)) hear_objections(&x, ret);
  name_suspects(&x, ret);
  count_unproven(h, ret);
  free(x.suspects);
}

void judge_robustly(struct history *h, const struct labels *labels, const struct thresholds *t, int64_t as_of_s,
                    const struct published_policy *published, struct judgement *ret) {
  judge(h, labels, t, as_of_s, published, ret);
  if (t->robust_against > 0 && h->report_count) hear_all(h, labels, t, as_of_s, published, ret);
  complete_judgement(h, ret, t);
}

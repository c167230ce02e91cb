/* SPDX-License-Identifier: Apache-2.0 */
/* The policy that is published as the reports tell it, since when it is, and the next one. */
#include <stdlib.h>
#include <string.h>

#include "base/alignment.h"
#include "base/cleanup.h"
#include "verdict/judging.h"

/* Below the domain those alone tell who name an sp of its own. */
enum policy policy_in_scope(const struct judging *g, const struct seen_policy *p) {
  return policy_of(g->j->scope == SCOPE_BELOW ? seen_own_sp(p) : p->p);
}

bool judgement_covers(const struct judgement *j, const struct stream *s) {
  if (j->scope == SCOPE_WHOLE) return true;
  const char *from = s->header_from.text;
  bool below = from && from != j->domain && strcmp(from, j->domain) != 0; /* most often it is the very same text */
  return below == (j->scope == SCOPE_BELOW);
}

/* --- what most tell ----------------------------------------------------------------------------------------------- */

/* Each reporter heard in the last days has one voice, its newest report: a stray one with the former policy does not
 * take the present one back. Reports that nobody proves have none where others have. */
struct voices_of_policy {
  uint32_t *reports; /* the newest first */
  uint32_t count;
};

static void gather_voices(const struct judging *g, uint32_t newest, bool doubted_too, struct voices_of_policy *ret) {
  const struct history *h = g->h;
  _cleanup_free_ bool *heard = mem_zalloc(h->reporter_count * sizeof *heard);
  for (uint32_t i = newest; i-- > 0 && h->reports[i].begin_s > h->reports[newest - 1].begin_s - policy_settling_s(g);) {
    const struct seen_report *r = &h->reports[i];
    bool speaks = policy_in_scope(g, &h->policies[r->policy]) != POLICY_UNKNOWN;
    if (!speaks || heard[r->reporter] || (!doubted_too && history_doubts(h, r))) continue;
    heard[r->reporter] = true;
    ret->reports[ret->count++] = i;
  }
}

static const struct seen_policy *policy_of_voice(const struct judging *g, const struct voices_of_policy *v,
                                                 uint32_t i) {
  return &g->h->policies[g->h->reports[v->reports[i]].policy];
}

/* Most voices tell, among equals the newest. Returns the number of the report that speaks for them. */
static uint32_t telling_report(const struct judging *g, uint32_t newest, const struct voices_of_policy *v) {
  unsigned votes[POLICY_REJECT + 1] = {0}, most = 0;
  uint32_t newest_of[POLICY_REJECT + 1] = {0}, telling = newest - 1;
  for (uint32_t i = 0; i < v->count; i++) {
    enum policy p = policy_in_scope(g, policy_of_voice(g, v, i));
    if (!votes[p]++) newest_of[p] = v->reports[i];
  }
  for (int p = POLICY_NONE; p <= POLICY_REJECT; p++) {
    if (!votes[p] || votes[p] < most || (votes[p] == most && newest_of[p] < telling)) continue;
    most = votes[p];
    telling = newest_of[p];
  }
  return telling;
}

/* --- the tags beside it ------------------------------------------------------------------------------------------- */

enum asked_tag { ASKED_SP, ASKED_NP, ASKED_ADKIM, ASKED_ASPF, ASKED_TAGS };

/* How much is asked for, from NOT_TOLD: of sp and np nothing is said by who names none of its own. */
#define NOT_TOLD 0
static int asks(const struct seen_policy *p, enum asked_tag tag) {
  switch (tag) {
    case ASKED_SP:
      return policy_of(seen_own_sp(p));
    case ASKED_NP:
      return policy_of(p->np);
    case ASKED_ADKIM:
      return 1 + alignment_is_strict(p->adkim);
    default:
      return 1 + alignment_is_strict(p->aspf);
  }
}

static void take_tag(struct seen_policy *to, const struct seen_policy *from, enum asked_tag tag) {
  if (tag == ASKED_SP) to->sp = from->sp;
  if (tag == ASKED_NP) to->np = from->np;
  if (tag == ASKED_ADKIM) to->adkim = from->adkim;
  if (tag == ASKED_ASPF) to->aspf = from->aspf;
}

/* On how many days, back from its newest report, a reporter told nothing else of the tag. */
static unsigned days_of_the_same(const struct judging *g, uint32_t newest, enum asked_tag tag, int wanted) {
  const struct history *h = g->h;
  int32_t day = INT32_MAX;
  unsigned days = 0;
  for (uint32_t i = newest + 1; i-- > 0 && h->reports[i].day > g->end_day - (int32_t)g->t->window_days;) {
    if (h->reports[i].reporter != h->reports[newest].reporter) continue;
    if (asks(&h->policies[h->reports[i].policy], tag) != wanted) break;
    days += h->reports[i].day != day;
    day = h->reports[i].day;
  }
  return days;
}

/* Reports of RFC 7489 have no word for np, and an sp that is p may be the reporter's own: so few may be right against
 * many. But not one alone, unless it says so for some time, or there is hardly anybody else. */
static bool is_borne_out(const struct judging *g, const struct voices_of_policy *v, enum asked_tag tag, int told,
                         unsigned votes) {
  if (votes > 1 || 2 * votes > v->count || tag > ASKED_NP) return true;
  for (uint32_t i = 0; i < v->count; i++)
    if (asks(policy_of_voice(g, v, i), tag) == told)
      return days_of_the_same(g, v->reports[i], tag, told) >= g->t->steady_policy_days;
  return false;
}

/* One who lies of a tag would have the owner publish it: of those who say the same of p, most of who tell of it tell
 * here too, and among equals those that ask for less. */
static void vote_on_tag(struct judging *g, const struct voices_of_policy *v, enum asked_tag tag,
                        struct seen_policy *telling) {
  const enum policy p = policy_in_scope(g, telling);
  const struct seen_policy *teller[POLICY_REJECT + 1] = {NULL}, nobody = {0};
  unsigned votes[POLICY_REJECT + 1] = {0};
  int told = NOT_TOLD;
  for (uint32_t i = 0; i < v->count; i++) {
    const struct seen_policy *voice = policy_of_voice(g, v, i);
    const int asked = policy_in_scope(g, voice) == p ? asks(voice, tag) : NOT_TOLD;
    if (asked == NOT_TOLD) continue;
    if (!votes[asked]++) teller[asked] = voice;
  }
  for (int i = 1; i <= POLICY_REJECT; i++)
    if (votes[i] > votes[told]) told = i;
  const bool is_told = told != NOT_TOLD && is_borne_out(g, v, tag, told, votes[told]);
  take_tag(telling, is_told ? teller[told] : &nobody, tag);
}

/* The least that anybody tells of the subdomains, believed or not. */
static enum policy weakest_sp(const struct judging *g, const struct voices_of_policy *v) {
  enum policy weakest = POLICY_UNKNOWN;
  for (uint32_t i = 0; i < v->count; i++) {
    enum policy sp = policy_of(seen_own_sp(policy_of_voice(g, v, i)));
    if (sp != POLICY_UNKNOWN && (weakest == POLICY_UNKNOWN || sp < weakest)) weakest = sp;
  }
  return weakest;
}

/* By most voices, or by the report that `telling` numbers. */
#define BY_MOST UINT32_MAX
static struct seen_policy told_policy(struct judging *g, uint32_t newest, uint32_t telling) {
  _cleanup_free_ uint32_t *reports = mem_alloc(g->h->reporter_count * sizeof *reports);
  struct voices_of_policy v = {.reports = reports};
  gather_voices(g, newest, false, &v);
  if (!v.count) gather_voices(g, newest, true, &v);
  if (telling == BY_MOST) telling = telling_report(g, newest, &v);
  struct seen_policy told = g->h->policies[g->h->reports[telling].policy];
  if (!v.count) return told;
  /* The policy of the subdomains is what its own judgement is on. */
  for (enum asked_tag tag = g->j->scope == SCOPE_BELOW ? ASKED_NP : ASKED_SP; tag < ASKED_TAGS; tag++)
    vote_on_tag(g, &v, tag, &told);
  g->weakest_sp = weakest_sp(g, &v);
  return told;
}

/* --- how far it is in force, and since when ----------------------------------------------------------------------- */

/* Tags that not each format of report has a word for. */
enum tag { TAG_T, TAG_PCT, TAGS };
static char word_of(const struct seen_policy *p, enum tag tag) { return tag == TAG_T ? p->testing : p->sampled; }

/* Of a reporter: on how many days it said nothing of the tag since it last did. */
struct silence {
  bool is_over; /* going back, a report that has the word was met */
  uint32_t days;
  int32_t day;
};

/* Some reporters write the tags that the record has, and no others: t=y that is taken out of it is no word of theirs
 * from then on. Who had one and has gone without it on so many days tells that it is gone, if all do so. */
static bool is_left_out_since(const struct judging *g, uint32_t newest, enum tag tag) {
  const struct history *h = g->h;
  _cleanup_free_ struct silence *of = mem_zalloc((h->reporter_count + 1) * sizeof *of);
  for (uint32_t i = newest; i-- > 0 && utc_day_of(h->reports[i].begin_s) > g->end_day - (int32_t)g->t->window_days;) {
    const struct seen_report *r = &h->reports[i];
    const struct seen_policy *p = &h->policies[r->policy];
    struct silence *x = &of[r->reporter];
    if (x->is_over || policy_in_scope(g, p) != g->j->current) continue;
    x->is_over = word_of(p, tag) != 0;
    if (x->is_over && (double)x->days < g->t->steady_policy_days) return false;
    x->days += !x->days || x->day != r->day;
    x->day = r->day;
  }
  return true;
}

/* t=y stands in reports of RFC 9990 alone, pct in those of RFC 7489: the newest one that has a word for it tells. */
static char newest_word(const struct judging *g, uint32_t newest, enum tag tag) {
  for (uint32_t i = newest;
       i-- > 0 && utc_day_of(g->h->reports[i].begin_s) > g->end_day - (int32_t)g->t->window_days;) {
    const struct seen_policy *p = &g->h->policies[g->h->reports[i].policy];
    if (!word_of(p, tag) || policy_in_scope(g, p) != g->j->current) continue;
    return word_of(p, tag) == 'y' && !is_left_out_since(g, newest, tag) ? 'y' : 'n';
  }
  return 'n';
}

enum bearing { BEARS_OUT, SAYS_NOTHING, CONTRADICTS };

/* Once a report said otherwise of t or pct, those that have no word for it bear nothing out. */
static enum bearing bearing_of(const struct judging *g, const struct seen_policy *p, const struct seen_policy *now,
                               bool doubted[TAGS]) {
  if (policy_in_scope(g, p) == POLICY_UNKNOWN) return SAYS_NOTHING;
  if (policy_in_scope(g, p) != policy_in_scope(g, now)) return CONTRADICTS;
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
  for (uint32_t i = newest; i-- > 0 && utc_day_of(h->reports[i].begin_s) >= g->end_day - (int32_t)g->t->memory_days;) {
    int64_t begin_s = h->reports[i].begin_s;
    enum bearing bearing = bearing_of(g, &h->policies[h->reports[i].policy], now, doubted);
    if (bearing == CONTRADICTS && since - begin_s > policy_settling_s(g)) break;
    if (bearing != BEARS_OUT) continue;
    since = begin_s;
    memset(doubted, 0, sizeof doubted);
  }
  return since;
}

/* A record that is weaker than what the reports show is newer than they are, and t=y stands in no report of RFC 7489:
 * the step after what they show would be two at once. */
static void heed_published(struct judging *g) {
  struct judgement *j = g->j;
  const struct published_policy *published = g->published;
  if (!published) return;
  /* Alignment that the reports do not know yet: what it does to own mail shows in those to come. */
  const bool is_stricter = (published->strict_dkim && !alignment_is_strict(j->policy.adkim)) ||
                           (published->strict_spf && !alignment_is_strict(j->policy.aspf));
  if (is_stricter) j->policy_since_s = g->as_of_s;
  enum policy now = j->scope == SCOPE_BELOW ? published->sp : published->p;
  if (now == POLICY_UNKNOWN || (now > j->current && !published->is_assumed)) return;
  if (published->is_assumed) j->policy_since_s = g->as_of_s;
  j->current = now;
  j->in_force = !published->testing && !published->sampled;
}

/* Where nobody tells what a step does, none is taken. */
static void want_rua(struct judging *g) {
  struct judgement *j = g->j;
  j->wants_rua = g->published && g->published->unreported && j->next != POLICY_UNKNOWN && j->current != POLICY_UNKNOWN;
  if (j->wants_rua) j->next = j->current;
}

static void take_policy(struct judging *g, uint32_t newest, uint32_t telling) {
  struct judgement *j = g->j;
  j->policy = told_policy(g, newest, telling);
  j->current = policy_in_scope(g, &j->policy);
  j->policy.testing = newest_word(g, newest, TAG_T);
  j->policy.sampled = newest_word(g, newest, TAG_PCT);
  j->policy_since_s = policy_since(g, newest, &j->policy);
}

enum policy target_of(const struct judging *g) { return g->h->target == POLICY_UNKNOWN ? POLICY_REJECT : g->h->target; }

void read_policy(struct judging *g) {
  struct judgement *j = g->j;
  const struct history *h = g->h;
  uint32_t newest = h->report_count;
  while (newest > 0 && utc_day_of(h->reports[newest - 1].begin_s) > g->end_day) newest--;
  if (!newest) return;
  take_policy(g, newest, BY_MOST);
  const struct dissent dissent = find_dissent(g);
  if (dissent.weakest_report != NO_DISSENT) take_policy(g, newest, dissent.weakest_report);
  if (j->scope == SCOPE_WHOLE && seen_own_sp(&j->policy)) j->scope = SCOPE_DOMAIN;
  j->in_force = j->policy.sampled != 'y' && j->policy.testing != 'y';
  heed_published(g);
  j->finish_current = !j->in_force && j->current > POLICY_NONE;
  j->next = j->finish_current                 ? j->current
            : j->current >= target_of(g)      ? POLICY_UNKNOWN
            : j->current == POLICY_QUARANTINE ? POLICY_REJECT
                                              : POLICY_QUARANTINE;
  /* What some have of it already is to hold for all: a weaker record would take it back from them. */
  if (j->next != POLICY_UNKNOWN && j->next < dissent.strongest) j->next = dissent.strongest;
  want_rua(g);
  /* At a target below reject nothing is asked that reject would need. */
  if (j->next == POLICY_UNKNOWN && target_of(g) < POLICY_REJECT && j->current < POLICY_REJECT)
    g->to = TO_QUARANTINE;
  else
    g->to = j->next == POLICY_NONE || j->next == POLICY_QUARANTINE ? TO_QUARANTINE : TO_REJECT;
}

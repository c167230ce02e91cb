/* SPDX-License-Identifier: Apache-2.0 */
/* From gates to one verdict, in the order of the verdicts; parked domains take a way of their own. */
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/command_word.h"
#include "verdict/judging.h"

const char *verdict_word(enum verdict v) {
  static const char *const WORDS[VERDICTS] = {"STALE", "REGRESSION", "NOT_READY", "NEEDS_DECISION", "INSUFFICIENT_DATA",
                                              "READY", "AT_TARGET"};
  return WORDS[v];
}

static void conclude(struct judgement *j, enum verdict v, const char *reason) {
  j->verdict = v;
  j->reason = reason;
}

static bool is_enforced(const struct judging *g) { return g->j->current >= POLICY_QUARANTINE && g->j->in_force; }

/* What a failing gate means, the gravest first: the first that fails, where its condition is met, gives the verdict. */
/* clang-format off */
static const struct {
  enum gate_name gate;
  bool (*condition)(const struct judging *g); /* NULL: none */
  enum verdict verdict;
  const char *reason;
} FAILURES[] = {
  {GATE_REPORT_AGE,    NULL,          VERDICT_STALE,             "the newest report is too old to speak for today's mail"},
  {GATE_DROP,          is_enforced,   VERDICT_REGRESSION,        "own mail fails more often than it did, under a policy that acts on it"},
  {GATE_OWN_SOURCE,    is_own_sender_short, VERDICT_NOT_READY,   "mail that is the owner's fails"},
  {GATE_OWN_LOWER,     is_own_mail_short, VERDICT_NOT_READY,     "mail that is the owner's fails"},
  {GATE_DROP,          NULL,          VERDICT_NOT_READY,         "own mail fails more often than it did"},
  {GATE_DKIM,          NULL,          VERDICT_NOT_READY,         "own mail relies on SPF alone, which must not be at p=reject (RFC 9989 8)"},
  {GATE_OWN_SOURCE,    NULL,          VERDICT_NEEDS_DECISION,    "own mail failed where nothing comes from since: only the owner can say whether that is gone"},
  {GATE_UNDECIDED_ALL, NULL,          VERDICT_NEEDS_DECISION,    "there is mail that may be the owner's: only the owner can say"},
  {GATE_UNDECIDED_ONE, NULL,          VERDICT_NEEDS_DECISION,    "there is mail that may be the owner's: only the owner can say"},
  {GATE_FORWARDED,     NULL,          VERDICT_NEEDS_DECISION,    "mail through lists and forwarders would be lost: the owner decides whether it may be"},
  {GATE_CONTRADICTED,  NULL,          VERDICT_NEEDS_DECISION,    "a receiver fails own mail that passes by its own results, and would act on it: the owner decides whether that may be lost"},
  {GATE_STOPPED,        NULL,          VERDICT_INSUFFICIENT_DATA, "own mail has stopped, and nothing tells what becomes of it today"},
  {GATE_POLICY_AGE,    NULL,          VERDICT_INSUFFICIENT_DATA, "what was seen is good, but there is too little of it"},
  {GATE_DATA_DAYS,     NULL,          VERDICT_INSUFFICIENT_DATA, "what was seen is good, but there is too little of it"},
  {GATE_REPORTERS,     NULL,          VERDICT_INSUFFICIENT_DATA, "what was seen is good, but there is too little of it"},
  {GATE_OWN_LOWER,     NULL,          VERDICT_INSUFFICIENT_DATA, "what was seen is good, but there is too little of it"},
  {GATE_NEW_SOURCE,    NULL,          VERDICT_INSUFFICIENT_DATA, "a source of own mail is new: more of it must be seen"},
  {GATE_NEW_STRANGER,  NULL,          VERDICT_INSUFFICIENT_DATA, "a stranger sends since the other day: in a week it is known whether it stays"},
};
/* clang-format on */

static const char *where_it_is(const struct judging *g) {
  const struct judgement *j = g->j;
  const char *tag = j->scope == SCOPE_BELOW ? "sp" : "p";
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_printf(&text, "%s=%s is in force, and own mail passes", tag, policy_word(j->current));
  if (j->current < POLICY_REJECT) strbuf_add_text(&text, ": the target that the owner has set");
  return arena_strdup(g->h->arena, text.data);
}

static void decide_verdict(struct judging *g) {
  struct judgement *j = g->j;
  unsigned i = 0;
  while (i < ARRAY_SIZE(FAILURES) &&
         !(failed(g, FAILURES[i].gate) && (!FAILURES[i].condition || FAILURES[i].condition(g))))
    i++;
  if (i < ARRAY_SIZE(FAILURES))
    conclude(j, FAILURES[i].verdict, FAILURES[i].reason);
  else if (j->next != POLICY_UNKNOWN)
    conclude(j, VERDICT_READY, "every gate holds");
  else
    conclude(j, VERDICT_AT_TARGET, where_it_is(g));
}

/* --- parked domains ----------------------------------------------------------------------------------------------- */

/* There is no mail that quarantine could show to be in danger. */
static void aim_at_reject(struct judging *g) {
  g->to = TO_REJECT;
  if (g->j->wants_rua) return;
  const enum policy target = target_of(g);
  g->j->next = g->j->current >= target && g->j->in_force ? POLICY_UNKNOWN
               : g->j->current >= target                 ? g->j->current
                                                         : target;
  g->j->finish_current &= g->j->next == g->j->current;
}

/* The record answers for the mail to come, labels for what is stored: they strike nothing that passes as the owner's.
 * Of subdomains alone none speaks: the SPF record and p are those of a domain that may well send. */
static const char *how_to_answer(const struct judging *g) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (g->j->scope == SCOPE_BELOW)
    return "one question: does anything send as a subdomain? If nothing does, publish sp=reject";
  const char *domain = command_domain(g->h->domain);
  strbuf_printf(
      &text,
      "one question: does anything send as this domain? If nothing does, publish \"v=spf1 -all\" and p=reject, "
      "and say so with 'dmarcctl label 0.0.0.0/0 unauthorised --domain %s' and 'dmarcctl label ::/0 unauthorised "
      "--domain %s'",
      domain, domain);
  return arena_strdup(g->h->arena, strbuf_text(&text));
}

struct answers {
  int64_t asked, refused;
};

/* A label answers too; an envelope of somebody else's is not asked about the owner's SPF, and names that forgers make
 * up below the domain have no record that could answer for it. */
static struct answers answers_since(const struct judging *g, int32_t first_day) {
  struct answers x = {0};
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    const bool is_below = s->header_from.text && strcmp(s->header_from.text, g->h->domain) != 0;
    if (g->j->scope == SCOPE_BELOW ? !in_scope(g, s) : is_below && !s->label) continue;
    for (uint32_t d = 0; d < s->day_count; d++) {
      const struct stream_day *day = &s->days[d];
      if (day->day < first_day || day->day > g->end_day) continue;
      x.asked += s->label ? day->messages : day->spf_asked;
      x.refused += s->label ? day->messages : day->spf_refused;
    }
  }
  return x;
}

/* By the last days, for a record that was published, or withdrawn, lately is what counts: by so many that enough mail
 * tells of it. */
static bool refuses_all(const struct judging *g) {
  const int32_t history = g->end_day - first_day_of_history(g->h) + 1;
  int32_t days = (int32_t)g->t->refused_days;
  struct answers x = answers_since(g, g->end_day - days + 1);
  while ((double)x.asked < g->t->source_messages && days < history) {
    days = days < history / 2 ? 2 * days : history;
    x = answers_since(g, g->end_day - days + 1);
  }
  return x.asked > 0 && (double)x.refused >= g->t->refused_share * (double)x.asked;
}

static const char *does_anything_send(const struct judging *g) {
  const struct judgement *j = g->j;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  char day[UTC_TEXT_BYTES];
  if (j->parked)
    return j->scope == SCOPE_BELOW
               ? "nothing of the owner's was ever seen below it: does anything send as its subdomains?"
               : "nothing of the owner's was ever seen: does anything send as this domain?";
  strbuf_printf(&text, "nothing of the owner's was seen since %s: does anything still send as %s?",
                utc_format_day(utc_from_day(j->last_own_day), day),
                j->scope == SCOPE_BELOW ? "its subdomains" : "this domain");
  return arena_strdup(g->h->arena, strbuf_text(&text));
}

/* Of what is asked about: strangers, where there are any. */
static bool is_more_telling(const struct stream *s, const struct stream *than) {
  if (stream_is_own(s) != stream_is_own(than)) return !stream_is_own(s);
  return s->messages > than->messages;
}

/* Its spoofers are no hundred questions but one, which a published "-all" has answered: their SPF results are "fail".
 */
static void judge_unused(struct judging *g) {
  struct judgement *j = g->j;
  int64_t messages = 0;
  const struct stream *largest = NULL;
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    if (j->scope == SCOPE_BELOW && !in_scope(g, s)) continue;
    messages += stream_is_own(s) ? 0 : s->messages;
    if (!largest || is_more_telling(s, largest)) largest = s;
  }
  const bool is_published = g->published && g->published->refuses_all;
  const bool answered = is_published || (messages == 0 && j->parked) || refuses_all(g);
  j->blockers.count = j->questions.count = 0;
  if (failed(g, GATE_REPORT_AGE)) return;
  if (!answered && j->next != POLICY_UNKNOWN) {
    j->gates[GATE_UNDECIDED_ALL].state = GATE_FAIL;
    conclude(j, VERDICT_NEEDS_DECISION, does_anything_send(g));
    struct finding *f = add_finding(g, &j->blockers, largest, CLASS_UNDECIDED, messages, OF_ITS_CLASS);
    f->repair = how_to_answer(g);
    f->label = NULL;
    f->is_of_all = true;
    return;
  }
  const enum gate_name of_mail[] = {GATE_UNDECIDED_ALL, GATE_UNDECIDED_ONE, GATE_NEW_SOURCE,   GATE_REPORTERS,
                                    GATE_DROP,          GATE_FORWARDED,     GATE_NEW_STRANGER, GATE_STOPPED};
  for (unsigned i = 0; i < ARRAY_SIZE(of_mail); i++)
    if (failed(g, of_mail[i])) j->gates[of_mail[i]].state = GATE_WARN;
  decide_verdict(g);
  if (j->verdict == VERDICT_READY)
    j->reason = j->scope == SCOPE_BELOW ? "nothing sends as a subdomain"
                : is_published          ? "nothing sends as this domain, as its SPF record says"
                                        : REASON_PUBLISH_SPF;
}

/* Of no mail there is no share that could pass. What fails or warns keeps its figure, since it is acted on. */
static void leave_unmeasured(struct judgement *j) {
  static const enum gate_name OF_OWN_MAIL[] = {
      GATE_OWN_LOWER,    GATE_OWN_SOURCE, GATE_CONTRADICTED, GATE_UNDECIDED_ALL, GATE_UNDECIDED_ONE, GATE_NEW_SOURCE,
      GATE_NEW_STRANGER, GATE_STOPPED,    GATE_DROP,         GATE_DKIM,          GATE_FORWARDED};
  for (unsigned i = 0; i < ARRAY_SIZE(OF_OWN_MAIL); i++) {
    struct gate *gate = &j->gates[OF_OWN_MAIL[i]];
    if (gate->state != GATE_PASS) continue;
    gate->state = GATE_NOT_JUDGED;
    gate->figure = (double)NAN;
  }
}

/* Told, so that nobody wonders where his mail is. */
static void count_left_out(const struct judging *g) {
  struct judgement *j = g->j;
  j->undated = (struct left_out){g->h->undated_reports, g->h->undated_messages};
  for (uint32_t i = 0; i < g->h->report_count; i++) {
    const struct seen_report *r = &g->h->reports[i];
    if (!is_clock_ahead(g, r)) continue;
    j->ahead.reports++;
    j->ahead.messages += r->messages;
  }
}

static void judge_scope(struct judging *g, enum scope scope, struct judgement *j) {
  *j = (struct judgement){.domain = g->h->domain, .scope = scope, .target = g->h->target};
  g->j = j;
  hashmap_init(&g->sites, sizeof(struct site));
  hashmap_init(&g->hosts, sizeof(struct spf_share));
  hashmap_init(&g->senders, sizeof(struct own_sender));
  int32_t first_day = g->h->report_count ? utc_day_of(g->h->reports[0].begin_s) : g->begin_day;
  j->window_begin_s = utc_from_day(g->begin_day > first_day ? g->begin_day : first_day);
  j->window_end_s = utc_from_day(g->end_day + 1);
  count_left_out(g);
  find_contradicting_reporters(g, &j->contradicting);
  read_policy(g);
  add_up(g);
  find_failing_below(g);
  find_stopped(g);
  find_retired(g);
  if (is_unused(j)) aim_at_reject(g);
  set_gates(g);
  gather_findings(g);
  decide_verdict(g);
  if (is_unused(j)) judge_unused(g);
  add_outlook(g);
  if (j->parked) leave_unmeasured(j);
  if (j->verdict == VERDICT_READY || j->verdict == VERDICT_AT_TARGET) j->blockers.count = 0;
  hashmap_clear(&g->sites);
  hashmap_clear(&g->hosts);
  hashmap_clear(&g->senders);
  free(TAKE_PTR(g->selector_passed));
}

/* Without sp, p governs the subdomains (RFC 9989 4.7): with one that leaves them what they have, the domain need not
 * wait for them. Where anybody tells of a weaker sp, nobody knows what they have. */
static void judge_alone(struct judging *g, struct judgement *whole) {
  struct judgement alone;
  judge_scope(g, SCOPE_DOMAIN, &alone);
  const enum policy left = judgement_policy_left(whole);
  if (alone.verdict != VERDICT_READY || alone.next <= left) return;
  if (g->weakest_sp != POLICY_UNKNOWN && g->weakest_sp < left) return;
  whole->alone = arena_alloc(g->h->arena, sizeof alone);
  *whole->alone = alone;
}

void judge(struct history *h, const struct labels *labels, const struct thresholds *t, int64_t as_of_s,
           const struct published_policy *published, struct judgement *ret) {
  struct judging g = {.h = h, .t = t, .as_of_s = as_of_s, .published = published};
  choose_window(&g, labels);
  find_single_receivers(&g);
  count_key_mail(&g);
  find_causes(&g);
  judge_scope(&g, SCOPE_WHOLE, ret);
  if (ret->scope == SCOPE_DOMAIN) {
    ret->below = arena_alloc(h->arena, sizeof *ret->below);
    judge_scope(&g, SCOPE_BELOW, ret->below);
  } else if (may_go_alone(ret)) {
    judge_alone(&g, ret);
  }
  write_next_records(&g, ret);
  hashmap_clear(&g.key_mail);
}

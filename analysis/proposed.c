/* SPDX-License-Identifier: Apache-2.0 */
/* Holds a record against what is published and against the verdict. */
#include "analysis/proposed.h"

#include <string.h>

#include "analysis/names_below.h"
#include "base/alignment.h"
#include "base/cleanup.h"

const char *proposed_reason_word(enum proposed_reason r) {
  static const char *const WORDS[PROPOSED_REASONS] = {"fault",     "no_reports", "skips", "held",   "subdomains", "np",
                                                      "alignment", "unreported", "ready", "weaker", "same"};
  return WORDS[r];
}

struct asking {
  const struct inquiry *q;
  const char *domain;
  struct dmarc_record record;
  struct proposed *answer;
  proposed_fn *fn;
  void *user;
};

/* --- faults ------------------------------------------------------------------------------------------------------- */

/* Of tags that receivers read in another way than they stand there, or not at all. What is weak but meant is no fault.
 */
static bool is_wrong(const struct dns_fault *f) {
  static const char *const WORDS[] = {"bad_version", "leading_blank",     "strange_bytes", "missing_policy",
                                      "bad_policy",  "bad_tag",           "bad_value",     "duplicate_tag",
                                      "unknown_tag", "missing_semicolon", "bad_rua"};
  for (unsigned i = 0; i < ARRAY_SIZE(WORDS); i++)
    if (!strcmp(f->fault, WORDS[i])) return true;
  return false;
}

static bool find_fault(struct asking *a, struct arena *arena) {
  struct proposed *p = a->answer;
  struct dns_faults faults = {.count = 0};
  dmarc_record_parse(&a->record, arena, p->text);
  dmarc_record_check(&a->record, arena, &faults);
  for (unsigned i = 0; i < faults.count; i++) {
    if (!is_wrong(&faults.items[i])) continue;
    p->fault = faults.items[i];
    return true;
  }
  return false;
}

/* --- levels ------------------------------------------------------------------------------------------------------- */

/* What a tag of the record comes to. */
static enum policy level_of(const struct dmarc_record *r, enum policy published) {
  const bool is_held = dmarc_record_is_testing(r) || dmarc_record_is_sampled(r);
  return is_held ? policy_one_lower(published) : published;
}

static enum policy then_p(const struct dmarc_record *r) { return level_of(r, dmarc_record_policy(r, "p")); }
static enum policy then_sp(const struct dmarc_record *r) {
  return level_of(r, policy_or_inherited(dmarc_record_policy(r, "sp"), dmarc_record_policy(r, "p")));
}
static enum policy then_np(const struct dmarc_record *r) {
  const enum policy np = dmarc_record_policy(r, "np");
  return np == POLICY_UNKNOWN ? then_sp(r) : level_of(r, np);
}

static enum policy now_below(const struct judgement *j) { return judgement_policy_left(j->below ? j->below : j); }

static enum policy now_np(const struct judgement *j) {
  const enum policy np = policy_of(j->policy.np);
  if (np == POLICY_UNKNOWN) return now_below(j);
  return j->in_force ? np : policy_one_lower(np);
}

/* --- the answer --------------------------------------------------------------------------------------------------- */

static bool answer(struct proposed *p, enum proposed_reason reason, const struct judgement *j, enum policy now,
                   enum policy then) {
  p->reason = reason;
  p->judgement = j;
  p->now = now;
  p->then = then;
  return true;
}

/* May this judgement's policy go so far? True: the answer is no, and given. */
static bool is_held(struct proposed *p, enum proposed_reason word, const struct judgement *j, enum policy now,
                    enum policy then) {
  if (then <= now) return false;
  if (j->next != POLICY_UNKNOWN && then > j->next) return answer(p, PROPOSED_SKIPS, j, now, then);
  return j->verdict == VERDICT_READY ? false : answer(p, word, j, now, then);
}

/* Mail of the domain alone, where the record leaves its subdomains what they have. */
static const struct judgement *judgement_for(const struct asking *a, const struct judgement *j) {
  return j->alone && then_sp(&a->record) <= now_below(j) ? j->alone : j;
}

static bool is_stricter(const struct asking *a, const struct judgement *j, const char *tag) {
  const bool is_dkim = !strcmp(tag, "adkim");
  return alignment_is_strict(dmarc_record_value(&a->record, tag)) &&
         !alignment_is_strict(is_dkim ? j->policy.adkim : j->policy.aspf);
}

struct own_sum {
  int64_t messages, affected;
};

static int keep_sum(void *user, const struct whatif *w, struct err *e) {
  (void)e;
  struct own_sum *ret = user;
  struct whatif_sum all, by_class[CLASS_IGNORED + 1];
  whatif_add_up(w, &all, by_class);
  ret->affected = all.own_affected;
  ret->messages =
      by_class[CLASS_OWN].messages + by_class[CLASS_OWN_BROKEN].messages + by_class[CLASS_LEGITIMATE].messages;
  return 0;
}

/* Own mail of the window that the record's policy acts on, with its alignment or with today's. */
static int try_alignment(const struct asking *a, bool with_its_own, struct own_sum *ret, struct err *e) {
  const struct dmarc_record *r = &a->record;
  const struct whatif_proposal proposal = {.p = policy_word(then_p(r)),
                                           .sp = policy_word(then_sp(r)),
                                           .np = policy_word(then_np(r)),
                                           .adkim = with_its_own ? dmarc_record_value(r, "adkim") : NULL,
                                           .aspf = with_its_own ? dmarc_record_value(r, "aspf") : NULL};
  struct inquiry one = *a->q;
  one.domains = &a->domain;
  one.domain_count = 1;
  *ret = (struct own_sum){0};
  return whatif_each(&one, &proposal, keep_sum, ret, e);
}

/* 1: the answer is no, and given. */
static int fails_more(struct asking *a, const struct judgement *j, struct err *e) {
  const bool acts = then_p(&a->record) > POLICY_NONE || then_sp(&a->record) > POLICY_NONE;
  if (!acts || (!is_stricter(a, j, "adkim") && !is_stricter(a, j, "aspf"))) return 0;
  struct own_sum as_is, as_proposed;
  int code = try_alignment(a, false, &as_is, e);
  if (!code) code = try_alignment(a, true, &as_proposed, e);
  if (code < 0) return code;
  struct proposed *p = a->answer;
  const int to = then_p(&a->record) == POLICY_REJECT ? TO_REJECT : TO_QUARANTINE;
  p->own_failing = as_proposed.affected - as_is.affected;
  p->own = as_proposed.messages;
  if ((double)p->own_failing <= (1 - a->q->basis->thresholds->own_lower[to]) * (double)p->own) return 0;
  return answer(p, PROPOSED_STRICTER, j, judgement_policy_left(j), then_p(&a->record));
}

static int decide(struct asking *a, const struct history *h, const struct judgement *j, struct err *e) {
  struct proposed *p = a->answer;
  const struct dmarc_record *r = &a->record;
  const struct judgement *step = judgement_for(a, j);
  const enum policy now = judgement_policy_left(j), then = then_p(r), below = now_below(j), sp = then_sp(r);
  if (is_held(p, PROPOSED_HELD, step, now, then)) return 0;
  if ((sp != then || j->below) && is_held(p, PROPOSED_BELOW, j->below ? j->below : j, below, sp)) return 0;
  if (then_np(r) > now_np(j) && then_np(r) > sp && names_below_send(h)) {
    answer(p, PROPOSED_NP, j, now_np(j), then_np(r));
    return 0;
  }
  int code = fails_more(a, j, e);
  if (code) return code < 0 ? code : 0;
  const bool rises = then > now || sp > below || then_np(r) > now_np(j);
  const bool falls = then < now || sp < below || then_np(r) < now_np(j);
  if (rises && !dmarc_record_value(r, "rua"))
    answer(p, PROPOSED_UNREPORTED, step, now, then);
  else
    answer(p, rises ? PROPOSED_READY : falls ? PROPOSED_WEAKER : PROPOSED_SAME, step, now, then);
  return 0;
}

static int on_domain(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  struct asking *a = user;
  int code = decide(a, h, j, e);
  return code < 0 ? code : a->fn(a->user, a->answer, e);
}

/* A domain without reports begins with a record that asks for nothing but them. */
static void answer_unheard(struct asking *a) {
  const enum policy most = then_p(&a->record) > then_sp(&a->record) ? then_p(&a->record) : then_sp(&a->record);
  const bool asks = most > POLICY_NONE || then_np(&a->record) > POLICY_NONE;
  const bool reported = dmarc_record_value(&a->record, "rua") != NULL;
  answer(a->answer,
         asks       ? PROPOSED_NO_REPORTS
         : reported ? PROPOSED_SAME
                    : PROPOSED_UNREPORTED,
         NULL, POLICY_NONE, most);
}

int proposed_judge(const struct inquiry *q, const char *domain, const char *text, proposed_fn *fn, void *user,
                   struct err *e) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  struct proposed p = {.domain = domain, .text = text};
  struct asking a = {.q = q, .domain = domain, .answer = &p, .fn = fn, .user = user};
  if (find_fault(&a, arena)) {
    p.reason = PROPOSED_FAULT;
    return fn(user, &p, e);
  }
  struct inquiry one = *q;
  one.domains = &domain;
  one.domain_count = 1;
  int code = judge_each(&one, on_domain, &a, e);
  if (code != ERR_NOT_FOUND) return code;
  answer_unheard(&a);
  return fn(user, &p, e);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Replays the records of a judged window under another policy. What a pattern means is worked out once a pattern. */
#include "analysis/whatif.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/names_below.h"
#include "base/alignment.h"
#include "base/cleanup.h"
#include "base/utc.h"
#include "verdict/judged_mail.h"

enum { DKIM, SPF, MECHANISMS };

#define MODES 4 /* of a report: strict DKIM or not, strict SPF or not */

/* What a pattern says of its messages. */
struct pattern_use {
  enum whatif_change changes[MODES]; /* by the modes under which it was evaluated */
};

struct replay {
  struct mail_fold mail;
  struct whatif *w;
  const struct history *h;
  bool strict_today[MECHANISMS], strict_then[MECHANISMS];
  struct names_below names;
  struct whatif_source *sources; /* one for each stream of the history */
};

/* --- policies ----------------------------------------------------------------------------------------------------- */

static enum policy policy_or_none(const char *word) {
  return policy_or_inherited(policy_of(word),
                             POLICY_NONE); /* without a p that can be read nothing is asked of receivers */
}

/* Many reporters fill sp and np in with what would hold without them: only another word is the owner's choice. */
static bool is_choice(const char *word, enum policy otherwise) {
  return policy_of(word) != POLICY_UNKNOWN && policy_of(word) != otherwise;
}

static void read_policies(struct whatif *w) {
  const struct seen_policy *seen = &w->judgement->policy;
  const struct whatif_proposal *proposal = w->proposal;
  enum policy published[GOVERNINGS];
  published[GOVERNED_BY_P] = policy_or_none(seen->p);
  bool own_sp = is_choice(seen->sp, published[GOVERNED_BY_P]);
  published[GOVERNED_BY_SP] = policy_or_inherited(policy_of(seen->sp), published[GOVERNED_BY_P]);
  bool own_np = is_choice(seen->np, published[GOVERNED_BY_SP]);
  published[GOVERNED_BY_NP] = policy_or_inherited(policy_of(seen->np), published[GOVERNED_BY_SP]);
  for (int i = 0; i < GOVERNINGS; i++)
    w->today[i] = w->judgement->in_force ? published[i] : policy_one_lower(published[i]);
  w->then[GOVERNED_BY_P] = proposal->p ? policy_of(proposal->p) : w->today[GOVERNED_BY_P];
  w->then[GOVERNED_BY_SP] = proposal->sp ? policy_of(proposal->sp)
                            : own_sp     ? w->today[GOVERNED_BY_SP]
                                         : w->then[GOVERNED_BY_P];
  w->then[GOVERNED_BY_NP] = proposal->np ? policy_of(proposal->np)
                            : own_np     ? w->today[GOVERNED_BY_NP]
                                         : w->then[GOVERNED_BY_SP];
}

static void read_modes(struct replay *r) {
  const struct seen_policy *seen = &r->w->judgement->policy;
  const struct whatif_proposal *proposal = r->w->proposal;
  r->strict_today[DKIM] = alignment_is_strict(seen->adkim);
  r->strict_today[SPF] = alignment_is_strict(seen->aspf);
  r->strict_then[DKIM] = proposal->adkim ? alignment_is_strict(proposal->adkim) : r->strict_today[DKIM];
  r->strict_then[SPF] = proposal->aspf ? alignment_is_strict(proposal->aspf) : r->strict_today[SPF];
}

/* --- patterns ----------------------------------------------------------------------------------------------------- */

/* Does a mechanism pass under `strict`, evaluated as `passed` under `was_strict`? 1, 0, or -1: unknown. The receiver's
 * word stands where it spoke of that mode; and a stricter mode lets nothing pass that failed, a weaker one fails
 * nothing that passed, whatever the results say. */
static int passes_under(bool passed, bool was_strict, enum alignment grade, bool strict) {
  if (strict == was_strict || passed == was_strict) return passed;
  /* Failed under strict though it is the same domain: not for the mode's sake. */
  if (!strict && grade == ALIGNMENT_STRICT) return 0;
  return alignment_holds(grade, strict);
}

/* 1, 0, or -1: unknown. */
static int fails_under(const struct feedback_record *record, const bool was[MECHANISMS],
                       const bool strict[MECHANISMS]) {
  if (!record->dkim.text && !record->spf.text) return -1; /* not evaluated */
  int dkim = passes_under(is_word(record->dkim.text, "pass"), was[DKIM], record->dkim_alignment, strict[DKIM]);
  int spf = passes_under(is_word(record->spf.text, "pass"), was[SPF], record->spf_alignment, strict[SPF]);
  if (dkim == 1 || spf == 1) return 0;
  return dkim == 0 && spf == 0 ? 1 : -1;
}

static enum policy disposition_of(int fails, enum policy governing) {
  if (fails == 0 || governing == POLICY_NONE) return POLICY_NONE;
  return fails == 1 ? governing : POLICY_UNKNOWN;
}

static enum whatif_change change_of(const struct replay *r, const struct feedback_record *record,
                                    const bool was[MECHANISMS], enum whatif_governing by) {
  enum policy governs_today = r->w->today[by], governs_then = r->w->then[by];
  enum policy today = disposition_of(fails_under(record, was, r->strict_today), governs_today);
  enum policy then = disposition_of(fails_under(record, was, r->strict_then), governs_then);
  if (today == POLICY_UNKNOWN || then == POLICY_UNKNOWN) {
    bool same = governs_today == governs_then && !memcmp(r->strict_today, r->strict_then, sizeof r->strict_today);
    return same ? CHANGE_NOTHING : CHANGE_UNKNOWN;
  }
  if (today == then) return CHANGE_NOTHING;
  if (today == POLICY_NONE) return CHANGE_FAILING;
  return then == POLICY_NONE ? CHANGE_PASSING : CHANGE_MOVED;
}

static void read_pattern(struct mail_fold *fold, const struct judged_mail *mail, const struct feedback_record *record,
                         void *ret) {
  (void)mail;
  const struct replay *r = (const struct replay *)fold;
  struct pattern_use *use = ret;
  enum whatif_governing by = names_below_governing(&r->names, record->header_from);
  for (unsigned modes = 0; modes < MODES; modes++) {
    const bool was[MECHANISMS] = {[DKIM] = modes & 1 << DKIM, [SPF] = modes & 1 << SPF};
    use->changes[modes] = change_of(r, record, was, by);
  }
}

static void add(struct mail_fold *fold, const struct judged_mail *mail, const void *pattern) {
  struct replay *r = (struct replay *)fold;
  const struct pattern_use *use = pattern;
  unsigned modes = (mail->report->strict_dkim ? 1u << DKIM : 0) | (mail->report->strict_spf ? 1u << SPF : 0);
  struct whatif_source *source = &r->sources[mail->stream - r->h->streams];
  source->messages += mail->count;
  source->changed[use->changes[modes]] += mail->count;
}

/* --- sources ------------------------------------------------------------------------------------------------------ */

/* First what is the owner's or may be. */
static int compare_sources(const void *left, const void *right) {
  const struct whatif_source *a = left, *b = right;
  bool a_last = !stream_is_own(a->stream) && a->stream->class != CLASS_UNDECIDED;
  bool b_last = !stream_is_own(b->stream) && b->stream->class != CLASS_UNDECIDED;
  if (a_last != b_last) return a_last ? 1 : -1;
  int64_t x = a->messages - a->changed[CHANGE_NOTHING], y = b->messages - b->changed[CHANGE_NOTHING];
  if (x != y) return x < y ? 1 : -1;
  if (a->messages != b->messages) return a->messages < b->messages ? 1 : -1;
  return a->stream < b->stream ? -1 : a->stream > b->stream; /* as they were met */
}

static void open_sources(struct replay *r) {
  r->sources = mem_zalloc((r->h->stream_count + 1) * sizeof *r->sources);
  for (uint32_t i = 0; i < r->h->stream_count; i++) {
    const struct stream *s = &r->h->streams[i];
    r->sources[i] =
        (struct whatif_source){.stream = s, .governed_by = names_below_governing(&r->names, s->header_from.text)};
  }
}

static void close_sources(struct replay *r) {
  struct whatif *w = r->w;
  w->sources = r->sources;
  for (uint32_t i = 0; i < r->h->stream_count; i++)
    if (r->sources[i].messages) w->sources[w->source_count++] = r->sources[i];
  if (w->source_count) qsort(w->sources, w->source_count, sizeof *w->sources, compare_sources);
}

struct walk {
  const struct inquiry *q;
  const struct whatif_proposal *proposal;
  whatif_fn *fn;
  void *user;
};

/* A filter may leave a part of the window; where no report's clock can be believed there is none. */
static void read_period(struct whatif *w, const struct report_filter *filter) {
  w->begin_s = utc_later(filter->since_s, w->judgement->window_begin_s);
  w->end_s = utc_earlier(filter->until_s, w->judgement->window_end_s);
  double days = (double)(w->end_s - w->begin_s) / UTC_DAY_S;
  w->days = days < 1 ? 1 : days;
}

static int on_domain(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  const struct walk *walk = user;
  struct whatif w = {.judgement = j, .proposal = walk->proposal};
  struct replay r = {
      .mail = {.pattern_bytes = sizeof(struct pattern_use), .read_pattern = read_pattern, .add = add}, .w = &w, .h = h};
  struct mail_fold *const folds[] = {&r.mail};
  names_below_read(&r.names, h);
  read_period(&w, walk->q->filter);
  read_policies(&w);
  read_modes(&r);
  open_sources(&r);
  int code = judged_mail_each(walk->q, h, w.begin_s, w.end_s, folds, 1, e);
  if (!code) {
    close_sources(&r);
    code = walk->fn(walk->user, &w, e);
  }
  names_below_clear(&r.names);
  free(r.sources);
  return code;
}

int whatif_each(const struct inquiry *q, const struct whatif_proposal *proposal, whatif_fn *fn, void *user,
                struct err *e) {
  struct walk walk = {q, proposal, fn, user};
  return judge_each(q, on_domain, &walk, e);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Records to publish, by what reports show of the present one or by what the DNS has of it. */
#include <string.h>

#include "base/alignment.h"
#include "base/cleanup.h"
#include "dns/published.h"
#include "verdict/judging.h"

/* Most reporters fill sp in with the value of p where none is published: only another value is a choice of the owner's.
 */
const char *seen_own_sp(const struct seen_policy *p) {
  return p->sp && (!p->p || strcmp(p->sp, p->p) != 0) ? p->sp : NULL;
}
/* The same of np, which is sp where it is absent. */
const char *seen_own_np(const struct seen_policy *p) {
  const char *above = seen_own_sp(p) ? p->sp : p->p;
  return p->np && (!above || strcmp(p->np, above) != 0) ? p->np : NULL;
}

struct record_tags {
  const char *p, *sp, *np; /* sp and np NULL: without them */
  bool testing;
  const char *pct; /* in words, as reports do not tell how much it is; NULL: without it */
};

/* A word of a stranger's report is no part of a record, unless it is one of the three. */
static const char *policy_told(const char *word) { return policy_word(policy_of(word)); }

/* Taking t=y or pct away puts the other policies of the record fully in force, too. They have a step of their own, and
 * are left what they come to today. NULL where there is none. */
static const char *policy_kept(const char *word, bool loses_t) {
  const enum policy p = policy_of(word);
  return policy_word(loses_t ? policy_one_lower(p) : p);
}

void keep_others(struct dmarc_change *change, const struct dmarc_record *r) {
  if (change->testing || (!dmarc_record_is_testing(r) && !dmarc_record_is_sampled(r))) return;
  if (!change->p) change->p = policy_kept(dmarc_record_value(r, "p"), true);
  if (!change->sp) change->sp = policy_kept(dmarc_record_value(r, "sp"), true);
  if (!change->np) change->np = policy_kept(dmarc_record_value(r, "np"), true);
}

/* By what the reports show. They tell of no rua, and not how much pct is. */
static char *record_text(struct arena *arena, const struct seen_policy *seen, const struct record_tags *tags) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_printf(&text, "v=DMARC1; p=%s", tags->p ? tags->p : "<as it is>");
  if (tags->sp) strbuf_printf(&text, "; sp=%s", tags->sp);
  if (tags->np) strbuf_printf(&text, "; np=%s", tags->np);
  if (alignment_is_strict(seen->adkim)) strbuf_add_text(&text, "; adkim=s");
  if (alignment_is_strict(seen->aspf)) strbuf_add_text(&text, "; aspf=s");
  if (tags->testing) strbuf_add_text(&text, "; t=y");
  if (tags->pct) strbuf_printf(&text, "; pct=<%s>", tags->pct);
  strbuf_add_text(&text, "; rua=<keep yours>");
  return arena_strndup(arena, text.data, text.length);
}

static const struct published *own_record(const struct judgement *j) {
  return j->published && published_is_own(j->published) ? j->published : NULL;
}

const char *record_with_rua(struct arena *arena, const char *record) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  size_t length = strlen(record);
  while (length && strchr("; \t", record[length - 1])) length--;
  strbuf_add(&text, record, length);
  strbuf_add_text(&text, "; rua=mailto:<where your reports go>");
  return arena_strdup(arena, strbuf_text(&text));
}

const char *judgement_record(struct arena *arena, const struct judgement *j, const struct record_step *step) {
  const struct seen_policy *seen = &j->policy;
  if (own_record(j)) {
    struct dmarc_change change = {.p = policy_word(step->p), .sp = step->sp, .np = step->np, .testing = step->testing};
    keep_others(&change, &j->published->dmarc);
    _cleanup_free_ char *text = dmarc_record_with_policy(&j->published->dmarc, &change);
    return j->wants_rua ? record_with_rua(arena, text) : arena_strdup(arena, text);
  }
  const bool loses_t = !j->in_force && !step->testing;
  return record_text(arena, seen,
                     &(struct record_tags){.p = policy_word(step->p),
                                           .sp = step->sp ? step->sp : policy_kept(seen_own_sp(seen), loses_t),
                                           .np = step->np ? step->np : policy_kept(seen_own_np(seen), loses_t),
                                           .testing = step->testing});
}

/* With the tags that are seen, and such an sp and np. */
static const char *seen_record(struct arena *arena, const struct seen_policy *seen, const char *sp, const char *np,
                               const char *pct) {
  return record_text(arena, seen,
                     &(struct record_tags){.p = policy_told(seen->p),
                                           .sp = policy_told(sp),
                                           .np = policy_told(np),
                                           .testing = seen->testing == 'y',
                                           .pct = seen->sampled == 'y' ? pct : NULL});
}

const char *judgement_record_now(struct arena *arena, const struct judgement *j) {
  const struct seen_policy *seen = &j->policy;
  if (own_record(j)) {
    _cleanup_free_ char *plain = dmarc_record_plain(&j->published->dmarc);
    return arena_strdup(arena, plain);
  }
  return seen_record(arena, seen, seen_own_sp(seen), seen_own_np(seen), "as it is");
}

static const char *or_else(const char *text, const char *otherwise) { return text ? text : otherwise; }

/* A tag that has come to stand by itself is set to what held without it: whoever edits the record leaves no such tag
 * behind. */
static const char *former_tag(const char *now, const char *then, const char *above_now, const char *above_then) {
  return now && above_now && strcmp(now, above_now) != 0 ? or_else(then, above_then) : NULL;
}

static bool is_alignment_same(const struct seen_policy *a, const struct seen_policy *b) {
  return alignment_is_strict(a->adkim) == alignment_is_strict(b->adkim) &&
         alignment_is_strict(a->aspf) == alignment_is_strict(b->aspf);
}

/* Who has no word for np leaves it to those who have one now. */
const char *judgement_record_before(struct arena *arena, const struct judgement *j, const struct seen_policy *then,
                                    const struct seen_policy *now) {
  const char *sp = seen_own_sp(then), *np = seen_own_np(then);
  if (!sp) sp = former_tag(now->sp, then->sp, now->p, then->p);
  if (!np) np = former_tag(now->np, then->np, or_else(now->sp, now->p), or_else(then->sp, then->p));
  if (!np && !then->np && !now->np) np = seen_own_np(&j->policy);
  /* A step leaves alignment as it is, and knows no pct. */
  if (!own_record(j) || then->sampled == 'y' || !is_alignment_same(then, now))
    return seen_record(arena, then, sp, np, "as it was");
  return judgement_record(
      arena, j,
      &(struct record_step){
          .p = policy_of(then->p), .sp = policy_told(sp), .np = policy_told(np), .testing = then->testing == 'y'});
}

enum policy judgement_policy_left(const struct judgement *j) {
  if (j->current == POLICY_UNKNOWN) return POLICY_NONE;
  return j->in_force ? j->current : policy_one_lower(j->current);
}

/* One step at a time: the record of each scope leaves the other's policy as it is. */
void write_next_records(struct judging *g, struct judgement *whole) {
  const struct seen_policy *seen = &whole->policy;
  struct judgement *below = whole->below;
  struct arena *arena = g->h->arena;
  const char *sp = seen_own_sp(seen), *np = seen_own_np(seen);
  struct record_tags tags = {
      .p = policy_word(whole->next), .sp = policy_kept(sp, !whole->in_force), .np = policy_kept(np, !whole->in_force)};
  if (whole->next != POLICY_UNKNOWN) whole->next_record = record_text(arena, seen, &tags);
  if (whole->alone) {
    tags.p = policy_word(whole->alone->next);
    tags.sp = policy_word(judgement_policy_left(whole));
    whole->alone->next_record = record_text(arena, seen, &tags);
  }
  if (below && below->next != POLICY_UNKNOWN && policy_of(seen->p) != POLICY_UNKNOWN) {
    tags.p = policy_kept(seen->p, !whole->in_force);
    tags.sp = policy_word(below->next);
    below->next_record = record_text(arena, seen, &tags);
  }
}

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
  bool testing, sampled;
};

/* By what the reports show. They tell of no rua, and not how much pct is. */
static char *record_text(struct arena *arena, const struct seen_policy *seen, const struct record_tags *tags) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_printf(&text, "v=DMARC1; p=%s", tags->p);
  if (tags->sp) strbuf_printf(&text, "; sp=%s", tags->sp);
  if (tags->np) strbuf_printf(&text, "; np=%s", tags->np);
  if (alignment_is_strict(seen->adkim)) strbuf_add_text(&text, "; adkim=s");
  if (alignment_is_strict(seen->aspf)) strbuf_add_text(&text, "; aspf=s");
  if (tags->testing) strbuf_add_text(&text, "; t=y");
  if (tags->sampled) strbuf_add_text(&text, "; pct=<as it is>");
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
    const struct dmarc_change change = {.p = policy_word(step->p), .np = step->np, .testing = step->testing};
    _cleanup_free_ char *text = dmarc_record_with_policy(&j->published->dmarc, &change);
    return j->wants_rua ? record_with_rua(arena, text) : arena_strdup(arena, text);
  }
  return record_text(arena, seen,
                     &(struct record_tags){.p = policy_word(step->p),
                                           .sp = seen_own_sp(seen),
                                           .np = step->np ? step->np : seen_own_np(seen),
                                           .testing = step->testing});
}

const char *judgement_record_now(struct arena *arena, const struct judgement *j) {
  const struct seen_policy *seen = &j->policy;
  if (own_record(j)) return j->published->record;
  return record_text(arena, seen,
                     &(struct record_tags){.p = seen->p ? seen->p : policy_word(POLICY_NONE),
                                           .sp = seen_own_sp(seen),
                                           .np = seen_own_np(seen),
                                           .testing = seen->testing == 'y',
                                           .sampled = seen->sampled == 'y'});
}

enum policy policy_left_below(const struct judgement *j) {
  if (j->current == POLICY_UNKNOWN) return POLICY_NONE;
  return j->in_force ? j->current : policy_one_lower(j->current);
}

/* One step at a time: the record of each scope leaves the other's policy as it is. */
void write_next_records(struct judging *g, struct judgement *whole) {
  const struct seen_policy *seen = &whole->policy;
  struct judgement *below = whole->below;
  struct arena *arena = g->h->arena;
  struct record_tags tags = {.p = policy_word(whole->next), .sp = seen_own_sp(seen), .np = seen_own_np(seen)};
  if (whole->next != POLICY_UNKNOWN) whole->next_record = record_text(arena, seen, &tags);
  if (whole->alone) {
    tags.p = policy_word(whole->alone->next);
    tags.sp = policy_word(policy_left_below(whole));
    whole->alone->next_record = record_text(arena, seen, &tags);
  }
  if (below && below->next != POLICY_UNKNOWN && seen->p) {
    tags.p = seen->p;
    tags.sp = policy_word(below->next);
    below->next_record = record_text(arena, seen, &tags);
  }
}

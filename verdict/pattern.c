/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a pattern of records for a policy domain. */
#include "verdict/pattern.h"

#include <string.h>

#include "base/alignment.h"
#include "base/domain.h"
#include "base/feedback.h"
#include "verdict/history_texts.h"

struct pattern_reading {
  struct history *h;
  const struct sender_catalogue *catalogue;
  const char *walked; /* alignment_walked */
};

#define JOINED_BYTES 512 /* hardly any is longer */

static const char *keep_joined(struct history *h, const char *a, const char *b, const char *c) {
  const size_t a_size = strlen(a), b_size = strlen(b), c_size = strlen(c), size = a_size + b_size + c_size + 1;
  char short_text[JOINED_BYTES], *text = size <= sizeof short_text ? short_text : arena_alloc(h->arena, size);
  memcpy(text, a, a_size);
  memcpy(text + a_size, b, b_size);
  memcpy(text + a_size + b_size, c, c_size + 1);
  return history_keep(h, text).text;
}

/* Is it the owner's, for mail from `from`? */
static bool is_own(const struct history *h, const struct auth_result *r, const char *from, const char *walked) {
  return from && r->domain && alignment_same_organization(h->organizations, domain_of_address(r->domain), from, walked);
}

/* A foreign identity that passed: a service of the catalogue before a mere domain, DKIM before SPF. */
static void consider_identity(const struct pattern_reading *x, struct pattern_facts *f, const struct auth_result *r) {
  bool dkim = r->method == AUTH_DKIM;
  const struct sender_service *service =
      dkim ? sender_by_dkim(x->catalogue, r->domain) : sender_by_spf(x->catalogue, r->domain);
  if (f->identity.text && (f->service || !service)) return;
  f->service = service;
  f->identity = history_keep(x->h, r->domain);
  f->identity_signs = dkim;
  f->evidence = keep_joined(x->h, dkim ? "DKIM d=" : "SPF ", r->domain, "");
}

static void add_selector(const struct pattern_reading *x, struct pattern_facts *f, const struct auth_result *r,
                         bool passed) {
  if (f->selector_count >= MOST_SELECTORS) return;
  const char *text = keep_joined(x->h, r->domain, "/", r->selector ? r->selector : "?");
  f->selectors[f->selector_count] =
      history_number(&x->h->selector_index, text, &x->h->selectors, &x->h->selector_count, &x->h->selector_capacity);
  f->selector_passed[f->selector_count++] = passed;
}

static bool tells_of_forwarder(const struct override_reason *r) {
  if (is_word(r->type, "forwarded") || is_word(r->type, "trusted_forwarder") || is_word(r->type, "mailing_list"))
    return true;
  return is_word(r->type, "local_policy") && r->comment && strstr(r->comment, "arc=pass");
}

static const char *from_of(const struct feedback_record *r) {
  return r->header_from ? domain_of_address(r->header_from) : NULL;
}

/* The owner's record disowns a sender by "fail" and "softfail" alone. Where there is no record, or one that could not
 * be had or read, nothing is said of anybody, and "neutral" is to be treated as that (RFC 7208 8.2). */
static void read_own_spf(const struct auth_result *r, struct pattern_facts *f) {
  bool is_refused = is_word(r->result.text, "fail");
  f->spf_own_refused |= is_refused;
  *(is_refused || is_word(r->result.text, "softfail") ? &f->spf_own_failed : &f->spf_own_silent) = true;
}

static void read_results(const struct pattern_reading *x, const struct feedback_record *r, struct pattern_facts *f) {
  const char *from = from_of(r);
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    bool passed = is_word(a->result.text, "pass");
    if (!a->domain) continue;
    if (!is_own(x->h, a, from, x->walked)) {
      if (passed) consider_identity(x, f, a);
    } else if (a->method == AUTH_DKIM) {
      if (!is_word(a->result.text, "none")) add_selector(x, f, a, passed);
    } else if (passed) {
      f->spf_own_passed = true;
    } else {
      read_own_spf(a, f);
    }
  }
}

/* Did the receiver look, and find none of the owner's signatures whole? A temperror is no look. */
static bool own_signature_fails(const struct pattern_reading *x, const struct feedback_record *r,
                                const struct pattern_facts *f) {
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    if (a->method == AUTH_DKIM && is_word(a->result.text, "temperror") && is_own(x->h, a, from_of(r), x->walked))
      return false;
  }
  for (uint32_t i = 0; i < f->selector_count; i++)
    if (f->selector_passed[i]) return false;
  return f->selector_count > 0;
}

/* RFC 9989 5.3.6: where the DNS did not answer, there is neither a pass nor a fail. */
static void note_unchecked(const struct history *h, const char *walked, const struct feedback_record *r,
                           struct pattern_facts *f) {
  const char *from = from_of(r);
  f->unchecked[AUTH_DKIM] = f->unchecked[AUTH_SPF] = ALIGNMENT_NONE;
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    if (!is_word(a->result.text, "temperror") || !is_own(h, a, from, walked)) continue;
    bool same = !strcmp(domain_of_address(a->domain), from);
    if (f->unchecked[a->method] != ALIGNMENT_STRICT)
      f->unchecked[a->method] = same ? ALIGNMENT_STRICT : ALIGNMENT_RELAXED;
  }
}

static bool has_permerror(const struct pattern_reading *x, const struct feedback_record *r) {
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    if (a->method == AUTH_DKIM && is_word(a->result.text, "permerror") && is_own(x->h, a, from_of(r), x->walked))
      return true;
  }
  return false;
}

bool pattern_is_unchecked(const struct pattern_facts *f, unsigned mode) {
  return !f->passes && f->evaluated &&
         (alignment_holds(f->unchecked[AUTH_DKIM], mode & alignment_mode(true, false)) == 1 ||
          alignment_holds(f->unchecked[AUTH_SPF], mode & alignment_mode(false, true)) == 1);
}

static void note_contradiction(const struct feedback_record *r, struct pattern_facts *f) {
  for (unsigned mode = 0; mode < ALIGNMENT_MODES; mode++)
    f->contradicted[mode] = !f->passes && f->evaluated &&
                            (alignment_holds(r->dkim_alignment, mode & alignment_mode(true, false)) == 1 ||
                             alignment_holds(r->spf_alignment, mode & alignment_mode(false, true)) == 1);
}

static bool has_own_signature(const struct history *h, const struct feedback_record *r, const char *walked) {
  const char *from = from_of(r);
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    if (a->method == AUTH_DKIM && !is_word(a->result.text, "none") && is_own(h, a, from, walked)) return true;
  }
  return false;
}

/* A pass that the receiver evaluated and the results do not bear out (or the other way round) is no evidence that a
 * source is the owner's. Where nothing was evaluated, the results alone say whose it is. */
static enum stream_kind kind_of(const struct feedback_record *r, bool own_signature, bool strict_dkim,
                                bool strict_spf) {
  bool dkim = alignment_holds(r->dkim_alignment, strict_dkim) == 1,
       spf = alignment_holds(r->spf_alignment, strict_spf) == 1;
  const bool told = record_outcome(r) != NOT_EVALUATED;
  bool dkim_agreed = dkim && (!told || is_word(r->dkim.text, "pass"));
  bool spf_agreed = spf && (!told || is_word(r->spf.text, "pass"));
  return dkim_agreed ? STREAM_SIGNED : spf_agreed ? STREAM_SPF : own_signature ? STREAM_BROKEN : STREAM_NOTHING;
}

/* What the receiver evaluated as a pass may be in results that were cut. */
static bool is_unproven(const struct feedback_record *r) {
  bool dkim = (r->flags & RECORD_DKIM_CUT) && r->dkim_alignment == ALIGNMENT_UNKNOWN;
  bool spf = (r->flags & RECORD_SPF_CUT) && r->spf_alignment == ALIGNMENT_UNKNOWN;
  return (dkim && is_word(r->dkim.text, "pass")) || (spf && is_word(r->spf.text, "pass"));
}

struct stream_mark history_mark(const struct history *h, const struct feedback_record *pattern, const char *walked) {
  bool own_signature = has_own_signature(h, pattern, walked);
  struct stream_mark mark = {.header_from = interned_find(&h->text_index, pattern->header_from)};
  for (unsigned dkim = 0; dkim < 2; dkim++)
    for (unsigned spf = 0; spf < 2; spf++)
      mark.kinds[alignment_mode(dkim, spf)] = kind_of(pattern, own_signature, dkim, spf);
  return mark;
}

struct pattern_facts *pattern_read(struct history *h, const struct sender_catalogue *catalogue,
                                   const struct feedback_record *r, const char *walked) {
  const struct pattern_reading x = {h, catalogue, walked};
  struct pattern_facts *f = arena_alloc(h->arena, sizeof *f);
  history_keep(h, r->header_from);
  *f = (struct pattern_facts){.terms = tally_terms_of(r), .mark = history_mark(h, r, walked)};
  f->evaluated = f->terms.outcome != NOT_EVALUATED;
  f->dkim_passes = is_word(r->dkim.text, "pass");
  f->passes = outcome_passes(f->terms.outcome);
  f->unproven = is_unproven(r);
  read_results(&x, r, f);
  note_unchecked(h, walked, r, f);
  f->permerror = has_permerror(&x, r);
  note_contradiction(r, f);
  f->signature_fails = own_signature_fails(&x, r, f);
  for (uint32_t i = 0; i < r->reason_count; i++)
    if (tells_of_forwarder(&r->reasons[i])) f->forwarded = true;
  return f;
}

void pattern_without_verdict(const struct history *h, const struct feedback_record *r, const char *walked,
                             struct missing_verdict ret[ALIGNMENT_MODES]) {
  const enum outcome outcome = record_outcome(r);
  struct pattern_facts f = {.evaluated = outcome != NOT_EVALUATED, .passes = outcome_passes(outcome)};
  note_unchecked(h, walked, r, &f);
  note_contradiction(r, &f);
  for (unsigned mode = 0; mode < ALIGNMENT_MODES; mode++) {
    ret[mode].is_unchecked = !f.contradicted[mode] && pattern_is_unchecked(&f, mode);
    ret[mode].any = ret[mode].is_unchecked || f.contradicted[mode] || !f.evaluated;
  }
}

bool pattern_disagrees(const struct pattern_facts *f, unsigned mode) {
  return f->terms.dkim_disagrees[!!(mode & alignment_mode(true, false))] ||
         f->terms.spf_disagrees[!!(mode & alignment_mode(false, true))];
}

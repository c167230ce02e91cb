/* SPDX-License-Identifier: Apache-2.0 */
#include "report/effect_words.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/utc.h"

static bool differs(const char *tag, const char *above) { return tag && (!above || strcmp(tag, above) != 0); }

/* Reports spell words as they like: only what is a policy is shown. */
static const char *word_of(const char *text) {
  const char *word = policy_word(policy_of(text));
  return word ? word : "unknown";
}

void policy_tell(const struct seen_policy *p, struct strbuf *out) {
  strbuf_printf(out, "p=%s", word_of(p->p));
  if (differs(p->sp, p->p)) strbuf_printf(out, "; sp=%s", word_of(p->sp));
  if (differs(p->np, p->sp ? p->sp : p->p)) strbuf_printf(out, "; np=%s", word_of(p->np));
  if (p->testing == 'y') strbuf_add_text(out, "; t=y");
  if (p->sampled == 'y') strbuf_add_text(out, "; pct below 100");
}

const char *effect_sender_name(const struct effect_sender *s) {
  return s->largest->service ? s->largest->service->name : s->largest->site.text;
}

/* "were rejected", by what the step asked for and what was done. */
static const char *done_with(const struct effect_sum *s) {
  if (s->quarantined && s->rejected) return "quarantined or rejected";
  if (s->quarantined || s->rejected) return s->rejected ? "rejected" : "quarantined";
  return s->predicted_rejected ? "rejected" : "quarantined";
}

static void add_expected(const struct effect_sum *s, struct strbuf *out) {
  strbuf_add_text(out, "; expected were ");
  figure_integer(out, effect_predicted(s), true);
  strbuf_add_text(out, " (");
  figure_integer(out, (int64_t)s->low, true);
  strbuf_add_text(out, " to ");
  figure_integer(out, (int64_t)s->high, true);
  strbuf_add_char(out, ')');
}

/* "3 of 1,906 messages of your own mail were rejected in 28 days, 0.1 % (the step allows 1 %)" */
static void tell_own(const struct effect_step *s, struct strbuf *out) {
  const int64_t lost = effect_acted(&s->own), own = s->own.messages[EFFECT_AFTER];
  figure_integer(out, lost, true);
  strbuf_add_text(out, " of ");
  figure_count(out, own, "message");
  strbuf_printf(out, " of your own mail %s %s in ", lost == 1 ? "was" : "were", done_with(&s->own));
  figure_count(out, s->days, "day");
  if (lost) {
    strbuf_add_text(out, ", ");
    figure_share_of(out, lost, own);
  }
  strbuf_add_text(out, " (the step allows ");
  figure_share(out, s->limit);
  strbuf_add_text(out, ")");
  add_expected(&s->own, out);
  strbuf_add_char(out, '.');
}

static void tell_ignored(const struct effect_step *s, struct strbuf *out) {
  strbuf_add_text(out, "Most receivers did not do what the record asks for: of ");
  figure_count(out, effect_acted(&s->all) + s->all.ignored, "failing message");
  strbuf_add_text(out, " they let ");
  figure_integer(out, s->all.ignored, true);
  strbuf_add_text(out, " through and gave no reason. Is the record the one that you meant, and is it fully in force? ");
}

static void tell_early(const struct effect_step *s, struct strbuf *out) {
  char day[UTC_TEXT_BYTES];
  if (s->silent_since_day) {
    strbuf_printf(out,
                  "No report that tells of the policy has come since %s: more can be said by the reports of %d days. ",
                  utc_format_day(utc_from_day(s->silent_since_day), day), EFFECT_SURE_DAYS);
    return;
  }
  if (!s->until_day) {
    strbuf_printf(out, "The policy did not stand alone for %d days before and after: nothing can be said for sure. ",
                  EFFECT_SURE_DAYS);
    return;
  }
  strbuf_printf(out, "More can be said on %s, when the reports of %d days are there. ",
                utc_format_day(utc_from_day(s->until_day), day), EFFECT_SURE_DAYS);
}

void effect_tell(const struct effect_step *s, struct strbuf *out) {
  char day[UTC_TEXT_BYTES];
  if (s->outcome == EFFECT_LOSS)
    strbuf_add_text(out, s->is_sender_lost ? "A sender of yours loses mail that was to arrive: "
                                           : "More of your own mail was lost than the step may cost: ");
  if (s->outcome == EFFECT_NOT_HONOURED) tell_ignored(s, out);
  if (s->outcome == EFFECT_TOO_EARLY) tell_early(s, out);
  if (s->days) tell_own(s, out);
  if (!s->taken_back_day) return;
  strbuf_printf(out, " It was taken back on %s.", utc_format_day(utc_from_day(s->taken_back_day), day));
}

/* "12 messages of undecided mail were rejected too: are they yours?" */
static void tell_undecided(const struct effect_step *s, struct strbuf *out) {
  const struct effect_sum *undecided = &s->by_class[CLASS_UNDECIDED];
  const int64_t lost = effect_acted(undecided);
  if (!lost) return;
  figure_count(out, lost, "message");
  strbuf_printf(out, " of undecided mail %s %s too: only you know whether %s yours. ", lost == 1 ? "was" : "were",
                done_with(undecided), lost == 1 ? "it is" : "they are");
}

static void tell_reasons(const struct effect_step *s, struct strbuf *out) {
  if (!s->all.overridden) return;
  figure_count(out, s->all.overridden, "failing message");
  strbuf_printf(out, " %s let through with a reason:", s->all.overridden == 1 ? "was" : "were");
  for (unsigned i = 0; i < s->reason_count; i++) {
    strbuf_printf(out, "%s %s ", i ? "," : "", s->reasons[i].type);
    figure_integer(out, s->reasons[i].messages, true);
  }
  strbuf_add_text(out, ". ");
}

void effect_tell_rest(const struct effect_step *s, struct strbuf *out) {
  tell_undecided(s, out);
  tell_reasons(s, out);
  if (s->all.unknown) {
    strbuf_add_text(out, "Of ");
    figure_count(out, s->all.unknown, "message");
    strbuf_add_text(out, " the reports do not tell whether they failed or what became of them. ");
  }
  if (s->set_aside) {
    figure_count(out, s->set_aside, "report");
    strbuf_printf(out, " that may mix both policies, or tell%s of another one, %s set aside. ",
                  s->set_aside == 1 ? "s" : "", s->set_aside == 1 ? "is" : "are");
  }
  if (out->length && out->data[out->length - 1] == ' ') out->data[--out->length] = 0;
}

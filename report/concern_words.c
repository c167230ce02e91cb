/* SPDX-License-Identifier: Apache-2.0 */
/* Tells a concern in a sentence, and what to do about it: in the words of whatever it was found by, where that has any.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/command_word.h"
#include "base/figure.h"
#include "base/utc.h"
#include "report/words.h"

static bool is_of_domain(const struct concern *c) { return !*c->subject || !strcmp(c->subject, c->domain); }

void concern_name(const struct concern *c, struct strbuf *out) {
  strbuf_add_text(out, concern_kind_facts(c->kind)->title);
  if (!is_of_domain(c)) strbuf_printf(out, ": %s", c->subject);
}

/* --- what there is of it ------------------------------------------------------------------------------------------ */

static void add_day(struct strbuf *out, int32_t day) {
  char text[UTC_TEXT_BYTES];
  strbuf_add_text(out, utc_format_day(utc_from_day(day), text));
}

static void add_days(struct strbuf *out, const struct concern *c) {
  strbuf_add_text(out, c->first_day == c->last_day ? ", on " : ", ");
  add_day(out, c->first_day);
  if (c->first_day == c->last_day) return;
  strbuf_add_text(out, " to ");
  add_day(out, c->last_day);
}

/* "205 of 205 messages" */
static void add_messages(struct strbuf *out, const struct concern *c) {
  if (c->of_messages) {
    figure_integer(out, c->messages, true);
    strbuf_add_text(out, " of ");
  }
  figure_count(out, c->of_messages ? c->of_messages : c->messages, "message");
}

/* ", 2026-10-06 to 2026-10-12, 17 a day, 12.1 % of own mail" */
static void add_measure(struct strbuf *out, const struct concern *c, const char *against) {
  add_days(out, c);
  if (c->last_day > c->first_day) {
    strbuf_add_text(out, ", ");
    figure_decimal(out, concern_per_day(c), concern_per_day(c) < 10 ? 1 : 0);
    strbuf_add_text(out, " a day");
  }
  if (!c->own_messages || !against) return;
  strbuf_add_text(out, ", ");
  figure_share_of(out, c->messages, c->own_messages);
  strbuf_printf(out, " %s own mail", against);
}

static void tell_mail(const struct concern *c, const char *what, const char *against, struct strbuf *out) {
  add_messages(out, c);
  strbuf_add_text(out, what);
  add_measure(out, c, against);
}

/* Its messages are those of the window; its days may be all that is stored. */
static void tell_blocker(const struct concern *c, struct strbuf *out) {
  add_messages(out, c);
  strbuf_add_text(out, c->kind == CONCERN_SPF_ALONE         ? " pass by SPF alone"
                       : c->kind == CONCERN_FORWARDED_FAILS ? " fail on the way"
                                                            : " got no answer from the receiver's DNS");
  add_days(out, c);
  strbuf_printf(out, ": %s", c->finding->because);
}

static void tell_doubted(const struct concern *c, struct strbuf *out) {
  tell_mail(c, "", NULL, out);
  strbuf_add_text(out, ", ");
  if (c->suspect)
    suspect_tell(c->suspect, out);
  else
    strbuf_add_text(out, "in reports that came by mail of somebody else's");
}

/* Why it is told again, of what somebody knew. */
static void tell_joined(const struct concern *c, struct strbuf *out) {
  if (!c->is_anew) return;
  strbuf_add_text(out, "; ");
  strbuf_add_text(out, *c->joined.source ? c->joined.source : "more of it");
  strbuf_add_text(out, " since ");
  add_day(out, c->joined.first_day);
  strbuf_add_text(out, ", which is later than it was acknowledged");
}

/* --- labels ------------------------------------------------------------------------------------------------------- */

static void tell_review(const struct label *l, struct strbuf *out) {
  strbuf_printf(out, "labelled %s on ", label_verdict_word(l->verdict));
  add_day(out, utc_day_of(l->made_s));
  if (l->owner) strbuf_printf(out, ", owner %s", l->owner);
  if (l->ticket) strbuf_printf(out, ", ticket %s", l->ticket);
  strbuf_add_text(out, ", to be reviewed on ");
  add_day(out, utc_day_of(l->review_s));
}

static void tell_volume(const struct concern *c, struct strbuf *out) {
  figure_count(out, c->came, "message");
  strbuf_add_text(out, " in the ");
  figure_count(out, c->came_days, "day");
  strbuf_add_text(out, " with reports to ");
  add_day(out, c->last_day);
  strbuf_add_text(out, ", where ");
  figure_integer(out, (int64_t)(c->expected + 0.5), true);
  strbuf_add_text(out, " are expected, since ");
  add_day(out, c->first_day);
  if (c->label->owner) strbuf_printf(out, "; owner %s", c->label->owner);
}

/* Without the source's name in a command: it may be a stranger's, and this is pasted into a shell. */
static void advise_on_label(const struct concern *c, struct strbuf *out) {
  if (c->kind == CONCERN_REVIEW_DUE)
    strbuf_add_text(
        out,
        "ask whether it still holds; 'dmarcctl label --list' shows it: say it anew with another --review, or "
        "take it back with --remove");
  else if ((double)c->came < c->expected)
    strbuf_add_text(
        out,
        "see whether it still sends, and whether it has moved elsewhere ('dmarcctl sources'); if that is all "
        "there is now, say the label anew with another --expected");
  else
    strbuf_add_text(out,
                    "see whether all of it is theirs ('dmarcctl sources'); if it is, say the label anew with another "
                    "--expected");
}

static void tell_fall(const struct concern *c, struct strbuf *out) {
  if (!c->fall) return;
  strbuf_add_text(out, "; ");
  fall_tell(c->fall, out);
}

void concern_tell(const struct concern *c, struct strbuf *out) {
  switch (c->kind) {
    case CONCERN_REPLAY:
    case CONCERN_SURGE:
    case CONCERN_NEW_FROM:
    case CONCERN_CEASED:
      incident_tell(c->incident, out);
      break;
    case CONCERN_OWN_BROKEN:
      tell_mail(c, c->messages == 1 && !c->of_messages ? " fails" : " fail", "of", out);
      tell_fall(c, out);
      tell_joined(c, out);
      break;
    case CONCERN_DKIM_BROKEN:
      tell_mail(c, " bear a signature of yours that fails, and pass by SPF alone", "of", out);
      tell_fall(c, out);
      tell_joined(c, out);
      break;
    case CONCERN_UNKNOWN_SENDER:
      tell_mail(c, "", "against", out);
      strbuf_printf(out, ": %s", c->finding->because);
      tell_joined(c, out);
      break;
    case CONCERN_NEW_SENDER:
      tell_mail(c, " that pass as yours", "of", out);
      break;
    case CONCERN_SPF_ALONE:
    case CONCERN_FORWARDED_FAILS:
    case CONCERN_UNCHECKED:
      tell_blocker(c, out);
      break;
    case CONCERN_FORGED_REPORT:
      tell_doubted(c, out);
      break;
    case CONCERN_POLICY_CHANGED:
    case CONCERN_VERDICT_CHANGED:
      diff_tell(c->change, out);
      strbuf_add_text(out, " (since ");
      add_day(out, c->first_day);
      strbuf_add_char(out, ')');
      break;
    case CONCERN_REPORTER_SILENT:
    case CONCERN_REPORTS_STALE:
      strbuf_add_text(out, "no report tells of a day since ");
      add_day(out, c->first_day - 1);
      if (c->is_graver) strbuf_add_text(out, ", and without it too few tell of the mail to judge it today");
      if (!*c->domain) strbuf_add_text(out, ", of any domain asked about");
      break;
    case CONCERN_REVIEW_DUE:
      tell_review(c->label, out);
      break;
    case CONCERN_EXPECTED_VOLUME:
      tell_volume(c, out);
      break;
    case CONCERN_IMPORT_FAILING:
    case CONCERN_NOTIFY_FAILING:
      add_day(out, c->last_day);
      strbuf_printf(out, ": %s", c->error ? c->error : "it is not known why");
      break;
    case CONCERN_KINDS:
      break;
  }
}

void concern_tell_absence(enum concern_kind kind, enum absence why, int32_t seen_day, struct strbuf *out) {
  if (why == ABSENCE_ANSWERED)
    strbuf_add_text(out, "it was answered");
  else if (kind == CONCERN_NOTIFY_FAILING || kind == CONCERN_IMPORT_FAILING)
    strbuf_add_text(out, "it does not fail any more");
  else
    strbuf_add_text(out, "it is not found any more");
  strbuf_add_text(out, ": the last time was on ");
  add_day(out, seen_day);
}

/* --- what to do --------------------------------------------------------------------------------------------------- */

static void advise_on_own(const struct concern *c, struct strbuf *out) {
  const char *repair = c->finding ? c->finding->repair : failure_cause_repair(c->cause);
  if (repair)
    strbuf_add_text(out, repair);
  else
    strbuf_printf(out, "'dmarcctl sources --domain %s' tells what fails of it", command_domain(c->domain));
}

static void advise_on_verdict(const struct concern *c, struct strbuf *out) {
  if (c->record && c->change->after == VERDICT_READY)
    strbuf_printf(out, "publish _dmarc.%s TXT \"%s\"", c->domain, c->record);
  else
    strbuf_printf(out, "'dmarcctl readiness %s' says what it rests on", command_domain(c->domain));
}

void concern_advise_late(const struct concern *c, struct strbuf *out) {
  strbuf_printf(out, "'dmarcctl readiness %s' says what it is today", command_domain(c->domain));
}

void concern_advise(const struct concern *c, struct strbuf *out) {
  switch (c->kind) {
    case CONCERN_REPLAY:
    case CONCERN_SURGE:
    case CONCERN_NEW_FROM:
    case CONCERN_CEASED:
      incident_advise(c->incident, out);
      break;
    case CONCERN_OWN_BROKEN:
    case CONCERN_DKIM_BROKEN:
    case CONCERN_UNKNOWN_SENDER:
    case CONCERN_SPF_ALONE:
    case CONCERN_FORWARDED_FAILS:
    case CONCERN_UNCHECKED:
      advise_on_own(c, out);
      break;
    case CONCERN_NEW_SENDER:
      strbuf_add_text(out, "nothing if you know it; if not, find out who sends with a key or a return path of yours");
      break;
    case CONCERN_FORGED_REPORT:
      if (c->suspect)
        suspect_advise(c->suspect, out);
      else /* without the reporter's name: it is a stranger's, and this is pasted into a shell */
        strbuf_printf(out, "'dmarcctl reports --domain %s' lists them: trust or distrust each by its id",
                      command_domain(c->domain));
      break;
    case CONCERN_POLICY_CHANGED:
      strbuf_add_text(out, "nothing if it was you; if not, find out who can change your records");
      break;
    case CONCERN_VERDICT_CHANGED:
      advise_on_verdict(c, out);
      break;
    case CONCERN_REPORTER_SILENT:
      strbuf_add_text(out, c->is_graver
                               ? "see whether its mails still come to the addresses in rua, or are rejected, filtered"
                                 " or larger than allowed ('dmarcctl status', 'dmarcctl errors')"
                               : "nothing, unless others fall silent too: then see whether the addresses in rua are"
                                 " read");
      break;
    case CONCERN_REPORTS_STALE:
      strbuf_add_text(
          out,
          *c->domain
              ? "see whether the record still has its rua, and whether that mailbox is read ('dmarcctl status')"
              : "see whether reports are still imported ('dmarcctl status'), and whether their mailbox takes mail");
      break;
    case CONCERN_REVIEW_DUE:
    case CONCERN_EXPECTED_VOLUME:
      advise_on_label(c, out);
      break;
    case CONCERN_IMPORT_FAILING:
      strbuf_add_text(out, "'dmarcctl status' shows the accounts; the next import tries again");
      break;
    case CONCERN_NOTIFY_FAILING:
      strbuf_printf(out, "'dmarcctl notify --test %s' tries it; what it was to tell waits, and goes with the next run",
                    c->subject);
      break;
    case CONCERN_KINDS:
      break;
  }
}

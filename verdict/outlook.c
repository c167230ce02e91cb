/* SPDX-License-Identifier: Apache-2.0 */
/* What a verdict that waits is waiting for: how many more days at this rate, and whose reports are missed. */
#include <math.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "verdict/judging.h"

/* --- more days ---------------------------------------------------------------------------------------------------- */

/* Those that wait for nothing but time. */
static bool is_of_age(enum gate_name name) { return name == GATE_POLICY_AGE || name == GATE_NEW_SOURCE; }
static bool is_of_mail(enum gate_name name) { return name == GATE_DATA_DAYS || name == GATE_OWN_LOWER; }

/* Until all gates hold, if everything goes on as it does; 0 where time alone does not do it. */
static int32_t days_to_go(const struct judging *g) {
  double most = 0;
  bool waits_for_mail = false;
  for (enum gate_name i = 0; i < GATES; i++) {
    if (!failed(g, i)) continue;
    if (!is_of_age(i) && !is_of_mail(i)) return 0;
    if (is_of_age(i)) most = fmax(most, g->j->gates[i].limit - g->j->gates[i].figure);
    waits_for_mail |= is_of_mail(i);
  }
  const int32_t least = (int32_t)fmin(ceil(most), INT32_MAX);
  return waits_for_mail ? days_until_mail_suffices(g, least) : least;
}

/* --- in words ----------------------------------------------------------------------------------------------------- */

static void add_days(const struct judging *g, struct strbuf *text) {
  struct judgement *j = g->j;
  j->days_to_go = days_to_go(g);
  if (!j->days_to_go) return;
  strbuf_add_text(text, ": ");
  figure_count(text, j->days_to_go, "more day");
  strbuf_add_text(text, " at this rate");
}

static void add_silent(const struct judging *g, struct strbuf *text) {
  const struct silent_reporters *silent = &g->j->silent;
  for (unsigned i = 0; i < silent->count; i++) {
    char day[UTC_TEXT_BYTES];
    const char *name = silent->items[i].name;
    strbuf_printf(text, "%s %s (last heard on %s)", i ? "," : ": silent are",
                  *name ? name : "a reporter without a name", utc_format_day(silent->items[i].last_s - 1, day));
  }
  if (silent->left_out) strbuf_printf(text, " and %u more", silent->left_out);
}

static void add_stopped(const struct judging *g, struct strbuf *text) {
  const struct stopped *c = &g->j->stopped;
  char day[UTC_TEXT_BYTES];
  strbuf_printf(text, ": %s of %s since %s, where ", c->came ? "hardly anything" : "nothing",
                c->source ? c->source : "it", utc_format_day(utc_from_day(c->since_day), day));
  figure_count(text, c->usual, "message");
  strbuf_add_text(text, " would be usual");
  if (c->came) {
    strbuf_add_text(text, " and ");
    figure_integer(text, c->came, true);
    strbuf_add_text(text, " came");
  }
  if (!c->strange) return;
  strbuf_add_text(text, ", and ");
  figure_count(text, c->strange, "message");
  strbuf_add_text(text, " more of strangers, who may be the owner, moved elsewhere");
}

/* Where nothing else is wanted. */
static void add_newest_source(const struct judging *g, struct strbuf *text) {
  char day[UTC_TEXT_BYTES];
  const bool is_too_little =
      failed(g, GATE_POLICY_AGE) || failed(g, GATE_DATA_DAYS) || failed(g, GATE_REPORTERS) || failed(g, GATE_OWN_LOWER);
  if (is_too_little || !failed(g, GATE_NEW_SOURCE)) return;
  const struct newest_source newest = find_newest_source(g);
  strbuf_printf(text, " (%s, since %s)", newest.name, utc_format_day(utc_from_day(newest.day), day));
}

/* Who it is, and how the owner says that it may be. */
static void add_contradicting(const struct judging *g, struct strbuf *text) {
  const struct judgement *j = g->j;
  for (unsigned i = 0; i < j->contradicting.count; i++)
    strbuf_printf(text, "%s%s", i ? ", " : ": ",
                  *j->contradicting.items[i].name ? j->contradicting.items[i].name : "a reporter without a name");
  strbuf_printf(text, " (ask its operator; if it may be lost, '--threshold own_contradicted.%s=%.0f')",
                g->to == TO_QUARANTINE ? "quarantine" : "reject", ceil(j->gates[GATE_CONTRADICTED].figure));
}

void add_outlook(struct judging *g) {
  struct judgement *j = g->j;
  const bool is_contradicted = j->verdict == VERDICT_NEEDS_DECISION && failed(g, GATE_CONTRADICTED) &&
                               !failed(g, GATE_UNDECIDED_ALL) && !failed(g, GATE_UNDECIDED_ONE) &&
                               !failed(g, GATE_FORWARDED);
  if (j->verdict != VERDICT_INSUFFICIENT_DATA && j->verdict != VERDICT_STALE && !is_contradicted) return;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text, j->reason);
  if (j->verdict == VERDICT_STALE) {
    find_silent_reporters(g, &j->silent);
    add_silent(g, &text);
  } else if (is_contradicted) {
    add_contradicting(g, &text);
  } else if (failed(g, GATE_STOPPED)) {
    add_stopped(g, &text);
  } else {
    add_newest_source(g, &text);
    add_days(g, &text);
  }
  j->reason = arena_strdup(g->h->arena, strbuf_text(&text));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a verdict that waits is waiting for: how many more days at this rate, and whose reports are missed. */
#include <math.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "verdict/judging.h"
#include "verdict/proportion.h"

#define UNKNOWN_DAYS (-1)

/* --- more days ---------------------------------------------------------------------------------------------------- */

static double window_length(const struct judging *g) {
  return (double)(g->j->window_end_s - g->j->window_begin_s) / UTC_DAY_S;
}

#define MOST_MESSAGES_WAITED_FOR (INT64_C(1) << 40)

/* Messages at this pass rate whose lower bound reaches the limit; 0: no number does. */
static int64_t messages_wanted(double rate, double limit) {
  if (rate <= limit) return 0;
  int64_t low = 1, high = MOST_MESSAGES_WAITED_FOR;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (wilson_lower((int64_t)((double)middle * rate), middle) >= limit)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

static double until_own_mail_suffices(const struct judging *g) {
  const struct judgement *j = g->j;
  if (!j->own_messages) return UNKNOWN_DAYS;
  int64_t wanted = messages_wanted(share(j->own_passed, j->own_messages), g->t->own_lower[g->to]);
  double a_day = (double)j->own_messages / window_length(g);
  return wanted ? fmax(1, (double)(wanted - j->own_messages) / a_day) : UNKNOWN_DAYS;
}

/* Until this gate holds, if everything goes on as it does. */
static double days_until(const struct judging *g, enum gate_name name) {
  const struct gate *gate = &g->j->gates[name];
  double missing = gate->limit - gate->figure;
  switch (name) {
    case GATE_POLICY_AGE:
    case GATE_NEW_SOURCE:
      return missing;
    case GATE_DATA_DAYS:
      return gate->figure > 0 ? missing * window_length(g) / gate->figure : UNKNOWN_DAYS;
    case GATE_OWN_LOWER:
      return until_own_mail_suffices(g);
    default:
      return UNKNOWN_DAYS;
  }
}

/* UNKNOWN_DAYS where one of the gates waits for more than time. */
static double days_to_go(const struct judging *g) {
  double most = 0;
  for (enum gate_name i = 0; i < GATES; i++) {
    if (!failed(g, i)) continue;
    double days = days_until(g, i);
    if (days == UNKNOWN_DAYS) return UNKNOWN_DAYS;
    most = fmax(most, days);
  }
  return fmin(ceil(most), INT32_MAX);
}

/* --- in words ----------------------------------------------------------------------------------------------------- */

static void add_days(const struct judging *g, struct strbuf *text) {
  struct judgement *j = g->j;
  double days = days_to_go(g);
  j->days_to_go = days == UNKNOWN_DAYS ? 0 : (int32_t)days;
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

void add_outlook(struct judging *g) {
  struct judgement *j = g->j;
  if (j->verdict != VERDICT_INSUFFICIENT_DATA && j->verdict != VERDICT_STALE) return;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text, j->reason);
  if (j->verdict == VERDICT_STALE) {
    find_silent_reporters(g, &j->silent);
    add_silent(g, &text);
  } else {
    add_days(g, &text);
  }
  j->reason = arena_strdup(g->h->arena, strbuf_text(&text));
}

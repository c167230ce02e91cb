/* SPDX-License-Identifier: Apache-2.0 */
/* Adds up what another policy would do: by class, by what becomes of the mail, a day. */
#include <string.h>

#include "analysis/whatif.h"
#include "base/figure.h"

void whatif_dispositions(const struct whatif *w, const struct whatif_source *source, enum whatif_change change,
                         enum policy *ret_today, enum policy *ret_then) {
  bool told = change != CHANGE_UNKNOWN, none_today = change == CHANGE_FAILING, none_then = change == CHANGE_PASSING;
  *ret_today = !told ? POLICY_UNKNOWN : none_today ? POLICY_NONE : w->today[source->governed_by];
  *ret_then = !told ? POLICY_UNKNOWN : none_then ? POLICY_NONE : w->then[source->governed_by];
}

enum whatif_effect whatif_effect_of(const struct whatif *w, const struct whatif_source *source,
                                    enum whatif_change change) {
  enum policy today, then;
  if (change == CHANGE_UNKNOWN) return EFFECT_UNKNOWN;
  whatif_dispositions(w, source, change, &today, &then);
  return then > today ? EFFECT_AFFECTED : EFFECT_SPARED;
}

static void add_source(struct whatif_sum *sum, const struct whatif *w, const struct whatif_source *source) {
  sum->streams++;
  sum->messages += source->messages;
  sum->unknown += source->changed[CHANGE_UNKNOWN];
  for (enum whatif_change change = CHANGE_MOVED; change < CHANGE_UNKNOWN; change++) {
    int64_t n = source->changed[change];
    if (!n) continue;
    if (whatif_effect_of(w, source, change) == EFFECT_SPARED) {
      sum->spared += n;
      continue;
    }
    sum->affected += n;
    *(w->then[source->governed_by] == POLICY_REJECT ? &sum->rejected : &sum->quarantined) += n;
    if (stream_is_own(source->stream)) sum->own_affected += n;
    if (source->stream->class == CLASS_UNDECIDED) sum->undecided_affected += n;
  }
}

void whatif_add_up(const struct whatif *w, struct whatif_sum *ret_all,
                   struct whatif_sum ret_by_class[CLASS_IGNORED + 1]) {
  memset(ret_by_class, 0, (CLASS_IGNORED + 1) * sizeof *ret_by_class);
  *ret_all = (struct whatif_sum){0};
  for (uint32_t i = 0; i < w->source_count; i++) {
    add_source(ret_all, w, &w->sources[i]);
    add_source(&ret_by_class[w->sources[i].stream->class], w, &w->sources[i]);
  }
}

double whatif_per_day(const struct whatif *w, int64_t messages) { return figure_per_day((double)messages, w->days); }

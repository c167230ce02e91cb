/* SPDX-License-Identifier: Apache-2.0 */
/* Holds a concern against what was told of it. */
#include "analysis/telling.h"

#include "base/utc.h"

/* It is over and has begun anew since it was last seen, while nobody asked. A report that comes late moves the first
 * day of what is known already, but then it was found before. */
static bool has_begun_anew(const struct concern *c, const struct told *before) {
  return c->first_day > before->first_day && c->found_day >= before->seen_day;
}

/* Somebody knew of it, and that no longer covers it: it has an end, or a part of the evidence is younger. Whoever asks
 * as of a day tells and acknowledges in the same second. */
static bool is_acknowledged_no_longer(const struct told *before, const struct acknowledgement *said, int64_t as_of_s) {
  return said && said->made_s >= before->told_s && said->made_s <= as_of_s;
}

enum telling telling_of(const struct concern *c, const struct told *before, const struct acknowledgement *said,
                        int64_t as_of_s) {
  if (c->state == CONCERN_GONE) return before && !before->is_gone ? TELLING_GONE : TELLING_NOTHING;
  if (!concern_is_due(c->state)) return TELLING_NOTHING;
  const bool is_known = before && !before->is_gone && (int32_t)c->severity >= before->severity &&
                        !has_begun_anew(c, before) && !is_acknowledged_no_longer(before, said, as_of_s);
  return is_known ? TELLING_NOTHING : TELLING_DUE;
}

struct told telling_kept(const struct concern *c, const struct told *before, enum telling what, int64_t as_of_s) {
  struct told kept = {
      .is_gone = what == TELLING_GONE, .severity = (int32_t)c->severity, .first_day = c->first_day, .told_s = as_of_s};
  if (what == TELLING_NOTHING && before) kept = *before;
  kept.seen_day = utc_day_of(as_of_s);
  return kept;
}

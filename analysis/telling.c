/* SPDX-License-Identifier: Apache-2.0 */
/* Holds a concern against what was told of it. */
#include "analysis/telling.h"

#include <string.h>

#include "base/utc.h"

/* --- what is found ------------------------------------------------------------------------------------------------ */

/* It is over and has begun anew since it was last seen, while nobody asked. A report that comes late moves the first
 * day of what is known already, but then it was found before. */
static bool has_begun_anew(const struct concern *c, const struct told *before) {
  return c->first_day > before->first_day && c->found_day >= before->seen_day;
}

/* Somebody knew of it, and that no longer covers it: it has an end, or a part of the evidence is younger, or it was
 * taken back. Whoever asks as of a day tells and acknowledges in the same second. */
static bool is_acknowledged_no_longer(const struct told *before, const struct acknowledgement *said, int64_t as_of_s) {
  return before->is_acknowledged || (said && said->made_s >= before->told_s && said->made_s <= as_of_s);
}

/* The clock was set back: what this time has to say of it has been told, and more. */
static bool is_told_of_later(const struct concern *c, const struct told *before, int64_t as_of_s) {
  return before->told_s > as_of_s && before->told_s - as_of_s <= (int64_t)TELLING_DAYS * UTC_DAY_S &&
         c->first_day <= before->first_day;
}

enum telling telling_of(const struct concern *c, const struct told *before, const struct acknowledgement *said,
                        int64_t as_of_s) {
  if (before && is_told_of_later(c, before, as_of_s)) return TELLING_NOTHING;
  if (c->state == CONCERN_GONE) return before && !before->is_gone ? TELLING_GONE : TELLING_NOTHING;
  if (!concern_is_due(c->state)) return TELLING_NOTHING;
  const bool is_known = before && !before->is_gone && (int32_t)c->severity >= before->severity &&
                        !has_begun_anew(c, before) && !is_acknowledged_no_longer(before, said, as_of_s);
  return is_known ? TELLING_NOTHING : TELLING_DUE;
}

struct told telling_kept(const struct concern *c, const struct told *before, enum telling what, int64_t as_of_s) {
  struct told kept = {.is_gone = what == TELLING_GONE,
                      .severity = (int32_t)c->severity,
                      .first_day = c->first_day,
                      .found_day = c->found_day,
                      .told_s = as_of_s,
                      .kind = concern_kind_facts(c->kind)->word,
                      .domain = c->domain,
                      .subject = c->subject,
                      .title = before ? before->title : NULL};
  const int32_t day = utc_day_of(as_of_s);
  if (what == TELLING_NOTHING && before) kept = *before;
  kept.seen_day = before && before->seen_day > day ? before->seen_day : day;
  kept.missed_days = 0;
  kept.is_acknowledged = c->state == CONCERN_ACKNOWLEDGED;
  return kept;
}

/* --- what is not found any more ----------------------------------------------------------------------------------- */

/* What was found in no mail, and is known of the day of asking alone. */
static bool is_of_machine(enum concern_kind kind) {
  return kind == CONCERN_IMPORT_FAILING || kind == CONCERN_NOTIFY_FAILING;
}

/* That it is not found is a fact, and no want of evidence. */
static bool ends_at_once(enum concern_kind kind) {
  return is_of_machine(kind) || kind == CONCERN_REPORTS_STALE || kind == CONCERN_REVIEW_DUE;
}

/* Has anything been said of senders of the domain since it was last found? */
static bool is_answered(const struct told *before, const struct labels *labels) {
  for (uint32_t i = 0; labels && i < labels->count; i++) {
    const struct label *l = &labels->items[i];
    if (utc_day_of(l->made_s) >= before->seen_day && (!l->domain || !strcmp(l->domain, before->domain))) return true;
  }
  return false;
}

enum absence telling_absence(const struct told *before, enum concern_kind kind, const struct telling_day *d) {
  const struct thresholds *t = d->thresholds;
  if (is_of_machine(kind) && !d->is_last) return ABSENCE_NONE;
  if (kind == CONCERN_REVIEW_DUE) return ABSENCE_ANSWERED;
  if (ends_at_once(kind)) return ABSENCE_MISSED;
  if (kind == CONCERN_UNKNOWN_SENDER && is_answered(before, d->labels)) return ABSENCE_ANSWERED;
  if (concern_kind_facts(kind)->is_moment && d->day - before->found_day >= (int32_t)t->finding_told_days)
    return ABSENCE_AGED;
  return before->missed_days + d->is_new >= (int32_t)t->finding_clean_days ? ABSENCE_MISSED : ABSENCE_NONE;
}

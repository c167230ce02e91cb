/* SPDX-License-Identifier: Apache-2.0 */
/* Blockers whose sender was repaired already: what failed still counts until it has left the window, and there is
 * nothing left to do. Of the whole history, once the verdict stands. */
#include <string.h>

#include "base/cleanup.h"
#include "verdict/classifying.h"
#include "verdict/judging.h"

/* Does the stream's failing mail belong to the finding? What it says of a key is said of all mail with it. */
static bool counts_to(const struct history *h, const struct finding *f, const struct stream *s, bool is_at_site) {
  if (is_at_site) return true;
  for (uint32_t k = 0; f->selector && stream_is_own(s) && k < s->selector_count; k++)
    if (!strcmp(h->selectors[s->selectors[k].selector], f->selector)) return true;
  return false;
}

static bool is_asked(const struct finding *f) { return f->class == CLASS_UNDECIDED; }

static bool may_be_over(const struct finding *f) {
  return !f->passes && !f->is_of_all && f->cause != CAUSE_RECEIVER_DNS && f->class != CLASS_FORWARDER &&
         f->class != CLASS_FORWARDER_MODIFIED;
}

static void word(const struct history *h, struct finding *f, int32_t last, int32_t over_day) {
  char since[UTC_TEXT_BYTES], over[UTC_TEXT_BYTES];
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  utc_format_day(utc_from_day(last + 1), since);
  utc_format_day(utc_from_day(over_day), over);
  if (is_asked(f))
    strbuf_printf(&text,
                  "%s; mail of yours from there passes since %s, and no such mail came: if that is its repair, nothing "
                  "is left to do, and it no longer counts from %s on",
                  f->repair, since, over);
  else
    strbuf_printf(&text, "%s: mended since %s: nothing is left to do, and what failed no longer counts from %s on",
                  finding_name(f), since, over);
  f->repair = arena_strdup(h->arena, strbuf_text(&text));
}

static uint64_t those_that_may_be_over(const struct findings *list) {
  uint64_t findings = 0;
  for (unsigned k = 0; k < list->count; k++)
    if (may_be_over(&list->items[k])) findings |= 1ull << k;
  return findings;
}

static uint64_t counting_to(const struct history *h, const struct findings *list, uint64_t asked, uint64_t at_site,
                            const struct stream *s) {
  uint64_t findings = 0;
  for (uint64_t rest = asked; rest; rest &= rest - 1) {
    const unsigned k = first_finding(rest);
    if (counts_to(h, &list->items[k], s, at_site >> k & 1)) findings |= 1ull << k;
  }
  return findings;
}

/* Of each finding the last day of what fails; 0: some of it goes on, or was not repaired. A finding of which some goes
 * on is asked about no further. */
static void find_last_days(const struct history *h, const struct judgement *j, const uint64_t *by_stream,
                           struct mended *mended, int32_t last[MOST_FINDINGS]) {
  const struct findings *list = &j->blockers;
  uint64_t over = those_that_may_be_over(list);
  for (uint32_t i = 0; over && i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    const bool counts = stream_is_own(s) || s->class == CLASS_UNDECIDED;
    if (!counts || stream_failing(s) <= 0 || !judgement_covers(j, s)) continue;
    const uint64_t findings = counting_to(h, list, over, by_stream[i], s);
    if (!findings) continue;
    if (s->dormant || !is_mended(mended, s, mended->end_day + 1)) over &= ~findings;
    for (uint64_t rest = findings & over; rest; rest &= rest - 1) {
      int32_t *day = &last[first_finding(rest)];
      if (s->days[s->day_count - 1].day > *day) *day = s->days[s->day_count - 1].day;
    }
  }
  for (unsigned k = 0; k < list->count; k++)
    if (!(over >> k & 1)) last[k] = 0;
}

/* A verdict that nothing but time keeps from being better says so. */
static void add_to_reason(const struct history *h, struct judgement *j, int32_t over_day) {
  char day[UTC_TEXT_BYTES];
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_printf(&text, "%s: all of it was mended since, and no longer counts from %s on if it stays so", j->reason,
                utc_format_day(utc_from_day(over_day), day));
  j->reason = arena_strdup(h->arena, strbuf_text(&text));
}

void tell_repaired(struct history *h, struct judgement *j, const uint64_t *by_stream, const struct thresholds *t) {
  int32_t last[MOST_FINDINGS] = {0}, over_day = 0;
  struct mended mended;
  unsigned over = 0, asked = 0;
  mended_open(&mended, h, t, utc_day_of(j->window_end_s) - 1);
  /* What began to pass the other day, or is a handful, is no repair yet. */
  mended.least_days = t->drop_messages;
  mended.least_messages = t->source_messages;
  find_last_days(h, j, by_stream, &mended, last);
  mended_clear(&mended);
  for (unsigned k = 0; k < j->blockers.count; k++) {
    if (!last[k]) continue;
    struct finding *f = &j->blockers.items[k];
    over++;
    asked += is_asked(f);
    if (last[k] + (int32_t)t->window_days > over_day) over_day = last[k] + (int32_t)t->window_days;
    if (!is_asked(f)) f->over_day = last[k] + (int32_t)t->window_days;
    word(h, f, last[k], last[k] + (int32_t)t->window_days);
  }
  if (over && over == j->blockers.count && !asked && !j->blockers.left_out) add_to_reason(h, j, over_day);
}

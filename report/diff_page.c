/* SPDX-License-Identifier: Apache-2.0 */
/* What changed between two periods, as the text of a mail. */
#include "base/cleanup.h"
#include "base/figure.h"
#include "base/utc.h"
#include "report/pages.h"
#include "report/words.h"

enum { BEFORE, NOW };

struct letter {
  struct document *d;
  const struct diff_period *periods;
  uint64_t most, told, left_out; /* changes; most 0: all */
  bool begun;
};

static void add_period(struct strbuf *text, const struct diff_period *p) {
  char begin[UTC_TEXT_BYTES], end[UTC_TEXT_BYTES];
  utc_format_day(utc_from_day(p->begin_day), begin);
  utc_format_day(utc_from_day(p->end_day - 1), end);
  strbuf_printf(text, p->end_day - p->begin_day > 1 ? "%s to %s" : "%s", begin, end);
}

static void add_periods(struct strbuf *text, const struct diff_period periods[2]) {
  add_period(text, &periods[NOW]);
  strbuf_add_text(text, " against ");
  add_period(text, &periods[BEFORE]);
  strbuf_add_text(text, " (UTC)");
}

/* --- a domain ----------------------------------------------------------------------------------------------------- */

static void write_changes(struct document *d, const struct diff_domain *domain, uint32_t count) {
  static const enum document_tone TONES[] = {
      [DIFF_WORSE] = TONE_POOR, [DIFF_NEUTRAL] = TONE_PLAIN, [DIFF_BETTER] = TONE_GOOD};
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  struct document_point *points = arena_alloc(arena, (count + 1) * sizeof *points);
  for (uint32_t i = 0; i < count; i++) {
    _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
    diff_tell(&domain->changes[i], &text);
    points[i] = (struct document_point){TONES[domain->changes[i].effect], arena_strdup(arena, strbuf_text(&text))};
  }
  _cleanup_strbuf_ struct strbuf rest = STRBUF_INIT;
  strbuf_printf(&rest, "and %u changes of less importance", domain->left_out);
  points[count] = (struct document_point){TONE_PLAIN, strbuf_text(&rest)};
  d->points(d, points, count + (domain->left_out ? 1 : 0));
}

static void write_head(struct letter *l) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (l->begun) return;
  l->begun = true;
  strbuf_add_text(&text, "What changed: ");
  add_periods(&text, l->periods);
  l->d->text(l->d, strbuf_text(&text));
}

static int on_domain(void *user, const struct diff_domain *domain, struct err *e) {
  (void)e;
  struct letter *l = user;
  uint32_t room = l->most && l->most - l->told < domain->count ? (uint32_t)(l->most - l->told) : domain->count;
  l->told += room;
  l->left_out += domain->count - room;
  if (!room) return 0;
  write_head(l);
  l->d->heading(l->d, 2, NULL, NULL);
  l->d->headline(l->d, domain->domain);
  write_changes(l->d, domain, room);
  return 0;
}

/* --- what did not change ------------------------------------------------------------------------------------------ */

/* Silence of the reporters must not read like peace. */
static void write_nothing(const struct letter *l, const struct diff_total *total) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  char newest[UTC_TEXT_BYTES];
  if (!total->domains) {
    strbuf_add_text(&text, "No report had begun by then. 'dmarcctl summary' shows what is stored.");
  } else if (!total->reports[NOW]) {
    utc_format_day(utc_from_day(total->newest_day), newest);
    strbuf_add_text(&text, "No report came: none begins in ");
    add_period(&text, &l->periods[NOW]);
    strbuf_printf(&text, " (UTC), the newest before is of %s. --as-of %s asks about that day.", newest, newest);
  } else {
    strbuf_add_text(&text, "Nothing changed: ");
    add_periods(&text, l->periods);
    strbuf_add_text(&text, ", ");
    figure_count(&text, total->domains, "domain");
    strbuf_add_text(&text, ", ");
    figure_count(&text, (int64_t)total->reports[NOW], "report");
    strbuf_add_char(&text, '.');
  }
  l->d->text(l->d, strbuf_text(&text));
}

static void write_end(const struct letter *l, const struct diff_total *total) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (l->left_out) {
    figure_count(&text, (int64_t)l->left_out, "more change");
    strbuf_add_text(&text, "; --limit 0 shows all");
  } else if (total->domains != total->changed) {
    strbuf_add_text(&text, "Nothing changed at ");
    figure_count(&text, total->domains - total->changed, "other domain");
    strbuf_add_char(&text, '.');
  } else {
    return;
  }
  l->d->heading(l->d, 2, NULL, NULL);
  l->d->text(l->d, strbuf_text(&text));
}

int diff_pages(const struct question *q, struct document *d, struct err *e) {
  struct letter letter = {.d = d, .periods = q->periods, .most = q->rows.most};
  struct diff_total total;
  int code = diff_each(&q->of, q->periods, on_domain, &letter, &total, e);
  if (code < 0) return code;
  if (q->changed) *q->changed = total.changed;
  if (letter.begun)
    write_end(&letter, &total);
  else if (!q->changes_alone)
    write_nothing(&letter, &total);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Formats and figures: chooses the renderer, and writes values the way all renderers agree on. */
#include "table/table.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/utc.h"
#include "table/escape.h"
#include "table/render.h"

static int begin_nothing(struct table_sink *s, const struct table *table, struct err *e) {
  (void)s, (void)table, (void)e;
  return 0;
}
static int drop_row(struct table_sink *s, const struct cell *cells, struct err *e) {
  (void)s, (void)cells, (void)e;
  return 0;
}
static int end_nothing(struct table_sink *s, struct err *e) {
  (void)s, (void)e;
  return 0;
}
struct table_sink table_sink_nothing(void) {
  return (struct table_sink){.begin = begin_nothing, .row = drop_row, .end = end_nothing};
}

void table_sink_free(struct table_sink *s) {
  if (s) s->free(s);
}

/* Apart, so that the common case needs no buffer on its stack. */
__attribute__((noinline)) static bool is_beyond_calendar(int64_t time_s) {
  char text[UTC_TEXT_BYTES];
  return !*utc_format(time_s, text);
}

bool cell_is_absent(const struct column *column, const struct cell *cell) {
  if (!cell->present) return true;
  switch (column->type) {
    case COLUMN_SHARE:
    case COLUMN_NUMBER:
    case COLUMN_BAR:
      return !isfinite(cell->number);
    case COLUMN_TIME:
    case COLUMN_DAY:
      /* Years of int's size exist; only what is far outside of four digits needs the calendar's answer. */
      if (cell->count > -100000000000 && cell->count < 100000000000) return false;
      return is_beyond_calendar(cell->count);
    default:
      return false;
  }
}

static enum praise praise_of_word(const char *word) {
  static const struct {
    const char *word;
    enum praise praise;
  } WORDS[] = {{"pass", PRAISE_GOOD},           {"warn", PRAISE_FAIR},      {"FAIL", PRAISE_POOR},
               {"READY", PRAISE_GOOD},          {"AT_TARGET", PRAISE_GOOD}, {"INSUFFICIENT_DATA", PRAISE_FAIR},
               {"NEEDS_DECISION", PRAISE_FAIR}, {"STALE", PRAISE_FAIR},     {"NOT_READY", PRAISE_POOR},
               {"REGRESSION", PRAISE_POOR}};
  for (unsigned i = 0; i < ARRAY_SIZE(WORDS); i++)
    if (!strcmp(WORDS[i].word, word)) return WORDS[i].praise;
  return PRAISE_NONE;
}

enum praise share_praise(double share) {
  return share >= 0.99 ? PRAISE_GOOD : share >= 0.95 ? PRAISE_FAIR : PRAISE_POOR;
}

enum praise cell_praise(const struct column *column, const struct cell *cell) {
  if (cell->unpraised) return PRAISE_NONE;
  if (cell_is_absent(column, cell)) return PRAISE_NONE;
  if (column->flags & COLUMN_STATE) return praise_of_word(cell->text);
  return column->flags & COLUMN_GOOD ? share_praise(cell->number) : PRAISE_NONE;
}

bool cell_shows_nothing(const struct column *column, const struct cell *cell) {
  if (cell_is_absent(column, cell)) return true;
  if (column->type == COLUMN_WORDS) return cell->words.count == 0;
  if (column->type == COLUMN_TREND) return cell->trend.count == 0;
  return column->type == COLUMN_ROWS && cell->rows.count == 0;
}

bool text_is_integer(const char *text) {
  /* Fifteen digits: what every JSON reader, also one that knows doubles alone, gives back unchanged. */
  const char *digits = text + (*text == '-');
  size_t n = strspn(digits, "0123456789");
  if (n == 0 || n > 15 || digits[n]) return false;
  return digits[0] != '0' || (n == 1 && digits == text);
}

void format_decimal(struct strbuf *out, double number) {
  double size = fabs(number);
  if (size >= 1e15) {
    strbuf_printf(out, "%.0f", number); /* no decimal point, so no locale's */
    return;
  }
  if (size == floor(size)) { /* most are counts and limits */
    figure_integer(out, (int64_t)number, false);
    return;
  }
  /* Six significant digits, and never fewer than the whole part has. */
  uint64_t scale = 1;
  unsigned decimals = 0;
  for (; size * (double)scale < 1e5 && decimals < 15; decimals++) scale *= 10;
  uint64_t digits = (uint64_t)(size * (double)scale + 0.5);
  for (; decimals && digits % 10 == 0; decimals--, scale /= 10) digits /= 10;
  if (number < 0 && digits) strbuf_add_char(out, '-');
  figure_integer(out, (int64_t)(digits / scale), false);
  if (!decimals) return;
  strbuf_add_char(out, '.');
  for (uint64_t rest = digits % scale, unit = scale / 10; unit; rest %= unit, unit /= 10)
    strbuf_add_char(out, (char)('0' + rest / unit));
}

void format_plain(struct strbuf *out, const struct column *column, const struct cell *cell) {
  if (cell_is_absent(column, cell)) return;
  char time[UTC_TEXT_BYTES];
  switch (column->type) {
    case COLUMN_TEXT:
      strbuf_add_text(out, cell->text);
      break;
    case COLUMN_COUNT:
      figure_integer(out, cell->count, false);
      break;
    case COLUMN_SHARE:
    case COLUMN_NUMBER:
    case COLUMN_BAR:
      format_decimal(out, cell->number);
      break;
    case COLUMN_TIME:
      strbuf_add_text(out, utc_format(cell->count, time));
      break;
    case COLUMN_DAY:
      strbuf_add_text(out, utc_format_day(cell->count, time));
      break;
    case COLUMN_YES_NO:
      strbuf_add_text(out, cell->yes ? "true" : "false");
      break;
    case COLUMN_WORDS:
      for (unsigned i = 0; i < cell->words.count; i++) {
        if (i) strbuf_add_char(out, ' ');
        strbuf_add_text(out, cell->words.items[i]);
      }
      break;
    case COLUMN_TREND:
      break;
    case COLUMN_ROWS:
      format_rows(out, column, cell);
      break;
  }
}

/* A stranger's "x; result=pass" must not read like a row of its own. */
static void add_nested_value(struct strbuf *out, const char *value) {
  if (!*value || strpbrk(value, " =;\"\t\r\n"))
    escape_json(out, value);
  else
    strbuf_add_text(out, value);
}

void format_rows(struct strbuf *out, const struct column *column, const struct cell *cell) {
  _cleanup_strbuf_ struct strbuf value = STRBUF_INIT;
  const struct cell *nested = cell->rows.cells;
  for (unsigned row = 0; row < cell->rows.count; row++) {
    const char *between = row ? "; " : "";
    for (unsigned i = 0; i < column->rows->column_count; i++, nested++) {
      if (column_is_drawn(column->rows->columns[i].type) || cell_is_absent(&column->rows->columns[i], nested)) continue;
      strbuf_reset(&value);
      format_plain(&value, &column->rows->columns[i], nested);
      strbuf_add_text(out, between);
      strbuf_add_text(out, column->rows->columns[i].key);
      strbuf_add_char(out, '=');
      add_nested_value(out, strbuf_text(&value));
      between = " ";
    }
  }
}

struct held *held_renew(struct held_runs *h, unsigned first, unsigned count) {
  unsigned i = 0;
  while (i < h->count && h->runs[i].first != first) i++;
  if (i == HELD_MOST) return NULL;
  if (i == h->count) h->count++;
  struct held *run = &h->runs[i];
  run->first = first;
  run->end = first + count;
  strbuf_reset(&run->text);
  return run;
}

void held_clear(struct held_runs *h) {
  for (unsigned i = 0; i < h->count; i++) strbuf_clear(&h->runs[i].text);
  *h = (struct held_runs){0};
}

int output_write(FILE *file, const char *data, size_t size, struct err *e) {
  if (fwrite(data, 1, size, file) == size) return 0;
  return err_set_errno(e, ERR_IO, "cannot write the output");
}

int output_flush(FILE *file, struct err *e) {
  if (fflush(file) == 0) {
    if (!ferror(file)) return 0;
    errno = EIO; /* lost earlier, by a write that was not ours; its reason is gone */
  }
  return err_set_errno(e, ERR_IO, "cannot write the output");
}

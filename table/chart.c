/* SPDX-License-Identifier: Apache-2.0 */
/* Draws stacked bars. Colours and patterns are the style sheet's, by class; no element has a style of its own. */
#include "table/chart.h"

#include <stdlib.h>
#include <string.h>

#include "base/figure.h"
#include "base/utc.h"
#include "table/escape.h"
#include "table/render.h"

/* Heights are pixels, and widths are shares of the drawing: it is as wide as its place, and its letters keep their
 * size. The margin on the left is the style sheet's. */
enum { HEIGHT = 268, TOP = 30, BOTTOM = 28 };
#define PLOT_HEIGHT (HEIGHT - TOP - BOTTOM)
#define BASE_LINE (HEIGHT - BOTTOM)
#define WHOLE 100.0
#define MOST_DAY_LABELS 8

struct bar {
  int64_t begin_s;
  int64_t parts[CHART_INKS];
  bool is_partial;
};

struct chart {
  struct table_sink sink;
  FILE *file;
  struct chart_options options;
  const struct table *table;
  unsigned day_column, partial_column, part_columns[CHART_INKS], part_count;
  struct bar bars[CHART_MOST_BARS];
  unsigned bar_count;
  struct strbuf out;
};

const char CHART_INK_DEFINITIONS[] =
    "<svg class=\"inks\" aria-hidden=\"true\"><defs>"
    "<pattern id=\"ink1\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect class=\"c1\" width=\"6\" "
    "height=\"6\"/><path class=\"l\" d=\"M0 0L6 6M6 0L0 6\"/></pattern>"
    "<pattern id=\"ink2\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect class=\"c2\" width=\"6\" "
    "height=\"6\"/><path class=\"l\" d=\"M-1 7L7 -1M-1 1L1 -1M5 7L7 5\"/></pattern>"
    "<pattern id=\"ink3\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect class=\"c3\" width=\"6\" "
    "height=\"6\"/><circle class=\"d\" cx=\"3\" cy=\"3\" r=\"1.3\"/></pattern>"
    "<pattern id=\"ink4\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect class=\"c4\" width=\"6\" "
    "height=\"6\"/><path class=\"l4\" d=\"M0 3H6\"/></pattern></defs></svg>\n";

/* --- rows --------------------------------------------------------------------------------------------------------- */

static int chart_begin(struct table_sink *s, const struct table *table, struct err *e) {
  struct chart *c = (struct chart *)s;
  c->table = table;
  c->bar_count = c->part_count = 0;
  c->day_column = c->partial_column = table->column_count;
  for (unsigned i = 0; i < table->column_count; i++) {
    const struct column *column = &table->columns[i];
    if (column->type == COLUMN_TEXT && !strcmp(column->key, CHART_PARTIAL)) c->partial_column = i;
    if (column->type == COLUMN_DAY && c->day_column == table->column_count) c->day_column = i;
    if (column->type != COLUMN_COUNT || column->flags & COLUMN_DATA || c->part_count == CHART_INKS) continue;
    c->part_columns[c->part_count++] = i;
  }
  if (c->day_column < table->column_count && c->part_count) return 0;
  return err_set(e, ERR_USAGE, "%s has no days with counts to draw", table->name);
}

static int chart_row(struct table_sink *s, const struct cell *cells, struct err *e) {
  (void)e;
  struct chart *c = (struct chart *)s;
  if (c->bar_count == CHART_MOST_BARS || !cells[c->day_column].present) return 0;
  struct bar *bar = &c->bars[c->bar_count++];
  *bar = (struct bar){.begin_s = cells[c->day_column].count,
                      .is_partial = c->partial_column < c->table->column_count && cells[c->partial_column].present};
  for (unsigned i = 0; i < c->part_count; i++) {
    const struct cell *part = &cells[c->part_columns[i]];
    bar->parts[i] = part->present && part->count > 0 ? part->count : 0;
  }
  return 0;
}

static double bar_total(const struct chart *c, const struct bar *bar) {
  double sum = 0; /* counts are a stranger's: their sum may be more than an integer holds */
  for (unsigned i = 0; i < c->part_count; i++) sum += (double)bar->parts[i];
  return sum;
}

/* --- scales ------------------------------------------------------------------------------------------------------- */

/* 1, 2 or 5 times a power of ten: the distance of the lines, of which there are at most five. */
static double tick_of(double most) {
  double tick = 1;
  for (;;) {
    if (most <= 5 * tick) return tick;
    if (most <= 10 * tick) return 2 * tick;
    if (most <= 25 * tick) return 5 * tick;
    tick *= 10;
  }
}

static double largest(const struct chart *c) {
  double most = 0;
  for (unsigned i = 0; i < c->bar_count; i++)
    if (bar_total(c, &c->bars[i]) > most) most = bar_total(c, &c->bars[i]);
  return most;
}

struct scale {
  int64_t begin_s;
  double bar_width; /* with its gap, in hundredths of the whole */
  double top;       /* messages at the upper edge */
  double tick;
};

static struct scale scale_of(const struct chart *c) {
  struct scale s = {.begin_s = c->bars[0].begin_s, .tick = tick_of(largest(c))};
  double most = largest(c);
  for (s.top = s.tick; s.top < most; s.top += s.tick) continue; /* five times at most: tick_of */
  int64_t span_s = c->bars[c->bar_count - 1].begin_s - s.begin_s;
  s.bar_width = WHOLE / (double)(span_s / c->options.step_s + 1);
  return s;
}

static double x_of(const struct chart *c, const struct scale *s, int64_t at_s) {
  return s->bar_width * ((double)(at_s - s->begin_s) / (double)c->options.step_s);
}

static double height_of(const struct scale *s, double messages) { return messages / s->top * PLOT_HEIGHT; }

/* --- drawing ------------------------------------------------------------------------------------------------------ */

/* Tenths of a pixel, thousandths of a hundredth; format_decimal, because no locale has a say in it. */
static void add_pixels(struct strbuf *out, double pixels) {
  format_decimal(out, (double)(int64_t)(pixels * 10 + 0.5) / 10);
}

static void add_percent(struct strbuf *out, double part) {
  format_decimal(out, (double)(int64_t)(part * 1000 + 0.5) / 1000);
  strbuf_add_char(out, '%');
}

static void add_rect(struct strbuf *out, const char *class, double x, double y, double width, double height) {
  strbuf_printf(out, "<rect class=\"%s\" x=\"", class);
  add_percent(out, x);
  strbuf_add_text(out, "\" y=\"");
  add_pixels(out, y);
  strbuf_add_text(out, "\" width=\"");
  add_percent(out, width);
  strbuf_add_text(out, "\" height=\"");
  add_pixels(out, height);
  strbuf_add_char(out, '"');
}

/* "1,500", "20k", "5M": short enough for the margin. */
static void add_tick(struct strbuf *out, double messages) {
  const double M = 1e6, K = 1e3;
  if (messages >= M) {
    format_decimal(out, messages / M);
    strbuf_add_char(out, 'M');
  } else if (messages >= 10 * K) {
    format_decimal(out, messages / K);
    strbuf_add_char(out, 'k');
  } else {
    figure_integer(out, (int64_t)messages, true);
  }
}

static void add_lines(struct chart *c, const struct scale *s) {
  for (double at = 0; at <= s->top; at += s->tick) {
    double y = BASE_LINE - height_of(s, at);
    strbuf_add_text(&c->out, "<line class=\"grid\" x2=\"100%\" y1=\"");
    add_pixels(&c->out, y);
    strbuf_add_text(&c->out, "\" y2=\"");
    add_pixels(&c->out, y);
    strbuf_add_text(&c->out, "\"/><text x=\"-6\" y=\"");
    add_pixels(&c->out, y + 4);
    strbuf_add_text(&c->out, "\" text-anchor=\"end\">");
    add_tick(&c->out, at);
    strbuf_add_text(&c->out, "</text>\n");
  }
}

static void add_mark(struct chart *c, const struct scale *s) {
  double begin = x_of(c, s, c->options.mark_begin_s), end = x_of(c, s, c->options.mark_end_s);
  if (begin < 0) begin = 0;
  if (end > WHOLE) end = WHOLE;
  if (end <= begin) return;
  add_rect(&c->out, "mark", begin, TOP, end - begin, PLOT_HEIGHT);
  strbuf_add_text(&c->out, "/>\n");
}

/* Every second one stands only where there is room for it. */
static void add_day_labels(struct chart *c, const struct scale *s) {
  const unsigned steps = (unsigned)(WHOLE / s->bar_width + 0.5), every = (steps - 1) / MOST_DAY_LABELS + 1;
  char day[UTC_TEXT_BYTES];
  for (unsigned i = 0, label = 0; i < steps; i += every, label++) {
    const double x = s->bar_width * i;
    if (i && x > WHOLE - WHOLE / MOST_DAY_LABELS) break; /* it would stick out */
    strbuf_printf(&c->out, "<g%s><line class=\"grid\" x1=\"", label % 2 ? " class=\"extra\"" : "");
    add_percent(&c->out, x);
    strbuf_add_text(&c->out, "\" x2=\"");
    add_percent(&c->out, x);
    strbuf_printf(&c->out, "\" y1=\"%d\" y2=\"%d\"/><text x=\"", BASE_LINE, BASE_LINE + 6);
    add_percent(&c->out, x);
    strbuf_printf(&c->out, "\" y=\"%d\">%s</text></g>\n", HEIGHT - 5,
                  utc_format_day(s->begin_s + (int64_t)i * c->options.step_s, day));
  }
}

/* Marks nearer than this would cover each other on a telephone, so there are rows of them. */
#define MARK_WIDTH 6.5
#define MARK_ROWS 3
#define MARK_HEIGHT 20

/* The first row where the one before it is far enough away, or the first of all. */
static unsigned mark_row(double x, double last[MARK_ROWS]) {
  unsigned row = 0;
  while (row < MARK_ROWS && x - last[row] < MARK_WIDTH) row++;
  if (row == MARK_ROWS) row = 0;
  last[row] = x;
  return row;
}

static void add_event(struct chart *c, const struct scale *s, unsigned number, double last[MARK_ROWS]) {
  const struct chart_event *event = &c->options.events[number - 1];
  const double x = x_of(c, s, event->at_s);
  char day[UTC_TEXT_BYTES];
  if (x < 0 || x >= WHOLE) return;
  const int down = (int)mark_row(x, last) * MARK_HEIGHT;
  strbuf_printf(&c->out, "<g class=\"event\"><title>%s: ", utc_format_day(event->at_s, day));
  escape_html_attribute(&c->out, event->text);
  strbuf_add_text(&c->out, "</title><line x1=\"");
  add_percent(&c->out, x);
  strbuf_add_text(&c->out, "\" x2=\"");
  add_percent(&c->out, x);
  strbuf_printf(&c->out, "\" y1=\"%d\" y2=\"%d\"/><circle cx=\"", TOP - 10 + down, BASE_LINE);
  add_percent(&c->out, x);
  strbuf_printf(&c->out, "\" cy=\"%d\" r=\"9\"/><text text-anchor=\"middle\" x=\"", TOP - 18 + down);
  add_percent(&c->out, x);
  strbuf_printf(&c->out, "\" y=\"%d\">%u</text></g>\n", TOP - 14 + down, number);
}

static void add_events_told(struct chart *c) {
  char day[UTC_TEXT_BYTES];
  if (!c->options.event_count) return;
  strbuf_add_text(&c->out, "<ol class=\"events\">");
  for (unsigned i = 0; i < c->options.event_count; i++) {
    strbuf_printf(&c->out, "<li><b>%s</b> ", utc_format_day(c->options.events[i].at_s, day));
    escape_html(&c->out, c->options.events[i].text);
    strbuf_add_text(&c->out, "</li>");
  }
  strbuf_add_text(&c->out, "</ol>\n");
}

static const char *part_title(const struct chart *c, unsigned part) {
  const struct column *column = &c->table->columns[c->part_columns[part]];
  return column->title ? column->title : column->key;
}

/* What a pointer that rests on the bar is told. */
static void add_bar_title(struct chart *c, const struct bar *bar) {
  char day[UTC_TEXT_BYTES];
  strbuf_printf(&c->out, "<title>%s%s", c->options.step_s > UTC_DAY_S ? "week from " : "",
                utc_format_day(bar->begin_s, day));
  for (unsigned i = 0; i < c->part_count; i++) {
    if (!bar->parts[i]) continue;
    strbuf_add_text(&c->out, i ? ", " : ": ");
    escape_html_attribute(&c->out, part_title(c, i));
    strbuf_add_char(&c->out, ' ');
    figure_integer(&c->out, bar->parts[i], true);
  }
  if (bar->is_partial) strbuf_add_text(&c->out, "; not all of it");
  strbuf_add_text(&c->out, "</title>");
}

static void add_bar(struct chart *c, const struct scale *s, const struct bar *bar) {
  double x = x_of(c, s, bar->begin_s), gap = s->bar_width / 8, y = BASE_LINE;
  strbuf_add_text(&c->out, bar->is_partial ? "<g class=\"faint\">" : "<g>");
  add_bar_title(c, bar);
  for (unsigned i = 0; i < c->part_count; i++) {
    if (!bar->parts[i]) continue;
    char class[16];
    double height = height_of(s, (double)bar->parts[i]);
    if (height < 0.6) height = 0.6; /* what there is can be seen */
    snprintf(class, sizeof class, "ink%u", i);
    y -= height;
    add_rect(&c->out, class, x, y, s->bar_width - gap, height);
    strbuf_add_text(&c->out, "/>");
  }
  add_rect(&c->out, "hit", x, TOP, s->bar_width, PLOT_HEIGHT);
  strbuf_add_text(&c->out, "/></g>\n");
}

static bool has_partial(const struct chart *c) {
  for (unsigned i = 0; i < c->bar_count; i++)
    if (c->bars[i].is_partial) return true;
  return false;
}

static void add_legend(struct chart *c) {
  strbuf_add_text(&c->out, "<ul class=\"legend\">");
  for (unsigned i = 0; i < c->part_count; i++) {
    strbuf_printf(&c->out,
                  "<li><svg viewBox=\"0 0 26 16\" aria-hidden=\"true\"><rect class=\"ink%u\" width=\"26\" "
                  "height=\"16\"/></svg>",
                  i);
    escape_html(&c->out, part_title(c, i));
    strbuf_add_text(&c->out, "</li>");
  }
  if (has_partial(c)) strbuf_add_text(&c->out, "<li>faint: only a part of the period is counted</li>");
  strbuf_add_text(&c->out, "</ul>\n");
}

static void add_description(struct chart *c) {
  char first[UTC_TEXT_BYTES], last[UTC_TEXT_BYTES];
  int64_t sums[CHART_INKS] = {0};
  for (unsigned i = 0; i < c->bar_count; i++)
    for (unsigned part = 0; part < c->part_count; part++)
      if (__builtin_add_overflow(sums[part], c->bars[i].parts[part], &sums[part])) sums[part] = INT64_MAX;
  strbuf_printf(&c->out, "<desc id=\"%s-text\">Messages a %s from %s to %s, in all:", c->options.id,
                c->options.step_s > UTC_DAY_S ? "week" : "day", utc_format_day(c->bars[0].begin_s, first),
                utc_format_day(c->bars[c->bar_count - 1].begin_s + c->options.step_s - UTC_DAY_S, last));
  for (unsigned part = 0; part < c->part_count; part++) {
    strbuf_add_text(&c->out, part ? ", " : " ");
    escape_html_attribute(&c->out, part_title(c, part));
    strbuf_add_char(&c->out, ' ');
    figure_integer(&c->out, sums[part], true);
  }
  strbuf_add_text(&c->out, ". The table below has each bar.</desc>\n");
}

static void draw(struct chart *c) {
  struct scale s = scale_of(c);
  strbuf_printf(&c->out,
                "<svg class=\"plot\" height=\"%d\" role=\"img\" aria-labelledby=\"%s-name %s-text\"><title "
                "id=\"%s-name\">",
                HEIGHT, c->options.id, c->options.id, c->options.id);
  escape_html_attribute(&c->out, c->options.title);
  strbuf_add_text(&c->out, "</title>");
  add_description(c);
  add_mark(c, &s);
  add_lines(c, &s);
  for (unsigned i = 0; i < c->bar_count; i++) add_bar(c, &s, &c->bars[i]);
  double last[MARK_ROWS] = {-WHOLE, -WHOLE, -WHOLE};
  for (unsigned i = 0; i < c->options.event_count; i++) add_event(c, &s, i + 1, last);
  add_day_labels(c, &s);
  strbuf_add_text(&c->out, "</svg>\n");
  add_legend(c);
}

static int chart_end(struct table_sink *sink, struct err *e) {
  struct chart *c = (struct chart *)sink;
  strbuf_add_text(&c->out, "<figure class=\"chart\"><figcaption>");
  escape_html(&c->out, c->options.title);
  strbuf_add_text(&c->out, "</figcaption>\n");
  if (c->bar_count && largest(c) > 0)
    draw(c);
  else
    strbuf_add_text(&c->out, "<p class=\"soft\">No mail in this period.</p>\n");
  if (c->bar_count && c->options.mark) {
    strbuf_add_text(&c->out, "<p class=\"soft\">");
    escape_html(&c->out, c->options.mark);
    strbuf_add_text(&c->out, "</p>\n");
  }
  if (c->bar_count) add_events_told(c);
  strbuf_add_text(&c->out, "</figure>\n");
  int code = output_write(c->file, c->out.data, c->out.length, e);
  strbuf_reset(&c->out);
  return code;
}

static void chart_free(struct table_sink *s) {
  struct chart *c = (struct chart *)s;
  strbuf_clear(&c->out);
  free(c);
}

struct table_sink *chart_new(FILE *file, const struct chart_options *options) {
  struct chart *c = mem_zalloc(sizeof *c);
  c->sink = (struct table_sink){.begin = chart_begin, .row = chart_row, .end = chart_end, .free = chart_free};
  c->file = file;
  c->options = *options;
  return &c->sink;
}

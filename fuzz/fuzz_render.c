/* SPDX-License-Identifier: Apache-2.0 */
/* Target: any texts in a table of every type, through every renderer, and on a page, through every document. What the
 * texts say adds no element, no line end that is not the renderer's, and no command to a terminal. */
#include <jansson.h>
#include <locale.h>

#include "fuzz/fuzz.h"
#include "table/document.h"
#include "table/render.h"

#define TEXTS 6

static const struct column RESULT_COLUMNS[] = {{.key = "domain", .type = COLUMN_TEXT},
                                               {.key = "count", .type = COLUMN_COUNT}};
static const struct table RESULT_ROWS = NESTED_ROWS(RESULT_COLUMNS);

static const struct column COLUMNS[] = {
    {"source_ip", "Source", COLUMN_TEXT, COLUMN_KEY},
    {"sender", "Sender", COLUMN_TEXT, COLUMN_WRAP},
    {"messages", "Messages", COLUMN_COUNT, 0},
    {"pass_share", "Pass", COLUMN_SHARE, COLUMN_GOOD},
    {"pass_bar", "", COLUMN_BAR, 0},
    {"mean_per_day", "Mean", COLUMN_NUMBER, 0},
    {"first_time", "First", COLUMN_TIME, 0},
    {"day", "Day", COLUMN_DAY, 0},
    {"aligned", NULL, COLUMN_YES_NO, 0},
    {"words", "Words", COLUMN_WORDS, 0},
    {"results", "Results", COLUMN_ROWS, COLUMN_DETAIL, &RESULT_ROWS},
    {"pct", "pct", COLUMN_TEXT, COLUMN_MIXED},
    {"state", "State", COLUMN_TEXT, COLUMN_STATE},
};
static const struct table TABLE = {
    .name = "dmarcctl.fuzz", .version = 1, .title = "Any", .columns = COLUMNS, .column_count = ARRAY_SIZE(COLUMNS)};

/* The lines of an input, and a number that its bytes are. */
struct texts {
  const char *items[TEXTS];
  int64_t number;
  double share;
};

static void fill(const struct texts *t, struct cell *nested, struct cell *ret) {
  const struct cell cells[] = {
      cell_text(t->items[0]),
      cell_text(t->items[1]),
      cell_count(t->number),
      cell_number(t->share),
      cell_number(t->share),
      cell_number(t->share * 1e9),
      cell_time(t->number),
      cell_time(t->number),
      cell_yes(t->number & 1),
      {.present = true, .words = {t->items, TEXTS}},
      {.present = true, .rows = {nested, 1}},
      cell_text(t->items[2]),
      cell_text(t->items[3]),
  };
  nested[0] = cell_text(t->items[4]);
  nested[1] = cell_count(-t->number / 2);
  memcpy(ret, cells, sizeof cells);
}

static void write_rows(struct table_sink *sink, const struct texts *t) {
  struct cell cells[ARRAY_SIZE(COLUMNS)], nested[ARRAY_SIZE(RESULT_COLUMNS)], nothing[ARRAY_SIZE(COLUMNS)] = {{0}};
  struct err e;
  fill(t, nested, cells);
  MUST(sink->begin(sink, &TABLE, &e) == 0);
  MUST(sink->row(sink, cells, &e) == 0 && sink->row(sink, nothing, &e) == 0 && sink->row(sink, cells, &e) == 0);
  MUST(sink->end(sink, &e) == 0);
}

/* Everything a document can have on it. */
static void write_page(struct document *d, const struct texts *t) {
  const char *const *x = t->items;
  const struct document_link link = {"id", x[0]};
  const struct document_verdict verdict = {TONE_GOOD, x[0], x[1], x[2], x[3], x[4], x[5]};
  const struct document_step step = {STEP_HERE, x[0], x[1], x[2]};
  const struct document_figure figure = {x[0], x[1], x[2], t->share, true};
  const struct document_finding finding = {x[0], x[1], x[2], x[3], x[4], x[5], x[0], t->share};
  const struct document_task task = {x[0], x[1], x[2], x[3], false};
  const struct document_point point = {TONE_POOR, x[5]};
  const struct document_choice choice = {1, TONE_FAIR, x[0], x[1]};
  const struct page_table options = {.caption = x[0], .rest = x[1]};
  const struct chart_event event = {t->number, x[2]};
  const struct chart_options chart = {
      .title = x[3], .id = "c", .step_s = 86400, .mark = x[4], .events = &event, .event_count = 1};
  d->begin(d, x[0], x[1]);
  d->headline(d, x[2]);
  d->heading(d, 2, "id", x[3]);
  d->contents(d, x[4], &link, 1);
  d->text(d, x[5]);
  d->note(d, x[0]);
  d->verdict(d, &verdict);
  d->path(d, &step, 1);
  d->figures(d, &figure, 1);
  d->findings(d, &finding, 1);
  d->rest(d, x[1]);
  d->tasks(d, &task, 1);
  d->points(d, &point, 1);
  d->record(d, x[2], x[3]);
  d->choice(d, &choice, 1);
  d->option(d, 1, false);
  d->link(d, "other.html", x[3]);
  d->details(d, x[4]);
  d->details(d, NULL);
  struct table_sink *sink = d->table(d, &options);
  write_rows(sink, t);
  table_sink_free(sink);
  if (d->chart) { /* a format without charts has none */
    sink = d->chart(d, &chart);
    write_rows(sink, t);
    table_sink_free(sink);
  }
  d->end(d, x[5]);
}

/* --- what came out ------------------------------------------------------------------------------------------------ */

static size_t count_of(const char *text, const char *what) {
  size_t n = 0;
  while ((text = strstr(text, what))) n++, text++;
  return n;
}

static void check_lines(const char *out) {
  for (const unsigned char *p = (const unsigned char *)out; *p; p++) MUST(*p >= ' ' ? *p != 0x7f : *p == '\n');
}

static void check_json(const char *out, size_t size, bool lines) {
  json_error_t error;
  for (const char *p = out, *end; *p; p = end) {
    end = lines ? strchr(p, '\n') + 1 : out + size;
    json_t *value = json_loadb(p, (size_t)(end - p), 0, &error);
    MUST(json_is_object(value));
    json_decref(value);
  }
}

/* All elements but those that isolate letters are the renderer's: as many as of harmless texts. */
static void check_html(const char *out, const char *harmless) {
  static const char *const WHAT[] = {"<script", "<style", "<img", "<a ", "<td", "<tr", "<p", "<!--", "<h2", "\x1b"};
  for (size_t i = 0; i < ARRAY_SIZE(WHAT); i++) MUST(count_of(out, WHAT[i]) <= count_of(harmless, WHAT[i]) + 20);
  MUST(!strchr(out, '\x1b'));
  MUST(count_of(out, "<script") == count_of(harmless, "<script"));
}

static char *rendered(const struct render_options *options, const struct texts *t, size_t *ret_size) {
  char *out = NULL;
  FILE *file = open_memstream(&out, ret_size);
  struct table_sink *sink = renderer_new(file, options);
  write_rows(sink, t);
  table_sink_free(sink);
  MUST(fclose(file) == 0);
  return out;
}

static char *paged(int kind, const struct texts *t) {
  static const struct render_options OPTIONS = {.format = FORMAT_TEXT, .width = 80};
  char *out = NULL;
  size_t size;
  FILE *file = open_memstream(&out, &size);
  struct document d = kind == 0   ? document_text(file, &OPTIONS)
                      : kind == 1 ? document_html(file)
                                  : document_markdown(file);
  write_page(&d, t);
  MUST(fclose(file) == 0);
  return out;
}

static void render_all(const struct texts *t, unsigned width) {
  static const struct texts HARMLESS = {.items = {"a", "b", "c", "d", "e", "f"}, .number = 1, .share = 0.5};
  for (int format = 0; format < TABLE_FORMATS; format++) {
    const struct render_options options = {.format = (enum table_format)format, .width = width, .ascii = width % 2};
    size_t size = 0;
    /* A sheet is a zip, which takes as long as all others together. */
    if (format == FORMAT_XLSX && width % 8) continue;
    _cleanup_free_ char *out = rendered(&options, t, &size);
    _cleanup_free_ char *harmless = format == FORMAT_HTML ? rendered(&options, &HARMLESS, &size) : NULL;
    if (format == FORMAT_TEXT || format == FORMAT_MARKDOWN) check_lines(out);
    if (format == FORMAT_JSON || format == FORMAT_NDJSON) check_json(out, strlen(out), format == FORMAT_NDJSON);
    if (harmless) check_html(out, harmless);
  }
  for (int kind = 0; kind < 3; kind++) {
    _cleanup_free_ char *out = paged(kind, t), *harmless = paged(kind, &HARMLESS);
    if (kind != 1) check_lines(out);
    if (kind == 1) check_html(out, harmless);
  }
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  setlocale(LC_CTYPE, "C.UTF-8"); /* as on most terminals */
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct texts t = {.items = {"", "", "", "", "", ""}};
  if (size < 10) return 0;
  memcpy(&t.number, data, sizeof t.number);
  t.share = (double)(t.number % 1000003) / 1e6;
  _cleanup_free_ char *text = fuzz_text(data + 9, size - 9);
  char *rest = text;
  for (unsigned i = 0; i < TEXTS && rest; i++) {
    t.items[i] = i + 1 < TEXTS ? strsep(&rest, "\n") : rest; /* the last may have lines */
  }
  render_all(&t, data[8]);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a page as text for a terminal or a mail: prose in lines of its width, one item below the other. */
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "table/document.h"
#include "table/escape.h"

/* Where the terminal does not tell its width, or is too narrow to be read. */
#define USUAL_COLUMNS 100
#define LEAST_COLUMNS 40

static void add_escaped(const struct document *d, struct strbuf *out, const char *text) {
  if (d->render->ascii)
    escape_ascii(out, text);
  else
    escape_terminal(out, text);
}

/* Lines broken at blanks; those behind the first begin with `indent` blanks. */
static void put_wrapped(const struct document *d, const char *text, unsigned indent) {
  _cleanup_strbuf_ struct strbuf safe = STRBUF_INIT;
  add_escaped(d, &safe, text);
  unsigned width = d->render->width > LEAST_COLUMNS ? d->render->width : USUAL_COLUMNS, column = 0;
  for (const char *word = strbuf_text(&safe); *word;) {
    size_t length = strcspn(word, " ");
    if (column && column + 1 + length > width) {
      fprintf(d->file, "\n%*s", (int)indent, "");
      column = indent;
    } else if (column) {
      fputc(' ', d->file);
      column++;
    }
    fwrite(word, 1, length, d->file);
    column += (unsigned)length;
    word += length + strspn(word + length, " ");
  }
  fputc('\n', d->file);
}

const char *document_step_word(enum document_step_state s) {
  static const char *const WORDS[DOCUMENT_STEP_STATES] = {
      [STEP_DONE] = "done",   [STEP_HERE] = "you are here", [STEP_OPEN] = "ready",
      [STEP_WAITS] = "waits", [STEP_BLOCKED] = "blocked",   [STEP_OFF] = "not on the way"};
  return WORDS[s];
}

void document_step_tell(const struct document_step *s, struct strbuf *out) {
  strbuf_printf(out, "%s: %s", s->title, document_step_word(s->state));
  if (s->day) strbuf_printf(out, ", %s", s->day);
  if (s->note) strbuf_printf(out, "; %s", s->note);
}

static void text_headline(struct document *d, const char *text) {
  if (d->render->colour) fputs("\x1b[1m", d->file);
  put_wrapped(d, text, 0);
  if (d->render->colour) fputs("\x1b[0m", d->file);
}

static void text_begin(struct document *d, const char *title, const char *subtitle) {
  text_headline(d, title);
  if (subtitle) put_wrapped(d, subtitle, 0);
}

static void text_end(struct document *d, const char *foot) {
  fputc('\n', d->file);
  put_wrapped(d, foot, 0);
}

static void text_heading(struct document *d, int level, const char *id, const char *text) {
  (void)level, (void)id;
  fputc('\n', d->file);
  if (text) put_wrapped(d, text, 0);
}

/* All of it is in sight. */
static void text_contents(struct document *d, const char *of, const struct document_link *links, unsigned count) {
  (void)d, (void)of, (void)links, (void)count;
}

static void text_text(struct document *d, const char *text) { put_wrapped(d, text, 0); }

static void text_verdict(struct document *d, const struct document_verdict *v) {
  _cleanup_strbuf_ struct strbuf headline = STRBUF_INIT;
  strbuf_printf(&headline, "%s: %s%s", v->subject, v->word, v->step);
  text_headline(d, strbuf_text(&headline));
  if (v->consequence) put_wrapped(d, v->consequence, 0);
  put_wrapped(d, v->text, 0);
}

/* "-> p=reject: blocked, 2026-12-14 at the earliest, after 1 repair" */
static void text_path(struct document *d, const struct document_step *steps, unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    _cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
    document_step_tell(&steps[i], &line);
    fputs(i ? "-> " : "   ", d->file);
    put_wrapped(d, strbuf_text(&line), 3);
  }
}

static void text_figures(struct document *d, const struct document_figure *figures, unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    _cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
    strbuf_printf(&line, "%s: %s", figures[i].label, figures[i].value);
    if (figures[i].note) strbuf_printf(&line, " %s", figures[i].note);
    put_wrapped(d, strbuf_text(&line), 2);
  }
}

/* "1. Example Mail (192.0.2.1, unsigned): 12 messages that fail, it is yours. Repair: sign them." */
static void put_repair(const struct document *d, unsigned number, const struct document_finding *f) {
  _cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
  strbuf_printf(&line, "%u. %s", number, f->title);
  if (f->facts) strbuf_printf(&line, " (%s)", f->facts);
  strbuf_add_char(&line, ':');
  if (f->mail) strbuf_printf(&line, " %s", f->mail);
  if (f->part) strbuf_printf(&line, ", %s", f->part);
  if (f->mail) strbuf_add_char(&line, f->text ? ',' : '.');
  if (f->text) strbuf_printf(&line, " %s.", f->text);
  strbuf_printf(&line, " %s: %s.", f->word, f->advice);
  put_wrapped(d, strbuf_text(&line), 3);
}

/* "1. 192.0.2.1 and 2 more: sign its mail." Lists of these get longer: room for a number of two digits. */
static void put_step(const struct document *d, unsigned number, const struct document_finding *f) {
  _cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
  strbuf_printf(&line, "%u. %s: %s.", number, f->title, f->advice);
  put_wrapped(d, strbuf_text(&line), 4);
}

/* "1. 192.0.2.1 (facts): 12 messages, what is known of them." */
static void put_listed(const struct document *d, unsigned number, const struct document_finding *f) {
  _cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
  strbuf_printf(&line, "%u. %s", number, f->title);
  if (f->facts) strbuf_printf(&line, " (%s)", f->facts);
  strbuf_printf(&line, ": %s%s%s.", f->mail, f->text ? ", " : "", f->text ? f->text : "");
  put_wrapped(d, strbuf_text(&line), 3);
}

/* What the sentence says needs no title. */
static void put_remark(const struct document *d, const struct document_finding *f) {
  _cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
  strbuf_printf(&line, "- %s (%s).", f->text, f->facts);
  put_wrapped(d, strbuf_text(&line), 2);
}

static void text_findings(struct document *d, const struct document_finding *findings, unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    if (findings[i].advice && findings[i].word)
      put_repair(d, i + 1, &findings[i]);
    else if (findings[i].advice)
      put_step(d, i + 1, &findings[i]);
    else if (findings[i].mail)
      put_listed(d, i + 1, &findings[i]);
    else
      put_remark(d, &findings[i]);
  }
}

/* As it is, line by line, to be copied. */
static void put_copied(const struct document *d, const char *label, const char *text) {
  if (!text) return;
  if (label) fprintf(d->file, "   %s\n", label);
  while (*text) {
    _cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
    const size_t length = strcspn(text, "\n");
    _cleanup_free_ char *part = mem_strndup(text, length);
    add_escaped(d, &line, part);
    fprintf(d->file, "     %s\n", strbuf_text(&line));
    text += length + (text[length] == '\n');
  }
}

static void text_tasks(struct document *d, const struct document_task *tasks, unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    _cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
    strbuf_printf(&line, "%u. %s. %s.", i + 1, tasks[i].title, tasks[i].text);
    put_wrapped(d, strbuf_text(&line), 3);
    put_copied(d, NULL, tasks[i].record);
    put_copied(d, "Way back:", tasks[i].way_back);
  }
}

static void text_rest(struct document *d, const char *text) {
  fputs("    ", d->file);
  put_wrapped(d, text, 4);
}

static void text_points(struct document *d, const struct document_point *points, unsigned count) {
  static const char *const COLOURS[] = {
      [TONE_PLAIN] = "", [TONE_GOOD] = "\x1b[32m", [TONE_FAIR] = "\x1b[33m", [TONE_POOR] = "\x1b[31m"};
  for (unsigned i = 0; i < count; i++) {
    _cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
    const char *colour = d->render->colour ? COLOURS[points[i].tone] : "";
    strbuf_printf(&line, "- %s", points[i].text);
    fputs(colour, d->file);
    put_wrapped(d, strbuf_text(&line), 2);
    if (*colour) fputs("\x1b[0m", d->file);
  }
}

/* On one line, however long, to be copied. */
static void text_record(struct document *d, const char *label, const char *record) {
  _cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
  add_escaped(d, &line, label);
  strbuf_add_char(&line, ' ');
  add_escaped(d, &line, record);
  fprintf(d->file, "%s\n", strbuf_text(&line));
}

static void text_choice(struct document *d, const struct document_choice *choices, unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    _cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
    strbuf_printf(&line, "%s: %s", choices[i].label, choices[i].value);
    put_wrapped(d, strbuf_text(&line), 2);
  }
}

static void text_option(struct document *d, unsigned option, bool open) { (void)d, (void)option, (void)open; }

/* There is no way to go there. */
static void text_link(struct document *d, const char *address, const char *text) { (void)d, (void)address, (void)text; }

static void text_details(struct document *d, const char *title) {
  if (title) text_heading(d, 0, NULL, title);
}

/* A caption is for whoever sees the table without what stands before it. */
static struct table_sink *text_table(struct document *d, const struct page_table *options) {
  (void)options;
  return renderer_new(d->file, d->render);
}

struct document document_text(FILE *file, const struct render_options *render) {
  return (struct document){.file = file,
                           .render = render,
                           .begin = text_begin,
                           .end = text_end,
                           .headline = text_headline,
                           .heading = text_heading,
                           .contents = text_contents,
                           .text = text_text,
                           .note = text_text,
                           .verdict = text_verdict,
                           .path = text_path,
                           .figures = text_figures,
                           .findings = text_findings,
                           .tasks = text_tasks,
                           .rest = text_rest,
                           .points = text_points,
                           .record = text_record,
                           .choice = text_choice,
                           .option = text_option,
                           .link = text_link,
                           .details = text_details,
                           .table = text_table};
}

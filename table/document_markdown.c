/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a page in Markdown: blank lines between blocks, one block a call. */
#include <string.h>

#include "base/cleanup.h"
#include "table/document.h"
#include "table/escape.h"
#include "table/render.h"

static void put_text(const struct document *d, const char *text) {
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  escape_markdown(&out, text, false);
  fwrite(strbuf_text(&out), 1, out.length, d->file);
}

/* A block of its own. `mark` stands on both sides of the text: "**", "" */
static void put_block(const struct document *d, const char *mark, const char *text) {
  fputs(mark, d->file);
  put_text(d, text);
  fprintf(d->file, "%s\n\n", mark);
}

static void markdown_begin(struct document *d, const char *title, const char *subtitle) {
  fputs("# ", d->file);
  put_block(d, "", title);
  put_block(d, "", subtitle);
}

static void markdown_end(struct document *d, const char *foot) {
  fputs("---\n\n", d->file);
  put_text(d, foot);
  fputc('\n', d->file);
}

static void markdown_heading(struct document *d, int level, const char *id, const char *text) {
  (void)id;
  if (!text) return;
  for (level += d->depth; level; level--) fputc('#', d->file);
  fputc(' ', d->file);
  put_block(d, "", text);
}

static void markdown_headline(struct document *d, const char *text) { markdown_heading(d, 2, NULL, text); }

/* A ticket has no anchors that hold everywhere. */
static void markdown_contents(struct document *d, const char *of, const struct document_link *links, unsigned count) {
  (void)d, (void)of, (void)links, (void)count;
}

static void markdown_text(struct document *d, const char *text) { put_block(d, "", text); }

static void markdown_verdict(struct document *d, const struct document_verdict *v) {
  _cleanup_strbuf_ struct strbuf headline = STRBUF_INIT;
  strbuf_printf(&headline, "%s (%s)", v->words, v->word);
  put_block(d, "**", strbuf_text(&headline));
  if (v->consequence) put_block(d, "", v->consequence);
  put_block(d, "", v->text);
}

static void markdown_path(struct document *d, const struct document_step *steps, unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    _cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
    document_step_tell(&steps[i], &line);
    fprintf(d->file, "%u. ", i + 1);
    put_text(d, strbuf_text(&line));
    fputc('\n', d->file);
  }
  fputc('\n', d->file);
}

/* "- Own mail passes: **98.2 %**", without the end of its line. */
static void put_valued(const struct document *d, const char *label, const char *value) {
  fputs("- ", d->file);
  put_text(d, label);
  fputs(": **", d->file);
  put_text(d, value);
  fputs("**", d->file);
}

static void markdown_figures(struct document *d, const struct document_figure *figures, unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    put_valued(d, figures[i].label, figures[i].value);
    if (figures[i].note) {
      fputs(" ", d->file);
      put_text(d, figures[i].note);
    }
    fputc('\n', d->file);
  }
  fputc('\n', d->file);
}

/* " (192.0.2.1, 12 messages that fail, 3.0 % of your own mail)", or nothing. */
static void put_facts(const struct document *d, const struct document_finding *f) {
  const char *const facts[] = {f->facts, f->mail, f->part}, *between = " (";
  for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
    if (!facts[i]) continue;
    fputs(between, d->file);
    put_text(d, facts[i]);
    between = ", ";
  }
  if (*between == ',') fputc(')', d->file);
}

static void put_finding(const struct document *d, unsigned number, const struct document_finding *f) {
  fprintf(d->file, "%u. **", number);
  put_text(d, f->title);
  fputs("**", d->file);
  put_facts(d, f);
  if (f->text) {
    fputs(": ", d->file);
    put_text(d, f->text);
  }
  if (f->advice && f->word) {
    fputs("\n   ", d->file);
    put_text(d, f->word);
  }
  if (f->advice) {
    fputs(": ", d->file);
    put_text(d, f->advice);
  }
  fputc('\n', d->file);
}

static void markdown_findings(struct document *d, const struct document_finding *findings, unsigned count) {
  for (unsigned i = 0; i < count; i++) put_finding(d, i + 1, &findings[i]);
  fputc('\n', d->file);
}

static void markdown_points(struct document *d, const struct document_point *points, unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    fputs("- ", d->file);
    put_text(d, points[i].text);
    fputc('\n', d->file);
  }
  fputc('\n', d->file);
}

/* Lines that are safe, below `indent`. The fence must be longer than any run of backticks inside (CommonMark 4.5). */
static void put_fenced(const struct document *d, const char *indent, const char *text) {
  _cleanup_strbuf_ struct strbuf fence = STRBUF_INIT;
  strbuf_add_text(&fence, "```");
  while (strstr(text, strbuf_text(&fence))) strbuf_add_char(&fence, '`');
  fprintf(d->file, "%s%s\n", indent, strbuf_text(&fence));
  while (*text) {
    const size_t length = strcspn(text, "\n");
    fprintf(d->file, "%s%.*s\n", indent, (int)length, text);
    text += length + (text[length] == '\n');
  }
  fprintf(d->file, "%s%s\n\n", indent, strbuf_text(&fence));
}

/* One line, whatever a stranger wrote. */
static void markdown_record(struct document *d, const char *label, const char *record) {
  _cleanup_strbuf_ struct strbuf safe = STRBUF_INIT;
  escape_terminal(&safe, record);
  put_block(d, "", label);
  put_fenced(d, "", strbuf_text(&safe));
}

static void put_copied(const struct document *d, const char *text) {
  _cleanup_strbuf_ struct strbuf safe = STRBUF_INIT;
  while (*text) {
    const size_t length = strcspn(text, "\n");
    _cleanup_free_ char *line = mem_strndup(text, length);
    escape_terminal(&safe, line);
    text += length + (text[length] == '\n');
    if (*text) strbuf_add_char(&safe, '\n');
  }
  put_fenced(d, "  ", strbuf_text(&safe));
}

/* With boxes to check, as tickets have them. */
static void markdown_tasks(struct document *d, const struct document_task *tasks, unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    fputs(tasks[i].is_done ? "- [x] **" : "- [ ] **", d->file);
    put_text(d, tasks[i].title);
    fputs("**: ", d->file);
    put_text(d, tasks[i].text);
    fputs("\n\n", d->file);
    if (tasks[i].record) put_copied(d, tasks[i].record);
    if (!tasks[i].way_back) continue;
    fputs("  Way back:\n\n", d->file);
    put_copied(d, tasks[i].way_back);
  }
}

static void markdown_choice(struct document *d, const struct document_choice *choices, unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    put_valued(d, choices[i].label, choices[i].value);
    fputc('\n', d->file);
  }
  fputc('\n', d->file);
}

static void markdown_option(struct document *d, unsigned option, bool open) { (void)d, (void)option, (void)open; }

static void markdown_link(struct document *d, const char *address, const char *text) {
  fputc('[', d->file);
  put_text(d, text);
  fprintf(d->file, "](%s)\n\n", address);
}

static void markdown_details(struct document *d, const char *title) {
  if (title) put_block(d, "", title);
}

static struct table_sink *markdown_table(struct document *d, const struct page_table *options) {
  return markdown_table_new(d->file, options);
}

struct document document_markdown(FILE *file) {
  return (struct document){.file = file,
                           .begin = markdown_begin,
                           .end = markdown_end,
                           .headline = markdown_headline,
                           .heading = markdown_heading,
                           .contents = markdown_contents,
                           .text = markdown_text,
                           .note = markdown_text,
                           .verdict = markdown_verdict,
                           .path = markdown_path,
                           .figures = markdown_figures,
                           .findings = markdown_findings,
                           .tasks = markdown_tasks,
                           .rest = markdown_text,
                           .points = markdown_points,
                           .record = markdown_record,
                           .choice = markdown_choice,
                           .option = markdown_option,
                           .link = markdown_link,
                           .details = markdown_details,
                           .table = markdown_table};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a page in HTML. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "table/document.h"
#include "table/escape.h"
#include "table/render.h"

static void put(const struct document *d, const char *markup) { fputs(markup, d->file); }

static void put_text(const struct document *d, const char *text) {
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  escape_html(&out, text);
  fwrite(strbuf_text(&out), 1, out.length, d->file);
}

/* <element class="class">text</element> */
static void put_element(const struct document *d, const char *element, const char *class, const char *text) {
  fprintf(d->file, "<%s", element);
  if (*class) fprintf(d->file, " class=\"%s\"", class);
  put(d, ">");
  put_text(d, text);
  fprintf(d->file, "</%s>\n", element);
}

static void html_begin(struct document *d, const char *title, const char *subtitle) {
  _cleanup_strbuf_ struct strbuf head = STRBUF_INIT;
  html_add_head(&head, title);
  fwrite(strbuf_text(&head), 1, head.length, d->file);
  put(d, CHART_INK_DEFINITIONS);
  put(d, "<a class=\"skip\" href=\"#page\">Skip to the verdict</a>\n<header>\n");
  put_element(d, "h1", "", title);
  put_element(d, "p", "soft", subtitle);
  put(d, "</header>\n<main id=\"page\">\n");
}

static void html_end(struct document *d, const char *foot) {
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  put(d, "</main>\n");
  put(d, "<footer>");
  put_text(d, foot);
  put(d, " This page loads nothing and sends nothing.</footer>\n");
  html_add_foot(&out);
  fwrite(strbuf_text(&out), 1, out.length, d->file);
}

static void html_heading(struct document *d, int level, const char *id, const char *text) {
  if (!text) return;
  level += d->depth;
  fprintf(d->file, "<h%d", level);
  if (id) fprintf(d->file, " id=\"%s\"", id);
  put(d, ">");
  put_text(d, text);
  fprintf(d->file, "</h%d>\n", level);
}

static void html_headline(struct document *d, const char *text) { html_heading(d, 2, NULL, text); }

static void html_contents(struct document *d, const char *of, const struct document_link *links, unsigned count) {
  _cleanup_strbuf_ struct strbuf name = STRBUF_INIT;
  escape_html_attribute(&name, of);
  fprintf(d->file, "<nav aria-label=\"Sections of %s\"><ul>\n", strbuf_text(&name));
  for (unsigned i = 0; i < count; i++) {
    fprintf(d->file, "<li><a href=\"#%s\">", links[i].id);
    put_text(d, links[i].title);
    put(d, "</a></li>\n");
  }
  put(d, "</ul></nav>\n");
}

static void html_text(struct document *d, const char *text) { put_element(d, "p", "", text); }
static void html_note(struct document *d, const char *text) { put_element(d, "p", "soft", text); }

static void html_verdict(struct document *d, const struct document_verdict *v) {
  static const char *const CLASSES[] = {
      [TONE_PLAIN] = "", [TONE_GOOD] = " is-good", [TONE_FAIR] = " is-fair", [TONE_POOR] = " is-poor"};
  _cleanup_strbuf_ struct strbuf headline = STRBUF_INIT;
  strbuf_printf(&headline, "%s (%s)", v->words, v->word);
  fprintf(d->file, "<div class=\"verdict%s\"><strong>", CLASSES[v->tone]);
  put_text(d, strbuf_text(&headline));
  put(d, "</strong>");
  if (v->consequence) put_element(d, "p", "answer", v->consequence);
  put_element(d, "p", v->consequence ? "soft" : "", v->text);
  put(d, "</div>\n");
}

static void html_path(struct document *d, const struct document_step *steps, unsigned count) {
  static const char *const CLASSES[DOCUMENT_STEP_STATES] = {
      [STEP_DONE] = "done",   [STEP_HERE] = "here",       [STEP_OPEN] = "open",
      [STEP_WAITS] = "waits", [STEP_BLOCKED] = "blocked", [STEP_OFF] = "off"};
  put(d, "<ol class=\"path\">\n");
  for (unsigned i = 0; i < count; i++) {
    const struct document_step *s = &steps[i];
    fprintf(d->file, "<li class=\"%s\"%s>", CLASSES[s->state], s->state == STEP_HERE ? " aria-current=\"step\"" : "");
    put_element(d, "b", "", s->title);
    put_element(d, "span", "state", document_step_word(s->state));
    if (s->day) put_element(d, "span", "", s->day);
    if (s->note) put_element(d, "span", "soft", s->note);
    put(d, "</li>\n");
  }
  put(d, "</ol>\n");
}

static void put_bar(const struct document *d, double share, enum praise praise) {
  _cleanup_strbuf_ struct strbuf bar = STRBUF_INIT;
  html_add_bar(&bar, share, praise);
  put(d, strbuf_text(&bar));
}

static void html_figures(struct document *d, const struct document_figure *figures, unsigned count) {
  put(d, "<dl class=\"figures\">\n");
  for (unsigned i = 0; i < count; i++) {
    put(d, "<div>");
    put_element(d, "dt", "", figures[i].label);
    put(d, "<dd>");
    put_text(d, figures[i].value);
    if (figures[i].share >= 0)
      put_bar(d, figures[i].share, figures[i].praised ? share_praise(figures[i].share) : PRAISE_NONE);
    put(d, "</dd>");
    if (figures[i].note) put_element(d, "dd", "", figures[i].note);
    put(d, "</div>\n");
  }
  put(d, "</dl>\n");
}

/* "192.0.2.1, network 192.0.2.0/24, 12 messages that fail" */
static void put_facts(struct document *d, const struct document_finding *f) {
  _cleanup_strbuf_ struct strbuf facts = STRBUF_INIT;
  if (f->facts) strbuf_add_text(&facts, f->facts);
  if (f->facts && f->mail) strbuf_add_text(&facts, ", ");
  if (f->mail) strbuf_add_text(&facts, f->mail);
  if (facts.length) put_element(d, "p", "soft", strbuf_text(&facts));
}

static void html_findings(struct document *d, const struct document_finding *findings, unsigned count) {
  put(d, "<ol class=\"findings\">\n");
  for (unsigned i = 0; i < count; i++) {
    const struct document_finding *f = &findings[i];
    put(d, "<li>");
    put_element(d, "b", "", f->title);
    if (f->part) {
      put(d, "<p class=\"part\">");
      put_bar(d, f->share, PRAISE_NONE);
      put_text(d, f->part);
      put(d, "</p>\n");
    }
    put_facts(d, f);
    if (f->text) put_element(d, "p", "", f->text);
    if (f->advice) {
      put(d, "<p>");
      if (f->word) {
        put(d, "<b>");
        put_text(d, f->word);
        put(d, ":</b> ");
      }
      put_text(d, f->advice);
      put(d, "</p>");
    }
    put(d, "</li>\n");
  }
  put(d, "</ol>\n");
}

static void html_points(struct document *d, const struct document_point *points, unsigned count) {
  static const char *const CLASSES[] = {
      [TONE_PLAIN] = "", [TONE_GOOD] = "good", [TONE_FAIR] = "fair", [TONE_POOR] = "poor"};
  put(d, "<ul>\n");
  for (unsigned i = 0; i < count; i++) put_element(d, "li", CLASSES[points[i].tone], points[i].text);
  put(d, "</ul>\n");
}

static void html_record(struct document *d, const char *label, const char *record) {
  put(d, "<div class=\"record\">");
  put_element(d, "p", "", label);
  put(d, "<pre>");
  put_text(d, record);
  put(d, "</pre></div>\n");
}

static void html_tasks(struct document *d, const struct document_task *tasks, unsigned count) {
  put(d, "<ol class=\"findings\">\n");
  for (unsigned i = 0; i < count; i++) {
    put(d, "<li>");
    put_element(d, "b", "", tasks[i].title);
    put_element(d, "p", "", tasks[i].text);
    if (tasks[i].record) html_record(d, "", tasks[i].record);
    if (tasks[i].way_back) html_record(d, "Way back:", tasks[i].way_back);
    put(d, "</li>\n");
  }
  put(d, "</ol>\n");
}

/* Radio buttons, which need no script: the style sheet hides what is not chosen. */
static void html_choice(struct document *d, const struct document_choice *choices, unsigned count) {
  static const char *const CLASSES[] = {
      [TONE_PLAIN] = "", [TONE_GOOD] = "good", [TONE_FAIR] = "fair", [TONE_POOR] = "poor"};
  for (unsigned i = 0; i < count; i++)
    fprintf(d->file, "<input class=\"chosen\" type=\"radio\" name=\"choice\" id=\"choice-%u\"%s>", choices[i].option,
            choices[i].option ? "" : " checked");
  put(d, "\n<div class=\"choice\">\n");
  for (unsigned i = 0; i < count; i++) {
    fprintf(d->file, "<label for=\"choice-%u\">", choices[i].option);
    put_element(d, "span", "", choices[i].label);
    put_element(d, "b", CLASSES[choices[i].tone], choices[i].value);
    put(d, "</label>\n");
  }
  put(d, "</div>\n");
}

static void html_option(struct document *d, unsigned option, bool open) {
  if (open)
    fprintf(d->file, "<section class=\"option option-%u\">\n", option);
  else
    put(d, "</section>\n");
}

static void html_link(struct document *d, const char *address, const char *text) {
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  escape_html_attribute(&out, address);
  fprintf(d->file, "<p class=\"up\"><a href=\"%s\">", strbuf_text(&out));
  put_text(d, text);
  put(d, "</a></p>\n");
}

static void html_details(struct document *d, const char *title) {
  if (!title) {
    put(d, "</details>\n");
    return;
  }
  put(d, "<details>");
  put_element(d, "summary", "", title);
}

static struct table_sink *html_table(struct document *d, const struct page_table *options) {
  return tidy_new(html_table_new(d->file, options), options->hidden);
}
static struct table_sink *html_chart(struct document *d, const struct chart_options *options) {
  return chart_new(d->file, options);
}

struct document document_html(FILE *file) {
  return (struct document){.file = file,
                           .begin = html_begin,
                           .end = html_end,
                           .headline = html_headline,
                           .heading = html_heading,
                           .contents = html_contents,
                           .text = html_text,
                           .note = html_note,
                           .verdict = html_verdict,
                           .path = html_path,
                           .figures = html_figures,
                           .findings = html_findings,
                           .tasks = html_tasks,
                           .rest = html_note,
                           .points = html_points,
                           .record = html_record,
                           .choice = html_choice,
                           .option = html_option,
                           .link = html_link,
                           .details = html_details,
                           .table = html_table,
                           .chart = html_chart};
}

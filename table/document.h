/* SPDX-License-Identifier: Apache-2.0 */
/* A page under construction: headings, prose, figures, findings, records, tables and charts, as text, HTML or Markdown.
 *
 * The caller says what is on the page, and the document decides how it looks. Any text may contain a stranger's words:
 * the document escapes it. Output goes to stdio; the caller checks the stream's error indicator at the end. */
#ifndef TABLE_DOCUMENT_H
#define TABLE_DOCUMENT_H

#include "table/chart.h"
#include "table/page_table.h"
#include "table/table.h"

enum document_tone { TONE_PLAIN, TONE_GOOD, TONE_FAIR, TONE_POOR };

/* "example.com: NEEDS_DECISION for p=reject", or "Your decision is needed for p=reject (NEEDS_DECISION)" where the page
 * has already named the domain. */
struct document_verdict {
  enum document_tone tone;
  const char *subject;      /* "example.com" */
  const char *word, *words; /* "NEEDS_DECISION", "Your decision is needed for p=reject" */
  const char *step;         /* " for p=reject", or "" */
  const char *consequence;  /* what that step would do, a sentence; NULL: not said */
  const char *text;
};

/* A station of a way, such as a policy on the way to reject. */
enum document_step_state { STEP_DONE, STEP_HERE, STEP_OPEN, STEP_WAITS, STEP_BLOCKED, STEP_OFF };
#define DOCUMENT_STEP_STATES 6
/* The state for people: "done", "you are here", "ready", "waits", "blocked", "not on the way". */
const char *document_step_word(enum document_step_state s);
struct document_step {
  enum document_step_state state;
  const char *title, *day, *note; /* "p=reject", "2026-12-14 at the earliest", why; the last two may be NULL */
};
/* All of it on a line, where nothing is drawn. Appends. */
void document_step_tell(const struct document_step *s, struct strbuf *out);

struct document_link {
  const char *id, *title;
};

/* "Own mail passes", "98.2 %", "of 1,906 messages". */
struct document_figure {
  const char *label, *value, *note; /* note NULL: none */
  double share;                     /* drawn as a bar; negative: none */
  bool praised;                     /* high is good */
};

struct document_finding {
  const char *title, *facts, *mail, *text; /* mail: how much mail it is about; all but the title may be NULL */
  const char *word, *advice;               /* advice: what to do; word: what introduces it ("Repair"), or NULL */
  const char *part;                        /* "13.9 % of your own mail", beside a bar of `share`; NULL: neither */
  double share;
};

/* Something to be done, with the text to copy for it (one line or more) and the text that undoes it. */
struct document_task {
  const char *title, *text;
  const char *record, *way_back; /* to copy, to undo; NULL: there is none */
  bool is_done;
};

/* Which part of a page is shown: "Ready", "12". */
#define DOCUMENT_OPTIONS 7
struct document_choice {
  unsigned option; /* from 1 to DOCUMENT_OPTIONS; 0: all of them */
  enum document_tone tone;
  const char *label, *value;
};

/* A line of a list. */
struct document_point {
  enum document_tone tone;
  const char *text;
};

struct document {
  FILE *file;                          /* not owned */
  const struct render_options *render; /* width, colour and charset, for text only; not owned */
  int depth;                           /* added to the level of each heading */
  void (*begin)(struct document *d, const char *title, const char *subtitle);
  void (*end)(struct document *d, const char *foot);
  /* Begins the part about one domain, whether or not there are others: a heading of level 2. */
  void (*headline)(struct document *d, const char *text);
  /* A heading of level 2 or deeper; `id` (letters, digits, '-'; NULL: none) is its anchor. `text` NULL: sets what
   * follows apart from what came before, without a heading. */
  void (*heading)(struct document *d, int level, const char *id, const char *text);
  /* A table of contents: links to headings; `of`: of what, where a page has several. */
  void (*contents)(struct document *d, const char *of, const struct document_link *links, unsigned count);
  void (*text)(struct document *d, const char *text);
  void (*note)(struct document *d, const char *text); /* the same, in smaller print */
  void (*verdict)(struct document *d, const struct document_verdict *verdict);
  /* Stations, the first one first. */
  void (*path)(struct document *d, const struct document_step *steps, unsigned count);
  void (*figures)(struct document *d, const struct document_figure *figures, unsigned count);
  void (*findings)(struct document *d, const struct document_finding *findings, unsigned count);
  void (*tasks)(struct document *d, const struct document_task *tasks, unsigned count);
  void (*rest)(struct document *d, const char *text); /* below findings: how many more there are */
  void (*points)(struct document *d, const struct document_point *points, unsigned count);
  /* A text to be copied as it is: a record, a command. */
  void (*record)(struct document *d, const char *label, const char *record);
  /* Lets the reader choose among the options that follow, where a page can do that; a page has one choice. */
  void (*choice)(struct document *d, const struct document_choice *choices, unsigned count);
  void (*option)(struct document *d, unsigned option, bool open);
  /* To another page: an address as a table's links are, and what is there. */
  void (*link)(struct document *d, const char *address, const char *text);
  /* What follows is shown only on demand. `title` NULL ends it. */
  void (*details)(struct document *d, const char *title);
  /* Sinks that the caller frees; `options` must outlive them. `chart` is NULL in a format without charts: there the
   * rows go into a table. */
  struct table_sink *(*table)(struct document *d, const struct page_table *options);
  struct table_sink *(*chart)(struct document *d, const struct chart_options *options);
};

/* `render` must outlive the document. */
struct document document_text(FILE *file, const struct render_options *render);
struct document document_html(FILE *file);
struct document document_markdown(FILE *file);

#endif

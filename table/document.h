/* SPDX-License-Identifier: Apache-2.0 */
/* A page under construction: headings, prose, figures, findings, records, tables and charts, as HTML or as Markdown.
 *
 * Who composes a page says what is there; how it looks is the document's. Every text may hold a stranger's words. What
 * is written goes to stdio, whose error indicator the caller checks when all is written. */
#ifndef TABLE_DOCUMENT_H
#define TABLE_DOCUMENT_H

#include "table/chart.h"
#include "table/page_table.h"
#include "table/table.h"

enum document_tone { TONE_PLAIN, TONE_GOOD, TONE_FAIR, TONE_POOR };

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
  const char *title, *facts, *text;
  const char *word, *advice; /* "Repair", what to do */
};

struct document {
  FILE *file; /* not owned */
  int depth;  /* added to the level of each heading */
  void (*begin)(struct document *d, const char *title, const char *subtitle);
  void (*end)(struct document *d, const char *foot);
  /* A heading of level 2 or below; `id` (letters, digits, '-'; NULL: none) is its anchor. */
  void (*heading)(struct document *d, int level, const char *id, const char *text);
  /* Where in the page what stands: links to headings. */
  void (*contents)(struct document *d, const struct document_link *links, unsigned count);
  void (*text)(struct document *d, const char *text);
  void (*note)(struct document *d, const char *text); /* the same, smaller */
  void (*verdict)(struct document *d, enum document_tone tone, const char *headline, const char *text);
  void (*figures)(struct document *d, const struct document_figure *figures, unsigned count);
  void (*findings)(struct document *d, const struct document_finding *findings, unsigned count);
  /* Something to be copied as it is: a record, a command. */
  void (*record)(struct document *d, const char *label, const char *record);
  /* What follows until it is closed stands side by side, where there is room. */
  void (*columns)(struct document *d, bool open);
  void (*part)(struct document *d, bool open); /* one of these */
  /* What follows until it is closed is shown on demand. `title` NULL closes. */
  void (*details)(struct document *d, const char *title);
  /* The caller frees these. `options` must live as long. chart NULL: the format has none; rows go into a table. */
  struct table_sink *(*table)(struct document *d, const struct page_table *options);
  struct table_sink *(*chart)(struct document *d, const struct chart_options *options);
};

struct document document_html(FILE *file);
struct document document_markdown(FILE *file);

#endif

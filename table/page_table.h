/* SPDX-License-Identifier: Apache-2.0 */
/* Typed tables as parts of a page, in HTML or Markdown. */
#ifndef TABLE_PAGE_TABLE_H
#define TABLE_PAGE_TABLE_H

#include "base/mem.h"
#include "table/table.h"

/* How many columns of a text are shown: nobody reads more in a cell, and a stranger's 64 KiB must not bury the rest of
 * the page. A text that is cut ends with "…"; the other formats have all of it. */
#define PAGE_TEXT_COLUMNS 400

/* Appends the text for people: dangerous characters made visible, cut if too long. Not escaped for any markup. */
void page_text(struct strbuf *out, const char *text);

/* How a table fits into its page. Every member may be NULL. Must live as long as the sink. */
struct page_table {
  const char *caption;
  const char *rest; /* follows "N more rows": where to find them */
  /* Appends the address of what the first column's text names, a file beside the page or "#id". False: it has none. */
  bool (*link)(void *user, const char *text, struct strbuf *out);
  void *user;
};
/* `options` NULL: none. Several tables may follow each other. */
struct table_sink *html_table_new(FILE *file, const struct page_table *options);
struct table_sink *markdown_table_new(FILE *file, const struct page_table *options);

/* What goes around the body of a self-contained page: its style and script are part of it, and its
 * Content-Security-Policy allows nothing but these two, by their hashes. */
void html_add_head(struct strbuf *out, const char *title);
void html_add_foot(struct strbuf *out);

#endif

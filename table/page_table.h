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
  unsigned chunk_rows; /* HTML: so many rows a table, whose layout waits until they are looked at; 0: all in one */
  const char *hidden;  /* columns for which a page has no room: keys with blanks between; for HTML alone */
  bool is_plain;       /* shares of all mail: no colour says that they are good or bad */
  bool is_dense;       /* has many rows: none of them is a card on a telephone, which takes a label for each cell */
};
/* `options` NULL: none. Several tables may follow each other. */
struct table_sink *html_table_new(FILE *file, const struct page_table *options);
struct table_sink *markdown_table_new(FILE *file, const struct page_table *options);

/* Passes a table on to `next`, which it owns, without the columns that `hidden` names (keys with blanks between; NULL:
 * none) and those that say nothing in any row: absent, an empty list, or a detail of 0. It keeps the rows until the
 * end, so it is for tables of a page. */
struct table_sink *tidy_new(struct table_sink *next, const char *hidden);

/* What goes around the body of a self-contained page: its style and script are part of it, and its
 * Content-Security-Policy allows nothing but these two, by their hashes. */
void html_add_head(struct strbuf *out, const char *title);
void html_add_foot(struct strbuf *out);

#endif

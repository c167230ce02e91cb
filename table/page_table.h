/* SPDX-License-Identifier: Apache-2.0 */
/* Typed tables as parts of a page, in HTML or Markdown. */
#ifndef TABLE_PAGE_TABLE_H
#define TABLE_PAGE_TABLE_H

#include "base/mem.h"
#include "table/table.h"

/* Columns of a text that are shown: nobody reads more in a cell, and a stranger's 64 KiB must not hide the rest. What
 * is cut ends with "…"; the other formats have it whole. */
#define PAGE_TEXT_COLUMNS 400

/* The text for people: what is dangerous is visible, what is too long is cut. Not escaped for any markup. */
void page_text(struct strbuf *out, const char *text);

/* How a table stands in its page; all of it may be NULL. Must live as long as the sink. */
struct page_table {
  const char *caption;
  const char *rest; /* said behind "N more rows": where they are to be found */
  /* The address of what the first column's text names: a file beside the page, or "#id". NULL: none. Appends. */
  bool (*link)(void *user, const char *text, struct strbuf *out);
  void *user;
};
/* `options` NULL: none. Several tables may follow each other. */
struct table_sink *html_table_new(FILE *file, const struct page_table *options);
struct table_sink *markdown_table_new(FILE *file, const struct page_table *options);

/* What stands around the body of a page that needs nothing from anywhere: style and script are in it, and its
 * Content-Security-Policy admits these two alone, by their hashes. */
void html_add_head(struct strbuf *out, const char *title);
void html_add_foot(struct strbuf *out);

#endif

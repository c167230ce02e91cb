/* SPDX-License-Identifier: Apache-2.0 */
/* The rules for bulk senders on a page for each domain. */
#include "base/cleanup.h"
#include "report/compliance_sections.h"
#include "report/page_rows.h"
#include "report/pages.h"
#include "report/sections.h"

struct pages {
  struct document *d;
  struct row_choice rows;
  unsigned written;
};

static int push_sources(const void *of, struct table_sink *sink, struct err *e) {
  return compliance_push_sources(of, sink, e);
}

static int write_page(void *user, const struct compliance *c, struct err *e) {
  static const struct page_table SOURCES = {.caption = "By sender"};
  struct pages *p = user;
  struct document *d = p->d;
  _cleanup_strbuf_ struct strbuf head = STRBUF_INIT;
  if (p->written++) d->heading(d, 2, NULL, NULL);
  strbuf_printf(&head, "%s: the rules for bulk senders", c->judgement->domain);
  d->headline(d, strbuf_text(&head));
  section_bulk_mail(d, c);
  section_bulk_days(d, c);
  if (!c->source_count) return 0;
  d->heading(d, 3, NULL, NULL);
  int code = page_rows_draw(d, &SOURCES, &p->rows, push_sources, c, e);
  if (!code) section_bulk_repairs(d, c);
  return code;
}

int compliance_pages(const struct question *q, struct document *d, struct err *e) {
  const struct judgement no_judgement = {0};
  const struct compliance none = {.judgement = &no_judgement};
  struct pages pages = {.d = d, .rows = q->rows};
  if (!pages.rows.sort) pages.rows.sort = QUESTION_SORT_MESSAGES;
  int code = page_rows_check(&pages.rows, push_sources, &none, e);
  if (!code) code = compliance_each(&q->of, write_page, &pages, e);
  if (code < 0) return code;
  d->heading(d, 2, NULL, NULL);
  section_bulk_rules(d);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a handful of reports says: what they are, who sends, and the verdict as far as it goes. */
#include "base/cleanup.h"
#include "report/judgement_sections.h"
#include "report/page_rows.h"
#include "report/pages.h"
#include "verdict/judge_each.h"

#define BLOCKERS_SHOWN 5

static int push_reports(const void *of, struct table_sink *sink, struct err *e) {
  return question_reports(of, sink, e);
}

static int push_streams(const void *of, struct table_sink *sink, struct err *e) {
  return question_streams(of, sink, e);
}

static int on_domain(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)e;
  struct document *d = user;
  if (!*h->domain) return 0; /* reports that name none are in the tables alone */
  _cleanup_strbuf_ struct strbuf title = STRBUF_INIT;
  strbuf_printf(&title, "What they say of %s:", j->domain);
  d->heading(d, 2, NULL, strbuf_text(&title));
  section_verdict(d, j);
  section_rates(d, j);
  section_receivers_part(d, j);
  section_left_out(d, j);
  if (!j->blockers.count) return 0;
  d->heading(d, 2, NULL, "What blocks, largest first:");
  section_findings(d, j, &j->blockers, BLOCKERS_SHOWN, "Repair");
  return 0;
}

int show_pages(const struct question *q, struct document *d, struct err *e) {
  static const struct page_table PLAIN = {0};
  const struct row_choice reports = {.most = q->rows.most};
  const struct row_choice streams = {.sort = q->rows.sort ? q->rows.sort : QUESTION_SORT_MESSAGES,
                                     .most = q->rows.most};
  int code = page_rows_draw(d, &PLAIN, &reports, push_reports, q, e);
  if (code < 0) return code;
  d->heading(d, 2, NULL, NULL);
  code = page_rows_draw(d, &PLAIN, &streams, push_streams, q, e);
  return code < 0 ? code : judge_each(&q->of, on_domain, d, e);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Draws tables on pages. */
#include "report/page_rows.h"

static int push_through(struct table_sink *renderer, const struct row_choice *rows, push_rows_fn *push, const void *of,
                        struct err *e) {
  struct table_sink *collector = collector_new(renderer, rows->sort, rows->most);
  int code = push(of, collector, e);
  table_sink_free(collector);
  return code;
}

int page_rows_draw(struct document *d, const struct page_table *options, const struct row_choice *rows,
                   push_rows_fn *push, const void *of, struct err *e) {
  struct table_sink *renderer = d->table(d, options);
  int code = push_through(renderer, rows, push, of, e);
  table_sink_free(renderer);
  return code;
}

int page_rows_check(const struct row_choice *rows, push_rows_fn *push, const void *of, struct err *e) {
  struct table_sink nothing = table_sink_nothing();
  return push_through(&nothing, &(struct row_choice){.sort = rows->sort}, push, of, e);
}

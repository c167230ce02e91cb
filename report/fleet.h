/* SPDX-License-Identifier: Apache-2.0 */
/* The page of many domains: those first that need somebody, by verdict, each leading to its own page. Private to
 * report/. */
#ifndef REPORT_FLEET_H
#define REPORT_FLEET_H

#include "table/document.h"
#include "verdict/judge.h"

struct fleet_row;
struct fleet {
  struct fleet_row *rows;
  unsigned count, capacity, by_verdict[VERDICTS];
  struct arena *arena;
};

void fleet_init(struct fleet *f);
void fleet_clear(struct fleet *f); /* accepts a zeroed one */
/* Keeps what the page says of a domain. */
void fleet_add(struct fleet *f, const struct judgement *j);

/* Writes a choice of verdicts, and a table for each verdict there is. `most` rows in all; `rest` says where the others
 * are. `link` and `user` as of struct page_table. Between begin and end of the document. */
int fleet_write(const struct fleet *f, struct document *d, unsigned most, const char *rest,
                bool (*link)(void *user, const char *domain, struct strbuf *out), void *user, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Lists that belong to a judged domain: rows within its row of data, a table of their own on its page, from one
 * description. Private to report/. */
#ifndef REPORT_JUDGEMENT_LISTS_H
#define REPORT_JUDGEMENT_LISTS_H

#include "base/mem.h"
#include "table/table.h"
#include "verdict/judge.h"

/* Constant for its life. `fill` writes its rows, each of table.column_count cells and no more than `most`, and returns
 * how many; their texts are the history's and the judgement's. */
struct judgement_list {
  struct table table;
  unsigned most;
  bool (*is_known)(const struct judgement *j); /* NULL: always */
  unsigned (*fill)(const struct history *h, const struct judgement *j, struct cell *cells);
};

extern const struct judgement_list LIST_OF_GATES, LIST_OF_BLOCKERS, LIST_OF_QUESTIONS, LIST_OF_FORWARDERS;
extern const struct judgement_list LIST_OF_OWN_FAILING; /* parts of own mail, within the limits */
extern const struct judgement_list LIST_OF_STRANGERS;   /* the largest, each with the days on which it was seen */
extern const struct judgement_list LIST_OF_SUSPECTS, LIST_OF_SILENT, LIST_OF_CONTRADICTING,
    LIST_OF_DISSENTING; /* reporters */
/* The judgement on the subdomains, where sp governs them apart. */
extern const struct judgement_list LIST_OF_BELOW;
/* Subdomains whose mail fails, and the judgement on the domain without them: one row, or none. */
extern const struct judgement_list LIST_OF_FAILING_BELOW, LIST_OF_ALONE;
/* Of what the DNS publishes; not known where it was not asked or did not answer. */
extern const struct judgement_list LIST_OF_DMARC_FAULTS, LIST_OF_SPF_FAULTS;
/* Messages a day that the next policy would newly act on, by class; none where it would act on none. */
extern const struct judgement_list LIST_OF_AFFECTED;
/* Messages of the window by From: domain, each with the tag that governs it. Strangers invent names without end, so
 * only those are listed that carry mail of the owner's or mail that may be his, the largest of them. */
extern const struct judgement_list LIST_OF_FROMS;

/* Its rows, in the arena; none where the judgement is NULL, absent where the list is not known. */
struct cell judgement_list_cell(const struct judgement_list *list, const struct history *h, const struct judgement *j,
                                struct arena *arena);
/* The same as a whole table, begin to end. */
int judgement_list_push(const struct judgement_list *list, const struct history *h, const struct judgement *j,
                        struct table_sink *sink, struct err *e);

/* The lower bound of the share of own mail that passes; absent where there is none. */
static inline struct cell judgement_own_lower(const struct judgement *j) {
  return j->own_messages ? cell_number(j->own_lower) : cell_absent();
}

#endif

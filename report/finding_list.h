/* SPDX-License-Identifier: Apache-2.0 */
/* The findings over all domains that are asked about, in the order in which they are to be dealt with: what tables,
 * pages and whoever sends them on share. */
#ifndef REPORT_FINDING_LIST_H
#define REPORT_FINDING_LIST_H

#include "analysis/concerns.h"
#include "base/hashmap.h"
#include "report/question.h"
#include "table/document.h"

/* A concern that has outlived its judgement: its texts belong to the list, and what its words were made of is gone. */
struct listed_finding {
  struct concern concern;
  char id[IDENTITY_ID_DIGITS + 1]; /* by which people call it */
  const char *title;               /* "own mail fails: Amazon SES", without the domain */
  const char *text;                /* who, how much, since when: a sentence without its end */
  const char *advice;              /* what to do about it, likewise; NULL: it is gone */
  /* A sender that breaks breaks for all whose mail it sends: the same kind and subject that wait for somebody at
   * several domains are one thing to do, under the first of them. */
  unsigned head;    /* the place of the first in the list: its own, where there is no other */
  unsigned next;    /* that of the next of them; 0: there is none */
  unsigned domains; /* that have it; 1: this one alone */
};

struct finding_list {
  struct listed_finding *items;
  unsigned count, capacity;
  const char **names; /* of the domains that were asked about */
  unsigned domains, name_capacity;
  uint64_t left_out;           /* of domains with more than MOST_CONCERNS */
  unsigned verdicts[VERDICTS]; /* how many of the domains have each */
  /* Names of domains of which there may be more: so many that some were left out, or nobody reports on them any more.
   * What is not found of one of these is not over. */
  struct hashmap held;
  struct arena *arena;
};

/* A concern with its words, for as long as the arena. */
void finding_list_keep(struct arena *arena, const struct concern *c, struct listed_finding *ret);

/* Of the domains of the inquiry; and of this machine, where no domain is named. `ret` is to be cleared in any case. */
int finding_list_gather(const struct inquiry *q, const struct acknowledgements *a, struct finding_list *ret,
                        struct err *e);
void finding_list_clear(struct finding_list *l); /* accepts a zeroed one */
/* Those that are wanted, for somebody who is to hear of nothing else: nor that the others have the same; and in their
 * order `beside`, which the list has not, or no more. The function may give them another state. Texts and domains are
 * those of `l`. To be cleared. */
typedef bool finding_wanted_fn(const void *user, struct concern *c);
void finding_list_narrow(const struct finding_list *l, finding_wanted_fn *is_wanted, const void *user,
                         const struct listed_finding *beside, unsigned beside_count, struct finding_list *ret);
/* Is it one of which there may be more? */
bool finding_list_holds(const struct finding_list *l, const char *domain);

/* The table `dmarcctl.findings` of some of the list, in this order. */
int findings_push(const struct finding_list *list, const struct listed_finding *const *findings, unsigned count,
                  struct table_sink *sink, struct err *e);
/* "example.com and 3 more domains: ", appended; nothing where it is of no domain. */
void finding_add_domains(const struct listed_finding *f, struct strbuf *out);
/* One of the list as pages show it; what is made for it lives in `arena`. */
struct document_finding finding_shown(struct arena *arena, const struct finding_list *list, unsigned place);
unsigned finding_list_due(const struct finding_list *l); /* how many are new or open */
/* How many of the first `due` stand for themselves, or for several. */
unsigned finding_list_heads(const struct finding_list *l, unsigned due);

#endif

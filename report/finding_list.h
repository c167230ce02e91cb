/* SPDX-License-Identifier: Apache-2.0 */
/* The findings over all domains that are asked about, in the order in which they are to be dealt with: what tables,
 * pages and whoever sends them on share. */
#ifndef REPORT_FINDING_LIST_H
#define REPORT_FINDING_LIST_H

#include "analysis/concerns.h"
#include "report/question.h"

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
  unsigned domains;  /* that were asked about */
  uint64_t left_out; /* of domains with more than MOST_CONCERNS */
  struct arena *arena;
};

/* A concern with its words, for as long as the arena. */
void finding_list_keep(struct arena *arena, const struct concern *c, struct listed_finding *ret);

/* Of the domains of the inquiry; and of this machine, where no domain is named. `ret` is to be cleared in any case. */
int finding_list_gather(const struct inquiry *q, const struct acknowledgements *a, struct finding_list *ret,
                        struct err *e);
void finding_list_clear(struct finding_list *l);         /* accepts a zeroed one */
unsigned finding_list_due(const struct finding_list *l); /* how many are new or open */
/* How many of the first `due` stand for themselves, or for several. */
unsigned finding_list_heads(const struct finding_list *l, unsigned due);

#endif

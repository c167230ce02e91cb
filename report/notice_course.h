/* SPDX-License-Identifier: Apache-2.0 */
/* What became of each finding between two looks of a section. Private to report/. */
#ifndef REPORT_NOTICE_COURSE_H
#define REPORT_NOTICE_COURSE_H

#include "report/notice.h"

struct followed {
  const struct told *before; /* what was told of it; NULL: nothing */
  struct told told;          /* what is to be remembered */
  bool is_told;              /* there is something to be remembered */
  bool is_changed;
  bool was_known;                     /* somebody had acknowledged it, before or meanwhile */
  enum telling what;                  /* is to be told */
  unsigned found;                     /* the look that found it last, from 1 */
  unsigned listed;                    /* the one whose list tells what is to be told of it */
  const struct listed_finding *shown; /* as it was to be told then, where that was an earlier day's list */
};

/* A change has happened: whoever is told of it has nothing to wait for, and hears no more of it but that it was taken
 * back. */
static inline void notice_settle_change(struct concern *c) {
  if (concern_is_due(c->state) && concern_kind_facts(c->kind)->is_moment) c->state = CONCERN_TOLD;
}
/* Looks at what a list has, and at what it has no more. */
void notice_course_follow(struct notice *n, const struct notice_day *d);
/* What has come back to what was told is no news. */
void notice_course_end(struct notice *n);
/* What is to be told of what the last list has not: `ret` has room for all of the course. Returns how many. */
unsigned notice_course_beside(struct notice *n, struct listed_finding *ret);

#endif

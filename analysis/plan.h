/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a domain to its target: which records are published one after the other, from which day on each may be,
 * and what has to happen before (RFC 9989 7.4: at least a month at none, and as long at quarantine).
 *
 * Days are UTC days since 1970-01-01. Texts live as long as the history. */
#ifndef ANALYSIS_PLAN_H
#define ANALYSIS_PLAN_H

#include "verdict/judge_each.h"

/* One record that is published. */
enum rung_kind {
  RUNG_REPORTS,  /* the policy there is, with somebody to report to: without reports nobody knows what a step does */
  RUNG_IN_FORCE, /* the policy there is, without t=y and pct */
  RUNG_NP,       /* np=reject: no mail of the owner's comes from names below the domain */
  RUNG_TESTING,  /* p=quarantine; t=y: receivers let mail through, lists that look at p rewrite From: already */
  RUNG_POLICY,   /* p alone */
};
#define RUNG_KINDS 5
const char *rung_kind_word(enum rung_kind k); /* "reports", "in_force", "np", "testing", "policy" */

enum rung_state {
  RUNG_OPEN,    /* all that it needs is there: it may be published on its day */
  RUNG_WAITS,   /* for time alone, or for the rung before it */
  RUNG_BLOCKED, /* for repairs, answers or reports: its day is the earliest one, and so are those of later rungs */
};
const char *rung_state_word(enum rung_state s); /* "open", "waits", "blocked" */

struct rung {
  enum rung_kind kind;
  enum policy policy; /* p of the record */
  enum rung_state state;
  int32_t day;          /* the earliest */
  int32_t age_days;     /* that the rung before it has lasted by then; 0: none is before it, or it need not last */
  bool is_frozen;       /* its day was moved behind a freeze */
  const char *record;   /* to publish */
  const char *way_back; /* what is published before it */
  unsigned repairs;     /* blockers of the judgement: of own mail, ... */
  unsigned answers;     /* ... and of mail that only the owner knows */
  int32_t over_day;     /* the day from which on repaired mail no longer counts; 0: there is none */
  const struct judgement *judgement; /* what it rests on; of a later rung as if the one before were published. NULL of
                                        RUNG_NP, which rests on the names that send, and behind RUNG_TESTING */
};

/* No record is published on these days, ends included. */
struct freeze {
  int32_t first_day, last_day;
};

struct plan_wish {
  int32_t start_day;  /* the first day on which anything is published */
  enum policy target; /* POLICY_UNKNOWN: the one that suits the domain */
  const struct freeze *freezes;
  unsigned freeze_count;
};

#define MOST_RUNGS 6
struct plan {
  const struct judgement *judgement; /* of today */
  enum policy target;
  bool lists_choose; /* it is quarantine, as more is lost through lists and forwarders than reject allows */
  /* Published already, as the DNS says, though the reports still show a weaker one: the way begins there.
   * POLICY_UNKNOWN: there is none such. */
  enum policy published;
  struct rung rungs[MOST_RUNGS];
  unsigned count; /* 0: at the target */
};

/* The plan of one judged domain. It judges the history once more for each policy on the way, so the classes of its
 * streams are those of the last of them afterwards; `j` keeps what it says. */
void plan_for(const struct judgement_basis *basis, const struct plan_wish *wish, struct history *h,
              const struct judgement *j, struct plan *ret);

typedef int plan_fn(void *user, const struct plan *p, struct err *e);
/* The plan of each policy domain of the inquiry. Errors as of judge_each. */
int plan_each(const struct inquiry *q, const struct plan_wish *wish, plan_fn *fn, void *user, struct err *e);

#endif

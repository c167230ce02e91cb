/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a DMARC record may be published that is not yet: by the verdict on the step that it takes. */
#ifndef ANALYSIS_PROPOSED_H
#define ANALYSIS_PROPOSED_H

#include "dns/published.h"
#include "verdict/judge_each.h"

/* What decides, in the order in which it is looked at. */
enum proposed_reason {
  PROPOSED_FAULT,      /* the record is not what it is meant to be */
  PROPOSED_NO_REPORTS, /* nothing is known of the domain, and the record asks for more than nothing */
  PROPOSED_SKIPS,      /* it asks for more than the next step */
  PROPOSED_HELD,       /* the verdict on the step is not READY */
  PROPOSED_BELOW,      /* the same of the policy of the subdomains */
  PROPOSED_NP,         /* mail that is or may be the owner's comes from names below the domain */
  PROPOSED_STRICTER,   /* stricter alignment would fail more own mail than the step allows */
  PROPOSED_UNREPORTED, /* nobody would report what the step does: there is no rua */
  PROPOSED_READY,      /* it takes a step that every gate allows */
  PROPOSED_WEAKER,     /* it asks for less than today: nothing of the owner's is lost by that */
  PROPOSED_SAME,       /* no mail is treated in another way */
};
#define PROPOSED_REASONS 11
const char *proposed_reason_word(enum proposed_reason r); /* "fault", "no_reports", ... */
static inline bool proposed_may(enum proposed_reason r) { return r >= PROPOSED_READY; }

struct proposed {
  const char *domain; /* spelled by domain_spell */
  const char *text;   /* of the record */
  enum proposed_reason reason;
  const struct judgement *judgement; /* that it rests on: of the domain, or of its subdomains; NULL: there is none */
  struct dns_fault fault;            /* PROPOSED_FAULT: the gravest */
  enum policy now, then;             /* that p, or sp, comes to today, and would come to */
  int64_t own_failing, own;          /* PROPOSED_STRICTER: own messages of the window that would newly fail, and all */
};

/* Lives during the call. */
typedef int proposed_fn(void *user, const struct proposed *p, struct err *e);
/* Judges the record of a domain that is proposed. Of the inquiry its domains are ignored. */
int proposed_judge(const struct inquiry *q, const char *domain, const char *text, proposed_fn *fn, void *user,
                   struct err *e);

#endif

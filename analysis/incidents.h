/* SPDX-License-Identifier: Apache-2.0 */
/* What happened to a domain's mail lately that its owner should look at, whatever the verdict: mail with the owner's
 * signature that strangers send, far more mail than ever, a new domain in From:, a sender that fell silent. */
#ifndef ANALYSIS_INCIDENTS_H
#define ANALYSIS_INCIDENTS_H

#include "verdict/judge.h"

/* No verdict depends on these; all of them are our own judgement. Those of an ordinary day are in analysis/baseline.h.
 */
#define INCIDENT_TOLD_DAYS 14    /* that an incident is told after its last day; a silence, after it was found */
#define INCIDENT_HISTORY_DAYS 21 /* of reports, without which nothing is new */
#define INCIDENT_MEMORY_DAYS 400 /* that are looked back on: yearly mail, as for the judgement */
#define SURGE_MESSAGES 100       /* a day above an ordinary one, below which it is none, ... */
#define SURGE_OF_OWN 0.25        /* ... and above this share of the domain's ordinary day */
#define REPLAY_TIMES 5           /* of everything that the selector signs on an ordinary day */
#define REPLAY_MESSAGES 100      /* of strangers on one day */
#define REPLAY_NETWORKS 10       /* they are in, as if of one size; a provider that relays has few new ones */
#define REPLAY_SHARE 0.5         /* of what the selector signs that day: of a newsletter a few per cent are passed on */
#define REPLAY_PEAK_TIMES 2      /* of any such day before */
#define REPLAY_NEW_DAYS 14       /* for which a network or service is new to the owner's signatures */
#define NEW_FROM_MESSAGES 20     /* of a new name, ... */
#define NEW_FROM_OF_OWN 0.005    /* ... and above this share of own mail of the same days */
#define CEASED_DAYS 7            /* of silence, ... */
#define CEASED_TIMES 3           /* ... that is so much longer than any before, ... */
#define CEASED_MESSAGES 20       /* ... while so many messages were to be expected of the reporters that were heard */
#define CEASED_LEAST_DAYS 10     /* with its mail, in the weeks before */
#define MOST_INCIDENTS 20        /* that are named: who looks into so many asks anew afterwards */

/* In the order of their weight. */
enum incident_kind { INCIDENT_REPLAY, INCIDENT_SURGE, INCIDENT_NEW_FROM, INCIDENT_CEASED };
#define INCIDENT_KINDS 4
const char *incident_kind_word(enum incident_kind kind); /* "replay_suspected", "surge", "new_from_domain", "ceased" */

/* Whose mail has an ordinary day. */
enum incident_subject {
  SUBJECT_SERVICE,  /* a site of own mail: a service or a network */
  SUBJECT_SELECTOR, /* "example.com/s1": own mail that it signs */
  SUBJECT_FROM,     /* a From: domain: mail that is or may be the owner's */
  SUBJECT_DOMAIN,   /* all own mail */
};
const char *incident_subject_word(enum incident_subject s); /* "service", "selector", "from_domain", "domain" */

struct incident {
  enum incident_kind kind;
  enum incident_subject about;
  const char *subject;
  int32_t begin_day;  /* since 1970-01-01 UTC; of a silence, the first day without mail */
  int32_t last_day;   /* on which it was seen */
  int32_t found_day;  /* on which it could first be told */
  int64_t messages;   /* of it; of a silence: of the weeks before */
  double usual;       /* messages on an ordinary day of the subject, over reporters that have one */
  double times;       /* its fullest day in ordinary days; 0: it has none */
  uint32_t networks;  /* of a replay: those of strangers; else 0 */
  const char *source; /* an address that sent most of it; "" if reports have none */
};

struct incidents {
  struct incident items[MOST_INCIDENTS]; /* the gravest first */
  unsigned count, left_out;
};

/* The incidents of a judged history that can be told on `end_day`, from the reports up to then. Texts live as long as
 * the history, which must be one that history_each handed over, with its records. */
void incidents_find(const struct history *h, int32_t end_day, struct incidents *ret);
/* The same at the end of the judged window. */
void incidents_of(const struct history *h, const struct judgement *j, struct incidents *ret);
/* All that could be told on any day from one to another, both included, each once: what happened in a year. */
void incidents_between(const struct history *h, int32_t begin_day, int32_t end_day, struct incidents *ret);

#endif

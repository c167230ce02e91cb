/* SPDX-License-Identifier: Apache-2.0 */
/* What changed between two consecutive periods. Meant for a weekly mail, so it has only what is worth one: strangers
 * come and go all the time, and are reported as one sum. */
#ifndef ANALYSIS_DIFF_H
#define ANALYSIS_DIFF_H

#include "analysis/incidents.h"
#include "verdict/judge_each.h"

/* What is worth reporting; all of these are our own judgement. How far the rate of own mail may fall is a threshold of
 * the verdict: drop. */
#define DIFF_LEAST_MESSAGES 20      /* in each period, without which a rate says nothing; as for a source's gate */
#define DIFF_SOURCE_POINTS 5        /* change of the rate of one source of own mail, in points of per cent */
#define DIFF_RAW_POINTS 5           /* of the rate of all mail */
#define DIFF_GONE_DAYS 3            /* a source or reporter with fewer days of mail may only pause */
#define DIFF_STRANGERS_TIMES 2      /* their mail a day grew or fell by this factor, ... */
#define DIFF_STRANGERS_MESSAGES 100 /* ... and differs by so much over the last period */
#define DIFF_MOST_CHANGES 100       /* of a domain; the least important ones are counted only */

/* In the order of importance, which is the order of the changes of a domain. */
enum diff_kind {
  DIFF_REPLAY, /* incidents (analysis/incidents.h) that could first be told in the last period; a replay as long as it
                  goes on */
  DIFF_VERDICT,
  DIFF_POLICY,
  DIFF_SILENT,        /* no report on the domain came, while there were some before */
  DIFF_NEW_DOMAIN,    /* the first reports */
  DIFF_OWN_PASS_RATE, /* of all own mail */
  DIFF_SOURCE_PASS_RATE,
  DIFF_SURGE,
  DIFF_NEW_FROM,
  DIFF_CEASED,     /* unless a gone source says so */
  DIFF_NEW_SOURCE, /* of mail that is or may be the owner's; never seen before */
  DIFF_GONE_SOURCE,
  DIFF_RAW_PASS_RATE,
  DIFF_STRANGERS,
  DIFF_GONE_REPORTER,
  DIFF_NEW_REPORTER,
};
#define DIFF_KINDS 16
const char *diff_kind_word(enum diff_kind kind); /* "verdict", "policy", "silent", "new_domain", ... */

enum diff_effect { DIFF_WORSE, DIFF_NEUTRAL, DIFF_BETTER };
const char *diff_effect_word(enum diff_effect effect);

/* Mail of one period. */
struct diff_mail {
  int64_t messages, passed;
  uint32_t days; /* with such mail */
};

/* A tag of the published policy as the reports have it, before and after. */
struct diff_tag {
  const char *name, *before, *after;
};
#define DIFF_MOST_TAGS 7

struct diff_change {
  enum diff_kind kind;
  enum diff_effect effect;
  const char *subject;                  /* source, reporter, or that of an incident; NULL: the domain itself */
  bool below;                           /* of a verdict: it is on the subdomains */
  enum verdict before, after;           /* of DIFF_VERDICT; of DIFF_NEW_DOMAIN `after` alone */
  struct diff_tag tags[DIFF_MOST_TAGS]; /* of DIFF_POLICY: those that changed */
  unsigned tag_count;
  enum stream_class class;         /* of a source */
  const char *example;             /* one address of a source; else NULL */
  const char *note;                /* of a verdict its reason, of a source its evidence; else NULL */
  struct diff_mail mail[2];        /* before, after; of what the change is about; of an incident its messages alone */
  const struct incident *incident; /* of an incident; else NULL */
  const struct fall *fall;         /* of a source whose mail fails: since when and why; NULL: not known */
};

/* UTC days, end exclusive. */
struct diff_period {
  int32_t begin_day, end_day;
};

/* One policy domain that changed; everything lives during the call. */
struct diff_domain {
  const char *domain;
  const struct diff_change *changes; /* most important first */
  uint32_t count, left_out;
};

/* Everything that was looked at, changed or not. */
struct diff_total {
  uint32_t domains, changed;
  uint64_t reports[2]; /* before, after */
  int32_t newest_day;  /* of the reports up to the end of the last period; 0: there is none */
};

/* Judges at the end of each period, by the reports that had begun by then; basis->as_of_s and before_s are ignored.
 * Domains come in the order of judge_each, whose errors it has. `ret_total` is filled in the end. Memory: that of one
 * domain's history, and some 100 bytes a domain. */
typedef int diff_fn(void *user, const struct diff_domain *d, struct err *e);
int diff_each(const struct inquiry *q, const struct diff_period periods[2], diff_fn *fn, void *user,
              struct diff_total *ret_total, struct err *e);

#endif

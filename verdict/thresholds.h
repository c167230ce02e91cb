/* SPDX-License-Identifier: Apache-2.0 */
/* Every number that a verdict turns on, in one table. (own) marks our judgement; the rest names its source. */
#ifndef VERDICT_THRESHOLDS_H
#define VERDICT_THRESHOLDS_H

struct thresholds {
  /* the window */
  double window_days;         /* 30: a month of mail (RFC 9989 7.4) */
  double longest_window_days; /* 180 (own): how far a domain with little mail looks back instead of lowering the bar */
  double memory_days;         /* 400 (own): what was seen within it and is silent now still counts: yearly invoices */
  double clock_ahead_days;    /* 2 (own): a report that ends later than this from now has a wrong clock */
  /* whose stream is it */
  double home_share;       /* 0.10 (own): of a selector's volume over the history makes a source its home */
  double forwarder_share;  /* 0.02 (own): below it, a source of several selectors is somebody who passes mail on */
  double rhythm_days;      /* 4 (own): days on which a stranger must come back before it is worth a question */
  double rhythm_span_days; /* 8 (own): and the days between the first and the last of them */
  /* gates: to quarantine, to reject */
  double policy_days;          /* 30: "at least a month" at each step (RFC 9989 7.4) */
  double data_days[2];         /* 14, 21 (own) */
  double report_age_warn_days; /* 3 (own) */
  double report_age_days;      /* 7 (own) */
  double reporters;            /* 3 (own) */
  double top_reporter_share;   /* 0.90 (own), warns */
  double own_lower[2];         /* 0.98 (own), 0.99 (dmarcian) */
  double source_messages;      /* 20 (own): a source with fewer is judged with the rest alone */
  double source_rate[2];       /* 0.95 (own), 0.99 (dmarcian) */
  double undecided_all[2];     /* 0.02, 0.005 (own): of own mail */
  double undecided_one[2];     /* 0.01, 0.005 (own) */
  double new_source_days[2];   /* 7, 14 (own) */
  double drop[2];              /* 0.01, 0.005 (own): last 7 days against before, at equal mix of sources */
  double dkim_share_warn;      /* 0.90 (own), warns on the way to quarantine */
  double forwarded_share;      /* 0.02 (own): lost at reject (RFC 9989 7.4) */
};
extern const struct thresholds THRESHOLDS_DEFAULT;

enum { TO_QUARANTINE, TO_REJECT };

#endif

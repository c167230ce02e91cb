/* SPDX-License-Identifier: Apache-2.0 */
/* The questions people ask. Each fills one typed table from the store; drawing it is up to others. */
#ifndef REPORT_QUESTION_H
#define REPORT_QUESTION_H

#include "analysis/diff.h"
#include "analysis/plan.h"
#include "analysis/timeline.h"
#include "analysis/whatif.h"
#include "base/provenance.h"
#include "local/acknowledgements.h"
#include "local/report_words.h"
#include "report/record_forms.h"
#include "table/table.h"
#include "verdict/inquiry.h"

/* Which streams. */
struct stream_choice {
  unsigned classes;    /* bits 1 << enum stream_class; 0: all */
  int64_t new_since_s; /* of sources that were not met before; FILTER_OPEN_BEGIN: all */
  bool unowned;        /* of own and undecided mail for which no label names an owner */
  bool folds_forgers;  /* those that are taken for forgers' are one row, of a sink that has a place for it */
};

/* Which rows of a table on a page its reader wants. */
struct row_choice {
  const char *sort; /* a column's key, as collector_new takes it; NULL: the page's own order */
  uint64_t most;    /* 0: all */
};

enum whatif_by {
  WHATIF_BY_UNSET,
  WHATIF_BY_DOMAIN, /* a row a policy domain */
  WHATIF_BY_CLASS,  /* a row a domain and class with mail in the window */
  WHATIF_BY_SOURCE, /* a row a domain, stream and change of disposition */
};

enum trend_by {
  TREND_BY_DAY,
  TREND_BY_WEEK, /* from Monday */
  TREND_BY_MONTH,
  TREND_BY_DISPOSITION, /* days, with what became of their mail */
};

/* What is asked, and of which mail. A question that judges needs a basis; the others use only store and filter. */
struct question {
  struct inquiry of;
  /* of one question each */
  bool by_network;                        /* sources: else by address */
  enum trend_by trend_by;                 /* trend */
  struct stream_choice streams;           /* streams */
  const struct whatif_proposal *proposal; /* whatif */
  enum whatif_by whatif_by;               /* whatif: never WHATIF_BY_UNSET */
  const struct diff_period *periods;      /* diff: two, before and after */
  const struct plan_wish *plan;           /* plan */
  enum record_form record_form;           /* plan as a page */
  const struct taken_steps *taken;        /* plan as a page, history; NULL: none */
  struct row_choice rows;                 /* pages (pages.h) */
  const struct report_words *words;       /* reports: what the owner said of them */
  const struct carriers *carriers;        /* reports: who brings whose */
  bool decided_alone;                     /* reports: those of which the owner said something */
  bool changes_alone;                     /* diff and findings as a page: no word where there is nothing to tell */
  const struct acknowledgements *acknowledgements; /* findings; NULL: there are none */
  unsigned *due;                                   /* findings: how many are new or open; NULL: nobody wants to know */
  const struct portfolio_groups *groups;           /* portfolio (portfolio.h) */
  uint32_t *changed;                               /* diff: counts domains with a change; NULL: nobody wants to know */
  unsigned *verdicts; /* readiness: counts domains, [VERDICTS]; NULL: nobody wants to know */
};

/* 0, or a negative code. Rows come in a sensible order of their own; ranking a table is for the caller, by the
 * collector
 * (..._SORT). ERR_NOT_FOUND if a domain that is named has no report; the sink's begin has not been called then. */
typedef int question_fn(const struct question *q, struct table_sink *sink, struct err *e);

#define QUESTION_SORT_MESSAGES "-messages"
#define READINESS_SORT "rank"               /* nearest to its next step first */
#define EFFECT_SORT "-day"                  /* the newest step first */
#define PARTNERS_SORT "-lost_messages"      /* whom the step would hurt most first */
#define WHATIF_SORT "-own_affected_per_day" /* of domains: where the step would hurt most first */

question_fn question_summary;   /* the policy domains: messages, pass rate, policy in force, reporters, days */
question_fn question_froms;     /* the same by domain in From: and policy domain, without what is of the domain alone */
question_fn question_sources;   /* by address or network: how their mail authenticates and what became of it */
question_fn question_reporters; /* the reporting organizations: how much, how reliable */
question_fn question_trend;     /* messages and pass rate over time; periods without a report are shown as such */
question_fn question_reports;   /* the stored reports, one a row */
question_fn question_errors;    /* the ledger's troubles: what was rejected, damaged, in conflict, or held no report */
question_fn question_export;    /* every record with all that its report says. Streams: constant memory */

/* These judge. */
question_fn question_readiness; /* one row a domain, with gates, blockers and what-if nested */
/* The days of plans as an iCalendar (RFC 5545), an entry a record, into `file`, whose error indicator the caller
 * checks. */
int plan_calendar(const struct question *q, FILE *file, struct err *e);
question_fn question_effect;   /* one row a domain and step of its policy */
question_fn question_plan;     /* one row a record to be published on the way to the target */
question_fn question_history;  /* one row a change of policy or verdict, step that was taken, or finding of now */
question_fn question_backtest; /* one row a domain and day: what was said on it, and what became of own mail */
/* One row a stream with the mail that the basis counts (`counted` must be given); streams without any are left out.
 * Classes rest on the whole history all the same. */
question_fn question_streams;
question_fn question_causes;     /* one row a domain and cause of own mail that does not pass in the judged window */
question_fn question_compliance; /* one row a policy domain and source; one without mail has a row without a source */
question_fn question_partners;   /* one row a policy domain and domain of recipients */
question_fn question_selectors;  /* one row a policy domain, signing domain and selector of the owner's */
question_fn question_whatif;
question_fn question_diff;       /* one row a change */
question_fn question_findings;   /* one row a finding, in the order in which they are to be dealt with */
question_fn question_portfolio;  /* one row a group of domains, who has most to do first */
question_fn question_thresholds; /* one row a threshold of the basis: value, default, origin, reason. Needs no store */

#endif

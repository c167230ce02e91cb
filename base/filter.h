/* SPDX-License-Identifier: Apache-2.0 */
/* Which reports and records a question is about. These functions define what a filter admits: an engine may let its
 * query do a part of the choosing, as long as the answer is theirs. */
#ifndef BASE_FILTER_H
#define BASE_FILTER_H

#include "base/domain_set.h"
#include "base/feedback.h"
#include "base/report_days.h"

#define FILTER_OPEN_BEGIN INT64_MIN
#define FILTER_OPEN_END INT64_MAX

struct report_filter {
  /* All spelled by domain_spell. */
  const struct domain_set *domains; /* records of one of these domains or below it: see filter_reach. NULL: of any; an
                                     * empty set admits nothing */
  const char *policy_domain;        /* exactly this policy domain */
  const char *header_from;          /* exactly this header_from */
  int64_t since_s, until_s; /* reports that begin in [since_s, until_s). Of a report of several days (report_days.h),
                             * the days that do: a list of reports then has it whole, a sum has their share */
  const struct ip_network *source;
  const char *reporter;    /* org_name, as reporter_is has it */
  int aligned;             /* 1 passes DMARC by the receiver's evaluation, 0 does not, -1 any */
  const char *disposition; /* a word */
  const char *report_id;   /* exactly */
  struct {
    int64_t after, upto; /* upto 0: any */
  } stored;              /* reports by the number that the store has for them, in the order of import: (after, upto] */
  bool whole_domains;    /* `domains` chooses reports, and does not narrow those about a domain above it */
  bool own_reports;      /* nothing of reports about a domain above one of `domains`, or about none that is named: those
                          * may be somebody else's */
};
#define REPORT_FILTER_ALL \
  { .since_s = FILTER_OPEN_BEGIN, .until_s = FILTER_OPEN_END, .aligned = -1 }
/* The part of a filter that applies to the records of a report for a caller that takes reports as a whole: `domains`.
 */
struct report_filter filter_of_domain(const struct report_filter *f);

/* --- of a report -------------------------------------------------------------------------------------------------- */

/* Which records of a report `domains` reaches: what any of them does. The mail of a domain is in the reports about it
 * and about domains below it; in reports about a domain above it, since a subdomain without a DMARC record of its own
 * is reported with its organizational domain (RFC 7489 6.6.3, RFC 9989 4.10); and in reports that name no policy
 * domain. */
enum filter_reach {
  REACHES_NONE,
  REACHES_WITHIN, /* only those whose header_from is one of the domains or below it */
  REACHES_ALL,
};
/* Of a report about a domain above one of several, all that is from any of them counts. By the filter's `domains` and
 * `policy_domain`. The argument is the report's policy domain, NULL if it names none. */
enum filter_reach filter_reach(const struct report_filter *f, const char *policy_domain);

/* A report whose begin is unknown is within no bounds: it is admitted only if neither since_s nor until_s is set. */
bool filter_admits_begin(const struct report_filter *f, int64_t begin_s);
/* The days [from, to) of a report that begin within the bounds; false if none does. */
bool filter_admits_days(const struct report_filter *f, const struct report_days *d, uint32_t *ret_from,
                        uint32_t *ret_to);
bool filter_admits_reporter(const struct report_filter *f, const char *org_name);
bool filter_admits_report_id(const struct report_filter *f, const char *report_id);
/* All of these, and the reach. */
enum filter_reach filter_admits_report(const struct report_filter *f, const struct feedback_header *header);

/* --- of a record in a report that is admitted --------------------------------------------------------------------- */

/* By header_from, aligned and disposition: all that depends on the pattern. */
bool filter_admits_pattern(const struct report_filter *f, enum filter_reach reach,
                           const struct feedback_record *record);
bool filter_admits_source(const struct report_filter *f, const struct ip_addr *source_ip);
/* Both. */
bool filter_admits_record(const struct report_filter *f, enum filter_reach reach, const struct feedback_record *record);

/* Does the filter ask anything of a record besides its domain? */
bool filter_narrows_records(const struct report_filter *f);
/* Does it admit a report without a record? Such a report says that no mail came, which counts; but it says nothing of
 * any source, or of any subdomain. */
bool filter_admits_empty(const struct report_filter *f, enum filter_reach reach);

static inline bool filter_is_time_bounded(const struct report_filter *f) {
  return f->since_s != FILTER_OPEN_BEGIN || f->until_s != FILTER_OPEN_END;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What a filter admits. */
#include "base/filter.h"

#include <string.h>

#include "base/outcome.h"
#include "base/reporter.h"

struct report_filter filter_of_domain(const struct report_filter *f) {
  struct report_filter of_domain = REPORT_FILTER_ALL;
  of_domain.domains = f->domains;
  of_domain.whole_domains = f->whole_domains;
  of_domain.own_reports = f->own_reports;
  return of_domain;
}

/* What is not asked for admits everything; what is absent is never what was asked for. */
static bool is_asked(const char *asked, const char *text) { return !asked || (text && !strcmp(asked, text)); }

enum filter_reach filter_reach(const struct report_filter *f, const char *policy_domain) {
  if (!is_asked(f->policy_domain, policy_domain)) return REACHES_NONE;
  if (!f->domains) return REACHES_ALL;
  if (!f->domains->count) return REACHES_NONE;
  if (policy_domain && domain_set_covers(f->domains, policy_domain)) return REACHES_ALL;
  if (f->own_reports) return REACHES_NONE;
  if (policy_domain && !domain_set_reaches_below(f->domains, policy_domain)) return REACHES_NONE;
  return f->whole_domains ? REACHES_ALL : REACHES_WITHIN;
}

bool filter_admits_begin(const struct report_filter *f, int64_t begin_s) {
  if (begin_s == FEEDBACK_TIME_UNKNOWN) return !filter_is_time_bounded(f);
  return begin_s >= f->since_s && begin_s < f->until_s;
}

bool filter_admits_reporter(const struct report_filter *f, const char *org_name) {
  return !f->reporter || (org_name && reporter_is(org_name, f->reporter));
}

bool filter_admits_report_id(const struct report_filter *f, const char *report_id) {
  return is_asked(f->report_id, report_id);
}

bool filter_admits_days(const struct report_filter *f, const struct report_days *d, uint32_t *ret_from,
                        uint32_t *ret_to) {
  uint32_t from = 0, to = d->count;
  while (from < to && !filter_admits_begin(f, report_days_begin(d, from))) from++;
  while (to > from && !filter_admits_begin(f, report_days_begin(d, to - 1))) to--;
  *ret_from = from;
  *ret_to = to;
  return from < to;
}

enum filter_reach filter_admits_report(const struct report_filter *f, const struct feedback_header *header) {
  const struct report_days days = report_days_of(header->begin_s, header->end_s);
  uint32_t from, to;
  if (!filter_admits_days(f, &days, &from, &to) || !filter_admits_reporter(f, header->org_name) ||
      !filter_admits_report_id(f, header->report_id))
    return REACHES_NONE;
  return filter_reach(f, header->policy_domain);
}

static bool admits_outcome(const struct report_filter *f, enum outcome o) {
  if (f->aligned < 0) return true;
  return o != NOT_EVALUATED && outcome_passes(o) == (f->aligned > 0);
}

bool filter_admits_pattern(const struct report_filter *f, enum filter_reach reach,
                           const struct feedback_record *record) {
  const char *from = record->header_from;
  if (reach == REACHES_NONE) return false;
  if (reach == REACHES_WITHIN && f->domains && !(from && domain_set_covers(f->domains, from))) return false;
  return is_asked(f->header_from, from) && is_asked(f->disposition, record->disposition.text) &&
         admits_outcome(f, record_outcome(record));
}

bool filter_admits_source(const struct report_filter *f, const struct ip_addr *source_ip) {
  return !f->source || ip_network_contains(f->source, source_ip);
}

bool filter_admits_record(const struct report_filter *f, enum filter_reach reach,
                          const struct feedback_record *record) {
  return filter_admits_pattern(f, reach, record) && filter_admits_source(f, &record->source_ip);
}

bool filter_narrows_records(const struct report_filter *f) {
  return f->header_from || f->source || f->aligned >= 0 || f->disposition;
}

bool filter_admits_empty(const struct report_filter *f, enum filter_reach reach) {
  return reach == REACHES_ALL && !filter_narrows_records(f);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What parsedmarc makes of a report and its records, for both of its shapes. Private to report/. */
#ifndef REPORT_EXPORT_PARSEDMARC_H
#define REPORT_EXPORT_PARSEDMARC_H

#include <string.h>

#include "base/mem.h"
#include "base/utc.h"
#include "report/export/judged_records.h"

/* A report that claims to span more days is not spread: a record would become a row a day, for as long as a stranger
 * likes. Nobody gathers for longer than a year. */
#define PARSEDMARC_MOST_DAYS 366

/* A record, or what of it falls on one day. */
struct parsedmarc_part {
  int64_t begin_s, end_s;
  int64_t count; /* or FEEDBACK_COUNT_UNKNOWN */
  double fraction;
};

/* A report as parsedmarc has it. Texts are valid as long as those of the report. */
struct parsedmarc {
  uint64_t report; /* its number in the walk; 0: none yet */
  int64_t begin_s, end_s;
  struct strbuf org_name, report_id;
  const char *schema, *adkim, *aspf, *sp;
  bool spread; /* over its days: it spans more than 24 hours */
  struct parsedmarc_part days[PARSEDMARC_MOST_DAYS], parts[PARSEDMARC_MOST_DAYS];
  unsigned day_count;
};

void parsedmarc_clear(struct parsedmarc *p);
void parsedmarc_set_report(struct parsedmarc *p, const struct store_report *report);
/* The parts of a record with `count` messages, in p->parts: how many. One with the report's period where the report is
 * not spread, or the count is unknown; else one for each day that gets a message, which may be none. */
unsigned parsedmarc_split(struct parsedmarc *p, int64_t count);

/* What stood in the report, in lower case; `missing` (may be NULL) where nothing did. Kept in `buffer`. */
const char *parsedmarc_word(struct strbuf *buffer, const struct word *w, const char *missing);
/* The domain of the last SPF result stands in for an envelope_from that is missing. */
const char *parsedmarc_envelope_from(const struct feedback_record *r);

/* What parsedmarc finds out about a source; each NULL where it is not known. */
struct parsedmarc_source {
  const char *country, *reverse_dns, *base_domain, *name, *type, *as_name;
  uint32_t asn; /* 0: not known */
};
struct parsedmarc_source parsedmarc_source_of(const struct stream *s); /* accepts NULL */

static inline bool parsedmarc_passes(const struct word *w) { return is_word(w->text, "pass"); }

/* "2025-03-01 00:00:00" into `buffer`; NULL for a time that is not known. */
const char *parsedmarc_time(int64_t s, char buffer[UTC_TEXT_BYTES]);

#endif

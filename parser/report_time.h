/* SPDX-License-Identifier: Apache-2.0 */
/* The begin and end of a report as reporters write them. RFC 7489 Appendix C and RFC 9990 want seconds since 1970, UTC;
 * some write milliseconds, a fraction, or a date. */
#ifndef PARSER_REPORT_TIME_H
#define PARSER_REPORT_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/feedback.h"

enum report_time_edge { REPORT_TIME_BEGIN, REPORT_TIME_END };

/* Seconds since 1970, and milli-, micro- and nanoseconds by their magnitude, where these lie in 2010 to 2099, with a
 * fraction, which is dropped, or an exponent; ISO 8601 ("2026-10-01T00:00:00Z", "20261001", an offset, a blank for the
 * T; a time without an offset is UTC); RFC 5322 ("Thu, 01 Oct 2026 00:00:00 +0000"); what asctime, date(1), Go and
 * JavaScript write. A date without a time is its first second, and for REPORT_TIME_END its last.
 *
 * False if `text`, which must have no blanks around it, is none of these, and also if it is 1970-01-01 00:00 or
 * earlier: then the reporter did not know. `*ret_s` is then untouched. */
bool report_time_parse(const char *text, enum report_time_edge edge, int64_t *ret_s);

/* If begin or end could not be read (FEEDBACK_PERIOD_UNREADABLE), takes both from the document's file name,
 * "receiver!policy-domain!begin!end[!unique-id].xml[.gz]" (RFC 7489 7.2.1.1, RFC 9990 4.2.2), if it has them, and sets
 * FEEDBACK_PERIOD_DERIVED. `file_name` may be NULL. */
void report_time_derive_period(struct feedback_header *h, const char *file_name);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of a report as data: which element may stand in which, and which field its text fills. Private to
 * parser/. */
#ifndef PARSER_ELEMENTS_H
#define PARSER_ELEMENTS_H

#include <stdbool.h>
#include <stdint.h>

/* Local names of both schemas. */
/* clang-format off */
enum element {
  E_UNKNOWN,
  E_FEEDBACK, E_VERSION, E_REPORT_METADATA, E_ORG_NAME, E_EMAIL, E_EXTRA_CONTACT_INFO, E_REPORT_ID, E_DATE_RANGE, E_BEGIN,
  E_END, E_ERROR, E_GENERATOR, E_POLICY_PUBLISHED, E_DOMAIN, E_ADKIM, E_ASPF, E_P, E_SP, E_NP, E_PCT, E_FO, E_TESTING,
  E_DISCOVERY_METHOD, E_RECORD, E_ROW, E_SOURCE_IP, E_COUNT, E_POLICY_EVALUATED, E_DISPOSITION, E_DKIM, E_SPF, E_REASON,
  E_TYPE, E_COMMENT, E_IDENTIFIERS, E_HEADER_FROM, E_ENVELOPE_FROM, E_ENVELOPE_TO, E_AUTH_RESULTS, E_SELECTOR, E_SCOPE,
  E_RESULT, E_HUMAN_RESULT, E_EXTENSION,
  ELEMENTS
};

/* Where the reader is: in a container (S_...), or in a leaf whose text fills a field (F_...). */
enum place {
  S_NOWHERE, /* also: no such child */
  S_OUTSIDE, S_IGNORED,
  S_FEEDBACK, S_METADATA, S_DATE_RANGE, S_POLICY, S_RECORD, S_ROW, S_EVALUATED, S_REASON, S_IDENTIFIERS, S_RESULTS, S_DKIM,
  S_SPF,
  PLACES_WITH_CHILDREN,
  F_VERSION = PLACES_WITH_CHILDREN, F_ORG_NAME, F_EMAIL, F_EXTRA_CONTACT_INFO, F_REPORT_ID, F_BEGIN, F_END, F_ERROR,
  F_GENERATOR, F_POLICY_DOMAIN, F_ADKIM, F_ASPF, F_P, F_SP, F_NP, F_PCT, F_FO, F_TESTING, F_DISCOVERY_METHOD, F_SOURCE_IP,
  F_COUNT, F_DISPOSITION, F_EVALUATED_DKIM, F_EVALUATED_SPF, F_REASON_TYPE, F_REASON_COMMENT, F_HEADER_FROM,
  F_ENVELOPE_FROM, F_ENVELOPE_TO, F_RESULT_DOMAIN, F_RESULT_SELECTOR, F_RESULT_SCOPE, F_RESULT_RESULT, F_RESULT_HUMAN,
  PLACES
};
/* clang-format on */

/* The element of a local name, whatever its case. */
enum element element_of(const char *local_name);
/* Where the element leads to inside a place; S_NOWHERE where it does not belong there. */
enum place place_inside(enum place parent, enum element element);

static inline int place_is_leaf(enum place place) { return place >= PLACES_WITH_CHILDREN; }
/* A text that people read, or that only tells reports apart: a piece of it is worth having. */
bool place_is_prose(enum place place);

#endif

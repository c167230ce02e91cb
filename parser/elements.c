/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 7489 Appendix C and RFC 9990 section 3 as two tables: names, and what stands in what. */
#include "parser/elements.h"
#include "base/ascii.h"

static const struct {
  const char *name;
  enum element element;
} NAMES[] = {
    {"feedback", E_FEEDBACK},
    {"version", E_VERSION},
    {"report_metadata", E_REPORT_METADATA},
    {"org_name", E_ORG_NAME},
    {"email", E_EMAIL},
    {"extra_contact_info", E_EXTRA_CONTACT_INFO},
    {"report_id", E_REPORT_ID},
    {"date_range", E_DATE_RANGE},
    {"begin", E_BEGIN},
    {"end", E_END},
    {"error", E_ERROR},
    {"generator", E_GENERATOR},
    {"policy_published", E_POLICY_PUBLISHED},
    {"domain", E_DOMAIN},
    {"adkim", E_ADKIM},
    {"aspf", E_ASPF},
    {"p", E_P},
    {"sp", E_SP},
    {"np", E_NP},
    {"pct", E_PCT},
    {"fo", E_FO},
    {"testing", E_TESTING},
    {"discovery_method", E_DISCOVERY_METHOD},
    {"record", E_RECORD},
    {"row", E_ROW},
    {"source_ip", E_SOURCE_IP},
    {"count", E_COUNT},
    {"policy_evaluated", E_POLICY_EVALUATED},
    {"disposition", E_DISPOSITION},
    {"dkim", E_DKIM},
    {"spf", E_SPF},
    {"reason", E_REASON},
    {"type", E_TYPE},
    {"comment", E_COMMENT},
    {"identifiers", E_IDENTIFIERS},
    {"identities", E_IDENTIFIERS}, /* its name in drafts before RFC 7489; still sent */
    {"header_from", E_HEADER_FROM},
    {"envelope_from", E_ENVELOPE_FROM},
    {"envelope_to", E_ENVELOPE_TO},
    {"auth_results", E_AUTH_RESULTS},
    {"selector", E_SELECTOR},
    {"scope", E_SCOPE},
    {"result", E_RESULT},
    {"human_result", E_HUMAN_RESULT},
    {"extension", E_EXTENSION}, /* nothing in it is ours (RFC 9990 3.1.1.5) */
};

static const uint8_t CHILDREN[PLACES_WITH_CHILDREN][ELEMENTS] = {
    [S_OUTSIDE] = {[E_FEEDBACK] = S_FEEDBACK},
    [S_FEEDBACK] = {[E_VERSION] = F_VERSION,
                    [E_REPORT_METADATA] = S_METADATA,
                    [E_POLICY_PUBLISHED] = S_POLICY,
                    [E_RECORD] = S_RECORD},
    [S_METADATA] = {[E_ORG_NAME] = F_ORG_NAME,
                    [E_EMAIL] = F_EMAIL,
                    [E_EXTRA_CONTACT_INFO] = F_EXTRA_CONTACT_INFO,
                    [E_REPORT_ID] = F_REPORT_ID,
                    [E_DATE_RANGE] = S_DATE_RANGE,
                    [E_ERROR] = F_ERROR,
                    [E_GENERATOR] = F_GENERATOR},
    [S_DATE_RANGE] = {[E_BEGIN] = F_BEGIN, [E_END] = F_END},
    [S_POLICY] = {[E_DOMAIN] = F_POLICY_DOMAIN,
                  [E_ADKIM] = F_ADKIM,
                  [E_ASPF] = F_ASPF,
                  [E_P] = F_P,
                  [E_SP] = F_SP,
                  [E_NP] = F_NP,
                  [E_PCT] = F_PCT,
                  [E_FO] = F_FO,
                  [E_TESTING] = F_TESTING,
                  [E_DISCOVERY_METHOD] = F_DISCOVERY_METHOD},
    [S_RECORD] = {[E_ROW] = S_ROW, [E_IDENTIFIERS] = S_IDENTIFIERS, [E_AUTH_RESULTS] = S_RESULTS},
    [S_ROW] = {[E_SOURCE_IP] = F_SOURCE_IP, [E_COUNT] = F_COUNT, [E_POLICY_EVALUATED] = S_EVALUATED},
    [S_EVALUATED] = {[E_DISPOSITION] = F_DISPOSITION,
                     [E_DKIM] = F_EVALUATED_DKIM,
                     [E_SPF] = F_EVALUATED_SPF,
                     [E_REASON] = S_REASON},
    [S_REASON] = {[E_TYPE] = F_REASON_TYPE, [E_COMMENT] = F_REASON_COMMENT},
    [S_IDENTIFIERS] =
        {[E_HEADER_FROM] = F_HEADER_FROM, [E_ENVELOPE_FROM] = F_ENVELOPE_FROM, [E_ENVELOPE_TO] = F_ENVELOPE_TO},
    [S_RESULTS] = {[E_DKIM] = S_DKIM, [E_SPF] = S_SPF},
    [S_DKIM] = {[E_DOMAIN] = F_RESULT_DOMAIN,
                [E_SELECTOR] = F_RESULT_SELECTOR,
                [E_RESULT] = F_RESULT_RESULT,
                [E_HUMAN_RESULT] = F_RESULT_HUMAN},
    [S_SPF] = {[E_DOMAIN] = F_RESULT_DOMAIN,
               [E_SCOPE] = F_RESULT_SCOPE,
               [E_RESULT] = F_RESULT_RESULT,
               [E_HUMAN_RESULT] = F_RESULT_HUMAN},
};

enum element element_of(const char *local_name) {
  for (unsigned i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
    if (ascii_same(local_name, NAMES[i].name)) return NAMES[i].element;
  return E_UNKNOWN;
}

enum place place_inside(enum place parent, enum element element) {
  return parent < PLACES_WITH_CHILDREN ? (enum place)CHILDREN[parent][element] : S_NOWHERE;
}

bool place_is_prose(enum place place) {
  switch (place) {
    case F_VERSION:
    case F_ORG_NAME:
    case F_EMAIL:
    case F_EXTRA_CONTACT_INFO:
    case F_REPORT_ID:
    case F_ERROR:
    case F_GENERATOR:
    case F_REASON_COMMENT:
    case F_RESULT_HUMAN:
      return true;
    default:
      return false;
  }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Knows the receivers with rules for bulk senders by the names under which they report. */
#include "analysis/compliance.h"
#include "base/ascii.h"
#include "base/cleanup.h"

/* The names under which they have reported. "Enterprise Outlook" is not among them: it speaks for Microsoft 365's
 * customers, to whose mailboxes the rule does not apply. AOL's mail is Yahoo's. */
static const struct {
  const char *org_name;
  enum compliance_receiver receiver;
} ORG_NAMES[] = {
    {"google.com", RECEIVER_GOOGLE},     {"Google Inc.", RECEIVER_GOOGLE},
    {"Google, Inc.", RECEIVER_GOOGLE},   {"Yahoo", RECEIVER_YAHOO},
    {"Yahoo Inc.", RECEIVER_YAHOO},      {"Yahoo! Inc.", RECEIVER_YAHOO},
    {"yahoo.com", RECEIVER_YAHOO},       {"AOL", RECEIVER_YAHOO},
    {"Outlook.com", RECEIVER_MICROSOFT}, {"Microsoft Corp.", RECEIVER_MICROSOFT},
    {"hotmail.com", RECEIVER_MICROSOFT}, {"Microsoft Corporation", RECEIVER_MICROSOFT},
};

enum compliance_receiver compliance_receiver_of(const char *org_name) {
  for (unsigned i = 0; org_name && i < ARRAY_SIZE(ORG_NAMES); i++)
    if (ascii_same(org_name, ORG_NAMES[i].org_name)) return ORG_NAMES[i].receiver;
  return RECEIVERS;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of import share: documents made to measure. */
#ifndef TESTS_IMPORT_KIT_H
#define TESTS_IMPORT_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/mem.h"

#define JUNE_1 1780272000

/* A report of so many records, whose counts are 1, 2, 3, ...; without its end where it is `cut`. */
static inline struct strbuf report_of(const char *id, unsigned records, bool cut) {
  struct strbuf xml = STRBUF_INIT;
  strbuf_printf(&xml,
                "<feedback><report_metadata><org_name>reporter.example</org_name><report_id>%s</report_id>"
                "<date_range><begin>%d</begin><end>%d</end></date_range></report_metadata>"
                "<policy_published><domain>example.com</domain><p>none</p><fo>%s</fo></policy_published>",
                id, JUNE_1, JUNE_1 + 86399, id); /* fo: under another id the same content is counted once */
  for (unsigned i = 1; i <= records; i++)
    strbuf_printf(&xml,
                  "<record><row><source_ip>192.0.2.%u</source_ip><count>%u</count><policy_evaluated>"
                  "<disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row>"
                  "<identifiers><header_from>example.com</header_from></identifiers><auth_results><dkim>"
                  "<domain>example.com</domain><result>pass</result></dkim></auth_results></record>",
                  i % 256, i);
  if (!cut) strbuf_add_text(&xml, "</feedback>");
  return xml;
}

#endif

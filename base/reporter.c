/* SPDX-License-Identifier: Apache-2.0 */
/* The one place where case is taken from a reporter's name. */
#include "base/reporter.h"

#include "base/ascii.h"

void reporter_add_key(struct strbuf *key, const char *org_name) {
  for (const char *at = org_name ? org_name : ""; *at; at++) strbuf_add_char(key, ascii_lower(*at));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* How reporters are told apart where only their names are known. Which report is which is for base/identity.h to say;
 * there a reporter is its name letter by letter, and known by the domain of its e-mail address as well. */
#ifndef BASE_REPORTER_H
#define BASE_REPORTER_H

#include <stdbool.h>

#include "base/mem.h"

/* Appends the name as the key of a map. NULL, from a report that names no reporter, is the same as the empty name.
 * Case makes no difference, nor do these, by which one reporter goes by several names:
 *   the number of a host, as appliances that report under their own name have one: esa1.example.net, esa2.example.net;
 *   punctuation, and the legal form behind the name: Yahoo, Yahoo! Inc. */
void reporter_add_key(struct strbuf *key, const char *org_name);
/* The same for the name as it is written: case alone makes no difference. */
void reporter_add_name(struct strbuf *key, const char *org_name);
/* Do both name one reporter? */
bool reporter_is(const char *org_name, const char *other);

#endif

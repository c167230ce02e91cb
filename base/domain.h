/* SPDX-License-Identifier: Apache-2.0 */
/* Domain names as reports carry them: their one spelling, comparison, subdomains, organizational domains. */
#ifndef BASE_DOMAIN_H
#define BASE_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

/* Lower-cases ASCII and drops trailing dots, in place. Returns the new length. */
size_t domain_normalise(char *name);
/* The one spelling of a domain, or of the domain in an e-mail address: normalised, with A-labels in the place of
 * U-labels (RFC 5890 2.3.2.1) by UTS 46, non-transitional. `name` is normalised in place. Returns NULL if `name` then
 * is the spelling, because it is ASCII or UTS 46 refuses it; otherwise the spelling, for the caller to free. */
char *domain_spell(char *name);
/* The same, leaving `name` alone: always a new string, for the caller to free. */
char *domain_spelled(const char *name);
/* Could this be a domain name: 1 to 253 bytes, labels of 1 to 63 without blanks, controls, '@' or ','? Underscores and
 * UTF-8 are allowed: reports carry both. */
bool domain_is_plausible(const char *name);
/* Is `name` the domain itself or one below it? Both normalised. */
bool domain_is_within(const char *name, const char *domain);
/* The domain of what may be an e-mail address: what follows the last '@', or all of it. Points into the argument. */
const char *domain_of_address(const char *name_or_address);
/* The organizational domain (RFC 7489 3.2) by the Public Suffix List: a pointer into `name`. A public suffix itself and
 * a name without a dot are their own. Thread-safe. */
const char *domain_organizational(const char *name);
/* Do different owners register names below it ("co.uk")? By the same list. */
bool domain_is_public_suffix(const char *name);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The name of an address, if its owner and the owner of the name agree (RFC 8601 3, "iprev"). */
#ifndef DNS_REVERSE_H
#define DNS_REVERSE_H

#include "base/ip.h"
#include "dns/resolver.h"

/* PTR names of an address that are looked at (RFC 7208 5.5 has the same limit). */
#define MOST_PTR_NAMES 10

#define REVERSE_NAME_BYTES 80 /* 32 nibbles with dots, "ip6.arpa", NUL */
/* "1.2.0.192.in-addr.arpa" into `buffer` (RFC 1035 3.5, RFC 3596 2.5); "" for no address. Returns `buffer`. */
const char *dns_reverse_name(const struct ip_addr *ip, char buffer[REVERSE_NAME_BYTES]);

enum dns_name_state {
  DNS_NAME_PENDING, /* something is wanted: dns_run, then ask again. Two rounds at most */
  DNS_NAME_CONFIRMED,
  DNS_NAME_UNCONFIRMED, /* no PTR, or none whose name has the address */
  DNS_NAME_UNKNOWN,     /* the DNS did not say */
};
/* The alphabetically first of the PTR names that have the address among their own (answers come in any order). `*ret`
 * is valid as long as `d`; NULL if none is confirmed. */
enum dns_name_state dns_confirmed_name(struct dns *d, const struct ip_addr *ip, const char **ret);
/* The same for many at once, asking as needed; NULL if no name is confirmed. */
void dns_confirmed_names(struct dns *d, const struct ip_addr *ips, unsigned count, const char **ret);

#endif

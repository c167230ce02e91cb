/* SPDX-License-Identifier: Apache-2.0 */
/* IPv4 and IPv6 addresses and networks. */
#ifndef BASE_IP_H
#define BASE_IP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct ip_addr {
  uint8_t size;      /* 4, 16, or 0: no address */
  uint8_t bytes[16]; /* network order */
};

#define IP_TEXT_BYTES 64 /* enough for any address or network as text, with its NUL */

/* A literal address. An IPv4-mapped IPv6 address (::ffff:192.0.2.1) becomes the IPv4 address in it. False if the text
 * is no address; `ret` is then untouched. */
bool ip_parse(const char *text, struct ip_addr *ret);
/* Canonical text (RFC 5952 for IPv6) into `buffer` of IP_TEXT_BYTES; "" for no address. Returns `buffer`. */
const char *ip_format(const struct ip_addr *ip, char *buffer);
/* Is the text a literal loopback address, 127.0.0.0/8 or ::1? A name is not, not even "localhost": it may lead
 * anywhere. */
bool ip_is_loopback(const char *text);

struct ip_network {
  struct ip_addr base; /* the bits after the prefix are 0 */
  unsigned prefix_bits;
};

/* "192.0.2.0/24", "2001:db8::/32", or a single address, which is a network of one. 0 or ERR_USAGE. */
int ip_network_parse(const char *text, struct ip_network *ret, struct err *e);
bool ip_network_contains(const struct ip_network *n, const struct ip_addr *ip);
/* The one of that length which the address is in. */
struct ip_network ip_network_around(const struct ip_addr *ip, unsigned prefix_bits);
/* The network a source is grouped by: /24 for IPv4, /64 for IPv6. */
struct ip_network ip_network_of(const struct ip_addr *ip);
/* Into `buffer` of IP_TEXT_BYTES; a network of one address has no prefix. Returns `buffer`. */
const char *ip_network_format(const struct ip_network *n, char *buffer);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* How much of the Internet an SPF record lets pass. Private to dns/. */
#ifndef DNS_SPF_REACH_H
#define DNS_SPF_REACH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ip.h"

/* Networks that are remembered. Only short prefixes are, of which there are not many. */
#define MOST_REACHED 256

/* A network with a shorter prefix than this is no sender's own: the largest sender has some /14 and /20. */
#define WIDE_PREFIX4 10
#define WIDE_PREFIX6 20

struct spf_reach {
  struct {
    uint32_t first, last;    /* the first 32 bits of addresses */
  } ranges[2][MOST_REACHED]; /* of IPv4, of IPv6 */
  unsigned count[2];
};

/* Adds a network whose addresses pass; a long prefix is not remembered. */
void spf_reach_add(struct spf_reach *r, const struct ip_network *n);
/* Is the network so wide that nobody can answer for all who send from it? */
bool spf_network_is_wide(const struct ip_network *n);
/* Do the networks together hold half of IPv4, or half of the IPv6 that is given out (2000::/3)? */
bool spf_reach_is_open(struct spf_reach *r);

#endif

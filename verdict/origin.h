/* SPDX-License-Identifier: Apache-2.0 */
/* What an address tells from outside of the reports: its confirmed name in the DNS, the network it is in. A hint at who
 * is behind a stream where its mail names nobody; never an authorisation. Who looks it up is not known here. */
#ifndef VERDICT_ORIGIN_H
#define VERDICT_ORIGIN_H

#include <stdint.h>

#include "base/err.h"
#include "base/ip.h"
#include "sender/sender.h"

struct history;

/* Addresses of a policy domain whose names are asked for: those with most mail. Each costs strangers' name servers two
 * questions or more, and what comes after the first 2,000 is single messages. */
#define MOST_NAMED_ADDRESSES 2000

/* Texts live as long as the lookup. Absent is NULL, 0 or "". */
struct origin {
  const char *ptr; /* name of the address that has it among its own addresses (RFC 8601 3) */
  uint32_t asn;
  const char *organization; /* whose autonomous system that is */
  char country[3];          /* two letters (ISO 3166-1); "": unknown */
};

struct origin_lookup {
  /* The network of an address: all of `ret` but ptr. NULL: no database is given. */
  int (*network)(void *user, const struct ip_addr *ip, struct origin *ret, struct err *e);
  /* The confirmed names of addresses, NULL where there is none. NULL: the DNS is not asked. */
  int (*names)(void *user, const struct ip_addr *ips, unsigned count, const char **ret, struct err *e);
  /* Told how many addresses of a domain were over MOST_NAMED_ADDRESSES. May be NULL. */
  void (*left_out)(void *user, const char *domain, uint64_t addresses);
  void *user;
};

/* Fills `origin` of each stream, and of those that no mail names `service` and `evidence`: by the name, else by the
 * network. Between history and judge(); a NULL lookup does nothing. */
int origin_name_streams(struct history *h, const struct origin_lookup *lookup, const struct sender_catalogue *catalogue,
                        struct err *e);

#endif

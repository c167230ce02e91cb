/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of an address apart from the reports: its confirmed name in the DNS and its network. It hints at who is
 * behind a stream whose mail names nobody, and never authorises anything. The lookups are the caller's. */
#ifndef VERDICT_ORIGIN_H
#define VERDICT_ORIGIN_H

#include <stdint.h>

#include "base/err.h"
#include "base/ip.h"
#include "sender/sender.h"

struct history;

/* Limit of addresses per policy domain whose names are looked up: those with most mail. Each costs other people's name
 * servers two queries or more, and those after the first 2,000 send single messages. */
#define MOST_NAMED_ADDRESSES 2000

/* Texts live as long as the lookup. Absent is NULL, 0 or "". */
struct origin {
  const char *ptr; /* a PTR name of the address that resolves back to it (RFC 8601 3, "iprev") */
  uint32_t asn;
  const char *organization; /* the holder of that autonomous system */
  char country[3];          /* two letters (ISO 3166-1); "": unknown */
};

struct origin_lookup {
  /* The network of an address: fills all of `ret` but ptr. NULL: there is no database of networks. */
  int (*network)(void *user, const struct ip_addr *ip, struct origin *ret, struct err *e);
  /* The confirmed names of `count` addresses into `ret`, NULL for those without. NULL: the DNS is not asked. */
  int (*names)(void *user, const struct ip_addr *ips, unsigned count, const char **ret, struct err *e);
  /* Is told how many addresses of a domain exceeded MOST_NAMED_ADDRESSES. May be NULL. */
  void (*left_out)(void *user, const char *domain, uint64_t addresses);
  void *user;
};

/* Fills `origin` of each stream; and `service` and `evidence` of streams whose mail does not name anybody, by the name
 * of the address, else by its network. To be called before judge(). Does nothing if `lookup` is NULL. */
int origin_name_streams(struct history *h, const struct origin_lookup *lookup, const struct sender_catalogue *catalogue,
                        struct err *e);

#endif

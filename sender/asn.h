/* SPDX-License-Identifier: Apache-2.0 */
/* Whose network is an address in? By a database that the user has, in the MaxMind DB format (libmaxminddb): GeoLite2
 * ASN and Country, the files of DB-IP and IPinfo. Nothing is asked over the network. */
#ifndef SENDER_ASN_H
#define SENDER_ASN_H

#include <stdint.h>

#include "base/err.h"
#include "base/ip.h"

/* Longer names of organizations are cut; the longest real ones have some 120 bytes. */
#define MOST_ORGANIZATION_BYTES 200

struct asn_db;

struct asn {
  uint32_t number;          /* of the autonomous system (RFC 6793); 0: unknown */
  const char *organization; /* NULL: unknown. Lives as long as the database */
  char country[3];          /* two letters (ISO 3166-1), upper case; "": unknown */
};

/* ERR_IO or ERR_FORMAT, naming the file. */
int asn_open(const char *path, struct asn_db **ret, struct err *e);
void asn_close(struct asn_db *db); /* accepts NULL */

/* 1 found, 0 if the database has nothing on the address, or ERR_FORMAT: the file is damaged. One thread at a time. */
int asn_find(struct asn_db *db, const struct ip_addr *ip, struct asn *ret, struct err *e);

static inline void cleanup_asn_db(struct asn_db **db) { asn_close(*db); }
#define _cleanup_asn_db_ __attribute__((cleanup(cleanup_asn_db)))

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Who is behind a source? The catalogue of services, and the evidence that names one. It authorises nothing: that mail
 * comes from a known service does not make it the owner's.
 *
 * Services live as long as their catalogue, and adding a map moves none, so their pointers may be kept and compared.
 * Look-ups change nothing: any number of threads may use one catalogue while nobody adds to it. */
#ifndef SENDER_SENDER_H
#define SENDER_SENDER_H

#include <stdbool.h>

#include "base/err.h"

struct sender_service {
  const char *name;   /* "Amazon SES" */
  const char *kind;   /* "transactional", "forwarder", ... as in services.ini; a map's type as it stands there or "" */
  const char *repair; /* what its customer must do to send aligned; NULL where not known (user's map) */
  bool shared;        /* many customers send from the same addresses; a map does not say, so yes */
  bool sends_for_others; /* a service that may send for the owner: not isp, not shared = no; of a map's types those
                            that sell mail or software, not the industries of parsedmarc's map ("Healthcare") */
};

struct sender_catalogue;

/* The built-in catalogue: compiled in, no file is read. */
struct sender_catalogue *sender_catalogue_new(void);
void sender_catalogue_free(struct sender_catalogue *c); /* accepts NULL */

/* Adds a map in parsedmarc's CSV form: the header line base_reverse_dns,name,type, then rows of three fields, quoted as
 * RFC 4180 says but never across lines; UTF-8. A byte order mark, CRLF or LF, and empty lines are accepted.
 *
 * Its names count for DKIM and SPF domains too, after the built-in ones: the domain of a service's hosts is usually the
 * one it signs and bounces with. A map wins over the built-in for PTR names, also where the built-in knows a longer
 * suffix; a later row wins over an earlier one, in this file or one added before. A row with the name of a
 * built-in service (case aside) adds its names to that service, whose kind and repair stay; other rows of one name and
 * type are one service.
 *
 * ERR_IO, ERR_FORMAT or ERR_LIMIT (a file over 64 MiB, a line over 64 KiB), naming file and line; the catalogue is
 * then unchanged. */
int sender_catalogue_add_map(struct sender_catalogue *c, const char *path, struct err *e);

/* The service whose suffix of the name is the longest, whole labels only; NULL if there is none, and for NULL, "" and
 * anything longer than a domain name. Names are normalised by the caller (domain_normalise). */
const struct sender_service *sender_by_dkim(const struct sender_catalogue *c, const char *domain); /* d= */
const struct sender_service *sender_by_spf(const struct sender_catalogue *c, const char *domain);  /* MAIL FROM */
const struct sender_service *sender_by_ptr(const struct sender_catalogue *c, const char *host);    /* confirmed PTR */

/* By its name, case aside (ASCII); the built-in one first, then the first of the map. NULL where none. */
const struct sender_service *sender_by_name(const struct sender_catalogue *c, const char *name);

/* Every service, for listing: the built-in ones in the order of services.ini, then the map's. NULL past the end. */
unsigned sender_count(const struct sender_catalogue *c);
const struct sender_service *sender_at(const struct sender_catalogue *c, unsigned i);

static inline void cleanup_sender_catalogue(struct sender_catalogue **c) { sender_catalogue_free(*c); }
#define _cleanup_sender_catalogue_ __attribute__((cleanup(cleanup_sender_catalogue)))

#endif

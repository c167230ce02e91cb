/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to the DNS, many at once, through the system's resolver or another one (c-ares).
 *
 * Callers look, and look again: an answer that is not there yet is noted as wanted, and dns_run asks for everything
 * that is wanted at the same time. So what follows from answers is worked out by functions that keep no state and are
 * called again until nothing is missing:
 *
 *     while (!work_it_out(dns, ...)) dns_run(dns);
 *
 * After dns_run everything that was wanted has an answer, even if it is DNS_FAILED, so each round makes progress. The
 * function that works things out bounds the number of rounds. A handle belongs to one thread. */
#ifndef DNS_RESOLVER_H
#define DNS_RESOLVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

enum dns_type { DNS_A, DNS_AAAA, DNS_MX, DNS_PTR, DNS_TXT, DNS_NS };
#define DNS_TYPES 6
const char *dns_type_word(enum dns_type type); /* "A", "AAAA", "MX", "PTR", "TXT", "NS" */

enum dns_status {
  DNS_OK,
  DNS_NONE,   /* no such name, or nothing of the type */
  DNS_FAILED, /* not known: SERVFAIL, no answer in time, a name that cannot be asked for */
};
const char *dns_status_word(enum dns_status status); /* "ok", "none", "failed" */

/* What is known of why there is nothing. */
enum dns_why {
  DNS_WHY_UNSAID,   /* an answer that was kept, or no name to ask for */
  DNS_WHY_NXDOMAIN, /* DNS_NONE: there is no such name ... */
  DNS_WHY_NODATA,   /* ... or it has nothing of the type */
  DNS_WHY_TIMEOUT,  /* DNS_FAILED: no answer in time ... */
  DNS_WHY_SERVER,   /* ... or one that says nothing: SERVFAIL, REFUSED, a server that does not have the zone */
};

/* Texts are printable ASCII: names in lower case without a trailing dot, addresses, TXT records with their strings
 * joined (RFC 7208 3.3) and other bytes written as \DDD (RFC 1035 5.1). Of DNS_NONE the only text, if any, is the name
 * that an alias led to in vain. */
struct dns_answer {
  enum dns_status status;
  const char *const *texts;
  unsigned count;
  int64_t expires_s; /* Unix seconds */
  enum dns_why why;
  const char *alias; /* the last of the names that an alias led to; NULL: none did, or the answer was kept */
};

/* Where answers are kept beyond this run. It may miss any of them. */
struct dns_entry {
  enum dns_type type;
  const char *name;
  struct dns_answer answer;
};
struct dns_cache {
  /* An answer that has not expired, its texts in `arena`. False: not there. */
  bool (*get)(void *user, enum dns_type type, const char *name, struct arena *arena, struct dns_answer *ret);
  void (*put)(void *user, const struct dns_entry *entries, unsigned count);
  void *user;
};

struct dns_options {
  const char *server;     /* "192.0.2.1", "192.0.2.1:53", "2001:db8::1", "[2001:db8::1]:53"; NULL: the system's */
  int64_t time_ms;        /* to wait for answers, in all; what is still missing then is DNS_FAILED */
  struct dns_cache cache; /* functions NULL: none */
  bool offline;           /* nobody is asked: what the cache does not have is DNS_FAILED */
};

struct dns_counts {
  uint64_t asked;      /* of the resolver */
  uint64_t failed;     /* of these: no answer, or one that says nothing */
  uint64_t unanswered; /* wanted when the time was over */
  uint64_t cached;     /* found in the cache */
};

struct dns;

/* ERR_USAGE: `server` is no address. ERR_IO: no resolver is configured or it cannot be used. */
int dns_open(const struct dns_options *options, struct dns **ret, struct err *e);
void dns_close(struct dns *d); /* accepts NULL; all answers are gone */

/* The answer, or NULL: then it is wanted now. `name` is normalised by the caller (domain_normalise). Answers live as
 * long as `d`. */
const struct dns_answer *dns_look(struct dns *d, enum dns_type type, const char *name);
/* Asks for everything that is wanted. */
void dns_run(struct dns *d);
void dns_count(const struct dns *d, struct dns_counts *ret);

/* Does the name consist of labels of 1 to 63 letters, digits, "-" and "_", at most 253 bytes in all, in lower case
 * (domain_normalise)? Only such names are asked for or taken from answers; the answer for any other is DNS_FAILED. */
bool dns_name_is_askable(const char *name);

static inline void cleanup_dns(struct dns **d) { dns_close(*d); }
#define _cleanup_dns_ __attribute__((cleanup(cleanup_dns)))

#endif

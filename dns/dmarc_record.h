/* SPDX-License-Identifier: Apache-2.0 */
/* A DMARC Policy Record (RFC 9989 4.7, 4.8): what it says, what is wrong with it, and the same record with another
 * policy. Works on its text alone. Private to dns/. */
#ifndef DNS_DMARC_RECORD_H
#define DNS_DMARC_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/policy.h"
#include "dns/fault.h"

/* Pieces between semicolons. RFC 9989 has 11 tags. */
#define MOST_DMARC_PIECES 64
/* Addresses of rua or ruf that are looked at; receivers need not serve more than a few. */
#define MOST_DMARC_URIS 16

/* What stands between two semicolons: as it came, and what it means. */
struct dmarc_piece {
  const char *text; /* points into the record's text; not terminated */
  size_t length;
  const char *name;  /* in lower case; NULL if it is not tag=value */
  const char *value; /* trimmed, as written */
};

struct dmarc_record {
  const char *text;
  struct dmarc_piece pieces[MOST_DMARC_PIECES];
  unsigned count;
  bool is_cut; /* the text has more of them */
};

/* Does the text begin with v=DMARC1? Anything else at _dmarc is not a DMARC record (RFC 9989 4.7). */
bool dmarc_record_is(const char *text);
/* Is it one, or does it look as if it were meant to be one? */
bool dmarc_record_resembles(const char *text);
/* `text` must live as long as the record; names and values are kept in the arena. */
void dmarc_record_parse(struct dmarc_record *ret, struct arena *arena, const char *text);
/* The value of a tag (its name in lower case), the first where there are several. NULL: absent. */
const char *dmarc_record_value(const struct dmarc_record *r, const char *name);

/* Of p, sp or np. POLICY_UNKNOWN: absent, or a value that is no policy. */
enum policy dmarc_record_policy(const struct dmarc_record *r, const char *name);
bool dmarc_record_is_testing(const struct dmarc_record *r); /* t=y */
bool dmarc_record_is_sampled(const struct dmarc_record *r); /* pct below 100 */

struct dmarc_uri {
  const char *text;  /* as written, trimmed */
  const char *host;  /* of a mailto: address, in lower case; NULL: none that a report could be sent to */
  const char *wrong; /* why there is no host, for a sentence; else NULL */
  bool is_sized;     /* has a size limit ("!10m"), which is obsolete */
};
/* The addresses of rua or ruf, at most MOST_DMARC_URIS, their texts in the arena. */
unsigned dmarc_record_uris(const struct dmarc_record *r, const char *name, struct arena *arena,
                           struct dmarc_uri ret[MOST_DMARC_URIS]);

/* What is wrong with the record by itself. */
void dmarc_record_check(const struct dmarc_record *r, struct arena *arena, struct dns_faults *faults);

struct dmarc_change {
  const char *p, *sp, *np; /* NULL: as it is */
  bool testing;            /* t=y; else t is taken away: its default is n */
};
/* The same record with another policy, for the caller to free. Every other tag stays byte for byte, known or not,
 * except pct, which is removed (RFC 9989 A.6): receivers that follow the former RFC would go on sampling. Missing tags
 * are added after p, in the record's own style. Of what no record may hold it is as dmarc_record_plain. */
char *dmarc_record_with_policy(const struct dmarc_record *r, const struct dmarc_change *change);
/* The same record without white space before v= and without bytes that are no printable ASCII, for the caller to free.
 * A tag that has them in its middle is left out. Otherwise it is the text as it came. */
char *dmarc_record_plain(const struct dmarc_record *r);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The terms of an SPF record by the grammar of RFC 7208 12, to the letter: what each says, or why it is none. A single
 * term that is none makes every check of the record a permanent error (RFC 7208 4.6). Works on the text alone. */
#ifndef DNS_SPF_TERM_H
#define DNS_SPF_TERM_H

#include <stdbool.h>

#include "base/ip.h"
#include "base/mem.h"

enum spf_kind {
  SPF_BAD, /* no term: see `wrong` */
  SPF_ALL,
  SPF_INCLUDE,
  SPF_A,
  SPF_MX,
  SPF_PTR,
  SPF_IP4,
  SPF_IP6,
  SPF_EXISTS,
  SPF_REDIRECT,
  SPF_EXP,
  SPF_OTHER, /* a modifier that nobody knows, which is ignored (RFC 7208 6) */
};

struct spf_term {
  const char *text;  /* as written */
  const char *wrong; /* SPF_BAD: why, for a sentence: "the prefix length goes from 0 to 32"; else NULL */
  enum spf_kind kind;
  char qualifier;            /* + - ~ ?; + of a modifier */
  const char *domain;        /* domain-spec as written, without prefix lengths; NULL: none, which is the record's own */
  bool has_macros;           /* of the domain: only a message can fill them in */
  struct ip_network network; /* SPF_IP4, SPF_IP6 */
  unsigned prefix4, prefix6; /* SPF_A, SPF_MX: 32 and 128 where none is written */
};

struct spf_terms {
  struct spf_term *items; /* in the arena */
  unsigned count;
};

/* Does the text begin with the version, v=spf1 (RFC 7208 4.5)? */
bool spf_text_is(const char *text);
/* The terms of such a text. */
void spf_text_parse(struct spf_terms *ret, struct arena *arena, const char *text);

/* Does the term ask the DNS, and so count for the limit of RFC 7208 4.6.4? */
bool spf_term_asks(const struct spf_term *t);
/* Is it written as a modifier and named as a mechanism is ("ip4=192.0.2.1")? Such a term is ignored. */
bool spf_term_is_mistaken(const struct spf_term *t);

/* One macro at "%": its length with it, 0 if it is none. */
struct spf_macro {
  char letter;    /* as written, as its case says whether it is escaped; '%', '_' or '-' of those three */
  unsigned parts; /* how many from the right; 0: all */
  bool reversed;
  const char *delimiters; /* not terminated */
  unsigned delimiter_count;
};
size_t spf_macro_read(const char *text, struct spf_macro *ret, const char **ret_wrong);

#endif

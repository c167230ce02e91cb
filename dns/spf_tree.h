/* SPDX-License-Identifier: Apache-2.0 */
/* An SPF record as a tree: each term with what it takes to check it and with the networks that it names, and below an
 * include or redirect the terms of the record there (RFC 7208 4.6.4, 5). No message is checked, and no fault is told:
 * see spf_check.h and spf_record.h. */
#ifndef DNS_SPF_TREE_H
#define DNS_SPF_TREE_H

#include "dns/resolver.h"
#include "dns/spf_term.h"

/* Terms of a tree; a longer record is cut there. */
#define MOST_SPF_NODES 500

struct spf_node {
  struct spf_term term;
  const char *domain;                /* in whose record it stands */
  const char *target;                /* the name that is asked for; NULL: none is, or a message fills it in */
  unsigned place;                    /* of the term in its record, from 0: see spf_check.h */
  unsigned depth;                    /* 0: in the record itself */
  unsigned next;                     /* the first node behind it and all that is below it */
  unsigned lookups, voids;           /* of it and of what is below it */
  const struct ip_network *networks; /* of ip4 and ip6, of the addresses of a and mx */
  unsigned network_count;
  const char *record;  /* include, redirect: the text there; NULL: there is not one record */
  const char *missing; /* why not, for a sentence: "it has no SPF record"; NULL: it is there */
  bool unknown;        /* the DNS did not say */
};

struct spf_tree {
  const char *record; /* NULL: none, several, or unknown */
  bool unknown;
  struct spf_node *nodes; /* in the order of the record, what is below a term right behind it */
  unsigned count;
  unsigned lookups, voids;
  bool permerror;         /* a check may end in an error: grammar, limits, a record that is missing */
  unsigned network_count; /* of all nodes */
};

/* False: more is wanted, dns_run and call again. Texts live as long as `d` and the arena. */
bool spf_tree_look(struct dns *d, const char *domain, struct arena *arena, struct spf_tree *ret);

#endif

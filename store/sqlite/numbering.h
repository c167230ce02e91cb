/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers that a walk gives to the sources and patterns of a policy domain, by their ids. Private to store/.
 *
 * Its arrays are as long as ids are large. A fleet is judged by a walk a domain: each takes over the arrays of the one
 * before, and emptying costs what was put. */
#ifndef STORE_SQLITE_NUMBERING_H
#define STORE_SQLITE_NUMBERING_H

#include "base/mem.h"
#include "store/sqlite/id_map.h"

struct numbering {
  struct strbuf domain;
  struct id_map sources, patterns, walked_patterns; /* the number + 1 */
  uint32_t source_count, pattern_count;
};

struct numbering *numbering_new(void);
void numbering_free(struct numbering *n);  /* accepts NULL */
void numbering_reset(struct numbering *n); /* empties, keeps the memory */
/* Empties it where another domain begins: by the text and not by its id, as callers know the domains apart. */
void numbering_begin(struct numbering *n, const char *domain);

#endif

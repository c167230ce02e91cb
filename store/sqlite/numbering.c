/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/numbering.h"

#include <stdlib.h>
#include <string.h>

struct numbering *numbering_new(void) {
  struct numbering *n = mem_zalloc(sizeof *n);
  id_map_init(&n->sources);
  id_map_init(&n->patterns);
  id_map_init(&n->walked_patterns);
  return n;
}

void numbering_free(struct numbering *n) {
  if (!n) return;
  strbuf_clear(&n->domain);
  id_map_clear(&n->sources);
  id_map_clear(&n->patterns);
  id_map_clear(&n->walked_patterns);
  free(n);
}

void numbering_reset(struct numbering *n) {
  strbuf_reset(&n->domain);
  id_map_reset(&n->sources);
  id_map_reset(&n->patterns);
  id_map_reset(&n->walked_patterns);
  n->source_count = n->pattern_count = 0;
}

void numbering_begin(struct numbering *n, const char *domain) {
  if (!strcmp(strbuf_text(&n->domain), domain)) return;
  numbering_reset(n);
  strbuf_add_text(&n->domain, domain);
}

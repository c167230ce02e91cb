/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/names_below.h"

#include <string.h>

#include "base/domain.h"

static bool is_below(const char *name, const char *domain) {
  return strcmp(name, domain) != 0 && domain_is_within(name, domain);
}

/* A name exists where one below it does (RFC 8020). */
static void note_name(struct names_below *n, const char *header_from) {
  const char *name = domain_of_address(header_from);
  if (!domain_is_plausible(name)) return; /* also bounds the labels below: a name has 253 bytes at most */
  while (is_below(name, n->domain)) {
    hashmap_put(&n->names, name, strlen(name) + 1, NULL);
    name = strchr(name, '.') + 1;
  }
}

void names_below_read(struct names_below *n, const struct history *h) {
  n->domain = h->domain;
  hashmap_init(&n->names, 0);
  for (uint32_t i = 0; i < h->stream_count; i++)
    if (h->streams[i].header_from.text && stream_is_own(&h->streams[i])) note_name(n, h->streams[i].header_from.text);
}

void names_below_clear(struct names_below *n) { hashmap_clear(&n->names); }

enum whatif_governing names_below_governing(const struct names_below *n, const char *header_from) {
  const char *name = header_from ? domain_of_address(header_from) : NULL;
  if (!name || !is_below(name, n->domain)) return GOVERNED_BY_P;
  return hashmap_get(&n->names, name, strlen(name) + 1) ? GOVERNED_BY_SP : GOVERNED_BY_NP;
}

bool names_below_send(const struct history *h) {
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    const bool is_strange = s->class == CLASS_SUSPICIOUS || s->class == CLASS_UNAUTHORISED;
    if (!is_strange && s->header_from.text && strcmp(s->header_from.text, h->domain) != 0) return true;
  }
  return false;
}

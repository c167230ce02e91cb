/* SPDX-License-Identifier: Apache-2.0 */
/* Names streams by their addresses, where their mail names nobody. */
#include "verdict/origin.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "verdict/stream.h"

/* What nothing stronger names: neither a signature nor SPF of somebody else's. */
static bool needs_name(const struct stream *s) { return !s->identity.text && s->ip.size; }

/* --- networks ----------------------------------------------------------------------------------------------------- */

static int find_networks(struct history *h, const struct origin_lookup *lookup, struct err *e) {
  for (uint32_t i = 0; i < h->stream_count; i++) {
    struct stream *s = &h->streams[i];
    int code = s->ip.size ? lookup->network(lookup->user, &s->ip, &s->origin, e) : 0;
    if (code < 0) return code;
  }
  return 0;
}

/* --- names -------------------------------------------------------------------------------------------------------- */

struct candidate {
  struct interned source;
  const struct ip_addr *ip;
  int64_t messages;
};

/* Largest first; among equals a fixed order, so that two runs ask the same. */
static int by_messages(const void *a, const void *b) {
  const struct candidate *x = a, *y = b;
  if (x->messages != y->messages) return x->messages < y->messages ? 1 : -1;
  return strcmp(x->source.text, y->source.text);
}

static struct candidate *list_candidates(const struct history *h, uint32_t *ret_count) {
  struct hashmap index; /* source -> struct candidate */
  hashmap_init(&index, sizeof(struct candidate));
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (!needs_name(s)) continue;
    struct candidate *c = hashmap_put(&index, &s->source, sizeof s->source, NULL);
    *c = (struct candidate){s->source, &s->ip, c->messages + s->messages};
  }
  struct candidate *list = mem_alloc((index.count + 1) * sizeof *list);
  for (uint32_t i = 0; i < index.count; i++) list[i] = *(struct candidate *)hashmap_value_at(&index, i);
  *ret_count = index.count;
  hashmap_clear(&index);
  qsort(list, *ret_count, sizeof *list, by_messages);
  return list;
}

static void give_names(struct history *h, const struct candidate *list, const char *const *names, uint32_t count) {
  struct hashmap index;
  hashmap_init(&index, sizeof(const char *));
  for (uint32_t i = 0; i < count; i++)
    *(const char **)hashmap_put(&index, &list[i].source, sizeof list[i].source, NULL) = names[i];
  for (uint32_t i = 0; i < h->stream_count; i++) {
    struct stream *s = &h->streams[i];
    const char **name = hashmap_get(&index, &s->source, sizeof s->source);
    if (name) s->origin.ptr = *name;
  }
  hashmap_clear(&index);
}

static int find_names(struct history *h, const struct origin_lookup *lookup, struct err *e) {
  uint32_t all;
  _cleanup_free_ struct candidate *list = list_candidates(h, &all);
  uint32_t count = all < MOST_NAMED_ADDRESSES ? all : MOST_NAMED_ADDRESSES;
  _cleanup_free_ struct ip_addr *ips = mem_alloc((count + 1) * sizeof *ips);
  _cleanup_free_ const char **names = mem_zalloc((count + 1) * sizeof *names);
  if (all > count && lookup->left_out) lookup->left_out(lookup->user, h->domain, all - count);
  for (uint32_t i = 0; i < count; i++) ips[i] = *list[i].ip;
  int code = lookup->names(lookup->user, ips, count, names, e);
  if (code < 0) return code;
  give_names(h, list, names, count);
  return 0;
}

/* --- who is behind it --------------------------------------------------------------------------------------------- */

static const char *evidence_of(struct history *h, const struct origin *o) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (o->ptr)
    strbuf_printf(&text, "PTR %s", o->ptr);
  else
    strbuf_printf(&text, "AS%u%s%s", o->asn, o->organization ? " " : "", o->organization ? o->organization : "");
  return arena_strdup(h->arena, strbuf_text(&text));
}

static void name_stream(struct history *h, struct stream *s, const struct sender_catalogue *catalogue) {
  const struct origin *o = &s->origin;
  if (!needs_name(s) || (!o->ptr && !o->asn)) return;
  if (o->ptr) s->service = sender_by_ptr(catalogue, o->ptr);
  s->evidence = evidence_of(h, o);
}

int origin_name_streams(struct history *h, const struct origin_lookup *lookup, const struct sender_catalogue *catalogue,
                        struct err *e) {
  int code = 0;
  if (!lookup) return 0;
  if (lookup->network) code = find_networks(h, lookup, e);
  if (!code && lookup->names) code = find_names(h, lookup, e);
  for (uint32_t i = 0; !code && i < h->stream_count; i++) name_stream(h, &h->streams[i], catalogue);
  return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what the owner said, for judgements to rest on. */
#include "verdict/inquiry.h"

#include <stdlib.h>

static int on_label(void *user, const struct label *label, struct err *e) {
  (void)e;
  struct labels *l = user;
  MEM_GROW(l->items, l->capacity, l->count);
  struct label *kept = &l->items[l->count++];
  *kept = *label;
  kept->source = arena_strdup(l->arena, label->source);
  kept->domain = arena_strdup(l->arena, label->domain);
  kept->note = arena_strdup(l->arena, label->note);
  kept->owner = arena_strdup(l->arena, label->owner);
  kept->purpose = arena_strdup(l->arena, label->purpose);
  kept->ticket = arena_strdup(l->arena, label->ticket);
  return 0;
}

int labels_read(struct local *l, struct labels *ret, struct err *e) {
  *ret = (struct labels){.arena = arena_new(1024)};
  return label_each(l, on_label, ret, e);
}

void labels_clear(struct labels *l) {
  free(l->items);
  arena_free(l->arena);
  *l = (struct labels){0};
}

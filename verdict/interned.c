/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps one copy of each text. */
#include "verdict/interned.h"

#include <string.h>

struct interned intern(struct hashmap *texts, struct arena *arena, const char *text) {
  bool is_new;
  if (!text) return (struct interned){NULL};
  struct interned *kept = hashmap_put(texts, text, strlen(text) + 1, &is_new);
  if (is_new) kept->text = arena_strdup(arena, text);
  return *kept;
}

struct interned interned_find(const struct hashmap *texts, const char *text) {
  const struct interned *kept = text ? hashmap_get(texts, text, strlen(text) + 1) : NULL;
  return kept ? *kept : (struct interned){NULL};
}

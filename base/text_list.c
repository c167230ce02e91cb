/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of a few texts. */
#include "base/text_list.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "base/mem.h"

bool text_list_has(const struct text_list *l, const char *text) {
  for (unsigned i = 0; i < l->count; i++)
    if (ascii_same(l->items[i], text)) return true;
  return false;
}

void text_list_add(struct text_list *l, const char *text) {
  if (text_list_has(l, text)) return;
  l->items = mem_realloc(l->items, (l->count + 1) * sizeof *l->items);
  l->items[l->count++] = mem_strdup(text);
}

void text_list_copy(struct text_list *ret, const struct text_list *l) {
  *ret = (struct text_list){0};
  for (unsigned i = 0; i < l->count; i++) text_list_add(ret, l->items[i]);
}

void text_list_clear(struct text_list *l) {
  for (unsigned i = 0; i < l->count; i++) free(l->items[i]);
  free(l->items);
  *l = (struct text_list){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Writes and gathers lists of texts. */
#include "local/text_array.h"

#include <string.h>

void text_array_write(struct strbuf *out, const char *const *texts, unsigned count) {
  strbuf_add_char(out, '[');
  for (unsigned i = 0; i < count; i++) {
    strbuf_add_text(out, i ? ",\"" : "\"");
    for (const char *c = texts[i]; *c; c++)
      if ((unsigned char)*c < ' ' || *c == '"' || *c == '\\')
        strbuf_printf(out, "\\u%04x", (unsigned char)*c);
      else
        strbuf_add_char(out, *c);
    strbuf_add_char(out, '"');
  }
  strbuf_add_char(out, ']');
}

void text_array_add(struct text_array *a, struct arena *arena, const char *text) {
  if (a->count == a->capacity) {
    unsigned more = a->capacity ? a->capacity * 2 : 4;
    const char **moved = arena_alloc(arena, more * sizeof *moved);
    if (a->count) memcpy(moved, a->items, a->count * sizeof *moved);
    a->items = moved;
    a->capacity = more;
  }
  a->items[a->count++] = arena_strdup(arena, text);
}

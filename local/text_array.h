/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of texts in one column: a JSON array, which SQLite takes apart again. Private to local/. */
#ifndef LOCAL_TEXT_ARRAY_H
#define LOCAL_TEXT_ARRAY_H

#include "base/mem.h"

/* The texts are UTF-8. Appends. */
void text_array_write(struct strbuf *out, const char *const *texts, unsigned count);

/* One that is read row by row, in an arena. */
struct text_array {
  const char **items;
  unsigned count, capacity;
};
void text_array_add(struct text_array *a, struct arena *arena, const char *text);

#endif

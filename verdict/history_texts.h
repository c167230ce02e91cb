/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of a history while it is read. Private to verdict/. */
#ifndef VERDICT_HISTORY_TEXTS_H
#define VERDICT_HISTORY_TEXTS_H

#include "verdict/stream.h"

static inline struct interned history_keep(struct history *h, const char *text) {
  return intern(&h->text_index, h->arena, text);
}
/* The index of a text in one of the history's lists, to which it is appended if it is new. The list borrows the text.
 */
uint32_t history_number(struct hashmap *index, const char *text, const char ***list, uint32_t *count,
                        uint32_t *capacity);

#endif

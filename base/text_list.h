/* SPDX-License-Identifier: Apache-2.0 */
/* A few texts from the user, each kept once; case makes no difference. */
#ifndef BASE_TEXT_LIST_H
#define BASE_TEXT_LIST_H

#include <stdbool.h>

struct text_list {
  char **items; /* owned */
  unsigned count;
};

void text_list_add(struct text_list *l, const char *text); /* a copy; nothing where it is there */
bool text_list_has(const struct text_list *l, const char *text);
void text_list_copy(struct text_list *ret, const struct text_list *l);
void text_list_clear(struct text_list *l);

#endif

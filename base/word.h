/* SPDX-License-Identifier: Apache-2.0 */
/* Words of a fixed vocabulary, as the feedback types carry them. */
#ifndef BASE_WORD_H
#define BASE_WORD_H

#include <stdbool.h>
#include <string.h>

/* A word of a vocabulary. `text` is the RFC's word, or the reporter's own where the RFC has none like it.
 * `raw` is what stood there when that is another word ("hardfail" for fail), NULL when case and blanks alone differed.
 */
struct word {
  const char *text;
  const char *raw;
};

/* Is the text, which may be NULL, exactly this word? Words were brought to lower case when they were read. */
static inline bool is_word(const char *text, const char *word) { return text && !strcmp(text, word); }

/* The place of a text, which may be NULL, in a table of words, which may have gaps (NULL); -1 if it is none of them. */
static inline int word_place(const char *const *words, int count, const char *text) {
  for (int i = 0; text && i < count; i++)
    if (is_word(words[i], text)) return i;
  return -1;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The word that somebody meant who wrote one that does not exist: of a list of words the nearest, if it is near enough
 * to be no guess. What is counted are letters left out, put in, exchanged or in the wrong order, in any case; a word
 * that breaks off is near too. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

struct nearest {
  const char *wanted; /* borrowed */
  size_t length;      /* of it, in bytes */
  const char *word;   /* the nearest so far, borrowed; NULL: none is near */
  unsigned mistakes;  /* between the two */
};

static inline struct nearest nearest_to(const char *wanted, size_t length) {
  return (struct nearest){wanted, length, NULL, 0};
}
/* Of two that are equally near the first one stays. */
void nearest_consider(struct nearest *x, const char *word);

#endif

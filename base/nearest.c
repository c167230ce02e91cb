/* SPDX-License-Identifier: Apache-2.0 */
#include "base/nearest.h"

#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"

#define LONGEST 48      /* bytes of a word; no verb, option or threshold is longer */
#define LEAST_OF_PART 3 /* letters; fewer begin too many words */

static unsigned least(unsigned a, unsigned b) { return a < b ? a : b; }

static bool is_same(char a, char b) { return ascii_lower(a) == ascii_lower(b); }

/* Damerau's distance, row by row: where two neighbours have changed places the row before the last one is asked. */
static unsigned mistakes_between(const char *a, size_t a_length, const char *b, size_t b_length) {
  unsigned rows[3][LONGEST + 1];
  for (unsigned j = 0; j <= b_length; j++) rows[0][j] = j;
  for (unsigned i = 1; i <= a_length; i++) {
    const unsigned *before = rows[(i - 1) % 3], *two_before = rows[(i + 1) % 3];
    unsigned *row = rows[i % 3];
    row[0] = i;
    for (unsigned j = 1; j <= b_length; j++) {
      row[j] = least(before[j - 1] + !is_same(a[i - 1], b[j - 1]), least(before[j], row[j - 1]) + 1);
      const bool is_turned = i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) && is_same(a[i - 2], b[j - 1]);
      if (is_turned) row[j] = least(row[j], two_before[j - 2] + 1);
    }
  }
  return rows[a_length % 3][b_length];
}

void nearest_consider(struct nearest *x, const char *word) {
  const size_t length = strlen(word);
  if (x->length > LONGEST || length > LONGEST) return;
  /* A third of the letters: of a short word every other one would be as near. */
  const unsigned most = (unsigned)(x->length < length ? x->length : length) / 3;
  const bool is_part = x->length >= LEAST_OF_PART && x->length < length && ascii_same_bytes(word, x->wanted, x->length);
  const unsigned mistakes = is_part ? 1 : mistakes_between(x->wanted, x->length, word, length);
  if (mistakes > most || (x->word && mistakes >= x->mistakes)) return;
  x->word = word;
  x->mistakes = mistakes;
}

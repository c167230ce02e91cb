/* SPDX-License-Identifier: Apache-2.0 */
/* What the owner said about single reports: that they are to be believed, whoever brought them and however odd they
 * look, or to be left out of every judgement. Kept by the identity of the report, so it survives a new import. */
#ifndef LOCAL_REPORT_WORDS_H
#define LOCAL_REPORT_WORDS_H

#include "base/hashmap.h"
#include "base/identity.h"
#include "local/local.h"

enum report_word { REPORT_UNDECIDED, REPORT_TRUSTED, REPORT_DISTRUSTED };
const char *report_word_text(enum report_word word); /* "trusted", "distrusted"; NULL: nothing was said */

/* Replaces an earlier word; REPORT_UNDECIDED takes it back. Needs a handle that writes, and runs in a transaction of
 * its own if none is open. */
int report_word_put(struct local *l, const struct identity *report, enum report_word word, struct err *e);

/* All of them. Each is a person's decision: they are few. */
struct report_words {
  struct hashmap of; /* identity -> enum report_word */
};
int report_words_read(struct local *l, struct report_words *ret,
                      struct err *e);            /* `ret` is to be cleared in any case */
void report_words_clear(struct report_words *w); /* accepts a zeroed one */
enum report_word report_word_of(const struct report_words *w, const struct identity *report); /* `w` may be NULL */

#endif

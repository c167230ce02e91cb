/* SPDX-License-Identifier: Apache-2.0 */
/* Records that somebody proposes, from a word of the command line or from a file. */
#ifndef CMD_PROPOSED_INPUT_H
#define CMD_PROPOSED_INPUT_H

#include "report/proposals.h"

struct proposed_input {
  struct proposed_record *items;
  unsigned count, capacity;
  struct arena *arena;
};

/* `word` is a record, or a file ("-": standard input) with a record alone or with lines of a zone. `domain` is whose
 * the record is, or the only one wanted of a zone; NULL: the zone tells. ERR_FORMAT: it is no zone, with place and
 * cause; any other code: it cannot be read, or does not say whose record it is. `ret` is to be cleared in any case. */
int proposed_input_read(const char *word, const char *domain, struct proposed_input *ret, struct err *e);
void proposed_input_clear(struct proposed_input *p);

#endif

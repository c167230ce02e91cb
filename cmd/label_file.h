/* SPDX-License-Identifier: Apache-2.0 */
/* An inventory: labels as a file of [SOURCE] sections with lines KEY = VALUE, sorted, for people and for git. A change
 * of one label is a change of its lines alone, each of which says what it is; comments and keys that are left out are
 * fine, which a line of CSV has no place for. What is written is read as the same labels.
 *
 *   [campaigns.example.net]
 *   domain = example.com
 *   label = legitimate
 *   owner = marketing@example.com
 *
 * A value is the rest of its line. What would not come back so (blanks around it, a line end, " ;") stands in double
 * quotes, with \\ \" \n \t and \xNN for any other byte. */
#ifndef CMD_LABEL_FILE_H
#define CMD_LABEL_FILE_H

#include <stdio.h>

#include "cmd/label_parts.h"

struct label_list {
  struct label *items; /* in the order of label_compare */
  unsigned count, capacity;
  struct arena *texts; /* where the texts of the items are */
};

/* Reads all of it; texts live in the list or in the catalogue. `made_s` is 0 where the file does not say. ERR_FORMAT if
 * there was a mistake: each was told to `mistake` then, with its line. label_list_clear in any case. */
typedef void label_mistake_fn(const char *path, unsigned line, const char *text);
int label_file_read(const char *path, const struct sender_catalogue *catalogue, label_mistake_fn *mistake,
                    struct label_list *ret, struct err *e);
/* Writes labels that are in that order. ERR_USAGE, with the first lines written, if one cannot stand in such a file. */
int label_file_write(const struct label *labels, unsigned count, const struct sender_catalogue *catalogue, FILE *out,
                     struct err *e);
void label_list_clear(struct label_list *l);

#endif

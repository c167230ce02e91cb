/* SPDX-License-Identifier: Apache-2.0 */
/* Where results go: standard output, or a file that is written beside and renamed when it is whole. What is no regular
 * file (a device, a fifo) is written to as it is. */
#ifndef CMD_OUTPUT_H
#define CMD_OUTPUT_H

#include <stdio.h>
#include <sys/types.h>

#include "cmd/options.h"

struct output {
  FILE *file;
  const char *path; /* as the user wrote it; NULL: standard output */
  char *target;     /* owned: where a link leads to; NULL: written to directly */
  char *temporary;  /* owned */
  char *buffer;     /* stdio's, owned */
  pid_t pager;      /* reads `file`; 0: none does */
  struct render_options render;
};

/* Does nothing name a file? "-" is standard output, too. */
bool output_is_stdout(const struct options *o);
/* Does text for a person go through a pager? */
bool output_is_paged(const struct options *o);
int output_open(struct output *out, const struct options *o, struct err *e);
/* The same; text on a terminal goes through the user's pager. */
int output_open_paged(struct output *out, const struct options *o, struct err *e);
/* Draws the table that `fill` hands over, its rows sorted and limited as the options say. */
typedef int output_fill_fn(void *user, struct table_sink *sink, struct err *e);
int output_table(struct output *out, const struct options *o, output_fill_fn *fill, void *user, struct err *e);
/* Makes the result visible: flushes, renames. Where it fails, the old file stays as it was. */
int output_commit(struct output *out, struct err *e);
/* Closes; what was not committed is removed. */
void output_close(struct output *out);

#endif

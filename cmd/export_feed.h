/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds: what came since the reader of that name took something last, and where it has come. */
#ifndef CMD_EXPORT_FEED_H
#define CMD_EXPORT_FEED_H

#include "cmd/ask.h"

struct feed_options {
  const char *name;    /* NULL: no feed */
  const char *command; /* that reads it; NULL: whoever reads the output */
  bool rewind, list;
};

/* Writes what is to be taken; returns an exit code. */
typedef int feed_write_fn(const struct options *o);
/* Has `write` write the reports that are new to the feed, and moves it on where all of them were taken: at least once,
 * whatever ends it. `o` is a copy, whose filter is narrowed. Returns an exit code. */
int feed_export(const struct feed_options *feed, struct options *o, feed_write_fn *write);
/* A row for each feed. */
int feed_list(const struct options *o);

#endif

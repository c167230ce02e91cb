/* SPDX-License-Identifier: Apache-2.0 */
/* The one line that moves on a terminal while an import runs; nothing where nobody watches. */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
  bool shown;
  uint64_t total_files; /* 0: not known */
  double begun, drawn;  /* seconds of a clock that only goes forward */
};

/* `wanted`: the user did not ask for quiet. Shows only where standard error is a terminal. */
bool progress_is_seen(bool wanted);
void progress_begin(struct progress *p, bool wanted);
/* Draws anew, a few times a second at most. `files` with the share of the one being read: an mbox may be the only one.
 */
void progress_update(struct progress *p, double files, uint64_t documents, uint64_t records);
/* Wipes the line, so that something else can be printed. */
void progress_wipe(struct progress *p);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Who reads standard output, where it matters that he took all of it. */
#ifndef CMD_TAKER_H
#define CMD_TAKER_H

#include <sys/types.h>

#include "base/err.h"

/* A command of the user's, with the shell, whose standard input is our standard output from now on. A write to one that
 * has left fails, instead of ending us. */
int taker_start(const char *command, pid_t *ret_reader, struct err *e);
/* Closes standard output. 0: everything was taken. Of a command that is when it ends with 0 (ERR_IO: it did not); of a
 * pipe when nothing is left in it (ERR_IO: its reader left before); else when closing went well. `reader` 0: there is
 * no command. `done_so_far`: not 0 where writing has failed before; a command is waited for all the same. */
int taker_finish(pid_t reader, int done_so_far, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The program in which people read what is longer than their terminal. */
#ifndef CMD_PAGER_H
#define CMD_PAGER_H

#include <stdio.h>
#include <sys/types.h>

/* Starts $DMARCCTL_PAGER, else $PAGER, else less (which leaves at once where all fits), and returns what it reads from;
 * NULL where none is wanted ("", "cat"), the terminal is too simple for one, or none can be started. Standard output
 * must be a terminal. SIGINT and the like wait for the pager, which shares the terminal. One at a time. */
FILE *pager_open(pid_t *ret_pager);
/* Ends what it reads and waits for it. */
void pager_close(FILE *file, pid_t pager);

#endif

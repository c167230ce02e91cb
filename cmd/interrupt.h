/* SPDX-License-Identifier: Apache-2.0 */
/* Signals that ask the program to end, for verbs that have something to finish first. */
#ifndef CMD_INTERRUPT_H
#define CMD_INTERRUPT_H

#include <signal.h>

/* From now on the first SIGINT, SIGTERM or SIGHUP sets the flag that is returned; a second one ends the process at
 * once. */
const volatile sig_atomic_t *interrupt_catch(void);

#endif

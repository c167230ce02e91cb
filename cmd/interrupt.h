/* SPDX-License-Identifier: Apache-2.0 */
/* Signals that ask for an end: a verb that has something to finish looks at them. */
#ifndef CMD_INTERRUPT_H
#define CMD_INTERRUPT_H

#include <signal.h>

/* From now on the first SIGINT, SIGTERM or SIGHUP sets what is returned, and a second one ends the process at once. */
const volatile sig_atomic_t *interrupt_catch(void);

#endif

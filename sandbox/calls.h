/* SPDX-License-Identifier: Apache-2.0 */
/* System calls by seccomp. Private to sandbox/. */
#ifndef SANDBOX_CALLS_H
#define SANDBOX_CALLS_H

#include "sandbox/sandbox.h"

/* Whether this kernel has it. */
bool calls_can_be_filtered(void);
/* A build with sanitizers needs calls that no parser has a use for, and is held less tightly. */
bool calls_are_wide(void);
/* From here on all threads of this process have the calls that the rules need. 0 or ERR_IO. */
int calls_confine(const struct sandbox_rules *rules, struct err *e);

/* The same for one that has nothing but its descriptors. */
int calls_confine_worker(struct err *e);

#endif

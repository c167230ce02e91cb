/* SPDX-License-Identifier: Apache-2.0 */
/* Files and TCP by Landlock. Private to sandbox/. */
#ifndef SANDBOX_LANDLOCK_H
#define SANDBOX_LANDLOCK_H

#include "sandbox/sandbox.h"

/* The version of its interface in this kernel; 0: it is not there, or not to be had. */
int landlock_version(void);
/* From here on this thread has what the rules name. 0 or ERR_IO. */
int landlock_confine(const struct sandbox_rules *rules, struct err *e);

#endif

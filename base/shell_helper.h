/* SPDX-License-Identifier: Apache-2.0 */
/* The process that runs commands for one that may not start any, and what both do with a command. Private to base/. */
#ifndef BASE_SHELL_HELPER_H
#define BASE_SHELL_HELPER_H

#include <stdbool.h>
#include <sys/types.h>

/* What there is to do with a command; start returns 0 or an errno. `ret_status` is waitpid's. */
int command_start(const char *command, int in, int out, pid_t *ret);
bool command_has_ended(pid_t child, int *ret_status);
void command_kill(pid_t child);

/* The same, asked of the helper; where there is none, done here. */
int helper_start(const char *command, int in, int out, pid_t *ret);
bool helper_has_ended(pid_t child, int *ret_status);
void helper_kill(pid_t child);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that a user wrote into the configuration or on the command line, run by /bin/sh. */
#ifndef BASE_SHELL_H
#define BASE_SHELL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/stop.h"

struct strbuf;

/* Starts `/bin/sh -c command` with these descriptors as its input and output; -1: /dev/null. It is in a process group
 * of its own, so that all of it can be ended; signals that we ignore are not ignored there. 0 or ERR_USAGE. */
int shell_start(const char *command, int in, int out, pid_t *ret, struct err *e);
/* Waits for its end: 0 where its status is 0, else ERR_USAGE. Ends it after `seconds`, or where `stop` says so
 * (ERR_INTERRUPTED). */
int shell_await(pid_t child, unsigned seconds, const struct stop *stop, struct err *e);
/* The same of one that writes into a pipe, of which `fd` is our end (O_NONBLOCK): what it says is appended to `said`,
 * up to `most` bytes, the rest dropped. What it leaves in the background is not waited for. */
int shell_hear(pid_t child, int fd, struct strbuf *said, size_t most, unsigned seconds, const struct stop *stop,
               struct err *e);
/* The same of one that has said all it had to say: it has two seconds. `kill_it`: it is ended at once, and 0. */
int shell_end(pid_t child, bool kill_it, struct err *e);

/* From here on a process that is forked now runs these commands for us, and no others: so that we may give up starting
 * programs, and it never has what we read later. To be called before there are threads. No command: nothing happens. 0
 * or ERR_IO. */
int shell_confine(const char *const *commands, unsigned count, struct err *e);
/* Ends that process. */
void shell_release(void);

#endif

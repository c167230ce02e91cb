/* SPDX-License-Identifier: Apache-2.0 */
/* Messages between processes of ours, with open descriptors beside them (unix(7), SCM_RIGHTS). */
#ifndef BASE_PASSING_H
#define BASE_PASSING_H

#include <stdbool.h>
#include <stddef.h>

#define PASSING_MOST 16 /* descriptors beside a message */

/* Sends all of it; false: the other side is gone. */
bool passing_send(int fd, const void *bytes, size_t size, const int *fds, unsigned count);
/* Receives a message of this size, and the descriptors beside it, which are closed by exec. False: the other side is
 * gone, or has sent less; then there are no descriptors either. `fds` has room for PASSING_MOST. */
bool passing_receive(int fd, void *bytes, size_t size, int *fds, unsigned *ret_count);

/* The same of a message and what stands behind it, in one call where that is short: fills `more` with up to `most`
 * bytes, at least none. `*ret_more` tells how many. Whoever sends must wait for an answer before the next message. */
bool passing_receive_more(int fd, void *bytes, size_t size, void *more, size_t most, size_t *ret_more, int *fds,
                          unsigned *ret_count);

#endif

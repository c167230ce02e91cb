/* SPDX-License-Identifier: Apache-2.0 */
/* What an import is at work on, so that the next one knows where it ended: an input at which two imports ended without
 * an end (killed, crashed, out of memory) is set aside, and the rest is imported. Where a process apart reads inputs,
 * it takes two ends after five seconds or more at the same input, or twenty sooner ones: somebody who kills imports at
 * odd moments, a cron with a time limit say, keeps nothing good out. Private to import/.
 *
 * A mark is a few hundred bytes of a file beside the database that is mapped into memory, so it costs no call to the
 * system, and outlives the process; not a failure of the power, which is no fault of an input. When an import has ended
 * so, the next one has but one input at work at a time, so that a second end has one suspect.
 *
 * Every function accepts NULL: a dry run. */
#ifndef IMPORT_AT_WORK_H
#define IMPORT_AT_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "intake/intake.h"
#include "local/local.h"

struct at_work;
/* Weighs what ended imports were at work on. `again`: nothing is set aside. `is_apart`: inputs are read by a process of
 * their own, which dies of them in the place of this one. `*ret` may be NULL. */
int at_work_open(struct local *local, bool again, bool is_apart, struct at_work **ret, struct err *e);
/* This import ends in order. Whoever is the last takes the file away. */
void at_work_close(struct at_work *w, struct local *local);

/* An import ended here, and it is not known at which of several inputs: one is to be at work at a time. */
bool at_work_is_careful(const struct at_work *w);
/* False: it is set aside, which is told as an event. Else it is at work from now on. `owner` and `input` say which one
 * it is. By any thread. */
bool at_work_begin(struct at_work *w, const void *owner, uint64_t input, const char *key, const char *name,
                   const struct intake_events *events);
/* It went well. By the thread that has `local`. */
int at_work_end(struct at_work *w, const void *owner, uint64_t input, struct local *local, struct err *e);
/* Whatever is still at work there will not be taken. */
void at_work_drop(struct at_work *w, const void *owner);

#endif

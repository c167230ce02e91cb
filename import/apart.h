/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs taken apart by another process (import/worker.h), which may die over one, or be taken over by one. Private to
 * import/. */
#ifndef IMPORT_APART_H
#define IMPORT_APART_H

#include "import/pipeline.h"

/* One a thread; it has a worker from its first input on, and another one whenever that is gone. */
struct apart;
struct apart *apart_new(const struct pipeline_options *options); /* which must outlive it */
void apart_free(struct apart *a);                                /* accepts NULL */

/* Where parcels come from, and where they go. */
struct apart_taker {
  void (*begin)(void *user, unsigned number);        /* what comes now is of that input; each is told, in their order */
  void (*end)(void *user, unsigned number);          /* it had its last parcel */
  struct parcel *(*fresh)(void *user);               /* an empty one */
  int (*deliver)(void *user, struct parcel *parcel); /* the fresh one, filled. A negative code: no more of this input */
  int (*should_stop)(void *user);                    /* asked while the worker is waited for: 0, or a negative code */
  void *user;
};
/* Inputs go over in one message, since a change from one process to the other costs as much as a small report does. */
#define APART_INPUTS_MOST 16
/* All parcels of these inputs, one after the other; none of them says that it ends the input. A worker that dies,
 * answers with what no parser makes, or takes more time than such an input can need, ends the input with a document
 * that says so, and itself; the inputs behind go to another one. */
void apart_take(struct apart *a, const struct intake_input *in, unsigned count, const struct apart_taker *taker);

/* The processor time that an input may take, in seconds: by how much it may unpack to (docs/limits.md). */
double apart_seconds(const struct intake_limits *limits, const struct intake_input *in);

#endif

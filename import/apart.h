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
  struct parcel *(*fresh)(void *user);               /* an empty one */
  int (*deliver)(void *user, struct parcel *parcel); /* the fresh one, filled. A negative code: no more of this input */
  int (*should_stop)(void *user);                    /* asked while the worker is waited for: 0, or a negative code */
  void *user;
};
/* All parcels of an input; none of them says that it ends the input. A worker that dies, answers with what no parser
 * makes, or takes more time than such an input can need, ends the input with a document that says so, and itself. */
void apart_take(struct apart *a, const struct intake_input *in, const struct apart_taker *taker);

/* The processor time that an input may take, in seconds: by how much it may unpack to (docs/limits.md). */
double apart_seconds(const struct intake_limits *limits, const struct intake_input *in);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Files -> documents -> parcels of records, by several threads, delivered in the order of the files.
 *
 * The order does not depend on the number of threads, so neither does what the database holds in the end. Memory is
 * bounded: a thread that is ahead waits. */
#ifndef CMD_PIPELINE_H
#define CMD_PIPELINE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "feedback.h"
#include "intake.h"
#include "mem.h"
#include "parser.h"

/* A piece of what one file held. A document comes in one parcel (begins and ends) or, when it is large, in several. */
struct parcel {
  struct parcel *next;
  uint64_t file;     /* number of the file in the walk */
  bool begins, ends; /* the document begins, ends here */
  bool file_ends;    /* nothing more of this file */
  struct feedback_record **records;
  uint32_t record_count;
  bool header_known; /* begins, not ends: `header` already tells which report this is */
  struct feedback_header header;
  /* where the document ends: */
  int code;                  /* 0, or why it was no report: a code of err.h */
  char text[ERR_TEXT_BYTES]; /* the reason for `code`; with code 0 what is damaged, "" where nothing is */
  const char *origin;
  struct parser_outcome outcome; /* its header is `header` */
  /* inside the pipeline */
  struct arena *arena, *header_arena;
};

struct pipeline_options {
  const char *const *sources;
  unsigned source_count;
  unsigned jobs; /* 1: everything in the calling thread */
  struct intake_limits intake;
  struct parser_limits parser;
  const volatile sig_atomic_t *interrupted;
};

/* Called in the calling thread, in order. Negative ends the run. */
typedef int pipeline_take_fn(void *user, struct parcel *parcel, struct err *e);
/* Called when there is nothing to take just now: time to let go of locks. May be NULL. */
typedef int pipeline_idle_fn(void *user, struct err *e);

/* 0; ERR_INTERRUPTED; or what `take` or `idle` returned. */
int pipeline_run(const struct pipeline_options *options, pipeline_take_fn *take, pipeline_idle_fn *idle, void *user,
                 struct err *e);

#endif

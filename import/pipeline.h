/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs (files, mails) -> documents -> parcels of records, by several threads, delivered in the order of the inputs.
 *
 * The order does not depend on the number of threads, so neither does what the database holds in the end. Memory is
 * bounded: a thread that is ahead waits. */
#ifndef IMPORT_PIPELINE_H
#define IMPORT_PIPELINE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/feedback.h"
#include "base/mem.h"
#include "import/limits.h"
#include "intake/intake.h"
#include "parser/parser.h"
#include "sandbox/nursery.h"

/* Something to take apart: a file of a walk, a mail of a folder. */
struct pipeline_input {
  uint64_t id; /* what the source calls it; goes along with its parcels */
  void *handle;
};

/* Where inputs come from. */
struct pipeline_source {
  /* 1 and the next input, 0 at the end, or a code: `e` names what could not be opened, and the next call goes on. By
   * any thread, but by one at a time. */
  int (*next)(struct pipeline_source *s, struct pipeline_input *ret, struct err *e);
  /* Makes the input ready to be taken apart: 1 with `ret`; or 0 where there is nothing to take apart, which `events`
   * was told or which nobody needs to know. Then the other one lets go of it, in any case. By many threads at a time.
   */
  int (*open)(struct pipeline_source *s, struct pipeline_input *input, const volatile sig_atomic_t *interrupted,
              const struct intake_events *events, struct intake_input *ret);
  void (*close)(struct pipeline_source *s, struct pipeline_input *input, struct intake_input *opened);
  /* The run is over: a thread that waits in `next` has to return. May be called several times. NULL: none ever waits.
   */
  void (*stop)(struct pipeline_source *s);
  bool waits; /* `next` may take long: it is then never called in the calling thread, which has locks to let go of */
};

#define PIPELINE_PARCEL_RECORDS 256

/* A piece of what one input held. A document comes in one parcel (begins and ends) or, when it is large, in several. */
struct parcel {
  struct parcel *next;
  uint64_t file;         /* number of the input: 0, 1, 2, ... */
  uint64_t input;        /* its id */
  bool begins, ends;     /* the document begins, ends here */
  bool file_ends;        /* the input was read to its end: nothing more of it comes */
  double file_share;     /* how much of it has been read, from 0 to 1; 0: not known */
  enum report_kind kind; /* what the document is read as: which member of the unions holds it */
  union {
    struct feedback_record **records; /* REPORT_AGGREGATE */
  };
  uint32_t record_count;
  bool header_known; /* begins, not ends: `header` already tells which report this is */
  union {
    struct feedback_header header; /* REPORT_AGGREGATE */
  };
  /* where the document ends: */
  int code;                  /* 0, or why it was no report: a code of err.h */
  char text[ERR_TEXT_BYTES]; /* the reason for `code`; with code 0 what is damaged, "" if nothing is */
  const char *origin;
  struct parser_outcome outcome; /* its header is `header` */
  /* inside the pipeline */
  struct arena *arena, *header_arena;
};

struct pipeline_options {
  struct pipeline_source *source;
  unsigned jobs;   /* 1: everything in the calling thread, unless the source waits */
  bool one_by_one; /* with one job: no input is begun before all of the one before was taken */
  struct intake_limits intake;
  const struct text_list *trusted; /* intake_trust */
  struct parser_limits parser;
  struct import_limits limits;
  const volatile sig_atomic_t *interrupted;
  struct nursery *nursery; /* inputs are taken apart by its workers, one for each job; NULL: in this process */
  enum sandbox_mode sandbox;
  double input_seconds; /* of the processor, that a worker may take for an input; 0: what docs/limits.md says */
};

/* Called in the calling thread, in the order of the parcels; the parcel belongs to the pipeline again when it returns.
 * A negative code ends the run. Not called any more once the run is interrupted: what comes then may be cut off
 * anywhere. */
typedef int pipeline_take_fn(void *user, struct parcel *parcel, struct err *e);
/* Called when there is nothing to take just now: time to let go of locks. May be NULL. */
typedef int pipeline_idle_fn(void *user, struct err *e);

/* 0; ERR_INTERRUPTED; or what `take` or `idle` returned. */
int pipeline_run(const struct pipeline_options *options, pipeline_take_fn *take, pipeline_idle_fn *idle, void *user,
                 struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of each document of an import: new, duplicate, conflicting, damaged, rejected or no report; written to
 * the store, one document or nothing of it. */
#ifndef IMPORT_SETTLE_H
#define IMPORT_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "import/pipeline.h"
#include "local/ledger.h"
#include "store/store.h"

struct settle_counts {
  uint64_t files, mails, documents;
  uint64_t outcomes[DOCUMENT_OUTCOMES];
  uint64_t reports, records; /* stored */
  int64_t messages;          /* of the stored records */
  uint64_t bytes;            /* XML read */
  uint64_t unopened;         /* sources that could not be opened or read: among the rejected */
  uint64_t rejected_anew;    /* of the rejected, those that were not rejected before */
  uint64_t told_before;      /* rejected or conflicting, as they were in an earlier run */
};

void settle_counts_add(struct settle_counts *sum, const struct settle_counts *c);

/* Called once for each document that is not simply new or a duplicate, and not again by a later run that finds the
 * same. */
typedef void settle_tell_fn(void *user, enum document_outcome outcome, const char *origin, const char *reason);

struct settler;
/* Both NULL: a dry run over an empty database. `dry_run`: the store is only asked. */
struct settler *settler_new(struct local *local, struct store *store, bool dry_run, settle_tell_fn *tell, void *user);
void settler_free(struct settler *s); /* accepts NULL; what was not committed is undone */

/* From now on, reports about policy domains (NULL: none is named) for which `fn` says no are counted and left out. */
typedef bool import_ours_fn(const void *user, const char *policy_domain);
void settler_keep_out(struct settler *s, import_ours_fn *fn, const void *user);

/* Called when an input was read to its end, in the transaction of its documents: what it writes is committed with them,
 * or not at all. `outcomes` has a bit 1 << enum document_outcome for each outcome of its documents; a document that is
 * not whole (cut off, without a period) is DOCUMENT_DAMAGED here even if the store has it just like that. A negative
 * code ends the run. */
typedef int settle_input_fn(void *user, uint64_t input, unsigned outcomes, struct err *e);
/* From now on inputs are mails, and `fn` is called for each; NULL: they are files again. To be called between two runs
 * of the pipeline. A mail that cannot be read for a reason on our side (ERR_IO: the disk is full) ends the run and
 * counts as not read. */
void settler_watch_mails(struct settler *s, settle_input_fn *fn, void *user);

/* The parcels in their order (pipeline_take_fn). */
int settler_take(void *settler, struct parcel *parcel, struct err *e);
/* Commits when nothing comes for a while, so that others may write (pipeline_idle_fn). */
int settler_idle(void *settler, struct err *e);
/* Commits what is complete. A document of which only a part came is treated as if it was never seen. */
int settler_finish(struct settler *s, struct err *e);
const struct settle_counts *settler_counts(const struct settler *s);

#endif

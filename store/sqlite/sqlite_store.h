/* SPDX-License-Identifier: Apache-2.0 */
/* What a store in an SQLite file consists of, and the functions of this engine. Private to store/. */
#ifndef STORE_SQLITE_STORE_H
#define STORE_SQLITE_STORE_H

#include "sqlite/db.h"
#include "store/engine.h"
#include "store/sqlite/intern.h"
#include "store/sqlite/statements.h"

/* The records of a report and what they add up to. */
struct record_range {
  int64_t first, count;             /* ids of its records */
  int64_t message_count, uncounted; /* messages that could be read; records whose count could not */
};

struct sqlite_store {
  struct store store;
  struct db *db;      /* borrowed */
  uint64_t rollbacks; /* of the file's, those that were noticed: sqlite_store_notice */

  struct decoder *decoder; /* of the walks over flows that are going on; NULL: none, or its ids may be given out anew */

  /* What follows serves writing. */
  sqlite3_stmt *statements[SQL_STATEMENTS]; /* prepared on first use */
  struct interner interner;
  uint64_t transaction; /* the file's that the batch at hand is part of; 0: none yet */
  bool own;             /* it was begun here, for the batch alone */
  int64_t data_version; /* of our last transaction: another one means that somebody else wrote since */
  int64_t next_record;  /* id of the next record */
  int64_t next_pattern; /* id of the next pattern; 0: to be asked */
  struct record_range streamed;
};

static inline struct sqlite_store *sqlite_store_of(struct store *s) { return (struct sqlite_store *)s; }

/* Before anything that is remembered of rows is used: a transaction may have been rolled back, by whoever else stands
 * on the file, and ids that were taken back are given out again. */
void sqlite_store_notice(struct sqlite_store *s);
void sqlite_store_forget_ids(struct sqlite_store *s);
/* Before each write: takes part in the transaction that is open, or begins one. */
int sqlite_store_join(struct sqlite_store *s, struct err *e);

/* The engine's functions (engine.h). write.c: */
int sqlite_ask_known(struct store *store, const struct identity *identities, unsigned count, struct store_known *ret,
                     struct err *e);
int sqlite_put(struct store *store, const struct store_entry *report, struct feedback_record *const *records,
               uint32_t count, int64_t *ret_report, struct err *e);
int sqlite_set_provenance(struct store *store, int64_t report, const struct feedback_header *header, struct err *e);
int sqlite_remove(struct store *store, int64_t report, struct err *e);
int sqlite_each_same(struct store *store, const uint8_t content[FEEDBACK_DIGEST_BYTES], int64_t since_s,
                     int64_t until_s, store_same_fn *fn, void *user, struct err *e);
int sqlite_stream_begin(struct store *store, struct err *e);
int sqlite_stream_add(struct store *store, struct feedback_record *const *records, uint32_t count, struct err *e);
int sqlite_stream_keep(struct store *store, const struct store_entry *report, int64_t *ret_report, struct err *e);
int sqlite_stream_drop(struct store *store, struct err *e);
/* Its records, errors and foreign elements; its row stays. */
int sqlite_delete_parts(struct sqlite_store *s, int64_t report, struct err *e);
/* prune.c, sweep.c: */
int sqlite_each_aged(struct store *store, const struct report_filter *filter, int64_t before_s, store_aged_fn *fn,
                     void *user, struct err *e);
int sqlite_prune(struct store *store, int64_t report, struct err *e);
int sqlite_sweep(struct store *store, struct err *e);
/* each.c, aggregate.c, flows.c: */
int sqlite_newest(struct store *store, int64_t *ret, struct err *e);
int sqlite_each_report(struct store *store, const struct report_filter *filter, store_report_fn *fn, void *user,
                       struct err *e);
int sqlite_each_record(struct store *store, const struct report_filter *filter, store_record_fn *fn, void *user,
                       struct err *e);
int sqlite_each_carried(struct store *store, store_carried_fn *fn, void *user, struct err *e);
int sqlite_each_domain(struct store *store, store_domain_fn *fn, void *user, struct err *e);
int sqlite_aggregate(struct store *store, const struct report_filter *filter, unsigned dimensions, store_group_fn *fn,
                     void *user, struct err *e);
int sqlite_each_flow(struct store *store, const struct report_filter *filter, const struct store_flow_events *events,
                     struct err *e);

#endif

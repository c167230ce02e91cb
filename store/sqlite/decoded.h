/* SPDX-License-Identifier: Apache-2.0 */
/* From a row of `record` back to the feedback_record that was stored. Private to store/. */
#ifndef STORE_SQLITE_DECODED_H
#define STORE_SQLITE_DECODED_H

#include "store/sqlite/numbering.h"
#include "store/sqlite/sqlite_store.h"
#include "store/sqlite/texts.h"
#include "store/sqlite/walk.h"

/* A statement that lists the rows of a table from an id on, in the order of their ids, and stays open: whoever asks for
 * the row after the last one is spared a search. */
struct id_cursor {
  sqlite3_stmt *q; /* its last column is the id */
  bool on_row;     /* it stands on one: */
  int64_t at;      /* with this id */
};

/* Decoded patterns, ready to be copied into a record, and addresses. The patterns lie in the arena of `texts`. */
struct decoder {
  struct db *db;
  struct id_cursor patterns_by_id, results_by_id;
  sqlite3_stmt *reasons, *address;
  struct texts texts;
  struct hashmap patterns;         /* id -> struct feedback_record * without source, count and envelope_to */
  struct hashmap addresses;        /* id -> struct ip_addr */
  struct auth_result *result_list; /* of the pattern at hand, while it is being read */
  struct override_reason *reason_list;
  uint32_t result_capacity, reason_capacity;
  struct sqlite_store *lender; /* NULL: nobody's */
  unsigned borrowers;
  unsigned handing_out;    /* walks, one within the other, whose caller holds a pattern */
  struct numbering *spare; /* that no walk of a borrower has now; NULL: none */
};

int decoder_init(struct decoder *d, struct db *db, struct err *e);
void decoder_clear(struct decoder *d); /* accepts a zeroed one */
/* What `*ret` points to is valid until the next call. */
int decoder_read(struct decoder *d, const struct walked_record *row, struct feedback_record *ret, struct err *e);

/* One decoder for walks over flows of which one runs within the other: they ask for the same patterns. */
int decoder_borrow(struct sqlite_store *s, struct decoder **ret, struct err *e);
void decoder_give_back(struct decoder *d); /* accepts NULL */
/* A numbering for one of these walks, which gives it back before the decoder. */
struct numbering *decoder_lend_numbering(struct decoder *d);
void decoder_take_numbering(struct decoder *d, struct numbering *n); /* accepts NULL */

/* One half alone, for those who remember what they need of each id. What a pattern points to is valid as long as
 * `handing_out` tells of whoever holds it; a text until the next call. */
int decoder_pattern(struct decoder *d, int64_t id, const struct feedback_record **ret, struct err *e);
/* `*ret_text` is what is no address, as it came; NULL for id 0. */
int decoder_source(struct decoder *d, int64_t id, struct ip_addr *ret_ip, const char **ret_text, struct err *e);

static inline void cleanup_decoder(struct decoder *d) { decoder_clear(d); }
#define _cleanup_decoder_ __attribute__((cleanup(cleanup_decoder)))

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* From a row of `record` back to the feedback_record that was stored. Private to store/. */
#ifndef STORE_SQLITE_DECODED_H
#define STORE_SQLITE_DECODED_H

#include "store/sqlite/texts.h"
#include "store/sqlite/walk.h"

/* Decoded patterns, ready to be copied into a record, and addresses. The patterns lie in the arena of `texts`. */
struct decoder {
  struct store *store;
  sqlite3_stmt *pattern, *results, *reasons, *address;
  struct texts texts;
  struct hashmap patterns;         /* id -> struct feedback_record * without source, count and envelope_to */
  struct hashmap addresses;        /* id -> struct ip_addr */
  struct auth_result *result_list; /* of the pattern at hand, while it is being read */
  struct override_reason *reason_list;
  uint32_t result_capacity, reason_capacity;
  struct strbuf address_text; /* the answer of decoder_address */
};

int decoder_init(struct decoder *d, struct store *s, struct err *e);
void decoder_clear(struct decoder *d); /* accepts a zeroed one */
int decoder_new(struct store *s, struct decoder **ret, struct err *e);
void decoder_free(struct decoder *d);   /* accepts NULL */
void decoder_forget(struct decoder *d); /* everything it remembers, but for the answer of decoder_address */
/* What `*ret` points to is valid until the next call. */
int decoder_read(struct decoder *d, const struct walked_record *row, struct feedback_record *ret, struct err *e);

/* One half alone, for those who remember what they need of each id. The answers do not depend on each other: each is
 * valid until the next call of the same function, and no statement runs on behind it. */
int decoder_pattern(struct decoder *d, int64_t id, const struct feedback_record **ret, struct err *e);
int decoder_address(struct decoder *d, int64_t id, struct ip_addr *ret_ip, const char **ret_text, struct err *e);

static inline void cleanup_decoder(struct decoder *d) { decoder_clear(d); }
#define _cleanup_decoder_ __attribute__((cleanup(cleanup_decoder)))

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The records of a pruned report, as report.packed has them: each in its place, with its source, its pattern and its
 * count, and nothing else. Private to store/.
 *
 * Three varints a record: the steps from the source and from the pattern of the record before, since ids of one report
 * lie close together, and the count. Some five bytes, where a row takes three times as many. */
#ifndef STORE_SQLITE_PACKED_H
#define STORE_SQLITE_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "sqlite/db.h"

struct packed_record {
  int64_t address_id, pattern_id;
  int64_t count; /* FEEDBACK_COUNT_UNKNOWN where unknown */
};

/* Appends a record; `before` is the one before it, all zero for the first, and becomes this one. */
void packed_add(struct strbuf *out, struct packed_record *before, const struct packed_record *r);

struct packed_reader {
  const uint8_t *at, *end;
  struct packed_record row;
};
static inline struct packed_reader packed_read(const void *bytes, size_t size) {
  return (struct packed_reader){.at = bytes, .end = bytes ? (const uint8_t *)bytes + size : NULL};
}
/* 1 with `row`, 0 at the end; ERR_STORE, which names the file, where the bytes are none of packed_add's. */
int packed_next(struct packed_reader *p, const struct db *db, struct err *e);

#endif

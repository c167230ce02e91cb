/* SPDX-License-Identifier: Apache-2.0 */
/* A row's values as bytes, for whoever keeps many rows: a third of what its cells and their texts take, most of which
 * are absent or small. Private to table/. */
#ifndef TABLE_PACKED_ROW_H
#define TABLE_PACKED_ROW_H

#include "base/mem.h"
#include "table/table.h"

/* Where rows are packed, one after the other in the same memory. */
struct row_packer {
  char *data;
  size_t bytes; /* of the row that was packed last */
  size_t capacity;
};
/* Packs the values of a row, with everything that they point to, in place of the row before. */
void row_pack(struct row_packer *p, const struct table *table, const struct cell *cells);
void row_packer_clear(struct row_packer *p); /* frees */

/* The cells of a row that was packed for the same table. They and their lists lie in `arena`, their texts in `packed`.
 */
const struct cell *row_unpack(const char *packed, const struct table *table, struct arena *arena);

#endif

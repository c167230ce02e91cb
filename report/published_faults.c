/* SPDX-License-Identifier: Apache-2.0 */
/* Draws the faults of published records as nested rows. */
#include "report/published_faults.h"

const struct column PUBLISHED_FAULT_ROWS[PUBLISHED_FAULT_COLUMNS] = {
    {"fault", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"detail", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"section", NULL, COLUMN_TEXT, 0, NULL, 0},
};

static struct cell fault_rows(const struct dns_faults *f, struct cell *cells) {
  for (unsigned i = 0; i < f->count; i++) {
    cells[(size_t)i * PUBLISHED_FAULT_COLUMNS] = cell_text(f->items[i].fault);
    cells[(size_t)i * PUBLISHED_FAULT_COLUMNS + 1] = cell_text(f->items[i].detail);
    cells[(size_t)i * PUBLISHED_FAULT_COLUMNS + 2] = cell_text(f->items[i].section);
  }
  return (struct cell){.present = true, .rows = {cells, f->count}};
}

struct cell published_dmarc_faults(const struct published *p, struct cell cells[PUBLISHED_FAULT_CELLS]) {
  return p && !p->unknown ? fault_rows(&p->faults, cells) : cell_absent();
}

struct cell published_spf_faults(const struct published *p, struct cell cells[PUBLISHED_FAULT_CELLS]) {
  return p && !p->spf.unknown ? fault_rows(&p->spf_faults, cells) : cell_absent();
}

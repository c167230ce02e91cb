/* SPDX-License-Identifier: Apache-2.0 */
/* The faults of published records as nested rows of a table. Private to report/. */
#ifndef REPORT_PUBLISHED_FAULTS_H
#define REPORT_PUBLISHED_FAULTS_H

#include "dns/published.h"
#include "table/table.h"

/* Rows of faults: fault, detail, section. */
#define PUBLISHED_FAULT_COLUMNS 3
extern const struct column PUBLISHED_FAULT_ROWS[PUBLISHED_FAULT_COLUMNS];
#define PUBLISHED_FAULT_CELLS (MOST_FAULTS * PUBLISHED_FAULT_COLUMNS)
/* Absent where it is not known what is published. The rows lie in `cells`. */
struct cell published_dmarc_faults(const struct published *p, struct cell cells[PUBLISHED_FAULT_CELLS]);
struct cell published_spf_faults(const struct published *p, struct cell cells[PUBLISHED_FAULT_CELLS]);

#endif

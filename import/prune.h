/* SPDX-License-Identifier: Apache-2.0 */
/* What import brought is taken away again: old reports are pruned, or all of a domain goes. */
#ifndef IMPORT_PRUNE_H
#define IMPORT_PRUNE_H

#include <signal.h>

#include "local/local.h"
#include "store/store.h"

struct prune_wish {
  const struct report_filter *filter; /* its `domain`: reports about these domains and those below; none: all */
  int64_t before_s;                   /* reports that ended before: store_each_aged; not for `all` */
  bool all;     /* reports are removed, whatever their age, and what the owner said of the domains;
                   the filter names some */
  bool dry_run; /* nothing is changed, but counted */
  const volatile sig_atomic_t *interrupted; /* NULL: nobody interrupts */
};

struct prune_counts {
  uint64_t reports, records;
  int64_t messages;
  uint64_t documents; /* lines of the ledger; of a dry run 0 */
  uint64_t labels;
  bool lingers; /* of `all`: somebody reads the database, so what was removed can be read in the log beside it */
};

/* Transaction by transaction, so that other writers get their turn: after whatever ends it, each report is there whole
 * or gone as it should be, with its lines, and another run does the rest. Then what is referred to no more goes, in one
 * transaction that reads each record, and the space is given back. ERR_INTERRUPTED between two transactions. */
int prune_run(struct local *local, struct store *store, const struct prune_wish *wish, struct prune_counts *ret,
              struct err *e);

#endif

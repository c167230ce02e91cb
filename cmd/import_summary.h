/* SPDX-License-Identifier: Apache-2.0 */
/* What an import came to, in every format. */
#ifndef CMD_IMPORT_SUMMARY_H
#define CMD_IMPORT_SUMMARY_H

#include "cmd/import_options.h"
#include "import/settle.h"

/* Where and how the options say. `mails_alone`: the sources were mailboxes, and no files. */
int import_summary_print(const struct import_verb_options *o, const struct settle_counts *counts, double seconds,
                         bool mails_alone, struct err *e);

#endif

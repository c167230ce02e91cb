/* SPDX-License-Identifier: Apache-2.0 */
/* What an import came to, in every format. */
#ifndef CMD_IMPORT_SUMMARY_H
#define CMD_IMPORT_SUMMARY_H

#include "cmd/import_options.h"
#include "import/run.h"

/* A mailbox and how its turn ended; texts are owned. */
struct import_mailbox {
  unsigned place; /* among those that were to be read */
  char *url;
  enum mailbox_end end;
  char *error; /* of MAILBOX_FAILED */
};

struct import_outcome {
  const struct settle_counts *counts;
  double seconds;
  bool mails_alone; /* the sources were mailboxes, and no files */
  bool interrupted;
  struct import_mailbox *mailboxes;
  unsigned mailbox_count, mailbox_capacity;
};
/* In the order of their places, whenever they come. */
void import_outcome_add(struct import_outcome *o, unsigned place, const char *url, enum mailbox_end end,
                        const char *error);
bool import_outcome_has(const struct import_outcome *o, enum mailbox_end end);
void import_outcome_clear(struct import_outcome *o);

/* Where and how the options say. */
int import_summary_print(const struct import_verb_options *o, const struct import_outcome *outcome, struct err *e);

#endif

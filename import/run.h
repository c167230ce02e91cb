/* SPDX-License-Identifier: Apache-2.0 */
/* An import as a whole: the user's sources into the store, and what happens on the way as events. Files come first,
 * then mailboxes, several accounts at the same time and the folders of each one after the other; or mailboxes alone,
 * again and again. A server that is silent holds up its own account.
 *
 * It talks to nobody: whoever runs it says what people see. Events come one at a time, from whichever thread: those of
 * files and those of an account in the order of the inputs, whatever the number of threads at work. */
#ifndef IMPORT_RUN_H
#define IMPORT_RUN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "import/settle.h"
#include "intake/intake.h"
#include "local/local.h"
#include "mailbox/account.h"
#include "parser/parser.h"
#include "store/store.h"

/* They and what they point to outlive the run, which does not change them. */
struct import_sources {
  const char **paths; /* intake.h: files, directories, "-" */
  unsigned path_count;
  struct text_list trusted_authservs; /* of the mails in files (intake.h); accounts have their own */
  struct mail_account *accounts;      /* with at least one folder each */
  unsigned account_count;
};

struct import_options {
  bool dry_run;  /* the store is only asked, and nothing on a server changes */
  bool watch;    /* stays with the mailboxes until interrupted; there are no paths */
  bool again;    /* mails of which something was rejected, damaged or conflicting are read once more */
  unsigned jobs; /* threads that take inputs apart, 1 or more */
  struct intake_limits intake;
  struct parser_limits parser;
  const volatile sig_atomic_t *interrupted; /* true: what is complete is committed, and the run ends */
};

/* How the turn of a mailbox ended. */
enum mailbox_end {
  MAILBOX_DONE,
  MAILBOX_TAKEN,  /* another process reads this folder into this database: nothing was done */
  MAILBOX_FAILED, /* the error begins with its URL; others may go well */
  MAILBOX_STOP,   /* interrupted, or the store failed: others make no sense */
};

struct import_progress {
  double inputs;      /* files and mails done, and the share of the one being read */
  uint64_t of_inputs; /* as far as is known; 0: it is not */
  uint64_t documents, records;
};

/* A round is what is counted together: all sources once, or (watch) one turn of one mailbox. Texts live until the event
 * returns; strangers' words in them are as they came. */
struct import_events {
  void (*begun)(void *user); /* the run */
  settle_tell_fn *document;  /* settled, and neither simply new nor a duplicate */
  void (*progress)(void *user, const struct import_progress *progress); /* NULL: then nothing is counted ahead for it */
  void (*remark)(void *user, const char *sentence);                     /* for people, beside the documents */
  void (*mailbox)(void *user, const char *url, enum mailbox_end end, const struct err *e);
  /* The round, with what it came to. `code` is 0, or what ended the run: ERR_INTERRUPTED, or an error with its
   * sentence in `e`. Not the failure of a mailbox, which has its own event, right before it where it is the round. */
  void (*ended)(void *user, const struct settle_counts *counts, int code, double seconds, const struct err *e);
  void *user;
};

/* Reports go to `store`, what became of documents and mailboxes to `local`; both are NULL for a dry run over no
 * database. What is complete is committed, however the run ends. 0, or the code that the last round ended with; with
 * `watch` an interruption is how it is meant to end: 0. */
int import_run(struct local *local, struct store *store, const struct import_sources *sources,
               const struct import_options *options, const struct import_events *events, struct err *e);

#endif

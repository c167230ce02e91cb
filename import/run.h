/* SPDX-License-Identifier: Apache-2.0 */
/* An import as a whole: it brings the user's sources into the store, and reports what happens as events. Files come
 * first, then mailboxes, several accounts at the same time and the folders of each one after the other; or mailboxes
 * alone, again and again. A silent server holds up only its own account.
 *
 * It prints nothing: that is for the caller. Events come one at a time, from any thread; those of files, and those of
 * an account, in the order of the inputs, however many threads are at work. */
#ifndef IMPORT_RUN_H
#define IMPORT_RUN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "import/limits.h"
#include "import/settle.h"
#include "intake/intake.h"
#include "local/local.h"
#include "mailbox/account.h"
#include "parser/parser.h"
#include "sandbox/nursery.h"
#include "store/store.h"

/* They, and what they point to, must outlive the run, which does not change them. */
struct import_sources {
  const char **paths; /* intake.h: files, directories, "-" */
  unsigned path_count;
  struct text_list trusted_authservs; /* of the mails in files (intake.h); accounts have their own */
  struct mail_account *accounts;      /* with at least one folder each */
  unsigned account_count;
};

struct import_options {
  bool dry_run;  /* nothing is written to the store, and nothing changes on a server */
  bool watch;    /* stays with the mailboxes until interrupted; there are no paths */
  bool again;    /* mails of which something was rejected, damaged or conflicting are read once more */
  unsigned jobs; /* threads that take inputs apart, 1 or more */
  struct intake_limits intake;
  struct parser_limits parser;
  struct import_limits limits;
  struct nursery *nursery; /* whose workers take inputs apart (pipeline.h); NULL: this process does */
  enum sandbox_mode sandbox;
  import_ours_fn *is_ours; /* settler_keep_out; NULL: all reports are */
  const void *ours;
  const volatile sig_atomic_t *interrupted; /* true: what is complete is committed, and the run ends */
};

/* How the turn of a mailbox ended. */
enum mailbox_end {
  MAILBOX_DONE,
  MAILBOX_TAKEN,  /* another process reads this folder into this database: nothing was done */
  MAILBOX_FAILED, /* the error begins with its URL; others may go well */
  MAILBOX_STOP,   /* interrupted, or the store failed: there is no point in trying others */
};

struct import_progress {
  double inputs;      /* files and mails done, and the share of the one being read */
  uint64_t of_inputs; /* as far as is known; 0: it is not */
  uint64_t documents, records;
};

/* What is counted together is a round: all sources once or, with `watch`, one turn of one mailbox. Texts are valid
 * until the event returns, and hold strangers' words as they came. */
struct import_events {
  void (*begun)(void *user); /* the run */
  settle_tell_fn *document;  /* settled, and neither simply new nor a duplicate */
  void (*progress)(void *user, const struct import_progress *progress); /* NULL: then nothing is counted ahead for it */
  void (*remark)(void *user, const char *sentence);                     /* for people, beside the documents */
  void (*mailbox)(void *user, const char *url, enum mailbox_end end, const struct err *e);
  /* The round, with its sums. `code` is 0, or what ended the run: ERR_INTERRUPTED, or an error with its sentence in
   * `e`; not the failure of a mailbox, which has an event of its own before this one. */
  void (*ended)(void *user, const struct settle_counts *counts, int code, double seconds, const struct err *e);
  void *user;
};

/* Reports go to `store`; what became of documents and mailboxes goes to `local`. Both are NULL for a dry run without a
 * database. What is complete is committed, however the run ends. Returns 0, or the code with which the last round
 * ended; with `watch`, an interruption is the normal end: 0. */
int import_run(struct local *local, struct store *store, const struct import_sources *sources,
               const struct import_options *options, const struct import_events *events, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The rounds of an import and the sources in them, each in its turn. */
#include "import/run.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "import/feed.h"
#include "import/files.h"
#include "import/mailbox.h"
#include "import/watch.h"

struct run {
  const struct import_sources *sources;
  const struct import_events *events;
  struct feed feed;
  struct mailbox **mailboxes; /* every folder of every account, in the order of both */
  unsigned mailbox_count;
};

/* --- rounds ------------------------------------------------------------------------------------------------------- */

static void begin_round(struct run *r) {
  settler_free(r->feed.settler);
  r->feed.settler =
      settler_new(r->feed.local, r->feed.store, r->feed.options->dry_run, r->events->document, r->events->user);
  r->feed.expected_inputs = 0;
  r->events->begun(r->events->user);
}

static void end_round(struct run *r, int code, const struct err *e) {
  r->events->ended(r->events->user, settler_counts(r->feed.settler), code, e);
}

/* --- the sources -------------------------------------------------------------------------------------------------- */

static int import_files(struct run *r, struct err *e) {
  const struct import_sources *s = r->sources;
  if (!s->path_count) return 0;
  uint64_t files, bytes;
  bool store_failed;
  struct file_source source;
  file_source_init(&source, s->paths, s->path_count);
  if (r->events->progress) {
    intake_walk_measure(s->paths, s->path_count, &files, &bytes);
    feed_expect(&r->feed, files);
  }
  int code = feed_run(&r->feed, &source.source, &s->trusted_authservs, &store_failed, e);
  file_source_clear(&source);
  return code;
}

/* One that fails is told and does not keep the others from their turn. But a login that was refused is not tried once
 * more with each folder: servers lock accounts for that. */
static enum mailbox_end import_mailbox(struct run *r, struct mailbox *m, int *ret_code, struct err *e) {
  enum mailbox_end end = mailbox_import(m, ret_code, e);
  r->events->mailbox(r->events->user, mailbox_url(m), end, e);
  return end;
}

static enum mailbox_end skip_denied(struct run *r, struct mailbox *m, int *ret_code, struct err *e) {
  enum mailbox_end end = mailbox_pass_over(m, ret_code, "not tried: the login of this account was refused", e);
  r->events->mailbox(r->events->user, mailbox_url(m), end, e);
  return end;
}

static int import_mailboxes(struct run *r, struct err *e) {
  const struct mailbox *denied = NULL;
  for (unsigned i = 0; i < r->mailbox_count; i++) {
    struct mailbox *m = r->mailboxes[i];
    int code;
    if (denied && mailbox_is_of_same_account(m, denied)) {
      if (skip_denied(r, m, &code, e) == MAILBOX_STOP) return code;
      continue;
    }
    if (i) mailbox_inherit(m, r->mailboxes[i - 1]);
    enum mailbox_end end = import_mailbox(r, m, &code, e);
    if (end == MAILBOX_STOP) return code;
    if (end == MAILBOX_FAILED && code == ERR_DENIED) denied = m;
  }
  return 0;
}

static void make_mailboxes(struct run *r) {
  const struct import_sources *s = r->sources;
  for (unsigned a = 0; a < s->account_count; a++)
    for (unsigned f = 0; f < s->accounts[a].folder_count; f++) {
      r->mailboxes = mem_realloc(r->mailboxes, (r->mailbox_count + 1) * sizeof *r->mailboxes);
      r->mailboxes[r->mailbox_count++] = mailbox_new(&s->accounts[a], s->accounts[a].folders[f], &r->feed);
    }
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static int run_once(struct run *r, struct err *e) {
  begin_round(r);
  int code = import_files(r, e);
  if (!code) code = import_mailboxes(r, e);
  end_round(r, code, e);
  return code;
}

/* watch_turn_fn */
static enum mailbox_end take_turn(void *user, struct mailbox *m, int *ret_code, struct err *e) {
  struct run *r = user;
  begin_round(r);
  enum mailbox_end end = import_mailbox(r, m, ret_code, e);
  end_round(r, end == MAILBOX_STOP ? *ret_code : 0, e);
  return end;
}

int import_run(struct local *local, struct store *store, const struct import_sources *sources,
               const struct import_options *options, const struct import_events *events, struct err *e) {
  struct run r = {.sources = sources,
                  .events = events,
                  .feed = {.local = local, .store = store, .options = options, .events = events}};
  if (local) local_while_waiting(local, options->interrupted, events->remark, events->user);
  if (sources->account_count) imap_library_init();
  make_mailboxes(&r);
  int code = options->watch ? watch_mailboxes(r.mailboxes, r.mailbox_count, options->interrupted, take_turn, &r, e)
                            : run_once(&r, e);
  for (unsigned i = 0; i < r.mailbox_count; i++) mailbox_free(r.mailboxes[i]);
  free(r.mailboxes);
  settler_free(r.feed.settler);
  if (sources->account_count) imap_library_clear();
  return code;
}

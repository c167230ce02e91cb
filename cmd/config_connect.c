/* SPDX-License-Identifier: Apache-2.0 */
/* A thread for each account, and its lines when those before it are told. */
#include "cmd/config_connect.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/stop.h"
#include "cmd/interrupt.h"
#include "cmd/talk.h"
#include "import/trial.h"

#define AT_ONCE 8 /* as many as an import reads at the same time */

/* An account under trial: the thread's until it is joined. */
struct trial {
  const struct config_section *section;
  const volatile sig_atomic_t *interrupted;
  struct mail_account account;
  struct strbuf lines;
  int code;    /* of the account as a whole */
  bool failed; /* it, or one of its folders */
  pthread_t thread;
  bool running;
};

/* "[account NAME]: URL: ", to be gone on with. */
static void begin_line(struct trial *t, const char *folder) {
  _cleanup_free_ char *url = mail_account_url(&t->account, folder);
  strbuf_printf(&t->lines, "[account %s]: ", t->section->name);
  talk_escape(&t->lines, url);
  strbuf_add_text(&t->lines, ": ");
}

static void add_failure(struct trial *t, const char *sentence) {
  t->failed = true;
  strbuf_add_text(&t->lines, "failed: ");
  talk_escape(&t->lines, sentence); /* has a server's words in it */
  strbuf_add_char(&t->lines, '\n');
}

/* trial_fn */
static void on_folder(void *user, const char *folder, int code, uint32_t mails, const struct err *e) {
  struct trial *t = user;
  begin_line(t, folder);
  if (code < 0) {
    add_failure(t, e->text);
    return;
  }
  strbuf_add_text(&t->lines, "ok: ");
  figure_count(&t->lines, mails, "mail");
  strbuf_add_char(&t->lines, '\n');
}

/* What a server wants people to see. */
static void tell(void *user, const char *sentence) {
  const struct trial *t = user;
  talk("[account %s]: %s", t->section->name, sentence);
}

static void fail(struct trial *t, const struct err *e) {
  begin_line(t, "");
  add_failure(t, e->text);
}

static void *thread_main(void *user) {
  struct trial *t = user;
  const struct mail_watch watch = {.interrupted = t->interrupted, .tell = tell, .user = t};
  struct err e;
  t->code = trial_run(&t->account, &watch, on_folder, t, &e);
  if (t->code < 0 && t->code != ERR_INTERRUPTED) fail(t, &e);
  return NULL;
}

static void begin(struct trial *t, const struct config *c) {
  struct err e;
  if (stop_flag_is_set(t->interrupted)) {
    t->code = ERR_INTERRUPTED;
    return;
  }
  config_make_account(c, t->section, NULL, &t->account, &e); /* went well when the file was read */
  errno = pthread_create(&t->thread, NULL, thread_main, t);
  t->running = !errno;
  if (t->running) return;
  t->code = err_set_errno(&e, ERR_IO, "cannot start a thread");
  fail(t, &e);
}

static void end(struct trial *t) {
  if (t->running) pthread_join(t->thread, NULL);
  fputs(strbuf_text(&t->lines), stdout);
  fflush(stdout);
  strbuf_clear(&t->lines);
  mail_account_clear(&t->account);
}

static int try_all(const struct config *c, struct trial *trials, unsigned count) {
  bool failed = false, interrupted = false;
  for (unsigned i = 0; i < count + AT_ONCE; i++) {
    if (i >= AT_ONCE && i - AT_ONCE < count) {
      struct trial *t = &trials[i - AT_ONCE];
      end(t);
      failed = failed || t->failed;
      interrupted = interrupted || t->code == ERR_INTERRUPTED;
    }
    if (i < count) begin(&trials[i], c);
  }
  if (interrupted) return talk_failure(EXIT_INTERRUPTED, "interrupted");
  return failed ? EXIT_FAILED : EXIT_DONE;
}

int config_connect(const struct config *c) {
  const volatile sig_atomic_t *interrupted = interrupt_catch();
  unsigned count = 0;
  while (config_account_at(c, count)) count++;
  struct trial *trials = mem_zalloc((count + 1) * sizeof *trials);
  for (unsigned i = 0; i < count; i++)
    trials[i] = (struct trial){.section = config_account_at(c, i), .interrupted = interrupted};
  mail_library_init();
  int exit_code = try_all(c, trials, count);
  mail_library_clear();
  free(trials);
  return exit_code;
}

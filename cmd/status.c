/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl status: how the mailboxes stand, and whether reports still come. */
#include "report/status.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/utc.h"
#include "cmd/ask.h"
#include "cmd/config.h"
#include "cmd/talk.h"
#include "cmd/verb.h"

struct status_options {
  struct options shared;
  int64_t expect_s; /* a report has ended within this time; 0: nothing is expected */
  bool *well;       /* where the question says what it found */
};

static const struct option_word LENGTHS[] = {{.word = "3d"}, {.word = "1w"}, {.word = "12h"}, {0}};
static const struct option OWN[] = {
    {"expect", 0, OPTION_DURATION, "TIME",
     "exit with 4 unless a report has ended, and each mailbox was read, within this time (%s), and none failed last",
     OPTION_AT(struct status_options, expect_s), .words = LENGTHS},
};

/* The folders of the configuration, and the names of accounts that they borrow. */
struct configured {
  struct mail_account *accounts;
  char **names;
  struct status_folder *folders;
  unsigned account_count, count;
};

static void configured_clear(struct configured *c) {
  for (unsigned i = 0; i < c->account_count; i++) {
    mail_account_clear(&c->accounts[i]);
    free(c->names[i]);
  }
  free(c->accounts);
  free(c->names);
  free(c->folders);
}

static int add_account(struct configured *c, const struct options *o, const struct config_section *s, struct err *e) {
  c->accounts = mem_realloc(c->accounts, (c->account_count + 1) * sizeof *c->accounts);
  c->names = mem_realloc(c->names, (c->account_count + 1) * sizeof *c->names);
  struct mail_account *a = &c->accounts[c->account_count];
  int code = config_make_account(o->config, s, o->line, a, e);
  if (code < 0) return code;
  char *name = c->names[c->account_count++] = mail_account_name(a);
  c->folders = mem_realloc(c->folders, (c->count + a->folder_count) * sizeof *c->folders);
  for (unsigned i = 0; i < a->folder_count; i++) c->folders[c->count++] = (struct status_folder){name, a->folders[i]};
  return 0;
}

static int list_configured(const struct options *o, struct configured *ret, struct err *e) {
  const struct config_section *section;
  int code = 0;
  for (unsigned i = 0; (section = config_account_at(o->config, i)) && !code; i++)
    code = add_account(ret, o, section, e);
  return code;
}

/* What is not as expected, a line each: the table shows when things happened, not what is amiss with it. */
static bool tell_unmet(const struct status_list *list, int64_t since_s) {
  char newest[UTC_TEXT_BYTES];
  bool well = status_has_report(list, since_s);
  if (!well && list->newest_s == FEEDBACK_TIME_UNKNOWN)
    talk("no report has ended yet");
  else if (!well)
    talk("no report has ended in this time: the newest one did on %s", utc_format_day(list->newest_s, newest));
  for (unsigned i = 0; i < list->count; i++) {
    const struct status *s = &list->folders[i];
    const char *unmet = status_unmet(s, since_s);
    if (unmet) talk("%s/%s %s", s->state.account, s->state.folder, unmet);
    well = well && !unmet;
  }
  return well;
}

static int question(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  const struct status_options *own = (const struct status_options *)o;
  __attribute__((cleanup(configured_clear))) struct configured configured = {0};
  __attribute__((cleanup(status_clear))) struct status_list list = {0};
  int64_t now_s = utc_now();
  int code = list_configured(o, &configured, e);
  if (!code) code = status_collect(db->local, db->store, configured.folders, configured.count, now_s, &list, e);
  if (code < 0) return code;
  code = status_show(&list, now_s, sink, e);
  if (!code && own->expect_s) *own->well = tell_unmet(&list, now_s - own->expect_s);
  return code;
}

static int run(const struct options *o) {
  struct status_options own = *(const struct status_options *)o;
  bool well = true;
  own.well = &well;
  int exit_code = ask(&own.shared, NULL, question);
  return exit_code == EXIT_DONE && !well ? EXIT_NOT_READY : exit_code;
}

const struct verb VERB_STATUS = {
    .name = "status",
    .summary = "the mailboxes: when each was read, what went wrong, what is left; the newest report",
    .details =
        "A row for each folder that was read or that the configuration names, and one without an account for the whole\n"
        "database. The newest report is the one whose period ended last and has ended by now.\n",
    .examples =
        "  dmarcctl status\n"
        "  dmarcctl status --expect 3d\n",
    .groups = OPTIONS_OUTPUT | OPTIONS_ROWS,
    .own = OPTION_TABLE(OWN),
    .size = sizeof(struct status_options),
    .run = run,
};

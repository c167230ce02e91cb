/* SPDX-License-Identifier: Apache-2.0 */
/* status: one row a folder of a mail server, and one for the whole database. */
#include "report/status.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "local/ledger.h"

/* clang-format off */
enum {
  ACCOUNT, FOLDER, STATE, LAST_READ, LAST_SUCCESS, LAST_ERROR, ERROR, PENDING_UIDS, PENDING_TASKS, NEWEST_REPORT,
  NEWEST_REPORT_AGE_S, CONFIGURED, NOT_OURS, COLUMNS_OF_STATUS
};
/* clang-format on */

static const struct column STATUS_COLUMNS[COLUMNS_OF_STATUS] = {
    [ACCOUNT] = {"account", NULL, COLUMN_TEXT, COLUMN_KEY},
    [FOLDER] = {"folder", NULL, COLUMN_TEXT, COLUMN_KEY},
    [STATE] = {"state", NULL, COLUMN_TEXT, 0},
    [LAST_READ] = {"last_read", "last read", COLUMN_TIME, COLUMN_DETAIL},
    [LAST_SUCCESS] = {"last_success", "last success", COLUMN_TIME, 0},
    [LAST_ERROR] = {"last_error", "last error", COLUMN_TIME, COLUMN_DETAIL},
    [ERROR] = {"error", NULL, COLUMN_TEXT, COLUMN_WRAP},
    [PENDING_UIDS] = {"pending_uids", "UIDs pending", COLUMN_COUNT, 0},
    [PENDING_TASKS] = {"pending_tasks", "mails to move", COLUMN_COUNT, COLUMN_DETAIL},
    [NEWEST_REPORT] = {"newest_report", "newest report", COLUMN_TIME, 0},
    [NEWEST_REPORT_AGE_S] = {"newest_report_age_s", NULL, COLUMN_COUNT, COLUMN_DATA},
    [CONFIGURED] = {"configured", NULL, COLUMN_YES_NO, COLUMN_DATA},
    [NOT_OURS] = {"not_ours", "not yours", COLUMN_COUNT, COLUMN_DETAIL},
};
static const struct table STATUS_TABLE = {"dmarcctl.status", 1, NULL, NULL, STATUS_COLUMNS, COLUMNS_OF_STATUS};

/* --- collecting --------------------------------------------------------------------------------------------------- */

static struct status *add(struct status_list *s, const struct mailbox_state *state) {
  MEM_GROW(s->folders, s->capacity, s->count);
  struct status *added = &s->folders[s->count++];
  *added = (struct status){.state = *state, .newest_s = FEEDBACK_TIME_UNKNOWN};
  added->state.account = mem_strdup(state->account);
  added->state.folder = mem_strdup(state->folder);
  added->state.url = mem_strdup(state->url);
  added->state.error = mem_strdup(state->error);
  return added;
}

/* mailbox_state_fn */
static int take_state(void *user, const struct mailbox_state *state, struct err *e) {
  (void)e;
  add(user, state);
  return 0;
}

static struct status *find(const struct status_list *s, const struct status_folder *folder) {
  for (unsigned i = 0; i < s->count; i++)
    if (!strcmp(s->folders[i].state.account, folder->account) && !strcmp(s->folders[i].state.folder, folder->folder))
      return &s->folders[i];
  return NULL;
}

static void add_configured(struct status_list *s, const struct status_folder *folder) {
  struct status *known = find(s, folder);
  if (!known)
    known = add(s, &(struct mailbox_state){.account = folder->account,
                                           .folder = folder->folder,
                                           .read_s = FEEDBACK_TIME_UNKNOWN,
                                           .tried_s = FEEDBACK_TIME_UNKNOWN,
                                           .error_s = FEEDBACK_TIME_UNKNOWN,
                                           .pending_uids = -1});
  known->configured = true;
}

struct newest {
  struct status_list *list;
  int64_t now_s;
};

/* "URL: uid 12", as import calls what it found in a folder. */
static bool is_from(const char *origin, const char *url) {
  size_t length = url ? strlen(url) : 0;
  return length && origin && !strncmp(origin, url, length) && !strncmp(origin + length, ": uid ", 6);
}

/* store_report_fn */
static int take_report(void *user, const struct store_report *r, struct err *e) {
  (void)e;
  struct newest *n = user;
  struct status_list *s = n->list;
  int64_t end_s = r->header.end_s;
  if (end_s == FEEDBACK_TIME_UNKNOWN || end_s > n->now_s) return 0;
  if (end_s > s->newest_s) s->newest_s = end_s;
  for (unsigned i = 0; i < s->count; i++)
    if (end_s > s->folders[i].newest_s && is_from(r->origin, s->folders[i].state.url)) s->folders[i].newest_s = end_s;
  return 0;
}

/* ledger_fn */
static int take_not_ours(void *user, const struct ledger_line *line, struct err *e) {
  (void)e;
  struct status_list *s = user;
  s->not_ours++;
  for (unsigned i = 0; i < s->count; i++) s->folders[i].not_ours += is_from(line->origin, s->folders[i].state.url);
  return 0;
}

int status_collect(struct local *local, struct store *store, const struct status_folder *folders, unsigned count,
                   int64_t now_s, struct status_list *ret, struct err *e) {
  const struct report_filter all = REPORT_FILTER_ALL;
  struct status_list s = {.newest_s = FEEDBACK_TIME_UNKNOWN};
  int code = mailbox_state_each(local, take_state, &s, e);
  for (unsigned i = 0; i < count && !code; i++) add_configured(&s, &folders[i]);
  if (!code) code = store_each_report(store, &all, take_report, &(struct newest){&s, now_s}, e);
  if (!code) code = ledger_each(local, &all, 1u << DOCUMENT_NOT_OURS, false, take_not_ours, &s, e);
  if (code < 0) {
    status_clear(&s);
    return code;
  }
  *ret = s;
  return 0;
}

void status_clear(struct status_list *s) {
  for (unsigned i = 0; i < s->count; i++) {
    const struct mailbox_state *state = &s->folders[i].state;
    free((char *)state->account);
    free((char *)state->folder);
    free((char *)state->url);
    free((char *)state->error);
  }
  free(s->folders);
  *s = (struct status_list){.newest_s = FEEDBACK_TIME_UNKNOWN};
}

/* --- what it comes to --------------------------------------------------------------------------------------------- */

bool status_failed(const struct status *s) {
  return s->state.error_s != FEEDBACK_TIME_UNKNOWN && s->state.error_s == s->state.tried_s;
}

/* What is not known happened at no time. */
static bool is_since(int64_t time_s, int64_t since_s) { return time_s != FEEDBACK_TIME_UNKNOWN && time_s >= since_s; }

/* A folder that is not configured was read by hand, or its account is gone: it would alarm for ever. */
const char *status_unmet(const struct status *s, int64_t since_s) {
  if (!s->configured && !is_since(s->state.tried_s, since_s)) return NULL;
  if (status_failed(s)) return "failed when it was tried last";
  if (is_since(s->state.read_s, since_s)) return NULL;
  return s->state.read_s == FEEDBACK_TIME_UNKNOWN ? "was never read to its end"
                                                  : "was not read to its end in this time";
}

bool status_has_report(const struct status_list *s, int64_t since_s) { return is_since(s->newest_s, since_s); }

/* --- the table ---------------------------------------------------------------------------------------------------- */

static const char *word_of(const struct status *s) {
  if (status_failed(s)) return "failed";
  return s->state.read_s == FEEDBACK_TIME_UNKNOWN ? "never read" : "read";
}

static struct cell age(int64_t now_s, int64_t end_s) {
  return end_s == FEEDBACK_TIME_UNKNOWN ? cell_absent() : cell_count(now_s - end_s);
}

static int push_folder(const struct status *s, int64_t now_s, struct table_sink *sink, struct err *e) {
  const struct mailbox_state *m = &s->state;
  const struct cell cells[COLUMNS_OF_STATUS] = {
      [ACCOUNT] = cell_text(m->account),
      [FOLDER] = cell_text(m->folder),
      [STATE] = cell_text(word_of(s)),
      [LAST_READ] = cell_time(m->tried_s == FEEDBACK_TIME_UNKNOWN ? m->read_s : m->tried_s),
      [LAST_SUCCESS] = cell_time(m->read_s),
      [LAST_ERROR] = cell_time(m->error_s),
      [ERROR] = cell_text(m->error),
      [PENDING_UIDS] = m->pending_uids < 0 ? cell_absent() : cell_count(m->pending_uids),
      [PENDING_TASKS] = cell_count(m->pending_tasks),
      [NEWEST_REPORT] = cell_time(s->newest_s),
      [NEWEST_REPORT_AGE_S] = age(now_s, s->newest_s),
      [CONFIGURED] = cell_yes(s->configured),
      [NOT_OURS] = cell_count(s->not_ours),
  };
  return sink->row(sink, cells, e);
}

/* The row without an account: wherever reports come from. */
static int push_database(const struct status_list *s, int64_t now_s, struct table_sink *sink, struct err *e) {
  const struct cell cells[COLUMNS_OF_STATUS] = {
      [NEWEST_REPORT] = cell_time(s->newest_s),
      [NEWEST_REPORT_AGE_S] = age(now_s, s->newest_s),
      [NOT_OURS] = cell_count(s->not_ours),
  };
  return sink->row(sink, cells, e);
}

int status_show(const struct status_list *s, int64_t now_s, struct table_sink *sink, struct err *e) {
  int code = sink->begin(sink, &STATUS_TABLE, e);
  for (unsigned i = 0; i < s->count && !code; i++) code = push_folder(&s->folders[i], now_s, sink, e);
  if (!code) code = push_database(s, now_s, sink, e);
  return code ? code : sink->end(sink, e);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Joins a folder on a server with the store: cursor, tasks, lock, and the order in which they make it safe. */
#include "import/mailbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/filter.h"
#include "base/number.h"
#include "base/utc.h"
#include "import/fetcher.h"
#include "import/protocols.h"
#include "local/mailboxes.h"

struct mailbox {
  const struct mail_account *account;
  const char *folder;
  struct feed *feed;
  char *name, *url; /* of the account, of the folder */
  struct mail_watch watch;
  bool stopped; /* by the pipeline, see fetcher.h */
  struct mail_folder *connection;
  struct mailbox_cursor known;
  int lock_fd;
  bool told_undeletable;
  bool listed;        /* the server said in this import what lies there: UIDs mean what they meant */
  bool marks_due;     /* there are other last mails than those that are known */
  bool read_again;    /* what the options ask to be read again was */
  uint32_t *again;    /* mails to be asked for once more, ascending */
  uint32_t *not_last; /* those of them that will be asked for yet another time */
  uint32_t again_count, again_capacity, not_last_count, not_last_capacity;
};

static void __attribute__((format(printf, 2, 3))) tell(const struct mailbox *m, const char *format, ...) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_printf(&text, "%s: ", m->url);
  va_list args;
  va_start(args, format);
  strbuf_vprintf(&text, format, args);
  va_end(args);
  feed_remark(m->feed, strbuf_text(&text));
}

static void tell_sentence(void *user, const char *sentence) { tell(user, "%s", sentence); }

struct mailbox *mailbox_new(const struct mail_account *account, const char *folder, struct feed *feed) {
  struct mailbox *m = mem_zalloc(sizeof *m);
  m->account = account;
  m->folder = folder;
  m->feed = feed;
  m->name = mail_account_name(account);
  m->url = mail_account_url(account, folder);
  m->watch = (struct mail_watch){
      .interrupted = feed->options->interrupted, .stopped = &m->stopped, .tell = tell_sentence, .user = m};
  m->connection = mail_folder_new(protocol_of(account), account, folder, &m->watch);
  m->lock_fd = -1;
  return m;
}

void mailbox_free(struct mailbox *m) {
  if (!m) return;
  mail_folder_free(m->connection);
  if (m->lock_fd >= 0) close(m->lock_fd);
  free(m->again);
  free(m->not_last);
  free(m->name);
  free(m->url);
  free(m);
}

const char *mailbox_url(const struct mailbox *m) { return m->url; }
struct mail_folder *mailbox_connection(struct mailbox *m) {
  return m->connection;
}

bool mailbox_is_of_same_account(const struct mailbox *a, const struct mailbox *b) { return a->account == b->account; }

void mailbox_inherit(struct mailbox *m, struct mailbox *from) {
  if (m->account == from->account) mail_folder_inherit(m->connection, from->connection);
}

/* While the server is waited for, others may use the database. */
static void give_turn(struct mailbox *m) { turn_give(m->feed->turn); }
static void take_turn(struct mailbox *m) { turn_take(m->feed->turn); }

/* --- this machine's side --------------------------------------------------------------------------------------------- */

/* Nothing is to be noted or done: a dry run, over a database or none. */
static bool is_dry(const struct mailbox *m) { return m->feed->options->dry_run; }

static bool acts(const struct mailbox *m) {
  return m->account->after != MAIL_AFTER_NOTHING || m->account->failed_folder;
}

/* 1 where the folder is ours, 0 where another process reads it. */
static int claim(struct mailbox *m, struct err *e) {
  struct local *local = m->feed->local;
  m->known = (struct mailbox_cursor){.next_uid = 1};
  if (!local) return 1;
  int code = cursor_get(local, m->name, m->folder, &m->known, e);
  if (code < 0 || is_dry(m)) return code < 0 ? code : 1;
  if (acts(m) && (code = local_be_durable(local, e)) < 0) return code;
  if (m->lock_fd < 0) code = cursor_lock(local, m->known.id, &m->lock_fd, e);
  if (code < 0 || m->lock_fd < 0) return code;
  /* Whoever had it before may have read on since. */
  code = cursor_get(local, m->name, m->folder, &m->known, e);
  return code < 0 ? code : 1;
}

/* A mail counts as stored where all reports in it are in the database, whole, as they are in the mail: else it is the
 * only place where they are. */
static bool is_stored(unsigned outcomes) {
  unsigned here = 1u << DOCUMENT_NEW | 1u << DOCUMENT_DUPLICATE;
  unsigned lost =
      1u << DOCUMENT_DAMAGED | 1u << DOCUMENT_REJECTED | 1u << DOCUMENT_CONFLICTING | 1u << DOCUMENT_NOT_OURS;
  return (outcomes & here) && !(outcomes & lost);
}

/* A mail that brought reports about domains of others stays where it is, for the day on which they are ours. */
static bool is_for_others(unsigned outcomes) {
  unsigned at_home = 1u << DOCUMENT_NEW | 1u << DOCUMENT_DUPLICATE | 1u << DOCUMENT_NO_REPORT;
  return (outcomes & 1u << DOCUMENT_NOT_OURS) && !(outcomes & ~(at_home | 1u << DOCUMENT_NOT_OURS));
}

/* What the server refused it may give on another day: until the last of them has come it stays where it is. */
static bool is_given_up(const struct mailbox *m, uint64_t input) {
  uint32_t uid = (uint32_t)input;
  if (!(input & FETCHER_REFUSED)) return true;
  return uid_is_among(m->again, m->again_count, uid) && !uid_is_among(m->not_last, m->not_last_count, uid);
}

/* settle_input_fn: in the transaction of the mail's reports. */
static int end_mail(void *user, uint64_t input, unsigned outcomes, struct err *e) {
  const struct mailbox *m = user;
  struct local *local = m->feed->local;
  uint32_t uid = (uint32_t)input;
  bool stored = is_stored(outcomes), failed = !stored && !is_for_others(outcomes) && is_given_up(m, input);
  int code = cursor_advance(local, m->known.id, uid < UINT32_MAX ? uid + 1 : uid, e);
  if (!code && stored && m->account->after != MAIL_AFTER_NOTHING)
    code = task_add(local, m->known.id, uid, TASK_STORED, e);
  if (!code && failed && m->account->failed_folder) code = task_add(local, m->known.id, uid, TASK_FAILED, e);
  return code;
}

/* What the server calls the folder now, and which mails it has: as known, or reading begins at the first. */
static int note_numbers(struct mailbox *m, const struct mail_listing *now, struct err *e) {
  bool same = m->known.uidvalidity == now->uidvalidity;
  if (same && !now->restored) return 0;
  if (same)
    tell(m, "the server gives UIDs below %u to other mails: the folder was restored; reading all of it again",
         m->known.next_uid);
  else if (m->known.uidvalidity)
    tell(m, "the server has numbered its mails anew (UIDVALIDITY %u, before %u): reading all of them again",
         now->uidvalidity, m->known.uidvalidity);
  m->known.uidvalidity = now->uidvalidity;
  m->known.next_uid = 1;
  if (is_dry(m)) return 0;
  return cursor_renumber(m->feed->local, m->known.id, now->uidvalidity, e);
}

/* --- names of mails --------------------------------------------------------------------------------------------------- */

/* name_fn */
static int put_name(void *user, uint32_t uid, const char *name, int64_t came_s, struct err *e) {
  (void)e;
  mail_names_put(user, uid, name, came_s);
  return 0;
}

/* What is known of the names that the server gave, where it does. */
static int load_names(struct mailbox *m, struct err *e) {
  struct mail_names *names = mail_folder_names(m->connection);
  if (!names) return 0;
  mail_names_begin(names, m->known.next_uid);
  return m->known.id ? name_each(m->feed->local, m->known.id, put_name, names, e) : 0;
}

static int keep_changed(struct mailbox *m, const struct mail_names *names, struct err *e) {
  struct local *local = m->feed->local;
  int code = 0;
  for (uint32_t i = 0; i < names->count && !code; i++) {
    const struct mail_name *name = &names->all[i];
    if (!name->kept && name->state != MAIL_NAME_GONE)
      code = name_add(local, m->known.id, name->uid, name->text, name->came_s, e);
    if (name->kept && name->state == MAIL_NAME_GONE) code = name_remove(local, m->known.id, name->uid, e);
  }
  return code;
}

/* Before any of the mails is read: what is committed with its reports is its number. */
static int keep_names(struct mailbox *m, struct err *e) {
  const struct mail_names *names = mail_folder_names(m->connection);
  if (!names || is_dry(m)) return 0;
  int code = local_begin(m->feed->local, e);
  if (code < 0) return code;
  code = keep_changed(m, names, e);
  if (!code && names->link) code = cursor_put_marks(m->feed->local, m->known.id, names->link, e);
  if (!code) return local_commit(m->feed->local, e);
  local_abort(m->feed->local);
  return code;
}

/* --- mails that were met before -------------------------------------------------------------------------------------- */

/* A mail that the server refused may be given on another day: it is asked for once more when it was refused one, two
 * and three days ago, or as many times as the folder is read in these days. */
#define DAYS_ASKED 3

static bool is_due(const struct mailbox *m, int64_t seen_s, int64_t now_s) {
  int64_t days = (now_s - seen_s) / UTC_DAY_S;
  int64_t days_before = m->known.read_s > seen_s ? (m->known.read_s - seen_s) / UTC_DAY_S : 0;
  return days > days_before && days_before < DAYS_ASKED;
}

/* "URL: uid 12", and behind it nothing where the server did not give the mail, else the place within it. */
static uint32_t uid_of(const struct mailbox *m, const char *origin, bool *ret_refused) {
  static const char BETWEEN[] = ": uid ";
  size_t length = strlen(m->url);
  char digits[16];
  int64_t uid;
  if (strncmp(origin, m->url, length) != 0 || strncmp(origin + length, BETWEEN, sizeof BETWEEN - 1) != 0) return 0;
  origin += length + sizeof BETWEEN - 1;
  size_t count = strspn(origin, "0123456789");
  snprintf(digits, sizeof digits, "%.*s", count < sizeof digits ? (int)count : 0, origin);
  *ret_refused = !origin[count];
  return number_parse(digits, UINT32_MAX, &uid) ? (uint32_t)uid : 0;
}

/* ledger_fn */
static int take_line(void *user, const struct ledger_line *line, struct err *e) {
  (void)e;
  struct mailbox *m = user;
  bool refused, asked = m->feed->options->again && !m->read_again;
  uint32_t uid = uid_of(m, line->origin, &refused);
  int64_t now_s = utc_now();
  if (!uid || uid >= m->known.next_uid || (!asked && !(refused && is_due(m, line->seen_s, now_s)))) return 0;
  MEM_GROW(m->again, m->again_capacity, m->again_count);
  m->again[m->again_count++] = uid;
  if (!refused || (now_s - line->seen_s) / UTC_DAY_S >= DAYS_ASKED) return 0;
  MEM_GROW(m->not_last, m->not_last_capacity, m->not_last_count);
  m->not_last[m->not_last_count++] = uid;
  return 0;
}

static int by_number(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

/* The ledger knows which mails were not read, or not whole. Behind mail_folder_find; the number of mails to come. */
static int find_again(struct mailbox *m, uint32_t *count, struct err *e) {
  struct report_filter filter = REPORT_FILTER_ALL;
  unsigned outcomes = 1u << DOCUMENT_REJECTED;
  m->again_count = m->not_last_count = 0;
  if (!m->feed->local || !m->known.read_s) return 0;
  if (m->feed->options->again && !m->read_again)
    outcomes |= 1u << DOCUMENT_DAMAGED | 1u << DOCUMENT_CONFLICTING | 1u << DOCUMENT_NOT_OURS;
  else
    filter.since_s = m->known.read_s - DAYS_ASKED * UTC_DAY_S;
  int code = ledger_each(m->feed->local, &filter, outcomes, false, take_line, m, e);
  if (code < 0) return code;
  uint32_t kept = 0;
  if (m->again_count) qsort(m->again, m->again_count, sizeof *m->again, by_number);
  for (uint32_t i = 0; i < m->again_count; i++)
    if (!kept || m->again[i] != m->again[kept - 1]) m->again[kept++] = m->again[i];
  m->again_count = kept;
  *count = mail_folder_find_again(m->connection, m->again, kept);
  return 0;
}

/* --- marks -------------------------------------------------------------------------------------------------------- */

/* What the mails right below `below_uid` are, as they lie there now. A server that does not say it leaves what is
 * known. */
static int note_marks(struct mailbox *m, uint32_t below_uid, struct err *e) {
  _cleanup_free_ char *marks = NULL;
  struct err unused;
  give_turn(m);
  int code = mail_folder_mark(m->connection, below_uid, &marks, &unused);
  take_turn(m);
  m->marks_due = code < 0;
  return code < 0 || !marks ? 0 : cursor_put_marks(m->feed->local, m->known.id, marks, e);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* What ended it, in the order of what it means for the rest: the store or a signal, then the server. */
static enum mailbox_end judge(int fed, bool store_failed, int fetched, int *ret_code) {
  *ret_code = fed < 0 ? fed : fetched;
  if (store_failed || *ret_code == ERR_INTERRUPTED) return MAILBOX_STOP;
  return *ret_code < 0 ? MAILBOX_FAILED : MAILBOX_DONE;
}

static enum mailbox_end read_mails(struct mailbox *m, int *ret_code, struct err *e) {
  struct fetcher fetcher;
  *ret_code = fetcher_start(&fetcher, m->connection, m->url, &m->stopped, e);
  if (*ret_code < 0) return MAILBOX_FAILED;
  bool asked = m->feed->options->again && !m->read_again;
  fetcher.feed = m->feed;
  fetcher.uidvalidity = m->known.uidvalidity;
  fetcher.silent = m->not_last; /* the last time is told, and so is what the user asked for */
  fetcher.silent_count = asked ? 0 : m->not_last_count;
  bool store_failed;
  struct err fetch_e = {""};
  settler_watch_mails(m->feed->settler, end_mail, m);
  int fed = feed_run(m->feed, &fetcher.source, &m->account->trusted_authservs, &store_failed, e);
  settler_watch_mails(m->feed->settler, NULL, NULL);
  int fetched = fetcher_finish(&fetcher, &fetch_e);
  if (fed < 0 && fetched == ERR_INTERRUPTED) fetched = 0; /* because of what ended the feed */
  if (fed >= 0) *e = fetch_e;
  return judge(fed, store_failed, fetched, ret_code);
}

static enum mailbox_end stop_or_fail(int code) { return code == ERR_INTERRUPTED ? MAILBOX_STOP : MAILBOX_FAILED; }

/* The marks are noted before a mail is read: whatever ends this import, cursor and tasks are not left without them, and
 * nothing is done to mails that took the UIDs of those. Behind it they are noted once more, as acting left them, or
 * where they could not be had before. */
static enum mailbox_end read_folder(struct mailbox *m, int *ret_code, struct err *e) {
  struct mail_listing now;
  _cleanup_free_ char *marks = NULL;
  *ret_code = m->known.id ? cursor_get_marks(m->feed->local, m->known.id, &marks, e) : 0;
  if (!*ret_code) *ret_code = load_names(m, e);
  if (*ret_code < 0) return MAILBOX_STOP;
  give_turn(m);
  *ret_code = mail_folder_find(m->connection, m->known.uidvalidity, m->known.next_uid, marks, &now, e);
  take_turn(m);
  if (*ret_code < 0) return stop_or_fail(*ret_code);
  if ((*ret_code = note_numbers(m, &now, e)) < 0) return MAILBOX_STOP;
  if ((*ret_code = keep_names(m, e)) < 0) return MAILBOX_STOP;
  if ((*ret_code = find_again(m, &now.count, e)) < 0) return MAILBOX_STOP;
  m->listed = true;
  m->marks_due = !is_dry(m) && (!marks || m->known.next_uid != now.next_uid);
  if (m->marks_due && (*ret_code = note_marks(m, now.next_uid, e)) < 0) return MAILBOX_STOP;
  feed_expect(m->feed, now.count);
  give_turn(m);
  enum mailbox_end end = now.count ? read_mails(m, ret_code, e) : MAILBOX_DONE;
  take_turn(m);
  m->read_again = m->read_again || end == MAILBOX_DONE;
  if (end != MAILBOX_DONE || is_dry(m)) return end;
  m->known.next_uid = now.next_uid;
  *ret_code = cursor_finish(m->feed->local, m->known.id, now.next_uid, utc_now(), e);
  return *ret_code < 0 ? MAILBOX_STOP : MAILBOX_DONE;
}

/* --- acting ------------------------------------------------------------------------------------------------------- */

#define REFUSED_MANY 3 /* without one that is not */

/* What becomes of the mails that have `task`. */
struct act {
  enum mailbox_task task;
  enum mail_act act;
  const char *text;
};

/* A mail to which, alone, the server refuses to do what is to be done. */
struct refusal {
  uint32_t uid;
  int code;
  struct err err;
};

/* One task's mails, from the lowest UID to the highest. */
struct round {
  const struct act *act;
  uint32_t done; /* mails to which it was done */
  struct refusal *refused;
  uint32_t count, capacity;
  uint32_t fresh; /* those of the refused that were not refused by an import before */
};

static void round_clear(struct round *r) { free(r->refused); }

/* "cannot move uid 7 to "Done": " in front of the server's words; of several mails no UID. */
static int tell_act(const struct act *a, const uint32_t *uids, uint32_t count, int code, struct err *e) {
  static const char *const VERBS[] = {
      [MAIL_ACT_MOVE] = "move", [MAIL_ACT_COPY] = "copy", [MAIL_ACT_FLAG] = "flag", [MAIL_ACT_DELETE] = "delete"};
  bool to_folder = a->act == MAIL_ACT_MOVE || a->act == MAIL_ACT_COPY;
  _cleanup_strbuf_ struct strbuf what = STRBUF_INIT;
  strbuf_printf(&what, "cannot %s ", VERBS[a->act]);
  if (count == 1)
    strbuf_printf(&what, "uid %u", uids[0]);
  else
    strbuf_printf(&what, "%u mails", count);
  if (to_folder) strbuf_printf(&what, " to \"%s\"", a->text);
  return err_prefix(e, code, "%s", what.data);
}

/* What was done is struck off; a code of the store's in `*ret_store`. Returns what the server said. */
static int perform(struct mailbox *m, struct round *r, const uint32_t *uids, uint32_t count, int *ret_store,
                   struct err *e) {
  struct local *local = m->feed->local;
  const struct act *a = r->act;
  *ret_store = 0;
  give_turn(m);
  int code = mail_folder_act(m->connection, a->act, uids, count, a->text, e);
  take_turn(m);
  if (code < 0 && code != ERR_INTERRUPTED) tell_act(a, uids, count, code, e);
  if (code) return code;
  *ret_store = a->act == MAIL_ACT_COPY ? task_mark(local, m->known.id, uids, count, TASK_COPIED, e)
                                       : task_remove(local, m->known.id, uids, count, a->act == MAIL_ACT_MOVE, e);
  r->done += count;
  return 0;
}

/* May it be the fault of one mail? Some servers ask for patience, for ever, where they cannot read it. */
static bool may_be_of_one(const struct mailbox *m, int code) {
  return code == ERR_USAGE || (code == ERR_BUSY && mail_folder_not_before(m->connection) <= 0);
}

static void note_refused(const struct mailbox *m, struct round *r, uint32_t uid, int code, const struct err *e) {
  struct err unused;
  if (task_was_refused(m->feed->local, m->known.id, uid, utc_now(), &unused) != 1) r->fresh++;
  MEM_GROW(r->refused, r->capacity, r->count);
  r->refused[r->count++] = (struct refusal){uid, code, *e};
}

/* Are the mails to blame? Many that are refused, and none that is not, are the fault of the folder or the server; but
 * not where the others were moved by an import before. */
static bool are_mails_at_fault(const struct round *r) { return r->done || r->fresh < REFUSED_MANY; }

/* What was refused for several mails, for each alone. The last one is the first: neighbours that share a fault do not
 * hide that others have none. */
static int perform_singly(struct mailbox *m, struct round *r, const uint32_t *uids, uint32_t count, int *ret_store,
                          struct err *e) {
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t *uid = &uids[(i + count - 1) % count];
    int code = perform(m, r, uid, 1, ret_store, e);
    if (*ret_store < 0 || code == 1) return code;
    if (code < 0 && !may_be_of_one(m, code)) return code;
    if (code < 0) note_refused(m, r, *uid, code, e);
    if (!are_mails_at_fault(r)) return code;
  }
  return 0;
}

/* A mail stays on the list for as many days as one that is not given (DAYS_ASKED). 1 where it does, 0 where it is taken
 * off, or a code of the store's. */
static int keep_refused(struct mailbox *m, const struct refusal *refused, struct err *e) {
  struct local *local = m->feed->local;
  int64_t now_s = utc_now();
  int old = task_refuse(local, m->known.id, refused->uid, now_s, now_s - DAYS_ASKED * UTC_DAY_S, e);
  if (old <= 0) return old < 0 ? old : 1;
  tell(m, "%s (refused for %d days by now: it stays where it is)", refused->err.text, DAYS_ASKED);
  return task_remove(local, m->known.id, &refused->uid, 1, false, e);
}

static enum mailbox_end end_round(struct mailbox *m, const struct round *r, int *ret_code, struct err *e) {
  const struct refusal *left = NULL;
  for (uint32_t i = 0; i < r->count; i++) {
    *ret_code = keep_refused(m, &r->refused[i], e);
    if (*ret_code < 0) return MAILBOX_STOP;
    if (*ret_code) left = &r->refused[i];
  }
  *ret_code = left ? left->code : 0;
  if (left) *e = left->err;
  return left ? MAILBOX_FAILED : MAILBOX_DONE;
}

/* All of one task, some hundred at a time: done on the server, then taken off the list. One mail to which the server
 * refuses to do it keeps it from no other. `*ret_code` is 1 where the server turns out to have no MOVE. */
static enum mailbox_end do_tasks(struct mailbox *m, const struct act *a, int *ret_code, struct err *e) {
  _cleanup_(round_clear) struct round round = {.act = a};
  uint32_t uids[MAIL_ACT_MOST], from = 1;
  int store = 0;
  do {
    int count = task_list(m->feed->local, m->known.id, a->task, from, uids, MAIL_ACT_MOST, e);
    if ((*ret_code = count) < 0) return MAILBOX_STOP;
    if (!count) break;
    *ret_code = perform(m, &round, uids, (uint32_t)count, &store, e);
    bool refused = *ret_code < 0 && may_be_of_one(m, *ret_code);
    if (refused && count == 1) note_refused(m, &round, uids[0], *ret_code, e);
    if (refused) *ret_code = count == 1 ? 0 : perform_singly(m, &round, uids, (uint32_t)count, &store, e);
    if (store < 0) *ret_code = store;
    if (store < 0 || *ret_code == ERR_INTERRUPTED) return MAILBOX_STOP;
    if (*ret_code) return *ret_code == 1 ? MAILBOX_DONE : MAILBOX_FAILED;
    from = uids[count - 1] + 1;
  } while (from);
  return end_round(m, &round, ret_code, e);
}

static void tell_undeletable(struct mailbox *m, bool expunges) {
  if (expunges || m->told_undeletable) return;
  m->told_undeletable = true;
  tell(m, "the server cannot delete single mails (no UIDPLUS): they are only flagged as deleted");
}

/* What is to be done, in the order in which it is to be done: copies are deleted when they are there. */
static unsigned list_acts(const struct mailbox *m, bool moves, struct act ret[3]) {
  const struct mail_account *a = m->account;
  enum mail_act move = moves ? MAIL_ACT_MOVE : MAIL_ACT_COPY;
  unsigned n = 0;
  if (a->after == MAIL_AFTER_MOVE) ret[n++] = (struct act){TASK_STORED, move, a->after_folder};
  if (a->after == MAIL_AFTER_FLAG) ret[n++] = (struct act){TASK_STORED, MAIL_ACT_FLAG, a->after_flag};
  if (a->after == MAIL_AFTER_DELETE) ret[n++] = (struct act){TASK_STORED, MAIL_ACT_DELETE, NULL};
  if (a->failed_folder) ret[n++] = (struct act){TASK_FAILED, move, a->failed_folder};
  ret[n++] = (struct act){TASK_COPIED, MAIL_ACT_DELETE, NULL};
  return n;
}

/* 1 where there is something to do. */
static int has_tasks(struct mailbox *m, struct err *e) {
  struct act list[3];
  unsigned n = list_acts(m, true, list);
  for (unsigned i = 0; i < n; i++) {
    uint32_t uid;
    int count = task_list(m->feed->local, m->known.id, list[i].task, 1, &uid, 1, e);
    if (count) return count;
  }
  return 0;
}

static enum mailbox_end do_all(struct mailbox *m, int *ret_code, struct err *e) {
  bool moves, expunges;
  struct act list[3];
  give_turn(m);
  *ret_code = mail_folder_prepare(m->connection, m->known.uidvalidity, &moves, &expunges, e);
  take_turn(m);
  if (*ret_code < 0) return stop_or_fail(*ret_code);
  unsigned n = list_acts(m, moves, list);
  enum mailbox_end end = MAILBOX_DONE;
  for (unsigned i = 0; i < n && end == MAILBOX_DONE && *ret_code == 0; i++) {
    if (list[i].act == MAIL_ACT_DELETE && (list[i].task == TASK_STORED || !moves)) tell_undeletable(m, expunges);
    end = do_tasks(m, &list[i], ret_code, e);
  }
  return end;
}

static enum mailbox_end act(struct mailbox *m, int *ret_code, struct err *e) {
  *ret_code = has_tasks(m, e);
  if (*ret_code < 0) return MAILBOX_STOP;
  if (!*ret_code) return MAILBOX_DONE;
  m->marks_due = true;
  enum mailbox_end end = do_all(m, ret_code, e);
  bool without_move = end == MAILBOX_DONE && *ret_code == 1;
  return without_move ? do_all(m, ret_code, e) : end;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static enum mailbox_end run(struct mailbox *m, int *ret_code, struct err *e) {
  m->listed = m->marks_due = false;
  *ret_code = claim(m, e);
  if (*ret_code < 0) return MAILBOX_STOP;
  if (!*ret_code) return MAILBOX_TAKEN;
  enum mailbox_end end = read_folder(m, ret_code, e);
  /* Where reading failed, what was read before can be finished all the same; unless there is nobody to talk to. */
  bool reachable = *ret_code != ERR_IO && *ret_code != ERR_BUSY && *ret_code != ERR_DENIED;
  bool finish = end == MAILBOX_DONE || (end == MAILBOX_FAILED && reachable);
  if (!finish || is_dry(m) || !m->listed) return end;
  struct err read_e = *e;
  int read_code = *ret_code;
  enum mailbox_end acted = act(m, ret_code, e);
  bool settled = acted == MAILBOX_DONE && end == MAILBOX_DONE;
  if (settled && m->marks_due && (*ret_code = note_marks(m, m->known.next_uid, e)) < 0) return MAILBOX_STOP;
  if (acted != MAILBOX_DONE || end == MAILBOX_DONE) return acted;
  *ret_code = read_code;
  *e = read_e;
  return end;
}

/* So that others can ask how it stands. Not where another process has the folder, and not behind a signal. */
static enum mailbox_end note_end(struct mailbox *m, enum mailbox_end end, int *ret_code, struct err *e) {
  bool ended = end == MAILBOX_DONE || end == MAILBOX_FAILED;
  if (!ended || is_dry(m) || !m->known.id) return end;
  struct err note_e;
  int code = cursor_note(m->feed->local, m->known.id, m->url, mail_folder_next_uid(m->connection), utc_now(),
                         end == MAILBOX_FAILED ? e->text : NULL, &note_e);
  if (code >= 0) return end;
  *ret_code = code;
  *e = note_e;
  return MAILBOX_STOP;
}

enum mailbox_end mailbox_import(struct mailbox *m, int *ret_code, struct err *e) {
  take_turn(m);
  enum mailbox_end end = note_end(m, run(m, ret_code, e), ret_code, e);
  give_turn(m);
  if (end == MAILBOX_FAILED) err_prefix(e, *ret_code, "%s", m->url);
  return end;
}

static enum mailbox_end pass_over(struct mailbox *m, int *ret_code, struct err *e) {
  struct local *local = m->feed->local;
  if (is_dry(m) || !local) return MAILBOX_FAILED;
  struct err find_e;
  int code = cursor_get(local, m->name, m->folder, &m->known, &find_e);
  if (code >= 0) return note_end(m, MAILBOX_FAILED, ret_code, e);
  *ret_code = code;
  *e = find_e;
  return MAILBOX_STOP;
}

enum mailbox_end mailbox_pass_over(struct mailbox *m, int *ret_code, const char *why, struct err *e) {
  *ret_code = err_set(e, ERR_DENIED, "%s", why);
  take_turn(m);
  enum mailbox_end end = pass_over(m, ret_code, e);
  give_turn(m);
  if (end == MAILBOX_FAILED) err_prefix(e, *ret_code, "%s", m->url);
  return end;
}

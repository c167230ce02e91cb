/* SPDX-License-Identifier: Apache-2.0 */
/* Opens the file, and has its transactions and its statements, the SQL of this room in one table. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "local/local_state.h"

/* What is new today is its own duplicate tomorrow: these are one kind, so that the same folder can be imported again
 * without a trace. What was left out as somebody else's, and is taken today, has no second line either. */
#define KEPT "('new', 'damaged', 'duplicate')"
#define SAME_KIND \
  "(outcome = ?2 OR (outcome IN " KEPT " AND ?2 IN " KEPT ") OR (outcome = 'not-ours' AND ?2 IN " KEPT "))"

static const char *const SQL[LOCAL_STATEMENTS] = {
    /* A line without a report serves a document that is one, whatever it says: its report was deleted since, or has
     * made way for a whole copy. */
    [LOCAL_FIND_LINE] = "SELECT id FROM document WHERE report_id IS ?3 AND identity = ?1 AND " SAME_KIND
                        " UNION ALL"
                        " SELECT id FROM document WHERE report_id IS NULL AND identity = ?1 AND ?3 IS NOT NULL",
    [LOCAL_ADD_LINE] =
        "INSERT INTO document (origin, outcome, reason, bytes, records, report_id, seen_s, kind, digest, identity)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [LOCAL_RESTATE_LINE] =
        "UPDATE document SET outcome = ?2, reason = ?3, bytes = ?4, records = ?5, report_id = ?6 WHERE id = ?1",
    [LOCAL_NEWEST_LINE] = "SELECT seen_s FROM document ORDER BY id DESC LIMIT 1",
    [LOCAL_UNLINK_LINES] = "UPDATE document SET report_id = NULL WHERE report_id = ?",
    [LOCAL_FORGET_LINES] = "DELETE FROM document WHERE report_id = ?",
    [LOCAL_PUT_LABEL] =
        "INSERT INTO label (subject, source, verdict, domain, until_s, note, made_s, owner, purpose, ticket,"
        " expected_messages, expected_days, review_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (source, ifnull(domain, '')) DO UPDATE SET subject = excluded.subject,"
        " source = excluded.source, verdict = excluded.verdict, until_s = excluded.until_s, note = excluded.note,"
        " made_s = excluded.made_s, owner = excluded.owner, purpose = excluded.purpose, ticket = excluded.ticket,"
        " expected_messages = excluded.expected_messages, expected_days = excluded.expected_days,"
        " review_s = excluded.review_s",
    [LOCAL_REMOVE_LABEL] = "DELETE FROM label WHERE source = ?1 AND ifnull(domain, '') = ifnull(?2, '')",
    [LOCAL_PUT_REPORT_WORD] =
        "INSERT INTO report_word (identity, word, made_s) VALUES (?, ?, ?)"
        " ON CONFLICT (identity) DO UPDATE SET word = excluded.word, made_s = excluded.made_s",
    [LOCAL_REMOVE_REPORT_WORD] = "DELETE FROM report_word WHERE identity = ?",
    [LOCAL_PUT_ACKNOWLEDGEMENT] =
        "INSERT INTO acknowledgement (finding, until_s, note, made_s, severity) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (finding) DO UPDATE SET until_s = excluded.until_s, note = excluded.note,"
        " made_s = excluded.made_s, severity = excluded.severity",
    [LOCAL_REMOVE_ACKNOWLEDGEMENT] = "DELETE FROM acknowledgement WHERE finding = ?",
    [LOCAL_PUT_TAKEN_STEP] =
        "INSERT OR REPLACE INTO taken_step (domain, day, step, record, former_record, verdict, reason, own_messages,"
        " own_passed, undecided, who, note, made_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [LOCAL_REMOVE_TAKEN_STEP] = "DELETE FROM taken_step WHERE id = (SELECT max(id) FROM taken_step WHERE domain = ?)",
    [LOCAL_FORGET_TAKEN_STEPS] = "DELETE FROM taken_step WHERE domain = ?",
    [LOCAL_ADD_SUSPECT] =
        "INSERT INTO suspect (key, name, weight, last_s) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (key) DO UPDATE SET name = ?2, weight = weight + ?3, last_s = ?4",
    [LOCAL_FORGET_SUSPECT] = "DELETE FROM suspect WHERE key = ?",
    [LOCAL_EXPIRE_SUSPECTS] = "DELETE FROM suspect WHERE weight < ? AND last_s < ?",
    [LOCAL_GET_FEED] = "SELECT report_id FROM feed WHERE name = ?",
    [LOCAL_MOVE_FEED] =
        "INSERT INTO feed (name, report_id, moved_s) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (name) DO UPDATE SET report_id = max(report_id, ?2), moved_s = ?3",
    [LOCAL_GET_ANSWER] =
        "SELECT a.status, a.expires_s, text.value FROM dns_answer AS a LEFT JOIN json_each(a.answers) AS text"
        " WHERE a.name = ?1 AND a.type = ?2 AND a.expires_s > ?3 ORDER BY text.key",
    [LOCAL_PUT_ANSWER] =
        "INSERT OR REPLACE INTO dns_answer (name, type, status, answers, expires_s) VALUES (?, ?, ?, ?, ?)",
    [LOCAL_EXPIRE_ANSWERS] = "DELETE FROM dns_answer WHERE expires_s <= ?",
    [LOCAL_FIND_DNS_STATE] =
        "SELECT first_s, last_s, status, alias, answers FROM dns_state WHERE name = ? AND type = ?"
        " AND (status NOT IN ('failed', 'timeout')) = ? ORDER BY first_s DESC LIMIT 1",
    [LOCAL_LENGTHEN_DNS_STATE] =
        "UPDATE dns_state SET last_s = max(last_s, ?5)"
        " WHERE name = ?1 AND type = ?2 AND status = ?3 AND first_s = ?4",
    [LOCAL_ADD_DNS_STATE] =
        "INSERT OR REPLACE INTO dns_state (name, type, status, alias, answers, first_s, last_s)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
    [LOCAL_FORGET_DNS_STATE] = "DELETE FROM dns_state WHERE name = ?",
    /* What waits takes the place of what was told. */
    [LOCAL_EACH_TOLD] =
        "SELECT finding, state, severity, first_day, seen_day, told_s, message_id, found_day, missed_days,"
        " is_acknowledged, kind, domain, subject, title FROM notify_told WHERE section = ? AND message_id < ?"
        " ORDER BY message_id",
    [LOCAL_PUT_TOLD] =
        "INSERT OR REPLACE INTO notify_told (section, finding, state, severity, first_day, seen_day, told_s,"
        " message_id, found_day, missed_days, is_acknowledged, kind, domain, subject, title)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [LOCAL_FORGET_TOLD] = "DELETE FROM notify_told WHERE seen_day < ?",
    [LOCAL_FORGET_TOLD_DOMAIN] = "DELETE FROM notify_told WHERE domain = ?",
    [LOCAL_EACH_TOLD_DOMAIN] = "SELECT DISTINCT domain FROM notify_told",
    [LOCAL_TAKE_TOLD] = "UPDATE OR REPLACE notify_told SET message_id = 0 WHERE section = ? AND message_id = ?",
    [LOCAL_WITHDRAW_TOLD] = "DELETE FROM notify_told WHERE section = ? AND message_id >= ?",
    [LOCAL_PUT_MESSAGE] =
        "INSERT INTO notify_message (section, key, made_s, changes, subject, text, html, json, addressees, kinds,"
        " severity, domains, looked_s, period_day) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [LOCAL_NEXT_MESSAGE] =
        "SELECT id, key, made_s, changes, taken, subject, text, html, json, addressees, kinds, severity, domains,"
        " looked_s, period_day FROM notify_message WHERE section = ? AND id > ? ORDER BY id LIMIT 1",
    [LOCAL_SET_TAKEN] = "UPDATE notify_message SET taken = ? WHERE id = ?",
    [LOCAL_REMOVE_MESSAGE] = "DELETE FROM notify_message WHERE id = ?",
    [LOCAL_WITHDRAW_MESSAGES] = "DELETE FROM notify_message WHERE section = ? AND id >= ?",
    [LOCAL_REMOVE_HEARTBEATS] = "DELETE FROM notify_message WHERE section = ? AND changes = 0",
    [LOCAL_EACH_WAY] =
        "SELECT section, period_day, tried_s, failing_s, error, looked_s FROM notify_way ORDER BY section",
    [LOCAL_NOTE_WAY] =
        "INSERT INTO notify_way (section, tried_s, failing_s, error) VALUES (?1, ?2, iif(?3 IS NULL, NULL, ?2), ?3)"
        " ON CONFLICT (section) DO UPDATE SET tried_s = excluded.tried_s, error = excluded.error,"
        " failing_s = iif(?3 IS NULL, NULL, ifnull(failing_s, ?2))",
    [LOCAL_GIVE_UP_WAY] = "UPDATE notify_way SET failing_s = NULL, error = NULL WHERE section = ?",
    [LOCAL_SET_PROGRESS] =
        "INSERT INTO notify_way (section, looked_s, period_day) VALUES (?, ?, ?)"
        " ON CONFLICT (section) DO UPDATE SET looked_s = excluded.looked_s, period_day = excluded.period_day",
    [LOCAL_FIND_MAILBOX] = "SELECT id, uidvalidity, next_uid, read_s FROM mailbox WHERE account = ? AND folder = ?",
    [LOCAL_ADD_MAILBOX] =
        "INSERT INTO mailbox (account, folder, uidvalidity, next_uid, read_s) VALUES (?, ?, 0, 1, 0)"
        " ON CONFLICT DO NOTHING",
    [LOCAL_RENUMBER_MAILBOX] =
        "UPDATE mailbox SET uidvalidity = ?2, next_uid = 1, server_next_uid = NULL, marks = NULL WHERE id = ?1",
    /* Never back: a mail that was read stays read. */
    [LOCAL_ADVANCE_MAILBOX] = "UPDATE mailbox SET next_uid = max(next_uid, ?2) WHERE id = ?1",
    [LOCAL_FINISH_MAILBOX] = "UPDATE mailbox SET next_uid = max(next_uid, ?2), read_s = ?3 WHERE id = ?1",
    [LOCAL_NOTE_MAILBOX] =
        "UPDATE mailbox SET url = ?2, server_next_uid = ifnull(?3, server_next_uid), tried_s = ?4,"
        " error = ifnull(?5, error), error_s = iif(?5 IS NULL, error_s, ?4) WHERE id = ?1",
    [LOCAL_GET_MARKS] = "SELECT marks FROM mailbox WHERE id = ?",
    [LOCAL_PUT_MARKS] = "UPDATE mailbox SET marks = ?2 WHERE id = ?1",
    [LOCAL_EACH_MAILBOX] =
        "SELECT account, folder, url, next_uid, server_next_uid, nullif(read_s, 0), tried_s, error, error_s,"
        " (SELECT count(*) FROM mailbox_task WHERE mailbox_id = mailbox.id) FROM mailbox ORDER BY id",
    [LOCAL_ADD_NAME] = "INSERT INTO mailbox_name (mailbox_id, uid, name, came_s) VALUES (?, ?, ?, ?)",
    [LOCAL_REMOVE_NAME] = "DELETE FROM mailbox_name WHERE mailbox_id = ? AND uid = ?",
    [LOCAL_EACH_NAME] = "SELECT uid, name, came_s FROM mailbox_name WHERE mailbox_id = ? ORDER BY uid",
    [LOCAL_FORGET_TASKS] = "DELETE FROM mailbox_task WHERE mailbox_id = ?",
    [LOCAL_ADD_TASK] = "INSERT OR REPLACE INTO mailbox_task (mailbox_id, uid, outcome) VALUES (?, ?, ?)",
    [LOCAL_LIST_TASKS] =
        "SELECT uid FROM mailbox_task WHERE mailbox_id = ? AND outcome = ? AND uid >= ? ORDER BY uid LIMIT ?",
    [LOCAL_REFUSE_TASK] =
        "UPDATE mailbox_task SET refused_s = ?3 WHERE mailbox_id = ?1 AND uid = ?2 AND refused_s IS NULL",
    [LOCAL_IS_TASK_REFUSED] = "SELECT 1 FROM mailbox_task WHERE mailbox_id = ? AND uid = ? AND refused_s <= ?",
    [LOCAL_MARK_TASK] = "UPDATE mailbox_task SET outcome = ?3 WHERE mailbox_id = ?1 AND uid = ?2",
    [LOCAL_REMOVE_TASK] = "DELETE FROM mailbox_task WHERE mailbox_id = ? AND uid = ?",
};

int local_statement(struct local *l, enum local_statement which, sqlite3_stmt **ret, struct err *e) {
  int r = db_keep(l->db, SQL[which], &l->statements[which], e);
  if (r == 0) *ret = l->statements[which];
  return r;
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

int local_open(const char *path, enum local_mode mode, struct local **ret, struct err *e) {
  struct db *db;
  static const enum db_mode MODES[] = {
      [LOCAL_READ] = DB_READ, [LOCAL_WRITE] = DB_WRITE, [LOCAL_SCRATCH] = DB_SCRATCH, [LOCAL_REHEARSE] = DB_REHEARSE};
  int r = db_open(path, MODES[mode], &db, e);
  if (r < 0) return r;
  struct local *l = mem_zalloc(sizeof *l);
  l->db = db;
  *ret = l;
  return 0;
}

void local_close(struct local *l) {
  if (!l) return;
  db_finalise(l->statements, LOCAL_STATEMENTS);
  db_close(l->db);
  free(l);
}

struct db *local_db(struct local *l) {
  return l->db;
}

/* --- transactions ------------------------------------------------------------------------------------------------- */

int local_begin(struct local *l, struct err *e) { return db_begin(l->db, e); }

int local_commit(struct local *l, struct err *e) { return db_commit(l->db, e); }

void local_abort(struct local *l) { db_abort(l->db); }

bool local_in_transaction(const struct local *l) { return l->db->in_transaction; }

/* In WAL mode FULL means that the log is written through at each commit. */
int local_be_durable(struct local *l, struct err *e) { return db_run(l->db, "PRAGMA synchronous = FULL", e); }

int local_be_thorough(struct local *l, struct err *e) { return db_run(l->db, "PRAGMA secure_delete = ON", e); }

int local_give_back(struct local *l, struct err *e) { return db_give_back(l->db, e); }

int local_write_anew(struct local *l, struct err *e) { return db_write_anew(l->db, e); }

void local_while_waiting(struct local *l, const volatile sig_atomic_t *interrupted,
                         void (*tell)(void *user, const char *sentence), void *user) {
  l->db->interrupted = interrupted;
  l->db->tell = tell;
  l->db->user = user;
}

/* Locks of the open file, not of the process (fcntl(2)): closing another descriptor of the file leaves them, and the
 * kernel lets go of them when the process ends, however that happens. */
int local_lock(struct local *l, const char *what, int64_t number, int *ret_fd, struct err *e) {
  _cleanup_free_ char *path = mem_printf("%s-%s", l->db->path, what);
  _cleanup_close_ int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return err_set_errno(e, ERR_IO, "%s", path);
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)number, .l_len = 1};
  if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
    if (errno == EAGAIN || errno == EACCES) return 0;
    return err_set_errno(e, ERR_IO, "%s: cannot lock", path);
  }
  *ret_fd = fd;
  fd = -1;
  return 1;
}

void local_lock_remove(struct local *l, const char *what) {
  _cleanup_free_ char *path = mem_printf("%s-%s", l->db->path, what);
  unlink(path);
}

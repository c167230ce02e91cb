/* SPDX-License-Identifier: Apache-2.0 */
/* Opens a database: whose it is, which layout it has, creating and migrating it; and waiting for other processes. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/stop.h"
#include "sqlite/db.h"
#include "sqlite/guard.h"
#include "sqlite/layout.h"

#define APPLICATION_ID 0x444d5243 /* "DMRC" */

#define BUSY_POLL_NS 1500000L /* shorter than the pause of db_commit, so that a waiting importer gets its turn */
#define BUSY_WAIT_S 300
#define BUSY_TOLD_S 2 /* other imports commit each second */

/* What an open file turns out to be. */
enum layout { LAYOUT_CURRENT, LAYOUT_EMPTY, LAYOUT_OLDER };

static void tell_wait(struct db *db) {
  _cleanup_strbuf_ struct strbuf sentence = STRBUF_INIT;
  db->busy_told = true;
  if (!db->tell) return;
  strbuf_printf(&sentence, "waiting for another process that is writing to %s", db->path);
  db->tell(db->user, strbuf_text(&sentence));
}

static int wait_while_busy(void *user, int times_called) {
  struct db *db = user;
  double now_s = clock_now_s();
  if (stop_flag_is_set(db->interrupted)) return 0;
  if (times_called == 0) {
    db->busy_since_s = now_s;
    db->busy_told = false;
  }
  if (!db->busy_told && now_s - db->busy_since_s >= BUSY_TOLD_S) tell_wait(db);
  if (now_s - db->busy_since_s >= BUSY_WAIT_S) return 0;
  nanosleep(&(struct timespec){.tv_nsec = BUSY_POLL_NS}, NULL);
  return 1;
}

/* In one statement, which sees one state: between two of them another process may create what was not there. */
static int identify(struct db *db, enum layout *ret, struct err *e) {
  _cleanup_statement_ sqlite3_stmt *q = NULL;
  int r = db_prepare(db,
                     "SELECT (SELECT application_id FROM pragma_application_id),"
                     " (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)",
                     &q, e);
  if (r < 0 || (r = db_step(db, q, e)) < 0) return r;
  int64_t application = sqlite3_column_int64(q, 0), version = sqlite3_column_int64(q, 1);
  int64_t objects = sqlite3_column_int64(q, 2);
  if (application == 0 && version == 0 && objects == 0) {
    *ret = LAYOUT_EMPTY;
    return 0;
  }
  if (application != APPLICATION_ID || version < 0)
    return err_set(e, ERR_STORE, "%s: is a database of another program", db->path);
  if (version > LAYOUT_VERSION)
    return err_set(e, ERR_STORE, "%s: was made by a newer dmarcctl (its layout is %lld, this program knows %d)",
                   db->path, (long long)version, LAYOUT_VERSION);
  *ret = version == LAYOUT_VERSION ? LAYOUT_CURRENT : LAYOUT_OLDER;
  return 0;
}

/* --- creating and migrating --------------------------------------------------------------------------------------- */

/* Inside a transaction. Looks again, because another process may have been here while we waited for the lock. */
static int bring_up_to_date(struct db *db, struct err *e) {
  enum layout layout;
  int r = identify(db, &layout, e);
  if (r < 0) return r;
  if (layout == LAYOUT_CURRENT) return layout_check(db, e);
  r = layout == LAYOUT_EMPTY ? layout_create(db, e) : layout_migrate(db, e);
  if (r < 0 || (r = layout_check(db, e)) < 0) return r;
  char pragmas[80];
  snprintf(pragmas, sizeof pragmas, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID,
           LAYOUT_VERSION);
  return db_run(db, pragmas, e);
}

static int create_or_migrate(struct db *db, struct err *e) {
  int r = db_run(db, "BEGIN IMMEDIATE", e);
  if (r < 0) return r;
  r = bring_up_to_date(db, e);
  if (r == 0) r = db_run(db, "COMMIT", e);
  if (r < 0) sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
  return r;
}

/* Readers then never wait for writers. SQLite gives up at once where another process is just doing the same, so the
 * waiting is ours. */
static int use_write_ahead_log(struct db *db, struct err *e) {
  for (int i = 0; sqlite3_exec(db->handle, "PRAGMA journal_mode = WAL", NULL, NULL, NULL) != SQLITE_OK; i++)
    if ((sqlite3_errcode(db->handle) & 0xff) != SQLITE_BUSY || !wait_while_busy(db, i)) return db_error(db, e);
  return 0;
}

static int prepare_for_writing(struct db *db, struct err *e) {
  enum layout layout;
  int r = identify(db, &layout, e);
  /* So that pruning can give space back (space.c). It is said before the first table is made, or never. */
  if (r == 0 && layout == LAYOUT_EMPTY) r = db_run(db, "PRAGMA auto_vacuum = INCREMENTAL", e);
  if (r == 0) r = layout == LAYOUT_CURRENT ? layout_check(db, e) : create_or_migrate(db, e);
  if (r < 0 || (r = use_write_ahead_log(db, e)) < 0) return r;
  /* NORMAL: a power failure may cost the last transactions, never the database. The log may grow to 8000 pages (32 MB):
   * a page that changes again and again is then copied back less often, which spares a tenth of an import. */
  return db_run(db,
                "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = 33554432;"
                " PRAGMA cache_size = -8192",
                e);
}

static int configure(struct db *db, struct err *e) {
  sqlite3_busy_handler(db->handle, wait_while_busy, db);
  return guard_handle(db, e);
}

/* What a writer would have, without writing: a temporary database of SQLite's, which nobody can find, takes the place
 * of the file. */
static int migrate_copy(struct db *db, struct err *e) {
  sqlite3 *file = db->handle;
  if (sqlite3_open_v2("", &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) !=
      SQLITE_OK) {
    sqlite3_close(file);
    return db_error(db, e);
  }
  sqlite3_backup *copy = sqlite3_backup_init(db->handle, "main", file, "main");
  if (copy) sqlite3_backup_step(copy, -1);
  int copied = copy ? sqlite3_backup_finish(copy) : SQLITE_ERROR;
  sqlite3_close(file);
  if (copied != SQLITE_OK) return db_error(db, e);
  int r = configure(db, e);
  return r < 0 ? r : create_or_migrate(db, e);
}

static int prepare_for_reading(struct db *db, struct err *e) {
  enum layout layout;
  int r = identify(db, &layout, e);
  if (r == 0 && db->rehearses && layout == LAYOUT_EMPTY)
    return err_set(e, ERR_NOT_FOUND, "%s: holds nothing yet", db->path);
  if (r == 0 && db->rehearses && layout == LAYOUT_OLDER) {
    r = migrate_copy(db, e);
    layout = LAYOUT_CURRENT;
  }
  if (r < 0) return r;
  if (layout == LAYOUT_EMPTY) return err_set(e, ERR_STORE, "%s: holds nothing yet: run an import first", db->path);
  if (layout == LAYOUT_OLDER)
    return err_set(e, ERR_STORE, "%s: was made by an older dmarcctl: run an import once to bring it up to date",
                   db->path);
  if ((r = layout_check(db, e)) < 0) return r;
  return db_run(db, "PRAGMA query_only = ON; PRAGMA cache_size = -8192", e);
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static int make_folders(const char *path, struct err *e) {
  _cleanup_free_ char *folder = mem_strdup(path);
  for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    if (mkdir(folder, 0700) < 0 && errno != EEXIST) return err_set_errno(e, ERR_IO, "%s", folder);
    *slash = '/';
  }
  return 0;
}

/* SQLite says of a folder in which it may make nothing that there is no file. */
static int check_folder(const char *path, struct err *e) {
  const char *slash = strrchr(path, '/');
  _cleanup_free_ char *folder = slash ? mem_strndup(path, (size_t)(slash - path) + 1) : mem_strdup(".");
  if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0) return 0;
  return err_set_errno(e, ERR_IO, "%s: cannot be made", path);
}

static int check_path(const char *path, enum db_mode mode, struct err *e) {
  struct stat st;
  if (!*path) return err_set(e, ERR_USAGE, "no database is named, and there is no home folder for one: say --db FILE");
  if (stat(path, &st) == 0) {
    if (S_ISDIR(st.st_mode)) return err_set(e, ERR_STORE, "%s: is a directory, not a database", path);
    return 0;
  }
  if (errno != ENOENT) return err_set_errno(e, ERR_IO, "%s", path);
  if (mode == DB_WRITE) {
    int code = make_folders(path, e);
    return code < 0 ? code : check_folder(path, e);
  }
  return err_set(e, ERR_NOT_FOUND, "%s: there is no such database", path);
}

static int open_handle(struct db *db, const char *name, int flags, struct err *e) {
  /* Nobody asks SQLite how much memory it holds; counting costs a lock around every allocation. Refused, and no matter,
   * where another handle is open already. */
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  if (sqlite3_open_v2(name, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) return db_error(db, e);
  return configure(db, e);
}

/* With "./" in front of relative names: SQLite reads "file:..." and ":memory:" otherwise. */
static char *plain_name(const char *path) { return mem_printf("%s%s", path[0] == '/' ? "" : "./", path); }

static char *immutable_name(const char *path) {
  struct strbuf name = STRBUF_INIT;
  strbuf_add_text(&name, path[0] == '/' ? "file:" : "file:./");
  for (const char *p = path; *p; p++) {
    if (strchr("%?#", *p))
      strbuf_printf(&name, "%%%02x", (unsigned char)*p);
    else
      strbuf_add_char(&name, *p);
  }
  strbuf_add_text(&name, "?immutable=1");
  return name.data;
}

/* The size of the log beside the database, -1 where there is none. */
static int64_t log_bytes(const char *path) {
  _cleanup_free_ char *log = mem_printf("%s-wal", path);
  struct stat st;
  return stat(log, &st) == 0 ? st.st_size : -1;
}

/* A reader in WAL mode has to create files beside the database. Where it may not (another user's folder, a read-only
 * medium) and no import is going on, the file alone is all there is: SQLite reads it if we vouch that it stays so. An
 * import that begins meanwhile may then show as damage, once. */
static int reopen_immutable(struct db *db, struct err *e) {
  _cleanup_free_ char *name = immutable_name(db->path);
  sqlite3_close(db->handle);
  db->handle = NULL;
  int r = open_handle(db, name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, e);
  return r < 0 ? r : prepare_for_reading(db, e);
}

static bool cannot_create_beside(struct db *db) {
  int code = sqlite3_errcode(db->handle) & 0xff;
  return (code == SQLITE_CANTOPEN || code == SQLITE_READONLY) && log_bytes(db->path) <= 0;
}

/* No power failure can cost what is to be gone anyway. */
static int open_scratch(struct db *db, struct err *e) {
  int r = open_handle(db, "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, e);
  if (r == 0) r = create_or_migrate(db, e);
  return r < 0 ? r : db_run(db, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA cache_size = -8192", e);
}

/* A new one is nobody else's, whatever the umask says; SQLite gives the files beside it the same mode. */
static int make_private(const char *path, struct err *e) {
  _cleanup_close_ int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0 ? fchmod(fd, 0600) == 0 : errno == EEXIST && access(path, F_OK) == 0) return 0;
  if (errno == ENOENT) return err_set(e, ERR_IO, "%s: is a link to a file that does not exist", path);
  return err_set_errno(e, ERR_IO, "%s: cannot be made", path);
}

static int open_for_writing(struct db *db, const char *name, struct err *e) {
  struct stat st;
  if (stat(db->path, &st) < 0 && errno == ENOENT) {
    int made = make_private(db->path, e);
    if (made < 0) return made;
  }
  int r = open_handle(db, name, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, e);
  return r < 0 ? r : prepare_for_writing(db, e);
}

static int open_for_reading(struct db *db, const char *name, struct err *e) {
  db->tidies = log_bytes(db->path) < 0;
  int r = open_handle(db, name, SQLITE_OPEN_READONLY, e);
  if (r < 0 || (r = prepare_for_reading(db, e)) == 0) return r;
  return r == ERR_STORE && cannot_create_beside(db) ? reopen_immutable(db, e) : r;
}

static int open_file(struct db *db, struct err *e) {
  _cleanup_free_ char *name = plain_name(db->path);
  return db->writes ? open_for_writing(db, name, e) : open_for_reading(db, name, e);
}

/* A reader, which may not write to the file, makes the two files beside it and cannot take them away. Where it made
 * them, a handle that may write, where the user may, does so as it is closed: there is nothing else to write then. */
static void tidy(const struct db *db) {
  _cleanup_free_ char *name = plain_name(db->path);
  sqlite3 *handle = NULL;
  if (sqlite3_open_v2(name, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK)
    sqlite3_exec(handle, "PRAGMA user_version", NULL, NULL, NULL);
  sqlite3_close(handle);
}

int db_open(const char *path, enum db_mode mode, struct db **ret, struct err *e) {
  int r = mode == DB_SCRATCH ? 0 : check_path(path, mode, e);
  if (r < 0) return r;
  struct db *db = mem_zalloc(sizeof *db);
  db->path = mem_strdup(path);
  db->writes = mode == DB_WRITE || mode == DB_SCRATCH;
  db->rehearses = mode == DB_REHEARSE;
  db->is_scratch = mode == DB_SCRATCH;
  r = mode == DB_SCRATCH ? open_scratch(db, e) : open_file(db, e);
  if (r < 0) {
    db_close(db);
    return r;
  }
  *ret = db;
  return 0;
}

void db_close(struct db *db) {
  if (!db) return;
  db_finalise(db->idle, db->idle_count);
  sqlite3_close(db->handle); /* rolls back what is open */
  if (db->tidies && log_bytes(db->path) == 0) tidy(db);
  free(db->path);
  free(db);
}

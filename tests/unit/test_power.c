/* SPDX-License-Identifier: Apache-2.0 */
/* The power goes, or the disk is full, at every moment of an import: what was acknowledged stays, and the next import
 * completes the rest.
 *
 * Acknowledged is a report whose import has ended, and one whose mail the server was told to move or to delete: there
 * is no other copy of that. Everything runs on the disk of faulty_disk.h. By night (NIGHTLY in the environment) more is
 * drawn at each moment, and the disk is full at every write; by day at some of them. */
#include "import_kit.h"

#include "faulty_disk.h"
#include "import/protocols.h"
#include "import/run.h"
#include "mailbox/protocol.h"

#define REPORTS 6
#define A_TIME 2 /* reports of one import, or mails of one reading */
#define RECORDS 60
#define MESSAGES (RECORDS * (RECORDS + 1) / 2)

/* --- a server, and files ------------------------------------------------------------------------------------------ */

/* What stands outside of the database, which the power cannot take away. */
struct outside {
  bool mails;             /* reports come as mails; else as files */
  bool moves;             /* the server can move a mail in one step */
  bool there[REPORTS];    /* the mail is still in the folder */
  bool imported[REPORTS]; /* the import of the file has ended */
  enum mail_after after;
};
static struct outside outside;

/* The server has done something, which the database may not know yet. */
static void (*on_act)(void);

struct fake_folder {
  struct mail_folder base;
  uint32_t uid, end;
};

static struct mail_folder *fake_make(void) { return mem_zalloc(sizeof(struct fake_folder)); }
static void fake_free(struct mail_folder *f) { free(f); }

static int fake_find(struct mail_folder *folder, uint32_t uidvalidity, uint32_t from_uid, const char *marks,
                     struct mail_listing *ret, struct err *e) {
  struct fake_folder *f = (struct fake_folder *)folder;
  (void)marks, (void)e;
  *ret = (struct mail_listing){.uidvalidity = 7};
  f->uid = uidvalidity == 7 ? from_uid : 1;
  for (f->end = f->uid; f->end <= REPORTS && ret->count < folder->account->most; f->end++)
    ret->count += outside.there[f->end - 1];
  ret->next_uid = f->end;
  return 0;
}

static uint32_t fake_find_again(struct mail_folder *folder, const uint32_t *uids, uint32_t count) {
  struct fake_folder *f = (struct fake_folder *)folder;
  uint32_t all = 0;
  (void)uids;
  assert_int_equal(count, 0);
  for (uint32_t uid = f->uid; uid < f->end; uid++) all += outside.there[uid - 1];
  return all;
}

static struct strbuf report_number(unsigned i) {
  char id[8];
  snprintf(id, sizeof id, "r%u", i);
  return report_of(id, RECORDS, false);
}

static int fake_next(struct mail_folder *folder, struct remote_mail *ret, struct err *e) {
  struct fake_folder *f = (struct fake_folder *)folder;
  (void)e;
  while (f->uid < f->end && !outside.there[f->uid - 1]) f->uid++;
  if (f->uid >= f->end) return 0;
  _cleanup_strbuf_ struct strbuf report = report_number(f->uid - 1);
  struct strbuf mail = STRBUF_INIT;
  strbuf_printf(&mail, "From: noc@reporter.example\nContent-Type: application/xml\n\n%s\n", report.data);
  *ret = (struct remote_mail){
      .uid = f->uid++, .state = REMOTE_MAIL_HERE, .size = mail.length, .memory = (unsigned char *)mail.data, .fd = -1};
  return 1;
}

static void fake_rest(struct mail_folder *f) { (void)f; }

static int fake_prepare(struct mail_folder *f, uint32_t uidvalidity, bool *ret_moves, bool *ret_expunges,
                        struct err *e) {
  (void)f, (void)e;
  assert_int_equal(uidvalidity, 7);
  *ret_moves = outside.moves;
  *ret_expunges = true;
  return 0;
}

static int fake_act(struct mail_folder *f, enum mail_act act, const uint32_t *uids, uint32_t count, const char *text,
                    struct err *e) {
  (void)f, (void)text, (void)e;
  for (uint32_t i = 0; i < count; i++) {
    if (act == MAIL_ACT_MOVE || act == MAIL_ACT_DELETE) outside.there[uids[i] - 1] = false;
    if (on_act) on_act();
  }
  return 0;
}

static uint32_t fake_next_uid(const struct mail_folder *f) {
  (void)f;
  return REPORTS + 1;
}
static double fake_not_before(const struct mail_folder *f) {
  (void)f;
  return 0;
}

static const struct mail_protocol FAKE = {.make = fake_make,
                                          .free = fake_free,
                                          .find = fake_find,
                                          .find_again = fake_find_again,
                                          .next = fake_next,
                                          .rest = fake_rest,
                                          .prepare = fake_prepare,
                                          .act = fake_act,
                                          .next_uid = fake_next_uid,
                                          .not_before = fake_not_before};

/* In the place of import/protocols.c. */
const struct mail_protocol *protocol_of(const struct mail_account *a) {
  (void)a;
  return &FAKE;
}

/* --- an import ---------------------------------------------------------------------------------------------------- */

static char folder[] = "/tmp/test_power.XXXXXX";
static char *path_of(const char *name) { return mem_printf("%s/%s", folder, name); }

static void on_begun(void *user) { (void)user; }
static void on_document(void *user, enum document_outcome outcome, const char *origin, const char *reason) {
  (void)user, (void)outcome, (void)origin, (void)reason;
}
static void on_remark(void *user, const char *sentence) { (void)user, (void)sentence; }
static void on_mailbox(void *user, const char *url, enum mailbox_end end, const struct err *e) {
  (void)url;
  if (end == MAILBOX_FAILED) *(struct err *)user = *e;
}
static void on_ended(void *user, const struct settle_counts *counts, int code, double seconds, const struct err *e) {
  (void)counts, (void)seconds;
  if (code < 0) *(struct err *)user = *e;
}

static void describe_account(struct mail_account *a) {
  struct err e;
  mail_account_init(a);
  assert_int_equal(mail_account_set_url(a, "imaps://joe@imap.example.com/Reports", &e), 0);
  assert_int_equal(mail_account_set_after(a, outside.after == MAIL_AFTER_MOVE ? "move:Done" : "delete", &e), 0);
  assert_int_equal(mail_account_finish(a, &e), 0);
  a->most = A_TIME;
}

/* The reports from `first` on, as many as come at a time; of mails, the next ones. 0, or what went wrong, in `e`. */
static int import_some(const char *path, unsigned first, struct err *e) {
  const struct import_options options = {.jobs = 1, .intake = INTAKE_LIMITS_DEFAULT, .parser = PARSER_LIMITS_DEFAULT};
  struct err told = {""};
  const struct import_events events = {on_begun, on_document, NULL, on_remark, on_mailbox, on_ended, &told};
  struct import_sources sources = {.path_count = 0};
  struct mail_account account;
  const char *paths[A_TIME];
  char *names[A_TIME] = {NULL};
  struct local *local = NULL;
  int code = local_open(path, LOCAL_WRITE, &local, e);
  if (code < 0) return code;
  struct store *store = store_open_in(local_db(local));
  describe_account(&account);
  if (outside.mails) sources = (struct import_sources){.accounts = &account, .account_count = 1};
  for (unsigned i = 0; i < A_TIME && !outside.mails; i++) {
    char name[8];
    snprintf(name, sizeof name, "r%u", first + i);
    paths[i] = names[i] = path_of(name);
    sources.paths = paths;
    sources.path_count = i + 1;
  }
  code = import_run(local, store, &sources, &options, &events, e);
  if (code == 0 && *told.text) { /* of a mailbox */
    *e = told;
    code = ERR_IO;
  }
  store_close(store);
  local_close(local);
  for (unsigned i = 0; i < A_TIME; i++) {
    if (!code && !outside.mails) outside.imported[first + i] = true;
    free(names[i]);
  }
  mail_account_clear(&account);
  return code;
}

static int import_all(const char *path, struct err *e) {
  for (unsigned i = 0; i < REPORTS; i += A_TIME) {
    int code = import_some(path, i, e);
    if (code < 0) return code;
  }
  return 0;
}

/* --- what has to be so -------------------------------------------------------------------------------------------- */

static bool is_acknowledged(unsigned i) { return outside.mails ? !outside.there[i] : outside.imported[i]; }

static int64_t number_in(sqlite3 *db, const char *sql) {
  sqlite3_stmt *q;
  assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(q), SQLITE_ROW);
  int64_t number = sqlite3_column_int64(q, 0);
  sqlite3_finalize(q);
  return number;
}

/* A sound file of whole reports, with each that was acknowledged; `all`: with all of them, and nothing else. */
static void expect_sound(const char *path, const char *moment, bool all) {
  sqlite3 *db;
  sqlite3_stmt *q;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  if (sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &q, NULL) != SQLITE_OK || sqlite3_step(q) != SQLITE_ROW)
    fail_msg("%s: %s", moment, sqlite3_errmsg(db));
  if (strcmp((const char *)sqlite3_column_text(q, 0), "ok") != 0) fail_msg("%s: %s", moment, sqlite3_column_text(q, 0));
  sqlite3_finalize(q);
  if (!all && !number_in(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'report'")) {
    for (unsigned i = 0; i < REPORTS; i++)
      if (is_acknowledged(i)) fail_msg("%s: the database is empty, and r%u was acknowledged", moment, i);
    sqlite3_close(db);
    return;
  }
  for (unsigned i = 0; i < REPORTS; i++) {
    _cleanup_free_ char *sql = mem_printf("SELECT count(*) FROM report WHERE report_id = 'r%u'", i);
    int64_t times = number_in(db, sql);
    if (times > 1 || (!times && (all || is_acknowledged(i))))
      fail_msg("%s: r%u is there %d times", moment, i, (int)times);
  }
  int64_t reports = number_in(db, "SELECT count(*) FROM report");
  assert_int_equal(number_in(db, "SELECT count(*) FROM record"), reports * RECORDS);
  assert_int_equal(number_in(db, "SELECT coalesce(sum(count), 0) FROM record"), reports * MESSAGES);
  sqlite3_close(db);
}

static void take_away(const char *path) {
  static const char *const SUFFIXES[] = {"", "-wal", "-journal", "-shm", "-mailboxes"};
  for (size_t i = 0; i < ARRAY_SIZE(SUFFIXES); i++) {
    _cleanup_free_ char *name = mem_printf("%s%s", path, SUFFIXES[i]);
    unlink(name);
  }
}

/* Whatever became of the database: it is sound, and the import goes on from there. */
static void expect_recovery(const char *path, const char *moment) {
  struct err e = {""};
  expect_sound(path, moment, false);
  if (import_all(path, &e) < 0) fail_msg("%s: the next import fails: %s", moment, e.text);
  expect_sound(path, moment, true);
  for (unsigned i = 0; i < REPORTS; i++) assert_true(is_acknowledged(i));
}

static void begin_anew(bool mails, enum mail_after after, bool moves) {
  outside = (struct outside){.mails = mails, .after = after, .moves = moves};
  for (unsigned i = 0; i < REPORTS; i++) outside.there[i] = true;
}

/* --- the power goes ----------------------------------------------------------------------------------------------- */

/* What was at one moment. */
struct moment {
  struct disk_image left[DISK_FILES];
  struct outside outside;
  char name[80];
};
static struct moment *moments;
static unsigned moment_count, moment_capacity;
static uint64_t chance;
static unsigned draws, rounds; /* of sectors, at each moment; of all that */

static void note_loss(enum power_loss loss, const char *what) {
  static const char *const WORDS[] = {"all", "nothing", "the last writes", "some sectors"};
  MEM_GROW(moments, moment_capacity, moment_count);
  struct moment *m = &moments[moment_count++];
  *m = (struct moment){.outside = outside};
  uint64_t first = disk.writes;
  for (int i = 0; i < DISK_FILES; i++)
    if (disk.files[i].count && disk.files[i].writes[0].number < first) first = disk.files[i].writes[0].number;
  const uint64_t last = first + disk_draw(&chance, disk.writes - first + 1);
  for (int i = 0; i < DISK_FILES; i++) m->left[i] = disk_left(&disk.files[i], loss, last, &chance);
  snprintf(m->name, sizeof m->name, "%s %llu, behind write %llu, %s lost", what, (unsigned long long)disk.syncs,
           (unsigned long long)disk.writes, WORDS[loss]);
}

static void note_losses(const char *what) {
  for (int loss = 0; loss < POWER_LOSSES; loss++)
    for (unsigned i = 0; i < (loss == LOSS_OF_ALL || loss == LOSS_OF_NONE ? 1 : draws); i++)
      note_loss((enum power_loss)loss, what);
}

static void on_sync(void *user) {
  (void)user;
  note_losses("sync");
}
static void on_act_of_server(void) { note_losses("act behind sync"); }

static void expect_recovery_of(struct moment *m) {
  static unsigned number; /* a test that failed leaves its database open, and locked */
  _cleanup_free_ char *path = mem_printf("%s/left%u.db", folder, number++);
  for (int i = 0; i < DISK_FILES; i++) {
    _cleanup_free_ char *name = mem_printf("%s%s", path, DISK_SUFFIXES[i]);
    struct disk_image *left = &m->left[i];
    if (left->exists || left->size || !i) { /* the database itself was made, empty, before all else */
      _cleanup_close_ int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
      assert_int_equal(write(fd, left->bytes, left->size), left->size);
    }
    free(left->bytes);
  }
  outside = m->outside;
  expect_recovery(path, m->name);
  take_away(path);
}

static void lose_power_once(bool mails, enum mail_after after, bool moves) {
  _cleanup_free_ char *path = path_of("x.db");
  struct err e = {""};
  begin_anew(mails, after, moves);
  moment_count = 0;
  disk.path = path;
  disk.before_sync = on_sync;
  on_act = on_act_of_server;
  if (import_all(path, &e) < 0) fail_msg("%s", e.text);
  note_losses("the end behind sync");
  on_act = NULL;
  const unsigned syncs = (unsigned)disk.syncs;
  disk_forget(&disk);
  take_away(path);
  for (unsigned i = 0; i < moment_count; i++) expect_recovery_of(&moments[i]);
  print_message("%u syncs, %u losses\n", syncs, moment_count);
  assert_true(syncs > 10 && moment_count > syncs);
}

static void lose_power(bool mails, enum mail_after after, bool moves) {
  for (unsigned i = 0; i < rounds; i++) lose_power_once(mails, after, moves);
}

static void a_loss_of_power_costs_no_report_of_a_file(void **state) {
  (void)state;
  lose_power(false, MAIL_AFTER_NOTHING, false);
}
static void nor_one_whose_mail_was_deleted(void **state) {
  (void)state;
  lose_power(true, MAIL_AFTER_DELETE, true);
}
static void nor_one_whose_mail_was_moved(void **state) {
  (void)state;
  lose_power(true, MAIL_AFTER_MOVE, true);
}
static void nor_one_whose_mail_was_copied_and_then_deleted(void **state) {
  (void)state;
  lose_power(true, MAIL_AFTER_MOVE, false);
}

/* --- the disk is full --------------------------------------------------------------------------------------------- */

/* At write `n`. False: there were not so many. */
static bool fill_at(uint64_t n, bool once) {
  _cleanup_free_ char *path = mem_printf("%s/full%d.db", folder, (int)n),
                      *moment = mem_printf("full at write %d", (int)n);
  struct err e = {""};
  disk.path = path;
  disk.full_at = n;
  disk.full_once = once;
  int code = import_all(path, &e);
  const bool was_full = disk.writes >= n;
  disk_forget(&disk);
  /* What is written behind the last commit, as the log is copied back, can be written another time. */
  if (was_full && code < 0 && !strstr(e.text, "no space is left")) fail_msg("%s: told as \"%s\"", moment, e.text);
  if (!was_full) assert_int_equal(code, 0);
  expect_recovery(path, moment);
  take_away(path);
  return was_full;
}

static void fill(bool mails) {
  const unsigned step = draws > 1 ? 1 : 7;
  unsigned tried = 0;
  uint64_t n = 1;
  do {
    begin_anew(mails, MAIL_AFTER_DELETE, true);
    tried++;
    n += step;
  } while (fill_at(n - step, tried % 3 == 0));
  print_message("%u writes, full at %u of them\n", (unsigned)n, tried);
  assert_true(tried > 10);
}

static void a_full_disk_costs_no_report_of_a_file_and_is_told(void **state) {
  (void)state;
  fill(false);
}
static void nor_one_whose_mail_was_deleted_from_a_server(void **state) {
  (void)state;
  fill(true);
}

/* --- ---------------------------------------------------------------------------------------------------------------- */

static int set_up(void **state) {
  (void)state;
  if (!mkdtemp(folder)) return -1;
  for (unsigned i = 0; i < REPORTS; i++) {
    char name[8];
    snprintf(name, sizeof name, "r%u", i);
    _cleanup_free_ char *path = path_of(name);
    _cleanup_strbuf_ struct strbuf report = report_number(i);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(report.data, 1, report.length, file), report.length);
    assert_int_equal(fclose(file), 0);
  }
  const char *seed = getenv("POWER_SEED");
  chance = seed ? strtoull(seed, NULL, 10) | 1 : 1;
  draws = getenv("NIGHTLY") ? 8 : 1;
  rounds = getenv("NIGHTLY") ? 5 : 1;
  disk_install();
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  _cleanup_free_ char *command = mem_printf("rm -rf %s", folder);
  free(moments);
  return system(command);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_loss_of_power_costs_no_report_of_a_file),
      cmocka_unit_test(nor_one_whose_mail_was_deleted),
      cmocka_unit_test(nor_one_whose_mail_was_moved),
      cmocka_unit_test(nor_one_whose_mail_was_copied_and_then_deleted),
      cmocka_unit_test(a_full_disk_costs_no_report_of_a_file_and_is_told),
      cmocka_unit_test(nor_one_whose_mail_was_deleted_from_a_server),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}

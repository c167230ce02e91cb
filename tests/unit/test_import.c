/* SPDX-License-Identifier: Apache-2.0 */
/* A whole import without the program: real files and mailboxes out of reach in, events and rows out. */
#include "import_kit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "import/run.h"
#include "local/mailboxes.h"

/* --- a folder, a database, and what is told ----------------------------------------------------------------------- */

struct fixture {
  char folder[64];
  char *paths[8];
  struct import_sources sources;
  struct import_options options;
  struct local *local;
  struct store *store;
  struct strbuf told; /* each event but progress, in words */
  volatile sig_atomic_t interrupted;
  bool interrupt_with_document;
  unsigned progressed;
  double progress_inputs;
  uint64_t progress_of;
  struct settle_counts counts; /* of the last round */
  struct err e;
};

static char *path_in(const struct fixture *f, const char *name) { return mem_printf("%s/%s", f->folder, name); }

static int set_up(void **state) {
  struct fixture *f = mem_zalloc(sizeof *f);
  snprintf(f->folder, sizeof f->folder, "/tmp/test_import.XXXXXX");
  if (!mkdtemp(f->folder)) return -1;
  f->options = (struct import_options){
      .jobs = 2, .intake = INTAKE_LIMITS_DEFAULT, .parser = PARSER_LIMITS_DEFAULT, .interrupted = &f->interrupted};
  f->sources.paths = mem_zalloc(ARRAY_SIZE(f->paths) * sizeof *f->sources.paths);
  _cleanup_free_ char *path = path_in(f, "db");
  *state = f;
  int r = local_open(path, LOCAL_WRITE, &f->local, &f->e);
  if (r == 0) f->store = store_open_in(local_db(f->local));
  return r;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  store_close(f->store);
  local_close(f->local);
  for (unsigned i = 0; i < f->sources.path_count; i++) free(f->paths[i]);
  for (unsigned i = 0; i < f->sources.account_count; i++) mail_account_clear(&f->sources.accounts[i]);
  free(f->sources.paths);
  free(f->sources.accounts);
  strbuf_clear(&f->told);
  _cleanup_free_ char *command = mem_printf("rm -rf %s", f->folder);
  int r = system(command);
  free(f);
  return r;
}

static void add_path(struct fixture *f, const char *name) {
  f->paths[f->sources.path_count] = path_in(f, name);
  f->sources.paths[f->sources.path_count] = f->paths[f->sources.path_count];
  f->sources.path_count++;
}

static void write_file(const struct fixture *f, const char *name, struct strbuf bytes) {
  _cleanup_free_ char *path = path_in(f, name);
  _cleanup_fclose_ FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes.data, 1, bytes.length, file), bytes.length);
  strbuf_clear(&bytes);
}

static void add_file(struct fixture *f, const char *name, struct strbuf bytes) {
  write_file(f, name, bytes);
  add_path(f, name);
}

static void on_begun(void *user) { strbuf_add_text(&((struct fixture *)user)->told, "begun\n"); }

static void on_document(void *user, enum document_outcome outcome, const char *origin, const char *reason) {
  struct fixture *f = user;
  const char *slash = strrchr(origin, '/');
  strbuf_printf(&f->told, "%s: %s: %s\n", slash ? slash + 1 : origin, document_outcome_word(outcome), reason);
  if (f->interrupt_with_document) f->interrupted = 1;
}

static void on_progress(void *user, const struct import_progress *p) {
  struct fixture *f = user;
  f->progressed++;
  assert_true(p->inputs >= f->progress_inputs);
  f->progress_inputs = p->inputs;
  f->progress_of = p->of_inputs;
}

static void on_remark(void *user, const char *sentence) {
  strbuf_printf(&((struct fixture *)user)->told, "remark: %s\n", sentence);
}

static void on_mailbox(void *user, const char *url, enum mailbox_end end, const struct err *e) {
  struct fixture *f = user;
  static const char *const ENDS[] = {"done", "taken", "failed", "stop"};
  size_t length = strlen(url);
  strbuf_printf(&f->told, "mailbox %s: %s\n", strrchr(url, '/') + 1, ENDS[end]);
  if (end == MAILBOX_FAILED) assert_memory_equal(e->text, url, length);
}

static void on_ended(void *user, const struct settle_counts *counts, int code, double seconds, const struct err *e) {
  (void)seconds;
  struct fixture *f = user;
  f->counts = *counts;
  strbuf_printf(&f->told, "ended: %d%s%s\n", code, code ? " " : "", code ? e->text : "");
}

static int run_import(struct fixture *f, bool with_progress) {
  const struct import_events events = {.begun = on_begun,
                                       .document = on_document,
                                       .progress = with_progress ? on_progress : NULL,
                                       .remark = on_remark,
                                       .mailbox = on_mailbox,
                                       .ended = on_ended,
                                       .user = f};
  strbuf_reset(&f->told);
  return import_run(f->local, f->store, &f->sources, &f->options, &events, &f->e);
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static void add_all_sorts(struct fixture *f) {
  add_file(f, "1", report_of("one", 3, false));
  add_file(f, "2", report_of("one", 3, false));
  add_file(f, "3", report_of("one", 4, false));
  add_file(f, "4", report_of("cut", 5, true));
  struct strbuf picture = STRBUF_INIT;
  strbuf_add_text(&picture, "GIF89a");
  add_file(f, "5", picture);
  add_path(f, "missing");
  add_file(f, "6", report_of("large", 1500, false));
}

static void assert_all_sorts_told(const struct fixture *f) {
  const char *told = strbuf_text(&f->told);
  assert_memory_equal(told, "begun\n3: conflicting: the same report with other content", 56);
  assert_non_null(strstr(told, "\n4: damaged: line "));
  assert_non_null(strstr(told, "\n5: no-report: a GIF picture\n: rejected: "));
  assert_non_null(strstr(told, "missing"));
  assert_non_null(strstr(told, "\nended: 0\n"));
}

static void assert_all_sorts_counted(const struct settle_counts *c) {
  assert_int_equal(c->files, 7);
  assert_int_equal(c->mails, 0);
  assert_int_equal(c->documents, 7);
  static const uint64_t EXPECTED[DOCUMENT_OUTCOMES] = {2, 1, 1, 1, 1, 1};
  for (int i = 0; i < DOCUMENT_OUTCOMES; i++) assert_int_equal(c->outcomes[i], EXPECTED[i]);
  assert_int_equal(c->reports, 3);
  assert_int_equal(c->records, 3 + 5 + 1500);
  assert_int_equal(c->messages, 6 + 15 + 1500 * 1501 / 2);
  assert_int_equal(c->unopened, 1);
}

static void each_document_is_told_and_counted_once(void **state) {
  struct fixture *f = *state;
  add_all_sorts(f);
  assert_int_equal(run_import(f, false), 0);
  assert_all_sorts_told(f);
  assert_all_sorts_counted(&f->counts);
}

static void a_dry_run_tells_and_counts_the_same_and_writes_nothing(void **state) {
  struct fixture *f = *state;
  add_all_sorts(f);
  f->options.dry_run = true;
  for (int with_store = 1; with_store >= 0; with_store--) {
    assert_int_equal(run_import(f, false), 0);
    assert_all_sorts_told(f);
    assert_all_sorts_counted(&f->counts);
    store_close(TAKE_PTR(f->store));
    local_close(TAKE_PTR(f->local)); /* for the second run there is no database */
  }
}

static void the_same_again_is_all_duplicates(void **state) {
  struct fixture *f = *state;
  add_file(f, "1", report_of("one", 3, false));
  add_file(f, "2", report_of("large", 1500, false));
  assert_int_equal(run_import(f, false), 0);
  assert_int_equal(f->counts.outcomes[DOCUMENT_NEW], 2);
  assert_int_equal(run_import(f, false), 0);
  assert_int_equal(f->counts.outcomes[DOCUMENT_DUPLICATE], 2);
  assert_int_equal(f->counts.reports, 0);
  assert_string_equal(strbuf_text(&f->told), "begun\nended: 0\n");
}

/* A report of one reporter, with these records; NULL: none. */
static struct strbuf told_by(const char *org, const char *email, const char *first, const char *second) {
  struct strbuf xml = STRBUF_INIT;
  strbuf_printf(&xml,
                "<feedback><report_metadata><org_name>%s</org_name><email>%s</email><report_id>r</report_id>"
                "<date_range><begin>1780272000</begin><end>1780358399</end></date_range></report_metadata>"
                "<policy_published><domain>example.com</domain><p>none</p></policy_published>",
                org, email);
  for (int i = 0; i < 2; i++) {
    const char *source = i ? second : first;
    if (!source) continue;
    strbuf_printf(
        &xml,
        "<record><row><source_ip>%s</source_ip><count>2</count><policy_evaluated><disposition>none</disposition>"
        "<dkim>pass</dkim><spf>pass</spf></policy_evaluated></row><identifiers><header_from>example.com"
        "</header_from></identifiers><auth_results/></record>",
        source);
  }
  strbuf_add_text(&xml, "</feedback>");
  return xml;
}

#define FIRST "192.0.2.1"
#define SECOND "192.0.2.2"

static void a_report_is_the_same_in_another_order_and_with_its_reporter_in_another_case(void **state) {
  struct fixture *f = *state;
  add_file(f, "a", told_by("Receiver", "a@example.net", FIRST, SECOND));
  add_file(f, "b", told_by("Receiver", "a@example.net", SECOND, FIRST));
  add_file(f, "c", told_by("RECEIVER", "b@EXAMPLE.net", SECOND, FIRST));
  add_file(f, "d", told_by("Receiver", "a@example.net", FIRST, FIRST));
  assert_int_equal(run_import(f, false), 0);
  assert_int_equal(f->counts.outcomes[DOCUMENT_NEW], 1);
  assert_int_equal(f->counts.outcomes[DOCUMENT_DUPLICATE], 2);
  assert_int_equal(f->counts.outcomes[DOCUMENT_CONFLICTING], 1);
}

static void two_reporters_may_share_a_name(void **state) {
  struct fixture *f = *state;
  add_file(f, "a", told_by("Gateway", "a@one.example.net", FIRST, NULL));
  add_file(f, "b", told_by("Gateway", "a@two.example.net", SECOND, NULL));
  assert_int_equal(run_import(f, false), 0);
  assert_int_equal(f->counts.outcomes[DOCUMENT_NEW], 2);
}

static void a_report_with_records_takes_the_place_of_an_empty_one_and_not_the_other_way_round(void **state) {
  struct fixture *f = *state;
  add_file(f, "a", told_by("Receiver", "a@example.net", NULL, NULL));
  add_file(f, "b", told_by("Receiver", "a@example.net", FIRST, SECOND));
  assert_int_equal(run_import(f, false), 0);
  assert_int_equal(f->counts.outcomes[DOCUMENT_NEW], 2);
  assert_int_equal(f->counts.messages, 4);
  assert_int_equal(run_import(f, false), 0);
  assert_int_equal(f->counts.outcomes[DOCUMENT_DUPLICATE], 2);
}

static void progress_counts_the_files_ahead_and_reaches_them(void **state) {
  struct fixture *f = *state;
  for (int i = 0; i < 5; i++) {
    char name[8];
    snprintf(name, sizeof name, "%d", i);
    add_file(f, name, report_of(name, 3, false));
  }
  assert_int_equal(run_import(f, true), 0);
  assert_int_equal(f->progressed, 5);
  assert_int_equal(f->progress_of, 5);
  assert_true(f->progress_inputs >= 5);
}

static void what_came_before_an_interruption_is_committed(void **state) {
  struct fixture *f = *state;
  for (unsigned jobs = 1; jobs <= 2; jobs++) {
    f->interrupted = 0;
    f->options.jobs = jobs;
    f->sources.path_count = 0;
    char ids[3][16];
    for (int i = 0; i < 3; i++) {
      snprintf(ids[i], sizeof ids[i], "r%d-%u", i, jobs);
      free(f->paths[i]);
      f->paths[i] = NULL;
      add_file(f, ids[i], report_of(ids[i], 3, i == 1)); /* the second is damaged: told, and then interrupted */
    }
    f->interrupt_with_document = true;
    assert_int_equal(run_import(f, false), ERR_INTERRUPTED);
    assert_non_null(strstr(strbuf_text(&f->told), "\nended: -8 interrupted\n"));
    assert_int_equal(f->counts.reports, 2);
    f->interrupted = 0;
    f->interrupt_with_document = false;
    assert_int_equal(run_import(f, false), 0);
    assert_int_equal(f->counts.outcomes[DOCUMENT_DUPLICATE], 2);
    assert_int_equal(f->counts.outcomes[DOCUMENT_NEW], 1);
  }
}

/* --- the period --------------------------------------------------------------------------------------------------- */

/* A report whose begin reads as it is given. */
static struct strbuf begun_at(const char *id, const char *begin) {
  struct strbuf plain = report_of(id, 1, false), xml = STRBUF_INIT;
  const char *at = strstr(plain.data, "<begin>") + strlen("<begin>");
  strbuf_add(&xml, plain.data, (size_t)(at - plain.data));
  strbuf_add_text(&xml, begin);
  strbuf_add_text(&xml, strchr(at, '<'));
  strbuf_clear(&plain);
  return xml;
}

static int say_line(void *user, const struct ledger_line *d, struct err *e) {
  (void)e;
  const char *slash = strrchr(d->origin, '/');
  if (d->reason)
    strbuf_printf(user, "%s: %s: %s\n", slash ? slash + 1 : d->origin, document_outcome_word(d->outcome), d->reason);
  return 0;
}

/* A report whose only record has `n` DKIM results. */
static struct strbuf with_results(const char *name, int n) {
  struct strbuf plain = report_of(name, 1, false), xml = STRBUF_INIT;
  const char *at = strstr(plain.data, "<auth_results>") + strlen("<auth_results>");
  strbuf_add(&xml, plain.data, (size_t)(at - plain.data));
  for (int i = 0; i < n; i++) strbuf_printf(&xml, "<dkim><domain>z%d.example</domain><result>fail</result></dkim>", i);
  strbuf_add_text(&xml, at);
  strbuf_clear(&plain);
  return xml;
}

static struct strbuf no_xml(void) {
  struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text, "<feedback><record>");
  return text;
}

/* The first run tells, the next ones are quiet; what is new, or new in what it says, is told. */
static void trouble_is_told_once_and_not_every_night(void **state) {
  struct fixture *f = *state;
  add_file(f, "a.xml", report_of("a", 1, false));
  add_file(f, "b.xml", report_of("a", 2, false)); /* the same report with other content */
  add_file(f, "c.xml", no_xml());
  assert_int_equal(run_import(f, false), 0);
  assert_non_null(strstr(strbuf_text(&f->told), "b.xml: conflicting: "));
  assert_non_null(strstr(strbuf_text(&f->told), "c.xml: rejected: "));
  assert_int_equal(f->counts.rejected_anew, 1);
  assert_int_equal(f->counts.told_before, 0);
  for (int dry = 0; dry < 2; dry++) {
    assert_int_equal(run_import(f, dry), 0);
    assert_string_equal(strbuf_text(&f->told), "begun\nended: 0\n");
    assert_int_equal(f->counts.outcomes[DOCUMENT_REJECTED], 1);
    assert_int_equal(f->counts.outcomes[DOCUMENT_CONFLICTING], 1);
    assert_int_equal(f->counts.rejected_anew, 0);
    assert_int_equal(f->counts.told_before, 2);
  }
  add_file(f, "b.xml", report_of("a", 3, false));
  add_file(f, "d.xml", no_xml());
  assert_int_equal(run_import(f, false), 0);
  assert_non_null(strstr(strbuf_text(&f->told), "b.xml: conflicting: "));
  assert_null(strstr(strbuf_text(&f->told), "c.xml"));
  assert_non_null(strstr(strbuf_text(&f->told), "d.xml: rejected: "));
  assert_int_equal(f->counts.rejected_anew, 1);
}

static void results_that_were_cut_are_told_and_stay_in_the_ledger(void **state) {
  struct fixture *f = *state;
  add_file(f, "a.xml", with_results("a", 90));
  add_file(f, "b.xml", with_results("b", 110));
  assert_int_equal(run_import(f, false), 0);
  assert_string_equal(strbuf_text(&f->told),
                      "begun\nb.xml: new: a record has more results than are kept: what is not seen to be aligned is "
                      "unknown\nended: 0\n");
  assert_int_equal(f->counts.reports, 2);
  _cleanup_strbuf_ struct strbuf ledger = STRBUF_INIT;
  const struct report_filter all = REPORT_FILTER_ALL;
  assert_int_equal(ledger_each(f->local, &all, 0, true, say_line, &ledger, &f->e), 0);
  assert_non_null(strstr(strbuf_text(&ledger), "b.xml: new: a record has more results than are kept"));
}

static void a_period_that_cannot_be_read_is_told_unless_the_file_name_has_it(void **state) {
  struct fixture *f = *state;
  add_file(f, "a.xml", begun_at("a", "yesterday"));
  add_file(f, "b.xml", begun_at("b", "1780272000000"));
  add_file(f, "receiver.example!example.com!1780272000!1780358399.xml", begun_at("c", "0"));
  assert_int_equal(run_import(f, false), 0);
  assert_string_equal(strbuf_text(&f->told), "begun\na.xml: new: period unreadable\nended: 0\n");
  assert_int_equal(f->counts.reports, 3);
  _cleanup_strbuf_ struct strbuf ledger = STRBUF_INIT;
  const struct report_filter all = REPORT_FILTER_ALL;
  assert_int_equal(ledger_each(f->local, &all, 0, true, say_line, &ledger, &f->e), 0);
  assert_string_equal(strbuf_text(&ledger), "a.xml: new: period unreadable\n");
  assert_int_equal(run_import(f, false), 0);
  assert_string_equal(strbuf_text(&f->told), "begun\nended: 0\n");
}

/* --- mailboxes, without a server ---------------------------------------------------------------------------------- */

/* A port at which nobody listens: taken, and given back. */
static unsigned silent_port(void) {
  _cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
  return ntohs(address.sin_port);
}

static void add_account(struct fixture *f, const char *folder) {
  struct import_sources *s = &f->sources;
  s->accounts = mem_realloc(s->accounts, (s->account_count + 1) * sizeof *s->accounts);
  struct mail_account *a = &s->accounts[s->account_count++];
  mail_account_init(a);
  a->retries = 0;
  a->timeout_s = 5;
  _cleanup_free_ char *url = mem_printf("imap://user@127.0.0.1:%u/%s", silent_port(), folder);
  assert_int_equal(mail_account_set_url(a, url, &f->e), 0);
  assert_int_equal(mail_account_finish(a, &f->e), 0);
}

static void a_mailbox_that_fails_does_not_keep_the_others_from_their_turn(void **state) {
  struct fixture *f = *state;
  setenv("DMARCCTL_PASSWORD", "x", 1);
  add_file(f, "1", report_of("one", 3, false));
  add_account(f, "first");
  mail_account_add_folder(&f->sources.accounts[0], "second");
  add_account(f, "third");
  assert_int_equal(run_import(f, true), 0);
  const char *told = strbuf_text(&f->told); /* accounts end in any order, the folders of each in theirs */
  const char *first = strstr(told, "mailbox first: failed\n"), *second = strstr(told, "mailbox second: failed\n");
  assert_true(first && second && first < second && strstr(told, "mailbox third: failed\n"));
  assert_non_null(strstr(told, "\nended: 0\n"));
  assert_int_equal(f->counts.reports, 1);
}

static void a_folder_that_another_import_reads_is_left_to_it(void **state) {
  struct fixture *f = *state;
  add_account(f, "INBOX");
  _cleanup_free_ char *account = mail_account_name(&f->sources.accounts[0]);
  struct mailbox_cursor mailbox;
  _cleanup_close_ int lock = -1;
  assert_int_equal(cursor_get(f->local, account, "INBOX", &mailbox, &f->e), 0);
  assert_int_equal(cursor_lock(f->local, mailbox.id, &lock, &f->e), 1);
  assert_int_equal(run_import(f, false), 0);
  assert_string_equal(strbuf_text(&f->told), "begun\nmailbox INBOX: taken\nended: 0\n");
}

static void an_interruption_before_a_mailbox_ends_the_round_there(void **state) {
  struct fixture *f = *state;
  setenv("DMARCCTL_PASSWORD", "x", 1);
  add_account(f, "first");
  add_account(f, "second");
  f->interrupted = 1;
  assert_int_equal(run_import(f, false), ERR_INTERRUPTED);
  assert_string_equal(strbuf_text(&f->told), "begun\nended: -8 interrupted\n");
}

static void an_interrupted_watch_ends_well(void **state) {
  struct fixture *f = *state;
  add_account(f, "INBOX");
  f->options.watch = true;
  f->interrupted = 1;
  assert_int_equal(run_import(f, false), 0);
  assert_string_equal(strbuf_text(&f->told), "begun\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(each_document_is_told_and_counted_once, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_period_that_cannot_be_read_is_told_unless_the_file_name_has_it, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(a_dry_run_tells_and_counts_the_same_and_writes_nothing, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_same_again_is_all_duplicates, set_up, tear_down),
      cmocka_unit_test_setup_teardown(trouble_is_told_once_and_not_every_night, set_up, tear_down),
      cmocka_unit_test_setup_teardown(results_that_were_cut_are_told_and_stay_in_the_ledger, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_report_is_the_same_in_another_order_and_with_its_reporter_in_another_case,
                                      set_up, tear_down),
      cmocka_unit_test_setup_teardown(two_reporters_may_share_a_name, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_report_with_records_takes_the_place_of_an_empty_one_and_not_the_other_way_round,
                                      set_up, tear_down),
      cmocka_unit_test_setup_teardown(progress_counts_the_files_ahead_and_reaches_them, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_came_before_an_interruption_is_committed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_mailbox_that_fails_does_not_keep_the_others_from_their_turn, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_folder_that_another_import_reads_is_left_to_it, set_up, tear_down),
      cmocka_unit_test_setup_teardown(an_interruption_before_a_mailbox_ends_the_round_there, set_up, tear_down),
      cmocka_unit_test_setup_teardown(an_interrupted_watch_ends_well, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

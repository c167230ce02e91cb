/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs taken apart by workers: what comes of it is what one process makes; a worker that is taken over by an input
 * gets nothing; one that dies, loops, eats memory or lies costs that input, and the rest is read. */
#include "pipeline_kit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/passing.h"
#include "import/apart.h"
#include "import/wire.h"
#include "import/worker.h"

/* Forked by main, before anything else. */
static struct nursery *real, *planted;

/* --- a planted exploit: a worker that does what its input says -------------------------------------------------------- */

static bool send_frame(int fd, uint32_t tag, const void *bytes, size_t size) {
  const struct worker_frame frame = {tag, (uint32_t)size};
  return passing_send(fd, &frame, sizeof frame, NULL, 0) && (!size || passing_send(fd, bytes, size, NULL, 0));
}

static bool send_made(int fd, struct parcel p) {
  _cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
  wire_put(&bytes, &p);
  return send_frame(fd, WORKER_PARCEL, bytes.data, bytes.length);
}

static struct parcel told(const char *text, bool file_ends) {
  struct parcel p = {.begins = true, .ends = true, .file_ends = file_ends, .code = ERR_NO_REPORT, .origin = "planted"};
  snprintf(p.text, sizeof p.text, "%s", text);
  return p;
}

typedef bool attempt_fn(int fd);

static bool open_a_file(int fd) { return (void)fd, open("/etc/passwd", O_RDONLY) >= 0; }
static bool open_by_the_old_call(int fd) { return (void)fd, syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY) >= 0; }
static bool create_a_file(int fd) { return (void)fd, open("/tmp/planted", O_WRONLY | O_CREAT, 0600) >= 0; }
static bool look_at_a_file(int fd) {
  struct stat st;
  return (void)fd, stat("/etc/passwd", &st) == 0;
}
static bool remove_a_file(int fd) { return (void)fd, unlink("/tmp/planted") == 0 || errno == ENOENT; }
static bool list_a_folder(int fd) { return syscall(SYS_getdents64, fd, &fd, sizeof fd) >= 0; }
static bool open_a_socket(int fd) { return (void)fd, socket(AF_INET, SOCK_STREAM, 0) >= 0; }
static bool connect_somewhere(int fd) {
  const struct sockaddr to = {.sa_family = AF_UNSPEC};
  return connect(fd, &to, sizeof to) == 0;
}
static bool start_a_program(int fd) {
  char *const argv[] = {(char[]){"true"}, NULL};
  return (void)fd, execve("/bin/true", argv, argv + 1) == 0;
}
static bool fork_itself(int fd) { return (void)fd, fork() >= 0; }
static bool fork_by_the_old_call(int fd) { return (void)fd, syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) >= 0; }
static bool trace(int fd) { return (void)fd, ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0; }
static bool kill_the_nursery(int fd) { return (void)fd, kill(getppid(), SIGKILL) == 0; }
static bool kill_everybody(int fd) { return (void)fd, syscall(SYS_tgkill, 1, 1, 0) == 0; }
static bool read_other_memory(int fd) { return (void)fd, syscall(SYS_process_vm_readv, 1, NULL, 0, NULL, 0, 0) >= 0; }
static bool make_a_program(int fd) {
  (void)fd;
  return mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}
static bool change_its_limits(int fd) { return (void)fd, syscall(SYS_prlimit64, 0, 9, NULL, NULL) == 0; }
static bool make_a_thread(int fd) { return (void)fd, syscall(SYS_clone3, NULL, 0) >= 0 || errno == EINVAL; }
static bool write_to_the_terminal(int fd) { return (void)fd, isatty(STDERR_FILENO) || isatty(STDOUT_FILENO); }
static bool see_the_environment(int fd) { return (void)fd, getenv("PLANTED_SECRET") && *getenv("PLANTED_SECRET"); }

static bool end_badly(int fd) {
  volatile int *nowhere = NULL;
  return (void)fd, *nowhere;
}
static bool abort_itself(int fd) {
  (void)fd;
  abort();
}
static bool leave(int fd) {
  (void)fd;
  _exit(7);
}
static bool loop(int fd) {
  for (volatile unsigned i = (unsigned)fd; i || fd; i++) continue;
  return false;
}
static bool eat_memory(int fd) {
  for (size_t size = (size_t)fd << 20; size; size *= 2) memset(mem_alloc(size), 1, size < 1 << 24 ? size : 1 << 24);
  return false;
}
static bool answer_without_end(int fd) {
  while (send_made(fd, told("again", false))) continue;
  return false;
}
static bool want_files_without_end(int fd) {
  const struct worker_frame frame = {.tag = WORKER_FILE};
  struct worker_file answer;
  int fds[PASSING_MOST];
  unsigned count;
  while (passing_send(fd, &frame, sizeof frame, NULL, 0) && passing_receive(fd, &answer, sizeof answer, fds, &count))
    for (unsigned i = 0; i < count; i++) close(fds[i]);
  return false;
}
static bool send_an_unknown_frame(int fd) { return send_frame(fd, 99, NULL, 0); }
static bool send_a_frame_without_an_end(int fd) {
  const struct worker_frame frame = {WORKER_PARCEL, UINT32_MAX};
  return passing_send(fd, &frame, sizeof frame, NULL, 0);
}
static bool send_no_parcel(int fd) { return send_frame(fd, WORKER_PARCEL, "none", 4); }
static bool end_what_has_not_begun(int fd) {
  struct parcel p = told("", true);
  p.begins = false;
  return send_made(fd, p);
}
static bool end_the_input_within_a_document(int fd) {
  struct parcel p = told("", true);
  p.ends = false;
  p.code = 0;
  return send_made(fd, p);
}
static bool blame_the_database(int fd) {
  struct parcel p = told("", true);
  p.code = ERR_STORE;
  return send_made(fd, p);
}

struct attempt {
  const char *name;
  attempt_fn *run;
};
#define OF(attempt) \
  { #attempt, attempt }
static const struct attempt ATTEMPTS[] = {
    OF(open_a_file),       OF(open_by_the_old_call), OF(create_a_file),         OF(look_at_a_file),
    OF(remove_a_file),     OF(list_a_folder),        OF(open_a_socket),         OF(connect_somewhere),
    OF(start_a_program),   OF(fork_itself),          OF(fork_by_the_old_call),  OF(trace),
    OF(kill_the_nursery),  OF(kill_everybody),       OF(read_other_memory),     OF(make_a_program),
    OF(change_its_limits), OF(make_a_thread),        OF(write_to_the_terminal), OF(see_the_environment)};
struct failure {
  struct attempt attempt;
  const char *told;
};
static const struct failure FAILURES[] = {
    {OF(end_badly), "-2 the process that read it was ended by signal 11"},
    {OF(abort_itself), "-2 the process that read it was ended by signal 6"},
    {OF(leave), "-2 the process that read it was ended with status 7"},
    {OF(eat_memory), "-2 the process that read it was ended by signal 6"},
    {OF(loop), "-3 the process that read it took more than 1 seconds of the processor"},
    {OF(answer_without_end), "-3 the process that read it took more than 1 seconds of the processor"},
    {OF(want_files_without_end), "-3 the process that read it took more than 1 seconds of the processor"},
    {OF(send_an_unknown_frame), "-2 the process that read it answered with what no parser makes"},
    {OF(send_a_frame_without_an_end), "-2 the process that read it answered with what no parser makes"},
    {OF(send_no_parcel), "-2 the process that read it answered with what no parser makes"},
    {OF(end_what_has_not_begun), "-2 the process that read it answered with what no parser makes"},
    {OF(end_the_input_within_a_document), "-2 the process that read it answered with what no parser makes"},
    {OF(blame_the_database), "-2 the process that read it answered with what no parser makes"},
};

static void obey(int fd, const char *order) {
  for (size_t i = 0; i < ARRAY_SIZE(ATTEMPTS); i++)
    if (!strcmp(order, ATTEMPTS[i].name)) send_made(fd, told(ATTEMPTS[i].run(fd) ? "GOT IT" : "got nothing", true));
  for (size_t i = 0; i < ARRAY_SIZE(FAILURES); i++)
    if (!strcmp(order, FAILURES[i].attempt.name)) FAILURES[i].attempt.run(fd);
  if (!strcmp(order, "nothing")) send_made(fd, told("done", true));
}

/* nursery_work_fn */
static void obey_all(int fd) {
  struct worker_setup setup;
  struct worker_batch batch;
  int fds[PASSING_MOST];
  unsigned count;
  if (!passing_receive(fd, &setup, sizeof setup, fds, &count)) return;
  while (passing_receive(fd, &batch, sizeof batch, fds, &count)) {
    _cleanup_free_ char *bytes = mem_zalloc(batch.bytes + 1);
    if (!passing_receive(fd, bytes, batch.bytes, fds, &count)) return;
    for (const char *at = bytes; batch.count; batch.count--) {
      struct worker_input input;
      memcpy(&input, at, sizeof input);
      const char *memory = at + sizeof input + input.origin_bytes + input.name_bytes;
      _cleanup_free_ char *text = mem_zalloc(input.memory_bytes + 1);
      memcpy(text, memory, input.memory_bytes);
      obey(fd, text);
      at = memory + input.memory_bytes;
    }
  }
}

static void prepare_nothing(void) {}

/* --- the kit ------------------------------------------------------------------------------------------------------ */

/* What became of an order, with an ordinary input before and behind it. */
static void order(struct taker *t, const char *what) {
  static const char *const ORDERS[] = {"nothing", NULL, "nothing"};
  _cleanup_source_ struct made_source s = no_inputs();
  struct err e = {""};
  t->nursery = planted;
  t->input_seconds = 1;
  for (size_t i = 0; i < ARRAY_SIZE(ORDERS); i++) add_input(&s, text_of(ORDERS[i] ? ORDERS[i] : what));
  assert_int_equal(run_pipeline(t, &s, 1, &e), 0);
  assert_int_equal(t->inputs, 3);
  const char *all = strbuf_text(&t->told);
  assert_memory_equal(all, "0/100 begins ends file ends 0 records: planted: -4 done\n", 56);
  assert_non_null(strstr(all, "\n2/102 begins ends file ends 0 records: planted: -4 done\n"));
}

static bool is_confined(void) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  sandbox_describe(SANDBOX_AUTO, &text);
  if (!strncmp(text.data, "Landlock", 8) && !strstr(text.data, "wide")) return true;
  print_message("not tried: %s\n", text.data);
  return false;
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static void what_comes_out_of_workers_is_what_one_process_makes(void **state) {
  (void)state;
  _cleanup_source_ struct made_source s = all_sorts();
  _cleanup_taker_ struct taker alone = {0};
  struct err e = {""};
  assert_int_equal(run_pipeline(&alone, &s, 1, &e), 0);
  for (unsigned jobs = 1; jobs <= MOST_JOBS; jobs++) {
    _cleanup_taker_ struct taker t = {.nursery = real};
    s.at = 0;
    assert_int_equal(run_pipeline(&t, &s, jobs, &e), 0);
    assert_string_equal(strbuf_text(&t.told), strbuf_text(&alone.told));
    assert_int_equal(t.messages, alone.messages);
  }
}

static void an_exploit_in_a_worker_gets_nothing(void **state) {
  (void)state;
  if (!is_confined()) skip();
  for (size_t i = 0; i < ARRAY_SIZE(ATTEMPTS); i++) {
    _cleanup_taker_ struct taker t = {0};
    order(&t, ATTEMPTS[i].name);
    const char *became = strstr(strbuf_text(&t.told), "\n1/101");
    print_message("%s: %.*s\n", ATTEMPTS[i].name, (int)strcspn(became + 45, "\n"), became + 45);
    assert_null(strstr(became, "GOT IT"));
    assert_true(strstr(became, "got nothing") || strstr(became, "was ended by signal 31"));
  }
}

static void a_worker_that_fails_costs_the_input_and_the_rest_is_read(void **state) {
  (void)state;
  for (size_t i = 0; i < ARRAY_SIZE(FAILURES); i++) {
    if (FAILURES[i].attempt.run == eat_memory && !is_confined()) continue; /* sanitizers know no limit of addresses */
    if (FAILURES[i].attempt.run == end_badly && !is_confined()) continue;  /* and end it in their own way */
    _cleanup_taker_ struct taker t = {0};
    order(&t, FAILURES[i].attempt.name);
    print_message("%s\n", FAILURES[i].attempt.name);
    assert_non_null(strstr(strbuf_text(&t.told), FAILURES[i].told));
  }
}

static void an_interruption_does_not_wait_for_a_worker(void **state) {
  (void)state;
  _cleanup_source_ struct made_source s = all_sorts();
  for (unsigned jobs = 1; jobs <= MOST_JOBS; jobs *= 2)
    for (unsigned at = 1; at < 60; at += 7) {
      _cleanup_taker_ struct taker t = {.nursery = real, .at = at, .interrupt = true};
      struct err e = {""};
      s.at = 0;
      assert_int_equal(run_pipeline(&t, &s, jobs, &e), ERR_INTERRUPTED);
      assert_false(t.called_after);
    }
}

/* Real parcels, of a report and of one that comes in several. */
static int keep_bytes(void *user, struct parcel *p, struct err *e) {
  (void)e;
  struct strbuf **next = user;
  if ((*next)->length) return 0;
  wire_put(*next, p);
  return 0;
}

static struct strbuf bytes_of_a_parcel(unsigned records) {
  _cleanup_source_ struct made_source s = no_inputs();
  struct strbuf bytes = STRBUF_INIT, *at = &bytes;
  struct err e;
  add_input(&s, report_of("wired", records, false));
  const struct pipeline_options options = {
      .source = &s.source, .jobs = 1, .intake = INTAKE_LIMITS_DEFAULT, .parser = PARSER_LIMITS_DEFAULT};
  assert_int_equal(pipeline_run(&options, keep_bytes, NULL, &at, &e), 0);
  return bytes;
}

/* Reads a copy of just this size, so that a sanitizer sees a byte too much. */
static bool is_read(const char *bytes, size_t size, struct strbuf *again) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  _cleanup_free_ char *copy = mem_alloc(size ? size : 1);
  struct feedback_record *records[PIPELINE_PARCEL_RECORDS];
  struct parcel p = {.records = records};
  memcpy(copy, bytes, size);
  bool read = wire_get(copy, size, arena, &p);
  if (read && again) wire_put(again, &p);
  return read;
}

static void a_parcel_is_read_as_it_was_put(void **state) {
  (void)state;
  for (unsigned records = 0; records < 600; records += 150) {
    _cleanup_strbuf_ struct strbuf bytes = bytes_of_a_parcel(records), again = STRBUF_INIT;
    assert_true(is_read(bytes.data, bytes.length, &again));
    assert_int_equal(bytes.length, again.length);
    assert_memory_equal(bytes.data, again.data, again.length);
  }
}

/* What is read in spite of a change is a parcel all the same: it can be put again, and read. */
static void bytes_that_no_parser_makes_are_refused_or_make_a_parcel(void **state) {
  (void)state;
  _cleanup_strbuf_ struct strbuf bytes = bytes_of_a_parcel(2);
  static const char CHANGES[] = {0, 1, 2, 0x7f, (char)0x80, (char)0xff};
  unsigned refused = 0;
  for (size_t i = 0; i < bytes.length; i++) {
    assert_false(is_read(bytes.data, i, NULL));
    char was = bytes.data[i];
    for (size_t n = 0; n < sizeof CHANGES; n++) {
      _cleanup_strbuf_ struct strbuf again = STRBUF_INIT;
      bytes.data[i] = CHANGES[n];
      if (is_read(bytes.data, bytes.length, &again))
        assert_true(is_read(again.data, again.length, NULL));
      else
        refused++;
    }
    bytes.data[i] = was;
  }
  print_message("%u changes refused\n", refused);
  assert_true(refused > bytes.length);
}

static void the_time_of_an_input_grows_with_what_it_may_unpack_to(void **state) {
  (void)state;
  struct intake_limits limits = INTAKE_LIMITS_DEFAULT;
  const struct intake_input small = {.size_bytes = 1000}, large = {.size_bytes = 1 << 30}, unknown = {.size_bytes = 0};
  assert_true(apart_seconds(&limits, &small) == 60 + 16);
  assert_true(apart_seconds(&limits, &large) == 60 + 4096);
  assert_true(apart_seconds(&limits, &unknown) == 60 + 4096);
  limits.file_bytes = 1 << 22;
  assert_true(apart_seconds(&limits, &small) == 60 + 1);
}

int main(void) {
  setenv("PLANTED_SECRET", "correct horse", 1);
  real = nursery_open(worker_prepare, worker_work);
  planted = nursery_open(prepare_nothing, obey_all);
  unsetenv("PLANTED_SECRET");
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_comes_out_of_workers_is_what_one_process_makes),
      cmocka_unit_test(an_exploit_in_a_worker_gets_nothing),
      cmocka_unit_test(a_worker_that_fails_costs_the_input_and_the_rest_is_read),
      cmocka_unit_test(an_interruption_does_not_wait_for_a_worker),
      cmocka_unit_test(a_parcel_is_read_as_it_was_put),
      cmocka_unit_test(bytes_that_no_parser_makes_are_refused_or_make_a_parcel),
      cmocka_unit_test(the_time_of_an_input_grows_with_what_it_may_unpack_to),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  nursery_close(real);
  nursery_close(planted);
  return failed;
}

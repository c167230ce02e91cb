/* SPDX-License-Identifier: Apache-2.0 */
/* A process that is in the sandbox tries what a stranger who had taken it over would try. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/nameless.h"
#include "sandbox/sandbox.h"

struct fixture {
  char folder[64]; /* with a file "kept", and "outside" beside it that is not */
  char *inside, *outside, *secret;
  int port; /* of a server here that takes connections */
  int server;
};

/* What is tried: true where it succeeded. */
typedef bool attempt_fn(const struct fixture *f);

static bool opens(const char *path, int flags) {
  int fd = open(path, flags | O_CLOEXEC, 0600);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

static bool connects(int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  const struct sockaddr_in to = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  bool done = fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof to) == 0;
  if (fd >= 0) close(fd);
  return done;
}

/* --- attempts ----------------------------------------------------------------------------------------------------- */

static bool read_a_secret(const struct fixture *f) { return opens(f->secret, O_RDONLY); }
static bool read_the_list_of_users(const struct fixture *f) { return (void)f, opens("/etc/passwd", O_RDONLY); }
static bool look_into_another_process(const struct fixture *f) { return (void)f, opens("/proc/1/status", O_RDONLY); }
static bool write_what_it_may_read(const struct fixture *f) {
  _cleanup_free_ char *path = mem_printf("%s/kept", f->inside);
  return opens(path, O_WRONLY);
}
static bool make_a_file_outside(const struct fixture *f) {
  _cleanup_free_ char *path = mem_printf("%s/new", f->outside);
  return opens(path, O_WRONLY | O_CREAT);
}
static bool remove_a_file(const struct fixture *f) { return unlink(f->secret) == 0; }
static bool rename_a_file(const struct fixture *f) {
  _cleanup_free_ char *to = mem_printf("%s/renamed", f->outside);
  return rename(f->secret, to) == 0;
}
static bool link_a_file(const struct fixture *f) {
  _cleanup_free_ char *to = mem_printf("%s/link", f->inside);
  return link(f->secret, to) == 0 || symlink(f->secret, to) == 0;
}
static bool open_a_socket(const struct fixture *f) { return (void)f, socket(AF_INET, SOCK_STREAM, 0) >= 0; }
static bool connect_to_a_server(const struct fixture *f) { return connects(f->port); }
static bool connect_to_a_socket_here(const struct fixture *f) { return (void)f, socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }
static bool listen_to_others(const struct fixture *f) {
  (void)f;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  const struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  return fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 1) == 0;
}
static bool send_raw_packets(const struct fixture *f) {
  return (void)f, socket(AF_PACKET, SOCK_RAW, 0) >= 0 || socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0;
}
static bool start_a_program(const struct fixture *f) {
  (void)f;
  char *const argv[] = {(char[]){"true"}, NULL}, *const none[] = {NULL};
  execve("/bin/true", argv, none); /* where it can: the process ends well */
  return false;
}
static bool fork_itself(const struct fixture *f) {
  (void)f;
  pid_t child = fork();
  if (child == 0) _exit(0);
  return child > 0;
}
static bool trace_its_parent(const struct fixture *f) {
  return (void)f, ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0;
}
static bool be_traced(const struct fixture *f) { return (void)f, ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0; }
static bool signal_its_parent(const struct fixture *f) { return (void)f, kill(getppid(), 0) == 0; }
static bool read_its_parents_memory(const struct fixture *f) {
  char byte;
  const struct iovec here = {&byte, 1}, there = {(void *)(uintptr_t)f, 1};
  return syscall(SYS_process_vm_readv, getppid(), &here, 1, &there, 1, 0) == 1;
}
static bool take_a_descriptor_of_its_parent(const struct fixture *f) {
  (void)f;
  long fd = syscall(SYS_pidfd_open, getppid(), 0);
  return fd >= 0 && syscall(SYS_pidfd_getfd, fd, 0, 0) >= 0;
}
static bool make_memory_a_program(const struct fixture *f) {
  (void)f;
  void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return at != MAP_FAILED && mprotect(at, 4096, PROT_READ | PROT_EXEC) == 0;
}
static bool leave_for_another_namespace(const struct fixture *f) { return (void)f, unshare(CLONE_NEWUSER) == 0; }
static bool use_io_uring(const struct fixture *f) {
  char parameters[256] = {0};
  return (void)f, syscall(SYS_io_uring_setup, 1, parameters) >= 0;
}
static bool load_into_the_kernel(const struct fixture *f) {
  return (void)f, syscall(SYS_bpf, 0, NULL, 0) >= 0 || errno != ENOSYS;
}
static bool mount_something(const struct fixture *f) {
  return syscall(SYS_mount, "none", f->inside, "tmpfs", 0, NULL) == 0;
}
static bool change_the_clock(const struct fixture *f) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (void)f, syscall(SYS_clock_settime, CLOCK_REALTIME, &now) == 0;
}
static bool gain_privileges(const struct fixture *f) {
  return (void)f, prctl(PR_CAPBSET_DROP, 0, 0, 0, 0) == 0 || syscall(SYS_setuid, 0) == 0;
}
static bool type_into_the_terminal(const struct fixture *f) {
  return (void)f, syscall(SYS_ioctl, STDERR_FILENO, 0x5412 /* TIOCSTI */, "x") == 0 || errno != ENOSYS;
}

/* What an import has to be able to do there. */
static bool read_what_it_keeps(const struct fixture *f) {
  _cleanup_free_ char *path = mem_printf("%s/kept", f->inside);
  return opens(path, O_RDONLY) && opens(f->inside, O_RDONLY | O_DIRECTORY);
}
static void *nothing(void *user) { return user; }
static bool start_a_thread(const struct fixture *f) {
  (void)f;
  pthread_t thread;
  return pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0;
}
static bool make_a_nameless_file(const struct fixture *f) {
  (void)f;
  struct err e;
  int fd = nameless_open(&e);
  return fd >= 0 && nameless_write(fd, (const unsigned char *)"x", 1, &e) == 0;
}
static bool replace_a_file(const struct fixture *f) {
  _cleanup_free_ char *from = mem_printf("%s/written.new", f->outside), *to = mem_printf("%s/written", f->outside);
  return opens(from, O_WRONLY | O_CREAT) && rename(from, to) == 0 && unlink(to) == 0;
}

#define OF(attempt) \
  { #attempt, attempt }
struct attempt {
  const char *name;
  attempt_fn *run;
};
static const struct attempt ATTACKS[] = {OF(read_a_secret),
                                         OF(read_the_list_of_users),
                                         OF(look_into_another_process),
                                         OF(write_what_it_may_read),
                                         OF(make_a_file_outside),
                                         OF(remove_a_file),
                                         OF(rename_a_file),
                                         OF(link_a_file),
                                         OF(open_a_socket),
                                         OF(connect_to_a_server),
                                         OF(connect_to_a_socket_here),
                                         OF(listen_to_others),
                                         OF(send_raw_packets),
                                         OF(start_a_program),
                                         OF(fork_itself),
                                         OF(trace_its_parent),
                                         OF(be_traced),
                                         OF(signal_its_parent),
                                         OF(read_its_parents_memory),
                                         OF(take_a_descriptor_of_its_parent),
                                         OF(make_memory_a_program),
                                         OF(leave_for_another_namespace),
                                         OF(use_io_uring),
                                         OF(load_into_the_kernel),
                                         OF(mount_something),
                                         OF(change_the_clock),
                                         OF(gain_privileges),
                                         OF(type_into_the_terminal)};

/* --- the kit ------------------------------------------------------------------------------------------------------ */

enum { GOT_IT, GOT_NOTHING, NO_SANDBOX };

/* In a process of its own, in the sandbox of these rules; `rules` NULL: outside, to see that it can be done at all. */
static int try(const struct fixture *f, const struct sandbox_rules *rules, attempt_fn *attempt) {
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    struct err e;
    if (rules && sandbox_enter(SANDBOX_REQUIRE, rules, &e) < 0) _exit(NO_SANDBOX);
    _exit(attempt(f) ? GOT_IT : GOT_NOTHING);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : GOT_NOTHING;
}

static void write_file(const char *path) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs("text", file);
  fclose(file);
}

static int listen_here(int *ret_port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof at;
  assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
  assert_int_equal(listen(fd, 64), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
  *ret_port = ntohs(at.sin_port);
  return fd;
}

static int set_up(void **state) {
  struct fixture *f = mem_zalloc(sizeof *f);
  snprintf(f->folder, sizeof f->folder, "%s", "/tmp/test-sandbox-XXXXXX");
  assert_non_null(mkdtemp(f->folder));
  f->inside = mem_printf("%s/inside", f->folder);
  f->outside = mem_printf("%s/outside", f->folder);
  f->secret = mem_printf("%s/secret", f->outside);
  mkdir(f->inside, 0700);
  mkdir(f->outside, 0700);
  _cleanup_free_ char *kept = mem_printf("%s/kept", f->inside);
  write_file(kept);
  write_file(f->secret);
  /* Files without a name are made elsewhere than below the folder whose walls are tried. */
  setenv("TMPDIR", "/dev/shm", 1);
  f->server = listen_here(&f->port);
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  _cleanup_free_ char *command = mem_printf("rm -rf %s", f->folder);
  close(f->server);
  int status = system(command);
  free(f->inside);
  free(f->outside);
  free(f->secret);
  free(f);
  return status;
}

static struct sandbox_rules rules_for(const struct fixture *f, bool network) {
  struct sandbox_rules r = {.network = network};
  sandbox_keep_system(&r);
  sandbox_keep(&r, f->inside, SANDBOX_READ);
  return r;
}

static bool is_whole(void) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  sandbox_describe(SANDBOX_REQUIRE, &text);
  bool whole = !strncmp(text.data, "Landlock", 8) && !strstr(text.data, "wide");
  if (!whole) print_message("not tried: %s\n", text.data);
  return whole;
}

static void need_a_sandbox(void) {
  if (!is_whole()) skip();
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static void an_exploit_gets_nothing(void **state) {
  need_a_sandbox();
  _cleanup_(cleanup_sandbox_rules) struct sandbox_rules rules = rules_for(*state, false);
  for (size_t i = 0; i < ARRAY_SIZE(ATTACKS); i++) {
    int got = try(*state, &rules, ATTACKS[i].run);
    print_message("%s: %s\n", ATTACKS[i].name, got == GOT_NOTHING ? "nothing" : "WAS DONE");
    assert_int_equal(got, GOT_NOTHING);
  }
}

/* Else the test above would say little. */
static void without_a_sandbox_it_could(void **state) {
  static attempt_fn *const DONE[] = {read_a_secret,       read_the_list_of_users, write_what_it_may_read,
                                     make_a_file_outside, open_a_socket,          connect_to_a_server,
                                     listen_to_others,    start_a_program,        fork_itself,
                                     be_traced,           signal_its_parent,      make_memory_a_program};
  for (size_t i = 0; i < ARRAY_SIZE(DONE); i++) assert_int_equal(try(*state, NULL, DONE[i]), GOT_IT);
}

static void an_import_gets_what_it_needs(void **state) {
  need_a_sandbox();
  const struct fixture *f = *state;
  _cleanup_(cleanup_sandbox_rules) struct sandbox_rules rules = rules_for(f, false);
  sandbox_keep_folder_of(&rules, f->secret, SANDBOX_WRITE); /* as that of a database */
  assert_int_equal(try(f, &rules, read_what_it_keeps), GOT_IT);
  assert_int_equal(try(f, &rules, start_a_thread), GOT_IT);
  assert_int_equal(try(f, &rules, make_a_nameless_file), GOT_IT);
  assert_int_equal(try(f, &rules, replace_a_file), GOT_IT);
}

static void mailboxes_are_read_over_connections_and_nobody_is_listened_to(void **state) {
  need_a_sandbox();
  _cleanup_(cleanup_sandbox_rules) struct sandbox_rules rules = rules_for(*state, true);
  assert_int_equal(try(*state, &rules, connect_to_a_server), GOT_IT);
  assert_int_equal(try(*state, &rules, listen_to_others), GOT_NOTHING);
  assert_int_equal(try(*state, &rules, send_raw_packets), GOT_NOTHING);
  assert_int_equal(try(*state, &rules, start_a_program), GOT_NOTHING);
  assert_int_equal(try(*state, &rules, read_a_secret), GOT_NOTHING);
}

static void programs_are_started_where_the_rules_say_so_and_write_nothing(void **state) {
  need_a_sandbox();
  _cleanup_(cleanup_sandbox_rules) struct sandbox_rules rules = rules_for(*state, false);
  rules.programs = true;
  assert_int_equal(try(*state, &rules, start_a_program), GOT_IT);
  assert_int_equal(try(*state, &rules, make_a_file_outside), GOT_NOTHING);
  assert_int_equal(try(*state, &rules, remove_a_file), GOT_NOTHING);
  assert_int_equal(try(*state, &rules, connect_to_a_server), GOT_NOTHING);
  assert_int_equal(try(*state, &rules, trace_its_parent), GOT_NOTHING);
  assert_int_equal(try(*state, &rules, signal_its_parent), GOT_NOTHING);
}

static void who_wants_none_has_none(void **state) {
  const struct sandbox_rules none = {0};
  struct err e;
  assert_int_equal(sandbox_enter(SANDBOX_OFF, &none, &e), 0);
  assert_true(read_a_secret(*state));
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  sandbox_describe(SANDBOX_OFF, &text);
  assert_string_equal(text.data, "none");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_exploit_gets_nothing),
      cmocka_unit_test(without_a_sandbox_it_could),
      cmocka_unit_test(an_import_gets_what_it_needs),
      cmocka_unit_test(mailboxes_are_read_over_connections_and_nobody_is_listened_to),
      cmocka_unit_test(programs_are_started_where_the_rules_say_so_and_write_nothing),
      cmocka_unit_test(who_wants_none_has_none),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* /bin/sh with a command line, until it ends or is ended. */
#include "base/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/shell_helper.h"

#define LOOK_NS (20 * 1000 * 1000)

extern char **environ;

static void connect_to(posix_spawn_file_actions_t *actions, int fd, int to) {
  if (to >= 0)
    posix_spawn_file_actions_adddup2(actions, to, fd);
  else
    posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
}

int command_start(const char *command, int in, int out, pid_t *ret) {
  char *const argv[] = {(char[]){"sh"}, (char[]){"-c"}, (char *)(uintptr_t)command, NULL};
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t defaults, none;
  sigemptyset(&none);
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  sigaddset(&defaults, SIGXFSZ);
  posix_spawn_file_actions_init(&actions);
  connect_to(&actions, STDIN_FILENO, in);
  connect_to(&actions, STDOUT_FILENO, out);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setsigmask(&attributes, &none);
  int error = posix_spawn(ret, "/bin/sh", &actions, &attributes, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return error;
}

bool command_has_ended(pid_t child, int *ret_status) { return waitpid(child, ret_status, WNOHANG) != 0; }

void command_kill(pid_t child) { kill(-child, SIGKILL); }

/* --- for the others ----------------------------------------------------------------------------------------------- */

int shell_start(const char *command, int in, int out, pid_t *ret, struct err *e) {
  errno = helper_start(command, in, out, ret);
  return errno ? err_set_errno(e, ERR_USAGE, "cannot start /bin/sh") : 0;
}

static void look_later(void) { nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL); }

static void kill_and_wait(pid_t child, int *ret_status) {
  helper_kill(child);
  while (!helper_has_ended(child, ret_status)) nanosleep(&(struct timespec){.tv_nsec = LOOK_NS / 20}, NULL);
}

static int judge(int status, struct err *e) {
  if (WIFSIGNALED(status)) return err_set(e, ERR_USAGE, "was ended by signal %d", WTERMSIG(status));
  return WEXITSTATUS(status) ? err_set(e, ERR_USAGE, "ended with status %d", WEXITSTATUS(status)) : 0;
}

int shell_end(pid_t child, bool kill_it, struct err *e) {
  int status = 0;
  bool ended = false;
  for (int i = 0; i < 100 && !kill_it && !(ended = helper_has_ended(child, &status)); i++) look_later();
  if (!ended) kill_and_wait(child, &status);
  return kill_it ? 0 : judge(status, e);
}

/* What is there by now. True: nothing more will come. */
static bool read_said(int fd, struct strbuf *said, size_t most) {
  char buffer[4096];
  ssize_t n;
  while ((n = read(fd, buffer, sizeof buffer)) > 0) {
    const size_t room = most - said->length;
    strbuf_add(said, buffer, (size_t)n < room ? (size_t)n : room);
  }
  return n == 0 || (errno != EAGAIN && errno != EINTR);
}

int shell_hear(pid_t child, int fd, struct strbuf *said, size_t most, unsigned seconds, const struct stop *stop,
               struct err *e) {
  const double until = clock_now_s() + seconds;
  bool is_closed = fd < 0;
  int status = 0, code = 0;
  while (code >= 0 && !helper_has_ended(child, &status)) {
    code = stop_await(stop, is_closed ? -1 : fd, POLLIN, clock_now_s() + LOOK_NS / 1e9, e);
    if (code > 0) is_closed = read_said(fd, said, most);
    if (code >= 0 && clock_now_s() > until) code = err_set(e, ERR_USAGE, "did not end within %u seconds", seconds);
  }
  if (code < 0) kill_and_wait(child, &status);
  if (!is_closed) read_said(fd, said, most);
  return code < 0 ? code : judge(status, e);
}

int shell_await(pid_t child, unsigned seconds, const struct stop *stop, struct err *e) {
  return shell_hear(child, -1, NULL, 0, seconds, stop, e);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* /bin/sh with a command line, until it ends or is ended. */
#include "base/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

extern char **environ;

static void connect_to(posix_spawn_file_actions_t *actions, int fd, int to) {
  if (to >= 0)
    posix_spawn_file_actions_adddup2(actions, to, fd);
  else
    posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
}

int shell_start(const char *command, int in, int out, pid_t *ret, struct err *e) {
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
  errno = posix_spawn(ret, "/bin/sh", &actions, &attributes, argv, environ);
  int code = errno ? err_set_errno(e, ERR_USAGE, "cannot start /bin/sh") : 0;
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return code;
}

int shell_end(pid_t child, bool kill_it, struct err *e) {
  int status = 0;
  if (kill_it) kill(-child, SIGKILL);
  for (int i = 0; i < 100 && !kill_it && waitpid(child, &status, WNOHANG) == 0; i++)
    nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
  if (waitpid(child, &status, WNOHANG) == 0) {
    kill(-child, SIGKILL);
    waitpid(child, &status, 0);
  }
  if (kill_it) return 0;
  if (WIFSIGNALED(status)) return err_set(e, ERR_USAGE, "was ended by signal %d", WTERMSIG(status));
  return WEXITSTATUS(status) ? err_set(e, ERR_USAGE, "ended with status %d", WEXITSTATUS(status)) : 0;
}

int shell_await(pid_t child, unsigned seconds, const struct stop *stop, struct err *e) {
  double until = clock_now_s() + seconds;
  siginfo_t info = {0};
  int code = 0;
  while (!code && !info.si_pid) {
    code =
        waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT | WNOHANG) < 0 ? err_set_errno(e, ERR_USAGE, "waitid") : 0;
    if (!code && !info.si_pid) code = stop_sleep(stop, 0.02, e);
    if (!code && clock_now_s() > until) code = err_set(e, ERR_USAGE, "did not end within %u seconds", seconds);
  }
  struct err unused;
  int exited = shell_end(child, code < 0, code < 0 ? &unused : e);
  return code < 0 ? code : exited;
}

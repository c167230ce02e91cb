/* SPDX-License-Identifier: Apache-2.0 */
/* Starts a command that reads what we write, and finds out whether a reader took everything. */
#include "cmd/taker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define POLL_MS 5

int taker_start(const char *command, pid_t *ret_reader, struct err *e) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return err_set_errno(e, ERR_IO, "a pipe");
  pid_t pid = fork();
  if (pid == 0) {
    dup2(ends[0], STDIN_FILENO);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
  }
  close(ends[0]);
  if (pid < 0) {
    close(ends[1]);
    return err_set_errno(e, ERR_IO, "%s", command);
  }
  signal(SIGPIPE, SIG_IGN);
  dup2(ends[1], STDOUT_FILENO);
  close(ends[1]);
  *ret_reader = pid;
  return 0;
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

/* A pipe holds what nobody has read yet, and loses it with its last reader. Whoever writes may ask how much that is. */
static int wait_until_empty(int fd, struct err *e) {
  for (int left; ioctl(fd, FIONREAD, &left) == 0 && left > 0;) {
    struct pollfd end = {.fd = fd};
    if (poll(&end, 1, POLL_MS) > 0 && end.revents & (POLLERR | POLLHUP))
      return err_set(e, ERR_IO, "standard output: its reader left before it took everything");
  }
  return 0;
}

static int wait_for(pid_t reader, struct err *e) {
  int status;
  while (waitpid(reader, &status, 0) < 0)
    if (errno != EINTR) return err_set_errno(e, ERR_IO, "the command of --to");
  if (WIFSIGNALED(status)) return err_set(e, ERR_IO, "the command of --to was ended by signal %d", WTERMSIG(status));
  if (WEXITSTATUS(status)) return err_set(e, ERR_IO, "the command of --to ended with status %d", WEXITSTATUS(status));
  return 0;
}

int taker_finish(pid_t reader, int done_so_far, struct err *e) {
  int code = done_so_far;
  if (!code && !reader) code = wait_until_empty(STDOUT_FILENO, e);
  if (close(STDOUT_FILENO) < 0 && !code) code = err_set_errno(e, ERR_IO, "standard output");
  open("/dev/null", O_WRONLY); /* takes the number that became free, so that no file does */
  if (!reader) return code;
  struct err of_reader;
  int waited = wait_for(reader, &of_reader);
  if (!code && waited < 0) *e = of_reader;
  return code ? code : waited;
}

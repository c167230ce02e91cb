/* SPDX-License-Identifier: Apache-2.0 */
/* A request and an answer a call, over a socket that both processes have from the fork. */
#include "base/shell_helper.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/passing.h"
#include "base/shell.h"

#define RUNNING_MOST 256 /* commands at a time: more than accounts are read at a time */

enum task { TASK_START, TASK_HAS_ENDED, TASK_KILL };

struct request {
  enum task task;
  unsigned command; /* TASK_START: its number */
  bool has_in, has_out;
  pid_t child; /* else */
};

struct answer {
  int error; /* errno */
  pid_t child;
  bool ended;
  int status;
};

/* The helper of this process: there is one, as there is one process to be confined. */
static struct {
  pthread_mutex_t lock; /* a request and its answer belong together */
  int fd;               /* -1: there is none */
  pid_t pid;
  char **commands;
  unsigned count;
} helper = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1};

/* --- the helper --------------------------------------------------------------------------------------------------- */

struct running {
  pid_t children[RUNNING_MOST];
  unsigned count;
};

static void start(struct running *all, const struct request *r, const int *fds, unsigned fd_count, struct answer *a) {
  const bool sound = r->command < helper.count && fd_count == (unsigned)r->has_in + r->has_out;
  a->error = !sound ? EINVAL : all->count == RUNNING_MOST ? EAGAIN : 0;
  if (!a->error)
    a->error = command_start(helper.commands[r->command], r->has_in ? fds[0] : -1, r->has_out ? fds[fd_count - 1] : -1,
                             &a->child);
  if (!a->error) all->children[all->count++] = a->child;
  for (unsigned i = 0; i < fd_count; i++) close(fds[i]);
}

/* Of its own children alone. */
static void look_after(struct running *all, const struct request *r, struct answer *a) {
  unsigned i = 0;
  while (i < all->count && all->children[i] != r->child) i++;
  if (i == all->count) {
    a->ended = true;
    return;
  }
  if (r->task == TASK_KILL) command_kill(r->child);
  if (r->task == TASK_HAS_ENDED && command_has_ended(r->child, &a->status)) {
    a->ended = true;
    all->children[i] = all->children[--all->count];
  }
}

/* Signals are for the process that asks, which ends the helper by going away: they are kept waiting, since what is
 * ignored would be ignored by the commands as well. */
static void serve(int fd) {
  sigset_t all_signals;
  sigfillset(&all_signals);
  sigprocmask(SIG_SETMASK, &all_signals, NULL);
  prctl(PR_SET_NAME, "dmarcctl-shell");
  struct running all = {.count = 0};
  struct request r;
  int fds[PASSING_MOST];
  unsigned count;
  while (passing_receive(fd, &r, sizeof r, fds, &count)) {
    struct answer a = {0};
    if (r.task == TASK_START)
      start(&all, &r, fds, count, &a);
    else
      look_after(&all, &r, &a);
    passing_send(fd, &a, sizeof a, NULL, 0);
  }
  for (unsigned i = 0; i < all.count; i++) command_kill(all.children[i]);
  _exit(0);
}

int shell_confine(const char *const *commands, unsigned count, struct err *e) {
  int ends[2];
  if (helper.fd >= 0 || !count) return 0;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return err_set_errno(e, ERR_IO, "a socket");
  helper.commands = mem_alloc(count * sizeof *helper.commands);
  for (helper.count = 0; helper.count < count; helper.count++)
    helper.commands[helper.count] = mem_strdup(commands[helper.count]);
  helper.pid = fork();
  if (helper.pid == 0) {
    close(ends[0]);
    serve(ends[1]);
  }
  close(ends[1]);
  if (helper.pid > 0) {
    helper.fd = ends[0];
    return 0;
  }
  int code = err_set_errno(e, ERR_IO, "cannot start the process that runs commands");
  close(ends[0]);
  return code;
}

void shell_release(void) {
  for (unsigned i = 0; i < helper.count; i++) free(helper.commands[i]);
  free(helper.commands);
  helper.commands = NULL;
  helper.count = 0;
  if (helper.fd < 0) return;
  close(helper.fd);
  helper.fd = -1;
  while (waitpid(helper.pid, NULL, 0) < 0 && errno == EINTR) continue;
}

/* --- asking it ---------------------------------------------------------------------------------------------------- */

/* A helper that is gone has no children any more. */
static struct answer ask(struct request *r, const int *fds, unsigned count) {
  struct answer a;
  int none[PASSING_MOST];
  unsigned of_none;
  pthread_mutex_lock(&helper.lock);
  bool answered =
      passing_send(helper.fd, r, sizeof *r, fds, count) && passing_receive(helper.fd, &a, sizeof a, none, &of_none);
  pthread_mutex_unlock(&helper.lock);
  return answered ? a : (struct answer){.error = ESRCH, .ended = true, .status = 0x7f00};
}

int helper_start(const char *command, int in, int out, pid_t *ret) {
  if (helper.fd < 0) return command_start(command, in, out, ret);
  int fds[PASSING_MOST];
  unsigned count = 0;
  struct request r = {.task = TASK_START, .has_in = in >= 0, .has_out = out >= 0};
  while (r.command < helper.count && strcmp(helper.commands[r.command], command) != 0) r.command++;
  if (r.command == helper.count) return EPERM; /* no command of the configuration's */
  if (r.has_in) fds[count++] = in;
  if (r.has_out) fds[count++] = out;
  struct answer a = ask(&r, fds, count);
  *ret = a.child;
  return a.error;
}

bool helper_has_ended(pid_t child, int *ret_status) {
  if (helper.fd < 0) return command_has_ended(child, ret_status);
  struct answer a = ask(&(struct request){.task = TASK_HAS_ENDED, .child = child}, NULL, 0);
  *ret_status = a.status;
  return a.ended;
}

void helper_kill(pid_t child) {
  if (helper.fd < 0)
    command_kill(child);
  else
    ask(&(struct request){.task = TASK_KILL, .child = child}, NULL, 0);
}

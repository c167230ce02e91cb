/* SPDX-License-Identifier: Apache-2.0 */
/* The process that forks workers, and what is asked of it over a socket. */
#include "sandbox/nursery.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/passing.h"
#include "sandbox/calls.h"
#include "sandbox/landlock.h"

#define WORKERS_MOST 4096 /* alive at a time: jobs times accounts */
#define WORKER_FILES 128  /* descriptors of one: an input, and a file for each level of containers */

#define RECEIVE_US 200000
#define SEND_S 600

extern char **environ;

struct nursery {
  pthread_mutex_t lock; /* a request and its answer belong together */
  int fd;
  pid_t pid;
};

struct request {
  bool is_end; /* of `pid`; else a worker is wanted */
  pid_t pid;
  enum sandbox_mode mode;
  struct nursery_limits limits;
};

struct answer {
  int error; /* errno: there is no worker */
  pid_t pid;
  int status; /* waitpid's */
};

/* --- the worker --------------------------------------------------------------------------------------------------- */

static void limit(int resource, rlim_t most) {
  struct rlimit l;
  if (getrlimit(resource, &l) < 0) return;
  if (l.rlim_max == RLIM_INFINITY || l.rlim_max > most) l.rlim_max = most;
  if (l.rlim_cur == RLIM_INFINITY || l.rlim_cur > l.rlim_max) l.rlim_cur = l.rlim_max;
  setrlimit(resource, &l);
}

/* The addresses that this process has, in bytes. */
static uint64_t addresses_in_use(void) {
  unsigned long long pages = 0;
  _cleanup_fclose_ FILE *file = fopen("/proc/self/statm", "r");
  if (!file || fscanf(file, "%llu", &pages) != 1) pages = 0;
  return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void set_limits(const struct nursery_limits *limits) {
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, limits->file_bytes);
  limit(RLIMIT_NOFILE, WORKER_FILES);
  /* A sanitizer's shadow is larger than any limit. */
  if (!calls_are_wide()) limit(RLIMIT_AS, addresses_in_use() + limits->memory_bytes);
}

/* It ends with the nursery, which ends with whoever asks: one that loops would not see that its socket is closed. */
static _Noreturn void be_worker(int fd, const struct request *r, pid_t of, nursery_work_fn *work) {
  struct err e;
  prctl(PR_SET_NAME, "dmarcctl-parser");
  prctl(PR_SET_DUMPABLE, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != of) _exit(0);
  set_limits(&r->limits);
  if (sandbox_enter_worker(r->mode, &e) == 0) work(fd);
  _exit(0);
}

/* --- the nursery -------------------------------------------------------------------------------------------------- */

static void answer(int fd, const struct answer *a, int passed) { passing_send(fd, a, sizeof *a, &passed, passed >= 0); }

static void begin_worker(int fd, const struct request *r, nursery_work_fn *work) {
  int ends[2];
  struct answer a = {0};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
    answer(fd, &(struct answer){.error = errno}, -1);
    return;
  }
  /* Who waits for a worker wants to look at it now and then; one that does not read for so long has a fault. */
  setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_usec = RECEIVE_US}, sizeof(struct timeval));
  setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){.tv_sec = SEND_S}, sizeof(struct timeval));
  const pid_t of = getpid();
  a.pid = fork();
  if (a.pid == 0) {
    close(fd);
    close(ends[0]);
    be_worker(ends[1], r, of, work);
  }
  if (a.pid < 0) a.error = errno;
  close(ends[1]);
  answer(fd, &a, a.pid < 0 ? -1 : ends[0]);
  close(ends[0]);
}

/* One that is not ours is waited for in vain, and killed by nobody. */
static void end_worker(int fd, pid_t pid) {
  struct answer a = {.pid = pid};
  siginfo_t known;
  if (pid > 0 && waitid(P_PID, (id_t)pid, &known, WEXITED | WNOHANG | WNOWAIT) == 0) {
    kill(pid, SIGKILL);
    while (waitpid(pid, &a.status, 0) < 0 && errno == EINTR) continue;
  }
  answer(fd, &a, -1);
}

/* What it was started with may hold secrets. Not the charset of the terminal, which names in archives are taken for. */
static void wipe_environment(void) {
  for (char **entry = environ; entry && *entry; entry++) {
    char *value = strchr(*entry, '=');
    bool is_kept = !strncmp(*entry, "LC_", 3) || !strncmp(*entry, "LANG", 4) || strstr(*entry, "SAN_OPTIONS=");
    if (value && !is_kept) explicit_bzero(value + 1, strlen(value + 1));
  }
}

/* Of the descriptors it keeps its socket; what it would have to say it could say to a stranger's order. */
static int keep_one_descriptor(int fd) {
  int null = open("/dev/null", O_RDWR), kept = fcntl(fd, F_DUPFD, 3);
  for (int i = STDIN_FILENO; i <= (calls_are_wide() ? STDOUT_FILENO : STDERR_FILENO); i++) dup2(null, i);
  if (kept != 3) {
    dup2(kept, 3);
    kept = 3;
  }
  fcntl(kept, F_SETFD, FD_CLOEXEC);
  closefrom(4);
  return kept;
}

/* Signals are for the process that asks: workers end with their sockets. */
static _Noreturn void be_nursery(int fd, nursery_prepare_fn *prepare, nursery_work_fn *work) {
  static const int LEFT_TO_THE_OTHER[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
  for (size_t i = 0; i < ARRAY_SIZE(LEFT_TO_THE_OTHER); i++) signal(LEFT_TO_THE_OTHER[i], SIG_IGN);
  prctl(PR_SET_NAME, "dmarcctl-nursery");
  prctl(PR_SET_DUMPABLE, 0);
  wipe_environment();
  fd = keep_one_descriptor(fd);
  struct request r;
  int none[PASSING_MOST];
  unsigned of_none;
  bool is_prepared = false;
  while (passing_receive(fd, &r, sizeof r, none, &of_none)) {
    if (!is_prepared && !r.is_end) prepare();
    is_prepared = is_prepared || !r.is_end;
    if (r.is_end)
      end_worker(fd, r.pid);
    else
      begin_worker(fd, &r, work);
  }
  _exit(0);
}

struct nursery *nursery_open(nursery_prepare_fn *prepare, nursery_work_fn *work) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return NULL;
  pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    be_nursery(ends[1], prepare, work);
  }
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return NULL;
  }
  struct nursery *n = mem_alloc(sizeof *n);
  *n = (struct nursery){.fd = ends[0], .pid = pid};
  pthread_mutex_init(&n->lock, NULL);
  return n;
}

void nursery_close(struct nursery *n) {
  if (!n) return;
  close(n->fd);
  while (waitpid(n->pid, NULL, 0) < 0 && errno == EINTR) continue;
  pthread_mutex_destroy(&n->lock);
  free(n);
}

/* --- asking it ---------------------------------------------------------------------------------------------------- */

static bool ask(struct nursery *n, const struct request *r, struct answer *ret, int *ret_fd) {
  int fds[PASSING_MOST];
  unsigned count = 0;
  pthread_mutex_lock(&n->lock);
  bool answered = passing_send(n->fd, r, sizeof *r, NULL, 0) && passing_receive(n->fd, ret, sizeof *ret, fds, &count);
  pthread_mutex_unlock(&n->lock);
  *ret_fd = answered && count ? fds[0] : -1;
  return answered;
}

int nursery_begin(struct nursery *n, enum sandbox_mode mode, const struct nursery_limits *limits,
                  struct nursery_worker *ret, struct err *e) {
  const struct request r = {.mode = mode, .limits = *limits};
  struct answer a = {.error = EPIPE};
  int fd;
  if (!ask(n, &r, &a, &fd) || a.error || fd < 0) {
    errno = a.error;
    return err_set_errno(e, ERR_IO, "cannot start a process that reads");
  }
  *ret = (struct nursery_worker){.fd = fd, .pid = a.pid};
  return 0;
}

static void tell_end(int status, struct strbuf *cause) {
  if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
    strbuf_printf(cause, "ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
  else if (WIFEXITED(status))
    strbuf_printf(cause, "ended with status %d", WEXITSTATUS(status));
  else
    strbuf_add_text(cause, "ended by signal 9 (Killed)");
}

void nursery_end(struct nursery *n, struct nursery_worker *w, struct strbuf *cause) {
  struct answer a = {0};
  int none;
  if (w->fd < 0) return;
  close(w->fd);
  ask(n, &(struct request){.is_end = true, .pid = w->pid}, &a, &none);
  if (cause) tell_end(a.status, cause);
  *w = (struct nursery_worker)NURSERY_WORKER_NONE;
}

double nursery_seconds(const struct nursery_worker *w) {
  clockid_t clock;
  struct timespec used;
  if (clock_getcpuclockid(w->pid, &clock) != 0 || clock_gettime(clock, &used) < 0) return 0;
  return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

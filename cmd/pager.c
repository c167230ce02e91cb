/* SPDX-License-Identifier: Apache-2.0 */
/* Starts a pager as git does and waits for it; what it shows was made harmless by whoever wrote it. */
#include "cmd/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

/* A machine without less gets the text all the same. */
#define USUAL_PAGER "command -v less >/dev/null && exec less; exec cat"

static const int FATAL_SIGNALS[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

/* For the signal handler alone: there is no other way to tell it. */
static volatile sig_atomic_t waited_pid, waited_fd;

/* Whoever leaves while less holds the terminal leaves the user with two programs that read the keyboard. */
static void wait_and_die(int signal_number) {
  close((int)waited_fd);
  while (waitpid((pid_t)waited_pid, NULL, 0) < 0 && errno == EINTR) continue;
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

static const char *chosen_pager(void) {
  const char *term = getenv("TERM");
  if (!term || !*term || !strcmp(term, "dumb")) return NULL;
  const char *pager = getenv("DMARCCTL_PAGER");
  if (!pager) pager = getenv("PAGER");
  if (!pager) return USUAL_PAGER;
  return *pager && strcmp(pager, "cat") != 0 ? pager : NULL;
}

/* -F: no paging where all fits, -R: colours pass (and nothing else does), -X: the text stays on the screen. */
static void become_pager(const char *command, int from) {
  dup2(from, STDIN_FILENO);
  for (size_t i = 0; i < ARRAY_SIZE(FATAL_SIGNALS); i++) signal(FATAL_SIGNALS[i], SIG_DFL);
  setenv("LESS", "FRX", 0);
  setenv("LV", "-c", 0);
  execl("/bin/sh", "sh", "-c", command, (char *)NULL);
  _exit(127);
}

static void watch_signals(void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = (int)SA_RESETHAND};
  for (size_t i = 0; i < ARRAY_SIZE(FATAL_SIGNALS); i++) {
    struct sigaction before;
    /* What was ignored (nohup) stays so. */
    if (sigaction(FATAL_SIGNALS[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
      sigaction(FATAL_SIGNALS[i], &action, NULL);
  }
}

FILE *pager_open(pid_t *ret_pager) {
  const char *command = chosen_pager();
  int ends[2];
  if (!command || pipe2(ends, O_CLOEXEC) < 0) return NULL;
  pid_t pid = fork();
  if (pid == 0) become_pager(command, ends[0]);
  close(ends[0]);
  FILE *file = pid < 0 ? NULL : fdopen(ends[1], "w");
  if (!file) {
    close(ends[1]);
    if (pid > 0) waitpid(pid, NULL, 0);
    return NULL;
  }
  waited_pid = pid;
  waited_fd = ends[1];
  watch_signals(wait_and_die);
  *ret_pager = pid;
  return file;
}

void pager_close(FILE *file, pid_t pager) {
  fclose(file);
  while (waitpid(pager, NULL, 0) < 0 && errno == EINTR) continue;
  watch_signals(SIG_DFL);
}

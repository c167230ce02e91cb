/* SPDX-License-Identifier: Apache-2.0 */
/* A flag, and the handler that sets it. */
#include "cmd/interrupt.h"

#include <stddef.h>

#include "base/stop.h"

static volatile sig_atomic_t interrupted;

static void on_signal(int number) {
  (void)number;
  stop_flag_set(&interrupted);
}

const volatile sig_atomic_t *interrupt_catch(void) {
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  struct sigaction before;
  if (!sigaction(SIGHUP, NULL, &before) && before.sa_handler != SIG_IGN) /* ignored: run by nohup */
    sigaction(SIGHUP, &action, NULL);
  return &interrupted;
}

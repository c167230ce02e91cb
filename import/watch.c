/* SPDX-License-Identifier: Apache-2.0 */
/* Waits on several connections at once: IDLE where the server knows it, a look now and then where it does not. */
#include "import/watch.h"

#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/stop.h"
#include "mailbox/mail_folder.h"

#define IDLE_SECONDS \
  (10 * 60) /* RFC 2177 asks for less than 29 minutes; and some servers list IDLE and never tell of new mail */
#define POLL_SECONDS (5 * 60) /* without IDLE, and after trouble */
#define SLICE_MS 500          /* a signal shall not wait */

struct watched {
  struct mailbox *mailbox;
  bool idling;
  bool over;  /* its login was refused, and will be again */
  double due; /* clock_now_s */
};

static void look(struct watched *w) {
  struct err unused;
  int news = mail_folder_idle_look(mailbox_connection(w->mailbox), &unused);
  if (news < 0) w->idling = false; /* the connection broke: importing connects anew */
  if (news) w->due = 0;
}

/* Its turn, and back to waiting. False where all is to end. */
static bool attend(struct watched *w, watch_turn_fn *turn, void *user, int *ret_code, struct err *e) {
  struct err unused;
  struct mail_folder *connection = mailbox_connection(w->mailbox);
  if (w->idling) mail_folder_idle_end(connection, &unused); /* a broken connection is made anew */
  enum mailbox_end end = turn(user, w->mailbox, ret_code, e);
  if (end == MAILBOX_STOP) return false;
  w->over = end == MAILBOX_FAILED && *ret_code == ERR_DENIED;
  w->idling = end == MAILBOX_DONE && mail_folder_idle_begin(connection, &unused) == 1;
  w->due = clock_now_s() + (w->idling ? IDLE_SECONDS : POLL_SECONDS);
  double not_before = mail_folder_not_before(connection);
  if (end == MAILBOX_FAILED && not_before > w->due) w->due = not_before;
  /* What was announced while the mails before were read, or with the "+" of IDLE, wakes no poll. */
  if (w->idling) look(w);
  return true;
}

/* With one folder of an account all are over. False where none is left. */
static bool end_account(struct watched *all, unsigned count, const struct watched *denied) {
  bool any = false;
  for (unsigned i = 0; i < count; i++) {
    all[i].over = all[i].over || mailbox_is_of_same_account(all[i].mailbox, denied->mailbox);
    if (all[i].over) all[i].idling = false;
    any = any || !all[i].over;
  }
  return any;
}

/* Looks at what the connections say, for a moment at most. */
static void await(struct watched *all, unsigned count, struct pollfd *polled) {
  for (unsigned i = 0; i < count; i++)
    polled[i] = (struct pollfd){.fd = all[i].idling ? mail_folder_idle_fd(mailbox_connection(all[i].mailbox)) : -1,
                                .events = POLLIN};
  if (poll(polled, count, SLICE_MS) <= 0) return;
  for (unsigned i = 0; i < count; i++)
    if (polled[i].revents) look(&all[i]);
}

int watch_mailboxes(struct mailbox *const *mailboxes, unsigned count, const volatile sig_atomic_t *interrupted,
                    watch_turn_fn *turn, void *user, struct err *e) {
  struct watched *all = mem_zalloc(count * sizeof *all);
  struct pollfd *polled = mem_zalloc(count * sizeof *polled);
  bool going_on = true;
  int code = 0;
  for (unsigned i = 0; i < count; i++) all[i].mailbox = mailboxes[i];
  while (going_on && !stop_flag_is_set(interrupted)) {
    for (unsigned i = 0; i < count && going_on && !stop_flag_is_set(interrupted); i++) {
      if (all[i].over || clock_now_s() < all[i].due) continue;
      going_on = attend(&all[i], turn, user, &code, e);
      if (going_on && all[i].over) going_on = end_account(all, count, &all[i]);
    }
    if (going_on && !stop_flag_is_set(interrupted)) await(all, count, polled);
  }
  free(polled);
  free(all);
  return stop_flag_is_set(interrupted) || going_on ? 0 : code;
}

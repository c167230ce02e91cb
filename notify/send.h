/* SPDX-License-Identifier: Apache-2.0 */
/* Sends a message by a way. */
#ifndef NOTIFY_SEND_H
#define NOTIFY_SEND_H

#include "base/mem.h"
#include "base/stop.h"
#include "notify/way.h"

#define PARCEL_KEY_BYTES 16

/* A message in each form that it may take. Texts are UTF-8; `subject` is one line, `text` and `html` end with a
 * newline. */
struct notice_parcel {
  const char *key; /* hexadecimal: the same however often it is sent, so that a repeat is known */
  int64_t made_s;
  const char *subject, *text, *html, *json;
};

/* Of the recipients of a mail, each of whom is to get it once, and after what came before it. By another way a message
 * reaches one, who is not named here. */
struct way_reached {
  struct text_list have; /* have it, and get it no more */
  struct text_list held; /* are not to get it now, because something before it did not reach them */
};
void way_reached_clear(struct way_reached *r);

/* What happens meanwhile. Whatever is NULL nobody wants to know. */
struct way_listener {
  /* More recipients have it: called before anything else is tried, so that it can be kept. A negative code ends it. */
  int (*taken)(void *user, const struct text_list *have, struct err *e);
  /* A command says something: a line, without what its own line may have of secrets, but not escaped. */
  void (*said)(void *user, const char *line);
  void *user;
  const struct stop *stop;
};

/* Once per process, before the first message. */
void notify_library_init(void);
void notify_library_clear(void);

/* Sends it to whoever does not have it and is not held, and tries again after failures that may pass. 0: all of them
 * took it, or there was nobody. ERR_USAGE, ERR_DENIED: it is not taken as it is; ERR_IO: nor now; ERR_INTERRUPTED:
 * somebody said so. `r` then names who of the recipients of a mail has it nevertheless, and holds the others. Messages
 * quote answers without secrets. */
int way_send(const struct way *w, const struct notice_parcel *p, struct way_reached *r,
             const struct way_listener *listener, struct err *e);

#endif

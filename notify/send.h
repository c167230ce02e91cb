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

/* Once per process, before the first message. */
void notify_library_init(void);
void notify_library_clear(void);

/* Sends it, and tries again after failures that may pass. 0: somebody took it. ERR_USAGE, ERR_DENIED: it is not taken
 * as it is; ERR_IO: nor now; ERR_INTERRUPTED: `stop` said so. Messages quote answers without secrets. */
int way_send(const struct way *w, const struct notice_parcel *p, const struct stop *stop, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What is never to be said again where the other side repeats it, whatever it makes of it. Private to notify/. */
#ifndef NOTIFY_MASK_H
#define NOTIFY_MASK_H

#include "base/mem.h"

struct mask {
  char **items; /* owned, and wiped */
  unsigned count;
};
void mask_clear(struct mask *h); /* accepts a zeroed one */

/* A password, a token, a secret: as it is, and as URLs, JSON and HTML spell it. */
void mask_add(struct mask *h, const char *secret);
/* What makes a web hook a secret: path and query, each by itself, and the parts of both. */
void mask_add_url(struct mask *h, const char *url);
/* What may be a secret in a line for the shell: words behind its first one that are long, or have digits. */
void mask_add_command(struct mask *h, const char *command);

/* Overwrites them with stars: in all that secret_mask knows, and where eight bytes of one stand by themselves. */
void mask_text(const struct mask *h, char *text);
/* Appends ": " and what the other side said, for people: the first line, cut off, printable ASCII, without them. */
#define MASK_SAID_MOST 200
void mask_add_said(const struct mask *h, struct strbuf *out, const char *said);

#endif

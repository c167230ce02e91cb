/* SPDX-License-Identifier: Apache-2.0 */
/* Explains why no connection to a server came about, and what would help: another scheme, port, authority, key or
 * proxy. Private to mailbox/. */
#ifndef MAILBOX_OBSTACLE_H
#define MAILBOX_OBSTACLE_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/err.h"
#include "mailbox/account.h"

struct obstacle {
  CURL *curl; /* set up for the server; its perform has failed with `code` */
  CURLcode code;
  const char *said;          /* libcurl's own words; "": none */
  const char *greeting;      /* the server's first line; "": it sent none */
  const char *plain;         /* the scheme: "imap", ... */
  const char *secure;        /* the scheme with implicit TLS: "imaps", ... */
  const char *greeting_mark; /* begins each line of a server of this protocol: "* " */
  const char *no_greeting;   /* "the server does not greet as an IMAP server does" */
  const char *url;           /* of the server alone, without a user */
};

/* Fills `e` with `*code` and a sentence, if more can be said than libcurl does. False: it cannot, and `e` is unchanged.
 * `*code` becomes ERR_USAGE where the URL names the wrong scheme or port: trying again is no help then. May connect
 * once more, and changes the handle then (certificate.h). */
bool obstacle_tell(const struct obstacle *o, const struct mail_account *a, int *code, struct err *e);

#endif

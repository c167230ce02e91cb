/* SPDX-License-Identifier: Apache-2.0 */
/* Why there is no connection to a server, told with the way out: another scheme, a port, an authority, a key, a proxy.
 * Private to mailbox/. */
#ifndef MAILBOX_OBSTACLE_H
#define MAILBOX_OBSTACLE_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/err.h"
#include "mailbox/account.h"

struct obstacle {
  CURL *curl; /* set up for the server, behind a perform that failed by */
  CURLcode code;
  const char *said;          /* libcurl's own words; "": none */
  const char *greeting;      /* the server's first line; "": it said none */
  const char *plain;         /* the scheme: "imap", ... */
  const char *secure;        /* the same with TLS from the beginning: "imaps", ... */
  const char *greeting_mark; /* with which each line of such a server begins: "* " */
  const char *no_greeting;   /* "the server does not greet as an IMAP server does" */
  const char *url;           /* of the server alone, without a user */
};

/* A sentence into `e` under `code`, where more is known than libcurl says. False: nothing is, and `e` as it was. May
 * connect once more (certificate.h). */
bool obstacle_tell(const struct obstacle *o, const struct mail_account *a, int code, struct err *e);

#endif

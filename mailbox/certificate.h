/* SPDX-License-Identifier: Apache-2.0 */
/* What a server shows of itself where its certificate or its key was refused: so that people can decide. Private to
 * mailbox/. */
#ifndef MAILBOX_CERTIFICATE_H
#define MAILBOX_CERTIFICATE_H

#include <curl/curl.h>
#include <stdbool.h>

#define CERTIFICATE_DAY_BYTES 16
#define CERTIFICATE_PIN_BYTES 80
#define CERTIFICATE_NAMES_BYTES 256

struct certificate {
  char pin[CERTIFICATE_PIN_BYTES];     /* "sha256//..." of its key (RFC 7469 2.4) */
  char from[CERTIFICATE_DAY_BYTES];    /* "2026-11-30": valid from then on, */
  char until[CERTIFICATE_DAY_BYTES];   /* and so long */
  char names[CERTIFICATE_NAMES_BYTES]; /* whose it is: "a.example.com, b.example.com, ..." */
};

/* Connects once more, to `url`, verifies nothing, and for that reason says nothing either: no name and no secret. Of
 * `c`, a handle that is set up for the server, all that is changed. False: it shows no certificate. */
bool certificate_ask(CURL *c, const char *url, struct certificate *ret);
/* Out of a text in PEM. */
bool certificate_read(const char *pem, struct certificate *ret);

#endif

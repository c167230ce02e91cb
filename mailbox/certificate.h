/* SPDX-License-Identifier: Apache-2.0 */
/* What a server presents of itself after its certificate or key was refused, so that people can decide whether to trust
 * it. Private to mailbox/. */
#ifndef MAILBOX_CERTIFICATE_H
#define MAILBOX_CERTIFICATE_H

#include <curl/curl.h>
#include <stdbool.h>

#define CERTIFICATE_DAY_BYTES 16
#define CERTIFICATE_PIN_BYTES 80
#define CERTIFICATE_NAMES_BYTES 256

struct certificate {
  char pin[CERTIFICATE_PIN_BYTES];     /* "sha256//..." of its public key (RFC 7469 2.4) */
  char from[CERTIFICATE_DAY_BYTES];    /* "2026-11-30": the first day of its validity (RFC 5280 4.1.2.5) */
  char until[CERTIFICATE_DAY_BYTES];   /* and the last */
  char names[CERTIFICATE_NAMES_BYTES]; /* the names it is for: "a.example.com, b.example.com, ..." */
};

/* Connects to `url` once more, without verification, and therefore sends neither a user name nor a secret. `c` is a
 * handle that was set up for the server; its credentials, trust, URL and callbacks are overwritten. False: the server
 * presents no certificate that can be read. */
bool certificate_ask(CURL *c, const char *url, struct certificate *ret);
/* The same from a certificate in PEM (RFC 7468). */
bool certificate_read(const char *pem, struct certificate *ret);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The port of this machine to which a browser is sent with a code when a person has agreed (RFC 8252 7.3), guarded by
 * PKCE (RFC 7636) and a state, so that nothing else on this machine can interfere. Private to oauth/. */
#ifndef OAUTH_LOOPBACK_H
#define OAUTH_LOOPBACK_H

#include "base/err.h"
#include "base/stop.h"

#define LOOPBACK_RANDOM_TEXT 44 /* 256 bits in base64url (RFC 7636 4.1), with the NUL */

struct loopback {
  int listener;
  unsigned port;
  char redirect_uri[40]; /* "http://127.0.0.1:PORT/" */
  char state[LOOPBACK_RANDOM_TEXT], verifier[LOOPBACK_RANDOM_TEXT], challenge[LOOPBACK_RANDOM_TEXT];
};

/* Listens on 127.0.0.1, on a port of the system's choice. loopback_close in any case. */
int loopback_open(struct loopback *l, struct err *e);
/* Waits for a browser that brings our state: `*ret_code` is the authorization code (RFC 6749 4.1.2), to be freed. Any
 * other request is turned away, and the wait goes on until `until` (clock_now_s). ERR_DENIED: the server sent the
 * browser with an error, which `e` repeats; or the time is over. */
int loopback_await(struct loopback *l, const struct stop *stop, double until, char **ret_code, struct err *e);
void loopback_close(struct loopback *l); /* wipes */

/* The base64url of 256 bits, without padding (RFC 7636 A); the digest of a verifier (4.2, S256). */
void loopback_random(char ret[LOOPBACK_RANDOM_TEXT]);
void loopback_challenge(const char *verifier, char ret[LOOPBACK_RANDOM_TEXT]);
/* Reads the target of a browser's request, "/?code=...&state=...": the code, or the server's error in `ret_error`,
 * either decoded and to be freed. False: it is not the request we wait for. */
bool loopback_read(const char *target, const char *state, char **ret_code, char **ret_error);

#endif

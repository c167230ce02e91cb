/* SPDX-License-Identifier: Apache-2.0 */
/* A request of a client, with its proof, and the answer to it. Private to oauth/. */
#ifndef OAUTH_EXCHANGE_H
#define OAUTH_EXCHANGE_H

#include "oauth/answer.h"
#include "oauth/oauth.h"
#include "oauth/post.h"

/* A form under construction. It remembers the secrets in it, to mask them in what the server answers. */
struct exchange {
  const struct oauth_settings *settings;
  const struct stop *stop;
  struct strbuf form;
  char client_secret[SECRET_BYTES]; /* or the client's assertion */
  const char *secret;               /* the refresh token, the code of the device; NULL: none. Not owned */
};
#define _cleanup_exchange_ __attribute__((cleanup(exchange_clear)))

/* Begins a form with client_id and, if there is one, client_secret in the body (RFC 6749 2.3.1), as Microsoft and
 * Google want it, or else its assertion (RFC 7521 4.2). `ret` is to be cleared in any case. */
int exchange_begin(struct exchange *ret, const struct oauth_settings *s, const struct stop *stop, struct err *e);
void exchange_add(struct exchange *x, const char *name, const char *value);        /* nothing where it is NULL */
void exchange_add_secret(struct exchange *x, const char *name, const char *value); /* `value` outlives x */
/* Sends the form. 0 with an answer that is no refusal; or the code of the refusal, whose word then is in `ret` too.
 * `ret` is to be cleared in any case. */
int exchange_send(struct exchange *x, const char *url, struct answer *ret, struct err *e);
void exchange_clear(struct exchange *x); /* wipes */

#endif

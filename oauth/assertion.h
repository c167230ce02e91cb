/* SPDX-License-Identifier: Apache-2.0 */
/* A client's proof by its key: a signed token of its own (RFC 7521, RFC 7523 2.2, "private_key_jwt"). Private to
 * oauth/. */
#ifndef OAUTH_ASSERTION_H
#define OAUTH_ASSERTION_H

#include "base/err.h"

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/* Into `ret` of SECRET_BYTES: `client_id` says to `audience` that it is itself, for some minutes from now on, and signs
 * that with the key of `key_file` (PS256 with RSA, ES256 with a curve of P-256; RFC 7518 3). The server knows the
 * certificate of `certificate_file`, of which it is told the thumbprint (x5t#S256, RFC 7515 4.1.8). Both are PEM, and
 * may be one file. ERR_USAGE: they are none, do not belong together, or the key may be read by others. */
int assertion_make(const char *certificate_file, const char *key_file, const char *client_id, const char *audience,
                   char *ret, struct err *e);

#endif

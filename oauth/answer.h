/* SPDX-License-Identifier: Apache-2.0 */
/* The answers of an authorization server, read from their JSON. Private to oauth/. */
#ifndef OAUTH_ANSWER_H
#define OAUTH_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define ANSWER_SECONDS_MOST 315360000 /* ten years: beyond it a lifetime is cut */
#define ANSWER_WORD_BYTES 64

/* The members of an answer that are used; texts are owned. Lifetimes are -1 if the server does not say. */
struct answer {
  /* RFC 6749 5.1 */
  char *access_token, *refresh_token; /* printable ASCII, not empty; shorter than SECRET_BYTES */
  int64_t expires_in_s;
  int64_t refresh_expires_in_s; /* refresh_token_expires_in: Google's and Microsoft's word */
  /* RFC 8628 3.2 */
  char *device_code, *user_code, *verification_uri, *verification_uri_complete;
  int64_t interval_s;
  /* RFC 6749 5.2 */
  char error[ANSWER_WORD_BYTES]; /* "" where it is none */
  char *description;             /* error_description's first line; NULL */
};

/* The members that are there and of the right type. ERR_FORMAT: no JSON object, or a token that is none. */
int answer_read(const char *json, size_t size, struct answer *ret, struct err *e);
/* Wipes what is secret. */
void answer_clear(struct answer *a);
/* Is it the successful answer of a token endpoint (RFC 6749 5.1)? Of a device authorization endpoint (RFC 8628 3.2)?
 * ERR_FORMAT says what is missing. A page for the person's browser has
 * the scheme https or http. */
int answer_check_token(const struct answer *a, struct err *e);
int answer_check_device(const struct answer *a, struct err *e);
/* The code for an error that the server reports; `e` gets a sentence with its words. */
int answer_tell_error(const struct answer *a, struct err *e);

#endif

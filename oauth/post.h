/* SPDX-License-Identifier: Apache-2.0 */
/* One request to an endpoint: a form by POST, and what came back. Private to oauth/. */
#ifndef OAUTH_POST_H
#define OAUTH_POST_H

#include "base/err.h"
#include "base/mem.h"
#include "base/stop.h"

#define POST_BODY_MOST (64U << 10) /* tokens of large providers have some 2 KiB, and there are three at most */
#define POST_TIMEOUT_S 30

/* Sends the form; `ca_file` (PEM) has the authorities to trust, NULL: the system's. 0 with the status and, in `ret`,
 * the body of an answer that is to be read: success or refusal (2xx, 4xx). ERR_BUSY: the server is out of order or has
 * no time (5xx, 408, 429); `e` says for how long, if it does (Retry-After). ERR_USAGE: a redirect, or TLS that cannot
 * be trusted. No message repeats the body. */
int post_form(const char *url, const struct strbuf *form, const char *ca_file, uint32_t timeout_s,
              const struct stop *stop, struct strbuf *ret, long *ret_status, struct err *e);

#endif

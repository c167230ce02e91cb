/* SPDX-License-Identifier: Apache-2.0 */
/* Access tokens from an OAuth 2.0 authorization server (RFC 6749), for a program that runs without a person.
 *
 * There are two ways to one. The application is its own owner and proves itself by a secret (client credentials,
 * RFC 6749 4.4). Or a person has agreed once, with a code typed into a browser on any other machine (device
 * authorization, RFC 8628) or in a browser of this one (RFC 6749 4.1 with PKCE, RFC 7636, on a loopback address,
 * RFC 8252), and the refresh token which that gave (RFC 6749 6) lies in a file, renewed as the server renews it. What a
 * token opens is another's business: to this room it is text (RFC 6750 2.1).
 *
 * libcurl asks, by HTTPS with TLS 1.2 or later; without TLS on a loopback address alone. Redirects are not followed,
 * answers are bounded, and no message holds a secret, a code of a device or a token, whatever the server repeats. */
#ifndef OAUTH_OAUTH_H
#define OAUTH_OAUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/secret_source.h"
#include "base/stop.h"

/* Errors of this room, besides their general meaning:
 *   ERR_IO           the server cannot be reached, or the disk here failed; ERR_BUSY: it asks to come back later, or
 *                    another process has the token file. Trying again may help.
 *   ERR_DENIED       the client, its secret or the refresh token is not accepted, or the person said no: it will be the
 *                    same again, until somebody logs in or mends the secret
 *   ERR_USAGE        the settings make no sense, or the server will never answer them
 *   ERR_FORMAT, ERR_LIMIT  the server does not speak intelligible OAuth, or says more than a limit allows
 *   ERR_INTERRUPTED  the caller's stop says so */

/* libcurl's beginning and end: call once before the first thread, and once at the end. Counted, so that it does no harm
 * beside others that do the same. */
void oauth_library_init(void);
void oauth_library_clear(void);

/* --- settings ----------------------------------------------------------------------------------------------------- */

/* As a user writes them. Texts are owned; NULL if not given. */
struct oauth_settings {
  char *provider; /* "microsoft", "google", or the URL of a token endpoint; NULL: no OAuth, and nothing below */
  char *tenant;   /* Microsoft: the tenant's id or name */
  char *client_id;
  char *secret_file, *secret_command; /* the client's secret: the first line */
  char *scope;                        /* default: the mail of the provider */
  char *token_file;                   /* where the refresh token lies; NULL: client credentials */
  char *device_url;                   /* the device authorization endpoint; known of a provider */
  char *authorization_url;            /* the authorization endpoint, where there is none for devices; likewise */
  char *login;                        /* what a person does to log in, for messages: "dmarcctl login NAME" */
  uint32_t timeout_s;                 /* of one request; 0: 30 */
  char *token_url;                    /* filled in by oauth_settings_finish */
};
#define OAUTH_SETTINGS_NONE \
  { 0 }

void oauth_settings_clear(struct oauth_settings *s);
/* May secrets be sent there? "https://", or "http://" and a literal loopback address; no user, no fragment (RFC 6749
 * 3.2). */
int oauth_url_check(const char *url, struct err *e);
/* A tenant stands in a URL: letters, digits, "-" and ".". */
int oauth_tenant_check(const char *tenant, struct err *e);
/* What no single setting can see, contradictions among them; and fills in what is known of the provider. Messages name
 * the keys of the configuration. */
int oauth_settings_finish(struct oauth_settings *s, struct err *e);

/* --- tokens ------------------------------------------------------------------------------------------------------- */

/* A client with the token it has. Any thread may ask; one asks the server at a time. */
struct oauth_client;
/* Takes over finished settings, which are empty then. Nothing is read or asked before the first token. */
struct oauth_client *oauth_client_new(struct oauth_settings *settings);
void oauth_client_free(struct oauth_client *c); /* accepts NULL; wipes the token */
/* Must a person have logged in? Else the client's secret is all it takes. */
bool oauth_client_has_login(const struct oauth_client *c);
const char *oauth_client_token_file(const struct oauth_client *c); /* where that is kept; NULL */

/* An access token into `ret` of SECRET_BYTES: the one that is there, until shortly before it expires (expires_in,
 * RFC 6749 5.1, counted on this machine's monotonic clock: no clock of the server's is believed), else a new one. A
 * refresh token that the server exchanges for another (RFC 6749 6) is in its file before this returns; processes with
 * the same file take turns. The caller wipes `ret`. */
int oauth_client_token(struct oauth_client *c, const struct stop *stop, char *ret, struct err *e);
/* The server that takes tokens refused the last one: it is not handed out again. True: it was not new, so another one
 * may help. */
bool oauth_client_refused(struct oauth_client *c);
/* Seconds for which the last token is valid; -1: the server did not say. */
int64_t oauth_client_lifetime_s(struct oauth_client *c);

/* --- logging in ---------------------------------------------------------------------------------------- */

/* A person's agreement under way. */
struct oauth_login {
  char *code;           /* to be typed in (RFC 8628 3.2, user_code); NULL: nothing is */
  char *url;            /* there (verification_uri); without a code: in a browser that reaches this machine */
  char *url_with_code;  /* the same for a click (3.3.1); NULL */
  unsigned port;        /* of 127.0.0.1, to which that browser is sent back; 0: none is */
  int64_t expires_in_s; /* so long there is time */
  /* this room's own */
  char *device_code;
  struct loopback *loopback;
  double interval_s, until;
};
/* Asks for a code, or waits for a browser on a port of 127.0.0.1. Beforehand it makes sure that the refresh token can
 * be kept. Clear it in any case. */
int oauth_login_begin(struct oauth_client *c, const struct stop *stop, struct oauth_login *ret, struct err *e);
/* Waits until the person has agreed, as long as the code is valid, and asks as seldom as the server wants (interval,
 * slow_down; twice as seldom after a timeout: 3.5). The refresh token is in its file then (mode 0600).
 * `*ret_lifetime_s`: for so long it is valid, where the server says so; else -1. */
int oauth_login_await(struct oauth_client *c, struct oauth_login *l, const struct stop *stop, int64_t *ret_lifetime_s,
                      struct err *e);
void oauth_login_clear(struct oauth_login *l);

#endif

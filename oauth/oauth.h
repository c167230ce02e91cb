/* SPDX-License-Identifier: Apache-2.0 */
/* Access tokens from an OAuth 2.0 authorization server (RFC 6749), for a program that runs without a person.
 *
 * There are two ways to get one. The application may act for itself and prove who it is by a secret, or by a key
 * whose certificate the server knows (RFC 7523): client credentials, RFC 6749 4.4. Or a person has agreed once, by a
 * code typed into a browser on any other machine (device authorization, RFC 8628) or in a browser on this one (RFC
 * 6749 4.1 with PKCE, RFC 7636, on a loopback address, RFC 8252); the refresh token that this gave (RFC 6749 6) is kept
 * in a file, and renewed whenever the server renews it. What a token gives access to is not known here: it is text (RFC
 * 6750 2.1).
 *
 * Requests are made by libcurl, by HTTPS with TLS 1.2 or later; without TLS only on a loopback address. Redirects are
 * not followed, answers are bounded, and no message holds a secret, a device code or a token, whatever the server
 * repeats. */
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
 *   ERR_DENIED       the client, its secret or the refresh token is not accepted, or the person said no. Trying again
 *                    does not help until somebody logs in or corrects the secret
 *   ERR_USAGE        the settings make no sense, or the server will never answer them
 *   ERR_FORMAT, ERR_LIMIT  the server does not speak intelligible OAuth, or says more than a limit allows
 *   ERR_INTERRUPTED  the caller's stop says so */

/* Initialises and ends libcurl: call the one before the first thread, the other at the end. libcurl counts these calls,
 * so other rooms may do the same. */
void oauth_library_init(void);
void oauth_library_clear(void);

/* --- settings ----------------------------------------------------------------------------------------------------- */

/* As a user writes them. Texts are owned; NULL if not given. */
struct oauth_settings {
  char *provider; /* "microsoft", "google", or the URL of a token endpoint; NULL: no OAuth, and nothing below */
  char *tenant;   /* Microsoft: the tenant's id or name */
  char *client_id;
  char *secret_file, *secret_command; /* the client's secret: the first line */
  char *certificate_file, *key_file;  /* instead of it: a certificate and its key, in PEM; one file may hold both */
  char *ca_file;                      /* PEM: trusted for the authorization server instead of the system's */
  char *scope;                        /* default: the mail of the provider */
  char *token_file;                   /* where the refresh token is kept */
  char *token_read_command;           /* instead of a file: prints it, or stores it. With neither: client credentials */
  char *token_store_command;
  char *device_url;        /* the device authorization endpoint; known of a provider */
  char *authorization_url; /* the authorization endpoint, if there is none for devices; likewise */
  char *login;             /* what a person does to log in, for messages: "dmarcctl login NAME" */
  uint32_t timeout_s;      /* of one request; 0: 30 */
  char *token_url;         /* filled in by oauth_settings_finish */
};
#define OAUTH_SETTINGS_NONE \
  { 0 }

void oauth_settings_clear(struct oauth_settings *s);
/* A tenant becomes part of a URL: letters, digits, "-" and ".". 0 or ERR_USAGE. */
int oauth_tenant_check(const char *tenant, struct err *e);
/* Checks what concerns several settings, such as contradictions, and fills in what is known of the provider. Messages
 * name the keys of the configuration. 0 or ERR_USAGE. */
int oauth_settings_finish(struct oauth_settings *s, struct err *e);
/* Does a person have to log in? Otherwise the client's secret is all it takes. */
bool oauth_settings_have_login(const struct oauth_settings *s);

/* --- tokens ------------------------------------------------------------------------------------------------------- */

/* A client with the token it has. Any thread may ask; one asks the server at a time. */
struct oauth_client;
/* Takes over finished settings, leaving them empty. Nothing is read or asked before the first token is wanted. */
struct oauth_client *oauth_client_new(struct oauth_settings *settings);
void oauth_client_free(struct oauth_client *c); /* accepts NULL; wipes the token */
/* Does a person have to log in? Otherwise the client's secret is all it takes. */
bool oauth_client_has_login(const struct oauth_client *c);
const struct oauth_settings *oauth_client_settings(const struct oauth_client *c);
const char *oauth_client_token_file(const struct oauth_client *c); /* where the login is kept; NULL: by commands */

/* An access token into `ret` of SECRET_BYTES: the last one until shortly before it expires, then a new one. The expiry
 * is expires_in (RFC 6749 5.1) by this machine's monotonic clock: no clock of the server's is relied on. A refresh
 * token that the server replaces (RFC 6749 6) is in its file, or was taken by its command, before this returns;
 * processes with the same file take turns. The caller wipes `ret`. */
int oauth_client_token(struct oauth_client *c, const struct stop *stop, char *ret, struct err *e);
/* Call it when a server has refused the last token, which is then not handed out again. True: the token was not new, so
 * another one may be accepted. */
bool oauth_client_refused(struct oauth_client *c);
/* Seconds for which the last token is valid; -1: the server did not say. */
int64_t oauth_client_lifetime_s(struct oauth_client *c);

/* --- logging in ---------------------------------------------------------------------------------------- */

/* A person's agreement under way. */
struct oauth_login {
  char *code;           /* to be typed in (RFC 8628 3.2, user_code); NULL: nothing is */
  char *url;            /* where (verification_uri); without a code: for a browser that can reach this machine */
  char *url_with_code;  /* the same for a click (3.3.1); NULL */
  unsigned port;        /* of 127.0.0.1, to which that browser is sent back; 0: it is not */
  int64_t expires_in_s; /* how much time there is for it, in seconds */
  /* this room's own */
  char *device_code;
  struct loopback *loopback;
  double interval_s, until;
};
/* Asks for a code, or listens for a browser on a port of 127.0.0.1, having made sure that the refresh token can be
 * kept. `ret` is to be cleared in any case. */
int oauth_login_begin(struct oauth_client *c, const struct stop *stop, struct oauth_login *ret, struct err *e);
/* Waits until the person has agreed, as long as the code is valid, polling no more often than the server wants
 * (interval, slow_down; half as often after a timeout: 3.5). The refresh token is then in its file (mode 0600), or with
 * its command.
 * `*ret_lifetime_s` is how long it is valid; -1: the server did not say. */
int oauth_login_await(struct oauth_client *c, struct oauth_login *l, const struct stop *stop, int64_t *ret_lifetime_s,
                      struct err *e);
void oauth_login_clear(struct oauth_login *l);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl login: lets a person agree, once, that dmarcctl may read a mailbox. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/utc.h"
#include "cmd/account_oauth.h"
#include "cmd/config.h"
#include "cmd/interrupt.h"
#include "cmd/talk.h"
#include "cmd/verb.h"

/* A server's texts are a stranger's. */
static void print_line(const char *before, const char *text, const char *behind) {
  _cleanup_strbuf_ struct strbuf escaped = STRBUF_INIT;
  talk_escape(&escaped, text);
  printf("%s%s%s\n", before, strbuf_text(&escaped), behind);
}

static void tell_code(const struct oauth_login *l) {
  print_line("Open this page in a browser, on any machine: ", l->url, "");
  print_line("and type in this code: ", l->code, "");
  if (l->url_with_code) print_line("This address has the code in it: ", l->url_with_code, "");
}

/* The browser comes back to this machine: from another one it takes a tunnel. */
static void tell_browser(const struct oauth_login *l) {
  print_line("Open this page in a browser of this machine: ", l->url, "");
  printf("Of another machine: connect from there first by 'ssh -L %u:127.0.0.1:%u HOST'.\n", l->port, l->port);
}

static void tell_what_to_do(const struct oauth_login *l) {
  if (l->code)
    tell_code(l);
  else
    tell_browser(l);
  _cleanup_strbuf_ struct strbuf minutes = STRBUF_INIT;
  figure_count(&minutes, (l->expires_in_s + 59) / 60, "minute");
  printf("Waiting, for %s at most.\n", strbuf_text(&minutes));
  fflush(stdout);
}

static void tell_done(const struct oauth_client *c, int64_t lifetime_s) {
  char until[UTC_TEXT_BYTES];
  const char *file = oauth_client_token_file(c);
  if (file)
    print_line("Logged in. The refresh token is in ", file, ",");
  else
    puts("Logged in. The token-store-command has the refresh token,");
  if (lifetime_s < 0)
    puts("valid until it is withdrawn, or not used for as long as the provider allows.");
  else
    printf("valid until %s.\n", utc_format(utc_now() + lifetime_s, until));
}

static int log_in(struct oauth_client *c, const struct stop *stop, struct err *e) {
  _cleanup_(oauth_login_clear) struct oauth_login l;
  int64_t lifetime_s;
  int code = oauth_login_begin(c, stop, &l, e);
  if (code < 0) return code;
  tell_what_to_do(&l);
  code = oauth_login_await(c, &l, stop, &lifetime_s, e);
  if (!code) tell_done(c, lifetime_s);
  return code;
}

/* Nobody needs to agree where the application is its own owner; whether it works can be tried all the same. */
static int try_out(struct oauth_client *c, const struct stop *stop, struct err *e) {
  char token[SECRET_BYTES];
  puts("No login is needed: the application logs in by itself.");
  fflush(stdout);
  int code = oauth_client_token(c, stop, token, e);
  explicit_bzero(token, sizeof token);
  if (code < 0) return code;
  int64_t lifetime_s = oauth_client_lifetime_s(c);
  if (lifetime_s < 0)
    puts("It was tried: the authorization server gave an access token.");
  else
    printf("It was tried: the authorization server gave an access token for %" PRId64 " seconds.\n", lifetime_s);
  return 0;
}

static int log_account_in(struct oauth_client *c, const char *name) {
  const struct stop stop = {.interrupted = interrupt_catch()};
  struct err e;
  oauth_library_init();
  int code = oauth_client_has_login(c) ? log_in(c, &stop, &e) : try_out(c, &stop, &e);
  oauth_library_clear();
  if (code == ERR_INTERRUPTED) return talk_failure(EXIT_INTERRUPTED, "%s", e.text);
  return code < 0 ? talk_failure(EXIT_FAILED, "[account %s]: %s", name, e.text) : EXIT_DONE;
}

static int run(const struct options *o) {
  const char *name = o->args[0];
  const struct config_section *section = config_account_find(o->config, name);
  struct mail_account account;
  struct err e;
  if (!section) return talk_failure(EXIT_USAGE, "login: there is no [account %s] in the configuration", name);
  int code = config_make_account(o->config, section, NULL, &account, &e);
  if (code < 0) return talk_failure(EXIT_USAGE, "login: %s", e.text);
  struct oauth_client *c = account_oauth_client(&account);
  int exit_code =
      c ? log_account_in(c, name) : talk_failure(EXIT_USAGE, "login: [account %s] has no oauth: nobody logs in", name);
  mail_account_clear(&account);
  return exit_code;
}

const struct verb VERB_LOGIN = {
    .name = "login",
    .summary = "let dmarcctl read a mailbox that takes no passwords (OAuth)",
    .details =
        "ACCOUNT is an [account ACCOUNT] of the configuration with oauth (man 5 dmarcctl-config). A page is printed, and a\n"
        "code to type in there; when a person has agreed, the refresh token is kept in the account's token-file.\n"
        "Exit code: 0 done, 1 failed or refused, 130 interrupted.\n",
    .examples = "  dmarcctl login reports\n",
    .arguments = ARGUMENTS_NAMES,
    .usage = "ACCOUNT",
    .least_args = 1,
    .most_args = 1,
    .run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the ways to a secret the account takes. */
#include "mailbox/secret.h"

#include <string.h>

#include "mailbox/wait.h"

void secret_wipe(struct secret *s) {
  explicit_bzero(s->text, sizeof s->text);
  s->kind = SECRET_NONE;
}

static int from_environment(struct secret *ret, struct err *e) {
  const char *password;
  ret->kind = SECRET_NONE;
  int code = secret_from_environment(SECRET_VARIABLE, &password, e);
  if (code < 0 || !password || !*password) return code;
  ret->kind = SECRET_PASSWORD;
  memcpy(ret->text, password, strlen(password) + 1);
  return 0;
}

int secret_get(const struct mail_account *a, const struct mail_watch *watch, struct secret *ret, struct err *e) {
  const struct stop stop = watch_stop(watch);
  int code;
  memset(ret, 0, sizeof *ret);
  ret->kind = a->token_command || a->tokens ? SECRET_TOKEN : SECRET_PASSWORD;
  if (a->tokens)
    code = a->tokens->get(a->tokens, &stop, ret->text, e);
  else if (a->token_command)
    code = secret_from_command(a->token_command, "the token command", &stop, ret->text, e);
  else if (a->password_command)
    code = secret_from_command(a->password_command, "the password command", &stop, ret->text, e);
  else if (a->password_file)
    code = secret_from_file(a->password_file, "the password file", ret->text, e);
  else
    code = from_environment(ret, e);
  if (code < 0) secret_wipe(ret);
  return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A file or commands, as the settings say. */
#include "oauth/token_keeper.h"

#include <string.h>

int token_keeper_open(struct token_keeper *k, const struct oauth_settings *s, bool create, const struct stop *stop,
                      struct err *e) {
  *k = (struct token_keeper){.settings = s, .stop = stop, .file = TOKEN_FILE_NONE};
  if (!s->token_file) return 0;
  int code = token_file_lock(&k->file, s->token_file, create, stop, e);
  return code < 0 ? code : token_file_prepare(&k->file, e);
}

int token_keeper_read(struct token_keeper *k, struct err *e) {
  const struct oauth_settings *s = k->settings;
  if (s->token_file) return token_file_read(&k->file, e);
  int code = secret_from_command(s->token_read_command, "the token-read-command", k->stop, k->file.token, e);
  return code == ERR_USAGE ? err_set(e, code, "%s (where nobody has logged in yet: run '%s')", e->text, s->login)
                           : code;
}

int token_keeper_replace(struct token_keeper *k, const char *token, struct err *e) {
  const struct oauth_settings *s = k->settings;
  if (s->token_file) return token_file_replace(&k->file, token, e);
  int code = secret_to_command(token, s->token_store_command, "the token-store-command", k->stop, e);
  return code < 0 ? err_prefix(e, code, "the new refresh token is not kept") : 0;
}

void token_keeper_close(struct token_keeper *k) { token_file_close(&k->file); }

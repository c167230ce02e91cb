/* SPDX-License-Identifier: Apache-2.0 */
/* Where an account's refresh token is kept: in a file, or by commands of the user's that fetch and store it. Private to
 * oauth/. */
#ifndef OAUTH_TOKEN_KEEPER_H
#define OAUTH_TOKEN_KEEPER_H

#include "oauth/oauth.h"
#include "oauth/token_file.h"

struct token_keeper {
  const struct oauth_settings *settings;
  const struct stop *stop;
  struct token_file file; /* of commands the token alone */
};

/* Takes the lock of a file, and prepares its successor (`create`: the file is made, empty). Of commands nothing is
 * known before they run. token_keeper_close in any case. Codes as of token_file.h. */
int token_keeper_open(struct token_keeper *k, const struct oauth_settings *s, bool create, const struct stop *stop,
                      struct err *e);
/* The token into k->file.token; ERR_NOT_FOUND: there is none. ERR_USAGE: the command failed. */
int token_keeper_read(struct token_keeper *k, struct err *e);
int token_keeper_replace(struct token_keeper *k, const char *token, struct err *e);
void token_keeper_close(struct token_keeper *k);

#endif

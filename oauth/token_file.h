/* SPDX-License-Identifier: Apache-2.0 */
/* The file whose first line is a refresh token: readable by its owner only, always whole, used by one process at a
 * time. Private to oauth/. */
#ifndef OAUTH_TOKEN_FILE_H
#define OAUTH_TOKEN_FILE_H

#include "base/secret_source.h"
#include "base/stop.h"

#define TOKEN_FILE_WAIT_S 60 /* for another process, which waits for its server */

struct token_file {
  const char *path; /* as it is called */
  char *real;       /* where the file is: a symbolic link stays one, and all who follow it find the new token */
  int fd;           /* locked */
  char *next;       /* REAL.new, which exists while a replacement is prepared */
  int next_fd;
  char token[SECRET_BYTES];
};
#define TOKEN_FILE_NONE \
  { .fd = -1, .next_fd = -1 }

/* Takes the lock; waits for other processes. ERR_NOT_FOUND: there is no such file (`create`: it is made, empty).
 * ERR_USAGE: others may read it. token_file_close in any case. */
int token_file_lock(struct token_file *f, const char *path, bool create, const struct stop *stop, struct err *e);
/* The token into f->token; ERR_NOT_FOUND: it is empty. */
int token_file_read(struct token_file *f, struct err *e);
/* Prepares a successor, so that a full disk or a folder without permission is found before the server replaces the
 * token. Then the second puts the new token in its place: whenever the file is read, even after a kill, it has one of
 * the two. */
int token_file_prepare(struct token_file *f, struct err *e);
int token_file_replace(struct token_file *f, const char *token, struct err *e);
/* Releases the lock, and removes a successor that was not needed. */
void token_file_close(struct token_file *f);

#endif

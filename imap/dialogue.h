/* SPDX-License-Identifier: Apache-2.0 */
/* A command and its answers: what the files of a session share. Private to imap/. */
#ifndef IMAP_DIALOGUE_H
#define IMAP_DIALOGUE_H

#include "imap/session.h"

/* Sends "TAG command" with its line end. */
int dialogue_send(struct session *s, char tag[IMAP_TAG_BYTES], const char *command, struct err *e);
/* Reads up to the tagged answer. 0 OK; NO and BAD are told with the first word of the command: ERR_BUSY if the
 * server asks for patience, ERR_FORMAT with BAD, ERR_NOT_FOUND with TRYCREATE or NONEXISTENT, else ERR_USAGE. */
int dialogue_await(struct session *s, const char *tag, const char *command, struct err *e);
/* Both. */
int dialogue_run(struct session *s, const char *command, struct err *e);
/* One response, whatever it is. 1 for the tagged answer to `tag` (`*ret_code` and `e` as above), 2 for a request to go
 * on ("+"), 0 for any other; negative: what broke the dialogue. */
int dialogue_step(struct session *s, const char *tag, const char *command, int *ret_code, struct err *e);
/* A folder's name as an argument (quoted, RFC 3501 5.1.3). ERR_USAGE: it cannot be one. */
int dialogue_add_folder(struct session *s, struct strbuf *out, const char *folder, struct err *e);

/* Data of one kind; the session's state says what becomes of it. In fetch.c. */
int dialogue_take_fetch(struct session *s, struct err *e);

#endif

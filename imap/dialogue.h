/* SPDX-License-Identifier: Apache-2.0 */
/* Sends commands and reads responses (RFC 9051 2.2): what the files of a session share. Errors of the connection are as
 * in mailbox/transport.h and reader.h, and leave the session not alive. Private to imap/. */
#ifndef IMAP_DIALOGUE_H
#define IMAP_DIALOGUE_H

#include "imap/session.h"

/* Sends `command` with a new tag, which it returns in `tag`, and a line end. */
int dialogue_send(struct session *s, char tag[IMAP_TAG_BYTES], const char *command, struct err *e);
/* Reads responses up to the tagged one. 0 for OK. For NO and BAD, `e` quotes the server and the first word of
 * `command`: ERR_BUSY if it asks to come back later, ERR_FORMAT for BAD, ERR_NOT_FOUND with TRYCREATE or NONEXISTENT,
 * else ERR_USAGE. */
int dialogue_await(struct session *s, const char *tag, const char *command, struct err *e);
/* Sends a command and reads its responses. */
int dialogue_run(struct session *s, const char *command, struct err *e);
/* Reads one response and takes in its data. 1: it is the tagged one of `tag` (NULL: none is awaited), and `*ret_code`
 * and `e` are as of dialogue_await. 2: it is a command continuation request ("+"). 0: any other. Negative: the session
 * is no longer alive. */
int dialogue_step(struct session *s, const char *tag, const char *command, int *ret_code, struct err *e);
/* Appends a folder's name as an argument: encoded (RFC 3501 5.1.3) and quoted. ERR_USAGE: it cannot be a name. */
int dialogue_add_folder(struct session *s, struct strbuf *out, const char *folder, struct err *e);

/* Below, of use to namespace.c too. A folder's name with the server's delimiter for "/"; the caller frees. */
char *dialogue_levels(const struct session *s, const char *folder);
/* Appends a name that the server said, in UTF-8 where it can be read. */
void dialogue_add_name(struct strbuf *out, const char *name);
/* Appends the name whose token was read, whatever its form; a literal is cut to what a name can have. */
int dialogue_read_astring(struct session *s, const struct imap_token *token, struct strbuf *ret, struct err *e);
/* What stands for the delimiter of levels: '\0' for NIL. */
char dialogue_delimiter_of(const struct imap_token *token);

/* Adds a UID to s->found, of which there are IMAP_FOUND_MOST at most (ERR_LIMIT). */
int dialogue_add_found(struct session *s, uint32_t uid, struct err *e);
/* Takes in the data of a FETCH response (RFC 9051 7.5.2) on the mail of that number, for what the session has asked
 * for. In fetch.c. */
int dialogue_take_fetch(struct session *s, uint32_t number, struct err *e);
/* Takes in the data of a NAMESPACE response (RFC 2342 5). In namespace.c. */
int dialogue_take_namespaces(struct session *s, struct err *e);

#endif

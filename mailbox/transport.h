/* SPDX-License-Identifier: Apache-2.0 */
/* The connection: libcurl resolves, connects, goes through proxies, does TLS and logs in (CURLOPT_CONNECT_ONLY); then
 * bytes go in and out here, with limits of time that are our own. For the rooms of protocols. */
#ifndef MAILBOX_TRANSPORT_H
#define MAILBOX_TRANSPORT_H

#include "base/byte_stream.h"
#include "mailbox/account.h"
#include "mailbox/wait.h"

#define COMMAND_TIMEOUTS 20 /* so many times the account's timeout for one command: 64 MiB at 55 KiB a second */

struct transport;
/* Connected and logged in. Errors as in mail_folder.h. */
int transport_open(const struct mail_account *a, const struct mail_watch *watch, struct transport **ret, struct err *e);
void transport_close(struct transport *t); /* accepts NULL */
/* What the server sends. Ends with ERR_IO where it is silent for the account's timeout, or where the time of the
 * command is up. */
struct byte_stream *transport_stream(struct transport *t);
int transport_send(struct transport *t, const char *bytes, size_t size, struct err *e);
/* From now on a command has its whole time again. */
void transport_begin_command(struct transport *t);
/* What is there already, without waiting: its size, 0 where nothing is, or ERR_IO. */
ssize_t transport_look(struct transport *t, void *buffer, size_t size, struct err *e);
int transport_fd(const struct transport *t);
/* The server closed the connection. */
bool transport_has_ended(const struct transport *t);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that is logged in. libcurl resolves the host, connects, passes proxies, does TLS and logs in
 * (CURLOPT_CONNECT_ONLY); after that bytes are sent and received here, with our own timeouts. One thread at a time. For
 * the rooms of protocols. */
#ifndef MAILBOX_TRANSPORT_H
#define MAILBOX_TRANSPORT_H

#include "base/byte_stream.h"
#include "mailbox/account.h"
#include "mailbox/wait.h"

#define COMMAND_TIMEOUTS 20 /* limit of one command, in timeouts of the account: 64 MiB at 55 KiB a second */

struct transport;
/* Connects and logs in. `a` and `watch` are borrowed and outlive the transport. Errors as in mail_folder.h; nothing is
 * retried. */
int transport_open(const struct mail_account *a, const struct mail_watch *watch, struct transport **ret, struct err *e);
void transport_close(struct transport *t); /* accepts NULL */
/* What the server sends; the stream is the transport's. Reading waits, and fails with ERR_IO if the connection ends, if
 * the server is silent for the account's timeout, or if the time of the command is up; with ERR_INTERRUPTED if the
 * watch asks to stop. */
struct byte_stream *transport_stream(struct transport *t);
/* Sends all bytes. Waits and fails as reading does. */
int transport_send(struct transport *t, const char *bytes, size_t size, struct err *e);
/* A new command begins: the limit of its time counts from now. */
void transport_begin_command(struct transport *t);
/* Reads what has already arrived, without waiting: its size, 0 if there is nothing, or ERR_IO. */
ssize_t transport_look(struct transport *t, void *buffer, size_t size, struct err *e);
/* The socket, for poll. It stays the transport's. */
int transport_fd(const struct transport *t);
/* Has the server ended the connection, as far as reading has noticed, or was it silent or slow for too long? */
bool transport_has_ended(const struct transport *t);

#endif

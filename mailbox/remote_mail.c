/* SPDX-License-Identifier: Apache-2.0 */
/* Where the bytes of a mail are kept between the connection and who reads them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/nameless.h"
#include "mailbox/remote_mail.h"

void remote_mail_clear(struct remote_mail *m) {
  free(m->memory);
  free(m->reason);
  if (m->fd >= 0) close(m->fd);
  *m = (struct remote_mail)REMOTE_MAIL_NONE;
}

/* --- keeping ------------------------------------------------------------------------------------------------------ */

int remote_mail_reserve(struct remote_mail *m, uint64_t size_bytes, struct err *e) {
  m->size = 0;
  if (size_bytes > MAIL_MEMORY_BYTES) {
    m->fd = nameless_open(e);
    return m->fd < 0 ? ERR_IO : 0;
  }
  m->memory = mem_alloc(size_bytes ? (size_t)size_bytes : 1);
  return 0;
}

int remote_mail_add(struct remote_mail *m, const unsigned char *bytes, size_t size, struct err *e) {
  int code = 0;
  if (m->memory)
    memcpy(m->memory + m->size, bytes, size);
  else
    code = nameless_write(m->fd, bytes, size, e);
  m->size += size;
  return code;
}

/* What was kept in memory goes to a file. */
static int spill(struct remote_mail *m, struct err *e) {
  m->fd = nameless_open(e);
  if (m->fd < 0) return ERR_IO;
  int code = nameless_write(m->fd, m->memory, (size_t)m->size, e);
  free(m->memory);
  m->memory = NULL;
  return code;
}

int remote_mail_append(struct remote_mail *m, const unsigned char *bytes, size_t size, struct err *e) {
  int code = 0;
  if (!m->memory && m->fd < 0) m->memory = mem_alloc(MAIL_MEMORY_BYTES);
  if (m->memory && m->size + size > MAIL_MEMORY_BYTES) code = spill(m, e);
  return code < 0 ? code : remote_mail_add(m, bytes, size, e);
}

void remote_mail_end(struct remote_mail *m) {
  if (!m->memory && m->fd < 0) m->memory = mem_alloc(1);
  if (m->memory) m->memory = mem_realloc(m->memory, m->size ? (size_t)m->size : 1);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static ssize_t read_mail(struct byte_stream *stream, void *buffer, size_t size, struct err *e) {
  struct remote_mail_stream *s = (struct remote_mail_stream *)stream;
  const struct remote_mail *m = s->mail;
  uint64_t left = m->size - s->at;
  size_t n = size < left ? size : (size_t)left;
  if (m->memory) {
    memcpy(buffer, m->memory + s->at, n);
  } else if (n) {
    ssize_t got;
    do got = pread(m->fd, buffer, n, (off_t)s->at);
    while (got < 0 && errno == EINTR);
    if (got <= 0) return err_set_errno(e, ERR_IO, "cannot read a temporary file");
    n = (size_t)got;
  }
  s->at += n;
  return (ssize_t)n;
}

void remote_mail_stream_init(struct remote_mail_stream *s, const struct remote_mail *mail) {
  *s = (struct remote_mail_stream){.stream = {read_mail}, .mail = mail};
}

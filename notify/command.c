/* SPDX-License-Identifier: Apache-2.0 */
/* Hands a message to a command, as its standard input, and on what it says. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/nameless.h"
#include "base/shell.h"
#include "notify/forms.h"

#define SAID_MOST (16U << 10) /* bytes of what a command says that are handed on */

static void hand_on(const char *command, const struct strbuf *said, const struct way_listener *l) {
  struct mask mask = {0};
  mask_add_command(&mask, command);
  for (const char *line = strbuf_text(said); *line && l->said;) {
    const size_t length = strcspn(line, "\n");
    _cleanup_free_ char *text = mem_strndup(line, length);
    mask_text(&mask, text);
    l->said(l->user, text);
    line += length + (line[length] == '\n');
  }
  mask_clear(&mask);
}

static int run(const char *command, int input, unsigned seconds, const struct way_listener *l, struct err *e) {
  _cleanup_strbuf_ struct strbuf said = STRBUF_INIT;
  int ends[2];
  pid_t child;
  if (pipe2(ends, O_CLOEXEC) < 0) return err_set_errno(e, ERR_IO, "a pipe");
  _cleanup_close_ int from = ends[0];
  fcntl(from, F_SETFL, O_NONBLOCK); /* ours alone: a command expects to wait for whoever reads it */
  _cleanup_free_ char *line = mem_printf("exec 2>&1; %s", command); /* what is wrong is said with the rest */
  int code = shell_start(line, input, ends[1], &child, e);
  close(ends[1]);
  if (code < 0) return code;
  code = shell_hear(child, from, &said, SAID_MOST, seconds, l->stop, e);
  hand_on(command, &said, l);
  return code;
}

/* From memory and not through a pipe: the command reads as much of it as it likes, when it likes. */
int command_send(const char *command, const char *input, size_t size, unsigned seconds,
                 const struct way_listener *listener, struct err *e) {
  _cleanup_close_ int fd = memfd_create("message", MFD_CLOEXEC);
  if (fd < 0 || nameless_write(fd, (const unsigned char *)input, size, NULL) < 0 || lseek(fd, 0, SEEK_SET) < 0)
    return err_set_errno(e, ERR_IO, "cannot keep the message for the command");
  int code = run(command, fd, seconds, listener, e);
  return code < 0 ? err_prefix(e, code, "the command") : 0;
}

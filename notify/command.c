/* SPDX-License-Identifier: Apache-2.0 */
/* Hands a message to a command, as its standard input. */
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/nameless.h"
#include "base/shell.h"
#include "notify/forms.h"

/* From memory and not through a pipe: the command reads as much of it as it likes, when it likes. What it prints is for
 * whoever reads what we say on standard error. */
int command_send(const char *command, const char *input, size_t size, unsigned seconds, const struct stop *stop,
                 struct err *e) {
  _cleanup_close_ int fd = memfd_create("message", MFD_CLOEXEC);
  pid_t child;
  if (fd < 0 || nameless_write(fd, (const unsigned char *)input, size, NULL) < 0 || lseek(fd, 0, SEEK_SET) < 0)
    return err_set_errno(e, ERR_IO, "cannot keep the message for the command");
  int code = shell_start(command, fd, STDERR_FILENO, &child, e);
  if (!code) code = shell_await(child, seconds, stop, e);
  return code < 0 ? err_prefix(e, code, "the command") : 0;
}

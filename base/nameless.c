/* SPDX-License-Identifier: Apache-2.0 */
/* Without a name from the start where the file system can, else unlinked at once. */
#include "base/nameless.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"

/* One for the process, as its confinement is. */
static struct {
  nameless_open_fn *open;
  void *user;
} other;

void nameless_open_by(nameless_open_fn *open, void *user) {
  other.open = open;
  other.user = user;
}

int nameless_open(struct err *e) {
  if (other.open) return other.open(other.user, e);
  const char *directory = secure_getenv("TMPDIR");
  if (!directory || !*directory) directory = "/tmp";
  int fd = open(directory, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) return fd;
  _cleanup_free_ char *path = mem_printf("%s/dmarcctl-XXXXXX", directory);
  fd = mkostemp(path, O_CLOEXEC);
  if (fd < 0) return err_set_errno(e, ERR_IO, "cannot create a temporary file in %s", directory);
  unlink(path);
  return fd;
}

int nameless_write(int fd, const unsigned char *bytes, size_t size, struct err *e) {
  while (size) {
    ssize_t n = write(fd, bytes, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return err_set_errno(e, ERR_IO, "cannot write a temporary file");
    bytes += n;
    size -= (size_t)n;
  }
  return 0;
}

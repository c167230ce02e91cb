/* SPDX-License-Identifier: Apache-2.0 */
/* A lock on the file itself (flock), and a rename to replace it. */
#include "oauth/token_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/secret_source.h"
#include "base/trusted_file.h"
#include "base/utf8.h"

#define LOOK_S 0.1          /* between two tries for the lock */
#define RESERVED_BYTES 4096 /* more than a refresh token has; a longer one may still find room */

static void drop(struct token_file *f) {
  free(f->real);
  f->real = NULL;
  if (f->fd >= 0) close(f->fd);
  f->fd = -1;
}

static int open_file(struct token_file *f, bool create, struct err *e) {
  f->fd = open(f->path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (create ? O_CREAT : 0), 0600);
  if (f->fd >= 0) return 0;
  return err_set_errno(e, errno == ENOENT && !create ? ERR_NOT_FOUND : ERR_USAGE, "the token file %s", f->path);
}

static int check_mode(const struct token_file *f, struct err *e) {
  struct stat st;
  if (fstat(f->fd, &st) < 0) return err_set_errno(e, ERR_IO, "the token file %s", f->path);
  if (!S_ISREG(st.st_mode)) return err_set(e, ERR_USAGE, "the token file %s: is no file", f->path);
  if (st.st_mode & (S_IRWXG | S_IRWXO))
    return err_set(e, ERR_USAGE, "the token file %s: others may read it: chmod 600 %s", f->path, f->path);
  if (!trusted_owner(&st)) return err_set(e, ERR_USAGE, "the token file %s: belongs to another user", f->path);
  return 0;
}

/* While we waited, another process may have put another file in its place. */
static bool is_the_file(const struct token_file *f) {
  struct stat ours, there;
  return f->real && fstat(f->fd, &ours) == 0 && stat(f->real, &there) == 0 && ours.st_dev == there.st_dev &&
         ours.st_ino == there.st_ino;
}

static int await_lock(struct token_file *f, const struct stop *stop, double until, struct err *e) {
  while (flock(f->fd, LOCK_EX | LOCK_NB) < 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return err_set_errno(e, ERR_IO, "the token file %s", f->path);
    if (clock_now_s() > until)
      return err_set(e, ERR_BUSY, "the token file %s: another process has had it for %d seconds", f->path,
                     TOKEN_FILE_WAIT_S);
    int code = stop_sleep(stop, LOOK_S, e);
    if (code < 0) return code;
  }
  return 0;
}

int token_file_lock(struct token_file *f, const char *path, bool create, const struct stop *stop, struct err *e) {
  double until = clock_now_s() + TOKEN_FILE_WAIT_S;
  *f = (struct token_file)TOKEN_FILE_NONE;
  f->path = path;
  secret_shield();
  for (;;) {
    int code = open_file(f, create, e);
    if (!code) code = check_mode(f, e);
    if (!code) code = await_lock(f, stop, until, e);
    if (code < 0) return code;
    f->real = realpath(f->path, NULL);
    if (is_the_file(f)) return 0;
    drop(f);
  }
}

int token_file_read(struct token_file *f, struct err *e) {
  ssize_t n = pread(f->fd, f->token, sizeof f->token - 1, 0);
  if (n < 0) return err_set_errno(e, ERR_IO, "the token file %s", f->path);
  size_t mark = utf8_mark_size(f->token, (size_t)n); /* of the editor that somebody made the file with */
  memmove(f->token, f->token + mark, (size_t)n - mark);
  f->token[(size_t)n - mark] = '\0';
  size_t length = strcspn(f->token, "\r\n");
  explicit_bzero(f->token + length, sizeof f->token - length);
  return length ? 0 : err_set(e, ERR_NOT_FOUND, "the token file %s: its first line is empty", f->path);
}

/* Under the lock the name is ours; one that is there was left behind by a process that was killed. */
int token_file_prepare(struct token_file *f, struct err *e) {
  f->next = mem_printf("%s.new", f->real);
  unlink(f->next);
  f->next_fd = open(f->next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (f->next_fd >= 0) errno = posix_fallocate(f->next_fd, 0, RESERVED_BYTES);
  if (f->next_fd >= 0 && !errno) return 0;
  return err_set_errno(e, ERR_USAGE, "the token file %s cannot be replaced: %s", f->path, f->next);
}

static int write_all(int fd, const char *bytes, size_t size) {
  while (size) {
    ssize_t n = write(fd, bytes, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    bytes += n;
    size -= (size_t)n;
  }
  return 0;
}

/* The rename is on the disk when its folder is; where that cannot be had, the file still is one of the two. */
static void sync_folder(const char *path) {
  const char *slash = strrchr(path, '/');
  char *folder = slash ? mem_strndup(path, slash == path ? 1 : (size_t)(slash - path)) : mem_strdup(".");
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    fsync(fd);
    close(fd);
  }
  free(folder);
}

int token_file_replace(struct token_file *f, const char *token, struct err *e) {
  size_t length = strlen(token);
  if (write_all(f->next_fd, token, length) < 0 || write_all(f->next_fd, "\n", 1) < 0 ||
      ftruncate(f->next_fd, (off_t)length + 1) < 0 || fsync(f->next_fd) < 0 || rename(f->next, f->real) < 0)
    return err_set_errno(e, ERR_IO, "the new refresh token cannot be kept in %s", f->path);
  sync_folder(f->real);
  close(f->next_fd);
  f->next_fd = -1;
  return 0;
}

void token_file_close(struct token_file *f) {
  if (f->next_fd >= 0) {
    unlink(f->next);
    close(f->next_fd);
  }
  free(f->next);
  drop(f);
  explicit_bzero(f->token, sizeof f->token);
  *f = (struct token_file)TOKEN_FILE_NONE;
}

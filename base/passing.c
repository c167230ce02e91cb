/* SPDX-License-Identifier: Apache-2.0 */
/* sendmsg and recvmsg, without their corners. */
#include "base/passing.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

union control {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(PASSING_MOST * sizeof(int))];
};

bool passing_send(int fd, const void *bytes, size_t size, const int *fds, unsigned count) {
  union control control = {{0}};
  struct iovec part = {(void *)(size_t)bytes, size};
  struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
  if (count) {
    m.msg_control = control.bytes;
    m.msg_controllen = CMSG_SPACE(count * sizeof(int));
    control.header =
        (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(count * sizeof(int))};
    memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
  }
  while (part.iov_len) {
    ssize_t n = sendmsg(fd, &m, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    part.iov_base = (char *)part.iov_base + n;
    part.iov_len -= (size_t)n;
    m.msg_control = NULL; /* they went with the first byte */
    m.msg_controllen = 0;
  }
  return true;
}

/* More than were meant do not fit, and are closed by the kernel. */
static unsigned take_descriptors(struct msghdr *m, int *fds) {
  unsigned count = 0;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    count = (unsigned)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    if (count > PASSING_MOST) count = PASSING_MOST;
    memcpy(fds, CMSG_DATA(c), count * sizeof(int));
  }
  return count;
}

/* How many of `part` were received go off its begin. */
static size_t skip(struct iovec *part, size_t n) {
  size_t of_it = n < part->iov_len ? n : part->iov_len;
  part->iov_base = (char *)part->iov_base + of_it;
  part->iov_len -= of_it;
  return n - of_it;
}

static bool close_all(int *fds, unsigned *count) {
  for (unsigned i = 0; i < *count; i++) close(fds[i]);
  *count = 0;
  return false;
}

bool passing_receive_more(int fd, void *bytes, size_t size, void *more, size_t most, size_t *ret_more, int *fds,
                          unsigned *ret_count) {
  struct iovec parts[] = {{bytes, size}, {more, most}};
  *ret_count = 0;
  *ret_more = 0;
  while (parts[0].iov_len) {
    union control control;
    struct msghdr m = {.msg_iov = parts, .msg_iovlen = most ? 2 : 1};
    if (!*ret_count) {
      m.msg_control = control.bytes;
      m.msg_controllen = sizeof control;
    }
    ssize_t n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
    if (n < 0 && errno == EINTR) continue;
    if (n > 0 && !*ret_count) *ret_count = take_descriptors(&m, fds);
    if (n <= 0) return close_all(fds, ret_count);
    *ret_more = skip(&parts[0], (size_t)n);
  }
  return true;
}

bool passing_receive(int fd, void *bytes, size_t size, int *fds, unsigned *ret_count) {
  size_t none;
  return passing_receive_more(fd, bytes, size, NULL, 0, &none, fds, ret_count);
}

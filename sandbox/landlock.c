/* SPDX-License-Identifier: Apache-2.0 */
/* The C library has no functions for it, and headers may be older than the kernel: what they lack is named here. */
#include "sandbox/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

/* struct landlock_ruleset_attr as of version 6; a kernel is given as much of it as it knows. */
struct ruleset {
  uint64_t files, network, scoped;
};
#define RULESET_BYTES_FILES 8
#define RULESET_BYTES_NETWORK 16
#define RULESET_BYTES_SCOPED 24

#define FILES_VERSION_1 ((UINT64_C(1) << 13) - 1) /* all up to MAKE_SYM */
#define FILE_REFER (UINT64_C(1) << 13)            /* version 2 */
#define FILE_TRUNCATE (UINT64_C(1) << 14)         /* version 3 */
#define FILE_IOCTL_DEVICE (UINT64_C(1) << 15)     /* version 5 */
#define NETWORK_BIND_TCP (UINT64_C(1) << 0)       /* version 4 */
#define NETWORK_CONNECT_TCP (UINT64_C(1) << 1)
#define SCOPED_ABSTRACT_SOCKET (UINT64_C(1) << 0) /* version 6 */
#define SCOPED_SIGNAL (UINT64_C(1) << 1)

#define TO_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define TO_WRITE \
  (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE | FILE_TRUNCATE)
/* What can be said of something that is no folder. */
#define OF_A_FILE \
  (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FILE_TRUNCATE)

int landlock_version(void) {
  long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version > 0 ? (int)version : 0;
}

/* All that this kernel can refuse. */
static struct ruleset all_of(int version, const struct sandbox_rules *rules, size_t *ret_bytes) {
  struct ruleset r = {.files = FILES_VERSION_1};
  *ret_bytes = version >= 6 ? RULESET_BYTES_SCOPED : version >= 4 ? RULESET_BYTES_NETWORK : RULESET_BYTES_FILES;
  if (version >= 2) r.files |= FILE_REFER;
  if (version >= 3) r.files |= FILE_TRUNCATE;
  if (version >= 5) r.files |= FILE_IOCTL_DEVICE;
  if (version >= 4) r.network = NETWORK_BIND_TCP | (rules->network ? 0 : NETWORK_CONNECT_TCP);
  if (version >= 6) r.scoped = SCOPED_SIGNAL | (rules->network ? 0 : SCOPED_ABSTRACT_SOCKET);
  if (rules->programs) r.files &= ~(LANDLOCK_ACCESS_FS_EXECUTE | FILE_IOCTL_DEVICE | TO_READ);
  return r;
}

/* One that is not there, or that we may not reach, needs no rule to stay out of reach. */
static int allow(int ruleset, uint64_t handled, const struct sandbox_path *p, struct err *e) {
  _cleanup_close_ int fd = open(p->path, O_PATH | O_CLOEXEC);
  struct stat st;
  if (fd < 0 || fstat(fd, &st) < 0) return 0;
  uint64_t access = (p->access == SANDBOX_WRITE ? TO_READ | TO_WRITE : TO_READ) & handled;
  if (!S_ISDIR(st.st_mode)) access &= OF_A_FILE;
  if (!access) return 0;
  const struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};
  if (!syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0)) return 0;
  if (errno == EBADFD) return 0; /* a pipe that has a name (/dev/fd/3): Landlock knows nothing of it, and lets it be */
  return err_set_errno(e, ERR_IO, "Landlock: %s", p->path);
}

int landlock_confine(const struct sandbox_rules *rules, struct err *e) {
  size_t bytes;
  struct ruleset all = all_of(landlock_version(), rules, &bytes);
  _cleanup_close_ int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, bytes, 0);
  if (ruleset < 0) return err_set_errno(e, ERR_IO, "Landlock");
  for (unsigned i = 0; i < rules->count; i++) {
    int code = allow(ruleset, all.files, &rules->paths[i], e);
    if (code < 0) return code;
  }
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
    return err_set_errno(e, ERR_IO, "Landlock");
  return 0;
}

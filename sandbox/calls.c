/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of system calls, by name: what an architecture does not have is left out. */
#include "sandbox/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#ifndef SANDBOX_WIDE
#define SANDBOX_WIDE 0
#endif
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41 /* names memory: malloc's, of newer C libraries */
#endif

#define SOCKET_TYPES 0xf /* of socket's second argument: the type without its flags */

/* What an import does: files that Landlock lets through, memory, threads, time, and descriptors that are open. */
static const char *const ORDINARY[] = {
    /* descriptors */
    "read", "write", "readv", "writev", "pread64", "pwrite64", "lseek", "_llseek", "close", "dup", "dup2", "dup3",
    "pipe", "pipe2", "poll", "ppoll", "ppoll_time64", "select", "pselect6", "pselect6_time64", "epoll_create",
    "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "eventfd2", "fcntl", "fcntl64", "flock", "sendmsg",
    "recvmsg", "sendto", "recvfrom", "send", "recv", "shutdown", "fadvise64", "fadvise64_64",
    /* files */
    "open", "openat", "stat", "fstat", "lstat", "stat64", "fstat64", "lstat64", "newfstatat", "fstatat64", "statx",
    "statfs", "statfs64", "fstatfs", "fstatfs64", "access", "faccessat", "faccessat2", "readlink", "readlinkat",
    "getdents", "getdents64", "getcwd", "fsync", "fdatasync", "ftruncate", "ftruncate64", "fallocate", "fchmod",
    "fchown", "fchown32", "unlink", "unlinkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "rmdir", "umask",
    "utimensat",
    /* memory */
    "mmap", "mmap2", "munmap", "mremap", "madvise", "brk", "mincore",
    /* threads and signals */
    "futex", "futex_time64", "set_robust_list", "get_robust_list", "rseq", "membarrier", "sched_yield",
    "sched_getaffinity", "getcpu", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn", "sigaltstack",
    "rt_sigtimedwait", "wait4", "waitid", "restart_syscall", "exit", "exit_group",
    /* time, chance, and who we are */
    "clock_gettime", "clock_gettime64", "clock_getres", "clock_nanosleep", "clock_nanosleep_time64", "nanosleep",
    "gettimeofday", "time", "times", "getrandom", "getpid", "getppid", "gettid", "getuid", "geteuid", "getgid",
    "getegid", "getuid32", "geteuid32", "getgid32", "getegid32", "getgroups", "uname", "sysinfo", "getrusage",
    "getrlimit", "ugetrlimit"};

/* And with a network; those that open a socket are told apart by its family. */
static const char *const OF_NETWORK[] = {"connect",    "bind",       "getsockname", "getpeername",
                                         "getsockopt", "setsockopt", "sendmmsg",    "recvmmsg"};

/* What nobody needs who reads reports, for a process that starts programs: what those need cannot be listed. */
static const char *const FORBIDDEN[] = {"ptrace",
                                        "process_vm_readv",
                                        "process_vm_writev",
                                        "process_madvise",
                                        "kcmp",
                                        "pidfd_getfd",
                                        "bpf",
                                        "perf_event_open",
                                        "userfaultfd",
                                        "io_uring_setup",
                                        "io_uring_enter",
                                        "io_uring_register",
                                        "keyctl",
                                        "add_key",
                                        "request_key",
                                        "mount",
                                        "umount",
                                        "umount2",
                                        "move_mount",
                                        "open_tree",
                                        "fsopen",
                                        "fsconfig",
                                        "fsmount",
                                        "mount_setattr",
                                        "pivot_root",
                                        "chroot",
                                        "unshare",
                                        "setns",
                                        "init_module",
                                        "finit_module",
                                        "delete_module",
                                        "kexec_load",
                                        "kexec_file_load",
                                        "reboot",
                                        "swapon",
                                        "swapoff",
                                        "syslog",
                                        "acct",
                                        "quotactl",
                                        "settimeofday",
                                        "clock_settime",
                                        "adjtimex",
                                        "clock_adjtime",
                                        "sethostname",
                                        "setdomainname",
                                        "personality",
                                        "modify_ldt",
                                        "open_by_handle_at",
                                        "name_to_handle_at",
                                        "lookup_dcookie",
                                        "nfsservctl",
                                        "ioperm",
                                        "iopl",
                                        "listen",
                                        "accept",
                                        "accept4"};
/* Of these a sanitizer that looks for leaks needs one. */
static const char *const FORBIDDEN_ALSO[] = {"execve", "execveat"};

bool calls_are_wide(void) { return SANDBOX_WIDE; }

bool calls_can_be_filtered(void) {
  const uint32_t kill = SECCOMP_RET_KILL_PROCESS;
  return !syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &kill);
}

static int add(scmp_filter_ctx f, uint32_t action, const char *name, unsigned count, const struct scmp_arg_cmp *args) {
  int number = seccomp_syscall_resolve_name(name);
  return number == __NR_SCMP_ERROR ? 0 : seccomp_rule_add_array(f, action, number, count, args);
}

static int add_all(scmp_filter_ctx f, uint32_t action, const char *const *names, size_t count) {
  int code = 0;
  for (size_t i = 0; i < count && !code; i++) code = add(f, action, names[i], 0, NULL);
  return code;
}

static int add_value(scmp_filter_ctx f, const char *name, unsigned at, uint64_t value) {
  const struct scmp_arg_cmp arg = {.arg = at, .op = SCMP_CMP_EQ, .datum_a = value};
  return add(f, SCMP_ACT_ALLOW, name, 1, &arg);
}

static int add_masked(scmp_filter_ctx f, const char *name, unsigned at, uint64_t mask, uint64_t value) {
  const struct scmp_arg_cmp arg = {.arg = at, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
  return add(f, SCMP_ACT_ALLOW, name, 1, &arg);
}

/* Calls that are harmless with some arguments alone. */
static int add_narrowed(scmp_filter_ctx f) {
  static const unsigned long REQUESTS[] = {TCGETS, TIOCGWINSZ, TIOCGPGRP, FIONREAD, FIONBIO};
  static const uint64_t OPERATIONS[] = {PR_SET_NAME, PR_SET_DUMPABLE, PR_GET_DUMPABLE, PR_SET_VMA};
  int code = 0;
  for (size_t i = 0; i < ARRAY_SIZE(REQUESTS) && !code; i++) code = add_value(f, "ioctl", 1, REQUESTS[i]);
  for (size_t i = 0; i < ARRAY_SIZE(OPERATIONS) && !code; i++) code = add_value(f, "prctl", 0, OPERATIONS[i]);
  /* Threads, no processes. clone3 has its flags in memory, where no filter can see them: the C library does without. */
  if (!code) code = add_masked(f, "clone", 0, CLONE_THREAD, CLONE_THREAD);
  /* No memory is made a program that was written to: neither at once nor later. */
  if (!code) code = add_masked(f, "mprotect", 2, PROT_EXEC, 0);
  /* Of this process alone: limits, and signals, as abort sends them. */
  if (!code) code = add_value(f, "prlimit64", 0, 0);
  if (!code) code = add_value(f, "setrlimit", 0, RLIMIT_CORE);
  if (!code) code = add_value(f, "tgkill", 0, (uint64_t)getpid());
  return code;
}

/* Of one kind, whatever flags stand beside it. */
static int add_socket(scmp_filter_ctx f, int family, int type) {
  const struct scmp_arg_cmp args[] = {
      {.arg = 0, .op = SCMP_CMP_EQ, .datum_a = (uint64_t)family},
      {.arg = 1, .op = SCMP_CMP_MASKED_EQ, .datum_a = SOCKET_TYPES, .datum_b = (uint64_t)type}};
  return add(f, SCMP_ACT_ALLOW, "socket", 2, args);
}

/* Netlink tells which addresses we have, which is asked before a host is connected to. */
static int add_network(scmp_filter_ctx f) {
  static const int FAMILIES[] = {AF_INET, AF_INET6, AF_UNIX}, TYPES[] = {SOCK_STREAM, SOCK_DGRAM};
  int code = add_all(f, SCMP_ACT_ALLOW, OF_NETWORK, ARRAY_SIZE(OF_NETWORK));
  for (size_t i = 0; i < ARRAY_SIZE(FAMILIES) && !code; i++)
    for (size_t n = 0; n < ARRAY_SIZE(TYPES) && !code; n++) code = add_socket(f, FAMILIES[i], TYPES[n]);
  if (!code) code = add_socket(f, AF_NETLINK, SOCK_RAW);
  return code ? code : add_value(f, "socketpair", 0, AF_UNIX);
}

/* What is not listed is not there, as in an older kernel: the C library then takes another way or fails. */
static int list_allowed(scmp_filter_ctx f, const struct sandbox_rules *rules) {
  int code = add_all(f, SCMP_ACT_ALLOW, ORDINARY, ARRAY_SIZE(ORDINARY));
  if (!code) code = add_narrowed(f);
  return code || !rules->network ? code : add_network(f);
}

static int list_forbidden(scmp_filter_ctx f, const struct sandbox_rules *rules) {
  const uint32_t refuse = SCMP_ACT_ERRNO(EPERM);
  size_t first = SANDBOX_WIDE ? 1 : 0; /* ptrace: how leaks are looked for */
  int code = add_all(f, refuse, FORBIDDEN + first, ARRAY_SIZE(FORBIDDEN) - first);
  if (!code && !rules->network) code = add(f, refuse, "socket", 0, NULL);
  if (!code && !rules->programs) code = add_all(f, refuse, FORBIDDEN_ALSO, ARRAY_SIZE(FORBIDDEN_ALSO));
  return code;
}

/* For all threads; `listed` is how the lists fared. */
static int load(scmp_filter_ctx f, int listed, struct err *e) {
  int code = listed ? listed : seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);
  if (!code) code = seccomp_load(f);
  seccomp_release(f);
  if (!code) return 0;
  errno = -code;
  return err_set_errno(e, ERR_IO, "seccomp");
}

int calls_confine(const struct sandbox_rules *rules, struct err *e) {
  const bool lists_forbidden = rules->programs || SANDBOX_WIDE;
  scmp_filter_ctx f = seccomp_init(lists_forbidden ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(ENOSYS));
  if (!f) abort(); /* out of memory, as everywhere */
  return load(f, lists_forbidden ? list_forbidden(f, rules) : list_allowed(f, rules), e);
}

/* --- a worker ----------------------------------------------------------------------------------------------------- */

/* What it takes to read, to reckon and to answer. */
static const char *const OF_A_WORKER[] = {"read",
                                          "pread64",
                                          "write",
                                          "lseek",
                                          "_llseek",
                                          "recvmsg",
                                          "sendmsg",
                                          "close",
                                          "poll",
                                          "ppoll",
                                          "mmap2",
                                          "munmap",
                                          "brk",
                                          "mremap",
                                          "madvise",
                                          "futex",
                                          "futex_time64",
                                          "rt_sigreturn",
                                          "getpid",
                                          "gettid",
                                          "sigreturn",
                                          "exit",
                                          "exit_group",
                                          "getrandom",
                                          "clock_gettime",
                                          "clock_gettime64",
                                          "rt_sigprocmask",
                                          "restart_syscall",
                                          "gettimeofday",
                                          "time"};
/* What nobody does there by mistake. */
static const char *const ENDING[] = {"execve",
                                     "execveat",
                                     "fork",
                                     "vfork",
                                     "ptrace",
                                     "process_vm_readv",
                                     "process_vm_writev",
                                     "socket",
                                     "connect",
                                     "bind",
                                     "listen",
                                     "kill",
                                     "tkill",
                                     "bpf",
                                     "mount",
                                     "unshare",
                                     "setns",
                                     "io_uring_setup",
                                     "pidfd_open",
                                     "userfaultfd",
                                     "keyctl",
                                     "clone"};

static int list_for_worker(scmp_filter_ctx f) {
  int code = add_all(f, SCMP_ACT_ALLOW, OF_A_WORKER, ARRAY_SIZE(OF_A_WORKER));
  if (!code) code = add_all(f, SCMP_ACT_KILL_PROCESS, ENDING, ARRAY_SIZE(ENDING));
  if (!code) code = add_masked(f, "mmap", 2, PROT_EXEC, 0);
  if (!code) code = add_masked(f, "mprotect", 2, PROT_EXEC, 0);
  if (!code) code = add_value(f, "tgkill", 0, (uint64_t)getpid());
  return code;
}

int calls_confine_worker(struct err *e) {
  const struct sandbox_rules nothing = {0};
  if (SANDBOX_WIDE) return calls_confine(&nothing, e);
  scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
  if (!f) abort(); /* out of memory, as everywhere */
  return load(f, list_for_worker(f), e);
}

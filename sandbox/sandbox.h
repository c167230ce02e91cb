/* SPDX-License-Identifier: Apache-2.0 */
/* What a process that meets strangers' input gives away before it does: every way to files, to the network and to other
 * programs that it has no use for. A fault in a library that parses then has no more than what is left.
 *
 * Two parts of Linux do it, neither of which needs a privilege. Landlock (5.13, TCP since 6.7) knows files by their
 * place; seccomp knows system calls. Neither can be taken back, and children inherit both. A kernel or a container that
 * has but one of them gives that one, unless both are required. */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"

/* What the user wants of it. */
enum sandbox_mode {
  SANDBOX_AUTO,    /* as much as there is */
  SANDBOX_REQUIRE, /* all of it, or nothing is read */
  SANDBOX_OFF,
};

enum sandbox_access {
  SANDBOX_READ,  /* the file, or the folder and all below it */
  SANDBOX_WRITE, /* and to create, change and remove files */
};

struct sandbox_path {
  char *path;
  enum sandbox_access access;
};

/* What a process keeps. */
struct sandbox_rules {
  struct sandbox_path *paths;
  unsigned count, capacity;
  bool network;  /* it connects to servers; it listens to nobody in any case */
  bool programs; /* it starts programs, which are held by the same rules, and may read everything */
};
/* NULL and "" name nothing. A path that is not there when the rules come into force stays out of reach. */
void sandbox_keep(struct sandbox_rules *r, const char *path, enum sandbox_access access);
/* The folder that a file is in, or will be: links are followed where the file is there. */
void sandbox_keep_folder_of(struct sandbox_rules *r, const char *path, enum sandbox_access access);
/* What the C library and those above it load on their way: themselves, converters of encodings; with a network, names
 * of hosts and the system's certificates. And $TMPDIR, where files without a name are made. */
void sandbox_keep_system(struct sandbox_rules *r);
void sandbox_rules_clear(struct sandbox_rules *r);

/* Gives up the rest, for this thread and those that it starts: to be called before there are others. 0; or ERR_IO where
 * it is required and not to be had: `e` says what is missing. */
int sandbox_enter(enum sandbox_mode mode, const struct sandbox_rules *rules, struct err *e);

/* The same for a worker (nursery.h), which keeps memory, time, and the descriptors that it has or is given. A call that
 * only who has been taken over would make ends it at once. */
int sandbox_enter_worker(enum sandbox_mode mode, struct err *e);

/* Appends what is in force where it is entered in this mode: "Landlock 4, seccomp". */
void sandbox_describe(enum sandbox_mode mode, struct strbuf *out);

static inline void cleanup_sandbox_rules(struct sandbox_rules *r) { sandbox_rules_clear(r); }

#endif

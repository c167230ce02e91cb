/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: a negative code for the caller's decision and one sentence for the user's.
 *
 * A function that can fail returns 0 (or a count >= 0) or one of the codes below, and fills the `struct err` it was
 * given. Each layer that knows more prefixes once: "inbox.zip: r.xml: line 40: count "x" is no number". Messages may
 * quote a stranger's bytes; whoever prints them escapes them (see table/escape.h), nobody earlier. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum {
  ERR_IO = -1,          /* the operating system refused: open, read, write */
  ERR_FORMAT = -2,      /* the input is not what it should be */
  ERR_LIMIT = -3,       /* the input is larger or deeper than a named limit */
  ERR_NO_REPORT = -4,   /* readable, but holds no aggregate report */
  ERR_STORE = -5,       /* the database refused */
  ERR_BUSY = -6,        /* another process holds the database */
  ERR_USAGE = -7,       /* the user asked for what cannot be */
  ERR_INTERRUPTED = -8, /* a signal asked us to stop */
  ERR_NOT_FOUND = -9,   /* the thing named does not exist */
  ERR_DENIED = -10,     /* the other side refused our password or token */
};

#define ERR_TEXT_BYTES 1024

struct err {
  char text[ERR_TEXT_BYTES]; /* NUL-terminated; cut, never overrun */
};

/* All return `code`, so that `return err_set(e, ERR_FORMAT, ...)` reads well. `e` may be NULL. */
int err_set(struct err *e, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Puts "prefix: " in front of what is there already. */
int err_prefix(struct err *e, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* As err_set, with ": " and the text of errno at the end. */
int err_set_errno(struct err *e, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif

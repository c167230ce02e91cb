/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets from commands and files, and what hides them where a stranger repeats them. */
#include "base/secret_source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/shell.h"
#include "base/trusted_file.h"
#include "base/utf8.h"

#define SECRET_SHOWN_MOST 4 /* bytes of it that may be seen: fewer would be found in any text */

/* How many bytes of the secret stand at `at`: all, or as many as the text, which may be cut, still has; else 0. */
static size_t match(const char *secret, size_t size, const char *at, size_t left) {
  size_t n = size < left ? size : left;
  return n >= SECRET_SHOWN_MOST && !memcmp(at, secret, n) ? n : 0;
}

static bool holds(const char *secret, size_t size, const unsigned char *bytes, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (match(secret, size, (const char *)bytes + i, count - i)) return true;
  return false;
}

static void hide(const char *secret, size_t size, char *text) {
  size_t length = strlen(text);
  for (size_t i = 0; i < length; i++) {
    size_t n = match(secret, size, text + i, length - i);
    if (n) memset(text + i, '*', n);
  }
}

/* The value of a sign of base64, the one for URLs too (RFC 4648 4, 5), or -1. */
static int sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (ascii_is_digit(c)) return c - '0' + 52;
  return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* `count` signs of base64; returns how many whole bytes they are. */
static size_t decode(const char *signs, size_t count, unsigned char *ret) {
  unsigned bits = 0;
  size_t size = 0;
  for (size_t i = 0; i < count; i++) {
    bits = bits << 6 | (unsigned)sextet(signs[i]);
    if (i % 4) ret[size++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
  }
  return size;
}

/* What SASL makes of it (RFC 4616, RFC 7628): the secret between other things, in base64 that may begin anywhere in a
 * word. */
static void hide_encoded(const char *secret, size_t size, char *text) {
  unsigned char bytes[SECRET_BYTES];
  for (char *at = text; *at;) {
    size_t signs = 0;
    while (at[signs] && sextet(at[signs]) >= 0) signs++;
    bool found = false;
    for (size_t skip = 0; skip < 4 && skip < signs && signs <= sizeof bytes && !found; skip++)
      found = holds(secret, size, bytes, decode(at + skip, signs - skip, bytes));
    if (found) memset(at, '*', signs);
    at += signs ? signs : 1;
  }
  explicit_bzero(bytes, sizeof bytes);
}

/* As a quoted string has it (RFC 9051 4.3): the command LOGIN. */
static size_t quote(const char *secret, char *ret, size_t room) {
  size_t size = 0;
  for (; *secret && size + 2 < room; secret++) {
    if (*secret == '"' || *secret == '\\') ret[size++] = '\\';
    ret[size++] = *secret;
  }
  ret[size] = '\0';
  return size;
}

/* --- short ones --------------------------------------------------------------------------------------------------- */

static bool is_of_word(char c) { return ascii_is_letter(c) || ascii_is_digit(c) || (unsigned char)c > 0x7f; }

/* Whether the `size` signs at `at` are a word of `text`, not a part of one. */
static bool is_word(const char *text, const char *at, size_t size) {
  bool begins = at == text || !is_of_word(at[-1]) || !is_of_word(*at);
  return begins && (!is_of_word(at[size]) || !is_of_word(at[size - 1]));
}

static bool hide_words(const char *secret, char *text) {
  size_t size = strlen(secret);
  bool found = false;
  for (char *at = text; (at = strstr(at, secret)); at += size) {
    if (!is_word(text, at, size)) continue;
    memset(at, '*', size);
    found = true;
  }
  return found;
}

/* Those words, too, that are as long, or the stars would tell which word of a sentence it is. The first word of an
 * answer says whether it is a refusal, and stays. */
static void hide_words_as_long(size_t size, char *text) {
  for (char *at = text + strcspn(text, " "); *at;) {
    size_t length = 0;
    while (is_of_word(at[length])) length++;
    if (length == size) memset(at, '*', size);
    at += length ? length : 1;
  }
}

/* A word of base64 that is the secret, or ends in it as a line of SASL does. */
static void hide_encoded_words(const char *secret, size_t size, char *text) {
  unsigned char bytes[SECRET_BYTES];
  for (char *at = text; *at;) {
    size_t signs = 0, count = 0;
    while (at[signs] && sextet(at[signs]) >= 0) signs++;
    if (signs <= sizeof bytes) count = decode(at, signs, bytes);
    bool ends = count >= size && !memcmp(bytes + count - size, secret, size);
    if (ends && (count == size || !bytes[count - size - 1])) memset(at, '*', signs);
    at += signs ? signs : 1;
  }
  explicit_bzero(bytes, sizeof bytes);
}

/* A secret that is too short to be looked for inside words. */
static void mask_words(const char *secret, const char *quoted, char *text) {
  hide_encoded_words(secret, strlen(secret), text);
  bool found = hide_words(quoted, text);
  if (hide_words(secret, text) || found) hide_words_as_long(strlen(secret), text);
}

void secret_mask(const char *secret, char *text) {
  char quoted[SECRET_BYTES];
  size_t size = strlen(secret), quoted_size = quote(secret, quoted, sizeof quoted);
  if (size >= SECRET_SHOWN_MOST) {
    hide(secret, size, text);
    hide(quoted, quoted_size, text);
    hide_encoded(secret, size, text);
  } else if (size) {
    mask_words(secret, quoted, text);
  }
  explicit_bzero(quoted, sizeof quoted);
}

/* The first line alone counts: `pass` and others keep notes behind it. An editor's byte order mark is none of it.
 * `is_cut`: there is more than what was read. A part of a secret is another one. */
static int take_first_line(char *text, size_t size, bool is_cut, const char *what, struct err *e) {
  size_t mark = utf8_mark_size(text, size);
  size -= mark;
  memmove(text, text + mark, size);
  text[size] = '\0';
  size_t length = strcspn(text, "\r\n");
  if (length == size && is_cut)
    return err_set(e, ERR_USAGE, "%s: its first line has more than %d bytes", what, SECRET_BYTES - 1);
  if (length < size && !text[length]) return err_set(e, ERR_USAGE, "%s: a secret with a NUL in it", what);
  explicit_bzero(text + length, SECRET_BYTES - length);
  if (!length) return err_set(e, ERR_USAGE, "%s: its first line is empty", what);
  return 0;
}

/* --- the process -------------------------------------------------------------------------------------------------- */

void secret_shield(void) {
  struct rlimit core;
  prctl(PR_SET_DUMPABLE, 0);
  if (getrlimit(RLIMIT_CORE, &core) < 0) return;
  core.rlim_cur = 0;
  setrlimit(RLIMIT_CORE, &core);
}

/* Where it lies is what the kernel shows of the environment, so it is wiped there. */
int secret_from_environment(const char *name, const char **ret, struct err *e) {
  static char kept[SECRET_BYTES];
  static bool is_kept, is_long;
  char *value = getenv(name);
  if (value) {
    secret_shield();
    const size_t length = strlen(value);
    is_long = length >= sizeof kept;
    is_kept = !is_long;
    if (is_kept) memcpy(kept, value, length + 1);
    explicit_bzero(value, length);
    unsetenv(name);
  }
  *ret = is_kept ? kept : NULL;
  return is_long ? err_set(e, ERR_USAGE, "%s: is too long", name) : 0;
}

/* --- a file ------------------------------------------------------------------------------------------------------- */

static int read_file(const char *path, const char *what, char *ret, struct err *e) {
  _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  struct stat st;
  if (fd < 0 || fstat(fd, &st) < 0) return err_set_errno(e, ERR_USAGE, "%s %s", what, path);
  _cleanup_free_ char *name = mem_printf("%s %s", what, path);
  int code = trusted_secret_check(&st, name, path, e);
  if (code < 0) return code;
  size_t size = 0;
  ssize_t n;
  while ((n = read(fd, ret + size, SECRET_BYTES - 1 - size)) > 0) size += (size_t)n;
  char behind;
  const bool is_cut = n == 0 && size == SECRET_BYTES - 1 && (n = read(fd, &behind, 1)) > 0;
  if (n < 0) return err_set_errno(e, ERR_USAGE, "%s %s", what, path);
  return take_first_line(ret, size, is_cut, what, e);
}

int secret_from_file(const char *path, const char *what, char *ret, struct err *e) {
  secret_shield();
  int code = read_file(path, what, ret, e);
  if (code < 0) explicit_bzero(ret, SECRET_BYTES);
  return code;
}

/* --- a command ---------------------------------------------------------------------------------------------------- */

/* All that the command writes, to its end; more than a secret can have is dropped, and `ret_is_cut`. */
static int read_pipe(int fd, const struct stop *stop, char *ret, size_t *ret_size, bool *ret_is_cut, struct err *e) {
  double until = clock_now_s() + SECRET_SECONDS;
  char dropped[256];
  *ret_size = 0;
  *ret_is_cut = false;
  for (;;) {
    int code = stop_await(stop, fd, POLLIN, until, e);
    if (code < 0) return code;
    if (!code) return err_set(e, ERR_USAGE, "gave no answer within %d seconds", SECRET_SECONDS);
    size_t room = SECRET_BYTES - 1 - *ret_size;
    ssize_t n = room ? read(fd, ret + *ret_size, room) : read(fd, dropped, sizeof dropped);
    if (n < 0 && errno != EINTR && errno != EAGAIN) return err_set_errno(e, ERR_USAGE, "cannot read its answer");
    if (n == 0) return 0;
    if (n > 0 && room) *ret_size += (size_t)n;
    if (n > 0 && !room) *ret_is_cut = true;
  }
}

static int run_command(const char *command, const char *what, const struct stop *stop, char *ret, struct err *e) {
  int ends[2];
  pid_t child;
  if (pipe2(ends, O_CLOEXEC) < 0) return err_set_errno(e, ERR_USAGE, "%s", what);
  int code = shell_start(command, -1, ends[1], &child, e);
  close(ends[1]);
  size_t size = 0;
  bool is_cut = false;
  if (!code) {
    code = read_pipe(ends[0], stop, ret, &size, &is_cut, e);
    struct err unused;
    int exited = shell_end(child, code < 0, code < 0 ? &unused : e);
    if (!code) code = exited;
  }
  close(ends[0]);
  return code < 0 ? err_prefix(e, code, "%s", what) : take_first_line(ret, size, is_cut, what, e);
}

int secret_from_command(const char *command, const char *what, const struct stop *stop, char *ret, struct err *e) {
  secret_shield();
  int code = run_command(command, what, stop, ret, e);
  if (code < 0) explicit_bzero(ret, SECRET_BYTES);
  return code;
}

/* The line is shorter than what a pipe holds (pipe(7): 64 KiB), so that it lies there before anybody reads it. */
int secret_to_command(const char *secret, const char *command, const char *what, const struct stop *stop,
                      struct err *e) {
  int ends[2];
  pid_t child;
  size_t size = strlen(secret);
  if (pipe2(ends, O_CLOEXEC) < 0) return err_set_errno(e, ERR_USAGE, "%s", what);
  bool written = write(ends[1], secret, size) == (ssize_t)size && write(ends[1], "\n", 1) == 1;
  int code = written ? shell_start(command, ends[0], -1, &child, e) : err_set_errno(e, ERR_USAGE, "a pipe");
  close(ends[0]);
  close(ends[1]);
  if (!code) code = shell_await(child, SECRET_SECONDS, stop, e);
  return code < 0 ? err_prefix(e, code, "%s", what) : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Reads which domains a group has, and finds those of the database. */
#include "cmd/groups.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/domain.h"
#include "base/trusted_file.h"
#include "base/utf8.h"
#include "cmd/config.h"
#include "cmd/ini_file.h"

#define FILE_BYTES (16U << 20) /* half a million domains */
#define SEPARATORS " \t,"

/* --- words -------------------------------------------------------------------------------------------------------- */

static bool is_glob(const char *word) { return strpbrk(word, "*?") != NULL; }

static bool is_ascii(const char *text, size_t size) {
  for (size_t i = 0; i < size; i++)
    if ((unsigned char)text[i] >= 0x80) return false;
  return true;
}

/* Names are compared as A-labels, and a label with '*' or '?' has none. */
static bool can_match(const char *glob, const char *spelled) {
  for (size_t size; *glob; glob += size + (glob[size] == '.')) {
    size = strcspn(glob, ".");
    const size_t before = strcspn(glob, "*?");
    if (before < size && !is_ascii(glob, size)) return false;
  }
  return is_ascii(spelled, strlen(spelled));
}

static int take_word(struct group *g, const struct config *c, const char *word, struct err *e) {
  _cleanup_free_ char *name = domain_spelled(word);
  if (!domain_is_plausible(name)) return err_set(e, ERR_USAGE, "\"%s\" is no domain name", word);
  if (is_glob(word) && !can_match(word, name))
    return err_set(e, ERR_USAGE, "\"%s\": beside * and ? a label is compared in ASCII: say it as reports do, xn--...",
                   word);
  const char *kept = arena_strdup(c->texts, name);
  if (is_glob(name)) {
    MEM_GROW(g->globs, g->glob_capacity, g->glob_count);
    g->globs[g->glob_count++] = kept;
    return 0;
  }
  MEM_GROW(g->names, g->name_capacity, g->name_count);
  g->names[g->name_count++] = kept;
  return 0;
}

/* The next word of *at, NUL-terminated, and *at behind it; NULL at the end. */
static char *next_word(char **at) {
  char *word = *at + strspn(*at, SEPARATORS);
  if (!*word) return NULL;
  *at = word + strcspn(word, SEPARATORS);
  if (**at) *(*at)++ = '\0';
  return word;
}

/* --- files of them ------------------------------------------------------------------------------------------------ */

/* Who writes it says whose mail goes to whom: it is believed as the configuration is. A pipe, which might never end, is
 * not even waited for. */
static int open_trusted(const char *path, FILE **ret, struct err *e) {
  _cleanup_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct stat st;
  if (fd < 0 || fstat(fd, &st) < 0) return err_set_errno(e, ERR_USAGE, "%s", path);
  if (!S_ISREG(st.st_mode)) return err_set(e, ERR_USAGE, "%s: is no file", path);
  int code = trusted_file_check(&st, path, path, e);
  if (code < 0) return code;
  if (!(*ret = fdopen(fd, "r"))) return err_set_errno(e, ERR_USAGE, "%s", path);
  fd = -1;
  return 0;
}

static int read_whole(const char *path, struct strbuf *out, struct err *e) {
  _cleanup_fclose_ FILE *file = NULL;
  int code = open_trusted(path, &file, e);
  if (!code) code = data_file_take(file, path, FILE_BYTES, out, e);
  if (code < 0) return code;
  if (memchr(strbuf_text(out), '\0', out->length)) return err_set(e, ERR_USAGE, "%s: is no text", path);
  return 0;
}

static int take_line(struct group *g, const struct config *c, char *line, struct err *e) {
  line[strcspn(line, "#;\r")] = '\0';
  int code = 0;
  for (char *word; !code && (word = next_word(&line));)
    code = *word == '@' ? err_set(e, ERR_USAGE, "\"%s\": a file of domains names no other one", word)
                        : take_word(g, c, word, e);
  return code;
}

static int take_file(struct group *g, const struct config *c, const char *name, struct err *e) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  const char *path = config_resolve_path(c, name);
  int code = read_whole(path, &text, e);
  if (code < 0 || !text.length) return code;
  char *line = text.data + utf8_mark_size(text.data, text.length);
  for (unsigned number = 1; line && !code; number++) {
    char *end = strchr(line, '\n');
    if (end) *end = '\0';
    code = take_line(g, c, line, e);
    if (code < 0) err_prefix(e, code, "%s:%u", path, number);
    line = end ? end + 1 : NULL;
  }
  return code;
}

int group_take(struct group *g, const struct config *c, const char *words, struct err *e) {
  _cleanup_free_ char *copy = mem_strdup(words);
  char *at = copy;
  int code = 0;
  for (char *word; !code && (word = next_word(&at));)
    code = *word == '@' ? take_file(g, c, word + 1, e) : take_word(g, c, word, e);
  return code;
}

void group_clear(struct group *g) {
  free(g->names);
  free(g->globs);
  *g = (struct group){0};
}

/* --- the domains of the database ---------------------------------------------------------------------------------- */

/* Where it does not fit behind the last '*', that one takes one character more: each glob has one place to return to.
 * fnmatch(3) reads both by the locale, which takes three times as long; and each glob meets each domain. */
bool group_glob_matches(const char *glob, const char *name) {
  const char *star = NULL, *from = NULL;
  while (*name) {
    if (*glob == '*') {
      star = ++glob;
      from = name;
    } else if (*glob == '?' || *glob == *name) {
      glob++;
      name++;
    } else if (star) {
      glob = star;
      name = ++from;
    } else {
      return false;
    }
  }
  while (*glob == '*') glob++;
  return !*glob;
}

struct gathering {
  const struct group *const *groups;
  unsigned count;
  group_domain_fn *fn;
  void *user;
};

static bool meets_glob(const struct group *g, const char *name) {
  for (unsigned i = 0; i < g->glob_count; i++)
    if (group_glob_matches(g->globs[i], name)) return true;
  return false;
}

static int on_domain(void *user, const char *name, struct err *e) {
  (void)e;
  const struct gathering *g = user;
  for (unsigned i = 0; i < g->count; i++)
    if (meets_glob(g->groups[i], name)) g->fn(g->user, i, name);
  return 0;
}

bool groups_have_globs(const struct group *const *groups, unsigned count) {
  for (unsigned i = 0; i < count; i++)
    if (groups[i]->glob_count) return true;
  return false;
}

int groups_each_domain(const struct group *const *groups, unsigned count, struct store *store, group_domain_fn *fn,
                       void *user, struct err *e) {
  struct gathering gathering = {groups, count, fn, user};
  for (unsigned i = 0; i < count; i++)
    for (unsigned n = 0; n < groups[i]->name_count; n++) fn(user, i, groups[i]->names[n]);
  return store && groups_have_globs(groups, count) ? store_each_domain(store, on_domain, &gathering, e) : 0;
}

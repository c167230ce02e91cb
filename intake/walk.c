/* SPDX-License-Identifier: Apache-2.0 */
/* Lists the files of the user's sources in a stable order; what is in them is not looked at. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/mem.h"
#include "intake/intake.h"

/* A directory being walked: all its names were read at once, so that no descriptor stays open. */
struct listing {
  struct listing *parent;
  char *path;
  struct strbuf names; /* each name, NUL, and its d_type */
  size_t *sorted;      /* where each name begins, in their order */
  size_t count, capacity, at;
  bool is_maildir;
};

struct intake_walk {
  char **sources;
  unsigned count, at;
  struct listing *top; /* NULL between two sources */
  uint64_t number;
};

static void listing_free(struct listing *l) {
  if (!l) return;
  strbuf_clear(&l->names);
  free(l->sorted);
  free(l->path);
  free(l);
}
static void cleanup_listing(struct listing **l) { listing_free(*l); }

struct intake_walk *intake_walk_new(const char *const *sources, unsigned count) {
  struct intake_walk *w = mem_zalloc(sizeof *w);
  w->sources = mem_alloc(count * sizeof *w->sources);
  for (; w->count < count; w->count++) w->sources[w->count] = mem_strdup(sources[w->count]);
  return w;
}

static void leave_directory(struct intake_walk *w) {
  struct listing *left = w->top;
  w->top = left->parent;
  listing_free(left);
}

void intake_walk_free(struct intake_walk *w) {
  if (!w) return;
  while (w->top) leave_directory(w);
  for (unsigned i = 0; i < w->count; i++) free(w->sources[i]);
  free(w->sources);
  free(w);
}

static int by_bytes(const void *a, const void *b, void *names) {
  return strcmp((const char *)names + *(const size_t *)a, (const char *)names + *(const size_t *)b);
}

static void add_name(struct listing *l, const struct dirent *entry) {
  MEM_GROW(l->sorted, l->capacity, l->count);
  l->sorted[l->count++] = l->names.length;
  strbuf_add(&l->names, entry->d_name, strlen(entry->d_name) + 1);
  strbuf_add_char(&l->names, (char)entry->d_type);
}

static int read_names(struct listing *l, DIR *directory, struct err *e) {
  const struct dirent *entry;
  while ((errno = 0, entry = readdir(directory))) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) add_name(l, entry);
  }
  if (errno) return err_set_errno(e, ERR_IO, "%s: cannot list", l->path);
  if (l->count) qsort_r(l->sorted, l->count, sizeof *l->sorted, by_bytes, l->names.data);
  return 0;
}

static unsigned char type_of_name(const char *name) { return (unsigned char)name[strlen(name) + 1]; }

static char *path_in(const struct listing *l, const char *name) {
  size_t length = strlen(l->path);
  return mem_printf("%s%s%s", l->path, length && l->path[length - 1] == '/' ? "" : "/", name);
}

static unsigned char type_of(const struct stat *st) {
  return S_ISREG(st->st_mode) ? DT_REG : S_ISDIR(st->st_mode) ? DT_DIR : S_ISLNK(st->st_mode) ? DT_LNK : DT_FIFO;
}

/* Some file systems do not tell types with names. A name that is gone is left to the one who opens it, to say so. */
static unsigned char resolve_type(const char *path, unsigned char type) {
  struct stat st;
  if (type == DT_UNKNOWN) type = lstat(path, &st) < 0 ? DT_REG : type_of(&st);
  if (type != DT_LNK) return type;
  if (stat(path, &st) < 0) return DT_REG;
  return S_ISDIR(st.st_mode) ? DT_LNK : type_of(&st); /* a link to a directory may lead back up */
}

static bool has_folder(const struct listing *l, const char *wanted) {
  size_t low = 0, high = l->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const char *name = l->names.data + l->sorted[middle];
    int order = strcmp(name, wanted);
    if (!order) {
      _cleanup_free_ char *path = path_in(l, name);
      return resolve_type(path, type_of_name(name)) == DT_DIR;
    }
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return false;
}

/* Mails are in cur and new, and in folders, each a Maildir again. Those in tmp are not all there yet, and the files
 * beside them are the mail server's own. */
static bool is_maildir(const struct listing *l) {
  return has_folder(l, "cur") && has_folder(l, "new") && has_folder(l, "tmp");
}

static bool holds_mail(const struct listing *l, const char *name, unsigned char type) {
  return !l->is_maildir || (type == DT_DIR && strcmp(name, "tmp") != 0);
}

/* Takes `path`. Below a source a name that became a link since it was listed is not followed. */
static int enter_directory(struct intake_walk *w, char *path, bool is_source, struct err *e) {
  __attribute__((cleanup(cleanup_listing))) struct listing *l = mem_zalloc(sizeof *l);
  l->path = path;
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (is_source ? 0 : O_NOFOLLOW));
  DIR *directory = fd < 0 ? NULL : fdopendir(fd);
  if (!directory) {
    int code = err_set_errno(e, ERR_IO, "%s: cannot open", path);
    if (fd >= 0) close(fd);
    return code;
  }
  int code = read_names(l, directory, e);
  closedir(directory);
  if (code < 0) return code;
  l->is_maildir = is_maildir(l);
  l->parent = w->top;
  w->top = TAKE_PTR(l);
  return 0;
}

/* Takes `path`. */
static int give_file(struct intake_walk *w, char *path, bool named, struct intake_file *ret) {
  *ret = (struct intake_file){.path = path, .number = w->number++, .named = named};
  return 1;
}

/* 1 and a file, 0 where the next name gave none, or an error. */
static int next_name(struct intake_walk *w, struct intake_file *ret, struct err *e) {
  struct listing *l = w->top;
  if (l->at == l->count) {
    leave_directory(w);
    return 0;
  }
  const char *name = l->names.data + l->sorted[l->at++];
  _cleanup_free_ char *path = path_in(l, name);
  unsigned char type = resolve_type(path, type_of_name(name));
  if (!holds_mail(l, name, type)) return 0;
  if (type == DT_DIR) return enter_directory(w, TAKE_PTR(path), false, e);
  if (type != DT_REG) return 0;
  give_file(w, TAKE_PTR(path), false, ret);
  ret->maybe_link = type_of_name(name) != DT_REG;
  return 1;
}

static int next_source(struct intake_walk *w, struct intake_file *ret, struct err *e) {
  const char *source = w->sources[w->at++];
  struct stat st;
  if (!strcmp(source, "-")) return give_file(w, mem_strdup(source), true, ret);
  if (stat(source, &st) < 0) return err_set_errno(e, ERR_IO, "%s", source);
  if (S_ISDIR(st.st_mode)) return enter_directory(w, mem_strdup(source), true, e);
  return give_file(w, mem_strdup(source), true, ret);
}

int intake_walk_next(struct intake_walk *w, struct intake_file *ret, struct err *e) {
  while (w->top || w->at < w->count) {
    int code = w->top ? next_name(w, ret, e) : next_source(w, ret, e);
    if (code) return code;
  }
  return 0;
}

void intake_walk_measure(const char *const *sources, unsigned count, uint64_t *ret_files, uint64_t *ret_bytes) {
  struct intake_walk *w = intake_walk_new(sources, count);
  struct intake_file file;
  uint64_t files = 0, bytes = 0;
  int code;
  while ((code = intake_walk_next(w, &file, NULL))) {
    if (code < 0) continue;
    struct stat st;
    int found = strcmp(file.path, "-") ? stat(file.path, &st) : fstat(STDIN_FILENO, &st);
    files++;
    if (!found && S_ISREG(st.st_mode)) bytes += (uint64_t)st.st_size;
    free(file.path);
  }
  intake_walk_free(w);
  *ret_files = files;
  *ret_bytes = bytes;
}

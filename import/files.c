/* SPDX-License-Identifier: Apache-2.0 */
/* A walk as a source of inputs. */
#include "import/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int next_file(struct pipeline_source *source, struct pipeline_input *ret, struct err *e) {
  struct file_source *f = (struct file_source *)source;
  struct intake_file file = {0};
  int code = intake_walk_next(f->walk, &file, e);
  if (code <= 0) return code;
  struct intake_file *handle = mem_alloc(sizeof *handle);
  *handle = file;
  *ret = (struct pipeline_input){.id = file.number, .handle = handle};
  return code;
}

/* A file is the same one wherever it is moved to, as mails of a Maildir are; what is read once is known by nothing. */
static bool may_open(const struct feed *feed, const struct intake_file *file, const struct intake_events *events) {
  struct stat st;
  char key[120];
  if (!feed->at_work || !strcmp(file->path, "-") || stat(file->path, &st) < 0 || !S_ISREG(st.st_mode)) return true;
  snprintf(key, sizeof key, "file %llx:%llx:%llx:%llx.%lx", (unsigned long long)st.st_dev,
           (unsigned long long)st.st_ino, (unsigned long long)st.st_size, (unsigned long long)st.st_mtim.tv_sec,
           (unsigned long)st.st_mtim.tv_nsec);
  return at_work_begin(feed->at_work, feed, file->number, key, file->path, events);
}

static int open_file(struct pipeline_source *source, struct pipeline_input *input,
                     const volatile sig_atomic_t *interrupted, const struct intake_events *events,
                     struct intake_input *ret) {
  const struct feed *feed = ((struct file_source *)source)->feed;
  const struct intake_file *file = input->handle;
  struct err e;
  if (!may_open(feed, file, events)) return 0;
  int code = intake_input_open(file, interrupted, ret, &e);
  if (!code) return 1;
  const struct intake_document unread = {.origin = file->path, .name = ""};
  events->nothing(events->user, &unread, code, &e);
  return 0;
}

static void close_file(struct pipeline_source *source, struct pipeline_input *input, struct intake_input *opened) {
  (void)source;
  struct intake_file *file = input->handle;
  intake_input_close(opened);
  free(file->path);
  free(file);
}

void file_source_init(struct file_source *f, const char *const *paths, unsigned count, const struct feed *feed) {
  *f = (struct file_source){.source = {.next = next_file, .open = open_file, .close = close_file},
                            .walk = intake_walk_new(paths, count),
                            .feed = feed};
}

void file_source_clear(struct file_source *f) { intake_walk_free(f->walk); }

/* SPDX-License-Identifier: Apache-2.0 */
/* A walk as a source of inputs. */
#include "import/files.h"

#include <stdlib.h>

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

static int open_file(struct pipeline_source *source, struct pipeline_input *input,
                     const volatile sig_atomic_t *interrupted, const struct intake_events *events,
                     struct intake_input *ret) {
  (void)source;
  const struct intake_file *file = input->handle;
  struct err e;
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

void file_source_init(struct file_source *f, const char *const *paths, unsigned count) {
  *f = (struct file_source){.source = {.next = next_file, .open = open_file, .close = close_file},
                            .walk = intake_walk_new(paths, count)};
}

void file_source_clear(struct file_source *f) { intake_walk_free(f->walk); }

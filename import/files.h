/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the user's paths as inputs of a pipeline, in the order of the walk. Private to import/. */
#ifndef IMPORT_FILES_H
#define IMPORT_FILES_H

#include "import/feed.h"

struct file_source {
  struct pipeline_source source; /* the input's id is the file's number in the walk */
  struct intake_walk *walk;
  const struct feed *feed;
};
/* `paths` and `feed` outlive it. */
void file_source_init(struct file_source *f, const char *const *paths, unsigned count, const struct feed *feed);
void file_source_clear(struct file_source *f);

#endif

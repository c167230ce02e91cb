/* SPDX-License-Identifier: Apache-2.0 */
/* A user's map of reverse DNS names, read as a whole before any of it counts. Private to sender/. */
#ifndef SENDER_MAP_H
#define SENDER_MAP_H

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

struct map_row {
  const char *domain; /* normalised, plausible */
  const char *name;   /* not empty */
  const char *type;   /* as it stands in the file; may be empty */
};

struct map {
  struct map_row *rows; /* in the file's order */
  size_t count, capacity;
  struct arena *texts; /* what the rows point to */
};

/* Fills a zeroed map; see sender_catalogue_add_map for the form and the errors. Clear it after failure too. */
int map_read(const char *path, struct map *m, struct err *e);
void map_clear(struct map *m);

static inline void cleanup_map(struct map *m) { map_clear(m); }
#define _cleanup_map_ __attribute__((cleanup(cleanup_map)))

#endif

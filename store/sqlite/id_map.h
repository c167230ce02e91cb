/* SPDX-License-Identifier: Apache-2.0 */
/* From the id of a row to a number, at hand for every record. Private to store/.
 *
 * Ids of a healthy database lie close together and are looked up in an array; those far away, as a damaged one may
 * hold, are hashed: memory grows with the ids that are met, never with their size. */
#ifndef STORE_SQLITE_ID_MAP_H
#define STORE_SQLITE_ID_MAP_H

#include "base/hashmap.h"

struct id_map {
  uint32_t *near;     /* by id; 0: not there */
  int64_t near_size;  /* ids from 0 up to here are in `near`, and nowhere else */
  struct hashmap far; /* id -> uint32_t */
  uint32_t *near_ids; /* those that are there, so that emptying costs what was put */
  uint32_t near_count, near_capacity;
};

void id_map_init(struct id_map *m);
void id_map_clear(struct id_map *m); /* accepts a zeroed one */
void id_map_reset(struct id_map *m); /* empties, keeps the memory */

/* `id` is not there yet; `number` is not 0. */
void id_map_put(struct id_map *m, int64_t id, uint32_t number);
uint32_t id_map_get_far(const struct id_map *m, int64_t id);
/* 0 where it is not there. */
static inline uint32_t id_map_get(const struct id_map *m, int64_t id) {
  return id >= 0 && id < m->near_size ? m->near[id] : id_map_get_far(m, id);
}

#endif

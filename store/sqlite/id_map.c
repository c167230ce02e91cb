/* SPDX-License-Identifier: Apache-2.0 */
/* An array for the ids that are close, a hash for the others. */
#include "store/sqlite/id_map.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Ids below are close whatever was met: 4 MiB, of which the system gives only those pages that are written to. */
#define NEAR_LEAST (INT64_C(1) << 20)
#define NEAR_FIRST 4096
/* Beyond, the array may have so many places for each id that was met. */
#define NEAR_PLACES_PER_ID 16

void id_map_init(struct id_map *m) {
  *m = (struct id_map){0};
  hashmap_init(&m->far, sizeof(uint32_t));
}

void id_map_clear(struct id_map *m) {
  free(m->near);
  free(m->near_ids);
  hashmap_clear(&m->far);
  id_map_init(m);
}

void id_map_reset(struct id_map *m) {
  for (uint32_t i = 0; i < m->near_count; i++) m->near[m->near_ids[i]] = 0;
  m->near_count = 0;
  hashmap_reset(&m->far);
}

uint32_t id_map_get_far(const struct id_map *m, int64_t id) {
  const uint32_t *number = hashmap_get(&m->far, &id, sizeof id);
  return number ? *number : 0;
}

static void put_near(struct id_map *m, int64_t id, uint32_t number) {
  MEM_GROW(m->near_ids, m->near_capacity, m->near_count);
  m->near_ids[m->near_count++] = (uint32_t)id;
  m->near[id] = number;
}

static int64_t near_limit(const struct id_map *m) {
  int64_t limit = NEAR_PLACES_PER_ID * ((int64_t)m->near_count + m->far.count);
  if (limit > UINT32_MAX) return UINT32_MAX;
  return limit > NEAR_LEAST ? limit : NEAR_LEAST;
}

/* What was far until now moves with it: an id has one place. */
static void grow_near(struct id_map *m, int64_t size) {
  uint32_t *near = mem_zalloc((size_t)size * sizeof *near);
  if (m->near_size) memcpy(near, m->near, (size_t)m->near_size * sizeof *near);
  free(m->near);
  m->near = near;
  m->near_size = size;
  for (uint32_t i = 0; i < m->far.count; i++) {
    const int64_t *id = hashmap_key_at(&m->far, i, NULL);
    if (*id >= 0 && *id < size && !near[*id]) put_near(m, *id, *(uint32_t *)hashmap_value_at(&m->far, i));
  }
}

void id_map_put(struct id_map *m, int64_t id, uint32_t number) {
  if (id >= m->near_size && id < near_limit(m)) {
    int64_t size = m->near_size ? m->near_size * 2 : NEAR_FIRST;
    if (size <= id) size = id + 1;
    grow_near(m, size > near_limit(m) ? near_limit(m) : size);
  }
  if (id >= 0 && id < m->near_size)
    put_near(m, id, number);
  else
    *(uint32_t *)hashmap_put(&m->far, &id, sizeof id, NULL) = number;
}

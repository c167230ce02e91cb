/* SPDX-License-Identifier: Apache-2.0 */
/* A hash map from byte strings to values of one fixed size, kept in insertion order in one block of memory.
 *
 * Serves the intern caches of the store and the grouping of millions of rows, so keys and values lie inline: a
 * look-up that hits touches one slot and one entry. Pointers to values are valid until the next hashmap_put or
 * hashmap_reset. */
#ifndef BASE_HASHMAP_H
#define BASE_HASHMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hashmap_slot {
  uint32_t hash;  /* rules out most other keys without a look at their entries */
  uint32_t entry; /* offset into `entries` in units of 8 bytes, plus 1; 0: the slot is free */
};

struct hashmap {
  struct hashmap_slot *slots;
  uint32_t slot_mask; /* number of slots - 1; their number is a power of two */
  char *entries;      /* entry after entry, each aligned to 8 bytes */
  size_t entries_used, entries_size;
  uint32_t *places; /* where entry i begins in `entries`, in units of 8 bytes; behind the slots, in their block */
  uint32_t count;
  size_t value_size;
};

void hashmap_init(struct hashmap *m, size_t value_size);
void hashmap_clear(struct hashmap *m); /* frees; the map may be initialised anew */
void hashmap_reset(struct hashmap *m); /* empties, keeps the memory */

void *hashmap_get(const struct hashmap *m, const void *key, size_t key_size); /* NULL where absent */
/* The value of the key, zeroed if the key is new; *ret_new tells which (ret_new may be NULL). The key is copied. */
void *hashmap_put(struct hashmap *m, const void *key, size_t key_size, bool *ret_new);

/* Entry i (0 <= i < count) in insertion order. */
void *hashmap_value_at(const struct hashmap *m, uint32_t i);
const void *hashmap_key_at(const struct hashmap *m, uint32_t i, size_t *ret_size);
/* Bytes held, for callers that bound their caches. */
size_t hashmap_bytes(const struct hashmap *m);

static inline void cleanup_hashmap(struct hashmap *m) { hashmap_clear(m); }
#define _cleanup_hashmap_ __attribute__((cleanup(cleanup_hashmap)))

#endif

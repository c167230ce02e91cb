/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing over an insertion-ordered block of entries; hashing is xxHash's, with a seed of this process. */
#include "base/hashmap.h"

#define XXH_INLINE_ALL
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/mem.h"
#include "base/seed.h"

/* An entry: this head, the value, the key; padded to 8 bytes. */
struct head {
  uint32_t hash, key_size;
};

/* What a map begins with, in one block: most have a handful of entries and live as long as one question, and a block
 * as small as this the allocator keeps at hand. Entries that grow beyond their part of it, or are too large for it,
 * have a block of their own, which is larger: so entries_size tells the two apart. */
#define FIRST_SLOTS 16
#define FIRST_ENTRIES 4
#define FIRST_BYTES 512

static size_t padded(size_t n) { return (n + 7) & ~(size_t)7; }
static struct head *entry_at(const struct hashmap *m, uint32_t i) {
  return (struct head *)(m->entries + (size_t)m->places[i] * 8);
}
static char *value_of(struct head *h) { return (char *)(h + 1); }
static char *key_of(const struct hashmap *m, struct head *h) { return value_of(h) + m->value_size; }
static uint32_t hash_of(const void *key, size_t size) { return (uint32_t)XXH3_64bits_withSeed(key, size, hash_seed()); }

/* Most keys are a pointer or two numbers. */
static bool is_same_key(const char *a, const void *b, size_t size) {
  if (size != sizeof(uint64_t)) return !memcmp(a, b, size);
  uint64_t x, y;
  memcpy(&x, a, sizeof x);
  memcpy(&y, b, sizeof y);
  return x == y;
}

void hashmap_init(struct hashmap *m, size_t value_size) { *m = (struct hashmap){.value_size = padded(value_size)}; }

static bool is_entries_apart(const struct hashmap *m) { return m->entries_size > FIRST_BYTES; }

void hashmap_clear(struct hashmap *m) {
  free(m->slots);
  if (is_entries_apart(m)) free(m->entries);
  hashmap_init(m, m->value_size);
}

void hashmap_reset(struct hashmap *m) {
  if (m->slots) memset(m->slots, 0, ((size_t)m->slot_mask + 1) * sizeof *m->slots);
  m->entries_used = 0;
  m->count = 0;
}

static struct head *entry_of(const struct hashmap *m, const struct hashmap_slot *slot) {
  return (struct head *)(m->entries + ((size_t)slot->entry - 1) * 8);
}

/* The slot that holds the key, or the free one where it belongs. */
static struct hashmap_slot *find_slot(const struct hashmap *m, uint32_t hash, const void *key, size_t key_size) {
  for (uint32_t i = hash & m->slot_mask;; i = (i + 1) & m->slot_mask) {
    struct hashmap_slot *slot = &m->slots[i];
    if (!slot->entry) return slot;
    if (slot->hash != hash) continue;
    struct head *h = entry_of(m, slot);
    if (h->key_size == key_size && is_same_key(key_of(m, h), key, key_size)) return slot;
  }
}

void *hashmap_get(const struct hashmap *m, const void *key, size_t key_size) {
  if (!m->count) return NULL;
  const struct hashmap_slot *slot = find_slot(m, hash_of(key, key_size), key, key_size);
  return slot->entry ? value_of(entry_of(m, slot)) : NULL;
}

static uint32_t most_entries(uint32_t slots) { return slots / 4 * 3; }

static size_t slots_bytes(uint32_t slots) {
  return slots * sizeof(struct hashmap_slot) + most_entries(slots) * sizeof(uint32_t);
}

static void start(struct hashmap *m, size_t entry_bytes) {
  const bool fits = FIRST_ENTRIES * entry_bytes <= FIRST_BYTES;
  m->slots = mem_alloc(slots_bytes(FIRST_SLOTS) + (fits ? FIRST_BYTES : 0));
  m->slot_mask = FIRST_SLOTS - 1;
  m->places = (uint32_t *)(m->slots + FIRST_SLOTS);
  memset(m->slots, 0, FIRST_SLOTS * sizeof *m->slots);
  if (!fits) return;
  m->entries = (char *)m->slots + slots_bytes(FIRST_SLOTS);
  m->entries_size = FIRST_BYTES;
}

static void grow_entries(struct hashmap *m, size_t least) {
  size_t size = m->entries_size ? m->entries_size * 2 : 2 * FIRST_BYTES;
  while (size < least) size *= 2;
  const bool is_apart = is_entries_apart(m);
  char *entries = mem_realloc(is_apart ? m->entries : NULL, size);
  if (!is_apart && m->entries_used) memcpy(entries, m->entries, m->entries_used);
  m->entries = entries;
  m->entries_size = size;
}

/* The places of the entries stand in the same block, behind the slots. */
static void grow_slots(struct hashmap *m) {
  const uint32_t size = (m->slot_mask + 1) * 2;
  struct hashmap_slot *slots = mem_alloc(slots_bytes(size));
  uint32_t *places = (uint32_t *)(slots + size);
  memset(slots, 0, size * sizeof *slots);
  memcpy(places, m->places, m->count * sizeof *places);
  if (!is_entries_apart(m)) grow_entries(m, 0);
  free(m->slots);
  m->slots = slots;
  m->places = places;
  m->slot_mask = size - 1;
  for (uint32_t e = 0; e < m->count; e++) {
    uint32_t hash = entry_at(m, e)->hash, i = hash & m->slot_mask;
    while (m->slots[i].entry) i = (i + 1) & m->slot_mask;
    m->slots[i] = (struct hashmap_slot){hash, places[e] + 1};
  }
}

static struct head *append(struct hashmap *m, size_t size) {
  if (m->entries_used + size > m->entries_size)
    grow_entries(m, m->entries_size ? m->entries_used + size : FIRST_ENTRIES * size);
  m->places[m->count] = (uint32_t)(m->entries_used / 8);
  m->entries_used += size;
  return entry_at(m, m->count++);
}

void *hashmap_put(struct hashmap *m, const void *key, size_t key_size, bool *ret_new) {
  const size_t size = sizeof(struct head) + m->value_size + padded(key_size);
  if (!m->slots)
    start(m, size);
  else if (m->count >= most_entries(m->slot_mask + 1))
    grow_slots(m);
  uint32_t hash = hash_of(key, key_size);
  struct hashmap_slot *slot = find_slot(m, hash, key, key_size);
  if (ret_new) *ret_new = !slot->entry;
  if (slot->entry) return value_of(entry_of(m, slot));
  struct head *h = append(m, size);
  *slot = (struct hashmap_slot){hash, m->places[m->count - 1] + 1};
  *h = (struct head){hash, (uint32_t)key_size};
  memset(value_of(h), 0, m->value_size);
  memcpy(key_of(m, h), key, key_size);
  return value_of(h);
}

void *hashmap_value_at(const struct hashmap *m, uint32_t i) { return value_of(entry_at(m, i)); }

const void *hashmap_key_at(const struct hashmap *m, uint32_t i, size_t *ret_size) {
  struct head *h = entry_at(m, i);
  if (ret_size) *ret_size = h->key_size;
  return key_of(m, h);
}

size_t hashmap_bytes(const struct hashmap *m) {
  const uint32_t slots = m->slots ? m->slot_mask + 1 : 0;
  return m->entries_size + slots_bytes(slots);
}

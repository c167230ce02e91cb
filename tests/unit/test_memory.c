/* SPDX-License-Identifier: Apache-2.0 */
/* What holds what: maps, texts under construction, arenas, streams from memory, and the sentence of an error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the three above first */
#include <cmocka.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/byte_stream.h"
#include "base/cleanup.h"
#include "base/hashmap.h"
#include "base/mem.h"
#include "base/seed.h"

/* --- maps --------------------------------------------------------------------------------------------------------- */

static void a_map_keeps_many_keys_of_any_bytes_in_their_order(void **state) {
  (void)state;
  enum { KEYS = 100000 };
  _cleanup_hashmap_ struct hashmap m;
  hashmap_init(&m, sizeof(uint32_t));
  assert_null(hashmap_get(&m, "x", 1));
  for (uint32_t round = 0; round < 2; round++) {
    for (uint32_t i = 0; i < KEYS; i++) {
      /* keys of 4 to 12 bytes with NULs inside */
      uint32_t key[3] = {i, 0, i};
      bool new;
      uint32_t *value = hashmap_put(&m, key, 4 + i % 9, &new);
      assert_true(new);
      assert_int_equal(*value, 0);
      assert_int_equal((uintptr_t)value % 8, 0);
      *value = i + round;
    }
    assert_int_equal(m.count, KEYS);
    for (uint32_t i = 0; i < KEYS; i++) {
      uint32_t key[3] = {i, 0, i};
      size_t size;
      assert_int_equal(*(uint32_t *)hashmap_get(&m, key, 4 + i % 9), i + round);
      assert_int_equal(*(uint32_t *)hashmap_value_at(&m, i), i + round);
      assert_memory_equal(hashmap_key_at(&m, i, &size), key, 4 + i % 9);
      assert_int_equal(size, 4 + i % 9);
    }
    assert_true(hashmap_bytes(&m) > KEYS * 20);
    hashmap_reset(&m);
    assert_int_equal(m.count, 0);
    assert_null(hashmap_get(&m, "\0\0\0\0", 4));
  }
}

static void a_key_put_twice_is_one_entry_and_the_empty_key_is_one_too(void **state) {
  (void)state;
  _cleanup_hashmap_ struct hashmap m;
  hashmap_init(&m, 1);
  bool new = false;
  *(char *)hashmap_put(&m, "ab", 2, &new) = 'x';
  assert_true(new);
  assert_int_equal(*(char *)hashmap_put(&m, "abc", 2, &new), 'x');
  assert_false(new);
  assert_non_null(hashmap_put(&m, "", 0, NULL));
  assert_int_equal(m.count, 2);
  assert_non_null(hashmap_get(&m, "other", 0));
  assert_null(hashmap_get(&m, "a", 1));
}

/* What it begins with lies in one block, from which values of some sizes move on before slots do, and of others after.
 */
static void a_map_keeps_values_of_any_size_while_it_grows(void **state) {
  (void)state;
  enum { MOST = 100 };
  static const size_t SIZES[] = {0, 8, 24, 32, 40, 104, 112, 120, 512, 2000};
  for (size_t s = 0; s < ARRAY_SIZE(SIZES); s++) {
    _cleanup_hashmap_ struct hashmap m;
    hashmap_init(&m, SIZES[s]);
    for (int round = 0; round < 2; round++) {
      for (uint64_t i = 0; i < MOST; i++) {
        memset(hashmap_put(&m, &i, sizeof i, NULL), (int)i + round, SIZES[s]);
        for (uint64_t k = 0; k <= i; k++) {
          const char *value = hashmap_get(&m, &k, sizeof k);
          assert_ptr_equal(value, hashmap_value_at(&m, (uint32_t)k));
          for (size_t at = 0; at < SIZES[s]; at++) assert_int_equal(value[at], (int)k + round);
        }
      }
      assert_true(hashmap_bytes(&m) >= MOST * (SIZES[s] + sizeof(uint64_t)));
      hashmap_reset(&m);
    }
  }
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static void a_text_under_construction_is_always_terminated(void **state) {
  (void)state;
  _cleanup_strbuf_ struct strbuf b = STRBUF_INIT;
  assert_string_equal(strbuf_text(&b), "");
  strbuf_reset(&b);
  strbuf_add(&b, "a\0b", 3);
  assert_memory_equal(b.data, "a\0b", 4);
  for (int i = 0; i < 1000; i++) strbuf_printf(&b, "%d-%s;", i, "x");
  for (int i = 0; i < 100; i++) strbuf_add_char(&b, 'z');
  assert_int_equal(b.length, strlen(b.data + 2) + 2);
  assert_true(b.capacity > b.length);
  assert_memory_equal(b.data + 3, "0-x;1-x;", 8);
  size_t capacity = b.capacity;
  strbuf_reset(&b);
  assert_string_equal(b.data, "");
  assert_int_equal(b.capacity, capacity);
}

static void an_arena_hands_out_aligned_memory_and_takes_it_all_back(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *a = arena_new(64);
  for (int round = 0; round < 3; round++) {
    char *texts[100];
    for (int i = 0; i < 100; i++) {
      char *p = arena_alloc(a, 24);
      assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
      memset(p, 0x55, 24);
      texts[i] = arena_strndup(a, "0123456789abcdef", (size_t)i % 17);
    }
    for (int i = 0; i < 100; i++) assert_int_equal(strlen(texts[i]), i % 17);
    char *large = arena_alloc(a, 10000); /* larger than a chunk */
    memset(large, 1, 10000);
    assert_true(arena_used(a) >= 12400);
    assert_null(arena_strdup(a, NULL));
    arena_reset(a);
    assert_int_equal(arena_used(a), 0);
  }
}

static void a_memory_stream_gives_at_most_its_step(void **state) {
  (void)state;
  struct memory_stream m;
  char buffer[8];
  memory_stream_init(&m, "abcde", 5, 2);
  assert_int_equal(m.stream.read(&m.stream, buffer, sizeof buffer, NULL), 2);
  assert_int_equal(m.stream.read(&m.stream, buffer, 1, NULL), 1);
  assert_int_equal(m.stream.read(&m.stream, buffer, sizeof buffer, NULL), 2);
  assert_memory_equal(buffer, "de", 2);
  assert_int_equal(m.stream.read(&m.stream, buffer, sizeof buffer, NULL), 0);
}

/* --- errors ------------------------------------------------------------------------------------------------------- */

static void an_error_is_prefixed_by_each_layer_and_cut_never_overrun(void **state) {
  (void)state;
  struct err e;
  assert_int_equal(err_set(&e, ERR_FORMAT, "count \"%s\" is no number", "x"), ERR_FORMAT);
  assert_int_equal(err_prefix(&e, ERR_FORMAT, "line %d", 40), ERR_FORMAT);
  err_prefix(&e, ERR_FORMAT, "%s", "r.xml");
  assert_string_equal(e.text, "r.xml: line 40: count \"x\" is no number");
  err_set(&e, ERR_IO, "again: %s", e.text); /* its own text as argument */
  assert_string_equal(e.text, "again: r.xml: line 40: count \"x\" is no number");
  assert_int_equal(err_set(NULL, ERR_IO, "nobody asks"), ERR_IO);
  assert_int_equal(err_prefix(NULL, ERR_IO, "nobody asks"), ERR_IO);
  char longest[ERR_TEXT_BYTES * 2];
  memset(longest, 'x', sizeof longest);
  longest[sizeof longest - 1] = '\0';
  for (size_t n = ERR_TEXT_BYTES - 8; n < ERR_TEXT_BYTES + 8; n++) {
    err_set(&e, ERR_IO, "tail");
    err_prefix(&e, ERR_IO, "%.*s", (int)n, longest);
    /* no lone ':' at the end */
    size_t most = n == ERR_TEXT_BYTES - 2 ? n : ERR_TEXT_BYTES - 1;
    assert_int_equal(strlen(e.text), n + 6 < most ? n + 6 : most);
  }
  for (int i = 0; i < 500; i++) err_prefix(&e, ERR_IO, "again");
  assert_int_equal(strlen(e.text), ERR_TEXT_BYTES - 1);
}

static void the_systems_reason_stands_behind(void **state) {
  (void)state;
  struct err e;
  errno = ENOENT;
  assert_int_equal(err_set_errno(&e, ERR_IO, "cannot open %s", "x"), ERR_IO);
  assert_string_equal(e.text, "cannot open x: No such file or directory");
}

/* --- seeds -------------------------------------------------------------------------------------------------------- */

/* Numbers that anybody can find whose hashes, without a seed, end in the same ten bits: they would stand in line. */
static void keys_that_were_chosen_to_fall_on_one_place_do_not(void **state) {
  (void)state;
  enum { KEYS = 1000, MASK = 1023 };
  _cleanup_hashmap_ struct hashmap m;
  hashmap_init(&m, sizeof(uint32_t));
  for (uint64_t key = 0; m.count < KEYS; key++)
    if (!(XXH3_64bits(&key, sizeof key) & MASK)) hashmap_put(&m, &key, sizeof key, NULL);
  unsigned together = 0;
  for (uint32_t i = 0; i <= m.slot_mask; i++) together += m.slots[i].entry && !(m.slots[i].hash & MASK);
  assert_in_range(together, 0, KEYS / 10);
}

static void each_process_has_a_seed_of_its_own(void **state) {
  (void)state;
  char said[2][32] = {"", ""};
  for (int i = 0; i < 2; i++) {
    FILE *child = popen("exec /proc/$PPID/exe --seed", "r");
    assert_non_null(child);
    assert_non_null(fgets(said[i], sizeof said[i], child));
    pclose(child);
  }
  assert_string_not_equal(said[0], said[1]);
  assert_true(hash_seed() && hash_seed() == hash_seed());
}

int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "--seed")) return printf("%llx\n", (unsigned long long)hash_seed()) < 0;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keys_that_were_chosen_to_fall_on_one_place_do_not),
      cmocka_unit_test(each_process_has_a_seed_of_its_own),
      cmocka_unit_test(a_map_keeps_many_keys_of_any_bytes_in_their_order),
      cmocka_unit_test(a_key_put_twice_is_one_entry_and_the_empty_key_is_one_too),
      cmocka_unit_test(a_map_keeps_values_of_any_size_while_it_grows),
      cmocka_unit_test(a_text_under_construction_is_always_terminated),
      cmocka_unit_test(an_arena_hands_out_aligned_memory_and_takes_it_all_back),
      cmocka_unit_test(a_memory_stream_gives_at_most_its_step),
      cmocka_unit_test(an_error_is_prefixed_by_each_layer_and_cut_never_overrun),
      cmocka_unit_test(the_systems_reason_stands_behind),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Asks the kernel once. */
#include "base/seed.h"

#include <stdatomic.h>
#include <sys/random.h>

#include "base/clock.h"

/* Where the kernel gives none (an old one, in its first seconds), the time and where we were loaded are something. */
static uint64_t choose(void) {
  uint64_t seed;
  if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed)
    seed = (uint64_t)(clock_now_s() * 1e9) ^ (uint64_t)(uintptr_t)&choose;
  return seed | 1;
}

uint64_t hash_seed(void) {
  static _Atomic uint64_t seed; /* 0: not chosen yet */
  uint64_t known = atomic_load_explicit(&seed, memory_order_relaxed);
  if (known) return known;
  const uint64_t chosen = choose();
  return atomic_compare_exchange_strong(&seed, &known, chosen) ? chosen : known;
}

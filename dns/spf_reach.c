/* SPDX-License-Identifier: Apache-2.0 */
/* Joins networks and adds up what they hold. */
#include "dns/spf_reach.h"

#include <stdlib.h>

/* RFC 4291 2.4: what is given out to users. */
#define UNICAST_FIRST 0x20000000u
#define UNICAST_LAST 0x3fffffffu

static uint32_t first_bits(const struct ip_addr *ip) {
  return (uint32_t)ip->bytes[0] << 24 | (uint32_t)ip->bytes[1] << 16 | (uint32_t)ip->bytes[2] << 8 | ip->bytes[3];
}

bool spf_network_is_wide(const struct ip_network *n) {
  return n->prefix_bits < (n->base.size == 4 ? WIDE_PREFIX4 : WIDE_PREFIX6);
}

void spf_reach_add(struct spf_reach *r, const struct ip_network *n) {
  const unsigned family = n->base.size != 4;
  if (n->prefix_bits > WIDE_PREFIX6 || r->count[family] == MOST_REACHED) return;
  const uint32_t rest = n->prefix_bits ? UINT32_MAX >> (n->prefix_bits % 32) : UINT32_MAX;
  uint32_t first = first_bits(&n->base), last = first | rest;
  if (family) { /* the part of it that is given out */
    if (last < UNICAST_FIRST || first > UNICAST_LAST) return;
    if (first < UNICAST_FIRST) first = UNICAST_FIRST;
    if (last > UNICAST_LAST) last = UNICAST_LAST;
  }
  r->ranges[family][r->count[family]].first = first;
  r->ranges[family][r->count[family]++].last = last;
}

static int compare(const void *a, const void *b) {
  const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b; /* `first` is the first member */
  return x < y ? -1 : x > y;
}

static uint64_t add_up(struct spf_reach *r, unsigned family) {
  uint64_t sum = 0, next = 0; /* from `next` on nothing is counted yet */
  qsort(r->ranges[family], r->count[family], sizeof r->ranges[family][0], compare);
  for (unsigned i = 0; i < r->count[family]; i++) {
    uint64_t first = r->ranges[family][i].first, end = (uint64_t)r->ranges[family][i].last + 1;
    if (first < next) first = next;
    if (end <= first) continue;
    sum += end - first;
    next = end;
  }
  return sum;
}

bool spf_reach_is_open(struct spf_reach *r) {
  const uint64_t half4 = (uint64_t)1 << 31, half6 = (UNICAST_LAST - UNICAST_FIRST) / 2;
  return add_up(r, 0) >= half4 || add_up(r, 1) > half6;
}

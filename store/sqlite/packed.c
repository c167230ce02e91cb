/* SPDX-License-Identifier: Apache-2.0 */
/* Packs records into bytes and takes them out again. */
#include "store/sqlite/packed.h"

#include "base/feedback.h"

#define VARINT_BITS_MOST 64

static void put_varint(struct strbuf *out, uint64_t n) {
  for (; n >= 0x80; n >>= 7) strbuf_add_char(out, (char)(n | 0x80));
  strbuf_add_char(out, (char)n);
}

/* A step forward or back, the small ones of both small. Unsigned, so that no two ids are too far apart. */
static void put_step(struct strbuf *out, int64_t from, int64_t to) {
  const uint64_t step = (uint64_t)to - (uint64_t)from;
  put_varint(out, step << 1 ^ (step >> 63 ? UINT64_MAX : 0));
}

void packed_add(struct strbuf *out, struct packed_record *before, const struct packed_record *r) {
  put_step(out, before->address_id, r->address_id);
  put_step(out, before->pattern_id, r->pattern_id);
  put_varint(out, r->count == FEEDBACK_COUNT_UNKNOWN ? 0 : (uint64_t)r->count + 1);
  *before = *r;
}

static bool take_varint(struct packed_reader *p, uint64_t *ret) {
  uint64_t n = 0;
  for (unsigned shift = 0; p->at < p->end && shift < VARINT_BITS_MOST; shift += 7) {
    const uint8_t byte = *p->at++;
    n |= (uint64_t)(byte & 0x7f) << shift;
    if (byte & 0x80) continue;
    *ret = n;
    return true;
  }
  return false;
}

static bool take_step(struct packed_reader *p, int64_t *id) {
  uint64_t n;
  if (!take_varint(p, &n)) return false;
  *id = (int64_t)((uint64_t)*id + (n >> 1 ^ (n & 1 ? UINT64_MAX : 0)));
  return true;
}

int packed_next(struct packed_reader *p, const struct db *db, struct err *e) {
  uint64_t count;
  if (p->at == p->end) return 0;
  if (!take_step(p, &p->row.address_id) || !take_step(p, &p->row.pattern_id) || !take_varint(p, &count) ||
      count > (uint64_t)INT64_MAX + 1)
    return err_set(e, ERR_STORE, "%s: the database is damaged: what is kept of a pruned report cannot be read",
                   db->path);
  p->row.count = count ? (int64_t)(count - 1) : FEEDBACK_COUNT_UNKNOWN;
  return 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Looks for the headers of entries one behind the other. Sizes in them are often 0 (bit 3: they follow the data), so
 * that a deflated entry ends where its stream says, and the next header is searched for. */
#include "intake/zip_salvage.h"

#include <string.h>

enum { HEADER_BYTES = 30, FLAG_ENCRYPTED = 1, FLAG_SIZES_FOLLOW = 8 };
enum { STORED = 0, DEFLATED = 8, UNREADABLE = 1 << 16 }; /* methods, and what is no 16 bits */
static const char SIGNATURE[] = {'P', 'K', 3, 4};

static unsigned get_16(const unsigned char *p) { return p[0] | (unsigned)p[1] << 8; }
static uint64_t get_32(const unsigned char *p) { return get_16(p) | (uint64_t)get_16(p + 2) << 16; }

static ssize_t spooled_read(struct byte_stream *stream, void *buffer, size_t size, struct err *e) {
  struct zip_salvage *s = (struct zip_salvage *)((char *)stream - offsetof(struct zip_salvage, spooled));
  uint64_t left = s->spool->size - s->at;
  if (size > left) size = (size_t)left;
  if (!size) return 0;
  const unsigned char *bytes = spool_view(s->spool, s->at, size, buffer);
  if (!bytes) return err_set(e, ERR_IO, "zip: cannot read what was kept of it");
  if (bytes != buffer) memcpy(buffer, bytes, size);
  s->at += size;
  return (ssize_t)size;
}

/* --- an entry ----------------------------------------------------------------------------------------------------- */

static ssize_t read_stored(struct zip_salvage *s, void *buffer, size_t size) {
  if (size > s->stored_left) size = (size_t)s->stored_left;
  if (!size) return 0;
  ssize_t n = s->in->stream.read(&s->in->stream, buffer, size, &s->outcome.err);
  if (n > 0) s->stored_left -= (uint64_t)n;
  if (n) return n;
  return err_set(&s->outcome.err, ERR_FORMAT, "zip: cut off after %llu bytes", (unsigned long long)s->bytes);
}

static ssize_t read_some(struct zip_salvage *s, void *buffer, size_t size) {
  struct err *why = &s->outcome.err;
  if (s->method == STORED) return read_stored(s, buffer, size);
  if (s->method == DEFLATED) return s->inflater->stream.read(&s->inflater->stream, buffer, size, why);
  return err_set(why, ERR_FORMAT, "zip: without its directory, and encrypted or compressed in a way not supported");
}

static ssize_t entry_read(struct byte_stream *stream, void *buffer, size_t size, struct err *e) {
  struct zip_salvage *s = (struct zip_salvage *)stream;
  if (s->outcome.state) return outcome_tell(&s->outcome, e);
  ssize_t n = read_some(s, buffer, size);
  if (n > 0) {
    s->bytes += (uint64_t)n;
    return n;
  }
  if (n == 0) n = err_set(&s->outcome.err, ERR_FORMAT, "zip: cut off: its directory is missing");
  s->outcome.state = (int)n;
  return outcome_tell(&s->outcome, e);
}

/* --- from one to the next ----------------------------------------------------------------------------------------- */

/* Whether a header stands at the front now. */
static bool find_header(struct peekable *in) {
  const unsigned char *bytes;
  size_t n;
  while ((n = peekable_peek(in, HEADER_BYTES, &bytes)) >= HEADER_BYTES) {
    const unsigned char *found = memmem(bytes, n, SIGNATURE, sizeof SIGNATURE);
    if (found == bytes) return true;
    peekable_skip(in, found ? (size_t)(found - bytes) : n - sizeof SIGNATURE + 1);
  }
  return false;
}

static void take_bytes(struct peekable *in, size_t size, char *kept, size_t kept_most) {
  size_t have = 0;
  const unsigned char *bytes;
  while (size) {
    size_t n = peekable_peek(in, 1, &bytes);
    if (!n) break;
    if (n > size) n = size;
    size_t keep = kept_most - have < n ? kept_most - have : n;
    memcpy(kept + have, bytes, keep);
    have += keep;
    peekable_skip(in, n);
    size -= n;
  }
  kept[have] = '\0';
}

void zip_salvage_start(struct zip_salvage *s, const struct spool *spool, struct peekable *in,
                       struct inflater *inflater) {
  s->stream.read = entry_read;
  s->spooled.read = spooled_read;
  s->spool = spool;
  s->at = 0;
  s->in = in;
  s->inflater = inflater;
  peekable_start(in, &s->spooled);
}

bool zip_salvage_next(struct zip_salvage *s, const char **ret_name) {
  const unsigned char *header;
  if (!find_header(s->in)) return false;
  peekable_peek(s->in, HEADER_BYTES, &header);
  unsigned flags = get_16(header + 6), name_size = get_16(header + 26), extra_size = get_16(header + 28);
  s->method = flags & FLAG_ENCRYPTED ? UNREADABLE : get_16(header + 8);
  s->stored_left = get_32(header + 18);
  /* Nothing says where it ends. */
  if (s->method == STORED && (flags & FLAG_SIZES_FOLLOW) && !s->stored_left) s->method = UNREADABLE;
  peekable_skip(s->in, HEADER_BYTES);
  char unused[1];
  take_bytes(s->in, name_size, s->name, ZIP_NAME_MOST);
  take_bytes(s->in, extra_size, unused, 0);
  s->bytes = 0;
  s->outcome.state = 0;
  if (s->method == DEFLATED && inflater_start(s->inflater, s->in, INFLATER_ZIP_ENTRY, &s->outcome.err) < 0)
    s->outcome.state = ERR_IO;
  *ret_name = s->name;
  return true;
}

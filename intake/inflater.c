/* SPDX-License-Identifier: Apache-2.0 */
/* Inflates gzip (RFC 1952), zlib (RFC 1950) and bare deflate (RFC 1951) streams with zlib, and says what is broken in
 * them. */
#include "intake/inflater.h"

#include <limits.h>
#include <string.h>

static const struct {
  const char *name;
  int window_bits; /* how zlib is told of the format */
} FORMATS[] = {
    [INFLATER_GZIP] = {"gzip", MAX_WBITS + 16},
    [INFLATER_ZLIB] = {"zlib", MAX_WBITS},
    [INFLATER_ZIP_ENTRY] = {"zip", -MAX_WBITS},
};

static const char *format_name(const struct inflater *f) { return FORMATS[f->format].name; }

/* zlib tells its reasons by text alone; two of them deserve plainer words. */
static void fail_as_damaged(struct inflater *f, int code) {
  const char *why = f->z.msg ? f->z.msg : code == Z_NEED_DICT ? "needs a preset dictionary" : "inflate failed";
  struct err *e = &f->outcome.err;
  if (!strcmp(why, "incorrect data check"))
    f->outcome.state = err_set(e, ERR_FORMAT, "%s: checksum does not match", format_name(f));
  else if (!strcmp(why, "incorrect length check"))
    f->outcome.state = err_set(e, ERR_FORMAT, "%s: length does not match", format_name(f));
  else
    f->outcome.state =
        err_set(e, ERR_FORMAT, "%s: damaged after %llu bytes (%s)", format_name(f), (unsigned long long)f->bytes, why);
}

static void fail_as_cut_off(struct inflater *f) {
  f->outcome.state = outcome_tell(&f->in->outcome, &f->outcome.err) < 0
                         ? f->in->outcome.state
                         : err_set(&f->outcome.err, ERR_FORMAT, "%s: cut off after %llu bytes", format_name(f),
                                   (unsigned long long)f->bytes);
}

/* Another member, or the end. Looking behind the end also lets a container around this one tell of its own checksum. */
static void end_member(struct inflater *f) {
  const unsigned char *next;
  size_t n = peekable_peek(f->in, 3, &next);
  if (f->format == INFLATER_GZIP && n >= 3 && !memcmp(next, "\x1f\x8b\x08", 3)) {
    inflateReset(&f->z);
    return;
  }
  f->outcome.state = 1;
  if (n == 0 && outcome_tell(&f->in->outcome, &f->outcome.err) < 0) f->outcome.state = f->in->outcome.state;
}

static void inflate_some(struct inflater *f) {
  const unsigned char *input;
  size_t had = peekable_peek(f->in, 1, &input);
  uInt room = f->z.avail_out;
  f->z.next_in = (z_const Bytef *)input;
  f->z.avail_in = (uInt)had;
  /* Also without input: zlib may still hold output that found no room the last time. */
  int code = inflate(&f->z, Z_NO_FLUSH);
  size_t used = had - f->z.avail_in, made = room - f->z.avail_out;
  peekable_skip(f->in, used);
  f->bytes += made;
  if (code == Z_STREAM_END)
    end_member(f);
  else if (code != Z_OK && code != Z_BUF_ERROR)
    fail_as_damaged(f, code);
  else if (!used && !made)
    fail_as_cut_off(f);
}

static ssize_t inflater_read(struct byte_stream *s, void *buffer, size_t size, struct err *e) {
  struct inflater *f = (struct inflater *)s;
  uInt room = size < INT_MAX ? (uInt)size : INT_MAX;
  f->z.next_out = buffer;
  f->z.avail_out = room;
  while (f->z.avail_out == room && !f->outcome.state) inflate_some(f);
  ssize_t made = (ssize_t)(room - f->z.avail_out);
  return made ? made : outcome_tell(&f->outcome, e);
}

void inflater_init(struct inflater *f) {
  memset(&f->z, 0, sizeof f->z);
  f->stream.read = inflater_read;
  f->ready = false;
}

void inflater_clear(struct inflater *f) {
  if (f->ready) inflateEnd(&f->z);
  f->ready = false;
}

int inflater_start(struct inflater *f, struct peekable *in, enum inflater_format format, struct err *e) {
  int window_bits = FORMATS[format].window_bits;
  int code = f->ready ? inflateReset2(&f->z, window_bits) : inflateInit2(&f->z, window_bits);
  if (code != Z_OK) return err_set(e, ERR_IO, "zlib cannot start: %s", zError(code));
  f->ready = true;
  f->in = in;
  f->format = format;
  f->bytes = 0;
  f->outcome.state = 0;
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the structure of a mail, line by line; what fields and encodings mean is mime.c's. */
#include "intake/mail.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "intake/recognise.h"

/* A delimiter with the line breaks around it, and some blanks that gateways leave behind it. */
#define DELIMITER_BYTES (MIME_BOUNDARY_MOST + 128)

/* --- lines -------------------------------------------------------------------------------------------------------- */

struct line {
  const char *bytes;
  size_t size;  /* without its line break; at most MAIL_FIELD_BYTES */
  size_t whole; /* with it; 0 where the break is further away */
};

static size_t without_return(const char *bytes, size_t size) {
  return size && bytes[size - 1] == '\r' ? size - 1 : size;
}

/* The line that comes next; false at the end. */
static bool peek_line(struct mail *m, struct line *ret) {
  const unsigned char *bytes;
  size_t n = peekable_peek(m->in, MAIL_FIELD_BYTES, &bytes);
  if (n > MAIL_FIELD_BYTES) n = MAIL_FIELD_BYTES;
  const unsigned char *lf = memchr(bytes, '\n', n);
  size_t size = lf ? (size_t)(lf - bytes) : n;
  bool last = !lf && n < MAIL_FIELD_BYTES;
  *ret = (struct line){(const char *)bytes, size, lf ? size + 1 : last ? n : 0};
  ret->size = without_return(ret->bytes, size);
  return n > 0;
}

static void skip_line(struct mail *m, const struct line *line) {
  const unsigned char *bytes, *lf = NULL;
  size_t n = line->whole;
  if (n) {
    peekable_skip(m->in, n);
    return;
  }
  while (!lf && (n = peekable_peek(m->in, 1, &bytes))) {
    lf = memchr(bytes, '\n', n);
    peekable_skip(m->in, lf ? (size_t)(lf - bytes) + 1 : n);
  }
}

static bool isalnum_ascii(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/* --- delimiters --------------------------------------------------------------------------------------------------- */

/* Does a line that begins with `text` (two dashes are there) delimit a multipart? Its rest may only be blanks. */
static bool fits(const struct mail_multipart *multipart, const char *text, size_t size, bool *ret_closing) {
  size_t at = 2 + multipart->boundary_size;
  if (size < at || memcmp(text + 2, multipart->boundary, multipart->boundary_size) != 0) return false;
  *ret_closing = size >= at + 2 && text[at] == '-' && text[at + 1] == '-';
  if (*ret_closing) at += 2;
  while (at < size && is_blank(text[at])) at++;
  return at == size;
}

/* Is the line at `text` a delimiter of one of the open multiparts, the innermost first? `n` bytes are there. */
static bool find_delimiter(const struct mail *m, const char *text, size_t n, struct mail_delimiter *ret) {
  if (n < 2 || text[0] != '-' || text[1] != '-') return false;
  const char *lf = memchr(text, '\n', n);
  size_t size = lf ? (size_t)(lf - text) : n;
  for (unsigned i = m->depth; i-- > 0;) {
    ret->nesting = i;
    ret->size = lf ? size + 1 : size;
    if (fits(&m->open[i], text, size, &ret->closing)) return true;
  }
  return false;
}

/* --- bodies ------------------------------------------------------------------------------------------------------- */

/* The line break belongs to the delimiter behind it (RFC 2046 5.1.1). */
static size_t break_size(const unsigned char *p, size_t n) {
  return n >= 1 && p[0] == '\n' ? 1 : n >= 2 && p[0] == '\r' && p[1] == '\n' ? 2 : 0;
}

static bool end_body_at(struct mail *m, const unsigned char *p, size_t n, size_t before) {
  struct mail_delimiter found;
  if (!find_delimiter(m, (const char *)p + before, n - before, &found)) return false;
  m->delimiter = found;
  m->delimiter.size += before;
  return m->body_ended = true;
}

/* How many of the bytes are body for certain: up to the next line break that a delimiter may follow. The first `from`
 * bytes are. `last`: nothing follows them. */
static size_t certain_bytes(const unsigned char *p, size_t n, size_t from, bool last) {
  const unsigned char *end = p + n, *lf = p + from;
  while ((lf = memchr(lf, '\n', (size_t)(end - lf)))) {
    bool known = end - lf > 2;
    if (known ? lf[1] == '-' && lf[2] == '-' : !last) break;
    lf++;
  }
  size_t certain = lf ? (size_t)(lf - p) : n;
  /* Also the first half of a break that is not all there yet. */
  bool halved = certain > from && p[certain - 1] == '\r' && (lf || !last);
  return halved ? certain - 1 : certain;
}

static ssize_t body_read(struct byte_stream *s, void *buffer, size_t size, struct err *e) {
  struct mail *m = (struct mail *)s;
  if (m->body_ended) return 0;
  const unsigned char *p;
  size_t n = peekable_peek(m->in, DELIMITER_BYTES, &p);
  if (!n) return outcome_tell(&m->in->outcome, e);
  size_t certain = n;
  if (m->depth) {
    size_t before = break_size(p, n);
    if ((m->line_start && end_body_at(m, p, n, 0)) || (before && end_body_at(m, p, n, before))) return 0;
    certain = certain_bytes(p, n, before ? before : 1, n < DELIMITER_BYTES);
  }
  m->line_start = false;
  if (certain > size) certain = size;
  memcpy(buffer, p, certain);
  peekable_skip(m->in, certain);
  return (ssize_t)certain;
}

static void skip_body(struct mail *m) {
  char buffer[4096];
  while (body_read(&m->body, buffer, sizeof buffer, NULL) > 0) continue;
}

static void begin_body(struct mail *m) {
  m->line_start = true;
  m->body_ended = false;
  m->delimiter.size = 0;
}

/* --- headers ------------------------------------------------------------------------------------------------------ */

static struct strbuf *field_named(struct mail *m, const char *name, size_t size) {
  static const struct {
    const char *name;
    enum mail_field field;
  } fields[] = {
      {"content-type", FIELD_CONTENT_TYPE},
      {"contenttype", FIELD_CONTENT_TYPE}, /* seen in the wild */
      {"content-transfer-encoding", FIELD_ENCODING},
      {"content-disposition", FIELD_DISPOSITION},
      {"message-id", FIELD_MESSAGE_ID},
      {"from", FIELD_FROM},
  };
  for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
    if (strlen(fields[i].name) == size && ascii_same_bytes(name, fields[i].name, size))
      return &m->fields[fields[i].field];
  return NULL;
}

/* Half a field may say something else, and none at all is what its server never wrote: a sender could choose between
 * the two by the number of his signatures. So it keeps who wrote it, and no result ("mx.example.com;", or "spf=" of a
 * server that writes no name); what follows goes. */
static void cut_result(struct mail *m) {
  struct strbuf *results = &m->results;
  size_t begin = results->length;
  while (begin && results->data[begin - 1] != '\n') begin--;
  size_t name = strcspn(strbuf_text(results) + begin, ";=");
  if (begin + name < results->length) results->length = begin + name + 1;
  if (results->data) results->data[results->length] = '\0';
  m->results_end = true;
}

static void keep_result(struct mail *m, const char *bytes, size_t size) {
  if (m->results_end) return;
  strbuf_add(&m->results, bytes, size);
  if (m->results.length >= MAIL_FIELD_BYTES) cut_result(m);
}

static void end_result(struct mail *m) {
  size_t length = m->results.length;
  if (length && m->results.data[length - 1] != '\n') strbuf_add_char(&m->results, '\n');
}

static bool is_named(const char *name, size_t size, const char *wanted) {
  return strlen(wanted) == size && ascii_same_bytes(name, wanted, size);
}

/* A field of the mail's own header begins: of its Authentication-Results those count that stand above the first
 * Received: below one of them. True: it is one of these. */
static bool begin_result(struct mail *m, const char *name, size_t size) {
  end_result(m);
  if (m->results.length && is_named(name, size, "received")) m->results_end = true;
  return !m->results_end && is_named(name, size, "authentication-results");
}

static void keep(struct mail *m, struct strbuf *field, const char *bytes, size_t size) {
  if (!field) return;
  if (field == &m->results) {
    keep_result(m, bytes, size);
    return;
  }
  size_t room = MAIL_FIELD_BYTES - field->length;
  strbuf_add(field, bytes, size < room ? size : room);
}

/* `name="r.zip"`: a parameter whose line lost the blank in front of it. Padded base64 has its '=' at the end. */
static bool is_stray_parameter(const char *bytes, size_t size) {
  const char *equals = memchr(bytes, '=', size);
  size_t at = equals ? (size_t)(equals - bytes) : 0;
  for (size_t i = 0; i < at; i++)
    if (is_blank(bytes[i])) return false;
  return at && at + 1 < size && bytes[at + 1] != '=';
}

/* "From " in front of a forwarded mail, also quoted. */
static bool is_from_line(const struct line *line) {
  size_t quoted = line->size && line->bytes[0] == '>';
  return line->size > quoted + 5 && !memcmp(line->bytes + quoted, "From ", 5);
}

/* What an encoded attachment or a document begins with, whose header forgot its empty line. */
static bool looks_like_content(const struct line *line) {
  size_t at = 0;
  while (at < line->size && (strchr("+/=", line->bytes[at]) || isalnum_ascii(line->bytes[at]))) at++;
  return line->bytes[0] == '<' || (at == line->size && at >= 16);
}

/* The line behind this one belongs to a header, or ends it. */
static bool header_goes_on(struct mail *m, const struct line *line) {
  const unsigned char *bytes;
  size_t n = line->whole ? peekable_peek(m->in, line->whole + MAIL_FIELD_BYTES, &bytes) : 0, value_at;
  if (n <= line->whole) return false;
  const char *next = (const char *)bytes + line->whole, *lf = memchr(next, '\n', n - line->whole);
  size_t size = without_return(next, lf ? (size_t)(lf - next) : n - line->whole);
  return lf && (!size || is_blank(*next) || recognise_field_name(next, size, &value_at));
}

/* A line that is no field and continues none, in the middle of a header: Microsoft's mails through Amazon SES have a
 * `name="..."` there. It does not end the header. */
static bool take_stray_line(struct mail *m, const struct line *line) {
  if (line->bytes[0] == '-' || looks_like_content(line) || !header_goes_on(m, line)) return false;
  struct line same; /* looking ahead may have moved it */
  peek_line(m, &same);
  if (is_stray_parameter(same.bytes, same.size)) {
    keep(m, &m->fields[FIELD_CONTENT_TYPE], "; ", 2);
    keep(m, &m->fields[FIELD_CONTENT_TYPE], same.bytes, same.size);
  }
  return true;
}

/* Takes a line of the header, and says which field the next one may continue. False: it is none. */
static bool take_header_line(struct mail *m, const struct line *line, bool first, struct strbuf **field) {
  if (line->size > 1 && !memcmp(line->bytes, "--", 2)) return false; /* a delimiter */
  size_t value_at, name_size = recognise_field_name(line->bytes, line->size, &value_at);
  if (name_size) {
    struct strbuf *named = field_named(m, line->bytes, name_size);
    if (named == &m->fields[FIELD_FROM] && named->length) m->from_repeated = true;
    *field = named && !named->length ? named : NULL; /* the first of several counts */
    if (begin_result(m, line->bytes, name_size)) *field = &m->results;
    keep(m, *field, line->bytes + value_at, line->size - value_at);
    return true;
  }
  bool in_results = *field == &m->results;
  if (is_blank(line->bytes[0]) || (*field && !in_results && is_stray_parameter(line->bytes, line->size))) {
    keep(m, *field, line->bytes, line->size);
    return true;
  }
  if (in_results) *field = NULL; /* what a server writes has no stray lines */
  return first ? is_from_line(line) : take_stray_line(m, line);
}

/* Up to the empty line, or to what cannot be header: then the body begins without one. */
static void read_header(struct mail *m) {
  for (size_t i = 0; i < MAIL_FIELDS; i++) strbuf_reset(&m->fields[i]);
  struct strbuf *field = NULL;
  struct line line;
  for (bool first = true; peek_line(m, &line); first = false) {
    bool empty = !line.size;
    if (!empty && !take_header_line(m, &line, first, &field)) break;
    if (field == &m->results && !line.whole) cut_result(m); /* not all of it was seen */
    skip_line(m, &line);
    if (empty) break;
  }
  end_result(m);
  m->results_end = true; /* parts have headers too */
  const struct strbuf *f = m->fields;
  mime_describe(strbuf_text(&f[FIELD_CONTENT_TYPE]), strbuf_text(&f[FIELD_DISPOSITION]),
                strbuf_text(&f[FIELD_ENCODING]), &m->mime);
}

/* --- parts -------------------------------------------------------------------------------------------------------- */

static void skip_blank_lines(struct mail *m) {
  const unsigned char *bytes;
  if (peekable_peek(m->in, 3, &bytes) >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3)) peekable_skip(m->in, 3);
  struct line line;
  while (peek_line(m, &line) && line.whole) {
    for (size_t i = 0; i < line.size; i++)
      if (!is_blank(line.bytes[i])) return;
    skip_line(m, &line);
  }
}

void mail_begin(struct mail *m, struct peekable *in, bool with_results) {
  memset(m, 0, sizeof *m);
  m->results_end = !with_results;
  m->body.read = body_read;
  m->in = in;
  skip_blank_lines(m);
  read_header(m);
}

void mail_clear(struct mail *m) {
  for (size_t i = 0; i < MAIL_FIELDS; i++) strbuf_clear(&m->fields[i]);
  strbuf_clear(&m->results);
}

const char *mail_message_id(const struct mail *m) { return strbuf_text(&m->fields[FIELD_MESSAGE_ID]); }

const char *mail_results(const struct mail *m) { return strbuf_text(&m->results); }

const char *mail_from(const struct mail *m) {
  const struct strbuf *from = &m->fields[FIELD_FROM];
  const char *text = strbuf_text(from);
  return m->from_repeated || strlen(text) != from->length ? "" : text; /* a NUL hides the rest from some readers */
}

static void write_section(const struct mail *m, char *section, size_t size) {
  size_t at = 0;
  for (unsigned i = 0; i < m->depth && at < size; i++)
    at += (size_t)snprintf(section + at, size - at, i ? ".%u" : "%u", m->open[i].parts);
  if (!m->depth) snprintf(section, size, "1");
}

static int give_text_between(struct mail *m, struct mail_part *ret) {
  m->mime = (struct mime_description){.type = "text/plain"};
  ret->section[0] = '\0';
  ret->mime = &m->mime;
  begin_body(m);
  return 1;
}

static int open_multipart(struct mail *m, struct mail_part *ret, struct err *e) {
  if (m->depth == MAIL_DEPTH_MOST)
    return err_set(e, ERR_LIMIT, "parts of a mail in each other, more than %d deep", MAIL_DEPTH_MOST);
  struct mail_multipart *multipart = &m->open[m->depth++];
  multipart->boundary_size = strlen(m->mime.boundary);
  memcpy(multipart->boundary, m->mime.boundary, multipart->boundary_size);
  multipart->parts = 0;
  return give_text_between(m, ret);
}

/* What the header just read begins. */
static int begin_part(struct mail *m, struct mail_part *ret, struct err *e) {
  if (!strncmp(m->mime.type, "multipart/", 10) && *m->mime.boundary) return open_multipart(m, ret, e);
  write_section(m, ret->section, sizeof ret->section);
  ret->mime = &m->mime;
  begin_body(m);
  return 1;
}

int mail_next_part(struct mail *m, struct mail_part *ret, struct err *e) {
  if (!m->begun) {
    m->begun = true;
    return begin_part(m, ret, e);
  }
  skip_body(m);
  if (!m->delimiter.size) return 0;
  peekable_skip(m->in, m->delimiter.size);
  m->depth = m->delimiter.nesting;
  if (m->delimiter.closing) return give_text_between(m, ret);
  m->open[m->depth++].parts++;
  if (++m->parts > MAIL_PARTS_MOST) return err_set(e, ERR_LIMIT, "a mail of more than %d parts", MAIL_PARTS_MOST);
  read_header(m);
  return begin_part(m, ret, e);
}

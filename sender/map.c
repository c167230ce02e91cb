/* SPDX-License-Identifier: Apache-2.0 */
/* Reads parsedmarc's CSV of reverse DNS names, strictly; what a row means is catalogue.c's. */
#include "sender/map.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/domain.h"

#define FIELDS 3
#define FILE_MAX_BYTES (64U << 20) /* some 30 times parsedmarc's own map */
#define LINE_MAX_BYTES (64U << 10) /* the line buffer; a row has 50 bytes */
#define TEXT_CHUNK_BYTES (64U << 10)

static const char *const HEADER[FIELDS] = {"base_reverse_dns", "name", "type"};

struct reader {
  FILE *file;
  char *line; /* without its end, NUL-terminated */
  size_t length, file_bytes;
  unsigned line_number; /* from 1 */
};

/* Nothing a row holds has use for a control character; UTF-16 and binary files end here. */
static int add_byte(struct reader *r, int c, struct err *e) {
  if (++r->file_bytes > FILE_MAX_BYTES)
    return err_set(e, ERR_LIMIT, "the file is larger than %u MiB", FILE_MAX_BYTES >> 20);
  if (c == '\n') return 0;
  if (r->length == LINE_MAX_BYTES) return err_set(e, ERR_LIMIT, "longer than %u KiB", LINE_MAX_BYTES >> 10);
  if (r->length && r->line[r->length - 1] == '\r') return err_set(e, ERR_FORMAT, "a carriage return inside the line");
  if ((c < ' ' && c != '\r') || c == 0x7f) return err_set(e, ERR_FORMAT, "a control character (0x%02x)", (unsigned)c);
  r->line[r->length++] = (char)c;
  return 0;
}

/* 1 with the next line, 0 with an empty one at the end of the file. */
static int read_line(struct reader *r, struct err *e) {
  r->length = 0;
  r->line_number++;
  int c = 0;
  while (c != '\n' && (c = getc_unlocked(r->file)) != EOF) {
    int result = add_byte(r, c, e);
    if (result < 0) return result;
  }
  if (ferror(r->file)) return err_set_errno(e, ERR_IO, "cannot be read");
  bool found = c == '\n' || r->length;
  if (r->length && r->line[r->length - 1] == '\r') r->length--;
  r->line[r->length] = '\0';
  return found;
}

/* Undoubles the quotes of the field that begins at `field` (behind its first quote), in place; the end of it in
 * *ret_end. RFC 4180 would let it run over lines: a quote left open would then swallow the rest of the file. */
static int unquote(char *field, char **ret_end, struct err *e) {
  char *to = field, *from = field;
  for (; *from; *to++ = *from++) {
    if (*from != '"') continue;
    if (from[1] != '"') break;
    from++;
  }
  if (!*from) return err_set(e, ERR_FORMAT, "a quote is not closed in its line");
  if (from[1] && from[1] != ',') return err_set(e, ERR_FORMAT, "text behind a closing quote");
  *ret_end = from + 1;
  *to = '\0';
  return 0;
}

/* parsedmarc takes blanks off both ends, so maps have them. */
static char *trimmed(char *field) {
  field += strspn(field, " ");
  size_t n = strlen(field);
  while (n && field[n - 1] == ' ') n--;
  field[n] = '\0';
  return field;
}

static int split(char *line, char *ret_fields[FIELDS], struct err *e) {
  char *at = line;
  for (unsigned i = 0; i < FIELDS; i++) {
    bool quoted = *at == '"';
    char *field = at + quoted, *end = field;
    if (quoted) {
      int r = unquote(field, &end, e);
      if (r < 0) return r;
    } else {
      end += strcspn(field, ",\"");
      if (*end == '"') return err_set(e, ERR_FORMAT, "a quote inside a field that does not begin with one");
    }
    bool last = *end != ',';
    if (last != (i == FIELDS - 1)) {
      return err_set(e, ERR_FORMAT, "%s than %d fields", last ? "fewer" : "more", FIELDS);
    }
    *end = '\0';
    ret_fields[i] = trimmed(field);
    at = end + 1;
  }
  return 0;
}

static bool is_header(char *line) {
  bool marked = !strncmp(line, "\xef\xbb\xbf", 3); /* the byte order mark of spreadsheet programs */
  char *fields[FIELDS] = {0};
  if (split(line + (marked ? 3 : 0), fields, NULL) < 0) return false;
  for (unsigned i = 0; i < FIELDS; i++)
    if (!fields[i] || !ascii_same(fields[i], HEADER[i])) return false;
  return true;
}

static int check_header(struct reader *r, struct err *e) {
  int result = read_line(r, e);
  if (result < 0 || is_header(r->line)) return result;
  return err_set(e, ERR_FORMAT, "not the header of a map, which is %s,%s,%s", HEADER[0], HEADER[1], HEADER[2]);
}

static int add_row(struct map *m, char *line, struct err *e) {
  char *fields[FIELDS];
  int r = split(line, fields, e);
  if (r < 0) return r;
  _cleanup_free_ char *domain = domain_spelled(fields[0]);
  if (!domain_is_plausible(domain)) return err_set(e, ERR_FORMAT, "\"%.80s\" is no domain name", fields[0]);
  if (!*fields[1]) return err_set(e, ERR_FORMAT, "%s has no name", fields[0]);
  MEM_GROW(m->rows, m->capacity, m->count);
  m->rows[m->count++] = (struct map_row){.domain = arena_strdup(m->texts, domain),
                                         .name = arena_strdup(m->texts, fields[1]),
                                         .type = arena_strdup(m->texts, fields[2])};
  return 0;
}

static int read_rows(struct reader *r, struct map *m, struct err *e) {
  int result = check_header(r, e);
  if (result < 0) return result;
  while ((result = read_line(r, e)) > 0) {
    if (r->length) result = add_row(m, r->line, e);
    if (result < 0) return result;
  }
  return result;
}

int map_read(const char *path, struct map *m, struct err *e) {
  _cleanup_fclose_ FILE *file = fopen(path, "re");
  if (!file) return err_set_errno(e, ERR_IO, "%s", path);
  _cleanup_free_ char *line = mem_alloc(LINE_MAX_BYTES + 1);
  m->texts = arena_new(TEXT_CHUNK_BYTES);
  struct reader r = {.file = file, .line = line};
  int result = read_rows(&r, m, e);
  return result < 0 ? err_prefix(e, result, "%s: line %u", path, r.line_number) : 0;
}

void map_clear(struct map *m) {
  free(m->rows);
  arena_free(m->texts);
  *m = (struct map){0};
}

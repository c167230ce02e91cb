/* SPDX-License-Identifier: Apache-2.0 */
/* Hands inih only lines that it and a reader understand alike; it parts key from value. */
#include "cmd/ini_file.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <libxml/xmlstring.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/trusted_file.h"
#include "base/utf8.h"

#define FILE_BYTES (1U << 20)  /* some thousand accounts; ends /dev/zero */
#define DATA_BYTES (16U << 20) /* some ten thousand labels */
#define LINE_BYTES 4096        /* with its end; asked of inih where that can be asked for while running */
#define BLANKS " \t"

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

struct reader {
  const struct ini_events *events;
  const char *text;
  size_t size, at;
  unsigned line;
};

/* --- lines -------------------------------------------------------------------------------------------------------- */

static void mistake(const struct reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void mistake(const struct reader *r, const char *format, ...) {
  char text[256];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  r->events->mistake(r->events->user, r->line, text);
}

/* A line of Latin 1, UTF-16 or of something that is no text at all? */
static bool is_text(const struct reader *r, const char *line, size_t length) {
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)line[i];
    if ((c >= ' ' && c != 0x7f) || c == '\t') continue;
    mistake(r, "a control character (0x%02x): the file must be UTF-8 text", c);
    return false;
  }
  if (xmlCheckUTF8((const unsigned char *)line)) return true;
  mistake(r, "is no UTF-8");
  return false;
}

/* inih would forget what stands behind the bracket, and cut long names. */
static void take_header(const struct reader *r, char *line) {
  char *end = strchr(line, ']');
  if (!end || end[1 + strspn(end + 1, BLANKS)]) {
    mistake(r, "a section is [NAME], alone in its line");
    r->events->section(r->events->user, r->line, NULL);
    return;
  }
  *end = '\0';
  while (end > line + 1 && is_blank(end[-1])) *--end = '\0';
  r->events->section(r->events->user, r->line, line + 1 + strspn(line + 1, BLANKS));
}

/* inih would take ":" for "=" and, depending on how it was built, cut the value at " ;". */
static bool is_entry(const struct reader *r, const char *line) {
  if (line[strcspn(line, "=:")] != '=') {
    mistake(r, "is neither KEY = VALUE nor [SECTION] nor a comment");
    return false;
  }
  const char *comment = strchr(line, ';');
  while (comment && !is_blank(comment[-1])) comment = strchr(comment + 1, ';');
  if (!comment) return true;
  mistake(r, "\";\" behind a blank: a comment has a line of its own, and a command does without the blank");
  return false;
}

/* Is it for inih? The line is NUL-terminated; a header is taken here. */
static bool admit(const struct reader *r, char *line, size_t length) {
  if (!length || !is_text(r, line, length) || *line == ';' || *line == '#') return false;
  if (*line != '[') return is_entry(r, line);
  take_header(r, line);
  return false;
}

static size_t line_length(const char *line, size_t most) {
  const char *end = memchr(line, '\n', most);
  return end ? (size_t)(end - line) : most;
}

/* ini_reader: the next line into `buffer`, an empty one for those that are not for inih. Without blanks in front: they
 * would join it to the line before. */
static char *next_line(char *buffer, int size, void *user) {
  struct reader *r = user;
  if (r->at >= r->size) return NULL;
  const char *line = r->text + r->at;
  size_t length = line_length(line, r->size - r->at);
  r->at += length + 1;
  r->line++;
  if (length && line[length - 1] == '\r') length--;
  while (length && is_blank(*line)) line++, length--;
  size_t most = (size_t)size - 2;
  if (length > most) mistake(r, "is longer than %zu bytes: a long command goes into a script", most);
  if (length > most) length = 0;
  memcpy(buffer, line, length);
  buffer[length] = '\0';
  if (!admit(r, buffer, length)) length = 0;
  memcpy(buffer + length, "\n", 2);
  return buffer;
}

/* ini_handler. Sections were told by next_line. */
static int take_entry(void *user, const char *section, const char *key, const char *value) {
  (void)section;
  const struct reader *r = user;
  r->events->entry(r->events->user, r->line, key, value);
  return 1;
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

/* It names commands that are run. */
static int check_owner(FILE *file, const char *path, struct err *e) {
  struct stat st;
  if (fstat(fileno(file), &st) < 0) return err_set_errno(e, ERR_IO, "%s", path);
  return S_ISREG(st.st_mode) ? trusted_file_check(&st, path, path, e) : 0;
}

/* Data may come from standard input, as "-". */
static FILE *open_file(const char *path, bool is_data) {
  if (!is_data || strcmp(path, "-") != 0) return fopen(path, "re");
  const int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
  return fd < 0 ? NULL : fdopen(fd, "r");
}

int data_file_take(FILE *file, const char *path, unsigned most, struct strbuf *out, struct err *e) {
  char piece[4096];
  size_t n;
  while ((n = fread(piece, 1, sizeof piece, file)) > 0 && out->length <= most) strbuf_add(out, piece, n);
  if (ferror(file)) return err_set_errno(e, ERR_IO, "%s", path);
  return out->length > most ? err_set(e, ERR_LIMIT, "%s: is larger than %u MiB", path, most >> 20) : 0;
}

static int read_whole(const char *path, bool is_data, struct strbuf *out, struct err *e) {
  _cleanup_fclose_ FILE *file = open_file(path, is_data);
  if (!file) return err_set_errno(e, errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_IO, "%s", path);
  int code = is_data ? 0 : check_owner(file, path, e);
  return code < 0 ? code : data_file_take(file, path, is_data ? DATA_BYTES : FILE_BYTES, out, e);
}

int data_file_read(const char *path, struct strbuf *out, struct err *e) { return read_whole(path, true, out, e); }

int ini_file_read(const char *path, const struct ini_events *events, struct err *e) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  int code = read_whole(path, events->is_data, &text, e);
  if (code < 0) return code;
  struct reader r = {.events = events, .text = strbuf_text(&text), .size = text.length};
  r.at = utf8_mark_size(r.text, r.size);
#ifdef INI_MAX_LINE_CAN_BE_SET
  ini_max_line = LINE_BYTES;
#endif
  if (ini_parse_stream(next_line, &r, take_entry, &r) != 0)
    return err_set(e, ERR_FORMAT, "%s: is no configuration that can be read", path);
  return 0;
}

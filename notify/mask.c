/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets in each spelling that a stranger may give them, and stars in their place. */
#include "notify/mask.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/secret_source.h"
#include "http/http.h"

#define WORD_LEAST 4                     /* bytes of a word of a path or a command that may be a secret: "v1" is none */
#define PART_LEAST 8                     /* bytes of a secret that are told from other text */
#define MASKED_MOST (4 * MASK_SAID_MOST) /* bytes that are looked at: what is cut off is cut behind what is shown */

void mask_clear(struct mask *h) {
  for (unsigned i = 0; i < h->count; i++) {
    explicit_bzero(h->items[i], strlen(h->items[i]));
    free(h->items[i]);
  }
  free(h->items);
  *h = (struct mask){0};
}

static void add(struct mask *h, const char *text) {
  for (unsigned i = 0; i < h->count; i++)
    if (!strcmp(h->items[i], text)) return;
  if (!*text) return;
  h->items = mem_realloc(h->items, (h->count + 1) * sizeof *h->items);
  h->items[h->count++] = mem_strdup(text);
}

/* --- spellings ---------------------------------------------------------------------------------------------------- */

static void add_and_wipe(struct mask *h, struct strbuf *text) {
  add(h, strbuf_text(text));
  if (text->data) explicit_bzero(text->data, text->length);
  strbuf_clear(text);
}

/* As a form has it (application/x-www-form-urlencoded), with digits of either case, and with "+" for a blank. */
static void add_encoded(struct mask *h, const char *secret) {
  struct strbuf upper = STRBUF_INIT, lower = STRBUF_INIT, form = STRBUF_INIT;
  http_encode(&upper, secret);
  for (const char *c = strbuf_text(&upper); *c; c++) {
    const bool is_digit = (c >= upper.data + 1 && c[-1] == '%') || (c >= upper.data + 2 && c[-2] == '%');
    strbuf_add_char(&lower, is_digit ? ascii_lower(*c) : *c);
  }
  for (const char *c = strbuf_text(&upper); *c; c++) {
    const bool is_blank = !strncmp(c, "%20", 3);
    strbuf_add_char(&form, is_blank ? '+' : *c);
    c += is_blank ? 2 : 0;
  }
  add_and_wipe(h, &upper);
  add_and_wipe(h, &lower);
  add_and_wipe(h, &form);
}

/* Each character of `marks` as its word of `words`. */
static void add_spelt(struct mask *h, const char *secret, const char *marks, const char *const *words) {
  struct strbuf spelt = STRBUF_INIT;
  for (const char *c = secret; *c; c++) {
    const char *mark = strchr(marks, *c);
    if (mark)
      strbuf_add_text(&spelt, words[mark - marks]);
    else
      strbuf_add_char(&spelt, *c);
  }
  add_and_wipe(h, &spelt);
}

void mask_add(struct mask *h, const char *secret) {
  static const char *const JSON[] = {"\\\"", "\\\\", "\\/"};
  static const char *const HTML[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
  add(h, secret);
  add_encoded(h, secret);
  add_spelt(h, secret, "\"\\/", JSON);
  add_spelt(h, secret, "&<>\"'", HTML);
}

/* --- parts -------------------------------------------------------------------------------------------------------- */

static bool is_hex(char c) { return ascii_is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f'); }

/* RFC 3986 2.1, in place. */
static void decode(char *text) {
  char *to = text;
  for (const char *c = text; *c; c++) {
    const bool is_encoded = c[0] == '%' && is_hex(c[1]) && is_hex(c[2]);
    *to++ = is_encoded ? (char)strtol((char[]){c[1], c[2], '\0'}, NULL, 16) : *c;
    c += is_encoded ? 2 : 0;
  }
  *to = '\0';
}

static void add_part(struct mask *h, const char *text, size_t length) {
  char *part = mem_strndup(text, length);
  mask_add(h, part);
  decode(part);
  mask_add(h, part);
  explicit_bzero(part, length);
  free(part);
}

/* Each word between the marks that has so many bytes. */
static void add_words(struct mask *h, const char *text, size_t length, const char *marks, size_t least) {
  for (size_t at = 0, n; at < length; at += n + 1) {
    n = strcspn(text + at, marks);
    if (n > length - at) n = length - at;
    if (n >= least) add_part(h, text + at, n);
  }
}

/* The names of a query are words of the service, unless they are all that there is. */
static void add_query(struct mask *h, const char *query) {
  while (*query) {
    const size_t length = strcspn(query, "&;"), name = strcspn(query, "=&;");
    const size_t skipped = name < length ? name + 1 : 0;
    if (length >= skipped + WORD_LEAST) add_part(h, query + skipped, length - skipped);
    query += length + (query[length] != '\0');
  }
}

/* The whole before its parts: once these are stars it is not found. */
void mask_add_url(struct mask *h, const char *url) {
  const char *begin = strstr(url, "://"), *host = begin ? begin + strlen("://") : url;
  const char *path = host + strcspn(host, "/?");
  const size_t length = strcspn(path, "?");
  if (strlen(path) < WORD_LEAST) return;
  mask_add(h, path);
  add_words(h, path, length, "", WORD_LEAST);
  if (path[length]) mask_add(h, path + length + 1);
  add_words(h, path, length, "/", WORD_LEAST);
  if (path[length]) add_query(h, path + length + 1);
}

/* Short words without a digit are of the language that the command speaks. */
static bool may_be_secret(const char *word, size_t length) {
  bool has_digit = false;
  for (size_t i = 0; i < length; i++) has_digit = has_digit || ascii_is_digit(word[i]);
  return length >= PART_LEAST || (has_digit && length >= WORD_LEAST);
}

void mask_add_command(struct mask *h, const char *command) {
  static const char MARKS[] = " \t\n'\"`$;|&<>(){}=:,";
  const char *at = command + strspn(command, " \t");
  at += strcspn(at, " \t\n;|&<>");
  for (size_t n; *at; at += n + (at[n] != '\0')) {
    n = strcspn(at, MARKS);
    if (may_be_secret(at, n)) add_part(h, at, n);
  }
}

/* --- stars -------------------------------------------------------------------------------------------------------- */

static void hide_parts(const char *secret, char *text) {
  const size_t size = strlen(secret);
  for (char *at = text; *at;) {
    size_t longest = 0;
    for (size_t from = 0; from + PART_LEAST <= size; from++) {
      size_t n = 0;
      while (at[n] && at[n] == secret[from + n]) n++;
      if (n > longest) longest = n;
    }
    if (longest >= PART_LEAST) memset(at, '*', longest);
    at += longest >= PART_LEAST ? longest : 1;
  }
}

void mask_text(const struct mask *h, char *text) {
  for (unsigned i = 0; i < h->count; i++) secret_mask(h->items[i], text);
  for (unsigned i = 0; i < h->count; i++) hide_parts(h->items[i], text); /* of what is not there as a whole */
}

void mask_add_said(const struct mask *h, struct strbuf *out, const char *said) {
  const size_t length = strcspn(said, "\r\n");
  _cleanup_free_ char *line = mem_strndup(said, length < MASKED_MOST ? length : MASKED_MOST);
  mask_text(h, line);
  for (size_t i = 0; line[i]; i++)
    if (line[i] < ' ' || line[i] > '~') line[i] = '?';
  if (*line) strbuf_printf(out, ": %.*s", MASK_SAID_MOST, line);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Target: any text as every place takes it: nothing of it may command the place. */
#include <jansson.h>

#include "fuzz/fuzz.h"
#include "table/escape.h"

static size_t count_of(const char *text, const char *what) {
  size_t n = 0;
  while ((text = strstr(text, what))) n++, text++;
  return n;
}

static void terminal(const char *text) {
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT, again = STRBUF_INIT, plain = STRBUF_INIT;
  escape_terminal(&out, text);
  const char *shown = strbuf_text(&out);
  for (const unsigned char *p = (const unsigned char *)shown; *p; p++) {
    MUST(*p >= ' ' && *p != 0x7f);
    MUST(*p != 0xc2 || p[1] >= 0xa0); /* C1 */
  }
  escape_terminal(&again, shown);
  MUST(!strcmp(shown, strbuf_text(&again)));
  escape_ascii(&plain, text);
  for (const char *p = strbuf_text(&plain); *p; p++) MUST(*p >= ' ' && *p <= '~');
  const unsigned width = escape_width(shown);
  for (unsigned columns = 0; columns < 80; columns += 7) {
    unsigned taken = 0;
    size_t bytes = escape_prefix(shown, columns, &taken);
    MUST(taken <= columns && taken <= width && bytes <= strlen(shown));
  }
}

static void json(const char *text) {
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  json_error_t error;
  escape_json(&out, text);
  json_t *value = json_loads(out.data, JSON_DECODE_ANY, &error);
  MUST(json_is_string(value));
  json_decref(value);
}

static bool is_formula(const char *field) { return *field && strchr("=+-@", *field); }

/* As a reader of RFC 4180 takes it back. */
static void csv(const char *text) {
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT, field = STRBUF_INIT;
  escape_csv(&out, text, true);
  const char *p = strbuf_text(&out);
  const bool quoted = *p == '"';
  for (p += quoted; *p && !(quoted && *p == '"' && p[1] != '"'); p++) {
    MUST(quoted || !strchr(",\"\r\n", *p));
    strbuf_add_char(&field, *p);
    if (quoted && *p == '"') p++;
  }
  MUST(!quoted || !strcmp(p, "\""));
  const char *taken = strbuf_text(&field);
  MUST(!is_formula(taken) && !(*taken && strchr("\t\r\n", *taken)));
  for (const char *q = taken; (q = strpbrk(q, ";\t\r\n")); q++) MUST(!is_formula(q + 1));
}

static void markup(const char *text) {
  _cleanup_strbuf_ struct strbuf html = STRBUF_INIT, attribute = STRBUF_INIT, sheet = STRBUF_INIT, line = STRBUF_INIT;
  escape_html(&html, text);
  const size_t isolates = count_of(strbuf_text(&html), "<bdi>");
  MUST(count_of(strbuf_text(&html), "</bdi>") == isolates);
  MUST(count_of(strbuf_text(&html), "<") == 2 * isolates);
  escape_html_attribute(&attribute, text);
  MUST(!strpbrk(strbuf_text(&attribute), "\"<>"));
  escape_sheet(&sheet, text);
  for (const unsigned char *p = (const unsigned char *)strbuf_text(&sheet); *p; p++)
    MUST(*p >= ' ' || strchr("\t\r\n", *p));
  for (int in_table = 0; in_table < 2; in_table++) {
    strbuf_reset(&line);
    escape_markdown(&line, text, in_table);
    MUST(!strpbrk(strbuf_text(&line), "\r\n\x1b"));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  _cleanup_free_ char *text = fuzz_text(data, size);
  terminal(text);
  json(text);
  csv(text);
  markup(text);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes from strangers, through JSON and onto a terminal. */
#include "table_kit.h"

/* --- JSON, read back ---------------------------------------------------------------------------------------------- */

static const char *json_value(const char *p, unsigned depth);

static const char *json_string(const char *p) {
  if (*p++ != '"') return NULL;
  for (; *p != '"'; p++) {
    if ((unsigned char)*p < 0x20) return NULL;
    if (*p != '\\') continue;
    p++;
    if (*p == 'u' && strspn(p + 1, "0123456789abcdef") < 4) return NULL;
    if (!*p || !strchr("\"\\/bfnrtu", *p)) return NULL;
  }
  return p + 1;
}

static const char *json_number(const char *p) {
  if (*p == '-') p++;
  size_t digits = strspn(p, "0123456789");
  if (!digits || (*p == '0' && digits > 1)) return NULL;
  p += digits;
  if (*p != '.') return p;
  digits = strspn(p + 1, "0123456789");
  return digits ? p + 1 + digits : NULL;
}

static const char *json_members(const char *p, char close, unsigned depth) {
  for (p++; *p != close;) {
    if (close == '}') {
      p = json_string(p);
      if (!p || *p++ != ':') return NULL;
    }
    p = json_value(p, depth + 1);
    if (!p || (*p != ',' && *p != close && *p != '\n')) return NULL;
    if (*p == ',') p++;
    if (*p == '\n') p++;
  }
  return p + 1;
}

static const char *json_value(const char *p, unsigned depth) {
  if (depth > 8) return NULL;
  if (*p == '\n') p++;
  if (*p == '{') return json_members(p, '}', depth);
  if (*p == '[') return json_members(p[1] == '\n' ? p + 1 : p, ']', depth);
  if (*p == '"') return json_string(p);
  static const char *const WORDS[] = {"null", "true", "false"};
  for (size_t i = 0; i < ARRAY_SIZE(WORDS); i++)
    if (!strncmp(p, WORDS[i], strlen(WORDS[i]))) return p + strlen(WORDS[i]);
  return json_number(p);
}

/* Any bytes: a generator that needs no seed from outside, so that a failure comes back. */
static void fill_noise(char *text, size_t size, uint32_t *seed) {
  for (size_t i = 0; i + 1 < size; i++) {
    *seed = *seed * 1664525 + 1013904223;
    text[i] = (char)(*seed >> 24);
    if (!text[i]) text[i] = '"';
  }
  text[size - 1] = '\0';
}

static void any_bytes_give_valid_json(void **state) {
  (void)state;
  uint32_t seed = 1;
  struct output o;
  output_open(&o, (struct render_options){.format = FORMAT_JSON});
  assert_int_equal(o.sink->begin(o.sink, &EVERY, NULL), 0);
  for (unsigned i = 0; i < 2000; i++) {
    char text[64];
    const char *const items[] = {text};
    fill_noise(text, sizeof text, &seed);
    struct cell cells[COLUMNS];
    fill_hostile(cells);
    cells[SENDER] = cells[PCT] = cell_text(text);
    cells[SELECTORS] = (struct cell){.present = true, .words = {items, 1}};
    cells[MEAN] = cell_number((double)(int32_t)seed / 1e7);
    assert_int_equal(o.sink->row(o.sink, cells, NULL), 0);
  }
  assert_int_equal(o.sink->end(o.sink, NULL), 0);
  table_sink_free(o.sink);
  fclose(o.file);
  const char *end = json_value(o.text, 0);
  assert_non_null(end);
  assert_string_equal(end, "\n");
  free(o.text);
}

static void any_bytes_are_harmless_on_a_terminal(void **state) {
  (void)state;
  uint32_t seed = 2;
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  for (unsigned i = 0; i < 2000; i++) {
    char text[64];
    fill_noise(text, sizeof text, &seed);
    strbuf_reset(&out);
    escape_terminal(&out, text);
    for (const char *p = out.data; *p; p++) {
      assert_false((unsigned char)*p < 0x20 || *p == 0x7f);
      assert_false(*p == '\xc2' && (unsigned char)p[1] < 0xa0);
    }
    strbuf_reset(&out);
    escape_ascii(&out, text);
    for (const char *p = out.data; *p; p++) assert_false((unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7f);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_bytes_give_valid_json),
      cmocka_unit_test(any_bytes_are_harmless_on_a_terminal),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Zip archives: every entry a document, and what a broken archive is told as. */
#include "intake_kit.h"

/* --- zip ---------------------------------------------------------------------------------------------------------- */

static void each_entry_of_a_zip_is_a_document_by_itself(void **state) {
  struct entry entries[] = {
      {.name = "folder/", .folder = true},
      {.name = "folder/b.xml", .bytes = text_of("<b/>")},
      {.name = "a", .bytes = text_of("<a/>"), .stored = true},
      {.name = "__MACOSX/._a", .bytes = LITERAL("\0\5\x16\7\0\2\0\0")},
      {.name = "__MACOSX/", .folder = true},
      {.name = "picture", .bytes = LITERAL("\x89PNG\r\n\x1a\n")},
      {.name = "c.gz", .bytes = wrapped(text_of("<c/>"), GZIP)},
  };
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", zipped(state, entries, ARRAY_SIZE(entries)));
  assert_int_equal(t.count, 5);
  assert_document(&t.events[0], "/z: folder/b.xml", "b.xml", "<b/>");
  assert_document(&t.events[1], "/z: a", "a", "<a/>");
  assert_nothing(&t.events[2], ERR_NO_REPORT, "an AppleDouble file");
  assert_nothing(&t.events[3], ERR_NO_REPORT, "a PNG picture");
  assert_document(&t.events[4], "/z: c.gz", "c.gz", "<c/>");
}

static void an_entry_without_a_name_is_an_entry(void **state) {
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", zipped_one(state, "", text_of(XML)));
  assert_int_equal(t.count, 1);
  assert_document(&t.events[0], "/z: ", "", XML);
}

/* libzip writes no such names: they are put in the place of others, in both headers. */
static struct strbuf renamed(void **state, const char *name) {
  struct entry entries[] = {{.name = "\xc3\xa4 1.xml", .bytes = text_of(XML)},
                            {.name = "b.xml", .bytes = text_of("<b/>")}};
  struct strbuf b = zipped(state, entries, ARRAY_SIZE(entries));
  char *at;
  while ((at = memmem(b.data, b.length, entries[0].name, 8))) memcpy(at, name, 8);
  return b;
}

static void a_name_that_is_no_good_utf8_costs_nothing(void **state) {
  static const char *const NAMES[] = {"\xc3\xa4\0021.xml", "\xc3 11.xml", "\x1b[1m.xml"};
  for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++) {
    _cleanup_told_ struct told t = fresh();
    open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", renamed(state, NAMES[i]));
    assert_int_equal(t.count, 2);
    assert_memory_equal(t.events[0].content.data, XML, strlen(XML));
    assert_int_equal(t.events[0].code, 0);
    assert_document(&t.events[1], "/z: b.xml", "b.xml", "<b/>");
  }
}

static void such_a_name_hides_no_damage(void **state) {
  struct strbuf b = renamed(state, "\xc3\xa4\0021.xml");
  find_bytes(&b, "PK\1\2")[16] ^= 1; /* the checksum */
  b.data[14] ^= 1;
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", b);
  assert_int_equal(t.count, 2);
  assert_string_equal(t.events[0].e.text, "zip: checksum does not match");
}

static void a_reader_that_stops_early_still_gets_the_next_entry(void **state) {
  struct entry entries[] = {{.name = "a", .bytes = noise(200000)}, {.name = "b", .bytes = text_of(XML)}};
  _cleanup_told_ struct told t = fresh();
  t.read_most = 1;
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", zipped(state, entries, ARRAY_SIZE(entries)));
  assert_int_equal(t.count, 2);
  assert_memory_equal(t.events[1].content.data, XML, strlen(XML));
}

static void an_event_that_refuses_ends_the_file(void **state) {
  struct entry entries[] = {{.name = "a", .bytes = text_of("rubbish")}, {.name = "b", .bytes = text_of(XML)}};
  _cleanup_told_ struct told t = fresh();
  t.answer = ERR_INTERRUPTED;
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", zipped(state, entries, ARRAY_SIZE(entries)));
  assert_int_equal(t.count, 1);
}

static void a_zip_without_entries_has_one_event(void **state) {
  struct entry folder = {.name = "folder/", .folder = true};
  assert_one_nothing(state, zipped(state, &folder, 1), ERR_NO_REPORT, "a zip archive without entries");
  assert_one_nothing(state, LITERAL("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), ERR_NO_REPORT,
                     "a zip archive without entries");
}

static void an_encrypted_entry_is_told_and_the_others_are_read(void **state) {
  struct entry entries[] = {{.name = "a", .bytes = text_of(XML), .encrypted = true},
                            {.name = "b", .bytes = text_of(XML)}};
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", zipped(state, entries, ARRAY_SIZE(entries)));
  assert_int_equal(t.count, 2);
  assert_nothing(&t.events[0], ERR_FORMAT, "zip: encrypted");
  assert_document(&t.events[1], "/z: b", "b", XML);
}

static void a_compression_method_that_is_not_supported_is_named(void **state) {
  struct strbuf b = zipped_one(state, "a", text_of(XML));
  find_bytes(&b, "PK\1\2")[10] = 9;
  b.data[8] = 9;
  assert_one_nothing(state, b, ERR_FORMAT, "zip: compressed with Deflate64, which is not supported");
  b = zipped_one(state, "a", text_of(XML));
  find_bytes(&b, "PK\1\2")[10] = 77;
  b.data[8] = 77;
  assert_one_nothing(state, b, ERR_FORMAT, "zip: compressed with method 77, which is not supported");
}

static void a_wrong_checksum_in_a_zip_is_told_after_the_last_byte(void **state) {
  struct strbuf b = zipped_one(state, "a", text_of(XML));
  find_bytes(&b, "PK\1\2")[16] ^= 1;
  b.data[14] ^= 1;
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", b);
  assert_int_equal(t.events[0].bytes, strlen(XML));
  assert_int_equal(t.events[0].code, ERR_FORMAT);
  assert_string_equal(t.events[0].e.text, "zip: checksum does not match");
}

static void a_broken_directory_of_a_zip_is_told(void **state) {
  struct strbuf b = zipped_one(state, "a", text_of(XML));
  find_bytes(&b, "PK\1\2")[0] = 'X';
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", b);
  assert_int_equal(t.events[0].code, ERR_FORMAT);
  assert_memory_equal(t.events[0].e.text, "zip: ", 5);
}

static void a_truncated_zip_is_an_error_at_every_length(void **state) {
  _cleanup_strbuf_ struct strbuf b = zipped_one(state, "a", text_of(XML));
  for (size_t n = 4; n < b.length; n++) {
    _cleanup_told_ struct told t = fresh();
    open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", bytes_of(b.data, n));
    assert_int_equal(t.count, 1);
    assert_int_equal(t.events[0].code, ERR_FORMAT); /* as a document that ends too early, where its entry begins */
  }
}

static void a_zip_with_any_one_byte_broken_never_goes_without_an_event(void **state) {
  _cleanup_strbuf_ struct strbuf b = zipped_one(state, "a", text_of(XML));
  for (size_t i = 0; i < b.length; i++) {
    struct strbuf broken = bytes_of(b.data, b.length);
    broken.data[i] = (char)~broken.data[i];
    _cleanup_told_ struct told t = fresh();
    open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", broken);
  }
}

static void large_zips_are_read_in_place_or_from_a_temporary_file(void **state) {
  struct strbuf content = noise(1500000);
  struct entry entry = {.name = "a", .bytes = bytes_of(content.data, content.length)};
  struct strbuf z = zipped(state, &entry, 1);
  struct strbuf inputs[] = {bytes_of(z.data, z.length), deflated(&z, GZIP)};
  for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
    _cleanup_told_ struct told t = fresh();
    open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", inputs[i]);
    assert_int_equal(t.count, 1);
    assert_int_equal(t.events[0].code, 0);
    assert_int_equal(t.events[0].bytes, content.length);
    assert_memory_equal(t.events[0].content.data, content.data, 65536);
  }
  strbuf_clear(&content);
  strbuf_clear(&z);
}

static void the_temporary_file_lies_in_tmpdir(void **state) {
  struct strbuf z = zipped_one(state, "a", noise(1500000));
  struct strbuf packed = wrapped(z, GZIP);
  _cleanup_free_ char *missing = path_of(state, "missing");
  setenv("TMPDIR", missing, 1);
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", bytes_of(packed.data, packed.length));
  assert_int_equal(t.events[0].code, ERR_IO);
  assert_non_null(strstr(t.events[0].e.text, missing));
  setenv("TMPDIR", *state, 1);
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", packed);
  unsetenv("TMPDIR");
  assert_int_equal(t.events[1].code, 0);
  assert_int_equal(t.events[1].bytes, 1500000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(each_entry_of_a_zip_is_a_document_by_itself),
      T(an_entry_without_a_name_is_an_entry),
      T(a_name_that_is_no_good_utf8_costs_nothing),
      T(such_a_name_hides_no_damage),
      T(a_reader_that_stops_early_still_gets_the_next_entry),
      T(an_event_that_refuses_ends_the_file),
      T(a_zip_without_entries_has_one_event),
      T(an_encrypted_entry_is_told_and_the_others_are_read),
      T(a_compression_method_that_is_not_supported_is_named),
      T(a_wrong_checksum_in_a_zip_is_told_after_the_last_byte),
      T(a_broken_directory_of_a_zip_is_told),
      T(a_truncated_zip_is_an_error_at_every_length),
      T(a_zip_with_any_one_byte_broken_never_goes_without_an_event),
      T(large_zips_are_read_in_place_or_from_a_temporary_file),
      T(the_temporary_file_lies_in_tmpdir),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The ways in: which files are found, what is in them, and what a broken or hostile one is told as. */
#include "intake_kit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>

/* --- recognised by content ---------------------------------------------------------------------------------------- */

static void a_plain_document_is_itself(void **state) { assert_one_document(state, "r.xml", text_of(XML), XML); }

static void text_in_front_does_not_hide_a_document(void **state) {
  static const char *const texts[] = {"\n \r\n\t" XML,      "\xef\xbb\xbf" XML,
                                      "\xef\xbb\xbf\n" XML, "Report:\nHello there,\n" XML,
                                      "caf\xe9\n" XML,      "<ns1:feedback>\nFrom: x\n</ns1:feedback>",
                                      "Hello: a\nb\n" XML};
  for (size_t i = 0; i < ARRAY_SIZE(texts); i++) assert_one_document(state, "r", text_of(texts[i]), texts[i]);
}

static void text_may_stand_in_front_for_4096_bytes_less_one(void **state) {
  struct strbuf far = STRBUF_INIT;
  for (int i = 0; i < 4095; i++) strbuf_add_char(&far, 'a');
  strbuf_add_char(&far, '<');
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "near", far);
  assert_true(t.events[0].is_document);
  struct strbuf further = STRBUF_INIT;
  for (int i = 0; i < 4096; i++) strbuf_add_char(&further, 'a');
  strbuf_add_char(&further, '<');
  assert_one_nothing(state, further, ERR_NO_REPORT, "no XML in it");
}

static void utf16_is_a_document_with_and_without_its_mark(void **state) {
  static const struct {
    const char *bytes;
    size_t n;
  } texts[] = {{"\xff\xfe<\0a\0", 6}, {"\xfe\xff\0<\0a", 6},     {"<\0a\0", 4}, {"\0<\0a", 4}, {"\n\0<\0", 4},
               {"\0\n\0<", 4},        {"\xff\xfe\x16\x04<\0", 6}};
  for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
    _cleanup_told_ struct told t = fresh();
    open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "r", bytes_of(texts[i].bytes, texts[i].n));
    assert_true(t.events[0].is_document);
    assert_int_equal(t.events[0].bytes, texts[i].n);
  }
}

static void what_is_no_report_is_named(void **state) {
  assert_one_nothing(state, LITERAL("%PDF-1.4\n<<"), ERR_NO_REPORT, "a PDF document");
  assert_one_nothing(state, LITERAL("\x89PNG\r\n\x1a\n"), ERR_NO_REPORT, "a PNG picture");
  assert_one_nothing(state, LITERAL("Rar!\x1a\x07\0"), ERR_FORMAT, "a RAR archive, which is not supported");
  assert_one_nothing(state, LITERAL("\0\5\x16\7\0<"), ERR_NO_REPORT, "an AppleDouble file");
  assert_one_nothing(state, LITERAL("{ \"a\": \"<b>\"}"), ERR_NO_REPORT,
                     "JSON, perhaps a report on SMTP TLS, and no XML");
  assert_one_nothing(state, LITERAL("unused"), ERR_NO_REPORT, "no XML in it");
  assert_one_nothing(state, LITERAL("\1\2\3<feedback>"), ERR_NO_REPORT, "no XML in it");
}

static void an_empty_file_and_one_of_white_space_are_empty(void **state) {
  assert_one_nothing(state, (struct strbuf)STRBUF_INIT, ERR_NO_REPORT, "empty");
  assert_one_nothing(state, LITERAL(" \r\n\t"), ERR_NO_REPORT, "empty");
  assert_one_nothing(state, LITERAL("\xef\xbb\xbf\n"), ERR_NO_REPORT, "empty");
  assert_one_nothing(state, wrapped((struct strbuf)STRBUF_INIT, GZIP), ERR_NO_REPORT, "empty");
  struct strbuf blanks = STRBUF_INIT;
  for (int i = 0; i < 5000; i++) strbuf_add_char(&blanks, ' ');
  assert_one_nothing(state, blanks, ERR_NO_REPORT, "nothing but white space in its first 4096 bytes");
}

static void a_mail_is_known_by_fields_that_only_mail_has(void **state) {
  static const char *const mails[] = {
      "Received: from a.example.com\r\n\tby b.example.com\r\nSubject: <x>\r\n\r\n",
      "\r\nX-Some: thing\r\nMIME-Version: 1.0\r\n\r\n<b>",
      "From dmarc@example.com Thu Jan  1 00:00:00 2026\nReceived: x\n\n",
      "RETURN-PATH: <a@example.com>\n",
      "Subject: hello\nDate: today\n\n",
  };
  for (size_t i = 0; i < ARRAY_SIZE(mails); i++)
    assert_one_nothing(state, text_of(mails[i]), ERR_NO_REPORT, "a mail without a report");
  static const char no_mail[] = "Subject: hello\n\nFrom: x\n<feedback/>";
  assert_one_document(state, "r", text_of(no_mail), no_mail);
}

static void letters_that_pass_for_a_zlib_header_stay_text(void **state) {
  assert_one_document(state, "r", LITERAL("x^ marks the report\n<feedback/>"), "x^ marks the report\n<feedback/>");
}

/* --- gzip and zlib ------------------------------------------------------------------------------------------------ */

static void gzip_and_zlib_hold_documents_whatever_their_name(void **state) {
  assert_one_document(state, "r.xml.gz", wrapped(text_of(XML), GZIP), XML);
  assert_one_document(state, "r.zip", wrapped(text_of(XML), GZIP), XML);
  assert_one_document(state, "r", wrapped(text_of(XML), RAW_ZLIB), XML);
  assert_one_document(state, "r", wrapped(text_of(XML), 9), XML); /* the smallest window */
}

static void containers_nest_in_any_order(void **state) {
  assert_one_document(state, "r", wrapped(wrapped(text_of(XML), GZIP), GZIP), XML);
  assert_one_document(state, "r", wrapped(wrapped(text_of(XML), GZIP), RAW_ZLIB), XML);
  assert_one_document(state, "r", wrapped(wrapped(text_of(XML), RAW_ZLIB), GZIP), XML);

  _cleanup_told_ struct told t = fresh();
  const struct intake_limits *limits = &INTAKE_LIMITS_DEFAULT;
  open_bytes(&t, state, limits, "a.zip", zipped_one(state, "sub/r.xml.gz", wrapped(text_of(XML), GZIP)));
  assert_document(&t.events[0], "/a.zip: sub/r.xml.gz", "r.xml.gz", XML);
  open_bytes(&t, state, limits, "a.zip", zipped_one(state, "r.xml", wrapped(text_of(XML), RAW_ZLIB)));
  assert_document(&t.events[1], "/a.zip: r.xml", "r.xml", XML);
  open_bytes(&t, state, limits, "a.gz", wrapped(zipped_one(state, "r.xml", text_of(XML)), GZIP));
  assert_document(&t.events[2], "/a.gz: r.xml", "r.xml", XML);
  struct strbuf inner = zipped_one(state, "x\\y.xml", text_of(XML));
  open_bytes(&t, state, limits, "a.zip", zipped_one(state, "b/c.zip", inner));
  assert_document(&t.events[3], "/a.zip: b/c.zip: x\\y.xml", "y.xml", XML);
  assert_int_equal(t.count, 4);
}

static void gzip_members_on_end_are_one_document(void **state) {
  struct strbuf all = wrapped(text_of("<feedback>"), GZIP);
  for (int i = 0; i < 3; i++) {
    struct strbuf more = wrapped(text_of(i == 1 ? "" : "</feedback>"), GZIP);
    strbuf_add(&all, more.data, more.length);
    strbuf_clear(&more);
  }
  assert_one_document(state, "r", all, "<feedback></feedback></feedback>");
}

/* `b` with an extra field in its header, so long that it has `size` bytes. */
static struct strbuf padded_member(const struct strbuf *b, size_t size) {
  size_t extra = size - b->length - 2;
  struct strbuf padded = bytes_of(b->data, 10);
  padded.data[3] |= 4;
  strbuf_add_char(&padded, (char)extra);
  strbuf_add_char(&padded, (char)(extra >> 8));
  for (size_t i = 0; i < extra; i++) strbuf_add_char(&padded, 'x');
  strbuf_add(&padded, b->data + 10, b->length - 10);
  return padded;
}

static void a_gzip_member_is_found_across_the_end_of_a_buffer(void **state) {
  _cleanup_strbuf_ struct strbuf first = wrapped(text_of("<feedback>"), GZIP);
  _cleanup_strbuf_ struct strbuf second = wrapped(text_of("</feedback>"), GZIP);
  for (size_t size = 65530; size <= 65540; size++) {
    struct strbuf both = padded_member(&first, size);
    strbuf_add(&both, second.data, second.length);
    assert_one_document(state, "r", both, "<feedback></feedback>");
  }
}

static void what_follows_the_compressed_data_is_ignored(void **state) {
  static const struct {
    const char *bytes;
    size_t n;
  } tails[] = {{"\0", 1},   {"\0\0\0\0", 4}, {"\r\n", 2},        {"rubbish", 7},
               {"\x1f", 1}, {"\x1f\x8b", 2}, {"\x1f\x8b\0\0", 4}};
  for (size_t i = 0; i < ARRAY_SIZE(tails); i++) {
    for (int format = RAW_ZLIB; format <= GZIP; format += GZIP - RAW_ZLIB) {
      struct strbuf b = wrapped(text_of(XML), format);
      strbuf_add(&b, tails[i].bytes, tails[i].n);
      assert_one_document(state, "r", b, XML);
    }
  }
}

/* The good bytes, then an error that begins with `text`; or, where nothing was recognised, that error alone. */
static void assert_prefix_and_error(const struct event *v, const struct strbuf *whole, const char *text) {
  assert_true(v->bytes <= whole->length);
  if (v->bytes) assert_memory_equal(v->content.data, whole->data, v->content.length);
  assert_int_equal(v->code, ERR_FORMAT);
  assert_memory_equal(v->e.text, text, strlen(text));
}

static void a_truncated_gzip_delivers_its_prefix_and_then_an_error(void **state) {
  _cleanup_strbuf_ struct strbuf whole = text_of(XML);
  for (int i = 0; i < 40; i++) strbuf_printf(&whole, "<record>%d</record>", i * i);
  for (int format = RAW_ZLIB; format <= GZIP; format += GZIP - RAW_ZLIB) {
    _cleanup_strbuf_ struct strbuf packed = deflated(&whole, format);
    uint64_t most = 0;
    for (size_t n = 2; n < packed.length; n++) {
      _cleanup_told_ struct told t = fresh();
      open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "r.gz", bytes_of(packed.data, n));
      assert_int_equal(t.count, 1);
      struct event *v = &t.events[0];
      assert_prefix_and_error(v, &whole, format == GZIP ? "gzip: cut off after " : "zlib: cut off after ");
      assert_true(v->bytes >= most);
      most = v->bytes;
      _cleanup_free_ char *expected = mem_printf("cut off after %llu bytes", (unsigned long long)v->bytes);
      if (v->is_document) assert_non_null(strstr(v->e.text, expected));
    }
    assert_int_equal(most, whole.length);
  }
}

static void a_wrong_checksum_or_length_is_told_after_the_last_byte(void **state) {
  for (int from_end = 1; from_end <= 8; from_end++) {
    struct strbuf b = wrapped(text_of(XML), GZIP);
    b.data[b.length - (size_t)from_end] ^= 1;
    _cleanup_told_ struct told t = fresh();
    open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "r", b);
    assert_true(t.events[0].is_document);
    assert_int_equal(t.events[0].bytes, strlen(XML));
    assert_int_equal(t.events[0].code, ERR_FORMAT);
    assert_string_equal(t.events[0].e.text,
                        from_end > 4 ? "gzip: checksum does not match" : "gzip: length does not match");
  }
  struct strbuf b = wrapped(text_of(XML), RAW_ZLIB);
  b.data[b.length - 1] ^= 1;
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "r", b);
  assert_string_equal(t.events[0].e.text, "zlib: checksum does not match");
}

static void the_checksum_of_an_outer_container_is_checked_too(void **state) {
  struct strbuf b = wrapped(wrapped(text_of(XML), RAW_ZLIB), GZIP);
  b.data[b.length - 5] ^= 1;
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "r", b);
  assert_int_equal(t.events[0].bytes, strlen(XML));
  assert_int_equal(t.events[0].code, ERR_FORMAT);
  assert_string_equal(t.events[0].e.text, "gzip: checksum does not match");
}

static void damage_inside_a_gzip_names_its_place(void **state) {
  struct strbuf whole = noise(100000);
  struct strbuf b = deflated(&whole, GZIP);
  memset(b.data + 50000, 0xff, 200);
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "r", b);
  assert_true(t.events[0].is_document);
  assert_true(t.events[0].bytes > 0);
  assert_int_equal(t.events[0].code, ERR_FORMAT);
  strbuf_clear(&whole);
}

static void a_second_gzip_member_that_is_cut_off_is_damage(void **state) {
  struct strbuf b = wrapped(text_of(XML), GZIP);
  strbuf_add(&b, "\x1f\x8b\x08", 3);
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "r", b);
  assert_int_equal(t.events[0].bytes, strlen(XML));
  assert_int_equal(t.events[0].code, ERR_FORMAT);
}

static void a_document_of_many_buffers_arrives_whole(void **state) {
  struct strbuf whole = noise(300000);
  struct strbuf inputs[] = {bytes_of(whole.data, whole.length), deflated(&whole, GZIP),
                            wrapped(deflated(&whole, GZIP), GZIP)};
  for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
    _cleanup_told_ struct told t = fresh();
    open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "r", inputs[i]);
    assert_int_equal(t.events[0].code, 0);
    assert_int_equal(t.events[0].bytes, whole.length);
    assert_memory_equal(t.events[0].content.data, whole.data, 65536);
  }
  strbuf_clear(&whole);
}

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

static struct intake_limits limits_of(uint64_t document, uint64_t file, uint32_t depth, uint32_t entries) {
  return (struct intake_limits){document, file, depth, entries};
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

/* --- limits, on both sides ---------------------------------------------------------------------------------------- */

static void a_document_may_be_as_large_as_its_limit_and_no_larger(void **state) {
  size_t size = strlen(XML);
  for (int format = 0; format <= GZIP; format += GZIP) {
    struct intake_limits enough = limits_of(size, 1 << 20, 8, 10), less = limits_of(size - 1, 1 << 20, 8, 10);
    _cleanup_told_ struct told t = fresh();
    open_bytes(&t, state, &enough, "r", format ? wrapped(text_of(XML), format) : text_of(XML));
    assert_document(&t.events[0], "/r", "r", XML);
    open_bytes(&t, state, &less, "r", format ? wrapped(text_of(XML), format) : text_of(XML));
    assert_int_equal(t.events[1].bytes, size - 1);
    assert_int_equal(t.events[1].code, ERR_LIMIT);
    assert_string_equal(t.events[1].e.text, "the document has more than 73 bytes (see --max-document-size)");
  }
}

static void a_file_may_unpack_to_its_limit_and_no_more(void **state) {
  struct entry entries[] = {{.name = "a", .bytes = text_of("<a/>")},
                            {.name = "b", .bytes = text_of("<b/>")},
                            {.name = "c", .bytes = text_of("<c/>")},
                            {.name = "d", .bytes = text_of("<d/>")}};
  _cleanup_strbuf_ struct strbuf z = zipped(state, entries, ARRAY_SIZE(entries));
  struct intake_limits enough = limits_of(1000, 16, 8, 10), less = limits_of(1000, 11, 8, 10);
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &enough, "z", bytes_of(z.data, z.length));
  assert_int_equal(t.count, 4);
  for (int i = 0; i < 4; i++) assert_int_equal(t.events[i].code, 0);
  clear_told(&t);
  open_bytes(&t, state, &less, "z", bytes_of(z.data, z.length));
  assert_int_equal(t.count, 4);
  assert_int_equal(t.events[1].code, 0);
  assert_int_equal(t.events[2].bytes, 3);
  assert_int_equal(t.events[2].code, ERR_LIMIT);
  assert_string_equal(t.events[2].e.text, "the file unpacks to more than 11 bytes (see --max-file-size)");
  assert_nothing(
      &t.events[3], ERR_LIMIT,
      "zip: the remaining entries are left out: the file unpacks to more than 11 bytes (see --max-file-size)");
}

static void every_layer_counts_as_unpacked(void **state) {
  _cleanup_strbuf_ struct strbuf inner = wrapped(text_of(XML), GZIP);
  struct intake_limits enough = limits_of(1000, inner.length + strlen(XML), 8, 10), less = enough;
  less.file_bytes--;
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &enough, "r", deflated(&inner, GZIP));
  open_bytes(&t, state, &less, "r", deflated(&inner, GZIP));
  assert_int_equal(t.events[0].code, 0);
  assert_int_equal(t.events[1].code, ERR_LIMIT);
}

static void a_plain_document_is_not_unpacked(void **state) {
  struct intake_limits limits = limits_of(1000, 1, 0, 0);
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &limits, "r", text_of(XML));
  assert_document(&t.events[0], "/r", "r", XML);
}

static void containers_nest_to_their_limit_and_no_deeper(void **state) {
  struct intake_limits two = limits_of(1000, 100000, 2, 10);
  struct strbuf gz = wrapped(text_of(XML), GZIP);
  _cleanup_strbuf_ struct strbuf in_zip = zipped_one(state, "a", gz);
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &two, "z", bytes_of(in_zip.data, in_zip.length));
  assert_document(&t.events[0], "/z: a", "a", XML);
  open_bytes(&t, state, &two, "z", deflated(&in_zip, GZIP));
  assert_nothing(&t.events[1], ERR_LIMIT, "containers in each other, more than 2 deep (see --max-depth)");
  assert_string_equal(t.events[1].name, "a");
}

static void a_zip_may_have_as_many_entries_as_its_limit(void **state) {
  struct entry entries[] = {{.name = "a", .bytes = text_of("<a/>")}, {.name = "b", .bytes = text_of("<b/>")}};
  _cleanup_strbuf_ struct strbuf z = zipped(state, entries, 2);
  struct intake_limits two = limits_of(1000, 1000, 8, 2), one = limits_of(1000, 1000, 8, 1);
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &two, "z", bytes_of(z.data, z.length));
  assert_int_equal(t.count, 2);
  open_bytes(&t, state, &one, "z", bytes_of(z.data, z.length));
  assert_int_equal(t.count, 3);
  assert_nothing(&t.events[2], ERR_LIMIT, "zip: more than 1 entries (see --max-entries)");
}

static void zips_in_a_zip_share_the_limit_of_entries(void **state) {
  struct strbuf inner = zipped_one(state, "a", text_of("<a/>"));
  struct entry entries[] = {{.name = "1", .bytes = bytes_of(inner.data, inner.length)}, {.name = "2", .bytes = inner}};
  struct intake_limits three = limits_of(1000, 10000, 8, 3);
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &three, "z", zipped(state, entries, 2));
  assert_int_equal(t.count, 2);
  assert_document(&t.events[0], "/z: 1: a", "a", "<a/>");
  assert_int_equal(t.events[1].code, ERR_LIMIT);
}

/* Both counts of the end record, as a liar would set them. */
static void claim_entries(struct strbuf *z, unsigned count) {
  char *end = find_bytes(z, "PK\5\6");
  for (int at = 8; at <= 10; at += 2) {
    end[at] = (char)count;
    end[at + 1] = (char)(count >> 8);
  }
}

static void a_zip_that_lies_about_its_entries_is_refused_before_it_is_opened(void **state) {
  struct strbuf b = zipped_one(state, "a", text_of(XML));
  claim_entries(&b, 10001);
  assert_one_nothing(state, b, ERR_LIMIT, "zip: more than 10000 entries (see --max-entries)");
  b = zipped_one(state, "a", text_of(XML));
  claim_entries(&b, 2);
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", b);
  assert_int_equal(t.events[0].code, ERR_FORMAT);
}

static void put_le(struct strbuf *b, uint64_t value, unsigned bytes) {
  for (; bytes; bytes--, value >>= 8) strbuf_add_char(b, (char)value);
}

static void a_zip64_that_lies_about_its_entries_is_refused(void **state) {
  struct strbuf b = zipped_one(state, "a", text_of(XML));
  size_t end = (size_t)(find_bytes(&b, "PK\5\6") - b.data), directory = (size_t)(find_bytes(&b, "PK\1\2") - b.data);
  struct strbuf big = bytes_of(b.data, end);
  strbuf_add(&big, "PK\6\6", 4);
  put_le(&big, 44, 8);
  put_le(&big, 45 | 45 << 16, 4);
  put_le(&big, 0, 8);
  put_le(&big, 1ULL << 40, 8);
  put_le(&big, 1ULL << 40, 8);
  put_le(&big, end - directory, 8);
  put_le(&big, directory, 8);
  strbuf_add(&big, "PK\6\7\0\0\0\0", 8);
  put_le(&big, end, 8);
  put_le(&big, 1, 4);
  strbuf_add(&big, b.data + end, b.length - end);
  strbuf_clear(&b);
  assert_one_nothing(state, big, ERR_LIMIT, "zip: more than 10000 entries (see --max-entries)");
}

/* Info-ZIP's way to have more entries than 16 bits can count: 65,537 entries counted as 1. */
static void a_zip_that_counts_its_entries_modulo_65536_is_refused(void **state) {
  struct strbuf b = zipped_one(state, "", text_of("<a/>"));
  size_t directory = (size_t)(find_bytes(&b, "PK\1\2") - b.data), end = (size_t)(find_bytes(&b, "PK\5\6") - b.data);
  struct strbuf many = bytes_of(b.data, directory);
  for (int i = 0; i < 65537; i++) strbuf_add(&many, b.data + directory, end - directory);
  strbuf_add(&many, b.data + end, 12);
  put_le(&many, 65537 * (end - directory), 4);
  put_le(&many, directory, 4);
  put_le(&many, 0, 2);
  strbuf_clear(&b);
  assert_one_nothing(state, many, ERR_LIMIT, "zip: more than 10000 entries (see --max-entries)");
}

static void a_directory_far_too_large_for_its_entries_is_refused(void **state) {
  struct strbuf b = zipped_one(state, "a", noise(1200000));
  char *end = find_bytes(&b, "PK\5\6");
  struct strbuf size = STRBUF_INIT;
  put_le(&size, (uint64_t)(end - b.data), 4);
  put_le(&size, 0, 4);
  memcpy(end + 12, size.data, size.length);
  strbuf_clear(&size);
  struct intake_limits one = limits_of(1 << 24, 1 << 24, 8, 1);
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &one, "z", b);
  assert_int_equal(t.events[0].code, ERR_LIMIT);
  assert_non_null(strstr(t.events[0].e.text, "too large for 1 entries"));
}

static void a_zip_in_a_container_may_be_as_large_as_a_document(void **state) {
  _cleanup_strbuf_ struct strbuf z = zipped_one(state, "a", text_of(XML));
  struct intake_limits enough = limits_of(z.length, 100000, 8, 10), less = limits_of(z.length - 1, 100000, 8, 10);
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &enough, "z", deflated(&z, GZIP));
  assert_int_equal(t.events[0].code, 0);
  open_bytes(&t, state, &less, "z", deflated(&z, GZIP));
  assert_int_equal(t.events[1].code, ERR_LIMIT);
  assert_non_null(strstr(t.events[1].e.text, "--max-document-size"));
}

/* 1 GiB of zeros behind a root element, in 1 MiB of gzip. */
static struct strbuf bomb(void) {
  z_stream z = {0};
  assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY), Z_OK);
  static unsigned char zeros[1 << 20], out[1 << 16];
  struct strbuf b = STRBUF_INIT;
  z.next_in = (Bytef *)"<feedback>";
  z.avail_in = 10;
  for (int i = 0; i <= 1024; i++) {
    do {
      z.next_out = out;
      z.avail_out = sizeof out;
      deflate(&z, i == 1024 ? Z_FINISH : Z_NO_FLUSH);
      strbuf_add(&b, (char *)out, sizeof out - z.avail_out);
    } while (!z.avail_out);
    z.next_in = zeros;
    z.avail_in = sizeof zeros;
  }
  deflateEnd(&z);
  return b;
}

static void a_bomb_ends_at_the_limit(void **state) {
  _cleanup_strbuf_ struct strbuf b = bomb();
  struct intake_limits document = limits_of(1 << 20, 1 << 30, 8, 10), file = limits_of(1 << 30, 1 << 20, 8, 10);
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &document, "r", bytes_of(b.data, b.length));
  open_bytes(&t, state, &file, "r", bytes_of(b.data, b.length));
  for (int i = 0; i < 2; i++) {
    assert_int_equal(t.events[i].bytes, 1 << 20);
    assert_int_equal(t.events[i].code, ERR_LIMIT);
  }
  assert_non_null(strstr(t.events[0].e.text, "--max-document-size"));
  assert_non_null(strstr(t.events[1].e.text, "--max-file-size"));
}

/* --- one context for many files ----------------------------------------------------------------------------------- */

static void one_context_reads_file_after_file_also_after_a_broken_one(void **state) {
  struct strbuf cut = wrapped(text_of(XML), GZIP), wrong = wrapped(text_of(XML), RAW_ZLIB);
  cut.length /= 2;
  wrong.data[wrong.length - 1] ^= 1;
  struct strbuf inputs[] = {wrapped(text_of(XML), GZIP),
                            cut,
                            wrapped(text_of(XML), RAW_ZLIB),
                            wrong,
                            zipped_one(state, "a", text_of(XML)),
                            wrapped(text_of(XML), GZIP),
                            text_of(XML)};
  _cleanup_told_ struct told t = fresh();
  struct intake *intake = intake_new(&INTAKE_LIMITS_DEFAULT);
  for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
    _cleanup_free_ char *path = path_of(state, "r");
    write_file(path, &inputs[i]);
    strbuf_clear(&inputs[i]);
    open_with(&t, intake, path, false);
    assert_int_equal(t.events[i].code, i == 1 || i == 3 ? ERR_FORMAT : 0);
  }
  intake_free(intake);
  intake_free(NULL);
}

/* --- files that are none ------------------------------------------------------------------------------------------ */

static void a_missing_file_and_a_directory_are_events(void **state) {
  _cleanup_free_ char *missing = path_of(state, "missing");
  _cleanup_told_ struct told t = fresh();
  open_path(&t, &INTAKE_LIMITS_DEFAULT, missing);
  assert_nothing(&t.events[0], ERR_IO, "cannot open: No such file or directory");
  assert_string_equal(t.events[0].origin, missing);
  open_path(&t, &INTAKE_LIMITS_DEFAULT, *state);
  assert_nothing(&t.events[1], ERR_IO, "is a directory");
  open_path(&t, &INTAKE_LIMITS_DEFAULT, "/dev/null");
  assert_nothing(&t.events[2], ERR_NO_REPORT, "empty");
}

static void *write_slowly(void *path) {
  usleep(20000); /* so that the reader is there first, and has to wait */
  int fd = open(path, O_WRONLY);
  for (const char *p = XML; *p; p += 2) {
    usleep(500);
    if (write(fd, p, p[1] ? 2 : 1) < 0) break;
  }
  close(fd);
  return NULL;
}

static void a_fifo_that_the_user_names_is_read_as_a_stream(void **state) {
  _cleanup_free_ char *path = path_of(state, "fifo");
  assert_int_equal(mkfifo(path, 0600), 0);
  pthread_t writer;
  assert_int_equal(pthread_create(&writer, NULL, write_slowly, path), 0);
  _cleanup_told_ struct told t = fresh();
  open_path(&t, &INTAKE_LIMITS_DEFAULT, path);
  pthread_join(writer, NULL);
  assert_document(&t.events[0], "/fifo", "fifo", XML);
}

static void a_fifo_in_the_place_of_a_listed_file_is_not_waited_for(void **state) {
  _cleanup_free_ char *path = path_of(state, "fifo");
  assert_int_equal(mkfifo(path, 0600), 0);
  _cleanup_told_ struct told t = fresh();
  struct intake *intake = intake_new(&INTAKE_LIMITS_DEFAULT);
  open_with(&t, intake, path, false);
  intake_free(intake);
  assert_nothing(&t.events[0], ERR_IO, "is neither a file nor a directory");
}

/* "-" with `bytes` behind a pipe that is non-blocking, as a terminal's may be. */
static void open_standard_input(struct told *t, struct strbuf bytes) {
  int ends[2], saved = dup(STDIN_FILENO);
  assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
  assert_true(bytes.length < 65536);
  assert_int_equal(write(ends[1], bytes.data, bytes.length), bytes.length);
  close(ends[1]);
  dup2(ends[0], STDIN_FILENO);
  close(ends[0]);
  open_path(t, &INTAKE_LIMITS_DEFAULT, "-");
  dup2(saved, STDIN_FILENO);
  close(saved);
  strbuf_clear(&bytes);
}

static void standard_input_holds_what_a_file_may_hold(void **state) {
  _cleanup_told_ struct told t = fresh();
  open_standard_input(&t, text_of(XML));
  assert_document(&t.events[0], "-", "-", XML);
  open_standard_input(&t, wrapped(text_of(XML), GZIP));
  assert_document(&t.events[1], "-", "-", XML);
  open_standard_input(&t, zipped_one(state, "a/b", text_of(XML)));
  assert_document(&t.events[2], "-: a/b", "b", XML);
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

static void touch(void **state, const char *name) {
  _cleanup_free_ char *path = path_of(state, name);
  struct strbuf b = text_of("12345");
  write_file(path, &b);
  strbuf_clear(&b);
}

static void make_folder(void **state, const char *name) {
  _cleanup_free_ char *path = path_of(state, name);
  assert_int_equal(mkdir(path, 0700), 0);
}

static void link_to(void **state, const char *target, const char *name) {
  _cleanup_free_ char *path = path_of(state, name);
  assert_int_equal(symlink(target, path), 0);
}

/* The walk as lines: "name" relative to the test's directory, "! message" for errors. */
static struct strbuf walk(void **state, const char *const *sources, unsigned count) {
  struct strbuf lines = STRBUF_INIT;
  struct intake_walk *w = intake_walk_new(sources, count);
  struct intake_file file;
  struct err e;
  uint64_t number = 0;
  size_t base = strlen(*state) + 1;
  int code;
  while ((code = intake_walk_next(w, &file, &e))) {
    if (code < 0) {
      assert_int_equal(code, ERR_IO);
      strbuf_printf(&lines, "! %s\n", e.text + base);
      continue;
    }
    assert_int_equal(file.number, number++);
    strbuf_printf(&lines, "%s%s\n", file.named ? "named " : "", *file.path == '/' ? file.path + base : file.path);
    free(file.path);
  }
  assert_int_equal(intake_walk_next(w, &file, &e), 0);
  intake_walk_free(w);
  return lines;
}

static void assert_walk(void **state, const char *expected) {
  const char *source = *state;
  _cleanup_strbuf_ struct strbuf lines = walk(state, &source, 1);
  assert_string_equal(strbuf_text(&lines), expected);
}

static void a_directory_is_walked_in_the_order_of_bytes(void **state) {
  make_folder(state, "b");
  make_folder(state, "b/c");
  make_folder(state, "empty");
  static const char *const names[] = {"z", "a", "B", ".hidden", "b/2", "b/10", "b/c/x", "b.xml", "\xc3\xa4", "-"};
  for (size_t i = 0; i < ARRAY_SIZE(names); i++) touch(state, names[i]);
  assert_walk(state, "-\n.hidden\nB\na\nb/10\nb/2\nb/c/x\nb.xml\nz\n\xc3\xa4\n");
}

static void links_to_files_are_followed_and_loops_are_not(void **state) {
  touch(state, "file");
  make_folder(state, "d");
  link_to(state, "../file", "d/link");
  link_to(state, "..", "d/up");
  link_to(state, "self", "self");
  link_to(state, "missing", "dangling");
  assert_walk(state, "d/link\ndangling\nfile\nself\n");
}

static void special_files_in_a_directory_are_passed_over(void **state) {
  _cleanup_free_ char *fifo = path_of(state, "fifo");
  assert_int_equal(mkfifo(fifo, 0600), 0);
  link_to(state, "fifo", "link-to-fifo");
  touch(state, "z");
  assert_walk(state, "z\n");
}

static void what_cannot_be_opened_is_told_and_the_walk_goes_on(void **state) {
  touch(state, "a");
  make_folder(state, "folder");
  touch(state, "folder/b");
  link_to(state, "folder", "link-to-folder");
  _cleanup_free_ char *missing = path_of(state, "missing"), *a = path_of(state, "a"),
                      *folder = path_of(state, "folder/"), *link = path_of(state, "link-to-folder");
  const char *sources[] = {missing, a, "-", folder, link, a};
  _cleanup_strbuf_ struct strbuf lines = walk(state, sources, ARRAY_SIZE(sources));
  assert_string_equal(strbuf_text(&lines),
                      "! missing: No such file or directory\nnamed a\nnamed -\nfolder/b\nlink-to-folder/b\nnamed a\n");
}

static void a_directory_that_vanished_or_is_closed_is_told(void **state) {
  make_folder(state, "closed");
  make_folder(state, "open");
  touch(state, "open/a");
  _cleanup_free_ char *closed = path_of(state, "closed");
  const char *source = *state;
  struct intake_walk *w = intake_walk_new(&source, 1);
  struct intake_file file;
  struct err e;
  touch(state, "a");
  assert_int_equal(intake_walk_next(w, &file, &e), 1); /* "a": the names are read by now */
  free(file.path);
  assert_int_equal(rmdir(closed), 0);
  link_to(state, "open", "closed"); /* a link in its place is not followed */
  assert_int_equal(intake_walk_next(w, &file, &e), ERR_IO);
  assert_non_null(strstr(e.text, "/closed: cannot open: "));
  assert_int_equal(intake_walk_next(w, &file, &e), 1);
  assert_non_null(strstr(file.path, "/open/a"));
  free(file.path);
  intake_walk_free(w);
}

static void a_walk_may_be_left_early(void **state) {
  make_folder(state, "d");
  touch(state, "d/a");
  touch(state, "d/b");
  const char *source = *state;
  struct intake_walk *w = intake_walk_new(&source, 1);
  struct intake_file file;
  assert_int_equal(intake_walk_next(w, &file, NULL), 1);
  free(file.path);
  intake_walk_free(w);
  intake_walk_free(NULL);
}

static void measuring_counts_files_and_bytes(void **state) {
  make_folder(state, "d");
  touch(state, "d/a");
  touch(state, "b");
  link_to(state, "missing", "dangling");
  _cleanup_free_ char *missing = path_of(state, "missing");
  const char *sources[] = {*state, missing};
  uint64_t files, bytes;
  intake_walk_measure(sources, 2, &files, &bytes);
  assert_int_equal(files, 3);
  assert_int_equal(bytes, 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(a_plain_document_is_itself),
      T(text_in_front_does_not_hide_a_document),
      T(text_may_stand_in_front_for_4096_bytes_less_one),
      T(utf16_is_a_document_with_and_without_its_mark),
      T(what_is_no_report_is_named),
      T(an_empty_file_and_one_of_white_space_are_empty),
      T(a_mail_is_known_by_fields_that_only_mail_has),
      T(letters_that_pass_for_a_zlib_header_stay_text),
      T(gzip_and_zlib_hold_documents_whatever_their_name),
      T(containers_nest_in_any_order),
      T(gzip_members_on_end_are_one_document),
      T(a_gzip_member_is_found_across_the_end_of_a_buffer),
      T(what_follows_the_compressed_data_is_ignored),
      T(a_truncated_gzip_delivers_its_prefix_and_then_an_error),
      T(a_wrong_checksum_or_length_is_told_after_the_last_byte),
      T(the_checksum_of_an_outer_container_is_checked_too),
      T(damage_inside_a_gzip_names_its_place),
      T(a_second_gzip_member_that_is_cut_off_is_damage),
      T(a_document_of_many_buffers_arrives_whole),
      T(each_entry_of_a_zip_is_a_document_by_itself),
      T(an_entry_without_a_name_is_an_entry),
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
      T(a_document_may_be_as_large_as_its_limit_and_no_larger),
      T(a_file_may_unpack_to_its_limit_and_no_more),
      T(every_layer_counts_as_unpacked),
      T(a_plain_document_is_not_unpacked),
      T(containers_nest_to_their_limit_and_no_deeper),
      T(a_zip_may_have_as_many_entries_as_its_limit),
      T(zips_in_a_zip_share_the_limit_of_entries),
      T(a_zip_that_lies_about_its_entries_is_refused_before_it_is_opened),
      T(a_zip64_that_lies_about_its_entries_is_refused),
      T(a_zip_that_counts_its_entries_modulo_65536_is_refused),
      T(a_directory_far_too_large_for_its_entries_is_refused),
      T(a_zip_in_a_container_may_be_as_large_as_a_document),
      T(a_bomb_ends_at_the_limit),
      T(one_context_reads_file_after_file_also_after_a_broken_one),
      T(a_missing_file_and_a_directory_are_events),
      T(a_fifo_that_the_user_names_is_read_as_a_stream),
      T(a_fifo_in_the_place_of_a_listed_file_is_not_waited_for),
      T(standard_input_holds_what_a_file_may_hold),
      T(a_directory_is_walked_in_the_order_of_bytes),
      T(links_to_files_are_followed_and_loops_are_not),
      T(special_files_in_a_directory_are_passed_over),
      T(what_cannot_be_opened_is_told_and_the_walk_goes_on),
      T(a_directory_that_vanished_or_is_closed_is_told),
      T(a_walk_may_be_left_early),
      T(measuring_counts_files_and_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* gzip and zlib: layers of any order, and damage in each of them. */
#include "intake_kit.h"

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

int main(void) {
  const struct CMUnitTest tests[] = {
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
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

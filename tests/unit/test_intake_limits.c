/* SPDX-License-Identifier: Apache-2.0 */
/* Each limit of the intake, on both sides of it, and archives that lie about their size. */
#include "intake_kit.h"

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

static void a_file_may_hold_as_many_documents_as_its_limit_and_no_more(void **state) {
  struct entry entries[] = {{.name = "a", .bytes = text_of("<a/>")},
                            {.name = "none", .bytes = text_of("")},
                            {.name = "c", .bytes = text_of("<c/>")},
                            {.name = "d", .bytes = text_of("<d/>")}};
  _cleanup_strbuf_ struct strbuf z = zipped(state, entries, ARRAY_SIZE(entries));
  struct intake_limits enough = limits_of(1000, 1000, 8, 10), less = enough;
  enough.documents = 4;
  less.documents = 2; /* what is told to be none counts, too */
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &enough, "z", bytes_of(z.data, z.length));
  assert_int_equal(t.count, 4);
  assert_int_equal(t.events[3].code, 0);
  clear_told(&t);
  open_bytes(&t, state, &less, "z", bytes_of(z.data, z.length));
  assert_int_equal(t.count, 3);
  assert_int_equal(t.events[0].code, 0);
  assert_int_equal(t.events[1].code, ERR_NO_REPORT);
  assert_nothing(&t.events[2], ERR_LIMIT,
                 "this and what follows is left out: the file holds more than 2 documents (see --max-documents)");
  assert_non_null(strstr(t.events[2].origin, "z: c"));
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

/* Ones that unpack to so many MiB of zeros, 229 times their size. */
static struct strbuf small_bomb(int mebibytes) {
  z_stream z = {0};
  assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY), Z_OK);
  static unsigned char zeros[1 << 20], out[1 << 20];
  struct strbuf b = STRBUF_INIT;
  for (int i = 0; i < mebibytes; i++) {
    memset(zeros, i ? 0 : ' ', sizeof zeros);
    if (!i) memcpy(zeros, "<feedback>", 10);
    z.next_in = zeros;
    z.avail_in = sizeof zeros;
    z.next_out = out;
    z.avail_out = sizeof out;
    deflate(&z, i + 1 == mebibytes ? Z_FINISH : Z_NO_FLUSH);
    assert_int_equal(z.avail_in, 0);
    strbuf_add(&b, (char *)out, sizeof out - z.avail_out);
  }
  deflateEnd(&z);
  return b;
}

static void what_is_small_does_not_become_large_unless_the_user_allows_it(void **state) {
  static const char WHY[] = "the file unpacks to more than 150 times its size (see --max-file-size)";
  struct intake_limits allowed = INTAKE_LIMITS_DEFAULT;
  allowed.file_bytes = INTAKE_FILE_FREE_BYTES * 1000;
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "small", small_bomb(63));
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "large", small_bomb(66));
  open_bytes(&t, state, &allowed, "allowed", small_bomb(66));
  assert_int_equal(t.events[0].code, 0);
  assert_int_equal(t.events[0].bytes, 63 << 20);
  assert_int_equal(t.events[1].code, ERR_LIMIT);
  assert_in_range(t.events[1].bytes, 63 << 20, 65 << 20);
  assert_string_equal(t.events[1].e.text, WHY);
  assert_int_equal(t.events[2].code, 0);
}

static void a_mail_of_a_server_becomes_less_large_than_a_file(void **state) {
  (void)state;
  static const struct { int mebibytes, code; } cases[] = {{15, 0}, {18, ERR_LIMIT}};
  for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
    struct strbuf bytes = small_bomb(cases[n].mebibytes);
    _cleanup_told_ struct told t = fresh();
    struct memory_stream in;
    struct intake_events events = {on_document, on_nothing, &t};
    struct intake *i = intake_new(&INTAKE_LIMITS_DEFAULT);
    memory_stream_init(&in, bytes.data, bytes.length, 4096);
    assert_int_equal(intake_open_stream(i, "mail", "", &in.stream, &events), 0);
    assert_int_equal(t.events[0].code, cases[n].code);
    if (cases[n].code)
      assert_string_equal(t.events[0].e.text, "the mail unpacks to more than 100 times its size (see --max-file-size)");
    intake_free(i);
    strbuf_clear(&bytes);
  }
}

/* The second mail pays nothing for the first. */
static void what_a_mail_of_an_mbox_may_cost_is_its_own(void **state) {
  static const char HEAD[] = "From a Thu Jan  1 00:00:00 2026\nFrom: a@example.net\nContent-Type: application/gzip\n\n";
  struct strbuf mbox = text_of(HEAD), bomb = small_bomb(18);
  strbuf_add(&mbox, bomb.data, bomb.length);
  strbuf_clear(&bomb);
  strbuf_printf(&mbox, "\n\n%s" XML, HEAD);
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m", mbox);
  assert_int_equal(t.count, 2);
  assert_int_equal(t.events[0].code, ERR_LIMIT);
  assert_non_null(strstr(t.events[0].e.text, "the mail unpacks to more than 100 times its size"));
  assert_document(&t.events[1], "m: message 2: part 1", "m", XML);
}

static int count_document(void *user, const struct intake_document *d, struct byte_stream *in) {
  (void)d, (void)in;
  ++*(unsigned *)user;
  return 0;
}

static int keep_refusal(void *user, const struct intake_document *d, int code, const struct err *e) {
  (void)d;
  assert_int_equal(code, ERR_LIMIT);
  assert_non_null(strstr(e->text, "the mail holds more than 1000 documents (see --max-documents)"));
  *(unsigned *)user += 1000000;
  return 0;
}

static void a_mail_of_a_server_holds_a_thousand_documents_and_a_file_more(void **state) {
  struct entry entries[1002];
  for (size_t i = 0; i < ARRAY_SIZE(entries); i++) entries[i] = (struct entry){.name = "r.xml", .bytes = text_of(XML)};
  char names[ARRAY_SIZE(entries)][16];
  for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
    snprintf(names[i], sizeof names[i], "%zu.xml", i);
    entries[i].name = names[i];
  }
  struct strbuf z = zipped(state, entries, ARRAY_SIZE(entries));
  _cleanup_free_ char *path = path_of(state, "z");
  write_file(path, &z);
  struct intake *i = intake_new(&INTAKE_LIMITS_DEFAULT);
  struct memory_stream in;
  unsigned of_mail = 0, of_file = 0;
  memory_stream_init(&in, z.data, z.length, 4096);
  assert_int_equal(
      intake_open_stream(i, "mail", "", &in.stream, &(struct intake_events){count_document, keep_refusal, &of_mail}),
      0);
  assert_int_equal(of_mail, 1001000);
  assert_int_equal(intake_open_file(i, &(struct intake_file){.path = path},
                                    &(struct intake_events){count_document, keep_refusal, &of_file}),
                   0);
  assert_int_equal(of_file, 1002);
  intake_free(i);
  strbuf_clear(&z);
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

int main(void) {
  const struct CMUnitTest tests[] = {
      T(a_document_may_be_as_large_as_its_limit_and_no_larger),
      T(a_file_may_unpack_to_its_limit_and_no_more),
      T(a_file_may_hold_as_many_documents_as_its_limit_and_no_more),
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
      T(what_is_small_does_not_become_large_unless_the_user_allows_it),
      T(a_mail_of_a_server_becomes_less_large_than_a_file),
      T(what_a_mail_of_an_mbox_may_cost_is_its_own),
      T(a_mail_of_a_server_holds_a_thousand_documents_and_a_file_more),
      T(one_context_reads_file_after_file_also_after_a_broken_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

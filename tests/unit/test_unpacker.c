/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of intake/: archives and compressed files by libarchive, zips without their directory, and what stands in
 * front of a zip. */
#include <archive.h>
#include <archive_entry.h>

#include "intake_kit.h"

#define OTHER "<?xml version=\"1.0\"?><feedback><org_name>example.net</org_name></feedback>"

/* An archive of regular files: `format` and `filter` (NULL: none) as libarchive calls them. Frees the bytes. */
static struct strbuf packed(const char *format, const char *filter, struct entry *entries, size_t count) {
  struct strbuf out = STRBUF_INIT;
  size_t size = 1 << 20, used = 0;
  _cleanup_free_ char *buffer = mem_alloc(size);
  struct archive *a = archive_write_new();
  assert_int_equal(archive_write_set_format_by_name(a, format), ARCHIVE_OK);
  if (filter) assert_int_equal(archive_write_add_filter_by_name(a, filter), ARCHIVE_OK);
  archive_write_set_bytes_in_last_block(a, 1);
  assert_int_equal(archive_write_open_memory(a, buffer, size, &used), ARCHIVE_OK);
  for (size_t i = 0; i < count; i++) {
    struct archive_entry *e = archive_entry_new();
    archive_entry_set_pathname(e, entries[i].name);
    archive_entry_set_filetype(e, entries[i].folder ? AE_IFDIR : AE_IFREG);
    archive_entry_set_perm(e, 0644);
    archive_entry_set_size(e, (la_int64_t)entries[i].bytes.length);
    assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
    if (entries[i].bytes.length) archive_write_data(a, entries[i].bytes.data, entries[i].bytes.length);
    archive_entry_free(e);
    strbuf_clear(&entries[i].bytes);
  }
  assert_int_equal(archive_write_close(a), ARCHIVE_OK);
  archive_write_free(a);
  strbuf_add(&out, buffer, used);
  return out;
}

static struct strbuf packed_two(const char *format, const char *filter) {
  struct entry entries[] = {{.name = "d/", .folder = true},
                            {.name = "d/a.xml", .bytes = text_of(XML)},
                            {.name = "b.xml", .bytes = text_of(OTHER)}};
  return packed(format, filter, entries, ARRAY_SIZE(entries));
}

static struct strbuf packed_raw(const char *filter, struct strbuf bytes) {
  struct entry entry = {.name = "r.xml", .bytes = bytes};
  return packed("raw", filter, &entry, 1);
}

/* A cabinet of one folder that is not compressed ([MS-CAB] 2), each file as it is. */
static struct strbuf cabinet(const char *name, const char *content) {
  size_t size = strlen(content), files_at = 36 + 8, data_at = files_at + 16 + strlen(name) + 1;
  unsigned char head[256] = "MSCF";
  head[8] = (unsigned char)(data_at + 8 + size), head[9] = (unsigned char)((data_at + 8 + size) >> 8);
  head[16] = (unsigned char)files_at, head[24] = 3, head[25] = 1, head[26] = 1, head[28] = 1;
  head[36] = (unsigned char)data_at, head[40] = 1;
  head[44] = (unsigned char)size, head[45] = (unsigned char)(size >> 8);
  memcpy(head + files_at + 16, name, strlen(name) + 1);
  head[data_at + 4] = head[data_at + 6] = (unsigned char)size;
  head[data_at + 5] = head[data_at + 7] = (unsigned char)(size >> 8);
  struct strbuf b = bytes_of(head, data_at + 8);
  strbuf_add_text(&b, content);
  return b;
}

static void assert_two(void **state, struct strbuf bytes) {
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", bytes);
  assert_int_equal(t.count, 2);
  assert_document(&t.events[0], "/z: d/a.xml", "a.xml", XML);
  assert_document(&t.events[1], "/z: b.xml", "b.xml", OTHER);
}

/* --- what is read ------------------------------------------------------------------------------------------------- */

static void archives_give_their_files_in_their_order(void **state) {
  static const struct {
    const char *format, *filter;
  } CASES[] = {{"ustar", NULL},    {"pax", NULL},     {"gnutar", NULL}, {"v7tar", NULL}, {"7zip", NULL},
               {"ustar", "bzip2"}, {"ustar", "gzip"}, {"pax", "xz"},    {"pax", "zstd"}};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) assert_two(state, packed_two(CASES[i].format, CASES[i].filter));
}

static void a_cabinet_is_read(void **state) {
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", cabinet("a.xml", XML));
  assert_int_equal(t.count, 1);
  assert_document(&t.events[0], "/z: a.xml", "a.xml", XML);
}

static void a_compressed_file_keeps_its_name(void **state) {
  static const char *const FILTERS[] = {"bzip2", "xz", "zstd"};
  for (size_t i = 0; i < ARRAY_SIZE(FILTERS); i++)
    assert_one_document(state, "r.xml.z", packed_raw(FILTERS[i], text_of(XML)), XML);
}

static void containers_stand_in_each_other(void **state) {
  struct entry inner = {.name = "a.xml", .bytes = text_of(XML)};
  struct entry outer = {.name = "a.zip", .bytes = packed("zip", NULL, &inner, 1)};
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", packed("7zip", NULL, &outer, 1));
  assert_int_equal(t.count, 1);
  assert_document(&t.events[0], "/z: a.zip: a.xml", "a.xml", XML);
}

/* --- what is broken ----------------------------------------------------------------------------------------------- */

/* At every byte: no crash, no hang, and never more than what was packed. */
static void a_truncated_archive_gives_what_it_can(void **state) {
  static const struct {
    const char *format, *filter;
  } CASES[] = {{"ustar", NULL}, {"7zip", NULL}, {"zip", NULL}, {"pax", "xz"}, {"pax", "zstd"}, {"pax", "bzip2"}};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    struct strbuf whole = packed_two(CASES[i].format, CASES[i].filter);
    for (size_t size = 1; size < whole.length; size += size < 600 ? 1 : 97) {
      _cleanup_told_ struct told t = fresh();
      open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", bytes_of(whole.data, size));
      for (size_t n = 0; n < t.count; n++) assert_true(t.events[n].bytes <= strlen(OTHER));
    }
    strbuf_clear(&whole);
  }
}

static void a_zip_without_its_directory_gives_its_entries_as_damaged(void **state) {
  struct entry entries[] = {{.name = "a.xml", .bytes = text_of(XML)}, {.name = "b.xml", .bytes = text_of(OTHER)}};
  struct strbuf whole = zipped(state, entries, ARRAY_SIZE(entries));
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", bytes_of(whole.data, whole.length - 22));
  assert_int_equal(t.count, 2);
  for (size_t i = 0; i < t.count; i++) {
    assert_int_equal(t.events[i].bytes, strlen(XML));
    assert_int_equal(t.events[i].code, ERR_FORMAT);
    assert_string_equal(t.events[i].e.text, "zip: cut off: its directory is missing");
  }
  strbuf_clear(&whole);
}

static void a_zip_cut_inside_an_entry_gives_what_inflates(void **state) {
  struct strbuf content = noise(100000), whole = zipped_one(state, "a.xml", content);
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", bytes_of(whole.data, whole.length / 2));
  assert_true(t.events[0].is_document);
  assert_true(t.events[0].bytes > 40000 && t.events[0].bytes < 60000);
  assert_int_equal(t.events[0].code, ERR_FORMAT);
  strbuf_clear(&whole);
}

static void a_broken_header_hides_neither_itself_nor_what_follows(void **state) {
  struct entry entries[] = {{.name = "a.xml", .bytes = text_of(XML)},
                            {.name = "b.xml", .bytes = text_of(XML)},
                            {.name = "c.xml", .bytes = text_of(OTHER)}};
  struct strbuf b = packed("ustar", NULL, entries, ARRAY_SIZE(entries));
  b.data[1024 + 148] ^= 1; /* the checksum of the second */
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", b);
  assert_int_equal(t.count, 3);
  assert_document(&t.events[0], "/z: a.xml", "a.xml", XML);
  assert_document(&t.events[1], "/z: c.xml", "c.xml", OTHER);
  assert_nothing(&t.events[2], ERR_FORMAT, "tar: damaged: entries may be missing");
}

static void the_checksum_around_an_archive_is_looked_at(void **state) {
  struct strbuf tar = packed_two("ustar", NULL), b = wrapped(tar, GZIP);
  b.data[b.length - 6] ^= 1;
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", b);
  assert_int_equal(t.count, 3);
  assert_nothing(&t.events[2], ERR_FORMAT, "gzip: checksum does not match");
}

static void rubbish_under_a_known_signature_is_told(void **state) {
  assert_one_nothing(state, LITERAL("BZh91AY&SY<"), ERR_FORMAT, "bzip2: damaged");
  assert_one_nothing(state, LITERAL("PK\3\4<"), ERR_FORMAT, "zip: Not a zip archive");
}

/* --- limits ------------------------------------------------------------------------------------------------------- */

static void entries_of_an_archive_have_a_most(void **state) {
  static const char *const FORMATS[] = {"ustar", "7zip"};
  for (size_t i = 0; i < ARRAY_SIZE(FORMATS); i++) {
    struct intake_limits limits = INTAKE_LIMITS_DEFAULT;
    limits.entries = 1;
    _cleanup_told_ struct told t = fresh();
    open_bytes(&t, state, &limits, "z", packed_two(FORMATS[i], NULL));
    assert_int_equal(t.count, 2);
    assert_true(t.events[0].is_document);
    assert_int_equal(t.events[1].code, ERR_LIMIT);
    assert_non_null(strstr(t.events[1].e.text, ": more than 1 entries (see --max-entries)"));
  }
}

static void what_an_archive_unpacks_to_has_a_most(void **state) {
  static const char *const FILTERS[] = {"bzip2", "xz", "zstd"};
  for (size_t i = 0; i < ARRAY_SIZE(FILTERS); i++) {
    struct intake_limits limits = INTAKE_LIMITS_DEFAULT;
    limits.file_bytes = 1000;
    struct strbuf blanks = text_of("<feedback>");
    while (blanks.length < 100000) strbuf_add_char(&blanks, ' ');
    _cleanup_told_ struct told t = fresh();
    open_bytes(&t, state, &limits, "z", packed_raw(FILTERS[i], blanks));
    assert_int_equal(t.events[0].bytes, 1000);
    assert_int_equal(t.events[0].code, ERR_LIMIT);
  }
}

/* --- zips ---------------------------------------------------------------------------------------------------------- */

static void something_may_stand_in_front_of_a_zip(void **state) {
  static const char *const PREFIXES[] = {"\r\n", "#!/bin/sh\nexec unzip \"$0\"\n", "MZ\x90\x01 a program"};
  for (size_t i = 0; i < ARRAY_SIZE(PREFIXES); i++) {
    struct strbuf zip = zipped_one(state, "a.xml", text_of(XML)), whole = text_of(PREFIXES[i]);
    strbuf_add(&whole, zip.data, zip.length);
    strbuf_clear(&zip);
    _cleanup_told_ struct told t = fresh();
    open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", whole);
    assert_int_equal(t.count, 1);
    assert_document(&t.events[0], "/z: a.xml", "a.xml", XML);
  }
}

static void a_directory_that_counts_the_prefix_is_believed(void **state) {
  struct strbuf zip = zipped_one(state, "a.xml", text_of(XML)), whole = text_of("in front\n");
  unsigned char shift = (unsigned char)whole.length;
  find_bytes(&zip, "PK\1\2")[42] = (char)shift;
  char *end = find_bytes(&zip, "PK\5\6");
  end[16] = (char)((unsigned char)end[16] + shift);
  strbuf_add(&whole, zip.data, zip.length);
  strbuf_clear(&zip);
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "z", whole);
  assert_int_equal(t.count, 1);
  assert_document(&t.events[0], "/z: a.xml", "a.xml", XML);
}

static void an_office_document_is_one_thing(void **state) {
  struct entry docx[] = {{.name = "_rels/.rels", .bytes = text_of("<a/>")},
                         {.name = "[Content_Types].xml", .bytes = text_of("<a/>")},
                         {.name = "word/document.xml", .bytes = text_of("<a/>")}};
  assert_one_nothing(state, zipped(state, docx, ARRAY_SIZE(docx)), ERR_NO_REPORT, "an office document");
  struct entry odt[] = {{.name = "mimetype", .bytes = text_of("application/vnd.oasis.opendocument.text")},
                        {.name = "content.xml", .bytes = text_of("<a/>")}};
  assert_one_nothing(state, zipped(state, odt, ARRAY_SIZE(odt)), ERR_NO_REPORT, "an office document");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(archives_give_their_files_in_their_order),
      T(a_cabinet_is_read),
      T(a_compressed_file_keeps_its_name),
      T(containers_stand_in_each_other),
      T(a_truncated_archive_gives_what_it_can),
      T(a_zip_without_its_directory_gives_its_entries_as_damaged),
      T(a_zip_cut_inside_an_entry_gives_what_inflates),
      T(a_broken_header_hides_neither_itself_nor_what_follows),
      T(the_checksum_around_an_archive_is_looked_at),
      T(rubbish_under_a_known_signature_is_told),
      T(entries_of_an_archive_have_a_most),
      T(what_an_archive_unpacks_to_has_a_most),
      T(something_may_stand_in_front_of_a_zip),
      T(a_directory_that_counts_the_prefix_is_believed),
      T(an_office_document_is_one_thing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

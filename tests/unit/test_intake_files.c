/* SPDX-License-Identifier: Apache-2.0 */
/* Which files are found, and those that are none. */
#include "intake_kit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>

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

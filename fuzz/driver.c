/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a target where libFuzzer is not at hand: over files, and over as many changed ones. It looks for no new paths;
 * what it gives is that no seed, and nothing next to one, breaks what the last run of libFuzzer left whole.
 *
 *   fuzz_NAME [-runs=N] [-seed=N] FILE-OR-FOLDER...
 *
 * Changes are drawn from the seed alone, so a finding comes back. Inputs run in a child; one that ends it is written to
 * finding-NAME in the working directory. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "fuzz/fuzz.h"

#define INPUT_BYTES_MOST (1 << 20)

/* A target that prepares something has one of its own. */
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  return 0;
}

struct input {
  uint8_t *data;
  size_t size;
};
static struct input *inputs;
static size_t count, capacity;

/* What is being run, for the parent to see. */
struct shown {
  size_t size;
  bool done;
  uint8_t bytes[INPUT_BYTES_MOST];
};
static struct shown *shown;

static void add_file(const char *path) {
  _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
  struct stat st;
  if (fd < 0 || fstat(fd, &st) < 0 || st.st_size > INPUT_BYTES_MOST) {
    fprintf(stderr, "%s: cannot be read, or is too large\n", path);
    exit(2);
  }
  MEM_GROW(inputs, capacity, count);
  inputs[count].data = mem_alloc((size_t)st.st_size + 1);
  inputs[count].size = (size_t)st.st_size;
  MUST(read(fd, inputs[count].data, inputs[count].size) == st.st_size);
  count++;
}

static void add(const char *path) {
  struct dirent **entries;
  int n = scandir(path, &entries, NULL, alphasort);
  if (n < 0) add_file(path);
  for (int i = 0; i < n; i++) {
    _cleanup_free_ char *name = mem_printf("%s/%s", path, entries[i]->d_name);
    if (entries[i]->d_name[0] != '.') add_file(name);
    free(entries[i]);
  }
  if (n >= 0) free(entries);
}

/* --- changes ------------------------------------------------------------------------------------------------------ */

static uint64_t state;
/* xorshift64: 0 to `below` - 1. */
static size_t draw(size_t below) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return below ? (size_t)(state % below) : 0;
}

/* Takes `gone` bytes at `at` away and puts others there, as far as there is room. */
static void replace(struct shown *s, size_t at, size_t gone, const uint8_t *bytes, size_t size) {
  if (s->size - gone + size > INPUT_BYTES_MOST) return;
  memmove(s->bytes + at + size, s->bytes + at + gone, s->size - at - gone);
  if (size) memcpy(s->bytes + at, bytes, size);
  s->size = s->size - gone + size;
}

static void change_once(struct shown *s) {
  static const uint8_t ODD[] = {0, 1, 0x1b, '\n', '"', '<', '=', ' ', 0x7f, 0x80, 0xc2, 0xff};
  const size_t at = draw(s->size + 1), rest = s->size - at;
  const struct input *other = &inputs[draw(count)];
  size_t piece = draw(other->size + 1);
  switch (draw(6)) {
    case 0:
      if (rest) s->bytes[at] ^= (uint8_t)(1 << draw(8));
      return;
    case 1:
      if (rest) s->bytes[at] = ODD[draw(sizeof ODD)];
      return;
    case 2:
      replace(s, at, 0, &ODD[draw(sizeof ODD)], 1);
      return;
    case 3:
      replace(s, at, draw(rest + 1), NULL, 0);
      return;
    default: /* a piece of another one, in the place of as much or in between */
      replace(s, at, draw(2) ? draw(rest + 1) : 0, other->data + piece, draw(other->size - piece + 1));
  }
}

static void change(struct shown *s) {
  const struct input *seed = &inputs[draw(count)];
  memcpy(s->bytes, seed->data, s->size = seed->size);
  for (size_t times = 1 + draw(4); times; times--) change_once(s);
}

/* --- running ------------------------------------------------------------------------------------------------------ */

/* In memory of their exact size, so that a sanitizer sees who reads on. */
static void run(struct shown *s) {
  uint8_t *data = mem_alloc(s->size ? s->size : 1);
  memcpy(data, s->bytes, s->size);
  LLVMFuzzerTestOneInput(data, s->size);
  free(data);
}

static void run_all(size_t runs) {
  for (size_t i = 0; i < count; i++) {
    memcpy(shown->bytes, inputs[i].data, shown->size = inputs[i].size);
    run(shown);
  }
  for (; runs && count; runs--) {
    change(shown);
    run(shown);
  }
  shown->done = true;
}

static int tell_finding(const char *program, int status) {
  const char *slash = strrchr(program, '/');
  _cleanup_free_ char *name = mem_printf("finding-%s", slash ? slash + 1 : program);
  _cleanup_close_ int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool written = fd >= 0 && write(fd, shown->bytes, shown->size) == (ssize_t)shown->size;
  fprintf(stderr, "%s: ended with status %#x over %zu bytes, %s %s\n", program, (unsigned)status, shown->size,
          written ? "which are in" : "which could not be written to", name);
  return 1;
}

int main(int argc, char **argv) {
  size_t runs = 0;
  state = 1;
  LLVMFuzzerInitialize(&argc, &argv);
  for (int i = 1; i < argc; i++) {
    if (!strncmp(argv[i], "-runs=", 6))
      runs = strtoul(argv[i] + 6, NULL, 10);
    else if (!strncmp(argv[i], "-seed=", 6))
      state = strtoul(argv[i] + 6, NULL, 10) | 1;
    else if (*argv[i] != '-')
      add(argv[i]);
  }
  shown = mmap(NULL, sizeof *shown, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  MUST(shown != MAP_FAILED);
  int status = 0;
  pid_t child = fork();
  MUST(child >= 0);
  if (!child) {
    run_all(runs);
    exit(0); /* with the search for leaks, which are told of without their input */
  }
  while (waitpid(child, &status, 0) < 0) MUST(errno == EINTR);
  if (status) return tell_finding(argv[0], status);
  fprintf(stderr, "%s: %zu seeds, %zu changed\n", argv[0], count, runs);
  for (size_t i = 0; i < count; i++) free(inputs[i].data);
  free(inputs);
  return 0;
}

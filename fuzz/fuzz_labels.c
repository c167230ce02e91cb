/* SPDX-License-Identifier: Apache-2.0 */
/* Target: any bytes as an inventory of labels. What is read and written is read as the same. */
#include "cmd/label_file.h"
#include "fuzz/fuzz.h"

static struct sender_catalogue *catalogue;
static unsigned mistakes;

static void on_mistake(const char *path, unsigned line, const char *text) {
  (void)path;
  MUST(line && *text);
  mistakes++;
}

/* The labels of these bytes, written anew; NULL: there was a mistake, or one that cannot be written. */
static char *written(const char *data, size_t size, size_t *ret_size) {
  struct label_list list = {.count = 0};
  struct err e = {""};
  char *text = NULL;
  _cleanup_fuzz_file_ struct fuzz_file file = fuzz_file(data, size);
  mistakes = 0;
  int code = label_file_read(file.path, catalogue, on_mistake, &list, &e);
  MUST(code == 0 || mistakes || *e.text);
  FILE *out = open_memstream(&text, ret_size);
  if (code == 0) code = label_file_write(list.items, list.count, catalogue, out, &e);
  MUST(fclose(out) == 0);
  label_list_clear(&list);
  if (code == 0) return text;
  free(text);
  return NULL;
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  catalogue = sender_catalogue_new();
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  size_t once_size = 0, twice_size = 0;
  _cleanup_free_ char *once = written((const char *)data, size, &once_size);
  if (!once) return 0;
  _cleanup_free_ char *twice = written(once, once_size, &twice_size);
  MUST(twice && once_size == twice_size && !memcmp(once, twice, once_size));
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Target: any bytes as a map of senders. Each of its rows is found by its name. */
#include "fuzz/fuzz.h"
#include "sender/map.h"
#include "sender/sender.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct err e = {""};
  _cleanup_map_ struct map map = {.rows = NULL};
  _cleanup_fuzz_file_ struct fuzz_file file = fuzz_file(data, size);
  int code = map_read(file.path, &map, &e);
  MUST(code == 0 || *e.text);
  if (code < 0) return 0;
  _cleanup_sender_catalogue_ struct sender_catalogue *catalogue = sender_catalogue_new();
  MUST(lseek(file.fd, 0, SEEK_SET) == 0);
  MUST(sender_catalogue_add_map(catalogue, file.path, &e) == 0);
  for (size_t i = 0; i < map.count; i++) {
    MUST(*map.rows[i].domain && *map.rows[i].name && map.rows[i].type);
    MUST(sender_by_ptr(catalogue, map.rows[i].domain));
  }
  return 0;
}

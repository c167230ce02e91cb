/* SPDX-License-Identifier: Apache-2.0 */
#include "report/memory_file.h"

#include <stdlib.h>

#include "base/cleanup.h"

static int no_memory(struct err *e) { return err_set_errno(e, ERR_IO, "no memory for a page"); }

int memory_file_open(struct memory_file *m, struct err *e) {
  *m = (struct memory_file){0};
  m->file = open_memstream(&m->text, &m->size);
  return m->file ? 0 : no_memory(e);
}

int memory_file_close(struct memory_file *m, struct err *e) {
  if (!m->file) return 0;
  return fclose(TAKE_PTR(m->file)) ? no_memory(e) : 0;
}

void memory_file_clear(struct memory_file *m) {
  if (m->file) fclose(m->file);
  free(m->text);
  *m = (struct memory_file){0};
}

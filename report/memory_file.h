/* SPDX-License-Identifier: Apache-2.0 */
/* A page that is written before its place is reached. Private to report/. */
#ifndef REPORT_MEMORY_FILE_H
#define REPORT_MEMORY_FILE_H

#include <stdio.h>

#include "base/err.h"

struct memory_file {
  FILE *file; /* to write to; NULL: it is closed, or was never opened */
  char *text; /* once it is closed */
  size_t size;
};

/* 0 or ERR_IO. */
int memory_file_open(struct memory_file *m, struct err *e);
/* Its text is complete then. 0, also where it is not open; or ERR_IO. */
int memory_file_close(struct memory_file *m, struct err *e);
void memory_file_clear(struct memory_file *m); /* accepts a zeroed one */

#endif

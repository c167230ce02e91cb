/* SPDX-License-Identifier: Apache-2.0 */
/* report as files: one page alone, several in a file, or a folder of pages with an index; or a workbook. */
#ifndef REPORT_REPORT_FILES_H
#define REPORT_REPORT_FILES_H

#include "table/table.h"
#include "verdict/inquiry.h"

/* Fills an open file, which stays open. */
typedef int report_writer(void *writer, FILE *file, struct err *e);

struct report_files {
  enum table_format format; /* FORMAT_HTML, FORMAT_MARKDOWN or FORMAT_XLSX */
  bool in_folder;           /* a file for each domain, and an index; never of FORMAT_XLSX */
  const char *foot;         /* said below each page */
  /* Makes a file and has it filled: whole, or not at all. `name` is one for any file system, whatever the domain is
   * called ("example.com.html"); NULL: the only file there is. The code of `write` is passed on. */
  int (*put)(void *user, const char *name, report_writer *write, void *writer, struct err *e);
  void *user;
};

/* The domains of the inquiry, or all that its filter admits. A single domain gets its page, named or not, except in a
 * folder. Several share a file, up to REPORT_SHARED_PAGES; if there are more, the file has only the table, of at most
 * REPORT_FLEET_ROWS, as a folder's index has. Errors are those of judge_each and `put`. Memory: the pages that share a
 * file. */
#define REPORT_SHARED_PAGES 20  /* more make it long to read and slow to open */
#define REPORT_FLEET_ROWS 10000 /* a browser opens and sorts so many at once */
int report_files_write(const struct inquiry *q, const struct report_files *files, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Files of [sections] with lines KEY = VALUE, read by inih. inih silently cuts, joins and skips lines; here each line
 * means one thing, or it is a mistake. What sections and keys mean is up to the caller. */
#ifndef CMD_INI_FILE_H
#define CMD_INI_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"

/* Lines count from 1. Texts are valid UTF-8 without control characters but tabs, and live during the call only. */
struct ini_events {
  /* `name` NULL: a section begins, but its header was a mistake. */
  void (*section)(void *user, unsigned line, const char *name);
  void (*entry)(void *user, unsigned line, const char *key, const char *value);
  void (*mistake)(void *user, unsigned line, const char *text);
  void *user;
  bool is_data; /* it names nothing that is run: anybody may write it, it may be as large as 16 MiB, and "-" is
                   standard input */
};

/* Reads the file to its end whatever is in it. ERR_NOT_FOUND: there is none; ERR_IO: it cannot be read; ERR_LIMIT: it
 * is larger than 1 MiB, or 16 for data; ERR_USAGE: everybody may write it. The message begins with the path. */
int ini_file_read(const char *path, const struct ini_events *events, struct err *e);

/* The same of a file that is none of these: its text, or that of standard input for "-". */
int data_file_read(const char *path, struct strbuf *out, struct err *e);
/* Of one that is open, named `path`: no more than `most` bytes, whole MiB. ERR_IO or ERR_LIMIT. */
int data_file_take(FILE *file, const char *path, unsigned most, struct strbuf *out, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Formats error sentences into their fixed buffer; deciding what to do about them is the caller's. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *e, int code, const char *format, ...) {
  if (!e) return code;
  /* Through a copy, because the arguments may point into e->text. */
  char text[ERR_TEXT_BYTES];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  memcpy(e->text, text, sizeof text);
  return code;
}

/* ": tail" behind the n bytes of text, cut where the buffer ends. */
static void append(char text[ERR_TEXT_BYTES], size_t n, const char *tail) {
  if (n + 2 >= ERR_TEXT_BYTES) return;
  memcpy(text + n, ": ", 3);
  size_t room = ERR_TEXT_BYTES - n - 3, size = strlen(tail);
  if (size > room) size = room;
  memcpy(text + n + 2, tail, size);
  text[n + 2 + size] = '\0';
}

int err_prefix(struct err *e, int code, const char *format, ...) {
  if (!e) return code;
  char text[ERR_TEXT_BYTES];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (n >= 0) append(text, (size_t)n, e->text);
  memcpy(e->text, text, sizeof text);
  return code;
}

int err_set_errno(struct err *e, int code, const char *format, ...) {
  int saved = errno;
  if (!e) return code;
  char text[ERR_TEXT_BYTES];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (n >= 0) append(text, (size_t)n, strerror(saved));
  memcpy(e->text, text, sizeof text);
  return code;
}

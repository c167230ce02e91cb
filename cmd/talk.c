/* SPDX-License-Identifier: Apache-2.0 */
/* Lines on standard error. */
#include "talk.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "escape.h"
#include "mem.h"

static void say(const char *format, va_list args) {
  char *text = NULL;
  if (vasprintf(&text, format, args) < 0) return;
  struct strbuf line = STRBUF_INIT;
  escape_terminal(&line, text);
  fprintf(stderr, "dmarcctl: %s\n", strbuf_text(&line));
  strbuf_clear(&line);
  free(text);
}

void talk(const char *format, ...) {
  va_list args;
  va_start(args, format);
  say(format, args);
  va_end(args);
}

int talk_failure(int exit_code, const char *format, ...) {
  va_list args;
  va_start(args, format);
  say(format, args);
  va_end(args);
  return exit_code;
}

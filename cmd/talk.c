/* SPDX-License-Identifier: Apache-2.0 */
/* Lines on standard error. */
#include "cmd/talk.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "table/escape.h"

void talk_escape(struct strbuf *out, const char *text) {
  if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
    escape_terminal(out, text);
  else
    escape_ascii(out, text);
}

static void say(const char *format, va_list args) {
  char *text = NULL;
  if (vasprintf(&text, format, args) < 0) return;
  struct strbuf line = STRBUF_INIT;
  talk_escape(&line, text);
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

void talk_sentence(void *user, const char *sentence) {
  (void)user;
  talk("%s", sentence);
}

int talk_failure(int exit_code, const char *format, ...) {
  va_list args;
  va_start(args, format);
  say(format, args);
  va_end(args);
  return exit_code;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Breaks prose into lines. */
#include "cmd/page.h"

#include <string.h>

#include "base/mem.h"
#include "cmd/talk.h"

/* Where the terminal does not tell its width, or is too narrow to be read. */
#define USUAL_COLUMNS 100
#define LEAST_COLUMNS 40

void page_print_wrapped(const struct output *out, const char *text, unsigned indent) {
  _cleanup_strbuf_ struct strbuf safe = STRBUF_INIT;
  talk_escape(&safe, text);
  unsigned width = out->render.width > LEAST_COLUMNS ? out->render.width : USUAL_COLUMNS, column = 0;
  for (const char *word = strbuf_text(&safe); *word;) {
    size_t length = strcspn(word, " ");
    if (column && column + 1 + length > width) {
      fprintf(out->file, "\n%*s", (int)indent, "");
      column = indent;
    } else if (column) {
      fputc(' ', out->file);
      column++;
    }
    fwrite(word, 1, length, out->file);
    column += (unsigned)length;
    word += length + strspn(word + length, " ");
  }
  fputc('\n', out->file);
}

void page_print_headline(const struct output *out, const char *text) {
  if (out->render.colour) fputs("\x1b[1m", out->file);
  page_print_wrapped(out, text, 0);
  if (out->render.colour) fputs("\x1b[0m", out->file);
}

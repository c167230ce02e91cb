/* SPDX-License-Identifier: Apache-2.0 */
/* Prose of the pages that are not drawn by sections, broken into lines as theirs is. */
#include "cmd/page.h"

#include "table/document.h"

void page_print_wrapped(const struct output *out, const char *text, unsigned indent) {
  const struct document d = document_text(out->file, &out->render);
  document_text_wrap(&d, text, indent);
}

void page_print_headline(const struct output *out, const char *text) {
  const struct document d = document_text(out->file, &out->render);
  document_text_headline(&d, text);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Target: any bytes as a mail or mbox from a stream, twice in different chunks; both times the same must be
 * told of it. */
#include "fuzz/fuzz.h"
#include "intake/intake.h"

/* All that was told, as one text. */
static int take_document(void *user, const struct intake_document *document, struct byte_stream *in) {
  struct strbuf *told = user;
  strbuf_printf(told, "document %s %s\n", document->origin, document->name);
  char buffer[777];
  struct err e;
  ssize_t n;
  while ((n = in->read(in, buffer, sizeof buffer, &e)) > 0) strbuf_add(told, buffer, (size_t)n);
  if (n < 0) strbuf_add_text(told, e.text);
  return 0;
}

static int take_nothing(void *user, const struct intake_document *document, int code, const struct err *e) {
  if (code >= 0) abort();
  strbuf_printf(user, "nothing %s %d %s\n", document->origin, code, e->text);
  return 0;
}

static struct strbuf read_in_steps(const uint8_t *data, size_t size, size_t step) {
  static const struct intake_limits LIMITS = {
      .document_bytes = 1 << 20, .file_bytes = 4 << 20, .depth = 6, .entries = 64, .documents = 1000};
  struct strbuf told = STRBUF_INIT;
  const struct intake_events events = {take_document, take_nothing, &told};
  struct memory_stream in;
  memory_stream_init(&in, data, size, step);
  struct intake *intake = intake_new(&LIMITS);
  intake_open_stream(intake, "m", "", &in.stream, &events);
  intake_free(intake);
  return told;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct strbuf whole = read_in_steps(data, size, 0), pieces = read_in_steps(data, size, 5);
  if (!whole.length || whole.length != pieces.length || memcmp(whole.data, pieces.data, whole.length) != 0) abort();
  strbuf_clear(&whole);
  strbuf_clear(&pieces);
  return 0;
}

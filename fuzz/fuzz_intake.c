/* SPDX-License-Identifier: Apache-2.0 */
/* Target: any bytes as a file, through all containers down to the parser. */
#include "fuzz/fuzz.h"
#include "intake/intake.h"
#include "parser/parser.h"

struct reader {
  struct parser *parser;
  struct arena *arena;
};

static int take_record(void *user, struct feedback_record *record, struct err *e) {
  (void)user, (void)record, (void)e;
  return 0;
}
static struct arena *give_arena(void *user) { return ((struct reader *)user)->arena; }

static int take_document(void *user, const struct intake_document *document, struct byte_stream *in) {
  struct reader *r = user;
  const struct parser_events events = {take_record, give_arena, r};
  struct parser_outcome outcome = {.more = true};
  while (outcome.more) {
    struct err e = {""};
    parser_run(r->parser, &(struct parser_source){document->kind, in, document->charset}, r->arena, &events, &outcome,
               &e);
    arena_reset(r->arena);
  }
  return 0;
}
static int take_nothing(void *user, const struct intake_document *document, int code, const struct err *e) {
  (void)user, (void)document, (void)e;
  if (code >= 0) abort();
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const struct intake_limits LIMITS = {
      .document_bytes = 1 << 20, .file_bytes = 4 << 20, .depth = 4, .entries = 64, .documents = 1000};
  _cleanup_fuzz_file_ struct fuzz_file bytes = fuzz_file(data, size);
  struct intake_file file = {.path = bytes.path, .named = true};
  struct reader r = {parser_new(&PARSER_LIMITS_DEFAULT), arena_new(4096)};
  const struct intake_events events = {take_document, take_nothing, &r};
  struct intake *intake = intake_new(&LIMITS);
  intake_open_file(intake, &file, &events);
  intake_free(intake);
  parser_free(r.parser);
  arena_free(r.arena);
  return 0;
}

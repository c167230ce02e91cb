/* SPDX-License-Identifier: Apache-2.0 */
/* Target: any bytes as a document. Two readings in different chunks must tell the same. */
#include "fuzz/fuzz.h"
#include "parser/parser.h"

#define DOCUMENTS 8 /* in one stream */

static int take_record(void *user, struct feedback_record *record, struct err *e) {
  (void)e;
  strbuf_add((struct strbuf *)user, record->spelled, record->spelled_bytes);
  return 0;
}

static struct arena *records_arena;
static struct arena *give_arena(void *user) {
  (void)user;
  return records_arena;
}

/* Everything that a stream tells, as bytes. */
static void read_all(struct parser *p, const uint8_t *data, size_t size, size_t step, struct strbuf *ret) {
  struct memory_stream in;
  memory_stream_init(&in, data, size, step);
  const struct parser_events events = {take_record, give_arena, ret};
  struct parser_outcome outcome = {.more = true};
  records_arena = arena_new(4096);
  for (int i = 0; i < DOCUMENTS && outcome.more; i++) {
    struct err e = {""};
    int code = parser_run(p, &(struct parser_source){.kind = REPORT_AGGREGATE, .in = &in.stream}, records_arena,
                          &events, &outcome, &e);
    strbuf_printf(ret, "%d %s %s %llu", code, e.text, outcome.note, (unsigned long long)outcome.records);
    if (!code) strbuf_add(ret, (const char *)outcome.digest, sizeof outcome.digest);
    if (!code) strbuf_add(ret, (const char *)&outcome.header->flags, sizeof outcome.header->flags);
  }
  arena_free(records_arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  /* Low limits, so that short inputs reach them. */
  static const struct parser_limits LIMITS = {.records = 20,
                                              .depth = 16,
                                              .text_bytes = 64,
                                              .dkim_results = 4,
                                              .spf_results = 2,
                                              .reasons = 3,
                                              .prefix_bytes = 64};
  _cleanup_strbuf_ struct strbuf whole = STRBUF_INIT, pieces = STRBUF_INIT;
  struct parser *p = parser_new(&LIMITS);
  read_all(p, data, size, 0, &whole);
  parser_free(p);
  p = parser_new(&LIMITS);
  read_all(p, data, size, 1 + size % 7, &pieces);
  parser_free(p);
  if (whole.length != pieces.length || memcmp(whole.data, pieces.data, whole.length) != 0) abort();
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the parser share: documents written as text, and what was read of them as one text to be compared.
 */
#ifndef TESTS_PARSER_KIT_H
#define TESTS_PARSER_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the three above first */
#include <cmocka.h>
#include <iconv.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "parser/parser.h"

/* --- documents ---------------------------------------------------------------------------------------------------- */

#define METADATA                                                                                               \
  "<report_metadata><org_name>example.net</org_name><email>dmarc@example.net</email><report_id>r1</report_id>" \
  "<date_range><begin>1709251200</begin><end>1709337599</end></date_range></report_metadata>\n"
#define POLICY "<policy_published><domain>example.com</domain><p>none</p></policy_published>\n"
#define HEAD "<feedback>\n" METADATA POLICY
#define TAIL "</feedback>\n"
#define ROW(ip, count, evaluated) "<row><source_ip>" ip "</source_ip><count>" count "</count>" evaluated "</row>"
#define EVALUATED "<policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated>"
#define FROM(domain) "<identifiers><header_from>" domain "</header_from></identifiers>"
#define SPF(domain, result) "<spf><domain>" domain "</domain><result>" result "</result></spf>"
#define DKIM(domain, result) "<dkim><domain>" domain "</domain><result>" result "</result></dkim>"
#define RESULTS(list) "<auth_results>" list "</auth_results>"
#define RECORD(row, identifiers, results) "<record>" row identifiers results "</record>\n"
/* A record about one source, all else alike; and its line as `describe` has it. */
#define PLAIN(ip, count)                                 \
  RECORD(ROW(ip, count, EVALUATED), FROM("example.com"), \
         RESULTS(SPF("example.com", "pass") DKIM("example.com", "pass")))
#define PLAIN_LINE(ip, count)                                                              \
  ip " x" count                                                                            \
     " none dkim=pass spf=fail from=example.com mfrom=- to=- [dkim example.com - pass -] " \
     "[spf example.com - pass -] align=33 flags=\n"

/* --- reading them ------------------------------------------------------------------------------------------------- */

struct reading {
  struct arena *arena;
  const char *charset; /* said beside the document */
  struct strbuf text;  /* what was read, a line for the header and one for each record */
  struct parser_outcome outcome;
  struct err err;
  int code, record_code;
  uint32_t records_seen;
};

static inline void say(struct strbuf *b, const char *before, const char *text) {
  strbuf_printf(b, "%s%s", before, text ? text : "-");
}

static inline void say_word(struct strbuf *b, const char *before, struct word w) {
  say(b, before, w.text);
  if (w.raw) strbuf_printf(b, "(%s)", w.raw);
}

static inline void describe(struct strbuf *b, const struct feedback_record *r) {
  char buffer[256];
  strbuf_printf(b, "%s x%lld",
                r->source_ip.size ? ip_format(&r->source_ip, buffer)
                : r->source_text  ? r->source_text
                                  : "-",
                (long long)r->count);
  say_word(b, " ", r->disposition);
  say_word(b, " dkim=", r->dkim);
  say_word(b, " spf=", r->spf);
  say(b, " from=", r->header_from);
  say(b, " mfrom=", r->envelope_from);
  say(b, " to=", r->envelope_to);
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    say(b, a->method == AUTH_DKIM ? " [dkim " : " [spf ", a->domain);
    say(b, " ", a->method == AUTH_DKIM ? a->selector : a->scope);
    say_word(b, " ", a->result);
    say(b, " ", a->human_result);
    strbuf_add_text(b, "]");
  }
  for (uint32_t i = 0; i < r->reason_count; i++) {
    say(b, " {", r->reasons[i].type);
    say(b, ": ", r->reasons[i].comment);
    strbuf_add_text(b, "}");
  }
  strbuf_printf(b, " align=%d%d flags=%s\n", (int)r->dkim_alignment, (int)r->spf_alignment,
                record_flags_text(r->flags, buffer, sizeof buffer));
}

static inline void describe_header(struct strbuf *b, const struct feedback_header *h) {
  char buffer[512];
  const char *const texts[] = {h->schema,    h->version,         h->org_name,      h->email, h->extra_contact_info,
                               h->report_id, h->generator,       h->policy_domain, h->p,     h->sp,
                               h->np,        h->adkim,           h->aspf,          h->pct,   h->fo,
                               h->testing,   h->discovery_method};
  for (size_t i = 0; i < ARRAY_SIZE(texts); i++) say(b, i ? "|" : "", texts[i]);
  for (uint32_t i = 0; i < h->error_count; i++) say(b, "|!", h->errors[i]);
  strbuf_printf(b, "|%lld|%lld|%s\n", (long long)h->begin_s, (long long)h->end_s,
                feedback_flags_text(h->flags, buffer, sizeof buffer));
}

static inline int take_record(void *user, struct feedback_record *record, struct err *e) {
  struct reading *r = user;
  describe(&r->text, record);
  r->records_seen++;
  return r->record_code ? err_set(e, r->record_code, "stopped by the taker") : 0;
}
static inline struct arena *give_arena(void *user) { return ((struct reading *)user)->arena; }

static inline void forget(struct reading *r) {
  arena_free(r->arena);
  strbuf_clear(&r->text);
}
#define _cleanup_reading_ __attribute__((cleanup(forget)))

static inline void run(struct parser *p, struct byte_stream *in, struct reading *r) {
  const struct parser_events events = {take_record, give_arena, r};
  if (!r->arena) r->arena = arena_new(4096);
  strbuf_reset(&r->text);
  r->records_seen = 0;
  r->err.text[0] = '\0';
  const struct parser_source source = {REPORT_AGGREGATE, in, r->charset};
  r->code = parser_run(p, &source, r->arena, &events, &r->outcome, &r->err);
  if (r->outcome.header) describe_header(&r->text, r->outcome.header);
}

static inline struct reading read_limited(const char *data, size_t size, size_t step,
                                          const struct parser_limits *limits) {
  struct reading r = {0};
  struct memory_stream in;
  memory_stream_init(&in, data, size, step);
  struct parser *p = parser_new(limits);
  run(p, &in.stream, &r);
  parser_free(p);
  return r;
}
static inline struct reading read_bytes(const char *data, size_t size) {
  return read_limited(data, size, 0, &PARSER_LIMITS_DEFAULT);
}
static inline struct reading read_text(const char *document) { return read_bytes(document, strlen(document)); }
static inline struct reading read_under(const char *document, const struct parser_limits *limits) {
  return read_limited(document, strlen(document), 0, limits);
}
#define _cleanup_parser_ __attribute__((cleanup(free_parser)))
static inline void free_parser(struct parser **p) { parser_free(*p); }

static inline uint32_t header_flags(const struct reading *r) {
  return r->outcome.header ? r->outcome.header->flags : 0;
}

/* --- assertions --------------------------------------------------------------------------------------------------- */

static inline void expect_record(const char *record, const char *line) {
  _cleanup_free_ char *document = mem_printf(HEAD "%s" TAIL, record);
  _cleanup_reading_ struct reading r = read_text(document);
  if (r.code) fail_msg("%s", r.err.text);
  if (!strstr(r.text.data, "\n")) fail();
  *strchr(r.text.data, '\n') = '\0';
  assert_string_equal(r.text.data, line);
  assert_int_equal(r.outcome.records, 1);
}

static inline void expect_text(const char *document, const char *text) {
  _cleanup_reading_ struct reading r = read_text(document);
  if (r.code) fail_msg("%s", r.err.text);
  assert_string_equal(r.text.data, text);
}

static inline void expect_failure(const struct reading *r, int code, const char *text) {
  assert_int_equal(r->code, code);
  assert_string_equal(r->err.text, text);
}

/* The lines are among those read, in any order. */
static inline void expect_line(const struct reading *r, const char *line) {
  if (!strstr(strbuf_text(&r->text), line)) fail_msg("no \"%s\" in:\n%s", line, strbuf_text(&r->text));
}

static inline void expect_damage(const struct reading *r, const char *note) {
  if (r->code) fail_msg("%s", r->err.text);
  assert_true(header_flags(r) & FEEDBACK_DAMAGED);
  if (!strstr(r->outcome.note, note)) fail_msg("note \"%s\", not \"%s\"", r->outcome.note, note);
  assert_memory_equal(r->outcome.note, "line ", 5);
}

#define BARE_HEADER "-|-|example.net|dmarc@example.net|-|r1|-|example.com|none|-|-|-|-|-|-|-|-|1709251200|1709337599|"
#define LINE_1 PLAIN_LINE("192.0.2.1", "1")
#define BODY METADATA POLICY PLAIN("192.0.2.1", "1")

/* A record with these reasons for what the receiver did; and the beginning of one whose results follow. */
#define WITH_REASONS(reasons)                                                                                       \
  RECORD(ROW("192.0.2.1", "1", "<policy_evaluated><dkim>pass</dkim><spf>fail</spf>" reasons "</policy_evaluated>"), \
         FROM("example.com"), RESULTS(SPF("example.com", "fail")))
#define BEGIN "<record>" ROW("192.0.2.1", "1", EVALUATED) FROM("example.com")

/* --- making more of them ------------------------------------------------------------------------------------------ */

/* `text` n times. */
static inline char *repeated(const char *text, unsigned n) {
  struct strbuf b = STRBUF_INIT;
  strbuf_add_text(&b, "");
  for (unsigned i = 0; i < n; i++) strbuf_add_text(&b, text);
  return b.data;
}

/* A copy of the document without the `cut` bytes at `at`, `inserted` in their place. */
static inline char *altered(const char *document, size_t at, size_t cut, const char *inserted) {
  return mem_printf("%.*s%s%s", (int)at, document, inserted, document + at + cut);
}

/* `text` in another encoding, with `front` before it. */
static inline struct strbuf encoded(const char *front, size_t front_size, const char *encoding, const char *text) {
  struct strbuf b = STRBUF_INIT;
  strbuf_add(&b, front, front_size);
  char *from = (char *)(uintptr_t)text;
  size_t left = strlen(text), room = left * 4;
  _cleanup_free_ char *out = mem_alloc(room);
  char *to = out;
  iconv_t converter = iconv_open(encoding, "UTF-8");
  assert_true(converter != (iconv_t)-1);
  assert_int_equal(iconv(converter, &from, &left, &to, &room), 0);
  iconv_close(converter);
  strbuf_add(&b, out, (size_t)(to - out));
  return b;
}

static inline unsigned count_of(const char *text, const char *what) {
  unsigned n = 0;
  for (const char *p = strstr(text, what); p; p = strstr(p + 1, what)) n++;
  return n;
}

#endif

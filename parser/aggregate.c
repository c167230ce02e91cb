/* SPDX-License-Identifier: Apache-2.0 */
/* The life of an aggregate report: from the stream's first byte to what stands behind the document. */
#include "parser/aggregate.h"

#include <stdlib.h>
#include <string.h>

/* All texts of the header together may be this many times as long as one of them. */
#define TEXTS_A_HEADER 4

/* --- behind the document ------------------------------------------------------------------------------------------ */

/* Where another document begins in what stands behind a report: at a '<' that a name, "?" or "!" follows, with nothing
 * but blanks and a byte order mark in front. */
enum rest { REST_BLANK, REST_MARK, REST_DOCUMENT, REST_OTHER };

static enum rest look_at_rest(enum rest before, char c) {
  if (before == REST_MARK) {
    bool name_follows = c == '?' || c == '!' || c == '_' || ((c | 32) >= 'a' && (c | 32) <= 'z');
    return name_follows ? REST_DOCUMENT : REST_OTHER;
  }
  bool bom = c == '\xef' || c == '\xbb' || c == '\xbf';
  return c == '<' ? REST_MARK : is_blank(c) || bom ? REST_BLANK : REST_OTHER;
}

/* Reads on behind the report's end: so that a bad checksum of the container shows, and because archives have been
 * concatenated. Stops at the begin of another document. */
static void read_rest(struct aggregate_reader *a) {
  struct document *d = &a->document;
  char buffer[8192];
  enum rest rest = REST_BLANK;
  int n;
  while ((n = utf8_reader_read(a->utf8, buffer, sizeof buffer, &d->read)) > 0) {
    for (int i = 0; i < n && rest != REST_OTHER; i++) {
      rest = look_at_rest(rest, buffer[i]);
      if (rest != REST_DOCUMENT) continue;
      utf8_reader_unread(a->utf8, buffer + i, (size_t)(n - i));
      utf8_reader_unread(a->utf8, "<", 1);
      a->more = true;
      return;
    }
  }
  d->read_code = n;
}

/* --- one document ------------------------------------------------------------------------------------------------- */

static void begin_document(struct aggregate_reader *a, struct arena *header_arena, const struct parser_events *events) {
  a->document = (struct document){.events = events,
                                  .header = header_begin(a->header_builder, header_arena),
                                  .header_arena = header_arena,
                                  .continued = a->more};
  a->more = false;
  a->places[0] = S_OUTSIDE;
  strbuf_reset(&a->text);
  strbuf_reset(&a->held_text);
  digest_init(&a->digest);
}

/* The container broke: said first, since the markup's premature end only follows from it. */
static void blame_container(struct aggregate_reader *a) {
  struct document *d = &a->document;
  if (!d->finished) d->damaged = false;
  document_mark_damaged(a, document_line(a), d->read.text);
  if (!strncmp(d->note, "line 0: ", 8)) memmove(d->note, d->note + 8, strlen(d->note + 8) + 1);
}

static void settle_header(struct aggregate_reader *a) {
  const struct document *d = &a->document;
  struct feedback_header *h = d->header;
  header_finish(a->header_builder);
  if (!d->records) h->flags |= FEEDBACK_NO_RECORDS;
  namespaces_tell(d, h, d->header_arena);
  struct utf8_reader_facts facts = utf8_reader_facts(a->utf8);
  if (d->replaced) h->flags |= FEEDBACK_TEXT_REPLACED;
  if (facts.prefix_text && !d->continued) document_mark_damaged(a, 1, "text in front of the XML");
  if (d->damaged) h->flags |= FEEDBACK_DAMAGED;
  digest_header(&a->digest, h);
  digest_content(&a->digest, h, h->content);
}

static void read_document(struct aggregate_reader *a) {
  struct document *d = &a->document;
  markup_read(a);
  if (d->record.open && !d->stop_code) places_end_record(a, true);
  if (d->finished && !a->more && !d->stop_code) read_rest(a);
  if (d->stop_code || !d->found || (d->read_code < 0 && d->read_code != ERR_FORMAT)) return;
  if (d->read_code < 0) blame_container(a);
  settle_header(a);
}

/* --- the reader --------------------------------------------------------------------------------------------------- */

static int run(struct report_reader *reader, const struct parser_source *source, struct arena *header_arena,
               const struct parser_events *events, struct parser_outcome *ret, struct err *e) {
  struct aggregate_reader *a = (struct aggregate_reader *)reader;
  struct document *d = &a->document;
  begin_document(a, header_arena, events);
  uint64_t bytes_before = d->continued ? utf8_reader_facts(a->utf8).bytes : 0;
  int code = d->continued ? 0 : utf8_reader_open(a->utf8, source->in, source->charset, a->limits.prefix_bytes, e);
  if (code < 0) {
    *ret = (struct parser_outcome){.bytes = utf8_reader_facts(a->utf8).bytes};
    return code;
  }
  if (!d->continued) d->lines_before = utf8_reader_facts(a->utf8).prefix_lines;
  read_document(a);
  code = document_judge(d, e);
  /* That this one is no report says nothing of the next. */
  a->more = a->more && d->finished && !d->stop_code;
  *ret = (struct parser_outcome){.header = d->found ? d->header : NULL,
                                 .records = d->records,
                                 .messages = d->messages,
                                 .bytes = utf8_reader_facts(a->utf8).bytes - bytes_before,
                                 .more = a->more};
  if (!code && d->damaged) memcpy(ret->note, d->note, sizeof ret->note);
  digest_finish(&a->digest, ret->digest);
  return code;
}

static bool peek(const struct report_reader *reader, struct parser_outcome *ret) {
  const struct document *d = &((const struct aggregate_reader *)reader)->document;
  const struct feedback_header *h = d->header;
  if (!d->found || d->damaged || !h->policy_domain || !h->report_id) return false;
  if (h->begin_s == FEEDBACK_TIME_UNKNOWN || h->end_s == FEEDBACK_TIME_UNKNOWN) return false;
  ret->header = d->header;
  return true;
}

static void free_reader(struct report_reader *reader) {
  struct aggregate_reader *a = (struct aggregate_reader *)reader;
  if (a->xml) xmlFreeParserCtxt(a->xml);
  utf8_reader_free(a->utf8);
  organization_cache_free(a->organizations);
  record_builder_free(a->record_builder);
  free(a->places);
  free(a->elements);
  header_builder_free(a->header_builder);
  strbuf_clear(&a->text);
  strbuf_clear(&a->spelled);
  strbuf_clear(&a->held_text);
  free(a);
}

struct report_reader *aggregate_reader_new(const struct parser_limits *limits) {
  struct aggregate_reader *a = mem_zalloc(sizeof *a);
  a->reader = (struct report_reader){.run = run, .peek = peek, .free = free_reader};
  a->limits = *limits;
  a->utf8 = utf8_reader_new();
  a->organizations = organization_cache_new();
  a->header_builder = header_builder_new(limits->reasons, (size_t)limits->text_bytes * TEXTS_A_HEADER);
  a->record_builder = record_builder_new(limits, a->organizations);
  a->places = mem_alloc((size_t)limits->depth + 1);
  a->elements = mem_alloc((size_t)limits->depth + 1);
  strbuf_add(&a->text, "", 0); /* from now on there is a text, perhaps an empty one */
  markup_renew(a);
  return &a->reader;
}

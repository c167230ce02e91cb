/* SPDX-License-Identifier: Apache-2.0 */
/* Builds one record from its fields: first row wins, all results count, empties and exact repeats are dropped. */
#include "parser/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/domain.h"
#include "base/number.h"
#include "base/utf8.h"
#include "base/vocabulary.h"

/* All texts of a record together may be this many times as long as one of them: real ones stay below 10 KiB, and many
 * records are held at a time. */
#define TEXTS_A_RECORD 4

struct record_builder {
  uint32_t most_results, most_reasons, most_text_bytes;
  struct arena *arena;
  struct feedback_record *record;
  uint32_t rows, result_sections;
  bool source_seen, count_seen;
  const char *disposition, *dkim, *spf; /* as they came */
  struct auth_result *results;
  uint32_t result_count, results_capacity;
  struct override_reason *reasons;
  uint32_t reason_count, reasons_capacity;
  struct strbuf reason_text;
  size_t kept_bytes; /* of texts */
  bool in_reason, reason_cut, in_result;
};

struct record_builder *record_builder_new(uint32_t most_results, uint32_t most_reasons, uint32_t most_text_bytes) {
  struct record_builder *b = mem_zalloc(sizeof *b);
  b->most_results = most_results;
  b->most_reasons = most_reasons;
  b->most_text_bytes = most_text_bytes;
  return b;
}

void record_builder_free(struct record_builder *b) {
  if (!b) return;
  free(b->results);
  free(b->reasons);
  strbuf_clear(&b->reason_text);
  free(b);
}

void record_begin(struct record_builder *b, struct arena *arena) {
  b->arena = arena;
  b->record = arena_alloc(arena, sizeof *b->record);
  *b->record = (struct feedback_record){.count = FEEDBACK_COUNT_UNKNOWN};
  b->rows = b->result_sections = b->result_count = b->reason_count = 0;
  b->source_seen = b->count_seen = b->in_reason = b->in_result = false;
  b->kept_bytes = 0;
  b->disposition = b->dkim = b->spf = NULL;
  strbuf_reset(&b->reason_text);
}

void record_flag(struct record_builder *b, uint32_t flags) { b->record->flags |= flags; }

static void open_result(struct record_builder *b, enum auth_method method) {
  b->in_result = b->result_count < b->most_results;
  if (!b->in_result) {
    record_flag(b, RECORD_TEXT_CUT);
    return;
  }
  MEM_GROW(b->results, b->results_capacity, b->result_count);
  b->results[b->result_count++] = (struct auth_result){.method = method};
}

static void open_reason(struct record_builder *b) {
  record_close_reason(b); /* one that lost its end tag */
  strbuf_reset(&b->reason_text);
  b->reason_cut = false;
  b->in_reason = b->rows <= 1 && b->reason_count < b->most_reasons;
  if (b->reason_count >= b->most_reasons) record_flag(b, RECORD_TEXT_CUT);
  if (!b->in_reason) return;
  MEM_GROW(b->reasons, b->reasons_capacity, b->reason_count);
  b->reasons[b->reason_count++] = (struct override_reason){0};
}

void record_open(struct record_builder *b, enum place place) {
  switch (place) {
    case S_ROW:
      if (b->rows++) record_flag(b, RECORD_ROW_REPEATED);
      break;
    case S_RESULTS:
      if (b->result_sections++) record_flag(b, RECORD_ROW_REPEATED);
      break;
    case S_DKIM:
      open_result(b, AUTH_DKIM);
      break;
    case S_SPF:
      open_result(b, AUTH_SPF);
      break;
    case S_REASON:
      open_reason(b);
      break;
    default:
      break;
  }
}

bool record_has(const struct record_builder *b, enum place place) {
  if (place == S_ROW) return b->rows;
  if (place == S_RESULTS) return b->result_sections;
  return place == S_IDENTIFIERS && b->record->header_from;
}

/* A copy in the arena; NULL where there is no text, or no room for it any more. */
static char *keep(struct record_builder *b, const char *text, size_t size) {
  if (!size) return NULL;
  if (b->kept_bytes + size > (size_t)b->most_text_bytes * TEXTS_A_RECORD) {
    record_flag(b, RECORD_TEXT_CUT);
    return NULL;
  }
  b->kept_bytes += size;
  return arena_strndup(b->arena, text, size);
}

static const char *keep_domain(struct record_builder *b, const char *text, size_t size) {
  char *copy = keep(b, text, size);
  return copy && domain_normalise(copy) ? copy : NULL;
}

static void set_source(struct record_builder *b, const char *text, size_t size) {
  if (b->source_seen) return;
  b->source_seen = true;
  char address[IP_TEXT_BYTES];
  if (size && size < sizeof address) {
    memcpy(address, text, size);
    address[size] = '\0';
    if (ip_parse(address, &b->record->source_ip)) return;
  }
  b->record->source_text = keep(b, text, size);
}

static void set_count(struct record_builder *b, const char *text, size_t size) {
  if (b->count_seen) return;
  b->count_seen = true;
  char digits[24];
  if (size >= sizeof digits) return;
  memcpy(digits, text, size);
  digits[size] = '\0';
  int64_t count;
  /* More messages than this cannot be counted by anybody in a day, and sums of a billion such records still fit. */
  if (number_parse(digits, INT64_C(1000000000), &count)) b->record->count = count;
}

/* The fields of a repeated row are left aside: the first counts. */
static void set_row_field(struct record_builder *b, enum place field, const char *text, size_t size) {
  if (b->rows > 1) return;
  const char **once = field == F_DISPOSITION ? &b->disposition : field == F_EVALUATED_DKIM ? &b->dkim : &b->spf;
  if (field == F_SOURCE_IP) {
    set_source(b, text, size);
  } else if (field == F_COUNT) {
    set_count(b, text, size);
  } else if (!*once) {
    *once = keep(b, text, size);
  }
}

static void set_reason_field(struct record_builder *b, enum place field, const char *text, size_t size) {
  if (!b->in_reason || !size) return;
  struct override_reason *r = &b->reasons[b->reason_count - 1];
  if (field == F_REASON_COMMENT) {
    if (!r->comment) r->comment = keep(b, text, size);
  } else if (!r->type) {
    r->type = vocabulary_word(VOCABULARY_REASON, keep(b, text, size)).text;
  }
}

/* As everywhere, the first value counts. */
static void set_result_field(struct record_builder *b, enum place field, const char *text, size_t size) {
  if (!b->in_result || !size) return;
  struct auth_result *r = &b->results[b->result_count - 1];
  switch (field) {
    case F_RESULT_DOMAIN:
      if (!r->domain) r->domain = keep_domain(b, text, size);
      break;
    case F_RESULT_SELECTOR:
      if (!r->selector) r->selector = keep(b, text, size);
      break;
    case F_RESULT_SCOPE:
      if (!r->scope) r->scope = vocabulary_word(VOCABULARY_SPF_SCOPE, keep(b, text, size)).text;
      break;
    case F_RESULT_RESULT:
      if (r->result.text) break;
      r->result =
          vocabulary_word(r->method == AUTH_DKIM ? VOCABULARY_DKIM_RESULT : VOCABULARY_SPF_RESULT, keep(b, text, size));
      break;
    case F_RESULT_HUMAN:
      if (!r->human_result) r->human_result = keep(b, text, size);
      break;
    default:
      break;
  }
}

void record_set_field(struct record_builder *b, enum place field, const char *text, size_t size) {
  struct feedback_record *r = b->record;
  switch (field) {
    case F_SOURCE_IP:
    case F_COUNT:
    case F_DISPOSITION:
    case F_EVALUATED_DKIM:
    case F_EVALUATED_SPF:
      set_row_field(b, field, text, size);
      break;
    case F_REASON_TYPE:
    case F_REASON_COMMENT:
      set_reason_field(b, field, text, size);
      break;
    case F_HEADER_FROM:
      if (!r->header_from) r->header_from = keep_domain(b, text, size);
      break;
    case F_ENVELOPE_FROM:
      if (!r->envelope_from) r->envelope_from = keep_domain(b, text, size);
      break;
    case F_ENVELOPE_TO:
      if (!r->envelope_to) r->envelope_to = keep_domain(b, text, size);
      break;
    default:
      set_result_field(b, field, text, size);
      break;
  }
}

void record_add_reason_text(struct record_builder *b, const char *text, size_t size) {
  if (!b->in_reason || b->reason_cut) return;
  /* Indentation between the children is no text. */
  size_t begin = strspn(text, " \t\r\n");
  if (b->reason_text.length == 0) {
    if (begin >= size) return;
    text += begin;
    size -= begin;
  }
  size_t fitting = utf8_fitting(text, size, b->most_text_bytes - b->reason_text.length);
  strbuf_add(&b->reason_text, text, fitting);
  if (fitting == size) return;
  record_flag(b, RECORD_TEXT_CUT);
  b->reason_cut = true;
}

void record_close_reason(struct record_builder *b) {
  if (!b->in_reason) return;
  b->in_reason = false;
  struct override_reason *r = &b->reasons[b->reason_count - 1];
  size_t size = b->reason_text.length;
  while (size && strchr(" \t\r\n", b->reason_text.data[size - 1])) size--;
  if (!r->type && size) {
    const char *text = keep(b, b->reason_text.data, size);
    r->type = vocabulary_word(VOCABULARY_REASON, text).text;
  }
  if (!r->type) r->type = "other";
}

static bool same_text(const char *a, const char *b) { return a == b || (a && b && !strcmp(a, b)); }

static bool same_result(const struct auth_result *a, const struct auth_result *b) {
  return a->method == b->method && same_text(a->domain, b->domain) && same_text(a->selector, b->selector) &&
         same_text(a->scope, b->scope) && same_text(a->result.text, b->result.text) &&
         same_text(a->human_result, b->human_result);
}

static bool is_empty(const struct auth_result *r) {
  return !r->domain && !r->selector && !r->scope && !r->result.text && !r->human_result;
}

static bool stands_before(const struct auth_result *list, uint32_t n, const struct auth_result *r) {
  for (uint32_t i = 0; i < n; i++)
    if (same_result(&list[i], r)) return true;
  return false;
}

/* DKIM first, then SPF, without empties and exact repeats. */
static void settle_results(struct record_builder *b) {
  struct feedback_record *r = b->record;
  if (!b->result_count) return;
  r->results = arena_alloc(b->arena, b->result_count * sizeof *r->results);
  for (int method = AUTH_DKIM; method <= AUTH_SPF; method++)
    for (uint32_t i = 0; i < b->result_count; i++) {
      const struct auth_result *a = &b->results[i];
      if ((int)a->method != method || is_empty(a) || stands_before(r->results, r->result_count, a)) continue;
      r->results[r->result_count++] = *a;
    }
}

static void settle_reasons(struct record_builder *b) {
  if (b->in_reason) record_close_reason(b);
  if (!b->reason_count) return;
  b->record->reasons = arena_alloc(b->arena, b->reason_count * sizeof *b->reasons);
  memcpy(b->record->reasons, b->reasons, b->reason_count * sizeof *b->reasons);
  b->record->reason_count = b->reason_count;
}

struct feedback_record *record_finish(struct record_builder *b) {
  struct feedback_record *r = b->record;
  if ((r->flags & RECORD_UNFINISHED) && !b->source_seen && !b->count_seen && !r->header_from) return NULL;
  r->disposition = vocabulary_word(VOCABULARY_DISPOSITION, b->disposition);
  r->dkim = vocabulary_word(VOCABULARY_EVALUATION, b->dkim);
  r->spf = vocabulary_word(VOCABULARY_EVALUATION, b->spf);
  settle_results(b);
  settle_reasons(b);
  if (r->count == FEEDBACK_COUNT_UNKNOWN) r->flags |= RECORD_COUNT_UNREADABLE;
  if (!r->source_ip.size) r->flags |= RECORD_SOURCE_UNREADABLE;
  if (!r->header_from || !domain_is_plausible(r->header_from)) r->flags |= RECORD_HEADER_FROM_ODD;
  if (!r->dkim.text && !r->spf.text) r->flags |= RECORD_NOT_EVALUATED;
  return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Builds one record from its fields: first row wins, all results count, empties and exact repeats are dropped. Where
 * there are more results than are kept, those that decide alignment are kept first. */
#include "parser/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/domain.h"
#include "base/number.h"
#include "base/utf8.h"
#include "base/vocabulary.h"

/* All texts of a record together may be this many times as long as one of them: real ones stay below 10 KiB, and many
 * records are held at a time. */
#define TEXTS_A_RECORD 4
/* What people wrote takes so many of these at most, and leaves the rest to what counts. */
#define PROSE_A_RECORD 2
#define SPARE_BYTES 4096

/* The results of one mechanism, in document order. */
struct result_list {
  uint32_t most;
  struct auth_result *items;
  uint32_t count, capacity;
  uint8_t *worth; /* of each item, once there are more than are kept */
  bool weighed;
};

struct record_builder {
  uint32_t most_reasons, most_text_bytes;
  struct organization_cache *organizations;
  struct arena *arena;
  const struct feedback_header *header;
  struct feedback_record *record;
  uint32_t rows, result_sections;
  bool results_open; /* <auth_results> began, and has not ended as it began */
  bool source_seen, count_seen;
  const char *disposition, *dkim, *spf; /* as they came */
  struct result_list results[2];        /* by method */
  struct auth_result result;            /* the one being read */
  bool in_result, beyond;               /* one is; its list is full, and its texts are in the spare arena */
  struct arena *spare;
  struct override_reason *reasons;
  uint32_t reason_count, reasons_capacity;
  struct strbuf reason_text;
  size_t kept_bytes; /* of texts */
  bool in_reason, reason_cut;
};

struct record_builder *record_builder_new(const struct parser_limits *limits,
                                          struct organization_cache *organizations) {
  struct record_builder *b = mem_zalloc(sizeof *b);
  b->most_reasons = limits->reasons;
  b->most_text_bytes = limits->text_bytes;
  b->organizations = organizations;
  b->results[AUTH_DKIM].most = limits->dkim_results;
  b->results[AUTH_SPF].most = limits->spf_results;
  return b;
}

void record_builder_free(struct record_builder *b) {
  if (!b) return;
  for (int method = AUTH_DKIM; method <= AUTH_SPF; method++) {
    free(b->results[method].items);
    free(b->results[method].worth);
  }
  arena_free(b->spare);
  free(b->reasons);
  strbuf_clear(&b->reason_text);
  free(b);
}

void record_begin(struct record_builder *b, struct arena *arena, const struct feedback_header *header) {
  b->arena = arena;
  b->header = header;
  b->record = arena_alloc(arena, sizeof *b->record);
  *b->record = (struct feedback_record){.count = FEEDBACK_COUNT_UNKNOWN};
  b->rows = b->result_sections = b->reason_count = 0;
  for (int method = AUTH_DKIM; method <= AUTH_SPF; method++) {
    b->results[method].count = 0;
    b->results[method].weighed = false;
  }
  b->source_seen = b->count_seen = b->in_reason = b->in_result = b->results_open = false;
  b->kept_bytes = 0;
  b->disposition = b->dkim = b->spf = NULL;
  strbuf_reset(&b->reason_text);
}

void record_flag(struct record_builder *b, uint32_t flags) { b->record->flags |= flags; }

/* A copy in the arena; NULL where there is no text, or no room for it any more. */
static char *keep_within(struct record_builder *b, const char *text, size_t size, size_t most_bytes) {
  if (!size) return NULL;
  if (b->kept_bytes + size > most_bytes) {
    record_flag(b, RECORD_TEXT_CUT);
    return NULL;
  }
  b->kept_bytes += size;
  return arena_strndup(b->arena, text, size);
}

static char *keep(struct record_builder *b, const char *text, size_t size) {
  return keep_within(b, text, size, (size_t)b->most_text_bytes * TEXTS_A_RECORD);
}

static char *keep_prose(struct record_builder *b, const char *text, size_t size) {
  return keep_within(b, text, size, (size_t)b->most_text_bytes * PROSE_A_RECORD);
}

/* --- results ------------------------------------------------------------------------------------------------------ */

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

static void mark_cut(struct record_builder *b, enum auth_method method) {
  record_flag(b, method == AUTH_DKIM ? RECORD_DKIM_CUT : RECORD_SPF_CUT);
}

/* What a result may prove: nothing, or how close a pass comes to header_from, as far as that was read. */
static uint8_t worth_of(struct record_builder *b, const struct auth_result *r) {
  const char *header_from = b->record->header_from;
  if (!is_word(r->result.text, "pass") || !r->domain) return 0;
  if (!header_from || alignment_is_helo(r)) return ALIGNMENT_NONE;
  const char *walked = alignment_walked(b->header->discovery_method, b->header->policy_domain);
  return (uint8_t)alignment_grade(b->organizations, domain_of_address(r->domain), domain_of_address(header_from),
                                  walked);
}

static void weigh(struct record_builder *b, struct result_list *list) {
  if (list->weighed) return;
  if (!list->worth) list->worth = mem_alloc(list->most);
  for (uint32_t i = 0; i < list->count; i++) list->worth[i] = worth_of(b, &list->items[i]);
  list->weighed = true;
}

static const char *keep_spare(struct record_builder *b, const char *text) {
  return text ? keep(b, text, strlen(text)) : NULL;
}

/* Texts of the spare arena move to where the record's are. False where there is no room for what counts. */
static bool move_in(struct record_builder *b, struct auth_result *r) {
  const struct auth_result from = *r;
  *r = (struct auth_result){
      from.method,
      keep_spare(b, from.domain),
      keep_spare(b, from.selector),
      keep_spare(b, from.scope),
      {keep_spare(b, from.result.text), keep_spare(b, from.result.raw)},
      from.human_result ? keep_prose(b, from.human_result, strlen(from.human_result)) : NULL,
  };
  return !from.domain == !r->domain && !from.selector == !r->selector && !from.scope == !r->scope && r->result.text;
}

/* A result more than are kept takes the place of the last of those that prove least, if these prove less. */
static void take_beyond(struct record_builder *b, struct result_list *list, struct auth_result *r) {
  mark_cut(b, r->method);
  uint8_t worth = worth_of(b, r);
  if (!worth) return;
  weigh(b, list);
  uint32_t least = list->count - 1;
  for (uint32_t i = least; i-- > 0;)
    if (list->worth[i] < list->worth[least]) least = i;
  if (list->worth[least] >= worth || !move_in(b, r)) return;
  size_t behind = list->count - 1 - least;
  memmove(list->items + least, list->items + least + 1, behind * sizeof *list->items);
  memmove(list->worth + least, list->worth + least + 1, behind);
  list->items[list->count - 1] = *r;
  list->worth[list->count - 1] = worth;
}

/* Empties and exact repeats say nothing. */
static void close_result(struct record_builder *b) {
  if (!b->in_result) return;
  b->in_result = false;
  struct result_list *list = &b->results[b->result.method];
  if (is_empty(&b->result) || stands_before(list->items, list->count, &b->result)) return;
  if (b->beyond) {
    take_beyond(b, list, &b->result);
    return;
  }
  MEM_GROW(list->items, list->capacity, list->count);
  list->items[list->count++] = b->result;
}

static void open_result(struct record_builder *b, enum auth_method method) {
  close_result(b);
  b->result = (struct auth_result){.method = method};
  b->in_result = true;
  b->beyond = b->results[method].count >= b->results[method].most;
  if (!b->beyond) return;
  if (b->spare)
    arena_reset(b->spare);
  else
    b->spare = arena_new(SPARE_BYTES);
}

/* Of a result that is only looked at, the record keeps nothing yet. */
static char *keep_of_result(struct record_builder *b, const char *text, size_t size) {
  if (b->beyond) return arena_strndup(b->spare, text, size);
  char *copy = keep(b, text, size);
  if (!copy) mark_cut(b, b->result.method);
  return copy;
}

static const char *keep_domain_of_result(struct record_builder *b, const char *text, size_t size) {
  char *copy = keep_of_result(b, text, size);
  _cleanup_free_ char *spelled = copy ? domain_spell(copy) : NULL;
  if (spelled) return keep_of_result(b, spelled, strlen(spelled));
  return copy && *copy ? copy : NULL;
}

/* As everywhere, the first value counts. */
static void set_result_field(struct record_builder *b, enum place field, const char *text, size_t size) {
  if (!b->in_result || !size) return;
  struct auth_result *r = &b->result;
  switch (field) {
    case F_RESULT_DOMAIN:
      if (!r->domain) r->domain = keep_domain_of_result(b, text, size);
      break;
    case F_RESULT_SELECTOR:
      if (!r->selector) r->selector = keep_of_result(b, text, size);
      break;
    case F_RESULT_SCOPE:
      if (!r->scope) r->scope = vocabulary_word(VOCABULARY_SPF_SCOPE, keep_of_result(b, text, size)).text;
      break;
    case F_RESULT_RESULT:
      if (r->result.text) break;
      r->result = vocabulary_word(r->method == AUTH_DKIM ? VOCABULARY_DKIM_RESULT : VOCABULARY_SPF_RESULT,
                                  keep_of_result(b, text, size));
      break;
    case F_RESULT_HUMAN:
      if (r->human_result) break;
      r->human_result = b->beyond ? arena_strndup(b->spare, text, size) : keep_prose(b, text, size);
      break;
    default:
      break;
  }
}

/* --- reasons ------------------------------------------------------------------------------------------------------ */

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

void record_break_results(struct record_builder *b) {
  if (b->results_open) record_flag(b, RECORD_DKIM_CUT | RECORD_SPF_CUT);
}

void record_close(struct record_builder *b, enum place place) {
  if (place == S_RESULTS) b->results_open = false;
}

void record_open(struct record_builder *b, enum place place) {
  switch (place) {
    case S_ROW:
      if (b->rows++) record_flag(b, RECORD_ROW_REPEATED);
      break;
    case S_RESULTS:
      if (b->result_sections++) record_flag(b, RECORD_ROW_REPEATED);
      record_break_results(b);
      b->results_open = true;
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

static const char *keep_domain(struct record_builder *b, const char *text, size_t size) {
  char *copy = keep(b, text, size);
  _cleanup_free_ char *spelled = copy ? domain_spell(copy) : NULL;
  if (spelled) return keep(b, spelled, strlen(spelled));
  return copy && *copy ? copy : NULL;
}

/* An empty one says something: mail with the null reverse-path, "<>" (RFC 5321 4.5.5), a bounce. */
static void set_envelope_from(struct record_builder *b, const char *text, size_t size) {
  const char **envelope_from = &b->record->envelope_from;
  if (*envelope_from && **envelope_from) return;
  bool null_path = !size || (size == 2 && !memcmp(text, "<>", 2));
  if (null_path)
    *envelope_from = "";
  else
    *envelope_from = keep_domain(b, text, size);
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
    if (!r->comment) r->comment = keep_prose(b, text, size);
  } else if (!r->type) {
    r->type = vocabulary_word(VOCABULARY_REASON, keep_prose(b, text, size)).text;
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
      set_envelope_from(b, text, size);
      break;
    case F_ENVELOPE_TO:
      if (!r->envelope_to) r->envelope_to = keep_domain(b, text, size);
      break;
    default:
      set_result_field(b, field, text, size);
      break;
  }
}

void record_lose_field(struct record_builder *b, enum place field) {
  switch (field) {
    case F_RESULT_DOMAIN:
    case F_RESULT_SELECTOR:
    case F_RESULT_SCOPE:
    case F_RESULT_RESULT:
      if (b->in_result) mark_cut(b, b->result.method);
      break;
    case F_ENVELOPE_FROM: /* an empty one would say something */
      break;
    default:
      record_set_field(b, field, "", 0);
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
    const char *text = keep_prose(b, b->reason_text.data, size);
    r->type = vocabulary_word(VOCABULARY_REASON, text).text;
  }
  if (!r->type) r->type = "other";
}

/* DKIM first, then SPF. */
static void settle_results(struct record_builder *b) {
  struct feedback_record *r = b->record;
  close_result(b);
  record_break_results(b);
  const struct result_list *dkim = &b->results[AUTH_DKIM], *spf = &b->results[AUTH_SPF];
  r->result_count = dkim->count + spf->count;
  if (!r->result_count) return;
  r->results = arena_alloc(b->arena, r->result_count * sizeof *r->results);
  if (dkim->count) memcpy(r->results, dkim->items, dkim->count * sizeof *dkim->items);
  if (spf->count) memcpy(r->results + dkim->count, spf->items, spf->count * sizeof *spf->items);
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

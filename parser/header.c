/* SPDX-License-Identifier: Apache-2.0 */
/* Builds the header of a report: what it is called, whom it is about, what policy was seen. */
#include "parser/header.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/domain.h"
#include "base/vocabulary.h"
#include "parser/report_time.h"

struct header_builder {
  uint32_t most_errors;
  size_t most_bytes, bytes;
  struct arena *arena;
  struct feedback_header *header;
  const char **errors;
  uint32_t error_count, errors_capacity;
  const char *dropped; /* what the field at hand could not be kept for */
};

struct header_builder *header_builder_new(uint32_t most_errors, size_t most_bytes) {
  struct header_builder *b = mem_zalloc(sizeof *b);
  b->most_errors = most_errors;
  b->most_bytes = most_bytes;
  return b;
}

void header_builder_free(struct header_builder *b) {
  if (!b) return;
  free(b->errors);
  free(b);
}

struct feedback_header *header_begin(struct header_builder *b, struct arena *arena) {
  b->arena = arena;
  b->bytes = 0;
  b->error_count = 0;
  b->header = arena_alloc(arena, sizeof *b->header);
  *b->header = (struct feedback_header){.begin_s = FEEDBACK_TIME_UNKNOWN, .end_s = FEEDBACK_TIME_UNKNOWN};
  return b->header;
}

/* A copy in the header's arena; NULL where there is no room for it any more. */
static char *keep(struct header_builder *b, const char *text, size_t size) {
  if (b->bytes + size > b->most_bytes) {
    b->dropped = "the texts of the header are longer than their limit";
    return NULL;
  }
  b->bytes += size;
  return arena_strndup(b->arena, text, size);
}

/* The header's first value counts: a report that names two domains is about the first. */
static void set_once(struct header_builder *b, const char **field, const char *text) {
  if (!*field) *field = keep(b, text, strlen(text));
}

static void set_domain(struct header_builder *b, const char **field, char *text) {
  _cleanup_free_ char *spelled = domain_spell(text);
  if (*text) set_once(b, field, spelled ? spelled : text);
}

static void set_word(struct header_builder *b, const char **field, enum vocabulary v, const char *text) {
  if (!*field) *field = vocabulary_word(v, keep(b, text, strlen(text))).text;
}

static void set_time(int64_t *field, enum report_time_edge edge, const char *text) {
  if (*field == FEEDBACK_TIME_UNKNOWN) report_time_parse(text, edge, field);
}

static void add_error(struct header_builder *b, const char *text) {
  if (b->error_count >= b->most_errors) {
    b->dropped = "more errors in report_metadata than are kept";
    return;
  }
  const char *copy = keep(b, text, strlen(text));
  if (!copy) return;
  MEM_GROW(b->errors, b->errors_capacity, b->error_count);
  b->errors[b->error_count++] = copy;
}

/* Of version and report_metadata. */
static void set_metadata(struct header_builder *b, enum place field, const char *text) {
  struct feedback_header *h = b->header;
  switch (field) {
    case F_VERSION:
      set_once(b, &h->version, text);
      break;
    case F_ORG_NAME:
      set_once(b, &h->org_name, text);
      break;
    case F_EMAIL:
      set_once(b, &h->email, text);
      break;
    case F_EXTRA_CONTACT_INFO:
      set_once(b, &h->extra_contact_info, text);
      break;
    case F_REPORT_ID:
      set_once(b, &h->report_id, text);
      break;
    case F_GENERATOR:
      set_once(b, &h->generator, text);
      break;
    case F_ERROR:
      add_error(b, text);
      break;
    case F_BEGIN:
      set_time(&h->begin_s, REPORT_TIME_BEGIN, text);
      break;
    case F_END:
      set_time(&h->end_s, REPORT_TIME_END, text);
      break;
    default:
      break;
  }
}

/* Of policy_published. */
static void set_policy(struct header_builder *b, enum place field, char *text) {
  struct feedback_header *h = b->header;
  switch (field) {
    case F_POLICY_DOMAIN:
      set_domain(b, &h->policy_domain, text);
      break;
    case F_ADKIM:
      set_word(b, &h->adkim, VOCABULARY_ALIGNMENT, text);
      break;
    case F_ASPF:
      set_word(b, &h->aspf, VOCABULARY_ALIGNMENT, text);
      break;
    case F_P:
      set_word(b, &h->p, VOCABULARY_POLICY, text);
      break;
    case F_SP:
      set_word(b, &h->sp, VOCABULARY_POLICY, text);
      break;
    case F_NP:
      set_word(b, &h->np, VOCABULARY_POLICY, text);
      break;
    case F_PCT:
      set_once(b, &h->pct, text);
      break;
    case F_FO:
      set_once(b, &h->fo, text);
      break;
    case F_TESTING:
      set_word(b, &h->testing, VOCABULARY_TESTING, text);
      break;
    case F_DISCOVERY_METHOD:
      set_word(b, &h->discovery_method, VOCABULARY_DISCOVERY, text);
      break;
    default:
      break;
  }
}

const char *header_set_field(struct header_builder *b, enum place field, char *text) {
  b->dropped = NULL;
  if (field < F_POLICY_DOMAIN)
    set_metadata(b, field, text);
  else
    set_policy(b, field, text);
  return b->dropped;
}

void header_set_schema(struct header_builder *b, const char *uri) { set_once(b, &b->header->schema, uri); }

void header_finish(struct header_builder *b) {
  struct feedback_header *h = b->header;
  if (b->error_count) {
    h->errors = arena_alloc(b->arena, b->error_count * sizeof *h->errors);
    memcpy(h->errors, b->errors, b->error_count * sizeof *h->errors);
    h->error_count = b->error_count;
  }
  feedback_flag_period(h);
}

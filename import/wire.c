/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as they are in memory (both sides are one program), texts with their NULs. Of a record its pattern is most,
 * and that is written down already, for digest and store: it is what goes over, and the fields are read out of it. So
 * what a record says and what the store knows it by are the same whoever wrote it. */
#include "import/wire.h"

#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/cleanup.h"
#include "base/seed.h"
#include "base/utf8.h"

#define NO_TEXT "\1"                   /* as feedback_spell_pattern has it: XML cannot contain it */
#define LATEST_S INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define COUNT_MOST INT64_C(1000000000)
#define SUM_MOST (INT64_C(1) << 60)
#define PARTS_MOST 1024 /* results, reasons, errors, namespaces: more than any limit of the parser's */
#define HEADER_FLAGS ((uint32_t)FEEDBACK_FOREIGN * 2 - 1)
#define RECORD_FLAGS ((uint32_t)RECORD_SPF_CUT * 2 - 1)

/* --- putting ------------------------------------------------------------------------------------------------------ */

static void put_bytes(struct strbuf *out, const void *bytes, size_t size) { strbuf_add(out, bytes, size); }
#define PUT(out, value) put_bytes(out, &(value), sizeof(value))

static void put_text(struct strbuf *out, const char *text) {
  if (!text) text = NO_TEXT;
  strbuf_add(out, text, strlen(text) + 1);
}

/* The texts of a header, in this order on both sides. */
#define HEADER_TEXTS(h)                                                                                        \
  {                                                                                                            \
    &(h)->schema, &(h)->version, &(h)->org_name, &(h)->email, &(h)->extra_contact_info, &(h)->report_id,       \
        &(h)->generator, &(h)->policy_domain, &(h)->p, &(h)->sp, &(h)->np, &(h)->adkim, &(h)->aspf, &(h)->pct, \
        &(h)->fo, &(h)->testing, &(h)->discovery_method, &(h)->carrier, &(h)->submitter                        \
  }

static void put_header(struct strbuf *out, const struct feedback_header *h) {
  const char *const *const texts[] = HEADER_TEXTS(h);
  const uint32_t provenance = h->provenance;
  for (size_t i = 0; i < ARRAY_SIZE(texts); i++) put_text(out, *texts[i]);
  PUT(out, h->begin_s);
  PUT(out, h->end_s);
  PUT(out, h->flags);
  PUT(out, provenance);
  PUT(out, h->content);
  PUT(out, h->error_count);
  for (uint32_t i = 0; i < h->error_count; i++) put_text(out, h->errors[i]);
  PUT(out, h->foreign_count);
  for (uint32_t i = 0; i < h->foreign_count; i++) {
    PUT(out, h->foreign[i].elements);
    put_text(out, h->foreign[i].uri);
  }
}

static void put_record(struct strbuf *out, const struct feedback_record *r) {
  PUT(out, r->source_ip);
  PUT(out, r->count);
  put_text(out, r->source_text);
  put_text(out, r->envelope_to);
  PUT(out, r->spelled_bytes);
  put_bytes(out, r->spelled, r->spelled_bytes);
}

/* Known early it counts where the document begins alone. */
static bool has_header(const struct parcel *p) { return p->ends ? p->code == 0 : p->begins && p->header_known; }

static void put_end(struct strbuf *out, const struct parcel *p) {
  PUT(out, p->outcome.records);
  PUT(out, p->outcome.messages);
  PUT(out, p->outcome.digest);
  PUT(out, p->outcome.bytes);
  put_text(out, p->text);
  put_text(out, p->origin);
}

/* What says how the rest is to be read. */
struct front {
  bool begins, ends, file_ends, header_known;
  int32_t code;
  uint32_t kind, record_count;
  double file_share;
};

void wire_put(struct strbuf *out, const struct parcel *p) {
  struct front f;
  memset(&f, 0, sizeof f); /* what lies between the fields goes over as well */
  f.begins = p->begins, f.ends = p->ends, f.file_ends = p->file_ends;
  f.header_known = p->begins && !p->ends && p->header_known;
  f.code = p->ends ? p->code : 0, f.kind = p->kind, f.record_count = p->record_count, f.file_share = p->file_share;
  PUT(out, f);
  if (has_header(p)) put_header(out, &p->header);
  for (uint32_t i = 0; i < p->record_count; i++) put_record(out, p->records[i]);
  if (p->ends) put_end(out, p);
}

/* --- getting ------------------------------------------------------------------------------------------------------ */

struct reader {
  char *at, *end;
  struct arena *arena;
  bool bad; /* from then on everything read is empty */
};

/* Records that were read, each in a place that its pattern's bytes say: of a parcel of 256, four fifths repeat a
 * pattern, and what the same bytes mean is known. */
#define KNOWN_PLACES 128
struct known_patterns {
  const struct feedback_record *of[KNOWN_PLACES];
};

static bool require(struct reader *r, bool holds) {
  r->bad = r->bad || !holds;
  return !r->bad;
}

static void get_bytes(struct reader *r, void *ret, size_t size) {
  if (!require(r, size <= (size_t)(r->end - r->at))) {
    memset(ret, 0, size);
    return;
  }
  memcpy(ret, r->at, size);
  r->at += size;
}
#define GET(r, value) get_bytes(r, &(value), sizeof(value))

/* A text of any bytes but NUL. NULL where there is none. */
static const char *get_raw_text(struct reader *r) {
  const char *text = r->at;
  const char *nul = r->bad ? NULL : memchr(r->at, '\0', (size_t)(r->end - r->at));
  if (!require(r, nul != NULL)) return NULL;
  r->at += nul - text + 1;
  return text[0] == NO_TEXT[0] && !text[1] ? NULL : text;
}

static bool is_utf8(const char *text) {
  const unsigned char *at = (const unsigned char *)text;
  uint32_t unused;
  while (*at) {
    if (*at < 0x80) {
      at++;
      continue;
    }
    unsigned length = utf8_decode(at, &unused);
    if (!length) return false;
    at += length;
  }
  return true;
}

static const char *get_text(struct reader *r) {
  const char *text = get_raw_text(r);
  return require(r, !text || is_utf8(text)) ? text : NULL;
}

static bool is_time(int64_t s) { return s == FEEDBACK_TIME_UNKNOWN || (s > 0 && s <= LATEST_S); }

static uint32_t get_number_of_parts(struct reader *r) {
  uint32_t count;
  GET(r, count);
  return require(r, count <= PARTS_MOST) ? count : 0;
}

static void get_header(struct reader *r, struct feedback_header *h) {
  const char **const texts[] = HEADER_TEXTS(h);
  uint32_t provenance;
  *h = (struct feedback_header){0};
  for (size_t i = 0; i < ARRAY_SIZE(texts); i++) *texts[i] = get_text(r);
  GET(r, h->begin_s);
  GET(r, h->end_s);
  GET(r, h->flags);
  GET(r, provenance);
  GET(r, h->content);
  require(
      r, is_time(h->begin_s) && is_time(h->end_s) && h->flags <= HEADER_FLAGS && provenance <= PROVENANCE_CONTRADICTED);
  h->provenance = (enum provenance)provenance;
  h->error_count = get_number_of_parts(r);
  h->errors = arena_alloc(r->arena, h->error_count * sizeof *h->errors);
  for (uint32_t i = 0; i < h->error_count; i++) require(r, (h->errors[i] = get_text(r)) != NULL);
  h->foreign_count = get_number_of_parts(r);
  h->foreign = arena_alloc(r->arena, h->foreign_count * sizeof *h->foreign);
  for (uint32_t i = 0; i < h->foreign_count; i++) {
    GET(r, h->foreign[i].elements);
    require(r, (h->foreign[i].uri = get_text(r)) != NULL && h->foreign[i].elements < (uint64_t)SUM_MOST);
  }
}

static void get_word(struct reader *r, struct word *ret) {
  ret->text = get_text(r);
  ret->raw = get_text(r);
}

static void get_result(struct reader *r, struct auth_result *a, bool may_be_dkim) {
  char method;
  GET(r, method);
  require(r, method == 's' || (method == 'd' && may_be_dkim));
  *a = (struct auth_result){.method = method == 'd' ? AUTH_DKIM : AUTH_SPF};
  a->domain = get_text(r);
  *(a->method == AUTH_DKIM ? &a->selector : &a->scope) = get_text(r);
  get_word(r, &a->result);
  a->human_result = get_text(r);
}

/* The other way round than feedback_spell_pattern. */
static void get_pattern(struct reader *r, struct feedback_record *ret) {
  uint32_t figures[4];
  GET(r, figures);
  require(r, figures[0] <= RECORD_FLAGS && figures[1] <= PARTS_MOST && figures[2] <= PARTS_MOST && figures[3] <= 15);
  if (r->bad) return;
  ret->flags = figures[0];
  ret->result_count = figures[1];
  ret->reason_count = figures[2];
  ret->dkim_alignment = (enum alignment)(figures[3] >> 2);
  ret->spf_alignment = (enum alignment)(figures[3] & 3);
  ret->header_from = get_text(r);
  ret->envelope_from = get_text(r);
  get_word(r, &ret->disposition);
  get_word(r, &ret->dkim);
  get_word(r, &ret->spf);
  ret->results = arena_alloc(r->arena, ret->result_count * sizeof *ret->results);
  for (uint32_t i = 0; i < ret->result_count; i++)
    get_result(r, &ret->results[i], i == 0 || ret->results[i - 1].method == AUTH_DKIM);
  ret->reasons = arena_alloc(r->arena, ret->reason_count * sizeof *ret->reasons);
  for (uint32_t i = 0; i < ret->reason_count; i++) {
    ret->reasons[i].type = get_text(r);
    ret->reasons[i].comment = get_text(r);
  }
}

/* The fields that get_pattern reads. */
static void copy_pattern(struct feedback_record *ret, const struct feedback_record *known) {
  struct feedback_record both = *known;
  both.source_ip = ret->source_ip;
  both.count = ret->count;
  both.source_text = ret->source_text;
  both.envelope_to = ret->envelope_to;
  *ret = both;
}

static void get_known_pattern(struct reader *r, struct known_patterns *k, struct feedback_record *ret) {
  const uint64_t hash = XXH3_64bits_withSeed(r->at, ret->spelled_bytes, hash_seed());
  const struct feedback_record **known = &k->of[hash % KNOWN_PLACES];
  if (*known && (*known)->spelled_bytes == ret->spelled_bytes &&
      !memcmp((*known)->spelled, r->at, ret->spelled_bytes)) {
    copy_pattern(ret, *known);
    r->at += ret->spelled_bytes;
    return;
  }
  struct reader pattern = {.at = r->at, .end = r->at + ret->spelled_bytes, .arena = r->arena};
  ret->spelled = r->at;
  get_pattern(&pattern, ret);
  require(r, !pattern.bad && pattern.at == pattern.end);
  r->at = pattern.end;
  if (!r->bad) *known = ret;
}

static void get_record(struct reader *r, struct known_patterns *k, struct feedback_record *ret) {
  *ret = (struct feedback_record){0};
  GET(r, ret->source_ip);
  GET(r, ret->count);
  ret->source_text = get_text(r);
  ret->envelope_to = get_text(r);
  GET(r, ret->spelled_bytes);
  const struct ip_addr *ip = &ret->source_ip;
  require(r, (ip->size == 0 || ip->size == 4 || ip->size == 16) && ret->count >= FEEDBACK_COUNT_UNKNOWN &&
                 ret->count <= COUNT_MOST && ret->spelled_bytes <= (size_t)(r->end - r->at));
  if (!r->bad) get_known_pattern(r, k, ret);
}

/* Why it is no report can be what a parser finds; the database, a signal or a user's mistake are not its to tell. */
static bool is_reason(int code) {
  return code == 0 || code == ERR_NO_REPORT || code == ERR_FORMAT || code == ERR_LIMIT || code == ERR_IO;
}

static void get_end(struct reader *r, struct parcel *p) {
  GET(r, p->outcome.records);
  GET(r, p->outcome.messages);
  GET(r, p->outcome.digest);
  GET(r, p->outcome.bytes);
  const char *text = get_raw_text(r);
  p->origin = get_raw_text(r);
  require(r, text && p->origin && strlen(text) < sizeof p->text && p->outcome.records < (uint64_t)SUM_MOST &&
                 p->outcome.messages >= 0 && p->outcome.messages < SUM_MOST && p->outcome.bytes < (uint64_t)SUM_MOST);
  if (!r->bad) memcpy(p->text, text, strlen(text) + 1);
}

static void get_front(struct reader *r, struct parcel *p) {
  struct front f;
  unsigned char flags[4];
  GET(r, f);
  memcpy(flags, &f, sizeof flags); /* a bool that is neither 0 nor 1 must not be looked at as one */
  for (size_t i = 0; i < sizeof flags; i++) require(r, flags[i] <= 1);
  require(r, (f.kind == REPORT_NONE || f.kind == REPORT_AGGREGATE) && is_reason(f.code) &&
                 f.record_count <= PIPELINE_PARCEL_RECORDS && f.file_share >= 0 && f.file_share <= 1);
  if (r->bad) return;
  p->begins = f.begins, p->ends = f.ends, p->file_ends = f.file_ends, p->header_known = f.header_known;
  p->code = f.code;
  p->kind = (enum report_kind)f.kind;
  p->record_count = f.record_count;
  p->file_share = f.file_share;
  /* A report and its records are of a kind; known before its end is what has an end to come. */
  require(r, (!has_header(p) && !p->record_count) || p->kind == REPORT_AGGREGATE);
  require(r, (p->ends || p->code == 0) && !(p->header_known && (p->ends || !p->begins)));
}

bool wire_get(char *bytes, size_t size, struct arena *arena, struct parcel *ret) {
  struct reader r = {.at = bytes, .end = bytes + size, .arena = arena};
  get_front(&r, ret);
  if (r.bad) return false;
  if (has_header(ret)) get_header(&r, &ret->header);
  struct feedback_record *records = arena_alloc(arena, ret->record_count * sizeof *records);
  struct known_patterns known = {{NULL}};
  for (uint32_t i = 0; i < ret->record_count && !r.bad; i++) {
    get_record(&r, &known, &records[i]);
    ret->records[i] = &records[i];
  }
  if (ret->ends) get_end(&r, ret);
  return !r.bad && r.at == r.end;
}

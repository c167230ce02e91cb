/* SPDX-License-Identifier: Apache-2.0 */
/* Folds the records of a policy domain into streams. What a pattern means for the domain is worked out once a pattern.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alignment.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "base/feedback.h"
#include "base/utc.h"
#include "verdict/stream.h"

#define MOST_SELECTORS 8 /* own signatures of one record that are looked at */

/* What a pattern says about a policy domain. */
struct pattern_facts {
  struct tally_terms terms;
  struct stream_mark mark;
  bool counted; /* the tallies' filter admits it, whatever its source */
  bool evaluated, passes, dkim_passes;
  bool spf_own_passed, spf_own_failed, spf_own_refused, spf_own_silent, forwarded, unproven, permerror;
  enum alignment unchecked[2];        /* of DKIM and SPF: how close the best identity comes that ended in a temperror */
  bool contradicted[ALIGNMENT_MODES]; /* it fails as evaluated, and passes by the results */
  bool signature_fails;               /* the owner's is there and does not verify: not for the receiver's own trouble */
  struct interned identity;
  const char *evidence;
  const struct sender_service *service;
  uint32_t selectors[MOST_SELECTORS];
  bool selector_passed[MOST_SELECTORS];
  uint32_t selector_count;
};

/* All mail of one pattern from one address. A row touches its cell alone, which is one line of the processor's cache;
 * what the pattern means for its stream is added up when the domain has been read. */
struct cell {
  const struct pattern_facts *facts;
  uint32_t stream, number;
  uint8_t mode;                     /* alignment_mode of its reports */
  int32_t day;                      /* the last one met; NO_DAY: none */
  int32_t first_day;                /* INT32_MAX: none */
  int64_t messages;                 /* of the days before it */
  int64_t day_messages;             /* of it */
  int64_t tallied, first_s, last_s; /* in reports that the tallies' filter admits */
  uint32_t tallied_records;
  bool counted; /* the tallies' filter admits it */
};

/* What the store told of a number. */
struct flow_source {
  struct ip_addr ip;
  struct interned source;
};

struct reading {
  const struct sender_catalogue *catalogue;
  const struct history_wish *wish;
  history_fn *fn;
  void *user;
  struct organization_cache *organizations;
  struct history h;
  struct flow_source *sources; /* of the domain at hand, like the patterns */
  const struct pattern_facts **patterns;
  uint32_t source_capacity, pattern_capacity;
  enum filter_reach reach; /* of the tallies' filter into its reports */
  bool open;
  /* the report at hand */
  unsigned mode;      /* alignment_mode */
  const char *walked; /* alignment_walked */
  bool counted;       /* the tallies' filter admits it: */
  struct report_days days;
  uint32_t from, to; /* these days of it */
  int64_t begin_s, end_s;
  int32_t day;           /* NO_DAY: it has no part in the history */
  int64_t *contradicted; /* what its reporter contradicts; where it has a part */
};
#define NO_DAY INT32_MIN

/* --- texts and small tables --------------------------------------------------------------------------------------- */

static struct interned keep(struct history *h, const char *text) { return intern(&h->text_index, h->arena, text); }

/* What a source is called: the address, or the text as it came; "" where there is none. */
static const char *spell_source(const struct ip_addr *ip, const char *text, char buffer[IP_TEXT_BYTES]) {
  return ip->size ? ip_format(ip, buffer) : text ? text : "";
}

struct interned history_source(const struct history *h, const struct ip_addr *ip, const char *text) {
  char buffer[IP_TEXT_BYTES];
  return interned_find(&h->text_index, spell_source(ip, text, buffer));
}

static const char *keep_printf(struct history *h, const char *format, const char *a, const char *b) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text, format);
  strbuf_add_text(&text, a);
  strbuf_add_text(&text, b);
  return keep(h, strbuf_text(&text)).text;
}

static uint32_t number_of(struct hashmap *index, const char *text, const char ***list, uint32_t *count,
                          uint32_t *capacity) {
  bool is_new;
  uint32_t *number = hashmap_put(index, text, strlen(text) + 1, &is_new);
  if (is_new) {
    MEM_GROW(*list, *capacity, *count);
    (*list)[*count] = text;
    *number = (*count)++;
  }
  return *number;
}

static void history_clear(struct history *h) {
  for (uint32_t i = 0; i < h->stream_count; i++) {
    free(h->streams[i].days);
    free(h->streams[i].selectors);
  }
  free(h->streams);
  free(h->tallies);
  free(h->reports);
  free(h->records);
  free(h->policies);
  free(h->reporters);
  free(h->contradicted);
  free(h->selectors);
  hashmap_clear(&h->stream_index);
  hashmap_clear(&h->cell_index);
  hashmap_clear(&h->policy_index);
  hashmap_clear(&h->reporter_index);
  hashmap_clear(&h->selector_index);
  hashmap_clear(&h->text_index);
  arena_free(h->arena);
  *h = (struct history){0};
}

static void history_open(struct history *h, struct organization_cache *organizations, const char *domain) {
  *h = (struct history){.arena = arena_new(64 * 1024), .organizations = organizations};
  hashmap_init(&h->stream_index, sizeof(uint32_t));
  hashmap_init(&h->cell_index, sizeof(struct cell));
  hashmap_init(&h->policy_index, sizeof(uint32_t));
  hashmap_init(&h->reporter_index, sizeof(uint32_t));
  hashmap_init(&h->selector_index, sizeof(uint32_t));
  hashmap_init(&h->text_index, INTERNED_VALUE);
  h->domain = arena_strdup(h->arena, domain);
}

/* --- patterns ----------------------------------------------------------------------------------------------------- */

/* Is it the owner's, for mail from `from`? */
static bool is_own(const struct history *h, const struct auth_result *r, const char *from, const char *walked) {
  return from && r->domain && alignment_same_organization(h->organizations, domain_of_address(r->domain), from, walked);
}

/* A foreign identity that passed: a service of the catalogue before a mere domain, DKIM before SPF. */
static void consider_identity(struct reading *x, struct pattern_facts *f, const struct auth_result *r) {
  bool dkim = r->method == AUTH_DKIM;
  const struct sender_service *service =
      dkim ? sender_by_dkim(x->catalogue, r->domain) : sender_by_spf(x->catalogue, r->domain);
  if (f->identity.text && (f->service || !service)) return;
  f->service = service;
  f->identity = keep(&x->h, r->domain);
  f->evidence = keep_printf(&x->h, dkim ? "DKIM d=" : "SPF ", r->domain, "");
}

static void add_selector(struct reading *x, struct pattern_facts *f, const struct auth_result *r, bool passed) {
  if (f->selector_count >= MOST_SELECTORS) return;
  const char *slash = keep_printf(&x->h, "", r->domain, "/");
  const char *text = keep_printf(&x->h, "", slash, r->selector ? r->selector : "?");
  f->selectors[f->selector_count] =
      number_of(&x->h.selector_index, text, &x->h.selectors, &x->h.selector_count, &x->h.selector_capacity);
  f->selector_passed[f->selector_count++] = passed;
}

static bool tells_of_forwarder(const struct override_reason *r) {
  if (is_word(r->type, "forwarded") || is_word(r->type, "trusted_forwarder") || is_word(r->type, "mailing_list"))
    return true;
  return is_word(r->type, "local_policy") && r->comment && strstr(r->comment, "arc=pass");
}

static const char *from_of(const struct feedback_record *r) {
  return r->header_from ? domain_of_address(r->header_from) : NULL;
}

/* The owner's record disowns a sender by "fail" and "softfail" alone. Where there is no record, or one that could not
 * be had or read, nothing is said of anybody, and "neutral" is to be treated as that (RFC 7208 8.2). */
static void read_own_spf(const struct auth_result *r, struct pattern_facts *f) {
  bool is_refused = is_word(r->result.text, "fail");
  f->spf_own_refused |= is_refused;
  *(is_refused || is_word(r->result.text, "softfail") ? &f->spf_own_failed : &f->spf_own_silent) = true;
}

static void read_results(struct reading *x, const struct feedback_record *r, struct pattern_facts *f) {
  const char *from = from_of(r);
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    bool passed = is_word(a->result.text, "pass");
    if (!a->domain) continue;
    if (!is_own(&x->h, a, from, x->walked)) {
      if (passed) consider_identity(x, f, a);
    } else if (a->method == AUTH_DKIM) {
      if (!is_word(a->result.text, "none")) add_selector(x, f, a, passed);
    } else if (passed) {
      f->spf_own_passed = true;
    } else {
      read_own_spf(a, f);
    }
  }
}

/* Did the receiver look, and find none of the owner's signatures whole? A temperror is no look. */
static bool own_signature_fails(struct reading *x, const struct feedback_record *r, const struct pattern_facts *f) {
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    if (a->method == AUTH_DKIM && is_word(a->result.text, "temperror") && is_own(&x->h, a, from_of(r), x->walked))
      return false;
  }
  for (uint32_t i = 0; i < f->selector_count; i++)
    if (f->selector_passed[i]) return false;
  return f->selector_count > 0;
}

/* RFC 9989 5.3.6: where the DNS did not answer, there is neither a pass nor a fail. */
static void note_unchecked(struct reading *x, const struct feedback_record *r, struct pattern_facts *f) {
  const char *from = from_of(r);
  f->unchecked[AUTH_DKIM] = f->unchecked[AUTH_SPF] = ALIGNMENT_NONE;
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    if (!is_word(a->result.text, "temperror") || !is_own(&x->h, a, from, x->walked)) continue;
    bool same = !strcmp(domain_of_address(a->domain), from);
    if (f->unchecked[a->method] != ALIGNMENT_STRICT)
      f->unchecked[a->method] = same ? ALIGNMENT_STRICT : ALIGNMENT_RELAXED;
  }
}

static bool has_permerror(const struct reading *x, const struct feedback_record *r) {
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    if (a->method == AUTH_DKIM && is_word(a->result.text, "permerror") && is_own(&x->h, a, from_of(r), x->walked))
      return true;
  }
  return false;
}

static bool is_unchecked(const struct pattern_facts *f, unsigned mode) {
  return !f->passes && f->evaluated &&
         (alignment_holds(f->unchecked[AUTH_DKIM], mode & alignment_mode(true, false)) == 1 ||
          alignment_holds(f->unchecked[AUTH_SPF], mode & alignment_mode(false, true)) == 1);
}

static void note_contradiction(const struct feedback_record *r, struct pattern_facts *f) {
  for (unsigned mode = 0; mode < ALIGNMENT_MODES; mode++)
    f->contradicted[mode] = !f->passes && f->evaluated &&
                            (alignment_holds(r->dkim_alignment, mode & alignment_mode(true, false)) == 1 ||
                             alignment_holds(r->spf_alignment, mode & alignment_mode(false, true)) == 1);
}

static bool has_own_signature(const struct history *h, const struct feedback_record *r, const char *walked) {
  const char *from = from_of(r);
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    if (a->method == AUTH_DKIM && !is_word(a->result.text, "none") && is_own(h, a, from, walked)) return true;
  }
  return false;
}

/* A pass that the receiver evaluated and the results do not bear out (or the other way round) is no evidence that a
 * source is the owner's. */
static enum stream_kind kind_of(const struct feedback_record *r, bool own_signature, bool strict_dkim,
                                bool strict_spf) {
  bool dkim = alignment_holds(r->dkim_alignment, strict_dkim) == 1,
       spf = alignment_holds(r->spf_alignment, strict_spf) == 1;
  bool dkim_agreed = dkim && is_word(r->dkim.text, "pass"), spf_agreed = spf && is_word(r->spf.text, "pass");
  return dkim_agreed ? STREAM_SIGNED : spf_agreed ? STREAM_SPF : own_signature ? STREAM_BROKEN : STREAM_NOTHING;
}

/* What the receiver evaluated as a pass may be in results that were cut. */
static bool is_unproven(const struct feedback_record *r) {
  bool dkim = (r->flags & RECORD_DKIM_CUT) && r->dkim_alignment == ALIGNMENT_UNKNOWN;
  bool spf = (r->flags & RECORD_SPF_CUT) && r->spf_alignment == ALIGNMENT_UNKNOWN;
  return (dkim && is_word(r->dkim.text, "pass")) || (spf && is_word(r->spf.text, "pass"));
}

struct stream_mark history_mark(const struct history *h, const struct feedback_record *pattern, const char *walked) {
  bool own_signature = has_own_signature(h, pattern, walked);
  struct stream_mark mark = {.header_from = interned_find(&h->text_index, pattern->header_from)};
  for (unsigned dkim = 0; dkim < 2; dkim++)
    for (unsigned spf = 0; spf < 2; spf++)
      mark.kinds[alignment_mode(dkim, spf)] = kind_of(pattern, own_signature, dkim, spf);
  return mark;
}

static int on_pattern(void *user, uint32_t number, const struct feedback_record *r, struct err *e) {
  (void)e;
  struct reading *x = user;
  struct pattern_facts *f = arena_alloc(x->h.arena, sizeof *f);
  keep(&x->h, r->header_from);
  *f = (struct pattern_facts){.terms = tally_terms_of(r), .mark = history_mark(&x->h, r, x->walked)};
  f->counted = x->wish->counted && filter_admits_pattern(x->wish->counted, x->reach, r);
  f->evaluated = f->terms.outcome != NOT_EVALUATED;
  f->dkim_passes = is_word(r->dkim.text, "pass");
  f->passes = outcome_passes(f->terms.outcome);
  f->unproven = is_unproven(r);
  read_results(x, r, f);
  note_unchecked(x, r, f);
  f->permerror = has_permerror(x, r);
  note_contradiction(r, f);
  f->signature_fails = own_signature_fails(x, r, f);
  for (uint32_t i = 0; i < r->reason_count; i++)
    if (tells_of_forwarder(&r->reasons[i])) f->forwarded = true;
  MEM_GROW(x->patterns, x->pattern_capacity, number);
  x->patterns[number] = f;
  return 0;
}

static int on_source(void *user, uint32_t number, const struct ip_addr *ip, const char *text, struct err *e) {
  (void)e;
  struct reading *x = user;
  char buffer[IP_TEXT_BYTES];
  MEM_GROW(x->sources, x->source_capacity, number);
  x->sources[number] = (struct flow_source){*ip, keep(&x->h, spell_source(ip, text, buffer))};
  return 0;
}

/* --- adding up ---------------------------------------------------------------------------------------------------- */

static void use_selectors(struct stream *s, const struct cell *cell, int64_t count) {
  const struct pattern_facts *f = cell->facts;
  for (uint32_t i = 0; i < f->selector_count; i++) {
    uint32_t at = 0;
    while (at < s->selector_count && s->selectors[at].selector != f->selectors[i]) at++;
    if (at == s->selector_count) {
      MEM_GROW(s->selectors, s->selector_capacity, s->selector_count);
      s->selectors[s->selector_count++] = (struct selector_use){.selector = f->selectors[i], .first_day = INT32_MAX};
    }
    struct selector_use *use = &s->selectors[at];
    *(f->selector_passed[i] ? &use->passed : &use->failed) += count;
    if (f->selector_passed[i] && cell->first_day < use->first_day) use->first_day = cell->first_day;
  }
}

/* The identity that carries most of the stream speaks for it; a service of the catalogue before any other. */
static void use_identity(struct stream *s, const struct pattern_facts *f, int64_t count) {
  if (!f->identity.text) return;
  if (interned_same(s->identity, f->identity)) {
    s->identity_messages += count;
  } else if (!s->identity.text || (f->service && !s->service) ||
             (!s->service == !f->service && count > s->identity_messages)) {
    s->identity = f->identity;
    s->service = f->service;
    s->evidence = f->evidence;
    s->identity_messages = count;
  }
}

/* What a pattern of the stream says, with the messages of the cell that bear it. */
static void add_facts(struct stream *s, const struct cell *cell) {
  const struct pattern_facts *f = cell->facts;
  const int64_t count = cell->messages;
  s->messages += count;
  if (f->passes) s->passed += count;
  if (f->dkim_passes) s->dkim_passed += count;
  if (!f->evaluated) s->unevaluated += count;
  if (f->spf_own_passed) s->spf_passed += count;
  if (f->spf_own_failed) s->spf_failed += count;
  if (f->spf_own_refused) s->spf_refused += count;
  if (f->spf_own_silent) s->spf_silent += count;
  if (f->forwarded) s->forwarded += count;
  if (f->unproven) s->unproven += count;
  if (f->permerror) s->permerrors += count;
  use_selectors(s, cell, count);
  use_identity(s, f, count);
}

static void add_tally(struct tally *t, const struct cell *cell) {
  tally_add_period(t, cell->first_s, cell->last_s);
  tally_add(t, &cell->facts->terms, cell->tallied_records, cell->tallied);
}

/* The days of one cell mostly ascend (reports come by their begin), those of a stream's cells run side by side. */
static void end_day(struct stream *s, struct cell *cell) {
  if (cell->day == NO_DAY) return;
  MEM_GROW(s->days, s->day_capacity, s->day_count);
  const bool passes = cell->facts->passes, saved = passes && s->kind == STREAM_SPF && cell->facts->signature_fails;
  const bool contradicted = cell->facts->contradicted[cell->mode];
  const bool unchecked = !contradicted && is_unchecked(cell->facts, cell->mode);
  s->days[s->day_count++] = (struct stream_day){.day = cell->day,
                                                .messages = cell->day_messages,
                                                .passed = passes ? cell->day_messages : 0,
                                                .saved = saved ? cell->day_messages : 0,
                                                .contradicted = contradicted ? cell->day_messages : 0,
                                                .unchecked = unchecked ? cell->day_messages : 0};
  if (cell->day < cell->first_day) cell->first_day = cell->day;
  cell->messages += cell->day_messages;
  cell->day_messages = 0;
}

static void add_mail(struct history *h, struct cell *cell, int32_t day, int64_t count) {
  if (cell->day != day) {
    end_day(&h->streams[cell->stream], cell);
    cell->day = day;
  }
  cell->day_messages += count;
}

/* All of its mail is there. */
static void end_cell(struct history *h, struct cell *cell) {
  end_day(&h->streams[cell->stream], cell);
  add_facts(&h->streams[cell->stream], cell);
}

static int by_day(const void *a, const void *b) {
  int32_t x = ((const struct stream_day *)a)->day, y = ((const struct stream_day *)b)->day;
  return (x > y) - (x < y);
}

static void merge_days(struct stream *s) {
  uint32_t merged = 0;
  if (s->day_count) qsort(s->days, s->day_count, sizeof *s->days, by_day);
  for (uint32_t i = 1; i < s->day_count; i++) {
    if (s->days[i].day != s->days[merged].day) {
      s->days[++merged] = s->days[i];
      continue;
    }
    s->days[merged].messages += s->days[i].messages;
    s->days[merged].passed += s->days[i].passed;
    s->days[merged].saved += s->days[i].saved;
    s->days[merged].unchecked += s->days[i].unchecked;
    s->days[merged].contradicted += s->days[i].contradicted;
  }
  if (s->day_count) s->day_count = merged + 1;
}

/* As evaluated and as recomputed, of either mechanism. */
static bool contradicts(const struct pattern_facts *f, unsigned mode) {
  return f->terms.dkim_disagrees[!!(mode & alignment_mode(true, false))] ||
         f->terms.spf_disagrees[!!(mode & alignment_mode(false, true))];
}

/* Where those of the last report's reporter are counted. */
static int64_t *count_contradictions(struct history *h) {
  uint32_t known = h->contradicted_capacity, reporter = h->reports[h->report_count - 1].reporter;
  MEM_GROW(h->contradicted, h->contradicted_capacity, reporter);
  if (known < h->contradicted_capacity)
    memset(h->contradicted + known, 0, (h->contradicted_capacity - known) * sizeof *h->contradicted);
  return &h->contradicted[reporter];
}

/* --- without some of the reports ---------------------------------------------------------------------------------- */

const struct stream *history_record_stream(const struct history *h, size_t record, bool *ret_passes) {
  const struct cell *cell = hashmap_value_at(&h->cell_index, h->records[record].cell);
  *ret_passes = cell->facts->passes;
  return &h->streams[cell->stream];
}

struct seen_cell history_cell(const struct history *h, uint32_t number) {
  const struct cell *cell = hashmap_value_at(&h->cell_index, number);
  return (struct seen_cell){&h->streams[cell->stream], cell->facts->selectors, cell->facts->selector_passed,
                            cell->facts->selector_count};
}

/* What a stream is stays; what was seen of it is added up anew. What its address told stays too, where nothing better
 * names it. */
static struct stream *begin_stream(struct history *part, const struct stream *whole) {
  MEM_GROW(part->streams, part->stream_capacity, part->stream_count);
  struct stream *s = &part->streams[part->stream_count++];
  *s = (struct stream){.ip = whole->ip,
                       .source = whole->source,
                       .header_from = whole->header_from,
                       .kind = whole->kind,
                       .origin = whole->origin};
  if (!whole->identity.text) {
    s->service = whole->service;
    s->evidence = whole->evidence;
  }
  return s;
}

static void keep_report(struct history *part, const struct history *h, const struct seen_report *r,
                        uint32_t *new_numbers) {
  if (!new_numbers[r->reporter]) {
    MEM_GROW(part->reporters, part->reporter_capacity, part->reporter_count);
    part->reporters[part->reporter_count++] = h->reporters[r->reporter];
    new_numbers[r->reporter] = part->reporter_count;
  }
  MEM_GROW(part->reports, part->report_capacity, part->report_count);
  struct seen_report *kept = &part->reports[part->report_count++];
  *kept = *r;
  kept->reporter = new_numbers[r->reporter] - 1;
}

/* Of the report that was kept last. `cells` begin without mail; their streams are numbered in the part, from 1, once
 * they have some. */
static void add_records(struct history *part, const struct history *h, uint32_t report, struct cell *cells,
                        uint32_t *new_streams) {
  const int32_t day = h->reports[report].day;
  int64_t *contradicted = count_contradictions(part);
  for (size_t i = h->reports[report].first_record; i < history_end_of_records(h, report); i++) {
    struct cell *cell = &cells[h->records[i].cell];
    if (!cell->facts) {
      const struct cell *whole = hashmap_value_at(&h->cell_index, h->records[i].cell);
      uint32_t *number = &new_streams[whole->stream];
      if (!*number) {
        begin_stream(part, &h->streams[whole->stream]);
        *number = part->stream_count;
      }
      *cell = (struct cell){
          .facts = whole->facts, .stream = *number - 1, .mode = whole->mode, .day = NO_DAY, .first_day = INT32_MAX};
    }
    add_mail(part, cell, day, h->records[i].count);
    if (contradicts(cell->facts, cell->mode)) *contradicted += h->records[i].count;
  }
}

void history_part(struct history *h, const bool *left_out, struct history *ret) {
  _cleanup_free_ struct cell *cells = mem_zalloc((h->cell_index.count + 1) * sizeof *cells);
  _cleanup_free_ uint32_t *new_streams = mem_zalloc((h->stream_count + 1) * sizeof *new_streams);
  _cleanup_free_ uint32_t *new_reporters = mem_zalloc((h->reporter_count + 1) * sizeof *new_reporters);
  *ret = (struct history){.domain = h->domain,
                          .arena = h->arena,
                          .undated_reports = h->undated_reports,
                          .undated_messages = h->undated_messages,
                          .policies = h->policies,
                          .policy_count = h->policy_count,
                          .selectors = h->selectors,
                          .selector_count = h->selector_count,
                          .text_index = h->text_index,
                          .organizations = h->organizations};
  for (uint32_t i = 0; i < h->report_count; i++) {
    if (left_out[i]) continue;
    keep_report(ret, h, &h->reports[i], new_reporters);
    add_records(ret, h, i, cells, new_streams);
  }
  for (uint32_t i = 0; i < h->cell_index.count; i++)
    if (cells[i].facts) end_cell(ret, &cells[i]);
  for (uint32_t i = 0; i < ret->stream_count; i++) merge_days(&ret->streams[i]);
}

void history_rejoin(struct history *h, struct history *part) {
  h->text_index = part->text_index;
  for (uint32_t i = 0; i < part->stream_count; i++) {
    free(part->streams[i].days);
    free(part->streams[i].selectors);
  }
  free(part->streams);
  free(part->reports);
  free(part->reporters);
  free(part->contradicted);
  *part = (struct history){0};
}

/* --- the end of a domain ------------------------------------------------------------------------------------------ */

static int finish_domain(struct reading *x, struct err *e) {
  struct history *h = &x->h;
  if (!x->open) return 0;
  for (uint32_t i = 0; i < h->cell_index.count; i++) {
    struct cell *cell = hashmap_value_at(&h->cell_index, i);
    end_cell(h, cell);
    if (h->tallies) add_tally(&h->tallies[cell->stream], cell);
  }
  for (uint32_t i = 0; i < h->stream_count; i++) merge_days(&h->streams[i]);
  bool wanted = h->report_count || x->wish->counted; /* undated reports alone are no history */
  int code = wanted ? x->fn(x->user, h, e) : 0;
  history_clear(h);
  x->open = false;
  return code;
}

/* --- reports ------------------------------------------------------------------------------------------------------ */

static uint32_t policy_number(struct history *h, const struct store_flow_report *r) {
  _cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
  char sampled = is_word(r->pct, "100") ? 'n' : r->pct ? 'y' : '-';
  char testing = is_word(r->testing, "y") ? 'y' : r->testing ? 'n' : '-';
  strbuf_printf(&key, "%s %s %s %s %s %c%c", r->p ? r->p : "", r->sp ? r->sp : "", r->np ? r->np : "",
                r->adkim ? r->adkim : "", r->aspf ? r->aspf : "", sampled, testing);
  bool is_new;
  uint32_t *number = hashmap_put(&h->policy_index, key.data, key.length, &is_new);
  if (!is_new) return *number;
  MEM_GROW(h->policies, h->policy_capacity, h->policy_count);
  h->policies[h->policy_count] = (struct seen_policy){
      keep(h, r->p).text,    keep(h, r->sp).text,          keep(h, r->np).text,         keep(h, r->adkim).text,
      keep(h, r->aspf).text, sampled == '-' ? 0 : sampled, testing == '-' ? 0 : testing};
  return *number = h->policy_count++;
}

static void note_report(struct history *h, const struct store_flow_report *r) {
  MEM_GROW(h->reports, h->report_capacity, h->report_count);
  const char *org = keep(h, r->org_name ? r->org_name : "").text;
  h->reports[h->report_count++] = (struct seen_report){
      .day = utc_day_of_period(r->begin_s, r->end_s),
      .begin_s = r->begin_s,
      .end_s = r->end_s == FEEDBACK_TIME_UNKNOWN || r->end_s < r->begin_s ? r->begin_s : r->end_s,
      .messages = countable_messages(r->message_count),
      .reporter = number_of(&h->reporter_index, org, &h->reporters, &h->reporter_count, &h->reporter_capacity),
      .policy = policy_number(h, r),
      .first_record = h->record_count};
}

static void note_undated(struct history *h, const struct store_flow_report *r) {
  h->undated_reports++;
  h->undated_messages += countable_messages(r->message_count);
}

/* Its domain is the history's; policy_domain has chosen the history. */
static bool counts_report(struct reading *x, const struct store_flow_report *r) {
  const struct report_filter *f = x->wish->counted;
  x->days = report_days_of(r->begin_s, r->end_s);
  return f && filter_admits_reporter(f, r->org_name) && filter_admits_report_id(f, r->report_id) &&
         filter_admits_days(f, &x->days, &x->from, &x->to);
}

static int on_report(void *user, const struct store_flow_report *r, struct err *e) {
  struct reading *x = user;
  const char *domain = r->policy_domain ? r->policy_domain : "";
  bool dated = r->begin_s != FEEDBACK_TIME_UNKNOWN, in_history = *domain && dated;
  x->counted = counts_report(x, r);
  if ((!*domain && !x->counted) || (dated && r->begin_s >= x->wish->before_s)) return 0;
  if (!x->open || strcmp(x->h.domain, domain) != 0) {
    int code = finish_domain(x, e);
    if (code < 0) return code;
    history_open(&x->h, x->organizations, domain);
    if (x->wish->counted) x->reach = filter_reach(x->wish->counted, *domain ? domain : NULL);
    x->open = true;
  }
  if (in_history) note_report(&x->h, r);
  if (in_history) x->contradicted = count_contradictions(&x->h);
  if (*domain && !dated) note_undated(&x->h, r);
  if (!in_history && !x->counted) return 0;
  x->mode = alignment_mode(r->strict_dkim, r->strict_spf);
  x->walked = alignment_walked(r->discovery_method, x->h.domain);
  x->begin_s = x->counted ? report_days_begin(&x->days, x->from) : r->begin_s;
  x->end_s = x->counted && x->to < x->days.count ? report_days_begin(&x->days, x->to) - 1 : r->end_s;
  x->day = in_history ? utc_day_of_period(r->begin_s, r->end_s) : NO_DAY;
  return 1;
}

/* --- flows -------------------------------------------------------------------------------------------------------- */

static uint32_t add_stream(struct reading *x, const struct stream *stream) {
  struct history *h = &x->h;
  uint32_t capacity = h->stream_capacity;
  MEM_GROW(h->streams, h->stream_capacity, h->stream_count);
  if (x->wish->counted && capacity != h->stream_capacity)
    h->tallies = mem_realloc(h->tallies, h->stream_capacity * sizeof *h->tallies);
  if (h->tallies) h->tallies[h->stream_count] = (struct tally)TALLY_EMPTY;
  h->streams[h->stream_count] = *stream;
  return h->stream_count++;
}

struct stream_key {
  struct interned source, header_from;
  int64_t kind;
};

static uint32_t find_stream(struct reading *x, const struct flow_source *source, const struct stream_mark *mark) {
  const struct stream_key key = {source->source, mark->header_from, mark->kinds[x->mode]};
  bool is_new;
  uint32_t *number = hashmap_put(&x->h.stream_index, &key, sizeof key, &is_new);
  if (is_new)
    *number = add_stream(x, &(struct stream){.ip = source->ip,
                                             .source = source->source,
                                             .header_from = mark->header_from,
                                             .kind = mark->kinds[x->mode]});
  return *number;
}

const struct stream *history_stream_of(const struct history *h, struct interned source, const struct stream_mark *mark,
                                       unsigned mode) {
  const struct stream_key key = {source, mark->header_from, mark->kinds[mode]};
  const uint32_t *number = hashmap_get(&h->stream_index, &key, sizeof key);
  return number ? &h->streams[*number] : NULL;
}

static struct cell *find_cell(struct reading *x, const struct store_flow *flow) {
  const uint32_t key[] = {flow->source, flow->pattern, x->mode};
  bool is_new;
  struct cell *cell = hashmap_put(&x->h.cell_index, key, sizeof key, &is_new);
  if (!is_new) return cell;
  const struct flow_source *source = &x->sources[flow->source];
  const struct pattern_facts *facts = x->patterns[flow->pattern];
  *cell = (struct cell){.facts = facts,
                        .mode = (uint8_t)x->mode,
                        .stream = find_stream(x, source, &facts->mark),
                        .number = x->h.cell_index.count - 1,
                        .day = NO_DAY,
                        .first_day = INT32_MAX,
                        .first_s = FEEDBACK_TIME_UNKNOWN,
                        .last_s = FEEDBACK_TIME_UNKNOWN,
                        .counted = facts->counted && filter_admits_source(x->wish->counted, &source->ip)};
  return cell;
}

static void tally(const struct reading *x, struct cell *cell, int64_t count) {
  cell->tallied_records++;
  cell->tallied += count;
  bool earlier = cell->first_s == FEEDBACK_TIME_UNKNOWN || x->begin_s < cell->first_s;
  if (earlier && x->begin_s != FEEDBACK_TIME_UNKNOWN) cell->first_s = x->begin_s;
  if (x->end_s > cell->last_s) cell->last_s = x->end_s;
}

/* Of a report of several days what falls on those that are counted. Where nothing falls, as nothing is known to have
 * come, a single message says where the record is. */
static void tally_share(const struct reading *x, struct cell *cell, const struct store_flow *flow, int64_t count) {
  int64_t share = report_days_share(&x->days, x->from, x->to, count > 0 ? count : 1, flow->record);
  if (share) tally(x, cell, count > 0 ? share : 0);
}

static int on_flow(void *user, const struct store_flow *flow, struct err *e) {
  (void)e;
  struct reading *x = user;
  struct cell *cell = find_cell(x, flow);
  int64_t count = countable_messages(flow->count);
  if (x->counted && cell->counted) tally_share(x, cell, flow, count);
  if (x->day == NO_DAY) return 0;
  add_mail(&x->h, cell, x->day, count);
  MEM_GROW(x->h.records, x->h.record_capacity, x->h.record_count);
  x->h.records[x->h.record_count++] = (struct seen_record){count, cell->number};
  if (contradicts(cell->facts, x->mode)) *x->contradicted += count;
  return 0;
}

int history_each(struct store *s, const struct history_wish *wish, const struct sender_catalogue *catalogue,
                 history_fn *fn, void *user, struct err *e) {
  struct reading x = {.catalogue = catalogue, .wish = wish, .fn = fn, .user = user};
  const struct report_filter whole = {.domain = wish->filter->domain,
                                      .policy_domain = wish->filter->policy_domain,
                                      .whole_domains = true,
                                      .since_s = FILTER_OPEN_BEGIN,
                                      .until_s = FILTER_OPEN_END,
                                      .aligned = -1};
  const struct store_flow_events events = {on_report, on_source, on_pattern, on_flow, &x};
  x.organizations = organization_cache_new();
  int code = store_each_flow(s, &whole, &events, e);
  if (!code) code = finish_domain(&x, e);
  if (x.open) history_clear(&x.h);
  organization_cache_free(x.organizations);
  free(x.sources);
  free(x.patterns);
  return code;
}

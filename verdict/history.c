/* SPDX-License-Identifier: Apache-2.0 */
/* Folds the records of a policy domain into streams. */
#include <stdlib.h>
#include <string.h>

#include "base/alignment.h"
#include "base/cleanup.h"
#include "base/feedback.h"
#include "base/reporter.h"
#include "base/utc.h"
#include "verdict/cell.h"
#include "verdict/history_texts.h"

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

/* --- texts and small tables --------------------------------------------------------------------------------------- */

/* What a source is called: the address, or the text as it came; "" where there is none. */
static const char *spell_source(const struct ip_addr *ip, const char *text, char buffer[IP_TEXT_BYTES]) {
  return ip->size ? ip_format(ip, buffer) : text ? text : "";
}

struct interned history_source(const struct history *h, const struct ip_addr *ip, const char *text) {
  char buffer[IP_TEXT_BYTES];
  return interned_find(&h->text_index, spell_source(ip, text, buffer));
}

uint32_t history_number(struct hashmap *index, const char *text, const char ***list, uint32_t *count,
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
  for (uint32_t i = 0; i < h->stream_count; i++) free(h->streams[i].selectors);
  free(h->streams);
  free(h->days);
  free(h->cell_days);
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
  h->domain = history_keep(h, domain).text;
}

/* --- the end of a domain ------------------------------------------------------------------------------------------ */

static int finish_domain(struct reading *x, struct err *e) {
  struct history *h = &x->h;
  if (!x->open) return 0;
  for (uint32_t i = 0; i < h->cell_index.count; i++) {
    struct cell *cell = hashmap_value_at(&h->cell_index, i);
    cell_end(h, cell);
    if (h->tallies) cell_add_tally(&h->tallies[cell->stream], cell);
  }
  history_lay_out_days(h);
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
  const char *const tags[] = {r->p, r->sp, r->np, r->adkim, r->aspf};
  for (unsigned i = 0; i < ARRAY_SIZE(tags); i++) {
    if (tags[i]) strbuf_add_text(&key, tags[i]);
    strbuf_add_char(&key, ' ');
  }
  strbuf_add_char(&key, sampled);
  strbuf_add_char(&key, testing);
  bool is_new;
  uint32_t *number = hashmap_put(&h->policy_index, key.data, key.length, &is_new);
  if (!is_new) return *number;
  MEM_GROW(h->policies, h->policy_capacity, h->policy_count);
  h->policies[h->policy_count] =
      (struct seen_policy){history_keep(h, r->p).text,     history_keep(h, r->sp).text,   history_keep(h, r->np).text,
                           history_keep(h, r->adkim).text, history_keep(h, r->aspf).text, sampled == '-' ? 0 : sampled,
                           testing == '-' ? 0 : testing};
  return *number = h->policy_count++;
}

/* As its name came first, it is told. */
static uint32_t reporter_number(struct history *h, const char *org_name) {
  _cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
  bool is_new;
  reporter_add_key(&key, org_name);
  uint32_t *number = hashmap_put(&h->reporter_index, strbuf_text(&key), key.length, &is_new);
  if (!is_new) return *number;
  MEM_GROW(h->reporters, h->reporter_capacity, h->reporter_count);
  h->reporters[h->reporter_count] = history_keep(h, org_name ? org_name : "").text;
  return *number = h->reporter_count++;
}

static void note_report(struct reading *x, const struct store_flow_report *r) {
  struct history *h = &x->h;
  MEM_GROW(h->reports, h->report_capacity, h->report_count);
  const bool trusted = report_word_of(x->wish->words, &r->identity) == REPORT_TRUSTED;
  const enum provenance provenance =
      carriers_judge(x->wish->carriers, r->provenance, r->org_name, r->email, r->carrier);
  if (r->message_count > 0 && (trusted || provenance == PROVENANCE_PROVEN)) h->proven_reports++;
  h->reports[h->report_count++] =
      (struct seen_report){.identity = r->identity,
                           .provenance = provenance,
                           .trusted = trusted,
                           .day = utc_day_of_period(r->begin_s, r->end_s),
                           .begin_s = r->begin_s,
                           .end_s = r->end_s == FEEDBACK_TIME_UNKNOWN || r->end_s < r->begin_s ? r->begin_s : r->end_s,
                           .messages = countable_messages(r->message_count),
                           .reporter = reporter_number(h, r->org_name),
                           .policy = policy_number(h, r),
                           .first_record = h->record_count,
                           .end_record = h->record_count};
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
  bool dated = r->begin_s != FEEDBACK_TIME_UNKNOWN;
  bool distrusted = report_word_of(x->wish->words, &r->identity) == REPORT_DISTRUSTED;
  bool in_history = *domain && dated && !distrusted;
  x->counted = !distrusted && counts_report(x, r);
  if ((!*domain && !x->counted) || (dated && r->begin_s >= x->wish->before_s)) return 0;
  if (!x->open || strcmp(x->h.domain, domain) != 0) {
    int code = finish_domain(x, e);
    if (code < 0) return code;
    history_open(&x->h, x->organizations, domain);
    if (x->wish->counted) x->reach = filter_reach(x->wish->counted, *domain ? domain : NULL);
    x->open = true;
  }
  if (in_history) note_report(x, r);
  if (in_history) x->contradicted = history_contradicted(&x->h);
  if (*domain && !dated && !distrusted) note_undated(&x->h, r);
  if (!in_history && !x->counted) return 0;
  x->mode = alignment_mode(r->strict_dkim, r->strict_spf);
  x->walked = alignment_walked(r->discovery_method, x->h.domain);
  x->begin_s = x->counted ? report_days_begin(&x->days, x->from) : r->begin_s;
  x->end_s = x->counted && x->to < x->days.count ? report_days_begin(&x->days, x->to) - 1 : r->end_s;
  x->day = in_history ? utc_day_of_period(r->begin_s, r->end_s) : NO_DAY;
  return 1;
}

/* --- flows -------------------------------------------------------------------------------------------------------- */

static int on_source(void *user, uint32_t number, const struct ip_addr *ip, const char *text, struct err *e) {
  (void)e;
  struct reading *x = user;
  char buffer[IP_TEXT_BYTES];
  MEM_GROW(x->sources, x->source_capacity, number);
  x->sources[number] = (struct flow_source){*ip, history_keep(&x->h, spell_source(ip, text, buffer))};
  return 0;
}

static int on_pattern(void *user, uint32_t number, const struct feedback_record *r, struct err *e) {
  (void)e;
  struct reading *x = user;
  struct pattern_facts *f = pattern_read(&x->h, x->catalogue, r, x->walked);
  f->counted = x->wish->counted && filter_admits_pattern(x->wish->counted, x->reach, r);
  MEM_GROW(x->patterns, x->pattern_capacity, number);
  x->patterns[number] = f;
  return 0;
}

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
  x->h.has_recipients |= flow->has_envelope_to;
  if (x->counted && cell->counted) tally_share(x, cell, flow, count);
  if (x->day == NO_DAY) return 0;
  cell_add_mail(&x->h, cell, x->day, x->days.count > 1, count);
  MEM_GROW(x->h.records, x->h.record_capacity, x->h.record_count);
  x->h.records[x->h.record_count++] = (struct seen_record){count, cell->number};
  x->h.reports[x->h.report_count - 1].end_record = x->h.record_count;
  if (pattern_disagrees(cell->facts, x->mode)) *x->contradicted += count;
  return 0;
}

int history_each(struct store *s, const struct history_wish *wish, const struct sender_catalogue *catalogue,
                 history_fn *fn, void *user, struct err *e) {
  struct reading x = {.catalogue = catalogue, .wish = wish, .fn = fn, .user = user};
  const struct report_filter whole = {.domains = wish->filter->domains,
                                      .policy_domain = wish->filter->policy_domain,
                                      .own_reports = wish->filter->own_reports,
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

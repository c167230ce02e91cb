/* SPDX-License-Identifier: Apache-2.0 */
/* Draws streams as rows: a source, one way its mail authenticates, whose it is and by what evidence. */
#include <string.h>

#include "base/cleanup.h"
#include "base/hashmap.h"
#include "base/utc.h"
#include "report/question.h"

/* clang-format off */
enum {
  SOURCE, MESSAGES, PASS_SHARE, CLASS, SERVICE, EVIDENCE, PASS_BOTH, PASS_DKIM, PASS_SPF, PASS_NONE, UNEVALUATED,
  DISPOSITION_NONE, DISPOSITION_QUARANTINE, DISPOSITION_REJECT, DISPOSITION_PASS, DISPOSITION_OTHER, BECAUSE, PATTERN,
  FROM, DOMAIN, DORMANT, FIRST_SEEN, LAST_SEEN, RECORDS, PTR, ASN, AS_ORGANIZATION, COUNTRY, CAUSE,
  COLUMNS_OF_STREAMS
};
static const struct column COLUMNS[COLUMNS_OF_STREAMS] = {
    [SOURCE] = {"source_ip", "source", COLUMN_TEXT, COLUMN_KEY},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0},
    [PASS_SHARE] = {"pass_share", "pass", COLUMN_SHARE, COLUMN_GOOD},
    [CLASS] = {"class", NULL, COLUMN_TEXT, 0},
    [SERVICE] = {"service", NULL, COLUMN_TEXT, COLUMN_WRAP},
    [EVIDENCE] = {"evidence", NULL, COLUMN_TEXT, COLUMN_WRAP},
    [PASS_BOTH] = {"pass_both", "both", COLUMN_COUNT, COLUMN_DETAIL},
    [PASS_DKIM] = {"pass_dkim_only", "DKIM", COLUMN_COUNT, COLUMN_DETAIL},
    [PASS_SPF] = {"pass_spf_only", "SPF", COLUMN_COUNT, COLUMN_DETAIL},
    [PASS_NONE] = {"pass_none", "neither", COLUMN_COUNT, COLUMN_DETAIL},
    [UNEVALUATED] = {"unevaluated", NULL, COLUMN_COUNT, COLUMN_DATA},
    [DISPOSITION_NONE] = {"disposition_none", NULL, COLUMN_COUNT, COLUMN_DATA},
    [DISPOSITION_QUARANTINE] = {"disposition_quarantine", NULL, COLUMN_COUNT, COLUMN_DATA},
    [DISPOSITION_REJECT] = {"disposition_reject", NULL, COLUMN_COUNT, COLUMN_DATA},
    [DISPOSITION_PASS] = {"disposition_pass", NULL, COLUMN_COUNT, COLUMN_DATA},
    [DISPOSITION_OTHER] = {"disposition_other", NULL, COLUMN_COUNT, COLUMN_DATA},
    [BECAUSE] = {"because", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [PATTERN] = {"pattern", NULL, COLUMN_TEXT, COLUMN_DATA},
    [FROM] = {"header_from", "From:", COLUMN_TEXT, COLUMN_DETAIL},
    [DOMAIN] = {"policy_domain", NULL, COLUMN_TEXT, COLUMN_DATA},
    [DORMANT] = {"dormant", NULL, COLUMN_YES_NO, COLUMN_DETAIL},
    [FIRST_SEEN] = {"first_seen", "first seen", COLUMN_DAY, COLUMN_DETAIL},
    [LAST_SEEN] = {"last_seen", "last seen", COLUMN_DAY, COLUMN_DETAIL},
    [RECORDS] = {"records", NULL, COLUMN_COUNT, COLUMN_DATA},
    [PTR] = {"ptr", NULL, COLUMN_TEXT, COLUMN_DATA},
    [ASN] = {"asn", NULL, COLUMN_TEXT, COLUMN_DATA | COLUMN_MIXED},
    [AS_ORGANIZATION] = {"as_organization", NULL, COLUMN_TEXT, COLUMN_DATA},
    [COUNTRY] = {"country", NULL, COLUMN_TEXT, COLUMN_DATA},
    [CAUSE] = {"cause", NULL, COLUMN_TEXT, COLUMN_DATA},
};
/* clang-format on */
static const struct table TABLE = {
    "dmarcctl.sources", 2, NULL, "No mail matches. 'dmarcctl summary' shows what is stored.", COLUMNS,
    COLUMNS_OF_STREAMS};

struct listing {
  struct table_sink *sink;
  const struct stream_choice *choice;
  const struct judgement_basis *basis;
};

/* --- which streams ------------------------------------------------------------------------------------------------ */

/* Source -> the day on which it was first met in this history. */
static void find_first_days(const struct history *h, struct hashmap *first_days) {
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    bool is_new;
    int32_t *first = hashmap_put(first_days, &s->source, sizeof s->source, &is_new);
    if (is_new) *first = INT32_MAX;
    if (s->day_count && s->days[0].day < *first) *first = s->days[0].day;
  }
}

static bool is_new_source(const struct stream_choice *choice, const struct stream *s,
                          const struct hashmap *first_days) {
  if (choice->new_since_s == FILTER_OPEN_BEGIN) return true;
  const int32_t *first = hashmap_get(first_days, &s->source, sizeof s->source);
  return first && *first != INT32_MAX && utc_from_day(*first) >= utc_day_begin(choice->new_since_s);
}

static bool is_unowned(const struct judgement_basis *b, const struct history *h, const struct stream *s) {
  return (stream_is_own(s) || s->class == CLASS_UNDECIDED) && !stream_has_owner(b->labels, h, s, b->as_of_s);
}

static bool is_chosen(const struct listing *l, const struct history *h, const struct stream *s,
                      const struct hashmap *first_days) {
  const struct stream_choice *choice = l->choice;
  return (!choice->classes || choice->classes & 1u << s->class) && is_new_source(choice, s, first_days) &&
         (!choice->unowned || is_unowned(l->basis, h, s));
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

static int push_stream(struct table_sink *sink, const struct history *h, const struct stream *s, const struct tally *t,
                       struct err *e) {
  const int64_t *outcomes = t->outcomes;
  char asn[16];
  snprintf(asn, sizeof asn, "%u", (unsigned)s->origin.asn);
  const struct cell cells[COLUMNS_OF_STREAMS] = {
      [SOURCE] = cell_text(*s->source.text ? s->source.text : NULL),
      [MESSAGES] = cell_count(t->messages),
      [PASS_SHARE] = cell_share((double)tally_passed(t), (double)t->messages),
      [CLASS] = cell_text(stream_class_word(s->class)),
      [SERVICE] = cell_text(s->service ? s->service->name : NULL),
      [EVIDENCE] = cell_text(s->evidence),
      [PASS_BOTH] = cell_count(outcomes[PASSED_BOTH]),
      [PASS_DKIM] = cell_count(outcomes[PASSED_DKIM]),
      [PASS_SPF] = cell_count(outcomes[PASSED_SPF]),
      [PASS_NONE] = cell_count(outcomes[PASSED_NEITHER]),
      [UNEVALUATED] = cell_count(outcomes[NOT_EVALUATED]),
      [DISPOSITION_NONE] = cell_count(t->dispositions[DISPOSED_NONE]),
      [DISPOSITION_QUARANTINE] = cell_count(t->dispositions[DISPOSED_QUARANTINE]),
      [DISPOSITION_REJECT] = cell_count(t->dispositions[DISPOSED_REJECT]),
      [DISPOSITION_PASS] = cell_count(t->dispositions[DISPOSED_PASS]),
      [DISPOSITION_OTHER] = cell_count(t->dispositions[DISPOSED_OTHER]),
      [BECAUSE] = cell_text(s->because),
      [PATTERN] = cell_text(stream_kind_text(s->kind)),
      [FROM] = cell_text(s->header_from.text),
      [DOMAIN] = cell_text(*h->domain ? h->domain : NULL),
      [DORMANT] = cell_yes(s->dormant),
      [FIRST_SEEN] = cell_time(t->first_s),
      [LAST_SEEN] = cell_last_day(t->first_s, t->last_s),
      [RECORDS] = cell_count((int64_t)t->records),
      [PTR] = cell_text(s->origin.ptr),
      [ASN] = cell_text(s->origin.asn ? asn : NULL),
      [AS_ORGANIZATION] = cell_text(s->origin.organization),
      [COUNTRY] = cell_text(*s->origin.country ? s->origin.country : NULL),
      [CAUSE] = cell_text(failure_cause_word(s->cause)),
  };
  return sink->row(sink, cells, e);
}

static int push_streams(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)j;
  struct listing *l = user;
  struct hashmap first_days;
  int code = 0;
  hashmap_init(&first_days, sizeof(int32_t));
  if (l->choice->new_since_s != FILTER_OPEN_BEGIN) find_first_days(h, &first_days);
  for (uint32_t i = 0; i < h->stream_count && !code; i++)
    if (h->tallies[i].records && is_chosen(l, h, &h->streams[i], &first_days))
      code = push_stream(l->sink, h, &h->streams[i], &h->tallies[i], e);
  hashmap_clear(&first_days);
  return code;
}

int question_streams(const struct question *q, struct table_sink *sink, struct err *e) {
  struct listing listing = {sink, &q->streams, q->of.basis};
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = judge_each(&q->of, push_streams, &listing, e);
  if (!code) code = sink->end(sink, e);
  return code;
}

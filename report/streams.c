/* SPDX-License-Identifier: Apache-2.0 */
/* Draws streams as rows: a source, one way its mail authenticates, whose it is and by what evidence. */
#include <string.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/hashmap.h"
#include "base/utc.h"
#include "report/pass_share.h"
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

/* Several streams as one row. */
struct summed {
  struct group_tally sum;
  int64_t streams;
};
#define SUMMED_NONE \
  { .sum = GROUP_TALLY_EMPTY }

struct listing {
  struct table_sink *sink;
  struct summed forgers, all;
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

static void fill_tally(struct cell *c, const struct tally *t) {
  const int64_t *outcomes = t->outcomes;
  c[MESSAGES] = cell_count(t->messages);
  c[PASS_SHARE] = pass_share(t);
  c[PASS_BOTH] = cell_count(outcomes[PASSED_BOTH]);
  c[PASS_DKIM] = cell_count(outcomes[PASSED_DKIM]);
  c[PASS_SPF] = cell_count(outcomes[PASSED_SPF]);
  c[PASS_NONE] = cell_count(outcomes[PASSED_NEITHER]);
  c[UNEVALUATED] = cell_count(outcomes[NOT_EVALUATED]);
  c[DISPOSITION_NONE] = cell_count(t->dispositions[DISPOSED_NONE]);
  c[DISPOSITION_QUARANTINE] = cell_count(t->dispositions[DISPOSED_QUARANTINE]);
  c[DISPOSITION_REJECT] = cell_count(t->dispositions[DISPOSED_REJECT]);
  c[DISPOSITION_PASS] = cell_count(t->dispositions[DISPOSED_PASS]);
  c[DISPOSITION_OTHER] = cell_count(t->dispositions[DISPOSED_OTHER]);
  c[FIRST_SEEN] = cell_time(t->first_s);
  c[LAST_SEEN] = cell_last_day(t->first_s, t->last_s);
  c[RECORDS] = cell_count((int64_t)t->records);
}

static int push_stream(struct table_sink *sink, const struct history *h, const struct stream *s, const struct tally *t,
                       struct err *e) {
  char asn[16];
  snprintf(asn, sizeof asn, "%u", (unsigned)s->origin.asn);
  struct cell cells[COLUMNS_OF_STREAMS] = {
      [SOURCE] = cell_text(*s->source.text ? s->source.text : NULL),
      [CLASS] = cell_text(stream_class_word(s->class)),
      [SERVICE] = cell_text(s->service ? s->service->name : NULL),
      [EVIDENCE] = cell_text(s->evidence),
      [BECAUSE] = cell_text(s->because),
      [PATTERN] = cell_text(stream_kind_text(s->kind)),
      [FROM] = cell_text(s->header_from.text),
      [DOMAIN] = cell_text(*h->domain ? h->domain : NULL),
      [DORMANT] = cell_yes(s->dormant),
      [PTR] = cell_text(s->origin.ptr),
      [ASN] = cell_text(s->origin.asn ? asn : NULL),
      [AS_ORGANIZATION] = cell_text(s->origin.organization),
      [COUNTRY] = cell_text(*s->origin.country ? s->origin.country : NULL),
      [CAUSE] = cell_text(failure_cause_word(s->cause)),
  };
  fill_tally(cells, t);
  cells[PASS_SHARE].unpraised = !stream_is_own(s); /* a forger that fails is no bad news */
  return sink->row(sink, cells, e);
}

/* --- rows for several --------------------------------------------------------------------------------------------- */

static bool is_forger(const struct stream *s) { return s->class == CLASS_SUSPICIOUS || s->class == CLASS_UNAUTHORISED; }

static void add_summed(struct summed *x, const struct tally *t) {
  group_tally_merge(&x->sum, &(struct group_tally){.mail = *t});
  x->streams++;
}

static int push_summed(struct table_sink *sink, const struct summed *x, const char *name, const char *remark,
                       struct err *e) {
  struct cell cells[COLUMNS_OF_STREAMS] = {[SOURCE] = cell_text(name), [EVIDENCE] = cell_text(remark)};
  fill_tally(cells, &x->sum.mail);
  cells[PASS_SHARE].unpraised = true;
  return table_sink_total(sink, cells, e);
}

static int push_forgers(struct listing *l, struct err *e) {
  _cleanup_strbuf_ struct strbuf name = STRBUF_INIT;
  if (!l->forgers.streams) return 0;
  figure_count(&name, l->forgers.streams, "forger");
  return push_summed(l->sink, &l->forgers, name.data, "one by one with --unfold", e);
}

static int take_stream(struct listing *l, const struct history *h, uint32_t number, struct err *e) {
  const struct stream *s = &h->streams[number];
  const struct tally *t = &h->tallies[number];
  add_summed(&l->all, t);
  if (!l->choice->folds_forgers || !is_forger(s)) return push_stream(l->sink, h, s, t, e);
  add_summed(&l->forgers, t);
  return 0;
}

static int push_streams(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)j;
  struct listing *l = user;
  struct hashmap first_days;
  int code = 0;
  hashmap_init(&first_days, sizeof(int32_t));
  if (l->choice->new_since_s != FILTER_OPEN_BEGIN) find_first_days(h, &first_days);
  for (uint32_t i = 0; i < h->stream_count && !code; i++)
    if (h->tallies[i].records && is_chosen(l, h, &h->streams[i], &first_days)) code = take_stream(l, h, i, e);
  hashmap_clear(&first_days);
  return code;
}

int question_streams(const struct question *q, struct table_sink *sink, struct err *e) {
  struct listing listing = {sink, SUMMED_NONE, SUMMED_NONE, &q->streams, q->of.basis};
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = judge_each(&q->of, push_streams, &listing, e);
  if (!code) code = push_forgers(&listing, e);
  if (!code && listing.all.streams > 1) code = push_summed(sink, &listing.all, "total", NULL, e);
  if (!code) code = sink->end(sink, e);
  return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* compliance: one row a policy domain and sender, with what its mail misses of the bar for bulk senders. */
#include <string.h>

#include "base/cleanup.h"
#include "base/utc.h"
#include "report/late_table.h"
#include "report/question.h"
#include "report/sections.h"
#include "report/words.h"

/* clang-format off */
static const struct column VOLUME_COLUMNS[] = {
    {"receiver", NULL, COLUMN_TEXT, 0},
    {"days", NULL, COLUMN_COUNT, 0},
    {"bulk_days", NULL, COLUMN_COUNT, 0},
    {"last_bulk_day", NULL, COLUMN_DAY, 0},
    {"most_messages", NULL, COLUMN_COUNT, 0},
    {"most_day", NULL, COLUMN_DAY, 0},
};
#define VOLUME_CELLS ARRAY_SIZE(VOLUME_COLUMNS)
static const struct table VOLUME_ROWS = NESTED_ROWS(VOLUME_COLUMNS);

enum {
  SOURCE, POLICY_DOMAIN, MESSAGES, SPF_SHARE, DKIM_SHARE, ALIGNED_SHARE, BULK_SHARE, SHORT_OF, MISSING, CLASS,
  ADDRESSES, SERVICE, REPAIR, NO_SIGNATURE, DKIM_FAILS, SPF_FAILS, NO_SPF, NOT_ALIGNED, BEGIN_DAY, END_DAY, POLICY,
  FORWARDED, FOREIGN, BULK_DAYS, VOLUMES, WITHOUT_VERDICT, COLUMNS_OF_COMPLIANCE
};

static const struct column COLUMNS[COLUMNS_OF_COMPLIANCE] = {
    [SOURCE] = {"source", NULL, COLUMN_TEXT, COLUMN_KEY},
    [POLICY_DOMAIN] = {"policy_domain", "domain", COLUMN_TEXT, 0},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0},
    [SPF_SHARE] = {"spf_pass_share", "SPF", COLUMN_SHARE, COLUMN_GOOD | COLUMN_DETAIL},
    [DKIM_SHARE] = {"dkim_pass_share", "DKIM", COLUMN_SHARE, COLUMN_GOOD | COLUMN_DETAIL},
    [ALIGNED_SHARE] = {"aligned_share", "aligned", COLUMN_SHARE, COLUMN_GOOD | COLUMN_DETAIL},
    [BULK_SHARE] = {"bulk_pass_share", "all 3", COLUMN_SHARE, COLUMN_GOOD},
    [SHORT_OF] = {"dmarc_pass_bulk_fail", "short", COLUMN_COUNT, 0},
    [MISSING] = {"missing", NULL, COLUMN_WORDS, COLUMN_WRAP},
    [CLASS] = {"class", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [ADDRESSES] = {"addresses", NULL, COLUMN_COUNT, COLUMN_DETAIL},
    [SERVICE] = {"service", NULL, COLUMN_TEXT, COLUMN_DATA},
    [REPAIR] = {"repair", NULL, COLUMN_TEXT, COLUMN_DATA},
    [NO_SIGNATURE] = {"no_dkim_signature", NULL, COLUMN_COUNT, COLUMN_DATA},
    [DKIM_FAILS] = {"dkim_fails", NULL, COLUMN_COUNT, COLUMN_DATA},
    [SPF_FAILS] = {"spf_fails", NULL, COLUMN_COUNT, COLUMN_DATA},
    [NO_SPF] = {"no_spf", NULL, COLUMN_COUNT, COLUMN_DATA},
    [NOT_ALIGNED] = {"not_aligned", NULL, COLUMN_COUNT, COLUMN_DATA},
    [BEGIN_DAY] = {"first_day", NULL, COLUMN_DAY, COLUMN_DATA},
    [END_DAY] = {"last_day", NULL, COLUMN_DAY, COLUMN_DATA},
    [POLICY] = {"policy", NULL, COLUMN_TEXT, COLUMN_DATA},
    [FORWARDED] = {"domain_forwarded", NULL, COLUMN_COUNT, COLUMN_DATA},
    [FOREIGN] = {"domain_foreign", NULL, COLUMN_COUNT, COLUMN_DATA},
    [BULK_DAYS] = {"domain_bulk_days", "bulk days", COLUMN_COUNT, COLUMN_DETAIL},
    [VOLUMES] = {"domain_volumes", NULL, COLUMN_ROWS, COLUMN_DATA, &VOLUME_ROWS},
    [WITHOUT_VERDICT] = {"domain_without_verdict", NULL, COLUMN_COUNT, COLUMN_DATA},
};
/* clang-format on */

static const struct table TABLE = {"dmarcctl.compliance", 1, NULL, NO_DOMAIN_MATCHES, COLUMNS, COLUMNS_OF_COMPLIANCE};

static void fill_volume(const struct compliance_volume *v, enum compliance_receiver r, struct cell *cells) {
  const struct cell row[VOLUME_CELLS] = {cell_text(compliance_receiver_name(r)),
                                         cell_count(v->days),
                                         cell_count(v->bulk_days),
                                         v->bulk_days ? cell_day(v->last_bulk_day) : cell_absent(),
                                         cell_count(v->most),
                                         cell_day(v->most_day)};
  memcpy(cells, row, sizeof row);
}

/* On a day that two receivers count so much it is still one day: the largest figure of one. */
static unsigned fill_volumes(const struct compliance *c, struct cell *cells, uint32_t *ret_bulk_days) {
  unsigned rows = 0;
  *ret_bulk_days = 0;
  for (int r = 0; r < RECEIVERS; r++) {
    const struct compliance_volume *v = &c->volumes[r];
    if (!v->days) continue;
    fill_volume(v, (enum compliance_receiver)r, cells + rows++ * VOLUME_CELLS);
    if (v->bulk_days > *ret_bulk_days) *ret_bulk_days = v->bulk_days;
  }
  return rows;
}

static struct cell cell_part(int64_t part, const struct compliance_mail *mail) {
  return cell_share((double)part, (double)mail->messages);
}

static void fill_mail(const struct compliance_mail *mail, const char *words[MISSES], struct cell *cells) {
  enum compliance_miss misses[MISSES];
  unsigned count = compliance_misses(mail, misses);
  for (unsigned i = 0; i < count; i++) words[i] = compliance_miss_word(misses[i]);
  cells[MESSAGES] = cell_count(mail->messages);
  cells[SPF_SHARE] = cell_part(mail->spf, mail);
  cells[DKIM_SHARE] = cell_part(mail->dkim, mail);
  cells[ALIGNED_SHARE] = cell_part(mail->aligned, mail);
  cells[BULK_SHARE] = cell_part(mail->bulk, mail);
  cells[SHORT_OF] = cell_count(mail->short_of);
  cells[MISSING] = (struct cell){.present = true, .words = {words, count}};
  cells[NO_SIGNATURE] = cell_count(mail->misses[MISS_SIGNATURE]);
  cells[DKIM_FAILS] = cell_count(mail->misses[MISS_DKIM]);
  cells[SPF_FAILS] = cell_count(mail->misses[MISS_SPF]);
  cells[NO_SPF] = cell_count(mail->misses[MISS_SPF_SAID]);
  cells[NOT_ALIGNED] = cell_count(mail->misses[MISS_ALIGNMENT]);
}

/* `source` NULL: the row of a domain that has none. */
static int push_source(const struct compliance *c, const struct compliance_source *source, struct table_sink *sink,
                       struct err *e) {
  static const struct compliance_source NONE = {0};
  const struct compliance_source *s = source ? source : &NONE;
  const char *words[MISSES];
  struct cell volumes[RECEIVERS * VOLUME_CELLS];
  uint32_t bulk_days;
  _cleanup_strbuf_ struct strbuf repair = STRBUF_INIT;
  compliance_repair(c, s, &repair);
  struct cell cells[COLUMNS_OF_COMPLIANCE] = {
      [SOURCE] = cell_text(s->name),
      [POLICY_DOMAIN] = cell_text(c->judgement->domain),
      [CLASS] = cell_text(source ? stream_class_word(s->class) : NULL),
      [ADDRESSES] = cell_count(s->addresses),
      [SERVICE] = cell_text(s->service ? s->service->name : NULL),
      [REPAIR] = cell_text(repair.data),
      [BEGIN_DAY] = cell_time(c->begin_s),
      [END_DAY] = cell_last_day(c->begin_s, c->end_s),
      [POLICY] = cell_text(c->judgement->policy.p),
      [FORWARDED] = cell_count(c->forwarded),
      [FOREIGN] = cell_count(c->foreign),
      [WITHOUT_VERDICT] = cell_count(c->without_verdict),
      [VOLUMES] = {.present = true, .rows = {volumes, fill_volumes(c, volumes, &bulk_days)}},
  };
  cells[BULK_DAYS] = cell_count(bulk_days);
  fill_mail(&s->mail, words, cells);
  return sink->row(sink, cells, e);
}

static int push_rows(const struct compliance *c, struct table_sink *sink, struct err *e) {
  if (!c->source_count) return push_source(c, NULL, sink, e);
  int code = 0;
  for (uint32_t i = 0; i < c->source_count && !code; i++) code = push_source(c, &c->sources[i], sink, e);
  return code;
}

static int push_domain(void *user, const struct compliance *c, struct err *e) {
  struct late_table *t = user;
  int code = late_table_begin(t, e);
  return code < 0 ? code : push_rows(c, t->sink, e);
}

int question_compliance(const struct question *q, struct table_sink *sink, struct err *e) {
  struct late_table t = {sink, &TABLE, false};
  return late_table_end(&t, compliance_each(&q->of, push_domain, &t, e), e);
}

int compliance_push_sources(const struct compliance *c, struct table_sink *sink, struct err *e) {
  struct column columns[COLUMNS_OF_COMPLIANCE]; /* the page is one domain's: it says the rest above the table */
  memcpy(columns, COLUMNS, sizeof COLUMNS);
  columns[POLICY_DOMAIN].flags = columns[BULK_DAYS].flags = COLUMN_DATA;
  const struct table table = {TABLE.name, TABLE.version, NULL, NO_DOMAIN_MATCHES, columns, COLUMNS_OF_COMPLIANCE};
  int code = sink->begin(sink, &table, e);
  if (!code) code = push_rows(c, sink, e);
  return code < 0 ? code : sink->end(sink, e);
}

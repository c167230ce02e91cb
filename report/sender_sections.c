/* SPDX-License-Identifier: Apache-2.0 */
/* Lists senders, those first that somebody has to look after. */
#include "report/sender_sections.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "report/page_rows.h"

/* clang-format off */
enum { SENDER, ADDRESSES, MESSAGES, PART, PASSES, FIRST_SEEN, LAST_SEEN, TREND, COLUMNS_OF_SENDERS };
static const struct column COLUMNS[COLUMNS_OF_SENDERS] = {
    [SENDER] = {"sender", NULL, COLUMN_TEXT, COLUMN_KEY},
    [ADDRESSES] = {"addresses", NULL, COLUMN_TEXT, COLUMN_WRAP},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0},
    [PART] = {"part", "of these", COLUMN_SHARE, COLUMN_PART},
    [PASSES] = {"pass_share", "passes", COLUMN_SHARE, 0},
    [FIRST_SEEN] = {"first_seen", "first seen", COLUMN_DAY, 0},
    [LAST_SEEN] = {"last_seen", "last seen", COLUMN_DAY, 0},
    [TREND] = {"trend", NULL, COLUMN_TREND, 0},
};
/* clang-format on */

/* In the order in which they matter. */
static const struct sort {
  enum mail_whose whose;
  const char *title; /* of its sum: "Yours: 1,906 messages from 4 senders" */
  const char *meaning;
  bool is_judged; /* what passes is good, and what fails is not */
  bool is_folded;
} SORTS[] = {
    {MAIL_OWN_PASSING, "Yours",
     "Own mail: it passes by your DKIM key or your SPF record, or comes from where such mail comes from. It passes DMARC "
     "if one of the two passes for a domain that is aligned: the one in From:, or one under the same organization.",
     true, false},
    {MAIL_UNDECIDED, "Undecided",
     "Nothing in the reports proves that it is yours, yet it does not look like a forger's: it comes regularly, or "
     "through a service that sends for others. Only you know.",
     false, false},
    {MAIL_PASSED_ON, "Passed on by others",
     "Forwarders and mailing lists send on what was sent to them. SPF breaks on the way, and DKIM too where they change "
     "the text. It is not yours to repair.",
     false, false},
    {MAIL_FORGED, "Forged", "Strangers that use your domain: that their mail fails is what DMARC is for.", false, true},
    {MAIL_IGNORED, "Ignored", "By your own labels.", false, true},
};

struct listing {
  const struct senders *senders;
  const struct sort *sort;
};

/* "192.0.2.10 and 2 more" */
static void add_addresses(struct strbuf *out, const struct sender *x) {
  strbuf_add_text(out, x->example);
  if (x->addresses > 1) strbuf_printf(out, " and %u more", x->addresses - 1);
}

static bool is_named_by_address(const struct sender *x) { return x->addresses == 1 && !strcmp(x->name, x->example); }

static int push_sender(struct table_sink *sink, const struct senders *s, const struct sender *x, int64_t all,
                       struct err *e) {
  _cleanup_strbuf_ struct strbuf addresses = STRBUF_INIT;
  if (!is_named_by_address(x)) add_addresses(&addresses, x);
  const struct cell cells[COLUMNS_OF_SENDERS] = {
      [SENDER] = cell_text(x->name),
      [ADDRESSES] = cell_text(addresses.length ? strbuf_text(&addresses) : NULL),
      [MESSAGES] = cell_count(x->messages),
      [PART] = cell_share((double)x->messages, (double)all),
      [PASSES] = cell_share((double)x->passed, (double)x->judged),
      [FIRST_SEEN] = x->first_day == INT32_MAX ? cell_absent() : cell_day(x->first_day),
      [LAST_SEEN] = x->last_day == INT32_MIN ? cell_absent() : cell_day(x->last_day),
      [TREND] = {.present = true, .trend = {x->trend, (unsigned)s->points}},
  };
  return sink->row(sink, cells, e);
}

/* push_rows_fn. A column that would say the same in each row, or nothing, is left out. */
static int push_sort(const void *of, struct table_sink *sink, struct err *e) {
  const struct listing *l = of;
  struct column columns[COLUMNS_OF_SENDERS];
  uint32_t count;
  struct sender sum;
  bool has_addresses = false;
  const struct sender *first = senders_of(l->senders, l->sort->whose, &count, &sum);
  memcpy(columns, COLUMNS, sizeof columns);
  for (uint32_t i = 0; i < count; i++) has_addresses |= !is_named_by_address(&first[i]);
  if (!has_addresses) columns[ADDRESSES].flags |= COLUMN_DATA;
  if (count == 1) columns[PART].flags |= COLUMN_DATA;
  if (l->sort->is_judged) columns[PASSES].flags |= COLUMN_GOOD;
  if (!l->sort->is_judged && !sum.passed) columns[PASSES].flags |= COLUMN_DATA;
  const struct table table = {"dmarcctl.senders", 1, NULL, NULL, columns, COLUMNS_OF_SENDERS};
  int code = sink->begin(sink, &table, e);
  for (uint32_t i = 0; i < count && !code; i++) code = push_sender(sink, l->senders, &first[i], sum.messages, e);
  return code < 0 ? code : sink->end(sink, e);
}

/* "Yours: 1,906 messages from 4 senders, 100.0 % pass" */
static void add_title(struct strbuf *out, const struct sort *sort, const struct sender *sum, uint32_t count) {
  strbuf_printf(out, "%s: ", sort->title);
  figure_count(out, sum->messages, "message");
  strbuf_add_text(out, " from ");
  figure_count(out, count, "sender");
  if (!sum->judged) return;
  strbuf_add_text(out, ", ");
  if (!sum->passed)
    strbuf_add_text(out, "none passes");
  else {
    figure_share_of(out, sum->passed, sum->judged);
    strbuf_add_text(out, " pass");
  }
}

static int write_sort(struct document *d, const struct senders *s, const struct sort *sort, const char *when,
                      unsigned most, struct err *e) {
  _cleanup_strbuf_ struct strbuf title = STRBUF_INIT, caption = STRBUF_INIT;
  const struct listing listing = {s, sort};
  uint32_t count;
  struct sender sum;
  if (!senders_of(s, sort->whose, &count, &sum)) return 0;
  add_title(&title, sort, &sum, count);
  strbuf_printf(&caption, "%s, by sender, %s", sort->title, when);
  if (sort->is_folded)
    d->details(d, strbuf_text(&title));
  else
    d->heading(d, 3, NULL, strbuf_text(&title));
  d->note(d, sort->meaning);
  const struct page_table options = {.caption = strbuf_text(&caption),
                                     .rest = "'dmarcctl sources' lists every address"};
  int code = page_rows_draw(d, &options, &(struct row_choice){.most = most}, push_sort, &listing, e);
  if (sort->is_folded) d->details(d, NULL);
  return code;
}

int section_senders(struct document *d, const struct senders *s, const char *when, unsigned most, struct err *e) {
  int code = 0;
  for (unsigned i = 0; i < ARRAY_SIZE(SORTS) && !code; i++) code = write_sort(d, s, &SORTS[i], when, most, e);
  return code;
}

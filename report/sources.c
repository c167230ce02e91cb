/* SPDX-License-Identifier: Apache-2.0 */
/* sources: who sends, by address or network. */
#include <string.h>

#include "base/cleanup.h"

#include "report/pass_share.h"
#include "report/question.h"

/* clang-format off */
enum {
  SOURCE, MESSAGES, PASS_SHARE, PASS_BOTH, PASS_DKIM, PASS_SPF, PASS_NONE, UNEVALUATED, DISPOSITION_NONE,
  DISPOSITION_QUARANTINE, DISPOSITION_REJECT, DISPOSITION_PASS, DISPOSITION_OTHER, HEADER_FROM, FIRST_SEEN, LAST_SEEN,
  RECORDS, REPORTS, COLUMNS_OF_SOURCES
};
/* clang-format on */

/* clang-format off */
static const struct column COLUMNS[COLUMNS_OF_SOURCES] = {
    [SOURCE] = {"source_ip", "source", COLUMN_TEXT, COLUMN_KEY},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0},
    [PASS_SHARE] = {"pass_share", "pass", COLUMN_SHARE, COLUMN_GOOD},
    [PASS_BOTH] = {"pass_both", "both", COLUMN_COUNT, 0},
    [PASS_DKIM] = {"pass_dkim_only", "DKIM", COLUMN_COUNT, 0},
    [PASS_SPF] = {"pass_spf_only", "SPF", COLUMN_COUNT, 0},
    [PASS_NONE] = {"pass_none", "neither", COLUMN_COUNT, 0},
    [UNEVALUATED] = {"unevaluated", "not evaluated", COLUMN_COUNT, COLUMN_DETAIL},
    [DISPOSITION_NONE] = {"disposition_none", "let through", COLUMN_COUNT, COLUMN_DETAIL},
    [DISPOSITION_QUARANTINE] = {"disposition_quarantine", "quarantined", COLUMN_COUNT, COLUMN_DETAIL},
    [DISPOSITION_REJECT] = {"disposition_reject", "rejected", COLUMN_COUNT, COLUMN_DETAIL},
    [DISPOSITION_PASS] = {"disposition_pass", NULL, COLUMN_COUNT, COLUMN_DATA},
    [DISPOSITION_OTHER] = {"disposition_other", NULL, COLUMN_COUNT, COLUMN_DATA},
    [HEADER_FROM] = {"header_from", "From:", COLUMN_WORDS, COLUMN_WRAP},
    [FIRST_SEEN] = {"first_seen", "first seen", COLUMN_DAY, COLUMN_DETAIL},
    [LAST_SEEN] = {"last_seen", "last seen", COLUMN_DAY, COLUMN_DETAIL},
    [RECORDS] = {"records", NULL, COLUMN_COUNT, COLUMN_DATA},
    [REPORTS] = {"reports", NULL, COLUMN_COUNT, COLUMN_DATA},
};
/* clang-format on */

#define EMPTY "No mail matches. 'dmarcctl summary' shows what is stored."
static const struct table BY_ADDRESS = {"dmarcctl.addresses", 1, NULL, EMPTY, COLUMNS, COLUMNS_OF_SOURCES};

struct listing {
  struct table_sink *sink;
  struct group_tally all;
  uint64_t rows;
};

static void fill_tally(struct cell *c, const struct tally *t) {
  c[MESSAGES] = cell_count(t->messages);
  c[PASS_SHARE] = pass_share(t);
  c[PASS_BOTH] = cell_count(t->outcomes[PASSED_BOTH]);
  c[PASS_DKIM] = cell_count(t->outcomes[PASSED_DKIM]);
  c[PASS_SPF] = cell_count(t->outcomes[PASSED_SPF]);
  c[PASS_NONE] = cell_count(t->outcomes[PASSED_NEITHER]);
  c[UNEVALUATED] = cell_count(t->outcomes[NOT_EVALUATED]);
  c[DISPOSITION_NONE] = cell_count(t->dispositions[DISPOSED_NONE]);
  c[DISPOSITION_QUARANTINE] = cell_count(t->dispositions[DISPOSED_QUARANTINE]);
  c[DISPOSITION_REJECT] = cell_count(t->dispositions[DISPOSED_REJECT]);
  c[DISPOSITION_PASS] = cell_count(t->dispositions[DISPOSED_PASS]);
  c[DISPOSITION_OTHER] = cell_count(t->dispositions[DISPOSED_OTHER]);
  c[FIRST_SEEN] = cell_time(t->first_s);
  c[LAST_SEEN] = cell_last_day(t->first_s, t->last_s);
  c[RECORDS] = cell_count((int64_t)t->records);
}

static int on_group(void *user, const struct store_group *g, struct err *e) {
  struct listing *x = user;
  char text[IP_TEXT_BYTES];
  bool single = g->network.prefix_bits == g->network.base.size * 8u;
  const char *source = !g->network.base.size ? g->source_text
                       : single              ? ip_format(&g->network.base, text)
                                             : ip_network_format(&g->network, text);
  const char *from[STORE_GROUP_DOMAINS + 1];
  unsigned names = 0;
  while (names < STORE_GROUP_DOMAINS && g->header_froms[names]) {
    from[names] = g->header_froms[names];
    names++;
  }
  if (g->more_header_from) from[names++] = "...";
  struct cell cells[COLUMNS_OF_SOURCES] = {
      [SOURCE] = cell_text(source),
      [HEADER_FROM] = {.present = true, .words = {from, names}},
      [REPORTS] = cell_count((int64_t)g->tally.reports),
  };
  fill_tally(cells, &g->tally.mail);
  group_tally_merge(&x->all, &g->tally);
  x->rows++;
  return x->sink->row(x->sink, cells, e);
}

/* A report may be in several rows, so they do not add up. */
static int push_total(struct listing *x, struct err *e) {
  struct cell cells[COLUMNS_OF_SOURCES] = {[SOURCE] = cell_text("total")};
  if (x->rows < 2) return 0;
  fill_tally(cells, &x->all.mail);
  return table_sink_total(x->sink, cells, e);
}

int question_sources(const struct question *q, struct table_sink *sink, struct err *e) {
  struct column network_columns[COLUMNS_OF_SOURCES];
  memcpy(network_columns, COLUMNS, sizeof COLUMNS);
  network_columns[SOURCE].key = network_columns[SOURCE].title = "network";
  const struct table by_networks = {"dmarcctl.networks", 1, NULL, EMPTY, network_columns, COLUMNS_OF_SOURCES};
  struct listing x = {.sink = sink, .all = GROUP_TALLY_EMPTY};
  int code = sink->begin(sink, q->by_network ? &by_networks : &BY_ADDRESS, e);
  if (!code)
    code =
        store_aggregate(q->of.store, q->of.filter, q->by_network ? STORE_BY_NETWORK : STORE_BY_SOURCE, on_group, &x, e);
  if (!code) code = push_total(&x, e);
  if (!code) code = sink->end(sink, e);
  return code;
}

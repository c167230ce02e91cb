/* SPDX-License-Identifier: Apache-2.0 */
/* whatif: what another policy would do, one row a domain, a class, or a source and change. */
#include <string.h>

#include "base/cleanup.h"
#include "report/late_table.h"
#include "report/question.h"
#include "report/sections.h"
#include "report/words.h"

/* --- one row a domain --------------------------------------------------------------------------------------------- */

/* clang-format off */
enum {
  D_DOMAIN, D_TODAY, D_PROPOSED, D_OWN, D_UNDECIDED, D_AFFECTED, D_SHARE, D_SPARED, D_UNKNOWN, D_REJECTED,
  D_QUARANTINED, D_AFFECTED_COUNT, D_MESSAGES, D_WINDOW_BEGIN, D_WINDOW_END, COLUMNS_OF_DOMAINS
};
static const struct column DOMAIN_COLUMNS[COLUMNS_OF_DOMAINS] = {
    [D_DOMAIN] = {"domain", NULL, COLUMN_TEXT, COLUMN_KEY},
    [D_TODAY] = {"today", NULL, COLUMN_TEXT, 0},
    [D_PROPOSED] = {"proposed", NULL, COLUMN_TEXT, COLUMN_DATA},
    [D_OWN] = {"own_affected_per_day", "own mail", COLUMN_NUMBER, 0},
    [D_UNDECIDED] = {"undecided_affected_per_day", "undecided", COLUMN_NUMBER, 0},
    [D_AFFECTED] = {"affected_per_day", "in all", COLUMN_NUMBER, 0},
    [D_SHARE] = {"affected_share", "of its mail", COLUMN_SHARE, 0},
    [D_SPARED] = {"spared_per_day", "spared", COLUMN_NUMBER, 0},
    [D_UNKNOWN] = {"unknown_per_day", "not told", COLUMN_NUMBER, COLUMN_DETAIL},
    [D_REJECTED] = {"rejected_per_day", NULL, COLUMN_NUMBER, COLUMN_DATA},
    [D_QUARANTINED] = {"quarantined_per_day", NULL, COLUMN_NUMBER, COLUMN_DATA},
    [D_AFFECTED_COUNT] = {"affected", NULL, COLUMN_COUNT, COLUMN_DATA},
    [D_MESSAGES] = {"messages", NULL, COLUMN_COUNT, COLUMN_DETAIL},
    [D_WINDOW_BEGIN] = {"window_begin", "from", COLUMN_DAY, COLUMN_DETAIL},
    [D_WINDOW_END] = {"window_end", "to", COLUMN_DAY, COLUMN_DETAIL},
};
/* clang-format on */

static int push_domain(const struct whatif *w, struct table_sink *sink, struct err *e) {
  struct whatif_sum all, by_class[CLASS_IGNORED + 1];
  whatif_add_up(w, &all, by_class);
  _cleanup_strbuf_ struct strbuf today = STRBUF_INIT, proposed = STRBUF_INIT;
  whatif_tags_today(w, &today);
  whatif_tags_proposed(w->proposal, &proposed);
  const struct cell cells[COLUMNS_OF_DOMAINS] = {
      [D_DOMAIN] = cell_text(w->judgement->domain),
      [D_TODAY] = cell_text(strbuf_text(&today)),
      [D_PROPOSED] = cell_text(strbuf_text(&proposed)),
      [D_OWN] = cell_number(whatif_per_day(w, all.own_affected)),
      [D_UNDECIDED] = cell_number(whatif_per_day(w, all.undecided_affected)),
      [D_AFFECTED] = cell_number(whatif_per_day(w, all.affected)),
      [D_SHARE] = cell_share((double)all.affected, (double)all.messages),
      [D_SPARED] = cell_number(whatif_per_day(w, all.spared)),
      [D_UNKNOWN] = cell_number(whatif_per_day(w, all.unknown)),
      [D_REJECTED] = cell_number(whatif_per_day(w, all.rejected)),
      [D_QUARANTINED] = cell_number(whatif_per_day(w, all.quarantined)),
      [D_AFFECTED_COUNT] = cell_count(all.affected),
      [D_MESSAGES] = cell_count(all.messages),
      [D_WINDOW_BEGIN] = cell_time(w->begin_s),
      [D_WINDOW_END] = cell_last_day(w->begin_s, w->end_s),
  };
  return sink->row(sink, cells, e);
}

/* --- one row a class ---------------------------------------------------------------------------------------------- */

/* clang-format off */
enum {
  C_DOMAIN, C_CLASS, C_PER_DAY, C_AFFECTED, C_SHARE, C_SPARED, C_UNKNOWN, C_AFFECTED_COUNT, C_MESSAGES, C_STREAMS,
  COLUMNS_OF_CLASSES
};
static const struct column CLASS_COLUMNS[COLUMNS_OF_CLASSES] = {
    [C_DOMAIN] = {"domain", NULL, COLUMN_TEXT, COLUMN_KEY},
    [C_CLASS] = {"class", NULL, COLUMN_TEXT, COLUMN_KEY},
    [C_PER_DAY] = {"messages_per_day", "messages a day", COLUMN_NUMBER, 0},
    [C_AFFECTED] = {"affected_per_day", "affected a day", COLUMN_NUMBER, 0},
    [C_SHARE] = {"affected_share", "of its mail", COLUMN_SHARE, 0},
    [C_SPARED] = {"spared_per_day", "spared a day", COLUMN_NUMBER, 0},
    [C_UNKNOWN] = {"unknown_per_day", "not told", COLUMN_NUMBER, COLUMN_DETAIL},
    [C_AFFECTED_COUNT] = {"affected", NULL, COLUMN_COUNT, COLUMN_DATA},
    [C_MESSAGES] = {"messages", NULL, COLUMN_COUNT, COLUMN_DATA},
    [C_STREAMS] = {"streams", NULL, COLUMN_COUNT, COLUMN_DETAIL},
};
/* clang-format on */

static int push_classes(const struct whatif *w, struct table_sink *sink, struct err *e) {
  struct whatif_sum all, by_class[CLASS_IGNORED + 1];
  whatif_add_up(w, &all, by_class);
  int code = 0;
  for (int c = CLASS_OWN; c <= CLASS_IGNORED && !code; c++) {
    const struct whatif_sum *sum = &by_class[c];
    if (!sum->streams) continue;
    const struct cell cells[COLUMNS_OF_CLASSES] = {
        [C_DOMAIN] = cell_text(w->judgement->domain),
        [C_CLASS] = cell_text(stream_class_word((enum stream_class)c)),
        [C_PER_DAY] = cell_number(whatif_per_day(w, sum->messages)),
        [C_AFFECTED] = cell_number(whatif_per_day(w, sum->affected)),
        [C_SHARE] = cell_share((double)sum->affected, (double)sum->messages),
        [C_SPARED] = cell_number(whatif_per_day(w, sum->spared)),
        [C_UNKNOWN] = cell_number(whatif_per_day(w, sum->unknown)),
        [C_AFFECTED_COUNT] = cell_count(sum->affected),
        [C_MESSAGES] = cell_count(sum->messages),
        [C_STREAMS] = cell_count(sum->streams),
    };
    code = sink->row(sink, cells, e);
  }
  return code;
}

/* --- one row a source and change ---------------------------------------------------------------------------------- */

/* clang-format off */
enum {
  S_DOMAIN, S_SOURCE, S_CLASS, S_SERVICE, S_EVIDENCE, S_PER_DAY, S_SHARE, S_TODAY, S_THEN, S_EFFECT, S_FROM, S_PATTERN,
  S_GOVERNED, S_CHANGED, S_MESSAGES, S_BECAUSE, COLUMNS_OF_SOURCES
};
static const struct column SOURCE_COLUMNS[COLUMNS_OF_SOURCES] = {
    [S_DOMAIN] = {"domain", NULL, COLUMN_TEXT, COLUMN_KEY},
    [S_SOURCE] = {"source_ip", "source", COLUMN_TEXT, COLUMN_KEY},
    [S_CLASS] = {"class", NULL, COLUMN_TEXT, 0},
    [S_SERVICE] = {"service", NULL, COLUMN_TEXT, COLUMN_WRAP | COLUMN_DETAIL},
    [S_EVIDENCE] = {"evidence", NULL, COLUMN_TEXT, COLUMN_WRAP},
    [S_PER_DAY] = {"messages_per_day", "a day", COLUMN_NUMBER, 0},
    [S_SHARE] = {"share", "of its mail", COLUMN_SHARE, 0},
    [S_TODAY] = {"today", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [S_THEN] = {"proposed", "would get", COLUMN_TEXT, 0},
    [S_EFFECT] = {"effect", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [S_FROM] = {"header_from", "From:", COLUMN_TEXT, COLUMN_WRAP | COLUMN_DETAIL},
    [S_PATTERN] = {"pattern", NULL, COLUMN_TEXT, COLUMN_DATA},
    [S_GOVERNED] = {"governed_by", "by", COLUMN_TEXT, COLUMN_DETAIL},
    [S_CHANGED] = {"messages", NULL, COLUMN_COUNT, COLUMN_DATA},
    [S_MESSAGES] = {"source_messages", NULL, COLUMN_COUNT, COLUMN_DATA},
    [S_BECAUSE] = {"because", NULL, COLUMN_TEXT, COLUMN_DATA},
};
/* clang-format on */

static int push_change(const struct whatif *w, const struct whatif_source *source, enum whatif_change change,
                       struct table_sink *sink, struct err *e) {
  static const char *const EFFECTS[] = {
      [EFFECT_AFFECTED] = "affected", [EFFECT_SPARED] = "spared", [EFFECT_UNKNOWN] = "unknown"};
  /* The words of sources --by stream: source_ip, header_from and pattern name a stream in both. */
  static const char *const TAGS[GOVERNINGS] = {"p", "sp", "np"};
  const struct stream *s = source->stream;
  int64_t changed = source->changed[change];
  enum policy today, then;
  whatif_dispositions(w, source, change, &today, &then);
  const struct cell cells[COLUMNS_OF_SOURCES] = {
      [S_DOMAIN] = cell_text(w->judgement->domain),
      [S_SOURCE] = cell_text(s->source.text),
      [S_CLASS] = cell_text(stream_class_word(s->class)),
      [S_SERVICE] = cell_text(s->service ? s->service->name : NULL),
      [S_EVIDENCE] = cell_text(s->evidence),
      [S_PER_DAY] = cell_number(whatif_per_day(w, changed)),
      [S_SHARE] = cell_share((double)changed, (double)source->messages),
      [S_TODAY] = cell_text(policy_word(today)),
      [S_THEN] = cell_text(policy_word(then)),
      [S_EFFECT] = cell_text(EFFECTS[whatif_effect_of(w, source, change)]),
      [S_FROM] = cell_text(s->header_from.text),
      [S_PATTERN] = cell_text(stream_kind_text(s->kind)),
      [S_GOVERNED] = cell_text(TAGS[source->governed_by]),
      [S_CHANGED] = cell_count(changed),
      [S_MESSAGES] = cell_count(source->messages),
      [S_BECAUSE] = cell_text(s->because),
  };
  return sink->row(sink, cells, e);
}

static int push_sources(const struct whatif *w, struct table_sink *sink, struct err *e) {
  int code = 0;
  for (uint32_t i = 0; i < w->source_count; i++)
    for (enum whatif_change change = CHANGE_MOVED; change < CHANGES && !code; change++)
      if (w->sources[i].changed[change]) code = push_change(w, &w->sources[i], change, sink, e);
  return code;
}

/* --- tables ------------------------------------------------------------------------------------------------------- */

#define NO_CHANGE "Nothing that was seen would be treated in another way."

static const struct table TABLES[] = {
    [WHATIF_BY_DOMAIN] = {"dmarcctl.whatif-domains", 1, NULL, NO_DOMAIN_MATCHES, DOMAIN_COLUMNS, COLUMNS_OF_DOMAINS},
    [WHATIF_BY_CLASS] = {"dmarcctl.whatif-classes", 1, NULL, NO_DOMAIN_MATCHES, CLASS_COLUMNS, COLUMNS_OF_CLASSES},
    [WHATIF_BY_SOURCE] = {"dmarcctl.whatif", 1, NULL, NO_CHANGE, SOURCE_COLUMNS, COLUMNS_OF_SOURCES},
};
static int (*const PUSHES[])(const struct whatif *, struct table_sink *, struct err *) = {
    [WHATIF_BY_DOMAIN] = push_domain, [WHATIF_BY_CLASS] = push_classes, [WHATIF_BY_SOURCE] = push_sources};

#define MOST_COLUMNS 16
_Static_assert((int)COLUMNS_OF_CLASSES <= MOST_COLUMNS && (int)COLUMNS_OF_SOURCES <= MOST_COLUMNS &&
                   (int)COLUMNS_OF_DOMAINS <= MOST_COLUMNS,
               "each table fits");

int whatif_push(const struct whatif *w, enum whatif_by by, struct table_sink *sink, struct err *e) {
  struct column columns[MOST_COLUMNS];
  struct table table = TABLES[by];
  memcpy(columns, table.columns, table.column_count * sizeof *columns);
  columns[0].flags |= COLUMN_DATA; /* the domain: the page is about it */
  table.columns = columns;
  int code = sink->begin(sink, &table, e);
  if (!code) code = PUSHES[by](w, sink, e);
  return code < 0 ? code : sink->end(sink, e);
}

struct rows {
  struct late_table table;
  enum whatif_by by;
};

static int push_table(void *user, const struct whatif *w, struct err *e) {
  struct rows *r = user;
  int code = late_table_begin(&r->table, e);
  return code < 0 ? code : PUSHES[r->by](w, r->table.sink, e);
}

int question_whatif(const struct question *q, struct table_sink *sink, struct err *e) {
  struct table table = TABLES[q->whatif_by];
  _cleanup_strbuf_ struct strbuf title = STRBUF_INIT, tags = STRBUF_INIT;
  whatif_tags_proposed(q->proposal, &tags);
  strbuf_printf(&title, "What if %s? Messages a day newly affected, an upper bound", strbuf_text(&tags));
  table.title = strbuf_text(&title);
  struct rows rows = {{sink, &table, false}, q->whatif_by};
  return late_table_end(&rows.table, whatif_each(&q->of, q->proposal, push_table, &rows, e), e);
}

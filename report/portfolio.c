/* SPDX-License-Identifier: Apache-2.0 */
/* portfolio: one row a group of domains, who has most to do first. */
#include "report/portfolio.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/finding_list.h"
#include "report/late_table.h"
#include "report/question.h"

/* clang-format off */
enum {
  RANK, GROUP, DOMAINS, CRITICAL, WARNING, NOTICE, ACKNOWLEDGED, OWN_FAILING, OWN_RATE, OWN_MESSAGES, VERDICT_LIST,
  VERDICT_FIRST, FIRST = VERDICT_FIRST + VERDICTS, FIRST_DOMAIN, FIRST_ID, FIRST_TEXT, ADVICE, COLUMNS_OF_PORTFOLIO
};
static const struct column COLUMNS[COLUMNS_OF_PORTFOLIO] = {
    [RANK] = {"rank", NULL, COLUMN_COUNT, COLUMN_DATA},
    [GROUP] = {"group", NULL, COLUMN_TEXT, COLUMN_KEY},
    [DOMAINS] = {"domains", NULL, COLUMN_COUNT, 0},
    [CRITICAL] = {"critical", NULL, COLUMN_COUNT, 0},
    [WARNING] = {"warning", NULL, COLUMN_COUNT, 0},
    [NOTICE] = {"notice", NULL, COLUMN_COUNT, 0},
    [ACKNOWLEDGED] = {"acknowledged", NULL, COLUMN_COUNT, COLUMN_DATA},
    [OWN_FAILING] = {"own_failing_messages", "own mail fails", COLUMN_COUNT, 0},
    [OWN_RATE] = {"own_pass_rate", "own mail", COLUMN_SHARE, COLUMN_GOOD | COLUMN_DETAIL},
    [OWN_MESSAGES] = {"own_messages", NULL, COLUMN_COUNT, COLUMN_DATA},
    [VERDICT_LIST] = {"verdicts", NULL, COLUMN_WORDS, COLUMN_WRAP},
    [VERDICT_FIRST + VERDICT_STALE] = {"stale_domains", NULL, COLUMN_COUNT, COLUMN_DATA},
    [VERDICT_FIRST + VERDICT_REGRESSION] = {"regression_domains", NULL, COLUMN_COUNT, COLUMN_DATA},
    [VERDICT_FIRST + VERDICT_NOT_READY] = {"not_ready_domains", NULL, COLUMN_COUNT, COLUMN_DATA},
    [VERDICT_FIRST + VERDICT_NEEDS_DECISION] = {"needs_decision_domains", NULL, COLUMN_COUNT, COLUMN_DATA},
    [VERDICT_FIRST + VERDICT_INSUFFICIENT_DATA] = {"insufficient_data_domains", NULL, COLUMN_COUNT, COLUMN_DATA},
    [VERDICT_FIRST + VERDICT_READY] = {"ready_domains", NULL, COLUMN_COUNT, COLUMN_DATA},
    [VERDICT_FIRST + VERDICT_AT_TARGET] = {"at_target_domains", NULL, COLUMN_COUNT, COLUMN_DATA},
    [FIRST] = {"first", "first to do", COLUMN_TEXT, COLUMN_WRAP},
    [FIRST_DOMAIN] = {"first_domain", NULL, COLUMN_TEXT, COLUMN_DATA},
    [FIRST_ID] = {"first_id", NULL, COLUMN_TEXT, COLUMN_DATA},
    [FIRST_TEXT] = {"first_text", NULL, COLUMN_TEXT, COLUMN_DATA},
    [ADVICE] = {"advice", NULL, COLUMN_TEXT, COLUMN_DATA},
};
/* clang-format on */
static const struct table TABLE = {"dmarcctl.portfolio", 1, NULL, NO_DOMAIN_MATCHES, COLUMNS, COLUMNS_OF_PORTFOLIO};

/* A group, as far as its domains have come. */
struct line {
  const char *name; /* NULL: domains of no group */
  unsigned domains, verdicts[VERDICTS], due[CONCERN_SEVERITIES], acknowledged;
  int64_t own_messages, own_failing;
  struct listed_finding first; /* what waits for somebody and is to be done first; of no domain while there is none */
};

struct portfolio {
  const struct portfolio_groups *groups;
  struct line *lines;                /* those of the groups, then that of the rest */
  const struct concerned_domain *at; /* the domain that is being counted */
  bool is_of_any;
  struct arena *arena;
};

/* --- counting ----------------------------------------------------------------------------------------------------- */

static void count_mail(struct line *l, const struct judgement *j) {
  for (; j; j = j->below) {
    l->own_messages += j->own_messages;
    l->own_failing += j->own_messages - j->own_passed;
  }
}

/* What is to be done first of a domain comes first there. Most domains have nothing that comes before what is known. */
static void count_findings(struct portfolio *p, struct line *l) {
  for (unsigned i = 0; i < p->at->count; i++) {
    const struct concern *c = &p->at->concerns[i];
    l->acknowledged += c->state == CONCERN_ACKNOWLEDGED;
    if (!concern_is_due(c->state)) continue;
    l->due[c->severity]++;
    if (!l->first.title || concern_compare(c, &l->first.concern) < 0) finding_list_keep(p->arena, c, &l->first);
  }
}

static void count(struct portfolio *p, unsigned number) {
  struct line *l = &p->lines[number];
  const struct judgement *j = p->at->judgement;
  l->domains++;
  l->verdicts[j->verdict]++;
  count_mail(l, j);
  count_findings(p, l);
}

/* portfolio_group_fn */
static void on_group(void *user, unsigned number) {
  struct portfolio *p = user;
  p->is_of_any = true;
  count(p, number);
}

/* concerns_fn */
static int on_domain(void *user, const struct concerned_domain *d, struct err *e) {
  (void)e;
  struct portfolio *p = user;
  p->at = d;
  p->is_of_any = false;
  portfolio_groups_of(p->groups, d->domain, on_group, p);
  if (!p->is_of_any && p->groups->has_rest) count(p, p->groups->count);
  return 0;
}

/* --- the rows ----------------------------------------------------------------------------------------------------- */

#define BY(x, y) \
  if ((x) != (y)) return (x) > (y) ? -1 : 1

/* Domains whose next step waits for somebody. */
static unsigned waiting(const struct line *l) {
  return l->verdicts[VERDICT_REGRESSION] + l->verdicts[VERDICT_NOT_READY] + l->verdicts[VERDICT_NEEDS_DECISION] +
         l->verdicts[VERDICT_STALE];
}

static int most_to_do_first(const void *a, const void *b) {
  const struct line *x = a, *y = b;
  BY(x->due[CONCERN_CRITICAL], y->due[CONCERN_CRITICAL]);
  BY(x->due[CONCERN_WARNING], y->due[CONCERN_WARNING]);
  BY(x->own_failing, y->own_failing);
  BY(x->due[CONCERN_NOTICE], y->due[CONCERN_NOTICE]);
  BY(waiting(x), waiting(y));
  BY(x->domains, y->domains);
  BY(x->name != NULL, y->name != NULL);
  return x->name ? strcmp(x->name, y->name) : 0;
}

/* "3 NOT_READY", "12 READY": in the order in which verdicts are looked at. */
static struct cell verdicts_cell(const struct line *l, struct arena *arena) {
  const char **words = arena_alloc(arena, VERDICTS * sizeof *words);
  unsigned words_count = 0;
  for (int v = 0; v < VERDICTS; v++) {
    if (!l->verdicts[v]) continue;
    _cleanup_free_ char *word = mem_printf("%u %s", l->verdicts[v], verdict_word((enum verdict)v));
    words[words_count++] = arena_strdup(arena, word);
  }
  return (struct cell){.present = true, .words = {words, words_count}};
}

static int push_line(const struct line *l, unsigned rank, struct table_sink *sink, struct err *e) {
  _cleanup_arena_ struct arena *arena = arena_new(512);
  const struct listed_finding *f = l->first.title ? &l->first : NULL;
  _cleanup_free_ char *first = f ? mem_printf("%s: %s", f->concern.domain, f->title) : NULL;
  struct cell cells[COLUMNS_OF_PORTFOLIO] = {
      [RANK] = cell_count(rank),
      [GROUP] = cell_text(l->name),
      [DOMAINS] = cell_count(l->domains),
      [CRITICAL] = cell_count(l->due[CONCERN_CRITICAL]),
      [WARNING] = cell_count(l->due[CONCERN_WARNING]),
      [NOTICE] = cell_count(l->due[CONCERN_NOTICE]),
      [ACKNOWLEDGED] = cell_count(l->acknowledged),
      [OWN_FAILING] = cell_count(l->own_failing),
      [OWN_RATE] = cell_share((double)(l->own_messages - l->own_failing), (double)l->own_messages),
      [OWN_MESSAGES] = cell_count(l->own_messages),
      [VERDICT_LIST] = verdicts_cell(l, arena),
      [FIRST] = cell_text(first),
      [FIRST_DOMAIN] = cell_text(f ? f->concern.domain : NULL),
      [FIRST_ID] = cell_text(f ? f->id : NULL),
      [FIRST_TEXT] = cell_text(f ? f->text : NULL),
      [ADVICE] = cell_text(f ? f->advice : NULL),
  };
  for (int v = 0; v < VERDICTS; v++) cells[VERDICT_FIRST + v] = cell_count(l->verdicts[v]);
  return sink->row(sink, cells, e);
}

/* A group without a domain in the database has a line, for nothing comes from it; the rest has none without any. */
static int push_lines(struct portfolio *p, struct table_sink *sink, struct err *e) {
  const unsigned count_all = p->groups->count + (p->lines[p->groups->count].domains > 0);
  qsort(p->lines, count_all, sizeof *p->lines, most_to_do_first);
  int code = sink->begin(sink, &TABLE, e);
  for (unsigned i = 0; i < count_all && !code; i++) code = push_line(&p->lines[i], i + 1, sink, e);
  return code < 0 ? code : sink->end(sink, e);
}

int question_portfolio(const struct question *q, struct table_sink *sink, struct err *e) {
  _cleanup_arena_ struct arena *arena = arena_new(16 * 1024);
  struct portfolio p = {.groups = q->groups, .arena = arena};
  p.lines = mem_zalloc((p.groups->count + 1) * sizeof *p.lines);
  for (unsigned i = 0; i < p.groups->count; i++) p.lines[i].name = p.groups->names[i];
  int code = concerns_each(&q->of, q->acknowledgements, on_domain, &p, e);
  if (!code) code = push_lines(&p, sink, e);
  free(p.lines);
  return code;
}

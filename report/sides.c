/* SPDX-License-Identifier: Apache-2.0 */
/* Adds up what is stored of each domain, or of each reporter. */
#include "report/sides.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hashmap.h"
#include "base/mem.h"
#include "base/reporter.h"

struct sides {
  struct hashmap by_name; /* key of the name -> struct side */
  struct hashmap pairs;   /* of a domain and a reporter */
  struct hashmap others;  /* names of the other side */
  struct arena *names;    /* as they came first */
  bool of_domains;
};

static void add_key(struct strbuf *key, bool of_domain, const char *name) {
  if (of_domain)
    strbuf_add_text(key, name ? name : "");
  else
    reporter_add_key(key, name);
}

static void count_partner(struct sides *s, struct side *side, const struct store_group *g) {
  _cleanup_strbuf_ struct strbuf pair = STRBUF_INIT;
  bool is_new;
  add_key(&pair, true, g->policy_domain);
  strbuf_add_char(&pair, '\n');
  add_key(&pair, false, g->reporter);
  hashmap_put(&s->pairs, strbuf_text(&pair), pair.length, &is_new);
  side->partners += is_new;
  strbuf_reset(&pair);
  add_key(&pair, !s->of_domains, s->of_domains ? g->reporter : g->policy_domain);
  hashmap_put(&s->others, strbuf_text(&pair), pair.length, NULL);
}

static int on_group(void *user, const struct store_group *g, struct err *e) {
  (void)e;
  struct sides *s = user;
  _cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
  bool is_new;
  const char *name = s->of_domains ? g->policy_domain : g->reporter;
  add_key(&key, s->of_domains, name);
  struct side *side = hashmap_put(&s->by_name, strbuf_text(&key), key.length, &is_new);
  if (is_new) {
    side->name = arena_strdup(s->names, name ? name : "");
    side->sum = (struct group_tally)GROUP_TALLY_EMPTY;
    side->newest_s = FEEDBACK_TIME_UNKNOWN;
  }
  count_partner(s, side, g);
  group_tally_merge(&side->sum, &g->tally); /* a report has one domain and one reporter: it is in one group */
  return 0;
}

static void keep(char *to, size_t size, const char *text) { snprintf(to, size, "%s", text ? text : ""); }

/* The policy is the newest report's; a side of which nothing matches has no row and stays without one. */
static int on_report(void *user, const struct store_report *r, struct err *e) {
  (void)e;
  struct sides *s = user;
  const struct feedback_header *h = &r->header;
  _cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
  add_key(&key, s->of_domains, s->of_domains ? h->policy_domain : h->org_name);
  struct side *side = hashmap_get(&s->by_name, strbuf_text(&key), key.length);
  if (!side) return 0;
  if (h->flags & FEEDBACK_DAMAGED) side->damaged++;
  if (h->begin_s < side->newest_s) return 0;
  side->newest_s = h->begin_s;
  keep(side->p, sizeof side->p, h->p);
  keep(side->sp, sizeof side->sp, h->sp);
  keep(side->testing, sizeof side->testing, h->testing);
  keep(side->pct, sizeof side->pct, h->pct);
  return 0;
}

static int gather(struct store *s, const struct report_filter *filter, struct sides *sides, struct err *e) {
  hashmap_init(&sides->by_name, sizeof(struct side));
  hashmap_init(&sides->pairs, 0);
  hashmap_init(&sides->others, 0);
  int code = store_aggregate(s, filter, STORE_BY_POLICY_DOMAIN | STORE_BY_REPORTER, on_group, sides, e);
  return code < 0 ? code : store_each_report(s, filter, on_report, sides, e);
}

static int push_all(struct sides *sides, struct table_sink *sink, side_fn *fill, struct cell *cells, struct err *e) {
  for (uint32_t i = 0; i < sides->by_name.count; i++) {
    const struct side *side = hashmap_value_at(&sides->by_name, i);
    fill(side->name, side, cells);
    int code = sink->row(sink, cells, e);
    if (code < 0) return code;
  }
  return 0;
}

static int push_total(struct sides *sides, struct table_sink *sink, side_fn *fill, struct cell *cells, struct err *e) {
  struct side all = {.sum = GROUP_TALLY_EMPTY, .partners = sides->others.count};
  if (sides->by_name.count < 2) return 0;
  for (uint32_t i = 0; i < sides->by_name.count; i++) {
    const struct side *side = hashmap_value_at(&sides->by_name, i);
    group_tally_merge(&all.sum, &side->sum);
    all.damaged += side->damaged;
  }
  fill("total", &all, cells);
  return table_sink_total(sink, cells, e);
}

int sides_push(const struct question *q, bool of_domains, const struct table *table, side_fn *fill,
               struct table_sink *sink, struct err *e) {
  struct sides sides = {.names = arena_new(4096), .of_domains = of_domains};
  struct cell *cells = mem_zalloc(table->column_count * sizeof *cells);
  int code = sink->begin(sink, table, e);
  if (!code) code = gather(q->of.store, q->of.filter, &sides, e);
  if (!code) code = push_all(&sides, sink, fill, cells, e);
  if (!code) code = push_total(&sides, sink, fill, cells, e);
  if (!code) code = sink->end(sink, e);
  hashmap_clear(&sides.by_name);
  hashmap_clear(&sides.pairs);
  hashmap_clear(&sides.others);
  arena_free(sides.names);
  free(cells);
  return code;
}

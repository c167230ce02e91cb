/* SPDX-License-Identifier: Apache-2.0 */
/* Gathers what a judgement rests on. */
#include "cmd/basis.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/fall.h"
#include "base/cleanup.h"
#include "base/utc.h"
#include "cmd/config.h"

static int on_carried(void *user, const struct feedback_header *h, struct err *e) {
  (void)e;
  carriers_add(user, h->org_name, h->email, h->carrier, h->begin_s);
  return 0;
}

int evidence_open(struct evidence_basis *b, const struct database *db, struct err *e) {
  *b = (struct evidence_basis){.carriers = carriers_new()};
  int code = report_words_read(db->local, &b->words, e);
  return code < 0 ? code : store_each_carried(db->store, on_carried, b->carriers, e);
}

void evidence_clear(struct evidence_basis *b) {
  report_words_clear(&b->words);
  carriers_free(b->carriers);
}

/* --- arguments and --domain --------------------------------------------------------------------------------------- */

struct gathering {
  struct domain_set seen;
  const char **names;
  unsigned count, capacity;
  struct arena *texts;
};

static void add_name(struct gathering *g, const char *name) {
  if (!domain_set_add(&g->seen, name)) return;
  MEM_GROW(g->names, g->capacity, g->count);
  g->names[g->count++] = arena_strdup(g->texts, name);
}

/* Reports come domain after domain: the last name is the first one compared. */
static int on_report(void *user, const struct store_report *r, struct err *e) {
  (void)e;
  struct gathering *g = user;
  const char *name = r->header.policy_domain;
  if (name && (!g->count || strcmp(g->names[g->count - 1], name) != 0)) add_name(g, name);
  return 0;
}

/* An argument is a policy domain, --domain those that it reaches: with both it is all of these, each as a whole. */
static int add_up(struct basis *b, const struct options *o, const struct database *db, struct err *e) {
  struct report_filter reached = filter_of_domain(&o->filter);
  struct gathering g = {.texts = o->texts};
  domain_set_init(&g.seen);
  reached.whole_domains = true;
  for (unsigned i = 0; i < o->arg_count; i++) add_name(&g, o->args[i]);
  int code = store_each_report(db->store, &reached, on_report, &g, e);
  domain_set_clear(&g.seen);
  b->domains = g.names;
  b->filter.domains = NULL;
  b->inquiry.domains = g.names;
  b->inquiry.domain_count = g.count;
  return code;
}

/* --- targets ------------------------------------------------------------------------------------------------------ */

struct target_groups {
  const struct group **groups;
  struct targets *to;
};

static void add_target(void *user, unsigned number, const char *domain) {
  const struct target_groups *t = user;
  targets_add(t->to, domain, t->groups[number]->target);
}

/* Those that the groups of the configuration have. Of a domain in several the first one's holds. */
static int read_targets(const struct options *o, const struct database *db, struct targets *ret, struct err *e) {
  const struct config_section *s;
  unsigned most = 0, count = 0;
  while (config_group_at(o->config, most)) most++;
  _cleanup_free_ const struct group **groups = mem_alloc((most + 1) * sizeof *groups);
  for (unsigned i = 0; (s = config_group_at(o->config, i)); i++)
    if (s->group.target != POLICY_UNKNOWN) groups[count++] = &s->group;
  struct target_groups t = {groups, ret};
  targets_init(ret);
  return count ? groups_each_domain(groups, count, db->store, add_target, &t, e) : 0;
}

/* --- ways out ----------------------------------------------------------------------------------------------------- */

static void list_ways(struct basis *b, const struct config *c) {
  const struct config_section *s;
  unsigned count = 0;
  while (config_notify_at(c, count)) count++;
  b->ways = mem_alloc((count + 1) * sizeof *b->ways);
  for (count = 0; (s = config_notify_at(c, count)); count++) b->ways[count] = s->name;
  b->inquiry.ways = b->ways;
  b->inquiry.way_count = count;
}

/* --- the DNS of the past ------------------------------------------------------------------------------------------ */

static int explain(const void *past, const struct history *h, struct judgement *j, struct err *e) {
  return falls_explain(past, h, j, e);
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

int basis_open(struct basis *b, const struct options *o, const struct database *db, struct err *e) {
  *b = (struct basis){.catalogue = sender_catalogue_new()};
  int code = o->judgement.sender_map ? sender_catalogue_add_map(b->catalogue, o->judgement.sender_map, e) : 0;
  if (!code) code = labels_read(db->local, &b->labels, e);
  if (!code) code = evidence_open(&b->evidence, db, e);
  if (!code) code = lookups_open(&b->lookups, o, e);
  if (!code) code = read_targets(o, db, &b->targets, e);
  if (!code) code = dns_past_read(db->local, &b->past, e);
  const int64_t as_of_s = o->judgement.as_of_s;
  b->judgement = (struct judgement_basis){b->catalogue, &b->labels, &o->judgement.thresholds,
                                          as_of_s ? as_of_s : utc_now(), as_of_s ? as_of_s : INT64_MAX};
  b->judgement.words = &b->evidence.words;
  b->judgement.carriers = b->evidence.carriers;
  b->judgement.targets = &b->targets;
  b->judgement.explain = explain;
  b->judgement.explain_user = &b->past;
  b->judgement.origins = lookups_origins(&b->lookups);
  b->filter = o->filter;
  b->inquiry = (struct inquiry){db->store, &b->filter, o->args, o->arg_count, &b->judgement, .local = db->local};
  list_ways(b, o->config);
  if (!code && o->arg_count && o->filter.domains) code = add_up(b, o, db, e);
  return code;
}

void basis_clear(struct basis *b) {
  sender_catalogue_free(b->catalogue);
  labels_clear(&b->labels);
  evidence_clear(&b->evidence);
  lookups_clear(&b->lookups);
  targets_clear(&b->targets);
  dns_past_clear(&b->past);
  free(b->ways);
  free(b->domains);
}

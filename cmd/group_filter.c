/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the groups that --group names, and their domains. */
#include "cmd/group_filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/nearest.h"
#include "cmd/ask.h"
#include "cmd/config.h"

#define NAMED_MOST 20 /* groups that a message lists */

static int no_such_group(const struct config *c, const char *name, struct err *e) {
  _cleanup_strbuf_ struct strbuf list = STRBUF_INIT;
  struct nearest nearest = nearest_to(name, strlen(name));
  const struct config_section *s;
  unsigned count = 0;
  for (; (s = config_group_at(c, count)); count++) {
    nearest_consider(&nearest, s->name);
    if (count < NAMED_MOST) strbuf_printf(&list, "%s%s", count ? ", " : "", s->name);
  }
  if (!c->path) return err_set(e, ERR_USAGE, "--group: there is no configuration that has a [group %s]", name);
  if (!count) return err_set(e, ERR_USAGE, "--group: %s has no [group NAME]", c->path);
  if (nearest.word)
    return err_set(e, ERR_USAGE, "--group: there is no [group %s] in %s: did you mean %s?", name, c->path,
                   nearest.word);
  return err_set(e, ERR_USAGE, "--group: there is no [group %s] in %s; there are: %s%s", name, c->path,
                 strbuf_text(&list), count > NAMED_MOST ? ", ..." : "");
}

/* Those that --group names; or all, where it names none. */
int group_filter_find(const struct options *o, struct chosen_groups *ret, struct err *e) {
  const struct text_list *named = &o->reports.groups;
  unsigned count = named->count;
  if (!count)
    while (config_group_at(o->config, count)) count++;
  *ret = (struct chosen_groups){mem_alloc((count + 1) * sizeof *ret->groups),
                                mem_alloc((count + 1) * sizeof *ret->names), count};
  for (unsigned i = 0; i < count; i++) {
    const struct config_section *s =
        named->count ? config_group_find(o->config, named->items[i]) : config_group_at(o->config, i);
    if (!s) return no_such_group(o->config, named->items[i], e);
    ret->groups[i] = &s->group;
    ret->names[i] = s->name;
  }
  return 0;
}

void chosen_groups_clear(struct chosen_groups *c) {
  free(c->groups);
  free(c->names);
  *c = (struct chosen_groups){0};
}

static void choose(void *user, unsigned number, const char *domain) {
  (void)number;
  domain_set_add(user, domain);
}

void group_filter_narrow(struct report_filter *f, const struct domain_set *domains) {
  f->domains = domains;
  f->own_reports = true;
}

/* --domain is the mail of a domain wherever it is reported, and what both name is added up. */
int group_filter_apply(struct options *o, struct err *e) {
  if (!o->reports.groups.count) return 0;
  _cleanup_(chosen_groups_clear) struct chosen_groups chosen;
  struct database db = {0};
  int code = group_filter_find(o, &chosen, e);
  if (!code && groups_have_globs(chosen.groups, chosen.count)) code = ask_open(o, &db, e);
  if (!code) code = groups_each_domain(chosen.groups, chosen.count, db.store, choose, &o->chosen, e);
  database_close(&db);
  if (!o->reports.domains.count) group_filter_narrow(&o->filter, &o->chosen);
  return code;
}

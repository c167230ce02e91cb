/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the groups that --group names, and their domains. */
#include "cmd/group_filter.h"

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

/* Those that --group names, each with a group. */
static int find_all(const struct options *o, const struct group **ret, bool *ret_any_glob, struct err *e) {
  for (unsigned i = 0; i < o->reports.groups.count; i++) {
    const struct config_section *s = config_group_find(o->config, o->reports.groups.items[i]);
    if (!s) return no_such_group(o->config, o->reports.groups.items[i], e);
    ret[i] = &s->group;
    *ret_any_glob |= s->group.glob_count > 0;
  }
  return 0;
}

int group_filter_apply(struct options *o, struct err *e) {
  const unsigned count = o->reports.groups.count;
  if (!count) return 0;
  _cleanup_free_ const struct group **groups = mem_alloc(count * sizeof(struct group *));
  bool any_glob = false;
  struct database db = {0};
  int code = find_all(o, groups, &any_glob, e);
  if (!code && any_glob) code = ask_open(o, &db, e);
  for (unsigned i = 0; i < count && !code; i++) code = group_gather(groups[i], db.store, &o->chosen, e);
  database_close(&db);
  o->filter.domains = &o->chosen;
  return code;
}

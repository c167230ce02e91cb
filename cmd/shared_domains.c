/* SPDX-License-Identifier: Apache-2.0 */
/* Finds domains that are in several groups. That is no mistake: a host and its tenants, a region and its customers. But
 * of customers who are to be kept apart it is one. */
#include "cmd/shared_domains.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hashmap.h"
#include "base/mem.h"
#include "cmd/ask.h"
#include "cmd/config.h"
#include "cmd/group_filter.h"
#include "cmd/talk.h"

#define SHARED_MOST 20 /* that are told */
#define NO_MEMBER UINT32_MAX

/* A domain that a group has. */
struct member {
  char *domain;
  unsigned group;
  uint32_t next; /* the group before it that has the same domain */
};

struct overlaps {
  const struct config *config;
  struct chosen_groups groups; /* all */
  struct member *members;
  uint32_t count, capacity;
  struct hashmap newest; /* domain -> its last member, uint32_t */
  uint32_t *told;        /* of each group: the member that it was told of last, and one more */
  unsigned shared;
};

static void overlaps_clear(struct overlaps *x) {
  for (uint32_t i = 0; i < x->count; i++) free(x->members[i].domain);
  free(x->members);
  free(x->told);
  hashmap_clear(&x->newest);
  chosen_groups_clear(&x->groups);
}

static uint32_t newest_of(const struct overlaps *x, const char *domain) {
  const uint32_t *newest = hashmap_get(&x->newest, domain, strlen(domain));
  return newest ? *newest : NO_MEMBER;
}

static void add(void *user, unsigned group, const char *domain) {
  struct overlaps *x = user;
  const uint32_t before = newest_of(x, domain);
  for (uint32_t at = before; at != NO_MEMBER; at = x->members[at].next)
    if (x->members[at].group == group) return;
  MEM_GROW(x->members, x->capacity, x->count);
  x->members[x->count] = (struct member){mem_strdup(domain), group, before};
  *(uint32_t *)hashmap_put(&x->newest, domain, strlen(domain), NULL) = x->count++;
}

static void add_named(struct overlaps *x, const struct group *g, unsigned group, const char *name) {
  for (unsigned i = 0; i < g->glob_count; i++)
    if (group_glob_matches(g->globs[i], name)) add(x, group, name);
}

/* What groups name may not have been reported on yet: a glob meets it all the same. */
static void gather(struct overlaps *x, struct store *store) {
  struct err e;
  groups_each_domain(x->groups.groups, x->groups.count, store, add, x, &e);
  for (unsigned i = 0; i < x->groups.count; i++)
    for (unsigned o = 0; x->groups.groups[i]->glob_count && o < x->groups.count; o++)
      for (unsigned n = 0; n < x->groups.groups[o]->name_count; n++)
        add_named(x, x->groups.groups[i], i, x->groups.groups[o]->names[n]);
}

static void tell(struct overlaps *x, const struct member *m, unsigned other) {
  const struct config_section *s = config_group_at(x->config, m->group);
  if (x->shared++ < SHARED_MOST)
    talk("%s:%u: [group %s]: %s is in [group %s] too", x->config->path, s->line, s->name, m->domain,
         x->groups.names[other]);
}

/* Each other group that has the domain, or one above it. Of two that have the same it is told of the later one. */
static void tell_of(struct overlaps *x, uint32_t number) {
  const struct member *m = &x->members[number];
  x->told[m->group] = number + 1;
  for (const char *name = m->domain; name; name = strchr(name, '.')) {
    name += *name == '.';
    for (uint32_t at = newest_of(x, name); at != NO_MEMBER; at = x->members[at].next) {
      const unsigned other = x->members[at].group;
      const bool is_new = x->told[other] != number + 1;
      x->told[other] = number + 1;
      if (is_new && (name != m->domain || other < m->group)) tell(x, m, other);
    }
  }
}

void shared_domains_tell(const struct options *o) {
  _cleanup_(overlaps_clear) struct overlaps x = {.config = o->config};
  struct database db = {0};
  struct err e;
  hashmap_init(&x.newest, sizeof(uint32_t));
  if (group_filter_find(o, &x.groups, &e) < 0) return;
  if (groups_have_globs(x.groups.groups, x.groups.count) && ask_open(o, &db, &e) < 0) db.store = NULL;
  gather(&x, db.store);
  database_close(&db);
  x.told = mem_zalloc((x.groups.count + 1) * sizeof *x.told);
  for (uint32_t i = 0; i < x.count; i++) tell_of(&x, i);
  if (x.shared > SHARED_MOST)
    talk("%s: %u more domains are in several groups", o->config->path, x.shared - SHARED_MOST);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Holds the lines, and answers for a moment. */
#include "analysis/dns_past.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "dns/domain_records.h"
#include "local/dns_states.h"

/* --- reading ------------------------------------------------------------------------------------------------------ */

static bool type_of(const char *word, enum dns_type *ret) {
  for (int i = 0; i < DNS_TYPES; i++)
    if (!strcmp(dns_type_word((enum dns_type)i), word)) {
      *ret = (enum dns_type)i;
      return true;
    }
  return false;
}

static char *line_key(enum dns_type type, const char *name) { return mem_printf("%c%s", 'a' + (int)type, name); }

static struct dns_answer answer_of(struct arena *arena, const struct dns_state *s) {
  const bool is_there = !strcmp(s->status, "ok");
  const char **texts = arena_alloc(arena, (s->count + 1) * sizeof *texts);
  struct dns_answer a = {.status = is_there ? DNS_OK : DNS_NONE,
                         .texts = texts,
                         .expires_s = INT64_MAX,
                         .alias = arena_strdup(arena, s->alias)};
  if (!is_there) a.why = !strcmp(s->status, "nxdomain") ? DNS_WHY_NXDOMAIN : DNS_WHY_NODATA;
  for (unsigned i = 0; i < s->count; i++) texts[a.count++] = arena_strdup(arena, s->texts[i]);
  if (!is_there && a.alias) texts[a.count++] = a.alias; /* as the resolver has it */
  return a;
}

static int on_state(void *user, const struct dns_state *s, struct err *e) {
  (void)e;
  struct dns_past *p = user;
  enum dns_type type;
  if (!dns_state_is_known(s) || !type_of(s->type, &type)) return 0;
  _cleanup_free_ char *key = line_key(type, s->name);
  struct past_line *line = hashmap_put(&p->lines, key, strlen(key), NULL);
  if (!line->name) *line = (struct past_line){.name = arena_strdup(p->arena, s->name), .type = type};
  MEM_GROW(line->states, line->capacity, line->count);
  line->states[line->count++] = (struct past_state){s->first_s, s->last_s, answer_of(p->arena, s)};
  return 0;
}

int dns_past_read(struct local *l, struct dns_past *ret, struct err *e) {
  *ret = (struct dns_past){.arena = arena_new(256 * 1024)};
  hashmap_init(&ret->lines, sizeof(struct past_line));
  return dns_states_each(l, on_state, ret, e);
}

void dns_past_clear(struct dns_past *p) {
  if (!p->arena) return;
  for (uint32_t i = 0; i < p->lines.count; i++) free(((struct past_line *)hashmap_value_at(&p->lines, i))->states);
  hashmap_clear(&p->lines);
  arena_free(p->arena);
  *p = (struct dns_past){0};
}

const struct past_line *dns_past_line(const struct dns_past *p, enum dns_type type, const char *name) {
  _cleanup_free_ char *key = line_key(type, name);
  return hashmap_get(&p->lines, key, strlen(key));
}

/* --- domains ------------------------------------------------------------------------------------------------------ */

static int compare(const void *a, const void *b) {
  return strcmp(((const struct past_domain *)a)->domain, ((const struct past_domain *)b)->domain);
}

/* A snapshot asks for the BIMI record of each domain that it is about, and of no other name. */
struct past_domain *dns_past_domains(const struct dns_past *p, uint32_t *ret_count) {
  char buffer[FACT_NAME_BYTES];
  enum dns_type type;
  const size_t length = strlen(domain_fact_name(FACT_BIMI, "", buffer, &type));
  struct past_domain *found = mem_alloc((p->lines.count + 1) * sizeof *found);
  *ret_count = 0;
  for (uint32_t i = 0; i < p->lines.count; i++) {
    const struct past_line *line = hashmap_value_at(&p->lines, i);
    if (line->type == type && !strncmp(line->name, buffer, length))
      found[(*ret_count)++] = (struct past_domain){line->name + length, line->states[0].first_s};
  }
  qsort(found, *ret_count, sizeof *found, compare);
  return found;
}

/* --- a moment ----------------------------------------------------------------------------------------------------- */

static bool get_answer(void *user, enum dns_type type, const char *name, struct arena *arena, struct dns_answer *ret) {
  (void)arena;
  struct past_view *v = user;
  const struct past_line *line = dns_past_line(v->past, type, name);
  const struct past_state *found = NULL, *former = NULL;
  for (uint32_t i = 0; line && i < line->count; i++) {
    const struct past_state *s = &line->states[i];
    if (s->first_s > v->at_s) {
      if (s->first_s < v->next_s) v->next_s = s->first_s;
      break;
    }
    former = found;
    found = s;
  }
  if (!found) return false;
  if (found->first_s == v->at_s && former && former->last_s < v->before_s) v->before_s = former->last_s;
  *ret = found->answer;
  return true;
}

int dns_past_open(const struct dns_past *p, int64_t at_s, struct past_view *view, struct dns **ret, struct err *e) {
  *view = (struct past_view){.past = p, .at_s = at_s, .next_s = INT64_MAX, .before_s = INT64_MAX};
  return dns_open(&(struct dns_options){.offline = true, .cache = {.get = get_answer, .user = view}}, ret, e);
}

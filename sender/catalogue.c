/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue: what services.ini says, compiled in, and above it what the user's map says. */
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/hashmap.h"
#include "base/mem.h"
#include "sender/map.h"
#include "sender/sender.h"

#define DOMAIN_MAX_BYTES 253 /* RFC 1035 2.3.4, without the root; bounds the labels a look-up walks */
#define TEXT_CHUNK_BYTES (4U << 10)

/* A domain that gives service number `service` away. */
struct evidence {
  const char *domain;
  unsigned service;
};

/* SERVICES, DKIM_EVIDENCE, SPF_EVIDENCE, PTR_EVIDENCE */
#include "sender/services.inc"

struct sender_catalogue {
  const struct sender_service **services;
  unsigned count, capacity;
  struct hashmap dkim, spf, ptr, map_ptr; /* domain -> service */
  struct hashmap names;                   /* lower-case name, or that, NUL and lower-case type -> service */
  struct arena *texts;                    /* the map's services and their texts */
};

/* --- names -------------------------------------------------------------------------------------------------------- */

static void add_lower_case(struct strbuf *key, const char *text) {
  for (; *text; text++) strbuf_add_char(key, *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text);
}

static const struct sender_service *get(const struct hashmap *m, const void *key, size_t key_size) {
  const struct sender_service **found = hashmap_get(m, key, key_size);
  return found ? *found : NULL;
}

static void set(struct hashmap *m, const void *key, size_t key_size, const struct sender_service *s) {
  *(const struct sender_service **)hashmap_put(m, key, key_size, NULL) = s;
}

static const struct sender_service *find_name(const struct sender_catalogue *c, const char *name) {
  _cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
  add_lower_case(&key, name);
  return get(&c->names, key.data, key.length);
}

const struct sender_service *sender_by_name(const struct sender_catalogue *c, const char *name) {
  return name && *name ? find_name(c, name) : NULL;
}

static void add_service(struct sender_catalogue *c, const struct sender_service *s) {
  MEM_GROW(c->services, c->capacity, c->count);
  c->services[c->count++] = s;
  _cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
  add_lower_case(&key, s->name);
  if (!get(&c->names, key.data, key.length)) set(&c->names, key.data, key.length, s);
}

/* --- the built-in ------------------------------------------------------------------------------------------------- */

static void add_evidence(struct hashmap *m, const struct evidence *all, size_t count) {
  for (size_t i = 0; i < count; i++) set(m, all[i].domain, strlen(all[i].domain), &SERVICES[all[i].service]);
}

struct sender_catalogue *sender_catalogue_new(void) {
  struct sender_catalogue *c = mem_zalloc(sizeof *c);
  struct hashmap *maps[] = {&c->dkim, &c->spf, &c->ptr, &c->map_ptr, &c->names};
  for (size_t i = 0; i < ARRAY_SIZE(maps); i++) hashmap_init(maps[i], sizeof(const struct sender_service *));
  c->texts = arena_new(TEXT_CHUNK_BYTES);
  for (size_t i = 0; i < ARRAY_SIZE(SERVICES); i++) add_service(c, &SERVICES[i]);
  add_evidence(&c->dkim, DKIM_EVIDENCE, ARRAY_SIZE(DKIM_EVIDENCE));
  add_evidence(&c->spf, SPF_EVIDENCE, ARRAY_SIZE(SPF_EVIDENCE));
  add_evidence(&c->ptr, PTR_EVIDENCE, ARRAY_SIZE(PTR_EVIDENCE));
  return c;
}

void sender_catalogue_free(struct sender_catalogue *c) {
  if (!c) return;
  struct hashmap *maps[] = {&c->dkim, &c->spf, &c->ptr, &c->map_ptr, &c->names};
  for (size_t i = 0; i < ARRAY_SIZE(maps); i++) hashmap_clear(maps[i]);
  arena_free(c->texts);
  free(c->services);
  free(c);
}

/* --- the user's map ----------------------------------------------------------------------------------------------- */

/* parsedmarc types whoever sells no such thing by the industry, and its mail servers send for nobody else; "IaaS" rents
 * servers to whoever pays. A type not listed tells nothing. Behind parsedmarc's words stand ours. */
static bool type_sends_for_others(const char *type) {
  static const char *const TYPES[] = {
      "Email Provider", "Email Security", "Marketing", "SaaS",   "PaaS",          "MSP",       "MSSP",
      "Web Host",       "Web Hosting",    "mailbox",   "crm",    "transactional", "erp",       "helpdesk",
      "payment",        "commerce",       "hr",        "survey", "gateway",       "forwarder", "list",
      "hosting"};
  for (size_t i = 0; i < ARRAY_SIZE(TYPES); i++)
    if (ascii_same(type, TYPES[i])) return true;
  return false;
}

static const struct sender_service *new_map_service(struct sender_catalogue *c, const struct map_row *row) {
  struct sender_service *s = arena_alloc(c->texts, sizeof *s);
  *s = (struct sender_service){.name = arena_strdup(c->texts, row->name),
                               .kind = arena_strdup(c->texts, row->type),
                               .shared = true,
                               .sends_for_others = type_sends_for_others(row->type)};
  add_service(c, s);
  return s;
}

/* One name is one service, so that a report groups what DKIM and what a PTR tells of it; but two firms of a map may
 * share a name, and their types then tell them apart. */
static const struct sender_service *service_of_row(struct sender_catalogue *c, const struct map_row *row) {
  const struct sender_service *named = find_name(c, row->name);
  if (named && named->repair) return named; /* only built-in ones know their repair */
  _cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
  add_lower_case(&key, row->name);
  strbuf_add_char(&key, '\0');
  add_lower_case(&key, row->type);
  const struct sender_service *s = get(&c->names, key.data, key.length);
  if (s) return s;
  s = new_map_service(c, row);
  set(&c->names, key.data, key.length, s);
  return s;
}

int sender_catalogue_add_map(struct sender_catalogue *c, const char *path, struct err *e) {
  _cleanup_map_ struct map m = {0};
  int r = map_read(path, &m, e);
  if (r < 0) return r;
  for (size_t i = 0; i < m.count; i++) {
    const struct map_row *row = &m.rows[i];
    set(&c->map_ptr, row->domain, strlen(row->domain), service_of_row(c, row));
  }
  return 0;
}

/* --- look-ups ----------------------------------------------------------------------------------------------------- */

/* Tries the name, then its parents, so that the longest suffix wins. A domain of one label matches itself alone: a map
 * that lists "com" does not mean all below it. */
static const struct sender_service *find_longest(const struct hashmap *m, const char *name) {
  size_t size = name ? strnlen(name, DOMAIN_MAX_BYTES + 1) : 0;
  if (!size || size > DOMAIN_MAX_BYTES) return NULL;
  const char *end = name + size, *suffix = name;
  while (suffix) {
    const struct sender_service *s = get(m, suffix, (size_t)(end - suffix));
    if (s) return s;
    const char *dot = strchr(suffix, '.');
    suffix = dot && strchr(dot + 1, '.') ? dot + 1 : NULL;
  }
  return NULL;
}

const struct sender_service *sender_by_dkim(const struct sender_catalogue *c, const char *domain) {
  const struct sender_service *s = find_longest(&c->dkim, domain);
  return s ? s : find_longest(&c->map_ptr, domain);
}

const struct sender_service *sender_by_spf(const struct sender_catalogue *c, const char *domain) {
  const struct sender_service *s = find_longest(&c->spf, domain);
  return s ? s : find_longest(&c->map_ptr, domain);
}

const struct sender_service *sender_by_ptr(const struct sender_catalogue *c, const char *host) {
  const struct sender_service *s = find_longest(&c->map_ptr, host);
  return s ? s : find_longest(&c->ptr, host);
}

unsigned sender_count(const struct sender_catalogue *c) { return c->count; }

const struct sender_service *sender_at(const struct sender_catalogue *c, unsigned i) {
  return i < c->count ? c->services[i] : NULL;
}

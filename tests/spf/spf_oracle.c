/* SPDX-License-Identifier: Apache-2.0 */
/* Checks addresses against SPF records out of its input, for tests/spf/differential.py: lines "TYPE name text", where a
 * text "!" fails, and "CHECK address domain sender helo", each answered by a line with the result. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hashmap.h"
#include "base/mem.h"
#include "dns/spf_check.h"

#define MOST_ANSWERS 32
#define MOST_ROUNDS 100

struct zone {
  struct arena *arena;
  struct hashmap answers; /* "TYPE name" -> struct dns_answer */
};

static bool get(void *user, enum dns_type type, const char *name, struct arena *arena, struct dns_answer *ret) {
  (void)arena;
  struct zone *z = user;
  _cleanup_free_ char *key = mem_printf("%s %s", dns_type_word(type), name);
  const struct dns_answer *found = hashmap_get(&z->answers, key, strlen(key));
  *ret = found ? *found : (struct dns_answer){.status = DNS_NONE, .expires_s = INT64_MAX};
  return true;
}

static void add(struct zone *z, const char *line) {
  const char *space = strchr(strchr(line, ' ') + 1, ' ');
  struct dns_answer *a = hashmap_put(&z->answers, line, (size_t)(space - line), NULL);
  if (!a->texts)
    *a = (struct dns_answer){.texts = arena_alloc(z->arena, MOST_ANSWERS * sizeof *a->texts), .expires_s = INT64_MAX};
  a->status = strcmp(space + 1, "!") != 0 ? DNS_OK : DNS_FAILED;
  if (a->status == DNS_OK && a->count < MOST_ANSWERS)
    ((const char **)a->texts)[a->count++] = arena_strdup(z->arena, space + 1);
}

static void check(struct zone *z, const char *line) {
  char ip[64], domain[256], sender[256], helo[256];
  struct spf_question q = {.domain = domain, .sender = sender, .helo = helo};
  _cleanup_dns_ struct dns *d = NULL;
  struct spf_verdict v;
  if (sscanf(line, "CHECK %63s %255s %255s %255s", ip, domain, sender, helo) != 4 || !ip_parse(ip, &q.ip)) return;
  dns_open(&(struct dns_options){.offline = true, .cache = {.get = get, .user = z}}, &d, NULL);
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  for (unsigned i = 0; i < MOST_ROUNDS && !spf_check(d, &q, arena, &v); i++) dns_run(d);
  puts(spf_result_word(v.result));
}

int main(void) {
  static char line[65536];
  struct zone z = {.arena = arena_new(65536)};
  hashmap_init(&z.answers, sizeof(struct dns_answer));
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = '\0';
    if (!strncmp(line, "CHECK ", 6))
      check(&z, line);
    else if (strchr(line, ' '))
      add(&z, line);
  }
  hashmap_clear(&z.answers);
  arena_free(z.arena);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the DNS share: answers from a zone that lies in the test, without a network. */
#ifndef TESTS_DNS_KIT_H
#define TESTS_DNS_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "dns/dmarc_record.h"
#include "dns/message.h"
#include "dns/published.h"
#include "dns/resolver.h"
#include "dns/reverse.h"
#include "dns/tree_walk.h"

/* --- a zone ------------------------------------------------------------------------------------------------------- */

/* Everything that is not listed does not exist. A text "!" fails, "@NAME" is an alias to nowhere. */
struct zone_line {
  enum dns_type type;
  const char *name, *text;
};

struct world {
  const struct zone_line *lines;
  struct dns *dns;
  struct arena *arena;
  unsigned asked;
};

static inline bool answer_from_zone(void *user, enum dns_type type, const char *name, struct arena *arena,
                                    struct dns_answer *ret) {
  struct world *w = user;
  const char **texts = arena_alloc(arena, 32 * sizeof *texts);
  *ret = (struct dns_answer){.status = DNS_NONE, .texts = texts, .expires_s = INT64_MAX};
  w->asked++;
  for (const struct zone_line *line = w->lines; line->name; line++) {
    if (line->type != type || strcmp(line->name, name) != 0) continue;
    if (!strcmp(line->text, "!")) {
      ret->status = DNS_FAILED;
      return true;
    }
    ret->status = *line->text == '@' ? DNS_NONE : DNS_OK;
    texts[ret->count++] = *line->text == '@' ? line->text + 1 : line->text;
  }
  return true;
}

static inline void world_open(struct world *w, const struct zone_line *lines) {
  struct err e;
  *w = (struct world){.lines = lines, .arena = arena_new(4096)};
  const struct dns_options options = {.server = "127.0.0.1:9", .cache = {.get = answer_from_zone, .user = w}};
  assert_int_equal(dns_open(&options, &w->dns, &e), 0);
}

static inline void world_close(struct world *w) {
  dns_close(w->dns);
  arena_free(w->arena);
}
#define _cleanup_world_ __attribute__((cleanup(world_close)))

static inline bool has_fault(const struct dns_faults *f, const char *fault) {
  for (unsigned i = 0; i < f->count; i++)
    if (!strcmp(f->items[i].fault, fault)) return true;
  return false;
}

/* The faults of a text by itself, joined by blanks. */
static inline const char *faults_of(const char *text) {
  static char joined[512];
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct dmarc_record r;
  struct dns_faults faults = {.count = 0};
  dmarc_record_parse(&r, arena, text);
  dmarc_record_check(&r, arena, &faults);
  *joined = '\0';
  for (unsigned i = 0; i < faults.count; i++) {
    assert_memory_equal(faults.items[i].section, "RFC ", 4);
    snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "%s%s", *joined ? " " : "",
             faults.items[i].fault);
  }
  return joined;
}

#endif

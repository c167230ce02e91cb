/* SPDX-License-Identifier: Apache-2.0 */
/* Findings made by hand, and what a section of the configuration makes of them. */
#ifndef TESTS_NOTICE_KIT_H
#define TESTS_NOTICE_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utc.h"
#include "report/notice.h"

#define TODAY 20787 /* Monday, 2026-11-30 */
#define NOW (utc_from_day(TODAY) + 8 * 3600)

/* --- findings made by hand ---------------------------------------------------------------------------------------- */

static const char *const NAMES[] = {"example.org", "example.com", "example.net"};

static struct listed_finding finding(enum concern_kind kind, enum concern_state state, const char *domain,
                                     const char *subject) {
  struct listed_finding f = {.concern = {.kind = kind,
                                         .severity = concern_kind_facts(kind)->severity,
                                         .state = state,
                                         .domain = domain,
                                         .subject = subject,
                                         .identity = concern_identity(kind, domain, subject),
                                         .first_day = TODAY - 6,
                                         .last_day = TODAY - 1,
                                         .found_day = TODAY - 5,
                                         .gone_day = state == CONCERN_GONE ? TODAY : INT32_MAX,
                                         .messages = 1204},
                             .title = "own mail fails: newsletter",
                             .text = "1,204 messages fail",
                             .advice = state == CONCERN_GONE ? NULL : "sign it"};
  identity_id(&f.concern.identity, f.id);
  return f;
}

struct fixture {
  struct listed_finding items[200];
  struct finding_list list;
  struct thresholds thresholds;
  struct notice_past past;
  struct notice_wish wish;
  struct notice notice;
  struct notice_texts texts;
};

static int set_up(void **state) {
  struct fixture *f = mem_zalloc(sizeof *f);
  f->list = (struct finding_list){.items = f->items, .names = (const char **)(uintptr_t)NAMES, .domains = 3};
  f->wish = (struct notice_wish){
      .section = "me", .severity = CONCERN_NOTICE, .addressees = "joe@example.com,ann@example.net"};
  f->thresholds = THRESHOLDS_DEFAULT;
  f->past.progress = (struct notice_progress){FEEDBACK_TIME_UNKNOWN, INT32_MIN};
  hashmap_init(&f->past.told, sizeof(struct told));
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  notice_clear(&f->notice);
  notice_texts_clear(&f->texts);
  hashmap_clear(&f->past.told);
  hashmap_clear(&f->list.held);
  free(f);
  return 0;
}

static struct listed_finding *add(struct fixture *f, enum concern_kind kind, enum concern_state state,
                                  const char *domain, const char *subject) {
  f->items[f->list.count] = finding(kind, state, domain, subject);
  return &f->items[f->list.count++];
}

static struct told told_as(const struct listed_finding *l) {
  const struct concern *c = &l->concern;
  return (struct told){.severity = CONCERN_CRITICAL,
                       .first_day = TODAY - 6,
                       .found_day = TODAY - 5,
                       .seen_day = TODAY - 1,
                       .told_s = 1,
                       .kind = concern_kind_facts(c->kind)->word,
                       .domain = c->domain,
                       .subject = c->subject,
                       .title = l->title};
}

static void add_told(struct fixture *f, const struct listed_finding *l) {
  *(struct told *)hashmap_put(&f->past.told, l->concern.identity.bytes, IDENTITY_BYTES, NULL) = told_as(l);
}

static struct notice_day day_of(struct fixture *f, const struct finding_list *list, int64_t as_of_s) {
  return (struct notice_day){.list = list, .thresholds = &f->thresholds, .as_of_s = as_of_s};
}

static void choose(struct fixture *f, int32_t last_period) {
  const struct notice_day today = day_of(f, &f->list, NOW);
  f->past.progress.period_day = last_period;
  notice_clear(&f->notice);
  notice_begin(&f->wish, &f->past, NOW, &f->notice);
  notice_choose(&f->notice, &today);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif

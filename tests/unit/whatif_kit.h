/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of whatif share: ten days of mail whose figures are worked out by hand, and how to ask. */
#ifndef TESTS_WHATIF_KIT_H
#define TESTS_WHATIF_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/utc.h"
#include "report/question.h"
#include "report/sections.h"

/* --- a store and its mail ------------------------------------------------------------------------------------------
 * Every day the same mail, messages a day:
 *
 *   source         From:                   passes                              messages
 *   192.0.2.1      example.com             DKIM and SPF, same domain                 10
 *   192.0.2.2      example.com             DKIM of mail.example.com                   2
 *   192.0.2.3      example.com             SPF of bounce.example.com                  4
 *   192.0.2.4      shop.example.com        SPF, same domain                           5
 *   198.51.100.1   example.com             nothing, and comes back: undecided         3
 *   203.0.113.2    shop.example.com        nothing, SPF says it is forged             6
 *   2001:db8::3    invented.example.com    nothing                                    7
 *
 * So 16 fail: 3 under p, 6 under sp, 7 under np.
 *
 * What is there every day is never a mere stranger: where classes are asked about, the last two come on one day, with
 * as much as on all of them (add_mail). */

#define DAYS 10
#define FIRST_DAY_S (INT64_C(20000) * UTC_DAY_S)

struct world {
  char folder[64], path[96];
  struct local *local;
  struct store *store;
  struct sender_catalogue *catalogue;
  struct report_filter filter;
  int64_t as_of_s;
  unsigned reports;
  struct err e;
};

static inline int set_up(void **state) {
  struct world *w = mem_zalloc(sizeof *w);
  snprintf(w->folder, sizeof w->folder, "/tmp/test_whatif.XXXXXX");
  if (!mkdtemp(w->folder)) return -1;
  snprintf(w->path, sizeof w->path, "%s/dmarc.db", w->folder);
  w->catalogue = sender_catalogue_new();
  w->filter = (struct report_filter)REPORT_FILTER_ALL;
  w->as_of_s = FIRST_DAY_S + DAYS * UTC_DAY_S;
  *state = w;
  int r = local_open(w->path, LOCAL_WRITE, &w->local, &w->e);
  if (r == 0) w->store = store_open_in(local_db(w->local));
  return r;
}

static inline int tear_down(void **state) {
  struct world *w = *state;
  store_close(w->store);
  local_close(w->local);
  sender_catalogue_free(w->catalogue);
  _cleanup_free_ char *command = mem_printf("rm -rf %s", w->folder);
  int r = system(command);
  free(w);
  return r;
}

#define assert_ok(w, call)                                      \
  do {                                                          \
    int _r = (call);                                            \
    if (_r < 0) fail_msg("%s: %d: %s", #call, _r, (w)->e.text); \
  } while (0)

static inline struct feedback_record record(const char *source, const char *from, int64_t count, enum alignment dkim,
                                            enum alignment spf) {
  struct feedback_record r = {.count = count,
                              .disposition = {"none", NULL},
                              .dkim = {dkim > ALIGNMENT_NONE ? "pass" : "fail", NULL},
                              .spf = {spf > ALIGNMENT_NONE ? "pass" : "fail", NULL},
                              .header_from = from,
                              .dkim_alignment = dkim,
                              .spf_alignment = spf};
  assert_true(ip_parse(source, &r.source_ip));
  return r;
}

#define NONE ALIGNMENT_NONE
#define RELAXED ALIGNMENT_RELAXED
#define STRICT ALIGNMENT_STRICT

static const char *const APEX = "example.com", *const SHOP = "shop.example.com",
                         *const INVENTED = "invented.example.com";

static inline void add_report(struct world *w, const struct feedback_header *policy, int64_t begin_s,
                              const struct feedback_record *records, size_t count) {
  static const uint8_t DIGEST[FEEDBACK_DIGEST_BYTES] = {1};
  char id[32];
  int64_t report;
  snprintf(id, sizeof id, "r%u", w->reports++);
  struct feedback_header header = *policy;
  header.org_name = "receiver.example.net";
  header.report_id = id;
  header.begin_s = begin_s;
  header.end_s = begin_s + UTC_DAY_S;
  if (!header.policy_domain) header.policy_domain = APEX;
  const struct store_entry entry = {identity_of_report(&header, DIGEST), &header, DIGEST};
  struct feedback_record **list = mem_alloc(count * sizeof *list);
  for (size_t i = 0; i < count; i++) list[i] = (struct feedback_record *)&records[i];
  assert_ok(w, store_put(w->store, &entry, list, (uint32_t)count, &report, &w->e));
  assert_ok(w, store_flush(w->store, &w->e));
  free(list);
}

static inline void add_days(struct world *w, const struct feedback_header *policy, int first, int days,
                            const struct feedback_record *records, size_t count) {
  for (int day = first; day < first + days; day++) add_report(w, policy, FIRST_DAY_S + day * UTC_DAY_S, records, count);
}

/* The last two of the table: `times` of what is there in a day, on each of the days. */
static inline void add_strangers(struct world *w, const struct feedback_header *policy, int first, int days,
                                 int64_t times) {
  struct auth_result forged = {AUTH_SPF, SHOP, NULL, "mfrom", {"fail", NULL}, NULL};
  struct feedback_record strangers[] = {record("203.0.113.2", SHOP, 6 * times, NONE, NONE),
                                        record("2001:db8::3", INVENTED, 7 * times, NONE, NONE)};
  strangers[0].results = &forged;
  strangers[0].result_count = 1;
  add_days(w, policy, first, days, strangers, ARRAY_SIZE(strangers));
}

/* The others. */
static inline void add_familiar_mail(struct world *w, const struct feedback_header *policy, int first, int days) {
  struct auth_result own = {AUTH_SPF, APEX, NULL, "mfrom", {"pass", NULL}, NULL};
  struct auth_result signature = {AUTH_DKIM, "mail.example.com", "s1", NULL, {"pass", NULL}, NULL};
  struct feedback_record familiar[] = {
      record("192.0.2.1", APEX, 10, STRICT, STRICT), record("192.0.2.2", APEX, 2, RELAXED, NONE),
      record("192.0.2.3", APEX, 4, NONE, RELAXED),   record("192.0.2.4", SHOP, 5, NONE, STRICT),
      record("198.51.100.1", APEX, 3, NONE, NONE),
  };
  familiar[0].results = &own;
  familiar[1].results = &signature;
  familiar[0].result_count = familiar[1].result_count = 1;
  add_days(w, policy, first, days, familiar, ARRAY_SIZE(familiar));
}

static inline void add_usual_mail(struct world *w, const struct feedback_header *policy, int first, int days) {
  add_familiar_mail(w, policy, first, days);
  add_strangers(w, policy, first, days, 1);
}

static inline void add_mail(struct world *w, const struct feedback_header *policy) {
  add_familiar_mail(w, policy, 0, DAYS);
  add_strangers(w, policy, DAYS / 2, 1, DAYS);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

struct answer {
  unsigned domains;
  double days;
  struct whatif_sum all, by_class[CLASS_IGNORED + 1];
  char sources[256]; /* in their order */
};

static inline int keep_answer(void *user, const struct whatif *w, struct err *e) {
  (void)e;
  struct answer *a = user;
  a->domains++;
  a->days = w->days;
  whatif_add_up(w, &a->all, a->by_class);
  for (uint32_t i = 0; i < w->source_count; i++) {
    size_t used = strlen(a->sources);
    snprintf(a->sources + used, sizeof a->sources - used, " %s", w->sources[i].stream->source.text);
  }
  return 0;
}

static inline int try_domain(struct world *w, const char *domain, struct whatif_proposal proposal, struct answer *ret) {
  const struct labels labels = {0};
  const struct judgement_basis basis = {.catalogue = w->catalogue,
                                        .labels = &labels,
                                        .thresholds = &THRESHOLDS_DEFAULT,
                                        .as_of_s = w->as_of_s,
                                        .before_s = INT64_MAX};
  *ret = (struct answer){0};
  const struct inquiry q = {w->store, &w->filter, &domain, 1, &basis};
  return whatif_each(&q, &proposal, keep_answer, ret, &w->e);
}

static inline struct whatif_sum try(struct world *w, struct whatif_proposal proposal) {
  struct answer a;
  assert_ok(w, try_domain(w, APEX, proposal, &a));
  assert_int_equal(a.domains, 1);
  return a.all;
}

/* Messages of the ten days. */
#define assert_sum(w, proposed, wanted_rejected, wanted_quarantined, wanted_spared) \
  do {                                                                              \
    struct whatif_sum _sum = try(w, proposed);                                      \
    assert_int_equal(_sum.rejected, wanted_rejected);                               \
    assert_int_equal(_sum.quarantined, wanted_quarantined);                         \
    assert_int_equal(_sum.spared, wanted_spared);                                   \
    assert_int_equal(_sum.affected, _sum.rejected + _sum.quarantined);              \
  } while (0)
#define P(word) ((struct whatif_proposal){.p = (word)})
#define SP(word) ((struct whatif_proposal){.sp = (word)})
#define NP(word) ((struct whatif_proposal){.np = (word)})
#define ADKIM(word) ((struct whatif_proposal){.adkim = (word)})
#define ASPF(word) ((struct whatif_proposal){.aspf = (word)})

static const struct feedback_header AT_NONE = {.p = "none", .sp = "none", .adkim = "r", .aspf = "r"};
static const struct feedback_header AT_QUARANTINE = {.p = "quarantine", .sp = "quarantine"};
static const struct feedback_header AT_REJECT = {.p = "reject"};

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif

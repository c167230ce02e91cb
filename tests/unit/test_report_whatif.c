/* SPDX-License-Identifier: Apache-2.0 */
/* What another policy would do: ten days of mail whose figures are worked out by hand, through the store and the judge
 * to the sums and the rows. */
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
 * So 16 fail: 3 under p, 6 under sp, 7 under np. */

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

static int set_up(void **state) {
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

static int tear_down(void **state) {
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

static struct feedback_record record(const char *source, const char *from, int64_t count, enum alignment dkim,
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

static void add_report(struct world *w, const struct feedback_header *policy, int64_t begin_s,
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

static void add_days(struct world *w, const struct feedback_header *policy, int first, int days,
                     const struct feedback_record *records, size_t count) {
  for (int day = first; day < first + days; day++) add_report(w, policy, FIRST_DAY_S + day * UTC_DAY_S, records, count);
}

static void add_usual_mail(struct world *w, const struct feedback_header *policy, int first, int days) {
  struct auth_result own = {AUTH_SPF, APEX, NULL, "mfrom", {"pass", NULL}, NULL};
  struct auth_result signature = {AUTH_DKIM, "mail.example.com", "s1", NULL, {"pass", NULL}, NULL};
  struct auth_result forged = {AUTH_SPF, SHOP, NULL, "mfrom", {"fail", NULL}, NULL};
  struct feedback_record usual[] = {
      record("192.0.2.1", APEX, 10, STRICT, STRICT),  record("192.0.2.2", APEX, 2, RELAXED, NONE),
      record("192.0.2.3", APEX, 4, NONE, RELAXED),    record("192.0.2.4", SHOP, 5, NONE, STRICT),
      record("198.51.100.1", APEX, 3, NONE, NONE),    record("203.0.113.2", SHOP, 6, NONE, NONE),
      record("2001:db8::3", INVENTED, 7, NONE, NONE),
  };
  usual[0].results = &own;
  usual[1].results = &signature;
  usual[5].results = &forged;
  usual[0].result_count = usual[1].result_count = usual[5].result_count = 1;
  add_days(w, policy, first, days, usual, ARRAY_SIZE(usual));
}

static void add_mail(struct world *w, const struct feedback_header *policy) { add_usual_mail(w, policy, 0, DAYS); }

/* --- asking ------------------------------------------------------------------------------------------------------- */

struct answer {
  unsigned domains;
  double days;
  struct whatif_sum all, by_class[CLASS_IGNORED + 1];
  char sources[256]; /* in their order */
};

static int keep_answer(void *user, const struct whatif *w, struct err *e) {
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

static int try_domain(struct world *w, const char *domain, struct whatif_proposal proposal, struct answer *ret) {
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

static struct whatif_sum try(struct world *w, struct whatif_proposal proposal) {
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

/* --- steps of the policy ------------------------------------------------------------------------------------------ */

static void from_none_to_quarantine_all_that_fails_is_newly_quarantined(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_NONE);
  assert_sum(w, P("quarantine"), 0, 160, 0);
  struct whatif_sum sum = try(w, P("quarantine"));
  assert_int_equal(sum.messages, 370);
  assert_int_equal(sum.own_affected, 0);
  assert_int_equal(sum.unknown, 0);
}

static void from_none_to_reject_all_that_fails_is_newly_rejected(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_NONE);
  assert_sum(w, P("reject"), 160, 0, 0);
}

static void from_quarantine_to_reject_what_was_quarantined_is_newly_rejected(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_QUARANTINE);
  assert_sum(w, P("reject"), 160, 0, 0);
  assert_sum(w, P("quarantine"), 0, 0, 0);
}

static void a_weaker_policy_spares_mail(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_REJECT);
  assert_sum(w, P("none"), 0, 0, 160);
  assert_sum(w, P("quarantine"), 0, 0, 160);
}

static void a_policy_that_is_missing_asks_for_nothing(void **state) {
  struct world *w = *state;
  add_mail(w, &(struct feedback_header){.sp = "quarantine"});
  assert_sum(w, P("reject"), 30, 0, 0);
}

/* What reporters evaluated last week was another policy's; what counts is what they would do today. */
static void the_policy_of_today_counts_for_mail_that_came_before_it(void **state) {
  struct world *w = *state;
  add_usual_mail(w, &AT_NONE, 0, 5);
  add_usual_mail(w, &AT_QUARANTINE, 5, 5);
  assert_sum(w, P("reject"), 160, 0, 0);
  assert_sum(w, P("none"), 0, 0, 160);
}

/* --- subdomains --------------------------------------------------------------------------------------------------- */

static void a_published_sp_keeps_the_names_below_out_of_p(void **state) {
  struct world *w = *state;
  add_mail(w, &(struct feedback_header){.p = "none", .sp = "quarantine"});
  assert_sum(w, P("reject"), 30, 0, 0);
  assert_sum(w, SP("reject"), 130, 0, 0);
  assert_sum(w, SP("none"), 0, 0, 130);
}

static void an_sp_that_only_repeats_p_follows_it(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_NONE);
  assert_sum(w, ((struct whatif_proposal){.p = "quarantine", .sp = "reject"}), 130, 30, 0);
  assert_sum(w, SP("none"), 0, 0, 0);
}

static void np_governs_names_that_no_mail_of_the_owners_uses(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_QUARANTINE);
  assert_sum(w, NP("reject"), 70, 0, 0);
  assert_sum(w, NP("none"), 0, 0, 70);
}

static void a_published_np_stays_when_p_moves(void **state) {
  struct world *w = *state;
  add_mail(w, &(struct feedback_header){.p = "reject", .sp = "none", .np = "reject"});
  assert_sum(w, P("none"), 0, 0, 30);
  assert_sum(w, SP("reject"), 60, 0, 0);
}

static void an_np_that_repeats_sp_follows_it(void **state) {
  struct world *w = *state;
  add_mail(w, &(struct feedback_header){.p = "reject", .sp = "none", .np = "none"});
  assert_sum(w, SP("reject"), 130, 0, 0);
}

static void a_name_exists_where_own_mail_uses_one_below_it(void **state) {
  struct world *w = *state;
  const struct feedback_record mail[] = {
      record("192.0.2.1", "a.b.example.com", 10, NONE, STRICT),
      record("198.51.100.1", "b.example.com", 3, NONE, NONE),
      record("198.51.100.2", "c.b.example.com", 1, NONE, NONE),
      record("198.51.100.3", "xb.example.com", 7, NONE, NONE),
      record("198.51.100.4", "somebody@b.example.com", 20, NONE, NONE),
  };
  add_days(w, &AT_NONE, 0, DAYS, mail, ARRAY_SIZE(mail));
  assert_sum(w, NP("reject"), 80, 0, 0);
  assert_sum(w, SP("reject"), 310, 0, 0);
}

static void what_is_no_name_below_the_domain_is_under_p(void **state) {
  struct world *w = *state;
  const struct feedback_record mail[] = {
      record("192.0.2.1", APEX, 10, STRICT, STRICT),
      record("198.51.100.1", NULL, 1, NONE, NONE),
      record("198.51.100.2", "notexample.com", 2, NONE, NONE),
      record("198.51.100.3", "somebody@example.com", 4, NONE, NONE),
  };
  add_days(w, &AT_NONE, 0, DAYS, mail, ARRAY_SIZE(mail));
  assert_sum(w, P("reject"), 70, 0, 0);
  assert_sum(w, SP("reject"), 0, 0, 0);
}

/* --- alignment ---------------------------------------------------------------------------------------------------- */

static void strict_dkim_fails_the_signature_of_a_subdomain(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_REJECT);
  assert_sum(w, ADKIM("s"), 20, 0, 0);
  assert_int_equal(try(w, ADKIM("s")).own_affected, 20);
  assert_sum(w, ADKIM("r"), 0, 0, 0);
}

static void strict_spf_fails_the_return_path_of_a_subdomain(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_QUARANTINE);
  assert_sum(w, ASPF("s"), 0, 40, 0);
  assert_int_equal(try(w, ASPF("s")).own_affected, 40);
}

static void alignment_and_policy_are_tried_together(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_NONE);
  assert_sum(w, ADKIM("s"), 0, 0, 0);
  assert_sum(w, ((struct whatif_proposal){.p = "reject", .adkim = "s", .aspf = "s"}), 220, 0, 0);
}

static void relaxed_dkim_lets_the_signature_of_a_subdomain_pass(void **state) {
  struct world *w = *state;
  struct feedback_record mail[] = {record("192.0.2.1", APEX, 10, STRICT, STRICT),
                                   record("192.0.2.2", APEX, 2, RELAXED, NONE)};
  mail[1].dkim.text = "fail";
  add_days(w, &(struct feedback_header){.p = "reject", .adkim = "s"}, 0, DAYS, mail, ARRAY_SIZE(mail));
  assert_sum(w, ADKIM("r"), 0, 0, 20);
  assert_sum(w, ASPF("s"), 0, 0, 0);
}

/* Reports of both modes lie in one window: each word counts for the mode under which it was spoken. */
static void mail_that_was_evaluated_under_another_mode_is_graded_anew(void **state) {
  struct world *w = *state;
  struct feedback_record relaxed = record("192.0.2.2", APEX, 2, RELAXED, NONE), strict = relaxed;
  strict.dkim.text = "fail";
  add_days(w, &(struct feedback_header){.p = "none", .adkim = "r"}, 0, 5, &relaxed, 1);
  add_days(w, &(struct feedback_header){.p = "none", .adkim = "s"}, 5, 5, &strict, 1);
  assert_sum(w, P("reject"), 20, 0, 0);
  assert_sum(w, ((struct whatif_proposal){.p = "reject", .adkim = "r"}), 0, 0, 0);
}

static void the_receivers_word_counts_where_the_mode_stays(void **state) {
  struct world *w = *state;
  struct feedback_record mail[] = {record("192.0.2.1", APEX, 10, STRICT, STRICT),
                                   record("192.0.2.7", APEX, 1, NONE, NONE),
                                   record("192.0.2.8", APEX, 2, STRICT, NONE)};
  mail[1].spf.text = "pass";  /* the results do not bear it out */
  mail[2].dkim.text = "fail"; /* nor this */
  add_days(w, &AT_NONE, 0, DAYS, mail, ARRAY_SIZE(mail));
  assert_sum(w, P("reject"), 20, 0, 0);
  assert_sum(w, ((struct whatif_proposal){.p = "reject", .aspf = "s"}), 30, 0, 0);
}

static void a_stricter_mode_lets_nothing_pass_that_failed(void **state) {
  struct world *w = *state;
  struct feedback_record mail = record("192.0.2.8", APEX, 2, STRICT, NONE);
  mail.dkim.text = "fail";
  add_days(w, &AT_REJECT, 0, DAYS, &mail, 1);
  assert_sum(w, ADKIM("s"), 0, 0, 0);
  mail.header_from = "example.org";
  add_days(w, &(struct feedback_header){.policy_domain = "example.org", .p = "reject", .adkim = "s"}, 0, DAYS, &mail,
           1);
  struct answer a;
  assert_ok(w, try_domain(w, "example.org", ADKIM("r"), &a));
  assert_int_equal(a.all.spared, 0);
}

/* --- what the reports do not say ---------------------------------------------------------------------------------- */

static void mail_that_was_not_evaluated_is_unknown_and_no_change(void **state) {
  struct world *w = *state;
  struct feedback_record mail = record("192.0.2.9", APEX, 1, NONE, NONE);
  mail.dkim.text = mail.spf.text = NULL;
  add_days(w, &AT_NONE, 0, DAYS, &mail, 1);
  assert_sum(w, P("reject"), 0, 0, 0);
  assert_int_equal(try(w, P("reject")).unknown, 10);
  assert_int_equal(try(w, P("none")).unknown, 0); /* whatever it is, nothing changes */
}

static void mail_that_was_not_evaluated_stays_as_it_is_under_what_does_not_govern_it(void **state) {
  struct world *w = *state;
  struct feedback_record mail = record("192.0.2.9", APEX, 1, NONE, NONE);
  mail.dkim.text = mail.spf.text = NULL;
  add_days(w, &AT_REJECT, 0, DAYS, &mail, 1);
  assert_int_equal(try(w, SP("none")).unknown, 0);
  assert_int_equal(try(w, P("none")).unknown, 10);
}

static void a_grade_that_is_unknown_is_unknown_under_another_mode_alone(void **state) {
  struct world *w = *state;
  struct feedback_record mail = record("192.0.2.9", APEX, 1, NONE, NONE);
  mail.dkim.text = "pass";
  mail.dkim_alignment = ALIGNMENT_UNKNOWN;
  add_days(w, &AT_REJECT, 0, DAYS, &mail, 1);
  assert_int_equal(try(w, ADKIM("s")).unknown, 10);
  assert_int_equal(try(w, ASPF("s")).unknown, 0);
  assert_int_equal(try(w, ((struct whatif_proposal){.p = "none", .adkim = "s"})).unknown, 0);
  assert_sum(w, ADKIM("s"), 0, 0, 0);
}

static void a_record_without_a_count_is_in_no_sum(void **state) {
  struct world *w = *state;
  struct feedback_record mail[] = {record("198.51.100.1", APEX, 3, NONE, NONE),
                                   record("198.51.100.2", APEX, FEEDBACK_COUNT_UNKNOWN, NONE, NONE)};
  add_days(w, &AT_NONE, 0, DAYS, mail, ARRAY_SIZE(mail));
  assert_sum(w, P("reject"), 30, 0, 0);
  assert_int_equal(try(w, P("reject")).streams, 1);
}

/* --- not in force ------------------------------------------------------------------------------------------------- */

static void under_t_y_today_counts_one_level_lower_and_the_proposal_in_full(void **state) {
  struct world *w = *state;
  add_mail(w, &(struct feedback_header){.p = "quarantine", .testing = "y"});
  assert_sum(w, P("quarantine"), 0, 160, 0);
  assert_sum(w, P("none"), 0, 0, 0);
}

static void a_reject_under_pct_50_counts_as_quarantine(void **state) {
  struct world *w = *state;
  add_mail(w, &(struct feedback_header){.p = "reject", .pct = "50"});
  assert_sum(w, P("reject"), 160, 0, 0);
  assert_sum(w, P("none"), 0, 0, 160);
}

static void a_tag_that_stays_is_held_back_as_it_was(void **state) {
  struct world *w = *state;
  add_mail(w, &(struct feedback_header){.p = "quarantine", .testing = "y"});
  assert_sum(w, SP("reject"), 130, 0, 0);
  assert_sum(w, ADKIM("s"), 0, 0, 0);
}

static void a_published_sp_that_stays_is_held_back_as_it_was(void **state) {
  struct world *w = *state;
  add_mail(w, &(struct feedback_header){.p = "none", .sp = "reject", .testing = "y"});
  assert_sum(w, P("quarantine"), 0, 30, 0);
  assert_sum(w, SP("reject"), 130, 0, 0);
}

/* --- window, domains, order --------------------------------------------------------------------------------------- */

static void only_the_window_is_replayed(void **state) {
  struct world *w = *state;
  add_usual_mail(w, &AT_NONE, -60, 60 + DAYS);
  struct answer a;
  assert_ok(w, try_domain(w, APEX, P("reject"), &a));
  assert_int_equal((int)a.days, 30);
  assert_int_equal(a.all.rejected, 30 * 16);
  w->filter.since_s = FIRST_DAY_S;
  assert_ok(w, try_domain(w, APEX, P("reject"), &a));
  assert_int_equal((int)a.days, DAYS);
  assert_int_equal(a.all.rejected, DAYS * 16);
}

static void each_class_has_its_share(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_NONE);
  struct answer a;
  assert_ok(w, try_domain(w, APEX, ((struct whatif_proposal){.p = "reject", .aspf = "s"}), &a));
  assert_int_equal(a.by_class[CLASS_OWN].messages, 210);
  assert_int_equal(a.by_class[CLASS_OWN].affected, 40);
  int64_t sum = 0;
  for (int c = CLASS_OWN; c <= CLASS_IGNORED; c++) sum += a.by_class[c].affected;
  assert_int_equal(sum, 200);
  assert_int_equal(a.all.own_affected, 40);
}

static void own_and_undecided_mail_comes_before_larger_strangers(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_NONE);
  struct answer a;
  assert_ok(w, try_domain(w, APEX, ((struct whatif_proposal){.p = "reject", .adkim = "s"}), &a));
  assert_string_equal(a.sources, " 198.51.100.1 192.0.2.2 192.0.2.1 192.0.2.4 192.0.2.3 2001:db8::3 203.0.113.2");
}

static int count_domains(void *user, const struct whatif *w, struct err *e) {
  (void)w, (void)e;
  ++*(unsigned *)user;
  return 0;
}

static void domains_come_one_after_the_other(void **state) {
  struct world *w = *state;
  static const char *const DOMAINS[] = {"example.org", "example.com", "example.net"};
  const struct labels labels = {0};
  const struct judgement_basis basis = {w->catalogue, &labels, &THRESHOLDS_DEFAULT, w->as_of_s, INT64_MAX};
  const struct whatif_proposal proposal = P("reject");
  unsigned count = 0;
  for (unsigned i = 0; i < ARRAY_SIZE(DOMAINS); i++) {
    const struct feedback_record mail = record("198.51.100.1", DOMAINS[i], i + 1, NONE, NONE);
    add_days(w, &(struct feedback_header){.policy_domain = DOMAINS[i], .p = "none"}, 0, DAYS, &mail, 1);
  }
  const struct inquiry q = {w->store, &w->filter, NULL, 0, &basis};
  assert_ok(w, whatif_each(&q, &proposal, count_domains, &count, &w->e));
  assert_int_equal(count, 3);
  struct answer a;
  assert_ok(w, try_domain(w, "example.net", proposal, &a));
  assert_int_equal(a.all.rejected, 30);
}

static void a_domain_without_reports_is_not_found(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_NONE);
  struct answer a;
  assert_int_equal(try_domain(w, "example.net", P("reject"), &a), ERR_NOT_FOUND);
  assert_int_equal(a.domains, 0);
}

/* --- tables and words --------------------------------------------------------------------------------------------- */

static char *print(struct world *w, struct whatif_proposal proposal, enum whatif_by by, enum table_format format) {
  const struct labels labels = {0};
  const struct judgement_basis basis = {w->catalogue, &labels, &THRESHOLDS_DEFAULT, w->as_of_s, INT64_MAX};
  const struct render_options options = {.format = format};
  char *text = NULL;
  size_t size;
  FILE *file = open_memstream(&text, &size);
  assert_non_null(file);
  struct table_sink *sink = renderer_new(file, &options);
  const struct question q = {.of = {w->store, &w->filter, NULL, 0, &basis}, .proposal = &proposal, .whatif_by = by};
  assert_ok(w, question_whatif(&q, sink, &w->e));
  table_sink_free(sink);
  fclose(file);
  return text;
}

#define assert_prints(w, proposal, by, format, expected)         \
  do {                                                           \
    _cleanup_free_ char *_text = print(w, proposal, by, format); \
    assert_string_equal(_text, expected);                        \
  } while (0)

static void a_row_says_what_a_source_would_get(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_REJECT);
  assert_prints(w, ASPF("s"), WHATIF_BY_SOURCE, FORMAT_NDJSON,
                "{\"domain\":\"example.com\",\"source_ip\":\"192.0.2.3\",\"class\":\"own\",\"service\":null,"
                "\"evidence\":\"network 192.0.2.0/24\",\"messages_per_day\":4,\"share\":1,\"today\":\"none\","
                "\"proposed\":\"reject\",\"effect\":\"affected\",\"header_from\":\"example.com\","
                "\"pattern\":\"own SPF passes\",\"governed_by\":\"p\",\"messages\":40,\"source_messages\":40,"
                "\"because\":\"the owner's SPF passes\"}\n");
}

static void a_row_says_who_would_be_spared(void **state) {
  struct world *w = *state;
  add_mail(w, &(struct feedback_header){.p = "none", .sp = "quarantine"});
  _cleanup_free_ char *text = print(w, NP("none"), WHATIF_BY_SOURCE, FORMAT_NDJSON);
  assert_non_null(strstr(text, "\"source_ip\":\"2001:db8::3\""));
  assert_non_null(strstr(text, "\"today\":\"quarantine\",\"proposed\":\"none\",\"effect\":\"spared\""));
  assert_non_null(strstr(text, "\"governed_by\":\"np\",\"messages\":70"));
  assert_null(strchr(strchr(text, '\n') + 1, '{'));
}

static void mail_that_newly_passes_gets_nothing_though_the_policy_stays(void **state) {
  struct world *w = *state;
  struct feedback_record mail = record("192.0.2.2", APEX, 2, RELAXED, NONE);
  mail.dkim.text = "fail";
  add_days(w, &(struct feedback_header){.p = "reject", .adkim = "s"}, 0, DAYS, &mail, 1);
  _cleanup_free_ char *text = print(w, ADKIM("r"), WHATIF_BY_SOURCE, FORMAT_NDJSON);
  assert_non_null(strstr(text, "\"today\":\"reject\",\"proposed\":\"none\",\"effect\":\"spared\""));
}

static void what_is_not_told_has_no_dispositions(void **state) {
  struct world *w = *state;
  struct feedback_record mail = record("192.0.2.9", APEX, 1, NONE, NONE);
  mail.dkim.text = mail.spf.text = NULL;
  add_days(w, &AT_NONE, 0, DAYS, &mail, 1);
  _cleanup_free_ char *text = print(w, P("reject"), WHATIF_BY_SOURCE, FORMAT_NDJSON);
  assert_non_null(strstr(text, "\"today\":null,\"proposed\":null,\"effect\":\"unknown\""));
}

static void a_domain_row_counts_all(void **state) {
  struct world *w = *state;
  add_mail(w, &(struct feedback_header){.p = "quarantine", .testing = "y"});
  assert_prints(w, ((struct whatif_proposal){.p = "reject", .sp = "quarantine"}), WHATIF_BY_DOMAIN, FORMAT_CSV,
                "domain,today,proposed,own_affected_per_day,undecided_affected_per_day,affected_per_day,affected_share,"
                "spared_per_day,unknown_per_day,rejected_per_day,quarantined_per_day,affected,messages,window_begin,"
                "window_end\r\n"
                "example.com,p=quarantine sp=quarantine t=y,p=reject sp=quarantine,0,3,16,0.432432,0,0,3,13,160,370,"
                "2024-10-04,2024-10-13\r\n");
}

static void a_class_row_counts_its_mail(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_REJECT);
  _cleanup_free_ char *text = print(w, ADKIM("s"), WHATIF_BY_CLASS, FORMAT_CSV);
  assert_non_null(strstr(text, "\nexample.com,own,21,2,0.0952381,0,0,20,210,4\r\n"));
}

static void text_says_what_was_tried_and_where_nothing_changes(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_NONE);
  assert_prints(w, P("none"), WHATIF_BY_SOURCE, FORMAT_TEXT,
                "What if p=none? Messages a day newly affected, an upper bound\n\n"
                "Nothing that was seen would be treated in another way.\n");
}

static void what_there_is_is_never_rounded_to_nothing(void **state) {
  (void)state;
  const struct whatif month = {.days = 30}, half_year = {.days = 180};
  assert_true(whatif_per_day(&month, 0) == 0);
  assert_true(whatif_per_day(&month, 1) == 0.03);
  assert_true(whatif_per_day(&month, 100) == 3.33);
  assert_true(whatif_per_day(&half_year, 1) == 0.01);
  assert_true(whatif_per_day(&(struct whatif){.days = 3650}, 1) == 0.01);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(from_none_to_quarantine_all_that_fails_is_newly_quarantined),
      TEST(from_none_to_reject_all_that_fails_is_newly_rejected),
      TEST(from_quarantine_to_reject_what_was_quarantined_is_newly_rejected),
      TEST(a_weaker_policy_spares_mail),
      TEST(a_policy_that_is_missing_asks_for_nothing),
      TEST(the_policy_of_today_counts_for_mail_that_came_before_it),
      TEST(a_published_sp_keeps_the_names_below_out_of_p),
      TEST(an_sp_that_only_repeats_p_follows_it),
      TEST(np_governs_names_that_no_mail_of_the_owners_uses),
      TEST(a_published_np_stays_when_p_moves),
      TEST(an_np_that_repeats_sp_follows_it),
      TEST(a_name_exists_where_own_mail_uses_one_below_it),
      TEST(what_is_no_name_below_the_domain_is_under_p),
      TEST(strict_dkim_fails_the_signature_of_a_subdomain),
      TEST(strict_spf_fails_the_return_path_of_a_subdomain),
      TEST(alignment_and_policy_are_tried_together),
      TEST(relaxed_dkim_lets_the_signature_of_a_subdomain_pass),
      TEST(mail_that_was_evaluated_under_another_mode_is_graded_anew),
      TEST(the_receivers_word_counts_where_the_mode_stays),
      TEST(a_stricter_mode_lets_nothing_pass_that_failed),
      TEST(mail_that_was_not_evaluated_is_unknown_and_no_change),
      TEST(mail_that_was_not_evaluated_stays_as_it_is_under_what_does_not_govern_it),
      TEST(a_grade_that_is_unknown_is_unknown_under_another_mode_alone),
      TEST(a_record_without_a_count_is_in_no_sum),
      TEST(under_t_y_today_counts_one_level_lower_and_the_proposal_in_full),
      TEST(a_reject_under_pct_50_counts_as_quarantine),
      TEST(a_tag_that_stays_is_held_back_as_it_was),
      TEST(a_published_sp_that_stays_is_held_back_as_it_was),
      TEST(only_the_window_is_replayed),
      TEST(each_class_has_its_share),
      TEST(own_and_undecided_mail_comes_before_larger_strangers),
      TEST(domains_come_one_after_the_other),
      TEST(a_domain_without_reports_is_not_found),
      TEST(a_row_says_what_a_source_would_get),
      TEST(a_row_says_who_would_be_spared),
      TEST(mail_that_newly_passes_gets_nothing_though_the_policy_stays),
      TEST(what_is_not_told_has_no_dispositions),
      TEST(a_domain_row_counts_all),
      TEST(a_class_row_counts_its_mail),
      TEST(text_says_what_was_tried_and_where_nothing_changes),
      TEST(what_there_is_is_never_rounded_to_nothing),
  };
  return cmocka_run_group_tests_name("whatif", tests, NULL, NULL);
}

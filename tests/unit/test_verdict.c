/* SPDX-License-Identifier: Apache-2.0 */
/* Histories made by hand, and what becomes of them: the class of each stream, each gate on both sides of its limit, the
 * verdicts in their order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "feedback.h"
#include "judge.h"
#include "mem.h"
#include "stream.h"
#include "thresholds.h"
#include "utc.h"

/* cmocka compares floats alone, and rounds doubles to them. */
static void near_at(double is, double wanted, double within, int line) {
  if (is >= wanted - within && is <= wanted + within) return;
  print_error("line %d: %.9g is not %.9g\n", line, is, wanted);
  fail();
}
#define assert_near(is, wanted, within) near_at(is, wanted, within, __LINE__)

/* --- a history by hand ---------------------------------------------------------------------------------------------
 * Days are told as "days ago", 0 being the last day with data: Friday 2024-10-04. Asked about in the next morning. */

#define LAST_DAY 20000
#define DAY_S(ago) ((int64_t)(LAST_DAY - (ago)) * UTC_DAY_S)
#define END_S DAY_S(-1)
#define HOUR_S 3600
#define MOST_STREAMS 128
#define MOST_LABELS 16

struct world {
  struct history h;
  struct store_label label_items[MOST_LABELS];
  struct labels labels;
  int64_t as_of_s;
  struct judgement j;
};

static void world_open(struct world *w) {
  *w = (struct world){.as_of_s = END_S + 6 * HOUR_S};
  w->labels.items = w->label_items;
  w->h.arena = arena_new(4096);
  hashmap_init(&w->h.text_index, sizeof(const char *));
  w->h.domain = arena_strdup(w->h.arena, "example.com");
  w->h.stream_capacity = MOST_STREAMS; /* never grows: the tests keep pointers into it */
  w->h.streams = mem_zalloc(MOST_STREAMS * sizeof *w->h.streams);
}

static void world_close(struct world *w) {
  for (uint32_t i = 0; i < w->h.stream_count; i++) {
    free(w->h.streams[i].days);
    free(w->h.streams[i].selectors);
  }
  free(w->h.streams);
  free(w->h.reports);
  free(w->h.policies);
  free(w->h.selectors);
  hashmap_clear(&w->h.text_index);
  arena_free(w->h.arena);
}

static int set_up(void **state) {
  struct world *w = mem_alloc(sizeof *w);
  world_open(w);
  *state = w;
  return 0;
}

static int tear_down(void **state) {
  world_close(*state);
  free(*state);
  return 0;
}

/* In the middle of a test, for its other half. */
static void start_anew(struct world *w) {
  world_close(w);
  world_open(w);
}

/* Equal texts are one text, as in a history that was read: some are compared by their address. */
static const char *kept(struct world *w, const char *text) {
  bool is_new;
  const char **slot = hashmap_put(&w->h.text_index, text, strlen(text) + 1, &is_new);
  if (is_new) *slot = arena_strdup(w->h.arena, text);
  return *slot;
}

static uint32_t policy(struct world *w, struct seen_policy p) {
  MEM_GROW(w->h.policies, w->h.policy_capacity, w->h.policy_count);
  w->h.policies[w->h.policy_count] = p;
  return w->h.policy_count++;
}

/* Behind all that began no later, as the store orders them. */
static void report_of(struct world *w, unsigned reporter, uint32_t of_policy, int64_t begin_s, int64_t end_s,
                      int64_t messages) {
  struct history *h = &w->h;
  MEM_GROW(h->reports, h->report_capacity, h->report_count);
  uint32_t at = h->report_count++;
  for (; at > 0 && h->reports[at - 1].begin_s > begin_s; at--) h->reports[at] = h->reports[at - 1];
  h->reports[at] = (struct seen_report){begin_s, end_s, messages, reporter, of_policy};
  if (reporter >= h->reporter_count) h->reporter_count = reporter + 1;
}

static void report(struct world *w, unsigned reporter, uint32_t of_policy, int ago, int64_t messages) {
  report_of(w, reporter, of_policy, DAY_S(ago), DAY_S(ago - 1), messages);
}

/* Three reporters, day by day. */
static void reports(struct world *w, uint32_t of_policy, int first, int last) {
  for (int ago = first; ago >= last; ago--)
    for (unsigned reporter = 0; reporter < 3; reporter++) report(w, reporter, of_policy, ago, 40);
}

static struct stream *stream(struct world *w, const char *source, enum stream_kind kind) {
  assert_true(w->h.stream_count < MOST_STREAMS);
  struct stream *s = &w->h.streams[w->h.stream_count++];
  *s = (struct stream){.kind = kind, .source = kept(w, source), .header_from = kept(w, "example.com")};
  ip_parse(source, &s->ip);
  return s;
}

/* Earlier days first. */
static void mail_every(struct stream *s, int step, int first, int last, int64_t messages) {
  bool passes = s->kind == STREAM_SIGNED || s->kind == STREAM_SPF;
  for (int ago = first; ago >= last; ago -= step) {
    MEM_GROW(s->days, s->day_capacity, s->day_count);
    s->days[s->day_count++] = (struct stream_day){LAST_DAY - ago, messages, passes ? messages : 0};
    s->messages += messages;
    if (passes) s->passed += messages;
    if (s->kind == STREAM_SPF) s->spf_passed += messages;
    for (uint32_t i = 0; i < s->selector_count; i++)
      *(passes ? &s->selectors[i].passed : &s->selectors[i].failed) += messages;
  }
}
static void mail(struct stream *s, int first, int last, int64_t messages) { mail_every(s, 1, first, last, messages); }

static void signs_with(struct world *w, struct stream *s, const char *selector) {
  uint32_t number = 0;
  while (number < w->h.selector_count && strcmp(w->h.selectors[number], selector) != 0) number++;
  if (number == w->h.selector_count) {
    MEM_GROW(w->h.selectors, w->h.selector_capacity, w->h.selector_count);
    w->h.selectors[w->h.selector_count++] = kept(w, selector);
  }
  MEM_GROW(s->selectors, s->selector_capacity, s->selector_count);
  s->selectors[s->selector_count++] = (struct selector_use){.selector = number};
}

/* A stream with one signature, whole or broken, day by day. */
static struct stream *signed_mail(struct world *w, const char *source, const char *selector, int first, int last,
                                  int64_t messages) {
  struct stream *s = stream(w, source, STREAM_SIGNED);
  signs_with(w, s, selector);
  mail(s, first, last, messages);
  return s;
}
static struct stream *broken_mail(struct world *w, const char *source, const char *selector, int first, int last,
                                  int64_t messages) {
  struct stream *s = stream(w, source, STREAM_BROKEN);
  signs_with(w, s, selector);
  mail(s, first, last, messages);
  return s;
}
static struct stream *spf_mail(struct world *w, const char *source, int first, int last, int64_t messages) {
  struct stream *s = stream(w, source, STREAM_SPF);
  mail(s, first, last, messages);
  return s;
}
static struct stream *strange_mail(struct world *w, const char *source, int first, int last, int64_t messages) {
  struct stream *s = stream(w, source, STREAM_NOTHING);
  mail(s, first, last, messages);
  return s;
}

static const struct sender_service MAILER = {"Example Mailer", "marketing", "publish its CNAMEs", true, true};
static const struct sender_service OTHER_MAILER = {"Other Mailer", "transactional", NULL, true, true};
static const struct sender_service THIRD_MAILER = {"Third Mailer", "transactional", NULL, true, true};
static const struct sender_service REDIRECTOR = {"Example Redirector", "forwarder", NULL, true, false};
static const struct sender_service LISTS = {"Example Lists", "list", NULL, true, true};
static const struct sender_service PROVIDER = {"Example Provider", "isp", NULL, true, false};

/* A service that sends for others, with nothing of the owner's. */
static struct stream *mailer_mail(struct world *w, const struct sender_service *service, int first, int last,
                                  int64_t messages) {
  char source[32];
  snprintf(source, sizeof source, "203.0.113.%u", 100 + w->h.stream_count);
  struct stream *s = strange_mail(w, source, first, last, messages);
  s->service = service;
  s->identity = kept(w, "mailer.example");
  s->identity_messages = s->messages;
  return s;
}

static void label(struct world *w, enum label_subject subject, const char *source, enum label_verdict verdict) {
  assert_true(w->labels.count < MOST_LABELS);
  w->label_items[w->labels.count++] =
      (struct store_label){.subject = subject, .source = source, .verdict = verdict, .until_s = FEEDBACK_TIME_UNKNOWN};
}
static struct store_label *last_label(struct world *w) { return &w->label_items[w->labels.count - 1]; }

/* Sixty days of good mail, 3,000 messages of them in the window, from one host under one policy. */
static struct stream *good_mail(struct world *w, const char *p) {
  reports(w, policy(w, (struct seen_policy){.p = p}), 59, 0);
  return signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
}

static const struct judgement *judged(struct world *w) {
  judge(&w->h, &w->labels, &THRESHOLDS_DEFAULT, w->as_of_s, &w->j);
  return &w->j;
}

static const char *verdict_of(struct world *w) { return verdict_word(judged(w)->verdict); }

static const struct gate *gate(struct world *w, enum gate_name name) { return &judged(w)->gates[name]; }

static void assert_gate(struct world *w, enum gate_name name, double figure, enum gate_state state) {
  const struct gate *g = gate(w, name);
  assert_near(g->figure, figure, 1e-6);
  assert_int_equal(g->state, state);
}

static void assert_class(struct world *w, const struct stream *s, const char *word, const char *because) {
  judged(w);
  assert_string_equal(stream_class_word(s->class), word);
  assert_non_null(strstr(s->because, because));
}

/* --- Wilson --------------------------------------------------------------------------------------------------------
 */

static void two_hundred_sixty_eight_without_a_failure_are_99_percent(void **state) {
  (void)state;
  assert_near(wilson_lower(268, 268), 0.990006, 1e-6);
  assert_true(wilson_lower(268, 268) >= 0.99);
  assert_true(wilson_lower(267, 267) < 0.99);
}

static void with_five_failures_it_takes_1024(void **state) {
  (void)state;
  assert_near(wilson_lower(1019, 1024), 0.990006, 1e-5);
  assert_true(wilson_lower(1019, 1024) >= 0.99);
  assert_true(wilson_lower(1018, 1023) < 0.99);
}

static void no_trials_and_no_passes_have_the_bound_zero(void **state) {
  (void)state;
  assert_near(wilson_lower(0, 0), 0, 0);
  assert_near(wilson_lower(0, 10), 0, 1e-12);
  assert_near(wilson_lower(1, 2), 0.1212, 1e-3);
}

/* --- words ---------------------------------------------------------------------------------------------------------
 */

static void policies_are_read_from_their_words_alone(void **state) {
  (void)state;
  for (int p = POLICY_NONE; p <= POLICY_REJECT; p++) assert_int_equal(policy_of(policy_word((enum policy)p)), p);
  assert_int_equal(policy_of(NULL), POLICY_UNKNOWN);
  assert_int_equal(policy_of("monitor"), POLICY_UNKNOWN);
  assert_null(policy_word(POLICY_UNKNOWN));
}

/* --- whose mail it is ----------------------------------------------------------------------------------------------
 */

static void mail_with_the_owners_spf_is_own(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = spf_mail(w, "198.51.100.1", 20, 0, 2);
  assert_class(w, s, "own", "the owner's SPF passes");
}

static void a_signature_with_the_owners_spf_is_own_however_small_its_share(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = signed_mail(w, "198.51.100.1", "example.com/s1", 20, 20, 1);
  s->spf_passed = 1;
  assert_class(w, s, "own", "signature and SPF");
}

static void a_source_with_the_volume_of_a_selector_is_its_home(void **state) {
  struct world *w = *state;
  struct stream *s = good_mail(w, "none");
  assert_class(w, s, "own", "a home of the signature's selector");
}

static void two_sites_may_both_be_homes(void **state) {
  struct world *w = *state;
  struct stream *large = good_mail(w, "none");
  struct stream *small = signed_mail(w, "198.51.100.1", "example.com/s1", 59, 0, 5);
  assert_class(w, large, "own", "home");
  assert_class(w, small, "own", "home");
}

static void one_selector_needs_two_percent_of_its_volume_to_be_at_home(void **state) {
  struct world *w = *state;
  signed_mail(w, "192.0.2.1", "example.com/s1", 48, 0, 20); /* 980 */
  struct stream *s = signed_mail(w, "198.51.100.1", "example.com/s1", 19, 0, 1);
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 0);
  assert_class(w, s, "own", "home");
  signed_mail(w, "192.0.2.2", "example.com/s1", 0, 0, 1); /* now 20 of 1,001 */
  assert_class(w, s, "forwarder", "small here against its home");
}

static struct stream *carries_two_selectors(struct world *w, int64_t messages) {
  struct stream *s = stream(w, "198.51.100.1", STREAM_SIGNED);
  signs_with(w, s, "example.com/s1");
  signs_with(w, s, "example.com/s2");
  mail(s, 0, 0, messages);
  return s;
}

/* Each selector lives at a site of its own. */
static void two_sites_of_two_selectors(struct world *w) {
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 9, 0, 90);
  signed_mail(w, "203.0.113.77", "example.com/s2", 9, 0, 90);
}

static void a_small_source_of_several_selectors_passes_mail_on(void **state) {
  struct world *w = *state;
  two_sites_of_two_selectors(w);
  struct stream *s = carries_two_selectors(w, 99); /* of 999 */
  s->spf_failed = 99;
  assert_class(w, s, "forwarder", "the signature survives, SPF does not");
}

static void a_tenth_of_a_selectors_volume_makes_a_home_for_several(void **state) {
  struct world *w = *state;
  two_sites_of_two_selectors(w);
  assert_class(w, carries_two_selectors(w, 100), "own", "home"); /* of 1,000 */
}

static void two_signatures_of_one_site_are_as_one(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 9, 0, 98);
  signed_mail(w, "192.0.2.1", "example.com/s2", 9, 0, 98);
  struct stream *s = carries_two_selectors(w, 20); /* of 1,000 */
  s->spf_failed = 20;
  assert_class(w, s, "own", "home");
  s->identity = kept(w, "forward.example"); /* as forwarders add one */
  assert_class(w, s, "forwarder", "survives");
  start_anew(w);
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 9, 0, 98);
  signed_mail(w, "192.0.2.1", "example.com/s2", 9, 0, 98);
  s = carries_two_selectors(w, 19); /* of 999: under 2 % */
  s->spf_failed = 19;
  assert_class(w, s, "forwarder", "survives");
}

static void a_site_where_the_owners_spf_passes_is_a_home_of_what_it_signs(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *proof = signed_mail(w, "198.51.100.1", "example.com/s1", 20, 20, 1);
  struct stream *beside = signed_mail(w, "198.51.100.2", "example.com/s1", 20, 18, 1);
  assert_class(w, beside, "forwarder", "small here against its home");
  proof->spf_passed = 1;
  assert_class(w, beside, "own", "home");
}

static void the_owners_signature_that_survives_without_spf_was_forwarded(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = signed_mail(w, "198.51.100.1", "example.com/s1", 20, 18, 1);
  s->spf_failed = 3;
  assert_class(w, s, "forwarder", "the signature survives, SPF does not");
}

static void a_forwarder_of_the_catalogue_is_no_home(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = signed_mail(w, "198.51.100.1", "example.com/s1", 59, 0, 50);
  s->service = &REDIRECTOR;
  s->spf_failed = s->messages;
  assert_class(w, s, "forwarder", "survives");
}

static void a_signature_that_fails_at_its_home_is_own_mail_that_fails(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  assert_class(w, broken_mail(w, "192.0.2.9", "example.com/s1", 5, 5, 1), "own_broken", "where it is at home");
}

static void a_new_selector_that_fails_at_a_home_is_own_after_a_key_rotation(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 10, 100);
  struct stream *s = broken_mail(w, "192.0.2.1", "example.com/s2", 9, 0, 100);
  assert_class(w, s, "own_broken", "where it is at home");
  assert_string_equal(verdict_of(w), "NOT_READY");
}

static void a_signature_that_fails_at_a_service_in_use_is_own_mail_that_fails(void **state) {
  struct world *w = *state;
  good_mail(w, "none")->service = &MAILER;
  struct stream *s = broken_mail(w, "203.0.113.7", "example.com/new", 5, 5, 1);
  s->service = &OTHER_MAILER;
  assert_class(w, s, "undecided", "a service that sends for others");
  s->service = &MAILER;
  assert_class(w, s, "own_broken", "fails where it is at home"); /* a service is one site */
}

static void a_forged_selector_that_never_passed_is_no_evidence(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = broken_mail(w, "203.0.113.7", "example.com/forged", 5, 5, 500);
  assert_class(w, s, "suspicious", "no habit");
}

static void a_selector_that_fails_again_and_again_elsewhere_is_a_question(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *real = broken_mail(w, "203.0.113.7", "example.com/s1", 20, 0, 5);
  struct stream *forged = broken_mail(w, "198.51.100.7", "example.com/forged", 20, 0, 5);
  assert_class(w, real, "undecided", "a real selector of the owner's");
  assert_class(w, forged, "undecided", "nothing of the owner's");
}

static void broken_mail_beside_mail_passed_on_is_modified_by_a_forwarder(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *whole = signed_mail(w, "203.0.113.7", "example.com/s1", 20, 0, 1);
  whole->spf_failed = whole->messages;
  struct stream *broken = broken_mail(w, "203.0.113.7", "example.com/s1", 20, 0, 1);
  assert_class(w, broken, "forwarder_modified", "breaks some of it");
  struct stream *forged = broken_mail(w, "203.0.113.7", "example.com/forged", 20, 20, 1);
  assert_class(w, forged, "suspicious", "no habit");
}

static struct stream *several_broken(struct world *w, int64_t messages) {
  signed_mail(w, "192.0.2.1", "example.com/s2", 29, 0, 100);
  struct stream *s = stream(w, "203.0.113.7", STREAM_BROKEN);
  signs_with(w, s, "example.com/s1");
  signs_with(w, s, "example.com/s2");
  mail(s, 5, 5, messages);
  s->identity = kept(w, "list.example");
  return s;
}

static void several_broken_selectors_behind_a_foreign_signature_were_modified_on_the_way(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = several_broken(w, 60); /* 1 % of 6,000 */
  assert_class(w, s, "forwarder_modified", "several of the owner's signatures");
  s->identity = NULL;
  assert_class(w, s, "suspicious", "no habit");
  s->identity = kept(w, "list.example");
  s->service = &MAILER;
  assert_class(w, s, "undecided", "a service that sends for others");
}

static void more_than_a_hundredth_of_own_mail_is_no_mere_forwarder(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  assert_class(w, several_broken(w, 61), "suspicious", "no habit");
}

static void one_broken_selector_behind_a_foreign_signature_is_no_forwarder(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = stream(w, "203.0.113.7", STREAM_BROKEN);
  signs_with(w, s, "example.com/s1");
  signs_with(w, s, "example.com/forged");
  mail(s, 5, 5, 5);
  s->identity = kept(w, "list.example");
  assert_class(w, s, "suspicious", "no habit");
}

static void a_reporters_word_for_forwarding_is_taken_from_one_in_twenty_messages(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = broken_mail(w, "203.0.113.7", "example.com/s1", 5, 5, 100);
  s->forwarded = 5;
  assert_class(w, s, "forwarder", "the reporter says");
  s->forwarded = 4;
  assert_class(w, s, "suspicious", "no habit");
  struct stream *unsigned_mail = strange_mail(w, "203.0.113.8", 20, 0, 5);
  unsigned_mail->forwarded = unsigned_mail->messages;
  assert_class(w, unsigned_mail, "forwarder", "the reporter says");
}

static void a_list_passes_mail_on(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 20, 0, 5);
  s->service = &LISTS;
  assert_class(w, s, "forwarder_modified", "passes mail on");
  s->service = &REDIRECTOR;
  assert_class(w, s, "forwarder_modified", "passes mail on");
}

static void a_service_that_sends_for_others_is_a_question_from_its_first_message(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  assert_class(w, mailer_mail(w, &MAILER, 3, 3, 1), "undecided", "a service that sends for others");
  assert_class(w, mailer_mail(w, &PROVIDER, 3, 3, 1), "suspicious", "no habit");
}

static void anothers_mail_at_a_service_in_use_is_a_question_not_own(void **state) {
  struct world *w = *state;
  good_mail(w, "none")->service = &MAILER;
  assert_class(w, mailer_mail(w, &MAILER, 3, 3, 1), "undecided", "without anything of the owner's");
}

static void who_keeps_working_weeks_is_a_question(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 11, 7, 5); /* Monday to Friday */
  mail(s, 4, 0, 5);                                            /* and again */
  s->spf_failed = s->messages;
  assert_class(w, s, "undecided", "day after day");
  assert_true(s->habit);
}

static void who_works_at_weekends_under_the_owners_envelope_is_no_question(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 20, 0, 5);
  s->spf_failed = s->messages;
  assert_class(w, s, "suspicious", "no habit");
  assert_false(s->habit);
  s->spf_failed = 0; /* with an envelope of its own it may be a server of the owner's that nobody set up */
  assert_class(w, s, "undecided", "day after day");
}

static void a_burst_of_one_day_is_no_question(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  assert_class(w, strange_mail(w, "203.0.113.7", 4, 4, 5000), "suspicious", "no habit");
  assert_string_equal(verdict_of(w), "READY");
}

static void a_habit_takes_four_days_that_span_eight(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  static const struct {
    const char *source, *class;
    int days[4];
  } CASES[] = {{"203.0.113.7", "undecided", {8, 5, 3, 0}},
               {"198.51.100.7", "suspicious", {7, 5, 3, 0}},
               {"203.0.112.7", "suspicious", {11, 3, 0, -1}}};
  struct stream *streams[ARRAY_SIZE(CASES)];
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    streams[i] = stream(w, CASES[i].source, STREAM_NOTHING);
    for (int d = 0; d < 4 && CASES[i].days[d] >= 0; d++) mail(streams[i], CASES[i].days[d], CASES[i].days[d], 5);
  }
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) assert_class(w, streams[i], CASES[i].class, "");
}

static void hosts_of_one_network_share_their_habit_whatever_their_order(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *newer = strange_mail(w, "203.0.113.7", 3, 3, 5);
  mail(newer, 0, 0, 5);
  struct stream *older = stream(w, "203.0.113.8", STREAM_NOTHING);
  mail_every(older, 7, 28, 7, 5); /* four Fridays */
  assert_class(w, older, "undecided", "day after day");
  assert_class(w, newer, "undecided", "day after day");
}

static void two_hosts_on_the_same_days_do_not_make_four(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = NULL;
  for (unsigned i = 0; i < 3; i++) {
    char source[32];
    snprintf(source, sizeof source, "203.0.113.%u", i);
    s = stream(w, source, STREAM_NOTHING);
    mail_every(s, 8, 8, 0, 5);
  }
  assert_class(w, s, "suspicious", "no habit");
}

static void an_invented_subdomain_is_no_question(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = mailer_mail(w, &MAILER, 20, 0, 5);
  s->header_from = kept(w, "invented.example.com");
  assert_class(w, s, "suspicious", "a subdomain that no mail of the owner's uses");
  signed_mail(w, "192.0.2.1", "example.com/s1", 9, 0, 5)->header_from = s->header_from;
  assert_class(w, s, "undecided", "a service that sends for others");
}

static void a_disputed_pass_is_no_evidence_of_own_mail(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 4, 4, 50);
  s->passed = s->days[0].passed = 50;
  assert_class(w, s, "suspicious", "no habit");
  assert_int_equal(judged(w)->own_messages, 3000);
}

/* --- labels --------------------------------------------------------------------------------------------------------
 */

static void each_subject_and_each_verdict_of_a_label_is_heard(void **state) {
  struct world *w = *state;
  static const char *const SUBJECTS[] = {"203.0.113.7", "203.0.113.0/24", "example mailer", "mailer.example"};
  static const char *const CLASSES[] = {"legitimate", "forwarder", "unauthorised", "ignored"};
  for (int subject = 0; subject < LABEL_SUBJECTS; subject++)
    for (int verdict = 0; verdict < LABEL_VERDICTS; verdict++) {
      start_anew(w);
      good_mail(w, "none");
      struct stream *s = strange_mail(w, "203.0.113.7", 20, 0, 5);
      struct stream *other = strange_mail(w, "198.51.100.7", 3, 3, 5);
      s->service = &MAILER;
      s->identity = kept(w, "bounce.mailer.example");
      label(w, (enum label_subject)subject, SUBJECTS[subject], (enum label_verdict)verdict);
      assert_class(w, s, CLASSES[verdict], "label");
      assert_ptr_equal(s->label, last_label(w));
      assert_class(w, other, "suspicious", "no habit");
      assert_null(other->label);
    }
}

static void mail_that_authenticates_and_is_labelled_legitimate_is_own(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = signed_mail(w, "203.0.113.7", "example.com/s1", 3, 3, 1);
  struct stream *broken = broken_mail(w, "203.0.113.7", "example.com/s1", 3, 3, 1);
  label(w, LABEL_ADDRESS, "203.0.113.7", LABEL_LEGITIMATE);
  assert_class(w, s, "own", "labelled legitimate");
  assert_class(w, broken, "legitimate", "labelled legitimate");
}

static void a_label_wins_over_evidence(void **state) {
  struct world *w = *state;
  struct stream *s = good_mail(w, "none");
  label(w, LABEL_ADDRESS, "192.0.2.1", LABEL_FORWARDER);
  assert_class(w, s, "forwarder", "labelled a forwarder");
}

static void the_narrowest_label_wins_whichever_was_made_first(void **state) {
  struct world *w = *state;
  static const struct {
    enum label_subject subject;
    const char *source;
  } FROM_WIDE_TO_NARROW[] = {{LABEL_DOMAIN, "example"},         {LABEL_DOMAIN, "mailer.example"},
                             {LABEL_SERVICE, "Example Mailer"}, {LABEL_NETWORK, "203.0.0.0/16"},
                             {LABEL_NETWORK, "203.0.113.0/24"}, {LABEL_ADDRESS, "203.0.113.7"}};
  for (unsigned narrow = 1; narrow < ARRAY_SIZE(FROM_WIDE_TO_NARROW); narrow++)
    for (int narrow_first = 0; narrow_first < 2; narrow_first++) {
      start_anew(w);
      good_mail(w, "none");
      struct stream *s = strange_mail(w, "203.0.113.7", 20, 0, 5);
      s->service = &MAILER;
      s->identity = kept(w, "mailer.example");
      for (int i = 0; i < 2; i++) {
        bool is_narrow = (i == 0) == narrow_first;
        unsigned at = is_narrow ? narrow : narrow - 1;
        label(w, FROM_WIDE_TO_NARROW[at].subject, FROM_WIDE_TO_NARROW[at].source,
              is_narrow ? LABEL_LEGITIMATE : LABEL_UNAUTHORISED);
      }
      assert_class(w, s, "legitimate", "labelled");
    }
}

static void a_label_for_the_domain_wins_over_one_for_all(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 20, 0, 5);
  label(w, LABEL_ADDRESS, "203.0.113.7", LABEL_UNAUTHORISED);
  label(w, LABEL_ADDRESS, "203.0.113.7", LABEL_LEGITIMATE);
  last_label(w)->domain = "example.com";
  assert_class(w, s, "legitimate", "labelled");
}

static void a_label_for_another_domain_is_not_heard(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 3, 3, 5);
  label(w, LABEL_ADDRESS, "203.0.113.7", LABEL_LEGITIMATE);
  last_label(w)->domain = "example.net";
  assert_class(w, s, "suspicious", "no habit");
  last_label(w)->domain = "example.com";
  assert_class(w, s, "legitimate", "labelled");
}

static void a_label_ends_at_its_last_moment(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 3, 3, 5);
  label(w, LABEL_ADDRESS, "203.0.113.7", LABEL_LEGITIMATE);
  last_label(w)->until_s = w->as_of_s + 1;
  assert_class(w, s, "legitimate", "labelled");
  last_label(w)->until_s = w->as_of_s;
  assert_class(w, s, "suspicious", "no habit");
  assert_null(s->label);
}

static void a_label_answers_the_question(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  mailer_mail(w, &MAILER, 20, 0, 5);
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
  label(w, LABEL_SERVICE, "Example Mailer", LABEL_UNAUTHORISED);
  assert_string_equal(verdict_of(w), "READY");
  last_label(w)->verdict = LABEL_LEGITIMATE;
  assert_string_equal(verdict_of(w), "NOT_READY");
  last_label(w)->verdict = LABEL_IGNORE;
  assert_string_equal(verdict_of(w), "READY");
}

/* --- the gates -----------------------------------------------------------------------------------------------------
 */

static const char *const POLICIES[] = {[TO_QUARANTINE] = "none", [TO_REJECT] = "quarantine"};

static void good_mail_is_ready_with_every_gate_passed(void **state) {
  struct world *w = *state;
  for (int to = TO_QUARANTINE; to <= TO_REJECT; to++) {
    start_anew(w);
    good_mail(w, POLICIES[to]);
    const struct judgement *j = judged(w);
    assert_string_equal(verdict_word(j->verdict), "READY");
    assert_int_equal(j->next, to == TO_QUARANTINE ? POLICY_QUARANTINE : POLICY_REJECT);
    for (int i = 0; i < GATES; i++) assert_int_equal(j->gates[i].state, GATE_PASS);
    assert_int_equal(j->own_messages, 3000);
    assert_int_equal(j->own_passed, 3000);
    assert_int_equal(j->window_begin_s, DAY_S(29));
    assert_int_equal(j->window_end_s, END_S);
    assert_int_equal(j->blockers.count, 0);
  }
}

static void thirty_days_at_the_policy_suffice_and_29_do_not(void **state) {
  struct world *w = *state;
  for (int to = TO_QUARANTINE; to <= TO_REJECT; to++)
    for (int days = 29; days <= 30; days++) {
      start_anew(w);
      reports(w, policy(w, (struct seen_policy){.p = POLICIES[to]}), days - 1, 0);
      signed_mail(w, "192.0.2.1", "example.com/s1", days - 1, 0, 100);
      assert_gate(w, GATE_POLICY_AGE, days, days == 30 ? GATE_PASS : GATE_FAIL);
      assert_string_equal(verdict_of(w), days == 30 ? "READY" : "INSUFFICIENT_DATA");
    }
}

static void days_with_data_count_14_and_21(void **state) {
  struct world *w = *state;
  static const int WANTED[] = {14, 21};
  for (int to = TO_QUARANTINE; to <= TO_REJECT; to++)
    for (int days = WANTED[to] - 1; days <= WANTED[to]; days++) {
      start_anew(w);
      uint32_t p = policy(w, (struct seen_policy){.p = POLICIES[to]});
      reports(w, p, 29, 29);
      reports(w, p, days - 2, 0);
      signed_mail(w, "192.0.2.1", "example.com/s1", days - 2, 0, 100);
      assert_gate(w, GATE_DATA_DAYS, days, days == WANTED[to] ? GATE_PASS : GATE_FAIL);
      assert_string_equal(verdict_of(w), days == WANTED[to] ? "READY" : "INSUFFICIENT_DATA");
    }
}

static void the_newest_report_warns_after_three_days_and_is_stale_after_seven(void **state) {
  struct world *w = *state;
  static const struct {
    int64_t age_s;
    enum gate_state state;
  } AGES[] = {{3 * UTC_DAY_S, GATE_PASS},
              {3 * UTC_DAY_S + 1, GATE_WARN},
              {7 * UTC_DAY_S, GATE_WARN},
              {7 * UTC_DAY_S + 1, GATE_FAIL}};
  good_mail(w, "none");
  for (unsigned i = 0; i < ARRAY_SIZE(AGES); i++) {
    w->as_of_s = END_S + AGES[i].age_s;
    assert_gate(w, GATE_REPORT_AGE, (double)AGES[i].age_s / UTC_DAY_S, AGES[i].state);
    assert_string_equal(verdict_of(w), AGES[i].state == GATE_FAIL ? "STALE" : "READY");
  }
}

static void small_reporters_do_not_speak_for_the_large_one_that_fell_silent(void **state) {
  struct world *w = *state;
  uint32_t p = policy(w, (struct seen_policy){.p = "none"});
  reports(w, p, 59, 0);
  for (int ago = 59; ago >= 10; ago--) report(w, 3, p, ago, 400);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  assert_gate(w, GATE_REPORT_AGE, 10.25, GATE_FAIL);
  assert_string_equal(verdict_of(w), "STALE");
}

static void the_large_reporter_speaks_for_small_ones_that_fell_silent(void **state) {
  struct world *w = *state;
  uint32_t p = policy(w, (struct seen_policy){.p = "none"});
  reports(w, p, 59, 10);
  for (int ago = 59; ago >= 0; ago--) report(w, 3, p, ago, 400);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  assert_gate(w, GATE_REPORT_AGE, 0.25, GATE_PASS);
}

static void a_large_reporter_that_speaks_weekly_is_not_silent_yet(void **state) {
  struct world *w = *state;
  uint32_t p = policy(w, (struct seen_policy){.p = "none"});
  reports(w, p, 59, 0);
  for (int ago = 59; ago >= 10; ago -= 7) report(w, 3, p, ago, 4000);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  assert_gate(w, GATE_REPORT_AGE, 0.25, GATE_PASS);
}

static void three_reporters_suffice_two_only_where_there_never_were_more(void **state) {
  struct world *w = *state;
  uint32_t p = policy(w, (struct seen_policy){.p = "none"});
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  for (int ago = 59; ago >= 0; ago--) report(w, 0, p, ago, 50);
  assert_gate(w, GATE_REPORTERS, 1, GATE_FAIL);
  assert_string_equal(verdict_of(w), "INSUFFICIENT_DATA");
  for (int ago = 59; ago >= 0; ago--) report(w, 1, p, ago, 50);
  assert_gate(w, GATE_REPORTERS, 2, GATE_WARN);
  assert_string_equal(verdict_of(w), "READY");
  report(w, 2, p, 30, 50); /* the day before the window */
  assert_gate(w, GATE_REPORTERS, 2, GATE_FAIL);
  assert_string_equal(verdict_of(w), "INSUFFICIENT_DATA");
  report(w, 2, p, 29, 50);
  assert_gate(w, GATE_REPORTERS, 3, GATE_PASS);
}

static void a_reporter_with_more_than_ninety_percent_warns(void **state) {
  struct world *w = *state;
  for (int above = 0; above < 2; above++) {
    start_anew(w);
    uint32_t p = policy(w, (struct seen_policy){.p = "none"});
    signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
    for (int ago = 59; ago >= 0; ago--) {
      report(w, 0, p, ago, 90 + above);
      report(w, 1, p, ago, 5);
      report(w, 2, p, ago, 5 - above);
    }
    assert_gate(w, GATE_TOP_REPORTER, 90 + above, above ? GATE_WARN : GATE_PASS);
    assert_string_equal(verdict_of(w), "READY");
  }
}

static void own_mail_needs_a_lower_bound_of_98_and_99_percent(void **state) {
  struct world *w = *state;
  static const int ENOUGH[] = {133, 268};
  for (int to = TO_QUARANTINE; to <= TO_REJECT; to++)
    for (int messages = ENOUGH[to] - 1; messages <= ENOUGH[to]; messages++) {
      start_anew(w);
      reports(w, policy(w, (struct seen_policy){.p = POLICIES[to]}), 29, 0);
      struct stream *s = signed_mail(w, "192.0.2.1", "example.com/s1", 29, 1, 4);
      mail(s, 0, 0, messages - 29 * 4);
      bool enough = messages == ENOUGH[to];
      assert_gate(w, GATE_OWN_LOWER, 100 * wilson_lower(messages, messages), enough ? GATE_PASS : GATE_FAIL);
      assert_string_equal(verdict_of(w), enough ? "READY" : "INSUFFICIENT_DATA");
    }
}

/* A second source at home, in `messages` of which `failing` fail. */
static void second_source(struct world *w, int64_t messages, int64_t failing) {
  mail(signed_mail(w, "198.51.100.1", "example.com/s2", 59, 30, 1), 20, 20, messages - failing);
  broken_mail(w, "198.51.100.1", "example.com/s2", 20, 20, failing);
}

static void each_own_source_needs_95_and_99_percent(void **state) {
  struct world *w = *state;
  static const struct {
    int to, messages, failing;
    enum gate_state state;
  } CASES[] = {{TO_QUARANTINE, 20, 1, GATE_PASS},
               {TO_QUARANTINE, 20, 2, GATE_FAIL},
               {TO_REJECT, 100, 1, GATE_PASS},
               {TO_REJECT, 100, 2, GATE_FAIL},
               {TO_REJECT, 20, 1, GATE_FAIL}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, POLICIES[CASES[i].to]);
    second_source(w, CASES[i].messages, CASES[i].failing);
    assert_gate(w, GATE_OWN_SOURCE, 100.0 * (CASES[i].messages - CASES[i].failing) / CASES[i].messages, CASES[i].state);
    const struct judgement *j = judged(w);
    assert_string_equal(verdict_word(j->verdict), CASES[i].state == GATE_PASS ? "READY" : "NOT_READY");
    if (CASES[i].state == GATE_PASS) continue;
    assert_int_equal(j->blockers.count, 1);
    assert_string_equal(j->blockers.items[0].source, "198.51.100.0/24");
    assert_int_equal(j->blockers.items[0].messages, CASES[i].failing);
    assert_int_equal(j->blockers.items[0].class, CLASS_OWN_BROKEN);
    assert_non_null(strstr(j->blockers.items[0].repair, "signature fails"));
  }
}

static void a_source_of_less_than_20_messages_is_judged_with_the_rest(void **state) {
  struct world *w = *state;
  good_mail(w, "quarantine");
  second_source(w, 19, 19);
  assert_gate(w, GATE_OWN_SOURCE, 100, GATE_PASS);
  assert_string_equal(verdict_of(w), "READY");
}

static void undecided_mail_may_be_2_percent_of_own_in_all_and_half_a_percent_for_reject(void **state) {
  struct world *w = *state;
  static const struct {
    int to, each;
    enum gate_state state;
  } CASES[] = {{TO_QUARANTINE, 20, GATE_PASS},
               {TO_QUARANTINE, 21, GATE_FAIL},
               {TO_REJECT, 5, GATE_PASS},
               {TO_REJECT, 6, GATE_FAIL}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, POLICIES[CASES[i].to]);
    mailer_mail(w, &MAILER, 5, 5, CASES[i].each);
    mailer_mail(w, &OTHER_MAILER, 5, 5, CASES[i].each);
    mailer_mail(w, &THIRD_MAILER, 5, 5, CASES[i].each);
    assert_gate(w, GATE_UNDECIDED_ALL, 100.0 * 3 * CASES[i].each / 3000, CASES[i].state);
    assert_int_equal(gate(w, GATE_UNDECIDED_ONE)->state, GATE_PASS);
    assert_string_equal(verdict_of(w), CASES[i].state == GATE_PASS ? "READY" : "NEEDS_DECISION");
    assert_int_equal(judged(w)->blockers.count, CASES[i].state == GATE_PASS ? 0 : 3);
  }
}

static void one_undecided_source_may_be_1_percent_of_own_and_half_a_percent_for_reject(void **state) {
  struct world *w = *state;
  static const int MOST[] = {30, 15};
  for (int to = TO_QUARANTINE; to <= TO_REJECT; to++)
    for (int messages = MOST[to]; messages <= MOST[to] + 1; messages++) {
      start_anew(w);
      good_mail(w, POLICIES[to]);
      mailer_mail(w, &MAILER, 5, 5, messages - 10); /* a service is one source */
      mailer_mail(w, &MAILER, 5, 5, 10);
      bool holds = messages == MOST[to];
      assert_gate(w, GATE_UNDECIDED_ONE, 100.0 * messages / 3000, holds ? GATE_PASS : GATE_FAIL);
      const struct judgement *j = judged(w);
      assert_string_equal(verdict_word(j->verdict), holds ? "READY" : "NEEDS_DECISION");
      if (holds) continue;
      assert_int_equal(j->blockers.count, 1);
      assert_string_equal(j->blockers.items[0].source, "Example Mailer");
      assert_int_equal(j->blockers.items[0].messages, messages);
      assert_non_null(strstr(j->blockers.items[0].repair, "dmarcctl label \"Example Mailer\" unauthorised"));
    }
}

static void a_flood_of_spoofing_does_not_dilute_the_undecided(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  mailer_mail(w, &MAILER, 5, 5, 31);
  strange_mail(w, "203.0.113.7", 5, 5, 1000000);
  assert_gate(w, GATE_UNDECIDED_ONE, 100.0 * 31 / 3000, GATE_FAIL);
  const struct judgement *j = judged(w);
  assert_int_equal(j->raw_messages, 3000 + 31 + 1000000);
  assert_int_equal(j->raw_passed, 3000);
}

static void a_new_source_waits_7_and_14_days(void **state) {
  struct world *w = *state;
  static const int WAIT[] = {7, 14};
  for (int to = TO_QUARANTINE; to <= TO_REJECT; to++)
    for (int days = WAIT[to] - 1; days <= WAIT[to]; days++) {
      start_anew(w);
      good_mail(w, POLICIES[to]);
      signed_mail(w, "198.51.100.1", "example.com/s2", days - 1, 0, 20);
      assert_gate(w, GATE_NEW_SOURCE, days, days == WAIT[to] ? GATE_PASS : GATE_FAIL);
      assert_string_equal(verdict_of(w), days == WAIT[to] ? "READY" : "INSUFFICIENT_DATA");
    }
}

static void a_new_source_with_spf_alone_waits_too(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  spf_mail(w, "198.51.100.1", 3, 0, 5);
  assert_gate(w, GATE_NEW_SOURCE, 4, GATE_FAIL);
}

static void what_was_there_on_the_first_days_is_not_new_but_met(void **state) {
  struct world *w = *state;
  for (int later = 2; later <= 3; later++) {
    start_anew(w);
    reports(w, policy(w, (struct seen_policy){.p = "quarantine"}), 12, 0);
    signed_mail(w, "192.0.2.1", "example.com/s1", 12, 0, 100);
    signed_mail(w, "198.51.100.1", "example.com/s2", 12 - later, 0, 100);
    assert_gate(w, GATE_NEW_SOURCE, later == 2 ? 13 : 10, later == 2 ? GATE_WARN : GATE_FAIL);
  }
}

static void nineteen_messages_a_known_selector_and_a_labelled_source_are_not_new(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  signed_mail(w, "198.51.100.1", "example.com/s2", 0, 0, 19);
  assert_gate(w, GATE_NEW_SOURCE, 60, GATE_PASS);
  signed_mail(w, "198.51.100.2", "example.com/s1", 2, 0, 100);
  assert_gate(w, GATE_NEW_SOURCE, 60, GATE_PASS);
  signed_mail(w, "203.0.113.7", "example.com/s3", 2, 0, 100);
  assert_gate(w, GATE_NEW_SOURCE, 3, GATE_FAIL);
  label(w, LABEL_ADDRESS, "203.0.113.7", LABEL_LEGITIMATE);
  assert_gate(w, GATE_NEW_SOURCE, 60, GATE_PASS);
}

/* So many of the last 7 days' 700 messages fail. */
static void fall(struct world *w, const char *p, int64_t failing) {
  reports(w, policy(w, (struct seen_policy){.p = p}), 59, 0);
  struct stream *s = signed_mail(w, "192.0.2.1", "example.com/s1", 59, 1, 100);
  mail(s, 0, 0, 100 - failing);
  broken_mail(w, "192.0.2.1", "example.com/s1", 0, 0, failing);
}

static void a_fall_stays_under_one_point_and_half_a_point(void **state) {
  struct world *w = *state;
  static const struct {
    int to, failing;
    enum gate_state state;
  } CASES[] = {{TO_QUARANTINE, 6, GATE_PASS},
               {TO_QUARANTINE, 8, GATE_FAIL},
               {TO_REJECT, 3, GATE_PASS},
               {TO_REJECT, 4, GATE_FAIL}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    fall(w, POLICIES[CASES[i].to], CASES[i].failing);
    assert_gate(w, GATE_DROP, 100.0 * CASES[i].failing / 700, CASES[i].state);
    assert_string_equal(verdict_of(w), CASES[i].state == GATE_PASS    ? "READY"
                                       : CASES[i].to == TO_QUARANTINE ? "NOT_READY"
                                                                      : "REGRESSION");
  }
}

static void two_messages_are_no_trend(void **state) {
  struct world *w = *state;
  for (int failing = 2; failing <= 3; failing++) {
    start_anew(w);
    reports(w, policy(w, (struct seen_policy){.p = "none"}), 29, 0);
    signed_mail(w, "192.0.2.1", "example.com/s1", 29, 0, 10);
    broken_mail(w, "192.0.2.1", "example.com/s1", 0, 0, failing);
    assert_int_equal(gate(w, GATE_DROP)->state, failing == 2 ? GATE_PASS : GATE_FAIL);
  }
}

static void a_change_of_the_mix_is_no_fall(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = signed_mail(w, "198.51.100.1", "example.com/s2", 59, 7, 24); /* always 96 % */
  mail(s, 6, 0, 960);
  s = broken_mail(w, "198.51.100.1", "example.com/s2", 59, 7, 1);
  mail(s, 6, 0, 40);
  assert_gate(w, GATE_DROP, 0, GATE_PASS);
}

static void a_source_that_grew_better_does_not_fall(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  broken_mail(w, "192.0.2.1", "example.com/s1", 29, 10, 1);
  assert_gate(w, GATE_DROP, 0, GATE_PASS);
}

static void less_than_ninety_percent_signed_warns_on_the_way_to_quarantine(void **state) {
  struct world *w = *state;
  for (int below = 0; below < 2; below++) {
    start_anew(w);
    reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 0);
    signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 90 - below);
    spf_mail(w, "192.0.2.1", 59, 0, 10 + below);
    assert_gate(w, GATE_DKIM, 90 - below, below ? GATE_WARN : GATE_PASS);
    assert_string_equal(verdict_of(w), "READY");
  }
}

static void a_source_with_spf_alone_blocks_reject_from_20_messages_on(void **state) {
  struct world *w = *state;
  for (int messages = 19; messages <= 20; messages++) {
    start_anew(w);
    good_mail(w, "quarantine");
    mail(spf_mail(w, "198.51.100.1", 40, 40, 1), 20, 20, messages);
    const struct judgement *j = judged(w);
    bool blocks = messages == 20;
    assert_int_equal(j->gates[GATE_DKIM].state, blocks ? GATE_FAIL : GATE_PASS);
    assert_string_equal(verdict_word(j->verdict), blocks ? "NOT_READY" : "READY");
    if (!blocks) continue;
    assert_int_equal(j->blockers.count, 1);
    assert_string_equal(j->blockers.items[0].source, "198.51.100.0/24");
    assert_non_null(strstr(j->blockers.items[0].repair, "SPF alone"));
  }
}

static void a_source_that_signs_half_of_its_mail_does_not_rely_on_spf_alone(void **state) {
  struct world *w = *state;
  for (int more = 0; more < 2; more++) {
    start_anew(w);
    good_mail(w, "quarantine");
    spf_mail(w, "198.51.100.1", 59, 0, 10 + more);
    signed_mail(w, "198.51.100.1", "example.com/s2", 59, 0, 10);
    assert_int_equal(gate(w, GATE_DKIM)->state, more ? GATE_FAIL : GATE_PASS);
  }
}

static void the_shares_of_signed_mail_count_dormant_mail_above_and_below_the_line(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 120, 0);
  spf_mail(w, "192.0.2.1", 120, 0, 100);
  signed_mail(w, "198.51.100.1", "example.com/quarterly", 90, 90, 1000);
  assert_gate(w, GATE_DKIM, 100.0 * 1000 / 4000, GATE_WARN);
}

static void losses_through_forwarders_warn_on_the_way_to_quarantine_and_ask_before_reject(void **state) {
  struct world *w = *state;
  for (int to = TO_QUARANTINE; to <= TO_REJECT; to++)
    for (int messages = 60; messages <= 61; messages++) {
      start_anew(w);
      good_mail(w, POLICIES[to]);
      strange_mail(w, "203.0.113.7", 5, 5, messages)->service = &LISTS;
      enum gate_state above = to == TO_REJECT ? GATE_FAIL : GATE_WARN;
      assert_gate(w, GATE_FORWARDED, 100.0 * messages / 3000, messages == 60 ? GATE_PASS : above);
      assert_string_equal(verdict_of(w), messages == 61 && to == TO_REJECT ? "NEEDS_DECISION" : "READY");
    }
}

static void forwarded_mail_whose_signature_survives_is_not_lost(void **state) {
  struct world *w = *state;
  good_mail(w, "quarantine");
  struct stream *s = signed_mail(w, "203.0.113.7", "example.com/s1", 20, 0, 5);
  s->spf_failed = s->messages;
  assert_class(w, s, "forwarder", "survives");
  assert_gate(w, GATE_FORWARDED, 0, GATE_PASS);
}

/* --- the verdict ---------------------------------------------------------------------------------------------------
 */

static void verdicts_come_in_their_order(void **state) {
  struct world *w = *state;
  static const char *const WITH_SO_MANY_FAULTS[] = {"READY",     "INSUFFICIENT_DATA", "NEEDS_DECISION",
                                                    "NOT_READY", "REGRESSION",        "STALE"};
  for (unsigned faults = 0; faults < ARRAY_SIZE(WITH_SO_MANY_FAULTS); faults++) {
    start_anew(w);
    uint32_t p = policy(w, (struct seen_policy){.p = "quarantine"});
    for (int ago = 59; ago >= 0; ago--)
      for (unsigned reporter = 0; reporter < (faults >= 1 ? 1 : 3); reporter++) report(w, reporter, p, ago, 40);
    signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
    if (faults >= 2) mailer_mail(w, &MAILER, 5, 5, 500);
    if (faults >= 3) broken_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 20);
    if (faults >= 4) broken_mail(w, "192.0.2.1", "example.com/s1", 6, 0, 50);
    if (faults >= 5) w->as_of_s = END_S + 8 * UTC_DAY_S;
    assert_string_equal(verdict_of(w), WITH_SO_MANY_FAULTS[faults]);
  }
}

static void at_the_target_missing_data_only_warn(void **state) {
  struct world *w = *state;
  uint32_t p = policy(w, (struct seen_policy){.p = "reject"});
  for (int ago = 9; ago >= 0; ago--) report(w, 0, p, ago, 40);
  signed_mail(w, "192.0.2.1", "example.com/s1", 9, 0, 10);
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "AT_TARGET");
  assert_int_equal(j->next, POLICY_UNKNOWN);
  assert_null(j->next_record);
  assert_int_equal(j->gates[GATE_POLICY_AGE].state, GATE_WARN);
  assert_int_equal(j->gates[GATE_DATA_DAYS].state, GATE_WARN);
  assert_int_equal(j->gates[GATE_REPORTERS].state, GATE_WARN);
  assert_int_equal(j->gates[GATE_OWN_LOWER].state, GATE_WARN);
}

static void the_target_keeps_looking_at_own_mail(void **state) {
  struct world *w = *state;
  good_mail(w, "reject");
  assert_string_equal(verdict_of(w), "AT_TARGET");
  second_source(w, 100, 2); /* never fell, always failed */
  assert_string_equal(verdict_of(w), "NOT_READY");
  start_anew(w);
  good_mail(w, "reject");
  mailer_mail(w, &MAILER, 20, 0, 5);
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
  start_anew(w);
  good_mail(w, "reject");
  spf_mail(w, "198.51.100.1", 59, 0, 5);
  assert_string_equal(verdict_of(w), "NOT_READY");
  start_anew(w);
  fall(w, "reject", 20);
  assert_string_equal(verdict_of(w), "REGRESSION");
}

static void at_the_target_losses_through_forwarders_warn(void **state) {
  struct world *w = *state;
  good_mail(w, "reject");
  strange_mail(w, "203.0.113.7", 5, 5, 100)->service = &LISTS;
  assert_int_equal(gate(w, GATE_FORWARDED)->state, GATE_WARN);
  assert_string_equal(verdict_of(w), "AT_TARGET");
}

static void blockers_come_largest_first_and_are_bounded(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  for (unsigned i = 0; i < MOST_FINDINGS + 5; i++) {
    char source[32];
    snprintf(source, sizeof source, "10.0.%u.1", i);
    strange_mail(w, source, 10, 0, 1 + (i * 7) % 23);
  }
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "NEEDS_DECISION");
  assert_int_equal(j->blockers.count, MOST_FINDINGS);
  assert_int_equal(j->blockers.items[0].messages, 11 * 23);
  for (unsigned i = 1; i < j->blockers.count; i++)
    assert_true(j->blockers.items[i].messages <= j->blockers.items[i - 1].messages);
}

static void what_the_next_policy_acts_on_is_told_by_class(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  broken_mail(w, "192.0.2.1", "example.com/s1", 29, 0, 1);
  strange_mail(w, "203.0.113.7", 5, 5, 600);
  mailer_mail(w, &MAILER, 5, 5, 15);
  const struct judgement *j = judged(w);
  assert_near(j->affected_per_day[CLASS_OWN], 0, 1e-9);
  assert_near(j->affected_per_day[CLASS_OWN_BROKEN], 1, 1e-9);
  assert_near(j->affected_per_day[CLASS_SUSPICIOUS], 20, 1e-9);
  assert_near(j->affected_per_day[CLASS_UNDECIDED], 0.5, 1e-9);
}

/* --- dormant streams -----------------------------------------------------------------------------------------------
 */

static void a_dormant_source_that_failed_in_its_last_run_still_counts(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  signed_mail(w, "198.51.100.1", "example.com/q", 400, 400, 100);
  struct stream *s = broken_mail(w, "198.51.100.1", "example.com/q", 90, 90, 30);
  const struct judgement *j = judged(w);
  assert_true(s->dormant);
  assert_int_equal(s->window_messages, 30);
  assert_string_equal(verdict_word(j->verdict), "NOT_READY");
  assert_string_equal(j->blockers.items[0].source, "198.51.100.0/24");
  assert_int_equal(j->own_messages, 3000);
  assert_int_equal(j->raw_messages, 3000);
}

static void memory_ends_after_400_days(void **state) {
  struct world *w = *state;
  for (int ago = 400; ago <= 401; ago++) {
    start_anew(w);
    good_mail(w, "none");
    struct stream *s = mailer_mail(w, &MAILER, ago, ago, 100);
    assert_string_equal(verdict_of(w), ago == 400 ? "NEEDS_DECISION" : "READY");
    assert_int_equal(s->dormant, ago == 400);
  }
}

static void a_dormant_stream_is_judged_by_the_seven_days_of_its_last_run(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = mailer_mail(w, &MAILER, 97, 97, 5000);
  mail(s, 96, 90, 4);
  judged(w);
  assert_true(s->dormant);
  assert_int_equal(s->window_messages, 28);
  assert_string_equal(verdict_of(w), "READY"); /* 28 of 3,000 are no 1 % */
}

static void a_stream_of_the_windows_first_day_is_not_dormant_and_one_day_older_is(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *inside = mailer_mail(w, &MAILER, 29, 29, 1), *outside = mailer_mail(w, &OTHER_MAILER, 30, 30, 1);
  struct stream *stranger = strange_mail(w, "203.0.113.7", 30, 30, 1);
  judged(w);
  assert_false(inside->dormant);
  assert_true(outside->dormant);
  assert_false(stranger->dormant); /* what is nobody's question sleeps in peace */
  assert_int_equal(stranger->window_messages, 0);
}

static void a_break_that_was_repaired_before_the_window_is_over(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 120, 0);
  struct stream *whole = signed_mail(w, "192.0.2.1", "example.com/s1", 120, 60, 100);
  struct stream *broken = broken_mail(w, "192.0.2.1", "example.com/s2", 60, 45, 100);
  signs_with(w, whole, "example.com/s2");
  mail(whole, 45, 0, 100);
  assert_class(w, broken, "own_broken", "at home");
  assert_false(broken->dormant);
  assert_string_equal(verdict_of(w), "READY");
}

static void broken_mail_beside_whole_mail_is_not_over_because_the_whole_goes_on(void **state) {
  struct world *w = *state;
  good_mail(w, "none")->days[0].day = LAST_DAY - 100;
  struct stream *invoices = broken_mail(w, "192.0.2.1", "example.com/s1", 100, 100, 500);
  assert_string_equal(verdict_of(w), "NOT_READY");
  assert_true(invoices->dormant);
}

static void a_break_of_a_selector_that_never_passed_since_is_not_over(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 120, 0);
  struct stream *whole = signed_mail(w, "192.0.2.1", "example.com/s1", 120, 61, 100);
  mail(whole, 44, 0, 100);
  struct stream *broken = broken_mail(w, "192.0.2.1", "example.com/q", 60, 45, 100);
  assert_class(w, broken, "own_broken", "at home");
  assert_true(broken->dormant);
  assert_string_equal(verdict_of(w), "NOT_READY");
}

/* --- parked domains ------------------------------------------------------------------------------------------------
 */

static struct stream *parked(struct world *w, const char *p) {
  reports(w, policy(w, (struct seen_policy){.p = p}), 59, 0);
  struct stream *s = strange_mail(w, "203.0.113.7", 59, 0, 20);
  s->spf_failed = s->messages; /* at weekends too: no habit */
  return s;
}

static void a_parked_domain_answered_by_its_spf_goes_straight_to_reject(void **state) {
  struct world *w = *state;
  struct stream *s = parked(w, "none");
  s->spf_refused = s->messages * 9 / 10;
  const struct judgement *j = judged(w);
  assert_true(j->parked);
  assert_string_equal(verdict_word(j->verdict), "READY");
  assert_int_equal(j->next, POLICY_REJECT);
  assert_non_null(strstr(j->next_record, "p=reject"));
  assert_non_null(strstr(j->reason, "-all"));
}

static void a_parked_domain_without_an_answer_is_one_question(void **state) {
  struct world *w = *state;
  struct stream *s = parked(w, "none");
  s->spf_refused = s->messages * 9 / 10 - 1;
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
  for (int i = 0; i < 20; i++) {
    char source[32];
    snprintf(source, sizeof source, "10.0.%d.1", i);
    strange_mail(w, source, 59, 0, 5);
  }
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "NEEDS_DECISION");
  assert_int_equal(j->blockers.count, 1);
  assert_int_equal(j->gates[GATE_UNDECIDED_ALL].state, GATE_FAIL);
  assert_non_null(strstr(j->blockers.items[0].repair, "does anything send as this domain?"));
}

static void a_domain_that_a_service_sends_for_unauthenticated_is_not_parked(void **state) {
  struct world *w = *state;
  struct stream *s = parked(w, "none");
  s->spf_refused = s->messages;
  mailer_mail(w, &MAILER, 50, 0, 3);
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "NEEDS_DECISION");
  assert_int_equal(j->next, POLICY_QUARANTINE);
  assert_string_equal(j->blockers.items[0].source, "Example Mailer");
}

static void a_question_beyond_the_memory_does_not_keep_a_domain_from_being_parked(void **state) {
  struct world *w = *state;
  for (int ago = 400; ago <= 401; ago++) {
    start_anew(w);
    struct stream *s = parked(w, "none");
    s->spf_refused = s->messages;
    mailer_mail(w, &MAILER, ago, ago, 5);
    assert_int_equal(judged(w)->parked, ago == 401);
    assert_string_equal(verdict_of(w), ago == 401 ? "READY" : "NEEDS_DECISION");
  }
}

static void a_domain_with_office_hours_is_not_parked(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 0);
  struct stream *s = stream(w, "203.0.113.7", STREAM_NOTHING);
  for (int monday = 53; monday >= 4; monday -= 7) mail(s, monday, monday - 4, 20);
  s->spf_failed = s->spf_refused = s->messages;
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
  assert_int_equal(judged(w)->next, POLICY_QUARANTINE);
}

static void a_parked_domain_without_any_mail_needs_its_30_days_alone(void **state) {
  struct world *w = *state;
  uint32_t p = policy(w, (struct seen_policy){.p = "none"});
  for (int ago = 28; ago >= 0; ago--) report(w, 0, p, ago, 0);
  assert_string_equal(verdict_of(w), "INSUFFICIENT_DATA");
  report(w, 0, p, 29, 0);
  assert_string_equal(verdict_of(w), "READY");
  assert_int_equal(gate(w, GATE_REPORTERS)->state, GATE_WARN);
}

static void a_parked_domain_at_reject_is_at_the_target(void **state) {
  struct world *w = *state;
  parked(w, "reject");
  assert_string_equal(verdict_of(w), "AT_TARGET");
  assert_null(judged(w)->next_record);
}

static void a_parked_domain_finishes_reject_but_not_quarantine(void **state) {
  struct world *w = *state;
  struct stream *s = parked(w, "quarantine");
  s->spf_refused = s->messages;
  w->h.policies[0].testing = 'y';
  const struct judgement *j = judged(w);
  assert_int_equal(j->next, POLICY_REJECT);
  assert_false(j->finish_current);
  w->h.policies[0].p = "reject";
  j = judged(w);
  assert_int_equal(j->next, POLICY_REJECT);
  assert_true(j->finish_current);
}

static void a_parked_domain_with_old_reports_is_stale(void **state) {
  struct world *w = *state;
  parked(w, "none");
  w->as_of_s = END_S + 8 * UTC_DAY_S;
  assert_string_equal(verdict_of(w), "STALE");
  assert_int_equal(judged(w)->blockers.count, 0);
}

/* --- the window ----------------------------------------------------------------------------------------------------
 */

static void little_mail_makes_the_window_longer(void **state) {
  struct world *w = *state;
  static const struct { int a_day, days; } CASES[] = {{9, 30}, {8, 90}, {3, 90}, {2, 180}, {1, 180}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    reports(w, policy(w, (struct seen_policy){.p = "none"}), 300, 0);
    signed_mail(w, "192.0.2.1", "example.com/s1", 300, 0, CASES[i].a_day);
    const struct judgement *j = judged(w);
    assert_int_equal(j->window_end_s - j->window_begin_s, CASES[i].days * UTC_DAY_S);
    assert_int_equal(j->own_messages, CASES[i].a_day * CASES[i].days);
    assert_string_equal(verdict_word(j->verdict), "READY");
  }
}

static void the_window_is_long_enough_with_268_messages(void **state) {
  struct world *w = *state;
  for (int messages = 267; messages <= 268; messages++) {
    start_anew(w);
    reports(w, policy(w, (struct seen_policy){.p = "none"}), 300, 0);
    mail(signed_mail(w, "192.0.2.1", "example.com/s1", 300, 1, 9), 0, 0, messages - 29 * 9);
    const struct judgement *j = judged(w);
    assert_int_equal(j->window_end_s - j->window_begin_s, (messages == 268 ? 30 : 90) * UTC_DAY_S);
  }
}

static void reports_every(struct world *w, uint32_t of_policy, int step, int first) {
  for (int ago = first; ago >= 0; ago -= step)
    for (unsigned reporter = 0; reporter < 3; reporter++) report(w, reporter, of_policy, ago, 40);
}

static void a_weekly_sender_is_judged_in_its_own_rhythm(void **state) {
  struct world *w = *state;
  reports_every(w, policy(w, (struct seen_policy){.p = "quarantine"}), 7, 210);
  struct stream *s = stream(w, "192.0.2.1", STREAM_SIGNED);
  signs_with(w, s, "example.com/s1");
  mail_every(s, 7, 210, 0, 100);
  w->as_of_s = END_S + 8 * UTC_DAY_S; /* too old for a daily sender */
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "READY");
  assert_near(j->gates[GATE_DATA_DAYS].limit, 18, 1e-9); /* 0.7 of 180 / 7; daily senders need 21 */
  w->as_of_s = END_S + 11 * UTC_DAY_S;
  assert_string_equal(verdict_of(w), "STALE");
}

static void a_monthly_sender_is_judged_in_its_own_rhythm(void **state) {
  struct world *w = *state;
  reports_every(w, policy(w, (struct seen_policy){.p = "none"}), 30, 360);
  struct stream *s = stream(w, "192.0.2.1", STREAM_SIGNED);
  signs_with(w, s, "example.com/s1");
  mail_every(s, 30, 360, 0, 100);
  w->as_of_s = END_S + 29 * UTC_DAY_S;
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "READY");
  assert_near(j->gates[GATE_DATA_DAYS].limit, 4, 1e-9);
  w->as_of_s = END_S + 46 * UTC_DAY_S;
  assert_string_equal(verdict_of(w), "STALE");
}

static void a_clock_more_than_two_days_ahead_does_not_move_the_window(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  report_of(w, 0, 0, END_S + UTC_DAY_S, w->as_of_s + 2 * UTC_DAY_S + 1, 40);
  assert_int_equal(judged(w)->window_end_s, END_S);
  report_of(w, 0, 0, END_S + UTC_DAY_S, w->as_of_s + 2 * UTC_DAY_S, 40);
  assert_int_equal(judged(w)->window_end_s, END_S + 3 * UTC_DAY_S);
}

static void a_clock_of_1970_does_not_make_the_policy_old(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 24, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 24, 0, 100);
  report_of(w, 0, 0, 0, UTC_DAY_S, 40);
  assert_gate(w, GATE_POLICY_AGE, 25, GATE_FAIL);
  assert_string_equal(verdict_of(w), "INSUFFICIENT_DATA");
}

static void without_a_believable_report_the_answer_is_stale(void **state) {
  struct world *w = *state;
  report_of(w, 0, policy(w, (struct seen_policy){.p = "none"}), DAY_S(0), END_S + 100 * UTC_DAY_S, 40);
  strange_mail(w, "203.0.113.7", 0, 0, 5);
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "STALE");
}

/* --- the policy ----------------------------------------------------------------------------------------------------
 */

static void a_changed_policy_begins_its_days_anew(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 90, 20);
  reports(w, policy(w, (struct seen_policy){.p = "quarantine"}), 19, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 90, 0, 100);
  const struct judgement *j = judged(w);
  assert_int_equal(j->current, POLICY_QUARANTINE);
  assert_int_equal(j->policy_since_s, DAY_S(19));
  assert_near(j->gates[GATE_POLICY_AGE].figure, 20, 1e-9);
  assert_string_equal(verdict_word(j->verdict), "INSUFFICIENT_DATA");
}

static void a_change_of_yesterday_is_known_at_once(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 1);
  reports(w, policy(w, (struct seen_policy){.p = "quarantine"}), 0, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  assert_int_equal(judged(w)->current, POLICY_QUARANTINE);
  assert_gate(w, GATE_POLICY_AGE, 1, GATE_FAIL);
}

static void a_stray_report_of_the_former_policy_does_not_begin_it_anew(void **state) {
  struct world *w = *state;
  uint32_t none = policy(w, (struct seen_policy){.p = "none"});
  uint32_t quarantine = policy(w, (struct seen_policy){.p = "quarantine"});
  reports(w, none, 90, 40);
  reports(w, quarantine, 39, 0);
  report(w, 3, none, 35, 40);
  report(w, 3, none, 10, 40);
  signed_mail(w, "192.0.2.1", "example.com/s1", 90, 0, 100);
  assert_int_equal(judged(w)->policy_since_s, DAY_S(39));
  assert_string_equal(verdict_of(w), "READY");
}

static void stray_last_reports_do_not_take_the_policy_back(void **state) {
  struct world *w = *state;
  static const char *const POLICY[][2] = {{"none", "reject"}, {"reject", "none"}}; /* stray, present */
  for (unsigned i = 0; i < ARRAY_SIZE(POLICY); i++) {
    start_anew(w);
    uint32_t stray = policy(w, (struct seen_policy){.p = POLICY[i][0]});
    reports(w, policy(w, (struct seen_policy){.p = POLICY[i][1]}), 59, 0);
    for (int hour = 1; hour < 20; hour++) report_of(w, 3, stray, DAY_S(0) + hour * HOUR_S, END_S, 40);
    signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
    const struct judgement *j = judged(w);
    assert_int_equal(j->current, policy_of(POLICY[i][1]));
    assert_string_equal(verdict_word(j->verdict), i == 0 ? "AT_TARGET" : "READY");
  }
}

static void a_last_report_without_a_policy_does_not_take_it_back(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "reject"}), 59, 0);
  report_of(w, 3, policy(w, (struct seen_policy){.p = NULL}), DAY_S(0) + HOUR_S, END_S, 40);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  assert_string_equal(verdict_of(w), "AT_TARGET");
}

static void testing_is_told_by_reports_that_have_a_word_for_it(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "quarantine"}), 59, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  report(w, 3, policy(w, (struct seen_policy){.p = "quarantine", .testing = 'y'}), 5, 40);
  const struct judgement *j = judged(w);
  assert_int_equal(j->policy.testing, 'y');
  assert_false(j->in_force);
  assert_true(j->finish_current);
  assert_int_equal(j->next, POLICY_QUARANTINE);
  assert_string_equal(verdict_word(j->verdict), "READY");
  assert_string_equal(j->next_record, "v=DMARC1; p=quarantine; rua=<keep yours>");
  report(w, 3, policy(w, (struct seen_policy){.p = "quarantine", .testing = 'n'}), 4, 40);
  j = judged(w);
  assert_true(j->in_force);
  assert_int_equal(j->next, POLICY_REJECT);
}

static void the_days_in_testing_do_not_count_as_days_in_force(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "quarantine"}), 59, 0); /* have no word for it */
  uint32_t testing = policy(w, (struct seen_policy){.p = "quarantine", .testing = 'y'});
  uint32_t in_force = policy(w, (struct seen_policy){.p = "quarantine", .testing = 'n'});
  for (int ago = 59; ago >= 0; ago--) report(w, 3, ago >= 5 ? testing : in_force, ago, 40);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  assert_gate(w, GATE_POLICY_AGE, 5, GATE_FAIL);
  assert_string_equal(verdict_of(w), "INSUFFICIENT_DATA");
}

static void a_stray_word_of_testing_does_not_begin_the_days_anew(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "quarantine"}), 59, 0);
  uint32_t testing = policy(w, (struct seen_policy){.p = "quarantine", .testing = 'y'});
  uint32_t in_force = policy(w, (struct seen_policy){.p = "quarantine", .testing = 'n'});
  for (int ago = 30; ago >= 0; ago--) report(w, 3, ago == 5 ? testing : in_force, ago, 40);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  assert_gate(w, GATE_POLICY_AGE, 60, GATE_PASS);
}

static void a_sampled_policy_is_to_be_finished_first(void **state) {
  struct world *w = *state;
  good_mail(w, "quarantine");
  w->h.policies[0].sampled = 'y';
  const struct judgement *j = judged(w);
  assert_false(j->in_force);
  assert_true(j->finish_current);
  assert_int_equal(j->next, POLICY_QUARANTINE);
  assert_string_equal(verdict_word(j->verdict), "READY");
}

static void sampling_is_told_by_reports_that_have_a_word_for_it(void **state) {
  struct world *w = *state;
  uint32_t sampled = policy(w, (struct seen_policy){.p = "quarantine", .sampled = 'y'});
  uint32_t whole = policy(w, (struct seen_policy){.p = "quarantine", .sampled = 'n'});
  reports(w, policy(w, (struct seen_policy){.p = "quarantine", .testing = 'n'}), 59, 0);
  for (int ago = 59; ago >= 1; ago--) report(w, 3, sampled, ago, 40);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  assert_false(judged(w)->in_force);
  assert_int_equal(judged(w)->next, POLICY_QUARANTINE);
  report(w, 3, whole, 0, 40);
  assert_true(judged(w)->in_force);
  assert_gate(w, GATE_POLICY_AGE, 1, GATE_FAIL);
}

static void a_word_of_testing_for_another_policy_says_nothing_of_this_one(void **state) {
  struct world *w = *state;
  report(w, 3, policy(w, (struct seen_policy){.p = "none", .testing = 'y'}), 25, 40);
  reports(w, policy(w, (struct seen_policy){.p = "quarantine"}), 59, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  assert_true(judged(w)->in_force);
}

static void a_reject_in_testing_is_not_the_target(void **state) {
  struct world *w = *state;
  good_mail(w, "reject");
  w->h.policies[0].testing = 'y';
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "READY");
  assert_int_equal(j->next, POLICY_REJECT);
  assert_string_equal(j->next_record, "v=DMARC1; p=reject; rua=<keep yours>");
}

static void none_in_testing_has_nothing_to_finish(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  w->h.policies[0].testing = 'y';
  const struct judgement *j = judged(w);
  assert_false(j->finish_current);
  assert_int_equal(j->next, POLICY_QUARANTINE);
}

static void with_an_sp_of_its_own_mail_of_subdomains_is_out_of_the_policys_scope(void **state) {
  struct world *w = *state;
  static const char *const SP[] = {NULL, "none", "quarantine"}; /* the one of p is filled in by reporters */
  for (unsigned i = 0; i < ARRAY_SIZE(SP); i++) {
    bool sp = i == 2;
    start_anew(w);
    good_mail(w, "none");
    w->h.policies[0].sp = SP[i];
    struct stream *s = signed_mail(w, "198.51.100.1", "news.example.com/n", 59, 0, 10);
    struct stream *broken = broken_mail(w, "198.51.100.1", "news.example.com/n", 59, 0, 10);
    s->header_from = broken->header_from = kept(w, "news.example.com");
    const struct judgement *j = judged(w);
    assert_string_equal(verdict_word(j->verdict), sp ? "READY" : "NOT_READY");
    assert_int_equal(j->own_messages, sp ? 3000 : 3600);
    assert_near(j->affected_per_day[CLASS_OWN_BROKEN], sp ? 0 : 10, 1e-9);
    assert_int_equal(j->raw_messages, 3600);
  }
}

/* Mail of a subdomain that passes, with some that fails. */
static void subdomain_mail(struct world *w, int64_t whole, int64_t broken) {
  struct stream *s = signed_mail(w, "198.51.100.1", "news.example.com/n", 59, 0, whole);
  s->header_from = kept(w, "news.example.com");
  if (!broken) return;
  s = broken_mail(w, "198.51.100.1", "news.example.com/n", 59, 0, broken);
  s->header_from = kept(w, "news.example.com");
}

static void subdomains_under_an_sp_of_their_own_are_judged_by_their_own_mail(void **state) {
  struct world *w = *state;
  good_mail(w, "reject");
  assert_null(judged(w)->below);
  w->h.policies[0].sp = "none";
  subdomain_mail(w, 100, 10);
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "AT_TARGET");
  assert_non_null(j->below);
  assert_string_equal(verdict_word(j->below->verdict), "NOT_READY");
  assert_int_equal(j->below->current, POLICY_NONE);
  assert_int_equal(j->below->next, POLICY_QUARANTINE);
  assert_int_equal(j->below->own_messages, 3300);
  assert_int_equal(j->below->raw_messages, 3300);
  assert_int_equal(j->below->blockers.count, 1);
  assert_string_equal(j->below->next_record, "v=DMARC1; p=reject; sp=quarantine; rua=<keep yours>");
  assert_null(j->next_record);
  assert_int_equal(j->blockers.count, 0);
}

static void subdomains_whose_mail_passes_may_follow(void **state) {
  struct world *w = *state;
  good_mail(w, "quarantine");
  w->h.policies[0].sp = "none";
  subdomain_mail(w, 100, 0);
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->below->verdict), "READY");
  assert_string_equal(j->below->next_record, "v=DMARC1; p=quarantine; sp=quarantine; rua=<keep yours>");
  /* one step at a time */
  assert_string_equal(j->next_record, "v=DMARC1; p=reject; sp=none; rua=<keep yours>");
}

static void subdomains_that_send_nothing_go_straight_to_reject(void **state) {
  struct world *w = *state;
  good_mail(w, "reject");
  w->h.policies[0].sp = "none";
  const struct judgement *below = judged(w)->below;
  assert_true(below->parked);
  assert_string_equal(verdict_word(below->verdict), "READY");
  assert_int_equal(below->next, POLICY_REJECT);
  assert_false(w->j.parked);
  struct stream *s = strange_mail(w, "203.0.113.1", 20, 0, 3);
  s->header_from = kept(w, "invented.example.com");
  assert_string_equal(verdict_word(judged(w)->below->verdict), "NEEDS_DECISION");
  label(w, LABEL_ADDRESS, "203.0.113.1", LABEL_UNAUTHORISED);
  assert_string_equal(verdict_word(judged(w)->below->verdict), "READY");
}

static void a_changed_sp_begins_its_own_days_anew(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "reject", .sp = "none"}), 59, 11);
  reports(w, policy(w, (struct seen_policy){.p = "reject", .sp = "quarantine"}), 10, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  subdomain_mail(w, 100, 0);
  const struct judgement *j = judged(w);
  assert_near(j->gates[GATE_POLICY_AGE].figure, 60, 1e-9);
  assert_near(j->below->gates[GATE_POLICY_AGE].figure, 11, 1e-9);
  assert_string_equal(verdict_word(j->below->verdict), "INSUFFICIENT_DATA");
}

/* --- findings that block nothing -----------------------------------------------------------------------------------
 */

static void undecided_mail_within_the_limit_is_told_and_blocks_nothing(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = mailer_mail(w, &MAILER, 20, 0, 1); /* 21 of 3000: under 1 % */
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "READY");
  assert_int_equal(j->questions.count, 1);
  assert_string_equal(j->questions.items[0].example, s->source);
  assert_int_equal(j->questions.items[0].messages, 21);
  assert_int_equal(j->blockers.count, 0);
  mailer_mail(w, &OTHER_MAILER, 20, 0, 9);
  j = judged(w);
  assert_int_equal(j->questions.count, 0);
  assert_int_equal(j->blockers.count, 2);
  assert_int_equal(j->blockers.items[0].messages, 189); /* largest first */
}

static void a_forwarder_is_told_where_its_mail_fails_and_blocks_the_way_to_reject(void **state) {
  struct world *w = *state;
  static const struct {
    const char *p;
    int64_t daily;
    bool blocks;
  } CASES[] = {{"none", 20, false}, {"quarantine", 1, false}, {"quarantine", 20, true}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, CASES[i].p);
    struct stream *s = broken_mail(w, "198.51.100.9", "example.com/s1", 29, 0, CASES[i].daily);
    s->forwarded = s->messages;
    const struct judgement *j = judged(w);
    assert_int_equal(j->forwarders.count, !CASES[i].blocks);
    assert_int_equal(j->blockers.count, CASES[i].blocks);
    const struct finding *f = CASES[i].blocks ? &j->blockers.items[0] : &j->forwarders.items[0];
    assert_int_equal(f->messages, 30 * CASES[i].daily);
    assert_int_equal(f->class, CLASS_FORWARDER);
    assert_non_null(strstr(f->repair, "sign all of it with DKIM"));
  }
}

static void more_findings_than_anybody_repairs_at_once_are_counted(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  for (unsigned i = 0; i < MOST_FINDINGS + 3; i++) {
    char source[32];
    snprintf(source, sizeof source, "198.18.%u.1", i);
    struct stream *s = broken_mail(w, source, "example.com/s1", 29, 29, i + 1);
    s->forwarded = s->messages;
  }
  const struct judgement *j = judged(w);
  assert_int_equal(j->forwarders.count, MOST_FINDINGS);
  assert_int_equal(j->forwarders.left_out, 3);
  assert_int_equal(j->forwarders.items[0].messages, MOST_FINDINGS + 3);
  assert_int_equal(j->forwarders.items[MOST_FINDINGS - 1].messages, 4);
}

static void a_few_messages_with_the_owners_spf_tell_nothing_of_the_rest(void **state) {
  struct world *w = *state;
  for (int enough = 0; enough < 2; enough++) {
    start_anew(w);
    good_mail(w, "none");
    struct stream *own = spf_mail(w, "198.51.100.1", 20, 19, enough ? 3 : 2); /* 6 or 4; the limit is 5 */
    struct stream *beside = broken_mail(w, "198.51.100.2", "example.com/forged", 20, 19, 3);
    judged(w);
    assert_int_equal(own->class, CLASS_OWN);
    assert_int_equal(beside->class == CLASS_OWN_BROKEN, enough);
  }
}

/* --- thresholds ------------------------------------------------------------------------------------------------------
 */

static void each_threshold_is_set_by_its_name_and_within_its_limits(void **state) {
  (void)state;
  struct err e;
  unsigned count = 0;
  for (const struct threshold *row; (row = threshold_at(count)); count++) {
    struct thresholds t = THRESHOLDS_DEFAULT;
    char text[32];
    assert_true(threshold_value(&t, count) >= row->least && threshold_value(&t, count) <= row->most);
    const double values[] = {row->least, row->most};
    for (int i = 0; i < 2; i++) {
      snprintf(text, sizeof text, "%.10g", values[i]);
      assert_int_equal(threshold_set(&t, row->name, text, &e), 0);
      assert_near(threshold_value(&t, count), values[i], 1e-6);
      snprintf(text, sizeof text, "%.12g", i ? row->most + 0.01 : row->least - 0.01);
      assert_int_equal(threshold_set(&t, row->name, text, &e), ERR_USAGE);
      assert_near(threshold_value(&t, count), values[i], 1e-6);
    }
    for (unsigned other = 0; other < count; other++) {
      assert_string_not_equal(threshold_at(other)->name, row->name);
      assert_near(threshold_value(&t, other), threshold_value(&THRESHOLDS_DEFAULT, other), 0);
    }
  }
  assert_int_equal(count * sizeof(double), sizeof(struct thresholds)); /* none without a name */
  assert_null(threshold_at(count + 1));
}

static void what_is_no_threshold_or_no_number_is_refused(void **state) {
  (void)state;
  struct thresholds t = THRESHOLDS_DEFAULT;
  struct err e;
  static const char *const VALUES[] = {"", "x", "5x", "nan", "inf", "5 5"};
  for (unsigned i = 0; i < ARRAY_SIZE(VALUES); i++) {
    assert_int_equal(threshold_set(&t, "window", VALUES[i], &e), ERR_USAGE);
    assert_non_null(strstr(e.text, "window: "));
  }
  assert_int_equal(threshold_set(&t, "windows", "5", &e), ERR_USAGE);
  assert_non_null(strstr(e.text, "no threshold \"windows\""));
  assert_memory_equal(&t, &THRESHOLDS_DEFAULT, sizeof t);
}

static void a_verdict_turns_on_the_thresholds_that_are_given(void **state) {
  struct world *w = *state;
  struct thresholds t = THRESHOLDS_DEFAULT;
  struct err e;
  good_mail(w, "none");
  judge(&w->h, &w->labels, &t, w->as_of_s, &w->j);
  assert_string_equal(verdict_word(w->j.verdict), "READY");
  assert_int_equal(threshold_set(&t, "reporters", "4", &e), 0);
  judge(&w->h, &w->labels, &t, w->as_of_s, &w->j);
  assert_string_equal(verdict_word(w->j.verdict), "INSUFFICIENT_DATA");
  assert_near(w->j.gates[GATE_REPORTERS].limit, 4, 0);
}

static void the_next_record_keeps_what_the_owner_chose(void **state) {
  struct world *w = *state;
  good_mail(w, "quarantine");
  struct seen_policy *p = &w->h.policies[0];
  p->adkim = p->aspf = "r";
  assert_string_equal(judged(w)->next_record, "v=DMARC1; p=reject; rua=<keep yours>");
  p->sp = p->np = "quarantine";
  assert_string_equal(judged(w)->next_record, "v=DMARC1; p=reject; rua=<keep yours>");
  p->sp = "none";
  p->np = "reject";
  p->adkim = p->aspf = "s";
  assert_string_equal(judged(w)->next_record,
                      "v=DMARC1; p=reject; sp=none; np=reject; adkim=s; aspf=s; rua=<keep yours>");
}

static void a_history_without_anything_is_stale(void **state) {
  struct world *w = *state;
  assert_string_equal(verdict_of(w), "STALE");
  assert_int_equal(judged(w)->blockers.count, 0);
}

static void what_is_judged_twice_is_judged_alike(void **state) {
  struct world *w = *state;
  good_mail(w, "quarantine");
  second_source(w, 100, 5);
  mailer_mail(w, &MAILER, 20, 0, 5);
  struct judgement first = *judged(w);
  const struct judgement *second = judged(w);
  assert_int_equal(first.verdict, second->verdict);
  assert_memory_equal(first.gates, second->gates, sizeof first.gates);
  assert_int_equal(first.blockers.count, second->blockers.count);
}

#define A(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      A(two_hundred_sixty_eight_without_a_failure_are_99_percent),
      A(with_five_failures_it_takes_1024),
      A(no_trials_and_no_passes_have_the_bound_zero),
      A(policies_are_read_from_their_words_alone),
      A(mail_with_the_owners_spf_is_own),
      A(a_signature_with_the_owners_spf_is_own_however_small_its_share),
      A(a_source_with_the_volume_of_a_selector_is_its_home),
      A(two_sites_may_both_be_homes),
      A(one_selector_needs_two_percent_of_its_volume_to_be_at_home),
      A(a_small_source_of_several_selectors_passes_mail_on),
      A(a_tenth_of_a_selectors_volume_makes_a_home_for_several),
      A(two_signatures_of_one_site_are_as_one),
      A(a_site_where_the_owners_spf_passes_is_a_home_of_what_it_signs),
      A(the_owners_signature_that_survives_without_spf_was_forwarded),
      A(a_forwarder_of_the_catalogue_is_no_home),
      A(a_signature_that_fails_at_its_home_is_own_mail_that_fails),
      A(a_new_selector_that_fails_at_a_home_is_own_after_a_key_rotation),
      A(a_signature_that_fails_at_a_service_in_use_is_own_mail_that_fails),
      A(a_forged_selector_that_never_passed_is_no_evidence),
      A(a_selector_that_fails_again_and_again_elsewhere_is_a_question),
      A(broken_mail_beside_mail_passed_on_is_modified_by_a_forwarder),
      A(several_broken_selectors_behind_a_foreign_signature_were_modified_on_the_way),
      A(more_than_a_hundredth_of_own_mail_is_no_mere_forwarder),
      A(one_broken_selector_behind_a_foreign_signature_is_no_forwarder),
      A(a_reporters_word_for_forwarding_is_taken_from_one_in_twenty_messages),
      A(a_list_passes_mail_on),
      A(a_service_that_sends_for_others_is_a_question_from_its_first_message),
      A(anothers_mail_at_a_service_in_use_is_a_question_not_own),
      A(who_keeps_working_weeks_is_a_question),
      A(who_works_at_weekends_under_the_owners_envelope_is_no_question),
      A(a_burst_of_one_day_is_no_question),
      A(a_habit_takes_four_days_that_span_eight),
      A(hosts_of_one_network_share_their_habit_whatever_their_order),
      A(two_hosts_on_the_same_days_do_not_make_four),
      A(an_invented_subdomain_is_no_question),
      A(a_disputed_pass_is_no_evidence_of_own_mail),
      A(each_subject_and_each_verdict_of_a_label_is_heard),
      A(mail_that_authenticates_and_is_labelled_legitimate_is_own),
      A(a_label_wins_over_evidence),
      A(the_narrowest_label_wins_whichever_was_made_first),
      A(a_label_for_the_domain_wins_over_one_for_all),
      A(a_label_for_another_domain_is_not_heard),
      A(a_label_ends_at_its_last_moment),
      A(a_label_answers_the_question),
      A(good_mail_is_ready_with_every_gate_passed),
      A(thirty_days_at_the_policy_suffice_and_29_do_not),
      A(days_with_data_count_14_and_21),
      A(the_newest_report_warns_after_three_days_and_is_stale_after_seven),
      A(small_reporters_do_not_speak_for_the_large_one_that_fell_silent),
      A(the_large_reporter_speaks_for_small_ones_that_fell_silent),
      A(a_large_reporter_that_speaks_weekly_is_not_silent_yet),
      A(three_reporters_suffice_two_only_where_there_never_were_more),
      A(a_reporter_with_more_than_ninety_percent_warns),
      A(own_mail_needs_a_lower_bound_of_98_and_99_percent),
      A(each_own_source_needs_95_and_99_percent),
      A(a_source_of_less_than_20_messages_is_judged_with_the_rest),
      A(undecided_mail_may_be_2_percent_of_own_in_all_and_half_a_percent_for_reject),
      A(one_undecided_source_may_be_1_percent_of_own_and_half_a_percent_for_reject),
      A(a_flood_of_spoofing_does_not_dilute_the_undecided),
      A(a_new_source_waits_7_and_14_days),
      A(a_new_source_with_spf_alone_waits_too),
      A(what_was_there_on_the_first_days_is_not_new_but_met),
      A(nineteen_messages_a_known_selector_and_a_labelled_source_are_not_new),
      A(a_fall_stays_under_one_point_and_half_a_point),
      A(two_messages_are_no_trend),
      A(a_change_of_the_mix_is_no_fall),
      A(a_source_that_grew_better_does_not_fall),
      A(less_than_ninety_percent_signed_warns_on_the_way_to_quarantine),
      A(a_source_with_spf_alone_blocks_reject_from_20_messages_on),
      A(a_source_that_signs_half_of_its_mail_does_not_rely_on_spf_alone),
      A(the_shares_of_signed_mail_count_dormant_mail_above_and_below_the_line),
      A(losses_through_forwarders_warn_on_the_way_to_quarantine_and_ask_before_reject),
      A(forwarded_mail_whose_signature_survives_is_not_lost),
      A(verdicts_come_in_their_order),
      A(at_the_target_missing_data_only_warn),
      A(the_target_keeps_looking_at_own_mail),
      A(at_the_target_losses_through_forwarders_warn),
      A(blockers_come_largest_first_and_are_bounded),
      A(what_the_next_policy_acts_on_is_told_by_class),
      A(a_dormant_source_that_failed_in_its_last_run_still_counts),
      A(memory_ends_after_400_days),
      A(a_dormant_stream_is_judged_by_the_seven_days_of_its_last_run),
      A(a_stream_of_the_windows_first_day_is_not_dormant_and_one_day_older_is),
      A(a_break_that_was_repaired_before_the_window_is_over),
      A(broken_mail_beside_whole_mail_is_not_over_because_the_whole_goes_on),
      A(a_break_of_a_selector_that_never_passed_since_is_not_over),
      A(a_parked_domain_answered_by_its_spf_goes_straight_to_reject),
      A(a_parked_domain_without_an_answer_is_one_question),
      A(a_domain_that_a_service_sends_for_unauthenticated_is_not_parked),
      A(a_question_beyond_the_memory_does_not_keep_a_domain_from_being_parked),
      A(a_domain_with_office_hours_is_not_parked),
      A(a_parked_domain_without_any_mail_needs_its_30_days_alone),
      A(a_parked_domain_at_reject_is_at_the_target),
      A(a_parked_domain_finishes_reject_but_not_quarantine),
      A(a_parked_domain_with_old_reports_is_stale),
      A(little_mail_makes_the_window_longer),
      A(the_window_is_long_enough_with_268_messages),
      A(a_weekly_sender_is_judged_in_its_own_rhythm),
      A(a_monthly_sender_is_judged_in_its_own_rhythm),
      A(a_clock_more_than_two_days_ahead_does_not_move_the_window),
      A(a_clock_of_1970_does_not_make_the_policy_old),
      A(without_a_believable_report_the_answer_is_stale),
      A(a_changed_policy_begins_its_days_anew),
      A(a_change_of_yesterday_is_known_at_once),
      A(a_stray_report_of_the_former_policy_does_not_begin_it_anew),
      A(stray_last_reports_do_not_take_the_policy_back),
      A(a_last_report_without_a_policy_does_not_take_it_back),
      A(testing_is_told_by_reports_that_have_a_word_for_it),
      A(the_days_in_testing_do_not_count_as_days_in_force),
      A(a_stray_word_of_testing_does_not_begin_the_days_anew),
      A(a_sampled_policy_is_to_be_finished_first),
      A(sampling_is_told_by_reports_that_have_a_word_for_it),
      A(a_word_of_testing_for_another_policy_says_nothing_of_this_one),
      A(a_reject_in_testing_is_not_the_target),
      A(none_in_testing_has_nothing_to_finish),
      A(with_an_sp_of_its_own_mail_of_subdomains_is_out_of_the_policys_scope),
      A(subdomains_under_an_sp_of_their_own_are_judged_by_their_own_mail),
      A(subdomains_whose_mail_passes_may_follow),
      A(subdomains_that_send_nothing_go_straight_to_reject),
      A(a_changed_sp_begins_its_own_days_anew),
      A(undecided_mail_within_the_limit_is_told_and_blocks_nothing),
      A(a_forwarder_is_told_where_its_mail_fails_and_blocks_the_way_to_reject),
      A(more_findings_than_anybody_repairs_at_once_are_counted),
      A(a_few_messages_with_the_owners_spf_tell_nothing_of_the_rest),
      A(each_threshold_is_set_by_its_name_and_within_its_limits),
      A(what_is_no_threshold_or_no_number_is_refused),
      A(a_verdict_turns_on_the_thresholds_that_are_given),
      A(the_next_record_keeps_what_the_owner_chose),
      A(a_history_without_anything_is_stale),
      A(what_is_judged_twice_is_judged_alike),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of verdict share: histories made by hand, day by day, and what is judged of them. */
#ifndef TESTS_VERDICT_KIT_H
#define TESTS_VERDICT_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/feedback.h"
#include "base/mem.h"
#include "base/utc.h"
#include "verdict/judge.h"
#include "verdict/proportion.h"
#include "verdict/stream.h"
#include "verdict/thresholds.h"

/* cmocka compares floats alone, and rounds doubles to them. */
static inline void near_at(double is, double wanted, double within, int line) {
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
#define MOST_STREAMS 512
#define MOST_LABELS 16

struct world {
  struct history h;
  struct label label_items[MOST_LABELS];
  struct labels labels;
  int64_t as_of_s;
  const struct published_policy *published;
  struct judgement j;
};

static inline void world_open(struct world *w) {
  *w = (struct world){.as_of_s = END_S + 6 * HOUR_S};
  w->labels.items = w->label_items;
  w->h.arena = arena_new(4096);
  hashmap_init(&w->h.text_index, INTERNED_VALUE);
  w->h.domain = arena_strdup(w->h.arena, "example.com");
  w->h.stream_capacity = MOST_STREAMS; /* never grows: the tests keep pointers into it */
  w->h.streams = mem_zalloc(MOST_STREAMS * sizeof *w->h.streams);
}

static inline void world_close(struct world *w) {
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

static inline int set_up(void **state) {
  struct world *w = mem_alloc(sizeof *w);
  world_open(w);
  *state = w;
  return 0;
}

static inline int tear_down(void **state) {
  world_close(*state);
  free(*state);
  return 0;
}

/* In the middle of a test, for its other half. */
static inline void start_anew(struct world *w) {
  world_close(w);
  world_open(w);
}

/* As in a history that was read. */
static inline struct interned kept(struct world *w, const char *text) {
  return intern(&w->h.text_index, w->h.arena, text);
}

static inline uint32_t policy(struct world *w, struct seen_policy p) {
  MEM_GROW(w->h.policies, w->h.policy_capacity, w->h.policy_count);
  w->h.policies[w->h.policy_count] = p;
  return w->h.policy_count++;
}

/* Behind all that began no later, as the store orders them. */
static inline void report_of(struct world *w, unsigned reporter, uint32_t of_policy, int64_t begin_s, int64_t end_s,
                             int64_t messages) {
  struct history *h = &w->h;
  MEM_GROW(h->reports, h->report_capacity, h->report_count);
  uint32_t at = h->report_count++;
  for (; at > 0 && h->reports[at - 1].begin_s > begin_s; at--) h->reports[at] = h->reports[at - 1];
  h->reports[at] =
      (struct seen_report){begin_s, end_s, messages, utc_day_of_period(begin_s, end_s), reporter, of_policy};
  if (reporter >= h->reporter_count) h->reporter_count = reporter + 1;
}

static inline void report(struct world *w, unsigned reporter, uint32_t of_policy, int ago, int64_t messages) {
  report_of(w, reporter, of_policy, DAY_S(ago), DAY_S(ago - 1), messages);
}

/* Three reporters, day by day. */
static inline void reports(struct world *w, uint32_t of_policy, int first, int last) {
  for (int ago = first; ago >= last; ago--)
    for (unsigned reporter = 0; reporter < 3; reporter++) report(w, reporter, of_policy, ago, 40);
}

static inline struct stream *stream(struct world *w, const char *source, enum stream_kind kind) {
  assert_true(w->h.stream_count < MOST_STREAMS);
  struct stream *s = &w->h.streams[w->h.stream_count++];
  *s = (struct stream){.kind = kind, .source = kept(w, source), .header_from = kept(w, "example.com")};
  ip_parse(source, &s->ip);
  return s;
}

/* Mail of the owner's SPF whose signature is there and fails. */
static inline bool saved_by_spf(const struct stream *s) { return s->kind == STREAM_SPF && s->selector_count > 0; }

/* Earlier days first. */
static inline void mail_every(struct stream *s, int step, int first, int last, int64_t messages) {
  bool passes = s->kind == STREAM_SIGNED || s->kind == STREAM_SPF;
  for (int ago = first; ago >= last; ago -= step) {
    s->days = mem_realloc(s->days, (s->day_count + 1) * sizeof *s->days);
    s->days[s->day_count++] = (struct stream_day){.day = LAST_DAY - ago,
                                                  .messages = messages,
                                                  .passed = passes ? messages : 0,
                                                  .saved = passes && saved_by_spf(s) ? messages : 0};
    s->messages += messages;
    if (passes) s->passed += messages;
    if (s->kind == STREAM_SPF) s->spf_passed += messages;
    for (uint32_t i = 0; i < s->selector_count; i++) {
      struct selector_use *use = &s->selectors[i];
      *(s->kind == STREAM_SIGNED ? &use->passed : &use->failed) += messages;
      if (s->kind != STREAM_SIGNED) continue;
      if (LAST_DAY - ago < use->first_day) use->first_day = LAST_DAY - ago;
      if (LAST_DAY - ago > use->last_day) use->last_day = LAST_DAY - ago;
    }
  }
}
static inline void mail(struct stream *s, int first, int last, int64_t messages) {
  mail_every(s, 1, first, last, messages);
}

static inline void signs_with(struct world *w, struct stream *s, const char *selector) {
  uint32_t number = 0;
  while (number < w->h.selector_count && strcmp(w->h.selectors[number], selector) != 0) number++;
  if (number == w->h.selector_count) {
    MEM_GROW(w->h.selectors, w->h.selector_capacity, w->h.selector_count);
    w->h.selectors[w->h.selector_count++] = kept(w, selector).text;
  }
  MEM_GROW(s->selectors, s->selector_capacity, s->selector_count);
  s->selectors[s->selector_count++] =
      (struct selector_use){.selector = number, .first_day = INT32_MAX, .last_day = INT32_MIN};
}

/* A stream with one signature, whole or broken, day by day. */
static inline struct stream *signed_mail(struct world *w, const char *source, const char *selector, int first, int last,
                                         int64_t messages) {
  struct stream *s = stream(w, source, STREAM_SIGNED);
  signs_with(w, s, selector);
  mail(s, first, last, messages);
  return s;
}
static inline struct stream *broken_mail(struct world *w, const char *source, const char *selector, int first, int last,
                                         int64_t messages) {
  struct stream *s = stream(w, source, STREAM_BROKEN);
  signs_with(w, s, selector);
  mail(s, first, last, messages);
  return s;
}
static inline struct stream *spf_mail(struct world *w, const char *source, int first, int last, int64_t messages) {
  struct stream *s = stream(w, source, STREAM_SPF);
  mail(s, first, last, messages);
  return s;
}
static inline struct stream *strange_mail(struct world *w, const char *source, int first, int last, int64_t messages) {
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
static inline struct stream *mailer_mail(struct world *w, const struct sender_service *service, int first, int last,
                                         int64_t messages) {
  char source[32];
  snprintf(source, sizeof source, "203.0.113.%u", 100 + w->h.stream_count);
  struct stream *s = strange_mail(w, source, first, last, messages);
  s->service = service;
  s->identity = kept(w, "mailer.example");
  s->identity_messages = s->messages;
  return s;
}

static inline void label(struct world *w, enum label_subject subject, const char *source, enum label_verdict verdict) {
  assert_true(w->labels.count < MOST_LABELS);
  w->label_items[w->labels.count++] =
      (struct label){.subject = subject, .source = source, .verdict = verdict, .until_s = FEEDBACK_TIME_UNKNOWN};
}
static inline struct label *last_label(struct world *w) { return &w->label_items[w->labels.count - 1]; }

/* Sixty days of good mail, 3,000 messages of them in the window, from one host under one policy. */
static inline struct stream *good_mail(struct world *w, const char *p) {
  reports(w, policy(w, (struct seen_policy){.p = p}), 59, 0);
  return signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
}

static inline const struct judgement *judged(struct world *w) {
  judge(&w->h, &w->labels, &THRESHOLDS_DEFAULT, w->as_of_s, w->published, &w->j);
  return &w->j;
}

/* With all that is said beside the verdict. Histories by hand have no records that could be left out. */
static inline const struct judgement *told(struct world *w) {
  struct thresholds t = THRESHOLDS_DEFAULT;
  t.robust_against = 0;
  judge_robustly(&w->h, &w->labels, &t, w->as_of_s, w->published, &w->j);
  return &w->j;
}

static inline const char *verdict_of(struct world *w) { return verdict_word(judged(w)->verdict); }

static inline const struct gate *gate(struct world *w, enum gate_name name) { return &judged(w)->gates[name]; }

static inline void assert_gate(struct world *w, enum gate_name name, double figure, enum gate_state state) {
  const struct gate *g = gate(w, name);
  assert_near(g->figure, figure, 1e-6);
  assert_int_equal(g->state, state);
}

static inline void assert_class(struct world *w, const struct stream *s, const char *word, const char *because) {
  judged(w);
  assert_string_equal(stream_class_word(s->class), word);
  assert_non_null(strstr(s->because, because));
}

#define A(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* A second source at home, in `messages` of which `failing` fail. */
static inline void second_source(struct world *w, int64_t messages, int64_t failing) {
  mail(signed_mail(w, "198.51.100.1", "example.com/s2", 59, 30, 1), 20, 20, messages - failing);
  broken_mail(w, "198.51.100.1", "example.com/s2", 20, 20, failing);
}

/* So many of the last 7 days' 700 messages fail. */
static inline void fall(struct world *w, const char *p, int64_t failing) {
  reports(w, policy(w, (struct seen_policy){.p = p}), 59, 0);
  struct stream *s = signed_mail(w, "192.0.2.1", "example.com/s1", 59, 1, 100);
  mail(s, 0, 0, 100 - failing);
  broken_mail(w, "192.0.2.1", "example.com/s1", 0, 0, failing);
}

#endif

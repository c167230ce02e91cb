/* SPDX-License-Identifier: Apache-2.0 */
/* What an address tells of a stream: asked for where no mail does, largest first, and never before a signature. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "verdict/judge.h"

/* --- a lookup that notes what it is asked ------------------------------------------------------------------------- */

struct asked {
  struct ip_addr ips[MOST_NAMED_ADDRESSES + 1];
  unsigned count, calls;
  uint64_t left_out;
  int code; /* what the lookup answers */
};

static int note_names(void *user, const struct ip_addr *ips, unsigned count, const char **ret, struct err *e) {
  struct asked *a = user;
  a->calls++;
  a->count = count;
  assert_true(count <= MOST_NAMED_ADDRESSES);
  memcpy(a->ips, ips, count * sizeof *ips);
  for (unsigned i = 0; i < count; i++)
    ret[i] = ips[i].bytes[3] == 10 ? "mail.amazonses.com" : ips[i].bytes[3] == 11 ? "h.example.net" : NULL;
  return a->code < 0 ? err_set(e, a->code, "no") : 0;
}

static int say_network(void *user, const struct ip_addr *ip, struct origin *ret, struct err *e) {
  struct asked *a = user;
  if (a->code < 0) return err_set(e, a->code, "no");
  if (ip->bytes[2] == 2) *ret = (struct origin){.asn = 64500, .organization = "Example Networks", .country = "DE"};
  if (ip->bytes[2] == 100) *ret = (struct origin){.asn = 64501};
  return 0;
}

static void note_left_out(void *user, const char *domain, uint64_t addresses) {
  assert_string_equal(domain, "example.com");
  ((struct asked *)user)->left_out += addresses;
}

/* --- a history ---------------------------------------------------------------------------------------------------- */

static void history_begin(struct history *h) {
  *h = (struct history){.domain = "example.com", .arena = arena_new(4096)};
  hashmap_init(&h->text_index, INTERNED_VALUE);
}

static void history_end(struct history *h) {
  free(h->streams);
  hashmap_clear(&h->text_index);
  arena_free(h->arena);
}
#define _cleanup_history_ __attribute__((cleanup(history_end)))

static void add(struct history *h, const char *ip, int64_t messages, const char *identity) {
  MEM_GROW(h->streams, h->stream_capacity, h->stream_count);
  struct stream *s = &h->streams[h->stream_count++];
  *s = (struct stream){.messages = messages,
                       .identity = intern(&h->text_index, h->arena, identity),
                       .source = intern(&h->text_index, h->arena, ip)};
  if (identity) s->evidence = "DKIM d=mailer.example.org";
  ip_parse(ip, &s->ip);
}

static int name(struct history *h, struct asked *a, bool names, bool networks) {
  const struct origin_lookup lookup = {networks ? say_network : NULL, names ? note_names : NULL, note_left_out, a};
  struct sender_catalogue *c = sender_catalogue_new();
  struct err e;
  int code = origin_name_streams(h, &lookup, c, &e);
  sender_catalogue_free(c);
  return code;
}

static void a_name_is_evidence_and_names_the_service(void **state) {
  (void)state;
  _cleanup_history_ struct history h;
  struct asked a = {.count = 0};
  history_begin(&h);
  add(&h, "192.0.2.10", 5, NULL);
  add(&h, "192.0.2.11", 5, NULL);
  add(&h, "192.0.2.12", 5, NULL);
  assert_int_equal(name(&h, &a, true, false), 0);
  assert_string_equal(h.streams[0].evidence, "PTR mail.amazonses.com");
  assert_string_equal(h.streams[0].service->name, "Amazon SES");
  assert_string_equal(h.streams[1].evidence, "PTR h.example.net");
  assert_null(h.streams[1].service);
  assert_null(h.streams[2].evidence);
}

static void a_network_is_evidence_behind_the_name(void **state) {
  (void)state;
  _cleanup_history_ struct history h;
  struct asked a = {.count = 0};
  history_begin(&h);
  add(&h, "192.0.2.11", 5, NULL);
  add(&h, "192.0.2.12", 5, NULL);
  add(&h, "198.51.100.1", 5, NULL);
  add(&h, "203.0.113.1", 5, NULL);
  assert_int_equal(name(&h, &a, true, true), 0);
  assert_string_equal(h.streams[0].evidence, "PTR h.example.net");
  assert_string_equal(h.streams[0].origin.organization, "Example Networks");
  assert_string_equal(h.streams[1].evidence, "AS64500 Example Networks");
  assert_string_equal(h.streams[1].origin.country, "DE");
  assert_string_equal(h.streams[2].evidence, "AS64501");
  assert_null(h.streams[3].evidence);
}

static void whom_mail_names_is_not_asked_for_and_keeps_the_name(void **state) {
  (void)state;
  _cleanup_history_ struct history h;
  struct asked a = {.count = 0};
  history_begin(&h);
  add(&h, "192.0.2.10", 5, "mailer.example.org");
  add(&h, "no address", 5, NULL);
  assert_int_equal(name(&h, &a, true, true), 0);
  assert_int_equal(a.count, 0);
  assert_string_equal(h.streams[0].evidence, "DKIM d=mailer.example.org");
  assert_null(h.streams[0].service);
  assert_int_equal(h.streams[0].origin.asn, 64500);
  assert_null(h.streams[1].evidence);
}

static void an_address_is_asked_for_once_with_all_its_mail(void **state) {
  (void)state;
  _cleanup_history_ struct history h;
  struct asked a = {.count = 0};
  history_begin(&h);
  add(&h, "192.0.2.11", 40, NULL);
  add(&h, "192.0.2.12", 50, NULL);
  add(&h, "192.0.2.11", 20, NULL);
  assert_int_equal(name(&h, &a, true, false), 0);
  assert_int_equal(a.count, 2);
  assert_int_equal(a.ips[0].bytes[3], 11);
  assert_string_equal(h.streams[2].evidence, "PTR h.example.net");
}

static void beyond_the_limit_the_small_ones_are_left_out_and_counted(void **state) {
  (void)state;
  _cleanup_history_ struct history h;
  struct asked a = {.count = 0};
  history_begin(&h);
  for (int i = 0; i < MOST_NAMED_ADDRESSES + 5; i++) {
    char ip[32];
    snprintf(ip, sizeof ip, "198.51.%d.%d", i / 250, i % 250);
    add(&h, ip, 1000000 - i, NULL);
  }
  assert_int_equal(name(&h, &a, true, false), 0);
  assert_int_equal(a.count, MOST_NAMED_ADDRESSES);
  assert_int_equal(a.left_out, 5);
  assert_int_equal(a.ips[0].bytes[3], 0);
  assert_int_equal(a.ips[MOST_NAMED_ADDRESSES - 1].bytes[2], (MOST_NAMED_ADDRESSES - 1) / 250);
}

static void a_failing_lookup_ends_it(void **state) {
  (void)state;
  _cleanup_history_ struct history h;
  struct asked a = {.code = ERR_FORMAT};
  history_begin(&h);
  add(&h, "192.0.2.11", 40, NULL);
  assert_int_equal(name(&h, &a, true, false), ERR_FORMAT);
  assert_int_equal(name(&h, &a, false, true), ERR_FORMAT);
  assert_int_equal(origin_name_streams(&h, NULL, NULL, NULL), 0);
  assert_null(h.streams[0].evidence);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_name_is_evidence_and_names_the_service),
      cmocka_unit_test(a_network_is_evidence_behind_the_name),
      cmocka_unit_test(whom_mail_names_is_not_asked_for_and_keeps_the_name),
      cmocka_unit_test(an_address_is_asked_for_once_with_all_its_mail),
      cmocka_unit_test(beyond_the_limit_the_small_ones_are_left_out_and_counted),
      cmocka_unit_test(a_failing_lookup_ends_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

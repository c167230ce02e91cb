/* SPDX-License-Identifier: Apache-2.0 */
/* Who passes mail on, by what it does to signatures and by what reporters say. */
#include "verdict_kit.h"

/* --- mail passed on whole ----------------------------------------------------------------------------------------- */

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

/* It takes mail in from the owner as well, for it sells that. */
static void a_known_forwarder_takes_no_signature_off(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 20, 0, 5);
  s->service = &REDIRECTOR;
  assert_class(w, s, "undecided", "takes mail in");
  spf_mail(w, "198.51.100.1", 29, 0, 6); /* 180 of 3,180 are not signed */
  assert_class(w, s, "forwarder_modified", "passes mail on");
}

static void who_passes_signed_mail_on_passes_unsigned_on_too(void **state) {
  struct world *w = *state;
  for (int is_all_signed = 0; is_all_signed < 2; is_all_signed++) {
    start_anew(w);
    good_mail(w, "none");
    if (!is_all_signed) spf_mail(w, "198.51.100.1", 29, 0, 100);
    struct stream *whole = signed_mail(w, "203.0.113.7", "example.com/s1", 29, 0, 1);
    whole->spf_failed = whole->messages;
    struct stream *s = strange_mail(w, "203.0.113.7", 29, 0, 1);
    assert_class(w, s, is_all_signed ? "undecided" : "forwarder",
                 is_all_signed ? "day after day" : "a part is not signed");
  }
}

/* --- mail changed on the way -------------------------------------------------------------------------------------- */

static void broken_mail_beside_mail_passed_on_is_modified_by_a_forwarder(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *whole = signed_mail(w, "203.0.113.7", "example.com/s1", 20, 0, 1);
  whole->spf_failed = whole->messages;
  struct stream *broken = broken_mail(w, "203.0.113.7", "example.com/s1", 20, 16, 1);
  assert_class(w, broken, "forwarder_modified", "breaks some of it");
  mail(broken, 12, 12, 1); /* more than a fifth: a gateway of the owner's may do that */
  assert_class(w, broken, "undecided", "a forwarder, or forged");
  broken->identity = kept(w, "list.example");
  assert_class(w, broken, "forwarder_modified", "breaks some of it");
  mail(broken, 10, 10, 30); /* and more than a hundredth of own mail */
  assert_class(w, broken, "undecided", "a forwarder, or forged");
  struct stream *forged = broken_mail(w, "203.0.113.7", "example.com/forged", 20, 20, 1);
  assert_class(w, forged, "undecided", "never verified"); /* for the host is there every day */
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
  assert_class(w, s, "forwarder_modified", "behind a foreign one");
  s->identity = (struct interned){NULL};
  assert_class(w, s, "suspicious", "no habit");
  s->identity = kept(w, "list.example");
  s->service = &MAILER;
  assert_class(w, s, "undecided", "a service that sends for others");
}

static void more_than_a_hundredth_of_own_mail_is_no_mere_forwarder(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  assert_class(w, several_broken(w, 61), "suspicious", "too new for a habit");
}

static void one_broken_selector_behind_a_foreign_signature_is_a_lists(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = stream(w, "203.0.113.7", STREAM_BROKEN);
  signs_with(w, s, "example.com/s1");
  signs_with(w, s, "example.com/forged");
  mail(s, 5, 5, 5);
  s->identity = kept(w, "list.example"); /* by SPF */
  assert_class(w, s, "suspicious", "too new for a habit");
  s->identity_signs = true;
  assert_class(w, s, "forwarder_modified", "behind a foreign one");
}

/* --- a reporter's word -------------------------------------------------------------------------------------------- */

static void a_reporters_word_for_forwarding_is_taken_from_one_in_twenty_messages(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = broken_mail(w, "203.0.113.7", "example.com/s1", 5, 5, 20);
  s->forwarded = 1;
  assert_class(w, s, "forwarder", "the reporter says");
  mail(s, 5, 5, 1);
  assert_class(w, s, "suspicious", "no habit");
}

/* They see a seal of ARC, or a List-Id. */
static void who_is_said_to_forward_much_must_have_a_name(void **state) {
  struct world *w = *state;
  for (int64_t messages = 30; messages <= 31; messages++) { /* own mail is 3,000 */
    start_anew(w);
    good_mail(w, "none");
    struct stream *s = strange_mail(w, "203.0.113.8", 5, 5, messages);
    s->forwarded = messages;
    assert_class(w, s, messages == 30 ? "forwarder" : "undecided", "the reporter says it was forwarded");
    s->identity = kept(w, "list.example"); /* it takes no signature off, and all of own mail is signed */
    assert_class(w, s, messages == 30 ? "forwarder" : "undecided", "the reporter says it was forwarded");
    s = broken_mail(w, "203.0.113.9", "example.com/s1", 5, 5, messages);
    s->forwarded = messages;
    s->identity = kept(w, "list.example");
    assert_class(w, s, "forwarder", "the reporter says it was forwarded");
  }
}

/* A gateway of several addresses is one source. */
static void what_is_said_to_be_forwarded_is_summed_up_by_source(void **state) {
  struct world *w = *state;
  for (int hosts = 1; hosts <= 2; hosts++) {
    start_anew(w);
    good_mail(w, "none");
    struct stream *s = NULL;
    for (int i = 0; i < hosts; i++) {
      char source[32];
      snprintf(source, sizeof source, "203.0.113.%d", i + 1);
      s = broken_mail(w, source, "example.com/s1", 5, 5, 100); /* of 3,000 */
      s->identity = kept(w, "gateway.example");
      s->forwarded = 30;
    }
    assert_class(w, s, hosts == 1 ? "forwarder" : "undecided", "");
  }
}

/* A newsletter of the owner's has a List-Id, and his gateway seals with ARC: a few reporters say so. */
static void what_few_call_forwarded_is_no_forwarders_if_it_is_much(void **state) {
  struct world *w = *state;
  for (int64_t messages = 120; messages <= 121; messages++) { /* own mail is 3,000 */
    start_anew(w);
    good_mail(w, "none");
    struct stream *s = broken_mail(w, "203.0.113.9", "example.com/s1", 5, 5, messages);
    s->identity = kept(w, "list.example");
    s->forwarded = messages / 2 - 1;
    assert_class(w, s, messages == 120 ? "forwarder" : "undecided", "forwarded");
    s->forwarded = messages / 2 + 1; /* most of it: a list's */
    assert_class(w, s, "forwarder", "the reporter says it was forwarded");
    s->forwarded = messages / 4;
    s->service = &MAILER;
    s->kind = STREAM_NOTHING;
    assert_class(w, s, "undecided", "a service that sends for others");
  }
}

static void a_list_passes_mail_on(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = broken_mail(w, "203.0.113.7", "example.com/s1", 20, 0, 5);
  s->service = &LISTS;
  assert_class(w, s, "forwarder_modified", "passes mail on");
  s->service = &REDIRECTOR;
  assert_class(w, s, "forwarder_modified", "passes mail on");
}

static void at_home_a_quarter_of_the_broken_mail_must_be_said_to_be_forwarded(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = broken_mail(w, "192.0.2.1", "example.com/s1", 20, 20, 100);
  s->forwarded = 100;
  assert_class(w, s, "own_broken", "where it is at home"); /* by nobody who has a name */
  s->identity = kept(w, "partner.example");
  s->forwarded = 25;
  assert_class(w, s, "forwarder", "the reporter says");
  s->forwarded = 24;
  assert_class(w, s, "own_broken", "where it is at home");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      A(the_owners_signature_that_survives_without_spf_was_forwarded),
      A(a_forwarder_of_the_catalogue_is_no_home),
      A(a_known_forwarder_takes_no_signature_off),
      A(who_passes_signed_mail_on_passes_unsigned_on_too),
      A(broken_mail_beside_mail_passed_on_is_modified_by_a_forwarder),
      A(several_broken_selectors_behind_a_foreign_signature_were_modified_on_the_way),
      A(more_than_a_hundredth_of_own_mail_is_no_mere_forwarder),
      A(one_broken_selector_behind_a_foreign_signature_is_a_lists),
      A(a_reporters_word_for_forwarding_is_taken_from_one_in_twenty_messages),
      A(who_is_said_to_forward_much_must_have_a_name),
      A(what_is_said_to_be_forwarded_is_summed_up_by_source),
      A(what_few_call_forwarded_is_no_forwarders_if_it_is_much),
      A(a_list_passes_mail_on),
      A(at_home_a_quarter_of_the_broken_mail_must_be_said_to_be_forwarded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

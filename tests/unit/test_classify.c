/* SPDX-License-Identifier: Apache-2.0 */
/* The classes of mail that bears the owner's signature or return path, or was sent where such mail comes from. */
#include "verdict_kit.h"

/* --- homes of signatures ------------------------------------------------------------------------------------------ */

static void mail_with_the_owners_spf_is_own(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = spf_mail(w, "198.51.100.1", 20, 0, 2);
  assert_class(w, s, "own", "the owner's SPF passes");
}

/* Only receivers that say "pass" make it so: nobody gets out of "suspicious" by signing a hundred times. */
static void a_pass_by_results_that_were_cut_is_neither_own_nor_strange(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "198.51.100.1", 3, 3, 2);
  assert_class(w, s, "suspicious", "no habit");
  s->unproven = 1;
  assert_class(w, s, "undecided", "by results that were cut");
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

/* Its few reporters see little: what they see of a forwarder is much of that. */
static void a_selector_that_a_reporter_does_not_name_is_no_selector_of_its_own(void **state) {
  struct world *w = *state;
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 20); /* 1,200 */
  struct stream *forwarder = signed_mail(w, "198.51.100.1", "example.com/?", 10, 6, 4);
  struct stream *home = signed_mail(w, "192.0.2.1", "example.com/?", 30, 0, 1);
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 0);
  assert_class(w, forwarder, "forwarder", "small here against its home");
  assert_class(w, home, "own", "home");
}

/* One in a hundred of the domain's mail, and all of a selector. */
static void where_a_named_selector_is_at_home_one_without_a_name_is_too(void **state) {
  struct world *w = *state;
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  signed_mail(w, "198.51.100.1", "example.com/v1", 59, 0, 1);
  struct stream *s = signed_mail(w, "198.51.100.1", "example.com/?", 3, 0, 1);
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 0);
  assert_class(w, s, "own", "home");
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

/* --- signatures that fail ----------------------------------------------------------------------------------------- */

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
  assert_class(w, forged, "undecided", "never verified");
}

/* --- mail without a signature, and copied ones -------------------------------------------------------------------- */

/* The only server stops signing; a neighbour, and a name that the server does not bear, are somebody else. */
static void what_an_own_host_sends_without_a_signature_is_own(void **state) {
  struct world *w = *state;
  struct stream *s = good_mail(w, "none");
  struct stream *broken = strange_mail(w, s->source.text, 1, 0, 100);
  assert_class(w, broken, "own_broken", "from a host that sends his mail");
  assert_class(w, strange_mail(w, "192.0.2.2", 1, 0, 100), "suspicious", "no habit");
  broken->identity = kept(w, "other.example");
  assert_class(w, broken, "suspicious", "too new");
  s->identity = broken->identity;
  assert_class(w, broken, "own_broken", "from a host that sends his mail");
  broken->service = s->service = &MAILER;
  assert_class(w, broken, "undecided", "a service that sends for others");
  start_anew(w);
  s = good_mail(w, "none");
  broken = strange_mail(w, s->source.text, 1, 0, 9001); /* own: 6,000 */
  assert_class(w, broken, "suspicious", "no habit");
}

/* A program in a cloud signs from another address each time. That it lives nowhere makes it no forwarder's. */
static void a_selector_without_a_home_is_at_home_everywhere(void **state) {
  struct world *w = *state;
  for (int sites = 9; sites <= 11; sites++) {
    start_anew(w);
    good_mail(w, "none");
    struct stream *s = NULL;
    for (int i = 0; i < sites; i++) {
      char source[32];
      snprintf(source, sizeof source, "203.%d.113.7", i);
      s = signed_mail(w, source, "example.com/app", 20 + i, 20 + i, 3);
      s->spf_failed = s->messages;
    }
    struct stream *broken = broken_mail(w, "203.99.113.7", "example.com/app", 3, 3, 5);
    assert_class(w, s, "own", "home");
    assert_class(w, broken, sites == 11 ? "own_broken" : "suspicious", "");
  }
}

/* It is not published, or was never meant to be: forgers copy one that exists, or make one up for a run. */
static void a_selector_that_never_verified_and_is_kept_is_a_question(void **state) {
  struct world *w = *state;
  static const struct {
    int days, hosts;
    const char *class;
  } CASES[] = {{21, 1, "undecided"}, {18, 1, "suspicious"}, {21, 8, "undecided"}, {20, 9, "suspicious"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, "none");
    struct stream *s = NULL;
    for (int n = 0; n < CASES[i].days * CASES[i].hosts; n++) {
      char source[32];
      snprintf(source, sizeof source, "198.%d.%d.7", n / 200, n % 200);
      int ago = CASES[i].days - 1 - n / CASES[i].hosts;
      s = broken_mail(w, source, "example.com/new", ago, ago, 2);
    }
    assert_class(w, s, CASES[i].class, "");
    if (CASES[i].days < 21) assert_class(w, s, "suspicious", "too new");
    assert_string_equal(s->site.text, "changing addresses"); /* one question, whatever the hosts */
  }
}

/* A list server in the provider's /24, next door. */
static void a_neighbour_with_a_name_is_not_at_home(void **state) {
  struct world *w = *state;
  struct stream *own = good_mail(w, "none");
  struct stream *s = broken_mail(w, "192.0.2.200", "example.com/s1", 5, 5, 10);
  assert_class(w, s, "own_broken", "where it is at home");
  s->identity = kept(w, "list.example");
  s->identity_signs = true;
  assert_class(w, s, "forwarder_modified", "behind a foreign one");
  own->identity = s->identity;
  assert_class(w, s, "own_broken", "where it is at home");
  own->identity = (struct interned){NULL};
  struct stream *same = broken_mail(w, own->source.text, "example.com/s1", 5, 5, 10);
  same->identity = s->identity;
  assert_class(w, same, "own_broken", "where it is at home");
}

/* With the owner's return path his mail at the service passes SPF though its signature breaks. */
static void a_copied_signature_lacks_the_return_path(void **state) {
  struct world *w = *state;
  for (int with_path = 0; with_path < 2; with_path++) {
    start_anew(w);
    good_mail(w, "none");
    struct stream *own = signed_mail(w, "198.51.100.1", "example.com/e1", 29, 0, 10);
    struct stream *s = broken_mail(w, "198.51.100.2", "example.com/e1", 5, 5, 10);
    own->service = s->service = &MAILER;
    if (with_path) own->spf_passed = own->messages;
    assert_class(w, s, with_path ? "undecided" : "own_broken", "");
  }
}

/* Where a receiver could not check it, or failed it against its own results, the return path is there. */
static void what_has_the_return_path_and_did_not_pass_is_own(void **state) {
  struct world *w = *state;
  for (int64_t with_path = 29; with_path <= 30; with_path++) {
    start_anew(w);
    good_mail(w, "none");
    struct stream *own = signed_mail(w, "198.51.100.1", "example.com/e1", 29, 0, 10);
    own->spf_passed = own->messages;
    struct stream *s = broken_mail(w, "198.51.100.1", "example.com/e1", 5, 0, 10);
    s->spf_silent = with_path; /* of 60 */
    own->service = &MAILER;
    own->identity = kept(w, "mailer.example"); /* which names the address, and so the other mail too */
    assert_class(w, s, with_path == 30 ? "own_broken" : "undecided", "");
    assert_ptr_equal(s->service, &MAILER);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      A(mail_with_the_owners_spf_is_own),
      A(a_pass_by_results_that_were_cut_is_neither_own_nor_strange),
      A(a_signature_with_the_owners_spf_is_own_however_small_its_share),
      A(a_source_with_the_volume_of_a_selector_is_its_home),
      A(two_sites_may_both_be_homes),
      A(one_selector_needs_two_percent_of_its_volume_to_be_at_home),
      A(a_selector_that_a_reporter_does_not_name_is_no_selector_of_its_own),
      A(where_a_named_selector_is_at_home_one_without_a_name_is_too),
      A(a_small_source_of_several_selectors_passes_mail_on),
      A(a_tenth_of_a_selectors_volume_makes_a_home_for_several),
      A(two_signatures_of_one_site_are_as_one),
      A(a_site_where_the_owners_spf_passes_is_a_home_of_what_it_signs),
      A(a_signature_that_fails_at_its_home_is_own_mail_that_fails),
      A(a_new_selector_that_fails_at_a_home_is_own_after_a_key_rotation),
      A(a_signature_that_fails_at_a_service_in_use_is_own_mail_that_fails),
      A(a_forged_selector_that_never_passed_is_no_evidence),
      A(a_selector_that_fails_again_and_again_elsewhere_is_a_question),
      A(what_an_own_host_sends_without_a_signature_is_own),
      A(a_selector_without_a_home_is_at_home_everywhere),
      A(a_selector_that_never_verified_and_is_kept_is_a_question),
      A(a_neighbour_with_a_name_is_not_at_home),
      A(a_copied_signature_lacks_the_return_path),
      A(what_has_the_return_path_and_did_not_pass_is_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

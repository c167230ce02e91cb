/* SPDX-License-Identifier: Apache-2.0 */
/* Whose mail it is: each class by its evidence, and the owner's labels. */
#include "verdict_kit.h"

/* --- whose mail it is --------------------------------------------------------------------------------------------- */

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
  assert_class(w, forged, "undecided", "never verified");
}

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
  } CASES[] = {{21, 1, "undecided"}, {18, 1, "suspicious"}, {21, 8, "undecided"}, {21, 9, "suspicious"}};
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

static void a_service_that_sends_for_others_is_a_question_from_its_first_message(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  assert_class(w, mailer_mail(w, &MAILER, 3, 3, 1), "undecided", "a service that sends for others");
  assert_class(w, mailer_mail(w, &PROVIDER, 3, 3, 1), "suspicious", "too new for a habit");
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
  assert_int_equal(s->habit, HABIT_STEADY);
}

static void who_is_there_every_day_is_a_question_whatever_its_envelope(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 20, 0, 5);
  s->spf_failed = s->messages;
  assert_class(w, s, "undecided", "day after day");
  s->spf_failed = 0;
  assert_class(w, s, "undecided", "day after day");
}

static void a_burst_of_one_day_is_no_question(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  assert_class(w, strange_mail(w, "203.0.113.7", 4, 4, 5000), "suspicious", "no habit");
  assert_string_equal(verdict_of(w), "READY");
}

static void a_habit_takes_half_of_the_days_of_a_stretch_of_eight(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  static const struct {
    const char *source, *class;
    int days[6];
  } CASES[] = {{"203.0.113.7", "undecided", {57, 55, 53, 50, -1}}, /* long ago, and short: four of eight */
               {"198.51.100.7", "suspicious", {57, 55, 50, -1}},
               {"203.0.112.7", "suspicious", {57, 56, 55, 54, 53, 51}}, /* a run of a week */
               {"203.0.111.7", "undecided", {57, 56, 55, 54, 53, 50}}};
  struct stream *streams[ARRAY_SIZE(CASES)];
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    streams[i] = stream(w, CASES[i].source, STREAM_NOTHING);
    for (int d = 0; d < 6 && CASES[i].days[d] >= 0; d++) mail(streams[i], CASES[i].days[d], CASES[i].days[d], 1);
  }
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) assert_class(w, streams[i], CASES[i].class, "");
}

static void a_stray_day_long_before_hides_no_habit(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 300, 300, 1);
  mail(s, 20, 0, 5);
  assert_class(w, s, "undecided", "day after day");
}

/* 3,000 of own mail in the window, of which 15 are the limit. */
static void two_runs_with_silence_between_them_are_a_habit(void **state) {
  struct world *w = *state;
  static const struct {
    int first, second;
    int64_t of_first, of_second;
    const char *class;
  } CASES[] = {{40, 10, 30, 30, "undecided"}, /* invoices of each month */
               {12, 7, 8, 8, "undecided"},    /* together they come to the limit */
               {11, 7, 8, 8, "suspicious"},   /* a run of a week */
               {40, 10, 14, 14, "suspicious"}, {40, 10, 400, 100, "undecided"}, {40, 10, 400, 99, "suspicious"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, "none");
    struct stream *s = strange_mail(w, "203.0.113.7", CASES[i].first, CASES[i].first, CASES[i].of_first);
    mail(s, CASES[i].second, CASES[i].second, CASES[i].of_second);
    assert_class(w, s, CASES[i].class, strcmp(CASES[i].class, "undecided") ? "no habit" : "in runs");
  }
}

static void a_host_that_takes_another_address_of_its_64_each_day_is_one(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = NULL, *elsewhere = NULL;
  for (int ago = 20; ago >= 0; ago--) {
    char source[64];
    snprintf(source, sizeof source, "2001:db8:1:1::%x", 100 + ago);
    s = strange_mail(w, source, ago, ago, 5);
    snprintf(source, sizeof source, "2001:db8:%x::1", 100 + ago);
    elsewhere = strange_mail(w, source, ago, ago, 5);
    snprintf(source, sizeof source, "2001:db8:%x::1", 200 + ago);
    strange_mail(w, source, ago, ago, 5);
  }
  assert_class(w, s, "undecided", "day after day");
  assert_class(w, elsewhere, "suspicious", "no habit"); /* two a day are no one sender */
}

/* Boxes on a mobile network: the provider has a /48, and none of them the same /64 on two days. */
static void a_48_that_is_there_for_three_weeks_is_one_sender(void **state) {
  struct world *w = *state;
  for (int days = 20; days <= 21; days++) {
    start_anew(w);
    good_mail(w, "none");
    struct stream *s = NULL;
    for (int i = 0; i < 3 * days; i++) {
      char source[64];
      snprintf(source, sizeof source, "2001:db8:1:%x::1", 100 + i);
      s = strange_mail(w, source, i / 3, i / 3, 5);
      s->spf_failed = 5;
    }
    assert_class(w, s, days == 21 ? "undecided" : "suspicious", days == 21 ? "day after day" : "");
    assert_string_equal(s->site.text, "2001:db8:1::/48");
  }
}

/* So many strangers, each for four days. */
static void crowd(struct world *w, int hosts) {
  for (int i = 0; i < hosts; i++) {
    char source[32];
    snprintf(source, sizeof source, "198.%d.100.7", i);
    strange_mail(w, source, i % 20 + 4, i % 20 + 1, 5)->spf_failed = 20;
  }
}

static struct stream *lonely_host(struct world *w, int number, int ago, int64_t messages) {
  char source[32];
  snprintf(source, sizeof source, "203.%d.%d.7", number / 100, number % 100);
  struct stream *s = strange_mail(w, source, ago, ago, messages);
  s->spf_failed = messages;
  return s;
}

/* A shop behind a line with a new address each day. Alone on its days it is one sender, whatever crowd of small ones
 * there is beside it; two such hosts on every third of these days, and it is chance. */
static void hosts_that_follow_each_other_one_a_day_are_one_sender(void **state) {
  struct world *w = *state;
  for (int others = 0; others < 4; others++) {
    start_anew(w);
    good_mail(w, "none");
    struct stream *s = NULL, *small = NULL;
    for (int ago = 28; ago >= 0; ago--) {
      if (utc_weekday(LAST_DAY - ago) >= 5) continue;
      s = lonely_host(w, ago, ago, 16);
      if (others == 1) small = lonely_host(w, 100 + ago, ago, 3);
      if (others == 2 && ago % 3 == 0) lonely_host(w, 100 + ago, ago, 16);
      if (others == 3 && ago < 10) lonely_host(w, 100 + ago, 40 - ago, 16);
    }
    assert_class(w, s, others == 2 ? "suspicious" : "undecided", others == 2 ? "no habit" : "follow each other");
    if (small) assert_class(w, small, "suspicious", "no habit");
  }
}

/* A machine in a cloud that is made anew for each newsletter: days with a burst, from a host that nobody meets again.
 */
static void hosts_of_one_day_in_a_rhythm_are_one_sender(void **state) {
  struct world *w = *state;
  static const struct {
    int ago[6];
    const char *class;
  } CASES[] = {{{3, 10, 24, 31, -1}, "undecided"},  /* Tuesdays */
               {{3, 10, 24, -1}, "suspicious"},     /* three of them are chance */
               {{3, 10, 25, 31, -1}, "suspicious"}, /* a Monday */
               {{3, 33, 63, -1}, "undecided"},      /* the first of October, of September, the second of August */
               {{3, 33, 71, -1}, "suspicious"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, "none");
    crowd(w, 60);
    struct stream *s = NULL;
    for (int n = 0; CASES[i].ago[n] >= 0; n++) s = lonely_host(w, n, CASES[i].ago[n], 100);
    assert_class(w, s, CASES[i].class, strcmp(CASES[i].class, "undecided") ? "no habit" : "follow each other");
  }
}

/* One shop of many: a day in five, for weeks. A bot that a wrong clock tells of twice has one long pause. */
static void a_host_that_is_met_again_and_again_is_no_bot(void **state) {
  struct world *w = *state;
  static const struct {
    int first, every, pause;
    const char *class;
  } CASES[] = {{25, 5, 0, "undecided"}, {20, 5, 0, "suspicious"}, {25, 7, 0, "suspicious"}, {4, 1, 40, "suspicious"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, "none");
    crowd(w, 60);
    struct stream *s = strange_mail(w, "203.0.113.7", 0, 0, 1);
    for (int ago = CASES[i].every; ago <= CASES[i].first; ago += CASES[i].every) mail(s, ago, ago, 1);
    if (CASES[i].pause) mail(s, CASES[i].pause + 2, CASES[i].pause, 1);
    assert_class(w, s, CASES[i].class, "");
  }
}

static struct stream *named_mail(struct world *w, int number, const char *name, int ago, int64_t messages, bool signs) {
  struct stream *s = lonely_host(w, number, ago, messages);
  s->identity = kept(w, name);
  s->identity_signs = signs;
  return s;
}

/* A program in a cloud: each day another address, and the same key. By SPF a botnet bears a name as well. */
static void a_name_that_signs_needs_no_network_of_its_own(void **state) {
  struct world *w = *state;
  for (int signs = 0; signs < 2; signs++) {
    start_anew(w);
    good_mail(w, "none");
    crowd(w, 60);
    struct stream *s = NULL;
    for (int ago = 24; ago >= 0; ago--) s = named_mail(w, ago, "cloud.example", ago, 5, signs);
    assert_class(w, s, signs ? "undecided" : "suspicious", signs ? "day after day" : "no habit");
  }
}

/* Own mail is 3,000 in the window. */
static void one_run_of_a_name_that_signs_is_asked_about_if_it_is_large(void **state) {
  struct world *w = *state;
  static const struct {
    int64_t messages;
    bool signs;
    const char *class;
  } CASES[] = {{300, true, "undecided"}, {299, true, "suspicious"}, {300, false, "suspicious"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, "none");
    assert_class(w, named_mail(w, 1, "mailer.example", 20, CASES[i].messages, CASES[i].signs), CASES[i].class, "");
  }
}

/* Each day another domain, for weeks: the one of today is none to wait for. */
static void the_next_of_many_names_that_went_is_no_news(void **state) {
  struct world *w = *state;
  for (int names = 3; names <= 4; names++) {
    start_anew(w);
    good_mail(w, "none");
    for (int i = 0; i < names; i++) {
      char name[32];
      snprintf(name, sizeof name, "spam%d.example", i);
      named_mail(w, i, name, 20 + i, 10, true);
    }
    assert_class(w, named_mail(w, 50, "next.example", 2, 20, true), "suspicious", names == 3 ? "too new" : "no habit");
    assert_class(w, named_mail(w, 51, "large.example", 2, 21, true), "suspicious", "too new");
  }
}

/* Of addresses that are not seen again the fullest week of all together counts, not each. */
static void strangers_who_change_their_addresses_are_counted_once(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  for (int i = 0; i < 3 * 30; i++) {
    char source[64];
    snprintf(source, sizeof source, "2001:db8:1:%x::1", 100 + i);
    strange_mail(w, source, 40 + i / 3, 40 + i / 3, 5);
  }
  assert_int_equal(judged(w)->undecided, 7 * 3 * 5);
}

/* Day by day for `days`, from addresses of one /24 that come once in `of` days. */
static struct stream *network_mail(struct world *w, int days, int a_day, int of, bool forged) {
  struct stream *s = NULL;
  for (int ago = days - 1; ago >= 0; ago--)
    for (int n = 0; n < a_day; n++) {
      char source[32];
      snprintf(source, sizeof source, "203.0.113.%d", ago % of * a_day + n);
      s = NULL;
      for (uint32_t i = 0; i < w->h.stream_count; i++)
        if (!strcmp(w->h.streams[i].source.text, source)) s = &w->h.streams[i];
      if (!s) s = stream(w, source, STREAM_NOTHING);
      mail(s, ago, ago, 5);
      if (forged) s->spf_failed = s->messages;
    }
  return s;
}

static void a_network_is_one_sender_by_what_comes_back_in_it(void **state) {
  struct world *w = *state;
  static const struct {
    int days, a_day, of;
    bool forged;
    const char *class;
  } CASES[] = {{28, 1, 28, true, "undecided"},  /* one host that moves */
               {28, 2, 28, true, "suspicious"}, /* rented: nothing comes back but the network */
               {41, 2, 60, true, "suspicious"}, {42, 2, 60, true, "undecided"}, /* for six weeks nobody rents */
               {28, 2, 28, false, "undecided"}, /* not even under the owner's envelope */
               {28, 2, 4, true, "undecided"},   /* eight hosts that share the mail */
               {20, 1, 28, true, "suspicious"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, "none");
    assert_class(w, network_mail(w, CASES[i].days, CASES[i].a_day, CASES[i].of, CASES[i].forged), CASES[i].class, "");
  }
}

static void a_name_that_passes_is_one_source_over_many_networks_that_come_back(void **state) {
  struct world *w = *state;
  for (int networks = 4; networks <= 30; networks += 26) {
    struct stream *s[30];
    start_anew(w);
    good_mail(w, "none");
    for (int i = 0; i < networks; i++) {
      char source[32];
      snprintf(source, sizeof source, "203.%d.113.7", i);
      s[i] = stream(w, source, STREAM_NOTHING);
      s[i]->identity = kept(w, "mailer.example");
      for (int ago = 29 - i; ago >= 0; ago -= networks) mail(s[i], ago, ago, 5);
    }
    assert_class(w, s[0], networks == 4 ? "undecided" : "suspicious", networks == 4 ? "day after day" : "no habit");
    assert_string_equal(s[0]->site.text, "mailer.example");
    assert_ptr_equal(s[0]->site.text, s[1]->site.text);
  }
}

static void in_a_crowd_a_habit_takes_three_weeks_or_standing_out(void **state) {
  struct world *w = *state;
  static const struct {
    int hosts, days;
    int64_t messages;
    const char *class;
  } CASES[] = {{48, 10, 5, "undecided"},
               {49, 10, 5, "suspicious"},
               {49, 20, 5, "suspicious"},
               {49, 21, 5, "undecided"},
               {49, 10, 17, "undecided"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, "none");
    crowd(w, CASES[i].hosts);
    struct stream *s = strange_mail(w, "203.0.113.7", CASES[i].days + 3, 4, CASES[i].messages);
    assert_class(w, s, CASES[i].class, "");
  }
}

/* A reporter with a wrong clock tells of a part of each bot's mail weeks before it came. */
static void in_a_crowd_two_runs_must_be_of_like_size_or_stand_out(void **state) {
  struct world *w = *state;
  static const struct {
    int hosts;
    int64_t first, second;
    const char *class;
  } CASES[] = {{48, 5, 14, "undecided"},
               {49, 5, 14, "suspicious"},
               {49, 10, 14, "suspicious"},
               {49, 11, 14, "undecided"},
               {49, 7, 24, "undecided"}}; /* stands out: 31 on two days, beside 5 a day */
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, "none");
    crowd(w, CASES[i].hosts);
    struct stream *s = strange_mail(w, "203.0.113.7", 25, 25, CASES[i].first);
    mail(s, 5, 5, CASES[i].second);
    assert_class(w, s, CASES[i].class, "");
  }
}

static void a_stranger_who_came_the_other_day_and_stays_is_not_judged_yet(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 5, 0, 5);
  struct stream *gone = strange_mail(w, "198.51.100.7", 13, 11, 5);
  struct stream *yesterday = strange_mail(w, "203.0.112.7", 1, 0, 5);
  assert_class(w, s, "suspicious", "too new for a habit");
  assert_class(w, gone, "suspicious", "no habit");
  assert_class(w, yesterday, "suspicious", "no habit");
}

static void a_subdomain_is_invented_where_nothing_else_speaks_for_it(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *service = mailer_mail(w, &MAILER, 3, 3, 5);
  struct stream *steady = strange_mail(w, "203.0.113.7", 20, 0, 5);
  struct stream *forwarded = strange_mail(w, "203.0.112.7", 3, 3, 5);
  struct stream *once = strange_mail(w, "203.0.111.7", 3, 3, 5);
  forwarded->forwarded = forwarded->messages;
  service->header_from = steady->header_from = forwarded->header_from = once->header_from = kept(w, "new.example.com");
  assert_class(w, service, "undecided", "a service that sends for others");
  assert_class(w, steady, "undecided", "day after day");
  assert_class(w, forwarded, "forwarder", "the reporter says");
  assert_class(w, once, "suspicious", "a subdomain that no mail of the owner's uses");
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

static void a_disputed_pass_is_no_evidence_of_own_mail(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 4, 4, 50);
  s->passed = s->days[0].passed = 50;
  assert_class(w, s, "suspicious", "no habit");
  assert_int_equal(judged(w)->own_messages, 3000);
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
      A(one_broken_selector_behind_a_foreign_signature_is_a_lists),
      A(a_reporters_word_for_forwarding_is_taken_from_one_in_twenty_messages),
      A(who_is_said_to_forward_much_must_have_a_name),
      A(what_few_call_forwarded_is_no_forwarders_if_it_is_much),
      A(what_is_said_to_be_forwarded_is_summed_up_by_source),
      A(a_known_forwarder_takes_no_signature_off),
      A(what_an_own_host_sends_without_a_signature_is_own),
      A(a_copied_signature_lacks_the_return_path),
      A(a_neighbour_with_a_name_is_not_at_home),
      A(a_selector_without_a_home_is_at_home_everywhere),
      A(a_selector_that_never_verified_and_is_kept_is_a_question),
      A(what_has_the_return_path_and_did_not_pass_is_own),
      A(who_passes_signed_mail_on_passes_unsigned_on_too),
      A(a_list_passes_mail_on),
      A(a_service_that_sends_for_others_is_a_question_from_its_first_message),
      A(anothers_mail_at_a_service_in_use_is_a_question_not_own),
      A(who_keeps_working_weeks_is_a_question),
      A(who_is_there_every_day_is_a_question_whatever_its_envelope),
      A(a_burst_of_one_day_is_no_question),
      A(a_habit_takes_half_of_the_days_of_a_stretch_of_eight),
      A(a_stray_day_long_before_hides_no_habit),
      A(two_runs_with_silence_between_them_are_a_habit),
      A(a_host_that_takes_another_address_of_its_64_each_day_is_one),
      A(a_48_that_is_there_for_three_weeks_is_one_sender),
      A(hosts_that_follow_each_other_one_a_day_are_one_sender),
      A(hosts_of_one_day_in_a_rhythm_are_one_sender),
      A(a_host_that_is_met_again_and_again_is_no_bot),
      A(a_name_that_signs_needs_no_network_of_its_own),
      A(one_run_of_a_name_that_signs_is_asked_about_if_it_is_large),
      A(the_next_of_many_names_that_went_is_no_news),
      A(strangers_who_change_their_addresses_are_counted_once),
      A(a_network_is_one_sender_by_what_comes_back_in_it),
      A(a_name_that_passes_is_one_source_over_many_networks_that_come_back),
      A(in_a_crowd_a_habit_takes_three_weeks_or_standing_out),
      A(in_a_crowd_two_runs_must_be_of_like_size_or_stand_out),
      A(a_stranger_who_came_the_other_day_and_stays_is_not_judged_yet),
      A(a_subdomain_is_invented_where_nothing_else_speaks_for_it),
      A(at_home_a_quarter_of_the_broken_mail_must_be_said_to_be_forwarded),
      A(a_disputed_pass_is_no_evidence_of_own_mail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

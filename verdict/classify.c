/* SPDX-License-Identifier: Apache-2.0 */
/* Whose mail a stream is: first the owner's word, then positive evidence, then doubt; never a guess. The rules alone
 * stand here; what they ask of is gathered by the files that classifying.h names. */
#include "base/cleanup.h"
#include "verdict/classifying.h"

/* What is known when a stream is asked about. Own mail is known once the streams that are authenticated have their
 * classes; no rule for these asks for it. */
struct evidence {
  const struct history *h;
  const struct thresholds *t;
  const struct labels *labels;
  int64_t as_of_s;
  struct homes homes;
  struct own_mail own;
};

/* --- questions ------------------------------------------------------------------------------------------------------
 * One for each rule, in the order of the rules. None changes anything. */

typedef bool question_fn(const struct evidence *v, const struct stream *s);

static bool always(const struct evidence *v, const struct stream *s) {
  (void)v;
  (void)s;
  return true;
}

static bool is_labelled(const struct stream *s, enum label_verdict verdict) {
  return s->label && s->label->verdict == verdict;
}

static bool is_labelled_legitimate(const struct evidence *v, const struct stream *s) {
  (void)v;
  return is_labelled(s, LABEL_LEGITIMATE);
}

/* Who names a service or a domain that sends for others means what it passes on, not the owner's mail that it sends. */
static bool is_labelled_forwarder(const struct evidence *v, const struct stream *s) {
  (void)v;
  if (!is_labelled(s, LABEL_FORWARDER)) return false;
  return s->label->subject == LABEL_ADDRESS || (!s->spf_passed && !is_known_to_send_for_others(s));
}

static bool is_address_unauthorised(const struct evidence *v, const struct stream *s) {
  (void)v;
  return is_labelled(s, LABEL_UNAUTHORISED) && s->label->subject == LABEL_ADDRESS;
}

static bool is_address_ignored(const struct evidence *v, const struct stream *s) {
  (void)v;
  return is_labelled(s, LABEL_IGNORE) && s->label->subject == LABEL_ADDRESS;
}

static bool passes_own_spf_too(const struct evidence *v, const struct stream *s) {
  (void)v;
  return s->spf_passed > 0;
}

static bool signs_at_home(const struct evidence *v, const struct stream *s) {
  return !is_known_to_pass_mail_on(s) && is_at_home(&v->homes, v->t, s);
}

static bool passes_by_results_that_were_cut(const struct evidence *v, const struct stream *s) {
  (void)v;
  return s->unproven > 0;
}

static bool fails_own_spf(const struct evidence *v, const struct stream *s) {
  (void)v;
  return s->spf_failed > 0;
}

/* Where a service sends with the owner's return path, his mail passes by that if its signature breaks: what has another
 * one bears a copied signature. What has his and did not pass could not be checked, or was failed against the results.
 */
static bool lacks_the_return_path(const struct evidence *v, const struct stream *s) {
  return own_mail_has_return_path_at(&v->own, v->t, s->service) && 2 * (s->spf_passed + s->spf_silent) < s->messages;
}

static bool fails_at_home(const struct evidence *v, const struct stream *s) {
  if (lacks_the_return_path(v, s) || own_mail_is_a_neighbours(&v->own, s)) return false;
  return is_at_home(&v->homes, v->t, s) || own_mail_uses(&v->own.sites, s->site);
}

static bool fails_at_service_in_use(const struct evidence *v, const struct stream *s) {
  return own_mail_uses_service(&v->own, s->service) && !lacks_the_return_path(v, s);
}

static bool comes_from_own_host(const struct evidence *v, const struct stream *s) {
  return own_mail_has_host(&v->own, v->t, s);
}

/* One reporter's word is enough: not all of them look at ARC or know their lists. */
static bool is_called_forwarded(const struct evidence *v, const struct stream *s) {
  return s->forwarded > 0 && (double)s->forwarded >= v->t->forwarded_word_share * (double)s->messages;
}

/* What reporters call forwarded, or a list's, may be a gateway's of the owner's or his newsletter: they see a seal of
 * ARC, or a List-Id. Somebody else is named by what passes beside, carries the owner's signatures, and not so much of
 * his mail that it must be his own. */
static bool is_said_to_be_forwarded(const struct evidence *v, const struct stream *s) {
  if (!is_called_forwarded(v, s) || (s->kind == STREAM_NOTHING && is_known_to_send_for_others(s))) return false;
  const double part = own_mail_part_of_site(&v->own, s);
  if (part <= v->t->modified_share || own_mail_is_passed_on_at(&v->own, v->t, s)) return true;
  const bool lacks_his_signatures = s->kind == STREAM_NOTHING && own_mail_is_all_signed(&v->own, v->t);
  const bool most_say_so = 2 * s->forwarded >= s->messages;
  return (s->identity.text || s->service) && !lacks_his_signatures &&
         (most_say_so || part <= v->t->forwarded_word_most);
}

/* Where a selector is at home its mail breaks for the owner's own reasons too: more of it must be said to be forwarded,
 * and by somebody with a name of his own. */
static bool is_mostly_said_to_be_forwarded(const struct evidence *v, const struct stream *s) {
  return (s->identity.text || s->service) && is_said_to_be_forwarded(v, s) &&
         (double)s->forwarded >= v->t->forwarded_home_share * (double)s->messages;
}

static bool passes_other_mail_on_intact(const struct evidence *v, const struct stream *s) {
  return real_selectors(&v->homes, s) > 0 && own_mail_is_passed_on_at(&v->own, v->t, s);
}

static bool passes_unsigned_mail_on(const struct evidence *v, const struct stream *s) {
  return own_mail_is_passed_on_unsigned_at(&v->own, v->t, s);
}

static bool is_broken_by_known_forwarder(const struct evidence *v, const struct stream *s) {
  return is_known_to_pass_mail_on(s) && real_selectors(&v->homes, s) > 0;
}

/* A list that signs for itself. Forgers who copy a signature hardly have one of their own; with SPF alone it takes two.
 */
static bool breaks_it_and_signs_itself(const struct evidence *v, const struct stream *s) {
  return real_selectors(&v->homes, s) >= (s->identity_signs ? 1 : 2) && s->identity.text &&
         !is_known_to_send_for_others(s) && own_mail_part(&v->own, s) <= v->t->modified_share;
}

static bool comes_back_with_a_real_selector(const struct evidence *v, const struct stream *s) {
  return (s->met_again || s->habit >= HABIT_BULK) && real_selectors(&v->homes, s) > 0;
}

/* Forgers copy a signature of the owner's that exists, or make one up for a run; they do not keep it. */
static bool keeps_a_selector_of_its_own(const struct evidence *v, const struct stream *s) {
  return selector_never_verified(&v->homes, s) && s->habit >= HABIT_BULK;
}

static bool invents_a_subdomain(const struct evidence *v, const struct stream *s) {
  return own_mail_knows_no_such_name(&v->own, v->h, s);
}

static bool comes_from_a_sending_service(const struct evidence *v, const struct stream *s) {
  (void)v;
  return is_known_to_send_for_others(s);
}

/* Who passes mail on takes no signature off. */
static bool comes_from_a_known_forwarder(const struct evidence *v, const struct stream *s) {
  return is_known_to_pass_mail_on(s) && (s->kind == STREAM_BROKEN || !own_mail_is_all_signed(&v->own, v->t));
}

static bool submits_to_a_known_forwarder(const struct evidence *v, const struct stream *s) {
  (void)v;
  return is_known_to_pass_mail_on(s);
}

static bool follows_its_like(const struct evidence *v, const struct stream *s) {
  (void)v;
  return s->wanders && s->habit >= HABIT_BULK;
}

static bool is_steady(const struct evidence *v, const struct stream *s) {
  (void)v;
  return s->habit == HABIT_STEADY;
}

static bool comes_in_runs(const struct evidence *v, const struct stream *s) {
  (void)v;
  return s->habit == HABIT_RUNS;
}

static bool comes_once_in_bulk(const struct evidence *v, const struct stream *s) {
  (void)v;
  return s->habit == HABIT_BULK;
}

static bool is_new(const struct evidence *v, const struct stream *s) {
  (void)v;
  return s->habit == HABIT_NEW;
}

/* --- rules -------------------------------------------------------------------------------------------------------- */

#define SIGNED (1u << STREAM_SIGNED)
#define SPF (1u << STREAM_SPF)
#define BROKEN (1u << STREAM_BROKEN)
#define NOTHING (1u << STREAM_NOTHING)

#define SAID_FORWARDER "labelled a forwarder by the owner"
#define SAID_UNAUTHORISED "labelled unauthorised by the owner"
#define SAID_IGNORED "ignored by the owner's label"

/* The table of docs/readiness.md, line by line: of the rules for a stream's kind, the first that fits decides. */
/* clang-format off */
static const struct rule {
  unsigned kinds;
  question_fn *fits;
  enum stream_class class;
  const char *because;
} RULES[] = {
  {SIGNED | SPF,                    is_labelled_legitimate,          CLASS_OWN,                "labelled legitimate by the owner"},
  {BROKEN | NOTHING,                is_labelled_legitimate,          CLASS_LEGITIMATE,         "labelled legitimate by the owner"},
  {SIGNED | SPF | BROKEN | NOTHING, is_labelled_forwarder,           CLASS_FORWARDER,          SAID_FORWARDER},
  {SIGNED | SPF | BROKEN | NOTHING, is_address_unauthorised,         CLASS_UNAUTHORISED,       SAID_UNAUTHORISED},
  {SIGNED | SPF | BROKEN | NOTHING, is_address_ignored,              CLASS_IGNORED,            SAID_IGNORED},

  {SPF,                             always,                          CLASS_OWN,                "the owner's SPF passes"},
  {SIGNED,                          passes_own_spf_too,              CLASS_OWN,                "the owner's signature and SPF pass"},
  {SIGNED,                          signs_at_home,                   CLASS_OWN,                "a home of the signature's selector"},
  {SIGNED,                          fails_own_spf,                   CLASS_FORWARDER,          "the signature survives, SPF does not"},
  {SIGNED,                          always,                          CLASS_FORWARDER,          "the signature is small here against its home"},

  {BROKEN | NOTHING,                passes_by_results_that_were_cut, CLASS_UNDECIDED,          "the receiver says it passes, by results that were cut"},
  {BROKEN,                          is_mostly_said_to_be_forwarded,  CLASS_FORWARDER,          "the reporter says it was forwarded"},
  {BROKEN,                          fails_at_home,                   CLASS_OWN_BROKEN,         "the owner's signature fails where it is at home"},
  {BROKEN,                          fails_at_service_in_use,         CLASS_OWN_BROKEN,         "the owner's signature fails at a service in use"},
  {NOTHING,                         comes_from_own_host,             CLASS_OWN_BROKEN,         "nothing of the owner's, from a host that sends his mail"},
  {BROKEN | NOTHING,                is_said_to_be_forwarded,         CLASS_FORWARDER,          "the reporter says it was forwarded"},
  {BROKEN,                          passes_other_mail_on_intact,     CLASS_FORWARDER_MODIFIED, "passes the owner's mail on, and breaks some of it"},
  {NOTHING,                         passes_unsigned_mail_on,         CLASS_FORWARDER,          "passes the owner's mail on, of which a part is not signed"},
  {BROKEN,                          is_broken_by_known_forwarder,    CLASS_FORWARDER_MODIFIED, "a host that passes mail on"},
  {BROKEN,                          breaks_it_and_signs_itself,      CLASS_FORWARDER_MODIFIED, "the owner's signature, broken, behind a foreign one"},
  {BROKEN,                          comes_back_with_a_real_selector, CLASS_UNDECIDED,          "a real selector of the owner's that fails: a forwarder, or forged"},
  {BROKEN,                          keeps_a_selector_of_its_own,     CLASS_UNDECIDED,          "a signature of the owner's that never verified: its key is not published, or it is forged"},
  {BROKEN | NOTHING,                comes_from_a_sending_service,    CLASS_UNDECIDED,          "a service that sends for others, without anything of the owner's"},
  {BROKEN | NOTHING,                is_called_forwarded,             CLASS_UNDECIDED,          "the reporter says it was forwarded, and nothing else does"},
  {BROKEN | NOTHING,                comes_from_a_known_forwarder,    CLASS_FORWARDER_MODIFIED, "a host that passes mail on"},
  {NOTHING,                         submits_to_a_known_forwarder,    CLASS_UNDECIDED,          "a host that passes mail on, and takes mail in: the owner signs his, and this is not"},
  {BROKEN | NOTHING,                follows_its_like,                CLASS_UNDECIDED,          "nothing of the owner's, but such hosts follow each other: a sender who changes his address"},
  {BROKEN | NOTHING,                is_steady,                       CLASS_UNDECIDED,          "nothing of the owner's, but it comes back day after day"},
  {BROKEN | NOTHING,                comes_in_runs,                   CLASS_UNDECIDED,          "nothing of the owner's, but it comes back in runs"},
  {BROKEN | NOTHING,                comes_once_in_bulk,              CLASS_UNDECIDED,          "nothing of the owner's, but there is much of it, though it came once"},
  {BROKEN | NOTHING,                is_new,                          CLASS_SUSPICIOUS,         "nothing of the owner's, and too new for a habit"},
  {BROKEN | NOTHING,                invents_a_subdomain,             CLASS_SUSPICIOUS,         "a subdomain that no mail of the owner's uses, and no habit"},
  {BROKEN | NOTHING,                always,                          CLASS_SUSPICIOUS,         "nothing of the owner's, and no habit"},
};
/* clang-format on */

/* Who names a service, a domain or a network means the strangers there and those who pass mail on; his own mail that
 * comes from it as well he strikes by its address alone. So whose the mail is has to be known first. */
static void obey_wide_label(struct stream *s) {
  if (is_labelled(s, LABEL_FORWARDER)) {
    s->class = CLASS_FORWARDER;
    s->because = SAID_FORWARDER;
  } else if (is_labelled(s, LABEL_UNAUTHORISED)) {
    s->class = CLASS_UNAUTHORISED;
    s->because = SAID_UNAUTHORISED;
  } else if (is_labelled(s, LABEL_IGNORE)) {
    s->class = CLASS_IGNORED;
    s->because = SAID_IGNORED;
  }
}

static void classify_stream(const struct evidence *v, struct stream *s) {
  if (s->wanders && !s->label) s->label = label_of(v->labels, v->h, s, v->as_of_s); /* that was not known before */
  const struct rule *rule = RULES;
  while (!(rule->kinds & 1u << s->kind) || !rule->fits(v, s)) rule++; /* the last for each kind always fits */
  s->class = rule->class;
  s->because = rule->because;
  s->gives_way = !is_authenticated(s) && !stream_is_own(s);
  if (s->gives_way) obey_wide_label(s);
}

void classify(struct history *h, const struct labels *labels, const struct thresholds *t, int64_t as_of_s,
              int32_t newest_day, int32_t window_begin_day) {
  struct evidence v = {.h = h, .t = t, .labels = labels, .as_of_s = as_of_s};
  name_services_of_addresses(h);
  for (uint32_t i = 0; i < h->stream_count; i++) {
    name_site(h, &h->streams[i]);
    h->streams[i].wanders = false; /* what a judgement before this one found is no answer here */
    h->streams[i].label = label_of(labels, h, &h->streams[i], as_of_s);
  }
  name_sites_by_network(h);
  homes_find(&v.homes, h, v.t);
  /* What passes first: it tells where the owner's mail comes from. */
  for (uint32_t i = 0; i < h->stream_count; i++)
    if (is_authenticated(&h->streams[i])) classify_stream(&v, &h->streams[i]);
  own_mail_gather(&v.own, h, t, window_begin_day, newest_day);
  find_habits(h, &v.own, &v.homes, t, window_begin_day, newest_day);
  for (uint32_t i = 0; i < h->stream_count; i++)
    if (!is_authenticated(&h->streams[i])) classify_stream(&v, &h->streams[i]);
  struct mended mended;
  mended_open(&mended, h, t, newest_day);
  struct ended ended;
  ended_open(&ended, h, t, newest_day);
  for (uint32_t i = 0; i < h->stream_count; i++) measure_window(&h->streams[i], &mended, &ended, window_begin_day);
  ended_clear(&ended);
  mended_clear(&mended);
  homes_clear(&v.homes);
  own_mail_clear(&v.own);
}

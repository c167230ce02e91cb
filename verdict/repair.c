/* SPDX-License-Identifier: Apache-2.0 */
/* What there is to do about a finding, in words: a repair for the owner's mail, a question for mail that may be his.
 * The labels that answer it are added by advice.c, which knows what they touch. */
#include <string.h>

#include "base/cleanup.h"
#include "base/command_word.h"
#include "verdict/classifying.h"
#include "verdict/judging.h"

struct wording {
  const struct judging *g;
  const struct stream *s; /* with most of the finding's mail */
  const struct site *site;
  enum trouble trouble;
  const struct finding *f;
  bool is_other_customers;
  bool is_one_of_several;
  const char *who;
  const char *of_service; /* how its customers let it sign; NULL: not known, or done already */
  struct strbuf *text;
};

/* --- what is known of it ------------------------------------------------------------------------------------------ */

/* Where the service's key for this domain verifies, its customer has done what the catalogue asks of him. */
static bool signs_already(const struct site *site) { return site && site->signed_messages > 0; }

/* Does mail of the owner's at the service bear that name too? Then it is the service's, else another customer's. */
static bool is_name_of_owners_account(const struct judging *g, const struct stream *s) {
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *own = &g->h->streams[i];
    if (stream_is_own(own) && own->service == s->service && interned_same(own->identity, s->identity)) return true;
  }
  return false;
}

/* Has a signature of the owner's that fails on the stream verified elsewhere? Forgers make theirs up. */
static bool bears_a_real_signature(const struct judging *g, const struct stream *s) {
  for (uint32_t i = 0; i < s->selector_count; i++)
    if (g->selector_passed[s->selectors[i].selector] > 0) return s->kind == STREAM_BROKEN;
  return false;
}

/* Is the stream's key at home elsewhere, under the owner's SPF, which never passes here? Then its source, which bears a
 * name of its own, may only pass mail on, though much of what the key signs. */
static bool is_signed_elsewhere(const struct judging *g, const struct stream *s) {
  bool found = false;
  if (!s->identity.text || is_known_to_send_for_others(s)) return false;
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *other = &g->h->streams[i];
    if (!other->spf_passed || !stream_is_own(other)) continue;
    if (interned_same(other->site, s->site)) return false;
    for (uint32_t k = 0; k < other->selector_count && !found; k++)
      for (uint32_t n = 0; n < s->selector_count; n++)
        found |= other->selectors[k].passed > 0 && other->selectors[k].selector == s->selectors[n].selector;
  }
  return found;
}

/* Does that name bear most of the site's mail of the stream's class? */
static bool speaks_for_most(const struct judging *g, const struct stream *s) {
  int64_t all = 0, named = 0;
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *other = &g->h->streams[i];
    if (other->class != s->class || !interned_same(other->site, s->site)) continue;
    all += stream_failing(other);
    if (interned_same(other->identity, s->identity)) named += stream_failing(other);
  }
  return 2 * named > all;
}

/* At a service that the owner has set up, or that handles mail he signed elsewhere, it is another customer's doing. */
static bool is_other_customers(const struct judging *g, const struct stream *s, const struct site *site) {
  if (!s->service || !s->identity.text || is_known_to_pass_mail_on(s)) return false;
  const bool is_others = bears_a_real_signature(g, s) || (signs_already(site) && !is_name_of_owners_account(g, s));
  return is_others && speaks_for_most(g, s);
}

/* The owner's SPF is asked and gives no answer, at an address where it passes for other mail. */
static bool is_spf_in_error(const struct judging *g, const struct stream *s) {
  const struct spf_share *host = hashmap_get(&g->hosts, &s->source, sizeof s->source);
  return host && host->alone > 0 && 2 * s->spf_silent > s->messages;
}

/* Is the network that the stream is asked about one of several senders? Each bears a tenth of it at least. A label on
 * the network would answer for all of them. */
static bool is_one_of_several(const struct judging *g, const struct stream *s) {
  _cleanup_hashmap_ struct hashmap hosts; /* struct interned -> int64_t: what is asked about */
  int64_t all = 0;
  hashmap_init(&hosts, sizeof(int64_t));
  if (s->service || s->identity.text || s->wanders || s->ip.size != 4) return false;
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *other = &g->h->streams[i];
    if (other->class != s->class || !interned_same(other->site, s->site)) continue;
    *(int64_t *)hashmap_put(&hosts, &other->source, sizeof other->source, NULL) += other->messages;
    all += other->messages;
  }
  for (uint32_t i = 0; i < hosts.count; i++) {
    const struct interned *host = hashmap_key_at(&hosts, i, NULL);
    if (!interned_same(*host, s->source) && 10 * *(int64_t *)hashmap_value_at(&hosts, i) >= all) return true;
  }
  return false;
}

/* --- names -------------------------------------------------------------------------------------------------------- */

/* What `label` will know: services of the catalogue, not those of a map the user may leave out. */
static enum label_subject name_label(const struct wording *w, const char **ret_label) {
  const struct stream *s = w->s;
  const bool is_known = s->service && (s->service->repair || !s->identity.text) && !w->is_other_customers;
  struct ip_network network;
  *ret_label = is_known ? s->service->name : s->identity.text ? s->identity.text : s->site.text;
  if (is_known) return LABEL_SERVICE;
  if (s->wanders) *ret_label = w->g->h->domain;
  if (w->is_one_of_several) {
    *ret_label = s->source.text;
    return LABEL_ADDRESS;
  }
  if (s->wanders || s->identity.text || ip_network_parse(s->site.text, &network, NULL)) return LABEL_DOMAIN;
  return LABEL_NETWORK;
}

static const char *name_of(const struct judging *g, const struct stream *s, bool is_other_customers) {
  if (is_other_customers) {
    _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "%s at %s", s->identity.text, s->service->name);
    return arena_strdup(g->h->arena, strbuf_text(&text));
  }
  return s->service ? s->service->name : s->identity.text ? s->identity.text : s->site.text;
}

/* " (d=example.com s=s1)" */
static void add_key(const struct wording *w) {
  const char *slash = w->f->selector ? strrchr(w->f->selector, '/') : NULL;
  if (!slash) return;
  strbuf_printf(w->text, " (d=%.*s", (int)(slash - w->f->selector), w->f->selector);
  if (strcmp(slash, "/?") != 0) strbuf_printf(w->text, " s=%s", slash + 1);
  strbuf_add_text(w->text, ")");
}

/* What is said of the cause wherever it stands. */
static void add_general(const struct wording *w, enum failure_cause cause) {
  strbuf_printf(w->text, ": %s", failure_cause_repair(cause));
}

static void add_service(const struct wording *w) {
  if (w->of_service) strbuf_printf(w->text, "; %s", w->of_service);
}

static void add_spf(const struct wording *w) {
  if (is_spf_in_error(w->g, w->s))
    strbuf_add_text(w->text,
                    "; SPF passes for other mail from this address and gives no answer for this: look for an error in "
                    "your SPF record (more than ten lookups?), or a name in HELO without one, which bounces go by");
}

/* --- questions ---------------------------------------------------------------------------------------------------- */

static void ask(const struct wording *w) {
  if (is_known_to_pass_mail_on(w->s)) {
    strbuf_printf(w->text, "decide: %s passes on what others write", w->who);
    if (w->s->kind == STREAM_NOTHING)
      strbuf_add_text(w->text, ": if you send through it, let it sign with a key of your domain");
  } else if (bears_a_real_signature(w->g, w->s)) {
    strbuf_printf(w->text, "decide: if %s is a gateway of yours, it breaks the signature", w->who);
    add_key(w);
    strbuf_add_text(w->text, ": let it leave the mail as it is, or sign behind it");
  } else if (w->f->selector) {
    strbuf_printf(w->text, "decide: if %s sends for you, publish the key it signs with", w->who);
    add_key(w);
    strbuf_add_text(w->text, ", which never verified");
    add_service(w);
  } else if (w->s->wanders) {
    strbuf_add_text(
        w->text,
        "decide: if these are one sender of yours, whose line or cloud gives him another address each time, "
        "let him sign with a key of your domain");
  } else if (w->s->service && signs_already(w->site)) {
    strbuf_printf(w->text,
                  "decide: if %s sends for you, let it sign with a key of your domain, as other mail of yours there is",
                  w->who);
  } else {
    strbuf_printf(w->text, "decide: if %s sends for you, %s", w->who,
                  w->of_service ? w->of_service : "let it sign with a key of your domain");
  }
  add_spf(w);
}

/* Mail that somebody passes on is signed with a key that verifies elsewhere, or not at all where the owner signs
 * little.
 */
static bool may_be_passed_on(const struct wording *w) {
  if (w->s->wanders) return false;
  if (is_known_to_pass_mail_on(w->s) || bears_a_real_signature(w->g, w->s)) return true;
  return w->g->signs_little && w->s->kind == STREAM_NOTHING && !is_known_to_send_for_others(w->s);
}

/* --- repairs ------------------------------------------------------------------------------------------------------ */

/* By what is on the mail: a signature that was broken on the way is there already. */
static void mend_forwarded(const struct wording *w) {
  if (w->s->kind == STREAM_BROKEN) {
    strbuf_printf(w->text, "%s changes mail on its way, as lists do, which breaks your signature", w->who);
    add_key(w);
    strbuf_add_text(w->text,
                    ": its operator can leave mail as it is, rewrite From: or seal with ARC; what it breaks is lost at "
                    "reject");
  } else {
    strbuf_printf(w->text,
                  "%s passes mail on, and no signature of yours is on what fails: sign all of it with DKIM, which "
                  "survives that as SPF does not",
                  w->who);
  }
}

/* The signature that verifies and does not align; NULL. */
static const char *refused_by_strict(const struct wording *w) {
  for (uint32_t i = 0; i < w->s->selector_count; i++)
    if (w->s->kind != STREAM_SIGNED && w->s->selectors[i].passed)
      return w->g->h->selectors[w->s->selectors[i].selector];
  return NULL;
}

/* It is the record that refuses it, and not the sender who lacks something. */
static void loosen_alignment(const struct wording *w, const char *selector) {
  strbuf_printf(w->text,
                "its signature as %.*s verifies, and the adkim=s of your record does not let it count: sign as %s, or "
                "publish adkim=r",
                (int)strcspn(selector, "/"), selector, w->f->header_from ? w->f->header_from : "the domain in From:");
}

static void mend_spf_alone(const struct wording *w) {
  if (w->trouble == LOST_DKIM) {
    strbuf_printf(w->text, "%s signed its mail, and for some days SPF alone lets it pass, which forwarding breaks",
                  w->who);
    add_key(w);
    add_general(w, CAUSE_KEY);
    add_service(w);
  } else if (refused_by_strict(w)) {
    strbuf_printf(w->text, "%s passes by SPF alone, which forwarding breaks: ", w->who);
    loosen_alignment(w, refused_by_strict(w));
  } else if (w->f->selector) {
    strbuf_printf(w->text, "%s: the signature fails", w->who);
    add_key(w);
    strbuf_add_text(w->text,
                    ", and SPF alone lets the mail pass, which forwarding breaks: check that the selector's "
                    "key is published and is the one that signs, and that nothing changes the mail behind it");
  } else {
    strbuf_printf(w->text, "%s passes by SPF alone, which forwarding breaks: %s", w->who,
                  w->of_service ? w->of_service : "sign its mail with DKIM as your domain");
  }
}

static void mend_at_receiver(const struct wording *w) {
  strbuf_printf(w->text,
                "%s: %s alone fails it, on days on which all others pass it: ask its operator what changes the mail "
                "before it is checked, and see that the key",
                w->who, w->s->only_at && *w->s->only_at ? w->s->only_at : "one receiver");
  add_key(w);
  strbuf_add_text(w->text, " is of a type (RSA) that everybody knows");
}

/* Do some receivers say of its key that they cannot read it, with which others verify mail on the same days? */
static bool is_key_read_by_some(const struct stream *s) { return 2 * s->permerrors > s->messages && s->key_verifies; }

static void mend_signature(const struct wording *w) {
  strbuf_printf(w->text, "%s: the signature fails", w->who);
  add_key(w);
  if (w->f->cause == CAUSE_IN_TRANSIT) {
    strbuf_add_text(w->text,
                    ", and other mail with its key passes on the same days: something changes the mail behind the "
                    "signer (a gateway, a footer, a list, lines longer than SMTP allows); sign last");
    if (is_signed_elsewhere(w->g, w->s) && command_word_is_plain(w->s->identity.text))
      strbuf_printf(w->text,
                    "; if %s is not yours and only passes mail on, 'dmarcctl label %s forwarder --domain %s' says so",
                    w->who, w->s->identity.text, command_domain(w->g->h->domain));
    return;
  }
  if (is_key_read_by_some(w->s))
    strbuf_add_text(w->text,
                    " where receivers cannot read the key (permerror) with which others verify it: look "
                    "for a second TXT record of its name, or for one that is cut");
  else
    add_general(w, CAUSE_KEY);
  add_service(w);
}

static void mend_alignment(const struct wording *w) {
  const char *general = "sign its mail with DKIM as your domain, or let it use your return path";
  strbuf_printf(w->text, "%s: ", w->who);
  if (w->f->cause == CAUSE_MISALIGNED && refused_by_strict(w)) {
    strbuf_add_text(w->text, "what passes is not aligned: ");
    loosen_alignment(w, refused_by_strict(w));
    return;
  }
  if (!w->of_service && w->f->cause == CAUSE_MISALIGNED) strbuf_add_text(w->text, "what passes is not aligned: ");
  strbuf_add_text(w->text, w->of_service ? w->of_service : general);
  add_spf(w);
}

static void mend(const struct wording *w) {
  const enum failure_cause cause = w->f->cause;
  const bool is_something_else = cause == CAUSE_MISALIGNED || cause == CAUSE_UNSIGNED;
  if (cause == CAUSE_RECEIVER_ONLY)
    mend_at_receiver(w);
  else if (cause == CAUSE_KEY || cause == CAUSE_IN_TRANSIT || (w->f->class == CLASS_OWN_BROKEN && !is_something_else))
    mend_signature(w);
  else
    mend_alignment(w);
}

/* --- what is silent ------------------------------------------------------------------------------------------------ */

/* The one address of all that failed at the site and is silent since; NULL: there are several. */
static const char *only_silent_address(const struct judging *g, const struct stream *s) {
  const char *found = NULL;
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *other = &g->h->streams[i];
    if (!other->fell_silent || !interned_same(other->site, s->site) || !stream_failing(other)) continue;
    if (found && found != other->source.text) return NULL;
    found = other->source.text;
  }
  return found;
}

/* A machine that was switched off cannot be repaired. */
static void add_silence(const struct wording *w) {
  char day[UTC_TEXT_BYTES];
  const char *address = w->s->ip.size ? only_silent_address(w->g, w->s) : NULL;
  const int32_t last = w->s->days[w->s->day_count - 1].day;
  strbuf_printf(w->text, "; silent since %s", utc_format_day(utc_from_day(last + 1), day));
  if (address)
    strbuf_printf(w->text, ": if it is gone for good, 'dmarcctl label %s ignore --domain %s' says so", address,
                  command_domain(w->g->h->domain));
  else
    strbuf_add_text(w->text, ": if it is gone for good, label each of its addresses 'ignore'");
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static bool is_question(const struct finding *f) { return f->class == CLASS_UNDECIDED || f->class == CLASS_SUSPICIOUS; }

static void offer_label(const struct wording *w, struct finding *f) {
  f->label_subject = name_label(w, &f->label);
  f->label_verdict = is_question(f) ? LABEL_UNAUTHORISED : LABEL_IGNORE;
  f->may_be_passed_on = is_question(f) && may_be_passed_on(w);
}

void word_repair(const struct judging *g, const struct stream *s, const struct site *site, enum trouble trouble,
                 struct finding *f) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  const bool is_done = signs_already(site) && f->cause != CAUSE_KEY && trouble != LOST_DKIM;
  const bool is_customers = is_question(f) && is_other_customers(g, s, site);
  const bool is_of_several = is_question(f) && is_one_of_several(g, s);
  const struct wording w = {.g = g,
                            .s = s,
                            .site = site,
                            .trouble = trouble,
                            .f = f,
                            .is_other_customers = is_customers,
                            .is_one_of_several = is_of_several,
                            .who = f->part == PART_ADDRESS ? f->example
                                   : is_of_several         ? s->source.text
                                                           : name_of(g, s, is_customers),
                            .of_service = s->service && !is_done ? s->service->repair : NULL,
                            .text = &text};
  if (is_question(f))
    ask(&w);
  else if (f->class == CLASS_FORWARDER || f->class == CLASS_FORWARDER_MODIFIED)
    mend_forwarded(&w);
  else if (trouble == LOST_DKIM || trouble == SPF_ALONE)
    mend_spf_alone(&w);
  else if (trouble == UNCHECKED)
    strbuf_add_text(&text, failure_cause_repair(CAUSE_RECEIVER_DNS));
  else
    mend(&w);
  if (s->fell_silent && trouble == OF_ITS_CLASS && stream_is_own(s)) add_silence(&w);
  if (is_question(f) || trouble == LOSS_ASKED) offer_label(&w, f);
  f->repair = arena_strdup(g->h->arena, strbuf_text(&text));
}

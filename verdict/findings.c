/* SPDX-License-Identifier: Apache-2.0 */
/* The sources that keep a gate from holding, and those worth a look that do not: largest first, each with what to do.
 */
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "verdict/judging.h"

/* What `label` will know: services of the catalogue, not those of a map the user may leave out. */
static enum label_subject name_label(const struct stream *s, const char **ret_label) {
  const bool is_known = s->service && (s->service->repair || !s->identity.text);
  struct ip_network network;
  *ret_label = is_known ? s->service->name : s->identity.text ? s->identity.text : s->site.text;
  if (is_known) return LABEL_SERVICE;
  if (s->identity.text || ip_network_parse(s->site.text, &network, NULL)) return LABEL_DOMAIN;
  return LABEL_NETWORK;
}

static const char *repair_of(struct judging *g, const struct stream *s, enum stream_class class, enum trouble trouble,
                             enum failure_cause cause, struct finding *f) {
  const char *advice = s->service ? s->service->repair : NULL;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  const char *who = s->service ? s->service->name : s->identity.text ? s->identity.text : s->site.text;
  const char *label;
  f->label_subject = name_label(s, &label);
  if (class == CLASS_UNDECIDED || class == CLASS_SUSPICIOUS || trouble == LOSS_ASKED) f->label = label;
  if (class == CLASS_UNDECIDED || class == CLASS_SUSPICIOUS)
    strbuf_printf(&text, "decide: if %s sends for you, %s; else 'dmarcctl label \"%s\" unauthorised'", who,
                  advice ? advice : "let it sign with a key of your domain", label);
  else if (class == CLASS_FORWARDER)
    strbuf_printf(&text, "%s passes your mail on: sign all of it with DKIM, which survives that as SPF does not", who);
  else if (class == CLASS_FORWARDER_MODIFIED)
    strbuf_printf(&text,
                  "%s changes mail on its way, as lists do: its operator can rewrite From: or seal with ARC; what it "
                  "breaks is lost at reject",
                  who);
  else if (trouble == LOST_DKIM)
    strbuf_printf(
        &text,
        "%s signed its mail, and for some days SPF alone lets it pass, which forwarding breaks: check that the "
        "selector's key is published and is the one that signs%s%s",
        who, advice ? "; " : "", advice ? advice : "");
  else if (trouble == SPF_ALONE)
    strbuf_printf(&text, "%s passes by SPF alone, which forwarding breaks: %s", who,
                  advice ? advice : "sign its mail with DKIM as your domain");
  else if (cause == CAUSE_RECEIVER_ONLY)
    strbuf_printf(&text,
                  "%s: %s alone fails it, on days on which all others pass it: ask its operator what changes the mail "
                  "before it is checked, and see that the key is of a type (RSA) that everybody knows",
                  who, s->only_at && *s->only_at ? s->only_at : "one receiver");
  else if (cause == CAUSE_IN_TRANSIT)
    strbuf_printf(&text,
                  "%s: the signature fails, and other mail with its key passes on the same days: something changes the "
                  "mail behind the signer (a gateway, a footer, a list); sign last%s%s",
                  who, advice ? "; " : "", advice ? advice : "");
  else if (class == CLASS_OWN_BROKEN && cause != CAUSE_MISALIGNED)
    strbuf_printf(&text,
                  "%s: the signature fails: check that the selector's key is published and is the one that signs%s%s",
                  who, advice ? "; " : "", advice ? advice : "");
  else
    strbuf_printf(&text, "%s: %s", who,
                  advice ? advice
                  : cause == CAUSE_MISALIGNED
                      ? "what passes is not aligned: sign its mail with DKIM as your domain, or let "
                        "it use your return path"
                      : "sign its mail with DKIM as your domain, or let it use your return path");
  if (trouble == LOSS_ASKED)
    strbuf_printf(&text, "; if that may be lost, 'dmarcctl label \"%s\" ignore' says so", label);
  return arena_strndup(g->h->arena, text.data, text.length);
}

struct finding *add_finding(struct judging *g, struct findings *list, const struct stream *s, enum stream_class class,
                            int64_t messages, enum trouble trouble) {
  const struct site *site = hashmap_get(&g->sites, &s->site, sizeof s->site);
  const bool own_fails = trouble == OF_ITS_CLASS && stream_is_own(s) && site;
  const enum failure_cause cause = own_fails ? main_cause(site->failing) : CAUSE_NONE;
  struct finding f = {.source = s->site.text,
                      .example = s->source.text,
                      .service = s->service ? s->service->name : s->identity.text,
                      .evidence = s->evidence,
                      .class = class,
                      .because = s->because,
                      .messages = messages,
                      .cause = cause,
                      .passes = trouble == SPF_ALONE || trouble == LOST_DKIM};
  f.repair = repair_of(g, s, class, trouble, cause, &f);
  unsigned at = list->count;
  while (at > 0 && list->items[at - 1].messages < messages) at--;
  if (list->count == MOST_FINDINGS) list->left_out++;
  if (at == MOST_FINDINGS) return NULL;
  if (list->count < MOST_FINDINGS) list->count++;
  memmove(&list->items[at + 1], &list->items[at], (list->count - at - 1) * sizeof f);
  list->items[at] = f;
  return &list->items[at];
}

/* Own mail of the site that keeps a gate from holding. Where own mail as a whole is short, all that fails has its part.
 */
static void find_own(struct judging *g, struct site *s) {
  const struct thresholds *t = g->t;
  struct findings *blockers = &g->j->blockers;
  bool short_rate =
      s->at_best < t->source_rate[g->to] ||
      (is_own_mail_short(g) && share(s->passed, s->messages) < fmax(t->source_rate[g->to], t->own_lower[g->to]));
  bool falls = failed(g, GATE_DROP) && s->before && s->last &&
               share(s->before_passed, s->before) - share(s->last_passed, s->last) > t->drop[g->to];
  s->is_named = short_rate || falls;
  if (s->is_named)
    add_finding(g, blockers, s->largest, s->worst ? s->worst : s->largest->class, s->messages - s->passed,
                OF_ITS_CLASS);
  else if (failed(g, GATE_DKIM) && s->on_spf)
    add_finding(g, blockers, s->largest_on_spf, CLASS_OWN, s->on_spf, s->lost_dkim ? LOST_DKIM : SPF_ALONE);
}

/* A selector that falls short in all its networks together, though none of them does alone. */
static void find_sender(struct judging *g, const struct own_sender *x) {
  const struct stream *s = x->worst;
  const struct site *site = hashmap_get(&g->sites, &s->site, sizeof s->site);
  if (x->at_best < g->t->source_rate[g->to] && !site->is_named)
    add_finding(g, &g->j->blockers, s, s->class, x->messages - x->passed, OF_ITS_CLASS);
}

static void find_undecided(struct judging *g, const struct site *s) {
  int64_t own = g->j->own_messages ? g->j->own_messages : 1;
  bool blocks = failed(g, GATE_UNDECIDED_ALL) ||
                (failed(g, GATE_UNDECIDED_ONE) && share(s->undecided, own) > g->t->undecided_one[g->to]);
  add_finding(g, blocks ? &g->j->blockers : &g->j->questions, s->largest_undecided, CLASS_UNDECIDED, s->undecided,
              OF_ITS_CLASS);
}

static void find_strange(struct judging *g, const struct site *s) {
  int64_t own = g->j->own_messages ? g->j->own_messages : 1;
  if (failed(g, GATE_NEW_STRANGER) && share(s->strange, own) > g->t->stranger_share[g->to])
    add_finding(g, &g->j->blockers, s->largest_strange, CLASS_SUSPICIOUS, s->strange, OF_ITS_CLASS);
}

/* Where nothing of it fails, there is nothing to do. */
static void find_forwarded(struct judging *g, const struct site *s) {
  bool blocks = failed(g, GATE_FORWARDED);
  add_finding(g, blocks ? &g->j->blockers : &g->j->forwarders, s->largest_forwarded, s->largest_forwarded->class,
              s->forwarded_failing, blocks ? LOSS_ASKED : OF_ITS_CLASS);
}

void gather_findings(struct judging *g) {
  for (uint32_t i = 0; i < g->sites.count; i++) {
    struct site *s = site_at(g, i);
    if (s->largest) find_own(g, s);
    if (s->undecided) find_undecided(g, s);
    if (s->strange) find_strange(g, s);
    if (s->forwarded_failing) find_forwarded(g, s);
  }
  for (uint32_t i = 0; i < g->senders.count; i++) find_sender(g, own_sender_at(g, i));
}

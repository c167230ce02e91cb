/* SPDX-License-Identifier: Apache-2.0 */
/* What a stream tells of itself: the words for its class and kind, the site it counts to, what the catalogue says. */
#include <stdio.h>
#include <string.h>

#include "verdict/marks.h"

const char *stream_class_word(enum stream_class c) {
#define WORD_OF(CLASS, WORD) [CLASS] = WORD,
  static const char *const WORDS[] = {EACH_STREAM_CLASS(WORD_OF)};
#define ONE(CLASS, WORD) +1
  _Static_assert(0 EACH_STREAM_CLASS(ONE) == CLASS_IGNORED + 1, "each class has its word");
  return WORDS[c];
}

const char *stream_kind_text(enum stream_kind k) {
  static const char *const TEXTS[] = {[STREAM_SIGNED] = "own signature passes",
                                      [STREAM_SPF] = "own SPF passes",
                                      [STREAM_BROKEN] = "own signature fails",
                                      [STREAM_NOTHING] = "nothing of yours"};
  return TEXTS[k];
}

bool is_authenticated(const struct stream *s) { return s->kind == STREAM_SIGNED || s->kind == STREAM_SPF; }

/* --- its service -------------------------------------------------------------------------------------------------- */

static bool is_service_of(const struct stream *s, const char *kind) {
  return s->service && !strcmp(s->service->kind, kind);
}

bool is_known_to_pass_mail_on(const struct stream *s) {
  return is_service_of(s, "forwarder") || is_service_of(s, "list");
}

bool is_known_to_send_for_others(const struct stream *s) {
  return s->service && s->service->sends_for_others && !is_known_to_pass_mail_on(s);
}

/* Mail from an address, or own mail from a network, and how much of it bears the name of one service. */
struct named_mail {
  int64_t messages, named;
  const struct sender_service *service;
  const char *evidence;
};

static void add_named(struct hashmap *mail, const void *key, size_t key_size, const struct stream *s) {
  struct named_mail *x = hashmap_put(mail, key, key_size, NULL);
  x->messages += s->messages;
  if (!s->service) return;
  if (x->service != s->service) {
    if (x->named >= s->messages) return;
    x->service = s->service;
    x->evidence = s->evidence;
    x->named = 0;
  }
  x->named += s->messages;
}

static const struct named_mail *mostly_named(const struct hashmap *mail, const void *key, size_t key_size) {
  const struct named_mail *x = hashmap_get(mail, key, key_size);
  return x && 2 * x->named > x->messages ? x : NULL;
}

static bool bears_no_name(const struct stream *s) { return !s->service && !s->identity.text && s->ip.size; }

void name_services_of_addresses(struct history *h) {
  _cleanup_hashmap_ struct hashmap hosts; /* address -> struct named_mail */
  hashmap_init(&hosts, sizeof(struct named_mail));
  for (uint32_t i = 0; i < h->stream_count; i++)
    add_named(&hosts, &h->streams[i].source, sizeof h->streams[i].source, &h->streams[i]);
  for (uint32_t i = 0; i < h->stream_count; i++) {
    struct stream *s = &h->streams[i];
    const struct named_mail *of = bears_no_name(s) ? mostly_named(&hosts, &s->source, sizeof s->source) : NULL;
    if (!of) continue;
    s->service = of->service;
    s->evidence = of->evidence;
  }
}

/* --- its site ----------------------------------------------------------------------------------------------------- */

static const char *printed(struct history *h, const char *before, const char *text) {
  char *joined = arena_alloc(h->arena, strlen(before) + strlen(text) + 1);
  strcpy(stpcpy(joined, before), text);
  return joined;
}

void name_site_by_prefix(struct history *h, struct stream *s, unsigned prefix_bits) {
  char text[IP_TEXT_BYTES];
  if (s->service) return;
  const struct ip_network network = ip_network_around(&s->ip, prefix_bits);
  ip_network_format(&network, text);
  s->site = intern(&h->text_index, h->arena, text);
  if (!strncmp(s->evidence, "network ", strlen("network "))) s->evidence = printed(h, "network ", text);
}

void name_site_by_text(struct history *h, struct stream *s, const char *site) {
  s->site = intern(&h->text_index, h->arena, site);
}

static struct interned network_text(struct history *h, const struct stream *s) {
  char text[IP_TEXT_BYTES];
  const struct ip_network network = ip_network_of(&s->ip);
  if (s->ip.size)
    ip_network_format(&network, text);
  else
    snprintf(text, sizeof text, "%.60s", *s->source.text ? s->source.text : "unknown");
  return intern(&h->text_index, h->arena, text);
}

/* A service counts as one source however many addresses it has, and so does a stranger whose name passes; others are
 * told apart by their networks, as is the owner's mail, whose hosts are his whatever name they bear beside his. */
void name_site(struct history *h, struct stream *s) {
  const bool is_named = s->kind == STREAM_NOTHING && s->identity.text;
  const bool is_network = !s->service && !is_named;
  if (!s->network.text && (is_network || !s->evidence)) s->network = network_text(h, s);
  s->site = is_network ? s->network : s->service ? intern(&h->text_index, h->arena, s->service->name) : s->identity;
  if (!s->evidence) s->evidence = printed(h, "network ", s->network.text);
}

void name_sites_by_network(struct history *h) {
  _cleanup_hashmap_ struct hashmap networks; /* network -> struct named_mail */
  hashmap_init(&networks, sizeof(struct named_mail));
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    const struct mark_key network = mark_key_of_network(&s->ip);
    if (is_authenticated(s)) add_named(&networks, &network, sizeof network, s);
  }
  for (uint32_t i = 0; i < h->stream_count; i++) {
    struct stream *s = &h->streams[i];
    const struct mark_key network = mark_key_of_network(&s->ip);
    const bool asks = s->kind == STREAM_SPF && bears_no_name(s);
    const struct named_mail *of = asks ? mostly_named(&networks, &network, sizeof network) : NULL;
    if (of) s->site = intern(&h->text_index, h->arena, of->service->name);
  }
}

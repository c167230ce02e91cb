/* SPDX-License-Identifier: Apache-2.0 */
/* What own mail that passes tells about the rest: where it comes from, as what it is sent, and who passes it on. */
#include <math.h>
#include <string.h>

#include "verdict/marks.h"
#include "verdict/run_of_days.h"

static void include(struct hashmap *set, struct interned member) {
  if (member.text) hashmap_put(set, &member, sizeof member, NULL);
}

bool own_mail_uses(const struct hashmap *set, struct interned member) {
  return member.text && hashmap_get(set, &member, sizeof member);
}

/* What a host sends that passes as the owner's, and without anything of his. */
struct own_host {
  int64_t own, nothing;
  bool own_spf;             /* some of it passes the owner's SPF */
  struct interned identity; /* a foreign one, that the first of its own mail bears which has one */
};

/* What a source that passes own mail on leaves intact of it, and what it breaks. */
struct passer {
  int64_t intact, broken;
};

/* Own mail at a service of the catalogue. */
struct service_use {
  int64_t messages, spf_passed;
  bool in_use; /* it is proven to be the owner's */
};

static const struct service_use *use_of(const struct own_mail *x, const struct sender_service *service) {
  return service ? hashmap_get(&x->services, &service, sizeof service) : NULL;
}

bool own_mail_uses_service(const struct own_mail *x, const struct sender_service *service) {
  const struct service_use *use = use_of(x, service);
  return use && use->in_use;
}

bool own_mail_has_return_path_at(const struct own_mail *x, const struct thresholds *t,
                                 const struct sender_service *service) {
  const struct service_use *use = use_of(x, service);
  return use && (double)use->messages >= t->source_messages &&
         (double)use->spf_passed >= t->all_share * (double)use->messages;
}

bool own_mail_is_all_signed(const struct own_mail *x, const struct thresholds *t) {
  return x->window_messages > 0 && (double)x->window_signed >= t->all_share * (double)x->window_messages;
}

bool own_mail_is_passed_on_at(const struct own_mail *x, const struct thresholds *t, const struct stream *s) {
  const struct passer *p = hashmap_get(&x->passers, &s->source, sizeof s->source);
  if (!p) return false;
  if ((double)p->broken <= t->passer_broken_share * (double)(p->intact + p->broken)) return true;
  return s->identity.text && own_mail_part(x, s) <= t->modified_share;
}

bool own_mail_is_passed_on_unsigned_at(const struct own_mail *x, const struct thresholds *t, const struct stream *s) {
  const struct passer *p = hashmap_get(&x->passers, &s->source, sizeof s->source);
  if (!p || own_mail_is_all_signed(x, t) || !x->window_messages) return false;
  const double unsigned_share = 1 - (double)x->window_signed / (double)x->window_messages;
  return (double)s->messages <= 2 * unsigned_share * (double)(s->messages + p->intact);
}

double own_mail_part(const struct own_mail *x, const struct stream *s) {
  const int64_t most = run_fullest(s->days, s->day_count, x->window_days);
  return x->window_messages ? (double)most / (double)x->window_messages : INFINITY;
}

double own_mail_part_of_site(const struct own_mail *x, const struct stream *s) {
  const int64_t *messages = hashmap_get(&x->failing, &s->site, sizeof s->site);
  const double part = x->window_messages ? (double)(messages ? *messages : 0) / (double)x->window_messages : INFINITY;
  return fmax(part, own_mail_part(x, s));
}

bool own_mail_knows_no_such_name(const struct own_mail *x, const struct history *h, const struct stream *s) {
  return s->header_from.text && strcmp(s->header_from.text, h->domain) != 0 &&
         !own_mail_uses(&x->from_domains, s->header_from);
}

static void add_to_host(struct own_mail *x, const struct stream *s) {
  const bool is_own = s->class == CLASS_OWN && is_authenticated(s);
  if (s->service || (!is_own && s->kind != STREAM_NOTHING)) return;
  const struct mark_key key = mark_key_of_host(s);
  struct own_host *host = hashmap_put(&x->hosts, &key, sizeof key, NULL);
  *(is_own ? &host->own : &host->nothing) += s->messages;
  if (is_own) x->messages += s->messages;
  host->own_spf |= is_own && s->spf_passed > 0;
  if (is_own && !host->identity.text) host->identity = s->identity;
}

bool own_mail_has_host(const struct own_mail *x, const struct thresholds *t, const struct stream *s) {
  const struct mark_key key = mark_key_of_host(s);
  const struct own_host *host = s->service ? NULL : hashmap_get(&x->hosts, &key, sizeof key);
  if (!host || (double)host->own < t->source_messages) return false;
  if (!host->own_spf && (double)host->own < t->home_share * (double)x->messages) return false; /* it may pass it on */
  if (s->identity.text && !interned_same(s->identity, host->identity)) return false;
  return (double)host->own >= t->own_host_share * (double)(host->own + host->nothing);
}

struct name_at_site {
  struct interned site, identity;
};

bool own_mail_is_a_neighbours(const struct own_mail *x, const struct stream *s) {
  const struct name_at_site name = {s->site, s->identity};
  const struct mark_key key = mark_key_of_host(s);
  const struct own_host *host = hashmap_get(&x->hosts, &key, sizeof key);
  if (!s->identity.text || s->service || (host && host->own)) return false;
  return !hashmap_get(&x->names, &name, sizeof name);
}

/* A handful of messages may be another customer's of a host that the owner's SPF includes: they pass, but they tell
 * nothing of the rest of what comes from there. */
static bool is_proven(const struct stream *s, const struct thresholds *t) {
  if (s->kind != STREAM_SPF) return true;
  return s->spf_passed > 0 && (double)s->spf_passed >= t->own_spf_messages && s->day_count >= t->own_spf_days;
}

static void add_own(struct own_mail *x, const struct stream *s, const struct thresholds *t, int32_t window_begin_day) {
  if (is_proven(s, t)) {
    if (s->service)
      ((struct service_use *)hashmap_put(&x->services, &s->service, sizeof s->service, NULL))->in_use = true;
    include(&x->sites, s->site);
  }
  include(&x->from_domains, s->header_from);
  const struct name_at_site name = {s->site, s->identity};
  if (s->identity.text) hashmap_put(&x->names, &name, sizeof name, NULL);
  if (s->service) {
    struct service_use *use = hashmap_put(&x->services, &s->service, sizeof s->service, NULL);
    use->messages += s->messages;
    use->spf_passed += s->spf_passed;
  }
  for (uint32_t i = 0; i < s->day_count; i++) {
    if (s->days[i].day < window_begin_day) continue;
    x->window_messages += s->days[i].messages;
    if (s->kind == STREAM_SIGNED) x->window_signed += s->days[i].messages;
  }
}

static void add_broken(struct own_mail *x, const struct stream *s) {
  struct passer *p = s->kind == STREAM_BROKEN ? hashmap_get(&x->passers, &s->source, sizeof s->source) : NULL;
  if (p) p->broken += s->messages;
}

/* A forwarder, or one that carries so much that it counts as a home, under a name of its own. */
static bool may_pass_mail_on(const struct stream *s) {
  if (s->kind != STREAM_SIGNED) return false;
  return s->class == CLASS_FORWARDER || (s->class == CLASS_OWN && !s->spf_passed && s->identity.text && !s->service);
}

static void add_passer(struct own_mail *x, const struct stream *s) {
  struct passer *p = hashmap_put(&x->passers, &s->source, sizeof s->source, NULL);
  p->intact += s->messages;
}

static void add_failing(struct own_mail *x, const struct stream *s, int32_t window_begin_day) {
  int64_t *messages = hashmap_put(&x->failing, &s->site, sizeof s->site, NULL);
  for (uint32_t i = 0; i < s->day_count; i++)
    if (s->days[i].day >= window_begin_day) *messages += s->days[i].messages;
}

void own_mail_gather(struct own_mail *ret, const struct history *h, const struct thresholds *t,
                     int32_t window_begin_day, int32_t newest_day) {
  *ret = (struct own_mail){.window_days = newest_day - window_begin_day + 1};
  hashmap_init(&ret->services, sizeof(struct service_use));
  hashmap_init(&ret->sites, sizeof(bool));
  hashmap_init(&ret->from_domains, sizeof(bool));
  hashmap_init(&ret->hosts, sizeof(struct own_host));
  hashmap_init(&ret->names, sizeof(bool));
  hashmap_init(&ret->failing, sizeof(int64_t));
  hashmap_init(&ret->passers, sizeof(struct passer));
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    add_to_host(ret, s);
    if (!is_authenticated(s)) continue;
    if (s->class == CLASS_OWN) add_own(ret, s, t, window_begin_day);
    if (may_pass_mail_on(s)) add_passer(ret, s);
  }
  for (uint32_t i = 0; i < h->stream_count; i++) {
    add_broken(ret, &h->streams[i]);
    if (!is_authenticated(&h->streams[i])) add_failing(ret, &h->streams[i], window_begin_day);
  }
}

void own_mail_clear(struct own_mail *x) {
  hashmap_clear(&x->services);
  hashmap_clear(&x->sites);
  hashmap_clear(&x->from_domains);
  hashmap_clear(&x->hosts);
  hashmap_clear(&x->names);
  hashmap_clear(&x->failing);
  hashmap_clear(&x->passers);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What own mail that passes tells about the rest: where it comes from, as what it is sent, and who passes it on. */
#include <string.h>

#include "verdict/classifying.h"

static void include(struct hashmap *set, struct interned member) {
  if (member.text) hashmap_put(set, &member, sizeof member, NULL);
}

bool own_mail_uses(const struct hashmap *set, struct interned member) {
  return member.text && hashmap_get(set, &member, sizeof member);
}

bool own_mail_uses_service(const struct own_mail *x, const struct sender_service *service) {
  return service && hashmap_get(&x->services, &service, sizeof service);
}

struct sender_key {
  struct interned source, header_from;
};

bool own_mail_knows_no_such_name(const struct own_mail *x, const struct history *h, const struct stream *s) {
  return s->header_from.text && strcmp(s->header_from.text, h->domain) != 0 &&
         !own_mail_uses(&x->from_domains, s->header_from);
}

const struct stream *own_mail_signed(const struct own_mail *x, const struct stream *s) {
  const struct sender_key key = {s->source, s->header_from};
  const struct stream **found = hashmap_get(&x->signed_mail, &key, sizeof key);
  return found ? *found : NULL;
}

/* A handful of messages may be another customer's of a host that the owner's SPF includes: they pass, but they tell
 * nothing of the rest of what comes from there. */
static bool is_proven(const struct stream *s, const struct thresholds *t) {
  if (s->kind != STREAM_SPF) return true;
  return s->spf_passed > 0 && (double)s->spf_passed >= t->own_spf_messages && s->day_count >= t->own_spf_days;
}

static void add_own(struct own_mail *x, const struct stream *s, const struct thresholds *t, int32_t window_begin_day) {
  if (is_proven(s, t)) {
    if (s->service) hashmap_put(&x->services, &s->service, sizeof s->service, NULL);
    include(&x->sites, s->site);
  }
  include(&x->from_domains, s->header_from);
  const struct sender_key key = {s->source, s->header_from};
  if (s->kind == STREAM_SIGNED) *(const struct stream **)hashmap_put(&x->signed_mail, &key, sizeof key, NULL) = s;
  for (uint32_t i = 0; i < s->day_count; i++)
    if (s->days[i].day >= window_begin_day) x->window_messages += s->days[i].messages;
}

void own_mail_gather(struct own_mail *ret, const struct history *h, const struct thresholds *t,
                     int32_t window_begin_day) {
  *ret = (struct own_mail){0};
  hashmap_init(&ret->services, sizeof(bool));
  hashmap_init(&ret->sites, sizeof(bool));
  hashmap_init(&ret->from_domains, sizeof(bool));
  hashmap_init(&ret->passers, sizeof(bool));
  hashmap_init(&ret->signed_mail, sizeof(struct stream *));
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (!is_authenticated(s)) continue;
    if (s->class == CLASS_OWN) add_own(ret, s, t, window_begin_day);
    if (s->class == CLASS_FORWARDER && s->kind == STREAM_SIGNED) include(&ret->passers, s->source);
  }
}

void own_mail_clear(struct own_mail *x) {
  hashmap_clear(&x->services);
  hashmap_clear(&x->sites);
  hashmap_clear(&x->from_domains);
  hashmap_clear(&x->passers);
  hashmap_clear(&x->signed_mail);
}

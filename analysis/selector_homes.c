/* SPDX-License-Identifier: Apache-2.0 */
/* Finds where the owner uses a selector: sites, addresses, the service behind them. */
#include "analysis/selecting.h"
#include "base/cleanup.h"

struct place {
  struct interned at; /* a site, or an address */
  uint64_t selector;
};

static void note_service(struct selecting *x, const struct stream *stream) {
  if (!x->service_known) x->s.service = stream->service;
  x->service_known = true;
  if (x->s.service != stream->service) x->s.service = NULL;
}

static void find_places(const struct hashmap *uses, struct selecting *list, struct hashmap *sites) {
  _cleanup_hashmap_ struct hashmap addresses;
  hashmap_init(&addresses, 0);
  for (uint32_t i = 0; i < uses->count; i++) {
    const struct selector_use_key *use = hashmap_key_at(uses, i, NULL);
    struct selecting *x = &list[use->selector];
    const struct place site = {use->stream->site, use->selector}, address = {use->stream->source, use->selector};
    *(int64_t *)hashmap_put(sites, &site, sizeof site, NULL) += *(int64_t *)hashmap_value_at(uses, i);
    bool is_new;
    hashmap_put(&addresses, &address, sizeof address, &is_new);
    if (is_new) x->s.addresses++;
    note_service(x, use->stream);
  }
}

void selectors_find_homes(const struct hashmap *uses, struct selecting *list, const struct thresholds *t) {
  _cleanup_hashmap_ struct hashmap sites; /* struct place -> int64_t messages */
  hashmap_init(&sites, sizeof(int64_t));
  find_places(uses, list, &sites);
  for (uint32_t i = 0; i < sites.count; i++) {
    const struct place *site = hashmap_key_at(&sites, i, NULL);
    struct selector *s = &list[site->selector].s;
    int64_t messages = *(int64_t *)hashmap_value_at(&sites, i);
    if (messages > 0 && (double)messages >= t->home_share * (double)s->own_messages) s->homes++;
    if (messages <= s->home_messages) continue;
    s->home_messages = messages;
    s->home = site->at.text;
  }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the owner's labels holds for a stream. */
#include <string.h>

#include "base/ascii.h"
#include "base/domain.h"
#include "verdict/classifying.h"

struct ip_network label_network(const struct label *l) {
  struct ip_network network = {0};
  if (l->subject == LABEL_ADDRESS || l->subject == LABEL_NETWORK) ip_network_parse(l->source, &network, NULL);
  return network;
}

/* A name below the owner's is what stands in From:. His own name is for those whom no address, no network and no name
 * stands for. */
static bool is_of_nameless(const struct label *l, const struct history *h, const struct stream *s) {
  if (!strcmp(l->source, h->domain)) return s->wanders;
  return s->header_from.text && domain_is_within(l->source, h->domain) &&
         domain_is_within(s->header_from.text, l->source);
}

bool label_is_of(const struct label *l, const struct ip_network *network, const struct history *h,
                 const struct stream *s) {
  switch (l->subject) {
    case LABEL_ADDRESS:
    case LABEL_NETWORK:
      return network->base.size && ip_network_contains(network, &s->ip);
    case LABEL_SERVICE:
      return s->service && ascii_same(s->service->name, l->source);
    case LABEL_DOMAIN:
      return s->identity.text ? domain_is_within(s->identity.text, l->source) : is_of_nameless(l, h, s);
  }
  return false;
}

static bool holds(const struct label *l, const struct history *h, const struct stream *s, int64_t as_of_s) {
  if (l->domain && strcmp(l->domain, h->domain) != 0) return false;
  if (l->until_s != FEEDBACK_TIME_UNKNOWN && l->until_s <= as_of_s) return false;
  const struct ip_network network = label_network(l);
  return label_is_of(l, &network, h, s);
}

/* For one domain before for all, address before network before service and domain, a long prefix or name before a short
 * one. */
static unsigned narrowness(const struct label *l) {
  const struct ip_network network = label_network(l);
  unsigned detail = (unsigned)strlen(l->source) & 0xff;
  if (l->subject == LABEL_NETWORK && network.base.size) detail = network.prefix_bits;
  return (l->domain ? 1u << 16 : 0) + (LABEL_SUBJECTS - (unsigned)l->subject) * 256 + detail;
}

bool label_replaces(const struct label *l, const struct label *other) {
  return narrowness(l) >= narrowness(other); /* as narrow at one stream is of the same source */
}

const struct label *label_of(const struct labels *labels, const struct history *h, const struct stream *s,
                             int64_t as_of_s) {
  const struct label *best = NULL;
  for (uint32_t i = 0; i < labels->count; i++) {
    const struct label *l = &labels->items[i];
    if (holds(l, h, s, as_of_s) && (!best || narrowness(l) > narrowness(best))) best = l;
  }
  return best;
}

bool stream_has_owner(const struct labels *labels, const struct history *h, const struct stream *s, int64_t as_of_s) {
  for (uint32_t i = 0; i < labels->count; i++)
    if (labels->items[i].owner && holds(&labels->items[i], h, s, as_of_s)) return true;
  return false;
}

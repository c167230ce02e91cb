/* SPDX-License-Identifier: Apache-2.0 */
/* What the labels that findings offer would touch of all that is stored, and of the owner's mail what they leave: in
 * one walk over the streams for all of them. */
#include "verdict/classifying.h"
#include "verdict/judging.h"

struct offer {
  struct finding *of;
  int64_t *passing;
  struct label label;
  struct ip_network network;
  uint64_t head, mask; /* how its addresses begin, and which of these bits are given */
};

struct offers {
  const struct history *h;
  struct offer items[MOST_FINDINGS];
  unsigned count;
  uint64_t by_name;        /* those that name no addresses, a bit each */
  struct hashmap of_names; /* struct names -> struct known_offers */
};

/* All that a label asks of a stream that names no addresses: many streams have it in common. */
struct names {
  const struct sender_service *service;
  struct interned identity, header_from;
  uint64_t wanders;
};

struct known_offers {
  uint64_t items;
  bool is_known;
};

static uint64_t head_of(const struct ip_addr *ip) {
  uint64_t head = 0;
  for (unsigned i = 0; i < sizeof head; i++) head = head << 8 | ip->bytes[i];
  return head;
}

static void add_offer(struct offers *x, struct finding *f, int64_t *passing) {
  struct offer *o = &x->items[x->count];
  *passing = f->label_touches = f->label_leaves = 0;
  *o = (struct offer){
      .of = f, .passing = passing, .label = {.subject = f->label_subject, .source = f->label, .domain = x->h->domain}};
  o->network = label_network(&o->label);
  o->head = head_of(&o->network.base);
  o->mask = o->network.prefix_bits >= 64 ? UINT64_MAX : ~(UINT64_MAX >> o->network.prefix_bits);
  if (!o->network.base.size) x->by_name |= 1ull << x->count;
  x->count++;
}

static bool is_of(const struct offers *x, unsigned k, const struct stream *s) {
  return label_is_of(&x->items[k].label, &x->items[k].network, x->h, s);
}

static uint64_t offers_by_name(struct offers *x, const struct stream *s) {
  const struct names names = {s->service, s->identity, s->header_from, s->wanders};
  struct known_offers *of = hashmap_put(&x->of_names, &names, sizeof names, NULL);
  for (uint64_t rest = of->is_known ? 0 : x->by_name; rest; rest &= rest - 1)
    if (is_of(x, first_finding(rest), s)) of->items |= rest & -rest;
  of->is_known = true;
  return of->items;
}

/* Most are of a network that most streams are not in: the first bits tell. */
static uint64_t offers_by_address(const struct offers *x, const struct stream *s) {
  const uint64_t head = head_of(&s->ip);
  uint64_t items = 0;
  for (unsigned k = 0; k < x->count; k++) {
    const struct offer *o = &x->items[k];
    if (o->network.base.size && !((head ^ o->head) & o->mask) && is_of(x, k, s)) items |= 1ull << k;
  }
  return items;
}

static bool is_struck(const struct stream *s) { return s->class == CLASS_UNAUTHORISED || s->class == CLASS_IGNORED; }

/* What sends for the owner passes nothing on. */
static void touch(struct offer *x, const struct stream *s) {
  if (s->gives_way && !is_struck(s) && (!s->label || label_replaces(&x->label, s->label)))
    x->of->label_touches += s->messages;
  if (!stream_is_own(s)) return;
  x->of->label_leaves += s->messages;
  if (is_known_to_send_for_others(s)) x->of->may_be_passed_on = false;
  *x->passing += s->passed;
}

void weigh_labels(const struct history *h, struct findings *list, int64_t ret_passing[MOST_FINDINGS]) {
  struct offers x = {.h = h};
  for (unsigned k = 0; k < list->count; k++)
    if (list->items[k].label) add_offer(&x, &list->items[k], &ret_passing[k]);
  hashmap_init(&x.of_names, sizeof(struct known_offers));
  for (uint32_t i = 0; x.count && i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    uint64_t touched = offers_by_address(&x, s);
    if (x.by_name) touched |= offers_by_name(&x, s);
    for (; touched; touched &= touched - 1) touch(&x.items[first_finding(touched)], s);
  }
  hashmap_clear(&x.of_names);
}

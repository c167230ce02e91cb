/* SPDX-License-Identifier: Apache-2.0 */
/* Marks: what strangers, whose mail passes nothing of the owner's, can be recognised by, and on which days each was
 * seen. marks.c gathers them, habit.c decides which of them have a habit (habits.h), and wanderer.c finds senders whose
 * habit no single mark shows. Private to verdict/. */
#ifndef VERDICT_MARKS_H
#define VERDICT_MARKS_H

#include "verdict/classifying.h"

enum mark_kind {
  MARK_HOST,     /* an IPv4 address, or a /64: hosts take another address of theirs each day (RFC 8981) */
  MARK_NAME,     /* a foreign identity that passes, wherever it comes from */
  MARK_NETWORK,  /* a /24, or a /48 (RFC 6177: what a site has), of mail that bears no name */
  MARK_SELECTOR, /* a signature of the owner's that never verified */
  MARK_FROM,     /* a name below the owner's in From: that no mail of his uses, of mail that bears no other name */
  MARK_KINDS
};

struct mark_key {
  uint64_t kind;
  uint8_t bytes[16];
};

struct mark {
  enum mark_kind kind;
  bool is_wide;     /* a /48 */
  bool is_named;    /* of a host: some of its mail bears a name */
  bool is_vague;    /* of a host: reports of several days tell of it */
  uint32_t network; /* of a host: the number of the mark of its network; its own where it has none */
  uint32_t number;
  uint32_t first_sighting, sightings; /* in the list, once it is sorted */
  int64_t messages, disowned;
  int64_t under_new_names; /* messages whose From: is a subdomain that no mail of the owner's uses */
  int64_t signed_messages; /* of a name, by DKIM */
  int64_t from_returning;  /* of a name, from networks that come back; of a network, from hosts that do */
  int64_t from_lasting;    /* of a name, from networks that come back after a bot's life */
  int64_t weekdays[7];
  uint32_t hosts, host_days; /* of all but a host; each host as often as it has days */
  uint32_t networks;         /* of a name */
  /* the answer */
  enum stream_habit habit;
  bool wanders;   /* it is one of many addresses of a sender who changes them; of a selector: it signs at so many */
  bool met_again; /* on enough days, far enough apart */
};

/* The mail with a mark on one day. */
struct sighting {
  uint32_t mark;
  int32_t day;
  int64_t messages;
};

struct marks {
  const struct history *history;
  const struct own_mail *own;
  const struct homes *homes;
  struct hashmap by_key;
  struct sighting *sightings; /* by mark, and of each by day */
  uint32_t count, capacity;
};

/* Of all streams that are not authenticated. */
void marks_gather(struct marks *ret, const struct history *h, const struct own_mail *own, const struct homes *homes);
void marks_clear(struct marks *x);
/* That of the network which a source has by MARK_NETWORK, whatever else it bears. */
struct mark_key mark_key_of_network(const struct ip_addr *ip);
/* That of its host. */
struct mark_key mark_key_of_host(const struct stream *s);
/* NULL where the stream bears no such mark. */
struct mark *mark_of(const struct marks *x, enum mark_kind kind, const struct stream *s);
static inline uint32_t mark_count(const struct marks *x) { return x->by_key.count; }
static inline struct mark *mark_at(const struct marks *x, uint32_t i) { return hashmap_value_at(&x->by_key, i); }
static inline const struct sighting *mark_days(const struct marks *x, const struct mark *m) {
  return &x->sightings[m->first_sighting];
}
static inline int32_t mark_first_day(const struct marks *x, const struct mark *m) { return mark_days(x, m)->day; }
static inline int32_t mark_last_day(const struct marks *x, const struct mark *m) {
  return mark_days(x, m)[m->sightings - 1].day;
}

/* Is there a stretch of `span_days` with sightings on at least `share` of its days? `days` ascend, one per day at most.
 */
bool days_are_dense(const struct sighting *days, uint32_t count, double share, double span_days);
/* The largest number of messages within `length` days. */
int64_t days_at_most(const struct sighting *days, uint32_t count, int32_t length);

/* wanderer.c: sets `wanders` and `habit` of the hosts between which one sender moves. */
struct wanderer_wish {
  const struct thresholds *t;
  int32_t window_days;
  double least_messages; /* in a window */
  int64_t own_messages;  /* the owner's that pass, in the window */
  int32_t newest_day;
  int32_t new_from_day; /* who is new came after it, and had not been there for as long before */
};
void find_wanderer(struct marks *x, const struct wanderer_wish *wish);

#endif

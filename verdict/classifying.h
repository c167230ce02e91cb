/* SPDX-License-Identifier: Apache-2.0 */
/* What the rules of classify.c rest on, one subject a file; each is gathered once and then only read. Private to
 * verdict/. */
#ifndef VERDICT_CLASSIFYING_H
#define VERDICT_CLASSIFYING_H

#include "verdict/stream.h"

/* stream.c: what a stream tells of itself. */
/* Mail that bears no name, as where every signature broke or could not be checked, is of the service that most other
 * mail from its address names. Before all have their sites. */
void name_services_of_addresses(struct history *h);
void name_site(struct history *h, struct stream *s); /* fills `site`, and `evidence` where nothing better is known */
/* What passes by SPF without a name counts to the service of most own mail from its network. Once all have their sites.
 */
void name_sites_by_network(struct history *h);
/* The same for a stranger who has a wider network than others, unless a service is known. */
void name_site_by_prefix(struct history *h, struct stream *s, unsigned prefix_bits);
/* Counts a stranger that bears no name of anybody's to that site. */
#define SITE_OF_WANDERERS "changing addresses" /* of those that wander */
void name_site_by_text(struct history *h, struct stream *s, const char *site);
bool is_authenticated(const struct stream *s);            /* something of the owner's passes */
bool is_known_to_pass_mail_on(const struct stream *s);    /* the catalogue calls it a forwarder or a mailing list */
bool is_known_to_send_for_others(const struct stream *s); /* the catalogue, again; never a forwarder or a list */

/* labels.c: the label that holds for a stream at that time, the narrowest of them; NULL where there is none. */
const struct label *label_of(const struct labels *labels, const struct history *h, const struct stream *s,
                             int64_t as_of_s);

/* Does it name the stream's source? Whether it holds for the domain and still does is not asked. `network` is
 * label_network of it: a label is read once for many streams. */
bool label_is_of(const struct label *l, const struct ip_network *network, const struct history *h,
                 const struct stream *s);
struct ip_network label_network(const struct label *l); /* without an address where it names none */

/* Would it hold in place of the other, were it made after it? */
bool label_replaces(const struct label *l, const struct label *other);

/* homes.c: where the owner's selectors live. A home of a selector is a site that signs with it in bulk, or where the
 * owner's SPF passes as well. A signature whose selector a reporter does not name is at home where the domain's
 * selectors are. */
struct homes {
  struct hashmap uses;               /* site, selector -> what passed of the selector there */
  struct selector_volume *selectors; /* by their numbers in the history */
};
void homes_find(struct homes *ret, const struct history *h, const struct thresholds *t);
void homes_clear(struct homes *x);
bool is_at_home(const struct homes *x, const struct thresholds *t,
                const struct stream *s); /* of any of its selectors */
/* How many of the stream's selectors have passed somewhere: forgers make theirs up. */
unsigned real_selectors(const struct homes *x, const struct stream *s);
/* One of its selectors, where none of them ever passed anywhere; NULL. */
const struct selector_use *selector_never_verified(const struct homes *x, const struct stream *s);

/* own_mail.c: what the streams that are authenticated, and have their classes, tell about those that are not. */
struct own_mail {
  struct hashmap services;     /* struct sender_service * -> struct service_use: those that carry own mail */
  struct hashmap sites;        /* set of struct interned: sites that do */
  struct hashmap from_domains; /* set of struct interned: header_from domains in use */
  struct hashmap hosts;        /* host -> struct own_host: what it sends */
  struct hashmap names;        /* site and foreign identity: those that own mail bears there */
  struct hashmap failing;      /* site -> messages of the window there that are not authenticated */
  struct hashmap passers;      /* source -> struct passer: those that pass own mail on, its signature intact */
  int64_t messages;            /* of the hosts' that is own */
  int32_t window_days;
  int64_t window_messages, window_signed;
};
void own_mail_gather(struct own_mail *ret, const struct history *h, const struct thresholds *t,
                     int32_t window_begin_day, int32_t newest_day);
void own_mail_clear(struct own_mail *x);
/* All that the service sends of the owner's passes his SPF too. */
bool own_mail_has_return_path_at(const struct own_mail *x, const struct thresholds *t,
                                 const struct sender_service *service);
/* Nothing of what is in the window passes by SPF alone, or hardly anything. */
bool own_mail_is_all_signed(const struct own_mail *x, const struct thresholds *t);
/* The source passes mail of the owner's on, intact but for a little; or it has a name, as forwarders that rewrite have,
 * and what it breaks is little of own mail. */
bool own_mail_is_passed_on_at(const struct own_mail *x, const struct thresholds *t, const struct stream *s);
/* It passes signed mail of the owner's on, intact, and as much without anything of his as he sends unsigned. */
bool own_mail_is_passed_on_unsigned_at(const struct own_mail *x, const struct thresholds *t, const struct stream *s);
/* What the stream sent in its fullest time as long as the window, against the own mail of the window; infinite where
 * there is none. */
double own_mail_part(const struct own_mail *x, const struct stream *s);
/* The same, or, if that is more, all that is not authenticated at the stream's site in the window. */
double own_mail_part_of_site(const struct own_mail *x, const struct stream *s);
/* Another host of a network that sends own mail, under a name that no mail of the owner's from there bears: a
 * neighbour. */
bool own_mail_is_a_neighbours(const struct own_mail *x, const struct stream *s);
/* Nothing of the owner's is on it, and its host sends mail of the owner's that passes, and mostly such: no address of a
 * service of the catalogue, and no name that this mail does not bear too. */
bool own_mail_has_host(const struct own_mail *x, const struct thresholds *t, const struct stream *s);
/* Of the sets above; false for what is absent. */
bool own_mail_uses(const struct hashmap *set, struct interned member);
bool own_mail_uses_service(const struct own_mail *x, const struct sender_service *service);
/* Is its header_from a subdomain that no mail of the owner's uses? */
bool own_mail_knows_no_such_name(const struct own_mail *x, const struct history *h, const struct stream *s);

/* habit.c: fills `habit`, `wanders` and `met_again` of every stream; authenticated ones have none. The window, days
 * inclusive, is what own mail was counted in. */
void find_habits(struct history *h, const struct own_mail *own, const struct homes *homes, const struct thresholds *t,
                 int32_t window_begin_day, int32_t newest_day);

/* mended.c: which mail that failed is over, because its sender was repaired. Gathered when it is first asked for. */
struct mended {
  const struct history *h;
  const struct thresholds *t;
  int32_t end_day;
  double least_days, least_messages; /* of its mail that must have passed since; 0: any */
  bool is_gathered;
  struct hashmap
      senders; /* address, identity or service, and header_from -> the days of its mail that passes and that fails */
  struct hashmap keys; /* host and selector -> the days of own mail that passes by it */
};
void mended_open(struct mended *ret, const struct history *h, const struct thresholds *t, int32_t end_day);
void mended_clear(struct mended *x);
/* Is what failed of the stream before that day over? */
bool is_mended(struct mended *x, const struct stream *s, int32_t until_day);

/* ended.c: which of the owner's senders sent for weeks and then nothing more, intact or broken, for a month and three
 * times their longest pause. Gathered when it is first asked for. */
enum sender_end {
  SENDER_GOES_ON,
  SENDER_FELL_SILENT, /* and nobody knows whether for good */
  SENDER_TAKEN_OVER,  /* other senders of the owner's send as much more since */
};
struct ended {
  const struct history *h;
  const struct thresholds *t;
  int32_t end_day;
  bool is_gathered;
  int32_t first_day;           /* of the history */
  struct hashmap hosts, sites; /* host or site, and header_from -> struct sender */
  struct hashmap names;        /* header_from -> the days of own mail under it that passes */
};
void ended_open(struct ended *ret, const struct history *h, const struct thresholds *t, int32_t end_day);
void ended_clear(struct ended *x);
enum sender_end end_of_sender(struct ended *x, const struct stream *s); /* of own mail that fails */

/* dormant.c: fills the window's figures, or the last run's of a stream that fell silent before the window. */
void measure_window(struct stream *s, struct mended *mended, struct ended *ended, int32_t begin_day);

#endif

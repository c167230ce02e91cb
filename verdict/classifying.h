/* SPDX-License-Identifier: Apache-2.0 */
/* What the rules of classify.c rest on, one subject a file; each is gathered once and then only read. Private to
 * verdict/. */
#ifndef VERDICT_CLASSIFYING_H
#define VERDICT_CLASSIFYING_H

#include "verdict/stream.h"

/* stream.c: what a stream tells of itself. */
void name_site(struct history *h, struct stream *s);   /* fills `site`, and `evidence` where nothing better is known */
bool is_authenticated(const struct stream *s);         /* something of the owner's passes */
bool is_known_to_pass_mail_on(const struct stream *s); /* the catalogue calls it a forwarder or a mailing list */
bool is_known_to_send_for_others(const struct stream *s); /* the catalogue, again; never a forwarder or a list */

/* labels.c: the label that holds for a stream at that time, the narrowest of them; NULL where there is none. */
const struct label *label_of(const struct labels *labels, const struct history *h, const struct stream *s,
                             int64_t as_of_s);

/* Does it name the stream's source? Whether it holds for the domain and still does is not asked. */
bool label_is_of(const struct label *l, const struct stream *s);

/* Would it hold in place of the other, were it made after it? */
bool label_replaces(const struct label *l, const struct label *other);

/* homes.c: where the owner's selectors live. A home of a selector is a site that signs with it in bulk, or where the
 * owner's SPF passes as well. */
struct homes {
  struct hashmap uses;               /* site, selector -> what passed of the selector there */
  struct selector_volume *selectors; /* by their numbers in the history */
};
void homes_find(struct homes *ret, const struct history *h);
void homes_clear(struct homes *x);
bool is_at_home(const struct homes *x, const struct thresholds *t,
                const struct stream *s); /* of any of its selectors */
/* How many of the stream's selectors have passed somewhere: forgers make theirs up. */
unsigned real_selectors(const struct homes *x, const struct stream *s);

/* own_mail.c: what the streams that are authenticated, and have their classes, tell about those that are not. */
struct own_mail {
  struct hashmap services;     /* set of struct sender_service *: those that carry own mail */
  struct hashmap sites;        /* set of struct interned: sites that do */
  struct hashmap from_domains; /* set of struct interned: header_from domains in use */
  struct hashmap passers;      /* set of struct interned: sources that pass own mail on, its signature intact */
  struct hashmap signed_mail;  /* source, header_from -> the stream of own mail with its signature intact */
  int64_t window_messages;
};
void own_mail_gather(struct own_mail *ret, const struct history *h, const struct thresholds *t,
                     int32_t window_begin_day);
void own_mail_clear(struct own_mail *x);
/* Of the sets above; false for what is absent. */
bool own_mail_uses(const struct hashmap *set, struct interned member);
bool own_mail_uses_service(const struct own_mail *x, const struct sender_service *service);
/* Is its header_from a subdomain that no mail of the owner's uses? */
bool own_mail_knows_no_such_name(const struct own_mail *x, const struct history *h, const struct stream *s);
/* The signed stream of the same source and header_from; NULL where there is none. */
const struct stream *own_mail_signed(const struct own_mail *x, const struct stream *s);

/* habit.c: fills `habit` and `met_again` of every stream; authenticated ones have none. The window, days inclusive, is
 * what own mail was counted in. */
void find_habits(struct history *h, const struct own_mail *own, const struct thresholds *t, int32_t window_begin_day,
                 int32_t newest_day);

/* mended.c: who sends mail of the owner's that passes, gathered when it is first asked for. */
struct mended {
  const struct history *h;
  bool is_gathered;
  struct hashmap senders; /* address, identity or service, and header_from -> days of own mail that passes */
};
void mended_open(struct mended *ret, const struct history *h);
void mended_clear(struct mended *x);
/* Is a stream that fell silent before `end_day` over because its sender was repaired? */
bool is_mended(struct mended *x, const struct stream *s, const struct own_mail *own, const struct thresholds *t,
               int32_t end_day);

/* dormant.c: fills the window's figures, or the last run's of a stream that fell silent before the window. Days are
 * inclusive. */
void measure_window(struct stream *s, struct mended *mended, const struct own_mail *own, const struct thresholds *t,
                    int32_t begin_day, int32_t end_day);

#endif

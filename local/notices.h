/* SPDX-License-Identifier: Apache-2.0 */
/* Notices: what each [notify NAME] of the configuration has told of findings, what it has still to send, and how it
 * fares.
 *
 * A message is written in one transaction with what it tells, and removed once somebody took it. So nothing is told
 * that is not on its way, and whoever ends the program between taking and removing makes it come once more, word for
 * word, under the same key. */
#ifndef LOCAL_NOTICES_H
#define LOCAL_NOTICES_H

#include "base/hashmap.h"
#include "base/identity.h"
#include "local/local.h"

/* Of one finding, to one section. Days are UTC days since 1970-01-01. */
struct told {
  bool is_gone;      /* that it is over; else that somebody has to see to it */
  int32_t severity;  /* the gravest that was told: an enum concern_severity, of which the lowest is the gravest */
  int32_t first_day; /* when its evidence began, as it was told */
  int32_t seen_day;  /* on which it was last found */
  int64_t told_s;
};

/* All that a section has told; `ret` is to be cleared with hashmap_clear in any case. */
int told_read(struct local *l, const char *section, struct hashmap *ret, struct err *e);
/* NULL: nothing of it. */
const struct told *told_of(const struct hashmap *all, const struct identity *finding);
/* Takes the place of what was told of it before. This and all that write below join the transaction that is open, or
 * are one of their own. */
int told_put(struct local *l, const char *section, const struct identity *finding, const struct told *t, struct err *e);
/* Forgets what was not found since this day. */
int told_forget(struct local *l, const char *section, int32_t before_day, struct err *e);

/* What is to be sent, in every form, so that it is the same message whenever and however it goes out. */
struct notice_message {
  int64_t id; /* given by notice_message_put */
  struct identity key;
  int64_t made_s;
  int64_t changes;   /* findings that it tells of for the first time */
  const char *taken; /* of the recipients of a mail those who have it: addresses, with commas between; NULL: nobody */
  const char *subject, *text, *html, *json;
};
int notice_message_put(struct local *l, const char *section, const struct notice_message *m, struct err *e);
/* The oldest one of the section that was put behind `after_id` (0: of all): 1, with texts in `arena`; 0: there is none.
 */
int notice_message_next(struct local *l, const char *section, int64_t after_id, struct arena *arena,
                        struct notice_message *ret, struct err *e);
/* Some have it, and others do not yet. notice_message_put takes nothing of it: nobody has what is new. */
int notice_message_set_taken(struct local *l, int64_t id, const char *taken, struct err *e);
int notice_message_remove(struct local *l, int64_t id, struct err *e);
/* Removes those that tell of nothing new, for the next one says more. */
int notice_message_remove_heartbeats(struct local *l, const char *section, struct err *e);

/* How a section fares. What is not known is FEEDBACK_TIME_UNKNOWN, INT32_MIN or NULL. */
struct notice_way {
  const char *section;
  int32_t period_day; /* the day, or the Monday of the week, that it told of last */
  int64_t tried_s;    /* when it last tried to send something */
  int64_t failing_s;  /* since when it cannot; not known: the last try went well */
  const char *error;  /* what went wrong last; NULL: nothing */
};
typedef int notice_way_fn(void *user, const struct notice_way *way, struct err *e);
/* By name. Texts are valid until `fn` returns; a negative code of it ends the walk. */
int notice_way_each(struct local *l, notice_way_fn *fn, void *user, struct err *e);
/* How a try ended: `error` says what went wrong; NULL: nothing did. */
int notice_way_note(struct local *l, const char *section, int64_t now_s, const char *error, struct err *e);
int notice_way_set_period(struct local *l, const char *section, int32_t day, struct err *e);

#endif

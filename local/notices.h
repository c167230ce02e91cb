/* SPDX-License-Identifier: Apache-2.0 */
/* Notices: what each [notify NAME] of the configuration has told of findings, what it has still to send, and how it
 * fares.
 *
 * A message is written in one transaction with what it tells, and removed once somebody took it. So nothing is told
 * that is not on its way, and whoever ends the program between taking and removing makes it come once more, word for
 * word, under the same key. Until then what it tells stands beside what was told before it: a message that may not be
 * sent any more, since the section has come to name somebody else, is withdrawn with all that it tells. */
#ifndef LOCAL_NOTICES_H
#define LOCAL_NOTICES_H

#include "base/domain_set.h"
#include "base/hashmap.h"
#include "base/identity.h"
#include "base/mem.h"
#include "local/local.h"

/* Of one finding, to one section. Days are UTC days since 1970-01-01. */
struct told {
  bool is_gone;         /* that it is over; else that somebody has to see to it */
  bool is_acknowledged; /* when it was last found somebody had acknowledged it */
  int32_t severity;     /* the gravest that was told: an enum concern_severity, of which the lowest is the gravest */
  int32_t first_day;    /* when its evidence began, as it was told */
  int32_t found_day;    /* on which it could first be told */
  int32_t seen_day;     /* on which it was last found */
  int32_t missed_days;  /* days since then on which it was asked about and not found */
  int64_t told_s;
  int64_t message_id; /* of the message that tells it and waits; 0: somebody took that */
  /* For the words that tell that it is over, where nothing else knows of it any more. */
  const char *kind, *domain, *subject, *title;
};

/* All that a section has told, and tells with the messages that wait, up to the one before `until_id`. Texts live in
 * `arena`; `ret` is to be cleared with hashmap_clear in any case. */
int told_read(struct local *l, const char *section, int64_t until_id, struct arena *arena, struct hashmap *ret,
              struct err *e);
/* NULL: nothing of it. */
const struct told *told_of(const struct hashmap *all, const struct identity *finding);
/* Takes the place of what that message tells of it, or, where it is none's, of what was told of it before. This and all
 * that write below join the transaction that is open, or are one of their own. */
int told_put(struct local *l, const char *section, const struct identity *finding, const struct told *t, struct err *e);
/* Forgets what no section has found since this day. */
int told_forget(struct local *l, int32_t before_day, struct err *e);
/* What a section says: whom it tells, and of what. Texts are as they were written. */
struct notice_scope {
  const char *addressees; /* of a mail, with commas between; of another way one word */
  const char *kinds;      /* with commas between; NULL: all */
  int32_t severity;       /* of this one and graver */
  const char *domains;    /* a line each; NULL: all, and what is of none */
};

/* How far a section has come. */
struct notice_progress {
  int64_t looked_s;   /* as of when it last asked for what is to be told; FEEDBACK_TIME_UNKNOWN: never */
  int32_t period_day; /* the day, or the Monday of the week, that it told of last; INT32_MIN: of none */
};

/* What is to be sent, in every form, so that it is the same message whenever and however it goes out. */
struct notice_message {
  int64_t id; /* given by notice_message_put */
  struct identity key;
  int64_t made_s;
  int64_t changes;   /* findings that it tells of for the first time */
  const char *taken; /* of the recipients of a mail those who have it: addresses, with commas between; NULL: nobody */
  const char *subject, *text, *html, *json;
  struct notice_scope scope;     /* for which it was made: nobody else may read it */
  struct notice_progress before; /* how far the section had come before it */
};
int notice_message_put(struct local *l, const char *section, const struct notice_message *m, int64_t *ret_id,
                       struct err *e);
/* The oldest one of the section behind that one (0: of all): 1, with texts in `arena`; 0: there is none. */
int notice_message_next(struct local *l, const char *section, int64_t behind_id, struct arena *arena,
                        struct notice_message *ret, struct err *e);
/* Some have it, and others do not yet. notice_message_put takes nothing of it: nobody has what is new. */
int notice_message_set_taken(struct local *l, int64_t id, const char *taken, struct err *e);
/* How far the section is to go back where the message is not sent: to where it was, and at least to what it told. */
struct notice_progress notice_message_before(const struct notice_message *m);
/* Everybody took it: it is removed, and what it tells was told. */
int notice_message_taken(struct local *l, const char *section, int64_t id, struct err *e);
/* It and all of the section behind it are not to be sent: they are removed, as if they had never been made, and so is
 * what went wrong with sending them. */
int notice_message_withdraw(struct local *l, const char *section, const struct notice_message *first, struct err *e);
/* Removes those that tell of nothing new, for the next one says more. */
int notice_message_remove_heartbeats(struct local *l, const char *section, struct err *e);

/* How a section fares. What is not known is FEEDBACK_TIME_UNKNOWN or NULL. */
struct notice_way {
  const char *section;
  struct notice_progress progress;
  int64_t tried_s;   /* when it last tried to send something */
  int64_t failing_s; /* since when it cannot; not known: the last try went well */
  const char *error; /* what went wrong last; NULL: nothing */
};
typedef int notice_way_fn(void *user, const struct notice_way *way, struct err *e);
/* By name. Texts are valid until `fn` returns; a negative code of it ends the walk. */
int notice_way_each(struct local *l, notice_way_fn *fn, void *user, struct err *e);
/* How a try ended: `error` says what went wrong; NULL: nothing did. */
int notice_way_note(struct local *l, const char *section, int64_t now_s, const char *error, struct err *e);
int notice_way_set_progress(struct local *l, const char *section, const struct notice_progress *p, struct err *e);
/* Nobody tries it any more: that it failed is forgotten. */
int notice_way_give_up(struct local *l, const char *section, struct err *e);

/* Forgets what was told of these domains, and all messages that wait, for they may name them: what else those had to
 * tell comes with the next ones. */
int notices_forget_domains(struct local *l, const struct domain_set *domains, struct err *e);

#endif

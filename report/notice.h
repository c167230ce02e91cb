/* SPDX-License-Identifier: Apache-2.0 */
/* Notices: which findings somebody is to hear of who was told before, and the message that tells of them, in each form
 * that it may take.
 *
 * What there is to tell is asked of each day since the section was looked at last, and not of the day of asking alone:
 * of some findings is told for a week, and a week, or a month without a run, may lie between two messages. So whoever
 * looks seldom hears of the same states as whoever looks each day, each once, and of those that one finding has gone
 * through meanwhile of the last. */
#ifndef REPORT_NOTICE_H
#define REPORT_NOTICE_H

#include "analysis/telling.h"
#include "base/domain_set.h"
#include "base/hex.h"
#include "local/notices.h"
#include "report/finding_list.h"

/* When: once there is something new; or once a day or week (UTC, from Monday), with what is open still, or a word that
 * nothing is. */
enum notice_every { NOTICE_EVENT, NOTICE_DAY, NOTICE_WEEK };
const char *notice_every_word(enum notice_every e); /* "event", "day", "week" */

/* What a section of the configuration wants to hear of. */
struct notice_wish {
  const char *section; /* its name. It is not told that it fails itself */
  enum notice_every every;
  unsigned kinds;                   /* bits 1 << enum concern_kind; 0: all */
  enum concern_severity severity;   /* of this one and graver */
  const struct domain_set *domains; /* of these and below them, then nothing that is of no domain; NULL: of all */
  const char *addressees;           /* whom it is sent to: struct notice_scope */
};
bool notice_wants(const struct notice_wish *w, const struct concern *c);

/* What it had told when it was looked at last. */
struct notice_past {
  struct hashmap told; /* told_read */
  struct notice_progress progress;
};

/* What it is to hear of now. Texts are its own, and those of the lists of the day of asking and of the past. */
struct notice {
  const struct notice_wish *wish;
  const struct notice_past *past;
  int64_t as_of_s;
  int32_t period_day;       /* of its day or week; INT32_MIN: of none */
  bool asks;                /* something may be due: an event at any time, a day or week once it has begun */
  int32_t since_day;        /* the first day that it asks about: earlier than that of asking, or the same */
  int32_t unasked_days;     /* that lie before it, back to the last time: too many to be asked about */
  struct hashmap course;    /* identity -> what became of it, day by day: owned */
  struct arena *arena;      /* owned */
  unsigned days_looked;     /* so far */
  bool is_due;              /* there is something to send */
  struct finding_list list; /* all that the section asks for: owned */
  /* Of the list, and in its order. */
  const struct listed_finding **changes; /* new to the section, or over: owned */
  const struct listed_finding **open;    /* told before and to be done still: owned; with NOTICE_EVENT none */
  const char **domains;                  /* asked about, by name: owned */
  unsigned change_count, open_count, domain_count;
  /* Of which the same at several domains is one: things to be done; of these new; changes that are told. */
  unsigned due, news, told;
  uint64_t left_out; /* found, and not among them */
};

/* What was found as of a day, and on what that rests. */
struct notice_day {
  const struct finding_list *list;
  const struct acknowledgements *known; /* what somebody acknowledged; NULL: nothing */
  const struct labels *labels;          /* NULL: none */
  const struct thresholds *thresholds;
  int64_t as_of_s;
};

/* Has it something to ask for: of an event at any time, of a day or week once it has begun? */
bool notice_asks(const struct notice_wish *w, const struct notice_progress *progress, int64_t as_of_s);

/* In this order: begin; each day that it wants to be told of, ascending; the day of asking. `ret` is to be cleared. */
void notice_begin(const struct notice_wish *w, const struct notice_past *past, int64_t as_of_s, struct notice *ret);
static inline bool notice_wants_day(const struct notice *n, int32_t day) { return n->asks && day >= n->since_day; }
void notice_look(struct notice *n, const struct notice_day *d);
void notice_choose(struct notice *n, const struct notice_day *today);
void notice_clear(struct notice *n); /* accepts a zeroed one */

/* What is to be remembered once the notice is on its way as that message (0: as none, for nothing is due): what it
 * tells, that all else was seen, and how far the section has come. In the transaction that is open. */
int notice_remember(const struct notice *n, int64_t message_id, struct local *l, struct err *e);

/* For whom, and of what, it was made: `kinds` and `domains` take its texts. */
struct notice_scope notice_scope_of(const struct notice *n, struct strbuf *kinds, struct strbuf *domains);
/* Does the section still ask for as much? Else a message of that scope may tell what is not for it. */
bool notice_scope_is_covered(const struct notice_scope *s, const struct notice_wish *w);
/* Whom the section names now and the message is not for, with commas between, appended: nobody, where nothing is. */
void notice_scope_newcomers(const struct notice_scope *s, const struct notice_wish *w, struct strbuf *ret);

/* The key of a message as it goes out: hexadecimal. Returns `ret`. */
#define NOTICE_KEY_BYTES HEX_TEXT_BYTES(IDENTITY_BYTES)
const char *notice_key_text(const struct identity *key, char ret[NOTICE_KEY_BYTES]);

/* The message, each text complete. To be cleared. */
struct notice_texts {
  struct identity key;
  struct strbuf subject, text, html, json;
};
int notice_compose(const struct notice *n, struct notice_texts *ret, struct err *e);
/* One that tells of nothing but that it arrives. */
int notice_compose_trial(const struct notice_wish *w, int64_t now_s, struct notice_texts *ret, struct err *e);
void notice_texts_clear(struct notice_texts *t); /* accepts a zeroed one */

#endif

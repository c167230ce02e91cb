/* SPDX-License-Identifier: Apache-2.0 */
/* Notices: which findings somebody is to hear of who was told before, and the message that tells of them, in each form
 * that it may take. */
#ifndef REPORT_NOTICE_H
#define REPORT_NOTICE_H

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
};

/* What it is to hear of now. Texts and pointers are the list's. */
struct notice {
  const struct notice_wish *wish;
  int64_t as_of_s;
  int32_t period_day;       /* of its day or week; INT32_MIN: of none */
  bool is_due;              /* there is something to send */
  struct finding_list list; /* all that the section asks for: owned */
  /* Of the list, and in its order. */
  const struct listed_finding **changes; /* new to the section, or over: owned */
  const struct listed_finding **open;    /* told before and to be done still: owned; with NOTICE_EVENT none */
  const char **domains;                  /* asked about, by name: owned */
  unsigned change_count, open_count, domain_count;
  unsigned due, news; /* things to be done, of which the same at several domains is one; and of these new */
  uint64_t left_out;  /* found, and not among them */
};

/* `told`: what the section has told (told_read); `known`: what somebody acknowledged, or NULL; `last_period`: the day
 * or week that it told of last. `ret` is to be cleared. */
void notice_choose(const struct notice_wish *w, const struct finding_list *list, const struct hashmap *told,
                   const struct acknowledgements *known, int64_t as_of_s, int32_t last_period, struct notice *ret);
void notice_clear(struct notice *n); /* accepts a zeroed one */

/* What is to be remembered of the findings of the list, once the notice is on its way: changed or seen again. Calls
 * told_put, in the transaction that is open. */
int notice_remember(const struct notice *n, const struct finding_list *list, const struct hashmap *told,
                    const struct acknowledgements *known, struct local *l, struct err *e);

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

/* SPDX-License-Identifier: Apache-2.0 */
/* One connection and the commands on it (RFC 9051 6): each is sent, and responses are read up to the tagged one. It
 * stands in session.c, search.c and fetch.c. Nothing is retried here: mailbox.c decides what to do when a session
 * breaks. Codes are those of dialogue.h. One thread at a time. Private to imap/. */
#ifndef IMAP_SESSION_H
#define IMAP_SESSION_H

#include "base/mem.h"
#include "imap/arrival_marks.h"
#include "imap/reader.h"
#include "mailbox/mail_folder.h"

#define IMAP_BATCH 200              /* limit of mails requested at once; beyond 50 the round trip no longer matters */
#define IMAP_BATCH_BYTES (2U << 20) /* limit of their bytes, by the sizes that the server gives; at least one mail */
#define IMAP_SIZES 1000             /* limit of sizes requested at once */
#define IMAP_SET_BYTES 7000         /* limit of a set of UIDs: a command line stays below 8000 bytes (RFC 7162 4) */
#define IMAP_FOUND_MOST (4U << 20)  /* limit of UIDs found by a search: 16 MiB. Nobody gets so many reports */
#define IMAP_TAG_BYTES 16
#define IMAP_LISTED 20       /* limit of folders named in a message about one that does not exist */
#define IMAP_NAMESPACES 32   /* limit of namespaces that are kept; servers have three */
#define IMAP_NAME_BYTES 1000 /* limit of a folder's name, encoded: a command line stays below 8000 bytes */

enum capability {
  CAPABILITY_MOVE = 1 << 0,      /* RFC 6851 */
  CAPABILITY_UIDPLUS = 1 << 1,   /* RFC 4315 */
  CAPABILITY_IDLE = 1 << 2,      /* RFC 2177 */
  CAPABILITY_REV1 = 1 << 3,      /* RFC 3501 */
  CAPABILITY_REV2 = 1 << 4,      /* RFC 9051: includes the others but REV1 */
  CAPABILITY_NAMESPACE = 1 << 5, /* RFC 2342 */
};

/* Mails requested together. */
struct imap_batch {
  char tag[IMAP_TAG_BYTES];
  bool waiting; /* the tagged response has not come yet */
  int code;     /* what the response said: 0, or a code with `err` */
  struct err err;
  unsigned count;
  struct remote_mail mails[IMAP_BATCH]; /* ascending by UID; filled as they arrive */
};

struct session {
  const struct mail_account *account;
  const struct mail_watch *watch;
  struct transport *transport;
  struct imap_reader *reader;
  bool alive; /* the connection can still be used */
  unsigned last_tag;
  unsigned capabilities;
  double spoken;  /* when we last sent something (clock_now_s) */
  char delimiter; /* hierarchy delimiter (RFC 9051 5.1.1); 0: not known, or there is none */
  bool delimiter_known;
  bool own_known;
  struct strbuf own_prefix; /* of the personal namespace (RFC 2342), in UTF-8, as the server writes levels */
  struct strbuf prefixes;   /* of all namespaces, a line each */
  unsigned namespace_count;
  struct strbuf text; /* of the response that is being read */
  char farewell[256]; /* what the server said with BYE */

  /* the folder that is open */
  struct strbuf folder; /* its name, as it was sent */
  bool selected, any_keyword;
  bool read_only; /* nothing in it can be changed (READ-ONLY, RFC 9051 7.1) */
  uint32_t uidvalidity, uidnext, exists;
  struct strbuf permanent; /* PERMANENTFLAGS (RFC 9051 7.1), with a blank around each flag */
  uint32_t announced;      /* mails by the last EXISTS, less those expunged since */
  uint32_t expunged;       /* mails that left the folder, by EXPUNGE (RFC 9051 7.5.1), since the session began */
  bool news;               /* more mails than before were announced since the folder was opened */
  unsigned nameless;       /* FETCH responses that came without a UID */

  /* where the data of responses go: set by the command that waits for them */
  uint32_t *found;
  uint32_t found_count, found_capacity;
  bool cut;                      /* the search may have left out mails behind the last that was found */
  bool listing;                  /* FETCH responses name mails to be found, as SEARCH does */
  uint32_t highest;              /* number of the last mail that they named */
  struct imap_batch *batches[2]; /* under way */
  const uint32_t *sized_uids;    /* whose sizes were requested */
  uint32_t sized_count;
  uint64_t *sizes;
  struct marks *marks;  /* is filled with times of arrival */
  struct strbuf *names; /* of folders, for people */
  unsigned name_count;
};

/* Connects, logs in, and asks for the server's capabilities. `a` and `watch` are borrowed and outlive the session. */
int session_open(const struct mail_account *a, const struct mail_watch *watch, struct session **ret, struct err *e);
/* Sends LOGOUT if nothing is under way. Does not wait long. */
void session_close(struct session *s); /* accepts NULL */

/* Selects a folder, with EXAMINE if `read_only` (RFC 9051 6.3.2, 6.3.3): the one of that name, else the one of that
 * name below the prefix of the personal namespace. ERR_NOT_FOUND: the message names those that exist. */
int session_select(struct session *s, const char *folder, bool read_only, struct err *e);
/* Fills s->found with the UIDs from `from` on, ascending, each once: of mails that arrived at the account's `since_s`
 * or later. What EXISTS and UIDNEXT say is held against the answer; what is missing is told. If s->cut, only UIDs up to
 * the last of s->found are known to be listed. */
int session_search(struct session *s, uint32_t from, struct err *e);
/* Fills s->found with those of ascending UIDs, of which a set has room for all, that the server lists. */
int session_list_among(struct session *s, const uint32_t *uids, uint32_t count, struct err *e);
/* Removes from up to IMAP_BATCH ascending UIDs those that the server no longer lists. If it refuses the search, all
 * stay. */
int session_keep_listed(struct session *s, uint32_t *uids, uint32_t *count, struct err *e);
/* The sizes in bytes (RFC822.SIZE) of up to IMAP_SIZES mails; 0 for those that are gone. */
int session_sizes(struct session *s, const uint32_t *uids, uint32_t count, uint64_t *ret_sizes, struct err *e);
/* The mails that exist among the UIDs from..to, up to IMAP_MARKED, and their times of arrival. */
int session_mark(struct session *s, uint32_t from, uint32_t to, struct marks *ret, struct err *e);
/* Requests the mails of a batch that are REMOTE_MAIL_MISSING. Two batches may be under way at most; each stays the
 * caller's and must live until it is answered or the session is closed. */
int session_fetch_send(struct session *s, struct imap_batch *batch, struct err *e);
/* Reads until the batch is answered. 0 whatever the server said (see batch->code); negative: the session is no longer
 * alive. */
int session_fetch_await(struct session *s, struct imap_batch *batch, struct err *e);
/* As mail_folder_act; for a folder to move to, session_select says what a name means. One that does not exist is made
 * below the prefix. Mails that are still listed behind an OK were not removed: ERR_USAGE. 1: the server does not
 * support MOVE. */
int session_act(struct session *s, enum mail_act act, const uint32_t *uids, uint32_t count, const char *text,
                struct err *e);
int session_noop(struct session *s, struct err *e);
bool session_can(const struct session *s, enum capability what);

enum session_ending {
  SESSION_GOES_ON, /* or it ended for a reason on our side */
  SESSION_BYE,     /* the server ended it with BYE */
  SESSION_CUT,     /* the server closed the connection without BYE */
};
enum session_ending session_ending(const struct session *s);

/* IDLE (RFC 2177): sends it and waits for the "+". */
int session_idle_begin(struct session *s, struct err *e);
/* Reads what has arrived, without waiting: 1 if there is new mail, else 0. */
int session_idle_look(struct session *s, struct err *e);
/* Sends DONE and reads up to the tagged response. */
int session_idle_end(struct session *s, struct err *e);

/* The name of a folder with the prefix of the personal namespace (RFC 2342) in front; the caller frees. NULL where
 * there is no prefix, or the name is INBOX or has the prefix of a namespace already. In namespace.c. */
char *namespace_complete(const struct session *s, const char *folder);

/* Appends ascending UIDs as "1:5,7" (RFC 9051 9, sequence-set), as many as fit in IMAP_SET_BYTES. Returns how many. */
uint32_t session_add_set(struct strbuf *out, const uint32_t *uids, uint32_t count);

#endif

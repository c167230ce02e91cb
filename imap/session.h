/* SPDX-License-Identifier: Apache-2.0 */
/* One connection and the commands on it (RFC 9051 6): each is sent, and its answers are read up to the tagged one. What
 * to do when it breaks is the mailbox's. Private to imap/. */
#ifndef IMAP_SESSION_H
#define IMAP_SESSION_H

#include "base/mem.h"
#include "imap/arrival_marks.h"
#include "imap/reader.h"
#include "mailbox/mail_folder.h"

#define IMAP_BATCH 200              /* mails asked for at once: beyond 50 the round trip no longer shows */
#define IMAP_BATCH_BYTES (2U << 20) /* or so many bytes, by the sizes that the server says; at least one mail */
#define IMAP_SIZES 1000             /* mails whose sizes are asked for at once */
#define IMAP_SET_BYTES 7000         /* of a set of UIDs: a command line stays below 8000 bytes (RFC 7162 4) */
#define IMAP_FOUND_MOST (4U << 20)  /* UIDs that a search may find: 16 MiB. Nobody gets so many reports */
#define IMAP_TAG_BYTES 16
#define IMAP_LISTED 20       /* names of folders told where one does not exist */
#define IMAP_NAME_BYTES 1000 /* of a folder, encoded: a command line stays below 8000 bytes */

enum capability {
  CAPABILITY_MOVE = 1 << 0,    /* RFC 6851 */
  CAPABILITY_UIDPLUS = 1 << 1, /* RFC 4315 */
  CAPABILITY_IDLE = 1 << 2,    /* RFC 2177 */
  CAPABILITY_REV1 = 1 << 3,
  CAPABILITY_REV2 = 1 << 4, /* RFC 9051: has the three above */
};

/* Mails asked for together. */
struct imap_batch {
  char tag[IMAP_TAG_BYTES];
  bool waiting; /* the tagged answer has not come */
  int code;     /* what it said: 0, or a code with `err` */
  struct err err;
  unsigned count;
  struct remote_mail mails[IMAP_BATCH]; /* ascending by UID; filled as they come */
};

struct session {
  const struct mail_account *account;
  const struct mail_watch *watch;
  struct transport *transport;
  struct imap_reader *reader;
  bool alive; /* nothing has broken the dialogue */
  unsigned last_tag;
  unsigned capabilities;
  double spoken;  /* when we last sent something */
  char delimiter; /* between levels of folders; 0: not known, or there are none */
  bool delimiter_known;
  struct strbuf text; /* of the response being read */
  char farewell[256]; /* BYE */

  /* the folder that is open */
  bool selected, any_keyword;
  uint32_t uidvalidity, uidnext, exists;
  struct strbuf permanent; /* PERMANENTFLAGS, with a blank around each */
  uint32_t announced;      /* mails, less those expunged since */
  bool news;               /* more mails than before were announced, since the folder was opened */
  unsigned nameless;       /* mails and sizes that came without a UID */

  /* where answers go: set by the command that waits for them */
  uint32_t *found;
  uint32_t found_count, found_capacity;
  struct imap_batch *batches[2]; /* under way */
  const uint32_t *sized_uids;    /* whose sizes are asked for */
  uint32_t sized_count;
  uint64_t *sizes;
  struct marks *marks;  /* to be filled with times of arrival */
  struct strbuf *names; /* of folders, for people */
  unsigned name_count;
};

/* Connects, logs in, asks what the server can. */
int session_open(const struct mail_account *a, const struct mail_watch *watch, struct session **ret, struct err *e);
/* With LOGOUT where nothing is under way; without waiting for long. */
void session_close(struct session *s); /* accepts NULL */

/* Opens a folder; ERR_NOT_FOUND names those there are. */
int session_select(struct session *s, const char *folder, bool read_only, struct err *e);
/* The UIDs >= from into s->found, ascending, each once; of mails that came since the account says. */
int session_search(struct session *s, uint32_t from, struct err *e);
/* Takes out of up to IMAP_BATCH ascending UIDs those that the server does not list any more. Where it does not say, all
 * stay. */
int session_keep_listed(struct session *s, uint32_t *uids, uint32_t *count, struct err *e);
/* The sizes in bytes of up to IMAP_SIZES mails; 0 of those that are gone. */
int session_sizes(struct session *s, const uint32_t *uids, uint32_t count, uint64_t *ret_sizes, struct err *e);
/* The mails among up to IMAP_MARKED UIDs, and by what they are known. */
int session_mark(struct session *s, uint32_t from, uint32_t to, struct marks *ret, struct err *e);
/* Asks for the mails of a batch that are REMOTE_MAIL_MISSING; at most two batches may be under way. */
int session_fetch_send(struct session *s, struct imap_batch *batch, struct err *e);
/* Reads until the batch is answered. 0 whatever the server said (see batch->code), or what broke the dialogue. */
int session_fetch_await(struct session *s, struct imap_batch *batch, struct err *e);
/* 1: the server does not know MOVE. */
int session_act(struct session *s, enum mail_act act, const uint32_t *uids, uint32_t count, const char *text,
                struct err *e);
int session_noop(struct session *s, struct err *e);
bool session_can(const struct session *s, enum capability what);

enum session_ending {
  SESSION_GOES_ON, /* or it ended for a reason that is not the server's */
  SESSION_BYE,     /* the server said so */
  SESSION_CUT,     /* the connection was closed without a word */
};
enum session_ending session_ending(const struct session *s);

int session_idle_begin(struct session *s, struct err *e);
int session_idle_look(struct session *s, struct err *e);
int session_idle_end(struct session *s, struct err *e);

/* "1:5,7" of ascending UIDs (RFC 9051 9, sequence-set): as many as IMAP_SET_BYTES hold. Returns how many that are. */
uint32_t session_add_set(struct strbuf *out, const uint32_t *uids, uint32_t count);

#endif

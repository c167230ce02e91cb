/* SPDX-License-Identifier: Apache-2.0 */
/* The mails of a folder as inputs of a pipeline: a thread reads them from the server while others take them apart.
 * Private to import/. */
#ifndef IMPORT_FETCHER_H
#define IMPORT_FETCHER_H

#include <pthread.h>

#include "import/feed.h"
#include "mailbox/mail_folder.h"

/* Mails that were read and not taken yet; those in files count as one byte. */
#define FETCHER_MAILS 400
#define FETCHER_BYTES (4U << 20)

/* Set in the id of an input whose mail the server did not give (REMOTE_MAIL_REFUSED). */
#define FETCHER_REFUSED (1ULL << 32)

static inline bool uid_is_among(const uint32_t *uids, uint32_t count, uint32_t uid) {
  for (uint32_t i = 0; i < count; i++)
    if (uids[i] == uid) return true;
  return false;
}

struct fetched_mail;

struct fetcher {
  struct pipeline_source source; /* the input's id is the mail's UID, and FETCHER_REFUSED */
  struct mail_folder *mailbox;
  const char *url; /* of the folder: begins the origin of its mails */
  const struct feed *feed;
  uint32_t uidvalidity;
  const uint32_t *silent; /* mails of which nothing is told where they are refused once more */
  uint32_t silent_count;
  bool *stopped; /* what the mailbox's watch looks at */
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  struct fetched_mail *first, *last;
  unsigned mails;
  uint64_t bytes;
  bool done; /* all that there will be is in the queue */
  int code;  /* how reading ended */
  struct err err;
};

/* Reads what mail_folder_find has found; until fetcher_finish the mailbox is the fetcher's. */
int fetcher_start(struct fetcher *f, struct mail_folder *mailbox, const char *url, bool *stopped, struct err *e);
/* Behind the pipeline's run: 0 where all mails were read, else the code of what went wrong. */
int fetcher_finish(struct fetcher *f, struct err *e);

#endif

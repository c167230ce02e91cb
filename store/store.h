/* SPDX-License-Identifier: Apache-2.0 */
/* The database: rows in, rows out. All SQL of the program is behind this header.
 *
 * Meant to be kept narrow, so that another backend can stand behind it: identity, normalisation and alignment are the
 * caller's and arrive ready; a backend stores rows and answers one aggregate shape.
 *
 * A handle belongs to one thread. Writers of several processes take turns (WAL, BEGIN IMMEDIATE). */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/feedback.h"
#include "base/filter.h"
#include "base/identity.h"
#include "base/ip.h"
#include "base/tally.h"

struct store;

enum store_mode {
  STORE_READ,  /* the file must exist; nothing is changed */
  STORE_WRITE, /* created with its folder where missing, migrated where older */
};

/* Opens a database. ERR_NOT_FOUND: STORE_READ and no such file. ERR_STORE with a clear sentence: not an SQLite file,
 * another program's (application_id), or made by a newer dmarcctl (user_version). An older one is migrated when opened
 * for writing; for reading it is refused with the advice to run an import. */
int store_open(const char *path, enum store_mode mode, struct store **ret, struct err *e);
void store_close(struct store *s); /* accepts NULL; rolls back what was not committed */

/* --- writing ------------------------------------------------------------------------------------------------------ */

/* Takes the write lock, waiting for other importers (ERR_BUSY after 5 minutes). */
int store_begin(struct store *s, struct err *e);
int store_commit(struct store *s, struct err *e); /* on failure everything since store_begin is gone */
void store_abort(struct store *s);
bool store_in_transaction(const struct store *s);

/* What is known of an identity (base/identity.h), which the caller makes. */
struct store_known {
  bool is_known; /* what follows is zero where not */
  bool damaged;
  int64_t report; /* the store's handle of it */
  uint8_t digest[FEEDBACK_DIGEST_BYTES];
};
/* Of each identity, in their order. Inside a transaction it sees what that transaction wrote. */
int store_ask_known(struct store *s, const struct identity *identities, unsigned count, struct store_known *ret,
                    struct err *e);

/* One report: open, its records, then close (kept) or discard (as if never seen). Records get contiguous ids.
 * `revocable`: records will be added before it is known whether the report is kept; without it discard must not be
 * called once a record was added. */
int store_report_open(struct store *s, bool revocable, struct err *e);
int store_report_add(struct store *s, const struct feedback_record *record, struct err *e);
int store_report_close(struct store *s, const struct feedback_header *header, struct identity identity,
                       const uint8_t digest[FEEDBACK_DIGEST_BYTES], int64_t *ret_report, struct err *e);
int store_report_discard(struct store *s, struct err *e);
int store_report_delete(struct store *s, int64_t report, struct err *e);

enum document_outcome {
  DOCUMENT_NEW,         /* a report that was not known */
  DOCUMENT_DAMAGED,     /* the same, but only what could be read of it */
  DOCUMENT_DUPLICATE,   /* known, with the same content */
  DOCUMENT_CONFLICTING, /* known, with other content: the first was kept */
  DOCUMENT_REJECTED,    /* unreadable */
  DOCUMENT_NO_REPORT,   /* readable, holds no report */
};
#define DOCUMENT_OUTCOMES 6
const char *document_outcome_word(enum document_outcome outcome); /* "new", "damaged", ..., "no-report" */

/* A line of the ledger: what became of a document. */
struct store_document {
  int64_t id;         /* set when read */
  const char *origin; /* file and entries */
  enum document_outcome outcome;
  const char *reason; /* NULL where there is nothing to say */
  uint64_t bytes;     /* of XML */
  uint64_t records;
  int64_t report;                        /* the report it became or equals; 0: none */
  int64_t seen_s;                        /* when it was first met */
  enum report_kind kind;                 /* what kind of report it is */
  uint8_t digest[FEEDBACK_DIGEST_BYTES]; /* of its content; zeros where nothing of it could be read */
};
/* Adds the line. The same origin with the same content and outcome is already there: nothing changes. A document that
 * was stored from this origin before is not listed again as its own duplicate. What has no content is known by its
 * origin: another reason for the same outcome makes no second line. */
int store_add_document(struct store *s, const struct store_document *document, struct err *e);

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* A stored report: strings valid during the callback. */
struct store_report {
  uint64_t number; /* from 1, ascending: tells the reports of one walk apart, and means nothing beyond it */
  struct feedback_header header;
  uint64_t record_count;
  int64_t message_count; /* sum of the counts that could be read */
  int64_t imported_s;
  const char *origin; /* of the document it came from */
};

/* Each report / record the filter admits, ordered by policy domain's first appearance, begin, import. Callbacks return
 * 0 to go on or a negative code, which ends the walk and is returned. Record filters do not narrow store_each_report,
 * but for `domain`: a report about a domain above needs a record within it. */
typedef int store_report_fn(void *user, const struct store_report *report, struct err *e);
typedef int store_record_fn(void *user, const struct store_report *report, const struct feedback_record *record,
                            struct err *e);
int store_each_report(struct store *s, const struct report_filter *filter, store_report_fn *fn, void *user,
                      struct err *e);
int store_each_record(struct store *s, const struct report_filter *filter, store_record_fn *fn, void *user,
                      struct err *e);

/* Each line of the ledger with one of the outcomes in `outcomes` (1 << DOCUMENT_...), or with a reason where
 * `with_reason`, oldest first; since_s/until_s of the filter apply to seen_s, the rest does not. */
typedef int store_document_fn(void *user, const struct store_document *document, struct err *e);
int store_each_document(struct store *s, const struct report_filter *filter, unsigned outcomes, bool with_reason,
                        store_document_fn *fn, void *user, struct err *e);

/* The one aggregate shape: messages by the chosen dimensions. */
enum store_dimension {
  STORE_BY_POLICY_DOMAIN = 1 << 0,
  STORE_BY_HEADER_FROM = 1 << 1,
  STORE_BY_SOURCE = 1 << 2,   /* address */
  STORE_BY_NETWORK = 1 << 3,  /* its /24 or /64; not together with STORE_BY_SOURCE */
  STORE_BY_REPORTER = 1 << 4, /* org_name */
  STORE_BY_DAY = 1 << 5,      /* UTC day on which the report begins */
  STORE_BY_WEEK = 1 << 6,     /* its ISO week; not together with STORE_BY_DAY */
};

#define STORE_GROUP_DOMAINS 4

struct store_group {
  const char *policy_domain, *header_from, *reporter; /* NULL where not a dimension, or absent in the report */
  struct ip_network network;                          /* the source (full prefix) or its network */
  const char *source_text;                            /* where the source is no address */
  int64_t period_s; /* first second of the day or week; FEEDBACK_TIME_UNKNOWN where the report has none */
  struct group_tally tally;
  const char *header_froms[STORE_GROUP_DOMAINS]; /* the first distinct ones met, then NULL */
  bool more_header_from;
};
typedef int store_group_fn(void *user, const struct store_group *group, struct err *e);
/* Groups come in the order in which they were first met. Memory: one tally a group, whatever the rows. */
int store_aggregate(struct store *s, const struct report_filter *filter, unsigned dimensions, store_group_fn *fn,
                    void *user, struct err *e);

/* --- streams of mail ---------------------------------------------------------------------------------------------- */

/* The rows themselves, for a caller that folds them. What depends on the source of a record alone, or on its pattern
 * alone, is worked out once: both are numbers, given from 0 by first appearance and anew with each policy domain, so
 * that a table of the caller's has no gaps and is as large as what was met. What a number means is told right before
 * the first flow that has it, and stays valid until that flow's callback has returned. */
struct store_flow_report {
  uint64_t number;                      /* from 1, ascending: tells the reports of one walk apart */
  const char *policy_domain, *org_name; /* NULL where absent; so are the words below */
  int64_t begin_s, end_s;               /* FEEDBACK_TIME_UNKNOWN where unknown */
  const char *report_id;
  const char *p, *sp, *np, *adkim, *aspf, *pct, *testing, *discovery_method; /* as in feedback_header */
  bool strict_dkim, strict_spf; /* adkim=s, aspf=s: how the records were evaluated */
  uint64_t record_count;        /* of the whole report, like message_count */
  int64_t message_count;        /* sum of the counts that could be read */
  uint32_t flags;               /* FEEDBACK_... */
};
struct store_flow {
  uint32_t source, pattern;
  int64_t count; /* messages, or FEEDBACK_COUNT_UNKNOWN */
};
/* Callbacks return a negative code to end the walk, which returns it. Texts are valid during the callback. */
struct store_flow_events {
  /* A report begins; its flows follow until the next one begins. 1: its flows are wanted, 0: they are skipped. */
  int (*report)(void *user, const struct store_flow_report *report, struct err *e);
  /* `ip` has size 0 where the source is no address: `text` then is as it came, or NULL where the record names none. */
  int (*source)(void *user, uint32_t number, const struct ip_addr *ip, const char *text, struct err *e);
  /* Everything of a record but source, count and envelope_to. The same words in reports whose receiver walked the tree
   * (alignment_walked) and in others are two patterns: whose a signature is depends on it. */
  int (*pattern)(void *user, uint32_t number, const struct feedback_record *pattern, struct err *e);
  int (*flow)(void *user, const struct store_flow *flow, struct err *e);
  void *user;
};
/* Reports in the order of store_each_report, the records of each as in the document. Of the filter, domain,
 * policy_domain, time, reporter and report_id apply. `domain` narrows as everywhere: of a report about a domain above,
 * the flows within it alone are handed out, and no report that has none. Walks may be nested. */
int store_each_flow(struct store *s, const struct report_filter *filter, const struct store_flow_events *events,
                    struct err *e);

/* --- labels: what the owner said ---------------------------------------------------------------------------------- */

enum label_verdict { LABEL_LEGITIMATE, LABEL_FORWARDER, LABEL_UNAUTHORISED, LABEL_IGNORE };
#define LABEL_VERDICTS 4
const char *label_verdict_word(enum label_verdict verdict); /* "legitimate", "forwarder", "unauthorised", "ignore" */
/* False for any other word; `ret` is then untouched. */
bool label_verdict_parse(const char *word, enum label_verdict *ret);

/* What the source of a label is. */
enum label_subject {
  LABEL_ADDRESS,
  LABEL_NETWORK,
  LABEL_SERVICE,
  LABEL_DOMAIN, /* of a DKIM signature or an SPF check */
};
#define LABEL_SUBJECTS 4
const char *label_subject_word(enum label_subject subject); /* "address", "network", "service", "domain" */

struct store_label {
  int64_t id; /* set when read */
  enum label_subject subject;
  const char *source; /* canonical text, not empty: address, network, name of a service, domain */
  enum label_verdict verdict;
  const char *domain; /* for this policy domain alone, normalised; NULL: for all */
  int64_t until_s;    /* not valid from then on; FEEDBACK_TIME_UNKNOWN: no end. Whether it is over is for the reader */
  const char *note;   /* NULL: none */
  int64_t made_s;
};
/* There is one label for a source (upper and lower case are the same) and a domain: a former one, whatever its subject,
 * makes way. Both functions need a handle that writes; where no transaction is open they run in one of their own. As
 * with reports, a failure takes the transaction with it. */
int store_label_put(struct store *s, const struct store_label *label, struct err *e);
/* 1 where there was one to remove, 0 where not. `domain` NULL: the label for all domains, not all labels of the source.
 */
int store_label_remove(struct store *s, const char *source, const char *domain, struct err *e);

/* Each label, those that are over too, in the order in which they were made. Strings are valid during the callback. */
typedef int store_label_fn(void *user, const struct store_label *label, struct err *e);
int store_each_label(struct store *s, store_label_fn *fn, void *user, struct err *e);

/* --- answers of the DNS ------------------------------------------------------------------------------------------- */

/* A cache, which may always be missed: it tells of no errors. */
struct store_answer {
  const char *name, *type;  /* "_dmarc.example.com", "TXT" */
  const char *status;       /* ok, none, failed */
  const char *const *texts; /* in the order of the answer; of "none" the name that an alias led to, if any */
  unsigned count;
  int64_t expires_s;
};
/* A handle for the two functions below alone, on an existing database: it waits for no other process for long. Where
 * the database cannot be written to, it only reads. */
int store_open_answers(const char *path, struct store **ret, struct err *e);
/* An answer that has not expired, its texts in `arena`. False where there is none, or it could not be read. */
bool store_answer_get(struct store *s, const char *name, const char *type, int64_t now_s, struct arena *arena,
                      struct store_answer *ret);
/* Keeps the answers and forgets those that have expired; all or none. */
void store_answers_put(struct store *s, const struct store_answer *answers, unsigned count, int64_t now_s);

/* --- mailboxes on a server ---------------------------------------------------------------------------------------- */

/* How far a folder was read, and what is still to be done to its mails. A UID means something as long as uidvalidity
 * stays. What writes opens a transaction of its own where none is open; on failure it takes the transaction with it. */
struct store_mailbox {
  int64_t id;           /* 0: not known, and not to be written to */
  uint32_t uidvalidity; /* 0: never read */
  uint32_t next_uid;    /* mails below were read */
};
/* `account` is "user@host:port". Made where it is not there, but for a handle that only reads. */
int store_mailbox_get(struct store *s, const char *account, const char *folder, struct store_mailbox *ret,
                      struct err *e);
/* For this process alone, until `*ret_fd` is closed or the process ends: 1, or 0 where another one has it. The lock is
 * a byte of a file beside the database ("FILE-mailboxes"), which stays there, empty. */
int store_mailbox_lock(struct store *s, int64_t mailbox, int *ret_fd, struct err *e);
/* The server has numbered its mails anew: reading begins at the first, and tasks are forgotten. */
int store_mailbox_renumber(struct store *s, int64_t mailbox, uint32_t uidvalidity, struct err *e);
/* Mails below are read; never fewer than before. */
int store_mailbox_advance(struct store *s, int64_t mailbox, uint32_t next_uid, struct err *e);
/* The same, and the folder was read to its end. */
int store_mailbox_finish(struct store *s, int64_t mailbox, uint32_t next_uid, int64_t now_s, struct err *e);

/* From now on what is committed survives a power failure too: for who gives up the original afterwards. */
int store_be_durable(struct store *s, struct err *e);

enum mailbox_task {
  TASK_STORED, /* the reports of the mail are here: to be moved, flagged or deleted */
  TASK_FAILED, /* it held none, or one that could not be stored: to be moved away */
  TASK_COPIED, /* it was copied to where it is to be: to be deleted */
};
int store_task_add(struct store *s, int64_t mailbox, uint32_t uid, enum mailbox_task task, struct err *e);
/* The lowest `most` UIDs with this task, ascending: their number, or a code. */
int store_task_list(struct store *s, int64_t mailbox, enum mailbox_task task, uint32_t *ret_uids, uint32_t most,
                    struct err *e);
int store_task_mark(struct store *s, int64_t mailbox, const uint32_t *uids, uint32_t count, enum mailbox_task task,
                    struct err *e);
int store_task_remove(struct store *s, int64_t mailbox, const uint32_t *uids, uint32_t count, struct err *e);

#endif

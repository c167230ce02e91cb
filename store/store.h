/* SPDX-License-Identifier: Apache-2.0 */
/* Reports go in; reports and sums come out, whatever engine keeps them.
 *
 * Identity, normalisation, alignment, what a filter admits and what a record adds to a sum are defined in base/:
 * records arrive ready, and every engine (engine.h) gives the same answers. tests/unit/test_store_* hold each engine
 * against this contract.
 *
 * A handle belongs to one thread. */
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

/* Opens the store in this machine's own file (local_db, local/local.h), beside what local/ keeps there. The file is
 * borrowed: close the store before it. */
struct db;
struct store *store_open_in(struct db *db);
void store_close(struct store *s); /* accepts NULL; what was not flushed is gone */

/* --- writing ------------------------------------------------------------------------------------------------------
 *
 * The reports put since the last flush are a batch. store_flush ends it: all of it is stored, or nothing. If a write or
 * the flush fails, the batch is dropped, and the next put begins a new one. A caller that does not know whether a batch
 * was stored may put it again: what is stored already does not change.
 *
 * If local has a transaction open when the first report of a batch is put, a store in the same file joins it: what was
 * flushed becomes permanent when local commits, and dropping the batch aborts the transaction. Otherwise store_flush
 * commits by itself. The file must be open for writing. */

/* A report to be stored. */
struct store_entry {
  struct identity identity; /* see base/identity.h */
  const struct feedback_header *header;
  const uint8_t *digest; /* of its content: FEEDBACK_DIGEST_BYTES bytes */
};

/* The stored report with an identity. */
struct store_known {
  bool is_known; /* if not, the rest is zero */
  bool damaged;
  bool empty;     /* it has no record */
  bool pruned;    /* store_prune: of what it said nothing can be compared any more */
  int64_t report; /* the store's number for it, by which the ledger and others refer to it */
  uint8_t digest[FEEDBACK_DIGEST_BYTES];
  enum provenance provenance;             /* of the mail that brought it */
  uint8_t content[FEEDBACK_DIGEST_BYTES]; /* as in feedback_header; zeros in what an older program stored */
};
/* Fills `ret` for each identity, in the same order. A report that was put but not flushed yet is known. An answer holds
 * until the next put or flush: the next put may bring the same report, and after a flush another writer may have stored
 * it. An import therefore asks about one report at a time, right before it puts it. */
int store_ask_known(struct store *s, const struct identity *identities, unsigned count, struct store_known *ret,
                    struct err *e);

/* Puts a whole report. It replaces a stored one of the same identity, unless their digests are equal: then nothing
 * changes, except that a report marked as damaged is replaced by one that is not. A pruned one stays as it is.
 * `*ret_report` is its number, never 0. */
int store_put(struct store *s, const struct store_entry *report, struct feedback_record *const *records, uint32_t count,
              int64_t *ret_report, struct err *e);

/* Sets provenance, carrier and submitter of the stored report with that number to those of `header`, after another mail
 * has brought the same report. */
int store_set_provenance(struct store *s, int64_t report, const struct feedback_header *header, struct err *e);

/* Deletes the stored report with that number: another one takes its place. */
int store_remove(struct store *s, int64_t report, struct err *e);

/* Hands out each stored report that has records, has this content (feedback_header.content, not all zeros) and begins
 * in [since_s, until_s], in no particular order. Only report_id, begin_s, end_s and provenance of the header are set.
 */
typedef int store_same_fn(void *user, int64_t report, bool pruned, const struct feedback_header *header, struct err *e);
int store_each_same(struct store *s, const uint8_t content[FEEDBACK_DIGEST_BYTES], int64_t since_s, int64_t until_s,
                    store_same_fn *fn, void *user, struct err *e);

/* For a report too large to be held in memory: its records come before it is known which report it is. In the end it is
 * either kept, as if it had been put, or dropped, as if it had never begun. Only one stream can be open, and nothing
 * else may be put or flushed meanwhile. */
int store_stream_begin(struct store *s, struct err *e);
int store_stream_add(struct store *s, struct feedback_record *const *records, uint32_t count, struct err *e);
int store_stream_keep(struct store *s, const struct store_entry *report, int64_t *ret_report, struct err *e);
int store_stream_drop(struct store *s, struct err *e);

/* Ends the batch, if there is one. */
int store_flush(struct store *s, struct err *e);
/* Drops the batch, including the stream in it. There may be none. */
void store_drop(struct store *s);

/* --- pruning ------------------------------------------------------------------------------------------------------
 *
 * A pruned report goes on to be known, to be added up and to be judged; it can no longer be listed. What stays of it:
 * who reported on which domain, when, under which policy, and of each record source, pattern and count. What goes:
 * report_id, extra_contact_info, generator, schema, version, fo, submitter, errors, foreign elements, digest, and the
 * envelope_to of its records. */

/* A stored report that may be pruned or removed. */
struct store_aged {
  int64_t report; /* the store's number for it */
  uint64_t record_count;
  int64_t message_count;
  bool pruned;
  const char *policy_domain; /* NULL if absent; valid during the call */
  struct identity identity;
};
typedef int store_aged_fn(void *user, const struct store_aged *report, struct err *e);
/* Hands out each report that ended before a moment, in no particular order; of one whose period is unknown or lies in
 * the future by when it was stored. Of the filter only `domain` applies, and takes reports whose policy domain is one
 * of these or below. With FILTER_OPEN_END it is all of them, else those alone that are not pruned. */
int store_each_aged(struct store *s, const struct report_filter *filter, int64_t before_s, store_aged_fn *fn,
                    void *user, struct err *e);
/* Prunes the stored report with that number, as a part of the batch; one that is pruned or gone stays so. */
int store_prune(struct store *s, int64_t report, struct err *e);
/* Takes away names, sources and patterns to which no report refers any more, in the batch. Reads each record. */
int store_sweep(struct store *s, struct err *e);

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* A stored report. Its strings are valid during the callback. */
struct store_report {
  uint64_t number; /* from 1, ascending: tells the reports of one walk apart, and means nothing beyond it */
  struct feedback_header header;
  uint64_t record_count;
  int64_t message_count; /* sum of the counts that could be read */
  int64_t imported_s;
  struct identity identity;
  const char *origin; /* of the document that it came from; NULL if the store shares no file with a ledger */
  bool pruned;        /* store_prune */
  uint64_t record;    /* store_each_record: place of the record at hand in its report, from 0 */
};

/* The number of the report that was stored last, 0 where there is none. Of two the one that was stored later has the
 * greater number, and no number is given twice: `stored` of a filter goes by them. */
int store_newest(struct store *s, int64_t *ret, struct err *e);

/* Hands out each report, or record, that the filter admits, ordered by the first appearance of the policy domain, then
 * by begin, then by import. Callbacks return 0 to continue, or a negative code, which ends the walk and is returned.
 * What the filter asks of records does not restrict store_each_report, except for `domain`: a report about a domain
 * above it is handed out only if it has a record within it. Pruned reports have no record to hand out, and a header of
 * what is left. */
typedef int store_report_fn(void *user, const struct store_report *report, struct err *e);
typedef int store_record_fn(void *user, const struct store_report *report, const struct feedback_record *record,
                            struct err *e);
int store_each_report(struct store *s, const struct report_filter *filter, store_report_fn *fn, void *user,
                      struct err *e);
int store_each_record(struct store *s, const struct report_filter *filter, store_record_fn *fn, void *user,
                      struct err *e);

/* Hands out each report whose mail was authenticated, in no particular order: who reports, and whose mail brought it.
 * Only org_name, email, carrier and begin_s of the header are set. */
typedef int store_carried_fn(void *user, const struct feedback_header *header, struct err *e);
int store_each_carried(struct store *s, store_carried_fn *fn, void *user, struct err *e);

/* Hands out each name that is the policy domain of a report, or the From: domain of mail that is kept (what reports
 * that are no longer stored brought may stay), in no particular order; one that is both may come twice. */
typedef int store_domain_fn(void *user, const char *name, struct err *e);
int store_each_domain(struct store *s, store_domain_fn *fn, void *user, struct err *e);

/* The dimensions by which messages can be summed up. */
enum store_dimension {
  STORE_BY_POLICY_DOMAIN = 1 << 0,
  STORE_BY_HEADER_FROM = 1 << 1,
  STORE_BY_SOURCE = 1 << 2,   /* address */
  STORE_BY_NETWORK = 1 << 3,  /* its /24 or /64; not together with STORE_BY_SOURCE */
  STORE_BY_REPORTER = 1 << 4, /* org_name */
  STORE_BY_DAY = 1 << 5,      /* UTC day on which the report begins; a report of several days is on each of them */
  STORE_BY_WEEK = 1 << 6,     /* its ISO week */
  STORE_BY_MONTH = 1 << 7,    /* its month; of these three one alone */
  STORE_BY_PERIOD = STORE_BY_DAY | STORE_BY_WEEK | STORE_BY_MONTH,
};

#define STORE_GROUP_DOMAINS 4

struct store_group {
  const char *policy_domain, *header_from, *reporter; /* NULL: not a dimension, or absent in the report */
  struct ip_network network;                          /* the source (full prefix) or its network */
  const char *source_text;                            /* if the source is no address */
  int64_t period_s; /* first second of the day, week or month; FEEDBACK_TIME_UNKNOWN if the report has none */
  struct group_tally tally;
  const char *header_froms[STORE_GROUP_DOMAINS]; /* the first distinct ones, then NULL */
  bool more_header_from;
};
typedef int store_group_fn(void *user, const struct store_group *group, struct err *e);
/* Groups come in the order in which they first appear. A report without a record counts as a report without mail,
 * unless dimensions or filter ask for something of its records (filter_admits_empty). Memory: one tally per group,
 * however many rows there are. */
int store_aggregate(struct store *s, const struct report_filter *filter, unsigned dimensions, store_group_fn *fn,
                    void *user, struct err *e);

/* --- streams of mail ---------------------------------------------------------------------------------------------- */

/* The rows themselves, for a caller that folds them. What depends only on the source of a record, or only on its
 * pattern, need be worked out only once: both are given as numbers, which count from 0 in the order of first appearance
 * and start again for each policy domain, so that the caller can index an array without gaps. What a number stands for
 * is told right before the first flow that has it, and stays valid until the callback of that flow has returned. */
struct store_flow_report {
  uint64_t number;                      /* from 1, ascending: tells the reports of one walk apart */
  const char *policy_domain, *org_name; /* NULL if absent, like the words below */
  int64_t begin_s, end_s;               /* FEEDBACK_TIME_UNKNOWN where unknown */
  const char *report_id;
  struct identity identity;
  enum provenance provenance;
  const char *email, *carrier;                                               /* NULL if provenance was not judged */
  const char *p, *sp, *np, *adkim, *aspf, *pct, *testing, *discovery_method; /* as in feedback_header */
  bool strict_dkim, strict_spf; /* adkim=s, aspf=s: how the records were evaluated */
  uint64_t record_count;        /* of the whole report, like message_count */
  int64_t message_count;        /* sum of the counts that could be read */
  uint32_t flags;               /* FEEDBACK_... */
};
struct store_flow {
  uint32_t source, pattern;
  int64_t count;           /* messages, or FEEDBACK_COUNT_UNKNOWN */
  uint64_t record;         /* its place in the report, from 0: for report_days_share */
  const char *envelope_to; /* NULL if absent or not asked for; valid during the call */
  bool has_envelope_to;    /* whether it is asked for or not */
};
/* A callback that returns a negative code ends the walk, which returns that code. Texts are valid during the callback.
 */
struct store_flow_events {
  /* A report begins, and its flows follow. Returns 1 if they are wanted, or 0 to skip them. */
  int (*report)(void *user, const struct store_flow_report *report, struct err *e);
  /* `ip` has size 0 if the source is no address: then `text` is what the record says, or NULL if it names none. */
  int (*source)(void *user, uint32_t number, const struct ip_addr *ip, const char *text, struct err *e);
  /* Everything of a record except source, count and envelope_to. The same words make two patterns if the receiver of
   * one report walked the tree (alignment_walked) and that of the other did not: whose a signature is depends on it. */
  int (*pattern)(void *user, uint32_t number, const struct feedback_record *pattern, struct err *e);
  int (*flow)(void *user, const struct store_flow *flow, struct err *e);
  void *user;
  bool with_envelope_to; /* flows come with theirs, which takes longer */
};
/* Reports come in the order of store_each_report, and the records of each as in the document. Only domain,
 * policy_domain, time, reporter, report_id and number of the filter apply. `domain` works as everywhere: of a report
 * about a domain above it, only the flows within it are handed out, and the report itself only if it has any. Walks may
 * be nested. */
int store_each_flow(struct store *s, const struct report_filter *filter, const struct store_flow_events *events,
                    struct err *e);

#endif

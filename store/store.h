/* SPDX-License-Identifier: Apache-2.0 */
/* Reports in, reports and sums out; whatever keeps them is behind this header.
 *
 * Identity, normalisation, alignment, what a filter admits and what a record adds to a sum are base/'s: records arrive
 * ready, and every engine (engine.h) answers the same. tests/unit/test_store_* hold each engine against this contract.
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

/* The reports in this machine's own file (local_db, local/local.h), beside what local/ keeps there. The file is
 * borrowed: it is closed behind the store. */
struct db;
struct store *store_open_in(struct db *db);
void store_close(struct store *s); /* accepts NULL; what was not flushed is gone */

/* --- writing ------------------------------------------------------------------------------------------------------
 *
 * What is put makes up a batch, which store_flush ends: all of it is stored then, or none. Where a write or the flush
 * fails, the batch is dropped, and what is put after that begins a new one. Whoever cannot tell whether a batch was
 * stored puts it again: nothing changes then.
 *
 * A store in local's file joins the transaction that local has open when the first report of a batch is put: what was
 * flushed lasts once that is committed, and dropping the batch aborts it. Where none is open, store_flush commits by
 * itself. The file must be open for writing. */

/* A report to be stored. */
struct store_entry {
  struct identity identity; /* of it (base/identity.h) */
  const struct feedback_header *header;
  const uint8_t *digest; /* of its content, FEEDBACK_DIGEST_BYTES */
};

/* What is known of an identity. */
struct store_known {
  bool is_known; /* what follows is zero where not */
  bool damaged;
  bool empty;     /* it has no record */
  int64_t report; /* the store's number for it, by which others (the ledger) refer to it */
  uint8_t digest[FEEDBACK_DIGEST_BYTES];
  enum provenance provenance;             /* of the mail that brought it */
  uint8_t content[FEEDBACK_DIGEST_BYTES]; /* as in feedback_header; zeros in what an older program stored */
};
/* Of each identity, in their order. What was put and not flushed yet is known. An answer holds until the next put or
 * flush: what is put may be the same report, and behind a flush another writer may have stored it. Therefore an import
 * asks of one report at a time, right before it puts it. */
int store_ask_known(struct store *s, const struct identity *identities, unsigned count, struct store_known *ret,
                    struct err *e);

/* A whole report. One with this identity makes way, unless its digest is the same: then nothing changes, but that one
 * marked as damaged makes way for one that is not. `*ret_report` is the number for it, not 0. */
int store_put(struct store *s, const struct store_entry *report, struct feedback_record *const *records, uint32_t count,
              int64_t *ret_report, struct err *e);

/* Of a stored report, by its number: provenance, carrier and submitter become those of `header`: another mail brought
 * the same. */
int store_set_provenance(struct store *s, int64_t report, const struct feedback_header *header, struct err *e);

/* A report that is too large to be held: its records come before it is known what it is, and it is kept, as if it had
 * been put, or dropped, as if it had never begun. One at a time, and nothing else is put or flushed meanwhile. */
int store_stream_begin(struct store *s, struct err *e);
int store_stream_add(struct store *s, struct feedback_record *const *records, uint32_t count, struct err *e);
int store_stream_keep(struct store *s, const struct store_entry *report, int64_t *ret_report, struct err *e);
int store_stream_drop(struct store *s, struct err *e);

/* Ends the batch. Without one nothing happens. */
int store_flush(struct store *s, struct err *e);
/* Drops the batch, and the stream in it. There may be none. */
void store_drop(struct store *s);

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* A stored report: strings valid during the callback. */
struct store_report {
  uint64_t number; /* from 1, ascending: tells the reports of one walk apart, and means nothing beyond it */
  struct feedback_header header;
  uint64_t record_count;
  int64_t message_count; /* sum of the counts that could be read */
  int64_t imported_s;
  struct identity identity;
  const char *origin; /* of the document it came from; NULL where the store does not share its file with a ledger */
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

/* Each report whose mail was authenticated, in no order: who reports, and who carried it. Of the header org_name,
 * email, carrier and begin_s are set. */
typedef int store_carried_fn(void *user, const struct feedback_header *header, struct err *e);
int store_each_carried(struct store *s, store_carried_fn *fn, void *user, struct err *e);

/* The one aggregate shape: messages by the chosen dimensions. */
enum store_dimension {
  STORE_BY_POLICY_DOMAIN = 1 << 0,
  STORE_BY_HEADER_FROM = 1 << 1,
  STORE_BY_SOURCE = 1 << 2,   /* address */
  STORE_BY_NETWORK = 1 << 3,  /* its /24 or /64; not together with STORE_BY_SOURCE */
  STORE_BY_REPORTER = 1 << 4, /* org_name */
  STORE_BY_DAY = 1 << 5,      /* UTC day on which the report begins; one of several days is on each of them */
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
/* Groups come in the order in which they were first met. A report without a record counts as a report without mail,
 * where neither dimensions nor filter ask for anything of records (filter_admits_empty). Memory: one tally a group,
 * whatever the rows. */
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
  struct identity identity;
  enum provenance provenance;
  const char *email, *carrier; /* where provenance was judged; else NULL */
  const char *p, *sp, *np, *adkim, *aspf, *pct, *testing, *discovery_method; /* as in feedback_header */
  bool strict_dkim, strict_spf; /* adkim=s, aspf=s: how the records were evaluated */
  uint64_t record_count;        /* of the whole report, like message_count */
  int64_t message_count;        /* sum of the counts that could be read */
  uint32_t flags;               /* FEEDBACK_... */
};
struct store_flow {
  uint32_t source, pattern;
  int64_t count;   /* messages, or FEEDBACK_COUNT_UNKNOWN */
  uint64_t record; /* of the report, from 0: for report_days_share */
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

#endif

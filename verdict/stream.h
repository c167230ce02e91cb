/* SPDX-License-Identifier: Apache-2.0 */
/* Streams, and the history of a policy domain that they are read from. A stream is the mail of one source with one
 * header_from that authenticates in one way. It is streams that are judged, because a source alone says nothing: at a
 * shared service the owner's mail carries the owner's signature, and another customer's abuse does not.
 *
 * Counts are messages, days are UTC days since 1970-01-01, fields in _s are Unix times. A history belongs to one thread
 * and to history_each, and its texts live in its arena. */
#ifndef VERDICT_STREAM_H
#define VERDICT_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hashmap.h"
#include "base/ip.h"
#include "base/mem.h"
#include "base/policy.h"
#include "base/provenance.h"
#include "base/tally.h"
#include "local/labels.h"
#include "local/report_words.h"
#include "sender/sender.h"
#include "store/store.h"
#include "verdict/interned.h"
#include "verdict/origin.h"
#include "verdict/thresholds.h"

enum stream_kind {
  STREAM_SIGNED,  /* own signature passes */
  STREAM_SPF,     /* own SPF passes, no own signature does */
  STREAM_BROKEN,  /* own signature is there and fails */
  STREAM_NOTHING, /* nothing of the owner's passes or was tried */
};

enum stream_class {
  CLASS_OWN,
  CLASS_OWN_BROKEN,
  CLASS_LEGITIMATE,
  CLASS_FORWARDER,
  CLASS_FORWARDER_MODIFIED,
  CLASS_UNDECIDED,
  CLASS_SUSPICIOUS,
  CLASS_UNAUTHORISED,
  CLASS_IGNORED,
};
/* Each with its word, for tables of both: CLASS(class, word). */
#define EACH_STREAM_CLASS(CLASS)                        \
  CLASS(CLASS_OWN, "own")                               \
  CLASS(CLASS_OWN_BROKEN, "own_broken")                 \
  CLASS(CLASS_LEGITIMATE, "legitimate")                 \
  CLASS(CLASS_FORWARDER, "forwarder")                   \
  CLASS(CLASS_FORWARDER_MODIFIED, "forwarder_modified") \
  CLASS(CLASS_UNDECIDED, "undecided")                   \
  CLASS(CLASS_SUSPICIOUS, "suspicious")                 \
  CLASS(CLASS_UNAUTHORISED, "unauthorised")             \
  CLASS(CLASS_IGNORED, "ignored")
const char *stream_class_word(enum stream_class c);

const char *stream_kind_text(enum stream_kind k); /* "own signature passes", ... */

/* How regularly a stranger sends, weakest first. */
enum stream_habit {
  HABIT_NONE,
  HABIT_NEW,    /* seen since the last few days and still there: too new for a habit */
  HABIT_BULK,   /* one run, of so much that it is asked about */
  HABIT_RUNS,   /* comes back after a silence with as much mail: a newsletter, invoices */
  HABIT_STEADY, /* day after day */
};

/* Why own mail fails. */
enum failure_cause {
  CAUSE_NONE,          /* it does not */
  CAUSE_KEY,           /* the key cannot be read, or nothing that it signed on these days verifies */
  CAUSE_IN_TRANSIT,    /* other mail signed with the key verifies on the same days: this was changed after signing */
  CAUSE_UNSIGNED,      /* nothing of the owner's is on it */
  CAUSE_MISALIGNED,    /* what passes is not aligned */
  CAUSE_RECEIVER_ONLY, /* one receiver fails it, on days on which the others pass it */
  CAUSE_RECEIVER_DNS,  /* it neither passes nor fails: receivers got no answer from the DNS for an identity that would
                          align (RFC 9989 5.3.6). Counted beside what fails, never in it */
  CAUSE_MIXED,
};
#define FAILURE_CAUSES 8
/* The cause of at least four fifths of the failing messages; CAUSE_MIXED if there is none, CAUSE_NONE if nothing fails.
 * `failing` is indexed by cause. */
enum failure_cause main_cause(const int64_t failing[FAILURE_CAUSES]);
const char *failure_cause_word(enum failure_cause c);   /* "key", "in_transit", ...; NULL for CAUSE_NONE */
const char *failure_cause_repair(enum failure_cause c); /* what to do about it in general; NULL for CAUSE_NONE */

/* One day of a stream. */
struct stream_day {
  int32_t day;
  bool is_vague; /* some of it comes from reports that span several days, of which this is the middle one */
  int64_t messages, passed;
  int64_t saved;     /* passed by SPF alone: the owner's signature is present and fails */
  int64_t unchecked; /* failed with a temperror for an identity that would align: the receiver could not look it up */
  int64_t contradicted;           /* failed, although by the receiver's own auth_results they pass */
  int64_t unevaluated;            /* the report does not say whether they pass: see outcome.h */
  int64_t by_receiver;            /* failed by a single receiver, of mail that all others pass: see one_receiver.c */
  int64_t spf_asked, spf_refused; /* of the owner's SPF: it was asked, and its result is "fail" */
};

/* What receivers could judge of it. A temperror is neither a pass nor a fail (RFC 9989 5.3.6), a fail that the
 * receiver's own results contradict says nothing about the sender, and what nobody evaluated is unknown. */
static inline int64_t stream_day_judged(const struct stream_day *d) {
  return d->messages - d->unchecked - d->contradicted - d->unevaluated;
}
static inline int64_t stream_day_failing(const struct stream_day *d) { return stream_day_judged(d) - d->passed; }
/* What would be lost of a sender's mail if it were the owner's: nobody has said that the unevaluated passes. */
static inline int64_t stream_day_at_stake(const struct stream_day *d) { return stream_day_failing(d) + d->unevaluated; }

/* A signature of the owner's as reporters name it: "example.com/s1"; the selector may be unknown: "example.com/?". */
struct selector_use {
  uint32_t selector; /* index in the history's selectors */
  int64_t passed, failed;
  int32_t first_day; /* the first day it passed; INT32_MAX: it never did */
  int32_t last_day;  /* the last; INT32_MIN */
};

struct stream {
  /* what it is */
  struct ip_addr ip;
  struct interned source;      /* the address as text, or as the report spells it; "" if the record has none */
  struct interned header_from; /* absent where unknown */
  enum stream_kind kind;
  /* what was seen, over the whole history */
  int64_t messages, passed, unevaluated;
  int64_t spf_passed, spf_failed; /* of the owner's SPF; failed: it says that the mail is not, or hardly, the owner's */
  int64_t spf_silent;             /* it was asked, and says nothing of the sender: no record, neutral, an error */
  int64_t forwarded;              /* with a policy override reason that tells of a forwarder */
  int64_t dkim_passed;            /* aligned DKIM, as evaluated */
  int64_t permerrors;             /* of the owner's signatures: a key that cannot be read */
  int64_t unproven;               /* passes as evaluated, by results that were cut */
  struct stream_day *days;        /* none if only reports without a readable period have it */
  uint32_t day_count;
  struct selector_use *selectors;
  uint32_t selector_count, selector_capacity;
  /* who is behind it */
  const struct sender_service *service; /* NULL: not in the catalogue */
  struct interned identity;             /* a domain that is not the owner's and passed DKIM or SPF */
  const char *evidence; /* "DKIM d=amazonses.com", "SPF ...", "PTR ...", "AS64500 ...", "network 192.0.2.0/24" */
  bool identity_signs;  /* it passed DKIM: whoever sends has its key */
  int64_t identity_messages;
  struct origin origin;    /* what is known of its address; empty if nothing was looked up */
  struct interned network; /* its address's, or its source; absent until something is named by it */
  struct interned site;    /* service, or network: what counts as one source */
  /* the judgement */
  enum stream_class class;
  const char *because;
  const struct label *label; /* the owner's label that applies; NULL: none */
  bool gives_way;            /* a label on its network, service or domain says unauthorised or ignore */
  enum stream_habit habit;   /* of streams where nothing of the owner's passes */
  bool wanders;              /* it is one of many addresses of a sender who keeps changing them */
  bool met_again;            /* likewise: seen on some days that lie apart, which is less than a habit */
  bool dormant;
  bool fell_silent;                   /* own mail that fails, of a sender who sent for weeks and is silent since */
  bool was_mended;                    /* what failed of it earlier no longer counts: its sender was repaired since */
  enum failure_cause cause;           /* of what fails of own mail in the window; CAUSE_RECEIVER_DNS where nothing
                                         does, and some of it could not be checked */
  enum failure_cause signature_cause; /* why its signature fails, also where SPF lets it pass: CAUSE_KEY or
                                         CAUSE_IN_TRANSIT; CAUSE_NONE: it does not */
  bool key_verifies;                  /* likewise: others verify mail with its key on the days on which it fails */
  const char *only_at;                /* the receiver that alone fails mail of its site; NULL: none */
  bool is_excused;                    /* that receiver fails so little of it that the sender is not at fault */
  /* inside the window (or, for a dormant stream, its last run) */
  int64_t window_messages, window_passed;
  int64_t window_unchecked, window_contradicted, window_unevaluated; /* of what does not pass: see struct stream_day */
  int64_t window_by_receiver;                                        /* the same; in the failing mail all the same */
};

/* The same of its window. */
static inline int64_t stream_judged(const struct stream *s) {
  return s->window_messages - s->window_unchecked - s->window_contradicted - s->window_unevaluated;
}
static inline int64_t stream_failing(const struct stream *s) { return stream_judged(s) - s->window_passed; }
static inline int64_t stream_at_stake(const struct stream *s) { return stream_failing(s) + s->window_unevaluated; }

/* Is it own mail by its class, whether it passes or fails? */
static inline bool stream_class_is_own(enum stream_class c) {
  return c == CLASS_OWN || c == CLASS_OWN_BROKEN || c == CLASS_LEGITIMATE;
}
static inline bool stream_is_own(const struct stream *s) { return stream_class_is_own(s->class); }

struct seen_policy {
  const char *p, *sp, *np, *adkim, *aspf;
  char sampled; /* pct below 100: 'y', 'n'; 0: the report has no word for it (RFC 9990) */
  char testing; /* t=y: 'y', 'n'; 0: the report has no word for it (RFC 7489) */
};

struct seen_report {
  int64_t begin_s, end_s, messages;
  int32_t day; /* of its middle: that of its mail */
  uint32_t reporter, policy;
  struct identity identity;
  enum provenance provenance;      /* by all that is known */
  bool trusted;                    /* by the owner's word */
  size_t first_record, end_record; /* its own among the history's records */
};

/* A record as it was counted, so that the history can be counted again without some of its reports. */
struct seen_record {
  int64_t count;
  uint32_t cell; /* number of it, see history_cell */
};

struct history {
  const char *domain;  /* "": reports without a policy domain, which are handed over for their tallies alone */
  enum policy target;  /* the owner's; POLICY_UNKNOWN: he has said nothing, and it is p=reject */
  struct arena *arena; /* every text and list below */
  struct stream *streams;
  struct tally *tallies; /* one for each stream, of the mail that `counted` of the wish admits; NULL if it was NULL */
  uint32_t stream_count, stream_capacity;
  struct seen_report *reports; /* by begin */
  uint32_t report_count, report_capacity;
  struct seen_record *records; /* by their reports; those of a part are the whole's */
  size_t record_count, record_capacity;
  uint32_t proven_reports;  /* with mail */
  uint32_t undated_reports; /* whose period could not be read: of no day, and left out */
  int64_t undated_messages;
  bool has_recipients; /* some record has an envelope_to */
  struct seen_policy *policies;
  uint32_t policy_count, policy_capacity;
  const char **reporters;
  int64_t *contradicted; /* of each of them, messages whose evaluation its own results contradict; NULL: none do */
  uint32_t reporter_count, reporter_capacity, contradicted_capacity;
  const char **selectors;
  uint32_t selector_count, selector_capacity;
  struct stream_day *days;    /* of all streams, one behind the other */
  struct cell_day *cell_days; /* what they are laid out from; NULL since then */
  size_t cell_day_count, cell_day_capacity;
  struct cell *part_cells; /* of a part: instead of cell_index */
  struct hashmap stream_index, cell_index, policy_index, reporter_index, selector_index, text_index;
  struct organization_cache *organizations; /* of the reading */
};

/* Is this a report that may not improve a verdict? Once some reports are proven to come from their reporter, those that
 * anybody may have sent are doubted. Reports that the owner trusts are not, nor are those imported from files, whose
 * provenance is unknown. */
static inline bool history_doubts(const struct history *h, const struct seen_report *r) {
  bool is_doubtful = r->provenance == PROVENANCE_UNPROVEN || r->provenance == PROVENANCE_CONTRADICTED;
  return is_doubtful && !r->trusted && h->proven_reports;
}

/* Makes `ret` the history without some of its reports, those for which `left_out` (one flag for each report of `h`) is
 * set: without the streams, days and reporters that only they mention. The two share texts, so `h` must not be used
 * until history_rejoin has given them back and freed the part. A part can be parted again. */
void history_part(struct history *h, const bool *left_out, struct history *ret);
void history_rejoin(struct history *h, struct history *part);
/* The stream of a record, by its index in `records`, and whether its mail passes. */
const struct stream *history_record_stream(const struct history *h, size_t record, bool *ret_passes);
/* Does its mail fail, and is it neither unchecked nor contradicted (struct stream_day)? */
bool history_record_fails(const struct history *h, size_t record);
bool history_record_is_unchecked(const struct history *h, size_t record); /* likewise */
/* All records of one source and one pattern; `number` as struct seen_record has it, below history_cell_count. Of a
 * part those alone that its records name. */
struct seen_cell {
  const struct stream *stream;
  const uint32_t *selectors;   /* own signatures, numbered in the history's selectors, ... */
  const bool *selector_passed; /* ... and whether each of them verifies */
  uint32_t selector_count;
  int64_t messages; /* over the whole history; 0 of a cell that a part has nothing of, which has no stream */
};
uint32_t history_cell_count(const struct history *h);
struct seen_cell history_cell(const struct history *h, uint32_t number);

/* Which histories to read. Filters choose histories and narrow what is counted, but never leave records out of a
 * history: whose a stream is depends on all its mail. */
struct history_wish {
  const struct report_filter *filter;  /* only its domain and policy_domain matter: they choose the histories */
  const struct report_filter *counted; /* mail that the tallies count; NULL: none, and no tallies */
  int64_t before_s;                    /* reports that begin from then on are not looked at */
  const struct report_words
      *words; /* the owner's, on reports: distrusted ones are in no history; NULL: there are none */
  const struct carriers *carriers; /* NULL: nothing was learned */
};
/* Reads the history of each policy domain and gives it to `fn`, one after the other. A history lives during the call. A
 * negative code of `fn` ends the walk and is returned. */
typedef int history_fn(void *user, struct history *h, struct err *e);
int history_each(struct store *s, const struct history_wish *wish, const struct sender_catalogue *catalogue,
                 history_fn *fn, void *user, struct err *e);

/* How a domain asks for alignment: adkim and aspf (RFC 9989 4.7), each relaxed or strict. */
#define ALIGNMENT_MODES 4
static inline unsigned alignment_mode(bool strict_dkim, bool strict_spf) {
  return (unsigned)strict_dkim | (unsigned)strict_spf << 1;
}
/* For a second reading of the same records during that call: what decides, of a pattern, to which stream its records
 * belong. `walked` is alignment_walked of its report. */
struct stream_mark {
  struct interned header_from;
  enum stream_kind kinds[ALIGNMENT_MODES]; /* under each of them */
};
struct stream_mark history_mark(const struct history *h, const struct feedback_record *pattern, const char *walked);
/* The source of a record, as history_stream_of wants it; absent if no record of the history has it. */
struct interned history_source(const struct history *h, const struct ip_addr *ip, const char *text);
/* The stream of a record: `source` from history_source, `mark` from history_mark, `mode` the alignment_mode of its
 * report. NULL: the history has no such record. */
const struct stream *history_stream_of(const struct history *h, struct interned source, const struct stream_mark *mark,
                                       unsigned mode);

struct labels {
  struct label *items;
  uint32_t count, capacity;
  struct arena *arena;
};

/* Does a label that holds for the stream name an owner? Any: the narrowest says whose mail it is, but who answers
 * for a network answers for its addresses. */
bool stream_has_owner(const struct labels *labels, const struct history *h, const struct stream *s, int64_t as_of_s);

/* Gives each stream its class and the reason for it. The window is from `window_begin_day` to `newest_day`. */
void classify(struct history *h, const struct labels *labels, const struct thresholds *t, int64_t as_of_s,
              int32_t newest_day, int32_t window_begin_day);

#endif

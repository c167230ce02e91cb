/* SPDX-License-Identifier: Apache-2.0 */
/* What is judged is a stream: one source, one way its mail authenticates. At a shared service your mail carries your
 * signature, another customer's abuse carries none: the source alone says nothing. */
#ifndef VERDICT_STREAM_H
#define VERDICT_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hashmap.h"
#include "base/ip.h"
#include "base/mem.h"
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

/* From none to the strongest. */
enum stream_habit {
  HABIT_NONE,
  HABIT_NEW,    /* there since the last days, and not gone: too young for one */
  HABIT_RUNS,   /* comes back after silence with as much: a newsletter, invoices */
  HABIT_STEADY, /* day after day */
};

/* Why own mail fails. */
enum failure_cause {
  CAUSE_NONE,          /* it does not */
  CAUSE_KEY,           /* the key: it cannot be read, or nothing that it signed on these days verifies */
  CAUSE_IN_TRANSIT,    /* other mail with the key verifies on the same days: this one was changed behind the signer */
  CAUSE_UNSIGNED,      /* nothing of the owner's is on it */
  CAUSE_MISALIGNED,    /* what passes is not aligned */
  CAUSE_RECEIVER_ONLY, /* one receiver fails it, on days on which the others pass it */
  CAUSE_MIXED,
};
#define FAILURE_CAUSES 7
/* That of four fifths of what fails; CAUSE_MIXED where none is, CAUSE_NONE where nothing fails. */
enum failure_cause main_cause(const int64_t failing[FAILURE_CAUSES]);
const char *failure_cause_word(enum failure_cause c); /* "key", "in_transit", ...; NULL for CAUSE_NONE */

/* One day of a stream; days since 1970-01-01 UTC. */
struct stream_day {
  int32_t day;
  bool is_vague; /* some of it is told by reports of several days: the day is that in their middle */
  int64_t messages, passed;
  int64_t saved;        /* passed by SPF alone, though the owner's signature is there and fails */
  int64_t unchecked;    /* failed, because the receiver's DNS did not answer for an identity that would align */
  int64_t contradicted; /* failed, though by the receiver's own results they pass */
  int64_t by_receiver;  /* failed by the one receiver that fails some of what all others pass: see one_receiver.c */
};

/* A signature of the owner's as reporters name it: "example.com/s1"; the selector may be unknown: "example.com/?". */
struct selector_use {
  uint32_t selector; /* index in the history's selectors */
  int64_t passed, failed;
  int32_t first_day; /* on which it passed; INT32_MAX: on none */
};

struct stream {
  /* what it is */
  struct ip_addr ip;
  struct interned source;      /* text of the address, or as it came; "" where the record names none */
  struct interned header_from; /* absent where unknown */
  enum stream_kind kind;
  /* what was seen, over the whole history */
  int64_t messages, passed, unevaluated;
  int64_t spf_passed, spf_failed; /* of the owner's SPF; failed: it says that the mail is not, or hardly, the owner's */
  int64_t spf_refused;            /* the result "fail": what a published -all says of strangers */
  int64_t spf_silent;             /* it was asked, and says nothing of the sender: no record, neutral, an error */
  int64_t forwarded;              /* with a reason that tells of a forwarder */
  int64_t dkim_passed;            /* aligned DKIM, as evaluated */
  int64_t permerrors;             /* of the owner's signatures: a key that cannot be read */
  int64_t unproven;               /* passes as evaluated, by results that were cut */
  struct stream_day *days;        /* none where only reports without a period tell of it */
  uint32_t day_count, day_capacity;
  struct selector_use *selectors;
  uint32_t selector_count, selector_capacity;
  /* who is behind it */
  const struct sender_service *service; /* NULL: not in the catalogue */
  struct interned identity;             /* foreign domain that passed */
  const char *evidence; /* "DKIM d=amazonses.com", "SPF ...", "PTR ...", "AS64500 ...", "network 192.0.2.0/24" */
  bool identity_signs;  /* by DKIM: whoever bears it has its key */
  int64_t identity_messages;
  struct origin origin; /* what its address tells; empty where nothing was looked up */
  struct interned site; /* service, or network: what counts as one source */
  /* the judgement */
  enum stream_class class;
  const char *because;
  const struct label *label; /* the owner's word, where there is one */
  bool gives_way;            /* a label on its network, service or domain takes it: unauthorised, or ignore */
  enum stream_habit habit;   /* of mail where nothing of the owner's passes */
  bool wanders;              /* by that habit it is one of many addresses of a sender who changes them */
  bool met_again;            /* the same: on some days that lie apart, which is less than a habit */
  bool dormant;
  bool was_mended;                    /* what failed of it before the last month is over: its sender was repaired */
  enum failure_cause cause;           /* of what fails of own mail in the window */
  enum failure_cause signature_cause; /* why its signature fails, also where SPF lets it pass: CAUSE_KEY or
                                         CAUSE_IN_TRANSIT; CAUSE_NONE: it does not */
  const char *only_at;                /* the receiver that alone fails mail of its site; NULL: none */
  bool is_excused;                    /* it fails little enough of it for that to be its own doing */
  /* inside the window (or, for a dormant stream, its last run) */
  int64_t window_messages, window_passed;
  int64_t window_unchecked, window_contradicted; /* of what does not pass: see struct stream_day */
  int64_t window_by_receiver;                    /* the same; in the failing mail all the same */
};

/* What of a stream's window the receivers could judge: a temperror neither passes nor fails (RFC 9989 5.3.6), and a
 * fail against the receiver's own results says nothing of the sender. */
static inline int64_t stream_judged(const struct stream *s) {
  return s->window_messages - s->window_unchecked - s->window_contradicted;
}
static inline int64_t stream_failing(const struct stream *s) { return stream_judged(s) - s->window_passed; }

/* The owner's mail as the classes have it, working or broken. */
static inline bool stream_is_own(const struct stream *s) {
  return s->class == CLASS_OWN || s->class == CLASS_OWN_BROKEN || s->class == CLASS_LEGITIMATE;
}

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

/* A record as it was added up: what is needed to add up again without some of the reports. */
struct seen_record {
  int64_t count;
  uint32_t cell; /* number of it, see history_cell */
};

struct history {
  const char *domain;  /* "" for mail whose reports name none: no history, handed over for its tallies alone */
  struct arena *arena; /* every text and list below */
  struct stream *streams;
  struct tally *tallies; /* of each stream, its mail that a question asks for; NULL where nobody asks */
  uint32_t stream_count, stream_capacity;
  struct seen_report *reports; /* by begin */
  uint32_t report_count, report_capacity;
  struct seen_record *records; /* by their reports; those of a part are the whole's */
  size_t record_count, record_capacity;
  uint32_t proven_reports;  /* with mail */
  uint32_t undated_reports; /* whose period could not be read: of no day, and left out */
  int64_t undated_messages;
  struct seen_policy *policies;
  uint32_t policy_count, policy_capacity;
  const char **reporters;
  int64_t *contradicted; /* of each of them, messages whose evaluation its own results contradict; NULL: none do */
  uint32_t reporter_count, reporter_capacity, contradicted_capacity;
  const char **selectors;
  uint32_t selector_count, selector_capacity;
  struct cell *part_cells; /* of a part: instead of cell_index */
  struct hashmap stream_index, cell_index, policy_index, reporter_index, selector_index, text_index;
  struct organization_cache *organizations; /* of the reading */
};

/* Where the mail of some reports proves their reporter, nothing good rests on those that anybody may have sent. What
 * the owner trusts is as good as proven; of a file nothing is said. */
static inline bool history_doubts(const struct history *h, const struct seen_report *r) {
  bool is_doubtful = r->provenance == PROVENANCE_UNPROVEN || r->provenance == PROVENANCE_CONTRADICTED;
  return is_doubtful && !r->trusted && h->proven_reports;
}

/* The same history as if the reports that `left_out` marks (one flag for each of `h`) had never come: streams, days and
 * reporters that only they tell of are not there. Texts are shared: nothing may be asked of `h` until history_rejoin
 * has given them back and freed what is left of the part. A part can be parted. */
void history_part(struct history *h, const bool *left_out, struct history *ret);
void history_rejoin(struct history *h, struct history *part);
/* The stream that a record was added to, and whether its mail passes. */
const struct stream *history_record_stream(const struct history *h, size_t record, bool *ret_passes);
/* Does it fail for what the receiver saw of it? Neither unchecked nor contradicted: see struct stream_day. */
bool history_record_fails(const struct history *h, size_t record);
/* All records of one source and one pattern; `number` as struct seen_record has it, below history_cell_count. Of a
 * part those alone that its records name. */
struct seen_cell {
  const struct stream *stream;
  const uint32_t *selectors;   /* own signatures, numbered in the history's selectors, ... */
  const bool *selector_passed; /* ... and whether each of them verifies */
  uint32_t selector_count;
};
uint32_t history_cell_count(const struct history *h);
struct seen_cell history_cell(const struct history *h, uint32_t number);

/* Which histories, and what of them. Whose a stream is rests on all its mail: filters narrow what is counted, never the
 * history. */
struct history_wish {
  const struct report_filter *filter;  /* of its domain and policy_domain the histories, in whole */
  const struct report_filter *counted; /* mail that the tallies count; NULL: none, and no tallies */
  int64_t before_s;                    /* reports that begin from then on are not looked at */
  const struct report_words *words;    /* what is distrusted is in no history; NULL: nothing was said */
  const struct carriers *carriers;     /* NULL: nothing was learned */
};
/* Reads each policy domain's history and hands it over, one after the other; it is gone afterwards. */
typedef int history_fn(void *user, struct history *h, struct err *e);
int history_each(struct store *s, const struct history_wish *wish, const struct sender_catalogue *catalogue,
                 history_fn *fn, void *user, struct err *e);
/* How a domain asks for alignment: adkim and aspf, each relaxed or strict. */
#define ALIGNMENT_MODES 4
static inline unsigned alignment_mode(bool strict_dkim, bool strict_spf) {
  return (unsigned)strict_dkim | (unsigned)strict_spf << 1;
}
/* During that call, whose mail is another reading of the same records? What of a pattern decides its stream; `walked`:
 * alignment_walked of its report. */
struct stream_mark {
  struct interned header_from;
  enum stream_kind kinds[ALIGNMENT_MODES]; /* under each of them */
};
struct stream_mark history_mark(const struct history *h, const struct feedback_record *pattern, const char *walked);
/* A source by which it is told from others; absent: it was not read. */
struct interned history_source(const struct history *h, const struct ip_addr *ip, const char *text);
/* The stream of a record; `source` of history_source, `mode` the alignment_mode of its report. NULL: no such record was
 * read. */
const struct stream *history_stream_of(const struct history *h, struct interned source, const struct stream_mark *mark,
                                       unsigned mode);

struct labels {
  struct label *items;
  uint32_t count, capacity;
  struct arena *arena;
};

/* Gives each stream its class and the reason for it. `newest_day`: the end of the window. */
void classify(struct history *h, const struct labels *labels, const struct thresholds *t, int64_t as_of_s,
              int32_t newest_day, int32_t window_begin_day);

#endif

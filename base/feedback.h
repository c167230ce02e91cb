/* SPDX-License-Identifier: Apache-2.0 */
/* An aggregate report, in the types that the whole program shares: those of RFC 7489 Appendix C and RFC 9990.
 *
 * Texts are UTF-8, trimmed and NUL-terminated; NULL means absent or empty. They live in the arena of whoever made the
 * object. Domains are spelled as domain_spell does. Words of a fixed vocabulary are the RFC's own, in lower case.
 */
#ifndef BASE_FEEDBACK_H
#define BASE_FEEDBACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ip.h"
#include "base/mem.h"
#include "base/utc.h"
#include "base/word.h"

/* What kind of report a document is. Stored: a number is never used for anything else. */
enum report_kind {
  REPORT_NONE = 0,      /* it is none, or could not be read */
  REPORT_AGGREGATE = 1, /* RFC 7489 Appendix C, RFC 9990 */
};

enum auth_method { AUTH_DKIM, AUTH_SPF };

/* One <dkim> or <spf> of <auth_results>. */
struct auth_result {
  enum auth_method method;
  const char *domain;   /* d= of the signature, or the domain SPF checked */
  const char *selector; /* DKIM only */
  const char *scope;    /* SPF only: mfrom or helo */
  struct word result;
  const char *human_result;
};

/* <reason>: why the receiver did something else than the policy asks for. */
struct override_reason {
  const char *type; /* the RFC's words, or the reporter's own */
  const char *comment;
};

/* How close the best passing identifier of a mechanism comes to header_from. Kept instead of a yes or no, so that what
 * would be under another adkim or aspf can be told without the results. */
enum alignment {
  ALIGNMENT_UNKNOWN = 0, /* the report does not say enough */
  ALIGNMENT_NONE = 1,    /* nothing passes, or what passes is another organization's */
  ALIGNMENT_RELAXED = 2, /* same organizational domain (RFC 7489 3.1, RFC 9989 4.4) */
  ALIGNMENT_STRICT = 3,  /* same domain */
};

/* What was odd in a record; bits of feedback_record.flags. */
enum {
  RECORD_COUNT_UNREADABLE = 1 << 0,  /* count missing or no number: count is -1 */
  RECORD_SOURCE_UNREADABLE = 1 << 1, /* source_ip is no address: see source_text */
  RECORD_HEADER_FROM_ODD = 1 << 2,   /* missing, or no plain domain ("a, b", a local part) */
  RECORD_ROW_REPEATED = 1 << 3,      /* several <row> or <auth_results>: first row, all results */
  RECORD_NOT_EVALUATED = 1 << 4,     /* no policy_evaluated, or without dkim or spf */
  RECORD_TEXT_CUT = 1 << 5,          /* a text, or the list of reasons, was longer than its limit */
  RECORD_UNFINISHED = 1 << 6,        /* the document broke inside this record */
  RECORD_DKIM_CUT = 1 << 7,          /* DKIM results are missing: too many or too long to be kept, or lost in damage */
  RECORD_SPF_CUT = 1 << 8,           /* the same for SPF */
};

#define FEEDBACK_COUNT_UNKNOWN (-1)

struct feedback_record {
  struct ip_addr source_ip;
  const char *source_text; /* as it came, where it is no address; else NULL */
  int64_t count;           /* messages, or FEEDBACK_COUNT_UNKNOWN */
  struct word disposition; /* none, quarantine, reject, pass */
  struct word dkim, spf;   /* as the receiver evaluated them, alignment included: pass, fail or absent */
  const char *header_from, *envelope_from, *envelope_to; /* envelope_from "": the null reverse-path, of a bounce */
  struct override_reason *reasons;
  struct auth_result *results; /* DKIM first, then SPF, each in document order */
  uint32_t reason_count, result_count;
  enum alignment dkim_alignment, spf_alignment; /* ours, recomputed (alignment.h) */
  uint32_t flags;
  const char *spelled; /* feedback_spell_pattern's, with NULs in it; NULL: not made */
  uint32_t spelled_bytes;
};

/* Appends the pattern of a record as one key: what many records share, everything but source, count and envelope_to.
 * Two records have the same key if and only if they have the same pattern: each text ends with its NUL, which none
 * contains. The parser makes it once, for the digest and for the store. */
void feedback_spell_pattern(struct strbuf *out, const struct feedback_record *record);

#define FEEDBACK_TIME_UNKNOWN INT64_MIN

/* What was odd in a document; bits of feedback_header.flags. */
enum {
  FEEDBACK_DAMAGED = 1 << 0,           /* not well-formed, cut off, or not fully readable: some of it may be missing */
  FEEDBACK_TEXT_REPLACED = 1 << 1,     /* invalid bytes or control characters were replaced by U+FFFD */
  FEEDBACK_PERIOD_UNREADABLE = 1 << 2, /* begin or end missing or no time */
  FEEDBACK_PERIOD_EMPTY = 1 << 3,      /* begin = end */
  FEEDBACK_PERIOD_LONG = 1 << 4,       /* more than 24 hours and a minute */
  FEEDBACK_PERIOD_REVERSED = 1 << 5,   /* end before begin */
  FEEDBACK_PERIOD_FUTURE = 1 << 6,     /* ends more than 2 days after it was imported */
  FEEDBACK_NO_RECORDS = 1 << 7,
  FEEDBACK_ORG_MISSING = 1 << 8,     /* org_name was empty: taken from email or a file name, if either tells it */
  FEEDBACK_RECORD_FLAGGED = 1 << 9,  /* at least one record has flags */
  FEEDBACK_PERIOD_DERIVED = 1 << 10, /* begin or end could not be read: both come from the file name */
  FEEDBACK_RESULTS_CUT = 1 << 11,    /* at least one record lacks results */
  FEEDBACK_FOREIGN = 1 << 12,        /* it has elements of other namespaces outside <extension>: ignored */
};

/* Elements of a namespace that is not the report's own, outside <extension>. They are ignored (RFC 9990 3.2). */
struct foreign_namespace {
  const char *uri;
  uint64_t elements;
};

/* What the mail that brought a report proves of its reporter (base/provenance.h). Stored, like report_kind. */
enum provenance {
  PROVENANCE_NOT_JUDGED = 0,   /* it came as a file, or no trusted server says anything about its mail */
  PROVENANCE_PROVEN = 1,       /* authenticated mail from the reporter */
  PROVENANCE_UNPROVEN = 2,     /* its mail does not show that the reporter sent it */
  PROVENANCE_CONTRADICTED = 3, /* its mail fails DMARC, or its sender or file name is another receiver's */
};

#define FEEDBACK_DIGEST_BYTES 16

/* <report_metadata> and <policy_published>. */
struct feedback_header {
  const char *schema; /* namespace of the root element as it came, or NULL */
  const char *version;
  const char *org_name, *email, *extra_contact_info, *report_id, *generator;
  const char **errors;
  uint32_t error_count;
  int64_t begin_s, end_s; /* Unix seconds UTC, or FEEDBACK_TIME_UNKNOWN */
  const char *policy_domain;
  const char *p, *sp, *np;  /* none, quarantine, reject */
  const char *adkim, *aspf; /* r, s */
  const char *pct, *fo, *testing, *discovery_method;
  struct foreign_namespace *foreign; /* in the order of the document; in no digest */
  uint32_t foreign_count;
  uint32_t flags;
  /* Digest of what it says, whatever its report_id, its period and the order of its records (digest_content); zeros:
   * not known */
  uint8_t content[FEEDBACK_DIGEST_BYTES];
  /* Of the mail that brought it; in no digest. NULL: not known */
  enum provenance provenance;
  const char *carrier;   /* its From: domain, where that was authenticated */
  const char *submitter; /* the receiver in the name of its file (RFC 9990 4.2) */
};

/* The longest period that still counts as one day: a day, and a minute for clocks that are off. */
#define FEEDBACK_LONGEST_DAY_S (UTC_DAY_S + 60)

/* Sets the flags that follow from begin and end: all FEEDBACK_PERIOD_... but FUTURE and DERIVED. */
void feedback_flag_period(struct feedback_header *h);

/* What flags say, as one phrase for people: "count unreadable, source unreadable"; "" if none is set. Writes at most
 * `size` bytes, NUL included; returns `buffer`. */
const char *feedback_flags_text(uint32_t header_flags, char *buffer, unsigned size);
const char *record_flags_text(uint32_t record_flags, char *buffer, unsigned size);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the verb `findings` tells, called concerns here, where a finding is a source that keeps a gate from holding
 * (verdict/judge.h): what of a domain is wrong, new, or needs somebody on the day of asking, each known by an identity
 * as long as it lasts.
 *
 * A concern is derived from the stored reports and nothing else: no run of the program leaves anything behind, so any
 * day can be asked about at any time, and two that ask hear the same. Only what people say of one is stored
 * (local/acknowledgements.h). */
#ifndef ANALYSIS_CONCERNS_H
#define ANALYSIS_CONCERNS_H

#include "analysis/diff.h"
#include "local/acknowledgements.h"

/* How much it matters: mail is lost or misused now; it will be, or somebody must look; something to know. */
enum concern_severity { CONCERN_CRITICAL, CONCERN_WARNING, CONCERN_NOTICE };
#define CONCERN_SEVERITIES 3
const char *concern_severity_word(enum concern_severity s); /* "critical", "warning", "notice" */

/* What sort of thing it is. A question is one that the owner alone can answer: to call it anything else would be to
 * answer for him. Noise comes from those who report, not from mail. */
enum concern_class { CONCERN_INCIDENT, CONCERN_MISCONFIGURATION, CONCERN_CHANGE, CONCERN_QUESTION, CONCERN_NOISE };
#define CONCERN_CLASSES 5
const char *concern_class_word(enum concern_class c); /* "incident", "misconfiguration", "change", ... */

/* All there are, in the order in which those of one severity are told. The word is stored in identities, for years: it
 * never changes, and is never given anew. KIND(kind, word, title, severity, class, is_moment): the severity may be
 * another where the concern says so; what is of a moment is told for some days, all else while it lasts. */
/* clang-format off */
#define EACH_CONCERN_KIND(KIND) \
  KIND(REPLAY,          "replay_suspected", "replay suspected",       CRITICAL, INCIDENT,         false) \
  KIND(OWN_BROKEN,      "own_broken",       "own mail fails",         WARNING,  MISCONFIGURATION, false) \
  KIND(DKIM_BROKEN,     "dkim_broken",      "signature fails",        WARNING,  MISCONFIGURATION, false) \
  KIND(FORGED_REPORT,   "forged_report",    "report doubted",         WARNING,  INCIDENT,         false) \
  KIND(SURGE,           "surge",            "surge",                  WARNING,  INCIDENT,         false) \
  KIND(CEASED,          "ceased",           "sender ceased",          WARNING,  CHANGE,           true)  \
  KIND(UNKNOWN_SENDER,  "unknown_sender",   "unknown sender",         NOTICE,   QUESTION,         false) \
  KIND(IMPORT_FAILING,  "import_failing",   "import fails",           WARNING,  MISCONFIGURATION, false) \
  KIND(NOTIFY_FAILING,  "notify_failing",   "notices fail",           WARNING,  MISCONFIGURATION, false) \
  KIND(REPORTS_STALE,   "reports_stale",    "no reports come",        WARNING,  MISCONFIGURATION, false) \
  KIND(SPF_ALONE,       "spf_alone",        "rests on SPF alone",     NOTICE,   MISCONFIGURATION, false) \
  KIND(FORWARDED_FAILS, "forwarded_fails",  "forwarding breaks mail", NOTICE,   QUESTION,         false) \
  KIND(UNCHECKED,       "unchecked",        "could not be checked",   NOTICE,   NOISE,            false) \
  KIND(EXPECTED_VOLUME, "expected_volume",  "mail is not as expected", NOTICE,  CHANGE,           false) \
  KIND(REVIEW_DUE,      "review_due",       "label to be reviewed",   NOTICE,   QUESTION,         false) \
  KIND(NEW_FROM,        "new_from_domain",  "new name in From:",      NOTICE,   CHANGE,           true)  \
  KIND(NEW_SENDER,      "new_sender",       "new sender",             NOTICE,   CHANGE,           true)  \
  KIND(POLICY_CHANGED,  "policy_changed",   "policy changed",         NOTICE,   CHANGE,           true)  \
  KIND(VERDICT_CHANGED, "verdict_changed",  "verdict changed",        NOTICE,   CHANGE,           true)  \
  KIND(REPORTER_SILENT, "reporter_silent",  "reporter silent",        NOTICE,   NOISE,            true)
/* clang-format on */
#define CONCERN_KIND_NAME(NAME, WORD, TITLE, SEVERITY, CLASS, IS_MOMENT) CONCERN_##NAME,
enum concern_kind { EACH_CONCERN_KIND(CONCERN_KIND_NAME) CONCERN_KINDS };

struct concern_kind_facts {
  const char *word;  /* for programs: "own_broken" */
  const char *title; /* for people: "own mail fails" */
  enum concern_severity severity;
  enum concern_class class;
  bool is_moment;
};
const struct concern_kind_facts *concern_kind_facts(enum concern_kind kind);
enum concern_kind concern_kind_of(const char *word); /* CONCERN_KINDS: a newer program's */

enum concern_state {
  CONCERN_NEW,  /* told first within the last days */
  CONCERN_OPEN, /* since longer */
  CONCERN_ACKNOWLEDGED,
  CONCERN_GONE, /* clean days have followed */
  CONCERN_TOLD, /* a change that somebody is told of: it has happened, and waits for nobody. Of notices alone */
};
#define CONCERN_STATES 5
const char *concern_state_word(enum concern_state s); /* "new", "open", "acknowledged", "gone", "told" */
/* Does it wait for somebody? */
static inline bool concern_is_due(enum concern_state s) { return s == CONCERN_NEW || s == CONCERN_OPEN; }

/* By what it is known: of its kind, its domain ("" where it is of none) and its subject. Stored. */
struct identity concern_identity(enum concern_kind kind, const char *domain, const char *subject);

/* A part of the evidence that began later than the rest: another machine of a network, another name or key. */
struct joined_part {
  int32_t first_day;  /* 0: there is none */
  int32_t found_day;  /* on which that could first be told */
  const char *source; /* an address of it; "": unknown */
};

/* Days are UTC days since 1970-01-01. Texts live as long as what it was found in. */
struct concern {
  struct identity identity;
  enum concern_kind kind;
  enum concern_severity severity; /* of its kind, or graver by one: */
  bool is_graver;
  enum concern_state state;
  const char *domain;          /* "": of none */
  const char *subject;         /* a source (service, network, foreign domain), selector, name, reporter, account,
                                * section of the configuration */
  const char *source;          /* an address of it; NULL: none */
  int32_t first_day, last_day; /* of the evidence */
  int32_t found_day;           /* on which it could first be told */
  int32_t gone_day;            /* on which it could first be called gone; INT32_MAX: it cannot */
  int64_t messages;            /* that are the evidence: failing, unknown, too many; 0: it is not about mail */
  int64_t of_messages;         /* of the same subject on the same days; 0: `messages` are all */
  int64_t own_messages;        /* of the domain on the same days; 0: unknown */
  struct joined_part joined;   /* the last of its parts to begin */
  bool is_anew;                /* it was acknowledged before that part began: so it is told anew */
  const struct acknowledgement *acknowledgement; /* where it is acknowledged; else NULL */
  /* What else its words are made of; what a kind has no use for is NULL or zero. */
  const struct finding *finding; /* of the judgement, about the same source */
  const struct fall *fall;       /* of own mail that fails: since when, and what changed then */
  enum failure_cause cause;      /* of own mail */
  const struct incident *incident;
  const struct diff_change *change; /* of policy or verdict */
  const struct suspect *suspect;    /* the doubtful report of most messages; NULL: contradicted by who brought it */
  const char *record;               /* to be published next, where the verdict says so */
  const char *error;                /* of an import, of a notice */
  const struct label *label;        /* of the owner's, that time has overtaken */
  int64_t came;                     /* messages of it, on the last of these days and so many days with reports ... */
  uint32_t came_days;               /* ... before it, with it */
  double expected;                  /* messages that were expected then */
};
/* Messages of the evidence on an average day of it. */
double concern_per_day(const struct concern *c);

/* What is to be done first comes first; for qsort. */
int concern_compare(const void *a, const void *b);

#define MOST_CONCERNS 100 /* of a domain: the first ones */

/* One judged domain, with or without concerns. Everything lives during the call. */
struct concerned_domain {
  const char *domain;
  const struct judgement *judgement; /* NULL: of this machine */
  const struct concern *concerns;    /* the first to do first */
  unsigned count, left_out;
};
typedef int concerns_fn(void *user, const struct concerned_domain *d, struct err *e);

/* Judges each domain of the inquiry, once for all kinds and once more as of some days before, and hands over what there
 * is to tell; the time of asking is the basis'. Errors are those of judge_each. `a` may be NULL. */
int concerns_each(const struct inquiry *q, const struct acknowledgements *a, concerns_fn *fn, void *user,
                  struct err *e);
/* The same of one that is at hand, within judge_each_parting. */
int concerns_of(const struct judgement_basis *basis, const struct acknowledgements *a, struct history *h,
                const struct judgement *j, concerns_fn *fn, void *user, struct err *e);
/* The same of this machine: the mail accounts that reports are fetched from, and the ways by which findings are sent.
 * One call, with the domain "". What they came to is known of the last run alone, so nothing is told of a time before
 * it. */
int concerns_of_machine(const struct inquiry *q, const struct acknowledgements *a, concerns_fn *fn, void *user,
                        struct err *e);

/* Where no domain that is asked about has reports any more (CONCERN_REPORTS_STALE of each), that is one concern and not
 * one a domain: of no domain, and since the last of them was heard of, which `last` is about. */
struct concern concern_of_silence(const struct inquiry *q, const struct acknowledgements *a,
                                  const struct concern *last);

#endif

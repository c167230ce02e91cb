/* SPDX-License-Identifier: Apache-2.0 */
/* May the policy move? From classified streams to gates, and from gates to one verdict with its reasons. */
#ifndef VERDICT_JUDGE_H
#define VERDICT_JUDGE_H

#include "base/policy.h"
#include "verdict/stream.h"

struct published; /* dns/published.h: carried along, never looked into here */
struct fall;      /* analysis/fall.h: likewise */

/* In the order in which they are looked at. */
enum verdict {
  VERDICT_STALE,             /* the newest report is too old to say anything about today */
  VERDICT_REGRESSION,        /* under enforcement, and own mail passes less than it did */
  VERDICT_NOT_READY,         /* own mail fails, and there is evidence that it is the owner's */
  VERDICT_NEEDS_DECISION,    /* only the owner's answer is missing */
  VERDICT_INSUFFICIENT_DATA, /* what there is looks good, but is too little */
  VERDICT_READY,
  VERDICT_AT_TARGET,
};
#define VERDICTS 7
const char *verdict_word(enum verdict v); /* "STALE", "NOT_READY", ... */

enum gate_state {
  GATE_PASS,
  GATE_WARN,
  GATE_FAIL,
  GATE_NOT_JUDGED, /* there is no figure to compare with the limit: it is NAN */
};
const char *gate_state_word(enum gate_state s); /* "pass", "warn", "FAIL", "not judged" */

enum gate_name {
  GATE_POLICY_AGE,
  GATE_DATA_DAYS,
  GATE_REPORT_AGE,
  GATE_REPORTERS,
  GATE_TOP_REPORTER,
  GATE_OWN_LOWER,
  GATE_OWN_SOURCE,
  GATE_CONTRADICTED,
  GATE_UNDECIDED_ALL,
  GATE_UNDECIDED_ONE,
  GATE_NEW_SOURCE,
  GATE_NEW_STRANGER,
  GATE_STOPPED,
  GATE_DROP,
  GATE_DKIM,
  GATE_FORWARDED,
  GATE_ROBUST, /* of judge_robustly alone */
  GATES
};

struct gate {
  const char *name;  /* for programs: "policy_age" */
  const char *title; /* for people */
  double figure, limit;
  bool at_most;     /* the figure must not exceed the limit; else not fall below it */
  const char *unit; /* "days", "reporters", "%", "points" */
  enum gate_state state;
};

/* Which part of a source a finding is about. */
enum finding_part { PART_WHOLE, PART_ADDRESS, PART_FROM, PART_KEY };

/* A source that the owner must know about, and what to do about it. */
struct finding {
  const char *source;  /* site: a service's addresses or a network */
  const char *example; /* one address of it */
  const char *service; /* NULL: not in the catalogue */
  const char *evidence;
  enum stream_class class;
  enum failure_cause cause; /* of own mail; CAUSE_NONE of other mail, and of own mail that passes by SPF alone */
  const char *because;
  const char *header_from; /* of most of the messages; NULL: unknown */
  const char *selector;    /* "example.com/s1": the owner's, that fails on most of them; NULL: none does */
  enum finding_part part;  /* of own mail that blocks nothing; else PART_WHOLE */
  int64_t of_messages;     /* of a part: all that it has in the window; else 0 */
  bool passes;             /* the messages do: by SPF alone */
  int64_t messages; /* what counts against the gate: failing, or by SPF alone; in the window, or in a dormant one's last
                       run */
  const char *repair;
  bool is_of_all;    /* it speaks for mail of every class */
  const char *label; /* the source that `label` is advised to name; NULL: no label is advised */
  enum label_subject label_subject;
  enum label_verdict label_verdict;
  bool may_be_passed_on; /* the label `forwarder` may be the answer too */
  /* of complete_judgement, which adds the labels to the repair: */
  int32_t first_day,
      last_day;     /* on which the source sent such mail, over the whole history; INT32_MAX, INT32_MIN: none */
  int32_t over_day; /* from which on it no longer counts, as its sender was repaired; 0: nothing tells so */
  const char *report, *reporter; /* that alone tells of most of it, heard on one day; NULL: there is none such */
  int64_t report_messages;       /* of the finding's */
  /* of find_hit_partners, of blockers alone: the domain of recipients with most of such mail in the window */
  const char *partner; /* NULL: nobody tells, or nobody asked */
  int64_t partner_messages;
  double partner_per_week;
  /* since when it fails and what changed then, set by `explain` of the basis; NULL: nobody knows, or nobody asked */
  const struct fall *fall;
  int64_t label_touches, label_leaves; /* stored messages that it would strike, and of the owner's that would stay */
};
/* What people know its source by. */
static inline const char *finding_name(const struct finding *f) { return f->service ? f->service : f->source; }
/* Largest first; `left_out` are more than that. In the history's arena: most judgements have hardly any. */
#define MOST_FINDINGS 50 /* nobody repairs more at once; the list of streams has all */
struct findings {
  struct finding *items;
  unsigned count, capacity;
  uint64_t left_out;
};

/* A source of suspicious mail in the window. */
struct stranger {
  const char *source, *example; /* as of a finding, like the next three */
  const char *service, *evidence, *because;
  int64_t messages;
  unsigned days; /* on which it was seen */
  int32_t first_day, last_day;
};
/* The largest ones: whoever moves the policy on should have seen them. */
#define MOST_STRANGERS 5
struct strangers {
  struct stranger items[MOST_STRANGERS];
  unsigned count, left_out;
};

/* What one reporter says of one day, if it is far more than it usually reports and no other reporter saw it. */
struct suspect {
  const char *reporter;
  int64_t day_s, messages;
  char report[IDENTITY_ID_DIGITS + 1]; /* the largest of that day that is not trusted, by which the owner decides */
  /* how many times what it reports on an ordinary day; if it is heard on few days, what all others report then */
  double times;
  bool is_fleeting; /* heard on few days */
};

#define MOST_SUSPECTS 20 /* that are named; the others are left out of the figures as well */

/* Which From: domains a judgement is on (RFC 9989 4.7): p governs the policy domain, and what is below it unless an sp
 * of its own is published. */
enum scope { SCOPE_WHOLE, SCOPE_DOMAIN, SCOPE_BELOW };

/* Reports that are left out for one reason, and their messages. */
struct left_out {
  uint32_t reports;
  int64_t messages;
};

/* Reporters whose policy_evaluated is contradicted by their own auth_results, those with most such mail first. Whoever
 * reads their figures must know. */
#define MOST_CONTRADICTING 5
struct contradicting_reporters {
  struct {
    const char *name; /* "" where its reports name none */
    int64_t contradicted, messages;
  } items[MOST_CONTRADICTING];
  unsigned count;
};

/* Reporters that steadily report another published policy than most do, those with most mail first. */
#define MOST_DISSENTING 5
struct dissenting_reporters {
  struct {
    const char *name; /* "" where its reports name none */
    enum policy p;    /* that it tells of */
    unsigned days;    /* on which it does, ... */
    int64_t messages; /* ... and of how much mail */
  } items[MOST_DISSENTING];
  unsigned count, left_out;
};

/* Subdomains under the policy that the judgement is on whose mail fails, own mail or mail that may be, largest first.
 */
#define MOST_FAILING_BELOW 5
struct failing_below {
  const char *name;
  int64_t own, undecided; /* messages that fail; undecided: of strangers too who are too new for a habit */
};
struct failing_subdomains {
  struct failing_below items[MOST_FAILING_BELOW];
  unsigned count, left_out;
};

/* The largest part of own mail that has stopped. */
struct stopped {
  double part;        /* of own mail; 0: nothing has */
  const char *source; /* NULL: all of it */
  int32_t since_day;
  int64_t usual;   /* messages since then, had it gone on */
  int64_t came;    /* that came all the same */
  int64_t strange; /* messages of strangers since then, above what was usual; 0: none to speak of */
};

/* Those with most mail whose last report is too old, where the verdict is STALE. */
#define MOST_SILENT 5
struct silent_reporters {
  struct {
    const char *name; /* "" where its reports name none */
    int64_t last_s;   /* end of its last report */
    int64_t messages; /* that it told of before */
  } items[MOST_SILENT];
  unsigned count, left_out;
};

/* Own mail of the window that has one cause. */
struct cause_sum {
  int64_t messages;            /* that fail; of CAUSE_RECEIVER_DNS that could not be checked */
  unsigned sources;            /* sites that have such mail */
  int32_t first_day, last_day; /* on which it was seen, in the window; 0: on none that is known */
  const char *largest;         /* service, foreign domain or network of the stream with most of it */
  int64_t of_largest;
};

/* Where the trouble with the DNS was, by which reporters tell of own mail that they could not check. */
struct dns_trouble {
  unsigned reporters;   /* that tell of such mail in the window */
  unsigned days;        /* on which it was, ... */
  unsigned shared_days; /* ... of these, on which two reporters had it or more */
  const char *reporter; /* who had most of it; "" where its reports name none */
};

struct judgement {
  const char *domain;
  enum scope scope;
  enum verdict verdict;
  const char *reason;
  int32_t days_to_go; /* INSUFFICIENT_DATA: until the gates hold at this rate; 0: time alone does not do it */
  struct silent_reporters silent; /* STALE: whose silence it is */
  struct seen_policy policy;      /* the weaker one, where reporters disagree */
  struct dissenting_reporters dissenting;
  int64_t policy_since_s;
  enum policy target;                   /* the owner's; POLICY_UNKNOWN: he has said nothing, and it is p=reject */
  enum policy current, next;            /* next: POLICY_UNKNOWN at the target */
  bool in_force;                        /* no t=y, and pct 100 */
  bool finish_current;                  /* the next step takes the present policy fully into force (t=y, pct) */
  bool wants_rua;                       /* the next step is the same policy with a rua */
  bool parked;                          /* no mail of the owner's in the whole history */
  bool retired;                         /* none since long ago, and nothing came in its place */
  int32_t last_own_day;                 /* of own mail in the scope; INT32_MIN: none */
  const char *next_record;              /* in the history's arena; NULL at the target */
  int64_t window_begin_s, window_end_s; /* whole UTC days, end exclusive */
  struct gate gates[GATES];
  struct findings blockers;    /* what keeps a gate from holding */
  struct findings questions;   /* mail that may be the owner's, where it blocks nothing */
  struct findings own_failing; /* parts of own mail that fail mostly, where they block nothing */
  struct findings on_spf;      /* own mail that passes by SPF alone beside a signature that fails: by `explain` alone */
  struct findings forwarders;  /* what passes the owner's mail on, where it blocks nothing */
  struct strangers strangers;  /* of judge_robustly alone */
  int64_t own_messages, own_passed;  /* own, own_broken, legitimate; in the scope of the policy; without the next */
  int64_t own_last, own_last_passed; /* the same in the last days, those that the gate `drop` looks at */
  int64_t own_unchecked;             /* the receiver's DNS did not answer: neither pass nor fail */
  struct dns_trouble dns_trouble;    /* of it; of complete_judgement */
  const char *unchecked_repair;      /* the same in a sentence, likewise; NULL: there is nothing of it */
  int64_t own_contradicted;          /* failed against the receiver's own results */
  int64_t own_unevaluated;           /* no report says whether it passes */
  int64_t own_by_receiver;           /* failed by one receiver that fails little of what all others pass */
  /* By cause; those but CAUSE_RECEIVER_DNS add up to what of own_messages did not pass. */
  struct cause_sum causes[FAILURE_CAUSES];
  struct contradicting_reporters contradicting;
  struct stopped stopped;
  int64_t raw_messages, raw_passed;     /* everything; of the subdomains for SCOPE_BELOW */
  int64_t raw_evaluated;                /* of it, by its receivers */
  int64_t undecided, forwarded_failing; /* messages */
  double own_lower;                     /* one-sided 95 % Wilson bound */
  struct left_out undated, ahead;       /* reports without a period that could be read, and of a clock in the future */
  /* what the next policy would newly act on, messages a day, by class */
  double affected_per_day[CLASS_IGNORED + 1];
  /* of judge_robustly: what must be left out for another verdict, "google.com", "google.com and 2 more"; NULL: nothing
   * so small. Both in the history's arena */
  const char *rests_on;
  struct left_out unproven; /* in no good news: what history_doubts says, in the whole history */
  /* reports with mail in the window that the figures, gates and findings leave out, where the verdict without them is
   * the graver one; the history's streams have them all the same */
  struct left_out doubted;
  uint32_t proven_reports;
  const struct suspect *suspects;
  unsigned suspect_count; /* the largest MOST_SUSPECTS of them */
  /* where sp differs from p: what becomes of the subdomains; else NULL. In the history's arena */
  struct judgement *below;
  struct failing_subdomains failing_below;
  /* where mail of subdomains alone holds the step back: the domain without them, which is READY, with the record that
   * leaves them the policy they have; else NULL. In the history's arena */
  struct judgement *alone;
  /* what the DNS says, set by whoever asked it; NULL: not asked */
  const struct published *published;
};

/* Does the policy that is judged govern the stream? By `scope`. */
bool judgement_covers(const struct judgement *j, const struct stream *s);

/* The policy that is published in the DNS today. */
struct published_policy {
  enum policy p, sp;            /* sp: what governs the subdomains; POLICY_UNKNOWN where nobody knows */
  bool testing, sampled;        /* t=y, pct below 100: not fully in force */
  bool strict_dkim, strict_spf; /* adkim=s, aspf=s */
  bool unreported;              /* no rua: nobody would report what the next step does */
  bool refuses_all;             /* the domain's SPF record says that it sends no mail: "v=spf1 -all" (RFC 7208) */
  bool is_assumed; /* it is not published yet: judged as if it were from today on, whatever the reports show */
};

/* Classifies the streams of a history and judges it. What struct finding has of complete_judgement is not filled in.
 * The current policy is the weaker of what the reports show and what is published; `published` NULL: not known.
 * `as_of_s` is the time of asking. Texts of `ret` live as long as the history and the labels; there is nothing to free.
 */
void judge(struct history *h, const struct labels *labels, const struct thresholds *t, int64_t as_of_s,
           const struct published_policy *published, struct judgement *ret);

/* What a record asks for beside what it asks for now. */
struct record_step {
  enum policy p;
  const char *sp, *np; /* NULL: as they are */
  bool testing;        /* t=y */
};
/* The domain's record with that step: where it is known what is published, all else of it stays byte for byte; else a
 * template by what the reports show. In `arena`. */
const char *judgement_record(struct arena *arena, const struct judgement *j, const struct record_step *step);
/* What the current policy comes to today: one lower while t=y or pct holds it back, none where nobody knows it. An sp
 * with it changes nothing for subdomains that had no sp of their own. */
enum policy judgement_policy_left(const struct judgement *j);
/* The record that there is: as it is published, or what the reports show of it. */
const char *judgement_record_now(struct arena *arena, const struct judgement *j);
/* The record that there was when reports told of `then`, before they told of `now`; all else is as in
 * judgement_record. */
const char *judgement_record_before(struct arena *arena, const struct judgement *j, const struct seen_policy *then,
                                    const struct seen_policy *now);

/* The same, complete, and with a check whether the verdict depends on what a single reporter says: see robust.c. `h` is
 * a history that history_each has given. */
void judge_robustly(struct history *h, const struct labels *labels, const struct thresholds *t, int64_t as_of_s,
                    const struct published_policy *published, struct judgement *ret);

#endif

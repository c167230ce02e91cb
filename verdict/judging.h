/* SPDX-License-Identifier: Apache-2.0 */
/* What the steps of a judgement hand to each other; theirs alone. Private to verdict/. */
#ifndef VERDICT_JUDGING_H
#define VERDICT_JUDGING_H

#include "base/utc.h"
#include "verdict/judge.h"

/* Of a domain that nothing sends as, whose SPF record does not say so or is not known. */
#define REASON_PUBLISH_SPF "nothing sends as this domain: reject, and publish \"v=spf1 -all\""

/* How much of own mail SPF alone lets pass: of a site, or of one address. */
struct spf_share {
  int64_t messages, alone;              /* in the window */
  int64_t before, before_saved;         /* in it, before the last days; saved: see struct stream_day */
  int64_t last, last_alone, last_saved; /* in the last days */
  const struct stream *largest;         /* by SPF alone, where there is such */
};

/* What one source of the owner's sends inside the window. */
struct site {
  int64_t messages, passed, signed_messages;
  double at_best;                  /* the share that passes, by its upper bound; 1 where too little fails to tell */
  int64_t silent;                  /* failing, of senders who fell silent: in the messages, too */
  double at_best_without;          /* the share that passes without these */
  bool is_named;                   /* among the blockers */
  int64_t failing[FAILURE_CAUSES]; /* messages by cause */
  int64_t by_receiver;             /* failing, by a receiver that alone fails some of it: says nothing of the source */
  int64_t unchecked;               /* in the window; neither passes nor fails */
  const struct stream *worst_unchecked; /* with most of it; NULL: there is none */
  bool is_of_cause[FAILURE_CAUSES];     /* of the window: counted in the judgement's causes */
  struct spf_share spf;
  int64_t on_spf;    /* messages that rely on SPF alone: of the whole site or of some of its addresses */
  bool whole_on_spf; /* of the whole site */
  bool lost_dkim;    /* since the last days */
  const struct stream *largest_on_spf;
  int64_t before, before_passed, last, last_passed; /* the last days, and the rest of the window */
  int64_t undecided;                                /* failing, in the window or in the fullest run before it */
  int64_t forwarded, forwarded_failing;
  int64_t strange;              /* failing, of strangers that are new and stay */
  const struct stream *largest; /* of own mail */
  /* with most failing mail: of own mail, and of the other kinds; NULL where none fails */
  const struct stream *worst, *worst_undecided, *worst_forwarded, *worst_stranger;
};

/* A selector of the owner's in use, from all the networks it signs in. */
struct own_sender {
  int64_t messages, passed, silent;
  double at_best, at_best_without; /* as of a site */
  unsigned networks;               /* large enough to be looked at apart */
  uint32_t selector;               /* its number */
  const struct stream *worst;      /* with most failing mail of it: */
  int64_t worst_failing;
};

struct judging {
  struct history *h;
  const struct thresholds *t;
  int64_t as_of_s;
  const struct published_policy *published; /* NULL: not known */
  struct judgement *j;
  struct hashmap sites;     /* struct interned -> struct site */
  struct hashmap hosts;     /* struct interned -> struct spf_share, of own mail */
  struct hashmap key_mail;  /* of count_key_mail */
  struct hashmap senders;   /* number of a selector -> struct own_sender */
  int64_t *selector_passed; /* of own mail, by the number of the selector */
  bool signs_little;        /* the owner signs so little of it that unsigned mail may be his, passed on */
  int32_t begin_day, end_day;
  int to;                 /* TO_QUARANTINE or TO_REJECT */
  bool has_own_mail;      /* ever */
  double rhythm_days;     /* between days with data; 1 for daily mail */
  int64_t yardstick;      /* own mail that undecided mail and strangers are held against, at least 1 (sites.c) */
  enum policy weakest_sp; /* of its own that any reporter tells of; POLICY_UNKNOWN: none does */
};

/* policy.c: where the way ends. */
enum policy target_of(const struct judging *g);

/* window.c: which days are judged. Classifies the streams on the way: how far to look back depends on own mail. */
void choose_window(struct judging *g, const struct labels *labels);
/* The window is the first of these lengths that suffices, or that reaches back to the first report. */
#define WINDOW_LENGTHS 3
int32_t window_length(const struct thresholds *t, unsigned i);
bool window_suffices(const struct thresholds *t, int64_t own_messages, int64_t days_with_data);
struct data_days {
  unsigned count;
  int32_t first, last; /* counted from the window's first day */
};
struct data_days days_with_data(const struct judging *g); /* in the window */
bool has_data(const struct judging *g, const struct seen_report *r);
bool is_clock_ahead(const struct judging *g, const struct seen_report *r); /* it ends in the future */

/* policy.c: what is published, since when, and what comes next. */
void read_policy(struct judging *g);
/* The same for what is published: p, or sp below the domain. */
enum policy policy_in_scope(const struct judging *g, const struct seen_policy *p);
/* Receivers learn of a change within days of each other. */
static inline int64_t policy_settling_s(const struct judging *g) { return (int64_t)(g->t->settling_days * UTC_DAY_S); }

/* records.c: records to publish. */
const char *seen_own_sp(const struct seen_policy *p); /* sp or np where the owner chose them, else NULL */
const char *seen_own_np(const struct seen_policy *p);
struct dmarc_change;
struct dmarc_record;
/* Of a published record the policies that the step is not about: they stay what they come to. */
void keep_others(struct dmarc_change *change, const struct dmarc_record *r);
/* The same record with a place for somebody to report to; in `arena`. */
const char *record_with_rua(struct arena *arena, const char *record);
/* Fills next_record of the whole judgement, of all scopes. */
void write_next_records(struct judging *g, struct judgement *whole);

/* dissent.c: names those who go on telling of another policy than the current one, of which most do. */
#define NO_DISSENT UINT32_MAX
struct dissent {
  uint32_t weakest_report; /* tells of a weaker one, which is believed; NO_DISSENT: there is none */
  enum policy strongest;   /* that is believed, that of most among them; POLICY_UNKNOWN: nobody knows it */
};
struct dissent find_dissent(struct judging *g);

/* sites.c: adds the streams up by site. */
void add_up(struct judging *g);
/* A service that sends, or somebody who comes back, may be the owner's: that is a question before the one whether
 * anything sends at all. */
bool may_have_forgotten_senders(const struct judging *g);
/* undecided.c: the same for undecided mail, of which the window's is in the sites: fills in what they sent before. */
void weigh_undecided(struct judging *g);
/* Own mail that receivers could not look up, beyond what they may have of such trouble. The receiver's name servers
 * cannot answer for one in a hundred messages, the sender's for all of them: then nobody knows what would pass. */
int64_t beyond_trouble(const struct thresholds *t, int64_t judged, int64_t unchecked);

/* spf_alone.c: which own mail SPF alone carries. First each stream, then find_spf_alone fills the sites. */
void spf_share_add(struct spf_share *x, const struct stream *s, const struct judging *g);
void find_spf_alone(struct judging *g);

/* one_receiver.c: marks own mail of the window that a single receiver fails. Of a history with records. */
void find_single_receivers(struct judging *g);

/* key_mail.c: what of own mail bears which key. */
bool is_unnamed_key(const char *selector); /* "example.com/?" */
struct key_mail {
  int64_t messages, failing; /* of the window, or of a dormant stream's last run; that receivers could judge */
  int64_t by_receiver;       /* of the failing: see struct stream_day */
};
/* To be called after find_single_receivers, before the next three. */
void count_key_mail(struct judging *g);
typedef void key_mail_fn(void *user, const struct stream *s, uint32_t selector, const struct key_mail *mail);
/* Calls `fn` for each key that the stream's mail bears: where they were not counted apart, for its main key with all of
 * it. `passed`, by the number of the selector, admits those keys alone where it is not 0; NULL: all. */
void each_key_mail(const struct judging *g, const struct stream *s, const int64_t *passed, key_mail_fn *fn, void *user);
/* The key that most of the stream bears, of those; NULL: none. */
const struct selector_use *main_key(const struct judging *g, const struct stream *s, const int64_t *passed);

/* cause.c: fills the causes of each stream of own mail. */
void find_causes(struct judging *g);
/* The same for a stream of own mail in the window, which counts to `site`: adds it to the judgement's causes. */
void add_to_causes(struct judging *g, struct site *site, const struct stream *s);

/* unchecked.c: whose trouble with the DNS it was, in the words of complete_judgement. */
void tell_unchecked(struct history *h, struct judgement *j);

/* own_senders.c: what is proven of each sender and site of own mail. Fills selector_passed. */
void weigh_senders(struct judging *g);
/* Does a sender or a site fall short by mail of those who still send? */
bool is_own_sender_short(const struct judging *g);
/* Does own mail as a whole provably pass less often than the step asks for? */
bool is_own_mail_short(const struct judging *g);

/* reporters.c: how long ago those last spoke who see half of the mail: when the largest reporter falls silent, the
 * fresh reports of small ones do not speak for it. */
double report_age_days(const struct judging *g);
struct heard {
  unsigned reporters; /* with mail in the window */
  unsigned ever;      /* with mail at any time */
  double top_share;   /* of the mail, that the largest of them tells of */
};
struct heard heard_in_window(const struct judging *g);
/* Who contradicts itself often enough to be more than a slip. */
void find_contradicting_reporters(const struct judging *g, struct contradicting_reporters *ret);
void find_silent_reporters(const struct judging *g, struct silent_reporters *ret);

/* subdomains.c: which of them have mail that fails. */
void find_failing_below(struct judging *g);
/* Is a judgement on the domain without its subdomains worth the while? */
bool may_go_alone(const struct judgement *j);

/* advice.c: fills what findings say beyond their figures, and the strangers, in all scopes. */
void complete_judgement(struct history *h, struct judgement *j, const struct thresholds *t);

/* For each stream the findings of the list that are about its mail, a bit each; to be freed. */
uint64_t *findings_by_stream(const struct history *h, const struct findings *list);
static inline unsigned first_finding(uint64_t findings) { return (unsigned)__builtin_ctzll(findings); }

/* offered_labels.c: fills label_touches and label_leaves of the findings that offer a label; of each of these, what of
 * the owner's mail that the label names passes. */
void weigh_labels(const struct history *h, struct findings *list, int64_t ret_passing[MOST_FINDINGS]);

/* repaired.c: which of the blockers were repaired since, and when they no longer count: in their words and, if all of
 * them were, in the reason. `by_stream` as of findings_by_stream. */
void tell_repaired(struct history *h, struct judgement *j, const uint64_t *by_stream, const struct thresholds *t);

/* lone_report.c: names the report that alone tells of most of a finding, where its reporter was heard on one day. */
void find_lone_reports(struct history *h, struct findings *list, const uint64_t *by_stream, int32_t begin_day);

/* outlook.c: says in the reason what there is to wait for. */
void add_outlook(struct judging *g);

/* stopped.c: which own mail has stopped. */
void find_stopped(struct judging *g);
/* retired.c: is own mail over, all of it, so that the domain is like one that never sent any? */
void find_retired(struct judging *g);
static inline bool is_unused(const struct judgement *j) { return j->parked || j->retired; }

/* new_source.c: the newest source of own mail, and the day on which it was first seen; INT32_MIN where there is none.
 */
struct newest_source {
  int32_t day;
  const char *name; /* "example.com/s1", or its site */
};
struct newest_source find_newest_source(const struct judging *g);
int32_t first_day_of_history(const struct history *h); /* INT32_MAX where no stream has a day */

/* gates.c: holds the sums against the thresholds. */
void set_gates(struct judging *g);
/* Days with data that a window of that length must have. */
double wanted_data_days(const struct judging *g, int32_t window_days);

/* forecast.c: in how many days, `least` or more, the gates on days with data and on the bound of own mail hold, of
 * those that fail now; 0: not as things go on. */
int32_t days_until_mail_suffices(const struct judging *g, int32_t least);

/* What a finding is about, beyond its class. */
enum trouble {
  OF_ITS_CLASS,
  SPF_ALONE,  /* own mail that passes, by SPF alone */
  LOST_DKIM,  /* the same, since the last days */
  LOSS_ASKED, /* what others lose of own mail, so much that the owner is asked */
  UNCHECKED,  /* own mail that receivers could not look up */
};

/* repair.c: fills the repair of a finding and the label that it offers; `site` may be NULL. `s` has most of its mail.
 */
void word_repair(const struct judging *g, const struct stream *s, const struct site *site, enum trouble trouble,
                 struct finding *f);

/* findings.c: the sources that keep a gate from holding and those that are worth a look, and what to do about each. */
void gather_findings(struct judging *g);
struct finding *add_finding(struct judging *g, struct findings *list, const struct stream *s, enum stream_class class,
                            int64_t messages, enum trouble trouble);

/* Of its own, so that each may be completed. */
struct findings findings_copy(const struct findings *list, struct arena *arena);

/* A part of own mail that fails: `failing` of `messages`, most of it of `worst`. `selector` is that of PART_KEY; NULL:
 * the one that fails on most of `worst`. */
void add_own_failing(struct judging *g, const struct stream *worst, enum finding_part part, const char *selector,
                     int64_t failing, int64_t messages);

/* own_failing.c: tells of the parts of own mail that fail mostly and that no blocker names. */
void find_own_failing(struct judging *g);

static inline double share(int64_t part, int64_t whole) { return whole > 0 ? (double)part / (double)whole : 0; }
static inline bool failed(const struct judging *g, enum gate_name gate) { return g->j->gates[gate].state == GATE_FAIL; }
static inline bool in_scope(const struct judging *g, const struct stream *s) { return judgement_covers(g->j, s); }
static inline struct own_sender *own_sender_at(const struct judging *g, uint32_t i) {
  return hashmap_value_at(&g->senders, i);
}
static inline struct site *site_at(const struct judging *g, uint32_t i) { return hashmap_value_at(&g->sites, i); }

#endif

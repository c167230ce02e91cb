/* SPDX-License-Identifier: Apache-2.0 */
/* What another policy would do to the mail that was seen, by domain, class and source.
 *
 * The records of the judged window are replayed: each gets the disposition that today's policy asks for, and that of
 * the proposed one. This is an upper bound: receivers need not obey, and may override. */
#ifndef ANALYSIS_WHATIF_H
#define ANALYSIS_WHATIF_H

#include "verdict/judge_each.h"

/* Tags of a record that might be published, in the RFC's words (none, quarantine, reject; r, s). NULL: as it is. */
struct whatif_proposal {
  const char *p, *sp, *np, *adkim, *aspf;
};

/* The tag that governs a name in From:. Reports do not say whether a name exists. One without mail of the owner's,
 * neither under it nor under a name below it, is taken for one that does not. */
enum whatif_governing {
  GOVERNED_BY_P,  /* the policy domain itself, and what is no name below it */
  GOVERNED_BY_SP, /* names below */
  GOVERNED_BY_NP, /* names below that do not exist */
  GOVERNINGS
};

/* What becomes of a message; its names and dispositions are those of the tag that governs its source. */
enum whatif_change {
  CHANGE_NOTHING,
  CHANGE_MOVED,   /* fails today and then: from today's disposition to the proposed one */
  CHANGE_FAILING, /* from none to the proposed one */
  CHANGE_PASSING, /* from today's to none */
  CHANGE_UNKNOWN, /* the report does not say enough, and it may be one of these */
  CHANGES
};

struct whatif_source {
  const struct stream *stream;
  enum whatif_governing governed_by;
  int64_t messages;         /* of the stream, in the window */
  int64_t changed[CHANGES]; /* of these, by what becomes of them */
};

/* One policy domain. */
struct whatif {
  const struct judgement *judgement;
  const struct whatif_proposal *proposal;
  int64_t begin_s, end_s; /* what is replayed: the judged window, as far as the filter admits it; end exclusive */
  double days;            /* of it, at least 1 */
  /* What failing mail gets. A tag that is proposed is taken as in force; one that stays is not while t=y or a pct below
   * 100 is published, and counts one level lower (RFC 9989 4.7, RFC 7489 6.6.4). Never POLICY_UNKNOWN. */
  enum policy today[GOVERNINGS], then[GOVERNINGS];
  struct whatif_source *sources; /* those with mail in the window: the owner's, what may be, the rest; largest first */
  uint32_t source_count;
};

/* Called for each policy domain that is judged; `w` lives during the call. */
typedef int whatif_fn(void *user, const struct whatif *w, struct err *e);
/* As judge_each, whose errors it has. Memory: that of one domain's history. */
int whatif_each(const struct inquiry *q, const struct whatif_proposal *proposal, whatif_fn *fn, void *user,
                struct err *e);
/* The dispositions of a change; both POLICY_UNKNOWN for CHANGE_UNKNOWN. */
void whatif_dispositions(const struct whatif *w, const struct whatif_source *source, enum whatif_change change,
                         enum policy *ret_today, enum policy *ret_then);

/* Messages that were replayed. "Own" is own, own_broken and legitimate mail. */
struct whatif_sum {
  int64_t messages, affected, spared, unknown; /* affected: a stricter disposition than today's; spared: a weaker one */
  int64_t rejected, quarantined;               /* the affected by what they would get */
  int64_t own_affected, undecided_affected;
  uint32_t streams;
};
void whatif_add_up(const struct whatif *w, struct whatif_sum *ret_all,
                   struct whatif_sum ret_by_class[CLASS_IGNORED + 1]);
/* Of what was replayed, as figure_per_day has it. */
double whatif_per_day(const struct whatif *w, int64_t messages);

/* Is a change for the worse or for the better of the mail? */
enum whatif_effect { EFFECT_AFFECTED, EFFECT_SPARED, EFFECT_UNKNOWN };
enum whatif_effect whatif_effect_of(const struct whatif *w, const struct whatif_source *source,
                                    enum whatif_change change);

#endif

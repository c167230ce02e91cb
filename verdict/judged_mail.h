/* SPDX-License-Identifier: Apache-2.0 */
/* A second walk over the records of a judged domain, each with the stream it belongs to: for questions about what a
 * history does not keep (single results, reporters per day). A fold adds records up; several folds share one walk. */
#ifndef VERDICT_JUDGED_MAIL_H
#define VERDICT_JUDGED_MAIL_H

#include "verdict/inquiry.h"

/* One record. Valid during the call; `stream` lives as long as the history. */
struct judged_mail {
  const struct store_flow_report *report; /* of its texts org_name alone is there, "" where absent */
  const char *walked;                     /* alignment_walked of the report: decides whose a domain is */
  uint32_t reporter;                      /* its org_name in any case, numbered from 0 by first appearance */
  int32_t day;                            /* UTC day on which the report begins, since 1970-01-01 */
  const struct stream *stream;
  bool
      has_no_verdict; /* neither passed nor failed: `unchecked`, `contradicted` or `unevaluated` of struct stream_day */
  bool is_unchecked;  /* for the first of these reasons */
  int64_t count;      /* messages; 0 where the count could not be read */
  uint64_t record;    /* its number in the report, for report_days_share */
  const char *envelope_to; /* NULL where absent, or no fold asked for it */
};

/* Adds records up. Implementations begin with this struct. */
struct mail_fold {
  size_t pattern_bytes; /* size of what is kept of each pattern */
  /* What a pattern says, once, before its first record is added: fills `ret`, which is zeroed. The pattern lives during
   * the call; as in store_each_flow the same words are two patterns where receivers walked the tree and did not. */
  void (*read_pattern)(struct mail_fold *f, const struct judged_mail *mail, const struct feedback_record *pattern,
                       void *ret);
  /* A record, by the begin of its report; `pattern` is what was kept of its own. */
  void (*add)(struct mail_fold *f, const struct judged_mail *mail, const void *pattern);
  void (*free)(struct mail_fold *f);
  bool with_envelope_to; /* its mail has the recipients' domains, which takes longer */
  size_t pattern_at;     /* the walk's own */
};
void mail_fold_free(struct mail_fold *f); /* accepts NULL */

/* Each record of the history's domain out of a report that the inquiry admits and that begins in [since_s, until_s),
 * handed to each fold. Meant to be called within judge_each, with its inquiry: streams then are those of the same
 * records. `until_s` is the end of the judged window at the latest: behind it clocks are not believed. */
int judged_mail_each(const struct inquiry *q, const struct history *h, int64_t since_s, int64_t until_s,
                     struct mail_fold *const *folds, unsigned count, struct err *e);

#endif

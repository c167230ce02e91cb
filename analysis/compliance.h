/* SPDX-License-Identifier: Apache-2.0 */
/* Does the owner's mail meet what Google, Yahoo and Microsoft ask of bulk senders, as far as reports show?
 *
 * The bar is set for each message: SPF passes, DKIM passes, and one of them is aligned with From:. DMARC asks only for
 * the last, so mail may pass DMARC and miss the bar. Sources: Google's "Email sender guidelines" and Yahoo's "Sender
 * Requirements" (both since February 2024), Microsoft's "Outlook's New Requirements for High-Volume Senders" (since May
 * 2025). */
#ifndef ANALYSIS_COMPLIANCE_H
#define ANALYSIS_COMPLIANCE_H

#include "verdict/judge_each.h"
#include "verdict/judged_mail.h"

/* The rules of a receiver apply to whoever sends it more messages than this on a day. */
#define COMPLIANCE_BULK_MESSAGES 5000

/* The receivers with such rules. */
enum compliance_receiver { RECEIVER_GOOGLE, RECEIVER_YAHOO, RECEIVER_MICROSOFT, RECEIVERS };
/* Which one reports under this org_name, in any case of letters; RECEIVERS: another. */
enum compliance_receiver compliance_receiver_of(const char *org_name);

/* What a message misses of the bar. */
enum compliance_miss {
  MISS_SIGNATURE, /* no DKIM signature at all */
  MISS_DKIM,      /* signatures, none of which passes */
  MISS_SPF,       /* the envelope's domain does not authorise the source */
  MISS_SPF_SAID,  /* no SPF record, or the report has no result */
  MISS_ALIGNMENT, /* neither is aligned, as the receiver evaluated it */
  MISSES
};

struct compliance_mail {
  int64_t messages, spf, dkim, aligned;
  int64_t bulk;     /* all three on the same message */
  int64_t short_of; /* passes DMARC and misses the bar */
  int64_t misses[MISSES];
};

/* One sender: a service with all its addresses, or an address. */
struct compliance_source {
  const char *name;
  const struct sender_service *service; /* NULL: an address */
  enum stream_class class;              /* of most of its mail */
  struct compliance_mail mail;
  uint32_t addresses;
  const char *spf_domain;             /* of most mail that fails SPF; NULL: none */
  enum failure_cause signature_cause; /* of signatures that fail: as of a stream, or CAUSE_MIXED */
};

/* What one receiver counted on days of its own; reports on longer periods say nothing of a day. */
struct compliance_volume {
  uint32_t days, bulk_days; /* days with a report; those over COMPLIANCE_BULK_MESSAGES */
  int64_t most;             /* messages of the largest day */
  int32_t most_day, last_bulk_day;
};

/* One policy domain. Only mail that is or may be the owner's is judged: own, own_broken, legitimate, undecided. */
struct compliance {
  const struct judgement *judgement;
  int64_t begin_s, end_s; /* of the mail: whole UTC days, end exclusive */
  struct compliance_mail mail;
  int64_t forwarded, foreign; /* left out: passed on by somebody; of strangers, unauthorised or ignored */
  int64_t without_verdict; /* left out: its receiver had no answer from the DNS, contradicts itself or says nothing */
  struct compliance_source *sources; /* largest first */
  uint32_t source_count;
  struct compliance_volume volumes[RECEIVERS]; /* over all reports that the filter admits */
};

/* The mail is that of the judged window, or of the filter's period where it has one. Classes and errors as those of
 * judge_each. `c` lives during the call. Memory: that of one domain's history. */
typedef int compliance_fn(void *user, const struct compliance *c, struct err *e);
int compliance_each(const struct inquiry *q, compliance_fn *fn, void *user, struct err *e);

/* The same as a fold, for a caller that walks the records with other folds too: over all reports up to the end of the
 * judged window. What end returns lives as long as the fold. */
struct mail_fold *compliance_fold_new(const struct report_filter *filter, const struct history *h,
                                      const struct judgement *j);
const struct compliance *compliance_fold_end(struct mail_fold *fold);

/* The misses worth mentioning, largest first; returns how many. What only a few messages miss is not a matter of how
 * the source is set up. */
unsigned compliance_misses(const struct compliance_mail *mail, enum compliance_miss ret[MISSES]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What changed in the DNS of a domain between two snapshots, as a difference of meaning, not of text. */
#ifndef ANALYSIS_DNS_LOG_H
#define ANALYSIS_DNS_LOG_H

#include "analysis/dns_past.h"

enum dns_subject { LOG_DMARC, LOG_SPF, LOG_KEY, LOG_MX, LOG_NS, LOG_MTA_STS, LOG_TLS_RPT, LOG_BIMI };
#define DNS_SUBJECTS 8
const char *dns_subject_word(enum dns_subject s); /* "dmarc", "spf", "key", "mx", "ns", "mta_sts", "tls_rpt", "bimi" */

struct dns_change {
  const char *domain;
  enum dns_subject subject;
  const char *name; /* at which it stands: "_dmarc.example.com" */
  int64_t before_s; /* the last look that found it as it was ... */
  int64_t seen_s;   /* ... and the first that found it as it is */
  const char *text; /* "p none -> quarantine" */
  uint32_t order;   /* in which they were found */
};

struct dns_changes {
  struct arena *arena;
  struct dns_change *items;
  uint32_t count, capacity;
};
void dns_changes_clear(struct dns_changes *c); /* accepts a zeroed one */

/* Adds the changes of a domain, in the order of time. `*ret` is zeroed before the first. 0, or an error of dns_open. */
int dns_log_domain(const struct dns_past *p, const struct past_domain *domain, struct dns_changes *ret, struct err *e);

/* --- for its parts ------------------------------------------------------------------------------------------------ */

/* A change of the subject, between the two moments. */
struct logging {
  struct dns_changes *changes;
  const char *domain, *name;
  enum dns_subject subject;
  int64_t before_s, seen_s;
};
void log_change(const struct logging *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

struct spf_tree;
/* Both trees have a record. */
void log_spf(const struct logging *l, const struct spf_tree *before, const struct spf_tree *after);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What snapshots of the DNS have kept, in memory: any moment of it can be asked as the DNS itself was, offline. What
 * could not be found out at a moment is what was known before. */
#ifndef ANALYSIS_DNS_PAST_H
#define ANALYSIS_DNS_PAST_H

#include "base/hashmap.h"
#include "dns/resolver.h"
#include "local/local.h"

/* From one look until another that said something else. */
struct past_state {
  int64_t first_s, last_s;
  struct dns_answer answer;
};
/* All of a name and a type, in the order of time; failures are left out. */
struct past_line {
  const char *name;
  enum dns_type type;
  struct past_state *states;
  uint32_t count, capacity;
};

struct dns_past {
  struct arena *arena;
  struct hashmap lines; /* type and name -> struct past_line */
};

/* 0, or an error of local/. dns_past_clear frees in any case. */
int dns_past_read(struct local *l, struct dns_past *ret, struct err *e);
void dns_past_clear(struct dns_past *p); /* accepts a zeroed one */

const struct past_line *dns_past_line(const struct dns_past *p, enum dns_type type, const char *name); /* or NULL */

/* The domains of which snapshots were taken, in alphabetical order. They live as long as `p`. */
struct past_domain {
  const char *domain;
  int64_t first_s; /* of the first snapshot */
};
/* For the caller to free. */
struct past_domain *dns_past_domains(const struct dns_past *p, uint32_t *ret_count);

/* The DNS at a moment. Beside the answers it gathers when they were found. */
struct past_view {
  const struct dns_past *past;
  int64_t at_s;
  int64_t next_s;   /* when the first of the answers that were asked for becomes another; INT64_MAX: never */
  int64_t before_s; /* of those that became so at at_s: the last look that found the former one; INT64_MAX: none did */
};
/* `view` must not move while `*ret` lives; dns_close frees. */
int dns_past_open(const struct dns_past *p, int64_t at_s, struct past_view *view, struct dns **ret, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a published record, each with the rule it breaks. Private to dns/. */
#ifndef DNS_FAULT_H
#define DNS_FAULT_H

#include "base/mem.h"

/* How many faults of a record are reported: one that is full of them needs no more. */
#define MOST_FAULTS 40
/* How much of a stranger's text is quoted in a sentence, by %.*s. */
#define MOST_QUOTED 80

struct dns_fault {
  const char *fault;   /* a word for programs: "missing_rua" */
  const char *detail;  /* a sentence for people, without a full stop */
  const char *section; /* "RFC 9989 4.7" */
  unsigned character;  /* where in the record what it is about begins, from 1; 0: nowhere, or not known */
};

struct dns_faults {
  struct dns_fault items[MOST_FAULTS];
  unsigned count;
};

/* The detail is copied to the arena; `fault` and `section` are not copied. */
void dns_fault_add(struct dns_faults *f, struct arena *arena, const char *fault, const char *section,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif

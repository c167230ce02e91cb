/* SPDX-License-Identifier: Apache-2.0 */
/* Labels: what the owner of the domains said about a source. What follows from it is decided elsewhere. */
#ifndef LOCAL_LABELS_H
#define LOCAL_LABELS_H

#include <stdbool.h>
#include <stdint.h>

#include "local/local.h"

enum label_verdict { LABEL_LEGITIMATE, LABEL_FORWARDER, LABEL_UNAUTHORISED, LABEL_IGNORE };
#define LABEL_VERDICTS 4
/* Each with its word, for tables of both: VERDICT(verdict, word). */
#define EACH_LABEL_VERDICT(VERDICT)           \
  VERDICT(LABEL_LEGITIMATE, "legitimate")     \
  VERDICT(LABEL_FORWARDER, "forwarder")       \
  VERDICT(LABEL_UNAUTHORISED, "unauthorised") \
  VERDICT(LABEL_IGNORE, "ignore")
const char *label_verdict_word(enum label_verdict verdict);
/* The reverse, which also knows "unauthorized"; -1: no such verdict. */
int label_verdict_of(const char *word);

/* What the source of a label is. */
enum label_subject {
  LABEL_ADDRESS,
  LABEL_NETWORK,
  LABEL_SERVICE,
  LABEL_DOMAIN, /* of a DKIM signature or an SPF check */
};
#define LABEL_SUBJECTS 4
const char *label_subject_word(enum label_subject subject); /* "address", "network", "service", "domain" */

/* How much mail the owner expects from a source. */
struct label_volume {
  int64_t messages;
  int32_t days; /* the period they are expected in: 1, 7 or 30; 0: nothing was said */
};

struct label {
  int64_t id; /* set when read */
  enum label_subject subject;
  const char *source; /* canonical text, not empty: address, network, name of a service, domain */
  enum label_verdict verdict;
  const char *domain; /* the only policy domain it is for, normalised; NULL: all */
  int64_t until_s;    /* no longer valid from then on, which the reader checks; FEEDBACK_TIME_UNKNOWN: no end */
  const char *note;   /* NULL: none */
  int64_t made_s;
  /* What the owner keeps about the source beside the verdict, which does not rest on it. */
  const char *owner, *purpose, *ticket; /* NULL: not said */
  struct label_volume expected;
  int64_t review_s; /* the day on which the label becomes due for review; 0: none */
};

/* Is the label's review due? */
static inline bool label_is_due(const struct label *l, int64_t now_s) { return l->review_s && l->review_s <= now_s; }

/* A source, compared without regard to case, has at most one label for a domain: label_put replaces an earlier one,
 * whatever its subject. Both functions need a handle that writes, and run in a transaction of their own if none is
 * open.
 */
int label_put(struct local *l, const struct label *label, struct err *e);
/* 1 if there was one to remove, else 0. `domain` NULL: the label for all domains, not all labels of the source. */
int label_remove(struct local *l, const char *source, const char *domain, struct err *e);

/* Hands out each label, including those that have ended, in the order in which they were made. A callback returns 0 to
 * continue, or a negative code, which ends the walk and is returned. Strings are valid during the callback. */
typedef int label_fn(void *user, const struct label *label, struct err *e);
int label_each(struct local *l, label_fn *fn, void *user, struct err *e);

#endif

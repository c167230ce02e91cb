/* SPDX-License-Identifier: Apache-2.0 */
/* Acknowledgements: what the owner of the domains said of findings, that he knows of them. Kept by the identity of the
 * finding (analysis/concerns.h), so that it holds as long as the finding is the same, whoever asks, and when. */
#ifndef LOCAL_ACKNOWLEDGEMENTS_H
#define LOCAL_ACKNOWLEDGEMENTS_H

#include "base/hashmap.h"
#include "base/identity.h"
#include "local/local.h"

struct acknowledgement {
  int32_t severity; /* enum concern_severity of the finding as it was then: it covers nothing graver */
  int64_t until_s;  /* holds to there, and then no longer; FEEDBACK_TIME_UNKNOWN: until the finding is gone */
  const char *note; /* the owner's own words; NULL: none */
  int64_t made_s;
};

/* Both need a handle that writes, and run in a transaction of their own if none is open. A former one is replaced. */
int acknowledgement_put(struct local *l, const struct identity *finding, const struct acknowledgement *a,
                        struct err *e);
/* 1 if there was one to take back, else 0. */
int acknowledgement_remove(struct local *l, const struct identity *finding, struct err *e);

/* All of them. Each is a person's decision: they are few. */
struct acknowledgements {
  struct hashmap of; /* identity -> struct acknowledgement */
  struct arena *arena;
};
int acknowledgements_read(struct local *l, struct acknowledgements *ret,
                          struct err *e);                /* `ret` is to be cleared in any case */
void acknowledgements_clear(struct acknowledgements *a); /* accepts a zeroed one */
/* NULL: there is none; `a` may be NULL. Whether it still holds is for the reader to say. */
const struct acknowledgement *acknowledgement_of(const struct acknowledgements *a, const struct identity *finding);

#endif

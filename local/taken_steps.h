/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of a policy that the owner says were taken: what was published, on which verdict, and who decided. In no
 * report, and not to be had again. */
#ifndef LOCAL_TAKEN_STEPS_H
#define LOCAL_TAKEN_STEPS_H

#include <stdint.h>

#include "base/mem.h"
#include "local/local.h"

struct taken_step {
  const char *domain;                          /* policy domain, as domain_spell spells it */
  int32_t day;                                 /* on which it was taken, UTC days since 1970-01-01 */
  const char *step;                            /* in words: "p=quarantine" */
  const char *record, *former_record;          /* as the plan had them */
  const char *verdict, *reason;                /* of that day */
  int64_t own_messages, own_passed, undecided; /* messages of the window that it was judged by */
  const char *who;                             /* decided; NULL: not known */
  const char *note;                            /* the owner's own words; NULL: none */
  int64_t made_s;                              /* when it was said */
};

/* These need a handle that writes, and run in a transaction of their own if none is open. Said again of the same
 * domain, day and step, it takes the place of what was said. */
int taken_step_put(struct local *l, const struct taken_step *step, struct err *e);
/* Takes back the one of the domain that was said last. 1 if there was one, else 0. */
int taken_step_remove_last(struct local *l, const char *domain, struct err *e);
/* Forgets all of a domain. */
int taken_steps_forget(struct local *l, const char *domain, struct err *e);

/* All of them, by domain and day. Each is a person's decision: they are few. */
struct taken_steps {
  struct taken_step *items;
  uint32_t count, capacity;
  struct arena *arena;
};
int taken_steps_read(struct local *l, struct taken_steps *ret, struct err *e); /* `ret` is to be cleared in any case */
void taken_steps_clear(struct taken_steps *s);                                 /* accepts a zeroed one */

#endif

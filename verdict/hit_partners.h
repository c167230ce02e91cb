/* SPDX-License-Identifier: Apache-2.0 */
/* Whom the blockers of a judgement hit most. */
#ifndef VERDICT_HIT_PARTNERS_H
#define VERDICT_HIT_PARTNERS_H

#include "verdict/inquiry.h"
#include "verdict/judge.h"

/* Fills `partner` and `partner_messages` of the blockers, from one more walk over the judged window. */
int find_hit_partners(const struct inquiry *q, struct history *h, struct judgement *j, struct err *e);

#endif

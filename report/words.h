/* SPDX-License-Identifier: Apache-2.0 */
/* What analyses found, in words for people. Functions with an `out` append to it. */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

#include "analysis/compliance.h"
#include "analysis/concerns.h"
#include "analysis/diff.h"
#include "analysis/fall.h"
#include "analysis/incidents.h"
#include "analysis/telling.h"
#include "analysis/whatif.h"

/* --- compliance --------------------------------------------------------------------------------------------------- */

const char *compliance_receiver_name(enum compliance_receiver r); /* "Google" */
const char *compliance_receiver_rule(enum compliance_receiver r); /* what makes a sender a bulk sender, since when */
const char *compliance_miss_word(enum compliance_miss miss);      /* "no DKIM signature", ... */
/* What to do about the source; nothing if it misses nothing worth mentioning. */
void compliance_repair(const struct compliance *c, const struct compliance_source *source, struct strbuf *out);

/* --- whatif ------------------------------------------------------------------------------------------------------- */

/* How far figures of what a policy would do can be trusted: a sentence or two. */
extern const char WHATIF_UPPER_BOUND[];

/* "p=none adkim=r": the proposed tags as they are today, with t=y or pct<100 where these hold the policy back; or as
 * they are proposed. */
void whatif_tags_today(const struct whatif *w, struct strbuf *out);
void whatif_tags_proposed(const struct whatif_proposal *proposal, struct strbuf *out);

/* --- incidents ---------------------------------------------------------------------------------------------------- */

/* What there is of it, without the subject; and what to do about it. Sentences without their ends. */
void incident_tell(const struct incident *i, struct strbuf *out);
void incident_advise(const struct incident *i, struct strbuf *out);

/* --- falls -------------------------------------------------------------------------------------------------------- */

/* "fails since 2026-11-06 at every reporter; SPF lost ip4:192.0.2.0/28 between ... and ...". Without its end. */
void fall_tell(const struct fall *f, struct strbuf *out);

/* --- reports ------------------------------------------------------------------------------------------------------ */

/* Why a report is suspect, and what to do about it. Sentences without their ends. */
void suspect_tell(const struct suspect *s, struct strbuf *out);
void suspect_advise(const struct suspect *s, struct strbuf *out);

/* --- concerns ----------------------------------------------------------------------------------------------------- */

/* "own mail fails: Amazon SES", without the domain; who, how much and since when; and what to do. Sentences without
 * their ends. */
void concern_name(const struct concern *c, struct strbuf *out);
void concern_tell(const struct concern *c, struct strbuf *out);
void concern_advise(const struct concern *c, struct strbuf *out);
/* Of a verdict that changed some time ago, of which nobody has said since whether it is the same still. */
void concern_advise_late(const struct concern *c, struct strbuf *out);
/* Why it is over, of which nothing else is known any more; it was found last on that day. */
void concern_tell_absence(enum concern_kind kind, enum absence why, int32_t seen_day, struct strbuf *out);

/* --- diff --------------------------------------------------------------------------------------------------------- */

/* The change in a sentence without its end. */
void diff_tell(const struct diff_change *c, struct strbuf *out);
/* Verdict or policy, before and after: "p=none sp=none". Nothing where the kind has none. */
void diff_steps(const struct diff_change *c, struct strbuf *before, struct strbuf *after);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What pages say of one judgement: each sentence once, drawn by any document. Headings are the page's. */
#ifndef REPORT_JUDGEMENT_SECTIONS_H
#define REPORT_JUDGEMENT_SECTIONS_H

#include "table/document.h"
#include "verdict/judge.h"

/* Which policy the step is about: "p", or "sp" below the domain. */
const char *judgement_tag(const struct judgement *j);

/* "Your decision is needed". */
const char *verdict_words(enum verdict v);
enum document_tone verdict_tone(enum verdict v);

/* The verdict, its reason, and what it rests on. */
void section_verdict(struct document *d, const struct judgement *j);
/* The same, with what the step would do to whose mail, as a sentence. */
void section_answer(struct document *d, const struct judgement *j);
/* What passes of own mail and of all, as a sentence. */
void section_rates(struct document *d, const struct judgement *j);
/* Own mail that its receivers could not judge, and receivers that contradict themselves; nothing where there is none.
 */
void section_receivers_part(struct document *d, const struct judgement *j);
/* Reporters that tell of another policy than most; nothing where there are none. */
void section_dissent(struct document *d, const struct judgement *j);
/* Appends what the verdict leaves out and the history does not, as "12 reports (3 messages) WHERE: why."; nothing where
 * there is no such. */
void add_doubted(struct strbuf *text, const struct judgement *j, const char *where);
/* Reports that no day has; nothing where there are none, nor below the domain. */
void section_left_out(struct document *d, const struct judgement *j);
int section_gates(struct document *d, const struct judgement *j, bool worst_first, struct err *e);
/* Of the judgement's, the first `most`, each with what to do, which `word` introduces ("Repair"); and how many more
 * there are. */
void section_findings(struct document *d, const struct judgement *j, const struct findings *list, unsigned most,
                      const char *word);
/* The same from the one numbered `first` on, from 0. */
void section_more_findings(struct document *d, const struct judgement *j, const struct findings *list, unsigned first,
                           const char *word);
/* The first `count` of them, each with how much it is of, or against, own mail, and nothing of the others. */
void section_tasks(struct document *d, const struct judgement *j, const struct findings *list, unsigned count,
                   const char *word);
/* The largest sources that are taken for strangers', under a verdict that lets the policy act on them. */
#define STRANGERS_TITLE "Taken for strangers, largest first: is one of them yours?"
bool judgement_leaves_strangers(const struct judgement *j);
void section_strangers(struct document *d, const struct judgement *j);
/* Reports that count for bad news alone. */
void section_suspects(struct document *d, const struct judgement *j);
/* To be copied; nothing where the judgement has none. */
void section_next_record(struct document *d, const struct judgement *j);
/* Its second half: that a domain sends nothing, where that is so and not known to be published. */
bool judgement_wants_spf(const struct judgement *j);
void section_spf_record(struct document *d, const struct judgement *j);
/* Subdomains whose mail fails, as a sentence; and, where the domain alone is ready, that and its record. Nothing where
 * there are none. */
void section_subdomains(struct document *d, const struct judgement *j);
/* What the DNS has, with its faults. */
void section_published(struct document *d, const struct published *p);

#endif

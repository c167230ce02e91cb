/* SPDX-License-Identifier: Apache-2.0 */
/* A record under construction: fields as they are read, in any order and number; normalised when it is finished.
 * Private to parser/. */
#ifndef PARSER_RECORD_H
#define PARSER_RECORD_H

#include "base/alignment.h"
#include "base/feedback.h"
#include "base/mem.h"
#include "parser/elements.h"
#include "parser/parser.h"

struct record_builder;
/* The organizations stay the caller's. */
struct record_builder *record_builder_new(const struct parser_limits *limits, struct organization_cache *organizations);
void record_builder_free(struct record_builder *b); /* accepts NULL */

/* Everything until record_finish is made in `arena`. The header, as far as it was read, stays in place until then. */
void record_begin(struct record_builder *b, struct arena *arena, const struct feedback_header *header);
/* A container of the record begins: S_ROW, S_EVALUATED, S_RESULTS, S_REASON, S_DKIM or S_SPF. */
void record_open(struct record_builder *b, enum place place);
/* Has this record had such a container? Of some, only the first counts. */
bool record_has(const struct record_builder *b, enum place place);
/* A leaf's trimmed text. Empty ones count too, so that the first row wins even if it says nothing. */
void record_set_field(struct record_builder *b, enum place field, const char *text, size_t size);
/* A leaf of which only a piece was read: its value is unknown. */
void record_lose_field(struct record_builder *b, enum place field);
/* A container of the record ends, with its own end tag. */
void record_close(struct record_builder *b, enum place place);
/* The results end without their end tag: some of them may be lost. */
void record_break_results(struct record_builder *b);
/* Text directly inside <reason>: some reporters write <reason>sampled_out</reason>. */
void record_add_reason_text(struct record_builder *b, const char *text, size_t size);
void record_close_reason(struct record_builder *b);
void record_flag(struct record_builder *b, uint32_t flags);
/* The record; NULL for an unfinished one with nothing in it. */
struct feedback_record *record_finish(struct record_builder *b);

#endif

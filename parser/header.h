/* SPDX-License-Identifier: Apache-2.0 */
/* A feedback header under construction: report_metadata and policy_published, field by field; the first value counts.
 * Private to parser/. */
#ifndef PARSER_HEADER_H
#define PARSER_HEADER_H

#include "base/feedback.h"
#include "base/mem.h"
#include "parser/elements.h"

struct header_builder;
/* At most `most_errors` of report_metadata/error are kept, and at most `most_bytes` of all texts together. */
struct header_builder *header_builder_new(uint32_t most_errors, size_t most_bytes);
void header_builder_free(struct header_builder *b); /* accepts NULL */

/* A new header, in `arena` with everything in it. */
struct feedback_header *header_begin(struct header_builder *b, struct arena *arena);
/* A leaf's trimmed text, not empty; it may be modified. NULL, or a sentence that says what was not kept. */
const char *header_set_field(struct header_builder *b, enum place field, char *text);
/* The namespace of the root element. */
void header_set_schema(struct header_builder *b, const char *uri);
/* Errors and the remarks on the period take their place in the header. */
void header_finish(struct header_builder *b);

#endif

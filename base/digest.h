/* SPDX-License-Identifier: Apache-2.0 */
/* The digest of a report's content: equal for copies that say the same, however they are written.
 *
 * 128 bits of xxHash over the parsed values in document order. It tells a re-sent copy from a differing one; it is no
 * seal: whoever can forge a digest could as well forge the report, and the first one seen is kept either way. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/feedback.h"

/* Lies where its owner is, and there is nothing to free. Not to be moved between digest_init and digest_finish. */
struct digest {
  unsigned char room[640]; /* the state of xxHash, and what it takes to align that */
  uint64_t records[2];     /* the sum of the records' own hashes: it has no order */
};
void digest_init(struct digest *d); /* also to begin another one */
void digest_bytes(struct digest *d, const void *bytes, size_t size);
void digest_text(struct digest *d, const char *text); /* NULL is told from every text */
void digest_number(struct digest *d, int64_t n);
/* The record must be spelled (feedback_spell_pattern). */
void digest_record(struct digest *d, const struct feedback_record *record);
void digest_header(struct digest *d, const struct feedback_header *header);
/* Who reports: the organization's name, and the domain of its e-mail address, in any case. */
void digest_reporter(struct digest *d, const struct feedback_header *header);
/* What a report says, told by another digest: reporter, policy, and the records that were digested since
 * digest_init, in any order; not what the report is called, nor its period. */
void digest_content(const struct digest *d, const struct feedback_header *header, uint8_t ret[FEEDBACK_DIGEST_BYTES]);
void digest_finish(const struct digest *d, uint8_t ret[FEEDBACK_DIGEST_BYTES]);

/* All zeros: of what had no content. */
bool digest_is_none(const uint8_t digest[FEEDBACK_DIGEST_BYTES]);

#endif

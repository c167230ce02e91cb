/* SPDX-License-Identifier: Apache-2.0 */
/* The digest of a report's content: the same for copies that say the same, however they are written.
 *
 * 128 bits of xxHash over the parsed values in the order of the document. It tells a copy that was sent again from a
 * report that says something else. It is no seal: whoever can forge a digest can as well forge the report. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/feedback.h"

/* Needs no freeing. Must not be moved between digest_init and digest_finish. */
struct digest {
  unsigned char room[640]; /* the state of xxHash, and what it takes to align that */
  uint64_t records[2];     /* the sum of the records' own hashes: it has no order */
};
void digest_init(struct digest *d); /* also to begin anew */
void digest_bytes(struct digest *d, const void *bytes, size_t size);
void digest_text(struct digest *d, const char *text); /* NULL differs from every text */
void digest_number(struct digest *d, int64_t n);
/* The record must be spelled (feedback_spell_pattern). */
void digest_record(struct digest *d, const struct feedback_record *record);
void digest_header(struct digest *d, const struct feedback_header *header);
/* Who reports: the organization's name and the domain of its e-mail address, whatever their case. */
void digest_reporter(struct digest *d, const struct feedback_header *header);
/* Another digest, of what a report says: its reporter, its policy, and the records that were digested since
 * digest_init, whatever their order; without the report's id and period. */
void digest_content(const struct digest *d, const struct feedback_header *header, uint8_t ret[FEEDBACK_DIGEST_BYTES]);
void digest_finish(const struct digest *d, uint8_t ret[FEEDBACK_DIGEST_BYTES]);

/* Is it all zeros, the digest of a document without content? */
bool digest_is_none(const uint8_t digest[FEEDBACK_DIGEST_BYTES]);

#endif

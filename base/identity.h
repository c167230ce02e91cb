/* SPDX-License-Identifier: Apache-2.0 */
/* By what a report and a document are known again: 16 bytes each, made here alone, so that every store and a run that
 * writes nothing ask the same question.
 *
 * 128 bits of xxHash without a seed: they are stored, and mean the same on every machine. As with digest.h they are no
 * seal: who could forge the identity of a report could as well send a report with the same name. */
#ifndef BASE_IDENTITY_H
#define BASE_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/feedback.h"

#define IDENTITY_BYTES 16

struct identity {
  uint8_t bytes[IDENTITY_BYTES];
};

/* Does the header alone say which report this is? It has a report_id and a period then. */
bool identity_is_in_header(const struct feedback_header *header);
/* Of a report: reporter, policy domain, report_id, begin and end (RFC 7489 7.2.1.1); what is absent equals what is
 * absent. A reporter is the name of its organization, in any case, and the domain of its e-mail address: two that share
 * a name are two. The rest is taken letter by letter. Where report_id or the period is missing the content stands in:
 * reports that name nothing are one only if they say the same. `digest` is read in that case alone. */
struct identity identity_of_report(const struct feedback_header *header, const uint8_t digest[FEEDBACK_DIGEST_BYTES]);
/* By which people name a report: the first hexadecimal digits of its identity. */
#define IDENTITY_ID_DIGITS 12
const char *identity_id(const struct identity *identity, char ret[IDENTITY_ID_DIGITS + 1]);
/* Does the identity begin with the digits? False for what is not hexadecimal, or fewer than 8 digits. */
bool identity_has_id(const struct identity *identity, const char *id);
/* Of a document that was met: where it was found and what was in it; where nothing of it could be read (a digest of
 * zeros), where it was found. */
struct identity identity_of_document(const char *origin, const uint8_t digest[FEEDBACK_DIGEST_BYTES]);

#endif

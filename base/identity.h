/* SPDX-License-Identifier: Apache-2.0 */
/* By what a report and a document are recognised: 16 bytes each, made here and nowhere else, so that every store and a
 * dry run ask for the same thing.
 *
 * 128 bits of xxHash without a seed: they are stored, and are the same on every machine. Like a digest they are no
 * seal: whoever could forge the identity of a report could as well send a report with the same name. */
#ifndef BASE_IDENTITY_H
#define BASE_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/feedback.h"

#define IDENTITY_BYTES 16

struct identity {
  uint8_t bytes[IDENTITY_BYTES];
};

/* Does the header alone say which report this is, by its report_id and its period? */
bool identity_is_in_header(const struct feedback_header *header);
/* Of a report: its reporter, policy domain, report_id, begin and end (RFC 7489 7.2.1.1); absent equals absent. The
 * reporter is the name of the organization and the domain of its e-mail address, whatever their case: two organizations
 * that share a name are two. Everything else is compared letter by letter. If report_id or the period is missing, the
 * content stands in for it: such reports are the same only if they say the same. Only then is `digest` read. */
struct identity identity_of_report(const struct feedback_header *header, const uint8_t digest[FEEDBACK_DIGEST_BYTES]);
/* Of a part: some reporters send one report in several documents. `whole` is what identity_of_report says of each;
 * `content` tells them apart (feedback_header.content, or the digest where there is none). */
struct identity identity_of_part(const struct identity *whole, const uint8_t content[FEEDBACK_DIGEST_BYTES]);
/* What people call a report by: the first hexadecimal digits of its identity. Returns `ret`. */
#define IDENTITY_ID_DIGITS 12
const char *identity_id(const struct identity *identity, char ret[IDENTITY_ID_DIGITS + 1]);
/* Does the identity begin with the digits? False for what is not hexadecimal, or fewer than 8 digits. */
bool identity_has_id(const struct identity *identity, const char *id);
/* Of a document: where it was found, and the digest of its content unless that is all zeros, because nothing of it
 * could be read. */
struct identity identity_of_document(const char *origin, const uint8_t digest[FEEDBACK_DIGEST_BYTES]);

#endif

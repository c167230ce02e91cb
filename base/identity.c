/* SPDX-License-Identifier: Apache-2.0 */
/* The one spelling of an identity. It is stored: to change a field, its order or its form takes a migration. */
#include "base/identity.h"

#include <string.h>

#include "base/ascii.h"
#include "base/digest.h"
#include "base/hex.h"

bool identity_is_in_header(const struct feedback_header *h) {
  return h->report_id && h->begin_s != FEEDBACK_TIME_UNKNOWN && h->end_s != FEEDBACK_TIME_UNKNOWN;
}

struct identity identity_of_report(const struct feedback_header *h, const uint8_t digest[FEEDBACK_DIGEST_BYTES]) {
  struct identity identity;
  struct digest d;
  digest_init(&d);
  digest_reporter(&d, h);
  digest_text(&d, h->policy_domain);
  digest_text(&d, h->report_id);
  digest_number(&d, h->begin_s);
  digest_number(&d, h->end_s);
  if (!identity_is_in_header(h)) digest_bytes(&d, digest, FEEDBACK_DIGEST_BYTES);
  digest_finish(&d, identity.bytes);
  return identity;
}

struct identity identity_of_part(const struct identity *whole, const uint8_t content[FEEDBACK_DIGEST_BYTES]) {
  struct identity identity;
  struct digest d;
  digest_init(&d);
  digest_bytes(&d, whole->bytes, IDENTITY_BYTES);
  digest_bytes(&d, content, FEEDBACK_DIGEST_BYTES);
  digest_finish(&d, identity.bytes);
  return identity;
}

struct identity identity_of_document(const char *origin, const uint8_t digest[FEEDBACK_DIGEST_BYTES]) {
  struct identity identity;
  struct digest d;
  digest_init(&d);
  digest_text(&d, origin);
  if (!digest_is_none(digest)) digest_bytes(&d, digest, FEEDBACK_DIGEST_BYTES);
  digest_finish(&d, identity.bytes);
  return identity;
}

const char *identity_id(const struct identity *identity, char ret[IDENTITY_ID_DIGITS + 1]) {
  return hex_text(identity->bytes, IDENTITY_ID_DIGITS / 2, ret);
}

bool identity_has_id(const struct identity *identity, const char *id) {
  char digits[HEX_TEXT_BYTES(IDENTITY_BYTES)];
  size_t i = 0;
  hex_text(identity->bytes, IDENTITY_BYTES, digits);
  for (; id[i] && i < 2 * IDENTITY_BYTES; i++)
    if (ascii_lower(id[i]) != digits[i]) return false;
  return !id[i] && i >= 8;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a DNS reply answers to a question: from its bytes to texts. Private to dns/, apart from its own tests. */
#ifndef DNS_MESSAGE_H
#define DNS_MESSAGE_H

#include <stddef.h>

#include "dns/resolver.h"

/* How many texts of an answer are kept. A busy name has 10 addresses; a stranger's can have thousands. */
#define MOST_TEXTS 100
/* How many bytes all texts of an answer may have. The TXT records of a busy domain have 4,000 together. Of a longer
 * answer nothing is known, since the record that counts could be among what is left out. */
#define MOST_TEXT_BYTES 16384

struct dns_reply {
  enum dns_status status;
  const char *const *texts; /* in the arena; see struct dns_answer */
  unsigned count;
  uint32_t ttl_s; /* the shortest of the records that led there; for a negative reply see RFC 2308 5 */
  bool ttl_told;  /* false for a negative reply without SOA */
  enum dns_why why;
  const char *alias; /* see struct dns_answer; in the arena */
};

int dns_wire_type(enum dns_type type); /* its number in messages */

/* Anything that cannot be read, or answers another question, is DNS_FAILED. */
void dns_message_read(const unsigned char *bytes, size_t size, enum dns_type type, const char *name,
                      struct arena *arena, struct dns_reply *ret);

#endif

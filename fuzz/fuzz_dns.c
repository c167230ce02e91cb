/* SPDX-License-Identifier: Apache-2.0 */
/* Target: any bytes as what a name server answers. What is taken from it is printable, bounded, and a name where a name
 * was asked for. */
#include "dns/message.h"
#include "fuzz/fuzz.h"

static void look_at(const struct dns_reply *reply, enum dns_type type) {
  size_t bytes = 0;
  MUST(reply->count <= MOST_TEXTS);
  for (unsigned i = 0; i < reply->count; i++) {
    bytes += strlen(reply->texts[i]);
    for (const char *p = reply->texts[i]; *p; p++) MUST(*p >= ' ' && *p <= '~');
    if (type == DNS_MX || type == DNS_PTR) MUST(dns_name_is_askable(reply->texts[i]));
  }
  MUST(bytes <= MOST_TEXT_BYTES);
  if (reply->status == DNS_FAILED) MUST(reply->count == 0);
  if (reply->status == DNS_NONE) MUST(reply->count <= 1);
  if (reply->status == DNS_OK) MUST(reply->count > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct dns_reply reply;
  for (int type = 0; type < DNS_TYPES; type++) {
    dns_message_read(data, size, (enum dns_type)type, "www.example.com", arena, &reply);
    look_at(&reply, (enum dns_type)type);
    arena_reset(arena);
  }
  return 0;
}

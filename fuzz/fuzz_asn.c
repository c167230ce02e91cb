/* SPDX-License-Identifier: Apache-2.0 */
/* Target: any bytes as a database of networks. What it says of an address is bounded, or told as damage. */
#include "fuzz/fuzz.h"
#include "sender/asn.h"

/* libmaxminddb 1.7 leaves some KB behind where the metadata of a file is damaged, once a file. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libmaxminddb"; }

static const struct ip_addr ADDRESSES[] = {
    {.size = 4, .bytes = {192, 0, 2, 10}},
    {.size = 4, .bytes = {198, 51, 100, 1}},
    {.size = 4, .bytes = {255, 255, 255, 255}},
    {.size = 16, .bytes = {0x20, 0x01, 0x0d, 0xb8, 0, 5}},
    {.size = 16, .bytes = {0}},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct err e = {""};
  _cleanup_asn_db_ struct asn_db *db = NULL;
  _cleanup_fuzz_file_ struct fuzz_file file = fuzz_file(data, size);
  if (asn_open(file.path, &db, &e) < 0) {
    MUST(*e.text);
    return 0;
  }
  for (size_t i = 0; i < ARRAY_SIZE(ADDRESSES); i++) {
    struct asn asn = {0};
    int code = asn_find(db, &ADDRESSES[i], &asn, &e);
    MUST(code >= 0 || *e.text);
    if (code <= 0) continue;
    MUST(!asn.organization || strlen(asn.organization) <= MOST_ORGANIZATION_BYTES);
    for (const char *p = asn.country; *p; p++) MUST(*p >= 'A' && *p <= 'Z');
  }
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Limits on what one mail, or one file, brings into the database. */
#ifndef IMPORT_LIMITS_H
#define IMPORT_LIMITS_H

#include <stdint.h>

/* 0: the default, which is smaller for a mail than for a file, and for a small mail than for a large one (caps.c). */
struct import_limits {
  uint32_t reports;    /* 1,000,000; of a mail 250 */
  uint32_t domains;    /* different policy domains: 100,000; of a mail 100 */
  uint32_t names;      /* different domains, selectors, texts and addresses: 2,000,000; of a mail 200,000 */
  uint64_t text_bytes; /* what different records say, all but source and count: 512 MiB; of a mail 4 MiB */
  uint64_t records;    /* of all reports of a mail: 1,000,000; of one document: see parser.h */
};

#endif

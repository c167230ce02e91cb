/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a report. Some reporters send a large one in several documents with one report_id and one period. What
 * makes them parts, and not one report told in two ways, is that no source is in both: a report that was corrected, or
 * forged by somebody who knows its name, speaks of the same sources again. Private to import/.
 *
 * A forged part is worth no more than any report that its forger might send under another report_id: it is a report of
 * its own, with the provenance of its own mail. */
#ifndef IMPORT_PARTS_H
#define IMPORT_PARTS_H

#include "base/hashmap.h"
#include "store/store.h"

/* A part is a bit. A reporter of whose report there are more sends each message as a report. */
#define MOST_PARTS 31
#define COMING_PART MOST_PARTS /* the document whose sources are put before it is known what becomes of it */
typedef uint32_t part_bits;

struct part {
  struct identity identity;
  struct store_known known; /* is_known false: another has taken its place */
};

struct report_parts {
  struct part *items; /* the first has the identity of the report */
  unsigned count, capacity;
  bool is_full;           /* more parts or sources than are compared: nothing is found to be another part */
  struct hashmap sources; /* of all of them: 16 bytes -> part_bits */
};
void parts_init(struct report_parts *p);
void parts_clear(struct report_parts *p);

/* Adds the stored parts of the report of that header, whose identity is `whole`. */
int parts_read(struct report_parts *p, struct store *s, const struct feedback_header *header,
               const struct identity *whole, struct err *e);
/* The number of the part with that identity, which is there from now on, in the place of one that has it. */
unsigned parts_put(struct report_parts *p, const struct identity *identity, const struct store_known *known);
void parts_put_sources(struct report_parts *p, unsigned part, struct feedback_record *const *records, uint32_t count);
/* The sources of COMING_PART are those of the part from now on; MOST_PARTS or more: of none. */
void parts_settle_sources(struct report_parts *p, unsigned part);
/* Another has taken its place. */
void parts_drop(struct report_parts *p, unsigned part);
/* The parts that have a source of the records; COMING_PART has none. */
part_bits parts_sharing(const struct report_parts *p, struct feedback_record *const *records, uint32_t count);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Parcels as bytes, from the process that parses to the one that stores. Whoever reads them trusts nothing: the other
 * side may be a stranger's by now. Private to import/. */
#ifndef IMPORT_WIRE_H
#define IMPORT_WIRE_H

#include "import/pipeline.h"

/* Appends the parcel: all that a taker may read of it. */
void wire_put(struct strbuf *out, const struct parcel *p);
/* The parcel in these bytes, which its texts point into, and which so have to live as long. What else it needs is
 * allocated in `arena`. False where the bytes are none that wire_put makes of what the parser makes: each text ends,
 * is UTF-8 and belongs to one field, each number is in its range. Which parcel may follow which is the caller's to say.
 */
bool wire_get(char *bytes, size_t size, struct arena *arena, struct parcel *ret);

#endif

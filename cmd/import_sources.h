/* SPDX-License-Identifier: Apache-2.0 */
/* The sources of an import, out of its arguments, options and configuration. */
#ifndef CMD_IMPORT_SOURCES_H
#define CMD_IMPORT_SOURCES_H

#include "cmd/import_options.h"

/* `ret` is to be cleared, on failure too; it points into the options. ERR_USAGE: nothing is named, or what is cannot go
 * together. */
int import_sources_collect(const struct import_verb_options *o, struct import_sources *ret, struct err *e);
void import_sources_clear(struct import_sources *s);

#endif

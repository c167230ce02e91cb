/* SPDX-License-Identifier: Apache-2.0 */
/* A list of faults. */
#include "dns/fault.h"

#include <stdarg.h>
#include <stdio.h>

void dns_fault_add(struct dns_faults *f, struct arena *arena, const char *fault, const char *section,
                   const char *format, ...) {
  char detail[1024];
  va_list args;
  if (f->count == MOST_FAULTS) return;
  va_start(args, format);
  vsnprintf(detail, sizeof detail, format, args);
  va_end(args);
  f->items[f->count++] = (struct dns_fault){fault, arena_strdup(arena, detail), section};
}

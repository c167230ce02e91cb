/* SPDX-License-Identifier: Apache-2.0 */
/* The lines that collectors of events take: each a record of the export as a JSON object, in a frame of theirs. Private
 * to report/. */
#ifndef REPORT_EXPORT_SINKS_H
#define REPORT_EXPORT_SINKS_H

#include "base/mem.h"
#include "report/export/export.h"

/* What a frame is made of. */
struct sink_event {
  const char *id;  /* names the record, whoever exports it, and whenever */
  int64_t begin_s; /* of its report; FEEDBACK_TIME_UNKNOWN */
};
/* What stands before the object, and behind it on its line. Appends. */
void sink_open(enum export_sink sink, const struct sink_event *event, struct strbuf *out);
void sink_close(enum export_sink sink, struct strbuf *out);

#endif

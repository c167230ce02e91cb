/* SPDX-License-Identifier: Apache-2.0 */
/* The frames of three collectors. */
#include "report/export/sinks.h"

#include <string.h>
#include <unistd.h>

#include "base/utc.h"

/* RFC 5424 6.2.1: facility local0 (16), severity informational (6). */
#define PRIORITY (16 * 8 + 6)
#define HOST_NAME_BYTES 256 /* RFC 5424 6: at most 255 characters */

/* NILVALUE where there is none, or one that is no PRINTUSASCII (RFC 5424 6.2.4). */
static void add_host(struct strbuf *out) {
  char name[HOST_NAME_BYTES] = "";
  bool is_plain = gethostname(name, sizeof name - 1) == 0 && *name;
  for (const char *at = name; *at; at++) is_plain = is_plain && *at > ' ' && *at <= '~';
  strbuf_add_text(out, is_plain ? name : "-");
}

static void open_syslog(const struct sink_event *event, struct strbuf *out) {
  char time[UTC_TEXT_BYTES];
  const bool is_known = event->begin_s != FEEDBACK_TIME_UNKNOWN;
  strbuf_printf(out, "<%d>1 %s ", PRIORITY, is_known ? utc_format(event->begin_s, time) : "-");
  add_host(out);
  strbuf_add_text(out,
                  " dmarcctl - record - "); /* no PROCID: the same message comes from each run; no structured data */
}

static void open_splunk(const struct sink_event *event, struct strbuf *out) {
  strbuf_add_char(out, '{');
  if (event->begin_s != FEEDBACK_TIME_UNKNOWN) strbuf_printf(out, "\"time\":%lld,", (long long)event->begin_s);
  strbuf_add_text(out, "\"source\":\"dmarcctl\",\"sourcetype\":\"dmarcctl:record\",\"event\":");
}

void sink_open(enum export_sink sink, const struct sink_event *event, struct strbuf *out) {
  switch (sink) {
    case SINK_ELASTIC:
      /* "index" overwrites what has the same id: what comes once more changes nothing. */
      strbuf_printf(out, "{\"index\":{\"_id\":\"%s\"}}\n", event->id);
      break;
    case SINK_SPLUNK:
      open_splunk(event, out);
      break;
    case SINK_SYSLOG:
      open_syslog(event, out);
      break;
  }
}

void sink_close(enum export_sink sink, struct strbuf *out) {
  if (sink == SINK_SPLUNK) strbuf_add_char(out, '}');
}

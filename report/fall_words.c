/* SPDX-License-Identifier: Apache-2.0 */
/* Tells since when mail fails, at whom, and what changed in the DNS then. */
#include <string.h>

#include "base/utc.h"
#include "report/words.h"

static void tell_reporters(const struct fall *f, struct strbuf *out) {
  if (f->only_at)
    strbuf_printf(out, " only at one reporter: see there (%s)", *f->only_at ? f->only_at : "one without a name");
  else if (f->reporters == 1)
    strbuf_add_text(out, " at the one reporter that tells of it");
  else if (f->failed_at == f->reporters)
    strbuf_add_text(out, " at every reporter");
  else
    strbuf_printf(out, " at %u of %u reporters", f->failed_at, f->reporters);
}

/* A line of the log of SPF, in a sentence. */
static void tell_spf(const struct fall *f, struct strbuf *out) {
  if (!strncmp(f->change, "- ", 2))
    strbuf_printf(out, "SPF of %s lost %s", f->name, f->change + 2);
  else
    strbuf_printf(out, "SPF of %s: %s", f->name, f->change);
}

void fall_tell(const struct fall *f, struct strbuf *out) {
  char text[UTC_TEXT_BYTES];
  strbuf_printf(out, "fails since %s", utc_format_day(utc_from_day(f->since_day), text));
  tell_reporters(f, out);
  if (!f->change) return;
  strbuf_add_text(out, "; ");
  if (f->subject == LOG_SPF)
    tell_spf(f, out);
  else
    strbuf_add_text(out, f->change);
  strbuf_printf(out, " between %s", utc_format(f->before_s, text));
  strbuf_printf(out, " and %s", utc_format(f->seen_s, text));
}

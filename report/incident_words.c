/* SPDX-License-Identifier: Apache-2.0 */
/* Tells an incident in a sentence, and what to do about it. */
#include <string.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/utc.h"
#include "report/words.h"

static void tell_day(struct strbuf *out, int32_t day) {
  char text[UTC_TEXT_BYTES];
  strbuf_add_text(out, utc_format_day(utc_from_day(day), text));
}

/* "2025-02-26 to 2025-03-02", or the one day. */
static void tell_days(struct strbuf *out, const struct incident *i) {
  tell_day(out, i->begin_day);
  if (i->last_day == i->begin_day) return;
  strbuf_add_text(out, " to ");
  tell_day(out, i->last_day);
}

static void tell_usual(struct strbuf *out, const struct incident *i) {
  if (i->usual < 1) {
    strbuf_add_text(out, "; on an ordinary day there is none");
    return;
  }
  strbuf_add_text(out, "; an ordinary day has ");
  figure_integer(out, (int64_t)i->usual, true);
}

void incident_tell(const struct incident *i, struct strbuf *out) {
  figure_count(out, i->messages, "message");
  switch (i->kind) {
    case INCIDENT_REPLAY:
      strbuf_add_text(out, " with a valid signature of yours from ");
      figure_count(out, i->networks, "network");
      strbuf_add_text(out, " that never sent any, ");
      tell_days(out, i);
      tell_usual(out, i);
      break;
    case INCIDENT_SURGE:
      strbuf_add_text(out, ", ");
      tell_days(out, i);
      tell_usual(out, i);
      break;
    case INCIDENT_NEW_FROM:
      strbuf_add_text(out, " under a name that was never used in From: before ");
      tell_day(out, i->begin_day);
      break;
    case INCIDENT_CEASED:
      strbuf_add_text(out, " in the weeks before, and none since ");
      tell_day(out, i->last_day);
      break;
  }
}

/* Where the key is published: "s1._domainkey.example.com" of "example.com/s1". Of some only the domain is known. */
static void tell_key(struct strbuf *out, const char *selector) {
  const char *slash = strrchr(selector, '/');
  const int length = slash ? (int)(slash - selector) : (int)strlen(selector);
  if (!slash || !strcmp(slash, "/?"))
    strbuf_printf(out, "the key under %.*s", length, selector);
  else
    strbuf_printf(out, "%s._domainkey.%.*s", slash + 1, length, selector);
}

void incident_advise(const struct incident *i, struct strbuf *out) {
  switch (i->kind) {
    case INCIDENT_REPLAY:
      strbuf_add_text(out,
                      "strangers send a signed message again: it passes DMARC, and no policy stops it. Rotate the "
                      "key: publish a new one under another selector, sign with that, then empty the p= of ");
      tell_key(out, i->subject);
      strbuf_add_text(out, " (RFC 6376 3.6.1), which ends it");
      break;
    case INCIDENT_SURGE:
      strbuf_add_text(out,
                      "if nobody of yours sent so much, somebody uses your senders: look for a stolen account, and "
                      "change its password and keys");
      break;
    case INCIDENT_NEW_FROM:
      strbuf_add_text(out, "find out who sends under it; if nobody of yours does, somebody uses your senders");
      break;
    case INCIDENT_CEASED:
      strbuf_add_text(out,
                      "find out whether it should still send, or sends unseen: by another way, or not at all; take "
                      "its keys and its part of the SPF record away where it is retired");
      break;
  }
}

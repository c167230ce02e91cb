/* SPDX-License-Identifier: Apache-2.0 */
/* The rules for bulk senders in words: whose they are, what is missing, what is to be done. */
#include <string.h>

#include "base/cleanup.h"
#include "report/words.h"

static const char *const RECEIVER_NAMES[RECEIVERS] = {
    [RECEIVER_GOOGLE] = "Google", [RECEIVER_YAHOO] = "Yahoo", [RECEIVER_MICROSOFT] = "Microsoft"};

static const char *const RECEIVER_RULES[RECEIVERS] = {
    [RECEIVER_GOOGLE] =
        "over 5,000 messages a day to personal Gmail accounts since February 2024; who reached that once "
        "remains a bulk sender. Its reports count Workspace accounts too",
    [RECEIVER_YAHOO] = "bulk senders since February 2024, without a number of its own: 5,000 a day is taken here",
    [RECEIVER_MICROSOFT] = "over 5,000 messages a day to outlook.com, hotmail.com and live.com since May 2025",
};

const char *compliance_receiver_name(enum compliance_receiver r) { return RECEIVER_NAMES[r]; }
const char *compliance_receiver_rule(enum compliance_receiver r) { return RECEIVER_RULES[r]; }

const char *compliance_miss_word(enum compliance_miss miss) {
  static const char *const WORDS[MISSES] = {[MISS_SIGNATURE] = "no DKIM signature",
                                            [MISS_DKIM] = "DKIM fails",
                                            [MISS_SPF] = "SPF fails",
                                            [MISS_SPF_SAID] = "no SPF",
                                            [MISS_ALIGNMENT] = "not aligned"};
  return WORDS[miss];
}

static void spell_repair(const struct compliance *c, const struct compliance_source *s, enum compliance_miss miss,
                         struct strbuf *out) {
  const char *domain = c->judgement->domain;
  switch (miss) {
    case MISS_ALIGNMENT:
      strbuf_printf(out, "let it sign with a key of %s, or use a return path of it", domain);
      break;
    case MISS_SIGNATURE:
      strbuf_printf(out, "sign its mail with DKIM as %s", domain);
      break;
    case MISS_DKIM:
      if (s->signature_cause == CAUSE_KEY)
        strbuf_add_text(out, "check that the key it signs with is published and is the one that signs");
      else if (s->signature_cause == CAUSE_IN_TRANSIT)
        strbuf_add_text(out, "find what changes a part of its mail after it was signed");
      else
        strbuf_add_text(out, "publish the key it signs with, or find what changes its mail on the way");
      break;
    case MISS_SPF:
      strbuf_printf(out, "authorise it in the SPF record of %s", s->spf_domain ? s->spf_domain : "its return path");
      break;
    case MISS_SPF_SAID:
      strbuf_add_text(out, "publish an SPF record for the domain of its return path");
      break;
    case MISSES:
      break;
  }
}

/* The catalogue knows best how to sign and align at a service. */
static bool is_services(enum compliance_miss miss) { return miss == MISS_ALIGNMENT || miss == MISS_SIGNATURE; }

void compliance_repair(const struct compliance *c, const struct compliance_source *source, struct strbuf *out) {
  enum compliance_miss misses[MISSES];
  const char *of_service = source->service ? source->service->repair : NULL;
  unsigned count = compliance_misses(&source->mail, misses);
  const char *between = "";
  bool told = false;
  for (unsigned i = 0; i < count; i++) {
    bool by_service = of_service && is_services(misses[i]);
    if (by_service && told) continue;
    strbuf_add_text(out, between);
    if (by_service)
      strbuf_add_text(out, of_service);
    else
      spell_repair(c, source, misses[i], out);
    told = told || by_service;
    between = "; ";
  }
}

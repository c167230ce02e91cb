/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl dns: the records that mail rests on, written down day by day. */
#include "cmd/dns.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/domain.h"
#include "cmd/talk.h"
#include "cmd/verb.h"

enum action { ACTION_SNAPSHOT, ACTION_LOG, ACTION_KEYS, ACTION_SPF };
static const struct option_word ACTIONS[] = {{.word = "snapshot", .value = ACTION_SNAPSHOT},
                                             {.word = "log", .value = ACTION_LOG},
                                             {.word = "keys", .value = ACTION_KEYS},
                                             {.word = "spf", .value = ACTION_SPF},
                                             {0}};

#define AT(field) OPTION_AT(struct options, judgement.field)
static const struct option OWN[] = {
    {"dns-server", 0, OPTION_TEXT, "ADDRESS",
     "snapshot: ask this resolver, 192.0.2.1 or 192.0.2.1:5353; default: the system's", AT(dns_server)},
    {"dns-timeout", 0, OPTION_NUMBER, "SECONDS", "snapshot: wait no longer than this, in all; default 60",
     AT(dns_timeout_s), .least = 1, .most = 86400, .unit = "seconds"},
    {"since", 0, OPTION_BEGIN, "DATE", "log: changes that were found at this time or later",
     OPTION_AT(struct options, period.since_s)},
};

static int run_action(enum action action, const struct options *o) {
  switch (action) {
    case ACTION_SNAPSHOT:
      return dns_snapshot(o);
    case ACTION_LOG:
      return dns_log(o);
    case ACTION_KEYS:
      return dns_keys(o);
    case ACTION_SPF:
      return dns_spf(o);
  }
  return EXIT_USAGE;
}

bool dns_is_named(const struct options *o, const char *domain) {
  bool named = !o->arg_count;
  for (unsigned i = 0; i < o->arg_count && !named; i++) named = !strcmp(o->args[i], domain);
  return named;
}

/* What stands behind the action are domains. */
static int run(const struct options *o) {
  struct options domains_alone = *o;
  const struct option_word *action = option_word_find(ACTIONS, o->args[0]);
  if (!action) {
    _cleanup_strbuf_ struct strbuf words = STRBUF_INIT;
    option_words_join(ACTIONS, ", ", &words);
    return talk_failure(EXIT_USAGE, "dns: \"%s\" is none of %s", o->args[0], strbuf_text(&words));
  }
  const unsigned count = o->arg_count - 1;
  char **domains = mem_alloc((count + 1) * sizeof *domains);
  for (unsigned i = 0; i < count; i++) domains[i] = domain_spelled(o->args[i + 1]);
  domains_alone.args = (const char **)domains;
  domains_alone.arg_count = count;
  const int code = run_action((enum action)action->value, &domains_alone);
  for (unsigned i = 0; i < count; i++) free(domains[i]);
  free(domains);
  return code;
}

const struct verb VERB_DNS = {
    .name = "dns",
    .summary = "the records that your mail rests on, written down day by day",
    .details =
        "snapshot asks the DNS for the records of all domains, or of these, and keeps what is new: DMARC with consents, SPF\n"
        "with all that it includes, the key of each selector that mail was signed with in 400 days, MX, NS, MTA-STS, TLS\n"
        "reporting, BIMI. Run it every day.\n"
        "log tells what has changed between snapshots; keys has the key of each selector, with the mail that uses it;\n"
        "spf has the terms of SPF records with the mail that passed by each.\n",
    .examples =
        "  dmarcctl dns snapshot --quiet\n"
        "  dmarcctl dns log example.com\n",
    .arguments = ARGUMENTS_WORDS,
    .words = ACTIONS,
    .usage_behind = "[DOMAIN...]",
    .least_args = 1,
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_OUTPUT | OPTIONS_ROWS | OPTIONS_DOMAINS,
    .own = OPTION_TABLE(OWN),
    .run = run,
};

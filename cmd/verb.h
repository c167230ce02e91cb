/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs: one file each, listed in main.c. */
#ifndef CMD_VERB_H
#define CMD_VERB_H

#include "cmd/options.h"

/* Runs a verb with its parsed options; returns the exit code. */
typedef int verb_fn(struct options *o);

struct verb {
  const char *name;
  verb_fn *run;
  unsigned groups; /* of its options (options.h) */
  unsigned least_args, most_args;
  const char *arguments; /* "[DOMAIN...]", or words with '|' between */
  const char *summary;
  const char *details;
};
/* The i-th of the list; NULL behind the last. */
const struct verb *verb_at(unsigned i);

verb_fn verb_import, verb_summary, verb_sources, verb_reporters, verb_trend, verb_reports, verb_errors, verb_readiness,
    verb_label, verb_selectors, verb_compliance, verb_whatif, verb_report, verb_export, verb_config, verb_completion,
    verb_diff;

#endif

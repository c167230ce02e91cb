/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs: one file each, listed in main.c. */
#ifndef CMD_VERB_H
#define CMD_VERB_H

#include "options.h"

/* Runs a verb with its parsed options; returns the exit code. */
typedef int verb_fn(struct options *o);

verb_fn verb_import, verb_summary, verb_sources, verb_reporters, verb_trend, verb_reports, verb_errors, verb_readiness,
    verb_label, verb_selectors, verb_compliance, verb_whatif, verb_export, verb_config;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Every number that a verdict depends on. The table in thresholds.c has the default, limits and reason of each; users
 * can set each by name, on the command line or in the configuration file. */
#ifndef VERDICT_THRESHOLDS_H
#define VERDICT_THRESHOLDS_H

#include "base/err.h"

enum { TO_QUARANTINE, TO_REJECT };

/* Shares are fractions of 1. Pairs have one number for each step, by TO_QUARANTINE and TO_REJECT. */
struct thresholds {
  /* the window */
  double window_days, longest_window_days, window_messages, window_data_days;
  double memory_days, clock_ahead_days, settling_days, steady_policy_days;
  /* how often reports of a domain arrive */
  double daily_gap_days, rhythm_share, rhythm_least_days, rhythm_age, silent_rhythms;
  /* whose stream it is */
  double own_spf_messages, own_spf_days;
  double own_host_share, all_share, passer_broken_share, home_share, forwarder_share, forwarded_word_share,
      forwarded_home_share, forwarded_word_most, modified_share;
  double habit_share, habit_span_days, run_apart_days, run_share, runs_of_own_share, runs_least;
  double habit_days, met_again_days;
  double returning_share, returning_hosts_share, hosts_a_day, few_hosts, weekend_share, forged_spf_share;
  double long_span_days, lasting_days, resident_share, bulk_of_own_share, signed_bulk_of_own_share, bulk_least,
      names_that_go, wander_share, wander_of_own_share, alone_share, wander_visits, weekly_runs, weekly_share,
      working_hosts, monthly_runs;
  double crowd_hosts, crowd_times, crowd_run_share, stranger_days, first_run_networks, stranger_least_days;
  double run_days, mended_overlap_share, mended_weeks, taken_over_share, taken_over_rise, refused_share, refused_days;
  /* gates */
  double policy_days, data_days[2];
  double report_age_warn_days, report_age_days;
  double reporters, top_reporter_share, contradicted_share, unchecked_share;
  double own_lower[2], source_messages, source_failures, source_rate[2];
  double undecided_all[2], undecided_one[2];
  double new_source_days[2], stranger_share[2];
  double drop[2], drop_days, drop_before_messages, drop_messages;
  double contradicted[2], contradicted_days;
  double stopped_share, stopped_rest, stopped_successor, stopped_days, stopped_rhythms, retired_days;
  double dkim_share_warn, spf_alone_share, spf_alone_small, spf_saved_rise;
  double forwarded_share, forwarded_asks;
  /* false reports */
  double robust_against, witness_days, suspect_times, suspect_messages, seen_by_others_times;
  double fleeting_days, fleeting_share, fleeting_times;
  /* what is told of beside the verdict */
  double finding_new_days, finding_clean_days, finding_told_days, finding_dkim_share, finding_sender_messages;
  double finding_expected_times;
};
extern const struct thresholds THRESHOLDS_DEFAULT;

struct threshold {
  const char *name;   /* as users write it: "own_pass_lower.reject" */
  const char *unit;   /* "days", "%", "messages", "reporters", "hosts", "times" */
  double least, most; /* the range that may be set, in its unit */
  const char *origin; /* where the default comes from: "own" for our own judgement, or e.g. "RFC 9989 7.4" */
  const char *reason;
};

/* Row `i` of the table; NULL if there are fewer. */
const struct threshold *threshold_at(unsigned i);
/* The value of row `i` in its unit: 98 for 98 %. */
double threshold_value(const struct thresholds *t, unsigned i);
/* Sets a threshold by name to a value in its unit. ERR_USAGE: no such name, not a number, or out of its limits; `t` is
 * then unchanged. */
int threshold_set(struct thresholds *t, const char *name, const char *value, struct err *e);

#endif

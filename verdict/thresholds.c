/* SPDX-License-Identifier: Apache-2.0 */
/* The defaults; thresholds.h says where each comes from. */
#include "thresholds.h"

const struct thresholds THRESHOLDS_DEFAULT = {
    .window_days = 30,
    .longest_window_days = 180,
    .memory_days = 400,
    .clock_ahead_days = 2,
    .home_share = 0.10,
    .forwarder_share = 0.02,
    .rhythm_days = 4,
    .rhythm_span_days = 8,
    .policy_days = 30,
    .data_days = {14, 21},
    .report_age_warn_days = 3,
    .report_age_days = 7,
    .reporters = 3,
    .top_reporter_share = 0.90,
    .own_lower = {0.98, 0.99},
    .source_messages = 20,
    .source_rate = {0.95, 0.99},
    .undecided_all = {0.02, 0.005},
    .undecided_one = {0.01, 0.005},
    .new_source_days = {7, 14},
    .drop = {0.01, 0.005},
    .dkim_share_warn = 0.90,
    .forwarded_share = 0.02,
};

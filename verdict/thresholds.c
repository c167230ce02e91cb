/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the thresholds: the default of each, what may be set, who asks for it, and why it is what it is. */
#include "verdict/thresholds.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/nearest.h"

/* X(field, name, default, unit, least, most, origin, reason): default and limits in the unit. */
/* clang-format off */
#define TABLE(X) \
  X(window_days, "window", 30, DAYS, 1, 3650, "RFC 9989 7.4", "a month of mail") \
  X(longest_window_days, "window.longest", 180, DAYS, 1, 3650, "own", "how far a domain with little mail looks back instead of lowering the bar") \
  X(window_messages, "window.messages", 268, MESSAGES, 0, 1e9, "Wilson", "own mail that lets the window stay short: without a failure it proves 99 %") \
  X(window_data_days, "window.data_days", 14, DAYS, 0, 3650, "own", "days with data that let the window stay short") \
  X(memory_days, "memory", 400, DAYS, 1, 36500, "own", "what was seen within it and is silent now still counts: yearly invoices") \
  X(clock_ahead_days, "clock_ahead", 2, DAYS, 0, 365, "own", "a report that ends later than this from now has a wrong clock") \
  X(settling_days, "settling", 2, DAYS, 0, 60, "own", "(RFC 9990 3.3) receivers learn of a changed record within days of each other") \
  X(steady_policy_days, "policy.steady", 7, DAYS, 1, 3650, "own", "on which a reporter must tell of a policy that most do not, or alone of an sp or np, to be heard; and leave out t=y or a pct that it told of, for it to be over") \
  X(daily_gap_days, "rhythm.daily", 2.5, DAYS, 1, 30, "own", "mean gap between days with data that still is daily mail: working weeks") \
  X(rhythm_share, "rhythm.share", 70, PERCENT, 1, 100, "own", "of the days its rhythm leads to expect, those a slower domain must show") \
  X(rhythm_least_days, "rhythm.least", 3, DAYS, 1, 365, "own", "days with data below which there is no rhythm") \
  X(rhythm_age, "rhythm.age", 1.5, TIMES, 1, 100, "own", "of its rhythm, how old the newest report of a slower domain may be") \
  X(silent_rhythms, "rhythm.silent", 3, TIMES, 1, 100, "own", "of its own rhythm, after which a reporter is silent") \
  X(own_spf_messages, "own_spf.messages", 5, MESSAGES, 0, 1e9, "own", "passing own SPF alone that make a source a home of the owner's") \
  X(own_spf_days, "own_spf.days", 2, DAYS, 1, 365, "own", "and the days they must come on") \
  X(own_host_share, "own_host", 25, PERCENT, 0, 100, "own", "of what a host sends and that is not signed by others, which passes as the owner's: then the rest is his too") \
  X(all_share, "own_all", 95, PERCENT, 0, 100, "own", "of own mail that is signed, or of a service's that passes SPF, which is as good as all") \
  X(passer_broken_share, "passer_broken", 20, PERCENT, 0, 100, "own", "of own mail that a source without a name passes on, above which it breaks too much for a forwarder") \
  X(home_share, "home", 10, PERCENT, 0, 100, "own", "of a selector's volume makes a source with several selectors a home") \
  X(forwarder_share, "forwarder", 2, PERCENT, 0, 100, "own", "of a selector's volume below which a source only passes mail on") \
  X(forwarded_word_share, "forwarded_word", 5, PERCENT, 0, 100, "own", "of a stream that reporters call forwarded: not all of them look") \
  X(forwarded_home_share, "forwarded_word.home", 25, PERCENT, 0, 100, "own", "the same where the selector is at home: own mail breaks there as well") \
  X(forwarded_word_most, "forwarded_word.most", 4, PERCENT, 0, 100, "own", "of own mail, above which that word alone makes no forwarder of a source that passes nothing on intact") \
  X(modified_share, "modified", 1, PERCENT, 0, 100, "own", "of own mail, above which broken signatures are a question, not a list") \
  X(habit_share, "habit", 50, PERCENT, 1, 100, "own", "of the days of a stretch, on which a stranger who has a habit is there: working weeks have 71") \
  X(habit_span_days, "habit.span", 8, DAYS, 1, 365, "own", "length of that stretch: a run of forgers is over within the week") \
  X(run_apart_days, "habit.apart", 5, DAYS, 2, 365, "own", "from one day to the next that make two runs: more than a long weekend, less than a week") \
  X(run_share, "habit.run", 25, PERCENT, 0, 100, "own", "of the largest run, which the second must have: a stray message is none") \
  X(runs_of_own_share, "habit.runs", 0.5, PERCENT, 0, 100, "own", "of own mail, below which the runs of a window ask nothing") \
  X(runs_least, "habit.runs.messages", 5, MESSAGES, 1, 1e9, "own", "of the runs of a window, below which they are chance meetings, however little the owner sends") \
  X(habit_days, "habit.days", 4, DAYS, 1, 365, "own", "days on which a broken signature must be met again, within habit.span at least, to be a question") \
  X(met_again_days, "habit.again", 3, DAYS, 1, 365, "own", "between two meetings that are no single run") \
  X(returning_share, "habit.networks", 25, PERCENT, 0, 100, "own", "of a name's mail from networks that come back, below which a botnet bears the name") \
  X(returning_hosts_share, "habit.hosts", 50, PERCENT, 0, 100, "own", "of a /24's mail from hosts that come back, which make it one sender's") \
  X(hosts_a_day, "habit.hosts_a_day", 1.5, TIMES, 1, 256, "own", "hosts of a /24 a day, up to which it is one host that moves: at midnight there are two") \
  X(few_hosts, "habit.few_hosts", 3, HOSTS, 1, 256, "own", "a day that bear one name, up to which it may be a cloud's that changes addresses, and no botnet's") \
  X(weekend_share, "habit.weekend", 15, PERCENT, 0, 100, "own", "of a /24's mail on two days of the week, below which it keeps working weeks (even spread: 29)") \
  X(forged_spf_share, "habit.forged", 50, PERCENT, 0, 100, "own", "failing SPF of the owner's, above which a /24 without working weeks and returning hosts is a forger's") \
  X(long_span_days, "habit.long_span", 21, DAYS, 1, 365, "own", "length of the stretch for a /24, and for whoever does not stand out of a crowd: longer than a bot lives") \
  X(lasting_days, "habit.lasting", 5, DAYS, 2, 365, "own", "on which one host is met, over habit.long_span at least and without a pause of half the time: a shop with mail on some days") \
  X(resident_share, "habit.resident", 80, PERCENT, 1, 100, "own", "of the days of twice habit.long_span, on which a /24 is there that is one sender's whoever sends in it") \
  X(bulk_of_own_share, "habit.bulk", 10, PERCENT, 0, 100, "own", "of own mail, from which on one run of a name is a question by its size") \
  X(signed_bulk_of_own_share, "habit.bulk.signed", 2, PERCENT, 0, 100, "own", "the same of a name that signs, where fewer than stranger.names, with it, sent one run of half its size or more") \
  X(bulk_least, "habit.bulk.messages", 100, MESSAGES, 1, 1e9, "own", "of such a run, below which it is none") \
  X(names_that_go, "stranger.names", 4, NAMES, 1, 1e9, "own", "names that sent one run in the four weeks before and are gone: the next of their size is no news") \
  X(wander_share, "habit.wander", 65, PERCENT, 1, 100, "own", "of the days of a stretch of habit.long_span, on which hosts that nobody meets again follow each other: working weeks have 71, with a holiday 67") \
  X(wander_of_own_share, "habit.wander.own", 1, PERCENT, 0, 100, "own", "of own mail, below which (and below own_source.messages) hosts of one day ask nothing in a window") \
  X(alone_share, "habit.alone", 80, PERCENT, 1, 100, "own", "of these days with a single such host: if they came by chance, there were two on most days") \
  X(wander_visits, "habit.wander.visits", 10, HOSTS, 2, 1e6, "own", "days of such hosts, below which they follow each other by chance") \
  X(weekly_runs, "habit.weekly", 4, RUNS, 2, 365, "own", "on one and the same day of the week (or on each of two to four), from hosts that nobody meets again: chance does that once in 343 times") \
  X(weekly_share, "habit.weekly.share", 80, PERCENT, 1, 100, "own", "of these days of the week, on which they must be there; and of weeks, in which hosts rest at the weekend") \
  X(working_hosts, "habit.working", 20, HOSTS, 1, 1e6, "own", "a week, from which on hosts that rest at the weekend keep working weeks: fewer do so by chance") \
  X(monthly_runs, "habit.monthly", 3, RUNS, 2, 365, "own", "within three days of the month, first or last, from hosts that nobody meets again") \
  X(crowd_hosts, "crowd", 50, HOSTS, 1, 1e9, "own", "strangers of a window, from which on they are a crowd that comes and goes") \
  X(crowd_times, "crowd.out", 3, TIMES, 1, 1e6, "own", "what a host of the crowd sends a day, which one who stands out sends") \
  X(crowd_run_share, "crowd.run", 75, PERCENT, 0, 100, "own", "of the largest run, which the second of who does not stand out of a crowd must have: one wrong clock gives every bot a second run") \
  X(stranger_days, "stranger.days", 14, DAYS, 1, 365, "own", "age below which a stranger who stays may still become a habit") \
  X(first_run_networks, "stranger.networks", 8, NETWORKS, 1, 1e9, "own", "of a name that passes and was met first in these days, up to which it may be a service's first run: a botnet is everywhere") \
  X(stranger_least_days, "stranger.least", 3, DAYS, 1, 365, "own", "days on which such a stranger must have been there: most forgers are gone by then") \
  X(run_days, "run", 7, DAYS, 1, 365, "own", "length of a run: by its fullest one a dormant stream is judged") \
  X(mended_overlap_share, "mended", 50, PERCENT, 0, 100, "own", "days that broken and whole mail share, above which the broken was never mended") \
  X(mended_weeks, "mended.weeks", 3, RUNS, 1, 52, "own", "on one day of the week, without which whole mail does not keep to it, so that broken mail on another day may be the same program's") \
  X(taken_over_share, "taken_over", 50, PERCENT, 0, 1000, "own", "of what a sender of own mail sent who fell silent, which the others send more since: then it is over") \
  X(taken_over_rise, "taken_over.rise", 20, PERCENT, 0, 1000, "own", "of what they sent before, which that must be as well: months differ by less") \
  X(refused_share, "parked.refused", 90, PERCENT, 0, 100, "own", "of a parked domain's mail under its own envelope, with SPF fail: its owner has answered") \
  X(refused_days, "parked.days", 14, DAYS, 1, 3650, "own", "the last days, of which that is asked: a record that was published the other day is an answer, one that went is none") \
  X(policy_days, "policy_age", 30, DAYS, 0, 3650, "RFC 9989 7.4", "at least a month at each step") \
  X(data_days[TO_QUARANTINE], "data_days.quarantine", 14, DAYS, 0, 3650, "own", "days with data in the window") \
  X(data_days[TO_REJECT], "data_days.reject", 21, DAYS, 0, 3650, "own", "days with data in the window") \
  X(report_age_warn_days, "report_age.warn", 3, DAYS, 0, 3650, "own", "age of the newest report that warns") \
  X(report_age_days, "report_age", 7, DAYS, 0, 3650, "own", "age of the newest report that blocks") \
  X(reporters, "reporters", 3, REPORTERS, 1, 1000, "own", "one receiver's view is not the world's") \
  X(top_reporter_share, "top_reporter_share", 90, PERCENT, 0, 100, "own", "of the volume, above which one reporter is the whole view: warns") \
  X(unchecked_share, "own_unchecked", 5, PERCENT, 0, 100, "own", "of own mail, that receivers may fail to look up; what is more counts as not passing: no receiver has so much trouble alone") \
  X(contradicted_share, "reporters.contradicted", 1, PERCENT, 0, 100, "own", "of a reporter's mail, evaluated against its own results, above which it is named") \
  X(own_lower[TO_QUARANTINE], "own_pass_lower.quarantine", 98, PERCENT, 0, 100, "own", "own mail that passes, by its lower bound") \
  X(own_lower[TO_REJECT], "own_pass_lower.reject", 99, PERCENT, 0, 100, "dmarcian", "own mail that passes, by its lower bound") \
  X(source_messages, "own_source.messages", 20, MESSAGES, 1, 1e9, "own", "a source with fewer is judged with the rest alone") \
  X(source_failures, "own_source.failures", 3, MESSAGES, 1, 1e9, "own", "failing messages, with an upper bound below the limit, that prove a source short: one or two happen to anybody") \
  X(source_rate[TO_QUARANTINE], "own_source.quarantine", 95, PERCENT, 0, 100, "own", "each source of own mail passes") \
  X(source_rate[TO_REJECT], "own_source.reject", 99, PERCENT, 0, 100, "dmarcian", "each source of own mail passes") \
  X(undecided_all[TO_QUARANTINE], "undecided.quarantine", 2, PERCENT, 0, 100, "own", "undecided mail against own mail") \
  X(undecided_all[TO_REJECT], "undecided.reject", 0.5, PERCENT, 0, 100, "own", "undecided mail against own mail") \
  X(undecided_one[TO_QUARANTINE], "undecided_source.quarantine", 1, PERCENT, 0, 100, "own", "one undecided source against own mail") \
  X(undecided_one[TO_REJECT], "undecided_source.reject", 0.5, PERCENT, 0, 100, "own", "one undecided source against own mail") \
  X(new_source_days[TO_QUARANTINE], "new_source.quarantine", 7, DAYS, 0, 3650, "own", "since a new source of own mail appeared") \
  X(new_source_days[TO_REJECT], "new_source.reject", 14, DAYS, 0, 3650, "own", "since a new source of own mail appeared") \
  X(stranger_share[TO_QUARANTINE], "new_stranger.quarantine", 1, PERCENT, 0, 100, "own", "one new stranger against own mail: what its habit would ask") \
  X(stranger_share[TO_REJECT], "new_stranger.reject", 0.5, PERCENT, 0, 100, "own", "one new stranger against own mail: what its habit would ask") \
  X(contradicted_days, "own_contradicted.days", 7, DAYS, 1, 365, "own", "on which receivers must do so: less is a slip of theirs") \
  X(stopped_share, "own_stopped", 25, PERCENT, 0, 100, "own", "of own mail, which a source must carry for its end to be an end of own mail") \
  X(stopped_rest, "own_stopped.rest", 5, PERCENT, 0, 100, "own", "of what is usual, up to which mail has stopped") \
  X(stopped_successor, "own_stopped.successor", 25, PERCENT, 0, 1000, "own", "of what stopped, which strangers must send more than before to be who took over") \
  X(stopped_days, "own_stopped.days", 14, DAYS, 1, 3650, "own", "of silence of all own mail, after which it is over without strangers too: longer than holidays") \
  X(stopped_rhythms, "own_stopped.rhythms", 3, TIMES, 1, 100, "own", "of its longest silence before, which that one must last") \
  X(retired_days, "retired", 60, DAYS, 1, 3650, "own", "of silence of all own mail, after which a domain that sent daily is asked about like a parked one") \
  X(contradicted[TO_QUARANTINE], "own_contradicted.quarantine", 2, PERCENT, 0, 100, "own", "own mail that receivers fail against their own results: it is lost there all the same") \
  X(contradicted[TO_REJECT], "own_contradicted.reject", 1, PERCENT, 0, 100, "own", "own mail that receivers fail against their own results: it is lost there all the same") \
  X(drop[TO_QUARANTINE], "drop.quarantine", 1, PERCENT, 0, 100, "own", "points that own mail's pass rate may fall, at equal mix of sources") \
  X(drop[TO_REJECT], "drop.reject", 0.5, PERCENT, 0, 100, "own", "points that own mail's pass rate may fall, at equal mix of sources") \
  X(drop_days, "drop.days", 7, DAYS, 1, 365, "own", "the last days, against those before") \
  X(drop_before_messages, "drop.before", 10, MESSAGES, 1, 1e9, "own", "mail of a source before, without which its fall says nothing") \
  X(drop_messages, "drop.messages", 3, MESSAGES, 0, 1e9, "own", "messages that the fall must come to: two are no trend") \
  X(dkim_share_warn, "own_dkim", 90, PERCENT, 0, 100, "own", "own mail with aligned DKIM, below which it warns on the way to quarantine") \
  X(spf_alone_share, "spf_alone", 50, PERCENT, 0, 100, "own", "(RFC 9989 8) of a source's mail, above which it relies on SPF alone: blocks the way to reject") \
  X(spf_alone_small, "spf_alone.small", 1, PERCENT, 0, 100, "own", "(RFC 9989 8) of own mail, from addresses too small to be looked at apart that pass by SPF alone: above it they block the way to reject together") \
  X(spf_saved_rise, "spf_alone.rise", 2, PERCENT, 0, 100, "own", "points by which the share of a source's mail whose signature fails and SPF passes may rise in the last days") \
  X(forwarded_share, "forwarded", 2, PERCENT, 0, 100, "own", "(RFC 9989 7.4) lost through lists and forwarders, against own mail") \
  X(forwarded_asks, "forwarded.asks", 10, PERCENT, 0, 100, "own", "(RFC 9989 7.4) lost through lists and forwarders, above which the owner is asked before quarantine too") \
  X(robust_against, "robust_against", 1, REPORTERS, 0, 1, "own", "(RFC 9990 8.2) anybody can send a report, so no step rests on one reporter; 0: not judged") \
  X(witness_days, "witness.days", 2, DAYS, 1, 365, "own", "on which a reporter was heard of the domain before its good news counts") \
  X(fleeting_days, "witness.fleeting", 7, DAYS, 1, 365, "own", "on fewer than which a reporter was heard that may be suspect for the size of its mail alone") \
  X(fleeting_share, "witness.fleeting_share", 25, PERCENT, 0, 100, "own", "of the days on which the domain was heard of: the same, where it is heard of rarely") \
  X(fleeting_times, "witness.fleeting_times", 5, TIMES, 0, 1e6, "own", "of what all others tell around that day, above which such reporters together are suspect: one report may be of a week") \
  X(suspect_times, "suspect", 10, TIMES, 2, 1e6, "own", "of a reporter's ordinary day, from which more mail is suspect where nobody else saw it") \
  X(suspect_messages, "suspect.messages", 100, MESSAGES, 0, 1e9, "own", "of one reporter on one day, below which nothing is suspect") \
  X(seen_by_others_times, "suspect.seen", 2, TIMES, 1, 1e6, "own", "of their ordinary day, from which the others have seen a surge as well") \
  X(finding_new_days, "finding.new", 3, DAYS, 0, 365, "own", "after the day on which a finding could first be told, on which it is new: reports take a day or two") \
  X(finding_clean_days, "finding.clean", 3, DAYS, 1, 365, "own", "of a source's mail without evidence, or of reports without its mail, after which a finding is gone: what is broken every other day is broken all week") \
  X(finding_told_days, "finding.told", 7, DAYS, 1, 365, "own", "on which a change, and what is gone, is told: who looks once a week misses none") \
  X(finding_dkim_share, "finding.dkim", 10, PERCENT, 0, 100, "own", "of a source's mail, whose signature fails while SPF carries it, from which on that is told: what is passed on under its envelope is less") \
  X(finding_sender_messages, "finding.sender", 10, MESSAGES, 1, 1e9, "own", "of a new source of own mail, or of an unknown one that blocks nothing, from which on it is told: a stray message is neither") \
  X(finding_expected_times, "finding.expected", 2, TIMES, 1, 1e6, "own", "by which the mail of a label may fall short of what is expected of it, or exceed it: receivers that report tell of a part, and no week is like another")
/* clang-format on */

/* What a unit is called, and how many of it are 1 in struct thresholds. */
#define NAME_DAYS "days"
#define NAME_PERCENT "%"
#define NAME_MESSAGES "messages"
#define NAME_REPORTERS "reporters"
#define NAME_HOSTS "hosts"
#define NAME_NETWORKS "networks"
#define NAME_RUNS "runs"
#define NAME_NAMES "names"
#define NAME_TIMES "times"
#define PER_DAYS 1.0
#define PER_PERCENT 100.0
#define PER_MESSAGES 1.0
#define PER_REPORTERS 1.0
#define PER_HOSTS 1.0
#define PER_NETWORKS 1.0
#define PER_RUNS 1.0
#define PER_NAMES 1.0
#define PER_TIMES 1.0

const struct thresholds THRESHOLDS_DEFAULT = {
#define X(field, name, value, unit, least, most, origin, reason) .field = (value) / PER_##unit,
    TABLE(X)
#undef X
};

static const struct {
  struct threshold row;
  size_t offset;
  double per; /* how many of the unit are 1 in struct thresholds */
} ROWS[] = {
#define X(field, name, value, unit, least, most, origin, reason) \
  {{name, NAME_##unit, least, most, origin, reason}, offsetof(struct thresholds, field), PER_##unit},
    TABLE(X)
#undef X
};

const struct threshold *threshold_at(unsigned i) { return i < ARRAY_SIZE(ROWS) ? &ROWS[i].row : NULL; }

double threshold_value(const struct thresholds *t, unsigned i) {
  double value = *(const double *)(const void *)((const char *)t + ROWS[i].offset) * ROWS[i].per;
  return round(value * 1e6) / 1e6; /* 0.07 is not quite seven hundredths to a computer */
}

static int no_such_threshold(const char *name, struct err *e) {
  struct nearest nearest = nearest_to(name, strlen(name));
  for (unsigned i = 0; i < ARRAY_SIZE(ROWS); i++) nearest_consider(&nearest, ROWS[i].row.name);
  if (nearest.word) return err_set(e, ERR_USAGE, "there is no threshold \"%s\": did you mean %s?", name, nearest.word);
  return err_set(e, ERR_USAGE, "there is no threshold \"%s\": 'dmarcctl readiness --list-thresholds' names them all",
                 name);
}

int threshold_set(struct thresholds *t, const char *name, const char *value, struct err *e) {
  unsigned i = 0;
  while (i < ARRAY_SIZE(ROWS) && strcmp(ROWS[i].row.name, name) != 0) i++;
  if (i == ARRAY_SIZE(ROWS)) return no_such_threshold(name, e);
  const struct threshold *row = &ROWS[i].row;
  char *end;
  double number = strtod(value, &end);
  if (end == value || *end || !isfinite(number))
    return err_set(e, ERR_USAGE, "%s: \"%s\" is no number (of %s)", name, value, row->unit);
  if (number < row->least || number > row->most)
    return err_set(e, ERR_USAGE, "%s: %s is not within %.10g and %.10g %s", name, value, row->least, row->most,
                   row->unit);
  *(double *)(void *)((char *)t + ROWS[i].offset) = number / ROWS[i].per;
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Whether it is one sender who bears a mark. Forgers bear names that are not theirs, from hosts all over the world, in
 * networks that they rent: what comes back there is the mark, and nobody in particular. */
#include "verdict/habits.h"

/* One host that takes another address from day to day. */
bool is_one_that_moves(const struct habits *x, const struct mark *m) {
  return m->host_days <= x->t->hosts_a_day * m->sightings && m->host_days <= 2 * m->hosts;
}

/* Mail that is rare on the two days of a weekend, wherever the week ends. */
static bool keeps_working_weeks(const struct habits *x, const struct mark *m) {
  for (int day = 3; day <= 5; day++) /* Thursday and Friday, to Saturday and Sunday */
    if ((double)(m->weekdays[day] + m->weekdays[day + 1]) < x->t->weekend_share * (double)m->messages) return true;
  return false;
}

/* A cloud gives its machines another address each time, but of one name there are few at a time, and each sends more
 * than a bot does. */
static bool is_of_few_hosts(const struct habits *x, const struct mark *m) {
  const int32_t span = last_day(x, m) - first_day(x, m);
  return m->host_days <= x->t->few_hosts * m->sightings && m->sightings >= x->t->lasting_days &&
         span >= 2 * x->t->long_span_days && (double)m->messages >= x->t->crowd_times * x->crowd_rate * m->host_days;
}

/* Forgers do not keep a name for six weeks, and the hosts of a botnet are many. */
static bool is_kept_name(const struct habits *x, const struct mark *m) {
  return m->kind == MARK_NAME && m->sightings && m->host_days <= x->t->first_run_networks * m->sightings &&
         is_there(x, m, x->t->resident_share, 2 * x->t->long_span_days);
}

/* Is it one sender who bears that name? Where a botnet bears a hundred it keeps some of them by chance. */
bool is_one_name(const struct habits *x, const struct mark *m, int64_t from_known_networks) {
  return signs(m) || (double)from_known_networks >= x->t->returning_share * (double)m->messages ||
         is_of_few_hosts(x, m) || (x->spread_names < x->t->names_that_go && is_kept_name(x, m));
}

/* Nobody rents for a run what is there day by day for six weeks, under a name that is in use. */
static bool is_resident(const struct habits *x, const struct mark *m) {
  return 2 * m->under_new_names < m->messages && is_there(x, m, x->t->resident_share, 2 * x->t->long_span_days);
}

/* Forgers rent networks as well: there nothing comes back but the network, under the owner's envelope, on all days of
 * the week. A /48 is one site's. */
bool is_one_network(const struct habits *x, const struct mark *m) {
  const struct thresholds *t = x->t;
  return m->is_wide || is_resident(x, m) ||
         (double)m->from_returning >= t->returning_hosts_share * (double)m->messages || is_one_that_moves(x, m) ||
         keeps_working_weeks(x, m) || (double)m->disowned < t->forged_spf_share * (double)m->messages;
}

/* A botnet makes a signature up as one program does, but for a run. From many hosts it is one program's if it is there
 * day by day. */
bool is_one_signer(const struct habits *x, const struct mark *m) {
  return m->hosts <= x->t->first_run_networks || is_there(x, m, x->t->wander_share, x->t->long_span_days);
}

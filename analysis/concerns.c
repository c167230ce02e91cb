/* SPDX-License-Identifier: Apache-2.0 */
/* Gathers the concerns of each domain, and says in which state each is. */
#include "analysis/concerns.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/concerning.h"
#include "base/cleanup.h"
#include "base/utc.h"
#include "local/mailboxes.h"
#include "local/notices.h"

/* --- states ------------------------------------------------------------------------------------------------------- */

/* An acknowledgement is one of what was there when it was made: what is graver it does not cover, and without an end
 * nothing that begins later, be it a part of it. On a day before it was made nobody had said anything. */
static const struct acknowledgement *holding(const struct acknowledgements *all, struct concern *c, int64_t as_of_s) {
  const struct acknowledgement *a = acknowledgement_of(all, &c->identity);
  if (!a || a->made_s > as_of_s || (int32_t)c->severity < a->severity) return NULL;
  const int32_t made_day = utc_day_of(a->made_s);
  if (a->until_s != FEEDBACK_TIME_UNKNOWN) return a->until_s > as_of_s ? a : NULL;
  c->is_anew = made_day >= c->first_day && made_day < c->joined.first_day;
  return made_day >= c->first_day && !c->is_anew ? a : NULL;
}

static enum concern_state state_of(const struct concern *c, const struct thresholds *t, int32_t as_of_day) {
  if (c->gone_day <= as_of_day) return CONCERN_GONE;
  if (c->acknowledgement) return CONCERN_ACKNOWLEDGED;
  const int32_t found_day = c->is_anew ? c->joined.found_day : c->found_day;
  return as_of_day - found_day <= (int32_t)t->finding_new_days ? CONCERN_NEW : CONCERN_OPEN;
}

/* What is of a moment, and what is gone, is told for some days. */
static bool is_past(const struct concern *c, const struct thresholds *t, int32_t as_of_day) {
  const int32_t told_days = (int32_t)t->finding_told_days;
  const int32_t since = concern_kind_facts(c->kind)->is_moment ? c->found_day : c->gone_day;
  return since <= as_of_day && as_of_day - since >= told_days;
}

static void complete(struct concern *c, const char *domain, const struct judgement_basis *basis,
                     const struct acknowledgements *all, int32_t as_of_day) {
  c->domain = domain;
  c->severity = concern_kind_facts(c->kind)->severity - (c->is_graver ? 1 : 0);
  c->identity = concern_identity(c->kind, domain, c->subject);
  c->acknowledgement = holding(all, c, basis->as_of_s);
  c->state = state_of(c, basis->thresholds, as_of_day);
}

/* Where it belongs: in the place of an older one of the same identity, or behind all; NULL: a newer one is there. */
static struct concern *place_of(struct concerning *x, const struct concern *c) {
  for (uint32_t i = 0; i < x->count; i++)
    if (!memcmp(&x->found[i].identity, &c->identity, sizeof c->identity))
      return x->found[i].last_day < c->last_day ? &x->found[i] : NULL;
  MEM_GROW(x->found, x->capacity, x->count);
  return &x->found[x->count++];
}

struct concern *concern_add(struct concerning *x, const struct concern *found) {
  struct concern c = *found;
  /* Of a report that goes on, what it will tell of is not here yet. */
  if (c.last_day > x->as_of_day) c.last_day = x->as_of_day;
  if (c.found_day > x->as_of_day && c.found_day != INT32_MAX) c.found_day = x->as_of_day;
  if (is_past(found, x->basis->thresholds, x->as_of_day)) return NULL;
  complete(&c, x->h->domain, x->basis, x->acknowledgements, x->as_of_day);
  struct concern *place = place_of(x, &c);
  if (place) *place = c;
  return place;
}

int32_t concern_clean_day(const struct concerning *x, int32_t last_day) {
  int32_t clean = 0;
  for (uint32_t i = 0; i < x->heard_count; i++)
    if (x->heard[i] > last_day && ++clean >= (int32_t)x->basis->thresholds->finding_clean_days) return x->heard[i];
  return INT32_MAX;
}

/* --- incidents ---------------------------------------------------------------------------------------------------- */

static void add_incident(struct concerning *x, const struct incident *i) {
  static const enum concern_kind KINDS[INCIDENT_KINDS] = {[INCIDENT_REPLAY] = CONCERN_REPLAY,
                                                          [INCIDENT_SURGE] = CONCERN_SURGE,
                                                          [INCIDENT_NEW_FROM] = CONCERN_NEW_FROM,
                                                          [INCIDENT_CEASED] = CONCERN_CEASED};
  const enum concern_kind kind = KINDS[i->kind];
  const bool has_ceased = i->kind == INCIDENT_CEASED; /* the evidence is that nothing comes */
  concern_add(x, &(struct concern){
                     .kind = kind,
                     .subject = i->subject,
                     .source = *i->source ? i->source : NULL,
                     .first_day = i->begin_day,
                     .last_day = has_ceased ? x->end_day : i->last_day,
                     .found_day = i->found_day,
                     .gone_day = concern_kind_facts(kind)->is_moment ? INT32_MAX : concern_clean_day(x, i->last_day),
                     .messages = has_ceased ? 0 : i->messages,
                     .incident = i});
}

/* --- a domain ----------------------------------------------------------------------------------------------------- */

static int by_day(const void *a, const void *b) {
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

static void list_heard(struct concerning *x) {
  x->heard = mem_alloc((x->h->report_count + 1) * sizeof *x->heard);
  for (uint32_t i = 0; i < x->h->report_count; i++) {
    const int32_t day = x->h->reports[i].day;
    if (day >= x->begin_day && day <= x->end_day) x->heard[x->heard_count++] = day;
  }
  qsort(x->heard, x->heard_count, sizeof *x->heard, by_day);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < x->heard_count; i++)
    if (!kept || x->heard[i] != x->heard[kept - 1]) x->heard[kept++] = x->heard[i];
  x->heard_count = kept;
}

/* Of a domain that nobody has reported on for so long nothing can be said but that. */
bool concern_is_unheard(const struct concerning *x) {
  return x->j->verdict == VERDICT_STALE && x->as_of_day - x->end_day > x->j->gates[GATE_REPORT_AGE].limit;
}

static void find_all(struct concerning *x) {
  concerns_of_reporters(x);
  concerns_of_labels(x, concern_is_unheard(x));
  if (concern_is_unheard(x)) return;
  incidents_of(x->h, x->j, &x->incidents);
  for (unsigned i = 0; i < x->incidents.count; i++) add_incident(x, &x->incidents.items[i]);
  concerns_of_senders(x);
  concerns_of_past(x);
}

struct asking {
  const struct judgement_basis *basis;
  const struct acknowledgements *acknowledgements;
  concerns_fn *fn;
  void *user;
};

/* `j` NULL: of this machine. */
static int hand_over(const struct asking *a, const struct judgement *j, struct concern *found, uint32_t count,
                     struct err *e) {
  if (count) qsort(found, count, sizeof *found, concern_compare);
  const unsigned told = count < MOST_CONCERNS ? count : MOST_CONCERNS;
  return a->fn(a->user, &(struct concerned_domain){j ? j->domain : "", j, found, told, count - told}, e);
}

static int on_domain(void *user, struct history *h, const struct judgement *j, struct err *e) {
  const struct asking *a = user;
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  struct concerning x = {.basis = a->basis,
                         .acknowledgements = a->acknowledgements,
                         .h = h,
                         .j = j,
                         .end_day = utc_day_of(j->window_end_s - 1),
                         .as_of_day = utc_day_of(a->basis->as_of_s),
                         .arena = arena};
  x.begin_day = x.end_day - (int32_t)a->basis->thresholds->memory_days + 1;
  const int32_t past_days =
      (int32_t)(a->basis->thresholds->finding_told_days + a->basis->thresholds->finding_clean_days);
  x.past_begin = x.end_day - past_days + 1;
  x.past = memset(arena_alloc(arena, (size_t)past_days * sizeof *x.past), 0, (size_t)past_days * sizeof *x.past);
  list_heard(&x);
  find_all(&x);
  int code = hand_over(a, j, x.found, x.count, e);
  free(x.heard);
  free(x.found);
  return code;
}

int concerns_of(const struct judgement_basis *basis, const struct acknowledgements *a, struct history *h,
                const struct judgement *j, concerns_fn *fn, void *user, struct err *e) {
  struct asking asking = {basis, a, fn, user};
  return on_domain(&asking, h, j, e);
}

int concerns_each(const struct inquiry *q, const struct acknowledgements *a, concerns_fn *fn, void *user,
                  struct err *e) {
  struct asking asking = {q->basis, a, fn, user};
  return judge_each_parting(q, on_domain, &asking, e);
}

struct concern concern_of_silence(const struct inquiry *q, const struct acknowledgements *a,
                                  const struct concern *last) {
  struct concern c = *last;
  c.subject = "";
  complete(&c, "", q->basis, a, utc_day_of(q->basis->as_of_s));
  return c;
}

/* --- this machine ------------------------------------------------------------------------------------------------- */

struct machine {
  const struct asking *asking;
  const struct inquiry *q;
  int32_t as_of_day;
  struct arena *arena;
  struct concern *found;
  uint32_t count, capacity;
};

/* What failed when it was tried last, and since when it has. What nobody tried again for so long that it is told no
 * longer was given up. */
static void add_failure(struct machine *x, enum concern_kind kind, const char *subject, int64_t since_s,
                        int64_t tried_s, const char *error) {
  const struct judgement_basis *basis = x->asking->basis;
  const int32_t tried = utc_day_of(tried_s), since = utc_day_of(since_s);
  if (tried_s > basis->as_of_s || x->as_of_day - tried >= (int32_t)basis->thresholds->finding_told_days) return;
  MEM_GROW(x->found, x->capacity, x->count);
  struct concern *c = &x->found[x->count++];
  *c = (struct concern){.kind = kind,
                        .subject = arena_strdup(x->arena, subject),
                        .first_day = since < tried ? since : tried,
                        .last_day = tried,
                        .found_day = since < tried ? since : tried,
                        .gone_day = INT32_MAX,
                        .error = arena_strdup(x->arena, error)};
  complete(c, "", basis, x->asking->acknowledgements, x->as_of_day);
}

static int on_account(void *user, const struct mailbox_state *m, struct err *e) {
  (void)e;
  if (m->error_s == FEEDBACK_TIME_UNKNOWN || m->error_s != m->tried_s) return 0;
  _cleanup_free_ char *subject = mem_printf("%s/%s", m->account, m->folder);
  const int64_t since_s = m->read_s == FEEDBACK_TIME_UNKNOWN ? m->tried_s : m->read_s;
  add_failure(user, CONCERN_IMPORT_FAILING, subject, since_s, m->tried_s, m->error);
  return 0;
}

static bool is_way(const struct inquiry *q, const char *section) {
  for (unsigned i = 0; i < q->way_count; i++)
    if (!strcmp(q->ways[i], section)) return true;
  return false;
}

/* What a section had to send that is not in the configuration any more goes nowhere: nobody can mend it. */
static int on_way(void *user, const struct notice_way *w, struct err *e) {
  (void)e;
  const struct machine *x = user;
  if (!is_way(x->q, w->section)) return 0;
  if (w->failing_s == FEEDBACK_TIME_UNKNOWN || w->tried_s == FEEDBACK_TIME_UNKNOWN) return 0;
  add_failure(user, CONCERN_NOTIFY_FAILING, w->section, w->failing_s, w->tried_s, w->error);
  return 0;
}

int concerns_of_machine(const struct inquiry *q, const struct acknowledgements *a, concerns_fn *fn, void *user,
                        struct err *e) {
  const struct asking asking = {q->basis, a, fn, user};
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct machine x = {.asking = &asking, .q = q, .as_of_day = utc_day_of(q->basis->as_of_s), .arena = arena};
  int code = q->local ? mailbox_state_each(q->local, on_account, &x, e) : 0;
  if (!code && q->local) code = notice_way_each(q->local, on_way, &x, e);
  if (!code) code = hand_over(&asking, NULL, x.found, x.count, e);
  free(x.found);
  return code;
}

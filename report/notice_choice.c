/* SPDX-License-Identifier: Apache-2.0 */
/* Which findings a section of the configuration is to hear of. */
#include <stdlib.h>
#include <string.h>

#include "analysis/telling.h"
#include "base/cleanup.h"
#include "base/utc.h"
#include "report/notice.h"

const char *notice_every_word(enum notice_every e) {
  static const char *const WORDS[] = {"event", "day", "week"};
  return WORDS[e];
}

/* --- what it wants ------------------------------------------------------------------------------------------------ */

static bool wants_domain(const struct notice_wish *w, const char *domain) {
  return !w->domains || domain_set_covers(w->domains, domain);
}

/* Of what it hears that it is over it was told when it was graver. */
static bool wants(const struct notice_wish *w, const struct concern *c) {
  if (w->kinds && !(w->kinds & 1u << c->kind)) return false;
  if (c->state != CONCERN_GONE && c->severity > w->severity) return false;
  if (c->kind == CONCERN_NOTIFY_FAILING && !strcmp(c->subject, w->section)) return false;
  return *c->domain ? wants_domain(w, c->domain) : !w->domains;
}

static enum telling telling_to(const struct notice_wish *w, const struct concern *c, const struct hashmap *told,
                               const struct acknowledgements *known, int64_t as_of_s) {
  if (!wants(w, c)) return TELLING_NOTHING;
  return telling_of(c, told_of(told, &c->identity), acknowledgement_of(known, &c->identity), as_of_s);
}

/* --- choosing ----------------------------------------------------------------------------------------------------- */

static int32_t period_of(enum notice_every every, int64_t as_of_s) {
  if (every == NOTICE_EVENT) return INT32_MIN;
  return utc_day_of(every == NOTICE_WEEK ? utc_week_begin(as_of_s) : as_of_s);
}

static int by_name(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static void choose_domains(struct notice *n, const struct finding_list *list) {
  n->domains = mem_alloc((list->domains + 1) * sizeof *n->domains);
  for (unsigned i = 0; i < list->domains; i++)
    if (wants_domain(n->wish, list->names[i])) n->domains[n->domain_count++] = list->names[i];
  if (n->domain_count) qsort(n->domains, n->domain_count, sizeof *n->domains, by_name);
}

static bool is_wanted(const void *user, const struct concern *c) { return wants(user, c); }

static void choose_findings(struct notice *n, const struct finding_list *list, const struct hashmap *told,
                            const struct acknowledgements *known) {
  finding_list_narrow(list, is_wanted, n->wish, &n->list);
  const unsigned count = n->list.count;
  n->changes = mem_alloc((count + 1) * sizeof *n->changes);
  n->open = mem_alloc((count + 1) * sizeof *n->open);
  for (unsigned i = 0; i < count; i++) {
    const struct listed_finding *f = &n->list.items[i];
    if (telling_to(n->wish, &f->concern, told, known, n->as_of_s) != TELLING_NOTHING)
      n->changes[n->change_count++] = f;
    else if (concern_is_due(f->concern.state) && n->wish->every != NOTICE_EVENT)
      n->open[n->open_count++] = f;
  }
}

/* The same at several domains is one thing to do. */
static void count_things(struct notice *n) {
  _cleanup_free_ bool *is_counted = mem_zalloc(n->list.count + 1);
  n->due = finding_list_heads(&n->list, finding_list_due(&n->list));
  for (unsigned i = 0; i < n->change_count; i++) {
    if (!concern_is_due(n->changes[i]->concern.state) || is_counted[n->changes[i]->head]) continue;
    is_counted[n->changes[i]->head] = true;
    n->news++;
  }
}

void notice_choose(const struct notice_wish *w, const struct finding_list *list, const struct hashmap *told,
                   const struct acknowledgements *known, int64_t as_of_s, int32_t last_period, struct notice *ret) {
  *ret = (struct notice){.wish = w,
                         .as_of_s = as_of_s,
                         .period_day = period_of(w->every, as_of_s),
                         .left_out = w->domains ? 0 : list->left_out};
  choose_domains(ret, list);
  choose_findings(ret, list, told, known);
  count_things(ret);
  ret->is_due = w->every == NOTICE_EVENT ? ret->change_count > 0 : ret->period_day > last_period;
}

void notice_clear(struct notice *n) {
  finding_list_clear(&n->list);
  free(n->changes);
  free(n->open);
  free(n->domains);
  *n = (struct notice){0};
}

/* --- remembering -------------------------------------------------------------------------------------------------- */

/* Before the next message of a day or week is due, what is new waits for it; only that it was seen is remembered. */
static int remember(const struct notice *n, const struct concern *c, const struct told *before, enum telling what,
                    struct local *l, struct err *e) {
  if (what != TELLING_NOTHING && !n->is_due) return 0;
  if (what == TELLING_NOTHING && !before) return 0;
  const struct told kept = telling_kept(c, before, what, n->as_of_s);
  if (what == TELLING_NOTHING && kept.seen_day <= before->seen_day) return 0;
  return told_put(l, n->wish->section, &c->identity, &kept, e);
}

int notice_remember(const struct notice *n, const struct finding_list *list, const struct hashmap *told,
                    const struct acknowledgements *known, struct local *l, struct err *e) {
  int code = 0;
  for (unsigned i = 0; i < list->count && !code; i++) {
    const struct concern *c = &list->items[i].concern;
    code = remember(n, c, told_of(told, &c->identity), telling_to(n->wish, c, told, known, n->as_of_s), l, e);
  }
  return code;
}

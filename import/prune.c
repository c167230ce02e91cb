/* SPDX-License-Identifier: Apache-2.0 */
/* Finds what is to go, and lets it go in transactions that nobody waits long for. */
#include "import/prune.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/stop.h"
#include "local/answers.h"
#include "local/dns_states.h"
#include "local/labels.h"
#include "local/ledger.h"
#include "local/notices.h"
#include "local/report_words.h"
#include "local/taken_steps.h"

#define COMMIT_SECONDS 0.25
#define COMMIT_REPORTS 5000

/* The reports are found first and known by their identity: meanwhile another process may have put one in the place of
 * another, under a number of its own. */
struct pruning {
  const struct prune_wish *wish;
  struct local *local;
  struct store *store;
  struct identity *reports;
  size_t count, capacity;
  struct prune_counts counts;
};

static void add_messages(struct prune_counts *c, int64_t messages) {
  if (__builtin_add_overflow(c->messages, messages, &c->messages)) c->messages = INT64_MAX;
}

static int note_report(void *user, const struct store_aged *r, struct err *e) {
  (void)e;
  struct pruning *p = user;
  MEM_GROW(p->reports, p->capacity, p->count);
  p->reports[p->count++] = r->identity;
  p->counts.reports++;
  p->counts.records += r->record_count;
  add_messages(&p->counts, r->message_count);
  return 0;
}

/* --- reports ------------------------------------------------------------------------------------------------------ */

static int forget(struct pruning *p, const struct identity *report, struct err *e) {
  struct store_known known;
  int code = store_ask_known(p->store, report, 1, &known, e);
  if (code < 0 || !known.is_known) return code;
  code = ledger_forget(p->local, known.report, &p->counts.documents, e);
  if (code < 0) return code;
  if (!p->wish->all) return store_prune(p->store, known.report, e);
  code = store_remove(p->store, known.report, e);
  return code < 0 ? code : report_word_put(p->local, report, REPORT_UNDECIDED, e);
}

static int end_transaction(struct pruning *p, int code, struct err *e) {
  if (!code) code = store_flush(p->store, e);
  if (!code) return local_commit(p->local, e);
  store_drop(p->store);
  local_abort(p->local);
  return code;
}

/* Of the reports from `at` on as many as fit into a transaction. */
static int forget_some(struct pruning *p, size_t *at, struct err *e) {
  const size_t end = p->count - *at > COMMIT_REPORTS ? *at + COMMIT_REPORTS : p->count;
  const double begun_s = clock_now_s();
  int code = local_begin(p->local, e);
  if (code < 0) return code;
  do code = forget(p, &p->reports[(*at)++], e);
  while (!code && *at < end && clock_now_s() - begun_s < COMMIT_SECONDS);
  return end_transaction(p, code, e);
}

static int forget_reports(struct pruning *p, struct err *e) {
  int code = 0;
  for (size_t at = 0; at < p->count && !code;) {
    if (stop_flag_is_set(p->wish->interrupted)) return err_set(e, ERR_INTERRUPTED, "interrupted");
    code = forget_some(p, &at, e);
  }
  return code;
}

/* --- what the owner said of a domain ------------------------------------------------------------------------------ */

struct label_list {
  const struct report_filter *filter;
  struct {
    char *source, *domain;
  } * items;
  unsigned count, capacity;
};

static int note_label(void *user, const struct label *l, struct err *e) {
  (void)e;
  struct label_list *list = user;
  if (!l->domain || !domain_set_covers(list->filter->domains, l->domain)) return 0;
  MEM_GROW(list->items, list->capacity, list->count);
  list->items[list->count].source = mem_strdup(l->source);
  list->items[list->count++].domain = mem_strdup(l->domain);
  return 0;
}

static void label_list_clear(struct label_list *list) {
  for (unsigned i = 0; i < list->count; i++) {
    free(list->items[i].source);
    free(list->items[i].domain);
  }
  free(list->items);
}

static int forget_labels(struct pruning *p, const struct label_list *list, struct err *e) {
  int code = 0;
  for (unsigned i = 0; i < list->count && code >= 0; i++)
    code = label_remove(p->local, list->items[i].source, list->items[i].domain, e);
  return code < 0 ? code : 0;
}

static int forget_steps(struct pruning *p, struct err *e) {
  struct taken_steps steps = {0};
  int code = taken_steps_read(p->local, &steps, e);
  for (uint32_t i = 0; i < steps.count && code >= 0; i++)
    if (domain_set_covers(p->wish->filter->domains, steps.items[i].domain))
      code = taken_steps_forget(p->local, steps.items[i].domain, e);
  taken_steps_clear(&steps);
  return code < 0 ? code : 0;
}

static int forget_words(struct pruning *p, struct err *e) {
  struct label_list list = {.filter = p->wish->filter};
  int code = label_each(p->local, note_label, &list, e);
  p->counts.labels = list.count;
  if (!code && !p->wish->dry_run && !(code = local_begin(p->local, e))) {
    code = forget_labels(p, &list, e);
    if (!code) code = forget_steps(p, e);
    if (!code) code = notices_forget_domains(p->local, p->wish->filter->domains, e);
    if (!code) code = answers_forget(p->local, e);
    if (!code) code = dns_states_forget(p->local, p->wish->filter->domains, e);
    code = end_transaction(p, code, e);
  }
  label_list_clear(&list);
  return code;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

/* Also where nothing was found: a run before this one may have been cut off before it came so far. */
static int clean_up(struct pruning *p, struct err *e) {
  if (stop_flag_is_set(p->wish->interrupted)) return err_set(e, ERR_INTERRUPTED, "interrupted");
  int code = store_sweep(p->store, e);
  if (!code) code = store_flush(p->store, e);
  if (code < 0 || !p->wish->all) return code < 0 ? code : local_give_back(p->local, e);
  code = local_write_anew(p->local, e);
  p->counts.lingers = code == 0;
  return code < 0 ? code : 0;
}

int prune_run(struct local *local, struct store *store, const struct prune_wish *wish, struct prune_counts *ret,
              struct err *e) {
  struct pruning p = {.wish = wish, .local = local, .store = store};
  const int64_t before_s = wish->all ? FILTER_OPEN_END : wish->before_s;
  int code = wish->all && !wish->dry_run ? local_be_thorough(local, e) : 0;
  if (!code) code = store_each_aged(store, wish->filter, before_s, note_report, &p, e);
  if (!code && !wish->dry_run) code = forget_reports(&p, e);
  if (!code && wish->all) code = forget_words(&p, e);
  if (!code && !wish->dry_run) code = clean_up(&p, e);
  free(p.reports);
  *ret = p.counts;
  return code;
}

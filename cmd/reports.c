/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl reports: the stored reports, and what the owner says of single ones. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "report/question.h"

struct decision_options {
  struct options shared;
  struct text_list trust, distrust, forget;
  bool decided;
};

#define AT(field) OPTION_AT(struct decision_options, field)
static const struct option OWN[] = {
    {"trust", 0, OPTION_TEXTS, "ID", "judge by this report, whoever brought it (repeatable)", AT(trust),
     .repeats = true},
    {"distrust", 0, OPTION_TEXTS, "ID", "leave this report out of every judgement (repeatable)", AT(distrust),
     .repeats = true},
    {"forget", 0, OPTION_TEXTS, "ID", "take back what was said of this report (repeatable)", AT(forget),
     .repeats = true},
    {"decided", 0, OPTION_FLAG, NULL, "list the reports that were trusted or distrusted", AT(decided)},
};

/* --- listing ------------------------------------------------------------------------------------------------------ */

static int list(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  struct evidence_basis evidence;
  int code = evidence_open(&evidence, db, e);
  const struct question q = {.of = {db->store, &o->filter},
                             .words = &evidence.words,
                             .carriers = evidence.carriers,
                             .decided_alone = ((const struct decision_options *)o)->decided};
  if (!code) code = question_reports(&q, sink, e);
  evidence_clear(&evidence);
  return code;
}

/* --- deciding ----------------------------------------------------------------------------------------------------- */

struct search {
  const char *id;
  struct identity found;
  unsigned count;
};

static int on_report(void *user, const struct store_report *r, struct err *e) {
  (void)e;
  struct search *s = user;
  if (!identity_has_id(&r->identity, s->id)) return 0;
  s->found = r->identity;
  s->count++;
  return 0;
}

static int find(const struct database *db, const char *id, struct identity *ret, struct err *e) {
  struct search s = {.id = id};
  const struct report_filter all = {.since_s = FILTER_OPEN_BEGIN, .until_s = FILTER_OPEN_END, .aligned = -1};
  int code = store_each_report(db->store, &all, on_report, &s, e);
  if (code < 0) return code;
  if (s.count > 1) return err_set(e, ERR_USAGE, "several reports have an id that begins with %s: give more of it", id);
  *ret = s.found;
  return s.count ? 0
                 : err_set(e, ERR_NOT_FOUND, "no report has the id %s: 'dmarcctl reports --format csv' shows them", id);
}

struct decision {
  struct identity report;
  enum report_word word;
};
struct decisions {
  struct decision *items;
  unsigned count, capacity;
};

static int add(struct decisions *d, const char *id, const struct decision *added, struct err *e) {
  for (unsigned i = 0; i < d->count; i++)
    if (!memcmp(&d->items[i].report, &added->report, sizeof added->report) && d->items[i].word != added->word)
      return err_set(e, ERR_USAGE, "reports: %s is one report, and two things are said of it", id);
  MEM_GROW(d->items, d->capacity, d->count);
  d->items[d->count++] = *added;
  return 0;
}

static int find_all(const struct database *db, const struct text_list *ids, enum report_word word,
                    struct decisions *ret, struct err *e) {
  struct decision found = {.word = word};
  int code = 0;
  for (unsigned i = 0; i < ids->count && !code; i++) {
    code = find(db, ids->items[i], &found.report, e);
    if (!code) code = add(ret, ids->items[i], &found, e);
  }
  return code;
}

/* All or none: what is not found, or contradicts itself, is told before anything is written. */
static int decide(const struct database *db, const struct decision_options *own, struct decisions *d, struct err *e) {
  int code = find_all(db, &own->trust, REPORT_TRUSTED, d, e);
  if (!code) code = find_all(db, &own->distrust, REPORT_DISTRUSTED, d, e);
  if (!code) code = find_all(db, &own->forget, REPORT_UNDECIDED, d, e);
  for (unsigned i = 0; i < d->count && !code; i++)
    code = report_word_put(db->local, &d->items[i].report, d->items[i].word, e);
  return code;
}

static int decide_all(const struct decision_options *own, struct err *e) {
  struct database db = {0};
  struct decisions decisions = {0};
  int code = ask_open_for_change(&own->shared, &db, e);
  if (!code) code = decide(&db, own, &decisions, e);
  free(decisions.items);
  database_close(&db);
  return code;
}

static int run(const struct options *o) {
  const struct decision_options *own = (const struct decision_options *)o;
  bool decides = own->trust.count || own->distrust.count || own->forget.count;
  if (!decides) return ask(o, NULL, list);
  if (own->decided) return talk_failure(EXIT_USAGE, "reports: --decided lists, and goes with no decision");
  struct err e;
  int code = decide_all(own, &e);
  return code < 0 ? ask_failed(code, &e) : EXIT_DONE;
}

static void clear(struct options *o) {
  struct decision_options *own = (struct decision_options *)o;
  text_list_clear(&own->trust);
  text_list_clear(&own->distrust);
  text_list_clear(&own->forget);
}

const struct verb VERB_REPORTS = {
    .name = "reports",
    .summary = "the stored reports, and which of them to believe",
    .details = "An ID is the first digits of a report's id, as --format csv or json shows it, or 8 and more of them.\n",
    .examples =
        "  dmarcctl reports example.com --last 7d\n"
        "  dmarcctl reports --reporter receiver.example.net\n",
    .arguments = ARGUMENTS_CHOICE,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_ASKING,
    .own = OPTION_TABLE(OWN),
    .size = sizeof(struct decision_options),
    .clear = clear,
    .run = run,
};

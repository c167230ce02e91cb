/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl findings: what is wrong, new, or needs somebody; and what somebody said of it. */
#include <string.h>

#include "base/cleanup.h"
#include "base/utc.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "report/finding_list.h"
#include "report/pages.h"

struct findings_options {
  struct options shared; /* the day until which is where filters have theirs */
  struct text_list ack, unack;
  const char *note;
  bool exit_code;
  unsigned *due; /* how many are new or open, for the exit code */
};

#define AT(field) OPTION_AT(struct findings_options, field)
static const struct option OWN[] = {
    {"ack", 0, OPTION_TEXTS, "ID", "somebody knows of this finding: it is no longer told as new or open", AT(ack)},
    {"until", 0, OPTION_END, "DATE", "the acknowledgement holds to the end of this day; default: until it is gone",
     AT(shared.period.until_s)},
    {"note", 0, OPTION_TEXT, "TEXT", "why: shown with the acknowledgement", AT(note)},
    {"unack", 0, OPTION_TEXTS, "ID", "take the acknowledgement of this finding back", AT(unack)},
    {"exit-code", 0, OPTION_FLAG, NULL, "exit with 4 when a finding is new or open", AT(exit_code)},
};

/* --- asking ------------------------------------------------------------------------------------------------------- */

/* As rows into `sink`, or on `page`. */
static int answer(const struct database *db, const struct options *o, struct table_sink *sink, struct document *page,
                  struct row_choice rows, struct err *e) {
  const struct findings_options *own = (const struct findings_options *)o;
  _cleanup_(basis_clear) struct basis b;
  _cleanup_(acknowledgements_clear) struct acknowledgements known = {0};
  int code = basis_open(&b, o, db, e);
  if (!code) code = acknowledgements_read(db->local, &known, e);
  const struct question q = {
      .of = b.inquiry, .rows = rows, .acknowledgements = &known, .changes_alone = o->common.quiet, .due = own->due};
  if (code < 0) return code;
  return page ? findings_pages(&q, page, e) : question_findings(&q, sink, e);
}

static int ask_table(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  return answer(db, o, sink, NULL, (struct row_choice){0}, e);
}

static int ask_letter(const struct database *db, const struct options *o, struct document *page, struct row_choice rows,
                      struct err *e) {
  return answer(db, o, NULL, page, rows, e);
}

/* --- acknowledging ------------------------------------------------------------------------------------------------ */

static int find(const struct finding_list *list, const char *id, const struct listed_finding **ret, struct err *e) {
  const struct listed_finding *found = NULL;
  for (unsigned i = 0; i < list->count; i++) {
    if (!identity_has_id(&list->items[i].concern.identity, id)) continue;
    if (found) return err_set(e, ERR_USAGE, "several findings have an id that begins with %s: give more of it", id);
    found = &list->items[i];
  }
  *ret = found;
  return found ? 0 : err_set(e, ERR_NOT_FOUND, "no finding has the id %s: 'dmarcctl findings' lists them", id);
}

/* All or none, and only what is told today: a mistyped id must not pass for an answer. */
static int acknowledge(const struct database *db, const struct findings_options *own, const struct finding_list *list,
                       struct err *e) {
  const int64_t until_s = own->shared.period.until_s, as_of_s = own->shared.judgement.as_of_s;
  struct acknowledgement said = {.until_s = until_s == FILTER_OPEN_END ? FEEDBACK_TIME_UNKNOWN : until_s,
                                 .note = own->note,
                                 .made_s = as_of_s ? as_of_s : utc_now()};
  const struct listed_finding *f = NULL;
  int code = local_begin(db->local, e);
  for (unsigned i = 0; i < own->ack.count && !code; i++) {
    code = find(list, own->ack.items[i], &f, e);
    if (!code) said.severity = (int32_t)f->concern.severity;
    if (!code) code = acknowledgement_put(db->local, &f->concern.identity, &said, e);
    if (!code && !own->shared.common.quiet)
      talk("%s%s%s: acknowledged", f->concern.domain, *f->concern.domain ? ": " : "", f->title);
  }
  return code ? code : local_commit(db->local, e);
}

static int acknowledge_all(const struct database *db, const struct findings_options *own, struct err *e) {
  _cleanup_(basis_clear) struct basis b;
  _cleanup_(finding_list_clear) struct finding_list list = {0};
  int code = basis_open(&b, &own->shared, db, e);
  if (!code) code = finding_list_gather(&b.inquiry, NULL, &list, e);
  return code ? code : acknowledge(db, own, &list, e);
}

/* The finding may be gone since: what was said of it is looked for where it is kept. */
static int take_back(const struct database *db, const char *id, struct err *e) {
  _cleanup_(acknowledgements_clear) struct acknowledgements known = {0};
  int code = acknowledgements_read(db->local, &known, e), taken = 0;
  for (uint32_t i = 0; i < known.of.count && !code; i++) {
    struct identity finding;
    memcpy(finding.bytes, hashmap_key_at(&known.of, i, NULL), IDENTITY_BYTES);
    if (!identity_has_id(&finding, id)) continue;
    code = acknowledgement_remove(db->local, &finding, e);
    if (code < 0) return code;
    taken += code;
    code = 0;
  }
  return code || taken ? code : err_set(e, ERR_NOT_FOUND, "nobody has acknowledged a finding with the id %s", id);
}

static int decide(const struct findings_options *own, struct err *e) {
  struct database db = {0};
  int code = ask_open_for_change(&own->shared, &db, e);
  for (unsigned i = 0; i < own->unack.count && !code; i++) code = take_back(&db, own->unack.items[i], e);
  if (!code && own->ack.count) code = acknowledge_all(&db, own, e);
  database_close(&db);
  return code;
}

/* --- the verb ----------------------------------------------------------------------------------------------------- */

static int run(const struct options *o) {
  struct findings_options own = *(const struct findings_options *)o;
  unsigned due = 0;
  own.due = &due;
  const int64_t as_of_s = o->judgement.as_of_s ? o->judgement.as_of_s : utc_now();
  if (own.ack.count && o->period.until_s <= as_of_s)
    return talk_failure(EXIT_USAGE,
                        "findings: --until ends before the day as of which it is said: nobody would see it");
  if (own.ack.count || own.unack.count) {
    struct err e;
    int code = decide(&own, &e);
    return code < 0 ? ask_failed(code, &e) : EXIT_DONE;
  }
  if (own.note || o->period.until_s != FILTER_OPEN_END)
    return talk_failure(EXIT_USAGE, "findings: --until and --note go with --ack ID (see 'dmarcctl findings --help')");
  int exit_code = o->output.format == FORMAT_TEXT && !o->rows.sort ? ask_pages(&own.shared, ask_letter)
                                                                   : ask(&own.shared, NULL, ask_table);
  return exit_code == EXIT_DONE && own.exit_code && due ? EXIT_NOT_READY : exit_code;
}

static void clear(struct options *o) {
  struct findings_options *own = (struct findings_options *)o;
  text_list_clear(&own->ack);
  text_list_clear(&own->unack);
}

const struct verb VERB_FINDINGS = {
    .name = "findings",
    .summary = "what is wrong, new, or needs somebody, and what to do first",
    .details =
        "Each finding has an ID that stays as long as it does. It is new, open, acknowledged or gone; what is to be done\n"
        "first comes first. With --quiet nothing is printed where nothing is new or open. An ID may be cut to 8 digits.\n",
    .examples =
        "  dmarcctl findings\n"
        "  dmarcctl findings --ack 841649f8 --until 2027-01-31 --note 'they move in January'\n",
    .arguments = ARGUMENTS_DOMAINS,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_OUTPUT | OPTIONS_ROWS | OPTIONS_DOMAINS | OPTIONS_JUDGEMENT,
    .whole = "what is wrong with a domain rests on all reports of it",
    .own = OPTION_TABLE(OWN),
    .size = sizeof(struct findings_options),
    .clear = clear,
    .run = run,
};

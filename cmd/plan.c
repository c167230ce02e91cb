/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl plan: the way to the target, record by record. A page for each named domain, a table for many. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/utc.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "report/pages.h"
#include "report/plan_taken.h"

#define PLAN_SORT "day"

struct freezes {
  struct freeze *items;
  unsigned count, capacity;
};

/* What it knows beside tables; behind enum table_format. */
enum { PLAN_CALENDAR = TABLE_FORMATS };

struct plan_options {
  struct options shared;
  unsigned shape;  /* PLAN_CALENDAR, or an enum table_format */
  int64_t start_s; /* FILTER_OPEN_BEGIN: the day of asking */
  enum policy target;
  enum record_form record;
  struct freezes freezes;
  bool done, undo;
  const char *who, *note;
};

/* "2026-12-18..2027-01-04", ends included. */
static int take_freeze(void *at, const char *text, struct err *e) {
  struct freezes *to = at;
  const char *dots = strstr(text, "..");
  int64_t first_s, last_s;
  _cleanup_free_ char *from = mem_strndup(text, dots ? (size_t)(dots - text) : 0);
  if (!dots || utc_parse(from, &first_s, e) < 0 || utc_parse(dots + 2, &last_s, e) < 0 || last_s < first_s)
    return err_set(e, ERR_USAGE, "\"%s\" is no period: write FROM..TO, as in 2026-12-18..2027-01-04", text);
  MEM_GROW(to->items, to->capacity, to->count);
  to->items[to->count++] = (struct freeze){utc_day_of(first_s), utc_day_of(last_s)};
  return 0;
}

static const struct option_word TARGETS[] = {
    {.word = "quarantine", .value = POLICY_QUARANTINE}, {.word = "reject", .value = POLICY_REJECT}, {0}};
static const struct option_word FORMS[] = {
    {.word = "zone", .value = RECORD_ZONE},           {.word = "nsupdate", .value = RECORD_NSUPDATE},
    {.word = "octodns", .value = RECORD_OCTODNS},     {.word = "dnscontrol", .value = RECORD_DNSCONTROL},
    {.word = "terraform", .value = RECORD_TERRAFORM}, {0}};

static const struct option_word FORMATS[] = {OPTIONS_TABLE_FORMATS, {.word = "ics", .value = PLAN_CALENDAR}, {0}};

#define AT(field) OPTION_AT(struct plan_options, field)
static const struct option OWN[] = {
    {"format", 'f', OPTION_KEYWORD, "FORMAT", "%s", AT(shape), .words = FORMATS},
    {"target", 0, OPTION_KEYWORD, NULL, "where the way ends; else reject, or quarantine where lists break too much",
     AT(target), .words = TARGETS},
    {"start", 0, OPTION_BEGIN, "DATE", "publish nothing before that day", AT(start_s)},
    {"freeze", 0, OPTION_CUSTOM, "FROM..TO", "publish nothing on these days; may be repeated", AT(freezes),
     .repeats = true, .parse = take_freeze},
    {"done", 0, OPTION_FLAG, NULL, "note that the first step of DOMAIN was taken, with the verdict of today", AT(done)},
    {"by", 0, OPTION_TEXT, "NAME", "who decided it; else who is logged in (with --done)", AT(who)},
    {"note", 0, OPTION_TEXT, "TEXT", "your own words (with --done)", AT(note)},
    {"undo", 0, OPTION_FLAG, NULL, "forget the last step of DOMAIN that was noted", AT(undo)},
    {"record", 0, OPTION_KEYWORD, NULL, "records as %s has them (with --dns)", AT(record), .words = FORMS},
};

static void init(struct options *o) { ((struct plan_options *)o)->start_s = FILTER_OPEN_BEGIN; }

static void clear(struct options *o) { free(((struct plan_options *)o)->freezes.items); }

/* --- asking ------------------------------------------------------------------------------------------------------- */

/* All or none. */
static int note_taken(const struct database *db, const struct plan_options *own, const struct question *q,
                      struct err *e) {
  _cleanup_strbuf_ struct strbuf said = STRBUF_INIT;
  const struct passwd *user = getpwuid(getuid());
  const struct plan_taking taking = {db->local, own->who ? own->who : user ? user->pw_name : NULL, own->note, &said};
  int code = local_begin(db->local, e);
  if (!code) code = plan_take(q, &taking, e);
  if (!code) code = local_commit(db->local, e);
  if (!code && !own->shared.common.quiet)
    for (char *line = said.data, *end; line && (end = strchr(line, '\n')); line = end + 1) {
      *end = '\0';
      talk("%s", line);
    }
  return code;
}

/* As rows into `sink`, as pages on `page`, into a file, or where the first step is taken into the database. */
static int answer(const struct database *db, const struct options *o, struct table_sink *sink, struct document *page,
                  FILE *file, struct err *e) {
  const struct plan_options *own = (const struct plan_options *)o;
  _cleanup_(basis_clear) struct basis b;
  _cleanup_(taken_steps_clear) struct taken_steps taken = {0};
  int code = basis_open(&b, o, db, e);
  if (code < 0) return code;
  b.judgement.dns = b.lookups.dns;
  if (own->target != POLICY_UNKNOWN) b.judgement.targets = NULL; /* the command line goes before the file */
  const int64_t start_s = own->start_s != FILTER_OPEN_BEGIN ? own->start_s : b.judgement.as_of_s;
  const struct plan_wish wish = {utc_day_of(start_s), own->target, own->freezes.items, own->freezes.count};
  const struct question q = {.of = b.inquiry, .plan = &wish, .record_form = own->record, .taken = &taken};
  code = taken_steps_read(db->local, &taken, e);
  if (code < 0) return code;
  if (file) return plan_calendar(&q, file, e);
  if (own->done) return note_taken(db, own, &q, e);
  return page ? plan_pages(&q, page, e) : question_plan(&q, sink, e);
}

static int ask_table(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  return answer(db, o, sink, NULL, NULL, e);
}

static int ask_page(const struct database *db, const struct options *o, struct document *page, struct row_choice rows,
                    struct err *e) {
  (void)rows; /* there is no table */
  return answer(db, o, NULL, page, NULL, e);
}

static int write_calendar(const struct database *db, const struct options *o, FILE *file, struct err *e) {
  return answer(db, o, NULL, NULL, file, e);
}

static int forget_last(const struct database *db, const struct options *o, struct err *e) {
  int code = local_begin(db->local, e);
  for (unsigned i = 0; i < o->arg_count && code >= 0; i++) {
    const char *domain = o->args[i];
    code = taken_step_remove_last(db->local, domain, e);
    if (!code) code = err_set(e, ERR_NOT_FOUND, "no step of %s is noted as taken", domain);
  }
  return code < 0 ? code : local_commit(db->local, e);
}

static int change(const struct plan_options *own, struct err *e) {
  struct database db = {0};
  int code = ask_open_for_change(&own->shared, &db, e);
  if (!code) code = own->undo ? forget_last(&db, &own->shared, e) : answer(&db, &own->shared, NULL, NULL, NULL, e);
  database_close(&db);
  return code;
}

static int change_steps(const struct plan_options *own) {
  struct err e;
  if (own->done && own->undo) return talk_failure(EXIT_USAGE, "plan: --done and --undo are opposites: say one of them");
  if (!own->shared.arg_count)
    return talk_failure(EXIT_USAGE, "plan: %s needs the DOMAIN whose step it is about",
                        own->done ? "--done" : "--undo");
  int code = change(own, &e);
  return code < 0 ? ask_failed(code, &e) : EXIT_DONE;
}

static int run(const struct options *o) {
  struct plan_options drawn = *(const struct plan_options *)o;
  if (drawn.done || drawn.undo) return change_steps(&drawn);
  if (drawn.who || drawn.note)
    return talk_failure(EXIT_USAGE, "plan: --by and --note go with --done (see 'dmarcctl plan --help')");
  if (drawn.record != RECORD_FOR_PEOPLE && !o->judgement.dns)
    return talk_failure(EXIT_USAGE, "plan: --record needs --dns: the reports do not tell the whole of the record");
  if (drawn.shape == PLAN_CALENDAR) return ask_file(o, write_calendar);
  drawn.shared.output.format = (enum table_format)drawn.shape;
  return o->arg_count && ask_is_for_pages(&drawn.shared) ? ask_pages(&drawn.shared, ask_page)
                                                         : ask(&drawn.shared, PLAN_SORT, ask_table);
}

const struct verb VERB_PLAN = {
    .name = "plan",
    .summary = "the way to p=reject: which record on which day, and what comes before it",
    .details =
        "For each domain the records to publish, one after the other: the earliest day of each, the repairs and answers that\n"
        "come before it, and the record that takes it back. Later steps are judged as if the ones before were published.\n"
        "Named domains get a page each, in Markdown with boxes to check; else a table of all, by day.\n",
    .examples =
        "  dmarcctl plan example.com --freeze 2026-12-15..2027-01-10\n"
        "  dmarcctl plan example.com --format ics --output plan.ics\n"
        "  dmarcctl plan --done --note 'change 4711' example.com\n",
    .arguments = ARGUMENTS_DOMAINS,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_OUTPUT | OPTIONS_ROWS | OPTIONS_DOMAINS | OPTIONS_JUDGEMENT,
    .whole = "a plan rests on all reports of a domain",
    .own = OPTION_TABLE(OWN),
    .size = sizeof(struct plan_options),
    .init = init,
    .clear = clear,
    .run = run,
};

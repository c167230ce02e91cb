/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl label: what the owner says of a source. */
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/utc.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/label_file.h"
#include "cmd/label_inventory.h"
#include "cmd/output.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "report/label_effect.h"

struct label_options {
  struct options shared; /* the label's end is where the period has its own */
  char *domain;          /* owned, normalised */
  const char *note, *owner, *purpose, *ticket;
  struct label_volume expected;
  int64_t review_s;
  const char *import;
  bool list, remove, export;
};

static int parse_volume(void *at, const char *text, struct err *e) { return label_read_volume(text, at, e); }
static int parse_review(void *at, const char *text, struct err *e) { return label_read_review(text, at, e); }

#define AT(field) OPTION_AT(struct label_options, field)
static const struct option_word VOLUMES[] = {{.word = "1200/week"}, {.word = "50/day"}, {.word = "400/month"}, {0}};
static const struct option OWN[] = {
    {"domain", 0, OPTION_DOMAIN, "DOMAIN", "the label holds for this policy domain alone", AT(domain)},
    {"until", 0, OPTION_END, "DATE", "the label holds to the end of this day", AT(shared.period.until_s)},
    {"note", 0, OPTION_TEXT, "TEXT", "why: shown with the label", AT(note)},
    {"owner", 0, OPTION_TEXT, "TEXT", "who answers for the source", AT(owner)},
    {"purpose", 0, OPTION_TEXT, "TEXT", "what it sends", AT(purpose)},
    {"ticket", 0, OPTION_TEXT, "TEXT", "where it was decided", AT(ticket)},
    {"expected", 0, OPTION_CUSTOM, "N/TIME", "how many messages it sends: %s", AT(expected), .words = VOLUMES,
     .parse = parse_volume},
    {"review", 0, OPTION_CUSTOM, "DATE", "look at the label again on this day", AT(review_s), .parse = parse_review},
    {"list", 'l', OPTION_FLAG, NULL, "show all labels", AT(list)},
    {"remove", 0, OPTION_FLAG, NULL, "take the label of SOURCE back", AT(remove)},
    {"import", 0, OPTION_FILE, "FILE", "take in all labels of an inventory, or none", AT(import)},
    {"export", 0, OPTION_FLAG, NULL, "write all labels as an inventory, to FILE or standard output", AT(export)},
};
#define LABEL_OPTION(VERDICT, WORD) {.word = WORD, .value = VERDICT},
static const struct option_word LABELS[] = {EACH_LABEL_VERDICT(LABEL_OPTION){0}};

/* --- the list ----------------------------------------------------------------------------------------------------- */

/* clang-format off */
enum {
  SOURCE, SUBJECT, LABEL, DOMAIN, UNTIL, OWNER, REVIEW, DUE, NOTE, PURPOSE, TICKET, EXPECTED, MADE, COLUMNS_OF_LABELS
};
static const struct column COLUMNS[COLUMNS_OF_LABELS] = {
    [SOURCE] = {"source", NULL, COLUMN_TEXT, COLUMN_KEY},
    [SUBJECT] = {"subject", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [LABEL] = {"label", NULL, COLUMN_TEXT, 0},
    [DOMAIN] = {"domain", NULL, COLUMN_TEXT, 0},
    [UNTIL] = {"until", NULL, COLUMN_DAY, 0},
    [OWNER] = {"owner", NULL, COLUMN_TEXT, 0},
    [REVIEW] = {"review", NULL, COLUMN_DAY, COLUMN_DETAIL},
    [DUE] = {"review_due", "due", COLUMN_YES_NO, 0},
    [NOTE] = {"note", NULL, COLUMN_TEXT, COLUMN_WRAP},
    [PURPOSE] = {"purpose", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [TICKET] = {"ticket", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [EXPECTED] = {"expected", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [MADE] = {"made", NULL, COLUMN_TIME, COLUMN_DETAIL},
};
/* clang-format on */
static const struct table TABLE = {
    "dmarcctl.labels", 1, NULL, "No source is labelled. 'dmarcctl label SOURCE legitimate' labels one.", COLUMNS,
    COLUMNS_OF_LABELS};

/* Told as it is given: the last day on which the label holds. */
static struct cell last_day(int64_t until_s) {
  return cell_time(until_s == FEEDBACK_TIME_UNKNOWN ? until_s : until_s - 1);
}

struct listing {
  struct table_sink *sink;
  int64_t as_of_s;
};

static int push_label(void *user, const struct label *l, struct err *e) {
  const struct listing *to = user;
  _cleanup_strbuf_ struct strbuf volume = STRBUF_INIT;
  label_show_volume(&l->expected, &volume);
  const struct cell cells[COLUMNS_OF_LABELS] = {
      [SOURCE] = cell_text(l->source),
      [SUBJECT] = cell_text(label_subject_word(l->subject)),
      [LABEL] = cell_text(label_verdict_word(l->verdict)),
      [DOMAIN] = cell_text(l->domain),
      [UNTIL] = last_day(l->until_s),
      [OWNER] = cell_text(l->owner),
      [REVIEW] = l->review_s ? cell_time(l->review_s) : cell_absent(),
      [DUE] = l->review_s ? cell_yes(label_is_due(l, to->as_of_s)) : cell_absent(),
      [NOTE] = cell_text(l->note),
      [PURPOSE] = cell_text(l->purpose),
      [TICKET] = cell_text(l->ticket),
      [EXPECTED] = cell_text(volume.data),
      [MADE] = cell_time(l->made_s),
  };
  return to->sink->row(to->sink, cells, e);
}

static int list(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  struct listing to = {sink, o->judgement.as_of_s ? o->judgement.as_of_s : utc_now()};
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = label_each(db->local, push_label, &to, e);
  if (!code) code = sink->end(sink, e);
  return code;
}

/* --- a label ------------------------------------------------------------------------------------------------------ */

static int read_verdict(const struct options *o, struct label *ret, struct err *e) {
  const int verdict = o->arg_count > 1 ? label_verdict_of(o->args[1]) : -1;
  if (verdict >= 0) {
    ret->verdict = (enum label_verdict)verdict;
    return 0;
  }
  _cleanup_strbuf_ struct strbuf list = STRBUF_INIT;
  option_words_join(LABELS, ", ", &list);
  return err_set(e, ERR_USAGE, "label %s as one of %s", o->args[0], strbuf_text(&list));
}

static int check_texts(const struct label_options *own, struct err *e) {
  int code = label_check_text("--note", own->note, e);
  if (!code) code = label_check_text("--owner", own->owner, e);
  if (!code) code = label_check_text("--purpose", own->purpose, e);
  return code ? code : label_check_text("--ticket", own->ticket, e);
}

/* All that the arguments say, before a database is opened or made for them. */
static int read_label(const struct options *o, const struct sender_catalogue *catalogue, struct label *ret,
                      struct err *e) {
  const struct label_options *own = (const struct label_options *)o;
  bool ends = o->period.until_s != FILTER_OPEN_END;
  *ret = (struct label){.domain = own->domain,
                        .until_s = ends ? o->period.until_s : FEEDBACK_TIME_UNKNOWN,
                        .note = own->note,
                        .made_s = utc_now(),
                        .owner = own->owner,
                        .purpose = own->purpose,
                        .ticket = own->ticket,
                        .expected = own->expected,
                        .review_s = own->review_s};
  int code = label_read_source(o->args[0], catalogue, o->texts, ret, e);
  if (!code) code = check_texts(own, e);
  if (code < 0) return code;
  if (!own->remove) return read_verdict(o, ret, e);
  if (o->arg_count < 2) return 0;
  return err_set(e, ERR_USAGE, "--remove takes back what was said of %s: leave out \"%s\"", o->args[0], o->args[1]);
}

/* What stands beside the verdict is about the source, and stays until it is said anew; an empty text takes it away. */
static void keep_former(const struct options *o, const struct label *former, struct label *l) {
  if (!options_given(o, "owner")) l->owner = former->owner;
  if (!options_given(o, "purpose")) l->purpose = former->purpose;
  if (!options_given(o, "ticket")) l->ticket = former->ticket;
  if (!options_given(o, "expected")) l->expected = former->expected;
  if (!options_given(o, "review")) l->review_s = former->review_s;
}

static const struct label *find_label(const struct labels *labels, const struct label *like) {
  for (uint32_t i = 0; i < labels->count; i++)
    if (!label_compare(&labels->items[i], like)) return &labels->items[i];
  return NULL;
}

/* --- what it did -------------------------------------------------------------------------------------------------- */

/* Judges with the labels as they are now; `a->found` is filled, or judged anew where the label is gone. */
static int look(const struct options *o, const struct database *db, const struct labelled_answer *a,
                struct labelled *found, bool again, struct err *e) {
  _cleanup_(basis_clear) struct basis b = {0};
  int code = basis_open(&b, o, db, e);
  if (code < 0) return code;
  b.inquiry.domain_count = 0; /* the arguments are no domains */
  return again ? labelled_judge_again(&b.inquiry, found, e) : labelled_collect(&b.inquiry, a->label, found, e);
}

static int fill_rows(void *user, struct table_sink *sink, struct err *e) { return labelled_rows(user, sink, e); }

static int print_answer(struct labelled_answer *a, const struct options *o, struct err *e) {
  _cleanup_(output_close) struct output out;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  int code = output_open(&out, o, e);
  if (code < 0) return code;
  if (o->output.format == FORMAT_TEXT) {
    labelled_tell(a, &text);
    if (text.length) fprintf(out.file, "%s\n", text.data);
  } else {
    code = output_table(&out, o, fill_rows, a, e);
  }
  return code < 0 ? code : output_commit(&out, e);
}

static void warn_of_nothing(const struct labelled_answer *a, const struct options *o) {
  const struct label *l = a->label;
  const int64_t as_of_s = o->judgement.as_of_s ? o->judgement.as_of_s : utc_now();
  char day[UTC_TEXT_BYTES];
  if (a->found->count || a->change == LABEL_REMOVED) return;
  if (l->until_s != FEEDBACK_TIME_UNKNOWN && l->until_s <= as_of_s)
    talk("the label is over: its last day was %s", utc_format_day(l->until_s - 1, day));
  else
    talk("no stored mail%s%s takes this label: none is of %s, or a narrower label holds", l->domain ? " of " : "",
         l->domain ? l->domain : "", l->source);
}

static int put_label(const struct options *o, const struct database *db, struct label *label,
                     struct labelled_answer *ret, struct err *e) {
  _cleanup_(labels_clear) struct labels labels = {0};
  int code = local_begin(db->local, e);
  if (code < 0) return code;
  code = labels_read(db->local, &labels, e);
  const struct label *former = code ? NULL : find_label(&labels, label);
  if (former) keep_former(o, former, label);
  ret->change = former ? LABEL_CHANGED : LABEL_ADDED;
  if (!code) code = label_put(db->local, label, e);
  if (!code) return local_commit(db->local, e);
  local_abort(db->local);
  return code;
}

static int set_label(const struct options *o, const struct database *db, struct label *label, struct err *e) {
  _cleanup_(labelled_clear) struct labelled found = {0};
  struct labelled_answer a = {.label = label, .found = &found, .as_of_s = o->judgement.as_of_s};
  int code = put_label(o, db, label, &a, e);
  if (code < 0 || o->common.quiet) return code;
  code = look(o, db, &a, &found, false, e);
  if (code < 0) return err_prefix(e, code, "the label is stored");
  warn_of_nothing(&a, o);
  return print_answer(&a, o, e);
}

static int take_back(const struct options *o, const struct database *db, struct label *label, struct err *e) {
  _cleanup_(labelled_clear) struct labelled found = {0};
  _cleanup_(labels_clear) struct labels labels = {0};
  struct labelled_answer a = {
      .label = label, .change = LABEL_REMOVED, .found = &found, .as_of_s = o->judgement.as_of_s};
  int code = labels_read(db->local, &labels, e);
  if (code < 0) return code;
  const struct label *former = find_label(&labels, label);
  if (former) label->verdict = former->verdict;
  if (former && !o->common.quiet) code = look(o, db, &a, &found, false, e);
  if (!code) code = label_remove(db->local, label->source, label->domain, e);
  if (code < 0) return code;
  if (!code)
    return err_set(e, ERR_NOT_FOUND, "%s has no such label: 'dmarcctl label --list' shows them", label->source);
  if (o->common.quiet) return 0;
  code = look(o, db, &a, &found, true, e);
  return code < 0 ? err_prefix(e, code, "the label is taken back") : print_answer(&a, o, e);
}

/* --- the verb ----------------------------------------------------------------------------------------------------- */

static int change(const struct options *o, const struct sender_catalogue *catalogue, struct err *e) {
  const struct label_options *own = (const struct label_options *)o;
  struct label label;
  int code = read_label(o, catalogue, &label, e);
  if (code < 0) return code;
  struct database db = {0};
  bool nothing_to_take = own->remove && access(o->common.db, F_OK) != 0; /* refused in the words of a question */
  code = nothing_to_take ? ask_open(o, &db, e) : database_open(&db, o->common.db, LOCAL_WRITE, e);
  if (!code) code = own->remove ? take_back(o, &db, &label, e) : set_label(o, &db, &label, e);
  database_close(&db);
  return code;
}

static int run_with_catalogue(const struct options *o, struct err *e) {
  const struct label_options *own = (const struct label_options *)o;
  _cleanup_sender_catalogue_ struct sender_catalogue *catalogue = sender_catalogue_new();
  int code = o->judgement.sender_map ? sender_catalogue_add_map(catalogue, o->judgement.sender_map, e) : 0;
  if (code < 0) return code;
  if (own->import) return inventory_import(o, own->import, catalogue, e);
  if (own->export) return inventory_export(o, catalogue, e);
  return change(o, catalogue, e);
}

/* What of the line does not go together; 0: nothing. */
static int refuse(const struct options *o) {
  const struct label_options *own = (const struct label_options *)o;
  static const char *const OF_A_LABEL[] = {"domain",  "until",  "note",     "owner",
                                           "purpose", "ticket", "expected", "review"};
  const char *alone = own->list ? "list" : own->import ? "import" : own->export ? "export" : NULL;
  const char *given = own->remove ? "remove" : NULL;
  if (own->list + own->export + (own->import != NULL) > 1) given = own->list ? "list" : "import";
  for (unsigned i = 0; alone && i < ARRAY_SIZE(OF_A_LABEL); i++)
    if (options_given(o, OF_A_LABEL[i])) given = OF_A_LABEL[i];
  if (alone && (given || o->arg_count > own->export))
    return talk_failure(EXIT_USAGE, "label: --%s stands alone (see 'dmarcctl label --help')", alone);
  if (own->export && (o->output.format != FORMAT_TEXT || (o->arg_count && o->output.path)))
    return talk_failure(EXIT_USAGE, "label: --export writes one inventory to one file: it takes no --%s",
                        o->arg_count && o->output.path ? "output beside FILE" : "format");
  if (alone || o->arg_count) return 0;
  return talk_failure(EXIT_USAGE, "label: SOURCE is missing (see 'dmarcctl label --help')");
}

static int run(const struct options *o) {
  const struct label_options *own = (const struct label_options *)o;
  const int refused = refuse(o);
  if (refused) return refused;
  if (own->list) return ask(o, NULL, list);
  struct err e;
  int code = run_with_catalogue(o, &e);
  return code < 0 ? ask_failed(code, &e) : EXIT_DONE;
}

static void clear(struct options *o) { free(((struct label_options *)o)->domain); }

const struct verb VERB_LABEL = {
    .name = "label",
    .summary = "say whose a source is: the word that counts most",
    .details =
        "SOURCE is an address, a network, a service of the catalogue (\"Amazon SES\") or the domain that signs or passes "
        "SPF.\n"
        "dmarcctl label --list shows all labels; dmarcctl label SOURCE --remove takes one back;\n"
        "dmarcctl label --export [FILE] and --import FILE keep them in a file, for git.\n",
    .examples =
        "  dmarcctl label campaigns.example.net legitimate --owner marketing@example.com\n"
        "  dmarcctl label 198.51.100.0/24 unauthorised --domain example.com\n"
        "  dmarcctl label --list\n",
    .arguments = ARGUMENTS_WORDS,
    .usage = "SOURCE",
    .words = LABELS,
    .most_args = 2,
    .groups = OPTIONS_OUTPUT | OPTIONS_ROWS | OPTIONS_JUDGEMENT,
    .own = OPTION_TABLE(OWN),
    .size = sizeof(struct label_options),
    .clear = clear,
    .run = run,
};

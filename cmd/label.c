/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl label: what the owner says of a source. */
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/domain.h"
#include "base/utc.h"
#include "cmd/ask.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "local/labels.h"
#include "sender/sender.h"

struct label_options {
  struct options shared; /* the policy domain and the day are where filters have theirs */
  const char *note;
  bool list, remove;
};

#define AT(field) OPTION_AT(struct label_options, field)
static const struct option OWN[] = {
    {"domain", 0, OPTION_DOMAIN, "DOMAIN", "the label holds for this policy domain alone", AT(shared.reports.domain)},
    {"until", 0, OPTION_END, "DATE", "the label holds to the end of this day", AT(shared.period.until_s)},
    {"note", 0, OPTION_TEXT, "TEXT", "why: shown with the label", AT(note)},
    {"list", 'l', OPTION_FLAG, NULL, "show all labels", AT(list)},
    {"remove", 0, OPTION_FLAG, NULL, "take the label of SOURCE back", AT(remove)},
};
#define LABEL_OPTION(VERDICT, WORD) {.word = WORD, .value = VERDICT},
static const struct option_word LABELS[] = {EACH_LABEL_VERDICT(LABEL_OPTION){0}};

static const struct column COLUMNS[] = {
    {"source", NULL, COLUMN_TEXT, COLUMN_KEY},
    {"subject", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    {"label", NULL, COLUMN_TEXT, 0},
    {"domain", NULL, COLUMN_TEXT, 0},
    {"until", NULL, COLUMN_DAY, 0},
    {"note", NULL, COLUMN_TEXT, COLUMN_WRAP},
    {"made", NULL, COLUMN_TIME, COLUMN_DETAIL},
};
static const struct table TABLE = {
    "dmarcctl.labels",  1, NULL, "No source is labelled. 'dmarcctl label SOURCE legitimate' labels one.", COLUMNS,
    ARRAY_SIZE(COLUMNS)};

/* Told as it is given: the last day on which the label holds. */
static struct cell last_day(int64_t until_s) {
  return cell_time(until_s == FEEDBACK_TIME_UNKNOWN ? until_s : until_s - 1);
}

static int push_label(void *user, const struct label *l, struct err *e) {
  struct table_sink *sink = user;
  const struct cell cells[] = {cell_text(l->source),
                               cell_text(label_subject_word(l->subject)),
                               cell_text(label_verdict_word(l->verdict)),
                               cell_text(l->domain),
                               last_day(l->until_s),
                               cell_text(l->note),
                               cell_time(l->made_s)};
  return sink->row(sink, cells, e);
}

static int list(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  (void)o;
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = label_each(db->local, push_label, sink, e);
  if (!code) code = sink->end(sink, e);
  return code;
}

/* Where a label's source is spelled. */
struct spelling {
  char address[IP_TEXT_BYTES];
  char *domain;
};

static void spelling_clear(struct spelling *s) { free(s->domain); }

/* No top-level domain is all digits (RFC 3696 2): such a name is an address that was mistyped. */
static bool ends_in_number(const char *domain) {
  const char *last = strrchr(domain, '.');
  return last && last[1 + strspn(last + 1, "0123456789")] == '\0';
}

/* What the user means: an address, a network, a service of the catalogue, else a domain. */
static int read_source(const char *text, const struct sender_catalogue *catalogue, struct label *ret,
                       struct spelling *s, struct err *e) {
  struct ip_network network;
  if (!ip_network_parse(text, &network, NULL)) {
    bool single = network.prefix_bits == network.base.size * 8u;
    ret->subject = single ? LABEL_ADDRESS : LABEL_NETWORK;
    ret->source = single ? ip_format(&network.base, s->address) : ip_network_format(&network, s->address);
    return 0;
  }
  const struct sender_service *service = sender_by_name(catalogue, text);
  if (service) {
    ret->subject = LABEL_SERVICE;
    ret->source = service->name;
    return 0;
  }
  s->domain = domain_spelled(text);
  if (!domain_is_plausible(s->domain) || !strchr(s->domain, '.') || ends_in_number(s->domain))
    return err_set(e, ERR_USAGE, "\"%s\" is no address, no network, no service of the catalogue and no domain",
                   s->domain);
  ret->subject = LABEL_DOMAIN;
  ret->source = s->domain;
  return 0;
}

static int read_verdict(const struct options *o, struct label *ret, struct err *e) {
  const struct option_word *word = o->arg_count > 1 ? option_word_find(LABELS, o->args[1]) : NULL;
  if (word) {
    ret->verdict = (enum label_verdict)word->value;
    return 0;
  }
  _cleanup_strbuf_ struct strbuf list = STRBUF_INIT;
  option_words_join(LABELS, ", ", &list);
  return err_set(e, ERR_USAGE, "label %s as one of %s", o->args[0], strbuf_text(&list));
}

/* All that the arguments say, before a database is opened or made for them. */
static int read_label(const struct options *o, const struct sender_catalogue *catalogue, struct label *ret,
                      struct spelling *s, struct err *e) {
  const struct label_options *own = (const struct label_options *)o;
  bool ends = o->period.until_s != FILTER_OPEN_END;
  *ret = (struct label){.domain = o->reports.domain,
                        .until_s = ends ? o->period.until_s : FEEDBACK_TIME_UNKNOWN,
                        .note = own->note,
                        .made_s = utc_now()};
  int code = read_source(o->args[0], catalogue, ret, s, e);
  if (code < 0) return code;
  if (!own->remove) return read_verdict(o, ret, e);
  if (o->arg_count < 2) return 0;
  return err_set(e, ERR_USAGE, "--remove takes back what was said of %s: leave out \"%s\"", o->args[0], o->args[1]);
}

static int take_back(const struct database *db, const struct label *label, struct err *e) {
  int code = label_remove(db->local, label->source, label->domain, e);
  return code ? code
              : err_set(e, ERR_NOT_FOUND, "%s has no such label: 'dmarcctl label --list' shows them", label->source);
}

static int change(const struct options *o, struct err *e) {
  _cleanup_sender_catalogue_ struct sender_catalogue *catalogue = sender_catalogue_new();
  const struct label_options *own = (const struct label_options *)o;
  struct label label;
  _cleanup_(spelling_clear) struct spelling spelling = {.domain = NULL};
  int code = read_label(o, catalogue, &label, &spelling, e);
  if (code < 0) return code;
  struct database db = {0};
  bool nothing_to_take = own->remove && access(o->common.db, F_OK) != 0; /* refused in the words of a question */
  code = nothing_to_take ? ask_open(o, &db, e) : database_open(&db, o->common.db, LOCAL_WRITE, e);
  if (!code) code = own->remove ? take_back(&db, &label, e) : label_put(db.local, &label, e);
  database_close(&db);
  return code;
}

static int run(const struct options *o) {
  const struct label_options *own = (const struct label_options *)o;
  if (own->list && (o->arg_count || own->remove))
    return talk_failure(EXIT_USAGE, "label: --list stands alone (see 'dmarcctl label --help')");
  if (own->list) return ask(o, NULL, list);
  if (!o->arg_count) return talk_failure(EXIT_USAGE, "label: SOURCE is missing (see 'dmarcctl label --help')");
  struct err e;
  int code = change(o, &e);
  return code < 0 ? ask_failed(code, &e) : EXIT_DONE;
}

const struct verb VERB_LABEL = {
    .name = "label",
    .summary = "say whose a source is: the word that counts most",
    .details =
        "SOURCE is an address, a network, a service of the catalogue (\"Amazon SES\") or the domain that signs or passes "
        "SPF.\n"
        "dmarcctl label --list shows all labels; dmarcctl label SOURCE --remove takes one back.\n",
    .arguments = ARGUMENTS_WORDS,
    .usage = "SOURCE",
    .words = LABELS,
    .most_args = 2,
    .groups = OPTIONS_OUTPUT | OPTIONS_ROWS,
    .own = OPTION_TABLE(OWN),
    .size = sizeof(struct label_options),
    .run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl whatif: what another policy would do to the mail that was seen. A page for each named domain, a table for
 * many. */
#include "base/cleanup.h"
#include "base/utc.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/page.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "report/sections.h"
#include "report/words.h"

struct whatif_options {
  struct options shared;
  struct whatif_proposal proposal;
  enum whatif_by by;
};

/* Tags of a proposed record: what is no word of the RFC's would mean the default to receivers. */
static const struct option_word POLICIES[] = {{.word = "none"}, {.word = "quarantine"}, {.word = "reject"}, {0}};
static const struct option_word MODES[] = {{.word = "r"}, {.word = "s"}, {0}};
static const struct option_word ROWS[] = {{.word = "domain", .value = WHATIF_BY_DOMAIN},
                                          {.word = "class", .value = WHATIF_BY_CLASS},
                                          {.word = "source", .value = WHATIF_BY_SOURCE},
                                          {0}};

#define AT(field) OPTION_AT(struct whatif_options, field)
static const struct option OWN[] = {
    {"p", 0, OPTION_KEYWORD_TEXT, NULL, "this policy for the domain", AT(proposal.p), .words = POLICIES},
    {"sp", 0, OPTION_KEYWORD_TEXT, NULL, "this one for the names below it", AT(proposal.sp), .words = POLICIES},
    {"np", 0, OPTION_KEYWORD_TEXT, NULL, "this one for the names below it that do not exist", AT(proposal.np),
     .words = POLICIES},
    {"adkim", 0, OPTION_KEYWORD_TEXT, NULL, "relaxed or strict alignment of DKIM", AT(proposal.adkim), .words = MODES},
    {"aspf", 0, OPTION_KEYWORD_TEXT, NULL, "the same for SPF", AT(proposal.aspf), .words = MODES},
    {"by", 0, OPTION_KEYWORD, NULL,
     "a row per domain (default of text), per class, or per source (of the other formats)", AT(by), .words = ROWS},
};

struct pages {
  const struct options *options;
  struct output *out;
  unsigned printed;
};

/* --- a page ------------------------------------------------------------------------------------------------------- */

static void add_figure(struct strbuf *text, const struct whatif *w, int64_t messages, const char *what) {
  strbuf_printf(text, "%.6g%s", whatif_per_day(w, messages), what);
}

/* What there is none of is left out, but for own mail: that is the question. */
static void add_affected(struct strbuf *text, const struct whatif *w, const struct whatif_sum *sum) {
  bool both = sum->rejected && sum->quarantined;
  if (sum->rejected) add_figure(text, w, sum->rejected, " messages a day newly rejected, ");
  if (sum->quarantined)
    add_figure(text, w, sum->quarantined, both ? " newly quarantined, " : " messages a day newly quarantined, ");
  add_figure(text, w, sum->own_affected, both ? " of both own mail" : " of them own mail");
  if (sum->undecided_affected) {
    strbuf_add_text(text, ", ");
    add_figure(text, w, sum->undecided_affected, " undecided");
  }
}

static void print_headline(const struct output *out, const struct whatif *w, const struct whatif_sum *sum) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT, today = STRBUF_INIT, proposed = STRBUF_INIT;
  whatif_tags_today(w, &today);
  whatif_tags_proposed(w->proposal, &proposed);
  strbuf_printf(&text, "%s: %s -> %s: ", w->judgement->domain, strbuf_text(&today), strbuf_text(&proposed));
  if (sum->affected)
    add_affected(&text, w, sum);
  else
    strbuf_add_text(&text, "nothing newly affected");
  if (sum->spared) {
    strbuf_add_text(&text, "; ");
    add_figure(&text, w, sum->spared, sum->affected ? " newly spared" : " messages a day newly spared");
  }
  page_print_headline(out, strbuf_text(&text));
}

static bool has_np_of_its_own(const enum policy policies[GOVERNINGS]) {
  return policies[GOVERNED_BY_NP] != policies[GOVERNED_BY_SP];
}

/* Another alignment alone does nothing where failing mail is let through. */
static bool acts_on_nothing(const struct whatif *w) {
  if (w->proposal->p || w->proposal->sp || w->proposal->np) return false;
  for (int i = 0; i < GOVERNINGS; i++)
    if (w->then[i] != POLICY_NONE) return false;
  return true;
}

/* What the figures rest on, and how far they can be trusted. */
static void print_basis(const struct output *out, const struct whatif *w, const struct whatif_sum *sum) {
  const struct judgement *j = w->judgement;
  char begin[UTC_TEXT_BYTES], end[UTC_TEXT_BYTES];
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_printf(&text, "From the reports of %s to %s (UTC).", utc_format_day(w->begin_s, begin),
                utc_format_day(w->end_s - 1, end));
  strbuf_add_text(&text, " An upper bound: receivers need not obey, and may spare what they know to be forwarded.");
  if (!j->in_force)
    strbuf_add_text(&text,
                    " Today's policy is not fully in force (t=y, or pct below 100) and counts one level lower; a "
                    "policy that is proposed counts in full.");
  if (has_np_of_its_own(w->today) || has_np_of_its_own(w->then))
    strbuf_printf(&text,
                  " Reports do not tell which names below %s exist: those that no mail of the owner's uses count "
                  "under np.",
                  j->domain);
  if (acts_on_nothing(w)) strbuf_add_text(&text, " The policy acts on no mail: try the alignment together with --p.");
  if (sum->unknown) {
    strbuf_add_text(&text, " Beside these there are ");
    add_figure(&text, w, sum->unknown, " messages a day of which the reports do not say enough.");
  }
  page_print_wrapped(out, strbuf_text(&text), 0);
}

static int print_table(struct pages *p, const struct whatif *w, enum whatif_by by, struct err *e) {
  const struct options *o = p->options;
  bool whole = by != WHATIF_BY_SOURCE;
  fputc('\n', p->out->file);
  struct table_sink *renderer = renderer_new(p->out->file, &p->out->render);
  struct table_sink *collector = collector_new(renderer, whole ? NULL : o->rows.sort, whole ? 0 : ask_limit(o, p->out));
  int code = whatif_push(w, by, collector, e);
  table_sink_free(collector);
  table_sink_free(renderer);
  return code;
}

static int print_page(void *user, const struct whatif *w, struct err *e) {
  struct pages *p = user;
  struct whatif_sum all, by_class[CLASS_IGNORED + 1];
  whatif_add_up(w, &all, by_class);
  if (p->printed++) fputc('\n', p->out->file);
  print_headline(p->out, w, &all);
  print_basis(p->out, w, &all);
  int code = all.streams ? print_table(p, w, WHATIF_BY_CLASS, e) : 0;
  if (!code && (all.affected || all.spared || all.unknown)) code = print_table(p, w, WHATIF_BY_SOURCE, e);
  return code;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static enum whatif_by by_of(const struct options *o) {
  const struct whatif_options *own = (const struct whatif_options *)o;
  if (own->by != WHATIF_BY_UNSET) return own->by;
  return o->output.format == FORMAT_TEXT ? WHATIF_BY_DOMAIN : WHATIF_BY_SOURCE;
}

static int ask_table(struct store *store, const struct options *o, struct table_sink *sink, struct err *e) {
  const struct whatif_options *own = (const struct whatif_options *)o;
  _cleanup_(basis_clear) struct basis b;
  int code = basis_open(&b, o, store, e);
  const struct question q = {.of = b.inquiry, .proposal = &own->proposal, .whatif_by = by_of(o)};
  return code < 0 ? code : question_whatif(&q, sink, e);
}

/* A column that there is not is told before the first page, not in the middle of it. */
static int check_sort(const struct options *o, struct err *e) {
  struct table_sink nothing = table_sink_nothing();
  const struct whatif none = {.days = 1};
  struct table_sink *collector = collector_new(&nothing, o->rows.sort, 0);
  int code = whatif_push(&none, WHATIF_BY_SOURCE, collector, e);
  table_sink_free(collector);
  return code;
}

static int print_pages(const struct options *o, struct store *store, struct err *e) {
  _cleanup_(output_close) struct output out;
  int code = output_open_paged(&out, o, e);
  if (code < 0) return code;
  struct pages pages = {.options = o, .out = &out};
  const struct whatif_options *own = (const struct whatif_options *)o;
  _cleanup_(basis_clear) struct basis b;
  code = basis_open(&b, o, store, e);
  if (!code) code = whatif_each(&b.inquiry, &own->proposal, print_page, &pages, e);
  return code < 0 ? code : output_commit(&out, e);
}

static int ask_pages(const struct options *o) {
  struct store *store = NULL;
  struct err e;
  int code = check_sort(o, &e);
  if (!code) code = ask_open_store(o, &store, &e);
  if (!code) code = print_pages(o, store, &e);
  store_close(store);
  return code < 0 ? ask_failed(code, &e) : EXIT_DONE;
}

static int run(const struct options *o) {
  const struct whatif_options *own = (const struct whatif_options *)o;
  const struct whatif_proposal *tried = &own->proposal;
  if (!tried->p && !tried->sp && !tried->np && !tried->adkim && !tried->aspf)
    return talk_failure(EXIT_USAGE,
                        "whatif: what is to be tried is missing: say at least one of --p, --sp, --np, --adkim and "
                        "--aspf, as in 'dmarcctl whatif example.com --p reject'");
  if (o->arg_count && o->output.format == FORMAT_TEXT && own->by == WHATIF_BY_UNSET) return ask_pages(o);
  return ask(o, by_of(o) == WHATIF_BY_DOMAIN ? WHATIF_SORT : NULL, ask_table);
}

const struct verb VERB_WHATIF = {
    .name = "whatif",
    .summary = "what another policy would do to the mail that was seen",
    .details =
        "Try another p, sp, np, adkim or aspf: messages a day newly quarantined or rejected, or newly spared, by class and "
        "by\n"
        "source. What is not given stays as the reports show it. Named domains get a page each; else a table of all.\n",
    .arguments = ARGUMENTS_DOMAINS,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_ASKING_REPORTS | OPTIONS_JUDGEMENT,
    .own = OPTION_TABLE(OWN),
    .own_behind = "threshold",
    .size = sizeof(struct whatif_options),
    .run = run,
};

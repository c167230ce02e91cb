/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl compliance: the rules for bulk senders, held against stored mail. A page for each named domain, a table for
 * many. */
#include <string.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/hashmap.h"
#include "base/utc.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/page.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "report/question.h"
#include "report/sections.h"
#include "report/words.h"

struct pages {
  const struct options *options;
  struct output *out;
  unsigned printed;
};

/* --- a page ------------------------------------------------------------------------------------------------------- */

static void print_figures(const struct output *out, const struct compliance *c) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  char begin[UTC_TEXT_BYTES], end[UTC_TEXT_BYTES];
  const char *policy = c->judgement->policy.p;
  strbuf_printf(&text, "Published p=%s as the reports show it. ", policy ? policy : "unknown");
  if (!c->mail.messages) {
    strbuf_add_text(&text, "No mail that is or may be the owner's");
  } else {
    strbuf_add_text(&text, "Of ");
    figure_count(&text, c->mail.messages, "message");
    strbuf_add_text(&text, " that are or may be the owner's, ");
    figure_share_of(&text, c->mail.bulk, c->mail.messages);
    strbuf_add_text(&text, " pass SPF and DKIM and are aligned, as the rules ask; ");
    figure_integer(&text, c->mail.short_of, true);
    strbuf_add_text(&text, " pass DMARC and fall short of that");
  }
  strbuf_printf(&text, " (%s to %s UTC). Left out: ", utc_format_day(c->begin_s, begin),
                utc_format_day(c->end_s - 1, end));
  figure_count(&text, c->forwarded, "message");
  strbuf_add_text(&text, " passed on by others, ");
  figure_integer(&text, c->foreign, true);
  strbuf_add_text(&text, " of strangers.");
  page_print_wrapped(out, strbuf_text(&text), 0);
}

static void print_volume(const struct output *out, const struct compliance *c, enum compliance_receiver r) {
  const struct compliance_volume *v = &c->volumes[r];
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  char day[UTC_TEXT_BYTES];
  strbuf_printf(&text, "%s: ", compliance_receiver_name(r));
  if (!v->days) {
    strbuf_add_text(&text, "no report on a day");
  } else {
    strbuf_add_text(&text, "on ");
    if (v->bulk_days)
      figure_integer(&text, v->bulk_days, true);
    else
      strbuf_add_text(&text, "none");
    strbuf_add_text(&text, " of ");
    figure_count(&text, v->days, "day");
    strbuf_add_text(&text, " with a report; at most ");
    figure_integer(&text, v->most, true);
    strbuf_printf(&text, " (%s)%s", utc_format_day(utc_from_day(v->most_day), day),
                  v->bulk_days ? ": its rules apply" : "");
  }
  page_print_wrapped(out, strbuf_text(&text), 2);
}

/* Sources that need the same, by what they need. */
struct repair {
  const char *first;
  unsigned others;
};

static void gather_repairs(const struct compliance *c, struct hashmap *repairs) {
  for (uint32_t i = 0; i < c->source_count; i++) {
    _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
    compliance_repair(c, &c->sources[i], &text);
    if (!text.length) continue;
    bool is_new;
    struct repair *repair = hashmap_put(repairs, text.data, text.length + 1, &is_new);
    if (is_new)
      repair->first = c->sources[i].name;
    else
      repair->others++;
  }
}

/* Who has more to repair reads them by program. */
#define REPAIRS_MOST 20

static void print_repairs(const struct output *out, const struct compliance *c) {
  _cleanup_hashmap_ struct hashmap repairs; /* text -> struct repair */
  hashmap_init(&repairs, sizeof(struct repair));
  gather_repairs(c, &repairs);
  if (repairs.count) fputs("\nWhat is to be done, largest first:\n", out->file);
  for (uint32_t i = 0; i < repairs.count && i < REPAIRS_MOST; i++) {
    const struct repair *repair = hashmap_value_at(&repairs, i);
    _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "%2u. %s", i + 1, repair->first);
    if (repair->others) strbuf_printf(&text, " and %u more", repair->others);
    strbuf_printf(&text, ": %s.", (const char *)hashmap_key_at(&repairs, i, NULL));
    page_print_wrapped(out, strbuf_text(&text), 4);
  }
  if (repairs.count > REPAIRS_MOST)
    fprintf(out->file, "%u more; --format json has them all\n", repairs.count - REPAIRS_MOST);
}

/* Said once, below the last page. */
static void print_rules(const struct output *out) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text,
                  "The rules ask that SPF passes, DKIM passes, one of them is aligned, and a DMARC policy is "
                  "published. They are for:");
  for (int r = 0; r < RECEIVERS; r++)
    strbuf_printf(&text, " %s: %s.", compliance_receiver_name((enum compliance_receiver)r),
                  compliance_receiver_rule((enum compliance_receiver)r));
  fputc('\n', out->file);
  page_print_wrapped(out, strbuf_text(&text), 0);
  page_print_wrapped(out, COMPLIANCE_NOT_VISIBLE, 0);
}

static int print_sources(const struct pages *p, const struct compliance *c, struct err *e) {
  const struct options *o = p->options;
  fputc('\n', p->out->file);
  struct table_sink *renderer = renderer_new(p->out->file, &p->out->render);
  struct table_sink *collector =
      collector_new(renderer, o->rows.sort ? o->rows.sort : QUESTION_SORT_MESSAGES, ask_limit(o, p->out));
  int code = compliance_push_sources(c, collector, e);
  table_sink_free(collector);
  table_sink_free(renderer);
  return code;
}

static int print_page(void *user, const struct compliance *c, struct err *e) {
  struct pages *p = user;
  const struct output *out = p->out;
  _cleanup_strbuf_ struct strbuf head = STRBUF_INIT;
  if (p->printed++) fputc('\n', out->file);
  strbuf_printf(&head, "%s: the rules for bulk senders", c->judgement->domain);
  page_print_headline(out, strbuf_text(&head));
  print_figures(out, c);
  fputs("\nMore than 5,000 messages on a day, as the receiver itself counted:\n", out->file);
  for (int r = 0; r < RECEIVERS; r++) print_volume(out, c, (enum compliance_receiver)r);
  if (!c->source_count) return 0;
  int code = print_sources(p, c, e);
  if (!code) print_repairs(out, c);
  return code;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static int ask_table(struct store *store, const struct options *o, struct table_sink *sink, struct err *e) {
  _cleanup_(basis_clear) struct basis b;
  int code = basis_open(&b, o, store, e);
  return code < 0 ? code : question_compliance(&(struct question){.of = b.inquiry}, sink, e);
}

/* A column that there is not is told before the first page, not in the middle of it. */
static int check_sort(const struct options *o, struct err *e) {
  struct table_sink nothing = table_sink_nothing();
  const struct judgement no_judgement = {0};
  const struct compliance none = {.judgement = &no_judgement};
  struct table_sink *collector = collector_new(&nothing, o->rows.sort, 0);
  int code = compliance_push_sources(&none, collector, e);
  table_sink_free(collector);
  return code;
}

static int print_pages(const struct options *o, struct store *store, struct err *e) {
  _cleanup_(output_close) struct output out;
  int code = output_open_paged(&out, o, e);
  if (code < 0) return code;
  struct pages pages = {.options = o, .out = &out};
  _cleanup_(basis_clear) struct basis b;
  code = basis_open(&b, o, store, e);
  if (!code) code = compliance_each(&b.inquiry, print_page, &pages, e);
  if (code < 0) return code;
  print_rules(&out);
  return output_commit(&out, e);
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
  if (o->arg_count && o->output.format == FORMAT_TEXT) return ask_pages(o);
  return ask(o, QUESTION_SORT_MESSAGES, ask_table);
}

const struct verb VERB_COMPLIANCE = {
    .name = "compliance",
    .summary = "what Google, Yahoo and Microsoft ask of bulk senders",
    .details =
        "Mail that is or may be yours, by source: does the same message pass SPF and DKIM and is it aligned? What passes "
        "DMARC\n"
        "may fall short of that. Named domains get a page each, with the days on which the receivers counted more than "
        "5,000\n"
        "messages; else a table of all.\n",
    .arguments = ARGUMENTS_DOMAINS,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_ASKING_REPORTS | OPTIONS_JUDGEMENT,
    .run = run,
};

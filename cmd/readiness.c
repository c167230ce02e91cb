/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl readiness: may the policy move? A page for each named domain, a table for many. */
#include <string.h>

#include "ask.h"
#include "cleanup.h"
#include "domain.h"
#include "output.h"
#include "question_readiness.h"
#include "talk.h"
#include "utc.h"
#include "verb.h"

struct page {
  struct output *out;
  unsigned domains;
  bool not_ready;
};

static void print_line(FILE *file, const char *text) {
  _cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
  talk_escape(&line, text);
  fprintf(file, "%s\n", strbuf_text(&line));
}

static void print_head(FILE *file, const struct domain_readiness *d, bool colour) {
  char begin[UTC_TEXT_BYTES], end[UTC_TEXT_BYTES], since[UTC_TEXT_BYTES];
  utc_format_day(d->window_begin_s, begin);
  utc_format_day(d->window_end_s - 1, end);
  utc_format_day(d->policy_since_s, since);
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_printf(&text, "%s: %s", d->domain, verdict_word(d->result.verdict));
  if (d->result.next != POLICY_UNKNOWN)
    strbuf_printf(&text, " for p=%s", d->result.next == POLICY_REJECT ? "reject" : "quarantine");
  _cleanup_strbuf_ struct strbuf head = STRBUF_INIT;
  talk_escape(&head, strbuf_text(&text));
  fprintf(file, "%s%s%s\n", colour ? "\x1b[1m" : "", strbuf_text(&head), colour ? "\x1b[0m" : "");
  strbuf_reset(&text);
  strbuf_printf(&text, "Because %s. Published p=%s%s since %s as the reports show it; judged on %s to %s (UTC).",
                d->result.reason, d->p ? d->p : "unknown",
                d->result.finish_current ? " (not fully in force: t=y or pct below 100)" : "", since, begin, end);
  print_line(file, strbuf_text(&text));
}

static int print_table(struct page *p, const struct domain_readiness *d,
                       int (*push)(const struct domain_readiness *, struct table_sink *, struct err *), struct err *e) {
  fputc('\n', p->out->file);
  struct table_sink *sink = renderer_new(p->out->file, &p->out->render);
  int code = push(d, sink, e);
  table_sink_free(sink);
  return code;
}

static bool is_ready(const struct domain_readiness *d) {
  return d->result.verdict == VERDICT_READY || d->result.verdict == VERDICT_AT_TARGET;
}

static int print_page(void *user, const struct domain_readiness *d, struct err *e) {
  struct page *p = user;
  if (p->domains++) fputc('\n', p->out->file);
  if (!is_ready(d)) p->not_ready = true;
  print_head(p->out->file, d, p->out->render.colour);
  int code = print_table(p, d, readiness_push_gates, e);
  if (!code && d->source_count) code = print_table(p, d, readiness_push_sources, e);
  if (code < 0 || !d->source_count) return code;
  if (d->failing_sources > d->source_count)
    fprintf(p->out->file, "and %llu smaller ones ('dmarcctl sources --aligned no' lists all).\n",
            (unsigned long long)(d->failing_sources - d->source_count));
  print_line(p->out->file,
             "Those are the sources whose mail fails, largest first. Whose they are this verdict does not know: "
             "own ones need aligned DKIM or SPF first; strangers' are what the next policy is for.");
  return 0;
}

static int note_readiness(void *user, const struct domain_readiness *d, struct err *e) {
  (void)e;
  struct page *p = user;
  if (!is_ready(d)) p->not_ready = true;
  return 0;
}

static int64_t time_of_asking(const struct options *o) { return o->as_of_s ? o->as_of_s : utc_now(); }

static int ask_table(struct store *store, const struct options *o, struct table_sink *sink, struct err *e) {
  return question_readiness(store, &o->filter, o->args, o->arg_count, time_of_asking(o), sink, e);
}

static int print_pages(const struct options *o, struct store *store, struct page *p, struct err *e) {
  _cleanup_(output_close) struct output out;
  int code = output_open(&out, o, e);
  if (code < 0) return code;
  p->out = &out;
  code = readiness_each(store, &o->filter, o->args, o->arg_count, time_of_asking(o), print_page, p, e);
  return code < 0 ? code : output_commit(&out, e);
}

/* --exit-code with a table: the verdicts are asked for once more, without printing. */
static int check_ready(const struct options *o, struct page *p, struct err *e) {
  struct store *store = NULL;
  int code = ask_open_store(o, &store, e);
  if (!code) code = readiness_each(store, &o->filter, o->args, o->arg_count, time_of_asking(o), note_readiness, p, e);
  store_close(store);
  return code;
}

int verb_readiness(struct options *o) {
  struct page page = {0};
  struct err e;
  for (unsigned i = 0; i < o->arg_count; i++) domain_normalise((char *)o->args[i]);
  int code, exit_code = EXIT_DONE;
  if (o->arg_count && o->format == FORMAT_TEXT) {
    struct store *store = NULL;
    code = ask_open_store(o, &store, &e);
    if (!code) code = print_pages(o, store, &page, &e);
    store_close(store);
  } else {
    exit_code = ask(o, NULL, ask_table);
    code = exit_code == EXIT_DONE && o->exit_code ? check_ready(o, &page, &e) : 0;
  }
  if (code < 0) return ask_failed(code, &e);
  return exit_code == EXIT_DONE && o->exit_code && page.not_ready ? EXIT_NOT_READY : exit_code;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Puts a judgement into words and tables; every line of advice comes from a gate or from a source. */
#include "cmd/readiness_page.h"

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/utc.h"
#include "cmd/page.h"
#include "cmd/published_page.h"
#include "cmd/talk.h"

/* --- the verdict -------------------------------------------------------------------------------------------------- */

static const char *tag_of(const struct judgement *j) { return j->scope == SCOPE_BELOW ? "sp" : "p"; }

static void add_verdict(struct strbuf *text, const struct judgement *j) {
  strbuf_add_text(text, verdict_word(j->verdict));
  if (j->next != POLICY_UNKNOWN) strbuf_printf(text, " for %s=%s", tag_of(j), policy_word(j->next));
}

static void print_reason(const struct output *out, const struct judgement *j) {
  char begin[UTC_TEXT_BYTES], end[UTC_TEXT_BYTES], since[UTC_TEXT_BYTES];
  const char *now = policy_word(j->current);
  utc_format_day(j->window_begin_s, begin);
  utc_format_day(j->window_end_s - 1, end);
  utc_format_day(j->policy_since_s, since);
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_printf(&text, "Because %s. Published %s=%s%s since %s as the reports show it; judged on %s to %s (UTC).",
                j->reason, tag_of(j), now ? now : "unknown",
                j->finish_current ? " (not fully in force: t=y or pct below 100)" : "", since, begin, end);
  page_print_wrapped(out, strbuf_text(&text), 0);
}

static void print_rates(const struct output *out, const struct judgement *j) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text, "Own mail passes: ");
  figure_share_of(&text, j->own_passed, j->own_messages);
  if (j->undecided) {
    strbuf_add_text(&text, " (");
    figure_share_of(&text, j->own_passed, j->own_messages + j->undecided);
    strbuf_add_text(&text, " if all that is undecided is yours)");
  }
  strbuf_add_text(&text, ". All mail, spoofing included: ");
  figure_share_of(&text, j->raw_passed, j->raw_messages);
  strbuf_add_text(&text, ".");
  page_print_wrapped(out, strbuf_text(&text), 0);
}

/* --- sources ------------------------------------------------------------------------------------------------------ */

static void print_finding(const struct output *out, unsigned number, const struct finding *f, const char *what) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_printf(&text, "%u. %s (%s, %s): ", number, f->service ? f->service : f->source, f->example, f->evidence);
  figure_count(&text, f->messages, "message");
  strbuf_printf(&text, "%s, %s. %s: %s.", f->class == CLASS_UNDECIDED ? "" : " that fail", f->because, what, f->repair);
  page_print_wrapped(out, strbuf_text(&text), 3);
}

static void print_findings(const struct output *out, const char *title, const struct findings *list, unsigned most,
                           const char *what) {
  if (!list->count) return;
  unsigned shown = list->count < most ? list->count : most;
  fprintf(out->file, "\n%s\n", title);
  for (unsigned i = 0; i < shown; i++) print_finding(out, i + 1, &list->items[i], what);
  uint64_t rest = list->count - shown + list->left_out;
  if (!rest) return;
  _cleanup_strbuf_ struct strbuf more = STRBUF_INIT;
  figure_integer(&more, (int64_t)rest, true);
  fprintf(out->file, "    and %s more: 'dmarcctl sources' lists them all\n", strbuf_text(&more));
}

/* --- tables ------------------------------------------------------------------------------------------------------- */

typedef int push_fn(const struct history *h, const struct judgement *j, struct table_sink *sink, struct err *e);

static int print_table(const struct output *out, push_fn *push, const struct history *h, const struct judgement *j,
                       struct err *e) {
  fputc('\n', out->file);
  struct table_sink *sink = renderer_new(out->file, &out->render);
  int code = push(h, j, sink, e);
  table_sink_free(sink);
  return code;
}

static int push_gates(const struct history *h, const struct judgement *j, struct table_sink *sink, struct err *e) {
  (void)h;
  return readiness_push_gates(j, sink, e);
}

/* --- the page ----------------------------------------------------------------------------------------------------- */

/* A questionable source that blocks nothing is worth a line, not a page. */
#define SOURCES_SHOWN 5

static int print_evidence(const struct output *out, const struct history *h, const struct judgement *j, struct err *e) {
  print_reason(out, j);
  print_rates(out, j);
  int code = print_table(out, push_gates, h, j, e);
  if (code < 0) return code;
  print_findings(out, "What blocks, largest first:", &j->blockers, MOST_FINDINGS, "Repair");
  print_findings(out, "Undecided, within the limit:", &j->questions, SOURCES_SHOWN, "To do");
  print_findings(out, "Passed on by others:", &j->forwarders, SOURCES_SHOWN, "To do");
  return 0;
}

static void print_record(const struct output *out, const struct judgement *j) {
  if (!j->next_record) return;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT, safe = STRBUF_INIT;
  strbuf_printf(&text, "%s _dmarc.%s TXT \"%s\"",
                j->verdict == VERDICT_READY ? "Publish now:" : "Once every gate holds:", j->domain, j->next_record);
  talk_escape(&safe, strbuf_text(&text));
  fprintf(out->file, "\n%s\n", strbuf_text(&safe)); /* on one line, to be copied */
}

static int print_below(const struct output *out, const struct history *h, const struct judgement *j, struct err *e) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_printf(&text, "Subdomains of %s: ", j->domain);
  add_verdict(&text, j);
  fputc('\n', out->file);
  page_print_headline(out, strbuf_text(&text));
  int code = print_evidence(out, h, j, e);
  if (!code) print_record(out, j);
  return code;
}

int readiness_page_print(const struct output *out, const struct history *h, const struct judgement *j, struct err *e) {
  _cleanup_strbuf_ struct strbuf head = STRBUF_INIT;
  strbuf_printf(&head, "%s: ", j->domain);
  add_verdict(&head, j);
  page_print_headline(out, strbuf_text(&head));
  int code = print_evidence(out, h, j, e);
  if (!code) code = print_table(out, readiness_push_classes, h, j, e);
  struct cell froms[READINESS_FROM_CELLS];
  if (!code && readiness_fill_froms(h, j, froms) > 1) code = print_table(out, readiness_push_froms, h, j, e);
  if (code < 0) return code;
  published_page_print(out, j->published);
  print_record(out, j);
  return j->below ? print_below(out, h, j->below, e) : 0;
}

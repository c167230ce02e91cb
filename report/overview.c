/* SPDX-License-Identifier: Apache-2.0 */
/* Where the reports are, the domains by verdict, the first things to do, and the command for what comes next. */
#include "report/overview.h"

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/utc.h"

#define MOST_NAMED 5 /* findings, a line each */

static unsigned count_domains(const struct overview *o) {
  unsigned count = 0;
  for (unsigned v = 0; v < VERDICTS; v++) count += o->verdicts[v];
  return count;
}

/* "(1 NEEDS_DECISION, 2 READY)" */
static void add_verdicts(const unsigned *verdicts, struct strbuf *out) {
  const char *between = "(";
  for (unsigned v = 0; v < VERDICTS; v++) {
    if (!verdicts[v]) continue;
    strbuf_add_text(out, between);
    figure_integer(out, verdicts[v], true);
    strbuf_printf(out, " %s", verdict_word((enum verdict)v));
    between = ", ";
  }
  if (out->length) strbuf_add_char(out, ')');
}

static void write_facts(const struct overview *o, struct document *d) {
  _cleanup_strbuf_ struct strbuf size = STRBUF_INIT, domains = STRBUF_INIT, verdicts = STRBUF_INIT;
  char came[UTC_TEXT_BYTES];
  const bool is_small = o->size_bytes < 1000 * 1000;
  strbuf_add_char(&size, '(');
  figure_decimal(&size, (double)o->size_bytes / (is_small ? 1000.0 : 1000.0 * 1000.0), is_small ? 0 : 1);
  strbuf_add_text(&size, is_small ? " kB)" : " MB)");
  if (o->verdicts) figure_integer(&domains, count_domains(o), true);
  if (o->verdicts) add_verdicts(o->verdicts, &verdicts);
  const struct document_figure facts[] = {
      {.label = "Database", .value = o->path, .note = strbuf_text(&size)},
      {.label = "Last new document",
       .value = o->newest_s == FEEDBACK_TIME_UNKNOWN ? "none yet" : utc_format(o->newest_s, came)},
      {.label = "Domains", .value = strbuf_text(&domains), .note = verdicts.length ? verdicts.data : NULL},
  };
  d->figures(d, facts, o->verdicts ? 3 : 2);
}

/* By name: how much, since when and what to do about it is for the verb to tell. */
static void write_findings(const struct finding_list *list, struct document *d) {
  static const enum document_tone TONES[CONCERN_SEVERITIES] = {
      [CONCERN_CRITICAL] = TONE_POOR, [CONCERN_WARNING] = TONE_FAIR, [CONCERN_NOTICE] = TONE_PLAIN};
  const unsigned due = finding_list_due(list), heads = finding_list_heads(list, due);
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  unsigned named = 0;
  d->heading(d, 2, NULL, due ? "What needs somebody:" : "Nothing needs anybody.");
  for (unsigned i = 0; i < due && named < MOST_NAMED; i++) {
    const enum concern_severity severity = list->items[i].concern.severity;
    if (list->items[i].head != i) continue;
    named++;
    strbuf_reset(&text);
    strbuf_printf(&text, "%s: %s", concern_severity_word(severity), finding_shown(arena, list, i).title);
    d->points(d, &(struct document_point){TONES[severity], text.data}, 1);
  }
  strbuf_reset(&text);
  strbuf_printf(&text, "and %u more", heads - named);
  if (heads > named) d->rest(d, text.data);
}

static void write_step(struct strbuf *out, const char *command, const char *what) {
  strbuf_printf(out, "  dmarcctl %-18s %s\n", command, what);
}

static void write_next(const struct overview *o, struct document *d) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  const bool any = !o->verdicts || count_domains(o), due = o->findings && finding_list_due(o->findings);
  if (!any) write_step(&text, "import SOURCE...", "takes reports in; nothing is stored yet");
  if (due || !o->findings) write_step(&text, "findings", "what needs somebody, and what to do about it");
  if (any) write_step(&text, "readiness", "may the policy of each domain move? Of one with its name: why");
  if (any) write_step(&text, "import SOURCE...", "takes more reports in");
  write_step(&text, "--help", "all verbs");
  d->heading(d, 2, NULL, "Next:");
  fputs(strbuf_text(&text), d->file);
}

void overview_write(const struct overview *o, struct document *d) {
  write_facts(o, d);
  if (o->findings && count_domains(o)) write_findings(o->findings, d);
  if (!o->verdicts) {
    d->heading(d, 2, NULL, NULL);
    d->text(d, "To judge that many reports takes a while, so it is done when you ask for it.");
  }
  write_next(o, d);
}

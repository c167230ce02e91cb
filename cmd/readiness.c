/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl readiness: may the policy move? A page for each named domain, a table for many. */
#include <string.h>

#include "ask.h"
#include "basis.h"
#include "cleanup.h"
#include "domain.h"
#include "escape.h"
#include "output.h"
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

/* Lines of the terminal's width, broken at blanks; those behind the first are indented. */
static void print_wrapped(const struct output *out, const char *text, unsigned indent) {
  _cleanup_strbuf_ struct strbuf safe = STRBUF_INIT;
  talk_escape(&safe, text);
  unsigned width = out->render.width > 40 ? out->render.width : 100, column = 0;
  for (const char *word = strbuf_text(&safe); *word;) {
    size_t length = strcspn(word, " ");
    if (column && column + 1 + length > width) {
      fprintf(out->file, "\n%*s", (int)indent, "");
      column = indent;
    } else if (column) {
      fputc(' ', out->file);
      column++;
    }
    fwrite(word, 1, length, out->file);
    column += (unsigned)length;
    word += length + strspn(word + length, " ");
  }
  fputc('\n', out->file);
}

static void print_share(struct strbuf *text, int64_t part, int64_t whole) {
  if (whole > 0)
    strbuf_printf(text, "%.1f %%", (double)(int64_t)(1000.0 * (double)part / (double)whole) / 10);
  else
    strbuf_add_text(text, "no mail");
}

static void print_head(const struct output *out, const struct judgement *j) {
  FILE *file = out->file;
  bool colour = out->render.colour;
  char begin[UTC_TEXT_BYTES], end[UTC_TEXT_BYTES], since[UTC_TEXT_BYTES];
  utc_format_day(j->window_begin_s, begin);
  utc_format_day(j->window_end_s - 1, end);
  utc_format_day(j->policy_since_s, since);
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT, head = STRBUF_INIT;
  strbuf_printf(&text, "%s: %s", j->domain, verdict_word(j->verdict));
  if (j->next != POLICY_UNKNOWN) strbuf_printf(&text, " for p=%s", policy_word(j->next));
  talk_escape(&head, strbuf_text(&text));
  fprintf(file, "%s%s%s\n", colour ? "\x1b[1m" : "", strbuf_text(&head), colour ? "\x1b[0m" : "");
  strbuf_reset(&text);
  strbuf_printf(&text, "Because %s. Published p=%s%s since %s as the reports show it; judged on %s to %s (UTC).",
                j->reason, j->policy.p ? j->policy.p : "unknown",
                j->finish_current ? " (not fully in force: t=y or pct below 100)" : "", since, begin, end);
  print_wrapped(out, strbuf_text(&text), 0);
  strbuf_reset(&text);
  strbuf_add_text(&text, "Own mail passes: ");
  print_share(&text, j->own_passed, j->own_messages);
  if (j->undecided) {
    strbuf_add_text(&text, " (");
    print_share(&text, j->own_passed, j->own_messages + j->undecided);
    strbuf_add_text(&text, " if all that is undecided is yours)");
  }
  strbuf_add_text(&text, ". All mail, spoofing included: ");
  print_share(&text, j->raw_passed, j->raw_messages);
  strbuf_add_text(&text, ".");
  print_wrapped(out, strbuf_text(&text), 0);
}

/* What blocks, largest first, each with its repair. */
static void print_blockers(const struct output *out, const struct judgement *j) {
  for (unsigned i = 0; i < j->blocker_count; i++) {
    const struct blocker *b = &j->blockers[i];
    _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "%2u. %s", i + 1, b->service ? b->service : b->source);
    strbuf_printf(&text, " (%s, %s): %lld messages, %s. Repair: %s.", b->example, b->evidence, (long long)b->messages,
                  b->because, b->repair);
    print_wrapped(out, strbuf_text(&text), 3);
  }
}

static struct table_sink *next_table(struct page *p) {
  fputc('\n', p->out->file);
  return renderer_new(p->out->file, &p->out->render);
}

static int print_tables(struct page *p, const struct history *h, const struct judgement *j, struct err *e) {
  struct table_sink *sink = next_table(p);
  int code = readiness_push_gates(j, sink, e);
  table_sink_free(sink);
  if (!code && j->blocker_count) {
    fprintf(p->out->file, "\nWhat blocks, largest first:\n");
    print_blockers(p->out, j);
  }
  if (!code) {
    sink = next_table(p);
    code = readiness_push_classes(h, sink, e);
    table_sink_free(sink);
  }
  return code;
}

static bool is_ready(const struct judgement *j) {
  return j->verdict == VERDICT_READY || j->verdict == VERDICT_AT_TARGET;
}

static int print_page(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  struct page *p = user;
  FILE *file = p->out->file;
  if (p->domains++) fputc('\n', file);
  if (!is_ready(j)) p->not_ready = true;
  print_head(p->out, j);
  int code = print_tables(p, h, j, e);
  if (code < 0 || !j->next_record) return code;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_printf(&text, "%s _dmarc.%s TXT \"%s\"",
                j->verdict == VERDICT_READY ? "Publish now:" : "Once every gate holds:", j->domain, j->next_record);
  fputc('\n', file);
  print_line(file, strbuf_text(&text));
  return 0;
}

static int note_readiness(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)h, (void)e;
  struct page *p = user;
  if (!is_ready(j)) p->not_ready = true;
  return 0;
}

static int ask_table(struct store *store, const struct options *o, struct table_sink *sink, struct err *e) {
  _cleanup_(basis_clear) struct basis b;
  int code = basis_open(&b, o, store, e);
  return code < 0 ? code : question_readiness(store, &o->filter, o->args, o->arg_count, &b.readiness, sink, e);
}

static int print_pages(const struct options *o, struct store *store, struct page *p, struct err *e) {
  _cleanup_(output_close) struct output out;
  int code = output_open(&out, o, e);
  if (code < 0) return code;
  p->out = &out;
  _cleanup_(basis_clear) struct basis b;
  code = basis_open(&b, o, store, e);
  if (!code) code = readiness_each(store, &o->filter, o->args, o->arg_count, &b.readiness, print_page, p, e);
  return code < 0 ? code : output_commit(&out, e);
}

/* --exit-code with a table: the verdicts are asked for once more, without printing. */
static int check_ready(const struct options *o, struct page *p, struct err *e) {
  struct store *store = NULL;
  _cleanup_(basis_clear) struct basis b = {0};
  int code = ask_open_store(o, &store, e);
  if (!code) code = basis_open(&b, o, store, e);
  if (!code) code = readiness_each(store, &o->filter, o->args, o->arg_count, &b.readiness, note_readiness, p, e);
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
    exit_code = ask(o, READINESS_SORT, ask_table);
    code = exit_code == EXIT_DONE && o->exit_code ? check_ready(o, &page, &e) : 0;
  }
  if (code < 0) return ask_failed(code, &e);
  return exit_code == EXIT_DONE && o->exit_code && page.not_ready ? EXIT_NOT_READY : exit_code;
}

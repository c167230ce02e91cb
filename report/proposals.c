/* SPDX-License-Identifier: Apache-2.0 */
/* Answers for records that are proposed: one row a record, or one line. */
#include "report/proposals.h"

#include "analysis/proposed.h"
#include "base/cleanup.h"
#include "base/figure.h"

/* clang-format off */
enum { DOMAIN, MAY, REASON, TEXT, NOW, THEN, VERDICT, FILE_NAME, LINE, CHARACTER, RECORD, COLUMNS_OF_PROPOSED };
static const struct column COLUMNS[COLUMNS_OF_PROPOSED] = {
    [DOMAIN] = {"domain", NULL, COLUMN_TEXT, COLUMN_KEY},
    [MAY] = {"may_be_published", "publish", COLUMN_YES_NO, 0},
    [REASON] = {"reason", NULL, COLUMN_TEXT, 0},
    [TEXT] = {"text", "because", COLUMN_TEXT, COLUMN_WRAP},
    [NOW] = {"policy_now", NULL, COLUMN_TEXT, COLUMN_DATA},
    [THEN] = {"policy_proposed", NULL, COLUMN_TEXT, COLUMN_DATA},
    [VERDICT] = {"verdict", NULL, COLUMN_TEXT, COLUMN_DATA},
    [FILE_NAME] = {"file", NULL, COLUMN_TEXT, COLUMN_DATA},
    [LINE] = {"line", NULL, COLUMN_COUNT, COLUMN_DATA},
    [CHARACTER] = {"character", NULL, COLUMN_COUNT, COLUMN_DATA},
    [RECORD] = {"record", NULL, COLUMN_TEXT, COLUMN_DATA},
};
/* clang-format on */
static const struct table TABLE = {"dmarcctl.proposed", 1, NULL, NULL, COLUMNS, COLUMNS_OF_PROPOSED};

struct answering {
  struct proposed_wish *wish;
  const struct proposed_record *record; /* at hand */
  struct table_sink *sink;              /* or */
  struct document *d;
};

/* --- words -------------------------------------------------------------------------------------------------------- */

static void tell_step(const struct proposed *p, struct strbuf *out) {
  const char *tag = p->judgement->scope == SCOPE_BELOW || p->reason == PROPOSED_BELOW ? "sp" : "p";
  strbuf_printf(out, "from %s=%s to %s=%s", tag, policy_word(p->now), tag, policy_word(p->then));
}

static void tell_fault(const struct proposed *p, struct strbuf *out) {
  if (p->fault.character) strbuf_printf(out, "character %u: ", p->fault.character);
  strbuf_printf(out, "%s (%s)", p->fault.detail, p->fault.section);
}

static void tell_verdict(const struct proposed *p, struct strbuf *out) {
  tell_step(p, out);
  strbuf_printf(out, " is %s: %s", verdict_word(p->judgement->verdict), p->judgement->reason);
}

static void tell_stricter(const struct proposed *p, struct strbuf *out) {
  strbuf_add_text(out, "strict alignment would fail ");
  figure_count(out, p->own_failing, "message");
  strbuf_add_text(out, " more of your own mail, ");
  figure_share_of(out, p->own_failing, p->own);
  strbuf_add_text(out, " of it");
}

static void tell(const struct proposed *p, struct strbuf *out) {
  switch (p->reason) {
    case PROPOSED_FAULT:
      tell_fault(p, out);
      break;
    case PROPOSED_NO_REPORTS:
      strbuf_add_text(out, "there is no report on the domain: begin with p=none and a rua");
      break;
    case PROPOSED_SKIPS:
      tell_step(p, out);
      strbuf_printf(out, " is more than one step: the next is %s", policy_word(p->judgement->next));
      break;
    case PROPOSED_HELD:
    case PROPOSED_BELOW:
      tell_verdict(p, out);
      break;
    case PROPOSED_NP:
      strbuf_printf(out, "np=%s: mail that is or may be yours comes from names below the domain", policy_word(p->then));
      break;
    case PROPOSED_STRICTER:
      tell_stricter(p, out);
      break;
    case PROPOSED_UNREPORTED:
      strbuf_add_text(out, "it has no rua: nobody would report what it does");
      break;
    case PROPOSED_READY:
      strbuf_add_text(out, p->judgement->reason);
      break;
    case PROPOSED_WEAKER:
      strbuf_add_text(out,
                      "it asks for less than today: nothing of yours is lost by that, and forgers are let through");
      break;
    case PROPOSED_SAME:
      strbuf_add_text(out, "it treats no mail in another way than today");
      break;
  }
}

/* --- a row, or a line --------------------------------------------------------------------------------------------- */

static int push(struct table_sink *sink, const struct proposed_record *r, const struct proposed *p, const char *text,
                struct err *e) {
  const struct cell cells[COLUMNS_OF_PROPOSED] = {
      [DOMAIN] = cell_text(p->domain),
      [MAY] = cell_yes(proposed_may(p->reason)),
      [REASON] = cell_text(proposed_reason_word(p->reason)),
      [TEXT] = cell_text(text),
      [NOW] = cell_text(policy_word(p->now)),
      [THEN] = cell_text(policy_word(p->then)),
      [VERDICT] = cell_text(p->judgement ? verdict_word(p->judgement->verdict) : NULL),
      [FILE_NAME] = cell_text(r->file),
      [LINE] = r->file ? cell_count(r->line) : cell_absent(),
      [CHARACTER] = p->fault.character ? cell_count(p->fault.character) : cell_absent(),
      [RECORD] = cell_text(p->text)};
  return sink->row(sink, cells, e);
}

/* "zone:3: example.com: no: ..." */
static void write_line(struct document *d, const struct proposed_record *r, const struct proposed *p,
                       const char *text) {
  _cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
  if (r->file) strbuf_printf(&line, "%s:%u: ", r->file, r->line);
  strbuf_printf(&line, "%s: %s: %s", p->domain, proposed_may(p->reason) ? "yes" : "no", text);
  d->text(d, strbuf_text(&line));
}

static int take(void *user, const struct proposed *p, struct err *e) {
  struct answering *a = user;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  tell(p, &text);
  a->wish->refused += !proposed_may(p->reason);
  if (a->sink) return push(a->sink, a->record, p, strbuf_text(&text), e);
  write_line(a->d, a->record, p, strbuf_text(&text));
  return 0;
}

static int answer_all(const struct question *q, struct answering *a, struct err *e) {
  int code = 0;
  a->wish->refused = 0;
  for (unsigned i = 0; i < a->wish->count && !code; i++) {
    a->record = &a->wish->records[i];
    code = proposed_judge(&q->of, a->record->domain, a->record->text, take, a, e);
  }
  return code;
}

int question_proposed(const struct question *q, struct proposed_wish *wish, struct table_sink *sink, struct err *e) {
  struct answering a = {.wish = wish, .sink = sink};
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = answer_all(q, &a, e);
  return code < 0 ? code : sink->end(sink, e);
}

int proposed_lines(const struct question *q, struct proposed_wish *wish, struct document *d, struct err *e) {
  struct answering a = {.wish = wish, .d = d};
  return answer_all(q, &a, e);
}

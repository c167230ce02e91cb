/* SPDX-License-Identifier: Apache-2.0 */
/* What the steps of a domain's policy did: each with its outcome in a sentence, the figures by class and by reporter,
 * what was lost, what vanished, and what takes the step back. */
#include "base/cleanup.h"
#include "base/figure.h"
#include "base/utc.h"
#include "report/effect_sections.h"
#include "report/effect_words.h"
#include "report/page_rows.h"
#include "report/pages.h"

#define MOST_ROWS 20 /* of a table; JSON has them all */

struct pages {
  struct document *d;
  unsigned written, steps;
};

struct pushed {
  const struct effect_step *step;
  enum effect_list list;
};

static int push(const void *of, struct table_sink *sink, struct err *e) {
  const struct pushed *p = of;
  return effect_push(p->step, p->list, sink, e);
}

static int draw(struct document *d, const struct effect_step *s, enum effect_list list, const char *caption,
                struct err *e) {
  static const struct row_choice FIRST = {.most = MOST_ROWS};
  d->heading(d, 4, NULL, caption);
  return page_rows_draw(d, &(struct page_table){.caption = caption}, &FIRST, push, &(struct pushed){s, list}, e);
}

static void write_heading(struct document *d, const struct effect_step *s) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  char day[UTC_TEXT_BYTES];
  strbuf_printf(&text, "%s: ", utc_format_day(utc_from_day(s->day), day));
  policy_tell(s->before, &text);
  strbuf_add_text(&text, " -> ");
  policy_tell(s->after, &text);
  strbuf_printf(&text, ": %s", effect_outcome_word(s->outcome));
  d->heading(d, 3, NULL, strbuf_text(&text));
}

static void write_record(struct document *d, const struct judgement *j, const struct effect_step *s) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (!s->former_record) return;
  strbuf_printf(&text, "_dmarc.%s TXT \"%s\"", j->domain, s->former_record);
  d->record(d, "To take the step back, publish:", strbuf_text(&text));
}

static int write_tables(struct document *d, const struct effect_step *s, struct err *e) {
  int code = 0;
  if (s->sender_count) code = draw(d, s, EFFECT_LIST_OF_SENDERS, "Own mail that was lost, by sender", e);
  if (!code && s->vanished_count)
    code = draw(d, s, EFFECT_LIST_OF_VANISHED, "Came in each week before, and not once after", e);
  if (!code && s->days) code = draw(d, s, EFFECT_LIST_OF_CLASSES, "By class", e);
  return code < 0 ? code : draw(d, s, EFFECT_LIST_OF_REPORTERS, "By reporter, each since it knows the policy", e);
}

static int write_step(struct document *d, const struct judgement *j, const struct effect_step *s, struct err *e) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT, rest = STRBUF_INIT;
  write_heading(d, s);
  effect_tell(s, &text);
  d->text(d, strbuf_text(&text));
  write_record(d, j, s);
  effect_tell_rest(s, &rest);
  if (rest.length) d->text(d, strbuf_text(&rest));
  return write_tables(d, s, e);
}

static int write_page(void *user, const struct effect *x, struct err *e) {
  struct pages *p = user;
  _cleanup_strbuf_ struct strbuf head = STRBUF_INIT;
  if (p->written++) p->d->heading(p->d, 2, NULL, NULL);
  strbuf_printf(&head, "%s: ", x->judgement->domain);
  if (x->step_count)
    strbuf_add_text(&head, "what the steps of its policy did");
  else
    strbuf_add_text(&head, "no step of the policy is in the reports");
  p->d->headline(p->d, strbuf_text(&head));
  int code = 0;
  p->steps += x->step_count;
  for (unsigned i = 0; i < x->step_count && !code; i++) code = write_step(p->d, x->judgement, &x->steps[i], e);
  return code;
}

int effect_pages(const struct question *q, struct document *d, struct err *e) {
  struct pages pages = {.d = d};
  int code = effect_each(&q->of, write_page, &pages, e);
  if (code < 0 || !pages.steps) return code;
  d->heading(d, 2, NULL, NULL);
  d->note(
      d,
      "Before and after are as many days of each reporter, counted from when it first told of the policy. Expected is "
      "what the policy would have done to the mail before it, and how far that may be off by chance. Receivers that "
      "send no reports are not in it.");
  return 0;
}

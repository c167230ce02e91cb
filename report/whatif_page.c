/* SPDX-License-Identifier: Apache-2.0 */
/* What another policy would do to a domain's mail: the answer in a sentence, what it rests on, the figures. */
#include "base/cleanup.h"
#include "base/utc.h"
#include "report/judgement_sections.h"
#include "report/page_rows.h"
#include "report/pages.h"
#include "report/sections.h"
#include "report/words.h"

struct pages {
  struct document *d;
  const struct question *q;
  unsigned written;
};

/* --- the answer --------------------------------------------------------------------------------------------------- */

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

static void write_answer(struct document *d, const struct whatif *w, const struct whatif_sum *sum) {
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
  d->headline(d, strbuf_text(&text));
}

/* --- what the figures rest on, and how far they can be trusted ---------------------------------------------------- */

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

static void write_basis(struct document *d, const struct whatif *w, const struct whatif_sum *sum) {
  const struct judgement *j = w->judgement;
  char begin[UTC_TEXT_BYTES], end[UTC_TEXT_BYTES];
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_printf(&text, "From the reports of %s to %s (UTC). %s", utc_format_day(w->begin_s, begin),
                utc_format_day(w->end_s - 1, end), WHATIF_UPPER_BOUND);
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
  add_doubted(&text, j, "count here that the verdict of readiness leaves out");
  d->text(d, strbuf_text(&text));
}

/* --- the page ----------------------------------------------------------------------------------------------------- */

static int push_classes(const void *of, struct table_sink *sink, struct err *e) {
  return whatif_push(of, WHATIF_BY_CLASS, sink, e);
}

static int push_sources(const void *of, struct table_sink *sink, struct err *e) {
  return whatif_push(of, WHATIF_BY_SOURCE, sink, e);
}

static int write_table(struct document *d, const char *caption, const struct row_choice *rows, push_rows_fn *push,
                       const struct whatif *w, struct err *e) {
  d->heading(d, 3, NULL, NULL);
  return page_rows_draw(d, &(struct page_table){.caption = caption}, rows, push, w, e);
}

static int write_page(void *user, const struct whatif *w, struct err *e) {
  static const struct row_choice WHOLE = {0};
  struct pages *p = user;
  struct whatif_sum all, by_class[CLASS_IGNORED + 1];
  whatif_add_up(w, &all, by_class);
  if (p->written++) p->d->heading(p->d, 2, NULL, NULL);
  write_answer(p->d, w, &all);
  write_basis(p->d, w, &all);
  int code = all.streams ? write_table(p->d, "By class", &WHOLE, push_classes, w, e) : 0;
  if (!code && (all.affected || all.spared || all.unknown))
    code = write_table(p->d, "By source", &p->q->rows, push_sources, w, e);
  return code;
}

int whatif_pages(const struct question *q, struct document *d, struct err *e) {
  const struct whatif none = {.days = 1};
  struct pages pages = {.d = d, .q = q};
  int code = page_rows_check(&q->rows, push_sources, &none, e);
  return code < 0 ? code : whatif_each(&q->of, q->proposal, write_page, &pages, e);
}

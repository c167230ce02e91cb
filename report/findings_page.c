/* SPDX-License-Identifier: Apache-2.0 */
/* Findings for people: what is to be done, then what somebody knows of, then what is over. */
#include "base/cleanup.h"
#include "base/figure.h"
#include "base/utc.h"
#include "report/finding_list.h"
#include "report/late_table.h"
#include "report/pages.h"

struct letter {
  struct document *d;
  const struct finding_list *list;
  uint64_t most, told; /* findings; most 0: all */
  struct arena *arena;
};

static const char *title_of(struct arena *arena, const struct listed_finding *f) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  finding_add_domains(f, &text);
  strbuf_add_text(&text, f->title);
  return arena_strdup(arena, strbuf_text(&text));
}

static const char *facts_of(struct arena *arena, const struct listed_finding *f) {
  const struct concern *c = &f->concern;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text, f->id);
  if (concern_is_due(c->state))
    strbuf_printf(&text, ", %s, %s", concern_state_word(c->state), concern_severity_word(c->severity));
  if (c->source) strbuf_printf(&text, ", %s", c->source);
  return arena_strdup(arena, strbuf_text(&text));
}

/* What else there is to say of one that waits for nobody. */
static const char *standing_of(struct arena *arena, const struct concern *c) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  char day[UTC_TEXT_BYTES];
  if (c->state == CONCERN_GONE) {
    strbuf_printf(&text, "gone since %s", utc_format_day(utc_from_day(c->gone_day), day));
  } else if (c->state == CONCERN_ACKNOWLEDGED) {
    const struct acknowledgement *a = c->acknowledgement;
    strbuf_printf(&text, "acknowledged on %s", utc_format_day(a->made_s, day));
    if (a->until_s != FEEDBACK_TIME_UNKNOWN)
      strbuf_printf(&text, " until %s", utc_format_day(a->until_s - 1, day)); /* as it was given: the last day */
    if (a->note) strbuf_printf(&text, " (%s)", a->note);
  }
  return arena_strdup(arena, strbuf_text(&text));
}

#define MOST_SHARING 5 /* domains that are named beside the first */

/* The others of which the same is told, each with its id, by which it is acknowledged; NULL: there are none. */
static const char *others_of(struct arena *arena, const struct finding_list *list, unsigned head) {
  const unsigned others = list->items[head].domains - 1;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  unsigned named = 0;
  for (unsigned i = list->items[head].next; i && named < MOST_SHARING; i = list->items[i].next)
    strbuf_printf(&text, "%s%s (%s)", named++ ? ", " : "the same at ", list->items[i].concern.domain,
                  list->items[i].id);
  if (!named) return NULL;
  if (named < others) strbuf_printf(&text, " and %u more", others - named);
  return arena_strdup(arena, text.data);
}

struct document_finding finding_shown(struct arena *arena, const struct finding_list *list, unsigned place) {
  const struct listed_finding *f = &list->items[place];
  const bool is_told = f->concern.state == CONCERN_TOLD, is_due = concern_is_due(f->concern.state);
  const char *others = f->head == place ? others_of(arena, list, place) : NULL;
  return (struct document_finding){.title = title_of(arena, f),
                                   .facts = facts_of(arena, f),
                                   .mail = f->text,
                                   .text = is_due || is_told ? others : standing_of(arena, &f->concern),
                                   .word = is_due    ? "To do"
                                           : is_told ? "Advice"
                                                     : NULL,
                                   .advice = is_due || is_told ? f->advice : NULL};
}

/* Of the findings [from, to), so many as there is room for. */
static void write_some(struct letter *l, const char *heading, unsigned from, unsigned to) {
  struct document_finding *shown = arena_alloc(l->arena, (to - from + 1) * sizeof *shown);
  unsigned count = 0;
  for (unsigned i = from; i < to && (!l->most || l->told < l->most); i++) {
    if (l->list->items[i].head != i) continue; /* it was told with the first one */
    l->told++;
    shown[count++] = finding_shown(l->arena, l->list, i);
  }
  if (!count) return;
  l->d->heading(l->d, 2, NULL, heading);
  l->d->findings(l->d, shown, count);
}

static unsigned end_of(const struct finding_list *list, unsigned from, enum concern_state state) {
  while (from < list->count && list->items[from].concern.state == state) from++;
  return from;
}

static void add_part(struct strbuf *text, unsigned count, const char *word) {
  if (!count) return;
  strbuf_add_text(text, ", ");
  figure_integer(text, count, true);
  strbuf_printf(text, " %s", word);
}

static void write_head(const struct letter *l, int64_t as_of_s, unsigned due, unsigned known, unsigned gone) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  char day[UTC_TEXT_BYTES];
  if (!l->list->domains && !due && !known && !gone) { /* nothing is known, which is no good news */
    l->d->text(l->d, NO_DOMAIN_MATCHES);
    return;
  }
  if (due) {
    figure_integer(&text, due, true);
    strbuf_add_text(&text, " to do");
  } else {
    strbuf_add_text(&text, "Nothing to do");
  }
  add_part(&text, known, "acknowledged");
  add_part(&text, gone, "gone");
  strbuf_printf(&text, ": %s (UTC), ", utc_format_day(as_of_s, day));
  figure_count(&text, l->list->domains, "domain");
  strbuf_add_char(&text, '.');
  l->d->text(l->d, strbuf_text(&text));
}

/* `listed`: findings, with those that stand for several counted once. */
static void write_rest(const struct letter *l, unsigned listed) {
  const uint64_t rest = listed - l->told;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (!rest && !l->list->left_out) return;
  figure_count(&text, (int64_t)(rest + l->list->left_out), "more finding");
  if (rest) strbuf_add_text(&text, "; --limit 0 shows all");
  l->d->heading(l->d, 2, NULL, NULL);
  l->d->text(l->d, strbuf_text(&text));
}

int findings_pages(const struct question *q, struct document *d, struct err *e) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  struct finding_list list;
  struct letter letter = {.d = d, .list = &list, .most = q->rows.most, .arena = arena};
  int code = finding_list_gather(&q->of, q->acknowledgements, &list, e);
  const unsigned due = finding_list_due(&list), heads = finding_list_heads(&list, due);
  const unsigned known_end = end_of(&list, due, CONCERN_ACKNOWLEDGED);
  if (q->due) *q->due = due;
  if (!code && (due || !q->changes_alone)) {
    write_head(&letter, q->of.basis->as_of_s, heads, known_end - due, list.count - known_end);
    write_some(&letter, "To do:", 0, due);
    write_some(&letter, "Acknowledged:", due, known_end);
    write_some(&letter, "Gone:", known_end, list.count);
    write_rest(&letter, heads + list.count - due);
  }
  finding_list_clear(&list);
  return code;
}

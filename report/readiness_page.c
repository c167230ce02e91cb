/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the sections of a domain's answer and their order. */
#include "base/cleanup.h"
#include "base/utc.h"
#include "report/incident_sections.h"
#include "report/judgement_lists.h"
#include "report/judgement_sections.h"
#include "report/pages.h"
#include "report/sections.h"

/* A questionable source that blocks nothing is worth a line, not a page. */
#define SOURCES_SHOWN 5

static void write_findings(struct document *d, const struct judgement *j, const char *title,
                           const struct findings *list, unsigned most, const char *word) {
  if (!list->count) return;
  d->heading(d, 2, NULL, title);
  section_findings(d, j, list, most, word);
}

typedef int push_fn(const struct history *h, const struct judgement *j, struct table_sink *sink, struct err *e);

static int write_table(struct document *d, push_fn *push, const struct history *h, const struct judgement *j,
                       struct err *e) {
  static const struct page_table OPTIONS = {0};
  d->heading(d, 2, NULL, NULL);
  struct table_sink *sink = d->table(d, &OPTIONS);
  int code = push(h, j, sink, e);
  table_sink_free(sink);
  return code;
}

/* What is too old for today answers for the day on which it was new. */
static void tell_last_answer(struct document *d, const struct judgement *j) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  char day[UTC_TEXT_BYTES];
  if (j->verdict != VERDICT_STALE) return;
  strbuf_printf(&text, "The last day that the reports tell of: 'dmarcctl readiness %s --as-of %s'.", j->domain,
                utc_format_day(j->window_end_s - 1, day));
  d->text(d, strbuf_text(&text));
}

static int write_evidence(struct document *d, const struct judgement *j, struct err *e) {
  section_verdict(d, j);
  tell_last_answer(d, j);
  section_rates(d, j);
  section_dissent(d, j);
  section_receivers_part(d, j);
  section_left_out(d, j);
  d->heading(d, 2, NULL, NULL);
  int code = section_gates(d, j, false, e);
  if (code < 0) return code;
  write_findings(d, j, "What blocks, largest first:", &j->blockers, MOST_FINDINGS, "Repair");
  write_findings(d, j, "Your own mail that fails, within the limits:", &j->own_failing, SOURCES_SHOWN, "Repair");
  write_findings(d, j, "Undecided, within the limit:", &j->questions, SOURCES_SHOWN, "To do");
  write_findings(d, j, "Passed on by others:", &j->forwarders, SOURCES_SHOWN, "To do");
  if (judgement_leaves_strangers(j)) {
    d->heading(d, 2, NULL, STRANGERS_TITLE);
    section_strangers(d, j);
  }
  if (j->suspect_count) {
    d->heading(d, 2, NULL, "Suspect reports, largest first:");
    section_suspects(d, j);
  }
  return 0;
}

static void write_subdomains(struct document *d, const struct judgement *j) {
  if (!j->failing_below.count) return;
  d->heading(d, 2, NULL, NULL);
  section_subdomains(d, j);
}

static void write_next_record(struct document *d, const struct judgement *j) {
  if (!j->next_record) return;
  d->heading(d, 2, NULL, NULL);
  section_next_record(d, j);
}

static int write_below(struct document *d, const struct judgement *below, struct err *e) {
  d->heading(d, 2, NULL, NULL);
  int code = write_evidence(d, below, e);
  if (!code) write_subdomains(d, below);
  if (!code) write_next_record(d, below);
  return code;
}

static int push_froms(const struct history *h, const struct judgement *j, struct table_sink *sink, struct err *e) {
  return judgement_list_push(&LIST_OF_FROMS, h, j, sink, e);
}

/* Where there is but one, all of the page is about it. */
static int write_froms(struct document *d, const struct history *h, const struct judgement *j, struct err *e) {
  _cleanup_arena_ struct arena *arena = arena_new(16 * 1024);
  const struct cell froms = judgement_list_cell(&LIST_OF_FROMS, h, j, arena);
  return froms.rows.count > 1 ? write_table(d, push_froms, h, j, e) : 0;
}

static void write_incidents(struct document *d, const struct incidents *incidents) {
  if (!has_other_incidents(incidents)) return;
  d->heading(d, 2, NULL, "What happened lately:");
  section_other_incidents(d, incidents);
}

static int write_page(struct document *d, const struct history *h, const struct judgement *j, struct err *e) {
  struct incidents incidents;
  incidents_of(h, j, &incidents);
  section_replays(d, &incidents);
  int code = write_evidence(d, j, e);
  write_incidents(d, &incidents);
  if (!code) code = write_table(d, readiness_push_classes, h, j, e);
  if (!code) code = write_froms(d, h, j, e);
  if (code < 0) return code;
  write_subdomains(d, j);
  if (j->published) {
    d->heading(d, 2, NULL, NULL);
    section_published(d, j->published);
  }
  write_next_record(d, j);
  return j->below ? write_below(d, j->below, e) : 0;
}

struct pages {
  struct document *d;
  const struct question *q;
  unsigned written;
};

static int on_domain(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  struct pages *p = user;
  if (p->q->verdicts) p->q->verdicts[j->verdict]++;
  if (p->written++) p->d->heading(p->d, 2, NULL, NULL);
  return write_page(p->d, h, j, e);
}

int readiness_pages(const struct question *q, struct document *d, struct err *e) {
  struct pages pages = {.d = d, .q = q};
  return judge_each(&q->of, on_domain, &pages, e);
}

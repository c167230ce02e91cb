/* SPDX-License-Identifier: Apache-2.0 */
/* The page of one domain: first whether the policy may move and what stops it, then what that rests on. */
#include "report/report_page.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/period.h"
#include "analysis/senders.h"
#include "base/cleanup.h"
#include "base/figure.h"
#include "base/utc.h"
#include "report/compliance_sections.h"
#include "report/day_sections.h"
#include "report/domain_past.h"
#include "report/incident_sections.h"
#include "report/judgement_lists.h"
#include "report/judgement_sections.h"
#include "report/memory_file.h"
#include "report/page_head.h"
#include "report/page_rows.h"
#include "report/question.h"
#include "report/sections.h"
#include "report/sender_sections.h"
#include "report/words.h"
#include "table/render.h"

/* Rows of a section: what a reader goes through. The verbs have the rest. */
#define SECTION_ROWS 100
#define TICKET_ROWS 20

/* Days that stand in a table where nothing draws them; more become weeks. */
#define PLAIN_DAYS 14

struct page {
  struct document *d;
  const struct inquiry *q;
  const struct history *h;
  const struct judgement *j;
  const char *prefix;
  struct arena *arena; /* of prose */
  struct domain_mail *mail;
  const struct compliance *compliance;
  const struct selectors *selectors;
  struct incidents incidents;
  struct domain_past past;
};

/* --- prose -------------------------------------------------------------------------------------------------------- */

static const char *say(struct page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static const char *say(struct page *p, const char *format, ...) {
  va_list args;
  char *text = NULL;
  va_start(args, format);
  int size = vasprintf(&text, format, args);
  va_end(args);
  const char *kept = size < 0 ? "" : arena_strndup(p->arena, text, (size_t)size);
  if (size >= 0) free(text);
  return kept;
}

static const char *integer(struct page *p, int64_t n) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  figure_integer(&text, n, true);
  return arena_strdup(p->arena, strbuf_text(&text));
}

static const char *counted(struct page *p, int64_t n, const char *thing) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  figure_count(&text, n, thing);
  return arena_strdup(p->arena, strbuf_text(&text));
}

static const char *messages(struct page *p, int64_t n) { return counted(p, n, "message"); }

static const char *day(struct page *p, int64_t s) {
  char text[UTC_TEXT_BYTES];
  return arena_strdup(p->arena, utc_format_day(s, text));
}

static const char *share(struct page *p, int64_t part, int64_t whole) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  figure_share_of(&text, part, whole);
  return arena_strdup(p->arena, strbuf_text(&text));
}

static const char *id(struct page *p, const char *name) { return say(p, "%s%s", p->prefix, name); }

/* --- the verdict -------------------------------------------------------------------------------------------------- */

static double ratio(int64_t part, int64_t whole) { return whole > 0 ? (double)part / (double)whole : -1; }

static unsigned gates_in(const struct judgement *j, enum gate_state state) {
  unsigned n = 0;
  for (int i = 0; i < GATES; i++) n += j->gates[i].state == state;
  return n;
}

/* The ending of a verb. */
static const char *one(unsigned n) { return n == 1 ? "s" : ""; }

static const char *gates_note(struct page *p, const struct judgement *j) {
  const unsigned failing = gates_in(j, GATE_FAIL), warning = gates_in(j, GATE_WARN);
  if (failing && warning)
    return say(p, "%u fail%s; of the others %u warn%s", failing, one(failing), warning, one(warning));
  if (failing) return say(p, "%u fail%s", failing, one(failing));
  return warning ? say(p, "%u of them warn%s", warning, one(warning)) : "none fails";
}

static void write_figures(struct page *p, const struct judgement *j) {
  const unsigned judged = GATES - gates_in(j, GATE_NOT_JUDGED);
  _cleanup_strbuf_ struct strbuf lower = STRBUF_INIT;
  if (j->own_messages) {
    strbuf_add_text(&lower, "; at least ");
    figure_share(&lower, j->own_lower);
    strbuf_add_text(&lower, " with 95 % confidence");
  }
  const struct document_figure figures[] = {
      {"Own mail that passes", share(p, j->own_passed, j->own_messages),
       say(p, "of %s%s", messages(p, j->own_messages), strbuf_text(&lower)), ratio(j->own_passed, j->own_messages),
       true},
      {"All mail that passes", share(p, j->raw_passed, j->raw_evaluated),
       say(p, "of %s, spoofing included", messages(p, j->raw_messages)), ratio(j->raw_passed, j->raw_evaluated), false},
      {"Undecided", integer(p, j->undecided), "messages that may be yours", -1, false},
      {"Gates that hold", say(p, "%u of %u", judged - gates_in(j, GATE_FAIL), judged), gates_note(p, j), -1, false},
      {"Sources that block", integer(p, (int64_t)j->blockers.count + (int64_t)j->blockers.left_out),
       j->blockers.count ? "each with its repair" : "nothing to repair", -1, false},
  };
  p->d->figures(p->d, figures, ARRAY_SIZE(figures));
}

/* --- tables ------------------------------------------------------------------------------------------------------- */

/* `push` is handed the page. */
static int draw_table(struct page *p, const struct page_table *options, const char *sort, push_rows_fn *push,
                      struct err *e) {
  return page_rows_draw(p->d, options, &(struct row_choice){sort, p->d->chart ? SECTION_ROWS : TICKET_ROWS}, push, p,
                        e);
}

static int write_table(struct page *p, const char *caption, const char *sort, const char *rest, push_rows_fn *push,
                       struct err *e) {
  return draw_table(p, &(struct page_table){.caption = caption, .rest = rest}, sort, push, e);
}

/* --- what blocks, and what to do ---------------------------------------------------------------------------------- */

/* Those that the head of the page has not named. */
static void write_more(struct page *p, const struct findings *list, const char *word) {
  section_more_findings(p->d, p->j, list, page_head_taken(p->j, list), word);
}

static bool has_more(const struct page *p, const struct findings *list) {
  return list->count > page_head_taken(p->j, list) || list->left_out;
}

static int write_blockers(struct page *p, struct err *e) {
  (void)e;
  write_more(p, &p->j->blockers, "Repair");
  return 0;
}

static int write_own_failing(struct page *p, struct err *e) {
  (void)e;
  p->d->text(p->d, "Too little of its source to block, but most of it fails, and the next policy acts on it.");
  write_more(p, &p->j->own_failing, "Repair");
  return 0;
}

static int write_undecided(struct page *p, struct err *e) {
  (void)e;
  p->d->text(p->d, "Within the limit, so it blocks nothing; only you know whose it is.");
  write_more(p, &p->j->questions, "To do");
  return 0;
}

static int write_forwarders(struct page *p, struct err *e) {
  (void)e;
  p->d->text(p->d, "Others pass this mail on, and it fails on the way.");
  section_findings(p->d, p->j, &p->j->forwarders, MOST_FINDINGS, "To do");
  return 0;
}

static int write_suspects(struct page *p, struct err *e) {
  (void)e;
  section_suspects(p->d, p->j);
  return 0;
}

static int write_strangers(struct page *p, struct err *e) {
  (void)e;
  section_strangers(p->d, p->j);
  return 0;
}

static int write_failing(struct page *p, struct err *e) {
  (void)e;
  section_subdomains(p->d, p->j);
  return 0;
}

static int write_gates(struct page *p, struct err *e) {
  if (p->j->scope != SCOPE_BELOW)
    p->d->note(
        p->d,
        "A gate is a figure that has to keep to its limit before the policy moves on. The lower bound is what of "
        "own mail passes at the least, with 95 % confidence: the more mail there is, the nearer it is to the share "
        "that passes. A gate that warns stops nothing.");
  if (!p->j->own_messages)
    p->d->note(p->d, "There is no mail of yours here, so gates about it have nothing to fail by.");
  return section_gates(p->d, p->j, true, e);
}

static int write_record(struct page *p, struct err *e) {
  (void)e;
  section_next_record(p->d, p->j);
  return 0;
}

static int push_affected(const void *of, struct table_sink *sink, struct err *e) {
  const struct page *p = of;
  return readiness_push_affected(p->j, sink, e);
}

static int write_affected(struct page *p, struct err *e) {
  p->d->text(p->d, say(p, "%s 'dmarcctl whatif' tries any other policy.", WHATIF_UPPER_BOUND));
  return write_table(p, say(p, "Messages that %s=%s would newly act on", judgement_tag(p->j), policy_word(p->j->next)),
                     NULL, NULL, push_affected, e);
}

/* --- mail over time ----------------------------------------------------------------------------------------------- */

static int write_days(struct page *p, struct err *e) {
  const struct day_section days = {p->h, p->j, p->mail, &p->incidents, &p->past, id(p, "mail-days")};
  return section_days(p->d, &days, e);
}

static int write_history(struct page *p, struct err *e) { return section_history(p->d, &p->past, e); }

/* --- whose mail --------------------------------------------------------------------------------------------------- */

static int push_froms(const void *of, struct table_sink *sink, struct err *e) {
  const struct page *p = of;
  return judgement_list_push(&LIST_OF_FROMS, p->h, p->j, sink, e);
}

static const char *period(struct page *p) {
  if (p->mail->begin_s == FILTER_OPEN_BEGIN) return "the period asked for";
  return say(p, "%s to %s", day(p, p->mail->begin_s), day(p, p->mail->end_s - 1));
}

/* Is a part of the reports asked for? */
static bool is_narrowed(const struct report_filter *f) { return period_is_given(f) || f->reporter || f->report_id; }

static int write_sources(struct page *p, struct err *e) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  struct senders senders;
  senders_find(p->h, p->mail, is_narrowed(p->q->filter), &senders);
  if (!senders.count) p->d->text(p->d, "No mail in this period.");
  int code = section_senders(p->d, &senders, period(p), p->d->chart ? SECTION_ROWS : TICKET_ROWS, e);
  if (senders.points > 1 && p->d->chart)
    p->d->note(p->d, say(p, "The lines are messages from %s on, %s a point, each to its own scale.",
                         day(p, utc_from_day(senders.trend_day)), counted(p, senders.point_days, "day")));
  senders_clear(&senders);
  if (code < 0 || judgement_list_cell(&LIST_OF_FROMS, p->h, p->j, arena).rows.count < 2) return code;
  return write_table(p, "By From: domain, in the judged days", NULL, NULL, push_froms, e);
}

/* --- subdomains --------------------------------------------------------------------------------------------------- */

static int write_below(struct page *p, struct err *e) {
  const struct judgement *whole = p->j, *below = p->j->below;
  p->j = below;
  section_answer(p->d, below);
  write_figures(p, below);
  int code = write_gates(p, e);
  if (below->blockers.count) section_findings(p->d, below, &below->blockers, MOST_FINDINGS, "Repair");
  if (below->failing_below.count) section_subdomains(p->d, below);
  section_next_record(p->d, below);
  p->j = whole;
  return code;
}

/* --- bulk senders' rules ------------------------------------------------------------------------------------------ */

static int push_bulk(const void *of, struct table_sink *sink, struct err *e) {
  return compliance_push_sources(((const struct page *)of)->compliance, sink, e);
}

static int write_bulk(struct page *p, struct err *e) {
  const struct compliance *c = p->compliance;
  section_bulk_mail(p->d, c);
  section_bulk_days(p->d, c);
  int code = c->source_count ? write_table(p, say(p, "By sender, %s to %s", day(p, c->begin_s), day(p, c->end_s - 1)),
                                           QUESTION_SORT_MESSAGES, "'dmarcctl compliance' lists them all", push_bulk, e)
                             : 0;
  section_bulk_repairs(p->d, c);
  section_bulk_rules(p->d);
  return code;
}

static int write_incidents(struct page *p, struct err *e) {
  (void)e;
  section_other_incidents(p->d, &p->incidents);
  return 0;
}

/* --- selectors, reporters, published records ---------------------------------------------------------------------- */

static int push_selectors(const void *of, struct table_sink *sink, struct err *e) {
  const struct page *p = of;
  return selectors_push(p->selectors, sink, e);
}

static int write_selectors(struct page *p, struct err *e) {
  const struct page_table options = {.caption = "The DKIM keys under your domain, over all that is stored",
                                     .rest = "'dmarcctl selectors' lists them all",
                                     .hidden = "pass_share first_seen homes addresses"};
  return draw_table(p, &options, QUESTION_SORT_MESSAGES, push_selectors, e);
}

static int push_reporters(const void *of, struct table_sink *sink, struct err *e) {
  const struct page *p = of;
  struct report_filter filter = *p->q->filter;
  filter.policy_domain = p->h->domain;
  filter.since_s = p->mail->begin_s;
  filter.until_s = p->mail->end_s;
  return question_reporters(&(struct question){.of = {p->q->store, &filter}}, sink, e);
}

static int write_reporters(struct page *p, struct err *e) {
  const struct page_table options = {.caption = say(p, "Who reported, %s", period(p)),
                                     .rest = "'dmarcctl reporters' lists them all",
                                     .is_plain = true}; /* forged mail is in their shares */
  return draw_table(p, &options, QUESTION_SORT_MESSAGES, push_reporters, e);
}

static int write_published(struct page *p, struct err *e) {
  (void)e;
  section_published(p->d, p->j->published);
  return 0;
}

/* --- the page ----------------------------------------------------------------------------------------------------- */

static bool always(const struct page *p) {
  (void)p;
  return true;
}
static bool has_blockers(const struct page *p) { return has_more(p, &p->j->blockers); }
static bool has_own_failing(const struct page *p) { return has_more(p, &p->j->own_failing); }
static bool has_undecided(const struct page *p) { return has_more(p, &p->j->questions); }
static bool has_forwarders(const struct page *p) { return p->j->forwarders.count; }
static bool has_strangers(const struct page *p) { return judgement_leaves_strangers(p->j); }
static bool has_failing(const struct page *p) { return p->j->failing_below.count; }
static bool has_record(const struct page *p) { return p->j->next_record && p->j->verdict != VERDICT_READY; }
static bool has_suspects(const struct page *p) { return p->j->suspect_count; }
static bool has_incidents(const struct page *p) { return has_other_incidents(&p->incidents); }
static bool has_past(const struct page *p) { return domain_past_has_any(&p->past); }
static bool has_below(const struct page *p) { return p->j->below; }
static bool has_published(const struct page *p) { return p->j->published; }
static bool has_affected(const struct page *p) {
  for (int c = CLASS_OWN; c <= CLASS_IGNORED; c++)
    if (p->j->affected_per_day[c] > 0) return p->j->next != POLICY_UNKNOWN;
  return false;
}

static const struct section {
  const char *name, *title;
  bool (*applies)(const struct page *p);
  int (*write)(struct page *p, struct err *e);
} SECTIONS[] = {
    {"incidents", "What happened lately", has_incidents, write_incidents},
    {"days", "Mail over time", always, write_days},
    {"history", "Policy, verdict and findings over time", has_past, write_history},
    {"sources", "Who sends as you", always, write_sources},
    {"blockers", "What else blocks", has_blockers, write_blockers},
    {"failing", "Subdomains with failing mail", has_failing, write_failing},
    {"record", "The next record", has_record, write_record},
    {"gates", "Gates", always, write_gates},
    {"own-failing", "Your own mail that fails, within the limits", has_own_failing, write_own_failing},
    {"undecided", "Undecided", has_undecided, write_undecided},
    {"forwarders", "Passed on by others", has_forwarders, write_forwarders},
    {"strangers", "Taken for strangers", has_strangers, write_strangers},
    {"suspects", "Suspect reports", has_suspects, write_suspects},
    {"below", "Subdomains", has_below, write_below},
    {"affected", "What the next policy would do", has_affected, write_affected},
    {"bulk", "Rules for bulk senders", always, write_bulk},
    {"selectors", "Selectors", always, write_selectors},
    {"reporters", "Reporters", always, write_reporters},
    {"published", "Published records", has_published, write_published},
};

static void write_contents(struct page *p) {
  struct document_link links[ARRAY_SIZE(SECTIONS)];
  unsigned count = 0;
  for (unsigned i = 0; i < ARRAY_SIZE(SECTIONS); i++)
    if (SECTIONS[i].applies(p)) links[count++] = (struct document_link){id(p, SECTIONS[i].name), SECTIONS[i].title};
  p->d->contents(p->d, p->j->domain, links, count);
}

/* The verdict above does not heed what was chosen. */
static void write_choice(struct page *p) {
  const struct report_filter *f = p->q->filter;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (!is_narrowed(f)) return;
  strbuf_add_text(&text,
                  "The verdict, its gates and what blocks rest on all reports. Mail, sources, rules, selectors and "
                  "reporters are counted from those chosen");
  if (f->since_s != FILTER_OPEN_BEGIN) strbuf_printf(&text, ", from %s on", day(p, f->since_s));
  if (f->until_s != FILTER_OPEN_END) strbuf_printf(&text, ", up to %s", day(p, f->until_s - 1));
  if (f->reporter) strbuf_printf(&text, ", of the reporter %s", f->reporter);
  if (f->report_id) strbuf_printf(&text, ", with the report_id %s", f->report_id);
  strbuf_add_char(&text, '.');
  p->d->note(p->d, strbuf_text(&text));
}

static void write_head(struct page *p, const struct plan *plan) {
  section_replays(p->d, &p->incidents);
  page_head_write(p->d, plan, p->prefix);
  write_figures(p, p->j);
  write_choice(p);
  write_contents(p);
}

static int write_sections(struct page *p, struct err *e) {
  for (unsigned i = 0; i < ARRAY_SIZE(SECTIONS); i++) {
    if (!SECTIONS[i].applies(p)) continue;
    p->d->heading(p->d, 2, id(p, SECTIONS[i].name), SECTIONS[i].title);
    int code = SECTIONS[i].write(p, e);
    if (code < 0) return code;
  }
  return 0;
}

/* --- the domain's records, once for all sections ------------------------------------------------------------------ */

/* A plan judges the history anew, so it comes last; but on the page it comes first. */
static int write_page(struct page *p, struct history *h, struct err *e) {
  FILE *file = p->d->file;
  struct memory_file sections;
  int code = memory_file_open(&sections, e);
  p->d->file = sections.file;
  if (!code) code = write_sections(p, e);
  if (!code) code = memory_file_close(&sections, e);
  p->d->file = file;
  if (!code) {
    struct plan plan;
    plan_for(p->q->basis, &(struct plan_wish){.start_day = utc_day_of(p->q->basis->as_of_s)}, h, p->j, &plan);
    write_head(p, &plan);
    fwrite(sections.text, 1, sections.size, file);
  }
  memory_file_clear(&sections);
  return code;
}

int report_page_write(struct document *d, const struct inquiry *q, struct history *h, const struct judgement *j,
                      const char *prefix, struct err *e) {
  struct page p = {.d = d, .q = q, .h = h, .j = j, .prefix = prefix, .arena = arena_new(16 * 1024)};
  incidents_of(h, j, &p.incidents);
  p.mail = domain_mail_new(q->filter, h, j);
  struct mail_fold *const folds[] = {&p.mail->fold, compliance_fold_new(q->filter, h, j), selector_fold_new(h)};
  int code = judged_mail_each(q, h, FILTER_OPEN_BEGIN, j->window_end_s, folds, ARRAY_SIZE(folds), e);
  domain_mail_end(p.mail);
  if (!d->chart && p.mail->day_count > PLAIN_DAYS) p.mail->step_s = UTC_WEEK_S;
  p.compliance = compliance_fold_end(folds[1]);
  p.selectors = selector_fold_end(folds[2], q->basis->thresholds);
  if (!code) code = domain_past_gather(p.arena, q->basis, h, j, &p.past, e);
  if (!code) code = write_page(&p, h, e);
  domain_past_clear(&p.past);
  for (unsigned i = 0; i < ARRAY_SIZE(folds); i++) mail_fold_free(folds[i]);
  arena_free(p.arena);
  return code;
}

void report_page_subtitle(const struct inquiry *q, const struct history *h, const struct judgement *j,
                          struct strbuf *out) {
  char as_of[UTC_TEXT_BYTES], begin[UTC_TEXT_BYTES], end[UTC_TEXT_BYTES];
  strbuf_printf(out, "As of %s, from ", utc_format_day(q->basis->as_of_s, as_of));
  figure_count(out, h->report_count, "report");
  strbuf_add_text(out, " of ");
  figure_count(out, h->reporter_count, "reporter");
  strbuf_printf(out, "; judged on %s to %s.", utc_format_day(j->window_begin_s, begin),
                utc_format_day(j->window_end_s - 1, end));
}

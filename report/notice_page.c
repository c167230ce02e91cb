/* SPDX-License-Identifier: Apache-2.0 */
/* What a notice says: its subject, at most three things to do, and a line a domain. */
#include "report/notice_page.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/utc.h"
#include "table/escape.h"

#define THINGS_TO_DO_MOST 3 /* more are put off, all of them */
#define DOMAINS_MOST 50     /* lines on a page that is read on a phone */
#define NAMED_MOST 5        /* changes in a line */
#define SUBJECT_BYTES_MOST 160

/* --- the subject -------------------------------------------------------------------------------------------------- */

/* "since Tuesday", "since 6 October", "since 6 October 2025". */
static void add_since(struct strbuf *out, int32_t first_day, int32_t today) {
  static const char *const WEEKDAYS[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
  static const char *const MONTHS[] = {"January", "February", "March",     "April",   "May",      "June",
                                       "July",    "August",   "September", "October", "November", "December"};
  char text[UTC_TEXT_BYTES], now[UTC_TEXT_BYTES];
  if (first_day > today) return;
  if (today - first_day < 7) {
    strbuf_printf(out, " since %s", first_day == today ? "today" : WEEKDAYS[utc_weekday(first_day)]);
    return;
  }
  utc_format_day(utc_from_day(first_day), text);
  utc_format_day(utc_from_day(today), now);
  const int month = (text[5] - '0') * 10 + text[6] - '0', day = (text[8] - '0') * 10 + text[9] - '0';
  strbuf_printf(out, " since %d %s", day, MONTHS[month - 1]);
  if (strncmp(text, now, 4) != 0) strbuf_printf(out, " %.4s", text);
}

/* Of a verdict or a policy it is what it is now that counts: "verdict: READY, was NOT_READY". */
static void add_title(struct strbuf *out, const struct listed_finding *f) {
  const enum concern_kind kind = f->concern.kind;
  const char *colon = strstr(f->text, ": "), *end = colon ? strstr(colon + 2, ": ") : NULL;
  if (!end) end = strstr(f->text, " (since");
  if ((kind == CONCERN_VERDICT_CHANGED || kind == CONCERN_POLICY_CHANGED) && colon && end)
    strbuf_add(out, f->text, (size_t)(end - f->text));
  else
    strbuf_add_text(out, f->title);
}

/* That a week has passed takes no change back: what is found no more is as it was before. */
static const char *end_of(enum concern_kind kind) {
  return kind == CONCERN_VERDICT_CHANGED || kind == CONCERN_POLICY_CHANGED ? "taken back: " : "over: ";
}

/* "example.com: own mail fails: newsletter.example.net since Tuesday, 1,204 messages" */
static void add_news(struct strbuf *out, const struct listed_finding *f, int32_t today) {
  const struct concern *c = &f->concern;
  finding_add_domains(f, out);
  if (c->state == CONCERN_GONE) strbuf_add_text(out, end_of(c->kind));
  add_title(out, f);
  if (c->state == CONCERN_GONE) return;
  add_since(out, c->first_day, today);
  if (!c->messages) return;
  strbuf_add_text(out, ", ");
  figure_count(out, c->messages, "message");
}

static const struct listed_finding *first_of(const struct notice *n) {
  const struct listed_finding *change = n->change_count ? n->changes[0] : NULL;
  const struct listed_finding *open = n->open_count ? n->open[0] : NULL;
  if (!change || !open) return change ? change : open;
  return open < change ? open : change; /* both are of one list, in order */
}

static unsigned count_over(const struct notice *n) {
  unsigned over = 0;
  for (unsigned i = 0; i < n->change_count; i++) over += n->changes[i]->concern.state == CONCERN_GONE;
  return over;
}

/* One line that no name of a stranger can grow or split. */
static void put_subject(struct strbuf *ret, const char *text, const char *rest) {
  _cleanup_strbuf_ struct strbuf escaped = STRBUF_INIT;
  escape_terminal(&escaped, text);
  unsigned columns;
  const size_t fitting = escape_prefix(escaped.data, SUBJECT_BYTES_MOST, &columns);
  strbuf_add(ret, escaped.data, fitting);
  if (fitting < escaped.length) strbuf_add_text(ret, "...");
  strbuf_add_text(ret, rest);
}

static void add_period(struct strbuf *out, const struct notice *n) {
  char day[UTC_TEXT_BYTES];
  if (n->wish->every == NOTICE_WEEK) strbuf_add_text(out, "week of ");
  strbuf_add_text(out, utc_format_day(utc_from_day(n->period_day), day));
}

void notice_subject(const struct notice *n, struct strbuf *ret) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT, rest = STRBUF_INIT;
  const struct listed_finding *first = first_of(n);
  const unsigned things = (n->wish->every == NOTICE_EVENT ? n->news : n->due) + n->told + count_over(n);
  const unsigned more = things - (things > 0);
  if (first) {
    add_news(&text, first, utc_day_of(n->as_of_s));
    if (more) strbuf_printf(&rest, " (and %u more)", more);
  } else {
    strbuf_add_text(&text, "nothing to do: ");
    if (n->domain_count == 1)
      strbuf_add_text(&text, n->domains[0]);
    else
      figure_count(&text, n->domain_count, "domain");
    strbuf_add_text(&text, ", ");
    add_period(&text, n);
  }
  put_subject(ret, text.data, strbuf_text(&rest));
}

/* --- the page ----------------------------------------------------------------------------------------------------- */

struct page {
  struct document *d;
  const struct notice *n;
  struct arena *arena;
};

static void add_part(struct strbuf *text, unsigned count, const char *word) {
  if (!count) return;
  if (text->length) strbuf_add_text(text, ", ");
  figure_integer(text, count, true);
  strbuf_printf(text, " %s", word);
}

/* "2 new, 1 changed, 1 over, 5 to do in all: 2026-11-30 (UTC), 12 domains." */
static void write_head(const struct page *p) {
  const struct notice *n = p->n;
  const unsigned over = count_over(n);
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  char day[UTC_TEXT_BYTES];
  add_part(&text, n->news, "new");
  add_part(&text, n->told, "changed");
  add_part(&text, over, "over");
  add_part(&text, n->due, n->due == n->news ? "to do" : "to do in all");
  if (!n->due) strbuf_add_text(&text, text.length ? ", nothing to do" : "Nothing to do");
  strbuf_printf(&text, ": %s (UTC), ", utc_format_day(n->as_of_s, day));
  figure_count(&text, n->domain_count, "domain");
  strbuf_add_char(&text, '.');
  p->d->text(p->d, text.data);
}

/* What was so in days that nobody asked about may never be told. */
static void write_unasked(const struct page *p) {
  const struct notice *n = p->n;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  char day[UTC_TEXT_BYTES];
  if (!n->unasked_days) return;
  strbuf_add_text(&text, "The last run is long ago: of ");
  figure_count(&text, n->unasked_days, "day");
  strbuf_printf(&text, " before %s only what lasted is told.", utc_format_day(utc_from_day(n->since_day), day));
  p->d->note(p->d, text.data);
}

/* The next of both lists in their common order that is to be done; NULL: none is left. */
static const struct listed_finding *next_to_do(const struct notice *n, unsigned *change, unsigned *open) {
  const struct listed_finding *c = *change < n->change_count ? n->changes[*change] : NULL;
  const struct listed_finding *o = *open < n->open_count ? n->open[*open] : NULL;
  if (c && !concern_is_due(c->concern.state)) c = NULL; /* what is over stands behind all else */
  if (c && (!o || c < o)) {
    ++*change;
    return c;
  }
  *open += o != NULL;
  return o;
}

static bool is_among(const unsigned *heads, unsigned count, unsigned head) {
  while (count && heads[count - 1] != head) count--;
  return count > 0;
}

static void write_things_to_do(const struct page *p) {
  const struct listed_finding *items = p->n->list.items, *f;
  struct document_finding shown[THINGS_TO_DO_MOST];
  unsigned heads[THINGS_TO_DO_MOST], count = 0, change = 0, open = 0;
  while (count < THINGS_TO_DO_MOST && (f = next_to_do(p->n, &change, &open))) {
    if (is_among(heads, count, f->head)) continue; /* the same at another domain */
    heads[count] = f->head;
    shown[count++] = finding_shown(p->arena, &p->n->list, (unsigned)(f - items));
  }
  if (!count) return;
  p->d->heading(p->d, 2, NULL, count == 1 ? "To do:" : "To do first:");
  p->d->findings(p->d, shown, count);
}

/* What has happened, with what to make of it. */
static void write_changes(const struct page *p) {
  const struct listed_finding *items = p->n->list.items;
  struct document_finding shown[THINGS_TO_DO_MOST];
  unsigned heads[THINGS_TO_DO_MOST], count = 0;
  for (unsigned i = 0; i < p->n->change_count && count < THINGS_TO_DO_MOST; i++) {
    const struct listed_finding *f = p->n->changes[i];
    if (f->concern.state != CONCERN_TOLD || is_among(heads, count, f->head)) continue;
    heads[count] = f->head;
    shown[count++] = finding_shown(p->arena, &p->n->list, (unsigned)(f - items));
  }
  if (!count) return;
  p->d->heading(p->d, 2, NULL, "What changed:");
  p->d->findings(p->d, shown, count);
}

/* --- a line a domain ---------------------------------------------------------------------------------------------- */

/* What there is of one domain. */
struct line {
  const char *domain;
  unsigned due, told, over, named;
  bool is_critical;
  struct strbuf changes;
};

static void count_in(struct line *l, const struct listed_finding *f, bool is_change) {
  const struct concern *c = &f->concern;
  if (strcmp(c->domain, l->domain) != 0) return;
  const bool is_due = concern_is_due(c->state);
  l->due += is_due;
  l->told += c->state == CONCERN_TOLD;
  l->over += c->state == CONCERN_GONE;
  l->is_critical |= is_due && c->severity == CONCERN_CRITICAL;
  if (!is_change || ++l->named > NAMED_MOST) return;
  strbuf_add_text(&l->changes, l->named > 1 ? "; " : "");
  if (c->state != CONCERN_TOLD) strbuf_add_text(&l->changes, is_due ? "new: " : end_of(c->kind));
  add_title(&l->changes, f);
}

/* "example.com: 3 to do; new: own mail fails: 192.0.2.0/24; over: surge: 198.51.100.0/24" */
static struct document_point point_of(const struct page *p, const char *domain) {
  struct line l = {.domain = domain};
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  for (unsigned i = 0; i < p->n->change_count; i++) count_in(&l, p->n->changes[i], true);
  for (unsigned i = 0; i < p->n->open_count; i++) count_in(&l, p->n->open[i], false);
  strbuf_printf(&text, "%s: ", *domain ? domain : "of no domain");
  if (l.due)
    strbuf_printf(&text, "%u to do", l.due);
  else
    strbuf_add_text(&text, "nothing to do");
  if (l.changes.length) strbuf_printf(&text, "; %s", l.changes.data);
  if (l.named > NAMED_MOST) strbuf_printf(&text, "; and %u more", l.named - NAMED_MOST);
  strbuf_clear(&l.changes);
  return (struct document_point){l.is_critical     ? TONE_POOR
                                 : l.due || l.told ? TONE_FAIR
                                                   : TONE_GOOD,
                                 arena_strdup(p->arena, text.data)};
}

/* Domains with something to tell first, in the order of what that is; of a day or week then all others. */
static unsigned list_domains(const struct page *p, const char **ret) {
  const struct notice *n = p->n;
  _cleanup_hashmap_ struct hashmap seen;
  unsigned count = 0, change = 0, open = 0;
  bool is_new;
  hashmap_init(&seen, sizeof(char));
  while (change < n->change_count || open < n->open_count) {
    const bool takes_change = open == n->open_count || (change < n->change_count && n->changes[change] < n->open[open]);
    const char *domain = (takes_change ? n->changes[change++] : n->open[open++])->concern.domain;
    hashmap_put(&seen, domain, strlen(domain), &is_new);
    if (is_new) ret[count++] = domain;
  }
  for (unsigned i = 0; i < n->domain_count && n->wish->every != NOTICE_EVENT; i++) {
    hashmap_put(&seen, n->domains[i], strlen(n->domains[i]), &is_new);
    if (is_new) ret[count++] = n->domains[i];
  }
  return count;
}

static void write_domains(const struct page *p) {
  const struct notice *n = p->n;
  const char **domains =
      arena_alloc(p->arena, (n->change_count + n->open_count + n->domain_count + 1) * sizeof *domains);
  const unsigned count = list_domains(p, domains), shown = count < DOMAINS_MOST ? count : DOMAINS_MOST;
  struct document_point points[DOMAINS_MOST + 1];
  for (unsigned i = 0; i < shown; i++) points[i] = point_of(p, domains[i]);
  if (!count) return;
  p->d->heading(p->d, 2, NULL, "By domain:");
  p->d->points(p->d, points, shown);
  if (count == shown) return;
  _cleanup_strbuf_ struct strbuf rest = STRBUF_INIT;
  strbuf_add_text(&rest, "and ");
  figure_count(&rest, count - shown, "more domain");
  strbuf_add_text(&rest, ": 'dmarcctl findings' tells of all");
  p->d->rest(p->d, rest.data);
}

static void write_foot(const struct page *p) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_printf(
      &text,
      "'dmarcctl findings' lists them all, and takes '--ack ID' for what is known. Sent by 'dmarcctl notify', "
      "[notify %s] of its configuration, every = %s.",
      p->n->wish->section, notice_every_word(p->n->wish->every));
  p->d->heading(p->d, 2, NULL, NULL);
  p->d->note(p->d, text.data);
}

void notice_page(const struct notice *n, struct document *d) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  const struct page p = {d, n, arena};
  write_head(&p);
  write_unasked(&p);
  write_things_to_do(&p);
  write_changes(&p);
  write_domains(&p);
  write_foot(&p);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What whoever reads a judgement has to know before he acts on it: since when each source is seen and until when, what
 * a label that is advised would touch, and which strangers he leaves behind. Of the whole history, once the verdict
 * stands. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/command_word.h"
#include "base/figure.h"
#include "verdict/classifying.h"
#include "verdict/judging.h"

/* --- findings ----------------------------------------------------------------------------------------------------- */

static bool passes_mail_on(enum stream_class c) { return c == CLASS_FORWARDER || c == CLASS_FORWARDER_MODIFIED; }

static bool has_selector(const struct history *h, const struct stream *s, const char *selector) {
  for (uint32_t k = 0; selector && k < s->selector_count; k++)
    if (!strcmp(h->selectors[s->selectors[k].selector], selector)) return true;
  return false;
}

/* Both are texts of the history. */
static bool is_at_site(const struct finding *f, const struct stream *s) { return s->site.text == f->source; }

static bool is_about(const struct history *h, const struct finding *f, const struct stream *s) {
  if (f->part == PART_ADDRESS) return stream_is_own(s) && s->source.text && !strcmp(s->source.text, f->example);
  if (f->part == PART_FROM)
    return stream_is_own(s) && s->header_from.text && !strcmp(s->header_from.text, f->header_from);
  if (f->part == PART_KEY) return stream_is_own(s) && has_selector(h, s, f->selector);
  if (!is_at_site(f, s)) return false;
  if (f->passes) return stream_is_own(s) && s->kind == STREAM_SPF;
  if (stream_class_is_own(f->class)) return stream_is_own(s);
  return passes_mail_on(f->class) ? passes_mail_on(s->class) : s->class == f->class || f->is_of_all;
}

/* One walk over the streams for all findings: most are about a site, and of a stream's site there are few. */
uint64_t *findings_by_stream(const struct history *h, const struct findings *list) {
  _Static_assert(MOST_FINDINGS <= 64, "a finding is a bit");
  uint64_t *ret = mem_zalloc((h->stream_count + 1) * sizeof *ret);
  _cleanup_hashmap_ struct hashmap sites; /* struct interned -> findings */
  uint64_t on_parts = 0;
  hashmap_init(&sites, sizeof(uint64_t));
  for (unsigned k = 0; k < list->count; k++) {
    const struct finding *f = &list->items[k];
    const struct interned site = {f->source};
    *(f->part == PART_WHOLE ? (uint64_t *)hashmap_put(&sites, &site, sizeof site, NULL) : &on_parts) |= 1ull << k;
  }
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    const uint64_t *at_site = hashmap_get(&sites, &s->site, sizeof s->site);
    const uint64_t of_parts = stream_is_own(s) ? on_parts : 0;
    for (uint64_t rest = of_parts | (at_site ? *at_site : 0); rest; rest &= rest - 1) {
      const unsigned k = first_finding(rest);
      if (is_about(h, &list->items[k], s)) ret[i] |= 1ull << k;
    }
  }
  return ret;
}

static bool has_such_mail(const struct finding *f, const struct stream_day *d) {
  if (f->is_of_all) return true;
  if (f->cause == CAUSE_RECEIVER_DNS) return d->unchecked > 0;
  return f->passes ? d->passed > 0 : stream_day_failing(d) > 0;
}

static void widen_days(struct finding *f, const struct stream *s) {
  for (uint32_t d = 0; d < s->day_count; d++) {
    if (!has_such_mail(f, &s->days[d])) continue;
    if (s->days[d].day < f->first_day) f->first_day = s->days[d].day;
    if (s->days[d].day > f->last_day) f->last_day = s->days[d].day;
  }
}

/* A verdict that rests on a part of the reports may have another class for the same mail than all of them together, and
 * count it to another site. */
static void find_days_of_site(const struct history *h, struct finding *f) {
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (is_at_site(f, s) || (s->source.text && !strcmp(s->source.text, f->example))) widen_days(f, s);
  }
}

static void find_days(const struct history *h, struct findings *list, const uint64_t *by_stream) {
  for (unsigned k = 0; k < list->count; k++) {
    list->items[k].first_day = INT32_MAX;
    list->items[k].last_day = INT32_MIN;
  }
  for (uint32_t i = 0; i < h->stream_count; i++)
    for (uint64_t rest = by_stream[i]; rest; rest &= rest - 1)
      widen_days(&list->items[first_finding(rest)], &h->streams[i]);
  for (unsigned k = 0; k < list->count; k++)
    if (list->items[k].last_day == INT32_MIN) find_days_of_site(h, &list->items[k]);
}

/* --- labels ------------------------------------------------------------------------------------------------------- */

static void add_command(struct strbuf *text, const struct finding *f, enum label_verdict verdict, const char *domain) {
  strbuf_printf(text, "'dmarcctl label \"%s\" %s --domain %s'", f->label, label_verdict_word(verdict),
                command_domain(domain));
}

static void add_commands(struct strbuf *text, const struct finding *f, const char *domain) {
  /* It would take the owner's mail too, and at a service of his that is not passed on. */
  if (f->may_be_passed_on && (!f->label_leaves || f->label_subject == LABEL_DOMAIN)) {
    strbuf_add_text(text, "; if it passes your mail on, ");
    add_command(text, f, LABEL_FORWARDER, domain);
  }
  strbuf_add_text(text, f->label_verdict == LABEL_IGNORE ? "; if that may be lost, " : "; else ");
  add_command(text, f, f->label_verdict, domain);
  strbuf_add_text(text, f->label_verdict == LABEL_IGNORE ? " says so (that touches " : " (that touches ");
  figure_count(text, f->label_touches, "message");
  strbuf_add_text(text, " of all that is stored");
  if (f->label_leaves) {
    strbuf_add_text(text, "; ");
    figure_count(text, f->label_leaves, "message");
    strbuf_add_text(text, " of yours stay as they are)");
  } else {
    strbuf_add_text(text, ", and none of yours)");
  }
}

/* A network of which the owner's mail comes is no stranger's: whoever struck the rest of it would strike what he forgot
 * to set up. A few messages may be another customer's of a host that his SPF includes. */
static bool is_owners_network(const struct finding *f, int64_t passing, const struct thresholds *t) {
  return f->label_subject == LABEL_NETWORK && passing > 0 && (double)passing >= t->own_spf_messages;
}

static void offer_label(struct history *h, struct finding *f, int64_t passing, const struct thresholds *t) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text, f->repair);
  if (is_owners_network(f, passing, t)) {
    strbuf_add_text(&text, "; mail that passes as yours comes from there too (");
    figure_count(&text, passing, "message");
    strbuf_add_text(&text, "), so it is hardly somebody else's: label single addresses of it at most");
    f->label = NULL;
  } else if (f->label_touches && !command_word_is_quotable(f->label)) {
    strbuf_add_text(&text,
                    "; no command is printed, as its name would be more than a word to a shell: 'dmarcctl label "
                    "--import FILE' takes it from a file");
    f->label = NULL;
  } else if (f->label_touches) {
    add_commands(&text, f, h->domain);
  } else {
    f->label = NULL; /* a command that changes nothing */
  }
  f->repair = arena_strdup(h->arena, strbuf_text(&text));
}

static void add_report(struct history *h, struct finding *f) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text, f->repair);
  strbuf_add_text(&text, "; ");
  figure_integer(&text, f->report_messages, true);
  strbuf_printf(&text,
                " of them are told by one report of %s, which was heard on no other day: if it is false, 'dmarcctl "
                "reports --distrust %s' leaves it out",
                *f->reporter ? f->reporter : "a reporter without a name", f->report);
  f->repair = arena_strdup(h->arena, strbuf_text(&text));
}

/* Reports of a reporter that was heard on one day are the first that a verdict leaves out. */
static bool leaves_reports_out(const struct judgement *j) { return j->doubted.reports || j->rests_on; }

static void complete_findings(struct history *h, struct judgement *j, struct findings *list,
                              const struct thresholds *t) {
  if (!list->count) return;
  _cleanup_free_ uint64_t *by_stream = findings_by_stream(h, list);
  find_days(h, list, by_stream);
  if (list == &j->blockers) tell_repaired(h, j, by_stream, t);
  if (list == &j->blockers && !leaves_reports_out(j))
    find_lone_reports(h, list, by_stream, utc_day_of(j->window_begin_s));
  int64_t passing[MOST_FINDINGS];
  weigh_labels(h, list, passing);
  for (unsigned i = 0; i < list->count; i++) {
    if (list->items[i].label) offer_label(h, &list->items[i], passing[i], t);
    if (list->items[i].report) add_report(h, &list->items[i]);
  }
}

/* --- strangers ---------------------------------------------------------------------------------------------------- */

struct site_sum {
  struct interned site;
  int64_t messages;
  const struct stream *largest;
};

static bool is_larger(const struct site_sum *a, const struct site_sum *b) {
  return a->messages != b->messages ? a->messages > b->messages : strcmp(a->site.text, b->site.text) < 0;
}

static bool is_strange(const struct judgement *j, const struct stream *s) {
  return s->class == CLASS_SUSPICIOUS && s->window_messages > 0 && judgement_covers(j, s);
}

static void sum_sites(const struct history *h, const struct judgement *j, struct hashmap *sites) {
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (!is_strange(j, s)) continue;
    struct site_sum *sum = hashmap_put(sites, &s->site, sizeof s->site, NULL);
    sum->site = s->site;
    sum->messages += s->window_messages;
    if (!sum->largest || s->window_messages > sum->largest->window_messages) sum->largest = s;
  }
}

/* On how many days of the window the site's suspicious mail was seen, the first and the last of them. */
static void find_window_days(const struct history *h, const struct judgement *j, struct interned site,
                             struct stranger *ret) {
  const int32_t begin = utc_day_of(j->window_begin_s), end = utc_day_of(j->window_end_s - 1);
  if (end < begin) return;
  _cleanup_free_ bool *seen = mem_zalloc((size_t)(end - begin + 1));
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    if (!interned_same(s->site, site) || !is_strange(j, s)) continue;
    for (uint32_t d = 0; d < s->day_count; d++)
      if (s->days[d].day >= begin && s->days[d].day <= end) seen[s->days[d].day - begin] = true;
  }
  for (int32_t day = begin; day <= end; day++) {
    if (!seen[day - begin]) continue;
    if (!ret->days++) ret->first_day = day;
    ret->last_day = day;
  }
}

static void find_strangers(const struct history *h, struct judgement *j) {
  struct site_sum top[MOST_STRANGERS];
  unsigned count = 0;
  _cleanup_hashmap_ struct hashmap sites; /* struct interned -> struct site_sum */
  hashmap_init(&sites, sizeof(struct site_sum));
  sum_sites(h, j, &sites);
  for (uint32_t i = 0; i < sites.count; i++) {
    const struct site_sum *sum = hashmap_value_at(&sites, i);
    unsigned at = count;
    while (at > 0 && is_larger(sum, &top[at - 1])) at--;
    if (at == MOST_STRANGERS) continue;
    if (count < MOST_STRANGERS) count++;
    memmove(&top[at + 1], &top[at], (count - at - 1) * sizeof *top);
    top[at] = *sum;
  }
  j->strangers = (struct strangers){.count = count, .left_out = sites.count - count};
  for (unsigned i = 0; i < count; i++) {
    const struct stream *s = top[i].largest;
    j->strangers.items[i] = (struct stranger){.source = s->site.text,
                                              .example = s->source.text,
                                              .service = s->service ? s->service->name : s->identity.text,
                                              .evidence = s->evidence,
                                              .because = s->because,
                                              .messages = top[i].messages};
    find_window_days(h, j, top[i].site, &j->strangers.items[i]);
  }
}

/* --- both --------------------------------------------------------------------------------------------------------- */

void complete_judgement(struct history *h, struct judgement *j, const struct thresholds *t) {
  if (!j) return;
  tell_unchecked(h, j);
  complete_findings(h, j, &j->blockers, t);
  complete_findings(h, j, &j->questions, t);
  complete_findings(h, j, &j->own_failing, t);
  complete_findings(h, j, &j->forwarders, t);
  find_strangers(h, j);
  complete_judgement(h, j->below, t);
  complete_judgement(h, j->alone, t);
}

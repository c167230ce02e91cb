/* SPDX-License-Identifier: Apache-2.0 */
/* Puts a judgement into words; every line of advice comes from a gate or from a source. */
#include "report/judgement_sections.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/figure.h"
#include "base/utc.h"
#include "dns/published.h"
#include "report/sections.h"
#include "report/words.h"
#include "verdict/published_join.h"

const char *judgement_tag(const struct judgement *j) { return j->scope == SCOPE_BELOW ? "sp" : "p"; }

/* --- the verdict -------------------------------------------------------------------------------------------------- */

static const struct {
  enum document_tone tone;
  const char *words;
  bool is_whole; /* the step that is asked about has no place behind the words */
} VERDICT_LOOKS[VERDICTS] = {
    [VERDICT_STALE] = {TONE_PLAIN, "The reports are too old to say", true},
    [VERDICT_REGRESSION] = {TONE_POOR, "Own mail fell: look at it now", true},
    [VERDICT_NOT_READY] = {TONE_POOR, "Not ready"},
    [VERDICT_NEEDS_DECISION] = {TONE_FAIR, "Your decision is needed"},
    [VERDICT_INSUFFICIENT_DATA] = {TONE_FAIR, "Not enough data yet"},
    [VERDICT_READY] = {TONE_GOOD, "Ready"},
    [VERDICT_AT_TARGET] = {TONE_GOOD, "At the target"},
};

const char *verdict_words(enum verdict v) { return VERDICT_LOOKS[v].words; }
enum document_tone verdict_tone(enum verdict v) { return VERDICT_LOOKS[v].tone; }

static void add_reason(struct strbuf *text, const struct judgement *j) {
  char begin[UTC_TEXT_BYTES], end[UTC_TEXT_BYTES], since[UTC_TEXT_BYTES];
  const char *now = policy_word(j->current);
  utc_format_day(j->window_begin_s, begin);
  utc_format_day(j->window_end_s - 1, end);
  utc_format_day(j->policy_since_s, since);
  const size_t length = strlen(j->reason);
  const bool is_question = length && j->reason[length - 1] == '?';
  strbuf_printf(text, "Because %s%s Published %s=%s%s since %s as the reports show it; judged on %s to %s (UTC).",
                j->reason, is_question ? "" : ".", judgement_tag(j), now ? now : "unknown",
                !j->in_force && j->current > POLICY_NONE ? " (not fully in force: t=y or pct below 100)" : "", since,
                begin, end);
  if (j->wants_rua) strbuf_add_text(text, " First of all add a rua: without it nobody tells what the next step does.");
}

/* "0", "0.03", "8.8", "1,204": of averages, so rounded. */
static void add_per_day(struct strbuf *out, double messages) {
  const double per_day = figure_per_day(messages, 1);
  if (per_day >= 10 || per_day == (double)(int64_t)per_day)
    figure_integer(out, (int64_t)(per_day + 0.5), true);
  else
    figure_decimal(out, per_day, per_day < 1 ? 2 : 1);
}

/* " and stop 12 forged ones a day": nothing of what there is none of. */
static void add_touched(struct strbuf *text, double per_day, const char *before, const char *after) {
  if (per_day <= 0) return;
  strbuf_add_text(text, before);
  add_per_day(text, per_day);
  strbuf_add_text(text, after);
}

/* What the step would do to an average day of the judged window. Nothing where there is no step, or where the window is
 * too long ago to speak for any day to come. */
static void add_consequence(struct strbuf *text, const struct judgement *j) {
  const double *hit = j->affected_per_day;
  const double days = (double)(j->window_end_s - j->window_begin_s) / UTC_DAY_S;
  if (j->next == POLICY_UNKNOWN || j->verdict == VERDICT_STALE || days <= 0) return;
  strbuf_printf(text, "%s=%s would touch ", judgement_tag(j), policy_word(j->next));
  if (j->own_messages) {
    add_per_day(text, hit[CLASS_OWN] + hit[CLASS_OWN_BROKEN] + hit[CLASS_LEGITIMATE]);
    strbuf_add_text(text, " of your ");
    add_per_day(text, (double)j->own_messages / days);
    strbuf_add_text(text, " messages a day");
  } else {
    strbuf_add_text(text, "nothing of yours, as you send nothing,");
  }
  add_touched(text, hit[CLASS_SUSPICIOUS] + hit[CLASS_UNAUTHORISED], " and stop ", " forged ones a day");
  strbuf_add_char(text, '.');
  add_touched(text, hit[CLASS_FORWARDER] + hit[CLASS_FORWARDER_MODIFIED], " It would also touch ",
              " a day that others pass on.");
  add_touched(text, hit[CLASS_UNDECIDED], " And ", " a day may be yours: they wait for your answer.");
}

static void put_verdict(struct document *d, const struct judgement *j, const char *consequence) {
  _cleanup_strbuf_ struct strbuf subject = STRBUF_INIT, step = STRBUF_INIT, words = STRBUF_INIT, text = STRBUF_INIT;
  strbuf_printf(&subject, "%s%s", j->scope == SCOPE_BELOW ? "Subdomains of " : "", j->domain);
  if (j->next != POLICY_UNKNOWN) strbuf_printf(&step, " for %s=%s", judgement_tag(j), policy_word(j->next));
  strbuf_printf(&words, "%s%s", VERDICT_LOOKS[j->verdict].words,
                VERDICT_LOOKS[j->verdict].is_whole ? "" : strbuf_text(&step));
  add_reason(&text, j);
  d->verdict(d, &(struct document_verdict){.tone = VERDICT_LOOKS[j->verdict].tone,
                                           .subject = strbuf_text(&subject),
                                           .word = verdict_word(j->verdict),
                                           .words = strbuf_text(&words),
                                           .step = strbuf_text(&step),
                                           .consequence = consequence,
                                           .text = strbuf_text(&text)});
}

void section_verdict(struct document *d, const struct judgement *j) { put_verdict(d, j, NULL); }

void section_answer(struct document *d, const struct judgement *j) {
  _cleanup_strbuf_ struct strbuf consequence = STRBUF_INIT;
  add_consequence(&consequence, j);
  put_verdict(d, j, consequence.length ? strbuf_text(&consequence) : NULL);
}

void section_rates(struct document *d, const struct judgement *j) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text, "Own mail passes: ");
  figure_share_of(&text, j->own_passed, j->own_messages);
  if (j->undecided) {
    strbuf_add_text(&text, " (");
    figure_share_of(&text, j->own_passed, j->own_messages + j->undecided);
    strbuf_add_text(&text, " if all that is undecided is yours)");
  }
  strbuf_add_text(&text, ". All mail, spoofing included: ");
  figure_share_of(&text, j->raw_passed, j->raw_evaluated);
  strbuf_add_text(&text, ".");
  d->text(d, strbuf_text(&text));
}

static void add_left_out(struct strbuf *text, const struct left_out *reports, const char *why) {
  if (!reports->reports) return;
  strbuf_add_text(text, text->length ? " " : "");
  figure_count(text, reports->reports, "report");
  strbuf_add_text(text, " (");
  figure_count(text, reports->messages, "message");
  strbuf_printf(text, ") left out: %s.", why);
}

static void add_unproven(struct strbuf *text, const struct judgement *j) {
  if (!j->unproven.reports) return;
  strbuf_add_text(text, text->length ? " " : "");
  figure_count(text, j->unproven.reports, "report");
  strbuf_add_text(text, " (");
  figure_count(text, j->unproven.messages, "message");
  strbuf_add_text(text, ") heard for bad news alone: their mail does not prove who sent them, and that of ");
  figure_integer(text, j->proven_reports, true);
  strbuf_add_text(text, " does.");
}

void add_doubted(struct strbuf *text, const struct judgement *j, const char *where) {
  if (!j->doubted.reports) return;
  strbuf_add_text(text, text->length ? " " : "");
  figure_count(text, j->doubted.reports, "report");
  strbuf_add_text(text, " (");
  figure_count(text, j->doubted.messages, "message");
  strbuf_printf(text, ") %s: heard on a single day, suspect or not proven.", where);
}

/* What of own mail is no fault of its sender's. */
static void add_receivers_part(struct strbuf *text, int64_t messages, const char *why) {
  if (!messages) return;
  strbuf_add_text(text, text->length ? " " : "");
  figure_count(text, messages, "message");
  strbuf_printf(text, " of own mail: %s.", why);
}

static void add_contradicting(struct strbuf *text, const struct contradicting_reporters *list) {
  for (unsigned i = 0; i < list->count; i++) {
    const char *name = list->items[i].name;
    strbuf_printf(text, "%s%s (",
                  i ? ", " : "Reporters that contradict their own results: ", *name ? name : "one without a name");
    figure_integer(text, list->items[i].contradicted, true);
    strbuf_add_text(text, " of ");
    figure_count(text, list->items[i].messages, "message");
    strbuf_add_text(text, ")");
  }
  if (list->count) strbuf_add_text(text, ".");
}

void section_receivers_part(struct document *d, const struct judgement *j) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  add_receivers_part(&text, j->own_unchecked,
                     "the receiver got no answer from the DNS (RFC 9989 5.3.6: neither pass nor fail)");
  if (j->unchecked_repair) strbuf_printf(&text, " %c%s.", ascii_upper(*j->unchecked_repair), j->unchecked_repair + 1);
  add_receivers_part(&text, j->own_contradicted, "the receiver calls it a fail, and by its own results it passes");
  add_receivers_part(&text, j->own_unevaluated, "the report does not say whether it passes: neither pass nor fail");
  if (j->own_by_receiver) {
    strbuf_add_text(&text, text.length ? " " : "");
    figure_count(&text, j->own_by_receiver, "message");
    strbuf_add_text(&text, " of own mail that one receiver alone fails while all others pass it: in no source's gate.");
  }
  if (text.length && j->contradicting.count && j->scope != SCOPE_BELOW) strbuf_add_text(&text, " ");
  if (j->scope != SCOPE_BELOW) add_contradicting(&text, &j->contradicting);
  if (text.length) d->text(d, strbuf_text(&text));
}

void section_dissent(struct document *d, const struct judgement *j) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  const struct dissenting_reporters *list = &j->dissenting;
  if (!list->count) return;
  strbuf_add_text(&text, "Reporters disagree about the policy: ");
  for (unsigned i = 0; i < list->count; i++) {
    const char *name = list->items[i].name;
    strbuf_printf(&text, "%s%s tells of %s=%s (on ", i ? ", " : "", *name ? name : "one without a name",
                  judgement_tag(j), policy_word(list->items[i].p));
    figure_count(&text, list->items[i].days, "day");
    strbuf_add_text(&text, ")");
  }
  if (list->left_out) strbuf_printf(&text, " and %u more", list->left_out);
  strbuf_add_text(&text,
                  "; the others tell of another. Two records are published, or a name server is behind: ask each of "
                  "them for the record. What two of them tell, or one that is proven, counts: then the step is "
                  "judged from the weaker policy.");
  d->text(d, strbuf_text(&text));
}

void section_left_out(struct document *d, const struct judgement *j) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (j->scope == SCOPE_BELOW) return; /* said above */
  add_left_out(&text, &j->undated, "their period could not be read");
  add_left_out(&text, &j->ahead, "they end in the future, by a clock that is wrong");
  add_unproven(&text, j);
  add_doubted(&text, j,
              "left out of the figures, the gates and the findings, and counted in the tables by class and by name");
  if (text.length) d->text(d, strbuf_text(&text));
}

int section_gates(struct document *d, const struct judgement *j, bool worst_first, struct err *e) {
  static const struct page_table OPTIONS = {.caption = "Each figure against its limit; one that fails stops the step"};
  struct table_sink *sink = d->table(d, &OPTIONS);
  int code = readiness_push_gates(j, worst_first, sink, e);
  table_sink_free(sink);
  return code;
}

/* --- sources ------------------------------------------------------------------------------------------------------ */

/* A question about mail of last summer is another one than about yesterday's. */
static void add_seen(struct strbuf *text, int32_t first_day, int32_t last_day) {
  char first[UTC_TEXT_BYTES], last[UTC_TEXT_BYTES];
  if (last_day == INT32_MIN) return;
  if (first_day == last_day) {
    strbuf_printf(text, ", seen on %s", utc_format_day(utc_from_day(last_day), last));
    return;
  }
  strbuf_printf(text, ", seen %s to %s", utc_format_day(utc_from_day(first_day), first),
                utc_format_day(utc_from_day(last_day), last));
}

/* "205 of 205 messages that fail", "1 message that fails" */
static void add_messages(struct strbuf *text, const struct finding *f) {
  const int64_t counted = f->of_messages ? f->of_messages : f->messages;
  const bool is_one = counted == 1;
  if (f->of_messages) {
    figure_integer(text, f->messages, true);
    strbuf_add_text(text, " of ");
  }
  figure_count(text, counted, "message");
  if (f->class == CLASS_UNDECIDED) return;
  if (f->passes)
    strbuf_add_text(text, is_one ? " that passes by SPF alone" : " that pass by SPF alone");
  else if (f->cause == CAUSE_RECEIVER_DNS)
    strbuf_add_text(text, " that could not be checked");
  else
    strbuf_add_text(text, is_one ? " that fails" : " that fail");
}

/* Whom it hits most, by whom it is told. */
static void add_partner(struct strbuf *text, const struct finding *f) {
  if (!f->partner) return;
  strbuf_add_text(text, ", ");
  figure_decimal(text, f->partner_per_week, f->partner_per_week < 10);
  strbuf_printf(text, " a week of them to %s", f->partner);
}

static const char *title_of(const struct finding *f) {
  if (f->part == PART_ADDRESS) return f->example;
  if (f->part == PART_FROM) return f->header_from;
  if (f->part == PART_KEY && f->selector) return f->selector;
  return finding_name(f);
}

static struct document_finding finding_of(struct arena *arena, const struct finding *f, const char *domain,
                                          const char *word) {
  _cleanup_strbuf_ struct strbuf facts = STRBUF_INIT, mail = STRBUF_INIT, why = STRBUF_INIT;
  if (f->part != PART_ADDRESS) strbuf_printf(&facts, "%s, ", f->example);
  strbuf_add_text(&facts, f->evidence);
  if (f->header_from && strcmp(f->header_from, domain) != 0) strbuf_printf(&facts, ", From: %s", f->header_from);
  add_messages(&mail, f);
  add_partner(&mail, f);
  add_seen(&mail, f->first_day, f->last_day);
  strbuf_add_text(&why, f->because);
  if (f->fall) {
    strbuf_add_text(&why, "; ");
    fall_tell(f->fall, &why);
  }
  return (struct document_finding){.title = title_of(f),
                                   .facts = arena_strdup(arena, strbuf_text(&facts)),
                                   .mail = arena_strdup(arena, strbuf_text(&mail)),
                                   .text = arena_strdup(arena, strbuf_text(&why)),
                                   .word = word,
                                   .advice = f->repair};
}

/* Those from `first` to before `end`; and how many more there are. */
static void put_findings(struct document *d, const struct judgement *j, const struct findings *list, unsigned first,
                         unsigned end, const char *word) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  struct document_finding shown[MOST_FINDINGS];
  if (end > list->count) end = list->count;
  for (unsigned i = first; i < end; i++) shown[i - first] = finding_of(arena, &list->items[i], j->domain, word);
  if (end > first) d->findings(d, shown, end - first);
  uint64_t rest = list->count - end + list->left_out;
  if (!rest) return;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text, "and ");
  figure_integer(&text, (int64_t)rest, true);
  strbuf_add_text(&text, " more: 'dmarcctl sources' lists them all");
  d->rest(d, strbuf_text(&text));
}

void section_findings(struct document *d, const struct judgement *j, const struct findings *list, unsigned most,
                      const char *word) {
  put_findings(d, j, list, 0, most, word);
}

void section_more_findings(struct document *d, const struct judgement *j, const struct findings *list, unsigned first,
                           const char *word) {
  put_findings(d, j, list, first, MOST_FINDINGS, word);
}

/* Of a source that is silent in the judged days no share of their mail is told. */
static void add_part(struct document_finding *shown, const struct finding *f, const struct judgement *j,
                     struct arena *arena) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (!j->own_messages || f->last_day < utc_day_of(j->window_begin_s)) return;
  figure_share_of(&text, f->messages, j->own_messages);
  strbuf_add_text(&text, stream_class_is_own(f->class) ? " of your own mail" : " against your own mail");
  shown->part = arena_strdup(arena, strbuf_text(&text));
  shown->share = (double)f->messages / (double)j->own_messages;
}

void section_tasks(struct document *d, const struct judgement *j, const struct findings *list, unsigned count,
                   const char *word) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  struct document_finding shown[MOST_FINDINGS];
  for (unsigned i = 0; i < count; i++) {
    const bool is_question = list->items[i].class == CLASS_UNDECIDED; /* nothing of it is known to be broken */
    shown[i] = finding_of(arena, &list->items[i], j->domain, is_question ? "To do" : word);
    add_part(&shown[i], &list->items[i], j, arena);
  }
  d->findings(d, shown, count);
}

static struct document_finding stranger_of(struct arena *arena, const struct stranger *x) {
  _cleanup_strbuf_ struct strbuf facts = STRBUF_INIT, mail = STRBUF_INIT;
  strbuf_printf(&facts, "%s, %s", x->example, x->evidence);
  figure_count(&mail, x->messages, "message");
  strbuf_add_text(&mail, " on ");
  figure_count(&mail, x->days, "day");
  add_seen(&mail, x->first_day, x->last_day);
  return (struct document_finding){.title = x->service ? x->service : x->source,
                                   .facts = arena_strdup(arena, strbuf_text(&facts)),
                                   .mail = arena_strdup(arena, strbuf_text(&mail)),
                                   .text = x->because};
}

void section_strangers(struct document *d, const struct judgement *j) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  struct document_finding shown[MOST_STRANGERS];
  const struct strangers *list = &j->strangers;
  for (unsigned i = 0; i < list->count; i++) shown[i] = stranger_of(arena, &list->items[i]);
  d->findings(d, shown, list->count);
  if (!list->left_out) return;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text, "and ");
  figure_integer(&text, list->left_out, true);
  strbuf_add_text(&text, " more: 'dmarcctl sources --class suspicious' lists them all");
  d->rest(d, strbuf_text(&text));
}

bool judgement_leaves_strangers(const struct judgement *j) {
  const bool moves = j->verdict == VERDICT_READY || j->verdict == VERDICT_AT_TARGET || j->alone;
  return moves && j->strangers.count;
}

void suspect_tell(const struct suspect *s, struct strbuf *out) {
  figure_integer(out, (int64_t)s->times, true);
  strbuf_printf(out, " times %s",
                s->is_fleeting ? "what all others tell of around that day, by who is heard on few days"
                               : "its ordinary day, and nobody else saw it");
}

void suspect_advise(const struct suspect *s, struct strbuf *out) {
  strbuf_printf(out, "nothing good rests on it until 'dmarcctl reports --trust %s', or --distrust", s->report);
}

static struct document_finding suspect_of(struct arena *arena, const struct suspect *s) {
  _cleanup_strbuf_ struct strbuf mail = STRBUF_INIT, text = STRBUF_INIT;
  char day[UTC_TEXT_BYTES];
  figure_count(&mail, s->messages, "message");
  suspect_tell(s, &text);
  strbuf_add_text(&text, ": ");
  suspect_advise(s, &text);
  return (struct document_finding){.title = *s->reporter ? s->reporter : "a reporter without a name",
                                   .facts = arena_strdup(arena, utc_format_day(s->day_s, day)),
                                   .mail = arena_strdup(arena, strbuf_text(&mail)),
                                   .text = arena_strdup(arena, strbuf_text(&text))};
}

void section_suspects(struct document *d, const struct judgement *j) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  struct document_finding shown[MOST_SUSPECTS];
  for (unsigned i = 0; i < j->suspect_count; i++) shown[i] = suspect_of(arena, &j->suspects[i]);
  d->findings(d, shown, j->suspect_count);
}

/* --- records ------------------------------------------------------------------------------------------------------ */

static void put_record(struct document *d, const char *label, const char *below, const char *name, const char *record) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_printf(&text, "%s%s TXT \"%s\"", below, name, record);
  d->record(d, label, strbuf_text(&text));
}

bool judgement_wants_spf(const struct judgement *j) {
  const bool is_unused = j->verdict == VERDICT_READY && j->parked && j->scope != SCOPE_BELOW;
  const struct spf *spf = j->published ? &j->published->spf : NULL;
  return is_unused && !(spf && (spf->near || published_refuses_all(spf->record)));
}

void section_spf_record(struct document *d, const struct judgement *j) {
  put_record(d, "And that it sends nothing:", "", j->domain, "v=spf1 -all");
}

void section_next_record(struct document *d, const struct judgement *j) {
  if (!j->next_record) return;
  put_record(d, j->verdict == VERDICT_READY ? "Publish now:" : "Once every gate holds:", "_dmarc.", j->domain,
             j->next_record);
  if (judgement_wants_spf(j)) section_spf_record(d, j);
}

static void add_failing(struct strbuf *text, const struct failing_subdomains *list) {
  for (unsigned i = 0; i < list->count; i++) {
    const struct failing_below *x = &list->items[i];
    strbuf_printf(text, "%s%s (", i ? ", " : "Subdomains with mail that fails: ", x->name);
    if (x->own) figure_count(text, x->own, "message");
    if (x->own) strbuf_add_text(text, x->undecided ? ", " : " of yours");
    if (x->undecided) figure_count(text, x->undecided, "message");
    if (x->undecided) strbuf_add_text(text, " undecided");
    strbuf_add_text(text, ")");
  }
  if (list->left_out) strbuf_printf(text, " and %u more", list->left_out);
  if (list->count) strbuf_add_text(text, ".");
}

void section_subdomains(struct document *d, const struct judgement *j) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  add_failing(&text, &j->failing_below);
  if (j->alone)
    strbuf_printf(
        &text,
        " They alone hold the step back: %s itself is ready for p=%s. Without sp, p governs them too (RFC 9989 "
        "4.7); the record below has an sp that leaves them as they are.",
        j->domain, policy_word(j->alone->next));
  if (text.length) d->text(d, strbuf_text(&text));
  if (j->alone) put_record(d, "Publish now, for the domain alone:", "_dmarc.", j->domain, j->alone->next_record);
}

static void put_faults(struct document *d, const struct dns_faults *faults) {
  struct document_finding shown[MOST_FAULTS];
  for (unsigned i = 0; i < faults->count; i++)
    shown[i] = (struct document_finding){
        .title = faults->items[i].fault, .facts = faults->items[i].section, .text = faults->items[i].detail};
  if (faults->count) d->findings(d, shown, faults->count);
}

static void put_dmarc(struct document *d, const struct published *p) {
  if (p->unknown) {
    d->text(d, "Published: not known, the DNS did not say.");
    return;
  }
  if (p->record)
    put_record(d, "Published:", "_dmarc.", p->record_domain, p->record);
  else
    d->text(d, "Published: no DMARC record.");
  put_faults(d, &p->faults);
}

static void put_spf(struct document *d, const struct published *p) {
  if (p->spf.unknown)
    d->text(d, "SPF: not known, the DNS did not say.");
  else if (p->spf.record)
    put_record(d, "SPF:", "", p->domain, p->spf.record);
  else
    d->text(d, "SPF: no record that counts.");
  put_faults(d, &p->spf_faults);
}

void section_published(struct document *d, const struct published *p) {
  put_dmarc(d, p);
  put_spf(d, p);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Puts compliance with the rules for bulk senders into sentences and lists. */
#include "report/compliance_sections.h"

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/hashmap.h"
#include "base/utc.h"
#include "report/words.h"

/* --- mail --------------------------------------------------------------------------------------------------------- */

static void add_mail(struct strbuf *text, const struct compliance_mail *mail) {
  if (!mail->messages) {
    strbuf_add_text(text, "No mail that is or may be the owner's");
    return;
  }
  strbuf_add_text(text, "Of ");
  figure_count(text, mail->messages, "message");
  strbuf_add_text(text, " that are or may be the owner's, ");
  figure_share_of(text, mail->bulk, mail->messages);
  strbuf_add_text(text, " pass SPF and DKIM and are aligned, as the rules ask; ");
  figure_integer(text, mail->short_of, true);
  strbuf_add_text(text, " pass DMARC and fall short of that");
}

void section_bulk_mail(struct document *d, const struct compliance *c) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  char begin[UTC_TEXT_BYTES], end[UTC_TEXT_BYTES];
  const char *policy = c->judgement->policy.p;
  strbuf_printf(&text, "Published p=%s as the reports show it. ", policy ? policy : "unknown");
  add_mail(&text, &c->mail);
  strbuf_printf(&text, " (%s to %s UTC). Left out: ", utc_format_day(c->begin_s, begin),
                utc_format_day(c->end_s - 1, end));
  figure_count(&text, c->forwarded, "message");
  strbuf_add_text(&text, " passed on by others, ");
  figure_integer(&text, c->foreign, true);
  strbuf_add_text(&text, " of strangers");
  if (c->without_verdict) {
    strbuf_add_text(&text, ", ");
    figure_integer(&text, c->without_verdict, true);
    strbuf_add_text(
        &text, " for which the receiver got no answer from the DNS, contradicts its own results or gives no outcome");
  }
  strbuf_add_text(&text, ".");
  d->text(d, strbuf_text(&text));
}

/* --- days --------------------------------------------------------------------------------------------------------- */

/* "Google", "on 2 of 7 days", "with a report; at most 6,400 (2026-10-12): its rules apply". */
static struct document_figure figure_of(struct arena *arena, const struct compliance_volume *v,
                                        enum compliance_receiver r) {
  struct document_figure figure = {
      .label = compliance_receiver_name(r), .value = "no report", .note = "on a day", .share = -1};
  if (!v->days) return figure;
  _cleanup_strbuf_ struct strbuf value = STRBUF_INIT, note = STRBUF_INIT;
  char day[UTC_TEXT_BYTES];
  strbuf_add_text(&value, "on ");
  if (v->bulk_days)
    figure_integer(&value, v->bulk_days, true);
  else
    strbuf_add_text(&value, "none");
  strbuf_add_text(&value, " of ");
  figure_count(&value, v->days, "day");
  strbuf_add_text(&note, "with a report; at most ");
  figure_integer(&note, v->most, true);
  strbuf_printf(&note, " (%s)%s", utc_format_day(utc_from_day(v->most_day), day),
                v->bulk_days ? ": its rules apply" : "");
  figure.value = arena_strdup(arena, strbuf_text(&value));
  figure.note = arena_strdup(arena, strbuf_text(&note));
  return figure;
}

void section_bulk_days(struct document *d, const struct compliance *c) {
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct document_figure figures[RECEIVERS];
  for (int r = 0; r < RECEIVERS; r++) figures[r] = figure_of(arena, &c->volumes[r], (enum compliance_receiver)r);
  d->heading(d, 3, NULL, "More than 5,000 messages on a day, as the receiver itself counted:");
  d->figures(d, figures, RECEIVERS);
}

/* --- repairs ------------------------------------------------------------------------------------------------------ */

/* Who has more to repair reads them by program. */
#define REPAIRS_MOST 20

/* Sources that need the same, by what they need. */
struct repair {
  const char *first;
  unsigned others;
};

static void gather_repairs(const struct compliance *c, struct hashmap *repairs) {
  for (uint32_t i = 0; i < c->source_count; i++) {
    _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
    compliance_repair(c, &c->sources[i], &text);
    if (!text.length) continue;
    bool is_new;
    struct repair *repair = hashmap_put(repairs, text.data, text.length + 1, &is_new);
    if (is_new)
      repair->first = c->sources[i].name;
    else
      repair->others++;
  }
}

static void put_repairs(struct document *d, const struct hashmap *repairs) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  struct document_finding steps[REPAIRS_MOST];
  unsigned count = repairs->count < REPAIRS_MOST ? repairs->count : REPAIRS_MOST;
  for (unsigned i = 0; i < count; i++) {
    const struct repair *repair = hashmap_value_at(repairs, i);
    _cleanup_strbuf_ struct strbuf title = STRBUF_INIT;
    strbuf_add_text(&title, repair->first);
    if (repair->others) strbuf_printf(&title, " and %u more", repair->others);
    steps[i] = (struct document_finding){.title = arena_strdup(arena, strbuf_text(&title)),
                                         .advice = hashmap_key_at(repairs, i, NULL)};
  }
  d->findings(d, steps, count);
  if (repairs->count == count) return;
  _cleanup_strbuf_ struct strbuf rest = STRBUF_INIT;
  strbuf_printf(&rest, "and %u more: 'dmarcctl compliance --format json' has them all", repairs->count - count);
  d->rest(d, strbuf_text(&rest));
}

void section_bulk_repairs(struct document *d, const struct compliance *c) {
  _cleanup_hashmap_ struct hashmap repairs; /* text -> struct repair */
  hashmap_init(&repairs, sizeof(struct repair));
  gather_repairs(c, &repairs);
  if (!repairs.count) return;
  d->details(d, "What is to be done, largest first:");
  put_repairs(d, &repairs);
  d->details(d, NULL);
}

/* --- rules -------------------------------------------------------------------------------------------------------- */

void section_bulk_rules(struct document *d) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text,
                  "The rules ask that SPF passes, DKIM passes, one of them is aligned, and a DMARC policy is "
                  "published. They are for:");
  for (int r = 0; r < RECEIVERS; r++)
    strbuf_printf(&text, " %s: %s.", compliance_receiver_name((enum compliance_receiver)r),
                  compliance_receiver_rule((enum compliance_receiver)r));
  d->note(d, strbuf_text(&text));
  d->note(d,
          "Not visible in aggregate reports: one-click unsubscribe, the rate of spam complaints, TLS, forward and "
          "reverse DNS of the sending addresses.");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Adds cells up to the streams they belong to. */
#include "verdict/cell.h"

#include <string.h>

static void use_selectors(struct stream *s, const struct cell *cell, int64_t count) {
  const struct pattern_facts *f = cell->facts;
  for (uint32_t i = 0; i < f->selector_count; i++) {
    uint32_t at = 0;
    while (at < s->selector_count && s->selectors[at].selector != f->selectors[i]) at++;
    if (at == s->selector_count) {
      MEM_GROW(s->selectors, s->selector_capacity, s->selector_count);
      s->selectors[s->selector_count++] =
          (struct selector_use){.selector = f->selectors[i], .first_day = INT32_MAX, .last_day = INT32_MIN};
    }
    struct selector_use *use = &s->selectors[at];
    *(f->selector_passed[i] ? &use->passed : &use->failed) += count;
    if (!f->selector_passed[i]) continue;
    if (cell->first_day < use->first_day) use->first_day = cell->first_day;
    if (cell->day > use->last_day) use->last_day = cell->day;
  }
}

/* The identity that carries most of the stream speaks for it; a service of the catalogue before any other. */
static void use_identity(struct stream *s, const struct pattern_facts *f, int64_t count) {
  if (!f->identity.text) return;
  if (interned_same(s->identity, f->identity)) {
    s->identity_messages += count;
  } else if (!s->identity.text || (f->service && !s->service) ||
             (!s->service == !f->service && count > s->identity_messages)) {
    s->identity = f->identity;
    s->identity_signs = f->identity_signs;
    s->service = f->service;
    s->evidence = f->evidence;
    s->identity_messages = count;
  }
}

/* What a pattern of the stream says, with the messages of the cell that bear it. */
static void add_facts(struct stream *s, const struct cell *cell) {
  const struct pattern_facts *f = cell->facts;
  const int64_t count = cell->messages;
  s->messages += count;
  if (f->passes) s->passed += count;
  if (f->dkim_passes) s->dkim_passed += count;
  if (!f->evaluated) s->unevaluated += count;
  if (f->spf_own_passed) s->spf_passed += count;
  if (f->spf_own_failed) s->spf_failed += count;
  if (f->spf_own_silent) s->spf_silent += count;
  if (f->forwarded) s->forwarded += count;
  if (f->unproven) s->unproven += count;
  if (f->permerror) s->permerrors += count;
  use_selectors(s, cell, count);
  use_identity(s, f, count);
}

void cell_add_tally(struct tally *t, const struct cell *cell) {
  tally_add_period(t, cell->first_s, cell->last_s);
  tally_add(t, &cell->facts->terms, cell->tallied_records, cell->tallied);
}

static void end_day(struct history *h, struct cell *cell) {
  if (cell->day == NO_DAY) return;
  MEM_GROW(h->cell_days, h->cell_day_capacity, h->cell_day_count);
  const struct pattern_facts *f = cell->facts;
  const bool contradicted = f->contradicted[cell->mode];
  h->cell_days[h->cell_day_count++] =
      (struct cell_day){.stream = cell->stream,
                        .day = cell->day,
                        .messages = cell->day_messages,
                        .is_vague = cell->is_vague,
                        .passes = f->passes,
                        .is_saved = f->passes && h->streams[cell->stream].kind == STREAM_SPF && f->signature_fails,
                        .is_contradicted = contradicted,
                        .is_unchecked = !contradicted && pattern_is_unchecked(f, cell->mode),
                        .is_unevaluated = !f->evaluated,
                        .spf_asked = f->spf_own_passed || f->spf_own_failed || f->spf_own_silent,
                        .spf_refused = f->spf_own_refused};
  if (cell->day < cell->first_day) cell->first_day = cell->day;
  cell->messages += cell->day_messages;
  cell->day_messages = 0;
}

void cell_add_mail(struct history *h, struct cell *cell, int32_t day, bool is_vague, int64_t count) {
  if (cell->day != day) {
    end_day(h, cell);
    cell->day = day;
    cell->is_vague = false;
  }
  cell->is_vague |= is_vague;
  cell->day_messages += count;
}

void cell_end(struct history *h, struct cell *cell) {
  end_day(h, cell);
  add_facts(&h->streams[cell->stream], cell);
}

int64_t *history_contradicted(struct history *h) {
  uint32_t known = h->contradicted_capacity, reporter = h->reports[h->report_count - 1].reporter;
  MEM_GROW(h->contradicted, h->contradicted_capacity, reporter);
  if (known < h->contradicted_capacity)
    memset(h->contradicted + known, 0, (h->contradicted_capacity - known) * sizeof *h->contradicted);
  return &h->contradicted[reporter];
}

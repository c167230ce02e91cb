/* SPDX-License-Identifier: Apache-2.0 */
/* Adds cells up to the streams they belong to. */
#include "verdict/cell.h"

#include <stdlib.h>
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

/* The days of one cell mostly ascend (reports come by their begin), those of a stream's cells run side by side. */
static void end_day(struct stream *s, struct cell *cell) {
  if (cell->day == NO_DAY) return;
  MEM_GROW(s->days, s->day_capacity, s->day_count);
  const struct pattern_facts *f = cell->facts;
  const bool passes = f->passes, saved = passes && s->kind == STREAM_SPF && f->signature_fails;
  const bool contradicted = f->contradicted[cell->mode];
  const bool unchecked = !contradicted && pattern_is_unchecked(f, cell->mode);
  const bool asked = f->spf_own_passed || f->spf_own_failed || f->spf_own_silent;
  s->days[s->day_count++] = (struct stream_day){.day = cell->day,
                                                .is_vague = cell->is_vague,
                                                .messages = cell->day_messages,
                                                .passed = passes ? cell->day_messages : 0,
                                                .saved = saved ? cell->day_messages : 0,
                                                .spf_asked = asked ? cell->day_messages : 0,
                                                .spf_refused = f->spf_own_refused ? cell->day_messages : 0,
                                                .contradicted = contradicted ? cell->day_messages : 0,
                                                .unchecked = unchecked ? cell->day_messages : 0};
  if (cell->day < cell->first_day) cell->first_day = cell->day;
  cell->messages += cell->day_messages;
  cell->day_messages = 0;
}

void cell_add_mail(struct history *h, struct cell *cell, int32_t day, bool is_vague, int64_t count) {
  if (cell->day != day) {
    end_day(&h->streams[cell->stream], cell);
    cell->day = day;
    cell->is_vague = false;
  }
  cell->is_vague |= is_vague;
  cell->day_messages += count;
}

void cell_end(struct history *h, struct cell *cell) {
  end_day(&h->streams[cell->stream], cell);
  add_facts(&h->streams[cell->stream], cell);
}

static int by_day(const void *a, const void *b) {
  int32_t x = ((const struct stream_day *)a)->day, y = ((const struct stream_day *)b)->day;
  return (x > y) - (x < y);
}

void stream_merge_days(struct stream *s) {
  uint32_t merged = 0;
  if (s->day_count) qsort(s->days, s->day_count, sizeof *s->days, by_day);
  for (uint32_t i = 1; i < s->day_count; i++) {
    if (s->days[i].day != s->days[merged].day) {
      s->days[++merged] = s->days[i];
      continue;
    }
    s->days[merged].is_vague |= s->days[i].is_vague;
    s->days[merged].messages += s->days[i].messages;
    s->days[merged].passed += s->days[i].passed;
    s->days[merged].saved += s->days[i].saved;
    s->days[merged].unchecked += s->days[i].unchecked;
    s->days[merged].contradicted += s->days[i].contradicted;
    s->days[merged].by_receiver += s->days[i].by_receiver;
    s->days[merged].spf_asked += s->days[i].spf_asked;
    s->days[merged].spf_refused += s->days[i].spf_refused;
  }
  if (s->day_count) s->day_count = merged + 1;
}

int64_t *history_contradicted(struct history *h) {
  uint32_t known = h->contradicted_capacity, reporter = h->reports[h->report_count - 1].reporter;
  MEM_GROW(h->contradicted, h->contradicted_capacity, reporter);
  if (known < h->contradicted_capacity)
    memset(h->contradicted + known, 0, (h->contradicted_capacity - known) * sizeof *h->contradicted);
  return &h->contradicted[reporter];
}

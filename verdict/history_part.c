/* SPDX-License-Identifier: Apache-2.0 */
/* A history without some of its reports, from what was kept of each record. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/report_days.h"
#include "verdict/cell.h"

static const struct cell *cell_at(const struct history *h, uint32_t number) {
  return h->part_cells ? &h->part_cells[number] : hashmap_value_at(&h->cell_index, number);
}

uint32_t history_cell_count(const struct history *h) { return h->cell_index.count; }

const struct stream *history_record_stream(const struct history *h, size_t record, bool *ret_passes) {
  const struct cell *cell = cell_at(h, h->records[record].cell);
  *ret_passes = cell->facts->passes;
  return &h->streams[cell->stream];
}

bool history_record_fails(const struct history *h, size_t record) {
  const struct cell *cell = cell_at(h, h->records[record].cell);
  const struct pattern_facts *f = cell->facts;
  return f->evaluated && !f->passes && !f->contradicted[cell->mode] && !pattern_is_unchecked(f, cell->mode);
}

bool history_record_is_unchecked(const struct history *h, size_t record) {
  const struct cell *cell = cell_at(h, h->records[record].cell);
  return !cell->facts->contradicted[cell->mode] && pattern_is_unchecked(cell->facts, cell->mode);
}

struct seen_cell history_cell(const struct history *h, uint32_t number) {
  const struct cell *cell = cell_at(h, number);
  if (!cell->facts) return (struct seen_cell){0};
  return (struct seen_cell){&h->streams[cell->stream], cell->facts->selectors, cell->facts->selector_passed,
                            cell->facts->selector_count, cell->messages};
}

/* What a stream is stays; what was seen of it is added up anew. What its address told stays too, where nothing better
 * names it. */
static struct stream *begin_stream(struct history *part, const struct stream *whole) {
  MEM_GROW(part->streams, part->stream_capacity, part->stream_count);
  struct stream *s = &part->streams[part->stream_count++];
  *s = (struct stream){.ip = whole->ip,
                       .source = whole->source,
                       .header_from = whole->header_from,
                       .kind = whole->kind,
                       .network = whole->network,
                       .origin = whole->origin};
  if (!whole->identity.text) {
    s->service = whole->service;
    s->evidence = whole->evidence;
  }
  return s;
}

static void keep_report(struct history *part, const struct history *h, const struct seen_report *r,
                        uint32_t *new_numbers) {
  if (!new_numbers[r->reporter]) {
    MEM_GROW(part->reporters, part->reporter_capacity, part->reporter_count);
    part->reporters[part->reporter_count++] = h->reporters[r->reporter];
    new_numbers[r->reporter] = part->reporter_count;
  }
  MEM_GROW(part->reports, part->report_capacity, part->report_count);
  struct seen_report *kept = &part->reports[part->report_count++];
  *kept = *r;
  kept->reporter = new_numbers[r->reporter] - 1;
}

/* Of the report that was kept last. `cells` begin without mail; their streams are numbered in the part, from 1, once
 * they have some. */
static void add_records(struct history *part, const struct history *h, uint32_t report, struct cell *cells,
                        uint32_t *new_streams) {
  const int32_t day = h->reports[report].day;
  const bool is_vague = report_days_of(h->reports[report].begin_s, h->reports[report].end_s).count > 1;
  int64_t *contradicted = history_contradicted(part);
  for (size_t i = h->reports[report].first_record; i < h->reports[report].end_record; i++) {
    struct cell *cell = &cells[h->records[i].cell];
    if (!cell->facts) {
      const struct cell *whole = cell_at(h, h->records[i].cell);
      uint32_t *number = &new_streams[whole->stream];
      if (!*number) {
        begin_stream(part, &h->streams[whole->stream]);
        *number = part->stream_count;
      }
      *cell = (struct cell){
          .facts = whole->facts, .stream = *number - 1, .mode = whole->mode, .day = NO_DAY, .first_day = INT32_MAX};
    }
    cell_add_mail(part, cell, day, is_vague, h->records[i].count);
    if (pattern_disagrees(cell->facts, cell->mode)) *contradicted += h->records[i].count;
  }
}

void history_part(struct history *h, const bool *left_out, struct history *ret) {
  struct cell *cells = mem_zalloc((history_cell_count(h) + 1) * sizeof *cells);
  _cleanup_free_ uint32_t *new_streams = mem_zalloc((h->stream_count + 1) * sizeof *new_streams);
  _cleanup_free_ uint32_t *new_reporters = mem_zalloc((h->reporter_count + 1) * sizeof *new_reporters);
  *ret = (struct history){.domain = h->domain,
                          .target = h->target,
                          .arena = h->arena,
                          .proven_reports = h->proven_reports,
                          .undated_reports = h->undated_reports,
                          .undated_messages = h->undated_messages,
                          .policies = h->policies,
                          .policy_count = h->policy_count,
                          .selectors = h->selectors,
                          .selector_count = h->selector_count,
                          .records = h->records,
                          .record_count = h->record_count,
                          .part_cells = cells,
                          .cell_index = h->cell_index,
                          .text_index = h->text_index,
                          .organizations = h->organizations};
  for (uint32_t i = 0; i < h->report_count; i++) {
    if (left_out[i]) continue;
    keep_report(ret, h, &h->reports[i], new_reporters);
    add_records(ret, h, i, cells, new_streams);
  }
  for (uint32_t i = 0; i < history_cell_count(h); i++)
    if (cells[i].facts) cell_end(ret, &cells[i]);
  history_lay_out_days(ret);
}

void history_rejoin(struct history *h, struct history *part) {
  h->text_index = part->text_index;
  for (uint32_t i = 0; i < part->stream_count; i++) free(part->streams[i].selectors);
  free(part->streams);
  free(part->days);
  free(part->reports);
  free(part->part_cells);
  free(part->reporters);
  free(part->contradicted);
  *part = (struct history){0};
}

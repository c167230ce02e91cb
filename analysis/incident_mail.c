/* SPDX-License-Identifier: Apache-2.0 */
/* Adds the records of a history up once more: by reporter, since each has an ordinary day of its own. */
#include "analysis/incident_mail.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* --- since when the owner's signatures come from where -------------------------------------------------------------- */

static int32_t *day_of(struct hashmap *days, const void *key, size_t size) {
  bool is_new;
  int32_t *day = hashmap_put(days, key, size, &is_new);
  if (is_new) *day = INT32_MAX;
  return day;
}

static void meet_on(struct hashmap *days, const void *key, size_t size, int32_t day) {
  int32_t *first = day_of(days, key, size);
  if (day < *first) *first = day;
}

static void note_signers(struct incident_mail *m) {
  for (uint32_t i = 0; i < m->h->stream_count; i++) {
    const struct stream *s = &m->h->streams[i];
    if (s->kind != STREAM_SIGNED || !s->day_count) continue;
    const struct ip_network network = ip_network_of(&s->ip);
    meet_on(&m->networks, network.base.bytes, sizeof network.base.bytes, s->days[0].day);
    if (stream_is_own(s)) meet_on(&m->sites, &s->site, sizeof s->site, s->days[0].day);
  }
}

int32_t incident_mail_strange_until(const struct incident_mail *m, const struct stream *s) {
  if (s->kind != STREAM_SIGNED || s->spf_passed || !s->day_count) return INT32_MIN;
  const struct ip_network network = ip_network_of(&s->ip);
  const int32_t *of_network = hashmap_get(&m->networks, network.base.bytes, sizeof network.base.bytes);
  const int32_t *of_site = hashmap_get(&m->sites, &s->site, sizeof s->site);
  const int32_t first = of_site && *of_site < *of_network ? *of_site : *of_network;
  return first + REPLAY_NEW_DAYS - 1;
}

/* --- subjects ------------------------------------------------------------------------------------------------------- */

struct subject_key {
  uint64_t about;
  struct interned text;
  uint64_t selector;
};

static uint32_t subject_of(struct incident_mail *m, const struct subject *like, const struct stream *s) {
  const struct subject_key key = {(uint64_t)like->about, like->key, like->selector};
  bool is_new;
  uint32_t *number = hashmap_put(&m->index, &key, sizeof key, &is_new);
  if (is_new) {
    MEM_GROW(m->subjects, m->subject_capacity, m->subject_count);
    *number = m->subject_count++;
    m->subjects[*number] = *like;
    m->subjects[*number].first_day = INT32_MAX;
    m->subjects[*number].last_day = INT32_MIN;
  }
  struct subject *subject = &m->subjects[*number];
  if (!subject->largest || s->messages > subject->largest->messages) subject->largest = s;
  return *number;
}

/* Undecided mail, and a stranger who may still become a habit. */
static bool may_be_own(const struct stream *s) {
  return s->class == CLASS_UNDECIDED || (s->class == CLASS_SUSPICIOUS && s->habit == HABIT_NEW);
}

/* What a cell's mail is counted for. */
struct cell_subjects {
  uint32_t first, count; /* in the list of all */
  int32_t strange_until;
  bool is_own;
};

struct cells {
  struct cell_subjects *items;
  uint32_t *list;
  uint32_t count, capacity;
};

static void add_subject(struct cells *x, struct cell_subjects *cell, uint32_t subject) {
  MEM_GROW(x->list, x->capacity, x->count);
  x->list[x->count++] = subject;
  cell->count++;
}

static void read_cell(struct incident_mail *m, struct cells *x, uint32_t number) {
  const struct seen_cell seen = history_cell(m->h, number);
  const struct stream *s = seen.stream;
  struct cell_subjects *cell = &x->items[number];
  *cell = (struct cell_subjects){x->count, 0, incident_mail_strange_until(m, s), stream_is_own(s)};
  if (s->class == CLASS_IGNORED) return;
  for (uint32_t i = 0; i < seen.selector_count; i++) {
    if (!seen.selector_passed[i] || s->kind != STREAM_SIGNED) continue;
    const char *name = m->h->selectors[seen.selectors[i]];
    add_subject(x, cell, subject_of(m, &(struct subject){SUBJECT_SELECTOR, name, .selector = seen.selectors[i]}, s));
  }
  if (s->header_from.text && (cell->is_own || may_be_own(s)))
    add_subject(x, cell, subject_of(m, &(struct subject){SUBJECT_FROM, s->header_from.text, .key = s->header_from}, s));
  if (!cell->is_own) return;
  add_subject(x, cell, subject_of(m, &(struct subject){SUBJECT_SERVICE, s->site.text, .key = s->site}, s));
  add_subject(x, cell, subject_of(m, &(struct subject){SUBJECT_DOMAIN, m->h->domain}, s));
}

/* --- records -------------------------------------------------------------------------------------------------------- */

/* What the report at hand tells of each subject. */
struct telling {
  struct subject_day *sums;
  uint32_t *touched;
  uint32_t count;
};

static void add_record(const struct incident_mail *m, struct telling *t, const struct cells *x,
                       const struct cell_subjects *cell, int32_t day, int64_t messages) {
  for (uint32_t i = cell->first; i < cell->first + cell->count; i++) {
    const uint32_t subject = x->list[i];
    struct subject_day *sum = &t->sums[subject];
    if (!sum->messages && !sum->signed_by) t->touched[t->count++] = subject;
    const bool of_selector = m->subjects[subject].about == SUBJECT_SELECTOR;
    if (!of_selector || cell->is_own) sum->messages += messages;
    if (of_selector) sum->signed_by += messages;
    if (of_selector && day <= cell->strange_until) sum->strange += messages;
  }
}

static void end_report(struct incident_mail *m, struct telling *t, const struct seen_report *r) {
  for (uint32_t i = 0; i < t->count; i++) {
    const uint32_t number = t->touched[i];
    struct subject *subject = &m->subjects[number];
    struct subject_day *sum = &t->sums[number];
    if (r->day < subject->first_day) subject->first_day = r->day;
    if (r->day > subject->last_day) subject->last_day = r->day;
    MEM_GROW(m->days, m->day_capacity, m->day_count);
    m->days[m->day_count++] =
        (struct subject_day){number, r->reporter, r->day, sum->messages, sum->signed_by, sum->strange};
    *sum = (struct subject_day){0};
  }
  t->count = 0;
}

static bool is_looked_at(const struct incident_mail *m, const struct seen_report *r) {
  return r->messages > 0 && r->day >= m->begin_day && r->day <= m->end_day;
}

static void read_records(struct incident_mail *m, const struct cells *x) {
  struct telling t = {.sums = mem_zalloc((m->subject_count + 1) * sizeof *t.sums),
                      .touched = mem_alloc((m->subject_count + 1) * sizeof *t.touched)};
  for (uint32_t i = 0; i < m->h->report_count; i++) {
    const struct seen_report *r = &m->h->reports[i];
    if (!is_looked_at(m, r)) continue;
    for (size_t k = r->first_record; k < r->end_record; k++) {
      const struct seen_record *record = &m->h->records[k];
      const struct cell_subjects *cell = &x->items[record->cell];
      if (record->count) add_record(m, &t, x, cell, r->day, record->count);
    }
    end_report(m, &t, r);
  }
  free(t.sums);
  free(t.touched);
}

/* --- in order ------------------------------------------------------------------------------------------------------- */

static int by_subject(const void *a, const void *b) {
  const struct subject_day *x = a, *y = b;
  if (x->subject != y->subject) return x->subject < y->subject ? -1 : 1;
  if (x->reporter != y->reporter) return x->reporter < y->reporter ? -1 : 1;
  return (x->day > y->day) - (x->day < y->day);
}

static bool is_same_day(const struct subject_day *x, const struct subject_day *y) {
  return x->subject == y->subject && x->reporter == y->reporter && x->day == y->day;
}

static void sort_days(struct incident_mail *m) {
  uint32_t merged = 0;
  if (m->day_count) qsort(m->days, m->day_count, sizeof *m->days, by_subject);
  for (uint32_t i = 0; i < m->day_count; i++) {
    struct subject_day *last = merged ? &m->days[merged - 1] : NULL;
    if (!last || !is_same_day(last, &m->days[i])) {
      m->days[merged++] = m->days[i];
      continue;
    }
    last->messages += m->days[i].messages;
    last->signed_by += m->days[i].signed_by;
    last->strange += m->days[i].strange;
  }
  m->day_count = merged;
  for (uint32_t i = 0; i < m->day_count; i++) {
    struct subject *subject = &m->subjects[m->days[i].subject];
    if (!subject->end) subject->first = i;
    subject->end = i + 1;
  }
}

struct heard_day {
  uint32_t reporter;
  int32_t day;
};

static int by_reporter(const void *a, const void *b) {
  const struct heard_day *x = a, *y = b;
  if (x->reporter != y->reporter) return x->reporter < y->reporter ? -1 : 1;
  return (x->day > y->day) - (x->day < y->day);
}

static void list_heard(struct incident_mail *m) {
  const struct history *h = m->h;
  _cleanup_free_ struct heard_day *days = mem_alloc((h->report_count + 1) * sizeof *days);
  uint32_t count = 0, kept = 0;
  for (uint32_t i = 0; i < h->report_count; i++)
    if (is_looked_at(m, &h->reports[i])) days[count++] = (struct heard_day){h->reports[i].reporter, h->reports[i].day};
  qsort(days, count, sizeof *days, by_reporter);
  m->heard = mem_alloc((count + 1) * sizeof *m->heard);
  m->heard_first = mem_zalloc((h->reporter_count + 1) * sizeof *m->heard_first);
  for (uint32_t i = 0; i < count; i++) {
    if (i && days[i].reporter == days[i - 1].reporter && days[i].day == days[i - 1].day) continue;
    if (days[i].day < m->first_heard) m->first_heard = days[i].day;
    m->heard[kept++] = days[i].day;
    m->heard_first[days[i].reporter + 1] = kept;
  }
  for (uint32_t i = 1; i <= h->reporter_count; i++)
    if (!m->heard_first[i]) m->heard_first[i] = m->heard_first[i - 1];
}

void incident_mail_read(struct incident_mail *m, const struct history *h, int32_t end_day) {
  *m = (struct incident_mail){
      .h = h, .begin_day = end_day - INCIDENT_MEMORY_DAYS, .end_day = end_day, .first_heard = INT32_MAX};
  hashmap_init(&m->index, sizeof(uint32_t));
  hashmap_init(&m->networks, sizeof(int32_t));
  hashmap_init(&m->sites, sizeof(int32_t));
  list_heard(m);
  note_signers(m);
  struct cells x = {.items = mem_alloc((history_cell_count(h) + 1) * sizeof *x.items)};
  for (uint32_t i = 0; i < history_cell_count(h); i++) read_cell(m, &x, i);
  read_records(m, &x);
  free(x.items);
  free(x.list);
  sort_days(m);
}

void incident_mail_clear(struct incident_mail *m) {
  free(m->subjects);
  free(m->days);
  free(m->heard);
  free(m->heard_first);
  hashmap_clear(&m->index);
  hashmap_clear(&m->networks);
  hashmap_clear(&m->sites);
}

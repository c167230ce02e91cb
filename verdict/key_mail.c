/* SPDX-License-Identifier: Apache-2.0 */
/* Own mail of the window by the key that it bears. A stream is all mail of a host that passes, or all that fails: where
 * several programs sign on one host, or one key has followed another, it bears several keys, and what is known of the
 * stream says nothing of each. So it is counted again from its records. */
#include <string.h>

#include "base/cleanup.h"
#include "verdict/judging.h"

struct stream_key {
  uint32_t stream, selector; /* numbers in the history */
};

/* With one key alone all of its mail is that key's. What counts of a dormant stream is no mail of the window. */
static bool bears_several_keys(const struct stream *s) {
  return s->selector_count > 1 && stream_is_own(s) && !s->dormant && s->window_messages > 0;
}

static bool is_counted_by_key(const struct judging *g, const struct stream *s) {
  return g->key_mail.count > 0 && bears_several_keys(s);
}

static bool any_bears_several_keys(const struct history *h) {
  for (uint32_t i = 0; i < h->stream_count; i++)
    if (bears_several_keys(&h->streams[i])) return true;
  return false;
}

/* `of_cells` by the number of the cell. */
static void add_report(const struct history *h, const struct seen_report *report, struct key_mail *of_cells) {
  const char *reporter = h->reporters[report->reporter];
  for (size_t r = report->first_record; r < report->end_record; r++) {
    bool passes;
    const struct stream *s = history_record_stream(h, r, &passes);
    if (!bears_several_keys(s) || (!passes && !history_record_fails(h, r))) continue;
    struct key_mail *x = &of_cells[h->records[r].cell];
    const int64_t count = h->records[r].count;
    x->messages += count;
    if (passes) continue;
    x->failing += count;
    if (s->is_excused && s->only_at == reporter) x->by_receiver += count;
  }
}

bool is_unnamed_key(const char *selector) { return !strcmp(strrchr(selector, '/'), "/?"); }

/* Who names no selector tells of one of the domain's that others name: of the main one in the stream. */
static uint32_t key_named(const struct history *h, const struct stream *s, uint32_t selector) {
  const char *text = h->selectors[selector];
  const struct selector_use *found = NULL;
  for (uint32_t k = 0; is_unnamed_key(text) && k < s->selector_count; k++) {
    const struct selector_use *use = &s->selectors[k];
    const char *other = h->selectors[use->selector];
    const size_t up_to_name = strlen(text) - 1;
    if (is_unnamed_key(other) || strncmp(other, text, up_to_name) != 0) continue;
    if (!found || use->passed + use->failed > found->passed + found->failed) found = use;
  }
  return found ? found->selector : selector;
}

static bool names_before(const struct seen_cell *cell, uint32_t at) {
  for (uint32_t i = 0; i < at; i++)
    if (cell->selectors[i] == cell->selectors[at]) return true;
  return false;
}

/* A message with two signatures is mail of both keys. */
static void add_cell(struct judging *g, uint32_t number, const struct key_mail *mail) {
  const struct seen_cell cell = history_cell(g->h, number);
  for (uint32_t i = 0; i < cell.selector_count; i++) {
    if (names_before(&cell, i)) continue;
    const uint32_t selector = key_named(g->h, cell.stream, cell.selectors[i]);
    const struct stream_key key = {(uint32_t)(cell.stream - g->h->streams), selector};
    struct key_mail *x = hashmap_put(&g->key_mail, &key, sizeof key, NULL);
    x->messages += mail->messages;
    x->failing += mail->failing;
    x->by_receiver += mail->by_receiver;
  }
}

void count_key_mail(struct judging *g) {
  const struct history *h = g->h;
  hashmap_init(&g->key_mail, sizeof(struct key_mail));
  if (!h->records || !any_bears_several_keys(h)) return; /* without records: of a history by hand */
  _cleanup_free_ struct key_mail *of_cells = mem_zalloc((history_cell_count(h) + 1) * sizeof *of_cells);
  for (uint32_t i = 0; i < h->report_count; i++)
    if (h->reports[i].day >= g->begin_day && h->reports[i].day <= g->end_day) add_report(h, &h->reports[i], of_cells);
  for (uint32_t i = 0; i < history_cell_count(h); i++)
    if (of_cells[i].messages) add_cell(g, i, &of_cells[i]);
}

static struct key_mail mail_of_key(const struct judging *g, const struct stream *s, const struct selector_use *use) {
  const struct stream_key key = {(uint32_t)(s - g->h->streams), use->selector};
  const struct key_mail *x = hashmap_get(&g->key_mail, &key, sizeof key);
  return x ? *x : (struct key_mail){0};
}

const struct selector_use *main_key(const struct judging *g, const struct stream *s, const int64_t *passed) {
  const struct selector_use *found = NULL;
  int64_t most = 0;
  for (uint32_t k = 0; k < s->selector_count; k++) {
    const struct selector_use *use = &s->selectors[k];
    const int64_t mail = is_counted_by_key(g, s) ? mail_of_key(g, s, use).messages : use->passed + use->failed;
    if ((passed && !passed[use->selector]) || (found && mail <= most)) continue;
    found = use;
    most = mail;
  }
  return found;
}

void each_key_mail(const struct judging *g, const struct stream *s, const int64_t *passed, key_mail_fn *fn,
                   void *user) {
  if (!is_counted_by_key(g, s)) {
    const struct key_mail all = {stream_judged(s), stream_failing(s), s->window_by_receiver};
    const struct selector_use *use = main_key(g, s, passed);
    if (use) fn(user, s, use->selector, &all);
    return;
  }
  for (uint32_t k = 0; k < s->selector_count; k++) {
    const struct selector_use *use = &s->selectors[k];
    const struct key_mail mail = mail_of_key(g, s, use);
    if (mail.messages && (!passed || passed[use->selector])) fn(user, s, use->selector, &mail);
  }
}

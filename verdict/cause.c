/* SPDX-License-Identifier: Apache-2.0 */
/* Why own mail fails: each cause has a repair of its own. What receivers could not check is counted apart before (see
 * struct stream_day), and has its cause where nothing else fails. */
#include "base/cleanup.h"
#include "verdict/judging.h"

const char *failure_cause_word(enum failure_cause c) {
  static const char *const WORDS[FAILURE_CAUSES] = {[CAUSE_NONE] = NULL,
                                                    [CAUSE_KEY] = "key",
                                                    [CAUSE_IN_TRANSIT] = "in_transit",
                                                    [CAUSE_UNSIGNED] = "unsigned",
                                                    [CAUSE_MISALIGNED] = "misaligned",
                                                    [CAUSE_RECEIVER_ONLY] = "receiver_only",
                                                    [CAUSE_RECEIVER_DNS] = "receiver_dns",
                                                    [CAUSE_MIXED] = "mixed"};
  return WORDS[c];
}

const char *failure_cause_repair(enum failure_cause c) {
  static const char *const REPAIRS[FAILURE_CAUSES] = {
      [CAUSE_NONE] = NULL,
      [CAUSE_KEY] = "check that the selector's key is published and is the one that signs",
      [CAUSE_IN_TRANSIT] = "find what changes the mail behind the signer, and sign last",
      [CAUSE_UNSIGNED] = "sign it with DKIM as your domain",
      [CAUSE_MISALIGNED] = "sign it with DKIM as your domain, or let it use your return path",
      [CAUSE_RECEIVER_ONLY] = "ask the operator of that receiver what changes the mail before it is checked",
      [CAUSE_RECEIVER_DNS] = "nothing to repair at the sender, unless several receivers had no answer on the same days",
      [CAUSE_MIXED] = "several causes: 'dmarcctl sources' tells them apart",
  };
  return REPAIRS[c];
}

/* `host` NULL: on any. */
struct selector_day {
  const char *host;
  uint32_t selector;
  int32_t day;
};

/* What each selector signed of own mail that passes, day by day, and each host: a key that works for others is no
 * broken key. */
struct signed_mail {
  struct hashmap of_days; /* struct selector_day -> int64_t */
  struct hashmap hosts;   /* set of struct interned: those with signatures that fail */
  bool *is_asked;         /* by the number of the selector: it fails somewhere */
};

static void add_signed(struct signed_mail *x, const struct stream *s, uint32_t selector, int32_t day,
                       int64_t messages) {
  const struct selector_day of_all = {NULL, selector, day}, of_host = {s->source.text, selector, day};
  if (!x->is_asked[selector] || !messages) return;
  *(int64_t *)hashmap_put(&x->of_days, &of_all, sizeof of_all, NULL) += messages;
  if (!hashmap_get(&x->hosts, &s->source, sizeof s->source)) return;
  *(int64_t *)hashmap_put(&x->of_days, &of_host, sizeof of_host, NULL) += messages;
}

static bool is_signed(const struct stream *s) { return s->kind == STREAM_SIGNED && stream_is_own(s); }

/* What names no key may be of any. */
static void add_stream(struct signed_mail *x, const struct history *h, const struct stream *s, bool unnamed_alone) {
  for (uint32_t k = 0; k < s->selector_count; k++) {
    if (!s->selectors[k].passed || !x->is_asked[s->selectors[k].selector]) continue;
    if (unnamed_alone && !is_unnamed_key(h->selectors[s->selectors[k].selector])) continue;
    for (uint32_t d = 0; d < s->day_count; d++)
      add_signed(x, s, s->selectors[k].selector, s->days[d].day, s->days[d].passed);
  }
}

/* Its days are those of several keys, of which one that fails elsewhere may have verified on none of them: it is
 * counted by its records. A history by hand has none. */
static bool is_counted_by_record(const struct signed_mail *x, const struct history *h, const struct stream *s) {
  if (!h->records || !is_signed(s) || s->selector_count < 2) return false;
  for (uint32_t k = 0; k < s->selector_count; k++)
    if (s->selectors[k].passed && x->is_asked[s->selectors[k].selector]) return true;
  return false;
}

static void add_record(struct signed_mail *x, const struct history *h, size_t record, int32_t day) {
  const struct seen_cell cell = history_cell(h, h->records[record].cell);
  for (uint32_t k = 0; k < cell.selector_count; k++)
    if (cell.selector_passed[k] && !is_unnamed_key(h->selectors[cell.selectors[k]]))
      add_signed(x, cell.stream, cell.selectors[k], day, h->records[record].count);
}

static void add_records(struct signed_mail *x, const struct history *h, const bool *is_counted) {
  for (uint32_t i = 0; i < h->report_count; i++)
    for (size_t r = h->reports[i].first_record; r < h->reports[i].end_record; r++) {
      bool passes;
      const struct stream *s = history_record_stream(h, r, &passes);
      if (passes && is_counted[s - h->streams]) add_record(x, h, r, h->reports[i].day);
    }
}

static void gather_signed(struct signed_mail *x, const struct history *h) {
  _cleanup_free_ bool *is_counted = mem_zalloc(h->stream_count + 1);
  bool any = false;
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const struct stream *s = &h->streams[i];
    any |= is_counted[i] = is_counted_by_record(x, h, s);
    if (is_signed(s)) add_stream(x, h, s, is_counted[i]);
  }
  if (any) add_records(x, h, is_counted);
}

static int64_t signed_on(const struct hashmap *signed_mail, const struct stream *s, const char *host, int32_t day) {
  int64_t passed = 0;
  for (uint32_t k = 0; k < s->selector_count; k++) {
    const struct selector_day key = {host, s->selectors[k].selector, day};
    const int64_t *of_day = hashmap_get(signed_mail, &key, sizeof key);
    if (of_day) passed += *of_day;
  }
  return passed;
}

static bool is_judged_on(const struct judging *g, const struct stream *s, int32_t day) {
  return s->dormant || day >= g->begin_day;
}

/* Of the stream's selectors, on the days on which it fails. */
static int64_t signed_beside(const struct hashmap *signed_mail, const struct stream *s, const struct judging *g) {
  int64_t passed = 0;
  for (uint32_t d = 0; d < s->day_count; d++)
    if (is_judged_on(g, s, s->days[d].day)) passed += signed_on(signed_mail, s, NULL, s->days[d].day);
  return passed;
}

/* Does the same host send intact mail with the same key on the days of most of what fails? Then the key is published,
 * and is the one that signs. */
static bool is_key_good(const struct hashmap *signed_mail, const struct stream *s, const struct judging *g) {
  int64_t messages = 0, beside = 0;
  for (uint32_t d = 0; d < s->day_count; d++) {
    const struct stream_day *day = &s->days[d];
    if (!is_judged_on(g, s, day->day)) continue;
    messages += day->messages;
    if ((double)signed_on(signed_mail, s, s->source.text, day->day) >= g->t->runs_least) beside += day->messages;
  }
  return 2 * beside > messages;
}

static bool verifies(const struct stream *s) {
  for (uint32_t k = 0; k < s->selector_count; k++)
    if (s->selectors[k].passed) return true;
  return false;
}

static bool has_failing_signature(const struct stream *s) {
  if (s->kind != STREAM_BROKEN && s->kind != STREAM_SPF) return false;
  return stream_is_own(s) && s->window_messages > 0 && s->selector_count > 0 && !verifies(s);
}

/* Where SPF lets mail pass, its signature is no less broken. */
static void judge_signature(const struct hashmap *signed_mail, struct stream *s, const struct judging *g) {
  s->signature_cause = CAUSE_NONE;
  s->key_verifies = false;
  if (!has_failing_signature(s)) return;
  const int64_t failing = s->kind == STREAM_BROKEN ? stream_failing(s) : stream_judged(s);
  const bool is_unread = 2 * s->permerrors > s->messages;
  s->key_verifies = signed_beside(signed_mail, s, g) > failing || is_key_good(signed_mail, s, g);
  s->signature_cause = s->key_verifies && !is_unread ? CAUSE_IN_TRANSIT : CAUSE_KEY;
}

static enum failure_cause cause_of(const struct stream *s) {
  if (!stream_is_own(s)) return CAUSE_NONE;
  if (stream_failing(s) <= 0) return s->window_unchecked > 0 ? CAUSE_RECEIVER_DNS : CAUSE_NONE;
  if (s->only_at) return CAUSE_RECEIVER_ONLY;
  if (s->kind == STREAM_NOTHING) return s->identity.text ? CAUSE_MISALIGNED : CAUSE_UNSIGNED;
  if (s->kind != STREAM_BROKEN) return CAUSE_MIXED; /* the receiver's word alone */
  if (verifies(s)) return CAUSE_MISALIGNED;         /* under strict alignment, of a domain beside it */
  return s->selector_count ? s->signature_cause : CAUSE_KEY;
}

static void note_asked(struct signed_mail *x, const struct stream *s) {
  hashmap_put(&x->hosts, &s->source, sizeof s->source, NULL);
  for (uint32_t k = 0; k < s->selector_count; k++) x->is_asked[s->selectors[k].selector] = true;
}

void find_causes(struct judging *g) {
  _cleanup_free_ bool *is_asked = mem_zalloc(g->h->selector_count + 1);
  struct signed_mail x = {.is_asked = is_asked};
  hashmap_init(&x.of_days, sizeof(int64_t));
  hashmap_init(&x.hosts, sizeof(bool));
  for (uint32_t i = 0; i < g->h->stream_count; i++)
    if (has_failing_signature(&g->h->streams[i])) note_asked(&x, &g->h->streams[i]);
  gather_signed(&x, g->h);
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    struct stream *s = &g->h->streams[i];
    judge_signature(&x.of_days, s, g);
    s->cause = cause_of(s);
  }
  hashmap_clear(&x.of_days);
  hashmap_clear(&x.hosts);
}

#define PLAIN_SHARE 0.8 /* of what fails, for one cause to speak for all of it: a word, no part of the verdict */

enum failure_cause main_cause(const int64_t failing[FAILURE_CAUSES]) {
  int64_t all = 0;
  enum failure_cause most = CAUSE_NONE;
  for (enum failure_cause c = CAUSE_NONE + 1; c < FAILURE_CAUSES; c++) {
    all += failing[c];
    if (failing[c] > failing[most]) most = c;
  }
  return all && (double)failing[most] < PLAIN_SHARE * (double)all ? CAUSE_MIXED : most;
}

/* --- of the window ------------------------------------------------------------------------------------------------ */

static bool has_mail_of(const struct stream_day *d, enum failure_cause c) {
  return c == CAUSE_RECEIVER_DNS ? d->unchecked > 0 : stream_day_failing(d) > 0;
}

static void add_to_cause(struct judging *g, struct site *site, const struct stream *s, enum failure_cause c,
                         int64_t messages) {
  struct cause_sum *sum = &g->j->causes[c];
  if (messages <= 0) return;
  sum->messages += messages;
  sum->sources += !site->is_of_cause[c];
  site->is_of_cause[c] = true;
  for (uint32_t d = 0; d < s->day_count; d++) {
    const int32_t day = s->days[d].day;
    if (day < g->begin_day || day > g->end_day || !has_mail_of(&s->days[d], c)) continue;
    if (!sum->last_day || day < sum->first_day) sum->first_day = day;
    if (!sum->last_day || day > sum->last_day) sum->last_day = day;
  }
  if (messages <= sum->of_largest) return;
  sum->of_largest = messages;
  sum->largest = s->service ? s->service->name : s->identity.text ? s->identity.text : s->site.text;
}

void add_to_causes(struct judging *g, struct site *site, const struct stream *s) {
  add_to_cause(g, site, s, s->cause, stream_failing(s));
  add_to_cause(g, site, s, CAUSE_RECEIVER_DNS, s->window_unchecked);
  site->unchecked += s->window_unchecked;
  if (s->window_unchecked > (site->worst_unchecked ? site->worst_unchecked->window_unchecked : 0))
    site->worst_unchecked = s;
}

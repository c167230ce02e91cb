/* SPDX-License-Identifier: Apache-2.0 */
/* Holds each message of the owner's against the bar for bulk senders, and adds up by source. */
#include "report/question_compliance.h"

#include <stdlib.h>
#include <string.h>

#include "base/alignment.h"
#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/utc.h"

/* --- receivers ---------------------------------------------------------------------------------------------------- */

static const char *const RECEIVER_NAMES[RECEIVERS] = {
    [RECEIVER_GOOGLE] = "Google", [RECEIVER_YAHOO] = "Yahoo", [RECEIVER_MICROSOFT] = "Microsoft"};

static const char *const RECEIVER_RULES[RECEIVERS] = {
    [RECEIVER_GOOGLE] =
        "over 5,000 messages a day to personal Gmail accounts since February 2024; who reached that once "
        "remains a bulk sender. Its reports count Workspace accounts too",
    [RECEIVER_YAHOO] = "bulk senders since February 2024, without a number of its own: 5,000 a day is taken here",
    [RECEIVER_MICROSOFT] = "over 5,000 messages a day to outlook.com, hotmail.com and live.com since May 2025",
};

/* The names under which they have reported. "Enterprise Outlook" is not among them: it speaks for Microsoft 365's
 * customers, to whose mailboxes the rule does not apply. AOL's mail is Yahoo's. */
static const struct {
  const char *org_name;
  enum compliance_receiver receiver;
} ORG_NAMES[] = {
    {"google.com", RECEIVER_GOOGLE},     {"Google Inc.", RECEIVER_GOOGLE},
    {"Google, Inc.", RECEIVER_GOOGLE},   {"Yahoo", RECEIVER_YAHOO},
    {"Yahoo Inc.", RECEIVER_YAHOO},      {"Yahoo! Inc.", RECEIVER_YAHOO},
    {"yahoo.com", RECEIVER_YAHOO},       {"AOL", RECEIVER_YAHOO},
    {"Outlook.com", RECEIVER_MICROSOFT}, {"Microsoft Corp.", RECEIVER_MICROSOFT},
    {"hotmail.com", RECEIVER_MICROSOFT}, {"Microsoft Corporation", RECEIVER_MICROSOFT},
};

enum compliance_receiver compliance_receiver_of(const char *org_name) {
  for (unsigned i = 0; org_name && i < ARRAY_SIZE(ORG_NAMES); i++)
    if (ascii_same(org_name, ORG_NAMES[i].org_name)) return ORG_NAMES[i].receiver;
  return RECEIVERS;
}

const char *compliance_receiver_name(enum compliance_receiver r) { return RECEIVER_NAMES[r]; }
const char *compliance_receiver_rule(enum compliance_receiver r) { return RECEIVER_RULES[r]; }

const char COMPLIANCE_NOT_VISIBLE[] =
    "Not visible in aggregate reports: one-click unsubscribe, the rate of spam complaints, TLS, forward and reverse "
    "DNS of the sending addresses.";

/* --- one message -------------------------------------------------------------------------------------------------- */

/* What a pattern says of its messages. */
struct bar {
  bool spf, dkim, aligned;
  bool misses[MISSES];
  const char *spf_domain; /* that failed; NULL */
};

struct compliance_fold {
  const struct report_filter *filter;
  const struct judgement_basis *basis;
  struct compliance c;
  struct arena *arena;
  struct bar *patterns;
  uint32_t pattern_capacity;
  struct hashmap by_name;   /* name -> number of a source */
  struct hashmap addresses; /* number, address -> nothing */
  struct hashmap streams;   /* struct stream * -> its number */
  struct hashmap days;      /* struct volume_day -> int64_t messages */
  uint32_t source_capacity;
  struct tallies *tallies; /* beside the sources */
  uint32_t tally_capacity;
  uint64_t report; /* number of the one at hand */
  enum compliance_receiver receiver;
};

struct volume_day {
  int32_t receiver, day;
};

struct tallies {
  int64_t by_class[CLASS_IGNORED + 1];
  int64_t spf_domain_messages; /* in favour of the source's spf_domain (majority vote) */
};

static void read_spf(const struct feedback_record *r, struct bar *b, const char **ret_failed) {
  bool said = false, helo = alignment_helo_counts(r);
  b->spf = is_word(r->spf.text, "pass"); /* aligned SPF is SPF, also where the result itself is left out */
  *ret_failed = NULL;
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    if (a->method != AUTH_SPF || (!helo && alignment_is_helo(a))) continue;
    if (is_word(a->result.text, "pass")) b->spf = true;
    if (!a->result.text || is_word(a->result.text, "none")) continue;
    said = true;
    if (!*ret_failed) *ret_failed = a->domain;
  }
  b->misses[MISS_SPF] = !b->spf && said;
  b->misses[MISS_SPF_SAID] = !b->spf && !said;
  if (b->spf) *ret_failed = NULL;
}

static void read_dkim(const struct feedback_record *r, struct bar *b) {
  bool is_signed = false;
  b->dkim = is_word(r->dkim.text, "pass");
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    if (a->method != AUTH_DKIM || is_word(a->result.text, "none")) continue;
    is_signed = true;
    if (is_word(a->result.text, "pass")) b->dkim = true;
  }
  b->misses[MISS_SIGNATURE] = !b->dkim && !is_signed;
  b->misses[MISS_DKIM] = !b->dkim && is_signed;
}

static void read_pattern(struct compliance_fold *f, const struct judged_mail *m) {
  const struct feedback_record *r = m->new_pattern;
  const char *failed;
  MEM_GROW(f->patterns, f->pattern_capacity, m->pattern);
  struct bar *b = &f->patterns[m->pattern];
  *b = (struct bar){.aligned = is_word(r->dkim.text, "pass") || is_word(r->spf.text, "pass")};
  read_spf(r, b, &failed);
  read_dkim(r, b);
  b->misses[MISS_ALIGNMENT] = !b->aligned;
  b->spf_domain = arena_strdup(f->arena, failed);
}

/* --- adding up ---------------------------------------------------------------------------------------------------- */

static bool is_judged(const struct stream *s) { return stream_is_own(s) || s->class == CLASS_UNDECIDED; }

static void add_mail(struct compliance_mail *mail, const struct bar *b, int64_t count) {
  mail->messages += count;
  if (b->spf) mail->spf += count;
  if (b->dkim) mail->dkim += count;
  if (b->aligned) mail->aligned += count;
  if (b->spf && b->dkim && b->aligned) mail->bulk += count;
  if (b->aligned && !(b->spf && b->dkim)) mail->short_of += count;
  for (int i = 0; i < MISSES; i++)
    if (b->misses[i]) mail->misses[i] += count;
}

static uint32_t source_number(struct compliance_fold *f, const struct stream *s) {
  bool is_new;
  uint32_t *known = hashmap_put(&f->streams, &s, sizeof s, &is_new);
  if (!is_new) return *known;
  const char *name = s->service ? s->service->name : s->source;
  uint32_t *number = hashmap_put(&f->by_name, name, strlen(name) + 1, &is_new);
  if (is_new) {
    struct compliance *c = &f->c;
    MEM_GROW(c->sources, f->source_capacity, c->source_count);
    MEM_GROW(f->tallies, f->tally_capacity, c->source_count);
    c->sources[c->source_count] = (struct compliance_source){.name = name, .service = s->service};
    f->tallies[c->source_count] = (struct tallies){0};
    *number = c->source_count++;
  }
  const struct {
    const char *address; /* texts of a history are equal where their pointers are */
    uint64_t source;
  } key = {s->source, *number};
  hashmap_put(&f->addresses, &key, sizeof key, &is_new);
  if (is_new) f->c.sources[*number].addresses++;
  return *known = *number;
}

/* Boyer and Moore's majority: one name is kept, whatever strangers write. */
static void vote_for_spf_domain(struct compliance_source *s, struct tallies *t, const char *domain, int64_t count) {
  if (!domain) return;
  if (s->spf_domain && !strcmp(s->spf_domain, domain)) {
    t->spf_domain_messages += count;
  } else if (!s->spf_domain || t->spf_domain_messages < count) {
    s->spf_domain = domain;
    t->spf_domain_messages = count;
  } else {
    t->spf_domain_messages -= count;
  }
}

static void add_to_source(struct compliance_fold *f, const struct judged_mail *m) {
  const struct bar *b = &f->patterns[m->pattern];
  uint32_t number = source_number(f, m->stream);
  struct compliance_source *s = &f->c.sources[number];
  struct tallies *t = &f->tallies[number];
  add_mail(&s->mail, b, m->count);
  add_mail(&f->c.mail, b, m->count);
  t->by_class[m->stream->class] += m->count;
  if (b->misses[MISS_SPF]) vote_for_spf_domain(s, t, b->spf_domain, m->count);
}

static void add_to_volume(struct compliance_fold *f, const struct judged_mail *m) {
  const unsigned no_day = FEEDBACK_PERIOD_LONG | FEEDBACK_PERIOD_REVERSED | FEEDBACK_PERIOD_UNREADABLE;
  if (f->report != m->report->number) {
    f->report = m->report->number;
    f->receiver = m->report->flags & no_day ? RECEIVERS : compliance_receiver_of(m->report->org_name);
  }
  if (f->receiver == RECEIVERS) return;
  const struct volume_day key = {(int32_t)f->receiver, m->day};
  *(int64_t *)hashmap_put(&f->days, &key, sizeof key, NULL) += m->count;
}

int compliance_fold_take(void *user, const struct judged_mail *m, struct err *e) {
  (void)e;
  struct compliance_fold *f = user;
  struct compliance *c = &f->c;
  int64_t begin_s = utc_from_day(m->day);
  if (m->new_pattern) read_pattern(f, m);
  if (c->begin_s == FILTER_OPEN_BEGIN) c->begin_s = begin_s; /* mail comes by its day */
  if (is_judged(m->stream)) add_to_volume(f, m);
  if (begin_s < c->begin_s || begin_s >= c->end_s) return 0;
  if (is_judged(m->stream))
    add_to_source(f, m);
  else if (m->stream->class == CLASS_FORWARDER || m->stream->class == CLASS_FORWARDER_MODIFIED)
    c->forwarded += m->count;
  else
    c->foreign += m->count;
  return 0;
}

/* --- one domain --------------------------------------------------------------------------------------------------- */

static void choose_class(struct compliance_source *s, const struct tallies *t) {
  for (int i = CLASS_OWN; i <= CLASS_IGNORED; i++)
    if (t->by_class[i] > t->by_class[s->class]) s->class = (enum stream_class)i;
}

static void sum_volumes(struct compliance_fold *f) {
  for (uint32_t i = 0; i < f->days.count; i++) {
    const struct volume_day *key = hashmap_key_at(&f->days, i, NULL);
    struct compliance_volume *v = &f->c.volumes[key->receiver];
    int64_t messages = *(int64_t *)hashmap_value_at(&f->days, i);
    v->days++;
    if (messages > v->most || v->days == 1) {
      v->most = messages;
      v->most_day = key->day;
    }
    if (messages <= COMPLIANCE_BULK_MESSAGES) continue;
    v->bulk_days++;
    if (key->day > v->last_bulk_day) v->last_bulk_day = key->day;
  }
}

static int by_messages(const void *a, const void *b) {
  const struct compliance_source *x = a, *y = b;
  if (x->mail.messages != y->mail.messages) return x->mail.messages < y->mail.messages ? 1 : -1;
  return strcmp(x->name, y->name);
}

static void choose_period(struct compliance_fold *f, const struct judgement *j) {
  const struct report_filter *filter = f->filter;
  bool given = filter->since_s != FILTER_OPEN_BEGIN || filter->until_s != FILTER_OPEN_END;
  /* Days are those on which reports begin: one that begins within the filter's first day counts in whole. */
  f->c.begin_s = !given                                 ? j->window_begin_s
                 : filter->since_s != FILTER_OPEN_BEGIN ? utc_day_begin(filter->since_s)
                                                        : FILTER_OPEN_BEGIN;
  f->c.end_s = j->window_end_s;
  if (filter->until_s < f->c.end_s) f->c.end_s = filter->until_s;
}

struct compliance_walk {
  const struct inquiry *q;
  compliance_fn *fn;
  void *user;
};

struct compliance_fold *compliance_fold_new(const struct report_filter *filter, const struct judgement *j) {
  struct compliance_fold *f = mem_alloc(sizeof *f);
  *f = (struct compliance_fold){.filter = filter, .c = {.judgement = j}, .arena = arena_new(16 * 1024)};
  hashmap_init(&f->by_name, sizeof(uint32_t));
  hashmap_init(&f->addresses, 0);
  hashmap_init(&f->streams, sizeof(uint32_t));
  hashmap_init(&f->days, sizeof(int64_t));
  choose_period(f, j);
  return f;
}

void compliance_fold_free(struct compliance_fold *f) {
  if (!f) return;
  free(f->c.sources);
  free(f->tallies);
  free(f->patterns);
  hashmap_clear(&f->by_name);
  hashmap_clear(&f->addresses);
  hashmap_clear(&f->streams);
  hashmap_clear(&f->days);
  arena_free(f->arena);
  free(f);
}

static void cleanup_fold(struct compliance_fold **f) { compliance_fold_free(*f); }

const struct compliance *compliance_fold_end(struct compliance_fold *f) {
  for (uint32_t i = 0; i < f->c.source_count; i++) choose_class(&f->c.sources[i], &f->tallies[i]);
  if (f->c.source_count) qsort(f->c.sources, f->c.source_count, sizeof *f->c.sources, by_messages);
  sum_volumes(f);
  return &f->c;
}

static int on_domain(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  const struct compliance_walk *w = user;
  _cleanup_(cleanup_fold) struct compliance_fold *f = compliance_fold_new(w->q->filter, j);
  int32_t last_day = utc_day_of(j->window_end_s) - 1;
  int code =
      judged_mail_each(w->q->store, w->q->filter, h, w->q->basis->before_s, last_day, compliance_fold_take, f, e);
  return code < 0 ? code : w->fn(w->user, compliance_fold_end(f), e);
}

int compliance_each(const struct inquiry *q, compliance_fn *fn, void *user, struct err *e) {
  struct compliance_walk w = {q, fn, user};
  return judge_each(q, on_domain, &w, e);
}

/* --- what is missing ---------------------------------------------------------------------------------------------- */

/* A miss that fewer messages have is no matter of how the source is set up (own). */
#define MISS_SHARE 0.01

static const char *const MISS_WORDS[MISSES] = {[MISS_SIGNATURE] = "no DKIM signature",
                                               [MISS_DKIM] = "DKIM fails",
                                               [MISS_SPF] = "SPF fails",
                                               [MISS_SPF_SAID] = "no SPF",
                                               [MISS_ALIGNMENT] = "not aligned"};

/* Those to speak of, largest first. Returns their number. */
static unsigned list_misses(const struct compliance_mail *mail, enum compliance_miss ret[MISSES]) {
  unsigned n = 0;
  for (int i = 0; i < MISSES; i++) {
    if (!mail->misses[i] || (double)mail->misses[i] < MISS_SHARE * (double)mail->messages) continue;
    unsigned at = n++;
    for (; at > 0 && mail->misses[ret[at - 1]] < mail->misses[i]; at--) ret[at] = ret[at - 1];
    ret[at] = (enum compliance_miss)i;
  }
  return n;
}

static void spell_repair(const struct compliance *c, const struct compliance_source *s, enum compliance_miss miss,
                         struct strbuf *out) {
  const char *domain = c->judgement->domain;
  switch (miss) {
    case MISS_ALIGNMENT:
      strbuf_printf(out, "let it sign with a key of %s, or use a return path of it", domain);
      break;
    case MISS_SIGNATURE:
      strbuf_printf(out, "sign its mail with DKIM as %s", domain);
      break;
    case MISS_DKIM:
      /* Where most verifies the key is there. */
      strbuf_add_text(out, s->mail.misses[MISS_DKIM] > s->mail.dkim
                               ? "publish the key it signs with, or find what changes its mail on the way"
                               : "find what changes a part of its mail after it was signed");
      break;
    case MISS_SPF:
      strbuf_printf(out, "authorise it in the SPF record of %s", s->spf_domain ? s->spf_domain : "its return path");
      break;
    case MISS_SPF_SAID:
      strbuf_add_text(out, "publish an SPF record for the domain of its return path");
      break;
    case MISSES:
      break;
  }
}

/* The catalogue knows best how to sign and align at a service. */
static bool is_services(enum compliance_miss miss) { return miss == MISS_ALIGNMENT || miss == MISS_SIGNATURE; }

void compliance_repair(const struct compliance *c, const struct compliance_source *source, struct strbuf *out) {
  enum compliance_miss misses[MISSES];
  const char *of_service = source->service ? source->service->repair : NULL;
  unsigned count = list_misses(&source->mail, misses);
  const char *between = "";
  bool told = false;
  for (unsigned i = 0; i < count; i++) {
    bool by_service = of_service && is_services(misses[i]);
    if (by_service && told) continue;
    strbuf_add_text(out, between);
    if (by_service)
      strbuf_add_text(out, of_service);
    else
      spell_repair(c, source, misses[i], out);
    told = told || by_service;
    between = "; ";
  }
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct column VOLUME_ROWS[] = {
    {"receiver", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"days", NULL, COLUMN_COUNT, 0, NULL, 0},
    {"bulk_days", NULL, COLUMN_COUNT, 0, NULL, 0},
    {"last_bulk_day", NULL, COLUMN_DAY, 0, NULL, 0},
    {"most_messages", NULL, COLUMN_COUNT, 0, NULL, 0},
    {"most_day", NULL, COLUMN_DAY, 0, NULL, 0},
};
#define VOLUME_COLUMNS ARRAY_SIZE(VOLUME_ROWS)

enum {
  SOURCE, POLICY_DOMAIN, MESSAGES, SPF_SHARE, DKIM_SHARE, ALIGNED_SHARE, BULK_SHARE, SHORT_OF, MISSING, CLASS,
  ADDRESSES, SERVICE, REPAIR, NO_SIGNATURE, DKIM_FAILS, SPF_FAILS, NO_SPF, NOT_ALIGNED, BEGIN_DAY, END_DAY, POLICY,
  FORWARDED, FOREIGN, BULK_DAYS, VOLUMES, COLUMNS_OF_COMPLIANCE
};

static const struct column COLUMNS[COLUMNS_OF_COMPLIANCE] = {
    [SOURCE] = {"source", NULL, COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    [POLICY_DOMAIN] = {"policy_domain", "domain", COLUMN_TEXT, 0, NULL, 0},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0, NULL, 0},
    [SPF_SHARE] = {"spf_pass_share", "SPF", COLUMN_SHARE, COLUMN_GOOD | COLUMN_DETAIL, NULL, 0},
    [DKIM_SHARE] = {"dkim_pass_share", "DKIM", COLUMN_SHARE, COLUMN_GOOD | COLUMN_DETAIL, NULL, 0},
    [ALIGNED_SHARE] = {"aligned_share", "aligned", COLUMN_SHARE, COLUMN_GOOD | COLUMN_DETAIL, NULL, 0},
    [BULK_SHARE] = {"bulk_pass_share", "all 3", COLUMN_SHARE, COLUMN_GOOD, NULL, 0},
    [SHORT_OF] = {"dmarc_pass_bulk_fail", "short", COLUMN_COUNT, 0, NULL, 0},
    [MISSING] = {"missing", NULL, COLUMN_WORDS, COLUMN_WRAP, NULL, 0},
    [CLASS] = {"class", NULL, COLUMN_TEXT, COLUMN_DETAIL, NULL, 0},
    [ADDRESSES] = {"addresses", NULL, COLUMN_COUNT, COLUMN_DETAIL, NULL, 0},
    [SERVICE] = {"service", NULL, COLUMN_TEXT, COLUMN_DATA, NULL, 0},
    [REPAIR] = {"repair", NULL, COLUMN_TEXT, COLUMN_DATA, NULL, 0},
    [NO_SIGNATURE] = {"no_dkim_signature", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [DKIM_FAILS] = {"dkim_fails", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [SPF_FAILS] = {"spf_fails", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [NO_SPF] = {"no_spf", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [NOT_ALIGNED] = {"not_aligned", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [BEGIN_DAY] = {"first_day", NULL, COLUMN_DAY, COLUMN_DATA, NULL, 0},
    [END_DAY] = {"last_day", NULL, COLUMN_DAY, COLUMN_DATA, NULL, 0},
    [POLICY] = {"policy", NULL, COLUMN_TEXT, COLUMN_DATA, NULL, 0},
    [FORWARDED] = {"domain_forwarded", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [FOREIGN] = {"domain_foreign", NULL, COLUMN_COUNT, COLUMN_DATA, NULL, 0},
    [BULK_DAYS] = {"domain_bulk_days", "bulk days", COLUMN_COUNT, COLUMN_DETAIL, NULL, 0},
    [VOLUMES] = {"domain_volumes", NULL, COLUMN_ROWS, COLUMN_DATA, VOLUME_ROWS, VOLUME_COLUMNS},
};
/* clang-format on */

#define EMPTY "No domain is stored that matches. 'dmarcctl import SOURCE...' brings reports in."
static const struct table TABLE = {"dmarcctl.compliance", 1, NULL, EMPTY, COLUMNS, COLUMNS_OF_COMPLIANCE};

static void fill_volume(const struct compliance_volume *v, enum compliance_receiver r, struct cell *cells) {
  const struct cell row[VOLUME_COLUMNS] = {
      cell_text(RECEIVER_NAMES[r]), cell_count(v->days),
      cell_count(v->bulk_days),     v->bulk_days ? cell_day(v->last_bulk_day) : cell_absent(),
      cell_count(v->most),          cell_day(v->most_day)};
  memcpy(cells, row, sizeof row);
}

/* On a day that two receivers count so much it is still one day: the largest figure of one. */
static unsigned fill_volumes(const struct compliance *c, struct cell *cells, uint32_t *ret_bulk_days) {
  unsigned rows = 0;
  *ret_bulk_days = 0;
  for (int r = 0; r < RECEIVERS; r++) {
    const struct compliance_volume *v = &c->volumes[r];
    if (!v->days) continue;
    fill_volume(v, (enum compliance_receiver)r, cells + rows++ * VOLUME_COLUMNS);
    if (v->bulk_days > *ret_bulk_days) *ret_bulk_days = v->bulk_days;
  }
  return rows;
}

static struct cell cell_part(int64_t part, const struct compliance_mail *mail) {
  return cell_share((double)part, (double)mail->messages);
}

static void fill_mail(const struct compliance_mail *mail, const char *words[MISSES], struct cell *cells) {
  enum compliance_miss misses[MISSES];
  unsigned count = list_misses(mail, misses);
  for (unsigned i = 0; i < count; i++) words[i] = MISS_WORDS[misses[i]];
  cells[MESSAGES] = cell_count(mail->messages);
  cells[SPF_SHARE] = cell_part(mail->spf, mail);
  cells[DKIM_SHARE] = cell_part(mail->dkim, mail);
  cells[ALIGNED_SHARE] = cell_part(mail->aligned, mail);
  cells[BULK_SHARE] = cell_part(mail->bulk, mail);
  cells[SHORT_OF] = cell_count(mail->short_of);
  cells[MISSING] = (struct cell){.present = true, .words = {words, count}};
  cells[NO_SIGNATURE] = cell_count(mail->misses[MISS_SIGNATURE]);
  cells[DKIM_FAILS] = cell_count(mail->misses[MISS_DKIM]);
  cells[SPF_FAILS] = cell_count(mail->misses[MISS_SPF]);
  cells[NO_SPF] = cell_count(mail->misses[MISS_SPF_SAID]);
  cells[NOT_ALIGNED] = cell_count(mail->misses[MISS_ALIGNMENT]);
}

/* `source` NULL: the row of a domain that has none. */
static int push_source(const struct compliance *c, const struct compliance_source *source, struct table_sink *sink,
                       struct err *e) {
  static const struct compliance_source NONE = {0};
  const struct compliance_source *s = source ? source : &NONE;
  const char *words[MISSES];
  struct cell volumes[RECEIVERS * VOLUME_COLUMNS];
  uint32_t bulk_days;
  _cleanup_strbuf_ struct strbuf repair = STRBUF_INIT;
  compliance_repair(c, s, &repair);
  struct cell cells[COLUMNS_OF_COMPLIANCE] = {
      [SOURCE] = cell_text(s->name),
      [POLICY_DOMAIN] = cell_text(c->judgement->domain),
      [CLASS] = cell_text(source ? stream_class_word(s->class) : NULL),
      [ADDRESSES] = cell_count(s->addresses),
      [SERVICE] = cell_text(s->service ? s->service->name : NULL),
      [REPAIR] = cell_text(repair.data),
      [BEGIN_DAY] = cell_time(c->begin_s),
      [END_DAY] = cell_last_day(c->begin_s, c->end_s),
      [POLICY] = cell_text(c->judgement->policy.p),
      [FORWARDED] = cell_count(c->forwarded),
      [FOREIGN] = cell_count(c->foreign),
      [VOLUMES] = {.present = true, .rows = {volumes, fill_volumes(c, volumes, &bulk_days)}},
  };
  cells[BULK_DAYS] = cell_count(bulk_days);
  fill_mail(&s->mail, words, cells);
  return sink->row(sink, cells, e);
}

static int push_rows(const struct compliance *c, struct table_sink *sink, struct err *e) {
  if (!c->source_count) return push_source(c, NULL, sink, e);
  int code = 0;
  for (uint32_t i = 0; i < c->source_count && !code; i++) code = push_source(c, &c->sources[i], sink, e);
  return code;
}

struct asking {
  struct table_sink *sink;
  bool begun;
};

/* Not before it is known that there are such reports: half a document would be no answer. */
static int begin_once(struct asking *a, struct err *e) {
  if (a->begun) return 0;
  a->begun = true;
  return a->sink->begin(a->sink, &TABLE, e);
}

static int push_domain(void *user, const struct compliance *c, struct err *e) {
  struct asking *a = user;
  int code = begin_once(a, e);
  return code < 0 ? code : push_rows(c, a->sink, e);
}

int question_compliance(const struct inquiry *q, struct table_sink *sink, struct err *e) {
  struct asking a = {sink, false};
  int code = compliance_each(q, push_domain, &a, e);
  if (!code) code = begin_once(&a, e);
  return code < 0 ? code : sink->end(sink, e);
}

int compliance_push_sources(const struct compliance *c, struct table_sink *sink, struct err *e) {
  struct column columns[COLUMNS_OF_COMPLIANCE]; /* the page is one domain's: it says the rest above the table */
  memcpy(columns, COLUMNS, sizeof COLUMNS);
  columns[POLICY_DOMAIN].flags = columns[BULK_DAYS].flags = COLUMN_DATA;
  const struct table table = {TABLE.name, TABLE.version, NULL, EMPTY, columns, COLUMNS_OF_COMPLIANCE};
  int code = sink->begin(sink, &table, e);
  if (!code) code = push_rows(c, sink, e);
  return code < 0 ? code : sink->end(sink, e);
}

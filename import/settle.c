/* SPDX-License-Identifier: Apache-2.0 */
/* Decides what a document is by its identity and content, and writes it. */
#include "import/settle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/hashmap.h"
#include "base/identity.h"
#include "base/provenance.h"
#include "base/utc.h"
#include "import/parts.h"
#include "import/twins.h"

/* A transaction ends after this much: long enough to be cheap, short enough that other importers get their turn and an
 * interruption costs little. */
#define COMMIT_RECORDS 250000
#define COMMIT_DOCUMENTS 20000
#define COMMIT_SECONDS 1.0

/* A reporter's clock may run ahead by time zones and a little more; beyond this its period is in the future. */
#define FUTURE_S (2 * UTC_DAY_S)

struct settler {
  struct local *local;
  struct store *store;
  bool dry_run;
  settle_tell_fn *tell;
  void *user;
  import_ours_fn *is_ours; /* NULL: all reports are */
  const void *ours;
  settle_input_fn *mail_end; /* NULL: inputs are files */
  void *mail_user;
  unsigned outcomes; /* of the input so far */
  struct settle_counts counts;
  /* dry run: what it would have stored */
  struct hashmap seen;       /* identity -> struct store_known */
  struct hashmap seen_parts; /* identity of a report -> struct report_parts, with those that are stored */
  struct twins *seen_twins;
  uint64_t seen_sources; /* in these: at most, for a source may have several records */
  /* the transaction */
  double begun;
  uint64_t documents_since, records_since;
  /* the document that comes in several parcels */
  bool storing;
  struct report_parts *compared; /* those of its report, if it is held against them since its first parcel; or NULL */
  part_bits sharing;             /* of them, those that have some of its sources */
  struct report_parts parts;     /* of the report of the document, unless in a dry run */
};

struct settler *settler_new(struct local *local, struct store *store, bool dry_run, settle_tell_fn *tell, void *user) {
  struct settler *s = mem_zalloc(sizeof *s);
  s->local = local;
  s->store = store;
  s->dry_run = dry_run;
  s->tell = tell;
  s->user = user;
  hashmap_init(&s->seen, sizeof(struct store_known));
  hashmap_init(&s->seen_parts, sizeof(struct report_parts));
  parts_init(&s->parts);
  if (dry_run) s->seen_twins = twins_new();
  return s;
}

void settler_free(struct settler *s) {
  if (!s) return;
  if (s->store && !s->dry_run) store_drop(s->store);
  if (s->local && !s->dry_run) local_abort(s->local);
  hashmap_clear(&s->seen);
  for (uint32_t i = 0; i < s->seen_parts.count; i++) parts_clear(hashmap_value_at(&s->seen_parts, i));
  hashmap_clear(&s->seen_parts);
  parts_clear(&s->parts);
  twins_free(s->seen_twins);
  free(s);
}

void settler_keep_out(struct settler *s, import_ours_fn *fn, const void *user) {
  s->is_ours = fn;
  s->ours = user;
}

void settler_watch_mails(struct settler *s, settle_input_fn *fn, void *user) {
  s->mail_end = fn;
  s->mail_user = user;
  s->outcomes = 0;
}

const struct settle_counts *settler_counts(const struct settler *s) { return &s->counts; }

void settle_counts_add(struct settle_counts *sum, const struct settle_counts *c) {
  sum->files += c->files;
  sum->mails += c->mails;
  sum->documents += c->documents;
  for (int i = 0; i < DOCUMENT_OUTCOMES; i++) sum->outcomes[i] += c->outcomes[i];
  sum->reports += c->reports;
  sum->records += c->records;
  if (__builtin_add_overflow(sum->messages, c->messages, &sum->messages)) sum->messages = INT64_MAX;
  sum->bytes += c->bytes;
  sum->unopened += c->unopened;
  sum->rejected_anew += c->rejected_anew;
  sum->told_before += c->told_before;
}

/* --- transactions ------------------------------------------------------------------------------------------------- */

static int ensure_transaction(struct settler *s, struct err *e) {
  if (s->dry_run || local_in_transaction(s->local)) return 0;
  s->begun = clock_now_s();
  s->documents_since = s->records_since = 0;
  return local_begin(s->local, e);
}

/* The reports first: nothing is told of a report that is not stored. */
static int commit(struct settler *s, struct err *e) {
  if (s->dry_run || !local_in_transaction(s->local)) return 0;
  int code = store_flush(s->store, e);
  return code < 0 ? code : local_commit(s->local, e);
}

static int commit_when_due(struct settler *s, struct err *e) {
  bool due = s->documents_since >= COMMIT_DOCUMENTS || s->records_since >= COMMIT_RECORDS ||
             clock_now_s() - s->begun > COMMIT_SECONDS;
  return due ? commit(s, e) : 0;
}

int settler_idle(void *settler, struct err *e) {
  struct settler *s = settler;
  return s->storing ? 0 : commit(s, e);
}

int settler_finish(struct settler *s, struct err *e) {
  if (s->storing) {
    s->storing = false;
    int code = store_stream_drop(s->store, e);
    if (code < 0) return code;
  }
  return commit(s, e);
}

/* --- identity ----------------------------------------------------------------------------------------------------- */

/* What the store knows of the report, or (in a dry run, which writes nothing) this run. What the run would have stored
 * comes first: it may have taken the place of a damaged copy in the store. */
static int find_known(struct settler *s, const struct identity *identity, struct store_known *ret, struct err *e) {
  const struct store_known *seen = s->dry_run ? hashmap_get(&s->seen, identity->bytes, IDENTITY_BYTES) : NULL;
  *ret = seen ? *seen : (struct store_known){0};
  return seen || !s->store ? 0 : store_ask_known(s->store, identity, 1, ret, e);
}

/* The parts of the report as they are known; of a dry run with those that it would have stored. */
static int find_parts(struct settler *s, const struct feedback_header *header, const struct identity *whole,
                      struct report_parts **ret, struct err *e) {
  bool is_new = true;
  if (s->dry_run) {
    *ret = hashmap_put(&s->seen_parts, whole->bytes, IDENTITY_BYTES, &is_new);
    if (is_new) parts_init(*ret);
  } else {
    parts_clear(&s->parts);
    parts_init(&s->parts);
    *ret = &s->parts;
  }
  return is_new && s->store ? parts_read(*ret, s->store, header, whole, e) : 0;
}

static struct store_known known_of(const struct parcel *p) {
  struct store_known known = {.is_known = true,
                              .damaged = p->header.flags & FEEDBACK_DAMAGED,
                              .empty = p->header.flags & FEEDBACK_NO_RECORDS,
                              .provenance = p->header.provenance};
  memcpy(known.content, p->header.content, sizeof known.content);
  memcpy(known.digest, p->outcome.digest, sizeof known.digest);
  return known;
}

/* --- one document ------------------------------------------------------------------------------------------------- */

struct decision {
  enum document_outcome outcome;
  bool replaces;              /* the stored copy makes way: see why_better */
  struct report_parts *parts; /* of the report, where one is known */
  part_bits others;           /* of them, those that make way as well */
  bool vouches;               /* the same is stored, and this mail proves more of it */
  struct identity identity;   /* of what is a report */
  struct store_known known;
  const char *reason;
  char text[2 * ERR_TEXT_BYTES]; /* of a reason that says two things */
  bool remarked;                 /* the reason is told though the report is new */
  bool forgotten;                /* its report was pruned */
  bool told_before;
};

/* Nobody would miss such a report: questions about a period, and the verdict, leave it out. */
static const char PERIOD_UNREADABLE[] = "period unreadable";
static const char RESULTS_CUT[] = "a record has more results than are kept: what is not seen to be aligned is unknown";

/* What is told of a report that is stored all the same. */
static const char *remark_on(const struct feedback_header *h) {
  if (h->flags & FEEDBACK_PERIOD_UNREADABLE) return PERIOD_UNREADABLE;
  return h->flags & FEEDBACK_RESULTS_CUT ? RESULTS_CUT : NULL;
}

/* However its records are ordered and its reporter's name is written. */
static bool says_the_same(const struct store_known *known, const struct parcel *p) {
  if (!memcmp(known->digest, p->outcome.digest, sizeof known->digest)) return true;
  return !digest_is_none(known->content) && !memcmp(known->content, p->header.content, sizeof known->content);
}

static bool is_damaged(const struct parcel *p) { return p->header.flags & FEEDBACK_DAMAGED; }
static bool is_empty(const struct parcel *p) { return p->header.flags & FEEDBACK_NO_RECORDS; }

/* Does the mail say more of the reporter than what is known of the stored copy? What nobody judged is known no better
 * by a copy from a file. */
static bool vouches(const struct store_known *known, const struct parcel *p) {
  if (p->header.provenance == PROVENANCE_NOT_JUDGED) return false;
  return known->provenance == PROVENANCE_NOT_JUDGED ||
         provenance_rank(p->header.provenance) > provenance_rank(known->provenance);
}

/* Why the stored copy makes way, if its content is another or it is marked as damaged and this one is not; NULL: it
 * stays. What the reporter's own mail brought never makes way for what anybody may have sent, and takes its place
 * whichever came first. */
static const char *why_better(const struct store_known *known, const struct parcel *p) {
  int is = provenance_rank(p->header.provenance), was = provenance_rank(known->provenance);
  if (is > was) return "takes the place of a copy that its mail did not prove";
  if (is < was || (is_empty(p) && !known->empty)) return NULL;
  if (known->damaged && !is_damaged(p)) return "takes the place of a damaged copy";
  return known->empty && !is_empty(p) ? "takes the place of a copy without records" : NULL;
}

static const char *why_conflicting(const struct store_known *known, const struct parcel *p) {
  if (provenance_rank(p->header.provenance) < provenance_rank(known->provenance))
    return "the same report with other content is stored already; that one is kept, for its mail proves more";
  if (p->header.provenance == PROVENANCE_UNPROVEN || p->header.provenance == PROVENANCE_CONTRADICTED)
    return "the same report with other content is stored already, and no mail proves either; the first was kept";
  return "the same report with other content is stored already; the first was kept";
}

/* Less than what is stored, and no better proven: nothing is missed. */
static bool adds_nothing(const struct store_known *known, const struct parcel *p) {
  return is_empty(p) && !known->empty && !why_better(known, p);
}

/* What is wrong with the one that comes is told too. */
static void say_it_replaces(const struct parcel *p, const char *better, struct decision *d) {
  const char *remark = remark_on(&p->header), *wrong = *p->text ? p->text : remark;
  d->replaces = true;
  d->remarked = remark;
  if (wrong) snprintf(d->text, sizeof d->text, "%s; %s", wrong, better);
  d->reason = wrong ? d->text : better;
}

static void decide_new(const struct parcel *p, struct decision *d) {
  d->outcome = is_damaged(p) ? DOCUMENT_DAMAGED : DOCUMENT_NEW;
  if (!d->reason && is_empty(p)) d->reason = "holds no record";
  if (!d->reason && (d->reason = remark_on(&p->header))) d->remarked = true;
}

/* A mark of damage goes where the whole document turns up, though it says the same. */
static bool is_copy(const struct store_known *known, const struct parcel *p) {
  const bool is_mended = known->damaged && !is_damaged(p) && why_better(known, p);
  return says_the_same(known, p) && !is_mended;
}

static void decide_copy(const struct parcel *p, struct decision *d) {
  d->outcome = DOCUMENT_DUPLICATE;
  d->reason = NULL;
  d->vouches = vouches(&d->known, p);
}

/* Of a pruned report nothing is left to hold a document against: a copy, a correction, another part or a twin of it is
 * of the past that was given up. It leaves no trace, for that would be back each time the same folder is imported. */
static void decide_forgotten(struct decision *d) {
  d->outcome = DOCUMENT_DUPLICATE;
  d->reason = NULL;
  d->vouches = false;
  d->forgotten = true;
}

/* Those that a document cannot stand beside: they speak of its sources, or nobody knows whether they do. */
static part_bits find_rivals(const struct settler *s, const struct report_parts *parts, const struct parcel *p) {
  const bool is_compared = p->begins || parts == s->compared;
  const bool may_be_part = is_compared && !is_damaged(p) && !is_empty(p) && !parts->is_full;
  const part_bits sharing = may_be_part ? parts_sharing(parts, p->records, p->record_count) | s->sharing : 0;
  part_bits rivals = 0;
  for (unsigned i = 0; i < parts->count; i++) {
    const struct store_known *known = &parts->items[i].known;
    const bool is_rival = !may_be_part || known->damaged || known->empty || sharing >> i & 1;
    if (known->is_known && is_rival) rivals |= (part_bits)1 << i;
  }
  return rivals;
}

static void decide_part(const struct parcel *p, const struct identity *whole, struct decision *d) {
  d->identity = identity_of_part(whole, digest_is_none(p->header.content) ? p->outcome.digest : p->header.content);
  d->known = (struct store_known){0};
  decide_new(p, d);
  if (!d->reason) d->reason = "another part of a report of which one is stored: no source is in both";
}

/* All rivals make way, or none. */
static void decide_rival(const struct report_parts *parts, part_bits rivals, const struct parcel *p,
                         struct decision *d) {
  const unsigned first = (unsigned)__builtin_ctz(rivals);
  for (part_bits rest = rivals; rest; rest &= rest - 1) {
    const struct store_known *known = &parts->items[__builtin_ctz(rest)].known;
    if (why_better(known, p)) continue;
    d->known = *known;
    d->outcome = adds_nothing(known, p) ? DOCUMENT_DUPLICATE : DOCUMENT_CONFLICTING;
    d->reason = d->outcome == DOCUMENT_CONFLICTING ? why_conflicting(known, p) : NULL;
    return;
  }
  d->outcome = is_damaged(p) ? DOCUMENT_DAMAGED : DOCUMENT_NEW;
  d->identity = parts->items[first].identity;
  d->known = parts->items[first].known;
  d->others = rivals & (rivals - 1);
  say_it_replaces(p, why_better(&d->known, p), d);
}

/* What a large document was held against, or what is known of its report now. */
static int parts_of_document(struct settler *s, const struct parcel *p, const struct identity *whole,
                             struct report_parts **ret, struct err *e) {
  *ret = s->compared;
  if (!p->begins && s->compared && (s->storing || s->dry_run)) return 0;
  s->compared = NULL;
  return find_parts(s, &p->header, whole, ret, e);
}

/* A report of which something is known. */
static int decide_known(struct settler *s, const struct parcel *p, struct decision *d, struct err *e) {
  const struct identity whole = d->identity;
  if (d->known.pruned) {
    decide_forgotten(d);
    return 0;
  }
  if (is_copy(&d->known, p)) {
    decide_copy(p, d);
    return 0;
  }
  int code = parts_of_document(s, p, &whole, &d->parts, e);
  if (code < 0) return code;
  for (unsigned i = 0; i < d->parts->count; i++) {
    const struct part *part = &d->parts->items[i];
    if (!part->known.is_known || !is_copy(&part->known, p)) continue;
    d->identity = part->identity;
    d->known = part->known;
    decide_copy(p, d);
    return 0;
  }
  const part_bits rivals = find_rivals(s, d->parts, p);
  if (rivals)
    decide_rival(d->parts, rivals, p, d);
  else
    decide_part(p, &whole, d);
  return 0;
}

/* The same under another report_id is counted once, and told. */
static int decide_twin(struct settler *s, const struct parcel *p, struct decision *d, struct err *e) {
  struct twin twin;
  int code = twins_find(s->store, s->seen_twins, &p->header, &twin, e);
  if (code < 0 || !twin.is_found) return code;
  d->known = (struct store_known){.is_known = true, .report = twin.report, .provenance = twin.provenance};
  decide_copy(p, d);
  if (twin.pruned) {
    decide_forgotten(d);
    return 0;
  }
  snprintf(d->text, sizeof d->text,
           "the report \"%s\" of the same days says the same, which is counted once: it came under another report_id",
           twin.report_id);
  d->reason = d->text;
  return 0;
}

static bool is_ours(const struct settler *s, const struct feedback_header *h) {
  return !s->is_ours || s->is_ours(s->ours, h->policy_domain);
}

/* Nothing that is known of such reports is looked at: whoever names his domains later finds what he had. */
static void decide_not_ours(const struct parcel *p, struct decision *d) {
  d->outcome = DOCUMENT_NOT_OURS;
  snprintf(d->text, sizeof d->text, "about %s, whose reports are not to be taken (see --domains)",
           p->header.policy_domain ? p->header.policy_domain : "no policy domain");
  d->reason = d->text;
}

static int decide(struct settler *s, const struct parcel *p, struct decision *d, struct err *e) {
  *d = (struct decision){.reason = *p->text ? p->text : NULL};
  if (p->code < 0) {
    d->outcome = p->code == ERR_NO_REPORT ? DOCUMENT_NO_REPORT : DOCUMENT_REJECTED;
    return 0;
  }
  if (!is_ours(s, &p->header)) {
    decide_not_ours(p, d);
    return 0;
  }
  d->identity = identity_of_report(&p->header, p->outcome.digest);
  int code = find_known(s, &d->identity, &d->known, e);
  if (code < 0) return code;
  if (d->known.is_known) return decide_known(s, p, d, e);
  decide_new(p, d);
  return decide_twin(s, p, d, e);
}

#define MOST_SEEN_SOURCES 1000000 /* of a dry run: 80 MiB; what comes later may be called conflicting for a part */

/* What a dry run would have stored. */
static int remember(struct settler *s, const struct parcel *p, const struct decision *d, struct err *e) {
  const struct identity whole = identity_of_report(&p->header, p->outcome.digest);
  const struct store_known known = known_of(p);
  struct report_parts *parts;
  twins_put(s->seen_twins, &p->header);
  *(struct store_known *)hashmap_put(&s->seen, d->identity.bytes, IDENTITY_BYTES, NULL) = known;
  int code = find_parts(s, &p->header, &whole, &parts, e);
  if (code < 0) return code;
  for (part_bits rest = d->others; rest; rest &= rest - 1) parts_drop(parts, (unsigned)__builtin_ctz(rest));
  const unsigned part = parts_put(parts, &d->identity, &known);
  s->seen_sources += p->outcome.records;
  parts->is_full |= s->seen_sources > MOST_SEEN_SOURCES || (!p->begins && !s->compared);
  if (!parts->is_full) parts_put_sources(parts, COMING_PART, p->records, p->record_count);
  parts_settle_sources(parts, part);
  return 0;
}

static bool is_kept(enum document_outcome outcome) { return outcome == DOCUMENT_NEW || outcome == DOCUMENT_DAMAGED; }

static int add_to_stream(struct settler *s, const struct parcel *p, struct err *e) {
  s->records_since += p->record_count;
  return store_stream_add(s->store, p->records, p->record_count, e);
}

static int put_whole(struct settler *s, const struct parcel *p, const struct store_entry *entry, int64_t *ret_report,
                     struct err *e) {
  s->records_since += p->record_count;
  return store_put(s->store, entry, p->records, p->record_count, ret_report, e);
}

static int end_stream(struct settler *s, const struct parcel *p, const struct store_entry *entry, bool kept,
                      int64_t *ret_report, struct err *e) {
  s->storing = false;
  int code = add_to_stream(s, p, e);
  if (code < 0) return code;
  return kept ? store_stream_keep(s->store, entry, ret_report, e) : store_stream_drop(s->store, e);
}

/* Parts whose place was taken by one document. */
static int remove_others(struct settler *s, const struct decision *d, struct err *e) {
  int code = 0;
  for (part_bits rest = d->others; rest && !code; rest &= rest - 1) {
    const int64_t report = d->parts->items[__builtin_ctz(rest)].known.report;
    code = ledger_unlink(s->local, report, e);
    if (!code) code = store_remove(s->store, report, e);
  }
  return code;
}

/* Brings the store in line with the decision: what came is kept, or undone. */
static int write_report(struct settler *s, const struct parcel *p, const struct decision *d, int64_t *ret_report,
                        struct err *e) {
  const struct store_entry entry = {.identity = d->identity, .header = &p->header, .digest = p->outcome.digest};
  const bool kept = is_kept(d->outcome);
  *ret_report = d->known.report;
  int code = d->replaces ? ledger_unlink(s->local, d->known.report, e) : 0;
  if (code < 0 || (!kept && !s->storing)) return code;
  code = p->begins ? put_whole(s, p, &entry, ret_report, e) : end_stream(s, p, &entry, kept, ret_report, e);
  return code < 0 ? code : remove_others(s, d, e);
}

static struct ledger_line line_of(const struct parcel *p, const struct decision *d, int64_t report) {
  struct ledger_line line = {.origin = p->origin,
                             .outcome = d->outcome,
                             .reason = d->reason,
                             .bytes = p->outcome.bytes,
                             .records = p->outcome.records,
                             .report = report,
                             .seen_s = utc_now(),
                             .kind = p->code < 0 ? REPORT_NONE : p->kind};
  memcpy(line.digest, p->outcome.digest, sizeof line.digest);
  return line;
}

static int write_ledger(struct settler *s, const struct parcel *p, const struct decision *d, int64_t report,
                        struct err *e) {
  /* Of a source that could not be opened no document was seen. */
  if (!*p->origin || d->forgotten) return 0;
  struct ledger_line line = line_of(p, d, report);
  return ledger_add(s->local, &line, e);
}

/* A folder that is imported every night makes the same trouble every night: it is told once, and stays in the ledger.
 * What cannot be read for a reason that lies here is told as long as it lasts. A mail of a mailbox is read again only
 * where somebody asks for it, who wants to know. */
static int ask_told_before(struct settler *s, const struct parcel *p, struct decision *d, struct err *e) {
  const bool is_twin = d->outcome == DOCUMENT_DUPLICATE && d->reason;
  bool lasts = is_twin || d->outcome == DOCUMENT_CONFLICTING || d->outcome == DOCUMENT_NOT_OURS ||
               (d->outcome == DOCUMENT_REJECTED && p->code != ERR_IO);
  if (!lasts || !s->local || !*p->origin || s->mail_end) return 0;
  struct ledger_line line = line_of(p, d, d->known.report);
  int code = ledger_knows(s->local, &line, e);
  d->told_before = code == 1;
  return code < 0 ? code : 0;
}

/* What is known already may be known as damaged too: then the mail still holds more than the store does. */
static enum document_outcome outcome_for_mail(const struct parcel *p, const struct decision *d) {
  bool here = d->outcome == DOCUMENT_NEW || d->outcome == DOCUMENT_DUPLICATE;
  bool whole = !(p->header.flags & (FEEDBACK_DAMAGED | FEEDBACK_PERIOD_UNREADABLE));
  return here && !whole ? DOCUMENT_DAMAGED : d->outcome;
}

static void count(struct settler *s, const struct parcel *p, const struct decision *d) {
  s->counts.documents++;
  s->counts.outcomes[d->outcome]++;
  s->outcomes |= 1u << outcome_for_mail(p, d);
  s->counts.bytes += p->outcome.bytes;
  if (p->code == ERR_IO) s->counts.unopened++;
  if (is_kept(d->outcome)) {
    s->counts.reports++;
    s->counts.records += p->outcome.records;
    s->counts.messages += p->outcome.messages;
  }
  if (d->outcome == DOCUMENT_REJECTED && !d->told_before) s->counts.rejected_anew++;
  if (d->told_before) {
    s->counts.told_before += d->outcome != DOCUMENT_DUPLICATE && d->outcome != DOCUMENT_NOT_OURS;
    return;
  }
  if (d->reason && (d->outcome != DOCUMENT_NEW || d->remarked)) s->tell(s->user, d->outcome, p->origin, d->reason);
}

static int end_document(struct settler *s, struct parcel *p, struct err *e) {
  struct decision d;
  if (!p->code && p->header.end_s != FEEDBACK_TIME_UNKNOWN && p->header.end_s > utc_now() + FUTURE_S)
    p->header.flags |= FEEDBACK_PERIOD_FUTURE;
  int code = decide(s, p, &d, e);
  if (!code) code = ask_told_before(s, p, &d, e);
  if (code < 0) return code;
  if (s->dry_run) {
    code = is_kept(d.outcome) ? remember(s, p, &d, e) : 0;
    if (!code && !is_kept(d.outcome) && s->compared) parts_settle_sources(s->compared, MOST_PARTS);
    if (code < 0) return code;
  } else {
    int64_t report;
    code = write_report(s, p, &d, &report, e);
    if (!code && d.vouches) code = store_set_provenance(s->store, report, &p->header, e);
    if (!code) code = write_ledger(s, p, &d, report, e);
    if (code < 0) return err_prefix(e, code, "%s", p->origin);
  }
  count(s, p, &d);
  s->documents_since++;
  s->compared = NULL;
  s->sharing = 0;
  return 0;
}

static void compare(struct settler *s, const struct parcel *p) {
  if (!s->compared || p->begins) return;
  s->sharing |= parts_sharing(s->compared, p->records, p->record_count);
  if (s->dry_run && !p->ends && !s->compared->is_full)
    parts_put_sources(s->compared, COMING_PART, p->records, p->record_count);
}

/* Is it a copy of a sound part, or in conflict with one, and no better proven? */
static bool is_settled(const struct settler *s, const struct parcel *p) {
  for (unsigned i = 0; s->compared && i < s->compared->count; i++) {
    const struct store_known *known = &s->compared->items[i].known;
    const bool is_rival = s->compared->is_full || s->sharing >> i & 1;
    if (known->pruned) return true;
    if (is_rival && known->is_known && !known->damaged && !known->empty &&
        provenance_rank(p->header.provenance) <= provenance_rank(known->provenance))
      return true;
  }
  return false;
}

/* A document larger than a parcel: its records are stored before its end is known, unless its header and its first
 * records already tell that a sound copy of the report is there, as well proven. */
static int begin_large(struct settler *s, const struct parcel *p, struct err *e) {
  int code = 0;
  s->compared = NULL;
  s->sharing = 0;
  if (p->header_known && identity_is_in_header(&p->header)) {
    const struct identity whole = identity_of_report(&p->header, NULL);
    code = find_parts(s, &p->header, &whole, &s->compared, e);
    if (code < 0) return code;
    s->sharing = parts_sharing(s->compared, p->records, p->record_count);
    if (s->dry_run && !s->compared->is_full) parts_put_sources(s->compared, COMING_PART, p->records, p->record_count);
  }
  const bool is_foreign = p->header_known && p->header.policy_domain && !is_ours(s, &p->header);
  if (s->dry_run || is_foreign || is_settled(s, p)) return 0;
  code = store_stream_begin(s->store, e);
  if (!code) s->storing = true;
  return code;
}

static int take_document(struct settler *s, struct parcel *p, struct err *e) {
  if (!p->begins && !p->ends && !p->record_count) return 0; /* an input of which nothing was told */
  if (s->mail_end && p->ends && p->code == ERR_IO) return err_set(e, ERR_IO, "%s: %s", p->origin, p->text);
  int code = ensure_transaction(s, e);
  compare(s, p);
  if (!code && p->begins && !p->ends) code = begin_large(s, p, e);
  if (!code && p->ends) return end_document(s, p, e);
  return !code && s->storing ? add_to_stream(s, p, e) : code;
}

static int end_input(struct settler *s, const struct parcel *p, struct err *e) {
  unsigned outcomes = s->outcomes;
  s->outcomes = 0;
  if (!s->mail_end) {
    s->counts.files++;
    return 0;
  }
  s->counts.mails++;
  int code = ensure_transaction(s, e);
  return !code && !s->dry_run ? s->mail_end(s->mail_user, p->input, outcomes, e) : code;
}

int settler_take(void *settler, struct parcel *p, struct err *e) {
  struct settler *s = settler;
  int code = take_document(s, p, e);
  if (!code && p->file_ends) code = end_input(s, p, e);
  return !code && (p->ends || p->file_ends) ? commit_when_due(s, e) : code;
}

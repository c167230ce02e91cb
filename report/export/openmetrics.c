/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics for Prometheus: what readiness says of each domain, and what is stored. Made for the textfile collector of
 * node_exporter, which reads Prometheus's older text format: hence no stateset, no info and no counter, whose spelling
 * differs between the two; UNIT and EOF are comments to it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "local/ledger.h"
#include "report/export/export.h"
#include "report/status.h"
#include "table/escape.h"
#include "table/render.h"
#include "verdict/judged_mail.h"

#define CLASSES (CLASS_IGNORED + 1)

/* No name of a domain: has a blank and brackets. */
#define OTHER_DOMAINS "(other domains)"

enum family {
  MESSAGES,
  OWN_PASS,
  OWN_FAILING,
  OWN_UNCHECKED,
  VERDICT,
  POLICY,
  GATE_FIGURE,
  GATE_LIMIT,
  GATE_OK,
  BLOCKERS,
  WINDOW_BEGIN,
  WINDOW_END,
  NEWEST_REPORT,
  DOMAINS,
  REPORTS,
  RECORDS,
  DOCUMENTS,
  LAST_IMPORT,
  NEWEST_ENDED,
  MAILBOX_READ,
  MAILBOX_SUCCESS,
  MAILBOX_FAILED_NOW,
  MAILBOX_PENDING,
  FAMILIES
};

/* The unit is the end of the name; NULL: a number without one. */
static const struct {
  const char *name, *unit, *help;
} FAMILY[FAMILIES] = {
    [MESSAGES] = {"dmarcctl_messages", "messages",
                  "Messages in the judged window, by class of the source, and as the receivers evaluated them."},
    [OWN_PASS] = {"dmarcctl_own_pass_ratio", "ratio", "Share of own mail in the judged window that passes DMARC."},
    [OWN_FAILING] = {"dmarcctl_own_failing_messages", "messages",
                     "Messages of own mail in the judged window that fail, by cause."},
    [OWN_UNCHECKED] = {"dmarcctl_own_unchecked_messages", "messages",
                       "Messages of own mail in it that receivers could not check: the DNS gave no answer."},
    [VERDICT] = {"dmarcctl_verdict", NULL, "May the policy move? 1 for the verdict that holds, 0 for the others."},
    [POLICY] = {"dmarcctl_policy", NULL, "The policy in the newest report: 1 for the one in force, 0 for the others."},
    [GATE_FIGURE] = {"dmarcctl_gate_figure", NULL, "What a gate of the verdict measured, in the unit of its label."},
    [GATE_LIMIT] = {"dmarcctl_gate_limit", NULL, "What the gate asks for, in the same unit."},
    [GATE_OK] = {"dmarcctl_gate_ok", NULL, "1 where the gate holds, 0 where it blocks the next step."},
    [BLOCKERS] = {"dmarcctl_blocking_sources", NULL, "Sources that keep a gate from holding."},
    [WINDOW_BEGIN] = {"dmarcctl_window_begin_timestamp_seconds", "seconds", "First second of the judged window."},
    [WINDOW_END] = {"dmarcctl_window_end_timestamp_seconds", "seconds", "First second behind the judged window."},
    [NEWEST_REPORT] = {"dmarcctl_newest_report_timestamp_seconds", "seconds",
                       "End of the period of the newest report."},
    [DOMAINS] = {"dmarcctl_domains", "domains", "Policy domains with this verdict."},
    [REPORTS] = {"dmarcctl_stored_reports", "reports", "Reports in the database."},
    [RECORDS] = {"dmarcctl_stored_records", "records", "Records in the database."},
    [DOCUMENTS] = {"dmarcctl_documents", "documents", "Documents that imports met, by what became of them."},
    [LAST_IMPORT] = {"dmarcctl_last_import_timestamp_seconds", "seconds",
                     "When the report that was stored last was imported."},
    [NEWEST_ENDED] = {"dmarcctl_newest_ended_report_timestamp_seconds", "seconds",
                      "End of the period of the newest report of any domain that has ended by now."},
    [MAILBOX_READ] = {"dmarcctl_mailbox_last_read_timestamp_seconds", "seconds",
                      "When a folder of a mail server was tried last."},
    [MAILBOX_SUCCESS] = {"dmarcctl_mailbox_last_success_timestamp_seconds", "seconds",
                         "When it was last read to its end."},
    [MAILBOX_FAILED_NOW] = {"dmarcctl_mailbox_failed", NULL, "1 where the last try failed, else 0."},
    [MAILBOX_PENDING] = {"dmarcctl_mailbox_pending_uids", "uids",
                         "UIDs that the server had given and that were not read."},
};

struct messages {
  int64_t sums[CLASSES][RECORD_OUTCOMES][RECORD_DISPOSITIONS];
};

struct metrics {
  const struct inquiry *q;
  struct strbuf samples[FAMILIES]; /* a family stands together, domains come one by one */
  struct strbuf visible;           /* of add_label */
  uint64_t domains;
  int64_t by_verdict[VERDICTS];
  struct messages rest; /* of the domains without series of their own */
  uint64_t documents[DOCUMENT_OUTCOMES];
  uint64_t reports, records;
  int64_t last_import_s;
};

static void metrics_clear(struct metrics *m) {
  for (int i = 0; i < FAMILIES; i++) strbuf_clear(&m->samples[i]);
  strbuf_clear(&m->visible);
}

/* --- samples ------------------------------------------------------------------------------------------------------ */

/* `domain` is a stranger's text: what a terminal must not see is made visible before it is quoted. */
static void add_label(struct metrics *m, struct strbuf *out, const char *name, const char *value) {
  strbuf_reset(&m->visible);
  escape_terminal(&m->visible, value);
  strbuf_add_text(out, name);
  strbuf_add_text(out, "=\"");
  for (const char *at = strbuf_text(&m->visible); *at; at++) {
    if (*at == '\\' || *at == '"') strbuf_add_char(out, '\\');
    strbuf_add_char(out, *at);
  }
  strbuf_add_char(out, '"');
}

struct metric_label {
  const char *name, *value;
};
#define MOST_LABELS 4

/* The name and the labels of a sample; those without a name are left out. */
static struct strbuf *begin_sample(struct metrics *m, enum family f, const struct metric_label labels[MOST_LABELS]) {
  struct strbuf *out = &m->samples[f];
  strbuf_add_text(out, FAMILY[f].name);
  for (unsigned i = 0; i < MOST_LABELS && labels[i].name; i++) {
    strbuf_add_char(out, i ? ',' : '{');
    add_label(m, out, labels[i].name, labels[i].value);
  }
  strbuf_add_text(out, labels[0].name ? "} " : " ");
  return out;
}

static void add_count(struct metrics *m, enum family f, const struct metric_label labels[MOST_LABELS], int64_t n) {
  struct strbuf *out = begin_sample(m, f, labels);
  figure_integer(out, n, false);
  strbuf_add_char(out, '\n');
}

static void add_figure(struct metrics *m, enum family f, const struct metric_label labels[MOST_LABELS], double figure) {
  if (!isfinite(figure)) return;
  struct strbuf *out = begin_sample(m, f, labels);
  format_decimal(out, figure);
  strbuf_add_char(out, '\n');
}

#define LABELS(...) ((const struct metric_label[MOST_LABELS]){__VA_ARGS__})
#define NO_LABELS LABELS({NULL, NULL})

/* --- messages ----------------------------------------------------------------------------------------------------- */

/* What a pattern says of its messages. */
struct pattern {
  enum outcome outcome;
  enum disposition disposition;
};

struct messages_fold {
  struct mail_fold mail;
  struct messages messages;
};

static void read_pattern(struct mail_fold *f, const struct judged_mail *mail, const struct feedback_record *r,
                         void *ret) {
  (void)f, (void)mail;
  *(struct pattern *)ret = (struct pattern){record_outcome(r), record_disposition(r)};
}

static void add_mail(struct mail_fold *f, const struct judged_mail *mail, const void *pattern) {
  const struct pattern *p = pattern;
  ((struct messages_fold *)f)->messages.sums[mail->stream->class][p->outcome][p->disposition] += mail->count;
}

static void add_messages(struct metrics *m, const char *domain, const struct messages *messages) {
  static const char *const ALIGNMENT[RECORD_OUTCOMES] = {[PASSED_BOTH] = "both",
                                                         [PASSED_DKIM] = "dkim",
                                                         [PASSED_SPF] = "spf",
                                                         [PASSED_NEITHER] = "none",
                                                         [NOT_EVALUATED] = "unevaluated"};
  for (int c = 0; c < CLASSES; c++)
    for (int o = 0; o < RECORD_OUTCOMES; o++)
      for (int d = 0; d < RECORD_DISPOSITIONS; d++) {
        if (!messages->sums[c][o][d]) continue;
        add_count(m, MESSAGES,
                  LABELS({"domain", domain}, {"class", stream_class_word((enum stream_class)c)},
                         {"alignment", ALIGNMENT[o]}, {"disposition", disposition_word((enum disposition)d)}),
                  messages->sums[c][o][d]);
      }
}

static void add_to_rest(struct messages *rest, const struct messages *messages) {
  for (int c = 0; c < CLASSES; c++)
    for (int o = 0; o < RECORD_OUTCOMES; o++)
      for (int d = 0; d < RECORD_DISPOSITIONS; d++) rest->sums[c][o][d] += messages->sums[c][o][d];
}

/* --- a domain ----------------------------------------------------------------------------------------------------- */

/* Of the reports whose clock is believed. */
static int64_t newest_report_s(const struct history *h, const struct judgement *j) {
  int64_t newest = 0;
  for (uint32_t i = 0; i < h->report_count; i++)
    if (h->reports[i].end_s <= j->window_end_s && h->reports[i].end_s > newest) newest = h->reports[i].end_s;
  return newest;
}

/* All words each time, so that a series is never missing where it is not the one that holds. */
static void add_states(struct metrics *m, const struct judgement *j) {
  for (int v = 0; v < VERDICTS; v++)
    add_count(m, VERDICT, LABELS({"domain", j->domain}, {"verdict", verdict_word((enum verdict)v)}),
              j->verdict == (enum verdict)v);
  for (int p = POLICY_NONE; p <= POLICY_REJECT; p++)
    add_count(m, POLICY, LABELS({"domain", j->domain}, {"policy", policy_word((enum policy)p)}),
              j->current == (enum policy)p);
}

static void add_gates(struct metrics *m, const struct judgement *j) {
  for (int i = 0; i < GATES; i++) {
    const struct gate *g = &j->gates[i];
    if (g->state == GATE_NOT_JUDGED) continue;
    const struct metric_label labels[MOST_LABELS] = {{"domain", j->domain}, {"gate", g->name}, {"unit", g->unit}};
    add_figure(m, GATE_FIGURE, labels, g->figure);
    add_figure(m, GATE_LIMIT, labels, g->limit);
    add_count(m, GATE_OK, LABELS({"domain", j->domain}, {"gate", g->name}), g->state != GATE_FAIL);
  }
}

/* All causes each time, so that a series that ends is 0 and not gone. */
static void add_causes(struct metrics *m, const struct judgement *j) {
  for (enum failure_cause c = CAUSE_NONE + 1; c < FAILURE_CAUSES; c++)
    if (c != CAUSE_RECEIVER_DNS)
      add_count(m, OWN_FAILING, LABELS({"domain", j->domain}, {"cause", failure_cause_word(c)}), j->causes[c].messages);
  add_count(m, OWN_UNCHECKED, LABELS({"domain", j->domain}), j->own_unchecked);
}

static void add_domain(struct metrics *m, const struct history *h, const struct judgement *j,
                       const struct messages *messages) {
  const struct metric_label labels[MOST_LABELS] = {{"domain", j->domain}};
  int64_t newest_s = newest_report_s(h, j);
  add_messages(m, j->domain, messages);
  add_states(m, j);
  add_gates(m, j);
  if (j->own_messages) add_figure(m, OWN_PASS, labels, (double)j->own_passed / (double)j->own_messages);
  add_causes(m, j);
  add_count(m, BLOCKERS, labels, (int64_t)(j->blockers.count + j->blockers.left_out));
  add_count(m, WINDOW_BEGIN, labels, j->window_begin_s);
  add_count(m, WINDOW_END, labels, j->window_end_s);
  if (newest_s) add_count(m, NEWEST_REPORT, labels, newest_s);
}

static int on_domain(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  struct metrics *m = user;
  struct messages_fold fold = {
      .mail = {.pattern_bytes = sizeof(struct pattern), .read_pattern = read_pattern, .add = add_mail}};
  struct mail_fold *const folds[] = {&fold.mail};
  int code = judged_mail_each(m->q, h, j->window_begin_s, j->window_end_s, folds, 1, e);
  if (code < 0) return code;
  m->by_verdict[j->verdict]++;
  if (m->domains++ < METRICS_MOST_DOMAINS)
    add_domain(m, h, j, &fold.messages);
  else
    add_to_rest(&m->rest, &fold.messages);
  return 0;
}

/* --- the store ---------------------------------------------------------------------------------------------------- */

static int on_report(void *user, const struct store_report *r, struct err *e) {
  (void)e;
  struct metrics *m = user;
  m->reports++;
  m->records += r->record_count;
  if (r->imported_s > m->last_import_s) m->last_import_s = r->imported_s;
  return 0;
}

static int add_store(struct metrics *m, struct err *e) {
  int code = store_each_report(m->q->store, m->q->filter, on_report, m, e);
  add_count(m, REPORTS, NO_LABELS, (int64_t)m->reports);
  add_count(m, RECORDS, NO_LABELS, (int64_t)m->records);
  if (m->reports) add_count(m, LAST_IMPORT, NO_LABELS, m->last_import_s);
  return code;
}

/* --- the machine -------------------------------------------------------------------------------------------------- */

static int on_document(void *user, const struct ledger_line *d, struct err *e) {
  (void)e;
  ((struct metrics *)user)->documents[d->outcome]++;
  return 0;
}

static int add_documents(struct metrics *m, struct err *e) {
  const struct report_filter all = REPORT_FILTER_ALL;
  int code = ledger_each(m->q->local, &all, (1u << DOCUMENT_OUTCOMES) - 1, false, on_document, m, e);
  for (int o = 0; o < DOCUMENT_OUTCOMES; o++)
    add_count(m, DOCUMENTS, LABELS({"outcome", document_outcome_word((enum document_outcome)o)}),
              (int64_t)m->documents[o]);
  return code;
}

static void add_time(struct metrics *m, enum family f, const struct metric_label labels[MOST_LABELS], int64_t time_s) {
  if (time_s != FEEDBACK_TIME_UNKNOWN) add_count(m, f, labels, time_s);
}

static void add_mailbox(struct metrics *m, const struct status *s) {
  const struct mailbox_state *state = &s->state;
  const struct metric_label labels[MOST_LABELS] = {{"account", state->account}, {"folder", state->folder}};
  add_time(m, MAILBOX_READ, labels, state->tried_s);
  add_time(m, MAILBOX_SUCCESS, labels, state->read_s);
  add_count(m, MAILBOX_FAILED_NOW, labels, status_failed(s));
  if (state->pending_uids >= 0) add_count(m, MAILBOX_PENDING, labels, state->pending_uids);
}

static int add_status(struct metrics *m, struct err *e) {
  struct status_list list;
  int code = status_collect(m->q->local, m->q->store, NULL, 0, m->q->basis->as_of_s, &list, e);
  if (code < 0) return code;
  add_time(m, NEWEST_ENDED, NO_LABELS, list.newest_s);
  for (unsigned i = 0; i < list.count; i++) add_mailbox(m, &list.folders[i]);
  status_clear(&list);
  return 0;
}

/* What imports met and where they look is of the whole machine: no answer to who asks for a group alone. */
static int add_machine(struct metrics *m, struct err *e) {
  if (m->q->filter->own_reports) return 0;
  int code = add_documents(m, e);
  return code ? code : add_status(m, e);
}

/* --- the text ----------------------------------------------------------------------------------------------------- */

static int write_metrics(const struct metrics *m, FILE *file, struct err *e) {
  _cleanup_strbuf_ struct strbuf head = STRBUF_INIT;
  static const char END[] = "# EOF\n";
  int code = 0;
  for (int f = 0; f < FAMILIES && !code; f++) {
    const struct strbuf *samples = &m->samples[f];
    if (!samples->length) continue;
    strbuf_reset(&head);
    strbuf_printf(&head, "# HELP %s %s\n# TYPE %s gauge\n", FAMILY[f].name, FAMILY[f].help, FAMILY[f].name);
    if (FAMILY[f].unit) strbuf_printf(&head, "# UNIT %s %s\n", FAMILY[f].name, FAMILY[f].unit);
    code = output_write(file, head.data, head.length, e);
    if (!code) code = output_write(file, samples->data, samples->length, e);
  }
  if (!code) code = output_write(file, END, sizeof END - 1, e);
  return code < 0 ? code : output_flush(file, e);
}

int export_openmetrics(const struct inquiry *q, FILE *file, struct err *e) {
  struct metrics m = {.q = q};
  int code = judge_each(q, on_domain, &m, e);
  for (int v = 0; v < VERDICTS; v++)
    add_count(&m, DOMAINS, LABELS({"verdict", verdict_word((enum verdict)v)}), m.by_verdict[v]);
  add_messages(&m, OTHER_DOMAINS, &m.rest);
  if (!code) code = add_store(&m, e);
  if (!code) code = add_machine(&m, e);
  if (!code) code = write_metrics(&m, file, e);
  metrics_clear(&m);
  return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a document: what damages it, what ends its reading, and what it comes to in the end. */
#include "parser/aggregate.h"

#include <string.h>

uint64_t document_line(const struct aggregate_reader *a) {
  uint64_t line = a->xml->input ? (uint64_t)a->xml->input->line : 0;
  return line + a->document.lines_before;
}

void document_mark_damaged(struct aggregate_reader *a, uint64_t line, const char *what) {
  struct document *d = &a->document;
  if (!d->damaged) {
    size_t length = strcspn(what, "\n"); /* libxml2 ends its sentences with a newline */
    snprintf(d->note, sizeof d->note, "line %llu: %.*s", (unsigned long long)line, (int)length, what);
  }
  d->damaged = true;
}

void document_give_up(struct aggregate_reader *a, const char *what) {
  document_mark_damaged(a, document_line(a), what);
  a->document.gave_up = true;
}

void document_stop(struct aggregate_reader *a, int code) {
  struct document *d = &a->document;
  if (!d->stop_code) d->stop_code = code;
  xmlStopParser(a->xml);
}

/* What a parse that met no feedback element comes to. */
static int nothing_found(const struct document *d, struct err *e) {
  if (d->read_code < 0) return err_set(e, d->read_code, "%s", d->read.text);
  if (d->continued && !d->root[0]) return err_set(e, ERR_NO_REPORT, "nothing but comments behind a report");
  if (d->damaged) return err_set(e, d->gave_up ? ERR_LIMIT : ERR_FORMAT, "%s", d->note);
  return err_set(e, ERR_NO_REPORT, "its root element is <%s>, not <feedback>", d->root);
}

static bool says_nothing(const struct feedback_header *h) { return !h->org_name && !h->report_id && !h->policy_domain; }

int document_judge(const struct document *d, struct err *e) {
  if (d->stop_code) return err_set(e, d->stop_code, "%s", d->stop.text);
  if (d->read_code < 0 && d->read_code != ERR_FORMAT) return err_set(e, d->read_code, "%s", d->read.text);
  if (!d->found) return nothing_found(d, e);
  if (!d->records && d->damaged) return err_set(e, d->gave_up ? ERR_LIMIT : ERR_FORMAT, "%s", d->note);
  if (!d->records && says_nothing(d->header)) return err_set(e, ERR_NO_REPORT, "a feedback element that says nothing");
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* findings: one row a finding, what is to be done first before all others. */
#include <string.h>

#include "base/cleanup.h"
#include "report/finding_list.h"

/* clang-format off */
enum {
  RANK, ID, STATE, SEVERITY, DOMAIN, KIND, SUBJECT, CLASS, FIRST_SEEN, LAST_SEEN, FOUND, GONE, MESSAGES, OF_MESSAGES,
  PER_DAY, OWN_SHARE, SHARED_DOMAINS, SHARED_WITH, SOURCE, TEXT, ADVICE, ACKNOWLEDGED, UNTIL, NOTE, COLUMNS_OF_FINDINGS
};
static const struct column COLUMNS[COLUMNS_OF_FINDINGS] = {
    [RANK] = {"rank", NULL, COLUMN_COUNT, COLUMN_DATA},
    [ID] = {"id", NULL, COLUMN_TEXT, COLUMN_KEY},
    [STATE] = {"state", NULL, COLUMN_TEXT, 0},
    [SEVERITY] = {"severity", NULL, COLUMN_TEXT, 0},
    [DOMAIN] = {"domain", NULL, COLUMN_TEXT, COLUMN_KEY},
    [KIND] = {"kind", NULL, COLUMN_TEXT, 0},
    [SUBJECT] = {"subject", NULL, COLUMN_TEXT, COLUMN_WRAP},
    [CLASS] = {"class", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [FIRST_SEEN] = {"first_seen", "since", COLUMN_DAY, 0},
    [LAST_SEEN] = {"last_seen", "to", COLUMN_DAY, COLUMN_DETAIL},
    [FOUND] = {"found", NULL, COLUMN_DAY, COLUMN_DATA},
    [GONE] = {"gone", NULL, COLUMN_DAY, COLUMN_DATA},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0},
    [OF_MESSAGES] = {"of_messages", NULL, COLUMN_COUNT, COLUMN_DATA},
    [PER_DAY] = {"messages_per_day", NULL, COLUMN_NUMBER, COLUMN_DATA},
    [OWN_SHARE] = {"own_share", "own mail", COLUMN_SHARE, COLUMN_DETAIL},
    [SHARED_DOMAINS] = {"shared_domains", NULL, COLUMN_COUNT, COLUMN_DATA},
    [SHARED_WITH] = {"shared_with", NULL, COLUMN_TEXT, COLUMN_DATA},
    [SOURCE] = {"source_ip", NULL, COLUMN_TEXT, COLUMN_DATA},
    [TEXT] = {"text", NULL, COLUMN_TEXT, COLUMN_DATA},
    [ADVICE] = {"advice", NULL, COLUMN_TEXT, COLUMN_DATA},
    [ACKNOWLEDGED] = {"acknowledged", NULL, COLUMN_TIME, COLUMN_DATA},
    [UNTIL] = {"acknowledged_until", NULL, COLUMN_TIME, COLUMN_DATA},
    [NOTE] = {"note", NULL, COLUMN_TEXT, COLUMN_DATA},
};
/* clang-format on */
static const struct table TABLE = {"dmarcctl.findings", 1, NULL, "Nothing to do.", COLUMNS, COLUMNS_OF_FINDINGS};

static const char *null_if_empty(const char *text) { return *text ? text : NULL; }

/* NULL: the domain itself. */
static const char *subject_of(const struct concern *c) {
  return strcmp(c->subject, c->domain) != 0 ? null_if_empty(c->subject) : NULL;
}

static int push_finding(const struct finding_list *list, unsigned place, struct table_sink *sink, struct err *e) {
  const struct listed_finding *f = &list->items[place];
  const struct concern *c = &f->concern;
  const struct concern_kind_facts *kind = concern_kind_facts(c->kind);
  const struct acknowledgement *a = c->acknowledgement;
  const struct cell cells[COLUMNS_OF_FINDINGS] = {
      [RANK] = cell_count(place + 1),
      [ID] = cell_text(f->id),
      [STATE] = cell_text(concern_state_word(c->state)),
      [SEVERITY] = cell_text(concern_severity_word(c->severity)),
      [DOMAIN] = cell_text(null_if_empty(c->domain)),
      [KIND] = cell_text(kind->word),
      [SUBJECT] = cell_text(subject_of(c)),
      [CLASS] = cell_text(concern_class_word(kind->class)),
      [FIRST_SEEN] = cell_day(c->first_day),
      [LAST_SEEN] = cell_day(c->last_day),
      [FOUND] = cell_day(c->found_day),
      [GONE] = c->state == CONCERN_GONE ? cell_day(c->gone_day) : cell_absent(),
      [MESSAGES] = c->messages ? cell_count(c->messages) : cell_absent(),
      [OF_MESSAGES] = c->of_messages ? cell_count(c->of_messages) : cell_absent(),
      [PER_DAY] = c->messages ? cell_number(concern_per_day(c)) : cell_absent(),
      [OWN_SHARE] = cell_share((double)c->messages, c->messages ? (double)c->own_messages : 0),
      [SHARED_DOMAINS] = cell_count(f->domains),
      [SHARED_WITH] = cell_text(f->domains > 1 ? list->items[f->head].id : NULL),
      [SOURCE] = cell_text(c->source),
      [TEXT] = cell_text(f->text),
      [ADVICE] = cell_text(f->advice),
      [ACKNOWLEDGED] = a ? cell_time(a->made_s) : cell_absent(),
      [UNTIL] = a ? cell_time(a->until_s) : cell_absent(),
      [NOTE] = cell_text(a ? a->note : NULL),
  };
  return sink->row(sink, cells, e);
}

int findings_push(const struct finding_list *list, const struct listed_finding *const *findings, unsigned count,
                  struct table_sink *sink, struct err *e) {
  int code = sink->begin(sink, &TABLE, e);
  for (unsigned i = 0; i < count && !code; i++)
    code = push_finding(list, (unsigned)(findings[i] - list->items), sink, e);
  return code ? code : sink->end(sink, e);
}

int question_findings(const struct question *q, struct table_sink *sink, struct err *e) {
  struct finding_list list;
  int code = finding_list_gather(&q->of, q->acknowledgements, &list, e);
  if (q->due) *q->due = finding_list_due(&list);
  _cleanup_free_ const struct listed_finding **all = mem_alloc((list.count + 1) * sizeof *all);
  for (unsigned i = 0; i < list.count; i++) all[i] = &list.items[i];
  if (!code) code = findings_push(&list, all, list.count, sink, e);
  finding_list_clear(&list);
  return code;
}

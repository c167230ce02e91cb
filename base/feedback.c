/* SPDX-License-Identifier: Apache-2.0 */
/* The feedback types' few words for people. */
#include "base/feedback.h"

#include <stdio.h>
#include <string.h>

#include "base/utc.h"

struct flag_name {
  uint32_t flag;
  const char *name;
};

static const struct flag_name HEADER_FLAGS[] = {
    {FEEDBACK_DAMAGED, "damaged"},
    {FEEDBACK_TEXT_REPLACED, "invalid characters replaced"},
    {FEEDBACK_PERIOD_UNREADABLE, "period unreadable"},
    {FEEDBACK_PERIOD_EMPTY, "period empty"},
    {FEEDBACK_PERIOD_LONG, "period over 24 hours"},
    {FEEDBACK_PERIOD_REVERSED, "period ends before it begins"},
    {FEEDBACK_PERIOD_FUTURE, "period in the future"},
    {FEEDBACK_NO_RECORDS, "no records"},
    {FEEDBACK_ORG_MISSING, "org_name missing"},
    {FEEDBACK_RECORD_FLAGGED, "odd records"},
    {FEEDBACK_PERIOD_DERIVED, "period from the file name"},
    {FEEDBACK_RESULTS_CUT, "results cut"},
    {FEEDBACK_FOREIGN, "foreign elements"},
};

static const struct flag_name RECORD_FLAGS[] = {
    {RECORD_COUNT_UNREADABLE, "count unreadable"},
    {RECORD_SOURCE_UNREADABLE, "source_ip unreadable"},
    {RECORD_HEADER_FROM_ODD, "header_from odd"},
    {RECORD_ROW_REPEATED, "row repeated"},
    {RECORD_NOT_EVALUATED, "evaluation missing"},
    {RECORD_TEXT_CUT, "text cut"},
    {RECORD_UNFINISHED, "unfinished"},
    {RECORD_DKIM_CUT, "DKIM results cut"},
    {RECORD_SPF_CUT, "SPF results cut"},
};

static const char *join(const struct flag_name *names, size_t n, uint32_t flags, char *buffer, unsigned size) {
  unsigned used = 0;
  buffer[0] = '\0';
  for (size_t i = 0; i < n; i++) {
    if (!(flags & names[i].flag) || used >= size) continue;
    int added = snprintf(buffer + used, size - used, "%s%s", used ? ", " : "", names[i].name);
    if (added > 0) used += (unsigned)added;
  }
  return buffer;
}

const char *feedback_flags_text(uint32_t header_flags, char *buffer, unsigned size) {
  return join(HEADER_FLAGS, sizeof HEADER_FLAGS / sizeof *HEADER_FLAGS, header_flags, buffer, size);
}

const char *record_flags_text(uint32_t record_flags, char *buffer, unsigned size) {
  return join(RECORD_FLAGS, sizeof RECORD_FLAGS / sizeof *RECORD_FLAGS, record_flags, buffer, size);
}

void feedback_flag_period(struct feedback_header *h) {
  h->flags &=
      ~(uint32_t)(FEEDBACK_PERIOD_UNREADABLE | FEEDBACK_PERIOD_EMPTY | FEEDBACK_PERIOD_LONG | FEEDBACK_PERIOD_REVERSED);
  if (h->begin_s == FEEDBACK_TIME_UNKNOWN || h->end_s == FEEDBACK_TIME_UNKNOWN) {
    h->flags |= FEEDBACK_PERIOD_UNREADABLE;
  } else if (h->begin_s == h->end_s) {
    h->flags |= FEEDBACK_PERIOD_EMPTY;
  } else if (h->end_s < h->begin_s) {
    h->flags |= FEEDBACK_PERIOD_REVERSED;
  } else if (h->end_s - h->begin_s > FEEDBACK_LONGEST_DAY_S) {
    h->flags |= FEEDBACK_PERIOD_LONG;
  }
}

static void spell(struct strbuf *out, const char *text) {
  if (text)
    strbuf_add(out, text, strlen(text) + 1);
  else
    strbuf_add(out, "\1", 2); /* a control character that XML cannot contain */
}

void feedback_spell_pattern(struct strbuf *out, const struct feedback_record *record) {
  const struct word *words[] = {&record->disposition, &record->dkim, &record->spf};
  const uint32_t figures[] = {record->flags, record->result_count, record->reason_count,
                              (uint32_t)record->dkim_alignment << 2 | (uint32_t)record->spf_alignment};
  strbuf_add(out, (const char *)figures, sizeof figures);
  spell(out, record->header_from);
  spell(out, record->envelope_from);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    spell(out, words[i]->text);
    spell(out, words[i]->raw);
  }
  for (uint32_t i = 0; i < record->result_count; i++) {
    const struct auth_result *a = &record->results[i];
    strbuf_add_char(out, a->method == AUTH_DKIM ? 'd' : 's');
    spell(out, a->domain);
    spell(out, a->method == AUTH_DKIM ? a->selector : a->scope);
    spell(out, a->result.text);
    spell(out, a->result.raw);
    spell(out, a->human_result);
  }
  for (uint32_t i = 0; i < record->reason_count; i++) {
    spell(out, record->reasons[i].type);
    spell(out, record->reasons[i].comment);
  }
}

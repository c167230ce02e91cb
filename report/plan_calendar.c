/* SPDX-License-Identifier: Apache-2.0 */
/* The days of a plan for a calendar (RFC 5545): an entry a record, whole days, the same entry each time it is made. */
#include <string.h>

#include "base/cleanup.h"
#include "base/utc.h"
#include "report/plan_words.h"
#include "report/question.h"
#include "table/escape.h"

#define LINE_BYTES 75 /* RFC 5545 3.1: a longer line goes on behind a line break and a blank */

static bool begins_character(char c) { return ((unsigned char)c & 0xc0) != 0x80; }

/* One line, folded between characters. */
static void put_line(FILE *file, const char *line) {
  size_t used = 0;
  for (const char *c = line; *c; c++) {
    size_t next = 1;
    while (begins_character(*c) && c[next] && !begins_character(c[next])) next++;
    if (begins_character(*c) && used + next > LINE_BYTES) {
      fputs("\r\n ", file);
      used = 1;
    }
    fputc(*c, file);
    used++;
  }
  fputs("\r\n", file);
}

/* A text of one property (RFC 5545 3.3.11). What cannot be printed is gone before. */
static void put_text(FILE *file, const char *property, const char *text) {
  _cleanup_strbuf_ struct strbuf safe = STRBUF_INIT, line = STRBUF_INIT;
  escape_terminal(&safe, text);
  strbuf_add_text(&line, property);
  for (const char *c = strbuf_text(&safe); *c; c++) {
    if (strchr("\\;,", *c)) strbuf_add_char(&line, '\\');
    strbuf_add_char(&line, *c);
  }
  put_line(file, strbuf_text(&line));
}

static void put_day(FILE *file, const char *property, int32_t day) {
  char text[UTC_TEXT_BYTES];
  utc_format_day(utc_from_day(day), text);
  fprintf(file, "%s;VALUE=DATE:%.4s%.2s%.2s\r\n", property, text, text + 5, text + 8);
}

struct calendar {
  FILE *file;
  int64_t made_s;
  const struct taken_steps *taken;
  bool begun;
};

static void put_entry(const struct calendar *x, const struct plan *p, unsigned rung) {
  const struct rung *r = &p->rungs[rung];
  char made[UTC_TEXT_BYTES];
  _cleanup_strbuf_ struct strbuf id = STRBUF_INIT, title = STRBUF_INIT, text = STRBUF_INIT;
  strbuf_printf(&id, "UID:%s.%s.%s@dmarcctl", rung_kind_word(r->kind), policy_word(r->policy), p->judgement->domain);
  const struct taken_step *noted = plan_noted_rung(x->taken, p, rung);
  strbuf_printf(&title, "%s: %s", p->judgement->domain, noted ? "taken: " : "publish ");
  plan_tell_step(r, &title);
  plan_tell_waiting(p, rung, noted, &text);
  strbuf_add_text(&text, ". ");
  plan_add_record(&text, RECORD_FOR_PEOPLE, p->judgement->domain, r->record);
  utc_format(x->made_s, made);
  fputs("BEGIN:VEVENT\r\n", x->file);
  put_line(x->file, strbuf_text(&id));
  fprintf(x->file, "DTSTAMP:%.4s%.2s%.2sT%.2s%.2s%.2sZ\r\n", made, made + 5, made + 8, made + 11, made + 14, made + 17);
  put_day(x->file, "DTSTART", r->day);
  put_day(x->file, "DTEND", r->day + 1);
  put_text(x->file, "SUMMARY:", strbuf_text(&title));
  put_text(x->file, "DESCRIPTION:", strbuf_text(&text));
  fprintf(x->file, "STATUS:%s\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\n",
          r->state == RUNG_OPEN ? "CONFIRMED" : "TENTATIVE");
}

/* Once it is known that there is something to plan: half a calendar would be no answer. */
static void begin(struct calendar *c) {
  if (!c->begun) fputs("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//dmarcctl//plan//EN\r\n", c->file);
  c->begun = true;
}

static int put_plan(void *user, const struct plan *p, struct err *e) {
  (void)e;
  begin(user);
  for (unsigned i = 0; i < p->count; i++) put_entry(user, p, i);
  return 0;
}

int plan_calendar(const struct question *q, FILE *file, struct err *e) {
  struct calendar x = {file, q->of.basis->as_of_s, q->taken, false};
  int code = plan_each(&q->of, q->plan, put_plan, &x, e);
  if (code < 0) return code;
  begin(&x);
  fputs("END:VCALENDAR\r\n", file);
  return 0;
}

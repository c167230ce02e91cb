/* SPDX-License-Identifier: Apache-2.0 */
/* The forms of a notice: plain text, HTML that a phone can show, JSON. */
#include <string.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/utc.h"
#include "report/memory_file.h"
#include "report/notice_page.h"
#include "table/escape.h"

#define TEXT_WIDTH 72
#define ROWS_MOST 500 /* of each table of the JSON: some half a megabyte, where web services often take one */

/* --- for people --------------------------------------------------------------------------------------------------- */

typedef void write_fn(struct document *d, const void *user);

/* Appends what was written, and clears `m` in any case. */
static int take(struct memory_file *m, struct strbuf *ret, struct err *e) {
  int code = memory_file_close(m, e);
  if (!code) strbuf_add(ret, m->text, m->size);
  memory_file_clear(m);
  return code;
}

static int write_text(write_fn *write, const void *user, struct strbuf *ret, struct err *e) {
  static const struct render_options PLAIN = {.format = FORMAT_TEXT, .width = TEXT_WIDTH};
  struct memory_file m;
  int code = memory_file_open(&m, e);
  if (code < 0) return code;
  struct document d = document_text(m.file, &PLAIN);
  write(&d, user);
  return take(&m, ret, e);
}

/* Without scripts and pictures, in the reader's own letters and colours, in one column whatever its width. */
static const char HTML_HEAD[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>";
static const char HTML_STYLE[] =
    "</title>\n<style>\n"
    "body { margin: 0 auto; padding: 16px; max-width: 40em; font: 16px/1.5 sans-serif; overflow-wrap: anywhere; }\n"
    "h2 { font-size: 18px; margin: 24px 0 8px; }\nol, ul { padding-left: 24px; margin: 0; }\n"
    "li { margin: 0 0 12px; }\np { margin: 0 0 8px; }\n.soft { opacity: 0.7; font-size: 14px; }\n"
    "li.poor { color: #c62828; }\n</style>\n</head>\n<body>\n";

static int write_html(write_fn *write, const void *user, const char *subject, struct strbuf *ret, struct err *e) {
  struct memory_file m;
  int code = memory_file_open(&m, e);
  if (code < 0) return code;
  strbuf_add_text(ret, HTML_HEAD);
  escape_html(ret, subject);
  strbuf_add_text(ret, HTML_STYLE);
  struct document d = document_html(m.file);
  write(&d, user);
  code = take(&m, ret, e);
  strbuf_add_text(ret, "</body>\n</html>\n");
  return code;
}

/* --- for programs ------------------------------------------------------------------------------------------------- */

/* The table `dmarcctl.findings` as `findings --format json` has it, but on one line: no text in it has another newline
 * than an escaped one. */
static int add_table(struct strbuf *out, const struct finding_list *list, const struct listed_finding *const *findings,
                     unsigned count, struct err *e) {
  static const struct render_options JSON = {.format = FORMAT_JSON};
  _cleanup_strbuf_ struct strbuf table = STRBUF_INIT;
  struct memory_file m;
  int code = memory_file_open(&m, e);
  if (code < 0) return code;
  struct table_sink *sink = renderer_new(m.file, &JSON);
  code = findings_push(list, findings, count < ROWS_MOST ? count : ROWS_MOST, sink, e);
  table_sink_free(sink);
  if (!code)
    code = take(&m, &table, e);
  else
    memory_file_clear(&m);
  for (const char *c = strbuf_text(&table); *c; c++)
    if (*c != '\n') strbuf_add_char(out, *c);
  return code;
}

static void add_text(struct strbuf *out, const char *key, const char *value) {
  strbuf_printf(out, ",\"%s\":", key);
  escape_json(out, value);
}

static void begin_json(const struct notice_wish *w, int64_t made_s, bool is_trial, struct notice_texts *t) {
  char time[UTC_TEXT_BYTES], key[NOTICE_KEY_BYTES];
  strbuf_add_text(&t->json, "{\"schema\":\"dmarcctl.notice\",\"version\":1");
  add_text(&t->json, "id", notice_key_text(&t->key, key));
  add_text(&t->json, "notify", w->section);
  add_text(&t->json, "every", notice_every_word(w->every));
  strbuf_printf(&t->json, ",\"trial\":%s", is_trial ? "true" : "false");
  add_text(&t->json, "as_of", utc_format(made_s, time));
  add_text(&t->json, "subject", strbuf_text(&t->subject));
  add_text(&t->json, "text", strbuf_text(&t->text));
}

static uint64_t beyond(unsigned count) { return count > ROWS_MOST ? count - ROWS_MOST : 0; }

static int write_json(const struct notice *n, struct notice_texts *t, struct err *e) {
  char since[UTC_TEXT_BYTES];
  begin_json(n->wish, n->as_of_s, false, t);
  add_text(&t->json, "since", utc_format_day(utc_from_day(n->since_day), since));
  strbuf_printf(&t->json, ",\"unasked_days\":%d", (int)n->unasked_days);
  strbuf_printf(&t->json, ",\"domains\":%u,\"due\":%u,\"left_out\":%llu,\"findings\":", n->domain_count, n->due,
                (unsigned long long)(n->left_out + beyond(n->change_count) + beyond(n->open_count)));
  int code = add_table(&t->json, &n->list, n->changes, n->change_count, e);
  strbuf_add_text(&t->json, ",\"open\":");
  if (!code && n->wish->every != NOTICE_EVENT)
    code = add_table(&t->json, &n->list, n->open, n->open_count, e);
  else
    strbuf_add_text(&t->json, "null");
  strbuf_add_text(&t->json, "}\n");
  return code;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

const char *notice_key_text(const struct identity *key, char ret[NOTICE_KEY_BYTES]) {
  return hex_text(key->bytes, IDENTITY_BYTES, ret);
}

/* By what it tells, to whom, and when it was made: no two have one key, and one that is kept keeps its own. */
static void make_key(const struct notice *n, struct notice_texts *t) {
  _cleanup_strbuf_ struct strbuf kinds = STRBUF_INIT, domains = STRBUF_INIT;
  const struct notice_scope scope = notice_scope_of(n, &kinds, &domains);
  struct digest d;
  digest_init(&d);
  digest_text(&d, scope.addressees);
  digest_text(&d, scope.kinds);
  digest_number(&d, scope.severity);
  digest_text(&d, scope.domains);
  digest_text(&d, n->wish->section);
  digest_number(&d, n->as_of_s);
  digest_number(&d, n->period_day);
  for (unsigned i = 0; i < n->change_count; i++) {
    digest_bytes(&d, n->changes[i]->concern.identity.bytes, IDENTITY_BYTES);
    digest_number(&d, n->changes[i]->concern.state);
    digest_number(&d, n->changes[i]->concern.first_day);
  }
  digest_finish(&d, t->key.bytes);
}

static void write_notice(struct document *d, const void *user) { notice_page(user, d); }

int notice_compose(const struct notice *n, struct notice_texts *ret, struct err *e) {
  *ret = (struct notice_texts){0};
  make_key(n, ret);
  notice_subject(n, &ret->subject);
  int code = write_text(write_notice, n, &ret->text, e);
  if (!code) code = write_html(write_notice, n, strbuf_text(&ret->subject), &ret->html, e);
  return code < 0 ? code : write_json(n, ret, e);
}

static void write_trial(struct document *d, const void *user) {
  const struct notice_wish *w = user;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_printf(&text, "This is a trial of [notify %s]: what 'dmarcctl notify' has to tell arrives here, every = %s.",
                w->section, notice_every_word(w->every));
  d->text(d, text.data);
}

int notice_compose_trial(const struct notice_wish *w, int64_t now_s, struct notice_texts *ret, struct err *e) {
  struct digest d;
  *ret = (struct notice_texts){0};
  digest_init(&d);
  digest_text(&d, w->section);
  digest_number(&d, now_s);
  digest_text(&d, "trial");
  digest_finish(&d, ret->key.bytes);
  strbuf_printf(&ret->subject, "trial of [notify %s] of dmarcctl", w->section);
  int code = write_text(write_trial, w, &ret->text, e);
  if (!code) code = write_html(write_trial, w, ret->subject.data, &ret->html, e);
  if (code < 0) return code;
  begin_json(w, now_s, true, ret);
  strbuf_add_text(
      &ret->json,
      ",\"since\":null,\"unasked_days\":null,\"domains\":null,\"due\":null,\"left_out\":null,\"findings\":null,\"open\":null}\n");
  return 0;
}

void notice_texts_clear(struct notice_texts *t) {
  strbuf_clear(&t->subject);
  strbuf_clear(&t->text);
  strbuf_clear(&t->html);
  strbuf_clear(&t->json);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tells a change in a sentence. */
#include "base/cleanup.h"
#include "base/figure.h"
#include "report/words.h"

enum { BEFORE, NOW };

static void add_tag(struct strbuf *out, const char *name, const char *value) {
  strbuf_printf(out, "%s%s=%s", out->length ? " " : "", name, value);
}

void diff_steps(const struct diff_change *c, struct strbuf *before, struct strbuf *after) {
  if (c->kind == DIFF_VERDICT) strbuf_add_text(before, verdict_word(c->before));
  if (c->kind == DIFF_VERDICT || c->kind == DIFF_NEW_DOMAIN) strbuf_add_text(after, verdict_word(c->after));
  for (unsigned i = 0; i < c->tag_count; i++) {
    add_tag(before, c->tags[i].name, c->tags[i].before);
    add_tag(after, c->tags[i].name, c->tags[i].after);
  }
}

static void tell_messages(struct strbuf *out, int64_t n) { figure_count(out, n, "message"); }

static void tell_share(struct strbuf *out, const struct diff_mail *m) { figure_share_of(out, m->passed, m->messages); }

static void tell_rate(const struct diff_change *c, const char *whose, struct strbuf *out) {
  strbuf_printf(out, "%s: ", whose);
  tell_share(out, &c->mail[NOW]);
  strbuf_add_text(out, " of ");
  tell_messages(out, c->mail[NOW].messages);
  strbuf_add_text(out, " pass, was ");
  tell_share(out, &c->mail[BEFORE]);
  strbuf_add_text(out, " of ");
  figure_integer(out, c->mail[BEFORE].messages, true);
}

static void tell_place(const struct diff_change *c, const char *what, struct strbuf *out) {
  strbuf_printf(out, "%s: %s, %s (", what, c->subject, stream_class_word(c->class));
  if (c->example) strbuf_printf(out, "%s, ", c->example);
  strbuf_printf(out, "%s): ", c->note);
}

static void tell_source_change(const struct diff_change *c, struct strbuf *out) {
  bool gone = c->kind == DIFF_GONE_SOURCE;
  tell_place(c, gone ? "gone" : "new source", out);
  tell_messages(out, c->mail[gone ? BEFORE : NOW].messages);
  if (gone) {
    strbuf_add_text(out, " before");
    return;
  }
  strbuf_add_text(out, ", ");
  tell_share(out, &c->mail[NOW]);
  strbuf_add_text(out, " pass");
}

static void tell_step(const struct diff_change *c, struct strbuf *out) {
  _cleanup_strbuf_ struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
  diff_steps(c, &before, &after);
  strbuf_printf(out, "%s%s: %s, was %s", c->kind == DIFF_VERDICT ? "verdict" : "published policy",
                c->below ? " on subdomains" : "", strbuf_text(&after), strbuf_text(&before));
  if (c->kind == DIFF_VERDICT) strbuf_printf(out, ": %s", c->note);
}

static void tell_reporter(const struct diff_change *c, struct strbuf *out) {
  bool gone = c->kind == DIFF_GONE_REPORTER;
  strbuf_printf(out, "%s: %s (", gone ? "silent reporter" : "new reporter",
                c->subject ? c->subject : "one without a name");
  tell_messages(out, c->mail[gone ? BEFORE : NOW].messages);
  strbuf_add_text(out, gone ? " before)" : ")");
}

static void tell_incident(const struct diff_change *c, struct strbuf *out) {
  strbuf_printf(out, "%s: %s: ", diff_kind_word(c->kind), c->subject);
  incident_tell(c->incident, out);
  if (c->incident->kind != INCIDENT_REPLAY) return;
  strbuf_add_text(out, ": ");
  incident_advise(c->incident, out);
}

void diff_tell(const struct diff_change *c, struct strbuf *out) {
  switch (c->kind) {
    case DIFF_REPLAY:
    case DIFF_SURGE:
    case DIFF_NEW_FROM:
    case DIFF_CEASED:
      tell_incident(c, out);
      break;
    case DIFF_VERDICT:
    case DIFF_POLICY:
      tell_step(c, out);
      break;
    case DIFF_SILENT:
      strbuf_add_text(out, "no report came; ");
      tell_messages(out, c->mail[BEFORE].messages);
      strbuf_add_text(out, " before");
      break;
    case DIFF_NEW_DOMAIN:
      strbuf_add_text(out, "the first reports: ");
      tell_messages(out, c->mail[NOW].messages);
      strbuf_printf(out, ", verdict %s", verdict_word(c->after));
      break;
    case DIFF_OWN_PASS_RATE:
      tell_rate(c, "own mail", out);
      break;
    case DIFF_SOURCE_PASS_RATE:
      tell_rate(c, c->subject, out);
      if (!c->fall) break;
      strbuf_add_text(out, "; ");
      fall_tell(c->fall, out);
      break;
    case DIFF_NEW_SOURCE:
    case DIFF_GONE_SOURCE:
      tell_source_change(c, out);
      break;
    case DIFF_RAW_PASS_RATE:
      tell_rate(c, "all mail, spoofing included", out);
      break;
    case DIFF_STRANGERS:
      strbuf_add_text(out, "mail of strangers: ");
      tell_messages(out, c->mail[NOW].messages);
      strbuf_add_text(out, ", before: ");
      figure_integer(out, c->mail[BEFORE].messages, true);
      break;
    case DIFF_GONE_REPORTER:
    case DIFF_NEW_REPORTER:
      tell_reporter(c, out);
      break;
  }
}

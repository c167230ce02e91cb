/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and writes inventories. */
#include "cmd/label_file.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/domain.h"
#include "base/feedback.h"
#include "base/utc.h"
#include "base/utf8.h"
#include "cmd/ini_file.h"
#include "table/escape.h"

/* In the order in which they are written. */
enum key { DOMAIN, SUBJECT, LABEL, UNTIL, NOTE, OWNER, PURPOSE, TICKET, EXPECTED, REVIEW, MADE, KEYS };
static const char *const KEY_WORDS[KEYS] = {"domain",  "subject", "label",    "until",  "note", "owner",
                                            "purpose", "ticket",  "expected", "review", "made"};

/* --- values ------------------------------------------------------------------------------------------------------- */

static bool needs_quotes(const char *text) {
  const unsigned char *s = (const unsigned char *)text;
  uint32_t c = 0;
  if (*s == '"' || *s == ' ' || *s == ';') return true;
  for (unsigned length; *s; s += length) {
    length = utf8_decode(s, &c);
    if (!length || escape_is_hidden(c) || (*s == ' ' && (s[1] == ';' || !s[1]))) return true;
  }
  return false;
}

/* Who reads a difference of two inventories sees what stands there: nothing reorders it. */
static void add_bytes(struct strbuf *out, const unsigned char *s, unsigned length) {
  for (unsigned i = 0; i < length; i++) strbuf_printf(out, "\\x%02x", s[i]);
}

static void add_quoted(struct strbuf *out, const char *text) {
  const unsigned char *s = (const unsigned char *)text;
  uint32_t c = 0;
  strbuf_add_char(out, '"');
  for (unsigned length; *s; s += length ? length : 1) {
    length = utf8_decode(s, &c);
    if (*s == '"' || *s == '\\')
      strbuf_printf(out, "\\%c", *s);
    else if (*s == '\n' || *s == '\t')
      strbuf_add_text(out, *s == '\n' ? "\\n" : "\\t");
    else if (!length || escape_is_hidden(c) || (c == ';' && out->data[out->length - 1] == ' '))
      add_bytes(out, s, length ? length : 1);
    else
      strbuf_add(out, (const char *)s, length);
  }
  strbuf_add_char(out, '"');
}

static int digit_of(char c) {
  static const char DIGITS[] = "0123456789abcdef";
  const char *at = c ? strchr(DIGITS, c) : NULL;
  return at ? (int)(at - DIGITS) : -1;
}

/* What stands behind a backslash; returns how many characters, 0: it is nothing of the kind. */
static unsigned unescape(const char *s, char *ret) {
  int high, low;
  switch (*s) {
    case '"':
    case '\\':
      *ret = *s;
      return 1;
    case 'n':
    case 't':
      *ret = *s == 'n' ? '\n' : '\t';
      return 1;
    case 'x':
      if ((high = digit_of(s[1])) < 0 || (low = digit_of(s[2])) < 0 || !(high | low)) return 0;
      *ret = (char)(high << 4 | low);
      return 3;
    default:
      return 0;
  }
}

/* A value as it stands -> what it means. */
static int read_value(const char *text, struct strbuf *ret, struct err *e) {
  if (*text != '"') {
    strbuf_add_text(ret, text);
    return 0;
  }
  const char *s = text + 1;
  for (; *s && *s != '"'; s++) {
    char c = *s;
    if (c == '\\') {
      const unsigned taken = unescape(s + 1, &c);
      if (!taken) return err_set(e, ERR_FORMAT, "within quotes a backslash begins \\\\, \\\", \\n, \\t or \\xNN");
      s += taken;
    }
    strbuf_add_char(ret, c);
  }
  if (*s != '"' || s[1]) return err_set(e, ERR_FORMAT, "a value that begins with a quote ends with the next one");
  return 0;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

struct reading {
  const char *path;
  const struct sender_catalogue *catalogue;
  label_mistake_fn *tell;
  struct label_list *list;
  unsigned *lines; /* where each label begins */
  unsigned line_capacity, mistakes;
  struct label label; /* of the section that is being read */
  char *heading;      /* its source as it stands; NULL: none, or it was a mistake */
  unsigned begin;
  unsigned given; /* bits 1 << enum key */
  bool is_service;
};

#define MOST_TOLD 20 /* mistakes; who made more of them sees the pattern */

static void on_mistake(void *user, unsigned line, const char *text) {
  struct reading *r = user;
  if (r->mistakes++ < MOST_TOLD) r->tell(r->path, line, text);
}

static int read_domain(struct reading *r, const char *value, struct err *e) {
  _cleanup_free_ char *name = domain_spelled(value);
  if (!domain_is_plausible(name)) return err_set(e, ERR_FORMAT, "\"%s\" is no domain name", name);
  r->label.domain = arena_strdup(r->list->texts, name);
  return 0;
}

static int read_subject(struct reading *r, const char *value, struct err *e) {
  r->is_service = !strcmp(value, label_subject_word(LABEL_SERVICE));
  if (r->is_service) return 0;
  return err_set(e, ERR_FORMAT, "\"%s\": only service may be said; all else shows in the source", value);
}

static int read_verdict(struct reading *r, const char *value, struct err *e) {
  const int verdict = label_verdict_of(value);
  if (verdict < 0)
    return err_set(e, ERR_FORMAT, "\"%s\" is none of legitimate, forwarder, unauthorised, ignore", value);
  r->label.verdict = (enum label_verdict)verdict;
  return 0;
}

/* As --until: a day alone is all of it. */
static int read_until(struct reading *r, const char *value, struct err *e) {
  int code = utc_parse(value, &r->label.until_s, e);
  if (!code && !strchr(value, ':')) r->label.until_s += UTC_DAY_S;
  return code;
}

static int read_text(struct reading *r, enum key key, const char *value, struct err *e) {
  const char **at = key == NOTE      ? &r->label.note
                    : key == OWNER   ? &r->label.owner
                    : key == PURPOSE ? &r->label.purpose
                                     : &r->label.ticket;
  if (*value) *at = arena_strdup(r->list->texts, value);
  return label_check_text("the text", value, e);
}

static int read_key(struct reading *r, enum key key, const char *value, struct err *e) {
  switch (key) {
    case DOMAIN:
      return read_domain(r, value, e);
    case SUBJECT:
      return read_subject(r, value, e);
    case LABEL:
      return read_verdict(r, value, e);
    case UNTIL:
      return read_until(r, value, e);
    case EXPECTED:
      return label_read_volume(value, &r->label.expected, e);
    case REVIEW:
      return label_read_review(value, &r->label.review_s, e);
    case MADE:
      return utc_parse(value, &r->label.made_s, e);
    default:
      return read_text(r, key, value, e);
  }
}

static int find_key(const char *word, enum key *ret, struct err *e) {
  for (int i = 0; i < KEYS; i++)
    if (!strcmp(word, KEY_WORDS[i])) {
      *ret = (enum key)i;
      return 0;
    }
  _cleanup_strbuf_ struct strbuf list = STRBUF_INIT;
  for (int i = 0; i < KEYS; i++) strbuf_printf(&list, "%s%s", i ? ", " : "", KEY_WORDS[i]);
  return err_set(e, ERR_FORMAT, "\"%s\" is none of the keys %s", word, strbuf_text(&list));
}

static int take_entry(struct reading *r, const char *word, const char *text, struct err *e) {
  _cleanup_strbuf_ struct strbuf value = STRBUF_INIT;
  enum key key = LABEL;
  int code = find_key(word, &key, e);
  if (code < 0) return code;
  if (r->given & 1u << key) return err_set(e, ERR_FORMAT, "%s was said already in this section", word);
  r->given |= 1u << key;
  code = read_value(text, &value, e);
  if (!code) code = read_key(r, key, strbuf_text(&value), e);
  return code < 0 ? err_prefix(e, code, "%s", word) : 0;
}

static void on_entry(void *user, unsigned line, const char *word, const char *text) {
  struct reading *r = user;
  struct err e;
  if (!r->begin) {
    on_mistake(r, line, "stands before the first [SOURCE]");
    return;
  }
  if (take_entry(r, word, text, &e) < 0) on_mistake(r, line, e.text);
}

/* The label that was read, and the next one begins. */
static void end_section(struct reading *r) {
  struct label_list *l = r->list;
  if (r->heading && !(r->given & 1u << LABEL)) on_mistake(r, r->begin, "the section has no line label = ...");
  if (r->heading) {
    MEM_GROW(l->items, l->capacity, l->count);
    MEM_GROW(r->lines, r->line_capacity, l->count);
    r->label.id = l->count; /* as long as the list is not sorted: where its line is found */
    r->lines[l->count] = r->begin;
    l->items[l->count++] = r->label;
  }
  r->label = (struct label){.until_s = FEEDBACK_TIME_UNKNOWN};
  r->heading = NULL;
  r->given = 0;
  r->is_service = false;
}

/* Which source it is can be said once the section is read: `subject` may stand in it. */
static void resolve_source(struct reading *r) {
  struct err e;
  if (!r->heading) return;
  if (r->is_service && !sender_by_name(r->catalogue, r->heading)) {
    r->label.subject = LABEL_SERVICE;
    r->label.source = r->heading;
    return;
  }
  if (label_read_source(r->heading, r->catalogue, r->list->texts, &r->label, &e) == 0) return;
  on_mistake(r, r->begin, e.text);
  r->heading = NULL;
}

static void on_section(void *user, unsigned line, const char *name) {
  struct reading *r = user;
  resolve_source(r);
  end_section(r);
  r->begin = line;
  if (name && !*name) on_mistake(r, line, "a section is named after its source");
  r->heading = name && *name ? arena_strdup(r->list->texts, name) : NULL;
}

static void tell_repeated(struct reading *r, const struct label *a, const struct label *b) {
  unsigned first = r->lines[a->id], second = r->lines[b->id];
  char text[160];
  if (second < first) first = r->lines[b->id], second = r->lines[a->id];
  snprintf(text, sizeof text, "the section at line %u is about the same source%s", first,
           a->domain ? " and domain" : "");
  on_mistake(r, second, text);
}

static void sort_list(struct reading *r) {
  struct label_list *l = r->list;
  if (l->count) qsort(l->items, l->count, sizeof *l->items, label_compare);
  for (unsigned i = 1; i < l->count; i++)
    if (!label_compare(&l->items[i - 1], &l->items[i])) tell_repeated(r, &l->items[i - 1], &l->items[i]);
  for (unsigned i = 0; i < l->count; i++) l->items[i].id = 0;
}

int label_file_read(const char *path, const struct sender_catalogue *catalogue, label_mistake_fn *mistake,
                    struct label_list *ret, struct err *e) {
  struct reading r = {.path = path, .catalogue = catalogue, .tell = mistake, .list = ret};
  const struct ini_events events = {on_section, on_entry, on_mistake, &r, .is_data = true};
  *ret = (struct label_list){.texts = arena_new(4096)};
  int code = ini_file_read(path, &events, e);
  if (!code) {
    resolve_source(&r);
    end_section(&r);
    sort_list(&r);
  }
  free(r.lines);
  if (code < 0 || !r.mistakes) return code;
  return err_set(e, ERR_FORMAT, "%s: nothing of it was taken: %u mistake%s", path, r.mistakes,
                 r.mistakes == 1 ? "" : "s");
}

void label_list_clear(struct label_list *l) {
  free(l->items);
  arena_free(l->texts);
  *l = (struct label_list){0};
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void add_text(struct strbuf *out, enum key key, const char *text) {
  if (!text || !*text) return;
  strbuf_printf(out, "%s = ", KEY_WORDS[key]);
  if (needs_quotes(text))
    add_quoted(out, text);
  else
    strbuf_add_text(out, text);
  strbuf_add_char(out, '\n');
}

/* An end at midnight is the day before, as --until has it. */
static void add_until(struct strbuf *out, int64_t until_s) {
  char text[UTC_TEXT_BYTES];
  if (until_s == FEEDBACK_TIME_UNKNOWN) return;
  const bool is_day = until_s > 0 && until_s % UTC_DAY_S == 0;
  add_text(out, UNTIL, is_day ? utc_format_day(until_s - 1, text) : utc_format(until_s, text));
}

static void add_label(struct strbuf *out, const struct label *l, bool name_subject) {
  _cleanup_strbuf_ struct strbuf volume = STRBUF_INIT;
  char text[UTC_TEXT_BYTES];
  label_show_volume(&l->expected, &volume);
  strbuf_printf(out, "[%s]\n", l->source);
  add_text(out, DOMAIN, l->domain);
  add_text(out, SUBJECT, name_subject ? label_subject_word(l->subject) : NULL);
  add_text(out, LABEL, label_verdict_word(l->verdict));
  add_until(out, l->until_s);
  add_text(out, NOTE, l->note);
  add_text(out, OWNER, l->owner);
  add_text(out, PURPOSE, l->purpose);
  add_text(out, TICKET, l->ticket);
  add_text(out, EXPECTED, strbuf_text(&volume));
  add_text(out, REVIEW, l->review_s ? utc_format_day(l->review_s, text) : NULL);
  add_text(out, MADE, utc_format(l->made_s, text));
}

/* A service of another catalogue, or of a map that is not given, would be taken for something else. */
static bool is_unknown_service(const struct label *l, const struct sender_catalogue *catalogue) {
  return l->subject == LABEL_SERVICE && !sender_by_name(catalogue, l->source);
}

static int check_label(const struct label *l, struct err *e) {
  const char *const texts[] = {l->note, l->owner, l->purpose, l->ticket};
  for (unsigned i = 0; i < ARRAY_SIZE(texts); i++) {
    int code = label_check_text("one of its texts", texts[i], e);
    if (code < 0) return err_prefix(e, code, "%s", l->source);
  }
  if (!l->source[strcspn(l->source, "]\n\r")] && !needs_quotes(l->source)) return 0;
  return err_set(e, ERR_USAGE, "%s: the file has no place for such a name", l->source);
}

int label_file_write(const struct label *labels, unsigned count, const struct sender_catalogue *catalogue, FILE *out,
                     struct err *e) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  fputs("# What the owner says of sources. 'dmarcctl label --import FILE' takes it in.\n", out);
  for (unsigned i = 0; i < count; i++) {
    int code = check_label(&labels[i], e);
    if (code < 0) return code;
    strbuf_reset(&text);
    strbuf_add_char(&text, '\n');
    add_label(&text, &labels[i], is_unknown_service(&labels[i], catalogue));
    fputs(strbuf_text(&text), out);
  }
  return 0;
}

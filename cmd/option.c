/* SPDX-License-Identifier: Apache-2.0 */
/* What each kind of option takes, prints and tells; and the command line, taken apart. */
#include "cmd/option.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "base/nearest.h"
#include "base/number.h"
#include "base/utc.h"

static const struct option_word YES_NO[] = {{.word = "yes", .value = 1}, {.word = "no", .value = 0}, {0}};

/* --- rows --------------------------------------------------------------------------------------------------------- */

static const struct option *find_long(const struct option_rows *r, const char *name, size_t length) {
  for (unsigned i = 0; i < r->count; i++)
    if (strlen(r->rows[i]->name) == length && !strncmp(r->rows[i]->name, name, length)) return r->rows[i];
  return NULL;
}

static const struct option *find_short(const struct option_rows *r, char letter) {
  for (unsigned i = 0; i < r->count; i++)
    if (r->rows[i]->letter == letter) return r->rows[i];
  return NULL;
}

void option_rows_add(struct option_rows *r, const struct option *row) {
  if (option_find(r, row->name)) return;
  if (r->count == OPTION_ROWS_MOST) abort(); /* a table of our own has outgrown it */
  r->rows[r->count++] = row;
}

const struct option *option_find(const struct option_rows *r, const char *name) {
  return find_long(r, name, strlen(name));
}

/* --- words -------------------------------------------------------------------------------------------------------- */

static const struct option_word *find_word(const struct option_word *words, const char *text, size_t length,
                                           int (*compare)(const char *, const char *, size_t)) {
  for (const struct option_word *w = words; w->word; w++)
    if (strlen(w->word) == length && !compare(w->word, text, length)) return w;
  return NULL;
}

const struct option_word *option_words(const struct option *row) {
  return row->kind == OPTION_YES_NO ? YES_NO : row->words;
}

const struct option_word *option_word_find(const struct option_word *words, const char *text) {
  const struct option_word *w = find_word(words, text, strlen(text), strncmp);
  return w && !w->refusal ? w : NULL;
}

static void join_words(const struct option_word *words, const char *between, bool tell_default, struct strbuf *out) {
  const char *separator = "";
  for (const struct option_word *w = words; w->word; w++) {
    if (w->refusal) continue;
    strbuf_printf(out, "%s%s%s", separator, w->word, tell_default && w->is_default ? " (default)" : "");
    separator = between;
  }
}

void option_words_join(const struct option_word *words, const char *between, struct strbuf *out) {
  join_words(words, between, false, out);
}

/* --- setting ------------------------------------------------------------------------------------------------------ */

static void *field(const struct option *row, void *base) { return (char *)base + row->at; }
static const void *const_field(const struct option *row, const void *base) { return (const char *)base + row->at; }

static int set_yes_no(int *at, const char *text, struct err *e) {
  const struct option_word *word = option_word_find(YES_NO, text);
  if (!word) return err_set(e, ERR_USAGE, "\"%s\" is neither yes nor no", text);
  *at = word->value;
  return 0;
}

static int set_flag(const struct option *row, bool *at, const char *text, struct err *e) {
  int yes = 1;
  int code = text ? set_yes_no(&yes, text, e) : 0;
  if (!code) *at = row->kind == OPTION_FLAG ? yes : !yes;
  return code;
}

static void put_number(const struct option *row, void *at, int64_t value) {
  if (row->size == sizeof(uint32_t))
    *(uint32_t *)at = (uint32_t)value;
  else
    *(uint64_t *)at = (uint64_t)value;
}

static int set_number(const struct option *row, void *at, const char *text, struct err *e) {
  int64_t value;
  if (number_parse(text, row->most, &value) && value >= row->least) {
    put_number(row, at, value);
    return 0;
  }
  if (row->most == INT64_MAX) return err_set(e, ERR_USAGE, "\"%s\" is no number", text);
  return err_set(e, ERR_USAGE, "\"%s\" is no number%s%s from %lld to %lld", text, row->unit ? " of " : "",
                 row->unit ? row->unit : "", (long long)row->least, (long long)row->most);
}

static int set_size(void *at, const char *text, struct err *e) {
  int64_t value;
  if (!number_parse_size(text, &value) || value < 1)
    return err_set(e, ERR_USAGE, "\"%s\" is no size: write a number, or 64K, 48M, 1G", text);
  *(uint64_t *)at = (uint64_t)value;
  return 0;
}

static void put_copy(char **at, const char *text) {
  free(*at);
  *at = mem_strdup(text);
}

static int set_text(const struct option *row, void *at, const char *text, struct err *e) {
  if (row->kind == OPTION_FILE && !*text) return err_set(e, ERR_USAGE, "no file name");
  if (row->owned && !*text) return err_set(e, ERR_USAGE, "is empty");
  if (row->owned)
    put_copy(at, text);
  else
    *(const char **)at = text;
  return 0;
}

/* A domain as the user writes it -> as reports are stored. */
static int set_domain(void *at, const char *text, struct err *e) {
  _cleanup_free_ char *name = domain_spelled(text);
  if (!domain_is_plausible(name)) return err_set(e, ERR_USAGE, "\"%s\" is no domain name", name);
  put_copy(at, name);
  return 0;
}

static int add_domain(struct text_list *at, const char *text, struct err *e) {
  _cleanup_free_ char *name = NULL;
  int code = set_domain(&name, text, e);
  if (!code) text_list_add(at, name);
  return code;
}

static int set_end(int64_t *at, const char *text, struct err *e) {
  int code = utc_parse(text, at, e);
  if (!code && !strchr(text, ':')) *at += UTC_DAY_S;
  return code;
}

static int no_such_word(const struct option *row, const char *text, size_t length, struct err *e) {
  _cleanup_strbuf_ struct strbuf list = STRBUF_INIT;
  const struct option_word *word = find_word(row->words, text, length, strncmp);
  if (word) return err_set(e, ERR_USAGE, "%s %s", word->word, word->refusal);
  option_words_join(row->words, ", ", &list);
  return err_set(e, ERR_USAGE, "\"%.*s\" is none of %s", (int)length, text, strbuf_text(&list));
}

static int set_keyword(const struct option *row, int *at, const char *text, struct err *e) {
  const struct option_word *word = option_word_find(row->words, text);
  if (!word) return no_such_word(row, text, strlen(text), e);
  *at = word->value;
  return 0;
}

/* As strncmp compares, but without case. */
static int compare_any_case(const char *a, const char *b, size_t size) { return !ascii_same_bytes(a, b, size); }

static int set_keyword_text(const struct option *row, const char **at, const char *text, struct err *e) {
  const struct option_word *word = find_word(row->words, text, strlen(text), compare_any_case);
  if (!word) return no_such_word(row, text, strlen(text), e);
  *at = word->word;
  return 0;
}

static int set_keyword_bits(const struct option *row, unsigned *at, const char *text, struct err *e) {
  unsigned bits = 0;
  for (;;) {
    size_t length = strcspn(text, ",");
    const struct option_word *word = find_word(row->words, text, length, strncmp);
    if (!word) return no_such_word(row, text, length, e);
    bits |= 1u << word->value;
    if (!text[length]) break;
    text += length + 1;
  }
  *at |= bits;
  return 0;
}

static int add_text(struct text_list *at, const char *text, struct err *e) {
  if (!*text) return err_set(e, ERR_USAGE, "is empty");
  text_list_add(at, text);
  return 0;
}

static int set_value(const struct option *row, void *at, const char *text, struct err *e) {
  switch (row->kind) {
    case OPTION_FLAG:
    case OPTION_CLEAR:
      return set_flag(row, at, text, e);
    case OPTION_NUMBER:
      return set_number(row, at, text, e);
    case OPTION_SIZE:
      return set_size(at, text, e);
    case OPTION_TEXT:
    case OPTION_FILE:
    case OPTION_COMMAND:
      return set_text(row, at, text, e);
    case OPTION_TEXTS:
      return add_text(at, text, e);
    case OPTION_DOMAIN:
      return set_domain(at, text, e);
    case OPTION_DOMAINS:
      return add_domain(at, text, e);
    case OPTION_BEGIN:
      return utc_parse(text, at, e);
    case OPTION_END:
      return set_end(at, text, e);
    case OPTION_DURATION:
      return utc_parse_duration(text, at, e);
    case OPTION_AGE:
      return utc_parse_age(text, at, e);
    case OPTION_YES_NO:
      return set_yes_no(at, text, e);
    case OPTION_KEYWORD:
      return set_keyword(row, at, text, e);
    case OPTION_KEYWORD_TEXT:
      return set_keyword_text(row, at, text, e);
    case OPTION_KEYWORD_BITS:
      return set_keyword_bits(row, at, text, e);
    case OPTION_CUSTOM:
      return row->parse(at, text, e);
  }
  return 0;
}

bool option_takes_value(const struct option *row) { return row->kind != OPTION_FLAG && row->kind != OPTION_CLEAR; }

int option_set(const struct option *row, void *base, const char *text, struct err *e) {
  int code = set_value(row, field(row, base), text, e);
  return code < 0 ? err_prefix(e, code, "--%s", row->name) : 0;
}

void option_forget(const struct option *row, void *base) {
  if (row->kind == OPTION_TEXTS || row->kind == OPTION_DOMAINS) text_list_clear(field(row, base));
}

/* --- showing ------------------------------------------------------------------------------------------------------ */

static void show_number(const struct option *row, const void *at, struct strbuf *out) {
  uint64_t value = row->size == sizeof(uint32_t) ? *(const uint32_t *)at : *(const uint64_t *)at;
  if (value >= (uint64_t)row->least && value <= (uint64_t)row->most)
    strbuf_printf(out, "%llu", (unsigned long long)value);
}

/* As people write it: 1G, not 1073741824. */
static void show_size(uint64_t size, struct strbuf *out) {
  static const char UNITS[] = "KMGT";
  unsigned unit = 0;
  for (; unit < strlen(UNITS) && size && size % 1024 == 0; unit++) size /= 1024;
  strbuf_printf(out, "%llu", (unsigned long long)size);
  if (unit) strbuf_add_char(out, UNITS[unit - 1]);
}

/* Nobody said it, and no single number says what holds then. */
static bool show_unsaid(const struct option *row, const void *at, struct strbuf *out) {
  static const uint64_t NOTHING;
  if (!row->unsaid || memcmp(at, &NOTHING, row->size) != 0) return false;
  strbuf_add_text(out, row->unsaid);
  return true;
}

static void show_keyword(const struct option_word *words, int value, struct strbuf *out) {
  for (const struct option_word *w = words; w->word; w++)
    if (w->value == value && !w->refusal) {
      strbuf_add_text(out, w->word);
      return;
    }
}

static void show_texts(const struct text_list *list, struct strbuf *out) {
  for (unsigned i = 0; i < list->count; i++) {
    strbuf_add_text(out, i ? ", " : "");
    strbuf_add_text(out, list->items[i]);
  }
}

void option_show(const struct option *row, const void *base, struct strbuf *out) {
  const void *at = const_field(row, base);
  if (show_unsaid(row, at, out)) return;
  switch (row->kind) {
    case OPTION_FLAG:
      strbuf_add_text(out, *(const bool *)at ? "yes" : "no");
      break;
    case OPTION_NUMBER:
      show_number(row, at, out);
      break;
    case OPTION_SIZE:
      show_size(*(const uint64_t *)at, out);
      break;
    case OPTION_KEYWORD:
      show_keyword(row->words, *(const int *)at, out);
      break;
    case OPTION_TEXT:
    case OPTION_FILE:
      if (*(const char *const *)at) strbuf_add_text(out, *(const char *const *)at);
      break;
    case OPTION_TEXTS:
      show_texts(at, out);
      break;
    default:
      break;
  }
}

/* --- help --------------------------------------------------------------------------------------------------------- */

void option_add_value(const struct option *row, struct strbuf *out) {
  if (row->value)
    strbuf_add_text(out, row->value);
  else if (option_words(row))
    option_words_join(option_words(row), "|", out);
}

void option_add_help(const struct option *row, struct strbuf *out) {
  const char *place = row->words ? strstr(row->help, "%s") : NULL;
  if (!place) {
    strbuf_add_text(out, row->help);
    return;
  }
  strbuf_add(out, row->help, (size_t)(place - row->help));
  join_words(row->words, ", ", true, out);
  strbuf_add_text(out, place + 2);
}

#define HELP_INDENT 35
#define HELP_COLUMNS 100

/* From column `at` on, broken at blanks. */
static void print_wrapped(FILE *out, const char *text, int at) {
  for (const char *word = text; *word; word += strspn(word, " ")) {
    int length = (int)strcspn(word, " ");
    if (word == text)
      at += fprintf(out, "%.*s", length, word);
    else if (at + 1 + length > HELP_COLUMNS)
      at = fprintf(out, "\n%*s%.*s", HELP_INDENT, "", length, word) - 1;
    else
      at += fprintf(out, " %.*s", length, word);
    word += length;
  }
  fputc('\n', out);
}

void option_print_help(FILE *out, const struct option_rows *r) {
  for (unsigned i = 0; i < r->count; i++) {
    const struct option *row = r->rows[i];
    _cleanup_strbuf_ struct strbuf left = STRBUF_INIT, help = STRBUF_INIT;
    if (row->letter)
      strbuf_printf(&left, "-%c, --%s", row->letter, row->name);
    else
      strbuf_printf(&left, "    --%s", row->name);
    if (option_takes_value(row)) strbuf_add_char(&left, ' ');
    option_add_value(row, &left);
    option_add_help(row, &help);
    int at = fprintf(out, "  %-32s ", strbuf_text(&left));
    print_wrapped(out, strbuf_text(&help), at);
  }
}

/* --- the command line --------------------------------------------------------------------------------------------- */

static int take(struct option_line *line, const struct option *row, const char *text, void *base, struct err *e) {
  line->given = mem_realloc(line->given, (line->given_count + 1) * sizeof *line->given);
  line->given[line->given_count++] = (struct option_given){row, text};
  return option_set(row, base, text, e);
}

/* What no row knows: "--NAME" without its value, of so many bytes. */
static int refuse(const struct option_rows *r, const char *word, size_t length, struct err *e) {
  for (unsigned i = 0; word[1] == '-' && r->refused_groups && i < r->refused->count; i++) {
    const struct option *row = &r->refused->rows[i];
    bool is_meant = strlen(row->name) == length && !strncmp(row->name, word + 2, length);
    if (is_meant && row->groups & r->refused_groups)
      return err_set(e, ERR_USAGE, "--%s would be ignored: %s", row->name, r->refusal);
  }
  struct nearest nearest = nearest_to(word + 2, length);
  for (unsigned i = 0; word[1] == '-' && i < r->count; i++) nearest_consider(&nearest, r->rows[i]->name);
  if (!nearest.word) return err_set(e, ERR_USAGE, "unknown option %s", word);
  return err_set(e, ERR_USAGE, "unknown option %s: did you mean --%s?", word, nearest.word);
}

/* The option at argv[*at], with its value from "=", from the rest of a short one, or from the next argument. */
static int take_option(struct option_line *line, const struct option_rows *r, int argc, char **argv, int *at,
                       void *base, struct err *e) {
  const char *word = argv[*at];
  bool is_long = word[1] == '-';
  const char *equals = is_long ? strchr(word, '=') : NULL;
  size_t length = equals ? (size_t)(equals - word) - 2 : strlen(word + 1 + is_long);
  const struct option *row = is_long ? find_long(r, word + 2, length) : find_short(r, word[1]);
  if (!row) return refuse(r, word, length, e);
  const char *value = equals ? equals + 1 : !is_long && word[2] ? word + 2 : NULL;
  if (!option_takes_value(row)) {
    if (value) return err_set(e, ERR_USAGE, "--%s takes no value", row->name);
    return take(line, row, NULL, base, e);
  }
  if (!value && *at + 1 >= argc) {
    _cleanup_strbuf_ struct strbuf name = STRBUF_INIT;
    option_add_value(row, &name);
    return err_set(e, ERR_USAGE, "--%s needs a value: %s", row->name, strbuf_text(&name));
  }
  return take(line, row, value ? value : argv[++*at], base, e);
}

int option_line_parse(struct option_line *line, const struct option_rows *r, int argc, char **argv, void *base,
                      struct err *e) {
  *line = (struct option_line){.args = mem_alloc((size_t)(argc + 1) * sizeof *line->args)};
  bool only_arguments = false;
  for (int i = 0; i < argc; i++) {
    if (only_arguments || argv[i][0] != '-' || !argv[i][1]) {
      line->args[line->arg_count++] = argv[i];
    } else if (!strcmp(argv[i], "--")) {
      only_arguments = true;
    } else {
      int code = take_option(line, r, argc, argv, &i, base, e);
      if (code < 0) return code;
    }
  }
  return 0;
}

void option_line_clear(struct option_line *line) {
  free(line->given);
  free(line->args);
  *line = (struct option_line){0};
}

void option_line_apply(const struct option_line *line, void *base) {
  for (unsigned i = 0; i < line->given_count; i++) option_set(line->given[i].row, base, line->given[i].text, NULL);
}

bool option_line_sets(const struct option_line *line, const struct option *row) {
  for (unsigned i = 0; i < line->given_count; i++)
    if (line->given[i].row->at == row->at) return true;
  return false;
}

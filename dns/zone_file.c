/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts a zone file into entries of words, and takes out those that are TXT records. */
#include "dns/zone_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/domain.h"

struct word {
  const char *text;
  bool quoted;
};

/* The longest TXT record, of 65,535 bytes, has fewer unless its strings are shorter than 16 bytes. */
#define MOST_WORDS 4096
#define WORDS_BEFORE_DATA 4 /* name, TTL, class, type */

struct reading {
  const char *at;
  unsigned line;
  struct arena *arena;
  struct strbuf word;
  /* the entry at hand */
  struct word words[MOST_WORDS];
  unsigned count, begin_line;
  bool is_cut;               /* a comment stands behind a word without quotes */
  bool begins_blank;         /* it has the name of the one before */
  const char *origin, *name; /* NULL: not known */
};

/* "\065" is a byte, "\;" a character without its meaning. */
static int read_escape(struct reading *r, struct err *e) {
  const char *at = r->at + 1;
  if (ascii_is_digit(at[0])) {
    if (!ascii_is_digit(at[1]) || !ascii_is_digit(at[2]))
      return err_set(e, ERR_FORMAT, "line %u: \"\\\" wants three digits, or one character that is none", r->line);
    const int byte = (at[0] - '0') * 100 + (at[1] - '0') * 10 + (at[2] - '0');
    if (byte > 255 || !byte) return err_set(e, ERR_FORMAT, "line %u: \"\\%.3s\" is no byte of a text", r->line, at);
    strbuf_add_char(&r->word, (char)byte);
    r->at += 4;
    return 0;
  }
  if (!*at || *at == '\n') return err_set(e, ERR_FORMAT, "line %u: nothing is behind \"\\\"", r->line);
  strbuf_add_char(&r->word, *at);
  r->at += 2;
  return 0;
}

static int read_quoted(struct reading *r, struct err *e) {
  int code = 0;
  r->at++;
  while (*r->at != '"' && !code) {
    if (!*r->at || *r->at == '\n') return err_set(e, ERR_FORMAT, "line %u: a quote is not closed", r->line);
    if (*r->at == '\\')
      code = read_escape(r, e);
    else
      strbuf_add_char(&r->word, *r->at++);
  }
  r->at++;
  return code;
}

static int read_plain(struct reading *r, struct err *e) {
  int code = 0;
  while (*r->at && !strchr(" \t\r\n();\"", *r->at) && !code) {
    if (*r->at == '\\')
      code = read_escape(r, e);
    else
      strbuf_add_char(&r->word, *r->at++);
  }
  return code;
}

static int read_word(struct reading *r, struct err *e) {
  const bool quoted = *r->at == '"';
  strbuf_reset(&r->word);
  int code = quoted ? read_quoted(r, e) : read_plain(r, e);
  if (code < 0) return code;
  if (r->count == MOST_WORDS) return err_set(e, ERR_FORMAT, "line %u: an entry of too many words", r->line);
  r->words[r->count++] = (struct word){arena_strdup(r->arena, strbuf_text(&r->word)), quoted};
  return 0;
}

static void skip_comment(struct reading *r) {
  r->is_cut |= r->count && !r->words[r->count - 1].quoted;
  r->at += strcspn(r->at, "\n");
}

/* Up to the end of its line, or of its parentheses. 1, or 0 at the end of the text. */
static int read_entry(struct reading *r, struct err *e) {
  unsigned depth = 0;
  int code = 0;
  r->count = 0;
  r->is_cut = false;
  r->begin_line = r->line;
  r->begins_blank = *r->at == ' ' || *r->at == '\t';
  if (!*r->at) return 0;
  while (*r->at && (*r->at != '\n' || depth) && !code) {
    if (*r->at == '\n') r->line++;
    if (*r->at == '(')
      depth++, r->at++;
    else if (*r->at == ')' && !depth)
      return err_set(e, ERR_FORMAT, "line %u: \")\" without \"(\"", r->line);
    else if (*r->at == ')')
      depth--, r->at++;
    else if (*r->at == ';')
      skip_comment(r);
    else if (strchr(" \t\r\n", *r->at))
      r->at++;
    else
      code = read_word(r, e);
  }
  if (code < 0) return code;
  if (depth) return err_set(e, ERR_FORMAT, "line %u: \"(\" is not closed", r->begin_line);
  if (*r->at) r->at++, r->line++;
  return 1;
}

/* In full where that is known. */
static const char *full_name(struct reading *r, const char *word, bool *ret_relative) {
  _cleanup_strbuf_ struct strbuf name = STRBUF_INIT;
  const size_t length = strlen(word);
  *ret_relative = false;
  if (!strcmp(word, "@") && r->origin)
    strbuf_add_text(&name, r->origin);
  else if (length && word[length - 1] == '.')
    strbuf_add(&name, word, length - 1);
  else if (r->origin)
    strbuf_printf(&name, "%s.%s", word, r->origin);
  else
    *ret_relative = true, strbuf_add_text(&name, word);
  char *kept = arena_strdup(r->arena, strbuf_text(&name));
  domain_normalise(kept);
  return kept;
}

/* Where the type stands, behind an optional TTL and class in any order; 0: it is no TXT. */
static unsigned place_of_txt(const struct reading *r) {
  for (unsigned i = r->begins_blank ? 0 : 1; i < r->count && i < WORDS_BEFORE_DATA; i++) {
    if (r->words[i].quoted) return 0;
    if (ascii_same(r->words[i].text, "TXT")) return i + 1;
    const bool is_class = ascii_same(r->words[i].text, "IN"), is_ttl = ascii_is_digit(*r->words[i].text);
    if (!is_class && !is_ttl) return 0;
  }
  return 0;
}

static int take_entry(struct reading *r, struct zone_texts *ret, bool *relative, struct err *e) {
  if (!r->count) return 0;
  if (!r->words[0].quoted && ascii_same(r->words[0].text, "$ORIGIN") && r->count > 1) {
    bool unused;
    r->origin = full_name(r, r->words[1].text, &unused);
    return 0;
  }
  if (*r->words[0].text == '$' && !r->words[0].quoted) return 0;
  if (!r->begins_blank) r->name = full_name(r, r->words[0].text, relative);
  const unsigned data = place_of_txt(r);
  if (!data || !r->name) return 0;
  if (ret->count == ZONE_FILE_MOST_TEXTS) return err_set(e, ERR_FORMAT, "line %u: too many TXT records", r->begin_line);
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  for (unsigned i = data; i < r->count; i++) strbuf_add_text(&text, r->words[i].text);
  MEM_GROW(ret->items, ret->capacity, ret->count);
  ret->items[ret->count++] =
      (struct zone_text){r->name, *relative, arena_strdup(r->arena, strbuf_text(&text)), r->begin_line, r->is_cut};
  return 0;
}

int zone_file_read(const char *text, struct arena *arena, struct zone_texts *ret, struct err *e) {
  _cleanup_free_ struct reading *r = mem_zalloc(sizeof *r); /* too large for a stack */
  bool relative = false;
  int code;
  *ret = (struct zone_texts){.count = 0};
  r->at = text;
  r->line = 1;
  r->arena = arena;
  while ((code = read_entry(r, e)) == 1 && !(code = take_entry(r, ret, &relative, e))) continue;
  strbuf_clear(&r->word);
  return code;
}

void zone_texts_clear(struct zone_texts *t) {
  free(t->items);
  *t = (struct zone_texts){.count = 0};
}

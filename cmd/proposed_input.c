/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/proposed_input.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "base/utf8.h"
#include "cmd/ini_file.h"
#include "dns/published.h"
#include "dns/zone_file.h"

#define LABEL "_dmarc"

static void add(struct proposed_input *to, const char *domain, const char *text, const char *file, unsigned line) {
  MEM_GROW(to->items, to->capacity, to->count);
  to->items[to->count++] = (struct proposed_record){arena_strdup(to->arena, domain), arena_strdup(to->arena, text),
                                                    arena_strdup(to->arena, file), line};
}

static int need_domain(const char *domain, const char *what, struct err *e) {
  if (domain) return 0;
  return err_set(
      e, ERR_USAGE,
      "%s does not say whose record it is: name the DOMAIN, as in 'dmarcctl readiness --proposed RECORD example.com'",
      what);
}

/* "_dmarc.example.com", or "_dmarc" where nothing tells the rest. NULL: another name. */
static const char *domain_of(const struct zone_text *t, const char *domain) {
  if (!ascii_begins(t->name, LABEL)) return NULL;
  const char *rest = t->name + strlen(LABEL);
  if (*rest == '.') return rest + 1;
  return !*rest && t->relative ? domain : NULL;
}

/* A name that is relative to an unknown zone may be below the domain that was named: "_dmarc.shop". */
static int take_zone(const char *file, const char *text, const char *domain, struct proposed_input *ret,
                     struct err *e) {
  _cleanup_(zone_texts_clear) struct zone_texts texts = {.count = 0};
  int code = zone_file_read(text, ret->arena, &texts, e);
  for (unsigned i = 0; i < texts.count && !code; i++) {
    const struct zone_text *t = &texts.items[i];
    const bool is_one = ascii_begins(t->name, LABEL) && (!t->name[strlen(LABEL)] || t->name[strlen(LABEL)] == '.');
    const char *of = domain_of(t, domain);
    if (!is_one) continue;
    if (t->is_cut)
      return err_set(e, ERR_FORMAT, "line %u: \";\" outside of quotes begins a comment: quote the record", t->line);
    if (!of) code = need_domain(NULL, "the zone", e);
    if (!code && (!domain || !strcmp(of, domain))) add(ret, of, t->text, file, t->line);
  }
  return code;
}

/* A file with nothing but the record. */
static const char *bare_record(struct arena *arena, const char *text, unsigned *ret_line) {
  *ret_line = 1;
  for (; *text && strchr(" \t\r\n", *text); text++) *ret_line += *text == '\n';
  if (!ascii_begins(text, "v") || !dmarc_record_resembles(text)) return NULL;
  size_t length = strcspn(text, "\r\n");
  if (strspn(text + length, " \t\r\n") != strlen(text + length)) return NULL;
  while (length && strchr(" \t", text[length - 1])) length--;
  return arena_strndup(arena, text, length);
}

static int take_file(const char *path, const char *domain, struct proposed_input *ret, struct err *e) {
  _cleanup_strbuf_ struct strbuf whole = STRBUF_INIT;
  int code = data_file_read(path, &whole, e);
  if (code < 0) return code;
  if (memchr(strbuf_text(&whole), '\0', whole.length)) return err_set(e, ERR_USAGE, "%s: is no text", path);
  const char *text = strbuf_text(&whole) + utf8_mark_size(strbuf_text(&whole), whole.length);
  unsigned line;
  const char *record = bare_record(ret->arena, text, &line);
  const char *file = strcmp(path, "-") != 0 ? path : "standard input";
  if (record) {
    code = need_domain(domain, file, e);
    if (!code) add(ret, domain, record, file, line);
    return code;
  }
  struct err why;
  code = take_zone(file, text, domain, ret, &why);
  if (code < 0) return err_set(e, code, "%s: %s", file, why.text);
  if (ret->count) return 0;
  return err_set(e, ERR_USAGE, domain ? "%s: has no TXT record at " LABEL ".%s" : "%s: has no TXT record at " LABEL,
                 file, domain);
}

int proposed_input_read(const char *word, const char *domain, struct proposed_input *ret, struct err *e) {
  *ret = (struct proposed_input){.arena = arena_new(4096)};
  const bool is_record = dmarc_record_is(word) || (strchr(word, '=') && dmarc_record_resembles(word));
  if (!is_record) return take_file(word, domain, ret, e);
  int code = need_domain(domain, "the record", e);
  if (!code) add(ret, domain, word, NULL, 0);
  return code;
}

void proposed_input_clear(struct proposed_input *p) {
  free(p->items);
  arena_free(p->arena);
  *p = (struct proposed_input){0};
}

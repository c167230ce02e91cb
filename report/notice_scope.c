/* SPDX-License-Identifier: Apache-2.0 */
/* What a message may tell of, kept with it while it waits, and held against what its section says when it is to go. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/notice.h"

static void add_kinds(unsigned kinds, struct strbuf *out) {
  for (int i = 0; i < CONCERN_KINDS; i++)
    if (kinds & 1u << i)
      strbuf_printf(out, "%s%s", out->length ? "," : "", concern_kind_facts((enum concern_kind)i)->word);
}

/* All that are asked about, as lines or by a count; and what a finding of an earlier day was of. */
static void add_domains(const struct notice *n, struct strbuf *out) {
  for (unsigned i = 0; i < n->domain_count; i++) strbuf_printf(out, "%s\n", n->domains[i]);
  for (unsigned i = 0; i < n->change_count; i++) strbuf_printf(out, "%s\n", n->changes[i]->concern.domain);
}

struct notice_scope notice_scope_of(const struct notice *n, struct strbuf *kinds, struct strbuf *domains) {
  const struct notice_wish *w = n->wish;
  struct notice_scope s = {.addressees = w->addressees, .severity = (int32_t)w->severity};
  if (w->kinds) {
    add_kinds(w->kinds, kinds);
    s.kinds = strbuf_text(kinds);
  }
  if (w->domains) {
    add_domains(n, domains);
    s.domains = strbuf_text(domains);
  }
  return s;
}

/* The next of a list, and `at` behind its separator; false: there is none. */
static bool next_word(const char **at, char separator, char **ret) {
  const char *end = strchr(*at, separator);
  if (!**at) return false;
  *ret = mem_strndup(*at, end ? (size_t)(end - *at) : strlen(*at));
  *at = end ? end + 1 : *at + strlen(*at);
  return true;
}

/* A kind that this program does not know is not one that the section names. */
static bool are_kinds_covered(const char *kinds, unsigned wanted) {
  bool is_covered = kinds != NULL || !wanted;
  char *word;
  while (kinds && wanted && is_covered && next_word(&kinds, ',', &word)) {
    const enum concern_kind kind = concern_kind_of(word);
    is_covered = kind != CONCERN_KINDS && wanted & 1u << kind;
    free(word);
  }
  return is_covered;
}

static bool are_domains_covered(const char *domains, const struct domain_set *wanted) {
  bool is_covered = domains != NULL || !wanted;
  char *name;
  while (domains && wanted && is_covered && next_word(&domains, '\n', &name)) {
    is_covered = domain_set_covers(wanted, name);
    free(name);
  }
  return is_covered;
}

bool notice_scope_is_covered(const struct notice_scope *s, const struct notice_wish *w) {
  return s->severity <= (int32_t)w->severity && are_kinds_covered(s->kinds, w->kinds) &&
         are_domains_covered(s->domains, w->domains);
}

static bool has_word(const char *words, const char *wanted) {
  bool has = false;
  char *word;
  while (!has && next_word(&words, ',', &word)) {
    has = !strcmp(word, wanted);
    free(word);
  }
  return has;
}

void notice_scope_newcomers(const struct notice_scope *s, const struct notice_wish *w, struct strbuf *ret) {
  const char *now = w->addressees;
  char *word;
  while (next_word(&now, ',', &word)) {
    if (!has_word(s->addressees, word)) strbuf_printf(ret, "%s%s", ret->length ? "," : "", word);
    free(word);
  }
}

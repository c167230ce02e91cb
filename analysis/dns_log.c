/* SPDX-License-Identifier: Apache-2.0 */
/* Goes from change to change of a domain's records. */
#include "analysis/dns_log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/domain.h"
#include "dns/domain_records.h"

const char *dns_subject_word(enum dns_subject s) {
  static const char *const WORDS[DNS_SUBJECTS] = {"dmarc", "spf", "key", "mx", "ns", "mta_sts", "tls_rpt", "bimi"};
  return WORDS[s];
}

void dns_changes_clear(struct dns_changes *c) {
  arena_free(c->arena);
  free(c->items);
  *c = (struct dns_changes){0};
}

void log_change(const struct logging *l, const char *format, ...) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  struct dns_changes *c = l->changes;
  va_list args;
  va_start(args, format);
  strbuf_vprintf(&text, format, args);
  va_end(args);
  MEM_GROW(c->items, c->capacity, c->count);
  c->count++;
  c->items[c->count - 1] = (struct dns_change){.domain = l->domain,
                                               .subject = l->subject,
                                               .name = arena_strdup(c->arena, l->name),
                                               .before_s = l->before_s,
                                               .seen_s = l->seen_s,
                                               .order = c->count - 1,
                                               .text = arena_strdup(c->arena, strbuf_text(&text))};
}

/* --- DMARC -------------------------------------------------------------------------------------------------------- */

static void log_tag(const struct logging *l, const char *tag, const char *before, const char *after) {
  if (!before || !after ? before == after : !strcmp(before, after)) return;
  if (!before)
    log_change(l, "+ %s=%s", tag, after);
  else if (!after)
    log_change(l, "- %s=%s", tag, before);
  else
    log_change(l, "%s %s -> %s", tag, before, after);
}

static bool has_uri(const struct dmarc_uri *uris, unsigned count, const char *text) {
  for (unsigned i = 0; i < count; i++)
    if (!strcmp(uris[i].text, text)) return true;
  return false;
}

static void log_addresses(const struct logging *l, const char *tag, const struct published *before,
                          const struct published *after) {
  struct dmarc_uri was[MOST_DMARC_URIS], is[MOST_DMARC_URIS];
  const unsigned was_count = dmarc_record_uris(&before->dmarc, tag, l->changes->arena, was);
  const unsigned is_count = dmarc_record_uris(&after->dmarc, tag, l->changes->arena, is);
  for (unsigned i = 0; i < is_count; i++)
    if (!has_uri(was, was_count, is[i].text)) log_change(l, "+ %s %s", tag, is[i].text);
  for (unsigned i = 0; i < was_count; i++)
    if (!has_uri(is, is_count, was[i].text)) log_change(l, "- %s %s", tag, was[i].text);
}

/* Who receives reports and has come to agree, or does so no more: by the sentence of the fault, which names both. */
static const char *refusal(const struct published *p, unsigned i) {
  return !strcmp(p->faults.items[i].fault, "rua_unauthorised") ? p->faults.items[i].detail : NULL;
}

static bool has_refusal(const struct published *p, const char *detail) {
  for (unsigned i = 0; i < p->faults.count; i++)
    if (refusal(p, i) && !strcmp(refusal(p, i), detail)) return true;
  return false;
}

static void log_consents(const struct logging *l, const struct published *before, const struct published *after) {
  for (unsigned i = 0; i < after->faults.count; i++)
    if (refusal(after, i) && !has_refusal(before, refusal(after, i))) log_change(l, "%s", refusal(after, i));
  for (unsigned i = 0; i < before->faults.count; i++)
    if (refusal(before, i) && !has_refusal(after, refusal(before, i)))
      log_change(l, "no longer: %s", refusal(before, i));
}

static void log_same_record(const struct logging *l, const struct published *before, const struct published *after) {
  static const char *const TAGS[] = {"p", "sp", "np", "t", "pct", "psd", "adkim", "aspf", "fo"};
  const uint32_t since = l->changes->count;
  for (unsigned i = 0; i < ARRAY_SIZE(TAGS); i++)
    log_tag(l, TAGS[i], dmarc_record_value(&before->dmarc, TAGS[i]), dmarc_record_value(&after->dmarc, TAGS[i]));
  log_addresses(l, "rua", before, after);
  log_addresses(l, "ruf", before, after);
  if (l->changes->count == since && strcmp(before->record, after->record) != 0)
    log_change(l, "written in another way: %s", after->record);
  log_consents(l, before, after);
}

static void log_dmarc(struct logging *l, const struct published *before, const struct published *after) {
  if (before->unknown || after->unknown) return;
  const char *where = after->record_domain ? after->record_domain : before->record_domain;
  _cleanup_free_ char *name = mem_printf("_dmarc.%s", where ? where : l->domain);
  l->subject = LOG_DMARC;
  l->name = name;
  if (!before->record && after->record)
    log_change(l, "record published: %s", after->record);
  else if (before->record && !after->record)
    log_change(l, "record withdrawn: %s", before->record);
  else if (after->record && strcmp(before->record_domain, after->record_domain) != 0)
    log_change(l, "that of %s applies, not that of %s: %s", after->record_domain, before->record_domain, after->record);
  else if (after->record)
    log_same_record(l, before, after);
}

/* --- SPF ---------------------------------------------------------------------------------------------------------- */

static void log_spf_record(struct logging *l, const char *name, const struct spf_tree *before,
                           const struct spf_tree *after) {
  if (before->unknown || after->unknown) return;
  l->subject = LOG_SPF;
  l->name = name;
  if (!before->record && after->record)
    log_change(l, "record published: %s", after->record);
  else if (before->record && !after->record)
    log_change(l, "record withdrawn: %s", before->record);
  else if (after->record)
    log_spf(l, before, after);
}

/* --- names of one record ------------------------------------------------------------------------------------------ */

/* Of a key what is between "p=" and the next semicolon, without blanks; "": it is revoked (RFC 6376 3.6.1). */
static char *key_of(const struct dns_answer *a) {
  struct strbuf key = STRBUF_INIT;
  const char *at = a->status == DNS_OK && a->count ? a->texts[0] : NULL;
  for (; at; at = strchr(at, ';') ? strchr(at, ';') + 1 : NULL) {
    at += strspn(at, " \t");
    if (strncmp(at, "p=", 2) != 0) continue;
    for (const char *c = at + 2; *c && *c != ';'; c++)
      if (*c != ' ') strbuf_add_char(&key, *c);
    strbuf_add(&key, "", 0);
    break;
  }
  return key.data;
}

static void log_key(const struct logging *l, const struct dns_answer *before, const struct dns_answer *after) {
  const char *mark = strstr(l->name, "._domainkey.");
  const int length = (int)(mark - l->name);
  _cleanup_free_ char *was = key_of(before), *is = key_of(after);
  const bool was_there = was && *was, is_there = is && *is;
  const char *alias = after->alias ? after->alias : "no alias";
  if (was_there && !is_there)
    log_change(l, "selector %.*s: key %s", length, l->name, is ? "revoked (p= is empty)" : "withdrawn");
  else if (!was_there && is_there)
    log_change(l, "selector %.*s: key published%s%s", length, l->name, after->alias ? " by " : "",
               after->alias ? alias : "");
  else if (was_there && strcmp(was, is) != 0)
    log_change(l, "selector %.*s: another key", length, l->name);
  else if (!before->alias != !after->alias || (after->alias && strcmp(before->alias, after->alias) != 0))
    log_change(l, "selector %.*s: by %s, before %s", length, l->name, alias, before->alias ? before->alias : "none");
  else if (was_there)
    log_change(l, "selector %.*s: the same key with other tags: %s", length, l->name, after->texts[0]);
}

static bool has_text(const struct dns_answer *a, const char *text) {
  for (unsigned i = 0; a->status == DNS_OK && i < a->count; i++)
    if (!strcmp(a->texts[i], text)) return true;
  return false;
}

static void log_texts(const struct logging *l, const struct dns_answer *before, const struct dns_answer *after) {
  for (unsigned i = 0; after->status == DNS_OK && i < after->count; i++)
    if (!has_text(before, after->texts[i])) log_change(l, "+ %s", after->texts[i]);
  for (unsigned i = 0; before->status == DNS_OK && i < before->count; i++)
    if (!has_text(after, before->texts[i])) log_change(l, "- %s", before->texts[i]);
}

static void log_line(struct dns_changes *ret, const char *domain, enum dns_subject subject,
                     const struct past_line *line) {
  for (uint32_t i = 1; line && i < line->count; i++) {
    const struct past_state *before = &line->states[i - 1], *after = &line->states[i];
    const struct logging l = {ret, domain, line->name, subject, before->last_s, after->first_s};
    (subject == LOG_KEY ? log_key : log_texts)(&l, &before->answer, &after->answer);
  }
}

static void log_lines(const struct dns_past *p, const char *domain, struct dns_changes *ret) {
  static const enum dns_subject SUBJECTS[DOMAIN_FACTS] = {LOG_MX, LOG_NS, LOG_MTA_STS, LOG_TLS_RPT, LOG_BIMI};
  for (unsigned i = 0; i < DOMAIN_FACTS; i++) {
    char buffer[FACT_NAME_BYTES];
    enum dns_type type;
    const char *name = domain_fact_name((enum domain_fact)i, domain, buffer, &type);
    log_line(ret, domain, SUBJECTS[i], dns_past_line(p, type, name));
  }
  for (uint32_t i = 0; i < p->lines.count; i++) {
    const struct past_line *line = hashmap_value_at(&p->lines, i);
    const char *mark = line->type == DNS_TXT ? strstr(line->name, "._domainkey.") : NULL;
    if (mark && domain_is_within(mark + strlen("._domainkey."), domain)) log_line(ret, domain, LOG_KEY, line);
  }
}

/* --- from change to change ---------------------------------------------------------------------------------------- */

/* What stood there at a moment. */
struct moment {
  struct arena *arena;
  struct dns *dns;
  struct past_view view;
  struct published published;
  struct spf_tree spf;
};

static void moment_clear(struct moment *m) {
  dns_close(m->dns);
  arena_free(m->arena);
  *m = (struct moment){0};
}

/* `of_dmarc`: else the SPF record of that name. */
static int look(const struct dns_past *p, const char *name, bool of_dmarc, int64_t at_s, struct moment *ret,
                struct err *e) {
  ret->arena = arena_new(16 * 1024);
  int code = dns_past_open(p, at_s, &ret->view, &ret->dns, e);
  if (code < 0) return code;
  if (of_dmarc)
    published_look(ret->dns, name, ret->arena, &ret->published); /* offline nothing is pending */
  else
    spf_tree_look(ret->dns, name, ret->arena, &ret->spf);
  return 0;
}

/* The moments at which an answer that counts becomes another, one after the other. */
static int follow(const struct dns_past *p, const char *domain, const char *name, bool of_dmarc, int64_t from_s,
                  struct dns_changes *ret, struct err *e) {
  struct moment moments[2] = {0}, *before = &moments[0], *after = &moments[1]; /* in turn: a view does not move */
  int code = look(p, name, of_dmarc, from_s, before, e);
  while (!code && before->view.next_s != INT64_MAX) {
    struct moment *third = before;
    code = look(p, name, of_dmarc, before->view.next_s, after, e);
    if (code < 0) break;
    struct logging l = {ret, domain, name, LOG_SPF, after->view.before_s, after->view.at_s};
    if (l.before_s == INT64_MAX) l.before_s = before->view.at_s;
    if (of_dmarc)
      log_dmarc(&l, &before->published, &after->published);
    else
      log_spf_record(&l, name, &before->spf, &after->spf);
    moment_clear(before);
    before = after;
    after = third;
  }
  moment_clear(before);
  moment_clear(after);
  return code;
}

static bool was_spf(const struct past_line *line) {
  for (uint32_t i = 0; i < line->count; i++)
    for (unsigned n = 0; line->states[i].answer.status == DNS_OK && n < line->states[i].answer.count; n++)
      if (spf_text_is(line->states[i].answer.texts[n])) return true;
  return false;
}

/* SPF records below the domain, which a snapshot looks at because mail was checked by them, or because they are
 * included; those with an underscore are included alone. */
static int follow_spf(const struct dns_past *p, const char *domain, struct dns_changes *ret, struct err *e) {
  int code = 0;
  for (uint32_t i = 0; i < p->lines.count && !code; i++) {
    const struct past_line *line = hashmap_value_at(&p->lines, i);
    if (line->type != DNS_TXT || *line->name == '_' || !domain_is_within(line->name, domain) || !was_spf(line))
      continue;
    code = follow(p, domain, line->name, false, line->states[0].first_s, ret, e);
  }
  return code;
}

static int compare(const void *a, const void *b) {
  const struct dns_change *x = a, *y = b;
  if (x->seen_s != y->seen_s) return x->seen_s < y->seen_s ? -1 : 1;
  if (x->subject != y->subject) return x->subject < y->subject ? -1 : 1;
  return x->order < y->order ? -1 : x->order > y->order;
}

int dns_log_domain(const struct dns_past *p, const struct past_domain *domain, struct dns_changes *ret, struct err *e) {
  if (!ret->arena) ret->arena = arena_new(16 * 1024);
  const uint32_t since = ret->count;
  int code = follow(p, domain->domain, domain->domain, true, domain->first_s, ret, e);
  if (!code) code = follow_spf(p, domain->domain, ret, e);
  if (code < 0) return code;
  log_lines(p, domain->domain, ret);
  if (ret->count > since) qsort(ret->items + since, ret->count - since, sizeof *ret->items, compare);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Holds the changes of the DNS against mail that began to fail: did it come then, and does it explain what fails? */
#include <stdlib.h>
#include <string.h>

#include "analysis/fall.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "base/utc.h"
#include "dns/dkim_key.h"
#include "dns/spf_check.h"
#include "dns/spf_tree.h"

/* It came no later than the first day on which mail fails, and no earlier than receivers keep an answer. */
static bool came_then(const struct dns_change *c, int32_t since_day) {
  return c->before_s < utc_from_day(since_day + 1) &&
         c->seen_s >= utc_from_day(since_day) - FALL_CACHED_DAYS * UTC_DAY_S &&
         c->seen_s - c->before_s <= FALL_VAGUE_DAYS * UTC_DAY_S;
}

/* How far the look that found it is from the day on which mail began to fail. */
static int64_t distance(const struct dns_change *c, int32_t since_day) {
  return llabs((long long)(c->seen_s - utc_from_day(since_day)));
}

static bool is_nearer(const struct dns_change *c, const struct dns_change *than, int32_t since_day) {
  return !than || distance(c, since_day) < distance(than, since_day);
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

/* "example.com/s1" as the name of its key; NULL: reporters do not name it. */
static char *key_name(const char *selector) {
  const char *slash = strrchr(selector, '/');
  if (!slash || !strcmp(slash, "/?")) return NULL;
  char *name = mem_printf("%s._domainkey.%.*s", slash + 1, (int)(slash - selector), selector);
  domain_normalise(name);
  return name;
}

/* Could what was signed with the key before no longer be verified since? */
static bool is_key_lost(const struct past_line *line, int64_t seen_s) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  for (uint32_t i = 1; i < line->count; i++) {
    if (line->states[i].first_s != seen_s) continue;
    struct dkim_key before = {0}, after = {0};
    struct dns_faults faults = {0};
    dkim_key_read(&before, &line->states[i - 1].answer, arena, &faults);
    faults = (struct dns_faults){0};
    dkim_key_read(&after, &line->states[i].answer, arena, &faults);
    return before.usable && (!after.usable || strcmp(before.key, after.key) != 0);
  }
  return false;
}

const struct dns_change *fall_cause_of_key(const struct dns_past *past, const struct dns_changes *log,
                                           const struct falling *x, int32_t since_day) {
  const struct dns_change *found = NULL;
  _cleanup_free_ char *name = key_name(x->f->selector);
  const struct past_line *line = name ? dns_past_line(past, DNS_TXT, name) : NULL;
  for (uint32_t i = 0; line && i < log->count; i++) {
    const struct dns_change *c = &log->items[i];
    if (c->subject == LOG_KEY && !strcmp(c->name, name) && came_then(c, since_day) && is_key_lost(line, c->seen_s) &&
        is_nearer(c, found, since_day))
      found = c;
  }
  return found;
}

/* --- SPF ---------------------------------------------------------------------------------------------------------- */

/* A record before a change and since. */
struct crossing {
  struct arena *arena;
  struct past_view views[2];
  struct dns *dns[2];
};

static void crossing_clear(struct crossing *x) {
  dns_close(x->dns[0]);
  dns_close(x->dns[1]);
  arena_free(x->arena);
}

static int crossing_open(struct crossing *x, const struct dns_past *past, int64_t seen_s, struct err *e) {
  *x = (struct crossing){.arena = arena_new(16 * 1024)};
  int code = dns_past_open(past, seen_s - 1, &x->views[0], &x->dns[0], e);
  return code ? code : dns_past_open(past, seen_s, &x->views[1], &x->dns[1], e);
}

/* Did the address pass, and does it not since? Offline nothing is pending. */
static bool is_lost(const struct crossing *x, const char *domain, const struct ip_addr *ip, struct spf_verdict *was,
                    struct spf_verdict *is) {
  const struct spf_question q = {.ip = *ip, .domain = domain};
  spf_check(x->dns[0], &q, x->arena, was);
  spf_check(x->dns[1], &q, x->arena, is);
  return was->result == SPF_PASS && is->result != SPF_PASS && is->result != SPF_TEMPERROR;
}

/* Of the failing messages those whose address was lost; `was` and `is` of the one with most. */
static bool explains(const struct crossing *x, const char *domain, const struct falling *f, struct spf_verdict *was,
                     struct spf_verdict *is) {
  int64_t all = 0, lost = 0, most = 0;
  for (uint32_t i = 0; i < f->sources.count; i++) {
    const struct fallen_source *source = hashmap_value_at(&f->sources, i);
    struct spf_verdict before, after;
    all += source->failing;
    if (!source->failing || !is_lost(x, domain, &source->ip, &before, &after)) continue;
    lost += source->failing;
    if (source->failing <= most) continue;
    most = source->failing;
    *was = before;
    *is = after;
  }
  return lost > 0 && (double)lost >= FALL_EXPLAINED * (double)all;
}

static bool names_term(const char *change, const char *term) {
  const char *at = strstr(change, term);
  if (!at || (at > change && at[-1] != ' ')) return false; /* "?ip4:..." is another term than "ip4:..." */
  const char behind = at[strlen(term)];
  return (!behind || strchr(" ,:(", behind)) && !(at >= change + 2 && !strncmp(at - 2, "+ ", 2));
}

/* Does the line of the log tell of a term by which the address passed? */
static bool is_of_path(const struct crossing *x, const char *domain, const struct spf_verdict *was,
                       const char *change) {
  struct spf_tree tree;
  spf_tree_look(x->dns[0], domain, x->arena, &tree);
  unsigned first = 0, end = tree.count;
  for (unsigned step = 0; step < was->depth; step++) {
    unsigned at = first;
    while (at < end && tree.nodes[at].place != was->path[step]) at = tree.nodes[at].next;
    if (at >= end) return false;
    if (names_term(change, tree.nodes[at].term.text)) return true;
    first = at + 1;
    end = tree.nodes[at].next;
  }
  return false;
}

static bool is_of_outcome(const struct spf_verdict *is, const char *change) {
  if (is->result == SPF_NONE) return !strncmp(change, "record withdrawn", strlen("record withdrawn"));
  return is->result == SPF_PERMERROR && strstr(change, "permerror") && !strstr(change, "no longer");
}

/* Of the lines of one moment the one that tells of the address, by its term or by what became of the record. */
static bool tells(const struct crossing *x, const struct dns_change *c, const struct spf_verdict *was,
                  const struct spf_verdict *is) {
  return is_of_outcome(is, c->text) || is_of_path(x, c->name, was, c->text);
}

static bool is_same_moment(const struct dns_change *a, const struct dns_change *b) {
  return a->subject == b->subject && a->seen_s == b->seen_s && !strcmp(a->name, b->name);
}

/* A look at the record of each moment, not of each line of it. */
static int consider(const struct dns_past *past, const struct dns_changes *log, uint32_t first, const struct falling *x,
                    const struct dns_change **ret, struct err *e) {
  struct crossing crossing;
  struct spf_verdict was = {0}, is = {0};
  const struct dns_change *c = &log->items[first];
  int code = crossing_open(&crossing, past, c->seen_s, e);
  if (!code && explains(&crossing, c->name, x, &was, &is))
    for (uint32_t i = first; i < log->count && !*ret; i++)
      if (is_same_moment(&log->items[i], c) && tells(&crossing, &log->items[i], &was, &is)) *ret = &log->items[i];
  crossing_clear(&crossing);
  return code;
}

/* What passed by SPF alone before can have been lost with it. */
static bool passed_by_spf(const struct falling *x, int32_t since_day) {
  int64_t passed = 0, by_spf = 0;
  for (int32_t day = x->begin_day; day < since_day; day++) {
    passed += x->mail[day - x->begin_day].passed;
    by_spf += x->by_spf[day - x->begin_day].passed;
  }
  return passed > 0 && (double)by_spf >= FALL_EXPLAINED * (double)passed;
}

int fall_cause_of_spf(const struct dns_past *past, const struct dns_changes *log, const struct falling *x,
                      int32_t since_day, const struct dns_change **ret, struct err *e) {
  const struct dns_change *found = NULL, *last = NULL;
  int code = 0;
  *ret = NULL;
  if (!passed_by_spf(x, since_day)) return 0;
  for (uint32_t i = 0; i < log->count && !code; i++) {
    const struct dns_change *c = &log->items[i], *cause = NULL;
    if (c->subject != LOG_SPF || !came_then(c, since_day) || (last && is_same_moment(c, last))) continue;
    last = c;
    code = consider(past, log, i, x, &cause, e);
    if (cause && is_nearer(cause, found, since_day)) found = cause;
  }
  if (!code) *ret = found;
  return code;
}

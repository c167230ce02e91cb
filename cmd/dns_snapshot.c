/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl dns snapshot: what the DNS says today, beside what it said before. */
#include <stdlib.h>
#include <string.h>

#include "analysis/dns_use.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "base/figure.h"
#include "base/utc.h"
#include "cmd/ask.h"
#include "cmd/dns.h"
#include "cmd/talk.h"
#include "dns/domain_records.h"
#include "local/dns_states.h"

#define TIMEOUT_S 60 /* for all: some 400 domains with 10 selectors each */

/* clang-format off */
enum {
  TAKEN, DOMAINS, ANSWERS, ADDED, CHANGED, FAILED, UNANSWERED, COLUMNS_OF_SNAPSHOT
};
static const struct column COLUMNS[COLUMNS_OF_SNAPSHOT] = {
    [TAKEN] = {"taken", NULL, COLUMN_TIME, 0},
    [DOMAINS] = {"domains", NULL, COLUMN_COUNT, 0},
    [ANSWERS] = {"answers", NULL, COLUMN_COUNT, 0},
    [ADDED] = {"added", NULL, COLUMN_COUNT, 0},
    [CHANGED] = {"changed", NULL, COLUMN_COUNT, 0},
    [FAILED] = {"failed", NULL, COLUMN_COUNT, 0},
    [UNANSWERED] = {"unanswered", NULL, COLUMN_COUNT, 0},
};
/* clang-format on */
static const struct table TABLE = {"dmarcctl.dns-snapshot", 1,       NULL,
                                   "Nothing was asked.",    COLUMNS, COLUMNS_OF_SNAPSHOT};

struct taking {
  const struct options *o;
  struct arena *arena;
  struct domain_names *names;
  uint32_t count, capacity;
  uint64_t left_out; /* selectors beyond the limit of a domain */
  struct dns_entry *seen;
  uint32_t seen_count, seen_capacity;
  struct dns_counts asked;
  struct dns_states_counts kept;
  int64_t now_s;
};

/* --- which names -------------------------------------------------------------------------------------------------- */

/* NULL: there can be no such name. */
static const char *key_name(struct arena *arena, const struct dns_use *use) {
  _cleanup_free_ char *name = mem_printf("%s._domainkey.%s", use->selector, use->domain);
  domain_normalise(name);
  return dns_name_is_askable(name) ? arena_strdup(arena, name) : NULL;
}

static int on_uses(void *user, const struct dns_uses *uses, struct err *e) {
  (void)e;
  struct taking *t = user;
  if (!dns_is_named(t->o, uses->policy_domain) || !dns_name_is_askable(uses->policy_domain)) return 0;
  const char **keys = arena_alloc(t->arena, (uses->key_count + 1) * sizeof *keys);
  const char **spf = arena_alloc(t->arena, (uses->spf_count + 1) * sizeof *spf);
  MEM_GROW(t->names, t->capacity, t->count);
  struct domain_names *names = &t->names[t->count++];
  *names = (struct domain_names){.domain = arena_strdup(t->arena, uses->policy_domain), .keys = keys, .spf = spf};
  for (unsigned i = 0; i < uses->key_count; i++)
    if ((keys[names->key_count] = key_name(t->arena, &uses->keys[i]))) names->key_count++;
  for (unsigned i = 0; i < uses->spf_count; i++)
    if (dns_name_is_askable(uses->spf[i].domain)) spf[names->spf_count++] = arena_strdup(t->arena, uses->spf[i].domain);
  t->left_out += uses->left_out;
  return 0;
}

/* Domains that are named and in no report. */
static int add_unheard(struct taking *t, struct err *e) {
  for (unsigned i = 0; i < t->o->arg_count; i++) {
    bool there = false;
    for (uint32_t n = 0; n < t->count && !there; n++) there = !strcmp(t->names[n].domain, t->o->args[i]);
    if (there) continue;
    if (!dns_name_is_askable(t->o->args[i])) return err_set(e, ERR_USAGE, "\"%s\" is no domain", t->o->args[i]);
    MEM_GROW(t->names, t->capacity, t->count);
    t->names[t->count++] = (struct domain_names){.domain = t->o->args[i]};
  }
  return 0;
}

static int list_names(struct taking *t, const struct database *db, struct err *e) {
  struct report_filter filter = t->o->filter;
  filter.since_s = t->now_s - DNS_USE_DAYS * UTC_DAY_S;
  int code = dns_uses_each(db->store, &filter, on_uses, t, e);
  return code ? code : add_unheard(t, e);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

/* Answers live as long as the resolver. */
static void note_answers(void *user, const struct dns_entry *entries, unsigned count) {
  struct taking *t = user;
  for (unsigned i = 0; i < count; i++) {
    MEM_GROW(t->seen, t->seen_capacity, t->seen_count);
    t->seen[t->seen_count++] = entries[i];
  }
}

static const char *status_of(const struct dns_answer *a) {
  switch (a->status) {
    case DNS_OK:
      return "ok";
    case DNS_NONE:
      return a->why == DNS_WHY_NXDOMAIN ? "nxdomain" : "nodata";
    case DNS_FAILED:
      break;
  }
  return a->why == DNS_WHY_TIMEOUT ? "timeout" : "failed";
}

static int keep(struct taking *t, struct local *l, struct err *e) {
  int code = local_begin(l, e);
  for (uint32_t i = 0; i < t->seen_count && !code; i++) {
    const struct dns_entry *entry = &t->seen[i];
    const bool is_there = entry->answer.status == DNS_OK;
    const struct dns_state state = {.name = entry->name,
                                    .type = dns_type_word(entry->type),
                                    .status = status_of(&entry->answer),
                                    .alias = entry->answer.alias,
                                    .texts = entry->answer.texts,
                                    .count = is_there ? entry->answer.count : 0};
    code = dns_states_put(l, &state, t->now_s, &t->kept, e);
  }
  return code ? code : local_commit(l, e);
}

static int ask_and_keep(struct taking *t, const struct database *db, struct err *e) {
  _cleanup_dns_ struct dns *dns = NULL;
  const struct judgement_options *own = &t->o->judgement;
  const struct dns_options options = {.server = own->dns_server,
                                      .time_ms = (int64_t)(own->dns_timeout_s ? own->dns_timeout_s : TIMEOUT_S) * 1000,
                                      .cache = {.put = note_answers, .user = t}};
  int code = dns_open(&options, &dns, e);
  if (code == ERR_USAGE) return err_prefix(e, code, "--dns-server");
  if (!code) {
    domain_records_gather(dns, t->names, t->count);
    dns_count(dns, &t->asked);
    code = keep(t, db->local, e);
  }
  return code;
}

/* --- the answer --------------------------------------------------------------------------------------------------- */

static int fill_row(void *user, struct table_sink *sink, struct err *e) {
  const struct taking *t = user;
  const struct cell cells[COLUMNS_OF_SNAPSHOT] = {
      [TAKEN] = cell_time(t->now_s),
      [DOMAINS] = cell_count(t->count),
      [ANSWERS] = cell_count((int64_t)(t->kept.seen - t->kept.failed)),
      [ADDED] = cell_count((int64_t)t->kept.added),
      [CHANGED] = cell_count((int64_t)t->kept.changed),
      [FAILED] = cell_count((int64_t)t->kept.failed),
      [UNANSWERED] = cell_count((int64_t)t->asked.unanswered),
  };
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = sink->row(sink, cells, e);
  return code < 0 ? code : sink->end(sink, e);
}

static void describe(const struct taking *t, struct strbuf *text) {
  figure_count(text, t->count, "domain");
  strbuf_add_text(text, ": ");
  figure_count(text, (int64_t)(t->kept.seen - t->kept.failed), "answer");
  strbuf_printf(text, ", %llu new, %llu changed since the last look.", (unsigned long long)t->kept.added,
                (unsigned long long)t->kept.changed);
}

static void tell_count(uint64_t count, const char *what, const char *behind) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (!count) return;
  figure_count(&text, (int64_t)count, what);
  talk("%s %s", strbuf_text(&text), behind);
}

static void tell(const struct taking *t) {
  if (t->o->common.quiet) return;
  tell_count(t->left_out, "name",
             "beyond what is looked at for a domain (200 selectors, 20 domains of SPF) were left out");
  tell_count(t->kept.failed, "question", "failed, which changes nothing of what is known");
  tell_count(t->asked.unanswered, "question",
             "had no answer in time, which changes nothing of what is known; give --dns-timeout more seconds");
}

static int print(struct taking *t, struct err *e) {
  _cleanup_(output_close) struct output out = {0};
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (t->o->common.quiet && t->o->output.format == FORMAT_TEXT && !t->o->output.path) return 0;
  int code = output_open(&out, t->o, e);
  if (code < 0) return code;
  describe(t, &text);
  if (t->o->output.format == FORMAT_TEXT)
    fprintf(out.file, "%s\n", strbuf_text(&text));
  else
    code = output_table(&out, t->o, fill_row, t, e);
  return code < 0 ? code : output_commit(&out, e);
}

static int take(struct taking *t, struct err *e) {
  struct database db = {0};
  int code = ask_open_for_change(t->o, &db, e);
  if (!code) code = list_names(t, &db, e);
  if (!code && t->count) code = ask_and_keep(t, &db, e);
  database_close(&db);
  return code;
}

int dns_snapshot(const struct options *o) {
  struct taking t = {.o = o, .arena = arena_new(64 * 1024), .now_s = utc_now()};
  struct err e;
  int code = take(&t, &e);
  if (!code) code = print(&t, &e);
  tell(&t);
  const bool learnt_nothing = t.count && t.kept.seen == t.kept.failed;
  free(t.names);
  free(t.seen);
  arena_free(t.arena);
  if (code < 0) return ask_failed(code, &e);
  return learnt_nothing ? talk_failure(EXIT_FAILED, "the DNS did not answer") : EXIT_DONE;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the shared options, their defaults, and what they say together. */
#include "cmd/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/domain.h"
#include "base/utc.h"
#include "cmd/home.h"

/* --- what is special ---------------------------------------------------------------------------------------------- */

static int parse_source(void *at, const char *text, struct err *e) { return ip_network_parse(text, at, e); }

/* A day stands for its last second. */
static int parse_as_of(void *at, const char *text, struct err *e) {
  int64_t *as_of_s = at;
  int code = utc_parse(text, as_of_s, e);
  if (!code && !strchr(text, ':')) *as_of_s += UTC_DAY_S - 1;
  return code;
}

/* NAME=VALUE. */
static int parse_threshold(void *at, const char *text, struct err *e) {
  const char *equals = strchr(text, '=');
  if (!equals) return err_set(e, ERR_USAGE, "\"%s\" is not NAME=VALUE", text);
  _cleanup_free_ char *name = mem_strndup(text, (size_t)(equals - text));
  return threshold_set(at, name, equals + 1, e);
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

#define OF_EXPORT "is a format of 'dmarcctl export' alone"
static const struct option_word FORMATS[] = {OPTIONS_TABLE_FORMATS,
                                             {.word = "parsedmarc-csv", .refusal = OF_EXPORT},
                                             {.word = "parsedmarc-json", .refusal = OF_EXPORT},
                                             {.word = "openmetrics", .refusal = OF_EXPORT},
                                             {.word = "zabbix", .refusal = "is a format of 'dmarcctl check' alone"},
                                             {0}};
static const struct option_word COLOURS[] = {{"auto", COLOUR_AUTO, true, NULL},
                                             {"always", COLOUR_ALWAYS, false, NULL},
                                             {"never", COLOUR_NEVER, false, NULL},
                                             {0}};
/* A word that is none would find nothing, which reads like "there was no such mail". */
static const struct option_word DISPOSITIONS[] = {
    {.word = "none"}, {.word = "quarantine"}, {.word = "reject"}, {.word = "pass"}, {0}};
static const struct option_word LENGTHS[] = {{.word = "30d"}, {.word = "2w"}, {.word = "12h"}, {0}};

#define SANDBOX_VARIABLE "DMARCCTL_SANDBOX"
static const struct option_word SANDBOX_MODES[] = {{.word = "auto", .value = SANDBOX_AUTO, .is_default = true},
                                                   {.word = "require", .value = SANDBOX_REQUIRE},
                                                   {.word = "off", .value = SANDBOX_OFF},
                                                   {0}};

#define AT(field) OPTION_AT(struct options, field)

static const struct option ROWS[] = {
    {"as-of", 0, OPTION_CUSTOM, "DATE", "the answer of that day, from the reports that had begun by then",
     AT(judgement.as_of_s), .groups = OPTIONS_JUDGEMENT, .parse = parse_as_of},
    {"sender-map", 0, OPTION_FILE, "FILE", "more services: a CSV of base_reverse_dns,name,type",
     AT(judgement.sender_map), .groups = OPTIONS_JUDGEMENT, .places = OPTION_IN_DEFAULTS},
    {"asn-db", 0, OPTION_FILE, "FILE", "networks' owners: an ASN database in the MaxMind DB format (.mmdb)",
     AT(judgement.asn_db), .groups = OPTIONS_JUDGEMENT, .places = OPTION_IN_DEFAULTS},
    {"dns", 0, OPTION_FLAG, NULL, "ask the DNS for names of sources and, for readiness, published records",
     AT(judgement.dns), .groups = OPTIONS_JUDGEMENT, .places = OPTION_IN_DEFAULTS},
    {"no-dns", 0, OPTION_CLEAR, NULL, "do not, whatever the configuration says", AT(judgement.dns),
     .groups = OPTIONS_JUDGEMENT},
    {"dns-server", 0, OPTION_TEXT, "ADDRESS", "ask this resolver: ADDRESS[:PORT]; default: the system's",
     AT(judgement.dns_server), .groups = OPTIONS_JUDGEMENT, .places = OPTION_IN_DEFAULTS},
    {"dns-timeout", 0, OPTION_NUMBER, "SECONDS", "wait so long for all answers together; default 10",
     AT(judgement.dns_timeout_s), .least = 1, .most = 86400, .unit = "seconds", .groups = OPTIONS_JUDGEMENT,
     .places = OPTION_IN_DEFAULTS},
    {"threshold", 0, OPTION_CUSTOM, "NAME=VALUE", "judge by another limit: own_pass_lower.reject=99.5",
     AT(judgement.thresholds), .groups = OPTIONS_JUDGEMENT, .parse = parse_threshold},
    {"domain", 'd', OPTION_DOMAINS, "DOMAIN", "this domain and those below it; several times for several",
     AT(reports.domains), .groups = OPTIONS_DOMAINS},
    {"group", 0, OPTION_TEXTS, "NAME", "the domains of [group NAME] in the configuration, beside those of --domain",
     AT(reports.groups), .groups = OPTIONS_DOMAINS},
    {"header-from", 0, OPTION_DOMAIN, "DOMAIN", "mail with exactly this domain in From:", AT(records.header_from),
     .groups = OPTIONS_RECORDS},
    {"since", 0, OPTION_BEGIN, "DATE", "reports that begin on this day or later (UTC)", AT(period.since_s),
     .groups = OPTIONS_PERIOD},
    {"until", 0, OPTION_END, "DATE", "reports that begin on this day or before (UTC)", AT(period.until_s),
     .groups = OPTIONS_PERIOD},
    {"last", 0, OPTION_DURATION, "TIME", "reports that began within this time: %s", AT(period.last_s), .words = LENGTHS,
     .groups = OPTIONS_PERIOD},
    {"source", 0, OPTION_CUSTOM, "CIDR", "mail from this address or network", AT(records.source),
     .groups = OPTIONS_RECORDS, .parse = parse_source},
    {"reporter", 0, OPTION_TEXT, "NAME", "reports of this organization", AT(reports.reporter),
     .groups = OPTIONS_REPORTS},
    {"aligned", 0, OPTION_YES_NO, NULL, "mail that passed DMARC, or did not, as the receiver evaluated it",
     AT(records.aligned), .groups = OPTIONS_RECORDS},
    {"id", 0, OPTION_TEXT, "REPORT-ID", "only the report with this report_id", AT(reports.id),
     .groups = OPTIONS_REPORTS},
    {"disposition", 0, OPTION_KEYWORD_TEXT, "WORD", "mail that got this: %s", AT(records.disposition),
     .words = DISPOSITIONS, .groups = OPTIONS_RECORDS},
    {"sort", 0, OPTION_TEXT, "COLUMN",
     "sort by a column of the JSON output; -COLUMN: descending; +COLUMN: ascending, --limit keeps the last",
     AT(rows.sort), .groups = OPTIONS_ROWS},
    {"limit", 0, OPTION_NUMBER, "N", "at most N rows; 0: all", AT(rows.limit), .most = INT64_MAX,
     .groups = OPTIONS_ROWS},
    {"wide", 0, OPTION_FLAG, NULL, "text has all columns, however narrow the terminal", AT(output.wide),
     .groups = OPTIONS_ROWS},
    {"no-pager", 0, OPTION_FLAG, NULL, "text on a terminal does not go through $DMARCCTL_PAGER, $PAGER or less",
     AT(rows.no_pager), .groups = OPTIONS_ROWS},
    {"format", 'f', OPTION_KEYWORD, "FORMAT", "%s", AT(output.format), .words = FORMATS, .groups = OPTIONS_OUTPUT},
    {"bom", 0, OPTION_FLAG, NULL, "csv begins with a byte order mark, by which Excel knows UTF-8 in any language",
     AT(output.bom), .groups = OPTIONS_OUTPUT, .places = OPTION_IN_DEFAULTS},
    {"output", 'o', OPTION_FILE, "FILE", "write there (whole or not at all) instead of standard output",
     AT(output.path), .groups = OPTIONS_OUTPUT},
    {"db", 0, OPTION_FILE, "FILE", "the database; default: $DMARCCTL_DB, else what 'dmarcctl config' shows",
     AT(common.db), .groups = OPTIONS_COMMON},
    {"sandbox", 0, OPTION_KEYWORD, NULL, "before strangers' files are read, give up what reading does not need: %s",
     AT(sandbox), .words = SANDBOX_MODES, .groups = OPTIONS_SANDBOX, .places = OPTION_IN_DEFAULTS,
     .environment = SANDBOX_VARIABLE},
    {"database", 0, OPTION_FILE, "FILE", "the database", AT(common.db), .groups = OPTIONS_FILE, /* --db, there */
     .places = OPTION_IN_DEFAULTS, .environment = "DMARCCTL_DB"},
    {"keep", 0, OPTION_AGE, "TIME", "how long 'dmarcctl prune' keeps reports whole", AT(common.keep_s),
     .groups = OPTIONS_FILE, .places = OPTION_IN_DEFAULTS}, /* --older, there */
    {"config", 0, OPTION_FILE, "FILE",
     "the configuration; default: ~/.config/dmarcctl/config, else /etc/dmarcctl/config", AT(common.config_file),
     .groups = OPTIONS_COMMON},
    {"color", 0, OPTION_KEYWORD, "WHEN", "%s; NO_COLOR is honoured", AT(common.colour), .words = COLOURS,
     .groups = OPTIONS_COMMON, .places = OPTION_IN_DEFAULTS, .environment = "NO_COLOR"},
    {"quiet", 'q', OPTION_FLAG, NULL, "say nothing but errors", AT(common.quiet), .groups = OPTIONS_COMMON,
     .places = OPTION_IN_DEFAULTS},
    {"no-quiet", 0, OPTION_CLEAR, NULL, "talk, whatever the configuration says", AT(common.quiet),
     .groups = OPTIONS_COMMON},
    {"help", 'h', OPTION_FLAG, NULL, "this help", AT(common.help), .groups = OPTIONS_COMMON},
};

const struct option_table OPTIONS_SHARED = {ROWS, ARRAY_SIZE(ROWS)};

void options_list(unsigned groups, const struct option_table *own, struct option_rows *ret) {
  *ret = (struct option_rows){.count = 0};
  for (unsigned i = 0; own && i < own->count; i++) option_rows_add(ret, &own->rows[i]);
  for (unsigned i = 0; i < ARRAY_SIZE(ROWS); i++)
    if (ROWS[i].groups & (groups | OPTIONS_COMMON)) option_rows_add(ret, &ROWS[i]);
}

/* --- values ------------------------------------------------------------------------------------------------------- */

/* "" where there is no place for one: the database has to be named then. */
static const char *default_database(struct arena *texts) {
  const char *named = getenv("DMARCCTL_DB"), *data = getenv("XDG_DATA_HOME"), *home = home_folder();
  bool has_data = data && *data == '/';
  if (named && *named) return named;
  if (!has_data && !home) return "";
  _cleanup_free_ char *path =
      has_data ? mem_printf("%s/dmarcctl/dmarc.db", data) : mem_printf("%s/.local/share/dmarcctl/dmarc.db", home);
  return arena_strdup(texts, path);
}

/* A word that is none is a wish for more, not for less. */
static enum sandbox_mode sandbox_of_environment(void) {
  const char *text = getenv(SANDBOX_VARIABLE);
  if (!text || !*text) return SANDBOX_AUTO;
  const struct option_word *word = option_word_find(SANDBOX_MODES, text);
  return word ? (enum sandbox_mode)word->value : SANDBOX_REQUIRE;
}

void options_init(struct options *o) {
  *o = (struct options){.rows.limit = OPTIONS_LIMIT_UNSET,
                        .records.aligned = -1,
                        .period = {.since_s = FILTER_OPEN_BEGIN, .until_s = FILTER_OPEN_END},
                        .judgement.thresholds = THRESHOLDS_DEFAULT,
                        .sandbox = sandbox_of_environment(),
                        .filter = REPORT_FILTER_ALL,
                        .texts = arena_new(1024)};
  domain_set_init(&o->chosen);
  o->common.db = default_database(o->texts);
}

void options_clear(struct options *o) {
  text_list_clear(&o->reports.domains);
  text_list_clear(&o->reports.groups);
  domain_set_clear(&o->chosen);
  free(o->records.header_from);
  free(o->args);
  arena_free(o->texts);
  *o = (struct options){0};
}

static void set_filter(struct options *o) {
  o->filter = (struct report_filter)REPORT_FILTER_ALL;
  for (unsigned i = 0; i < o->reports.domains.count; i++) domain_set_add(&o->chosen, o->reports.domains.items[i]);
  o->filter.domains = o->reports.domains.count ? &o->chosen : NULL;
  o->filter.reporter = o->reports.reporter;
  o->filter.report_id = o->reports.id;
  o->filter.header_from = o->records.header_from;
  o->filter.source = o->records.source.base.size ? &o->records.source : NULL;
  o->filter.aligned = o->records.aligned;
  o->filter.disposition = o->records.disposition;
  o->filter.since_s = o->period.last_s ? utc_now() - o->period.last_s : o->period.since_s;
  o->filter.until_s = o->period.until_s;
}

static void set_args(struct options *o, bool domains) {
  o->arg_count = o->line->arg_count;
  o->args = mem_alloc((o->arg_count + 1) * sizeof *o->args);
  for (unsigned i = 0; i < o->arg_count; i++) {
    _cleanup_free_ char *domain = domains ? domain_spelled(o->line->args[i]) : NULL;
    o->args[i] = arena_strdup(o->texts, domain ? domain : o->line->args[i]);
  }
}

int options_finish(struct options *o, const struct option_line *line, bool domains, struct err *e) {
  const struct period_options *p = &o->period;
  if (p->last_s && (p->since_s != FILTER_OPEN_BEGIN || p->until_s != FILTER_OPEN_END))
    return err_set(e, ERR_USAGE, "--last does not go with --since or --until");
  o->line = line;
  set_filter(o);
  set_args(o, domains);
  return 0;
}

/* --- what was given ----------------------------------------------------------------------------------------------- */

bool options_given(const struct options *o, const char *name) {
  for (unsigned i = 0; o->line && i < o->line->given_count; i++)
    if (!strcmp(o->line->given[i].row->name, name)) return true;
  return false;
}

const char *options_given_of(const struct options *o, unsigned groups) {
  for (unsigned i = 0; o->line && i < o->line->given_count; i++)
    if (o->line->given[i].row->groups & groups) return o->line->given[i].row->name;
  return NULL;
}

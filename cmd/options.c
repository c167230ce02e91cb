/* SPDX-License-Identifier: Apache-2.0 */
/* The table of all options, its parser and its help. */
#include "cmd/options.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/domain.h"
#include "base/number.h"
#include "base/utc.h"
#include "verdict/stream.h"

#define FIELD(o, option, type) ((type *)(void *)((char *)(o) + (option)->offset))

static int set_flag(struct options *o, const struct option *option, const char *text, struct err *e) {
  (void)text, (void)e;
  *FIELD(o, option, bool) = true;
  return 0;
}

static int clear_flag(struct options *o, const struct option *option, const char *text, struct err *e) {
  (void)text, (void)e;
  *FIELD(o, option, bool) = false;
  return 0;
}

static int set_text(struct options *o, const struct option *option, const char *text, struct err *e) {
  (void)e;
  *FIELD(o, option, const char *) = text;
  return 0;
}

static int set_owned(struct options *o, const struct option *option, const char *text, struct err *e) {
  char **place = FIELD(o, option, char *);
  if (!*text) return err_set(e, ERR_USAGE, "--%s: is empty", option->name);
  free(*place);
  *place = mem_strdup(text);
  return 0;
}

static int set_folder(struct options *o, const struct option *option, const char *text, struct err *e) {
  if (!*text) return err_set(e, ERR_USAGE, "--%s: is empty", option->name);
  imap_account_add_folder(&o->mailbox, text);
  return 0;
}

static int set_account(struct options *o, const struct option *option, const char *text, struct err *e) {
  (void)option, (void)e;
  o->accounts = mem_realloc(o->accounts, (o->account_count + 1) * sizeof *o->accounts);
  o->accounts[o->account_count++] = text;
  return 0;
}

static int set_auth(struct options *o, const struct option *option, const char *text, struct err *e) {
  int code = imap_account_set_auth(&o->mailbox, text, e);
  return code < 0 ? err_prefix(e, code, "--%s", option->name) : 0;
}

static int set_after(struct options *o, const struct option *option, const char *text, struct err *e) {
  int code = imap_account_set_after(&o->mailbox, text, e);
  return code < 0 ? err_prefix(e, code, "--%s", option->name) : 0;
}

static int set_pin(struct options *o, const struct option *option, const char *text, struct err *e) {
  int code = imap_account_set_pin(&o->mailbox, text, e);
  return code < 0 ? err_prefix(e, code, "--%s", option->name) : 0;
}

static int set_timeout(struct options *o, const struct option *option, const char *text, struct err *e) {
  int64_t value;
  if (!number_parse(text, 3600, &value) || value < 1)
    return err_set(e, ERR_USAGE, "--%s: \"%s\" is no number from 1 to 3600", option->name, text);
  o->mailbox.timeout_s = (uint32_t)value;
  return 0;
}

static int set_retries(struct options *o, const struct option *option, const char *text, struct err *e) {
  int64_t value;
  if (!number_parse(text, 100, &value))
    return err_set(e, ERR_USAGE, "--%s: \"%s\" is no number from 0 to 100", option->name, text);
  o->mailbox.retries = (uint32_t)value;
  return 0;
}

static int set_size(struct options *o, const struct option *option, const char *text, struct err *e) {
  int64_t value;
  if (!number_parse_size(text, &value) || value < 1)
    return err_set(e, ERR_USAGE, "--%s: \"%s\" is no size: write a number, or 64K, 48M, 1G", option->name, text);
  *FIELD(o, option, uint64_t) = (uint64_t)value;
  return 0;
}

static int set_small_count(struct options *o, const struct option *option, const char *text, struct err *e) {
  int64_t value;
  if (!number_parse(text, 1000000, &value) || value < 1)
    return err_set(e, ERR_USAGE, "--%s: \"%s\" is no number from 1 to 1000000", option->name, text);
  *FIELD(o, option, uint32_t) = (uint32_t)value;
  return 0;
}

static int set_count(struct options *o, const struct option *option, const char *text, struct err *e) {
  int64_t value;
  if (!number_parse(text, INT64_MAX, &value))
    return err_set(e, ERR_USAGE, "--%s: \"%s\" is no number", option->name, text);
  *FIELD(o, option, uint64_t) = (uint64_t)value;
  return 0;
}

static int set_dns_timeout(struct options *o, const struct option *option, const char *text, struct err *e) {
  int64_t value;
  if (!number_parse(text, 86400, &value) || value < 1)
    return err_set(e, ERR_USAGE, "--%s: \"%s\" is no number of seconds from 1 to 86400", option->name, text);
  o->dns_timeout_s = (uint64_t)value;
  return 0;
}

static int set_jobs(struct options *o, const struct option *option, const char *text, struct err *e) {
  int64_t value;
  if (!number_parse(text, 64, &value) || value < 1)
    return err_set(e, ERR_USAGE, "--%s: \"%s\" is no number from 1 to 64", option->name, text);
  o->jobs = (uint64_t)value;
  return 0;
}

static int set_db(struct options *o, const struct option *option, const char *text, struct err *e) {
  (void)option;
  if (!*text) return err_set(e, ERR_USAGE, "--db: no file name");
  free(o->db);
  o->db = mem_strdup(text);
  return 0;
}

static const char *const COLOUR_WORDS[] = {
    [COLOUR_AUTO] = "auto", [COLOUR_ALWAYS] = "always", [COLOUR_NEVER] = "never"};

static int set_colour(struct options *o, const struct option *option, const char *text, struct err *e) {
  for (unsigned i = 0; i < ARRAY_SIZE(COLOUR_WORDS); i++)
    if (!strcmp(text, COLOUR_WORDS[i])) {
      o->colour = (enum colour_choice)i;
      return 0;
    }
  return err_set(e, ERR_USAGE, "--%s: \"%s\" is none of auto, always, never", option->name, text);
}

#define OTHER_TABLE_FORMATS ", csv, json, ndjson, xlsx, html, markdown"
#define TABLE_FORMATS "text" OTHER_TABLE_FORMATS

/* What export knows beside tables, and the renderer that draws it, if one does. */
static const struct {
  const char *word;
  enum table_format format;
} EXPORT_SHAPES[] = {
    [EXPORT_TABLE] = {"", FORMAT_TEXT},
    [EXPORT_PARSEDMARC_CSV] = {"parsedmarc-csv", FORMAT_CSV},
    [EXPORT_PARSEDMARC_JSON] = {"parsedmarc-json", FORMAT_TEXT},
    [EXPORT_OPENMETRICS] = {"openmetrics", FORMAT_TEXT},
};

static enum export_shape export_shape_of(const char *text) {
  for (unsigned i = EXPORT_TABLE + 1; i < ARRAY_SIZE(EXPORT_SHAPES); i++)
    if (!strcmp(text, EXPORT_SHAPES[i].word)) return (enum export_shape)i;
  return EXPORT_TABLE;
}

static int set_format(struct options *o, const struct option *option, const char *text, struct err *e) {
  if (table_format_parse(text, &o->format)) return 0;
  if (export_shape_of(text) != EXPORT_TABLE)
    return err_set(e, ERR_USAGE, "--%s: %s is a format of 'dmarcctl export' alone", option->name, text);
  return err_set(e, ERR_USAGE, "--%s: \"%s\" is none of " TABLE_FORMATS, option->name, text);
}

static int set_page_format(struct options *o, const struct option *option, const char *text, struct err *e) {
  enum table_format format;
  if (!table_format_parse(text, &format) ||
      (format != FORMAT_HTML && format != FORMAT_MARKDOWN && format != FORMAT_XLSX))
    return err_set(e, ERR_USAGE, "--%s: \"%s\" is none of html, markdown, xlsx", option->name, text);
  o->format = format;
  return 0;
}

static int set_export_format(struct options *o, const struct option *option, const char *text, struct err *e) {
  o->shape = export_shape_of(text);
  o->format = EXPORT_SHAPES[o->shape].format;
  if (o->shape != EXPORT_TABLE || table_format_parse(text, &o->format)) return 0;
  return err_set(e, ERR_USAGE,
                 "--%s: \"%s\" is none of " TABLE_FORMATS ", parsedmarc-csv, parsedmarc-json, openmetrics",
                 option->name, text);
}

/* A domain as the user writes it -> as reports are stored. */
static int set_domain(struct options *o, const struct option *option, const char *text, struct err *e) {
  char **owned = option->letter == 'd' ? &o->domain : &o->header_from;
  free(*owned);
  *owned = mem_strdup(text);
  domain_normalise(*owned);
  if (!domain_is_plausible(*owned)) return err_set(e, ERR_USAGE, "--%s: \"%s\" is no domain name", option->name, text);
  *(option->letter == 'd' ? &o->filter.domain : &o->filter.header_from) = *owned;
  return 0;
}

static int set_label_domain(struct options *o, const struct option *option, const char *text, struct err *e) {
  (void)option;
  const struct option as_domain = {.name = "domain", .letter = 'd'};
  return set_domain(o, &as_domain, text, e);
}

static int set_since(struct options *o, const struct option *option, const char *text, struct err *e) {
  o->since_given = true;
  int code = utc_parse(text, &o->filter.since_s, e);
  return code < 0 ? err_prefix(e, code, "--%s", option->name) : 0;
}

/* A day stands for the whole of it: --until 2025-03-31 is all of March. */
static int parse_end(const char *text, int64_t *ret_s, struct err *e) {
  int code = utc_parse(text, ret_s, e);
  if (!code && !strchr(text, ':')) *ret_s += UTC_DAY_S;
  return code;
}

static int set_until(struct options *o, const struct option *option, const char *text, struct err *e) {
  o->until_given = true;
  int code = parse_end(text, &o->filter.until_s, e);
  return code < 0 ? err_prefix(e, code, "--%s", option->name) : 0;
}

static int set_last(struct options *o, const struct option *option, const char *text, struct err *e) {
  int64_t length_s;
  int code = utc_parse_duration(text, &length_s, e);
  if (code < 0) return err_prefix(e, code, "--%s", option->name);
  o->last = text;
  o->filter.since_s = utc_now() - length_s;
  return 0;
}

static int set_as_of(struct options *o, const struct option *option, const char *text, struct err *e) {
  int code = parse_end(text, &o->as_of_s, e);
  if (code < 0) return err_prefix(e, code, "--%s", option->name);
  if (!strchr(text, ':')) o->as_of_s--; /* a day: its last second */
  return 0;
}

static int set_source(struct options *o, const struct option *option, const char *text, struct err *e) {
  int code = ip_network_parse(text, &o->source, e);
  if (code < 0) return err_prefix(e, code, "--%s", option->name);
  o->filter.source = &o->source;
  return 0;
}

static int set_aligned(struct options *o, const struct option *option, const char *text, struct err *e) {
  if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
    return err_set(e, ERR_USAGE, "--%s: \"%s\" is neither yes nor no", option->name, text);
  o->filter.aligned = !strcmp(text, "yes");
  return 0;
}

/* A word that is none would find nothing, which reads like "there was no such mail". */
static int set_disposition(struct options *o, const struct option *option, const char *text, struct err *e) {
  static const char *const WORDS[] = {"none", "quarantine", "reject", "pass"};
  for (unsigned i = 0; i < ARRAY_SIZE(WORDS); i++)
    if (!strcasecmp(text, WORDS[i])) {
      o->filter.disposition = WORDS[i];
      return 0;
    }
  return err_set(e, ERR_USAGE, "--%s: \"%s\" is none of none, quarantine, reject, pass", option->name, text);
}

/* Tags of a proposed record: what is no word of the RFC's would mean the default to receivers. */
static int set_word(struct options *o, const struct option *option, const char *text, const char *const *words,
                    unsigned count, const char *list, struct err *e) {
  for (unsigned i = 0; i < count; i++)
    if (!strcasecmp(text, words[i])) {
      *FIELD(o, option, const char *) = words[i];
      return 0;
    }
  return err_set(e, ERR_USAGE, "--%s: \"%s\" is none of %s", option->name, text, list);
}

static int set_policy(struct options *o, const struct option *option, const char *text, struct err *e) {
  static const char *const WORDS[] = {"none", "quarantine", "reject"};
  return set_word(o, option, text, WORDS, ARRAY_SIZE(WORDS), "none, quarantine, reject", e);
}

static int set_mode(struct options *o, const struct option *option, const char *text, struct err *e) {
  static const char *const WORDS[] = {"r", "s"};
  return set_word(o, option, text, WORDS, ARRAY_SIZE(WORDS), "r, s", e);
}

static int set_whatif_by(struct options *o, const struct option *option, const char *text, struct err *e) {
  static const char *const WORDS[] = {
      [WHATIF_BY_DOMAIN] = "domain", [WHATIF_BY_CLASS] = "class", [WHATIF_BY_SOURCE] = "source"};
  for (unsigned i = WHATIF_BY_DOMAIN; i < ARRAY_SIZE(WORDS); i++)
    if (!strcmp(text, WORDS[i])) {
      o->whatif_by = (enum whatif_by)i;
      return 0;
    }
  return err_set(e, ERR_USAGE, "--%s: \"%s\" is none of domain, class, source", option->name, text);
}

static int set_output(struct options *o, const struct option *option, const char *text, struct err *e) {
  if (!*text) return err_set(e, ERR_USAGE, "--%s: no file name", option->name);
  o->output = text;
  return 0;
}

static int set_by(struct options *o, const struct option *option, const char *text, struct err *e) {
  static const char *const WORDS[] = {[BY_STREAM] = "stream", [BY_ADDRESS] = "address", [BY_NETWORK] = "network"};
  for (unsigned i = 0; i < ARRAY_SIZE(WORDS); i++)
    if (!strcmp(text, WORDS[i])) {
      o->by = (enum source_rows)i;
      return 0;
    }
  return err_set(e, ERR_USAGE, "--%s: \"%s\" is none of stream, address, network", option->name, text);
}

static int set_by_time(struct options *o, const struct option *option, const char *text, struct err *e) {
  if (strcmp(text, "day") != 0 && strcmp(text, "week") != 0)
    return err_set(e, ERR_USAGE, "--%s: \"%s\" is none of day, week", option->name, text);
  o->by_week = !strcmp(text, "week");
  return 0;
}

/* Several, with commas between: own,own_broken. */
static int set_classes(struct options *o, const struct option *option, const char *text, struct err *e) {
  for (const char *word = text;; word++) {
    size_t length = strcspn(word, ",");
    int class = CLASS_OWN;
    while (class <= CLASS_IGNORED && (strlen(stream_class_word((enum stream_class) class)) != length ||
                                      strncmp(stream_class_word((enum stream_class) class), word, length) != 0))
      class ++;
    if (class > CLASS_IGNORED)
      return err_set(e, ERR_USAGE,
                     "--%s: \"%.*s\" is none of own, own_broken, legitimate, forwarder, forwarder_modified, undecided,"
                     " suspicious, unauthorised, ignored",
                     option->name, (int)length, word);
    o->classes |= 1u << class;
    word += length;
    if (!*word) return 0;
  }
}

static int set_new_since(struct options *o, const struct option *option, const char *text, struct err *e) {
  int code = utc_parse_duration(text, &o->new_since_length_s, e);
  return code < 0 ? err_prefix(e, code, "--%s", option->name) : 0;
}

/* For diff: how long the last period is, or on which day it begins. */
static int set_diff_period(struct options *o, const struct option *option, const char *text, struct err *e) {
  o->diff_begin_given = utc_parse_duration(text, &o->diff_length_s, NULL) < 0;
  if (!o->diff_begin_given || utc_parse(text, &o->diff_begin_s, NULL) == 0) return 0;
  return err_set(e, ERR_USAGE, "--%s: \"%s\" is neither a length of time (7d, 2w) nor a date (2025-03-01)",
                 option->name, text);
}

static int set_length(struct options *o, const struct option *option, const char *text, struct err *e) {
  int code = utc_parse_duration(text, FIELD(o, option, int64_t), e);
  return code < 0 ? err_prefix(e, code, "--%s", option->name) : 0;
}

static int set_threshold(struct options *o, const struct option *option, const char *text, struct err *e) {
  const char *equals = strchr(text, '=');
  if (!equals) return err_set(e, ERR_USAGE, "--%s: \"%s\" is not NAME=VALUE", option->name, text);
  _cleanup_free_ char *name = mem_strndup(text, (size_t)(equals - text));
  int code = threshold_set(&o->thresholds, name, equals + 1, e);
  o->threshold_given = true;
  return code < 0 ? err_prefix(e, code, "--%s", option->name) : 0;
}

#define AT(field) offsetof(struct options, field)

static const struct option OPTIONS[] = {
    {"dry-run", 'n', OPTIONS_IMPORT, NULL, "parse and report, write nothing", set_flag, AT(dry_run)},
    {"jobs", 'j', OPTIONS_IMPORT | OPTIONS_DEFAULTS, "N", "parse N files at a time; default: the number of processors",
     set_jobs, AT(jobs)},
    {"max-document-size", 0, OPTIONS_IMPORT | OPTIONS_DEFAULTS, "SIZE",
     "largest document after decompression; default 1G", set_size, AT(intake.document_bytes)},
    {"max-file-size", 0, OPTIONS_IMPORT | OPTIONS_DEFAULTS, "SIZE", "most that one file may unpack to; default 16G",
     set_size, AT(intake.file_bytes)},
    {"max-depth", 0, OPTIONS_IMPORT | OPTIONS_DEFAULTS, "N", "containers inside each other; default 8", set_small_count,
     AT(intake.depth)},
    {"max-entries", 0, OPTIONS_IMPORT | OPTIONS_DEFAULTS, "N", "entries of one zip archive; default 10000",
     set_small_count, AT(intake.entries)},
    {"max-records", 0, OPTIONS_IMPORT | OPTIONS_DEFAULTS, "N", "records of one document; default 10000000", set_size,
     AT(parser.records)},
    {"max-text", 0, OPTIONS_IMPORT | OPTIONS_DEFAULTS, "BYTES",
     "longest text of one element, longer ones are cut; default 16384", set_small_count, AT(parser.text_bytes)},
    {"account", 0, OPTIONS_IMPORT, "NAME",
     "import this account of the configuration (repeatable); default without SOURCE: all", set_account, 0},
    {"folder", 0, OPTIONS_IMPORT | OPTIONS_ACCOUNT, "NAME",
     "mailbox: read this folder (repeatable); default: the URL's, else INBOX", set_folder, 0},
    {"after", 0, OPTIONS_IMPORT | OPTIONS_ACCOUNT, "ACTION",
     "mailbox: what to do with mails that are stored: move:FOLDER, flag, flag:NAME, delete", set_after, 0},
    {"failed-folder", 0, OPTIONS_IMPORT | OPTIONS_ACCOUNT, "NAME",
     "mailbox: move mails without a report or with a broken one there", set_owned, AT(mailbox.failed_folder)},
    {"watch", 0, OPTIONS_IMPORT, NULL, "mailbox: stay connected and import what comes", set_flag, AT(watch)},
    {"password-command", 0, OPTIONS_IMPORT | OPTIONS_ACCOUNT, "COMMAND",
     "mailbox: its first line of output is the password", set_owned, AT(mailbox.password_command)},
    {"password-file", 0, OPTIONS_IMPORT | OPTIONS_ACCOUNT, "FILE", "mailbox: its first line is the password", set_owned,
     AT(mailbox.password_file)},
    {"token-command", 0, OPTIONS_IMPORT | OPTIONS_ACCOUNT, "COMMAND",
     "mailbox: its first line of output is an OAuth 2.0 access token", set_owned, AT(mailbox.token_command)},
    {"auth", 0, OPTIONS_IMPORT | OPTIONS_ACCOUNT, "METHOD",
     "mailbox: plain, login, xoauth2, oauthbearer; default: what the server offers", set_auth, 0},
    {"ca-file", 0, OPTIONS_IMPORT | OPTIONS_ACCOUNT, "FILE",
     "mailbox: trust these authorities (PEM) instead of the system's", set_owned, AT(mailbox.ca_file)},
    {"pin", 0, OPTIONS_IMPORT | OPTIONS_ACCOUNT, "sha256//KEY",
     "mailbox: trust this public key; without --ca-file it alone", set_pin, 0},
    {"allow-plain", 0, OPTIONS_IMPORT | OPTIONS_ACCOUNT, NULL,
     "mailbox: log in without TLS where the server offers none", set_flag, AT(mailbox.allow_plain)},
    {"max-mail-size", 0, OPTIONS_IMPORT | OPTIONS_DEFAULTS | OPTIONS_ACCOUNT, "SIZE",
     "mailbox: larger mails are left unread; default 64M", set_size, AT(mailbox.mail_bytes)},
    {"timeout", 0, OPTIONS_IMPORT | OPTIONS_DEFAULTS | OPTIONS_ACCOUNT, "SECONDS",
     "mailbox: longest silence of the server; default 60", set_timeout, AT(mailbox.timeout_s)},
    {"retries", 0, OPTIONS_IMPORT | OPTIONS_DEFAULTS | OPTIONS_ACCOUNT, "N",
     "mailbox: tries after a failure, 1, 2, 4, ... seconds apart; default 4", set_retries, AT(mailbox.retries)},
    {"by", 0, OPTIONS_SOURCES, "stream|address|network",
     "a row per stream with its class (default), per address, or per /24 and /64", set_by, 0},
    {"class", 0, OPTIONS_SOURCES, "CLASS,...", "streams of these classes: own, own_broken, undecided, ...", set_classes,
     0},
    {"new-since", 0, OPTIONS_SOURCES, "TIME", "sources that were not met before: 7d, 2w", set_new_since, 0},
    {"by", 0, OPTIONS_TREND, "day|week", "a row per UTC day (default), or per week from Monday", set_by_time, 0},
    {"since", 0, OPTIONS_DIFF, "TIME", "the last period is so long: 7d (default), 2w; or begins on this DATE",
     set_diff_period, 0},
    {"last", 0, OPTIONS_DIFF, "TIME", "the same", set_diff_period, 0},
    {"against", 0, OPTIONS_DIFF, "TIME", "the period before it is so long: 7d, 4w; default: as long as the last",
     set_length, AT(against_length_s)},
    {"as-of", 0, OPTIONS_JUDGEMENT, "DATE", "the answer of that day, from the reports that had begun by then",
     set_as_of, 0},
    {"sender-map", 0, OPTIONS_JUDGEMENT | OPTIONS_DEFAULTS, "FILE",
     "more services: a CSV of base_reverse_dns,name,type", set_text, AT(sender_map)},
    {"asn-db", 0, OPTIONS_JUDGEMENT | OPTIONS_DEFAULTS, "FILE",
     "networks' owners: an ASN database in the MaxMind DB format (.mmdb)", set_text, AT(asn_db)},
    {"dns", 0, OPTIONS_JUDGEMENT | OPTIONS_DEFAULTS, NULL,
     "ask the DNS for names of sources and, for readiness, published records", set_flag, AT(dns)},
    {"no-dns", 0, OPTIONS_JUDGEMENT, NULL, "do not, whatever the configuration says", clear_flag, AT(dns)},
    {"dns-server", 0, OPTIONS_JUDGEMENT | OPTIONS_DEFAULTS, "ADDRESS",
     "ask this resolver: ADDRESS[:PORT]; default: the system's", set_text, AT(dns_server)},
    {"dns-timeout", 0, OPTIONS_JUDGEMENT | OPTIONS_DEFAULTS, "SECONDS",
     "wait so long for all answers together; default 10", set_dns_timeout, AT(dns_timeout_s)},
    {"threshold", 0, OPTIONS_JUDGEMENT, "NAME=VALUE", "judge by another limit: own_pass_lower.reject=99.5",
     set_threshold, 0},
    {"list-thresholds", 0, OPTIONS_READINESS, NULL, "every threshold with its value, its origin and its reason",
     set_flag, AT(list_thresholds)},
    {"domain", 0, OPTIONS_LABEL, "DOMAIN", "the label holds for this policy domain alone", set_label_domain, 0},
    {"until", 0, OPTIONS_LABEL, "DATE", "the label holds to the end of this day", set_until, 0},
    {"note", 0, OPTIONS_LABEL, "TEXT", "why: shown with the label", set_text, AT(note)},
    {"list", 'l', OPTIONS_LABEL, NULL, "show all labels", set_flag, AT(list)},
    {"remove", 0, OPTIONS_LABEL, NULL, "take the label of SOURCE back", set_flag, AT(remove)},
    {"p", 0, OPTIONS_WHATIF, "none|quarantine|reject", "this policy for the domain", set_policy, AT(p)},
    {"sp", 0, OPTIONS_WHATIF, "none|quarantine|reject", "this one for the names below it", set_policy, AT(sp)},
    {"np", 0, OPTIONS_WHATIF, "none|quarantine|reject", "this one for the names below it that do not exist", set_policy,
     AT(np)},
    {"adkim", 0, OPTIONS_WHATIF, "r|s", "relaxed or strict alignment of DKIM", set_mode, AT(adkim)},
    {"aspf", 0, OPTIONS_WHATIF, "r|s", "the same for SPF", set_mode, AT(aspf)},
    {"by", 0, OPTIONS_WHATIF, "domain|class|source",
     "a row per domain (default of text), per class, or per source (of the other formats)", set_whatif_by, 0},
    {"exit-code", 0, OPTIONS_READINESS, NULL, "exit with 4 when a domain is not ready", set_flag, AT(exit_code)},
    {"domain", 'd', OPTIONS_REPORTS, "DOMAIN", "this domain and those below it", set_domain, 0},
    {"header-from", 0, OPTIONS_RECORDS, "DOMAIN", "mail with exactly this domain in From:", set_domain, 0},
    {"since", 0, OPTIONS_PERIOD, "DATE", "reports that begin on this day or later (UTC)", set_since, 0},
    {"until", 0, OPTIONS_PERIOD, "DATE", "reports that begin on this day or before (UTC)", set_until, 0},
    {"last", 0, OPTIONS_PERIOD, "TIME", "reports that began within this time: 30d, 2w, 12h", set_last, 0},
    {"source", 0, OPTIONS_RECORDS, "CIDR", "mail from this address or network", set_source, 0},
    {"reporter", 0, OPTIONS_REPORTS, "NAME", "reports of this organization", set_text, AT(filter.reporter)},
    {"aligned", 0, OPTIONS_RECORDS, "yes|no", "mail that passed DMARC, or did not, as the receiver evaluated it",
     set_aligned, 0},
    {"id", 0, OPTIONS_REPORTS, "REPORT-ID", "only the report with this report_id", set_text, AT(filter.report_id)},
    {"disposition", 0, OPTIONS_RECORDS, "WORD", "mail that got this: none, quarantine, reject, pass", set_disposition,
     0},
    {"sort", 0, OPTIONS_ROWS, "COLUMN", "sort by a column of the JSON output; -COLUMN: descending", set_text, AT(sort)},
    {"limit", 0, OPTIONS_ROWS, "N", "at most N rows; 0: all", set_count, AT(limit)},
    {"format", 'f', OPTIONS_EXPORT, "FORMAT",
     "text (default)" OTHER_TABLE_FORMATS ", parsedmarc-csv, parsedmarc-json, openmetrics", set_export_format, 0},
    {"no-pager", 0, OPTIONS_ROWS, NULL, "text on a terminal does not go through $DMARCCTL_PAGER, $PAGER or less",
     set_flag, AT(no_pager)},
    {"format", 'f', OPTIONS_OUTPUT, "FORMAT", "text (default)" OTHER_TABLE_FORMATS, set_format, 0},
    {"format", 'f', OPTIONS_PAGE, "FORMAT", "html (default), markdown, xlsx", set_page_format, 0},
    {"output", 'o', OPTIONS_PAGE, "FILE|FOLDER/", "write there; a folder gets a page for each domain, and an index",
     set_output, 0},
    {"output", 'o', OPTIONS_OUTPUT, "FILE", "write there (whole or not at all) instead of standard output", set_output,
     0},
    {"db", 0, OPTIONS_COMMON, "FILE", "the database; default: $DMARCCTL_DB, else what 'dmarcctl config' shows", set_db,
     0},
    {"database", 0, OPTIONS_DEFAULTS, "FILE", "the database", set_db, 0}, /* --db, in the configuration */
    {"config", 0, OPTIONS_COMMON, "FILE",
     "the configuration; default: ~/.config/dmarcctl/config, else /etc/dmarcctl/config", set_text, AT(config_file)},
    {"check", 0, OPTIONS_CONFIG, NULL, "say whether the file is right, or every mistake in it", set_flag, AT(check)},
    {"color", 0, OPTIONS_COMMON | OPTIONS_DEFAULTS, "WHEN", "auto (default), always, never; NO_COLOR is honoured",
     set_colour, 0},
    {"quiet", 'q', OPTIONS_COMMON | OPTIONS_DEFAULTS, NULL, "say nothing but errors", set_flag, AT(quiet)},
    {"no-quiet", 0, OPTIONS_COMMON, NULL, "talk, whatever the configuration says", clear_flag, AT(quiet)},
    {"help", 'h', OPTIONS_COMMON, NULL, "this help", set_flag, AT(help)},
};

static const struct option *find_long(unsigned groups, const char *name, size_t length) {
  for (unsigned i = 0; i < ARRAY_SIZE(OPTIONS); i++)
    if ((OPTIONS[i].groups & groups) && strlen(OPTIONS[i].name) == length && !strncmp(OPTIONS[i].name, name, length))
      return &OPTIONS[i];
  return NULL;
}

static const struct option *find_short(unsigned groups, char letter) {
  for (unsigned i = 0; i < ARRAY_SIZE(OPTIONS); i++)
    if ((OPTIONS[i].groups & groups) && OPTIONS[i].letter == letter) return &OPTIONS[i];
  return NULL;
}

static int set_given(struct options *o, const struct option *option, const char *text, struct err *e) {
  o->given = mem_realloc(o->given, (o->given_count + 1) * sizeof *o->given);
  o->given[o->given_count++] = (struct given_option){option, text};
  return option->set(o, option, text, e);
}

/* Takes the option at argv[*at], with its value from "=", from the rest of a short one, or from the next argument. */
static int take_option(struct options *o, unsigned groups, int argc, char **argv, int *at, struct err *e) {
  const char *word = argv[*at];
  bool is_long = word[1] == '-';
  const char *equals = is_long ? strchr(word, '=') : NULL;
  size_t length = equals ? (size_t)(equals - word) - 2 : strlen(word + 1 + is_long);
  const struct option *option = is_long ? find_long(groups, word + 2, length) : find_short(groups, word[1]);
  if (!option) return err_set(e, ERR_USAGE, "unknown option %s", word);
  const char *value = equals ? equals + 1 : !is_long && word[2] ? word + 2 : NULL;
  if (!option->value) {
    if (value) return err_set(e, ERR_USAGE, "--%s takes no value", option->name);
    return set_given(o, option, NULL, e);
  }
  if (!value) {
    if (*at + 1 >= argc) return err_set(e, ERR_USAGE, "--%s needs a value: %s", option->name, option->value);
    value = argv[++*at];
  }
  return set_given(o, option, value, e);
}

static char *default_database(void) {
  const char *named = getenv("DMARCCTL_DB"), *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
  if (named && *named) return mem_strdup(named);
  if (data && *data == '/') return mem_printf("%s/dmarcctl/dmarc.db", data);
  return mem_printf("%s/.local/share/dmarcctl/dmarc.db", home && *home ? home : ".");
}

void options_init(struct options *o) {
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  *o = (struct options){.db = default_database(),
                        .limit = OPTIONS_LIMIT_UNSET,
                        .filter = REPORT_FILTER_ALL,
                        .thresholds = THRESHOLDS_DEFAULT,
                        .jobs = processors > 1 ? (uint64_t)processors : 1,
                        .intake = INTAKE_LIMITS_DEFAULT,
                        .parser = PARSER_LIMITS_DEFAULT};
  imap_account_init(&o->mailbox);
}

int options_parse(struct options *o, unsigned groups, int argc, char **argv, struct err *e) {
  o->args = mem_alloc((size_t)(argc + 1) * sizeof *o->args);
  bool only_arguments = false;
  for (int i = 0; i < argc; i++) {
    if (only_arguments || argv[i][0] != '-' || !argv[i][1]) {
      o->args[o->arg_count++] = argv[i];
    } else if (!strcmp(argv[i], "--")) {
      only_arguments = true;
    } else {
      int code = take_option(o, groups | OPTIONS_COMMON, argc, argv, &i, e);
      if (code < 0) return code;
    }
  }
  if (o->last && (o->since_given || o->until_given))
    return err_set(e, ERR_USAGE, "--last does not go with --since or --until");
  if (o->jobs > 64) o->jobs = 64;
  return 0;
}

void options_clear(struct options *o) {
  free(o->db);
  free(o->domain);
  free(o->header_from);
  free(o->args);
  free(o->accounts);
  free(o->given);
  imap_account_clear(&o->mailbox);
  *o = (struct options){0};
}

#define HELP_INDENT 35
#define HELP_COLUMNS 100

/* From column `at` on, broken at blanks. */
static void print_help_text(FILE *out, const char *text, int at) {
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

void options_print_help(FILE *out, unsigned groups) {
  const struct option *option;
  for (unsigned i = 0; (option = options_at(groups | OPTIONS_COMMON, i)); i++) {
    char left[64];
    char letter[8] = "    ";
    if (option->letter) snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(left, sizeof left, "%s--%s%s%s", letter, option->name, option->value ? " " : "",
             option->value ? option->value : "");
    int at = fprintf(out, "  %-32s ", left);
    print_help_text(out, option->help, at);
  }
}

/* --- options by name ---------------------------------------------------------------------------------------------- */

const struct option *options_find(unsigned groups, const char *name) { return find_long(groups, name, strlen(name)); }

const struct option *options_at(unsigned groups, unsigned i) {
  for (unsigned n = 0; n < ARRAY_SIZE(OPTIONS); n++)
    if (options_find(groups, OPTIONS[n].name) == &OPTIONS[n] && !i--) return &OPTIONS[n];
  return NULL;
}

bool options_given(const struct options *o, const char *name) {
  for (unsigned i = 0; i < o->given_count; i++)
    if (!strcmp(o->given[i].option->name, name)) return true;
  return false;
}

int options_set(struct options *o, const struct option *option, const char *text, struct err *e) {
  if (option->value) return option->set(o, option, text, e);
  if (!strcmp(text, "yes")) return option->set(o, option, NULL, e);
  if (!strcmp(text, "no")) return clear_flag(o, option, NULL, e);
  return err_set(e, ERR_USAGE, "--%s: \"%s\" is neither yes nor no", option->name, text);
}

int options_set_given(struct options *to, const struct options *from, unsigned groups, struct err *e) {
  int code = 0;
  for (unsigned i = 0; i < from->given_count && !code; i++)
    if (from->given[i].option->groups & groups)
      code = from->given[i].option->set(to, from->given[i].option, from->given[i].text, e);
  return code;
}

/* As people write it: 1G, not 1073741824. */
static void show_size(uint64_t size, struct strbuf *out) {
  static const char UNITS[] = "KMGT";
  unsigned unit = 0;
  for (; unit < strlen(UNITS) && size && size % 1024 == 0; unit++) size /= 1024;
  strbuf_printf(out, "%llu", (unsigned long long)size);
  if (unit) strbuf_add_char(out, UNITS[unit - 1]);
}

void options_show(const struct options *o, const struct option *option, struct strbuf *out) {
  if (option->set == set_db)
    strbuf_add_text(out, o->db);
  else if (option->set == set_flag)
    strbuf_add_text(out, *FIELD(o, option, bool) ? "yes" : "no");
  else if (option->set == set_text)
    strbuf_add_text(out, *FIELD(o, option, char *) ? *FIELD(o, option, char *) : "");
  else if (option->set == set_colour)
    strbuf_add_text(out, COLOUR_WORDS[o->colour]);
  else if (option->set == set_size)
    show_size(*FIELD(o, option, uint64_t), out);
  else if (option->set == set_jobs)
    strbuf_printf(out, "%llu", (unsigned long long)o->jobs);
  else if (option->set == set_dns_timeout && o->dns_timeout_s)
    strbuf_printf(out, "%llu", (unsigned long long)o->dns_timeout_s);
  else if (option->set == set_small_count || option->set == set_timeout || option->set == set_retries)
    strbuf_printf(out, "%u", *FIELD(o, option, uint32_t));
}

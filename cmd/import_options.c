/* SPDX-License-Identifier: Apache-2.0 */
/* The table of import's options. */
#include "cmd/import_options.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "http/http.h"

#define JOBS_MOST 64

static int parse_account(void *at, const char *text, struct err *e) {
  (void)e;
  struct account_names *a = at;
  a->names = mem_realloc(a->names, (a->count + 1) * sizeof *a->names);
  a->names[a->count++] = text;
  return 0;
}

static int parse_folder(void *at, const char *text, struct err *e) {
  if (!*text) return err_set(e, ERR_USAGE, "is empty");
  mail_account_add_folder(at, text);
  return 0;
}

static int parse_after(void *at, const char *text, struct err *e) { return mail_account_set_after(at, text, e); }
static int parse_pin(void *at, const char *text, struct err *e) { return mail_account_set_pin(at, text, e); }

static int parse_graph_url(void *at, const char *text, struct err *e) {
  int code = http_url_check(text, e);
  if (code < 0) return err_prefix(e, code, "\"%s\"", text);
  char **place = at;
  free(*place);
  *place = mem_strdup(text);
  return 0;
}

static const struct option_word METHODS[] = {{.word = "plain", .value = MAIL_AUTH_PLAIN},
                                             {.word = "login", .value = MAIL_AUTH_LOGIN},
                                             {.word = "xoauth2", .value = MAIL_AUTH_XOAUTH2},
                                             {.word = "oauthbearer", .value = MAIL_AUTH_OAUTHBEARER},
                                             {0}};

#define AT(field) OPTION_AT(struct import_verb_options, field)
#define MILLION 1000000

static const struct option ROWS[] = {
    {"dry-run", 'n', OPTION_FLAG, NULL, "parse and report, write nothing", AT(import.dry_run)},
    {"jobs", 'j', OPTION_NUMBER, "N", "parse N files at a time; default: the number of processors", AT(import.jobs),
     .least = 1, .most = JOBS_MOST, .places = OPTION_IN_DEFAULTS},
    {"max-document-size", 0, OPTION_SIZE, "SIZE", "largest document after decompression; default 1G, in a mail 512M",
     AT(import.intake.document_bytes), .unsaid = "1G, in a mail 512M", .places = OPTION_IN_DEFAULTS},
    {"max-file-size", 0, OPTION_SIZE, "SIZE",
     "most that one file or mail may unpack to; default 16G, a mail 1G, and what is small much less",
     AT(import.intake.file_bytes), .unsaid = "16G, a mail 1G", .places = OPTION_IN_DEFAULTS},
    {"max-depth", 0, OPTION_NUMBER, "N", "containers inside each other; default 8", AT(import.intake.depth), .least = 1,
     .most = MILLION, .places = OPTION_IN_DEFAULTS},
    {"max-entries", 0, OPTION_NUMBER, "N", "entries of one zip archive; default 10000", AT(import.intake.entries),
     .least = 1, .most = MILLION, .places = OPTION_IN_DEFAULTS},
    {"max-documents", 0, OPTION_NUMBER, "N", "documents of one file or mail; default 1000000, of a mail 1000",
     AT(import.intake.documents), .least = 1, .most = MILLION, .unsaid = "1000000, of a mail 1000",
     .places = OPTION_IN_DEFAULTS},
    {"max-reports", 0, OPTION_NUMBER, "N", "reports of one file or mail; default 1000000, of a mail 250",
     AT(import.limits.reports), .least = 1, .most = UINT32_MAX, .unsaid = "1000000, of a mail 250",
     .places = OPTION_IN_DEFAULTS},
    {"max-domains", 0, OPTION_NUMBER, "N", "policy domains of one file or mail; default 100000, of a mail 100",
     AT(import.limits.domains), .least = 1, .most = UINT32_MAX, .unsaid = "100000, of a mail 100",
     .places = OPTION_IN_DEFAULTS},
    {"max-names", 0, OPTION_NUMBER, "N",
     "different names and addresses of one file or mail; default 2000000, of a mail 200000", AT(import.limits.names),
     .least = 1, .most = UINT32_MAX, .unsaid = "2000000, of a mail 200000", .places = OPTION_IN_DEFAULTS},
    {"max-texts", 0, OPTION_SIZE, "SIZE",
     "what different records of one file or mail say in all; default 512M, of a mail 4M", AT(import.limits.text_bytes),
     .unsaid = "512M, of a mail 4M", .places = OPTION_IN_DEFAULTS},
    {"max-records", 0, OPTION_SIZE, "N", "records of one document; default 10000000, of all in a mail 1000000",
     AT(import.limits.records), .unsaid = "10000000, in a mail 1000000", .places = OPTION_IN_DEFAULTS},
    {"max-text", 0, OPTION_NUMBER, "BYTES", "longest text of one element, longer ones are cut; default 16384",
     AT(import.parser.text_bytes), .least = 1, .most = MILLION, .places = OPTION_IN_DEFAULTS},
    {"domains", 0, OPTION_TEXTS, "LIST",
     "take reports about these policy domains and those below them alone: names, globs, @FILE; default: about all",
     AT(domains), .repeats = true, .places = OPTION_IN_DEFAULTS},
    {"account", 0, OPTION_CUSTOM, "NAME",
     "import this account of the configuration (repeatable); default without SOURCE: all", AT(accounts),
     .parse = parse_account},
    {"folder", 0, OPTION_CUSTOM, "NAME", "mailbox: read this folder (repeatable); default: the URL's, else INBOX",
     AT(mailbox), .parse = parse_folder, .repeats = true, .places = OPTION_IN_ACCOUNT},
    {"after", 0, OPTION_CUSTOM, "ACTION",
     "mailbox: what to do with mails that are stored: move:FOLDER, flag, flag:NAME, delete", AT(mailbox),
     .parse = parse_after, .places = OPTION_IN_ACCOUNT},
    {"trusted-authserv", 0, OPTION_TEXTS, "NAME",
     "believe this mail server's Authentication-Results (repeatable): they prove who sent a report; none: those without "
     "a name, as Microsoft 365 writes them",
     AT(mailbox.trusted_authservs), .repeats = true, .places = OPTION_IN_DEFAULTS | OPTION_IN_ACCOUNT},
    {"failed-folder", 0, OPTION_TEXT, "NAME", "mailbox: move mails without a report or with a broken one there",
     AT(mailbox.failed_folder), .owned = true, .places = OPTION_IN_ACCOUNT},
    {"again", 0, OPTION_FLAG, NULL,
     "mailbox: read mails once more of which something was rejected, damaged or in conflict", AT(import.again)},
    {"watch", 0, OPTION_FLAG, NULL, "mailbox: stay connected and import what comes", AT(import.watch)},
    {"password-command", 0, OPTION_COMMAND, "COMMAND", "mailbox: its first line of output is the password",
     AT(mailbox.password_command), .owned = true, .places = OPTION_IN_ACCOUNT},
    {"password-file", 0, OPTION_FILE, "FILE", "mailbox: its first line is the password", AT(mailbox.password_file),
     .owned = true, .places = OPTION_IN_ACCOUNT},
    {"token-command", 0, OPTION_COMMAND, "COMMAND", "mailbox: its first line of output is an OAuth 2.0 access token",
     AT(mailbox.token_command), .owned = true, .places = OPTION_IN_ACCOUNT},
    {"auth", 0, OPTION_KEYWORD, "METHOD", "mailbox: %s; default: what the server offers", AT(mailbox.auth),
     .words = METHODS, .places = OPTION_IN_ACCOUNT},
    {"ca-file", 0, OPTION_FILE, "FILE", "mailbox: trust these authorities (PEM) instead of the system's",
     AT(mailbox.ca_file), .owned = true, .places = OPTION_IN_ACCOUNT},
    {"pin", 0, OPTION_CUSTOM, "sha256//KEY", "mailbox: trust this public key; without --ca-file it alone", AT(mailbox),
     .parse = parse_pin, .places = OPTION_IN_ACCOUNT},
    {"allow-plain", 0, OPTION_FLAG, NULL, "mailbox: log in without TLS where the server offers none",
     AT(mailbox.allow_plain), .places = OPTION_IN_ACCOUNT},
    {"graph-url", 0, OPTION_CUSTOM, "URL", "mailbox: the service of Microsoft Graph; default " MAIL_GRAPH_URL,
     AT(mailbox.graph_url), .parse = parse_graph_url, .places = OPTION_IN_ACCOUNT},
    {"mail-since", 0, OPTION_BEGIN, "DATE", "mailbox: pass over mails that came before this day", AT(mailbox.since_s),
     .places = OPTION_IN_DEFAULTS | OPTION_IN_ACCOUNT},
    {"most", 0, OPTION_NUMBER, "N", "mailbox: read at most N mails of a folder, and the rest the next time",
     AT(mailbox.most), .least = 1, .most = 1000 * MILLION, .places = OPTION_IN_DEFAULTS | OPTION_IN_ACCOUNT},
    {"max-mail-size", 0, OPTION_SIZE, "SIZE", "mailbox: larger mails are left unread; default 64M",
     AT(mailbox.mail_bytes), .places = OPTION_IN_DEFAULTS | OPTION_IN_ACCOUNT},
    {"timeout", 0, OPTION_NUMBER, "SECONDS", "mailbox: longest silence of the server; default 60",
     AT(mailbox.timeout_s), .least = 1, .most = 3600, .places = OPTION_IN_DEFAULTS | OPTION_IN_ACCOUNT},
    {"retries", 0, OPTION_NUMBER, "N", "mailbox: tries after a failure, 1, 2, 4, ... seconds apart; default 4",
     AT(mailbox.retries), .most = 100, .places = OPTION_IN_DEFAULTS | OPTION_IN_ACCOUNT},
    {"max-wait", 0, OPTION_NUMBER, "SECONDS", "mailbox: longest pause that the server may ask for; default 300",
     AT(mailbox.max_wait_s), .most = 86400, .places = OPTION_IN_DEFAULTS | OPTION_IN_ACCOUNT},
};

const struct option_table IMPORT_OPTIONS = {ROWS, ARRAY_SIZE(ROWS)};

void import_options_init(struct options *o) {
  struct import_verb_options *own = (struct import_verb_options *)o;
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  own->import.jobs = processors < 1 ? 1 : processors > JOBS_MOST ? JOBS_MOST : (unsigned)processors;
  own->import.intake = INTAKE_LIMITS_DEFAULT;
  own->import.parser = PARSER_LIMITS_DEFAULT;
  mail_account_init(&own->mailbox);
}

void import_options_clear(struct options *o) {
  struct import_verb_options *own = (struct import_verb_options *)o;
  free(own->accounts.names);
  text_list_clear(&own->domains);
  mail_account_clear(&own->mailbox);
  oauth_settings_clear(&own->oauth);
}

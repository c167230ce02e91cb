/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl: finds the verb, reads its options, runs it. */
#include <errno.h>
#include <libxml/parser.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/config.h"
#include "cmd/talk.h"
#include "cmd/verb.h"

#define ASKING_REPORTS (OPTIONS_OUTPUT | OPTIONS_ROWS | OPTIONS_PERIOD | OPTIONS_REPORTS)
#define ASKING (ASKING_REPORTS | OPTIONS_RECORDS)
#define ANY_NUMBER 1000000

static const struct verb VERBS[] = {
    {"import", verb_import, OPTIONS_IMPORT | OPTIONS_OUTPUT, 0, ANY_NUMBER, "[SOURCE...]",
     "take reports into the database",
     "SOURCE is a file, a directory (searched recursively) or - for standard input: XML, gzip, zlib, zip, mails,\n"
     "mbox, Maildir, and these in each other, recognised by content. Importing the same report again changes nothing.\n"
     "It is also a folder of a mail server: imaps://user@host/FOLDER; see MAILBOXES in man dmarcctl. Without a SOURCE the\n"
     "mailboxes of the configuration are read (man 5 dmarcctl-config).\n"
     "What could not be read is listed by 'dmarcctl errors'.\n"
     "Exit code: 0 done, 1 failed, 3 done but some input was rejected, 130 interrupted.\n"},
    {"summary", verb_summary, ASKING, 0, 0, "", "the domains: messages, pass rate, policy, reporters", ""},
    {"sources", verb_sources, ASKING | OPTIONS_SOURCES | OPTIONS_JUDGEMENT, 0, 0, "", "who sends, and whose mail it is",
     ""},
    {"readiness", verb_readiness, ASKING_REPORTS | OPTIONS_READINESS | OPTIONS_JUDGEMENT, 0, ANY_NUMBER, "[DOMAIN...]",
     "may the policy move to quarantine or reject?",
     "For each domain: the verdict, the gates it rests on with figure and limit, what blocks with its repair, and the "
     "next\n"
     "record to publish. Named domains get a page each; else a table of all, nearest to their next step first.\n"},
    {"selectors", verb_selectors, ASKING_REPORTS | OPTIONS_JUDGEMENT, 0, ANY_NUMBER, "[DOMAIN...]",
     "the DKIM selectors: whose, which broke, which keys can go",
     "A row for each selector under your organizational domain: who signs with it, the share of own mail that passes, "
     "and\n"
     "its state: active, new, silent, retired, broken, never_passed, unnamed (man dmarcctl explains them).\n"},
    {"compliance", verb_compliance, ASKING_REPORTS | OPTIONS_JUDGEMENT, 0, ANY_NUMBER, "[DOMAIN...]",
     "what Google, Yahoo and Microsoft ask of bulk senders",
     "Mail that is or may be yours, by source: does the same message pass SPF and DKIM and is it aligned? What passes "
     "DMARC\n"
     "may fall short of that. Named domains get a page each, with the days on which the receivers counted more than "
     "5,000\n"
     "messages; else a table of all.\n"},
    {"whatif", verb_whatif, ASKING_REPORTS | OPTIONS_WHATIF | OPTIONS_JUDGEMENT, 0, ANY_NUMBER, "[DOMAIN...]",
     "what another policy would do to the mail that was seen",
     "Try another p, sp, np, adkim or aspf: messages a day newly quarantined or rejected, or newly spared, by class and "
     "by\n"
     "source. What is not given stays as the reports show it. Named domains get a page each; else a table of all.\n"},
    {"report", verb_report, OPTIONS_PAGE | OPTIONS_PERIOD | OPTIONS_REPORTS | OPTIONS_JUDGEMENT, 0, ANY_NUMBER,
     "[DOMAIN...]", "a page for people: HTML for a browser, Markdown for a ticket",
     "Verdict, gates, what blocks with its repair, mail over time, sources, selectors, reporters, the rules for bulk\n"
     "senders: one file that loads nothing. Several domains share it, up to 20; --output FOLDER/ writes a page for each.\n"},
    {"diff", verb_diff, OPTIONS_OUTPUT | OPTIONS_ROWS | OPTIONS_REPORTS | OPTIONS_DIFF | OPTIONS_JUDGEMENT, 0,
     ANY_NUMBER, "[DOMAIN...]", "what changed between the last period and the one before",
     "Verdict, policy, pass rates, new and vanished sources and reporters: the text of a weekly mail, with the most\n"
     "important first. With --quiet nothing is printed where nothing changed. Without --as-of the last period ends\n"
     "with the day before yesterday, whose reports have come.\n"},
    {"label", verb_label, OPTIONS_LABEL | OPTIONS_OUTPUT | OPTIONS_ROWS, 0, 2,
     "SOURCE legitimate|forwarder|unauthorised|ignore", "say whose a source is: the word that counts most",
     "SOURCE is an address, a network, a service of the catalogue (\"Amazon SES\") or the domain that signs or passes "
     "SPF.\n"
     "dmarcctl label --list shows all labels; dmarcctl label SOURCE --remove takes one back.\n"},
    {"reporters", verb_reporters, ASKING, 0, 0, "", "who reports, how much, and how reliably", ""},
    {"trend", verb_trend, ASKING | OPTIONS_TREND, 0, 0, "", "messages and pass rate over time", ""},
    {"reports", verb_reports, ASKING, 0, 0, "", "the stored reports", ""},
    {"errors", verb_errors, OPTIONS_OUTPUT | OPTIONS_ROWS | OPTIONS_PERIOD, 0, 0, "",
     "documents that were rejected, damaged or in conflict",
     "--since, --until and --last go by the time of the import here.\n"},
    {"export", verb_export, ASKING | OPTIONS_EXPORT | OPTIONS_JUDGEMENT, 0, 0, "",
     "every record, for spreadsheets and programs; metrics for Prometheus",
     "--format parsedmarc-csv and parsedmarc-json write the records as parsedmarc does, openmetrics the verdict on each\n"
     "domain for node_exporter's textfile collector. Options of the judgement go with openmetrics.\n"},
    {"config", verb_config, OPTIONS_CONFIG | OPTIONS_OUTPUT | OPTIONS_ROWS, 0, 1, "[FILE]",
     "what holds, and where it is said; or what is wrong with a configuration",
     "FILE is read instead of the one that --config and the defaults name (man 5 dmarcctl-config).\n"},
    {"completion", verb_completion, 0, 1, 1, "bash|zsh|fish",
     "what a shell needs to complete verbs, options and values",
     "For the shell at hand: eval \"$(dmarcctl completion bash)\"; for all: a package installs them.\n"},
};

const struct verb *verb_at(unsigned i) { return i < ARRAY_SIZE(VERBS) ? &VERBS[i] : NULL; }

static void print_help(FILE *out) {
  fputs(
      "usage: dmarcctl VERB [OPTION...] [ARGUMENT...]\n\nReads DMARC aggregate reports and says whether a domain's "
      "policy may move to reject.\n\n",
      out);
  for (unsigned i = 0; i < ARRAY_SIZE(VERBS); i++) fprintf(out, "  %-10s %s\n", VERBS[i].name, VERBS[i].summary);
  fputs("\n  dmarcctl VERB --help   the options of a verb\n  man dmarcctl           the manual\n", out);
}

static void print_verb_help(FILE *out, const struct verb *v) {
  fprintf(out, "usage: dmarcctl %s [OPTION...]%s%s\n\n%s\n", v->name, *v->arguments ? " " : "", v->arguments,
          v->summary);
  if (*v->details) fprintf(out, "\n%s", v->details);
  fputs("\n", out);
  options_print_help(out, v->groups);
}

static const struct verb *find_verb(const char *name) {
  for (unsigned i = 0; i < ARRAY_SIZE(VERBS); i++)
    if (!strcmp(VERBS[i].name, name)) return &VERBS[i];
  return NULL;
}

static int tell_mistakes(const struct config *c, const struct err *e) {
  if (*e->text) talk("%s", e->text);
  for (unsigned i = 0; i < c->mistake_count; i++) talk("%s:%u: %s", c->path, c->mistakes[i].line, c->mistakes[i].text);
  if (c->mistakes_left_out) talk("%s: %u more mistakes", c->path, c->mistakes_left_out);
  return EXIT_USAGE;
}

/* The command line once more, above what the file says. */
static int run_configured(const struct verb *v, struct options *o, int argc, char **argv) {
  const char *named = v->run == verb_config && o->arg_count ? o->args[0] : o->config_file;
  struct config config;
  struct err e;
  int code = config_read(&config, named, &e);
  int exit_code = code < 0 ? tell_mistakes(&config, &e) : EXIT_DONE;
  if (!code) {
    options_clear(o);
    options_init(o);
    o->config = &config;
    config_apply(&config, o);
    code = options_parse(o, v->groups, argc, argv, &e);
    exit_code = code < 0 ? talk_failure(EXIT_USAGE, "%s: %s", v->name, e.text) : v->run(o);
  }
  config_clear(&config);
  return exit_code;
}

static int run_verb(const struct verb *v, int argc, char **argv) {
  struct options o;
  struct err e;
  options_init(&o);
  int code = options_parse(&o, v->groups, argc, argv, &e);
  int exit_code;
  if (code < 0) {
    exit_code = talk_failure(EXIT_USAGE, "%s: %s (see 'dmarcctl %s --help')", v->name, e.text, v->name);
  } else if (o.help) {
    print_verb_help(stdout, v);
    exit_code = EXIT_DONE;
  } else if (o.arg_count < v->least_args) {
    exit_code =
        talk_failure(EXIT_USAGE, "%s: %s is missing (see 'dmarcctl %s --help')", v->name, v->arguments, v->name);
  } else if (o.arg_count > v->most_args) {
    exit_code = talk_failure(EXIT_USAGE, "%s: unexpected argument \"%s\" (see 'dmarcctl %s --help')", v->name,
                             o.args[v->most_args], v->name);
  } else {
    exit_code = run_configured(v, &o, argc, argv);
  }
  options_clear(&o);
  return exit_code;
}

/* Help and version are results too: lost ones are no success. Verbs have flushed theirs and told. */
static int finish(int exit_code) {
  if (fflush(stdout) == 0 || exit_code != EXIT_DONE) return exit_code;
  return talk_failure(EXIT_FAILED, "standard output: %s", strerror(errno));
}

int main(int argc, char **argv) {
  setlocale(LC_CTYPE, "");  /* for the charset of the terminal alone: numbers and dates stay the same everywhere */
  signal(SIGPIPE, SIG_IGN); /* a reader that goes away is an error of writing, told as such */
  signal(SIGXFSZ, SIG_IGN); /* and so is a file at its largest */
  const char *word = argc > 1 ? argv[1] : NULL;
  if (!word) {
    print_help(stderr);
    return EXIT_USAGE;
  }
  if (!strcmp(word, "--version") || !strcmp(word, "version")) {
    puts("dmarcctl " DMARCCTL_VERSION);
    return finish(EXIT_DONE);
  }
  bool help = !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help");
  if (help && argc < 3) {
    print_help(stdout);
    return finish(EXIT_DONE);
  }
  const struct verb *v = find_verb(help ? argv[2] : word);
  if (!v) return talk_failure(EXIT_USAGE, "there is no verb \"%s\" (see 'dmarcctl --help')", help ? argv[2] : word);
  if (help) {
    print_verb_help(stdout, v);
    return finish(EXIT_DONE);
  }
  /* A question whose reader goes away ("| head") ends in silence; an import has other work to finish. */
  if (v->run != verb_import) signal(SIGPIPE, SIG_DFL);
  xmlInitParser();
  int exit_code = run_verb(v, argc - 2, argv + 2);
  xmlCleanupParser();
  return finish(exit_code);
}

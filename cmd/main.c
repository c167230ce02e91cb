/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl: finds the verb, reads its options, runs it. */
#include <errno.h>
#include <libxml/parser.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/nearest.h"
#include "base/secret_source.h"
#include "cmd/ask.h"
#include "cmd/config.h"
#include "cmd/group_filter.h"
#include "cmd/talk.h"
#include "cmd/verb.h"

#define VERB_ROW(NAME) &VERB_##NAME,
static const struct verb *const VERBS[] = {EACH_VERB(VERB_ROW)};

const struct verb *verb_at(unsigned i) { return i < ARRAY_SIZE(VERBS) ? VERBS[i] : NULL; }

void verb_list_options(const struct verb *v, struct option_rows *ret) {
  options_list(v->groups, v->own, ret);
  ret->refused = &OPTIONS_SHARED;
  ret->refused_groups = v->whole ? OPTIONS_NARROWING : 0;
  ret->refusal = v->whole;
}

void verb_add_usage(const struct verb *v, struct strbuf *out) {
  if (v->usage) strbuf_add_text(out, v->usage);
  if (v->usage && v->words) strbuf_add_char(out, ' ');
  if (v->words) option_words_join(v->words, "|", out);
  if (v->usage_behind) strbuf_printf(out, " %s", v->usage_behind);
}

static void print_help(FILE *out) {
  fputs(
      "usage: dmarcctl VERB [OPTION...] [ARGUMENT...]\n\nReads DMARC aggregate reports and says whether a domain's "
      "policy may move to reject.\n\n",
      out);
  for (unsigned i = 0; i < ARRAY_SIZE(VERBS); i++) fprintf(out, "  %-11s %s\n", VERBS[i]->name, VERBS[i]->summary);
  fputs("\n  dmarcctl VERB --help   the options of a verb\n  man dmarcctl           the manual\n", out);
}

static void print_verb_help(FILE *out, const struct verb *v) {
  _cleanup_strbuf_ struct strbuf usage = STRBUF_INIT;
  struct option_rows options;
  verb_add_usage(v, &usage);
  verb_list_options(v, &options);
  fprintf(out, "usage: dmarcctl %s [OPTION...]%s%s\n\n%s\n", v->name, usage.length ? " " : "", strbuf_text(&usage),
          v->summary);
  if (v->details) fprintf(out, "\n%s", v->details);
  fputs("\n", out);
  option_print_help(out, &options);
  if (v->examples) fprintf(out, "\nFor example:\n%s", v->examples);
}

static const struct verb *find_verb(const char *name) {
  for (unsigned i = 0; i < ARRAY_SIZE(VERBS); i++)
    if (!strcmp(VERBS[i]->name, name)) return VERBS[i];
  return NULL;
}

static int no_such_verb(const char *name) {
  struct nearest nearest = nearest_to(name, strlen(name));
  for (unsigned i = 0; i < ARRAY_SIZE(VERBS); i++) nearest_consider(&nearest, VERBS[i]->name);
  if (nearest.word) return talk_failure(EXIT_USAGE, "there is no verb \"%s\": did you mean %s?", name, nearest.word);
  return talk_failure(EXIT_USAGE, "there is no verb \"%s\" (see 'dmarcctl --help')", name);
}

/* --- its options -------------------------------------------------------------------------------------------------- */

static struct options *new_options(const struct verb *v) {
  struct options *o = mem_zalloc(v->size ? v->size : sizeof *o);
  options_init(o);
  if (v->init) v->init(o);
  return o;
}

static void free_options(const struct verb *v, struct options *o) {
  if (v->clear) v->clear(o);
  options_clear(o);
  free(o);
}

/* Who asks for one domain need not know the word of an option. */
static int choose_domains(struct options *o, const struct option_line *line, struct err *e) {
  struct option_rows rows;
  int code = 0;
  options_list(OPTIONS_DOMAINS, NULL, &rows);
  for (unsigned i = 0; i < line->arg_count && !code; i++)
    code = option_set(option_find(&rows, "domain"), o, line->args[i], e);
  return code;
}

static int finish_options(const struct verb *v, struct options *o, const struct option_line *line, struct err *e) {
  const bool chooses = v->arguments == ARGUMENTS_CHOICE;
  int code = chooses ? choose_domains(o, line, e) : 0;
  if (!code) code = options_finish(o, line, v->arguments == ARGUMENTS_DOMAINS, e);
  if (chooses) o->arg_count = 0; /* they are in the filter */
  return code;
}

/* --- running it --------------------------------------------------------------------------------------------------- */

/* With a sentence, and where to read more. */
static int misused(const struct verb *v, const char *sentence) {
  _cleanup_free_ char *text = mem_printf("%s: %s (see 'dmarcctl %s --help')", v->name, sentence, v->name);
  return v->unable ? v->unable(text) : talk_failure(EXIT_USAGE, "%s", text);
}

static int tell_mistakes(const struct verb *v, const struct config *c, const struct err *e) {
  if (*e->text) talk("%s", e->text);
  for (unsigned i = 0; i < c->mistake_count; i++) talk("%s:%u: %s", c->path, c->mistakes[i].line, c->mistakes[i].text);
  if (c->mistakes_left_out) talk("%s: %u more mistakes", c->path, c->mistakes_left_out);
  return v->unable ? v->unable("the configuration is wrong: 'dmarcctl config --check' says where") : EXIT_USAGE;
}

/* What was given is set once more, above what the file says. */
static int run_above(const struct verb *v, const struct config *config, const struct option_line *line) {
  struct options *o = new_options(v);
  struct err e;
  o->config = config;
  config_apply(config, v->own, o);
  option_line_apply(line, o);
  int code = finish_options(v, o, line, &e);
  if (!code) code = group_filter_apply(o, &e);
  int exit_code = !code               ? v->run(o)
                  : code == ERR_USAGE ? misused(v, e.text)
                  : v->unable         ? v->unable(e.text)
                                      : ask_failed(code, &e);
  free_options(v, o);
  return exit_code;
}

static int run_configured(const struct verb *v, const struct options *o) {
  const char *named = v == &VERB_CONFIG && o->arg_count ? o->args[0] : o->common.config_file;
  struct config config;
  struct err e;
  int code = config_read(&config, named, &e);
  int exit_code = code < 0 ? tell_mistakes(v, &config, &e) : run_above(v, &config, o->line);
  config_clear(&config);
  return exit_code;
}

static int run_given(const struct verb *v, const struct options *o) {
  _cleanup_strbuf_ struct strbuf sentence = STRBUF_INIT;
  if (o->common.help) {
    print_verb_help(stdout, v);
    return EXIT_DONE;
  }
  if (o->arg_count < v->least_args) {
    verb_add_usage(v, &sentence);
    strbuf_add_text(&sentence, " is missing");
    return misused(v, sentence.data);
  }
  if (o->arg_count > v->most_args) {
    strbuf_printf(&sentence, "unexpected argument \"%s\"", o->args[v->most_args]);
    return misused(v, sentence.data);
  }
  return run_configured(v, o);
}

static int run_verb(const struct verb *v, int argc, char **argv) {
  struct options *o = new_options(v); /* what the command line says alone, tried out */
  struct option_rows rows;
  struct option_line line;
  struct err e;
  verb_list_options(v, &rows);
  int code = option_line_parse(&line, &rows, argc, argv, o, &e);
  if (!code) code = finish_options(v, o, &line, &e);
  int exit_code = code < 0 ? misused(v, e.text) : run_given(v, o);
  free_options(v, o);
  option_line_clear(&line);
  return exit_code;
}

/* Help and version are results too: lost ones are no success. Verbs have flushed theirs and told. */
static int finish(int exit_code) {
  if (fflush(stdout) == 0 || exit_code != EXIT_DONE) return exit_code;
  return talk_failure(EXIT_FAILED, "standard output: %s", strerror(errno));
}

static int start(const struct verb *v, int argc, char **argv) {
  /* A question whose reader goes away ("| head") ends in silence; an import has other work to finish. */
  if (v != &VERB_IMPORT) signal(SIGPIPE, SIG_DFL);
  xmlInitParser();
  int exit_code = run_verb(v, argc, argv);
  xmlCleanupParser();
  return finish(exit_code);
}

int main(int argc, char **argv) {
  setlocale(LC_CTYPE, "");  /* for the charset of the terminal alone: numbers and dates stay the same everywhere */
  signal(SIGPIPE, SIG_IGN); /* a reader that goes away is an error of writing, told as such */
  signal(SIGXFSZ, SIG_IGN); /* and so is a file at its largest */
  const struct verb *coming = argc > 1 ? find_verb(argv[1]) : NULL;
  if (coming && coming->first) coming->first();
  /* Whether it is asked for or not: nothing that we start is to have it. What is wrong with it is told when it is. */
  const char *password;
  secret_from_environment(SECRET_VARIABLE, &password, &(struct err){0});
  const char *word = argc > 1 ? argv[1] : NULL;
  if (!word) return start(&VERB_OVERVIEW, 0, argv);
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
  if (!v) return no_such_verb(help ? argv[2] : word);
  if (help) {
    print_verb_help(stdout, v);
    return finish(EXIT_DONE);
  }
  return start(v, argc - 2, argv + 2);
}

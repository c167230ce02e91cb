/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl completion: what a shell needs to complete verbs, options and their values, out of the tables that the help
 * is made of. */
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "cmd/talk.h"
#include "cmd/verb.h"

/* What can stand there. */
struct values {
  enum { VALUES_NONE, VALUES_FREE, VALUES_FILES, VALUES_WORDS } kind;
  struct strbuf words; /* with a blank between */
};

static void values_clear(struct values *v) { strbuf_clear(&v->words); }
#define _cleanup_values_ _cleanup_(values_clear)

static void add_words(struct values *v, const struct option_word *words) {
  v->kind = VALUES_WORDS;
  option_words_join(words, " ", &v->words);
}

static struct values values_of(const struct option *option) {
  struct values v = {.kind = option_takes_value(option) ? VALUES_FREE : VALUES_NONE};
  const struct option_word *words = option_words(option);
  if (option->kind == OPTION_FILE)
    v.kind = VALUES_FILES;
  else if (words)
    add_words(&v, words);
  return v;
}

static struct values arguments_of(const struct verb *verb) {
  struct values v = {.kind = verb->arguments == ARGUMENTS_FILES ? VALUES_FILES : VALUES_FREE};
  if (verb->arguments == ARGUMENTS_WORDS) add_words(&v, verb->words);
  return v;
}

static void print_verbs(FILE *out, const char *between) {
  for (unsigned i = 0; verb_at(i); i++) fprintf(out, "%s%s", i ? between : "", verb_at(i)->name);
}

/* A text within single quotes; characters of `special` get a backslash. */
static void print_quoted(FILE *out, const char *text, const char *special, const char *quote) {
  for (; *text; text++) {
    if (*text == '\'') {
      fputs(quote, out);
      continue;
    }
    if (strchr(special, *text)) fputc('\\', out);
    fputc(*text, out);
  }
}

/* --- bash --------------------------------------------------------------------------------------------------------- */

static void print_bash_option(FILE *out, const struct option *option) {
  _cleanup_values_ struct values v = values_of(option);
  if (v.kind == VALUES_NONE) return;
  fputs("        ", out);
  if (option->letter) fprintf(out, "-%c | ", option->letter);
  fprintf(out, "--%s) ", option->name);
  if (v.kind == VALUES_WORDS)
    fprintf(out, "kind=words words='%s' ;;\n", strbuf_text(&v.words));
  else
    fprintf(out, "kind=%s ;;\n", v.kind == VALUES_FILES ? "files" : "free");
}

static void print_bash_verb(FILE *out, const struct verb *verb) {
  _cleanup_values_ struct values arguments = arguments_of(verb);
  struct option_rows options;
  verb_list_options(verb, &options);
  fprintf(out, "    %s)\n", verb->name);
  if (arguments.kind == VALUES_WORDS)
    fprintf(out, "      kind=words words='%s'\n", strbuf_text(&arguments.words));
  else
    fprintf(out, "      kind=%s\n", arguments.kind == VALUES_FILES ? "files" : "free");
  fputs("      options='", out);
  for (unsigned i = 0; i < options.count; i++) fprintf(out, "%s--%s", i ? " " : "", options.rows[i]->name);
  fputs("'\n      case $before in\n", out);
  for (unsigned i = 0; i < options.count; i++) print_bash_option(out, options.rows[i]);
  fputs("        *) [[ $word == -* ]] && kind=words words=$options ;;\n      esac\n      ;;\n", out);
}

/* "=" is a word of its own to bash: --format=csv comes as three. */
static void print_bash(FILE *out) {
  fputs(
      "# bash completion of dmarcctl, made by 'dmarcctl completion bash'\n"
      "_dmarcctl() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} kind=words words options\n"
      "  if [[ $word == = ]]; then\n"
      "    word=\n"
      "  elif [[ $before == = ]]; then\n"
      "    before=${COMP_WORDS[COMP_CWORD - 2]}\n"
      "  fi\n"
      "  COMPREPLY=()\n"
      "  case $COMP_CWORD:${COMP_WORDS[1]} in\n"
      "    1:* | 2:help) words='",
      out);
  print_verbs(out, " ");
  fputs(
      " help'\n"
      "      [[ $word == -* ]] && words='--help --version'\n"
      "      ;;\n"
      "  esac\n"
      "  [[ $COMP_CWORD -eq 1 ]] || case ${COMP_WORDS[1]} in\n",
      out);
  for (unsigned i = 0; verb_at(i); i++) print_bash_verb(out, verb_at(i));
  fputs(
      "  esac\n"
      "  case $kind in\n"
      "    words) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\") ;;\n"
      "    files) compopt -o default ;;\n"
      "  esac\n"
      "}\n"
      "complete -F _dmarcctl dmarcctl\n",
      out);
}

/* --- zsh ---------------------------------------------------------------------------------------------------------- */

static void print_zsh_values(FILE *out, const char *name, const struct values *v) {
  fputc(':', out);
  print_quoted(out, name, ":[]\\", "'\\''");
  if (v->kind == VALUES_WORDS)
    fprintf(out, ":(%s)", strbuf_text(&v->words));
  else
    fputs(v->kind == VALUES_FILES ? ":_files" : ": ", out);
}

static void print_zsh_option(FILE *out, const struct option *option) {
  _cleanup_values_ struct values v = values_of(option);
  _cleanup_strbuf_ struct strbuf help = STRBUF_INIT, value = STRBUF_INIT;
  option_add_help(option, &help);
  option_add_value(option, &value);
  for (int with_letter = 0; with_letter <= (option->letter != 0); with_letter++) {
    bool takes_value = v.kind != VALUES_NONE;
    if (with_letter)
      fprintf(out, " \\\n        '-%c%s[", option->letter, takes_value ? "+" : "");
    else
      fprintf(out, " \\\n        '*--%s%s[", option->name, takes_value ? "=" : "");
    print_quoted(out, strbuf_text(&help), ":[]\\", "'\\''");
    fputc(']', out);
    if (takes_value) print_zsh_values(out, strbuf_text(&value), &v);
    fputc('\'', out);
  }
}

static void print_zsh_verb(FILE *out, const struct verb *verb) {
  _cleanup_values_ struct values arguments = arguments_of(verb);
  _cleanup_strbuf_ struct strbuf usage = STRBUF_INIT;
  struct option_rows options;
  verb_list_options(verb, &options);
  verb_add_usage(verb, &usage);
  fprintf(out, "    %s)\n      _arguments -S", verb->name);
  for (unsigned i = 0; i < options.count; i++) print_zsh_option(out, options.rows[i]);
  if (usage.length) {
    fputs(" \\\n        '*", out);
    print_zsh_values(out, usage.data, &arguments);
    fputc('\'', out);
  }
  fputs("\n      ;;\n", out);
}

static void print_zsh(FILE *out) {
  fputs(
      "#compdef dmarcctl\n"
      "# zsh completion of dmarcctl, made by 'dmarcctl completion zsh'\n"
      "_dmarcctl() {\n"
      "  local -a verbs\n"
      "  verbs=(\n",
      out);
  for (unsigned i = 0; verb_at(i); i++) {
    fprintf(out, "    '%s:", verb_at(i)->name);
    print_quoted(out, verb_at(i)->summary, ":\\", "'\\''");
    fputs("'\n", out);
  }
  fputs(
      "    'help:the options of a verb'\n"
      "  )\n"
      "  if ((CURRENT == 2)) || [[ $CURRENT:$words[2] == 3:help ]]; then\n"
      "    _describe -t verbs verb verbs\n"
      "    return\n"
      "  fi\n"
      "  shift words\n"
      "  ((CURRENT--))\n"
      "  case $words[1] in\n",
      out);
  for (unsigned i = 0; verb_at(i); i++) print_zsh_verb(out, verb_at(i));
  fputs(
      "  esac\n"
      "}\n"
      /* As a file of $fpath it is run when asked for the first time; by eval it only announces itself. */
      "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n"
      "  _dmarcctl \"$@\"\n"
      "else\n"
      "  compdef _dmarcctl dmarcctl\n"
      "fi\n",
      out);
}

/* --- fish --------------------------------------------------------------------------------------------------------- */

static void print_fish_help(FILE *out, const char *help) {
  fputs(" -d '", out);
  print_quoted(out, help, "\\", "\\'");
  fputs("'\n", out);
}

static void print_fish_option(FILE *out, const struct verb *verb, const struct option *option) {
  _cleanup_values_ struct values v = values_of(option);
  _cleanup_strbuf_ struct strbuf help = STRBUF_INIT;
  option_add_help(option, &help);
  fprintf(out, "complete -c dmarcctl -n '__dmarcctl_verb_is %s' -l %s", verb->name, option->name);
  if (option->letter) fprintf(out, " -s %c", option->letter);
  if (v.kind == VALUES_FILES) fputs(" -r -F", out);
  if (v.kind == VALUES_FREE) fputs(" -x", out);
  if (v.kind == VALUES_WORDS) fprintf(out, " -x -a '%s'", strbuf_text(&v.words));
  print_fish_help(out, strbuf_text(&help));
}

static void print_fish_verb(FILE *out, const struct verb *verb) {
  _cleanup_values_ struct values arguments = arguments_of(verb);
  struct option_rows options;
  verb_list_options(verb, &options);
  fprintf(out, "complete -c dmarcctl -n '__dmarcctl_verb_is' -a %s", verb->name);
  print_fish_help(out, verb->summary);
  fprintf(out, "complete -c dmarcctl -n '__dmarcctl_verb_is help' -a %s", verb->name);
  print_fish_help(out, verb->summary);
  if (arguments.kind == VALUES_WORDS)
    fprintf(out, "complete -c dmarcctl -n '__dmarcctl_verb_is %s' -a '%s'\n", verb->name,
            strbuf_text(&arguments.words));
  if (arguments.kind == VALUES_FILES) fprintf(out, "complete -c dmarcctl -n '__dmarcctl_verb_is %s' -F\n", verb->name);
  for (unsigned i = 0; i < options.count; i++) print_fish_option(out, verb, options.rows[i]);
}

static void print_fish(FILE *out) {
  fputs(
      "# fish completion of dmarcctl, made by 'dmarcctl completion fish'\n"
      "function __dmarcctl_verb_is\n"
      "  set -l words (commandline -opc)\n"
      "  test \"$words[2]\" = \"$argv[1]\"\n"
      "end\n"
      "complete -c dmarcctl -f\n"
      "complete -c dmarcctl -n '__dmarcctl_verb_is' -a help -d 'the options of a verb'\n",
      out);
  for (unsigned i = 0; verb_at(i); i++) print_fish_verb(out, verb_at(i));
}

/* --- the verb ----------------------------------------------------------------------------------------------------- */

enum { BASH, ZSH, FISH };
static const struct option_word SHELLS[] = {
    {.word = "bash", .value = BASH}, {.word = "zsh", .value = ZSH}, {.word = "fish", .value = FISH}, {0}};

static int run(const struct options *o) {
  static void (*const PRINT[])(FILE * out) = {[BASH] = print_bash, [ZSH] = print_zsh, [FISH] = print_fish};
  const struct option_word *shell = option_word_find(SHELLS, o->args[0]);
  if (shell) {
    PRINT[shell->value](stdout);
    return EXIT_DONE;
  }
  _cleanup_strbuf_ struct strbuf list = STRBUF_INIT;
  option_words_join(SHELLS, ", ", &list);
  return talk_failure(EXIT_USAGE, "completion: \"%s\" is none of %s", o->args[0], strbuf_text(&list));
}

const struct verb VERB_COMPLETION = {
    .name = "completion",
    .summary = "what a shell needs to complete verbs, options and values",
    .examples =
        "  eval \"$(dmarcctl completion bash)\"\n"
        "  dmarcctl completion fish >~/.config/fish/completions/dmarcctl.fish\n",
    .details = "For the shell at hand: eval \"$(dmarcctl completion bash)\"; for all: a package installs them.\n",
    .arguments = ARGUMENTS_WORDS,
    .words = SHELLS,
    .least_args = 1,
    .most_args = 1,
    .run = run,
};

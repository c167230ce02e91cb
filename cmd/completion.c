/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl completion: what a shell needs to complete verbs, options and their values, out of the tables that the help
 * is made of. */
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "cmd/output.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "verdict/stream.h"

/* What can stand there. */
struct values {
  enum { VALUES_NONE, VALUES_FREE, VALUES_FILES, VALUES_WORDS } kind;
  struct strbuf words; /* with a blank between */
};

static void values_clear(struct values *v) { strbuf_clear(&v->words); }
#define _cleanup_values_ _cleanup_(values_clear)

/* --- what the tables say ------------------------------------------------------------------------------------------ */

static void add_word(struct values *v, const char *word, size_t length) {
  v->kind = VALUES_WORDS;
  if (v->words.length) strbuf_add_char(&v->words, ' ');
  strbuf_add(&v->words, word, length);
}

/* "r|s": all between the bars. */
static void add_alternatives(struct values *v, const char *text) {
  for (size_t n; *text && *text != ' '; text += n + (text[n] == '|')) {
    n = strcspn(text, "| ");
    add_word(v, text, n);
  }
}

static size_t word_length(const char *text) { return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-"); }

/* "text (default), csv, json": the words of a list that ends where the text does, or at a semicolon. False where this
 * is no list of several words. */
static bool add_listed(struct values *v, const char *text) {
  struct values found = {0};
  unsigned count = 0;
  for (;;) {
    size_t n = word_length(text);
    const char *rest = text + n;
    if (!strncmp(rest, " (default)", 10)) rest += 10;
    if (!n || !strchr(",;", *rest)) break; /* the NUL is one of them */
    add_word(&found, text, n);
    count++;
    if (*rest != ',') {
      if (count > 1) add_word(v, strbuf_text(&found.words), found.words.length);
      values_clear(&found);
      return count > 1;
    }
    text = rest + 1 + strspn(rest + 1, " ");
  }
  values_clear(&found);
  return false;
}

/* A value that has a name ("FORMAT") is listed in the help, at its begin or behind a colon. */
static void add_from_help(struct values *v, const char *help) {
  while (!add_listed(v, help) && (help = strstr(help, ": "))) help += 2;
}

static void add_classes(struct values *v) {
  for (int class = CLASS_OWN; class <= CLASS_IGNORED; class ++) {
    const char *word = stream_class_word((enum stream_class) class);
    add_word(v, word, strlen(word));
  }
}

static struct values values_of(const struct option *option) {
  struct values v = {.kind = option->value ? VALUES_FREE : VALUES_NONE};
  if (!option->value) return v;
  if (strstr(option->value, "FILE"))
    v.kind = VALUES_FILES;
  else if (strchr(option->value, '|'))
    add_alternatives(&v, option->value);
  else if (!strcmp(option->value, "CLASS,..."))
    add_classes(&v);
  else
    add_from_help(&v, option->help);
  return v;
}

/* Of what stands behind the options: the words of "SOURCE legitimate|forwarder", files for "SOURCE..." and "[FILE]". */
static struct values arguments_of(const struct verb *verb) {
  struct values v = {.kind = VALUES_FREE};
  const char *bar = strchr(verb->arguments, '|'), *begin = bar;
  while (bar && begin > verb->arguments && begin[-1] != ' ') begin--;
  if (bar)
    add_alternatives(&v, begin);
  else if (strstr(verb->arguments, "SOURCE...") || strstr(verb->arguments, "FILE"))
    v.kind = VALUES_FILES;
  return v;
}

static const struct option *option_at(const struct verb *verb, unsigned i) {
  return options_at(verb->groups | OPTIONS_COMMON, i);
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
  fprintf(out, "    %s)\n", verb->name);
  if (arguments.kind == VALUES_WORDS)
    fprintf(out, "      kind=words words='%s'\n", strbuf_text(&arguments.words));
  else
    fprintf(out, "      kind=%s\n", arguments.kind == VALUES_FILES ? "files" : "free");
  fputs("      options='", out);
  for (unsigned i = 0; option_at(verb, i); i++) fprintf(out, "%s--%s", i ? " " : "", option_at(verb, i)->name);
  fputs("'\n      case $before in\n", out);
  for (unsigned i = 0; option_at(verb, i); i++) print_bash_option(out, option_at(verb, i));
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
  for (int with_letter = 0; with_letter <= (option->letter != 0); with_letter++) {
    bool takes_value = v.kind != VALUES_NONE;
    if (with_letter)
      fprintf(out, " \\\n        '-%c%s[", option->letter, takes_value ? "+" : "");
    else
      fprintf(out, " \\\n        '*--%s%s[", option->name, takes_value ? "=" : "");
    print_quoted(out, option->help, ":[]\\", "'\\''");
    fputc(']', out);
    if (takes_value) print_zsh_values(out, option->value, &v);
    fputc('\'', out);
  }
}

static void print_zsh_verb(FILE *out, const struct verb *verb) {
  _cleanup_values_ struct values arguments = arguments_of(verb);
  fprintf(out, "    %s)\n      _arguments -S", verb->name);
  for (unsigned i = 0; option_at(verb, i); i++) print_zsh_option(out, option_at(verb, i));
  if (*verb->arguments) {
    fputs(" \\\n        '*", out);
    print_zsh_values(out, verb->arguments, &arguments);
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
  fprintf(out, "complete -c dmarcctl -n '__dmarcctl_verb_is %s' -l %s", verb->name, option->name);
  if (option->letter) fprintf(out, " -s %c", option->letter);
  if (v.kind == VALUES_FILES) fputs(" -r -F", out);
  if (v.kind == VALUES_FREE) fputs(" -x", out);
  if (v.kind == VALUES_WORDS) fprintf(out, " -x -a '%s'", strbuf_text(&v.words));
  print_fish_help(out, option->help);
}

static void print_fish_verb(FILE *out, const struct verb *verb) {
  _cleanup_values_ struct values arguments = arguments_of(verb);
  fprintf(out, "complete -c dmarcctl -n '__dmarcctl_verb_is' -a %s", verb->name);
  print_fish_help(out, verb->summary);
  fprintf(out, "complete -c dmarcctl -n '__dmarcctl_verb_is help' -a %s", verb->name);
  print_fish_help(out, verb->summary);
  if (arguments.kind == VALUES_WORDS)
    fprintf(out, "complete -c dmarcctl -n '__dmarcctl_verb_is %s' -a '%s'\n", verb->name,
            strbuf_text(&arguments.words));
  if (arguments.kind == VALUES_FILES) fprintf(out, "complete -c dmarcctl -n '__dmarcctl_verb_is %s' -F\n", verb->name);
  for (unsigned i = 0; option_at(verb, i); i++) print_fish_option(out, verb, option_at(verb, i));
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

int verb_completion(struct options *o) {
  static const struct {
    const char *shell;
    void (*print)(FILE *out);
  } SHELLS[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
  for (size_t i = 0; i < ARRAY_SIZE(SHELLS); i++) {
    if (strcmp(o->args[0], SHELLS[i].shell) != 0) continue;
    SHELLS[i].print(stdout);
    return EXIT_DONE;
  }
  return talk_failure(EXIT_USAGE, "completion: \"%s\" is none of bash, zsh, fish", o->args[0]);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Options as rows of a table. By its kind, a row parses its value, prints it, explains itself in the help, completes in
 * a shell and takes its place in the configuration file. The rows themselves, and the structs they fill, are elsewhere:
 * options.h has those that verbs share, and a verb's own are in its file. */
#ifndef CMD_OPTION_H
#define CMD_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text_list.h"

/* A word that an option takes, and what it stands for. A table of them ends with one without a word. */
struct option_word {
  const char *word;
  int value;
  bool is_default;     /* the help says so */
  const char *refusal; /* the word of another verb: neither listed nor taken, but told what it is */
};

enum option_kind {                 /* and what the row points to: */
                   OPTION_FLAG,    /* bool. Takes no value; in a file yes or no */
                   OPTION_CLEAR,   /* bool: takes a flag back */
                   OPTION_NUMBER,  /* uint32_t or uint64_t, of least to most */
                   OPTION_SIZE,    /* uint64_t, at least 1: 64K, 48M, 1G */
                   OPTION_TEXT,    /* const char *, as it is written; `owned`: char *, a copy, not empty */
                   OPTION_TEXTS,   /* struct text_list: one more each time, not empty */
                   OPTION_FILE,    /* the same, the name of a file: not empty. In a file it is relative to that one */
                   OPTION_COMMAND, /* char *, a copy, not empty: a line for the shell, which may hold a secret */
                   OPTION_DOMAIN,  /* char *, a copy, as domain_spell has it */
                   OPTION_DOMAINS, /* struct text_list: one more each time, likewise */
                   OPTION_BEGIN,   /* int64_t, a time; a day is its first second */
                   OPTION_END,     /* int64_t, a time; a day is the first second behind it: --until 2025-03-31 is all of
                                      March */
                   OPTION_DURATION,     /* int64_t, seconds: 30d, 2w, 12h */
                   OPTION_AGE,          /* the same, of what goes and does not come back: never without its unit */
                   OPTION_YES_NO,       /* int: 1 or 0 */
                   OPTION_KEYWORD,      /* an enum: the value of one of `words` */
                   OPTION_KEYWORD_TEXT, /* const char *: one of `words` as the table spells it; in any case */
                   OPTION_KEYWORD_BITS, /* unsigned: a bit 1 << value for each of several, with commas between; adds to
                                           what is set */
                   OPTION_CUSTOM,       /* what `parse` makes of it */
};

/* Where else than on the command line it may stand. */
enum option_place {
  OPTION_IN_DEFAULTS = 1 << 0,
  OPTION_IN_ACCOUNT = 1 << 1,
  OPTION_IN_GROUP = 1 << 2,
  OPTION_IN_NOTIFY = 1 << 3
};

struct option {
  const char *name;
  char letter; /* 0: none */
  enum option_kind kind;
  const char *value;               /* a word for it: "FILE", "N"; NULL: the words with '|' between */
  const char *help;                /* "%s" stands for the words */
  size_t at, size;                 /* OPTION_AT */
  const struct option_word *words; /* of other kinds than the keywords: examples, for help and completion */
  int64_t least, most;             /* OPTION_NUMBER; most INT64_MAX is not told */
  const char *unit;                /* OPTION_NUMBER, for the message: "seconds" */
  const char *unsaid;              /* of a number or a size, 0: what then holds, in words */
  bool owned;
  bool repeats;            /* it may stand several times in one section */
  unsigned places;         /* enum option_place */
  const char *environment; /* the variable that goes before the file */
  unsigned groups;         /* of the shared ones: which (options.h) */
  int (*parse)(void *at, const char *text, struct err *e);
};

struct option_table {
  const struct option *rows;
  unsigned count;
};
/* One of an array, for its life. */
#define OPTION_TABLE(rows) (&(const struct option_table){(rows), sizeof(rows) / sizeof((rows)[0])})

/* Where the value goes: a field of the struct that the rows of a table fill. */
#define OPTION_AT(type, field) .at = offsetof(type, field), .size = sizeof(((type *)0)->field)

/* The rows that are known in one place, in the order of the help. */
#define OPTION_ROWS_MOST 96
struct option_rows {
  const struct option *rows[OPTION_ROWS_MOST];
  unsigned count;
  /* What is an option elsewhere and refused here, if its `groups` have one of these; and why. 0: none is. */
  const struct option_table *refused;
  unsigned refused_groups;
  const char *refusal;
};
/* Of two with one name the first one stays. */
void option_rows_add(struct option_rows *r, const struct option *row);
const struct option *option_find(const struct option_rows *r, const char *name);

/* --- a value ------------------------------------------------------------------------------------------------------ */

bool option_takes_value(const struct option *row);
/* Sets the field of `base` that the row points to. `text` is the value: of a flag "yes" or "no", or NULL, which sets
 * it. Texts that are not copied must outlive `base`. 0, or ERR_USAGE and a sentence that begins with "--NAME". */
int option_set(const struct option *row, void *base, const char *text, struct err *e);
/* Takes back what OPTION_TEXTS has gathered; of other kinds nothing. */
void option_forget(const struct option *row, void *base);
/* The value as option_set takes it, appended; several with commas between; nothing where there is none (a number out of
 * its range is none). Of a kind that may stand in [defaults]. */
void option_show(const struct option *row, const void *base, struct strbuf *out);

/* --- words -------------------------------------------------------------------------------------------------------- */

/* Those that an option takes, or examples of what it takes; NULL: it has none. */
const struct option_word *option_words(const struct option *row);
/* NULL: it is none of them, or one that is refused. */
const struct option_word *option_word_find(const struct option_word *words, const char *text);
/* "a, b, c", appended. */
void option_words_join(const struct option_word *words, const char *between, struct strbuf *out);

/* --- help --------------------------------------------------------------------------------------------------------- */

/* The word for its value; nothing where it takes none. Appends. */
void option_add_value(const struct option *row, struct strbuf *out);
/* Its help, with the words in their place. Appends. */
void option_add_help(const struct option *row, struct strbuf *out);
/* All rows with their help, for people. */
void option_print_help(FILE *out, const struct option_rows *r);

/* --- the command line --------------------------------------------------------------------------------------------- */

/* What stood there. */
struct option_given {
  const struct option *row;
  const char *text; /* NULL: a flag */
};
struct option_line {
  struct option_given *given;
  const char **args; /* what is no option; points into argv */
  unsigned given_count, arg_count;
};

/* Takes the line apart: --name, --name=value, --name value, -lvalue, -l value; behind "--" are arguments alone, and "-"
 * is one. Each value is set in `base` as it comes, so that the first mistake is the one that is told. Names are written
 * in full. 0, or ERR_USAGE; option_line_clear in any case. */
int option_line_parse(struct option_line *line, const struct option_rows *r, int argc, char **argv, void *base,
                      struct err *e);
void option_line_clear(struct option_line *line);
/* Sets once more what was given, in another `base`. It was right before, so it is now. */
void option_line_apply(const struct option_line *line, void *base);
/* Did an option stand there that sets the same field as `row`: the option itself, or the one that takes it back? */
bool option_line_sets(const struct option_line *line, const struct option *row);

#endif

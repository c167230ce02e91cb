/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file: defaults of options, thresholds, and the mailboxes that an import without a source reads.
 *
 * The rows of the options say which of them it may have, and what they take (enum option_place). Each key and value is
 * checked when the file is read, so every mistake is known before anything is done. */
#ifndef CMD_CONFIG_H
#define CMD_CONFIG_H

#include "cmd/groups.h"
#include "cmd/import_options.h"

enum config_section_kind { CONFIG_DEFAULTS, CONFIG_READINESS, CONFIG_ACCOUNT, CONFIG_GROUP, CONFIG_NOTIFY };

struct config_entry {
  unsigned line;
  const char *key, *value;     /* paths do not depend on where the program runs */
  const struct option *option; /* NULL: a threshold */
};

struct config_section {
  enum config_section_kind kind;
  const char *name; /* "defaults", "readiness"; of the others: their NAME */
  unsigned line;
  struct config_entry *entries;
  unsigned count, capacity;
  bool mistaken;      /* one of its lines is */
  struct group group; /* of a group: what its lines name */
};

/* "cause" of a line; line 0: of the file. */
struct config_mistake {
  unsigned line;
  char *text;
};

/* Everything is owned by the configuration. It does not change after config_read. */
struct config {
  char *path; /* NULL: there is no file */
  struct config_section *sections;
  unsigned count, capacity;
  struct config_mistake *mistakes; /* by line; CONFIG_MISTAKES at most */
  unsigned mistake_count, mistake_capacity, mistakes_left_out;
  struct arena *texts;
};

/* A file that is no configuration has a mistake in each line. */
#define CONFIG_MISTAKES 100

/* Reads `path` or, if that is NULL, the first that exists of $DMARCCTL_CONFIG, $XDG_CONFIG_HOME/dmarcctl/config
 * (~/.config/...) and /etc/dmarcctl/config. A file that is named must exist; if there is none, `c` is empty. ERR_USAGE
 * with an empty message: see the mistakes; otherwise the message says why. `c` is to be cleared in any case. */
int config_read(struct config *c, const char *path, struct err *e);
void config_clear(struct config *c);
/* Where it is looked for if nobody names it, for people: "A, B". To be freed. */
char *config_places(void);

/* Sets the defaults of the shared options and of a verb's `own`, and the thresholds, unless the environment overrules
 * them. */
void config_apply(const struct config *c, const struct option_table *own, struct options *o);
/* The line of a key; 0: it is not there. */
unsigned config_line_of(const struct config *c, enum config_section_kind kind, const char *key);
/* Does the environment overrule the default of this option? */
bool config_is_overruled(const struct option *option);

/* The account of this section. Where it says nothing the defaults hold; what import's command line says of mailboxes
 * holds before it (NULL: nothing). */
int config_make_account(const struct config *c, const struct config_section *account, const struct option_line *line,
                        struct mail_account *ret, struct err *e);
/* The i-th account; NULL behind the last. */
const struct config_section *config_account_at(const struct config *c, unsigned i);
const struct config_section *config_account_find(const struct config *c, const char *name);

/* The i-th group; NULL behind the last. */
const struct config_section *config_group_at(const struct config *c, unsigned i);
/* Case makes no difference in names of groups: folders are named after them. */
const struct config_section *config_group_find(const struct config *c, const char *name);

/* The i-th [notify NAME]; NULL behind the last. config_notify.h has what it says. */
const struct config_section *config_notify_at(const struct config *c, unsigned i);
const struct config_section *config_notify_find(const struct config *c, const char *name);

/* "~/" is the user's home, and relative is relative to the file, wherever the program runs. Lives as long as `c`. */
const char *config_resolve_path(const struct config *c, const char *path);
/* What stands in front of the name of such a section; NULL: it has none. */
const char *config_section_word(enum config_section_kind kind);

#endif

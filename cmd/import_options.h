/* SPDX-License-Identifier: Apache-2.0 */
/* The options of import, which the configuration knows too: its defaults, and what it says of an account. */
#ifndef CMD_IMPORT_OPTIONS_H
#define CMD_IMPORT_OPTIONS_H

#include "cmd/options.h"
#include "import/run.h"
#include "oauth/oauth.h"

/* Accounts of the configuration. The list is owned, its texts are not. */
struct account_names {
  const char **names;
  unsigned count;
};

struct import_verb_options {
  struct options shared;
  struct import_options import;
  struct mail_account mailbox; /* what holds for each mailbox; its URL names the rest */
  struct oauth_settings oauth; /* of an account of the configuration; no option sets it */
  struct account_names accounts;
  struct text_list domains; /* words of own_domains.h, as they were written */
};

extern const struct option_table IMPORT_OPTIONS;

/* What import has beyond the shared options; `o` begins a struct import_verb_options. */
void import_options_init(struct options *o);
void import_options_clear(struct options *o);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What an account of the configuration says of OAuth, and the access tokens that come of it. */
#ifndef CMD_ACCOUNT_OAUTH_H
#define CMD_ACCOUNT_OAUTH_H

#include "cmd/import_options.h"
#include "oauth/oauth.h"

/* The keys: they fill a struct import_verb_options, and stand in the configuration alone. */
extern const struct option_table ACCOUNT_OAUTH;

/* Gives `v->mailbox` the tokens of `v->oauth`, which is empty then; nothing where the account, which is called `name`,
 * has no oauth. ERR_USAGE: its keys contradict each other. */
int account_oauth_attach(struct import_verb_options *v, const char *name, struct err *e);
/* The client behind an account's tokens; NULL: it has none. The account's. */
struct oauth_client *account_oauth_client(const struct mail_account *a);

#endif

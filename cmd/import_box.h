/* SPDX-License-Identifier: Apache-2.0 */
/* The sandbox of verbs that read strangers' reports: what of this machine they need. */
#ifndef CMD_IMPORT_BOX_H
#define CMD_IMPORT_BOX_H

#include "cmd/import_options.h"
#include "sandbox/nursery.h"
#include "sandbox/sandbox.h"

/* Forks the nursery of the processes that parse: before anything else is done. */
void import_box_first(void);
/* The nursery; NULL: inputs are taken apart in this process, as the user wants it or for want of another. */
struct nursery *import_box_nursery(enum sandbox_mode mode);
/* Ends it, once no worker is in use. */
void import_box_clear(void);

/* Before any secret is read: the commands that the accounts name are left to a process of their own, which stays
 * outside. Undone by shell_release. 0 or ERR_IO. */
int import_box_leave_commands(enum sandbox_mode mode, const struct import_sources *s, struct err *e);
/* When the database is open, and before there are threads. 0, or ERR_IO where the sandbox is required and not to be
 * had. */
int import_box_enter(const struct import_verb_options *o, const struct import_sources *s, struct err *e);

/* The files among the sources, and what the system's libraries need: for another verb's rules. */
void import_box_keep_files(struct sandbox_rules *r, const struct import_sources *s);

#endif

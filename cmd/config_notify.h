/* SPDX-License-Identifier: Apache-2.0 */
/* What a section [notify NAME] of the configuration says: whom findings are sent to, by which way, when, and which. */
#ifndef CMD_CONFIG_NOTIFY_H
#define CMD_CONFIG_NOTIFY_H

#include "cmd/config.h"
#include "notify/way.h"
#include "report/notice.h"

/* The keys: they fill a struct notify_section, and stand in the configuration alone. */
extern const struct option_table NOTIFY_OPTIONS;

struct notify_section {
  struct way way;
  struct notice_wish wish;  /* but for its domains */
  struct text_list domains; /* as they are written, like the next; read they are in `named` */
  struct text_list groups;
  char *addressees;          /* of the wish: owned */
  const struct group *named; /* the section's own domains and globs */
};
void notify_section_init(struct notify_section *s);
void notify_section_clear(struct notify_section *s); /* accepts an initialised one */

/* What the section says. It lives as long as `section`; `ret` is to be cleared in any case. ERR_USAGE: its keys
 * contradict each other. */
int config_make_notify(const struct config *c, const struct config_section *section, struct notify_section *ret,
                       struct err *e);

/* Is the value one for this key? 0 or ERR_USAGE. */
int notify_try(const struct option *key, const char *value, struct err *e);
/* Does it take what a group takes: domains, globs and files of them? */
bool notify_key_names_domains(const struct option *key);
/* Does it stand there only to say that it has no place in the file? */
bool notify_key_is_refused(const struct option *key);
/* Of `to`: where it leads, without what may be a secret; to be freed. NULL: another key's value, which is none. */
char *notify_shown(const struct option *key, const char *value);

#endif

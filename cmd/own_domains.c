/* SPDX-License-Identifier: Apache-2.0 */
/* Reads which domains are the owner's, and compares reports with them. */
#include "cmd/own_domains.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/config.h"

int own_domains_check(const struct config *c, const char *words, struct err *e) {
  __attribute__((cleanup(group_clear))) struct group g = {0};
  return group_take(&g, c, words, e);
}

/* Of a command line a file is relative to where it was written; group_take takes it as one of the configuration. */
static char *with_full_paths(const char *words) {
  _cleanup_free_ char *here = getcwd(NULL, 0);
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  for (const char *at = words; *at; at++) {
    strbuf_add_char(&out, *at);
    const bool begins = at == words || strchr(" \t,", at[-1]);
    if (begins && *at == '@' && at[1] != '/' && strncmp(at + 1, "~/", 2) && here) strbuf_printf(&out, "%s/", here);
  }
  return mem_strdup(strbuf_text(&out));
}

static int take_line(struct own_domains *d, const struct options *o, bool *ret_said, struct err *e) {
  int code = 0;
  for (unsigned i = 0; o->line && i < o->line->given_count && !code; i++) {
    if (strcmp(o->line->given[i].row->name, "domains") != 0) continue;
    _cleanup_free_ char *words = with_full_paths(o->line->given[i].text);
    *ret_said = true;
    code = group_take(&d->words, o->config, words, e);
  }
  return code < 0 ? err_prefix(e, code, "--domains") : 0;
}

int own_domains_find(struct own_domains *d, const struct import_verb_options *o, struct err *e) {
  const struct text_list *of_config = &o->domains;
  bool said = false;
  *d = (struct own_domains){0};
  domain_set_init(&d->names);
  int code = take_line(d, &o->shared, &said, e);
  for (unsigned i = 0; !said && i < of_config->count && !code; i++)
    code = group_take(&d->words, o->shared.config, of_config->items[i], e);
  if (code < 0) return code;
  for (unsigned i = 0; i < d->words.name_count; i++) domain_set_add(&d->names, d->words.names[i]);
  return said || of_config->count;
}

void own_domains_clear(struct own_domains *d) {
  domain_set_clear(&d->names);
  group_clear(&d->words);
}

/* A glob stands for the names that look like it, each with all below it. */
static bool is_met(const char *glob, const char *name) {
  while (name && !group_glob_matches(glob, name)) {
    name = strchr(name, '.');
    if (name) name++;
  }
  return name;
}

bool own_domains_have(const void *own_domains, const char *policy_domain) {
  const struct own_domains *d = own_domains;
  if (!policy_domain) return false;
  if (domain_set_covers(&d->names, policy_domain)) return true;
  for (unsigned i = 0; i < d->words.glob_count; i++)
    if (is_met(d->words.globs[i], policy_domain)) return true;
  return false;
}

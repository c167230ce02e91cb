/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl report: a page for people, as one file; for many domains a folder of pages, or one file of all. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/hashmap.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/group_filter.h"
#include "cmd/output.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "report/report_files.h"

/* Said below each page. */
static const char FOOT[] =
    "Made by dmarcctl " DMARCCTL_VERSION " from aggregate reports (RFC 7489, RFC 9990). All days and times are UTC.";

/* --- where it goes ------------------------------------------------------------------------------------------------ */

/* A folder is meant where there is one, or where the name ends as a folder's; that one is made. */
static int find_folder(const char *path, bool *ret, struct err *e) {
  struct stat st;
  size_t length = path ? strlen(path) : 0;
  *ret = length && path[length - 1] == '/';
  if (!length || !strcmp(path, "-")) return 0;
  if (stat(path, &st) == 0) {
    *ret = S_ISDIR(st.st_mode);
    return 0;
  }
  if (*ret && mkdir(path, 0777) < 0) return err_set_errno(e, ERR_IO, "%s", path);
  return 0;
}

/* The file that the user names, or one in the folder that he does. */
static int put(void *user, const char *name, report_writer *write, void *writer, struct err *e) {
  struct options there = *(const struct options *)user;
  _cleanup_free_ char *path = name ? mem_printf("%s/%s", there.output.path, name) : NULL;
  _cleanup_(output_close) struct output out;
  if (path) there.output.path = path;
  int code = output_open(&out, &there, e);
  if (!code) code = write(writer, out.file, e);
  return code < 0 ? code : output_commit(&out, e);
}

static int write_report(const struct options *o, const struct inquiry *q, struct err *e) {
  struct options where = *o;
  struct report_files files = {.format = o->output.format, .foot = FOOT, .put = put, .user = &where};
  int code = o->output.format == FORMAT_XLSX ? 0 : find_folder(o->output.path, &files.in_folder, e);
  return code < 0 ? code : report_files_write(q, &files, e);
}

/* --- a folder a group --------------------------------------------------------------------------------------------- */

struct report_options {
  struct options shared;
  bool each_group;
};

/* The folders of groups, one after the other. */
struct group_folders {
  const struct options *o;
  struct chosen_groups groups;
  struct domain_set *domains; /* of each */
  struct options where;       /* the folder of the one that is being written */
  struct hashmap written;     /* names of its files */
};

static void group_folders_clear(struct group_folders *g) {
  for (unsigned i = 0; g->domains && i < g->groups.count; i++) domain_set_clear(&g->domains[i]);
  free(g->domains);
  chosen_groups_clear(&g->groups);
  hashmap_clear(&g->written);
}

static void add_domain(void *user, unsigned number, const char *domain) {
  struct domain_set *domains = user;
  domain_set_add(&domains[number], domain);
}

static int find_groups(struct group_folders *g, struct store *store, struct err *e) {
  int code = group_filter_find(g->o, &g->groups, e);
  if (code < 0) return code;
  if (!g->groups.count) return err_set(e, ERR_USAGE, "--each-group: the configuration has no [group NAME]");
  g->domains = mem_zalloc(g->groups.count * sizeof *g->domains);
  for (unsigned i = 0; i < g->groups.count; i++) domain_set_init(&g->domains[i]);
  return groups_each_domain(g->groups.groups, g->groups.count, store, add_domain, g->domains, e);
}

static int put_noted(void *user, const char *name, report_writer *write, void *writer, struct err *e) {
  struct group_folders *g = user;
  hashmap_put(&g->written, name, strlen(name), NULL);
  return put(&g->where, name, write, writer, e);
}

static bool is_page(const char *name) {
  const char *suffix = strrchr(name, '.');
  return suffix && (!strcmp(suffix, ".html") || !strcmp(suffix, ".md"));
}

/* A domain that has changed hands leaves a page in the folder of a customer whose it no longer is. It is theirs to say
 * what becomes of it. */
static void tell_left_pages(const struct group_folders *g, const char *group) {
  DIR *folder = opendir(g->where.output.path);
  if (!folder) return;
  for (const struct dirent *entry; (entry = readdir(folder));)
    if (is_page(entry->d_name) && !hashmap_get(&g->written, entry->d_name, strlen(entry->d_name)))
      talk("%s/%s: is no page of [group %s] now, and was left as it is", g->where.output.path, entry->d_name, group);
  closedir(folder);
}

static int write_group(struct group_folders *g, unsigned number, struct basis *b, struct err *e) {
  const char *name = g->groups.names[number], *below = g->o->output.path;
  _cleanup_free_ char *path = mem_printf("%s%s%s", below, below[strlen(below) - 1] == '/' ? "" : "/", name);
  const struct report_files files = {
      .format = g->o->output.format, .in_folder = true, .foot = FOOT, .put = put_noted, .user = g};
  if (mkdir(path, 0777) < 0 && errno != EEXIST) return err_set_errno(e, ERR_IO, "%s", path);
  g->where = *g->o;
  g->where.output.path = path;
  hashmap_reset(&g->written);
  group_filter_narrow(&b->filter, &g->domains[number]);
  int code = report_files_write(&b->inquiry, &files, e);
  if (!code) tell_left_pages(g, name);
  return code < 0 ? err_prefix(e, code, "[group %s]", name) : 0;
}

static int write_groups(const struct options *o, struct basis *b, const struct database *db, struct err *e) {
  _cleanup_(group_folders_clear) struct group_folders g = {.o = o};
  hashmap_init(&g.written, 0);
  int code = find_groups(&g, db->store, e);
  for (unsigned i = 0; i < g.groups.count && !code; i++) code = write_group(&g, i, b, e);
  return code;
}

/* Groups in a folder have one each, for each is for somebody else. */
static int find_group_folders(const struct report_options *own, bool *ret, struct err *e) {
  const struct options *o = &own->shared;
  bool in_folder = false;
  *ret = false;
  int code = o->output.format == FORMAT_XLSX ? 0 : find_folder(o->output.path, &in_folder, e);
  if (code < 0) return code;
  if (own->each_group && !in_folder)
    return err_set(e, ERR_USAGE, "--each-group makes a folder for each group: say below which, with --output FOLDER/");
  *ret = in_folder && (own->each_group || o->reports.groups.count);
  if (*ret && (o->reports.domains.count || o->arg_count))
    return err_set(e, ERR_USAGE, "a folder for each group has its domains alone: leave out --domain and DOMAIN");
  return 0;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static int ask_report(const struct options *o, struct err *e) {
  struct database db = {0};
  bool by_group = false;
  _cleanup_(basis_clear) struct basis b = {0};
  int code = find_group_folders((const struct report_options *)o, &by_group, e);
  if (!code) code = ask_open(o, &db, e);
  if (!code) code = basis_open(&b, o, &db, e);
  b.judgement.dns = b.lookups.dns;
  b.judgement.names_partners = true;
  if (!code) code = by_group ? write_groups(o, &b, &db, e) : write_report(o, &b.inquiry, e);
  database_close(&db);
  return code;
}

/* --- the verb ----------------------------------------------------------------------------------------------------- */

static const struct option_word FORMATS[] = {{"html", FORMAT_HTML, true, NULL},
                                             {"markdown", FORMAT_MARKDOWN, false, NULL},
                                             {"xlsx", FORMAT_XLSX, false, NULL},
                                             {0}};

#define AT(field) OPTION_AT(struct report_options, shared.field)
static const struct option OWN[] = {
    {"format", 'f', OPTION_KEYWORD, "FORMAT", "%s", AT(output.format), .words = FORMATS},
    {"output", 'o', OPTION_FILE, "FILE|FOLDER/", "write there; a folder gets a page for each domain, and an index",
     AT(output.path)},
    {"each-group", 0, OPTION_FLAG, NULL, "below FOLDER/ a folder for each group of the configuration",
     OPTION_AT(struct report_options, each_group)},
};

static int run(const struct options *o) {
  struct err e;
  bool to_terminal = output_is_stdout(o) && isatty(STDOUT_FILENO);
  if (to_terminal && o->output.format != FORMAT_MARKDOWN && o->output.format != FORMAT_XLSX)
    return talk_failure(EXIT_USAGE,
                        "report: a page is for a browser: say where it goes, as in 'dmarcctl report --output "
                        "report.html'; or --format markdown for one to read here");
  int code = ask_report(o, &e);
  return code < 0 ? ask_failed(code, &e) : EXIT_DONE;
}

const struct verb VERB_REPORT = {
    .name = "report",
    .summary = "a page for people: HTML for a browser, Markdown for a ticket",
    .details =
        "Verdict, gates, what blocks with its repair, mail over time, sources, selectors, reporters, the rules for bulk\n"
        "senders: one file that loads nothing. Several domains share it, up to 20; --output FOLDER/ writes a page for each.\n"
        "With --group, a FOLDER/ gets a folder for each group, with the pages of its domains and an index, and nothing of others.\n",
    .examples =
        "  dmarcctl report example.com --output report.html\n"
        "  dmarcctl report --output pages/\n"
        "  dmarcctl report --format xlsx --output report.xlsx\n",
    .arguments = ARGUMENTS_DOMAINS,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_PERIOD | OPTIONS_DOMAINS | OPTIONS_REPORTS | OPTIONS_JUDGEMENT,
    .own = OPTION_TABLE(OWN),
    .size = sizeof(struct report_options),
    .run = run,
};

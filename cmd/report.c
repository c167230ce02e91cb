/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl report: a page for people, as one file; for many domains a folder of pages, or one file of all. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
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

static int ask_report(const struct options *o, struct err *e) {
  struct database db = {0};
  _cleanup_(basis_clear) struct basis b = {0};
  int code = ask_open(o, &db, e);
  if (!code) code = basis_open(&b, o, &db, e);
  b.judgement.dns = b.lookups.dns;
  b.judgement.names_partners = true;
  if (!code) code = write_report(o, &b.inquiry, e);
  database_close(&db);
  return code;
}

/* --- the verb ----------------------------------------------------------------------------------------------------- */

static const struct option_word FORMATS[] = {{"html", FORMAT_HTML, true, NULL},
                                             {"markdown", FORMAT_MARKDOWN, false, NULL},
                                             {"xlsx", FORMAT_XLSX, false, NULL},
                                             {0}};

#define AT(field) OPTION_AT(struct options, field)
static const struct option OWN[] = {
    {"format", 'f', OPTION_KEYWORD, "FORMAT", "%s", AT(output.format), .words = FORMATS},
    {"output", 'o', OPTION_FILE, "FILE|FOLDER/", "write there; a folder gets a page for each domain, and an index",
     AT(output.path)},
};

static int run(const struct options *o) {
  struct err e;
  bool to_terminal = (!o->output.path || !strcmp(o->output.path, "-")) && isatty(STDOUT_FILENO);
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
        "senders: one file that loads nothing. Several domains share it, up to 20; --output FOLDER/ writes a page for each.\n",
    .arguments = ARGUMENTS_DOMAINS,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_PERIOD | OPTIONS_DOMAINS | OPTIONS_REPORTS | OPTIONS_JUDGEMENT,
    .own = OPTION_TABLE(OWN),
    .own_behind = "id",
    .run = run,
};

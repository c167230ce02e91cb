/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl report: a page for people, as one file; for many domains a folder of pages, or one file of all. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/figure.h"
#include "base/utc.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "report/report_book.h"
#include "report/report_page.h"
#include "report/sections.h"
#include "table/document.h"
#include "table/render.h"

/* Said below each page. */
static const char FOOT[] =
    "Made by dmarcctl " DMARCCTL_VERSION " from aggregate reports (RFC 7489, RFC 9990). All days and times are UTC.";

/* Domains whose pages share one file: more make it long to read and slow to open. */
#define SHARED_PAGES 20
/* Rows of the table of domains: a browser opens and sorts so many at once. */
#define FLEET_ROWS 1000
/* A name in a folder: file systems take 255 bytes, with the suffix and the temporary one of what is being written. */
#define FILE_NAME_BYTES 200

/* The table of domains, and what the pages go into. */
struct fleet {
  const struct options *options;
  const struct inquiry *inquiry;
  bool in_folder;
  const char *extension; /* ".html" */
  struct table_sink *collector, *table;
  FILE *rows; /* the finished table, in memory */
  char *rows_text;
  size_t rows_size;
  FILE *pages; /* the pages that share the file; NULL: in a folder */
  char *pages_text;
  size_t pages_size;
  struct hashmap anchors; /* domain -> number of its page in the file */
  unsigned domains, by_verdict[VERDICTS];
};

static struct document document_of(const struct options *o, FILE *file) {
  return o->output.format == FORMAT_MARKDOWN ? document_markdown(file) : document_html(file);
}

/* --- names of files ----------------------------------------------------------------------------------------------- */

/* A stranger's domain becomes no path: what has anything but letters, digits, '-', '_' and '.' is named by its digest.
 */
static bool is_file_name(const char *domain) {
  size_t plain = strspn(domain, "abcdefghijklmnopqrstuvwxyz0123456789-_.");
  return plain && plain <= FILE_NAME_BYTES && !domain[plain] && !strchr(".-", domain[0]) &&
         strcmp(domain, "index") != 0;
}

static void add_file_name(struct strbuf *out, const char *domain, const char *extension) {
  if (is_file_name(domain)) {
    strbuf_printf(out, "%s%s", domain, extension);
    return;
  }
  uint8_t bytes[FEEDBACK_DIGEST_BYTES];
  struct digest digest;
  digest_init(&digest);
  digest_bytes(&digest, domain, strlen(domain));
  digest_finish(&digest, bytes);
  strbuf_add_text(out, "domain_");
  for (unsigned i = 0; i < sizeof bytes; i++) strbuf_printf(out, "%02x", bytes[i]);
  strbuf_add_text(out, extension);
}

/* Where the row of a domain leads. */
static bool link_of(void *user, const char *domain, struct strbuf *out) {
  const struct fleet *f = user;
  if (f->in_folder) {
    add_file_name(out, domain, f->extension);
    return true;
  }
  const unsigned *number = hashmap_get(&f->anchors, domain, strlen(domain) + 1);
  if (!number || f->domains > SHARED_PAGES || f->options->output.format == FORMAT_MARKDOWN) return false;
  strbuf_printf(out, "#d%u", *number);
  return true;
}

/* --- one domain --------------------------------------------------------------------------------------------------- */

/* A document of its own. */
static int write_single(const struct options *o, const struct inquiry *q, FILE *file, const struct history *h,
                        const struct judgement *j, struct err *e) {
  _cleanup_strbuf_ struct strbuf title = STRBUF_INIT, subtitle = STRBUF_INIT;
  struct document d = document_of(o, file);
  strbuf_printf(&title, "DMARC report for %s", j->domain);
  report_page_subtitle(q, h, j, &subtitle);
  d.begin(&d, strbuf_text(&title), strbuf_text(&subtitle));
  int code = report_page_write(&d, q, h, j, "", e);
  d.end(&d, FOOT);
  return code;
}

/* Beside others in the same file. */
static int write_shared(struct fleet *f, const struct history *h, const struct judgement *j, struct err *e) {
  _cleanup_strbuf_ struct strbuf subtitle = STRBUF_INIT;
  struct document d = document_of(f->options, f->pages);
  char id[24], prefix[24];
  snprintf(id, sizeof id, "d%u", f->domains);
  snprintf(prefix, sizeof prefix, "d%u-", f->domains);
  *(unsigned *)hashmap_put(&f->anchors, j->domain, strlen(j->domain) + 1, NULL) = f->domains;
  report_page_subtitle(f->inquiry, h, j, &subtitle);
  d.heading(&d, 2, id, j->domain);
  d.note(&d, strbuf_text(&subtitle));
  d.depth = 1;
  return report_page_write(&d, f->inquiry, h, j, prefix, e);
}

static int write_file(struct fleet *f, const char *name, const struct history *h, const struct judgement *j,
                      struct err *e) {
  _cleanup_free_ char *path = mem_printf("%s/%s", f->options->output.path, name);
  struct options there = *f->options;
  there.output.path = path;
  _cleanup_(output_close) struct output out;
  int code = output_open(&out, &there, e);
  if (!code) code = write_single(f->options, f->inquiry, out.file, h, j, e);
  return code < 0 ? code : output_commit(&out, e);
}

static int on_domain(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  struct fleet *f = user;
  int code = 0;
  f->domains++;
  f->by_verdict[j->verdict]++;
  if (f->in_folder) {
    _cleanup_strbuf_ struct strbuf name = STRBUF_INIT;
    add_file_name(&name, j->domain, f->extension);
    code = write_file(f, strbuf_text(&name), h, j, e);
  } else if (f->domains <= SHARED_PAGES) {
    code = write_shared(f, h, j, e);
  }
  return code < 0 ? code : readiness_push_row(f->collector, h, j, e);
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static int open_memory(FILE **ret, char **text, size_t *size, struct err *e) {
  *ret = open_memstream(text, size);
  return *ret ? 0 : err_set_errno(e, ERR_IO, "no memory for a page");
}

static void fleet_clear(struct fleet *f) {
  table_sink_free(f->collector);
  table_sink_free(f->table);
  if (f->rows) fclose(f->rows);
  if (f->pages) fclose(f->pages);
  free(f->rows_text);
  free(f->pages_text);
  hashmap_clear(&f->anchors);
}

static int gather(struct fleet *f, const struct page_table *options, struct err *e) {
  int code = open_memory(&f->rows, &f->rows_text, &f->rows_size, e);
  if (!code && !f->in_folder) code = open_memory(&f->pages, &f->pages_text, &f->pages_size, e);
  if (code < 0) return code;
  struct document d = document_of(f->options, f->rows);
  f->table = d.table(&d, options);
  f->collector = collector_new(f->table, READINESS_SORT, FLEET_ROWS);
  code = f->collector->begin(f->collector, &READINESS_TABLE, e);
  if (!code) code = judge_each(f->inquiry, on_domain, f, e);
  if (!code) code = f->collector->end(f->collector, e);
  if (!code && (fflush(f->rows) || (f->pages && fflush(f->pages))))
    code = err_set_errno(e, ERR_IO, "no memory for a page");
  return code;
}

static void write_verdicts(const struct fleet *f, struct document *d) {
  struct document_figure figures[VERDICTS];
  char values[VERDICTS][16];
  unsigned count = 0;
  for (int v = 0; v < VERDICTS; v++) {
    if (!f->by_verdict[v]) continue;
    snprintf(values[count], sizeof values[count], "%u", f->by_verdict[v]);
    figures[count] =
        (struct document_figure){.label = verdict_word((enum verdict)v), .value = values[count], .share = -1};
    count++;
  }
  if (count) d->figures(d, figures, count);
}

static void write_index(const struct fleet *f, FILE *file) {
  char as_of[UTC_TEXT_BYTES];
  _cleanup_strbuf_ struct strbuf title = STRBUF_INIT, subtitle = STRBUF_INIT;
  struct document d = document_of(f->options, file);
  strbuf_add_text(&title, "DMARC report for ");
  figure_count(&title, f->domains, "domain");
  strbuf_printf(&subtitle, "As of %s. Nearest to their next step first.",
                utc_format_day(f->inquiry->basis->as_of_s, as_of));
  d.begin(&d, strbuf_text(&title), strbuf_text(&subtitle));
  write_verdicts(f, &d);
  fwrite(f->rows_text, 1, f->rows_size, file);
  bool shared = !f->in_folder && f->domains <= SHARED_PAGES;
  if (shared) fwrite(f->pages_text, 1, f->pages_size, file);
  if (!shared && !f->in_folder)
    d.note(&d,
           "More domains than share one file: 'dmarcctl report --output FOLDER/' writes a page for each, "
           "'dmarcctl report DOMAIN' one alone.");
  d.end(&d, FOOT);
}

static int write_fleet(struct fleet *f, const struct options *where, struct err *e) {
  const struct page_table options = {.caption = "The verdict on each domain",
                                     .rest = f->in_folder
                                                 ? "their pages are here too, named as the domain is; 'dmarcctl "
                                                   "readiness --format csv' lists all"
                                                 : "'dmarcctl readiness --format csv' lists all",
                                     .link = link_of,
                                     .user = f};
  int code = gather(f, &options, e);
  if (code < 0) return code;
  _cleanup_(output_close) struct output out;
  code = output_open(&out, where, e);
  if (code < 0) return code;
  write_index(f, out.file);
  return output_commit(&out, e);
}

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

struct only {
  char *domain; /* the first one met */
  bool several;
};

static int on_report(void *user, const struct store_report *r, struct err *e) {
  (void)e;
  struct only *only = user;
  const char *domain = r->header.policy_domain;
  if (!domain || !*domain || (only->domain && !strcmp(only->domain, domain))) return 0;
  only->several = only->domain != NULL;
  if (!only->domain) only->domain = mem_strdup(domain);
  return only->several ? ERR_INTERRUPTED : 0; /* reports come by their domain: the second one is enough */
}

/* Who has one domain wants its page, named or not. */
static int is_single(const struct inquiry *q, bool *ret, struct err *e) {
  struct only only = {0};
  *ret = q->domain_count == 1;
  if (q->domain_count) return 0;
  int code = store_each_report(q->store, q->filter, on_report, &only, e);
  *ret = only.domain && !only.several;
  free(only.domain);
  return code == ERR_INTERRUPTED ? 0 : code;
}

struct single {
  const struct options *options;
  const struct inquiry *inquiry;
  FILE *file;
};

static int on_single(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  const struct single *s = user;
  return write_single(s->options, s->inquiry, s->file, h, j, e);
}

static int write_one(const struct options *o, const struct inquiry *q, struct err *e) {
  _cleanup_(output_close) struct output out;
  int code = output_open(&out, o, e);
  if (code < 0) return code;
  struct single single = {o, q, out.file};
  code = judge_each(q, on_single, &single, e);
  return code < 0 ? code : output_commit(&out, e);
}

static int write_book(const struct options *o, const struct inquiry *q, struct err *e) {
  _cleanup_(output_close) struct output out;
  int code = output_open(&out, o, e);
  if (!code) code = report_book_write(q, out.file, e);
  return code < 0 ? code : output_commit(&out, e);
}

static int write_report(const struct options *o, const struct inquiry *q, struct err *e) {
  bool single, markdown = o->output.format == FORMAT_MARKDOWN;
  struct fleet fleet = {.options = o, .inquiry = q, .extension = markdown ? ".md" : ".html"};
  if (o->output.format == FORMAT_XLSX) return write_book(o, q, e);
  int code = find_folder(o->output.path, &fleet.in_folder, e);
  if (!code && !fleet.in_folder) {
    code = is_single(q, &single, e);
    if (code < 0 || single) return code < 0 ? code : write_one(o, q, e);
  }
  if (code < 0) return code;
  struct options where = *o;
  _cleanup_free_ char *index = fleet.in_folder ? mem_printf("%s/index%s", o->output.path, fleet.extension) : NULL;
  if (index) where.output.path = index;
  hashmap_init(&fleet.anchors, sizeof(unsigned));
  code = write_fleet(&fleet, &where, e);
  fleet_clear(&fleet);
  return code;
}

static int ask_report(const struct options *o, struct err *e) {
  struct database db = {0};
  _cleanup_(basis_clear) struct basis b = {0};
  int code = ask_open(o, &db, e);
  if (!code) code = basis_open(&b, o, &db, e);
  b.judgement.dns = b.lookups.dns;
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
    .groups = OPTIONS_PERIOD | OPTIONS_REPORTS | OPTIONS_JUDGEMENT,
    .own = OPTION_TABLE(OWN),
    .own_behind = "id",
    .run = run,
};

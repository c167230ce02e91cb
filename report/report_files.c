/* SPDX-License-Identifier: Apache-2.0 */
/* Lays pages out in files: which domain's goes where, what its file is called, and the table that leads to them. */
#include "report/report_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/figure.h"
#include "base/hashmap.h"
#include "base/hex.h"
#include "base/utc.h"
#include "report/fleet.h"
#include "report/late_table.h"
#include "report/memory_file.h"
#include "report/report_book.h"
#include "report/report_page.h"
#include "table/document.h"
#include "verdict/judge_each.h"

/* A name in a folder: file systems take 255 bytes, with the suffix and the temporary one of what is being written. */
#define FILE_NAME_BYTES 200

/* What is published: the domains there are, and what their pages go into. */
struct publication {
  const struct report_files *files;
  const struct inquiry *inquiry;
  struct fleet fleet;
  struct memory_file pages; /* that share the file; in a folder none */
  struct hashmap anchors;   /* domain -> number of its page in the file */
  unsigned domains;
};

static struct document document_of(const struct report_files *files, FILE *file) {
  return files->format == FORMAT_MARKDOWN ? document_markdown(file) : document_html(file);
}

/* --- names of files ----------------------------------------------------------------------------------------------- */

/* A stranger's domain becomes no path: what has anything but letters, digits, '-', '_' and '.' is named by its digest.
 */
static bool is_file_name(const char *domain) {
  size_t plain = strspn(domain, "abcdefghijklmnopqrstuvwxyz0123456789-_.");
  return plain && plain <= FILE_NAME_BYTES && !domain[plain] && !strchr(".-", domain[0]) &&
         strcmp(domain, "index") != 0;
}

static void add_digest(struct strbuf *out, const char *domain) {
  uint8_t bytes[FEEDBACK_DIGEST_BYTES];
  char digits[HEX_TEXT_BYTES(sizeof bytes)];
  struct digest digest;
  digest_init(&digest);
  digest_bytes(&digest, domain, strlen(domain));
  digest_finish(&digest, bytes);
  strbuf_printf(out, "domain_%s", hex_text(bytes, sizeof bytes, digits));
}

static void add_file_name(struct strbuf *out, const struct report_files *files, const char *domain) {
  if (is_file_name(domain))
    strbuf_add_text(out, domain);
  else
    add_digest(out, domain);
  strbuf_add_text(out, files->format == FORMAT_MARKDOWN ? ".md" : ".html");
}

static const char *index_name(const struct report_files *files) {
  return files->format == FORMAT_MARKDOWN ? "index.md" : "index.html";
}

/* Where the row of a domain leads. */
static bool link_of(void *user, const char *domain, struct strbuf *out) {
  const struct publication *f = user;
  if (f->files->in_folder) {
    add_file_name(out, f->files, domain);
    return true;
  }
  const unsigned *number = hashmap_get(&f->anchors, domain, strlen(domain) + 1);
  if (!number || f->domains > REPORT_SHARED_PAGES || f->files->format == FORMAT_MARKDOWN) return false;
  strbuf_printf(out, "#d%u", *number);
  return true;
}

/* --- one domain --------------------------------------------------------------------------------------------------- */

/* A document of its own. */
static int write_single(const struct report_files *files, const struct inquiry *q, FILE *file, struct history *h,
                        const struct judgement *j, struct err *e) {
  _cleanup_strbuf_ struct strbuf title = STRBUF_INIT, subtitle = STRBUF_INIT;
  struct document d = document_of(files, file);
  strbuf_printf(&title, "DMARC report for %s", j->domain);
  report_page_subtitle(q, h, j, &subtitle);
  d.begin(&d, strbuf_text(&title), strbuf_text(&subtitle));
  if (files->in_folder) d.link(&d, index_name(files), "All domains");
  int code = report_page_write(&d, q, h, j, "", e);
  d.end(&d, files->foot);
  return code;
}

/* Beside others in the same file. */
static int write_shared(struct publication *f, struct history *h, const struct judgement *j, struct err *e) {
  _cleanup_strbuf_ struct strbuf subtitle = STRBUF_INIT;
  struct document d = document_of(f->files, f->pages.file);
  char id[24], prefix[24];
  snprintf(id, sizeof id, "d%u", f->domains);
  snprintf(prefix, sizeof prefix, "d%u-", f->domains);
  *(unsigned *)hashmap_put(&f->anchors, j->domain, strlen(j->domain) + 1, NULL) = f->domains;
  report_page_subtitle(f->inquiry, h, j, &subtitle);
  d.heading(&d, 2, id, j->domain);
  d.note(&d, strbuf_text(&subtitle));
  if (f->files->format != FORMAT_MARKDOWN) d.link(&d, "#page", "All domains");
  d.depth = 1;
  return report_page_write(&d, f->inquiry, h, j, prefix, e);
}

/* One of a folder. */
struct leaf {
  const struct publication *of;
  struct history *h;
  const struct judgement *j;
};

static int write_leaf(void *writer, FILE *file, struct err *e) {
  const struct leaf *l = writer;
  return write_single(l->of->files, l->of->inquiry, file, l->h, l->j, e);
}

static int put_leaf(struct publication *f, struct history *h, const struct judgement *j, struct err *e) {
  _cleanup_strbuf_ struct strbuf name = STRBUF_INIT;
  struct leaf leaf = {f, h, j};
  add_file_name(&name, f->files, j->domain);
  return f->files->put(f->files->user, strbuf_text(&name), write_leaf, &leaf, e);
}

static int on_domain(void *user, struct history *h, const struct judgement *j, struct err *e) {
  struct publication *f = user;
  f->domains++;
  fleet_add(&f->fleet, j);
  if (f->files->in_folder) return put_leaf(f, h, j, e);
  return f->domains <= REPORT_SHARED_PAGES ? write_shared(f, h, j, e) : 0;
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static void publication_clear(struct publication *f) {
  fleet_clear(&f->fleet);
  memory_file_clear(&f->pages);
  hashmap_clear(&f->anchors);
}

static int gather(struct publication *f, struct err *e) {
  int code = f->files->in_folder ? 0 : memory_file_open(&f->pages, e);
  if (!code) code = judge_each_parting(f->inquiry, on_domain, f, e);
  return code < 0 ? code : memory_file_close(&f->pages, e);
}

static int write_index(void *writer, FILE *file, struct err *e) {
  const struct publication *f = writer;
  const bool in_folder = f->files->in_folder, shared = !in_folder && f->domains <= REPORT_SHARED_PAGES;
  char as_of[UTC_TEXT_BYTES];
  _cleanup_strbuf_ struct strbuf title = STRBUF_INIT, subtitle = STRBUF_INIT;
  struct document d = document_of(f->files, file);
  strbuf_add_text(&title, "DMARC report for ");
  figure_count(&title, f->domains, "domain");
  strbuf_printf(&subtitle, "As of %s. Those that need somebody come first, and of these those with most mail.",
                utc_format_day(f->inquiry->basis->as_of_s, as_of));
  d.begin(&d, strbuf_text(&title), strbuf_text(&subtitle));
  int code = fleet_write(&f->fleet, &d, REPORT_FLEET_ROWS,
                         in_folder ? "their pages are here too, named as the domain is; 'dmarcctl readiness --format "
                                     "csv' lists all"
                                   : "'dmarcctl readiness --format csv' lists all",
                         link_of, writer, e);
  if (code < 0) return code;
  if (!f->domains) d.note(&d, NO_DOMAIN_MATCHES);
  if (shared) fwrite(f->pages.text, 1, f->pages.size, file);
  if (!shared && !in_folder)
    d.note(&d,
           "More domains than share one file: 'dmarcctl report --output FOLDER/' writes a page for each, "
           "'dmarcctl report DOMAIN' one alone.");
  d.end(&d, f->files->foot);
  return 0;
}

static int write_fleet(const struct inquiry *q, const struct report_files *files, struct err *e) {
  struct publication f = {.files = files, .inquiry = q};
  hashmap_init(&f.anchors, sizeof(unsigned));
  fleet_init(&f.fleet);
  int code = gather(&f, e);
  if (!code) code = files->put(files->user, files->in_folder ? index_name(files) : NULL, write_index, &f, e);
  publication_clear(&f);
  return code;
}

/* --- one domain alone --------------------------------------------------------------------------------------------- */

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
  const struct report_files *files;
  const struct inquiry *inquiry;
  FILE *file;
};

static int on_single(void *user, struct history *h, const struct judgement *j, struct err *e) {
  const struct single *s = user;
  return write_single(s->files, s->inquiry, s->file, h, j, e);
}

static int write_one(void *writer, FILE *file, struct err *e) {
  struct single *s = writer;
  s->file = file;
  return judge_each_parting(s->inquiry, on_single, s, e);
}

static int write_book(void *writer, FILE *file, struct err *e) {
  const struct single *s = writer;
  return report_book_write(s->inquiry, file, e);
}

int report_files_write(const struct inquiry *q, const struct report_files *files, struct err *e) {
  struct single single = {.files = files, .inquiry = q};
  bool one = false;
  if (files->format == FORMAT_XLSX) return files->put(files->user, NULL, write_book, &single, e);
  int code = files->in_folder ? 0 : is_single(q, &one, e);
  if (code < 0) return code;
  return one ? files->put(files->user, NULL, write_one, &single, e) : write_fleet(q, files, e);
}

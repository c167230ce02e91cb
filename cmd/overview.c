/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl alone: what there is, what needs somebody, and what to ask next; where there is nothing yet, how to begin.
 */
#include "report/overview.h"

#include <sys/stat.h>

#include "base/cleanup.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "local/ledger.h"

/* So large a file is judged in a second or two (some 130 bytes and 10 µs a record); to find what needs somebody takes
 * six times as long. */
#define JUDGED_BYTES (16 << 20)
#define SEARCHED_BYTES (4 << 20)

struct found {
  unsigned verdicts[VERDICTS];
  struct finding_list findings;
};

static void found_clear(struct found *f) { finding_list_clear(&f->findings); }

/* judgement_fn */
static int count_verdict(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)h, (void)e;
  ((struct found *)user)->verdicts[j->verdict]++;
  return 0;
}

static int judge_all(const struct database *db, const struct options *o, struct overview *v, struct found *f,
                     struct err *e) {
  _cleanup_(basis_clear) struct basis b;
  _cleanup_(acknowledgements_clear) struct acknowledgements known = {0};
  int code = basis_open(&b, o, db, e);
  if (code < 0) return code;
  v->verdicts = f->verdicts;
  if (v->size_bytes > SEARCHED_BYTES) return judge_each(&b.inquiry, count_verdict, f, e);
  v->findings = &f->findings;
  v->verdicts = f->findings.verdicts;
  code = acknowledgements_read(db->local, &known, e);
  return code < 0 ? code : finding_list_gather(&b.inquiry, &known, &f->findings, e);
}

static int question(const struct database *db, const struct options *o, struct document *page, struct row_choice rows,
                    struct err *e) {
  (void)rows;
  __attribute__((cleanup(found_clear))) struct found f = {0};
  struct overview v = {.path = o->common.db};
  struct stat st;
  if (stat(o->common.db, &st) == 0) v.size_bytes = st.st_size;
  int code = ledger_newest(db->local, &v.newest_s, e);
  if (!code && v.size_bytes <= JUDGED_BYTES) code = judge_all(db, o, &v, &f, e);
  if (!code) overview_write(&v, page);
  return code;
}

static const char BEGIN[] =
    "dmarcctl reads DMARC aggregate reports and says whether a domain's policy may move to reject.\n"
    "There is no database yet. To begin:\n\n"
    "  dmarcctl import SOURCE...               takes reports in: files, folders, mails, or a mailbox by its URL\n"
    "  dmarcctl readiness                      may the policy of each domain move?\n"
    "  dmarcctl report --output report.html    the same on a page for the browser\n\n"
    "  dmarcctl show FILE...                   what is in a few reports, and keeps nothing\n"
    "  dmarcctl --help                         all verbs\n";

static int run(const struct options *o) {
  struct database db = {0};
  struct err e;
  int code = ask_open(o, &db, &e), exit_code = EXIT_DONE;
  if (code == ERR_NOT_FOUND)
    fputs(BEGIN, stdout);
  else
    exit_code = code < 0 ? ask_failed(code, &e) : ask_pages_of(o, &db, question);
  database_close(&db);
  return exit_code;
}

const struct verb VERB_OVERVIEW = {
    .name = "dmarcctl",
    .groups = OPTIONS_DOMAINS | OPTIONS_JUDGEMENT,
    .run = run,
};

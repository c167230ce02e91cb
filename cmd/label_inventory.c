/* SPDX-License-Identifier: Apache-2.0 */
/* Takes an inventory in, and writes one. */
#include "cmd/label_inventory.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/utc.h"
#include "cmd/ask.h"
#include "cmd/label_file.h"
#include "cmd/output.h"
#include "cmd/talk.h"
#include "report/label_effect.h"
#include "verdict/inquiry.h"

/* What of a label can be said anew, by the word of its key. */
#define MOST_PARTS 11

/* clang-format off */
enum { SOURCE, DOMAIN, LABEL, CHANGE, CHANGED_KEYS, COLUMNS_OF_CHANGES };
static const struct column COLUMNS[COLUMNS_OF_CHANGES] = {
    [SOURCE] = {"source", NULL, COLUMN_TEXT, COLUMN_KEY},
    [DOMAIN] = {"domain", NULL, COLUMN_TEXT, 0},
    [LABEL] = {"label", NULL, COLUMN_TEXT, 0},
    [CHANGE] = {"change", NULL, COLUMN_TEXT, 0},
    [CHANGED_KEYS] = {"changed_keys", "what", COLUMN_WORDS, COLUMN_WRAP},
};
/* clang-format on */
static const struct table TABLE = {"dmarcctl.label-changes", 1, NULL, "No label changed.", COLUMNS, COLUMNS_OF_CHANGES};

struct importing {
  const struct options *options;
  const struct label_list *file;
  struct labels *stored; /* sorted */
  struct local *local;
  struct table_sink *sink; /* NULL: nobody wants to know */
  int64_t now_s;
  unsigned changes[LABEL_REMOVED + 1];
};

/* --- what differs ------------------------------------------------------------------------------------------------- */

static bool is_same_text(const char *a, const char *b) { return a && b ? !strcmp(a, b) : a == b; }

static unsigned compare_labels(const struct label *a, const struct label *b, const char *ret[MOST_PARTS]) {
  const struct {
    const char *key;
    bool same;
  } parts[MOST_PARTS] = {
      {"source", !strcmp(a->source, b->source)},
      {"subject", a->subject == b->subject},
      {"label", a->verdict == b->verdict},
      {"until", a->until_s == b->until_s},
      {"note", is_same_text(a->note, b->note)},
      {"owner", is_same_text(a->owner, b->owner)},
      {"purpose", is_same_text(a->purpose, b->purpose)},
      {"ticket", is_same_text(a->ticket, b->ticket)},
      {"expected", a->expected.messages == b->expected.messages && a->expected.days == b->expected.days},
      {"review", a->review_s == b->review_s},
      {"made", !a->made_s || a->made_s == b->made_s}, /* not said: as it is */
  };
  unsigned count = 0;
  for (unsigned i = 0; i < MOST_PARTS; i++)
    if (!parts[i].same) ret[count++] = parts[i].key;
  return count;
}

/* --- taking in ---------------------------------------------------------------------------------------------------- */

static int push_change(struct importing *x, const struct label *l, enum label_change change, const char *const *keys,
                       unsigned key_count, struct err *e) {
  x->changes[change]++;
  /* In text what stayed as it was is a number. */
  if (!x->sink || (change == LABEL_LEFT && x->options->output.format == FORMAT_TEXT)) return 0;
  const struct cell cells[COLUMNS_OF_CHANGES] = {
      [SOURCE] = cell_text(l->source),
      [DOMAIN] = cell_text(l->domain),
      [LABEL] = cell_text(label_verdict_word(l->verdict)),
      [CHANGE] = cell_text(label_change_word(change)),
      [CHANGED_KEYS] = {.present = key_count > 0, .words = {keys, key_count}},
  };
  return x->sink->row(x->sink, cells, e);
}

static int take_label(struct importing *x, const struct label *l, struct err *e) {
  const struct label *former =
      x->stored->count ? bsearch(l, x->stored->items, x->stored->count, sizeof *x->stored->items, label_compare) : NULL;
  const char *keys[MOST_PARTS];
  const unsigned differing = former ? compare_labels(l, former, keys) : 0;
  if (former && !differing) return push_change(x, l, LABEL_LEFT, NULL, 0, e);
  struct label put = *l;
  if (!put.made_s) put.made_s = x->now_s;
  int code = label_put(x->local, &put, e);
  return code < 0 ? code : push_change(x, l, former ? LABEL_CHANGED : LABEL_ADDED, keys, differing, e);
}

static int take_all(struct importing *x, struct err *e) {
  int code = x->sink ? x->sink->begin(x->sink, &TABLE, e) : 0;
  for (unsigned i = 0; i < x->file->count && !code; i++) code = take_label(x, &x->file->items[i], e);
  return code < 0 || !x->sink ? code : x->sink->end(x->sink, e);
}

static void tell_sum(const struct importing *x, const char *path) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  const unsigned met = x->changes[LABEL_CHANGED] + x->changes[LABEL_LEFT];
  figure_count(&text, x->file->count, "label");
  strbuf_printf(&text, ": %u added, %u changed, %u left as %s", x->changes[LABEL_ADDED], x->changes[LABEL_CHANGED],
                x->changes[LABEL_LEFT], x->changes[LABEL_LEFT] == 1 ? "it was" : "they were");
  if (x->stored->count > met)
    strbuf_printf(&text, "; %u that %s not in the file %s", x->stored->count - met,
                  x->stored->count - met == 1 ? "is" : "are", x->stored->count - met == 1 ? "stays" : "stay");
  talk("%s: %s", path, strbuf_text(&text));
}

/* In one transaction: another label may be said meanwhile, and a full disk takes nothing by halves. */
static int take_in(void *user, struct table_sink *sink, struct err *e) {
  struct importing *x = user;
  if (!x->options->common.quiet) x->sink = sink;
  int code = local_begin(x->local, e);
  if (code < 0) return code;
  code = labels_read(x->local, x->stored, e);
  if (!code && x->stored->count) qsort(x->stored->items, x->stored->count, sizeof *x->stored->items, label_compare);
  if (!code) code = take_all(x, e);
  if (!code) return local_commit(x->local, e);
  local_abort(x->local);
  return code;
}

static int import_list(const struct options *o, const char *path, const struct label_list *file, struct err *e) {
  _cleanup_(output_close) struct output out = {0};
  _cleanup_(labels_clear) struct labels stored = {0};
  struct database db = {0};
  int code = database_open(&db, o->common.db, LOCAL_WRITE, e);
  if (!code) code = output_open(&out, o, e);
  struct importing x = {.options = o, .file = file, .stored = &stored, .local = db.local, .now_s = utc_now()};
  if (!code) code = output_table(&out, o, take_in, &x, e);
  if (!code) code = output_commit(&out, e);
  if (!code && !o->common.quiet) tell_sum(&x, path);
  database_close(&db);
  return code;
}

static void tell_mistake(const char *path, unsigned line, const char *text) { talk("%s:%u: %s", path, line, text); }

int inventory_import(const struct options *o, const char *path, const struct sender_catalogue *catalogue,
                     struct err *e) {
  _cleanup_(label_list_clear) struct label_list file = {0};
  int code = label_file_read(path, catalogue, tell_mistake, &file, e);
  return code < 0 ? code : import_list(o, path, &file, e);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static int write_all(const struct options *o, const struct labels *stored, const struct sender_catalogue *catalogue,
                     struct err *e) {
  struct options named = *o; /* FILE is where --output would send it */
  _cleanup_(output_close) struct output out = {0};
  if (o->arg_count) named.output.path = o->args[0];
  int code = output_open(&out, &named, e);
  if (!code) code = label_file_write(stored->items, stored->count, catalogue, out.file, e);
  return code < 0 ? code : output_commit(&out, e);
}

int inventory_export(const struct options *o, const struct sender_catalogue *catalogue, struct err *e) {
  _cleanup_(labels_clear) struct labels stored = {0};
  struct database db = {0};
  int code = ask_open(o, &db, e);
  if (!code) code = labels_read(db.local, &stored, e);
  if (!code && stored.count) qsort(stored.items, stored.count, sizeof *stored.items, label_compare);
  if (!code) code = write_all(o, &stored, catalogue, e);
  database_close(&db);
  return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Reads where a feed stands, and moves it on once its reader took everything. */
#include "cmd/export_feed.h"

#include "base/cleanup.h"
#include "base/figure.h"
#include "cmd/output.h"
#include "cmd/taker.h"
#include "cmd/talk.h"
#include "local/feeds.h"

/* --- what is new -------------------------------------------------------------------------------------------------- */

static int count_pruned(void *user, const struct store_report *r, struct err *e) {
  (void)e;
  *(int64_t *)user += r->pruned;
  return 0;
}

/* Reports that were pruned before the feed came to them are lost to it. */
static int tell_pruned(const struct database *db, const struct options *o, const char *name, struct err *e) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  int64_t pruned = 0;
  int code = store_each_report(db->store, &o->filter, count_pruned, &pruned, e);
  if (code < 0 || !pruned) return code;
  figure_count(&text, pruned, "report");
  talk("%s that \"%s\" never took: pruned before", strbuf_text(&text), name);
  return 0;
}

/* Up to the newest report of this moment: what comes while the others are written is for the next time. */
static int find_new(const struct feed_options *feed, struct options *o, struct err *e) {
  struct database db = {0};
  int64_t taken = 0, newest = 0;
  int code = ask_open(o, &db, e);
  if (!code && !feed->rewind) code = feed_read(db.local, feed->name, &taken, e);
  if (!code) code = store_newest(db.store, &newest, e);
  o->filter.stored.after = taken;
  o->filter.stored.upto = newest > taken ? newest : taken;
  if (!code && taken && !o->common.quiet) code = tell_pruned(&db, o, feed->name, e);
  database_close(&db);
  return code;
}

/* --- the feed ----------------------------------------------------------------------------------------------------- */

static int move_on(const struct feed_options *feed, const struct options *o, struct err *e) {
  struct database db = {0};
  int code = database_open(&db, o->common.db, LOCAL_WRITE, e);
  if (!code) code = feed_move(db.local, feed->name, o->filter.stored.upto, e);
  database_close(&db);
  return code;
}

int feed_export(const struct feed_options *feed, struct options *o, feed_write_fn *write) {
  pid_t reader = 0;
  struct err e;
  int code = find_new(feed, o, &e);
  if (!code && feed->command) code = taker_start(feed->command, &reader, &e);
  if (code < 0) return ask_failed(code, &e);
  o->rows.no_pager = true;
  int exit_code = write(o);
  if (output_is_stdout(o)) code = taker_finish(reader, exit_code == EXIT_DONE ? 0 : ERR_IO, &e);
  if (exit_code != EXIT_DONE) return exit_code;
  if (!code) code = move_on(feed, o, &e);
  return code < 0 ? ask_failed(code, &e) : EXIT_DONE;
}

/* --- all feeds ---------------------------------------------------------------------------------------------------- */

enum { NAME, MOVED, WAITING, COLUMNS_OF_FEEDS };
static const struct column COLUMNS[COLUMNS_OF_FEEDS] = {
    [NAME] = {"feed", NULL, COLUMN_TEXT, COLUMN_KEY},
    [MOVED] = {"moved", NULL, COLUMN_TIME, 0},
    [WAITING] = {"waiting_reports", "waiting", COLUMN_COUNT, 0},
};
static const struct table TABLE = {
    "dmarcctl.feeds", 1, NULL, "There is no feed. 'dmarcctl export --new NAME' begins one.", COLUMNS, COLUMNS_OF_FEEDS};

struct listing {
  const struct database *db;
  struct table_sink *sink;
};

static int count_whole(void *user, const struct store_report *r, struct err *e) {
  (void)e;
  *(int64_t *)user += !r->pruned;
  return 0;
}

static int push_feed(void *user, const struct feed *f, struct err *e) {
  const struct listing *l = user;
  struct report_filter behind = REPORT_FILTER_ALL;
  int64_t waiting = 0;
  behind.stored.after = f->report;
  behind.stored.upto = INT64_MAX;
  int code = store_each_report(l->db->store, &behind, count_whole, &waiting, e);
  const struct cell cells[COLUMNS_OF_FEEDS] = {
      [NAME] = cell_text(f->name), [MOVED] = cell_time(f->moved_s), [WAITING] = cell_count(waiting)};
  return code < 0 ? code : l->sink->row(l->sink, cells, e);
}

static int push_feeds(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  (void)o;
  struct listing l = {db, sink};
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = feed_each(db->local, push_feed, &l, e);
  return code < 0 ? code : sink->end(sink, e);
}

int feed_list(const struct options *o) { return ask(o, NULL, push_feeds); }

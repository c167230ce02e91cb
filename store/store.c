/* SPDX-License-Identifier: Apache-2.0 */
/* Hands each call to the engine, having checked what is the same for all engines. */
#include "store/store.h"

#include "base/cleanup.h"
#include "store/engine.h"

void store_close(struct store *s) {
  if (s) s->engine->close(s);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

int store_ask_known(struct store *s, const struct identity *identities, unsigned count, struct store_known *ret,
                    struct err *e) {
  return s->engine->ask_known(s, identities, count, ret, e);
}

void store_drop(struct store *s) {
  s->streaming = false;
  s->engine->drop(s);
}

/* What became of a write. What is half written is never flushed by mistake. */
static int settled(struct store *s, int written) {
  if (written < 0) store_drop(s);
  return written;
}

static int need_stream(const struct store *s, bool streaming, struct err *e) {
  if (s->streaming == streaming) return 0;
  return err_set(e, ERR_STORE, streaming ? "no report is being streamed" : "a report is still being streamed");
}

int store_put(struct store *s, const struct store_entry *report, struct feedback_record *const *records, uint32_t count,
              int64_t *ret_report, struct err *e) {
  int r = need_stream(s, false, e);
  return settled(s, r < 0 ? r : s->engine->put(s, report, records, count, ret_report, e));
}

int store_set_provenance(struct store *s, int64_t report, const struct feedback_header *header, struct err *e) {
  int r = need_stream(s, false, e);
  return settled(s, r < 0 ? r : s->engine->set_provenance(s, report, header, e));
}

int store_remove(struct store *s, int64_t report, struct err *e) {
  int r = need_stream(s, false, e);
  return settled(s, r < 0 ? r : s->engine->remove(s, report, e));
}

int store_each_same(struct store *s, const uint8_t content[FEEDBACK_DIGEST_BYTES], int64_t since_s, int64_t until_s,
                    store_same_fn *fn, void *user, struct err *e) {
  return s->engine->each_same(s, content, since_s, until_s, fn, user, e);
}

int store_stream_begin(struct store *s, struct err *e) {
  int r = need_stream(s, false, e);
  if (r == 0) r = s->engine->stream_begin(s, e);
  if (r == 0) s->streaming = true;
  return settled(s, r);
}

int store_stream_add(struct store *s, struct feedback_record *const *records, uint32_t count, struct err *e) {
  int r = need_stream(s, true, e);
  return settled(s, r < 0 ? r : s->engine->stream_add(s, records, count, e));
}

int store_stream_keep(struct store *s, const struct store_entry *report, int64_t *ret_report, struct err *e) {
  int r = need_stream(s, true, e);
  s->streaming = false;
  return settled(s, r < 0 ? r : s->engine->stream_keep(s, report, ret_report, e));
}

int store_stream_drop(struct store *s, struct err *e) {
  int r = need_stream(s, true, e);
  s->streaming = false;
  return settled(s, r < 0 ? r : s->engine->stream_drop(s, e));
}

int store_each_aged(struct store *s, const struct report_filter *filter, int64_t before_s, store_aged_fn *fn,
                    void *user, struct err *e) {
  return s->engine->each_aged(s, filter, before_s, fn, user, e);
}

int store_prune(struct store *s, int64_t report, struct err *e) {
  int r = need_stream(s, false, e);
  return settled(s, r < 0 ? r : s->engine->prune(s, report, e));
}

int store_sweep(struct store *s, struct err *e) {
  int r = need_stream(s, false, e);
  return settled(s, r < 0 ? r : s->engine->sweep(s, e));
}

int store_flush(struct store *s, struct err *e) {
  int r = need_stream(s, false, e);
  return settled(s, r < 0 ? r : s->engine->flush(s, e));
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

int store_newest(struct store *s, int64_t *ret, struct err *e) { return s->engine->newest(s, ret, e); }

int store_each_report(struct store *s, const struct report_filter *filter, store_report_fn *fn, void *user,
                      struct err *e) {
  return s->engine->each_report(s, filter, fn, user, e);
}

int store_each_record(struct store *s, const struct report_filter *filter, store_record_fn *fn, void *user,
                      struct err *e) {
  return s->engine->each_record(s, filter, fn, user, e);
}

int store_each_domain(struct store *s, store_domain_fn *fn, void *user, struct err *e) {
  return s->engine->each_domain(s, fn, user, e);
}

int store_each_carried(struct store *s, store_carried_fn *fn, void *user, struct err *e) {
  return s->engine->each_carried(s, fn, user, e);
}

static int check_dimensions(unsigned dimensions, struct err *e) {
  const unsigned periods = dimensions & STORE_BY_PERIOD;
  if (dimensions & STORE_BY_SOURCE && dimensions & STORE_BY_NETWORK)
    return err_set(e, ERR_USAGE, "an address and its network cannot be grouped by at once");
  if (periods & (periods - 1)) return err_set(e, ERR_USAGE, "days, weeks and months cannot be grouped by at once");
  return 0;
}

int store_aggregate(struct store *s, const struct report_filter *filter, unsigned dimensions, store_group_fn *fn,
                    void *user, struct err *e) {
  int r = check_dimensions(dimensions, e);
  return r < 0 ? r : s->engine->aggregate(s, filter, dimensions, fn, user, e);
}

int store_each_flow(struct store *s, const struct report_filter *filter, const struct store_flow_events *events,
                    struct err *e) {
  return s->engine->each_flow(s, filter, events, e);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What an engine of the store must implement. Private to store/.
 *
 * An engine keeps the promises of store.h, with one function for each function there. What is the same for all engines
 * is done beforehand, in store.c, which makes sure that a stream is in the right state, that dimensions do not
 * contradict each other, and that `drop` is called after a write or a flush that failed. An engine is a folder of its
 * own, a state that begins with a struct store, and a function beside store_open_in that opens it. */
#ifndef STORE_ENGINE_H
#define STORE_ENGINE_H

#include "store/store.h"

struct store {
  const struct store_engine *engine;
  bool streaming; /* between store_stream_begin and its end */
};

struct store_engine {
  void (*close)(struct store *s); /* drops what was not flushed, and frees */

  int (*ask_known)(struct store *s, const struct identity *identities, unsigned count, struct store_known *ret,
                   struct err *e);
  int (*put)(struct store *s, const struct store_entry *report, struct feedback_record *const *records, uint32_t count,
             int64_t *ret_report, struct err *e);
  int (*set_provenance)(struct store *s, int64_t report, const struct feedback_header *header, struct err *e);
  int (*remove)(struct store *s, int64_t report, struct err *e);
  int (*each_same)(struct store *s, const uint8_t content[FEEDBACK_DIGEST_BYTES], int64_t since_s, int64_t until_s,
                   store_same_fn *fn, void *user, struct err *e);
  int (*stream_begin)(struct store *s, struct err *e);
  int (*stream_add)(struct store *s, struct feedback_record *const *records, uint32_t count, struct err *e);
  int (*stream_keep)(struct store *s, const struct store_entry *report, int64_t *ret_report, struct err *e);
  int (*stream_drop)(struct store *s, struct err *e);
  int (*each_aged)(struct store *s, const struct report_filter *filter, int64_t before_s, store_aged_fn *fn, void *user,
                   struct err *e);
  int (*prune)(struct store *s, int64_t report, struct err *e);
  int (*sweep)(struct store *s, struct err *e);
  int (*flush)(struct store *s, struct err *e);
  void (*drop)(struct store *s); /* the batch, including the stream in it; there may be none */

  int (*newest)(struct store *s, int64_t *ret, struct err *e);
  int (*each_report)(struct store *s, const struct report_filter *filter, store_report_fn *fn, void *user,
                     struct err *e);
  int (*each_record)(struct store *s, const struct report_filter *filter, store_record_fn *fn, void *user,
                     struct err *e);
  int (*each_carried)(struct store *s, store_carried_fn *fn, void *user, struct err *e);
  int (*each_domain)(struct store *s, store_domain_fn *fn, void *user, struct err *e);
  int (*aggregate)(struct store *s, const struct report_filter *filter, unsigned dimensions, store_group_fn *fn,
                   void *user, struct err *e);
  int (*each_flow)(struct store *s, const struct report_filter *filter, const struct store_flow_events *events,
                   struct err *e);
};

#endif

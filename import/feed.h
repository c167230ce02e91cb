/* SPDX-License-Identifier: Apache-2.0 */
/* The one way from a source of inputs into the store: pipeline, settler, and the progress of both. Private to import/.
 */
#ifndef IMPORT_FEED_H
#define IMPORT_FEED_H

#include "import/at_work.h"
#include "import/pipeline.h"
#include "import/run.h"
#include "import/settle.h"
#include "import/turn.h"

/* What the sources of one thread share. Everything in it is owned by whoever runs the rounds (run.c). */
struct feed {
  struct local *local; /* NULL, as `store`: a dry run over no database */
  struct store *store;
  const struct import_options *options;
  const struct import_events *events;
  struct at_work *at_work;  /* of the run; NULL: nothing is noted */
  struct settler *settler;  /* of this round */
  struct turn *turn;        /* with local and store */
  bool has_turn;            /* within feed_run: while its transaction is open */
  uint64_t expected_inputs; /* of this round, those done among them; 0: not known */
};

/* `inputs` more inputs are to come. */
void feed_expect(struct feed *f, uint64_t inputs);
void feed_remark(const struct feed *f, const char *sentence);

/* Imports everything that the source has; `trusted` are the servers whose word on its mails counts (intake_trust). To
 * be called without the turn: others have theirs between its transactions. What is complete is committed, however it
 * ends, unless the store itself fails, which sets `*ret_store_failed`. 0, ERR_INTERRUPTED, or what reading or writing
 * returned. */
int feed_run(struct feed *f, struct pipeline_source *source, const struct text_list *trusted, bool *ret_store_failed,
             struct err *e);

#endif

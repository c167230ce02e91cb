/* SPDX-License-Identifier: Apache-2.0 */
/* Gathers what a judgement rests on. */
#include "cmd/basis.h"

#include "base/utc.h"

static int on_carried(void *user, const struct feedback_header *h, struct err *e) {
  (void)e;
  carriers_add(user, h->org_name, h->email, h->carrier, h->begin_s);
  return 0;
}

int evidence_open(struct evidence_basis *b, const struct database *db, struct err *e) {
  *b = (struct evidence_basis){.carriers = carriers_new()};
  int code = report_words_read(db->local, &b->words, e);
  return code < 0 ? code : store_each_carried(db->store, on_carried, b->carriers, e);
}

void evidence_clear(struct evidence_basis *b) {
  report_words_clear(&b->words);
  carriers_free(b->carriers);
}

int basis_open(struct basis *b, const struct options *o, const struct database *db, struct err *e) {
  *b = (struct basis){.catalogue = sender_catalogue_new()};
  int code = o->judgement.sender_map ? sender_catalogue_add_map(b->catalogue, o->judgement.sender_map, e) : 0;
  if (!code) code = labels_read(db->local, &b->labels, e);
  if (!code) code = evidence_open(&b->evidence, db, e);
  if (!code) code = lookups_open(&b->lookups, o, e);
  const int64_t as_of_s = o->judgement.as_of_s;
  b->judgement = (struct judgement_basis){b->catalogue, &b->labels, &o->judgement.thresholds,
                                          as_of_s ? as_of_s : utc_now(), as_of_s ? as_of_s : INT64_MAX};
  b->judgement.words = &b->evidence.words;
  b->judgement.carriers = b->evidence.carriers;
  b->judgement.origins = lookups_origins(&b->lookups);
  b->inquiry = (struct inquiry){db->store, &o->filter, o->args, o->arg_count, &b->judgement, db->local};
  return code;
}

void basis_clear(struct basis *b) {
  sender_catalogue_free(b->catalogue);
  labels_clear(&b->labels);
  evidence_clear(&b->evidence);
  lookups_clear(&b->lookups);
}

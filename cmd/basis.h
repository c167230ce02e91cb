/* SPDX-License-Identifier: Apache-2.0 */
/* What verbs that judge need beside the store: catalogue, labels, thresholds, time of asking. */
#ifndef CMD_BASIS_H
#define CMD_BASIS_H

#include "options.h"
#include "question_readiness.h"

struct basis {
  struct sender_catalogue *catalogue;
  struct labels labels;
  struct readiness_basis readiness;
};

/* 0, or a code: --sender-map could not be read, or the labels. basis_clear frees in any case. */
int basis_open(struct basis *b, const struct options *o, struct store *store, struct err *e);
void basis_clear(struct basis *b);

#endif

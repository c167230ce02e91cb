/* SPDX-License-Identifier: Apache-2.0 */
/* What verbs that judge need beside the store: catalogue, labels, thresholds, time of asking. */
#ifndef CMD_BASIS_H
#define CMD_BASIS_H

#include "cmd/database.h"
#include "cmd/lookups.h"
#include "cmd/options.h"
#include "verdict/judge_each.h"

struct basis {
  struct sender_catalogue *catalogue;
  struct labels labels;
  struct lookups lookups;
  struct judgement_basis judgement;
  struct inquiry inquiry; /* of the domains that the options name, with their filter */
};

/* 0, or a code: --sender-map or --asn-db could not be read, or the labels, or there is no resolver. basis_clear frees
 * in any case; `b` must not move until then. */
int basis_open(struct basis *b, const struct options *o, const struct database *db, struct err *e);
void basis_clear(struct basis *b);

#endif

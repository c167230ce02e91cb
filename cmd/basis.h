/* SPDX-License-Identifier: Apache-2.0 */
/* What verbs that judge need besides the store: catalogue, labels, thresholds, the time of asking. */
#ifndef CMD_BASIS_H
#define CMD_BASIS_H

#include "analysis/dns_past.h"
#include "base/provenance.h"
#include "cmd/database.h"
#include "cmd/lookups.h"
#include "cmd/options.h"
#include "local/report_words.h"
#include "verdict/judge_each.h"

/* What says how far a report can be believed: the owner's word, and who is known to bring whose reports. */
struct evidence_basis {
  struct report_words words;
  struct carriers *carriers;
};
/* 0, or a code; evidence_clear frees in any case. */
int evidence_open(struct evidence_basis *b, const struct database *db, struct err *e);
void evidence_clear(struct evidence_basis *b);

struct basis {
  struct evidence_basis evidence;
  struct sender_catalogue *catalogue;
  struct labels labels;
  struct lookups lookups;
  struct targets targets;
  struct dns_past past; /* what snapshots have kept */
  struct judgement_basis judgement;
  struct report_filter filter; /* of the inquiry */
  const char **ways;           /* of the inquiry; the names are the configuration's */
  const char **domains;        /* of the inquiry, where it has them from both; the names live in the options' texts */
  struct inquiry inquiry;      /* of the domains that the options name, with their filter */
};

/* 0, or a code: --sender-map or --asn-db could not be read, or the labels, or there is no resolver. basis_clear frees
 * in any case; `b` must not move until then. */
int basis_open(struct basis *b, const struct options *o, const struct database *db, struct err *e);
void basis_clear(struct basis *b);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of one step of the policy, the same in data and on pages. Private to report/. */
#ifndef REPORT_EFFECT_SECTIONS_H
#define REPORT_EFFECT_SECTIONS_H

#include "analysis/effect.h"
#include "table/table.h"

enum effect_list {
  EFFECT_LIST_OF_CLASSES,
  EFFECT_LIST_OF_REPORTERS,
  EFFECT_LIST_OF_SENDERS, /* whose own mail was lost */
  EFFECT_LIST_OF_VANISHED,
  EFFECT_LIST_OF_REASONS,
  EFFECT_LISTS
};

/* Whole, begin to end. */
int effect_push(const struct effect_step *s, enum effect_list list, struct table_sink *sink, struct err *e);

#endif

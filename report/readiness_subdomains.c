/* SPDX-License-Identifier: Apache-2.0 */
/* Nested rows of readiness: subdomains whose mail fails, and the step that the domain can take without them. */
#include <string.h>

#include "report/sections.h"

/* clang-format off */
const struct column READINESS_FAILING_ROWS[READINESS_FAILING_COLUMNS] = {
    {"header_from", NULL, COLUMN_TEXT, COLUMN_KEY, NULL, 0},
    {"own_messages", NULL, COLUMN_COUNT, 0, NULL, 0},
    {"undecided", NULL, COLUMN_COUNT, 0, NULL, 0},
};
const struct column READINESS_ALONE_ROWS[READINESS_ALONE_COLUMNS] = {
    {"verdict", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"next_policy", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"next_record", NULL, COLUMN_TEXT, 0, NULL, 0},
    {"own_messages", NULL, COLUMN_COUNT, 0, NULL, 0},
    {"own_pass_rate", NULL, COLUMN_SHARE, 0, NULL, 0},
};
/* clang-format on */

unsigned readiness_fill_failing(const struct judgement *j, struct cell cells[READINESS_FAILING_CELLS]) {
  const struct failing_subdomains *list = &j->failing_below;
  for (unsigned i = 0; i < list->count; i++) {
    const struct failing_below *x = &list->items[i];
    const struct cell row[READINESS_FAILING_COLUMNS] = {cell_text(x->name), cell_count(x->own),
                                                        cell_count(x->undecided)};
    memcpy(cells + (size_t)i * READINESS_FAILING_COLUMNS, row, sizeof row);
  }
  return list->count;
}

unsigned readiness_fill_alone(const struct judgement *j, struct cell cells[READINESS_ALONE_COLUMNS]) {
  const struct judgement *alone = j->alone;
  if (!alone) return 0;
  const struct cell row[READINESS_ALONE_COLUMNS] = {
      cell_text(verdict_word(alone->verdict)), cell_text(policy_word(alone->next)), cell_text(alone->next_record),
      cell_count(alone->own_messages), cell_share((double)alone->own_passed, (double)alone->own_messages)};
  memcpy(cells, row, sizeof row);
  return 1;
}

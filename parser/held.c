/* SPDX-License-Identifier: Apache-2.0 */
/* Fields inside an element that nobody defined: its own, if it ends as it began; the report's, if it was only not
 * closed. Until that is known they are held. */
#include "parser/aggregate.h"

void held_begin(struct aggregate_reader *a, enum place field, uint32_t stranger) {
  struct held *h = &a->document.held;
  if (h->count == HELD_FIELDS || a->held_text.length > a->limits.text_bytes) return;
  h->stranger = stranger;
  h->field = field;
  h->level = a->document.depth + 1;
  a->document.leaf = (struct leaf){.open = true};
  strbuf_reset(&a->text);
}

void held_end(struct aggregate_reader *a) {
  struct document *d = &a->document;
  struct held *h = &d->held;
  if (h->field && d->depth == h->level && d->leaf.open && !d->leaf.cut) {
    h->fields[h->count] = h->field;
    h->at[h->count++] = (uint32_t)a->held_text.length;
    strbuf_add(&a->held_text, a->text.data, a->text.length);
    strbuf_add(&a->held_text, "", 1);
  }
  if (h->field) d->leaf.open = false;
  h->field = S_NOWHERE;
  if (d->depth <= h->stranger) held_forget(a);
}

void held_forget(struct aggregate_reader *a) {
  a->document.held = (struct held){0};
  strbuf_reset(&a->held_text);
}

void held_give_back(struct aggregate_reader *a) {
  struct document *d = &a->document;
  const struct held *h = &d->held;
  for (unsigned i = 0; i < h->count; i++) {
    const char *text = a->held_text.data + h->at[i];
    d->leaf = (struct leaf){.open = true};
    strbuf_reset(&a->text);
    strbuf_add_text(&a->text, text);
    places_close_leaf(a, h->fields[i]);
  }
  held_forget(a);
}

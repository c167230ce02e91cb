/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces of a document: the declarations in force, which libxml2 forgets where it starts again, and the elements
 * that are none of ours. */
#include "parser/aggregate.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"

/* --- declarations ------------------------------------------------------------------------------------------------- */

/* It has to fit into a tag of ours, on one line. */
static bool is_kept(const xmlChar *prefix, const xmlChar *uri) {
  if ((prefix && strlen((const char *)prefix) > NAMESPACE_BYTES) || strlen((const char *)uri) > NAMESPACE_BYTES)
    return false;
  for (; *uri; uri++)
    if (*uri < ' ') return false;
  return true;
}

void namespaces_open(struct aggregate_reader *a, const xmlChar **list, int count) {
  struct document *d = &a->document;
  for (int i = 0; i < count && d->in_force_count < NAMESPACES_IN_FORCE; i++) {
    const xmlChar *prefix = list[2 * i], *uri = list[2 * i + 1];
    if (!is_kept(prefix, uri)) continue;
    d->in_force[d->in_force_count++] = (struct namespace_in_force){prefix, uri, d->depth + 1};
  }
}

void namespaces_close(struct aggregate_reader *a) {
  struct document *d = &a->document;
  while (d->in_force_count && d->in_force[d->in_force_count - 1].level >= d->depth) d->in_force_count--;
}

static bool is_hidden(const struct document *d, unsigned at) {
  for (unsigned i = at + 1; i < d->in_force_count; i++)
    if (d->in_force[i].prefix == d->in_force[at].prefix) return true;
  return false;
}

/* libxml2 hands out values with "&" as it stood in the document. */
static void spell(struct strbuf *out, const struct namespace_in_force *n) {
  strbuf_printf(out, n->prefix ? " xmlns:%s=\"" : " xmlns%s=\"", n->prefix ? (const char *)n->prefix : "");
  for (const char *c = (const char *)n->uri; *c; c++) {
    if (*c == '<')
      strbuf_add_text(out, "&lt;");
    else if (*c == '"')
      strbuf_add_text(out, "&quot;");
    else
      strbuf_add_char(out, *c);
  }
  strbuf_add_char(out, '"');
}

void namespaces_spell(const struct document *d, struct strbuf *out) {
  for (unsigned i = 0; i < d->in_force_count; i++)
    if (!is_hidden(d, i)) spell(out, &d->in_force[i]);
}

/* --- elements ----------------------------------------------------------------------------------------------------- */

/* Any namespace that the feedback element has is ours, many reporters made one up, and an element without one is ours
 * too. */
static bool is_foreign(const struct document *d, const xmlChar *uri) {
  static const char *const OURS[] = {"http://dmarc.org/dmarc-xml/0.1", "urn:ietf:params:xml:ns:dmarc-2.0"};
  if (!uri || uri == d->native || !d->found) return false;
  for (size_t i = 0; i < ARRAY_SIZE(OURS); i++)
    if (!strcmp((const char *)uri, OURS[i])) return false;
  return true;
}

static bool is_within_extension(const struct aggregate_reader *a) {
  for (uint32_t level = a->document.depth; level > 0; level--)
    if (a->elements[level] == E_EXTENSION) return true;
  return false;
}

bool namespaces_meet(struct aggregate_reader *a, const xmlChar *uri) {
  struct document *d = &a->document;
  if (!is_foreign(d, uri)) return false;
  if (is_within_extension(a)) return true;
  unsigned i = 0;
  while (i < d->foreign_count && d->foreign[i].uri != (const char *)uri) i++;
  if (i == NAMESPACES_FOREIGN) return true;
  if (i == d->foreign_count) d->foreign[d->foreign_count++] = (struct foreign_namespace){(const char *)uri, 0};
  d->foreign[i].elements++;
  return true;
}

/* A copy, of bounded length, with "&" for what libxml2 makes of it. */
static const char *plain(struct arena *arena, const char *uri) {
  static const char AMPERSAND[] = "&#38;";
  char *copy = arena_strndup(arena, uri, utf8_fitting(uri, strlen(uri), NAMESPACE_BYTES)), *end = copy;
  for (const char *c = copy; *c; c++) {
    *end++ = *c;
    if (!strncmp(c, AMPERSAND, sizeof AMPERSAND - 1)) c += sizeof AMPERSAND - 2;
  }
  *end = '\0';
  return copy;
}

void namespaces_tell(const struct document *d, struct feedback_header *h, struct arena *arena) {
  if (!d->foreign_count) return;
  h->flags |= FEEDBACK_FOREIGN;
  h->foreign = arena_alloc(arena, d->foreign_count * sizeof *h->foreign);
  h->foreign_count = d->foreign_count;
  for (unsigned i = 0; i < d->foreign_count; i++)
    h->foreign[i] = (struct foreign_namespace){plain(arena, d->foreign[i].uri), d->foreign[i].elements};
}

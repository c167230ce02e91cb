/* SPDX-License-Identifier: Apache-2.0 */
/* libxml2's SAX events -> places of the grammar -> fields of the header and of records. The grammar is elements.c's,
 * what a record is made of record.c's. Here: the stack of places, and recovery from tags that are missing or wrong. */
#include "parser/aggregate.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"

#define NAME_PROBES 8
/* libxml2 compares each attribute of a tag with all others. */
#define ATTRIBUTES 64

/* --- fields ------------------------------------------------------------------------------------------------------- */

static enum element known_element(struct aggregate_reader *a, const xmlChar *name) {
  size_t home = (size_t)(((uintptr_t)name * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
  for (size_t step = 0; step < NAME_PROBES; step++) {
    struct known_name *known = &a->names[(home + step) % NAME_CACHE];
    if (known->name == name) return known->element;
    if (known->name) continue;
    known->name = name;
    return known->element = element_of((const char *)name);
  }
  return element_of((const char *)name); /* a document with hundreds of other names */
}

/* A text that was cut says nothing any more, unless people read it, or it only tells reports apart. */
static void lose_leaf(struct aggregate_reader *a, enum place field) {
  struct document *d = &a->document;
  if (field >= F_SOURCE_IP && d->record.open) record_flag(a->record_builder, RECORD_TEXT_CUT);
  if (field >= F_SOURCE_IP && d->record.open && !place_is_prose(field)) record_lose_field(a->record_builder, field);
  document_mark_damaged(a, document_line(a), "a text longer than its limit was cut");
}

/* The leaf's text, trimmed, goes where it belongs; an empty one is as good as absent. */
void places_close_leaf(struct aggregate_reader *a, enum place field) {
  struct document *d = &a->document;
  if (!d->leaf.open) return;
  bool cut = d->leaf.cut;
  d->leaf = (struct leaf){0};
  if (cut) lose_leaf(a, field);
  if (cut && !place_is_prose(field)) return;
  char *text = a->text.data;
  size_t begin = 0, end = a->text.length;
  while (begin < end && is_blank(text[begin])) begin++;
  while (end > begin && is_blank(text[end - 1])) end--;
  text[end] = '\0';
  bool for_record = field >= F_SOURCE_IP, of_result = field >= F_RESULT_DOMAIN && field <= F_RESULT_RESULT;
  if (of_result && d->replaced && d->record.open && strstr(text + begin, UTF8_REPLACEMENT))
    record_lose_field(a->record_builder, field);
  if (for_record) {
    if (d->record.open) record_set_field(a->record_builder, field, text + begin, end - begin);
  } else if (end > begin) {
    const char *dropped = header_set_field(a->header_builder, field, text + begin);
    if (dropped) document_mark_damaged(a, document_line(a), dropped);
  }
}

/* --- records ------------------------------------------------------------------------------------------------------ */

static void begin_record(struct aggregate_reader *a) {
  struct document *d = &a->document;
  d->record.open = true;
  d->record.arena = d->events->arena(d->events->user);
  record_begin(a->record_builder, d->record.arena, d->header);
}

void places_end_record(struct aggregate_reader *a, bool unfinished) {
  struct document *d = &a->document;
  d->record.open = false;
  if (unfinished) record_flag(a->record_builder, RECORD_UNFINISHED);
  struct feedback_record *r = record_finish(a->record_builder);
  if (!r) return;
  if (d->records >= a->limits.records) {
    document_stop(a, err_set(&d->stop, ERR_LIMIT, "more than %llu records (--max-records)",
                             (unsigned long long)a->limits.records));
    return;
  }
  alignment_grade_record(r, a->organizations, alignment_walked(d->header->discovery_method, d->header->policy_domain));
  strbuf_reset(&a->spelled);
  feedback_spell_pattern(&a->spelled, r);
  r->spelled = arena_strndup(d->record.arena, a->spelled.data, a->spelled.length);
  r->spelled_bytes = (uint32_t)a->spelled.length;
  digest_record(&a->digest, r);
  if (r->flags) d->header->flags |= FEEDBACK_RECORD_FLAGGED;
  if (r->flags & (RECORD_DKIM_CUT | RECORD_SPF_CUT)) d->header->flags |= FEEDBACK_RESULTS_CUT;
  if (r->count > 0 && __builtin_add_overflow(d->messages, r->count, &d->messages)) d->messages = INT64_MAX;
  d->records++;
  int code = d->events->record(d->events->user, r, &d->stop);
  if (code < 0) document_stop(a, code);
}

/* --- places ------------------------------------------------------------------------------------------------------- */

static enum place place_now(const struct aggregate_reader *a) { return (enum place)a->places[a->document.depth]; }

/* Where an end tag is missing, an element stands inside its elder sibling. The nearest place around us in which it
 * belongs is then the right one. Inside an extension of a sound document that is no sign of anything. */
static enum place place_around(const struct aggregate_reader *a, enum element element) {
  for (uint32_t level = a->document.depth; level > 0; level--) {
    enum place place = place_inside((enum place)a->places[level], element);
    if (place != S_NOWHERE) return place;
  }
  return S_NOWHERE;
}

/* What was wrapped in elements that nobody defined, or stands behind one that was not closed, is still where it
 * belongs. Containers alone, and first ones: a field in there may be anything, and is held until more is known. */
static enum place place_behind_wrappers(struct aggregate_reader *a, enum element element) {
  uint32_t level = a->document.depth;
  for (; level > 0 && a->places[level] == S_IGNORED; level--)
    if (a->elements[level] == E_EXTENSION) return S_NOWHERE;
  enum place place = place_inside((enum place)a->places[level], element);
  if (place_is_leaf(place)) held_begin(a, place, level + 1);
  if (place == S_NOWHERE || place_is_leaf(place)) return S_NOWHERE;
  if (place != S_RECORD && a->document.record.open && record_has(a->record_builder, place)) return S_NOWHERE;
  document_mark_damaged(a, document_line(a), "a part of the report stands inside an unknown element");
  held_give_back(a);
  return place;
}

static enum place find_place(struct aggregate_reader *a, enum element element) {
  struct document *d = &a->document;
  enum place here = place_now(a);
  d->held.field = S_NOWHERE; /* one that has children is no field */
  if (place_is_leaf(here)) {
    /* A leaf has no children: "<report_id>1/report_id><date_range>" lost its end tag. */
    if (d->record.open && a->text.length) record_flag(a->record_builder, RECORD_TEXT_CUT);
    if (a->text.length || here != F_ENVELOPE_FROM)
      places_close_leaf(a, here); /* what is lost is not said to be empty */
    d->leaf.open = false;
    here = (enum place)a->places[d->depth - 1];
    enum place sibling = place_inside(here, element);
    if (sibling != S_NOWHERE) return sibling;
  }
  enum place place = place_inside(here, element);
  if (place == S_NOWHERE && d->found && here == S_IGNORED && !d->damaged) place = place_behind_wrappers(a, element);
  if (place == S_NOWHERE && d->found && (d->damaged || here != S_IGNORED)) place = place_around(a, element);
  /* A report wrapped in something else, such as an unclosed <xs:schema>. */
  if (place == S_NOWHERE && !d->found) return element == E_FEEDBACK ? S_FEEDBACK : S_OUTSIDE;
  return place == S_NOWHERE ? S_IGNORED : place;
}

static void open_place(struct aggregate_reader *a, enum place place, const xmlChar *uri) {
  struct document *d = &a->document;
  switch (place) {
    case S_FEEDBACK:
      if (d->depth > 1) document_mark_damaged(a, document_line(a), "feedback stands inside another element");
      if (!d->found && uri) header_set_schema(a->header_builder, (const char *)uri);
      if (!d->found) d->native = uri;
      d->found = true;
      break;
    case S_RECORD:
      if (d->record.open) places_end_record(a, true);
      begin_record(a);
      break;
    case S_ROW:
    case S_RESULTS:
    case S_REASON:
    case S_DKIM:
    case S_SPF:
    case S_EVALUATED:
      if (d->record.open) record_open(a->record_builder, place);
      break;
    default:
      break;
  }
  if (!place_is_leaf(place)) return;
  d->leaf.open = true;
  d->leaf.cut = false;
  strbuf_reset(&a->text);
}

/* The end of this document was lost; the begin of another one is given back to the reader, with its namespaces and
 * without other attributes. */
static void end_before_another(struct aggregate_reader *a, const xmlChar *name, const xmlChar *prefix,
                               const xmlChar **namespaces, int namespace_count) {
  document_mark_damaged(a, document_line(a), "another feedback begins before the end of this one");
  _cleanup_strbuf_ struct strbuf tag = STRBUF_INIT;
  strbuf_printf(&tag, prefix ? "<%s:" : "<", (const char *)prefix);
  strbuf_add_text(&tag, (const char *)name);
  namespaces_open(a, namespaces, namespace_count);
  namespaces_spell(&a->document, &tag);
  markup_keep_rest(a);
  utf8_reader_unread(a->utf8, tag.data, tag.length);
  a->document.finished = a->more = true;
  xmlStopParser(a->xml);
}

/* Whether the reading may go on with an element of so many attributes, one level deeper. */
static bool element_is_bearable(struct aggregate_reader *a, int attributes) {
  struct document *d = &a->document;
  if (attributes > ATTRIBUTES) {
    document_give_up(a, "a tag with more than 64 attributes");
  } else if (d->depth < a->limits.depth) {
    return true;
  } else if (d->damaged && d->records) {
    document_give_up(a, "tags not closed");
  } else {
    document_stop(a, err_set(&d->stop, ERR_LIMIT, "line %llu: XML nested deeper than %u levels",
                             (unsigned long long)document_line(a), a->limits.depth));
  }
  xmlStopParser(a->xml);
  return false;
}

/* --- events ------------------------------------------------------------------------------------------------------- */

static void note_progress(struct aggregate_reader *a) {
  struct markup_start *s = &a->document.start;
  s->quiet_bytes = 0;
  if (s->replaced_at != MARKUP_NOT_MET) markup_note_replaced(a); /* hardly ever */
}

static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespace_count,
                     const xmlChar **namespaces, int attribute_count, int defaulted_count, const xmlChar **attributes) {
  (void)defaulted_count, (void)attributes;
  struct aggregate_reader *a = user;
  struct document *d = &a->document;
  if (d->stop_code || d->finished || d->gave_up) return;
  if (d->start.skip_root) {
    d->start.skip_root = false;
    return;
  }
  note_progress(a);
  if (!element_is_bearable(a, attribute_count + namespace_count)) return;
  if (!d->depth) snprintf(d->root, sizeof d->root, "%.60s", (const char *)name);
  enum element element = known_element(a, name);
  /* Of a broken report even a foreign feedback is the begin of another one. */
  if (!(element == E_FEEDBACK && d->damaged) && namespaces_meet(a, uri)) element = E_UNKNOWN;
  if (element == E_FEEDBACK && d->found && (d->damaged || place_now(a) != S_IGNORED)) {
    end_before_another(a, name, prefix, namespaces, namespace_count);
    return;
  }
  enum place place = find_place(a, element);
  if (namespace_count) namespaces_open(a, namespaces, namespace_count);
  a->places[++d->depth] = (uint8_t)place;
  a->elements[d->depth] = (uint8_t)element;
  open_place(a, place, uri);
}

static void close_level(struct aggregate_reader *a) {
  struct document *d = &a->document;
  enum place place = place_now(a);
  if (place_is_leaf(place)) {
    places_close_leaf(a, place);
  } else if (place == S_RECORD && d->record.open) {
    places_end_record(a, false);
  } else if (place == S_REASON && d->record.open) {
    record_close_reason(a->record_builder);
  } else if (place == S_RESULTS && d->record.open) {
    record_close(a->record_builder, place);
  } else if (place == S_FEEDBACK && !d->stop_code) {
    markup_keep_rest(a);
    d->finished = true;
    xmlStopParser(a->xml);
  }
  if (d->held.stranger) held_end(a);
  if (d->in_force_count) namespaces_close(a);
  d->depth--;
}

void places_close_empty(struct aggregate_reader *a) {
  const struct document *d = &a->document;
  if (d->depth && !d->finished && !d->stop_code && !d->gave_up) close_level(a);
}

/* An end tag that is not the innermost element's: closes what it names and all that was left open in there, or nothing
 * where that is not open. libxml2 itself closes the innermost one, whatever the tag. */
static void close_named(struct aggregate_reader *a, enum element element) {
  struct document *d = &a->document;
  uint32_t level = d->depth;
  while (level > 0 && a->elements[level] != element && element != E_UNKNOWN) level--;
  if (!level || a->elements[level] != element) return;
  if (d->held.stranger > level) held_give_back(a);
  if (d->depth > level && d->record.open) record_break_results(a->record_builder);
  while (d->depth >= level && !d->finished && !d->stop_code) close_level(a);
}

static void on_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
  (void)name, (void)prefix, (void)uri;
  struct aggregate_reader *a = user;
  struct document *d = &a->document;
  int wrong_end = d->start.wrong_end;
  d->start.wrong_end = -1;
  if (d->stop_code || d->finished || d->gave_up || d->start.resuming || !d->depth) return;
  note_progress(a);
  if (wrong_end >= 0)
    close_named(a, (enum element)wrong_end);
  else
    close_level(a);
  markup_resume_if_ahead(a);
}

static void on_text(void *user, const xmlChar *text, int length) {
  struct aggregate_reader *a = user;
  struct document *d = &a->document;
  d->start.quiet_bytes = 0;
  enum place place = place_now(a);
  if (place == S_REASON && d->record.open) {
    record_add_reason_text(a->record_builder, (const char *)text, (size_t)length);
    return;
  }
  if (!d->leaf.open || d->leaf.cut || !(place_is_leaf(place) || d->held.field)) return;
  size_t size = (size_t)length, room = a->limits.text_bytes - a->text.length;
  d->leaf.cut = size > room;
  strbuf_add(&a->text, (const char *)text, d->leaf.cut ? utf8_fitting((const char *)text, size, room) : size);
}

void places_listen(struct aggregate_reader *a, xmlSAXHandler *sax) {
  sax->startElementNs = on_start;
  sax->endElementNs = on_end;
  sax->characters = on_text;
  sax->ignorableWhitespace = on_text; /* the same function: libxml2 then skips a costly test for blanks */
  sax->cdataBlock = on_text;
  a->xml->userData = a;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* libxml2's SAX events -> records and header. The grammar is elements.c's, encodings are utf8_reader.c's; what a record
 * is made of is record.c's. Here: the stack of places, recovery from broken markup, and the limits. */
#include "parser/report_reader.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <stdlib.h>
#include <string.h>

#include "base/alignment.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/utf8.h"
#include "parser/elements.h"
#include "parser/header.h"
#include "parser/record.h"
#include "parser/utf8_reader.h"

/* Names and namespaces of hostile documents stay in libxml2's dictionary, which gets slow long before it meets a limit
 * of its own. Both schemas and their extensions need some 60 names. A document may add so much... */
#define DICTIONARY_NAMES 4096
#define DICTIONARY_BYTES (1024 * 1024)
/* ...and a new context is made when this much was left behind. */
#define DICTIONARY_NAMES_KEPT 1024
#define DICTIONARY_BYTES_KEPT (128 * 1024)
#define NAME_CACHE 512
#define NAME_PROBES 8
/* libxml2 holds a tag, a comment or a CDATA section as a whole, and compares each attribute of a tag with all others.
 */
#define MARKUP_BYTES (64 * 1024)
#define ATTRIBUTES 64
/* All texts of the header together may be this many times as long as one of them. */
#define TEXTS_A_HEADER 4
/* How often a document may close what it did not open: each time costs a new start of libxml2. */
#define RESUMES 1000000

/* libxml2 interns names: the pointer of a known name says which element it is. */
struct known_name {
  const xmlChar *name;
  enum element element;
};

struct aggregate_reader {
  struct report_reader reader;
  struct parser_limits limits;
  struct utf8_reader *utf8;
  struct digest *digest;
  struct organization_cache *organizations;
  xmlParserCtxt *xml;
  struct known_name names[NAME_CACHE];
  bool more;      /* the reader holds the begin of another document */
  bool continued; /* this run is about such another one */

  /* the run */
  const struct parser_events *events;
  struct arena *header_arena;
  struct header_builder *header_builder;
  struct feedback_header *header;
  struct record_builder *record;
  uint64_t records;
  int64_t messages;
  uint8_t *places, *elements; /* one a level of XML, limits.depth + 1 of them */
  uint32_t depth;
  int wrong_end;         /* the element that an end tag names where it is not the innermost; -1: none */
  bool resuming;         /* libxml2 is to start again on what is left, with our levels still open */
  bool skip_root;        /* the next element is the root we made for that */
  uint64_t lines_before; /* of this document, in front of where libxml2 started last */
  uint64_t quiet_bytes;  /* given to libxml2 since it last had something to tell */
  uint64_t given_bytes;  /* to libxml2 since it started last */
  uint64_t replaced_at;  /* where in them the first replaced character is; NOT_MET: none */
  struct strbuf text;    /* of the leaf being read */
  struct strbuf spelled; /* of the record that ends */
  struct arena *record_arena;
  bool leaf_open, text_cut;
  bool in_record;
  bool found, finished;
  bool damaged, replaced;
  bool gave_up;  /* a limit ended the reading, not the document */
  char root[64]; /* name of the outermost element */
  char note[ERR_TEXT_BYTES];
  int stop_code; /* why we stopped the parse ourselves */
  struct err stop;
  int read_code; /* what the stream answered last; libxml2 shows a read error as a premature end */
  struct err read;
};

#define NOT_MET UINT64_MAX

/* --- stopping and damage ------------------------------------------------------------------------------------------ */

static void stop(struct aggregate_reader *p, int code) {
  if (!p->stop_code) p->stop_code = code;
  xmlStopParser(p->xml);
}

static uint64_t line_of(struct aggregate_reader *p) {
  uint64_t line = p->xml->input ? (uint64_t)p->xml->input->line : 0;
  return line + p->lines_before;
}

/* The first damage is the one that is told: the rest usually follows from it. */
static void mark_damaged(struct aggregate_reader *p, uint64_t line, const char *what) {
  if (!p->damaged) {
    size_t length = strcspn(what, "\n"); /* libxml2 ends its sentences with a newline */
    snprintf(p->note, sizeof p->note, "line %llu: %.*s", (unsigned long long)line, (int)length, what);
  }
  p->damaged = true;
}

static void on_xml_error(void *user, xmlErrorPtr error) {
  struct aggregate_reader *p = user;
  /* Undeclared prefixes and odd URIs harm nobody here: names are local anyway. */
  if (error->domain == XML_FROM_NAMESPACE || error->level < XML_ERR_ERROR || p->finished || p->stop_code) return;
  mark_damaged(p, (uint64_t)error->line + p->lines_before, error->message ? error->message : "broken XML");
  if (error->code != XML_ERR_TAG_NAME_MISMATCH || !error->str2) return;
  const char *colon = strrchr(error->str2, ':');
  p->wrong_end = element_of(colon ? colon + 1 : error->str2);
}

/* A limit that hostile documents alone meet, but broken ones too: what was read up to here is kept. */
static void give_up(struct aggregate_reader *p, const char *what) {
  mark_damaged(p, line_of(p), what);
  p->gave_up = true;
}

/* What libxml2 has not looked at yet. */
static size_t bytes_ahead(const struct aggregate_reader *p) {
  const xmlParserInput *in = p->xml->input;
  return in && in->end > in->cur ? (size_t)(in->end - in->cur) : 0;
}

/* libxml2 has something to tell. Were characters replaced in front of it? */
static void on_progress(struct aggregate_reader *p) {
  p->quiet_bytes = 0;
  if (p->replaced_at == NOT_MET || p->given_bytes - bytes_ahead(p) <= p->replaced_at) return;
  p->replaced = true;
  p->replaced_at = NOT_MET;
  mark_damaged(p, line_of(p), "invalid bytes or characters, replaced");
}

static void on_doctype(void *user, const xmlChar *name, const xmlChar *external, const xmlChar *system) {
  (void)name, (void)external, (void)system;
  struct aggregate_reader *p = user;
  stop(p, err_set(&p->stop, ERR_FORMAT, "line %llu: a DOCTYPE, which no report needs: refused",
                  (unsigned long long)line_of(p)));
}

/* --- fields ------------------------------------------------------------------------------------------------------- */

static enum element known_element(struct aggregate_reader *p, const xmlChar *name) {
  size_t home = (size_t)(((uintptr_t)name * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
  for (size_t step = 0; step < NAME_PROBES; step++) {
    struct known_name *known = &p->names[(home + step) % NAME_CACHE];
    if (known->name == name) return known->element;
    if (known->name) continue;
    known->name = name;
    return known->element = element_of((const char *)name);
  }
  return element_of((const char *)name); /* a document with hundreds of other names */
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* The leaf's text, trimmed, goes where it belongs; an empty one is as good as absent. */
static void close_leaf(struct aggregate_reader *p, enum place field) {
  if (!p->leaf_open) return;
  p->leaf_open = false;
  char *text = p->text.data;
  size_t begin = 0, end = p->text.length;
  while (begin < end && is_blank(text[begin])) begin++;
  while (end > begin && is_blank(text[end - 1])) end--;
  text[end] = '\0';
  bool for_record = field >= F_SOURCE_IP;
  if (for_record) {
    if (p->in_record) record_set_field(p->record, field, text + begin, end - begin);
  } else if (end > begin) {
    const char *dropped = header_set_field(p->header_builder, field, text + begin);
    if (dropped) mark_damaged(p, line_of(p), dropped);
  }
  if (p->text_cut && for_record && p->in_record) record_flag(p->record, RECORD_TEXT_CUT);
  if (p->text_cut) mark_damaged(p, line_of(p), "a text longer than its limit was cut");
  p->text_cut = false;
}

/* --- records ------------------------------------------------------------------------------------------------------ */

static void begin_record(struct aggregate_reader *p) {
  p->in_record = true;
  p->record_arena = p->events->arena(p->events->user);
  record_begin(p->record, p->record_arena);
}

static void end_record(struct aggregate_reader *p, bool unfinished) {
  p->in_record = false;
  if (unfinished) record_flag(p->record, RECORD_UNFINISHED);
  struct feedback_record *r = record_finish(p->record);
  if (!r) return;
  if (p->records >= p->limits.records) {
    stop(p,
         err_set(&p->stop, ERR_LIMIT, "more than %llu records (--max-records)", (unsigned long long)p->limits.records));
    return;
  }
  alignment_grade_record(r, p->organizations, alignment_walked(p->header->discovery_method, p->header->policy_domain));
  strbuf_reset(&p->spelled);
  feedback_spell_pattern(&p->spelled, r);
  r->spelled = arena_strndup(p->record_arena, p->spelled.data, p->spelled.length);
  r->spelled_bytes = (uint32_t)p->spelled.length;
  digest_record(p->digest, r);
  if (r->flags) p->header->flags |= FEEDBACK_RECORD_FLAGGED;
  if (r->count > 0 && __builtin_add_overflow(p->messages, r->count, &p->messages)) p->messages = INT64_MAX;
  p->records++;
  int code = p->events->record(p->events->user, r, &p->stop);
  if (code < 0) stop(p, code);
}

/* --- places ------------------------------------------------------------------------------------------------------- */

static enum place place_now(const struct aggregate_reader *p) { return (enum place)p->places[p->depth]; }

/* Where an end tag is missing, an element stands inside its elder sibling. The nearest place around us in which it
 * belongs is then the right one. Inside an extension of a sound document that is no sign of anything. */
static enum place place_around(const struct aggregate_reader *p, enum element element) {
  for (uint32_t level = p->depth; level > 0; level--) {
    enum place place = place_inside((enum place)p->places[level], element);
    if (place != S_NOWHERE) return place;
  }
  return S_NOWHERE;
}

static enum place find_place(struct aggregate_reader *p, enum element element) {
  enum place here = place_now(p);
  if (place_is_leaf(here)) {
    /* A leaf has no children: "<report_id>1/report_id><date_range>" lost its end tag. */
    if (p->in_record && p->text.length) record_flag(p->record, RECORD_TEXT_CUT);
    close_leaf(p, here);
    here = (enum place)p->places[p->depth - 1];
    enum place sibling = place_inside(here, element);
    if (sibling != S_NOWHERE) return sibling;
  }
  enum place place = place_inside(here, element);
  if (place == S_NOWHERE && p->found && (p->damaged || here != S_IGNORED)) place = place_around(p, element);
  /* A report wrapped in something else, such as an unclosed <xs:schema>. */
  if (place == S_NOWHERE && !p->found) return element == E_FEEDBACK ? S_FEEDBACK : S_OUTSIDE;
  return place == S_NOWHERE ? S_IGNORED : place;
}

static void open_place(struct aggregate_reader *p, enum place place, const xmlChar *uri) {
  switch (place) {
    case S_FEEDBACK:
      if (p->depth > 1) mark_damaged(p, line_of(p), "feedback stands inside another element");
      if (!p->found && uri) header_set_schema(p->header_builder, (const char *)uri);
      p->found = true;
      break;
    case S_RECORD:
      if (p->in_record) end_record(p, true);
      begin_record(p);
      break;
    case S_ROW:
    case S_RESULTS:
    case S_REASON:
    case S_DKIM:
    case S_SPF:
    case S_EVALUATED:
      if (p->in_record) record_open(p->record, place);
      break;
    default:
      break;
  }
  if (!place_is_leaf(place)) return;
  p->leaf_open = true;
  p->text_cut = false;
  strbuf_reset(&p->text);
}

/* What libxml2 has read of the stream behind where we stop it: trailing bytes, or the next document. */
static void keep_rest(struct aggregate_reader *p) {
  if (bytes_ahead(p)) utf8_reader_unread(p->utf8, (const char *)p->xml->input->cur, bytes_ahead(p));
}

/* The end of this document was lost; the begin of another one is given back to the reader, without attributes. */
static void end_before_another(struct aggregate_reader *p, const xmlChar *name, const xmlChar *prefix) {
  mark_damaged(p, line_of(p), "another feedback begins before the end of this one");
  _cleanup_strbuf_ struct strbuf tag = STRBUF_INIT;
  strbuf_printf(&tag, prefix ? "<%s:" : "<", (const char *)prefix);
  strbuf_add_text(&tag, (const char *)name);
  keep_rest(p);
  utf8_reader_unread(p->utf8, tag.data, tag.length);
  p->finished = p->more = true;
  xmlStopParser(p->xml);
}

/* Whether the reading may go on with an element of so many attributes, one level deeper. */
static bool element_is_bearable(struct aggregate_reader *p, int attributes) {
  if (attributes > ATTRIBUTES) {
    give_up(p, "a tag with more than 64 attributes");
  } else if (p->depth < p->limits.depth) {
    return true;
  } else if (p->damaged && p->records) {
    give_up(p, "tags not closed");
  } else {
    stop(p, err_set(&p->stop, ERR_LIMIT, "line %llu: XML nested deeper than %u levels", (unsigned long long)line_of(p),
                    p->limits.depth));
  }
  xmlStopParser(p->xml);
  return false;
}

static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespace_count,
                     const xmlChar **namespaces, int attribute_count, int defaulted_count, const xmlChar **attributes) {
  (void)namespaces, (void)defaulted_count, (void)attributes;
  struct aggregate_reader *p = user;
  if (p->stop_code || p->finished || p->gave_up) return;
  if (p->skip_root) {
    p->skip_root = false;
    return;
  }
  on_progress(p);
  if (!element_is_bearable(p, attribute_count + namespace_count)) return;
  if (!p->depth) snprintf(p->root, sizeof p->root, "%.60s", (const char *)name);
  enum element element = known_element(p, name);
  if (element == E_FEEDBACK && p->found && (p->damaged || place_now(p) != S_IGNORED)) {
    end_before_another(p, name, prefix);
    return;
  }
  enum place place = find_place(p, element);
  p->places[++p->depth] = (uint8_t)place;
  p->elements[p->depth] = (uint8_t)element;
  open_place(p, place, uri);
}

static void close_level(struct aggregate_reader *p) {
  enum place place = place_now(p);
  if (place_is_leaf(place)) {
    close_leaf(p, place);
  } else if (place == S_RECORD && p->in_record) {
    end_record(p, false);
  } else if (place == S_REASON && p->in_record) {
    record_close_reason(p->record);
  } else if (place == S_FEEDBACK && !p->stop_code) {
    keep_rest(p);
    p->finished = true;
    xmlStopParser(p->xml);
  }
  p->depth--;
}

/* An end tag that is not the innermost element's: closes what it names and all that was left open in there, or nothing
 * where that is not open. libxml2 itself closes the innermost one, whatever the tag. */
static void close_named(struct aggregate_reader *p, enum element element) {
  uint32_t level = p->depth;
  while (level > 0 && p->elements[level] != element && element != E_UNKNOWN) level--;
  if (!level || p->elements[level] != element) return;
  while (p->depth >= level && !p->finished && !p->stop_code) close_level(p);
}

/* libxml2 is at its root's end, or near its own limit of depth, and we are not: it begins anew behind this tag. */
static void resume_if_ahead(struct aggregate_reader *p) {
  /* Between records, where the two agree again, if it can wait so long. */
  int levels = p->xml->nameNr;
  bool ends = levels <= 1, deep = levels > (p->depth <= 2 ? 128 : 200);
  if (p->finished || p->stop_code || !p->depth || !(ends || deep)) return;
  p->resuming = true;
  keep_rest(p);
  p->lines_before += (uint64_t)p->xml->input->line - 1;
  xmlStopParser(p->xml);
}

static void on_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
  (void)name, (void)prefix, (void)uri;
  struct aggregate_reader *p = user;
  int wrong_end = p->wrong_end;
  p->wrong_end = -1;
  if (p->stop_code || p->finished || p->gave_up || p->resuming || !p->depth) return;
  on_progress(p);
  if (wrong_end >= 0)
    close_named(p, (enum element)wrong_end);
  else
    close_level(p);
  resume_if_ahead(p);
}

static void on_text(void *user, const xmlChar *text, int length) {
  struct aggregate_reader *p = user;
  p->quiet_bytes = 0;
  enum place place = place_now(p);
  if (place == S_REASON && p->in_record) {
    record_add_reason_text(p->record, (const char *)text, (size_t)length);
    return;
  }
  if (!p->leaf_open || p->text_cut || !place_is_leaf(place)) return;
  size_t size = (size_t)length, room = p->limits.text_bytes - p->text.length;
  p->text_cut = size > room;
  strbuf_add(&p->text, (const char *)text, p->text_cut ? utf8_fitting((const char *)text, size, room) : size);
}

/* --- the parser object -------------------------------------------------------------------------------------------- */

static void renew_context(struct aggregate_reader *p) {
  if (p->xml) xmlFreeParserCtxt(p->xml);
  memset(p->names, 0, sizeof p->names);
  p->xml = xmlNewParserCtxt();
  if (!p->xml) abort();
  memset(p->xml->sax, 0, sizeof *p->xml->sax);
  p->xml->sax->initialized = XML_SAX2_MAGIC;
  p->xml->sax->startElementNs = on_start;
  p->xml->sax->endElementNs = on_end;
  p->xml->sax->characters = on_text;
  p->xml->sax->ignorableWhitespace = on_text; /* the same function: libxml2 then skips a costly test for blanks */
  p->xml->sax->cdataBlock = on_text;
  p->xml->sax->internalSubset = on_doctype;
  p->xml->sax->serror = on_xml_error;
  p->xml->userData = p;
}

static bool may_read_on(struct aggregate_reader *p) {
  if (p->read_code < 0 || p->stop_code || p->finished || p->resuming || p->gave_up) return false;
  if (p->quiet_bytes > MARKUP_BYTES) {
    give_up(p, "a tag, comment or CDATA section longer than 64 KiB");
  } else if ((size_t)xmlDictSize(p->xml->dict) > DICTIONARY_NAMES || xmlDictGetUsage(p->xml->dict) > DICTIONARY_BYTES) {
    give_up(p, "thousands of different names");
  }
  return !p->gave_up;
}

/* libxml2 looks several bytes ahead (for "<![CDATA[") without asking twice: it gets as much as it has room for. */
static int read_full(struct aggregate_reader *p, char *buffer, int size) {
  int held = 0;
  int n = 1;
  for (; n > 0 && size - held >= UTF8_READER_LEAST; held += n > 0 ? n : 0)
    n = utf8_reader_read(p->utf8, buffer + held, size - held, &p->read);
  if (n < 0) p->read_code = n; /* an end: what was read up to here is worth parsing */
  return held;
}

static int on_read(void *user, char *buffer, int size) {
  struct aggregate_reader *p = user;
  if (!may_read_on(p)) return 0;
  int n = read_full(p, buffer, size);
  if (p->replaced_at == NOT_MET && utf8_reader_facts(p->utf8).replaced) {
    const char *at = memmem(buffer, (size_t)n, UTF8_REPLACEMENT, sizeof UTF8_REPLACEMENT - 1);
    if (at) p->replaced_at = p->given_bytes + (size_t)(at - buffer);
  }
  p->quiet_bytes += (uint64_t)n;
  p->given_bytes += (uint64_t)n;
  return n;
}

static void reset_run(struct aggregate_reader *p, struct arena *header_arena, const struct parser_events *events) {
  p->events = events;
  p->header_arena = header_arena;
  p->header = header_begin(p->header_builder, header_arena);
  p->records = 0;
  p->messages = 0;
  p->depth = 0;
  p->places[0] = S_OUTSIDE;
  p->leaf_open = p->text_cut = p->in_record = p->found = p->finished = p->damaged = p->replaced = p->gave_up = false;
  p->resuming = p->skip_root = false;
  p->wrong_end = -1;
  p->lines_before = 0;
  p->root[0] = p->note[0] = '\0';
  p->stop_code = p->read_code = 0;
  strbuf_reset(&p->text);
  digest_reset(p->digest);
}

/* --- behind the document ------------------------------------------------------------------------------------------ */

/* Where another document begins in what stands behind a report: at a '<' that a name, "?" or "!" follows, with nothing
 * but blanks and a byte order mark in front. */
enum rest { REST_BLANK, REST_MARK, REST_DOCUMENT, REST_OTHER };

static enum rest look_at_rest(enum rest before, char c) {
  if (before == REST_MARK) {
    bool name_follows = c == '?' || c == '!' || c == '_' || ((c | 32) >= 'a' && (c | 32) <= 'z');
    return name_follows ? REST_DOCUMENT : REST_OTHER;
  }
  bool bom = c == '\xef' || c == '\xbb' || c == '\xbf';
  return c == '<' ? REST_MARK : is_blank(c) || bom ? REST_BLANK : REST_OTHER;
}

/* Reads on behind the report's end: so that a bad checksum of the container shows, and because archives have been
 * concatenated. Stops at the begin of another document. */
static void read_rest(struct aggregate_reader *p) {
  char buffer[8192];
  enum rest rest = REST_BLANK;
  int n;
  while ((n = utf8_reader_read(p->utf8, buffer, sizeof buffer, &p->read)) > 0) {
    for (int i = 0; i < n && rest != REST_OTHER; i++) {
      rest = look_at_rest(rest, buffer[i]);
      if (rest != REST_DOCUMENT) continue;
      utf8_reader_unread(p->utf8, buffer + i, (size_t)(n - i));
      utf8_reader_unread(p->utf8, "<", 1);
      p->more = true;
      return;
    }
  }
  p->read_code = n;
}

static void settle_header(struct aggregate_reader *p) {
  struct feedback_header *h = p->header;
  header_finish(p->header_builder);
  if (!p->records) h->flags |= FEEDBACK_NO_RECORDS;
  struct utf8_reader_facts facts = utf8_reader_facts(p->utf8);
  if (p->replaced) h->flags |= FEEDBACK_TEXT_REPLACED;
  if (facts.prefix_text && !p->continued) mark_damaged(p, 1, "text in front of the XML");
  if (p->damaged) h->flags |= FEEDBACK_DAMAGED;
  digest_header(p->digest, h);
}

/* What a parse that met no feedback element comes to. */
static int nothing_found(struct aggregate_reader *p, struct err *e) {
  if (p->read_code < 0) return err_set(e, p->read_code, "%s", p->read.text);
  if (p->continued && !p->root[0]) return err_set(e, ERR_NO_REPORT, "nothing but comments behind a report");
  if (p->damaged) return err_set(e, p->gave_up ? ERR_LIMIT : ERR_FORMAT, "%s", p->note);
  return err_set(e, ERR_NO_REPORT, "its root element is <%s>, not <feedback>", p->root);
}

static bool says_nothing(const struct feedback_header *h) { return !h->org_name && !h->report_id && !h->policy_domain; }

static int judge(struct aggregate_reader *p, struct err *e) {
  if (p->stop_code) return err_set(e, p->stop_code, "%s", p->stop.text);
  if (p->read_code < 0 && p->read_code != ERR_FORMAT) return err_set(e, p->read_code, "%s", p->read.text);
  if (!p->found) return nothing_found(p, e);
  if (p->read_code < 0) {
    /* The container broke: said first, since the markup's premature end only follows from it. */
    if (!p->finished) p->damaged = false;
    mark_damaged(p, line_of(p), p->read.text);
    if (!strncmp(p->note, "line 0: ", 8)) memmove(p->note, p->note + 8, strlen(p->note + 8) + 1);
  }
  settle_header(p);
  if (!p->records && p->damaged) return err_set(e, p->gave_up ? ERR_LIMIT : ERR_FORMAT, "%s", p->note);
  if (!p->records && says_nothing(p->header)) return err_set(e, ERR_NO_REPORT, "a feedback element that says nothing");
  return 0;
}

static bool peek(const struct report_reader *reader, struct parser_outcome *ret) {
  const struct aggregate_reader *p = (const struct aggregate_reader *)reader;
  if (!p->found || p->damaged || !p->header->policy_domain || !p->header->report_id) return false;
  if (p->header->begin_s == FEEDBACK_TIME_UNKNOWN || p->header->end_s == FEEDBACK_TIME_UNKNOWN) return false;
  ret->header = p->header;
  return true;
}

static void start_libxml2(struct aggregate_reader *p) {
  p->quiet_bytes = p->given_bytes = 0;
  p->replaced_at = NOT_MET;
  p->resuming = false;
  p->wrong_end = -1;
  /* NONET and no entity substitution; RECOVER keeps events coming behind broken markup; the reader has already seen to
   * the encoding. Never HUGE: libxml2's own limits stay. */
  xmlCtxtReadIO(p->xml, on_read, NULL, p, NULL, NULL, XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
}

static void read_document(struct aggregate_reader *p) {
  static const char ROOT[] = "<resumed>";
  if (xmlDictSize(p->xml->dict) > DICTIONARY_NAMES_KEPT || xmlDictGetUsage(p->xml->dict) > DICTIONARY_BYTES_KEPT)
    renew_context(p);
  p->lines_before = p->continued ? 0 : utf8_reader_facts(p->utf8).prefix_lines;
  start_libxml2(p);
  for (unsigned resumes = 0; p->resuming && resumes < RESUMES; resumes++) {
    utf8_reader_unread(p->utf8, ROOT, sizeof ROOT - 1);
    p->skip_root = true;
    start_libxml2(p);
  }
  /* Replaced characters that nothing followed. */
  if (!p->finished && p->replaced_at != NOT_MET) p->replaced = true;
}

static int run(struct report_reader *reader, struct byte_stream *in, struct arena *header_arena,
               const struct parser_events *events, struct parser_outcome *ret, struct err *e) {
  struct aggregate_reader *p = (struct aggregate_reader *)reader;
  uint64_t bytes_before = 0;
  reset_run(p, header_arena, events);
  if (p->more) {
    bytes_before = utf8_reader_facts(p->utf8).bytes;
    p->more = false;
    p->continued = true;
  } else {
    p->continued = false;
    int code = utf8_reader_open(p->utf8, in, p->limits.prefix_bytes, e);
    if (code < 0) {
      *ret = (struct parser_outcome){.bytes = utf8_reader_facts(p->utf8).bytes};
      return code;
    }
  }
  read_document(p);
  if (p->in_record && !p->stop_code) end_record(p, true);
  if (p->finished && !p->more && !p->stop_code) read_rest(p);
  int code = judge(p, e);
  *ret = (struct parser_outcome){.header = p->found ? p->header : NULL,
                                 .records = p->records,
                                 .messages = p->messages,
                                 .bytes = utf8_reader_facts(p->utf8).bytes - bytes_before,
                                 .more = p->more && !code};
  if (code) p->more = false;
  if (!code && p->damaged) memcpy(ret->note, p->note, sizeof ret->note);
  digest_finish(p->digest, ret->digest);
  return code;
}

static void free_reader(struct report_reader *reader) {
  struct aggregate_reader *p = (struct aggregate_reader *)reader;
  if (p->xml) xmlFreeParserCtxt(p->xml);
  utf8_reader_free(p->utf8);
  digest_free(p->digest);
  organization_cache_free(p->organizations);
  record_builder_free(p->record);
  free(p->places);
  free(p->elements);
  header_builder_free(p->header_builder);
  strbuf_clear(&p->text);
  strbuf_clear(&p->spelled);
  free(p);
}

struct report_reader *aggregate_reader_new(const struct parser_limits *limits) {
  struct aggregate_reader *p = mem_zalloc(sizeof *p);
  p->reader = (struct report_reader){.run = run, .peek = peek, .free = free_reader};
  p->limits = *limits;
  p->utf8 = utf8_reader_new();
  p->digest = digest_new();
  p->organizations = organization_cache_new();
  p->header_builder = header_builder_new(limits->reasons, (size_t)limits->text_bytes * TEXTS_A_HEADER);
  p->record = record_builder_new(limits->results, limits->reasons, limits->text_bytes);
  p->places = mem_alloc((size_t)limits->depth + 1);
  p->elements = mem_alloc((size_t)limits->depth + 1);
  strbuf_add(&p->text, "", 0); /* from now on there is a text, perhaps an empty one */
  renew_context(p);
  return &p->reader;
}

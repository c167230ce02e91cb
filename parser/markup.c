/* SPDX-License-Identifier: Apache-2.0 */
/* libxml2 at work: its context and its limits, what it is fed, what it complains of, and where it has to start again.
 */
#include "parser/aggregate.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* Names and namespaces of hostile documents stay in libxml2's dictionary, which gets slow long before it meets a limit
 * of its own. Both schemas and their extensions need some 60 names. A document may add so much... */
#define DICTIONARY_NAMES 4096
#define DICTIONARY_BYTES (1024 * 1024)
/* ...and a new context is made when this much was left behind. */
#define DICTIONARY_NAMES_KEPT 1024
#define DICTIONARY_BYTES_KEPT (128 * 1024)
/* libxml2 holds a tag, a comment or a CDATA section as a whole. */
#define MARKUP_BYTES (64 * 1024)
/* How often a document may close what it did not open: each time costs a new start of libxml2. */
#define RESUMES 1000000

/* --- what it tells beside its events ------------------------------------------------------------------------------ */

static enum element element_named(const char *qualified_name) {
  const char *colon = strrchr(qualified_name, ':');
  return element_of(colon ? colon + 1 : qualified_name);
}

/* An attribute's value without quotes: libxml2 stands in front of it, has told the element, and would read the rest of
 * the tag as text. */
static void skip_unquoted(struct aggregate_reader *a) {
  xmlParserInput *in = a->xml->input;
  const xmlChar *before = in->cur;
  while (before > in->base && is_blank((char)before[-1])) before--;
  if (before == in->base || before[-1] != '=') return;
  size_t length = strcspn((const char *)in->cur, "<>");
  if (in->cur[length] != '>') return;
  bool empty = length && in->cur[length - 1] == '/';
  for (size_t i = 0; i <= length; i++) in->line += in->cur[i] == '\n';
  in->cur += length + 1;
  if (empty) places_close_empty(a);
}

static void on_xml_error(void *user, xmlErrorPtr error) {
  struct aggregate_reader *a = user;
  struct document *d = &a->document;
  /* Undeclared prefixes and odd URIs harm nobody here: names are local anyway. */
  if (error->domain == XML_FROM_NAMESPACE || error->level < XML_ERR_ERROR || d->finished || d->stop_code) return;
  document_mark_damaged(a, (uint64_t)error->line + d->lines_before, error->message ? error->message : "broken XML");
  switch (error->code) {
    case XML_ERR_TAG_NAME_MISMATCH:
      if (error->str2) d->start.wrong_end = element_named(error->str2);
      break;
    case XML_ERR_GT_REQUIRED:
      skip_unquoted(a);
      break;
    case XML_ERR_DOCUMENT_EMPTY: /* text in front of the root */
    case XML_ERR_DOCUMENT_END:   /* text behind what libxml2 took for the root's end */
      if (!d->root[0] || d->depth) markup_resume(a);
      break;
    default:
      break;
  }
}

static void on_doctype(void *user, const xmlChar *name, const xmlChar *external, const xmlChar *system) {
  (void)name, (void)external, (void)system;
  struct aggregate_reader *a = user;
  document_stop(a, err_set(&a->document.stop, ERR_FORMAT, "line %llu: a DOCTYPE, which no report needs: refused",
                           (unsigned long long)document_line(a)));
}

void markup_note_replaced(struct aggregate_reader *a) {
  struct document *d = &a->document;
  if (d->start.given_bytes - markup_ahead(a) <= d->start.replaced_at) return;
  d->replaced = true;
  d->start.replaced_at = MARKUP_NOT_MET;
  document_mark_damaged(a, document_line(a), "invalid bytes or characters, replaced");
}

/* --- the context -------------------------------------------------------------------------------------------------- */

void markup_renew(struct aggregate_reader *a) {
  if (a->xml) xmlFreeParserCtxt(a->xml);
  memset(a->names, 0, sizeof a->names);
  a->xml = xmlNewParserCtxt();
  if (!a->xml) abort();
  memset(a->xml->sax, 0, sizeof *a->xml->sax);
  a->xml->sax->initialized = XML_SAX2_MAGIC;
  a->xml->sax->internalSubset = on_doctype;
  a->xml->sax->serror = on_xml_error;
  places_listen(a, a->xml->sax);
}

/* --- what it is fed ----------------------------------------------------------------------------------------------- */

static bool may_read_on(struct aggregate_reader *a) {
  struct document *d = &a->document;
  if (d->read_code < 0 || d->stop_code || d->finished || d->start.resuming || d->gave_up) return false;
  if (d->start.quiet_bytes > MARKUP_BYTES) {
    document_give_up(a, "a tag, comment or CDATA section longer than 64 KiB");
  } else if ((size_t)xmlDictSize(a->xml->dict) > DICTIONARY_NAMES || xmlDictGetUsage(a->xml->dict) > DICTIONARY_BYTES) {
    document_give_up(a, "thousands of different names");
  }
  return !d->gave_up;
}

/* libxml2 looks several bytes ahead (for "<![CDATA[") without asking twice: it gets as much as it has room for. */
static int read_full(struct aggregate_reader *a, char *buffer, int size) {
  struct document *d = &a->document;
  int held = 0;
  int n = 1;
  for (; n > 0 && size - held >= UTF8_READER_LEAST; held += n > 0 ? n : 0)
    n = utf8_reader_read(a->utf8, buffer + held, size - held, &d->read);
  if (n < 0) d->read_code = n; /* an end: what was read up to here is worth parsing */
  return held;
}

static int on_read(void *user, char *buffer, int size) {
  struct aggregate_reader *a = user;
  struct document *d = &a->document;
  if (!may_read_on(a)) return 0;
  int n = read_full(a, buffer, size);
  if (d->start.replaced_at == MARKUP_NOT_MET && utf8_reader_facts(a->utf8).replaced) {
    const char *at = memmem(buffer, (size_t)n, UTF8_REPLACEMENT, sizeof UTF8_REPLACEMENT - 1);
    if (at) d->start.replaced_at = d->start.given_bytes + (size_t)(at - buffer);
  }
  d->start.quiet_bytes += (uint64_t)n;
  d->start.given_bytes += (uint64_t)n;
  return n;
}

void markup_keep_rest(struct aggregate_reader *a) {
  if (markup_ahead(a)) utf8_reader_unread(a->utf8, (const char *)a->xml->input->cur, markup_ahead(a));
}

/* --- start and restart -------------------------------------------------------------------------------------------- */

/* `root_bytes`: of the root that we made; 0: none. */
static void start(struct aggregate_reader *a, size_t root_bytes) {
  a->document.start = (struct markup_start){.replaced_at = MARKUP_NOT_MET,
                                            .wrong_end = -1,
                                            .root_bytes = root_bytes,
                                            .again = root_bytes,
                                            .skip_root = root_bytes};
  /* NONET and no entity substitution; RECOVER keeps events coming behind broken markup; the reader has already seen to
   * the encoding. Never HUGE: libxml2's own limits stay. */
  xmlCtxtReadIO(a->xml, on_read, NULL, a, NULL, NULL, XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
}

/* A start that consumed nothing of the document would be followed by the same again, for ever. The first one may: what
 * stands in front of the root is text once there is a root around it. */
static bool may_resume(const struct aggregate_reader *a) {
  const struct document *d = &a->document;
  uint64_t ahead = markup_ahead(a), consumed = d->start.given_bytes > ahead ? d->start.given_bytes - ahead : 0;
  return d->read_code >= 0 && d->start.given_bytes && (!d->start.again || consumed > d->start.root_bytes);
}

void markup_resume(struct aggregate_reader *a) {
  struct document *d = &a->document;
  if (!may_resume(a)) return;
  d->start.resuming = true;
  markup_keep_rest(a);
  d->lines_before += (uint64_t)a->xml->input->line - 1;
  xmlStopParser(a->xml);
}

void markup_resume_if_ahead(struct aggregate_reader *a) {
  const struct document *d = &a->document;
  /* Between records, where the two agree again, if it can wait so long. */
  int levels = a->xml->nameNr;
  bool ends = levels <= 1, deep = levels > 128 && (d->depth <= 2 || levels > 200);
  if ((ends || deep) && !d->finished && !d->stop_code && d->depth) markup_resume(a);
}

/* Within a root that stands around what is left, where the same namespaces are in force as without it. */
static void start_again(struct aggregate_reader *a) {
  _cleanup_strbuf_ struct strbuf root = STRBUF_INIT;
  strbuf_add_text(&root, "<resumed");
  namespaces_spell(&a->document, &root);
  strbuf_add_char(&root, '>');
  utf8_reader_unread(a->utf8, root.data, root.length);
  start(a, root.length);
}

void markup_read(struct aggregate_reader *a) {
  struct document *d = &a->document;
  if (xmlDictSize(a->xml->dict) > DICTIONARY_NAMES_KEPT || xmlDictGetUsage(a->xml->dict) > DICTIONARY_BYTES_KEPT)
    markup_renew(a);
  start(a, 0);
  for (unsigned resumes = 0; d->start.resuming && resumes < RESUMES; resumes++) start_again(a);
  /* Replaced characters that nothing followed. */
  if (!d->finished && d->start.replaced_at != MARKUP_NOT_MET) d->replaced = true;
}

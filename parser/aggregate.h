/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of aggregate reports: one XML document as a stream -> its feedback header and records (libxml2 SAX,
 * constant memory). Private to parser/.
 *
 * It reads both schemas, RFC 7489 Appendix C and RFC 9990, by local names alone: namespaces, prefixes and `version`
 * decide nothing. Any encoding will do that iconv knows. Broken documents are read as far as records can be kept, and
 * said to be damaged. Values are trimmed and normalised (vocabulary.h, domain.h), and alignment is graded.
 *
 * Its state is kept in structs by how long it lives, and each is reset as a whole, so that no field can be forgotten.
 */
#ifndef PARSER_AGGREGATE_H
#define PARSER_AGGREGATE_H

#include <libxml/parser.h>

#include "base/alignment.h"
#include "base/digest.h"
#include "parser/elements.h"
#include "parser/header.h"
#include "parser/record.h"
#include "parser/report_reader.h"
#include "parser/utf8_reader.h"

/* Since libxml2 last started, which it does once a document and again behind each end tag that closed too much
 * (markup.c). */
struct markup_start {
  bool again;           /* not the first of this document */
  uint64_t quiet_bytes; /* given to libxml2 since its last event */
  uint64_t given_bytes; /* to libxml2 in all */
  uint64_t replaced_at; /* where in them the first replaced character is; MARKUP_NOT_MET: none */
  size_t root_bytes;    /* of the root that we made for it to resume in */
  int wrong_end;        /* the element that an end tag names where it is not the innermost; -1: none */
  bool resuming;        /* libxml2 has to start again on what is left, while our levels stay open */
  bool skip_root;       /* the next element is the root we made for that */
};
#define MARKUP_NOT_MET UINT64_MAX

/* The element whose text is being read; the text itself is the reader's. */
struct leaf {
  bool open;
  bool cut; /* longer than its limit */
};

/* Fields inside an element that nobody defined (held.c). */
#define HELD_FIELDS 32
struct held {
  uint32_t stranger; /* level of the outermost such element; 0: nothing is held */
  enum place field;  /* being read, at `level`; S_NOWHERE: none */
  uint32_t level;
  unsigned count;
  enum place fields[HELD_FIELDS];
  uint32_t at[HELD_FIELDS]; /* of its text, in the reader's */
};

/* The record being read; what it is made of is record.h's. */
struct open_record {
  bool open;
  struct arena *arena;
};

/* A declaration that is in force: xmlns:PREFIX="URI" on an element that is open. As libxml2 interned them. */
struct namespace_in_force {
  const xmlChar *prefix, *uri; /* prefix NULL: the default */
  uint32_t level;
};
#define NAMESPACES_IN_FORCE 16 /* further ones are forgotten where libxml2 starts again */
#define NAMESPACES_FOREIGN 16  /* named in a header */
#define NAMESPACE_BYTES 200    /* of one, in either */

/* A document. */
struct document {
  const struct parser_events *events;
  struct feedback_header *header;
  struct arena *header_arena;
  bool continued; /* it stands behind another one in the same stream */
  uint64_t records;
  int64_t messages;
  uint32_t depth;        /* of levels that are open */
  uint64_t lines_before; /* in front of where libxml2 started last */
  struct markup_start start;
  struct leaf leaf;
  struct held held;
  struct open_record record;
  bool found, finished; /* a feedback element; its end */
  bool damaged, replaced;
  bool gave_up;          /* a limit ended the reading, not the document */
  char root[64];         /* name of the outermost element */
  const xmlChar *native; /* namespace of the feedback element, as libxml2 interned it */
  struct namespace_in_force in_force[NAMESPACES_IN_FORCE];
  unsigned in_force_count;
  struct foreign_namespace foreign[NAMESPACES_FOREIGN]; /* as libxml2 interned them */
  unsigned foreign_count;
  char note[ERR_TEXT_BYTES];
  int stop_code; /* why we stopped the parse ourselves */
  struct err stop;
  int read_code; /* what the stream answered last; libxml2 shows a read error as a premature end */
  struct err read;
};

/* libxml2 interns names: the pointer of a known name says which element it is. */
struct known_name {
  const xmlChar *name;
  enum element element;
};
#define NAME_CACHE 512

/* The reader: for document after document. */
struct aggregate_reader {
  struct report_reader reader;
  struct parser_limits limits;
  struct utf8_reader *utf8;
  struct digest digest;
  struct organization_cache *organizations;
  struct header_builder *header_builder;
  struct record_builder *record_builder;
  xmlParserCtxt *xml; /* renewed when its dictionary has grown, and the names with it */
  struct known_name names[NAME_CACHE];
  uint8_t *places, *elements; /* one a level of XML, limits.depth + 1 of them */
  struct strbuf text;         /* room for the leaf's */
  struct strbuf held_text;    /* of what is held, each with its NUL */
  struct strbuf spelled;      /* room for the record that ends */
  bool more;                  /* the utf8 reader holds the begin of another document */
  struct document document;
};

/* XML's blanks (XML 1.0, production 3). */
static inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* --- what is wrong (damage.c) ------------------------------------------------------------------------------------- */

/* Of the document, where libxml2 is. */
uint64_t document_line(const struct aggregate_reader *a);
/* Only the first damage is reported: the rest usually follows from it. */
void document_mark_damaged(struct aggregate_reader *a, uint64_t line, const char *what);
/* For a limit that broken documents can reach as well as hostile ones: what was read so far is kept. */
void document_give_up(struct aggregate_reader *a, const char *what);
/* Nothing of the document is kept; document.stop already has the sentence. */
void document_stop(struct aggregate_reader *a, int code);
/* What it all came to: see parser_run. */
int document_judge(const struct document *d, struct err *e);

/* --- libxml2 (markup.c) ------------------------------------------------------------------------------------------- */

/* A new context, with nothing in its dictionary. */
void markup_renew(struct aggregate_reader *a);
/* Feeds libxml2 from the utf8 reader, until the document's end or what ends it. */
void markup_read(struct aggregate_reader *a);
/* At an event of libxml2: were characters replaced before it? */
void markup_note_replaced(struct aggregate_reader *a);
/* libxml2 met what it takes for the end, or for no begin, of a document: it begins anew with what is left. */
void markup_resume(struct aggregate_reader *a);
/* If libxml2 is at the end of its root, or near its own limit of depth, and we are not, it starts again behind this
 * tag.
 */
void markup_resume_if_ahead(struct aggregate_reader *a);
/* Gives back to the utf8 reader what libxml2 has read beyond where it is: trailing bytes, or the next document. */
void markup_keep_rest(struct aggregate_reader *a);

static inline size_t markup_ahead(const struct aggregate_reader *a) {
  const xmlParserInput *in = a->xml->input;
  return in && in->end > in->cur ? (size_t)(in->end - in->cur) : 0;
}

/* --- namespaces (namespaces.c) ------------------------------------------------------------------------------------ */

/* What the element that opens, one level deeper, declares: prefixes and URIs in turn. */
void namespaces_open(struct aggregate_reader *a, const xmlChar **list, int count);
/* The innermost element ends. */
void namespaces_close(struct aggregate_reader *a);
/* Appends what is in force as attributes of a tag: ' xmlns="URI" xmlns:PREFIX="URI"'. */
void namespaces_spell(const struct document *d, struct strbuf *out);
/* Elements of other namespaces are ignored, whatever their names (RFC 9990 3.2). Is an element of namespace `uri` one
 * of them? Then it is counted, unless it is inside an extension, where it may be. */
bool namespaces_meet(struct aggregate_reader *a, const xmlChar *uri);
/* Those that were met take their place in the header. */
void namespaces_tell(const struct document *d, struct feedback_header *h, struct arena *arena);

/* --- fields of unknown elements (held.c) -------------------------------------------------------------------------- */

/* The element that opens, one level deeper, would be `field` if all elements from level `stranger` on were not there.
 */
void held_begin(struct aggregate_reader *a, enum place field, uint32_t stranger);
/* The innermost element ends, as it began. */
void held_end(struct aggregate_reader *a);
void held_forget(struct aggregate_reader *a);
/* The stranger was not closed: what was held is the report's. */
void held_give_back(struct aggregate_reader *a);

/* --- SAX events (places.c) ---------------------------------------------------------------------------------------- */

void places_listen(struct aggregate_reader *a, xmlSAXHandler *sax);
/* The document is over, and a record is open. */
void places_end_record(struct aggregate_reader *a, bool unfinished);
/* The text that was read goes where it belongs. */
void places_close_leaf(struct aggregate_reader *a, enum place field);
/* The innermost element has no content, and libxml2 will not tell its end. */
void places_close_empty(struct aggregate_reader *a);

#endif

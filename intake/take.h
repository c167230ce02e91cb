/* SPDX-License-Identifier: Apache-2.0 */
/* What is shared by the source files that take a file apart: its state, the way down into a container, and the events.
 * Private to intake/. */
#ifndef INTAKE_TAKE_H
#define INTAKE_TAKE_H

#include "base/mem.h"
#include "intake/authentication.h"
#include "intake/inflater.h"
#include "intake/intake.h"
#include "intake/layers.h"
#include "intake/mbox.h"
#include "intake/mime.h"
#include "intake/recognise.h"

/* What it takes to open one container inside another: a look at its beginning, and perhaps inflating or decoding. */
struct level {
  struct peekable peekable;
  struct inflater inflater;
  struct mime_decoder *decoder; /* NULL until a mail is met */
};

/* A mail without a report that is known by its type. */
struct mail_kind {
  const char *type, *kind;
  bool closed; /* it cannot be opened: a report may be in it */
};

/* What the file or the outermost mail at hand may still cost. */
struct budget {
  struct budget *within; /* the file's, around a mail's; NULL: this is the file's */
  struct allowance unpacked;
  uint64_t document_bytes;
  uint32_t documents_most, documents_left;
  bool too_many;  /* documents: one more was met */
  bool told_rest; /* that the rest of it is left out was said once */
  uint64_t unit;  /* see struct intake_document */
};

/* The outermost mail being taken apart: a report found in it speaks for all of it, else it has one event. */
struct mail_scope {
  struct budget budget;
  struct counted_stream counted;        /* so much of it was read */
  size_t origin_size;                   /* of the mail's own origin */
  bool told;                            /* an event was given */
  bool attachment;                      /* the part at hand may have been meant as a report */
  const struct mail_kind *kind;         /* what sort of mail without a report it is; NULL: no special one */
  struct err detail;                    /* the first attachment and why it is none, "" where there is none */
  struct authentication authentication; /* of its sender */
  struct carriage carriage;             /* the same, for events */
  unsigned hidden_left;                 /* attachments hidden in its text that may still be tried */
};

struct intake {
  struct intake_limits limits;
  struct level *levels[INTAKE_DEPTH_MOST + 1]; /* made when first reached, then kept */

  const struct text_list *trusted; /* servers; NULL: none */

  /* The file being taken apart. */
  const struct intake_events *events;
  const volatile sig_atomic_t *interrupted;
  struct strbuf origin;
  const struct file_stream *file; /* NULL where a stream was given */
  struct budget of_file;
  struct budget *budget; /* of the mail at hand, or that one */
  uint64_t units;        /* so many had a number */
  uint32_t entries_left;
  bool is_mail;            /* what was given is the mail of a server */
  struct mail_scope *mail; /* NULL outside of mails */
  const char *container;   /* the name of the archive at hand; NULL: none */
  const char *charset;     /* of the part whose text is at hand; NULL: of no part, or packed in there */
};

struct level *level_at(struct intake *i, uint32_t depth);
/* Points the peekable of a level at `in`, and says what is there. */
struct content look_at(struct intake *i, uint32_t depth, struct byte_stream *in);
/* Takes apart what the peekable of a level holds. */
int take_content(struct intake *i, uint32_t depth, const char *name, struct content content);
/* The name without folders. */
const char *last_component_of_entry(const char *name);
void cut_origin(struct intake *i, size_t length);

int tell_document(struct intake *i, const char *name, enum report_kind kind, struct byte_stream *in);
/* Inside a mail, something that is not a report is not reported but kept for the mail's own event. */
int tell_nothing(struct intake *i, const char *name, int code, const struct err *e);
int tell_too_deep(struct intake *i, const char *name);
/* Once a file has unpacked to more than it may, or held more documents, the remainder is not looked at and has one
 * event.
 */
bool is_spent(const struct intake *i);
/* What a file, or a mail, may cost, of which `in_bytes` have been read or will be. */
void budget_begin(struct intake *i, struct budget *b, bool is_mail, const uint64_t *in_bytes);
int tell_rest(struct intake *i, const char *name, const char *what);

/* The mail, or the mails, that the peekable of a level holds. */
int take_mail(struct intake *i, uint32_t depth, const char *name);
int take_mbox(struct intake *i, uint32_t depth, const char *name, enum mbox_format format);
/* A mail behind a line with its size. */
int take_emlx(struct intake *i, uint32_t depth, const char *name);
/* What programs of Microsoft and S/MIME wrap around parts of a mail (wrapped.c). */
int take_tnef(struct intake *i, uint32_t depth, const char *name);
int take_cms(struct intake *i, uint32_t depth, const char *name);
int take_utf16_mail(struct intake *i, uint32_t depth, const char *name);
/* What came out of a container is charged to the file before it is looked at in turn. */
int take_unpacked(struct intake *i, uint32_t depth, const char *name, struct byte_stream *in);
void mail_scope_note(struct intake *i, const struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A mail (RFC 5322) as the bodies of its parts (RFC 2046), one after the other, in one pass and constant memory: header
 * fields that nobody needs are not kept, bodies are streams.
 *
 * Broken mails are read as far as they make sense: a blank line in front of the header or none behind it, fields
 * continued without a blank, parts without an end. Private to intake/. */
#ifndef INTAKE_MAIL_H
#define INTAKE_MAIL_H

#include "base/mem.h"
#include "intake/layers.h"
#include "intake/mime.h"

/* Multiparts inside each other: real mails reach 5. Each costs a comparison per line and 300 bytes. */
#define MAIL_DEPTH_MOST 20
/* Parts of one mail: real ones have 3, and each may become lines in the ledger. */
#define MAIL_PARTS_MOST 1000
/* What is kept of a header field: a line may have 998 bytes (RFC 5322 2.1.1) and be continued a few times. */
#define MAIL_FIELD_BYTES 8192

/* The fields that are needed. */
enum mail_field { FIELD_CONTENT_TYPE, FIELD_ENCODING, FIELD_DISPOSITION, FIELD_MESSAGE_ID, FIELD_FROM, MAIL_FIELDS };

struct mail_multipart {
  char boundary[MIME_BOUNDARY_MOST + 1];
  size_t boundary_size;
  unsigned parts; /* begun so far */
};

/* The line that ended a body. */
struct mail_delimiter {
  size_t size;      /* with the line breaks around it; 0: there is none, the mail ended */
  unsigned nesting; /* of which multipart: its index in `open` */
  bool closing;     /* its last one */
};

struct mail {
  struct byte_stream body; /* of the part at hand */
  struct peekable *in;
  struct strbuf fields[MAIL_FIELDS]; /* of the header read last */
  struct strbuf results;             /* the topmost Authentication-Results of the mail's own header */
  bool results_end;                  /* what follows is not collected */
  bool from_repeated;                /* the mail's own header has more than one From: */
  struct mime_description mime;      /* likewise */
  struct mail_multipart open[MAIL_DEPTH_MOST];
  unsigned depth, parts;
  bool begun;      /* the first part was asked for */
  bool line_start; /* of the body: nothing of it was read yet */
  bool body_ended;
  struct mail_delimiter delimiter;
};

struct mail_part {
  char section[128];                   /* as IMAP numbers it (RFC 3501 6.4.5): "1", "2.1"; "" for text between parts */
  const struct mime_description *mime; /* until the next part */
};

/* Reads the header of the mail that `in` holds; `with_results`: with its Authentication-Results. mail_message_id is
 * known from here on, `mime` until the first part. */
void mail_begin(struct mail *m, struct peekable *in, bool with_results);
void mail_clear(struct mail *m);
/* Its Message-ID as it came, "" if it has none; until the first part. */
const char *mail_message_id(const struct mail *m);
/* The values of its topmost Authentication-Results, each ended by a line feed: those in front of the first Received:
 * below one of them. Of one with which they grow longer than a field may be only the server's name is kept, and nothing
 * of those behind it. */
const char *mail_results(const struct mail *m);
/* From: as it came, until the first part; "" where there is none, or more than one. */
const char *mail_from(const struct mail *m);

/* 1 and the next part, whose body is then read from `m->body` at will; 0 at the end; ERR_LIMIT: too many, too deep.
 * The text in front of the first part of a multipart and that behind its last one are parts too: lost delimiters leave
 * everything there. */
int mail_next_part(struct mail *m, struct mail_part *ret, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Every way in, down to "here is a document as a stream": files, directories, standard input, gzip, zlib, zip, mails,
 * mbox, Maildir, nested in any way. Content decides what something is, never its name. What a document says is not
 * this room's business.
 *
 * Two steps, so that many threads can share the work: a `struct intake_walk` lists the files of the user's sources in a
 * stable order; `intake_open_file` takes one of them apart. */
#ifndef INTAKE_INTAKE_H
#define INTAKE_INTAKE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/byte_stream.h"
#include "base/err.h"
#include "base/feedback.h"
#include "base/provenance.h"
#include "base/text_list.h"

/* What a hostile file may cost. The user named a file, but anybody may have sent a mail, also one that lies in a file:
 * where a limit is 0, a mail (the outermost one) may cost less than a file. */
struct intake_limits {
  uint64_t document_bytes; /* one document after decompression; 0: 1 GiB, of a mail 512 MiB */
  uint64_t file_bytes;     /* everything a file or a mail unpacks to; 0: see below. Ends bombs of many documents */
  uint32_t depth;          /* containers inside each other: 8; INTAKE_DEPTH_MOST at most */
  uint32_t entries;        /* of archives in one file (of an mbox: in one mail), nested archives included: 10,000 */
  uint32_t documents;      /* events, each of which becomes a line of the ledger; 0: 1,000,000, of a mail 1,000 */
};
extern const struct intake_limits INTAKE_LIMITS_DEFAULT;
/* Where file_bytes is 0: a file unpacks to at most 16 GiB and to 150 times its size, or 64 MiB if that is more; a mail
 * to at most 1 GiB and to 100 times its size, or 16 MiB. */
#define INTAKE_FILE_TIMES 150
#define INTAKE_FILE_FREE_BYTES (UINT64_C(64) << 20)
#define INTAKE_MAIL_TIMES 100
#define INTAKE_MAIL_FREE_BYTES (UINT64_C(16) << 20)

/* In a list of trusted servers (intake_trust): the one that writes no name into its Authentication-Results, which is
 * Microsoft 365. */
#define INTAKE_TRUST_NAMELESS "none"
/* The largest `depth` that can be asked for: each level takes buffers of some 100 KiB and a stack frame. */
#define INTAKE_DEPTH_MOST 64

/* --- which files -------------------------------------------------------------------------------------------------- */

struct intake_file {
  char *path;      /* owned by the holder; "-" is standard input */
  uint64_t number; /* 0, 1, 2, ... in the order of the walk */
  bool named;      /* by the user: it may be a fifo or a device, whose input is waited for */
  bool maybe_link; /* in a directory: the name may lead to a file elsewhere */
};

/* The files of `sources` one by one. A file stands for itself, "-" for standard input, and a directory for its regular
 * files, recursively, entries sorted by their bytes. Inside a directory, links to directories are not followed (they
 * may form loops) and special files are skipped (a fifo would block). Of a Maildir (a directory with cur, new and tmp)
 * only cur, new and its folders count. Memory: the names in the directories being walked. */
struct intake_walk;
struct intake_walk *intake_walk_new(const char *const *sources, unsigned count);
void intake_walk_free(struct intake_walk *w);
/* 1 and a file, whose path is for the caller to free; 0 at the end; or ERR_IO: `e` names what could not be opened, and
 * the next call goes on behind it. One thread at a time: callers that share it use a lock of their own. */
int intake_walk_next(struct intake_walk *w, struct intake_file *ret, struct err *e);
/* How many files a walk over the same sources yields, and their bytes, for progress. What cannot be read counts as 0.
 */
void intake_walk_measure(const char *const *sources, unsigned count, uint64_t *ret_files, uint64_t *ret_bytes);

/* --- what is in a file -------------------------------------------------------------------------------------------- */

/* A document found inside a file. */
struct intake_document {
  /* clang-format off */
  /* Where it was found, from the outside in, joined by ": ":
   *   the file                  dir/a.zip
   *   an entry of an archive    sub/r.xml.gz
   *   a mail of an mbox         message 12 <id@example.net>   counted from 1; its Message-ID, if it has one
   *   any other mail            <id@example.net>              nothing if it has no Message-ID
   *   a part of a mail          part 2.1 "r.xml.gz"           numbered as in IMAP (RFC 3501 6.4.5); its name, if any
   *   outside of the parts      text                          before the first or after the last one
   * gzip, zlib and encodings add nothing. In Message-IDs and names of parts, control characters become '?' and quotes
   * '\'', and what is longer than 200 or 255 bytes ends with "..."; names of files and entries are left as they are. */
  /* clang-format on */
  const char *origin;
  /* The innermost name of a file, part or entry, without folders: it may name the submitter ("a!b!1!2.xml"). */
  const char *name;
  /* The name, without folders, of the archive it is in; NULL: it is in none. */
  const char *container;
  /* What it is, by its first bytes; REPORT_NONE if it is no document. */
  enum report_kind kind;
  /* What is known of the sender of the mail that brought it; NULL: no mail did, or no server is trusted. A mail within
   * a mail says nothing of this: anybody may have written its fields. */
  const struct carriage *carriage;
  /* The charset that the mail declares for this part, as written there; NULL: none. */
  const char *charset;
  /* What is limited together: each outermost mail has a number of its own, and so has each file, for what is in no
   * mail. None is used again. */
  uint64_t unit;
  const uint64_t *unit_bytes; /* so many were read of it so far, or its size; valid as long as it is at hand */
  bool in_mail;
};

struct intake_events {
  /* A document. As much of `in` is read as the callee wants; the rest is skipped. Returns 0 to go on, or a negative
   * code to end the file. `in` reports damage of the containers (bad CRC, truncation, limits) as read errors after the
   * last good byte, so only who reads to the end learns of it. Strings and stream are valid until the event returns. */
  int (*document)(void *user, const struct intake_document *document, struct byte_stream *in);
  /* Something that holds no document. `code` is ERR_NO_REPORT (an empty file, a picture, a folder's .DS_Store),
   * ERR_FORMAT (a broken container), ERR_LIMIT or ERR_IO; `e` says why. Returns the same. Signatures, pictures and the
   * like in a mail have no event of their own: a mail without any document has one, with ERR_NO_REPORT. */
  int (*nothing)(void *user, const struct intake_document *document, int code, const struct err *e);
  void *user;
};

/* What it takes to take files apart (buffers, inflate states), kept from one file to the next. One a thread. */
struct intake;
struct intake *intake_new(const struct intake_limits *limits); /* copies the limits */
void intake_free(struct intake *i);                            /* accepts NULL */
/* Once `interrupted` is true, a wait for input (from a fifo, a terminal) ends with ERR_INTERRUPTED within a fraction of
 * a second. NULL: it waits for ever. */
void intake_watch(struct intake *i, const volatile sig_atomic_t *interrupted);

/* Whose Authentication-Results count from now on (RFC 8601): the names by which mail servers sign them, in any case.
 * The list must outlive `i`. NULL or empty: nobody's, and no field is looked at. */
void intake_trust(struct intake *i, const struct text_list *authservs);

/* What is taken apart, as one process gives it to another. */
struct intake_input {
  const char *origin; /* begins the origin of all that is in it: the path of a file */
  const char *name;   /* its innermost name, or "" */
  int fd;             /* open where it begins; -1: it is in `memory` */
  const void *memory;
  uint64_t size_bytes; /* of the memory; of a regular file; 0: not known */
  bool is_mail;        /* of a server: intake_open_stream, else a file */
};
/* Opens a file: 0 with `ret`, whose texts are those of `file` and whose descriptor is for intake_input_close; or
 * ERR_IO. Of a fifo the first byte is waited for, unless `interrupted` (which may be NULL) is true: ERR_INTERRUPTED. */
int intake_input_open(const struct intake_file *file, const volatile sig_atomic_t *interrupted,
                      struct intake_input *ret, struct err *e);
void intake_input_close(struct intake_input *in);
/* Takes it apart as intake_open_file and intake_open_stream do. */
int intake_open_input(struct intake *i, const struct intake_input *in, const struct intake_events *events);

/* Takes one file apart, recursively. 0, or the negative code an event returned. Everything else is reported by
 * events: each file has at least one. */
int intake_open_file(struct intake *i, const struct intake_file *file, const struct intake_events *events);
/* To be called from a document's event, for each further document in its stream: 1, or 0 where the file or mail holds
 * more than it may, and ERR_LIMIT with `e` where that is to be told. */
int intake_draw_document(struct intake *i, struct err *e);
/* How much of the file at hand has been read, from 0 to 1; 0 if its size is not known. For progress within a large
 * mbox. To be called from an event, by the thread that takes the file apart. */
double intake_share_read(const struct intake *i);
/* The same for a stream that is not a file (a mail from a server): `origin` takes the place of the path, `name` is the
 * innermost name or "". Both must be valid until this returns; `in` need not be read to its end. */
int intake_open_stream(struct intake *i, const char *origin, const char *name, struct byte_stream *in,
                       const struct intake_events *events);

#endif

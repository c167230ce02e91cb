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

/* What a hostile file may cost. */
struct intake_limits {
  uint64_t document_bytes; /* one document after decompression: 1 GiB */
  uint64_t file_bytes;     /* everything one file unpacks to: 16 GiB; ends bombs of many documents */
  uint32_t depth;          /* containers inside each other: 8; INTAKE_DEPTH_MOST at most */
  uint32_t entries; /* zip entries in one file (of an mbox: in one mail), those of zips in zips together: 10,000 */
  uint32_t
      documents; /* that one file may hold, and what is none but told: 1,000,000; each becomes a line of the ledger */
};
extern const struct intake_limits INTAKE_LIMITS_DEFAULT;

/* Whose Authentication-Results count (RFC 8601): what mail servers call themselves there, in any case. Microsoft 365
 * writes no name: INTAKE_TRUST_NAMELESS stands for that. */
#define INTAKE_TRUST_NAMELESS "none"
/* The most that may be asked for: each level takes buffers of some 100 KiB and a stack frame. */
#define INTAKE_DEPTH_MOST 64

/* --- which files -------------------------------------------------------------------------------------------------- */

struct intake_file {
  char *path;      /* owned by the holder; "-" is standard input */
  uint64_t number; /* 0, 1, 2, ... in the order of the walk */
  bool named;      /* named by the user: may be a fifo or a device, which is waited for */
};

/* The files of `sources` one by one: a file is itself; a directory its regular files, recursively, entries sorted by
 * their bytes; "-" standard input. Links to directories are not followed inside a directory (loops), special files
 * there are skipped (a fifo would wait for ever). In a
 * Maildir (a directory with cur, new and tmp) only what is in cur, new and its folders counts. Memory: the names in the
 * directories being walked. */
struct intake_walk;
struct intake_walk *intake_walk_new(const char *const *sources, unsigned count);
void intake_walk_free(struct intake_walk *w);
/* 1 and a file (path to free), 0 at the end, or ERR_IO: `e` names what could not be opened; the walk goes on with the
 * next call. One thread at a time: callers share it under their own lock. */
int intake_walk_next(struct intake_walk *w, struct intake_file *ret, struct err *e);
/* How many files a walk over the same sources yields, and their bytes: for progress. What it cannot see counts 0. */
void intake_walk_measure(const char *const *sources, unsigned count, uint64_t *ret_files, uint64_t *ret_bytes);

/* --- what is in a file -------------------------------------------------------------------------------------------- */

/* A document found inside a file. */
struct intake_document {
  /* Where it was found, from the outside in, joined by ": ":
   *   the file                  dir/a.zip
   *   an entry of a zip         sub/r.xml.gz
   *   a mail of an mbox         message 12 <id@example.net>      counted from 1; <...> where it has a Message-ID
   *   any other mail            <id@example.net>                 left out where it has none
   *   a part of a mail          part 2.1 "r.xml.gz"              IMAP's numbers (RFC 3501 6.4.5); the name if it has
   * one outside of the parts             text in front of the first or behind the last gzip, zlib and encodings add
   * nothing. In Message-IDs and names of parts control characters are '?', quotes are '\'' and what is behind 200 or
   * 255 bytes is "..."; names of files and entries are as they are. */
  const char *origin;
  /* The innermost file, part or entry name, without folders: may tell the submitter ("a!b!1!2.xml"). */
  const char *name;
  /* The name of the archive in which that lies, likewise; NULL: in none. */
  const char *container;
  /* What its first bytes say that it is; REPORT_NONE where it is no document. */
  enum report_kind kind;
  /* What the mail that brought it says of its sender; NULL: it is no mail's, or no server is trusted. A mail within a
   * mail says nothing: its fields are its sender's. */
  const struct carriage *carriage;
  /* The charset that the part of the mail names whose text it is, as it stands there; NULL: none. */
  const char *charset;
};

struct intake_events {
  /* A document; its content is read from `in` at will, the rest is skipped. Return 0 to go on, negative to end the
   * file. `in` reports damage of the containers (bad CRC, truncation, limits) as read errors, after the last good byte:
   * only a reader that goes to the end learns of it. Strings and stream are valid until the event returns. */
  int (*document)(void *user, const struct intake_document *document, struct byte_stream *in);
  /* Something that holds no document: `code` ERR_NO_REPORT (an empty file, a picture, a folder's .DS_Store),
   * ERR_FORMAT (broken container), ERR_LIMIT, ERR_IO; `e` says why. Same return values. Signatures, pictures and the
   * like in a mail have no event: a mail without any document has one event with ERR_NO_REPORT for the whole of it. */
  int (*nothing)(void *user, const struct intake_document *document, int code, const struct err *e);
  void *user;
};

/* What taking files apart needs (buffers, inflate states), kept from one file to the next: one for each thread. */
struct intake;
struct intake *intake_new(const struct intake_limits *limits); /* copies the limits */
void intake_free(struct intake *i);                            /* accepts NULL */
/* Once `interrupted` is true, waiting for input that does not come (a fifo, a terminal) ends with ERR_INTERRUPTED
 * within a fraction of a second. NULL: it waits for ever. */
void intake_watch(struct intake *i, const volatile sig_atomic_t *interrupted);

/* From now on these servers are trusted; the list must outlive `i`. NULL or empty: none is, and no field is looked at.
 */
void intake_trust(struct intake *i, const struct text_list *authservs);

/* Takes one file apart, recursively. 0, or the negative code an event returned. Everything else is reported by
 * events: each file has at least one. */
int intake_open_file(struct intake *i, const struct intake_file *file, const struct intake_events *events);
/* How much of the file being taken apart has been read, 0 to 1; 0 if its size is not known. For progress: an mbox is
 * one file. To be called by the thread that takes it apart, from within an event. */
double intake_share_read(const struct intake *i);
/* The same for a stream that is not a file (a mail from a server): `origin` takes the place of the path, `name` is the
 * innermost name or "". Both must be valid until this returns; `in` need not be read to its end. */
int intake_open_stream(struct intake *i, const char *origin, const char *name, struct byte_stream *in,
                       const struct intake_events *events);

#endif

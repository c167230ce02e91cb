/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a file apart, container by container, until what is left is a document or nothing of use. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "intake/recognise.h"
#include "intake/spool.h"
#include "intake/take.h"
#include "intake/unpacker.h"
#include "intake/zip_archive.h"
#include "intake/zip_salvage.h"

const struct intake_limits INTAKE_LIMITS_DEFAULT = {.depth = 8, .entries = 10000};

/* What holds where the user did not say. */
struct standard {
  const char *word, *unpacks_to;
  uint64_t document_bytes, file_bytes, free_bytes;
  unsigned times;
  uint32_t documents;
};
static const struct standard OF_FILE = {.word = "file",
                                        .unpacks_to = "the file unpacks to",
                                        .document_bytes = UINT64_C(1) << 30,
                                        .file_bytes = UINT64_C(16) << 30,
                                        .free_bytes = INTAKE_FILE_FREE_BYTES,
                                        .times = INTAKE_FILE_TIMES,
                                        .documents = 1000000};
static const struct standard OF_MAIL = {.word = "mail",
                                        .unpacks_to = "the mail unpacks to",
                                        .document_bytes = UINT64_C(512) << 20,
                                        .file_bytes = UINT64_C(1) << 30,
                                        .free_bytes = INTAKE_MAIL_FREE_BYTES,
                                        .times = INTAKE_MAIL_TIMES,
                                        .documents = 1000};

struct intake *intake_new(const struct intake_limits *limits) {
  struct intake *i = mem_zalloc(sizeof *i);
  i->limits = *limits;
  if (i->limits.depth > INTAKE_DEPTH_MOST) i->limits.depth = INTAKE_DEPTH_MOST;
  return i;
}

void intake_free(struct intake *i) {
  if (!i) return;
  for (size_t depth = 0; depth < ARRAY_SIZE(i->levels) && i->levels[depth]; depth++) {
    mime_decoder_free(i->levels[depth]->decoder);
    inflater_clear(&i->levels[depth]->inflater);
    peekable_clear(&i->levels[depth]->peekable);
    free(i->levels[depth]);
  }
  strbuf_clear(&i->origin);
  free(i);
}

void intake_watch(struct intake *i, const volatile sig_atomic_t *interrupted) { i->interrupted = interrupted; }

void intake_trust(struct intake *i, const struct text_list *authservs) {
  i->trusted = authservs && authservs->count ? authservs : NULL;
}

struct level *level_at(struct intake *i, uint32_t depth) {
  if (i->levels[depth]) return i->levels[depth];
  struct level *level = mem_zalloc(sizeof *level);
  peekable_init(&level->peekable);
  inflater_init(&level->inflater);
  return i->levels[depth] = level;
}

static int tell(struct intake *i, const char *name, int code, const struct err *e) {
  if (i->mail) i->mail->told = true;
  struct intake_document document = {.origin = strbuf_text(&i->origin), .name = name};
  return i->events->nothing(i->events->user, &document, code, e);
}

/* Exactly as many as are allowed are allowed: one more decides. */
static bool draw_document(struct intake *i) {
  for (struct budget *b = i->budget; b; b = b->within)
    if (!b->documents_left) {
      b->too_many = true;
      return false;
    }
  for (struct budget *b = i->budget; b; b = b->within) b->documents_left--;
  return true;
}

static struct budget *too_many_of(const struct intake *i) {
  struct budget *b = i->budget;
  while (b && !b->too_many) b = b->within;
  return b;
}

static struct budget *unpacked_too_much(const struct intake *i) {
  struct budget *b = i->budget;
  while (b && !b->unpacked.exceeded) b = b->within;
  return b;
}

static const char *word_for(const struct intake *i, const struct budget *b) {
  return b->within || i->is_mail ? OF_MAIL.word : OF_FILE.word;
}

/* Told once, where the first one lies that is left out. */
int intake_draw_document(struct intake *i, struct err *e) {
  if (draw_document(i)) return 1;
  struct budget *b = too_many_of(i);
  if (b->told_rest) return 0;
  b->told_rest = true;
  return err_set(e, ERR_LIMIT,
                 "this and what follows is left out: the %s holds more than %u documents (see --max-documents)",
                 word_for(i, b), b->documents_most);
}

bool is_spent(const struct intake *i) { return unpacked_too_much(i) || too_many_of(i); }

int tell_nothing(struct intake *i, const char *name, int code, const struct err *e) {
  if (i->mail && code == ERR_NO_REPORT) {
    mail_scope_note(i, e);
    return 0;
  }
  struct err refusal;
  int drawn = intake_draw_document(i, &refusal);
  return drawn > 0 ? tell(i, name, code, e) : drawn < 0 ? tell(i, name, drawn, &refusal) : 0;
}

int tell_document(struct intake *i, const char *name, enum report_kind kind, struct byte_stream *in) {
  struct err refusal;
  int drawn = intake_draw_document(i, &refusal);
  if (drawn <= 0) return drawn < 0 ? tell(i, name, drawn, &refusal) : 0;
  if (i->mail) i->mail->told = true;
  struct intake_document document = {.origin = strbuf_text(&i->origin),
                                     .name = name,
                                     .container = i->container,
                                     .kind = kind,
                                     .carriage = i->mail ? &i->mail->carriage : NULL,
                                     .charset = i->charset,
                                     .unit = i->budget->unit,
                                     .unit_bytes = i->budget->unpacked.in_bytes,
                                     .in_mail = i->mail || i->is_mail};
  struct allowance size = {.most = i->budget->document_bytes,
                           .left = i->budget->document_bytes,
                           .what = "the document has",
                           .option = "--max-document-size"};
  struct limited_stream limited;
  limited_stream_init(&limited, in, &size);
  return i->events->document(i->events->user, &document, &limited.stream);
}

void cut_origin(struct intake *i, size_t length) {
  i->origin.length = length;
  i->origin.data[length] = '\0';
}

static const char *last_component(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* Some archivers of Windows write backslashes (against APPNOTE.TXT 4.4.17.1). */
const char *last_component_of_entry(const char *name) {
  const char *component = last_component(name), *backslash = strrchr(component, '\\');
  return backslash ? backslash + 1 : component;
}

static int take_apart(struct intake *i, uint32_t depth, const char *name, struct byte_stream *in);

int take_unpacked(struct intake *i, uint32_t depth, const char *name, struct byte_stream *in) {
  struct limited_stream limited;
  limited_stream_init(&limited, in, &i->budget->unpacked);
  const char *charset = i->charset; /* of what was packed it says nothing */
  i->charset = NULL;
  int code = take_apart(i, depth + 1, name, &limited.stream);
  i->charset = charset;
  return code;
}

/* Out of an archive, which has a name of its own. */
static int take_member(struct intake *i, uint32_t depth, const char *archive, const char *name,
                       struct byte_stream *in) {
  const char *container = i->container;
  i->container = archive;
  int code = take_unpacked(i, depth, name, in);
  i->container = container;
  return code;
}

static int take_compressed(struct intake *i, uint32_t depth, const char *name, enum inflater_format format) {
  struct level *level = i->levels[depth];
  struct err e;
  int code = inflater_start(&level->inflater, &level->peekable, format, &e);
  if (code < 0) return tell_nothing(i, name, code, &e);
  return take_unpacked(i, depth, name, &level->inflater.stream);
}

static int take_entry(struct intake *i, uint32_t depth, const char *archive_name, zip_t *archive, uint32_t index) {
  const char *name = last_component_of_entry(archive_entry_name(archive, index));
  struct entry_stream entry;
  struct err e;
  int code = entry_stream_open(&entry, archive, index, &e);
  if (code < 0) return tell_nothing(i, name, code, &e);
  code = take_member(i, depth, archive_name, name, &entry.stream);
  entry_stream_close(&entry);
  return code;
}

int tell_too_deep(struct intake *i, const char *name) {
  struct err e;
  err_set(&e, ERR_LIMIT, "containers in each other, more than %u deep (see --max-depth)", i->limits.depth);
  return tell_nothing(i, name, ERR_LIMIT, &e);
}

int tell_rest(struct intake *i, const char *name, const char *what) {
  struct budget *b = unpacked_too_much(i);
  if (!b) b = too_many_of(i);
  if (b->told_rest) return 0;
  b->told_rest = true;
  struct err e;
  allowance_refuse(&b->unpacked, &e);
  return tell(i, name, err_prefix(&e, ERR_LIMIT, "%s are left out", what), &e);
}

static int tell_no_entries(struct intake *i, const char *name, const char *word) {
  struct err e;
  return tell_nothing(i, name, err_set(&e, ERR_NO_REPORT, "a %s archive without entries", word), &e);
}

static int take_entries(struct intake *i, uint32_t depth, const char *name, zip_t *archive) {
  uint32_t count = archive_count(archive);
  size_t origin_length = i->origin.length;
  bool empty = true;
  for (uint32_t index = 0; index < count; index++) {
    if (archive_entry_is_folder(archive, index)) continue;
    if (is_spent(i)) return tell_rest(i, name, "zip: the remaining entries");
    empty = false;
    strbuf_printf(&i->origin, ": %s", archive_entry_name(archive, index));
    int code = take_entry(i, depth, name, archive, index);
    cut_origin(i, origin_length);
    if (code < 0) return code;
  }
  return empty ? tell_no_entries(i, name, "zip") : 0;
}

/* --- archives ----------------------------------------------------------------------------------------------------- */

/* A large file lies on disk already; all else has to be kept where its reader can seek. */
static int spool_archive(struct intake *i, uint32_t depth, const char *word, struct spool *spool, struct err *e) {
  if (depth == 0 && i->file && i->file->size_bytes > SPOOL_MEMORY_BYTES) {
    spool_borrow(spool, i->file->fd, i->file->size_bytes);
    return 0;
  }
  _cleanup_free_ char *what = mem_printf("the %s archive has", word);
  struct allowance size = {.most = i->budget->document_bytes,
                           .left = i->budget->document_bytes,
                           .what = what,
                           .option = "--max-document-size"};
  struct limited_stream limited;
  limited_stream_init(&limited, &i->levels[depth]->peekable.stream, &size);
  return spool_fill(spool, &limited.stream, e);
}

static int refuse_more_entries(struct intake *i, const char *name, const char *word) {
  struct err e;
  return tell_nothing(
      i, name, err_set(&e, ERR_LIMIT, "%s: more than %u entries (see --max-entries)", word, i->limits.entries), &e);
}

/* Each entry of what libarchive reads: how many there were, and how the archive ended. */
struct unpacked {
  uint64_t entries;
  int end; /* 0, or a code and why */
  struct err why;
};

static int take_unpackables(struct intake *i, uint32_t depth, const char *name, struct unpacker *u,
                            struct unpacked *ret) {
  const char *word = unpacker_word(u->kind), *entry;
  bool nameless = unpacker_is_nameless(u->kind);
  size_t origin_length = i->origin.length;
  *ret = (struct unpacked){.entries = 0};
  while ((ret->end = unpacker_next(u, &entry, &ret->why)) > 0) {
    ret->entries++;
    if (is_spent(i)) return tell_rest(i, name, "the remaining entries");
    if (!i->entries_left) return refuse_more_entries(i, name, word);
    i->entries_left--;
    if (!nameless) strbuf_printf(&i->origin, ": %s", entry);
    _cleanup_free_ char *kept = mem_strdup(last_component_of_entry(entry)); /* libarchive may look ahead */
    int code = nameless ? take_unpacked(i, depth, name, &u->stream) : take_member(i, depth, name, kept, &u->stream);
    cut_origin(i, origin_length);
    if (code < 0) return code;
  }
  return 0;
}

static int take_unpackable(struct intake *i, uint32_t depth, const char *name, enum content_kind kind) {
  _cleanup_spool_ struct spool spool = SPOOL_INIT;
  _cleanup_unpacker_ struct unpacker u = {.archive = NULL};
  struct unpacked all;
  struct err e;
  bool spools = unpacker_needs_spool(kind);
  int code = spools ? spool_archive(i, depth, unpacker_word(kind), &spool, &e) : 0;
  if (!code)
    code = spools ? unpacker_open_spool(&u, kind, &spool, &e)
                  : unpacker_open_stream(&u, kind, &i->levels[depth]->peekable.stream, &e);
  if (code < 0) return tell_nothing(i, name, code, &e);
  code = take_unpackables(i, depth, name, &u, &all);
  if (code < 0) return code;
  if (all.end < 0) return tell_nothing(i, name, all.end, &all.why);
  return all.entries ? 0 : tell_no_entries(i, name, unpacker_word(kind));
}

/* A zip whose directory is lost or wrong: what its entries themselves say of them. 1 where they said something, 0 where
 * nothing, or what an event returned. */
static int salvage_zip(struct intake *i, uint32_t depth, const char *name, const struct spool *spool) {
  struct level *level = i->levels[depth];
  struct zip_salvage salvage;
  zip_salvage_start(&salvage, spool, &level->peekable, &level->inflater);
  const char *entry;
  size_t origin_length = i->origin.length;
  bool any = false;
  while (zip_salvage_next(&salvage, &entry)) {
    any = true;
    if (is_spent(i)) return tell_rest(i, name, "zip: the remaining entries");
    if (!i->entries_left) return refuse_more_entries(i, name, "zip");
    i->entries_left--;
    strbuf_printf(&i->origin, ": %s", entry);
    int code = take_member(i, depth, name, last_component_of_entry(entry), &salvage.stream);
    cut_origin(i, origin_length);
    if (code < 0) return code;
  }
  return any;
}

/* Where something stands in front of a zip, its directory may have been written with that in mind or without. */
static int open_zip(const struct spool *spool, struct spool *zip, uint32_t entries_most, zip_t **ret, struct err *e) {
  int code = archive_open(zip, entries_most, ret, e);
  struct err unused;
  if (code == ERR_FORMAT && zip->begin != spool->begin && !archive_open(spool, entries_most, ret, &unused)) return 0;
  return code;
}

static int take_archive(struct intake *i, uint32_t depth, const char *name, size_t at) {
  _cleanup_spool_ struct spool spool = SPOOL_INIT;
  _cleanup_archive_ zip_t *archive = NULL;
  struct err e;
  int code = spool_archive(i, depth, "zip", &spool, &e);
  struct spool zip = spool_behind(&spool, at);
  if (code == 0) code = open_zip(&spool, &zip, i->entries_left, &archive, &e);
  int salvaged = code == ERR_FORMAT ? salvage_zip(i, depth, name, &zip) : 0;
  if (salvaged) return salvaged < 0 ? salvaged : 0;
  if (code < 0) return tell_nothing(i, name, code, &e);
  if (archive_is_office_document(archive))
    return tell_nothing(i, name, err_set(&e, ERR_NO_REPORT, "an office document"), &e);
  i->entries_left -= archive_count(archive);
  return take_entries(i, depth, name, archive);
}

static bool is_container(enum content_kind kind) { return kind > CONTENT_DOCUMENT; }

struct content look_at(struct intake *i, uint32_t depth, struct byte_stream *in) {
  struct peekable *p = &level_at(i, depth)->peekable;
  peekable_start(p, in);
  const unsigned char *bytes;
  size_t size = peekable_peek(p, RECOGNISE_BYTES, &bytes);
  return recognise(bytes, size, size < RECOGNISE_BYTES);
}

/* A report may stand behind more text than is looked at: so far it is searched for, to be told as left out. */
#define REPORT_SEARCHED_BYTES (64 * 1024)

static bool holds_report_further_on(struct peekable *p) {
  static const char ROOT[] = "<feedback";
  const unsigned char *unused_bytes;
  if (peekable_peek(p, RECOGNISE_BYTES, &unused_bytes) < RECOGNISE_BYTES) return false;
  peekable_skip(p, RECOGNISE_BYTES - (sizeof ROOT - 1));
  _cleanup_free_ char *text = mem_alloc(REPORT_SEARCHED_BYTES);
  size_t size = 0;
  struct err unused;
  ssize_t n = 1;
  for (; n > 0 && size<REPORT_SEARCHED_BYTES; size += n> 0 ? (size_t)n : 0)
    n = p->stream.read(&p->stream, text + size, REPORT_SEARCHED_BYTES - size, &unused);
  return memmem(text, size, ROOT, sizeof ROOT - 1);
}

static bool is_named_msg(const char *name) {
  size_t length = strlen(name);
  return length >= 4 && ascii_same(name + length - 4, ".msg");
}

/* Damage explains it better than what little could be read. */
static int tell_unknown(struct intake *i, const char *name, struct peekable *p, const char *what) {
  struct err e;
  if (p->outcome.state < 0) return tell_nothing(i, name, p->outcome.state, &p->outcome.err);
  int code = holds_report_further_on(p)
                 ? err_set(&e, ERR_LIMIT, "more than %d bytes of text in front of the XML", RECOGNISE_BYTES - 1)
                 : err_set(&e, ERR_NO_REPORT, "%s", what);
  return tell_nothing(i, name, code, &e);
}

int take_content(struct intake *i, uint32_t depth, const char *name, struct content content) {
  struct peekable *p = &level_at(i, depth)->peekable;
  struct err e;
  if (is_container(content.kind) && depth >= i->limits.depth) return tell_too_deep(i, name);
  switch (content.kind) {
    case CONTENT_DOCUMENT:
      return tell_document(i, name, content.report, &p->stream);
    case CONTENT_GZIP:
      return take_compressed(i, depth, name, INFLATER_GZIP);
    case CONTENT_ZLIB:
      return take_compressed(i, depth, name, INFLATER_ZLIB);
    case CONTENT_ZIP:
      return take_archive(i, depth, name, content.at);
    case CONTENT_TAR:
    case CONTENT_CAB:
    case CONTENT_7Z:
    case CONTENT_BZIP2:
    case CONTENT_XZ:
    case CONTENT_ZSTD:
      return take_unpackable(i, depth, name, content.kind);
    case CONTENT_MAIL:
    case CONTENT_BODY:
      return take_mail(i, depth, name);
    case CONTENT_MBOX:
      return take_mbox(i, depth, name, MBOX_FROM);
    case CONTENT_MMDF:
      return take_mbox(i, depth, name, MBOX_MMDF);
    case CONTENT_BABYL:
      return take_mbox(i, depth, name, MBOX_BABYL);
    case CONTENT_EMLX:
      return take_emlx(i, depth, name);
    case CONTENT_UTF16_MAIL:
      return take_utf16_mail(i, depth, name);
    case CONTENT_TNEF:
      return take_tnef(i, depth, name);
    case CONTENT_CMS:
      return take_cms(i, depth, name);
    case CONTENT_UNKNOWN:
      return tell_unknown(i, name, p, content.what);
    case CONTENT_OLE:
      if (!is_named_msg(name)) break;
      return tell_nothing(i, name, err_set(&e, ERR_FORMAT, "%s", RECOGNISE_OUTLOOK_MAIL), &e);
    case CONTENT_CLOSED:
      return tell_nothing(i, name, err_set(&e, ERR_FORMAT, "%s", content.what), &e);
    case CONTENT_OTHER:
      break;
  }
  return tell_nothing(i, name, err_set(&e, ERR_NO_REPORT, "%s", content.what), &e);
}

static int take_apart(struct intake *i, uint32_t depth, const char *name, struct byte_stream *in) {
  return take_content(i, depth, name, look_at(i, depth, in));
}

static int check_type(const volatile sig_atomic_t *interrupted, int fd, const struct stat *st, bool named,
                      struct err *e) {
  if (S_ISREG(st->st_mode)) return 0;
  if (S_ISDIR(st->st_mode)) return err_set(e, ERR_IO, "is a directory");
  if (!named || !(S_ISFIFO(st->st_mode) || S_ISCHR(st->st_mode)))
    return err_set(e, ERR_IO, "is neither a file nor a directory");
  /* Opened without waiting, a fifo seems to be at its end until a writer comes. */
  return S_ISFIFO(st->st_mode) ? await_input(fd, interrupted, e) : 0;
}

/* Opened without waiting and judged when open: what is a file now was perhaps a fifo when it was listed. */
static int open_path(const struct intake_file *file, const volatile sig_atomic_t *interrupted, uint64_t *ret_size_bytes,
                     struct err *e) {
  _cleanup_close_ int fd = open(file->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct stat st;
  if (fd < 0 || fstat(fd, &st) < 0) return err_set_errno(e, ERR_IO, "cannot open");
  int code = check_type(interrupted, fd, &st, file->named, e);
  if (code < 0) return code;
  *ret_size_bytes = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
  int opened = fd;
  fd = -1;
  return opened;
}

/* Unless the user says how much it may unpack to, what is small may not become large: real reports have a thirtieth of
 * their size when they are packed, a hundredth at best. */
void budget_begin(struct intake *i, struct budget *b, bool is_mail, const uint64_t *in_bytes) {
  const struct standard *standard = is_mail ? &OF_MAIL : &OF_FILE;
  const struct intake_limits *l = &i->limits;
  const uint64_t most = l->file_bytes ? l->file_bytes : standard->file_bytes;
  *b = (struct budget){.within = i->budget,
                       .unpacked = {.within = i->budget ? &i->budget->unpacked : NULL,
                                    .most = most,
                                    .left = most,
                                    .times = l->file_bytes ? 0 : standard->times,
                                    .free_bytes = standard->free_bytes,
                                    .in_bytes = in_bytes,
                                    .what = standard->unpacks_to,
                                    .option = "--max-file-size"},
                       .document_bytes = l->document_bytes ? l->document_bytes : standard->document_bytes,
                       .documents_most = l->documents ? l->documents : standard->documents,
                       .unit = ++i->units};
  b->documents_left = b->documents_most;
  i->budget = b;
}

/* What one file may cost begins anew. */
static void begin_file(struct intake *i, const char *origin, const struct intake_events *events, bool is_mail,
                       const uint64_t *in_bytes) {
  i->events = events;
  strbuf_reset(&i->origin);
  strbuf_add_text(&i->origin, origin);
  i->is_mail = is_mail;
  i->budget = NULL;
  budget_begin(i, &i->of_file, is_mail, in_bytes);
  i->mail = NULL;
  i->container = NULL;
  i->entries_left = i->limits.entries;
  i->file = NULL;
}

double intake_share_read(const struct intake *i) {
  if (!i->file || !i->file->size_bytes) return 0;
  double share = (double)i->file->at / (double)i->file->size_bytes;
  return share < 1 ? share : 1; /* it may grow while it is read */
}

int intake_open_stream(struct intake *i, const char *origin, const char *name, struct byte_stream *in,
                       const struct intake_events *events) {
  struct counted_stream counted;
  counted_stream_init(&counted, in);
  begin_file(i, origin, events, true, &counted.bytes);
  return take_apart(i, 0, name, &counted.stream);
}

int intake_input_open(const struct intake_file *file, const volatile sig_atomic_t *interrupted,
                      struct intake_input *ret, struct err *e) {
  bool standard_input = !strcmp(file->path, "-");
  uint64_t size_bytes = 0;
  int fd = standard_input ? STDIN_FILENO : open_path(file, interrupted, &size_bytes, e);
  if (fd < 0) return fd;
  *ret = (struct intake_input){
      .origin = file->path, .name = last_component(file->path), .fd = fd, .size_bytes = size_bytes};
  return 0;
}

void intake_input_close(struct intake_input *in) {
  if (in->fd > STDIN_FILENO) close(in->fd);
  in->fd = -1;
}

/* Its bytes as a stream: the one of the two that fits. */
struct input_stream {
  struct memory_stream memory;
  struct file_stream file;
};

static struct byte_stream *start_input(const struct intake *i, const struct intake_input *in, struct input_stream *s) {
  if (in->fd < 0) {
    memory_stream_init(&s->memory, in->memory, (size_t)in->size_bytes, 0);
    return &s->memory.stream;
  }
  file_stream_init(&s->file, in->fd, in->size_bytes, i->interrupted);
  return &s->file.stream;
}

int intake_open_input(struct intake *i, const struct intake_input *in, const struct intake_events *events) {
  struct input_stream s;
  struct byte_stream *stream = start_input(i, in, &s);
  if (in->is_mail || in->fd < 0) return intake_open_stream(i, in->origin, in->name, stream, events);
  begin_file(i, in->origin, events, false, in->size_bytes ? &s.file.size_bytes : &s.file.at);
  i->file = &s.file;
  int code = take_apart(i, 0, in->name, stream);
  i->file = NULL;
  return code;
}

int intake_open_file(struct intake *i, const struct intake_file *file, const struct intake_events *events) {
  struct intake_input in;
  struct err e;
  uint64_t nothing = 0;
  int code = intake_input_open(file, i->interrupted, &in, &e);
  if (code < 0) {
    begin_file(i, file->path, events, false, &nothing);
    return tell_nothing(i, last_component(file->path), code, &e);
  }
  code = intake_open_input(i, &in, events);
  intake_input_close(&in);
  return code;
}

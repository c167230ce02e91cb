/* SPDX-License-Identifier: Apache-2.0 */
/* The side of the socket that has the database, and trusts nothing that comes out of it. */
#include "import/apart.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/nameless.h"
#include "base/passing.h"
#include "import/wire.h"
#include "import/worker.h"

#define FRAME_MOST (32U << 20) /* a parcel, and one record or header as long as any --max-text makes it */
#define AHEAD_BYTES 16384
#define FRAMES_BETWEEN_LOOKS 64 /* a worker that answers without end is looked at all the same */
/* An import comes to some 60 MiB of XML a second: machines that are much slower have time enough. */
#define SECONDS_FREE 60
#define BYTES_A_SECOND (4U << 20)
#define FILE_BYTES_MOST (UINT64_C(1) << 34) /* where nobody says: intake.h */
#define DOCUMENT_BYTES_MOST (UINT64_C(1) << 30)
#define SECONDS_OF_SILENCE 600 /* without an answer, and without using the processor */

struct apart {
  const struct pipeline_options *options;
  struct nursery_worker worker;
  struct strbuf out;
  char ahead[AHEAD_BYTES]; /* of its answers, received and not read */
  size_t ahead_at, ahead_size;
  /* of the input at hand */
  const struct apart_taker *taker;
  bool is_file; /* whose bytes are there: none has to be waited for */
  double seconds_most, seconds_before, seconds_seen, seen_at;
  bool document_open;
  char why[ERR_TEXT_BYTES]; /* what the worker did, where it was not its end; "" */
};

struct apart *apart_new(const struct pipeline_options *options) {
  struct apart *a = mem_zalloc(sizeof *a);
  a->options = options;
  a->worker.fd = -1;
  return a;
}

void apart_free(struct apart *a) {
  if (!a) return;
  nursery_end(a->options->nursery, &a->worker, NULL);
  strbuf_clear(&a->out);
  free(a);
}

/* --- what it may take --------------------------------------------------------------------------------------------- */

double apart_seconds(const struct intake_limits *limits, const struct intake_input *in) {
  uint64_t bytes = limits->file_bytes ? limits->file_bytes : FILE_BYTES_MOST;
  uint64_t in_proportion = in->size_bytes * INTAKE_FILE_TIMES;
  if (in_proportion < INTAKE_FILE_FREE_BYTES) in_proportion = INTAKE_FILE_FREE_BYTES;
  if (in->size_bytes && in_proportion < bytes && !limits->file_bytes) bytes = in_proportion;
  return SECONDS_FREE + (double)bytes / BYTES_A_SECOND;
}

/* What docs/limits.md adds up to, and a gigabyte for the libraries: their windows are as large as a stranger says. */
static struct nursery_limits limits_of(const struct pipeline_options *o) {
  uint64_t document = o->intake.document_bytes ? o->intake.document_bytes : DOCUMENT_BYTES_MOST;
  uint64_t directory = (uint64_t)o->intake.entries * 2048, levels = (uint64_t)o->intake.depth << 21;
  return (struct nursery_limits){
      .memory_bytes = (UINT64_C(1) << 30) + directory + levels + o->parser.text_bytes * 64ULL,
      .file_bytes = document + (1 << 20)};
}

static int fail(struct apart *a, const char *why) {
  snprintf(a->why, sizeof a->why, "%s", why);
  return ERR_LIMIT;
}

/* Nothing has come for a while, or much without an end. */
static int look(struct apart *a) {
  int code = a->taker->should_stop(a->taker->user);
  double used = nursery_seconds(&a->worker), now = clock_now_s();
  if (code < 0) return code;
  if (used - a->seconds_before > a->seconds_most) {
    snprintf(a->why, sizeof a->why, "took more than %.0f seconds of the processor", a->seconds_most);
    return ERR_LIMIT;
  }
  if (used > a->seconds_seen || !a->is_file) a->seen_at = now;
  a->seconds_seen = used;
  return now - a->seen_at > SECONDS_OF_SILENCE ? fail(a, "did not go on") : 0;
}

/* --- the socket --------------------------------------------------------------------------------------------------- */

/* What there is, up to `size`: 0; ERR_FORMAT where the worker is gone; what should_stop says; or ERR_LIMIT. A receive
 * ends when nothing came for a moment (nursery.c). */
static int receive_some(struct apart *a, void *bytes, size_t size, size_t *ret_size) {
  for (;;) {
    ssize_t n = recv(a->worker.fd, bytes, size, 0);
    *ret_size = n > 0 ? (size_t)n : 0;
    if (n > 0) return 0;
    if (n == 0 || (errno != EAGAIN && errno != EINTR)) return ERR_FORMAT;
    int code = look(a);
    if (code < 0) return code;
  }
}

/* A call for each small answer: it comes whole, so that its length and it are read at once. */
static int receive(struct apart *a, void *bytes, size_t size) {
  for (char *at = bytes; size;) {
    size_t n = a->ahead_size - a->ahead_at;
    int code = 0;
    if (n) {
      n = n < size ? n : size;
      memcpy(at, a->ahead + a->ahead_at, n);
      a->ahead_at += n;
    } else if (size >= sizeof a->ahead) {
      code = receive_some(a, at, size, &n);
    } else {
      a->ahead_at = 0;
      code = receive_some(a, a->ahead, sizeof a->ahead, &a->ahead_size);
    }
    if (code < 0) return code;
    at += n;
    size -= n;
  }
  return 0;
}

static bool send_setup(struct apart *a) {
  const struct pipeline_options *o = a->options;
  struct worker_setup setup = {.intake = o->intake, .parser = o->parser, .limits = o->limits};
  strbuf_reset(&a->out);
  strbuf_add(&a->out, (const char *)&setup, sizeof setup);
  for (unsigned i = 0; o->trusted && i < o->trusted->count; i++)
    strbuf_add(&a->out, o->trusted->items[i], strlen(o->trusted->items[i]) + 1);
  setup.trusted_bytes = (uint32_t)(a->out.length - sizeof setup);
  memcpy(a->out.data, &setup, sizeof setup);
  return passing_send(a->worker.fd, a->out.data, a->out.length, NULL, 0);
}

static void add_input(struct apart *a, const struct intake_input *in) {
  const struct worker_input w = {.size_bytes = in->size_bytes,
                                 .origin_bytes = (uint32_t)strlen(in->origin) + 1,
                                 .name_bytes = (uint32_t)strlen(in->name) + 1,
                                 .memory_bytes = in->fd < 0 ? (uint32_t)in->size_bytes : 0,
                                 .is_mail = in->is_mail,
                                 .has_fd = in->fd >= 0};
  strbuf_add(&a->out, (const char *)&w, sizeof w);
  strbuf_add(&a->out, in->origin, w.origin_bytes);
  strbuf_add(&a->out, in->name, w.name_bytes);
  if (w.memory_bytes) strbuf_add(&a->out, in->memory, w.memory_bytes);
}

static bool send_inputs(struct apart *a, const struct intake_input *in, unsigned count) {
  struct worker_batch batch = {.count = count};
  int fds[APART_INPUTS_MOST];
  unsigned fd_count = 0;
  strbuf_reset(&a->out);
  strbuf_add(&a->out, (const char *)&batch, sizeof batch);
  for (unsigned i = 0; i < count; i++) {
    add_input(a, &in[i]);
    if (in[i].fd >= 0) fds[fd_count++] = in[i].fd;
  }
  batch.bytes = (uint32_t)(a->out.length - sizeof batch);
  memcpy(a->out.data, &batch, sizeof batch);
  return passing_send(a->worker.fd, a->out.data, a->out.length, fds, fd_count);
}

/* The worker keeps what is larger than its memory in a file that we open: it could open none. */
static int give_file(struct apart *a) {
  struct err e;
  errno = 0;
  int fd = nameless_open(&e);
  const struct worker_file answer = {.error = fd < 0 ? (errno ? errno : EIO) : 0};
  bool sent = passing_send(a->worker.fd, &answer, sizeof answer, &fd, fd >= 0);
  if (fd >= 0) close(fd);
  return sent ? 0 : ERR_FORMAT;
}

/* --- parcels ------------------------------------------------------------------------------------------------------ */

/* A document begins where none is open, and the input ends where none is. */
static bool follows(struct apart *a, const struct parcel *p) {
  bool is_told = p->begins || p->ends || p->record_count;
  if (is_told && p->begins == a->document_open) return false;
  if (is_told) a->document_open = !p->ends;
  return !(p->file_ends && a->document_open);
}

/* 1 where it was the last one. */
static int take_parcel(struct apart *a, uint32_t size) {
  struct parcel *p = a->taker->fresh(a->taker->user);
  char *bytes = arena_alloc(p->arena, size);
  int code = receive(a, bytes, size);
  if (code < 0) return code;
  if (!wire_get(bytes, size, p->arena, p) || !follows(a, p))
    return fail(a, "answered with what no parser makes"), ERR_FORMAT;
  bool is_last = p->file_ends;
  p->file_ends = false;
  code = a->taker->deliver(a->taker->user, p);
  return code < 0 ? code : is_last;
}

static int take_frame(struct apart *a) {
  struct worker_frame frame;
  int code = receive(a, &frame, sizeof frame);
  if (code < 0) return code;
  if (frame.tag == WORKER_FILE && !frame.size) return give_file(a);
  if (frame.tag == WORKER_PARCEL && frame.size <= FRAME_MOST) return take_parcel(a, frame.size);
  return fail(a, "answered with what no parser makes"), ERR_FORMAT;
}

static int take_frames(struct apart *a) {
  int code = 0;
  for (unsigned count = 1; !code; count++) {
    code = take_frame(a);
    if (!code && count % FRAMES_BETWEEN_LOOKS == 0) code = look(a);
  }
  return code;
}

/* --- an input ----------------------------------------------------------------------------------------------------- */

static int begin(struct apart *a, struct err *e) {
  if (a->worker.fd >= 0) return 0;
  const struct nursery_limits limits = limits_of(a->options);
  int code = nursery_begin(a->options->nursery, a->options->sandbox, &limits, &a->worker, e);
  a->ahead_at = a->ahead_size = 0;
  if (!code) send_setup(a); /* one that is gone is found so with its first input */
  return code;
}

static void begin_input(struct apart *a, const struct intake_input *in) {
  a->document_open = false;
  a->why[0] = '\0';
  a->is_file = in->size_bytes > 0;
  a->seconds_most = a->options->input_seconds > 0 ? a->options->input_seconds : apart_seconds(&a->options->intake, in);
  a->seconds_before = a->seconds_seen = a->worker.fd >= 0 ? nursery_seconds(&a->worker) : 0;
  a->seen_at = clock_now_s();
}

/* The end of the document at hand, or a document that is nothing but this. */
static void tell_failure(struct apart *a, const struct intake_input *in, int code, const char *text) {
  struct parcel *p = a->taker->fresh(a->taker->user);
  p->begins = !a->document_open;
  p->ends = true;
  p->header_known = p->file_ends = false;
  p->kind = REPORT_NONE;
  p->record_count = 0;
  p->code = code;
  p->outcome = (struct parser_outcome){0};
  snprintf(p->text, sizeof p->text, "%s", text);
  p->origin = arena_strdup(p->arena, in->origin);
  a->taker->deliver(a->taker->user, p);
}

/* What has failed is not asked again. */
static void end_worker(struct apart *a, const struct intake_input *in, int code) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text, "the process that read it ");
  if (*a->why) strbuf_add_text(&text, a->why);
  if (!*a->why) strbuf_add_text(&text, "was ");
  nursery_end(a->options->nursery, &a->worker, *a->why ? NULL : &text);
  if (a->taker->should_stop(a->taker->user) == 0) tell_failure(a, in, code, text.data);
}

/* Up to the end of the inputs, or behind the one at which the worker ended: how many. */
static unsigned take_inputs(struct apart *a, const struct intake_input *in, unsigned first, unsigned count) {
  struct err e;
  int begun = begin(a, &e);
  bool is_sent = !begun && send_inputs(a, in + first, count - first);
  for (unsigned i = first; i < count; i++) {
    a->taker->begin(a->taker->user, i);
    begin_input(a, &in[i]);
    int code = is_sent ? take_frames(a) : ERR_FORMAT;
    if (begun < 0)
      tell_failure(a, &in[i], begun, e.text);
    else if (code < 0)
      end_worker(a, &in[i], code == ERR_LIMIT ? ERR_LIMIT : ERR_FORMAT);
    a->taker->end(a->taker->user, i);
    if (code < 0) return i + 1;
  }
  return count;
}

void apart_take(struct apart *a, const struct intake_input *in, unsigned count, const struct apart_taker *taker) {
  unsigned i = 0;
  a->taker = taker;
  while (i < count && taker->should_stop(taker->user) == 0) i = take_inputs(a, in, i, count);
  for (; i < count; i++) {
    taker->begin(taker->user, i);
    taker->end(taker->user, i);
  }
}

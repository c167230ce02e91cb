/* SPDX-License-Identifier: Apache-2.0 */
/* A pipeline of one thread whose inputs come out of the socket and whose parcels go into it. */
#include "import/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/charset.h"
#include "base/cleanup.h"
#include "base/nameless.h"
#include "base/passing.h"
#include "import/pipeline.h"
#include "import/wire.h"

#define FIRST_BYTES 16384 /* of the inputs, read at once: the names of files, a small mail */

struct served {
  struct pipeline_source source;
  int fd;
  struct strbuf out; /* a frame being made */
  char first[FIRST_BYTES];
  /* the inputs at hand: */
  char *batch;
  size_t at;     /* of the next one in it */
  unsigned left; /* so many are still to come */
  int fds[PASSING_MOST];
  unsigned next_fd;
  struct intake_input input;
};

/* --- inputs ------------------------------------------------------------------------------------------------------- */

static bool receive(int fd, void *bytes, size_t size, int *ret_fd) {
  int fds[PASSING_MOST];
  unsigned count;
  if (!passing_receive(fd, bytes, size, fds, &count)) return false;
  if (ret_fd) *ret_fd = count ? fds[0] : -1;
  return true;
}

/* False: nobody wants any more of us. */
static bool receive_batch(struct served *s) {
  struct worker_batch batch;
  size_t first_size;
  unsigned fd_count;
  if (!passing_receive_more(s->fd, &batch, sizeof batch, s->first, sizeof s->first, &first_size, s->fds, &fd_count))
    return false;
  s->batch = mem_alloc(batch.bytes);
  memcpy(s->batch, s->first, first_size);
  s->at = s->next_fd = 0;
  s->left = batch.count;
  return receive(s->fd, s->batch + first_size, batch.bytes - first_size, NULL);
}

/* It lies in the memory of its batch. */
static struct intake_input take_input(struct served *s) {
  struct worker_input w;
  memcpy(&w, s->batch + s->at, sizeof w);
  const char *texts = s->batch + s->at + sizeof w;
  s->at += sizeof w + w.origin_bytes + w.name_bytes + w.memory_bytes;
  s->left--;
  return (struct intake_input){.origin = texts,
                               .name = texts + w.origin_bytes,
                               .fd = w.has_fd ? s->fds[s->next_fd++] : -1,
                               .memory = texts + w.origin_bytes + w.name_bytes,
                               .size_bytes = w.size_bytes,
                               .is_mail = w.is_mail};
}

static int next_input(struct pipeline_source *source, struct pipeline_input *ret, struct err *e) {
  (void)e;
  struct served *s = (struct served *)source;
  if (!s->left && !receive_batch(s)) return 0;
  s->input = take_input(s);
  *ret = (struct pipeline_input){.handle = s};
  return 1;
}

static int open_input(struct pipeline_source *source, struct pipeline_input *input,
                      const volatile sig_atomic_t *interrupted, const struct intake_events *events,
                      struct intake_input *ret) {
  (void)input, (void)interrupted, (void)events;
  *ret = ((struct served *)source)->input;
  return 1;
}

static void close_input(struct pipeline_source *source, struct pipeline_input *input, struct intake_input *opened) {
  (void)input;
  struct served *s = (struct served *)source;
  if (opened->fd >= 0) close(opened->fd);
  if (s->left) return;
  free(s->batch);
  s->batch = NULL;
}

/* --- parcels ------------------------------------------------------------------------------------------------------ */

/* pipeline_take_fn */
static int send_parcel(void *user, struct parcel *parcel, struct err *e) {
  struct served *s = user;
  struct worker_frame frame = {.tag = WORKER_PARCEL};
  strbuf_reset(&s->out);
  strbuf_add(&s->out, (const char *)&frame, sizeof frame);
  wire_put(&s->out, parcel);
  frame.size = (uint32_t)(s->out.length - sizeof frame);
  memcpy(s->out.data, &frame, sizeof frame);
  return passing_send(s->fd, s->out.data, s->out.length, NULL, 0) ? 0 : err_set(e, ERR_IO, "nobody listens");
}

/* --- files -------------------------------------------------------------------------------------------------------- */

/* nameless_open_fn: a worker can open nothing, so it asks for one that is. */
static int ask_for_file(void *user, struct err *e) {
  const struct served *s = user;
  const struct worker_frame frame = {.tag = WORKER_FILE};
  struct worker_file answer = {.error = EPIPE};
  int fd = -1;
  if (!passing_send(s->fd, &frame, sizeof frame, NULL, 0) || !receive(s->fd, &answer, sizeof answer, &fd) || fd < 0) {
    errno = answer.error;
    return err_set_errno(e, ERR_IO, "cannot create a temporary file");
  }
  return fd;
}

/* --- the process -------------------------------------------------------------------------------------------------- */

static bool receive_setup(int fd, struct pipeline_options *options, struct text_list *trusted) {
  struct worker_setup setup;
  if (!receive(fd, &setup, sizeof setup, NULL)) return false;
  options->intake = setup.intake;
  options->parser = setup.parser;
  options->limits = setup.limits;
  _cleanup_free_ char *names = mem_alloc(setup.trusted_bytes + 1);
  if (setup.trusted_bytes && !receive(fd, names, setup.trusted_bytes, NULL)) return false;
  for (size_t at = 0; at < setup.trusted_bytes; at += strlen(names + at) + 1) text_list_add(trusted, names + at);
  return true;
}

void worker_work(int fd) {
  struct served s = {.source = {.next = next_input, .open = open_input, .close = close_input}, .fd = fd};
  struct text_list trusted = {0};
  struct pipeline_options options = {.source = &s.source, .jobs = 1, .trusted = &trusted};
  struct err e;
  nameless_open_by(ask_for_file, &s);
  if (receive_setup(fd, &options, &trusted)) pipeline_run(&options, send_parcel, NULL, &s, &e);
}

/* --- what it needs loaded ----------------------------------------------------------------------------------------- */

/* Its report has a damaged character, a domain of letters beyond ASCII, and comes in a mail with an encoded name. */
static const char SPECIMEN[] =
    "From: =?ISO-8859-1?Q?J=F6rg?= <joerg@example.com>\r\nMessage-ID: <1@example.com>\r\n"
    "Authentication-Results: mx.example.com; dmarc=pass header.from=example.com\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/xml; charset=windows-1252;\r\n"
    " name*=utf-8''a%C3%A4!example.com!1!2.xml\r\nContent-Transfer-Encoding: base64\r\n"
    "Content-Disposition: attachment; filename=\"a.xml\"\r\n\r\n"
    "PD94bWwgdmVyc2lvbj0iMS4wIiBlbmNvZGluZz0id2luZG93cy0xMjUyIj8+PGZlZWRiYWNrPjxyZXBvcnRf\r\n"
    "bWV0YWRhdGE+PG9yZ19uYW1lPmE8L29yZ19uYW1lPjxyZXBvcnRfaWQ+MTwvcmVwb3J0X2lkPjwvcmVwb3J0\r\n"
    "X21ldGFkYXRhPjwvZmVlZGJhY2s+\r\n--b--\r\n";

static int drop_parcel(void *user, struct parcel *parcel, struct err *e) {
  (void)user, (void)parcel, (void)e;
  return 0;
}

static int next_specimen(struct pipeline_source *source, struct pipeline_input *ret, struct err *e) {
  (void)e;
  struct served *s = (struct served *)source;
  *ret = (struct pipeline_input){.handle = s};
  return s->fd++ == 0;
}

static void close_nothing(struct pipeline_source *source, struct pipeline_input *input, struct intake_input *opened) {
  (void)source, (void)input, (void)opened;
}

/* Converters, which the C library loads when they are first asked for; whatever libraries set up at their first use. */
void worker_prepare(void) {
  static const char *const TRUSTED[] = {"mx.example.com"};
  struct served s = {
      .source = {.next = next_specimen, .open = open_input, .close = close_nothing},
      .input = {
          .origin = "", .name = "", .fd = -1, .memory = SPECIMEN, .size_bytes = sizeof SPECIMEN - 1, .is_mail = true}};
  struct text_list trusted = {0};
  text_list_add(&trusted, TRUSTED[0]);
  const struct pipeline_options options = {.source = &s.source,
                                           .jobs = 1,
                                           .intake = INTAKE_LIMITS_DEFAULT,
                                           .parser = PARSER_LIMITS_DEFAULT,
                                           .trusted = &trusted};
  struct err e;
  setenv("TZ", "UTC0", 1); /* else each use of it looks for the zone in a file */
  tzset();
  charset_load_all();
  pipeline_run(&options, drop_parcel, NULL, NULL, &e);
  text_list_clear(&trusted);
}

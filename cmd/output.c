/* SPDX-License-Identifier: Apache-2.0 */
/* Opens the result's file, knows the terminal's width and colours. */
#include "output.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"

#define OUTPUT_BUFFER_BYTES (256 * 1024)

static bool wants_colour(const struct options *o, int fd) {
  if (o->colour != COLOUR_AUTO) return o->colour == COLOUR_ALWAYS;
  const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
  return isatty(fd) && !(no && *no) && !(term && !strcmp(term, "dumb"));
}

/* 0, as wide as it gets, where nobody looks at a terminal: lines in a file are not cut. */
static unsigned terminal_width(int fd) {
  struct winsize size;
  const char *columns = getenv("COLUMNS");
  if (!isatty(fd)) return columns && atoi(columns) > 0 ? (unsigned)atoi(columns) : 0;
  if (!ioctl(fd, TIOCGWINSZ, &size) && size.ws_col > 0) return size.ws_col;
  return columns && atoi(columns) > 0 ? (unsigned)atoi(columns) : 80;
}

static int open_beside(struct output *out, struct err *e) {
  out->temporary = mem_printf("%s.XXXXXX", out->path);
  int fd = mkstemp(out->temporary);
  if (fd < 0) {
    free(TAKE_PTR(out->temporary));
    return err_set_errno(e, ERR_IO, "%s", out->path);
  }
  /* mkstemp makes it private; the user expects what the umask says. */
  mode_t mask = umask(0);
  umask(mask);
  if (fchmod(fd, 0666 & ~mask) < 0 || !(out->file = fdopen(fd, "w"))) {
    close(fd);
    return err_set_errno(e, ERR_IO, "%s", out->path);
  }
  return 0;
}

int output_open(struct output *out, const struct options *o, struct err *e) {
  *out = (struct output){.file = stdout, .path = o->output && strcmp(o->output, "-") != 0 ? o->output : NULL};
  out->render.format = o->format;
  if (out->path) {
    int code = open_beside(out, e);
    if (code < 0) return code;
  } else {
    out->render.width = terminal_width(STDOUT_FILENO);
  }
  out->render.colour = wants_colour(o, fileno(out->file));
  out->render.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
  out->buffer = mem_alloc(OUTPUT_BUFFER_BYTES);
  setvbuf(out->file, out->buffer, _IOFBF, OUTPUT_BUFFER_BYTES);
  return 0;
}

int output_commit(struct output *out, struct err *e) {
  const char *name = out->path ? out->path : "standard output";
  if (fflush(out->file) || ferror(out->file)) return err_set_errno(e, ERR_IO, "%s", name);
  if (!out->path) return 0;
  FILE *file = TAKE_PTR(out->file);
  if (fclose(file)) return err_set_errno(e, ERR_IO, "%s", name);
  if (rename(out->temporary, out->path) < 0) return err_set_errno(e, ERR_IO, "%s", name);
  free(TAKE_PTR(out->temporary));
  return 0;
}

void output_close(struct output *out) {
  if (out->file && out->path) fclose(out->file);
  if (out->file && !out->path) {
    fflush(out->file);
    setvbuf(out->file, NULL, _IONBF, 0); /* the buffer goes */
  }
  if (out->temporary) unlink(out->temporary);
  free(out->temporary);
  free(out->buffer);
  *out = (struct output){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Opens the result's file, knows the terminal's width and colours. */
#include "cmd/output.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/trusted_file.h"
#include "cmd/pager.h"

#define OUTPUT_BUFFER_BYTES (256 * 1024)

static bool wants_colour(const struct options *o, int fd) {
  if (o->common.colour != COLOUR_AUTO) return o->common.colour == COLOUR_ALWAYS;
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

/* mkstemp makes a file private; the user expects the mode that was there, else what the umask says. */
static mode_t mode_of(const struct stat *old) {
  if (old) return old->st_mode & 0777;
  mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

static int open_beside(struct output *out, const struct stat *old, struct err *e) {
  if (!(out->target = trusted_link_end(out->path, e))) return ERR_USAGE;
  out->temporary = mem_printf("%s.XXXXXX", out->target);
  int fd = mkstemp(out->temporary);
  if (fd < 0) {
    free(TAKE_PTR(out->temporary));
    return err_set_errno(e, ERR_IO, "%s", out->path);
  }
  /* Whose it was it stays, as far as we may say; where it would be another group's, that gets none of its rights. */
  const bool is_whose_it_was = !old || !fchown(fd, old->st_uid, old->st_gid) || !fchown(fd, (uid_t)-1, old->st_gid);
  if (fchmod(fd, mode_of(old) & (is_whose_it_was ? 0777 : ~(mode_t)S_IRWXG)) < 0 || !(out->file = fdopen(fd, "w"))) {
    close(fd);
    return err_set_errno(e, ERR_IO, "%s", out->path);
  }
  return 0;
}

/* Never to be renamed over: root would lose /dev/null. */
static int open_special(struct output *out, struct err *e) {
  int fd = open(out->path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
  if (fd >= 0 && (out->file = fdopen(fd, "w"))) return 0;
  if (fd >= 0) close(fd);
  return err_set_errno(e, ERR_IO, "%s", out->path);
}

static int open_path(struct output *out, struct err *e) {
  struct stat old;
  if (stat(out->path, &old) == 0) return S_ISREG(old.st_mode) ? open_beside(out, &old, e) : open_special(out, e);
  return errno == ENOENT ? open_beside(out, NULL, e) : err_set_errno(e, ERR_IO, "%s", out->path);
}

bool output_is_stdout(const struct options *o) { return !o->output.path || !strcmp(o->output.path, "-"); }

bool output_is_paged(const struct options *o) {
  return output_is_stdout(o) && o->output.format == FORMAT_TEXT && !o->common.quiet && !o->rows.no_pager &&
         isatty(STDOUT_FILENO);
}

static int open_file(struct output *out, const struct options *o, bool paged, struct err *e) {
  *out = (struct output){.file = stdout, .path = output_is_stdout(o) ? NULL : o->output.path};
  out->render.format = o->output.format;
  out->render.bom = o->output.bom;
  if (o->output.format != FORMAT_CSV && options_given(o, "bom"))
    return err_set(e, ERR_USAGE, "--bom goes with --format csv");
  if (out->path) {
    int code = open_path(out, e);
    if (code < 0) return code;
  } else if (o->output.format == FORMAT_XLSX && isatty(STDOUT_FILENO)) {
    return err_set(e, ERR_USAGE, "a workbook is nothing for a terminal: --output FILE says where it goes");
  } else {
    out->render.width = o->output.wide ? 0 : terminal_width(STDOUT_FILENO);
    out->render.tells_hidden = true;
  }
  out->render.colour = wants_colour(o, fileno(out->file));
  out->render.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
  /* Behind what was found out about the terminal: the pager's end is a pipe. */
  if (paged && output_is_paged(o)) {
    FILE *reader = pager_open(&out->pager);
    if (reader) out->file = reader;
  }
  out->buffer = mem_alloc(OUTPUT_BUFFER_BYTES);
  setvbuf(out->file, out->buffer, _IOFBF, OUTPUT_BUFFER_BYTES);
  return 0;
}

int output_open(struct output *out, const struct options *o, struct err *e) { return open_file(out, o, false, e); }
int output_open_paged(struct output *out, const struct options *o, struct err *e) { return open_file(out, o, true, e); }

int output_table(struct output *out, const struct options *o, output_fill_fn *fill, void *user, struct err *e) {
  struct table_sink *renderer = renderer_new(out->file, &out->render);
  struct table_sink *collector =
      collector_new(renderer, o->rows.sort, o->rows.limit == OPTIONS_LIMIT_UNSET ? 0 : o->rows.limit);
  int code = fill(user, collector, e);
  table_sink_free(collector);
  table_sink_free(renderer);
  return code;
}

int output_commit(struct output *out, struct err *e) {
  const char *name = out->path ? out->path : "standard output";
  if (fflush(out->file) || ferror(out->file)) return err_set_errno(e, ERR_IO, "%s", name);
  if (!out->path) return 0;
  FILE *file = TAKE_PTR(out->file);
  if (fclose(file)) return err_set_errno(e, ERR_IO, "%s", name);
  if (!out->temporary) return 0;
  if (rename(out->temporary, out->target) < 0) return err_set_errno(e, ERR_IO, "%s", name);
  free(TAKE_PTR(out->temporary));
  return 0;
}

void output_close(struct output *out) {
  if (out->file && out->path) fclose(out->file);
  if (out->pager) {
    pager_close(out->file, out->pager);
  } else if (out->file && !out->path) {
    fflush(out->file);
    setvbuf(out->file, NULL, _IONBF, 0); /* the buffer goes */
  }
  if (out->temporary) unlink(out->temporary);
  free(out->temporary);
  free(out->target);
  free(out->buffer);
  *out = (struct output){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Progress of an import: documents, records a second, share and time left. */
#include "cmd/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/figure.h"

#define REDRAW_SECONDS 0.2

bool progress_is_seen(bool wanted) { return wanted && isatty(STDERR_FILENO); }

void progress_begin(struct progress *p, bool wanted) {
  *p = (struct progress){.shown = progress_is_seen(wanted), .begun = clock_now_s()};
}

void progress_update(struct progress *p, double files, uint64_t documents, uint64_t records) {
  if (!p->shown) return;
  double now = clock_now_s();
  if (now - p->drawn < REDRAW_SECONDS) return;
  p->drawn = now;
  double passed = now - p->begun;
  fprintf(stderr, "\r\x1b[K%llu documents, %llu records (%.0f/s)", (unsigned long long)documents,
          (unsigned long long)records, passed > 0 ? (double)records / passed : 0);
  if (p->total_files && files <= (double)p->total_files) {
    double share = files / (double)p->total_files;
    _cleanup_strbuf_ struct strbuf done = STRBUF_INIT;
    figure_decimal(&done, share * 100, 0);
    fprintf(stderr, ", %s %%", strbuf_text(&done));
    if (share > 0.01) {
      unsigned left = (unsigned)(passed / share - passed + 0.5);
      fprintf(stderr, ", %u:%02u left", left / 60, left % 60);
    }
  }
  fflush(stderr);
}

void progress_wipe(struct progress *p) {
  if (p->shown && p->drawn > 0) fputs("\r\x1b[K", stderr);
  p->drawn = 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Pauses that double. */
#include "mailbox/patience.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/utc.h"

#define PAUSE_MOST_S 60.0 /* between two tries, unless the server asks for more */

static int64_t whole_seconds(double seconds) { return (int64_t)(seconds + 0.999); }

/* When the caller may come back, if the server said so. */
static int give_up(struct patience *p, int code, double told_s, struct err *e) {
  unsigned tries = p->failures + 1;
  char when[UTC_TEXT_BYTES];
  p->failures = 0;
  if (tries > 1) err_set(e, code, "%s (tried %u times)", e->text, tries);
  if (told_s <= 0) return code;
  p->not_before = clock_now_s() + told_s;
  return err_set(e, code, "%s: come back after %s", e->text, utc_format(utc_now() + whole_seconds(told_s), when));
}

static void tell_wait(const struct mail_watch *watch, double seconds, const struct err *e) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (!watch || !watch->tell) return;
  strbuf_printf(&text, "waiting for %lld seconds: %s", (long long)whole_seconds(seconds), e->text);
  watch->tell(watch->user, strbuf_text(&text));
}

int patience_try_again(struct patience *p, const struct mail_account *a, const struct mail_watch *watch, int code,
                       double told_s, struct err *e) {
  if (code != ERR_IO && code != ERR_BUSY && code != ERR_FORMAT) return code;
  if (p->failures >= a->retries || told_s > a->max_wait_s) return give_up(p, code, told_s, e);
  double pause = (double)(1U << (p->failures < 16 ? p->failures : 16));
  if (pause > PAUSE_MOST_S) pause = PAUSE_MOST_S;
  p->failures++;
  if (told_s > pause) tell_wait(watch, told_s, e);
  return watch_sleep(watch, told_s > pause ? told_s : pause, e);
}

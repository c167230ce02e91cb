/* SPDX-License-Identifier: Apache-2.0 */
/* Which mails a folder has: SEARCH, and what is not believed of its answer. */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/utc.h"
#include "imap/dialogue.h"
#include "imap/session.h"

static int by_number(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

/* Into s->found, ascending. What a server does not find it is asked for among all. A folder with mails has something to
 * list: a list that stays empty is not believed, for mails would count as read, or as gone. */
static int search(struct session *s, const char *command, struct err *e) {
  s->found_count = 0;
  int code = s->exists ? dialogue_run(s, command, e) : 0;
  if (!code && s->exists && !s->found_count) code = dialogue_run(s, "UID SEARCH ALL", e);
  if (code < 0) return code;
  if (s->exists && !s->found_count)
    return err_set(e, ERR_FORMAT, "the server has %u mails in this folder and lists none", s->exists);
  if (s->found_count) qsort(s->found, s->found_count, sizeof *s->found, by_number);
  return 0;
}

static uint32_t drop_doubles(struct session *s, uint32_t from) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < s->found_count; i++)
    if (s->found[i] >= from && (!kept || s->found[i] != s->found[kept - 1])) s->found[kept++] = s->found[i];
  return s->found_count = kept;
}

static void tell_unlisted(const struct session *s) {
  _cleanup_strbuf_ struct strbuf sentence = STRBUF_INIT;
  if (!s->watch || !s->watch->tell) return;
  strbuf_printf(&sentence, "the server has %u mails in this folder and does not list all of them: the others are ",
                s->announced);
  strbuf_add_text(&sentence, s->cut ? "asked for the next time" : "not read");
  s->watch->tell(s->watch->user, strbuf_text(&sentence));
}

/* Do the UIDs from `from` on have gaps below UIDNEXT? Then mails are gone, or were left out. */
static bool has_gaps(const struct session *s, uint32_t from) {
  uint32_t found = 0;
  for (uint32_t i = 0; i < s->found_count; i++) found += s->found[i] >= from && s->found[i] < s->uidnext;
  return s->uidnext > from && found < s->uidnext - from;
}

/* Some servers cut the answer to SEARCH. Of a folder that is listed as a whole it is known how many mails it has; of a
 * part UIDNEXT tells whether mails may be missing. Then they are asked for in another way, whose answers have numbers:
 * behind the last mail of the folder there is none. */
static int list_rest(struct session *s, uint32_t from, struct err *e) {
  char command[64];
  bool all = drop_doubles(s, 1) >= s->announced;
  if (all || (from > 1 && !has_gaps(s, from))) return 0;
  snprintf(command, sizeof command, "UID FETCH %u:* (UID)", from);
  s->listing = true;
  s->highest = 0;
  int code = dialogue_run(s, command, e);
  s->listing = false;
  if (code < 0 && (!s->alive || code == ERR_BUSY || code == ERR_LIMIT)) return code;
  qsort(s->found, s->found_count, sizeof *s->found, by_number);
  all = drop_doubles(s, 1) >= s->announced;
  s->cut = !all && s->highest < s->announced;
  if (from == 1 ? !all : s->highest && s->cut) tell_unlisted(s);
  return 0;
}

/* "999:*" names the last mail too where its UID is lower (RFC 9051 9, seq-range), so that there is always one to find;
 * not all servers see it that way. */
static int search_from(struct session *s, uint32_t from, struct err *e) {
  char command[64];
  snprintf(command, sizeof command, "UID SEARCH UID %u:*", from);
  s->cut = false;
  int code = search(s, command, e);
  return code || !s->exists ? code : list_rest(s, from, e);
}

/* Of those found, the ones that came on this day or later, by the server's clock and zone (SINCE, RFC 9051 6.4.4): none
 * is an answer too. One that ends before the last of all may have been cut: what is behind it is asked for. */
static int search_since(struct session *s, uint32_t from, int64_t since_s, struct err *e) {
  static const char MONTHS[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char day[UTC_TEXT_BYTES], command[96]; /* "2026-10-01" */
  unsigned month = (unsigned)strtoul(utc_format_day(since_s, day) + 5, NULL, 10);
  uint32_t last = s->found[s->found_count - 1], before;
  s->found_count = 0;
  do {
    before = s->found_count;
    snprintf(command, sizeof command, "UID SEARCH UID %u:* SINCE %lu-%s-%.4s", from, strtoul(day + 8, NULL, 10),
             MONTHS[(month + 11) % 12], day);
    int code = dialogue_run(s, command, e);
    if (code < 0) return code;
    if (s->found_count) qsort(s->found, s->found_count, sizeof *s->found, by_number);
    if (drop_doubles(s, 1)) from = s->found[s->found_count - 1] + 1;
  } while (s->found_count > before && from <= last);
  return 0;
}

int session_search(struct session *s, uint32_t from, struct err *e) {
  int code = search_from(s, from, e);
  if (code == 0 && s->found_count && s->account->since_s != MAIL_SINCE_EVER)
    code = search_since(s, from, s->account->since_s, e);
  if (code < 0) return code;
  drop_doubles(s, from);
  return 0;
}

int session_list_among(struct session *s, const uint32_t *uids, uint32_t count, struct err *e) {
  _cleanup_strbuf_ struct strbuf command = STRBUF_INIT;
  strbuf_add_text(&command, "UID SEARCH UID ");
  session_add_set(&command, uids, count);
  s->found_count = 0;
  int code = dialogue_run(s, command.data, e);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < s->found_count; i++)
    if (bsearch(&s->found[i], uids, count, sizeof *uids, by_number)) s->found[kept++] = s->found[i];
  s->found_count = kept;
  return code;
}

int session_keep_listed(struct session *s, uint32_t *uids, uint32_t *count, struct err *e) {
  _cleanup_strbuf_ struct strbuf command = STRBUF_INIT;
  strbuf_add_text(&command, "UID SEARCH UID ");
  session_add_set(&command, uids, *count);
  int code = search(s, command.data, e);
  if (code < 0) return s->alive && code != ERR_BUSY ? 0 : code;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < *count; i++)
    if (s->found_count && bsearch(&uids[i], s->found, s->found_count, sizeof *s->found, by_number))
      uids[kept++] = uids[i];
  *count = kept;
  return 0;
}

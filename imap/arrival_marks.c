/* SPDX-License-Identifier: Apache-2.0 */
/* Mails compared with those that had their UIDs before. */
#include "imap/arrival_marks.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "base/utc.h"

static unsigned month_of(const char *word) {
  static const char NAMES[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (unsigned i = 0; i < 12; i++)
    if (ascii_same_bytes(word, NAMES + 3UL * i, 3)) return i + 1;
  return 0;
}

bool mark_time(const char *text, int64_t *ret_s) {
  unsigned day, year, hour, minute, second, zone_h, zone_min;
  char month[4], sign, moment[64];
  struct err unused;
  int found = sscanf(text, "%2u-%3[A-Za-z]-%4u %2u:%2u:%2u %c%2u%2u", &day, month, &year, &hour, &minute, &second,
                     &sign, &zone_h, &zone_min);
  if (found != 9 || strlen(month) != 3) return false;
  snprintf(moment, sizeof moment, "%04u-%02u-%02uT%02u:%02u:%02uZ", year, month_of(month), day, hour, minute, second);
  if (utc_parse(moment, ret_s, &unused) < 0) return false;
  int64_t east_s = (int64_t)zone_h * 3600 + (int64_t)zone_min * 60;
  *ret_s += sign == '-' ? east_s : -east_s;
  return true;
}

void marks_add(struct marks *m, uint32_t uid, int64_t received_s) {
  unsigned at = m->count;
  if (uid < m->from || uid > m->to || m->count == IMAP_MARKED) return;
  while (at && m->mails[at - 1].uid >= uid) at--;
  if (at < m->count && m->mails[at].uid == uid) return;
  memmove(&m->mails[at + 1], &m->mails[at], (m->count++ - at) * sizeof *m->mails);
  m->mails[at] = (struct mark){uid, received_s};
}

static const struct mark *find(const struct marks *m, uint32_t uid) {
  for (unsigned i = 0; i < m->count; i++)
    if (m->mails[i].uid == uid) return &m->mails[i];
  return NULL;
}

bool marks_contradict(const struct marks *before, const struct marks *now) {
  for (unsigned i = 0; i < now->count; i++) {
    const struct mark *was = find(before, now->mails[i].uid);
    if (!was || was->received_s != now->mails[i].received_s) return true;
  }
  return false;
}

char *marks_format(const struct marks *m) {
  struct strbuf text = STRBUF_INIT;
  strbuf_printf(&text, "%u:%u", m->from, m->to);
  for (unsigned i = 0; i < m->count; i++) strbuf_printf(&text, " %u,%" PRId64, m->mails[i].uid, m->mails[i].received_s);
  return text.data;
}

bool marks_parse(const char *text, struct marks *ret) {
  int n = 0;
  *ret = (struct marks){0};
  if (sscanf(text, "%" SCNu32 ":%" SCNu32 "%n", &ret->from, &ret->to, &n) != 2) return false;
  if (!ret->from || ret->to < ret->from || ret->to - ret->from >= IMAP_MARKED) return false;
  for (text += n; *text; text += n) {
    struct mark mail;
    if (sscanf(text, " %" SCNu32 ",%" SCNd64 "%n", &mail.uid, &mail.received_s, &n) != 2) return false;
    marks_add(ret, mail.uid, mail.received_s);
  }
  return true;
}

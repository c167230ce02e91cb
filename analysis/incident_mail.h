/* SPDX-License-Identifier: Apache-2.0 */
/* The mail of a judged history by reporter, by day, and by whatever may surge in it. Private to analysis/. */
#ifndef ANALYSIS_INCIDENT_MAIL_H
#define ANALYSIS_INCIDENT_MAIL_H

#include "analysis/baseline.h"
#include "analysis/incidents.h"

/* What one reporter tells of a subject on one day. */
struct subject_day {
  uint32_t subject, reporter;
  int32_t day;
  int64_t messages;  /* the owner's; of a From: domain also what may be */
  int64_t signed_by; /* of a selector: all mail that it signs, whoever sends it, ... */
  int64_t strange;   /* ... and of that what networks send that are new to it, under an envelope of their own */
};

struct subject {
  enum incident_subject about;
  const char *name;
  struct interned key;          /* site or From: domain */
  uint32_t selector;            /* number in the history */
  const struct stream *largest; /* of its streams */
  uint32_t first, end;          /* its days, by reporter and day */
  int32_t first_day, last_day;
};

struct incident_mail {
  const struct history *h;
  int32_t begin_day, end_day; /* of what is looked at, both included */
  int32_t first_heard;        /* day of the first report there is */
  struct subject *subjects;   /* without the domain's own, where there is no own mail */
  uint32_t subject_count, subject_capacity;
  struct subject_day *days;
  uint32_t day_count, day_capacity;
  int32_t *heard;                 /* of all reporters, by reporter: days with mail, ascending */
  uint32_t *heard_first;          /* of each reporter in `heard`; one more than there are */
  struct hashmap index;           /* subject_key -> number */
  struct hashmap networks, sites; /* see signed_since */
};

void incident_mail_read(struct incident_mail *m, const struct history *h, int32_t end_day);
void incident_mail_clear(struct incident_mail *m);

/* Up to which day a stream's mail under the owner's signature is a stranger's: it passes by that alone, from a network
 * that never had such mail before, and from no service that had own mail. INT32_MIN: never. */
int32_t incident_mail_strange_until(const struct incident_mail *m, const struct stream *s);

/* Days on which a reporter was heard. */
static inline uint32_t incident_mail_heard(const struct incident_mail *m, uint32_t reporter, const int32_t **ret) {
  *ret = m->heard + m->heard_first[reporter];
  return m->heard_first[reporter + 1] - m->heard_first[reporter];
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of findings share: what is told of one subject as of any day, and a sender beside the office. */
#ifndef TESTS_CONCERN_KIT_H
#define TESTS_CONCERN_KIT_H

#include "judged_kit.h"

#include "analysis/concerns.h"

#define CRM "198.51.100.7"
#define CRM_SITE "198.51.100.0/24"
#define CRM_MAIL "dkim example.com/s2=pass; spf crm.example.net=pass"
#define CRM_BROKEN "dkim example.com/s2=fail; spf crm.example.net=pass"

/* What is told of one kind and subject. */
struct told {
  enum concern_kind kind;
  const char *subject;
  unsigned times;
  struct concern concern; /* without its texts: they are gone with the history, but for ... */
  char joined[64];        /* the address of the part that joined it */
};

static inline int take(void *user, const struct concerned_domain *d, struct err *e) {
  (void)e;
  struct told *t = user;
  for (unsigned i = 0; i < d->count; i++) {
    if (d->concerns[i].kind != t->kind || strcmp(d->concerns[i].subject, t->subject) != 0) continue;
    t->times++;
    t->concern = d->concerns[i];
    snprintf(t->joined, sizeof t->joined, "%s", t->concern.joined.source ? t->concern.joined.source : "");
  }
  return 0;
}

static inline struct told ask_as_of(struct fixture *f, int ago, enum concern_kind kind, const char *subject) {
  struct told t = {.kind = kind, .subject = subject};
  struct acknowledgements known = {0};
  f->basis.as_of_s = f->basis.before_s = DAY_S(ago) + UTC_DAY_S - 1;
  assert_ok(f, acknowledgements_read(f->local, &known, &f->e));
  assert_ok(f, concerns_each(&f->question.of, &known, take, &t, &f->e));
  acknowledgements_clear(&known);
  assert_true(t.times <= 1);
  return t;
}

/* The states of the days from `first` to `last` days ago: 'n', 'o', 'a', 'g', '.' for none. */
static inline void assert_states(struct fixture *f, enum concern_kind kind, const char *subject, int first, int last,
                                 const char *expected) {
  char states[64];
  size_t count = 0;
  for (int ago = first; ago >= last; ago--) {
    const struct told t = ask_as_of(f, ago, kind, subject);
    states[count++] = t.times ? concern_state_word(t.concern.state)[0] : '.';
  }
  states[count] = '\0';
  assert_string_equal(states, expected);
}

/* A sender beside the office, for weeks. */
static inline void crm(struct fixture *f, int first, int last, const char *results) {
  mail_daily(f, first, last, CRM, 12, results);
}

#endif

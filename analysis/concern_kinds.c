/* SPDX-License-Identifier: Apache-2.0 */
/* The table of kinds, the words, the identity and the order. */
#include <string.h>

#include "analysis/concerns.h"
#include "base/digest.h"
#include "base/figure.h"

#define KIND(NAME, WORD, TITLE, SEVERITY, CLASS, IS_MOMENT) \
  [CONCERN_##NAME] = {WORD, TITLE, CONCERN_##SEVERITY, CONCERN_##CLASS, IS_MOMENT},
static const struct concern_kind_facts KINDS[CONCERN_KINDS] = {EACH_CONCERN_KIND(KIND)};

const struct concern_kind_facts *concern_kind_facts(enum concern_kind kind) { return &KINDS[kind]; }

enum concern_kind concern_kind_of(const char *word) {
  int kind = 0;
  while (kind < CONCERN_KINDS && strcmp(KINDS[kind].word, word) != 0) kind++;
  return (enum concern_kind)kind;
}

const char *concern_severity_word(enum concern_severity s) {
  static const char *const WORDS[CONCERN_SEVERITIES] = {"critical", "warning", "notice"};
  return WORDS[s];
}

const char *concern_class_word(enum concern_class c) {
  static const char *const WORDS[CONCERN_CLASSES] = {"incident", "misconfiguration", "change", "question", "noise"};
  return WORDS[c];
}

const char *concern_state_word(enum concern_state s) {
  static const char *const WORDS[CONCERN_STATES] = {"new", "open", "acknowledged", "gone", "told"};
  return WORDS[s];
}

struct identity concern_identity(enum concern_kind kind, const char *domain, const char *subject) {
  struct identity identity;
  struct digest d;
  digest_init(&d);
  digest_text(&d, KINDS[kind].word);
  digest_text(&d, domain);
  digest_text(&d, subject);
  digest_finish(&d, identity.bytes);
  return identity;
}

double concern_per_day(const struct concern *c) {
  return figure_per_day((double)c->messages, c->last_day - c->first_day + 1);
}

/* What waits for nobody comes behind what does. */
static int standing(enum concern_state s) {
  static const int ORDER[CONCERN_STATES] = {
      [CONCERN_NEW] = 0, [CONCERN_OPEN] = 0, [CONCERN_TOLD] = 1, [CONCERN_ACKNOWLEDGED] = 2, [CONCERN_GONE] = 3};
  return ORDER[s];
}

#define BY(x, y) \
  if ((x) != (y)) return (x) < (y) ? -1 : 1

int concern_compare(const void *a, const void *b) {
  const struct concern *x = a, *y = b;
  BY(standing(x->state), standing(y->state));
  BY(x->severity, y->severity);
  BY(x->state, y->state);
  BY(concern_per_day(y), concern_per_day(x));
  BY(x->kind, y->kind);
  const int by_domain = strcmp(x->domain, y->domain);
  return by_domain ? by_domain : strcmp(x->subject, y->subject);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The sources that keep a gate from holding, largest first, each with its repair. */
#include <math.h>
#include <string.h>

#include "cleanup.h"
#include "judging.h"

static const char *repair_of(struct judging *g, const struct stream *s, enum stream_class class, bool spf_alone) {
  const char *advice = s->service ? s->service->repair : NULL;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  const char *who = s->service ? s->service->name : s->identity ? s->identity : s->site;
  /* What `label` will know: services of the catalogue, not those of a map the user may leave out. */
  const char *label = s->service && !advice && s->identity ? s->identity : who;
  if (class == CLASS_UNDECIDED)
    strbuf_printf(&text, "decide: if %s sends for you, %s; else 'dmarcctl label \"%s\" unauthorised'", who,
                  advice ? advice : "let it sign with a key of your domain", label);
  else if (spf_alone)
    strbuf_printf(&text, "%s passes by SPF alone, which forwarding breaks: %s", who,
                  advice ? advice : "sign its mail with DKIM as your domain");
  else if (class == CLASS_OWN_BROKEN)
    strbuf_printf(&text,
                  "%s: the signature fails: check that the selector's key is published and is the one that signs%s%s",
                  who, advice ? "; " : "", advice ? advice : "");
  else
    strbuf_printf(&text, "%s: %s", who,
                  advice ? advice : "sign its mail with DKIM as your domain, or let it use your return path");
  return arena_strndup(g->h->arena, text.data, text.length);
}

void add_blocker(struct judging *g, const struct stream *s, enum stream_class class, int64_t messages,
                        bool spf_alone) {
  struct judgement *j = g->j;
  const struct blocker b = {.source = s->site,
                            .example = s->source,
                            .service = s->service ? s->service->name : s->identity,
                            .evidence = s->evidence,
                            .class = class,
                            .because = s->because,
                            .messages = messages,
                            .repair = repair_of(g, s, class, spf_alone)};
  unsigned at = j->blocker_count;
  while (at > 0 && j->blockers[at - 1].messages < messages) at--;
  if (at >= MOST_BLOCKERS) return;
  if (j->blocker_count < MOST_BLOCKERS) j->blocker_count++;
  memmove(&j->blockers[at + 1], &j->blockers[at], (j->blocker_count - at - 1) * sizeof b);
  j->blockers[at] = b;
}

void gather_blockers(struct judging *g) {
  const struct thresholds *t = g->t;
  int64_t own = g->j->own_messages ? g->j->own_messages : 1;
  bool fallen = failed(g, GATE_DROP);
  for (uint32_t i = 0; i < g->sites.count; i++) {
    const struct site *s = site_at(g, i);
    bool counts = (double)s->messages >= t->source_messages;
    double least = failed(g, GATE_OWN_LOWER) ? fmax(t->source_rate[g->to], t->own_lower[g->to]) : t->source_rate[g->to];
    bool short_rate = s->largest && share(s->passed, s->messages) < least && (counts || failed(g, GATE_OWN_LOWER));
    bool falls = fallen && s->largest && s->before && s->last &&
                 share(s->before_passed, s->before) - share(s->last_passed, s->last) > t->drop[g->to];
    if (short_rate || falls)
      add_blocker(g, s->largest, s->worst ? s->worst : s->largest->class, s->messages - s->passed, false);
    else if (failed(g, GATE_DKIM) && counts && s->largest && relies_on_spf(t, s))
      add_blocker(g, s->largest, CLASS_OWN, s->spf_only, true);
    bool doubtful = s->undecided && (failed(g, GATE_UNDECIDED_ALL) || failed(g, GATE_UNDECIDED_ONE)) &&
                    (share(s->undecided, own) > t->undecided_one[g->to] || failed(g, GATE_UNDECIDED_ALL));
    if (doubtful) add_blocker(g, s->largest_undecided, CLASS_UNDECIDED, s->undecided, false);
  }
}

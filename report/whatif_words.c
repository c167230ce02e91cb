/* SPDX-License-Identifier: Apache-2.0 */
/* What a what-if says: the policies as their tags, and how far to trust it. */
#include "base/alignment.h"
#include "base/cleanup.h"
#include "report/words.h"

const char WHATIF_UPPER_BOUND[] =
    "An upper bound: receivers need not obey, and may spare what they know to be forwarded.";

static void add_tag(struct strbuf *out, const char *name, const char *value) {
  strbuf_printf(out, "%s%s=%s", out->length ? " " : "", name, value);
}

static const char *mode_word(const char *mode) { return alignment_is_strict(mode) ? "s" : "r"; }

void whatif_tags_today(const struct whatif *w, struct strbuf *out) {
  const struct seen_policy *seen = &w->judgement->policy;
  const struct whatif_proposal *proposal = w->proposal;
  const char *p = seen->p ? seen->p : "unknown";
  const char *sp = seen->sp ? seen->sp : p;
  if (proposal->p) add_tag(out, "p", p);
  if (proposal->sp) add_tag(out, "sp", sp);
  if (proposal->np) add_tag(out, "np", seen->np ? seen->np : sp);
  if (proposal->adkim) add_tag(out, "adkim", mode_word(seen->adkim));
  if (proposal->aspf) add_tag(out, "aspf", mode_word(seen->aspf));
  if (seen->testing == 'y') add_tag(out, "t", "y");
  if (seen->sampled == 'y') strbuf_add_text(out, " pct<100");
}

void whatif_tags_proposed(const struct whatif_proposal *proposal, struct strbuf *out) {
  if (proposal->p) add_tag(out, "p", proposal->p);
  if (proposal->sp) add_tag(out, "sp", proposal->sp);
  if (proposal->np) add_tag(out, "np", proposal->np);
  if (proposal->adkim) add_tag(out, "adkim", proposal->adkim);
  if (proposal->aspf) add_tag(out, "aspf", proposal->aspf);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Holds two SPF trees against each other, record by record. */
#include <string.h>

#include "analysis/dns_log.h"
#include "base/ascii.h"
#include "base/cleanup.h"
#include "dns/spf_tree.h"

/* Networks that are named one by one; more are counted. */
#define MOST_NAMED 4

/* The nodes of a record: those below a node, or of the root. */
struct part {
  const struct spf_tree *tree;
  unsigned first, end;
};

static struct part below(const struct spf_tree *t, unsigned at) { return (struct part){t, at + 1, t->nodes[at].next}; }

/* The i-th occurrence of the same term in the other part. */
static const struct spf_node *find(const struct part *p, const struct spf_node *n, unsigned occurrence) {
  for (unsigned i = p->first; i < p->end; i = p->tree->nodes[i].next)
    if (ascii_same(p->tree->nodes[i].term.text, n->term.text) && !occurrence--) return &p->tree->nodes[i];
  return NULL;
}

static unsigned occurrence_of(const struct part *p, const struct spf_node *n) {
  unsigned count = 0;
  for (unsigned i = p->first; i < p->end && &p->tree->nodes[i] != n; i = p->tree->nodes[i].next)
    count += ascii_same(p->tree->nodes[i].term.text, n->term.text);
  return count;
}

static unsigned networks_in(const struct spf_tree *t, const struct spf_node *n) {
  unsigned count = 0;
  for (unsigned i = (unsigned)(n - t->nodes); i < n->next; i++) count += t->nodes[i].network_count;
  return count;
}

static void log_term(const struct logging *l, char sign, const struct part *p, const struct spf_node *n,
                     const char *where) {
  const unsigned networks = networks_in(p->tree, n);
  const bool tells = spf_term_asks(&n->term) && networks;
  if (n->missing)
    log_change(l, "%s%c %s (%s)", where, sign, n->term.text, n->missing);
  else if (tells)
    log_change(l, "%s%c %s (%u network%s)", where, sign, n->term.text, networks, networks == 1 ? "" : "s");
  else
    log_change(l, "%s%c %s", where, sign, n->term.text);
}

/* --- the addresses of hosts --------------------------------------------------------------------------------------- */

static bool has_network(const struct spf_node *n, const struct ip_network *network) {
  for (unsigned i = 0; i < n->network_count; i++)
    if (n->networks[i].prefix_bits == network->prefix_bits && ip_network_contains(network, &n->networks[i].base))
      return true;
  return false;
}

static void spell_networks(struct strbuf *out, char sign, const struct spf_node *of, const struct spf_node *other) {
  unsigned count = 0;
  for (unsigned i = 0; i < of->network_count; i++) {
    char text[IP_TEXT_BYTES];
    if (has_network(other, &of->networks[i])) continue;
    if (count++ < MOST_NAMED)
      strbuf_printf(out, "%s%c %s", out->length ? ", " : "", sign, ip_network_format(&of->networks[i], text));
  }
  if (count > MOST_NAMED) strbuf_printf(out, ", %c %u more", sign, count - MOST_NAMED);
}

static void log_hosts(const struct logging *l, const struct spf_node *before, const struct spf_node *after,
                      const char *where) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (before->unknown || after->unknown) return;
  spell_networks(&text, '+', after, before);
  spell_networks(&text, '-', before, after);
  if (text.length) log_change(l, "%s%s: %s", where, after->term.text, strbuf_text(&text));
}

/* --- records ------------------------------------------------------------------------------------------------------ */

static void log_part(const struct logging *l, const struct part *before, const struct part *after, const char *where);

static void log_same(const struct logging *l, const struct spf_tree *tb, const struct spf_node *before,
                     const struct spf_tree *ta, const struct spf_node *after, const char *where) {
  if (after->missing && !before->missing)
    log_change(l, "%s%s: %s", where, after->term.text, after->missing);
  else if (before->missing && !after->missing && !after->unknown)
    log_change(l, "%s%s: its record is there", where, after->term.text);
  else if (before->record && after->record) {
    const struct part b = below(tb, (unsigned)(before - tb->nodes)), a = below(ta, (unsigned)(after - ta->nodes));
    _cleanup_free_ char *inside = mem_printf("in %s: ", after->target);
    log_part(l, &b, &a, inside);
  } else {
    log_hosts(l, before, after, where);
  }
}

static void log_part(const struct logging *l, const struct part *before, const struct part *after, const char *where) {
  for (unsigned i = after->first; i < after->end; i = after->tree->nodes[i].next) {
    const struct spf_node *n = &after->tree->nodes[i], *was = find(before, n, occurrence_of(after, n));
    if (!was)
      log_term(l, '+', after, n, where);
    else
      log_same(l, before->tree, was, after->tree, n, where);
  }
  for (unsigned i = before->first; i < before->end; i = before->tree->nodes[i].next) {
    const struct spf_node *n = &before->tree->nodes[i];
    if (!find(after, n, occurrence_of(before, n))) log_term(l, '-', before, n, where);
  }
}

static const char *outcome(const struct spf_tree *before, const struct spf_tree *after) {
  return before->permerror == after->permerror ? "" : after->permerror ? ": permerror" : ": no longer permerror";
}

void log_spf(const struct logging *l, const struct spf_tree *before, const struct spf_tree *after) {
  const struct part b = {before, 0, before->count}, a = {after, 0, after->count};
  log_part(l, &b, &a, "");
  if (before->lookups != after->lookups)
    log_change(l, "look-ups %u -> %u%s", before->lookups, after->lookups, outcome(before, after));
  else if (before->permerror != after->permerror)
    log_change(l, "%s", after->permerror ? "checks end in permerror" : "checks end in permerror no longer");
  if (before->voids != after->voids) log_change(l, "void look-ups %u -> %u", before->voids, after->voids);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* dns spf: the terms of SPF records with the mail that passed by each, one row a term. */
#include "base/cleanup.h"
#include "report/dns_tables.h"

/* clang-format off */
enum {
  DOMAIN, TERM, LOOKUPS, NETWORKS, MESSAGES, ADDRESSES, LAST_USED, ADVICE, STANDS_IN, VOIDS, DEPTH, PASSED,
  UNEXPLAINED, POLICY_DOMAIN, COLUMNS_OF_SPF
};
static const struct column COLUMNS[COLUMNS_OF_SPF] = {
    [DOMAIN] = {"domain", NULL, COLUMN_TEXT, 0},
    [TERM] = {"term", NULL, COLUMN_TEXT, COLUMN_KEY | COLUMN_WRAP},
    [LOOKUPS] = {"lookups", "look-ups", COLUMN_COUNT, 0},
    [NETWORKS] = {"networks", NULL, COLUMN_COUNT, 0},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0},
    [ADDRESSES] = {"addresses", NULL, COLUMN_COUNT, 0},
    [LAST_USED] = {"last_used", "last used", COLUMN_DAY, 0},
    [ADVICE] = {"advice", NULL, COLUMN_TEXT, COLUMN_WRAP},
    [STANDS_IN] = {"stands_in", "in", COLUMN_TEXT, COLUMN_DETAIL},
    [VOIDS] = {"void_lookups", "void", COLUMN_COUNT, COLUMN_DETAIL},
    [DEPTH] = {"depth", NULL, COLUMN_COUNT, COLUMN_DATA},
    [PASSED] = {"domain_passed", NULL, COLUMN_COUNT, COLUMN_DATA},
    [UNEXPLAINED] = {"domain_unexplained", NULL, COLUMN_COUNT, COLUMN_DATA},
    [POLICY_DOMAIN] = {"policy_domain", NULL, COLUMN_TEXT, COLUMN_DATA},
};
/* clang-format on */
static const struct table TABLE = {
    "dmarcctl.dns-spf",
    1,
    NULL,
    "No SPF record is known of the domains that match. 'dmarcctl dns snapshot' looks for them.",
    COLUMNS,
    COLUMNS_OF_SPF};

int dns_spf_begin(struct table_sink *sink, struct err *e) { return sink->begin(sink, &TABLE, e); }

static bool passes(const struct spf_node *n) {
  return n->term.qualifier == '+' && n->term.kind != SPF_REDIRECT && n->term.kind != SPF_EXP &&
         n->term.kind != SPF_OTHER;
}

/* The shortest prefix of its networks, for "a /16 of which 2 addresses send". */
static unsigned widest(const struct spf_node *n, unsigned *ret_most) {
  unsigned bits = 129;
  for (unsigned i = 0; i < n->network_count; i++)
    if (n->networks[i].prefix_bits < bits) {
      bits = n->networks[i].prefix_bits;
      *ret_most = n->networks[i].base.size * 8u;
    }
  return bits;
}

/* Wider than a /24, or of IPv6 than a /48, which is what a network of one's own has. */
static bool is_wide(const struct spf_node *n, unsigned *ret_bits) {
  unsigned most = 0;
  *ret_bits = widest(n, &most);
  return most == 32 ? *ret_bits < 24 : most && *ret_bits < 48;
}

static void spell_advice(const struct spf_use *use, unsigned at, struct strbuf *out) {
  const struct spf_node *n = &use->tree.nodes[at];
  const struct spf_term_use *u = &use->terms[at];
  unsigned bits;
  if (n->term.wrong)
    strbuf_printf(out, "no term of SPF: %s", n->term.wrong);
  else if (n->missing)
    strbuf_add_text(out, n->missing);
  else if (n->term.kind == SPF_ALL && n->term.qualifier == '+')
    strbuf_add_text(out, "everybody passes");
  else if (u->within)
    strbuf_printf(out, "redundant: within %s", u->within);
  else if (!n->depth && passes(n) && !u->messages && use->passed) /* others' records are theirs */
    strbuf_printf(out, "no mail passed by it in %d days", DNS_USE_DAYS);
  else if (passes(n) && u->addresses && is_wide(n, &bits))
    strbuf_printf(out, "a /%u of which %u address%s", bits, u->addresses, u->addresses == 1 ? " sends" : "es send");
}

static int push(const struct spf_use *use, unsigned at, struct table_sink *sink, struct err *e) {
  const struct spf_node *n = &use->tree.nodes[at];
  const struct spf_term_use *u = &use->terms[at];
  _cleanup_strbuf_ struct strbuf advice = STRBUF_INIT;
  unsigned networks = 0;
  for (unsigned i = at; i < n->next; i++) networks += use->tree.nodes[i].network_count;
  spell_advice(use, at, &advice);
  const struct cell cells[COLUMNS_OF_SPF] = {
      [DOMAIN] = cell_text(use->domain),
      [TERM] = cell_text(n->term.text),
      [LOOKUPS] = cell_count(n->lookups),
      [NETWORKS] = n->unknown ? cell_absent() : cell_count(networks),
      [MESSAGES] = cell_count(u->messages),
      [ADDRESSES] = cell_count(u->addresses),
      [LAST_USED] = cell_time(u->last_s),
      [ADVICE] = cell_text(advice.data),
      [STANDS_IN] = cell_text(n->domain),
      [VOIDS] = cell_count(n->voids),
      [DEPTH] = cell_count(n->depth),
      [PASSED] = cell_count(use->passed),
      [UNEXPLAINED] = cell_count(use->unexplained),
      [POLICY_DOMAIN] = cell_text(use->policy_domain),
  };
  return sink->row(sink, cells, e);
}

int dns_spf_push(const struct spf_use *use, struct table_sink *sink, struct err *e) {
  int code = 0;
  for (unsigned i = 0; i < use->tree.count && !code; i++) code = push(use, i, sink, e);
  return code;
}

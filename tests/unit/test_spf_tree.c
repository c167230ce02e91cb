/* SPDX-License-Identifier: Apache-2.0 */
/* SPF records as trees: what each term takes and names. */
#include "dns/spf_tree.h"

#include "dns_kit.h"

static const struct zone_line ZONE[] = {
    {DNS_TXT, "a.example", "v=spf1 include:b.example mx a:n.example/24 exists:%{i}.e.example redirect=r.example"},
    {DNS_TXT, "b.example", "v=spf1 ip4:192.0.2.0/28 include:gone.example -all ip4:192.0.2.99"},
    {DNS_TXT, "r.example", "v=spf1 ip6:2001:db8::/32 a:void.example ~all"},
    {DNS_MX, "a.example", "mx1.example"},
    {DNS_MX, "a.example", "mx2.example"},
    {DNS_A, "mx1.example", "192.0.2.25"},
    {DNS_AAAA, "mx1.example", "2001:db8::25"},
    {DNS_A, "mx2.example", "192.0.2.26"},
    {DNS_A, "n.example", "198.51.100.7"},
    {DNS_TXT, "loop.example", "v=spf1 include:loop.example -all"},
    {DNS_TXT, "bad.example", "v=spf1 -all ip4:x"},
    {DNS_TXT, "twice.example", "v=spf1 redirect=r.example redirect=r.example"},
    {DNS_TXT, "lost.example", "!"},
    {DNS_TXT, "fine.example", "v=spf1 include:r.example -all"},
    {DNS_TXT, "far.example", "v=spf1 include:lost.example -all"},
    {0, NULL, NULL},
};

static struct spf_tree tree_of(struct world *w, const char *domain) {
  struct spf_tree t;
  assert_true(spf_tree_look(w->dns, domain, w->arena, &t));
  return t;
}

static void a_tree_has_each_term_that_a_check_comes_to(void **state) {
  (void)state;
  static const struct {
    const char *text;
    unsigned depth, lookups, voids, networks;
  } EXPECTED[] = {
      {"include:b.example", 0, 2, 0, 0},
      {"ip4:192.0.2.0/28", 1, 0, 0, 1},
      {"include:gone.example", 1, 1, 0, 0},
      {"-all", 1, 0, 0, 0},
      {"mx", 0, 1, 0, 3},
      {"a:n.example/24", 0, 1, 0, 1},
      {"exists:%{i}.e.example", 0, 1, 0, 0},
      {"redirect=r.example", 0, 2, 1, 0},
      {"ip6:2001:db8::/32", 1, 0, 0, 1},
      {"a:void.example", 1, 1, 1, 0},
      {"~all", 1, 0, 0, 0},
  };
  _cleanup_world_ struct world w;
  char text[IP_TEXT_BYTES];
  world_open(&w, ZONE);
  const struct spf_tree t = tree_of(&w, "a.example");
  assert_int_equal(t.count, ARRAY_SIZE(EXPECTED));
  for (unsigned i = 0; i < t.count; i++) {
    const struct spf_node *n = &t.nodes[i];
    assert_string_equal(n->term.text, EXPECTED[i].text);
    assert_int_equal(n->depth, EXPECTED[i].depth);
    assert_int_equal(n->lookups, EXPECTED[i].lookups);
    assert_int_equal(n->voids, EXPECTED[i].voids);
    assert_int_equal(n->network_count, EXPECTED[i].networks);
  }
  assert_int_equal(t.nodes[0].next, 4);
  assert_string_equal(t.nodes[2].missing, "it has no SPF record");
  assert_string_equal(ip_network_format(&t.nodes[5].networks[0], text), "198.51.100.0/24");
  assert_int_equal(t.lookups, 7);
  assert_int_equal(t.voids, 1);
  assert_int_equal(t.network_count, 6);
}

static void what_ends_in_an_error_is_told(void **state) {
  (void)state;
  static const char *const WRONG[] = {"a.example", "loop.example", "bad.example", "twice.example"};
  static const char *const RIGHT[] = {"fine.example", "b2.example", "lost.example", "far.example"};
  _cleanup_world_ struct world w;
  world_open(&w, ZONE);
  for (unsigned i = 0; i < ARRAY_SIZE(WRONG); i++)
    if (!tree_of(&w, WRONG[i]).permerror) fail_msg("%s", WRONG[i]);
  for (unsigned i = 0; i < ARRAY_SIZE(RIGHT); i++)
    if (tree_of(&w, RIGHT[i]).permerror) fail_msg("%s", RIGHT[i]);
  assert_true(tree_of(&w, "lost.example").unknown);
  const struct spf_tree far = tree_of(&w, "far.example");
  assert_true(far.nodes[0].unknown);
  assert_null(far.nodes[0].missing);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_tree_has_each_term_that_a_check_comes_to),
      cmocka_unit_test(what_ends_in_an_error_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Replies read from their bytes, and what the resolver asks for. */
#include "dns_kit.h"

/* --- replies ------------------------------------------------------------------------------------------------------ */

struct packet {
  unsigned char bytes[2048];
  size_t size;
};

static void add_16(struct packet *p, unsigned n) {
  p->bytes[p->size++] = (unsigned char)(n >> 8);
  p->bytes[p->size++] = (unsigned char)n;
}
static void add_32(struct packet *p, uint32_t n) {
  add_16(p, n >> 16);
  add_16(p, n & 0xffff);
}
static void add_name(struct packet *p, const char *name) {
  while (*name) {
    size_t length = strcspn(name, ".");
    p->bytes[p->size++] = (unsigned char)length;
    memcpy(p->bytes + p->size, name, length);
    p->size += length;
    name += length + (name[length] == '.');
  }
  p->bytes[p->size++] = 0;
}
static void begin(struct packet *p, int rcode, unsigned answers, unsigned authority, const char *name, int type) {
  *p = (struct packet){.size = 0};
  add_16(p, 0x1234);
  add_16(p, 0x8180 | (unsigned)rcode);
  add_16(p, 1);
  add_16(p, answers);
  add_16(p, authority);
  add_16(p, 0);
  add_name(p, name);
  add_16(p, (unsigned)type);
  add_16(p, 1);
}
static void add_record(struct packet *p, const char *name, int type, uint32_t ttl_s, const void *data, size_t size) {
  add_name(p, name);
  add_16(p, (unsigned)type);
  add_16(p, 1);
  add_32(p, ttl_s);
  add_16(p, (unsigned)size);
  memcpy(p->bytes + p->size, data, size);
  p->size += size;
}
static void add_name_record(struct packet *p, const char *name, int type, uint32_t ttl_s, const char *target) {
  struct packet data = {.size = 0};
  add_name(&data, target);
  add_record(p, name, type, ttl_s, data.bytes, data.size);
}
enum { WIRE_A = 1, WIRE_NS = 2, WIRE_CNAME = 5, WIRE_SOA = 6, WIRE_PTR = 12, WIRE_TXT = 16 };

static struct dns_reply read_packet(const struct packet *p, enum dns_type type, const char *name, struct arena *arena) {
  struct dns_reply reply;
  dns_message_read(p->bytes, p->size, type, name, arena, &reply);
  return reply;
}

static void strings_of_a_text_are_joined_and_odd_bytes_shown(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct packet p;
  static const char DATA[] = "\003v=D\005MARC1\004;\033\0\377";
  begin(&p, 0, 1, 0, "_dmarc.example.com", WIRE_TXT);
  add_record(&p, "_dmarc.Example.COM", WIRE_TXT, 300, DATA, sizeof DATA - 1);
  struct dns_reply r = read_packet(&p, DNS_TXT, "_dmarc.example.com", arena);
  assert_int_equal(r.status, DNS_OK);
  assert_int_equal(r.count, 1);
  assert_string_equal(r.texts[0], "v=DMARC1;\\027\\000\\255");
  assert_int_equal(r.ttl_s, 300);
}

static void aliases_are_followed_and_the_shortest_time_counts(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct packet p;
  begin(&p, 0, 4, 0, "10.2.0.192.in-addr.arpa", WIRE_PTR); /* RFC 2317 */
  add_name_record(&p, "10.2.0.192.in-addr.arpa", WIRE_CNAME, 3600, "10.0/25.2.0.192.in-addr.arpa");
  add_name_record(&p, "10.0/25.2.0.192.in-addr.arpa", WIRE_CNAME, 60, "ptr.example.net");
  add_name_record(&p, "ptr.example.net", WIRE_PTR, 7200, "Mail.Example.NET");
  add_name_record(&p, "somebody.example.net", WIRE_PTR, 7200, "else.example.net");
  struct dns_reply r = read_packet(&p, DNS_PTR, "10.2.0.192.in-addr.arpa", arena);
  assert_int_equal(r.count, 1);
  assert_string_equal(r.texts[0], "mail.example.net");
  assert_int_equal(r.ttl_s, 60);
}

static void names_with_odd_bytes_are_left_out(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  static const char *const ODD[] = {"a b.example.net",
                                    "\033[31m.example.net",
                                    "\303\244.example.net",
                                    "x;y.example.net",
                                    "good.example.net",
                                    "..",
                                    ""};
  struct packet p;
  begin(&p, 0, 6, 0, "10.2.0.192.in-addr.arpa", WIRE_PTR);
  for (unsigned i = 0; i < 6; i++) add_name_record(&p, "10.2.0.192.in-addr.arpa", WIRE_PTR, 60, ODD[i]);
  struct dns_reply r = read_packet(&p, DNS_PTR, "10.2.0.192.in-addr.arpa", arena);
  assert_int_equal(r.count, 1);
  assert_string_equal(r.texts[0], "good.example.net");
}

static void a_negative_reply_lasts_as_long_as_its_soa_says(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct packet p, soa = {.size = 0};
  add_name(&soa, "ns.example.com");
  add_name(&soa, "hostmaster.example.com");
  for (int i = 0; i < 5; i++) add_32(&soa, i == 4 ? 900 : 1);
  for (int rcode = 0; rcode <= 3; rcode += 3) {
    begin(&p, rcode, 0, 1, "_dmarc.example.com", WIRE_TXT);
    add_record(&p, "example.com", WIRE_SOA, 3600, soa.bytes, soa.size);
    struct dns_reply r = read_packet(&p, DNS_TXT, "_dmarc.example.com", arena);
    assert_int_equal(r.status, DNS_NONE);
    assert_true(r.ttl_told);
    assert_int_equal(r.ttl_s, 900);
  }
  begin(&p, 3, 0, 0, "_dmarc.example.com", WIRE_TXT);
  assert_false(read_packet(&p, DNS_TXT, "_dmarc.example.com", arena).ttl_told);
}

static void an_alias_to_nowhere_says_where_it_leads(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct packet p;
  begin(&p, 3, 1, 0, "_dmarc.example.com", WIRE_TXT);
  add_name_record(&p, "_dmarc.example.com", WIRE_CNAME, 60, "gone.example.net");
  struct dns_reply r = read_packet(&p, DNS_TXT, "_dmarc.example.com", arena);
  assert_int_equal(r.status, DNS_NONE);
  assert_int_equal(r.count, 1);
  assert_string_equal(r.texts[0], "gone.example.net");
}

static void replies_that_say_nothing_have_failed(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct packet p;
  begin(&p, 2, 0, 0, "example.com", WIRE_TXT); /* SERVFAIL */
  assert_int_equal(read_packet(&p, DNS_TXT, "example.com", arena).status, DNS_FAILED);
  begin(&p, 0, 0, 0, "example.org", WIRE_TXT); /* another question */
  assert_int_equal(read_packet(&p, DNS_TXT, "example.com", arena).status, DNS_FAILED);
  begin(&p, 0, 2, 0, "a.example.com", WIRE_A); /* aliases in a ring */
  add_name_record(&p, "a.example.com", WIRE_CNAME, 60, "b.example.com");
  add_name_record(&p, "b.example.com", WIRE_CNAME, 60, "a.example.com");
  assert_int_equal(read_packet(&p, DNS_A, "a.example.com", arena).status, DNS_FAILED);
  p.size = 5;
  assert_int_equal(read_packet(&p, DNS_A, "a.example.com", arena).status, DNS_FAILED);
  p.size = 0;
  assert_int_equal(read_packet(&p, DNS_A, "a.example.com", arena).status, DNS_FAILED);
}

static void why_there_is_nothing_is_told_apart(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct packet p;
  begin(&p, 3, 0, 0, "example.com", WIRE_TXT);
  assert_int_equal(read_packet(&p, DNS_TXT, "example.com", arena).why, DNS_WHY_NXDOMAIN);
  begin(&p, 0, 0, 0, "example.com", WIRE_TXT);
  assert_int_equal(read_packet(&p, DNS_TXT, "example.com", arena).why, DNS_WHY_NODATA);
  begin(&p, 2, 0, 0, "example.com", WIRE_TXT);
  assert_int_equal(read_packet(&p, DNS_TXT, "example.com", arena).why, DNS_WHY_SERVER);
}

static void a_server_without_the_zone_does_not_make_a_name_vanish(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct packet p;
  begin(&p, 0, 0, 1, "_dmarc.example.com", WIRE_TXT);
  add_name_record(&p, "com", WIRE_NS, 300, "ns.example.net");
  const struct dns_reply r = read_packet(&p, DNS_TXT, "_dmarc.example.com", arena);
  assert_int_equal(r.status, DNS_FAILED);
  assert_int_equal(r.why, DNS_WHY_SERVER);
}

static void what_is_cut_off_is_not_known(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct packet p;
  begin(&p, 0, 1, 0, "example.com", WIRE_TXT);
  add_record(&p, "example.com", WIRE_TXT, 300, "\001x", 2);
  assert_int_equal(read_packet(&p, DNS_TXT, "example.com", arena).status, DNS_OK);
  p.bytes[2] |= 2;
  assert_int_equal(read_packet(&p, DNS_TXT, "example.com", arena).status, DNS_FAILED);
}

static void name_servers_and_the_end_of_an_alias_are_read(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct packet p;
  begin(&p, 0, 1, 0, "example.com", WIRE_NS);
  add_name_record(&p, "example.com", WIRE_NS, 300, "NS1.Example.net");
  struct dns_reply r = read_packet(&p, DNS_NS, "example.com", arena);
  assert_int_equal(r.count, 1);
  assert_string_equal(r.texts[0], "ns1.example.net");
  assert_null(r.alias);
  begin(&p, 0, 2, 0, "s1._domainkey.example.com", WIRE_TXT);
  add_name_record(&p, "s1._domainkey.example.com", WIRE_CNAME, 300, "s1.Mailer.example.net");
  add_record(&p, "s1.mailer.example.net", WIRE_TXT, 300, "\001x", 2);
  r = read_packet(&p, DNS_TXT, "s1._domainkey.example.com", arena);
  assert_int_equal(r.status, DNS_OK);
  assert_string_equal(r.alias, "s1.mailer.example.net");
}

static void nobody_is_asked_offline(void **state) {
  (void)state;
  _cleanup_dns_ struct dns *d = NULL;
  struct dns_counts counts;
  assert_int_equal(dns_open(&(struct dns_options){.offline = true, .time_ms = 1000}, &d, NULL), 0);
  const struct dns_answer *answer = dns_look(d, DNS_TXT, "example.com");
  assert_non_null(answer);
  assert_int_equal(answer->status, DNS_FAILED);
  dns_run(d);
  dns_count(d, &counts);
  assert_int_equal(counts.asked, 0);
}

static void more_texts_than_are_kept_are_unknown(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct {
    struct packet p;
    unsigned char more[30000];
  } *big = mem_zalloc(sizeof *big);
  unsigned char data[256];
  memset(data, 'x', sizeof data);
  data[0] = 255;
  begin(&big->p, 0, 90, 0, "example.com", WIRE_TXT);
  unsigned char *bytes = mem_zalloc(40000);
  size_t size = big->p.size;
  memcpy(bytes, big->p.bytes, size);
  for (int i = 0; i < 90; i++) {
    struct packet one = {.size = 0};
    add_record(&one, "example.com", WIRE_TXT, 60, data, sizeof data);
    memcpy(bytes + size, one.bytes, one.size);
    size += one.size;
  }
  struct dns_reply reply;
  dns_message_read(bytes, size, DNS_TXT, "example.com", arena, &reply);
  assert_int_equal(reply.status, DNS_FAILED);
  free(bytes);
  free(big);
}

/* Each byte of a reply changed and each length cut: whatever is read, nothing is overrun (the sanitizers tell). */
static void a_mangled_reply_does_no_harm(void **state) {
  (void)state;
  struct packet p;
  begin(&p, 0, 3, 0, "a.example.com", WIRE_TXT);
  add_name_record(&p, "a.example.com", WIRE_CNAME, 60, "b.example.com");
  add_record(&p, "b.example.com", WIRE_TXT, 60, "\004text\003xyz", 9);
  add_record(&p, "b.example.com", WIRE_TXT, 60, "\004text", 5);
  unsigned seed = 1;
  for (size_t cut = 0; cut <= p.size; cut++) {
    for (int round = 0; round < 64; round++) {
      _cleanup_arena_ struct arena *arena = arena_new(1024);
      _cleanup_free_ unsigned char *bytes = mem_alloc(cut + 1);
      struct dns_reply reply;
      memcpy(bytes, p.bytes, cut);
      for (int i = 0; cut && i < round % 4; i++) {
        seed = seed * 1103515245 + 12345;
        bytes[(seed >> 16) % cut] = (unsigned char)(seed >> 8);
      }
      unsigned char *exact = mem_realloc(TAKE_PTR(bytes), cut ? cut : 1);
      for (int type = 0; type < DNS_TYPES; type++)
        dns_message_read(exact, cut, (enum dns_type)type, "a.example.com", arena, &reply);
      free(exact);
    }
  }
}

/* --- the resolver ------------------------------------------------------------------------------------------------- */

static void a_server_is_an_address_with_a_port_or_without(void **state) {
  (void)state;
  static const char *const GOOD[] = {"192.0.2.1", "192.0.2.1:53", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:5353"};
  static const char *const BAD[] = {
      "",           "ns.example.com", "192.0.2.1:",      "192.0.2.1:0", "192.0.2.1:65536",
      "[192.0.2.1", "[::1]x",         "[2001:db8::1]:a", ":53",         "192.0.2.1:53:53"};
  for (unsigned i = 0; i < ARRAY_SIZE(GOOD); i++) {
    struct dns *d = NULL;
    struct err e;
    assert_int_equal(dns_open(&(struct dns_options){.server = GOOD[i]}, &d, &e), 0);
    dns_close(d);
  }
  for (unsigned i = 0; i < ARRAY_SIZE(BAD); i++) {
    struct dns *d = NULL;
    struct err e;
    assert_int_equal(dns_open(&(struct dns_options){.server = BAD[i]}, &d, &e), ERR_USAGE);
    assert_null(d);
  }
}

static void only_harmless_names_are_asked_for(void **state) {
  (void)state;
  static const char *const NO[] = {"",   ".",           "a..b", "a b", "a\\032b", "b\303\274cher.example",
                                   "x.", "Example.com", "a/b"};
  assert_true(dns_name_is_askable("_dmarc.xn--bcher-kva.example"));
  for (unsigned i = 0; i < ARRAY_SIZE(NO); i++) assert_false(dns_name_is_askable(NO[i]));
  char label[65] = {0};
  memset(label, 'a', 64);
  assert_false(dns_name_is_askable(label));
}

static void without_time_everything_is_unanswered(void **state) {
  (void)state;
  struct dns *d = NULL;
  struct err e;
  struct dns_counts counts;
  assert_int_equal(dns_open(&(struct dns_options){.server = "127.0.0.1:9"}, &d, &e), 0);
  assert_null(dns_look(d, DNS_TXT, "example.com"));
  assert_null(dns_look(d, DNS_TXT, "example.com"));
  assert_null(dns_look(d, DNS_A, "example.com"));
  assert_int_equal(dns_look(d, DNS_A, "not a name")->status, DNS_FAILED);
  dns_run(d);
  assert_int_equal(dns_look(d, DNS_TXT, "example.com")->status, DNS_FAILED);
  dns_count(d, &counts);
  assert_int_equal(counts.asked, 0);
  assert_int_equal(counts.unanswered, 2);
  dns_close(d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(strings_of_a_text_are_joined_and_odd_bytes_shown),
      cmocka_unit_test(aliases_are_followed_and_the_shortest_time_counts),
      cmocka_unit_test(names_with_odd_bytes_are_left_out),
      cmocka_unit_test(a_negative_reply_lasts_as_long_as_its_soa_says),
      cmocka_unit_test(an_alias_to_nowhere_says_where_it_leads),
      cmocka_unit_test(replies_that_say_nothing_have_failed),
      cmocka_unit_test(why_there_is_nothing_is_told_apart),
      cmocka_unit_test(a_server_without_the_zone_does_not_make_a_name_vanish),
      cmocka_unit_test(what_is_cut_off_is_not_known),
      cmocka_unit_test(name_servers_and_the_end_of_an_alias_are_read),
      cmocka_unit_test(nobody_is_asked_offline),
      cmocka_unit_test(more_texts_than_are_kept_are_unknown),
      cmocka_unit_test(a_mangled_reply_does_no_harm),
      cmocka_unit_test(a_server_is_an_address_with_a_port_or_without),
      cmocka_unit_test(only_harmless_names_are_asked_for),
      cmocka_unit_test(without_time_everything_is_unanswered),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

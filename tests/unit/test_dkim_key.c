/* SPDX-License-Identifier: Apache-2.0 */
/* Key records of DKIM and their faults. The keys are made up for this test, and nobody has their other halves. */
#include "dns/dkim_key.h"

#include "crypto/public_key.h"
#include "dns_kit.h"

#define RSA_768                                                                              \
  "MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhAMV7EAdq3RWHx1Y7hdTeiIbcazd1lMvb5r0/boqKgYdJg1yNyQ+/UseJ" \
  "ohiFrBS6eFv+9ki4om+ZRd/ZIPOMI69kSWJiP4hq88DhHmP+wwbUDnd07nP/89Z8QzFRAE7vLQIDAQAB"
#define RSA_1024                                                                             \
  "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDUuE9XZdIBH8mO6ksYJhKrgdoBvstftk7zzsbMtEeKqBvKCseU" \
  "d5S9Y2tRo+lLOp0RKzZfJTXvGbwWrfYvOhYrOu1bD6XBG/cSi5S7pGP3DOZ6RPppKRDtWcFXOOdZbjWrrvsxAXVH" \
  "w+GeRUFiuYO3ZHtcUN8avvW9h6CjhODDOwIDAQAB"
#define RSA_1024_BARE                                                                        \
  "MIGJAoGBANS4T1dl0gEfyY7qSxgmEquB2gG+y1+2TvPOxsy0R4qoG8oKx5R3lL1ja1Gj6Us6nRErNl8lNe8ZvBat" \
  "9i86Fis67VsPpcEb9xKLlLukY/cM5npE+mkpEO1ZwVc451luNauu+zEBdUfD4Z5FQWK5g7dke1xQ3xq+9b2HoKOE" \
  "4MM7AgMBAAE="
#define RSA_2048                                                                             \
  "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA62qT8VIin1+B7h+8AMJBfzoEJvKUgaGPB8OfPQJKKPC6" \
  "5cMTxNVNj+PqdTlSYU8NREPorAIZDHJ4ypB4G7o65xolS6ZqIC4eaAaN2ZRii8LicS2AjNpau3a5Di3bPRNPS1rq" \
  "pnMu+yJ26KfPx40LqABiWVTRyXEPlThxXSfofo2OjQXuKI49DpZuA0+Z8gW7SQUWzp097Q+gZgna1LoqMINL+zXh" \
  "FzcANN81tYAgf8Dfo4g54qerkEA23+6nAHDKSRjl6kuulWS3RhlrGK5FexG4Q8wYNNcNlGWQVVwm/y+4qvMCcBQl" \
  "JRHLqh1jqNWdvKW6RWqIbAL9c11g3pPsDQIDAQAB"
#define RSA_4104                                                                             \
  "MIICIzANBgkqhkiG9w0BAQEFAAOCAhAAMIICCwKCAgIAx+VH2vxPq/R+RLCWTNzke28lQJXODDIbNpM4l2jUUd12" \
  "TE+ln9AEhqCa8RDYaTnA43yfbFyYKFW9RohYy6BUU9r9I0iHUigTyFhco2SvaCo3f5Zsk0Jodcf5/Q9SfbKOCCXm" \
  "rOBjuTlmy8BOqIngIfp78uKX1faCMs3M2tz1bRQgpF0NP4wPEt95u6Uujz73Mk1LGCo8Bv4JNjF5q9PiexfLqiCZ" \
  "c4kaxWfM3FrU8SORrC92VKGw11lOwbo+G1m8Sc9KzhkEDEjedhkjEx0JKcZ3v/+bXKkKyd9hPledG0fAwx2AQFSk" \
  "el8ASA6imA4RjfLc7vARUsJKKHtu4RBDepM3xDLx33z+QF3kdC+Gpitgl0yhUry1fTzFeMIKRq52isZZzex+r3qe" \
  "0mS0DbKgvnQmkgNiBeipN/ND/LZUfI9+zaE4QWr+Vt3JEIK1Jx3dGLBIZ/pG5uDH3If+HPg80Ynynw2OScDWXfLU" \
  "BsiN/pUVsst11ohmIeBYof3m0c+Ol8218M90jq0yOZTqyQM7OW9487oNyQVmAWEYGs35E8GQeVt84ptb8QYCDP2v" \
  "ST72uwY4fboS5J0K/J7X0/2DCq7FREavIntbS5se+kT4OFZw7BYed+L03NN28O31P6/yKj92neRalH9p4qV62eNn" \
  "feWDH/76ivu/hy0oc9NsD189AgMBAAE="
#define ED25519 "Csuk/W0MhnRmuCcZSCN2AhgDMcHwv0pSHHPU5IDOLso="
#define ELLIPTIC                                                                             \
  "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBNSon3b/GgrLWN0HeeA0IjjOY4JTlcFi6Sh+JbtgTqzcK0NXqLwR" \
  "BTGW/L1kp8QWKjNopckFRxwzO6HZd8MevQ=="

struct expected {
  const char *text, *faults, *algorithm;
  unsigned bits;
  bool usable;
};

static void assert_key(const struct expected *x) {
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  struct dns_faults faults = {.count = 0};
  struct dkim_key k;
  char joined[256] = "";
  const struct dns_answer answer = {.status = DNS_OK, .texts = &x->text, .count = 1};
  dkim_key_read(&k, &answer, arena, &faults);
  for (unsigned i = 0; i < faults.count; i++)
    snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "%s%s", *joined ? " " : "",
             faults.items[i].fault);
  if (strcmp(joined, x->faults) || k.bits != x->bits || k.usable != x->usable || strcmp(k.algorithm, x->algorithm))
    fail_msg("%.60s: \"%s\", %s, %u bits, usable %d", x->text, joined, k.algorithm, k.bits, k.usable);
}

static void keys_are_read_with_their_faults(void **state) {
  (void)state;
  static const struct expected CASES[] = {
      {"v=DKIM1; k=rsa; p=" RSA_2048, "", "rsa", 2048, true},
      {"p=" RSA_2048, "", "rsa", 2048, true},
      {" v=DKIM1 ;p= " RSA_2048 " ; t=s; s=email; h=sha1:sha256; n=a note", "", "rsa", 2048, true},
      {"v=DKIM1; p=" RSA_1024, "key_short", "rsa", 1024, true},
      {"v=DKIM1; p=" RSA_1024_BARE, "key_short", "rsa", 1024, true},
      {"v=DKIM1; p=" RSA_768, "key_weak", "rsa", 768, false},
      {"v=DKIM1; p=" RSA_4104, "key_long", "rsa", 4104, true},
      {"v=DKIM1; k=ed25519; p=" ED25519, "", "ed25519", 0, true},
      {"v=DKIM1; k=ed25519; p=" RSA_1024, "key_syntax", "ed25519", 0, false},
      {"v=DKIM1; p=" ED25519, "key_syntax", "rsa", 0, false},
      {"v=DKIM1; p=" ELLIPTIC, "key_syntax", "rsa", 0, false},
      {"v=DKIM1; k=dsa; p=" RSA_2048, "key_algorithm", "dsa", 0, false},
      {"v=DKIM1; p=", "key_revoked", "rsa", 0, false},
      {"v=DKIM1", "key_syntax", "rsa", 0, false},
      {"v=DKIM1; p=AAAA*", "key_syntax", "rsa", 0, false},
      {"v=DKIM1; p=" RSA_2048 "AAAA", "key_syntax", "rsa", 0, false},
      {"v=DKIM2; p=" RSA_2048, "key_version", "rsa", 2048, false},
      {"p=" RSA_2048 "; v=DKIM1", "key_version", "rsa", 2048, false},
      {"v=DKIM1; t=y:s; p=" RSA_2048, "key_testing", "rsa", 2048, true},
      {"v=DKIM1; s=tlsrpt; p=" RSA_2048, "key_service", "rsa", 2048, false},
      {"v=DKIM1; s=tlsrpt : * ; p=" RSA_2048, "", "rsa", 2048, true},
      {"v=DKIM1; h=sha1; p=" RSA_2048, "key_hash", "rsa", 2048, false},
      {"v=DKIM1; p=" RSA_2048 "; p=x", "key_duplicate_tag", "rsa", 2048, false},
      {"v=DKIM1; junk; p=" RSA_2048, "key_syntax", "rsa", 2048, false},
      {"v=DKIM1; p=\\226\\128\\139" RSA_2048, "key_strange_bytes key_syntax", "rsa", 0, false},
      {"v=spf1 -all", "key_syntax key_version", "rsa", 0, false},
  };
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) assert_key(&CASES[i]);
}

static void a_key_without_its_end_is_none(void **state) {
  (void)state;
  unsigned char bytes[PUBLIC_KEY_MOST_BYTES];
  size_t size;
  assert_true(base64_read(RSA_2048, bytes, &size));
  assert_int_equal(rsa_key_bits(bytes, size), 2048);
  for (size_t cut = 0; cut < size; cut++) assert_int_equal(rsa_key_bits(bytes, cut), 0);
}

static void several_records_are_told_and_the_first_is_read(void **state) {
  (void)state;
  static const char *const TEXTS[] = {"v=DKIM1; p=" RSA_2048, "v=DKIM1; p="};
  _cleanup_arena_ struct arena *arena = arena_new(4096);
  struct dns_faults faults = {.count = 0};
  struct dkim_key k;
  dkim_key_read(&k, &(struct dns_answer){.status = DNS_OK, .texts = TEXTS, .count = 2}, arena, &faults);
  assert_true(k.usable);
  assert_true(has_fault(&faults, "key_several"));
  dkim_key_read(&k, &(struct dns_answer){.status = DNS_NONE}, arena, &faults);
  assert_null(k.text);
  assert_false(k.usable);
}

static void base64_is_read_strictly(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int size;
  } CASES[] = {{"", 0},   {"QUJD", 3}, {"QU JD\t", 3}, {"QUI=", 2},  {"QUI", 2},   {"QQ==", 1}, {"QQ", 1},
               {"Q", -1}, {"QQ=", -1}, {"QUJD=", -1},  {"Q=UI", -1}, {"QUJ*", -1}, {"====", -1}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    unsigned char bytes[PUBLIC_KEY_MOST_BYTES];
    size_t size;
    const bool read = base64_read(CASES[i].text, bytes, &size);
    if (read != (CASES[i].size >= 0) || (read && (int)size != CASES[i].size)) fail_msg("\"%s\"", CASES[i].text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keys_are_read_with_their_faults),
      cmocka_unit_test(a_key_without_its_end_is_none),
      cmocka_unit_test(several_records_are_told_and_the_first_is_read),
      cmocka_unit_test(base64_is_read_strictly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

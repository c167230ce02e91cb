/* SPDX-License-Identifier: Apache-2.0 */
/* Whose mail may bring whose reports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the three above first */
#include <cmocka.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/provenance.h"
#include "base/utc.h"

#define FILE_OF(receiver) receiver "!example.com!1780272000!1780358399.xml.gz"
#define NO_MAIL \
  { .state = CARRIAGE_NOT_JUDGED }
#define BY(name) \
  { CARRIAGE_AUTHENTICATED, name }
#define NOBODY \
  { .state = CARRIAGE_UNAUTHENTICATED }
#define FAILED \
  { .state = CARRIAGE_FAILED }

static const struct claim {
  const char *org_name, *email;
  struct carriage carriage;
  const char *file_name;
  const char *word;
} CLAIMS[] = {
    /* by the table */
    {"google.com", "noreply-dmarc-support@google.com", BY("google.com"), FILE_OF("google.com"), "proven"},
    {"GOOGLE.com", "<noreply-dmarc-support@google.com>", BY("google.com"), NULL, "proven"},
    {"google.com", "noreply-dmarc-support@google.com", BY("forger.example"), NULL, "contradicted"},
    {"google.com", "noreply-dmarc-support@google.com", BY("xgoogle.com"), NULL, "contradicted"},
    {"google.com", "noreply-dmarc-support@google.com", BY("gmail.com"), NULL, "contradicted"}, /* anybody's mail */
    {"google.com", "google@forger.example", BY("forger.example"), NULL, "contradicted"},
    {"Outlook.com", "dmarcreport@microsoft.com", BY("microsoft.com"), FILE_OF("protection.outlook.com"), "proven"},
    {"Outlook.com", "dmarcreport@microsoft.com", BY("outlook.com"), NULL, "contradicted"},
    {"Yahoo", "dmarchelp@yahooinc.com", BY("dmarc.yahoo.com"), FILE_OF("aol.com"), "proven"},
    {"Yahoo", "dmarchelp@yahooinc.com", BY("yahoo.com"), NULL, "contradicted"},
    {"Yahoo", "dmarchelp@yahooinc.com", BY("dmarc.yahoo.com"), FILE_OF("yahoo.co.uk"), "proven"},
    {"Yahoo", "dmarchelp@yahooinc.com", BY("forger.example"), FILE_OF("yahoo.co.uk"), "contradicted"},
    {"comcast.net", "dmarc-admin@alerts.comcast.net", BY("comcast.net"), NULL, "contradicted"},
    {"Mimecast", "dmarc_rua@mimecast.com", BY("mimecast.com"), FILE_OF("mimecast.org"), "proven"},
    {"Mimecast", "no-reply@us-1.mimecastreport.com", BY("us-1.mimecastreport.com"), NULL, "proven"},
    {"docomo.ne.jp", "reporting@dmarc25.jp", BY("dmarc25.jp"), FILE_OF("docomo.ne.jp"), "proven"},
    {"docomo.ne.jp", "reporting@docomo.ne.jp", BY("docomo.ne.jp"), NULL, "contradicted"},
    {"Mail.Ru", "dmarc_support@corp.mail.ru", BY("corp.mail.ru"), FILE_OF("bk.ru"), "proven"},
    {"Mail.Ru", "dmarc_support@corp.mail.ru", BY("mail.ru"), NULL, "contradicted"},
    {"seznam.cz a.s.", "abuse@seznam.cz", BY("seznam.cz"), FILE_OF("seznam.cz"), "proven"},
    {"zoho.com", "noreply-dmarc@zoho.com", BY("zoho.com"), FILE_OF("zoho.com"), "proven"},
    {"infomaniak.com", "dmarc@infomaniak.com", BY("infomaniak.com"), NULL, "proven"},
    {"cisco.com", "MAILER-DAEMON@mail.cisco.com", BY("mail.cisco.com"), FILE_OF("cisco.com"), "proven"},
    {"cisco.com", "dmarc@forger.example", BY("forger.example"), NULL, "contradicted"},
    /* by the report's own address, else by its name */
    {"Acme Ltd", "dmarc@acme.example", BY("acme.example"), NULL, "proven"},
    {"Acme Ltd", "dmarc@acme.example", BY("mail.acme.example"), NULL, "proven"},
    {"Acme Ltd", "dmarc@acme.example", BY("other.example"), NULL, "unproven"},
    {"acme.example", NULL, BY("acme.example"), NULL, "proven"},
    {"acme.example", "dmarc@other.example", BY("acme.example"), NULL, "unproven"},
    {"Acme Ltd", NULL, BY("acme.example"), NULL, "unproven"},
    {"Acme Ltd", "acme@gmail.com", BY("gmail.com"), NULL, "unproven"},
    {"Acme Ltd", "acme@seznam.cz", BY("seznam.cz"), NULL, "unproven"},
    {"192.0.2.1", NULL, BY("192.0.2.1"), NULL, "unproven"},
    {NULL, NULL, BY("acme.example"), NULL, "unproven"},
    /* by the name of the file */
    {"google.com", "noreply-dmarc-support@google.com", BY("google.com"), FILE_OF("acme.example"), "contradicted"},
    {"acme.example", "dmarc@acme.example", BY("acme.example"), FILE_OF("mx1.acme.example"), "proven"},
    {"acme.example", "dmarc@acme.example", BY("acme.example"), FILE_OF("other.example"), "contradicted"},
    {"acme.example", "dmarc@acme.example", NOBODY, FILE_OF("other.example"), "contradicted"},
    {"Acme Ltd", "dmarc@acme.example", BY("acme.example"), FILE_OF("customer.example"), "proven"},
    {"acme.example", "dmarc@acme.example", BY("acme.example"), "report!1.xml", "proven"},
    {"acme.example", "dmarc@acme.example", BY("acme.example"), FILE_OF("localhost"), "proven"},
    /* by what the server found */
    {"google.com", "noreply-dmarc-support@google.com", NOBODY, NULL, "unproven"},
    {"google.com", "noreply-dmarc-support@google.com", FAILED, NULL, "contradicted"},
    {"google.com", "noreply-dmarc-support@google.com", NO_MAIL, FILE_OF("forger.example"), NULL},
};

static void a_claim_is_held_against_the_mail(void **state) {
  (void)state;
  struct arena *arena = arena_new(1024);
  for (size_t i = 0; i < ARRAY_SIZE(CLAIMS); i++) {
    const struct claim *c = &CLAIMS[i];
    struct feedback_header h = {.org_name = c->org_name, .email = c->email};
    provenance_judge(&h, &c->carriage, c->file_name, arena);
    const char *word = provenance_word(h.provenance);
    if (!word != !c->word || (word && strcmp(word, c->word) != 0))
      fail_msg("%zu: %s by %s is %s, not %s", i, c->org_name ? c->org_name : "-",
               c->carriage.domain ? c->carriage.domain : "-", word ? word : "-", c->word ? c->word : "-");
  }
  arena_free(arena);
}

static void what_no_mail_brought_is_not_judged(void **state) {
  (void)state;
  struct feedback_header h = {.org_name = "google.com", .carrier = "x", .provenance = PROVENANCE_PROVEN};
  provenance_judge(&h, NULL, FILE_OF("google.com"), NULL);
  assert_int_equal(h.provenance, PROVENANCE_NOT_JUDGED);
  assert_null(h.carrier);
  assert_null(h.submitter);
}

#define JUNE_1 1780272000

static void add_days(struct carriers *c, const char *org, const char *carrier, int from, int days) {
  for (int i = from; i < from + days; i++) carriers_add(c, org, "dmarc@acme.example", carrier, JUNE_1 + i * UTC_DAY_S);
}

static enum provenance by_now(const struct carriers *c, enum provenance stored, const char *carrier) {
  return carriers_judge(c, stored, "Acme Ltd", "DMARC@ACME.example", carrier);
}

static void who_brought_them_for_weeks_is_known(void **state) {
  (void)state;
  struct carriers *c = carriers_new();
  add_days(c, "ACME Ltd", "esp.example", 0, CARRIER_DAYS - 1);
  add_days(c, "ACME Ltd", "esp.example", 0, CARRIER_DAYS - 1); /* the same days once more */
  assert_int_equal(by_now(c, PROVENANCE_UNPROVEN, "esp.example"), PROVENANCE_UNPROVEN);
  add_days(c, "Acme Ltd", "esp.example", CARRIER_DAYS - 1, 1);
  assert_int_equal(by_now(c, PROVENANCE_UNPROVEN, "esp.example"), PROVENANCE_PROVEN);
  assert_int_equal(by_now(c, PROVENANCE_UNPROVEN, "other.example"), PROVENANCE_UNPROVEN);
  assert_int_equal(by_now(c, PROVENANCE_UNPROVEN, NULL), PROVENANCE_UNPROVEN);
  assert_int_equal(by_now(c, PROVENANCE_CONTRADICTED, "esp.example"), PROVENANCE_CONTRADICTED);
  assert_int_equal(by_now(c, PROVENANCE_NOT_JUDGED, "esp.example"), PROVENANCE_NOT_JUDGED);
  assert_int_equal(by_now(NULL, PROVENANCE_UNPROVEN, "esp.example"), PROVENANCE_UNPROVEN);
  carriers_free(c);
}

static void a_second_carrier_takes_no_ones_place(void **state) {
  (void)state;
  struct carriers *c = carriers_new();
  add_days(c, "Acme Ltd", "acme.example", 0, 20); /* its own mail, proven anyhow */
  add_days(c, "Acme Ltd", "forger.example", 0, 100);
  assert_int_equal(by_now(c, PROVENANCE_UNPROVEN, "forger.example"), PROVENANCE_UNPROVEN);
  carriers_free(c);
}

static void stray_mail_takes_back_nothing_that_was_learned(void **state) {
  (void)state;
  struct carriers *c = carriers_new();
  add_days(c, "Acme Ltd", "esp.example", 0, 20);
  add_days(c, "Acme Ltd", "forger.example", 0, 9);
  add_days(c, "Acme Ltd", "acme.example", 0, 1);
  assert_int_equal(by_now(c, PROVENANCE_UNPROVEN, "esp.example"), PROVENANCE_PROVEN);
  add_days(c, "Acme Ltd", "forger.example", 0, 10);
  assert_int_equal(by_now(c, PROVENANCE_UNPROVEN, "esp.example"), PROVENANCE_UNPROVEN);
  assert_int_equal(by_now(c, PROVENANCE_UNPROVEN, "forger.example"), PROVENANCE_UNPROVEN);
  carriers_free(c);
}

static void a_mailbox_that_anybody_may_have_is_never_learned(void **state) {
  (void)state;
  struct carriers *c = carriers_new();
  add_days(c, "Acme Ltd", "gmail.com", 0, 100);
  assert_int_equal(by_now(c, PROVENANCE_UNPROVEN, "gmail.com"), PROVENANCE_UNPROVEN);
  carriers_free(c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_claim_is_held_against_the_mail),
      cmocka_unit_test(what_no_mail_brought_is_not_judged),
      cmocka_unit_test(who_brought_them_for_weeks_is_known),
      cmocka_unit_test(a_second_carrier_takes_no_ones_place),
      cmocka_unit_test(stray_mail_takes_back_nothing_that_was_learned),
      cmocka_unit_test(a_mailbox_that_anybody_may_have_is_never_learned),
  };
  return cmocka_run_group_tests_name("provenance", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What another policy would do, as rows and words. */
#include "whatif_kit.h"

/* --- tables and words --------------------------------------------------------------------------------------------- */

static char *print(struct world *w, struct whatif_proposal proposal, enum whatif_by by, enum table_format format) {
  const struct labels labels = {0};
  const struct judgement_basis basis = {w->catalogue, &labels, &THRESHOLDS_DEFAULT, w->as_of_s, INT64_MAX};
  const struct render_options options = {.format = format};
  char *text = NULL;
  size_t size;
  FILE *file = open_memstream(&text, &size);
  assert_non_null(file);
  struct table_sink *sink = renderer_new(file, &options);
  const struct question q = {.of = {w->store, &w->filter, NULL, 0, &basis}, .proposal = &proposal, .whatif_by = by};
  assert_ok(w, question_whatif(&q, sink, &w->e));
  table_sink_free(sink);
  fclose(file);
  return text;
}

#define assert_prints(w, proposal, by, format, expected)         \
  do {                                                           \
    _cleanup_free_ char *_text = print(w, proposal, by, format); \
    assert_string_equal(_text, expected);                        \
  } while (0)

static void a_row_says_what_a_source_would_get(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_REJECT);
  assert_prints(w, ASPF("s"), WHATIF_BY_SOURCE, FORMAT_NDJSON,
                "{\"domain\":\"example.com\",\"source_ip\":\"192.0.2.3\",\"class\":\"own\",\"service\":null,"
                "\"evidence\":\"network 192.0.2.0/24\",\"messages_per_day\":4,\"share\":1,\"today\":\"none\","
                "\"proposed\":\"reject\",\"effect\":\"affected\",\"header_from\":\"example.com\","
                "\"pattern\":\"own SPF passes\",\"governed_by\":\"p\",\"messages\":40,\"source_messages\":40,"
                "\"because\":\"the owner's SPF passes\"}\n");
}

static void a_row_says_who_would_be_spared(void **state) {
  struct world *w = *state;
  add_mail(w, &(struct feedback_header){.p = "none", .sp = "quarantine"});
  _cleanup_free_ char *text = print(w, NP("none"), WHATIF_BY_SOURCE, FORMAT_NDJSON);
  assert_non_null(strstr(text, "\"source_ip\":\"2001:db8::3\""));
  assert_non_null(strstr(text, "\"today\":\"quarantine\",\"proposed\":\"none\",\"effect\":\"spared\""));
  assert_non_null(strstr(text, "\"governed_by\":\"np\",\"messages\":70"));
  assert_null(strchr(strchr(text, '\n') + 1, '{'));
}

static void mail_that_newly_passes_gets_nothing_though_the_policy_stays(void **state) {
  struct world *w = *state;
  struct feedback_record mail = record("192.0.2.2", APEX, 2, RELAXED, NONE);
  mail.dkim.text = "fail";
  add_days(w, &(struct feedback_header){.p = "reject", .adkim = "s"}, 0, DAYS, &mail, 1);
  _cleanup_free_ char *text = print(w, ADKIM("r"), WHATIF_BY_SOURCE, FORMAT_NDJSON);
  assert_non_null(strstr(text, "\"today\":\"reject\",\"proposed\":\"none\",\"effect\":\"spared\""));
}

static void what_is_not_told_has_no_dispositions(void **state) {
  struct world *w = *state;
  struct feedback_record mail = record("192.0.2.9", APEX, 1, NONE, NONE);
  mail.dkim.text = mail.spf.text = NULL;
  add_days(w, &AT_NONE, 0, DAYS, &mail, 1);
  _cleanup_free_ char *text = print(w, P("reject"), WHATIF_BY_SOURCE, FORMAT_NDJSON);
  assert_non_null(strstr(text, "\"today\":null,\"proposed\":null,\"effect\":\"unknown\""));
}

static void a_domain_row_counts_all(void **state) {
  struct world *w = *state;
  add_mail(w, &(struct feedback_header){.p = "quarantine", .testing = "y"});
  assert_prints(w, ((struct whatif_proposal){.p = "reject", .sp = "quarantine"}), WHATIF_BY_DOMAIN, FORMAT_CSV,
                "domain,today,proposed,own_affected_per_day,undecided_affected_per_day,affected_per_day,affected_share,"
                "spared_per_day,unknown_per_day,rejected_per_day,quarantined_per_day,affected,messages,window_begin,"
                "window_end\r\n"
                "example.com,p=quarantine sp=quarantine t=y,p=reject sp=quarantine,0,3,16,0.432432,0,0,3,13,160,370,"
                "2024-10-04,2024-10-13\r\n");
}

static void a_class_row_counts_its_mail(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_REJECT);
  _cleanup_free_ char *text = print(w, ADKIM("s"), WHATIF_BY_CLASS, FORMAT_CSV);
  assert_non_null(strstr(text, "\nexample.com,own,21,2,0.0952381,0,0,20,210,4\r\n"));
}

static void text_says_what_was_tried_and_where_nothing_changes(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_NONE);
  assert_prints(w, P("none"), WHATIF_BY_SOURCE, FORMAT_TEXT,
                "What if p=none? Messages a day newly affected, an upper bound\n\n"
                "Nothing that was seen would be treated in another way.\n");
}

static void what_there_is_is_never_rounded_to_nothing(void **state) {
  (void)state;
  const struct whatif month = {.days = 30}, half_year = {.days = 180};
  assert_true(whatif_per_day(&month, 0) == 0);
  assert_true(whatif_per_day(&month, 1) == 0.03);
  assert_true(whatif_per_day(&month, 100) == 3.33);
  assert_true(whatif_per_day(&half_year, 1) == 0.01);
  assert_true(whatif_per_day(&(struct whatif){.days = 3650}, 1) == 0.01);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_row_says_what_a_source_would_get),
      TEST(a_row_says_who_would_be_spared),
      TEST(mail_that_newly_passes_gets_nothing_though_the_policy_stays),
      TEST(what_is_not_told_has_no_dispositions),
      TEST(a_domain_row_counts_all),
      TEST(a_class_row_counts_its_mail),
      TEST(text_says_what_was_tried_and_where_nothing_changes),
      TEST(what_there_is_is_never_rounded_to_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What people see who open the file with SQL. */
#include "store_sql_kit.h"

static void views_show_what_a_person_asks_for(void **state) {
  struct fixture *f = *state;
  struct feedback_record record = full_record();
  struct feedback_header header = full_header();
  open_for(f, LOCAL_WRITE);
  assert_ok(f, local_begin(f->local, &f->e));
  int64_t id = add_report(f, f->store, &header, &record, 1);
  struct ledger_line document = document_of("in.zip: a.xml", DOCUMENT_NEW, id);
  assert_ok(f, ledger_add(f->local, &document, &f->e));
  assert_ok(f, store_flush(f->store, &f->e));
  assert_ok(f, local_commit(f->local, &f->e));
  assert_sql(f,
             "SELECT report, org_name, policy_domain, report_id, begin_utc, end_utc, source_ip, count FROM record_view",
             "1|Empfänger \"AG\"|example.com|2025.01.01.1|2025-01-01T00:00:00Z|2025-01-02T00:00:00Z|2001:db8::25"
             "|123456789012\n");
  assert_sql(
      f,
      "SELECT disposition, dkim, spf, header_from, envelope_from, envelope_to, dkim_alignment, spf_alignment,"
      " oddities FROM record_view",
      "quarantine|fail||mail.example.com|bounce.example.com|example.net|relaxed|strict|row repeated, text cut\n");
  assert_sql(f, "SELECT dkim_results, spf_results, reasons FROM record_view",
             "pass example.com (s1), permerror example.org, no result (no domain)"
             "|fail bounce.example.com (mfrom), odd result mx.example.com (helo)"
             "|mailing_list: list of \nexample; arc; no type: why\n");
  assert_sql(f,
             "SELECT org_name, begin_utc, records, messages, records_without_count, p, sp, np, errors, oddities"
             " FROM report_view",
             "Empfänger \"AG\"|2025-01-01T00:00:00Z|1|123456789012|0|reject|quarantine|none|DNS timeout; second error"
             "|damaged, odd records, foreign elements\n");
  assert_sql(f, "SELECT provenance, carrier, submitter FROM report_view",
             "unproven|carrier.example|receiver.example\n");
  assert_sql(f, "SELECT seen_utc, outcome, origin, org_name, policy_domain, report_id FROM document_view",
             "2025-01-04T14:13:20Z|new|in.zip: a.xml|Empfänger \"AG\"|example.com|2025.01.01.1\n");
}

static void the_layout_explains_itself(void **state) {
  struct fixture *f = *state;
  open_for(f, LOCAL_WRITE);
  assert_sql(f,
             "SELECT count(*) FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
             " AND sql NOT LIKE '%-- %'",
             "0\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(views_show_what_a_person_asks_for),
      IN_FOLDER(the_layout_explains_itself),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

-- SPDX-License-Identifier: Apache-2.0
-- What people ask for in the sqlite3 shell: times as UTC text, names and words instead of numbers.
--
-- Derived from the tables and rebuilt whenever the layout changes; the program itself does not read them.

DROP VIEW IF EXISTS report_view;
CREATE VIEW report_view AS
  -- One row a report.
  SELECT
    report.id,
    org.text AS org_name,
    domain.text AS policy_domain,
    report.report_id,
    strftime('%Y-%m-%dT%H:%M:%SZ', begin_s, 'unixepoch') AS begin_utc,
    strftime('%Y-%m-%dT%H:%M:%SZ', end_s, 'unixepoch') AS end_utc,
    record_count AS records,
    message_count AS messages,
    uncounted AS records_without_count,
    p, sp, np, adkim, aspf, pct, fo, testing, discovery_method,
    email.text AS email,
    extra.text AS extra_contact_info,
    generator.text AS generator,
    version,
    root.text AS schema,
    (SELECT group_concat(text, '; ') FROM report_error WHERE report_error.report_id = report.id) AS errors,
    (SELECT group_concat(namespace, ' ') FROM report_foreign WHERE report_foreign.report_id = report.id)
      AS foreign_namespaces,
    nullif(rtrim(
      iif(flags & 1, 'damaged, ', '') || iif(flags & 2, 'invalid characters replaced, ', '') ||
      iif(flags & 4, 'period unreadable, ', '') || iif(flags & 8, 'period empty, ', '') ||
      iif(flags & 16, 'period over 24 hours, ', '') || iif(flags & 32, 'period ends before it begins, ', '') ||
      iif(flags & 64, 'period in the future, ', '') || iif(flags & 128, 'no records, ', '') ||
      iif(flags & 256, 'org_name missing, ', '') || iif(flags & 512, 'odd records, ', '') ||
      iif(flags & 1024, 'period from the file name, ', '') || iif(flags & 2048, 'results cut, ', '') ||
      iif(flags & 4096, 'foreign elements, ', ''), ', '), '')
      AS oddities,
    strftime('%Y-%m-%dT%H:%M:%SZ', imported_s, 'unixepoch') AS imported_utc,
    CASE provenance WHEN 1 THEN 'proven' WHEN 2 THEN 'unproven' WHEN 3 THEN 'contradicted' END AS provenance,
    carrier.text AS carrier,
    submitter.text AS submitter,
    packed IS NOT NULL AS pruned
  FROM report
    LEFT JOIN name AS org ON org.id = org_id
    LEFT JOIN name AS domain ON domain.id = policy_domain_id
    LEFT JOIN name AS email ON email.id = email_id
    LEFT JOIN name AS extra ON extra.id = extra_contact_info_id
    LEFT JOIN name AS generator ON generator.id = generator_id
    LEFT JOIN name AS root ON root.id = schema_id
    LEFT JOIN name AS carrier ON carrier.id = carrier_id
    LEFT JOIN name AS submitter ON submitter.id = submitter_id;

DROP VIEW IF EXISTS record_view;
CREATE VIEW record_view AS
  -- One row a record. The CROSS JOIN makes SQLite walk reports and their ranges, which is the only fast way.
  SELECT
    record.id,
    report.id AS report,
    org.text AS org_name,
    domain.text AS policy_domain,
    report.report_id,
    strftime('%Y-%m-%dT%H:%M:%SZ', begin_s, 'unixepoch') AS begin_utc,
    strftime('%Y-%m-%dT%H:%M:%SZ', end_s, 'unixepoch') AS end_utc,
    address.text AS source_ip,
    record.count,
    pattern.disposition,
    pattern.dkim,
    pattern.spf,
    header_from.text AS header_from,
    envelope_from.text AS envelope_from,
    envelope_to.text AS envelope_to,
    (SELECT group_concat(coalesce(result, 'no result') || ' ' || coalesce(name.text, '(no domain)') ||
                         coalesce(' (' || selector.text || ')', ''), ', ')
       FROM auth_result LEFT JOIN name ON name.id = domain_id LEFT JOIN name AS selector ON selector.id = selector_id
       WHERE auth_result.id >= first_result AND auth_result.id < first_result + result_count AND method = 'dkim') AS dkim_results,
    (SELECT group_concat(coalesce(result, 'no result') || ' ' || coalesce(name.text, '(no domain)') ||
                         coalesce(' (' || scope || ')', ''), ', ')
       FROM auth_result LEFT JOIN name ON name.id = domain_id
       WHERE auth_result.id >= first_result AND auth_result.id < first_result + result_count AND method = 'spf') AS spf_results,
    CASE dkim_alignment WHEN 1 THEN 'none' WHEN 2 THEN 'relaxed' WHEN 3 THEN 'strict' ELSE 'unknown' END AS dkim_alignment,
    CASE spf_alignment WHEN 1 THEN 'none' WHEN 2 THEN 'relaxed' WHEN 3 THEN 'strict' ELSE 'unknown' END AS spf_alignment,
    (SELECT group_concat(coalesce(type, 'no type') || coalesce(': ' || name.text, ''), '; ')
       FROM override_reason LEFT JOIN name ON name.id = comment_id
       WHERE pattern_id = pattern.id) AS reasons,
    nullif(rtrim(
      iif(pattern.flags & 1, 'count unreadable, ', '') || iif(pattern.flags & 2, 'source_ip unreadable, ', '') ||
      iif(pattern.flags & 4, 'header_from odd, ', '') || iif(pattern.flags & 8, 'row repeated, ', '') ||
      iif(pattern.flags & 16, 'evaluation missing, ', '') || iif(pattern.flags & 32, 'text cut, ', '') ||
      iif(pattern.flags & 64, 'unfinished, ', '') || iif(pattern.flags & 128, 'DKIM results cut, ', '') ||
      iif(pattern.flags & 256, 'SPF results cut, ', ''), ', '), '') AS oddities
  FROM report
    CROSS JOIN record ON record.id >= first_record AND record.id < first_record + record_count
    JOIN pattern ON pattern.id = record.pattern_id
    LEFT JOIN address ON address.id = record.address_id
    LEFT JOIN name AS org ON org.id = org_id
    LEFT JOIN name AS domain ON domain.id = policy_domain_id
    LEFT JOIN name AS header_from ON header_from.id = header_from_id
    LEFT JOIN name AS envelope_from ON envelope_from.id = envelope_from_id
    LEFT JOIN name AS envelope_to ON envelope_to.id = envelope_to_id;

DROP VIEW IF EXISTS document_view;
CREATE VIEW document_view AS
  -- One row a line of the ledger.
  SELECT
    document.id,
    strftime('%Y-%m-%dT%H:%M:%SZ', seen_s, 'unixepoch') AS seen_utc,
    outcome,
    origin,
    reason,
    bytes,
    records,
    report.id AS report,
    org.text AS org_name,
    domain.text AS policy_domain,
    report.report_id
  FROM document
    LEFT JOIN report ON report.id = document.report_id
    LEFT JOIN name AS org ON org.id = org_id
    LEFT JOIN name AS domain ON domain.id = policy_domain_id;

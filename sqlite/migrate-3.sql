-- SPDX-License-Identifier: Apache-2.0
-- From version 3 to 4: reports and documents are found by the hash of what names them. History, not to be changed; the
-- layout of today is in schema.sql. The functions are identities.c's.

-- So that what refers to a table by its name goes on to do so while the old one stands aside.
PRAGMA legacy_alter_table = ON;

ALTER TABLE report RENAME TO report_3;
CREATE TABLE report (
  -- One aggregate report (report_metadata and policy_published). Ids and record ranges ascend together.
  id INTEGER PRIMARY KEY,
  policy_domain_id INTEGER REFERENCES name, -- policy_published/domain
  org_id INTEGER REFERENCES name, -- report_metadata/org_name
  begin_s INTEGER, -- date_range/begin; NULL where unreadable
  end_s INTEGER, -- date_range/end; NULL where unreadable
  first_record INTEGER NOT NULL, -- record.id of its first record; the others follow
  record_count INTEGER NOT NULL, -- records: first_record ... first_record + record_count - 1
  adkim TEXT, -- policy_published/adkim: r, s
  aspf TEXT, -- policy_published/aspf: r, s
  message_count INTEGER NOT NULL, -- messages: the sum of the counts that could be read
  uncounted INTEGER NOT NULL, -- records whose count could not be read
  report_id TEXT, -- report_metadata/report_id: the reporter's own name for it
  email_id INTEGER REFERENCES name, -- report_metadata/email
  extra_contact_info_id INTEGER REFERENCES name, -- report_metadata/extra_contact_info
  generator_id INTEGER REFERENCES name, -- report_metadata/generator (RFC 9990)
  schema_id INTEGER REFERENCES name, -- namespace of the root element, as it came
  version TEXT, -- version, as it came
  p TEXT, -- policy_published/p, sp, np: none, quarantine, reject
  sp TEXT,
  np TEXT, -- RFC 9990
  pct TEXT, -- policy_published/pct: percent, as it came (RFC 7489)
  fo TEXT, -- policy_published/fo
  testing TEXT, -- policy_published/testing: y, n (RFC 9990)
  discovery_method TEXT, -- policy_published/discovery_method: psl, treewalk (RFC 9990)
  flags INTEGER NOT NULL, -- what was odd, bits: 1 damaged, 2 invalid characters replaced, 4 period unreadable, 8 period
                          -- empty, 16 period over 24 hours, 32 period reversed, 64 period in the future, 128 no records,
                          -- 256 org_name missing, 512 odd records
  digest BLOB NOT NULL, -- 16 bytes of xxHash over the content: tells a copy from another content
  imported_s INTEGER NOT NULL, -- when it was stored
  identity BLOB NOT NULL -- 16 bytes of xxHash over what names the report: org_name, policy domain, report_id, begin, end;
                         -- and over the digest where report_id or the period is missing
) STRICT;
INSERT INTO report
  SELECT report_3.*, report_identity(org.text, domain.text, report_3.report_id, begin_s, end_s, digest)
  FROM report_3
    LEFT JOIN name AS org ON org.id = org_id
    LEFT JOIN name AS domain ON domain.id = policy_domain_id
  ORDER BY report_3.id;
DROP TABLE report_3;
CREATE UNIQUE INDEX report_identity ON report (identity);
CREATE INDEX report_by_domain ON report (policy_domain_id, begin_s, org_id);

ALTER TABLE document RENAME TO document_3;
CREATE TABLE document (
  -- The ledger: what became of each document that was met.
  id INTEGER PRIMARY KEY,
  origin TEXT NOT NULL, -- file and entries within
  outcome TEXT NOT NULL, -- new, damaged, duplicate, conflicting, rejected, no-report
  reason TEXT, -- a sentence, where there is something to say
  bytes INTEGER NOT NULL, -- of XML
  records INTEGER NOT NULL, -- records that could be read
  report_id INTEGER REFERENCES report (id), -- the row it became or equals; NULL: none, or deleted since
  seen_s INTEGER NOT NULL, -- when it was first met
  kind INTEGER, -- of report: 1 aggregate; NULL: none, or it could not be read
  digest BLOB, -- 16 bytes of xxHash over its content; NULL where nothing of it could be read
  identity BLOB NOT NULL -- 16 bytes of xxHash over origin and digest: the line of a document that is met again
) STRICT;
-- Where nothing of a document could be read, the digest of the reason stood in for that of the content.
INSERT INTO document
  SELECT id, origin, outcome, reason, bytes, records, report_id, seen_s,
    iif(report_id IS NOT NULL OR outcome IN ('new', 'damaged', 'duplicate', 'conflicting'), 1, NULL),
    content,
    document_identity(origin, content)
  FROM (SELECT *, nullif(nullif(digest, text_digest(reason)), zeroblob(16)) AS content FROM document_3)
  ORDER BY id;
DROP TABLE document_3;
CREATE INDEX document_identity ON document (identity);
CREATE INDEX document_by_report ON document (report_id) WHERE report_id IS NOT NULL;
PRAGMA legacy_alter_table = OFF;

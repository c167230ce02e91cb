-- SPDX-License-Identifier: Apache-2.0
-- From version 4 to 5: a domain has one spelling, its A-labels; a reporter is its name in any case and the domain of its
-- e-mail address; and what a report says is known in any order of its records. History, not to be changed; the layout of today is in schema.sql. The functions are
-- identities.c's.

-- Names with U-labels, and what they are called now. A name that is no domain may be among them: nothing refers to it by
-- its new spelling then.
CREATE TEMP TABLE spelled AS SELECT id AS old, domain_spelling(text) AS text, 0 AS new FROM name
  WHERE domain_spelling(text) IS NOT NULL;
INSERT OR IGNORE INTO name (text) SELECT text FROM spelled;
UPDATE spelled SET new = (SELECT id FROM name WHERE name.text = spelled.text);
UPDATE report SET policy_domain_id = (SELECT new FROM spelled WHERE old = policy_domain_id)
  WHERE policy_domain_id IN (SELECT old FROM spelled);
UPDATE pattern SET header_from_id = (SELECT new FROM spelled WHERE old = header_from_id)
  WHERE header_from_id IN (SELECT old FROM spelled);
UPDATE pattern SET envelope_from_id = (SELECT new FROM spelled WHERE old = envelope_from_id)
  WHERE envelope_from_id IN (SELECT old FROM spelled);
UPDATE auth_result SET domain_id = (SELECT new FROM spelled WHERE old = domain_id)
  WHERE domain_id IN (SELECT old FROM spelled);
-- Millions of rows, of which none is looked at where no name was spelled anew.
UPDATE record SET envelope_to_id = (SELECT new FROM spelled WHERE old = envelope_to_id)
  WHERE id >= (SELECT iif(count(*) > 0, 0, 9223372036854775807) FROM spelled) AND envelope_to_id IN (SELECT old FROM spelled);
-- Of two labels that said something of one domain in both spellings the one in A-labels counts; the other one stays as
-- it was.
UPDATE OR IGNORE label SET source = domain_spelling(source)
  WHERE subject = 'domain' AND domain_spelling(source) IS NOT NULL;
UPDATE OR IGNORE label SET domain = domain_spelling(domain) WHERE domain_spelling(domain) IS NOT NULL;

-- A signature in A-labels was not aligned with a From: in U-labels. What was unknown stays so; helo counts where there is
-- no other identity.
CREATE TEMP TABLE regraded AS SELECT pattern.id AS id, method,
    max(alignment(identifier.text, header_from.text)) AS grade
  FROM pattern
    JOIN name AS header_from ON header_from.id = header_from_id
    JOIN auth_result ON auth_result.id >= first_result AND auth_result.id < first_result + result_count
    JOIN name AS identifier ON identifier.id = domain_id
  WHERE (SELECT count(*) FROM spelled) > 0 AND result = 'pass'
    AND (header_from_id IN (SELECT new FROM spelled) OR domain_id IN (SELECT new FROM spelled))
    AND (scope IS NOT 'helo' OR method <> 'spf' OR (envelope_from_id IS NULL AND NOT EXISTS (
      SELECT 1 FROM auth_result AS other WHERE other.id >= first_result AND other.id < first_result + result_count
        AND other.method = 'spf' AND other.scope IS NOT 'helo')))
  GROUP BY pattern.id, method;
UPDATE pattern SET dkim_alignment = max(dkim_alignment,
    (SELECT grade FROM regraded WHERE regraded.id = pattern.id AND method = 'dkim'))
  WHERE dkim_alignment > 0 AND id IN (SELECT id FROM regraded WHERE method = 'dkim');
UPDATE pattern SET spf_alignment = max(spf_alignment,
    (SELECT grade FROM regraded WHERE regraded.id = pattern.id AND method = 'spf'))
  WHERE spf_alignment > 0 AND id IN (SELECT id FROM regraded WHERE method = 'spf');
DROP TABLE temp.regraded;
DROP TABLE temp.spelled;

-- So that what refers to a table by its name goes on to do so while the old one stands aside.
PRAGMA legacy_alter_table = ON;

ALTER TABLE report RENAME TO report_4;
CREATE TABLE report (
  -- One aggregate report (report_metadata and policy_published). Ids and record ranges ascend together.
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order of import, and never given anew: feeds go by it
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
  digest BLOB NOT NULL, -- 16 bytes of xxHash over the content: tells a copy from another content; empty if pruned
  imported_s INTEGER NOT NULL, -- when it was stored
  identity BLOB NOT NULL, -- 16 bytes of xxHash over what names the report: org_name and domain of email in lower case,
                          -- policy domain, report_id, begin, end; and the digest where report_id or the period is missing;
                          -- of a further part of a report that came in several documents, over that and the content
  content BLOB, -- 16 bytes of xxHash over reporter, policy and records in any order: tells a copy of other order from
                -- another content; NULL: not known
  provenance INTEGER, -- what the mail that brought it proves: 1 proven, 2 unproven, 3 contradicted; NULL: not judged
  carrier_id INTEGER REFERENCES name, -- From: domain of that mail, where it was authenticated (RFC 9990 3.5.2)
  submitter_id INTEGER REFERENCES name, -- the receiver in the name of its file (RFC 9990 4.2)
  packed BLOB -- of a pruned report, source, pattern and count of each of its records (see packed.h): they are no longer
              -- in `record`, and what else the report said is absent; NULL: it is whole
) STRICT;
-- Two that were stored as two because their reporter's name differs in case stay two: the later one gets an identity that
-- no report has.
INSERT INTO report
  SELECT id, policy_domain_id, org_id, begin_s, end_s, first_record, record_count, adkim, aspf, message_count, uncounted,
    report_id, email_id, extra_contact_info_id, generator_id, schema_id, version, p, sp, np, pct, fo, testing,
    discovery_method, flags, digest, imported_s,
    iif(row_number() OVER (PARTITION BY name ORDER BY id) = 1, name, document_identity(CAST(id AS TEXT), name)), NULL,
    NULL, NULL, NULL, NULL
  FROM (SELECT report_4.*,
          report_identity(org.text, email.text, domain.text, report_4.report_id, begin_s, end_s, digest) AS name
        FROM report_4
          LEFT JOIN name AS org ON org.id = org_id
          LEFT JOIN name AS email ON email.id = email_id
          LEFT JOIN name AS domain ON domain.id = policy_domain_id)
  ORDER BY id;
DROP TABLE report_4;
CREATE UNIQUE INDEX report_identity ON report (identity);
CREATE INDEX report_by_domain ON report (policy_domain_id, begin_s, org_id);
CREATE INDEX report_carried ON report (carrier_id, org_id, email_id, begin_s) WHERE carrier_id IS NOT NULL;
CREATE INDEX report_content ON report (content, begin_s) WHERE content IS NOT NULL AND record_count > 0;
ALTER TABLE label RENAME TO label_4;
CREATE TABLE label (
  -- What the owner of the domains said of a source: in no report, and not to be had again. At most one label for a
  -- source and a domain.
  id INTEGER PRIMARY KEY,
  subject TEXT NOT NULL, -- what the source is: address, network, service, domain (of DKIM or SPF)
  source TEXT NOT NULL COLLATE NOCASE, -- canonical: an address, a network with its prefix, a name of a service, a domain
  verdict TEXT NOT NULL, -- legitimate, forwarder, unauthorised, ignore
  domain TEXT, -- for mail reported under this policy domain alone; NULL: under all
  until_s INTEGER, -- not valid from then on; NULL: no end
  note TEXT, -- the owner's own words
  made_s INTEGER NOT NULL, -- when it was said
  owner TEXT, -- who answers for the source
  purpose TEXT, -- what it sends
  ticket TEXT, -- where it was decided
  expected_messages INTEGER, -- how much mail the owner expects of it ...
  expected_days INTEGER, -- ... in so many days: 1, 7, 30; NULL: not said
  review_s INTEGER -- the day from which on the label is to be looked at again; NULL: none
) STRICT;
INSERT INTO label
  SELECT id, subject, source, verdict, domain, until_s, note, made_s, NULL, NULL, NULL, NULL, NULL, NULL FROM label_4;
DROP TABLE label_4;
CREATE UNIQUE INDEX label_identity ON label (source, ifnull(domain, ''));
ALTER TABLE mailbox RENAME TO mailbox_4;
CREATE TABLE mailbox (
  -- How far a folder of a mail server was read. RFC 9051 2.3.1.1: a UID names a mail as long as UIDVALIDITY stays.
  id INTEGER PRIMARY KEY,
  account TEXT NOT NULL, -- "user@host:port"; never a secret
  folder TEXT NOT NULL, -- UTF-8, as people write it
  uidvalidity INTEGER NOT NULL,
  next_uid INTEGER NOT NULL, -- mails below it were read
  read_s INTEGER NOT NULL, -- when it was last read to its end
  url TEXT, -- begins the origin of its documents in the ledger; NULL: not read since version 5
  server_next_uid INTEGER, -- the server's UIDNEXT when it was read last; NULL: not known
  marks TEXT, -- by what the last mails of it were known when it was read last: where they are others, the folder was
              -- restored from a backup; NULL: not known
  tried_s INTEGER, -- when it was last tried; NULL: not known
  error TEXT, -- what went wrong last, however long ago; NULL: nothing
  error_s INTEGER, -- when: as tried_s where it was the last time
  UNIQUE (account, folder)
) STRICT;
INSERT INTO mailbox SELECT id, account, folder, uidvalidity, next_uid, read_s, NULL, NULL, NULL, NULL, NULL, NULL FROM mailbox_4;
DROP TABLE mailbox_4;

ALTER TABLE mailbox_task RENAME TO mailbox_task_4;
CREATE TABLE mailbox_task (
  -- What is still to be done to a mail on the server: written with its reports, taken away once it is done, so that
  -- nothing is moved that was not saved, and a run that was cut off can be made good.
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
  uid INTEGER NOT NULL,
  outcome TEXT NOT NULL, -- stored: its reports are here; failed: it held none, or could not be read; copied: it lies in
                         -- the folder where it is to be, and is to be deleted here
  refused_s INTEGER, -- when the server first refused to do it to this mail; NULL: never
  PRIMARY KEY (mailbox_id, uid)
) STRICT, WITHOUT ROWID;
INSERT INTO mailbox_task SELECT mailbox_id, uid, outcome, NULL FROM mailbox_task_4;
DROP TABLE mailbox_task_4;
PRAGMA legacy_alter_table = OFF;

CREATE TABLE mailbox_name (
  -- Numbers of mails whose server gives them names instead of UIDs (RFC 1939 7; Microsoft Graph). What is no longer on the server goes.
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
  uid INTEGER NOT NULL, -- ours: one above all before; mails below mailbox.next_uid were read
  name TEXT NOT NULL, -- the server's
  came_s INTEGER, -- when the mail came, by the server's clock; NULL: it does not say
  PRIMARY KEY (mailbox_id, uid)
) STRICT, WITHOUT ROWID;

CREATE TABLE report_foreign (
  -- Elements of namespaces that are not the report's own, outside <extension>: ignored (RFC 9990 3.2), and counted here.
  report_id INTEGER NOT NULL REFERENCES report (id), -- the row, not the reporter's name for it
  position INTEGER NOT NULL, -- 0, 1, ...: in the order of the document
  namespace TEXT NOT NULL, -- its URI, at most 200 bytes of it
  elements INTEGER NOT NULL,
  PRIMARY KEY (report_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE report_word (
  -- What the owner said of a report: in no report, and not to be had again. It may go before the report does.
  identity BLOB PRIMARY KEY, -- report.identity
  word TEXT NOT NULL, -- trusted, distrusted
  made_s INTEGER NOT NULL -- when it was said
) STRICT, WITHOUT ROWID;

CREATE TABLE feed (
  -- How far 'export --new NAME' has come.
  name TEXT PRIMARY KEY,
  report_id INTEGER NOT NULL, -- the row up to which reports were taken; it may be gone
  moved_s INTEGER NOT NULL -- when it came there
) STRICT, WITHOUT ROWID;

CREATE TABLE acknowledgement (
  -- What the owner said of a finding: that he knows of it. In no report, and not to be had again. The finding may be gone.
  finding BLOB PRIMARY KEY, -- 16 bytes of xxHash over its kind, policy domain and subject
  until_s INTEGER, -- not valid from then on; NULL: until the finding is gone
  note TEXT, -- the owner's own words
  made_s INTEGER NOT NULL, -- when it was said
  severity INTEGER NOT NULL -- of the finding then: 0 critical, 1 warning, 2 notice; what is graver is not covered
) STRICT, WITHOUT ROWID;

CREATE TABLE taken_step (
  -- What the owner said of a step of a policy: that it was taken. In no report, and not to be had again.
  id INTEGER PRIMARY KEY, -- ascending in the order of saying
  domain TEXT NOT NULL, -- policy domain
  day INTEGER NOT NULL, -- on which it was taken, UTC days since 1970-01-01
  step TEXT NOT NULL, -- in words: p=quarantine
  record TEXT NOT NULL, -- that was published ...
  former_record TEXT, -- ... and the one before it, as the plan of that day had them
  verdict TEXT NOT NULL, -- of that day
  reason TEXT NOT NULL, -- for the verdict
  own_messages INTEGER NOT NULL, -- own mail that it was judged by, ...
  own_passed INTEGER NOT NULL, -- ... what of it passed, ...
  undecided INTEGER NOT NULL, -- ... and messages that only the owner knows
  who TEXT, -- decided; NULL: not known
  note TEXT, -- the owner's own words
  made_s INTEGER NOT NULL, -- when it was said
  UNIQUE (domain, day, step)
) STRICT;

CREATE TABLE notify_told (
  -- What the section [notify NAME] of the configuration has told of a finding, so that it tells each state of it once. What waits to be
  -- told with a message stands beside what somebody was told before, and takes its place with that message.
  section TEXT NOT NULL, -- NAME
  finding BLOB NOT NULL, -- 16 bytes of xxHash over its kind, policy domain and subject
  message_id INTEGER NOT NULL, -- the notify_message that tells it and waits; 0: somebody was told
  state TEXT NOT NULL, -- due: that somebody has to see to it; gone: that it is over
  severity INTEGER NOT NULL, -- the gravest that was told of it: 0 critical, 1 warning, 2 notice
  first_day INTEGER NOT NULL, -- when its evidence began, UTC days since 1970-01-01
  found_day INTEGER NOT NULL, -- on which it could first be told, likewise
  seen_day INTEGER NOT NULL, -- on which it was last found, likewise
  missed_days INTEGER NOT NULL, -- days since then on which it was asked about and not found
  is_acknowledged INTEGER NOT NULL, -- 1: when it was last found somebody had acknowledged it
  told_s INTEGER NOT NULL, -- when it was told
  kind TEXT NOT NULL, -- for the words that tell that it is over, once it is not found any more: surge, ...
  domain TEXT NOT NULL, -- policy domain; empty: of none
  subject TEXT NOT NULL,
  title TEXT NOT NULL,
  PRIMARY KEY (section, finding, message_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE notify_message (
  -- A message of such a section that is still to be sent: written together with what it tells, removed once somebody took it.
  id INTEGER PRIMARY KEY,
  section TEXT NOT NULL,
  key BLOB NOT NULL, -- 16 bytes by which whoever gets it twice knows it again
  made_s INTEGER NOT NULL,
  changes INTEGER NOT NULL, -- findings that it tells of for the first time; 0: it says that there is nothing new
  taken TEXT, -- of the recipients of a mail those who have it already: addresses, with commas between; NULL: nobody
  subject TEXT NOT NULL, -- of the mail
  text TEXT NOT NULL, -- the mail as plain text
  html TEXT NOT NULL, -- the mail as HTML
  json TEXT NOT NULL, -- the same for programs
  -- What the section said when it was made: it is sent as long as the section says no less.
  addressees TEXT NOT NULL, -- the recipients of a mail, with commas between; else a hash of where it goes to
  kinds TEXT, -- with commas between; NULL: all
  severity INTEGER NOT NULL, -- of this one and graver
  domains TEXT, -- that it may tell of, a line each; NULL: all
  -- How far the section had come before it: if it is not sent, the next one begins there.
  looked_s INTEGER,
  period_day INTEGER
) STRICT;

CREATE TABLE notify_way (
  -- How such a section fares.
  section TEXT PRIMARY KEY,
  period_day INTEGER, -- the day, or the Monday of the week, that it told of last, UTC days since 1970-01-01; NULL: of none
  looked_s INTEGER, -- as of when it last asked for what is to be told; NULL: never
  tried_s INTEGER, -- when it last tried to send something; NULL: never
  failing_s INTEGER, -- since when it cannot; NULL: the last try went well
  error TEXT -- what went wrong last; NULL: nothing
) STRICT, WITHOUT ROWID;

CREATE TABLE dns_state (
  -- What the DNS said of a name from one look until another that says something else, which is the next line of it.
  name TEXT NOT NULL, -- the name that was asked for, in lower case
  type TEXT NOT NULL, -- A, AAAA, MX, NS, TXT
  first_s INTEGER NOT NULL, -- the first look that found it so ...
  last_s INTEGER NOT NULL, -- ... and the last
  status TEXT NOT NULL, -- ok, nodata, nxdomain; failed (SERVFAIL, REFUSED, ...), timeout: nothing is known, and nothing has changed by that
  alias TEXT, -- where an alias led to; NULL: there is none
  answers TEXT NOT NULL, -- a JSON array of texts, sorted
  PRIMARY KEY (name, type, first_s, status)
) STRICT, WITHOUT ROWID;

CREATE TABLE suspect (
  -- Files and mails at which imports ended without an end: killed, crashed, out of memory.
  key TEXT PRIMARY KEY, -- tells them apart: device, inode, size and time of a file; folder and UID of a mail
  name TEXT NOT NULL, -- path, or URL and UID
  weight INTEGER NOT NULL, -- of what these ends say of it; from 20 on it is set aside
  last_s INTEGER NOT NULL -- when the last of these ends was noticed
) STRICT, WITHOUT ROWID;

-- One index finds what took two.
DROP INDEX document_identity;
DROP INDEX document_by_report;
CREATE INDEX document_by_report ON document (report_id, identity);

-- SPDX-License-Identifier: Apache-2.0
-- The facts of the database: what reports and the owner said, and what was imported. Migrated, never rebuilt (see open.c).
--
-- Comments stand inside the statements, so that .schema of the sqlite3 shell shows them. Times are Unix seconds UTC.
-- RFC 7489 Appendix C and RFC 9990 name the elements; "absent" is NULL everywhere. References are declared for readers
-- and not enforced at run time: the writer is one program, and checking each row costs more than the row.

CREATE TABLE name (
  -- Texts that many rows share, each once: domains, organizations, e-mail addresses, selectors, comments.
  -- Never changed. One that nothing refers to any more may stay, for the next report to use.
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE -- UTF-8, trimmed; domains in lower case without a trailing dot
) STRICT;

CREATE TABLE address (
  -- Where mail came from (row/source_ip), each source once.
  id INTEGER PRIMARY KEY,
  ip BLOB UNIQUE CHECK (length(ip) IN (4, 16)), -- network byte order; NULL where the text is no address
  text TEXT NOT NULL -- canonical (RFC 5952 for IPv6), or as it came where it is no address
) STRICT;
CREATE UNIQUE INDEX address_unreadable ON address (text) WHERE ip IS NULL;

CREATE TABLE pattern (
  -- What many records share: everything of a record but its source, its count and its envelope_to.
  id INTEGER PRIMARY KEY,
  header_from_id INTEGER REFERENCES name, -- identifiers/header_from
  envelope_from_id INTEGER REFERENCES name, -- identifiers/envelope_from
  disposition TEXT, -- policy_evaluated/disposition: none, quarantine, reject, pass
  disposition_raw TEXT, -- as the reporter wrote it, where that is another word
  dkim TEXT, -- policy_evaluated/dkim: pass, fail
  dkim_raw TEXT,
  spf TEXT, -- policy_evaluated/spf: pass, fail
  spf_raw TEXT,
  dkim_alignment INTEGER NOT NULL, -- recomputed from the results: 0 unknown, 1 none, 2 relaxed, 3 strict (RFC 7489 3.1)
  spf_alignment INTEGER NOT NULL,
  first_result INTEGER NOT NULL, -- auth_result.id of its first result; the others follow
  result_count INTEGER NOT NULL, -- results: first_result ... first_result + result_count - 1
  reason_count INTEGER NOT NULL, -- rows of override_reason
  flags INTEGER NOT NULL -- what was odd, bits: 1 count unreadable, 2 source_ip unreadable, 4 header_from odd,
                         -- 8 row repeated, 16 evaluation missing, 32 text cut, 64 unfinished
) STRICT;

CREATE TABLE pattern_key (
  -- Finds the pattern of a record. The key spells the pattern out completely (see intern.c): equal keys, equal patterns.
  key BLOB PRIMARY KEY,
  pattern_id INTEGER NOT NULL REFERENCES pattern
) STRICT, WITHOUT ROWID;

CREATE TABLE auth_result (
  -- auth_results/dkim and auth_results/spf of a pattern, DKIM first, each in the order of the document. No index on
  -- purpose: patterns know their range of ids.
  id INTEGER PRIMARY KEY,
  method TEXT NOT NULL, -- dkim, spf
  domain_id INTEGER REFERENCES name, -- d= of the signature, or the domain SPF checked
  selector_id INTEGER REFERENCES name, -- DKIM: s= of the signature
  scope TEXT, -- SPF: mfrom, helo
  result TEXT, -- RFC 8601 2.7.1 and 2.7.2: pass, fail, softfail, temperror, ...
  result_raw TEXT, -- as the reporter wrote it, where that is another word
  human_result_id INTEGER REFERENCES name -- the reporter's explanation
) STRICT;

CREATE TABLE override_reason (
  -- policy_evaluated/reason of a pattern: why the disposition is not the policy's.
  pattern_id INTEGER NOT NULL REFERENCES pattern,
  position INTEGER NOT NULL, -- 0, 1, ...
  type TEXT, -- forwarded, sampled_out, trusted_forwarder, mailing_list, local_policy, policy_test_mode, other
  comment_id INTEGER REFERENCES name,
  PRIMARY KEY (pattern_id, position)
) STRICT, WITHOUT ROWID;

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
CREATE UNIQUE INDEX report_identity ON report (identity);
-- Finds what says the same under another report_id.
CREATE INDEX report_content ON report (content, begin_s) WHERE content IS NOT NULL AND record_count > 0;
-- The way to a domain's reports in order of time.
CREATE INDEX report_by_domain ON report (policy_domain_id, begin_s, org_id);
-- Who carried whose reports, of those whose mail was authenticated.
CREATE INDEX report_carried ON report (carrier_id, org_id, email_id, begin_s) WHERE carrier_id IS NOT NULL;

CREATE TABLE report_error (
  -- report_metadata/error: what went wrong at the reporter.
  report_id INTEGER NOT NULL REFERENCES report (id), -- the row, not the reporter's name for it
  position INTEGER NOT NULL, -- 0, 1, ...
  text TEXT NOT NULL,
  PRIMARY KEY (report_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE report_foreign (
  -- Elements of namespaces that are not the report's own, outside <extension>: ignored (RFC 9990 3.2), and counted here.
  report_id INTEGER NOT NULL REFERENCES report (id), -- the row, not the reporter's name for it
  position INTEGER NOT NULL, -- 0, 1, ...: in the order of the document
  namespace TEXT NOT NULL, -- its URI, at most 200 bytes of it
  elements INTEGER NOT NULL,
  PRIMARY KEY (report_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE record (
  -- One record of a report; see record_view for people. No index on purpose: reports know their range of ids.
  id INTEGER PRIMARY KEY,
  address_id INTEGER REFERENCES address, -- row/source_ip; NULL where absent
  pattern_id INTEGER NOT NULL REFERENCES pattern,
  count INTEGER, -- row/count, messages; NULL where unreadable
  envelope_to_id INTEGER REFERENCES name -- identifiers/envelope_to
) STRICT;

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
-- From a report to its documents, and to the line of a document that is met again: whether it has a report or none.
CREATE INDEX document_by_report ON document (report_id, identity);

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
CREATE UNIQUE INDEX label_identity ON label (source, ifnull(domain, ''));

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

CREATE TABLE suspect (
  -- Files and mails at which imports ended without an end: killed, crashed, out of memory.
  key TEXT PRIMARY KEY, -- tells them apart: device, inode, size and time of a file; folder and UID of a mail
  name TEXT NOT NULL, -- path, or URL and UID
  weight INTEGER NOT NULL, -- of what these ends say of it; from 20 on it is set aside
  last_s INTEGER NOT NULL -- when the last of these ends was noticed
) STRICT, WITHOUT ROWID;

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

CREATE TABLE mailbox_name (
  -- Numbers of mails whose server gives them names instead of UIDs (RFC 1939 7; Microsoft Graph). What is no longer on the server goes.
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
  uid INTEGER NOT NULL, -- ours: one above all before; mails below mailbox.next_uid were read
  name TEXT NOT NULL, -- the server's
  came_s INTEGER, -- when the mail came, by the server's clock; NULL: it does not say
  PRIMARY KEY (mailbox_id, uid)
) STRICT, WITHOUT ROWID;

CREATE TABLE dns_answer (
  -- What the DNS said, kept as long as it allowed. May be emptied at any time.
  name TEXT NOT NULL, -- the name that was asked for, in lower case
  type TEXT NOT NULL, -- PTR, TXT, A, AAAA, MX
  status TEXT NOT NULL, -- ok, none (no such name or no such data), failed (SERVFAIL, time-out, ...)
  answers TEXT NOT NULL, -- a JSON array of texts, in the order of the answer
  expires_s INTEGER NOT NULL,
  PRIMARY KEY (name, type)
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

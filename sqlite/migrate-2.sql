-- SPDX-License-Identifier: Apache-2.0
-- From version 2 to 3: mailboxes on a server, and what the DNS said. History, not to be changed; the layout of today is in schema.sql.

CREATE TABLE mailbox (
  -- How far a folder of a mail server was read. RFC 9051 2.3.1.1: a UID names a mail as long as UIDVALIDITY stays.
  id INTEGER PRIMARY KEY,
  account TEXT NOT NULL, -- "user@host:port"; never a secret
  folder TEXT NOT NULL, -- UTF-8, as people write it
  uidvalidity INTEGER NOT NULL,
  next_uid INTEGER NOT NULL, -- mails below it were read
  read_s INTEGER NOT NULL, -- when it was last read to its end
  UNIQUE (account, folder)
) STRICT;

CREATE TABLE mailbox_task (
  -- What is still to be done to a mail on the server: written with its reports, taken away once it is done, so that
  -- nothing is moved that was not saved, and a run that was cut off can be made good.
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
  uid INTEGER NOT NULL,
  outcome TEXT NOT NULL, -- stored: its reports are here; failed: it held none, or could not be read; copied: it lies in
                         -- the folder where it is to be, and is to be deleted here
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

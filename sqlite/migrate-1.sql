-- SPDX-License-Identifier: Apache-2.0
-- From version 1 to 2: what the owner said. History, not to be changed; the layout of today is in schema.sql.

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
  made_s INTEGER NOT NULL -- when it was said
) STRICT;
CREATE UNIQUE INDEX label_identity ON label (source, ifnull(domain, ''));

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A report without a record says that no mail came: it counts as a report, unless mail is asked for."""
from harness import Suite, record, report

suite = Suite()
DAY = 86400
MONDAY = 1790553600  # 2026-09-28
for name, data in {
    "mail": report("mail", record(count=5), begin=MONDAY),
    "later": report("later", "", begin=MONDAY + 2 * DAY),
    "quiet": report("quiet", "", begin=MONDAY + DAY, org="Quiet"),
    "parked": report("parked", "", begin=MONDAY + DAY, domain="parked.example"),
}.items():
    with open(name + ".xml", "wb") as f:
        f.write(data)
suite.run("import", "--db", "t.db", "--quiet", "mail.xml", "later.xml", "quiet.xml", "parked.xml")


def told(verb, keys, *args):
    return [tuple(r[k] for k in keys) for r in suite.rows(verb, "--db", "t.db", *args)]


SUMMARY = ("domain", "messages", "reporters", "reports", "records", "first_day", "last_day")
PARKED = ("parked.example", 0, 1, 1, 0, "2026-09-29", "2026-09-29")
MAILED = ("example.com", 5, 2, 3, 1, "2026-09-28", "2026-09-30")
suite.equal("summary counts it, its reporter and its day", told("summary", SUMMARY, "--sort", "domain"), [MAILED, PARKED])
suite.equal("its domain is known", told("summary", SUMMARY, "--domain", "parked.example"), [PARKED])
suite.equal("a domain below is not its business", told("summary", SUMMARY, "--domain", "mail.parked.example"), [])
suite.equal("reporters has who sent no other", told("reporters", ("reporter", "messages", "reports", "domains"), "--sort", "reporter"),
            [("Quiet", 0, 1, 1), ("receiver.example.net", 5, 3, 2)])
TREND = ("day", "messages", "reports")
suite.equal("trend has its day", told("trend", TREND),
            [("2026-09-28", 5, 1), ("2026-09-29", 0, 2), ("2026-09-30", 0, 1)])
suite.equal("a reporter's is found by its name", told("trend", TREND, "--reporter", "quiet"), [("2026-09-29", 0, 1)])
suite.equal("a period admits it", told("summary", SUMMARY[:4], "--since", "2026-09-30"), [("example.com", 0, 1, 1)])
for args in (("--source", "192.0.2.0/24"), ("--header-from", "example.com"), ("--aligned", "yes"), ("--disposition", "none")):
    suite.equal("who asks for mail does not get it: " + args[0], told("summary", SUMMARY[:4], *args), [("example.com", 5, 1, 1)])
suite.equal("no source sent it", len(suite.rows("sources", "--db", "t.db", "--by", "address")), 1)
suite.equal("as many reports as the list has", len(suite.rows("reports", "--db", "t.db")),
            sum(r["reports"] for r in suite.rows("summary", "--db", "t.db")))
suite.finish()

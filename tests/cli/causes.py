#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Why own mail fails: sources --by cause, in all formats, against what readiness and the metrics say."""
import csv
import io
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Suite, report  # noqa: E402

s = Suite()
DAY = 86400
FIRST = 1790812800  # 2026-10-01
LAST_DAY = "2026-10-30"


def record(ip, count, dkim, spf, passes, signer="example.com", selector="s1", envelope="example.com",
           header_from="example.com"):
    """One record: the DKIM and SPF results under these names; `passes`: as the receiver evaluated DKIM, SPF."""
    signature = ("<dkim><domain>%s</domain><selector>%s</selector><result>%s</result></dkim>" % (signer, selector, dkim)
                 if dkim else "")
    return ("<record><row><source_ip>%s</source_ip><count>%d</count><policy_evaluated><disposition>none</disposition>"
            "<dkim>%s</dkim><spf>%s</spf></policy_evaluated></row><identifiers><header_from>%s</header_from>"
            "<envelope_from>%s</envelope_from></identifiers><auth_results>%s<spf><domain>%s</domain><result>%s</result>"
            "</spf></auth_results></record>\n" % (ip, count, *passes, header_from, envelope, signature, envelope, spf))


GOOD = record("192.0.2.10", 100, "pass", "pass", ("pass", "pass"))
# A key that nothing verifies with, at a host that sends other mail of the owner's.
KEY = record("192.0.2.10", 7, "permerror", "fail", ("fail", "fail"), selector="s2")
UNSIGNED = record("192.0.2.20", 3, None, "pass", ("fail", "fail"), envelope="bounces.example.net")
PLAIN = record("192.0.2.20", 30, "pass", "pass", ("pass", "fail"), envelope="bounces.example.net")
NO_ANSWER = record("192.0.2.10", 2, "temperror", "temperror", ("fail", "fail"))


def write(folder, day, org, records, domain="example.com"):
    os.makedirs(folder, exist_ok=True)
    with open("%s/%s-%d-%s.xml" % (folder, domain, day, org), "wb") as file:
        file.write(report("%s-%d-%s" % (domain, day, org), records, org=org, domain=domain, begin=FIRST + day * DAY))


for day in range(30):
    for org in ("a.example.org", "b.example.org", "c.example.org"):
        troubled = day % 5 == 0 and org != "c.example.org"
        write("r", day, org, GOOD + KEY + PLAIN + UNSIGNED + (NO_ANSWER if troubled else ""))
s.run("import", "--db", "c.db", "--quiet", "r")
ASKED = ("--db", "c.db", "--as-of", LAST_DAY)
rows = s.rows("sources", *ASKED, "--by", "cause")
by = {row["cause"]: row for row in rows}
judged = s.rows("readiness", *ASKED)[0]
failing = round(judged["own_messages"] * (1 - judged["own_pass_rate"]))

s.equal("a row a cause, the largest first", [row["cause"] for row in rows], ["key", "misaligned", "receiver_dns"])
s.equal("what fails adds up to what readiness says of own mail",
        sum(row["messages"] for row in rows if row["fails"]), failing)
s.equal("and so do the shares", round(sum(row["own_share"] for row in rows if row["fails"]), 5),
        round(1 - judged["own_pass_rate"], 5))
s.equal("what could not be checked stands beside it, and does not fail",
        (by["receiver_dns"]["messages"], by["receiver_dns"]["fails"]), (judged["own_unchecked_messages"], False))
s.equal("which is of so many days", (by["receiver_dns"]["first_seen"], by["receiver_dns"]["last_seen"]),
        ("2026-10-01", "2026-10-26"))
s.check("several receivers without an answer on the same days send the owner to his name server",
        "2 receivers had no answer from the DNS, on 6 days several at once" in by["receiver_dns"]["repair"]
        and "name servers of example.com" in by["receiver_dns"]["repair"], by["receiver_dns"])
s.equal("each has its sources, and the largest of them", (by["key"]["sources"], by["key"]["largest_source"]),
        (1, "192.0.2.0/24"))
s.check("and a repair", all(row["repair"] for row in rows), rows)

streams = s.rows("sources", *ASKED)
s.equal("a stream has its cause",
        {(row["source_ip"], row["pattern"], row["cause"]) for row in streams if row["cause"]},
        {("192.0.2.10", "own signature fails", "key"), ("192.0.2.20", "nothing of yours", "misaligned")})

page = s.run("readiness", *ASKED, "example.com").out
s.check("the page says what became of mail that could not be checked",
        "24 messages of own mail: the receiver got no answer from the DNS" in " ".join(page.split())
        and "look at the name servers of example.com" in " ".join(page.split()), page)

metrics = s.run("export", *ASKED, "--format", "openmetrics").out.splitlines()
of = {line.rsplit(" ", 1)[0]: int(line.rsplit(" ", 1)[1]) for line in metrics
      if line.startswith(("dmarcctl_own_failing_messages{", "dmarcctl_own_unchecked_messages{"))}
s.equal("the metrics have the same figures, and a 0 for each other cause",
        {k: v for k, v in of.items() if v},
        {'dmarcctl_own_failing_messages{domain="example.com",cause="%s"}' % row["cause"]: row["messages"]
         for row in rows if row["fails"]}
        | {'dmarcctl_own_unchecked_messages{domain="example.com"}': judged["own_unchecked_messages"]})
s.equal("of each cause a series", len(of), 7)

table = list(csv.DictReader(io.StringIO(s.run("sources", *ASKED, "--by", "cause", "--format", "csv").out)))
s.equal("CSV says the same", [(row["cause"], int(row["messages"])) for row in table],
        [(row["cause"], row["messages"]) for row in rows])
document = json.loads(s.run("sources", *ASKED, "--by", "cause", "--format", "json").out)
s.equal("JSON has a schema of its own", (document["schema"], document["version"], document["rows"]),
        ("dmarcctl.causes", 1, rows))
s.equal("a workbook is made of it",
        s.run("sources", *ASKED, "--by", "cause", "--format", "xlsx", "--output", "c.xlsx").returncode, 0)
text = s.run("sources", *ASKED, "--by", "cause").out
s.check("and people see cause, messages and repair", all(w in text for w in ("receiver_dns", "630", "name servers")), text)

# One receiver alone: its own resolver.
for day in range(30):
    for org in ("a.example.org", "b.example.org", "c.example.org"):
        write("one", day, org, GOOD + (NO_ANSWER if org == "a.example.org" else ""))
s.run("import", "--db", "one.db", "--quiet", "one")
rows = s.rows("sources", "--db", "one.db", "--as-of", LAST_DAY, "--by", "cause")
s.equal("where one receiver alone has such trouble, there is nothing to repair",
        [(row["cause"], row["repair"]) for row in rows],
        [("receiver_dns", "nothing to repair at the sender: the resolver of a.example.org had no answer from the DNS")])

# Two of them, but never on the same day.
for day in range(30):
    for i, org in enumerate(("a.example.org", "b.example.org", "c.example.org")):
        write("apart", day, org, GOOD + (NO_ANSWER if day % 3 == i and i < 2 else ""))
s.run("import", "--db", "apart.db", "--quiet", "apart")
rows = s.rows("sources", "--db", "apart.db", "--as-of", LAST_DAY, "--by", "cause")
s.check("nor where two have it on days of their own",
        len(rows) == 1 and rows[0]["repair"].startswith("nothing to repair at the sender: receivers had no answer"), rows)

# So much that the gate counts it: the source is among the blockers, by its cause.
MUCH = record("192.0.2.10", 20, "temperror", "temperror", ("fail", "fail"))
for day in range(30):
    for org in ("a.example.org", "b.example.org", "c.example.org"):
        write("much", day, org, GOOD + MUCH)
s.run("import", "--db", "much.db", "--quiet", "much")
judged = s.rows("readiness", "--db", "much.db", "--as-of", LAST_DAY)[0]
s.equal("where it keeps the bound from its limit it is a blocker with its cause",
        [(b["cause"], b["messages"], b["first_seen"], b["last_seen"]) for b in judged["blockers"]],
        [("receiver_dns", 1800, "2026-10-01", "2026-10-30")])
page = " ".join(s.run("readiness", "--db", "much.db", "--as-of", LAST_DAY, "example.com").out.split())
s.check("which the page tells without calling it a failure",
        "1,800 messages that could not be checked" in page and "1,800 messages that fail" not in page, page)

for option in (("--since", "2026-10-01"), ("--source", "192.0.2.0/24"), ("--class", "own"), ("--new-since", "7d")):
    done = s.run("sources", *ASKED, "--by", "cause", *option)
    s.check("%s does not go with --by cause" % option[0], done.returncode == 2 and not done.out, done.err)
s.equal("--threshold does", s.run("sources", *ASKED, "--by", "cause", "--threshold", "window=14").returncode, 0)
s.finish()

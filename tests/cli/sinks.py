#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What collectors of events are given, and what is judged of each record, against what the verbs that judge say."""
import collections
import csv
import io
import json
import os
import re
import sys

from harness import SAMPLE, Suite, record, report

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "dns"))
import make_mmdb  # noqa: E402

suite = Suite()
AS_OF = ("--as-of", "2026-10-31")
SES = ("<record><row><source_ip>%s</source_ip><count>%d</count><policy_evaluated><disposition>none</disposition>"
       "<dkim>fail</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>example.com</header_from>"
       "</identifiers><auth_results><dkim><domain>amazonses.com</domain><selector>a</selector><result>pass</result></dkim>"
       "<spf><domain>amazonses.com</domain><result>pass</result></spf></auth_results></record>\n")


def put(name, data):
    with open(name, "wb") as f:
        f.write(data)


def export(*args, db="s.db"):
    done = suite.run("export", "--db", db, *args)
    if done.returncode:
        raise RuntimeError("%s: %s" % (args, done.err))
    return done.out


os.mkdir("more")
for day in range(20):
    put("more/%d.xml" % day, report("ses-%d" % day, SES % ("203.0.113.7", 30 + day), begin=1790812800 + day * 86400))
put("more/nameless.xml", report("nameless", record(header_from="nowhere.example")).replace(b"<domain>example.com</domain><p>", b"<p>"))
put("more/nasty.xml", report("nasty", org="&#10;&lt;1&gt;1 x y z&#13;&#10; \u2028\u00e9\"\\", begin=1790812800))
suite.run("import", "--db", "s.db", "--quiet", SAMPLE, "more")
plain = [json.loads(line) for line in export("--format", "ndjson").splitlines()]
judged = [json.loads(line) for line in export("--format", "ndjson", "--judged", *AS_OF).splitlines()]

# --- what is judged ----------------------------------------------------------------------------------------------------

COLUMNS = ["class", "service", "evidence", "cause", "verdict"]
suite.check("unasked nothing is judged", all(r[c] is None for r in plain for c in COLUMNS))
suite.equal("judged or not, it is the same records",
            sorted(json.dumps({k: v for k, v in r.items() if k not in COLUMNS}, sort_keys=True) for r in judged),
            sorted(json.dumps({k: v for k, v in r.items() if k not in COLUMNS}, sort_keys=True) for r in plain))
suite.check("those without a domain, too, which nobody judges",
            [r["class"] for r in judged if not r["policy_domain"]] == [None], len(judged))
of_export = collections.Counter()
for r in judged:
    if r["class"]:
        of_export[r["policy_domain"], r["class"], r["service"]] += r["count"]
of_sources = collections.Counter()
for domain in "example.com", "example.net", "example.org":
    for r in suite.rows("sources", "--db", "s.db", "--domain", domain, *AS_OF):
        of_sources[domain, r["class"], r["service"]] += r["messages"]
suite.equal("classes and services are those of sources, message by message", of_export, +of_sources)
verdicts = {r["domain"]: r["verdict"] for r in suite.rows("readiness", "--db", "s.db", *AS_OF)}
suite.equal("verdicts are those of readiness", {r["policy_domain"]: r["verdict"] for r in judged if r["verdict"]}, verdicts)
suite.check("a service is named", {r["service"] for r in judged if r["source_ip"] == "203.0.113.7"} == {"Amazon SES"})
suite.run("label", "--db", "s.db", "--quiet", "Amazon SES", "legitimate")
after = [json.loads(line) for line in export("--format", "ndjson", *AS_OF, "--source", "203.0.113.7").splitlines()]
suite.equal("options of the judgement ask for it; own mail that fails has its cause",
            {(r["class"], r["cause"]) for r in after}, {("legitimate", "misaligned")})
narrow = export("--format", "ndjson", "--judged", *AS_OF, "--domain", "example.org").splitlines()
suite.equal("a filter leaves the judgement as it is", [json.loads(line) for line in narrow],
            [r for r in judged if r["policy_domain"] == "example.org"])

for domain in "a.example", "b.example":
    put(domain + ".xml", report("of " + domain, domain=domain, org=domain))
    suite.run("import", "--db", "two.db", "--quiet", domain + ".xml")
rows = [json.loads(line) for line in export("--format", "ndjson", "--judged", db="two.db").splitlines()]
suite.equal("the report of each record is its own", [(r["policy_domain"], r["org_name"], r["report_id"]) for r in rows],
            [(d, d, "of " + d) for d in ("a.example", "b.example")])

# --- parsedmarc's columns ----------------------------------------------------------------------------------------------

rows = list(csv.DictReader(io.StringIO(export("--format", "parsedmarc-csv", "--judged", *AS_OF))))
ses = [r for r in rows if r["source_ip_address"] == "203.0.113.7"]
suite.check("source_name and source_type come from the catalogue",
            ses and {(r["source_name"], r["source_type"]) for r in ses} == {("Amazon SES", "transactional")}, ses[:1])
suite.check("what nobody was asked for stays empty",
            not any(r[c] for r in rows for c in ("source_asn", "source_as_name", "source_reverse_dns", "source_country")))
with open("asn.mmdb", "wb") as f:
    f.write(make_mmdb.build("geolite"))
asked = list(csv.DictReader(io.StringIO(export("--format", "parsedmarc-csv", "--asn-db", "asn.mmdb", *AS_OF))))
suite.check("with --asn-db the network is there", any(r["source_asn"] and r["source_as_name"] for r in asked))
whole = json.loads(export("--format", "parsedmarc-json", "--asn-db", "asn.mmdb", *AS_OF))
sources = [s["source"] for r in whole for s in r["records"]]
suite.equal("in its JSON, too", sorted({(s["ip_address"], s["name"] or "", str(s["asn"] or "")) for s in sources}),
            sorted({(r["source_ip_address"], r["source_name"], r["source_asn"]) for r in asked}))

# --- Elasticsearch and OpenSearch --------------------------------------------------------------------------------------

lines = export("--format", "elastic-bulk").splitlines()
actions, documents = [json.loads(x) for x in lines[::2]], [json.loads(x) for x in lines[1::2]]
suite.equal("elastic-bulk: the documents are the rows", documents, plain)
suite.equal("elastic-bulk: each has an id of its own, as the row has it", [a["index"]["_id"] for a in actions],
            [r["id"] for r in plain])
suite.equal("elastic-bulk: no two share one", len({r["id"] for r in plain}), len(plain))
suite.run("import", "--db", "other.db", "--quiet", "more")
suite.run("import", "--db", "other.db", "--quiet", SAMPLE)
other = [json.loads(line) for line in export("--format", "ndjson", db="other.db").splitlines()]
suite.equal("elastic-bulk: another database with the same reports has the same ids", sorted(r["id"] for r in other),
            sorted(r["id"] for r in plain))
part = [json.loads(line)["id"] for line in export("--format", "ndjson", "--aligned", "no").splitlines()]
suite.equal("elastic-bulk: a part of it has those of the whole", part,
            [r["id"] for r in plain if "pass" not in (r["dkim"], r["spf"]) and (r["dkim"] or r["spf"])])

# --- Splunk ------------------------------------------------------------------------------------------------------------

events = [json.loads(line) for line in export("--format", "splunk-hec").splitlines()]
suite.equal("splunk-hec: events are the rows, each with its id", [x["event"] for x in events], plain)
suite.check("splunk-hec: at the begin of their report", all(isinstance(x["time"], int) and x["time"] > 1.7e9 for x in events))
suite.equal("splunk-hec: with a kind", {(x["source"], x["sourcetype"]) for x in events}, {("dmarcctl", "dmarcctl:record")})

# --- syslog ------------------------------------------------------------------------------------------------------------

MESSAGE = re.compile(r"<134>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|-) ([!-~]{1,255}) dmarcctl - record - (\{.*\})", re.A)
done = suite.run("export", "--db", "s.db", "--format", "syslog")
messages = [MESSAGE.fullmatch(line) for line in done.stdout.decode().split("\n")[:-1]]
suite.check("syslog: each line is a message of RFC 5424, whatever a report says", all(messages) and len(messages) == len(plain),
            len(messages))
suite.equal("syslog: with the row in it", [json.loads(m[3]) for m in messages if m], plain)
suite.equal("syslog: at the begin of its report", [m[1] for m in messages if m], [r["begin"] or "-" for r in plain])

# --- what does not go together -----------------------------------------------------------------------------------------

for sentence, args in (("rows of events are not sorted", ["--format", "syslog", "--sort", "count"]),
                       ("nor limited", ["--format", "elastic-bulk", "--limit", "3"]),
                       ("metrics are judged anyhow", ["--format", "openmetrics", "--judged"])):
    done = suite.run("export", "--db", "s.db", *args)
    suite.check("refused: %s" % sentence, done.returncode == 2 and not done.out and len(done.err.splitlines()) == 1, done.err)
suite.check("an empty database gives nothing, in each format", not any(
    suite.run("export", "--db", "s.db", "--format", f, "--domain", "nobody.example").out
    for f in ("elastic-bulk", "splunk-hec", "syslog")))
suite.finish()

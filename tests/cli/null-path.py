#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An empty envelope_from, the null reverse-path of a bounce, is told apart from an absent one through to the export."""
import csv
import io

from harness import Suite, record, report

suite = Suite()
FROM = "<identifiers><header_from>example.com</header_from>"
CASES = (("192.0.2.1", "<envelope_from/>", ""), ("192.0.2.2", "", None), ("192.0.2.3", "<envelope_from>example.net</envelope_from>", "example.net"))
with open("r.xml", "wb") as f:
    f.write(report("r", "".join(record(ip=ip).replace(FROM, FROM + element) for ip, element, _ in CASES)))
suite.run("import", "--db", "t.db", "--quiet", "r.xml")

exported = {r["source_ip"]: r["envelope_from"] for r in suite.rows("export", "--db", "t.db")}
suite.equal("JSON has an empty text against null", exported, {ip: expected for ip, _, expected in CASES})

text = suite.run("export", "--db", "t.db", "--format", "csv").out
at = next(csv.reader(io.StringIO(text))).index("envelope_from")
fields = {line.split(",")[15]: line.split(",")[at] for line in text.splitlines()[1:]}
suite.equal("CSV has empty quotes against nothing", fields, {"192.0.2.1": '""', "192.0.2.2": "", "192.0.2.3": "example.net"})

suite.equal("the same again is a duplicate", suite.run("import", "--db", "t.db", "r.xml").out.count("1 duplicate"), 1)
suite.finish()

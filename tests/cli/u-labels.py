#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Names with U-labels: one domain with their A-labels, in every place where a name may stand."""
from harness import Suite, record, report

suite = Suite()
U, A = "b\u00fccher.example", "xn--bcher-kva.example"
for name, domain in ("u", U), ("upper", U.upper()), ("a", A):
    with open(name + ".xml", "wb") as f:
        f.write(report(name, record(header_from=domain, count=7), domain=domain))
suite.run("import", "--db", "t.db", "--quiet", "u.xml", "upper.xml", "a.xml")

rows = suite.rows("summary", "--db", "t.db")
suite.equal("one domain", [(r["domain"], r["messages"]) for r in rows], [(A, 21)])
for spelling in U, U.upper(), U + ".", A, A.upper():
    for option in "--domain", "--header-from":
        suite.equal("%s %s" % (option, spelling), [r["messages"] for r in suite.rows("summary", "--db", "t.db", option, spelling)], [21])
    suite.equal("readiness %s" % spelling, [r["domain"] for r in suite.rows("readiness", "--db", "t.db", spelling)], [A])
suite.equal("another domain", suite.rows("summary", "--db", "t.db", "--domain", "bucher.example"), [])

suite.run("label", "--db", "t.db", U, "legitimate")
suite.equal("a label is taken back by the other spelling", suite.run("label", "--db", "t.db", "--remove", A).returncode, 0)
suite.finish()

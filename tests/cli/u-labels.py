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

# Own mail under one spelling, signed under the other, and a neighbour's signature on it.
DKIM = "<dkim><domain>%s</domain><selector>s</selector><result>pass</result></dkim>"
SIGNED = (("192.0.2.1", U, A), ("192.0.2.2", A, U.upper()), ("198.51.100.1", U, "bucher.example"))
with open("own.xml", "wb") as f:
    f.write(report("own", "".join(record(ip=ip, header_from=name, spf="fail").replace("<auth_results>", "<auth_results>" + DKIM % by)
                                  for ip, name, by in SIGNED), domain=U))
suite.run("import", "--db", "own.db", "--quiet", "own.xml")
suite.equal("a signature is aligned under either spelling, and one of another name is not",
            [r["dkim_aligned"] for r in suite.rows("export", "--db", "own.db")], [True, True, False])
suite.equal("such mail is own, not suspicious", [r["class"] for r in suite.rows("sources", "--db", "own.db")
                                                if r["source_ip"].startswith("192.0.2.")], ["own", "own"])
suite.equal("and a reporter that takes all for aligned disagrees on the neighbour's alone",
            [r["dkim_disagree"] for r in suite.rows("reporters", "--db", "own.db")], [5])

suite.run("label", "--db", "t.db", U, "legitimate")
suite.equal("a label is taken back by the other spelling", suite.run("label", "--db", "t.db", "--remove", A).returncode, 0)
suite.finish()

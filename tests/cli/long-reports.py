#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reports of several days: counted over their days, and a period has its share of them."""
import datetime

from harness import Suite, record, report

suite = Suite()
DAY = 86400
BEGIN = 1790812800  # 2026-10-01
NOTE = "several days"


def day(i):
    return datetime.datetime.fromtimestamp(BEGIN + i * DAY, datetime.timezone.utc).strftime("%Y-%m-%d")


def imported(db, *reports):
    for number, data in enumerate(reports):
        with open("%s-%d.xml" % (db, number), "wb") as f:
            f.write(data)
    suite.run("import", "--db", db, "--quiet", *["%s-%d.xml" % (db, n) for n in range(len(reports))])


def trend(db, *options):
    return [(r["day"], r["messages"], r["reports"]) for r in suite.rows("trend", "--db", db, *options)]


def messages(db, verb, *options):
    return sum(r["messages"] for r in suite.rows(verb, "--db", db, *options))


imported("weeks.db", report("weeks", record(count=2100), end=BEGIN + 21 * DAY - 1),
         report("day", record(count=10), org="b.example.net", begin=BEGIN + 20 * DAY))
suite.equal("each of three weeks' days has its share", trend("weeks.db"),
            [(day(i), 100, 1) for i in range(20)] + [(day(20), 110, 2)])
weeks = suite.rows("trend", "--db", "weeks.db", "--by", "week")
suite.equal("and each week", [r["messages"] for r in weeks], [400, 700, 700, 310])
for verb in "summary", "sources", "reporters", "trend":
    suite.equal("%s: all of it" % verb, messages("weeks.db", verb), 2110)
    suite.equal("%s: two days inside" % verb, messages("weeks.db", verb, "--since", day(4), "--until", day(5)), 200)
    suite.equal("%s: the days before" % verb, messages("weeks.db", verb, "--until", day(0)), 100)
    suite.equal("%s: the days behind" % verb, messages("weeks.db", verb, "--since", day(19)), 210)
    suite.equal("%s: outside" % verb, messages("weeks.db", verb, "--since", day(21)), 0)
    cut = suite.run(verb, "--db", "weeks.db", "--since", day(4))
    suite.check("%s says that a report is cut" % verb, NOTE in cut.err and cut.returncode == 0, cut.err)
    for options in ((), ("--since", day(0)), ("--until", day(20)), ("--since", day(21))):
        whole = suite.run(verb, "--db", "weeks.db", *options)
        suite.check("%s %s says nothing" % (verb, " ".join(options)), not whole.err, whole.err)
inside = suite.rows("summary", "--db", "weeks.db", "--since", day(4), "--until", day(5))
suite.equal("it is one record of one report", [(r["reports"], r["records"]) for r in inside], [(1, 1)])
for verb in "reports", "export":
    rows = suite.rows(verb, "--db", "weeks.db", "--since", day(4), "--until", day(5))
    suite.equal("%s has it whole" % verb, [r["messages" if verb == "reports" else "count"] for r in rows], [2100])
suite.equal("readiness sees its days", suite.rows("readiness", "--db", "weeks.db")[0]["messages"], 2110)

imported("month.db", report("months", record(count=700), begin=BEGIN - 4 * DAY, end=BEGIN + 3 * DAY - 1))
months = suite.rows("trend", "--db", "month.db", "--by", "month")
suite.equal("and each month, the report once in each", [(r["month"], r["messages"], r["reports"]) for r in months],
            [("2026-09-01", 400, 1), ("2026-10-01", 300, 1)])

# Many small records are as spread as a large one, and nothing is lost.
imported("small.db", report("small", "".join(record(ip="192.0.2.%d" % (i % 250), count=1) for i in range(700)),
                            end=BEGIN + 7 * DAY))
days = trend("small.db")
suite.equal("all of them", sum(d[1] for d in days), 700)
suite.check("on each day about a hundred", len(days) == 7 and all(97 <= d[1] <= 103 for d in days), days)

# What is a day stays on the day of its begin.
imported("day.db", report("shifted", record(count=24), begin=BEGIN + DAY // 2, end=BEGIN + DAY // 2 + DAY))
suite.equal("a shifted day", trend("day.db"), [(day(0), 24, 1)])
suite.finish()

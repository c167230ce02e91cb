#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One report in several documents, under one report_id and period: which of them are parts, and which are in conflict.
One content under several report_ids: counted once. In whatever order they come, and in a dry run likewise."""
import itertools
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Suite, record, report  # noqa: E402

s = Suite()
number = 0


def take(db, files, *options):
    done = s.run("import", "--db", db, "--format", "json", *options, *files)
    said = json.loads(done.out)
    return {k: v for k, v in said["documents"].items() if v and k != "total"}, done


def stored(db):
    return sorted(((row["records"], row["messages"], row["flags"]) for row in s.rows("reports", "--db", db)), key=str)


def each_order(documents):
    """For each order the outcomes of one import, those of a dry run, what is stored, and that after one more import."""
    global number
    number += 1
    os.mkdir("case%d" % number)
    for i, data in enumerate(documents):
        with open("case%d/%d.xml" % (number, i), "wb") as file:
            file.write(data)
    for order in itertools.permutations(range(len(documents))):
        files = ["case%d/%d.xml" % (number, i) for i in order]
        db = "case%d-%s.db" % (number, "".join(map(str, order)))
        dry, _ = take(db, files, "--dry-run")
        wet, done = take(db, files)
        once = stored(db)
        again, _ = take(db, files)
        yield order, wet, dry, once, (again, stored(db)), done.err


def comes_to(sentence, documents, outcomes, expected):
    wrong = [(order, wet, dry, once, again) for order, wet, dry, once, again, _ in each_order(documents)
             if wet != outcomes or dry != outcomes or once != expected or again[1] != expected or "new" in again[0]]
    s.check(sentence, not wrong, *wrong)


def sources(first, many, **more):
    return "".join(record(ip="198.51.%d.%d" % (100 + i // 250, i % 250), **more) for i in range(first, first + many))


A, B, C = (sources(10 * i, 2, count=i + 1) for i in range(3))
comes_to("documents that share no source are parts of one report", [report("r", A), report("r", B), report("r", C)],
         {"new": 3}, [(2, 2, None), (2, 4, None), (2, 6, None)])
comes_to("each of them once", [report("r", A), report("r", B), report("r", B)], {"new": 2, "duplicate": 1},
         [(2, 2, None), (2, 4, None)])
comes_to("a part with its records in another order is the same part",
         [report("r", A), report("r", B), report("r", sources(11, 1, count=2) + sources(10, 1, count=2))],
         {"new": 2, "duplicate": 1}, [(2, 2, None), (2, 4, None)])
comes_to("the same address as another From: is another source",
         [report("r", record(ip="192.0.2.1")), report("r", record(ip="192.0.2.1", header_from="mail.example.com"))],
         {"new": 2}, [(1, 5, None), (1, 5, None)])
LARGE, MORE = sources(0, 700), sources(700, 700)
comes_to("parts may be large", [report("r", LARGE), report("r", MORE)], {"new": 2}, [(700, 3500, None)] * 2)
comes_to("and small beside large", [report("r", LARGE), report("r", A.replace("198.51.", "203.0."))], {"new": 2},
         [(2, 2, None), (700, 3500, None)])

for sentence, first, second in (
        ("a source with another count", report("r", A), report("r", sources(0, 1, count=9))),
        ("a source with another result", report("r", A), report("r", sources(1, 1, dkim="fail", spf="fail"))),
        ("one source of many", report("r", LARGE), report("r", MORE + sources(5, 1, count=9)))):
    for order, wet, dry, once, again, err in each_order([first, second]):
        s.check("%s in both is a conflict, and the first is kept (%s)" % (sentence, order),
                wet == dry == {"new": 1, "conflicting": 1} and len(once) == 1 and once == again[1]
                and "the first was kept" in err, wet, dry, once, again, err)

# A correction of a part is held against all parts.
os.mkdir("three")
for name, data in (("1", report("r", A)), ("2", report("r", B)), ("3", report("r", sources(11, 1, count=50)))):
    with open("three/%s.xml" % name, "wb") as file:
        file.write(data)
wet, done = take("three.db", ["three"])
s.equal("a correction of the second part is no third part", (wet, stored("three.db")),
        ({"new": 2, "conflicting": 1}, [(2, 2, None), (2, 4, None)]))

whole = report("r", A)
cut = whole[:whole.rindex(b"<record>") + 40]
comes_to("a copy that was cut off is no part: the whole one is kept, and the other part",
         [whole, report("r", B)], {"new": 2}, [(2, 2, None), (2, 4, None)])
for order, wet, dry, once, again, err in each_order([whole, cut, report("r", B)]):
    s.check("wherever it comes (%s)" % (order,), once == again[1] == [(2, 2, None), (2, 4, None)], wet, once, again, err)

other = report("r", B).replace(b"<end>1790899199", b"<end>1790899200")
comes_to("another period is another report", [report("r", A), other], {"new": 2}, [(2, 2, None), (2, 4, None)])
take("seen.db", ["case1"])
s.check("the ledger says what a part is",
        [row["outcome"] for row in s.rows("errors", "--db", "seen.db")] == ["new", "new"]
        and all(row["reason"].startswith("another part of a report") for row in s.rows("errors", "--db", "seen.db")),
        s.rows("errors", "--db", "seen.db"))

# --- whose mail brought them
PROVEN = (b"Authentication-Results: mx.example.com; dmarc=pass header.from=receiver.example.net\r\n"
          b"From: noc@receiver.example.net\r\n")
FORGED = (b"Authentication-Results: mx.example.com; dmarc=pass header.from=forger.example\r\n"
          b"From: a@forger.example\r\n")


def mail(head, data):
    return head + b"Content-Type: text/xml\r\n\r\n" + data


def provenances(documents):
    global number
    number += 1
    for order in itertools.permutations(range(len(documents))):
        name = "mails%d-%s" % (number, "".join(map(str, order)))
        for n, i in enumerate(order):
            os.makedirs(name, exist_ok=True)
            with open("%s/%d.eml" % (name, n), "wb") as file:
                file.write(documents[i])
        take(name + ".db", [name], "--trusted-authserv", "mx.example.com")
        yield order, sorted((row["messages"], row["provenance"]) for row in s.rows("reports", "--db", name + ".db"))


def are(sentence, documents, expected):
    wrong = [(order, is_) for order, is_ in provenances(documents) if is_ != expected]
    s.check(sentence, not wrong, *wrong)


FORGED_PART = mail(FORGED, report("r", C))
are("a forged part proves nothing: it stands beside, with the provenance of its own mail",
    [mail(PROVEN, report("r", A)), mail(PROVEN, report("r", B)), FORGED_PART],
    [(2, "proven"), (4, "proven"), (6, "unproven")])
are("what is proven takes the place of forged parts with its sources, all of them, in any order",
    [mail(FORGED, report("r", sources(0, 1, count=70))), mail(FORGED, report("r", sources(1, 1, count=80))),
     mail(PROVEN, report("r", A))], [(2, "proven")])
are("also where it is large",
    [mail(FORGED, report("r", sources(0, 1, count=70))), mail(FORGED, report("r", sources(650, 9, count=80))),
     mail(PROVEN, report("r", LARGE))], [(3500, "proven")])
are("and of no part beside them",
    [mail(FORGED, report("r", sources(0, 1, count=70))), mail(PROVEN, report("r", A)), mail(PROVEN, report("r", B))],
    [(2, "proven"), (4, "proven")])
are("a mail that brings a part once more proves that part alone",
    [mail(FORGED, report("r", A)), mail(PROVEN, report("r", A)), mail(FORGED, report("r", B))],
    [(2, "proven"), (4, "unproven")])

# --- under another report_id
DAY = 86400
BEGIN = 1790812800


def named(report_id, records=A, **more):
    return report(report_id, records, **more).replace(b"<fo>%s</fo>" % report_id.encode(), b"")


ONE = record(ip="192.0.2.1", count=1)
comes_to("the same of the same days under another report_id is counted once", [named("r"), named("q"), named("p")],
         {"new": 1, "duplicate": 2}, [(2, 2, None)])
comes_to("also a single message", [named("r", ONE), named("q", ONE)], {"new": 1, "duplicate": 1}, [(1, 1, None)])
comes_to("and a large report", [named("r", LARGE), named("q", LARGE)], {"new": 1, "duplicate": 1}, [(700, 3500, None)])
comes_to("in a period that has half of each in common", [named("r"), named("q", begin=BEGIN + 11 * 3600)],
         {"new": 1, "duplicate": 1}, [(2, 2, None)])
comes_to("and not in one that has less", [named("r"), named("q", begin=BEGIN + 13 * 3600)], {"new": 2},
         [(2, 2, None)] * 2)
comes_to("the next day it is another report, also where the periods touch",
         [named("r", end=BEGIN + DAY), named("q", begin=BEGIN + DAY, end=BEGIN + 2 * DAY)], {"new": 2}, [(2, 2, None)] * 2)
comes_to("so it is within a report of a week", [named("r"), named("q", end=BEGIN + 7 * DAY - 1)], {"new": 2},
         [(2, 2, "period over 24 hours"), (2, 2, None)])
comes_to("what another reporter says is another report",
         [named("r"), named("q").replace(b"noc@receiver.example.net", b"noc@other.example.net")], {"new": 2},
         [(2, 2, None)] * 2)
comes_to("and of another policy", [named("r"), named("q").replace(b"<p>none", b"<p>reject")], {"new": 2},
         [(2, 2, None)] * 2)
comes_to("and with another count", [named("r", ONE), named("q", record(ip="192.0.2.1", count=2))], {"new": 2},
         [(1, 1, None), (1, 2, None)])
comes_to("reports without a record say nothing twice", [named("r", ""), named("q", "")], {"new": 2},
         [(0, 0, "no records")] * 2)
for order, wet, dry, once, again, err in each_order([named("r"), named("q")]):
    first = "rq"[order[0]]
    s.check("it is told, with the one that is counted (%s)" % first,
            'the report "%s" of the same days says the same, which is counted once' % first in err, err)
    _, done = take("case%d-%s.db" % (number, "".join(map(str, order))), ["case%d" % number])
    s.check("once, and it is no failure (%s)" % first, done.err == "" and done.returncode == 0, done.err)
s.equal("the ledger keeps it", [row["outcome"] for row in s.rows("errors", "--db", "case%d-01.db" % number)],
        ["duplicate"])
are("what proves the copy proves what is counted", [mail(FORGED, named("r")), mail(PROVEN, named("q"))], [(2, "proven")])
s.finish()

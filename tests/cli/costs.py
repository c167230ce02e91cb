#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""import: what one mail may cost. Mails made to cost as much as they can: how large the database becomes of each, how
many lines of the ledger, how many pages; and that no good report beside them is lost. Nothing here looks at a clock."""
import base64
import gzip
import lzma
import os
import random

from harness import Suite, query, report, zipped

suite = Suite()
EMPTY = 200 << 10  # a database without a report
KIB, MIB = 1 << 10, 1 << 20


def mail(*parts, before=b""):
    head = "From: a@example.net\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    text = before.decode()
    for part in parts:
        text += ("--b\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n" +
                 base64.encodebytes(part).decode())
    return (head + text + "--b--\n").encode()


def one(records, name="1", domain="example.com"):
    """A report of these records, packed as tightly as can be had."""
    return lzma.compress(report(name, records, domain=domain))


def many(size, make):
    """So much of make(0), make(1), ..."""
    out, length, i = [], 0, 0
    while length < size:
        out.append(make(i))
        length += len(out[-1])
        i += 1
    return "".join(out)


def address(i):
    return "<record><row><source_ip>::%x:%x</source_ip><count>1</count></row></record>" % (i >> 16, i & 65535)


def froms(i):
    return "<record><identifiers><header_from>%x.example.com</header_from></identifiers></record>" % i


def selectors(i):
    return "<record><auth_results>%s</auth_results></record>" % "".join(
        "<dkim><domain>%x.a</domain><selector>%x</selector></dkim>" % (i * 100 + k, i * 100 + k) for k in range(100))


def explanations(i):
    return ("<record><auth_results><dkim><domain>a</domain><human_result>%d%s</human_result></dkim></auth_results>"
            "</record>" % (i, "x" * 16000))


def patterns(i):
    return "<record><auth_results>%s</auth_results></record>" % "".join(
        "<dkim><domain>%x</domain><result>%s</result></dkim>" % (10 + k, ("pass", "fail")[i >> k & 1])
        for k in range(20))


def take(data, *options, name="m.eml"):
    """Imports one mail into a new database: (status, outcomes other than 0, bytes of the database, what was said)."""
    done, outcomes = suite.take_anew(name, data, *options)
    return done.returncode, outcomes, os.path.getsize("t.db") if os.path.exists("t.db") else 0, done.err


def lines():
    return query("t.db", "SELECT count(*) FROM document")[0][0]


def rows(table):
    return query("t.db", "SELECT count(*) FROM " + table)[0][0]


# Each of these was a mail of some ten kilobytes that made a database of tens of megabytes, or a million lines.
GOOD = gzip.compress(report("good"))
for what, packed, option in (
        ("explanations", one(many(12 * MIB, explanations)), "--max-texts"),
        ("patterns out of few words", one(many(8 * MIB, patterns)), "--max-texts"),
        ("addresses", one(many(4 * MIB, address)), "--max-names"),
        ("names in From:", one(many(8 * MIB, froms)), "--max-texts"),
        ("domains and selectors", one(many(8 * MIB, selectors)), "--max-names"),
        ("empty records", one("<record/>" * 1500000), "--max-records"),
        ("blanks", gzip.compress(report("1", " " * (20 * MIB))), "--max-file-size")):
    status, outcomes, size, err = take(mail(GOOD, packed))
    suite.check("too many %s in one mail: the report is rejected as a whole, and the option that allows it is named" % what,
                status == 3 and outcomes.get("rejected") and option + ")" in err, status, outcomes, err)
    suite.check("... the error names the file and the place in it", "m.eml: part 2: rejected: " in err, err)
    suite.equal("... the report beside it is kept", query("t.db", "SELECT report_id FROM report"), [("good",)])
    suite.check("... and nothing stays of the other", size < EMPTY, size)

# Many documents
for what, packed in (
        ("behind each other", gzip.compress(b"<feedback></feedback>" * 700000)),
        ("of an archive", zipped(*(("%d" % i, report(str(i))) for i in range(1200))))):
    status, outcomes, size, err = take(mail(packed))
    suite.check("a mail of too many documents %s has a thousand lines, and one that says so" % what,
                status == 3 and lines() <= 1001 and "the mail holds more than 1000 documents" in
                "".join(r[0] or "" for r in query("t.db", "SELECT reason FROM document")), status, outcomes, lines())
    suite.check("... and its database is small", size < EMPTY + 600 * KIB, size)

# Policy domains: a page each
fleet = [("%d" % i, report(str(i), domain="d%d.example" % i)) for i in range(300)]
status, outcomes, size, err = take(mail(zipped(*fleet)))
suite.equal("a mail brings reports about a hundred policy domains", (status, outcomes), (3, {"new": 100, "rejected": 200}))
suite.check("... the others are told", "its reports have more than 100 policy domains in one mail (see --max-domains)" in err,
            err)
done = suite.run("report", "--db", "t.db", "--output", "pages/", "--format", "html")
suite.check("... and `report` writes a page for each of these, and an index",
            done.returncode == 0 and len(os.listdir("pages")) == 101, done.err, os.listdir("pages")[:5])
status, outcomes, size, err = take(zipped(*fleet), name="fleet.zip")
suite.equal("a file that the user named holds as many as he has", (status, outcomes), (0, {"new": 300}))

# A report is no worse for what was refused before it
status, outcomes, size, err = take(mail(zipped(("1", report("a", domain="a.example")), ("2", report("b", domain="b.example")),
                                              ("3", report("c", domain="a.example")))), "--max-domains", "1")
suite.equal("a report about a domain that is there already is taken behind one that is refused",
            (outcomes, [r[0] for r in query("t.db", "SELECT report_id FROM report ORDER BY id")]),
            ({"new": 2, "rejected": 1}, ["a", "c"]))
status, outcomes, size, err = take(mail(zipped(("1", report("a")), ("2", report("b", many(4000, froms))), ("3", report("c")))),
                                   "--max-names", "20")
suite.equal("what a refused report would have brought is not charged", outcomes, {"new": 2, "rejected": 1})

# Each limit, on both sides; said by option and by configuration
three = mail(zipped(*(("%d" % i, report(str(i))) for i in range(3))))
for option, value, kept in (("--max-reports", "3", 3), ("--max-reports", "2", 2), ("--max-documents", "3", 3),
                            ("--max-documents", "2", 2)):
    status, outcomes, size, err = take(three, option, value)
    suite.equal("%s %s of three reports" % (option, value), (status, outcomes.get("new")), (0 if kept == 3 else 3, kept))
lone = mail(gzip.compress(report("1", many(1000, froms))))
status, outcomes, size, err = take(lone)
names = rows("name")
for more, expected in ((names, 0), (names - 1, 3)):
    status, outcomes, size, err = take(lone, "--max-names", str(more))
    suite.equal("--max-names %d" % more, status, expected)
for size_said, expected in (("64K", 0), ("100", 3)):
    status, outcomes, size, err = take(lone, "--max-texts", size_said)
    suite.equal("--max-texts %s" % size_said, status, expected)
count = many(1000, froms).count("<record>")
for most, expected in ((count, 0), (count - 1, 3)):
    status, outcomes, size, err = take(lone, "--max-records", str(most))
    suite.equal("--max-records %d of %d" % (most, count), status, expected)
with open("c.conf", "w") as f:
    f.write("[defaults]\nmax-domains = 250\nmax-reports = 300\n")
status, outcomes, size, err = take(mail(zipped(*fleet)), "--config", "c.conf")
suite.equal("the configuration says what holds", (status, outcomes), (3, {"new": 250, "rejected": 50}))
status, outcomes, size, err = take(mail(one(many(8 * MIB, froms))), "--max-names", "1M", name="m.eml")
suite.check("a number is written as a number", status == 2 and "--max-names" in err, err)
packed = mail(one(many(4 * MIB, froms)))
status, outcomes, size, err = take(packed, "--max-names", "1000000", "--max-texts", "1G", "--max-records", "10M",
                                   "--max-file-size", "1G")
suite.equal("whoever asks for it gets all of it", (status, outcomes), (0, {"new": 1}))

# An mbox: what a mail may bring is its own
box = b"".join(b"From a Thu Jan  1 00:00:00 2026\n" + m + b"\n"
               for m in (mail(zipped(*fleet[:150])), mail(zipped(*fleet[150:240]))))
status, outcomes, size, err = take(box, name="in.mbox")
suite.equal("in an mbox each mail has its own hundred", (status, outcomes), (3, {"new": 190, "rejected": 50}))


# The worst that a mail of a megabyte can do: as much of each as passes, behind so much text that the mail is that large
def worst():
    rng = random.Random(15)
    letters = "abcdefghijklmnopqrstuvwxyz"
    texts = "".join(explanations(i) for i in range(190))
    # of the other half-million bytes of texts: as many different patterns as go in
    short = "".join("<record><identifiers><header_from>%s%s.a</header_from></identifiers></record>" %
                    (rng.choice(letters), i) for i in range(22000))
    sources = "".join(address(i) for i in range(165000))
    rest = "<record/>" * 80000
    packed = one(texts + short + sources + rest)
    # the mail has to be read to its end before what it holds may be as much
    filler = b"x" * 76 + b"\n"
    return mail(packed, before=filler * max(0, (MIB - len(packed) * 4 // 3 - 4000) // len(filler)))


data = worst()
status, outcomes, size, err = take(data)
suite.check("the mail has a megabyte", MIB - 64 * KIB < len(data) <= MIB, len(data))
suite.equal("the worst mail of a megabyte passes", (status, outcomes), (0, {"new": 1}))
suite.check("... with nearly as much as it may bring",
            rows("record") > 250000 and rows("name") + rows("address") > 180000, rows("record"), rows("name"),
            rows("address"))
suite.check("... and its database has less than 24 MiB", 12 * MIB < size < 24 * MIB, size)
print("# %d bytes of mail, %d bytes of database" % (len(data), size))

suite.finish()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What import stores and how it recognises what it knows: identity, ledger, interruption, archives and mails. Written
from the documentation alone."""
import base64
import bz2
import gzip
import io
import json
import lzma
import os
import signal
import subprocess
import sys
import tarfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Suite, record, report, zipped  # noqa: E402

s = Suite()


def write(name, data):
    if os.path.dirname(name):
        os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "wb") as file:
        file.write(data)
    return name


def tarred(*entries):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in entries:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def part(data, name="r.xml.gz", kind="application/gzip"):
    return (b"Content-Type: %s; name=\"%s\"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; "
            b"filename=\"%s\"\n\n" % (kind.encode(), name.encode(), name.encode())) + base64.encodebytes(data)


def mail(message_id, body):
    return (b"From: noc@receiver.example.net\nTo: dmarc@example.com\nMessage-ID: <%s@example.net>\n"
            b"MIME-Version: 1.0\n" % message_id.encode()) + body


class Result:
    """What an import said: status, outcomes that are not 0, reports, records."""

    def __init__(self, done):
        self.status, self.err = done.returncode, done.err
        said = json.loads(done.out) if done.out else {"documents": {}}
        self.outcomes = {k: v for k, v in said["documents"].items() if v and k != "total"}
        self.reports, self.records = said.get("reports"), said.get("records")

    def __repr__(self):
        return "status %s, %s, %s reports, %s records; %s" % (self.status, self.outcomes, self.reports, self.records,
                                                              self.err[-300:])


def take(db, *args, **more):
    return Result(s.run("import", "--db", db, "--format", "json", *args, **more))


def ledger(db):
    return [(row["outcome"], row["origin"], row["reason"]) for row in s.rows("errors", "--db", db)]


def content(db):
    reports = s.rows("reports", "--db", db)
    for row in reports:
        del row["imported"]
    return reports, s.rows("export", "--db", db), ledger(db)


def messages(db):
    return sum(row["messages"] for row in s.rows("reports", "--db", db))


four = "".join(record(ip="192.0.2.%d" % i) for i in range(1, 5))
whole = report("r1", four)
cut = whole[:whole.index(b"<source_ip>192.0.2.3")]
other = whole.replace(b"<count>5", b"<count>6")
doctype = b"<!DOCTYPE feedback><feedback/>"
a, b = report("a"), report("b")

# --- One document never harms another.

write("empty-first.xml", b"<feedback/>\n" + a.split(b"?>\n", 1)[1])
is_ = take("empty-first.db", "empty-first.xml")
s.check("a report behind an empty feedback element in the same file is stored", is_.reports == 1, is_)
write("empty-between.xml", a + b"<feedback/>\n" + b)
is_ = take("empty-between.db", "empty-between.xml")
s.check("an empty feedback element between two reports costs neither", is_.reports == 2, is_)
s.check("and has a line in the ledger itself", len(ledger("empty-between.db")) == 1, is_, ledger("empty-between.db"))
write("members.gz", gzip.compress(a) + gzip.compress(b"<feedback/>") + gzip.compress(b))
is_ = take("members.db", "members.gz")
s.check("an empty gzip member's document costs no other member its report", is_.reports == 2, is_)

# Only its octets matter: it is never decoded, so something that begins as DER does.
signature = bytes.fromhex("3080 0609 2a864886f70d010702 a080 3080 020101 3100 3080 0609 2a864886f70d010701 0000 3100"
                          "0000 0000 0000".replace(" ", ""))
write("signed.eml", mail("signed", b"Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; "
                         b"micalg=sha-256; boundary=b1\n\n--b1\n" + part(gzip.compress(a)) + b"\n--b1\n"
                         + part(signature, "smime.p7s", "application/pkcs7-signature") + b"\n--b1--\n"))
is_ = take("signed.db", "signed.eml")
s.check("a mail with a detached S/MIME signature gives its report", is_.reports == 1, is_)
s.check("and the signature is no rejected document: status 0, nothing in the ledger",
        is_.status == 0 and not ledger("signed.db"), is_, ledger("signed.db"))

pair = tarred(("a.xml", a), ("b.xml", b))
second = pair.index(b"b.xml\0")
broken = bytearray(pair)
broken[second + 148] ^= 1
write("header.tar", bytes(broken))
is_ = take("header.db", "header.tar")
s.check("a tar keeps what stands in front of a broken header", is_.reports == 1, is_)
s.check("and the broken header, which hides a report, is told", len(ledger("header.db")) > 0, is_)

broken = bytearray(gzip.compress(pair))
broken[-6] ^= 1
write("sum.tgz", bytes(broken))
is_ = take("sum.db", "sum.tgz")
s.check("a tar.gz whose checksum does not fit is told, as an .xml.gz is", len(ledger("sum.db")) > 0, is_)
write("trailer.tgz", gzip.compress(pair)[:-8])
is_ = take("trailer.db", "trailer.tgz")
s.check("a tar.gz without its trailer is told, as an .xml.gz is", len(ledger("trailer.db")) > 0, is_)

# --- What is known.

write("f/1.xml", cut)
write("f/2.xml", whole)
write("f/3.xml", other)
write("f/4.xml", doctype)
write("f/5.xml", b"")
write("f/6.zip", zipped(("a.xml", a), ("again.xml", a), ("c.xml", doctype), ("readme.txt", b"hello")))
write("f/7.tar.bz2", bz2.compress(pair))
write("f/8.xml.xz", lzma.compress(report("xz")))
dry = take("f.db", "--dry-run", "f")
s.check("a dry run makes no database", not os.path.exists("f.db"))
wet = take("f.db", "f")
s.equal("a dry run over nothing says what the import then does", repr(dry), repr(wet))
s.equal("which knows new, damaged, duplicate, conflicting, rejected and no report", wet.outcomes,
        {"new": 4, "damaged": 1, "duplicate": 2, "conflicting": 1, "rejected": 2, "no_report": 2})
s.check("rejected documents are status 3", wet.status == 3, wet)
stored = [row for row in s.rows("reports", "--db", "f.db", "--id", "r1")]
s.check("the whole copy took the place of the damaged one, and the conflicting one did not",
        [(r["records"], r["messages"], r["flags"]) for r in stored] == [(4, 20, None)], stored)
before = content("f.db")
dry = take("f.db", "--dry-run", "f")
wet = take("f.db", "f")
s.equal("a dry run over a known folder says what the import then does", repr(dry), repr(wet))
s.check("a folder imported again stores nothing and repeats no line", content("f.db") == before and wet.reports == 0,
        wet, ledger("f.db"))
take("f1.db", "--jobs", "1", "f")
take("f4.db", "--jobs", "4", "f")
s.check("the number of jobs does not change the database, not even its order", content("f1.db") == content("f4.db"))

take("forms.db", write("plain.xml", a))
is_ = take("forms.db", write("utf16.xml", a.decode().replace("UTF-8", "UTF-16").encode("utf-16")),
           write("case.xml", a.replace(b"<domain>example.com</domain><p>", b"<domain>EXAMPLE.com.</domain><p>")),
           write("blanks.xml", a.replace(b"><", b"> \n <")),
           write("mapped.xml", a.replace(b"192.0.2.10", b"::ffff:192.0.2.10")),
           write("zero.xml", a.replace(b"<count>5", b"<count>05")))
s.check("another encoding, case of the domain, blanks or form of figures is the same report",
        is_.outcomes == {"duplicate": 5}, is_)

box = write("two.mbox", b"".join(b"From noc@example.net Thu Jan  1 00:00:00 2026\n" + mail(n, part(gzip.compress(d)))
                                 + b"\n" for n, d in (("m1", a), ("m2", b))))
is_ = take("box.db", "--max-documents", "1", box)
s.check("--max-documents keeps what it allows and tells once what it leaves out, with status 3",
        is_.status == 3 and is_.outcomes == {"new": 1, "rejected": 1}, is_)
is_ = take("box.db", box)
s.check("a higher limit then stores the rest alone", is_.outcomes == {"new": 1, "duplicate": 1}, is_)
separator = b"\1\1\1\1\n"
one = mail("m1", part(gzip.compress(a)))
forms = {
    "emlx": b"%d\n" % len(one) + one + b"<?xml version=\"1.0\"?>\n<plist version=\"1.0\"><dict/></plist>\n",
    "mmdf": separator + one + separator,
    "babyl": b"BABYL OPTIONS: -*- rmail -*-\nVersion: 5\n\x1f\x0c\n1,,\n*** EOOH ***\n" + one + b"\n\x1f",
    "utf16": one.decode().encode("utf-16"),
    "crlf": one.replace(b"\n", b"\r\n"),
    "behind.zip": b"\x00\x80MZ" * 16 + zipped(("a.xml", a)),
}
wrong = {name: is_ for name, is_ in ((n, take("%s.forms.db" % n, write("form." + n, d))) for n, d in forms.items())
         if is_.outcomes != {"new": 1} or is_.status}
s.check("a mail as emlx, MMDF, Babyl, UTF-16, CRLF, and a zip behind something else give their report, no more",
        not wrong, wrong)

archive = zipped(("a.xml", a), ("b.xml", b))
worst = 0
for i in range(0, len(archive), 5):
    write("mutants/cut%d" % i, archive[:i])
    write("mutants/flip%d" % i, archive[:i] + bytes([archive[i] ^ 1 << i % 8]) + archive[i + 1:])
is_ = take("mutants.db", "mutants")
s.check("zips cut off or with a flipped bit anywhere end in status 3", is_.status == 3, is_)
s.check("and no report has more records than it had", max(r["records"] for r in s.rows("reports", "--db",
                                                                                   "mutants.db")) == 1)

for i in range(200):
    write("many/%03d.xml" % i, report("m%d" % i, four) if i % 20 else doctype)
take("once.db", "many")
once = content("once.db")
for i in range(4):
    started = subprocess.Popen([s.binary, "import", "--quiet", "--db", "kill.db", "many"], env=s.environment,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.005 + 0.01 * i)
    started.send_signal(signal.SIGKILL)
    started.wait()
take("kill.db", "many")
s.check("imports that were killed lose nothing and double nothing", content("kill.db") == once)
crowd = [subprocess.Popen([s.binary, "import", "--format", "json", "--db", "crowd.db", "many"], env=s.environment,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(4)]
said = [json.loads(started.communicate()[0]) for started in crowd]
s.check("four imports at once into a new database store each report once",
        sum(one["reports"] for one in said) == 190 and sorted(map(repr, content("crowd.db")[1])) ==
        sorted(map(repr, once[1])) and len(ledger("crowd.db")) == 10, said)

for day in range(40):
    for org in ("Acme", "ACME", "acme"):
        write("case/%s%d.xml" % (org, day), report("%s%d" % (org, day), record(count=50), org=org,
                                                   begin=1790812800 + day * 86400))
take("case.db", "case")
reporters = s.rows("reporters", "--db", "case.db")
s.check("a reporter in three spellings is one, by the first that came",
        [r["reports"] for r in reporters] == [120] and reporters[0]["reporter"].lower() == "acme", reporters)
s.check("so it is to the domain", s.rows("summary", "--db", "case.db")[0]["reporters"] == 1)
judged = s.rows("readiness", "--db", "case.db", "--as-of", "2026-11-10")[0]
s.check("and to the verdict, which no single reporter carries",
        [g["figure"] for g in judged["gates"] if g["name"] == "reporters"] == [1] and judged["verdict"] != "READY", judged)

write("text.db", b"no database at all\n" * 100)
is_ = s.run("import", "--db", "text.db", "plain.xml")
s.check("a file that is no database is refused with status 1 and left as it is",
        is_.returncode == 1 and open("text.db", "rb").read() == b"no database at all\n" * 100, is_.err)
s.check("no source that can be opened is status 1", take("none.db", "nowhere").status == 1)

# --- reporters in tables
for number, org in enumerate(("Acme", "ACME", "acme")):
    take("reporters.db", write("reporter.xml", report("case-%d" % number, org=org)))
s.equal("reporters whose names differ in case are one row, as the name came first",
        [(r["reporter"], r["reports"], r["messages"], r["domains"]) for r in s.rows("reporters", "--db", "reporters.db")],
        [("Acme", 3, 15, 1)])
s.equal("and one reporter of their domain", [r["reporters"] for r in s.rows("summary", "--db", "reporters.db")], [1])
for number, org in enumerate(("Acme, Inc.", "esa1.hosting.example.net", "esa2.hosting.example.net")):
    take("reporters.db", write("reporter.xml", report("form-%d" % number, org=org)))
s.equal("so are a name with its legal form, and hosts that differ in a number alone",
        sorted((r["reporter"], r["reports"]) for r in s.rows("reporters", "--db", "reporters.db")),
        [("Acme", 4), ("esa1.hosting.example.net", 2)])
s.equal("and --reporter takes all of them",
        [r["reports"] for r in s.rows("summary", "--db", "reporters.db", "--reporter", "esa2.hosting.example.net")], [2])

# --- what takes the place of what
write("cut.xml", report("cut").replace(b"</feedback>", b""))
write("cut-whole.xml", report("cut"))
take("mended.db", "cut.xml")
s.equal("a report that lost its end is damaged", [r["flags"] for r in s.rows("reports", "--db", "mended.db")], ["damaged"])
said = take("mended.db", "cut-whole.xml")
s.equal("a whole copy with the same records takes the mark away",
        [(r["flags"], r["records"]) for r in s.rows("reports", "--db", "mended.db")], [(None, 1)])
s.check("which is no conflict", said.status == 0, said)
take("mended.db", "cut.xml", "cut-whole.xml")
s.equal("and the damaged one brings it back no more", [r["flags"] for r in s.rows("reports", "--db", "mended.db")], [None])

write("part-none.xml", report("part", ""))
write("part.xml", report("part", four)[:-60])
take("part.db", "part-none.xml", "part.xml")
s.check("a damaged report in the place of an empty one is told with what is damaged",
        any("line " in (r["reason"] or "") and "takes the place of a copy without records" in r["reason"]
            for r in s.rows("errors", "--db", "part.db")), s.rows("errors", "--db", "part.db"))

# --- what names a reporter and a period
NAME = "receiver.example.net!example.com!1790812800!1790899199"
nameless = report("nameless", org="", begin="x", end="y").replace(b"noc@receiver.example.net", b"")
write("names/%s.zip" % NAME, zipped(("report.xml", nameless)))
take("names.db", "names")
s.equal("the name of a zip tells both where the report and its entry do not",
        [(r["org_name"], r["begin"], r["flags"]) for r in s.rows("reports", "--db", "names.db")],
        [("receiver.example.net", "2026-10-01T00:00:00Z", "org_name missing, period from the file name")])
write("nobody.xml", report("nobody", org="").replace(b"noc@receiver.example.net", b""))
take("nobody.db", "nobody.xml")
s.equal("where nothing names a reporter, that is said too",
        [(r["org_name"], r["flags"]) for r in s.rows("reports", "--db", "nobody.db")], [(None, "org_name missing")])

s.finish()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""import: containers by their content, in each other, broken, and larger or deeper than the limits allow."""
import gzip
import os
import zipfile
import zlib

from harness import Suite, record, report, zipped

suite = Suite()


def take(name, data, *options):
    """Imports one file into a new database: (status, outcomes other than 0, ids of the reports, talk)."""
    done, outcomes = suite.take_anew(name, data, *options)
    ids = [r["report_id"] for r in suite.rows("reports", "--db", "t.db")] if done.out else []
    return done.returncode, outcomes, ids, done.err


def reasons():
    return [e["reason"] for e in suite.rows("errors", "--db", "t.db")]


def gives(sentence, name, data, ids, *options):
    status, outcomes, found, err = take(name, data, *options)
    suite.check(sentence, status == 0 and found == ids, (status, outcomes, found, err))


def refuses(sentence, name, data, reason, *options, outcome="rejected", status=3):
    got_status, outcomes, found, err = take(name, data, *options)
    texts = reasons()
    suite.check(sentence, got_status == status and outcomes.get(outcome) == 1 and any(reason in t for t in texts),
                (got_status, outcomes, found, err), texts)
    if outcome != "no_report":
        suite.check(sentence + ": it is told at once", "%s: %s" % (outcome, "") in err and reason in err, err)


r1, r2, r3 = report("r1"), report("r2"), report("r3")

# By content
gives("plain XML, whatever its name", "r.gz", r1, ["r1"])
gives("gzip with a name that says zip", "r.zip", gzip.compress(r1), ["r1"])
gives("zip with a name that says gzip", "r.xml.gz", zipped(("r.xml", r1)), ["r1"])
gives("gzip without any name", "r", gzip.compress(r1), ["r1"])
gives("zlib", "r.xml", zlib.compress(r1), ["r1"])
gives("a zip of several reports", "r.zip", zipped(("1", r1), ("2", r2), ("sub/3.xml", r3)), ["r1", "r2", "r3"])
gives("a zip that is stored", "r.zip", zipped(("1", r1), method=zipfile.ZIP_STORED), ["r1"])
gives("gzip members one behind the other", "r.gz", gzip.compress(r1[:200]) + gzip.compress(r1[200:]), ["r1"])
gives("gzip files one behind the other", "r.gz", gzip.compress(r1) + gzip.compress(r2), ["r1", "r2"])
gives("UTF-16", "r.xml", r1.decode().replace("UTF-8", "UTF-16").encode("utf-16"), ["r1"])
gives("a byte order mark", "r.xml", b"\xef\xbb\xbf" + r1, ["r1"])

# In each other
gives("gzip in zip", "r.zip", zipped(("r.xml.gz", gzip.compress(r1))), ["r1"])
suite.equal("the origin names the file and the entry", suite.rows("reports", "--db", "t.db")[0]["origin"],
            "r.zip: r.xml.gz")
gives("zip in gzip", "r.gz", gzip.compress(zipped(("r.xml", r1))), ["r1"])
gives("zip in zip", "r.zip", zipped(("in.zip", zipped(("1", r1), ("2", r2))), ("3", r3)), ["r1", "r2", "r3"])
suite.equal("the origin names all entries on the way",
            [r["origin"] for r in suite.rows("reports", "--db", "t.db", "--id", "r2")], ["r.zip: in.zip: 2"])
gives("gzip in gzip", "r", gzip.compress(gzip.compress(r1)), ["r1"])
gives("the good ones beside a bad one", "r.zip", zipped(("1", r1), ("2", b"\x89PNG\r\n\x1a\n"), ("3", r3)), ["r1", "r3"])
status, outcomes, found, err = take("r.zip", zipped(("1", r1), ("2", b"<feedback><x"), ("3", r3)))
suite.check("a rejected one between good ones", status == 3 and found == ["r1", "r3"] and outcomes["rejected"] == 1, err)
suite.check("is told with its entry", "r.zip: 2: rejected: " in err, err)


def nest(data, depth):
    for _ in range(depth):
        data = gzip.compress(data)
    return data


gives("eight containers in each other", "r", nest(r1, 8), ["r1"])
refuses("nine are too deep", "r", nest(r1, 9), "containers in each other, more than 8 deep (see --max-depth)")
gives("--max-depth allows more", "r", nest(r1, 9), ["r1"], "--max-depth", "9")
refuses("--max-depth allows less", "r", nest(r1, 2), "more than 1 deep (see --max-depth)", "--max-depth", "1")

# Limits
big = report("big", record() * 3000)
refuses("--max-document-size", "r.gz", gzip.compress(big), "the document has more than 65536 bytes "
        "(see --max-document-size)", "--max-document-size", "64K")
gives("--max-document-size: exactly as large is allowed", "r.xml", r1, ["r1"], "--max-document-size", str(len(r1)))
refuses("--max-document-size: one byte more is not", "r.xml", r1, "--max-document-size", "--max-document-size",
        str(len(r1) - 1))
status, outcomes, found, err = take("r.zip", zipped(*[(str(n), report("f%d" % n)) for n in range(100)]),
                                    "--max-file-size", "20K")
suite.check("--max-file-size ends a file of many documents, what came before is kept",
            status == 3 and outcomes.get("rejected", 0) >= 1 and 0 < len(found) < 100, outcomes)
suite.check("--max-file-size is named", any("the file unpacks to more than 20480 bytes (see --max-file-size)" in r
                                            for r in reasons()), reasons())
refuses("--max-entries", "r.zip", zipped(*[(str(n), r1) for n in range(11)]), "zip: more than 10 entries "
        "(see --max-entries)", "--max-entries", "10")
gives("--max-entries: exactly as many are allowed", "r.zip", zipped(*[(str(n), report("e%d" % n)) for n in range(10)]),
      ["e%d" % n for n in range(10)], "--max-entries", "10")
refuses("--max-records", "r.xml", big, "more than 2999 records (--max-records)", "--max-records", "2999")
suite.equal("--max-records: nothing of it is kept", suite.rows("export", "--db", "t.db"), [])
gives("--max-records: exactly as many are allowed", "r.xml", big, ["big"], "--max-records", "3000")
refuses("--max-text cuts a text, which is damage", "r.xml", report("x" * 200), "a text longer than its limit was cut",
        "--max-text", "100", outcome="damaged", status=0)
suite.equal("--max-text: to its length", len(suite.rows("reports", "--db", "t.db")[0]["report_id"]), 100)
bomb = gzip.compress(b"<feedback>" + b" " * (64 << 20))
refuses("a bomb is refused at its limit", "bomb.gz", bomb, "--max-document-size", "--max-document-size", "1M")
status, outcomes, found, err = take("bomb.zip", zipped(*[
    ("%d.zip" % n, zipped(("x", report("b%d" % n) + b" " * (1 << 20)))) for n in range(20)]), "--max-file-size", "4M")
suite.check("a bomb of zips ends at its limit, what came before is kept", status == 3 and 0 < len(found) < 5, outcomes, err)
suite.check("a bomb of zips: the rest is told in one line",
            err.count("the remaining entries are left out: the file unpacks to more than 4194304 bytes") == 1, err)

# Broken
refuses("a DOCTYPE", "r.xml", report("r1", head="<!DOCTYPE feedback [<!ENTITY a \"b\">]>\n"),
        "line 2: a DOCTYPE, which no report needs: refused")
suite.equal("a DOCTYPE: nothing is kept", suite.rows("export", "--db", "t.db"), [])
refuses("XML nested too deep", "r.xml", b"<feedback>" + b"<a>" * 100000, "XML nested deeper than 64 levels")
refuses("a cut gzip without a record", "r.gz", gzip.compress(b"<!--" + os.urandom(3000).hex().encode() + b"-->" + r1)[:2000],
        "gzip: cut off after")
status, outcomes, found, err = take("r.gz", gzip.compress(report("c", "".join(
    record(ip="192.0.2.%d" % (n % 250), count=n) for n in range(3000))))[:-3000])
suite.check("a cut gzip with records is damaged", status == 0 and outcomes == {"damaged": 1}, outcomes, err)
suite.check("a cut gzip says where", "gzip: cut off after" in err, err)
crc = bytearray(gzip.compress(r1))
crc[-8] ^= 1
status, outcomes, found, err = take("r.gz", bytes(crc))
suite.check("a wrong checksum is damage", status == 0 and outcomes == {"damaged": 1} and "checksum" in err, outcomes, err)
status, outcomes, found, err = take("r.zip", zipped(("1", r1))[:-40])
suite.check("a cut zip with records is damaged", status == 0 and outcomes == {"damaged": 1}, outcomes, err)
suite.check("a cut zip says so", "zip: cut off" in err, err)
refuses("a zip cut in the header of its entry", "r.zip", zipped(("1", r1))[:20], "zip: ")
encrypted = bytearray(zipped(("1", r1)))
encrypted[6] |= 1
encrypted[encrypted.rindex(b"PK\x01\x02") + 8] |= 1
refuses("an encrypted zip", "r.zip", bytes(encrypted), "zip: encrypted")
refuses("XML cut in its header", "r.xml", r1[:150], "line ")
refuses("a stray end", "r.xml", b"</feedback>", "line 1: ")

# No reports
for sentence, data, reason in (
        ("binary garbage", bytes(range(256)) * 40, "no XML in it"),
        ("an empty file", b"", "empty"),
        ("blanks", b" \n" * 50, "empty"),
        ("a PDF", b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        ("another XML", b"<html><body>Hello</body></html>", "its root element is <html>, not <feedback>"),
        ("a report on SMTP TLS", b'{"organization-name": "x", "policies": []}', "JSON, perhaps a report on SMTP TLS"),
        ("an empty zip", zipped(), "a zip archive without entries"),
        ("a feedback that says nothing", b"<feedback/>", "a feedback element that says nothing")):
    refuses(sentence + " is no report, and no trouble", "r", data, reason, outcome="no_report", status=0)
    suite.check(sentence + " is not told", not suite.run("import", "--db", "t.db", "--quiet", "r").err)
suite.finish()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is odd in a document, through to the answers: elements of other namespaces, periods that cannot be read, more
results than are kept, words of other vocabularies, an office document in a mail."""
import email.message

from harness import Suite, record, report, zipped

suite = Suite()
FILE_NAME = "receiver.example.net!example.com!1790812800!1790899199.xml"
PERIOD = "period unreadable"
CUT = "a record has more results than are kept"


def write(name, data):
    with open(name, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())


def imported(db, **documents):
    """The files NAME.xml, in one run."""
    for name, data in documents.items():
        write(name + ".xml", data)
    return suite.run("import", "--db", db, *[name + ".xml" for name in documents])


def named(db, verb, *options, by="report_id"):
    return {row[by]: row for row in suite.rows(verb, "--db", db, *options)}


# --- namespaces (RFC 9990 3.2) ----------------------------------------------------------------------------------------
def in_namespaces(report_id, records, attributes):
    return report(report_id, records).replace(b"<feedback>", b"<feedback %s>" % attributes.encode())


DMARC, OLD, OTHER = "urn:ietf:params:xml:ns:dmarc-2.0", "http://dmarc.org/dmarc-xml/0.1", "urn:example:e"
PREFIXED = record(count=7).replace("<record>", "<d:record>").replace("</record>", "</d:record>")
FOREIGN = PREFIXED + "<d:note/>"
done = imported("names.db",
                foreign=in_namespaces("foreign", record() + FOREIGN, 'xmlns:d="%s"' % OTHER),
                two=in_namespaces("two", record() + FOREIGN + "<e:record/>", 'xmlns:d="%s" xmlns:e="urn:example:f"' % OTHER),
                same=in_namespaces("same", record() + PREFIXED, 'xmlns="%s" xmlns:d="%s"' % (DMARC, DMARC)),
                old=in_namespaces("old", record() + PREFIXED, 'xmlns="%s" xmlns:d="%s"' % (DMARC, OLD)),
                none=in_namespaces("none", record() + PREFIXED, 'xmlns:d="%s"' % DMARC))
rows = named("names.db", "reports")
suite.equal("elements of another namespace are counted and named, and add no record",
            [[rows[n][key] for key in ("records", "messages", "foreign_elements", "foreign_namespaces", "flags")]
             for n in ("foreign", "two")],
            [[1, 5, 2, [OTHER], "foreign elements"], [1, 5, 3, [OTHER, "urn:example:f"], "foreign elements"]])
suite.equal("those of a namespace of DMARC's are none of these, under any prefix and beside any other",
            [[rows[n][key] for key in ("records", "messages", "foreign_elements", "foreign_namespaces", "flags")]
             for n in ("same", "old", "none")], [[2, 12, 0, [], None]] * 3)
suite.equal("and none of it is trouble", (done.returncode, done.err), (0, ""))

# --- what stands in front of the root ---------------------------------------------------------------------------------
done = imported("front.db", instruction=report("instruction", head="<?style x?>\n"), comment=report("comment", head="<!-- x -->"),
                text=report("text", head="Dear R&D, 1 < 2\n"))
rows = named("front.db", "reports")
suite.equal("an instruction or a comment in front of the root is no damage, and text is: no record is lost",
            [(n, rows[n]["records"], rows[n]["flags"]) for n in ("instruction", "comment", "text")],
            [("instruction", 1, None), ("comment", 1, None), ("text", 1, "damaged")])

# --- periods that cannot be read --------------------------------------------------------------------------------------
write(FILE_NAME, report("named", begin="then", end="now"))
done = imported("period.db", read=report("read"), milliseconds=report("milliseconds", begin=1790812800000,
                end=1790899199000), unread=report("unread", record(count=9), begin="then", end="now"), zero=report(
                    "zero", record(count=4), begin=0, end=0))
suite.equal("a period that cannot be read is told at import, and is no failure",
            (done.returncode, sorted(done.err.splitlines())),
            (0, ["dmarcctl: %s.xml: new: %s" % (name, PERIOD) for name in ("unread", "zero")]))
done = suite.run("import", "--db", "period.db", FILE_NAME)
suite.equal("where the name of the file has it, that is remarked and nothing told",
            (done.err, named("period.db", "reports")["named"]["flags"]), ("", "period from the file name"))
suite.equal("what was told once is not told again", suite.run("import", "--db", "period.db", "unread.xml").err, "")
suite.equal("but stays in errors", [(r["origin"], r["reason"]) for r in suite.rows("errors", "--db", "period.db")],
            [("unread.xml", PERIOD), ("zero.xml", PERIOD)])
verdict = suite.rows("readiness", "--db", "period.db")[0]
suite.equal("the verdict leaves them out and counts them", (verdict["messages"], verdict["undated_reports"]), (15, 2))
page = suite.run("readiness", "--db", "period.db", "example.com").out
suite.check("and its page says so", "2 reports (13 messages) left out: their period could not be read." in page, page)
imported("dated.db", read=report("read"))
suite.equal("where all could be read, nothing is said of it",
            (suite.rows("readiness", "--db", "dated.db")[0]["undated_reports"],
             "left out" in suite.run("readiness", "--db", "dated.db", "example.com").out), (0, False))


# --- results ----------------------------------------------------------------------------------------------------------
def dkim(domain, result):
    return "<dkim><domain>%s</domain><selector>s</selector><result>%s</result></dkim>" % (domain, result)


def with_results(ip, results, spf_domain="example.com", spf_result="pass", **values):
    text = record(ip=ip, count=50, **values)
    begin, end = text.index("<auth_results>") + len("<auth_results>"), text.index("</auth_results>")
    return "%s%s<spf><domain>%s</domain><result>%s</result></spf>%s" % (text[:begin], results, spf_domain, spf_result,
                                                                      text[end:])


def others(count):
    return "".join(dkim("z%d.example" % n, "fail") for n in range(count))


STRANGER = {"spf_domain": "example.net", "spf_result": "fail", "spf": "fail"}
done = imported(
    "results.db",
    hundred=report("hundred", with_results("192.0.2.1", others(99) + dkim("example.com", "pass"))),
    first=report("first", with_results("198.51.100.1", dkim("example.com", "pass") + others(150), **STRANGER)),
    last=report("last", with_results("198.51.100.2", others(150) + dkim("example.com", "pass"), **STRANGER)),
    cut=report("cut", with_results("203.0.113.1", others(150), **STRANGER)),
    few=report("few", with_results("203.0.113.200", others(3), dkim="fail", **STRANGER)))
suite.equal("a hundred signatures are kept, more are told", sorted(done.err.splitlines()),
            ["dmarcctl: %s.xml: new: %s: what is not seen to be aligned is unknown" % (n, CUT) for n in ("cut", "first", "last")])
rows = named("results.db", "export")
suite.equal("the own signature counts wherever it stands; alignment is unknown where results were cut, and false elsewhere",
            [(n, rows[n]["dkim_aligned"], rows[n]["spf_aligned"], len(rows[n]["auth_dkim"]), len(rows[n]["auth_spf"]))
             for n in ("hundred", "first", "last", "cut", "few")],
            [("hundred", True, True, 100, 1), ("first", True, False, 100, 1), ("last", True, False, 100, 1),
             ("cut", None, False, 100, 1), ("few", False, False, 3, 1)])
classes = {row["source_ip"]: row["class"] for row in suite.rows("sources", "--db", "results.db")}
suite.equal("no source is suspicious for it", (classes["203.0.113.1"], classes["203.0.113.200"]), ("undecided", "suspicious"))

WORDS = {"unknown": "temperror", "error": "permerror", "temperror": "temperror", "permerror": "permerror",
         "neutral": "neutral"}
imported("words.db", words=report("words", "".join(
    with_results("192.0.2.%d" % n, dkim("example.com", word), spf_result=word) for n, word in enumerate(WORDS, 1))))
suite.equal("unknown and error are temperror and permerror (RFC 7489 appendix C), of both mechanisms",
            [(row["auth_dkim"][0]["result"], row["auth_spf"][0]["result"]) for row in suite.rows("export", "--db", "words.db")],
            [(word, word) for word in WORDS.values()])

# --- an office document in a mail -------------------------------------------------------------------------------------
DOCX = zipped(*((name, b"<a/>") for name in ("_rels/.rels", "[Content_Types].xml", "word/document.xml")))
for name, with_report, expected in (("letter", False, [("no-report", "letter.eml: <letter@example.net>")]), ("both", True, [])):
    m = email.message.EmailMessage()
    m["From"], m["Message-ID"] = "noreply@receiver.example.net", "<%s@example.net>" % name
    m.set_content("Hello\n")
    m.add_attachment(DOCX, "application", "octet-stream", filename="letter.docx")
    if with_report:
        m.add_attachment(report("beside"), "application", "octet-stream", filename="r.xml")
    write(name + ".eml", m.as_bytes())
    done = suite.run("import", "--db", name + ".db", name + ".eml")
    suite.equal("an office document in a mail is one line of the ledger, and none beside a report (%s)" % name,
                (done.returncode, done.err, [(r["outcome"], r["origin"]) for r in suite.rows("errors", "--db", name + ".db")]),
                (0, "", expected))

# --- what is not opened -----------------------------------------------------------------------------------------------
def attached(name, content):
    m = email.message.EmailMessage()
    m["From"], m["Message-ID"] = "noreply@receiver.example.net", "<%s@example.net>" % name
    m.set_content("A report is attached.\n")
    m.add_attachment(content, "application", "octet-stream", filename=name)
    return m.as_bytes()


MSG = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)
for name, content, words in (("a.rar", b"Rar!\x1a\x07\0" + bytes(50), "a RAR archive"), ("a.lz4", b"\x04\x22\x4d\x18" + bytes(50), "lz4"),
                             ("a.lz", b"LZIP\1" + bytes(50), "lzip"), ("a.msg", MSG, "a mail of Outlook (.msg)"),
                             ("msg.eml", attached("report.msg", MSG), 'part 2 "report.msg": rejected: a mail of Outlook')):
    write(name, content)
    done = suite.run("import", "--db", "closed.db", name)
    suite.check("%s is named for what it is at import, and by the status" % name, done.returncode == 3 and words in done.err,
                done.returncode, done.err)
    done = suite.run("import", "--db", "closed.db", name)
    suite.equal("... once", (done.returncode, done.err), (0, ""))
suite.equal("and all of them stay in errors", len(suite.rows("errors", "--db", "closed.db")), 5)
suite.finish()

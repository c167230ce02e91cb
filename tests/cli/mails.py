#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""import: mails as files, mbox and Maildir, however they are put together, and what is said of those without a report."""
import base64
import email.message
import email.policy
import gzip
import json
import os

from harness import Suite, report, zipped

suite = Suite()


def mail(*parts, message_id="<m1@example.net>", body="A report is attached.\n"):
    """A mail with (type, name, bytes) as attachments."""
    m = email.message.EmailMessage()
    m["From"], m["To"], m["Subject"] = "noreply@receiver.example.net", "dmarc@example.com", "Report Domain: example.com"
    if message_id:
        m["Message-ID"] = message_id
    m.set_content(body)
    for kind, name, data in parts:
        main, sub = kind.split("/")
        m.add_attachment(data, main, sub, filename=name)
    return m


def raw(m, policy=email.policy.SMTP):
    return m.as_bytes(policy=policy)


def write(path, data):
    if os.path.dirname(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    return path


def fresh():
    for beside in ("", "-wal", "-shm"):
        if os.path.exists("t.db" + beside):
            os.unlink("t.db" + beside)


def take(*sources, **more):
    """Imports into a new database: (status, outcomes other than 0, {report id: origin}, ledger lines that are no report
    or trouble as (outcome, origin, reason))."""
    fresh()
    done = suite.run("import", "--db", "t.db", "--format", "json", *sources, **more)
    documents = json.loads(done.out)["documents"] if done.out else {}
    documents.pop("total", None)
    origins = {r["report_id"]: r["origin"] for r in suite.rows("reports", "--db", "t.db")} if done.out else {}
    lines = [(e["outcome"], e["origin"], e["reason"]) for e in suite.rows("errors", "--db", "t.db")] if done.out else []
    return done.returncode, {k: v for k, v in documents.items() if v}, origins, lines


def gives(sentence, data, origins, *options, name="m.eml"):
    write(name, data)
    status, _, found, lines = take(*options, name)
    suite.check(sentence, status == 0 and found == origins and not lines, "exit status %d" % status, found, lines)


def without(sentence, data, reason, origin="m.eml: <m1@example.net>"):
    write("m.eml", data)
    status, outcomes, _, lines = take("m.eml")
    suite.equal(sentence, (status, outcomes, lines), (0, {"no_report": 1}, [("no-report", origin, reason)]))


def mbox(*mails, line_end=b"\n"):
    out = []
    for number, data in enumerate(mails):
        data = data.replace(b"\r\n", b"\n")
        lines = [b">" + l if l.lstrip(b">").startswith(b"From ") else l for l in data.split(b"\n")]
        out.append(b"From sender@example.net Thu Jan  1 00:00:%02d 2026\n" % (number % 60) + b"\n".join(lines) + b"\n")
    return b"".join(out).replace(b"\n", line_end)


r1, r2, r3 = report("r1"), report("r2"), report("r3")
gz1, zip2 = gzip.compress(r1), zipped(("r2.xml", r2))

# Attachments
one = mail(("application/gzip", "r1.xml.gz", gz1))
gives("a mail with gzip attached", raw(one), {"r1": 'm.eml: <m1@example.net>: part 2 "r1.xml.gz"'})
gives("the same with line feeds alone", raw(one, email.policy.default),
      {"r1": 'm.eml: <m1@example.net>: part 2 "r1.xml.gz"'})
gives("two attachments, a zip of another declared type among them",
      raw(mail(("application/gzip", "r1.xml.gz", gz1), ("image/png", "r2", zip2))),
      {"r1": 'm.eml: <m1@example.net>: part 2 "r1.xml.gz"', "r2": 'm.eml: <m1@example.net>: part 3 "r2": r2.xml'})
gives("XML attached as text, quoted-printable", raw(mail(("text/xml", "r1.xml", r1))),
      {"r1": 'm.eml: <m1@example.net>: part 2 "r1.xml"'})
single = email.message.EmailMessage()
single["From"], single["Message-ID"] = "noreply@receiver.example.net", "<m1@example.net>"
single.set_content(zip2, "application", "zip", filename="r2.zip")
gives("a mail that is the zip", raw(single), {"r2": 'm.eml: <m1@example.net>: part 1 "r2.zip": r2.xml'})
gives("a mail that is the XML", b"From: a@example.net\r\nContent-Type: text/plain\r\n\r\n" + r1, {"r1": "m.eml: part 1"})
forward = mail(message_id="<m2@example.org>", body="Please see below.\n")
forward.add_attachment(one)
gives("a report forwarded as attachment", raw(forward),
      {"r1": 'm.eml: <m2@example.org>: part 2: <m1@example.net>: part 2 "r1.xml.gz"'})
gives("a file name in RFC 2231 is decoded", raw(mail(("application/gzip", "réport.gz", gz1))),
      {"r1": 'm.eml: <m1@example.net>: part 2 "réport.gz"'})
gives("mails in a zip", zipped(("in/a.eml", raw(one))), {"r1": 'm.zip: in/a.eml: <m1@example.net>: part 2 "r1.xml.gz"'},
      name="m.zip")
gives("a compressed mail", gzip.compress(raw(one)), {"r1": 'm: <m1@example.net>: part 2 "r1.xml.gz"'}, name="m")
html = mail(("application/gzip", "r1.xml.gz", gz1), ("image/png", "logo.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 50))
html.get_body().add_alternative("<html><body><b>See the attachment</b></body></html>", subtype="html")
gives("text, HTML and pictures beside a report stay silent", raw(html),
      {"r1": 'm.eml: <m1@example.net>: part 2 "r1.xml.gz"'})
gives("the submitter in the name of the part counts", raw(mail(("application/gzip", "rx.example!example.com!1!2.xml.gz",
                                                                 gzip.compress(report("o", org="").replace(
                                                                     b"noc@receiver.example.net", b""))))),
      {"o": 'm.eml: <m1@example.net>: part 2 "rx.example!example.com!1!2.xml.gz"'})
suite.equal("as the reporter", [r["org_name"] for r in suite.rows("reports", "--db", "t.db")], ["rx.example"])

# Broken mails
text = raw(one)
boundary = one.get_boundary().encode()
gives("the boundary is another one", text.replace(b"--" + boundary, b"--other"),
      {"r1": "m.eml: <m1@example.net>: outside of the parts"})
gives("no boundary at all", text.replace(b"boundary=", b"border="), {"r1": "m.eml: <m1@example.net>: part 1"})
gives("carriage returns alone", text.replace(b"\r\n", b"\r"), {"r1": 'm.eml: <m1@example.net>: part 2 "r1.xml.gz"'})
gives("the header is lost", text[text.index(b"\r\n--" + boundary) + 2:], {"r1": "m.eml: part 1"})
gives("the encoding is not declared", text.replace(b"Content-Transfer-Encoding: base64", b"X: y"),
      {"r1": 'm.eml: <m1@example.net>: part 2 "r1.xml.gz"'})
gives("the last delimiter is cut off", text[:text.rindex(b"--" + boundary)],
      {"r1": 'm.eml: <m1@example.net>: part 2 "r1.xml.gz"'})
gives("a blank line in front of the header", b"\r\n \r\n" + text, {"r1": 'm.eml: <m1@example.net>: part 2 "r1.xml.gz"'})

# mbox
mails = [raw(mail(("application/gzip", "r.gz", gzip.compress(report("b%d" % n))), message_id="<%d@example.net>" % n))
         for n in range(1, 4)]
expected = {"b%d" % n: 'in.mbox: message %d <%d@example.net>: part 2 "r.gz"' % (n, n) for n in range(1, 4)}
gives("an mbox", mbox(*mails), expected, name="in.mbox")
gives("an mbox with CRLF", mbox(*mails, line_end=b"\r\n"), expected, name="in.mbox")
gives("an mbox without empty lines between its mails", mbox(*mails).replace(b"\n\nFrom ", b"\nFrom "), expected,
      name="in.mbox")
gives("a compressed mbox", gzip.compress(mbox(*mails)), expected, name="in.mbox")
quoted = report("q", head="<!--\nFrom here\n>From there\n-->\n")
plain = b"From: a@example.net\nMessage-ID: <p@example.net>\nContent-Type: text/xml\n\n" + quoted
write("q.xml", quoted)
write("in.mbox", mbox(plain))
status, outcomes, found, lines = take("q.xml", "in.mbox")
suite.equal("quoted \"From \" lines are as they were: the mail is a copy of the file", (status, outcomes, lines),
            (0, {"new": 1, "duplicate": 1}, []))
write("in.mbox", mbox(mails[0], b"From: a@example.net\nSubject: Hello\n\nFrom the start,\n", mails[2][:-400]))
status, outcomes, found, lines = take("in.mbox")
suite.equal("a mail without a report and one cut off are told by number, the others are read",
            (status, sorted(found), [(o, w) for o, w, _ in lines]),
            (3, ["b1"], [("no-report", "in.mbox: message 2"),
                         ("rejected", 'in.mbox: message 3 <3@example.net>: part 2 "r.gz"')]))
with open("in.mbox", "rb") as stdin:
    status, outcomes, found, lines = take("-", stdin=stdin)
suite.equal("from standard input the same", (status, sorted(found), len(lines)), (3, ["b1"], 2))
with open("in.mbox", "rb") as stdin:
    done = suite.run("import", "--db", "t.db", "--dry-run", "--format", "json", "-", stdin=stdin)
suite.equal("a dry run says what is known already", json.loads(done.out)["documents"]["duplicate"], 1)
many = mbox(*[raw(mail(("application/zip", "r.zip", zipped(("r.xml", report("n%d" % n)))))) for n in range(40)])
write("in.mbox", many)
status, outcomes, found, lines = take("--max-entries", "1", "in.mbox")
suite.equal("the limit of zip entries is for each mail", (status, outcomes), (0, {"new": 40}))
status, outcomes, found, lines = take("--max-file-size", "20K", "in.mbox")
suite.check("what a file may unpack to is for all mails together", status == 3 and 0 < len(found) < 40, outcomes)
suite.equal("what is left out has one line", sum("the remaining parts and mails are left out" in r for _, _, r in lines), 1)
status, outcomes, found, lines = take("--max-documents", "39", "in.mbox")
suite.equal("--max-documents: what came before is kept, and what is left out is told where it begins",
            (status, outcomes, lines), (3, {"new": 39, "rejected": 1}, [
                ("rejected", 'in.mbox: message 40 <m1@example.net>: part 2 "r.zip": r.xml',
                 "this and what follows is left out: the file holds more than 39 documents (see --max-documents)")]))
status, outcomes, found, lines = take("--max-documents", "40", "in.mbox")
suite.equal("--max-documents: exactly as many are allowed", (status, outcomes), (0, {"new": 40}))
# A small file of very many documents that say the same: each has its line, and is found again.
write("in.mbox.gz", gzip.compress(mbox(b"From: a@example.com\nContent-Type: text/xml\n\n<feedback/>\n") * 40000))
for which in ("first", "second"):
    done = suite.run("import", "--db", "many.db", "--quiet", "in.mbox.gz")
    suite.equal("40,000 documents of one content: the ledger after the %s import" % which,
                (done.returncode, done.err, len(suite.rows("errors", "--db", "many.db"))), (0, "", 40000))

# Maildir
write("Maildir/cur/1:2,S", mails[0])
write("Maildir/new/2", mails[1])
write("Maildir/tmp/3", mails[2])
write("Maildir/dovecot-uidlist", b"3 V1 N2\n")
write("Maildir/.Reports/cur/4", raw(one))
for folder in ("new", "tmp"):
    os.makedirs("Maildir/.Reports/" + folder)
status, outcomes, found, lines = take("Maildir")
suite.equal("a Maildir: cur, new and folders, never tmp, nor the server's own files", (status, found, lines), (0, {
    "b1": 'Maildir/cur/1:2,S: <1@example.net>: part 2 "r.gz"', "b2": 'Maildir/new/2: <2@example.net>: part 2 "r.gz"',
    "r1": 'Maildir/.Reports/cur/4: <m1@example.net>: part 2 "r1.xml.gz"'}, []))

# Mails without a report
without("a mail of text", raw(mail()), "a mail without a report")
without("a mail of pictures is one line", raw(mail(*[("image/png", "%d.png" % n, b"\x89PNG\r\n\x1a\n") for n in range(9)])),
        "a mail without a report")
without("an attachment that is none is named", raw(mail(("application/zip", "r.zip", b"%PDF-1.4"))),
        'a mail without a report (part 2 "r.zip": a PDF document)')
for sentence, kind, part, reason in (
        ("a failure report", "feedback-report", "message/feedback-report", "a failure report (RUF), not an aggregate report"),
        ("a delivery notice", "delivery-status", "message/delivery-status", "a delivery notice"),
        ("a TLS report", "tlsrpt", "application/tlsrpt+gzip", "a TLS report, not a DMARC report")):
    body = (b"--b\n\nHello\n--b\nContent-Type: %s\n\nA: b\n--b--\n" % part.encode())
    without(sentence, b"From: a@example.net\nMessage-ID: <m1@example.net>\nContent-Type: multipart/report;\n report-type=%s;"
            b" boundary=b\n\n" % kind.encode() + body, reason)
suite.check("they are no trouble on standard error", not suite.run("import", "--db", "t.db", "--quiet", "m.eml").err)
write("m.eml", raw(mail(("application/gzip", "r1.xml.gz", gz1[:-20]))))
status, outcomes, found, lines = take("m.eml")
suite.check("an attachment that is cut off is told as such", lines and "gzip: cut off after" in lines[0][2], lines)
write("m.eml", raw(mail(("application/gzip", "r.gz", b"\x1f\x8b\x08garbage"))))
status, outcomes, found, lines = take("m.eml")
suite.equal("a broken attachment is rejected", (status, outcomes), (3, {"rejected": 1}))

# Hostile
evil = b"From: a@example.net\nMessage-ID: <\x1b[31m" + b"x" * 100000 + b">\nContent-Type: application/gzip; " \
       b"name=\"a\\\"b\x07.gz\"\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(gz1)
write("m.eml", evil)
status, outcomes, found, lines = take("m.eml")
origin = found.get("r1", "")
suite.check("a hostile Message-ID and name do no harm", status == 0 and len(origin) < 300 and "\x1b" not in origin and
            origin.startswith("m.eml: <?[31mxxx") and origin.endswith("...>: part 1 \"a'b?.gz\""), origin)
deep = b"From: a@example.net\n" + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n)
                                          for n in range(1000))
write("m.eml", deep)
status, outcomes, found, lines = take("m.eml")
suite.check("parts in parts have a limit", lines and lines[0][2].startswith("parts of a mail in each other, more than 20"),
            lines[:3])
write("m.eml", b"From: a@example.net\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 100000)
status, outcomes, found, lines = take("m.eml")
suite.equal("a mail has a limit of parts", (status, lines), (3, [("rejected", "m.eml", "a mail of more than 1000 parts")]))
suite.finish()

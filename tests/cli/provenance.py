#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who carried a report: Authentication-Results of trusted servers alone, and what a copy of better proof does."""
import gzip
import os
import sys

from harness import Suite, record, report

suite = Suite()
TRUST = ("--trusted-authserv", "mx.example.com")
OURS = b"Authentication-Results: mx.example.com; dmarc=%s header.from=%s\r\n"
RECEIVED = b"Received: from out.example by mx.example.com; Mon, 1 Jun 2026 00:00:00 +0000\r\n"


def passes(domain):
    return OURS % (b"pass", domain.encode())


def mail(head, body, sender="dmarc@receiver.example.net", name="receiver.example.net!example.com!1!2.xml"):
    """A mail whose header begins with these bytes, with the document attached."""
    return (head + b"From: %s\r\nTo: dmarc@example.com\r\nSubject: Report Domain: example.com\r\n"
            b"Content-Type: text/xml; name=\"%s\"\r\n\r\n%s" % (sender.encode(), name.encode(), body))


def fresh():
    for beside in ("", "-wal", "-shm"):
        if os.path.exists("t.db" + beside):
            os.unlink("t.db" + beside)


def write(path, data):
    if os.path.dirname(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    return path


def take(data, *options, name="m.eml"):
    return suite.run("import", "--db", "t.db", *options, write(name, data))


def told():
    return [(r["provenance"], r["carrier"], r["messages"]) for r in suite.rows("reports", "--db", "t.db")]


def is_told(sentence, data, expected, *options):
    fresh()
    done = take(data, *(options or TRUST))
    suite.equal(sentence, (done.returncode, told()), (0, expected))


one = report("1")
PROVEN = [("proven", "receiver.example.net", 5)]
UNPROVEN = [("unproven", None, 5)]
NOT_JUDGED = [(None, None, 5)]

# --- whose fields count
is_told("mail that the trusted server authenticated proves its report", mail(passes("receiver.example.net"), one), PROVEN)
is_told("no server is trusted unless it is named", mail(passes("receiver.example.net"), one), NOT_JUDGED, "--jobs", "1")
is_told("another server's word is none", mail(passes("receiver.example.net"), one), NOT_JUDGED,
        "--trusted-authserv", "mx.example.org")
is_told("its name is compared in any case", mail(passes("receiver.example.net"), one), PROVEN,
        "--trusted-authserv", "MX.Example.COM")
is_told("several servers may be trusted", mail(passes("receiver.example.net"), one), PROVEN,
        "--trusted-authserv", "mx.example.org", *TRUST)
is_told("a file is not judged", one, NOT_JUDGED)
is_told("a packed file is not judged", gzip.compress(one), NOT_JUDGED)
is_told("a mail without such a field is not judged", mail(b"", one), NOT_JUDGED)
is_told("a stranger's field on top ends the search",
        mail(b"Authentication-Results: forger.example; none\r\n" + passes("receiver.example.net"), one), NOT_JUDGED)
is_told("a field below the first Received: under the server's own counts no more",
        mail(b"Authentication-Results: mx.example.com; spf=none\r\n" + RECEIVED + passes("receiver.example.net"), one),
        UNPROVEN)
is_told("hops on the way to the mailbox stand above the server's field",
        mail(RECEIVED + RECEIVED + passes("receiver.example.net"), one), PROVEN)
is_told("a lower field does not take back what the upper one says",
        mail(OURS % (b"fail", b"receiver.example.net") + passes("receiver.example.net"), one), [("contradicted", None, 5)])
is_told("a folded field is read as a whole",
        mail(b"Authentication-Results:\r\n  mx.example.com (our (own))\r\n\t;\r\n dmarc=pass\r\n"
             b" (p=REJECT)\r\n header.from=receiver.example.net\r\n", one), PROVEN)
is_told("a comment says nothing",
        mail(b"Authentication-Results: mx.example.com; dmarc=none (dmarc=pass\r\n ; dmarc=pass header.from="
             b"receiver.example.net)\r\n", one), UNPROVEN)
is_told("the name of a field is compared in any case",
        mail(passes("receiver.example.net").replace(b"Authentication-Results", b"AUTHENTICATION-results"), one), PROVEN)
is_told("servers that write no name are trusted as none",
        mail(b"Authentication-Results: spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=receiver.example.net; "
             b"dmarc=pass action=none\r\n header.from=receiver.example.net;compauth=pass reason=100\r\n", one), PROVEN,
        "--trusted-authserv", "none")
is_told("and not by another name",
        mail(b"Authentication-Results: dmarc=pass header.from=receiver.example.net\r\n", one), NOT_JUDGED)
is_told("without DMARC's result a signature of From:'s domain will do",
        mail(b"Authentication-Results: mx.example.com; dkim=pass header.d=receiver.example.net\r\n", one), PROVEN)
is_told("a signature of another domain will not",
        mail(b"Authentication-Results: mx.example.com; dkim=pass header.d=sender.example\r\n", one), UNPROVEN)
is_told("of two From: fields none is believed",
        mail(b"Authentication-Results: mx.example.com; dkim=pass header.d=receiver.example.net\r\n"
             b"From: noc@forger.example\r\n", one), UNPROVEN)
is_told("nor is one with two addresses",
        mail(b"Authentication-Results: mx.example.com; dkim=pass header.d=receiver.example.net\r\n", one,
             sender="a@receiver.example.net, b@forger.example"), UNPROVEN)

# --- what is attached is its sender's
inner = mail(passes("receiver.example.net"), one)
outer = (b"%sFrom: a@forger.example\r\nContent-Type: message/rfc822\r\n\r\n" % passes("forger.example")) + inner
is_told("the fields of an attached mail are its sender's", outer, [("unproven", "forger.example", 5)])
is_told("also where the outer mail has none", b"From: a@forger.example\r\nContent-Type: message/rfc822\r\n\r\n" + inner,
        NOT_JUDGED)
part = (b"From: a@forger.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" +
        passes("receiver.example.net") + b"Content-Type: text/xml\r\n\r\n" + one + b"\r\n--x--\r\n")
is_told("the fields of a part are its sender's", part, NOT_JUDGED)

# --- what it proves
is_told("another's mail does not prove a report", mail(passes("forger.example"), one), [("unproven", "forger.example", 5)])
is_told("another's mail contradicts a reporter that is known",
        mail(passes("forger.example"), report("1", org="google.com")), [("contradicted", "forger.example", 5)])
is_told("the name of the file may contradict",
        mail(passes("receiver.example.net"), one, name="google.com!example.com!1!2.xml"),
        [("contradicted", "receiver.example.net", 5)])

# --- several mails
box = b"".join(b"From - Mon Jun  1 00:00:00 2026\n" + mail(head, report(str(i))) + b"\n\n" for i, head in enumerate(
    (passes("receiver.example.net"), b"", passes("forger.example"), OURS % (b"fail", b"receiver.example.net"))))
fresh()
take(box, *TRUST, name="box.mbox")
suite.equal("each mail of an mbox speaks for itself", sorted(told(), key=str),
            sorted([*PROVEN, *NOT_JUDGED, ("unproven", "forger.example", 5), ("contradicted", None, 5)], key=str))

# --- what is learned
DAY = 86400
for days, word in ((13, "unproven"), (14, "proven")):
    fresh()
    os.makedirs("weeks-%d" % days)
    for day in range(days):
        write("weeks-%d/%d.eml" % (days, day), mail(passes("sender.example"), report(
            "day-%d" % day, org="Receiver Ltd", begin=1790812800 + day * DAY), name="report.xml"))
    suite.run("import", "--db", "t.db", *TRUST, "weeks-%d" % days)
    suite.equal("who brings a reporter's reports for %d days: %s" % (days, word), set(told()),
                {(word, "sender.example", 5)})
fresh()
suite.run("import", "--db", "t.db", *TRUST, "weeks-14")
take(mail(passes("receiver.example.net"), report("own", org="Receiver Ltd"), name="report.xml"), *TRUST)
take(mail(passes("forger.example"), report("forged", org="Receiver Ltd", begin=1790812800 + 3 * DAY), name="report.xml"), *TRUST)
judged = suite.rows("readiness", "--db", "t.db", "--as-of", "2026-10-16")[0]
suite.equal("what is not proven is counted apart", (judged["proven_reports"], judged["unproven_reports"],
                                                    judged["unproven_messages"]), (15, 1, 5))
page = suite.run("readiness", "example.com", "--db", "t.db", "--as-of", "2026-10-16").out
suite.check("and told", "1 report (5 messages) heard for bad news alone" in " ".join(page.split()), page)

# --- damage
LONG = b"Authentication-Results: mx.example.com; dmarc=pass header.from=receiver.example.net" + b" " * 9000
for sentence, head in (
        ("a field longer than one may be", LONG + b".forger.example\r\n"),
        ("bytes that are no text", b"Authentication-Results: mx.example.com\x00; dmarc=pass header.from=\xff\xfe\r\n"),
        ("a field cut in a comment", b"Authentication-Results: mx.example.com; (((( dmarc=pass\r\n header.from=receiver.example.net\r\n"),
        ("a thousand fields", b"Authentication-Results: mx.example.com; x=y\r\n" * 1000)):
    fresh()
    done = take(mail(head, one), *TRUST)
    suite.check("no proof, and no harm: " + sentence, done.returncode == 0 and told()[0][0] in (None, "unproven"),
                told() if not done.returncode else done.err)

# A sender chooses how long his server's field becomes: by the number of his signatures.
MANY = b"".join(b"; dkim=fail header.d=selector-%d.a-domain-with-a-long-name.example" % i for i in range(200))
for sentence, head, trust, expected in (
        ("a field of the server's that is too long proves nobody, and is not the same as none", b"mx.example.com" + MANY +
         b"; dmarc=pass header.from=receiver.example.net", TRUST, "unproven"),
        ("... nor does what it says in front", b"mx.example.com; dmarc=pass header.from=receiver.example.net" + MANY, TRUST,
         "unproven"),
        ("... folded or not", b"mx.example.com 1" + MANY.replace(b"; ", b"\r\n ; "), TRUST, "unproven"),
        ("... without a name, where none is trusted", b"spf=pass smtp.mailfrom=receiver.example.net" + MANY,
         ["--trusted-authserv", "none"], "unproven"),
        ("one of a stranger's server says nothing, however long", b"mx.example.org" + MANY, TRUST, None)):
    fresh()
    take(mail(b"Authentication-Results: " + head + b"\r\n", one), *trust)
    suite.equal(sentence, [row[0] for row in told()], [expected])

fresh()
take(mail(b"Authentication-Results: mx.example.com; dmarc=pass header.from=\"\x1b[31mx.example\"\r\n", one), *TRUST)
shown = suite.run("reports", "--db", "t.db").out
suite.check("a stranger's escape sequence is not printed", "\x1b" not in shown, repr(shown))

# --- copies
GOOD, BAD = report("1", record(count=1)), report("1", record(count=99))
PROOF, NONE, FORGED = passes("receiver.example.net"), b"Authentication-Results: mx.example.com; none\r\n", passes("forger.example")


def copies(sentence, first, second, expected, word):
    fresh()
    take(first, *TRUST, name="1.eml")
    done = take(second, *TRUST, name="2.eml")
    suite.equal(sentence, told(), expected)
    suite.check("  and this is told: " + (word or "nothing"), word in done.err if word else not done.err.strip(), done.err)


copies("an unproven copy does not win over a proven one", mail(PROOF, GOOD), mail(NONE, BAD),
       [("proven", "receiver.example.net", 1)], "that one is kept, for its mail proves more")
copies("a proven copy takes the place of an unproven one that came first", mail(NONE, BAD), mail(PROOF, GOOD),
       [("proven", "receiver.example.net", 1)], None)
copies("a proven copy takes the place of a file's", BAD, mail(PROOF, GOOD), [("proven", "receiver.example.net", 1)], None)
copies("of two unproven ones the first is kept", mail(NONE, BAD), mail(FORGED, GOOD), [("unproven", None, 99)],
       "no mail proves either; the first was kept")
copies("a proven copy of the same content proves it", mail(NONE, GOOD), mail(PROOF, GOOD),
       [("proven", "receiver.example.net", 1)], None)
copies("mail proves what a file brought", GOOD, mail(PROOF, GOOD), [("proven", "receiver.example.net", 1)], None)
copies("an unproven copy of the same content takes nothing back", mail(PROOF, GOOD), mail(FORGED, GOOD),
       [("proven", "receiver.example.net", 1)], None)
copies("nor does a file", mail(PROOF, GOOD), GOOD, [("proven", "receiver.example.net", 1)], None)
copies("an unproven whole copy does not win over a proven one that is damaged", mail(PROOF, GOOD[:-12]),
       mail(NONE, BAD), [("proven", "receiver.example.net", 1)], "its mail proves more")
LARGE = report("1", "".join(record(count=1, ip="192.0.2.%d" % (i % 250)) for i in range(700)))
copies("so it is with a report of many parcels", mail(NONE, BAD), mail(PROOF, LARGE),
       [("proven", "receiver.example.net", 700)], None)
copies("and the other way round", mail(PROOF, GOOD), mail(NONE, LARGE), [("proven", "receiver.example.net", 1)],
       "its mail proves more")

# --- the owner's word
fresh()
take(report("1"), name="1.xml")
take(report("2"), name="2.xml")


def words(*args):
    return [(r["report_id"], r["word"]) for r in suite.rows("reports", "--db", "t.db", *args)]


ids = {r["report_id"]: r["id"] for r in suite.rows("reports", "--db", "t.db")}
done = suite.run("reports", "--db", "t.db", "--trust", ids["1"].upper(), "--distrust=" + ids["2"][:8])
suite.equal("a report is trusted, another one is not", (done.returncode, done.out, done.err, words()),
            (0, "", "", [("1", "trusted"), ("2", "distrusted")]))
suite.run("reports", "--db", "t.db", "--distrust", ids["1"])
suite.equal("a second word takes the place of the first", words(), [("1", "distrusted"), ("2", "distrusted")])
suite.run("reports", "--db", "t.db", "--forget", ids["2"])
suite.equal("a word is taken back, and those that hold are listed", words("--decided"), [("1", "distrusted")])
judged = suite.rows("readiness", "--db", "t.db", "--as-of", "2026-10-03")
suite.equal("a distrusted report is in no judgement", [r["messages"] for r in judged], [5])
take(report("3", record(count=9, ip="192.0.2.77")), name="3.xml")
alone = {r["report_id"]: r["id"] for r in suite.rows("reports", "--db", "t.db")}["3"]
suite.run("reports", "--db", "t.db", "--distrust", alone)
for verb in (("compliance",), ("selectors",), ("whatif", "--p", "reject"), ("sources",)):
    suite.equal(f"{verb[0]} answers without a distrusted report that alone tells of a source",
                any("192.0.2.77" in str(row) for row in suite.rows(*verb, "--db", "t.db")), False)
suite.run("reports", "--db", "t.db", "--forget", alone)
take(report("1", record(count=7)), name="1.xml")
suite.equal("an import changes no word", words("--decided"), [("1", "distrusted")])
for sentence, args, status, reason in (
        ("an id that no report has", ("--trust", "0123456789ab"), 1, "no report has the id 0123456789ab"),
        ("too short an id", ("--trust", ids["1"][:7]), 1, "no report has the id"),
        ("an empty id", ("--trust", ""), 2, "--trust: is empty"),
        ("an id that no report has beside one that is a report's", ("--trust", ids["2"], "--forget", "0123456789ab"), 1, "no report"),
        ("one report to be trusted and distrusted", ("--trust", ids["2"], "--distrust", ids["2"][:9]), 2, "two things are said of it"),
        ("one to be trusted and forgotten", ("--forget", ids["2"], "--trust", ids["2"]), 2, "two things are said of it"),
        ("a decision that is to list", ("--trust", ids["1"], "--decided"), 2, "--decided lists")):
    done = suite.run("reports", "--db", "t.db", *args)
    suite.check("%s is refused" % sentence, done.returncode == status and reason in done.err, done.returncode, done.err)
suite.equal("a refused decision changes nothing", words("--decided"), [("1", "distrusted")])
suite.run("reports", "--db", "t.db", "--trust", ids["2"], "--trust", ids["2"][:9])
suite.equal("the same said twice is said", words("--decided"), [("1", "distrusted"), ("2", "trusted")])
suite.run("reports", "--db", "t.db", "--forget", ids["2"])
done = suite.run("reports", "--db", "none.db", "--trust", ids["1"])
suite.check("no database is made for a word", done.returncode and not os.path.exists("none.db"), done.returncode, done.err)

# --- the configuration
write("c", b"[defaults]\ntrusted-authserv = mx.example.com\ntrusted-authserv = none\n")
fresh()
done = suite.run("import", "--db", "t.db", "--config", "c", write("m.eml", mail(passes("receiver.example.net"), one)))
suite.equal("the configuration names trusted servers", told(), PROVEN)
done = suite.run("config", "c")
suite.check("and tells them", "mx.example.com, none" in done.out, done.out, done.err)
done = suite.run("import", "--db", "t.db", "--trusted-authserv", "", "m.eml")
suite.equal("an empty name is refused", done.returncode, 2)

suite.finish()

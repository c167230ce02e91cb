#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""import from servers that misbehave: that cut, lie, babble and fall silent."""
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import messages  # noqa: E402
from harness import Suite, query  # noqa: E402
from scripted import Cut, Server, literal  # noqa: E402

s = Suite()
s.environment.update(DMARCCTL_PASSWORD="correct horse", no_proxy="*")


def run(server, *args, db, timeout="5", retries="0", folder="INBOX", **more):
    return s.run("import", "--db", db, "--timeout", timeout, "--retries", retries, "--jobs", "2", *args,
                 server.url(folder),
                 **more)


def reports(db):
    if not os.path.exists(db):
        return []
    with sqlite3.connect(db) as c:
        return [row[0] for row in c.execute("SELECT report_id FROM report ORDER BY id")]


def tasks(db):
    with sqlite3.connect(db) as c:
        return c.execute("SELECT uid, outcome FROM mailbox_task ORDER BY uid").fetchall()


FIVE = [messages.report_mail(n) for n in range(5)]
ALL_FIVE = ["report-%d" % n for n in range(5)]

# --- in the background: what takes its time ---------------------------------------------------------------------------
background = {}


def later(name, server, *args, **more):
    def go():
        begun = time.monotonic()
        background[name] = (run(server, *args, db=name + ".db", **more), time.monotonic() - begun)
    thread = threading.Thread(target=go)
    thread.start()
    return thread


# A byte comes twenty times as often as it has to, also where the server has to wait for a processor.
waiting = [later("dripping", Server(FIVE, drip=0.1), timeout="2"),
           later("silent-login", Server(FIVE, silent_at="AUTHENTICATE"), timeout="1"),
           later("silent-select", Server(FIVE, silent_at="EXAMINE"), timeout="1"),
           later("silent-fetch", Server(FIVE, silent_at="FETCH"), timeout="1")]

# --- a sound server, and what its grammar allows ----------------------------------------------------------------------
sound = Server(FIVE)
done = run(sound, db="sound.db")
s.equal("the small server is understood", (done.returncode, reports("sound.db")), (0, ALL_FIVE))
done = run(sound, db="sound.db")
s.check("nothing new: the last mail, which 'n:*' names too, is not fetched again", "nothing new" in done.out, done.out)
s.check("only EXAMINE and BODY.PEEK were said",
        not [c for c in sound.log if re.match("SELECT|UID (STORE|MOVE|COPY)", c) or
                                                     ("BODY" in c and "BODY.PEEK" not in c)], sound.log)

UNASKED = (b'FLAGS (\\Recent) ENVELOPE ("a" NIL (("b" NIL "c" {3}\r\nd)\r)) "{5}") '
           b'INTERNALDATE "01-Oct-2026 00:00:00 +0000" MODSEQ (12) ')
STYLES = {
    "UID behind the body": lambda uid, mail: b"BODY[] " + literal(mail) + b" FLAGS (\\Seen $x) UID %d" % uid,
    "literals of another kind": lambda uid, mail: b"UID %d BODY[] {%d+}\r\n%s" % (uid, len(mail), mail),
    "items that nobody asked for": lambda uid, mail: UNASKED + b"UID %d BODY[] " % uid + literal(mail),
    "no blank in front of the literal": lambda uid, mail: b"UID %d BODY[]" % uid + literal(mail),
    "lower case": lambda uid, mail: b"uid %d body[] " % uid + literal(mail),
}
for style, fetch in STYLES.items():
    db = style.replace(" ", "-") + ".db"
    done = run(Server(FIVE, fetch=fetch), db=db)
    s.equal("FETCH: " + style, (done.returncode, reports(db)), (0, ALL_FIVE))
forging = messages.report_mail(0, "xml", text="D4 OK forged\r\n* 1 FETCH (UID 2 BODY[] {3}\r\n"
                                                          "abc)\r\nA004 OK\r\n* BYE\r\n{9999}\r\n")
done = run(Server([forging, FIVE[1]]), db="forged.db")
s.equal("a mail that forges answers is only a mail", (done.returncode, reports("forged.db")),
        (0, ["report-0", "report-1"]))
searches = {
    "several lines": lambda found: "".join("* SEARCH %d\r\n" % uid for uid in reversed(found)) + "* SEARCH\r\n",
    "MODSEQ behind": lambda found: "* SEARCH %s (MODSEQ 917162500)\r\n" % " ".join(map(str, found)),
    "ESEARCH": lambda found: '* ESEARCH (TAG "D5") UID MIN 1 ALL %d:%d,%d COUNT 5\r\n' % (found[0], found[-2],
                                                                                          found[-1]),
    "twice, and nonsense": lambda found: "* SEARCH 0 x 99999999999 %s %s\r\n" % (" ".join(map(str, found)), found[0]),
}
for name, search in searches.items():
    db = "search-%s.db" % name.split()[0]
    done = run(Server(FIVE, search=search), db=db)
    s.equal("SEARCH: " + name, (done.returncode, reports(db)), (0, ALL_FIVE))
blind = Server(FIVE, search=lambda found: "* SEARCH\r\n" if "ALL" not in blind.log[-1] else
               "* SEARCH %s\r\n" % " ".join(map(str, found)))
done = run(blind, db="blind.db")
s.equal("a server that finds nothing by 'n:*' is asked for all", (done.returncode, reports("blind.db")), (0, ALL_FIVE))
done = run(blind, db="blind.db")
s.check("... each time, and only what is new is fetched", "nothing new" in done.out, done.out)
done = run(Server(FIVE, search=lambda found: "* SEARCH\r\n"), db="blinder.db")
s.equal("a folder with mails in which none are found is not taken for read",
        (done.returncode, "5 mails" in done.err, sqlite3.connect("blinder.db").execute(
            "SELECT next_uid FROM mailbox").fetchall()), (1, True, [(1,)]))
part = Server(FIVE, search=lambda found: "* SEARCH %s\r\n" % " ".join(map(str, found[:2])))
done = run(part, db="part.db")
s.equal("an answer to SEARCH that has fewer mails than the folder is not believed",
        (done.returncode, reports("part.db"), done.err), (0, ALL_FIVE, ""))
part = Server(FIVE, search=part.search, hidden={4})
done = run(part, db="part4.db")
s.equal("... and what the server lists in no way is told",
        (reports("part4.db"), "has 5 mails in this folder and does not list all of them: the others are not read" in done.err),
        ([r for r in ALL_FIVE if r != "report-3"], True))
TEN = [messages.report_mail(n) for n in range(10)]
ALL_TEN = ["report-%d" % n for n in range(10)]


def in_two_runs(name, **options):
    """A server on which five mails are read before it has ten, and lies about these: the second run and a third."""
    server = Server(TEN[:5])
    run(server, db=name + ".db")
    server.mails, server.log = dict(enumerate(TEN, 1)), []
    server.__dict__.update(options)
    return server, run(server, db=name + ".db")


def first_of(number):
    return lambda found: "* SEARCH %s\r\n" % " ".join(map(str, found[:number]))


for name, search in (("part", first_of(2)), ("end", lambda found: first_of(9)(found[2:])), ("none", lambda found: "* SEARCH 5\r\n")):
    later_part, done = in_two_runs("later-" + name, search=search)
    s.equal("a later answer to SEARCH (%s) that has fewer mails than UIDNEXT allows is not believed" % name,
            (done.returncode, sorted(reports("later-%s.db" % name)), done.err), (0, sorted(ALL_TEN), ""))
stays, done = in_two_runs("stays", search=first_of(2), hidden={8, 9, 10})
s.equal("... where another way shows no more of them either, that is told, and they are pending",
        (reports("stays.db"), "does not list all of them: the others are asked for the next time" in done.err,
         query("stays.db", "SELECT next_uid FROM mailbox")), (ALL_TEN[:7], True, [(8,)]))
stays.search, stays.hidden = None, set()
done = run(stays, db="stays.db")
s.equal("... and read when it does", (done.returncode, reports("stays.db")), (0, ALL_TEN))
refusing, done = in_two_runs("refusing", search=first_of(2), answer={
    "FETCH": lambda server, rest: "NO not in this way" if rest.endswith("(UID)") else "OK"})
s.equal("... and so where the server refuses the other way", (query("refusing.db", "SELECT next_uid FROM mailbox"),
                                                            reports("refusing.db")), ([(8,)], ALL_TEN[:7]))
first = Server(FIVE, search=first_of(2), hidden={4, 5})
done = run(first, db="first.db")
first.search, first.hidden = None, set()
run(first, db="first.db")
s.equal("... and so in the first run", ("asked for the next time" in done.err, reports("first.db")), (True, ALL_FIVE))
thin, done = in_two_runs("thin", mails={**dict(enumerate(TEN[:5], 1)), 8: TEN[7], 11: TEN[9]})
s.equal("UIDs that are gone are no lack", (done.returncode, done.err, reports("thin.db"), query(
    "thin.db", "SELECT next_uid FROM mailbox")), (0, "", ALL_FIVE + ["report-7", "report-9"], [(12,)]))
lean, done = in_two_runs("lean")
s.equal("... which costs a sound server nothing", (done.returncode, reports("lean.db"), [c for c in lean.log if c.endswith("(UID)")]),
        (0, ALL_TEN, []))
gone_all, done = in_two_runs("gone-all", mails=dict(enumerate(TEN[:5], 1)), uidnext=9)
s.equal("... also where none is left of the new ones", (done.returncode, done.err, query(
    "gone-all.db", "SELECT next_uid FROM mailbox")), (0, "", [(9,)]))
dated = Server(TEN, search=first_of(2))
done = run(dated, "--mail-since", "2026-10-01", db="dated.db")
s.equal("an answer by date that ends before the last mail is asked on", (done.returncode, reports("dated.db")), (0, ALL_TEN))
whole = Server(FIVE)
run(whole, db="whole.db")
s.check("... which costs a sound server nothing", not [c for c in whole.log if c.endswith("(UID)")], whole.log)
babble = ["* 12 EXISTS", "* 3 EXPUNGE", "* OK [ALERT] Maintenance {5}", "* 9 FETCH (FLAGS (\\Seen))", "* FLAGS ()",
          "", "((", "*",
          "* LIST () NIL {5}", "INBOX", "* 5 FETCH (UID 3 BODY[] NIL", "X9 OK not ours", "+ go on",
          "* 4294967296 EXISTS",
          '* STATUS "unclosed (', "* VANISHED 1:5", "* OK " + "x" * 100000, "* BAD [BADCHARSET ({5}", "UTF-8)] so"]
done = run(Server(FIVE, say={word: babble for word in ("EXAMINE", "SEARCH", "FETCH", "LIST")}), db="babble.db")
s.equal("answers that nobody asked for are passed over", (done.returncode, reports("babble.db")), (0, ALL_FIVE))
s.check("... but what the server wants people to see is shown", "[ALERT] Maintenance" in done.err, done.err)

# --- logging in -------------------------------------------------------------------------------------------------------
def login_of(server):
    return [c.split(" ")[:2] if c.startswith("AUTH") else c.split(" ")[:1] for c in server.log
            if c.startswith(("AUTHENTICATE", "LOGIN"))]


choosy = Server(FIVE, logins="AUTH=DIGEST-MD5 AUTH=CRAM-MD5 AUTH=LOGIN AUTH=PLAIN SASL-IR")
done = run(choosy, db="choosy.db")
s.equal("PLAIN goes before CRAM-MD5, which fails where the server keeps no plain passwords",
        (done.returncode, login_of(choosy)), (0, [["AUTHENTICATE", "PLAIN"]]))
challenging = Server(FIVE, logins="AUTH=CRAM-MD5 LOGINDISABLED", answer={"AUTHENTICATE": "NO not today"})
done = run(challenging, db="challenging.db")
s.equal("... which is used where there is nothing else", (done.returncode, login_of(challenging)),
        (1, [["AUTHENTICATE", "CRAM-MD5"]]))
simple = Server(FIVE, logins="")
done = run(simple, db="simple.db")
s.equal("a server without SASL gets the command LOGIN", (done.returncode, login_of(simple), reports("simple.db")),
        (0, [["LOGIN"]], ALL_FIVE))
done = run(simple, "--auth", "plain", db="simple.db")
s.check("an --auth that is not offered is told as that", done.returncode == 1 and "--auth" in done.err, done.err)
token = Server(FIVE, logins="AUTH=CRAM-MD5 AUTH=XOAUTH2 SASL-IR")
done = run(token, "--token-command", "echo abc", db="token.db")
s.equal("a token never goes to CRAM-MD5", (done.returncode, login_of(token)), (0, [["AUTHENTICATE", "XOAUTH2"]]))
done = run(Server(FIVE, logins="LOGINDISABLED"), db="disabled.db")
s.check("a server that lets nobody log in is told as that", done.returncode == 1
        and "nobody log in with a password" in done.err, done.err)


def hang_up(server, rest):
    raise Cut


leaving = Server(FIVE, say={"AUTHENTICATE": ["* BYE [ALERT] Your mailbox belongs to somebody else"]},
                 answer={"AUTHENTICATE": hang_up})
done = run(leaving, db="leaving.db")
s.check("a farewell while logging in is told in the server's words", done.returncode == 1
        and "BYE [ALERT] Your mailbox belongs to somebody else" in done.err, done.err)

# --- folders ----------------------------------------------------------------------------------------------------------
done = run(Server(FIVE, answer={"EXAMINE": "BAD Invalid mailbox name"}), folder="No such", db="bad-name.db")
s.check("a missing folder that is told by BAD is a missing folder all the same", done.returncode == 1
        and 'there is no folder "No such" (there are: INBOX)' in done.err, done.err)
strict = Server(FIVE, answer={"MOVE": "NO Error in IMAP command", "CREATE": "NO Invalid mailbox name"})
done = run(strict, "--after", "move:Done", db="strict.db")
s.check("a folder that cannot be made is told with those there are", done.returncode == 1
        and 'cannot make the folder "Done" (there are: INBOX): ' in done.err and "Invalid mailbox name" in done.err,
        done.err)

# --- folders below a prefix (RFC 2342) --------------------------------------------------------------------------------
class Prefixed(Server):
    """It has INBOX and those that are in `there`, and makes others below "INBOX." alone."""

    def __init__(self, mails, there=(), **options):
        self.there = {"INBOX", *there}
        say = {"NAMESPACE": ['* NAMESPACE (("INBOX." ".")) NIL NIL']}
        super().__init__(mails, caps="IMAP4rev1 MOVE UIDPLUS NAMESPACE", say=say, answer=dict.fromkeys(
            ("EXAMINE", "SELECT", "MOVE", "CREATE"), type(self).answer_named), **options)

    def answer_named(self, rest):
        name = rest.rsplit('"', 2)[1]
        if rest.startswith("CREATE") and name.startswith("INBOX."):
            self.there.add(name)
        return "OK done" if name in self.there else "NO Invalid mailbox name"


below = Prefixed(FIVE)
done = run(below, "--after", "move:Archive/Done", db="below.db")
s.equal("where folders lie below a prefix, one is made there",
        (done.returncode, done.err, below.mails, sorted(below.there)), (0, "", {}, ["INBOX", "INBOX.Archive.Done"]))
beside = Prefixed(FIVE, there=["Done"])
done = run(beside, "--after", "move:Done", db="beside.db")
s.equal("... but a folder that there is as it is named is that one", (done.returncode, beside.mails, sorted(beside.there)),
        (0, {}, ["Done", "INBOX"]))
source = Prefixed(FIVE, there=["INBOX.Reports"])
done = run(source, "--failed-folder", "Odd", folder="Reports", db="source.db")
s.equal("... and so is a folder that is read", (done.returncode, reports("source.db")), (0, ALL_FIVE))
done = run(source, folder="Letters", db="letters.db")
s.check("... and told by the name that was given where there is none", done.returncode == 1
        and 'there is no folder "Letters"' in done.err, done.err)
odd = Prefixed([messages.plain_mail()])
done = run(odd, "--failed-folder", "Odd", db="odd.db")
s.equal("... and so is the one for mails without reports", (done.returncode, odd.mails, sorted(odd.there)),
        (0, {}, ["INBOX", "INBOX.Odd"]))
done = run(source, "--after", "move:Reports", folder="INBOX.Reports", db="same.db")
s.equal("a folder under its other name is no place to move its mails to",
        (done.returncode, "the folder that it is in" in done.err, len(source.mails), source.copies), (1, True, 5, []))

# --- what it does not hand out ----------------------------------------------------------------------------------------
whole = lambda uid, mail: b"UID %d BODY[] " % uid + literal(mail)
WITHOUT_3 = [r for r in ALL_FIVE if r != "report-2"]
done = run(Server(FIVE, fetch=lambda uid, mail: b"UID 3 BODY[] NIL" if uid == 3 else whole(uid, mail)), db="nil.db")
s.equal("NIL instead of a mail is told, the others are read",
        (done.returncode, reports("nil.db"), "not give its content" in done.err),
        (3, WITHOUT_3, True))
done = run(Server(FIVE, fetch=lambda uid, mail: None if uid == 3 else whole(uid, mail)), db="missing.db")
s.equal("so is one that is listed and never comes", (done.returncode, reports("missing.db"), "uid 3" in done.err),
        (3, WITHOUT_3, True))
gone = Server(FIVE)
gone.search = lambda found: "* SEARCH %s\r\n" % ("1 2 3 4 5" if any("BODY" in c for c in gone.log) else "1 2 3 4 5 6 7")
done = run(gone, db="gone.db")
s.equal("one that vanished meanwhile is none", (done.returncode, reports("gone.db")), (0, ALL_FIVE))
done = run(Server(FIVE, fetch=lambda uid, mail: whole(9, mail) if uid == 3
                  else whole(uid, mail) + b" " + whole(1, FIVE[4])),
           db="others.db")
s.check("mails that were not asked for are not taken", set(reports("others.db")) <= set(ALL_FIVE), done.err,
        reports("others.db"))


def refuse_third(server, rest):
    return "NO [SERVERBUG] cannot read it" if server.uids(rest.split(" ")[2]) == [3] and "BODY" in rest else \
        "NO some cannot be read" if "BODY" in rest and 3 in server.uids(rest.split(" ")[2]) else "OK done"


stubborn = Server(FIVE, answer={"FETCH": lambda server, rest: refuse_third(server, rest).replace("[SERVERBUG] ", "")})
done = run(stubborn, db="stubborn.db")
s.equal("a mail that the server refuses is told in its words, the others are read",
        (done.returncode, reports("stubborn.db"), "NO cannot read it" in done.err), (3, WITHOUT_3, True))
done = run(Server(FIVE, answer={"FETCH": lambda server, rest: "NO Server busy" if "BODY" in rest else "OK"}),
           db="busy.db")
s.equal("a server that refuses all has failed: nothing counts as read",
        (done.returncode, reports("busy.db"), "Server busy" in done.err),
        (1, [], True))
with sqlite3.connect("busy.db") as c:
    s.equal("... and the cursor stays", c.execute("SELECT next_uid FROM mailbox").fetchall(), [(1,)])
large = Server([b"x" * 3000 + FIVE[0], FIVE[1]], fetch=whole)
done = run(large, "--max-mail-size", "2K", db="large.db")
s.equal("a mail above --max-mail-size is not asked for",
        (done.returncode, reports("large.db"), [c for c in large.log if "BODY" in c]),
        (3, ["report-1"], ["UID FETCH 2 (UID BODY.PEEK[])"]))


class Liar(Server):
    def fetch_all(self, out, state, which, rest):
        if "RFC822.SIZE" in rest:
            return
        super().fetch_all(out, state, which, rest)


done = run(Liar([b"x" * 3000 + FIVE[0], FIVE[1]]), "--max-mail-size", "2K", db="liar.db")
s.equal("... and left where the server did not tell its size",
        (done.returncode, reports("liar.db"), "--max-mail-size" in done.err),
        (3, ["report-1"], True))

# --- what ends it -----------------------------------------------------------------------------------------------------


def hang_up(server, rest):
    raise Cut


FATAL = {
    "a greeting that is none": (dict(greeting="220 mail.example.com ESMTP"), "does not greet as an IMAP server does, but as one of SMTP"),
    "a farewell as greeting": (dict(greeting="* BYE too many connections"), "too many connections"),
    "BYE in the middle": (dict(say={"SEARCH": ["* BYE [UNAVAILABLE] Server shutting down"]}, answer={"SEARCH": hang_up}),
                          "Server shutting down"),
    "NO with UNAVAILABLE": (dict(answer={"EXAMINE": "NO [UNAVAILABLE] Try later"}), "NO [UNAVAILABLE] Try later"),
    "BAD": (dict(answer={"SEARCH": "BAD User is authenticated but not connected"}), "authenticated but not connected"),
    "a word of 2 MB": (dict(say={"SEARCH": ["* SEARCH " + "1" * 2000000]}), "word"),
    "a literal of 99 GB": (dict(fetch=lambda uid, mail: b"UID 1 BODY[] {99999999999}\r\nx"), "literal"),
    "a quoted string of 1 MB": (dict(fetch=lambda uid, mail: b'UID 1 BODY[] "' + b"y" * 1000000 + b'"'), "quoted"),
    "no UIDVALIDITY": (dict(validity=0), "UID"),
    "a wrong password, which the server repeats": (dict(answer={"AUTHENTICATE": "NO \x1b[31mcorrect horse is wrong"}),
                                                   "NO"),
}
for name, (options, words) in FATAL.items():
    db = "fatal-%s.db" % re.sub("[^a-z]+", "-", name.lower())
    done = run(Server(FIVE, **options), db=db, timeout="3")
    s.check("%s: exit status 1, and the reason" % name, done.returncode == 1 and words in done.err and not reports(db),
            done.returncode, done.err)
    s.check("... harmless for the terminal, without the password", "\x1b" not in done.err
            and "correct horse" not in done.err, done.err)

# --- cut anywhere -----------------------------------------------------------------------------------------------------
probe = Server(FIVE)
total = 0
run(probe, db="probe.db")
probe_bytes = 600 + sum(len(m) + 60 for m in FIVE) + 5 * 45
failures, wrong = 0, []
for at in list(range(1, 700, 23)) + list(range(700, probe_bytes, 211)):
    db = "cut-%d.db" % at
    cutting = Server(FIVE, cut_at=at)
    done = run(cutting, "--after", "move:Done", db=db)
    failures += done.returncode == 1
    if done.returncode not in (0, 1) or len(set(reports(db))) != len(reports(db)):
        wrong.append((at, done.returncode, done.err))
    if [uid for uid in cutting.copies if "report-%d" % (uid - 1) not in reports(db)]:
        wrong.append((at, "moved what was not stored", cutting.copies, reports(db)))
    cutting.cut_at = None
    done = run(cutting, "--after", "move:Done", db=db)
    if done.returncode or sorted(reports(db)) != ALL_FIVE or sorted(cutting.copies) != [1, 2, 3, 4, 5] or tasks(db):
        wrong.append((at, done.returncode, done.err, reports(db), cutting.copies))
    cutting.stop()
s.check("the connection was cut at many places", failures > 30, failures)
s.equal("wherever it is cut, the next run makes it whole: each report once, each mail moved once", wrong, [])
flaky = Server([messages.report_mail(n) for n in range(30)], cut_at=9000)
done = run(flaky, db="flaky.db", retries="1")
s.equal("a server that hangs up again and again is read to its end in one run",
        (done.returncode, sorted(reports("flaky.db")), flaky.connections > 3),
        (0, sorted("report-%d" % n for n in range(30)), True))


def stop_at_twenty(uid, mail):
    if uid == 20:
        raise Cut
    return whole(uid, mail)


halfway = Server([messages.report_mail(n) for n in range(30)], fetch=stop_at_twenty)
done = run(halfway, db="halfway.db")
s.equal("what came before the end of a connection is stored", (done.returncode, len(reports("halfway.db"))), (1, 19))
halfway.fetch, halfway.log = None, []
done = run(halfway, db="halfway.db")
s.equal("... and the next run asks for the rest alone",
        (done.returncode, len(reports("halfway.db")), [c for c in halfway.log if "BODY" in c]),
        (0, 30, ["UID FETCH 20:30 (UID BODY.PEEK[])"]))
recovering = Server(FIVE, cut_at=30, cuts=1)
done = run(recovering, db="recovering.db", retries="1")
s.equal("one failure is made good by trying again",
        (done.returncode, reports("recovering.db"), recovering.connections), (0, ALL_FIVE, 2))

# --- acting in steps --------------------------------------------------------------------------------------------------
copying = Server(FIVE, caps="IMAP4rev1 UIDPLUS", drop_after="COPY")
run(copying, "--after", "move:Done", db="copying.db")
s.equal("hung up behind COPY: it is noted that the copies are there", tasks("copying.db"),
        [(n, "copied") for n in range(1, 6)])
copying.drop_after = None
done = run(copying, "--after", "move:Done", db="copying.db")
s.equal("... and the next run deletes without copying twice",
        (done.returncode, copying.copies, copying.mails, tasks("copying.db")),
        (0, [1, 2, 3, 4, 5], {}, []))
s.equal("EXPUNGE is never said alone", [c for c in copying.log if c.startswith("EXPUNGE") or c.startswith("CLOSE")], [])
creating = Server(FIVE, answer={"MOVE": lambda server, rest: "OK" if "CREATE \"Done\"" in server.log
                                else "NO [TRYCREATE] no such folder",
                                "CREATE": "NO [ALREADYEXISTS] it is there"})
done = run(creating, "--after", "move:Done", db="creating.db")
s.equal("TRYCREATE: the folder is made, also where it turns out to be there", (done.returncode, creating.mails),
        (0, {}))
for words in ("NO MOVE extension not supported", "NO UID MOVE not implemented", "BAD Unknown command"):
    pretending = Server(FIVE, answer={"MOVE": words})
    done = run(pretending, "--after", "move:INBOX", folder="Reports", db="%s.db" % words.replace(" ", "-"))
    s.equal("MOVE is listed, but answered with %s: copied, then deleted" % words,
            (done.returncode, done.err, pretending.copies, pretending.mails), (0, "", [1, 2, 3, 4, 5], {}))
forbidding = Server(FIVE, answer={"MOVE": "NO [NOPERM] not yours"})
done = run(forbidding, "--after", "move:INBOX", folder="Reports", db="forbidding.db")
s.equal("a MOVE that is forbidden is not tried in another way",
        (done.returncode, "[NOPERM]" in done.err, forbidding.copies), (1, True, []))
lying = Server(FIVE, undone={"MOVE": range(1, 6)})
done = run(lying, "--after", "move:Done", db="lying.db")
s.equal("a MOVE that is answered with OK and not done is told, and stays on the list",
        (done.returncode, "to \"Done\": the server answers UID MOVE with OK, but uid 2 is still there" in done.err,
         len(tasks("lying.db")), lying.copies), (1, True, 5, []))
lying.undone = {"MOVE": [4]}
done = run(lying, "--after", "move:Done", db="lying.db")
s.equal("... and where it is not done to one mail, to that one alone",
        (done.returncode, "uid 4 is still there" in done.err, tasks("lying.db"), sorted(lying.mails)),
        (1, True, [(4, "stored")], [4]))
for name, options, left in (("mute", dict(mute=True), []), ("keeping", dict(undone={"EXPUNGE": [2]}), [2]),
                            ("mute-keeping", dict(mute=True, undone={"EXPUNGE": [2]}), [2])):
    removing = Server(FIVE, **options)
    done = run(removing, "--after", "delete", db=name + ".db")
    s.equal("what is left behind EXPUNGE is looked at where the server does not say it (%s)" % name,
            (done.returncode, "EXPUNGE with OK, but uid 2 is still there" in done.err, [uid for uid, _ in tasks(name + ".db")],
             sorted(removing.mails)), (1 if left else 0, bool(left), left, left))
moving = Server(FIVE)
done = run(moving, "--after", "move:Done", db="moving.db")
s.equal("... and nothing is asked where it does", [c for c in moving.log[moving.log.index('UID MOVE 1:5 "Done"'):]
                                                   if "SEARCH" in c], [])
wildcard = Server(FIVE, permanent="\\*")
done = run(wildcard, "--after", "flag:seen", db="wildcard.db")
s.equal("a server that keeps any flag keeps \\Seen too", (done.returncode, tasks("wildcard.db")), (0, []))
done = run(Server(FIVE, permanent=""), "--after", "flag:seen", db="flagless.db")
s.check("where \\Seen is not kept, it is not advised either", done.returncode == 1 and "keeps no flag" in done.err
        and "perhaps" not in done.err, done.err)
for options in (dict(permanent=""), dict(answer={"SELECT": "OK [READ-ONLY] done"})):
    fixed = Server(FIVE, **options)
    done = run(fixed, "--after", "delete", db="fixed-%s.db" % "".join(options))
    s.equal("where \\Deleted is not kept (%s), nothing is taken for deleted" % "".join(options),
            (done.returncode, len(tasks("fixed-%s.db" % "".join(options))), len(fixed.mails), fixed.deleted), (1, 5, 5, set()))
keyless = Server(FIVE)
done = run(keyless, "--after", "flag", db="keyless.db")
s.check("a flag that the server would forget is refused with advice", done.returncode == 1
        and "flag:seen" in done.err, done.err)
s.equal("... the reports are stored all the same", reports("keyless.db"), ALL_FIVE)
done = run(keyless, "--after", "flag:seen", db="keyless.db")
s.equal("... and another action is done later", (done.returncode, tasks("keyless.db")), (0, []))
renumbered = Server(FIVE)
run(renumbered, "--after", "flag", db="renumbered.db")
renumbered.validity, renumbered.mails = 8, {1: FIVE[0], 2: messages.plain_mail()}
done = run(renumbered, "--after", "move:Done", db="renumbered.db")
s.equal("tasks do not outlive their UIDVALIDITY: the mails are read again, and those with reports are moved",
        (done.returncode, renumbered.copies, "numbered its mails anew" in done.err), (0, [1], True))

# --- only what is whole lets a mail go --------------------------------------------------------------------------------
HALF = [FIVE[0], messages.damaged_mail(1), FIVE[2], messages.dateless_mail(3)]
half = Server(HALF)
done = run(half, "--after", "delete", db="half.db")
s.equal("a damaged report is stored, and its mail stays; so does one without a period",
        (done.returncode, len(reports("half.db")), sorted(half.mails)), (0, 4, [2, 4]))
half.validity = 8
done = run(half, "--after", "delete", db="half.db")
s.equal("... also where it comes again, as its own duplicate",
        ("2 duplicate" in done.out, sorted(half.mails)), (True, [2, 4]))
half.validity = 9
done = run(half, "--after", "delete", "--failed-folder", "Odd", db="half.db")
s.equal("... until it is moved to the folder for such mails", (half.copies, sorted(half.mails)), ([2, 4], []))
mended = Server([messages.damaged_mail(1)])
run(mended, "--after", "delete", db="mended.db")
mended.mails[2] = messages.mail("whole", messages.report("damaged-1", messages.record() * 3))
done = run(mended, "--after", "delete", db="mended.db")
s.equal("a whole copy goes, which the damaged one does not", ("1 new" in done.out, sorted(mended.mails)), (True, [1]))

# --- a full disk ------------------------------------------------------------------------------------------------------
big = Server([messages.report_mail(0), messages.report_mail(1, pad=2 << 20)])
done = run(big, db="disk.db", env={"TMPDIR": "/nonexistent"})
s.check("no room for a large mail: exit status 1, told", done.returncode == 1 and "temporary file" in done.err,
        done.err)
done = run(big, db="disk.db")
s.equal("... and the next run reads it", (done.returncode, reports("disk.db")), (0, ["report-0", "report-1"]))

# --- signals ----------------------------------------------------------------------------------------------------------
hanging = Server(FIVE, silent_at="SEARCH")
process = subprocess.Popen([s.binary, "import", "--db", "signal.db", hanging.url()], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, env=s.environment)
for _ in range(600):
    if any("SEARCH" in line for line in hanging.log):
        break
    time.sleep(0.05)
process.send_signal(signal.SIGTERM)
begun = time.monotonic()
process.communicate(timeout=100)  # the server would be waited for a minute
s.equal("a signal ends the waiting for a server", (process.returncode, time.monotonic() - begun < 40), (130, True))

# --- what took its time -----------------------------------------------------------------------------------------------
for thread in waiting:
    thread.join()
# The server itself is silent for 30 s, and drips for minutes.
for name, most in (("silent-login", 25), ("silent-select", 25), ("silent-fetch", 25), ("dripping", 110)):
    done, seconds = background[name]
    s.check("%s: ends with exit status 1 within %d s" % (name, most), done.returncode == 1 and seconds < most,
            done.returncode, seconds, done.err)
s.check("... silence is told", "silent" in background["silent-fetch"][0].err, background["silent-fetch"][0].err)
s.check("... and so is dripping", "one command" in background["dripping"][0].err, background["dripping"][0].err)
# Such a line is made at one go, which would hold up the dripping.
flood = Server(FIVE, say={"SEARCH": [b"* OK " + b"z" * (70 << 20) + b"\r\n"]})
done = run(flood, db="flood.db", timeout="20")
s.check("a line of 70 MB is refused", done.returncode == 1 and "bytes" in done.err, done.err)
s.finish()

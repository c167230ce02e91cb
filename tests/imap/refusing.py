#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""import from servers that do not give their mails: that ask for patience, refuse one, or hang up over it."""
import os
import sqlite3
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import messages  # noqa: E402
from harness import Suite, pass_a_day  # noqa: E402
from scripted import Cut, Server, literal  # noqa: E402

s = Suite()
s.environment.update(DMARCCTL_PASSWORD="correct horse", no_proxy="*")
FIVE = [messages.report_mail(n) for n in range(5)]
ALL_FIVE = ["report-%d" % n for n in range(5)]
WITHOUT_3 = [r for r in ALL_FIVE if r != "report-2"]


def run(server, *args, db, retries="0"):
    return s.run("import", "--db", db, "--timeout", "5", "--retries", retries, "--jobs", "2", *args, server.url())


def query(db, sql):
    with sqlite3.connect(db) as c:
        return [row[0] for row in c.execute(sql)]


def reports(db):
    return query(db, "SELECT report_id FROM report ORDER BY id")


def rejected(db):
    return query(db, "SELECT reason FROM document WHERE outcome = 'rejected'")


class Stopping(Server):
    """Gives `left` mails, then answers each FETCH of mails with `words`, `times` times."""

    def command(self, out, state, lines, tag, rest):
        if "BODY" not in rest or not self.times:
            return super().command(out, state, lines, tag, rest)
        self.log.append(rest)
        for number, uid in enumerate(self.uids(rest.split(" ")[2]), 1):
            if not self.left:
                self.times -= 1
                return out("%s %s\r\n" % (tag, self.words))
            self.left -= 1
            out(b"* %d FETCH (UID %d BODY[] %s)\r\n" % (number, uid, literal(self.mails[uid])))
        out(tag + " OK done\r\n")


EXCHANGE = "NO Request is throttled. Suggested Backoff Time: 299910 milliseconds"

# --- patience ---------------------------------------------------------------------------------------------------------
for words in (EXCHANGE, "NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)",
              "NO [ALERT] Account exceeded command or bandwidth limits. (Failure)", "NO [LIMIT] UID FETCH Rate limit hit.",
              "NO [INUSE] Mailbox in use", "NO [UNAVAILABLE] Backend", "NO Server Unavailable. 15",
              "NO [SERVERBUG] Internal error", "BAD User is authenticated but not connected.", "NO Ask somebody else",
              "NO [THROTTLED]", EXCHANGE.replace("NO", "BAD")):
    db = "".join(c for c in words if c.isalpha()) + ".db"
    server = Stopping(FIVE, left=2, times=100, words=words)
    done = run(server, db=db)
    s.equal("%s: what came before is stored, nothing is rejected" % words,
            (done.returncode, reports(db), rejected(db)), (1, ALL_FIVE[:2], []))
    s.check("... which is told in the server's words", words in done.err, done.err)
    server.times = 0
    done = run(server, db=db)
    s.equal("... and the next run reads the rest", (done.returncode, reports(db)), (0, ALL_FIVE))
done = run(Stopping(FIVE, left=2, times=100, words=EXCHANGE), "--max-wait", "60", db="long.db", retries="4")
s.check("a longer pause than --max-wait ends the run, with the time to come back",
        done.returncode == 1 and "come back after 20" in done.err, done.err)
begun = time.monotonic()
done = run(Stopping(FIVE, left=2, times=1, words=EXCHANGE.replace("299910", "2500")), db="short.db", retries="1")
s.equal("a shorter one is waited for, and the rest is read in the same run",
        (done.returncode, reports("short.db"), time.monotonic() - begun > 2.5), (0, ALL_FIVE, True))
s.check("... which is said", "waiting for 3 seconds: the server answers UID FETCH with NO Request" in done.err, done.err)
slow = Server(FIVE, answer={"MOVE": EXCHANGE})
done = run(slow, "--after", "move:Done", db="acting.db")
s.equal("mails that are not moved for now are moved by the next run",
        (done.returncode, slow.answer.clear(), run(slow, "--after", "move:Done", db="acting.db").returncode,
         slow.copies), (1, None, 0, [1, 2, 3, 4, 5]))

# --- one mail ---------------------------------------------------------------------------------------------------------
for words in ("NO cannot read it", "NO [SERVERBUG] Internal error", "BAD cannot read it"):
    db = "one-%s.db" % "".join(c for c in words if c.isalpha())
    third = lambda server, rest: words if "BODY" in rest and 3 in server.uids(rest.split(" ")[2]) else "OK done"
    done = run(Server(FIVE, answer={"FETCH": third}), db=db)
    s.equal("%s, of one mail: the others are read, and it is listed" % words,
            (done.returncode, reports(db), len(rejected(db)), words in s.run("errors", "--db", db).out),
            (3, WITHOUT_3, 1, True))
done = run(Server(FIVE[:1], answer={"FETCH": lambda server, rest: "NO no" if "BODY" in rest else "OK"}), db="only.db")
s.equal("the only mail may be refused", (done.returncode, len(rejected("only.db"))), (3, 1))
done = run(Server(FIVE[:2], answer={"FETCH": lambda server, rest: "NO no" if "BODY" in rest else "OK"}), db="two.db")
s.equal("two of two are no fault of theirs", (done.returncode, rejected("two.db")), (1, []))
pair = lambda server, rest: "NO no" if "BODY" in rest and {2, 3} & set(server.uids(rest.split(" ")[2])) else "OK"
done = run(Server(FIVE, answer={"FETCH": pair}), db="pair.db")
s.equal("two of five are", (done.returncode, reports("pair.db"), len(rejected("pair.db"))),
        (3, ["report-0", "report-3", "report-4"], 2))
many = Server([messages.report_mail(n) for n in range(8)])
many.answer["FETCH"] = lambda server, rest: \
    "NO no" if "BODY" in rest and {3, 4, 5} & set(server.uids(rest.split(" ")[2])) else "OK"
done = run(many, db="many.db")
s.equal("three in a row are not", (done.returncode, reports("many.db"), rejected("many.db")), (1, ALL_FIVE[:2], []))


def bodies(server):
    asked = [c.split(" ")[2] for c in server.log if "BODY" in c]
    server.log.clear()
    return asked


third = lambda server, rest: "NO cannot read it" if "BODY" in rest and 3 in server.uids(rest.split(" ")[2]) else "OK"
patient = Server(FIVE, answer={"FETCH": third})
run(patient, db="days.db")
bodies(patient)
done = run(patient, db="days.db")
s.equal("a mail that was refused is not asked for again on the same day", (done.returncode, bodies(patient)), (0, []))
tries = []
for day in range(5):
    pass_a_day("days.db")
    done = run(patient, db="days.db")
    tries.append((done.returncode, set(bodies(patient)), "uid 3" in done.err))
s.equal("... but on the next three, in silence, and the last time it is named", tries,
        [(0, {"3"}, False), (0, {"3"}, False), (3, {"3"}, True), (0, set(), False), (0, set(), False)])
s.equal("... which makes no second line of the ledger", len(rejected("days.db")), 1)
patient = Server(FIVE, answer={"FETCH": third})
run(patient, "--after", "delete", db="day.db")
patient.answer.clear()
pass_a_day("day.db")
done = run(patient, "--after", "delete", db="day.db")
s.equal("a mail that is given on the next day is stored, and done with like any other",
        (done.returncode, sorted(reports("day.db")), patient.mails), (0, ALL_FIVE, {}))

patient = Server(FIVE, answer={"FETCH": third})
kept = []
for day in range(5):
    done = run(patient, "--failed-folder", "failed", db="kept.db")
    kept.append((done.returncode, 3 in patient.mails, list(patient.copies)))
    pass_a_day("kept.db")
s.equal("a mail that was refused stays until it was asked for on three days, then it goes to the failed folder", kept,
        [(3, True, []), (0, True, []), (0, True, []), (3, False, [3]), (0, False, [3])])
patient = Server(FIVE, answer={"FETCH": third})
run(patient, "--failed-folder", "failed", db="asked.db")
done = run(patient, "--failed-folder", "failed", "--again", db="asked.db")
s.equal("... --again does not shorten that, but tells", (3 in patient.mails, "uid 3" in done.err), (True, True))
patient.answer.clear()
pass_a_day("asked.db")
done = run(patient, "--failed-folder", "failed", db="asked.db")
s.equal("... and one that is given meanwhile stays, for it did not fail",
        (done.returncode, sorted(reports("asked.db")), patient.copies), (0, ALL_FIVE, []))

# --- read again -------------------------------------------------------------------------------------------------------
anew = Server([FIVE[0], messages.broken_mail(), messages.damaged_mail(2), messages.plain_mail(), FIVE[4]])
anew.date_of = lambda mail: "17-Nov-2026 02:44:25 -0700"  # they stay the same mails to the server
run(anew, db="again.db")
anew.mails[2], anew.mails[3] = FIVE[1], messages.mail("whole", messages.report("damaged-2", messages.record() * 3))
bodies(anew)
done = run(anew, db="again.db")
s.equal("what was rejected or damaged is not read again by itself", ("nothing new" in done.out, bodies(anew)),
        (True, []))
done = run(anew, "--again", db="again.db")
s.equal("--again reads it, and nothing else", (done.returncode, bodies(anew), "2 new" in done.out),
        (0, ["2:3"], True))

# --- bounds -----------------------------------------------------------------------------------------------------------
few = Server(FIVE)
counts = [(run(few, "--most", "2", db="most.db").returncode, len(reports("most.db"))) for _ in range(4)]
s.equal("--most reads so many mails, and goes on behind them", counts, [(0, 2), (0, 4), (0, 5), (0, 5)])


class Dated(Server):
    """The mails 1 to 3 came before 2026-10-09, the others on that day or later."""

    def perform(self, out, state, lines, word, words, rest):
        if "SINCE" not in rest:
            return super().perform(out, state, lines, word, words, rest)
        since = {"UID SEARCH UID 1:* SINCE 9-Oct-2026": 4, "UID SEARCH UID 1:* SINCE 31-Dec-2026": 99}[rest]
        out("* SEARCH %s\r\n" % " ".join(str(uid) for uid in self.mails if uid >= since))


dated = Dated(FIVE)
done = run(dated, "--mail-since", "2026-10-09", db="since.db")
s.equal("--mail-since passes over what came before", (done.returncode, reports("since.db"), bodies(dated)),
        (0, ALL_FIVE[3:], ["4:5"]))
done = run(dated, "--mail-since", "2026-12-31", db="late.db")
s.equal("... which may be all", (done.returncode, reports("late.db"), "nothing new" in done.out), (0, [], True))

# --- hanging up -------------------------------------------------------------------------------------------------------
class Leaving(Server):
    """Says BYE where it meets the mail `uid`: when it has given those before it, or at once; over its size too."""
    in_order, sizes, words = True, False, "* BYE FETCH failed: Internal error occurred.\r\n"

    def fetch_all(self, out, state, which, rest):
        uids = self.uids(which)
        if self.uid in uids and ("BODY" in rest or self.sizes):
            if self.in_order and self.uid != uids[0]:
                super().fetch_all(out, state, "%d:%d" % (uids[0], self.uid - 1), rest)
            out(self.words)
            raise Cut
        super().fetch_all(out, state, which, rest)


class GoingDown(Leaving):
    """... and hangs up without a word over the mail behind it, to be there no more."""

    def fetch_all(self, out, state, which, rest):
        if self.uids(which) == [self.uid + 1] and "BODY" in rest:
            self.stop()
            raise Cut
        super().fetch_all(out, state, which, rest)


going = GoingDown(FIVE, uid=4)
done = run(going, retries="0", db="going.db")
s.equal("a server that goes down behind a mail over which it says BYE is not blamed on the next mail",
        (done.returncode, reports("going.db"), query("going.db", "SELECT * FROM document WHERE origin LIKE '%uid 5%'")),
        (1, ALL_FIVE[:3], []))
THIRTY = [messages.report_mail(n) for n in range(30)]
for name, options in (("in order", dict(uid=20)), ("at once", dict(uid=20, in_order=False)),
                      ("over its size", dict(uid=20, sizes=True)), ("over the first", dict(uid=1)),
                      ("over the last", dict(uid=30, in_order=False, sizes=True))):
    db = name.replace(" ", "-") + ".db"
    leaving = Leaving(THIRTY, **options)
    done = run(leaving, db=db)
    s.equal("BYE over one mail, %s: it is passed over and listed, the rest is read" % name,
            (done.returncode, reports(db), "uid %d: " % options["uid"] in done.err,
             "BYE FETCH failed" in s.run("errors", "--db", db).out),
            (3, ["report-%d" % n for n in range(30) if n != options["uid"] - 1], True, True))
    done = run(leaving, db=db)
    s.equal("... and not asked for again at once", (done.returncode, "nothing new" in done.out), (0, True))
done = run(Leaving(THIRTY, uid=20, words=""), db="cut.db", retries="2")
s.equal("a connection that is cut over one mail again and again, too",
        (done.returncode, len(reports("cut.db")), len(rejected("cut.db"))), (3, 29, 1))
done = run(Leaving(THIRTY, uid=20, words="* BYE [UNAVAILABLE] Shutting down\r\n"), db="shut.db")
s.equal("a farewell that asks for patience is no fault of a mail",
        (done.returncode, len(reports("shut.db")), rejected("shut.db")), (1, 19, []))


class Never(Server):
    def fetch_all(self, out, state, which, rest):
        out("* BYE Internal error\r\n")
        raise Cut


never = Never(THIRTY)
done = run(never, db="never.db")
s.equal("a server that hangs up over every mail has failed: nothing counts as read",
        (done.returncode, reports("never.db"), rejected("never.db"), query("never.db", "SELECT next_uid FROM mailbox")),
        (1, [], [], [1]))

# --- answers without a mail -------------------------------------------------------------------------------------------
class Expunging(Server):
    """Another client expunges mails meanwhile (RFC 5530: EXPUNGEISSUED)."""

    def fetch_all(self, out, state, which, rest):
        if "BODY" in rest:
            self.mails.pop(2, None)
        super().fetch_all(out, state, which, rest)
        self.issued = True

    def command(self, out, state, lines, tag, rest):
        say = lambda data: out(data.replace(tag + " OK", tag + " NO [EXPUNGEISSUED]") if isinstance(data, str)
                               and "FETCH" in rest else data)
        super().command(say, state, lines, tag, rest)


done = run(Expunging(FIVE), db="expunged.db")
s.equal("EXPUNGEISSUED: what is left is read", (done.returncode, reports("expunged.db"), rejected("expunged.db")),
        (0, [r for r in ALL_FIVE if r != "report-1"], []))
nameless = Server(FIVE, fetch=lambda uid, mail: b"BODY[] " + literal(mail))
done = run(nameless, db="nameless.db")
s.equal("FETCH without a UID is told, and nothing counts as read",
        (done.returncode, "without the UID" in done.err, query("nameless.db", "SELECT next_uid FROM mailbox")),
        (1, True, [1]))
empty = Server(FIVE, fetch=lambda uid, mail: None)
done = run(empty, db="empty.db")
s.equal("so is a server that lists mails and gives none",
        (done.returncode, "does not give its content" in done.err, query("empty.db", "SELECT next_uid FROM mailbox")),
        (1, True, [1]))
for name, answer in (("an empty literal", b"UID %d BODY[] {0}\r\n"), ("an empty string", b'UID %d BODY[] ""'),
                     ("no body", b"UID %d")):
    db = name.replace(" ", "-") + ".db"
    hollow = Server(FIVE, fetch=lambda uid, mail: answer % uid if uid == 3 else
                    b"UID %d BODY[] %s" % (uid, literal(mail)))
    done = run(hollow, db=db)
    s.equal("%s instead of a mail is told" % name,
            (done.returncode, reports(db), "does not give its content" in done.err), (3, WITHOUT_3, True))

# --- patience for ever, or silence, over one mail ----------------------------------------------------------------------


class Unreadable(Server):
    """Gives the mails in front of those in `bad`, then answers FETCH of mails with `words`; with silence where there are
    none."""

    def command(self, out, state, lines, tag, rest):
        if "BODY" not in rest:
            return super().command(out, state, lines, tag, rest)
        self.log.append(rest)
        for number, uid in enumerate(self.uids(rest.split(" ")[2]), 1):
            if uid in self.bad:
                if not self.words:
                    time.sleep(9)
                    raise Cut
                return out("%s %s\r\n" % (tag, self.words))
            out(b"* %d FETCH (UID %d BODY[] %s)\r\n" % (number, uid, literal(self.mails[uid])))
        out(tag + " OK done\r\n")


for name, words, timeout in (("exchange", "NO Server Unavailable. 15", "5"), ("code", "NO [UNAVAILABLE] not this one", "5"),
                             ("silence", None, "1")):
    one = Unreadable(FIVE, bad={3}, words=words)
    done = run(one, "--timeout", timeout, db="one-%s.db" % name, retries="2")
    s.equal("%s over one mail, while the one behind it is given: it is passed over and listed" % (words or "silence"),
            (done.returncode, reports("one-%s.db" % name), len(rejected("one-%s.db" % name)), "uid 3" in done.err),
            (3, WITHOUT_3, 1, True))
    every = Unreadable(FIVE, bad={1, 2, 3, 4, 5}, words=words)
    done = run(every, "--timeout", timeout, db="every-%s.db" % name, retries="2")
    s.equal("... over every one: none counts as read", (done.returncode, rejected("every-%s.db" % name), query(
        "every-%s.db" % name, "SELECT next_uid FROM mailbox")), (1, [], [1]))
last = Unreadable(FIVE, bad={5}, words="NO Server Unavailable. 15")
done = run(last, db="last.db", retries="2")
s.equal("... over the last one: nobody knows, and nothing is behind it", (done.returncode, rejected("last.db"), query(
    "last.db", "SELECT next_uid FROM mailbox"), "uid 5" in done.err), (1, [], [5], True))
last.mails[6] = messages.report_mail(6)
done = run(last, db="last.db", retries="2")
s.equal("... until another one is there", (done.returncode, reports("last.db")[4:], len(rejected("last.db"))),
        (3, ["report-6"], 1))
pass_a_day("last.db")
done = run(last, db="last.db", retries="2")
s.equal("... and on the next days it is asked for again, alone", (done.returncode, done.err), (0, ""))
for wait, pause in (("0", EXCHANGE), ("60", EXCHANGE.replace("299910", "20"))):
    db = "throttling-%s.db" % wait
    throttling = Unreadable(FIVE, bad={3}, words=pause)
    done = run(throttling, "--max-wait", wait, db=db, retries="2")
    s.equal("who says for how long to wait means us, not the mail (%s)" % pause,
            (done.returncode, rejected(db), query(db, "SELECT next_uid FROM mailbox")), (1, [], [3]))

def busy_over_sizes(server, rest):
    return "NO [UNAVAILABLE] not now" if "SIZE" in rest else "OK done"


begun = time.monotonic()
done = run(Server(FIVE, answer={"FETCH": busy_over_sizes}), db="sizes.db", retries="1")
s.equal("who asks for patience instead of telling sizes gets a pause, and is asked for the mails without them",
        (done.returncode, reports("sizes.db"), time.monotonic() - begun >= 1), (0, ALL_FIVE, True))

# --- mails that cannot be moved ---------------------------------------------------------------------------------------


def unmovable(server, rest):
    """UID 5 stays, whatever is asked for with it."""
    return "NO [SERVERBUG] Internal error" if 5 in server.uids(rest.split(" ")[2]) else "OK done"


def undone(db):
    return query(db, "SELECT uid FROM mailbox_task")


for word, after, what in (("MOVE", "move:done", 'cannot move uid 5 to "done": the server answers UID MOVE with NO'),
                          ("STORE", "flag:seen", "cannot flag uid 5: "), ("STORE", "delete", "cannot delete uid 5: ")):
    db = "unmovable-%s.db" % after.split(":")[0]
    server = Server(FIVE, answer={word: unmovable})
    done = run(server, "--after", after, db=db)
    s.equal("--after %s: one mail to which it cannot be done keeps it from no other, and is named" % after,
            (done.returncode, what in done.err, undone(db)), (1, True, [5]))
days = []
for day in range(1, 5):
    pass_a_day(db)
    done = run(server, "--after", "delete", db=db)
    days.append((done.returncode, "it stays where it is" in done.err, undone(db)))
s.equal("... it is tried on three days, told a last time, and then left where it is", days,
        [(1, False, [5]), (1, False, [5]), (0, True, []), (0, False, [])])
for stuck in ({1, 2, 3}, {3, 4, 5}, {2, 3, 4}):
    db = "unmovable-%d.db" % min(stuck)
    server = Server(FIVE, uidnext=6, answer={"MOVE": lambda server, rest: "NO [SERVERBUG] Internal error"
                                             if stuck & set(server.uids(rest.split(" ")[2])) else "OK done"})
    days = []
    for day in range(5):
        done = run(server, "--after", "move:done", db=db)
        days.append((done.returncode, undone(db), sorted(server.copies)))
        pass_a_day(db)
    others = sorted({1, 2, 3, 4, 5} - stuck)
    s.equal("three that cannot be moved (%s), while others can, keep these from nothing" % sorted(stuck), days,
            [(1, sorted(stuck), others)] * 3 + [(0, [], others)] * 2)
for words in ("NO [NOPERM] permission denied", "NO Server Unavailable. 15"):
    db = "unmovable-all-%d.db" % len(words)
    server = Server(FIVE, answer={"MOVE": words})
    days = []
    for day in range(5):
        done = run(server, "--after", "move:done", db=db)
        days.append((done.returncode, 'cannot move' in done.err and 'to "done"' in done.err, len(undone(db))))
        pass_a_day(db)
    s.equal("%s for all is no mail's fault: they stay on the list" % words, days, [(1, True, 5)] * 5)
    server.answer.clear()
    done = run(server, "--after", "move:done", db=db)
    s.equal("... until it can be done", (done.returncode, server.copies), (0, [1, 2, 3, 4, 5]))
alone = Server([messages.plain_mail()], answer={"MOVE": "NO [SERVERBUG] Internal error"})
days = []
for day in range(4):
    done = run(alone, "--failed-folder", "odd", db="alone.db")
    days.append((done.returncode, 'cannot move uid 1 to "odd"' in done.err))
    pass_a_day("alone.db")
s.equal("nor does one alone that cannot be moved to the failed folder make each import fail for ever", days,
        [(1, True), (1, True), (1, True), (0, True)])
alone.answer.clear()
alone.mails[2] = messages.plain_mail()
done = run(alone, "--failed-folder", "odd", db="alone.db")
s.equal("... and those behind it are moved", (done.returncode, done.err, alone.copies), (0, "", [2]))

# --- numbered from the beginning --------------------------------------------------------------------------------------
restored = Server(FIVE)
run(restored, db="restored.db")
restored.mails = {1: FIVE[0], 2: messages.report_mail(7)}
done = run(restored, db="restored.db")
s.equal("a folder that was restored from a backup is read again",
        (done.returncode, reports("restored.db"), "restored" in done.err), (0, [*ALL_FIVE, "report-7"], True))
done = run(restored, db="restored.db")
s.equal("... once", (done.returncode, "nothing new" in done.out, done.err), (0, True, ""))


def grown(db, before=lambda server: None, *args, **options):
    """Five mails are read; then UIDs 2 to 6 are those of other mails, as behind a backup of the first."""
    server = Server(FIVE, **options)
    run(server, *args, db=db)
    before(server)
    server.mails = {1: FIVE[0], **{uid: messages.report_mail(uid + 10) for uid in range(2, 7)}}
    server.log.clear()
    return server, run(server, *args, db=db)


NEW = ["report-%d" % n for n in range(12, 17)]
server, done = grown("grown.db")
s.equal("so is one that has grown past its old UIDNEXT since", (done.returncode, reports("grown.db"),
        "the server gives UIDs below 6 to other mails: the folder was restored" in done.err), (0, ALL_FIVE + NEW, True))
server.log.clear()
done = run(server, db="grown.db")
s.equal("... once, for which a run with nothing new asks one short question",
        (done.returncode, "nothing new" in done.out, done.err, [c for c in server.log if c.startswith("UID FETCH")]),
        (0, True, "", ["UID FETCH 1:6 (UID INTERNALDATE)"]))
server, done = grown("moved.db", lambda server: None, "--after", "move:done")
s.equal("... also where the mails of before were moved away", (done.returncode, reports("moved.db")), (0, ALL_FIVE + NEW))
for word, after in (("MOVE", "move:done"), ("STORE", "delete")):
    server, done = grown("pending-%s.db" % word, lambda server: server.answer.clear(), "--after", after,
                         answer={word: "NO [NOPERM] not now"})
    s.equal("... where they could not be (%s): none is touched that was not read" % after,
            (done.returncode, reports("pending-%s.db" % word)), (0, ALL_FIVE + NEW))
unlisted = Server(FIVE, answer={"MOVE": "NO [NOPERM] not now"})
run(unlisted, "--after", "move:done", db="unlisted.db")
unlisted.mails = {uid: messages.report_mail(uid + 10) for uid in range(1, 6)}
unlisted.answer = {"SEARCH": "NO [CANNOT] not this folder"}
done = run(unlisted, "--after", "move:done", db="unlisted.db")
s.equal("... nor where the folder is not listed at all", (done.returncode, unlisted.copies), (1, []))
server, done = grown("cut-off.db", lambda server: setattr(server, "drop_after", None), "--after", "flag:seen", drop_after="STORE")
s.equal("... behind an import that was cut off", (done.returncode, reports("cut-off.db")), (0, ALL_FIVE + NEW))
server, done = grown("bounded.db", lambda server: None, "--most", "5")
counts = [len(reports("bounded.db"))] + [run(server, "--most", "5", db="bounded.db") and len(reports("bounded.db"))
                                         for _ in range(2)]
s.equal("... and some at a time, where they are to be few", counts, [9, 10, 10])
back = Server(FIVE, uidnext=6)
run(back, "--after", "move:done", db="back.db")
back.mails = dict(enumerate(FIVE, 1))
done = run(back, "--after", "move:done", db="back.db")
s.equal("... also where it brings back mails that were moved away, which are moved once more",
        (done.returncode, "5 duplicate" in done.out, back.mails, back.copies), (0, True, {}, [1, 2, 3, 4, 5] * 2))
for name, change in (("is gone", lambda mails: mails.pop(3)), ("are all gone", lambda mails: mails.clear())):
    db = name.replace(" ", "-") + ".db"
    server = Server(FIVE)
    run(server, db=db)
    change(server.mails)
    server.mails[6] = messages.report_mail(7)
    server.log.clear()
    done = run(server, db=db)
    s.equal("mail that %s proves nothing" % name, (done.returncode, done.err, bodies(server)), (0, "", ["6"]))


class Travelling(Server):
    """Tells the time of another zone with each question; in the end, none that makes sense."""
    asked, zones = 0, ["-0130", "+0000", "+1400", "-0130"]

    def fetch_all(self, out, state, which, rest):
        self.asked += "INTERNALDATE" in rest
        super().fetch_all(out, state, which, rest)

    def date_of(self, mail):
        zone = self.zones[self.asked % 4]
        return "%s:%s:25 %s" % ("17-Jul-1996 02" if zone == "+0000" else "17-Jul-1996 01" if zone == "-0130" else
                                "17-Jul-1996 16", "44" if zone != "-0130" else "14", zone) if self.asked < 5 else "now"


server = Travelling(FIVE)
done = [run(server, db="zone.db") for _ in range(6)]
s.equal("the same moment in another zone is the same moment, and what is no time proves nothing",
        (server.asked, [d.err for d in done], {"nothing new" in d.out for d in done[1:]}), (6, [""] * 6, {True}))
for name, answer in (("NO", "NO not today"), ("BAD", "BAD what?")):
    server, done = grown("blind-%s.db" % name, answer={
        "FETCH": lambda server, rest: answer if "INTERNALDATE" in rest else "OK done"})
    s.equal("%s to that question: the folder is as well known as before" % name,
            (done.returncode, done.err, bodies(server)), (0, "", ["6"]))
s.finish()

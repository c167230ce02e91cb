#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""import: a file or a mail at which two imports were killed is set aside, and the rest is imported; --again takes it."""
import os
import resource
import signal
import subprocess
import sys
import time

from harness import HERE, SPARING, Suite, query, record, report, reports, zipped

sys.path.insert(0, os.path.join(HERE, "..", "imap"))
sys.path.insert(0, os.path.join(HERE, "..", "pop3"))
import messages  # noqa: E402
from pop3_server import Server  # noqa: E402

suite = Suite()
suite.environment.update(DMARCCTL_PASSWORD="correct horse", no_proxy="*")
# A million end tags without a start each: in all several seconds of processor time.
def costly(count):
    return zipped(*(("%d" % i, report("costly%d" % i, record() + "</x>" * 1000000)) for i in range(count)))


COSTLY, COSTLY_MAIL = costly(4), messages.mail("costly", costly(3), "xml")


def used():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def limited(*args):
    """Without processes that are ended in its place, and with so much processor time that the others are read, and no more than a part of what the costly one takes."""
    return subprocess.run([suite.binary, "import", "--sandbox", "off", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=suite.environment,
                          timeout=110, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_S, LIMIT_S)))


def suspects(db):
    return query(db, "SELECT weight FROM suspect ORDER BY weight")


# --- files ------------------------------------------------------------------------------------------------------------
os.mkdir("in")
for i in range(1, 10):
    with open("in/%d.xml" % i, "wb") as f:
        f.write(COSTLY if i == 5 else report("r%d" % i))
before = used()
suite.run("import", "--db", "measured.db", "in/1.xml")
LIMIT_S = int(1 + 4 * (used() - before))
GOOD = ["r%d" % i for i in range(1, 10) if i != 5]
options = ("--db", "t.db", "--jobs", "2", "in")
first, second, third = limited(*options), limited(*options), limited(*options)
suite.equal("an import is killed at a file, and so is the next", (first.returncode < 0, second.returncode < 0), (True, True))
suite.equal("the third one sets it aside and goes on behind it", (third.returncode, sorted(reports("t.db"))), (3, GOOD))
suite.check("... which is told, with the way to take it again",
            "in/5.xml: rejected: set aside: import after import was killed or crashed while it read this (--again tries it once more)"
            in third.stderr.decode(), third.stderr)
fourth = limited(*options)
suite.equal("... once: the fourth one says nothing new", (fourth.returncode, fourth.stderr), (0, b""))
suite.equal("no other file is suspected any more", suspects("t.db"), [(20,)])
os.rename("in/5.xml", "in/0.xml")
suite.equal("it is known by another name as well", limited(*options).returncode, 3)
suite.check("--again meets it", limited("--again", *options).returncode < 0)
with open("in/0.xml", "wb") as f:
    f.write(report("r5"))
mended = limited(*options)
suite.equal("another content is another file", (mended.returncode, "r5" in reports("t.db")), (0, True))
os.unlink("in/0.xml")
with open("in/5.xml", "wb") as f:
    f.write(COSTLY)
for _ in range(3):
    done = limited(*options)
suite.equal("it comes as a new file, and is set aside again", (done.returncode, suspects("t.db")), (0, [(20,), (30,)]))
if not SPARING:
    done = suite.run("import", "--again", *options)
    suite.equal("where it can be read after all, --again reads it", (done.returncode, "costly0" in reports("t.db")), (0, True))
    suite.equal("... and it is suspected no more", suspects("t.db"), [(30,)])

# --- mails ------------------------------------------------------------------------------------------------------------
server = Server([messages.report_mail(0), messages.report_mail(1), COSTLY_MAIL, messages.report_mail(3), messages.report_mail(4)])
options = ("--db", "mails.db", "--timeout", "60", "--retries", "0", server.url())
first, second, third = limited(*options), limited(*options), limited(*options)
suite.equal("two imports are killed at a mail", (first.returncode < 0, second.returncode < 0), (True, True))
suite.equal("the third one sets it aside and has all others", (third.returncode, sorted(reports("mails.db"))),
            (3, ["report-0", "report-1", "report-3", "report-4"]))
suite.check("... with its place", ": uid 3: the mail: rejected: set aside" in third.stderr.decode(), third.stderr)
if not SPARING:
    done = suite.run("import", "--again", *options)
    suite.equal("--again reads it", (done.returncode, "costly0" in reports("mails.db")), (0, True))
    suite.equal("... and it is suspected no more", suspects("mails.db"), [])

# --- killed by somebody who has nothing against the input -------------------------------------------------------------
MARK_BYTES = 512  # the last one is the weight


def at_work(db):
    """The weight of the first mark; 0 without one."""
    try:
        with open(db + "-at-work", "rb") as f:
            mark = f.read(MARK_BYTES)
    except FileNotFoundError:
        return 0
    return mark[-1] if len(mark) == MARK_BYTES and mark[0] else 0


def children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
        return [int(word) for word in f.read().split()]


def kill_at(weight, db, path):
    """Where a process apart reads; it is held, so that it is at work for as long as it takes."""
    process = subprocess.Popen([suite.binary, "import", "--db", db, path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=suite.environment)
    held = set()
    while process.poll() is None and at_work(db) < weight:
        if at_work(db):
            for child in children(process.pid):
                for one in {*children(child), child} - held:
                    held.add(one)
                    os.kill(one, signal.SIGSTOP)
        time.sleep(0.005)
    process.kill()
    was_killed = process.wait() == -signal.SIGKILL
    for pid in held:
        os.kill(pid, signal.SIGKILL)
    suite.run("import", "--db", db, "nothing")  # which counts what that one left, and has nothing at work itself
    return was_killed


os.mkdir("nothing")
os.mkdir("slow")
with open("slow/1.xml", "wb") as f:
    f.write(costly(1))
suite.equal("imports are killed soon after they began a file", [kill_at(1, "soon.db", "slow") for _ in range(5)], [True] * 5)
done = suite.run("import", "--db", "soon.db", "slow")
suite.equal("... which the next one imports like any other", (done.returncode, reports("soon.db"), suspects("soon.db")), (0, ["costly0"], []))
if not SPARING:
    suite.equal("two are killed at one that they had read for long", [kill_at(10, "late.db", "slow") for _ in range(2)], [True] * 2)
    done = suite.run("import", "--db", "late.db", "slow")
    suite.equal("... which the next one sets aside", (done.returncode, reports("late.db"), suspects("late.db")), (3, [], [(20,)]))

# --- one that ends in order -------------------------------------------------------------------------------------------
suite.equal("what ends in order leaves no mark", (suite.run("import", "--db", "ok.db", "in/1.xml").returncode, suspects("ok.db"),
            os.path.exists("ok.db-at-work")), (0, [], False))
suite.finish()

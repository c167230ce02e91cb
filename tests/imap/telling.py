#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What import tells of mailboxes: logins that are refused, without the secret; outcomes; and what --watch notices."""
import base64
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import messages  # noqa: E402
from harness import Suite  # noqa: E402
from scripted import Server  # noqa: E402

s = Suite()
SECRET = 'corr"ect\\horse'
s.environment.update(DMARCCTL_PASSWORD=SECRET, no_proxy="*")
FIVE = [messages.report_mail(n) for n in range(5)]


def run(server, *args, db, folder="INBOX", **more):
    return s.run("import", "--db", db, "--timeout", "5", "--retries", "0", *args, server.url(folder), **more)


def reports(db):
    try:
        with sqlite3.connect(db) as c:
            return [row[0] for row in c.execute("SELECT report_id FROM report ORDER BY id")]
    except sqlite3.Error:
        return []


def logins(server):
    return len([c for c in server.log if c.startswith(("AUTHENTICATE", "LOGIN"))])


# --- secrets ----------------------------------------------------------------------------------------------------------
encoded = base64.b64encode(SECRET.encode()).decode()
plain = base64.b64encode(b"\0joe\0" + SECRET.encode()).decode()
for name, echo in (("as it is", SECRET), ("quoted", 'LOGIN joe "corr\\"ect\\\\horse"'), ("in base64", encoded),
                   ("in a line of SASL", "AUTHENTICATE PLAIN " + plain), ("in a word of others", "x/y" + plain),
                   ("cut off", "y" * 498 + SECRET)):
    done = run(Server(FIVE, answer={"AUTHENTICATE": "NO %s is wrong" % echo}), db="secret.db")
    s.check("a server repeats the password %s: it is not shown" % name,
            done.returncode == 1 and "****" in done.err and SECRET[:5] not in done.err and echo[-16:] not in done.err,
            done.err)
done = run(Server(FIVE, answer={"AUTHENTICATE": "NO LOGIN joe b7 is wrong, " + base64.b64encode(b"\0joe\0b7").decode()}),
           db="secret.db", env={"DMARCCTL_PASSWORD": "b7"})
s.check("... nor one of two letters, or where it stood", "NO LOGIN joe ** ** wrong, **********==" in done.err, done.err)
busy = Server(FIVE, answer={"AUTHENTICATE": "NO busy"})
done = run(busy, "--retries", "1", db="secret.db", env={"DMARCCTL_PASSWORD": "busy"})
s.equal("... and what a refusal means is read before it is masked: this one asks for patience",
        (len([c for c in busy.log if c.startswith("AUTHENTICATE")]), "busy" in done.err), (2, False))
TOKEN = "ya29." + "abcdefghij" * 200
bearer = base64.b64encode(b"user=joe\1auth=Bearer " + TOKEN.encode() + b"\1\1").decode()
done = run(Server(FIVE, logins="AUTH=XOAUTH2 SASL-IR", answer={"AUTHENTICATE": "NO got " + bearer}),
           "--token-command", "echo " + TOKEN, db="secret.db")
s.check("so does one with a token, in a line that is longer than what is shown",
        done.returncode == 1 and bearer[20:60] not in done.err and "access token" in done.err, done.err)
done = run(Server(FIVE, answer={"AUTHENTICATE": "NO [AUTHENTICATIONFAILED] c29tZXRoaW5nIGVsc2U= is fine"}), db="secret.db")
s.check("what is not the secret is shown", "c29tZXRoaW5nIGVsc2U=" in done.err, done.err)

# --- logins -----------------------------------------------------------------------------------------------------------
class Refusing(Server):
    """Refuses a token as Google and Microsoft do: what is wrong in base64 behind a "+", then NO."""

    def command(self, out, state, lines, tag, rest):
        if not rest.startswith("AUTHENTICATE"):
            return super().command(out, state, lines, tag, rest)
        self.log.append(rest)
        out("+ eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIn0=\r\n")
        lines.readline()
        out(tag + " NO [AUTHENTICATIONFAILED] Invalid credentials\r\n")


for method in ("XOAUTH2", "OAUTHBEARER"):
    done = run(Refusing(FIVE, logins="AUTH=%s SASL-IR" % method), "--token-command", "echo abcdef", "--auth",
               method.lower(), db="token.db")
    s.check("%s: a token that is refused is told as that" % method,
            done.returncode == 1 and "refuses the access token" in done.err and "offer" not in done.err, done.err)
locked = Server(FIVE, answer={"AUTHENTICATE": "NO [AUTHENTICATIONFAILED] Invalid credentials"})
done = run(locked, "--folder", "a", "--folder", "b", "--format", "json", db="folders.db")
s.equal("a password that is refused is tried once, not once a folder", (done.returncode, logins(locked)), (1, 1))
s.equal("... and JSON names each mailbox with its outcome",
        [(m["mailbox"].rsplit("/", 1)[1], m["outcome"], bool(m["error"])) for m in json.loads(done.out)["mailboxes"]],
        [("a", "failed", True), ("b", "failed", True), ("INBOX", "failed", True)])
done = run(locked, db="folders.db")
s.check("a run that failed does not say that there is nothing new",
        "nothing new" not in done.out and "nothing read" in done.out, done.out)
done = run(Server(FIVE), "--format", "json", db="json.db")
s.equal("a mailbox that was read is done",
        [(m["outcome"], m["error"]) for m in json.loads(done.out)["mailboxes"]], [("done", None)])
for folder in ("INBOX", "inbox", "Inbox"):
    done = run(Server(FIVE), "--after", "move:inbox", folder=folder, db="inbox.db")
    s.equal("mails of %s are not moved to inbox" % folder, (done.returncode, "to where they are" in done.err), (2, True))

# --- watching ---------------------------------------------------------------------------------------------------------
class Announcing(Server):
    """Tells of new mail at the moment it is asked to IDLE: in front of the "+", or behind it in the same packet."""
    with_plus = False

    def command(self, out, state, lines, tag, rest):
        if rest != "IDLE":
            return super().command(out, state, lines, tag, rest)
        self.log.append(rest)
        late, self.late = self.late, None
        if late:
            self.mails[len(self.mails) + 1] = late
        news = "* %d EXISTS\r\n" % len(self.mails)  # always, as some servers do
        out("+ idling\r\n" + news if self.with_plus else news + "+ idling\r\n")
        lines.readline()
        out(tag + " OK done\r\n")


def watch(server, db, seconds, done=lambda: False, args=(), **more):
    process = subprocess.Popen([s.binary, "import", "--db", db, "--watch", "--timeout", "5", "--retries", "0", *args,
                                server.url()], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=s.environment, **more)
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None and not done():
        time.sleep(0.1)
    ended = process.poll() is not None
    if not ended:
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    return ended, process.returncode, out.decode(), err.decode()


for name, with_plus in (("before", False), ("with", True)):
    db = name + ".db"
    server = Announcing(FIVE[:2], caps="IMAP4rev1 IDLE", late=FIVE[2], with_plus=with_plus)
    ended, code, out, err = watch(server, db, 40, lambda: len(reports(db)) == 3)
    s.equal("mail that is announced %s the \"+\" of IDLE is imported at once" % name, (len(reports(db)), code), (3, 0))
    s.equal("... and what was known already is no news: it waits", server.log.count("IDLE"), 2)
    s.check("what is told carries a time", out[:2] == "20" and out[19:29] == "Z Imported", out, err)
refused = Server(FIVE, answer={"AUTHENTICATE": "NO [AUTHENTICATIONFAILED] Invalid credentials"})
ended, code, out, err = watch(refused, "refused.db", 40, args=("--folder", "a", "--folder", "b"))
s.equal("a refused password ends it, after one try", (ended, code, logins(refused)), (True, 1, 1))

# --- a full disk ------------------------------------------------------------------------------------------------------
# A file has a largest size (setrlimit(2)) in place of the disk, at different moments of the turn.
FOUR_HUNDRED = [messages.report_mail(n) for n in range(400)]
run(Server(FOUR_HUNDRED), db="whole.db")
for share in (0.5, 0.7):
    size, db = int(os.path.getsize("whole.db") * share), "full-%s.db" % share
    server = Server(FOUR_HUNDRED)
    ended, code, out, err = watch(server, db, 60, args=("--after", "delete"), preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_FSIZE, (size, size)))
    left = len(server.mails)
    s.check("a full disk (%d bytes) ends --watch with the reason, and nothing is said to be imported" % size,
            (ended, code, out) == (True, 1, "") and "disk" in err and err[10:12] == "20", ended, code, out, err)
    s.check("... no mail goes whose report is not there", left + len(reports(db)) >= 400, left, len(reports(db)))
    if left:
        done = run(server, "--after", "delete", db=db)
        s.equal("... and the next import has all", (done.returncode, len(set(reports(db))), server.mails), (0, 400, {}))

# --- several accounts -------------------------------------------------------------------------------------------------
def begin(*args):
    return subprocess.Popen([s.binary, "import", "--timeout", "25", "--retries", "0", *args], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env=s.environment)


def stored_within(process, db, count, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None and len(reports(db)) < count:
        time.sleep(0.1)
    return len(reports(db)), process.poll()


for word in ("EXAMINE", "FETCH"):
    for way in ((), ("--watch",)):
        db = "silent-%s%s.db" % (word, "".join(way))
        process = begin("--db", db, *way, Server(FIVE, silent_at=word).url(), Server(FIVE).url())
        s.equal("a server that is silent at %s holds up no other account%s" % (word, " of a watch" if way else ""),
                stored_within(process, db, 5, 15), (5, None))
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=10)
        s.equal("... and a signal ends both", code, 0 if way else 130)
db = "many.db"
many = [[messages.report_mail(1000 * n + i) for i in range(60)] for n in range(3)]
done = s.run("import", "--db", db, "--format", "json", *[Server(mails).url() for mails in many])
s.equal("accounts that are read at the same time lose nothing and store nothing twice",
        (done.returncode, len(set(reports(db))), json.loads(done.out)["reports"], json.loads(done.out)["mails"],
         [m["outcome"] for m in json.loads(done.out)["mailboxes"]]), (0, 180, 180, 180, ["done"] * 3))
denied = Server(FIVE, answer={"AUTHENTICATE": "NO [AUTHENTICATIONFAILED] Invalid credentials"})
process = begin("--db", "denied.db", "--watch", denied.url(), Server(FIVE).url())
s.equal("a refused password ends the watch of its own account alone", stored_within(process, "denied.db", 5, 15), (5, None))
time.sleep(1)
s.equal("... which is tried once", (process.poll(), logins(denied)), (None, 1))
process.send_signal(signal.SIGTERM)
process.communicate(timeout=10)

# --- another process --------------------------------------------------------------------------------------------------
server = Server(FIVE)
run(server, db="locked.db")
server.mails[6] = messages.report_mail(6)
holder = sqlite3.connect("locked.db", isolation_level=None)
holder.execute("BEGIN IMMEDIATE")
with open("said", "w") as said:
    process = subprocess.Popen([s.binary, "import", "--db", "locked.db", server.url()], stdout=subprocess.PIPE,
                               stderr=said, env=s.environment)
WAITS = "waiting for another process that is writing to locked.db"
for _ in range(600):
    if WAITS in open("said").read():
        break
    time.sleep(0.1)
process.send_signal(signal.SIGTERM)
begun = time.monotonic()
process.communicate(timeout=120)  # the database would be waited for five minutes
s.equal("SIGTERM ends a wait for the database at once", (process.returncode, time.monotonic() - begun < 60), (130, True))
s.equal("... which was told, once", open("said").read().count(WAITS), 1)
holder.execute("ROLLBACK")
done = run(server, db="locked.db")
s.equal("... and nothing is lost", (done.returncode, len(reports("locked.db"))), (0, 6))
s.finish()

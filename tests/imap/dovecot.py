#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""import from a real mail server (Dovecot): logins, certificates, folders, cursor, and what becomes of the mails."""
import fcntl
import os
import re
import shutil
import signal
import sqlite3
import stat
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import corpus  # noqa: E402
import messages  # noqa: E402
import servers  # noqa: E402
from harness import Suite  # noqa: E402

if not servers.have_dovecot():
    print("1..0 # SKIP dovecot or openssl is missing (Debian: dovecot-imapd, openssl)")
    sys.exit(0)

s = Suite()
# A proxy of the machine is not asked for loopback.
s.environment.update(DMARCCTL_PASSWORD=servers.PASSWORD, no_proxy="*")
CA = None


def import_from(server, *args, db="a.db", folder="", scheme="imaps", ca=True, **more):
    trust = ["--ca-file", authority.ca] if ca else []
    return s.run("import", "--db", db, *trust, "--timeout", "20", *args, server.url(folder, scheme), **more)


def reports(db):
    if not os.path.exists(db):
        return []
    with sqlite3.connect(db) as c:
        return [row[0] for row in c.execute("SELECT report_id FROM report ORDER BY id")]


def query(db, sql):
    with sqlite3.connect(db) as c:
        return c.execute(sql).fetchall()


def documents(done):
    found = re.search(r"(\d+) documents? in (\d+) mails?", done.out)
    return (int(found.group(1)), int(found.group(2))) if found else None


authority = servers.Authority(s.folder)
tokens = servers.TokenService()
dovecot = servers.Dovecot(authority, tokens.port)
others = []
try:
    # --- reading -----------------------------------------------------------------------------------------------------
    kinds = ["gzip", "zip", "xml"]
    dovecot.put([messages.report_mail(n, kinds[n % 3]) for n in range(200)])
    dovecot.put([messages.plain_mail(), messages.broken_mail(), messages.report_mail(0)])
    done = import_from(dovecot)
    s.equal("200 mails with reports, one without and a broken one: exit status 3", done.returncode, 3)
    s.equal("each report is there once", sorted(reports("a.db")), sorted("report-%d" % n for n in range(200)))
    s.check("the sum says what the mails were", "200 new, 1 duplicate, 1 rejected, 1 without a report" in done.out,
            done.out)
    s.check("reading changes nothing on the server: no mail is \\Seen",
            not any("\\Seen" in flags for flags in dovecot.subjects().values()), dovecot.subjects())
    origin = query("a.db", "SELECT origin FROM document WHERE outcome = 'rejected'")[0][0]
    s.check("the ledger names URL, uid, Message-ID and part",
            re.match(r"imaps://joe%40example\.com@127\.0\.0\.1:\d+/INBOX: uid 202: "
                     r"<broken@receiver\.example\.net>: part 2 ",
                     origin), origin)
    done = import_from(dovecot)
    s.equal("a second run fetches nothing", documents(done), (0, 0))
    s.equal("... and succeeds", done.returncode, 0)
    dovecot.put([messages.report_mail(200)])
    done = import_from(dovecot)
    s.equal("a new mail is all that a third run fetches", documents(done), (1, 1))
    s.equal("JSON counts mails", s.run("import", "--db", "json.db", "--ca-file", authority.ca, "--format", "json",
                                       dovecot.url()).out.count('"mails":204'), 1)
    for jobs in ("1", "3"):
        import_from(dovecot, "--jobs", jobs, db="jobs%s.db" % jobs)
    s.equal("the result does not depend on --jobs", reports("jobs1.db"), reports("jobs3.db"))
    done = import_from(dovecot, "--dry-run", db="none.db")
    s.check("a dry run counts and writes nothing", "Would import 201 reports" in done.out
            and not os.path.exists("none.db"),
            done.out, done.err)
    done = import_from(dovecot, "--max-mail-size", "900", db="small.db")
    s.check("a mail above --max-mail-size is told with its size", done.returncode == 3
            and "--max-mail-size" in done.err,
            done.err)
    s.equal("... and the cursor goes on", documents(import_from(dovecot, "--max-mail-size", "900", db="small.db")),
            (0, 0))
    large = messages.report_mail(0, prefix="large", pad=3 << 20)
    dovecot.create("Large")
    dovecot.put([large, messages.report_mail(1, prefix="large")], "Large")
    done = import_from(dovecot, folder="Large", db="large.db")
    s.equal("a mail of 4 MB is read", reports("large.db"), ["large-0", "large-1"])

    # --- real documents ----------------------------------------------------------------------------------------------
    if corpus.at_hand():
        sent = corpus.mails()
        dovecot.create("Corpus")
        dovecot.put(sent, "Corpus")
        import_from(dovecot, folder="Corpus", db="served.db")
        corpus.compare(s, "dovecot", sent, "served.db", 1000)
    else:
        print(corpus.SKIP)

    # --- logging in --------------------------------------------------------------------------------------------------
    logins = [("STARTTLS", ["imap"], []), ("PLAIN", ["imaps"], ["--auth", "plain"]),
              ("LOGIN", ["imaps"], ["--auth", "login"])]
    for name, (scheme,), options in logins:
        done = import_from(dovecot, *options, scheme=scheme, db="login-%s.db" % name, folder="Large")
        s.equal("%s logs in" % name, (done.returncode, len(reports("login-%s.db" % name))), (0, 2))
    for method in ("xoauth2", "oauthbearer"):
        done = import_from(dovecot, "--auth", method, "--token-command", "printf '%s\\nnotes' " + servers.TOKEN,
                           folder="Large",
                           db="login-%s.db" % method)
        s.equal("%s logs in with a token" % method, (done.returncode, len(reports("login-%s.db" % method))), (0, 2))
        s.check("... by this method indeed", "method=" + method.upper() in dovecot.log(), dovecot.log())
    no_password = {"env": {"DMARCCTL_PASSWORD": ""}}
    with open("secret", "w") as f:
        f.write(servers.PASSWORD + "\nnotes\n")
    os.chmod("secret", 0o644)
    done = import_from(dovecot, "--password-file", "secret", folder="Large", db="file.db", **no_password)
    s.check("a password file that others may read is refused", done.returncode == 1
            and "others may read it" in done.err,
            done.err)
    os.chmod("secret", 0o600)
    done = import_from(dovecot, "--password-file", "secret", folder="Large", db="file.db", **no_password)
    s.equal("one that only we can read is taken", done.returncode, 0)
    done = import_from(dovecot, "--password-command", "cat secret", folder="Large", db="command.db", **no_password)
    s.equal("a password command is asked", done.returncode, 0)
    done = import_from(dovecot, "--password-command", "exit 7", folder="Large", db="command.db", **no_password)
    s.check("a password command that fails is told", "the password command: ended with status 7" in done.err, done.err)
    with open(".netrc", "w") as f:
        f.write("machine 127.0.0.1 login %s password \"%s\"\n" % (servers.USER, servers.PASSWORD))
    os.chmod(".netrc", stat.S_IRUSR | stat.S_IWUSR)
    done = import_from(dovecot, folder="Large", db="netrc.db", **no_password)
    s.equal("~/.netrc is read", (done.returncode, done.err), (0, ""))
    os.unlink(".netrc")
    done = import_from(dovecot, folder="Large", db="netrc.db", **no_password)
    s.check("no password at all is told with the ways to give one",
            done.returncode == 1 and "--password-command" in done.err, done.err)
    done = import_from(dovecot, folder="Large", db="wrong.db", env={"DMARCCTL_PASSWORD": "wrong horse"})
    s.check("a wrong password is told in the server's own words",
            done.returncode == 1 and "NO [AUTHENTICATIONFAILED] Authentication failed." in done.err, done.err)
    s.check("... and not repeated", "horse" not in done.err + done.out, done.err)
    secret_url = dovecot.url().replace("@127", ":hunter2@127")
    done = s.run("import", "--db", "url.db", secret_url)
    s.check("a password in the URL is refused, with advice, and not repeated",
            done.returncode == 2 and "--password-command" in done.err and "hunter2" not in done.err, done.err)

    # --- certificates ------------------------------------------------------------------------------------------------
    done = import_from(dovecot, ca=False, folder="Large", db="tls.db")
    s.check("a certificate of an unknown authority is refused", done.returncode == 1 and "certificate" in done.err,
            done.err)
    os.mkdir("elsewhere")
    done = import_from(dovecot, "--ca-file", servers.Authority("elsewhere").ca, ca=False, folder="Large", db="tls.db")
    s.check("so is one of another authority than --ca-file has", done.returncode == 1 and "certificate" in done.err,
            done.err)
    for scheme in ("imaps", "imap"):
        done = import_from(dovecot, "--pin", authority.pin(), ca=False, scheme=scheme, folder="Large", db="pin.db")
        s.equal("%s: the right pin alone is enough" % scheme, (done.returncode, done.err), (0, ""))
        done = import_from(dovecot, "--pin", "sha256//" + "A" * 43 + "=", ca=False, scheme=scheme, folder="Large",
                           db="tls.db")
        s.check("%s: a wrong pin is refused" % scheme, done.returncode == 1 and "public key" in done.err, done.err)
    done = import_from(dovecot, "--pin", authority.pin(), "--ca-file", "elsewhere/ca.pem", ca=False, folder="Large",
                       db="tls.db")
    s.check("a pin beside --ca-file does not replace it", done.returncode == 1 and "certificate" in done.err, done.err)
    s.equal("none of these stored anything", reports("tls.db"), [])

    # --- folders -----------------------------------------------------------------------------------------------------
    dovecot.create("DMARC reports", "Отчёты/日本 & more", "Plain")
    dovecot.put([messages.report_mail(1, prefix="blank")], "DMARC reports")
    unicode_path = [os.path.join(top, f) for top, fs, _ in os.walk(dovecot.mail) for f in fs if f == "cur"
                    and "&-" in top]
    dovecot.put([messages.report_mail(1, prefix="unicode")],
                os.path.relpath(os.path.dirname(unicode_path[0]), dovecot.mail))
    dovecot.put([messages.report_mail(1, prefix="plain")], "Plain")
    done = import_from(dovecot, "--folder", "DMARC reports", "--folder", "Plain", folder="Отчёты/日本 & more",
                       db="folders.db")
    s.equal("folders with blanks, other scripts and '&' are read, several at once", sorted(reports("folders.db")),
            ["blank-1", "plain-1", "unicode-1"])
    s.equal("the cursor knows them by their names",
            sorted(row[0] for row in query("folders.db", "SELECT folder FROM mailbox")),
            ["DMARC reports", "Plain", "Отчёты/日本 & more"])
    done = import_from(dovecot, "--folder", "No such", folder="Plain", db="folders2.db")
    s.check("a folder that does not exist is told with those that do", done.returncode == 1 and
            'there is no folder "No such"' in done.err and "DMARC reports" in done.err and "日本 & more" in done.err,
            done.err)
    s.equal("... and does not keep the others from being read", reports("folders2.db"), ["plain-1"])
    dotted = servers.Dovecot(authority, separator=".")
    others.append(dotted)
    dotted.create("Archive.DMARC")
    dotted.put([messages.report_mail(1, prefix="dotted")], ".Archive.DMARC")
    done = import_from(dotted, "--after", "move:Archive/Done", folder="Archive/DMARC", db="dotted.db")
    s.equal("'/' is the server's own sign between levels", (reports("dotted.db"), dotted.count("Archive.Done")),
            (["dotted-1"], 1))
    done = s.run("import", "--db", "two.db", "--ca-file", authority.ca, "imaps://joe@127.0.0.1:1/",
                 dovecot.url("Plain"),
                 "--retries", "0")
    s.equal("an account that fails does not stop the next one", (done.returncode, reports("two.db")), (1, ["plain-1"]))

    # --- what becomes of the mails -----------------------------------------------------------------------------------
    def fill(folder, server=dovecot):
        server.create(folder)
        server.put([messages.report_mail(n, prefix=folder) for n in range(5)] + [messages.plain_mail(),
                                                                                 messages.broken_mail()], folder)

    fill("move")
    done = import_from(dovecot, "--after", "move:Done/moved", folder="move", db="after.db")
    s.equal("move: mails with stored reports are moved to a folder that is made for it",
            (dovecot.count("Done/moved"), sorted(dovecot.subjects("move"))), (5, ["Lunch", "broken"]))
    s.equal("... and nothing is left to do", query("after.db", "SELECT * FROM mailbox_task"), [])
    fill("failed")
    done = import_from(dovecot, "--after", "move:Done/moved", "--failed-folder", "Failed mails", folder="failed",
                       db="after.db")
    s.equal("--failed-folder: the others are moved there",
            (dovecot.count("failed"), dovecot.count("Done/moved"), sorted(dovecot.subjects("Failed mails"))),
            (0, 10, ["Lunch", "broken"]))
    fill("flag")
    done = import_from(dovecot, "--after", "flag", folder="flag", db="after.db")
    s.equal("flag: sets a keyword on the mails with stored reports",
            sorted(k for k, v in dovecot.subjects("flag").items() if "$dmarcctl" in v),
            ["flag %d" % n for n in range(5)])
    fill("seen")
    import_from(dovecot, "--after", "flag:seen", folder="seen", db="after.db")
    s.equal("flag:seen marks them as read", sum("\\Seen" in v for v in dovecot.subjects("seen").values()), 5)
    fill("delete")
    import_from(dovecot, "--after", "delete", folder="delete", db="after.db")
    s.equal("delete: deletes them and nothing else", sorted(dovecot.subjects("delete")), ["Lunch", "broken"])
    dovecot.create("damaged")
    dovecot.put([messages.report_mail(1, prefix="whole"), messages.damaged_mail(1)], "damaged")
    done = import_from(dovecot, "--after", "delete", folder="damaged", db="after.db")
    s.equal("a mail whose report is damaged is the only place that has the rest: it stays",
            (done.returncode, sorted(dovecot.subjects("damaged"))), (0, ["damaged 1"]))
    basic = "IMAP4rev1 SASL-IR LITERAL+"
    copying = servers.Dovecot(authority, more="imap_capability = %s UIDPLUS" % basic)
    others.append(copying)
    fill("move", copying)
    import_from(copying, "--after", "move:Done", folder="move", db="copying.db")
    s.equal("a server without MOVE: copied and expunged", (copying.count("Done"), sorted(copying.subjects("move"))),
            (5, ["Lunch", "broken"]))
    poor = servers.Dovecot(authority, more="imap_capability = " + basic)
    others.append(poor)
    fill("move", poor)
    done = import_from(poor, "--after", "move:Done", folder="move", db="poor.db")
    s.equal("a server without UIDPLUS: copied and flagged as deleted, nothing is expunged",
            (poor.count("Done"), poor.count("move"), sum("\\Deleted" in v for v in poor.subjects("move").values())),
            (5, 7, 5))
    s.check("... which is said", "no UIDPLUS" in done.err, done.err)
    done = import_from(dovecot, "--after", "move:Plain", folder="Plain", db="after.db")
    s.equal("moving mails to where they are is refused", done.returncode, 2)
    fill("later")
    import_from(dovecot, folder="later", db="later.db")
    done = import_from(dovecot, "--after", "delete", folder="later", db="later.db")
    s.equal("mails of a run without --after are left alone by later ones", dovecot.count("later"), 7)

    # --- a mail that cannot be given ---------------------------------------------------------------------------------
    dovecot.create("locked")
    dovecot.put([messages.report_mail(n, prefix="locked") for n in range(60)], "locked")
    new = os.path.join(dovecot.directory("locked"), "new")
    os.chmod(os.path.join(new, sorted(os.listdir(new))[41]), 0)
    done = import_from(dovecot, folder="locked", db="locked.db")
    s.equal("a mail over which the server hangs up is passed over, the rest is read",
            (done.returncode, len(reports("locked.db")), "locked-41" in reports("locked.db")), (3, 59, False))
    done = s.run("errors", "--db", "locked.db", "--format", "json")
    s.check("... and listed with the server's words", "uid 42" in done.out and "BYE FETCH failed" in done.out, done.out)

    # --- numbered anew -----------------------------------------------------------------------------------------------
    uidlist = os.path.join(dovecot.mail, "Plain", "dovecot-uidlist")
    import_from(dovecot, folder="Plain", db="anew.db")
    dovecot.halt()
    with open(uidlist) as f:
        text = f.read()
    with open(uidlist, "w") as f:
        f.write(re.sub(r" V\d+ ", " V12345 ", text, count=1))
    for name in os.listdir(os.path.join(dovecot.mail, "Plain")):
        if name.startswith("dovecot.index"):
            os.unlink(os.path.join(dovecot.mail, "Plain", name))
    dovecot.own(uidlist)
    dovecot.start()
    done = import_from(dovecot, folder="Plain", db="anew.db")
    s.check("a changed UIDVALIDITY is told, and the folder read again",
            "numbered its mails anew (UIDVALIDITY 12345" in done.err and documents(done) == (1, 1), done.err, done.out)
    s.check("... with duplicates for what is known", "1 duplicate" in done.out and reports("anew.db") == ["plain-1"],
            done.out)

    # --- at the same time --------------------------------------------------------------------------------------------
    with sqlite3.connect("later.db") as c:
        number = c.execute("SELECT id FROM mailbox WHERE folder = 'later'").fetchone()[0]
    fd = os.open("later.db-mailboxes", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.fcntl(fd, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, number, 1, 0))  # F_OFD_SETLK
    done = import_from(dovecot, folder="later", db="later.db")
    s.equal("a folder that another import reads is left to it, exit status 0", (done.returncode, documents(done)),
            (0, (0, 0)))
    s.check("... which is said", "another import reads it" in done.err, done.err)
    os.close(fd)

    # --- watching ----------------------------------------------------------------------------------------------------
    def watch(server, folder, db):
        return subprocess.Popen([s.binary, "import", "--db", db, "--ca-file", authority.ca, "--watch", "--after",
                                 "move:Done",
                                 "--folder", "also watched", server.url(folder)], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, env=s.environment)

    def await_reports(db, count):
        for _ in range(100):
            try:
                if len(reports(db)) >= count:
                    return True
            except sqlite3.Error:
                pass
            time.sleep(0.1)
        return False

    dovecot.create("watched", "also watched")
    dovecot.put([messages.report_mail(0, prefix="watched")], "watched")
    service = watch(dovecot, "watched", "watch.db")
    s.check("--watch imports what is there", await_reports("watch.db", 1))
    time.sleep(0.5)
    dovecot.put([messages.report_mail(1, prefix="watched")], "watched")
    s.check("... and what comes, at once", await_reports("watch.db", 2))
    dovecot.put([messages.report_mail(9, prefix="watched")], "also watched")
    s.check("... in another folder too", await_reports("watch.db", 3))
    done = import_from(dovecot, folder="watched", db="watch.db")
    s.equal("meanwhile another import leaves the folder to it",
            (done.returncode, "another import reads it" in done.err), (0, True))
    dovecot.halt()
    dovecot.start()
    dovecot.put([messages.report_mail(2, prefix="watched")], "watched")
    s.check("... also after the server was restarted", await_reports("watch.db", 4))
    time.sleep(0.5)
    service.send_signal(signal.SIGTERM)
    out, err = service.communicate(timeout=20)
    s.equal("SIGTERM ends it cleanly", service.returncode, 0)
    s.check("each round is told", out.count(b"Imported 1 report") >= 2, out, err)
    s.equal("... and the mails were moved", dovecot.count("watched"), 0)

    # --- restored from a backup --------------------------------------------------------------------------------------
    dovecot.create("restored")
    dovecot.put([messages.report_mail(n, prefix="restored") for n in range(4)], "restored")
    import_from(dovecot, folder="restored", db="restored.db")
    dovecot.halt()
    backup = os.path.join(s.folder, "backup")
    shutil.copytree(dovecot.directory("restored"), backup)
    dovecot.start()
    dovecot.put([messages.report_mail(n, prefix="restored") for n in range(4, 7)], "restored")
    import_from(dovecot, folder="restored", db="restored.db")
    dovecot.halt()
    shutil.rmtree(dovecot.directory("restored"))
    shutil.copytree(backup, dovecot.directory("restored"))
    dovecot.own(dovecot.directory("restored"))
    dovecot.start()
    dovecot.put([messages.report_mail(n, prefix="restored") for n in range(7, 11)], "restored")
    done = import_from(dovecot, folder="restored", db="restored.db")
    s.equal("a folder that was restored from a backup and has grown since is read again",
            (done.returncode, sorted(reports("restored.db")), "the folder was restored" in done.err),
            (0, sorted("restored-%d" % n for n in range(11)), True))
    done = import_from(dovecot, folder="restored", db="restored.db")
    s.equal("... once", (done.returncode, done.err), (0, ""))

    # --- killed ------------------------------------------------------------------------------------------------------
    dovecot.create("killed")
    dovecot.put([messages.report_mail(n, prefix="killed") for n in range(400)], "killed")
    delays = [0.02, 0.04, 0.05, 0.06, 0.07, 0.08, 0.1, 0.12, 0.15, 0.2]
    killed = 0
    for delay in delays:
        process = subprocess.Popen([s.binary, "import", "--db", "killed.db", "--ca-file", authority.ca, "--after",
                                    "move:Done/killed",
                                    dovecot.url("killed")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env=s.environment)
        time.sleep(delay)
        killed += process.poll() is None
        process.kill()
        process.wait()
    done = import_from(dovecot, "--after", "move:Done/killed", folder="killed", db="killed.db")
    s.check("runs were killed", killed >= 3, killed)
    s.equal("after kill -9 at many moments each report is there once",
            sorted(reports("killed.db")), sorted("killed-%d" % n for n in range(400)))
    s.equal("... and each mail is where it is to be, once",
            (dovecot.count("killed"), dovecot.count("Done/killed")), (0, 400))
finally:
    for server in [dovecot, *others]:
        server.stop()
    tokens.stop()
s.finish()

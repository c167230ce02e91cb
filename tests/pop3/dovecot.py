#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""import by POP3 from a real mail server (Dovecot): logins, certificates, cursor, and what becomes of the mails."""
import os
import signal
import sqlite3
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "imap"))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import corpus  # noqa: E402
import messages  # noqa: E402
import servers  # noqa: E402
from harness import Suite  # noqa: E402

if not servers.have_dovecot() or not os.path.exists("/usr/lib/dovecot/pop3-login"):
    print("1..0 # SKIP dovecot or openssl is missing (Debian: dovecot-imapd, dovecot-pop3d, openssl)")
    sys.exit(0)

POP3 = """
protocols = imap pop3
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    address = 127.0.0.1
    port = {pop3}
  }}
  inet_listener pop3s {{
    address = 127.0.0.1
    port = {pop3s}
    ssl = yes
  }}
}}
protocol pop3 {{
  pop3_no_flag_updates = yes
}}
"""

s = Suite()
s.environment.update(DMARCCTL_PASSWORD=servers.PASSWORD, no_proxy="*")
ports = {"pop3": servers.free_port(), "pop3s": servers.free_port()}


def url(scheme="pop3s"):
    return "%s://joe%%40example.com@127.0.0.1:%d/" % (scheme, ports[scheme])


def import_from(*args, db="a.db", scheme="pop3s", ca=True, **more):
    trust = ["--ca-file", authority.ca] if ca else []
    return s.run("import", "--db", db, *trust, "--timeout", "20", *args, url(scheme), **more)


def query(db, sql):
    try:
        with sqlite3.connect("file:%s?mode=ro" % db, uri=True) as c:
            return c.execute(sql).fetchall()
    except sqlite3.OperationalError:
        return []  # a run that was killed may not have come to it


def reports(db):
    return [row[0] for row in query(db, "SELECT report_id FROM report ORDER BY id")]


authority = servers.Authority(s.folder)
tokens = servers.TokenService()
dovecot = servers.Dovecot(authority, tokens.port, more=POP3.format(**ports))
try:
    # --- reading -----------------------------------------------------------------------------------------------------
    kinds = ["gzip", "zip", "xml"]
    dovecot.put([messages.report_mail(n, kinds[n % 3]) for n in range(100)])
    dovecot.put([messages.plain_mail(), messages.broken_mail(), messages.report_mail(0)])
    done = import_from()
    s.equal("100 mails with reports, one without and a broken one: exit status 3", done.returncode, 3)
    s.equal("each report is there once", sorted(reports("a.db")), sorted("report-%d" % n for n in range(100)))
    s.check("the sum says what the mails were", "100 new, 1 duplicate, 1 rejected, 1 without a report" in done.out,
            done.out)
    s.check("the ledger names the URL, our number and the Message-ID",
            query("a.db", "SELECT origin FROM document WHERE outcome = 'rejected'")[0][0].startswith(
                "%s: uid 102: <broken@receiver.example.net>: part 2 " % url()),
            query("a.db", "SELECT origin FROM document WHERE outcome = 'rejected'"))
    s.equal("no mail is gone, none is \\Seen",
            (dovecot.count(), any("\\Seen" in flags for flags in dovecot.subjects().values())), (102, False))
    done = import_from()
    s.check("a second run fetches nothing", "nothing new" in done.out and done.returncode == 0, done.out, done.err)
    dovecot.put([messages.report_mail(100)])
    done = import_from()
    s.check("a new mail is all that a third run fetches", "1 document in 1 mail" in done.out, done.out)
    dovecot.doveadm("expunge", "-u", servers.USER, "mailbox", "INBOX", "header", "subject", "report 99")
    import_from()
    s.equal("what is no longer on the server is forgotten",
            query("a.db", "SELECT count(*), count(*) FILTER (WHERE uid = 100) FROM mailbox_name"),
            [(103, 0)])
    done = import_from("--dry-run", db="none.db")
    s.check("a dry run counts and writes nothing", "Would import 100 reports" in done.out
            and not os.path.exists("none.db"), done.out, done.err)
    done = import_from("--max-mail-size", "900", db="small.db")
    s.check("a mail above --max-mail-size is told with its size", done.returncode == 3
            and "--max-mail-size" in done.err, done.err)
    done = import_from("--most", "40", db="most.db")
    s.equal("--most reads so many", len(reports("most.db")), 40)
    import_from("--most", "40", db="most.db")
    s.equal("... and goes on behind them", len(reports("most.db")), 80)
    status = s.rows("status", "--db", "a.db")
    s.equal("status names the maildrop and how it stands",
            (status[0]["account"], status[0]["folder"], status[0]["state"], status[0]["pending_uids"]),
            ("joe@example.com@127.0.0.1:%d" % ports["pop3s"], "INBOX", "read", 0))

    # --- logging in --------------------------------------------------------------------------------------------------
    for name, scheme, options in (("STLS", "pop3", []), ("PLAIN", "pop3s", ["--auth", "plain"]),
                                  ("LOGIN", "pop3s", ["--auth", "login"])):
        done = import_from("--most", "2", *options, scheme=scheme, db="login-%s.db" % name)
        s.equal("%s logs in" % name, (done.returncode, len(reports("login-%s.db" % name))), (0, 2))
    for method in ("xoauth2", "oauthbearer"):
        done = import_from("--most", "2", "--auth", method, "--token-command", "echo " + servers.TOKEN,
                           db="login-%s.db" % method)
        s.equal("%s logs in with a token" % method, (done.returncode, len(reports("login-%s.db" % method))), (0, 2))
    done = import_from(db="wrong.db", env={"DMARCCTL_PASSWORD": "wrong horse"})
    s.check("a wrong password is told in the server's own words",
            done.returncode == 1 and "[AUTH] Authentication failed." in done.err, done.err)
    s.check("... and not repeated", "horse" not in done.err + done.out, done.err)
    done = s.run("import", "--db", "wrong.db", url().replace("@127", ":hunter2@127"))
    s.check("a password in the URL is refused, and not repeated",
            done.returncode == 2 and "--password-command" in done.err and "hunter2" not in done.err, done.err)
    done = import_from(ca=False, db="tls.db")
    s.check("a certificate of an unknown authority is refused", done.returncode == 1 and "certificate" in done.err,
            done.err)
    for scheme in ("pop3s", "pop3"):
        done = import_from("--pin", authority.pin(), "--most", "1", ca=False, scheme=scheme, db="pin.db")
        s.equal("%s: the right pin alone is enough" % scheme, (done.returncode, done.err), (0, ""))
        done = import_from("--pin", "sha256//" + "A" * 43 + "=", ca=False, scheme=scheme, db="tls.db")
        s.check("%s: a wrong pin is refused" % scheme, done.returncode == 1 and "public key" in done.err, done.err)
    s.equal("none of these stored anything", reports("tls.db"), [])

    # --- what POP3 has not -------------------------------------------------------------------------------------------
    for options, words in ((["--folder", "Reports"], "POP3 has no folders"),
                           (["--after", "move:Done"], "of --after it knows delete alone"),
                           (["--after", "flag"], "of --after it knows delete alone"),
                           (["--failed-folder", "Failed"], "--failed-folder does not go with it"),
                           (["--mail-since", "2026-10-01"], "--mail-since does not go with it")):
        done = import_from(*options, db="refused.db")
        s.check("%s is refused" % options[0], done.returncode == 2 and words in done.err, done.err)
    s.equal("... before anything is asked", os.path.exists("refused.db"), False)

    # --- deleting ----------------------------------------------------------------------------------------------------
    before = dovecot.count()
    dovecot.put([messages.report_mail(n, prefix="delete") for n in range(5)] + [messages.damaged_mail(1)])
    done = import_from("--after", "delete")
    s.equal("delete: what is stored whole goes; what was read before, and what is damaged, stays",
            (dovecot.count(), "damaged 1" in dovecot.subjects()), (before + 1, True))
    s.equal("... and nothing is left to do", query("a.db", "SELECT * FROM mailbox_task"), [])

    # --- real documents ----------------------------------------------------------------------------------------------
    if corpus.at_hand():
        dovecot.doveadm("expunge", "-u", servers.USER, "mailbox", "INBOX", "all")
        sent = corpus.mails(300)
        dovecot.put(sent)
        import_from(db="served.db")
        corpus.compare(s, "dovecot", sent, "served.db", 100)
    else:
        print(corpus.SKIP)

    # --- killed ------------------------------------------------------------------------------------------------------
    dovecot.doveadm("expunge", "-u", servers.USER, "mailbox", "INBOX", "all")
    dovecot.put([messages.report_mail(n, prefix="killed") for n in range(400)])
    began = time.monotonic()
    import_from(db="whole.db")
    whole = time.monotonic() - began
    killed = 0
    for part in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):  # of a whole run, however fast the machine is
        delay = part * whole
        process = subprocess.Popen([s.binary, "import", "--db", "killed.db", "--ca-file", authority.ca, "--after",
                                    "delete", url()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env=s.environment)
        time.sleep(delay)
        killed += process.poll() is None
        process.kill()
        process.wait()
        gone = {"killed-%d" % n for n in range(400)} - {name.replace(" ", "-") for name in dovecot.subjects()}
        s.check("killed after %g of a run: what is gone from the server is stored" % part,
                gone <= set(reports("killed.db")), gone - set(reports("killed.db")))
    done = import_from("--after", "delete", db="killed.db", env={})
    s.check("runs were killed", killed >= 3, killed)
    s.equal("after kill -9 at many moments each report is there once",
            sorted(reports("killed.db")), sorted("killed-%d" % n for n in range(400)))
    s.equal("... and each mail was deleted", dovecot.count(), 0)

    # --- watching ----------------------------------------------------------------------------------------------------
    dovecot.put([messages.report_mail(0, prefix="watched")])
    service = subprocess.Popen([s.binary, "import", "--db", "watch.db", "--ca-file", authority.ca, "--watch", url()],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=s.environment)
    for _ in range(100):
        if reports("watch.db"):
            break
        time.sleep(0.1)
    time.sleep(0.5)
    done = import_from(db="beside.db")
    s.equal("--watch imports what is there, and holds no session while it waits",
            (reports("watch.db"), done.returncode, reports("beside.db")), (["watched-0"], 0, ["watched-0"]))
    service.send_signal(signal.SIGTERM)
    out, err = service.communicate(timeout=20)
    s.equal("SIGTERM ends it cleanly", service.returncode, 0)
finally:
    dovecot.stop()
    tokens.stop()
s.finish()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""import of the mailboxes that a configuration names, from a real server: which of them, and with what."""
import os
import sqlite3
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import messages  # noqa: E402
import servers  # noqa: E402
from harness import Suite  # noqa: E402

if not servers.have_dovecot():
    print("1..0 # SKIP dovecot or openssl is missing (Debian: dovecot-imapd, openssl)")
    sys.exit(0)

s = Suite()
s.environment["no_proxy"] = "*"  # a proxy of the machine is not asked for loopback


def configure(text, name="config"):
    os.makedirs("etc", exist_ok=True)
    with open(os.path.join("etc", name), "w") as f:
        f.write(text)
    s.environment["DMARCCTL_CONFIG"] = os.path.join(s.folder, "etc", name)


def reports():
    with sqlite3.connect("etc/data.db") as c:
        return sorted(row[0] for row in c.execute("SELECT report_id FROM report"))


authority = servers.Authority(s.folder)
dovecot = servers.Dovecot(authority)
try:
    dovecot.create("DMARC Reports", "other", "more")
    dovecot.put([messages.report_mail(1)])
    dovecot.put([messages.report_mail(2)], "DMARC Reports")
    dovecot.put([messages.report_mail(3)], "other")
    with open("etc-password", "w") as f:
        f.write(servers.PASSWORD + "\n")
    os.chmod("etc-password", 0o600)
    parts = {"user": servers.USER, "imaps": dovecot.imaps_port, "imap": dovecot.imap_port, "pin": authority.pin(),
             "password": servers.PASSWORD, "url": dovecot.url("other")}
    configure("""
[defaults]
database = data.db
timeout = 20
retries = 0

[account first]
host = 127.0.0.1
port = {imaps}
user = {user}
folder = INBOX
folder = DMARC Reports
password-file = ../etc-password
ca-file = ../ca.pem

[account broken]
host = 127.0.0.1
port = {imaps}
user = {user}
folder = DMARC
password-command = echo wrong
ca-file = ../ca.pem

[account pinned]
host = 127.0.0.1
port = {imap}
tls = starttls
user = {user}
folder = other
password-command = echo '{password}'
pin = {pin}
after = move:done
""".format(**parts))
    done = s.run("config", "--check")
    s.check("the configuration is right", done.returncode == 0 and "3 accounts" in done.out, done.out, done.err)
    done = s.run("import", "--account", "first")
    s.equal("an account is read with all its folders", (done.returncode, reports()), (0, ["report-1", "report-2"]))
    s.check("in which two mails were", "2 documents in 2 mails" in done.out, done.out, done.err)
    done = s.run("import")
    s.equal("without a source every account is read, one that fails notwithstanding",
            (done.returncode, reports()), (1, ["report-1", "report-2", "report-3"]))
    s.equal("the failure is told in one line, without the secret",
            (len(done.err.splitlines()), "wrong" in done.err, servers.PASSWORD in done.err + done.out),
            (1, False, False))
    s.equal("what an account says of its mails is done", dovecot.count("done"), 1)
    s.equal("and to its own alone", dovecot.count("INBOX"), 1)
    done = s.run("import", "--quiet", "--account", "first", "--account", "pinned")
    s.equal("--quiet says nothing where all is well", (done.returncode, done.out, done.err), (0, "", ""))
    dovecot.put([messages.broken_mail()])
    done = s.run("import", "--quiet", "--account", "first")
    s.check("but does where a report cannot be read, which is its status too",
            done.returncode == 3 and "rejected" in done.err and not done.out, done.returncode, done.out, done.err)
    dovecot.put([messages.report_mail(4)], "more")
    done = s.run("import", "--quiet", "--account", "first", "--folder", "more")
    s.equal("--folder takes the place of the account's folders", (done.returncode, reports()[-1]), (0, "report-4"))
    done = s.run("import", "--quiet", "--account", "pinned", "--pin", "sha256//" + "A" * 43 + "=")
    s.check("a pin of the command line goes before the account's", done.returncode == 1 and done.err, done.err)
finally:
    dovecot.stop()
s.finish()

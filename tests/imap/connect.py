#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""config --check --connect: each account is tried, with a line for each folder, and nothing is read or changed."""
import os
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
sys.path.insert(0, os.path.join(HERE, "..", "pop3"))
import messages  # noqa: E402
import pop3_server  # noqa: E402
from authorization import CLIENT, SCOPE, SECRET, AuthorizationServer, error  # noqa: E402
from harness import Suite  # noqa: E402
from scripted import Server  # noqa: E402

s = Suite()
s.environment.update(DMARCCTL_PASSWORD="correct horse", no_proxy="*")
FIVE = [messages.report_mail(n) for n in range(5)]


def account(name, port, *lines):
    if not any(line.startswith("timeout") for line in lines):
        lines += ("timeout = 5",)
    return "[account %s]\nurl = imap://joe@127.0.0.1:%d/\n%s\n" % (name, port, "\n".join(lines))


def connect(*accounts, **more):
    with open("config", "w") as f:
        f.write("[defaults]\ndatabase = never.db\n" + "".join(accounts))
    return s.run("config", "--check", "--connect", "config", **more)


def lines(done):
    """NAME, folder and what is said of it; the first line is the file's."""
    found = []
    for line in done.out.splitlines()[1:]:
        name, url, said = line.split(": ", 2)
        found.append((name, url.split("/", 3)[3], said))
    return found


class Folders(Server):
    """Has INBOX alone."""

    def command(self, out, state, lines, tag, rest):
        if rest.startswith("EXAMINE") and "INBOX" not in rest:
            self.log.append(rest)
            return out(tag + " NO [NONEXISTENT] no such folder\r\n")
        super().command(out, state, lines, tag, rest)


def dead_port():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return closed.getsockname()[1]


# --- what is said -----------------------------------------------------------------------------------------------------
good, bare = Server(FIVE), Folders(FIVE[:1])
done = connect(account("one", good.port), account("two", bare.port, "folder = INBOX"))
s.equal("an account that opens: its folder and how many mails lie there", (done.returncode, lines(done), done.err),
        (0, [("[account one]", "INBOX", "ok: 5 mails"), ("[account two]", "INBOX", "ok: 1 mail")], ""))
s.check("the first line is that of --check", done.out.startswith("config: ok: database never.db, 2 accounts"), done.out)
s.equal("nothing is read, searched or selected for writing",
        sorted({c.split(" ")[0] for c in good.log} - {"CAPABILITY", "AUTHENTICATE", "LIST", "EXAMINE", "LOGOUT"}), [])
s.check("no database is made", not os.path.exists("never.db"))
done = connect(account("two", bare.port, "folder = INBOX", "folder = gone", "folder = lost"))
s.equal("a folder that is not there is one line, and those behind it are tried",
        (done.returncode, [(folder, said[:33]) for _, folder, said in lines(done)]),
        (1, [("INBOX", "ok: 1 mail"), ("gone", 'failed: there is no folder "gone"'),
             ("lost", 'failed: there is no folder "lost"')]))
refusing = Server(FIVE, answer={"AUTHENTICATE": "NO [AUTHENTICATIONFAILED] Invalid credentials"})
done = connect(account("first", refusing.port, "folder = a", "folder = b"), account("dead", dead_port()),
               account("last", good.port))
said = lines(done)
s.equal("accounts that fail are a line each, in the order of the file, and keep no other from being tried",
        (done.returncode, [line[:2] for line in said], said[0][2], said[2][2]),
        (1, [("[account first]", ""), ("[account dead]", ""), ("[account last]", "INBOX")],
         "failed: the login was refused: NO [AUTHENTICATIONFAILED] Invalid credentials", "ok: 5 mails"))
s.check("one where nobody listens says so", "Connection refused" in said[1][2], said)
s.equal("a login that is refused is tried once", len([c for c in refusing.log if c.startswith("AUTH")]), 1)
hostile = Server(FIVE, answer={"AUTHENTICATE": "NO \x1b[31mred correct horse"})
done = connect(account("hostile", hostile.port))
s.check("a server colours no terminal and repeats no password",
        done.returncode == 1 and "\x1b" not in done.out and "horse" not in done.out and "****" in done.out, done.out)
alert = Server(FIVE, say={"EXAMINE": ["* OK [ALERT] Quota is low"]})
done = connect(account("alert", alert.port))
s.equal("what the server wants people to see is told", (done.returncode, done.err),
        (0, "dmarcctl: [account alert]: the server says: [ALERT] Quota is low\n"))
hanging = Server(FIVE, drop_after="EXAMINE")
done = connect(account("hanging", hanging.port, "folder = INBOX", "folder = other"))
s.equal("a server that hangs up behind a folder is asked for the next one anew", (done.returncode, hanging.connections),
        (0, 2))

maildrop = pop3_server.Server(FIVE[:3])
done = connect("[account drop]\nurl = %s\ntimeout = 5\n" % maildrop.url(), account("good", good.port))
s.equal("a maildrop of POP3 is tried as well, and nothing of it is fetched or deleted",
        (done.returncode, [line[2] for line in lines(done)],
         {c.split(" ")[0].upper() for c in maildrop.log} & {"RETR", "TOP", "DELE"}), (0, ["ok: 3 mails", "ok: 5 mails"], set()))
maildrop.answer["PASS"] = lambda server, argument: ["-ERR [AUTH] no"]
maildrop.logins = ["USER"]
done = connect("[account drop]\nurl = %s\ntimeout = 5\n" % maildrop.url())
s.check("... and one that lets nobody in says so", done.returncode == 1 and "failed: the login was refused" in done.out, done.out)

# --- time -------------------------------------------------------------------------------------------------------------
silent = [Server(FIVE, silent_at="AUTHENTICATE") for _ in range(3)]
begun = time.monotonic()
done = connect(*[account("silent%d" % i, server.port, "timeout = 3") for i, server in enumerate(silent)],
               account("good", good.port))
s.equal("silent servers are waited for at the same time, and the rest is tried",
        (done.returncode, time.monotonic() - begun < 9, [line[2][:6] for line in lines(done)]),
        (1, True, ["failed", "failed", "failed", "ok: 5 "]))
many = connect(*[account("a%d" % i, good.port, "folder = f%d" % i) for i in range(20)])
s.equal("more accounts than are tried at once: each has its line, in order", [line[0] for line in lines(many)],
        ["[account a%d]" % i for i in range(20)])
with open("config", "w") as f:
    f.write(account("silent", silent[0].port, "timeout = 60"))
process = subprocess.Popen([s.binary, "config", "--check", "--connect", "config"], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, env=s.environment)
time.sleep(1)
process.send_signal(signal.SIGTERM)
begun = time.monotonic()
out, err = process.communicate(timeout=60)
s.equal("a signal ends it", (process.returncode, time.monotonic() - begun < 3, b"interrupted" in err), (130, True, True))

# --- tokens -----------------------------------------------------------------------------------------------------------
issuer = AuthorizationServer()
with open("secret", "w") as f:
    f.write(SECRET + "\n")
os.chmod("secret", 0o600)
oauth = ["oauth = %s/token" % issuer.url, "client-id = " + CLIENT, "scope = " + SCOPE, "client-secret-file = secret"]
tokens = Server(FIVE, logins="AUTH=XOAUTH2 SASL-IR")
done = connect(account("token", tokens.port, *oauth))
s.equal("an account by OAuth gets a token and opens", (done.returncode, len(issuer.tokens), lines(done)[0][2]),
        (0, 1, "ok: 5 mails"))
issuer.steps = [error("invalid_client", "AADSTS7000215: Invalid client secret provided")]
done = connect(account("token", tokens.port, *oauth))
s.check("one whose secret is wrong says so, in the words of the authorization server",
        done.returncode == 1 and "the authorization server" in done.out and "AADSTS7000215" in done.out, done.out)

# --- misuse -----------------------------------------------------------------------------------------------------------
done = connect()
s.equal("without an account there is nothing to connect to", (done.returncode, "no [account NAME]" in done.err),
        (2, True))
s.equal("--connect goes with --check", s.run("config", "--connect").returncode, 2)
s.equal("and not with a format", s.run("config", "--check", "--connect", "--format", "json").returncode, 2)
s.finish()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Accounts with OAuth, against an authorization server that checks each field and a mail server that takes its tokens
alone: import, and the verb login."""
import base64
import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import authorization  # noqa: E402
import messages  # noqa: E402
from authorization import CLIENT, CODE, SCOPE, SECRET, AuthorizationServer, error  # noqa: E402
from harness import Suite  # noqa: E402
from scripted import Server  # noqa: E402

s = Suite()
s.environment.update(no_proxy="")
FIVE = [messages.report_mail(n) for n in range(5)]
ALL_FIVE = ["report-%d" % n for n in range(5)]
said = []  # all that was ever printed


class TokenServer(Server):
    """Lets in who has the newest token of `issuer`, or for whose token `likes` holds; XOAUTH2 as Google and Microsoft have it."""
    likes = None

    def __init__(self, issuer, mails=FIVE, **options):
        self.issuer, self.given = issuer, []
        super().__init__(mails, logins="AUTH=XOAUTH2 SASL-IR", **options)

    def command(self, out, state, lines, tag, rest):
        if not rest.startswith("AUTHENTICATE"):
            return super().command(out, state, lines, tag, rest)
        self.log.append(rest)
        user, bearer = base64.b64decode(rest.split(" ")[2]).decode().rstrip("\1").split("\1")
        token = bearer.removeprefix("auth=Bearer ")
        self.given.append(token)
        newest = self.issuer.tokens[-1:] == [token]
        if user == "user=joe" and (self.likes(token) if self.likes else newest):
            return out(tag + " OK in\r\n")
        out("+ eyJzdGF0dXMiOiI0MDAifQ==\r\n")
        lines.readline()
        out("%s NO [AUTHENTICATIONFAILED] bad token %s\r\n" % (tag, token))


def write(name, text, mode=0o600):
    with open(name, "w") as f:
        f.write(text)
    os.chmod(name, mode)


def read(name):
    with open(name) as f:
        return f.read()


def configure(issuer, mail=None, more="", scope=SCOPE, secret=True, oauth=None):
    """[account work]; its database is a new one."""
    write("secret", SECRET + "\nnotes\n")
    configure.number += 1
    s.environment["DMARCCTL_DB"] = os.path.join(s.folder, "%d.db" % configure.number)
    lines = ["[account work]", "host = 127.0.0.1", "user = joe", "tls = starttls", "port = %d" % (mail.port if mail else 1),
             "retries = 0", "timeout = 5", "client-id = " + CLIENT, "oauth = " + (oauth or issuer.url + "/token")]
    lines += ["scope = " + scope] if scope else []
    lines += ["client-secret-file = secret"] if secret else []
    write("config", "\n".join(lines) + "\n" + more)
    s.environment["DMARCCTL_CONFIG"] = os.path.join(s.folder, "config")


configure.number = 0


def person(issuer, mail=None, token="refresh-0", **options):
    """An account of somebody who has logged in; None: not yet."""
    if os.path.exists("token"):
        os.remove("token")
    if token is not None:
        write("token", token + "\n")
    more = "token-file = token\ndevice-url = %s/device\n%s" % (issuer.url, options.pop("more", ""))
    configure(issuer, mail, more=more, **options)


def run(*args, **more):
    done = s.run(*args, **more)
    said.append(done.out + done.err)
    return done


def reports():
    try:
        with sqlite3.connect(s.environment["DMARCCTL_DB"]) as c:
            return [row[0] for row in c.execute("SELECT report_id FROM report ORDER BY id")]
    except sqlite3.Error:
        return []


def grants(issuer):
    return [fields["grant_type"] for path, fields in issuer.requests if path == "/token"]


def expect(sentence, issuer, is_, expected, *shown):
    s.equal(sentence, (is_, issuer.faults), (expected, []))
    for text in shown:
        if is_ != expected:
            print("# " + text[:1500].replace("\n", "\n# "))
    issuer.faults.clear()


# --- the application itself (RFC 6749 4.4) ----------------------------------------------------------------------------
issuer = AuthorizationServer()
mail = TokenServer(issuer)
configure(issuer, mail, more="folder = INBOX\nfolder = two\nauth = xoauth2\n")
done = run("import")
expect("client credentials: all is read with one token, whatever the number of folders", issuer,
       (done.returncode, reports(), grants(issuer), mail.given),
       (0, ALL_FIVE, ["client_credentials"], ["access-token-1"]), done.err)
configure(issuer, mail, secret=False, more="client-secret-command = cat secret\n")
done = run("import")
expect("the secret may come from a command", issuer, (done.returncode, reports()), (0, ALL_FIVE), done.err)
other = AuthorizationServer()
other.steps = [lambda server, fields: (server.expect("scope" not in fields, "scope"), server.success())[1]]
configure(other, TokenServer(other), scope=None)
done = run("import")
expect("no scope is sent where none is said", other, (done.returncode, reports()), (0, ALL_FIVE), done.err)

for name, step, words in (
        ("a secret that is refused", error("invalid_client", "wrong secret " + SECRET, 401), "client id or its secret"),
        ("a client that may not", error("unauthorized_client"), "does not let this client"),
        ("a scope that is not given", error("invalid_scope"), "does not give this scope"),
        ("an error of its own", error("AADSTS50049"), "AADSTS50049"),
        ("an error with status 200", error("invalid_client", status=200), "client id or its secret"),
        ("a page instead of JSON", (404, b"<html>" + SECRET.encode()), "HTTP 404"),
        ("garbage", (200, b'{"access_token": "access-token-1"'), "no JSON object"),
        ("an answer without a token", (200, {"token_type": "Bearer"}), "no access_token"),
        ("a token of another kind", (200, {"access_token": "access-token-1", "token_type": "mac"}), "not a bearer token"),
        ("a token that breaks the line", (200, {"access_token": "a\r\nB LOGOUT"}), "characters that no such text has"),
        ("a huge answer", (200, b'{"x":"' + b"x" * 200000), "larger than 65536 bytes"),
        ("a huge token", (200, {"access_token": "x" * 20000}), "has 20000 bytes"),
        ("a refusal without words", (400, {}), "without saying why (HTTP 400)")):
    issuer = AuthorizationServer(steps=[step] * 2)
    mail = TokenServer(issuer)
    configure(issuer, mail, more="folder = a\nfolder = b\n")
    done = run("import")
    s.check("%s is told, and nobody logs in" % name,
            done.returncode == 1 and words in done.err and mail.given == [] and reports() == [], done.err)
    if step[1] and isinstance(step[1], dict) and step[1].get("error") in ("invalid_client", "unauthorized_client"):
        s.equal("... and asked for once, not once a folder", len(issuer.requests), 1)

elsewhere = AuthorizationServer()
for status in (301, 302, 303, 307, 308):
    issuer = AuthorizationServer(steps=[(status, {})] * 2, headers={"Location": elsewhere.url + "/token"})
    configure(issuer, TokenServer(issuer))
    done = run("import")
    s.check("a redirect (%d) is not followed" % status,
            done.returncode == 1 and "redirect" in done.err and elsewhere.requests == [], done.err)
issuer = AuthorizationServer(steps=[(500, b"oops"), (503, {"error": "invalid_grant"}), (429, {})])
configure(issuer, TokenServer(issuer), more="")
write("config", read("config").replace("retries = 0", "retries = 3"))
begun = time.monotonic()
done = run("import")
expect("a server with a fault is asked again, like a mail server", issuer, (done.returncode, reports(), len(issuer.requests)),
       (0, ALL_FIVE, 4), done.err)
issuer = AuthorizationServer(steps=[(503, {})], headers={"Retry-After": "2"})
configure(issuer, TokenServer(issuer))
write("config", read("config").replace("retries = 0", "retries = 1"))
begun = time.monotonic()
done = run("import")
expect("Retry-After is heeded", issuer, (done.returncode, reports(), time.monotonic() - begun > 2), (0, ALL_FIVE, True),
       done.err)
with socket.socket() as closed:
    closed.bind(("127.0.0.1", 0))
    configure(None, None, oauth="http://127.0.0.1:%d/token" % closed.getsockname()[1])
    done = run("import")
    s.check("a server that is down is told", done.returncode == 1 and "the authorization server" in done.err, done.err)

# --- how long a token lasts -------------------------------------------------------------------------------------------
for name, lifetime, logins, tokens in (("is used again while it lasts", 3600, 3, 1), ("is not used when it has expired", 0, 3, 3),
                                       ("whose life is not told is used once", None, 3, 3)):
    issuer = AuthorizationServer(lifetime=lifetime)
    mail = TokenServer(issuer, cut_at=900, cuts=2)
    configure(issuer, mail)
    write("config", read("config").replace("retries = 0", "retries = 5"))
    done = run("import")
    expect("a token " + name, issuer, (done.returncode, reports(), len(mail.given), len(issuer.tokens)),
           (0, ALL_FIVE, logins, tokens), done.err)
for ahead in (-7200, 7200):
    issuer = AuthorizationServer(lifetime=600, ahead=ahead)
    mail = TokenServer(issuer, cut_at=900, cuts=2)
    configure(issuer, mail)
    write("config", read("config").replace("retries = 0", "retries = 5"))
    done = run("import")
    expect("a token lasts as long as is said, whatever time a server has (%+d s)" % ahead, issuer,
           (done.returncode, reports(), len(mail.given), len(issuer.tokens)), (0, ALL_FIVE, 3, 1), done.err)
issuer = AuthorizationServer()
mail = TokenServer(issuer, cut_at=900, cuts=1)
mail.likes = lambda token: token == issuer.tokens[-1] and mail.given.count(token) == 1  # withdrawn before its time
configure(issuer, mail)
write("config", read("config").replace("retries = 0", "retries = 2"))
done = run("import")
expect("a token that is withdrawn before its time is replaced", issuer, (done.returncode, reports(), mail.given),
       (0, ALL_FIVE, ["access-token-1", "access-token-1", "access-token-2"]), done.err)
mail = TokenServer(issuer)
mail.likes = lambda token: False
configure(issuer, mail)
done = run("import")
s.check("a mail server that refuses a new token is not asked again",
        done.returncode == 1 and len(mail.given) == 1 and "refuses the access token" in done.err, mail.given, done.err)

# --- a person (RFC 6749 6) --------------------------------------------------------------------------------------------
issuer = AuthorizationServer()
person(issuer, TokenServer(issuer))
done = run("import")
expect("a refresh token: all is read", issuer, (done.returncode, reports(), grants(issuer), read("token")),
       (0, ALL_FIVE, ["refresh_token"], "refresh-0\n"), done.err)
issuer = AuthorizationServer(secret=None)
person(issuer, TokenServer(issuer), secret=False)
done = run("import")
expect("a public client has no secret", issuer, (done.returncode, reports()), (0, ALL_FIVE), done.err)
issuer = AuthorizationServer(rotates=True, lifetime=0)
mail = TokenServer(issuer, cut_at=900, cuts=2)
person(issuer, mail)
write("config", read("config").replace("retries = 0", "retries = 5"))
done = run("import")
expect("a refresh token that is exchanged at each use is kept each time", issuer,
       (done.returncode, reports(), read("token"), stat.S_IMODE(os.stat("token").st_mode), os.path.exists("token.new")),
       (0, ALL_FIVE, "refresh-3\n", 0o600, False), done.err)
done = run("import")
expect("... and the next run goes on with it", issuer, (done.returncode, read("token")), (0, "refresh-4\n"), done.err)

issuer = AuthorizationServer(refresh="")
mail = TokenServer(issuer)
person(issuer, mail, token="refresh-secret-of-joe", more="folder = a\nfolder = b\n")
done = run("import")
s.check("one that is spent is told in a sentence with the way out",
        done.returncode == 1 and done.err.count("run 'dmarcctl login work'") == 1 and "invalid_grant" in done.err
        and "Trace" not in done.err and "refresh-secret" not in done.err and len(issuer.requests) == 1, done.err)
person(issuer, mail, token=None)
done = run("import")
s.check("so is one that is not there", done.returncode == 1 and "run 'dmarcctl login work'" in done.err, done.err)
for mode in (0o640, 0o604, 0o666):
    issuer = AuthorizationServer()
    person(issuer, TokenServer(issuer))
    os.chmod("token", mode)
    done = run("import")
    s.check("a token file that others can read (%o) is refused" % mode,
            done.returncode == 1 and "others may read it" in done.err and issuer.requests == [], done.err)
write("secret", SECRET, 0o644)
os.chmod("token", 0o600)
done = run("import")
s.check("and a secret's, too", done.returncode == 1 and "others may read it" in done.err and issuer.requests == [], done.err)

# --- kill, and two at once --------------------------------------------------------------------------------------------
def start(*args):
    return subprocess.Popen([s.binary, *args], env=s.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


issuer = AuthorizationServer(rotates=True, stall=threading.Event())
person(issuer, TokenServer(issuer))
process = start("import")
s.check("killed between the exchange and its answer", issuer.stall.wait(20))
process.send_signal(signal.SIGKILL)
process.communicate()
issuer.stall = None
s.equal("... the token file is whole, and the old one", read("token"), "refresh-0\n")
issuer.refresh = "refresh-0"  # the server takes the old one until the new one was used, as those that rotate do
done = run("import")
expect("... with which the next run goes on, over what was left", issuer, (done.returncode, reports(), read("token")),
       (0, ALL_FIVE, "refresh-1\n"), done.err)
issuer = AuthorizationServer(stall=threading.Event())
person(issuer, TokenServer(issuer))
process = start("import")
issuer.stall.wait(20)
begun = time.monotonic()
process.send_signal(signal.SIGTERM)
process.communicate()
s.equal("a signal ends the wait for a token", (process.returncode, time.monotonic() - begun < 5), (130, True))

slow = lambda server, fields: (time.sleep(1), AuthorizationServer.token(server, fields))[1]
issuer = AuthorizationServer(rotates=True, steps=[slow, slow])
mail = TokenServer(issuer)
mail.likes = lambda token: token in issuer.tokens
person(issuer, mail)
databases = [s.environment["DMARCCTL_DB"], "other.db"]
processes = [start("import", "--db", db) for db in databases]
outcomes = [(p.communicate()[1].decode(), p.returncode)[1] for p in processes]
expect("two processes with one token file take turns", issuer, (outcomes, read("token")), ([0, 0], "refresh-2\n"))

# --- logging in (RFC 8628) --------------------------------------------------------------------------------------------
pending, slower = error("authorization_pending"), error("slow_down")
device, token = AuthorizationServer.device, AuthorizationServer.token
issuer = AuthorizationServer(steps=[device, pending, pending])
mail = TokenServer(issuer)
person(issuer, mail, token=None)
done = run("login", "work")
expect("login prints page and code, waits, and keeps the refresh token", issuer,
       (done.returncode, "https://example.com/device" in done.out and CODE in done.out, read("token"),
        stat.S_IMODE(os.stat("token").st_mode), grants(issuer)),
       (0, True, "refresh-100\n", 0o600, [authorization.DEVICE_GRANT] * 3), done.out, done.err)
s.check("... and says until when", "valid until it is withdrawn" in done.out, done.out)
done = run("import")
expect("... with which import reads", issuer, (done.returncode, reports()), (0, ALL_FIVE), done.err)
issuer.steps = [device, lambda server, fields: server.success(refresh_token="refresh-7", refresh_token_expires_in=86400 * 365)]
done = run("login", "work")
expect("a login takes the place of the one before, with the end that the server says", issuer,
       (done.returncode, read("token"), "valid until 20" in done.out), (0, "refresh-7\n", True), done.out, done.err)

issuer = AuthorizationServer(steps=[device, slower])
person(issuer, token=None)
begun = time.monotonic()
done = run("login", "work")
expect("slow_down is heeded: five seconds more", issuer, (done.returncode, 7 <= time.monotonic() - begun < 15), (0, True),
       done.err)
issuer = AuthorizationServer(steps=[device, (503, b"")])
person(issuer, token=None)
begun = time.monotonic()
done = run("login", "work")
expect("after trouble it is asked half as often", issuer, (done.returncode, 3 <= time.monotonic() - begun < 10), (0, True),
       done.err)
for name, step, words in (("a person who says no", error("access_denied"), "was denied"),
                          ("a code that has expired", error("expired_token"), "has expired"),
                          ("an answer without a refresh token", lambda server, fields: server.success(), "offline_access"),
                          ("a client that is not known", error("invalid_client"), "client id")):
    issuer = AuthorizationServer(steps=[device, step])
    person(issuer, token="refresh-before")
    done = run("login", "work")
    s.check("%s ends it, and the token of before stays" % name,
            done.returncode == 1 and words in done.err and read("token") == "refresh-before\n", done.out, done.err)
    issuer.steps = [device, step]
    person(issuer, token=None)
    run("login", "work")
    s.check("... and where there was none, none is left", not os.path.exists("token") and not os.path.exists("token.new"))
issuer = AuthorizationServer(steps=[device] + [pending] * 9, expires_in=2)
person(issuer, token=None)
begun = time.monotonic()
done = run("login", "work")
s.check("nobody who types it in: it ends with the code", done.returncode == 1 and "has expired" in done.err and
        time.monotonic() - begun < 5, done.err)
issuer = AuthorizationServer(steps=[device] + [pending] * 99)
person(issuer, token=None)
process = start("login", "work")
process.stdout.readline()
process.send_signal(signal.SIGINT)
begun = time.monotonic()
process.communicate()
s.equal("SIGINT ends the wait", (process.returncode, time.monotonic() - begun < 3), (130, True))
for name, step, words in (("no device", (404, b""), "HTTP 404"), ("a code without a page", (200, {"device_code": "device-secret-1",
                           "user_code": CODE, "expires_in": 60}), "no verification_uri"),
                          ("a page that is none", (200, {"device_code": "device-secret-1", "user_code": CODE, "expires_in": 60,
                           "verification_uri": "javascript:alert(1)"}), "no page of the web"),
                          ("an address with the code that is none", (200, {"device_code": "device-secret-1", "user_code": CODE,
                           "expires_in": 60, "verification_uri": "https://example.com/", "verification_uri_complete":
                           "file:///etc/passwd"}), "no page of the web"),
                          ("a scope that a device does not get", error("invalid_scope"), "does not give this scope"),
                          ("a code that clears the screen", (200, {"user_code": "\x1b[2J"}), "characters")):
    issuer = AuthorizationServer(steps=[step])
    person(issuer, token=None)
    done = run("login", "work")
    s.check("%s is told" % name, done.returncode == 1 and words in done.err and "\x1b" not in done.err + done.out, done.err)
issuer = AuthorizationServer()
person(issuer, token=None)
os.mkdir("closed", 0o500)
write("config", read("config").replace("token-file = token", "token-file = closed/none/token"))
done = run("login", "work")
s.check("a token file that cannot be kept shows before anybody types a code",
        done.returncode == 1 and "closed/none/token" in done.err and issuer.requests == [], done.err)


# --- a token that commands keep ---------------------------------------------------------------------------------------
def keep(issuer, mail=None, read="cat kept", store="cat >kept.new && mv kept.new kept", token="refresh-0"):
    """As person(), with commands in place of the file."""
    person(issuer, mail)
    os.remove("token")
    write("kept", token + "\n")
    write("config", globals()["read"]("config").replace("token-file = token", "token-read-command = %s\n"
                                                        "token-store-command = %s" % (read, store)))


issuer = AuthorizationServer(rotates=True, lifetime=0)
mail = TokenServer(issuer, cut_at=900, cuts=2)
keep(issuer, mail)
write("config", read("config").replace("retries = 0", "retries = 5"))
done = run("import")
expect("commands fetch the refresh token, and store each new one", issuer, (done.returncode, reports(), read("kept")),
       (0, ALL_FIVE, "refresh-3\n"), done.err)
issuer = AuthorizationServer()
keep(issuer, TokenServer(issuer), store="echo stored >>stored")
done = run("import")
expect("... where there is none nothing is stored", issuer, (done.returncode, reports(), os.path.exists("stored")),
       (0, ALL_FIVE, False), done.err)
issuer = AuthorizationServer(steps=[device, pending])
keep(issuer, token="refresh-before")
done = run("login", "work")
expect("login hands it to the command", issuer, (done.returncode, read("kept"), "token-store-command has" in done.out),
       (0, "refresh-100\n", True), done.out, done.err)
issuer = AuthorizationServer(rotates=True)
keep(issuer, TokenServer(issuer), store="cat; exit 3")
done = run("import")
s.check("one that cannot store it is told, without the token", done.returncode == 1
        and "the new refresh token is not kept: the token-store-command: ended with status 3" in done.err
        and "refresh-" not in done.err + done.out, done.out, done.err)
for command, words in (("exit 4", "ended with status 4"), ("true", "its first line is empty")):
    issuer = AuthorizationServer()
    keep(issuer, TokenServer(issuer), read=command)
    done = run("import")
    s.check("one that fetches none (%s) is told with the way out" % command, done.returncode == 1 and words in done.err
            and "run 'dmarcctl login work'" in done.err and issuer.requests == [], done.err)
issuer = AuthorizationServer(rotates=True)
keep(issuer, TokenServer(issuer), store="touch begun; sleep 60")
process = start("import")
while process.poll() is None and not os.path.exists("begun"):
    time.sleep(0.05)
begun = time.monotonic()
process.send_signal(signal.SIGTERM)
process.communicate()
s.equal("a signal ends the wait for it", (process.returncode, time.monotonic() - begun < 5), (130, True))

# --- logging in by a browser (RFC 8252, RFC 7636) ---------------------------------------------------------------------
def begin_browser(issuer, token=None):
    """login, up to where it waits: the process, where the browser is sent back to, and our state."""
    person(issuer, token=token)
    write("config", read("config").replace("device-url = %s/device" % issuer.url,
                                           "authorization-url = %s/authorize?hint=x" % issuer.url))
    process = start("login", "work")
    url = re.search(r"https?://\S+", process.stdout.readline().decode()).group()
    return (process, *issuer.authorize(url))


def browse(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()


def finish(process):
    out, err = (b.decode() for b in process.communicate(timeout=30))
    said.append(out + err)
    return process.returncode, out, err


issuer = AuthorizationServer()
mail = TokenServer(issuer)
process, back, state = begin_browser(issuer)
for query in ("", "?code=stolen", "?code=stolen&state=" + "x" * 43, "favicon.ico"):
    s.equal("who comes without our state is turned away: %s" % query, browse(back + query)[0], 404)
with socket.create_connection(("127.0.0.1", int(back.rsplit(":", 1)[1].rstrip("/")))) as silent:
    silent.sendall(b"GET / HTT")
    silent.shutdown(socket.SHUT_WR)
status, page = browse(back + "?code=code%2Fsecret%201&state=" + state)
code, out, err = finish(process)
expect("a browser that brings a code is what login waits for", issuer, (code, status, "close this window" in page, read("token")),
       (0, 200, True, "refresh-200\n"), out, err)
process, back, state = begin_browser(issuer, token="refresh-before")
browse(back + "?error=access_denied&state=" + state)
code, out, err = finish(process)
expect("a person who says no there ends it, and the token of before stays", issuer,
       (code, "access_denied" in err, read("token")), (1, True, "refresh-before\n"), err)
issuer.steps = [error("invalid_grant", "code code/secret 1 is spent")]
process, back, state = begin_browser(issuer)
browse(back + "?code=code%2Fsecret%201&state=" + state)
code, out, err = finish(process)
s.check("a code that the server does not take is told, without the code", code == 1 and "invalid_grant" in err
        and "code/secret" not in err and not os.path.exists("token"), err)
process, back, state = begin_browser(issuer)
process.send_signal(signal.SIGINT)
s.equal("SIGINT ends this wait too", finish(process)[0], 130)

issuer = AuthorizationServer()
configure(issuer)
done = run("login", "work")
expect("where the application logs in by itself login says so, and tries", issuer,
       (done.returncode, "No login is needed" in done.out, "for 3600 seconds" in done.out), (0, True, True), done.out, done.err)
issuer.steps = [error("invalid_client")]
done = run("login", "work")
s.check("... which may fail", done.returncode == 1 and "client id or its secret" in done.err, done.err)
write("config", "[account plain]\nurl = imaps://joe@example.com/\n")
for args, words in ((("login", "plain"), "has no oauth"), (("login", "x"), "no [account x]"), (("login",), "ACCOUNT is missing"),
                    (("login", "a", "b"), "unexpected argument")):
    done = run(*args)
    s.check("%s: %s" % (" ".join(args), words), done.returncode == 2 and words in done.err, done.err)

# --- a certificate in place of the secret (RFC 7523) ------------------------------------------------------------------
if shutil.which("openssl"):
    import servers

    def certificate(name, *kind):
        servers.openssl("req", "-x509", *kind, "-nodes", "-days", "2", "-subj", "/CN=client", "-keyout", name + ".key",
                        "-out", name + ".pem")
        os.chmod(name + ".key", 0o600)
        os.chmod(name + ".pem", 0o600)

    def proving(issuer, mail, pem, key=None, more=""):
        configure(issuer, mail, secret=False, more="client-certificate-file = %s\n%s%s" % (
            pem, "client-key-file = %s\n" % key if key else "", more))

    certificate("rsa", "-newkey", "rsa:2048")
    certificate("curve", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
    certificate("odd", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp384r1")
    write("both.pem", read("rsa.key") + read("rsa.pem"))
    for pem, key in (("rsa.pem", "rsa.key"), ("curve.pem", "curve.key"), ("both.pem", None)):
        issuer = AuthorizationServer(certificate=pem)
        mail = TokenServer(issuer)
        proving(issuer, mail, pem, key)
        done = run("import")
        expect("the key of %s proves the application: mails are read" % pem, issuer,
               (done.returncode, reports(), grants(issuer)), (0, ALL_FIVE, ["client_credentials"]), done.err)
        issuer.steps = [lambda server, fields: error("invalid_client", "what is %s?" % fields["client_assertion"])]
        done = run("login", "work")
        assertion = issuer.requests[-1][1]["client_assertion"][:40]
        expect("... and what it signed is not shown where the server repeats it", issuer,
               (done.returncode, assertion in done.err, "****" in done.err), (1, False, True), done.err)
        done = run("login", "work")
        expect("... each time it is another one", issuer, (done.returncode, len(issuer.proofs)), (0, 3), done.err)
    for ahead in (-50, 400):
        issuer = AuthorizationServer(certificate="rsa.pem", ahead=ahead)
        proving(issuer, TokenServer(issuer), "rsa.pem", "rsa.key")
        done = run("import")
        expect("a server whose clock is %+d seconds off takes the proof" % ahead, issuer, (done.returncode, reports()),
               (0, ALL_FIVE), done.err)
    issuer = AuthorizationServer(certificate="rsa.pem", ahead=3600)
    proving(issuer, TokenServer(issuer), "rsa.pem", "rsa.key")
    done = run("import")
    expect("... where it is an hour off, it is told in the server's words", issuer, (done.returncode, reports(),
           "not within its valid time range" in done.err, len(issuer.requests)), (1, [], True, 1), done.err)
    issuer = AuthorizationServer(certificate="rsa.pem", refresh="refresh-0")
    mail = TokenServer(issuer)
    write("token", "refresh-0\n")
    proving(issuer, mail, "both.pem", more="token-file = token\ndevice-url = %s/device\n" % issuer.url)
    done = run("import")
    expect("a refresh token goes with it, too", issuer, (done.returncode, grants(issuer)), (0, ["refresh_token"]), done.err)
    servers.openssl("pkcs8", "-topk8", "-in", "rsa.key", "-out", "locked.key", "-passout", "pass:x")
    os.chmod("locked.key", 0o600)
    write("open.key", read("rsa.key"), 0o644)
    for pem, key, words in (("missing.pem", "rsa.key", "missing.pem: No such file"), ("rsa.key", "rsa.key", "no certificate"),
                            ("rsa.pem", "missing.key", "missing.key: No such file"), ("rsa.pem", None, "no private key"),
                            ("rsa.pem", "curve.key", "does not belong to its certificate"),
                            ("rsa.pem", "locked.key", "is encrypted"), ("rsa.pem", "open.key", "others may read it"),
                            ("odd.pem", "odd.key", "neither one of RSA nor of the curve P-256")):
        issuer = AuthorizationServer(certificate="rsa.pem")
        proving(issuer, None, pem, key)
        done = run("login", "work")
        expect("%s with %s: %s" % (pem, key, words), issuer, (done.returncode, words in done.err, issuer.requests),
               (1, True, []), done.err)

    authority = servers.Authority(s.folder)
    issuer = AuthorizationServer(tls=(authority.cert, authority.key))
    mail = TokenServer(issuer)
    configure(issuer, mail, more="oauth-ca-file = ca.pem\n")
    done = run("import")
    expect("an authorization server with an authority of its own", issuer, (done.returncode, reports()), (0, ALL_FIVE), done.err)
    configure(issuer, mail)
    done = run("import")
    expect("... is not trusted without oauth-ca-file", issuer, (done.returncode, "certificate" in done.err), (1, True), done.err)

# --- the configuration ------------------------------------------------------------------------------------------------
PLACE = "[account work]\nurl = imaps://joe@example.com/\n"
for text, line, words in (("client-id = x\n", 1, "client-id goes with oauth"),
                          ("oauth = google\nclient-id = x\ntoken-file = y\npassword-file = z\n", 1, "either an access token"),
                          ("oauth = google\nclient-id = x\ntoken-file = y\ntoken-command = z\n", 1, "either oauth or"),
                          ("oauth = google\nclient-id = x\ntoken-file = y\nauth = plain\n", 1, "does not go with plain"),
                          ("oauth = yahoo\n", 3, "\"yahoo\" is none of microsoft, google"),
                          ("oauth = http://example.com/token\n", 3, "without TLS"),
                          ("oauth = microsoft\ntenant = a/b\n", 4, "is no tenant"),
                          ("oauth = microsoft\nclient-id = x\nclient-secret-file = y\n", 1, "needs tenant"),
                          ("oauth = google\nclient-id = x\nclient-secret-file = y\nclient-certificate-file = z\ntoken-file = t\n", 1,
                           "one of client-secret-file"),
                          ("oauth = google\nclient-id = x\nclient-key-file = z\ntoken-file = t\n", 1, "client-key-file goes"),
                          ("token-store-command = z\n", 1, "token-store-command goes with oauth"),
                          ("oauth = google\nclient-id = x\ntoken-read-command = z\n", 1, "go together"),
                          ("oauth = google\nclient-id = x\ntoken-read-command = z\ntoken-store-command = z\ntoken-file = t\n", 1,
                           "either token-file or token-read-command"),
                          ("client-certificate-file = z\n", 1, "client-certificate-file goes with oauth"),
                          ("client-secret = hunter2\n", 3, "client-secret: has no place in this file"),
                          ("device-url = ftp://example.com/\n", 3, "is no URL of an endpoint")):
    write("config", PLACE + text)
    done = run("config", "--check")
    s.check("the configuration: %s" % words, done.returncode == 2 and words in done.err and "config:%d: " % line in done.err
            and "hunter2" not in done.err, done.err)
write("config", PLACE + "oauth = microsoft\ntenant = example.com\nclient-id = x\nclient-secret-command = echo hunter2\n")
done = run("config")
s.check("config does not show the command", done.returncode == 0 and "hunter2" not in done.out and "example.com" in done.out,
        done.out)
done = run("import", "--password-file", "x")
s.check("an option for passwords does not go with oauth", done.returncode == 2 and "either" in done.err, done.err)

everything = "".join(said)
encoded = urllib.parse.quote(SECRET, safe="")
s.check("no secret and no token was ever printed",
        not any(word in everything for word in (SECRET, encoded, "access-token-", "refresh-", "device-secret", "code/secret")),
        [line for line in everything.splitlines() if any(w in line for w in (SECRET, "access-token-", "refresh-", "device-secret"))])
s.finish()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The ways of notify where the other side takes a part, says secrets back, is slow, or is behind a proxy. What needs a
server that is not at hand is skipped, and said."""
import os
import signal
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import post  # noqa: E402
from harness import Suite, query  # noqa: E402

s = Suite()
JOE, ANN, EVE = "joe@example.com", "ann@example.net", "eve@example.org"
said = []  # all that was ever printed


def write(name, text, mode=0o600):
    with open(name, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    os.chmod(name, mode)


def notify(*args, conf, db="mail.db", **more):
    write("conf", conf)
    done = s.run("notify", "--db", db, "--config", "conf", *args, **more)
    said.append(done.out + done.err + str(query("mail.db", "SELECT error FROM notify_way")))
    return done


def trial(conf, **more):
    return notify("--test", conf="[notify me]\n" + conf, db="none.db", **more)


def failure(done):
    """What is said of it, without the way."""
    return done.err.split(": ", 2)[2].strip() if done.err.count(": ") > 1 else done.err


# --- what comes back -------------------------------------------------------------------------------------------------
def refusing(words):
    """A web service that says no, with what it makes of the request."""
    def behave(connection, head):
        body = words(head.decode("latin-1")) if callable(words) else words
        connection.sendall(("HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body))
                           .encode("latin-1"))
    return post.Listener(behave)


write("secret", "key of ours/7\n")
WEB = "to = http://127.0.0.1:%d/hooks/T0/part-of-path?key=in%%20query&v=2\nsecret-file = secret\ntoken-command = echo bearer-of-ours\n"
for what, words, told in (
        ("the whole path", lambda head: "no %s here" % head.split()[1], "no %s here" % ("*" * len("/hooks/T0/part-of-path?key=in%20query&v=2"))),
        ("a part of it", "no part-of-path in T0", "no ************ in T0"),
        ("a value of the query", "the key 'in query' is none, nor in%20query", "the key '********' is none, nor **********"),
        ("the token", "unknown bearer-of-ours", "unknown **************"),
        ("its beginning", "unknown: bearer-of...", "unknown: *********..."),
        ("its base64", "unknown YmVhcmVyLW9mLW91cnM=", "unknown *******************="),
        ("what signs", "is it 'key of ours/7'?", "is it '*************'?"),
        ("its form in a URL", "is it key%20of%20ours%2F7 or key+of+ours%2F7?", "is it ******************* or ***************?"),
        ("its form in JSON", '{"error":"key of ours\\/7"}', '{"error":"**************"}')):
    service = refusing(words)
    s.equal("what a service says back of a secret is stars: %s" % what, failure(trial(WEB % service.port)),
            "the service answers with status 403: " + told)
    service.stop()

write("noise", "\x1b[31m red\n")
done = trial("to = exec:echo 'no token-of-ours, no t0ken'; cat noise >&2; exit 3\n")
s.equal("a command says what it likes on standard error, without what its line has, and harmless", done.err.splitlines(),
        ["dmarcctl: [notify me] the command says: no *************, no *****", "dmarcctl: [notify me] the command says: \\x1b[31m red",
         "dmarcctl: [notify me] exec: (not shown): the command: ended with status 3"])
done = trial("to = exec:no-such-program --key key-of-ours\n")
s.check("that it is not there is told", "no-such-program" in done.err and "ended with status 127" in done.err and
        "key-of-ours" not in done.err, done.err)
done = trial("to = exec:head -c 1000000 /dev/zero | tr '\\0' x; echo\n")
s.check("all that it says is read, and a part told", done.returncode == 0 and 1000 < len(done.err) < 100000, done.returncode, len(done.err))
done = trial("to = exec:sleep 600 & echo away\n")
s.equal("what it leaves in the background is not waited for", (done.returncode, done.err),
        (0, "dmarcctl: [notify me] the command says: away\n"))

# --- silence ---------------------------------------------------------------------------------------------------------
SLOW = "to = http://127.0.0.1:%d/x\ntimeout = %d\nretries = 0\n"


def hang(connection, head):
    connection.recv(1)


def drip(begin, drop):
    def behave(connection, head):
        connection.sendall(begin)
        while True:
            connection.sendall(drop)
            time.sleep(0.05)
    return behave


service = post.Listener(hang)
s.equal("who takes a request and says nothing is left", failure(trial(SLOW % (service.port, 1))), "the server has been silent for 1 seconds")
service.stop()
for what, begin, drop in (("the body", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"), ("the head", b"HTTP/1.1 200 OK\r\n", b"X: y\r\n")):
    service = post.Listener(drip(begin, drop))
    told = failure(trial(SLOW % (service.port, 1)))
    # On a machine that is busy enough a drop may be late.
    s.check("who says %s by drops is left, too" % what, told in ("the server takes longer than 4 seconds",
                                                               "the server has been silent for 1 seconds"), told)
    service.stop()
service = post.Listener(hang)
done = trial("to = mailto:joe@example.com\nfrom = dmarc@example.com\nsmtp = smtp://127.0.0.1:%d\ntimeout = 1\nretries = 0\n" % service.port)
s.check("so is a mail server that does not greet", done.returncode == 1 and "ime" in done.err, done.err)
service.stop()

# --- a refusal that was got over --------------------------------------------------------------------------------------
def speak_helo(connection, tries):
    """A server without EHLO that goes away when it is to take a mail."""
    with connection, connection.makefile("rwb", buffering=0) as stream:
        stream.write(b"220 mail.example.com\r\n")
        for line in stream:
            if line.startswith(b"MAIL"):
                tries.append(line)
                return
            stream.write(b"502 5.5.1 not implemented\r\n" if line.startswith(b"EHLO") else b"250 mail.example.com\r\n")


def serve(listener, tries):
    while True:
        try:
            speak_helo(listener.accept()[0], tries)
        except OSError:
            return


tries = []
with socket.create_server(("127.0.0.1", 0)) as listener:
    threading.Thread(target=serve, args=(listener, tries), daemon=True).start()
    done = trial("to = mailto:joe@example.com\nfrom = dmarc@example.com\nsmtp = smtp://127.0.0.1:%d\nretries = 1\nallow-plain = yes\n"
                 % listener.getsockname()[1])
s.check("a server that goes away is tried again, whatever it refused before", len(tries) == 2 and done.returncode == 1 and
        "not implemented" not in done.err and "(tried 2 times)" in done.err, len(tries), done.err)

# --- a connection that is lost ------------------------------------------------------------------------------------------
def lose(listener, is_taken):
    """A server that goes away, either before it takes the mail or over it."""
    connection = listener.accept()[0]
    with connection, connection.makefile("rwb", buffering=0) as stream:
        stream.write(b"220 mail.example.com\r\n")
        for line in stream:
            if line.startswith(b"DATA") and not is_taken or line == b".\r\n":
                return
            if line[:4] in (b"EHLO", b"MAIL", b"RCPT", b"DATA"):
                stream.write(b"354 go on\r\n" if line.startswith(b"DATA") else b"250 mail.example.com\r\n")


for is_taken, told in ((False, "the mail server closed the connection before it had the mail"),
                       (True, "the mail server closed the connection over the mail and did not say whether it took it")):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=lose, args=(listener, is_taken), daemon=True).start()
        done = trial("to = mailto:joe@example.com\nfrom = dmarc@example.com\nsmtp = smtp://127.0.0.1:%d\nretries = 0\nallow-plain = yes\n"
                     % listener.getsockname()[1])
    s.equal("a lost connection is told as one", failure(done), told)

# --- proxies ---------------------------------------------------------------------------------------------------------
proxy = post.Listener()
BY_PROXY = {name: "http://127.0.0.1:%d" % proxy.port for name in ("https_proxy", "http_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY")}
for to in ("https://127.0.0.1:1/x", "https://[::1]:1/x", "https://localhost:1/x", "https://hook.localhost:1/x", "http://127.0.0.1:1/x"):
    done = trial("to = %s\nretries = 0\n" % to, env=BY_PROXY)
    s.equal("%s is reached without a proxy" % to, (done.returncode, proxy.heads), (1, []))
for host in ("127.0.0.1", "localhost"):
    done = trial("to = mailto:joe@example.com\nfrom = dmarc@example.com\nsmtp = smtp://%s:1\nretries = 0\n" % host, env=BY_PROXY)
    s.equal("so is a mail server on %s" % host, (done.returncode, proxy.heads), (1, []))
trial("to = https://hooks.example.com/x\nretries = 0\n", env=BY_PROXY)
trial("to = mailto:joe@example.com\nfrom = dmarc@example.com\nsmtp = smtps://mail.example.com\nretries = 0\n", env=BY_PROXY)
s.equal("others are reached by it", [head.split("\r\n")[0] for head in proxy.heads],
        ["CONNECT hooks.example.com:443 HTTP/1.1", "CONNECT mail.example.com:465 HTTP/1.1"])
proxy.heads.clear()
for name in ("smtps_proxy", "smtp_proxy"):
    trial("to = mailto:joe@example.com\nfrom = dmarc@example.com\nsmtp = %s://mail.example.com:25\nretries = 0\n" % name[:-6],
          env={name: BY_PROXY["all_proxy"]})
s.equal("each scheme has its own", [head.split("\r\n")[0] for head in proxy.heads], ["CONNECT mail.example.com:25 HTTP/1.1"] * 2)
proxy.stop()

# --- what is no URL, and no secret ------------------------------------------------------------------------------------
for to in ("https:///x", "https://hooks.example.com:0/x", "https://hooks.example.com:/x", "https://./x"):
    done = trial("to = %s\n" % to)
    s.check("%s is refused with file and line" % to, done.returncode == 2 and "conf:2: to: " in done.err, done.err)
done = trial("to = mailto:joe@example.com\nsmtp = smtp:///mail.example.com\n")
s.check("a mail server has a host, too", done.returncode == 2 and "conf:3: smtp: names no host" in done.err, done.err)
write("long", "x" * 16384)
done = trial("to = http://127.0.0.1:1/x\nsecret-file = long\n")
s.equal("a secret that is too long is refused", failure(done), "the secret file: its first line has more than 16383 bytes")


# --- several recipients -----------------------------------------------------------------------------------------------
def smtp(server, *keys, to=(JOE, ANN, EVE)):
    return ("[notify me]\nto = mailto:%s\nkinds = own_broken,ceased\nfrom = dmarc@example.com\nsmtp = smtp://127.0.0.1:%d\n%s\n"
            % (",".join(to), server.port, "\n".join(keys)))


def fresh():
    for name in os.listdir("."):
        if name.startswith("mail.db"):
            os.remove(name)
    with open("made.db", "rb") as source:
        write("mail.db", source.read())


def got(server):
    """Who got what, in order."""
    return [(m.subject.split(":")[1].strip(), m.recipients) for m in server.mails]


def waiting():
    return [taken for taken, in query("mail.db", "SELECT taken FROM notify_message ORDER BY id")]


def check_recipients():
    post.make_month(s, "made.db")
    server = post.MailServer(None, tls=None, login=False).start()
    handler = server.handler
    began, over = "own mail fails", "over"

    def reset():
        fresh()
        server.mails.clear()
        handler.asked.clear()

    reset()
    handler.refused = {ANN: "550 5.1.1 no such user here"}
    done = notify("--as-of", "2026-10-11", conf=smtp(server))
    s.equal("one who is refused keeps nobody else from getting it", (done.returncode, got(server)), (1, [(began, [JOE, EVE])]))
    s.equal("and is told, with the reason, as are those who have it", (done.out.split(": ")[0], done.err),
            ("[notify me] mailto:joe@example.com,eve@example.org",
             "dmarcctl: [notify me] mailto:ann@example.net: the mail server refuses ann@example.net: 550 5.1.1 no such user here; "
             "the next run tries again\n"))
    s.equal("it is kept", (query("mail.db", "SELECT error FROM notify_way"), waiting()),
            ([("the mail server refuses ann@example.net: 550 5.1.1 no such user here",)], [JOE + "," + EVE]))
    s.equal("a refusal for good is not repeated within a run", handler.asked, [JOE, ANN, EVE])
    done = notify("--dry-run", "--as-of", "2026-10-11", conf=smtp(server))
    s.check("who still waits is shown", "mailto:ann@example.net\nstill to be sent: example.com" in done.out, done.out)
    done = notify("--as-of", "2026-10-15", conf=smtp(server))
    s.equal("what comes later reaches the others, and nothing twice", (done.returncode, got(server), handler.asked[3:]),
            (1, [(began, [JOE, EVE]), (over, [JOE, EVE])], [ANN, JOE, EVE]))
    done = s.run("findings", "--db", "mail.db", "--config", "conf", "--as-of", "2026-10-16", "--format", "csv")
    s.check("it is a finding, which says why", "notify_failing" in done.out and "ann@example.net: 550" in done.out, done.out)
    handler.refused = {}
    done = notify("--as-of", "2026-10-16", conf=smtp(server))
    s.equal("when it is mended he gets all of it, in order", (done.returncode, got(server)[2:], waiting()),
            (0, [(began, [ANN]), (over, [ANN])], []))
    s.equal("as the same mails", len({m.message["Message-Id"] for m in server.mails}), 2)
    s.equal("and that it failed is over", query("mail.db", "SELECT error, failing_s FROM notify_way"), [(None, None)])
    done = notify("--as-of", "2026-10-17", conf=smtp(server))
    s.equal("nothing is left", (done.returncode, done.out, len(server.mails)), (0, "", 4))

    reset()
    handler.refused = {ANN: ["451 4.7.1 greylisted", "450 4.7.1 greylisted"]}
    done = notify("--as-of", "2026-10-11", conf=smtp(server))
    s.equal("one who is refused for now is tried again within the run, alone", (done.returncode, done.err, got(server), handler.asked),
            (0, "", [(began, [JOE, EVE]), (began, [ANN])], [JOE, ANN, EVE, ANN, ANN]))

    reset()
    handler.refused = {ANN: "451 4.7.1 greylisted", EVE: "550 5.1.1 gone"}
    done = notify("--as-of", "2026-10-11", conf=smtp(server, "retries = 1"))
    s.equal("each with his own reason", (failure(done), handler.asked),
            ("the mail server refuses ann@example.net: 451 4.7.1 greylisted, eve@example.org: 550 5.1.1 gone (tried 2 times); "
             "the next run tries again", [JOE, ANN, EVE, ANN]))
    handler.refused = {}
    notify("--as-of", "2026-10-12", conf=smtp(server, to=(JOE, ANN)))
    s.equal("who is taken out of the configuration is not waited for", (got(server)[1:], waiting()), ([(began, [ANN])], []))

    reset()
    handler.refused = {ANN: "550 5.1.1 no such user here"}
    handler.answers = ["451 later"]
    done = notify("--as-of", "2026-10-11", conf=smtp(server))
    s.equal("a mail that is refused as a whole reaches nobody, and then who may have it", (got(server), handler.asked),
            ([(began, [JOE, EVE])], [JOE, ANN, EVE, JOE, EVE]))
    reset()
    handler.answers = ["554 5.7.1 spam"]
    done = notify("--as-of", "2026-10-11", conf=smtp(server))
    s.equal("both are told", failure(done), "the mail server refuses ann@example.net: 550 5.1.1 no such user here; and then: the mail "
            "server refuses: 554 5.7.1 spam; the next run tries again")
    handler.refused = {}

    reset()
    handler.refused = {name: "550 5.1.1 no" for name in (JOE, ANN, EVE)}
    done = notify("--as-of", "2026-10-11", conf=smtp(server))
    s.equal("where nobody is accepted nobody gets it", (done.returncode, done.out, got(server), waiting()), (1, "", [], [None]))
    done = notify("--as-of", "2026-10-15", conf=smtp(server, to=[JOE, ANN, EVE, "a@example.com", "b@example.com"]))
    s.equal("what nobody has is told anew to who is named since", got(server), [(over, ["a@example.com", "b@example.com"])])
    reset()
    handler.refused = {ANN: "550 5.1.1 no"}
    notify("--as-of", "2026-10-11", conf=smtp(server))
    done = notify("--dry-run", "--as-of", "2026-10-12", conf=smtp(server, to=[JOE, ANN, EVE, "a@example.com"]))
    s.check("who is named since is not shown as one who waits", "mailto:ann@example.net\nstill to be sent: " in done.out, done.out)
    for _ in range(3):
        notify("--as-of", "2026-10-12", conf=smtp(server, to=[JOE, ANN, EVE, "a@example.com"]))
    s.equal("and is written down once", waiting(), [",".join((JOE, EVE, "a@example.com"))])
    handler.refused = {}
    notify("--as-of", "2026-10-15", conf=smtp(server, to=[JOE, ANN, EVE, "a@example.com"]))
    s.equal("what some have is not: it goes to the others it was for", got(server)[-2:],
            [(began, [ANN]), (over, [JOE, ANN, EVE, "a@example.com"])])
    handler.refused = {name: "550 5.1.1 no" for name in (JOE, ANN, EVE, "a@example.com", "c@example.com")}
    reset()
    done = notify("--as-of", "2026-10-11", conf=smtp(server, to=[*handler.refused, "b@example.com"]))
    s.check("of many the first three are told", "eve@example.org: 550 5.1.1 no, and 2 more; the next" in done.err, done.err)
    handler.refused = {}

    reset()
    handler.refused = {ANN: ["451 4.7.1 greylisted"]}
    write("conf", smtp(server, "retries = 1"))
    first = subprocess.Popen([s.binary, "notify", "--db", "mail.db", "--config", "conf", "--as-of", "2026-10-11"], env=s.environment)
    while waiting() != [JOE + "," + EVE]:
        assert first.poll() is None
        time.sleep(0.01)
    first.send_signal(signal.SIGKILL)
    first.wait()
    notify("--as-of", "2026-10-12", conf=smtp(server))
    s.equal("killed before the second try nobody gets it twice", got(server), [(began, [JOE, EVE]), (began, [ANN])])

    reset()
    handler.refused = {ANN: "550 5.1.1 no"}
    notify("--as-of", "2026-10-11", conf=smtp(server))
    done = notify("--as-of", "2026-10-11", conf="[notify me]\nto = mailto:%s,%s\nsendmail = cat >> mail.eml\n" % (JOE, ANN))
    with open("mail.eml") as f:
        s.check("a command in the server's place gets it for the others alone", "\nTo: ann@example.net\n" in f.read() and not waiting())
    done = trial(smtp(server).replace("[notify me]\n", "").replace("kinds", "#"))
    s.equal("a trial reaches who can be reached", (done.returncode, server.mails[-1].recipients, failure(done)),
            (1, [JOE, EVE], "the mail server refuses ann@example.net: 550 5.1.1 no"))
    handler.refused = {ANN: "550 5.1.1 what is %s" % "c2VjcmV0IG9mIG91cnM=", EVE: "550 5.7.1 secret%20of%20ours"}
    server.stop()


if post.Controller:
    check_recipients()
else:
    s.check("several recipients # SKIP aiosmtpd is missing (Debian: python3-aiosmtpd)", True)

for secret in ("part-of-path", "in query", "in%20query", "bearer-of-ours", "key of ours", "key%20of%20ours", "token-of-ours", "key-of-ours"):
    s.check("%s... was never printed or kept" % secret[:4], secret not in "".join(said))
s.finish()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is said where there is no connection to a mail server: the cause, and the way out. No certificate of a stranger and
no other server ever hears the password."""
import os
import shutil
import socket
import ssl
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import servers  # noqa: E402
from harness import Suite  # noqa: E402

if not shutil.which("openssl"):
    print("1..0 # SKIP openssl is missing")
    sys.exit(0)

s = Suite()
SECRET = "correct horse"
s.environment.update(DMARCCTL_PASSWORD=SECRET, no_proxy="")
heard = []  # all that was ever said to a server


def listen(serve):
    """A server on 127.0.0.1; its port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(8)

    def one(connection):
        try:
            connection.settimeout(10)
            serve(connection)
        except OSError:
            pass
        connection.close()

    def accept():
        while True:
            threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def counted(serve):
    """Such a server, and a list with an entry for each connection."""
    met = []

    def one(connection):
        met.append(1)
        serve(connection)
    return listen(one), met


def greeting(text, stay=0.3):
    def serve(connection):
        connection.sendall(text)
        time.sleep(stay)
        heard.append(connection.recv(1000))
    return listen(serve)


def with_tls(cert, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)

    def serve(connection):
        with context.wrap_socket(connection, server_side=True) as c:
            c.sendall(b"* OK ready\r\n")
            while True:
                line = c.recv(1000)
                heard.append(line)
                if not line:
                    return
                c.sendall(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\n%s OK done\r\n" % line.split(b" ")[0])
    return listen(serve)


def silent(connection):
    heard.append(connection.recv(1000))


def says(sentence, url, *words, args=(), env=None):
    done = s.run("import", "--db", "a.db", "--timeout", "2", "--retries", "0", *args, url, env=env or {})
    s.check(sentence, done.returncode == 1 and all(w in done.err for w in words) and SECRET not in done.err, done.err,
            words)


def url(port, scheme="imap", host="127.0.0.1"):
    return "%s://joe@%s:%d/" % (scheme, host, port)


# --- another protocol -------------------------------------------------------------------------------------------------
authority = servers.Authority(s.folder)
tls = with_tls(authority.cert, authority.key)
says("imap:// to a port with TLS: the other scheme is named", url(tls), "says nothing", "imaps:// (tls = implicit)")
says("imaps:// to a port without: the other scheme is named", url(greeting(b"* OK ready\r\n"), "imaps"),
     "does not begin with TLS", "imap:// (tls = starttls)")
says("a web server that waits for its client", url(listen(silent)), "says nothing", "none of imap://")
says("SMTP is told as that", url(greeting(b"220 mail.example.com ESMTP\r\n")), "one of SMTP", "220 mail.example.com ESMTP")
says("... also where it stays", url(greeting(b"220 mail.example.com ESMTP\r\n", stay=5)), "one of SMTP")
says("POP3 too", url(greeting(b"+OK ready\r\n")), "one of POP3", "+OK ready")
says("a web server that says something too", url(greeting(b"HTTP/1.1 400 Bad Request\r\n\r\n")), "a web server")
says("a stranger's greeting colours no terminal", url(greeting(b"\x1b[31mred\r\n")), "something else")
says("a polite farewell is no other protocol", url(greeting(b"* BYE Too many connections\r\n")), "BYE Too many connections")

says("pop3:// to a port with TLS: its other scheme is named", url(tls, "pop3"), "says nothing", "pop3s:// (tls = implicit)")
says("pop3s:// to a port without, too", url(greeting(b"+OK ready\r\n"), "pop3s"), "pop3:// (tls = starttls)")
says("a server of IMAP is told to who wants POP3", url(greeting(b"* OK ready\r\n"), "pop3"), "POP3", "one of IMAP")

for sentence, scheme, text in (("imaps:// to a port without TLS", "imaps", b"* OK ready\r\n"),
                               ("another protocol", "imap", b"220 mail.example.com ESMTP\r\n")):
    port, met = counted(lambda connection: (connection.sendall(text), time.sleep(0.3)))
    done = s.run("import", "--db", "a.db", "--timeout", "5", "--retries", "5", url(port, scheme))
    s.equal("%s is not tried again: it stays what it is" % sentence, (done.returncode, len(met)), (1, 1))
port, met = counted(lambda connection: (connection.sendall(b"* BYE too many\r\n"), time.sleep(0.1)))
done = s.run("import", "--db", "a.db", "--timeout", "5", "--retries", "1", url(port))
s.equal("... what may pass is", (done.returncode, len(met)), (1, 2))

# --- the way there ----------------------------------------------------------------------------------------------------
with socket.socket() as closed:
    closed.bind(("127.0.0.1", 0))
    dead = closed.getsockname()[1]
says("a port where nobody listens", url(dead), "127.0.0.1 port %d: Connection refused" % dead)
says("a name that is not in the DNS", url(143, host="mail.invalid"), "mail.invalid has no address in the DNS")
full = socket.socket()  # takes no connection more
full.bind(("127.0.0.1", 0))
full.listen(0)
waiting = [socket.socket() for _ in range(4)]
for w in waiting:
    w.setblocking(False)
    w.connect_ex(full.getsockname())
says("a host that does not answer", url(full.getsockname()[1]), "does not answer on port", "within 2 seconds")
proxy = "http://joe:geheim@127.0.0.1:%d" % dead
for variable in ("all_proxy", "ALL_PROXY", "imaps_proxy"):
    says("a proxy that is not there is told by the name of %s" % variable, url(993, "imaps", "mail.example.com"),
         "environment names: %s;" % variable, "no_proxy", env={variable: proxy})
forbidding = greeting(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
says("one that refuses, too", url(993, "imaps", "mail.example.com"), "403", "environment names: all_proxy;",
     env={"all_proxy": "http://127.0.0.1:%d" % forbidding})
says("https_proxy is not for mail", url(993, "imaps", "mail.invalid"), "https_proxy is not for mail", "imaps_proxy or all_proxy",
     env={"https_proxy": proxy})
says("what is on this machine is reached without a proxy", url(dead), "127.0.0.1 port %d: Connection refused" % dead,
     env={"all_proxy": "http://127.0.0.1:1"})
s.check("the password of a proxy is not shown",
        "geheim" not in s.run("import", "--retries", "0", url(993, "imaps", "mail.example.com"),
                              env={"all_proxy": proxy}).err)

# --- certificates -----------------------------------------------------------------------------------------------------
pin, other = authority.pin(), "sha256//" + "A" * 43 + "="
says("a certificate of an authority that nobody trusts: the file, or the key for --pin", url(tls, "imaps"),
     "of no authority that this system trusts", "--ca-file", "--pin " + pin)
elsewhere = os.path.join(s.folder, "elsewhere")
os.mkdir(elsewhere)
says("... that is not in the file", url(tls, "imaps"), "of no authority that the file ", "--pin " + pin,
     args=("--ca-file", servers.Authority(elsewhere).ca))
says("a key that is not the pin's: both are told", url(tls, "imaps"), "key is " + pin, "the pin, " + other,
     args=("--pin", other))
says("... with an authority too", url(tls, "imaps"), "key is " + pin, "the pin, " + other,
     args=("--pin", other, "--ca-file", authority.ca))
with open("names", "w") as f:
    f.write("subjectAltName=DNS:mail.example.com,DNS:imap.example.com,IP:192.0.2.1\n")
servers.openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-extfile", "names", "-out", "named.pem")
says("a certificate for other names: they are told", url(with_tls("named.pem", authority.key), "imaps"),
     "is for mail.example.com, imap.example.com, 192.0.2.1, not for 127.0.0.1", "--pin " + pin,
     args=("--ca-file", authority.ca))
servers.openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "-1",
                "-out", "old.pem")
yesterday = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
says("one that has expired: since when", url(with_tls("old.pem", authority.key), "imaps"), "was valid until " + yesterday,
     "--pin " + pin, args=("--ca-file", authority.ca))
says("a file of authorities that is not there", url(tls, "imaps"), "missing.pem: No such file", args=("--ca-file", "missing.pem"))
says("... or is none", url(tls, "imaps"), "names: holds no certificate", args=("--ca-file", "names"))
s.equal("whoever was not known heard no name and no secret",
        [h for h in heard if b"joe" in h or b"LOGIN" in h or b"AUTHENTICATE" in h], [])
done = s.run("import", "--db", "a.db", "--timeout", "2", "--retries", "0", "--pin", pin, url(tls, "imaps"))
s.check("with the key that was told the server is let in, and asked for a login",
        any(b"AUTHENTICATE" in h for h in heard), done.err)
s.finish()

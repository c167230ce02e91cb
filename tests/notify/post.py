# SPDX-License-Identifier: Apache-2.0
"""Whom notices reach in the tests, on loopback: an SMTP server (aiosmtpd) and a web server (lighttpd), both from Debian,
started and stopped here."""
import base64
import email
import email.policy
import glob
import json
import logging
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "imap"))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
from harness import record, report  # noqa: E402
from servers import Authority, free_port  # noqa: E402,F401

UNPACKED = os.environ.get("DMARCCTL_TEST_SERVERS", "")
sys.path.append(os.path.join(UNPACKED, "aiosmtpd", "usr", "lib", "python3", "dist-packages"))
sys.path.append("/usr/lib/python3/dist-packages")
try:
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult, LoginPassword
except ImportError:
    Controller = None

logging.disable(logging.CRITICAL)  # of sessions that are meant to fail
warnings.simplefilter("ignore")
DAY_S = 86400
OCTOBER = 1790812800  # 2026-10-01
USER, PASSWORD, TOKEN = "joe@example.com", "correct horse", "token-of-joe"


def make_month(suite, db):
    """October of an office; a sender beside it fails from the 10th to the 12th."""
    os.mkdir("in")
    for n in range(1, 29):
        broken = dict(dkim="fail", spf="fail") if 10 <= n <= 12 else {}
        records = [record(count=50), record(ip="198.51.100.7", count=20, **broken)]
        with open("in/%d.xml" % n, "wb") as f:
            f.write(report("r%d" % n, records, begin=OCTOBER + (n - 1) * DAY_S))
    assert suite.run("import", "--quiet", "--db", db, "in").returncode == 0


def have_smtp():
    return bool(Controller and shutil.which("openssl"))


# --- mail ------------------------------------------------------------------------------------------------------------
class Handler:
    """Keeps what it takes; says what `answers` holds instead, one a mail, and what `refused` says of a recipient: one
    answer for ever, or a list with one a mail."""

    def __init__(self):
        self.mails, self.answers, self.refused, self.asked, self.is_tls = [], [], {}, [], False

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.asked.append(address)
        refusal = self.refused.get(address)
        if isinstance(refusal, list):
            refusal = refusal.pop(0) if refusal else None
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        answer = self.answers.pop(0) if self.answers else None
        if answer:
            return answer
        self.mails.append(Mail(session, envelope, self.is_tls))
        return "250 taken"


    async def auth_XOAUTH2(self, server, args):
        blob = await server.challenge_auth("") if len(args) == 1 else base64.b64decode(args[1])
        if blob == ("user=%s\1auth=Bearer %s\1\1" % (USER, TOKEN)).encode():
            return AuthResult(success=True, auth_data=USER.encode())
        return AuthResult(success=False, handled=False, message="535 5.7.8 what is %s" % blob.decode())


class Mail:
    def __init__(self, session, envelope, is_tls):
        self.raw, self.sender, self.recipients = envelope.content, envelope.mail_from, envelope.rcpt_tos
        self.user = session.auth_data.decode() if session.auth_data else None
        self.encrypted = is_tls or session.ssl is not None
        self.message = email.message_from_bytes(self.raw, policy=email.policy.default)

    @property
    def subject(self):
        return self.message["Subject"]

    def part(self, subtype):
        return self.message.get_body((subtype,)).get_content()


class MailServer:
    """`tls`: "starttls", "implicit" or None."""

    def __init__(self, authority, tls="starttls", login=True):
        self.authority, self.tls, self.login = authority, tls, login
        self.port, self.handler, self.controller = free_port(), Handler(), None
        self.handler.is_tls = tls == "implicit"  # from the first byte

    def authenticate(self, server, session, envelope, mechanism, data):
        if isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode()):
            return AuthResult(success=True, auth_data=data.login)
        return AuthResult(success=False, handled=False, message="535 5.7.8 who are you, %s" % data.password.decode())

    def start(self):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        if self.tls:
            context.load_cert_chain(self.authority.cert, self.authority.key)
        self.controller = Controller(
            self.handler, hostname="127.0.0.1", port=self.port, ssl_context=context if self.tls == "implicit" else None,
            tls_context=context if self.tls == "starttls" else None, require_starttls=self.tls == "starttls",
            authenticator=self.authenticate if self.login else None, auth_required=self.login,
            auth_require_tls=self.tls == "starttls")
        self.controller.start()
        return self

    def stop(self):
        if self.controller:
            self.controller.stop()
        self.controller = None

    @property
    def mails(self):
        return self.handler.mails


# --- any server -------------------------------------------------------------------------------------------------------
class Listener:
    """Takes connections on loopback, and does with each in turn what `behave(connection, head)` does; `head` is what came
    first. Keeps the heads."""

    def __init__(self, behave=None):
        self.heads, self.behave, self.socket = [], behave, socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(16)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.take, args=(connection,), daemon=True).start()

    def take(self, connection):
        with connection:
            try:
                head = connection.recv(65536)
                self.heads.append(head.decode("latin-1"))
                if self.behave:
                    self.behave(connection, head)
            except OSError:
                pass

    def stop(self):
        self.socket.close()


# --- the web ---------------------------------------------------------------------------------------------------------
SCRIPT = """import json, os, sys, time
folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
body = sys.stdin.buffer.read(int(os.environ.get("CONTENT_LENGTH") or 0)).decode()
statuses = os.path.join(folder, "statuses")
lines = open(statuses).read().split("\\n") if os.path.exists(statuses) else []
status = lines[0] if lines and lines[0] else "204"
open(statuses, "w").write("\\n".join(lines[1:]))
kept = {"status": status, "body": body, "method": os.environ["REQUEST_METHOD"], "uri": os.environ["REQUEST_URI"],
        "type": os.environ.get("CONTENT_TYPE"), "headers": {k: v for k, v in os.environ.items() if k.startswith("HTTP_")}}
name = os.path.join(folder, "requests", "%020d" % time.time_ns())
open(name + ".part", "w").write(json.dumps(kept))
os.rename(name + ".part", name)
code, _, more = status.partition(" ")
print("Status: %s\\r" % code)
if more:
    print(more + "\\r")
print("Content-Type: text/plain\\r\\n\\r\\n" + ("" if code[0] == "2" else "no, not " + os.environ["REQUEST_URI"] + " today"))
"""

CONFIG = """
server.document-root = "{folder}/pages"
server.bind = "127.0.0.1"
server.port = {port}
server.errorlog = "{folder}/log"
server.modules = ( "mod_openssl", "mod_cgi" )
ssl.engine = "enable"
ssl.pemfile = "{cert}"
ssl.privkey = "{key}"
cgi.assign = ( ".cgi" => "{python}" )
"""


def find_lighttpd():
    """The program and the folder of its modules; None where it is not at hand."""
    for root in (os.path.join(UNPACKED, "lighttpd") if UNPACKED else "/nowhere", "/"):
        program, modules = os.path.join(root, "usr/sbin/lighttpd"), os.path.join(root, "usr/lib/lighttpd")
        if os.path.exists(program) and os.path.exists(os.path.join(modules, "mod_openssl.so")):
            return program, modules, root
    return None


class WebServer:
    def __init__(self, authority, folder):
        self.folder, self.port, self.authority = os.path.abspath(folder), free_port(), authority
        self.url, self.process = "https://127.0.0.1:%d/hook.cgi" % self.port, None
        for name in ("pages", "requests"):
            os.makedirs(os.path.join(self.folder, name))
        with open(os.path.join(self.folder, "pages", "hook.cgi"), "w") as f:
            f.write(SCRIPT)
        with open(os.path.join(self.folder, "config"), "w") as f:
            f.write(CONFIG.format(folder=self.folder, port=self.port, cert=os.path.abspath(authority.cert),
                                  key=os.path.abspath(authority.key), python=sys.executable))

    def start(self):
        program, modules, root = find_lighttpd()
        libraries = {os.path.dirname(f) for f in glob.glob(root + "/usr/lib/**/*.so*", recursive=True)} if root != "/" else ()
        self.process = subprocess.Popen(
            [program, "-D", "-f", os.path.join(self.folder, "config"), "-m", modules], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": ":".join(sorted(libraries))})
        context = ssl.create_default_context(cafile=self.authority.ca)
        for _ in range(400):
            try:
                urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)) \
                    .open("https://127.0.0.1:%d/" % self.port, timeout=5)
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.05)
        return self

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
        self.process = None

    def answer(self, *statuses):
        """What the next requests get: "500", "503 Retry-After: 1"."""
        with open(os.path.join(self.folder, "statuses"), "w") as f:
            f.write("\n".join(statuses))

    def requests(self):
        """All it was ever asked, in order; each with its JSON."""
        found = []
        for name in sorted(glob.glob(os.path.join(self.folder, "requests", "*"))):
            if not name.endswith(".part"):
                with open(name) as f:
                    found.append(json.load(f))
        for r in found:
            r["json"] = json.loads(r["body"])
        return found

    def taken(self):
        return [r for r in self.requests() if r["status"].startswith("2")]

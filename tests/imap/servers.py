# SPDX-License-Identifier: Apache-2.0
"""Mail servers for the tests: a real Dovecot of our own, on loopback, with its own certificates and folders, started
and stopped here; and the HTTP service that it asks about access tokens."""
import grp
import http.server
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse

USER, PASSWORD, TOKEN = "joe@example.com", "correct horse", "token-of-joe"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def have_dovecot():
    return bool(shutil.which("dovecot") and shutil.which("doveadm") and shutil.which("openssl"))


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Authority:
    """A certificate authority with one certificate for 127.0.0.1 and localhost."""

    def __init__(self, folder):
        self.ca, ca_key = os.path.join(folder, "ca.pem"), os.path.join(folder, "ca.key")
        self.cert, self.key = os.path.join(folder, "server.pem"), os.path.join(folder, "server.key")
        request, names = os.path.join(folder, "server.csr"), os.path.join(folder, "names")
        with open(names, "w") as f:
            f.write("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Test authority",
                "-keyout", ca_key, "-out", self.ca)
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-keyout", self.key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", ca_key, "-CAcreateserial", "-days", "2",
                "-extfile", names, "-out", self.cert)

    def pin(self):
        key = subprocess.run(["openssl", "x509", "-in", self.cert, "-noout", "-pubkey"], check=True,
                             stdout=subprocess.PIPE).stdout
        der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=key, check=True,
                             stdout=subprocess.PIPE).stdout
        digest = subprocess.run(["openssl", "dgst", "-sha256", "-binary"], input=der, check=True,
                                stdout=subprocess.PIPE).stdout
        text = subprocess.run(["openssl", "base64", "-A"], input=digest, check=True, stdout=subprocess.PIPE).stdout
        return "sha256//" + text.decode()


class TokenService:
    """OAuth 2.0 token introspection (RFC 7662) for one token."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self, token):
            body = json.dumps({"active": token == TOKEN, "username": USER, "email": USER}).encode()
            self.send_response(200 if token == TOKEN else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
            bearer = self.headers.get("Authorization", "").replace("Bearer ", "")
            self.answer(query.get("token", [bearer])[0])

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            self.answer(urllib.parse.parse_qs(body).get("token", [""])[0])

        def log_message(self, *args):
            pass

    def __init__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


CONFIG = """
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
login_trusted_networks =
mail_location = {location}
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 100
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 1 secs
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN username_format=%u {folder}/passwords
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap_port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {imaps_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0600
  }}
}}
{more}
"""

OAUTH2 = """
introspection_mode = post
introspection_url = http://127.0.0.1:{port}/introspect
username_attribute = username
active_attribute = active
active_value = true
"""


class Server:
    """What the servers have in common: a folder of their own, a process, one account; as root they run as nobody, else as
    who we are."""

    def __init__(self, name, authority):
        self.name = name
        self.folder = tempfile.mkdtemp(prefix="dmarcctl-%s." % name)
        self.owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self.imap_port, self.imaps_port = free_port(), free_port()
        for name, key in (("server.pem", authority.cert), ("server.key", authority.key)):
            shutil.copy(key, os.path.join(self.folder, name))

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)

    def own(self, path):
        if os.getuid() != 0:
            return
        os.chown(path, self.owner.pw_uid, self.owner.pw_gid)
        for top, folders, files in os.walk(path):
            for name in folders + files:
                os.chown(os.path.join(top, name), self.owner.pw_uid, self.owner.pw_gid, follow_symlinks=False)

    def as_owner(self):
        if os.getuid() == 0:
            return {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}
        return {}

    def run(self, command, **more):
        """Starts it. No pidfile and no daemon: the process is ours to end."""
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder,
                                        **more)
        for _ in range(200):
            if self.greets():
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError("%s does not start: %s" % (self.name, self.log()))

    def greets(self):
        try:
            with socket.create_connection(("127.0.0.1", self.imap_port), 1) as s:
                return s.recv(4) == b"* OK"
        except OSError:
            return False

    def log(self):
        try:
            with open(self.path("log")) as f:
                return f.read()[-2000:]
        except OSError:
            return ""

    def halt(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def stop(self):
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, folder="", scheme="imaps"):
        port = self.imaps_port if scheme == "imaps" else self.imap_port
        return "%s://%s@127.0.0.1:%d/%s" % (scheme, urllib.parse.quote(USER), port, urllib.parse.quote(folder))


class Dovecot(Server):
    def __init__(self, authority, token_port=1, separator="/", more=""):
        super().__init__("dovecot", authority)
        group = grp.getgrgid(self.owner.pw_gid).gr_name
        self.mail = os.path.join(self.folder, "mail")
        for name in ("run", "state", "home", "mail"):
            os.mkdir(os.path.join(self.folder, name))
        location = "maildir:%s%s" % (self.mail, ":LAYOUT=fs" if separator == "/" else "")
        self.write("passwords", "%s:{PLAIN}%s\n" % (USER, PASSWORD))
        self.write("oauth2", OAUTH2.format(port=token_port))
        self.write("conf", CONFIG.format(folder=self.folder, user=self.owner.pw_name, group=group, location=location,
                                         cert=os.path.join(self.folder, "server.pem"),
                                         key=os.path.join(self.folder, "server.key"), separator=separator,
                                         imap_port=self.imap_port, imaps_port=self.imaps_port, more=more))
        self.own(self.folder)
        self.start()

    def start(self):
        self.run(["dovecot", "-F", "-c", self.path("conf")], **self.as_owner())

    def doveadm(self, *args):
        done = subprocess.run(["doveadm", "-c", os.path.join(self.folder, "conf"), *args], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, cwd=self.folder, timeout=60, **self.as_owner())
        if done.returncode:
            raise RuntimeError("doveadm %s: %s" % (args, done.stderr.decode()))
        return done.stdout.decode()

    def create(self, *folders):
        self.doveadm("mailbox", "create", "-u", USER, *folders)

    def directory(self, folder="INBOX"):
        return self.mail if folder == "INBOX" else os.path.join(self.mail, folder)

    serial = 0

    def put(self, messages, folder="INBOX"):
        """Delivers mails as an MTA would: into new/ of the Maildir."""
        new = os.path.join(self.directory(folder), "new")
        for part in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(self.directory(folder), part), exist_ok=True)
        for message in messages:
            Dovecot.serial += 1
            with open(os.path.join(new, "%010d.M%dP1.example" % (1790000000, Dovecot.serial)), "wb") as f:
                f.write(message)
        self.own(self.directory(folder))

    def subjects(self, folder="INBOX"):
        """What lies there: subject -> flags."""
        out = self.doveadm("-f", "json", "fetch", "-u", USER, "hdr.subject flags", "mailbox", folder)
        return {row["hdr.subject"]: row["flags"] for row in json.loads(out or "[]")}

    def count(self, folder="INBOX"):
        return len(self.subjects(folder))

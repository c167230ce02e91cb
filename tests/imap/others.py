#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""import from servers that are not Dovecot: Cyrus and Courier.

Debian does not install them beside Dovecot: DMARCCTL_TEST_SERVERS names the folder to which scripts/fetch-test-servers has
unpacked them. Mails are those of the corpus where it is at hand, else made up. Both keep folders below "INBOX.", Cyrus because it is told
to."""
import glob
import imaplib
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import corpus  # noqa: E402
import messages  # noqa: E402
import servers  # noqa: E402
from harness import Suite, query  # noqa: E402


class Unpacked(servers.Server):
    """A server whose packages lie unpacked in a folder."""

    def __init__(self, name, authority, root):
        super().__init__(name, authority)
        self.root = os.path.abspath(root)
        libraries = {os.path.dirname(file) for file in glob.glob(self.root + "/usr/lib/**/*.so*", recursive=True)}
        self.environment = {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": ":".join(sorted(libraries))}

    def in_root(self, name):
        return os.path.join(self.root, "usr", name)

    def session(self):
        context = ssl.create_default_context(cafile=authority.ca)
        client = imaplib.IMAP4_SSL("127.0.0.1", self.imaps_port, ssl_context=context, timeout=20)
        client.login(servers.USER, servers.PASSWORD)
        return client

    def greets(self):
        try:
            self.session().logout()
            return True
        except (OSError, imaplib.IMAP4.error):
            return False

    def put(self, mails):
        """Those of the mails that it takes: none has to take what is no mail (RFC 9051, section 6.3.12)."""
        with self.session() as client:
            return [mail for mail in mails if client.append("INBOX", None, None, mail)[0] == "OK"]

    def count(self, folder):
        with self.session() as client:
            state, data = client.select(folder, readonly=True)
            return int(data[0]) if state == "OK" else 0  # there is none


CYRUS_SERVICES = """
START {{
  recover cmd="{bin}/ctl_cyrusdb -C {conf} -r"
}}
SERVICES {{
  imaps cmd="{bin}/imapd -C {conf} -s" listen="127.0.0.1:{imaps_port}" prefork=0
}}
"""
CYRUS = """
configdirectory: {folder}/conf
defaultpartition: default
partition-default: {folder}/mail
cyrus_user: {user}
virtdomains: userid
autocreate_quota: 0
altnamespace: no
unixhierarchysep: no
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {folder}/passwords
sasl_mech_list: PLAIN
tls_server_cert: {folder}/server.pem
tls_server_key: {folder}/server.key
"""


class Cyrus(Unpacked):
    def __init__(self, authority, root):
        super().__init__("cyrus", authority, root)
        for name in ("conf", "mail"):
            os.mkdir(self.path(name))
        bin = self.in_root("lib/cyrus/bin")
        self.write("services", CYRUS_SERVICES.format(bin=bin, conf=self.path("imapd.conf"), imaps_port=self.imaps_port))
        self.write("imapd.conf", CYRUS.format(folder=self.folder, user=self.owner.pw_name))
        name, domain = servers.USER.split("@")
        subprocess.run([self.in_root("sbin/saslpasswd2"), "-p", "-c", "-f", self.path("passwords"), "-u", domain, name],
                       input=servers.PASSWORD.encode(), env=self.environment, check=True)
        self.own(self.folder)
        self.run([bin + "/master", "-D", "-p", self.path("pid"), "-C", self.path("imapd.conf"), "-M", self.path("services")],
                 env=self.environment, **self.as_owner())


class Courier(Unpacked):
    """Its programs ask about users at a fixed place under /run; there the process alone sees a service of ours."""

    def __init__(self, authority, root):
        super().__init__("courier", authority, root)
        for name in ("auth", "mail", "mail/cur", "mail/new", "mail/tmp"):
            os.mkdir(self.path(name))
        self.own(self.folder)
        with open(self.path("both.pem"), "w") as both:
            for name in ("server.key", "server.pem"):
                with open(self.path(name)) as f:
                    both.write(f.read())
        self.users = socket.socket(socket.AF_UNIX)
        self.users.bind(self.path("auth/socket"))
        self.users.listen()
        threading.Thread(target=self.tell_users, daemon=True).start()
        capability = "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA IDLE"
        self.environment.update(IMAP_CAPABILITY=capability, IMAP_CAPABILITY_TLS=capability + " AUTH=PLAIN", IMAP_TLS="1",
                                IMAP_KEYWORDS="1", IMAP_USELOCKS="0", IMAP_MAILBOX_SANITY_CHECK="1", IMAP_EMPTYTRASH="",
                                TLS_CERTFILE=self.path("both.pem"), TLS_VERIFYPEER="NONE", MAILDIRPATH="mail")
        self.run(["unshare", "-m", "sh", "-ec", """
            mount -t tmpfs tmpfs /run
            mkdir -p /run/courier/authdaemon
            mount --bind "$1" /run/courier/authdaemon
            shift
            exec "$@" """, "sh", self.path("auth"),
                  self.in_root("sbin/couriertcpd"), "-address=127.0.0.1", "-nodnslookup", "-noidentlookup", "-maxperip=40",
                  str(self.imaps_port),
                  self.in_root("bin/couriertls"), "-server", "-tcpd", self.in_root("lib/courier/courier/imaplogin"),
                  self.in_root("bin/imapd"), "mail"], env=self.environment)

    def tell_users(self):
        """What courier-authdaemon does: AUTH and a length, then service, method, name and password, a line each."""
        while True:
            try:
                client, _ = self.users.accept()
            except OSError:
                return
            with client, client.makefile("rw", newline="\n") as lines:
                line = lines.readline()  # where the client is, in lines NAME=value, comes first
                while line and not line.startswith("AUTH "):
                    line = lines.readline()
                asked = lines.read(int(line.split()[1])).split("\n") if line else []
                known = asked[2:4] == [servers.USER, servers.PASSWORD]
                lines.write("UID=%d\nGID=%d\nHOME=%s\nADDRESS=%s\n.\n" % (
                    self.owner.pw_uid, self.owner.pw_gid, self.folder, servers.USER) if known else "FAIL\n")


ROOT = os.environ.get("DMARCCTL_TEST_SERVERS", "")
FOLDERS = {kind: os.path.join(ROOT, kind.__name__.lower()) for kind in (Cyrus, Courier)}


def missing(kind):
    """Why it cannot be started here; None where it can."""
    if not shutil.which("openssl"):
        return "openssl is missing"
    if not os.path.isdir(FOLDERS[kind]):
        return "its packages are not unpacked (scripts/fetch-test-servers, DMARCCTL_TEST_SERVERS)"
    alone = subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/run"], stderr=subprocess.DEVNULL)
    if kind is Courier and alone.returncode:
        return "only root may give it a /run of its own"
    return None


if all(missing(kind) for kind in FOLDERS):
    print("1..0 # SKIP Cyrus: %s; Courier: %s" % (missing(Cyrus), missing(Courier)))
    sys.exit(0)

s = Suite()
s.environment.update(DMARCCTL_PASSWORD=servers.PASSWORD, no_proxy="*")
authority = servers.Authority(s.folder)


def import_all(server):
    return s.run("import", "--db", server.name + ".db", "--ca-file", authority.ca, "--timeout", "20", "--after",
                 "move:Done", server.url())


def made_up():
    return [messages.report_mail(n, ("gzip", "zip", "xml")[n % 3], text="Über %d Zeilen.\n" % n) for n in range(300)] + \
        [messages.plain_mail(), messages.damaged_mail(1), messages.broken_mail()]


def read_mails(server):
    sent = server.put(corpus.mails() if corpus.at_hand() else made_up())
    done = import_all(server)
    s.check("%s: takes most of the mails, and all are read" % server.name,
            len(sent) >= 300 and " in %d mails" % len(sent) in done.out, len(sent), done.out, done.err)
    corpus.compare(s, server.name, sent, server.name + ".db", 1000 if corpus.at_hand() else 300)
    moved, left = server.count("INBOX.Done"), server.count("INBOX")
    s.check("%s: those with stored reports were moved, to where it keeps folders; the others stay" % server.name,
            moved > 100 and left > 0 and moved + left == len(sent), moved, left, done.err)
    s.equal("%s: ... and nothing is left to do" % server.name,
            query(server.name + ".db", "SELECT * FROM mailbox_task"), [])
    done = import_all(server)
    s.check("%s: a second run finds nothing new" % server.name,
            done.returncode == 0 and "nothing new" in done.out, done.returncode, done.out, done.err)


for kind, folder in FOLDERS.items():
    if missing(kind):
        print("# SKIP %s: %s" % (kind.__name__, missing(kind)))
        continue
    server = kind(authority, folder)
    try:
        read_mails(server)
    finally:
        server.stop()
s.finish()

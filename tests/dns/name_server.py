# SPDX-License-Identifier: Apache-2.0
"""A real name server (knot) on the loopback interface, and one before it that has the faults of servers."""
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time

KNOT = shutil.which("knotd") or (os.path.exists("/usr/sbin/knotd") and "/usr/sbin/knotd")
PATIENCE_S = 20
# What every zone begins with.
ROOT = """$TTL 300
. SOA ns.example.net. hostmaster.example.net. 1 3600 600 86400 120
. NS ns.example.net.
ns.example.net. A 127.0.0.1
"""

CONFIGURATION = """
server:
    rundir: {folder}
    listen: 127.0.0.1@{port}
database:
    storage: {folder}
zone:
  - domain: .
    storage: {folder}
    file: root.zone
    zonefile-sync: -1
    journal-content: none
"""


def free_port():
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            try:
                udp.bind(tcp.getsockname())
            except OSError:
                continue
            return tcp.getsockname()[1]


class Server:
    """knotd with a zone of the root, in which ns.example.net has an address. Of the zones in `broken` it has no data:
    SERVFAIL."""

    def __init__(self, zone, broken=(), folder="server"):
        self.folder = os.path.abspath(folder)
        os.mkdir(self.folder)
        self.port = free_port()
        self.write(zone)
        self.configuration = os.path.join(self.folder, "knot.conf")
        with open(self.configuration, "w", encoding="ascii") as f:
            f.write(CONFIGURATION.format(folder=self.folder, port=self.port))
            for domain in broken:
                f.write("  - domain: %s\n    storage: %s\n    file: not-there.zone\n" % (domain, self.folder))
        self.process = None

    def write(self, zone):
        with open(os.path.join(self.folder, "root.zone"), "w", encoding="ascii") as f:
            f.write(zone)

    def change(self, zone):
        """Another zone from now on."""
        self.stop()
        self.write(zone)
        self.start()

    @property
    def address(self):
        return "127.0.0.1:%d" % self.port

    def answers(self):
        query = struct.pack(">HHHHHH", 1, 0, 1, 0, 0, 0) + b"\2ns\7example\3net\0" + struct.pack(">HH", 1, 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(0.2)
            try:
                s.sendto(query, ("127.0.0.1", self.port))
                return s.recv(512)[3] & 15 == 0
            except OSError:
                return False

    def start(self):
        with open(os.path.join(self.folder, "log"), "wb") as log:
            self.process = subprocess.Popen([KNOT, "-c", self.configuration], stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE_S
        while not self.answers():
            if time.monotonic() > end or self.process.poll() is not None:
                with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as f:
                    sys.exit("Bail out! knotd does not answer: " + f.read()[-600:].replace("\n", "; "))
            time.sleep(0.05)

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None


def name_of(query):
    """Of the question: "_dmarc.example.com", as it was written."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("ascii"))
        at += 1 + query[at]
    return ".".join(labels), at + 1


class Faults:
    """Hands questions on to a server, and the answers back, a moment later; names in `faults` meet with one."""

    def __init__(self, server, delay_s=0.0):
        self.server, self.delay_s, self.faults, self.asked = server, delay_s, {}, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.waiting, self.lock = [], threading.Condition()
        self.ended = False
        for task in (self.receive, self.send):
            threading.Thread(target=task, daemon=True).start()

    def answer(self, query):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(5)
            s.sendto(query, ("127.0.0.1", self.server.port))
            return s.recv(65535)

    def distort(self, query):
        name, end = name_of(query)
        self.asked.append((name.lower(), struct.unpack(">H", query[end:end + 2])[0]))
        fault = self.faults.get(name.lower())
        question = query[12:end + 4]
        head = query[:2] + b"\x84"
        if fault == "silence":
            return None
        if fault in ("servfail", "refused"):
            return head + bytes([2 if fault == "servfail" else 5]) + struct.pack(">HHHH", 1, 0, 0, 0) + question
        if fault == "truncated":  # and nobody listens over TCP
            return query[:2] + b"\x86\0" + struct.pack(">HHHH", 1, 0, 0, 0) + question
        if fault == "lame":  # the name servers of the root, and no answer
            target = b"\2ns\7example\3net\0"
            referral = b"\0" + struct.pack(">HHIH", 2, 1, 300, len(target)) + target
            return query[:2] + b"\x80\0" + struct.pack(">HHHH", 1, 0, 1, 0) + question + referral
        answer = self.answer(query)
        if fault == "case":
            answer = answer[:12] + question.upper()[:-4] + question[-4:] + answer[end + 4:]
        return answer

    def receive(self):
        while not self.ended:
            try:
                query, who = self.socket.recvfrom(4096)
                answer = self.distort(query)
            except OSError:
                continue
            with self.lock:
                self.waiting.append((time.monotonic() + self.delay_s, answer, who))
                self.lock.notify()

    def send(self):
        while not self.ended:
            with self.lock:
                while not self.waiting and not self.ended:
                    self.lock.wait(0.5)
                due, answer, who = self.waiting.pop(0) if self.waiting else (0, None, None)
            if answer:
                time.sleep(max(0.0, due - time.monotonic()))
                self.socket.sendto(answer, who)

    def stop(self):
        self.ended = True
        self.socket.close()

# SPDX-License-Identifier: Apache-2.0
"""A small IMAP server that cuts, lies, babbles and falls silent on request."""
import socket
import threading
import time
import zlib


class Cut(Exception):
    pass


class Server:
    """One folder; what it does wrong is said by options.

    cut_at: bytes of a connection after which it is closed. cuts: so many connections are cut, then no more.
    say: word of a command -> lines sent in front of its answer. answer: word -> the tagged answer (or a function).
    fetch: (uid, mail) -> what stands in the brackets of its FETCH, or None. silent_at: a word that is never answered.
    drip: seconds between single bytes, from the first FETCH on. drop_after: a word; hangs up behind its answer.
    hidden: UIDs that a plain list by FETCH leaves out. undone: word -> UIDs to which it does nothing, and says OK.
    mute: it removes mails without a word. logins: what it offers to log in with. permanent: the flags that it keeps."""

    def __init__(self, mails, caps="IMAP4rev1 MOVE UIDPLUS", **options):
        self.mails = dict(enumerate(mails, 1))
        self.caps, self.validity, self.copies, self.log, self.connections = caps, 7, [], [], 0
        self.greeting, self.logins, self.permanent = "* OK ready", "AUTH=PLAIN SASL-IR", "\\Seen \\Deleted"
        self.cut_at = self.cuts = self.silent_at = self.drip = self.drop_after = self.fetch = None
        self.search = self.uidnext = None
        self.say, self.answer, self.hidden, self.undone, self.mute = {}, {}, set(), {}, False
        self.__dict__.update(options)
        self.deleted = set()
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(8)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def url(self, folder="INBOX"):
        return "imap://joe@127.0.0.1:%d/%s" % (self.port, folder)

    def stop(self):
        self.socket.close()

    def accept(self):
        while True:
            try:
                connection = self.socket.accept()[0]
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        state = {"sent": 0, "limit": self.cut_at if self.cuts is None or self.connections <= self.cuts else None,
                 "drip": None}

        def out(data):
            if isinstance(data, str):
                data = data.encode()
            limit = state["limit"]
            cut = limit is not None and state["sent"] + len(data) >= limit
            if cut:
                data = data[:limit - state["sent"]]
            state["sent"] += len(data)
            if state["drip"]:
                for byte in data:
                    connection.sendall(bytes([byte]))
                    time.sleep(state["drip"])
            else:
                connection.sendall(data)
            if cut:
                raise Cut

        try:
            connection.settimeout(30)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            out(self.greeting + "\r\n")
            lines = connection.makefile("rb")
            for line in lines:
                tag, _, rest = line.decode().strip().partition(" ")
                self.command(out, state, lines, tag, rest)
        except (Cut, OSError, ValueError):
            pass
        finally:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()

    def uids(self, text):
        found = []
        for part in text.split(","):
            low, _, high = part.partition(":")
            high = max(self.mails, default=0) if high == "*" else int(high or low)
            found += [uid for uid in sorted(self.mails) if int(low) <= uid <= high]
        return found

    def command(self, out, state, lines, tag, rest):
        words = rest.split(" ")
        word = words[1].upper() if words[0].upper() == "UID" else words[0].upper()
        self.log.append(rest)
        if word == self.silent_at:
            time.sleep(30)
            raise Cut
        for line in self.say.get(word, []):
            out(line if isinstance(line, bytes) else line + "\r\n")
        answer = self.answer.get(word, "OK done")
        if callable(answer):
            answer = answer(self, rest)
        if answer.startswith("OK"):
            self.perform(out, state, lines, word, words, rest)
        out("%s %s\r\n" % (tag, answer))
        if word in ("LOGOUT", self.drop_after):
            raise Cut

    def perform(self, out, state, lines, word, words, rest):
        if word == "CAPABILITY":
            out("* CAPABILITY %s %s\r\n" % (self.caps, self.logins))
        elif word == "LIST" and words[-1] == '""':
            out('* LIST (\\Noselect) "/" ""\r\n')
        elif word == "LIST" and words[-1] in ('"*"', '"INBOX"'):
            out('* LIST () "/" INBOX\r\n')
        elif word in ("EXAMINE", "SELECT"):
            out("* %d EXISTS\r\n* OK [UIDVALIDITY %d] yes\r\n* OK [UIDNEXT %d] next\r\n* FLAGS (\\Seen)\r\n"
                "* OK [PERMANENTFLAGS (%s)] limited\r\n"
                % (len(self.mails), self.validity, self.uidnext or max(self.mails, default=0) + 1, self.permanent))
        elif word == "SEARCH":
            low = int(words[3].split(":")[0]) if words[2] == "UID" else 1
            found = [uid for uid in sorted(self.mails) if uid >= low] or sorted(self.mails)[-1:]
            out(self.search(found) if self.search else "* SEARCH %s\r\n" % " ".join(map(str, found)))
        elif word == "FETCH":
            self.fetch_all(out, state, words[2], rest)
        elif word in ("MOVE", "COPY"):
            done = self.done(word, words[2])
            self.copies += done
            if word == "MOVE":
                self.remove(out, done)
        elif word == "STORE":
            self.deleted |= set(self.uids(words[2]))
        elif word == "EXPUNGE":
            self.remove(out, [uid for uid in self.done(word, words[2]) if uid in self.deleted])

    def done(self, word, which):
        """Those of the mails to which it does what it is asked for."""
        return [uid for uid in self.uids(which) if uid not in self.undone.get(word, ())]

    def remove(self, out, uids):
        for uid in uids:
            if not self.mute:
                out("* %d EXPUNGE\r\n" % (sorted(self.mails).index(uid) + 1))
            del self.mails[uid]

    def fetch_all(self, out, state, which, rest):
        sizes = "RFC822.SIZE" in rest
        if "BODY" in rest:
            state["drip"] = self.drip
        for uid in self.uids(which) or (sorted(self.mails)[-1:] if which.endswith("*") else []):
            number, mail = sorted(self.mails).index(uid) + 1, self.mails[uid]
            if rest.endswith("(UID)"):
                if uid not in self.hidden:
                    out("* %d FETCH (UID %d)\r\n" % (number, uid))
                continue
            if sizes:
                out("* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (number, uid, len(mail)))
                continue
            if "INTERNALDATE" in rest:
                out('* %d FETCH (UID %d INTERNALDATE "%s")\r\n' % (number, uid, self.date_of(mail)))
                continue
            inside = self.fetch(uid, mail) if self.fetch else b"UID %d BODY[] {%d}\r\n%s" % (uid, len(mail), mail)
            if inside is not None:
                out(b"* %d FETCH (%s)\r\n" % (number, inside))


    def date_of(self, mail):
        return "%2d-Nov-2026 10:%02d:00 +0000" % (1 + zlib.crc32(mail) % 28, zlib.crc32(mail) % 59)


def literal(mail):
    return b"{%d}\r\n%s" % (len(mail), mail)

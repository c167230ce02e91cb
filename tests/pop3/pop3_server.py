# SPDX-License-Identifier: Apache-2.0
"""A small POP3 server that refuses, cuts, lies and falls silent on request."""
import socket
import threading
import time


class Cut(Exception):
    pass


class Server:
    """One maildrop: unique-id -> mail. Deletes at QUIT alone.

    answer: word -> a function (server, argument) whose lines take the place of the command's answer; None: as always.
    before, after: word -> a function called there; a Cut closes the connection. say_size: what LIST says of a mail.
    drip: seconds between single bytes of mails. logins: the capabilities beside UIDL; None: it knows no CAPA."""

    def __init__(self, mails, **options):
        self.mails = {"id-%d" % n: mail for n, mail in enumerate(mails, 1)} if isinstance(mails, list) else mails
        self.greeting, self.logins = "+OK ready", ["USER", "SASL PLAIN"]
        self.answer, self.before, self.after = {}, {}, {}
        self.say_size, self.drip, self.cut_in_mail = len, None, None
        self.list_ids = lambda ids: ids
        self.log, self.connections = [], 0
        self.__dict__.update(options)
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(8)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def url(self):
        return "pop3://joe@127.0.0.1:%d/" % self.port

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
        def out(data):
            connection.sendall(data if isinstance(data, bytes) else (data + "\r\n").encode())

        session = {"ids": list(self.mails), "deleted": set()}
        try:
            connection.settimeout(30)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            out(self.greeting)
            for line in connection.makefile("rb"):
                self.command(out, session, *line.decode().strip().partition(" ")[::2])
        except (Cut, OSError, ValueError):
            pass
        finally:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()

    def command(self, out, session, word, argument):
        word = word.upper()
        self.log.append((word + " " + argument).strip())
        if word in self.before:
            self.before[word](self, argument)
        lines = self.answer[word](self, argument) if word in self.answer else None
        if lines is None:
            self.perform(out, session, word, argument)
        else:
            for line in lines:
                out(line)
        if word in self.after:
            self.after[word](self, argument)
        if word == "QUIT":
            raise Cut

    def perform(self, out, session, word, argument):
        ids = session["ids"]
        if word == "CAPA" and self.logins is None:
            out("-ERR no such command")
        elif word == "CAPA":
            for line in ["+OK", "UIDL", *self.logins, "."]:
                out(line)
        elif word == "AUTH" and " " not in argument:
            out("+ ")
        elif word == "UIDL":
            listed = self.list_ids(ids)
            for line in ["+OK", *("%d %s" % (n, i) for n, i in enumerate(listed, 1)), "."]:
                out(line)
        elif word == "LIST":
            for line in ["+OK", *("%d %d" % (n, self.say_size(self.mails[i])) for n, i in enumerate(ids, 1)), "."]:
                out(line)
        elif word == "RETR":
            out("+OK")
            self.give(out, self.mails[ids[int(argument) - 1]])
        elif word == "DELE":
            session["deleted"].add(ids[int(argument) - 1])
            out("+OK")
        elif word == "QUIT":
            for i in session["deleted"]:
                self.mails.pop(i, None)
            out("+OK bye")
        else:
            out("+OK")

    def give(self, out, mail):
        data = b"".join(b"." + line if line.startswith(b".") else line for line in mail.splitlines(True)) + b".\r\n"
        if self.cut_in_mail is not None:
            out(data[:self.cut_in_mail])
            raise Cut
        if not self.drip:
            out(data)
            return
        for n in range(len(data)):
            out(data[n:n + 1])
            time.sleep(self.drip)

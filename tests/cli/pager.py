#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pager: text on a terminal goes through it, nothing else does, and whoever leaves it early hears no complaint."""
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import sys
import termios
import time

from harness import SAMPLE, Suite

suite = Suite()
suite.run("import", "--quiet", "--db", "t.db", SAMPLE)
MARK = "sed s/^/P:/"


class Terminal:
    """The program on a terminal of 24 rows and 100 columns."""

    def __init__(self, *args, **environment):
        self.output = b""
        self.pid, self.fd = pty.fork()
        if not self.pid:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
            os.execve(suite.binary, [suite.binary, *args],
                      {**suite.environment, "TERM": "xterm", "LESSHISTFILE": "-", **environment})

    def read(self, until=None, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end and not (until and until in self.output):
            if not select.select([self.fd], [], [], 0.2)[0]:
                continue
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                break
            if not data:
                break
            self.output += data
        return self.output.decode("utf-8", "replace").replace("\r\n", "\n")

    def end(self):
        text = self.read()
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.fd)
        return status, text


def lines(*args, **environment):
    return Terminal(*args, **environment).end()[1].splitlines()


def paged(*args, **environment):
    shown = lines(*args, **environment)
    return bool(shown) and all(line.startswith("P:") for line in shown)


SUMMARY = ("summary", "--db", "t.db")
suite.check("text on a terminal goes through DMARCCTL_PAGER", paged(*SUMMARY, DMARCCTL_PAGER=MARK))
suite.check("else through PAGER", paged(*SUMMARY, PAGER=MARK))
suite.check("DMARCCTL_PAGER goes before it", paged(*SUMMARY, DMARCCTL_PAGER=MARK, PAGER="false"))
for verb in (["readiness", "example.com"], ["whatif", "example.com", "--p", "reject"], ["compliance", "example.com"],
             ["diff", "--as-of", "2026-10-31"], ["sources"]):
    suite.check("so do the answers of %s" % verb[0], paged(*verb, "--db", "t.db", DMARCCTL_PAGER=MARK))
for name, args, environment in (
        ("--no-pager", ["--no-pager"], {}), ("--quiet", ["--quiet"], {}), ("--format json", ["--format", "json"], {}),
        ("--format csv", ["--format", "csv"], {}), ("a dumb terminal", [], {"TERM": "dumb"}),
        ("a terminal without a name", [], {"TERM": ""}), ("an empty pager", [], {"DMARCCTL_PAGER": ""}),
        ("cat", [], {"DMARCCTL_PAGER": "cat"})):
    suite.check("not so with " + name, not paged(*SUMMARY, *args, **{"DMARCCTL_PAGER": MARK, **environment}))
done = suite.run(*SUMMARY, env={"DMARCCTL_PAGER": MARK, "TERM": "xterm"})
suite.check("nor what is no terminal", done.out and "P:" not in done.out, done.out)
suite.run(*SUMMARY, "--output", "file", env={"DMARCCTL_PAGER": MARK})
with open("file") as f:
    suite.check("nor a file", "P:" not in f.read())
suite.check("nor an import", not paged("import", "--db", "p.db", SAMPLE, DMARCCTL_PAGER=MARK))

shown = lines(*SUMMARY, DMARCCTL_PAGER="cat -v")
suite.check("colours reach the pager", any("^[[1m" in line for line in shown), shown)
shown = lines("reports", "--db", "t.db", "--color", "never", DMARCCTL_PAGER="tee /dev/null")
suite.check("lines fit the terminal", max(map(len, shown)) <= 100, max(map(len, shown)))
ADDRESSES = ("sources", "--by", "address", "--db", "t.db", "--color", "never")
rows = len(suite.run(*ADDRESSES).out.splitlines())
suite.equal("with a pager all rows come", len(lines(*ADDRESSES, "--wide", DMARCCTL_PAGER="tee /dev/null")), rows)
suite.equal("without one a hundred, the total of all, and a remark", len(lines(*ADDRESSES, "--no-pager")), 103)

status, shown = Terminal("export", "--db", "t.db", DMARCCTL_PAGER="head -n 1 >/dev/null").end()
suite.equal("whoever leaves the pager early hears no complaint", (status, shown), (-signal.SIGPIPE, ""))
status, shown = Terminal("summary", "--db", "none.db", DMARCCTL_PAGER=MARK).end()
suite.check("an error is told beside the pager", status == 1 and "there is no database" in shown and "P:" not in shown, shown)

waiting = Terminal(*SUMMARY, DMARCCTL_PAGER="echo begun; sleep 1; cat >/dev/null; echo ended")
waiting.read(b"begun")
os.kill(waiting.pid, signal.SIGINT)
status, shown = waiting.end()
suite.check("SIGINT ends the program when the pager has ended", status == -signal.SIGINT and "ended" in shown,
            status, shown)

os.mkdir("bin")
for tool in ("sh", "cat"):
    os.symlink(shutil.which(tool), "bin/" + tool)
status, shown = Terminal(*SUMMARY, PATH=os.path.abspath("bin")).end()
suite.check("without less the text comes all the same", status == 0 and "example.com" in shown, status, shown)

if shutil.which("less"):
    status, shown = Terminal(*SUMMARY).end()
    suite.check("less leaves at once where all fits", status == 0 and "example.com" in shown, status, shown)
    suite.check("and shows colours, not their codes", "\x1b[1m" in shown and "ESC" not in shown, repr(shown))
    reader = Terminal("export", "--db", "t.db")
    reader.read(b"example.com")
    time.sleep(0.5)
    os.write(reader.fd, b"q")
    status, shown = reader.end()
    suite.check("what does not fit waits for the reader", status in (0, -signal.SIGPIPE) and len(shown) < 60000, status, len(shown))
else:
    suite.checks += 1
    print("ok %d - less shows the text # SKIP less is missing" % suite.checks)
suite.finish()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sandbox of import and show: what they still can do in it, and what is said of it. What an exploit could not is
tests/unit/test_sandbox.c."""
import ctypes
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import time

from harness import SAMPLE, Suite, report, reports

s = Suite()
s.environment.pop("DMARCCTL_SANDBOX", None)
LANDLOCK_CREATE_RULESET = 444  # on every architecture


def without_landlock():
    """In a child, before it becomes the program: a filter of our own that answers as an older kernel does."""
    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
    load, jump_equal, ret = 0x20, 0x15, 0x06
    instructions = [(load, 0, 0, 0), (jump_equal, 0, 1, LANDLOCK_CREATE_RULESET), (ret, 0, 0, 0x00050000 | 38),
                    (ret, 0, 0, 0x7fff0000)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *i) for i in instructions))
    program = Program(len(instructions), ctypes.addressof(code))
    libc = ctypes.CDLL(None)
    libc.prctl(38, 1, 0, 0, 0)
    libc.prctl(22, 2, ctypes.byref(program))


def in_force(*args, **more):
    return [r for r in s.rows("config", *args, **more) if r["section"] == "system"][0]["value"]


whole = in_force().startswith("Landlock")

# --- what is said of it -----------------------------------------------------------------------------------------------

with open("off.conf", "w") as f:
    f.write("[defaults]\nsandbox = off\n")
s.equal("the configuration says off, and config says none", in_force("off.conf"), "none")
done = s.run("config", "--format", "ndjson", env={"DMARCCTL_SANDBOX": "require"})
s.check("the environment says it too", '"value":"require","origin":"environment"' in done.out, done.out)
done = s.run("import", "--sandbox=perhaps", "--db", "t.db", SAMPLE)
s.check("there are three words", done.returncode == 2 and "auto, require, off" in done.err, done.err)
done = s.run("config", "--format", "ndjson", preexec_fn=without_landlock)
s.check("an older kernel gives what it has", '"value":"seccomp' in done.out, done.out)

# --- where it is not whole ----------------------------------------------------------------------------------------------

with open("one.xml", "wb") as f:
    f.write(report("one"))
done = s.run("import", "--sandbox=require", "--db", "none.db", "one.xml", preexec_fn=without_landlock)
s.check("what is required and not to be had ends the import before anything is read",
        done.returncode == 1 and "the sandbox is required, and there is no Landlock" in done.err and
        reports("none.db") == [], done.err)
done = s.run("show", "--sandbox=require", "one.xml", preexec_fn=without_landlock)
s.check("and show", done.returncode == 1 and "there is no Landlock" in done.err and not done.out, done.err)
done = s.run("import", "--db", "auto.db", "one.xml", preexec_fn=without_landlock)
s.equal("what is not required is done without", (done.returncode, reports("auto.db")), (0, ["one"]))

if not whole:
    print("# this machine has no Landlock: the rest is left out")
    s.finish()

# --- in it ----------------------------------------------------------------------------------------------------------

s.environment["DMARCCTL_SANDBOX"] = "require"
os.mkdir("elsewhere")
os.mkdir("in")
with open("elsewhere/two.xml", "wb") as f:
    f.write(report("two"))
with open("in/one.xml", "wb") as f:
    f.write(report("one"))
os.symlink("../elsewhere/two.xml", "in/two.xml")
done = s.run("import", "--db", "links.db", "in")
s.equal("a link in a folder is followed to its file", (done.returncode, reports("links.db")), (0, ["one", "two"]))

os.mkdir("data")
s.run("import", "--db", "data/real.db", "one.xml")
os.symlink("data/real.db", "linked.db")
done = s.run("import", "--db", "linked.db", "in")
s.equal("a database behind a link is opened where it is", (done.returncode, reports("data/real.db")), (0, ["one", "two"]))
done = s.run("import", "one.xml", env={"XDG_DATA_HOME": os.path.abspath("share")})
s.equal("one in a folder that is made for it", (done.returncode, reports("share/dmarcctl/dmarc.db")), (0, ["one"]))

os.mkdir("out")
done = s.run("import", "--db", "out.db", "--format", "json", "--output", "out/summary.json", "one.xml")
s.check("the summary is written where --output says", done.returncode == 0 and os.path.exists("out/summary.json"),
        done.err)
with open("one.xml", "rb") as f:
    done = s.run("import", "--db", "stdin.db", "-", stdin=f)
s.equal("standard input is read", (done.returncode, reports("stdin.db")), (0, ["one"]))
done = s.run("import", "--db", "dry.db", "--dry-run", "one.xml")
s.equal("nothing is written by a dry run", (done.returncode, os.path.exists("dry.db")), (0, False))
done = s.run("show", "--format", "markdown", "--output", "out/page.md", "in")
s.check("show writes its page", done.returncode == 0 and "example.com" in open("out/page.md").read(), done.err)

seen = s.run("import", "--sandbox=off", "--db", "off.db", SAMPLE)
done = s.run("import", "--db", "on.db", SAMPLE)
s.equal("in it and outside of it the same is read", (done.returncode, done.err, reports("on.db")),
        (seen.returncode, seen.err, reports("off.db")))

# --- the processes that parse -------------------------------------------------------------------------------------------


def descendants(pid):
    """Of a process: pid and name of each."""
    found, parents = [], {pid}
    for entry in sorted((e for e in os.listdir("/proc") if e.isdigit()), key=int):
        try:
            name, rest = open("/proc/%s/stat" % entry).read().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        if int(rest.split()[1]) in parents and rest.split()[0] != "Z":
            parents.add(int(entry))
            found.append((int(entry), name))
    return found


def wait_for(what, seconds=120):
    """Until there is something; wide, for busy machines."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    return None


def waiting_import(db, *files):
    """An import whose worker waits for a fifo: the process, the worker's pid, and the end that is written to."""
    process = subprocess.Popen([s.binary, "import", "--jobs", "1", "--db", db, *files], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env={**s.environment, "DMARCCTL_PASSWORD": "correct horse"})
    end = open("fifo", "wb", buffering=0)
    end.write(b"<feedback>")
    worker = wait_for(lambda: [pid for pid, name in descendants(process.pid) if name == "dmarcctl-parser"])
    return process, worker[0], end


os.mkfifo("fifo")
with open("two.xml", "wb") as f:
    f.write(report("two"))
process, worker, end = waiting_import("killed.db", "one.xml", "fifo", "two.xml")
try:
    environments = [open("/proc/%d/environ" % pid, "rb").read() for pid, _ in descendants(process.pid)]
    s.check("a process that parses has no secret of the environment", len(environments) >= 2 and
            not any(b"correct horse" in e for e in environments), environments)
except PermissionError:
    print("# another user's processes: their environments are not looked at")
os.kill(worker, signal.SIGKILL)
out, err = process.communicate(timeout=120)
end.close()
s.equal("one that is killed costs the input that it read, and the rest is read",
        (process.returncode, reports("killed.db")), (3, ["one", "two"]))
sentence = "fifo: rejected: the process that read it was ended by signal 9 (Killed)"
s.check("which is told with its name and its cause", sentence in err.decode(), err)
ledger = [row for row in s.rows("errors", "--db", "killed.db") if row["origin"] == "fifo"]
s.check("and stands in the ledger", len(ledger) == 1 and "signal 9" in ledger[0]["reason"], ledger)

process, worker, end = waiting_import("gone.db", "fifo")
others = [pid for pid, _ in descendants(process.pid)]
process.kill()
process.wait(timeout=120)
s.check("who is killed leaves none of them behind",
        wait_for(lambda: not any(os.path.exists("/proc/%d" % pid) for pid in others)), others)
end.close()

process, worker, end = waiting_import("ended.db", "one.xml", "fifo")
process.send_signal(signal.SIGINT)
out, err = process.communicate(timeout=120)
end.close()
s.equal("who is interrupted does not wait for them", (process.returncode, reports("ended.db")), (130, ["one"]))


def on_a_terminal(*args):
    pid, fd = pty.fork()
    if not pid:
        os.execve(s.binary, [s.binary, *args], {**s.environment, "TERM": "xterm", "DMARCCTL_PAGER": "sed s/^/P:/"})
    output = b""
    while select.select([fd], [], [], 60)[0]:
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        output += data
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), output.decode("utf-8", "replace")


status, text = on_a_terminal("show", "in")
s.check("what show says goes through a pager", status == 0 and "P:" in text and "example.com" in text, status, text)
s.finish()

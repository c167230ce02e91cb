#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who looks at a running import, at what it starts and at what it leaves, finds no password."""
import os
import shutil
import sys

from harness import Suite, record, report

suite = Suite()
if not os.path.isdir("/proc/self"):
    print("1..0 # SKIP there is no /proc")
    sys.exit(0)
SECRETS = ("s3cret-of-the-environment", "s3cret-of-the-command")
# What the command sees that prints a password: its own environment, and what the system shows of who started it.
LOOK = """env >seen.env
: >seen.parent
(tr '\\0' '\\n' <"/proc/$PPID/environ" >seen.parent) 2>seen.error || :
tr '\\0' '\\n' <"/proc/$PPID/cmdline" >seen.line
grep 'core file size' "/proc/$PPID/limits" >seen.limits
stat -c %%u "/proc/$PPID/environ" >seen.owner
echo %s
""" % SECRETS[1]
with open("look", "w", encoding="ascii") as f:
    f.write(LOOK)
with open("r.xml", "wb") as f:
    f.write(report("r1", record()))

# Whom the files of a process belong to in /proc tell whether others may look into it, unless it is root's anyway.
me = {}
if os.geteuid() == 0:
    shutil.copy(suite.binary, "dmarcctl")
    suite.binary = os.path.abspath("dmarcctl")
    for path in (".", "dmarcctl", "look", "r.xml"):
        os.chmod(path, 0o755)
        os.chown(path, 65534, 65534)
    me = {"user": 65534, "group": 65534, "extra_groups": []}
os.environ.pop("PAGER", None)
URL = ("import", "--db", "t.db", "r.xml", "imap://dmarc@127.0.0.1:1/INBOX", "--allow-plain", "--retries", "0")


def seen(name):
    with open("seen." + name, encoding="utf-8") as f:
        return f.read()


done = suite.run(*URL, "--password-command", "exec sh ./look", env={"DMARCCTL_PASSWORD": SECRETS[0]}, **me)
suite.check("the command is run, and the server asked", done.returncode in (1, 3) and "127.0.0.1" in done.err, done.err)
suite.check("it finds no password in its environment", "DMARCCTL_PASSWORD" not in seen("env") and "HOME=" in seen("env"), seen("env"))
suite.check("nor in that of the program", SECRETS[0] not in seen("parent"), seen("parent"))
suite.check("nor on its command line", not any(s in seen("line") for s in SECRETS) and "import" in seen("line"), seen("line"))
suite.equal("the program leaves no core", seen("limits").split()[4], "0")
suite.equal("and is nobody's to look into", seen("owner").strip(), "0")
if me:
    suite.run(*URL, "--password-command", "exec sh ./look", env={"DMARCCTL_PASSWORD": SECRETS[0]})
    suite.check("root, who may look, does not find it there either", SECRETS[0] not in seen("parent") and "HOME=" in seen("parent"),
                seen("parent"))
    os.chown("t.db", 65534, 65534)
done = suite.run(*URL, env={"DMARCCTL_PASSWORD": SECRETS[0]}, **me)
suite.check("the password is there all the same", done.returncode in (1, 3) and "password" not in done.err, done.err)
done = suite.run(*URL, env={"DMARCCTL_PASSWORD": "x" * 20000}, **me)
suite.check("one that is too long is told", "DMARCCTL_PASSWORD: is too long" in done.err, done.err)
written = [name for name in os.listdir(".") if name.startswith("t.db")]
suite.check("the database has none", written and not any(s.encode() in open(name, "rb").read() for name in written for s in SECRETS))
suite.check("nor has what was told", not any(s in done.out + done.err for s in SECRETS), done.out, done.err)
suite.finish()

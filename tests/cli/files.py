#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files that we make are nobody else's business, and files that somebody else could write are not believed."""
import os
import stat
import subprocess

from harness import Suite, record, report

suite = Suite()
IS_ROOT = os.geteuid() == 0  # who alone can make files that belong to others
NOBODY = 65534


def mode(path):
    return oct(stat.S_IMODE(os.stat(path).st_mode))


def write(path, text, permissions=0o600):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, permissions)


# The database: while an import waits for its input, the files beside it are there.
write("r.xml", report("r1", record()).decode())
for mask in (0o000, 0o022, 0o277):
    before = os.umask(mask)
    importing = subprocess.Popen([suite.binary, "import", "--db", "%o.db" % mask, "r.xml", "-"], stdin=subprocess.PIPE,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=suite.environment)
    names = ["%o.db%s" % (mask, suffix) for suffix in ("", "-wal", "-shm")]
    while importing.poll() is None and not all(os.path.exists(name) for name in names):
        pass
    modes = [mode(name) for name in names]
    importing.communicate()
    os.umask(before)
    suite.equal("with a umask of %o a new database and what is beside it is ours alone" % mask, modes, ["0o600"] * 3)
suite.equal("and holds what was imported", len(suite.rows("reports", "--db", "0.db")), 1)
os.chmod("22.db", 0o640)
suite.run("import", "--db", "22.db", "r.xml")
suite.equal("an old one keeps the mode that it was given", mode("22.db"), "0o640")
os.symlink("nowhere.db", "link.db")
done = suite.run("import", "--db", "link.db", "r.xml")
suite.check("a link that leads nowhere makes no database", done.returncode == 1 and "link.db: is a link to a file that does not exist"
            in done.err and not os.path.exists("nowhere.db"), done.err)

# What names commands, and what holds secrets.
URL = ("import", "--db", "0.db", "imap://dmarc@127.0.0.1:1/INBOX", "--allow-plain", "--retries", "0", "--password-file", "secret")


def is_refused(sentence, words, *args):
    done = suite.run(*args)
    suite.check(sentence, done.returncode in (1, 2) and words in done.err, done.returncode, done.err)


def is_taken(sentence, *args):
    done = suite.run(*args)
    suite.check(sentence, not any(words in done.err for words in ("may write", "may read", "belongs to")), done.err)


write("config", "[defaults]\njobs = 1\n", 0o644)
write("secret", "s3cret\n", 0o640)
is_taken("a configuration that all may read is taken", "summary", "--db", "0.db", "--config", "config")
is_taken("a secret that its group may read, which root can give to a service", *URL)
os.chmod("config", 0o664)
os.chmod("secret", 0o620)
is_refused("a configuration that its group may write is refused", "its group may write it", "summary", "--config", "config")
is_refused("so is a secret", "its group may write it", *URL)
if IS_ROOT:
    for name in ("config", "secret"):
        os.chmod(name, 0o600)
        os.chown(name, NOBODY, -1)
    is_refused("a configuration of another user is refused", "belongs to another user", "summary", "--config", "config")
    is_refused("so is a secret", "belongs to another user", *URL)

# What is written for the user.
write("kept.csv", "old", 0o604)
if IS_ROOT:
    os.chown("kept.csv", NOBODY, NOBODY)
suite.run("summary", "--db", "0.db", "--output", "kept.csv", "-f", "csv")
suite.equal("a result keeps the mode of what it replaces, and its owner", (mode("kept.csv"), os.stat("kept.csv").st_uid),
            ("0o604", NOBODY if IS_ROOT else os.geteuid()))
os.symlink("kept.csv", "mine")
write("kept.csv", "old")
suite.run("summary", "--db", "0.db", "--output", "mine", "-f", "csv")
with open("kept.csv", encoding="utf-8") as f:
    suite.check("an own link is followed", os.path.islink("mine") and f.read().startswith("domain,"))
if IS_ROOT:
    for name, target in (("planted", "kept.csv"), ("planted-for-new", "new.csv")):
        os.symlink(target, name)
        os.lchown(name, NOBODY, NOBODY)
        os.symlink(name, "to-" + name)
    write("kept.csv", "old")
    for name in ("planted", "to-planted", "planted-for-new", "to-planted-for-new"):
        is_refused("a link of another user (%s) is not followed" % name, "is a link that another user made", "summary", "--db",
                   "0.db", "--output", name)
    with open("kept.csv", encoding="utf-8") as f:
        suite.equal("and what it leads to stays as it was", (f.read(), os.path.exists("new.csv")), ("old", False))
suite.finish()

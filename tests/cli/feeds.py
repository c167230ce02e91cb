#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""export --new: each reader is given what came since, at least once, and its feed moves on once it took everything."""
import json
import os
import random
import signal
import subprocess
import time

from harness import Suite, query, record, report, some

suite = Suite()
DAY = 86400
BEGIN = 1790812800  # 2026-10-01


def bring(name, data, db="f.db"):
    with open(name + ".xml", "wb") as f:
        f.write(data)
    return suite.run("import", "--db", db, "--quiet", name + ".xml")


def ids(text):
    return [json.loads(line)["report_id"] for line in text.splitlines()]


def take(feed, *args, db="f.db"):
    return suite.run("export", "--db", db, "--format", "ndjson", "--new", feed, *args)


def taken(feed, *args, db="f.db"):
    return ids(take(feed, *args, db=db).out)


bring("a", report("a"))
bring("b", report("b", domain="example.org", begin=BEGIN + DAY))
suite.equal("the first time everything is new", taken("one"), ["a", "b"])
suite.equal("then nothing is", taken("one"), [])
bring("late", report("late", begin=BEGIN - 30 * DAY))
suite.equal("a late report is new, however old", taken("one"), ["late"])
suite.equal("another feed has a place of its own", sorted(taken("two")), ["a", "b", "late"])
bring("a", report("a"))
suite.equal("what is imported again is not new", taken("one"), [])
with open("damaged.xml", "wb") as f:
    f.write(report("mended", record(ip="192.0.2.1") + record(ip="192.0.2.2"))[:-120])
suite.run("import", "--db", "f.db", "--quiet", "damaged.xml")
taken("one")
bring("whole", report("mended", record(ip="192.0.2.1") + record(ip="192.0.2.2")))
suite.equal("a report that takes the place of a damaged one is", taken("one"), ["mended"] * 2)
bring("c", report("c"))
suite.equal("with a filter it is that part", taken("one", "--domain", "example.org"), [])
suite.equal("of what the feed goes past", taken("one"), [])
suite.equal("rewound it begins anew", set(taken("one", "--rewind")), {"a", "b", "late", "mended", "c"})
suite.equal("and stands at the end", taken("one"), [])
bring("d", report("d"))
rows = suite.rows("export", "--db", "f.db", "--feeds")
suite.equal("feeds are listed with what waits for them", [(r["feed"], r["waiting_reports"]) for r in rows],
            [("one", 1), ("two", len(query("f.db", "SELECT 1 FROM report")) - 3)])

# --- who did not take it -----------------------------------------------------------------------------------------------


def stays(sentence, *args, shell=None):
    if shell:
        subprocess.run(["bash", "-c", shell], env={**suite.environment, "B": suite.binary}, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    else:
        take("one", *args)
    suite.equal(sentence, suite.rows("export", "--db", "f.db", "--feeds")[0]["waiting_reports"], waiting)


many = "".join(record(ip="192.0.2.%d" % (i % 250), count=i + 1, header_from="h%d.example.com" % i) for i in range(2000))
bring("many", report("many", many))
waiting = suite.rows("export", "--db", "f.db", "--feeds")[0]["waiting_reports"]
EXPORT = '"$B" export --db f.db --format ndjson --new one'
stays("the reader leaves", shell=EXPORT + " | head -c 1000")
stays("the reader leaves without a word", shell=EXPORT + " | true")
stays("the reader leaves with something in the pipe", shell='"$B" export --db f.db --format ndjson --new one --id d | sleep 0.3')
stays("the disk is full", shell=EXPORT + " >/dev/full")
stays("there is no output", shell=EXPORT + " >&-")
stays("the output cannot be made", "--output", "nowhere/file")
stays("its command fails", "--to", "cat >/dev/null; exit 7")
stays("its command leaves", "--to", "head -c 1000 >/dev/null; exit 7")
stays("its command is killed", "--to", "kill -9 $$")
stays("there is no such command", "--to", "/nowhere/command")
stays("the options are wrong", "--limit", "3")
done = take("one", "--to", "cat >/dev/null; exit 7")
suite.check("it says why", done.returncode == 1 and done.err == "dmarcctl: the command of --to ended with status 7\n", done.err)
done = take("one", "--output", "taken.ndjson")
suite.check("a file that was written was taken", done.returncode == 0 and "d" in ids(open("taken.ndjson").read()), done.err)
suite.equal("so it moved on", taken("one"), [])
bring("e", report("e"))
done = take("one", "--to", "cat >command.ndjson")
suite.check("a command that ends well took it", done.returncode == 0 and ids(open("command.ndjson").read()) == ["e"], done.err)
bring("f", report("f"))
slow = subprocess.run(["bash", "-c", EXPORT + " | (sleep 0.3; cat)"], env={**suite.environment, "B": suite.binary},
                      stdout=subprocess.PIPE)
suite.equal("a slow reader is waited for", (ids(slow.stdout.decode()), taken("one")), (["f"], []))

# --- other formats, refusals, pruned reports -----------------------------------------------------------------------------

for number, (shape, sign) in enumerate((("csv", "g0"), ("json", "g1"), ("parsedmarc-csv", "g2"), ("parsedmarc-json", "g3"))):
    bring("g%d" % number, report("g%d" % number))
    out = suite.run("export", "--db", "f.db", "--new", "one", "--format", shape).out
    suite.check("%s has what is new" % shape, sign in out and "many" not in out, out)
for sentence, args in (("a name that is empty", ["--new", ""]), ("a limit", ["--new", "x", "--limit", "1"]),
                       ("a command without a feed", ["--to", "cat"]), ("nothing to rewind", ["--rewind"]),
                       ("a command and a file", ["--new", "x", "--to", "cat", "--output", "y"]),
                       ("the list and a feed", ["--new", "x", "--feeds"]),
                       ("metrics", ["--new", "x", "--format", "openmetrics"])):
    done = suite.run("export", "--db", "f.db", *args)
    suite.check("refused: %s" % sentence, done.returncode == 2 and not done.out and len(done.err.splitlines()) == 1, done.err)
now = int(time.time()) // DAY * DAY
bring("old", report("old", begin=now - 50 * DAY), db="p.db")
suite.equal("an old report is taken", taken("p", db="p.db"), ["old"])
bring("old2", report("old2", begin=now - 40 * DAY), db="p.db")
bring("young", report("young", begin=now - 4 * DAY), db="p.db")
suite.run("prune", "--db", "p.db", "--older", "20d", "--quiet")
done = take("p", db="p.db")
suite.check("what was pruned before it was taken is told, not given", ids(done.out) == ["young"] and done.err ==
            'dmarcctl: 1 report that "p" never took: pruned before\n', done.out, done.err)
suite.run("prune", "--db", "p.db", "--all", "--domain", "example.com", "--quiet")
bring("back", report("back", begin=now - 4 * DAY), db="p.db")
suite.equal("a number that became free hides nothing", taken("p", db="p.db"), ["back"])

# --- killed at any moment ------------------------------------------------------------------------------------------------

# Reports come, a feed is taken by a command that applies each event to a sink, and either is killed now and then. The sink
# is a map by id, as a search engine is: what comes again overwrites itself. One write an event, so that none is torn.
SINK = """import json, os, sys
sink = os.open("sink", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
for line in sys.stdin:
    os.write(sink, (json.loads(line)["index"]["_id"] + " " + next(sys.stdin)).encode())
"""
with open("sink.py", "w") as f:
    f.write(SINK)
chance = random.Random(7)


def of_session(session, whom):
    """The processes of a shell of ours whose command line has these words, but not the shell itself."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as f:
                words = f.read().replace(b"\0", b" ").decode()
            if os.getsid(int(pid)) == session and whom in words and "bash" not in words:
                found.append(int(pid))
        except (OSError, ProcessLookupError):
            pass
    return found


def rounds(count, shell, whom):
    """So many exports, each killed at a moment of its own, and between them reports."""
    number, moved = 0, 0
    begun = time.monotonic()
    subprocess.run(["bash", "-c", shell], env={**suite.environment, "B": suite.binary})
    run_s = time.monotonic() - begun
    for _ in range(count):
        for _ in range(chance.randrange(3)):
            number += 1
            bring("k%d" % number, report("k%d" % number, "".join(
                record(ip="192.0.2.%d" % i, count=i + 1) for i in range(chance.randrange(1, 40)))), db="k.db")
        before = query("k.db", "SELECT report_id FROM feed")
        process = subprocess.Popen(["bash", "-c", shell], env={**suite.environment, "B": suite.binary},
                                   start_new_session=True, stderr=subprocess.DEVNULL)
        time.sleep(run_s * 1.2 * chance.random())
        if whom == "all":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            for pid in of_session(process.pid, whom):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        process.wait()
        moved += before != query("k.db", "SELECT report_id FROM feed")
    return moved


def is_in_sink():
    done = suite.run("export", "--db", "k.db", "--format", "elastic-bulk", "--new", "sink", "--to", "python3 sink.py")
    stored = {r["id"]: r for r in suite.rows("export", "--db", "k.db")}
    with open("sink") as f:
        sink = {line.split(" ", 1)[0]: json.loads(line.split(" ", 1)[1]) for line in f}
    return done.returncode == 0 and sink == stored and len(stored) > 50


bring("k0", report("k0"), db="k.db")
TO = '"$B" export --db k.db --format elastic-bulk --new sink --to "python3 sink.py"'
moved = 0
for whom in "all", "sink.py", "export --db k.db":
    moved += rounds(len(some(range(67), 10)), TO, whom)
suite.check("killed 200 times, the sink equals the database", is_in_sink())
suite.check("and the feed did move meanwhile", moved > 0, moved)
suite.check("the database is sound", query("k.db", "PRAGMA integrity_check") == [("ok",)])
suite.finish()

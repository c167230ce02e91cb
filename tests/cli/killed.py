#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An import that is killed at any moment, again and again: what it leaves is sound, of whole reports, and never less than
before; and one that is let be completes it. NIGHTLY kills a thousand."""
import os
import random
import signal
import sqlite3
import subprocess
import time

from harness import SPARING, Suite, query, record, report

suite = Suite()
KILLS = 1000 if os.environ.get("NIGHTLY") else 6 if SPARING else 15
SMALL, LARGE = 80, 1500  # reports; records of one more
FAULTS = (
    ("PRAGMA integrity_check", [("ok",)]),
    ("PRAGMA foreign_key_check", []),
    ("SELECT report_id FROM report r WHERE record_count != (SELECT count(*) FROM record WHERE id >= r.first_record"
     " AND id < r.first_record + r.record_count)", []),
    ("SELECT (SELECT count(*) FROM record) - (SELECT coalesce(sum(record_count), 0) FROM report)", [(0,)]),
)
CONTENT = "SELECT report_id, record_count, message_count, digest FROM report ORDER BY report_id"


def write(name, data):
    with open("reports/" + name, "wb") as f:
        f.write(data)


def command(db):
    return [suite.binary, "import", "--quiet", "--db", db, "reports"]


def faults(db):
    """What is wrong with it; nothing, where there is no layout yet."""
    with sqlite3.connect(db) as c:
        if not c.execute("SELECT 1 FROM sqlite_schema WHERE name = 'report'").fetchall():
            return []
        return ["%s: %r" % (sql, rows) for sql, expected in FAULTS if (rows := c.execute(sql).fetchall()) != expected]


def kill_behind(seconds, db):
    """True: it was still at work."""
    process = subprocess.Popen(command(db), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=suite.environment)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


os.mkdir("reports")
for n in range(SMALL):
    write("%d.xml" % n, report("s%d" % n, "".join(record(ip="192.0.2.%d" % (i + n % 99)) for i in range(1, 40))))
write("large.xml", report("large", "".join(record(ip="198.51.100.%d" % (i % 250), count=i + 1) for i in range(LARGE))))

begun = time.monotonic()
suite.equal("it completes where nobody kills it", subprocess.run(command("whole.db"), env=suite.environment, timeout=120).returncode, 0)
lasts = time.monotonic() - begun
whole = query("whole.db", CONTENT)
suite.equal("with all reports", len(whole), SMALL + 1)

chance = random.Random(1)
killed, rounds, before, wrong = 0, 0, 0, []
for _ in range(KILLS):
    # Each round begins with no database; later imports of it have less to do.
    caught = kill_behind(chance.random() * lasts * 1.1, "killed.db")
    killed += caught
    if not os.path.exists("killed.db"):
        continue
    wrong += faults("killed.db")
    now = len(query("killed.db", "SELECT 1 FROM report")) if not wrong else 0
    if now < before:
        wrong.append("there were %d reports, there are %d" % (before, now))
    before = now
    if not caught or now == len(whole):
        done = subprocess.run(command("killed.db"), env=suite.environment, timeout=120)
        if done.returncode != 0 or query("killed.db", CONTENT) != whole:
            wrong.append("round %d: the last import ends with %d, and %d reports" % (rounds, done.returncode, len(query("killed.db", CONTENT))))
        for name in ("killed.db", "killed.db-wal", "killed.db-shm"):
            if os.path.exists(name):
                os.unlink(name)
        rounds, before = rounds + 1, 0
suite.check("%d kills leave a sound database of whole reports, and never fewer" % KILLS, not wrong, *wrong[:5])
done = subprocess.run(command("killed.db"), env=suite.environment, timeout=120)
suite.equal("and the import after the last of them completes it", (done.returncode, faults("killed.db"), query("killed.db", CONTENT)), (0, [], whole))
print("# %d of %d were killed at work, %d rounds" % (killed, KILLS, rounds))
suite.finish()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A database that a stranger made: it is refused with a sentence, or answered from, soon, and never written to by who reads."""
import hashlib
import os
import random
import shutil
import sqlite3
import struct
import subprocess

from harness import SPARING, Suite, record, report

suite = Suite()
DAY = 86400
BEGIN = 1790812800  # 2026-10-01
QUESTIONS = (("summary",), ("sources", "--by", "network"), ("reports",), ("readiness", "--as-of", "2026-10-20"), ("errors",),
             ("findings", "--as-of", "2026-10-20"), ("status",), ("label", "--list"), ("export", "-f", "ndjson"))


def make_whole():
    names = []
    for n in range(12):
        records = "".join(record(ip="192.0.2.%d" % (10 + (n + i) % 5), count=3 + i) for i in range(4))
        with open("%d.xml" % n, "wb") as f:
            f.write(report("r%d" % n, records, org="Receiver %d" % (n % 3), begin=BEGIN + n * DAY))
        names.append("%d.xml" % n)
    suite.run("import", "--quiet", "--db", "whole.db", *names)
    suite.run("label", "--db", "whole.db", "192.0.2.10", "legitimate")


def changed(*statements):
    """A copy that somebody has changed, schema included."""
    shutil.copy("whole.db", "hostile.db")
    connection = sqlite3.connect("hostile.db", isolation_level=None)
    connection.execute("PRAGMA writable_schema = ON")
    for statement in statements:
        connection.execute(statement)
    connection.close()
    return "hostile.db"


def digest(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def is_told(done, words=""):
    return done.returncode in (1, 4) and done.err.startswith("dmarcctl: ") and done.err.count("\n") == 1 and words in done.err


def is_refused(sentence, words, *statements):
    db = changed(*statements)
    before = digest(db)
    reading, writing = suite.run("summary", "--db", db), suite.run("import", "--db", db, "0.xml")
    suite.check(sentence, is_told(reading, words) and is_told(writing, words) and digest(db) == before,
                reading.err, writing.err, reading.out)


def retyped(before, after, name):
    return "UPDATE sqlite_schema SET sql = replace(sql, '%s', '%s') WHERE name = '%s'" % (before, after, name)


make_whole()
is_refused("a trigger is refused", '"t"', "CREATE TRIGGER t AFTER INSERT ON document BEGIN DELETE FROM report; END")
is_refused("so is a view of somebody else's", '"v"', "CREATE VIEW v AS SELECT 1")
is_refused("a view in the place of a table, without an end", '"name"', "DROP TABLE name",
           "CREATE VIEW name AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id, 'x' AS text FROM n")
is_refused("a view of ours that says something else", '"report_view"',
           "DROP VIEW report_view", "CREATE VIEW report_view AS SELECT 1")
is_refused("a table of somebody else's", '"more"', "CREATE TABLE more (a)")
is_refused("an index over what has to be computed", '"slow"', "CREATE INDEX slow ON report (length(hex(zeroblob(id))))")
is_refused("a table that holds anything", '"record"', retyped(") STRICT", ")", "record"))
is_refused("a column of another type", '"record"', retyped("count INTEGER", "count TEXT", "record"))
is_refused("a column that is computed", '"record"', "ALTER TABLE record ADD COLUMN more INTEGER AS (id * 2)")
is_refused("a check that takes long", '"address"', retyped("IN (4, 16)", "IN (4, 16, length(zeroblob(99999999)))", "address"))
is_refused("tables that are missing", "1 of the ", "DROP TABLE dns_answer")
is_refused("a table under another name", '"renamed"', "ALTER TABLE dns_answer RENAME TO renamed")

# Values that ours never are.
db = changed("UPDATE name SET text = replace(hex(zeroblob(70000000)), '0', 'a') WHERE id = (SELECT max(org_id) FROM report)")
suite.check("a text of 140 MB is not taken in", is_told(suite.run("summary", "--db", db), "too long"))
wide = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
db = changed(wide % 20000 + "INSERT INTO record (address_id, pattern_id, count) SELECT 1, 1, 1 FROM n",
             wide % 20000 + "INSERT INTO report SELECT i + 100, policy_domain_id, org_id, begin_s, end_s, 1, 30000, adkim, aspf,"
             " message_count, uncounted, report_id, email_id, extra_contact_info_id, generator_id, schema_id, version, p, sp, np,"
             " pct, fo, testing, discovery_method, flags, digest, imported_s, randomblob(16), NULL, NULL, NULL, NULL, NULL"
             " FROM n JOIN report ON report.id = 1")
for question in (("summary",), ("readiness", "--as-of", "2026-10-20"), ("export", "-f", "ndjson", "-o", "/dev/null")):
    suite.check("20,000 reports that all have the same 20,000 records: %s ends" % question[0],
                is_told(suite.run(*question, "--db", db), "more records than it holds"))
with open(db, "ab") as f:
    f.truncate(1 << 40)
suite.check("nor does a hole of a terabyte behind them make room for more",
            is_told(suite.run("summary", "--db", db), "more records than it holds"))


# Pages of a tree that all point to the next, three hundred times each: more rows than atoms.
def endless(table):
    db = changed("PRAGMA journal_mode = DELETE", "UPDATE report SET record_count = 500 WHERE id = 12")
    connection = sqlite3.connect(db)
    size, = connection.execute("PRAGMA page_size").fetchone()
    root, = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    connection.close()
    with open(db, "rb") as f:
        pages = f.read()
    first = len(pages) // size + 1
    leaf = pages[(root - 1) * size:root * size]
    depth = 12

    def interior(child):
        cells = [struct.pack(">I", child) + b"\x7f"] * 300
        content = size - 5 * len(cells)
        head = struct.pack(">BHHHBI", 5, 0, len(cells), content, 0, child)
        pointers = b"".join(struct.pack(">H", content + 5 * i) for i in range(len(cells)))
        return (head + pointers).ljust(content, b"\0") + b"".join(cells)

    more = b"".join(interior(first + i + 1) for i in range(depth)) + leaf
    whole = bytearray(pages + more)
    whole[(root - 1) * size:root * size] = interior(first)
    whole[28:32] = struct.pack(">I", len(whole) // size)
    with open(db, "wb") as f:
        f.write(whole)
    return db


for table, question in (("record", ("summary",)), ("record", ("export", "-f", "ndjson", "-o", "/dev/null")),
                        ("document", ("errors",)), ("report", ("readiness",)), ("label", ("label", "--list"))):
    try:
        done = suite.run(*question, "--db", endless(table))
        # Whose rows are found by an index of another table may be answered from.
        ends = is_told(done, "comes to no end") or table == "report" and done.returncode in (0, 4)
        suite.check("a table %s without an end: %s comes to one" % (table, question[0]), ends, done.err)
    except subprocess.TimeoutExpired:
        suite.check("a table %s without an end: %s comes to one" % (table, question[0]), False, "it hangs")

# Whoever reads writes nothing, and needs no right to.
before = digest("whole.db")
for question in QUESTIONS:
    suite.run(*question, "--db", "whole.db")
suite.equal("questions leave the file as it was, and nothing beside it", (digest("whole.db"), os.path.exists("whole.db-wal"),
            os.path.exists("whole.db-shm")), (before, False, False))
shutil.copy("whole.db", "busy.db")
writer = sqlite3.connect("busy.db", isolation_level=None)
writer.execute("UPDATE label SET note = 'not in the file yet'")
for name in ("busy.db", "busy.db-wal"):
    shutil.copy(name, name.replace("busy", "left"))
writer.close()
before = digest("left.db"), digest("left.db-wal")
done = suite.run("label", "--list", "--db", "left.db")
suite.equal("what a writer left in the log is read and stays there",
            ("not in the file yet" in done.out, digest("left.db"), digest("left.db-wal")), (True, *before))


# Bytes changed at random: NIGHTLY=N tries N files, each with all verbs.
def mutate(data, chance):
    data = bytearray(data)
    for _ in range(chance.choice((1, 1, 3, 20))):
        at = chance.randrange(len(data)) if chance.random() < 0.6 else 4096 * chance.randrange(len(data) // 4096) + chance.randrange(12)
        data[at] = chance.choice((0, 1, 0x7f, 0x80, 0xff, chance.randrange(256)))
    return data


with open("whole.db", "rb") as f:
    whole = f.read()
# NIGHTLY=1, of all tests, is none of this one's numbers.
tries, wrong = max(int(os.environ.get("NIGHTLY") or 0), 4 if SPARING else 40), []
for seed in range(tries):
    chance = random.Random(seed)
    with open("mutated.db", "wb") as f:
        f.write(mutate(whole, chance))
    for question in QUESTIONS if tries > 40 else chance.sample(QUESTIONS, 2):
        try:
            done = suite.run(*question, "--db", "mutated.db")
            if done.returncode not in (0, 1, 4) or (done.returncode == 1 and not is_told(done)):
                wrong.append("seed %d: %s: %d: %s" % (seed, question, done.returncode, done.err[:2000]))
        except subprocess.TimeoutExpired:
            wrong.append("seed %d: %s hangs" % (seed, question))
suite.check("%d files with changed bytes are answered from or told of" % tries, not wrong, *wrong[:5])
suite.finish()

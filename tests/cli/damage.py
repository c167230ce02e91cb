#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A database whose rows somebody has patched: every verb ends with an answer or with a sentence, and soon."""
import concurrent.futures
import re
import shutil
import sqlite3
import subprocess

from harness import Suite, record, report, some

suite = Suite()
DAY = 86400
BEGIN = 1790812800  # 2026-10-01
LAST, FIRST = 2 ** 63 - 1, -2 ** 63

# Each on a database of its own. What tests/unit/test_store_damage.c holds the store against in all ways of asking, here
# one of a kind; and what the store passes on as it is: texts, times, words.
DAMAGES = {
    "a record of a pattern that is far away": f"UPDATE record SET pattern_id = {LAST} WHERE id % 3 = 0",
    "counts that do not add up": f"UPDATE record SET count = {LAST}",
    "counts below nothing": f"UPDATE record SET count = {FIRST + 1} WHERE id % 3 = 0",
    "ids far away, whole": f"UPDATE pattern SET id = {LAST} - id; UPDATE record SET pattern_id = {LAST} - pattern_id",
    "names of another database": f"UPDATE pattern SET header_from_id = {LAST}, envelope_from_id = {FIRST}",
    "grades and bits of another program": "UPDATE pattern SET dkim_alignment = 99, spf_alignment = -1, flags = -1",
    "words of another program": "UPDATE pattern SET disposition = 'x', dkim = '', spf = char(27); "
                                "UPDATE auth_result SET method = 'x', result = '', scope = char(27)",
    "a report of all records": f"UPDATE report SET first_record = {FIRST}, record_count = {LAST} WHERE id = 2",
    "sums of another database": f"UPDATE report SET message_count = {LAST}, uncounted = {FIRST}, flags = -1",
    "a report at the end of time": f"UPDATE report SET begin_s = {LAST}, end_s = {LAST} WHERE id = 2",
    "a report without a domain": f"UPDATE report SET policy_domain_id = {LAST}, org_id = -5 WHERE id = 2",
    "policies of another program": "UPDATE report SET p = 'x', sp = '', np = char(27), adkim = 'x', aspf = '', "
                                   "pct = '-', testing = 'maybe', discovery_method = 'x'",
    "texts without an end": "UPDATE name SET text = text || replace(hex(zeroblob(20000)), '0', 'a.')",
    "no names": "DELETE FROM name",
    "pruned reports of another program": "UPDATE report SET packed = x'ff' WHERE id % 2; DELETE FROM record WHERE id % 2",
    "half the records": "DELETE FROM record WHERE id % 2",
    "labels of another program": f"UPDATE label SET verdict = 'x', subject = 'y', until_s = {FIRST}, made_s = {LAST}",
    "steps and feeds of another program": f"INSERT INTO taken_step VALUES ({LAST}, 'example.com', {FIRST}, char(27), '', NULL, 'x', '', "
                                          f"{LAST}, {FIRST}, {LAST}, NULL, NULL, {FIRST}); INSERT INTO feed VALUES ('x', {LAST}, {FIRST}); "
                                          f"INSERT INTO taken_step VALUES ({FIRST}, 'example.com', {LAST}, 'p=reject', 'x', 'y', 'READY', 'z', 1, 2, 3, 'w', char(10), {LAST})",
    "notices of another program": f"INSERT INTO notify_told VALUES ('me', x'00', {LAST}, char(27), {LAST}, {FIRST}, {LAST}, {FIRST}, {LAST}, "
                                  f"{FIRST}, {LAST}, 'surge', char(27), '', char(10)); "
                                  f"INSERT INTO notify_told VALUES ('me', x'01', {FIRST}, '', {FIRST}, {LAST}, {FIRST}, {LAST}, {LAST}, "
                                  f"{LAST}, {FIRST}, 'x', '', '', ''); "
                                  f"INSERT INTO notify_message VALUES (NULL, 'me', x'00', {LAST}, {FIRST}, ',@' || char(27), '', char(10), '', '{{', ',,', ',', {FIRST}, "
                                  f"char(10), {FIRST}, {LAST}); "
                                  f"INSERT INTO notify_way VALUES ('week', {FIRST}, {LAST}, {LAST}, {FIRST}, char(27))",
    "states of the DNS of another program": f"INSERT INTO dns_state VALUES (char(27), 'X', {FIRST}, {LAST}, '', '', '{{'); "
                                            f"INSERT INTO dns_state VALUES ('example.com', 'TXT', {LAST}, {FIRST}, 'ok', NULL, '[1,null,{{}}]')",
    "a ledger of another program": f"UPDATE document SET outcome = 'x', bytes = {FIRST}, records = {LAST}, "
                                   f"report_id = {LAST}, seen_s = {LAST}, reason = char(27), kind = 77",
}

AS_OF = ("--as-of", "2026-10-20")
COMMANDS = [
    ("summary",), ("sources",), ("sources", "--by", "network"), ("readiness", *AS_OF, "example.com"),
    ("readiness", *AS_OF, "--backtest"), ("readiness", *AS_OF, "--history"), ("selectors", *AS_OF),
    ("plan", *AS_OF, "example.com"), ("effect", *AS_OF, "example.com"), ("compliance", *AS_OF, "example.com"), ("partners", *AS_OF), ("whatif", *AS_OF, "--p", "reject", "example.com"),
    ("report", *AS_OF, "-o", "{db}.html"), ("diff", *AS_OF), ("findings", *AS_OF), ("portfolio", *AS_OF), ("check", *AS_OF),
    ("notify", *AS_OF, "--config", "notify.conf", "--dry-run"), ("notify", *AS_OF, "--config", "notify.conf"), ("label", "--list"), ("label", "--export"), ("reporters",), ("trend",),
    ("reports", "-f", "json"), ("errors",), ("status",), ("export", "-f", "ndjson", "--new", "x"), ("export", "--feeds"), ("export", "-f", "openmetrics"), ("export", "--judged", "-f", "elastic-bulk"),
    ("import", "again.xml"), ("prune", "--older", "1d"), ("summary",), ("readiness", *AS_OF, "example.com"),
    ("dns", "log"), ("dns", "keys"), ("dns", "spf"),
    ("prune", "--all", "--domain", "example.com"),
]
WITHOUT_A_DATABASE = {"show", "login", "config", "completion"}


def write(name, data):
    with open(name, "wb") as f:
        f.write(data)


def make_whole():
    names = []
    for n in range(20):
        domain, name = ("example.com", "example.org")[n % 2], "%d.xml" % n
        records = "".join(record(ip="192.0.2.%d" % (10 + (n + i) % 5), header_from=domain, count=3 + i,
                                 dkim=("pass", "fail")[i == 3], spf=("pass", "fail")[i > 1]) for i in range(4))
        write(name, report("r%d" % n, records, org="Receiver %d" % (n % 3), domain=domain, begin=BEGIN + n * DAY))
        names.append(name)
    write("broken.xml", b"<feedback><report_metadata>")
    write("notify.conf", b"[notify me]\nto = exec:cat >/dev/null\n[notify week]\nto = exec:false\nevery = week\n")
    write("again.xml", report("again", begin=BEGIN + 20 * DAY))
    suite.run("import", "--quiet", "--db", "whole.db", "broken.xml", *names)
    suite.run("label", "--db", "whole.db", "192.0.2.10", "legitimate")


def is_answer_or_sentence(words, done):
    if done.returncode == 0:
        return True
    if words[0] == "check":  # on standard output, whatever it is
        return done.returncode in (1, 2, 3) and done.out.startswith("DMARC ") and done.out.count("\n") == 1 and not done.err
    lines = done.err.splitlines()
    if words[0] == "notify":  # a line for each section
        return done.returncode == 1 and lines and all(line.startswith("dmarcctl: ") for line in lines)
    return done.returncode in (1, 4) and len(lines) == 1 and lines[0].startswith("dmarcctl: ")


def ask(db, command):
    words = [word.format(db=db) for word in command]
    try:
        done = suite.run(words[0], "--db", db, *words[1:])
    except subprocess.TimeoutExpired:
        return "%s: hangs" % " ".join(words)
    if is_answer_or_sentence(words, done) or words[0] == "import" and done.returncode in (0, 1):
        return None
    return "%s: %d: %s" % (" ".join(words), done.returncode, done.err)


def make_damaged(number, damage):
    db = "%d.db" % number
    shutil.copy("whole.db", db)
    connection = sqlite3.connect(db)
    try:
        connection.executescript(damage)
    finally:
        connection.close()
    return db


def ask_all(number, damage):
    db = make_damaged(number, damage)
    return [wrong for wrong in (ask(db, command) for command in some(COMMANDS, 3, number)) if wrong]


make_whole()
verbs = set(re.findall(r"^  ([a-z]+) ", suite.run("--help").out, re.M)) - {"man", "dmarcctl"}
suite.equal("each verb is asked", {command[0] for command in COMMANDS}, verbs - WITHOUT_A_DATABASE)
suite.equal("the whole database is answered from", ask_all(0, ""), [])
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    answers = pool.map(ask_all, range(1, len(DAMAGES) + 1), DAMAGES.values())
    for sentence, wrong in zip(DAMAGES, answers):
        suite.check(sentence, not wrong, *wrong)
make_damaged(1, next(iter(DAMAGES.values())))
suite.check("and what cannot be answered is told as damage", "damaged" in suite.run("export", "--db", "1.db").err)
suite.finish()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""prune: what is old goes, what was known by it stays, whenever and however often it is killed."""
import datetime
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time

from harness import Suite, query, record, report, some

suite = Suite()
DAY = 86400
TODAY = int(time.time()) // DAY * DAY
DAYS = 200     # of each random database
KEPT = 130     # of them are kept
WHOLE = 100    # before as many days ago everything that any verb looks at lies in what is kept


def day(ago):
    return datetime.datetime.fromtimestamp(TODAY - ago * DAY, datetime.timezone.utc).strftime("%Y-%m-%d")


# --- databases by chance -----------------------------------------------------------------------------------------------

# Who sends: address, From:, DKIM (domain, selector, result), SPF (domain, result), messages a day, share of the days.
def senders(chance, domain):
    own = [("192.0.2.%d" % (10 + i), chance.choice([domain, "shop." + domain]),
            (domain, "s%d" % i, chance.choice(["pass"] * 4 + ["fail", "temperror"])),
            (chance.choice([domain, "bounce." + domain, "mailer.example.net"]), chance.choice(["pass", "pass", "softfail"])),
            chance.choice([5, 40, 300]), chance.choice([1.0, 0.9, 0.2])) for i in range(4)]
    others = [("198.51.100.%d" % chance.randrange(1, 250), domain,
               chance.choice([("lists.example.org", "l", "pass"), ("campaigns.example.net", "c", "pass"), None]),
               (chance.choice(["lists.example.org", "spam.example.net"]), chance.choice(["pass", "fail"])),
               chance.choice([1, 3, 30]), chance.choice([0.02, 0.1, 0.5, 0.9])) for _ in range(12)]
    return own + others


def aligned(name, domain, result):
    return "pass" if result == "pass" and (name == domain or name.endswith("." + domain)) else "fail"


def one_record(chance, domain, sender):
    ip, header_from, dkim, spf, messages, _ = sender
    count = chance.randrange(1, 2 * messages)
    good = [aligned(dkim[0], domain, dkim[2]) if dkim else "fail", aligned(spf[0], domain, spf[1])]
    reason = "<reason><type>mailing_list</type></reason>" if dkim and dkim[0].startswith("lists") else ""
    results = "<dkim><domain>%s</domain><selector>%s</selector><result>%s</result></dkim>" % dkim if dkim else ""
    return ("<record><row><source_ip>%s</source_ip><count>%d</count><policy_evaluated><disposition>none</disposition>"
            "<dkim>%s</dkim><spf>%s</spf>%s</policy_evaluated></row><identifiers><header_from>%s</header_from>"
            "<envelope_to>%s</envelope_to></identifiers><auth_results>%s<spf><domain>%s</domain><result>%s</result></spf>"
            "</auth_results></record>\n" % (ip, count, *good, reason, header_from,
                                            chance.choice(["a.example", "b.example"]), results, *spf))


def write_reports(folder, seed, days=DAYS):
    chance = random.Random(seed)
    os.mkdir(folder)
    for domain in "example.com", "example.org":
        who = senders(chance, domain)
        moved = chance.randrange(20, 180)
        for org in "one.example.net", "two.example.net", "three.example.net":
            for ago in range(days, 0, -1):
                if chance.random() < 0.1:
                    continue
                records = "".join(one_record(chance, domain, s) for s in who if chance.random() < s[5])
                name = "%s-%s-%d" % (domain, org, ago)
                long = chance.random() < 0.03
                data = report(name, records, org=org, domain=domain, begin=TODAY - ago * DAY,
                              end=TODAY - ago * DAY + (3 if long else 1) * DAY - 1)
                if ago < moved:
                    data = data.replace(b"<p>none</p>", b"<p>quarantine</p>")
                with open(os.path.join(folder, name + ".xml"), "wb") as f:
                    f.write(data)


def make(db, folder):
    suite.run("import", "--db", db, "--quiet", folder)
    suite.run("label", "--db", db, "--quiet", "192.0.2.12", "legitimate", "--domain", "example.com")
    suite.run("label", "--db", db, "--quiet", "lists.example.org", "forwarder")


VERBS = ["summary", "sources", "readiness", "readiness example.com", "sources --domain example.com", "selectors example.com",
         "compliance example.com", "whatif example.com --p reject", "diff", "findings", "plan example.com", "check",
         "effect example.com", "report example.com --format html", "partners example.com", "export --format openmetrics",
         "readiness example.org --backtest", "readiness example.com --history"]
JUDGED = [v for v in VERBS if v != "summary"]
SUMMED = ["summary", "sources --by address", "sources --by network", "sources --by cause", "reporters", "trend",
          "trend --by week", "trend --domain shop.example.com"]


def answers(db, ago, verbs):
    """What each verb says of that day."""
    said = {}
    for verb in verbs:
        done = suite.run(*verb.split(), "--db", db, "--as-of", day(ago))
        # Documents of pruned reports are none any more.
        out = [line for line in done.out.splitlines() if not line.startswith("dmarcctl_documents{")]
        said[verb] = (done.returncode, out, done.err)
    return said


def sums(db, *period):
    said = {}
    for verb in SUMMED:
        done = suite.run(*verb.split(), "--db", db, "--format", "json", *period)
        said[verb] = (done.returncode, done.out)
    return said


def different(before, after):
    return [verb for verb in before if before[verb] != after[verb]]


for seed in some(range(3), 3):
    write_reports("reports-%d" % seed, seed)
    make("%d.db" % seed, "reports-%d" % seed)
    shutil.copy("%d.db" % seed, "%d-pruned.db" % seed)
    whole, pruned = "%d.db" % seed, "%d-pruned.db" % seed
    done = suite.run("prune", "--db", pruned, "--older", "%dd" % KEPT)
    suite.check("%d: it is pruned" % seed, done.returncode == 0 and done.out.startswith("Pruned "), done.out, done.err)
    suite.check("%d: some are whole and some are not" % seed,
                0 < len(query(pruned, "SELECT 1 FROM report WHERE packed IS NULL")) <
                len(query(pruned, "SELECT 1 FROM report")))
    chance = random.Random(seed)
    for ago in some([0, 1, WHOLE - KEPT + DAYS - 70] + [chance.randrange(0, WHOLE - 70) for _ in range(3)], 3):
        before, after = answers(whole, ago, JUDGED), answers(pruned, ago, JUDGED)
        suite.equal("%d: each verb says the same of the day %d days ago" % (seed, ago), different(before, after), [])
    suite.check("%d: and they do say something" % seed,
                all(a[0] in (0, 1, 2) and (a[1] or v == "diff") for v, a in before.items()),
                [(v, a[0], a[2]) for v, a in before.items() if not a[1]])
    # Of days that are gone too, as long as nobody asks for what reports alone said: to whom mail went.
    ago = KEPT + 10
    old = [v for v in JUDGED if not v.startswith(("partners", "report", "readiness", "whatif"))]
    suite.equal("%d: of a day that is gone as well" % seed,
                different(answers(whole, ago, old), answers(pruned, ago, old)), [])
    for period in (), ("--since", day(KEPT - 1)), ("--until", day(KEPT + 5)), ("--since", day(150), "--until", day(80)):
        suite.equal("%d: each sum is the same, %s" % (seed, " ".join(period) or "of all"),
                    different(sums(whole, *period), sums(pruned, *period)), [])
    # Lists have what is whole.
    for verb, column in ("reports", "begin"), ("export", "begin"):
        rows = suite.rows(verb, "--db", pruned)
        suite.check("%d: %s has nothing of what is old" % (seed, verb),
                    rows and min(r["end"] for r in rows) >= day(KEPT), rows[:1])
        kept = [r for r in suite.rows(verb, "--db", whole) if r["end"] >= day(KEPT)]
        suite.equal("%d: and all of the rest" % seed, len(rows), len(kept))
    # What comes again is known.
    done = suite.run("import", "--db", pruned, "--format", "json", "reports-%d" % seed)
    suite.check("%d: everything that comes again is a duplicate" % seed, '"new":0' in done.out and '"reports":0' in done.out,
                done.out)
    suite.equal("%d: and is counted once" % seed, different(sums(whole), sums(pruned)), [])

# --- what comes again --------------------------------------------------------------------------------------------------

OLD = TODAY - 500 * DAY
os.mkdir("again")
first = report("parts", record(ip="192.0.2.1", count=100), begin=OLD)
second = report("parts", record(ip="192.0.2.2", count=10), begin=OLD)
lone = report("lone", record(ip="192.0.2.3", count=1), begin=OLD).replace(b"<fo>lone</fo>", b"")
for name, data in ("first", first), ("second", second), ("lone", lone), ("new", report("new", begin=TODAY - 5 * DAY)):
    with open("again/%s.xml" % name, "wb") as f:
        f.write(data)
suite.run("import", "--db", "again.db", "--quiet", "again")
suite.equal("four reports, one in two parts", len(query("again.db", "SELECT 1 FROM report")), 4)
suite.equal("old ones are pruned", suite.rows("prune", "--db", "again.db", "--older", "400d")[0]["reports"], 3)
suite.equal("their documents go with them", query("again.db", "SELECT origin FROM document"), [("again/new.xml",)])
with open("again/corrected.xml", "wb") as f:
    f.write(first.replace(b"<count>100<", b"<count>101<"))
with open("again/third.xml", "wb") as f:
    f.write(report("parts", record(ip="192.0.2.9", count=7), begin=OLD))
with open("again/twin.xml", "wb") as f:
    f.write(lone.replace(b">lone<", b">twin<"))
for dry in (["--dry-run"], []):
    done = suite.run("import", "--db", "again.db", "--format", "json", "again", *dry)
    suite.check("copies, a correction, a part and a twin of pruned reports are duplicates %s" % " ".join(dry),
                '"duplicate":7' in done.out and not done.err and done.returncode == 0, done.out, done.err)
suite.equal("none of them leaves a trace", query("again.db", "SELECT origin FROM document"), [("again/new.xml",)])
suite.equal("nothing was added", suite.rows("summary", "--db", "again.db")[0]["messages"], 116)
large = report("parts", "".join(record(ip="203.0.113.%d" % (i % 250), count=1, header_from="h%d.example.com" % i)
                                for i in range(9000)), begin=OLD)
with open("large.xml", "wb") as f:
    f.write(large)
done = suite.run("import", "--db", "again.db", "--format", "json", "large.xml")
suite.check("nor does a large one", '"duplicate":1' in done.out, done.out)
suite.equal("of which nothing stays", len(query("again.db", "SELECT 1 FROM record")), 1)
suite.equal("an old report that was never there is new", suite.run(
    "import", "--db", "again.db", "--format", "json", "-", input=report("late", begin=OLD)).out.count('"new":1'), 1)

# --- options -----------------------------------------------------------------------------------------------------------


def refused(sentence, *args):
    done = suite.run("prune", "--db", "again.db", *args)
    suite.check(sentence, done.returncode == 2 and len(done.err.splitlines()) == 1 and not done.out, done.returncode, done.err)


refused("without an age it says what to say")
refused("less than a day", "--older", "5h")
refused("all of everything is the file's end", "--all")
refused("an age and all", "--all", "--domain", "example.com", "--older", "3d")
refused("an age that is none", "--older", "long")
refused("an age without its unit", "--older", "5")
refused("arguments are none of its", "example.com", "--older", "400d")
done = suite.run("prune", "--db", "missing.db", "--older", "3d")
suite.check("a database that is not there is not made", done.returncode == 1 and not os.path.exists("missing.db"), done.err)
before = query("again.db", "SELECT * FROM report")
done = suite.run("prune", "--db", "again.db", "--older", "3d", "--dry-run")
suite.check("a dry run says what would go", done.out.startswith("Would prune 2 reports with 2 records"), done.out)
suite.check("and changes nothing", query("again.db", "SELECT * FROM report") == before)
with open("config", "w") as f:
    f.write("[defaults]\nkeep = 3d\ndatabase = %s\n" % os.path.abspath("again.db"))
done = suite.run("prune", "--config", "config", "--format", "json", "--dry-run", env={"DMARCCTL_CONFIG": ""})
suite.check("the configuration may say the age", '"reports":2' in done.out, done.out, done.err)
done = suite.run("prune", "--config", "config", "--older", "400d", "--format", "json", "--dry-run")
suite.check("the command line goes before it", '"reports":1' in done.out, done.out, done.err)
done = suite.run("prune", "--config", "config", "--quiet")
suite.check("quietly", done.returncode == 0 and not done.out + done.err, done.out, done.err)

# --- where the answer goes ---------------------------------------------------------------------------------------------

shutil.copy("0.db", "unsaid.db")
whole = query("unsaid.db", "SELECT count(*) FROM report WHERE packed IS NULL")
done = suite.run("prune", "--db", "unsaid.db", "--older", "60d", "--output", "nowhere/x")
suite.check("nothing goes where the answer cannot be written", done.returncode == 1 and "nowhere/x" in done.err and
            query("unsaid.db", "SELECT count(*) FROM report WHERE packed IS NULL") == whole, done.err)
done = suite.run("prune", "--db", "unsaid.db", "--older", "60d", "--output", "/dev/full")
left = query("unsaid.db", "SELECT count(*) FROM report WHERE packed IS NULL")
suite.check("where it is lost on the way, what went is told", done.returncode == 1 and
            "Pruned %s reports" % format(whole[0][0] - left[0][0], ",") in done.err and left < whole, done.err, whole, left)

# --- a customer who left -----------------------------------------------------------------------------------------------

write_reports("left", 77, days=40)
make("left.db", "left")
for domain in "a.example.org", "example.org":
    suite.run("label", "--db", "left.db", "--quiet", "192.0.2.13", "legitimate", "--domain", domain)
with sqlite3.connect("left.db") as c:
    c.executemany("INSERT INTO taken_step (domain, day, step, record, verdict, reason, own_messages, own_passed, undecided, who,"
                  " made_s) VALUES (?, 20000, 'p=reject', 'v=DMARC1; p=reject', 'READY', '', 0, 0, 0, 'who at ' || ?1, 0)",
                  [["example.com"], ["example.org"]])
c.close()
for part in "", "-pruned":
    shutil.copy("left.db", "left%s.db" % part) if part else None
suite.run("prune", "--db", "left-pruned.db", "--older", "10d")
for db in "left.db", "left-pruned.db":
    before = {v: suite.run(*v.split(), "--db", db).out for v in VERBS if "example.com" in v and "partners" not in v}
    shutil.copy(db, "whole.db")
    done = suite.run("prune", "--db", db, "--all", "--domain", "example.org")
    suite.check("%s: all of it goes" % db, done.out.startswith("Removed ") and "and 2 labels" in done.out, done.out, done.err)
    after = {v: suite.run(*v.split(), "--db", db).out for v in before}
    suite.equal("%s: of the other domain each verb says the same" % db, different(before, after), [])
    suite.equal("%s: nothing is known of it" % db, [r["domain"] for r in suite.rows("summary", "--db", db)],
                ["example.com"])
    suite.equal("%s: labels of others stay" % db, [(r["source"], r["domain"]) for r in suite.rows("label", "--list", "--db", db)],
                [("192.0.2.12", "example.com"), ("lists.example.org", None)])
    suite.equal("%s: so do steps that were taken" % db, query(db, "SELECT domain FROM taken_step"), [("example.com",)])
    data = open(db, "rb").read()
    suite.check("%s: its name is in no byte of the file, but for the label" % db,
                data.count(b"example.org") == data.count(b"lists.example.org") + data.count(b"campaigns.example.org"),
                data.count(b"example.org"))
    suite.check("%s: which is sound" % db, query(db, "PRAGMA integrity_check") == [("ok",)])
    for table, refers in ("pattern", "SELECT id FROM pattern WHERE id NOT IN (SELECT pattern_id FROM pattern_key)"), (
            "auth_result", "SELECT id FROM auth_result WHERE NOT EXISTS (SELECT 1 FROM pattern WHERE auth_result.id >="
            " first_result AND auth_result.id < first_result + result_count)"):
        suite.equal("%s: no %s is left over" % (db, table), query(db, refers), [])
    done = suite.run("import", "--db", db, "--format", "json", "left")
    suite.check("%s: what comes again of it is new" % db, '"new":%d' % len(
        query("whole.db", "SELECT 1 FROM report JOIN name ON name.id = policy_domain_id WHERE text = 'example.org'"))
        in done.out, done.out)
done = suite.run("prune", "--db", "left.db", "--all", "--domain", "nobody.example", "--format", "json")
suite.check("where there is nothing, nothing goes", done.returncode == 0 and '"reports":0' in done.out, done.out, done.err)

# Many names, so that pages of indexes are split: what is left behind in them is nobody's to overwrite.
os.mkdir("names")
chance = random.Random(4)
names = set()
for i in range(60):
    domain = ("example.com", "secret.example.net")[i % 2]
    senders_of = [("203.0.113.%d" % chance.randrange(256), "h%d.%s" % (chance.randrange(4000), domain),
                   ("u%d.example.org" % chance.randrange(7000), "s", "pass"), ("n%d.example" % chance.randrange(9000), "fail"), 5, 1)
                  for _ in range(400)]
    names.update(s[1] for s in senders_of)
    with open("names/%d.xml" % i, "wb") as f:
        f.write(report("names-%d" % i, "".join(one_record(chance, domain, s) for s in senders_of), domain=domain,
                       begin=TODAY - (i + 1) * DAY))
suite.run("import", "--db", "names.db", "--quiet", "names")
shutil.copy("names.db", "held.db")


def legible(path):
    data = open(path, "rb").read() if os.path.exists(path) else b""
    return [n for n in names if n.endswith("secret.example.net") and n.encode() in data]


suite.check("names can be read before", len(legible("names.db")) > 200)
done = suite.run("prune", "--db", "names.db", "--all", "--domain", "secret.example.net")
suite.equal("and none of a customer's after he left", (done.returncode, legible("names.db"), legible("names.db-wal")),
            (0, [], []))
suite.check("of a file that can be cut off as before", query("names.db", "PRAGMA auto_vacuum") == [(2,)])
reader = sqlite3.connect("file:held.db?mode=ro", uri=True, isolation_level=None)
reader.execute("BEGIN")
reader.execute("SELECT count(*) FROM record").fetchone()
done = suite.run("prune", "--db", "held.db", "--all", "--domain", "secret.example.net")
suite.check("who reads keeps it, which is told", done.returncode == 1 and done.out.startswith("Removed ") and
            "held.db-wal" in done.err and len(legible("held.db")) > 200, done.returncode, done.err)
reader.close()
done = suite.run("prune", "--db", "held.db", "--older", "400d")
suite.equal("until the next run behind him", (done.returncode, done.err, legible("held.db"), legible("held.db-wal")),
            (0, "", [], []))

# --- space -------------------------------------------------------------------------------------------------------------


def bytes_of(db):
    return sum(os.path.getsize(p) for p in (db, db + "-wal") if os.path.exists(p))


shutil.copy("0.db", "space.db")
before = bytes_of("space.db")
row = suite.rows("prune", "--db", "space.db", "--older", "1d")[0]
suite.check("space is given back", bytes_of("space.db") < 0.8 * before, before, bytes_of("space.db"))
suite.equal("as it says", (row["bytes_before"], row["bytes_after"]), (before, bytes_of("space.db")))
suite.equal("no free page stays", query("space.db", "PRAGMA freelist_count"), [(0,)])
shutil.copy("0.db", "former.db")
with sqlite3.connect("former.db", isolation_level=None) as c:
    c.execute("PRAGMA journal_mode = DELETE")
    c.execute("PRAGMA auto_vacuum = NONE")
    c.execute("VACUUM")
before = bytes_of("former.db")
suite.rows("prune", "--db", "former.db", "--older", "1d")
suite.check("also of a file that could not until now", bytes_of("former.db") < 0.8 * before and
            query("former.db", "PRAGMA auto_vacuum") == [(2,)], before, bytes_of("former.db"))

# --- others at the same time -------------------------------------------------------------------------------------------

shutil.copy("0.db", "read.db")
reader = sqlite3.connect("file:read.db?mode=ro", uri=True, isolation_level=None)
reader.execute("BEGIN")
rows = reader.execute("SELECT count(*) FROM record").fetchone()
done = suite.run("prune", "--db", "read.db", "--older", "1d")
suite.check("nobody waits for a reader", done.returncode == 0, done.err)
suite.equal("who goes on to read what was there", reader.execute("SELECT count(*) FROM record").fetchone(), rows)
reader.execute("COMMIT")
suite.equal("and then what is there", reader.execute("SELECT count(*) FROM record").fetchone(),
            query("space.db", "SELECT count(*) FROM record")[0])
reader.close()

shutil.copy("0.db", "together.db")
write_reports("more", 5, days=30)
for name in os.listdir("more"):  # of other reporters
    path = os.path.join("more", name)
    with open(path, "rb") as f:
        data = f.read()
    with open(path, "wb") as f:
        f.write(data.replace(b".example.net</org_name>", b".example.org</org_name>"))
pruner = subprocess.Popen([suite.binary, "prune", "--db", "together.db", "--older", "20d", "--quiet"], env=suite.environment)
done = suite.run("import", "--db", "together.db", "--quiet", "more")
suite.check("an import goes on beside it", (pruner.wait(), done.returncode) == (0, 0), done.err)
shutil.copy("0.db", "apart.db")
suite.run("import", "--db", "apart.db", "--quiet", "more")
suite.equal("both do their work", different(sums("apart.db"), sums("together.db")), [])
suite.check("on a sound file", query("together.db", "PRAGMA integrity_check") == [("ok",)])

# --- killed ------------------------------------------------------------------------------------------------------------


def half_done(db):
    """Reports that are neither whole nor pruned, with their documents."""
    return query(db, "SELECT id FROM report WHERE (packed IS NULL) <> (record_count = (SELECT count(*) FROM record WHERE"
                     " record.id >= first_record AND record.id < first_record + record_count)) AND record_count > 0"
                     " UNION ALL SELECT id FROM report WHERE (packed IS NULL) <> EXISTS (SELECT 1 FROM document WHERE"
                     " document.report_id = report.id)"
                     " UNION ALL SELECT document.id FROM document LEFT JOIN report ON report.id = document.report_id"
                     " WHERE report.id IS NULL")


def whole_run_s(*args):
    shutil.copy("0.db", "timed.db")
    begun = time.monotonic()
    suite.run("prune", "--db", "timed.db", *args)
    return time.monotonic() - begun


chance = random.Random(2)
for args in ["--older", "1d"], ["--all", "--domain", "example.org"]:
    run_s = whole_run_s(*args)
    expected = sums("timed.db")
    for turn in some(range(30), 5):
        for path in "kill.db", "kill.db-wal", "kill.db-shm":
            if os.path.exists(path):
                os.unlink(path)
        shutil.copy("0.db", "kill.db")
        process = subprocess.Popen([suite.binary, "prune", "--db", "kill.db", "--quiet", *args], env=suite.environment)
        time.sleep(run_s * chance.random())
        process.send_signal(signal.SIGKILL)
        process.wait()
        left = half_done("kill.db")
        sound = query("kill.db", "PRAGMA integrity_check") == [("ok",)]
        again = suite.run("prune", "--db", "kill.db", *args)
        same = again.returncode == 0 and sums("kill.db") == expected and bytes_of("kill.db") < 1.2 * bytes_of("timed.db")
        free = query("kill.db", "PRAGMA freelist_count") == [(0,)]
        if left or not sound or not same or not free:
            suite.check("killed, %s, %d" % (args[0], turn), False, left[:3], sound, same, free, again.err)
    suite.check("%s: killed at any moment it leaves whole reports, and the next run does the rest" % args[0], True)
suite.finish()

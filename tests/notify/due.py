#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What notify still has to tell when days go by without a run, when its configuration changes while something waits, when the
clock is set back, and when what was told is not found any more: each once, and nothing to somebody whom it is not for."""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
from kit import findings, lines_of, there, write  # noqa: E402
from harness import Suite, query, record, report  # noqa: E402

s = Suite()
DAY_S = 86400
OCTOBER = 1790812800  # 2026-10-01, a Thursday
BAKERY, MUSEUM = "bakery.example", "museum.example"
KINDS = "kinds = own_broken,notify_failing\n"
TO = "to = exec:test ! -e away || exit 1; cat >> got.jsonl\n"


def day_of(n):
    return "2026-%02d-%02d" % ((10, n) if n <= 31 else (11, n - 31))


def make(db, *domains, days=28, broken=range(10, 13), policy=None):
    """A month of two offices; a sender beside each that fails from the 10th to the 12th."""
    for domain in domains:
        os.makedirs("in-" + db, exist_ok=True)
        for n in range(1, days + 1):
            records = [record(count=50, header_from=domain),
                       record(ip="198.51.100.7", count=20, header_from=domain, **(dict(dkim="fail", spf="fail") if n in broken else {}))]
            text = report("%s-%d" % (domain, n), records, domain=domain, begin=OCTOBER + (n - 1) * DAY_S).decode()
            if policy and n >= policy:
                text = text.replace("<p>none</p>", "<p>quarantine</p>")
            write("in-%s/%s-%d.xml" % (db, domain, n), text)
    assert s.run("import", "--quiet", "--db", db, "in-" + db).returncode == 0


def fresh(db="made.db"):
    for name in os.listdir("."):
        if name.startswith("due.db") or name.endswith(".jsonl") or name == "away":
            os.remove(name)
    with open(db, "rb") as source, open("due.db", "wb") as copy:
        copy.write(source.read())


def notify(day, *args, conf=None, **more):
    if conf is not None:
        write("conf", conf)
    return s.run("notify", "--db", "due.db", "--config", "conf", *(("--as-of", day if isinstance(day, str) else day_of(day)) if day else ()),
                 *args, **more)


def told(name="got.jsonl"):
    """Of each message: whose findings it tells of, and how they stand."""
    return [[(f["domain"], f["state"]) for f in m["findings"]["rows"]] for m in lines_of(name)]


make("made.db", BAKERY, MUSEUM)

# --- days without a run ----------------------------------------------------------------------------------------------
ONE = "[notify me]\n" + TO + KINDS
fresh()
notify(9, conf=ONE)
done = notify(20)
s.equal("what began and ended between two runs is told, as over", (done.returncode, told()),
        (0, [[(BAKERY, "gone"), (MUSEUM, "gone")]]))
got = lines_of("got.jsonl")
s.equal("and since when it was asked for", (got[0]["since"], got[0]["unasked_days"]), ("2026-10-10", 0))
s.check("with what it was", "40 messages fail" in got[0]["findings"]["rows"][0]["text"] or
        "60 messages fail" in got[0]["findings"]["rows"][0]["text"], got[0]["findings"]["rows"])
notify(21)
s.equal("once", len(told()), 1)
fresh()
notify(11, conf=ONE)
notify(28)
s.equal("what was told is over, though that is told for a week and the run was later", told(),
        [[(BAKERY, "new"), (MUSEUM, "new")], [(BAKERY, "gone"), (MUSEUM, "gone")]])
make("long.db", BAKERY, days=72)
fresh("long.db")
notify(11, conf=ONE)
notify("2026-12-10")
got = lines_of("got.jsonl")
s.equal("too many days are not asked about, and that is said", (got[-1]["since"], got[-1]["unasked_days"]), ("2026-10-31", 19))
s.check("in the mail too", "of 19 days before 2026-10-31 only what lasted is told" in " ".join(got[-1]["text"].split()), got[-1]["text"])
s.equal("what is found no more after that is over all the same", told()[1:], [[(BAKERY, "gone")]])

# A change of policy is told for a week: one week by mail, whatever the day on which it was found.
for changed in range(12, 20):
    db = "policy%d.db" % changed
    make(db, BAKERY, broken=(), policy=changed)
    fresh(db)
    for n in range(5, 28):
        notify("%sT00:17:00Z" % day_of(n), conf="[notify me]\n" + TO + "every = week\nkinds = policy_changed\n")
    rows = [(f["state"], f["first_seen"]) for m in lines_of("got.jsonl") for f in m["findings"]["rows"] if f["state"] != "gone"]
    s.equal("a change of the %dth is in one weekly mail" % changed, [first for _, first in rows], [day_of(changed)])

# --- what waits, and a configuration that changes ---------------------------------------------------------------------
GROUPS = "[group one]\ndomains = %s\n"
SECTION = "[notify me]\n" + TO


def change(sentence, before, after, expected, day=12):
    """Waits on the 11th by one configuration, goes on the 12th by another."""
    fresh()
    there("away")
    done = notify(11, conf=before)
    s.check("%s: it waits" % sentence, done.returncode == 1 and len(query("due.db", "SELECT * FROM notify_message")) == 1, done.err)
    there("away", is_there=False)
    done = notify(day, conf=after)
    s.equal(sentence, (done.returncode, told()), (0, expected))
    return done


BOTH = [(BAKERY, "new"), (MUSEUM, "new")]
change("what waits goes out where nothing has changed", SECTION + KINDS, SECTION + KINDS, [BOTH])
change("and where more is asked for", SECTION + KINDS + "severity = warning\n", SECTION + "kinds = own_broken,surge,notify_failing\n", [BOTH])
done = change("of two customers only the one that is left is told", SECTION + KINDS + "domain = %s\ndomain = %s\n" % (BAKERY, MUSEUM),
              SECTION + KINDS + "domain = %s\n" % MUSEUM, [[(MUSEUM, "new")]])
s.check("and that something was withdrawn is said", "[notify me] says something else than when what waits was written" in done.err, done.err)
done = change("a group that has come to be another's", SECTION + KINDS + "group = one\n" + GROUPS % BAKERY,
              SECTION + KINDS + "group = one\n" + GROUPS % MUSEUM, [[(MUSEUM, "new")]])
s.check("not a word of it is the first one's", "bakery" not in json.dumps(lines_of("got.jsonl")) + done.out, done.out)
change("a section of all domains that has come to be a customer's", SECTION + KINDS, SECTION + KINDS + "domain = %s\n" % BAKERY,
       [[(BAKERY, "new")]])
change("kinds that are not asked for any more are not told", SECTION + KINDS, SECTION + "kinds = surge\n", [])
change("nor what is not grave enough", SECTION + KINDS, SECTION + KINDS + "severity = critical\n", [])
change("whoever comes after is told anew, by a message of his own", SECTION + KINDS, SECTION.replace("cat", "cat -u") + KINDS, [BOTH])
change("a daily word that nothing is names no domain to somebody else", SECTION + "kinds = surge\nevery = day\n",
       SECTION + "kinds = surge\nevery = day\ndomain = %s\n" % BAKERY, [[]])
s.check("not even in a line", "museum" not in json.dumps(lines_of("got.jsonl")), lines_of("got.jsonl"))

fresh()
there("away")
notify(11, conf=SECTION + KINDS)
done = notify(12, "--dry-run", conf=SECTION + KINDS + "domain = %s\n" % BAKERY)
s.check("a dry run shows what would go, and nothing of the others", "own mail fails" in done.out and "museum" not in done.out
        and "still to be sent" not in done.out, done.out)
s.equal("and changes nothing", query("due.db", "SELECT count(*) FROM notify_message"), [(1,)])

fresh()
notify(11, conf=SECTION + KINDS + "domain = %s\ndomain = %s\n" % (BAKERY, MUSEUM))
for n in range(12, 28):
    notify(n, conf=SECTION + KINDS + "domain = %s\n" % MUSEUM)
s.equal("that it is over is no news of who is a customer no more", told(), [BOTH, [(MUSEUM, "gone")]])

# --- sections that come and go ----------------------------------------------------------------------------------------
fresh()
there("away")
OPERATOR = "[notify operator]\nto = exec:cat >> operator.jsonl\nkinds = notify_failing\n"
notify(11, conf=SECTION + KINDS + OPERATOR)
notify(12)
s.equal("that a way fails is told", [findings(m) for m in lines_of("operator.jsonl")], [[("notify_failing", "new")]])
done = notify(13, conf=SECTION.replace("[notify me]", "[notify her]") + KINDS + OPERATOR)
s.check("what waits for a section under another name is dropped, and said", "[notify me] is not in the configuration any more: what "
        "waits for it is dropped" in done.err, done.err)
s.equal("and its failing is over", [findings(m) for m in lines_of("operator.jsonl")][1:], [[("notify_failing", "gone")]])
s.check("it is no finding", "notify_failing" not in s.run("findings", "--db", "due.db", "--config", "conf", "--as-of", day_of(12),
                                                          "--format", "ndjson").out)
s.equal("nothing is left of it", query("due.db", "SELECT section FROM notify_message UNION SELECT section FROM notify_told "
                                       "WHERE message_id > 0"), [("her",)])
there("away", is_there=False)
done = notify(14)
s.equal("the new one hears of all", (told(), "any more" in done.err), ([BOTH], False))

fresh()
there("away")
notify(11, conf=SECTION + KINDS)
notify(12, conf="[notify other]\nto = exec:true\n")
there("away", is_there=False)
notify(20, conf=SECTION + KINDS)
s.equal("one that comes back begins where it was", told(), [[(BAKERY, "gone"), (MUSEUM, "gone")]])

# --- what is over -----------------------------------------------------------------------------------------------------
fresh()
there("away")
notify(11, conf=SECTION + KINDS + OPERATOR)
there("away", is_there=False)
notify(12)
s.equal("a way that works again with this run is not told to fail", lines_of("operator.jsonl"), [])
fresh()
there("away")
notify(11, conf=SECTION + KINDS + OPERATOR)
notify(12)
there("away", is_there=False)
notify(13)
notify(14)
s.equal("one that was told to fail is told to work again, with the run in which it does",
        [(m["as_of"][:10], findings(m)) for m in lines_of("operator.jsonl")],
        [("2026-10-12", [("notify_failing", "new")]), ("2026-10-13", [("notify_failing", "gone")])])
s.check("in words", lines_of("operator.jsonl")[1]["subject"] == "over: notices fail: me", lines_of("operator.jsonl")[1])

fresh("policy15.db")
for n in range(12, 28):
    notify(n, conf="[notify me]\n" + TO + "kinds = policy_changed\n")
s.equal("a change is told, and not that its week is over", [(m["as_of"][:10], findings(m)) for m in lines_of("got.jsonl")],
        [("2026-10-15", [("policy_changed", "told")])])

os.makedirs("in-strange", exist_ok=True)
for n in range(1, 29):
    write("in-strange/%d.xml" % n, report("strange-%d" % n, [record(count=50), record(ip="203.0.113.9", count=20, dkim="fail",
          spf="fail")] if n > 5 else [record(count=50)], begin=OCTOBER + (n - 1) * DAY_S).decode())
s.run("import", "--quiet", "--db", "strange.db", "in-strange")
fresh("strange.db")
notify(25, conf="[notify me]\n" + TO + "kinds = unknown_sender\n")
s.equal("a sender that nobody knows is told", [findings(m) for m in lines_of("got.jsonl")], [[("unknown_sender", "new")]] if
        "new" in str(told()) else [[("unknown_sender", "open")]])
s.run("label", "--db", "due.db", "203.0.113.9", "unauthorised", "--domain", "example.com", "--quiet")
notify(26)
s.equal("once it has a label it is over", [findings(m) for m in lines_of("got.jsonl")][1:], [[("unknown_sender", "gone")]])
s.check("for it was answered", "it was answered" in lines_of("got.jsonl")[1]["findings"]["rows"][0]["text"], lines_of("got.jsonl")[1])

# --- what somebody says of it -----------------------------------------------------------------------------------------
fresh()
notify(11, conf=SECTION + KINDS + "domain = %s\n" % BAKERY)
ident = lines_of("got.jsonl")[0]["findings"]["rows"][0]["id"]


def findings_of(*args):
    assert s.run("findings", "--db", "due.db", *args, "--quiet").returncode == 0


findings_of("--as-of", day_of(11), "--ack", ident)
notify(12)
findings_of("--unack", ident)
notify(13)
notify(14)
s.equal("what is acknowledged no longer is told again", told(), [[(BAKERY, "new")], [(BAKERY, "new")]])

# --- the clock --------------------------------------------------------------------------------------------------------
fresh()
for n in (11, 15, 12, 11, 15, 13, 16, 15, 17):
    done = notify(n, conf=SECTION + KINDS + "domain = %s\n" % BAKERY)
s.equal("a clock that is set back tells nothing twice", told(), [[(BAKERY, "new")], [(BAKERY, "gone")]])
done = notify(12)
s.check("that is said", "has told of 2026-10-17 already, which is behind the day of asking" in done.err, done.err)
fresh()
for n in (11, 10, 11, 12):
    notify(n, conf=SECTION + "kinds = surge\nevery = day\n")
s.equal("nor does a day come twice", [m["as_of"][:10] for m in lines_of("got.jsonl")], ["2026-10-11", "2026-10-12"])
fresh()
notify("2027-10-11", conf=SECTION + KINDS + "every = day\n")
notify(11)
s.equal("a clock that was a year ahead keeps nobody from being told", [m["as_of"][:10] for m in lines_of("got.jsonl")],
        ["2027-10-11", "2026-10-11"])
s.check("of what there is", (BAKERY, "new") in told()[1], told())

# --- names of domains -------------------------------------------------------------------------------------------------
for name, expected in (("*.example", [BOTH]), ("bak*", [[(BAKERY, "new")]]), ("*.example.com", []), ("example", [BOTH]),
                       ("BAKERY.example, museum.*", [BOTH])):
    fresh()
    notify(11, conf=SECTION + KINDS + "domain = %s\n" % name)
    s.equal("domain = %s" % name, told(), expected)
done = notify(11, conf=SECTION + "domain = b\u00fc*.example\n")
s.check("what a glob cannot mean is refused", done.returncode == 2 and "a label is compared in ASCII" in done.err, done.err)

# --- a customer who leaves --------------------------------------------------------------------------------------------
fresh()
notify(11, conf=SECTION + KINDS)
done = s.run("prune", "--db", "due.db", "--all", "--domain", BAKERY, "--quiet")
with open("due.db", "rb") as f:
    s.check("a customer who left leaves no word in what was told", done.returncode == 0 and b"bakery" not in f.read(), done.err)
s.finish()

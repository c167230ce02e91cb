#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""dmarcctl dns, against a real name server (knot) on the loopback interface and one with the faults of servers.
tests/dns/snapshot.py PATH-OF-DMARCCTL; TAP. Nothing leaves the machine."""
import calendar
import os
import socket
import sqlite3
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import harness  # noqa: E402 (behind the path)
from keys import RSA_1024, RSA_2048  # noqa: E402
from name_server import KNOT, ROOT, Faults, Server  # noqa: E402

ZONE = ROOT + """
_dmarc.example.com. TXT "v=DMARC1; p=none; rua=mailto:d@example.com,mailto:d@reports.example.net"
example.com._report._dmarc.reports.example.net. TXT "v=DMARC1;"
example.com. TXT "v=spf1 include:_spf.example.net a:farm.example.net mx ip4:192.0.2.0/28 -all"
_spf.example.net. TXT "v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::/48 -all"
farm.example.net. A 192.0.2.13
farm.example.net. A 192.0.2.14
example.com. MX 10 mx.example.com.
mx.example.com. AAAA 2001:db8::25
s1._domainkey.example.com. TXT "v=DKIM1; p=AAAA"
s2._domainkey.example.com. CNAME s2.keys.mailer.example.net.
s2.keys.mailer.example.net. TXT "v=DKIM1; p=BBBB"
bounce.example.com. TXT "v=spf1 ip4:203.0.113.0/24 -all"
_mta-sts.example.com. TXT "v=STSv1; id=1"
_smtp._tls.example.com. TXT "v=TLSRPTv1; rua=mailto:t@example.com"
"""
t = harness.Suite()


def signed(selector, result="pass", domain="example.com", ip="192.0.2.10", count=5, mfrom=None):
    record = harness.record(ip=ip, count=count, dkim=result, spf="pass")
    if mfrom:
        record = record.replace("<spf><domain>example.com", "<spf><domain>" + mfrom)
    return record.replace("<auth_results>", "<auth_results><dkim><domain>%s</domain><selector>%s</selector><result>%s"
                          "</result></dkim>" % (domain, selector, result))


def seconds(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def day_after(text):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds(text) - 43200 + 1))


def states(where="1", db="t.db"):
    return harness.query(db, "SELECT name, type, status, answers FROM dns_state WHERE " + where + " ORDER BY 1, 2, first_s")


def snapshot(server, *args, db="t.db"):
    began = time.monotonic()
    done = t.run("dns", "snapshot", "--db", db, "--dns-server", server.address, *args)
    done.seconds = time.monotonic() - began
    return done


def age(seconds, db="t.db"):
    """What was seen was seen so long before."""
    with sqlite3.connect(db) as c:
        c.execute("UPDATE dns_state SET first_s = first_s - ?, last_s = last_s - ?", (seconds, seconds))


def make_database():
    os.mkdir("reports")
    records = (signed("s1") + signed("s2") + signed("gone", "fail") + signed("x", domain="mailer.example.org") +
               signed("odd selector!") + signed("s1", mfrom="bounce.example.com"))
    with open("reports/one.xml", "wb") as f:
        f.write(harness.report("one", records))
    t.check("the reports come in", t.run("import", "--quiet", "--db", "t.db", "reports").returncode == 0)


def refusals():
    for args, sentence in ((["dns"], "snapshot"), (["dns", "snapshots"], "is none of snapshot"),
                           (["dns", "snapshot", "--dns-server", "nowhere"], "is no resolver"),
                           (["dns", "snapshot", "--dns-timeout", "0"], "is no number of seconds"),
                           (["dns", "snapshot", "exa mple"], "is no domain")):
        done = t.run(*args, "--db", "t.db")
        t.check("refused: " + " ".join(args), done.returncode == 2 and sentence in done.err, done.returncode, done.err)
    done = t.run("dns", "snapshot", "--db", "none.db")
    t.check("without a database it is said what to do", done.returncode == 1 and not os.path.exists("none.db"), done.err)
    t.equal("none of these asked or kept anything", states(), [])


def first_look(server):
    done = snapshot(server)
    t.check("a snapshot is taken", done.returncode == 0 and "1 domain: " in done.out and done.err == "", done.out, done.err)
    found = {(name, kind): (status, answers) for name, kind, status, answers in states()}
    for what, expected in (
            (("_dmarc.example.com", "TXT"), "ok"), (("example.com", "TXT"), "ok"), (("_spf.example.net", "TXT"), "ok"),
            (("example.com._report._dmarc.reports.example.net", "TXT"), "ok"), (("bounce.example.com", "TXT"), "ok"),
            (("s1._domainkey.example.com", "TXT"), "ok"), (("s2._domainkey.example.com", "TXT"), "ok"),
            (("gone._domainkey.example.com", "TXT"), "nxdomain"), (("example.com", "MX"), "ok"), (("example.com", "NS"), "nodata"),
            (("_mta-sts.example.com", "TXT"), "ok"), (("_smtp._tls.example.com", "TXT"), "ok"),
            (("default._bimi.example.com", "TXT"), "nxdomain"), (("mx.example.com", "AAAA"), "ok"),
            (("mx.example.com", "A"), "nodata")):
        t.equal("%s of %s" % (what[1], what[0]), found.get(what, ("not asked",))[0], expected)
    t.equal("addresses are sorted", found[("farm.example.net", "A")][1], '["192.0.2.13","192.0.2.14"]')
    t.equal("where an alias leads is kept", harness.query("t.db", "SELECT alias FROM dns_state WHERE name LIKE 's2.%'"),
            [("s2.keys.mailer.example.net",)])
    t.equal("keys of others are not asked for", states("name LIKE '%mailer.example.org'"), [])
    t.equal("nor what can be no name", states("name LIKE 'odd%'"), [])
    before = states()
    again = snapshot(server)
    t.equal("a second look adds nothing", [again.returncode, states() == before], [0, True])
    t.check("and says so", "0 new, 0 changed" in again.out, again.out)
    row = t.rows("dns", "snapshot", "--db", "t.db", "--dns-server", server.address)[0]
    t.equal("the same for programs", [row["domains"], row["answers"], row["added"], row["changed"], row["failed"],
                                      row["unanswered"]], [1, len(before), 0, 0, 0, 0])
    done = snapshot(server, "--quiet")
    t.equal("--quiet is quiet", [done.returncode, done.out, done.err], [0, "", ""])
    done = snapshot(server, "b\u00fccher.example")
    t.check("a domain that is in no report is looked at by its A-labels", done.returncode == 0 and
            states("name = '_dmarc.xn--bcher-kva.example'") == [("_dmarc.xn--bcher-kva.example", "TXT", "nxdomain", "[]")], done.err)


def faults(server):
    proxy = Faults(server)
    names = {"s1._domainkey.example.com": "silence", "s2._domainkey.example.com": "servfail", "example.com": "refused",
             "_mta-sts.example.com": "lame", "_smtp._tls.example.com": "case"}
    proxy.faults = names
    age(100)
    before = states("status NOT IN ('failed', 'timeout')")
    done = snapshot(proxy, "example.com")
    t.check("questions that fail are told", done.returncode == 0 and "which changes nothing of what is known" in done.err, done.err)
    t.equal("and take nothing of what is known away", states("status NOT IN ('failed', 'timeout')"), before)
    failed = {(name, status) for name, _, status, _ in states("status IN ('failed', 'timeout')")}
    t.equal("they are kept as what they are", failed,
            {("s1._domainkey.example.com", "timeout"), ("s2._domainkey.example.com", "failed"), ("example.com", "failed"),
             ("_mta-sts.example.com", "failed")})
    t.equal("another case is the same name", harness.query("t.db", "SELECT last_s > first_s FROM dns_state WHERE name = "
                                                           "'_smtp._tls.example.com'"), [(1,)])
    asked = [question for question in proxy.asked if question[0] not in names]
    t.equal("no name is asked for twice", sorted(set(asked)), sorted(asked))
    proxy.faults = {"_dmarc.example.com": "truncated"}
    done = snapshot(proxy, "example.com")
    t.check("what does not come over TCP takes no other question with it", "1 question failed" in done.err, done.err)
    proxy.faults = {}
    snapshot(proxy, "example.com")
    t.equal("afterwards nothing has changed", states("status NOT IN ('failed', 'timeout')"), before)
    proxy.stop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        done = t.run("dns", "snapshot", "--db", "t.db", "--dns-timeout", "1", "--dns-server",
                     "127.0.0.1:%d" % mute.getsockname()[1])
    t.check("a server that never answers is a failure", done.returncode == 1 and "the DNS did not answer" in done.err, done.err)
    t.equal("of which nothing is kept that was not asked in time", states("status NOT IN ('failed', 'timeout')"), before)


def removal(server):
    age(100)
    server.change(ZONE.replace("s1._domainkey", "s9._domainkey").replace(" TXT \"v=STSv1; id=1\"", " A 192.0.2.1"))
    done = snapshot(server, "example.com")
    t.check("what is gone is a change", done.returncode == 0 and ", 2 changed" in done.out, done.out, done.err)
    t.equal("of the name", [row[2] for row in states("name = 's1._domainkey.example.com' AND status <> 'timeout'")],
            ["ok", "nxdomain"])
    t.equal("or of its data", [row[2] for row in states("name = '_mta-sts.example.com' AND status <> 'failed'")],
            ["ok", "nodata"])


def changes(*args, db="log.db"):
    return [(row["subject"], row["change"]) for row in t.rows("dns", "log", "--db", db, *args)]


def step(server, zone):
    """A day passes, and another zone stands there."""
    age(86400, "log.db")
    server.change(zone)
    done = snapshot(server, db="log.db")
    t.check("a snapshot is taken", done.returncode == 0 and done.err == "", done.err)


def edit(zone, *pairs):
    for before, after in pairs:
        assert before in zone, before
        zone = zone.replace(before, after)
    return zone


def log(server):
    zone = edit(ZONE, ("s1._domainkey.example.com. TXT \"v=DKIM1; p=AAAA\"", "s1._domainkey.example.com. TXT \"v=DKIM1; p=AA\" \"AA\""))
    t.run("import", "--quiet", "--db", "log.db", "reports")
    done = t.run("dns", "log", "--db", "log.db")
    t.check("without a snapshot it is said how to take one", done.returncode == 0 and "dns snapshot" in done.out, done.out)
    done = t.run("dns", "log", "--db", "log.db", "example.com")
    t.check("a domain that was never looked at is refused", done.returncode == 1 and "no snapshot of example.com" in done.err, done.err)
    server.change(zone)
    snapshot(server, db="log.db")
    t.equal("a first snapshot is no change", changes(), [])

    other = edit(zone, ("p=none; rua=mailto:d@example.com,mailto:d@reports.example.net", "p=quarantine; np=reject; rua=mailto:d@example.com"),
                 ("mx ip4:192.0.2.0/28 -all", "mx include:_many.example.net ~all"), ("p=AA\" \"AA\"", "p=\""),
                 ("s2._domainkey.example.com. CNAME s2.keys.mailer.example.net.", "s2._domainkey.example.com. TXT \"v=DKIM1; p=CCCC\""),
                 ("MX 10 mx.example.com", "MX 10 mx.example.net"), ("v=STSv1; id=1", "v=STSv1; id=2"),
                 ("farm.example.net. A 192.0.2.14", "farm.example.net. A 192.0.2.15"),
                 ("ip6:2001:db8::/48 -all", "ip6:2001:db8::/48 ip4:203.0.113.9 -all"))
    many = "".join("include:_m%d.example.net " % i for i in range(8))
    other += "_many.example.net. TXT \"v=spf1 %s-all\"\n" % many
    other += "".join("_m%d.example.net. TXT \"v=spf1 ip4:198.51.100.%d -all\"\n" % (i, i) for i in range(8))
    other += "mx.example.net. A 192.0.2.26\n"
    step(server, other)
    t.equal("what has changed is told by its meaning", changes(), [
        ("dmarc", "p none -> quarantine"), ("dmarc", "+ np=reject"), ("dmarc", "- rua mailto:d@reports.example.net"),
        ("spf", "in _spf.example.net: + ip4:203.0.113.9"), ("spf", "a:farm.example.net: + 192.0.2.15/32, - 192.0.2.14/32"),
        ("spf", "mx: + 192.0.2.26/32, - 2001:db8::25/128"), ("spf", "+ include:_many.example.net (8 networks)"), ("spf", "+ ~all"),
        ("spf", "- ip4:192.0.2.0/28"), ("spf", "- -all"), ("spf", "look-ups 3 -> 12: permerror"),
        ("key", "selector s1: key revoked (p= is empty)"), ("key", "selector s2: another key"),
        ("mx", "+ mx.example.net"), ("mx", "- mx.example.com"), ("mta_sts", "+ v=STSv1; id=2"), ("mta_sts", "- v=STSv1; id=1")])
    rows = t.rows("dns", "log", "--db", "log.db")
    t.equal("each between two looks", {86399 <= seconds(row["seen"]) - seconds(row["seen_before"]) <= 86520 for row in rows}, {True})
    t.equal("at the name where it stands", sorted({row["name"] for row in rows}),
            ["_dmarc.example.com", "_mta-sts.example.com", "example.com", "s1._domainkey.example.com", "s2._domainkey.example.com"])

    seen = rows[0]["seen"]
    step(server, edit(other, ("_dmarc.example.com. TXT", "_dmark.example.com. TXT"), ("s2._domainkey.example.com. TXT", "s3._domainkey.example.com. TXT"),
                      ("\nexample.com. TXT", "\nexamples.com. TXT"), ("bounce.example.com. TXT \"v=spf1 ip4", "bounce.example.com. TXT \"v=spf1 a ip4")))
    found = changes("--since", day_after(seen))
    t.equal("what is gone is told, with the record that stood there", found, [
        ("dmarc", "record withdrawn: v=DMARC1; p=quarantine; np=reject; rua=mailto:d@example.com"),
        ("spf", "+ a"), ("spf", "look-ups 0 -> 1"), ("spf", "void look-ups 0 -> 1"),
        ("spf", "record withdrawn: v=spf1 include:_spf.example.net a:farm.example.net mx include:_many.example.net ~all"),
        ("key", "selector s2: key withdrawn")])
    proxy = Faults(server)
    proxy.faults = {name: "servfail" for name in ("bounce.example.com", "example.com", "_dmarc.example.com", "_mta-sts.example.com")}
    age(86400, "log.db")
    before = changes()
    snapshot(proxy, db="log.db")
    proxy.stop()
    t.equal("what fails is no change", changes(), before)
    t.equal("a group of other domains has no log", changes("-d", "example.org"), [])
    done = t.run("dns", "log", "--db", "log.db", "EXAMPLE.com", "--limit", "3")
    t.check("for people it is a table", done.returncode == 0 and "p none -> quarantine" in done.out, done.out)
    server.change(ZONE)


def key_zone(*keys):
    return ROOT + "".join("%s._domainkey.example.com. TXT %s\n" % (selector, " ".join('"%s"' % text[i:i + 200] for i in range(0, len(text), 200)))
                          for selector, text in keys)


def keys(server):
    os.mkdir("keys")
    old = 1790812800 - 60 * 86400
    for name, begin, selectors in (("new", 1790812800, ["s1", "twin", "short", "lost", "revoked", "odd"]), ("old", old, ["old", "gone"])):
        records = "".join(signed(selector) for selector in selectors) + (signed("forged", "fail") if name == "new" else "")
        with open("keys/%s.xml" % name, "wb") as f:
            f.write(harness.report(name, records, begin=begin))
    t.run("import", "--quiet", "--db", "keys.db", "keys")
    row = t.rows("dns", "keys", "--db", "keys.db")[0]
    t.equal("before a snapshot nothing is known of a key", [row["state"], row["record"]], ["unknown", None])
    good = "v=DKIM1; p=" + RSA_2048
    server.change(key_zone(("s1", good), ("twin", good), ("short", "v=DKIM1; t=y; p=" + RSA_1024), ("revoked", "v=DKIM1; p="), ("odd", "p=AAAA"),
                           ("old", "v=DKIM1; k=ed25519; p=" + "A" * 43 + "=")))
    snapshot(server, db="keys.db")
    with sqlite3.connect("keys.db") as c:
        c.execute("INSERT INTO dns_state SELECT 'before._domainkey.example.com', type, first_s, last_s, status, alias, answers FROM dns_state"
                  " WHERE name LIKE 'short.%'")
    found = {row["selector"]: row for row in t.rows("dns", "keys", "--db", "keys.db", "example.com")}
    t.equal("each key has its state", {name: row["state"] for name, row in found.items()},
            {"s1": "in_use", "twin": "in_use", "short": "in_use", "lost": "missing", "revoked": "missing", "odd": "unusable", "old": "unused",
             "gone": "gone", "forged": "unverified", "before": "never_seen"})
    t.equal("its length", {name: row["bits"] for name, row in found.items() if row["bits"]},
            {"s1": 2048, "twin": 2048, "short": 1024, "before": 1024})
    t.equal("its faults", {name: [f["fault"] for f in row["faults"]] for name, row in found.items() if row["faults"]},
            {"short": ["key_short", "key_testing"], "before": ["key_short", "key_testing"], "revoked": ["key_revoked"], "odd": ["key_syntax"]})
    t.equal("two selectors with one key", [found["s1"]["same_as"], found["twin"]["same_as"]], ["twin of example.com", "s1 of example.com"])
    t.equal("the day on which a key could go", [found["old"]["withdraw_from"], found["s1"]["withdraw_from"]],
            [time.strftime("%Y-%m-%d", time.gmtime(old + 14 * 86400)), None])
    t.check("what fails now is said", "which fails: publish it again" in found["lost"]["advice"], found["lost"])
    t.equal("other domains are left out", t.rows("dns", "keys", "--db", "keys.db", "-d", "example.org"), [])
    done = t.run("dns", "keys", "--db", "keys.db", "--sort", "state")
    t.check("for people it is a table", done.returncode == 0 and "can be withdrawn since" in done.out, done.out)


def spf(server):
    os.mkdir("spf")
    day = 1790812800
    for name, begin, mail in (("new", day, [("192.0.2.10", 5, None), ("192.0.2.11", 2, None), ("2001:db8::7", 3, None), ("203.0.113.5", 4, None),
                                            ("198.51.100.7", 6, "bounce.example.com")]),
                              ("old", day - 86400 * 30, [("192.0.2.10", 1, None), ("192.0.2.13", 9, None)])):
        with open("spf/%s.xml" % name, "wb") as f:
            f.write(harness.report(name, "".join(signed("s1", ip=ip, count=count, mfrom=mfrom) for ip, count, mfrom in mail), begin=begin))
    t.run("import", "--quiet", "--db", "spf.db", "spf")
    t.equal("before a snapshot no record is known", t.rows("dns", "spf", "--db", "spf.db"), [])
    server.change(ROOT + """
example.com. TXT "v=spf1 a:farm.example.net ip4:192.0.0.0/16 ip4:192.0.2.64/28 include:_spf.example.net include:gone.example.net mx ~all"
farm.example.net. A 192.0.2.13
_spf.example.net. TXT "v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::/32 -all"
bounce.example.com. TXT "v=spf1 redirect=_spf.example.net"
""")
    snapshot(server, db="spf.db")
    rows = t.rows("dns", "spf", "--db", "spf.db", "example.com")
    t.equal("each term has the mail that passed by it",
            [(row["domain"], row["term"], row["depth"], row["lookups"], row["messages"], row["addresses"], row["last_used"], row["advice"]) for row in rows], [
                ("example.com", "a:farm.example.net", 0, 1, 9, 1, "2026-09-01", None),
                ("example.com", "ip4:192.0.0.0/16", 0, 0, 8, 2, "2026-10-01", "a /16 of which 2 addresses send"),
                ("example.com", "ip4:192.0.2.64/28", 0, 0, 0, 0, None, "redundant: within ip4:192.0.0.0/16"),
                ("example.com", "include:_spf.example.net", 0, 1, 3, 1, "2026-10-01", None),
                ("example.com", "ip4:198.51.100.0/24", 1, 0, 0, 0, None, None),
                ("example.com", "ip6:2001:db8::/32", 1, 0, 3, 1, "2026-10-01", "a /32 of which 1 address sends"),
                ("example.com", "-all", 1, 0, 0, 0, None, None),
                ("example.com", "include:gone.example.net", 0, 1, 0, 0, None, "it has no SPF record"),
                ("example.com", "mx", 0, 1, 0, 0, None, "no mail passed by it in 400 days"),
                ("example.com", "~all", 0, 0, 0, 0, None, None),
                ("bounce.example.com", "redirect=_spf.example.net", 0, 1, 6, 1, "2026-10-01", None),
                ("bounce.example.com", "ip4:198.51.100.0/24", 1, 0, 6, 1, "2026-10-01", None),
                ("bounce.example.com", "ip6:2001:db8::/32", 1, 0, 0, 0, None, None),
                ("bounce.example.com", "-all", 1, 0, 0, 0, None, None)])
    t.equal("what the record of today does not let pass is counted apart", {(row["domain"], row["domain_passed"], row["domain_unexplained"]) for row in rows},
            {("example.com", 24, 4), ("bounce.example.com", 6, 0)})
    done = t.run("dns", "spf", "--db", "spf.db")
    t.check("for people it is a table", done.returncode == 0 and "a /16 of which 2 addresses send" in done.out, done.out)


def forgetting():
    t.check("prune --all forgets it", t.run("prune", "--all", "-d", "example.com", "--db", "t.db").returncode == 0 and
            states("name LIKE '%example.com'") == [] and states() != [])


def many(server):
    """400 domains with 10 selectors each, a server that takes 20 ms for each answer."""
    domains, selectors = (40, 10) if harness.SPARING else (400, 10)
    zone, reports = [ROOT], []
    os.mkdir("many")
    for d in range(domains):
        zone.append("_dmarc.d%d.example. TXT \"v=DMARC1; p=none; rua=mailto:d@d%d.example\"\n" % (d, d))
        zone.append("d%d.example. TXT \"v=spf1 mx include:_spf.example.net -all\"\nd%d.example. MX 10 mx.example.net.\n" % (d, d))
        records = []
        for s in range(selectors):
            zone.append("s%d._domainkey.d%d.example. TXT \"v=DKIM1; p=AAAA\"\n" % (s, d))
            records.append(signed("s%d" % s, domain="d%d.example" % d).replace("example.com", "d%d.example" % d))
        with open("many/%d.xml" % d, "wb") as f:
            f.write(harness.report("m%d" % d, "".join(records), domain="d%d.example" % d))
    zone.append("_spf.example.net. TXT \"v=spf1 ip4:198.51.100.0/24 -all\"\nmx.example.net. A 192.0.2.25\n")
    t.run("import", "--quiet", "--db", "many.db", "many")
    server.change("".join(zone))
    proxy = Faults(server, 0.02)
    done = snapshot(proxy, db="many.db")
    proxy.stop()
    keys = harness.query("many.db", "SELECT count(*) FROM dns_state WHERE name LIKE '%._domainkey.%' AND status = 'ok'")
    t.equal("every key of many domains", keys, [(domains * selectors,)])
    t.equal("and no name was asked for twice", len(proxy.asked), len(set(proxy.asked)))
    print("# %d questions in %.1f s" % (len(proxy.asked), done.seconds))


def run():
    make_database()
    refusals()
    if not KNOT:
        print("ok %d - a real name server # SKIP knotd is not installed (Debian package knot)" % (t.checks + 1))
        t.checks += 1
        return
    server = Server(ZONE)
    try:
        server.start()
        first_look(server)
        faults(server)
        removal(server)
        forgetting()
        log(server)
        keys(server)
        spf(server)
        many(server)
    finally:
        server.stop()


run()
t.finish()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Why mail fails since a day: scripted zones on a real name server (knot), a snapshot a day, and mail that follows what
stands there. tests/dns/falls.py PATH-OF-DMARCCTL; TAP. Each case is a domain of its own with one change of its zone, or
with none that explains what its mail does."""
import os
import random
import sqlite3
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import harness  # noqa: E402 (behind the path)
from name_server import KNOT, ROOT, Server  # noqa: E402
from keys import RSA_1024, RSA_2048  # noqa: E402

DAYS, SNAPSHOTS = 28, 12  # with mail; with a snapshot, the last of them today
REPORTERS = ("mail.example.net", "inbox.example.org", "post.example.com")
CACHED = (0, 0.4, 0.8)  # of the first day's mail, for which each of them goes by what it had asked before
TODAY = int(time.time()) // 86400
t = harness.Suite()


class Case:
    """`before` and `after` are zones in which @ is the domain. `mail` is how it authenticates: by "spf", by "dkim", or by
    both. `told`: what is to be told of its fall, each in turn; none: nothing. `at`: where it fails alone."""

    def __init__(self, name, before, after, told=(), mail="spf", ip="192.0.2.10", falls=True, apart=0, at=None, mfrom="",
                 selector="s1"):
        self.name, self.before, self.after, self.told, self.mail = name, before, after, told, mail
        self.ip, self.falls, self.apart, self.at, self.mfrom, self.selector = ip, falls, apart, at, mfrom, selector


def spf(text, name="@"):
    return "%s TXT \"v=spf1 %s\"\n" % (name, text)


def key(text, selector="s1"):
    return "%s._domainkey.@ TXT %s\n" % (selector, " ".join("\"%s\"" % text[i:i + 200] for i in range(0, len(text), 200)))


GOOD, OTHER = "v=DKIM1; p=" + RSA_2048, "v=DKIM1; p=" + RSA_1024
MINE = "ip4:192.0.2.0/28"
MANY = "".join(spf("ip4:198.51.100.%d -all" % i, "m%d.@" % i) for i in range(11))
BOTH = {"mail": "both"}

CASES = [
    Case("a network is lost", spf(MINE + " ip4:198.51.100.7 -all"), spf("ip4:198.51.100.7 -all"), ("lost " + MINE,)),
    Case("an address is lost", spf("ip4:192.0.2.10 ~all"), spf("ip4:192.0.2.11 ~all"), ("lost ip4:192.0.2.10",)),
    Case("an IPv6 network is lost", spf("ip6:2001:db8::/48 mx -all"), spf("mx -all"), ("lost ip6:2001:db8::/48",), ip="2001:db8::7"),
    Case("a network is narrowed", spf("ip4:192.0.2.0/24 -all"), spf("ip4:192.0.2.128/25 -all"), ("lost ip4:192.0.2.0/24",)),
    Case("an include is lost", spf("include:o.@ -all") + spf(MINE + " -all", "o.@"), spf("-all") + spf(MINE + " -all", "o.@"), ("lost include:o.@",)),
    Case("an included record loses a network", spf("include:o.@ -all") + spf(MINE + " ip4:203.0.113.9 -all", "o.@"),
         spf("include:o.@ -all") + spf("ip4:203.0.113.9 -all", "o.@"), ("in o.@: - " + MINE,)),
    Case("an included record is gone", spf("include:o.@ -all") + spf(MINE + " -all", "o.@"), spf("include:o.@ -all"), ("include:o.@",)),
    Case("a host has another address", spf("a:h.@ -all") + "h.@ A 192.0.2.10\n", spf("a:h.@ -all") + "h.@ A 192.0.2.77\n", ("a:h.@: ", "- 192.0.2.10")),
    Case("an exchanger has another address", spf("mx -all") + "@ MX 10 h.@\nh.@ A 192.0.2.10\n",
         spf("mx -all") + "@ MX 10 h.@\nh.@ A 192.0.2.78\n", ("mx: ", "- 192.0.2.10")),
    Case("the record is withdrawn", spf(MINE + " -all"), "@ TXT \"other=1\"\n", ("record withdrawn",)),
    Case("there are two records", spf(MINE + " -all"), spf(MINE + " -all") + spf("mx -all"), ("record withdrawn",)),
    Case("look-ups are too many", spf("include:m1.@ %s -all" % MINE) + MANY,
         spf(" ".join("include:m%d.@" % i for i in range(11)) + " %s -all" % MINE) + MANY, ("permerror",)),
    Case("a term is misspelt", spf(MINE + " -all"), spf(MINE + " ip4:192.0.2.999 -all"), ("permerror",)),
    Case("all stands first", spf(MINE + " -all"), spf("-all " + MINE), ("lost " + MINE,)),
    Case("a term is neutral", spf(MINE + " -all"), spf("?%s -all" % MINE), ("lost " + MINE,)),
    Case("a redirect leads to another record", spf("redirect=o.@") + spf(MINE + " -all", "o.@"), spf("redirect=o.@") + spf("-all", "o.@"),
         ("in o.@: - " + MINE,)),
    Case("a redirect is gone", spf("redirect=o.@") + spf(MINE + " -all", "o.@"), spf("-all") + spf(MINE + " -all", "o.@"), ("lost redirect=o.@",)),
    Case("the return path's record loses a network", spf("-all") + spf(MINE + " -all", "bounce.@"), spf("-all") + spf("mx -all", "bounce.@"),
         ("SPF of bounce.@ lost " + MINE,), mfrom="bounce."),
    Case("the key is withdrawn", key(GOOD), "", ("selector s1: key withdrawn",), "dkim"),
    Case("the key is revoked", key(GOOD), key("v=DKIM1; p="), ("selector s1: key revoked",), "dkim"),
    Case("the key is another", key(GOOD), key(OTHER), ("selector s1: another key",), "dkim"),
    Case("the key is cut off", key(GOOD), key(GOOD[:120]), ("selector s1: another key",), "dkim"),
    Case("the key is of another algorithm", key(GOOD), key("v=DKIM1; k=ed448; p=" + RSA_2048), ("selector s1: the same key",), "dkim"),
    Case("the key's service is gone", "s1._domainkey.@ CNAME s1.k.@\n" + "s1.k.@ TXT " + key(GOOD).split("TXT ")[1],
         "s1._domainkey.@ CNAME s1.k.@\n", ("selector s1: key withdrawn",), "dkim"),
    Case("the key's alias is gone", "s1._domainkey.@ CNAME s1.k.@\n" + "s1.k.@ TXT " + key(GOOD).split("TXT ")[1], "", ("selector s1: key withdrawn",),
         "dkim"),
    Case("the key is withdrawn, and SPF lets the mail pass", spf(MINE + " -all") + key(GOOD), spf(MINE + " -all"), ("selector s1: key withdrawn",),
         **BOTH),
    Case("the key is another, and SPF lets the mail pass", spf(MINE + " -all") + key(GOOD), spf(MINE + " -all") + key(OTHER),
         ("selector s1: another key",), **BOTH),
    Case("one of two keys is withdrawn", key(GOOD) + key(OTHER, "s2"), key(GOOD), ("selector s2: key withdrawn",), "dkim", selector="s2"),
    # What did not come then, or does not explain it, is not told.
    Case("nothing changes", spf(MINE + " -all"), spf(MINE + " -all")),
    Case("nothing changes of a key", key(GOOD), key(GOOD), mail="dkim"),
    Case("another network is lost", spf(MINE + " ip4:203.0.113.0/24 -all"), spf(MINE + " -all")),
    Case("a network is added", spf(MINE + " -all"), spf(MINE + " ip4:203.0.113.0/24 -all")),
    Case("another key is withdrawn", key(GOOD) + key(OTHER, "s2"), key(GOOD), mail="dkim"),
    Case("a key is added", key(GOOD), key(GOOD) + key(OTHER, "s2"), mail="dkim"),
    Case("SPF loses the network, and it is the signature that fails", spf(MINE + " -all") + key(GOOD), spf("-all") + key(GOOD), mail="dkim"),
    Case("the key is withdrawn, and mail is not signed", key(GOOD) + spf(MINE + " -all"), spf(MINE + " -all")),
    Case("the network was lost a week before", spf(MINE + " -all"), spf("-all"), apart=6),
    Case("the key was withdrawn a week before", key(GOOD), "", mail="dkim", apart=6),
    Case("the network is lost later", spf(MINE + " -all"), spf("-all"), apart=-3),
    Case("the key is withdrawn later", key(GOOD), "", mail="dkim", apart=-3),
    Case("the policy changes", "_dmarc.@ TXT \"v=DMARC1; p=none\"\n" + spf(MINE + " -all"), "_dmarc.@ TXT \"v=DMARC1; p=reject\"\n" + spf(MINE + " -all")),
    Case("the exchangers change", "@ MX 10 a.@\n" + spf(MINE + " -all"), "@ MX 10 b.@\n" + spf(MINE + " -all")),
    Case("nothing fails", spf(MINE + " -all"), spf("-all"), mail="dkim", falls=False),
    Case("one reporter fails it", spf(MINE + " -all"), spf(MINE + " -all"), at=1),
    Case("one reporter fails it, and another network is lost", spf(MINE + " ip4:203.0.113.0/24 -all"), spf(MINE + " -all"), at=2),
    Case("one reporter fails it, and another key comes", key(GOOD), key(OTHER), mail="dkim", at=1),
]


def domain(number):
    return "d%d.example" % number


def changed(number):
    """How many days ago: another day for each case."""
    return 4 + number % 4


def zone(age):
    """What stands there so many days ago."""
    text = ""
    for number, case in enumerate(CASES):
        parts = (case.after if age <= changed(number) + case.apart else case.before).split("\"")
        for i, part in enumerate(parts):  # every other one stands in quotes, where a name has no dot behind it
            parts[i] = part.replace("@", domain(number) + ("" if i % 2 else "."))
        text += "\"".join(parts)
    return ROOT + text


def record(case, number, count, passes):
    name, foreign = domain(number), "mailer.example.net"
    by_dkim, by_spf = case.mail != "spf", case.mail != "dkim"
    signed = "pass" if passes else "fail"
    sent = "pass" if passes or case.mail == "both" else "fail"
    results = "<dkim><domain>%s</domain><selector>%s</selector><result>%s</result></dkim>" % (name, case.selector, signed) if by_dkim else ""
    results += "<spf><domain>%s</domain><result>%s</result></spf>" % (case.mfrom + name if by_spf else foreign, sent if by_spf else "pass")
    return ("<record><row><source_ip>%s</source_ip><count>%d</count><policy_evaluated><disposition>none</disposition><dkim>%s</dkim><spf>%s</spf>"
            "</policy_evaluated></row><identifiers><header_from>%s</header_from></identifiers><auth_results>%s</auth_results></record>\n" %
            (case.ip, count, signed if by_dkim else "fail", sent if by_spf else "fail", name, results))


def fails(case, number, age, reporter):
    """The share of a day's mail that fails."""
    if not case.falls or age > changed(number) or (case.at is not None and reporter != case.at):
        return 0.01
    return 1 - CACHED[reporter] if age == changed(number) and case.at is None else 1


def write_mail():
    chance = random.Random(13)
    os.mkdir("mail")
    for number, case in enumerate(CASES):
        for age in range(DAYS, 0, -1):
            for reporter, org in enumerate(REPORTERS):
                sent = chance.randint(12, 40)
                failing = sum(chance.random() < fails(case, number, age, reporter) for _ in range(sent))
                records = "".join(record(case, number, count, passes) for count, passes in ((sent - failing, True), (failing, False)) if count)
                with open("mail/%d-%d-%d.xml" % (number, age, reporter), "wb") as f:
                    f.write(harness.report("r%d-%d-%d" % (number, age, reporter), records, org=org, domain=domain(number), begin=(TODAY - age) * 86400))


def take_snapshots(server):
    for age in range(SNAPSHOTS - 1, -1, -1):
        server.change(zone(age))
        done = t.run("dns", "snapshot", "--db", "t.db", "--dns-server", server.address, "--quiet")
        if done.returncode or done.err:
            t.check("a snapshot is taken", False, done.err)
        with sqlite3.connect("t.db") as c:
            c.execute("UPDATE dns_state SET first_s = first_s - ?, last_s = last_s - ?", (86400 if age else 0,) * 2)


def told_in_readiness(row):
    return [(f["fails_since"], f["fall"]) for key in ("blockers", "own_failing") for f in row[key] if f["fall"]]


def told_in_findings(rows):
    """The same of what passes by SPF alone, which blocks nothing."""
    found = [row["text"].partition("; fails since ")[2] for row in rows if row["kind"] == "dkim_broken"]
    return [(text[:10], "fails since " + text) for text in found if text]


def judge(case, number, found):
    """"right", "wrong": something else is told; "silent"."""
    expected = [word.replace("@", domain(number)) for word in case.told]
    if case.at is not None:
        expected = ["only at one reporter: see there (%s)" % REPORTERS[case.at]]
    if not found:
        return "silent" if expected else "right"
    texts = [text for _, text in found]
    if not expected or not all(word in text for text in texts for word in expected):
        return "wrong"
    since = {(TODAY - changed(number)), TODAY - changed(number) + 1}
    days = {time.strftime("%Y-%m-%d", time.gmtime(day * 86400)) for day in since}
    return "right" if {day for day, _ in found} <= days else "wrong"


def causes():
    rows = {row["domain"]: row for row in t.rows("readiness", "--db", "t.db")}
    findings = t.rows("findings", "--db", "t.db")
    outcome = {"right": 0, "wrong": 0, "silent": 0}
    for number, case in enumerate(CASES):
        found = told_in_readiness(rows[domain(number)]) + told_in_findings([row for row in findings if row["domain"] == domain(number)])
        became = judge(case, number, found)
        outcome[became] += 1
        print("# %s: %s: %s" % (became, case.name, found))
    print("# %s" % outcome)
    t.check("the cause is named in 95 of 100 cases", outcome["right"] >= 0.95 * len(CASES), outcome)
    t.check("and another one in at most 1", outcome["wrong"] <= 0.01 * len(CASES), outcome)


def everywhere():
    """The sentence is the same wherever it stands."""
    sentence, days = "fails since ", ["--as-of", time.strftime("%Y-%m-%d", time.gmtime((TODAY - 1) * 86400)), "--since", "4d"]
    first = t.rows("readiness", "--db", "t.db", "d0.example")[0]["blockers"][0]
    t.check("a blocker has it", first["fall"].startswith(sentence + first["fails_since"]), first)
    change = [row for row in t.rows("diff", "--db", "t.db", "d0.example", *days) if row["kind"] == "source_pass_rate"]
    t.equal("so has a change of a source's rate", [row["fall"] for row in change], [first["fall"]])
    t.equal("no other change has", {row["fall"] for row in t.rows("diff", "--db", "t.db", "d28.example")}, {None})
    for args in (["readiness", "d0.example"], ["findings", "d0.example"], ["diff", "d0.example", *days],
                 ["report", "d0.example", "--format", "markdown"]):
        done = t.run(*args, "--db", "t.db")
        told = " ".join(done.out.replace("\\", "").split())
        t.check("it is told by " + args[0], first["fall"] in told, done.returncode, done.err, told)
    with sqlite3.connect("t.db") as c:
        c.execute("DELETE FROM dns_state")
    t.equal("without snapshots nothing is told", t.rows("readiness", "--db", "t.db", "d0.example")[0]["blockers"][0]["fall"], None)


def run():
    if not KNOT:
        print("ok 1 - a real name server # SKIP knotd is not installed (Debian package knot)")
        t.checks += 1
        return
    server = Server(ROOT)
    try:
        server.start()
        write_mail()
        t.check("the reports come in", t.run("import", "--quiet", "--db", "t.db", "mail").returncode == 0)
        take_snapshots(server)
        causes()
        everywhere()
    finally:
        server.stop()


run()
t.finish()

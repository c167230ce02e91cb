#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The DNS from end to end: names of sources, published records and kept answers, against a real name server (knot) on
the loopback interface, and the file of networks. tests/dns/check.py PATH-OF-DMARCCTL; TAP. Nothing leaves the machine."""
import json
import os
import shutil
import socket
import sqlite3
import stat
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import harness  # noqa: E402 (behind the path)
import make_mmdb  # noqa: E402
from name_server import KNOT, Server, free_port  # noqa: E402

# Everything the tests' little world knows. What is not there does not exist.
LONG = "".join("\"%s\" " % ("include:%03d.example.net" % i + " " * 100) for i in range(24))
ZONE = """
$TTL 300
. SOA ns.example.net. hostmaster.example.net. 1 3600 600 86400 120
. NS ns.example.net.
ns.example.net. A 127.0.0.1

10.2.0.192.in-addr.arpa. PTR mail.outbound.example.net.
mail.outbound.example.net. A 192.0.2.10
11.2.0.192.in-addr.arpa. PTR liar.outbound.example.net.
liar.outbound.example.net. A 198.51.100.77
12.2.0.192.in-addr.arpa. PTR zulu.example.net.
12.2.0.192.in-addr.arpa. PTR alpha.example.net.
12.2.0.192.in-addr.arpa. PTR liar.outbound.example.net.
zulu.example.net. A 192.0.2.12
alpha.example.net. A 192.0.2.12
13.2.0.192.in-addr.arpa. CNAME 13.0/25.2.0.192.in-addr.arpa.
13.0/25.2.0.192.in-addr.arpa. CNAME 13.ptr.example.net.
13.ptr.example.net. PTR delegated.example.net.
delegated.example.net. CNAME farm.example.net.
farm.example.net. A 192.0.2.13
20.2.0.192.in-addr.arpa. PTR never.asked.example.net.
30.2.0.192.in-addr.arpa. PTR \\027\\09131mred.example.net.
9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.5.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR six.example.net.
six.example.net. AAAA 2001:db8:5::9

_dmarc.example.com. TXT "v=DMARC1;  p=none; " "fo=1; ri=3600; rua=mailto:dmarc@example.com,mailto:d@reports.example.net!10m,mailto:d@other.example.org"
example.com._report._dmarc.reports.example.net. TXT "v=DMARC1;"
example.com. TXT "v=spf1 ip4:192.0.2.0/24 include:_spf.example.net ~all"
_spf.example.net. TXT "v=spf1 a:farm.example.net -all"
_dmarc.two.example. TXT "v=DMARC1; p=none"
_dmarc.two.example. TXT "v=DMARC1; p=reject"
two.example. TXT "v=spf1 -all"
_dmarc.long.example. TXT %s
long.example. TXT "v=spf1 redirect=_spf.example.net"
_dmarc.alias.example. CNAME dmarc.gone.example.net.
_dmarc.strong.example. TXT "v=DMARC1; p=reject; rua=mailto:d@strong.example"
_dmarc.parent.example. TXT "v=DMARC1; p=none; sp=reject; rua=mailto:d@parent.example"
_dmarc.xn--bcher-kva.example. TXT "v=DMARC1; p=none; rua=mailto:d@books.example"
_dmarc.escape.example. TXT "v=DMARC1; p=none; x=\\027[31m\\255"
near.example. TXT " v=spf1 ip4:192.0.2.1 -all"
_dmarc.near.example. TXT "v=DMARC1 p=reject rua=mailto:d@near.example"
nbsp.example. TXT "v=spf1; -all"
_dmarc.nbsp.example. TXT "v=DMARC1;\\194\\160p=none;\\194\\160rua=mailto:d@nbsp.example"
nodata.example. A 192.0.2.1
_dmarc.near.example. TXT " v=spf1 ip4:192.0.2.1 -all"
_dmarc.near.example. TXT "v=DMARC1 p=reject rua=mailto:d@near.example"
nbsp.example. TXT "v=spf1; -all"
_dmarc.nbsp.example. TXT "v=DMARC1;\\194\\160p=none;\\194\\160rua=mailto:d@nbsp.example"
nodata.example. A 192.0.2.1
""" % ("\"v=DMARC1; p=none; rua=mailto:d@long.example; x=\" " + LONG)

t = harness.Suite()
DAY = ["--as-of", "2026-10-02"]  # harness.report's begin is 2026-10-01


def nothing(ip, count=5, **more):
    return harness.record(ip=ip, count=count, dkim="fail", spf="fail", **more)


FOREIGN = nothing("192.0.2.20").replace("<auth_results>", "<auth_results><dkim><domain>mailer.example.org</domain>"
                                        "<result>pass</result></dkim>")
SOURCES = ["192.0.2.10", "192.0.2.11", "192.0.2.12", "192.0.2.13", "192.0.2.30", "203.0.113.5", "2001:db8:5::9"]
DOMAINS = ["two.example", "long.example", "alias.example", "strong.example", "sub.parent.example", "escape.example",
           "nodata.example", "broken.example", "near.example", "nbsp.example", "nothing.example", "b\u00fccher.example"]


def make_database(path):
    os.mkdir("reports")
    with open("reports/first.xml", "wb") as f:
        f.write(harness.report("first", "".join(nothing(ip) for ip in SOURCES) + FOREIGN))
    for i, domain in enumerate(DOMAINS):
        with open("reports/%d.xml" % i, "wb") as f:
            f.write(harness.report("r%d" % i, nothing("198.51.100.9", header_from=domain), domain=domain))
    done = t.run("import", "--quiet", "--db", path, "reports")
    t.check("the reports come in", done.returncode == 0, done.err)


def ask(verb, *args, db="t.db", **more):
    began = time.monotonic()
    done = t.run(verb, "--db", db, *DAY, *args, "--format", "ndjson", **more)
    done.seconds = time.monotonic() - began
    done.rows = [json.loads(line) for line in done.out.splitlines()] if done.returncode == 0 else []
    return done


def streams(done):
    return {row["source_ip"]: row for row in done.rows}


def verdict_on(done, domain):
    return next((row for row in done.rows if row["domain"] == domain), {})


def faults(row, key="published_faults"):
    return None if row.get(key) is None else [f["fault"] for f in row[key]]


def kept(where="1"):
    with sqlite3.connect("t.db") as db:
        return db.execute("SELECT name, type, status, answers FROM dns_answer WHERE " + where).fetchall()


def change_kept(sql):
    db = sqlite3.connect("t.db")
    db.execute(sql)
    db.commit()
    db.close()


# --- without a server -----------------------------------------------------------------------------------------------

def refusals():
    for args, sentence in (
            (["--dns", "--dns-server", "ns.example.net"], "is no resolver"),
            (["--dns", "--dns-server", "127.0.0.1:0"], "is no resolver"),
            (["--dns-server", "127.0.0.1"], "--dns-server goes with --dns"),
            (["--dns-timeout", "3"], "--dns-timeout goes with --dns"),
            (["--dns", "--dns-timeout", "0"], "is no number of seconds"),
            (["--dns", "--dns-timeout", "soon"], "is no number of seconds")):
        done = t.run("readiness", "--db", "t.db", *args)
        t.check("refused: " + " ".join(args), done.returncode == 2 and not done.out and sentence in done.err, done.err)
    done = t.run("sources", "--db", "t.db", "--by", "network", "--dns")
    t.check("refused: --dns where no stream is judged", done.returncode == 2 and "--dns" in done.err, done.err)


def silence_by_default():
    done = ask("sources")
    t.equal("without --dns and --asn-db a stream has no name and no network",
            {tuple(row[key] for key in ("ptr", "asn", "as_organization", "country")) for row in done.rows},
            {(None, None, None, None)})
    row = verdict_on(ask("readiness"), "example.com")
    t.equal("without --dns nothing is said of published records",
            [row.get(key) for key in ("published_at", "published_record", "published_faults", "spf_record", "spf_faults")],
            [None] * 5)
    t.check("and the next record is a template", "rua=<keep yours>" in row.get("next_record", ""), row)
    t.equal("and no answer is kept", kept(), [])


def networks():
    for layout, expected in (("geolite", [64500, "Example Networks", None]), ("flat", [64500, "Example Networks", "DE"]),
                             ("country", [None, None, "DE"])):
        with open(layout + ".mmdb", "wb") as f:
            f.write(make_mmdb.build(layout))
        row = streams(ask("sources", "--asn-db", layout + ".mmdb")).get("192.0.2.10", {})
        t.equal("networks of the layout " + layout, [row.get(k) for k in ("asn", "as_organization", "country")], expected)
    found = streams(ask("sources", "--asn-db", "flat.mmdb"))
    t.equal("a network is evidence where no mail names anybody", found["192.0.2.10"]["evidence"], "AS64500 Example Networks")
    t.equal("but not before a signature", found["192.0.2.20"]["evidence"], "DKIM d=mailer.example.org")
    t.equal("which does not hide the network", found["192.0.2.20"]["asn"], 64500)
    t.equal("an address of IPv6 has its network", found["2001:db8:5::9"]["country"], "FR")
    t.equal("a number of 32 bits, without an owner's name", found["203.0.113.5"]["evidence"], "AS4200000001")
    done = t.run("sources", "--db", "t.db", "--unfold", *DAY, "--asn-db", "flat.mmdb")
    t.check("a hostile name does not steer the terminal", "\x1b" not in done.out and "Example Hosting" in done.out, done.out)

    with open("flat.mmdb", "rb") as f:
        whole = f.read()
    for name, content in (("empty", b""), ("other", b"no database\n" * 100), ("cut", whole[:len(whole) // 2])):
        with open(name + ".mmdb", "wb") as f:
            f.write(content)
        done = t.run("sources", "--db", "t.db", "--asn-db", name + ".mmdb")
        t.check("a file that is no database is told: " + name,
                done.returncode == 1 and not done.out and name + ".mmdb: " in done.err, done.returncode, done.out, done.err)
    done = t.run("sources", "--db", "t.db", "--asn-db", "none.mmdb")
    t.check("a file that is not there is told", done.returncode == 1 and "none.mmdb: No such file" in done.err, done.err)
    damaged = bytearray(whole)
    at = whole.index(b"as_name") - 10
    damaged[at:at + 60] = b"\xff" * 60
    with open("damaged.mmdb", "wb") as f:
        f.write(damaged)
    done = t.run("sources", "--db", "t.db", "--asn-db", "damaged.mmdb")
    t.check("damage met on the way is told", done.returncode == 1 and "damaged.mmdb: the database is damaged" in done.err,
            done.returncode, done.err)


def silent_server():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        done = ask("sources", "--dns", "--dns-server", "127.0.0.1:%d" % mute.getsockname()[1], "--dns-timeout", "1")
    t.check("a silent server ends the waiting after --dns-timeout", done.returncode == 0 and done.seconds < 6, done.seconds)
    t.check("what it did not answer is told", "questions to the DNS were not answered in time" in done.err, done.err)
    t.check("and unknown", done.rows and all(row["ptr"] is None for row in done.rows), done.rows)
    t.equal("a question without time for an answer is not kept", kept(), [])
    done = ask("sources", "--dns", "--dns-server", "127.0.0.1:%d" % free_port(), "--dns-timeout", "5")
    t.check("a server that is not there is no failure", done.returncode == 0 and "to the DNS" in done.err, done.err)
    done = ask("sources", "--quiet", "--dns", "--dns-server", "127.0.0.1:%d" % free_port(), "--dns-timeout", "5")
    t.check("--quiet does not tell it", done.returncode == 0 and done.err == "", done.err)
    change_kept("DELETE FROM dns_answer")


# --- with a server --------------------------------------------------------------------------------------------------

def names(server):
    with open("map.csv", "w", encoding="ascii") as f:
        f.write("base_reverse_dns,name,type\noutbound.example.net,Example Mailer,Email Provider\n")
    done = ask("sources", "--dns", "--dns-server", server.address, "--sender-map", "map.csv")
    found = streams(done)
    t.equal("the run succeeds", [done.returncode, len(found)], [0, len(SOURCES) + 2])
    t.equal("a name that leads back is the source's", found["192.0.2.10"]["ptr"], "mail.outbound.example.net")
    t.equal("and evidence", found["192.0.2.10"]["evidence"], "PTR mail.outbound.example.net")
    t.equal("and names the service", found["192.0.2.10"]["service"], "Example Mailer")
    t.equal("one that does not is none", [found["192.0.2.11"][k] for k in ("ptr", "service", "evidence")],
            [None, None, "network 192.0.2.0/24"])
    t.equal("of several the first that leads back", found["192.0.2.12"]["ptr"], "alpha.example.net")
    t.equal("aliases are followed, in both directions", found["192.0.2.13"]["ptr"], "delegated.example.net")
    t.equal("an address of IPv6", found["2001:db8:5::9"]["ptr"], "six.example.net")
    t.equal("a name with odd bytes is none", found["192.0.2.30"]["ptr"], None)
    t.equal("what the server cannot say is unknown", found["203.0.113.5"]["ptr"], None)
    t.check("and told", "questions to the DNS failed" in done.err, done.err)
    t.equal("whom a signature names is not asked for", kept("name LIKE '20.2.0.192.%'"), [])
    t.check("answers are kept", ("10.2.0.192.in-addr.arpa", "PTR", "ok", '["mail.outbound.example.net"]') in kept(), kept())


def published(server):
    done = ask("readiness", "--dns", "--dns-server", server.address)
    t.equal("the run succeeds", [done.returncode, len(done.rows)], [0, len(DOMAINS) + 1])
    row = verdict_on(done, "example.com")
    record = ("v=DMARC1;  p=none; fo=1; ri=3600; rua=mailto:dmarc@example.com,mailto:d@reports.example.net!10m,"
              "mailto:d@other.example.org")
    t.equal("the strings of a record are joined", row["published_record"], record)
    t.equal("it stands at the domain", row["published_at"], "example.com")
    t.equal("the next record is the published one with another policy", row["next_record"],
            record.replace("p=none", "p=" + row["next_policy"]))
    t.equal("its faults", sorted(faults(row)), ["historic_tag", "rua_size", "rua_unauthorised"])
    refused = next(f for f in row["published_faults"] if f["fault"] == "rua_unauthorised")
    t.check("who has not agreed is named, with the rule", "other.example.org" in refused["detail"] and
            refused["section"] == "RFC 9990 4", refused)
    t.equal("SPF", [row["spf_record"], row["spf_lookups"], faults(row, "spf_faults")],
            ["v=spf1 ip4:192.0.2.0/24 include:_spf.example.net ~all", 2, []])

    row = verdict_on(done, "two.example")
    t.equal("two records are none", [row["published_record"], faults(row)], [None, ["several_records", "no_record"]])
    t.check("and the next one stays a template", "rua=<keep yours>" in row["next_record"], row["next_record"])
    t.equal("SPF of a parked domain", [row["spf_record"], faults(row, "spf_faults")], ["v=spf1 -all", []])
    row = verdict_on(done, "long.example")
    t.check("a record that no datagram holds comes over TCP", len(row["published_record"] or "") > 2500, row)
    t.equal("a redirect is a look-up", [row["spf_lookups"], faults(row, "spf_faults")], [2, []])
    row = verdict_on(done, "alias.example")
    t.equal("an alias to nowhere is told", faults(row), ["dangling_alias", "no_record"])
    row = verdict_on(done, "strong.example")
    t.check("a policy that is stronger already is not weakened", row["next_record"] is None, row["next_record"])
    t.equal("and the reports are said to be behind", faults(row), ["not_in_reports"])
    row = verdict_on(done, "sub.parent.example")
    t.equal("a record above applies", [row["published_at"], faults(row)], ["parent.example", ["inherited"]])
    row = verdict_on(done, "escape.example")
    t.check("odd bytes of a record are written as numbers", row["published_record"].endswith("x=\\027[31m\\255"), row)
    row = verdict_on(done, "near.example")
    t.equal("a text near a DMARC record is none", [row["published_record"], faults(row)], [None, ["bad_version", "no_record"]])
    t.equal("nor is one near an SPF record", [row["spf_record"], faults(row, "spf_faults")], [None, ["spf_version"]])
    row = verdict_on(done, "nbsp.example")
    t.check("blanks that are none are told", "strange_bytes" in faults(row) and faults(row, "spf_faults") == ["spf_version"], row)
    t.equal("and never proposed", row["next_record"], "v=DMARC1; p=%s; rua=mailto:d@nbsp.example" % row["next_policy"])
    t.equal("a name without a text", faults(verdict_on(done, "nodata.example")), ["no_record"])
    t.equal("no name at all", faults(verdict_on(done, "nothing.example")), ["no_record"])
    t.equal("a name that reports write with U-labels is asked for by its A-labels",
            verdict_on(done, "xn--bcher-kva.example").get("published_record"), "v=DMARC1; p=none; rua=mailto:d@books.example")
    row = verdict_on(done, "broken.example")
    t.equal("what the DNS does not say is unknown, not missing",
            [row["published_record"], faults(row), faults(row, "spf_faults")], [None, None, None])
    t.check("and the next record a template", "rua=<keep yours>" in row["next_record"], row["next_record"])


def plans(server):
    options = (*DAY, "--dns", "--dns-server", server.address)
    done = ask("plan", "--dns", "--dns-server", server.address)
    t.equal("plans are made with published records", done.returncode, 0)
    steps = [row for row in done.rows if row["domain"] == "example.com"]
    record = verdict_on(ask("readiness", "--dns", "--dns-server", server.address), "example.com")["published_record"]
    t.equal("the first way back is the published record", steps[0]["way_back"], record)
    t.equal("each step changes its own tags of it and no other",
            [row["record"].replace("p=" + row["policy"], "p=none").replace("; np=reject", "").replace("; t=y", "")
             for row in steps], [record] * len(steps))
    t.equal("nothing weaker than what is published is planned",
            [row["publish"] for row in done.rows if row["domain"] == "strong.example"], [])
    done = t.run("plan", "--db", "t.db", *options, "strong.example")
    t.check("which is said", "nothing is left to publish, p=reject is" in done.out, done.out)
    done = t.run("plan", "--db", "t.db", *options, "example.com", "--record", "zone")
    t.check("a whole record is a line of a zone", '_dmarc.example.com. 3600 IN TXT "v=DMARC1; ' in done.out, done.out)
    done = t.run("plan", "--db", "t.db", *options, "two.example", "--record", "nsupdate")
    t.check("one that is not known in full is written for people alone",
            'TXT "v=DMARC1; p=' in done.out and "update add" not in done.out, done.out)


def page(server):
    done = t.run("readiness", "--db", "t.db", *DAY, "--dns", "--dns-server", server.address, "example.com",
                 "escape.example", "broken.example")
    t.check("a page shows the record as it stands", "Published: _dmarc.example.com TXT \"v=DMARC1;  p=none; fo=1; " in done.out,
            done.out)
    t.check("its faults with their rules", "- rua: other.example.org does not say" in done.out and "(RFC 9990 4)." in done.out,
            done.out)
    t.check("SPF too", "SPF: example.com TXT \"v=spf1 ip4:192.0.2.0/24 include:_spf.example.net ~all\"" in done.out, done.out)
    for domain in ("near.example", "nbsp.example"):
        near = t.run("readiness", "--db", "t.db", *DAY, "--dns", "--dns-server", server.address, domain).out
        t.check("nobody is told to refuse what a text near a record sends: " + domain,
                "is no SPF record, because" in near and "v=spf1 -all" not in near, near)
    t.check("and what is not known", "Published: not known, the DNS did not say." in done.out, done.out)
    t.check("without steering the terminal", "\x1b" not in done.out + done.err, done.out)


def cache(server):
    before = ask("readiness", "--dns", "--dns-server", server.address)
    change_kept("UPDATE dns_answer SET expires_s = expires_s + 3600")
    server.stop()
    after = ask("readiness", "--dns", "--dns-server", server.address)
    t.equal("a second run needs no server", after.rows, before.rows)
    t.equal("and has nothing to tell", after.err, "")
    db = sqlite3.connect("t.db", isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    change = ask("sources", "--dns", "--dns-server", server.address, "--dns-timeout", "3", "--as-of", "2026-10-02")
    t.check("while an import holds the database, too", change.returncode == 0 and change.seconds < 8 and
            streams(change)["192.0.2.10"]["ptr"] == "mail.outbound.example.net", change.seconds, change.err)
    db.execute("ROLLBACK")
    db.close()

    change_kept("UPDATE dns_answer SET answers = 'no list' WHERE name = '_dmarc.example.com'")
    t.equal("a damaged answer is missed", verdict_on(ask("readiness", "--dns", "--dns-server", server.address,
                                                         "--dns-timeout", "2"), "example.com")["published_record"], None)
    change_kept("UPDATE dns_answer SET expires_s = 1790000000")
    gone = ask("readiness", "--dns", "--dns-server", server.address, "--dns-timeout", "2")
    t.equal("an answer counts until it expires", verdict_on(gone, "two.example")["published_faults"], None)
    server.start()
    done = ask("readiness", "--dns", "--dns-server", server.address)
    t.check("failures are kept for a minute", done.returncode == 0, done.err)
    change_kept("UPDATE dns_answer SET expires_s = 1790000000")
    fresh = ask("readiness", "--dns", "--dns-server", server.address)
    t.equal("then it is asked for again", fresh.rows, before.rows)
    t.equal("what has expired is forgotten", kept("expires_s = 1790000000"), [])


def read_only(server):
    shutil.copy("t.db", "copy.db")
    db = sqlite3.connect("copy.db")
    db.execute("DELETE FROM dns_answer")
    db.commit()
    db.execute("PRAGMA journal_mode = DELETE")
    db.close()
    os.chmod("copy.db", stat.S_IRUSR)
    done = ask("sources", "--dns", "--dns-server", server.address, db="copy.db")
    t.check("a database that cannot be written to keeps nothing, and the answers come",
            done.returncode == 0 and streams(done)["192.0.2.10"]["ptr"] == "mail.outbound.example.net", done.err)


def run():
    make_database("t.db")
    refusals()
    silence_by_default()
    networks()
    silent_server()
    if not KNOT:
        print("ok %d - a real name server # SKIP knotd is not installed (Debian package knot)" % (t.checks + 1))
        t.checks += 1
        return
    server = Server(ZONE, ("broken.example", "113.0.203.in-addr.arpa"))
    try:
        server.start()
        names(server)
        published(server)
        plans(server)
        page(server)
        cache(server)
        read_only(server)
    finally:
        server.stop()


run()
t.finish()

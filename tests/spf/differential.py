#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The check of SPF against a second implementation (pyspf, Debian's python3-spf) on records made up by chance.
tests/spf/differential.py PATH-OF-SPF-ORACLE [RECORDS [SEED]]; TAP. Nothing asks the network.

Where pyspf is known to differ, no such record is made up:
* an unknown modifier twice: RFC 7208 6 has it ignored "no matter where, or how often"; pyspf ends in permerror;
* a record that includes its own name: pyspf ends in permerror before it looks at the terms before that one;
* an mx of several hosts, one of which matches and another has no address or none that the DNS tells: pyspf asks for all of
  them before it compares, and counts what it need not have asked for."""
import ipaddress
import os
import random
import subprocess
import sys

try:
    import spf
except ImportError:
    if sys.executable != "/usr/bin/python3" and os.path.exists("/usr/bin/python3") and not os.environ.get("AGAIN"):
        os.environ["AGAIN"] = "1"
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    print("1..1\nok 1 - a second implementation # SKIP python3-spf is not installed")
    sys.exit(0)

ORACLE = sys.argv[1]
RECORDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 7208
NAMES = ["a", "b", "c", "mail", "x-y", "_spf", "none", "lost", "many"]
IPS = ["192.0.2.1", "192.0.2.77", "192.0.2.200", "198.51.100.9", "203.0.113.5", "2001:db8::1", "2001:db8:1::5", "2001:db8:ffff::1"]
ZONE = {}


def lookup(name, qtype, *_, **__):
    """What pyspf asks the DNS for."""
    name = name.rstrip(".").lower()
    texts = ZONE.get((qtype, name), [])
    if texts == ["!"]:
        raise spf.TempError("DNS: SERVFAIL")
    if qtype in ("A", "AAAA", "PTR"):
        return [((name, qtype), text) for text in texts]
    if qtype == "MX":
        return [((name, qtype), (10, text)) for text in texts]
    return [((name, qtype), (text.encode("ascii"),)) for text in texts]


spf.DNSLookup = lookup


def domain(chance, d):
    return "%s.d%d.example" % (chance.choice(NAMES), d)


def spec(chance, d):
    return chance.choice([lambda: domain(chance, d)] * 6 + [
        lambda: "%{i}." + domain(chance, d), lambda: "%{d}", lambda: "%{ir}.%{v}.d" + str(d) + ".example",
        lambda: "%{l1r-}." + domain(chance, d), lambda: "%{d2}", lambda: "%{o}", lambda: "%{h}", lambda: "%{S}.d" + str(d) + ".example",
        lambda: "%{x}.example", lambda: "%(d).example", lambda: "museum", lambda: "a.123", lambda: ""])()


def expansions(d):
    """Names that macros of spec() come to, so that an exists finds some of them and not others."""
    of = ".d%d.example" % d
    nibbles = [".".join(ipaddress.ip_address(ip).exploded.replace(":", "")) for ip in IPS if ":" in ip]
    spelled = [(ip, "in-addr") for ip in IPS if ":" not in ip] + [(ip, "ip6") for ip in nibbles]
    return ([".".join(reversed(ip.split("."))) + "." + version + of for ip, version in spelled] +
            [ip + "." + name + of for ip, _ in spelled for name in NAMES] +
            [local + "." + name + of for local in ("post", "master", "x.y", "z") for name in NAMES] + ["mail" + of, "a" + of])


def prefix(chance, most):
    return chance.choice([""] * 4 + ["/%d" % chance.randint(0, most), "/0", "/%d" % (most + 1), "/08", "/"])


def term(chance, d):
    q = chance.choice(["", "", "", "+", "-", "~", "?"])
    ip4 = chance.choice([ip for ip in IPS if ":" not in ip] + ["192.0.2", "192.0.2.256"])
    ip6 = chance.choice([ip for ip in IPS if ":" in ip] + ["2001:db8::1::", "192.0.2.1"])
    common = [lambda: q + "ip4:" + ip4 + chance.choice(["", "", "/24", "/25", prefix(chance, 32)]),
              lambda: q + "ip6:" + ip6 + chance.choice(["", "/48", "/32", prefix(chance, 128)]),
              lambda: q + "include:" + domain(chance, d), lambda: q + "a:" + domain(chance, d), lambda: q + "mx:" + domain(chance, d),
              lambda: q + "a", lambda: q + "mx", lambda: q + "exists:" + spec(chance, d)]
    rare = [lambda: q + "a:" + spec(chance, d) + prefix(chance, 32), lambda: q + "mx//%d" % chance.choice([0, 64, 128]),
            lambda: q + "include:" + spec(chance, d), lambda: q + "ptr", lambda: "redirect=" + domain(chance, d), lambda: "x%d=%%{d}" % chance.getrandbits(40), lambda: "y%d=" % chance.getrandbits(40) + ip4,
            lambda: q + "all", lambda: "foo:bar", lambda: "a//" + str(chance.choice([64, 129])), lambda: "redirect=" + spec(chance, d)]
    return chance.choice(common * 3 + rare)()


def record(chance, d, own):
    terms = [term(chance, d) for _ in range(chance.choice([0, 1, 1, 2, 2, 3, 3, 4, 12]))]
    terms = [t for t in terms if not t.lstrip("+-~?").startswith(("include:" + own, "include:%{d}", "include:%{h}", "include:%{o}"))]
    return " ".join(["v=spf1"] + terms + chance.choice([[], ["-all"], ["~all"], ["?all"], ["redirect=" + domain(chance, d)]]))


def world(chance, d):
    """The zone of a few names that refer to each other."""
    zone = {}
    for name in NAMES[:6]:
        full = "%s.d%d.example" % (name, d)
        if chance.random() < 0.8:
            zone["TXT", full] = [record(chance, d, full)]
        if chance.random() < 0.6:
            zone["A", full] = chance.sample([ip for ip in IPS if ":" not in ip], 2)
        if chance.random() < 0.3:
            zone["AAAA", full] = [chance.choice([ip for ip in IPS if ":" in ip])]
        if chance.random() < 0.5:
            zone["MX", full] = [domain(chance, d)] if chance.random() < 0.5 else ["one.d%d.example" % d, "two.d%d.example" % d]
    zone["TXT", "none.d%d.example" % d] = ["some text"]
    for host in ("one", "two"):
        zone["A", host + ".d%d.example" % d] = [chance.choice([ip for ip in IPS if ":" not in ip])]
        zone["AAAA", host + ".d%d.example" % d] = [chance.choice([ip for ip in IPS if ":" in ip])]
    zone.update({("A", name): ["127.0.0.2"] for name in expansions(d) if chance.random() < 0.5})
    for kind in ("TXT", "A", "AAAA", "MX"):
        zone[kind, "lost.d%d.example" % d] = ["!"]
    zone["MX", "many.d%d.example" % d] = ["m%d.d%d.example" % (i, d) for i in range(11)]
    return zone


def theirs(ip, name, sender, helo):
    q = spf.query(i=ip, s=sender, h=helo, strict=True)
    return q.check()[0]


def run():
    chance = random.Random(SEED)
    questions, lines, expected = [], [], []
    for d in range(RECORDS):
        ZONE.clear()
        ZONE.update(world(chance, d))
        for (kind, name), texts in ZONE.items():
            lines += ["%s %s %s" % (kind, name, text) for text in texts]
        name, ip = "a.d%d.example" % d, chance.choice(IPS)
        sender, helo = chance.choice(["post-master@", "x.y-z@"]) + name, "mail.d%d.example" % d
        questions.append((ip, name, ZONE.get(("TXT", name))))
        lines.append("CHECK %s %s %s %s" % (ip, name, sender, helo))
        expected.append(theirs(ip, name, sender, helo))
    ours = subprocess.run([ORACLE], input="\n".join(lines) + "\n", stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    differences = [(q, ours[i], e) for i, (q, e) in enumerate(zip(questions, expected)) if ours[i] != e]
    return ours, differences


ours, differences = run()
counts = {word: ours.count(word) for word in sorted(set(ours))}
print("# %d records, seed %d: %s" % (RECORDS, SEED, counts))
print("%s 1 - the same result for every record and address" % ("not ok" if differences else "ok"))
for question, mine, other in differences[:20]:
    print("# %s: %s, pyspf: %s" % (question, mine, other))
print("# %d differences" % len(differences))
print("1..1")
sys.exit(1 if differences else 0)

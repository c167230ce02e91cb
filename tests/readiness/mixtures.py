# SPDX-License-Identifier: Apache-2.0
"""Random mixtures of mail streams: worlds nobody thought of, each made again from its number alone."""
import math
import random
from dataclasses import replace

from scenarios import D, REPORTERS, SES_HOSTS, alumni, bots, mailing_list, signed
from simulate import OWN, SPOOF, UNAUTH, Auth, Cadence, Domain, Hosts, FORWARDER, Policy, Pool, Stream, World

# Services by (d=, SPF domain): real ones that a catalogue knows, and two that none does.
SERVICES = (("sendgrid.net", "em7.sendgrid.net"), ("mcsv.net", "mail5.suw11.mcsv.net"), ("zendesk.com", "zendesk.com"),
            ("mailgun.org", "mailgun.org"), ("mtasv.net", "pm.mtasv.net"), ("bmsend.com", "bmsend.com"),
            ("crm.example.net", "crm.example.net"), ("billing.example.org", "mail.billing.example.org"))


def between(rng, low, high):
    """Even on a logarithmic scale: small things are as frequent as large ones."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def own_cadence(rng, rate):
    """Mostly daily; some mail comes by the week, or began in the middle."""
    kind = rng.random()
    if kind < 0.12:
        return Cadence(rate * 7, every=7, last_ago=rng.randrange(1, 8))
    if kind < 0.22:
        return Cadence(rate, start_ago=rng.randrange(2, 50))
    return Cadence(rate, working=rng.random() < 0.6)


def breakage(rng):
    """Share of messages with a broken signature: hardly ever much."""
    kind = rng.random()
    return 0.0 if kind < 0.4 else between(rng, 0.0005, 0.004) if kind < 0.9 else between(rng, 0.01, 0.4)


def servers(rng, rate, spf_all):
    """The owner's own machines, and now and then a second site behind the same selector."""
    spf = (D, "pass") if rng.random() < 0.85 else (D, spf_all)
    auth = (Auth(signed(f"{D}/s1"), spf, breaks=breakage(rng)),)
    found = [Stream("office", OWN, Hosts(("192.0.2.10", "192.0.2.11")), Cadence(rate, True), auth)]
    if rng.random() < 0.25:
        auth = (Auth(signed(f"{D}/s1"), (D, rng.choice(("pass", spf_all))), breaks=breakage(rng)),)
        cadence = Cadence(rate * between(rng, 0.05, 0.5), True)
        found.append(Stream("site_b", OWN, Hosts(("203.0.113.20",)), cadence, auth))
    return found


def service(rng, number, rate):
    """A service aligned by DKIM, SPF or both; one in eight loses its DKIM by a rotation."""
    d, spf_domain = SERVICES[number]
    name, prefix = f"service_{number}", f"198.19.{20 + number * 4}."
    how = rng.choice(("dkim", "dkim", "spf", "both"))
    own = (f"{D}/v{number}",) if how != "spf" else ()
    spf = (spf_domain if how == "dkim" else f"bounce{number}.{D}", "pass")
    auth = Auth(signed(*own, f"{d}/k1"), spf, breaks=breakage(rng))
    later = ()
    if own and rng.random() < 0.12:
        broken = Auth(((D, f"w{number}", "fail"), (d, "k1", "pass")), spf)
        later = ((rng.randrange(2, 26), (broken,)),)
    pool = Pool((prefix, f"198.19.{21 + number * 4}."), 4)
    sources = Hosts((prefix + "7", prefix + "8")) if rng.random() < 0.7 else pool
    return Stream(name, OWN, sources, own_cadence(rng, rate), (auth,), later)


def unauthenticated(rng, own, spf_all):
    """The owner's mail with nothing of his on it: a service in its own name, a forgotten machine, a quarter's run."""
    found = []
    if rng.random() < 0.25:
        d, spf_domain = SERVICES[rng.randrange(len(SERVICES))]
        auth = (Auth(signed(f"{d}/k9"), (spf_domain, "pass")),)
        cadence = Cadence(own * between(rng, 0.002, 0.1), working=rng.random() < 0.7)
        if rng.random() < 0.25:
            cadence = Cadence(own * between(rng, 0.5, 3), runs_ago=(41, 40))
        found.append(Stream("unsigned_service", UNAUTH, Hosts(("198.19.200.21",)), cadence, auth))
    if rng.random() < 0.2:
        found.append(Stream("machine", UNAUTH, Hosts(("198.19.201.5",)), Cadence(own * between(rng, 0.002, 0.1), True),
                            (Auth((), (D, spf_all)),)))
    return found


def passed_on(rng, own, selectors):
    """Forwarders and lists."""
    found = []
    for n in range(rng.randrange(4)):
        rate, breaks = own * between(rng, 0.002, 0.02), rng.choice((0, 0, 0.03))
        found.append(alumni(rate, f"198.19.{210 + n}.40", f"forwarder_{n}", breaks, selectors))
    if rng.random() < 0.3:
        auth = tuple(Auth(signed(f"{D}/{s}"), ("srs.example.org", "pass")) for s in selectors)
        cadence = Cadence(own * between(rng, 0.003, 0.03), True)
        found.append(Stream("srs", FORWARDER, Hosts(("203.0.113.60",)), cadence, auth))
    if rng.random() < 0.4:
        found.append(mailing_list(own * between(rng, 0.002, 0.02), selectors=selectors, sealed=rng.random() < 0.3))
    return found


def spoofing(rng, own, spf_all):
    """Everybody who pretends."""
    nothing = (Auth((), (D, spf_all)),)
    abuse = (Auth(signed("amazonses.com/shared"), ("amazonses.com", "pass")),)
    forged = (Auth(((D, "s1", "fail"),), (D, spf_all)),)
    kinds = (
        (0.7, lambda: bots(own * between(rng, 0.05, 8), rng.randrange(5, 30), auth=nothing)),
        (0.25, lambda: Stream("burst", SPOOF, Pool(("203.0.113.",), 8),
                              Cadence(own * between(rng, 0.1, 3), runs_ago=(rng.randrange(3, 28),)), nothing)),
        (0.15, lambda: Stream("hosting", SPOOF, Pool(("198.51.100.",), 3), Cadence(own * between(rng, 0.005, 0.2)),
                              nothing)),
        (0.2, lambda: Stream("abuse", SPOOF, SES_HOSTS, Cadence(own * between(rng, 0.002, 0.1)), abuse)),
        (0.15, lambda: bots(own * between(rng, 0.01, 0.3), 15, name="forgers", auth=forged)),
        (0.1, lambda: Stream("invented", SPOOF, Pool(("198.19.220.",), 4), Cadence(own * between(rng, 0.01, 0.3)),
                             nothing, invented=True)),
    )
    return [make() for chance, make in kinds if rng.random() < chance]


def some_reporters(rng):
    quirks = ({"gives_selectors": False}, {"judges": "generously"}, {"clock_days": -40}, {"period_days": 7},
              {"stops_ago": 20})
    return tuple(replace(r, **(rng.choice(quirks) if r.share < 0.2 and rng.random() < 0.2 else {})) for r in REPORTERS)


def world_of(number):
    rng = random.Random(f"mixture/{number}")
    spf_all = rng.choice(("fail", "softfail"))
    own = between(rng, 40, 600)
    streams, selectors = [], ["s1"]
    if rng.random() > 0.04:  # else nothing of the owner's: parked
        streams += servers(rng, own, spf_all)
        for n in rng.sample(range(len(SERVICES)), rng.randrange(4)):
            streams.append(service(rng, n, own * between(rng, 0.02, 0.6)))
            selectors += [s for d, s, _ in streams[-1].auth[0].signatures if d == D]
        if rng.random() < 0.4:
            ses_auth = Auth(signed(f"{D}/ses1", "amazonses.com/shared"), ("amazonses.com", "pass"),
                            breaks=breakage(rng))
            streams.append(Stream("ses", OWN, SES_HOSTS, own_cadence(rng, own * between(rng, 0.05, 0.6)), (ses_auth,)))
            selectors.append("ses1")
        streams += unauthenticated(rng, own, spf_all) + passed_on(rng, own, selectors)
    streams += spoofing(rng, own, spf_all)
    policy = Policy(rng.choice(("none", "none", "none", "quarantine", "quarantine", "reject")))
    policies = ((10**6, policy),) if rng.random() < 0.9 else ((10**6, Policy()), (rng.randrange(5, 55), policy))
    if not streams:
        streams = [bots(auth=(Auth((), (D, spf_all)),))]
    return World((Domain(D, tuple(streams), policies),), some_reporters(rng), 60)

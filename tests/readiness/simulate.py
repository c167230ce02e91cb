#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes aggregate reports from labelled mail streams: the world whose truth is known, for trying the readiness engine.

A World holds domains with their policy history, reporters with their quirks and streams of mail with their true label.
From a seed it becomes report files and truth.json. Days are counted backwards: "ago 1" is the last day with data.
It judges alignment by itself, on purpose: it must not share a mistake with the program under test.
"""
import argparse
import collections
import datetime
import functools
import json
import math
import os
import random
import sys
from dataclasses import dataclass, replace
from typing import Optional
from xml.sax.saxutils import escape

DAY_S = 86400
WINDOW_DAYS = 30
LAST_DAYS = 7  # what fails now may not show in the window yet
# A Monday, far enough back that no host's clock puts it into the future.
DEFAULT_END = "2025-03-03"

# True labels of a stream.
OWN = "own"            # the owner's mail, sent with some authentication of the owner's, working or broken
UNAUTH = "unauth"      # the owner's mail, sent without any authentication of the owner's
FORWARDER = "forwarder"  # the owner's mail, passed on unchanged
LIST = "list"          # the owner's mail, passed on by somebody who breaks its signature
SPOOF = "spoof"        # nobody's the owner knows
TRUTHS = (OWN, UNAUTH, FORWARDER, LIST, SPOOF)


# --- the world -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Policy:
    p: str = "none"
    sp: Optional[str] = None
    np: Optional[str] = None
    adkim: str = "r"
    aspf: str = "r"
    pct: int = 100
    testing: bool = False


@dataclass(frozen=True)
class Reporter:
    name: str                  # its domain
    share: float               # of all mail
    schema: str = "rfc7489"    # or "rfc9990"
    gives_selectors: bool = True
    gives_envelope_to: bool = False
    judges: str = "rightly"    # "generously": any passing signature aligns; "harshly": nothing ever does
    knows_arc: bool = False    # says local_policy arc=pass of sealed mail and lets it through
    clock_days: int = 0        # its clock is wrong by so many days
    stops_ago: int = 0         # its last report is of the day before this one
    period_days: int = 1
    policy_lag_days: int = 0   # it holds on to the old policy for so long
    sees: Optional[Policy] = None  # another policy than is published: a name server that is behind, or an sp filled in
    offset_hours: int = 0      # its days begin so long after midnight UTC
    empty: bool = False        # it reports on every day, also on those without mail, then without a record
    temperror: float = 0.0     # share of messages whose keys it could not look up, and of those whose SPF record
    breaks: float = 0.0        # share of messages that it changes itself before it checks their signatures
    evaluates: bool = True     # it says whether DKIM and SPF pass and align; else only what it found
    mixes: float = 0.0         # share of records that it treats by the former policy in the first report with a new one
    obeys: float = 1.0         # share of records that it treats as the policy asks


@dataclass(frozen=True)
class Hosts:
    """Addresses that stay."""
    addresses: tuple


@dataclass(frozen=True)
class Pool:
    """A provider's networks (prefixes such as "198.19.10."), out of which other addresses send each day."""
    prefixes: tuple
    per_day: int


@dataclass(frozen=True)
class Botnet:
    """Hosts of the whole world, each seen for a day or a few."""
    per_day: int
    life_days: int = 2
    ipv4: float = 0.15         # share of them; in a long world too many, for their networks are few


@dataclass(frozen=True)
class Cadence:
    """When how much is sent. `rate` is messages on a sending day (a Tuesday, where `working`)."""
    rate: float
    working: bool = False      # weekends are quiet
    weekend: tuple = (5, 6)    # Monday is 0
    weekdays: tuple = ()       # sends on these days of the week only
    month_days: tuple = ()     # sends on these days of the month only
    start_ago: int = 10**6     # first and last day; the last day is the one before stop_ago
    stop_ago: int = 0
    every: int = 0             # sends each so many days only, the last time on `last_ago`
    last_ago: int = 1
    runs_ago: tuple = ()       # sends on these days only

    def mean(self, ago, day):
        if ago > self.start_ago or ago <= self.stop_ago:
            return 0.0
        if self.runs_ago and ago not in self.runs_ago:
            return 0.0
        if self.every and (ago - self.last_ago) % self.every:
            return 0.0
        if self.weekdays and day.weekday() not in self.weekdays:
            return 0.0
        if self.month_days and day.day not in self.month_days:
            return 0.0
        if self.working and day.weekday() in self.weekend:
            return self.rate * (0.15 if day.weekday() == self.weekend[0] else 0.1)
        return float(self.rate)


@dataclass(frozen=True)
class Auth:
    """What a receiver finds on a message. Signatures are (d=, selector, result); spf is (domain, result)."""
    signatures: tuple = ()
    spf: Optional[tuple] = None
    weight: float = 1.0
    breaks: float = 0.0        # share of messages whose own signatures do not verify
    sealed: bool = False       # carries an ARC chain that a receiver may trust
    reason: Optional[str] = None  # override type that every reporter gives


@dataclass(frozen=True)
class Stream:
    name: str
    truth: str
    sources: object            # Hosts, Pool or Botnet
    cadence: Cadence
    auth: tuple                # of Auth, drawn by weight
    later: tuple = ()          # of (ago, auth): from that day on, oldest first
    header_from: Optional[str] = None  # else the policy domain
    invented: bool = False     # header_from is a new subdomain, made up each day
    reporters: tuple = ()      # only these receive it; else all

    def auth_on(self, ago):
        current = self.auth
        for since, auth in self.later:
            if ago <= since:
                current = auth
        return current


@dataclass(frozen=True)
class Domain:
    name: str
    streams: tuple
    policies: tuple = ((10**6, Policy()),)  # (ago, Policy): from that day on, oldest first

    def policy_on(self, ago):
        current = self.policies[0][1]
        for since, policy in self.policies:
            if ago <= since:
                current = policy
        return current


@dataclass(frozen=True)
class World:
    domains: tuple
    reporters: tuple
    days: int = 60


# --- chance ----------------------------------------------------------------------------------------------------------
def poisson(rng, mean):
    if mean <= 0:
        return 0
    if mean > 40:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, product, n = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        n += 1
    return n


def binomial(rng, n, p):
    if n <= 0 or p <= 0:
        return 0
    if p >= 1:
        return n
    if p > 0.5:
        return n - binomial(rng, n, 1 - p)
    if n <= 30:
        return sum(rng.random() < p for _ in range(n))
    if n * p > 20:
        return min(n, max(0, round(rng.gauss(n * p, math.sqrt(n * p * (1 - p))))))
    return min(n, poisson(rng, n * p))


def share_out(rng, n, weights):
    """Splits n pieces by weight."""
    left, shares = sum(weights), []
    for weight in weights:
        part = binomial(rng, n, weight / left) if left > 1e-12 else 0
        shares.append(part)
        n -= part
        left -= weight
    if n and shares:
        shares[-1] += n
    return shares


def bot_address(rng, ipv4):
    """Mostly IPv6: 198.18.0.0/16 alone has too few networks for a botnet not to meet itself again."""
    if rng.random() < ipv4:
        return f"198.18.{rng.randrange(256)}.{rng.randrange(1, 255)}"
    return f"2001:db8:{rng.randrange(0x8000, 0xffff):x}:{rng.randrange(1, 0xffff):x}::{rng.randrange(1, 0xff):x}"


def addresses_by_day(rng, sources, days):
    """For each day the addresses that may send on it."""
    if isinstance(sources, Hosts):
        return [list(sources.addresses)] * days
    if isinstance(sources, Pool):
        return [[rng.choice(sources.prefixes) + str(rng.randrange(1, 255)) for _ in range(sources.per_day)]
                for _ in range(days)]
    by_day, alive = [], []
    for _ in range(days):
        alive = [(ip, left - 1) for ip, left in alive if left > 1]
        while len(alive) < sources.per_day:
            alive.append((bot_address(rng, sources.ipv4), rng.randrange(1, sources.life_days + 1)))
        by_day.append([ip for ip, _ in alive])
    return by_day


# --- alignment and outcome -------------------------------------------------------------------------------------------
@functools.cache
def organizational(name):
    labels = name.split(".")
    keep = 3 if len(labels) > 2 and labels[-1] == "jp" and labels[-2] in ("co", "ne", "or", "ac") else 2
    return ".".join(labels[-keep:])


def aligned(name, header_from, mode):
    return name == header_from if mode == "s" else organizational(name) == organizational(header_from)


def passes(auth, header_from, policy):
    """(DKIM, SPF): does the mechanism pass with alignment?"""
    dkim = any(result == "pass" and aligned(d, header_from, policy.adkim) for d, _, result in auth.signatures)
    spf = bool(auth.spf) and auth.spf[1] == "pass" and aligned(auth.spf[0], header_from, policy.aspf)
    return dkim, spf


def evaluated(reporter, auth, header_from, policy):
    """What this reporter says of it, which is not always right."""
    if reporter.judges == "harshly":
        return False, False
    dkim, spf = passes(auth, header_from, policy)
    if reporter.judges == "generously":
        dkim = any(result == "pass" for _, _, result in auth.signatures)
    return dkim, spf


def pattern_of(auth, domain):
    """What of the owner's is on it: the word by which streams of one source are told apart."""
    own = [result for d, _, result in auth.signatures if organizational(d) == organizational(domain)]
    if "pass" in own:
        return "own_signature_passes"
    if own:
        return "own_signature_fails"
    if auth.spf and auth.spf[1] == "pass" and organizational(auth.spf[0]) == organizational(domain):
        return "own_spf_passes"
    return "nothing_own"


def policy_for(policy, domain, header_from, invented):
    if header_from == domain:
        return policy.p
    if invented and policy.np:
        return policy.np
    return policy.sp or policy.p


def disposition_of(rng, reporter, policy, asked):
    """What a receiver does with mail that fails."""
    weaker = {"none": "none", "quarantine": "none", "reject": "quarantine"}
    if policy.testing and reporter.schema == "rfc9990":
        return weaker[asked]
    if policy.pct < 100 and rng.random() * 100 >= policy.pct:
        return weaker[asked]
    return asked


# --- mail ------------------------------------------------------------------------------------------------------------
def variants(stream, domain, ago):
    """[(weight, Auth)]: each kind of message the stream sends on that day, broken ones apart."""
    found = []
    for auth in stream.auth_on(ago):
        found.append((auth.weight * (1 - auth.breaks), auth))
        if auth.breaks:
            broken = tuple((d, s, "fail" if organizational(d) == organizational(domain) else result)
                           for d, s, result in auth.signatures)
            found.append((auth.weight * auth.breaks, Auth(broken, auth.spf, 1.0, 0.0, auth.sealed, auth.reason)))
    return found


@dataclass(frozen=True)
class Row:
    """One record to be, without its count."""
    source_ip: str
    header_from: str
    auth: Auth
    stream: int
    ago: int
    sent: Optional[Auth] = None  # what the message really carries, where the receiver could not look it up


def as_received(rng, reporter, row, count):
    """Yields (Row, messages): what this receiver makes of mail by its own fault."""
    auth, left = row.auth, count
    for share, mechanism, result in ((reporter.breaks, "dkim", "fail"), (reporter.temperror, "dkim", "temperror"),
                                     (reporter.temperror, "spf", "temperror")):
        if not left or share <= 0:  # nearly always: no copy is made for nothing
            continue
        if mechanism == "dkim":
            worse = replace(auth, signatures=tuple((d, s, result) for d, s, _ in auth.signatures))
        else:
            worse = replace(auth, spf=auth.spf and (auth.spf[0], result))
        some = binomial(rng, left, share) if worse != auth else 0
        if some:
            yield replace(row, auth=worse, sent=auth if result == "temperror" else None), some
            left -= some
    if left:
        yield row, left


def mail_of_stream(rng, world, domain, index, end_s):
    """Yields (reporter, Row, messages) over all days."""
    stream = domain.streams[index]
    receivers = [r for r in world.reporters if not stream.reporters or r.name in stream.reporters]
    pools = addresses_by_day(rng, stream.sources, world.days)
    for day in range(world.days):
        ago = world.days - day
        date = datetime.datetime.fromtimestamp(end_s - ago * DAY_S, datetime.timezone.utc)
        messages = poisson(rng, stream.cadence.mean(ago, date))
        if not messages:
            continue
        header_from = stream.header_from or domain.name
        if stream.invented:
            header_from = f"{rng.choice(('pay', 'hr', 'invoice', 'team', 'secure'))}{rng.randrange(1000)}.{domain.name}"
        kinds = variants(stream, domain.name, ago)
        for ip, of_ip in zip(pools[day], share_out(rng, messages, [1.0] * len(pools[day]))):
            for (_, auth), of_kind in zip(kinds, share_out(rng, of_ip, [weight for weight, _ in kinds])):
                row = Row(ip, header_from, auth, index, ago)
                for reporter, count in zip(receivers, share_out(rng, of_kind, [r.share for r in receivers])):
                    for received, part in as_received(rng, reporter, row, count):
                        yield reporter, received, part


class Truth:
    """What was really sent, counted from what was reported."""

    def __init__(self):
        self.patterns = collections.Counter()       # (domain, stream, ip, pattern)
        self.by_day = collections.defaultdict(lambda: [0, 0, 0, 0])  # (domain, stream, ago): all, fail, lost, spf alone
        self.unchecked = collections.Counter()      # (domain, stream)
        self.records = collections.Counter()
        self.reports = 0

    def add(self, domain, stream, row, count, dkim, spf, rescued):
        self.patterns[domain.name, stream, row.source_ip, pattern_of(row.auth, domain.name)] += count
        figures = self.by_day[domain.name, stream, row.ago]
        figures[0] += count
        figures[1] += 0 if dkim or spf else count
        figures[2] += 0 if dkim or spf or rescued else count
        figures[3] += count if spf and not dkim else 0
        self.records[domain.name] += 1
        if row.sent and row.ago <= WINDOW_DAYS:
            self.unchecked[domain.name, stream] += count

    def stream_summary(self, domain, stream):
        days = {ago: f for (d, s, ago), f in self.by_day.items() if d == domain.name and s == stream.name}
        last = min(days, default=0)
        total = lambda column, low, high: sum(f[column] for ago, f in days.items() if low <= ago <= high)
        return {
            "name": stream.name, "domain": domain.name, "header_from": stream.header_from or domain.name,
            "truth": stream.truth, "messages": total(0, 1, 10**6), "failing": total(1, 1, 10**6),
            "window_messages": total(0, 1, WINDOW_DAYS), "window_failing": total(1, 1, WINDOW_DAYS),
            "window_lost": total(2, 1, WINDOW_DAYS), "window_spf_alone": total(3, 1, WINDOW_DAYS), "last_ago": last,
            "window_unchecked": self.unchecked[domain.name, stream.name],
            "last_days_messages": total(0, 1, LAST_DAYS), "last_days_failing": total(1, 1, LAST_DAYS),
            "last_run_messages": total(0, last, last + WINDOW_DAYS - 1),
            "last_run_failing": total(1, last, last + WINDOW_DAYS - 1),
        }

    def as_document(self, world, seed, end_s):
        streams = [self.stream_summary(d, s) for d in world.domains for s in d.streams]
        domains = {}
        for domain in world.domains:
            mine = [s for s in streams if s["domain"] == domain.name]
            lost = {truth: sum(s["window_lost"] for s in mine if s["truth"] == truth) for truth in TRUTHS}
            domains[domain.name] = {
                "messages": sum(s["messages"] for s in mine), "records": self.records[domain.name],
                "window_messages": sum(s["window_messages"] for s in mine),
                "window_failing": sum(s["window_failing"] for s in mine),
                # Receivers that obey treat quarantine and reject alike; what differs is who rests on SPF alone.
                "lost_at_quarantine": lost, "lost_at_reject": lost,
                "rests_on_spf_alone": sum(s["window_spf_alone"] for s in mine if s["truth"] == OWN),
            }
        truth_of = {(s["domain"], s["name"]): s["truth"] for s in streams}
        patterns = [{"domain": d, "stream": s, "truth": truth_of[d, s], "source_ip": ip, "pattern": pattern,
                     "messages": n} for (d, s, ip, pattern), n in sorted(self.patterns.items())]
        return {"seed": seed, "end_s": end_s, "days": world.days, "reports": self.reports, "domains": domains,
                "streams": streams, "patterns": patterns}


# --- reports ---------------------------------------------------------------------------------------------------------
def record_xml(rng, reporter, row, count, domain, policy, stream, former=None):
    dkim, spf = evaluated(reporter, row.auth, row.header_from, policy)
    if former and rng.random() < reporter.mixes:
        policy = former
    asked = policy_for(policy, domain.name, row.header_from, stream.invented)
    disposition, reasons = "none", ""
    rescued = row.auth.sealed and reporter.knows_arc
    if not (dkim or spf):
        ignored = reporter.obeys < 1 and rng.random() >= reporter.obeys
        disposition = "none" if rescued or ignored else disposition_of(rng, reporter, policy, asked)
        if rescued:
            reasons = "<reason><type>local_policy</type><comment>arc=pass</comment></reason>"
        elif row.auth.reason:
            reasons = f"<reason><type>{row.auth.reason}</type></reason>"
    elif reporter.schema == "rfc9990":
        disposition = "pass"
    word = {True: "pass", False: "fail"}
    selectors = reporter.gives_selectors
    signatures = "".join(
        f"<dkim><domain>{escape(d)}</domain>" + (f"<selector>{escape(s)}</selector>" if selectors else "")
        + f"<result>{result}</result></dkim>" for d, s, result in row.auth.signatures)
    checked, result = row.auth.spf or (row.header_from, "none")
    envelope_to = "<envelope_to>example.net</envelope_to>" if reporter.gives_envelope_to else ""
    envelope_from = f"<envelope_from>{escape(checked)}</envelope_from>" if reporter.schema == "rfc9990" else ""
    outcome = f"<dkim>{word[dkim]}</dkim><spf>{word[spf]}</spf>" if reporter.evaluates else ""
    return (f"<record><row><source_ip>{row.source_ip}</source_ip><count>{count}</count><policy_evaluated>"
            f"<disposition>{disposition}</disposition>{outcome}{reasons}"
            f"</policy_evaluated></row><identifiers>{envelope_to}{envelope_from}<header_from>{row.header_from}"
            f"</header_from></identifiers><auth_results>{signatures}<spf><domain>{escape(checked)}</domain>"
            f"<scope>mfrom</scope><result>{result}</result></spf></auth_results></record>\n")


def policy_xml(reporter, domain, policy):
    new = reporter.schema == "rfc9990"
    sp = policy.sp or ("" if new else policy.p)
    parts = [f"<domain>{domain.name}</domain><p>{policy.p}</p>"]
    parts += [f"<sp>{sp}</sp>"] if sp else []
    parts += [f"<np>{policy.np}</np>"] if new and policy.np else []
    parts += [f"<adkim>{policy.adkim}</adkim><aspf>{policy.aspf}</aspf>"]
    parts += [f"<discovery_method>psl</discovery_method><testing>{'y' if policy.testing else 'n'}</testing>"] if new \
        else [f"<pct>{policy.pct}</pct>"]
    return "<policy_published>" + "".join(parts) + "</policy_published>\n"


def report_xml(rng, reporter, domain, policy, period, rows, former=None):
    begin_s, end_s = period
    root = '<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0"><version>1.0</version>' \
        if reporter.schema == "rfc9990" else "<feedback><version>1.0</version>"
    head = (f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n<report_metadata><org_name>{reporter.name}</org_name>'
            f"<email>dmarc@{reporter.name}</email><report_id>{domain.name}.{begin_s}.{end_s}</report_id>"
            f"<date_range><begin>{begin_s}</begin><end>{end_s}</end></date_range></report_metadata>\n")
    body = [record_xml(rng, reporter, row, count, domain, policy, domain.streams[row.stream], former)
            for row, count in rows]
    return head + policy_xml(reporter, domain, policy) + "".join(body) + "</feedback>\n"


def collect_mail(world, seed, end_s):
    """{(reporter, domain, number of the period): [(Row, count)]} of all that gets reported."""
    reports = collections.defaultdict(list)
    for d, domain in enumerate(world.domains):
        for index, stream in enumerate(domain.streams):
            rng = random.Random(f"{seed}/{domain.name}/{stream.name}")
            for reporter, row, count in mail_of_stream(rng, world, domain, index, end_s):
                number = (world.days - row.ago) // reporter.period_days
                whole = (number + 1) * reporter.period_days <= world.days
                if whole and row.ago > reporter.stops_ago:
                    reports[world.reporters.index(reporter), d, number].append((row, count))
        for r, reporter in enumerate(world.reporters):
            for day in range(world.days - reporter.stops_ago) if reporter.empty else ():
                reports[r, d, day]  # made by being asked for
    return reports


def generate(world, directory, seed, end_s):
    """Writes the reports into `directory` and returns the truth; nothing but the seed decides. None: the truth alone."""
    if directory:
        os.makedirs(directory, exist_ok=True)
    truth = Truth()
    for (r, d, number), rows in sorted(collect_mail(world, seed, end_s).items()):
        reporter, domain = world.reporters[r], world.domains[d]
        first_day = number * reporter.period_days
        last_ago = world.days - first_day - reporter.period_days + 1
        policy = reporter.sees or domain.policy_on(last_ago + reporter.policy_lag_days)
        before = reporter.sees or domain.policy_on(last_ago + reporter.policy_lag_days + reporter.period_days)
        former = before if reporter.mixes and before != policy else None
        start_s = end_s - (world.days - first_day - reporter.clock_days) * DAY_S + reporter.offset_hours * 3600
        period = (start_s, start_s + reporter.period_days * DAY_S - 1)
        if directory:
            rng = random.Random(f"{seed}/{reporter.name}/{domain.name}/{number}")
            with open(os.path.join(directory, f"{reporter.name}!{domain.name}!{period[0]}!{period[1]}.xml"), "w",
                      encoding="utf-8") as out:
                out.write(report_xml(rng, reporter, domain, policy, period, rows, former))
        truth.reports += 1
        for row, count in rows:
            # A message that could not be checked neither passes nor fails (RFC 9989 5.3.6): what was sent counts.
            dkim, spf = passes(row.sent or row.auth, row.header_from, domain.policy_on(row.ago))
            stream = domain.streams[row.stream]
            truth.add(domain, stream.name, row, count, dkim, spf, row.auth.sealed and reporter.knows_arc)
    return truth.as_document(world, seed, end_s)


def day_begin(text):
    return int(datetime.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=datetime.timezone.utc).timestamp())


# --- command line ----------------------------------------------------------------------------------------------------
def print_figures(truth):
    """The truth against the gates: are the figures of a scenario far enough from the limits it is about?"""
    for name, domain in truth["domains"].items():
        mine = [s for s in truth["streams"] if s["domain"] == name]
        own = sum(s["window_messages"] for s in mine if s["truth"] == OWN) or 1
        print(f"{name}: {domain['messages']} messages in {domain['records']} records, last 30 days: "
              f"{domain['window_messages']}, own {own}")
        for s in mine:
            print(f"  {s['name']:<22} {s['truth']:<10} window {s['window_messages']:>7} ="
                  f" {s['window_messages'] / own:>8.2%} of own,"
                  f" fails {s['window_failing'] / max(1, s['window_messages']):>7.2%}"
                  f", last run {s['last_run_messages']} ({s['last_ago']} days ago)")


def main():
    import mixtures
    import scenarios
    import situations
    known = {s.name: s for s in scenarios.SCENARIOS + situations.SITUATIONS}
    parser = argparse.ArgumentParser(description="Writes the reports of one scenario or mixture, and truth.json.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--scenario", metavar="NAME")
    what.add_argument("--mixture", metavar="SEED", type=int)
    what.add_argument("--list", action="store_true", help="name the scenarios and their reasons")
    parser.add_argument("--out", metavar="DIR", help="where to; without it only the figures are printed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--end", default=DEFAULT_END, help="the day after the last one with data (default %(default)s)")
    args = parser.parse_args()
    if args.list:
        for scenario in known.values():
            print(f"{scenario.name}: {scenario.reason}")
        return 0
    world = mixtures.world_of(args.mixture) if args.scenario is None else known[args.scenario].world
    seed = args.seed if args.scenario else args.mixture
    truth = generate(world, args.out and os.path.join(args.out, "reports"), seed, day_begin(args.end))
    if args.out:
        with open(os.path.join(args.out, "truth.json"), "w", encoding="utf-8") as out:
            json.dump(truth, out, indent=1)
    print_figures(truth)
    return 0


if __name__ == "__main__":
    import simulate  # the scenarios build their worlds from this module by its name: be that one, not a second copy
    sys.exit(simulate.main())

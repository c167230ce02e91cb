#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Half a year of made-up mail in which things happen, asked about with `findings --as-of` on each of its days.

Each event must be told within two days with reports of its evidence, as what it is, of whom it is, under one id as long
as it lasts; whatever else is told is counted, and of domains in which nothing happens nearly nothing may be. Every kind
of finding that mail can bring about has an event.

    ./findings.py --binary BUILD/cmd/dmarcctl
    ./findings.py --binary BUILD/cmd/dmarcctl --quiet-domains 100 --every 3
"""
import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from typing import Optional

import scenarios as s
import simulate as sim
from simulate import Auth, Cadence, Domain, Hosts, Policy, Pool, Stream, World

DAYS = 190
END = "2025-03-03"
TOLD_WITHIN = 2  # days after the evidence
EVENTFUL, WATCHED, LISTS, ALONE, UNHEARD = (name + ".example.com" for name in ("events", "watched", "lists", "alone", "unheard"))
REGIONAL, FORGER = "regional.example.net", "forger.example.net"


# --- the world -------------------------------------------------------------------------------------------------------
def signed(domain, selector, result="pass", spf="pass"):
    return Auth(((domain, selector, result),), (domain, spf))


def office(domain, rate, host):
    return Stream("office", sim.OWN, Hosts((host,)), Cadence(rate, working=True),
                  (Auth(((domain, "s1", "pass"),), (domain, "pass"), breaks=0.002),))


def forwarded(domain):
    return Stream("forwarded", sim.FORWARDER, sim.Botnet(2, 3), Cadence(3),
                  (Auth(((domain, "s1", "pass"),), ("forwarder.example.net", "softfail")),))


def spoofed(domain, rate):
    return Stream("spoofed", sim.SPOOF, sim.Botnet(6, 2), Cadence(rate), (Auth((), (domain, "softfail")),))


def newsletter(domain, selector="n1", weekday=1, rate=160):
    return Stream("newsletter", sim.OWN, Hosts(("198.51.100.20",)), Cadence(rate, weekdays=(weekday,)),
                  (Auth(((domain, selector, "pass"), ("letters.example.org", "k", "pass")),
                        ("letters.example.org", "pass")),))


def quiet(number):
    """A domain in which nothing happens but what always does."""
    name = f"quiet{number}.example.org"
    streams = [office(name, 40 + 60 * (number % 5), f"192.0.2.{number % 250 + 1}"), forwarded(name),
               spoofed(name, 2 + number % 9)]
    if number % 2:
        streams.append(newsletter(name, weekday=number % 7))
    if number % 3 == 0:
        streams.append(Stream("service", sim.OWN, Pool(("198.18.9.", "198.18.10."), 3), Cadence(50),
                              (Auth(((name, "ses", "pass"), ("amazonses.com", "x", "pass")),
                                    ("amazonses.com", "pass"), breaks=0.001),)))
    if number % 4 == 0:
        streams.append(Stream("invoices", sim.OWN, Hosts((f"203.0.113.{number % 250 + 1}",)),
                              Cadence(30, month_days=(1,)), (signed(name, "inv"),)))
    if number % 5 == 0:
        streams.append(Stream("list", sim.LIST, Hosts(("203.0.113.200",)), Cadence(2, working=True),
                              (Auth(((name, "s1", "fail"), ("lists.example.org", "l", "pass")),
                                    ("lists.example.org", "pass"), reason="mailing_list"),)))
    return Domain(name, tuple(streams), ((10**6, Policy("none" if number % 3 else "quarantine")),))


# Days count backwards, as in simulate.py: 1 is the last one with data.
REPAIRED = (150, 131)  # broken from the first of these days, whole again from the day after the second
RELAY = (110, 106)
SURVEY = 80
SURGE = (60, 58)
VANISHED = 50
STEP = 30
SENDER, GATEWAY, TOOL, OLD = "203.0.113.7", "198.18.20.5", "198.51.100.77", "198.18.21.9"


def eventful():
    d = EVENTFUL
    whole, broken = signed(d, "crm"), Auth(((d, "crm", "fail"),), ("crm.example.net", "softfail"))
    carried, lost = signed(d, "gw"), Auth(((d, "gw", "fail"),), (d, "pass"))
    first, last = SURGE
    return Domain(d, (
        office(d, 260, "192.0.2.10"), forwarded(d), spoofed(d, 8),
        Stream("crm", sim.OWN, Hosts((SENDER,)), Cadence(60), (whole,),
               ((REPAIRED[0], (broken,)), (REPAIRED[1] - 1, (whole,)))),
        Stream("relay", sim.OWN, Hosts((GATEWAY,)), Cadence(80), (carried,),
               ((RELAY[0], (lost,)), (RELAY[1] - 1, (carried,)))),
        Stream("survey", sim.OWN, Hosts((TOOL,)), Cadence(35, start_ago=SURVEY),
               (Auth(((d, "survey", "pass"), ("survey.example.net", "t", "pass")), ("survey.example.net", "pass")),)),
        Stream("surge", sim.OWN, Hosts(("192.0.2.10",)), Cadence(4000, start_ago=first, stop_ago=last - 1),
               (Auth(((d, "s1", "pass"),), (d, "pass")),)),
        Stream("billing", sim.OWN, Hosts((OLD,)), Cadence(45, stop_ago=VANISHED), (signed(d, "bill"),)),
    ), ((10**6, Policy("none")), (STEP, Policy("quarantine"))))


STRANGER, NAME, REPLAY, FORGED, SILENT = 150, 120, (95, 93), 75, 60
REVIEW, VOLUME = 100, 40


def watched():
    """With a stranger, a new name, a replay, a forged report, a reporter that is gone, and a label."""
    d = WATCHED
    mail = signed(d, "s1")
    return Domain(d, (
        office(d, 300, "192.0.2.20"), forwarded(d),
        Stream("stranger", sim.UNAUTH, Hosts(("203.0.113.55",)), Cadence(20, start_ago=STRANGER), (Auth((), (d, "softfail")),)),
        Stream("name", sim.OWN, Hosts(("192.0.2.20",)), Cadence(60, start_ago=NAME), (mail,), header_from=f"shop.{d}"),
        Stream("replay", sim.SPOOF, sim.Botnet(40, 2), Cadence(3000, start_ago=REPLAY[0], stop_ago=REPLAY[1] - 1),
               (Auth(((d, "s1", "pass"),), ("bulk.example.org", "none")),)),
        Stream("forged", sim.OWN, Hosts(("192.0.2.20",)), Cadence(20000, runs_ago=(FORGED,)), (mail,), reporters=(FORGER,)),
        Stream("labelled", sim.OWN, Hosts(("198.51.100.44",)), Cadence(30), (signed(d, "lab"),)),
        Stream("more", sim.OWN, Hosts(("198.51.100.44",)), Cadence(60, start_ago=VOLUME), (signed(d, "lab"),)),
    ))


LABELS = "[198.51.100.44]\ndomain = %s\nlabel = legitimate\nexpected = 210/week\nreview = %s\nmade = %s\n"


LISTED, UNSIGNED, LAST_HEARD = 110, 100, 30


def lists():
    """Whose users begin to post to a list, which breaks a quarter of what there is."""
    d = LISTS
    posts = Auth(((d, "s1", "fail"), ("lists.example.org", "l", "pass")), ("lists.example.org", "pass"), reason="mailing_list")
    return Domain(d, (office(d, 200, "192.0.2.30"),
                      Stream("list", sim.LIST, Hosts(("203.0.113.200",)), Cadence(50, start_ago=LISTED), (posts,))))


def alone():
    """On the way to reject, with a sender that signs no longer."""
    d = ALONE
    return Domain(d, (office(d, 200, "192.0.2.40"),
                      Stream("crm", sim.OWN, Hosts((SENDER,)), Cadence(60), (signed(d, "crm"),),
                             ((UNSIGNED, (Auth((), (d, "pass")),)),))), ((10**6, Policy("quarantine")),))


def unheard():
    """Of which nobody reports any more."""
    return Domain(UNHEARD, (replace(office(UNHEARD, 100, "192.0.2.50"), cadence=Cadence(100, stop_ago=LAST_HEARD)),))


def reporters():
    """The usual ones, one that WATCHED alone has and loses, and one that does not exist."""
    return s.REPORTERS + (sim.Reporter(REGIONAL, 0.25, stops_ago=SILENT), sim.Reporter(FORGER, 1))


def received(domain):
    """By whom the mail of a domain is."""
    usual = tuple(r.name for r in s.REPORTERS) + ((REGIONAL,) if domain.name == WATCHED else ())
    return replace(domain, streams=tuple(replace(x, reporters=x.reporters or usual) for x in domain.streams))


@dataclass(frozen=True)
class Event:
    kind: str
    subject: Optional[str]      # None: the domain itself
    evident: int                # days ago on which there is evidence enough
    over: Optional[int] = None  # the last day of evidence; None: it is of a moment, or lasts
    domain: str = EVENTFUL


EVENTS = (
    Event("own_broken", "203.0.113.0/24", REPAIRED[0], REPAIRED[1]),
    Event("dkim_broken", "198.18.20.0/24", RELAY[0], RELAY[1]),
    Event("new_sender", "198.51.100.0/24", SURVEY),
    Event("surge", "192.0.2.0/24", SURGE[0] - 1, SURGE[1]),
    Event("ceased", "198.18.21.0/24", VANISHED - 6),  # a week without its mail
    Event("policy_changed", None, STEP),
    Event("unknown_sender", "203.0.113.0/24", STRANGER - 2, domain=WATCHED),  # on its third day
    Event("new_from_domain", f"shop.{WATCHED}", NAME, domain=WATCHED),
    Event("replay_suspected", f"{WATCHED}/s1", REPLAY[0], REPLAY[1], domain=WATCHED),
    Event("review_due", "198.51.100.44", REVIEW, domain=WATCHED),
    Event("forged_report", FORGER, FORGED, FORGED, domain=WATCHED),
    Event("reporter_silent", REGIONAL, SILENT - 6, domain=WATCHED),
    Event("expected_volume", "198.51.100.44", VOLUME - 5, domain=WATCHED),  # on the third day with twice as much in its week
    Event("forwarded_fails", "203.0.113.0/24", LISTED - 8, domain=LISTS),  # a tenth of own mail of 30 days
    Event("spf_alone", "203.0.113.0/24", UNSIGNED - 3, domain=ALONE),  # most of its mail of a week
    Event("verdict_changed", None, UNSIGNED - 5, domain=ALONE),  # which is told once it stands for three days
    Event("reports_stale", None, LAST_HEARD - 7, domain=UNHEARD),
)
# Of which mail alone brings none about, and where they are looked at; and one that the rest of the suite has.
ELSEWHERE = {"import_failing": "tests/docs/unattended.sh", "notify_failing": "tests/notify/quarter.py",
             "unchecked": "tests/readiness/scenarios.py"}
GONE_AFTER = 3  # clean days
# What the months lead to besides: the go-ahead, and that it is taken back and given again.
CONSEQUENCES = {"verdict_changed"}


def kinds():
    """The closed list, as the program has it."""
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    with open(os.path.join(top, "analysis", "concerns.h"), encoding="utf-8") as f:
        return set(re.findall(r'^  KIND\(\w+, +"(\w+)"', f.read(), re.M))


# --- asking ----------------------------------------------------------------------------------------------------------
def day_of(ago, end_s):
    return datetime.datetime.fromtimestamp(end_s - ago * sim.DAY_S, datetime.timezone.utc).strftime("%Y-%m-%d")


def ask(binary, database, day, env):
    run = subprocess.run([binary, "findings", "--db", database, "--as-of", day, "--format", "ndjson"], env=env,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if run.returncode:
        sys.exit(f"findings --as-of {day}: exit status {run.returncode}: {run.stderr}")
    return [json.loads(line) for line in run.stdout.splitlines()]


def label(options, home, database, env, end_s):
    """What its owner said of a source, in the past."""
    inventory = os.path.join(home, "labels.ini")
    with open(inventory, "w", encoding="utf-8") as f:
        f.write(LABELS % (WATCHED, day_of(REVIEW, end_s), day_of(DAYS - 30, end_s) + "T00:00:00Z"))
    subprocess.run([options.binary, "label", "--quiet", "--db", database, "--import", inventory], env=env, check=True,
                   stdout=subprocess.DEVNULL)


def days_to_ask(options):
    """All behind the first month, or those alone around an event."""
    if not options.sparing:
        return range(DAYS - 30, 0, -options.every)
    around = {e.evident + 1 for e in EVENTS} | {e.evident - TOLD_WITHIN for e in EVENTS}
    around |= {e.over - GONE_AFTER for e in EVENTS if e.over}
    return sorted(around, reverse=True)


class Run:
    """All that was told of one finding, from its begin on."""

    def __init__(self, first):
        self.first, self.states = first, {}  # ago -> state

    def word(self):
        return "".join(self.states[ago][0] for ago in sorted(self.states, reverse=True))


def gather(options, database, env, end_s):
    runs = {}
    for ago in days_to_ask(options):
        for f in ask(options.binary, database, day_of(ago, end_s), env):
            run = runs.setdefault((f["domain"], f["id"], f["first_seen"]), Run(f))
            run.states[ago] = f["state"]
    return runs


# --- judging ---------------------------------------------------------------------------------------------------------
class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def that(self, sentence, holds, what=""):
        self.passed += bool(holds)
        self.failed += not holds
        print(f"{'ok    ' if holds else 'FAILED'} {sentence}{'' if holds else f': {what}'}")


def check_event(checks, event, runs, options):
    mine = [r for (domain, _, _), r in runs.items()
            if domain == event.domain and (r.first["kind"], r.first["subject"]) == (event.kind, event.subject)
            and (event.kind not in CONSEQUENCES or max(r.states) <= event.evident)]
    name = f"{event.kind} of {event.subject or event.domain}"
    checks.that(f"{name} is told, under one id and since one day", len(mine) == 1, [r.first for r in mine])
    if len(mine) != 1:
        return
    run = mine[0]
    told = max(run.states)
    checks.that("... within two days of its evidence, and not before", event.evident >= told >= event.evident - TOLD_WITHIN,
                f"evident {event.evident} days ago, told {told}")
    if event.over:
        checks.that("... and is gone after three clean days", run.states.get(event.over - GONE_AFTER) == "gone", run.states)
    if options.sparing or options.every > 1:
        return
    days = sorted(run.states, reverse=True)
    word = run.word()
    checks.that("... each day from the first to the last, new, open, gone, and never back",
                days == list(range(days[0], days[-1] - 1, -1)) and word == "".join(sorted(word, key="nog".index)), word)


def check_nothing_else(checks, runs):
    for name in sorted({e.domain for e in EVENTS}):
        expected = {(e.kind, e.subject) for e in EVENTS if e.domain == name}
        other = [r.first for (domain, _, _), r in runs.items() if domain == name
                 and r.first["kind"] not in CONSEQUENCES and (r.first["kind"], r.first["subject"]) not in expected]
        checks.that(f"nothing else is told of {name}", not other, other)


def check_kinds(checks):
    told = {e.kind for e in EVENTS}
    checks.that("every kind of finding has an event, or cannot", told | set(ELSEWHERE) == kinds() and not told & set(ELSEWHERE),
                kinds() ^ (told | set(ELSEWHERE)))


def check_quiet(checks, runs, options):
    """At most one false one in a domain's year; that the policy may move is none."""
    false = [r.first for (domain, _, _), r in runs.items()
             if domain not in {e.domain for e in EVENTS} and not r.first["text"].startswith("verdict: READY, was INSUFFICIENT_DATA")]
    years = options.quiet_domains * (DAYS - 30) / 365
    for f in false:
        print(f"       {f['domain']} {f['first_seen']} {f['kind']} {f['subject'] or ''}: {f['text']}")
    checks.that(f"{options.quiet_domains} quiet domains, {years:.1f} years: {len(false)} findings", len(false) <= years / 2, "")


def main():
    parser = argparse.ArgumentParser(description="Asks for findings on each day of half a year in which things happen.")
    parser.add_argument("--binary", required=True)
    parser.add_argument("--quiet-domains", type=int, default=1, metavar="N", help="beside the eventful one (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="asks on each Nth day only, for many quiet domains")
    parser.add_argument("--sparing", action="store_true", help="asks on the days around the events alone")
    parser.add_argument("--keep", metavar="DIR", help="leaves reports and database there")
    options = parser.parse_args()
    end_s = sim.day_begin(END)
    happening = tuple(received(d) for d in (eventful(), watched(), lists(), alone(), unheard()))
    still = tuple(received(quiet(n)) for n in range(options.quiet_domains))
    world = World(happening + still, reporters(), DAYS)
    checks = Checks()
    with tempfile.TemporaryDirectory() as scratch:
        home = options.keep or scratch
        env = dict(os.environ, DMARCCTL_CONFIG="/dev/null")
        database = os.path.join(home, "findings.db")
        sim.generate(world, os.path.join(home, "reports"), options.seed, end_s)
        subprocess.run([options.binary, "import", "--quiet", "--db", database, os.path.join(home, "reports")], env=env,
                       check=True)
        label(options, home, database, env, end_s)
        runs = gather(options, database, env, end_s)
    if options.every == 1:
        for event in EVENTS:
            check_event(checks, event, runs, options)
    check_kinds(checks)
    check_nothing_else(checks, runs)
    check_quiet(checks, runs, options)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())

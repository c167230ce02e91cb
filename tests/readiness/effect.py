#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `effect` says of steps whose truth is known.

Random worlds take a step of their policy: of the own mail that was lost, the interval that was expected must hold 95 in
100 outcomes, and the sums must be those that another reader of the same reports finds. Then one world for each outcome.

    ./effect.py --binary BUILD/cmd/dmarcctl
    ./effect.py --binary BUILD/cmd/dmarcctl --steps 200 --seed 1
    ./effect.py --binary BUILD/cmd/dmarcctl --steps 200 --changing     # worlds in which senders come, go and break
"""
import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from dataclasses import replace

import mixtures
import scenarios as s
import simulate as sim
from findings import Checks
from simulate import Auth, Cadence, Domain, Hosts, Policy, Stream, World

DAYS = 90
END = "2025-03-03"
MOST_DAYS = 28
STEPS = (("none", "quarantine"), ("none", "reject"), ("quarantine", "reject"))


# --- worlds ----------------------------------------------------------------------------------------------------------
def is_steady(stream):
    cadence = stream.cadence
    return not stream.later and not cadence.runs_ago and cadence.start_ago > DAYS and not cadence.stop_ago


def step_world(number, changing):
    """A mixture that takes a step; what its receivers learn of late, they learn one after the other."""
    rng = random.Random(f"effect/{number}")
    world = mixtures.world_of(number)
    domain = world.domains[0]
    streams = tuple(x for x in domain.streams if changing or is_steady(x))
    if not any(x.truth == sim.OWN for x in streams):
        streams += (Stream("office", sim.OWN, Hosts(("192.0.2.10",)), Cadence(300, working=True),
                           (Auth(((domain.name, "s1", "pass"),), (domain.name, "fail"), breaks=0.01),)),)
    before, after = rng.choice(STEPS)
    policies = ((10**6, Policy(before)), (rng.randrange(16, 45), Policy(after)))
    reporters = tuple(replace(r, policy_lag_days=rng.choice((0, 0, 0, 1, 3)), mixes=rng.choice((0, 0.5, 1)),
                              clock_days=0, stops_ago=0, judges="rightly") for r in world.reporters)
    return World((replace(domain, streams=streams, policies=policies),), reporters, DAYS)


# --- another reader of the reports -----------------------------------------------------------------------------------
def read_reports(folder):
    """{reporter: [(first day, day behind the last, p, records)]}, by day."""
    found = {}
    for name in sorted(os.listdir(folder)):
        text = open(os.path.join(folder, name), encoding="utf-8").read().replace(
            ' xmlns="urn:ietf:params:xml:ns:dmarc-2.0"', "")
        root = ET.fromstring(text)
        begin, end = (int(root.findtext(f"report_metadata/date_range/{x}")) for x in ("begin", "end"))
        records = [(int(r.findtext("row/count")),) + tuple(r.findtext(f"row/policy_evaluated/{x}")
                                                           for x in ("disposition", "dkim", "spf"))
                   for r in root.iter("record")]
        found.setdefault(root.findtext("report_metadata/org_name"), []).append(
            (begin // sim.DAY_S, (end - 1) // sim.DAY_S + 1, root.findtext("policy_published/p"), records))
    return {name: sorted(reports, key=lambda r: r[0]) for name, reports in found.items()}


def expect_sums(reports):
    """Failing mail before, and what became of it after, over the windows that each reporter leaves room for."""
    predicted = acted = 0
    for mine in reports.values():
        switch = next((i for i in range(1, len(mine)) if mine[i][2] != mine[i - 1][2]), None)
        if switch is None:
            continue
        first_day, end_day = mine[switch][0], mine[switch][1]
        room = min(first_day - mine[0][0], mine[-1][0] + 1 - end_day, MOST_DAYS)
        days = room // 7 * 7 if room > 0 else 0
        for day, _, _, records in mine:
            fails = [(n, what) for n, what, dkim, spf in records if dkim != "pass" and spf != "pass"]
            if first_day - days <= day < first_day:
                predicted += sum(n for n, _ in fails)
            if end_day <= day < end_day + days:
                acted += sum(n for n, what in fails if what in ("quarantine", "reject"))
    return predicted, acted


# --- asking ----------------------------------------------------------------------------------------------------------
def ask(binary, world, seed, folder):
    env = dict(os.environ, DMARCCTL_CONFIG="/dev/null")
    database, reports = os.path.join(folder, "effect.db"), os.path.join(folder, "reports")
    sim.generate(world, reports, seed, sim.day_begin(END))
    subprocess.run([binary, "import", "--quiet", "--db", database, reports], env=env, check=True)
    run = subprocess.run([binary, "effect", "--db", database, "--as-of", "2025-03-03", "--format", "ndjson"], env=env,
                         stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()], reports


# --- random steps ----------------------------------------------------------------------------------------------------
def most_misses(steps):
    """So many of `steps` lie outside of a 95 % interval by chance in all but one of a thousand runs."""
    chance, tail = [math.comb(steps, k) * 0.05**k * 0.95**(steps - k) for k in range(steps + 1)], 0.0
    for k in range(steps, 0, -1):
        tail += chance[k]
        if tail > 0.001:
            return k
    return 0


def check_random(checks, options):
    covered, asked, sums_differ, lossy = 0, 0, [], 0
    for number in range(options.seed * 1000, options.seed * 1000 + options.steps):
        with tempfile.TemporaryDirectory() as scratch:
            rows, reports = ask(options.binary, step_world(number, options.changing), number, scratch)
            wanted = expect_sums(read_reports(reports))
        if len(rows) != 1:
            sums_differ.append((number, f"{len(rows)} steps"))
            continue
        row = rows[0]
        found = row["predicted"], row["quarantined"] + row["rejected"]
        if found != wanted:
            sums_differ.append((number, found, wanted))
        holds = row["own_predicted_low"] <= row["own_lost"] <= row["own_predicted_high"]
        asked, covered, lossy = asked + 1, covered + holds, lossy + (row["own_lost"] > 0)
        if options.verbose or not holds:
            print(f"       {number}: {row['policy_before']} -> {row['policy_after']}, {row['days']} days, {row['outcome']}: "
                  f"lost {row['own_lost']} of {row['own_messages']}, expected {row['own_predicted']} "
                  f"({row['own_predicted_low']} to {row['own_predicted_high']}){'' if holds else ' OUTSIDE'}")
    checks.that(f"{options.steps} steps: all sums are those of another reader", not sums_differ, sums_differ)
    enough = asked - covered <= most_misses(asked) if asked < 100 else covered >= 0.95 * asked
    sentence = f"{covered} of {asked} steps lost as much own mail as was expected ({covered / max(asked, 1):.1%}; {lossy} lost some)"
    checks.that(sentence, enough or options.changing)


# --- one world for each outcome --------------------------------------------------------------------------------------
def own(name, host, rate, selector, spf="pass", later=(), stop_ago=0):
    return Stream(name, sim.OWN, Hosts((host,)), Cadence(rate, stop_ago=stop_ago),
                  (Auth(((s.D, selector, "pass"),), (s.D, spf)),), later)


def spoofed():
    return Stream("spoofed", sim.SPOOF, sim.Botnet(6, 2), Cadence(30), (Auth((), (s.D, "softfail")),))


def world(streams, step_ago, before="none", after="reject", back_ago=None, **quirks):
    policies = ((10**6, Policy(before)), (step_ago, Policy(after)))
    if back_ago:
        policies += ((back_ago, Policy(before)),)
    reporters = tuple(replace(r, **quirks) for r in s.REPORTERS)
    return World((Domain(s.D, tuple(streams), policies),), reporters, DAYS)


OFFICE = own("office", "192.0.2.10", 200, "s1")
BROKEN = (Auth(((s.D, "s2", "fail"),), (s.D, "fail")),)


def check_outcomes(checks, options):
    cases = (
        ("mail that passes is not lost", world((OFFICE, spoofed()), 40), "HELD", lambda r: r["own_lost"] == 0),
        ("what is forged is rejected", world((OFFICE, spoofed()), 40), "HELD", lambda r: r["rejected"] > 500),
        ("a sender that breaks after the step is a loss, and named",
         world((OFFICE, own("crm", "203.0.113.7", 40, "s2", "fail", ((20, BROKEN),)), spoofed()), 40), "LOSS",
         lambda r: r["losing_senders"][0]["source_ip"] == "203.0.113.7" and r["own_lost"] > r["own_predicted_high"]),
        ("its record is that before the step",
         world((OFFICE, own("crm", "203.0.113.7", 40, "s2", "fail", ((20, BROKEN),)), spoofed()), 40), "LOSS",
         lambda r: r["former_record"].startswith("v=DMARC1; p=none")),
        ("a step that was taken back needs no record",
         world((OFFICE, own("crm", "203.0.113.7", 40, "s2", "fail", ((30, BROKEN),)), spoofed()), 40, back_ago=20), "LOSS",
         lambda r: r["former_record"] is None and r["taken_back"]),
        ("receivers that let all through do not honour it", world((OFFICE, spoofed()), 40, obeys=0.1), "NOT_HONOURED",
         lambda r: r["ignored"] > r["rejected"]),
        ("ten days are too early", world((OFFICE, spoofed()), 11), "TOO_EARLY", lambda r: r["until"]),
        ("three days are too early, and say nothing", world((OFFICE, spoofed()), 3), "TOO_EARLY",
         lambda r: r["days"] == 0 and r["own_lost"] == 0),
        ("a loss is told before two weeks are over",
         world((OFFICE, own("crm", "203.0.113.7", 40, "s2", "fail", ((20, BROKEN),)), spoofed()), 10), "LOSS", lambda r: True),
        ("a sender that gives up is told", world((OFFICE, own("crm", "203.0.113.7", 40, "s2", stop_ago=40), spoofed()), 40),
         "HELD", lambda r: [v["source_ip"] for v in r["vanished_senders"]] == ["203.0.113.7"]),
        ("a report that mixes both policies is set aside", world((OFFICE, spoofed()), 40, mixes=1.0), "HELD",
         lambda r: r["ignored"] == 0 and r["set_aside_reports"] == len(s.REPORTERS)),
    )
    for number, (sentence, of, outcome, holds) in enumerate(cases):
        with tempfile.TemporaryDirectory() as scratch:
            rows, _ = ask(options.binary, of, number, scratch)
        fine = len(rows) == 1 and rows[0]["outcome"] == outcome and holds(rows[0])
        checks.that(f"{sentence} ({outcome})", fine,
                    [{k: v for k, v in r.items() if not isinstance(v, list)} for r in rows])


def main():
    parser = argparse.ArgumentParser(description="Asks what steps did whose truth is known.")
    parser.add_argument("--binary", required=True)
    parser.add_argument("--steps", type=int, default=10, metavar="N", help="random steps (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--changing", action="store_true", help="senders come, go and break: what nobody can expect")
    parser.add_argument("--verbose", action="store_true", help="each step")
    options = parser.parse_args()
    checks = Checks()
    check_outcomes(checks, options)
    check_random(checks, options)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())

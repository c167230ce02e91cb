#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A year of twelve domains, lived day by day: each morning the reports that have come are imported, and `findings` and
`notify` are asked what there is to tell. On no day is anything known of a later one, and some reports come late.

Each event of tenants.py must be told once, within two days of its evidence, of the right domain and by the right name,
by both verbs; whatever else is told is false, and there may be one such finding in a domain's year.

    ./year.py --binary BUILD/cmd/dmarcctl
    ./year.py --binary BUILD/cmd/dmarcctl --sparing     # the days around the events alone
"""
import argparse
import collections
import json
import os
import random
import subprocess
import sys
import tempfile

import simulate as sim
import tenants
from findings import TOLD_WITHIN, Checks, ask

FIRST_ASKED = "01-22"  # in the first three weeks of reports nothing is new
LATE = ((0.9, 0), (0.97, 1), (1.0, 2))  # how many reports come so many days later than the day after their last
SLOW = "campus.example.org"  # whose reports come a day later than those of others
MOMENTS = {"ceased", "new_from_domain", "new_sender", "policy_changed", "verdict_changed", "reporter_silent"}
TOLD_DAYS, CLEAN_DAYS = 7, 3
# The verdict moves with the month that it is judged by: for so long behind what happened it may.
CONSEQUENT_DAYS = 45
CONFIGURATION = "[notify all]\nto = exec:cat >> told.jsonl\n"


def text_of(number):
    """A day, counted from the first of January."""
    return sim.datetime.datetime.fromtimestamp(sim.day_begin(tenants.END) + (number - tenants.DAYS) * sim.DAY_S,
                                               sim.datetime.timezone.utc).strftime("%Y-%m-%d")


def number_of(date):
    return tenants.DAYS - tenants.ago(date)


def change_of(finding):
    """A policy or a verdict may change twice within a week; all else is one thing as long as it is told."""
    if finding["kind"] not in ("policy_changed", "verdict_changed"):
        return ""
    return finding["text"].split(": ")[1].split(" (since")[0]  # "READY, was NOT_READY"


# --- living ----------------------------------------------------------------------------------------------------------
class Year:
    def __init__(self, options, folder):
        self.options, self.env = options, dict(os.environ, DMARCCTL_CONFIG="/dev/null")
        os.chdir(folder)
        with open("conf", "w", encoding="utf-8") as f:
            f.write(CONFIGURATION)
        os.chmod("conf", 0o600)
        self.states = {}  # day: {(domain, kind, subject, change): finding}

    def make(self):
        """{day: reports that come on it}."""
        world = sim.World(tuple(t() for t in tenants.TENANTS), tenants.reporters(), tenants.DAYS)
        sim.generate(world, "reports", self.options.seed, sim.day_begin(tenants.END))
        chance, arrivals = random.Random(f"late/{self.options.seed}"), collections.defaultdict(list)
        for name in sorted(os.listdir("reports")):
            reporter, _, _, end_s = name[:-len(".xml")].split("!")
            luck = chance.random()
            late = next(days for share, days in LATE if luck < share) + (reporter == SLOW)
            day = tenants.DAYS - (sim.day_begin(tenants.END) - int(end_s) - 1) // sim.DAY_S
            arrivals[day + late].append(os.path.join("reports", name))
        return arrivals

    def run(self, *args):
        done = subprocess.run([self.options.binary, *args], env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(args[:6])}: exit status {done.returncode}: {done.stderr}")

    def say(self, day):
        for said in tenants.SAID:
            if number_of(said.day) == day:
                with open("said.ini", "w", encoding="utf-8") as f:
                    f.write(said.text)
                self.run("label", "--quiet", "--db", "year.db", "--import", "said.ini")

    def ask(self, day):
        found = {}
        for f in ask(self.options.binary, "year.db", text_of(day), self.env):
            found[(f["domain"] or "", f["kind"], f["subject"] or f["domain"], change_of(f))] = f
        self.states[day] = found
        self.run("notify", "--quiet", "--db", "year.db", "--config", "conf", "--as-of", text_of(day))

    def live(self, days):
        arrivals, waiting = self.make(), []
        for day in range(tenants.DAYS + 1):
            waiting += arrivals[day]
            said = any(number_of(s.day) == day for s in tenants.SAID)
            if not waiting or not (day in days or said):
                continue
            self.run("import", "--quiet", "--db", "year.db", *waiting)
            waiting = []
            self.say(day)
            if day in days:
                self.ask(day)


def days_to_ask(options):
    """All, or of each event the day before it can be told, that by which it has to be, and that by which its end has."""
    every = range(number_of(FIRST_ASKED), tenants.DAYS + 1)
    if not options.sparing:
        return every
    around = set()
    for e in tenants.EVENTS:
        around |= {number_of(e.evident), number_of(e.evident) + 1 + TOLD_WITHIN}
        if e.over:
            around.add(number_of(e.over) + 1 + CLEAN_DAYS + TOLD_WITHIN)
    return sorted(around & set(every))


# --- what was told ---------------------------------------------------------------------------------------------------
class Told:
    """Something that was told as new or open from one day on, without a break."""

    def __init__(self, key, day, finding):
        self.domain, self.kind, self.subject, _ = key
        self.day, self.last, self.text = day, day, finding["text"]
        self.gone = None
        self.ids = {finding["id"]}
        self.event = None


def findings_told(states):
    """From what findings said each day. What is gone or missing and comes again is told twice."""
    told, current = [], {}
    for day in sorted(states):
        for key, f in states[day].items():
            is_due = f["state"] in ("new", "open")
            run = current.get(key)
            if is_due and not run:
                run = current[key] = Told(key, day, f)
                told.append(run)
            if run and is_due:
                run.last = day
                run.ids.add(f["id"])
            elif run:
                run.gone = day
                del current[key]
        for key in [k for k in current if k not in states[day]]:
            del current[key]
    return told


def messages_told():
    """[(day, domain, kind, subject, state)] that notify sent."""
    sent = []
    if os.path.exists("told.jsonl"):
        with open("told.jsonl", encoding="utf-8") as f:
            for message in (json.loads(line) for line in f):
                for row in message["findings"]["rows"]:
                    sent.append((message["as_of"][:10], row["domain"] or "", row["kind"], row["subject"] or row["domain"],
                                 "gone" if row["state"] == "gone" else "due"))
    return sent


def is_consequence(told, events):
    """That the verdict moves, within the time that it looks back on, behind something that happened to the domain."""
    if told.kind != "verdict_changed":
        return False
    mine = [(0, 0)] + [(number_of(e.evident), number_of(e.over or e.evident)) for e in events if e.domain == told.domain]
    return any(begin <= told.day <= end + CONSEQUENT_DAYS for begin, end in mine)


# --- judging ---------------------------------------------------------------------------------------------------------
def match(events, told):
    """{event: what was told of it}."""
    found = {e: [] for e in events}
    for t in told:
        mine = [e for e in events if (e.domain, e.kind, e.subject) == (t.domain, t.kind, t.subject)
                and 0 <= t.day - number_of(e.evident) <= 1 + TOLD_DAYS]
        if mine:
            t.event = max(mine, key=lambda e: e.evident)
            found[t.event].append(t)
    return found


def check_event(checks, event, mine):
    name = f"{event.domain}: {event.kind} of {event.subject}"
    checks.that(f"{name} is told once", len(mine) == 1 and len(mine[0].ids) == 1,
                [(text_of(t.day), t.text, t.ids) for t in mine])
    if not mine:
        return
    first = number_of(event.evident) + 1  # its reports come the day after
    in_time = first <= mine[0].day <= first + TOLD_WITHIN
    checks.that("... within two days of the reports with its evidence, and not before", in_time,
                f"told on {text_of(mine[0].day)}")
    if event.over and event.told_over and event.kind not in MOMENTS:
        over = number_of(event.over) + 1 + CLEAN_DAYS
        checks.that("... and is over after three clean days", mine[0].gone and over <= mine[0].gone <= over + TOLD_WITHIN,
                    mine[0].gone and text_of(mine[0].gone))
    elif event.over and event.kind not in MOMENTS:
        checks.that("... and ends with the answer", mine[0].last <= number_of(event.over) + 1 and not mine[0].gone,
                    text_of(mine[0].last))


def check_quiet(checks, told):
    false = [t for t in told if not t.event and not is_consequence(t, tenants.EVENTS)]
    for t in false:
        print(f"       {t.domain} {text_of(t.day)} {t.kind} {t.subject or ''}: {t.text}")
    most = collections.Counter(t.domain for t in false)
    checks.that(f"{len(tenants.TENANTS)} domain-years: {len(false)} false findings, at most one in each",
                all(n <= 1 for n in most.values()), most)


def check_notices(checks, told, sent, is_whole):
    """What findings show from a day on is sent on that day, and so is how it ends; what findings just have no more is over too, some
    days later. Where not every day was asked about, notify has more to tell than was seen of them here."""
    expected = collections.Counter((text_of(t.day), t.domain, t.kind, t.subject, "due") for t in told)
    over = collections.Counter((text_of(t.gone), t.domain, t.kind, t.subject, "gone") for t in told if t.gone)
    sent = collections.Counter(sent)
    beside = sent - expected - over
    if is_whole:
        beside = collections.Counter({key: n for key, n in beside.items() if key[4] == "due"})
    checks.that(f"notify sends the same: {sum(sent.values())} states", not expected + over - sent and not (is_whole and beside),
                {"not sent": sorted((expected + over - sent).elements()), "beside": sorted(beside.elements())})
    ends = collections.Counter()
    for (_, *what, state), n in sent.items():
        ends[tuple(what)] += n if state == "gone" else -n
    checks.that("and tells of nothing more often that it is over than that it is there", not is_whole or max(ends.values()) <= 0, ends)


def print_table(found, told):
    print(f"\n{'evident':<10} {'told':<10} {'over':<10} {'told':<10} what")
    rows = [(e.evident, e, (mine or [None])[0]) for e, mine in found.items()]
    for _, e, t in sorted(rows, key=lambda row: row[0]):
        over = f"{tenants.YEAR}-{e.over}" if e.over else "-"
        print(f"{tenants.YEAR}-{e.evident} {text_of(t.day) if t else 'never':<10} {over:<10} "
              f"{text_of(t.gone) if t and t.gone else '-':<10} {e.domain}: {e.kind} of {e.subject}")
    print("the verdicts that followed:")
    for t in told:
        if not t.event and is_consequence(t, tenants.EVENTS):
            print(f"{'':<10} {text_of(t.day):<32} {t.domain}: {t.text}")
    print()


def main():
    parser = argparse.ArgumentParser(description="Lives a year of twelve domains day by day, and holds what is told against the truth.")
    parser.add_argument("--binary", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sparing", action="store_true", help="asks on the days around the events alone")
    parser.add_argument("--keep", metavar="DIR", help="leaves reports, database and notices there")
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    checks = Checks()
    with tempfile.TemporaryDirectory() as scratch:
        if options.keep:
            os.makedirs(options.keep)  # an empty one: what is in a database was not lived
        year = Year(options, options.keep or scratch)
        year.live(set(days_to_ask(options)))
        told, sent = findings_told(year.states), messages_told()
        os.chdir("/")
    found = match(tenants.EVENTS, told)
    print_table(found, told)
    for event, mine in found.items():
        check_event(checks, event, mine)
    check_quiet(checks, told)
    check_notices(checks, told, sent, not options.sparing)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whoever runs `notify` on some days alone, as cron and computers have it, hears of the same as whoever runs it each day: sections
of each `every`, over months in which things happen, by runs on days drawn by chance. What is expected is worked out of what
`findings` says of each day.

    ./days.py --binary BUILD/cmd/dmarcctl [--days 120] [--schedules 3] [--seed 1]
"""
import argparse
import collections
import datetime
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "readiness"))
import findings as year  # noqa: E402
import scenarios  # noqa: E402
import simulate as sim  # noqa: E402
from kit import lines_of, write  # noqa: E402
from truth import Truth  # noqa: E402

EVERY = ("event", "day", "week")


def monday_of(day):
    date = datetime.date.fromisoformat(day)
    return date - datetime.timedelta(date.weekday())


def draw_runs(chance, count):
    """Gaps of a day or two, and now and then of weeks: computers are off for holidays."""
    runs, day = [0], 0
    while True:
        day += chance.choice((1, 1, 1, 2, 3, 7, 9, 23))
        if day >= count - 1:
            return runs + [count - 1]
        runs.append(day)


def looks_of(every, runs, days):
    """A week is told of with the first run in it."""
    looks, weeks = [], set()
    for run in runs:
        if every != "week" or monday_of(days[run]) not in weeks:
            looks.append(run)
            weeks.add(monday_of(days[run]))
    return looks


class Months:
    def __init__(self, options):
        self.options, self.env = options, dict(os.environ, DMARCCTL_CONFIG="/dev/null")
        end_s = sim.day_begin(year.END)
        world = sim.World((year.eventful(), year.quiet(0)), scenarios.REPORTERS, year.DAYS)
        sim.generate(world, "reports", options.seed, end_s)
        self.run("import", "--quiet", "reports")
        self.days = [year.day_of(ago, end_s) for ago in range(options.days, 0, -1)]
        self.truth, self.checks = Truth(self.days), year.Checks()
        for number, day in enumerate(self.days):
            self.truth.learn(number, year.ask(options.binary, "year.db", day, self.env))

    def run(self, *args):
        done = subprocess.run([self.options.binary, *args, "--db", "year.db"], env=self.env, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode or done.stderr:
            sys.exit("%s: exit status %d: %s" % (" ".join(args), done.returncode, done.stderr))

    def live(self, name, runs):
        """All sections of one configuration: they share what is asked of the days, and each has its own."""
        write("conf", "[defaults]\nquiet = yes\n" + "".join(
            "[notify %s-%s]\nto = exec:cat >> %s-%s.jsonl\nevery = %s\n" % (name, every, name, every, every) for every in EVERY))
        for run in runs:
            self.run("notify", "--config", "conf", "--as-of", self.days[run])
        for every in EVERY:
            self.check("%s, every %s" % (name, every), lines_of("%s-%s.jsonl" % (name, every)), looks_of(every, runs, self.days))

    def check(self, name, messages, looks):
        told = collections.Counter((m["as_of"][:10], f["id"], "gone" if f["state"] == "gone" else "due", f["first_seen"])
                                   for m in messages for f in m["findings"]["rows"])
        expected = {(self.days[look], *rest) for look, *rest in self.truth.told_to(looks)}
        self.checks.that("%s: nothing is told twice" % name, all(n == 1 for n in told.values()), told)
        self.checks.that("%s: %d looks, %d states told, all there are" % (name, len(looks), len(told)), set(told) == expected,
                         {"missing": expected - set(told), "beside": set(told) - expected})


def main():
    parser = argparse.ArgumentParser(description="Tells months of what happens to those who run on some days alone.")
    parser.add_argument("--binary", required=True)
    parser.add_argument("--days", type=int, default=150, help="how many of them, the last ones (%(default)s)")
    parser.add_argument("--schedules", type=int, default=3, metavar="N", help="of days drawn by chance, beside that of each (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        months, chance = Months(options), random.Random(options.seed)
        months.live("each-day", range(options.days))
        for number in range(options.schedules):
            months.live("chance-%d" % number, draw_runs(chance, options.days))
        os.chdir("/")
    print("%d passed, %d failed" % (months.checks.passed, months.checks.failed))
    return 1 if months.checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds one forged report to simulated worlds and looks whether a verdict gets better by it: none may.

The liar knows everything: every address, what fails where, who reports. He sends one report, in a new name or in that of
a reporter there is. What he says is up to him, so each lie that could help is tried. With --proven the mail of the
honest reports proves them and his does not: then he may send for weeks, in several names.
"""
import argparse
import collections
import contextlib
import dataclasses
import multiprocessing
import os
import shutil
import sqlite3
import sys
import tempfile
from dataclasses import dataclass

import check
import mixtures
import simulate
from scenarios import D
from simulate import DAY_S, OWN

HUGE = 1_000_000
STEPS = ("none", "quarantine", "reject")


@dataclass(frozen=True)
class Row:
    """A record of a forged report: mail that passes, unless `reason` says it was forwarded and failed."""
    source_ip: str
    count: int
    selector: str = "s1"
    reason: str = ""
    evaluated: bool = True  # policy_evaluated says so


@dataclass(frozen=True)
class Lie:
    name: str
    reporter: str
    rows: tuple
    ago: int = 1           # the day it tells of; 1: the last one with data
    policy: str = ""       # else what is published
    report_id: str = "forged"


def row_xml(row):
    reason = f"<reason><type>{row.reason}</type></reason>" if row.reason else ""
    result = "fail" if row.reason else "pass"
    outcome = f"<dkim>{result}</dkim><spf>{result}</spf>" if row.evaluated else ""
    return (f"<record><row><source_ip>{row.source_ip}</source_ip><count>{row.count}</count><policy_evaluated>"
            f"<disposition>none</disposition>{outcome}{reason}</policy_evaluated></row>"
            f"<identifiers><header_from>{D}</header_from></identifiers><auth_results>"
            f"<dkim><domain>{D}</domain><selector>{row.selector}</selector><result>{result}</result></dkim>"
            f"<spf><domain>{D}</domain><scope>mfrom</scope><result>{result}</result></spf></auth_results></record>\n")


def lie_xml(lie, policy, end_s):
    begin_s = end_s - lie.ago * DAY_S
    p = lie.policy or policy
    return (f'<?xml version="1.0"?>\n<feedback><report_metadata><org_name>{lie.reporter}</org_name>'
            f"<email>dmarc@{lie.reporter}</email><report_id>{lie.report_id}</report_id>"
            f"<date_range><begin>{begin_s}</begin><end>{begin_s + DAY_S - 1}</end></date_range></report_metadata>\n"
            f"<policy_published><domain>{D}</domain><adkim>r</adkim><aspf>r</aspf><p>{p}</p><sp>{p}</sp><pct>100</pct>"
            f"</policy_published>\n" + "".join(row_xml(row) for row in lie.rows) + "</feedback>\n")


# --- lies ------------------------------------------------------------------------------------------------------------
def sources_of(truth, wanted):
    """Up to 40 addresses of the streams that `wanted` admits, the largest first."""
    streams = {s["name"] for s in truth["streams"] if wanted(s)}
    volume = collections.Counter()
    for pattern in truth["patterns"]:
        if pattern["stream"] in streams:
            volume[pattern["source_ip"]] += pattern["messages"]
    return [ip for ip, _ in volume.most_common(40)]


def lies_of(world, truth):
    """What a liar could try in this world."""
    own = sources_of(truth, lambda s: s["truth"] == OWN) or ["192.0.2.10"]
    failing = sources_of(truth, lambda s: s["truth"] == OWN and s["window_failing"]) or own
    doubtful = sources_of(truth, lambda s: s["truth"] != OWN) or own
    usual = max(1, truth["domains"][D]["window_messages"] // (30 * len(world.reporters)))
    new, largest, smallest = "new.example.net", world.reporters[0].name, world.reporters[-1].name
    flood = lambda ips, count=HUGE, **rest: tuple(Row(ip, count, **rest) for ip in ips)
    yield Lie("a flood of own mail", new, flood(own[:1]))
    yield Lie("a flood at each source of the owner's", new, flood(own))
    yield Lie("all that fails passes", new, flood(own + doubtful))
    yield Lie("one message", new, flood(own[:1], 1))
    yield Lie("one message, today", new, flood(own[:1], 1), ago=0)
    yield Lie("a flood, today", new, flood(own), ago=0)
    yield Lie("old mail", new, flood(own, 100), ago=58)
    yield Lie("old mail under the policy of today", new, flood(own, 100), ago=75)
    yield Lie("a flood that nobody evaluated", new, flood(own, evaluated=False))
    yield Lie("all that fails was never evaluated", new, flood(own + doubtful, evaluated=False))
    yield Lie("all was forwarded", new, flood(doubtful, reason="mailing_list"))
    for policy in STEPS:
        yield Lie(f"p={policy}", new, flood(own), policy=policy)
        yield Lie(f"p={policy} from of old, as {largest}", largest, flood(own[:1], usual), ago=75, policy=policy)
    for reporter in (largest, smallest):
        yield Lie(f"a flood, as {reporter}", reporter, flood(own))
        yield Lie(f"more of what fails, as {reporter}", reporter, flood(failing, max(1, 8 * usual // len(failing))))
        yield Lie(f"more of what fails most, as {reporter}", reporter, flood(failing[:1], 8 * usual))
        yield Lie(f"a day before all others, as {reporter}", reporter, flood(own, usual), ago=61)
        yield Lie(f"all was forwarded, as {reporter}", reporter, flood(doubtful, usual, reason="forwarded"))


# --- trying them -----------------------------------------------------------------------------------------------------
def worth(row):
    """The larger the better: a verdict that lets the policy move, and how far."""
    if row["verdict"] not in check.DONE:
        return 0
    return 1 + STEPS.index(row["next_policy"]) if row["verdict"] == "READY" else 1 + len(STEPS)


def softer(before, after):
    """Not good before nor after, and yet less grave."""
    order = check.VERDICTS.index
    return worth(before) == worth(after) == 0 and order(after["verdict"]) > order(before["verdict"])


@dataclass
class Result:
    number: int
    verdict: str = "-"       # without the forged report
    unheld: str = "-"        # the same, were reports believed
    tried: int = 0
    better: tuple = ()       # (lie, verdict)
    less_grave: tuple = ()
    fault: str = ""


def readiness(engine, database, end_s, *more):
    engine.database = database
    return engine.rows("readiness", D, "--as-of", check.utc_day(end_s), *more)[1][0]


CAMPAIGN_DAYS = 20
UNPROVEN, PROVEN = 2, 1  # enum provenance of base/feedback.h


def campaign_of(lie):
    """The same lie day after day, in two names where it has one of its own."""
    names = [lie.reporter] + (["second.example.org"] if lie.reporter == "new.example.net" else [])
    for name in names:
        for day in range(CAMPAIGN_DAYS):
            yield dataclasses.replace(lie, reporter=name, ago=lie.ago + day, report_id=f"forged-{name}-{day}")


def set_provenance(database, provenance):
    """Of all reports that were not judged."""
    with contextlib.closing(sqlite3.connect(database)) as db, db:
        db.execute("UPDATE report SET provenance = ? WHERE provenance IS NULL", (provenance,))


def try_lie(engine, lie, policy, base, home, end_s, proven):
    """The verdict with it."""
    folder, database = os.path.join(home, "forged"), os.path.join(home, "forged.db")
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    for i, one in enumerate(campaign_of(lie) if proven else [lie]):
        with open(os.path.join(folder, f"{i}.xml"), "w", encoding="utf-8") as out:
            out.write(lie_xml(one, policy, end_s))
    shutil.copy(base, database)
    engine.run("import", "--quiet", "--db", database, folder)
    if proven:
        set_provenance(database, UNPROVEN)
    return readiness(engine, database, end_s)


def try_world(task):
    number, options = task
    result = Result(number)
    home = tempfile.mkdtemp(prefix="attacks-", dir=check.SCRATCH)
    end_s = simulate.day_begin(simulate.DEFAULT_END)
    world = mixtures.world_of(number)
    try:
        truth = simulate.generate(world, os.path.join(home, "reports"), number, end_s)
        engine = check.Engine(options.binary, home)
        base = os.path.join(home, "base.db")
        engine.run("import", "--quiet", "--db", base, os.path.join(home, "reports"))
        if options.proven:
            set_provenance(base, PROVEN)
        before = readiness(engine, base, end_s)
        result.verdict = before["verdict"]
        result.unheld = readiness(engine, base, end_s, "--threshold", "robust_against=0")["verdict"]
        better, less_grave = [], []
        for lie in () if options.honest else lies_of(world, truth):
            after = try_lie(engine, lie, world.domains[0].policy_on(1).p, base, home, end_s, options.proven)
            result.tried += 1
            if worth(after) > worth(before):
                better.append((lie.name, after["verdict"]))
            elif softer(before, after):
                less_grave.append((lie.name, after["verdict"]))
        result.better, result.less_grave = tuple(better), tuple(less_grave)
    except (check.EngineError, KeyError, IndexError, ValueError) as fault:
        result.fault = repr(fault)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return result


def print_found(title, found):
    print(f"{title}: {sum(len(lies) for _, _, lies in found)}")
    for number, verdict, lies in found:
        for lie, after in lies:
            print(f"  --replay {number} ({verdict}): {after} by {lie}")


def main():
    parser = argparse.ArgumentParser(description="Adds one forged report to random mixtures; no verdict may improve.")
    parser.add_argument("--binary", required=True, metavar="PATH")
    parser.add_argument("--mixtures", type=int, default=6, metavar="N", help="how many (6; 200 for a release)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replay", type=int, metavar="NUMBER", help="try this one mixture")
    parser.add_argument("--honest", action="store_true", help="forge nothing: only count what honest worlds lose")
    parser.add_argument("--proven", action="store_true",
                        help="the honest reports are proven; the liar's are not, and come for weeks in several names")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    first = options.seed * 1000
    numbers = range(first, first + options.mixtures) if options.replay is None else [options.replay]
    with multiprocessing.Pool(options.jobs) as pool:
        results = list(pool.imap(try_world, [(number, options) for number in numbers], chunksize=1))
    print_found("verdicts that a forged report improves", [(r.number, r.verdict, r.better) for r in results])
    print_found("not good before nor after, but less grave", [(r.number, r.verdict, r.less_grave) for r in results])
    good = [r for r in results if r.unheld in check.DONE]
    lost = [r for r in good if r.verdict not in check.DONE]
    print(f"good verdicts: {len(good)}, of which held back because they rest on one reporter: {len(lost)}")
    for r in lost:
        print(f"  --replay {r.number}: {r.unheld}, held back as {r.verdict}")
    for r in (r for r in results if r.fault):
        print(f"  --replay {r.number}: no answer: {r.fault}")
    print(f"{len(results)} mixtures, {sum(r.tried for r in results)} forged reports: "
          f"{sum(len(r.better) for r in results)} verdicts improved")
    return 1 if any(r.better or r.fault for r in results) else 0


if __name__ == "__main__":
    sys.exit(main())

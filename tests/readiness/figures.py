#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Do the answers agree with each other? Mail of random mixtures, asked about with every verb that counts it: a figure is
the same wherever it is told, a part is no more than its whole, and a verdict says what its gates say.

    ./figures.py --binary BUILD/cmd/dmarcctl --mixtures 20 --seed 1
"""
import argparse
import multiprocessing
import os
import re
import shutil
import sys
import tempfile

import check
import mixtures
import simulate

AT_MOST = {"report_age", "top_reporter_share", "own_contradicted", "undecided", "undecided_source", "new_stranger",
           "own_stopped", "drop", "own_spf_only", "forwarded"}
FINDING_LISTS = ("blockers", "undecided", "own_failing", "forwarders", "subdomain_blockers")
GOOD = ("READY", "AT_TARGET")
OWN = ("own", "own_broken", "legitimate")
TEXTS = (["readiness"], ["whatif", "--p", "reject"], ["plan"], ["findings"], ["partners"], ["sources", "--by", "cause"], ["compliance"],
         ["effect"])
BY_OPTION = ("sources", "compliance", "selectors")  # verbs that are given their domain so
NO_FIGURE = re.compile(r"\b(nan|inf|null)\b|\(null\)|%[a-z]|(?<![\d-])-\d")  # a minus that is no part of a date
PER_CENT = re.compile(r"(\d[\d,]*\.?\d*) %")


class Faults(list):
    def expect(self, holds, said):
        if not holds:
            self.append(said)


def walk(value, key=""):
    """(key, number) of all numbers in a document."""
    if isinstance(value, dict):
        for k, v in value.items():
            yield from walk(v, k)
    elif isinstance(value, list):
        for v in value:
            yield from walk(v, key)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield key, value


def check_numbers(faults, verb, rows):
    for key, number in walk(rows):
        is_share = key.endswith(("_share", "_rate", "_lower", "_best", "_worst"))
        is_share &= (verb, key) != ("findings", "own_share")  # of strangers' mail, against own mail
        faults.expect(number >= 0 or key in ("figure", "change"), f"{verb}: {key} is {number}")
        faults.expect(not is_share or number <= 1, f"{verb}: {key} is {number}")


def check_gate(faults, gate):
    name, figure, limit, state = gate["name"], gate["figure"], gate["limit"], gate["state"]
    faults.expect(gate["ok"] is None or gate["ok"] == (state != "FAIL"), f"gate {name}: {state}, ok is {gate['ok']}")
    if figure is None or state == "not judged":
        return
    # A figure that just misses its limit may be printed as it.
    holds = figure <= limit + 1e-9 if name in AT_MOST else figure >= limit - 1e-9
    faults.expect(holds or state != "pass", f"gate {name}: {figure} against {limit} is {state}")


def check_finding(faults, where, f, row):
    what = f"{where}: {f['source']} ({f['site']})"
    faults.expect(f["messages"] > 0, f"{what}: {f['messages']} messages")
    faults.expect((f["partner"] is None) == (f["partner_messages"] is None), f"{what}: half a partner")
    faults.expect((f["partner_messages"] or 0) <= f["messages"], f"{what}: more to its partner than there are")
    faults.expect((f["first_seen"] or "") <= (f["last_seen"] or "") <= row["window_end"] and f["first_seen"],
                  f"{what}: {f['first_seen']} to {f['last_seen']}")
    faults.expect((f["label"] is None) == (f["label_touches"] is None), f"{what}: half a label")
    faults.expect(f["label"] is None or f["label"] in f["repair"], f"{what}: its label is not in its repair")
    faults.expect(f["class"] in OWN or f["cause"] is None, f"{what}: a cause of {f['class']} mail")
    for told in re.findall(r"([\d,]+) of them", f["repair"]):
        faults.expect(int(told.replace(",", "")) <= f["messages"], f"{what}: {told} of {f['messages']}: {f['repair']}")
    for begin, end in re.findall(r"since (\d{4}-\d\d-\d\d).*?until (\d{4}-\d\d-\d\d)", f["repair"]):
        faults.expect(begin <= end, f"{what}: since {begin} until {end}")


def check_readiness(faults, row):
    worst, rate, best = row["own_pass_rate_worst"], row["own_pass_rate"], row["own_pass_rate_best"]
    if rate is not None:
        faults.expect(worst <= rate + 1e-6 and rate <= best + 1e-6, f"own pass rate {worst}, {rate}, {best}")
        faults.expect(row["own_pass_lower"] <= rate + 1e-6, f"a bound of {row['own_pass_lower']} below {rate}")
    faults.expect(row["own_messages"] <= row["messages"], f"own {row['own_messages']} of {row['messages']}")
    for gate in row["gates"] + row["subdomain_gates"]:
        check_gate(faults, gate)
    failed = [g["name"] for g in row["gates"] if g["state"] == "FAIL"]
    faults.expect((row["verdict"] in GOOD) == (not failed), f"{row['verdict']} where {failed} fail")
    faults.expect(row["verdict"] not in GOOD or not row["blockers"], f"{row['verdict']} with blockers")
    faults.expect(row["blocker_count"] == len(row["blockers"]), f"{row['blocker_count']} blockers")
    faults.expect(row["days_to_go"] is None or row["verdict"] == "INSUFFICIENT_DATA", "days to go of another verdict")
    faults.expect(row["verdict"] != "READY" or row["next_policy"], "READY for nothing")
    for key in FINDING_LISTS:
        for f in row[key]:
            check_finding(faults, key, f, row)
    names = [(f["site"], f["source"], f["header_from"], f["selector"], f["cause"]) for f in row["blockers"]]
    faults.expect(len(names) == len(set(names)), "one blocker twice")


def check_causes(faults, row, causes):
    if row["own_pass_rate"] is None or row["subdomains"]:
        return
    failing = sum(c["messages"] for c in causes if c["fails"] and c["policy_tag"] == "p")
    own = row["own_messages"]
    faults.expect(abs(failing - own * (1 - row["own_pass_rate"])) <= 0.5 + own * 1e-6,
                  f"causes of {failing} failing, readiness has {own} x {1 - row['own_pass_rate']:.6f}")


def check_totals(faults, engine, domain, truth):
    """All that is stored, by every verb that adds it up."""
    sent = truth["domains"][domain]["messages"]
    for verb in (["summary"], ["sources"], ["sources", "--by", "address"], ["trend"], ["reporters"]):
        _, rows = engine.rows(*verb, "--domain", domain)
        told = sum(r["messages"] for r in rows)
        faults.expect(told == sent, f"{' '.join(verb)}: {told} of {sent} messages")
    _, records = engine.rows("export", "--domain", domain)
    faults.expect(sum(r["count"] for r in records) == sent, "export: other messages")


def check_plan(faults, row, steps):
    faults.expect([s["day"] for s in steps] == sorted(s["day"] for s in steps), "plan: days that go back")
    if row["verdict"] == "AT_TARGET" or not steps:
        return
    first = steps[0]
    if first["action"] == "policy":
        faults.expect((first["state"] == "open") == (row["verdict"] == "READY"),
                      f"plan: {first['state']} where readiness says {row['verdict']}")
    for step in steps:
        faults.expect(step["state"] != "open" or not step["repairs"] + step["answers"], "plan: open with repairs")


def check_findings(faults, found, as_of):
    faults.expect(len({f["id"] for f in found}) == len(found), "findings: one id twice")
    for f in found:
        who = f"findings: {f['kind']} {f.get('subject')}"
        faults.expect(f["first_seen"] <= f["last_seen"] <= as_of, f"{who}: {f['first_seen']} to {f['last_seen']}")


def check_texts(faults, engine, domain, as_of):
    for verb in TEXTS:
        _, text = engine.run(*verb, *(["--domain", domain] if verb[0] in BY_OPTION else [domain]), "--as-of", as_of,
                             "--db", engine.database, allowed=(0, 4))
        said = text.decode()
        for line in said.splitlines():
            faults.expect(not NO_FIGURE.search(line), f"{' '.join(verb)}: {line.strip()}")
            for share in PER_CENT.findall(line):
                is_of_others = "times" in line or "against own" in line or "limit" in line
                faults.expect(float(share.replace(",", "")) <= 100 or is_of_others, f"{' '.join(verb)}: {line.strip()}")


def check_domain(faults, engine, domain, truth, as_of):
    answers = {}
    for verb in ("readiness", "plan", "findings", "whatif", "compliance", "selectors", "effect"):
        given = ["--domain", domain] if verb in BY_OPTION else [domain]
        given += ["--p", "reject"] if verb == "whatif" else []
        _, answers[verb] = engine.rows(verb, *given, "--as-of", as_of, allowed=(0, 4))
        check_numbers(faults, verb, answers[verb])
    row = answers["readiness"][0]
    check_readiness(faults, row)
    _, causes = engine.rows("sources", "--by", "cause", "--domain", domain, "--as-of", as_of)
    check_causes(faults, row, causes)
    check_totals(faults, engine, domain, truth)
    check_plan(faults, row, answers["plan"])
    check_findings(faults, answers["findings"], as_of)
    check_texts(faults, engine, domain, as_of)


def check_world(faults, home, world, seed, labels, options):
    end_s = simulate.day_begin(simulate.DEFAULT_END)
    truth = simulate.generate(world, os.path.join(home, "reports"), seed, end_s)
    engine = check.Engine(options.binary, home)
    engine.run("import", "--quiet", "--db", engine.database, os.path.join(home, "reports"))
    check.apply_labels(engine, labels, end_s)
    as_of = check.utc_day(end_s)
    for domain in world.domains:
        check_domain(faults, engine, domain.name, truth, as_of)


def try_world(task):
    name, world, seed, labels, options = task
    faults = Faults()
    home = tempfile.mkdtemp(prefix="figures-", dir=check.SCRATCH)
    try:
        check_world(faults, home, world, seed, labels, options)
    except check.EngineError as fault:
        faults.append(str(fault))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return name, list(faults)


def main():
    parser = argparse.ArgumentParser(description="Holds the answers of a dmarcctl binary against each other.")
    parser.add_argument("--binary", required=True)
    parser.add_argument("--mixtures", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--named", action="store_true", help="the worlds of scenarios.py and situations.py instead")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    numbers = range(options.seed * 1000, options.seed * 1000 + options.mixtures)
    tasks = [(f"mixture {n}", mixtures.world_of(n), n, (), options) for n in numbers]
    if options.named:
        tasks = [(s.name, s.world, options.seed, s.labels, options) for s in check.ALL.values()]
    wrong = 0
    with multiprocessing.Pool(options.jobs) as pool:
        for name, faults in pool.imap(try_world, tasks, chunksize=1):
            wrong += bool(faults)
            for fault in faults:
                print(f"{name}: {fault}", flush=True)
    print(f"{len(tasks)} worlds, {wrong} with answers that disagree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

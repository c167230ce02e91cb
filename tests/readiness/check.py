#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts the simulated worlds before a dmarcctl binary and compares its answers with the truth.

Scenarios and situations have one right answer each (or a named few); mixtures have none written down, so there the
errors that do harm are counted: own mail called foreign, and a READY that would lose legitimate mail.
"""
import argparse
import collections
import ipaddress
import json
import multiprocessing
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

import mixtures
import scenarios
import simulate
import situations
from simulate import DAY_S, FORWARDER, LIST, OWN, SPOOF, TRUTHS, UNAUTH

CLASSES = ("own", "legitimate", "own_broken", "forwarder", "forwarder_modified", "undecided", "suspicious",
           "unauthorised", "ignored")
VERDICTS = ("STALE", "REGRESSION", "NOT_READY", "NEEDS_DECISION", "INSUFFICIENT_DATA", "READY", "AT_TARGET")
DONE = {"READY", "AT_TARGET"}
FOREIGN = {"suspicious", "unauthorised", "forwarder_modified"}
DOMAIN_KEYS = ("domain", "verdict", "policy", "next_policy", "next_record", "gates", "blockers", "own_pass_rate",
               "own_pass_lower", "raw_pass_rate", "whatif")
SOURCE_KEYS = ("source_ip", "messages", "class", "service", "evidence", "dormant")
EXIT_NOT_READY = 4
# The seed at which the known failures of situations.py are kept.
KNOWN_SEED = 1
COMMAND_TIMEOUT_S = 120
# A stream of somebody else may share an address with the owner's: so much of it may be counted on the wrong side.
NEVER_TOLERANCE = 0.02
# What READY promises, by the policy it leads to: failing own mail, unauthenticated own mail in all and of one stream,
# each against own mail (the limits of the gates).
PROMISE = {"quarantine": (0.02, 0.02, 0.01), "reject": (0.01, 0.005, 0.005)}
# What one source of the owner's may lose, and from how many messages on it counts as one.
SOURCE_PROMISE = {"quarantine": 0.05, "reject": 0.01}
SOURCE_MESSAGES, SOURCE_FAILURES = 20, 3
# A world is hundreds of small files that are soon dropped: in memory, where there is a place for that.
SCRATCH = os.environ.get("TMPDIR") or ("/dev/shm" if os.access("/dev/shm", os.W_OK) else None)


# --- asking the binary -----------------------------------------------------------------------------------------------
class EngineError(Exception):
    """The binary failed where it must not."""


class Engine:
    def __init__(self, binary, home):
        self.binary = os.path.abspath(binary)
        self.environment = {**os.environ, "HOME": home, "XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home, "NO_COLOR": "1",
                            "DMARCCTL_CONFIG": os.devnull,
                            "TZ": "Asia/Kolkata"}  # nothing may depend on the host's zone
        self.environment.pop("DMARCCTL_DB", None)
        self.database = os.path.join(home, "dmarc.db")

    def run(self, *arguments, allowed=(0,)):
        done = subprocess.run([self.binary, *arguments], env=self.environment, capture_output=True, check=False,
                              stdin=subprocess.DEVNULL, timeout=COMMAND_TIMEOUT_S)
        if done.returncode not in allowed:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-3:]
            raise EngineError(f"{' '.join(arguments[:4])}: exit {done.returncode}: {' | '.join(said)}")
        return done.returncode, done.stdout

    def rows(self, *arguments, allowed=(0,)):
        """(exit code, rows of the one JSON document)."""
        code, output = self.run(*arguments, "--db", self.database, "--format", "json", allowed=allowed)
        try:
            return code, json.loads(output)["rows"]
        except (ValueError, KeyError, TypeError) as fault:
            raise EngineError(f"{arguments[0]}: no JSON document with rows: {fault!r}") from fault


@dataclass
class Answer:
    exit_code: int
    readiness: dict
    sources: list
    said: str = ""             # all that readiness and diff say, where words of it are expected
    answered: tuple = ()       # (the Answer to an owner who says whose mail is whose, how many labels that took)


def utc_day(at_s):
    return time.strftime("%Y-%m-%d", time.gmtime(at_s))


def apply_labels(engine, labels, end_s):
    for label in labels:
        extra = ["--domain", label.domain] if label.domain else []
        extra += ["--until", utc_day(end_s - label.until_ago * DAY_S)] if label.until_ago else []
        engine.run("label", label.source, label.verdict, *extra, "--db", engine.database)


def ask(engine, domain, expected, as_of_s):
    as_of = ["--as-of", utc_day(as_of_s)] if as_of_s is not None else []
    code, rows = engine.rows("readiness", domain, "--exit-code", *as_of, allowed=(0, EXIT_NOT_READY))
    mine = [row for row in rows if row.get("domain") == domain]
    if not mine:
        raise EngineError(f"readiness {domain}: no row for that domain among {len(rows)}")
    _, sources = engine.rows("sources", "--domain", domain)
    for keys, row in [(DOMAIN_KEYS, mine[0])] + [(SOURCE_KEYS, row) for row in sources[:1]]:
        absent = [key for key in keys if key not in row]
        if absent:
            raise EngineError(f"{'readiness' if row is mine[0] else 'sources'}: without {', '.join(absent)}")
    said = ""
    if expected and (expected.says or expected.says_not):
        _, page = engine.run("readiness", domain, *as_of, "--db", engine.database)
        _, changes = engine.rows("diff", domain, "--since", "7d", *as_of)
        said = f"{' '.join(page.decode().split())} {json.dumps(mine[0])} {json.dumps(changes)}"
    return Answer(code, mine[0], sources, said)


# --- an owner who answers --------------------------------------------------------------------------------------------
PRINTED_LABEL = re.compile(r"'(dmarcctl label .+?)'")
MOST_ROUNDS = 6


def true_answers(truth, domain, question):
    """The commands among those printed that say the truth of that mail, as arguments; none where it is to be repaired."""
    mail = collections.Counter()
    for pattern in truth["patterns"]:
        same = pattern["domain"] == domain and pattern["source_ip"] == question["source"]
        if same and pattern["pattern"] in ("own_signature_fails", "nothing_own"):
            mail[pattern["truth"]] += pattern["messages"]
    whose = mail.most_common(1)[0][0] if mail else SPOOF
    word = "forwarder" if whose in (FORWARDER, LIST) else "unauthorised" if whose == SPOOF else ""
    commands = [shlex.split(command)[1:] for command in PRINTED_LABEL.findall(question["repair"])]
    return [command for command in commands if word in command]


def answer_questions(engine, truth, domain, answer, as_of_s):
    """(Answer, number of labels) once the owner has told the truth wherever a command for it was printed."""
    given = set()
    for _ in range(MOST_ROUNDS):
        row = answer.readiness
        asked = [q for q in row["blockers"] + row["undecided"] if q["class"] == "undecided"]
        commands = {tuple(command) for q in asked for command in true_answers(truth, domain, q)} - given
        if not commands:
            break
        for command in sorted(commands):
            engine.run(*command, "--db", engine.database)
        given |= commands
        answer = ask(engine, domain, None, as_of_s)
    return answer, len(given)


@dataclass
class Job:
    """A world to be tried, and what is needed to try it."""
    name: str
    world: simulate.World
    seed: int
    labels: tuple = ()
    asked_after: int = 0
    today: bool = False
    expect: dict = field(default_factory=dict)
    answers: bool = False      # the owner answers what he is asked


def run_job(job, options):
    """(truth, {domain: Answer}) or EngineError."""
    home = os.path.join(options.keep, job.name) if options.keep else tempfile.mkdtemp(prefix="readiness-", dir=SCRATCH)
    if options.keep:
        shutil.rmtree(home, ignore_errors=True)
        os.makedirs(home)
    today = options.today or job.today
    asked_s = int(time.time()) // DAY_S * DAY_S if today else None
    end_s = asked_s - max(0, job.asked_after) * DAY_S if today else simulate.day_begin(simulate.DEFAULT_END)
    as_of_s = None if today and job.asked_after >= 0 else end_s + job.asked_after * DAY_S
    try:
        truth = simulate.generate(job.world, os.path.join(home, "reports"), job.seed, end_s)
        if options.keep:
            keep_document(home, "truth", truth)
        engine = Engine(options.binary, home)
        engine.run("import", "--quiet", "--db", engine.database, os.path.join(home, "reports"))
        apply_labels(engine, job.labels, end_s)
        answers = {domain.name: ask(engine, domain.name, job.expect.get(domain.name), as_of_s)
                   for domain in job.world.domains}
        for name, answer in answers.items() if job.answers else ():
            answer.answered = answer_questions(engine, truth, name, answer, as_of_s)
        for name, answer in answers.items() if options.keep else ():
            keep_document(home, f"readiness-{name}", answer.readiness)
            keep_document(home, f"sources-{name}", answer.sources)
        return truth, answers
    except subprocess.TimeoutExpired as late:
        raise EngineError(f"{late.cmd[1]}: no answer in {COMMAND_TIMEOUT_S} s") from late
    finally:
        if not options.keep:
            shutil.rmtree(home, ignore_errors=True)


def keep_document(home, name, document):
    with open(os.path.join(home, name + ".json"), "w", encoding="utf-8") as out:
        json.dump(document, out, indent=1)


# --- whose class is it -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Judged:
    """Messages of a true stream and the class they were given; "absent" where no row speaks of them."""
    stream: str
    truth: str
    given: str
    messages: int
    dormant: bool


PATTERN_RANK = ("own_signature_passes", "own_spf_passes", "own_signature_fails", "nothing_own")


def pair_one_source(truths, rows):
    """Pairs the true streams of one address with its rows.

    A row does not say which messages it means. Equal counts are taken for the same messages; what is left is laid side
    by side from the most own-like to the least, which favours the program, and matters at shared addresses alone."""
    truths = sorted(([t["messages"], t] for t in truths), key=lambda pair: PATTERN_RANK.index(pair[1]["pattern"]))
    rows = sorted(([row["messages"], row] for row in rows),
                  key=lambda pair: CLASSES.index(pair[1]["class"]) if pair[1]["class"] in CLASSES else len(CLASSES))
    pairs = []
    if len({t["stream"] for _, t in truths}) > 1:
        for row in rows:
            same = next((t for t in truths if t[0] and t[0] == row[0]), None)
            if same:
                pairs.append((same[1], row[1], row[0]))
                same[0] = row[0] = 0
    for t in truths:
        for row in rows:
            both = min(t[0], row[0])
            if both:
                pairs.append((t[1], row[1], both))
                t[0] -= both
                row[0] -= both
        if t[0]:
            pairs.append((t[1], {"class": "absent"}, t[0]))
    return pairs


def judge_sources(truth, domain, sources):
    """[Judged] for one domain."""
    by_source = collections.defaultdict(lambda: ([], []))
    for pattern in truth["patterns"]:
        if pattern["domain"] == domain:
            by_source[ipaddress.ip_address(pattern["source_ip"])][0].append(pattern)
    for row in sources:
        by_source[ipaddress.ip_address(row["source_ip"])][1].append(row)
    return [Judged(t["stream"], t["truth"], row["class"], n, bool(row.get("dormant")))
            for truths, rows in by_source.values() for t, row, n in pair_one_source(truths, rows)]


# --- comparing with what a scenario expects --------------------------------------------------------------------------
def as_share(rate):
    """A rate as 0..1, whether it came as that or in percent; None where it is no number."""
    if not isinstance(rate, (int, float)) or isinstance(rate, bool):
        return None
    return rate / 100 if rate > 1 else rate


def blocker_text(blocker):
    return " ".join(blocker.get(key) or "" for key in ("source", "service", "site"))


def is_meant(who, blocker):
    text = blocker_text(blocker)
    if who.service and re.search(who.service, text):
        return True
    if not who.network:
        return False
    for word in re.findall(r"[0-9A-Fa-f:.]+(?:/\d+)?", text):
        try:
            named = ipaddress.ip_network(word, strict=False)
        except ValueError:
            continue
        meant = ipaddress.ip_network(who.network)
        if named.version == meant.version and named.overlaps(meant):
            return True
    return False


def has_tag(record, tag):
    """Is `tag`, such as "p=reject", one of the record's tags?"""
    return tag in [part.replace(" ", "") for part in record.split(";")]


def check_verdict(expected, row, exit_code):
    faults = []
    verdict = row["verdict"]
    if verdict not in expected.verdict:
        failing = [f"{g['name']} {g['figure']} ({g['limit']})" for g in row["gates"] if g["ok"] is False]
        faults.append(f"verdict: expected {' or '.join(sorted(expected.verdict))}, found {verdict}"
                      + (f"; gates not passed: {', '.join(failing)}" if failing else "; all gates passed"))
    if exit_code != (0 if verdict in DONE else EXIT_NOT_READY):
        faults.append(f"exit code {exit_code} with {verdict}")
    if verdict != "READY" or verdict not in expected.verdict:
        return faults
    next_policy, record = str(row["next_policy"] or ""), str(row["next_record"] or "")
    if expected.next_policy and expected.next_policy not in next_policy:
        faults.append(f"next policy: expected {expected.next_policy}, found {next_policy!r}")
    wanted = expected.record_has + ((f"p={expected.next_policy}",) if expected.next_policy else ())
    faults += [f"next record lacks {tag}: {record!r}" for tag in wanted if not has_tag(record, tag)]
    faults += [f"next record has {tag}: {record!r}" for tag in expected.record_lacks if has_tag(record, tag)]
    return faults


def check_blockers(expected, row):
    blockers, faults = row["blockers"] or [], []
    shown = "; ".join(f"{blocker_text(b).strip()} ({b.get('class')})" for b in blockers[:6]) or "nobody"
    for who in expected.blocked_by:
        if row["verdict"] not in DONE and not any(is_meant(who, b) for b in blockers):
            faults.append(f"blockers: expected {who.network} {who.service}, found {shown}")
    for who in expected.not_blocked_by:
        if any(is_meant(who, b) for b in blockers):
            faults.append(f"blockers: did not expect {who.network} {who.service}, found {shown}")
    if row["verdict"] in DONE and blockers:
        faults.append(f"blockers: {row['verdict']} and yet blocked by {shown}")
    if expected.max_blockers is not None and len(blockers) > expected.max_blockers:
        faults.append(f"blockers: expected at most {expected.max_blockers}, found {len(blockers)}: {shown}")
    faults += [f"blockers: no repair for {blocker_text(b).strip()}" for b in blockers if not b.get("repair")]
    return faults


def check_gates(row):
    """The verdict must follow from its gates."""
    failing = [g["name"] for g in row["gates"] if g["ok"] is False]
    if row["verdict"] in DONE and failing:
        return [f"gates: {row['verdict']} with {', '.join(failing)} not passed"]
    if row["verdict"] not in DONE and not failing:
        return [f"gates: {row['verdict']} with every gate passed"]
    return []


def check_classes(expected, judged):
    faults = []
    by_stream = collections.defaultdict(collections.Counter)
    truth_of = {}
    for j in judged:
        by_stream[j.stream][j.given] += j.messages
        truth_of[j.stream] = j.truth
    for stream, found in by_stream.items():
        total = sum(found.values())
        shown = ", ".join(f"{given} {n / total:.1%}" for given, n in found.most_common())
        allowed = expected.classes.get(stream)
        if allowed and sum(found[c] for c in allowed) < expected.share * total:
            faults.append(f"class of {stream}: expected {' or '.join(sorted(allowed))}, found {shown}")
        never = expected.never.get(stream, scenarios.NEVER[truth_of[stream]]) - (allowed or set())
        wrong = sum(found[c] for c in never)
        if wrong > (0 if truth_of[stream] == OWN else NEVER_TOLERANCE * total):
            faults.append(f"class of {stream}: never {', '.join(sorted(never))}, found {shown}")
    for stream in expected.dormant:
        asleep = sum(j.messages for j in judged if j.stream == stream and j.dormant)
        if asleep * 2 < sum(by_stream[stream].values()):
            faults.append(f"{stream}: expected to be dormant")
    return faults


def check_rates(expected, row):
    faults = []
    for key, bounds in (("own_pass_rate", expected.own_pass_rate), ("raw_pass_rate", expected.raw_pass_rate)):
        rate = as_share(row[key])
        if bounds and (rate is None or not bounds[0] <= rate <= bounds[1]):
            faults.append(f"{key}: expected {bounds[0]} to {bounds[1]}, found {row[key]}")
    rate, lower = as_share(row["own_pass_rate"]), as_share(row["own_pass_lower"])
    if rate is not None and lower is not None and lower > rate + 1e-9:
        faults.append(f"own_pass_lower {lower} above own_pass_rate {rate}")
    return faults


def check_words(expected, said):
    said = said.lower()
    return ([f"says nothing of {word!r}" for word in expected.says if word.lower() not in said]
            + [f"says {word!r}" for word in expected.says_not if word.lower() in said])


def check_figures(expected, row):
    figures = {gate["name"]: gate["figure"] for gate in row["gates"]}
    return [f"gate {name}: expected {low} to {high}, found {figures.get(name)}"
            for name, (low, high) in expected.figures.items()
            if figures.get(name) is None or not low <= figures[name] <= high]


def check_counts(truth, domain, sources):
    listed, sent = sum(row["messages"] for row in sources), truth["domains"][domain]["messages"]
    return [] if listed == sent else [f"sources: {listed} messages listed, {sent} reported"]


def compare(scenario, truth, answers):
    """[fault] of a scenario; empty where all is as expected."""
    faults = []
    for domain, expected in scenario.expect.items():
        answer = answers[domain]
        found = check_verdict(expected, answer.readiness, answer.exit_code)
        found += check_blockers(expected, answer.readiness)
        found += check_gates(answer.readiness)
        found += check_rates(expected, answer.readiness)
        found += check_figures(expected, answer.readiness)
        found += check_words(expected, answer.said)
        found += check_classes(expected, judge_sources(truth, domain, answer.sources))
        found += check_counts(truth, domain, answer.sources)
        faults += [f"{domain}: {fault}" for fault in found] if len(scenario.expect) > 1 else found
    return faults


# --- scenarios and situations ----------------------------------------------------------------------------------------
# How bad a wrong answer is. Where several are wrong, the first counts.
HARMFUL, NEEDLESS, OTHER, UNTOLD = "harmful", "needless", "other", "untold"
MEANING = {HARMFUL: "a go-ahead that loses mail", NEEDLESS: "held back, or asked, without need",
           OTHER: "another verdict than the right one", UNTOLD: "the verdict is right, what is said of it is not"}


def kind_of_miss(scenario, answers, faults):
    """The worst of what is wrong; "" where nothing is."""
    kinds = set()
    for domain, expected in scenario.expect.items():
        verdict = answers[domain].readiness["verdict"] if domain in answers else "-"
        record = any("next record" in fault or "next policy" in fault for fault in faults)
        if verdict in DONE and (verdict not in expected.verdict or record):
            kinds.add(HARMFUL if not DONE & expected.verdict or record else OTHER)
        elif verdict not in expected.verdict:
            kinds.add(NEEDLESS if DONE & expected.verdict else OTHER)
    return next((k for k in (HARMFUL, NEEDLESS, OTHER) if k in kinds), UNTOLD if faults else "")


ALL = {s.name: s for s in scenarios.SCENARIOS + situations.SITUATIONS}


def try_scenario(task):
    """(name, seed, verdicts, faults, kind of miss)."""
    name, seed, options = task
    scenario = ALL[name]
    job = Job(name, scenario.world, seed, scenario.labels, scenario.asked_after, scenario.today, scenario.expect)
    try:
        truth, answers = run_job(job, options)
        verdicts = " ".join(answers[domain].readiness["verdict"] for domain in scenario.expect)
        faults = compare(scenario, truth, answers)
        return name, seed, verdicts, faults, kind_of_miss(scenario, answers, faults)
    except EngineError as fault:
        return name, seed, "-", [str(fault)], OTHER
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        return name, seed, "-", [f"an answer of another shape: {fault!r}"], OTHER


def outcome_of(name, seed, verdicts, kind):
    """(word, passed): is a wrong answer a known one, and does a known one still come?"""
    known = situations.KNOWN.get(name)
    if not known:
        return ("FAIL", False) if kind else ("ok", True)
    if seed != KNOWN_SEED:
        return ("known" if kind else "ok"), True
    return ("known", True) if f"{kind} {verdicts}" == known else ("FAIL", False)


def run_scenarios(options, pool):
    wanted = {"all": list(ALL), "scenarios": [s.name for s in scenarios.SCENARIOS],
              "situations": [s.name for s in situations.SITUATIONS]}[options.set]
    wanted = wanted[::options.every]
    unknown = set(options.only or ()) - set(ALL) - {"*"}
    if unknown:
        sys.exit(f"check.py: no scenario {', '.join(sorted(unknown))}")
    if options.only and "*" not in options.only:
        wanted = [name for name in ALL if name in options.only]
    tasks = [(name, options.seed + n, options) for name in wanted for n in range(options.seeds)]
    words, kinds = collections.Counter(), collections.defaultdict(set)
    for name, seed, verdicts, faults, kind in pool.imap(try_scenario, tasks):
        word, passed = outcome_of(name, seed, verdicts, kind)
        of_seed = f" seed {seed}" if options.seeds > 1 else ""
        print(f"{word:<5} {name:<34} {verdicts}{f' ({kind})' if kind else ''}{of_seed}", flush=True)
        if not passed and name in situations.KNOWN:
            print(f"       known as {situations.KNOWN[name]}: bring KNOWN in situations.py up to date")
        for fault in faults:
            print(f"       {fault}")
        if kind:
            print(f"       because: {ALL[name].reason}")
            kinds[kind].add(name)
        words["known" if word == "known" else "passed" if passed else "failed"] += 1
    for kind, names in kinds.items():
        print(f"{kind} ({MEANING[kind]}): {len(names)} of {len(wanted)}: {', '.join(sorted(names))}")
    known = f", {words['known']} known" if words["known"] else ""
    print(f"{words['passed']} passed, {words['failed']} failed{known}")
    return 1 if words["failed"] else 0


# --- mixtures --------------------------------------------------------------------------------------------------------
@dataclass
class MixtureResult:
    number: int
    verdict: str = "-"
    fault: str = ""
    confusion: collections.Counter = field(default_factory=collections.Counter)  # (truth, class)
    own_called_foreign: list = field(default_factory=list)   # texts
    unauth_called_foreign: list = field(default_factory=list)
    loss: list = field(default_factory=list)
    harmless: bool = False     # moving on would keep every promise
    held_for: list = field(default_factory=list)      # what speaks against moving all the same
    failed_gates: list = field(default_factory=list)  # texts, with the source that blocks most
    labels: int = 0            # that an owner gave who answered what he was asked
    answered: str = ""         # the verdict then
    answered_loss: list = field(default_factory=list)


def loss_of_moving(truth, domain, next_step):
    """[text] of each promise that READY would break; the truth alone decides."""
    mine = [s for s in truth["streams"] if s["domain"] == domain]
    own_limit, all_limit, one_limit = PROMISE[next_step]
    own = sum(s["window_messages"] for s in mine if s["truth"] == OWN)
    failing = sum(s["window_failing"] for s in mine if s["truth"] == OWN)
    unauth = {s["name"]: s["window_failing"] or s["last_run_failing"] for s in mine if s["truth"] == UNAUTH}
    found = [f"own mail fails: {failing} of {own} ({failing / own:.2%})"] if failing > own_limit * own else []
    found += [f"unauthenticated {name}: {n} against {own} own ({n / max(1, own):.2%})" for name, n in unauth.items()
              if n > one_limit * own]
    if not found and sum(unauth.values()) > all_limit * own:
        found.append(f"unauthenticated in all: {sum(unauth.values())} against {own} own")
    return found


def reasons_to_hold(truth, domain, next_step):
    """[text] of what speaks against moving though the month's mail as a whole would bear it; the truth alone decides."""
    own = [s for s in truth["streams"] if s["domain"] == domain and s["truth"] == OWN]
    messages, failing = (sum(s[f"last_days_{word}"] for s in own) for word in ("messages", "failing"))
    found = []
    if failing > PROMISE[next_step][0] * messages:
        found.append(f"own mail fails in the last days: {failing} of {messages}")
    for s in own:
        sent, lost = s["window_messages"], s["window_failing"]
        if sent < SOURCE_MESSAGES:
            continue
        if lost >= SOURCE_FAILURES and lost > SOURCE_PROMISE[next_step] * sent:
            found.append(f"{s['name']} fails: {lost} of {sent}")
        if next_step == "reject" and s["window_spf_alone"] > sent / 2:
            found.append(f"{s['name']} rests on SPF alone (RFC 9989 8)")
    return found


def gates_that_fail(row):
    failed = [g["name"] for g in row["gates"] if g["state"] == "FAIL"]
    return failed + [f"{b['class']} {b['service'] or b['source']}" for b in row["blockers"][:1]]


def foreign_calls(judged, truth_word):
    """["stream: class n of m"] for the owner's mail that was called somebody else's."""
    totals, wrong = collections.Counter(), collections.Counter()
    for j in judged:
        if j.truth == truth_word:
            totals[j.stream] += j.messages
            if j.given in FOREIGN:
                wrong[j.stream, j.given] += j.messages
    return [f"{stream}: {given} {n} of {totals[stream]}" for (stream, given), n in sorted(wrong.items())]


def try_mixture(task):
    number, options = task
    result = MixtureResult(number)
    domain = scenarios.D
    try:
        job = Job(f"mixture-{number}", mixtures.world_of(number), number, answers=options.answers)
        truth, answers = run_job(job, options)
        row = answers[domain].readiness
        result.verdict = row["verdict"]
        judged = judge_sources(truth, domain, answers[domain].sources)
        for j in judged:
            result.confusion[j.truth, j.given] += j.messages
        result.own_called_foreign = foreign_calls(judged, OWN)
        result.unauth_called_foreign = foreign_calls(judged, UNAUTH)
        step = str(row["next_policy"] or row["policy"])
        step = "reject" if "reject" in step else "quarantine"
        breaks = loss_of_moving(truth, domain, step)
        result.loss = breaks if result.verdict in DONE else []
        result.harmless = not breaks
        result.held_for = reasons_to_hold(truth, domain, step)
        result.failed_gates = gates_that_fail(row)
        if options.answers:
            answered, result.labels = answers[domain].answered
            result.answered = answered.readiness["verdict"]
            result.answered_loss = breaks if result.answered in DONE else []
    except (EngineError, KeyError, TypeError, ValueError, AttributeError) as fault:
        result.fault = f"{fault}" if isinstance(fault, EngineError) else f"an answer of another shape: {fault!r}"
    return result


def print_confusion(results):
    total = sum((r.confusion for r in results), collections.Counter())
    columns = [c for c in CLASSES + ("absent",) if any(total[t, c] for t in TRUTHS)]
    columns += sorted({c for _, c in total} - set(columns))
    print(f"{'messages':<12}" + "".join(f"{c:>19}" for c in columns))
    for t in TRUTHS:
        row_sum = sum(total[t, c] for c in columns) or 1
        print(f"{t:<12}" + "".join(f"{total[t, c]:>11} {total[t, c] / row_sum:>6.1%} " for c in columns))


def print_list(title, results, texts_of):
    hit = [r for r in results if texts_of(r)]
    print(f"\n{title}: {len(hit)} of {len(results)} mixtures")
    for r in hit:
        print(f"  --replay {r.number} ({r.verdict}): {'; '.join(texts_of(r))}")
    return len(hit)


def print_answered(results):
    """What became of them once the owner had answered, and how many lose mail then."""
    asked = [r for r in results if r.labels]
    counts = sorted(r.labels for r in asked)
    print(f"\nasked and answered with the labels printed: {len(asked)} of {len(results)} mixtures, "
          f"{counts[len(counts) // 2] if counts else 0} labels in the middle, {counts[-1] if counts else 0} at most")
    verdicts = collections.Counter(r.answered for r in asked)
    print("verdicts then: " + ", ".join(f"{v} {verdicts[v]}" for v in VERDICTS if verdicts[v]))
    held = [r for r in results if r.harmless and not r.held_for and r.answered not in DONE and not r.fault]
    print_list("still held back without need", held, lambda r: [f"{r.answered} after {r.labels} labels"])
    return print_list("READY or AT_TARGET then that loses more legitimate mail than its gates allow", results,
                      lambda r: r.answered_loss)


def run_mixtures(options, pool):
    first = options.seed * 1000
    numbers = range(first, first + options.mixtures) if options.replay is None else [options.replay]
    results = list(pool.imap(try_mixture, [(number, options) for number in numbers], chunksize=1))
    print_confusion(results)
    verdicts = collections.Counter(r.verdict for r in results)
    print("\nverdicts: " + ", ".join(f"{v} {verdicts[v]}" for v in VERDICTS + ("-",) if verdicts[v]))
    held = [r for r in results if r.harmless and r.verdict not in DONE and not r.fault]
    print_list("held back though moving on would have kept the limits, for a reason", held, lambda r: r.held_for)
    print_list("held back without need", held, lambda r: [] if r.held_for else r.failed_gates)
    own = print_list("own mail called foreign", results, lambda r: r.own_called_foreign)
    print_list("unauthenticated own mail called foreign", results, lambda r: r.unauth_called_foreign)
    lost = print_list("READY or AT_TARGET that loses more legitimate mail than its gates allow", results,
                      lambda r: r.loss)
    if options.answers:
        lost += print_answered(results)
    broken = print_list("no usable answer", results, lambda r: [r.fault] if r.fault else [])
    print(f"\n{len(results)} mixtures: {own} with own mail called foreign, {lost} with a harmful READY, "
          f"{broken} without an answer")
    return 1 if broken or (options.strict and (own or lost)) else 0


def main():
    parser = argparse.ArgumentParser(description="Tries the readiness engine of a dmarcctl binary on simulated mail.")
    parser.add_argument("--binary", required=True, metavar="PATH")
    parser.add_argument("--only", action="append", metavar="NAME", help="this scenario alone; may be repeated")
    parser.add_argument("--keep", metavar="DIR", help="leave reports, database, truth and answers there")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="with that seed and the N-1 after it")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth of them alone, for slow builds")
    parser.add_argument("--set", choices=("all", "scenarios", "situations"), default="all")
    parser.add_argument("--today", action="store_true", help="let the data end today, and ask without --as-of")
    parser.add_argument("--mixtures", type=int, nargs="?", const=200, metavar="N",
                        help="try N random mixtures instead (200)")
    parser.add_argument("--answers", action="store_true",
                        help="of mixtures: let the owner say whose mail is whose, with the labels that are printed")
    parser.add_argument("--replay", type=int, metavar="NUMBER", help="try this one mixture")
    parser.add_argument("--strict", action="store_true", help="fail where a mixture shows a harmful error")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    if not os.access(options.binary, os.X_OK):
        sys.exit(f"check.py: {options.binary} cannot be run")
    with multiprocessing.Pool(options.jobs) as pool:
        if options.mixtures or options.replay is not None:
            return run_mixtures(options, pool)
        return run_scenarios(options, pool)


if __name__ == "__main__":
    sys.exit(main())

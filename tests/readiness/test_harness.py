#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the simulator and of its judge: what they say of an engine is worth what they are."""
import copy
import functools
import hashlib
import ipaddress
import pathlib
import re
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

import check
import mixtures
import scenarios
import simulate
import situations

END_S = simulate.day_begin(simulate.DEFAULT_END)
RANGES = [ipaddress.ip_network(n)
          for n in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "2001:db8::/32")]


def generated(world, seed=1):
    """(truth, {file name: bytes})."""
    with tempfile.TemporaryDirectory() as directory:
        truth = simulate.generate(world, directory, seed, END_S)
        return truth, {path.name: path.read_bytes() for path in sorted(pathlib.Path(directory).iterdir())}


ALL = scenarios.SCENARIOS + situations.SITUATIONS


@functools.cache
def truth_of(name):
    return simulate.generate(next(s for s in ALL if s.name == name).world, None, 1, END_S)


def digest(files):
    return hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()


def plain(document):
    """The tree of a report without namespaces."""
    return ElementTree.fromstring(re.sub(rb' xmlns="[^"]*"', b"", document))


class TheGenerator(unittest.TestCase):
    def test_counts_of_the_files_are_the_counts_of_the_truth(self):
        worlds = [scenarios.by_name(n).world for n in ("usual", "two_domains", "weekly_reporter", "clock_ahead")]
        for world in worlds + [mixtures.world_of(n) for n in range(4)]:
            truth, files = generated(world)
            self.assertEqual(truth["reports"], len(files))
            messages, by_source = {}, {}
            for document in files.values():
                root = plain(document)
                domain = root.findtext("policy_published/domain")
                for record in root.iter("record"):
                    count = int(record.findtext("row/count"))
                    messages[domain] = messages.get(domain, 0) + count
                    key = domain, record.findtext("row/source_ip")
                    by_source[key] = by_source.get(key, 0) + count
            self.assertEqual(messages, {name: d["messages"] for name, d in truth["domains"].items()})
            told = {}
            for p in truth["patterns"]:
                told[p["domain"], p["source_ip"]] = told.get((p["domain"], p["source_ip"]), 0) + p["messages"]
            self.assertEqual(told, by_source)

    def test_failing_messages_of_the_files_are_those_of_the_truth(self):
        truth, files = generated(scenarios.by_name("rotation_breaks_service").world)
        failing = 0
        for document in files.values():
            for record in plain(document).iter("record"):
                evaluated = record.find("row/policy_evaluated")
                if evaluated.findtext("dkim") == evaluated.findtext("spf") == "fail":
                    failing += int(record.findtext("row/count"))
        self.assertEqual(failing, sum(s["failing"] for s in truth["streams"]))
        self.assertGreater(failing, 1000)

    def test_the_truth_is_the_same_where_no_report_is_written(self):
        for name in ("provider_rotation", "testing_tag", "two_domains"):
            self.assertEqual(truth_of(name), generated(scenarios.by_name(name).world)[0], name)

    def test_the_seed_alone_decides(self):
        world = scenarios.by_name("provider_rotation").world
        self.assertEqual(digest(generated(world)[1]), digest(generated(world)[1]))
        self.assertNotEqual(digest(generated(world)[1]), digest(generated(world, 2)[1]))
        self.assertEqual(mixtures.world_of(7), mixtures.world_of(7))

    def test_every_scenario_is_well_formed_and_keeps_to_sample_addresses(self):
        for scenario in ALL[::6]:
            _, files = generated(scenario.world)
            for name, document in files.items():
                for record in plain(document).iter("record"):
                    ip = ipaddress.ip_address(record.findtext("row/source_ip"))
                    known = any(ip in n for n in RANGES if n.version == ip.version)
                    self.assertTrue(known, f"{scenario.name} {name} {ip}")

    def test_reports_end_before_the_day_after_the_data(self):
        _, files = generated(scenarios.by_name("usual").world)
        ends = [int(plain(f).findtext("report_metadata/date_range/end")) for f in files.values()]
        self.assertEqual(max(ends), END_S - 1)

    def test_a_tag_not_yet_in_force_weakens_the_disposition(self):
        _, files = generated(scenarios.by_name("testing_tag").world)
        for name, document in files.items():
            if name.startswith("bigmail"):
                self.assertFalse([r for r in plain(document).iter("disposition") if r.text == "quarantine"])

    def test_strict_alignment_needs_the_same_name(self):
        auth = simulate.Auth((("mail.example.com", "m1", "pass"),), ("bounce.example.com", "pass"))
        self.assertEqual(simulate.passes(auth, "example.com", simulate.Policy()), (True, True))
        self.assertEqual(simulate.passes(auth, "example.com", simulate.Policy(adkim="s")), (False, True))
        self.assertEqual(simulate.passes(auth, "example.net", simulate.Policy()), (False, False))


class TheScenarios(unittest.TestCase):
    def test_names_are_unique_and_expectations_name_streams_that_exist(self):
        names = [s.name for s in ALL]
        self.assertEqual(len(names), len(set(names)))
        self.assertLessEqual(set(situations.KNOWN), set(names))
        for scenario in ALL:
            for name, expected in scenario.expect.items():
                domain = next(d for d in scenario.world.domains if d.name == name)
                known = {stream.name for stream in domain.streams}
                named = set(expected.classes) | set(expected.never) | set(expected.dormant)
                self.assertLessEqual(named, known, scenario.name)
                self.assertLessEqual(expected.verdict, set(check.VERDICTS), scenario.name)
                for classes in list(expected.classes.values()) + list(expected.never.values()):
                    self.assertLessEqual(set(classes), set(check.CLASSES), scenario.name)

    def test_a_scenario_that_must_be_ready_loses_no_more_than_its_gates_allow(self):
        for scenario in ALL:
            for name, expected in scenario.expect.items():
                if expected.verdict != {"READY"} or scenario.asked_after < 0 or scenario.labels \
                        or "sp=none" in expected.record_has:
                    continue
                loss = check.loss_of_moving(truth_of(scenario.name), name, expected.next_policy)
                self.assertEqual(loss, [], scenario.name)


CLASS_OF = {simulate.OWN: "own", simulate.UNAUTH: "undecided", simulate.FORWARDER: "forwarder",
            simulate.LIST: "forwarder_modified", simulate.SPOOF: "suspicious"}


def perfect_answers(scenario, truth):
    """What an engine would answer that knew the truth."""
    answers = {}
    for domain, expected in scenario.expect.items():
        verdict = sorted(expected.verdict)[0]
        done = verdict in check.DONE
        sources = [{"source_ip": p["source_ip"], "messages": p["messages"], "service": "", "evidence": "",
                    "class": sorted(expected.classes.get(p["stream"], {CLASS_OF[p["truth"]]}))[0],
                    "dormant": p["stream"] in expected.dormant} for p in truth["patterns"] if p["domain"] == domain]
        tags = {tag.split("=")[0]: tag for tag in (f"p={expected.next_policy}", *expected.record_has)}
        row = {"domain": domain, "verdict": verdict, "policy": "none", "next_policy": expected.next_policy,
               "next_record": "; ".join(["v=DMARC1", *tags.values()]), "whatif": {},
               "own_pass_rate": sum(expected.own_pass_rate or (1, 1)) / 2, "own_pass_lower": 0.9,
               "raw_pass_rate": sum(expected.raw_pass_rate or (1, 1)) / 2,
               "gates": [{"name": "all", "figure": 1, "limit": 1, "ok": done}]
                        + [{"name": name, "figure": low, "limit": 1, "ok": True}
                           for name, (low, _) in expected.figures.items()],
               "blockers": [] if done else [{"source": w.network or w.service, "service": None, "class": "?", "messages": 1,
                                             "repair": "mend"} for w in expected.blocked_by]}
        answers[domain] = check.Answer(0 if done else check.EXIT_NOT_READY, row, sources, " ".join(expected.says))
    return answers


class TheJudge(unittest.TestCase):
    def setUp(self):
        self.scenario = scenarios.by_name("labelled_legitimate")
        self.truth = truth_of(self.scenario.name)
        self.answers = perfect_answers(self.scenario, self.truth)

    def faults(self, change):
        answers = copy.deepcopy(self.answers)
        change(answers[scenarios.D])
        return " / ".join(check.compare(self.scenario, self.truth, answers))

    def test_perfect_answers_pass_everywhere(self):
        for scenario in ALL:
            truth = truth_of(scenario.name)
            self.assertEqual(check.compare(scenario, truth, perfect_answers(scenario, truth)), [], scenario.name)

    def test_another_verdict_is_told(self):
        told = self.faults(lambda a: a.readiness.update(verdict="READY"))
        self.assertIn("verdict: expected NOT_READY, found READY", told)

    def test_a_blocker_that_is_missing_is_told(self):
        self.assertIn("blockers: expected 198.19.30.0/24", self.faults(lambda a: a.readiness.update(blockers=[])))

    def test_a_blocker_may_be_named_by_service_network_or_address(self):
        for name in ("Mailchimp", "mcsv.net", "198.19.30.22", "198.19.0.0/16"):
            self.assertTrue(check.is_meant(scenarios.MAILCHIMP, {"source": name, "service": None}), name)
        for name in ("SendGrid", "198.19.31.22", "2001:db8::1", ""):
            self.assertFalse(check.is_meant(scenarios.MAILCHIMP, {"source": name, "service": None}), name)

    def test_one_own_message_called_foreign_is_told(self):
        def change(answer):
            row = next(r for r in answer.sources if r["source_ip"] == "192.0.2.10")
            answer.sources.append({**row, "messages": 1, "class": "suspicious"})
            row["messages"] -= 1
        self.assertIn("class of office: never", self.faults(change))

    def test_messages_that_are_missing_are_told(self):
        self.assertIn("messages listed", self.faults(lambda a: a.sources.pop()))

    def test_a_gate_that_contradicts_the_verdict_is_told(self):
        self.assertIn("gates:", self.faults(lambda a: a.readiness["gates"][0].update(ok=True)))

    def test_the_wrong_exit_code_is_told(self):
        self.assertIn("exit code 0", self.faults(lambda a: setattr(a, "exit_code", 0)))

    def test_a_tag_is_no_part_of_another(self):
        self.assertFalse(check.has_tag("v=DMARC1; p=none; sp=reject", "p=reject"))
        self.assertTrue(check.has_tag("v=DMARC1; p=reject;rua=mailto:a@example.com", "p=reject"))

    def test_shared_addresses_are_paired_by_count_then_by_likeness(self):
        truths = [{"stream": "ses", "truth": "own", "pattern": "own_signature_passes", "messages": 90},
                  {"stream": "abuse", "truth": "spoof", "pattern": "nothing_own", "messages": 10}]
        rows = [{"messages": 90, "class": "suspicious"}, {"messages": 10, "class": "own"}]
        paired = {(t["stream"], r["class"]): n for t, r, n in check.pair_one_source(truths, rows)}
        self.assertEqual(paired, {("ses", "suspicious"): 90, ("abuse", "own"): 10})
        rows = [{"messages": 60, "class": "undecided"}, {"messages": 40, "class": "own"}]
        paired = {(t["stream"], r["class"]): n for t, r, n in check.pair_one_source(truths, rows)}
        self.assertEqual(paired, {("ses", "own"): 40, ("ses", "undecided"): 50, ("abuse", "undecided"): 10})

    def test_words_and_figures_that_are_missing_are_told(self):
        expected = scenarios.Expect(frozenset(), says=("replay",), says_not=("surge",), figures={"data_days": (13, 13)})
        self.assertEqual(check.check_words(expected, "A Replay is suspected"), [])
        self.assertEqual(len(check.check_words(expected, "a surge")), 2)
        self.assertEqual(check.check_figures(expected, {"gates": [{"name": "data_days", "figure": 13}]}), [])
        self.assertEqual(len(check.check_figures(expected, {"gates": [{"name": "data_days", "figure": 14}]})), 1)

    def test_a_miss_is_as_bad_as_what_it_does(self):
        def kind(name, verdict, faults=("x",)):
            scenario = check.ALL[name]
            answer = check.Answer(0, {"verdict": verdict}, [])
            return check.kind_of_miss(scenario, {scenarios.D: answer}, list(faults))
        self.assertEqual(kind("hospital_server", "READY"), check.HARMFUL)
        self.assertEqual(kind("hospital_server", "STALE"), check.OTHER)
        self.assertEqual(kind("hospital_server", "NEEDS_DECISION"), check.UNTOLD)
        self.assertEqual(kind("gulf_company", "NOT_READY"), check.NEEDLESS)
        self.assertEqual(kind("gulf_company", "READY", ()), "")
        self.assertEqual(kind("hubspot_as_a_subdomain", "READY", ["next record lacks sp=none: ''"]), check.HARMFUL)

    def test_a_known_failure_that_goes_away_fails_the_run(self):
        situations.KNOWN["gulf_company"] = "needless NOT_READY"
        try:
            self.assertEqual(check.outcome_of("gulf_company", 1, "NOT_READY", check.NEEDLESS), ("known", True))
            self.assertEqual(check.outcome_of("gulf_company", 1, "READY", ""), ("FAIL", False))
            self.assertEqual(check.outcome_of("gulf_company", 2, "READY", ""), ("ok", True))
        finally:
            del situations.KNOWN["gulf_company"]

    def test_what_a_receiver_does_to_mail_is_not_what_was_sent(self):
        world = scenarios.by_name("usual").world
        for quirk, unchecked, failing in (({"temperror": 0.5}, True, False), ({"breaks": 0.5}, False, True)):
            of = scenarios.reporters(bigmail=quirk)
            truth = simulate.generate(scenarios.replace(world, reporters=of), None, 1, END_S)
            ses = next(s for s in truth["streams"] if s["name"] == "ses")
            self.assertEqual(ses["window_unchecked"] > 100, unchecked)
            self.assertEqual(ses["window_failing"] > 100, failing)

    def test_a_reporter_may_report_nothing(self):
        world = check.ALL["reporters_without_mail"].world
        truth, files = generated(world)
        empty = [f for name, f in files.items() if name.startswith("bigmail")]
        self.assertEqual(len(empty), world.days)
        self.assertEqual(truth["reports"], len(files))
        self.assertFalse([r for f in empty for r in plain(f).iter("record")])

    def test_an_owner_answers_the_truth_with_what_is_printed(self):
        question = {"source": "203.0.113.9", "class": "undecided", "repair":
                    "decide: if it passes your mail on, 'dmarcctl label \"Some Lists\" forwarder --domain example.com'; "
                    "else 'dmarcctl label 0.0.0.0/0 unauthorised --domain example.com' and "
                    "'dmarcctl label ::/0 unauthorised --domain example.com'"}
        unauthorised = [["label", network, "unauthorised", "--domain", "example.com"] for network in ("0.0.0.0/0", "::/0")]
        wanted = {simulate.LIST: [["label", "Some Lists", "forwarder", "--domain", "example.com"]],
                  simulate.SPOOF: unauthorised, simulate.UNAUTH: []}
        for whose, commands in wanted.items():
            patterns = [{"domain": scenarios.D, "source_ip": "203.0.113.9", "truth": truth, "pattern": pattern,
                         "messages": messages}
                        for truth, pattern, messages in ((whose, "nothing_own", 5), (simulate.OWN, "own_spf_passes", 99),
                                                         (simulate.OWN, "own_signature_fails", 1))]
            self.assertEqual(check.true_answers({"patterns": patterns}, scenarios.D, question), commands)

    def test_a_ready_that_loses_mail_is_harm(self):
        truth = truth_of("service_unauthenticated")
        self.assertIn("unauthenticated mailchimp", check.loss_of_moving(truth, scenarios.D, "quarantine")[0])
        truth = truth_of("quarterly_unauthenticated")
        self.assertIn("unauthenticated mailchimp", check.loss_of_moving(truth, scenarios.D, "quarantine")[0])
        truth = truth_of("own_server_fails")
        self.assertIn("own mail fails", check.loss_of_moving(truth, scenarios.D, "quarantine")[0])


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds `dmarcctl export` against a corpus of real documents with independent ground truth.

  check.py --binary BUILD/cmd/dmarcctl [--corpus DIR] [--every N] [--verbose]

Each file is imported into a database of its own. Where the truth says the XML is well-formed, every field of every
record must be equal after normalisation; where it had to be recovered, no record may be missing; everywhere else the
ledger must have a line with a cause. Without the corpus the test says that it skips and exits with 77.
"""
import argparse
import concurrent.futures
import ipaddress
import json
import os
import subprocess
import sys
import tempfile

os.environ["DMARCCTL_CONFIG"] = os.devnull  # nothing may depend on the configuration of the machine

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = {
    "policy": {w: w for w in ("none", "quarantine", "reject")},
    "disposition": {w: w for w in ("none", "quarantine", "reject", "pass")},
    "alignment": {"r": "r", "s": "s", "relaxed": "r", "strict": "s"},
    "dkim": {**{w: w for w in ("none", "pass", "fail", "policy", "neutral", "temperror", "permerror")},
             "error": "permerror", "unknown": "temperror", "invalid": "permerror", "hardfail": "fail"},
    "spf": {**{w: w for w in ("none", "pass", "fail", "policy", "neutral", "softfail", "temperror", "permerror")},
            "error": "permerror", "unknown": "temperror", "hardfail": "fail"},
    "scope": {"mfrom": "mfrom", "helo": "helo", "mailfrom": "mfrom"},
    "reason": {w: w for w in ("forwarded", "sampled_out", "trusted_forwarder", "mailing_list", "local_policy", "other",
                              "policy_test_mode")},
    "other": {},
}
RESULT_WORDS = set(WORDS["spf"]) | set(WORDS["dkim"])


def text(value):
    return value.strip() or None if value else None


def word(kind, value):
    value = text(value)
    return WORDS[kind].get(value.lower(), value) if value else None


def domain(value):
    value = text(value)
    return value.lower().rstrip(".") or None if value else None


def evaluated(value):
    value = text(value)
    if not value or value.lower() not in RESULT_WORDS | {"softfail", "neutral"}:
        return None
    return "pass" if value.lower() == "pass" else "fail"


def address(value):
    value = text(value)
    try:
        ip = ipaddress.ip_address(value or "")
    except ValueError:
        return value
    return str(getattr(ip, "ipv4_mapped", None) or ip)


def seconds(value):
    value = text(value)
    try:
        return int(float(value)) if value else None
    except ValueError:
        return None


def iso(value):
    s = seconds(value)
    if s is None:
        return None
    import datetime
    return datetime.datetime.fromtimestamp(s, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def number(value):
    value = text(value)
    return int(value) if value and value.isdigit() else value


def count(value):
    value = text(value)
    return int(value) if value and value.isdigit() else None


def results(kind, entries):
    """Normalised, without empties and exact repeats, in order."""
    found = []
    detail = "selector" if kind == "dkim" else "scope"
    for entry in entries:
        value = {"domain": domain(entry["domain"]),
                 detail: text(entry[detail]) if kind == "dkim" else word("scope", entry[detail]),
                 "result": word(kind, entry["result"]), "human_result": text(entry["human_result"])}
        if any(value.values()) and value not in found:
            found.append(value)
    return found


def reasons(entries):
    return [{"type": word("reason", e.get("type") or e.get("text")) or "other", "comment": text(e.get("comment"))}
            for e in entries]


def expected_org(doc, name):
    org = text(doc["org_name"])
    if org:
        return org
    email = text(doc["email"])
    if email and "@" in email:
        return email.rpartition("@")[2].rstrip(">")
    submitter = os.path.basename(name).partition("!")[0] if "!" in os.path.basename(name) else None
    return submitter or None


def expected(doc, name):
    policy = doc["policy"]
    head = {"org_name": expected_org(doc, name), "email": text(doc["email"]), "report_id": text(doc["report_id"]),
            "begin": iso(doc["begin"]), "end": iso(doc["end"]), "policy_domain": domain(policy["domain"]),
            "p": word("policy", policy["p"]), "sp": word("policy", policy["sp"]), "np": word("policy", policy["np"]),
            "adkim": word("alignment", policy["adkim"]), "aspf": word("alignment", policy["aspf"]),
            "pct": number(policy["pct"]), "fo": text(policy["fo"]), "testing": word("other", policy["testing"]),
            "discovery_method": word("other", policy["discovery_method"])}
    for r in doc["records"]:
        yield {**head, "source_ip": address(r["source_ip"]), "count": count(r["count"]),
               "disposition": word("disposition", r["disposition"]), "dkim": evaluated(r["dkim_eval"]),
               "spf": evaluated(r["spf_eval"]), "header_from": domain(r["header_from"]),
               "envelope_from": domain(r["envelope_from"]), "envelope_to": domain(r["envelope_to"]),
               "reasons": reasons(r["reasons"]), "auth_dkim": results("dkim", r["auth_dkim"]),
               "auth_spf": results("spf", r["auth_spf"])}


def ask(binary, verb, db, *more):
    out = subprocess.run([binary, verb, "--db", db, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if out.returncode not in (0, 3):
        raise RuntimeError("%s: exit %d: %s" % (verb, out.returncode, out.stderr.decode("utf-8", "replace")))
    return out.stdout.decode()


def differences(want, have):
    """Fields of one record that differ; our own additions (alignment, damaged, origin) are not the truth's."""
    return ["%s: truth %r, export %r" % (k, v, have.get(k)) for k, v in want.items()
            if have.get(k) != v and not is_null_path(k, v, have.get(k))]


def is_null_path(key, want, have):
    """An empty envelope_from is the null reverse-path; the truth does not tell it from an absent one, or has it as <>."""
    return key == "envelope_from" and have == "" and want in (None, "<>")


def compare_document(doc, want, have):
    if not doc["strict_xml"]:
        return ["%d records, truth has %d" % (len(have), len(want))] if len(have) < len(want) else []
    if len(have) != len(want):
        return ["%d records, truth has %d" % (len(have), len(want))]
    return [d for w, h in zip(want, have) for d in differences(w, h)]


def check_file(binary, corpus, truth):
    """(verdict, lines): exact, recovered, told (a ledger line with a cause), or wrong."""
    path = os.path.join(corpus, "files", truth["file"])
    docs = [d for d in truth.get("docs", [])]
    with tempfile.TemporaryDirectory() as folder:
        db = os.path.join(folder, "t.db")
        ask(binary, "import", db, path)
        rows = [json.loads(line) for line in ask(binary, "export", db, "--format", "ndjson").splitlines()]
        errors = json.loads(ask(binary, "errors", db, "--format", "json"))["rows"]
    causes = [e for e in errors if e["reason"]]
    left = list(rows)
    faults = []
    for doc in docs:
        want = list(expected(doc, doc.get("inner_name") or path))
        have, left = left[:max(len(want), 0)], left[max(len(want), 0):]
        faults += compare_document(doc, want, have)
    strict = all(d["strict_xml"] for d in docs)
    if not faults and strict and left:
        faults.append("%d records more than the truth" % len(left))
    if faults:
        return "wrong", faults
    if docs and any(d["n_records"] for d in docs):
        return ("exact" if strict else "recovered"), []
    return ("told", []) if causes or rows else ("wrong", ["no record, and no ledger line with a cause"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--corpus", default=os.path.join(HERE, "..", "..", "..", "shared", "corpus"))
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth file alone, for slow builds")
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    truth_file = os.path.join(args.corpus, "truth.jsonl")
    if not os.path.exists(truth_file):
        print("SKIP: no corpus at %s" % args.corpus)
        return 77
    with open(truth_file, encoding="utf-8") as f:
        truths = [json.loads(line) for line in f][::args.every]
    known = read_known()
    totals, unexplained = {}, 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for truth, (verdict, lines) in zip(truths, pool.map(lambda t: check_file(args.binary, args.corpus, t), truths)):
            if verdict == "wrong" and truth["file"] in known:
                verdict = "differs, explained"
                print("differs: %s: %s" % (truth["file"], known[truth["file"]]))
                lines = lines if args.verbose else []
            totals[verdict] = totals.get(verdict, 0) + 1
            unexplained += verdict == "wrong"
            for line in lines[:6]:
                print("%s: %s: %s" % (verdict, truth["file"], line))
    print(", ".join("%d %s" % (n, v) for v, n in sorted(totals.items())) + " of %d files" % len(truths))
    return 1 if unexplained else 0


def read_known():
    """Files on which the truth and export differ, with who is right and why: FILE<TAB>sentence."""
    with open(os.path.join(HERE, "known-differences.tsv"), encoding="utf-8") as f:
        return dict(line.rstrip("\n").split("\t", 1) for line in f if line.strip() and not line.startswith("#"))


if __name__ == "__main__":
    sys.exit(main())

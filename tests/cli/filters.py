#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Filters, sorting and limits: every figure of every verb, counted a second time from the unfiltered export."""
import datetime
import ipaddress
import itertools
import os
import time

from harness import SAMPLE, Suite, record, report, some

suite = Suite()
DAY = 86400
NOW = int(time.time())


def iso(s):
    return datetime.datetime.fromtimestamp(s, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


# The sample, and what it lacks: every disposition, records that nobody evaluated or counted, sources that are no
# address, a policy domain below another, and reports of the last days.
os.mkdir("more")
ODD = {
    "odd1": report("odd1", record(disposition="quarantine", dkim="fail", spf="fail", ip="2001:db8::1", count=7) +
                   record(disposition="reject", dkim="fail", spf="fail", ip="not an address", count=11) +
                   record(disposition="pass", dkim="pass", spf="fail", ip="203.0.113.9", count=13) +
                   record(disposition="bounced", dkim="", spf="", ip="203.0.113.8", count=17) +
                   record(count="many", ip="203.0.113.7") + record(header_from="sub.example.com", count=19) +
                   record(header_from="notexample.com", count=23) + record(header_from="", count=29), org="ODD Org"),
    "odd2": report("odd2", record(header_from="mail.example.com", count=31), domain="mail.example.com", org="odd org"),
    "odd3": report("odd3", record(header_from="example.com", count=37), domain="com", org="Other \u00dc"),
    "odd4": report("odd4", record(count=41), begin="never", end="ever"),
    "odd5": report("odd5", record(count=43), domain=""),
}
for days in (0, 1, 2, 5, 10, 40):
    ODD["last%d" % days] = report("last%d" % days, record(count=100 + days, header_from="recent.example.org"), begin=NOW - days * DAY - 600,
                                  end=NOW - days * DAY - 1, domain="recent.example.org")
for name, data in ODD.items():
    with open("more/%s.xml" % name, "wb") as f:
        f.write(data)
suite.run("import", "--db", "t.db", "--quiet", SAMPLE, "more")
ALL = suite.rows("export", "--db", "t.db")
suite.equal("the data is there", len(ALL), 1061 + 12 + 6)


# --- the filters a second time --------------------------------------------------------------------------------------

def within(name, domain):
    return bool(name) and (name == domain or name.endswith("." + domain))


def source_in(text, network):
    try:
        return ipaddress.ip_address(text) in network
    except (ValueError, TypeError):
        return False


def evaluated(r):
    return r["dkim"] is not None or r["spf"] is not None


def passes(r):
    return r["dkim"] == "pass" or r["spf"] == "pass"


def is_since(text, bound):
    return text is not None and seconds(text) >= bound


def is_before(text, bound):
    return text is not None and seconds(text) < bound


def day(text):
    return seconds(text + "T00:00:00Z")


# --- reports of several days a second time ----------------------------------------------------------------------------

def begins(r):
    """Where each day of the record's report begins, and its end."""
    begin, end = (r[k] and int(seconds(r[k])) for k in ("begin", "end"))
    if begin is None or end is None or not DAY + 60 < end - begin <= 92 * DAY:
        return [r["begin"]], r["end"]
    midnights = range(begin // DAY * DAY + DAY, end, DAY)
    return [iso(s) for s in (begin, *midnights)], r["end"]


def share(r, until_s):
    """The messages before this moment; as if there were one where there are none, or nobody knows."""
    begin, end = int(seconds(r["begin"])), int(seconds(r["end"]))
    product = (r["count"] or 1) * (until_s - begin)
    phase = (0x80000000 + r["position"] * 0x9e3779b9) % 2**32
    return product // (end - begin) + ((product % (end - begin)) * 2**32 + phase * (end - begin) >= (end - begin) * 2**32)


def by_days(r):
    """A record as one a day of its report, each with its share; `there`: is it met on that day?"""
    days, end = begins(r)
    if len(days) == 1:
        return [dict(r, there=True)]
    moments = [int(seconds(t)) for t in days] + [int(seconds(end))]
    parts = []
    for n, begin in enumerate(days):
        messages = share(r, moments[n + 1]) - share(r, moments[n])
        last = end if n + 1 == len(days) else iso(moments[n + 1] - 1)
        parts.append(dict(r, begin=begin, end=last, count=messages if r["count"] else r["count"], there=messages > 0))
    return parts


for report_records in itertools.groupby(ALL, lambda r: (r["origin"], r["report_id"])):
    for position, r in enumerate(report_records[1]):
        r["position"] = position
for number, r in enumerate(ALL):
    r["number"] = number
PARTS = [part for r in ALL for part in by_days(r)]
OF_STORE = [{k: v for k, v in r.items() if k not in ("position", "number")} for r in ALL]


# What may be given, as (options, does a record fit).
FILTERS = [
    (["--domain", "example.com"], lambda r: within(r["policy_domain"], "example.com") or
     within(r["header_from"], "example.com")),
    (["--domain", "shop.example.com"], lambda r: within(r["header_from"], "shop.example.com")),
    (["-d", "COM."], lambda r: within(r["policy_domain"], "com") or within(r["header_from"], "com")),
    (["--domain", "nowhere.example"], lambda r: False),
    (["--domain", "shop.example.com", "--domain", "Example.ORG"], lambda r: within(r["header_from"], "shop.example.com") or
     within(r["policy_domain"], "example.org") or within(r["header_from"], "example.org")),
    (["-d", "nowhere.example", "-d", "mail.example.com", "-d", "shop.example.com"],
     lambda r: within(r["header_from"], "mail.example.com") or within(r["header_from"], "shop.example.com")),
    (["--header-from", "shop.example.com"], lambda r: r["header_from"] == "shop.example.com"),
    (["--header-from", "Example.Org"], lambda r: r["header_from"] == "example.org"),
    (["--since", "2026-10-20"], lambda r: is_since(r["begin"], day("2026-10-20"))),
    (["--since", "2026-10-20T12:00:00Z"], lambda r: is_since(r["begin"], day("2026-10-20") + 43200)),
    (["--until", "2026-09-20"], lambda r: is_before(r["begin"], day("2026-09-21"))),
    (["--until", "2026-9-20"], lambda r: is_before(r["begin"], day("2026-09-21"))),
    (["--until", "2026-09-20T00:00:00Z"], lambda r: is_before(r["begin"], day("2026-09-20"))),
    (["--since", "2026-10-01", "--until", "2026-10-02"],
     lambda r: is_since(r["begin"], day("2026-10-01")) and is_before(r["begin"], day("2026-10-03"))),
    (["--last", "3d"], lambda r: is_since(r["begin"], NOW - 3 * DAY)),
    (["--last", "36h"], lambda r: is_since(r["begin"], NOW - 36 * 3600)),
    (["--last", "2w"], lambda r: is_since(r["begin"], NOW - 14 * DAY)),
    (["--source", "192.0.2.11"], lambda r: source_in(r["source_ip"], ipaddress.ip_network("192.0.2.11"))),
    (["--source", "203.0.113.77/25"], lambda r: source_in(r["source_ip"], ipaddress.ip_network("203.0.113.0/25"))),
    (["--source", "2001:db8:a000::/36"],
     lambda r: source_in(r["source_ip"], ipaddress.ip_network("2001:db8:a000::/36"))),
    (["--source", "0.0.0.0/0"], lambda r: source_in(r["source_ip"], ipaddress.ip_network("0.0.0.0/0"))),
    (["--source", "::ffff:192.0.2.30"], lambda r: source_in(r["source_ip"], ipaddress.ip_network("192.0.2.30"))),
    (["--reporter", "odd org"], lambda r: (r["org_name"] or "").lower() == "odd org"),
    (["--reporter", "Universit\u00e4t Beispiel"], lambda r: r["org_name"] == "Universit\u00e4t Beispiel"),
    (["--reporter", "Example"], lambda r: False),
    (["--aligned", "yes"], lambda r: evaluated(r) and passes(r)),
    (["--aligned", "no"], lambda r: evaluated(r) and not passes(r)),
    (["--disposition", "none"], lambda r: r["disposition"] == "none"),
    (["--disposition", "Quarantine"], lambda r: r["disposition"] == "quarantine"),
    (["--disposition", "reject"], lambda r: r["disposition"] == "reject"),
    (["--disposition", "pass"], lambda r: r["disposition"] == "pass"),
    (["--id", "odd1"], lambda r: r["report_id"] == "odd1"),
    (["--id", "nosuch"], lambda r: False),
]


# --- the answers a second time --------------------------------------------------------------------------------------

def identity(r):
    return (r["org_name"], r["policy_domain"], r["report_id"], r["begin"], r["end"])


def tally(parts):
    records = list({r["number"]: r for r in parts if r["there"]}.values())
    reports = {identity(ALL[r["number"]]) for r in records}
    days = [r for r in parts if identity(ALL[r["number"]]) in reports]
    counted = [r for r in parts if r["count"] is not None]
    uncounted = [r for r in records if r["count"] is None]

    def sum_of(fits):
        return sum(r["count"] for r in counted if fits(r))
    return {
        "messages": sum_of(lambda r: True), "records": len(records), "reports": len(reports),
        "uncounted_records": len(uncounted),
        "pass": sum_of(passes), "fail": sum_of(lambda r: evaluated(r) and not passes(r)),
        "unevaluated": sum_of(lambda r: not evaluated(r)),
        "pass_both": sum_of(lambda r: r["dkim"] == r["spf"] == "pass"),
        "pass_dkim_only": sum_of(lambda r: r["dkim"] == "pass" != r["spf"]),
        "pass_spf_only": sum_of(lambda r: r["spf"] == "pass" != r["dkim"]),
        "pass_none": sum_of(lambda r: evaluated(r) and not passes(r)),
        **{"disposition_" + w: sum_of(lambda r, w=w: r["disposition"] == w)
           for w in ("none", "quarantine", "reject", "pass")},
        "disposition_other": sum_of(lambda r: r["disposition"] not in ("none", "quarantine", "reject", "pass")),
        "dkim_disagree": sum_of(lambda r: r["dkim"] and r["dkim_aligned"] is not None and
                                (r["dkim"] == "pass") != r["dkim_aligned"]),
        "spf_disagree": sum_of(lambda r: r["spf"] and r["spf_aligned"] is not None and
                               (r["spf"] == "pass") != r["spf_aligned"]),
        "reporters": len({folded(r["org_name"]) for r in records}), "domains": len({r["policy_domain"] for r in records}),
        "first_day": min((r["begin"][:10] for r in days if r["begin"]), default=None),
        # Midnight belongs to the day before it: the last day with mail counts.
        "last_day": max((iso(seconds(r["end"]) - 1)[:10] for r in days if r["end"]), default=None),
    }


def folded(name):
    """A reporter is the same in any case; which of its spellings is shown, the first that came decides."""
    return name and name.lower()


def network_of(text):
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return text
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 64), strict=False))


def period_of(begin, step):
    if not begin:
        return None
    date = datetime.date.fromisoformat(begin[:10])
    before = {"day": 0, "week": date.weekday(), "month": date.day - 1}[step]
    return str(date - datetime.timedelta(days=before))


# verb and its options -> (key column, value of a record)
GROUPINGS = {
    ("summary",): ("domain", lambda r: r["policy_domain"]),
    ("reporters",): ("reporter", lambda r: folded(r["org_name"])),
    ("sources", "--by", "address"): ("source_ip", lambda r: r["source_ip"]),
    ("sources", "--by", "network"): ("network", lambda r: network_of(r["source_ip"])),
    ("trend",): ("day", lambda r: period_of(r["begin"], "day")),
    ("trend", "--by", "week"): ("week", lambda r: period_of(r["begin"], "week")),
    ("trend", "--by", "month"): ("month", lambda r: period_of(r["begin"], "month")),
}


def expected_groups(records, value):
    groups = {}
    for r in records:
        groups.setdefault(value(r), []).append(r)
    return {key: tally(members) for key, members in groups.items() if any(r["there"] for r in members)}


def differences(rows, key, expected):
    found = {folded(row[key]) if key == "reporter" else row[key]: row for row in rows}
    if len(found) != len(rows):
        yield "a %s stands there twice" % key
    for name in expected.keys() - found.keys():
        yield "%r is missing" % (name,)
    for name, row in found.items():
        want = expected.get(name, None)
        if want is None and key in ("day", "week", "month") and row["messages"] == row["reports"] == 0:
            continue  # a day without a report is shown as such
        if want is None:
            yield "%r should not be there" % (name,)
            continue
        for column, figure in want.items():
            if column in row and row[column] != figure:
                yield "%r: %s is %r, should be %r" % (name, column, row[column], figure)
        evaluated = want["pass"] + want["fail"]
        share = want["pass"] / evaluated if evaluated else None
        if (row["pass_share"] is None) != (share is None) or (share is not None and abs(row["pass_share"] - share) > 1e-5):
            yield "%r: pass_share is %r, should be %r" % (name, row["pass_share"], share)


for options, fits in some(FILTERS, 4):
    wanted = [r for r in PARTS if fits(r)]
    whole = sorted({r["number"] for r in wanted})
    label = " ".join(options)
    suite.check("export %s: the records that fit, in the same order" % label,
                suite.rows("export", "--db", "t.db", *options) == [OF_STORE[n] for n in whole], len(whole))
    faults = []
    for verb, (key, value) in GROUPINGS.items():
        rows = suite.rows(*verb, "--db", "t.db", *options)
        faults += ["%s: %s" % (" ".join(verb), d) for d in differences(rows, key, expected_groups(wanted, value))]
    suite.check("summary, reporters, sources and trend %s: the figures of these records" % label, not faults, *faults[:10])
    rows = suite.rows("reports", "--db", "t.db", *options)
    suite.equal("reports %s: the reports of these records" % label, sorted(map(str, map(identity, rows))),
                sorted({str(identity(ALL[n])) for n in whole}))

# Two of them together: each seventh pair, which takes a second
faults = []
for (a, fits_a), (b, fits_b) in some(list(itertools.combinations(FILTERS, 2))[::7], 4):
    given, others = ({{"-d": "--domain"}.get(o, o) for o in x if o.startswith("-")} for x in (a, b))
    if given & others: # --domain twice is both, all else the last one
        continue
    given |= others
    if "--last" in given and {"--since", "--until"} & set(given):
        continue
    wanted = [r for r in PARTS if fits_a(r) and fits_b(r)]
    rows = suite.rows("summary", "--db", "t.db", *a, *b)
    faults += ["%s %s: %s" % (a, b, d) for d in differences(rows, "domain", expected_groups(wanted, lambda r: r["policy_domain"]))]
suite.check("two filters together narrow as both", not faults, *faults[:10])
suite.equal("an empty answer says so", suite.run("summary", "--db", "t.db", "--id", "nosuch").out.splitlines(),
            ["Nothing is stored that matches. 'dmarcctl import SOURCE...' brings reports in."])


# --- order and limit ------------------------------------------------------------------------------------------------

def rank(value):
    return (value is None or value == [], value[0] if isinstance(value, list) and value else value)


NESTED = ("reasons", "auth_dkim", "auth_spf", "gates", "blockers", "undecided", "forwarders", "own_failing", "whatif", "from_domains",
          "subdomains", "subdomain_gates", "subdomain_blockers", "published_faults", "spf_faults", "suspect_reports",
          "silent_reporters", "contradicting_reporters", "dissenting_reporters", "failing_subdomains", "domain_alone", "strangers", "incidents")
for verb in ("summary", "sources", "reporters", "trend", "reports", "export", "readiness"):
    # The age of the newest report grows by the second: one time of asking for all.
    asked = ["--db", "t.db"] + (["--as-of", "2026-10-31"] if verb == "readiness" else [])
    rows = suite.rows(verb, *asked, *(["--sort", "domain"] if verb == "readiness" else []))
    columns = [k for k in rows[0] if k not in NESTED]
    faults = []
    for column in some(columns, 6):
        mixed = len({type(r[column]) for r in rows if r[column] is not None}) > 1
        for sign, descending in (("", False), ("-", True)):
            got = [r[column] for r in suite.rows(verb, *asked, "--sort", sign + column)]
            present = [v for v in got if not rank(v)[0]]
            absent = got[len(present):]
            ordered = mixed or [rank(v) for v in present] == sorted(map(rank, present), reverse=descending) or \
                all(isinstance(v, str) for v in present) and \
                [v.encode() for v in present] == sorted((v.encode() for v in present), reverse=descending)
            if len(got) != len(rows) or not ordered or any(not rank(v)[0] for v in absent):
                faults.append("%s%s" % (sign, column))
    suite.check("%s: sorts by each column, both ways, absent values last" % verb, not faults, faults)
    full = suite.rows(verb, *asked, "--sort", "-" + columns[1])
    suite.check("%s: --limit takes the first, 0 takes all" % verb,
                suite.rows(verb, *asked, "--sort", "-" + columns[1], "--limit", "2") == full[:2] and
                suite.rows(verb, *asked, "--sort", "-" + columns[1], "--limit", "0") == full)
    text = suite.run(verb, *asked, "--limit", "2").out
    suite.check("%s: text says how many rows are left out" % verb, len(rows) <= 2 or "more row" in text, text)

for verb in ("summary", "sources", "reporters"):
    messages = [r["messages"] for r in suite.rows(verb, "--db", "t.db")]
    suite.equal("%s: most messages first" % verb, messages, sorted(messages, reverse=True))
days = [r["day"] for r in suite.rows("trend", "--db", "t.db", "--domain", "example.com", "--since", "2026-09-17",
                                     "--until", "2026-10-31")]
suite.equal("trend: each day, also one without a report, in order", days,
            [str(datetime.date(2026, 9, 17) + datetime.timedelta(days=n)) for n in range(45)])

# A source's streams add up to its records that fit, while whose they are is decided by all of its mail.
ADDED_UP = ("messages", "records", "unevaluated", "pass_both", "pass_dkim_only", "pass_spf_only", "pass_none",
            *("disposition_" + w for w in ("none", "quarantine", "reject", "pass", "other")))


def stream_of(row):
    return (row["policy_domain"], row["source_ip"], row["header_from"], row["pattern"])


CLASSES = {stream_of(row): row["class"] for row in suite.rows("sources", "--db", "t.db")}
for options, fits in some(FILTERS, 4):
    found = {}
    rows = suite.rows("sources", "--db", "t.db", *options)
    for row in rows:
        sums = found.setdefault((row["policy_domain"], row["source_ip"]), dict.fromkeys(ADDED_UP, 0))
        for column in ADDED_UP:
            sums[column] += row[column]
    wanted = expected_groups([r for r in PARTS if fits(r)], lambda r: (r["policy_domain"], r["source_ip"]))
    suite.equal("sources %s: streams add up to the records of their source" % " ".join(options), found,
                {key: {column: sums[column] for column in ADDED_UP} for key, sums in wanted.items()})
    suite.check("sources %s: the classes are those of all mail" % " ".join(options),
                all(CLASSES[stream_of(row)] == row["class"] for row in rows))

# errors goes by the time of the import, which was now.
for options, expected in ((["--last", "1h"], 3), (["--since", iso(NOW - 3600)], 3), (["--until", iso(NOW - 3600)], 0),
                          (["--since", iso(NOW + 3600)], 0), (["--limit", "1"], 1)):
    count = len([e for e in suite.rows("errors", "--db", "t.db", *options) if "odd" not in e["origin"]])
    suite.equal("errors %s" % options[0] + (" hence" if not expected else ""), count, expected)
suite.finish()

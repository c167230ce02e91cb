#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# export in the shapes of other programs: parsedmarc's CSV and JSON, byte for byte as Python's csv and json write them,
# and metrics that promtool accepts.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

run_beside_sample import --quiet --db "$work/t.db" sample
narrow='--domain example.net --since 2026-10-20'

# parsedmarc, the sample
# shellcheck disable=SC2086 # one word an option
run export --db t.db --format parsedmarc-csv $narrow
check 'the sample as parsedmarc writes CSV' golden export.parsedmarc-csv out
check 'asking succeeds and says nothing beside' test "$status" -eq 0 -a ! -s err
# shellcheck disable=SC2086
run export --db t.db --format parsedmarc-json $narrow
check 'the sample as parsedmarc writes JSON' golden export.parsedmarc-json out
check 'asking succeeds and says nothing beside it' test "$status" -eq 0 -a ! -s err

# A report with everything that is filled in, shortened, joined or spread.
cat >everything.xml <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0"><version>1.0</version>
<report_metadata><org_name>MX.Receiver.Example.NET</org_name><email>noc@receiver.example.net</email>
<extra_contact_info>=HYPERLINK("https://example.org/","help, now")</extra_contact_info>
<report_id>&lt;long-1@receiver.example.net&gt;</report_id><error>one</error><error>two, "quoted"</error>
<date_range><begin>1790856000</begin><end>1791028800</end></date_range><generator>Generator 1.0</generator>
</report_metadata>
<policy_published><domain>Example.com.</domain><p>reject</p><np>none</np><testing>y</testing>
<discovery_method>treewalk</discovery_method></policy_published>
<record><row><source_ip>2001:DB8:0::1</source_ip><count>5</count><policy_evaluated><disposition>Quarantine</disposition>
<dkim>Fail</dkim><spf>softfail</spf><reason><type>forwarded</type><comment>a | b</comment></reason>
<reason><type>local_policy</type></reason></policy_evaluated></row>
<identifiers><header_from>Mail.Example.com</header_from></identifiers>
<auth_results><dkim><domain>Example.com</domain><selector>S1</selector><result>HardFail</result></dkim>
<dkim><domain>example.org</domain><result>pass</result><human_result>line one
line "two"</human_result></dkim><dkim><result>pass</result></dkim>
<spf><domain>Bounce.Example.org</domain><result>softfail</result></spf></auth_results></record>
<record><row><source_ip>192.0.2.77</source_ip><count>1</count><policy_evaluated><disposition>pass</disposition>
<dkim>pass</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>example.com</header_from>
<envelope_from>example.com</envelope_from><envelope_to>example.net</envelope_to></identifiers><auth_results/></record>
<record><row><source_ip>192.0.2.78</source_ip><count>many</count></row>
<identifiers><header_from>example.com</header_from></identifiers><auth_results/></record>
<record><row><source_ip>192.0.2.79</source_ip><count>0</count><policy_evaluated><disposition>none</disposition>
<dkim>pass</dkim><spf>pass</spf></policy_evaluated></row>
<identifiers><header_from>example.com</header_from></identifiers><auth_results/></record></feedback>
END
run import --quiet --db made.db everything.xml
for format in csv json; do
  run export --db made.db --format parsedmarc-$format
  check "defaults, abbreviations, lists and days as parsedmarc has them ($format)" golden made.parsedmarc-$format out
done

cat >parsedmarc.py <<'PYTHON'
import csv, io, json, subprocess, sys
HEADER = ("xml_schema,org_name,org_email,org_extra_contact_info,report_id,begin_date,end_date,normalized_timespan,"
          "errors,domain,adkim,aspf,p,sp,np,pct,fo,testing,discovery_method,source_ip_address,source_country,"
          "source_reverse_dns,source_base_domain,source_name,source_type,source_asn,source_as_name,source_as_domain,"
          "count,spf_aligned,"
          "dkim_aligned,dmarc_aligned,disposition,policy_override_reasons,policy_override_comments,envelope_from,"
          "header_from,envelope_to,dkim_domains,dkim_selectors,dkim_results,spf_domains,spf_scopes,spf_results")
def ask(database, *words):
    command = [sys.argv[1], *words, "--db", database]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode()
def flat(value):
    return "" if value is None else str(value)
def rows_of(report):
    meta, policy = report["report_metadata"], report["policy_published"]
    for r in report["records"]:
        reasons, auth = r["policy_evaluated"]["policy_override_reasons"], r["auth_results"]
        joined = lambda method, key: ",".join(a[key] for a in auth[method]).lower()
        yield [flat(v) for v in (
            report["xml_schema"], *(meta[k] for k in "org_name org_email org_extra_contact_info report_id".split()),
            r["interval_begin"], r["interval_end"], meta["timespan_requires_normalization"], "|".join(meta["errors"]),
            *(policy[k] for k in "domain adkim aspf p sp np pct fo testing discovery_method".split()), *(r["source"][k]
                for k in "ip_address country reverse_dns base_domain name type asn as_name as_domain".split()),
            r["count"], *(r["alignment"][k] for k in ("spf", "dkim", "dmarc")), r["policy_evaluated"]["disposition"],
            ",".join(x["type"] for x in reasons), "|".join(x["comment"] or "none" for x in reasons),
            r["identifiers"]["envelope_from"], r["identifiers"]["header_from"], r["identifiers"]["envelope_to"],
            *(joined("dkim", k) for k in ("domain", "selector", "result")),
            *(joined("spf", k) for k in ("domain", "scope", "result")))]
for database in sys.argv[2:]:
    text = ask(database, "export", "--format", "parsedmarc-csv")
    table = list(csv.reader(io.StringIO(text, newline="")))
    again = io.StringIO(newline="")
    csv.writer(again).writerows(table)
    assert again.getvalue() == text, "csv: not as Python writes it"
    assert ",".join(table[0]) == HEADER
    document = ask(database, "export", "--format", "parsedmarc-json")
    reports = json.loads(document)
    assert json.dumps(reports, indent=2, ensure_ascii=False) + "\n" == document, "json: not as Python writes it"
    rows = [row for report in reports for row in rows_of(report)]
    unguarded = [[cell[1:] if cell[:2] in ("'=", "'+", "'-", "'@") else cell for cell in row] for row in table[1:]]
    assert rows == unguarded, next((a, b) for a, b in zip(rows, unguarded) if a != b)
    summary = json.loads(ask(database, "summary", "--format", "json"))["rows"]
    count = table[0].index("count")
    assert sum(int(row[count] or 0) for row in table[1:]) == sum(row["messages"] for row in summary)
print("all agree")
PYTHON
python3 parsedmarc.py "$binary" t.db made.db >agree 2>&1 || true
check "CSV and JSON are Python's own, say the same, and lose no message" equal "$(cat agree)" 'all agree'

# Days, against the rule written down a second time
cat >days.py <<'PYTHON'
import csv, io, random, subprocess, sys
from datetime import datetime, timezone
rng, binary, expected, long, DAY = random.Random(7), sys.argv[1], {}, {}, 86400
def spread(begin, end, count):
    if end - begin <= DAY: return [(begin, end, count)]
    edges = [begin] + list(range((begin // DAY + 1) * DAY, end, DAY)) + [end]
    exact = [(b - a) / (end - begin) * count for a, b in zip(edges, edges[1:])]
    shares = [int(x) for x in exact]
    for i in sorted(range(len(exact)), key=lambda i: (shares[i] - exact[i], i))[:count - sum(shares)]: shares[i] += 1
    return [(a, b, n) for a, b, n in zip(edges, edges[1:], shares) if n]
# What says the same under two ids counts once: so each has an fo of its own
with open("days.mbox", "w") as mbox:
    for number in range(300):
        begin = 1790812800 + rng.choice((0, 0, rng.randrange(DAY)))
        end = begin + rng.choice((DAY - 1, DAY, DAY + 1, 2 * DAY, 7 * DAY - 1, rng.randrange(40 * DAY), 365 * DAY))
        long[str(number)] = end - begin > DAY
        counts = [rng.choice((1, 2, 3, 7, 30, 1000003)) for _ in range(3)]
        expected[str(number)] = [part for count in counts for part in spread(begin, end, count)]
        records = "".join(
            "<record><row><source_ip>192.0.2.%d</source_ip><count>%d</count><policy_evaluated><disposition>none"
            "</disposition><dkim>pass</dkim><spf>pass</spf></policy_evaluated></row><identifiers><header_from>"
            "example.com</header_from></identifiers><auth_results/></record>" % (1 + i, n)
            for i, n in enumerate(counts))
        mbox.write(
            "From a@example.net Thu Jan  1 00:00:00 2026\nContent-Type: text/xml\n\n<feedback><report_metadata>"
            "<org_name>example.net</org_name><report_id>%d</report_id><date_range><begin>%d</begin><end>%d</end>"
            "</date_range></report_metadata><policy_published><domain>example.com</domain><p>none</p><fo>%d</fo>"
            "</policy_published>%s</feedback>\n\n" % (number, begin, end, number, records))
subprocess.run([binary, "import", "--quiet", "--db", "days.db", "days.mbox"], check=True)
text = subprocess.run([binary, "export", "--db", "days.db", "-f", "parsedmarc-csv"], check=True,
                      stdout=subprocess.PIPE).stdout
seconds = lambda t: int(datetime.strptime(t, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc).timestamp())
got = {}
for row in csv.DictReader(io.StringIO(text.decode(), newline="")):
    part = seconds(row["begin_date"]), seconds(row["end_date"]), int(row["count"])
    got.setdefault(row["report_id"], []).append(part)
    assert row["normalized_timespan"] == str(long[row["report_id"]])
assert got == expected, next((k, got.get(k), expected[k]) for k in expected if got.get(k) != expected[k])
print("all agree")
PYTHON
python3 days.py "$binary" >agree 2>&1 || true
check 'reports of more than 24 hours are spread over their days as parsedmarc does' \
  equal "$(tail -n 1 agree)" 'all agree'

report ages begin=1 end=1790812800 count=9 >r.xml
run import --quiet --db ages.db r.xml
run export --db ages.db --format parsedmarc-csv
check 'a report that claims decades stays one row' equal "$(wc -l <out)" 2
check 'and is not said to be spread' prints '1970-01-01 00:00:01,2026-10-01 00:00:00,False'
report fields comment='=1+1' >r.xml
run import --quiet --db guard.db r.xml
run export --db guard.db --format parsedmarc-csv
check 'no text of a stranger runs as a formula' prints ",'=1+1,"
run import --quiet --db empty.db --dry-run r.xml
report none domain=example.org >r.xml
run import --quiet --db empty.db r.xml
run export --db empty.db --format parsedmarc-json --domain example.com
check 'no report is an empty list' equal "$(cat out)" '[]'
run export --db made.db --format parsedmarc-csv --sort -count --limit 2
check 'rows can be sorted and limited' equal "$(wc -l <out)" 3

# Metrics
metrics() { run export --format openmetrics "$@"; }
metrics --db t.db --as-of 2026-10-31
sed -E 's/^(dmarcctl_last_import_timestamp_seconds) [0-9]+$/\1 NOW/' out >metrics
check 'metrics of the sample' golden export.openmetrics metrics
check 'asking succeeds and says nothing beside them' test "$status" -eq 0 -a ! -s err
check 'the last line is the end' equal "$(tail -n 1 out)" '# EOF'
if command -v promtool >/dev/null; then
  check 'promtool finds nothing to say about them' equal "$(promtool check metrics <out 2>&1)" ''
else
  skip 'promtool finds nothing to say about them' 'promtool (package prometheus) is missing'
fi

cat >metrics.py <<'PYTHON'
import json, re, subprocess, sys
binary, database, *words = sys.argv[1:]
def ask(*command):
    command = [binary, *command, "--db", database, *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode()
samples, family, seen = {}, None, set()
lines = ask("export", "--format", "openmetrics").split("\n")
assert lines[-2:] == ["# EOF", ""]
for line in lines[:-2]:
    if line.startswith("# HELP "):
        family = line.split()[2]
        assert family not in seen, "twice: " + family
        seen.add(family)
    elif line.startswith("# TYPE "): assert line == "# TYPE %s gauge" % family
    elif line.startswith("# UNIT "): assert family.endswith("_" + line.split()[3]), line
    else:
        match = re.fullmatch(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (-?[0-9.]+)', line)
        assert match and match[1] == family, line
        labels = re.findall(r'([a-z]+)="((?:[^"\\]|\\.)*)"', match[2] or "")
        key = (family, *sorted((k, re.sub(r"\\(.)", r"\1", v)) for k, v in labels))
        assert key not in samples, "twice: " + line
        samples[key] = float(match[3])
def of(name, **labels):
    return samples["dmarcctl_" + name, *sorted(labels.items())]
def total(name, **labels):
    return sum(v for k, v in samples.items() if k[0] == "dmarcctl_" + name and set(labels.items()) <= set(k[1:]))
rows = json.loads(ask("readiness", "--format", "json", "--limit", "0"))["rows"]
assert len(rows) > 2
for row in rows:
    d = row["domain"]
    assert of("verdict", domain=d, verdict=row["verdict"]) == 1 and total("verdict", domain=d) == 1
    assert of("policy", domain=d, policy=row["policy"]) == 1 and total("policy", domain=d) == 1
    assert row["subdomains"] or total("messages", domain=d) == row["messages"], (d, row["messages"])
    own = sum(total("messages", domain=d, **{"class": c}) for c in ("own", "own_broken", "legitimate"))
    assert own == row["own_messages"], (d, own)
    if own: assert of("own_pass_ratio", domain=d) == row["own_pass_rate"]
    assert of("blocking_sources", domain=d) == row["blocker_count"]
    for g in row["gates"]:
        if g["state"] == "not judged":
            continue
        assert of("gate_figure", domain=d, gate=g["name"], unit=g["unit"]) == g["figure"], g
        assert of("gate_limit", domain=d, gate=g["name"], unit=g["unit"]) == g["limit"], g
        assert of("gate_ok", domain=d, gate=g["name"]) == g["ok"], g
assert total("domains") == len(rows)
print("all agree")
PYTHON
python3 metrics.py "$binary" t.db --as-of 2026-10-31 >agree 2>&1 || true
check 'metrics say what readiness says' equal "$(tail -n 1 agree)" 'all agree'

metrics --db t.db --as-of 2026-10-31 --domain example.org --threshold data_days.quarantine=90
check 'a domain alone' not prints 'domain="example.com"'
check 'judged by other thresholds' prints 'dmarcctl_gate_limit{domain="example.org",gate="data_days",unit="days"} 90'
run export --db t.db --format csv
run errors --db t.db --format json
rejected=$(jq '[.rows[] | select(.outcome == "rejected")] | length' out)
metrics --db t.db
check 'rejected documents are counted' prints "dmarcctl_documents{outcome=\"rejected\"} $rejected"
check 'and there are some' test "$rejected" -gt 0

report evil domain='a&quot;b\\c&#x202e;' from=example.com >r.xml
run import --quiet --db evil.db r.xml
metrics --db evil.db
check "a stranger's quotes and backslashes stay inside of their label" prints 'domain="a\"b\\c\\u202e"'
if command -v promtool >/dev/null; then
  check 'for promtool too' equal "$(promtool check metrics <out 2>&1)" ''
else
  skip 'for promtool too' 'promtool (package prometheus) is missing'
fi

python3 - >many.mbox <<'PYTHON'
for number in range(1003):
    print("From a@example.net Thu Jan  1 00:00:00 2026\nContent-Type: text/xml\n\n<feedback><report_metadata><org_name>"
          "example.net</org_name><report_id>%d</report_id><date_range><begin>1790812800</begin><end>1790899199</end>"
          "</date_range></report_metadata><policy_published><domain>d%d.example.com</domain><p>none</p>"
          "</policy_published><record><row><source_ip>192.0.2.1</source_ip><count>2</count><policy_evaluated>"
          "<disposition>none</disposition><dkim>pass</dkim><spf>pass</spf></policy_evaluated></row><identifiers>"
          "<header_from>d%d.example.com</header_from></identifiers><auth_results/></record></feedback>\n" %
          (number, number, number))
PYTHON
run import --quiet --db many.db many.mbox
metrics --db many.db --as-of 2026-10-02
check 'a thousand domains have series of their own' equal "$(grep -c '^dmarcctl_blocking_sources{' out)" 1000
check 'the first ones met' prints 'dmarcctl_blocking_sources{domain="d999.example.com"}'
check 'the messages of the rest are summed' \
  equal "$(sed -nE 's/^dmarcctl_messages\{domain="\(other domains\)".* ([0-9]+)$/\1/p' out)" 6
check 'and their verdicts counted' equal "$(awk '/^dmarcctl_domains\{/ { n += $NF } END { print n }' out)" 1003

# What goes together
run summary --db t.db --format openmetrics
check 'other verbs have no such format' fails_with 2 "openmetrics is a format of 'dmarcctl export' alone"
run reports --db t.db --format parsedmarc-csv
check 'nor that' fails_with 2 "parsedmarc-csv is a format of 'dmarcctl export' alone"
run export --db t.db --format xml
check 'a format that is none is told with those there are' fails_with 2 'parsedmarc-json, openmetrics'
metrics --db t.db --last 30d
check 'metrics have a window of their own' fails_with 2 '--last does not go with --format openmetrics'
metrics --db t.db --reporter example.net
check 'and are not for one reporter' fails_with 2 '--reporter does not go with'
run export --db t.db --format parsedmarc-json --limit 3
check 'whole reports are not cut' fails_with 2 '--limit does not go with --format parsedmarc-json'
run export --db t.db --format openmetrics --format csv
check 'the last format holds' equal "$(head -c 8 out)" org_name
run export --help
check 'the help names the format once' equal "$(grep -cE '^ .*--format FORMAT' out)" 1

# Where it is written to
for format in parsedmarc-csv parsedmarc-json openmetrics; do
  echo old >result
  as_of=
  [ $format != openmetrics ] || as_of='--as-of 2030-01-01' # the age of reports is a figure
  # shellcheck disable=SC2086 # two words or none
  run export --db t.db --format $format $as_of --output result
  cp result expected
  # shellcheck disable=SC2086
  run export --db t.db --format $format $as_of
  check "--output writes what standard output would have got ($format)" same expected out
  status=0
  "$binary" export --db t.db --format $format >/dev/full 2>err || status=$?
  check "a full standard output is told ($format)" test "$status" -eq 1 -a -s err
done
echo old >result
run export --db none.db --format openmetrics --output result
check 'where there is no database the old metrics stay' equal "$status $(cat result)" '1 old'
finish

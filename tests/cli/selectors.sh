#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# selectors: a table of the sample, and simulated mail in which keys are rotated, broken, withdrawn and forged.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

run_beside_sample import --quiet --db "$work/t.db" sample
day='--as-of 2026-11-01'
for format in text csv json ndjson; do
  # shellcheck disable=SC2086 # two words
  run selectors --db t.db $day --format $format
  check "the selectors of the sample ($format)" golden selectors.$format out
done
# shellcheck disable=SC2086
COLUMNS=80 run selectors --db t.db $day
check 'they fit 80 columns' test "$(wc -L <out)" -le 80
# shellcheck disable=SC2086
run selectors --db t.db $day Example.ORG. -f ndjson
check 'a named domain alone, in any case' equal "$(jq -r .policy_domain out | sort -u)" example.org
# shellcheck disable=SC2086
run selectors --db t.db $day --since 2026-10-31 example.org -f ndjson
check '--since narrows what is counted' equal "$(jq -r .first_seen out | sort -u)" 2026-10-31
run selectors --db t.db example.edu
check 'a domain without a report is told' fails_with 1 'no report on example.edu is stored'
run selectors --db t.db --sort nosuch
check 'a column that there is not is told' fails_with 2 'no column "nosuch" to sort by; there are: selector, '
run selectors --db t.db --header-from example.com
check 'filters on records are refused: states rest on all mail' fails_with 2 'unknown option --header-from'

# A world in which each state has its selector.
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$here/../readiness" python3 - <<'END'
import simulate as s
D = "example.com"
def own(name, last, selector, spf=(D, "pass"), later=(), hosts=(), **cadence):
    auth = s.Auth(((D, selector, "pass"),), spf)
    return s.Stream(name, s.OWN, s.Hosts(hosts or ("192.0.2.%d" % last,)), s.Cadence(40, **cadence), (auth,), later)
def failing(selector):
    return (s.Auth(((D, selector, "fail"),), (D, "pass")),)
service = s.Stream("service", s.OWN, s.Hosts(("198.51.100.1", "198.51.100.2")), s.Cadence(60),
                   (s.Auth(((D, "ses1", "pass"), ("amazonses.com", "k", "pass")), ("amazonses.com", "pass")),))
forged = s.Stream("forged", s.SPOOF, s.Botnet(10), s.Cadence(400, start_ago=3), tuple(
    s.Auth(((D, "x%03d" % n, "fail"),), (D, "fail")) for n in range(200)) + (
        s.Auth(((D, "main", "fail"),), (D, "fail"), 40.0),))
streams = (own("main", 10, "main"),
           own("old", 11, "old", stop_ago=20),
           own("fresh", 11, "fresh", start_ago=10),
           own("rotated", 12, "rotated", later=((5, failing("rotated")),)),
           own("keyless", 13, "main", later=((8, failing("keyless")),)),
           own("invoices", 14, "invoices", runs_ago=(85, 55, 25)),
           service, forged)
reporters = (s.Reporter("receiver.example.net", 0.6), s.Reporter("small.example.org", 0.3),
             s.Reporter("gateway.example.org", 0.1, gives_selectors=False))
s.generate(s.World((s.Domain(D, streams),), reporters, 90), "reports", 1, s.day_begin("2025-03-03"))
END
run import --quiet --db world.db reports
run selectors --db world.db --as-of 2025-03-03 -f ndjson
state_of() { jq -r "select(.selector == \"$1\").state" out; }
since_of() { jq -r "select(.selector == \"$1\").broken_since" out; }
check 'a selector in use is active, whoever forges it' equal "$(state_of main)" active
check 'one that was replaced is retired' equal "$(state_of old)" retired
check 'its follower is new' equal "$(state_of fresh)" new
check 'a key that broke is told' equal "$(state_of rotated)" broken
check 'with the day' equal "$(since_of rotated)" 2025-02-26
check 'a key that was never published is told' equal "$(state_of keyless) $(since_of keyless)" 'never_passed 2025-02-23'
check 'one of monthly mail is let rest' equal "$(state_of invoices)" silent
check 'a service that alone uses one is named' equal "$(jq -r 'select(.selector == "ses1").service' out)" 'Amazon SES'
check 'reports without selectors have a row' equal "$(jq -r 'select(.selector == null).state' out)" unnamed
check 'forged selectors are never at home' \
  equal "$(jq -r 'select(.selector | test("^x")?) | "\(.state) \(.home)"' out | sort -u)" 'never_passed null'
check 'all of them are there for programs' \
  test "$(jq -r 'select(.selector | test("^x")?).selector' out | wc -l)" -gt 150
run selectors --db world.db --as-of 2025-03-03 --limit 9
check 'for people the largest come first, and the rest is counted' equal \
  "$(grep -c ' example.com ' out) $(grep -cE '^… [0-9]+ more rows; --limit 0 shows all$' out)" '9 1'
run selectors --db world.db --as-of 2025-02-20 -f ndjson
check 'as of a day before it broke nothing is broken' equal "$(state_of rotated)" active
check 'and nobody was retired yet' equal "$(state_of old)" active
finish

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# readiness: the verdicts on the sample, on a day and today; pages, tables and the exit status for scripts.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

run_beside_sample import --quiet --db "$work/t.db" sample
day='--as-of 2026-11-01'

for format in text csv json ndjson; do
  # shellcheck disable=SC2086 # two words
  run readiness --db t.db $day --format $format
  check "the verdicts on all domains ($format)" golden readiness.$format out
done
for domain in example.com example.org example.net; do
  # shellcheck disable=SC2086
  run readiness --db t.db $day $domain
  check "the page of $domain" golden "readiness-$domain.text" out
done
# shellcheck disable=SC2086
run readiness --db t.db $day Example.ORG. example.com
check 'pages come for each domain that is named, in any case' \
  equal "$(grep -cE '^example\.(org|com): ' out)" 2
# shellcheck disable=SC2086
run readiness --db t.db $day example.org example.com -f ndjson
check 'a table as well' equal "$(jq -r .domain out | sort | paste -sd ' ')" 'example.com example.org'
# shellcheck disable=SC2086
run readiness --db t.db $day --domain example.org -f ndjson
check '--domain narrows' equal "$(jq -r .domain out)" example.org
# shellcheck disable=SC2086
LC_ALL=C run readiness --db t.db $day example.com
check 'without UTF-8 a page is plain ASCII' not grep -qP '[^\x00-\x7f]' out

verdict() { jq -r 'select(.domain == "'"$1"'").verdict' out; }
run readiness --db t.db --as-of 2026-11-09 -f ndjson
check 'a week later the reports are too old' equal "$(verdict example.org)" STALE
run readiness --db t.db --as-of 2026-11-07T23:59:59Z -f ndjson
check 'but not on the seventh day' equal "$(verdict example.org)" READY
run readiness --db t.db --as-of 2026-11-07 -f ndjson
check 'however it is written' equal "$(verdict example.org)" READY
run readiness --db t.db --as-of 2026-11-08 -f ndjson
check 'they are on the eighth' equal "$(verdict example.org)" STALE
if [ "$(date -u +%s)" -gt 1794528000 ]; then
  run readiness --db t.db -f ndjson
  check 'without --as-of it is today, when all is STALE' equal "$(jq -r .verdict out | sort -u)" STALE
else
  skip 'without --as-of it is today, when all is STALE' 'the clock stands before that'
fi
run readiness --db t.db --as-of 2026-09-25 example.org -f ndjson
check 'in the first week there was not enough to say so' equal "$(verdict example.org)" INSUFFICIENT_DATA
run readiness --db t.db --as-of 2026-09-01
check 'before the first report there is nothing' equal "$status $(grep -c 'No domain is stored that matches' out)" '0 1'

exits_with() { # STATUS ARGS...
  local expected=$1
  shift
  run readiness --db t.db --exit-code "$@"
  exits "$expected"
}
check '--exit-code: a domain that is ready' exits_with 0 --as-of 2026-11-01 example.org
check '--exit-code: one that is not' exits_with 4 --as-of 2026-11-01 example.com
check '--exit-code: one of both' exits_with 4 --as-of 2026-11-01 example.org example.com
check '--exit-code: all of them' exits_with 4 --as-of 2026-11-01
check '--exit-code: as a table' exits_with 0 --as-of 2026-11-01 example.org -f json
check '--exit-code: as a table, one that is not' exits_with 4 --as-of 2026-11-01 example.com -f csv
check '--exit-code: narrowed by --domain' exits_with 0 --as-of 2026-11-01 --domain example.org
check '--exit-code: too old' exits_with 4 --as-of 2027-01-01 example.org
check 'the page is printed all the same' prints 'example.org: STALE'
run readiness --db t.db --as-of 2026-11-01 example.com
check 'without --exit-code a verdict is no failure' exits 0

for format in text csv json; do
  run readiness --db t.db --as-of 2026-11-01 nosuch.example -f $format
  check "an unknown domain is a failure ($format)" exits 1
  check "it is told, and what lists the known ones ($format)" tells \
    "no report on nosuch.example is stored: 'dmarcctl summary' lists the domains there are"
done
run readiness --db t.db --as-of 2026-11-01 example.org nosuch.example
check 'an unknown domain among known ones prints no half an answer' fails_with 1 nosuch.example
run readiness --db t.db --as-of 2026-11-01 nosuch.example -f json
check 'nor in JSON' fails_with 1 nosuch.example
run readiness --db t.db --exit-code --as-of 2026-11-01 nosuch.example
check 'an unknown domain is no verdict' exits 1

# --- what was said on past days ---------------------------------------------------------------------------------------
run readiness --db t.db --backtest --as-of 2026-11-01 example.org
check 'a backtest is a sentence' prints 'Right on 0 of 15 days, needlessly held on 15 (15 of them for want of data), wrong on 0.'
check 'which says what it rests on' prints 'that no reporter told of is not known at all.'
run readiness --db t.db --backtest --as-of 2026-11-01 example.org -f csv
check 'as a table it has a row a day' prints 'example.org,2026-09-17,INSUFFICIENT_DATA,quarantine,needlessly_held,'
check 'to the last day' prints 'example.org,2026-10-31,READY,quarantine,open,0,0,,0.02,0'
run readiness --db t.db --history --as-of 2026-10-31
check 'a history has the days on which something changed' golden readiness-history.text out
run readiness --db t.db --history --as-of 2026-10-31 -f json
check 'with what it was before (json)' golden readiness-history.json out
run readiness --db t.db --history --as-of 2026-10-18 example.org -f ndjson
check 'it ends on the day of asking' equal "$(jq -r .day out | sort | tail -1)" 2026-09-17
run readiness --db t.db --history --backtest
check 'both at once are refused' fails_with 2 'ask one of them'
run readiness --db t.db --history --as-of 2026-11-01 nosuch.example
check 'an unknown domain has no history' fails_with 1 'no report on nosuch.example is stored'
run readiness --db t.db --backtest --as-of 2026-11-01 nosuch.example -f json
check 'an unknown domain has no past' fails_with 1 nosuch.example
finish

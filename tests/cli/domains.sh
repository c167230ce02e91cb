#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# --domain, several times, and beside arguments: the domains add up, whichever way they are named.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

run import --quiet --db t.db "$testdata/sample"
report below domain=shop.example.net from=shop.example.net begin=1793404800 >below.xml
run import --quiet --db t.db below.xml
day='--as-of 2026-10-31'
# shellcheck disable=SC2086 # words
answer() { # WORDS...: as JSON, or the page of `report`
  local verb=$1
  shift
  case $verb in
    report) run report --db t.db $day "$@" ;;
    whatif) run whatif --db t.db $day --p reject --by domain -f json "$@" ;;
    *) run "$verb" --db t.db $day -f json "$@" ;;
  esac
}
for verb in readiness selectors compliance partners whatif report diff check plan effect findings; do
  answer $verb example.org example.net shop.example.net
  cp out named
  answer $verb example.org --domain example.net
  check "$verb: an argument and --domain are both" same named out
  answer $verb example.org -d example.net --domain example.org
  check "$verb: what is named in both ways is there once" same named out
  answer $verb example.org
  cp out named
  answer $verb example.org --domain nowhere.example
  check "$verb: --domain that reaches nothing adds nothing" same named out
done
counted() { run "$verb" --db t.db -f json "$@"; }
for verb in summary sources reporters trend reports export; do
  counted --domain example.org --domain example.net
  cp out named
  counted example.org Example.NET.
  check "$verb: an argument is as --domain" same named out
  counted example.org --domain example.net
  check "$verb: both add up" same named out
done
run summary --db t.db 'no domain'
check 'an argument that is no domain is refused' equal "$status" 2
for verb in readiness check findings; do
  answer $verb --domain example.net --domain example.org
  cp out both
  answer $verb -d Example.ORG. -d example.net -d example.org
  check "$verb: the order of several makes no difference" same both out
done
run readiness --db t.db $day --domain example.org --domain example.net -f json
check 'several are each with what is below it' equal "$(jq -r '.rows[].domain' out | sort | paste -sd ' ')" \
  'example.net example.org shop.example.net'
run sources --db t.db $day --domain example.org --domain shop.example.com -f json
check 'of a domain above one of them the mail of that one counts' equal \
  "$(jq -r '.rows[] | .policy_domain + " " + .header_from' out | sort -u | paste -sd ,)" \
  'example.com shop.example.com,example.org example.org'
run trend --db t.db --domain example.org --domain shop.example.net -f json
both=$(jq '[.rows[].messages] | add' out)
run trend --db t.db --domain example.org -f json
one=$(jq '[.rows[].messages] | add' out)
check 'sums add up' equal "$both" "$((one + 5))"
run readiness --db t.db $day nosuch.example --domain example.org
check 'an argument without a report is told all the same' fails_with 1 'no report on nosuch.example is stored'
# A domain that is spelt wrong, or not reported about yet, never looks like good news.
ask() { # VERB WORDS...
  local verb=$1
  shift
  case $verb in
    whatif) run whatif --p reject "$@" ;;
    calendar) run plan -f ics "$@" ;;
    history) run readiness --history "$@" ;;
    backtest) run readiness --backtest "$@" ;;
    *) run "$verb" "$@" ;;
  esac
}
mkdir none
run import --quiet --db empty.db none
for verb in readiness history backtest plan calendar effect partners compliance selectors whatif findings report diff; do
  for db in t empty; do
    ask $verb --db $db.db nosuch.example
    check "$verb: a domain without a report is a failure ($db)" fails_with 1 'no report on nosuch.example is stored'
    check "$verb: and it is told how reports come ($db)" tells '_dmarc.nosuch.example TXT "v=DMARC1; p=none; rua=mailto:ADDRESS"'
  done
  ask $verb --db t.db --as-of 2026-09-01 example.org
  check "$verb: so it is before its first report" fails_with 1 'no report on example.org had begun by 2026-09-01'
  ask $verb --db t.db --as-of 2026-09-01 example.org -f json
  [ $verb = calendar ] || [ $verb = report ] || check "$verb: and in JSON" fails_with 1 'no report on example.org had begun by 2026-09-01'
done
for verb in readiness history backtest plan effect partners compliance selectors whatif findings portfolio; do
  ask $verb --db empty.db
  check "$verb: where nothing is stored, it says so" equal "$status $(grep -c "^No domain is stored that matches. 'dmarcctl import" out)" '0 1'
done
run check --db empty.db
check 'check: it is UNKNOWN' exits 3
run check --db t.db --as-of 2026-09-01 example.org
check 'check: so is a domain before its first report' exits 3
run diff --db t.db --as-of 2026-10-05 example.org
check 'diff: a domain may begin between its two periods' equal "$status" 0
run export --judged --db t.db --as-of 2026-09-01 --domain example.org -f ndjson
check 'export: records that are judged on a day before them are there' equal "$status $([ -s out ] && echo some)" '0 some'
run summary --db t.db --domain example.org --domain 'a b'
check 'each of them must be a domain' fails_with 2 '--domain: "a b" is no domain name'
finish

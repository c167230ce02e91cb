#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# effect: what a step did, as a page, a table and rows; and what is said where there is none.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# From 2026-08-01 on, p=reject since 2026-09-15, which one of the two reporters knows a day later: the office, a shop that
# breaks in October, somebody who forges, and a list that one receiver lets through.
day_s=86400 first=1785542400 letters=ab
mkdir in
for n in $(seq 0 89); do
  for r in 0 1; do
    p=none disposition=none
    [ "$n" -lt $((45 + r)) ] || p=reject disposition=reject
    about="begin=$((first + n * day_s)) org=receiver-${letters:r:1}.example.net p=$p"
    # shellcheck disable=SC2086
    {
      report "a$n.$r" $about count=$((100 - 60 * r)) >"in/a$n.$r.xml"
      shop=pass shop_disposition=none
      [ "$n" -lt 65 ] || shop=fail shop_disposition=$disposition
      report "b$n.$r" $about count=$((10 - 6 * r)) ip=203.0.113.7 dkim=$shop spf=$shop disposition=$shop_disposition >"in/b$n.$r.xml"
      report "c$n.$r" $about count=3 ip=198.51.100.$((n % 90)) dkim=fail spf=fail disposition=$disposition >"in/c$n.$r.xml"
      [ "$r" -eq 0 ] || report "d$n" $about count=2 dkim=fail spf=fail comment=list >"in/d$n.xml"
    }
  done
done
run import --quiet --db t.db in
ask() { run effect --db t.db --as-of 2026-10-31 "$@"; }

ask example.com
check 'a page' golden effect-example.com.text out
check 'asking succeeds and says nothing beside' test "$status" -eq 0 -a ! -s err
ask example.com -f markdown
check 'the same for a ticket' prints '_dmarc.example.com TXT "v=DMARC1; p=none; rua=<keep yours>"'
for format in text csv json ndjson; do
  ask --format $format
  check "all domains ($format)" golden effect.$format out
done
ask -f ndjson
jq -e '(.classes | map(.rejected) | add) == .rejected and (.reporters | map(.rejected) | add) == .rejected and
       (.reporters | map(.own_lost) | add) == .own_lost and (.losing_senders | map(.lost) | add) == .own_lost and
       (.reasons | map(.messages) | add) == .overridden' out >agrees || :
check 'classes, reporters, senders and reasons add up' equal "$(cat agrees)" true
COLUMNS=80 ask example.com
check 'a page fits 80 columns, but for the record' test "$(grep -v TXT out | wc -L)" -le 80
run effect --db t.db --as-of 2026-09-20 example.com
check 'in the first days it is too early, and says until when' prints 'More can be said on 2026-09-30'
mkdir early
cp in/a[1-4][0-9].* early # until 2026-09-19
run import --quiet --db early.db early
run effect --db early.db --as-of 2026-12-31 example.com
check 'where reports stay away, no day is named' prints 'No report that tells of the policy has come since 2026-09-19'
run effect --db early.db --as-of 2026-12-31 -f ndjson
check 'nor in rows' equal "$(jq -c '[.outcome, .until]' out)" '["TOO_EARLY",null]'
run effect --db t.db --as-of 2026-09-10 example.com
check 'before the step there is none' equal "$(cat out)" 'example.com: no step of the policy is in the reports'
run effect --db t.db --as-of 2026-09-10
check 'in a table neither' prints 'No domain has taken a step'
ask nowhere.example
check 'a domain without reports is an error' fails_with 1 'no report on nowhere.example is stored'
ask --since 2026-09-01
check 'a period is refused' fails_with 2 'a step is judged by all reports of a domain'
finish

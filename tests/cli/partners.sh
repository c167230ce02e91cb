#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# partners: mail by the recipients' domain, as the reports tell it.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

run import --quiet --db sample.db "$testdata/sample"
day='--as-of 2026-10-31'
for format in text json; do
  # shellcheck disable=SC2086
  run partners --db sample.db $day -f $format
  check "the sample ($format)" golden partners.$format out
done
# shellcheck disable=SC2086
run readiness --db sample.db $day -f json
jq -c '.rows[] | [.domain, .own_messages, .messages]' out | sort >judged
# shellcheck disable=SC2086
run partners --db sample.db $day -f json
check 'own mail and all mail are those of the verdict' equal \
  "$(jq -c '.rows | group_by(.policy_domain)[] | [.[0].policy_domain, (map(.own_messages) | add), (map(.messages) | add)]' out | sort)" "$(cat judged)"

# By hand: own mail to three recipients, of which one breaks the signature; a list; strangers.
to() { # RECIPIENT REPORT...: the records of the report go there
  sed "s|<identifiers>|<identifiers><envelope_to>$1</envelope_to>|"
}
letters=abc
for n in $(seq 0 29); do
  begin=$((1790812800 + n * 86400)) org="receiver-${letters:n % 3:1}.example.net"
  report "a$n" begin=$begin "org=$org" count=100 | to customer.example >"a$n.xml"
  report "b$n" begin=$begin "org=$org" count=2 dkim=fail spf=fail | to Customer.Example. >"b$n.xml"
  report "c$n" begin=$begin "org=$org" count=50 | to other.example >"c$n.xml"
  report "d$n" begin=$begin "org=$org" count=7 >"d$n.xml"
done
report e3 begin=1791072000 count=5 dkim=fail spf=fail ip=203.0.113.5 | to other.example >e3.xml
report e24 begin=1792886400 count=4 dkim=fail spf=fail ip=198.51.100.9 | to other.example >e24.xml
run import --quiet --db hand.db ?*.xml
rows() { # [OPTION...]: partner, messages, own, failing, lost
  # shellcheck disable=SC2086
  run partners --db hand.db $day -f json "$@"
  jq -r '.rows[] | [.partner // "-", .messages, .own_messages, .own_failing_messages, .lost_messages] | join(" ")' out
}
check 'each recipient has its mail, whom the step would hurt most first' equal "$(rows example.com)" 'customer.example 3060 3060 60 60
other.example 1509 1500 0 0
- 210 210 0 0'
check 'a week of it' equal "$(jq '.rows[0].lost_per_week' out)" 14
run label --db hand.db --quiet 203.0.113.5 legitimate
check 'a label moves it' equal "$(rows example.com | sort)" '- 210 210 0 0
customer.example 3060 3060 60 60
other.example 1509 1505 5 5'
check 'a period narrows it' equal "$(rows --since 2026-10-21 | sort)" '- 70 70 0 0
customer.example 1020 1020 20 20
other.example 504 500 0 0'
check 'a reporter too' equal "$(rows --reporter receiver-b.example.net | sort | head -1)" '- 70 70 0 0'
for n in $(seq 0 29); do report "t$n" domain=done.example from=done.example p=reject begin=$((1790812800 + n * 86400)) "org=r$((n % 4)).example" count=50 | to customer.example >"t$n.xml"; done
run import --quiet --db done.db t*.xml
# shellcheck disable=SC2086
run partners --db done.db $day -f json
check 'at the target nothing is lost any more' equal "$(jq -c '.rows[0] | [.own_messages, .lost_messages, .lost_per_week, .next]' out)" '[1500,null,null,null]'

# Blockers: a service of the owner's that fails breaks mail to two of three recipients.
for n in $(seq 0 29); do
  begin=$((1790812800 + n * 86400)) org="org=receiver-${letters:n % 3:1}.example.net"
  report "f$n" domain=b.example from=b.example begin=$begin "$org" count=100 | to far.example >"f$n.xml"
  report "g$n" domain=b.example from=b.example begin=$begin "$org" count=2 dkim=fail spf=fail ip=203.0.113.7 | to customer.example >"g$n.xml"
  report "h$n" domain=b.example from=b.example begin=$begin "$org" count=1 dkim=fail spf=fail ip=203.0.113.7 | to other.example >"h$n.xml"
  report "i$n" domain=b.example from=b.example begin=$begin "$org" count=9 dkim=fail spf=fail ip=203.0.113.7 >"i$n.xml"
  report "j$n" domain=b.example from=b.example begin=$begin "$org" count=20 ip=203.0.113.7 | to far.example >"j$n.xml"
done
run import --quiet --db b.db [f-j]?.xml [f-j]??.xml
run label --db b.db --quiet 203.0.113.7 legitimate
# shellcheck disable=SC2086
COLUMNS=400 run readiness --db b.db $day b.example
check 'a blocker names whom it hits most' prints '360 messages that fail, 14 a week of them to customer.example, seen '
# shellcheck disable=SC2086
run readiness --db b.db $day b.example -f json
check 'in JSON with the messages' equal "$(jq -c '.rows[0].blockers[0] | [.messages, .partner, .partner_messages]' out)" '[360,"customer.example",60]'
# shellcheck disable=SC2086
run report --db b.db $day b.example -f markdown
check 'so does the report' prints '14 a week of them to customer.example'
# shellcheck disable=SC2086
run report --db b.db $day b.example -f markdown --since 2026-10-25
check 'whatever period its tables have' prints '14 a week of them to customer.example'
run partners --db hand.db nosuch.example
check 'a domain without a report is told' fails_with 1 'no report on nosuch.example is stored'
finish

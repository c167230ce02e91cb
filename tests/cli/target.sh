#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The owner's target: where the way of a policy ends, if not at p=reject.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

first=1790812800 # 2026-10-01
for day in $(seq 0 59); do
  for reporter in one two three four; do
    for domain in quarantined.example open.example leaky.example; do
      policy=none
      [ $domain = open.example ] || policy=quarantine
      report "$domain-$day-$reporter" org=$reporter.example email=noc@$reporter.example domain=$domain from=$domain \
        p=$policy begin=$((first + day * 86400)) count=40
    done
  done
  report "leak-$day" domain=leaky.example from=leaky.example p=quarantine begin=$((first + day * 86400)) count=2 \
    dkim=fail spf=fail
done | sed 's/<?xml[^>]*>//' >all
mkdir in
awk '/<feedback>/ { n++ } NF { print > ("in/" n ".xml") }' all
run import --quiet --db t.db in
day='--as-of 2026-11-29'
# shellcheck disable=SC2086 # words
verdict() { # CONFIGURATION DOMAIN
  printf '%b' "$1" >c.conf
  run readiness --db t.db $day --config c.conf -f json "$2"
  jq -r '.rows[0] | "\(.verdict) \(.policy) \(.next_policy) \(.target)"' out
}
target() { printf '[group a]\\ndomains = %s\\ntarget = %s\\n' "$1" "$2"; }

check 'without a word of the owner the target is p=reject' equal "$(verdict '' quarantined.example)" \
  'READY quarantine reject reject'
check 'quarantine that is in force may be where he wants it' equal \
  "$(verdict "$(target quarantined.example quarantine)" quarantined.example)" 'AT_TARGET quarantine null quarantine'
check 'which is what the reason says' equal "$(jq -r '.rows[0].reason' out)" \
  'p=quarantine is in force, and own mail passes: the target that the owner has set'
check 'below reject nothing is asked that reject alone needs' equal \
  "$(verdict '' leaky.example) $(verdict "$(target leaky.example quarantine)" leaky.example)" \
  'INSUFFICIENT_DATA quarantine reject reject AT_TARGET quarantine null quarantine'
verdict "$(target quarantined.example quarantine)" quarantined.example >told
check 'there is no record to publish' equal "$(jq -r '.rows[0].next_record' out)" null
check 'a target that is not reached is the next step, or lies behind it' equal \
  "$(verdict "$(target open.example quarantine)" open.example)" 'READY none quarantine quarantine'
check 'who only wants to look on is at the target' equal "$(verdict "$(target open.example none)" open.example)" \
  'AT_TARGET none null none'
check 'reject may be said, too' equal "$(verdict "$(target quarantined.example reject)" quarantined.example)" \
  'READY quarantine reject reject'
check 'another domain has no part in it' equal "$(verdict "$(target open.example none)" quarantined.example)" \
  'READY quarantine reject reject'
check 'a glob says it as well' equal "$(verdict "$(target 'quar*' quarantine)" quarantined.example)" \
  'AT_TARGET quarantine null quarantine'
check 'and a domain above it' equal "$(verdict "$(target example quarantine)" quarantined.example)" \
  'AT_TARGET quarantine null quarantine'
check 'the nearest name goes before' equal \
  "$(verdict "$(target example none)$(target quarantined.example quarantine | sed 's/group a/group b/')" quarantined.example)" \
  'AT_TARGET quarantine null quarantine'
check 'of two groups the first' equal \
  "$(verdict "$(target quarantined.example quarantine)$(target quarantined.example reject | sed 's/group a/group b/')" \
    quarantined.example)" 'AT_TARGET quarantine null quarantine'
printf '%b' "$(target quarantined.example quarantine)" >c.conf
export DMARCCTL_CONFIG=c.conf
# shellcheck disable=SC2086
run plan --db t.db $day quarantined.example -f json
check 'plan has no step left' equal "$(jq '.rows | length' out)" 0
# shellcheck disable=SC2086
run plan --db t.db $day quarantined.example --target reject -f json
check 'but for another target on the command line' equal "$(jq -r '.rows[0].policy' out)" reject
printf '%b' "$(target open.example quarantine)" >c.conf
# shellcheck disable=SC2086
run plan --db t.db $day open.example -f json
check 'and ends at the target that is said' equal "$(jq -r '.rows | last | .policy' out)" quarantine
printf '%b' "$(target quarantined.example quarantine)" >c.conf
# shellcheck disable=SC2086
run check --db t.db $day quarantined.example
check 'check is content with it' equal "$status $(grep -c AT_TARGET out)" '0 1'
# shellcheck disable=SC2086
run report --db t.db $day quarantined.example --format markdown --output -
check 'the page says so' prints 'the target that the owner has set'
check 'and leaves p=reject out of the way' prints 'the configuration has another target'
# shellcheck disable=SC2086
run readiness --db t.db $day --backtest quarantined.example -f json
check 'past days are judged by it' equal "$(jq -r '[.rows[].verdict] | unique | index("READY")' out)" null
printf '[group a]\ndomains = a.example\ntarget = sometimes\n' >c.conf
run readiness --db t.db
check 'any other word is a mistake' fails_with 2 'c.conf:3: target: "sometimes" is none of none, quarantine, reject'
finish

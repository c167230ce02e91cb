#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# diff: each kind of change and what is none, the two periods, the text of a mail, and silence where nothing changed.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

run_beside_sample import --quiet --db "$work/t.db" sample
ask() { run diff --db t.db --as-of 2026-10-31 "$@"; }

# The sample
for format in text csv json ndjson; do
  ask --format $format
  check "the sample ($format)" golden diff.$format out
  check "asking succeeds and says nothing beside ($format)" test "$status" -eq 0 -a ! -s err
done
COLUMNS=80 ask --as-of 2026-10-14
check 'a mail fits 80 columns' test "$(wc -L <out)" -le 80
check 'and has bullets' golden diff-80.text out
LC_ALL=C ask
check 'without UTF-8 it is plain ASCII' not grep -qP '[^\x00-\x7f]' out
ask --color always
sed $'s/\e\\[[0-9]*m//g' out >plain
ask
check 'colours change nothing else' same out plain
still="example.net --threshold robust_against=0" # with few reports, that alone comes and goes
# shellcheck disable=SC2086
COLUMNS=300 ask $still
check 'a domain without changes is one line' equal "$(cat out)" \
  'Nothing changed: 2026-10-25 to 2026-10-31 against 2026-10-18 to 2026-10-24 (UTC), 1 domain, 9 reports.'
ask $still --quiet
check 'and none with --quiet' is_silent
for format in text csv; do
  # shellcheck disable=SC2086
  ask $still --exit-code -f $format
  check "--exit-code is 0 where nothing changed ($format)" exits 0
  ask --exit-code -f $format
  check "and 4 where something did ($format)" exits 4
  cp out changed
  ask -f $format
  check "with the same answer ($format)" same out changed
done
ask --exit-code --limit 1
check 'also where it is not shown' exits 4
ask --exit-code nosuch.example
check 'a failure stays one' exits 1
ask --quiet
check 'but what changed is told all the same' prints 'What changed: '
ask $still -f ndjson
check 'programs get no row' test "$status" -eq 0 -a ! -s out
ask $still -f json
check 'or an empty list' equal "$(jq -c .rows out)" '[]'
ask --sort -messages --limit 1
check '--sort makes a table of it' equal "$(wc -l <out) $(sed -n 2p out | cut -c 1-30)" '3 example.com  raw_pass_rate  be'
ask --limit 2
check '--limit bounds the changes' equal "$(grep -c '^- ' out) $(tail -1 out)" '2 1 more change; --limit 0 shows all'

# A domain's mail by hand. Days of October 2026; the last period is 25 to 31, the one before 18 to 24.
at() { echo $((1793836800 + ($1 - 36) * 86400)); } # 1793836800 is 36 October, that is 5 November
id=0
mail() { # DAY... -- KEY=VALUE...: a report on each day
  local days=()
  while [ "$1" != -- ]; do
    days+=("$1")
    shift
  done
  shift
  mkdir -p in
  for day in "${days[@]}"; do
    id=$((id + 1))
    report "r$id" begin="$(at "$day")" "$@" >"in/$id.xml"
  done
}
before='18 19 20 21 22 23 24' now='25 26 27 28 29 30 31' long='1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17'
compare() { # ARGS...: the changes of what was made, as KIND EFFECT SUBJECT
  rm -f hand.db
  "$binary" import --quiet --db hand.db in
  COLUMNS=300 run diff --db hand.db --as-of 2026-10-31 "$@"
  cp out letter
  run diff --db hand.db --as-of 2026-10-31 --format ndjson "$@"
  jq -r '[.kind, .effect, .subject // "-"] | join(" ")' out | paste -sd ','
}
forget() { rm -rf in; }
has() { [[ ",$1," == *",$2,"* ]]; }
told() { grep -qF -- "$1" letter; }
# shellcheck disable=SC2086 # days are words
usual() { mail $long $before $now -- count=50 "$@"; }

usual
check 'the same mail is no change' equal "$(compare)" ''
check 'and told as such' told 'Nothing changed: 2026-10-25 to 2026-10-31'

# shellcheck disable=SC2086
mail $now -- ip=198.51.100.7 count=9
changes=$(compare)
check 'a source of own mail that was never met is new' has "$changes" 'new_source neutral 198.51.100.0/24'
check 'told with its class, an address and its mail' told 'new source: 198.51.100.0/24, own (198.51.100.7, network 198.51.100.0/24): 63 messages, 100.0 % pass'
check 'its row says the same' equal "$(jq -r 'select(.kind=="new_source") | [.class, .source_ip, .messages_before, .messages, .pass_share] | @csv' out)" \
  '"own","198.51.100.7",0,63,1'
forget
usual
mail 5 27 -- ip=198.51.100.7 count=9
check 'one that was met before is not' not has "$(compare)" 'new_source neutral 198.51.100.0/24'
forget

usual
mail 18 20 22 -- ip=198.51.100.7 count=9
check 'a source that was there on three days and is not any more is gone' has "$(compare)" 'gone_source neutral 198.51.100.0/24'
check 'told with the mail it had' told 'gone: 198.51.100.0/24, own (198.51.100.7, network 198.51.100.0/24): 27 messages before'
forget
usual
mail 18 20 -- ip=198.51.100.7 count=9
check 'one that was there on two may only pause' not has "$(compare)" 'gone_source neutral 198.51.100.0/24'
forget

# shellcheck disable=SC2086
mail $long $before -- count=50
# shellcheck disable=SC2086
mail $now -- count=45
# shellcheck disable=SC2086
mail $now -- count=5 dkim=fail spf=fail
changes=$(compare)
check 'a rate of own mail that falls by more than a point is told' has "$changes" 'own_pass_rate worse -'
check 'with the source that makes it' has "$changes" 'source_pass_rate worse 192.0.2.0/24'
check 'in figures that are not rounded up' told 'own mail: 90.0 % of 350 messages pass, was 100.0 % of 350'
check 'the verdict goes first' equal "$(head -1 out | jq -r '[.kind, .effect, .after] | join(" ")')" 'verdict worse NOT_READY'
run diff --db hand.db --as-of 2026-10-31 --threshold drop.quarantine=20 -f ndjson
check 'and by the threshold of drop' not grep -q own_pass_rate out
forget

usual
# shellcheck disable=SC2086
mail $now -- ip=203.0.113.66 count=30 dkim=fail spf=fail
changes=$(compare)
check 'a wave of strangers is one line' has "$changes" 'strangers worse -'
check 'told in messages' told 'mail of strangers: 210 messages, before: 0'
check 'and no source of its own' equal "$(echo "$changes" | grep -c 203.0.113)" 0
check 'the rate of all mail falls with it' has "$changes" 'raw_pass_rate worse -'
check 'that of own mail does not' equal "$(echo "$changes" | grep -c own_pass_rate)" 0
forget
usual
# shellcheck disable=SC2086
mail $now -- ip=203.0.113.66 count=14 dkim=fail spf=fail
check '98 messages of strangers are none' not has "$(compare)" 'strangers worse -'
forget

# shellcheck disable=SC2086
mail $long $before -- count=50 p=none
# shellcheck disable=SC2086
mail $now -- count=50 p=quarantine
changes=$(compare)
check 'another policy is told' has "$changes" 'policy neutral -'
check 'with both' told 'published policy: p=quarantine, was p=none'
forget

usual
mail 18 20 22 -- org=Silent count=1
mail 26 -- org=New count=2
changes=$(compare)
check 'a reporter that was regular and is silent is told' has "$changes" 'gone_reporter worse Silent'
check 'and one that is new' has "$changes" 'new_reporter neutral New'
check 'in words' told 'silent reporter: Silent (3 messages before)'
forget

# shellcheck disable=SC2086
mail $long $before -- count=50
usual domain=example.org from=example.org
changes=$(compare)
check 'a domain of which no report came is silent' equal \
  "$(jq -r 'select(.kind == "silent") | [.domain, .effect, .messages_before, .messages] | @csv' out)" '"example.com","worse",350,0'
check 'told beside the one that did not change' told 'Nothing changed at 1 other domain.'
forget
usual
mail 30 -- domain=example.org from=example.org count=4
compare >/dev/null
check 'a new domain is one line, without what is new in it' equal \
  "$(jq -r '[.domain, .kind, .after, .messages] | @csv' out)" '"example.org","new_domain","INSUFFICIENT_DATA",4'
forget

# shellcheck disable=SC2086
mail $long $before -- count=50
compare --as-of 2026-11-20 >/dev/null
check 'that no report came at all does not read like peace' told 'No report came: none begins in 2026-11-14 to'
check 'and names the day of the newest' grep -q '2026-10-24' letter
forget

# Many changes of one domain
usual
for n in $(seq 1 130); do mail 26 -- org="Reporter $n" count=1; done
compare --limit 0 >/dev/null
check 'of a domain the hundred most important are told' equal "$(wc -l <out) $(grep -c '^- ' letter)" '100 101'
check 'and the others counted' told '- and 30 changes of less importance'
forget

# Periods
head_of() { run diff --db t.db "$@"; sed -n 1p out; }
check '--since takes a length' equal "$(head_of --as-of 2026-10-31 --since 2w)" \
  'What changed: 2026-10-18 to 2026-10-31 against 2026-10-04 to 2026-10-17 (UTC)'
check 'or a date' equal "$(head_of --as-of 2026-10-31 --since 2026-10-29 --against 1w)" \
  'What changed: 2026-10-29 to 2026-10-31 against 2026-10-22 to 2026-10-28 (UTC)'
check '--last is the same' equal "$(head_of --as-of 2026-10-31 --last 14)" "$(head_of --as-of 2026-10-31 --since 2w)"
check '--against is as long unless said' equal "$(head_of --as-of 2026-10-31 --since 7d --against 28d)" \
  'What changed: 2026-10-25 to 2026-10-31 against 2026-09-27 to 2026-10-24 (UTC)'
check 'a day is named once' equal "$(head_of --as-of 2026-09-20 --since 1d)" \
  'What changed: 2026-09-20 against 2026-09-19 (UTC)'
run diff --db t.db
check 'without --as-of the last period ends two days ago' prints "$(date -u -d '2 days ago' +%Y-%m-%d) (UTC)"
run diff --db t.db --as-of 2020-01-01
check 'before the first report there is nothing' prints 'No report had begun by then'

# What is refused
ask --since 12h
check 'hours are refused' fails_with 2 '--since: days are compared: write 7d or 2w'
ask --against 1h
check 'for --against too' fails_with 2 '--against: days are compared'
ask --since soon
check 'what is neither is refused' fails_with 2 '--since: "soon" is neither a length of time (7d, 2w) nor a date'
ask --since 2026-11-01
check 'a period that begins behind its end is refused' fails_with 2 'the last period would end before it begins'
ask --since 999999d
check 'and one without measure' fails_with 2 'more than a hundred years'
ask example.edu
check 'a domain without a report is told' fails_with 1 'no report on example.edu is stored'
run diff --db none.db
check 'without a database there is advice' fails_with 1 'there is no database none.db yet'
status=0
"$binary" diff --db t.db --as-of 2026-10-31 >/dev/full 2>err || status=$?
check 'a full standard output is a failure' equal "$status" 1

finish

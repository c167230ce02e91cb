#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# findings: what is told of any day, in each format; what somebody says of one; and silence where there is nothing.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

run_beside_sample import --quiet --db "$work/t.db" sample
ask() { run findings --db t.db --as-of 2026-10-22 "$@"; }
of() { jq -r "$1" out; } # JQ-FILTER

# The sample
for format in text csv json ndjson; do
  ask --format $format
  check "the sample ($format)" golden findings.$format out
  check "asking succeeds and says nothing beside ($format)" test "$status" -eq 0 -a ! -s err
done
COLUMNS=80 ask
check 'on a terminal of 80 columns it fits' test "$(wc -L <out)" -le 80
cp out first
COLUMNS=80 ask
check 'two runs say the same' same out first
LC_ALL=C ask
check 'without UTF-8 it is plain ASCII' not grep -qP '[^\x00-\x7f]' out
ask --sort -domain --limit 1
check '--sort makes a table of it' equal "$(head -2 out | tail -1 | cut -c 1-12) $(tail -1 out)" \
  '7b4d21a711dd … 2 more rows; --limit 0 shows all'
ask --limit 1
check '--limit bounds the findings' equal "$(grep -c '^[0-9]\. ' out) $(tail -1 out)" '1 2 more findings; --limit 0 shows all'
idle() { run findings --db t.db --as-of 2026-10-31 example.org "$@"; }
idle
check 'where there is nothing to do one line says so' equal "$(cat out)" 'Nothing to do: 2026-10-31 (UTC), 1 domain.'
idle --quiet
check 'and none with --quiet' is_silent
ask --quiet
check 'what is to be done is told all the same' prints '3 to do: 2026-10-22'
idle -f ndjson
check 'programs get no row' test "$status" -eq 0 -a ! -s out
idle --exit-code
check '--exit-code succeeds where nothing is new or open' equal "$status" 0
ask --exit-code
check 'else its status is 4' equal "$status" 4
ask nowhere.example
check 'a domain without reports is told' fails_with 1 'no report on nowhere.example is stored'
run findings --db t.db --as-of 2026-10-20 -f ndjson example.com
check 'a finding has one id on all its days' equal "$(of .id)" "$(jq -r 'select(.domain=="example.com") | .id' <"$here/golden/findings.ndjson")"
check 'and what was there by then' equal "$(of '[.messages, .last_seen] | join(" ")')" '296 2026-10-20'

run findings --db t.db --as-of 2026-11-15 -f ndjson
check 'where no domain has reports any more that is one finding' equal \
  "$(of '[.domain // "-", .kind, .subject // "-", .state, .first_seen] | join(" ")')" '- reports_stale - open 2026-11-01'
check 'with an id of its own' equal "$(of .id)" "$(run findings --db t.db --as-of 2026-11-20 -f ndjson; of .id)"
run findings --db t.db --as-of 2026-11-15 example.com -f ndjson
check 'and of one domain it is that domain' equal "$(of .domain)" example.com

# What somebody says of one
id=841649f8013e
ask --ack $id --note 'they move in July' --until 2026-10-25
check 'an acknowledgement is told' equal "$status $(cat out err)" \
  '0 dmarcctl: example.com: unknown sender: campaigns.example.net: acknowledged'
ask example.com -f ndjson
check 'it counts' equal "$(of '[.id, .state, .acknowledged_until, .note] | join(" ")')" \
  "$id acknowledged 2026-10-26T00:00:00Z they move in July"
ask example.com
check 'and is shown, with its last day' prints 'acknowledged on 2026-10-22 until 2026-10-25 (they move in'
ask example.com --exit-code
check 'nothing is to be done then' equal "$status $(head -1 out)" '0 Nothing to do, 1 acknowledged: 2026-10-22 (UTC), 1 domain.'
run findings --db t.db --as-of 2026-10-25 example.com -f ndjson
check 'it holds to the end of its last day' equal "$(of .state)" acknowledged
run findings --db t.db --as-of 2026-10-26 example.com -f ndjson
check 'and no longer' equal "$(of .state)" open
ask --unack $id
check 'it is taken back in silence' is_silent
ask example.com -f ndjson
check 'and counts no longer' equal "$(of .state)" open
ask --unack $id
check 'what nobody acknowledged cannot be taken back' fails_with 1 "nobody has acknowledged a finding with the id $id"
ask --ack 84164 example.com
check 'an id needs 8 digits' fails_with 1 'no finding has the id 84164: '
ask --quiet --ack 841649F8 example.com
check 'which may be its first, in any case' is_silent
ask --ack $id --ack 000000000000
check 'of several ids one that is wrong spoils all' fails_with 1 'no finding has the id 000000000000'
ask --unack $id
ask --ack 3e5157a0debb --ack 000000000000
ask -f ndjson
check 'and nothing is written' equal "$(of .acknowledged | sort -u)" null
ask --ack 3e5157a0debb --until 2026-10-21
check 'an end before the day of asking is refused' fails_with 2 '--until ends before the day as of which it is said'
ask --until 2026-10-25
check '--until alone is refused' fails_with 2 '--until and --note go with --ack ID'
ask --note x
check 'so is --note' fails_with 2 '--until and --note go with --ack ID'
run findings --db none.db --ack $id
check 'no database is made for an acknowledgement' test "$status" -eq 1 -a ! -e none.db

# A domain's mail by hand. Days of October 2026.
at() { echo $((1790812800 + ($1 - 1) * 86400)); }
mail() { # FIRST LAST KEY=VALUE...: a report on each day
  local day first=$1 last=$2
  shift 2
  mkdir -p in
  for day in $(seq "$first" "$last"); do
    number=$((${number-0} + 1))
    report "r$number" begin="$(at "$day")" "$@" >"in/$number.xml"
  done
}
mail 1 31 count=50
mail 1 9 ip=198.51.100.7 count=20
mail 10 12 ip=198.51.100.7 count=20 dkim=fail spf=fail
mail 13 31 ip=198.51.100.7 count=20
"$binary" import --quiet --db hand.db in
broken() { # DAY: state, evidence and messages of the sender on that day
  run findings --db hand.db --as-of "2026-10-$1" -f ndjson
  of 'select(.kind=="own_broken") | [.subject, .state, .first_seen, .last_seen, .messages, .gone] | map(. // "-") | join(" ")'
}
check 'before it breaks nothing is told' equal "$(broken 09)" ''
check 'on its first day it is new' equal "$(broken 10)" '198.51.100.0/24 new 2026-10-10 2026-10-10 20 -'
check 'two clean days leave it open' equal "$(broken 14)" '198.51.100.0/24 open 2026-10-10 2026-10-12 60 -'
check 'the third ends it' equal "$(broken 15)" '198.51.100.0/24 gone 2026-10-10 2026-10-12 60 2026-10-15'
check 'which is told for a week' equal "$(broken 21)" "$(broken 15)"
check 'and then forgotten' equal "$(broken 22)" ''
run findings --db hand.db --as-of 2026-10-11 --threshold finding.new=0
check 'the thresholds of findings can be set' prints ', open, warning'

# Mail accounts
sqlite3 hand.db "INSERT INTO mailbox (account, folder, uidvalidity, next_uid, read_s, tried_s, error, error_s) VALUES
  ('dmarc@imap.example.com:993', 'INBOX', 1, 9, $(at 26), $(at 29), 'the server refuses the password', $(at 29))"
imports() { of 'select(.kind=="import_failing") | [.domain // "-", .subject, .first_seen, .last_seen, .text] | join(" ")'; }
run findings --db hand.db --as-of 2026-10-30 -f ndjson
check 'an account whose last try failed is told, since it was read' equal "$(imports)" \
  '- dmarc@imap.example.com:993/INBOX 2026-10-26 2026-10-29 2026-10-29: the server refuses the password'
run findings --db hand.db --as-of 2026-10-30 -f ndjson example.com
check 'but not of a domain' equal "$(imports)" ''
run findings --db hand.db --as-of 2026-10-28 -f ndjson
check 'nor of a day before it was tried' equal "$(imports)" ''
run findings --db hand.db --as-of 2026-11-20 -f ndjson
check 'nor when nobody has tried since' equal "$(imports)" ''

# What could not be sent
sqlite3 hand.db "INSERT INTO notify_way (section, tried_s, failing_s, error) VALUES
  ('me', $(at 29), $(at 27), 'connection refused'), ('her', $(at 29), NULL, NULL)"
printf '[notify me]\nto = exec:true\n' > me.conf
notices() { of 'select(.kind=="notify_failing") | [.domain // "-", .subject, .first_seen, .last_seen, .text] | join(" ")'; }
run findings --config me.conf --db hand.db --as-of 2026-10-30 -f ndjson
check 'a way that cannot be taken is told, since it cannot' equal "$(notices)" \
  '- me 2026-10-27 2026-10-29 2026-10-29: connection refused'
run findings --config me.conf --db hand.db --as-of 2026-10-28 -f ndjson
check 'but not of a day before it was tried' equal "$(notices)" ''
run findings --config me.conf --db hand.db --as-of 2026-11-20 -f ndjson
check 'nor when nobody has tried since' equal "$(notices)" ''

run findings --db hand.db --as-of 2026-10-30 -f ndjson
check 'nor of a section that is not in the configuration any more' equal "$(notices)" ''

finish

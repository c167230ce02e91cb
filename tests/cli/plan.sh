#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# plan: the way to the target in each format, days on which nothing is published, and what is refused.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

run_beside_sample import --quiet --db "$work/t.db" sample
ask() { run plan --db t.db --as-of 2026-10-31 "$@"; }
of() { jq -r "$1" out; } # JQ-FILTER

for format in text csv json ndjson; do
  ask --format $format
  check "the sample ($format)" golden plan.$format out
  check "asking succeeds and says nothing beside ($format)" test "$status" -eq 0 -a ! -s err
done
ask example.com example.org
check 'pages' golden plan-pages.text out
ask example.org --format markdown
check 'a page for a ticket has boxes to check' golden plan-example.org.markdown out
ask example.com --target reject -f ndjson
check 'another target goes on to it' equal "$(of .publish | tail -1)" 'p=reject'

# Days
ask example.org --start 2026-11-10 -f ndjson
check 'nothing is published before the start' equal "$(of .day | tr '\n' ' ')" '2026-11-10 2026-11-10 2026-12-10 '
ask example.org --freeze 2026-11-20..2026-12-02 --freeze 2026-12-02..2027-01-04 -f ndjson
check 'nor on days of a freeze' equal "$(of .day | tail -1)" 2027-01-05
check 'which is said' equal "$(of .waits_for | tail -1)" '30 days at p=quarantine; moved behind the freeze'

# A calendar
ask example.org --format ics
cp out first
ask example.org --format ics
check 'a calendar is the same each time it is made' same out first
check 'its lines end as RFC 5545 wants it, and are no longer than 75 bytes' \
  test "$(grep -c $'\r$' out)" -eq "$(wc -l <out)" -a "$(LC_ALL=C tr -d '\r' <out | LC_ALL=C wc -L)" -le 75
check 'an entry a record, of one day' equal \
  "$(grep -c '^BEGIN:VEVENT' out) $(tr -d '\r' <out | grep '^DTSTART' | tr '\n' ' ')" \
  '3 DTSTART;VALUE=DATE:20261031 DTSTART;VALUE=DATE:20261031 DTSTART;VALUE=DATE:20261130 '
check 'whose names tell them apart' equal "$(grep '^UID' out | sort -u | wc -l)" 3

# What was taken
ask example.org --done --by anna --note 'change 4711'
check 'a step that was taken is noted, with the verdict of the day' \
  tells 'example.org: np=reject is noted as taken on 2026-10-31, on READY: every gate holds'
ask Example.ORG. --done
check 'the next time it is the next one' tells 'example.org: p=quarantine is noted as taken on 2026-10-31'
ask example.org --done
check 'one of a later day is not taken yet' fails_with 1 'the plan has no step for 2026-10-31 that is not noted as taken'
ask example.org
check 'a page tells who decided, and why' prints '- 2026-10-31: np=reject, on READY: every gate holds; decided by anna; change 4711'
check 'a step that is noted is not asked for once more' not prints 'publish np=reject'
check 'but waits for reports that show it' prints \
  '1. Taken: np=reject. Noted as taken on 2026-10-31; the reports do not show it yet.'
check 'and what is not noted is to be published' prints '3. 2026-11-30: publish p=reject'
check 'or who was logged in' prints "decided by $(id -un)"
ask example.org -f ndjson
check 'so do the rows' equal "$(of .waits_for | head -1)" 'Noted as taken on 2026-10-31; the reports do not show it yet'
ask example.org -f markdown
check 'whose boxes are checked' prints '- [x] **Taken: np=reject**'
ask example.org -f ics
check 'and a calendar' prints 'SUMMARY:example.org: taken: np=reject'
run readiness --history --db t.db --as-of 2026-10-31 example.org -f ndjson
check 'so does the history, with records and figures' equal \
  "$(jq -r 'select(.what == "taken") | [.after, .who, .note, .record, .own_messages] | map(. // "-") | join("|")' out | head -1)" \
  'np=reject|anna|change 4711|v=DMARC1; p=none; np=reject; rua=<keep yours>|1283'
ask example.com --done --quiet
check 'a step against the verdict is noted as well' equal "$status $(sqlite3 t.db "SELECT verdict FROM taken_step WHERE domain = 'example.com'")" '0 NEEDS_DECISION'
ask example.org nosuch.example --done
check 'all or none' test "$status" -eq 1
run plan --db t.db --as-of 2020-01-01 example.org --done
check 'before the first report there is nothing to note, which is said' fails_with 1 \
  'no report on example.org had begun by 2020-01-01'
ask example.org --undo
check 'the last one can be taken back' equal "$status $(sqlite3 t.db "SELECT group_concat(step) FROM taken_step WHERE domain = 'example.org'")" '0 np=reject'
ask example.net
check 'a domain that sends nothing says so' prints 'And that it sends nothing: example.net TXT "v=spf1 -all"'
ask example.net --undo
check 'but no more than there is' fails_with 1 'no step of example.net is noted as taken'
for words in '--done' '--undo' 'example.org --note x' 'example.org --by x' 'example.org --done --undo'; do
  # shellcheck disable=SC2086 # words
  ask $words
  check "$words is refused" test "$status" -eq 2 -a ! -s out
done
sqlite3 t.db 'DELETE FROM taken_step'

# What is refused
for words in '--freeze tomorrow' '--freeze 2026-12-01..2026-11-01' '--freeze 2026-12-01' '--freeze ..' '--target none' \
  '--start soon' '--record bind' '--since 7d'; do
  # shellcheck disable=SC2086 # words
  ask $words
  check "$words is refused" test "$status" -eq 2 -a ! -s out
done
ask --record zone
check 'a record for a tool has to be known in full' fails_with 2 '--record needs --dns'
ask no.example.com
check 'an unknown domain is told' fails_with 1 'no report on no.example.com is stored'
run plan --db none.db
check 'no database is told' fails_with 1 'there is no database none.db yet'
finish

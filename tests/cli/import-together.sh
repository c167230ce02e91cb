#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Several imports at once into one database: each succeeds, and together they give the union.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# Three overlapping sets of 300 reports each: a has 1-300, b 151-450, c 301-600.
mkdir a b c
for n in $(seq 1 600); do
  report "r$n" begin=$((1790812800 + n * 60)) ip="192.0.2.$((n % 250))" count="$n" >report.xml
  [ "$n" -le 300 ] && cp report.xml "a/$n.xml"
  [ "$n" -gt 150 ] && [ "$n" -le 450 ] && cp report.xml "b/$n.xml"
  [ "$n" -gt 300 ] && cp report.xml "c/$n.xml"
done
# And a large one that all three have, so that long transactions meet as well.
report large records=20000 >report.xml
for set in a b c; do cp report.xml $set/large.xml; done

# The first import into a database makes it, so several that begin at once all try.
report r0 >r0.xml
for round in $(seq 1 12); do
  for n in 1 2 3 4; do
    "$binary" import --db "new$round.db" --quiet r0.xml >>new.log 2>&1 &
  done
  wait
done
check 'imports that begin at once into a database that is not there yet all succeed' test ! -s new.log
run import --db together.db --quiet /dev/null # what follows is about one that is there

import_in_background() { # SET
  "$binary" import --db together.db --format json "$1" >"$1.out" 2>"$1.err" &
}
import_in_background a && first=$!
import_in_background b && second=$!
import_in_background c && third=$!
codes=
for process in $first $second $third; do
  code=0
  wait "$process" || code=$?
  codes="$codes $code"
done

check 'all three succeed' equal "$codes" ' 0 0 0'
# On a busy machine one may have waited for so long that it says so.
grep -hv 'waiting for another process that is writing to' a.err b.err c.err >complaints || true
check 'none of them complains' test ! -s complaints
check 'each saw its own documents' equal "$(jq -s 'map(.documents.total) | tostring' a.out b.out c.out)" '"[301,301,301]"'
check 'each report is new to exactly one of them' equal "$(jq -s 'map(.documents.new) | add' a.out b.out c.out)" 601
check 'and a duplicate to the others' equal "$(jq -s 'map(.documents.duplicate) | add' a.out b.out c.out)" 302
run reports --db together.db --format ndjson
check 'the database has the union, each once' \
  equal "$(jq -s 'map(.report_id) | [length, (unique | length)] | tostring' out)" '"[601,601]"'
run export --db together.db --format ndjson
check 'with all messages' equal "$(jq -s 'map(.count) | add' out)" $((600 * 601 / 2 + 20000 * 5))
check 'the database is sound' equal "$(sqlite3 together.db 'PRAGMA integrity_check')" ok

# A question while an import runs is answered from a whole state.
mkfifo slow
"$binary" import --db together.db --quiet slow >/dev/null 2>&1 &
importer=$!
exec 3>slow
report later records=30000 >later.xml
head -c 4000000 later.xml >&3
run summary --db together.db --format ndjson
check 'a question in the middle of an import sees what is complete' equal "$(jq .reports out)" 601
tail -c +4000001 later.xml >&3
exec 3>&-
wait $importer
run summary --db together.db --format ndjson
check 'and the rest when it is done' equal "$(jq .reports out)" 602
finish

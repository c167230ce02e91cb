#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# import again: what is known stays as it is; copies, other contents and damaged copies are told apart.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

outcomes() { # FILE: the outcomes of a JSON summary that are not 0
  jq -c '.documents | del(.total) | with_entries(select(.value > 0))' "$1"
}
ledger() { sqlite3 "$1" 'SELECT outcome, origin FROM document ORDER BY id'; }

run_beside_sample import --db "$work/a.db" sample
dump a.db >before
run_beside_sample import --db "$work/a.db" --format json sample
dump a.db >after
check 'the same folder again is all duplicates' equal "$(outcomes out)" '{"duplicate":218,"rejected":1,"no_report":1}'
check 'the same folder again ends with 0: what was rejected was told' exits 0
check 'and is not told again' equal "$(cat err)" ''
check 'the same folder again changes no byte of the database' same before after
run_beside_sample import --db "$work/a.db" --quiet sample sample sample/entities.xml
dump a.db >after
check 'nor does naming it twice' same before after

cp -r "$testdata/sample" elsewhere
run export --db a.db --format ndjson
cp out exported
run import --db a.db --format json elsewhere
check 'copies in another folder are duplicates' equal "$(outcomes out)" '{"duplicate":218,"rejected":1,"no_report":1}'
run export --db a.db --format ndjson
check 'copies in another folder add no record' same exported out
dump a.db >before
check 'each copy is told once in the ledger' \
  equal "$(ledger a.db | grep -c 'duplicate|elsewhere/')" 218
run import --db a.db --quiet elsewhere
dump a.db >after
check 'and no second time' same before after

mkdir conflict
report one count=5 >conflict/1.xml
report one count=6 >conflict/2.xml
run import --db conflict.db --format json conflict
check 'the same report with other content conflicts' equal "$(outcomes out)" '{"new":1,"conflicting":1}'
check 'a conflict is told' tells \
  'conflict/2.xml: conflicting: the same report with other content is stored already; the first was kept'
check 'a conflict is no rejection' exits 0
run export --db conflict.db --format ndjson
check 'the first is kept' equal "$(jq .count out)" 5
dump conflict.db >before
run import --db conflict.db --quiet conflict
dump conflict.db >after
check 'a conflict met again changes nothing' same before after
run errors --db conflict.db --format ndjson
check 'errors lists it' equal "$(jq -r '[.outcome, .origin] | join(" ")' out)" 'conflicting conflict/2.xml'

for records in 3 2000; do # in one piece, and streamed
  rm -rf broken && mkdir broken
  report big records=$records >broken/whole.xml
  head -c $(($(wc -c <broken/whole.xml) * 2 / 3)) broken/whole.xml >broken/cut.xml
  run import --db broken-$records.db --format json broken/cut.xml
  check "a cut copy is damaged, what can be read of it is kept ($records records)" equal "$(outcomes out)" '{"damaged":1}'
  run import --db broken-$records.db --format json broken/whole.xml
  check "the whole one takes its place ($records records)" equal "$(outcomes out)" '{"new":1}'
  run export --db broken-$records.db --format ndjson
  check "and all its records are there, once ($records records)" equal "$(wc -l <out)" "$records"
  check "none of them is of a damaged report ($records records)" equal "$(jq -s 'map(select(.damaged)) | length' out)" 0
  run reports --db broken-$records.db --format ndjson
  check "there is one report ($records records)" equal "$(jq -c '[.records, .origin]' out)" \
    "[$records,\"broken/whole.xml\"]"
  run import --db broken-$records.db --format json broken/cut.xml
  check "the cut copy met again does not replace the whole one ($records records)" \
    equal "$(outcomes out)" '{"conflicting":1}'
  dump broken-$records.db >before
  run import --db broken-$records.db --quiet broken
  dump broken-$records.db >after
  check "both met again change nothing ($records records)" same before after
done

report big records=2000 count=7 >broken/other.xml
run import --db broken-2000.db --format json broken/other.xml
check 'a large report with other content conflicts' equal "$(outcomes out)" '{"conflicting":1}'
run export --db broken-2000.db --format ndjson
check 'and leaves no record behind' equal "$(jq -s 'map(.count) | unique | tostring' out)" '"[5]"'
sed 's,<org_name>.*</org_name>,,' broken/whole.xml >broken/nameless.xml
run import --db nameless.db --format json broken/nameless.xml broken/nameless.xml
check 'a large report without a name is known again by the address it came from' \
  equal "$(outcomes out)" '{"new":1,"duplicate":1}'
# Its name stands behind the records: until then it looks like the one above.
sed 's,</feedback>,<report_metadata><org_name>late.example.net</org_name></report_metadata></feedback>,' \
  broken/nameless.xml >broken/late.xml
run import --db nameless.db --format json broken/late.xml
check 'a large report that turns out to be another at its end is stored' equal "$(outcomes out)" '{"new":1}'
check 'and does not end the import' exits 0

run_beside_sample import --db "$work/jobs1.db" --jobs 1 sample
run_beside_sample import --db "$work/jobs2.db" --jobs 2 sample
run_beside_sample import --db "$work/jobs5.db" --jobs 5 sample
for jobs in 1 2 5; do
  sqlite3 jobs$jobs.db 'UPDATE report SET imported_s = 0; UPDATE document SET seen_s = 0'
  dump jobs$jobs.db >jobs$jobs.dump
done
check 'two threads write what one writes, byte for byte' same jobs1.dump jobs2.dump
check 'so do five' same jobs1.dump jobs5.dump

# Of two copies the first in order is kept, so the origin may differ; what the reports say may not.
find elsewhere -type f -print0 | sort -z | xargs -0 "$binary" import --quiet --db forward.db 2>/dev/null || true
find elsewhere -type f -print0 | sort -zr | xargs -0 "$binary" import --quiet --db backward.db 2>/dev/null || true
for order in forward backward; do
  run export --db $order.db --format ndjson
  jq -c 'del(.origin)' out | sort >$order
done
check 'the order of the files changes nothing in what is exported' same forward backward
finish

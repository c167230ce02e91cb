#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# import: the sample mailbox gives what its ground truth says, in all forms of the summary.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

truth=$testdata/sample-truth.json

as_the_truth() { # FILE: the summary as JSON
  diff <(jq -S '{files, documents: (.documents | del(.total)), reports, records, messages}' "$1") \
    <(jq -S '{files, documents: {new: .documents.new, damaged: .documents.damaged, duplicate: .documents.duplicate,
              conflicting: (.documents.conflicting // 0), rejected: .documents.rejected,
              no_report: .documents["no-report"], not_ours: 0}, reports, records, messages}' "$truth")
}

run_beside_sample import --db "$work/text.db" sample
check 'a mailbox with a rejected document ends with 3' exits 3
sed -E 's/in [0-9.]+ s\./in N s./' out >text
check 'the summary says what was found' golden import.txt text
check 'what is rejected and what is damaged is told, with its reason' golden import.err err

run_beside_sample import --db "$work/json.db" --format json sample
check 'the JSON summary comes with the same status' exits 3
check 'its figures are those of the ground truth' as_the_truth out
check 'its documents add up' equal "$(jq '.documents | del(.total) | add' out)" "$(jq .documents.total out)"
check 'it names its schema' equal "$(jq -c '[.schema, .version, .dry_run]' out)" '["dmarcctl.import",1,false]'

run_beside_sample import --db "$work/csv.db" --format csv sample
check 'the CSV summary is one row with the same figures' \
  equal "$(sed -n 2p out | tr -d '\r' | cut -d, -f1-11)" 117,220,216,1,1,0,1,1,217,1061,5964
run_beside_sample import --db "$work/quiet.db" --quiet sample
check '--quiet leaves the summary out' test ! -s out
check '--quiet still tells troubles' tells 'entities.xml: rejected'
run_beside_sample import --db "$work/file.db" --format json --output "$work/summary.json" sample
check '--output takes the summary' as_the_truth "$work/summary.json"
check '--output leaves standard output alone' test ! -s out

for format in text csv json ndjson; do
  run errors --db text.db --format $format
  without_times <out >errors.$format
  check "errors lists each document that made trouble ($format)" golden errors.$format errors.$format
done

run export --db text.db --format ndjson
cp out all
check 'the export has all records' equal "$(wc -l <all)" "$(jq .records "$truth")"
check 'the export has all messages' equal "$(jq -s 'map(.count) | add' all)" "$(jq .messages "$truth")"
check 'the aligned messages are those of the truth' \
  equal "$(jq -s 'map(select(.dkim == "pass" or .spf == "pass").count) | add' all)" "$(jq .aligned_messages "$truth")"
check 'so are the messages by header_from' \
  same <(jq -sS 'reduce .[] as $r ({}; .[$r.header_from] += $r.count)' all) <(jq -S .header_from_messages "$truth")
run reports --db text.db --format ndjson
check 'the reports by reporter are those of the truth' \
  same <(jq -sS 'reduce .[] as $r ({}; .[$r.org_name] += 1)' out) <(jq -S .reporters "$truth")
run summary --db text.db --format ndjson
check 'the domains are those of the truth' \
  same <(jq -sS 'reduce .[] as $r ({}; .[$r.domain] = {reports: $r.reports, records: $r.records, messages: $r.messages,
                                                        aligned_messages: $r.pass})' out) <(jq -S .domains "$truth")
finish

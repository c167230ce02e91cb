#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# portfolio: a line a group of domains, who has most to do first.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

run import --quiet --db t.db "$testdata/sample"
cat >groups.conf <<'END'
[group quiet]
domains = example.net
[group busy]
domains = example.com, example.net, exampl?.com, com
[group to-come]
domains = *.nowhere.example
END
export DMARCCTL_CONFIG=groups.conf
day='--as-of 2026-10-22'
# shellcheck disable=SC2086 # words
ask() { run portfolio --db t.db $day "$@"; }
of() { jq -r "select(.group == $1) | $2" out; }

ask
check 'a line a group, and one for the domains of none' golden portfolio.text out
for format in json csv ndjson markdown; do
  ask -f $format
  check "$format: the same" golden "portfolio.$format" out
done
ask -f html
check 'html: as well' prints '>busy<'
ask -f xlsx -o p.xlsx
check 'and xlsx' test -s p.xlsx
ask -f ndjson
cp out all
check 'who has most to do comes first' equal "$(jq -r .group all | paste -sd ' ')" 'busy quiet null to-come'
check 'a domain is once in each of its groups, and in no other line' equal "$(jq -r .domains all | paste -sd ' ')" '2 1 1 0'
# shellcheck disable=SC2086
run findings --db t.db $day -f json
for severity in critical warning notice; do
  check "as many $severity findings wait for somebody as findings tells" equal \
    "$(jq "[select(.group != \"quiet\") | .$severity] | add" all | paste -sd + | bc)" \
    "$(jq "[.rows[] | select(.domain and (.state == \"new\" or .state == \"open\") and .severity == \"$severity\")] | length" out)"
done
check 'what is to be done first is the first finding of its domains' equal \
  "$(jq -r 'select(.group == "busy") | .first_id + .advice' all)" \
  "$(jq -r '[.rows[] | select(.domain == "example.com" or .domain == "example.net")][0] | .id + .advice' out)"
# shellcheck disable=SC2086
run readiness --db t.db $day -f json
check 'verdicts are those of readiness' equal "$(jq -c 'select(.group == null) | .verdicts' all)" \
  "$(jq -c '[.rows[] | select(.domain == "example.org") | "1 " + .verdict]' out)"
check 'and so is own mail that fails' equal "$(jq 'select(.group == "busy") | .own_messages' all)" \
  "$(jq '[.rows[] | select(.domain != "example.org") | .own_messages] | add' out)"
ask -f ndjson --group quiet
check '--group has its line alone' equal "$(jq -r '"\(.group) \(.domains)"' out)" 'quiet 1'
ask -f ndjson --domain example.org
check '--domain narrows what is counted' equal "$(jq -r '"\(.group) \(.domains)"' out | paste -sd ' ')" \
  'null 1 busy 0 quiet 0 to-come 0'
ask -f ndjson --sort group --limit 1
check 'rows are sorted and limited as everywhere' equal "$(of '"busy"' .rank)" 1
id=$(jq -r 'select(.group == "busy") | .first_id' all)
# shellcheck disable=SC2086
run findings --db t.db $day --ack "$id" --quiet
ask -f ndjson
check 'what somebody knows of is not to do' equal "$(of '"busy"' .acknowledged)" 1
check 'and something else is first' not equal "$(of '"busy"' .first_id)" "$id"
DMARCCTL_CONFIG=/dev/null ask -f ndjson
check 'without a group all domains are one line' equal "$(jq -r '"\(.group) \(.domains)"' out)" 'null 3'
run portfolio --db t.db --reporter x
check 'it takes no filter that would leave a part of a domain out' fails_with 2 'rests on all reports'

# --- one vendor at many customers ----------------------------------------------------------------------------------

first=1790812800 # 2026-10-01
for customer in 1 2 3 4 5 6 7 8; do
  for day in $(seq 0 49); do
    at=$((first + day * 86400))
    report "$customer-$day-own" domain="c$customer.example" from="c$customer.example" begin=$at count=40
    result=pass
    [ "$day" -lt 44 ] || result=fail
    report "$customer-$day-vendor" domain="c$customer.example" from="c$customer.example" begin=$at ip=198.51.100.9 \
      count=$((20 + customer)) dkim=$result spf=$result
  done
done | sed 's/<?xml[^>]*>//' >many
awk '/<feedback>/ { n++ } NF { print > ("many-" n ".xml") }' many
mkdir many.d && mv many-*.xml many.d
run import --quiet --db many.db many.d
printf '[group one]\ndomains = c1.example c2.example\n[group two]\ndomains = c3.example\n' >many.conf
export DMARCCTL_CONFIG=many.conf
run findings --db many.db --as-of 2026-11-19
check 'one vendor that breaks at eight domains is one thing to do' equal "$(sed -nE 's/^[0-9]+\. (.* own mail fails): .*/\1/p' out)" \
  'c8.example and 7 more domains: own mail fails'
check 'which names others, each with its id' equal \
  "$(tr -s '\n ' ' ' <out | grep -oE 'the same at c7.example \([0-9a-f]{12}\), c6.example .* and 2 more' | wc -l)" 1
check 'so that there is little to do' equal "$(head -n 1 out | cut -d ' ' -f 1)" "$(grep -cE '^[0-9]+\. ' out)"
run findings --db many.db --as-of 2026-11-19 -f json
jq -c '.rows[] | select(.kind == "own_broken")' out >broken
check 'programs are told of each, with how many share it' equal "$(jq -r .shared_domains broken | sort | uniq -c | tr -s ' ')" ' 8 8'
check 'and of which is told first' equal "$(jq -r .shared_with broken | sort -u)" "$(head -n 1 broken | jq -r .id)"
id=$(jq -r 'select(.domain == "c8.example") | .id' broken)
run findings --db many.db --as-of 2026-11-19 --ack "$id" --quiet
run findings --db many.db --as-of 2026-11-19
check 'somebody knows of one: seven are left' prints 'c7.example and 6 more domains: own mail fails'
run findings --db many.db --as-of 2026-11-19 --group one
check 'for one customer it is about their domains alone' prints 'c2.example and 1 more domain: own mail fails'
check 'and names no other' not prints 'c7.example'
run portfolio --db many.db --as-of 2026-11-19 -f json
check 'in the portfolio it is in each line' equal \
  "$(jq -r '.rows[] | "\(.group) \(.domains) \(.critical + .warning) \(.own_failing_messages > 0)"' out | paste -sd ,)" \
  "$(printf 'null 5 4 true,one 2 2 true,two 1 1 true')"
finish

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# compliance: what of the sample meets the bar for bulk senders, and which receivers' rules apply.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

run_beside_sample import --quiet --db "$work/t.db" sample
day='--as-of 2026-11-01'
for format in text csv json ndjson; do
  # shellcheck disable=SC2086 # two words
  run compliance --db t.db $day --format $format
  check "the sources of all domains ($format)" golden compliance.$format out
done
# shellcheck disable=SC2086
COLUMNS=80 run compliance --db t.db $day example.com example.net
check 'a page for each named domain' golden compliance-pages-80.text out
check 'in lines that fit' test "$(wc -L <out)" -le 80
check 'what reports cannot show is said once' equal "$(grep -c 'Not visible in aggregate reports' out)" 1
# shellcheck disable=SC2086
COLUMNS=80 run compliance --db t.db $day
check 'the table fits 80 columns' test "$(wc -L <out)" -le 80
# shellcheck disable=SC2086
LC_ALL=C run compliance --db t.db $day example.com
check 'without UTF-8 a page is plain ASCII' not grep -qP '[^\x00-\x7f]' out
# shellcheck disable=SC2086
run compliance --db t.db $day Example.ORG. -f ndjson
check 'a named domain alone, in any case' equal "$(jq -r .policy_domain out | sort -u)" example.org
# shellcheck disable=SC2086
run compliance --db t.db $day --since 2026-09-17 -f ndjson example.com
check '--since is the period instead of the window' equal "$(jq -r '"\(.first_day) \(.last_day)"' out | sort -u)" \
  '2026-09-17 2026-10-31'
# shellcheck disable=SC2086
run compliance --db t.db $day example.com --sort source --limit 1
check '--sort and --limit hold for the sources of a page' equal "$(grep -cE '^[0-9a-f.:]+ +[0-9,]+ +[0-9]' out)" 1
check 'and the rest is counted' prints '6 more rows; --limit 0 shows all'
run compliance --db t.db example.com --sort nosuch
check 'a column that there is not is told before a page begins' fails_with 2 'no column "nosuch" to sort by'
run compliance --db t.db example.edu
check 'a domain without a report is told' fails_with 1 'no report on example.edu is stored'
run compliance --db t.db example.edu -f json
check 'in JSON before the document begins' fails_with 1 'no report on example.edu is stored'

# Whose rules apply
begin=1790812800
report google-1 org=google.com count=5001 >1.xml
report google-2 org=google.com count=5000 begin=$((begin + 86400)) >2.xml
report yahoo org=Yahoo count=5000 >3.xml
report microsoft org='Enterprise Outlook' count=90000 >4.xml
report spf-alone org=google.com count=40 dkim=fail begin=$((begin + 86400)) ip=192.0.2.10 >5.xml
run import --quiet --db bulk.db 1.xml 2.xml 3.xml 4.xml 5.xml
run compliance --db bulk.db --as-of 2026-10-03 example.com
check 'a day of 5,001 messages, and one of 5,000 and 40 more, make a bulk sender' prints \
  'Google: on 2 of 2 days with a report; at most 5,040 (2026-10-02): its rules apply'
check 'a day of 5,000 does not' prints 'Yahoo: on none of 1 day with a report; at most 5,000 (2026-10-01)'
check 'customers of Microsoft 365 are not Outlook.com' prints 'Microsoft: no report on a day'
check 'mail that passes DMARC and falls short is counted' prints '40 pass DMARC and fall short of that'
run compliance --db bulk.db --as-of 2026-10-03 -f json
check 'programs get it as numbers' equal \
  "$(jq -c '.rows[0] | [.domain_bulk_days, .dmarc_pass_bulk_fail, (.domain_volumes[] | .receiver, .bulk_days)]' out)" \
  '[2,40,"Google",2,"Yahoo",0]'

# Strangers' names
report hostile domain=$'ex\xc2\x9bample.com' from=$'ex\xc2\x9bample.com' ip='not=1;an address' >6.xml
run import --quiet --db hostile.db 6.xml
run compliance --db hostile.db --as-of 2026-10-03
check 'a stranger writes nothing on the terminal' not grep -qP '\xc2[\x80-\x9f]' out
finish

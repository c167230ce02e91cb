#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sources: streams by class, sources that are new, and whose a signature is where receivers walk the tree.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# REPORT-ID DAY [TAG...]: a report of the day, whose records stand on standard input as ADDRESS COUNT FROM DKIM-DOMAIN DKIM
report() {
  local id=$1 begin
  begin=$(date -u -d "$2" +%s)
  shift 2
  echo "<feedback><report_metadata><org_name>receiver.example.net</org_name><report_id>$id</report_id>
    <date_range><begin>$begin</begin><end>$((begin + 86399))</end></date_range></report_metadata>
    <policy_published><domain>${domain-example.com}</domain><p>none</p>$*</policy_published>"
  while read -r address count from signer dkim; do
    echo "<record><row><source_ip>$address</source_ip><count>$count</count>
      <policy_evaluated><disposition>none</disposition><dkim>$dkim</dkim><spf>fail</spf></policy_evaluated></row>
      <identifiers><header_from>$from</header_from></identifiers>
      <auth_results><dkim><domain>$signer</domain><selector>s1</selector><result>pass</result></dkim></auth_results></record>"
  done
  echo '</feedback>'
}
streams() { # OPTION...: address, class and messages of each row
  run sources --db s.db --as-of 2026-10-31 --format ndjson "$@"
  jq -r '"\(.source_ip) \(.class) \(.messages)"' out | sort
}

mkdir r
for day in 10 20 30; do
  report "r$day" "2026-10-$day" >"r/$day.xml" <<RECORDS
192.0.2.10 40 example.com example.com pass
203.0.113.$day 3 example.com mailer.example.net fail
RECORDS
done
run import --db s.db --quiet r
check 'the reports are taken' equal "$status" 0

streams >all
check 'a row for each stream of a source' equal "$(cat all)" '192.0.2.10 own 120
203.0.113.10 undecided 3
203.0.113.20 undecided 3
203.0.113.30 undecided 3'
check '--class keeps one class' equal "$(streams --class own)" '192.0.2.10 own 120'
check '--class keeps several' equal "$(streams --class undecided,own | wc -l)" 4
check '--class: a class that nothing has is an empty answer' equal "$(streams --class legitimate)" ''
check '--new-since tells sources that were not met before' equal "$(streams --new-since 7d)" '203.0.113.30 undecided 3'
check '--new-since counts back from the day that is asked about' \
  equal "$(streams --new-since 15d)" '203.0.113.20 undecided 3
203.0.113.30 undecided 3'
check '--since narrows the mail that is counted, and not what is known of its source' \
  equal "$(streams --since 2026-10-15)" '192.0.2.10 own 80
203.0.113.20 undecided 3
203.0.113.30 undecided 3'
check 'a source that was met before the period is not new' equal "$(streams --since 2026-10-25 --new-since 15d)" \
  '203.0.113.30 undecided 3'
run sources --db s.db --class own,own_broken --new-since 1d
check 'without a row it says so' equal "$(head -1 out)" "No mail matches. 'dmarcctl summary' shows what is stored."

# What fails without a trace of the owner's, on a day: forgers.
report forged 2026-10-12 >forged.xml <<RECORDS
203.0.113.66 7 example.com evil.example.net fail
203.0.113.77 2 example.com evil.example.org fail
RECORDS
sed 's/<dkim><domain>evil[^/]*.domain><selector>s1<.selector><result>pass<.result><.dkim>//' forged.xml >f.xml
run import --db f.db --quiet r f.xml
rows() { awk 'NR > 1 && !/^…/ { print $1, $2, $3 }' out; } # of a table of text
run sources --db f.db --as-of 2026-10-31
check 'text has one row for all forgers, with their sum, and how they are seen' equal "$(grep -E '^2 forgers +9 +0.0 %.*one by one with --unfold' out | wc -l) $(grep -cE '^203.0.113.(66|77)' out)" '1 0'
check 'and a total of all' equal "$(sed -n '$p' out | awk '{ print $1, $2, $3 }')" 'total 138 86.9'
run sources --db f.db --as-of 2026-10-31 --limit 1
check 'neither is limited' equal "$(rows)" '192.0.2.10 120 100.0
2 forgers 9
total 138 86.9'
run sources --db f.db --as-of 2026-10-31 --unfold
check '--unfold has a row for each' equal "$(grep -cE '^203.0.113.(66|77)' out) $(grep -c forgers out)" '2 0'
run sources --db f.db --as-of 2026-10-31 --class suspicious
check 'so has --class' equal "$(grep -cE '^203.0.113.(66|77)' out) $(grep -c forgers out)" '2 0'
run sources --db f.db --as-of 2026-10-31 --color always
check 'what is not own mail is not red where it fails' equal "$(grep -c $'\e\\[31m' out) $(grep -c $'\e\\[32m100.0 %' out)" '0 1'
for format in csv ndjson markdown; do
  run sources --db f.db --as-of 2026-10-31 --format $format
  check "$format has a row for each stream, and no total" equal "$(grep -cE '203.0.113.(66|77)' out) $(grep -c total out)" '2 0'
done
run sources --db f.db --by network
check 'networks have a total too' equal "$(sed -n '$p' out | awk '{ print $1, $2 }')" 'total 138'
run summary --db f.db
check 'a single row needs no total' not grep -q ^total out

# A receiver that walks the tree (RFC 9989 4.10) and begins below the policy domain has found the organizational domain:
# what signs above it is not of the organization, whatever the Public Suffix List says.
rm -f s.db
domain=team.example.com report walked 2026-10-10 '<discovery_method>treewalk</discovery_method>' >walked.xml <<'RECORDS'
192.0.2.1 7 mail.team.example.com team.example.com pass
192.0.2.2 7 mail.team.example.com example.com fail
192.0.2.3 7 team.example.com example.com fail
RECORDS
domain=list.example.org report listed 2026-10-10 '<discovery_method>psl</discovery_method>' >listed.xml <<'RECORDS'
192.0.2.2 7 mail.list.example.org example.org fail
RECORDS
run import --db s.db --quiet walked.xml listed.xml
run export --db s.db -f ndjson
check 'alignment follows the walk where one is told, and the list where not' \
  equal "$(jq -r '"\(.header_from) \(.source_ip) \(.dkim_aligned)"' out)" 'mail.team.example.com 192.0.2.1 true
mail.team.example.com 192.0.2.2 false
team.example.com 192.0.2.3 true
mail.list.example.org 192.0.2.2 true'
run sources --db s.db -f ndjson --domain team.example.com --sort source_ip
check 'so does whose a signature is' equal "$(jq -r '"\(.source_ip) \(.pattern)"' out)" '192.0.2.1 own signature passes
192.0.2.2 nothing of yours
192.0.2.3 own signature fails'
finish

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# --domains of import: reports about the domains of others stay out of the database, and come in when these are named.
source "$(dirname "$0")/lib.sh"

report() { # ID DOMAIN
  printf '<feedback><report_metadata><org_name>r</org_name><email>a@r.example.net</email><report_id>%s</report_id>' "$1"
  printf '<date_range><begin>1790812800</begin><end>1790899199</end></date_range></report_metadata><policy_published>'
  [ -z "$2" ] || printf '<domain>%s</domain>' "$2"
  printf '<p>none</p><fo>%s</fo></policy_published><record><row><source_ip>192.0.2.1</source_ip><count>1</count></row>' "$1"
  printf '<identifiers><header_from>%s</header_from></identifiers></record></feedback>\n' "$2"
}
stored() { [ "$(sqlite3 t.db "SELECT group_concat(report_id, ' ') FROM (SELECT report_id FROM report ORDER BY report_id)")" = "$1" ]; }
ledger() { [ "$(sqlite3 t.db "SELECT group_concat(outcome, ' ') FROM (SELECT outcome FROM document ORDER BY origin)")" = "$1" ]; }

mkdir in
report a example.com >in/a.xml
report b sub.example.com >in/b.xml
report c example.net >in/c.xml
report d com >in/d.xml
report e '' >in/e.xml
report f shop1.example.org >in/f.xml
report g www.shop2.example.org >in/g.xml

run import --db t.db --domains example.com in
check 'what is not ours is no failure' exits 0
check 'a domain is itself and those below it; neither one above, nor none at all' stored 'a b'
check 'the summary counts them' grep -q '2 new, 5 not about your domains\.' out
check 'and nothing is said of each' test ! -s err
check 'the ledger has each' ledger 'new new not-ours not-ours not-ours not-ours not-ours'
run errors --db t.db --format json
check 'with its domain, and the option' [ "$(jq -r '.rows[0].reason' out)" = 'about example.net, whose reports are not to be taken (see --domains)' ]
run status --db t.db --format json
check 'status counts them' [ "$(jq '.rows[-1].not_ours' out)" = 5 ]

run import --db t.db --domains example.com --format json in
check 'once more, nothing changes' [ "$(jq -c '[.documents.duplicate, .documents.not_ours, .told_before]' out)" = '[2,5,0]' ]
check 'and the ledger has no second lines' ledger 'new new not-ours not-ours not-ours not-ours not-ours'

run import --db t.db --domains 'example.com, *.net' --domains 'shop?.example.org' in
check 'globs, in several lists; each with what is below' stored 'a b c f g'
check 'what is taken now has a line, not two' ledger 'new new new not-ours not-ours new new'
run import --db t.db in
check 'without the option all are taken' stored 'a b c d e f g'
run status --db t.db --format json
check 'and none is left out' [ "$(jq '.rows[-1].not_ours' out)" = 0 ]

rm t.db
mkdir etc
printf 'example.net # a customer\nshop1.example.org\n' >etc/list
printf '[defaults]\ndomains = @list\ndomains = com\n' >etc/config
chmod go-w etc etc/*
run import --config etc/config --db t.db in
check 'the configuration says it too, with files beside it' stored 'a b c d f'
rm t.db
run import --config etc/config --db t.db --domains example.com in
check 'the command line takes its place' stored 'a b'
rm t.db
run import --db t.db --domains @etc/list in
check 'a file of the command line is where that says' stored 'c f'
rm t.db
run import --db t.db --domains example.com --dry-run --format json in
check 'a dry run says what would be left out' [ "$(jq '.documents.not_ours' out)" = 5 ]
run import --db t.db --domains 'exa mple..com' in
check 'what is no domain is refused' exits 2
check 'with its word' tells 'dmarcctl: import: --domains: "mple..com" is no domain name'
run import --db t.db --domains @none in
check 'a file that is not there is refused' exits 2
printf '[defaults]\njobs = 1\ndomains = a..b\n' >etc/config
run import --config etc/config --db t.db in
check 'a mistake in the configuration has its line' exits 2
check 'as any other' grep -q 'etc/config:3: domains: "a..b" is no domain name' err

# A large report is not stored to be dropped
{
  report x example.net | sed 's|<record>.*||'
  for i in $(seq 3000); do
    printf '<record><row><source_ip>2001:db8::%x</source_ip><count>1</count></row><identifiers><header_from>example.net</header_from></identifiers></record>' "$i"
  done
  printf '</feedback>'
} >large.xml
run import --db t.db --domains example.com --format json large.xml
check 'a large report is left out as well' [ "$(jq -c '[.documents.not_ours, .records]' out)" = '[1,0]' ]
check 'and nothing of it is stored' [ "$(sqlite3 t.db 'SELECT count(*) FROM record')" = 0 ]
finish

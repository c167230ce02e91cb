#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# label: what the owner says of a source is kept, shown, taken back, and counts more than what the mail shows.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

run import --quiet --db sample.db "$testdata/sample"
labels() { run label --db l.db --list -f ndjson; }
listed() { # JQ-FILTER: of each label, one a line
  labels
  jq -r "$1" out
}
label() { run label --db l.db "$@"; }
labels_as() { # SENTENCE SUBJECT-AND-SOURCE SOURCE
  label "$3" ignore
  check "$1: no mail takes it, which is told" equal "$status $(cat out err)" \
    "0 dmarcctl: no stored mail takes this label: none is of ${2#* }, or a narrower label holds"
  check "$1" equal "$(listed '.subject + " " + .source' | tail -n 1)" "$2"
}

# What a source may be
labels_as 'an address' 'address 192.0.2.10' 192.0.2.10
labels_as 'an address of IPv6, in its shortest form' 'address 2001:db8::1' 2001:DB8:0:0::0001
labels_as 'an address of IPv4 inside IPv6' 'address 192.0.2.11' ::ffff:192.0.2.11
labels_as 'a network of one address' 'address 192.0.2.12' 192.0.2.12/32
labels_as 'a network, from any address in it' 'network 198.51.100.0/24' 198.51.100.77/24
labels_as 'a network of IPv6' 'network 2001:db8:5::/48' 2001:db8:5:6::7/48
labels_as 'a service by its name in any case' 'service Amazon SES' 'amazon ses'
labels_as 'a domain in any case' 'domain campaigns.example.net' Campaigns.Example.NET.
check 'each is listed, in the order they came' equal "$(listed .source | wc -l)" 8

# What is refused
refuses() { # SENTENCE ARGS...
  local sentence=$1
  shift
  run label --db refused.db "$@"
  check "refused: label $*" fails_with 2 "$sentence"
}
words='as one of legitimate, forwarder, unauthorised, ignore'
nothing='is no address, no network, no service of the catalogue and no domain'
refuses 'label: SOURCE is missing'
refuses 'label: SOURCE is missing' --remove
refuses "label 192.0.2.10 $words" 192.0.2.10
refuses "label 192.0.2.10 $words" 192.0.2.10 mine
refuses "label 192.0.2.10 $words" 192.0.2.10 Legitimate
refuses "label 192.0.2.10 $words" 192.0.2.10 ''
refuses "\"no such service\" $nothing" 'no such service' ignore
refuses "\"localhost\" $nothing" localhost ignore
refuses "\"192.0.2.10/33\" $nothing" 192.0.2.10/33 ignore
refuses "\"192.0.2.300\" $nothing" 192.0.2.300 unauthorised
refuses "\"192.0.2\" $nothing" 192.0.2 ignore
refuses "\"2001:db8::g\" $nothing" 2001:db8::g ignore
refuses "\"\" $nothing" '' ignore
refuses "$nothing" $'\e[31mred' ignore
check 'a wrong source is told without its escape sequences' equal "$(grep -c $'\e' err)" 0
refuses 'unexpected argument "extra"' 192.0.2.10 ignore extra
refuses 'leave out "ignore"' 192.0.2.10 ignore --remove
refuses '--domain: "a b" is no domain name' 192.0.2.10 ignore --domain 'a b'
refuses '--until: "soon" is no date' 192.0.2.10 ignore --until soon
refuses '--note needs a value: TEXT' 192.0.2.10 ignore --note
refuses '--list stands alone' --list 192.0.2.10
refuses '--list stands alone' --list --remove
refuses '--list stands alone' --list --owner x
refuses '--list stands alone' --import x.ini --list
refuses '--export stands alone' --export --note x
refuses '--export stands alone' --export a b
refuses 'it takes no --output beside FILE' --export a.ini --output b.ini
refuses 'it takes no --format' --export --format csv
refuses '--import needs a value: FILE' --import
refuses '--expected: "many" is no volume: write messages a day, week or month, as 1200/week' 192.0.2.10 ignore --expected many
refuses '--expected: "-1/week" is no volume' 192.0.2.10 ignore --expected -1/week
refuses '--expected: "5/year" is no volume' 192.0.2.10 ignore --expected 5/year
refuses '--review: "soon" is no date' 192.0.2.10 ignore --review soon
refuses '--owner is longer than 1000 bytes' 192.0.2.10 ignore --owner "$(printf '%01001d' 0)"
check 'no refusal made a database' absent refused.db
run label --db refused.db --list
check 'neither does a question' fails_with 1 'there is no database refused.db yet'
run label --db refused.db 192.0.2.10 --remove
check 'nor taking back' fails_with 1 'there is no database refused.db yet'
check 'of them all none is there' absent refused.db
run label --db l.db --list --sort nosuch
check 'a column that there is not to sort by is refused' fails_with 2 'no column "nosuch" to sort by'
echo 'not a database' >text.db
run label --db text.db 192.0.2.10 ignore
check 'what is no database is left alone' equal "$status $(cat text.db)" '1 not a database'

# Said anew, and taken back
rm l.db
label 192.0.2.10 legitimate --note 'the office'
label 192.0.2.10 unauthorised
check 'a label takes the place of the former one' equal "$(listed '[.source, .label, .note] | @json')" \
  '["192.0.2.10","unauthorised",null]'
label 192.0.2.10 ignore --domain Example.COM.
check 'one for a domain stands beside the one for all' equal "$(listed '[.label, .domain] | @json' | paste -sd ' ')" \
  '["unauthorised",null] ["ignore","example.com"]'
label 192.0.2.10 --remove --domain example.org
check 'what is not there cannot be taken back' fails_with 1 \
  "192.0.2.10 has no such label: 'dmarcctl label --list' shows them"
label 192.0.2.0/24 --remove
check 'a network is not the addresses in it' fails_with 1 '192.0.2.0/24 has no such label'
check 'and nothing went' equal "$(listed .label | wc -l)" 2
label 192.0.2.10 --remove
check 'taking back what held no mail says nothing' test "$status" -eq 0 -a ! -s out -a ! -s err
check 'the one for all domains goes alone' equal "$(listed .domain)" example.com
label --remove ::ffff:192.0.2.10 --domain EXAMPLE.com
check 'and the other by its domain, however it is written' equal "$status $(listed . | wc -l)" '0 0'
label 'Amazon SES' legitimate
label 'AMAZON ses' --remove
check 'a service is taken back in any case' equal "$status $(listed . | wc -l)" '0 0'
label 192.0.2.10 --remove
check 'twice it is not there' exits 1

# What stands beside the verdict
label 192.0.2.10 legitimate --note why --owner 'Ms. X' --purpose invoices --ticket OPS-1 --expected 1200/week --review 2026-10-31
beside='[.note, .owner, .purpose, .ticket, .expected, .review, .review_due] | @json'
check 'what was said of the source is listed' equal "$(listed "$beside")" \
  '["why","Ms. X","invoices","OPS-1","1200/week","2026-10-31",true]'
label 192.0.2.10 unauthorized --ticket OPS-2 --review 9999-12-31
check 'it stays until it is said anew, other than the note' equal "$(listed "$beside")" \
  '[null,"Ms. X","invoices","OPS-2","1200/week","9999-12-31",false]'
check '"unauthorized" is a spelling of unauthorised' equal "$(listed .label)" unauthorised
label 192.0.2.10 ignore --owner '' --purpose= --ticket '' --expected '' --review ''
check 'and an empty text takes it away' equal "$(listed "$beside")" '[null,null,null,null,null,null,null]'
label 192.0.2.10 ignore --review 2026-10-31
for day in 2026-10-30 2026-10-31; do
  run label --db l.db --list --as-of $day -f ndjson
  check "a review is due from its day on: $day" equal "$(jq -r .review_due out)" "$([ $day = 2026-10-31 ] && echo true || echo false)"
done
label 192.0.2.10 --remove

# The list
run label --db l.db --list
check 'without a label the list says so' equal "$status $(cat out)" \
  "0 No source is labelled. 'dmarcctl label SOURCE legitimate' labels one."
run label --db l.db --list -f json
check 'and in JSON has no row' equal "$(jq -c '[.schema, .version, .rows]' out)" '["dmarcctl.labels",1,[]]'
label 'mailchimp' legitimate --note $'the "newsletter", asked\nMs. \u00dcbel \e[31m'
label 198.51.100.0/24 forwarder --domain example.com --until 2026-10-31 --owner postmaster --review 2026-10-01 --expected 50/day
label 192.0.2.10 ignore --until 2026-10-31T12:00:00Z
label campaigns.example.net unauthorised --until=2026-12-31 --note '=cmd'
for format in text csv json ndjson; do
  run label --db l.db --list --format $format
  without_times <out >"label.$format"
  check "the list ($format)" golden label.$format "label.$format"
done
run label --db l.db -l --sort source --limit 1 -f ndjson
check 'sorts and limits' equal "$(jq -r .source out)" 192.0.2.10
run label --db l.db --list -f csv --output list.csv
check '--output writes it' equal "$status $(wc -l <list.csv | tr -d ' ')" '0 6'
status=0
"$binary" label --db l.db --list >/dev/full 2>err || status=$?
check 'a full standard output is told' equal "$status $(grep -c 'No space left on device' err)" '1 1'

# What it does to the verdict. The campaigns of the sample send from three addresses of one network, unaligned, and
# come back day after day: whose they are only the owner can say.
day='--as-of 2026-10-31'
anew() { cp sample.db l.db; }
# shellcheck disable=SC2086 # two words
verdict() { # [OPTION...]
  run readiness --db l.db $day --domain example.com -f ndjson "$@"
  jq -r .verdict out
}
# shellcheck disable=SC2086
class_of() { # ADDRESS [OPTION...]
  local address=$1
  shift
  run sources --db l.db $day -f ndjson "$@"
  jq -r --arg ip "$address" 'select(.source_ip == $ip) | .class' out | sort -u | paste -sd ' '
}
says() { # SENTENCE VERDICT CLASS: of the campaigns
  check "$1: the verdict" equal "$(verdict)" "$2"
  check "$1: the class" equal "$(class_of 198.51.100.65)" "$3"
}
# What it did is said
told() { # SENTENCE WHAT ARGS...: on standard output
  local sentence=$1 what=$2
  shift 2
  # shellcheck disable=SC2086 # two words
  label "$@" $day
  check "$sentence" equal "$status $(cat out err)" "0 $what"
}
anew
told 'what has the label, and the verdict with it' \
  '3 streams, 412 messages; example.com is READY as of 2026-10-31' campaigns.example.net unauthorized
told 'that of the domain alone' '3 streams, 412 messages; example.com is NOT_READY as of 2026-10-31' \
  campaigns.example.net legitimate --domain example.com
told 'what it is taken back from' \
  'taken back from 3 streams, 412 messages; example.com is READY as of 2026-10-31' \
  campaigns.example.net --remove --domain example.com
told 'of a label that was wider nothing is said' '' campaigns.example.net ignore --quiet
told 'what it would strike and is left alone' \
  '4 streams, 2,117 messages, of which 2,117 stay yours; example.com is READY as of 2026-10-31' \
  192.0.2.0/24 unauthorised --domain example.com
told 'each of a few domains' \
  '8 streams, 1,656 messages, of which 1,109 stay yours; example.com is READY, example.org is READY as of 2026-10-31' \
  0.0.0.0/0 ignore
told 'where nothing matches' \
  'dmarcctl: no stored mail of example.org takes this label: none is of campaigns.example.net, or a narrower label holds' \
  campaigns.example.net legitimate --domain example.org
told 'a domain that is in no report' \
  'dmarcctl: no stored mail of elsewhere.example takes this label: none is of 192.0.2.0/24, or a narrower label holds' \
  192.0.2.0/24 legitimate --domain elsewhere.example
told 'a label that is over' 'dmarcctl: the label is over: its last day was 2026-10-30' \
  campaigns.example.net legitimate --domain example.com --until 2026-10-30
label campaigns.example.net unauthorised --domain example.com -f json --as-of 2026-10-31
golden_effect() { golden label-effect.json out; }
check 'in JSON a row a domain' golden_effect
run readiness --db l.db --as-of 2026-10-31 --threshold report_age=0.5 example.com -f json
stale=$(jq -r '.rows[0].verdict' out)
label campaigns.example.net unauthorised --as-of 2026-10-31 --threshold report_age=0.5 -f ndjson --domain example.com
check 'the verdict is that of readiness with the same options' equal "$(jq -r .verdict out)" "$stale"
for n in 1 2 3 4; do report "many$n" domain="d$n.example" from="d$n.example" ip=203.0.113.9 begin=1793404800 >"many$n.xml"; done
run import --quiet --db l.db many?.xml
told 'of many domains how many may move on' \
  '4 streams, 20 messages; of 4 domains 0 are READY or AT_TARGET as of 2026-10-31' 203.0.113.9 legitimate

anew
says 'without a label' NEEDS_DECISION undecided
for source in campaigns.example.net example.net 198.51.100.0/24; do
  anew && label $source legitimate
  says "$source legitimate" NOT_READY legitimate
  anew && label $source unauthorised
  says "$source unauthorised" READY unauthorised
  anew && label $source forwarder
  says "$source forwarder" NEEDS_DECISION forwarder # more than a tenth of own mail would be lost on the way
  anew && label $source ignore
  says "$source ignore" READY ignored
done
check 'a network is all that comes from it' equal "$(class_of 198.51.100.70)" ignored
check 'but for what bears the own signature' equal "$(class_of 198.51.100.130)" forwarder
anew
for address in 198.51.100.65 198.51.100.66; do label $address unauthorised; done
says 'two addresses of three' NEEDS_DECISION unauthorised
label 198.51.100.70 unauthorised
says 'all three' READY unauthorised
label 198.51.100.0/24 legitimate
check 'an address goes before its network' equal "$(class_of 198.51.100.65)" unauthorised
label 198.51.100.65 --remove
check 'whose label counts again when that of the address goes' equal "$(class_of 198.51.100.65)" legitimate
anew && label 198.51.100.0/24 ignore && label 198.51.100.64/30 legitimate && label 198.51.100.0/25 unauthorised
check 'a small network goes before a large one' equal "$(class_of 198.51.100.66) $(class_of 198.51.100.70)" \
  'legitimate unauthorised'
anew && label example.net legitimate && label campaigns.example.net unauthorised
check 'a long name goes before a short one' equal "$(class_of 198.51.100.65)" unauthorised
anew && label campaigns.example.net ignore --domain example.com && label 198.51.100.65 legitimate
check 'what is said for one domain goes before what is said for all' equal "$(class_of 198.51.100.65)" ignored
anew && label campaigns.example.net unauthorised --domain example.org
says 'a label for another domain' NEEDS_DECISION undecided
anew && label campaigns.example.net unauthorised --domain example.com
says 'a label for this domain' READY unauthorised
label campaigns.example.net legitimate --domain example.com
says 'said anew' NOT_READY legitimate
label campaigns.example.net --remove --domain example.com
says 'taken back' NEEDS_DECISION undecided
label campaigns.example.net unauthorised --until 2026-10-30
says 'a label that is over' NEEDS_DECISION undecided
label campaigns.example.net unauthorised --until 2026-11-01
says 'one that is not' READY unauthorised
label campaigns.example.net unauthorised --until 2026-10-31
day='--as-of 2026-10-31T23:59:59Z'
says 'on its last day, to the end' READY unauthorised
day='--as-of 2026-11-01T00:00:00Z'
says 'and not from then on' NEEDS_DECISION undecided
day='--as-of 2026-10-31'
check 'the answer of its last day has it' equal "$(verdict)" READY

anew && label campaigns.example.net unauthorised --note kept
labels && cp out before
run import --quiet --db l.db "$testdata/sample"
labels
check 'labels survive that all is imported again' same before out
report later begin=1793491200 >later.xml
run import --quiet --db l.db later.xml
labels
check 'and that more is' same before out
says 'they still count' READY unauthorised
run readiness --db l.db --as-of 2026-10-31 example.com
check 'the page of the domain has the class' grep -qE '^unauthorised +265 ' out
run readiness --db l.db --as-of 2026-10-31 --exit-code example.com
check 'and the exit status follows' exits 0

# Whom to ask
unowned() { # [OPTION...]: classes and messages without an owner
  run sources --db l.db --as-of 2026-10-31 --unowned -f ndjson "$@"
  jq -rs 'group_by(.class)[] | "\(.[0].class) \(map(.messages) | add)"' out | paste -sd ' '
}
anew
run sources --db l.db --as-of 2026-10-31 --class own,own_broken,legitimate,undecided -f ndjson
check 'without a label all own and undecided mail is nobody'\''s' equal "$(unowned)" \
  "$(jq -rs 'group_by(.class)[] | "\(.[0].class) \(map(.messages) | add)"' out | paste -sd ' ')"
label -q campaigns.example.net legitimate
check 'a label without an owner changes nothing about that' equal "$(unowned --class legitimate)" 'legitimate 412'
label -q campaigns.example.net legitimate --owner marketing --until 2026-10-30
check 'nor does one that is over' equal "$(unowned --class legitimate,undecided)" 'undecided 412'
label -q campaigns.example.net legitimate --domain example.org --owner marketing
check 'nor one of another domain' equal "$(unowned --class undecided)" 'undecided 412'
label -q 198.51.100.64/29 unauthorised --owner abuse
label -q 198.51.100.65 legitimate
check 'a network has its owner, whatever was said of an address in it' equal "$(unowned --class undecided,legitimate)" ''
label -q 0.0.0.0/0 ignore --owner 'the office' && label -q ::/0 ignore --owner 'the office'
check 'and all of them have one' equal "$(unowned)" ''

# A service of the catalogue, known by its signature.
for n in $(seq 0 29); do
  report "ses$n" begin=$((1790899200 + n * 86400)) dkim=fail spf=fail ip=198.51.100.9 count=20 |
    sed 's|<domain>example.com</domain><selector>k1</selector><result>fail|<domain>amazonses.com</domain><selector>k1</selector><result>pass|' \
      >ses.xml
  "$binary" import --quiet --db ses.db ses.xml
done
cp ses.db l.db
check 'a service is recognised' equal "$(class_of 198.51.100.9 >/dev/null; jq -r .service out)" 'Amazon SES'
for word in legitimate unauthorised forwarder; do
  label 'amazon ses' $word
  check "and is what the owner says: $word" equal "$(class_of 198.51.100.9)" $word
done

# More services
printf 'base_reverse_dns,name,type\r\ncampaigns.example.net,"Example, Campaigns",Marketing\r\n' >map.csv
anew
check 'with --sender-map all is answered as well' equal "$(verdict --sender-map map.csv)" NEEDS_DECISION
class_of 198.51.100.65 --sender-map map.csv >class
check 'by stream too' equal "$(cat class)" undecided
service=$(jq -r 'select(.source_ip == "198.51.100.65") | .service' out)
check '--sender-map adds a service' equal "$service" 'Example, Campaigns'
printf 'base_reverse_dns,name,type\na.example.net,A,SaaS\n"b.example.net,B\n' >broken.csv
for verb in 'readiness' 'readiness example.com' 'readiness -f json' 'sources' 'sources -f csv'; do
  # shellcheck disable=SC2086 # one word an argument
  run $verb --db l.db --sender-map broken.csv
  check "a broken map is told with its line: $verb" fails_with 1 'broken.csv: line 3: a quote is not closed'
  # shellcheck disable=SC2086
  run $verb --db l.db --sender-map none.csv
  check "one that is not there is told: $verb" fails_with 1 'none.csv: No such file or directory'
done
echo 'name,address' >heading.csv
run readiness --db l.db --sender-map heading.csv
check 'so is one with other columns' fails_with 1 'heading.csv: line 1: '
finish

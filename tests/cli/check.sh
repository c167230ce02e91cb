#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# check: run as monitoring systems run a plugin, by a shell, which keep the first line and the exit status.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

run import --quiet --db sample.db "$testdata/sample"
day='--as-of 2026-10-31'
plugin() { # WORDS...: what such a system keeps
  status=0
  spare
  sh -c "$binary check $*" >whole 2>err </dev/null || status=$?
  head -n 1 whole >out
}
answers() { # SENTENCE STATUS TEXT: the text in front of the performance data
  check "$1" equal "$status $(cut -d '|' -f 1 out | sed 's/ $//')" "$2 $3"
}
# 'label'=value[unit];[warning];[critical];[min];[max], with blanks between.
is_plugin_line() {
  local number='-?[0-9]+(\.[0-9]+)?' range
  range="(~|$number)?:?($number)?"
  [ "$(wc -l <whole)" -eq 1 ] && [ ! -s err ] && [ "$(wc -c <whole)" -lt 8192 ] &&
    grep -qE "^DMARC (OK|WARNING|CRITICAL|UNKNOWN): [^|]+( \|( '[^'=|]+'=$number(%|s)?(;($range)?(;($range)?(;($number)?(;($number)?)?)?)?)?)+)?$" whole
}

plugin --db sample.db $day example.org
answers 'what is as it should be is OK' 0 'DMARC OK: example.org: READY for p=quarantine, own mail passes: 100.0 %, newest report: 0 days old'
check 'the values stand behind it, with their limits' equal "$(cut -d '|' -f 2 out)" \
  " 'own_pass'=100%;98:;95:;0;100 'report_age'=0s;259200;604800;0 'own_messages'=1283;;;0"
check 'as plugins write them' is_plugin_line
plugin --db sample.db $day example.com
answers 'a verdict that waits for somebody is a warning' 1 \
  'DMARC WARNING: example.com: NEEDS_DECISION for p=quarantine (WARNING), own mail passes: 100.0 %, newest report: 0 days old'
plugin --db sample.db $day example.net
answers 'a domain that sends no mail lacks none' 0 'DMARC OK: example.net: READY for p=reject, sends no mail, newest report: 0 days old'
check 'and has no share of it' equal "$(grep -c own_pass out)" 0
plugin --db sample.db $day
answers 'all domains in one line' 1 \
  'DMARC WARNING: 1 WARNING, 2 OK, of 3 domains: example.com: NEEDS_DECISION for p=quarantine (WARNING), own mail passes: 100.0 %, newest report: 0 days old'
check 'with the values of each' is_plugin_line
check 'and how many are in each state' equal "$(grep -oE "'(domains|ok|warning|critical|unknown)'=[0-9]+" out | paste -sd ' ')" \
  "'domains'=3 'ok'=2 'warning'=1 'critical'=0 'unknown'=0"
plugin --db sample.db $day --domain example.org
answers '--domain narrows' 0 'DMARC OK: example.org: READY for p=quarantine, own mail passes: 100.0 %, newest report: 0 days old'

# The limits
plugin --db sample.db $day example.com --critical NEEDS_DECISION
check 'another verdict may be critical' exits 2
plugin --db sample.db $day example.com --ok NEEDS_DECISION,STALE
check 'or be OK' exits 0
plugin --db sample.db $day example.com --ok NEEDS_DECISION --warning NEEDS_DECISION
check 'of two words the graver one counts' exits 1
for n in $(seq 1 40); do
  report "pass$n" domain=d.example from=d.example begin=$((1790812800 + n % 30 * 86400)) org="r$((n % 3)).example" count=97 >"p$n.xml"
  report "fail$n" domain=d.example from=d.example begin=$((1790812800 + n % 30 * 86400)) org="r$((n % 3)).example" count=3 spf=fail dkim=fail >"f$n.xml"
done
run import --quiet --db d.db p*.xml f*.xml
ok_verdicts='--ok STALE,REGRESSION,NOT_READY,NEEDS_DECISION,INSUFFICIENT_DATA'
plugin --db d.db $day $ok_verdicts d.example
check '97 % are below 98' equal "$status $(grep -oE 'own mail passes: .*%[^,]*' out | cut -d , -f 1)" '1 own mail passes: 97.0 % (WARNING)'
plugin --db d.db $day $ok_verdicts d.example --pass-warning 97
check 'and not below 97' exits 0
plugin --db d.db $day $ok_verdicts d.example --pass-critical 97.5
check 'but below a critical 97.5' exits 2
age() { # DAY OPTIONS...: the status, and what is said of the age
  plugin --db d.db --as-of "$@" $ok_verdicts d.example
  echo "$status $(grep -oE 'newest report: [^|]*' out | sed 's/ $//')"
}
check 'the age is in order up to three days' equal "$(age 2026-11-01 --pass-warning 0 --pass-critical 0)" '0 newest report: 2 days old'
check 'then a warning' equal "$(age 2026-11-05 --pass-warning 0 --pass-critical 0)" '1 newest report: 7 days old (WARNING)'
check 'and critical as readiness has it' equal "$(age 2026-11-09 --pass-warning 0 --pass-critical 0)" '2 newest report: 11 days old (CRITICAL)'
check 'or as the options have it' equal "$(age 2026-11-05 --pass-warning 0 --pass-critical 0 --age-critical 4d)" \
  '2 newest report: 7 days old (CRITICAL)'
check 'also later' equal "$(age 2026-11-09 --pass-warning 0 --pass-critical 0 --age-critical 30d --age-warning 20d)" '0 newest report: 11 days old'
plugin --db d.db --as-of 2026-11-09 d.example --pass-warning 0 --pass-critical 0 --age-critical 30d --age-warning 20d
check 'but a verdict that is STALE is unknown then' equal "$status $(grep -oE 'STALE[^,]*' out)" '3 STALE for p=quarantine (UNKNOWN)'

# What is not known is never OK
plugin --db none.db
answers 'no database' 3 "DMARC UNKNOWN: there is no database none.db yet: 'dmarcctl import SOURCE...' makes it, --db names another"
check 'is a line like any other' is_plugin_line
echo 'no database' >text.db
plugin --db text.db
check 'nor a file that is none' equal "$status $(grep -c '^DMARC UNKNOWN: text.db: ' out)" '3 1'
"$binary" label --quiet --db empty.db 192.0.2.1 ignore
plugin --db empty.db
answers 'nor one without a report' 3 'DMARC UNKNOWN: no report on any domain is stored'
plugin --db sample.db $day nosuch.example
answers 'nor a domain without one' 3 'DMARC UNKNOWN: nosuch.example: no report on it is stored'
check 'in a line' is_plugin_line
plugin --db sample.db $day nosuch.example example.org
check 'which is not hidden by one that is OK' equal "$status $(grep -c '1 UNKNOWN, 1 OK, of 2 domains: nosuch.example: no report on it is stored |' out)" '3 1'
plugin --db sample.db $day nosuch.example example.com
check 'nor hides one that is not' exits 1
for n in $(seq 1 5); do report "few$n" domain=few.example from=few.example begin=$((1793145600 + n * 86400)) >"few$n.xml"; done
run import --quiet --db few.db few?.xml
plugin --db few.db $day few.example
check 'a verdict for which there is too little is unknown' equal "$status $(grep -oE 'INSUFFICIENT_DATA[^,]*' out)" \
  '3 INSUFFICIENT_DATA for p=quarantine (UNKNOWN)'
for n in $(seq 0 3 200); do
  words='count=5'
  [ "$n" -lt 10 ] || words='ip=203.0.113.9 dkim=fail spf=fail'
  # shellcheck disable=SC2086 # words
  report "gone$n" domain=gone.example from=gone.example begin=$((1776124800 + n * 86400)) $words >"gone$n.xml"
done
run import --quiet --db gone.db gone*.xml
plugin --db gone.db $day gone.example --ok STALE,REGRESSION,NOT_READY,NEEDS_DECISION,INSUFFICIENT_DATA
check 'so is a share of no mail where there was some' equal "$status $(grep -oE 'no own mail[^,]*' out)" '3 no own mail (UNKNOWN)'
plugin --pass-warning 101 --db sample.db
answers 'a wrong command line' 3 "DMARC UNKNOWN: check: --pass-warning: \"101\" is no percentage from 0 to 100 (see 'dmarcctl check --help')"
for words in --no-such-option '--critical BAD' '--pass-critical nan' '--pass-critical 0x' '--age-warning soon' '--since 2026-01-01' '--format nosuch' '--sort nosuch -f csv'; do
  plugin --db sample.db "$words"
  check "likewise: $words" equal "$status $(grep -c '^DMARC UNKNOWN: ' out)" '3 1'
done
printf '[defaults]\nnosuch = 1\n' >config
status=0
DMARCCTL_CONFIG=config "$binary" check --db sample.db >out 2>err || status=$?
check 'a wrong configuration' equal "$status $(cat out)" "3 DMARC UNKNOWN: the configuration is wrong: 'dmarcctl config --check' says where"
status=0
"$binary" check --db sample.db >/dev/full 2>err || status=$?
check 'an answer that cannot be written' exits 3

# Names of domains are strangers' texts.
report odd "domain=a|b'c=d.example" 'from=x.example' begin=1793404800 >odd.xml
run import --quiet --db odd.db odd.xml
plugin --db odd.db $day
check 'no name breaks the line' is_plugin_line
for n in $(seq 1 60); do
  report "long$n" domain="$(printf 'x%.0s' $(seq 60)).$n.example" from=x.example begin=1793404800 >"long$n.xml"
done
run import --quiet --db many.db long*.xml few?.xml
plugin --db many.db $day
check 'many domains do not make it long' is_plugin_line
check 'it tells of three, and how many more' equal "$(grep -oE '; [0-9]+ more' out) $(grep -oE "'domains'=[0-9]+" out)" "; 58 more 'domains'=61"

# Other forms
run check --db sample.db $day -f csv --sort -state
check 'a table has the states' equal "$status $(cut -d , -f 1-5 out | paste -sd ' ')" \
  '1 domain,state,state_verdict,state_pass,state_age example.com,WARNING,WARNING,OK,OK example.net,OK,OK,OK,OK example.org,OK,OK,OK,OK'
run check --db sample.db $day -f zabbix
check 'for Zabbix the status is 0' exits 0
check 'and the answer' golden check-zabbix.json out
check 'is an array of objects, each with its macro' equal "$(jq -c '[.[] | ."{#DOMAIN}", .state]' out)" \
  '["example.com",1,"example.net",0,"example.org",0]'
run check --db sample.db $day -f zabbix nosuch.example
check 'what is not known is left out there' equal "$status $(jq -c . out)" \
  '0 [{"{#DOMAIN}":"nosuch.example","domain":"nosuch.example","state":3,"message":"no report on it is stored"}]'
run check --db none.db -f zabbix
check 'without a database it fails' equal "$status $(grep -c UNKNOWN out)" '3 1'
run summary --db sample.db -f zabbix
check 'no other verb has that form' fails_with 2 "zabbix is a format of 'dmarcctl check' alone"
run check --db sample.db $day --output line.txt
check '--output writes the line' equal "$status $(cut -c 1-13 line.txt)" '1 DMARC WARNING'
finish

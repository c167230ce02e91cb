#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# readiness --proposed: a record of a pull request, from the command line, a file, a zone or standard input.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

run_beside_sample import --quiet --db "$work/t.db" sample
ask() { run readiness --db t.db --as-of 2026-10-31 --proposed "$@"; }
rua='rua=mailto:dmarc@example.org'
answers() { [ "$status" -eq "$1" ] && [ ! -s err ] && prints "$2" && [ "$(wc -l <out)" -le 2 ]; }

ask "v=DMARC1; p=quarantine; $rua" example.org
check 'a step that is ready' answers 0 'example.org: yes: every gate holds'
ask "v=DMARC1; p=reject; $rua" Example.ORG.
check 'one that skips another' answers 4 'example.org: no: from p=none to p=reject is more than one step: the next is quarantine'
ask "v=DMARC1; p=quarantine; $rua" example.com
check 'one that waits for an answer' answers 4 'example.com: no: from p=none to p=quarantine is NEEDS_DECISION: there is mail'
ask "v=DMARC1; p=none; sp=quarantine; $rua" example.com
check 'the same of subdomains' answers 4 'example.com: no: from sp=none to sp=quarantine is NEEDS_DECISION'
ask "v=DMARC1; p=rejct; $rua" example.org
check 'a fault is told with its place' answers 4 'example.org: no: character 11: p=rejct is none of none, quarantine, reject'
ask "p=reject; $rua" example.org
check 'what is no record, with its place too' answers 4 'example.org: no: character 1: the record is none, because v=DMARC1 is missing at its beginning'
ask "v=DMARC1; p=none; $rua$(printf ';%.0s' {1..70})" example.org
check 'and too many tags' answers 4 'example.org: no: the record has more than 64 tags'
ask "v=DMARC1; p=none; $rua" new.example
check 'a domain without reports begins with none' answers 0 'new.example: yes'
ask "v=DMARC1; p=reject; $rua" new.example
check 'and with no more' answers 4 'there is no report on the domain: begin with p=none and a rua'

# Files
cat >zone <<'ZONE'
$ORIGIN example.org.
@  IN SOA ns hostmaster ( 1 2
   3 4 5 ) ; serial
_dmarc  IN TXT ( "v=DMARC1; p=quar"
   "antine; rua=mailto:dmarc@example.org" )
www TXT "hello"
_dmarc.example.com. 300 IN TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.org"
ZONE
for format in text csv json ndjson; do
  ask zone -f $format
  check "a zone, each record in it ($format)" golden proposed.$format out
  check "of which one may not be published ($format)" test "$status" -eq 4 -a ! -s err
done
ask zone example.org
check 'a domain that is named is asked about alone' answers 0 'zone:4: example.org: yes: every gate holds'
ask zone example.net
check 'which has to be in it' fails_with 2 'zone: has no TXT record at _dmarc.example.net'
printf 'v=DMARC1; p=none; %s\n' "$rua" >bare
ask bare example.org
check 'a file with nothing but the record' answers 0 'bare:1: example.org: yes'
ask bare
check 'whose it is has to be said' fails_with 2 'bare does not say whose record it is: name the DOMAIN'
printf '_dmarc TXT "v=DMARC1; p=none; %s"\n' "$rua" >line
ask line
check 'nor does a relative name' fails_with 2 'does not say whose record it is'
ask line example.org
check 'but for a domain that is named' answers 0 'line:1: example.org: yes'
"$binary" readiness --db t.db --as-of 2026-10-31 --proposed - example.org <bare >out 2>err && status=0 || status=$?
check 'standard input' answers 0 'standard input:1: example.org: yes'
printf '\n_dmarc TXT "v=DMARC1; p=none\n' >open
ask open example.org
check 'a zone that is none is no, with its place' fails_with 4 'open: line 2: a quote is not closed'
printf '_dmarc TXT v=DMARC1; p=none\n' >cut
ask cut example.org
check 'so is a record that a comment cuts' fails_with 4 'cut: line 1: ";" outside of quotes begins a comment: quote the record'
printf 'x\0y' >bytes
for file in nofile . bytes /dev/null; do
  ask "$file" example.org
  check "$file is refused" test "$status" -eq 2 -a ! -s out -a -s err
done
for words in 'example.org example.com' 'example.org --exit-code' 'example.org --history'; do
  # shellcheck disable=SC2086 # words
  ask "v=DMARC1; p=none; $rua" $words
  check "$words is refused" test "$status" -eq 2 -a ! -s out
done
ask "v=DMARC1; p=none; $rua"
check 'a record alone is of no domain' fails_with 2 'the record does not say whose record it is'
run readiness --db none.db --proposed "v=DMARC1; p=none; $rua" example.org
check 'no database is told' fails_with 1 'there is no database none.db yet'
finish

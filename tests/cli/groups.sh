#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Groups of domains: [group NAME] in the configuration, and --group, which every verb takes that takes --domain.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# --- what they name ----------------------------------------------------------------------------------------------

run import --quiet --db t.db "$testdata/sample"
report below domain=shop.example.net from=shop.example.net begin=1793404800 >below.xml
report tenant domain=host.example from=t1.host.example begin=1793404800 >tenant.xml
report neighbour domain=host.example from=t2.host.example begin=1793404800 >neighbour.xml
run import --quiet --db t.db below.xml tenant.xml neighbour.xml
mkdir lists
printf '# of one customer\r\nEXAMPLE.net, # two\n\n;none\nnowhere.example\n' >lists/net.txt
cat >groups.conf <<'END'
[group named]
domains = example.org, EXAMPLE.Net.
[group filed]
domains = @lists/net.txt
domains = example.org
[group globs]
domains = exampl?.org *.example.net
[group com]
domains = example.com
[group nobody]
domains = *.nowhere.example
[group tenant]
domains = t1.host.example
[group host]
domains = *host.example
END
export DMARCCTL_CONFIG=groups.conf
day='--as-of 2026-10-31'
# shellcheck disable=SC2086 # words
answer() { # VERB WORDS...: as JSON, or the page of `report`
  local verb=$1
  shift
  case $verb in
    report) run report --db t.db $day "$@" ;;
    whatif) run whatif --db t.db $day --p reject --by domain -f json "$@" ;;
    export) run export --db t.db -f ndjson "$@" ;;
    summary | reporters | trend | reports) run "$verb" --db t.db -f json "$@" ;;
    *) run "$verb" --db t.db $day -f json "$@" ;;
  esac
}
for verb in summary sources reporters trend reports export readiness selectors compliance partners whatif report diff \
  check plan findings; do
  answer $verb --domain example.org --domain example.net
  cp out named
  answer $verb --group named
  check "$verb: a group is the domains that it names" same named out
  answer $verb --group filed
  check "$verb: also those of a file" same named out
  answer $verb --group globs --domain example.net
  check "$verb: and those that a glob meets, beside --domain" same named out
  answer $verb --group named --group COM
  cp out both
  answer $verb -d example.com --domain example.org --domain example.net
  check "$verb: several add up" same out both
  answer $verb --group nobody
  cp out nobody
  answer $verb --domain nobody.nowhere.example
  check "$verb: a group that meets no domain is nobody, not everybody" same out nobody
done
run summary --db t.db --group host -f json
check 'a glob meets policy domains and what stands in From:' equal "$(jq -r '.rows[].domain' out)" host.example
for verb in readiness findings diff check plan selectors compliance; do
  answer $verb --group tenant
  check "$verb: a domain above those of a group is not theirs to judge" not prints '"host.example"'
done
for verb in summary sources reporters trend reports export report; do
  answer $verb --group tenant
  check "$verb: nor is anything told out of reports on it" not prints 'host.example'
done
run sources --db t.db --domain t1.host.example -f json
check 'while --domain shows their mail there' equal "$(jq -r '.rows[].header_from' out)" t1.host.example

# --- tenants of a host -------------------------------------------------------------------------------------------

run summary --db t.db --by from --domain host.example -f ndjson
check 'summary --by from has a row for each name in From:' equal \
  "$(jq -r '"\(.header_from) \(.domain) \(.messages) \(.pass) \(.reports) \(.reporters)"' out | sort | paste -sd ,)" \
  't1.host.example host.example 5 5 1 1,t2.host.example host.example 5 5 1 1'
run summary --db t.db --by from --domain t1.host.example -f ndjson
check 'of one that is named its own' equal "$(jq -r .header_from out)" t1.host.example
run summary --db t.db --by from --group tenant -f ndjson
check 'of a group none, as the reports are about the host' equal "$(cat out)" ''
run summary --db t.db --by from -f ndjson
cp out froms
run summary --db t.db -f ndjson
for key in messages pass fail unevaluated records uncounted_records; do
  check "$key add up to those of the domains" equal "$(jq -s "[.[].$key] | add" froms)" "$(jq -s "[.[].$key] | add" out)"
done
run export --db t.db -f ndjson
check 'and are those of the records' equal "$(jq -s -c 'map({(.header_from // ""): .messages}) | sort' froms)" \
  "$(jq -s -c 'group_by(.header_from) | map({(.[0].header_from // ""): (map(.count // 0) | add)}) | sort' out)"
run summary --db t.db --by from --domain nowhere.example
check 'none is told' prints 'No mail is stored that matches.'

# --- what is wrong with them -------------------------------------------------------------------------------------

run summary --db t.db --group nmed
check 'a group that there is not is told, with the nearest' fails_with 2 \
  '--group: there is no [group nmed] in groups.conf: did you mean named?'
run summary --db t.db --group x
check 'or with all that there are' fails_with 2 'there are: named, filed, globs, com, nobody, tenant, host'
run summary --db t.db --group x --config /dev/null
check 'a configuration without any says so' fails_with 2 '/dev/null has no [group NAME]'
DMARCCTL_CONFIG='' run summary --db t.db --group x
check 'and none does' fails_with 2 'there is no configuration that has a [group x]'
run check --db t.db --group x
check 'check answers as its kind does' prints 'DMARC UNKNOWN: check: --group: there is no [group x]'
run summary --db none.db --group globs
check 'a database that is not there is told as ever' fails_with 1 'there is no database none.db yet'
run check --db none.db --group globs
check 'also by check' prints 'DMARC UNKNOWN: there is no database none.db yet'
run label --group named example.com legitimate
check 'a label has domains of its own' fails_with 2 'group'
printf 'a.example\n"b" c.example\n' >lists/quoted.txt
printf 'a.example @net.txt\n' >lists/nested.txt
printf 'a.example\0b.example\n' >lists/binary.txt
cat >wrong.conf <<'END'
[group empty]
[group void]
domains =
[group none]
domains = @lists/void.txt
[group a]
domains = a..example
domains = @lists/missing.txt
domains = example.com, @lists/quoted.txt
domains = @lists/nested.txt
domains = @lists/binary.txt
domains = @lists
targets = none
[group A]
domains = example.com
[group ..]
domains = example.com
[group a b]
domains = example.com
[group]
domains = example.com
END
touch lists/void.txt
run config --check wrong.conf
check 'every mistake is told with its line, in a file with that of the file too' golden groups-mistakes.err err
run summary --db t.db --config wrong.conf
check 'no verb runs under them' fails_with 2 'wrong.conf:1: [group empty]: has no domain'

# --- config ------------------------------------------------------------------------------------------------------

run config --check --db t.db
check 'config counts groups' prints 'groups.conf: ok: database t.db, 0 accounts, 0 thresholds, 7 groups'
check 'and tells of domains that are in several' equal "$(sed 's/^dmarcctl: //' err)" \
  'groups.conf:3: [group filed]: example.net is in [group named] too
groups.conf:3: [group filed]: example.org is in [group named] too
groups.conf:6: [group globs]: example.org is in [group filed] too
groups.conf:6: [group globs]: example.org is in [group named] too
groups.conf:6: [group globs]: shop.example.net is in [group filed] too
groups.conf:6: [group globs]: shop.example.net is in [group named] too
groups.conf:14: [group host]: t1.host.example is in [group tenant] too'
run config --check --db missing.db
check 'without a database what a glob meets of what is named' equal "$(grep -c 'shop.example.net' err) $(grep -c 't1.host.example is in' err) $status" '0 1 0'
run config -f ndjson
check 'it shows what they say, with its line' equal \
  "$(jq -r 'select(.section == "group filed") | .value + " " + .origin' out)" \
  '@lists/net.txt groups.conf:4
example.org groups.conf:5'
# Thousands of customers, and one of them: by a set, not by one comparison each.
seq -f 'c%g.example' 40000 >lists/many.txt
printf '[group many]\ndomains = @lists/many.txt example.org\n' >many.conf
run summary --db t.db --config many.conf --group many -f json
check 'a group may be large' equal "$(jq -r '.rows[].domain' out)" example.org
truncate -s $(((16 << 20) + 1)) lists/endless.txt
printf '[group endless]\ndomains = @lists/endless.txt\n' >endless.conf
run config --check endless.conf
check 'but not endless' fails_with 2 'endless.conf:2: domains: lists/endless.txt: is larger than 16 MiB'
run config --check lists/endless.txt
check 'nor is a configuration' fails_with 2 'lists/endless.txt: is larger than 1 MiB'
finish

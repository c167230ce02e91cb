#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# dmarcctl alone: what there is, what needs somebody, what to ask next.
source "$(dirname "$0")/lib.sh"

reported() { # DAYS: so many ago
  report "r$1" begin=$((($(date +%s) / 86400 - $1 - 1) * 86400))
}

run
check 'without a database it is told how to begin' equal "$status $(grep -cE '^  dmarcctl (import|readiness|report|show|--help)' out)" '0 5'
check 'and none is made' absent "$HOME/.local"
check 'nothing is an error' test ! -s err

reported 40 >old.xml && reported 1 >new.xml
"$binary" import --quiet --db t.db old.xml
DMARCCTL_DB=t.db run
check 'it says where the reports are, and whose' equal "$status $(sed -nE 's/^(Database|Domains): (.*)/\2/p' out | paste -sd ' ')" \
  "0 t.db ($(($(stat -c %s t.db) / 1000)) kB) 1 (1 STALE)"
check 'and when the last document came' grep -qE "^Last new document: $(date -u +%Y-%m-%d)T[0-9:]*Z" out
check 'what needs somebody is named with its weight' grep -qxF -- '- warning: example.com: no reports come' out
check 'and the verb that tells more' grep -qF 'dmarcctl findings ' out
check 'all of it in less than 20 lines' test "$(wc -l <out)" -lt 20

"$binary" import --quiet --db t.db new.xml
DMARCCTL_DB=t.db run
check 'where nothing needs anybody, that is said' grep -qx 'Nothing needs anybody.' out
check 'and no verb for what there is not' not grep -qF 'dmarcctl findings ' out

cp t.db large.db && truncate -s 20M large.db
DMARCCTL_DB=large.db run
check 'a large database is not judged, which is said' equal \
  "$status $(grep -c '^Domains' out) $(grep -c 'takes a while' out) $(grep -c 'dmarcctl findings ' out)" '0 0 1 1'

printf '<a/>' >none.xml
"$binary" import --quiet --db empty.db none.xml 2>/dev/null || true
DMARCCTL_DB=empty.db run
check 'where no report is stored, import comes next' equal "$status $(sed -n '/^Next:/{n;p}' out | cut -c 1-27)" '0   dmarcctl import SOURCE...'
echo 'no database' >other.db
DMARCCTL_DB=other.db run
check 'what is no database is an error' fails_with 1 'other.db'
finish
